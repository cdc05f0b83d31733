"""Roads followed through a grid: a network that keeps its length, with a way on and off in every cell it passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geontm.cover.barriers import Barriers
from geontm.tables import Grid, Window

__all__ = ["TracedRoads", "trace_roads"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Ends of roads this close (cells) are one node; further apart, one crosses on foot.
NODE_STEP = 1e-3
# A barrier met this close to a node (m) closes the links on both its sides.
TOUCH_M = 1e-3


@dataclass(frozen=True)
class TracedRoads:
    """A road network on a window of a grid.

    Attributes
    ----------
    cell : ndarray of int64, shape (k,)
        Flat position in the window of the cell that holds a node; -1 outside the window.
    access_m : ndarray of float64, shape (k,)
        Metres on foot between the node and the centre of its cell; ``inf`` where one cannot get on or off: at the
        joints between roads, outside the window, and where a barrier lies between.
    start, end : ndarray of int64, shape (e,)
        Nodes of each link; both ways are open.
    minutes : ndarray of float64, shape (e,)
    run : ndarray of int64, shape (e,)
        Links that follow each other on one road, without a gap, bear one number; ascending.
    cut_count : int
        Roads cut because they meet a barrier where there is no bridge.
    assumed_count : int
        Roads that cross a barrier and do not say whether by a bridge; they were left whole.
    """

    cell: Ints
    access_m: Floats
    start: Ints
    end: Ints
    minutes: Floats
    run: Ints
    cut_count: int = 0
    assumed_count: int = 0

    def crop(self, window: Window, part: Window, keep: NDArray[np.bool_], within: Window) -> TracedRoads:
        """Return the roads within a window, seen from a smaller one; see :meth:`Friction.crop`.

        A run on which one can nowhere get off becomes a single link.
        """
        row, col = np.divmod(self.cell, window.cols)
        row, col = row + window.row, col + window.col
        stays = (self.cell >= 0) & _in_window(row, col, within)
        row, col = row - part.row, col - part.col
        walked = stays & _in_window(row, col, Window(0, 0, part.rows, part.cols))
        walked[walked] = keep[row[walked], col[walked]]
        flat = np.where(walked, row * part.cols + col, -1)
        first = np.flatnonzero(np.append(True, np.diff(self.run) != 0))[: len(self.run)]
        last = np.append(first[1:], len(self.run)) - 1
        linked = stays[self.start] & stays[self.end]
        stopped = walked[self.start] | walked[self.end] | ~linked
        through = ~np.maximum.reduceat(stopped, first) if len(first) else np.zeros(0, dtype=np.bool_)
        total = np.add.reduceat(self.minutes, first) if len(first) else np.zeros(0)
        singly = linked & ~np.repeat(through, last - first + 1)
        start = np.concatenate([self.start[singly], self.start[first[through]]])
        end = np.concatenate([self.end[singly], self.end[last[through]]])
        used, number = np.unique(np.concatenate([start, end]), return_inverse=True)
        return TracedRoads(
            cell=flat[used],
            access_m=np.where(walked[used], self.access_m[used], np.inf),
            start=number[: len(start)],
            end=number[len(start) :],
            minutes=np.concatenate([self.minutes[singly], total[through]]),
            run=np.arange(len(start)),
        )


def _in_window(row: Ints, col: Ints, window: Window) -> NDArray[np.bool_]:
    down, along = row - window.row, col - window.col
    return np.asarray((down >= 0) & (down < window.rows) & (along >= 0) & (along < window.cols))


@dataclass(frozen=True)
class _Pieces:
    """The part of a segment within one cell: its line, cell, lengths, and the point nearest to the cell's centre."""

    line: Ints
    row: Ints
    col: Ints
    length_m: Floats
    plane_m: Floats
    nearest_m: Floats
    nearest_at: Floats
    nearest_u: Floats
    nearest_v: Floats


@dataclass(frozen=True)
class _Nodes:
    """Points along lines in the order of travel; positions (m), those in the plane from the beginning of the line."""

    line: Ints
    at: Floats
    plane_at: Floats
    cell: Ints
    access_m: Floats
    u: Floats
    v: Floats
    is_end: NDArray[np.bool_]


def trace_roads(
    lines: NDArray[Any], kmh: Floats, grid: Grid, window: Window, *, bridge: NDArray[Any], barriers: Barriers | None
) -> TracedRoads:
    """Follow roads through the cells of a window.

    Each stay of a road in a cell gives a node, at the point of the stay that is nearest to the cell's centre; each end
    of a road gives one too, shared by the roads that end there. Links along a road have its true length.

    Parameters
    ----------
    lines : ndarray of LineString, shape (m,)
        In the CRS of the grid, not empty.
    kmh : ndarray, shape (m,)
        Speed on each road, above 0.
    grid, window
        The cells; roads may lead outside.
    bridge : ndarray of object, shape (m,)
        True, False, or anything else for unknown.
    barriers : Barriers, optional

    Returns
    -------
    TracedRoads
    """
    if not len(lines):
        none = np.zeros(0, dtype=np.int64)
        return TracedRoads(none, np.zeros(0), none, none, np.zeros(0), none)
    pieces = _cut_by_cells(lines, grid, window)
    nodes = _nodes(pieces, lines, grid, window)
    before, after = np.arange(len(nodes.line) - 1), np.arange(1, len(nodes.line))
    along = nodes.line[before] == nodes.line[after]
    cut_count = assumed_count = 0
    access_m = nodes.access_m
    if barriers is not None:
        closed, cut_count, assumed_count = barriers.closed_stretches(lines, bridge)
        for line, first, last in closed:
            own = slice(*np.searchsorted(nodes.line, [line, line + 1]))
            along[own] &= ~_overlaps(nodes.plane_at[own], first, last)[: len(along[own])]
        access_m = _access_behind_barriers(nodes, barriers, grid, window)
    number, cell, access_m = _number_nodes(nodes, access_m)
    before, after = before[along], after[along]
    minutes = (nodes.at[after] - nodes.at[before]) / (kmh[nodes.line[before]] * (1_000 / 60))
    run = np.cumsum(np.append(0, np.diff(before) != 1))[: len(before)]
    return TracedRoads(cell, access_m, number[before], number[after], minutes, run, cut_count, assumed_count)


def _cut_by_cells(lines: NDArray[Any], grid: Grid, window: Window) -> _Pieces:
    """Cut every segment of the lines where it passes from one cell to the next."""
    (u, v), line = _in_cells(lines, grid, window)
    same = line[:-1] == line[1:]
    u0, v0, du, dv = u[:-1][same], v[:-1][same], np.diff(u)[same], np.diff(v)[same]
    line = line[:-1][same]
    segment, t = _crossings(u0, du)
    segment_v, t_v = _crossings(v0, dv)
    own = np.arange(len(u0))
    segment, t = np.concatenate([own, segment, segment_v]), np.concatenate([np.zeros(len(u0)), t, t_v])
    order = np.lexsort((t, segment))
    segment, t = segment[order], t[order]
    t_end = np.append(t[1:], 1.0)
    t_end[np.append(segment[1:] != segment[:-1], True)] = 1.0
    real = t_end > t
    segment, t, t_end = segment[real], t[real], t_end[real]
    middle = (t + t_end) / 2
    row = np.floor(v0[segment] + middle * dv[segment]).astype(np.int64)
    col = np.floor(u0[segment] + middle * du[segment]).astype(np.int64)
    width, height = grid.cell_metres(window)
    width, height = width[row.clip(0, window.rows - 1)], height[row.clip(0, window.rows - 1)]
    piece_u, piece_v = (t_end - t) * du[segment], (t_end - t) * dv[segment]
    x, y = piece_u * width, piece_v * height
    start_u, start_v = u0[segment] + t * du[segment], v0[segment] + t * dv[segment]
    to_x, to_y = (col + 0.5 - start_u) * width, (row + 0.5 - start_v) * height
    length = np.hypot(x, y)
    share = np.divide(to_x * x + to_y * y, length**2, out=np.zeros_like(length), where=length > 0).clip(0, 1)
    plane_w, plane_h = plane_scale(grid, window)
    return _Pieces(
        line=line[segment],
        row=row,
        col=col,
        length_m=length,
        plane_m=np.hypot(piece_u * plane_w, piece_v * plane_h),
        nearest_m=np.hypot(to_x - share * x, to_y - share * y),
        nearest_at=share,
        nearest_u=start_u + share * piece_u,
        nearest_v=start_v + share * piece_v,
    )


def _in_cells(lines: NDArray[Any], grid: Grid, window: Window) -> tuple[tuple[Floats, Floats], Ints]:
    """Coordinates of lines counted in cells from the upper left corner of the window, and the line of each."""
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    left, _, _, top = grid.bounds_of(window)
    return ((coordinates[:, 0] - left) / grid.cell_width, (top - coordinates[:, 1]) / grid.cell_height), line


def plane_scale(grid: Grid, window: Window) -> tuple[float, float]:
    """Metres of a cell in the middle row: a plane good to one percent, where only nearness is asked."""
    width, height = grid.cell_metres(window)
    middle = window.rows // 2
    return float(width[middle]), float(height[middle])


def _crossings(start: Floats, change: Floats) -> tuple[Ints, Floats]:
    """Where segments pass whole numbers: the segment, and the share of its length."""
    end = start + change
    low, high = np.minimum(start, end), np.maximum(start, end)
    first = np.floor(low).astype(np.int64) + 1
    count = np.maximum(np.ceil(high).astype(np.int64) - first, 0)
    segment = np.repeat(np.arange(len(start)), count)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    at = (first[segment] + step - start[segment]) / change[segment]
    return segment, at.clip(0.0, 1.0)


def _nodes(pieces: _Pieces, lines: NDArray[Any], grid: Grid, window: Window) -> _Nodes:
    """One node for each stay in a cell, and one for each end of a line, in the order of travel."""
    begins, plane_begins = _lay_out(pieces.length_m), _lay_out(pieces.plane_m)
    changes = np.any([np.diff(part) != 0 for part in (pieces.line, pieces.row, pieces.col)], axis=0)
    first = np.flatnonzero(np.append(True, changes))
    stay = np.cumsum(np.append(False, changes))
    best = np.lexsort((np.arange(len(stay)), pieces.nearest_m, stay))[first]
    inside = (pieces.row >= 0) & (pieces.row < window.rows) & (pieces.col >= 0) & (pieces.col < window.cols)
    flat = np.where(inside, pieces.row * window.cols + pieces.col, -1)
    new_line = np.append(True, np.diff(pieces.line) != 0)
    starts, stops = np.flatnonzero(new_line), np.flatnonzero(np.append(new_line[1:], True))
    drawn = pieces.line[starts]
    (start_u, start_v), _ = _in_cells(shapely.get_point(lines[drawn], 0), grid, window)
    (stop_u, stop_v), _ = _in_cells(shapely.get_point(lines[drawn], -1), grid, window)
    at = begins[best] + pieces.nearest_at[best] * pieces.length_m[best]
    plane_at = plane_begins[best] + pieces.nearest_at[best] * pieces.plane_m[best]
    plane_at -= plane_begins[starts][np.searchsorted(drawn, pieces.line[best])]
    ends = len(starts)
    parts = _Nodes(
        line=np.concatenate([drawn, pieces.line[best], drawn]),
        at=np.concatenate([begins[starts], at, begins[stops] + pieces.length_m[stops]]),
        plane_at=np.concatenate(
            [np.zeros(ends), plane_at, plane_begins[stops] + pieces.plane_m[stops] - plane_begins[starts]]
        ),
        cell=np.concatenate([flat[starts], flat[best], flat[stops]]),
        access_m=np.concatenate([np.full(ends, np.inf), pieces.nearest_m[best], np.full(ends, np.inf)]),
        u=np.concatenate([start_u, pieces.nearest_u[best], stop_u]),
        v=np.concatenate([start_v, pieces.nearest_v[best], stop_v]),
        is_end=np.repeat([True, False, True], [ends, len(best), ends]),
    )
    kind = np.repeat([0, 1, 2], [ends, len(best), ends])
    order = np.lexsort((np.arange(len(kind)), kind, parts.line))
    return _Nodes(*(getattr(parts, name)[order] for name in _Nodes.__dataclass_fields__))


def _lay_out(lengths: Floats) -> Floats:
    return np.cumsum(lengths) - lengths


def _overlaps(at: Floats, first: float, last: float) -> NDArray[np.bool_]:
    """Tell which links between nodes overlap or touch a stretch; the last node begins none."""
    touched = np.zeros(len(at), dtype=np.bool_)
    touched[:-1] = (at[:-1] <= last + TOUCH_M) & (at[1:] >= first - TOUCH_M)
    return touched


def _access_behind_barriers(nodes: _Nodes, barriers: Barriers, grid: Grid, window: Window) -> Floats:
    """Close the way on and off where a barrier lies between the road and the centre of the cell."""
    asked = np.flatnonzero(np.isfinite(nodes.access_m) & (nodes.cell >= 0))
    row, col = np.divmod(nodes.cell[asked], window.cols)
    here = np.stack([nodes.u[asked], nodes.v[asked]], axis=1)
    centre = np.stack([col + 0.5, row + 0.5], axis=1)
    access_m = nodes.access_m.copy()
    access_m[asked[barriers.between(here, centre)]] = np.inf
    return access_m


def _number_nodes(nodes: _Nodes, access_m: Floats) -> tuple[Ints, Ints, Floats]:
    """Give the nodes their numbers; ends of roads at one place share theirs."""
    ends = np.flatnonzero(nodes.is_end)
    keys = np.rint(np.stack([nodes.u[ends], nodes.v[ends]], axis=1) / NODE_STEP).astype(np.int64)
    _, first, shared = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    stays = np.flatnonzero(~nodes.is_end)
    number = np.empty(len(nodes.line), dtype=np.int64)
    number[stays] = np.arange(len(stays))
    number[ends] = len(stays) + shared.ravel()
    kept = np.concatenate([stays, ends[first]])
    cell = nodes.cell[kept]
    return number, cell, np.where(cell >= 0, access_m[kept], np.inf)
