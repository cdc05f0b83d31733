"""Exact shares of cells in polygons, from the polygons' edges alone.

Every edge is cut at the lines of the grid, and each piece adds the signed area to its right, within its cell and in all
cells after it in the row. The running sum along a row is then the exact share of every cell, and 0 or 1 between two
cells that edges touch. Cost grows with the vertices and the cells on boundaries, not with the area, and all polygons
are done in one pass. An edge that two polygons share is cut once from the same end, so that the shares of a cell in
them add up to 1.

Shapes are given in cells: columns to the right, rows downwards, from the upper left corner of the window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geontm.tables import Window

__all__ = ["Cuts", "Spans", "burn", "chunks_of", "find_shares"]

# A share this near to 0 or 1 is 0 or 1.
NO_SHARE = 1e-12
UNIT = 2.0**52
# Vertices at a time, which bounds the memory beside the result to some 300 MB.
VERTICES_AT_ONCE = 500_000


@dataclass(frozen=True)
class Cuts:
    """Cells that a unit has a part of."""

    cell: NDArray[np.int64]
    unit: NDArray[np.int32]
    share: NDArray[np.float64]

    @classmethod
    def joined(cls, parts: list[Cuts]) -> Cuts:
        """Put several together, in their order."""
        return cls(
            np.concatenate([np.zeros(0, np.int64), *(part.cell for part in parts)]),
            np.concatenate([np.zeros(0, np.int32), *(part.unit for part in parts)]),
            np.concatenate([np.zeros(0), *(part.share for part in parts)]),
        )


@dataclass(frozen=True)
class Spans:
    """Runs of cells in one row, which a unit covers whole: flat position of the first, and of the first beyond."""

    first: NDArray[np.int64]
    beyond: NDArray[np.int64]
    unit: NDArray[np.int32]

    @classmethod
    def joined(cls, parts: list[Spans]) -> Spans:
        """Put several together, in their order."""
        return cls(
            np.concatenate([np.zeros(0, np.int64), *(part.first for part in parts)]),
            np.concatenate([np.zeros(0, np.int64), *(part.beyond for part in parts)]),
            np.concatenate([np.zeros(0, np.int32), *(part.unit for part in parts)]),
        )


@dataclass(frozen=True)
class _Edges:
    """Straight edges going down (y0 < y1), with the sign of their direction and the position of their unit."""

    x0: NDArray[np.float64]
    y0: NDArray[np.float64]
    x1: NDArray[np.float64]
    y1: NDArray[np.float64]
    sign: NDArray[np.int64]
    unit: NDArray[np.int64]


def _edges(shapes: NDArray[Any], chosen: NDArray[np.intp], rows: int) -> _Edges:
    """Take the edges of shapes that cross rows of the window, cut at its top and bottom.

    An edge is turned so that it goes down, whichever unit it belongs to: two neighbours then compute the same numbers.
    """
    parts, owner = shapely.get_parts(shapes[chosen], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end, unit = points[:-1][same], points[1:][same], chosen[owner[part[ring[1:][same]]]]
    down = start[:, 1] < end[:, 1]
    upper, lower = np.where(down[:, None], start, end), np.where(down[:, None], end, start)
    kept = (upper[:, 1] < lower[:, 1]) & (lower[:, 1] > 0) & (upper[:, 1] < rows)
    (x0, y0), (x1, y1) = upper[kept].T, lower[kept].T
    slope = (x1 - x0) / (y1 - y0)
    over, under = y0 < 0, y1 > rows
    x0, x1 = np.where(over, x0 - y0 * slope, x0), np.where(under, x1 - (y1 - rows) * slope, x1)
    # Rings go counter-clockwise where rows count downwards: what lies inside has its right-hand edge going down.
    sign = np.where(down[kept], -1, 1)
    return _Edges(x0, np.where(over, 0.0, y0), x1, np.where(under, float(rows), y1), sign, unit[kept].astype(np.int64))


def _cut_at_lines(
    a0: NDArray[np.float64], b0: NDArray[np.float64], a1: NDArray[np.float64], b1: NDArray[np.float64], most: float
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Cut segments where their first coordinate is a whole number from 0 to ``most``.

    Returns
    -------
    tuple of ndarray
        The segment each piece is of, and the pieces' ends (a0, b0, a1, b1), in the direction of the segments.
    """
    low, high = np.minimum(a0, a1), np.maximum(a0, a1)
    first = np.clip(np.floor(low) + 1, 0, most + 1).astype(np.int64)
    last = np.clip(np.ceil(high) - 1, -1, most).astype(np.int64)
    count = np.maximum(last - first + 1, 0) + 1
    of = np.repeat(np.arange(len(a0)), count)
    ends = np.cumsum(count) - 1
    starts = ends - count + 1
    rising = a1 >= a0
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (b1 - b0) / (a1 - a0)
        # The line at which each piece ends, seen from the start of the segment; the last ends with the segment.
        nth = np.arange(len(of)) - starts[of]
        a_end = np.where(rising, first, last).astype(np.float64)[of] + np.where(rising, 1.0, -1.0)[of] * nth
        b_end = b0[of] + (a_end - a0[of]) * slope[of]
    a_end[ends], b_end[ends] = a1, b1
    a_start, b_start = np.empty_like(a_end), np.empty_like(b_end)
    a_start[1:], b_start[1:] = a_end[:-1], b_end[:-1]
    a_start[starts], b_start[starts] = a0, b0
    return of, a_start, b_start, a_end, b_end


def find_shares(shapes: NDArray[Any], chosen: NDArray[np.intp], window: Window) -> tuple[Cuts, Spans]:
    """Find the shares of cells that edges touch, and the runs of whole cells between them."""
    rows, cols = window.rows, window.cols
    edges = _edges(shapes, chosen, rows)
    in_row, y0, x0, y1, x1 = _cut_at_lines(edges.y0, edges.x0, edges.y1, edges.x1, rows)
    in_cell, x0, y0, x1, y1 = _cut_at_lines(x0, y0, x1, y1, cols)
    edge = in_row[in_cell]
    middle = (x0 + x1) / 2
    # Left of the window an edge acts on its first column, right of it on none, which is the column after the last.
    col = np.clip(np.floor(middle), 0, cols).astype(np.int64)
    row = np.clip(np.floor((y0 + y1) / 2), 0, max(rows - 1, 0)).astype(np.int64)
    beyond = np.clip(middle - col, 0, 1)
    # Heights and areas in whole units of 2**-52 of a cell: their sums are exact, whatever their order, and zero along a
    # row that edges leave on both sides.
    height = np.rint((y1 - row) * UNIT).astype(np.int64) - np.rint((y0 - row) * UNIT).astype(np.int64)
    height *= edges.sign[edge]
    next_to = np.rint(height * beyond).astype(np.int64)
    stride = cols + 2
    key = (edges.unit[edge] * rows + row) * stride + col
    key, weight = np.concatenate([key, key + 1]), np.concatenate([height - next_to, next_to])
    order = np.argsort(key, kind="stable")
    key, weight = key[order], weight[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    # Along a row the changes add up to the share of each cell touched; up to the next one, the row stays on the last,
    # which is then 0 or 1, or less where an edge runs along the row.
    key, share = key[starts], np.cumsum(np.add.reduceat(weight, starts) if len(starts) else weight) / UNIT
    line, col = key // stride, key % stride
    ends = np.append(line[1:] != line[:-1], True)[: len(key)]
    following = np.where(ends, col + 1, np.append(col[1:], 0)[: len(key)])
    full = (col < cols) & (share >= 1 - NO_SHARE)
    part = (col < cols) & (share > NO_SHARE) & ~full
    unit, first = (line // max(rows, 1)).astype(np.int32), (line % max(rows, 1)) * cols + col
    length = following - col
    count = length[part]
    cuts = Cuts(_runs(first[part], count), np.repeat(unit[part], count), np.repeat(share[part], count))
    return cuts, Spans(first[full], (first + length)[full], unit[full])


def _runs(first: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count on from each first number, as often as its length says."""
    return np.repeat(first - (np.cumsum(length) - length), length) + np.arange(length.sum())


def chunks_of(shapes: NDArray[Any], chosen: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Give positions of shapes in groups of about as many vertices."""
    if len(chosen):
        group = np.cumsum(shapely.get_num_coordinates(shapes[chosen])) // VERTICES_AT_ONCE
        yield from np.split(chosen, np.flatnonzero(np.diff(group)) + 1)


def burn(spans: Spans, cuts: Cuts, window: Window) -> tuple[NDArray[np.int32], Cuts]:
    """Write runs of whole cells into the window; where several units claim one, all of them have it as a cut cell."""
    order = np.lexsort((spans.unit, spans.first))
    spans = Spans(spans.first[order], spans.beyond[order], spans.unit[order])
    latest = np.maximum.accumulate(spans.beyond)
    twice = np.zeros(len(order), dtype=np.bool_)
    twice[1:] |= spans.first[1:] < latest[:-1]
    twice[:-1] |= spans.first[1:] < spans.beyond[:-1]
    if twice.any():
        claimed = Spans(spans.first[twice], spans.beyond[twice], spans.unit[twice])
        spans = Spans(spans.first[~twice], spans.beyond[~twice], spans.unit[~twice])
        count = claimed.beyond - claimed.first
        cell = _runs(claimed.first, count)
        cuts = Cuts.joined([cuts, Cuts(cell, np.repeat(claimed.unit, count), np.ones(len(cell)))])
    # What is left of the runs does not overlap: gaps and runs take turns.
    edges = np.zeros(2 * len(spans.first) + 2, dtype=np.int64)
    edges[1:-1:2], edges[2:-1:2], edges[-1] = spans.first, spans.beyond, window.size
    value = np.full(len(edges) - 1, -1, dtype=np.int32)
    value[1::2] = spans.unit
    return np.repeat(value, np.diff(edges)).reshape(window.rows, window.cols), cuts
