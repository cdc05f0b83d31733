"""Water and other barriers on a grid: which cells and moves they close, which roads they cut, and where bridges are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geontm.tables import Grid, Window

__all__ = ["Barriers", "lay_barriers"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# A road that crosses a barrier this close to a bridge crosses by it: layers are drawn by different hands.
BRIDGE_REACH_M = 50.0
# Barriers are moved by this (cells, some micrometres) so that none runs through the very centre of a cell, where it
# would be on neither side.
OFF_CENTRE = np.array([3.1e-8, 1.7e-8])


@dataclass(frozen=True)
class Barriers:
    """Barriers on a window of a grid.

    Attributes
    ----------
    inside : ndarray of bool, shape (rows, cols)
        Cells whose centre lies in a barrier that is an area.
    east_open : ndarray of bool, shape (rows, cols - 1)
        Whether no barrier lies between a cell's centre and that of its eastern neighbour.
    south_open : ndarray of bool, shape (rows - 1, cols)
        The same for the southern neighbour.
    shapes : ndarray of geometry
        The barriers in a plane of metres whose origin is the upper left corner of the window, y downwards.
    bridges : ndarray of geometry
        In the same plane.
    scale : tuple of float
        Width and height (m) of a cell in that plane.
    corner : tuple of float
        Left and top of the window and size of a cell, in units of the grid's CRS.
    bridges_listed : bool
        Whether a layer of bridges was given: a road that does not say then needs one of them.
    """

    inside: Bools
    east_open: Bools
    south_open: Bools
    shapes: NDArray[Any]
    bridges: NDArray[Any]
    scale: tuple[float, float]
    corner: tuple[float, float, float, float]
    bridges_listed: bool

    def between(self, starts: Floats, ends: Floats) -> Bools:
        """Tell between which pairs of points (in cells, shape (n, 2) each) a barrier lies."""
        links = shapely.linestrings(np.stack([starts, ends], axis=1) * np.array(self.scale))
        met = shapely.STRtree(self.shapes).query(links, predicate="intersects")[0]
        found = np.zeros(len(links), dtype=np.bool_)
        found[met] = True
        return found

    def closed_stretches(
        self, lines: NDArray[Any], bridge: NDArray[Any]
    ) -> tuple[list[tuple[int, float, float]], int, int]:
        """Find the stretches of roads that lie in or across a barrier without a bridge.

        Parameters
        ----------
        lines : ndarray of LineString, shape (m,)
            In the CRS of the grid.
        bridge : ndarray of object, shape (m,)
            True, False, or anything else for unknown.

        Returns
        -------
        list of (int, float, float)
            Position of the line, and first and last metre of the closed stretch along it in the plane.
        int
            Roads with a closed stretch.
        int
            Roads that cross, do not say whether by a bridge, and were left open.
        """
        plane = to_plane(lines, self.corner, self.scale)
        line, shape = shapely.STRtree(self.shapes).query(plane, predicate="intersects")
        known_bridge = np.array([value is True or value is np.True_ for value in bridge], dtype=np.bool_)
        known_none = np.array([value is False or value is np.False_ for value in bridge], dtype=np.bool_)
        bridges = np.concatenate([self.bridges, plane[known_bridge]])
        tree = shapely.STRtree(bridges)
        closed: list[tuple[int, float, float]] = []
        cut: set[int] = set()
        assumed: set[int] = set()
        for at in np.unique(line):
            if known_bridge[at]:
                continue
            across = shapely.union_all(shapely.intersection(plane[at], self.shapes[shape[line == at]]))
            whole = shapely.line_merge(across) if across.geom_type == "MultiLineString" else across
            for part in shapely.get_parts(whole):
                if len(tree.query(part, predicate="dwithin", distance=BRIDGE_REACH_M)):
                    continue
                if not known_none[at] and not self.bridges_listed:
                    assumed.add(int(at))
                    continue
                places = shapely.line_locate_point(plane[at], shapely.points(shapely.get_coordinates(part)))
                closed.append((int(at), float(places.min()), float(places.max())))
                cut.add(int(at))
        return closed, len(cut), len(assumed)


def to_plane(shapes: NDArray[Any], corner: tuple[float, float, float, float], scale: tuple[float, float]) -> Any:
    """Bring shapes from the grid's CRS to the plane of a window; see :class:`Barriers`."""
    left, top, width, height = corner

    def move(points: Floats) -> Floats:
        return np.stack([(points[:, 0] - left) / width * scale[0], (top - points[:, 1]) / height * scale[1]], axis=1)

    return shapely.transform(shapes, move)


def lay_barriers(
    shapes: NDArray[Any], bridges: NDArray[Any] | None, grid: Grid, window: Window, scale: tuple[float, float]
) -> Barriers:
    """Lay barriers on the cells of a window.

    A barrier closes the moves it crosses between centres of cells, so that a river narrower than a cell parts its two
    banks and nobody is left standing in it; an area closes besides the cells whose centre it holds. Where a bridge is
    within one cell (at least 50 m) of the crossing, the move stays open.

    Parameters
    ----------
    shapes : ndarray of geometry
        Lines or areas, in the CRS of the grid.
    bridges : ndarray of geometry or None
        In the CRS of the grid; None where no layer lists them.
    grid, window
        The cells.
    scale : tuple of float
        Width and height of a cell (m).
    """
    left, _, _, top = grid.bounds_of(window)
    corner = (left, top, grid.cell_width, grid.cell_height)
    plane = to_plane(shapes, corner, scale)
    areas = plane[shapely.get_dimensions(plane) == 2]
    merged = shapely.union_all(areas) if len(areas) else shapely.MultiPolygon()
    courses = shapely.get_parts(plane[shapely.get_dimensions(plane) == 1])
    plane = np.array([*shapely.get_parts(merged), *courses], dtype=object)
    near = np.zeros(0, dtype=object) if bridges is None else to_plane(bridges, corner, scale)
    reach = max(BRIDGE_REACH_M, *scale)
    tree = shapely.STRtree(near)

    def bridged(col: Floats, row: Floats) -> Bools:
        found = np.zeros(len(col), dtype=np.bool_)
        if len(near) and len(col):
            points = shapely.points((col + 0.5) * scale[0], (row + 0.5) * scale[1])
            found[tree.query(points, predicate="dwithin", distance=reach)[0]] = True
        return found

    inside = np.zeros((window.rows, window.cols), dtype=np.bool_)
    east_open = np.ones((window.rows, max(window.cols - 1, 0)), dtype=np.bool_)
    south_open = np.ones((max(window.rows - 1, 0), window.cols), dtype=np.bool_)
    banks = shapely.get_parts(shapely.boundary(merged))
    for edges in (banks, courses):
        start, end = _segments(edges, scale)
        row, col = _meets(start[:, ::-1], end[:, ::-1])
        if edges is banks:
            inside = _enclosed(row, col, window)
        shut = _within(row, col, east_open.shape)
        shut[shut] = ~bridged(col[shut], row[shut].astype(np.float64))
        east_open[row[shut], np.floor(col[shut]).astype(np.int64)] = False
        across, down = _meets(start, end)
        shut = _within(across, down, south_open.shape[::-1])
        shut[shut] = ~bridged(across[shut].astype(np.float64), down[shut])
        south_open[np.floor(down[shut]).astype(np.int64), across[shut]] = False
    return Barriers(inside, east_open, south_open, plane, near, scale, corner, bridges is not None)


def _segments(lines: NDArray[Any], scale: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return the ends of the segments of lines, counted in cells: the centre of the first cell is (0, 0)."""
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    points = coordinates / np.array(scale) - 0.5 + OFF_CENTRE
    same = line[:-1] == line[1:]
    return points[:-1][same], points[1:][same]


def _meets(start: Floats, end: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Where segments pass whole numbers of their first coordinate: that number, and the other coordinate there.

    A vertex on a whole number belongs to the side above it, on every segment alike.
    """
    first, last = np.floor(start[:, 0]).astype(np.int64), np.floor(end[:, 0]).astype(np.int64)
    low, count = np.minimum(first, last) + 1, np.abs(last - first)
    segment = np.repeat(np.arange(len(start)), count)
    number = low[segment] + np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    run = end[segment] - start[segment]
    other = start[segment, 1] + (number - start[segment, 0]) / run[:, 0] * run[:, 1]
    return number, other


def _within(number: NDArray[np.int64], other: Floats, shape: tuple[int, int]) -> Bools:
    return (number >= 0) & (number < shape[0]) & (other >= 0) & (other < shape[1])


def _enclosed(row: NDArray[np.int64], col: Floats, window: Window) -> Bools:
    """Tell the centres inside an area from where its boundary meets their row: behind an odd number of meetings."""
    here = (row >= 0) & (row < window.rows) & (col < window.cols - 1)
    passed = np.maximum(np.floor(col[here]).astype(np.int64) + 1, 0)
    turns = np.zeros((window.rows, window.cols), dtype=np.int32)
    np.add.at(turns, (row[here], passed), 1)
    return np.asarray(np.cumsum(turns, axis=1) % 2 == 1)
