"""Every shipped set with an order of its answers: what is better for a unit never makes it count as worse off.

Which way a figure is better stands with its column (``better``); which answer is worse stands with the set
(``worst_first``) or with the result column that it fills. The search finds the exceptions; they must be those that are
listed, with reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geontm.law import Facts, Leaf, RuleSet, answer, outcome
from geontm.law.overrides import rewrite
from geontm.project.dictionary import read_dictionary
from law_draws import RULED, anchors, settled, whole

ROUNDS, SIZE = 5, 2500

EXCEPTIONS: Mapping[str, Mapping[str, str]] = {}
"""By set and indicator, why an improvement may make a unit count as worse off. What is shipped has no such case."""

WHERE_IT_LIES = "says where a unit lies or who lives there, which is neither better nor worse"
UNORDERED: Mapping[str, str] = {
    "area-2026": WHERE_IT_LIES,
    "border": WHERE_IT_LIES,
    "ethnic-minority-2026": WHERE_IT_LIES,
    "ethnic-minority-2026-province": WHERE_IT_LIES,
    "ethnic-minority-2026-village": WHERE_IT_LIES,
    "mountainous-2026": WHERE_IT_LIES,
    "mountainous-2026-province": WHERE_IT_LIES,
    "mountainous-2026-village": WHERE_IT_LIES,
    "ntm-2026-group": "the group of a commune chooses the column of levels that it reads",
}

UNDIRECTED: Mapping[str, str] = {
    "area_type": "chooses the income line of towns or of the countryside",
    "ethnic_minority_household_pct": "who lives in a unit is not better or worse; it decides what counts beside it",
    "ethnic_minority_of_poor_households_pct": "who the poor are is not better or worse; it stands beside their number",
    "in_ethnic_minority_mountainous_area": "decides the scope",
    "in_poor_district": "chooses the column of levels that is read",
    "is_coastal_or_island": "decides the scope",
    "is_safe_zone": "chooses the column of levels that is read",
    "new_rural_recognised": "a status that others confer; it ends being extremely difficult",
    "region": "chooses the level",
    "school_count": "chooses which level of schools applies",
    "village_to_commune_road": "a kind of surface; the kinds have no order in the dictionary",
}
"""Indicators of ordered sets whose column has no better side, with the reason; no direction can be asked of them."""

REVERSED = {
    "dbkk-2016-village": "poor_and_near_55",
    "ntm-2016": "5",
    "poverty-2021": "income_low",
    "region-2026": "unmet_3_with_villages",
}
"""Conditions that are turned round to see that the search would find a set that runs the wrong way."""
TURNED = {"at_least": "less_than", "more_than": "at_most", "at_most": "more_than", "less_than": "at_least"}


def worst_first(rules: RuleSet) -> tuple[str, ...]:
    """Return the answers from the worst to the best, as the file or the result columns tell; or nothing."""
    if rules.worst_first:
        return rules.worst_first
    if rules.criteria:
        return ("not_met", "met")
    for name, filler in rules.columns.items():
        better = read_dictionary("indicators")[name].better
        if better and filler == "verdict":
            return ("met", "not_met") if better == "low" else ("not_met", "met")
        if better and filler == "value":
            ordered = sorted(rules.outcomes, key=lambda each: each.value, reverse=better == "low")
            return tuple(each.id for each in ordered)
    return ()


ORDERED = {name: rules for name, rules in RULED.items() if worst_first(rules)}
every_ordered_set = pytest.mark.parametrize("name", sorted(ORDERED))


def improve(facts: Facts, rules: RuleSet, random: np.random.Generator) -> tuple[Facts, Facts, Any]:
    """Give one figure of each unit any value, then a better one; return both, and the name of that figure by unit."""
    near = anchors(rules)
    names = [name for name, column in rules.indicators.items() if column.better]
    which = random.integers(0, len(names), len(facts.units))
    worse, better = facts.units.copy(), facts.units.copy()
    for number, name in enumerate(names):
        column, mine = rules.indicators[name], which == number
        steps = near[name] if column.better == "high" else near[name][::-1]
        first = random.integers(0, len(steps) - 1, mine.sum())
        second = np.where(random.random(mine.sum()) < 0.2, first + 1, random.integers(first + 1, len(steps)))
        for table, positions in ((worse, first), (better, second)):
            values = pd.Series([steps[each] for each in positions], index=table.index[mine]).astype(column.dtype)
            table[name] = table[name].mask(mine, values)
    return replace(facts, units=worse), replace(facts, units=better), np.array(names, dtype=object)[which]


def everything(rules: RuleSet, seed: int) -> Facts:
    return settled(whole(rules, SIZE, seed), rules, np.random.default_rng(seed))


def moved_back(rules: RuleSet) -> Counter[str]:
    """Count, by indicator, the units that an improvement made worse off, or made lose a criterion."""
    rank = {answer_: position for position, answer_ in enumerate(worst_first(rules))}
    found: Counter[str] = Counter()
    for seed in range(ROUNDS):
        facts = everything(rules, seed)
        before, after, improved = improve(facts, rules, np.random.default_rng(seed))
        old, new = answer(before, rules), answer(after, rules)
        ranks = [outcome(answers, rules).map(rank).to_numpy(dtype=float, na_value=np.nan) for answers in (old, new)]
        worse = ranks[1] < ranks[0]
        for criterion in rules.criteria:
            worse |= (old[criterion.id].fillna(False) & ~new[criterion.id].fillna(True)).to_numpy(dtype=bool)
        found.update(improved[worse])
    return found


DIRECTED = sorted(name for name, rules in ORDERED.items() if any(each.better for each in rules.indicators.values()))


@pytest.mark.parametrize("name", DIRECTED)
def test_what_is_better_never_counts_as_worse(name: str) -> None:
    assert set(moved_back(ORDERED[name])) == set(EXCEPTIONS.get(name, {}))


@pytest.mark.parametrize(("name", "turned"), REVERSED.items())
def test_a_condition_that_runs_the_wrong_way_is_found(name: str, turned: str) -> None:
    rules = ORDERED[name]
    test = next(test for test in rules.tests if test.id == turned)

    def change(leaf: Leaf) -> Leaf:
        return replace(leaf, comparison=TURNED[leaf.comparison]) if leaf.id == turned else leaf

    backwards = replace(
        rules,
        verdict=rewrite(rules.verdict, change) if rules.verdict is not None else None,
        criteria=tuple(replace(each, of=tuple(rewrite(part, change) for part in each.of)) for each in rules.criteria),
        outcomes=tuple(
            replace(each, when=rewrite(each.when, change) if each.when is not None else None) for each in rules.outcomes
        ),
    )
    assert test.indicator in moved_back(backwards)


@every_ordered_set
def test_every_answer_of_the_order_comes_up(name: str) -> None:
    """The search says something only where it meets every answer, and moves between neighbours."""
    rules = ORDERED[name]
    seen: set[str] = set()
    for seed in range(ROUNDS):
        seen |= set(outcome(answer(everything(rules, seed), rules), rules).dropna())
    assert set(worst_first(rules)) <= seen


def test_a_set_without_an_order_says_why() -> None:
    unordered = {name for name, rules in RULED.items() if not worst_first(rules)}
    assert unordered == set(UNORDERED)


def test_what_has_no_direction_says_why() -> None:
    found = {name for rules in ORDERED.values() for name, column in rules.indicators.items() if not column.better}
    assert found == set(UNDIRECTED)


def test_exceptions_name_what_exists() -> None:
    for name, reasons in EXCEPTIONS.items():
        assert name in ORDERED
        assert set(reasons) <= set(ORDERED[name].indicators)
