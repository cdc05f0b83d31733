"""The pure evaluator: every test of a rule set, then its verdict or outcomes, for each unit, with three answers.

Inside, answers are small integers: 1 met, 0 unknown, -1 not met. Kleene's *and*, *or*, *not* are then the minimum,
the maximum and the change of sign.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geontm.errors import RuleError
from geontm.law.limits import MET, NOT_MET, UNKNOWN, Facts, Mask, Overridden, Signs, applicable, usable
from geontm.law.nodes import (
    AllOf,
    AnyOf,
    Assessed,
    CountOf,
    Criterion,
    Leaf,
    Limit,
    Node,
    Not,
    Range,
    Reference,
    Test,
    When,
    leaves,
)
from geontm.law.rules import OUTSIDE_SCOPE, RuleSet

__all__ = [
    "FROM_PARTS",
    "answer",
    "answer_leaves",
    "answer_rule",
    "assessed_signs",
    "evaluate",
    "meets",
    "outcome",
    "overridden_groups",
]

FROM_PARTS = np.int8(9)
"""Stands among the signs of a criterion for "not assessed as such: take its parts"."""


def _within(values: npt.NDArray[Any], limit: Range) -> npt.NDArray[np.bool_]:
    low = operator.ge if limit.low_closed else operator.gt
    high = operator.le if limit.high_closed else operator.lt
    inside: npt.NDArray[np.bool_] = low(values, limit.low) & high(values, limit.high)
    return inside


_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "more_than": operator.gt,
    "less_than": operator.lt,
    "equals": operator.eq,
    "within": _within,
    "one_of": lambda values, limit: np.isin(values.astype(str), limit),
}


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
        See :func:`answer`.

    Raises
    ------
    RuleError
        A column that the rules read is not in ``units`` (see ``classify.fill_missing``).
    """
    return answer(Facts(units, as_of, allow_unverified), rules)


def answer(facts: Facts, rules: RuleSet) -> pd.DataFrame:
    """Answer a rule set from everything that may decide: figures, assessments, other rule sets, national figures.

    Returns
    -------
    DataFrame of nullable booleans, n rows, index of ``facts.units``
        One column per condition, per criterion (``criterion_<no>``), per outcome, and one named like the rule set: its
        verdict; for a set with outcomes True where one is known to hold, False where none does (outside the scope),
        empty where it is not decided.
    """
    size = len(facts.units)
    signs = answer_leaves(facts, rules)
    answers = {leaf.id: signs[leaf.id] for leaf in rules.leaves}
    for criterion in rules.criteria:
        answers[criterion.id] = answer_rule(criterion, signs, size)
    for name, rule in rules.answers.items():
        answers[name] = answer_rule(rule, signs, size)
    if rules.outcomes:
        answers[rules.id] = reduce(np.maximum, [answers[each.id] for each in rules.outcomes])
    return pd.DataFrame({name: _to_boolean(sign) for name, sign in answers.items()}, index=facts.units.index)


def answer_leaves(facts: Facts, rules: RuleSet) -> dict[str, Signs]:
    """Answer every condition; for each criterion, what an assessment says of it as a whole, else ``FROM_PARTS``."""
    overridden = overridden_groups(facts, rules)
    signs = {leaf.id: _answer_leaf(leaf, rules, facts, overridden) for leaf in rules.leaves}
    for criterion in rules.criteria:
        said = assessed_signs(facts, rules, (criterion.id, criterion.no))
        signs[criterion.id] = np.where(said == UNKNOWN, FROM_PARTS, said).astype(np.int8)
    return signs


def overridden_groups(facts: Facts, rules: RuleSet) -> Overridden | None:
    """Tell where units read the thresholds of another group than their own."""
    override = rules.group_override
    if override is None:
        return None
    signs = {leaf.id: _answer_leaf(leaf, rules, facts, None) for leaf in leaves(override.when)}
    return Overridden(override.by, override.use, answer_rule(override.when, signs, len(facts.units)))


def answer_rule(rule: Node, signs: Mapping[str, Signs], size: int) -> Signs:
    """Combine the answers of conditions by Kleene's strong logic; ``size`` is the number of units."""
    match rule:
        case Test() | Assessed() | Reference():
            return signs[rule.id]
        case Not(of=part):
            return -answer_rule(part, signs, size)
        case When(applies=condition, of=part):
            return np.maximum(-answer_rule(condition, signs, size), answer_rule(part, signs, size))
        case AllOf(of=parts):
            return reduce(np.minimum, (answer_rule(part, signs, size) for part in parts), np.full(size, MET))
        case AnyOf(of=parts):
            return reduce(np.maximum, (answer_rule(part, signs, size) for part in parts), np.full(size, NOT_MET))
        case Criterion(of=parts):
            whole = answer_rule(AllOf(parts), signs, size)
            said = signs.get(rule.id)
            return whole if said is None else np.where(said == FROM_PARTS, whole, said).astype(np.int8)
        case CountOf(cases=cases) if cases:
            return answer_rule(rule.plain, signs, size)
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


def _to_boolean(signs: Signs) -> pd.arrays.BooleanArray:
    """Turn 1, 0, -1 into True, empty, False."""
    return pd.arrays.BooleanArray(signs == MET, signs == UNKNOWN)


def _answer_leaf(leaf: Leaf, rules: RuleSet, facts: Facts, overridden: Overridden | None) -> Signs:
    said = assessed_signs(facts, rules, (leaf.id, leaf.code))
    match leaf:
        case Test():
            own = _answer_test(leaf, rules, facts, overridden)
        case Reference():
            trusted = usable(leaf, rules, facts.allow_unverified)
            own = _answer_reference(leaf, facts) if trusted else np.full(len(facts.units), UNKNOWN)
        case Assessed():
            own = said
    return np.where(said == UNKNOWN, own, said).astype(np.int8)


def assessed_signs(facts: Facts, rules: RuleSet, names: Collection[str]) -> Signs:
    """Tell what an assessment says of a condition: for each unit, under the first of its names that has an answer."""
    table, said = facts.assessed.get(rules.id), np.full(len(facts.units), UNKNOWN)
    for name in dict.fromkeys(names):
        if table is not None and name and name in table:
            said = np.where(said == UNKNOWN, _signs(table[name].reindex(facts.units.index)), said).astype(np.int8)
    return said


def _signs(answers: pd.Series[Any]) -> Signs:
    known = answers.astype("boolean").fillna(False).to_numpy(dtype=bool)
    return np.where(answers.isna().to_numpy(), UNKNOWN, np.where(known, MET, NOT_MET)).astype(np.int8)


def _answer_reference(leaf: Reference, facts: Facts) -> Signs:
    """Read another set's decision; where that set was not asked, the answer is unknown."""
    found = facts.rulings.get(leaf.ruleset)
    if found is None:
        return np.full(len(facts.units), UNKNOWN)
    found = found.reindex(facts.units.index)
    if not leaf.outcomes:
        verdict = _signs(found[leaf.ruleset])
        return verdict if leaf.equals else -verdict
    return reduce(np.maximum, [_signs(found[name]) for name in leaf.outcomes])


def _answer_test(test: Test, rules: RuleSet, facts: Facts, overridden: Overridden | None) -> Signs:
    for column in test.columns:
        if column.name not in facts.units:
            raise RuleError(
                "law.column_missing", where=f"{rules.id}/{test.id}", ruleset=rules.id, test=test.id, column=column.name
            )
    size = len(facts.units)
    values, known = _values(facts.units[test.indicator], test)
    bounds = _bounds(test, facts, known)
    # The answer stands only where every limit that may apply gives the same one.
    low, high = np.full(size, MET), np.full(size, NOT_MET)
    for applied, mask in applicable(test, rules, facts, overridden):
        if applied.limit is None or not applied.trusted:
            sign = np.full(size, UNKNOWN)
        else:
            met = meets(test, applied.limit, values)
            sign = np.where(known, np.where(met, MET, NOT_MET), UNKNOWN).astype(np.int8)
            if bounds is not None:
                sign = np.where(known, sign, _between(*bounds, test, applied.limit)).astype(np.int8)
        low = np.where(mask, np.minimum(low, sign), low)
        high = np.where(mask, np.maximum(high, sign), high)
    return np.where(low == high, low, UNKNOWN).astype(np.int8)


def meets(test: Test, limit: Limit, values: npt.NDArray[Any]) -> Mask:
    """Compare values with one limit of a test."""
    return np.asarray(_COMPARE[test.comparison](values, limit), dtype=bool)


def _bounds(test: Test, facts: Facts, known: Mask) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    """Return the two ends between which a missing value lies, where the table has them."""
    names = f"{test.indicator}_low", f"{test.indicator}_high"
    if known.all() or any(name not in facts.units for name in names):
        return None
    low, high = (facts.units[name].to_numpy(dtype=float, na_value=np.nan) for name in names)
    return low, high


def _between(
    low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], test: Test, limit: Limit
) -> npt.NDArray[np.int8]:
    """Answer a test for values known only to lie between two ends."""
    if isinstance(limit, Range):
        inside = _within(low, limit) & _within(high, limit)
        below = Range(-np.inf, limit.low, False, not limit.low_closed)
        above = Range(limit.high, np.inf, not limit.high_closed, False)
        outside = _within(high, below) | _within(low, above)
        return np.where(inside, MET, np.where(outside, NOT_MET, UNKNOWN)).astype(np.int8)
    if test.comparison not in ("at_least", "at_most", "more_than", "less_than"):
        return np.full(len(low), UNKNOWN)
    first, last = (np.asarray(_COMPARE[test.comparison](end, limit), dtype=bool) for end in (low, high))
    here = ~np.isnan(low) & ~np.isnan(high)
    return np.where(here & first & last, MET, np.where(here & ~first & ~last, NOT_MET, UNKNOWN)).astype(np.int8)


def _values(column: pd.Series[Any], test: Test) -> tuple[npt.NDArray[Any], Mask]:
    known = column.notna().to_numpy()
    if test.column.type in ("number", "integer"):
        return column.to_numpy(dtype=float, na_value=np.nan), known
    if test.column.type == "boolean":
        return column.to_numpy(dtype=bool, na_value=False), known
    return column.astype(object).where(column.notna(), "").to_numpy(), known
