from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.load.numbers import is_number, read_values
from geontm.project.dictionary import read_dictionary

INDICATORS = read_dictionary("indicators")
POPULATION, POOR_PCT = INDICATORS["population"], INDICATORS["poor_household_pct"]
CRITERIA, INCOME = INDICATORS["criteria_met_count"], INDICATORS["income_per_person_million_vnd"]


def values(cells, column):
    return list(read_values(cells, column).values)


def ids(cells, column):
    return [finding.message_id for finding in read_values(cells, column).findings]


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        (["1.234,5", "7"], INCOME, [1234.5, 7]),
        (["1,234.5", "7"], INCOME, [1234.5, 7]),
        (["1 234", "2\u00a0345", "3\u2009456", "4\u202f567"], POPULATION, [1234, 2345, 3456, 4567]),
        (["12,5%", "12,5 %", "12,5"], POOR_PCT, [12.5, 12.5, 12.5]),
        (["\ufeff1.234", "9\u200c80", "7\u20602"], POPULATION, [1234, 980, 72]),
        (["1.234", "980"], POPULATION, [1234, 980]),
        (["1,234", "980"], POPULATION, [1234, 980]),
        (["1.234.567"], POPULATION, [1234567]),
        ([1234, 980.0], POPULATION, [1234, 980]),
        (["3/19", "19/19", "5"], CRITERIA, [3, 19, 5]),
        (["0,125", "12,5"], POOR_PCT, [0.125, 12.5]),
        (["-", "–", "—"], POPULATION, [0, 0, 0]),
        (["…", "...", "", None, "n/a", "chưa có số liệu", "unknown"], POPULATION, [None] * 7),
    ],
)
def test_reads_what_offices_write(cells, column, expected):
    assert values(cells, column) == expected
    assert ids(cells, column) == []


def test_one_cell_of_the_column_tells_how_all_are_written():
    assert values(["1.234", "5,5"], INCOME) == [1234, 5.5]
    assert values(["1.234", "5.5"], INCOME) == [1.234, 5.5]


def test_the_range_tells_where_no_cell_does():
    assert values(["12.345", "7.125"], POOR_PCT) == [12.345, 7.125]
    assert ids(["12.345", "7.125"], POOR_PCT) == []


def test_an_ambiguous_number_is_read_the_vietnamese_way_with_a_warning():
    assert values(["1.234"], INCOME) == [1234]
    assert ids(["1.234"], INCOME) == ["sheets.number_ambiguous"]


def test_two_ways_in_one_column_leave_the_doubtful_cell_unknown():
    assert values(["1.234,5", "1,234.5", "1.234", "12"], INCOME) == [1234.5, 1234.5, None, 12]
    assert ids(["1.234,5", "1,234.5", "1.234", "12"], INCOME) == ["sheets.number_two_ways"]


@pytest.mark.parametrize(
    ("cell", "column", "message"),
    [
        ("khoảng 20", POOR_PCT, "sheets.unreadable"),
        ("#N/A", POPULATION, "sheets.unreadable"),
        ("1.2.3", POPULATION, "sheets.unreadable"),
        ("1,5", POPULATION, "sheets.not_whole"),
        ("3/15", CRITERIA, "sheets.other_whole"),
        ("20/19", CRITERIA, "sheets.other_whole"),
        ("3/19", POPULATION, "sheets.unreadable"),
        (datetime.date(2026, 3, 19), CRITERIA, "sheets.date_for_number"),
        (True, POPULATION, "sheets.unreadable"),
    ],
)
def test_what_cannot_be_read_is_unknown_and_named(cell, column, message):
    reading = read_values([cell, 5], column)
    assert reading.values == (None, 5)
    assert [(f.severity, f.message_id, f.at, f.value) for f in reading.findings] == [("error", message, 0, str(cell))]


def test_booleans():
    column = INDICATORS["new_rural_recognised"]
    cells = ["x", "X", "Có", "đạt", 1, True, "không", "Chưa đạt", 0, False, "", None, "…"]
    assert values(cells, column) == [True] * 6 + [False] * 4 + [None] * 3
    assert ids(["có thể"], column) == ["sheets.unreadable"]


def test_categories_by_key_or_label():
    column = INDICATORS["region"]
    assert values(["Tây Nguyên", "mekong_delta", "tây nguyên ", "", "Nam Bộ"], column) == [
        "central_highlands", "mekong_delta", "central_highlands", None, None,
    ]  # fmt: skip


def test_roman_numbers_of_the_development_region():
    column = INDICATORS["development_region"]
    assert values(["I", "Khu vực III", "KV II", "Xã khu vực I", 2, "IV"], column) == [1, 3, 2, 1, 2, 4]


def test_percents_shown_as_such_are_multiplied():
    reading = read_values([0.125, 12.5], POOR_PCT, percents=[True, False])
    assert reading.values == (12.5, 12.5)
    assert [f.message_id for f in reading.findings] == ["sheets.percent_format"]


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.sampled_from([".", ",", " ", "\u00a0", "\u202f"]))
def test_grouped_whole_numbers_come_back(numbers, group):
    cells = [f"{number:,}".replace(",", group) for number in numbers]
    assert values(cells, POPULATION) == numbers
    assert ids(cells, POPULATION) == []


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e8).map(lambda x: round(x, 2)), min_size=1, max_size=20), st.booleans())
def test_decimals_come_back_in_both_conventions(numbers, vietnamese):
    cells = [f"{number:,.2f}" for number in numbers]
    if vietnamese:
        cells = [cell.translate(str.maketrans(",.", ".,")) for cell in cells]
    assert values(cells, INCOME) == numbers


@settings(deadline=None)
@given(
    st.lists(
        st.text(max_size=12) | st.floats(allow_nan=False) | st.none() | st.integers(-(10**12), 10**12), max_size=15
    )
)
def test_a_cell_is_read_or_unknown_by_rule_or_named(cells):
    reading = read_values(cells, INCOME)
    assert len(reading.values) == len(cells)
    named = {finding.at for finding in reading.findings if finding.severity == "error"}
    for at, (cell, value) in enumerate(zip(cells, reading.values, strict=True)):
        if value is None and at not in named:
            assert cell is None or not is_number(cell)
        if value is not None:
            assert at not in named


@settings(deadline=None)
@given(st.permutations(["1.234", "1,5", "…", "-", "x2", "7"]))
def test_the_order_of_rows_does_not_matter(cells):
    expected = {"1.234": 1234, "1,5": 1.5, "…": None, "-": 0, "x2": None, "7": 7}
    assert values(cells, INCOME) == [expected[cell] for cell in cells]
