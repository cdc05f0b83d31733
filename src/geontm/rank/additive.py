"""A weighted additive score: where the next money should go first, with an interval wherever a figure is missing."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geontm.errors import ProjectError
from geontm.tables import Issue, Table

__all__ = ["Direction", "Priority", "Ranking", "order", "require_ranking"]

Direction = Literal["high", "low"]
Floats = npt.NDArray[np.float64]

_DIGITS = 12  # scores closer than this differ only by the rounding of floating-point sums


@dataclass(frozen=True)
class Ranking:
    """The planner's choice.

    Attributes
    ----------
    weights : mapping of str to float
        Indicator to its weight: above 0, finite. Only their proportions count.
    method : {"additive"}
    directions : mapping of str to {"high", "low"}
        Where a planner wants an indicator to go, for indicators whose dictionary entry does not say (``better``), or
        says otherwise than this plan.
    """

    weights: Mapping[str, float]
    method: str = "additive"
    directions: Mapping[str, Direction] = field(default_factory=dict)


@dataclass(frozen=True)
class Priority:
    """The ranking of a project: ``table`` as :func:`order` describes it, and what is odd about it."""

    table: pd.DataFrame
    issues: tuple[Issue, ...] = ()


def order(units: pd.DataFrame, ranking: Ranking, dictionary: Table) -> Priority:
    """Score and rank units by a weighted sum of indicators.

    Each indicator is scaled from 0 (the best known value among ``units``) to 1 (the worst), by minimum and maximum of
    the known values; the score is the mean of the scaled values, weighted. High means first in line. An indicator
    whose known values are all the same sets nobody apart and adds 0.

    Parameters
    ----------
    units : DataFrame, n rows, index ``commune_code``
        Numbers or booleans in the units of the dictionary; a gap is unknown, never 0. Not altered.
    ranking : Ranking
    dictionary : Table
        Gives each indicator's direction (``better``).

    Returns
    -------
    Priority
        ``table``, n rows, index of ``units``: ``priority_score`` (0 to 1; empty where an indicator is missing),
        ``priority_score_low`` and ``priority_score_high`` (the scores the unit could have; equal where nothing is
        missing), ``priority_rank`` (1 first; empty where an indicator is missing; ties share a rank),
        ``rank_best`` and ``rank_worst`` (the ranks it could have, given what is missing anywhere), and
        ``part_<indicator>``, what each indicator adds to the score. A unit with a known score has ``priority_rank``
        equal to ``rank_best``: units that only might come before it count in ``rank_worst`` alone. Scores are not
        rounded before they are ranked; differences below 1e-12 are those of floating-point sums and count as ties.

    Raises
    ------
    ProjectError
        No weight; a weight that is not a finite number above 0; an indicator that the dictionary does not know, that
        is no number, or that has no direction; a method that this version does not have.

    Notes
    -----
    Scaling follows the known values, so a new extreme value changes the scores of the other units; it never takes a
    unit's own score out of the interval it had.
    """
    require_ranking(ranking, dictionary)
    signs = {name: _sign(name, ranking, dictionary) for name in ranking.weights}
    total = math.fsum(ranking.weights.values())
    low, high, known = np.zeros(len(units)), np.zeros(len(units)), np.ones(len(units), dtype=bool)
    parts: dict[str, Floats] = {}
    issues: list[Issue] = []
    for name in sorted(ranking.weights):
        weight = ranking.weights[name] / total
        column = units.get(name)
        values = np.full(len(units), np.nan) if column is None else column.to_numpy(dtype=float, na_value=np.nan)
        gaps = ~np.isfinite(values)
        values = np.where(gaps, np.nan, values)
        known &= ~gaps
        if gaps.any():
            issues.append(_gap(name, gaps, column is None, dictionary))
        parts[name] = weight * _scaled(values * signs[name])
        low += np.where(gaps, 0.0, parts[name])
        high += np.where(gaps, weight, parts[name])
    table = _ranked(low, high, known, units.index)
    return Priority(table.assign(**{f"part_{name}": _float(parts[name]) for name in ranking.weights}), tuple(issues))


def _ranked(low: Floats, high: Floats, known: npt.NDArray[np.bool_], index: pd.Index[str]) -> pd.DataFrame:
    low, high = np.round(low, _DIGITS), np.round(high, _DIGITS)
    ahead = len(low) - np.searchsorted(np.sort(low), high, side="right")
    perhaps = len(low) - np.searchsorted(np.sort(high), low, side="right") - (high > low)
    return pd.DataFrame(
        {
            "priority_score": _float(np.where(known, low, np.nan)),
            "priority_score_low": _float(low),
            "priority_score_high": _float(high),
            "priority_rank": pd.array(1 + ahead, dtype="Int64"),
            "rank_best": pd.array(1 + ahead, dtype="Int64"),
            "rank_worst": pd.array(1 + perhaps, dtype="Int64"),
        },
        index=index,
    ).assign(priority_rank=lambda table: table["priority_rank"].where(known))


def _scaled(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    if not len(known):
        return values
    least, most = known.min(), known.max()
    return np.where(np.isnan(values), np.nan, 0.0) if least == most else (values - least) / (most - least)


def _float(values: Floats) -> pd.arrays.FloatingArray:
    return pd.arrays.FloatingArray(np.nan_to_num(values), np.isnan(values))


def _gap(name: str, gaps: npt.NDArray[np.bool_], absent: bool, dictionary: Table) -> Issue:
    key = "rank.indicator_absent" if absent or gaps.all() else "rank.indicator_gaps"
    label = dictionary[name].label
    return Issue.of("warning", key, column=name, name=name, label=label, n=int(gaps.sum()), of=len(gaps))


def require_ranking(ranking: Ranking, dictionary: Table) -> None:
    """Refuse a ranking that cannot be computed, before any work starts.

    Raises
    ------
    ProjectError
        As :func:`order`.
    """
    if ranking.method != "additive":
        raise ProjectError("rank.unknown_method", where="rank → method", method=ranking.method)
    if not ranking.weights:
        raise ProjectError("rank.no_weights", where="rank → weights")
    for name in ranking.directions:
        if name not in ranking.weights:
            raise ProjectError("rank.direction_without_weight", where="rank → directions", name=name)
    for name in ranking.weights:
        _sign(name, ranking, dictionary)


def _sign(name: str, ranking: Ranking, dictionary: Table) -> float:
    """Check one weight; return 1 where a high value means more need, -1 where a low one does."""
    where, weight = f"rank → weights → {name}", ranking.weights[name]
    if name not in dictionary:
        close = difflib.get_close_matches(name, sorted(dictionary.columns), n=1) or sorted(dictionary.columns)
        raise ProjectError("rank.unknown_indicator", where=where, name=name, nearest=", ".join(close))
    column = dictionary[name]
    if column.type not in ("number", "integer", "boolean"):
        raise ProjectError("rank.not_a_number", where=where, name=name, type=column.type)
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not math.isfinite(weight) or weight <= 0:
        raise ProjectError("rank.bad_weight", where=where, name=name, weight=weight)
    better = ranking.directions.get(name, column.better)
    if better not in ("high", "low"):
        raise ProjectError("rank.no_direction", where=where, name=name)
    return -1.0 if better == "high" else 1.0
