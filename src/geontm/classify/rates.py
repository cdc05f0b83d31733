"""Rates of the units above: poor households of a village, commune, province; shares of villages with a verdict.

What is not known stays between two bounds: ``<name>_low`` and ``<name>_high`` beside ``<name>``, which is known only
where the two are equal. Counts are whole numbers throughout, so sums over villages equal sums over communes.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Holds", "count_answers", "household_rates", "poverty_rates", "prefer_given", "roll_up", "share_of"]

Holds: TypeAlias = Literal["all", "poor_and_near_poor", "some"]
"""What a household table holds of each unit: every household, every poor and near-poor one, or only some."""

_Counts: TypeAlias = npt.NDArray[np.int64]
_POVERTY = {
    "poor": ("poor_household_count", "poor_household_pct"),
    "near_poor": ("near_poor_household_count", "near_poor_household_pct"),
    "poor_or_near_poor": ("poor_and_near_poor_household_count", "poor_and_near_poor_household_pct"),
}


def count_answers(answers: pd.Series[Any], groups: pd.Series[Any], units: pd.Index) -> pd.DataFrame:
    """Count yes, no and unknown of each unit.

    Parameters
    ----------
    answers : Series of nullable booleans, n rows
    groups : Series, n rows, same index
        Key of the unit that each row belongs to; a row whose unit is missing or not among ``units`` counts nowhere.
    units : Index of m keys

    Returns
    -------
    DataFrame of integers, m rows, index ``units``
        ``met``, ``not_met``, ``unknown``, ``listed``.
    """
    at = units.get_indexer(pd.Index(groups))
    placed = at >= 0
    met = answers.to_numpy(dtype=bool, na_value=False)
    unknown = answers.isna().to_numpy()
    listed = np.bincount(at[placed], minlength=len(units))
    counts = {
        "met": np.bincount(at[placed & met], minlength=len(units)),
        "unknown": np.bincount(at[placed & unknown], minlength=len(units)),
    }
    counts["not_met"] = listed - counts["met"] - counts["unknown"]
    frame = pd.DataFrame({**counts, "listed": listed}, index=units).astype("int64")
    return frame[["met", "not_met", "unknown", "listed"]]


def poverty_rates(
    classes: pd.DataFrame,
    groups: pd.Series[Any],
    units: pd.Index,
    *,
    totals: pd.Series[Any] | None = None,
    holds: Holds = "all",
) -> pd.DataFrame:
    """Count poor and near-poor households of each unit and take their share of all households.

    Parameters
    ----------
    classes : DataFrame, n rows
        ``poor``, ``near_poor``, ``poor_or_near_poor`` of :class:`geontm.classify.households.HouseholdClasses`.
    groups : Series, n rows, same index
        Key of each household's unit.
    units : Index of m keys
    totals : Series, optional, index of unit keys
        Households of the unit by another source. Where it exceeds those listed, the rest is unknown, unless the table
        holds every poor and near-poor household of the units that it names. A total smaller than those listed does
        not count.
    holds : {"all", "poor_and_near_poor", "some"}

    Returns
    -------
    DataFrame, m rows, index ``units``
        ``listed_household_count``; ``household_count``: the denominator, unknown where no source gives it; and for
        each of poor, near-poor, and both together ``…_household_count`` and ``…_household_pct`` (%), each with
        ``_low`` and ``_high``. A rate of no households is unknown, never 0.

    References
    ----------
    .. [1] Rates count households, not persons: poor households over all households, from the yearly official review;
       the multidimensional rate adds the near-poor (Decision 71/QĐ-LĐTBXH of 2023).
    """
    listed = count_answers(classes["poor"], groups, units)["listed"].astype("Int64")
    whole = _denominator(listed, totals, holds)
    # A unit that a list of the poor does not name at all may have none, or may not be in the list's reach.
    beyond = (whole - listed).clip(lower=0).mask((listed > 0) & (holds == "poor_and_near_poor"), 0)
    rates: dict[str, pd.Series[Any]] = {"listed_household_count": listed, "household_count": whole}
    for answer, (count, pct) in _POVERTY.items():
        if answer not in classes:
            continue
        told = count_answers(classes[answer], groups, units)
        low = told["met"].astype("Int64")
        high = low + told["unknown"] + beyond
        rates |= _bounded(count, low, high) | _bounded(pct, _pct(low, whole), _pct(high, whole))
    return pd.DataFrame(rates, index=units)


def roll_up(rates: pd.DataFrame, groups: pd.Series[Any], units: pd.Index) -> pd.DataFrame:
    """Add up the rates of communes to those of districts or provinces.

    Parameters
    ----------
    rates : DataFrame
        As :func:`poverty_rates` gives them.
    groups : Series, same index
        Key of the unit above.
    units : Index

    Returns
    -------
    DataFrame, index ``units``
        The same columns; a count is unknown where it is unknown for any part.
    """
    counts = [name for name in map(str, rates) if not name.removesuffix("_low").removesuffix("_high").endswith("_pct")]
    inside = rates[counts].groupby(groups.to_numpy(), sort=True)
    summed = inside.sum().mask(inside.count().lt(inside.size(), axis=0)).reindex(units).astype("Int64")
    columns: dict[str, pd.Series[Any]] = {name: summed[name] for name in ("listed_household_count", "household_count")}
    for count, pct in _POVERTY.values():
        if count in rates:
            low, high = summed[f"{count}_low"], summed[f"{count}_high"]
            whole = columns["household_count"]
            columns |= _bounded(count, low, high) | _bounded(pct, _pct(low, whole), _pct(high, whole))
    return pd.DataFrame(columns, index=units)


def _denominator(listed: pd.Series[Any], totals: pd.Series[Any] | None, holds: Holds) -> pd.Series[Any]:
    given = pd.Series(pd.NA, index=listed.index, dtype="Int64")
    if totals is not None:
        given = totals.reindex(listed.index).astype("Int64")
        given = given.mask((given < listed).fillna(False), listed)
    # A unit of which no household is listed and no total is given is unknown, not empty.
    own = listed.mask(listed == 0) if holds == "all" else pd.Series(pd.NA, index=listed.index, dtype="Int64")
    return given.fillna(own)


def household_rates(
    answers: pd.Series[Any],
    groups: pd.Series[Any],
    units: pd.Index,
    *,
    whole: pd.Series[Any],
    name: str,
) -> pd.DataFrame:
    """Take the share of households with some property among ``whole``, with bounds.

    Parameters
    ----------
    answers : Series of nullable booleans
    groups : Series
        Key of each household's unit.
    units : Index
    whole : Series, index ``units``
        Households of the unit; those that are not listed may have the property or not.
    name : str
        Column to make: ends in ``_pct``.
    """
    told = count_answers(answers, groups, units)
    low = told["met"].astype("Int64")
    high = low + told["unknown"] + (whole - told["listed"]).clip(lower=0)
    return pd.DataFrame(_bounded(name, _pct(low, whole), _pct(high, whole)), index=units)


def share_of(
    answers: pd.Series[Any],
    groups: pd.Series[Any],
    units: pd.Index,
    *,
    name: str,
    totals: pd.Series[Any] | None = None,
) -> pd.DataFrame:
    """Tell how many of the lower units of each unit have a verdict, or which part of them.

    Parameters
    ----------
    answers : Series of nullable booleans, n rows
        The verdict of each village (or commune).
    groups : Series, n rows, same index
        Key of the unit above.
    units : Index of m keys
    name : str
        Column to make; its ending says how: ``_pct`` (0–100), ``_share`` (0–1), ``_count``.
    totals : Series, optional, index of unit keys
        Number of lower units by another source; where it exceeds those listed, the rest is unknown. A smaller total
        does not count.

    Returns
    -------
    DataFrame, m rows, index ``units``
        ``name`` (known where the bounds are equal), ``<name>_low``, ``<name>_high``. All three are unknown for a unit
        of which no lower unit is listed and no total is given; a share of none is unknown.
    """
    told = count_answers(answers, groups, units)
    listed = told["listed"].astype("Int64")
    whole = _denominator(listed, totals, "all")
    low = told["met"].astype("Int64").mask(whole.isna())
    high = low + told["unknown"] + (whole - listed).clip(lower=0)
    if name.endswith("_count"):
        return pd.DataFrame(_bounded(name, low, high), index=units)
    parts = (_pct(low, whole), _pct(high, whole)) if name.endswith("_pct") else (_part(low, whole), _part(high, whole))
    return pd.DataFrame(_bounded(name, *parts), index=units)


def _bounded(name: str, low: pd.Series[Any], high: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    known = (low == high).fillna(False)
    return {name: low.where(known), f"{name}_low": low, f"{name}_high": high}


def _pct(part: pd.Series[Any], whole: pd.Series[Any]) -> pd.Series[Any]:
    """Return percent, rounded once: 7 of 20 is 35 exactly."""
    return (100 * part).astype("Float64") / whole.mask(whole == 0).astype("Float64")


def _part(part: pd.Series[Any], whole: pd.Series[Any]) -> pd.Series[Any]:
    return part.astype("Float64") / whole.mask(whole == 0).astype("Float64")


def prefer_given(
    given: pd.Series[Any], computed: pd.Series[Any], *, within: float
) -> tuple[pd.Series[Any], pd.Series[bool]]:
    """Take the figure of the official review where there is one, else the computed one; tell where the two differ.

    Parameters
    ----------
    given, computed : Series of numbers, same index
    within : float
        Difference that rounding explains.

    Returns
    -------
    Series, Series of bool
    """
    differs = (given - computed).abs().gt(within + 1e-9).fillna(False).astype(bool)
    return given.fillna(computed.astype(given.dtype)), differs
