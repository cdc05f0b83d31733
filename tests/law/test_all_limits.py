"""Every threshold of every shipped set, in every group and year: on it, just below, just above.

What a comparison means is written here a second time, over decimal digits, and held against the engine. A threshold
that is not established answers unknown whatever is allowed; one that is only recalled answers when it is allowed, and
without being allowed only for the groups that were seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geontm.classify import fill_missing
from geontm.law import YEAR, ByGroup, Facts, Limit, Range, RuleSet, Test, Times, answer, leaves
from geontm.law.evaluate import answer_rule
from geontm.tables import Column
from law_draws import RULED, Branch, a_day, around, branches, numbers, product

# Not the real figures: three times 4.1 is 12.299999999999999 in binary, and 12.3 as the law means it.
FIGURES = {"national_multidimensional_poverty_pct": {2022: 7.52, 2024: 4.1}}
LATER = {key: {2010: 4.1} for key in FIGURES}  # for sets that held when no figure was known

MEANS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "at_least": lambda value, limit: not value < limit,
    "more_than": lambda value, limit: value > limit,
    "at_most": lambda value, limit: not value > limit,
    "less_than": lambda value, limit: value < limit,
    "equals": lambda value, limit: value == limit,
}


@dataclass(frozen=True)
class Spot:
    """One limit of one test, and what chooses it."""

    rules: RuleSet
    test: Test
    branch: Branch
    day: date
    groups: Mapping[str, str]

    @property
    def limit(self) -> Limit | None:
        figures = FIGURES if product(self.branch, self.day, FIGURES) is not None else LATER
        return product(self.branch, self.day, figures)

    @property
    def trusted(self) -> bool:
        """Whether it decides without being allowed."""
        return self.test.evidence.status == "verified" or self.branch.seen

    def __str__(self) -> str:
        chosen = ",".join([*self.groups.values(), str(self.day.year)])
        return f"{self.rules.id}/{self.test.id}[{chosen}]"


def spots() -> Iterator[Spot]:
    for rules in RULED.values():
        for test in rules.tests:
            for branch in branches(test.threshold):
                groups = {name: choose(name, group, branch, rules) for name, group in branch.groups.items()}
                year = groups.pop(YEAR, None)
                if None not in groups.values():
                    day = date(int(year), 7, 1) if year else a_day(rules)
                    yield Spot(rules, test, branch, day, groups)


def choose(name: str, group: str | None, branch: Branch, rules: RuleSet) -> str | None:
    """Return the group; for "one that is not named", one that is not named."""
    if group is not None:
        return group
    if name == YEAR:
        return "1999"
    choices = rules.indicators[name].choices
    return next((choice for choice in choices if choice not in branch.named[name]), None if choices else "another")


SPOTS = list(spots())
KNOWN = [spot for spot in SPOTS if spot.limit is not None]
UNKNOWN = [spot for spot in SPOTS if spot.limit is None]


def values(spot: Spot) -> list[Any]:
    column, limit = spot.test.column, spot.limit
    if column.type == "boolean":
        return [False, True]
    if column.type in ("category", "text"):
        named = limit if isinstance(limit, tuple) else (str(limit),)
        return sorted({*named, *column.choices, *([] if column.choices else ["another"])})
    return sorted({value for number in numbers(limit) or (0.0, 1.0, 50.0) for value in around(number, column)})


def expected(spot: Spot, value: Any) -> bool:
    """Say whether a value meets the limit, by the meaning of the comparison."""
    limit = spot.limit
    if isinstance(limit, tuple):
        return value in limit
    if isinstance(limit, (bool, str)):
        return bool(value == limit)
    exact = Decimal(repr(float(value)))
    if isinstance(limit, Range):
        low, high = Decimal(repr(limit.low)), Decimal(repr(limit.high))
        above = exact > low or (limit.low_closed and exact == low)
        return above and (exact < high or (limit.high_closed and exact == high))
    assert isinstance(limit, (int, float))
    return MEANS[spot.test.comparison](exact, Decimal(repr(float(limit))))


def ask(spot: Spot, *, allowed: bool, reads_other: bool = False, **groups: str) -> list[bool | None]:
    """Answer the test, taken by itself, for each of its values."""
    rules, test, asked = spot.rules, spot.test, values(spot)
    alone = replace(rules, scope=None, verdict=test, outcomes=(), criteria=())
    index = pd.Index([f"{number:05d}" for number in range(len(asked))])
    given: dict[str, Any] = {name: pd.Series([group] * len(asked), index=index) for name, group in groups.items()}
    given[test.indicator] = pd.Series(asked, index=index).astype(test.column.dtype)
    units, _ = fill_missing(pd.DataFrame(given, index=index), [alone])
    said = {name: [sign] * len(asked) for name, sign in own_column(rules, reads_other).items() if name != test.id}
    figures = FIGURES if product(spot.branch, spot.day, FIGURES) is not None else LATER
    facts = Facts(
        units,
        spot.day,
        (rules.id,) if allowed else (),
        figures,
        assessed={rules.id: pd.DataFrame(said, index=index, dtype="boolean")},
    )
    found = answer(facts, alone)[test.id]
    return [None if pd.isna(each) else bool(each) for each in found]


def own_column(rules: RuleSet, reads_other: bool) -> dict[str, bool]:
    """Assess the conditions of a group override so that units read their own column, or the other's."""
    if rules.group_override is None:
        return {}
    names = [leaf.id for leaf in leaves(rules.group_override.when)]
    for sign in (False, True):
        signs = {name: np.array([1 if sign else -1], dtype=np.int8) for name in names}
        if (answer_rule(rules.group_override.when, signs, 1)[0] == 1) == reads_other:
            return dict.fromkeys(names, sign)
    raise AssertionError(rules.id)


@pytest.mark.parametrize("spot", KNOWN, ids=str)
def test_values_around_the_limit_fall_on_the_right_side(spot: Spot) -> None:
    truth = [expected(spot, value) for value in values(spot)]
    assert ask(spot, allowed=True, **spot.groups) == truth
    assert set(truth) == {True, False}, "the values do not try both sides"
    assert ask(spot, allowed=False, **spot.groups) == (truth if spot.trusted else [None] * len(truth))


@pytest.mark.parametrize("spot", UNKNOWN, ids=str)
def test_a_limit_that_is_not_established_never_decides(spot: Spot) -> None:
    assert set(ask(spot, allowed=True, **spot.groups)) == {None}


READ_INSTEAD = [
    spot
    for spot in KNOWN
    if (override := spot.rules.group_override) is not None and spot.groups.get(override.by) == override.use
]


@pytest.mark.parametrize("spot", READ_INSTEAD, ids=str)
def test_the_other_column_is_read_where_the_law_says_so(spot: Spot) -> None:
    """A unit of any group answers as one of the group whose column it reads."""
    override = spot.rules.group_override
    assert override is not None
    truth = ask(spot, allowed=True, **spot.groups)
    for other in spot.rules.indicators[override.by].choices:
        assert ask(spot, allowed=True, reads_other=True, **{**spot.groups, override.by: other}) == truth


@pytest.mark.parametrize("name", sorted(RULED))
def test_a_group_that_is_missing_never_takes_the_level_of_the_nation(name: str) -> None:
    rules = RULED[name]
    for test in rules.tests:
        threshold = test.threshold.factor if isinstance(test.threshold, Times) else test.threshold
        if not isinstance(threshold, ByGroup) or threshold.national is None:
            continue
        groups = threshold.column.choices if threshold.column else ()
        missing = next((group for group in groups if group not in threshold.limits), None)
        if missing and threshold.default is None:
            spot = Spot(rules, test, Branch(threshold.national), a_day(rules), {threshold.by: missing})
            assert set(ask(spot, allowed=True, **spot.groups)) == {None}


def test_every_comparison_has_been_tried() -> None:
    """A figure with digits after the point, both kinds of range, multiples of a national figure, groups and years."""
    shapes = {spot.test.comparison for spot in KNOWN}
    assert shapes >= {"at_least", "at_most", "more_than", "less_than", "equals", "within"}
    assert any(spot.branch.figure for spot in KNOWN)
    assert any(spot.groups for spot in KNOWN)
    assert READ_INSTEAD
    assert UNKNOWN


def test_the_digits_of_a_multiple_are_those_of_the_law() -> None:
    column = Column("x_pct", "number", RULED["border"].label, unit="%")
    assert product(Branch(4.0, figure="f"), date(2024, 1, 1), {"f": {2024: 4.06}}) == 16.24
    assert around(16.24, column)[0] == 16.23
    assert around(16.24, column)[2] == 16.24
