"""Laws that hold for every table: nothing vanishes, no unit is given twice, the order of rows decides nothing."""

import random

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from misspell import WAYS, misspell

from geontm.join import match_units, normalise_name

SYLLABLES = ("Tân", "Tan", "Tấn", "An", "Ân", "Hà", "Hạ", "Lập", "Lạp", "Bình", "Vinh", "1", "2", "Đông")
KINDS = ("", "Xã ", "Phường ", "Thị trấn ", "X. ", "P.", "TT ")
names = st.builds(
    lambda kind, words: kind + " ".join(words),
    st.sampled_from(KINDS),
    st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=3),
)
wild = names | st.text(max_size=8) | st.none()
codes = st.none() | st.sampled_from(["1", "00002", "00003", "4.0", "99999", "x"])


@st.composite
def tables(draw):
    n = draw(st.integers(1, 12))
    frame = pd.DataFrame(
        {
            "commune_name": draw(st.lists(wild, min_size=n, max_size=n)),
            "commune_code": draw(st.lists(codes, min_size=n, max_size=n)),
        },
        index=pd.Index(range(7, 7 + n)),
    )
    if draw(st.booleans()):
        frame["district_name"] = draw(
            st.lists(st.sampled_from(["Huyện A", "TX. B", "C", None]), min_size=n, max_size=n)
        )
    if draw(st.booleans()):
        provinces = st.sampled_from(["Cao Bằng", "Tỉnh Hà Giang", "Lạng Sơn", None])
        frame["province_name"] = draw(st.lists(provinces, min_size=n, max_size=n))
    return frame.iloc[:, draw(st.sampled_from([[0], [0, 1], list(range(frame.shape[1]))]))]


@st.composite
def places(draw):
    labels = draw(st.lists(names, min_size=1, max_size=10))
    n = len(labels)
    frame = pd.DataFrame({"commune_name": labels}, index=[f"{i + 1:05d}" for i in range(n)])
    frame["province_name"] = draw(st.lists(st.sampled_from(["Cao Bằng", "Hà Giang"]), min_size=n, max_size=n))
    if draw(st.booleans()):
        frame["district_name"] = draw(st.lists(st.sampled_from(["Huyện A", "Thị xã B", None]), min_size=n, max_size=n))
    return frame.rename_axis("commune_code")


@settings(deadline=None, max_examples=80)
@given(tables(), places(), st.sampled_from(["name", "auto"]), st.booleans(), st.randoms(use_true_random=False))
def test_rows_in_are_rows_joined_and_rows_reported(table, units, by, accept, dice):
    needed = ["commune_name", "commune_code"] if by == "auto" else ["commune_name"]
    if not any(str(cell).strip() for c in needed if c in table for cell in table[c].dropna()):
        return  # refused as a table without names
    options = {"by": by, "within": None, "accept_suggestions": accept}
    match = match_units(table, units, **options)
    joined = match.codes.notna()
    assert match.codes.index.equals(table.index)
    assert match.how.index.equals(table.index)
    assert match.codes[joined].is_unique
    assert set(match.codes[joined]) <= set(units.index)
    assert ((match.how != "") == joined).all()
    refused = [i.row for i in match.issues if i.row and i.severity == "error"]
    outside = [i.row for i in match.issues if i.message.id == "join.outside"]
    assert sorted(refused + outside) == sorted(str(row) for row in table.index[~joined])
    for issue in match.issues:
        assert issue.message.text("vi") and issue.message.text("en") and issue.message.fix("vi") is not None

    order = dice.sample(range(len(table)), len(table))
    others = dice.sample(range(len(units)), len(units))
    shuffled = match_units(table.iloc[order], units.iloc[others], **options)
    pd.testing.assert_series_equal(shuffled.codes.reindex(table.index), match.codes)
    pd.testing.assert_series_equal(shuffled.how.reindex(table.index), match.how)


NAMES = """Xã Hoà Bình, Xã Hòa Vinh, Xã Tân Lập, Xã Tân Lộc, Phường Tân Lập, Xã Sơn Hà, Xã Sơn Hạ, Xã Tam Thanh
Xã Tân Thanh, Xã Trường Hà, Xã Cốc Pàng, Phường Phương Đông, Xã Xà Hồ, Xã Hồ, Xã Mỹ Đức, Đặc khu Phú Quốc, Phường 1
Phường 11, Xã Ia Mơ, Xã Ea H'Leo, Xã Quảng Thanh, Phường Quảng Thành, Xã Lộc An, Xã Lạc An"""
PLACES = pd.DataFrame({"commune_name": NAMES.replace("\n", ", ").split(", "), "province_name": "Cao Bằng"}).rename(
    index=lambda i: f"{i:05d}"
)
KEYS = {code: normalise_name(name) for code, name in PLACES["commune_name"].items()}


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(PLACES.index)), st.integers(0, 10**9), st.booleans(), st.booleans())
def test_one_slip_never_joins_a_row_to_another_unit(code, seed, accept, alone):
    wrong, _ = misspell(PLACES["commune_name"][code], random.Random(seed))
    key = normalise_name(wrong)
    if any((key.kind, key.base) == (other.kind, other.base) for c, other in KEYS.items() if c != code):
        return  # the slip has made another unit's very name of it
    table = pd.DataFrame({"commune_name": [wrong]}, index=["wrong"])
    if not alone:
        rest = PLACES.drop(index=code)[["commune_name"]]
        table = pd.concat([table, rest])
    match = match_units(table, PLACES, by="name", within="province", accept_suggestions=accept)
    assert pd.isna(match.codes["wrong"]) or match.codes["wrong"] == code
    assert len(WAYS) == 10
