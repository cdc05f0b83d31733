"""The cases that a planner wrote: one unit each, and what the decree makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from geontm.classify import fill_missing
from geontm.law import Facts, Reference, RuleSet, Test, answer, outcome
from geontm.project.rulesets import list_rulesets, national_figures, read_ruleset

FOLDER = Path(__file__).parent / "cases"
CASES = [
    (path.stem, case)
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
INDEX = pd.Index(["01001"], name="commune_code")
# The limits of the numbered sets are tried on both sides by tests/law, from the rule sets themselves.
RULED = {
    rules.id for rules in list_rulesets() if rules.answers and not rules.criteria and (rules.tests or rules.references)
}


def one_unit(rules: RuleSet, values: Mapping[str, object]) -> pd.DataFrame:
    given = {
        name: pd.Series([value], dtype=rules.indicators[name].dtype, index=INDEX) for name, value in values.items()
    }
    return fill_missing(pd.DataFrame(given, index=INDEX), [rules])[0]


def decided(ruleset: str, decision: object) -> pd.DataFrame:
    """Return the answers of another set that decided so: the id of an outcome, true or false, or null for unknown."""
    names = [each.id for each in read_ruleset(ruleset).outcomes]
    row = {name: None if decision is None else name == decision for name in names}
    row[ruleset] = None if decision is None else (decision in names if names else decision)
    return pd.DataFrame({name: pd.array([value], dtype="boolean") for name, value in row.items()}, index=INDEX)


def asked(rules: RuleSet, case: Mapping[str, Any]) -> Facts:
    """Read a case: the unit, the day, what other sets decided, what was assessed, and whether recalled limits count."""
    assessed = {name: pd.array([value], dtype="boolean") for name, value in case.get("assessed", {}).items()}
    return Facts(
        one_unit(rules, case[rules.unit]),
        as_of=case.get("as_of", rules.in_force.start),
        allow_unverified=[rules.id] if case.get("recalled") else [],
        figures=national_figures(),
        rulings={name: decided(name, value) for name, value in case.get("reads", {}).items()},
        assessed={rules.id: pd.DataFrame(assessed, index=INDEX)} if assessed else {},
    )


def word(answer: object) -> str:
    return "unknown" if pd.isna(answer) else "met" if answer else "not_met"


@pytest.mark.parametrize(("ruleset", "case"), CASES, ids=[f"{ruleset}: {case['name']}" for ruleset, case in CASES])
def test_the_answer_agrees_with_the_decree(ruleset: str, case: dict[str, Any]) -> None:
    rules = read_ruleset(ruleset)
    answers = answer(asked(rules, case), rules)
    assert "decision" in case or "answers" in case
    if "decision" in case:
        found = outcome(answers, rules).iloc[0]
        assert ("unknown" if pd.isna(found) else found) == case["decision"]
    for name, expected in case.get("answers", {}).items():
        assert word(answers[name].iloc[0]) == expected, name


def test_every_shipped_rule_set_has_cases() -> None:
    assert {ruleset for ruleset, _ in CASES} >= RULED


@pytest.mark.parametrize("ruleset", sorted(RULED))
def test_the_cases_use_both_sides_of_every_limit(ruleset: str) -> None:
    """Each test of each rule set is met in some case and not met in another, so that no limit stands untried."""
    rules = read_ruleset(ruleset)
    cases = [case | {"recalled": True} for name, case in CASES if name == ruleset]
    tried = pd.concat([answer(asked(rules, case), rules) for case in cases])
    for leaf in rules.leaves:
        if isinstance(leaf, Reference) or (isinstance(leaf, Test) and leaf.threshold is not None):
            assert set(tried[leaf.id].dropna()) == {True, False}, leaf.id
