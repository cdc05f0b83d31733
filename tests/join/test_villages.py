"""Villages find their commune, households their village; whatever has two answers has none."""

from __future__ import annotations

import pandas as pd
import pytest

from geontm.join.villages import find_villages, key_villages, normalise_village, place_rows

UNITS = pd.DataFrame(
    {
        "commune_name": ["Xã Cốc Pàng", "Xã Cô Ba", "Xã Sơn Hà", "Xã Sơn Hạ"],
        "kind": "xã",
        "province_code": "04",
        "province_name": "Tỉnh Cao Bằng",
    },
    index=pd.Index(["01324", "01327", "01330", "01333"], name="commune_code"),
)


def frame(**columns) -> pd.DataFrame:
    table = pd.DataFrame(columns, dtype="str")
    table.index = pd.RangeIndex(2, 2 + len(table), name="row")
    return table


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thôn Hoà Bình", "1. THÔN  HÒA BÌNH"),
        ("Xóm I", "Xóm 1"),
        ("Thôn Nà-Nhùng", "thôn nà nhùng"),
        ("Tổ dân phố 05", "Tổ dân phố 5"),
    ],
)
def test_spellings_of_one_name(one, other):
    assert normalise_village(one) == normalise_village(other)


@pytest.mark.parametrize(("one", "other"), [("Nà Lạn", "Nà Lan"), ("Thôn 1", "Thôn 11"), ("Xóm Hạ", "Xóm Hà")])
def test_different_names_stay_different(one, other):
    assert normalise_village(one).base != normalise_village(other).base


def test_many_rows_share_a_commune_and_spellings_do_not_compete():
    rows = frame(commune_name=["Xã Cốc Pàng", "Cốc Pàng", "X. Cốc Pàng", "Xã Cốc Pàng", "Xã Cô Ba", "Xã Vô Danh"])
    placed = place_rows(rows, UNITS)
    assert placed.codes.tolist()[:5] == ["01324"] * 4 + ["01327"] and pd.isna(placed.codes.iloc[5])
    lost = next(issue for issue in placed.issues if issue.message.id == "lower.rows_unplaced")
    assert lost.row == "7"


def test_a_name_without_tones_that_fits_two_communes_has_none():
    placed = place_rows(frame(commune_name=["SON HA", "Xã Sơn Hà", "Xã Sơn Hạ"]), UNITS)
    assert placed.codes.isna().tolist() == [True, False, False]
    assert placed.codes.tolist()[1:] == ["01330", "01333"]


def test_codes_lose_their_zero_and_find_it_again():
    assert place_rows(frame(commune_code=["1324", "1324", "99999"]), UNITS).codes.tolist()[:2] == ["01324", "01324"]


def test_keys_are_codes_or_names_inside_the_commune():
    rows = frame(
        commune_code=["01324", "01324", "01327"],
        village_code=["01324001", None, "7"],
        village_name=["A", "Xóm  Nà Nhùng", "A"],
    )
    keyed, issues = key_villages(rows)
    assert keyed.index.tolist() == ["01324/xóm nà nhùng", "01324001", "7"] and not issues


def test_a_code_that_two_communes_use_is_no_key_by_itself():
    keyed, _ = key_villages(frame(commune_code=["01324", "01327"], village_code=["1", "1"], village_name=["A", "B"]))
    assert keyed.index.tolist() == ["01324/1", "01327/1"]


def test_a_village_that_stands_twice_counts_once_and_differing_figures_are_unknown():
    rows = frame(commune_code=["01324"] * 3, village_name=["Xóm A", "xóm a", "Xóm B"])
    rows["household_count"] = pd.array([10, 12, 5], dtype="Int64")
    rows["population"] = pd.array([40, 40, 20], dtype="Int64")
    keyed, (issue,) = key_villages(rows)
    assert keyed.index.tolist() == ["01324/xóm a", "01324/xóm b"]
    assert pd.isna(keyed["household_count"].iloc[0]) and keyed["population"].tolist() == [40, 20]
    assert (issue.severity, issue.message.id, issue.row) == ("error", "lower.village_twice", "2, 3")


def test_a_row_without_commune_is_no_village():
    keyed, _ = key_villages(frame(commune_code=["01324", None], village_name=["A", "B"]))
    assert len(keyed) == 1


VILLAGES = key_villages(
    frame(
        commune_code=["01324", "01324", "01324", "01327", "01324"],
        village_code=["T1", None, None, None, None],
        village_name=["Xóm Pác Bó", "Thôn Bản Cuốn", "Xóm 1", "Xóm 1", "Thôn 1"],
    )
)[0]


@pytest.mark.parametrize(
    ("commune", "code", "name", "expected"),
    [
        ("01324", "T1", None, "T1"),
        ("01324", None, "xóm pác bó", "T1"),
        ("01324", None, "Pác Bó", "T1"),
        ("01324", None, "Bản Cuốn", "01324/thôn bản cuốn"),
        ("01324", None, "Xóm I", "01324/xóm 1"),
        ("01327", None, "Xóm 1", "01327/xóm 1"),
        ("01324", None, "1", None),  # Xóm 1 or Thôn 1
        ("01327", None, "Xóm 9", None),
        (None, "T1", None, "T1"),
        (None, None, "Xóm 1", None),
    ],
)
def test_households_find_their_village(commune, code, name, expected):
    rows = frame(commune_code=[commune], village_code=[code], village_name=[name])
    placed, villages = find_villages(rows, VILLAGES)
    found = placed.codes.iloc[0]
    assert (None if pd.isna(found) else found) == expected and villages is VILLAGES
    told = [issue.message.id for issue in placed.issues]
    assert told == (["lower.village_unknown"] if commune and expected is None else [])


def test_without_a_list_the_villages_are_those_that_households_name():
    rows = frame(commune_code=["01324", "01324", "01327", "01324"], village_name=["Xóm 1", "XÓM I", "Xóm 1", None])
    placed, villages = find_villages(rows, VILLAGES.iloc[:0])
    assert villages.index.tolist() == ["01324/xóm 1", "01327/xóm 1"] or len(villages) == 2
    assert placed.codes.tolist()[0] == placed.codes.tolist()[1] and pd.isna(placed.codes.iloc[3])
    assert [issue.message.id for issue in placed.issues] == ["lower.no_village"]
