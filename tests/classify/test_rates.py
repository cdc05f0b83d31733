"""Rates of villages, communes and provinces: what is known, what lies between bounds, and that sums agree."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.classify.rates import count_answers, household_rates, poverty_rates, prefer_given, roll_up, share_of

UNITS = pd.Index(["a", "b"])


def classes(*answers: tuple[bool | None, bool | None]) -> pd.DataFrame:
    """Make households of (poor, near-poor)."""
    frame = pd.DataFrame(list(answers), columns=["poor", "near_poor"]).astype("boolean")
    return frame.assign(poor_or_near_poor=frame["poor"] | frame["near_poor"])


POOR, NEAR, NEITHER, UNKNOWN = (True, False), (False, True), (False, False), (None, None)


def rates(households, groups, **options) -> pd.DataFrame:
    return poverty_rates(classes(*households), pd.Series(groups), UNITS, **options)


def test_rates_of_two_villages():
    found = rates([POOR, NEAR, NEITHER, NEITHER, POOR], ["a", "a", "a", "a", "b"])
    assert found["household_count"].tolist() == [4, 1]
    assert found["poor_household_count"].tolist() == [1, 1]
    assert found["poor_household_pct"].tolist() == [25, 100]
    assert found["near_poor_household_pct"].tolist() == [25, 0]
    assert found["poor_and_near_poor_household_pct"].tolist() == [50, 100]


def test_an_unknown_household_leaves_bounds_and_no_value():
    found = rates([POOR, UNKNOWN, NEITHER, NEITHER], ["a"] * 4)
    assert pd.isna(found.loc["a", "poor_household_pct"])
    assert found.loc["a", ["poor_household_pct_low", "poor_household_pct_high"]].tolist() == [25, 50]


def test_poor_or_near_poor_may_be_known_where_neither_is():
    frame = classes(UNKNOWN, NEITHER).assign(poor_or_near_poor=pd.array([True, False], dtype="boolean"))
    found = poverty_rates(frame, pd.Series(["a", "a"]), UNITS)
    assert pd.isna(found.loc["a", "poor_household_pct"]) and found.loc["a", "poor_and_near_poor_household_pct"] == 50


def test_a_larger_total_leaves_the_rest_unknown():
    found = rates([POOR, NEITHER], ["a", "a"], totals=pd.Series({"a": 4}))
    assert found.loc["a", ["listed_household_count", "household_count"]].tolist() == [2, 4]
    assert pd.isna(found.loc["a", "poor_household_pct"])
    assert found.loc["a", ["poor_household_pct_low", "poor_household_pct_high"]].tolist() == [25, 75]


def test_where_every_poor_household_is_listed_the_rest_is_neither():
    found = rates([POOR, NEAR], ["a", "a"], totals=pd.Series({"a": 4, "b": 10}), holds="poor_and_near_poor")
    assert found.loc["a", "poor_household_pct"] == 25
    # The list does not name b at all: no poor household, or not in its reach.
    assert found.loc["b", ["poor_household_pct_low", "poor_household_pct_high"]].tolist() == [0, 100]
    without = rates([POOR, NEAR], ["a", "a"], holds="poor_and_near_poor")
    assert without.loc["a", "poor_household_count"] == 1 and without["poor_household_pct"].isna().all()
    assert pd.isna(without.loc["b", "poor_household_count"])


def test_some_households_give_no_rate_without_a_total():
    found = rates([POOR, NEITHER], ["a", "a"], holds="some")
    assert found["household_count"].isna().all() and found["poor_household_pct_low"].isna().all()


def test_a_unit_without_households_is_unknown_and_never_0():
    found = rates([POOR], ["a"])
    assert pd.isna(found.loc["b", "household_count"]) and pd.isna(found.loc["b", "poor_household_pct"])
    empty = rates([POOR], ["a"], totals=pd.Series({"b": 0}))
    assert pd.isna(empty.loc["b", "poor_household_pct"])


def test_a_smaller_total_does_not_count():
    found = rates([POOR, NEITHER], ["a", "a"], totals=pd.Series({"a": 1}))
    assert found.loc["a", ["household_count", "poor_household_pct"]].tolist() == [2, 50]


def test_share_of_some_property():
    answers = pd.Series([True, False, None], dtype="boolean")
    found = household_rates(answers, pd.Series(["a", "a", "b"]), UNITS, whole=pd.Series([2, 1], UNITS), name="x_pct")
    assert found["x_pct"].tolist()[0] == 50 and pd.isna(found.loc["b", "x_pct"])
    assert found.loc["b", ["x_pct_low", "x_pct_high"]].tolist() == [0, 100]


@pytest.mark.parametrize(("name", "value"), [("d_pct", 35.0), ("d_share", 0.35), ("d_count", 7)])
def test_shares_of_villages_by_the_ending_of_the_name(name, value):
    answers = pd.Series([True] * 7 + [False] * 13, dtype="boolean")
    found = share_of(answers, pd.Series(["a"] * 20), UNITS, name=name)
    assert found.loc["a", name] == value  # 7 of 20 is 35%, exactly on the threshold
    assert pd.isna(found.loc["b", name])


def test_two_of_three_is_two_thirds_exactly():
    found = share_of(pd.Series([True, True, False], dtype="boolean"), pd.Series(["a"] * 3), UNITS, name="m_share")
    assert found.loc["a", "m_share"] == 2 / 3


def test_unknown_and_unlisted_villages_leave_bounds():
    answers = pd.Series([True, None, False], dtype="boolean")
    found = share_of(answers, pd.Series(["a"] * 3), UNITS, name="d_pct", totals=pd.Series({"a": 4, "b": 2}))
    assert found.loc["a", ["d_pct_low", "d_pct_high"]].tolist() == [25, 75] and pd.isna(found.loc["a", "d_pct"])
    assert found.loc["b", ["d_pct_low", "d_pct_high"]].tolist() == [0, 100]


def test_a_row_without_a_unit_counts_nowhere():
    told = count_answers(pd.Series([True, True, None], dtype="boolean"), pd.Series(["a", None, "z"]), UNITS)
    assert told.loc["a"].tolist() == [1, 0, 0, 1] and told.loc["b"].tolist() == [0, 0, 0, 0]


def test_one_unknown_commune_leaves_the_province_unknown():
    communes = rates([POOR, NEITHER], ["a", "a"])
    above = roll_up(communes, pd.Series("04", index=UNITS), pd.Index(["04"]))
    assert above["poor_household_pct"].isna().all() and above["household_count"].isna().all()


def test_the_given_figure_stands_and_differences_are_told():
    given_ones, computed = (
        pd.Series([10.0, None, 12.3]).astype("Float64"),
        pd.Series([11.0, 5.0, 12.34]).astype("Float64"),
    )
    kept, differs = prefer_given(given_ones, computed, within=0.05)
    assert kept.tolist() == [10, 5, 12.3] and differs.tolist() == [True, False, False]


ANSWER = st.sampled_from([POOR, NEAR, NEITHER, UNKNOWN])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(ANSWER, st.integers(0, 5)), min_size=1, max_size=40))
def test_villages_add_up_to_communes_and_communes_to_the_province(rows):
    frame = classes(*(answer for answer, _ in rows))
    village = pd.Series([f"{at // 3}/{at}" for _, at in rows])  # six villages in two communes
    commune, province = village.str[0], village.str[:0]
    levels = [poverty_rates(frame, keys, pd.Index(sorted(keys.unique()))) for keys in (village, commune, province)]
    for name in ("household_count", "listed_household_count"):
        assert len({int(level[name].sum()) for level in levels}) == 1
    for name in ("poor_household_count", "near_poor_household_count", "poor_and_near_poor_household_count"):
        for end in ("_low", "_high"):
            assert len({int(level[name + end].sum()) for level in levels}) == 1
    above = roll_up(levels[1], pd.Series("", index=levels[1].index), pd.Index([""]))
    pd.testing.assert_frame_equal(above, levels[2][list(above)], check_dtype=False)
    by_commune = levels[0].groupby(levels[0].index.str[0])[["poor_household_count_low"]].sum()
    assert (by_commune["poor_household_count_low"] == levels[1]["poor_household_count_low"]).all()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from([True, False, None]), st.booleans()), min_size=1, max_size=12),
    st.integers(0, 15),
)
def test_filling_a_gap_stays_inside_the_bounds(rows, total):
    totals = pd.Series({"a": total})
    groups = pd.Series(["a"] * len(rows))
    before = share_of(pd.Series([r for r, _ in rows], dtype="boolean"), groups, UNITS, name="d_pct", totals=totals)
    filled = pd.Series([later if now is None else now for now, later in rows], dtype="boolean")
    after = share_of(filled, groups, UNITS, name="d_pct", totals=totals)
    assert before.loc["a", "d_pct_low"] <= after.loc["a", "d_pct_low"]
    assert before.loc["a", "d_pct_high"] >= after.loc["a", "d_pct_high"]
    known = before.loc["a", "d_pct"]
    assert pd.isna(known) or known == after.loc["a", "d_pct"]
