"""Classes of a choropleth: exact, without sampling, so that the same figures always give the same map."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["breaks", "class_of", "fisher_jenks", "quantiles", "shortest_between"]

Floats = NDArray[np.float64]
_BLOCK = 512


def breaks(values: Floats, classes: int, method: Literal["fisher_jenks", "quantiles"] = "fisher_jenks") -> list[float]:
    """Cut values into at most ``classes`` classes ``[a, b)``; the last one is open above.

    Parameters
    ----------
    values : array of float
        Known values only, in any order.
    classes : int
        Largest number of classes; fewer where there are fewer distinct values.

    Returns
    -------
    list of float
        The inner bounds, ascending, each the shortest decimal number that separates the two classes beside it: a
        bound reads well and moves no value into another class.
    """
    distinct, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    classes = min(classes, distinct.size)
    if classes < 2:
        return []
    cut = fisher_jenks if method == "fisher_jenks" else quantiles
    starts = cut(distinct, counts.astype(np.float64), classes)
    return [shortest_between(float(distinct[start - 1]), float(distinct[start])) for start in starts]


def class_of(values: Floats, bounds: list[float]) -> NDArray[np.int64]:
    """Return the class of each value (0 = lowest; -1 = unknown, given as NaN)."""
    found = np.searchsorted(np.asarray(bounds, dtype=np.float64), values, side="right").astype(np.int64)
    found[np.isnan(values)] = -1
    return found


def fisher_jenks(distinct: Floats, counts: Floats, classes: int) -> list[int]:
    """Find the classes with the least sum of squared deviations from their means (Fisher 1958), exactly.

    Parameters
    ----------
    distinct, counts : arrays of float, n
        Ascending distinct values and how often each occurs.
    classes : int
        1 < classes ≤ n.

    Returns
    -------
    list of int
        Where each class but the first begins. Ties go to the cut furthest left.

    Notes
    -----
    Dynamic programming over the distinct values: ``best[j] = min_i best'[i] + cost(i, j)``, evaluated for a block of
    ``j`` at a time, O(classes · n²) in numpy: about 0.3 s for 3,321 distinct values and five classes.
    """
    n = distinct.size
    centred = distinct - np.average(distinct, weights=counts)
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    total = np.concatenate([[0.0], np.cumsum(counts * centred)])
    square = np.concatenate([[0.0], np.cumsum(counts * centred**2)])
    ends = np.arange(1, n + 1)
    best = square[ends] - total[ends] ** 2 / weight[ends]
    cuts = np.zeros((classes, n + 1), dtype=np.int64)
    best = np.concatenate([[0.0], best])
    for level in range(1, classes):
        following = np.full(n + 1, np.inf)
        for first in range(level + 1, n + 1, _BLOCK):
            stop = np.arange(first, min(first + _BLOCK, n + 1))[:, None]
            start = np.arange(level, stop[-1, 0])[None, :]
            with np.errstate(divide="ignore", invalid="ignore"):
                cost = square[stop] - square[start] - (total[stop] - total[start]) ** 2 / (weight[stop] - weight[start])
            reached = np.where(start < stop, best[start] + np.maximum(cost, 0.0), np.inf)
            choice = reached.argmin(axis=1)
            following[stop[:, 0]] = reached[np.arange(stop.shape[0]), choice]
            cuts[level, stop[:, 0]] = choice + level
        best = following
    found, end = [], n
    for level in range(classes - 1, 0, -1):
        end = int(cuts[level, end])
        found.append(end)
    return found[::-1]


def quantiles(distinct: Floats, counts: Floats, classes: int) -> list[int]:
    """Cut so that classes hold about equally many; equal values stay together, so some classes may merge."""
    below = np.cumsum(counts)
    wanted = below[-1] * np.arange(1, classes) / classes
    starts = np.searchsorted(below, wanted, side="left") + 1
    return sorted({int(start) for start in starts if 0 < start < distinct.size})


def shortest_between(low: float, high: float) -> float:
    """Return the decimal number with the fewest digits in ``(low, high]``; of several the one nearest the middle."""
    exponent = math.floor(math.log10(max(abs(low), abs(high), high - low))) + 1
    for digits in range(exponent, exponent - 18, -1):
        step = 10.0**digits
        middle = (low + high) / 2
        for number in sorted(
            {math.floor(middle / step), math.ceil(middle / step)}, key=lambda k: abs(k * step - middle)
        ):
            candidate = float(f"{number * step:.{max(0, -digits)}f}")
            if low < candidate <= high:
                return candidate
    return high
