"""Every threshold that is shipped against the research it came from, number by number, so that no slip passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from geontm.law import ByGroup, Range, RuleSet, Test, leaves
from geontm.project.rulesets import list_rulesets, read_ruleset

pytestmark = pytest.mark.realdata

# The research's keys and ours. Percent stays percent; its `in_mekong_delta` is a value of our column `region`.
INDICATORS = {
    "boundary_coincides_with_national_land_border": "is_border",
    "employed_without_training_3_months_share": "employed_without_training_pct",
    "ethnic_minority_household_share": "ethnic_minority_household_pct",
    "ethnic_minority_illiteracy_15_60": "ethnic_minority_illiteracy_pct",
    "ethnic_minority_share_of_poor_households": "ethnic_minority_of_poor_households_pct",
    "extremely_difficult_village_share": "extremely_difficult_village_pct",
    "poor_ethnic_minority_households": "poor_ethnic_minority_household_count",
    "poor_household_share": "poor_household_pct",
    "recognised_ntm": "new_rural_recognised",
    "road_length_district_centre_to_commune_centre": "district_road_km",
    "unmet_criteria_count": "unmet_region_criteria_count",
    "unpaved_share_of_that_road": "district_road_unpaved_pct",
}
UNITS = {"percent": "%", "households": "hộ", "km": "km", "count": "tiêu chí", "boolean": ""}
COMPARISONS = {">=": "at_least", ">": "more_than", "<=": "at_most", "<": "less_than", "==": "equals",
               "range_closed_open": "within"}  # fmt: skip
RULES = {
    "border": {"border": "land_border_commune"},
    "dbkk-2021": {"region_iii": "region_III", "region_i": "region_I"},
    "region-2026": {"region_iii": "region_III", "region_ii": "region_II", "region_i": "region_I"},
}


def theirs(node: Any) -> Iterator[tuple[Any, ...]]:
    """Yield every leaf of the research's rule: indicator, unit, comparison, threshold."""
    if isinstance(node, list):
        for part in node:
            yield from theirs(part)
    elif isinstance(node, dict) and node.get("indicator") == "in_mekong_delta":
        yield ("region", "", "equals", ("mekong_delta" if node["threshold"] else None))
    elif isinstance(node, dict) and "indicator" in node:
        unit = UNITS[node.get("unit", node.get("measure")) if node.get("unit") != "commune" else node["measure"]]
        yield (INDICATORS[node["indicator"]], unit, COMPARISONS[node["operator"]], plain(node["threshold"]))
    elif isinstance(node, dict):
        for key in ("all", "any", "of"):
            yield from theirs(node.get(key, []))


def plain(threshold: Any) -> Any:
    if isinstance(threshold, dict):
        return tuple(sorted((group, plain(limit)) for group, limit in threshold.items()))
    return tuple(map(float, threshold)) if isinstance(threshold, list) else threshold


def ours(test: Test) -> tuple[Any, ...]:
    return (test.indicator, test.column.unit, test.comparison, mine(test.threshold))


def mine(threshold: Any) -> Any:
    if isinstance(threshold, ByGroup):
        groups = {"default": threshold.default, **threshold.limits}
        return tuple(sorted((group, mine(limit)) for group, limit in groups.items()))
    return (threshold.low, threshold.high) if isinstance(threshold, Range) else threshold


def written(rules: RuleSet, outcome: str) -> Iterator[Test]:
    yield from leaves(rules.verdict if rules.verdict is not None else rules.outcome(outcome).when)


@pytest.fixture(scope="module")
def research(shared_data: Path) -> dict[str, Any]:
    folder = shared_data / "standards"
    return {name: yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")) for name in RULES}


@pytest.mark.parametrize(("ruleset", "outcome"), [(name, outcome) for name, all_ in RULES.items() for outcome in all_])
def test_every_threshold_is_the_one_of_the_research(research: dict[str, Any], ruleset: str, outcome: str) -> None:
    rule = research[ruleset]["rules"][RULES[ruleset][outcome]]
    expected = Counter(theirs(rule))
    assert expected
    assert Counter(map(ours, written(read_ruleset(ruleset), outcome))) == expected


def test_the_scope_is_the_one_of_the_research(research: dict[str, Any]) -> None:
    scope = read_ruleset("dbkk-2021").scope
    assert Counter([ours(scope)]) == Counter(theirs(research["dbkk-2021"]["scope"]["commune"]))


def test_no_rule_set_that_the_research_holds_is_left_out(shared_data: Path) -> None:
    researched = {path.stem for path in (shared_data / "standards").glob("*.yaml")}
    assert {rules.id for rules in list_rulesets()} >= researched


@pytest.mark.parametrize("ruleset", list(RULES))
def test_dates_articles_and_evidence_agree(research: dict[str, Any], ruleset: str) -> None:
    rules, found = read_ruleset(ruleset), research[ruleset]
    assert rules.in_force.start.isoformat() == found["valid_from"]
    assert (rules.in_force.end and rules.in_force.end.isoformat()) == found["valid_to"]
    assert rules.source.document in found["document"]["number"]
    assert rules.source.date.isoformat() == found["document"]["date"]
    known = set(sources(found))
    assert set(rules.source.urls) <= known
    for name, theirs_name in RULES[ruleset].items():
        rule = found["rules"][theirs_name]
        for test in written(rules, name):
            assert test.evidence.status == rule["evidence"]["status"]
            assert set(test.evidence.sources) <= known
            if "article" in rule:
                assert test.article == rule["article"]


def sources(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node.get("sources", []) if isinstance(node.get("sources"), list) else []
        for value in node.values():
            yield from sources(value)
    elif isinstance(node, list):
        for value in node:
            yield from sources(value)
