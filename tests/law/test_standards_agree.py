"""Every rule set that is shipped against the research it came from, number by number and both ways.

The research's words and ours are paired in ``docs/law/names.yaml``; everything else is read here anew, not by the
script that wrote the rule sets.
"""

from __future__ import annotations

import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from standards_form import all_sources, all_values, evidence_of_tree, mine, sources_of_tree, theirs

from geontm.law import Assessed, ByGroup, Range, RuleSet, Test, Times
from geontm.law import evidence_counts as count_evidence
from geontm.law.nodes import When, leaves
from geontm.project.rulesets import list_rulesets, read_ruleset

ROOT = Path(__file__).parents[2]
FORMS = yaml.safe_load((ROOT / "docs" / "law" / "sets.yaml").read_text(encoding="utf-8"))
SHIPPED = {rules.id: rules for rules in list_rulesets()}

# Rows of each standard by evidence: verified, recalled, unknown (its README; the files of one standard together).
COUNTS = {
    "admin-2025": (1, 0, 0), "border": (1, 0, 0), "coastal-2016": (1, 0, 0), "dbkk-2016": (3, 0, 0),
    "dbkk-2021": (3, 0, 0), "mountainous-2026": (3, 0, 0), "ntm-2009": (10, 0, 0), "ntm-2016": (15, 13, 0),
    "ntm-2021": (12, 47, 5), "ntm-2026": (0, 0, 10), "ntm-advanced-2021": (1, 2, 23), "ntm-district-2021": (6, 0, 0),
    "ntm-model-2018": (6, 0, 0), "ntm-model-2021": (4, 0, 0), "poor-district-2021": (0, 0, 4),
    "poverty-2016": (1, 0, 0), "poverty-2021": (1, 0, 0), "poverty-2026": (1, 0, 0), "programme-targets": (15, 0, 0),
    "region-2026": (1, 0, 0), "rural-roads": (0, 1, 0), "sdg-access": (2, 0, 0), "village-1385-2018": (1, 0, 0),
    "water-definitions": (1, 2, 0),
}  # fmt: skip

# Conditions of ours, and how many thresholds with a number or a word they compare with: group by group, both ends of a
# range. A threshold that slips in or out changes a line here.
LEAVES = {
    "area-2026": (2, 0), "border": (1, 1), "coastal-2016": (11, 9), "dbkk-2016": (17, 19), "dbkk-2016-village": (7, 9),
    "dbkk-2021": (13, 17), "dbkk-2021-village": (9, 14), "ethnic-minority-2026": (2, 2),
    "ethnic-minority-2026-province": (2, 2), "ethnic-minority-2026-village": (1, 1), "mountainous-2026": (2, 2),
    "mountainous-2026-province": (2, 2), "mountainous-2026-village": (2, 2), "ntm-2009": (27, 64),
    "ntm-2016": (50, 89), "ntm-2021": (69, 121), "ntm-2026": (10, 0), "ntm-2026-group": (5, 4),
    "ntm-advanced-2021": (79, 5), "ntm-district-2021": (15, 6), "ntm-district-2021-without-communes": (6, 4),
    "ntm-model-2018": (10, 6), "ntm-model-2021": (4, 3), "poor-district-2021": (4, 0),
    "poor-district-2021-commune": (1, 0), "poverty-2016": (6, 16), "poverty-2021": (5, 10), "poverty-2026": (4, 6),
    "programme-targets": (15, 15), "region-2026": (6, 6), "region-2026-village": (3, 4), "village-1385-2018": (1, 0),
}  # fmt: skip

# Which rule of the research stands where in ours: file, and part of it ("" is the verdict).
RULES = {
    "border": {"land_border_commune": ("border", "")},
    "coastal-2016": {"coastal_dbkk": ("coastal-2016", "")},
    "dbkk-2016": {
        "region_III": ("dbkk-2016", "region_iii"), "region_II": ("dbkk-2016", "region_ii"),
        "region_I": ("dbkk-2016", "region_i"), "village_dbkk": ("dbkk-2016-village", ""),
    },
    "dbkk-2021": {
        "region_III": ("dbkk-2021", "region_iii"), "region_II": ("dbkk-2021", "region_ii"),
        "region_I": ("dbkk-2021", "region_i"), "village_dbkk": ("dbkk-2021-village", ""),
    },
    "mountainous-2026": {
        "mountainous_commune": ("mountainous-2026", ""), "mountainous_village": ("mountainous-2026-village", ""),
        "mountainous_province": ("mountainous-2026-province", ""),
        "ethnic_minority_commune": ("ethnic-minority-2026", ""),
        "ethnic_minority_village": ("ethnic-minority-2026-village", ""),
        "ethnic_minority_province": ("ethnic-minority-2026-province", ""),
        "ethnic_minority_and_mountainous_commune": ("area-2026", ""),
    },
    "ntm-model-2021": {"model_commune": ("ntm-model-2021", "")},
    "region-2026": {
        "region_III": ("region-2026", "region_iii"), "region_II": ("region-2026", "region_ii"),
        "region_I": ("region-2026", "region_i"), "village_dbkk": ("region-2026-village", ""),
    },
    **{
        name: {rule: (name, rule) for rule in rules}
        for name, rules in {
            "poverty-2016": ("poor", "near_poor", "mean_living"),
            "poverty-2021": ("poor", "near_poor", "mean_living"),
            "poverty-2026": ("poor", "near_poor"),
        }.items()
    },
}  # fmt: skip
# Carried as facts, because nothing is classified by them.
RULES_AS_FACTS = {"border": {"sea_border_area_commune", "air_border_area"}}
# Conditions of ours that the research states outside its rules and rows; everything else must be there.
ADDED = {
    "dbkk-2016": {"in_area"},  # "of the ethnic minority and mountainous area", in the note on region I
    "ntm-2021": {"extremely_difficult_commune", "safe_zone", "poor_district"},  # region_override, in words
    "ntm-advanced-2021": {
        "new_rural",
        "extremely_difficult_commune",
        "safe_zone",
        "poor_district",
    },  # `requires`; the same
    "ntm-2026-group": {"region_ii_or_iii"},  # groups.group_3.ref
    "poor-district-2021-commune": {"commune_criteria"},  # named by the title of the decision, not one was seen
    "ntm-district-2021-without-communes": {"rest"},
}


# --- without the research: what is shipped is what was counted here once


def parts_of(standard: str) -> list[RuleSet]:
    return [rules for rules in SHIPPED.values() if rules.part_of == standard]


def test_every_set_belongs_to_a_standard() -> None:
    assert {rules.part_of or rules.id for rules in SHIPPED.values()} == set(COUNTS)
    assert {name for name, rules in SHIPPED.items() if rules.leaves} == set(LEAVES)


@pytest.mark.parametrize("standard", COUNTS)
def test_rows_by_evidence_are_those_of_the_standard(standard: str) -> None:
    found = count_evidence(read_ruleset(standard), parts_of(standard))
    assert tuple(found[status] for status in ("verified", "recalled", "unknown")) == COUNTS[standard]


@pytest.mark.parametrize("name", LEAVES)
def test_every_set_has_its_conditions_and_numbers(name: str) -> None:
    numbers = [limit for test in SHIPPED[name].tests for limit in limits(test.threshold)]
    assert (len(SHIPPED[name].leaves), len(numbers)) == LEAVES[name]


@pytest.mark.parametrize("rules", SHIPPED.values(), ids=lambda rules: rules.id)
def test_what_is_not_established_holds_no_number(rules: RuleSet) -> None:
    for test in rules.tests:
        if test.evidence.status == "unknown" or test.set_by:
            assert list(limits(test.threshold)) == []
    for fact in rules.facts:
        assert fact.evidence.status != "unknown"
    for row in (*rules.leaves, *rules.definitions, *rules.facts):
        assert "draft" not in row.evidence.note


def limits(threshold: Any) -> Iterator[Any]:
    """Yield every number or word of a threshold."""
    match threshold:
        case None:
            return
        case ByGroup():
            for each in (*threshold.limits.values(), threshold.default):
                yield from limits(each)
        case Times():
            yield from limits(threshold.factor)
        case Range():
            yield from (threshold.low, threshold.high)
        case tuple():
            yield from threshold
        case _:
            yield threshold


# --- with the research


@pytest.fixture(scope="module")
def research(shared_data: Path) -> dict[str, Any]:
    folder = shared_data / "standards"
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))}


@pytest.mark.realdata
def test_no_standard_and_no_rule_is_left_out(research: dict[str, Any]) -> None:
    assert set(research) == set(COUNTS)
    for name, standard in research.items():
        known = set(RULES.get(name, {})) | RULES_AS_FACTS.get(name, set())
        assert set(standard.get("rules", {})) == known, name


@pytest.mark.realdata
def test_the_counts_are_those_of_its_readme(shared_data: Path) -> None:
    text = (shared_data / "standards" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9-]+) \|.*\| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text, flags=re.MULTILINE)
    found = {name: tuple(map(int, counts)) for name, _, *counts in rows if not name[0].isdigit()}
    assert found == COUNTS


@pytest.mark.realdata
@pytest.mark.parametrize(("standard", "rule"), [(name, rule) for name, rules in RULES.items() for rule in rules])
def test_every_rule_is_the_one_of_the_research(research: dict[str, Any], standard: str, rule: str) -> None:
    """Shape, indicators, comparisons, thresholds, evidence: the whole tree."""
    name, part = RULES[standard][rule]
    raw, rules = research[standard]["rules"][rule], read_ruleset(name)
    if raw.get("otherwise"):
        assert rules.outcome(part).when is None
        assert rules.outcomes[-1].id == part
        return
    ours = rules.outcome(part).when if part else rules.verdict
    assert mine(ours) == theirs(raw, standard)
    if rules.criteria:  # numbered rows bear an evidence of their own, compared below
        return
    found, expected = evidence_of_tree(ours), dict(sources_of_tree(raw, standard))
    assert set(found) == set(expected)
    for test, (status, sources) in expected.items():
        assert found[test][0] == status
        # Those written by hand state once, for the whole set, what several rules of the research share.
        assert set(sources) == set(found[test][1]) or (name not in FORMS and set(sources) <= set(found[test][1]))


@pytest.mark.realdata
@pytest.mark.parametrize("standard", ["dbkk-2021"])
def test_the_scope_is_the_one_of_the_research(research: dict[str, Any], standard: str) -> None:
    for unit, name in (("commune", standard), ("village", f"{standard}-village")):
        assert mine(read_ruleset(name).scope) == theirs(research[standard]["scope"][unit], standard)


@pytest.mark.realdata
@pytest.mark.parametrize("standard", COUNTS)
def test_every_row_is_the_one_of_the_research(research: dict[str, Any], standard: str) -> None:
    """Each numbered row, and none beside them: name, test, levels by group and year, who sets it, evidence, sources."""
    rows = {row["code"]: row for row in research[standard]["criteria"]}
    files = [read_ruleset(standard), *parts_of(standard)]
    found = {row.code for rules in files for row in (*rules.leaves, *rules.definitions) if row.code}
    assert found == set(rows)
    for rules in files:
        for row in (*rules.leaves, *rules.definitions):
            if row.code:
                require_same_row(row, rows[row.code], standard, rules)


def require_same_row(row: Any, raw: dict[str, Any], standard: str, rules: RuleSet) -> None:
    assert row.evidence.status == raw["evidence"]["status"], row.code
    if rules.criteria or rules.definitions:
        assert list(row.evidence.sources) == raw["evidence"]["sources"], row.code
        assert row.evidence.confidence == raw["evidence"].get("confidence", ""), row.code
        own = FORMS.get(rules.id, {}).get("criteria", {}).get("labels", {})
        assert (row.label.vi == raw["name_vi"] and row.label.en == raw["name_en"]) or row.code in own
    if rules.criteria and isinstance(row, Test):
        assert mine(row) == theirs({key: raw[key] for key in raw if key != "applies_when"}, standard), row.code
        seen = raw["evidence"].get("verified_values", {})
        groups = {group for group in seen if isinstance(row.threshold, ByGroup) and group in row.threshold.limits}
        assert (row.threshold.seen if isinstance(row.threshold, ByGroup) else set()) == groups
        for name, value in seen.items():
            assert f"seen: {name} {value}" in row.evidence.note
    if isinstance(row, (Test, Assessed)):
        assert bool(row.set_by) == (isinstance(raw["threshold"], dict) and "set_by" in raw["threshold"])


@pytest.mark.realdata
@pytest.mark.parametrize("standard", [name for name, rules in SHIPPED.items() if rules.criteria])
def test_criteria_are_those_of_the_research(research: dict[str, Any], standard: str) -> None:
    rules, data = read_ruleset(standard), research[standard]
    listed = data.get("criteria_list", [])
    if listed:
        assert [(c.no, c.label.vi, c.label.en) for c in rules.criteria] == [
            (c["no"], c["name_vi"], c["name_en"]) for c in listed
        ]
        sizes = [c["indicators_per_criterion"] for c in listed if "indicators_per_criterion" in c]
        assert all(c.sized for c in rules.criteria) == bool(sizes)
        if sizes:
            assert [c.size for c in rules.criteria] == sizes
            assert sum(sizes) == data["counts"]["indicators"]
    counts = data.get("counts", {})
    number = counts.get("criteria", counts.get("groups", counts.get("ntm", {}).get("criteria")))
    assert number is None or len(rules.criteria) == number
    for criterion in rules.criteria:
        for leaf in leaves(criterion):
            if leaf.code:
                assert re.match(r"\d+", leaf.code)[0] == criterion.no


@pytest.mark.realdata
def test_conditions_on_when_a_row_applies(research: dict[str, Any]) -> None:
    rows = {row["code"]: row for row in research["ntm-2021"]["criteria"]}
    found = {
        node.of.code: node.applies for c in read_ruleset("ntm-2021").criteria for node in c.of if isinstance(node, When)
    }
    assert set(found) == {code for code, row in rows.items() if "applies_when" in row}
    for code, applies in found.items():
        assert mine(applies) == theirs(rows[code]["applies_when"], "ntm-2021")


@pytest.mark.realdata
@pytest.mark.parametrize("name", LEAVES)
def test_nothing_is_added(research: dict[str, Any], name: str) -> None:
    """Each condition is a numbered row, a leaf of a rule that was compared, or one of the few that are named above."""
    rules = SHIPPED[name]
    compared = {leaf.id for leaf in rules.leaves if leaf.code}
    standard = rules.part_of or name
    for other, part in RULES.get(standard, {}).values():
        if other == name and not (part and rules.outcome(part).when is None):
            compared |= {leaf.id for leaf in leaves(rules.outcome(part).when if part else rules.verdict)}
    if standard == "dbkk-2021":
        compared |= {leaf.id for leaf in leaves(rules.scope)}
    if name == "ntm-2026-group":
        raw = research["ntm-2026"]["groups"]["group_1"]
        assert mine(rules.outcome("group_1").when) == theirs(raw, standard)
        compared |= {leaf.id for leaf in leaves(rules.outcome("group_1").when)}
    if name == "ntm-district-2021-without-communes":
        rows = {row["code"]: row for row in research[standard]["variants"][0]["criteria"]}
        assert {leaf.id: mine(leaf) for leaf in rules.tests} == {
            code: theirs(row, standard) for code, row in rows.items()
        }
        compared |= set(rows)
    left = {leaf.id for leaf in rules.leaves} - compared - ADDED.get(name, set())
    # Indicators that the law counts and the research does not list can only be assessed, and say so.
    unlisted = {leaf.id for leaf in rules.leaves if isinstance(leaf, Assessed) and leaf.evidence.status == "unknown"}
    applies = {f"{leaf.code}-applies" for leaf in rules.leaves if leaf.code}
    assert left <= unlisted | applies
    assert ADDED.get(name, set()) <= {leaf.id for leaf in rules.leaves}


@pytest.mark.realdata
@pytest.mark.parametrize("name", SHIPPED)
def test_dates_and_documents_agree(research: dict[str, Any], name: str) -> None:
    rules = SHIPPED[name]
    found = research[rules.part_of or name]
    variant = FORMS.get(name, {}).get("document")
    if variant is None:
        assert rules.in_force.start.isoformat() == found["valid_from"]
        assert rules.source.document in found["document"]["number"]
        assert rules.source.date is None or str(rules.source.date) == found["document"]["date"]
        assert rules.source.date is not None or found["document"]["date"] is None or " " in found["document"]["date"]
    else:
        described = found["variants"][FORMS[name]["variant"]]["document"]
        assert described == f"{rules.source.document} ({rules.source.date})"
    assert (rules.in_force.end and rules.in_force.end.isoformat()) == found["valid_to"]
    known = set(all_sources(found))
    assert set(rules.source.urls) <= known
    for row in (*rules.leaves, *rules.definitions, *rules.facts):
        assert set(row.evidence.sources) <= known


@pytest.mark.realdata
@pytest.mark.parametrize("name", [name for name, rules in SHIPPED.items() if rules.facts])
def test_every_fact_stands_in_the_research(research: dict[str, Any], name: str) -> None:
    found = research[SHIPPED[name].part_of or name]
    values = {repr(value) for value in all_values(found)}
    for fact in SHIPPED[name].facts:
        if re.fullmatch(r"deprivation_\d+_rule", fact.key):
            number = int(fact.key.split("_")[1])
            assert fact.label.en.casefold() == found["indicators"][number - 1]["deprivation_rule"].casefold()
        elif fact.key != "sea_border_area_commune":
            assert repr(list(fact.value) if isinstance(fact.value, tuple) else fact.value) in values, fact.key


@pytest.mark.realdata
def test_the_deprivations_are_those_of_the_standards(research: dict[str, Any]) -> None:
    for name in ("poverty-2016", "poverty-2021", "poverty-2026"):
        facts = {fact.key: fact for fact in SHIPPED[name].facts}
        for each in research[name]["indicators"]:
            key = f"deprivation_{each['no']}"
            if each["evidence"]["status"] == "unknown":
                assert key not in facts
                continue
            assert (facts[key].label.vi, facts[key].value) == (each["name_vi"], each["dimension"])
            assert facts[key].evidence.status == "verified"
            if each["deprivation_rule"] and not each["deprivation_rule"].startswith("draft"):
                assert facts[f"{key}_rule"].evidence.status == each["evidence"]["status"] == "recalled"
            else:
                assert f"{key}_rule" not in facts


@pytest.mark.realdata
def test_the_script_gives_the_same_bytes(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = ROOT / "src" / "geontm" / "data"
    for folder in ("rulesets", "tables"):
        shutil.copytree(shipped / folder, tmp_path / folder)
    before = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "law"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    importlib.import_module("build_rulesets").main(shared_data / "standards", tmp_path)
    assert {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.yaml")} == before
