"""Classes of a choropleth: exact, without sampling, so that the same figures always give the same map."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from geontm.publish.styles import Found

__all__ = [
    "Cut",
    "breaks",
    "class_of",
    "cuts_around",
    "cuts_of",
    "equal",
    "fisher_jenks",
    "pretty",
    "quantiles",
    "shortest_between",
]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, order=True)
class Cut:
    """The bound between two classes; ``below`` tells that the value itself belongs to the class below it.

    Two cuts at one value, the second with ``below``, leave that value alone between them.
    """

    value: float
    below: bool = False


def breaks(values: Floats, classes: int, method: Found = "fisher_jenks") -> list[float]:
    """Cut values into at most ``classes`` classes ``[a, b)``; the last one is open above.

    Parameters
    ----------
    values : array of float
        Known values only, in any order.
    classes : int
        Largest number of classes; fewer where there are fewer distinct values.
    method : {"fisher_jenks", "quantiles", "equal", "pretty"}

    Returns
    -------
    list of float
        The inner bounds, ascending. Of natural breaks and quantiles each is the shortest decimal number that separates
        the two classes beside it: a bound reads well and moves no value into another class.
    """
    distinct, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    if method in ("equal", "pretty"):
        ends = (float(distinct[0]), float(distinct[-1])) if distinct.size > 1 and classes > 1 else None
        return ((equal if method == "equal" else pretty)(*ends, classes)) if ends else []
    classes = min(classes, distinct.size)
    if classes < 2:
        return []
    cut = fisher_jenks if method == "fisher_jenks" else quantiles
    starts = cut(distinct, counts.astype(np.float64), classes)
    return [shortest_between(float(distinct[start - 1]), float(distinct[start])) for start in starts]


def class_of(values: Floats, bounds: Sequence[float], below: Sequence[bool] = ()) -> Whole:
    """Return the class of each value (0 = lowest; -1 = unknown, given as NaN).

    Parameters
    ----------
    values : array of float, n
    bounds : sequence of float
        Ascending.
    below : sequence of bool, optional
        Per bound: the bound itself belongs to the class below it. By default none does.
    """
    found = np.zeros(len(values), dtype=np.int64)
    for place, bound in enumerate(bounds):
        found += (values > bound) if place < len(below) and below[place] else (values >= bound)
    found[np.isnan(values)] = -1
    return found


def cuts_of(limits: Iterable[tuple[float, str]]) -> list[Cut]:
    """Turn thresholds into bounds, so that no value on a threshold falls on its wrong side.

    Parameters
    ----------
    limits : iterable of (value, comparison)
        ``at_least`` and ``less_than`` cut before the value, ``at_most`` and ``more_than`` after it, ``equals`` on both
        sides.
    """
    sides = {"at_least": (False,), "less_than": (False,), "at_most": (True,), "more_than": (True,)}
    return sorted({Cut(value, below) for value, word in limits for below in sides.get(word, (False, True))})


def cuts_around(values: Floats, middle: Cut, classes: int, method: Found = "fisher_jenks") -> tuple[list[Cut], int]:
    """Cut the values on each side of a middle; the middle itself is a bound even where one side is empty.

    Parameters
    ----------
    values : array of float
        Known values only.
    middle : Cut
    classes : int
        Largest number of classes on each side.

    Returns
    -------
    cuts : list of Cut
    place : int
        Which of them is the middle: how many classes but one lie below it.
    """
    above = class_of(values, [middle.value], [middle.below]) == 1
    low, high = ([Cut(bound) for bound in breaks(side, classes, method)] for side in (values[~above], values[above]))
    return [*low, middle, *high], len(low)


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
    Dynamic programming over the distinct values: ``best[j] = min_i best'[i] + cost(i, j)``. The best ``i`` never moves
    left as ``j`` grows, so that each ``j`` in the middle of a stretch halves what is left to search (divide and
    conquer), a whole generation of middles at a time: O(classes · n · log n), 0.05 s for 16,605 distinct values.
    """
    n = distinct.size
    centred = distinct - np.average(distinct, weights=counts)
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    total = np.concatenate([[0.0], np.cumsum(counts * centred)])
    square = np.concatenate([[0.0], np.cumsum(counts * centred**2)])

    def cost(start: Whole, stop: Whole) -> Floats:
        lost = square[stop] - square[start] - (total[stop] - total[start]) ** 2 / (weight[stop] - weight[start])
        return np.asarray(np.maximum(lost, 0.0), dtype=np.float64)

    ends = np.arange(1, n + 1)
    best = np.concatenate([[0.0], cost(np.zeros(n, dtype=np.int64), ends)])
    cuts = np.zeros((classes, n + 1), dtype=np.int64)
    for level in range(1, classes):
        best = _next_level(cost, best, level, cuts[level])
    found, end = [], n
    for level in range(classes - 1, 0, -1):
        end = int(cuts[level, end])
        found.append(end)
    return found[::-1]


def _next_level(cost: Callable[[Whole, Whole], Floats], best: Floats, level: int, cuts: Whole) -> Floats:
    """Find the best last cut before each stop, given the best costs with one class fewer; ``cuts`` is filled."""
    n = best.size - 1
    following = np.full(n + 1, np.inf)
    # Stretches of stops [first, last], each with the starts [left, right] among which their cuts lie.
    first, last = np.array([level + 1]), np.array([n])
    left, right = np.array([level]), np.array([n - 1])
    while first.size:
        middle = (first + last) // 2
        until = np.minimum(right, middle - 1)
        sizes = until - left + 1
        begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        start = np.repeat(left - begins, sizes) + np.arange(sizes.sum())
        reached = best[start] + cost(start, np.repeat(middle, sizes))
        least = np.minimum.reduceat(reached, begins)
        hits = np.flatnonzero(reached == np.repeat(least, sizes))
        choice = start[hits[np.searchsorted(hits, begins)]]
        following[middle], cuts[middle] = least, choice
        first, last = np.concatenate([first, middle + 1]), np.concatenate([middle - 1, last])
        left, right = np.concatenate([left, choice]), np.concatenate([choice, right])
        some = first <= last
        first, last, left, right = first[some], last[some], left[some], right[some]
    return following


def quantiles(distinct: Floats, counts: Floats, classes: int) -> list[int]:
    """Cut so that classes hold about equally many; equal values stay together, so some classes may merge."""
    below = np.cumsum(counts)
    wanted = below[-1] * np.arange(1, classes) / classes
    starts = np.abs(below[None, :-1] - wanted[:, None]).argmin(axis=1) + 1
    return sorted({int(start) for start in starts})


def equal(low: float, high: float, classes: int) -> list[float]:
    """Cut a range into classes of one width, the bounds rounded to a thousandth of it. A class may be empty."""
    width = (Fraction(high) - Fraction(low)) / classes
    digits = 2 - math.floor(math.log10(width)) if width else 0
    rounded = (float(round(Fraction(low) + k * width, digits)) for k in range(1, classes))
    return sorted({bound for bound in rounded if low < bound <= high})


def pretty(low: float, high: float, classes: int) -> list[float]:
    """Cut at multiples of 1, 2, 2.5 or 5 times a power of ten: the finest step that gives at most ``classes``."""
    exponent = math.floor(math.log10((high - low) / classes)) - 1
    a, b = Fraction(low), Fraction(high)
    for power in range(exponent, exponent + 4):
        for digit in ("1", "2", "2.5", "5"):
            step = Fraction(Decimal(digit).scaleb(power))
            first, last = (
                math.floor(a / step) + 1,
                math.ceil(b / step) - 1,
            )  # a class of the highest value alone says little
            if last - first + 1 < classes:
                return [float(k * step) for k in range(first, last + 1)]
    return []


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
