"""Figures by year: ratios to a base year, falls in points, the households that they imply, and targets set on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from geontm.tables import Column, Issue
from geontm.track.shapes import finding, with_columns

__all__ = [
    "TARGET_COLUMNS",
    "VALUE_KEYS",
    "Bounds",
    "by_year",
    "compare_targets",
    "fall_since",
    "households_of_fall",
    "printed_bounds",
    "ratio_to",
    "total_of_fall",
]

VALUE_KEYS = ["unit_level", "unit_code", "group", "indicator"]
TARGET_COLUMNS = (
    *VALUE_KEYS, "unit_name", "year", "role", "base_year", "target", "target_value", "value", "change", "state",
    "share_of_target_pct", "how", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Bounds:
    """A figure with the interval in which it lies."""

    value: float
    low: float
    high: float


def printed_bounds(printed: str | int | float, *, step: float | None = None) -> Bounds:
    """Return the interval that a printed figure stands for: half a unit of its last printed digit either way.

    Parameters
    ----------
    printed : str or number
        Decimal sign a comma or a point. ``2.90`` is known to 0.005, ``2.9`` to 0.05. Zeros at the end of a whole
        number are taken for rounding: ``5100`` is known to 50.
    step : float, optional
        The step to which the figure was rounded, where it is known.

    Raises
    ------
    ValueError
        The text is no figure.
    """
    try:
        number = Decimal(str(printed).strip().replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"not a figure: {printed!r}") from None
    if not number.is_finite():
        raise ValueError(f"not a figure: {printed!r}")
    whole_zeros = number != 0 and number == number.to_integral_value() and "." not in str(number)
    exponent = int((number.normalize() if whole_zeros else number).as_tuple().exponent)
    half = Decimal(str(step)) / 2 if step is not None else Decimal(10) ** exponent / 2
    return Bounds(float(number), float(number - half), float(number + half))


def total_of_fall(
    points: str | float,
    households: str | float,
    *,
    points_step: float | None = None,
    households_step: float | None = None,
) -> Bounds:
    """Return the total number of households that a fall in points and in households implies.

    Parameters
    ----------
    points : str or float
        Fall of the rate in percentage points, as printed, over 0.
    households : str or float
        Fall of the number of households, as printed.
    points_step : float, optional
        Step of rounding of the points, where it is not that of the last printed digit.
    households_step : float, optional
        Step to which the households were rounded; without it they are a count, as in the figures of a document.

    Returns
    -------
    Bounds
        ``households / points × 100``, with the least and the greatest total that rounding allows: 2.9 points and 5,100
        households give 175,862 (172,881 to 178,947). The total is taken to be the same in both years.

    Raises
    ------
    ValueError
        The fall is not surely over 0.
    """
    rate, count = printed_bounds(points, step=points_step), printed_bounds(households, step=households_step or 0)
    if rate.low <= 0 or count.value < 0:
        raise ValueError(f"no fall: {points!r} points, {households!r} households")
    return Bounds(count.value / rate.value * 100, max(count.low, 0.0) / rate.high * 100, count.high / rate.low * 100)


def households_of_fall(points: pd.Series, household_count: pd.Series) -> pd.Series:
    """Return the households that a fall in points (%) implies, given the households of each unit; unknown stays so."""
    return (points.astype("Float64") / 100 * household_count.astype("Float64")).rename("households")


def by_year(values: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Lay values out by year: one row per unit, group and indicator, one column per year.

    Parameters
    ----------
    values : DataFrame
        ``unit_level, unit_code, group, indicator, year, value``; two values of one year that differ are both unknown.

    Returns
    -------
    DataFrame of Float64, index ``VALUE_KEYS`` (a gap in a key is an empty text)
    tuple of Issue
    """
    rows = _keyed(values)
    rows = rows[rows["year"].notna()]
    counted = rows.groupby([*VALUE_KEYS, "year"])["value"].nunique()
    clash = counted[counted > 1].index
    index = pd.MultiIndex.from_frame(rows[[*VALUE_KEYS, "year"]])
    twice = rows[index.isin(clash)] if len(clash) else rows.iloc[:0]
    issues = tuple(
        finding(
            "error",
            "track.values_differ",
            found,
            "value",
            indicator=str(found["indicator"].iloc[0]),
            year=int(found["year"].iloc[0]),
        )
        for _, found in twice.groupby([*VALUE_KEYS, "year"], sort=True)
    )
    kept = rows.assign(value=rows["value"].mask(index.isin(clash)) if len(clash) else rows["value"])
    wide = kept.drop_duplicates([*VALUE_KEYS, "year"]).set_index([*VALUE_KEYS, "year"])["value"].unstack("year")  # noqa: PD010
    return wide.astype("Float64").sort_index().sort_index(axis=1), issues


def _keyed(values: pd.DataFrame) -> pd.DataFrame:
    rows = with_columns(
        values, "unit_level", "unit_code", "unit_name", "year", "value", "file", "row", "document", "how"
    )
    for name in ("group", "indicator"):
        rows[name] = (rows[name] if name in rows else pd.Series(pd.NA, index=rows.index)).astype("str")
    rows[VALUE_KEYS] = rows[VALUE_KEYS].fillna("")
    return rows


def ratio_to(values: pd.DataFrame, base_year: int) -> pd.DataFrame:
    """Return every value relative to that of a base year: 2 is twice as much.

    Returns
    -------
    DataFrame
        As :func:`by_year`; unknown where the base year has no value, or 0.
    """
    table, _ = by_year(values)
    if base_year not in table:
        return table.mask(table.notna())
    base = table[base_year]
    return table.div(base.mask((base == 0).fillna(value=False)), axis=0)


def fall_since(values: pd.DataFrame, base_year: int | None = None) -> pd.DataFrame:
    """Return how far every value lies under that of a base year, or of the year before.

    Returns
    -------
    DataFrame
        As :func:`by_year`, in the indicator's unit: percentage points of a rate. A rise is negative. Without a base
        year, a year whose predecessor has no value is unknown: a fall over two years is no yearly fall.
    """
    table, _ = by_year(values)
    if base_year is not None:
        return table.rsub(table[base_year], axis=0) if base_year in table else table.mask(table.notna())
    before = pd.DataFrame(
        {year: table.get(int(year) - 1) for year in list(table.columns)}, index=table.index, dtype="Float64"
    )
    return before[list(table.columns)] - table


def compare_targets(values: pd.DataFrame, columns: Mapping[str, Column]) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Set targets against what was reached.

    Parameters
    ----------
    values : DataFrame
        As in :func:`by_year`, with ``role``: ``actual`` (or missing), ``target``, ``target_ratio`` (times the base
        year), ``target_fall``, ``target_rise`` (against the base year, in the indicator's unit), and ``base_year``; of
        a fall or rise without it the year before.
    columns : mapping
        The column dictionary: which direction is better.

    Returns
    -------
    DataFrame
        ``TARGET_COLUMNS``, one row per target. ``target`` is as set, ``target_value`` the level that it comes to,
        ``change`` the ratio, fall or rise reached; ``state`` is ``ahead`` (better than the target), ``on_plan``,
        ``behind`` or ``unknown``.
    tuple of Issue
    """
    rows = _keyed(values)
    role = (rows["role"] if "role" in rows else pd.Series(pd.NA, index=rows.index)).astype("str").fillna("actual")
    rows["role"], rows["base_year"] = role, with_columns(rows.assign(year=rows.get("base_year")), "year")["year"]
    table, issues = by_year(rows[role == "actual"])
    found = []
    targets = rows[(role != "actual") & rows["value"].notna() & rows["year"].notna()]
    for row in targets.sort_values([*VALUE_KEYS, "year", "role"], kind="stable").to_dict("records"):
        found.append(_judge_target(row, table, columns))
    return pd.DataFrame(found, columns=pd.Index(TARGET_COLUMNS)), issues


def _judge_target(row: Mapping[Any, Any], table: pd.DataFrame, columns: Mapping[str, Column]) -> dict[str, object]:
    key, year, role = tuple(row[name] for name in VALUE_KEYS), int(row["year"]), str(row["role"])
    target = float(row["value"])
    given = row["base_year"]
    base_year = year - 1 if pd.isna(given) and role != "target" else given

    def value_of(at: Any) -> float | None:
        known = key in table.index and not pd.isna(at) and int(at) in table
        value: Any = table[int(at)].get(key, pd.NA) if known else pd.NA
        return None if pd.isna(value) else float(value)

    value, base = value_of(year), value_of(base_year)
    level = _level(role, target, base)
    change = None
    if value is not None and base is not None:
        change = {"target_ratio": value / base if base else None, "target_fall": base - value}.get(role, value - base)
    column = columns.get(str(row["indicator"]))
    better = "low" if role == "target_fall" else "high" if role == "target_rise" else column.better if column else ""
    reached = value if role == "target" else change
    share = None if reached is None or target == 0 else reached / target * 100
    return {
        **{name: row[name] for name in (*VALUE_KEYS, "unit_name", "year", "role", "how")},
        "base_year": base_year, "target": target, "target_value": level, "value": value,
        "change": None if role == "target" else change, "state": _state(value, level, better),
        "share_of_target_pct": share, "source": row["document"],
    }  # fmt: skip


def _level(role: str, target: float, base: float | None) -> float | None:
    if role == "target":
        return target
    if base is None:
        return None
    return {"target_ratio": base * target, "target_fall": base - target}.get(role, base + target)


def _state(value: float | None, level: float | None, better: str) -> str:
    if value is None or level is None or not better:
        return "unknown"
    gain = (value - level) if better == "high" else (level - value)
    if abs(gain) <= 1e-9 * max(1.0, abs(level)):
        return "on_plan"
    return "ahead" if gain > 0 else "behind"
