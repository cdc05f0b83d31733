"""Floors: no unit may lie under a level, such as ten criteria per commune."""

from __future__ import annotations

import pandas as pd

__all__ = ["FLOOR_COLUMNS", "floor_totals", "under_floor"]

FLOOR_COLUMNS = ("unit_level", "unit_code", "unit_name", "indicator", "year", "floor", "value", "under", "missing")


def under_floor(values: pd.DataFrame, floor: float) -> pd.DataFrame:
    """Tell which units lie under a floor, and by how much.

    Parameters
    ----------
    values : DataFrame
        ``unit_level, unit_code, unit_name, indicator, year, value``, one row per unit.
    floor : float
        The least value allowed.

    Returns
    -------
    DataFrame
        ``FLOOR_COLUMNS``: ``under`` is unknown where the value is; ``missing`` is what the value lacks to the floor, 0
        on it and above.
    """
    table = values.reindex(columns=[name for name in FLOOR_COLUMNS if name not in ("floor", "under", "missing")]).copy()
    value = table["value"].astype("Float64")
    table["floor"] = pd.array([floor] * len(table), dtype="Float64")
    table["under"] = (value < floor).astype("boolean").mask(value.isna())
    table["missing"] = (floor - value).clip(lower=0)
    return table[list(FLOOR_COLUMNS)]


def floor_totals(table: pd.DataFrame) -> dict[str, float | int | None]:
    """Sum up :func:`under_floor`: ``units``, ``under``, ``unknown``, and what they lack in all (``missing``).

    ``missing`` counts the units whose value is known; it is None where none is.
    """
    under = table["under"]
    known = table["missing"].dropna()
    return {
        "units": len(table),
        "under": int(under.fillna(value=False).sum()),
        "unknown": int(under.isna().sum()),
        "missing": float(known.sum()) if len(known) else None,
    }
