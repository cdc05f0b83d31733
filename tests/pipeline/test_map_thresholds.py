"""What rule sets ask of a column is laid out for maps: every limit, its side, its article and whom it is for."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from geontm.classify import Question
from geontm.law import AllOf, ByGroup, Evidence, Range, Test, Times
from geontm.pipeline.thresholds import thresholds_of
from geontm.project import list_rulesets, national_figures, read_ruleset
from geontm.tables import Column, Label

RULES = read_ruleset("dbkk-2021")
POOR = Column("poor_household_pct", "number", Label("Hộ nghèo", "Poor"), "%")
REGION = Column(
    "region", "category", Label("Vùng", "Region"), choices={"a": Label("Vùng A", "A"), "b": Label("Vùng B", "B")}
)
DELTA, OTHERS = "Đồng bằng sông Cửu Long", "các nhóm khác"


def communes(*regions):
    codes = pd.Index([f"0000{k}" for k in range(len(regions))], name="commune_code")
    return pd.DataFrame({"region": pd.array(regions, dtype="str")}, index=codes)


def told(found):
    return [(each.value, each.comparison, [group.vi for group in each.groups], each.verified) for each in found]


def laid_out(rules, *regions, day=date(2025, 6, 30), allowed=(), figures=None):
    return thresholds_of([rules], communes(*regions), Question(day, allowed, figures or {}))


def of_one(threshold, *regions, comparison="at_least", status="verified", **options):
    test = Test("t", POOR, comparison, threshold, "3.1", Evidence(status), POOR.label)
    rules = replace(RULES, verdict=AllOf((test,)), outcomes=(), scope=None, group_override=None)
    return told(laid_out(rules, *(regions or ("a", "b")), **options).get("poor_household_pct", ()))


def test_the_limits_of_a_decree_with_their_articles():
    found = laid_out(RULES, "mekong_delta", "southeast")["poor_household_pct"]
    assert told(found) == [
        (10.0, "less_than", [], True),
        (12.0, "at_least", [DELTA], True),
        (15.0, "at_least", [DELTA, OTHERS], True),
        (15.0, "less_than", [DELTA], True),
        (20.0, "at_least", [OTHERS], True),
        (20.0, "less_than", [OTHERS], True),
    ]
    assert found[0].place == Label("Điều 4, 33/2020/QĐ-TTg", "Article 4, 33/2020/QĐ-TTg")
    assert found[0].ruleset == RULES.label


def test_a_region_that_the_project_lacks_is_left_out_and_an_only_one_is_not_named():
    found = laid_out(RULES, "southeast", "southeast")["poor_household_pct"]
    assert [(value, groups) for value, _, groups, _ in told(found)] == [(10.0, []), (15.0, []), (20.0, []), (20.0, [])]
    assert 12.0 in [value for value, *_ in told(laid_out(RULES, None)["poor_household_pct"])]


def test_one_level_for_all_groups_names_none():
    assert of_one(ByGroup("region", {"a": 20.0, "b": 20.0}, column=REGION)) == [(20.0, "at_least", [], True)]


def test_only_the_year_of_the_project_counts():
    years = ByGroup("year", {"2024": 40.0, "2025": ByGroup("region", {"a": 45.0, "b": 50.0}, column=REGION)})
    assert of_one(years) == [(45.0, "at_least", ["Vùng A"], True), (50.0, "at_least", ["Vùng B"], True)]
    assert of_one(years, day=date(2023, 1, 1)) == []


def test_a_multiple_of_a_national_figure_takes_the_latest_year_not_after_the_day():
    limit = Times(4.0, "rate")
    figures = {"rate": {2022: 4.03, 2024: 4.06, 2026: 9.9}}
    assert of_one(limit, figures=figures) == [(16.24, "at_least", [], True)]
    assert of_one(limit, figures={}) == []


def test_both_ends_of_a_range_keep_their_sides():
    assert of_one(Range(12.0, 15.0), comparison="within") == [
        (12.0, "at_least", [], True),
        (15.0, "less_than", [], True),
    ]
    closed = Range(12.0, 15.0, low_closed=False, high_closed=True)
    assert of_one(closed, comparison="within") == [(12.0, "more_than", [], True), (15.0, "at_most", [], True)]


def test_a_recalled_limit_is_marked_until_the_project_allows_it():
    assert of_one(20.0, status="recalled") == [(20.0, "at_least", [], False)]
    assert of_one(20.0, status="recalled", allowed=[f"{RULES.id}/t"]) == [(20.0, "at_least", [], True)]
    seen = ByGroup("region", {"a": 20.0, "b": 30.0}, column=REGION, seen=frozenset({"b"}))
    assert [verified for *_, verified in of_one(seen, status="recalled")] == [False, True]


def test_what_is_not_established_gives_no_bound():
    assert of_one(None) == []


@pytest.mark.parametrize("rules", list_rulesets(), ids=lambda rules: rules.id)
def test_every_rule_set_can_be_laid_out(rules):
    found = thresholds_of([rules], communes("mekong_delta", None), Question(date(2026, 6, 30), (), national_figures()))
    numeric = {test.indicator for test in rules.tests if test.column.type in ("number", "integer")}
    assert set(found) <= numeric
    assert all(each.place.vi for limits in found.values() for each in limits)
