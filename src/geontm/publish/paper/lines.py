"""Borders of a coverage, each drawn once, and polygons as paths of matplotlib."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

__all__ = ["INNER", "OUTER", "borders", "line_paths", "outer_borders", "polygon_path", "stand_alone"]

INNER, OUTER = "#7d766a", "#26241f"  # colours of borders: between units, and where a province ends
Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


def borders(shapes: Shapes, owners: Sequence[str]) -> tuple[Shapes, Shapes]:
    """Return the borders between units, and those where one owner ends; each stretch once.

    Parameters
    ----------
    shapes : array of polygons or None, n
        A coverage: neighbours share their vertices.
    owners : sequence of str, n
        What each belongs to (a province).

    Returns
    -------
    inner, outer : arrays of lines
        Inside one owner; between two, or at the outer edge.
    """
    edges, unit_of = _edges(shapes)
    if not len(edges):
        return np.array([], dtype=object), np.array([], dtype=object)
    _, owner = np.unique(np.asarray(owners, dtype=str), return_inverse=True)
    unique, inverse, counts = np.unique(edges, axis=0, return_inverse=True, return_counts=True)
    inverse = np.ravel(inverse)
    low, high = np.full(len(unique), np.iinfo(np.int64).max), np.full(len(unique), -1)
    np.minimum.at(low, inverse, owner[unit_of])
    np.maximum.at(high, inverse, owner[unit_of])
    outer = (counts == 1) | (low != high)
    return _merged(unique[~outer]), _merged(unique[outer])


def stand_alone(shapes: Shapes) -> NDArray[np.bool_]:
    """Tell which units of a coverage share no border with another: islands."""
    edges, unit_of = _edges(shapes)
    alone = np.ones(len(shapes), dtype=bool)
    if len(edges):
        _, inverse, counts = np.unique(edges, axis=0, return_inverse=True, return_counts=True)
        alone[unit_of[counts[np.ravel(inverse)] > 1]] = False
    return alone


def outer_borders(outer: Shapes, least: float) -> tuple[Shapes, Shapes]:
    """Part outer borders into those around land of at least ``least`` (square units), and those of islets.

    The coasts of thousands of islets would blacken a bay if they were drawn as heavily.
    """
    closed = shapely.is_closed(outer)
    area = np.zeros(len(outer))
    if closed.any():
        points, line_of = shapely.get_coordinates(outer[closed], return_index=True)
        area[closed] = shapely.area(shapely.polygons(shapely.linearrings(points, indices=line_of)))
    small = closed & (area < least)
    return outer[~small], outer[small]


def polygon_path(shape: object) -> Path | None:
    """Return a polygon with its parts and holes as one path; None for nothing."""
    polygons = shapely.get_parts(shapely.orient_polygons(shape)) if shape is not None else np.array([], dtype=object)
    rings = shapely.get_rings(polygons)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return None
    codes = np.full(len(points), Path.LINETO, dtype=np.uint8)
    first = np.ones(len(points), dtype=bool)
    first[1:] = ring_of[1:] != ring_of[:-1]
    codes[first] = Path.MOVETO
    codes[np.roll(first, -1)] = Path.CLOSEPOLY
    return Path(points, codes)


def line_paths(lines: Shapes) -> Path | None:
    """Return lines as one path; None for no line."""
    points, line_of = shapely.get_coordinates(lines, return_index=True)
    if not len(points):
        return None
    codes = np.full(len(points), Path.LINETO, dtype=np.uint8)
    first = np.ones(len(points), dtype=bool)
    first[1:] = line_of[1:] != line_of[:-1]
    codes[first] = Path.MOVETO
    return Path(points, codes)


def _merged(edges: Floats) -> Shapes:
    if not len(edges):
        return np.array([], dtype=object)
    lines = shapely.linestrings(edges.reshape(-1, 2, 2))
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines))), dtype=object)


def _edges(shapes: Shapes) -> tuple[Floats, NDArray[np.int64]]:
    """Give each edge as (x1, y1, x2, y2), its smaller end first, and the unit that owns it."""
    parts, unit_of = shapely.get_parts(shapes, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    if len(points) < 2:
        return np.zeros((0, 4)), np.zeros(0, dtype=np.int64)
    same = ring_of[1:] == ring_of[:-1]
    begin, end = points[:-1][same], points[1:][same]
    owner = unit_of[part_of[ring_of[1:][same]]]
    real = (begin != end).any(axis=1)
    begin, end, owner = begin[real], end[real], owner[real]
    swap = (begin[:, 0] > end[:, 0]) | ((begin[:, 0] == end[:, 0]) & (begin[:, 1] > end[:, 1]))
    begin[swap], end[swap] = end[swap], begin[swap].copy()
    return np.hstack([begin, end]), owner
