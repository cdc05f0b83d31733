from __future__ import annotations

import unicodedata
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheet_makers import messages, read, xls, xlsx

from geontm.load.books import _as_latin1
from geontm.load.legacy_fonts import font_of, judge, to_unicode
from geontm.load.syllables import count_words
from geontm.load.unicode_books import read_unicode_book

# The alphabet as typed with Vietnamese keyboards of the time: letter, TCVN3 sign, VNI letters.
TCVN3_LETTERS = (
    "à µ|ả ¶|ã ·|á ¸|ạ ¹|ă ¨|ằ »|ẳ ¼|ẵ ½|ắ ¾|ặ Æ|â ©|ầ Ç|ẩ È|ẫ É|ấ Ê|ậ Ë|đ ®|è Ì|ẻ Î|ẽ Ï|é Ð|ẹ Ñ|"
    "ê ª|ề Ò|ể Ó|ễ Ô|ế Õ|ệ Ö|ì ×|ỉ Ø|ĩ Ü|í Ý|ị Þ|ò ß|ỏ á|õ â|ó ã|ọ ä|ô «|ồ å|ổ æ|ỗ ç|ố è|ộ é|ơ ¬|ờ ê|ở ë|"
    "ỡ ì|ớ í|ợ î|ù ï|ủ ñ|ũ ò|ú ó|ụ ô|ư \u00ad|"
    "ừ õ|ử ö|ữ ÷|ứ ø|ự ù|ỳ ú|ỷ û|ỹ ü|ý ý|ỵ þ|Ă ¡|Â ¢|Ê £|Ô ¤|Ơ ¥|Ư ¦|Đ §"
)  # fmt: skip
TCVN3 = dict(pair.split(" ") for pair in TCVN3_LETTERS.split("|"))
TONES = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
CIRCUMFLEX = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
BREVE = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
SINGLE = {"đ": "ñ", "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î"}


def type_tcvn3(text):
    return "".join(TCVN3.get(letter, letter) for letter in text)


def type_vni(text):
    typed = []
    for letter in text:
        small = letter.lower()
        if small in SINGLE:
            keys = SINGLE[small]
        else:
            base, *marks = unicodedata.normalize("NFD", small)
            tone = next((mark for mark in marks if mark in TONES), "")
            if "\u0302" in marks:
                keys = base + CIRCUMFLEX[tone]
            elif "\u0306" in marks:
                keys = base + BREVE[tone]
            else:
                base = {"o": "ô", "u": "ö"}[base] if "\u031b" in marks else base
                keys = base + (TONES[tone] if tone else "")
        typed.append(keys.upper() if letter.isupper() else keys)
    return "".join(typed)


NAMES = [
    "Xã Phước An", "Thị trấn Vĩnh An", "Phường Đống Đa", "Xã Mường Khương", "Xã Thuỷ Xuân Tiên", "Xã Hưng Đạo",
    "Xã Đức Hạnh", "Xã Kỳ Thượng", "Xã Nghĩa Lộ", "Xã Ẳng Nưa", "Xã Quảng Uyên", "Xã Yên Thổ", "Xã Cô Ba",
]  # fmt: skip
syllable = st.sampled_from([word for name in NAMES for word in name.split()])


def lower_marks(text):
    """TCVN3 has no capitals with tones; fonts for capitals draw them."""
    return "".join(letter if letter in TCVN3 or letter.isascii() else letter.lower() for letter in text)


@pytest.mark.parametrize("name", NAMES)
def test_both_alphabets_come_back(name):
    assert to_unicode(type_vni(name), "VNI") == name
    assert to_unicode(type_vni(name.upper()), "VNI") == name.upper()
    assert to_unicode(type_tcvn3(lower_marks(name)), "TCVN3") == lower_marks(name)


@settings(deadline=None)
@given(st.lists(syllable, min_size=1, max_size=8).map(" ".join))
def test_any_vietnamese_text_survives_the_keyboard(text):
    assert to_unicode(type_vni(text), "VNI") == text
    assert to_unicode(type_tcvn3(lower_marks(text)), "TCVN3") == lower_marks(text)


def test_every_vietnamese_syllable_here_counts_as_one():
    text = " ".join(NAMES)
    assert count_words(text).wrong == 0
    assert count_words(type_tcvn3(lower_marks(text))).wrong > 10


def test_font_names():
    assert font_of(".VnTime").encoding == "TCVN3"
    assert not font_of(".VnTime").capitals
    assert font_of(".VnArialH").capitals
    assert font_of(".VnTimeh").capitals
    assert font_of("VNI-Times").encoding == "VNI"
    assert font_of("Times New Roman").encoding is None


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("X· Hµ Nam", "legacy"),
        ("Xã Đông Hà", "unicode"),
        ("Xã Hà Nam", "either"),
        ("§\xadêng ĐÇu t\xad", "mixed"),
        ("kèm theo Quyết định", "unicode"),
        ("Thái Bình", "unicode"),
        ("12 km2", "plain"),
    ],
)
def test_judgement_by_words(text, reading):
    assert judge(text, "TCVN3") == reading


def sheet_of(path):
    book = read_unicode_book(path)
    return [list(row) for row in book.sheets[0].rows], [issue.message.id for issue in book.issues]


def test_fonts_of_cells_decide_in_xls(tmp_path):
    rows = [["Tªn x·", "Huyeän", "Tỉnh"], ["X· Ph\xadíc An", "Nhôn Traïch", "Đồng Nai"]]
    fonts = {(r, c): [".VnTime", "VNI-Times", "Arial"][c] for r in range(2) for c in range(3)}
    cells, issues = sheet_of(xls(tmp_path / "a.xls", rows, fonts=fonts))
    assert cells == [["Tên xã", "Huyện", "Tỉnh"], ["Xã Phước An", "Nhơn Trạch", "Đồng Nai"]]
    assert issues == ["sheets.converted", "sheets.converted"]


def test_the_code_page_of_old_files_is_undone():
    typed = type_tcvn3("Xã Kiến Thiết")
    seen = typed.encode("latin-1").decode("cp1258")  # what Excel 95 files on a Vietnamese computer come out as
    assert seen != typed
    assert _as_latin1(SimpleNamespace(biff_version=50, encoding="cp1258"), seen) == typed
    assert _as_latin1(SimpleNamespace(biff_version=80, encoding="utf_16_le"), typed) == typed


def test_fonts_of_cells_decide_in_xlsx_too(tmp_path):
    rows = [["Tªn x·", "Sè hé"], ["Xã Hà Nam", "nhiều"]]
    fonts = {(0, 0): ".VnTime", (0, 1): ".VnTime"}
    cells, issues = sheet_of(xlsx(tmp_path / "a.xlsx", rows, fonts=fonts))
    assert cells == [["Tên xã", "Số hộ"], ["Xã Hà Nam", "nhiều"]]
    assert issues == ["sheets.converted"]


def test_fonts_that_end_in_h_are_capitals(tmp_path):
    path = xls(tmp_path / "a.xls", [["chñ ®Ò: ch¨n nu«i", "ga"]], fonts={(0, 0): ".VnArialH", (0, 1): ".VnArialH"})
    assert sheet_of(path)[0] == [["CHỦ ĐỀ: CHĂN NUÔI", "GA"]]


def test_stretches_inside_one_cell_are_converted_one_by_one(tmp_path):
    runs = [("Ủy ban", "Times New Roman"), (" nh©n d©n quËn T©n B×nh", ".VnTime"), (" - Đường", "Arial")]
    path = xls(tmp_path / "a.xls", [["", "x"]], fonts={(0, 0): runs})
    assert sheet_of(path)[0][0][0] == "Ủy ban nhân dân quận Tân Bình - Đường"


def test_a_unicode_cell_under_a_legacy_font_is_never_converted_again(tmp_path):
    text = "(Ban hành kèm theo Quyết định ngày 22 tháng 9 của Ủy ban nhân dân)"
    cells, issues = sheet_of(xls(tmp_path / "a.xls", [[text]], fonts={(0, 0): ".VnTime"}))
    assert cells == [[text]]
    assert issues == []


def test_the_column_decides_where_both_readings_are_words(tmp_path):
    fonts = {(r, 0): ".VnTime" for r in range(3)}
    unicode = [["Xã Đông Hà"], ["Xã Hà Nam"], ["Phường Cửa Ông"]]
    assert sheet_of(xls(tmp_path / "a.xls", unicode, fonts=fonts))[0] == unicode
    legacy = [["X· §«ng Hµ"], ["Sè hé"], ["Ph\xadêng Cöa ¤ng"]]
    assert sheet_of(xls(tmp_path / "b.xls", legacy, fonts=fonts))[0] == [
        ["Xã Đông Hà"], ["Số hộ"], ["Phường Cửa Ông"],
    ]  # fmt: skip
    both = [["Xã Đông Hà"], ["Sè hé"], ["X· Hµ Nam"]]
    cells, issues = sheet_of(xls(tmp_path / "c.xls", both, fonts=fonts))
    assert cells == [["Xã Đông Hà"], ["Số hộ"], ["Xã Hà Nam"]]
    assert issues == ["sheets.converted", "sheets.either_reading"]


@pytest.mark.parametrize("alphabet", ["TCVN3", "VNI"])
def test_without_fonts_the_words_of_the_sheet_decide(tmp_path, alphabet):
    names = [lower_marks(name) for name in NAMES] if alphabet == "TCVN3" else NAMES
    rows = [["Mã xã", "Tên xã", "Huyện"], *[["01267", name, "Huyện Bảo Lạc"] for name in names]]
    type_it = type_tcvn3 if alphabet == "TCVN3" else type_vni
    path = xlsx(tmp_path / "a.xlsx", [[type_it(text) for text in row] for row in rows])
    table = read(path)
    assert list(table.rows["commune_name"]) == names
    assert set(table.rows["district_name"]) == {"Huyện Bảo Lạc"}
    assert "sheets.converted_by_words" in messages(table)


def test_unicode_without_fonts_is_left_alone(tmp_path):
    rows = [["Mã xã", "Tên xã", "Ghi chú"], *[["01267", name, "· 5 µm, 30 °C ± 2, © 2024"] for name in NAMES]]
    cells, issues = sheet_of(xlsx(tmp_path / "a.xlsx", rows))
    assert cells == rows
    assert issues == []


def test_a_single_odd_word_is_no_proof_and_is_reported(tmp_path):
    rows = [["ma_xa", "ten_xa"], ["01267", "X· Nam"], ["01270", "Ba Be"]]
    cells, issues = sheet_of(xlsx(tmp_path / "a.xlsx", rows))
    assert cells == rows
    assert issues == ["sheets.unsure"]


@settings(deadline=None)
@given(st.lists(st.lists(syllable, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=6))
def test_unicode_texts_are_never_changed(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("unicode") / "a.xlsx"
    rows = [["Xã Đường"], *[[text] for text in texts]]
    assert sheet_of(xlsx(path, rows))[0] == rows


def test_text_files_in_legacy_bytes(tmp_path):
    path = tmp_path / "a.csv"
    lines = ["M· x·,Tªn x·", *[f"0126{i},{type_tcvn3(lower_marks(name))}" for i, name in enumerate(NAMES[:8])]]
    path.write_bytes("\n".join(lines).encode("latin-1"))
    assert list(read(path).rows["commune_name"]) == [lower_marks(name) for name in NAMES[:8]]
