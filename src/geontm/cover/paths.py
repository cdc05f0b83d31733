"""The ground as a graph: sixteen moves from every cell, and the road network through it.

A move goes straight from centre to centre: one cell along or across, one diagonally, or two along and one across (the
knight of chess). It takes the pace of each cell for the part of the way that lies in it, which is a half of the way in
each of two cells or a quarter in each of four. On uniform ground the shortest chain of such moves is at most 2.8 %
longer than the straight line where cells are square, 3.2 % where they are 8 % higher than wide (:func:`worst_stretch`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geontm.cover.friction import FLAT_TOBLER, Friction
from geontm.errors import SourceError
from geontm.tables import Grid, Window

__all__ = ["MOST_NODES", "Paths", "link_cells", "worst_stretch"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# Rows down and columns along of each move; its way back is the other half of the sixteen.
MOVES = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))
# Cells and road nodes of one graph: at about 285 bytes each this stays below 2.3 GB.
MOST_NODES = 8_000_000
# Cells looked at in one go: a province with islands far out is mostly sea.
STRIP_CELLS = 2_000_000
# Rows that the longest move leads down.
OVERLAP = 2


@dataclass(frozen=True)
class Paths:
    """The shortest ways over one window of a grid, ready to be asked.

    Attributes
    ----------
    grid, window
        The cells.
    node : ndarray of int32, shape (rows, cols)
        Node of each cell; -1 where one cannot go.
    backward : csr_array, shape (n, n)
        Minutes from the column's node to the row's node, so that a search from a destination finds the way *to* it.
    """

    grid: Grid
    window: Window
    node: NDArray[np.int32]
    backward: csr_array

    def minutes_to(self, cells: Ints) -> Floats:
        """Return the minutes from every cell to the nearest of some cells.

        Parameters
        ----------
        cells : ndarray of int64
            Flat positions in the window; at least one, none of which is closed.

        Returns
        -------
        ndarray of float64, shape (rows, cols)
            ``inf`` where no way leads to any.
        """
        minutes = np.full(self.node.shape, np.inf)
        sources = np.unique(self.node.ravel()[cells])
        found = dijkstra(self.backward, directed=True, indices=sources, min_only=True)
        minutes[self.node >= 0] = found[: int(self.node.max()) + 1]
        return minutes


def link_cells(friction: Friction) -> Paths:
    """Build the graph of all moves on the ground and along the roads.

    Parameters
    ----------
    friction : Friction

    Returns
    -------
    Paths

    Raises
    ------
    SourceError
        The window has more cells than memory allows.

    Notes
    -----
    On foot off the roads, Tobler's ``exp(-3.5 |s + 0.05|)`` holds, with ``s`` the rise over the straight length of the
    move between its two ends, divided by its value on flat ground, so that flat ground has the pace it was given. Up
    and down differ. About 285 bytes for each node at the peak, with the search.
    """
    open_cells = np.isfinite(friction.minutes_per_m)
    cells, extra = int(np.count_nonzero(open_cells)), len(friction.roads.cell)
    if cells + extra > MOST_NODES:
        width, height = (side.mean() for side in friction.grid.cell_metres(friction.window))
        raise SourceError(
            "travel.too_many_cells", cells=cells + extra, most=MOST_NODES, width=float(width), height=float(height)
        )
    node = np.full(open_cells.shape, -1, dtype=np.int32)
    node[open_cells] = np.arange(cells, dtype=np.int32)
    rows, columns, minutes = _road_edges(friction, node, cells)
    total = cells + extra
    count = np.bincount(rows, minlength=total).astype(np.int64)
    for strip, nodes, begins in _strips(friction, node):
        for move, is_open in zip(MOVES, _open_moves(strip, nodes >= 0, begins), strict=True):
            for ends in _ends(nodes, move):
                count[ends[is_open]] += 1
    pointer = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(count)]).astype(np.int32)
    indices = np.empty(pointer[-1], dtype=np.int32)
    data = np.empty(pointer[-1], dtype=np.float64)
    free = pointer[:-1].copy()
    for strip, nodes, begins in _strips(friction, node):
        for move, is_open in zip(MOVES, _open_moves(strip, nodes >= 0, begins), strict=True):
            start, end = (ends[is_open] for ends in _ends(nodes, move))
            there, back = _minutes_of(strip, move, is_open)
            for from_node, to_node, taken in ((start, end, there), (end, start, back)):
                indices[free[to_node]] = from_node
                data[free[to_node]] = taken
                free[to_node] += 1
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    place = free[rows] + np.arange(len(rows)) - np.searchsorted(rows, rows)
    indices[place], data[place] = columns[order], minutes[order]
    return Paths(friction.grid, friction.window, node, csr_array((data, indices, pointer), shape=(total, total)))


def worst_stretch(width: float, height: float) -> float:
    """Return how many times longer than the straight line the chain of moves can be, at worst, on uniform ground.

    Between two neighbouring directions at an angle ``a`` the worst is ``1 / cos(a / 2)``.
    """
    moves = [(1, 0), (2, 1), (1, 1), (1, 2), (0, 1)]
    angles = np.array([np.arctan2(up * height, along * width) for along, up in moves])
    return float(1 / np.cos(np.diff(angles).max() / 2))


def _ends(cells: NDArray[Any], move: tuple[int, int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the cells that a move leaves, and those it reaches: two views of one shape."""
    down, along = move
    rows, columns = max(cells.shape[0] - down, 0), max(cells.shape[1] - abs(along), 0)
    left, right = max(-along, 0), max(along, 0)
    return cells[:rows, left : left + columns], cells[down : down + rows, right : right + columns]


def _strips(friction: Friction, node: NDArray[np.int32]) -> Iterator[tuple[Friction, NDArray[np.int32], int]]:
    """Cut the ground into strips of rows, each with the two rows below it that moves lead to.

    With each comes the number of rows that begin moves. Strips where nobody can go are left out.
    """
    window, step = friction.window, max(STRIP_CELLS // max(friction.window.cols, 1), 4)
    for first in range(0, window.rows, step):
        last = min(first + step + OVERLAP, window.rows)
        nodes = node[first:last]
        if not (nodes >= 0).any():
            continue
        east, south, height = friction.east_open, friction.south_open, friction.elevation_m
        strip = replace(
            friction,
            window=Window(window.row + first, window.col, last - first, window.cols),
            minutes_per_m=friction.minutes_per_m[first:last],
            elevation_m=None if height is None else height[first:last],
            east_open=None if east is None else east[first:last],
            south_open=None if south is None else south[first : last - 1],
        )
        yield strip, nodes, step


def _open_moves(friction: Friction, open_cells: Bools, begins: int) -> list[Bools]:
    """Tell where each move is open that begins in one of the first rows, in the shape of its ends.

    A diagonal is open where one of the two ways round its corner is; a knight's move where its two middle cells are
    open and one of the two ways through them is. So no barrier is jumped, and none is passed through its corners.
    """
    east = open_cells[:, :-1] & open_cells[:, 1:]
    south = open_cells[:-1] & open_cells[1:]
    if friction.east_open is not None and friction.south_open is not None:
        east, south = east & friction.east_open, south & friction.south_open
    both = open_cells[:-1, :-1] & open_cells[1:, 1:]
    south_east = both & ((east[:-1] & south[:, 1:]) | (south[:, :-1] & east[1:]))
    both = open_cells[:-1, 1:] & open_cells[1:, :-1]
    south_west = both & ((east[:-1] & south[:, :-1]) | (south[:, 1:] & east[1:]))
    first, second = open_cells[:-1, 1:-1], open_cells[1:, 1:-1]
    far_east = first & second & ((south_east[:, :-1] & east[1:, 1:]) | (east[:-1, :-1] & south_east[:, 1:]))
    far_west = first & second & ((south_west[:, 1:] & east[1:, :-1]) | (east[:-1, 1:] & south_west[:, :-1]))
    first, second = open_cells[1:-1, :-1], open_cells[1:-1, 1:]
    deep_east = first & second & ((south_east[:-1] & south[1:, 1:]) | (south[:-1, :-1] & south_east[1:]))
    deep_west = first & second & ((south_west[:-1] & south[1:, :-1]) | (south[:-1, 1:] & south_west[1:]))
    moves = [east, south, south_east, south_west, far_east, deep_east, far_west, deep_west]
    for is_open in moves:
        is_open[begins:] = False
    return moves


def _minutes_of(friction: Friction, move: tuple[int, int], is_open: Bools) -> tuple[Floats, Floats]:
    """Minutes of the open moves of one kind, there and back."""
    down, along = move
    pace = friction.minutes_per_m
    start, end = (side[is_open] for side in _ends(pace, move))
    mean = (start + end) / 2
    if abs(along) + down == 3:
        # The two cells in the middle: one step from the start along the long side, and that step back from the end.
        step = (0, along // 2) if abs(along) == 2 else (1, 0)
        back = (down, along - step[1]) if step[0] == 0 else (down - 1, along)
        middle = _beside(pace, move, step)[is_open] + _beside(pace, move, back)[is_open]
        mean = (start + end + middle) / 4
    width, height = friction.grid.cell_metres(friction.window)
    row_width = (width[: len(width) - down] + width[down:]) / 2
    row_height = (height[: len(height) - down] + height[down:]) / 2
    metres = np.hypot(along * row_width, down * row_height)
    metres = np.broadcast_to(metres[:, None], is_open.shape)[is_open]
    level = metres * mean
    if friction.elevation_m is None:
        return level, level
    low, high = (side[is_open].astype(np.float64) for side in _ends(friction.elevation_m, move))
    slope = np.nan_to_num((high - low) / metres, nan=0.0)
    there, back = (level * np.exp(3.5 * np.abs(rise + 0.05) - FLAT_TOBLER) for rise in (slope, -slope))
    return there, back


def _beside(cells: Floats, move: tuple[int, int], step: tuple[int, int]) -> Floats:
    """Return the cells one ``step`` from those that a move leaves, in the shape of its ends."""
    down, along = move
    rows, columns = cells.shape[0] - down, cells.shape[1] - abs(along)
    first = max(-along, 0) + step[1]
    return cells[step[0] : step[0] + max(rows, 0), first : first + max(columns, 0)]


def _road_edges(friction: Friction, node: NDArray[np.int32], cells: int) -> tuple[Ints, Ints, Floats]:
    """Both ways of every road link and of every way on and off: row, column, minutes."""
    roads = friction.roads
    access = np.flatnonzero(np.isfinite(roads.access_m) & (roads.cell >= 0))
    centre = node.ravel()[roads.cell[access]].astype(np.int64) if len(access) else np.zeros(0, dtype=np.int64)
    access, centre = access[centre >= 0], centre[centre >= 0]
    on_foot = roads.access_m[access] * friction.walking_minutes_per_m
    first = np.concatenate([access + cells, roads.start + cells])
    second = np.concatenate([centre, roads.end + cells])
    minutes = np.concatenate([on_foot, roads.minutes])
    return np.concatenate([first, second]), np.concatenate([second, first]), np.concatenate([minutes, minutes])
