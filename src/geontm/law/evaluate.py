"""The pure evaluator: every test of a rule set, then its verdict or outcomes, for each unit, with three answers.

Inside, answers are small integers: 1 met, 0 unknown, -1 not met. Kleene's *and*, *or*, *not* are then the minimum,
the maximum and the change of sign.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from geontm.errors import RuleError
from geontm.law.rules import (
    OUTSIDE_SCOPE,
    YEAR,
    AllOf,
    AnyOf,
    ByGroup,
    CountOf,
    Limit,
    Node,
    Not,
    RuleSet,
    Test,
    Threshold,
)

__all__ = [
    "MET",
    "NOT_MET",
    "UNKNOWN",
    "Facts",
    "Signs",
    "answer_rule",
    "applicable",
    "evaluate",
    "outcome",
    "usable",
]

Signs: TypeAlias = npt.NDArray[np.int8]
Mask: TypeAlias = npt.NDArray[np.bool_]

MET, UNKNOWN, NOT_MET = np.int8(1), np.int8(0), np.int8(-1)

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "more_than": operator.gt,
    "less_than": operator.lt,
    "equals": operator.eq,
    "within": lambda values, limit: (values >= limit.low) & (values < limit.high),
    "one_of": lambda values, limit: np.isin(values.astype(str), limit),
}


@dataclass(frozen=True)
class Facts:
    """What the law is asked about: the units, the day, and which unverified thresholds may decide.

    Attributes
    ----------
    units : DataFrame
        One row per unit; a gap is unknown.
    as_of : date or None
        Chooses the thresholds that change by year; None leaves those unknown.
    allow_unverified : collection of str
        Ids of rule sets, of tests, or ``"ruleset/test"``.
    """

    units: pd.DataFrame
    as_of: date | None = None
    allow_unverified: Collection[str] = ()


def evaluate(
    units: pd.DataFrame, rules: RuleSet, *, as_of: date | None = None, allow_unverified: Collection[str] = ()
) -> pd.DataFrame:
    """Answer every test of a rule set, then its verdict or each of its outcomes, for each unit.

    Parameters
    ----------
    units : DataFrame, n rows
        Columns named as in the column dictionary and in its units; a gap is unknown. Not altered.
    rules : RuleSet
    as_of : date, optional
        Chooses thresholds that change by year.
    allow_unverified : collection of str
        Rule sets or tests whose recalled thresholds may decide; by default they answer unknown.

    Returns
    -------
    DataFrame of nullable booleans, n rows, index of ``units``
        One column per test, one per outcome, and one named like the rule set: its verdict; for a set with outcomes
        True where one is known to hold, False where none does (outside the scope), empty where it is not decided.

    Raises
    ------
    RuleError
        A column that the rules read is not in ``units`` (see ``classify.fill_missing``).
    """
    facts = Facts(units, as_of, allow_unverified)
    signs = {test.id: _answer_test(test, rules, facts) for test in rules.tests}
    answers = dict(signs)
    for name, rule in rules.answers.items():
        answers[name] = answer_rule(rule, signs, len(units))
    if rules.outcomes:
        answers[rules.id] = reduce(np.maximum, [answers[o.id] for o in rules.outcomes])
    return pd.DataFrame({name: _to_boolean(sign) for name, sign in answers.items()}, index=units.index)


def answer_rule(rule: Node, signs: Mapping[str, Signs], size: int) -> Signs:
    """Combine the answers of tests by Kleene's strong logic; ``size`` is the number of units."""
    match rule:
        case Test():
            return signs[rule.id]
        case Not(of=part):
            return -answer_rule(part, signs, size)
        case AllOf(of=parts):
            return reduce(np.minimum, (answer_rule(part, signs, size) for part in parts), np.full(size, MET))
        case AnyOf(of=parts):
            return reduce(np.maximum, (answer_rule(part, signs, size) for part in parts), np.full(size, NOT_MET))
        case CountOf(need=need, of=parts):
            answers = np.stack([answer_rule(part, signs, size) for part in parts])
            met = (answers == MET).sum(axis=0)
            possible = met + (answers == UNKNOWN).sum(axis=0)
            return np.where(met >= need, MET, np.where(possible < need, NOT_MET, UNKNOWN)).astype(np.int8)


def outcome(answers: pd.DataFrame, rules: RuleSet) -> pd.Series[str]:
    """Tell what a rule set decides for each unit.

    Returns
    -------
    Series of str, index of ``answers``
        ``met`` / ``not_met`` for a yes/no set; the id of the outcome, or ``outside_scope``, for a set with outcomes;
        empty where it is not decided.
    """
    decided = pd.Series(pd.NA, index=answers.index, dtype="str", name="outcome")
    if not rules.outcomes:
        verdict = answers[rules.id]
        return decided.mask(verdict.fillna(False), "met").mask(~verdict.fillna(True), "not_met")
    for each in rules.outcomes:
        decided = decided.mask(answers[each.id].fillna(False), each.id)
    return decided.mask(~answers[rules.id].fillna(True), OUTSIDE_SCOPE)


def applicable(threshold: Threshold, facts: Facts) -> list[tuple[Limit | None, Mask]]:
    """List the limits that may apply, each with the units to which it may apply.

    A unit whose group is unknown may have any of the limits; a unit whose group the law does not name has the limit
    None, which nothing can be compared with.
    """
    merged: dict[Limit | None, Mask] = {}
    for limit, mask in _branches(threshold, facts, np.ones(len(facts.units), dtype=bool)):
        merged[limit] = merged[limit] | mask if limit in merged else mask
    return list(merged.items())


def usable(test: Test, rules: RuleSet, allow_unverified: Collection[str]) -> bool:
    """Tell whether the threshold of a test may decide: it was verified, or the project allows it by name."""
    names = {rules.id, test.id, f"{rules.id}/{test.id}"}
    return test.evidence.status == "verified" or bool(names & set(allow_unverified))


def _to_boolean(signs: Signs) -> pd.arrays.BooleanArray:
    """Turn 1, 0, -1 into True, empty, False."""
    return pd.arrays.BooleanArray(signs == MET, signs == UNKNOWN)


def _answer_test(test: Test, rules: RuleSet, facts: Facts) -> Signs:
    for column in test.columns:
        if column.name not in facts.units:
            raise RuleError(
                "law.column_missing", where=f"{rules.id}/{test.id}", ruleset=rules.id, test=test.id, column=column.name
            )
    size = len(facts.units)
    if not usable(test, rules, facts.allow_unverified):
        return np.full(size, UNKNOWN)
    values, known = _values(facts.units[test.indicator], test)
    # The answer stands only where every limit that may apply gives the same one.
    low, high = np.full(size, MET), np.full(size, NOT_MET)
    for limit, mask in applicable(test.threshold, facts):
        if limit is None:
            answer = np.full(size, UNKNOWN)
        else:
            met = np.asarray(_COMPARE[test.comparison](values, limit), dtype=bool)
            answer = np.where(known, np.where(met, MET, NOT_MET), UNKNOWN).astype(np.int8)
        low = np.where(mask, np.minimum(low, answer), low)
        high = np.where(mask, np.maximum(high, answer), high)
    return np.where(low == high, low, UNKNOWN).astype(np.int8)


def _values(column: pd.Series[Any], test: Test) -> tuple[npt.NDArray[Any], Mask]:
    known = column.notna().to_numpy()
    if test.column.type in ("number", "integer"):
        return column.to_numpy(dtype=float, na_value=np.nan), known
    if test.column.type == "boolean":
        return column.to_numpy(dtype=bool, na_value=False), known
    return column.astype(object).where(column.notna(), "").to_numpy(), known


def _branches(threshold: Threshold, facts: Facts, mask: Mask) -> Iterator[tuple[Limit | None, Mask]]:
    if not isinstance(threshold, ByGroup):
        yield threshold, mask
        return
    if threshold.by == YEAR:
        group = np.full(len(mask), str(facts.as_of.year) if facts.as_of else "", dtype=object)
        unknown = np.full(len(mask), facts.as_of is None)
    else:
        column = facts.units[threshold.by]
        unknown = column.isna().to_numpy()
        group = column.astype(object).where(column.notna(), "").to_numpy()
    unnamed = np.ones(len(mask), dtype=bool)
    for name, inner in threshold.limits.items():
        chosen = (group == name) & ~unknown
        unnamed &= ~chosen
        yield from _branches(inner, facts, mask & (chosen | unknown))
    unnamed = unnamed & ~unknown if threshold.exhaustive else unnamed
    yield from _branches(threshold.default, facts, mask & unnamed)
