"""Thresholds by group and year, evidence, distances and reasons of the evaluator, on rule sets written here."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.classify import fill_missing
from geontm.errors import RuleError, VintageError
from geontm.law import Facts, RuleSet, evaluate, explain, outcome, require_in_force
from geontm.law.words import say_number
from geontm.project.rulesets import list_rulesets, read_ruleset

HEAD = """
id: trial
label: {vi: Bộ thử, en: Trial set}
unit: commune
source: {document: 1/QĐ, article: "1"}
in_force: {start: 2020-01-01, end: 2024-12-31}
columns: {is_extremely_difficult: verdict}
evidence: {status: verified, sources: ["https://example.org"]}
"""
DBKK = read_ruleset("dbkk-2021")


@pytest.fixture
def rules(tmp_path: Path):
    def read(verdict: str, head: str = HEAD) -> RuleSet:
        path = tmp_path / "trial.yaml"
        path.write_text(head + verdict, encoding="utf-8")
        return read_ruleset(path)

    return read


def communes(**columns: list[object]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    index = pd.Index([f"{number:05d}" for number in range(1, size + 1)], name="commune_code")
    return pd.DataFrame({name: pd.array(values) for name, values in columns.items()}, index=index)


def answers(table: pd.DataFrame, rules: RuleSet, **options: object) -> list[bool | None]:
    verdict = evaluate(table, rules, **options)[rules.id]
    return [None if pd.isna(value) else bool(value) for value in verdict]


def test_a_group_that_the_mapping_lacks_is_unknown_not_zero(rules) -> None:
    one = rules(
        "verdict:\n  id: a\n  indicator: poor_household_pct\n"
        "  at_most: {by: region, limits: {southeast: 5, mekong_delta: 9}}"
    )
    table = communes(
        poor_household_pct=[4.0, 7.0, 1.0, 1.0, 50.0],
        region=["southeast", "mekong_delta", "central_highlands", None, None],
    )
    # The third lies in a region that the law does not name. The region of the last two may be such a one.
    assert answers(table, one) == [True, True, None, None, None]


def test_an_unknown_group_is_decided_where_every_group_agrees(rules) -> None:
    limits = ", ".join(
        f"{name}: {limit}"
        for name, limit in {
            "northern_midlands_mountains": 5, "red_river_delta": 6, "north_central": 7, "south_central_coast": 8,
            "central_highlands": 9, "southeast": 10, "mekong_delta": 11,
        }.items()
    )  # fmt: skip
    one = rules(f"verdict: {{id: a, indicator: poor_household_pct, at_most: {{by: region, limits: {{{limits}}}}}}}")
    table = communes(poor_household_pct=[5.0, 5.1, 11.0, 11.1], region=[None, None, None, None])
    assert answers(table, one) == [True, None, None, False]


def test_a_threshold_by_year_and_region(rules) -> None:
    one = rules(
        """
verdict:
  id: income
  indicator: income_per_person_million_vnd
  at_least: {by: year, limits: {"2021": {by: region, limits: {southeast: 59}, default: 41}, "2022": 44}}
"""
    )
    table = communes(income_per_person_million_vnd=[45.0, 45.0], region=["southeast", "north_central"])
    assert answers(table, one, as_of=date(2021, 6, 1)) == [False, True]
    assert answers(table, one, as_of=date(2022, 6, 1)) == [True, True]
    assert answers(table, one, as_of=date(2023, 6, 1)) == [None, None]
    assert answers(table, one) == [None, None]


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ("at_least: 20", [False, True, True]),
        ("more_than: 20", [False, False, True]),
        ("at_most: 20", [True, True, False]),
        ("less_than: 20", [True, False, False]),
        ("equals: 20", [False, True, False]),
        ("within: {from: 19.5, below: 20}", [True, False, False]),
        ("within: {from: 20, below: 25}", [False, True, True]),
    ],
)
def test_values_on_the_limit_fall_on_the_right_side(rules, comparison: str, expected: list[bool]) -> None:
    one = rules(f"verdict: {{id: a, indicator: poor_household_pct, {comparison}}}")
    assert answers(communes(poor_household_pct=[19.5, 20.0, 20.5]), one) == expected


def test_one_of_several_categories(rules) -> None:
    one = rules("verdict: {id: a, indicator: region, one_of: [southeast, mekong_delta]}")
    assert answers(communes(region=["southeast", "north_central", None]), one) == [True, False, None]


def test_distance_is_positive_beyond_the_limit_and_negative_short_of_it(rules) -> None:
    one = rules(
        """
verdict:
  all:
    - {id: least, indicator: poor_household_pct, at_least: 20}
    - {id: under, indicator: poor_household_pct, less_than: 20}
    - {id: band, indicator: poor_household_pct, within: {from: 15, below: 20}}
    - {id: flag, indicator: new_rural_recognised, equals: false}
"""
    )
    table = communes(poor_household_pct=[25.0, 20.0, 14.0, None], new_rural_recognised=[True, False, None, None])
    long = explain(Facts(table), one, evaluate(table, one)).set_index(["test", "commune_code"])
    distance = long["distance"].astype(object).where(long["distance"].notna(), None)
    assert list(distance["least"]) == [5, 0, -6, None]
    assert list(distance["under"]) == [-5, 0, 6, None]
    assert list(distance["band"]) == [-5, 0, -1, None]
    assert list(distance["flag"]) == [None] * 4
    assert list(long.loc["band", "threshold"]) == ["[15, 20)"] * 4
    assert list(long.loc["least", "value"].fillna("")) == ["25", "20", "14", ""]


@pytest.mark.parametrize("status", ["recalled", "unknown"])
def test_a_threshold_that_was_not_verified_decides_only_by_name(rules, status: str) -> None:
    one = rules(f"verdict: {{id: a, indicator: poor_household_pct, at_least: 20, evidence: {{status: {status}}}}}")
    table = communes(poor_household_pct=[90.0])
    assert answers(table, one) == [None]
    long = explain(Facts(table), one, evaluate(table, one))
    assert "chưa đối chiếu" in long["reason_vi"][0]
    assert pd.isna(long["distance"][0])
    for allowed in ("trial", "a", "trial/a"):
        assert answers(table, one, allow_unverified=[allowed]) == [True]


def test_a_threshold_that_is_null_never_decides(rules) -> None:
    one = rules("verdict: {id: a, indicator: poor_household_pct, at_least: null}")
    table = communes(poor_household_pct=[90.0, None])
    assert answers(table, one, allow_unverified=["trial"]) == [None, None]
    assert "ngưỡng chưa xác lập" in explain(Facts(table), one, evaluate(table, one))["reason_vi"][0]


def test_a_column_that_is_not_there_is_a_programming_error(rules) -> None:
    one = rules("verdict: {id: a, indicator: poor_household_pct, at_least: 20}")
    with pytest.raises(RuleError, match="poor_household_pct"):
        evaluate(communes(population=[1]), one)


def test_reasons_name_value_threshold_distance_and_article_in_both_languages() -> None:
    table = communes(
        ethnic_minority_household_pct=[90.0], new_rural_recognised=[False], region=["central_highlands"],
        poor_household_pct=[22.75],
    )  # fmt: skip
    table, _ = fill_missing(table, [DBKK])
    long = explain(Facts(table), DBKK, evaluate(table, DBKK)).set_index("test")
    assert long.loc["poor_high", "reason_vi"] == (
        "Tỷ lệ hộ nghèo: 22,75%; điều kiện từ 20% trở lên: thỏa mãn, cách ngưỡng 2,75 điểm phần trăm."
        " Điều 3, 33/2020/QĐ-TTg."
    )
    assert long.loc["poor_high", "reason_en"] == (
        "Poor households: 22.75%; condition 20% or more: met, 2.75 percentage points from the threshold."
        " Article 3, 33/2020/QĐ-TTg."
    )
    assert long.loc["region_iii", "reason_vi"].startswith("Xã khu vực III (xã đặc biệt khó khăn), vì: ")
    assert "22,75%" in long.loc["region_iii", "reason_vi"]
    assert long.loc["dbkk-2021", "value"] == "region_iii"
    assert long.loc["far_from_district", "answer"] == "unknown"
    assert "chưa có số liệu" in long.loc["far_from_district", "reason_vi"]


def test_an_open_decision_names_what_would_decide() -> None:
    table = communes(
        ethnic_minority_household_pct=[90.0], new_rural_recognised=[False], region=["central_highlands"],
        poor_household_pct=[16.0],
    )  # fmt: skip
    table, _ = fill_missing(table, [DBKK])
    row = explain(Facts(table), DBKK, evaluate(table, DBKK)).set_index("test").loc["dbkk-2021"]
    assert row["answer"] == "unknown"
    assert "khu vực III" in row["reason_vi"]
    assert "khu vực II " in row["reason_vi"]
    assert "Tỷ lệ lao động chưa qua đào tạo từ 3 tháng (chưa có số liệu)" in row["reason_vi"]
    assert "Employed without three months of training (no figure)" in row["reason_en"]


def test_every_reason_is_nfc_and_has_no_hole() -> None:
    rows = {
        "ethnic_minority_household_pct": [90.0, 3.0, None, 40.0], "new_rural_recognised": [True, None, False, False],
        "region": ["mekong_delta", None, "southeast", None], "poor_household_pct": [5.5, None, 14.0, 17.0],
        "unmet_region_criteria_count": [2, 4, None, 7], "is_border": [True, False, None, True],
    }  # fmt: skip
    for rules in list_rulesets():
        if not rules.answers:
            continue
        known = {k: v for k, v in rows.items() if k in rules.indicators}
        table, _ = fill_missing(communes(**(known or {"population": [1, 2, 3, 4]})), [rules])
        long = explain(Facts(table), rules, evaluate(table, rules))
        for text in [*long["reason_vi"], *long["reason_en"]]:
            assert unicodedata.is_normalized("NFC", text)
            assert not set("{}\x00\x01") & set(text)
            assert "nan" not in text.lower().split()
        rows_of_a_unit = {*(leaf.id for leaf in rules.leaves), *(each.id for each in rules.outcomes)}
        assert rows_of_a_unit <= set(long["test"])
        assert (long.groupby("test").size() == 4).all()


@pytest.mark.parametrize(
    ("number", "near", "expected"),
    [(12.5, (), "12,5"), (1234567.0, (), "1.234.567"), (19.999, (20.0,), "19,999"), (19.999, (), "20"),
     (20.0, (20.0,), "20"), (0.001, (0.0,), "0,001"), (-3.456, (), "-3,46")],
)  # fmt: skip
def test_vietnamese_numbers_never_round_onto_the_limit(number: float, near: tuple[float, ...], expected: str) -> None:
    assert say_number(number, "vi", near=near) == expected


def test_a_rule_set_is_refused_outside_its_dates() -> None:
    require_in_force(DBKK, date(2025, 12, 31))
    require_in_force(DBKK, date(2026, 1, 1), allow=["dbkk-2021"])
    with pytest.raises(VintageError, match="dbkk-2021"):
        require_in_force([read_ruleset("border"), DBKK], date(2026, 1, 1))
    with pytest.raises(VintageError):
        require_in_force(DBKK, date(2020, 12, 30))


PERCENT = st.none() | st.sampled_from([9.9, 10, 12, 14.9, 15, 19.9, 20, 60, 61]) | st.floats(0, 100)
COMMUNE = st.fixed_dictionaries(
    {
        "ethnic_minority_household_pct": PERCENT,
        "new_rural_recognised": st.none() | st.booleans(),
        "region": st.none() | st.sampled_from(sorted(DBKK.indicators["region"].choices)),
        "poor_household_pct": PERCENT,
        "poor_ethnic_minority_household_count": st.none() | st.sampled_from([0, 150, 151, 500]),
        "ethnic_minority_of_poor_households_pct": PERCENT,
        "ethnic_minority_illiteracy_pct": PERCENT,
        "employed_without_training_pct": PERCENT,
        "district_road_km": PERCENT,
        "district_road_unpaved_pct": PERCENT,
    }
)


def typed(rows: list[dict[str, object]]) -> pd.DataFrame:
    index = pd.Index([f"{number:05d}" for number in range(len(rows))], name="commune_code")
    columns = {
        name: pd.Series([row[name] for row in rows], dtype=column.dtype, index=index)
        for name, column in DBKK.indicators.items()
    }
    return pd.DataFrame(columns, index=index)


@settings(deadline=None, max_examples=150)
@given(before=COMMUNE, later=COMMUNE)
def test_a_known_answer_survives_new_data(before: dict[str, object], later: dict[str, object]) -> None:
    filled = {name: later[name] if value is None else value for name, value in before.items()}
    both = evaluate(typed([before, filled]), DBKK)
    for name in both:
        old, new = both[name]
        assert pd.isna(old) or old == new, name


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(COMMUNE, min_size=1, max_size=5), data=st.data())
def test_the_order_of_rows_does_not_matter_and_inputs_stay_as_they_are(rows, data) -> None:
    table = typed(rows)
    kept = table.copy(deep=True)
    shuffled = table.loc[data.draw(st.permutations(list(table.index)))]
    whole, other = evaluate(table, DBKK), evaluate(shuffled, DBKK)
    pd.testing.assert_frame_equal(whole, other.loc[whole.index])
    explain(Facts(table), DBKK, whole)
    pd.testing.assert_frame_equal(table, kept)


@settings(deadline=None, max_examples=100)
@given(row=COMMUNE)
def test_at_most_one_outcome_holds_and_full_figures_decide(row: dict[str, object]) -> None:
    whole = evaluate(typed([row]), DBKK)
    held = [name for name in ("region_iii", "region_i", "region_ii") if whole[name].fillna(False).iloc[0]]
    assert len(held) <= 1
    decided = outcome(whole, DBKK).iloc[0]
    if all(value is not None for value in row.values()):
        assert pd.notna(decided)
    assert not held or decided == held[0]
