"""The cases that a planner wrote: one commune each, and what the decree makes of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from geontm.classify import fill_missing
from geontm.law import evaluate, outcome
from geontm.project.rulesets import list_rulesets, read_ruleset

FOLDER = Path(__file__).parent / "cases"
CASES = [
    (path.stem, case)
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def one_commune(ruleset: str, **values: object) -> pd.DataFrame:
    rules = read_ruleset(ruleset)
    index = pd.Index(["01001"], name="commune_code")
    given = {
        name: pd.Series([value], dtype=rules.indicators[name].dtype, index=index) for name, value in values.items()
    }
    table = pd.DataFrame(given, index=index)
    return fill_missing(table, [rules])[0]


def word(answer: object) -> str:
    return "unknown" if pd.isna(answer) else "met" if answer else "not_met"


@pytest.mark.parametrize(("ruleset", "case"), CASES, ids=[f"{ruleset}: {case['name']}" for ruleset, case in CASES])
def test_the_answer_agrees_with_the_decree(ruleset: str, case: dict[str, object]) -> None:
    rules = read_ruleset(ruleset)
    answers = evaluate(one_commune(ruleset, **case["commune"]), rules)
    if "decision" in case:
        decided = outcome(answers, rules).iloc[0]
        assert ("unknown" if pd.isna(decided) else decided) == case["decision"]
    for name, expected in case.get("answers", {}).items():
        assert word(answers[name].iloc[0]) == expected, name


def test_every_shipped_rule_set_has_cases() -> None:
    assert {ruleset for ruleset, _ in CASES} == {rules.id for rules in list_rulesets()}


def test_the_cases_use_both_sides_of_every_limit() -> None:
    """Each test of each rule set is met in some case and not met in another, so that no limit stands untried."""
    for rules in list_rulesets():
        rows = [evaluate(one_commune(name, **case["commune"]), rules) for name, case in CASES if name == rules.id]
        tried = pd.concat(rows)
        for test in rules.tests:
            assert set(tried[test.id].dropna()) == {True, False}, f"{rules.id}/{test.id}"
