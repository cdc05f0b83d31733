"""What a scored set says of itself: nothing that is nothing, and what is asked before its criteria."""

import pandas as pd
import pytest

from geontm.law import Facts, answer, explain
from geontm.project import read_ruleset

RULES = read_ruleset("ntm-advanced-2021")
CODES = [criterion.no for criterion in RULES.criteria]


def said(base: bool | None, *criteria: bool) -> pd.Series:
    """Return the reasons in English by condition, for one commune assessed criterion by criterion."""
    units = pd.Index(["00001"], name="commune_code")
    table = pd.DataFrame({"region": ["red_river_delta"]}, index=units)
    for test in RULES.tests:
        if test.column.name not in table:
            table[test.column.name] = pd.array([pd.NA], dtype="Float64")
    judged = pd.DataFrame([list(criteria)], index=units, columns=CODES, dtype="boolean")
    base_set = pd.DataFrame({"ntm-2021": pd.array([base], dtype="boolean")}, index=units)
    regions = pd.DataFrame({"region_iii": pd.array([False], dtype="boolean")}, index=units)
    rulings = {"ntm-2021": base_set, "dbkk-2021": regions}
    facts = Facts(table, as_of=RULES.in_force.start, rulings=rulings, assessed={RULES.id: judged})
    return explain(facts, RULES, answer(facts, RULES)).set_index("test")["reason_en"]


def test_an_undecided_set_with_every_criterion_met_says_what_is_asked_first():
    text = said(None, *[True] * len(CODES))[RULES.id]
    assert "19/19 criteria met; asked first: Meets the new-rural criteria" in text


@pytest.mark.parametrize("base", [True, None])
def test_a_criterion_without_gaps_does_not_count_them(base):
    assert not said(base, *[False] * len(CODES)).str.contains(", 0 unknown").any()


def test_a_set_whose_base_is_met_asks_nothing_more():
    assert "asked first" not in said(True, *[True] * len(CODES))[RULES.id]
