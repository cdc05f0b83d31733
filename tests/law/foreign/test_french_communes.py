"""A law of another country by the same engine: the French rural revitalisation zones of 2005 and 2013.

Facts are those of the documents named in the files beside this one. The law brings a dictionary of its own; nothing in
the engine knows of France.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.classify import Question, evaluate_all, fill_missing
from geontm.errors import RuleError
from geontm.law import RuleSet, answer, edition, evaluate, outcome, require_consistent
from geontm.project import read_ruleset
from geontm.tables import Column, Label, Table
from law_draws import whole, with_gaps

HERE = Path(__file__).parent


def dictionary() -> Table:
    """Read the columns of the French rule sets."""
    raw = yaml.safe_load((HERE / "columns.yaml").read_text(encoding="utf-8"))
    columns = {}
    for name, entry in raw["columns"].items():
        least, most = entry.pop("range", (None, None))
        label = Label(**entry.pop("label"))
        columns[name] = Column(name=name, label=label, minimum=least, maximum=most, **entry)
    return Table("france", tuple(raw["key"]), columns)


SETS: dict[str, RuleSet] = {path.stem: read_ruleset(path, dictionary()) for path in sorted(HERE.glob("fr-*.yaml"))}
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))


def one_commune(rules: RuleSet, **values: object) -> pd.DataFrame:
    index = pd.Index(["73001"], name="commune_code")
    given = {
        name: pd.Series([value], index=index, dtype=rules.indicators[name].dtype) for name, value in values.items()
    }
    return fill_missing(pd.DataFrame(given, index=index), [rules])[0]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_answer_agrees_with_the_documents(case: dict[str, Any], name: str) -> None:
    rules = SETS[name]
    decided = outcome(evaluate(one_commune(rules, **case["commune"]), rules), rules).iloc[0]
    assert ("unknown" if pd.isna(decided) else decided) == case["verdict"][name]


def test_the_cases_use_both_sides_of_every_limit() -> None:
    for rules in SETS.values():
        tried = pd.concat([evaluate(one_commune(rules, **case["commune"]), rules) for case in CASES])
        for test in rules.tests:
            assert set(tried[test.id].dropna()) == {True, False}, f"{rules.id}/{test.id}"


def test_every_number_names_where_it_was_seen() -> None:
    for rules in SETS.values():
        assert all(test.evidence.status == "verified" and test.evidence.sources for test in rules.tests)
    assert all(case["source"].startswith("http") for case in CASES)


def test_the_editions_follow_each_other() -> None:
    require_consistent(tuple(SETS.values()))
    assert edition("fr-zrr", SETS.values(), date(2013, 6, 28)).id == "fr-zrr-2005"
    assert edition("fr-zrr", SETS.values(), date(2013, 6, 29)).id == "fr-zrr-2013"


def test_both_editions_stand_side_by_side_with_reasons() -> None:
    rows = pd.concat([one_commune(SETS["fr-zrr-2013"], **case["commune"]) for case in CASES])
    rows.index = pd.Index([f"730{number:02d}" for number in range(len(rows))], name="commune_code")
    verdicts = evaluate_all(rows, list(SETS.values()), question=Question(date(2014, 1, 1)))
    decided = verdicts.decisions.set_index(["ruleset", "commune_code"])["outcome"]
    for name in SETS:
        words = decided[name].astype(object).where(decided[name].notna(), "unknown").tolist()
        assert words == [case["verdict"][name] for case in CASES]
    # The edition of the day fills the result column.
    assert verdicts.wide["in_revitalisation_zone"].iloc[2]
    told = verdicts.of("73002").set_index(["ruleset", "test"])["reason_en"]
    assert told["fr-zrr-2013", "low_canton"] == (
        "Population density of the canton: 33 hab/km²; condition 35 hab/km² or less: met, 2 hab/km² from the threshold."
        " Article 2, décret n° 2013-548."
    )
    assert "not met" in told["fr-zrr-2005", "low_canton"]


@pytest.mark.parametrize("name", SETS)
@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_known_answer_survives_filling_gaps(name: str, seed: int) -> None:
    rules = SETS[name]
    facts = whole(rules, 200, seed)
    before = answer(with_gaps(facts, rules, np.random.default_rng(seed)), rules)
    after = answer(facts, rules)
    for column in before:
        known = before[column].notna()
        assert (before[column][known] == after[column][known]).all()


def test_a_word_of_the_other_country_is_not_known_here() -> None:
    with pytest.raises(RuleError, match="in_joint_authority"):
        read_ruleset(HERE / "fr-zrr-2013.yaml")
