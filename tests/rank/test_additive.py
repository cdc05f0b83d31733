"""The weighted score: what is visible by eye, and what must hold for all data."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.errors import ProjectError
from geontm.project.dictionary import read_dictionary
from geontm.rank import Ranking, order

DICTIONARY = read_dictionary("indicators")
WEIGHTS = {"poor_household_pct": 1.0, "clean_water_pct": 3.0}


def communes(poor: list[float | None], water: list[float | None]) -> pd.DataFrame:
    index = pd.Index([f"{number:05d}" for number in range(1, len(poor) + 1)], name="commune_code")
    return pd.DataFrame(
        {"poor_household_pct": pd.array(poor, dtype="Float64"), "clean_water_pct": pd.array(water, dtype="Float64")},
        index=index,
    )


def ranked(table: pd.DataFrame, weights: dict[str, float] | None = None) -> pd.DataFrame:
    return order(table, Ranking(weights or WEIGHTS), DICTIONARY).table


def plain(column: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else value for value in column]


def test_high_poverty_and_little_clean_water_come_first() -> None:
    table = ranked(communes([40, 10, 20], [50, 100, 60]))
    assert plain(table["priority_score"]) == pytest.approx([1, 0, 1 / 4 / 3 + 3 / 4 * 0.8])
    assert plain(table["priority_rank"]) == [1, 3, 2]
    assert plain(table["part_poor_household_pct"]) == pytest.approx([0.25, 0, 0.25 / 3])
    assert plain(table["part_clean_water_pct"]) == pytest.approx([0.75, 0, 0.6])


def test_a_gap_gives_a_range_and_no_rank() -> None:
    table = ranked(communes([40, None, 10, 10], [50, 90, 100, 100]))
    assert plain(table["priority_score"]) == [1, None, 0, 0]
    assert plain(table["priority_score_low"]) == pytest.approx([1, 0.15, 0, 0])
    assert plain(table["priority_score_high"]) == pytest.approx([1, 0.4, 0, 0])
    assert plain(table["priority_rank"]) == [1, None, 3, 3]
    assert plain(table["rank_best"]) == [1, 2, 3, 3]
    assert plain(table["rank_worst"]) == [1, 2, 3, 3]
    assert plain(table["part_poor_household_pct"]) == [0.25, None, 0, 0]


def test_a_unit_that_only_might_come_before_counts_in_the_worst_rank_alone() -> None:
    table = ranked(communes([40, 20, 10, None], [50, 60, 100, None]))
    assert plain(table["priority_rank"]) == [1, 2, 3, None]
    assert plain(table["rank_worst"]) == [1, 3, 4, 3]  # at its worst the last ties with the third
    assert table.loc["00004", ["rank_best", "rank_worst"]].tolist() == [1, 3]


def test_ties_share_a_rank_and_the_next_is_left_out() -> None:
    table = ranked(communes([10, 30, 30, 50], [50, 50, 50, 50]))
    assert plain(table["priority_rank"]) == [4, 2, 2, 1]
    assert plain(table["part_clean_water_pct"]) == [0, 0, 0, 0]  # the same everywhere: sets nobody apart


def test_ranks_are_made_before_rounding() -> None:
    table = ranked(communes([0, 50.0001, 50, 100], [0] * 4), {"poor_household_pct": 1})
    assert plain(table["priority_rank"]) == [4, 2, 3, 1]


def test_sums_that_differ_by_floating_point_only_are_ties() -> None:
    """0.1 + 0.2 is not 0.3 in binary; two communes with the same score must not be set apart by that."""
    names = ["poor_household_pct", "near_poor_household_pct", "road_gap_pct"]
    index = pd.Index(["1", "2", "3", "4"], name="commune_code")
    table = pd.DataFrame(
        [[100, 100, 0], [0, 0, 100], [0, 0, 0], [100, 100, 100]], columns=names, index=index, dtype=float
    )
    ranks = order(table, Ranking(dict(zip(names, (0.1, 0.2, 0.3), strict=True))), DICTIONARY).table["priority_rank"]
    assert ranks["1"] == ranks["2"] == 2


def test_an_absent_indicator_leaves_everyone_without_a_rank_and_is_told() -> None:
    priority = order(communes([1, 2], [3, 4])[["poor_household_pct"]], Ranking(WEIGHTS), DICTIONARY)
    assert priority.table["priority_rank"].isna().all()
    assert plain(priority.table["priority_score_high"] - priority.table["priority_score_low"]) == [0.75, 0.75]
    assert [issue.message.id for issue in priority.issues] == ["rank.indicator_absent"]
    gaps = order(communes([1, None], [3, 4]), Ranking(WEIGHTS), DICTIONARY).issues
    assert [(issue.message.id, issue.column) for issue in gaps] == [("rank.indicator_gaps", "poor_household_pct")]
    assert "1 trên 2" in gaps[0].message.text("vi")


def test_a_direction_can_be_declared_and_turned() -> None:
    table = communes([10, 20], [0, 0]).assign(population=[500, 100])
    ranks = order(table, Ranking({"population": 1}, directions={"population": "low"}), DICTIONARY).table
    assert plain(ranks["priority_rank"]) == [1, 2]
    turned = order(table, Ranking({"poor_household_pct": 1}, directions={"poor_household_pct": "high"}), DICTIONARY)
    assert plain(turned.table["priority_rank"]) == [1, 2]


def test_a_verdict_can_be_an_indicator() -> None:
    table = communes([1, 1, 1], [1, 1, 1]).assign(is_extremely_difficult=pd.array([False, True, None], dtype="boolean"))
    ranks = order(table, Ranking({"is_extremely_difficult": 2}), DICTIONARY).table["priority_rank"]
    assert plain(ranks) == [2, 1, None]


@pytest.mark.parametrize(
    ("ranking", "named"),
    [
        (Ranking({}), "rank"),
        (Ranking({"poor_houshold_pct": 1}), "poor_household_pct"),
        (Ranking({"region": 1}), "region"),
        (Ranking({"population": 1}), "rank.directions"),
        (Ranking({"poor_household_pct": 0}), "poor_household_pct"),
        (Ranking({"poor_household_pct": -1}), "-1"),
        (Ranking({"poor_household_pct": float("nan")}), "nan"),
        (Ranking({"poor_household_pct": float("inf")}), "inf"),
        (Ranking({"poor_household_pct": True}), "True"),
        (Ranking(WEIGHTS, method="topsis"), "topsis"),
        (Ranking(WEIGHTS, directions={"population": "low"}), "population"),
    ],
)
def test_a_wrong_choice_is_refused_with_a_remedy(ranking: Ranking, named: str) -> None:
    with pytest.raises(ProjectError) as caught:
        order(communes([1, 2], [3, 4]), ranking, DICTIONARY)
    assert named in caught.value.text("vi")
    assert caught.value.text("vi") != caught.value.text("en")


def test_no_units_give_an_empty_table() -> None:
    assert ranked(communes([], [])).empty


VALUES = st.none() | st.integers(0, 100) | st.floats(0, 100)
ROWS = st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=8)
WEIGHT = st.integers(1, 9)


def of(rows: list[tuple[float | None, float | None]]) -> pd.DataFrame:
    return communes([row[0] for row in rows], [row[1] for row in rows])


@settings(deadline=None)
@given(rows=ROWS, poor=WEIGHT, water=WEIGHT)
def test_doubling_all_weights_changes_nothing(rows, poor: int, water: int) -> None:
    once = ranked(of(rows), {"poor_household_pct": poor, "clean_water_pct": water})
    twice = ranked(of(rows), {"poor_household_pct": 2 * poor, "clean_water_pct": 2 * water})
    pd.testing.assert_frame_equal(once, twice)


@settings(deadline=None)
@given(rows=ROWS, data=st.data())
def test_the_order_of_rows_and_of_weights_does_not_matter(rows, data) -> None:
    table = of(rows)
    kept = table.copy(deep=True)
    whole = ranked(table)
    shuffled = ranked(table.loc[data.draw(st.permutations(list(table.index)))], dict(reversed(WEIGHTS.items())))
    pd.testing.assert_frame_equal(whole, shuffled.loc[whole.index, list(whole.columns)])
    pd.testing.assert_frame_equal(table, kept)


@settings(deadline=None)
@given(rows=ROWS, filling=st.tuples(st.floats(0, 100), st.floats(0, 100)), data=st.data())
def test_filling_a_gap_lands_inside_the_range(rows, filling, data) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    filled = list(rows)
    filled[place] = tuple(new if old is None else old for old, new in zip(rows[place], filling, strict=True))
    before, after = ranked(of(rows)).iloc[place], ranked(of(filled)).iloc[place]
    assert before["priority_score_low"] - 1e-9 <= after["priority_score"] <= before["priority_score_high"] + 1e-9


@settings(deadline=None)
@given(rows=ROWS)
def test_ranks_lie_in_their_interval_and_follow_the_scores(rows) -> None:
    table = ranked(of(rows))
    assert (table["rank_best"] <= table["rank_worst"]).all()
    assert table["rank_best"].between(1, len(table)).all()
    assert table["rank_worst"].between(1, len(table)).all()
    known = table[table["priority_rank"].notna()]
    assert (known["priority_rank"] == known["rank_best"]).all()
    assert known["priority_score"].notna().equals(known["priority_rank"].notna())
    if len(known) == len(table):
        assert (table["rank_best"] == table["rank_worst"]).all()
        expected = known["priority_score"].rank(method="min", ascending=False).astype("Int64")
        assert (known["priority_rank"] == expected).all()


@settings(deadline=None)
@given(rows=ROWS)
def test_the_parts_add_up_to_the_score(rows) -> None:
    table = ranked(of(rows))
    known = table[table["priority_score"].notna()]
    parts = known["part_poor_household_pct"] + known["part_clean_water_pct"]
    assert ((parts - known["priority_score"]).abs() < 1e-9).all()
