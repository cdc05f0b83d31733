"""Capital that adds up or not, agencies and communes, status by decision."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm import track


def ids(issues) -> list[str]:
    return [issue.message.id for issue in issues]


def capital(*rows: tuple) -> pd.DataFrame:
    names = ["capital_source", "project_name", "allocated_million_vnd", "disbursed_million_vnd", "is_total"]
    return pd.DataFrame([(*row, *[None] * (len(names) - len(row))) for row in rows], columns=names).assign(year=2023)


THREE = capital(("central", "road", 100, 80), ("central", "school", 50, 10), ("province", "water", 30, None))


def test_capital_by_source_with_its_rate():
    table = track.sum_capital(THREE, ["capital_source"]).set_index("capital_source")
    assert table.loc["central", "allocated_million_vnd"] == 150 and table.loc["central", "disbursed_pct"] == 60
    assert pd.isna(table.loc["province", "disbursed_pct"]) and table.loc["province", "unknown_disbursed"] == 1
    whole = track.sum_capital(THREE)
    assert whole["allocated_million_vnd"].tolist() == [180] and whole["disbursed_million_vnd"].isna().all()


def test_nothing_allocated_has_no_rate():
    assert track.sum_capital(capital(("central", "road", 0, 0)))["disbursed_pct"].isna().all()


@pytest.mark.parametrize(
    ("total", "found"),
    [
        ((None, None, 180, None, True), []),
        ((None, None, 180.4, None, True), []),
        ((None, None, 185, None, True), ["track.total_differs"]),
        (("central", None, 150, 90, True), []),
        (("central", None, 150, 95, True), ["track.total_differs"]),
        ((None, None, None, 95, True), ["track.total_unchecked"]),
        (("district", None, 5, 5, True), ["track.total_without_parts"]),
    ],
)
def test_stated_totals(total, found):
    rows = pd.concat([THREE, capital(total)], ignore_index=True)
    assert ids(track.check_capital(rows)) == found
    assert track.sum_capital(rows)["allocated_million_vnd"].tolist() == [180]  # never added


def test_more_disbursed_than_allocated():
    assert ids(track.check_capital(capital(("central", "road", 10, 11)))) == ["track.disbursed_more"]


@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from("pq"), st.integers(0, 999), st.integers(0, 999)), min_size=1
    ),
    seed=st.randoms(),
)
def test_breakdowns_add_up_to_the_whole_in_any_order(rows, seed):
    table = capital(*rows)
    whole = track.sum_capital(table)
    for by in (["capital_source"], ["project_name", "capital_source"], ["year"]):
        parts = track.sum_capital(table, by)
        assert parts["allocated_million_vnd"].sum() == whole["allocated_million_vnd"].iloc[0] == sum(r[2] for r in rows)
        mixed = table.sample(frac=1, random_state=seed.randrange(2**32))
        pd.testing.assert_frame_equal(parts, track.sum_capital(mixed, by))


COMMUNES = pd.Series({"1": "Xã Một", "2": "Xã Hai", "3": "Xã Ba"}).rename_axis("commune_code")
SUPPORT = pd.DataFrame(
    [("Sở Tài chính", "1"), ("Sở  tài chính", "2"), ("Sở Y tế", "1"), ("Sở Y tế", "1"), ("Hội Nông dân", None)],
    columns=["agency", "unit_code"],
)


def test_many_agencies_to_many_communes():
    found = track.link_agencies(SUPPORT, COMMUNES)
    assert found.by_unit["agency_count"].to_dict() == {"1": 2, "2": 1, "3": 0}
    assert found.by_agency["commune_count"].to_dict() == {"Hội Nông dân": 0, "Sở Y tế": 1, "Sở  tài chính": 2}
    assert ids(found.issues) == ["track.commune_without_agency", "track.agency_without_commune"]
    assert found.issues[0].value == "Xã Ba" and found.issues[1].value == "Hội Nông dân"


@pytest.mark.parametrize(("printed", "found"), [(3, []), (70, ["track.agencies_differ"])])
def test_a_printed_number_of_agencies_is_checked(printed, found):
    rows = pd.concat([SUPPORT, pd.DataFrame([{"count": printed}])])
    issues = track.link_agencies(rows, COMMUNES.iloc[:2]).issues
    assert [name for name in ids(issues) if name != "track.agency_without_commune"] == found


def test_a_printed_number_alone_is_no_contradiction():
    assert not track.link_agencies(pd.DataFrame([{"count": 70}]), COMMUNES.iloc[:0]).issues


def events(*rows: tuple[str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["event", "date"])
    return table.assign(unit_level="commune", unit_code="1", unit_name="Xã Một", status="ĐBKK", document=table["date"])


def status(spells: pd.DataFrame, *day: int):
    answer = track.status_on(spells, date(*day))["is_in"].iloc[0]
    return None if pd.isna(answer) else bool(answer)


def test_status_by_decision_on_any_day():
    spells, issues = track.status_history(
        events(("entered", "2017-01-01"), ("left", "2019-06-30"), ("entered", "2021-06-04"))
    )
    assert not issues and len(spells) == 2
    assert (
        spells["entered_by"].tolist() == ["2017-01-01", "2021-06-04"] and spells["left_by"].tolist()[0] == "2019-06-30"
    )
    days = [(2016, 12, 31), (2017, 1, 1), (2019, 6, 29), (2019, 6, 30), (2021, 6, 4)]
    assert [status(spells, *day) for day in days] == [False, True, True, False, True]
    assert track.status_on(spells, date(2018, 1, 1))["document"].tolist() == ["2017-01-01"]


def test_a_unit_that_left_and_was_never_said_to_enter():
    spells, issues = track.status_history(events(("left", "2019-06-30")))
    assert not issues
    assert [status(spells, 2018, 1, 1), status(spells, 2019, 6, 30)] == [None, False]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("left", "2018-01-01"), ("entered", "2019-01-01")], "track.left_before_entering"),
        ([("entered", "2017-01-01"), ("entered", "2018-01-01")], "track.entered_twice"),
        ([("entered", "2017-01-01"), ("left", "2018-01-01"), ("left", "2019-01-01")], "track.left_twice"),
        ([("entered", "2017-01-01"), ("left", "2017-01-01")], "track.history_same_day"),
    ],
)
def test_contradictions_are_issues_and_leave_the_status_unknown(rows, message):
    spells, issues = track.status_history(events(*rows))
    assert message in ids(issues)
    assert status(spells, 2020, 1, 1) is None


def test_an_event_without_a_day_is_an_error_not_a_guess():
    spells, issues = track.status_history(events(("entered", None)))
    assert spells.empty and ids(issues) == ["track.history_incomplete"]


@settings(deadline=None, max_examples=40)
@given(gaps=st.lists(st.integers(1, 900), min_size=1, max_size=6), seed=st.randoms())
def test_entering_and_leaving_in_turn_is_sound_in_any_order(gaps, seed):
    days = pd.Timestamp("2010-01-01") + pd.to_timedelta(pd.Series(gaps).cumsum(), unit="D")
    table = events(*[("entered" if n % 2 == 0 else "left", day) for n, day in enumerate(days)])
    spells, issues = track.status_history(table.sample(frac=1, random_state=seed.randrange(2**32)))
    assert not issues and len(spells) == (len(gaps) + 1) // 2 and spells["sound"].all()
    for n, day in enumerate(days):
        assert status(spells, day.year, day.month, day.day) == (n % 2 == 0)
