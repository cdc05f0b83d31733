"""Means by group whose values and weights may be known between bounds only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Bounds", "bounded_columns", "weighted_bounds"]

# Bounds that are this near to each other, relative to the upper one, are one answer.
AGREE = 1e-9


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest that values can be; NaN where nothing can be said."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def weighted_bounds(group: NDArray[np.intp], count: int, values: Bounds, weight: NDArray[np.float64]) -> Bounds:
    """Bound the weighted mean of each group.

    Parameters
    ----------
    group : ndarray of int, shape (n,)
        Group of each member, from 0 to ``count`` - 1.
    count : int
    values : Bounds
        Of the members; finite.
    weight : ndarray, shape (n,)
        Zero or more; NaN where it is not known, when it may be anything.

    Returns
    -------
    Bounds
        Shape (count,). NaN for a group without weight.
    """
    known = ~np.isnan(weight)
    whole = np.bincount(group[known], weight[known], count)
    ends = []
    for value, pull, least in ((values.low, np.fmin, np.inf), (values.high, np.fmax, -np.inf)):
        total = np.bincount(group[known], (weight * value)[known], count)
        mean = np.divide(total, whole, out=np.full(count, np.nan), where=whole > 0)
        # A member of unknown weight can draw the mean to its own value, or not at all.
        drawn = np.full(count, least)
        (np.minimum if least > 0 else np.maximum).at(drawn, group[~known], value[~known])
        end = pull(mean, drawn)
        ends.append(np.where(np.isinf(end), np.nan, end))
    return Bounds(ends[0], ends[1])


def bounded_columns(
    name: str, bounds: Bounds, *, whole_numbers: bool = False
) -> dict[str, pd.api.extensions.ExtensionArray]:
    """Return the columns ``name``, known where its bounds agree within 1e-9, ``name_low`` and ``name_high``."""
    agree = np.abs(bounds.high - bounds.low) <= AGREE * np.abs(bounds.high)
    columns = {name: np.where(agree, bounds.low, np.nan), f"{name}_low": bounds.low, f"{name}_high": bounds.high}
    numbers = {key: pd.Series(pd.array(value, dtype="Float64")) for key, value in columns.items()}
    return {key: (value.astype("Int64") if whole_numbers else value).array for key, value in numbers.items()}
