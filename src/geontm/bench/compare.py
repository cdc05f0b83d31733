"""Compares two tables unit by unit: totals hide errors, and a fast empty answer is not fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geontm.bench.job import Tolerance

__all__ = ["Difference", "compare"]


@dataclass(frozen=True)
class Difference:
    """How far two columns lie apart.

    Attributes
    ----------
    column : str
    units : int
        Compared.
    absolute, relative : float
        Largest difference, and the largest in relation to the larger value; NaN where nothing could be compared.
    unit : str
        Where the first of the two is found, or the first unit that one side lacks.
    beyond : int
        Units further apart than the tolerance.
    lacking : int
        Units that one side does not have, or whose value only one side knows.
    agrees : bool
    """

    column: str
    units: int
    absolute: float
    relative: float
    unit: str
    beyond: int
    lacking: int
    agrees: bool


def compare(ours: pd.DataFrame, theirs: pd.DataFrame, tolerance: Mapping[str, Tolerance]) -> tuple[Difference, ...]:
    """Compare the columns that have a tolerance.

    Parameters
    ----------
    ours, theirs : DataFrame
        Indexed by unit; the order of rows does not matter. A unit may not occur twice.
    tolerance : mapping of str to Tolerance

    Returns
    -------
    tuple of Difference
        One for each column. Without a unit to compare, or with one that only one side has or knows, they do not agree.
    """
    return tuple(_compare(ours, theirs, column, allowed) for column, allowed in tolerance.items())


def _compare(ours: pd.DataFrame, theirs: pd.DataFrame, column: str, allowed: Tolerance) -> Difference:
    if column not in ours or column not in theirs:
        return Difference(column, 0, float("nan"), float("nan"), "", 0, max(len(ours), len(theirs)), False)
    first, second = _numbers(ours[column]), _numbers(theirs[column])
    if not first.index.is_unique or not second.index.is_unique:
        return Difference(column, 0, float("nan"), float("nan"), "", 0, max(len(ours), len(theirs)), False)
    units = first.index.union(second.index)
    one_sided = (~units.isin(first.index)) | (~units.isin(second.index))
    a, b = first.reindex(units).to_numpy(), second.reindex(units).to_numpy()
    one_sided |= np.isnan(a) != np.isnan(b)
    known = ~np.isnan(a) & ~np.isnan(b)
    apart = np.where(known, np.abs(a - b), 0.0)
    larger = np.where(known, np.maximum(np.abs(a), np.abs(b)), 0.0)
    relative = np.divide(apart, larger, out=np.zeros(len(apart)), where=larger > 0)
    beyond = int((apart > np.maximum(allowed.absolute, allowed.relative * larger)).sum())
    lacking = int(one_sided.sum())
    worst = units[int(np.argmax(one_sided if lacking else apart))] if len(units) else ""
    return Difference(
        column,
        int(known.sum()),
        float(apart.max()) if known.any() else float("nan"),
        float(relative.max()) if known.any() else float("nan"),
        " – ".join(map(str, worst)) if isinstance(worst, tuple) else str(worst),
        beyond,
        lacking,
        bool(known.any() and not lacking and beyond <= allowed.outliers * known.sum()),
    )


def _numbers(values: pd.Series) -> pd.Series:
    """Return numbers as such; give equal texts equal numbers that are far apart otherwise."""
    if values.dtype.kind in "OUS" or isinstance(values.dtype, pd.StringDtype):
        hashes = pd.util.hash_array(values.fillna("").to_numpy(dtype=object)).astype(np.float64)
        return pd.Series(np.where(values.isna(), np.nan, hashes), index=values.index)
    return pd.Series(values.to_numpy(dtype=np.float64, na_value=np.nan), index=values.index)
