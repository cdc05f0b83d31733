import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.join import normalise_name
from geontm.join.names import pair_names, province_key, readings

PROVINCES = """Hà Nội,
Hà Giang, Cao Bằng, Bắc Kạn, Tuyên Quang, Lào Cai, Điện Biên, Lai Châu, Sơn La, Yên Bái, Hòa Bình,
Thái Nguyên, Lạng Sơn, Quảng Ninh, Bắc Giang, Phú Thọ, Vĩnh Phúc, Bắc Ninh, Hải Dương, Hải Phòng, Hưng Yên,
Thái Bình, Hà Nam, Nam Định, Ninh Bình, Thanh Hóa, Nghệ An, Hà Tĩnh, Quảng Bình, Quảng Trị, Huế, Đà Nẵng,
Quảng Nam, Quảng Ngãi, Bình Định, Phú Yên, Khánh Hòa, Ninh Thuận, Bình Thuận, Kon Tum, Gia Lai, Đắk Lắk,
Đắk Nông, Lâm Đồng, Bình Phước, Tây Ninh, Bình Dương, Đồng Nai, Bà Rịa - Vũng Tàu, Hồ Chí Minh, Long An,
Tiền Giang, Bến Tre, Trà Vinh, Vĩnh Long, Đồng Tháp, An Giang, Kiên Giang, Cần Thơ, Hậu Giang, Sóc Trăng,
Bạc Liêu, Cà Mau"""
SAME = [
    ("Xã Hoà Bình", "Xã Hòa Bình"),
    ("Xã Thuỷ An", "Xã Thủy An"),
    ("Phường Thuỵ Khuê", "phường Thụy Khuê"),
    ("Xã Quý Lộc", "Xã Qúy Lộc"),
    ("Xã Già", "Xã Gìa"),
    ("Xã D'Ran", "Xã D’Ran"),
    ("Xã M'Drắk", "Xã M´Drắk"),
    ("Xã M'Drắk", "Xã MʼDrắk"),
    ("Phường Văn Miếu - Quốc Tử Giám", "Phường Văn Miếu – Quốc Tử Giám"),
    ("Xã Thủy An", "Xã Thu\u00adỷ\u200b An"),
    ("Xã Cốc Pàng", "Xã\u00a0Cốc  Pàng "),
    ("Xã Bắc Sơn", "xã Bắc Sơn"),
    ("Xã Cốc Pàng", "XÃ CỐC PÀNG"),
    ("Xã Cốc Pàng", "X. Cốc Pàng"),
    ("Xã Cốc Pàng", "x.Cốc Pàng"),
    ("Xã Cốc Pàng", "1. Xã Cốc Pàng"),
    ("Xã Cốc Pàng", "12) Xã Cốc Pàng"),
    ("Xã Cốc Pàng", "- Xã Cốc Pàng"),
    ("Xã Cốc Pàng", "3 Xã Cốc Pàng"),
    ("Xã Cốc Pàng", "X. Xã Cốc Pàng"),
    ("Xã Cốc Pàng", "UBND xã Cốc Pàng"),
    ("Xã Cốc Pàng", "Xã Cốc Pàng (1)"),
    ("Xã Cốc Pàng", "Xã Cốc Pàng²"),
    ("Xã Cốc Pàng", "Cốc Pàng (xã)"),
    ("Xã Đồng Tâm", "Xã Ðồng Tâm"),
    ("Phường Tân An", "P. Tân An"),
    ("Phường 1", "P1"),
    ("Phường 1", "P.01"),
    ("Phường 1", "Phường I"),
    ("Phường 8", "Phường VIII"),
    ("Phường 14", "phường XIV"),
    ("Thị trấn Phố Bảng", "TT Phố Bảng"),
    ("Thị trấn Phố Bảng", "TT.Phố Bảng"),
    ("Thị trấn Phố Bảng", "T.T Phố Bảng"),
    ("Thị trấn Nông trường Liên Sơn", "TT N.T Liên Sơn"),
    ("Đặc khu Phú Quốc", "ĐK Phú Quốc"),
    ("Đặc khu Phú Quốc", "Đ.K. Phú Quốc"),
]
DIFFERENT = [
    ("Xã Sơn Hà", "Xã Sơn Hạ"),
    ("Xã Tân Lập", "Phường Tân Lập"),
    ("Phường 1", "Phường 11"),
    ("Xã Mỹ Đức", "Xã Mĩ Đức"),
    ("Xã Phước Cát 1", "Xã Phước Cát 2"),
    ("Xã Đà Nốc", "Xã Da Nốc"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_name_have_one_key(one, other):
    assert normalise_name(one) == normalise_name(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_names_keep_two_keys(one, other):
    a, b = normalise_name(one), normalise_name(other)
    assert (a.kind, a.base) != (b.kind, b.base)


@pytest.mark.parametrize(
    ("text", "kind", "plain"),
    [
        ("Xã Cốc Pàng", "xã", "cocpang"),
        ("Cốc Pàng", "", "cocpang"),
        ("Phường Phường Đúc", "phường", "phuongduc"),
        ("Xã Xà Hồ", "xã", "xaho"),
        ("Xã Thị Hoa", "xã", "thihoa"),
        ("Tân Xã", "", "tanxa"),
        ("Xã", "", "xa"),
        ("3", "", "3"),
        ("", "", ""),
        (None, "", ""),
        (float("nan"), "", ""),
    ],
)
def test_kind_is_only_what_stands_in_front(text, kind, plain):
    key = normalise_name(text)
    assert (key.kind, key.plain) == (kind, plain)


def test_a_first_word_that_may_be_a_kind_is_read_both_ways():
    first, whole = readings("Phương Đông")
    assert (first.kind, first.plain, first.sure) == ("phường", "dong", False)
    assert (whole.kind, whole.plain) == ("", "phuongdong")
    assert readings("P. Đông")[0].sure
    assert not readings("P Đông")[0].sure


@pytest.mark.parametrize(
    "spellings",
    [
        ("Thành phố Hồ Chí Minh", "TP Hồ Chí Minh", "TP.HCM", "tp. hồ chí minh", "Hồ Chí Minh"),
        ("Thừa Thiên Huế", "Tỉnh Thừa Thiên - Huế", "Thành phố Huế", "TT Huế"),
        ("Tỉnh Bà Rịa - Vũng Tàu", "Bà Rịa – Vũng Tàu", "BR-VT"),
        ("Đắk Lắk", "Đăk Lăk", "Tỉnh Đắc Lắc", "DAK LAK"),
        ("Tỉnh Thanh Hoá", "Thanh Hóa", "T. Thanh Hóa"),
    ],
)
def test_provinces_have_one_key(spellings):
    assert len({province_key(text) for text in spellings}) == 1


def test_no_province_of_either_era_shares_its_key():
    names = PROVINCES.replace("\n", " ").split(", ")
    assert len(names) == 63
    assert len({province_key(name) for name in names}) == 63


def test_districts_pair_where_nothing_else_fits():
    pairs = pair_names(
        ["Huyện Kỳ Anh", "Thị xã Kỳ Anh", "Thành phố Sơn Tây", "Quan Hóa", "Huyện Đak Pơ", "Huyện Mới"],
        ["Huyện Kỳ Anh", "Thị xã Sơn Tây", "Huyện Quan Hoá", "Huyện Đắk Pơ"],
        "district",
    )
    assert pairs == {
        "Huyện Kỳ Anh": "Huyện Kỳ Anh",
        "Thành phố Sơn Tây": "Thị xã Sơn Tây",
        "Quan Hóa": "Huyện Quan Hoá",
        "Huyện Đak Pơ": "Huyện Đắk Pơ",
    }


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_has_a_key_and_its_form_does_not_matter(text):
    keys = readings(text)
    assert 1 <= len(keys) <= 2
    assert readings(unicodedata.normalize("NFD", text)) == readings(unicodedata.normalize("NFC", text))
