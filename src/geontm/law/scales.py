"""The values of an indicator, cut at the limits of its conditions: inside a cell every condition answers the same."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, inf, isinf
from typing import Any, Literal, TypeAlias

import numpy as np

from geontm.law.evaluate import meets
from geontm.law.limits import MET, NOT_MET, UNKNOWN, Applied
from geontm.law.nodes import Range, Test
from geontm.tables import Column

__all__ = ["Bound", "Cell", "Scale", "make_scale", "nearest"]

Bound: TypeAlias = Literal["", "above", "below"]
Cell: TypeAlias = Range | bool | str
"""Numbers between two limits or on one; a truth value; a category, ``""`` for a text that no condition names."""
_NUMBERS = ("number", "integer")


@dataclass(frozen=True)
class Scale:
    """The cells of one indicator where certain limits apply, with the signs of its conditions in each.

    Attributes
    ----------
    signs : mapping of condition id to tuple of int
        One sign per cell; 0 where a limit is not established or may not decide.
    cuts : tuple of float
        The limits, in order; the cells of numbers are those between and on them.
    """

    column: Column
    cells: tuple[Cell, ...]
    signs: Mapping[str, tuple[int, ...]]
    cuts: tuple[float, ...] = ()

    def cell_of(self, value: Any) -> int:
        """Return the number of the cell in which a value lies."""
        if self.column.type in _NUMBERS:
            at = bisect_left(self.cuts, value)
            return 2 * at + 1 if at < len(self.cuts) and self.cuts[at] == value else 2 * at
        if self.column.type == "boolean":
            return self.cells.index(bool(value))
        return self.cells.index(str(value) if str(value) in self.cells else "")

    def signs_in(self, cell: int, tests: Sequence[Test]) -> dict[str, int]:
        """Return the signs of some conditions in a cell."""
        return {test.id: self.signs[test.id][cell] for test in tests}


def make_scale(tests: Sequence[Test], limits: Sequence[Sequence[Applied]]) -> Scale:
    """Cut an indicator at the limits of its tests.

    Parameters
    ----------
    tests : sequence of Test
        All of one indicator.
    limits : sequence of sequence of Applied
        For each test the limits that may apply to the unit; its sign stands only where all of them agree.
    """
    column = tests[0].column
    cuts: tuple[float, ...] = ()
    cells: tuple[Cell, ...]
    samples: list[Any]
    if column.type in _NUMBERS:
        cuts = tuple(sorted({cut for several in limits for applied in several for cut in _cuts(applied)}))
        edges = (-inf, *cuts, inf)
        between = [Range(low, high, False, False) for low, high in pairwise(edges)]
        points = [Range(cut, cut, True, True) for cut in cuts]
        cells = (*(cell for pair in zip(between[:-1], points, strict=True) for cell in pair), between[-1])
        samples = [_inside(cell) for cell in cells if isinstance(cell, Range)]
    elif column.type == "boolean":
        cells, samples = (False, True), [False, True]
    else:
        named = [name for several in limits for applied in several for name in _names(applied)]
        cells = tuple(dict.fromkeys([*column.choices, *named, ""]))
        samples = list(cells)
    values = np.array(samples, dtype=object if column.type not in (*_NUMBERS, "boolean") else None)
    signs = {test.id: _signs(test, several, values) for test, several in zip(tests, limits, strict=True)}
    return Scale(column, cells, signs, cuts)


def nearest(cell: Range, value: float | None, column: Column) -> tuple[float, Bound, float] | None:
    """Return the value of a cell that is nearest to a given one.

    Parameters
    ----------
    cell : Range
    value : float or None
        None asks for any value of the cell.
    column : Column
        Its type and its range say which values there are.

    Returns
    -------
    tuple or None
        The value or the end of the cell that must be passed, ``"above"`` or ``"below"`` in the latter case, and a
        value that lies in the cell; None where the cell holds no possible value.
    """
    low, low_closed, high, high_closed = cell.low, cell.low_closed, cell.high, cell.high_closed
    if column.minimum is not None and column.minimum > low:
        low, low_closed = column.minimum, True
    if column.maximum is not None and column.maximum < high:
        high, high_closed = column.maximum, True
    if column.type == "integer":
        low = low if isinf(low) else float(ceil(low) if low_closed else floor(low) + 1)
        high = high if isinf(high) else float(floor(high) if high_closed else ceil(high) - 1)
        low_closed = high_closed = True
    if low > high or (low == high and not (low_closed and high_closed)):
        return None
    if value is None:
        some = _inside(Range(low, high, low_closed, high_closed))
        some = max(low, float(floor(some))) if column.type == "integer" else some
        return some, "", some
    step = min((high - low) / 2, 1.0)
    if value < low or (value == low and not low_closed):
        return (low, "", low) if low_closed else (low, "above", low + step)
    if value > high or (value == high and not high_closed):
        return (high, "", high) if high_closed else (high, "below", high - step)
    return value, "", value


def _cuts(applied: Applied) -> tuple[float, ...]:
    if isinstance(applied.limit, Range):
        return float(applied.limit.low), float(applied.limit.high)
    numeric = isinstance(applied.limit, (int, float)) and not isinstance(applied.limit, bool)
    return (float(applied.limit),) if numeric else ()  # type: ignore[arg-type]


def _names(applied: Applied) -> tuple[str, ...]:
    if isinstance(applied.limit, str):
        return (applied.limit,)
    return applied.limit if isinstance(applied.limit, tuple) else ()


def _inside(cell: Range) -> float:
    if isinf(cell.low) and isinf(cell.high):
        return 0.0
    if isinf(cell.low):
        return cell.high if cell.high_closed else cell.high - 1.0
    if isinf(cell.high):
        return cell.low if cell.low_closed else cell.low + 1.0
    return (cell.low + cell.high) / 2


def _signs(test: Test, limits: Sequence[Applied], values: Any) -> tuple[int, ...]:
    """Answer a test in every cell; where several limits may apply, only what all of them say."""
    low, high = np.full(len(values), MET), np.full(len(values), NOT_MET)
    for applied in limits:
        if applied.limit is None or not applied.trusted:
            sign = np.full(len(values), UNKNOWN)
        else:
            sign = np.where(meets(test, applied.limit, values), MET, NOT_MET).astype(np.int8)
        low, high = np.minimum(low, sign), np.maximum(high, sign)
    return tuple(int(sign) for sign in np.where(low == high, low, UNKNOWN))
