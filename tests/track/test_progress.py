"""Plan against actual, counted and named, by eye and by law."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm import track

NOTHING = pd.DataFrame()
AS_OF = date(2018, 6, 15)


def counted(level: str, *pairs: tuple[int, int | None], measure: str = "exit") -> pd.DataFrame:
    rows = [{"unit_level": level, "measure": measure, "year": year, "count": n} for year, n in pairs]
    return pd.DataFrame(rows)


def named(year_or_day: dict[str, object], column: str = "year") -> pd.DataFrame:
    rows = [
        {"unit_level": "commune", "unit_code": code, "unit_name": code, column: at} for code, at in year_or_day.items()
    ]
    return pd.DataFrame(rows)


def listed(*codes: str) -> pd.DataFrame:
    return pd.DataFrame({"unit_level": "commune", "unit_code": list(codes), "unit_name": list(codes)})


SCHEME_196 = {
    "baseline": pd.DataFrame([{"unit_level": "commune", "count": 22}, {"unit_level": "village", "count": 11}]),
    "plan": counted("commune", (2018, 3), (2019, 13), (2020, 6)),
    "actual": pd.concat([counted("commune", (2017, 6)), counted("village", (2017, 2))]),
}


def ids(issues) -> list[str]:
    return [issue.message.id for issue in issues]


def test_scheme_196_is_ahead_and_its_early_exits_lie_inside_the_roadmap():
    progress = track.compare(**SCHEME_196, as_of=AS_OF)
    communes = progress.years[progress.years["unit_level"] == "commune"].set_index("year")
    assert communes["plan"].tolist() == [0, 3, 13, 6]
    assert communes["cumulative_plan"].tolist() == [0, 3, 16, 22]
    assert communes["actual"].tolist() == [6, pd.NA, pd.NA, pd.NA]
    assert communes["state"].tolist() == ["ahead", "unknown", "unknown", "unknown"]
    assert communes.loc[2017, "ahead_count"] == 6 and communes["baseline_count"].unique().tolist() == [22]
    early, issues = track.early_reached(progress.years)
    assert early[["year", "early_count", "plan_total", "inside"]].to_numpy().tolist() == [[2017, 6, 22, True]]
    assert ids(issues) == ["track.early_inside"]
    assert "3 + 13 + 6" in issues[0].message.text("en") and "22" in issues[0].message.text("vi")


def test_early_ones_that_the_plan_leaves_out_lie_outside_it():
    years = track.compare(
        pd.DataFrame([{"unit_level": "commune", "count": 22}]),
        counted("commune", (2018, 3), (2019, 7), (2020, 6)),
        counted("commune", (2017, 6)),
        as_of=AS_OF,
    ).years
    early, issues = track.early_reached(years)
    assert early["inside"].tolist() == [False] and not issues


def test_a_stock_from_before_a_plan_of_additions_is_not_ahead_of_it():
    tables = (NOTHING, counted("commune", (2019, 5)), counted("commune", (2018, 33)))
    progress = track.compare(*tables, as_of=date(2018, 12, 31))
    assert progress.years["state"].tolist() == ["unknown", "unknown"]
    assert progress.years[["ahead_count", "share_of_plan_pct"]].isna().all(axis=None)
    assert progress.years["cumulative_actual"].tolist() == [33, pd.NA] and ids(progress.issues) == ["track.before_plan"]


def test_a_level_without_a_plan_is_unknown_not_behind():
    progress = track.compare(**SCHEME_196, as_of=AS_OF)
    villages = progress.years[progress.years["unit_level"] == "village"]
    assert villages["plan"].isna().all() and villages["state"].tolist() == ["unknown"]
    assert villages["cumulative_actual"].tolist() == [2]


def test_share_of_plan_reached():
    measure = "households_left_poverty"
    progress = track.compare(
        NOTHING,
        counted("household", (2017, 1147), measure=measure),
        counted("household", (2017, 1856), measure=measure),
        as_of=AS_OF,
    )
    assert round(float(progress.years["share_of_plan_pct"].iloc[0]), 1) == 161.8
    assert progress.years["ahead_count"].tolist() == [709]


def test_named_units_carry_their_years_ahead():
    progress = track.compare(
        listed("a", "b", "c", "d"),
        named({"a": 2018, "b": 2018, "c": 2019, "d": 2020}),
        named({"a": "2017-12-31", "b": "2018-12-31", "c": "2020-06-01"}, "date"),
        as_of=date(2020, 12, 31),
    )
    units = progress.units.set_index("unit_code")
    assert units["ahead_years"].tolist() == [1, 0, -1, -1]
    assert units["state"].tolist() == ["ahead", "on_plan", "behind", "behind"]
    years = progress.years.set_index("year")
    assert years["cumulative_plan"].tolist() == [0, 2, 3, 4]
    assert years["cumulative_actual"].tolist() == [1, 2, 2, 3]
    assert years["state"].tolist() == ["ahead", "on_plan", "behind", "behind"]
    assert track.exit_years(progress.units).to_dict() == {"a": 2017, "b": 2018, "c": 2020, "d": 2020}


def test_a_year_that_still_runs_is_not_behind():
    progress = track.compare(
        listed("a", "b"), named({"a": 2017, "b": 2018}), named({"a": "2017-05-01"}, "date"),
        as_of=AS_OF, through=AS_OF,
    )  # fmt: skip
    assert progress.years["state"].tolist() == ["on_plan", "unknown"]
    assert progress.units["state"].tolist() == ["on_plan", "on_plan"]


def test_less_than_last_years_plan_is_behind_at_any_time_of_the_year():
    progress = track.compare(
        NOTHING, counted("commune", (2017, 5), (2018, 5)), counted("commune", (2017, 1)), as_of=AS_OF, through=AS_OF
    )
    assert progress.years["state"].tolist() == ["behind", "behind"]


def test_events_after_the_day_do_not_count():
    progress = track.compare(
        listed("a", "b"), NOTHING, named({"a": "2017-05-01", "b": "2018-07-01"}, "date"), as_of=AS_OF
    )
    assert progress.years["cumulative_actual"].tolist() == [1]
    assert ids(progress.issues) == ["track.event_later"]


def test_a_printed_total_beside_named_units_is_not_added_to_them():
    actual = pd.concat([named({"a": 2017, "b": 2017}), counted("commune", (2017, 6))])
    years = track.compare(NOTHING, NOTHING, actual, as_of=AS_OF).years
    assert years["actual"].tolist() == [6]


def test_more_named_than_printed_is_an_error_and_the_names_count():
    actual = pd.concat([named({"a": 2017, "b": 2017}), counted("commune", (2017, 1))])
    progress = track.compare(NOTHING, NOTHING, actual, as_of=AS_OF)
    assert progress.years["actual"].tolist() == [2]
    assert ids(progress.issues) == ["track.actual_named_more"]


def test_an_empty_count_makes_the_year_and_all_later_sums_unknown():
    progress = track.compare(
        NOTHING, NOTHING, counted("commune", (2016, 2), (2017, None), (2018, 4)), as_of=date(2018, 12, 31)
    )
    assert progress.years["actual"].tolist() == [2, pd.NA, 4]
    assert progress.years["cumulative_actual"].tolist() == [2, pd.NA, pd.NA]


def test_more_than_the_baseline_is_refused():
    progress = track.compare(
        pd.DataFrame([{"unit_level": "commune", "count": 5}]),
        counted("commune", (2017, 6)), counted("commune", (2017, 7)), as_of=AS_OF,
    )  # fmt: skip
    assert progress.years[["cumulative_plan", "cumulative_actual"]].isna().all(axis=None)
    assert ids(progress.issues) == ["track.plan_over_baseline", "track.actual_over_baseline"]


def test_a_unit_outside_the_baseline_is_told_and_not_counted():
    progress = track.compare(listed("a"), NOTHING, named({"a": 2017, "z": 2017}), as_of=AS_OF)
    assert progress.years["actual"].tolist() == [1]
    assert ids(progress.issues) == ["track.not_in_baseline"]


@pytest.mark.parametrize(("which", "message"), [("plan", "track.plan_twice"), ("actual", "track.reached_twice")])
def test_two_years_for_one_unit_are_unknown(which, message):
    twice = pd.concat([named({"a": 2016}), named({"a": 2017})])
    tables = {"plan": NOTHING, "actual": NOTHING, which: twice}
    progress = track.compare(listed("a"), **tables, as_of=AS_OF)
    assert progress.units[["planned_year", "actual_year"]].isna().all(axis=None)
    assert message in ids(progress.issues)


def test_a_unit_without_plan_is_named():
    progress = track.compare(listed("a", "b"), named({"a": 2018}), NOTHING, as_of=AS_OF)
    assert ids(progress.issues) == ["track.no_plan"] and progress.issues[0].value == "b"
    assert progress.units["state"].tolist() == ["unknown", "unknown"]  # nothing is known of what was reached


def test_totals_of_districts_are_added_up():
    plan = counted("commune", (2018, 2), (2018, 1)).assign(area=["Ba Chẽ", "Tiên Yên"])
    assert track.compare(NOTHING, plan, NOTHING, as_of=AS_OF).years["plan"].tolist() == [3]
    whole = pd.concat([plan, counted("commune", (2018, 3))])
    assert track.compare(NOTHING, whole, NOTHING, as_of=AS_OF).years["plan"].tolist() == [3]
    less = track.compare(NOTHING, pd.concat([plan, counted("commune", (2018, 2))]), NOTHING, as_of=AS_OF)
    assert less.years["plan"].tolist() == [2] and ids(less.issues) == ["track.areas_more"]


def test_programmes_and_measures_are_kept_apart():
    plan = pd.concat(
        [named({"a": 2018}).assign(programme="P", measure="ntm"), named({"a": 2020}).assign(programme="Q")]
    )
    units = track.compare(NOTHING, plan, NOTHING, as_of=AS_OF).units
    assert units[["programme", "measure", "planned_year"]].to_numpy().tolist() == [
        ["P", "ntm", 2018],
        ["Q", "exit", 2020],
    ]


CODES = st.sampled_from([f"{n:05d}" for n in range(12)])
EVENTS = st.dictionaries(CODES, st.integers(2015, 2020), max_size=12)


@settings(deadline=None, max_examples=60)
@given(codes=st.sets(CODES, min_size=1), plan=EVENTS, actual=EVENTS, seed=st.randoms())
def test_sums_grow_stay_under_the_baseline_and_do_not_depend_on_order(codes, plan, actual, seed):
    tables = [listed(*sorted(codes)), named(plan), named(actual)]
    progress = track.compare(*tables, as_of=date(2020, 12, 31))
    for name in ("plan", "actual"):
        sums = progress.years[f"cumulative_{name}"].dropna() if len(progress.years) else pd.Series(dtype="Int64")
        assert sums.is_monotonic_increasing and (sums <= len(codes)).all()
    mixed = [t.sample(frac=1, random_state=seed.randrange(2**32)) if len(t) else t for t in tables]
    again = track.compare(*mixed, as_of=date(2020, 12, 31))
    pd.testing.assert_frame_equal(progress.years, again.years)
    pd.testing.assert_frame_equal(progress.units, again.units)
    assert [(i.message.id, i.value) for i in progress.issues] == [(i.message.id, i.value) for i in again.issues]


@settings(deadline=None, max_examples=60)
@given(plan=st.dictionaries(st.integers(2015, 2020), st.none() | st.integers(0, 9), min_size=1))
def test_counted_sums_are_known_up_to_the_first_gap_and_grow(plan):
    years = track.compare(NOTHING, counted("commune", *plan.items()), NOTHING, as_of=AS_OF).years.set_index("year")
    gaps = [year for year, n in plan.items() if n is None]
    known = years["cumulative_plan"].dropna()
    assert known.is_monotonic_increasing
    assert not [year for year in known.index if gaps and year >= min(gaps)]
    assert len(known) == len([year for year in years.index if not gaps or year < min(gaps)])
