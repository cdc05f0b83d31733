"""Water by household: the rung of each on the ladder of SDG 6.1.1, and who has clean and who has hygienic water.

Clean water (tested against the standard) and hygienic water (judged by its source) are two measures, never merged.
What a household does not tell leaves several rungs open; shares then lie between bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geontm.cover.weighted import Bounds, bounded_columns
from geontm.tables import Issue, Label

__all__ = ["LADDER_INPUTS", "WATER_STANDARDS", "Rung", "WaterLadder", "measure_household_water", "water_ladder"]

SOURCE, TRIP = "water_source", "water_round_trip_min"
_ASKED = {
    "on_premises": "water_on_premises",
    "available_when_needed": "water_available_when_needed",
    "uncontaminated": "water_uncontaminated",
}
CLASSES = ("improved", "unimproved", "surface")
LADDER_INPUTS = (SOURCE, *_ASKED.values(), TRIP)
# Columns of the household table, and the shares that they give.
WATER_STANDARDS = {"clean_water": "clean_water_pct", "hygienic_water": "hygienic_water_pct"}
BASIC_OR_BETTER = ("safely_managed", "basic")


@dataclass(frozen=True)
class Rung:
    """One rung: what a household needs to stand on it or above."""

    id: str
    label: Label
    needs: tuple[str, ...]


@dataclass(frozen=True)
class WaterLadder:
    """The ladder.

    Attributes
    ----------
    rungs : tuple of Rung
        Best first; a household stands on the first whose needs it meets.
    classes : mapping of str to tuple of str
        By word for a source the classes it may be of: ``improved``, ``unimproved``, ``surface``.
    round_trip_min : float
        Longest round trip (minutes) that counts as near, itself included.
    """

    rungs: tuple[Rung, ...]
    classes: Mapping[str, tuple[str, ...]]
    round_trip_min: float


def water_ladder(households: pd.DataFrame, ladder: WaterLadder) -> pd.DataFrame:
    """Tell the rung of every household.

    Parameters
    ----------
    households : DataFrame, n rows
        Those of ``water_source`` (a word of the ladder), ``water_on_premises``, ``water_available_when_needed``,
        ``water_uncontaminated`` (booleans), ``water_round_trip_min`` (minutes, queuing included) that there are.
        What is missing is unknown.
    ladder : WaterLadder

    Returns
    -------
    DataFrame, n rows, index of ``households``
        ``rung``: known where only one is possible; and for each rung ``may_be_<rung>`` (bool): whether what is known
        allows it.

    References
    ----------
    .. [1] SDG indicator metadata 6.1.1 (2021-12-20); WHO and UNICEF Joint Monitoring Programme, drinking water ladder.
    """
    n = len(households)
    may: dict[str, dict[bool, NDArray[np.bool_]]] = {
        name: _may(households, column, n) for name, column in _ASKED.items()
    }
    may["near"] = _may_be_near(households, ladder.round_trip_min, n)
    classes = _classes(households, ladder, n)
    possible = {rung.id: np.zeros(n, dtype=bool) for rung in ladder.rungs}
    names = tuple(may)
    every = product((True, False), repeat=len(names))
    for kind, answers in product(CLASSES, every):
        told = dict(zip(names, answers, strict=True))
        open_to = classes[kind].copy()
        for name, answer in told.items():
            # On the premises there is no trip, whatever its minutes say.
            no_trip = name == "near" and told["on_premises"]
            open_to &= np.full(n, answer) if no_trip else may[name][answer]
        facts = {kind, *(name for name, answer in told.items() if answer)}
        stands = next((rung.id for rung in ladder.rungs if facts.issuperset(rung.needs)), None)
        if stands is not None:
            possible[stands] |= open_to
    table = pd.DataFrame({f"may_be_{name}": answer for name, answer in possible.items()}, index=households.index)
    only = table.sum(axis=1) == 1
    best = np.array(list(possible), dtype=object)[np.argmax(table.to_numpy(), axis=1) if n else []]
    table.insert(0, "rung", pd.Series(best, index=households.index, dtype="str").where(only))
    return table


def measure_household_water(
    households: pd.DataFrame,
    communes: pd.Series[Any],
    units: pd.Index,
    *,
    ladder: WaterLadder,
    totals: pd.Series[Any] | None = None,
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Take the shares of households by commune: clean water, hygienic water, and each rung of the ladder.

    Parameters
    ----------
    households : DataFrame, n rows
        See :func:`water_ladder`; and ``clean_water``, ``hygienic_water`` (booleans).
    communes : Series, n rows, same index
        Commune of each household.
    units : Index of m ``commune_code``
    ladder : WaterLadder
    totals : Series, optional, index ``commune_code``
        Households of the commune by another source; those that are not listed are unknown.

    Returns
    -------
    DataFrame, m rows, index ``units``
        ``clean_water_pct``, ``hygienic_water_pct``, ``<rung>_water_household_pct`` and
        ``basic_or_better_water_household_pct`` (% of households, not of persons as in SDG 6.1.1), each with ``_low``
        and ``_high``, as far as the table has their columns. A commune of which no household is listed is unknown.
    tuple of Issue
        Which inputs the table lacks.
    """
    at = units.get_indexer(pd.Index(communes))
    placed, m = at >= 0, len(units)
    listed = np.bincount(at[placed], minlength=m).astype(np.float64)
    whole = listed.copy()
    if totals is not None:
        given = totals.reindex(units).to_numpy(dtype=np.float64, na_value=np.nan)
        whole = np.where(given > listed, given, listed)

    def shares(name: str, sure: NDArray[np.bool_], may: NDArray[np.bool_]) -> dict[str, Any]:
        low, high = (np.bincount(at[placed & yes], minlength=m).astype(np.float64) for yes in (sure, may))
        known = listed > 0
        ends = [
            np.divide(100 * part, whole, out=np.full(m, np.nan), where=known) for part in (low, high + whole - listed)
        ]
        return bounded_columns(name, Bounds(*ends))

    columns: dict[str, Any] = {}
    for column, name in WATER_STANDARDS.items():
        if column in households:
            may = _may(households, column, len(households))
            columns |= shares(name, ~may[False], may[True])
    if SOURCE in households:
        answers = np.asarray(water_ladder(households, ladder).drop(columns="rung"), dtype=np.bool_)
        ids = [rung.id for rung in ladder.rungs]
        for at_rung, rung in enumerate(ids):
            alone = answers[:, at_rung] & (answers.sum(axis=1) == 1)
            columns |= shares(f"{rung.removesuffix('_water')}_water_household_pct", alone, answers[:, at_rung])
        upper = np.isin(ids, BASIC_OR_BETTER)
        columns |= shares(
            "basic_or_better_water_household_pct",
            ~np.any(answers[:, ~upper], axis=1),
            np.any(answers[:, upper], axis=1),
        )
    return pd.DataFrame(columns, index=units), tuple(_lacking(households))


def _lacking(households: pd.DataFrame) -> list[Issue]:
    """Tell what the table lacks, where it has something of water at all."""
    every = (*LADDER_INPUTS, *WATER_STANDARDS)
    if not any(column in households for column in every):
        return []
    missing = [column for column in every if column not in households]
    if not missing:
        return []
    return [Issue.of("info", "water.household_inputs", column=", ".join(missing), n=len(missing))]


def _may(households: pd.DataFrame, column: str, n: int) -> dict[bool, NDArray[np.bool_]]:
    """Tell for yes and for no whether a household allows the answer."""
    if column not in households:
        return {True: np.ones(n, dtype=bool), False: np.ones(n, dtype=bool)}
    answers = households[column].astype("boolean")
    return {
        True: answers.fillna(True).to_numpy(dtype=bool),
        False: ~answers.fillna(False).to_numpy(dtype=bool),
    }


def _may_be_near(households: pd.DataFrame, limit: float, n: int) -> dict[bool, NDArray[np.bool_]]:
    if TRIP not in households:
        return {True: np.ones(n, dtype=bool), False: np.ones(n, dtype=bool)}
    minutes = households[TRIP].to_numpy(dtype=np.float64, na_value=np.nan)
    unknown = np.isnan(minutes)
    return {True: unknown | (minutes <= limit), False: unknown | (minutes > limit)}


def _classes(households: pd.DataFrame, ladder: WaterLadder, n: int) -> dict[str, NDArray[np.bool_]]:
    """Tell which classes of source each household allows; a source that is not told allows all."""
    if SOURCE not in households:
        return {kind: np.ones(n, dtype=bool) for kind in CLASSES}
    words = households[SOURCE].astype("str")
    open_to = {kind: np.zeros(n, dtype=bool) for kind in CLASSES}
    for word in words.dropna().unique():
        for kind in ladder.classes.get(word, CLASSES):
            open_to[kind] |= (words == word).fillna(False).to_numpy(dtype=bool)
    for kind in CLASSES:
        open_to[kind] |= words.isna().to_numpy()
    return open_to
