from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.join import LONG_COLUMNS, MatchedTable, match_units, one_row_per_commune
from geontm.tables import Column, Label, Table

AS_OF = date(2026, 6, 30)


def column(name, kind, unit=""):
    return Column(name, kind, Label(name, name), unit=unit)


INDICATORS = Table(
    "indicators",
    ("commune_code", "year"),
    {
        c.name: c
        for c in (
            column("population", "integer", "người"),
            column("poor_household_pct", "number", "%"),
            column("is_border", "boolean"),
            column("region", "category"),
        )
    },
)
UNITS = pd.DataFrame(
    {"commune_name": ["Xã C", "Xã A", "Xã B"], "province_name": "Cao Bằng"},
    index=pd.Index(["00003", "00001", "00002"], name="commune_code"),
)


def matched(file, day, **columns):
    rows = pd.DataFrame(columns)
    rows.index = range(5, 5 + len(rows))
    match = match_units(rows, UNITS, by="name", within="province", file=file)
    return MatchedTable(rows, match, day, file)


def combine(*tables):
    return one_row_per_commune(UNITS, tables, INDICATORS, as_of=AS_OF)


def population(*tables):
    return combine(*tables).wide["population"].astype(object).where(lambda s: s.notna(), None).to_dict()


OLDER = matched("cũ.csv", date(2024, 12, 31), commune_name=["Xã A", "Xã B"], population=[10, 20])
NEWER = matched("mới.csv", date(2025, 12, 31), commune_name=["Xã B"], population=[21])


def test_one_row_for_each_unit_in_the_order_of_the_units():
    wide = combine(OLDER).wide
    assert wide.index.tolist() == ["00003", "00001", "00002"]
    assert wide.index.name == "commune_code"
    assert wide.columns.tolist() == ["population"]
    assert wide["population"].dtype == "Int64"


def test_a_gap_stays_a_gap():
    table = matched(
        "t.csv", None, commune_name=["Xã A", "Xã B"], poor_household_pct=[0.0, None], is_border=[False, None]
    )
    wide = combine(table).wide
    assert wide["poor_household_pct"].tolist() == [pd.NA, 0.0, pd.NA]
    assert wide["is_border"].tolist() == [pd.NA, False, pd.NA]
    assert len(combine(table).long) == 2


def test_the_newest_value_counts_and_older_ones_stand_in():
    assert population(OLDER, NEWER) == {"00003": None, "00001": 10, "00002": 21}
    issues = combine(OLDER, NEWER).issues
    assert [(i.severity, i.message.id) for i in issues] == [("info", "join.older_value")]
    assert issues[0].message.text("en") == "1 communes have no “population” for 2025; that of 2024 is used."


def test_what_is_later_than_the_day_of_the_project_does_not_count():
    late = matched("sau.csv", date(2026, 7, 1), commune_name=["Xã A"], population=[99])
    joined = combine(OLDER, late)
    assert joined.wide["population"]["00001"] == 10
    assert 99 in joined.long["value"].tolist()
    assert [(i.file, i.message.id) for i in joined.issues] == [("sau.csv", "join.later_than_as_of")]


def test_a_value_without_a_date_comes_before_all_others():
    undated = matched("không ngày.csv", None, commune_name=["Xã A", "Xã C"], population=[7, 8])
    assert population(undated, OLDER) == {"00003": 8, "00001": 10, "00002": 20}
    assert combine(undated).long["year"].isna().all()


def test_two_values_of_one_day_are_no_value():
    other = matched("khác.csv", date(2024, 12, 31), commune_name=["Xã A", "Xã B"], population=[11, 20])
    for tables in ((OLDER, other), (other, OLDER)):
        joined = combine(*tables)
        assert pd.isna(joined.wide["population"]["00001"])
        assert joined.wide["population"]["00002"] == 20
        (issue,) = joined.issues
        assert (issue.severity, issue.message.id, issue.value) == ("error", "join.values_differ", "10; 11")


def test_of_one_year_the_later_day_counts():
    june = matched("6.csv", date(2025, 6, 30), commune_name=["Xã B"], population=[20])
    assert population(NEWER, june)["00002"] == 21


def test_rows_with_years_stand_for_their_years():
    years = matched("năm.csv", None, commune_name=["Xã A"] * 3, year=[2023, 2025, 2027], population=[1, 2, 3])
    joined = combine(years)
    assert joined.wide["population"]["00001"] == 2
    assert joined.long["year"].tolist() == [2023, 2025, 2027]


def test_the_long_table_tells_where_each_value_comes_from():
    long = combine(OLDER, NEWER).long
    assert tuple(long.columns) == LONG_COLUMNS
    assert long.to_dict("records")[-1] == {
        "commune_code": "00002",
        "indicator": "population",
        "year": 2025,
        "value": 21,
        "unit": "người",
        "source_file": "mới.csv",
        "how": "name",
    }


def test_rows_without_a_unit_have_no_place():
    table = matched("t.csv", None, commune_name=["Xã A", "Xã Lạ Hoắc"], population=[1, 2])
    assert combine(table).long["value"].tolist() == [1]


def test_no_table_is_no_indicator():
    joined = combine()
    assert joined.wide.shape == (3, 0)
    assert joined.long.empty
    assert tuple(joined.long.columns) == LONG_COLUMNS


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_the_order_of_files_and_rows_decides_nothing(data):
    days = st.sampled_from([None, date(2024, 12, 31), date(2025, 12, 31), date(2027, 1, 1)])
    tables = [
        (
            f"{i}.csv",
            data.draw(days),
            data.draw(st.permutations(["Xã A", "Xã B", "Xã C"])),
            data.draw(st.lists(st.none() | st.integers(0, 3), min_size=3, max_size=3)),
        )
        for i in range(data.draw(st.integers(1, 4)))
    ]
    made = [matched(f, d, commune_name=n, population=pd.array(v, dtype="Int64")) for f, d, n, v in tables]
    turned = [
        matched(f, d, commune_name=n[::-1], population=pd.array(v[::-1], dtype="Int64")) for f, d, n, v in tables[::-1]
    ]
    one, other = combine(*made), combine(*turned)
    pd.testing.assert_frame_equal(one.wide, other.wide)
    pd.testing.assert_frame_equal(one.long, other.long)
    assert sorted(i.message.id for i in one.issues) == sorted(i.message.id for i in other.issues)


@pytest.mark.parametrize("name", ["population", "region"])
def test_inputs_stay_as_they_were(name):
    table = matched("t.csv", None, commune_name=["Xã A"], **{name: [1 if name == "population" else "x"]})
    before = table.rows.copy()
    combine(table)
    pd.testing.assert_frame_equal(table.rows, before)
