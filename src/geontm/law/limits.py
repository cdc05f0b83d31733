"""Which limit of a test applies to which unit: by group, by year, as a multiple of a national figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from geontm.law.nodes import YEAR, ByGroup, Limit, Reference, Test, Threshold, Times
from geontm.law.rules import RuleSet

__all__ = ["MET", "NOT_MET", "UNKNOWN", "Applied", "Facts", "Mask", "Overridden", "Signs", "applicable", "usable"]

Signs: TypeAlias = npt.NDArray[np.int8]
Mask: TypeAlias = npt.NDArray[np.bool_]

MET, UNKNOWN, NOT_MET = np.int8(1), np.int8(0), np.int8(-1)


@dataclass(frozen=True)
class Facts:
    """What the law is asked about: the units, the day, and everything besides the table that may decide.

    Attributes
    ----------
    units : DataFrame
        One row per unit; a gap is unknown. Where a value is a gap, columns ``<indicator>_low`` and
        ``<indicator>_high`` may bound it: a test is answered where both ends agree.
    as_of : date or None
        Chooses the thresholds that change by year; None leaves those unknown.
    allow_unverified : collection of str
        Ids of rule sets, of tests, or ``"ruleset/test"``.
    figures : mapping of str to mapping of int to float
        National figures by key and year, for thresholds that are multiples of them.
    rulings : mapping of str to DataFrame
        Answers of other rule sets over the same units, as ``evaluate`` gives them, official lists applied.
    assessed : mapping of str to DataFrame
        By rule set: index of the units, columns named by the id or code of a condition or the number of a criterion,
        nullable booleans. An assessment outranks the figure.
    """

    units: pd.DataFrame
    as_of: date | None = None
    allow_unverified: Collection[str] = ()
    figures: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    rulings: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    assessed: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Applied:
    """A limit as it applies to some units.

    Attributes
    ----------
    limit : Limit or None
        None where it is not established.
    trusted : bool
        Whether it may decide: verified, or allowed by the project, or set by an override.
    factor, figure, year
        Of a limit that is a multiple of a national figure.
    """

    limit: Limit | None
    trusted: bool = True
    factor: float | None = None
    figure: float | None = None
    year: int | None = None


@dataclass(frozen=True)
class Overridden:
    """Where units read another group's column: the sign of the condition for each of them."""

    by: str
    use: str
    signs: Signs


def usable(leaf: Test | Reference, rules: RuleSet, allow_unverified: Collection[str]) -> bool:
    """Tell whether a condition may decide: it was verified, an override set it, or the project allows it by name."""
    names = {rules.id, leaf.id, f"{rules.id}/{leaf.id}"}
    overridden = isinstance(leaf, Test) and leaf.origin is not None
    return leaf.evidence.status == "verified" or overridden or bool(names & set(allow_unverified))


def applicable(
    test: Test, rules: RuleSet, facts: Facts, overridden: Overridden | None = None
) -> list[tuple[Applied, Mask]]:
    """List the limits that may apply, each with the units to which it may apply.

    A unit whose group is unknown may have any of the limits; a unit whose group the law does not name has the limit
    None, which nothing can be compared with.
    """
    trusted = usable(test, rules, facts.allow_unverified)
    everyone = np.ones(len(facts.units), dtype=bool)
    merged: dict[Applied, Mask] = {}
    for limit, mask in _branches(test.threshold, facts, everyone, overridden, trusted):
        merged[limit] = merged[limit] | mask if limit in merged else mask
    return list(merged.items())


def _branches(
    threshold: Threshold, facts: Facts, mask: Mask, overridden: Overridden | None, trusted: bool
) -> Iterator[tuple[Applied, Mask]]:
    if isinstance(threshold, Times):
        for applied, part in _branches(threshold.factor, facts, mask, overridden, trusted):
            yield _times(applied, threshold.figure, facts), part
        return
    if not isinstance(threshold, ByGroup):
        yield Applied(threshold, trusted), mask
        return
    masks, unnamed = _groups(threshold, facts, overridden)
    for name, inner in threshold.limits.items():
        seen = trusted or name in threshold.seen
        yield from _branches(inner, facts, mask & masks[name], overridden, seen)
    yield from _branches(threshold.default, facts, mask & unnamed, overridden, trusted)


def _groups(threshold: ByGroup, facts: Facts, overridden: Overridden | None) -> tuple[Mapping[str, Mask], Mask]:
    """Tell for each named group which units may be in it, and which may be in a group without a name here."""
    size = len(facts.units)
    if threshold.by == YEAR:
        group = np.full(size, str(facts.as_of.year) if facts.as_of else "", dtype=object)
        unknown = np.full(size, facts.as_of is None)
    else:
        column = facts.units[threshold.by]
        unknown = column.isna().to_numpy()
        group = column.astype(object).where(column.notna(), "").to_numpy()
    own, other, use = np.ones(size, dtype=bool), np.zeros(size, dtype=bool), ""
    if overridden is not None and overridden.by == threshold.by:
        own, other, use = overridden.signs != MET, overridden.signs != NOT_MET, overridden.use
    masks = {name: (own & ((group == name) | unknown)) | (other & (name == use)) for name in threshold.limits}
    named = np.isin(group.astype(str), list(threshold.limits))
    unnamed = own & (unknown & (not threshold.exhaustive) | ~unknown & ~named)
    if use and use not in threshold.limits:
        unnamed = unnamed | other
    return masks, unnamed


def _times(applied: Applied, key: str, facts: Facts) -> Applied:
    """Multiply a factor with the latest national figure that is not after the project's year."""
    years = facts.figures.get(key, {})
    known = [year for year in years if facts.as_of is not None and year <= facts.as_of.year]
    if applied.limit is None or not known:
        return Applied(None, applied.trusted)
    factor, year = applied.limit, max(known)
    assert isinstance(factor, (int, float))
    # Through the decimal digits that the law prints: 4 × 4.06 is 16.24, not 16.239999999999998.
    product = float(Fraction(str(factor)) * Fraction(str(years[year])))
    return Applied(product, applied.trusted, float(factor), years[year], year)
