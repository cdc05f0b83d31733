"""Outlines for the screen: simplified together, put on a grid, and still a clean coverage there."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geontm.publish.web.around import fit_around

__all__ = ["Outlines", "detail", "simplify"]

Shapes = NDArray[np.object_]

DEGREE_M = 111_320.0
# Tolerance and grid (m) by number of units: what 1:25,000, 1:100,000 and 1:250,000 can show.
_DETAIL = ((200, 5.0, 5.0), (1_000, 20.0, 10.0))
_COARSE = (50.0, 20.0)
_ROUNDS = 6
# A unit whose area changes by more than this share when overlaps and gaps are settled is drawn as it is.
_CHANGED = 0.02


@dataclass(frozen=True, eq=False)
class Outlines:
    """Simplified outlines of units and of the land around them, on one grid.

    Attributes
    ----------
    shapes : array of polygons, n units and then the land around
        Coordinates are whole numbers of grid cells east and north of (0°, 0°); None where there is no outline. Of the
        units, what is not ``apart`` is a valid coverage: neighbours have the same points along their common edge. The
        land around has the units' points along theirs, and covers none.
    per_degree : int
        Cells of the grid in one degree.
    tolerance_m : float
        Tolerance of the simplification (m).
    apart : tuple of int
        Units that overlap others so much that settling the overlap would change them; drawn as they are.
    """

    shapes: Shapes
    per_degree: int
    tolerance_m: float
    apart: tuple[int, ...] = ()


def detail(units: int) -> tuple[float, float]:
    """Return tolerance and grid (m) that suit a number of units on one page."""
    return next(((tolerance, grid) for most, tolerance, grid in _DETAIL if units <= most), _COARSE)


def simplify(
    units: gpd.GeoSeries,
    around: gpd.GeoSeries | None = None,
    *,
    tolerance_m: float | None = None,
    grid_m: float | None = None,
) -> Outlines:
    """Simplify all outlines in one go, so that neighbours keep their common edge, and put them on a grid.

    Rounding makes rings that cross themselves and neighbours that overlap by a hair; both are settled on the grid. No
    unit vanishes: what is smaller than a cell becomes one cell.

    Parameters
    ----------
    units : GeoSeries, n rows, EPSG:4326
        Polygons, some possibly null; overlaps go to the smaller unit, where that changes no unit by more than 2 %.
    around : GeoSeries, m rows, EPSG:4326, optional
        Neighbouring land; what a unit covers is taken from it.
    tolerance_m, grid_m : float, optional
        Default by the number of units, see :func:`detail`.
    """
    usual = detail(len(units))
    tolerance_m = usual[0] if tolerance_m is None else tolerance_m
    per_degree = round(DEGREE_M / (usual[1] if grid_m is None else grid_m))
    given = units.to_numpy() if around is None else np.concatenate([units.to_numpy(), around.to_numpy()])
    shapes = np.full(len(given), None, dtype=object)
    areas = _areas(given)
    there = ~shapely.is_empty(areas) & ~shapely.is_missing(areas)
    if not there.any():
        return Outlines(shapes, per_degree, tolerance_m)
    # East-west lengths shrink with latitude: a plane that is true in the middle of the layer is true enough here.
    known = np.flatnonzero(there[: len(units)])
    _, south, _, north = shapely.total_bounds(areas[known] if len(known) else areas[there])
    squeeze = np.array([float(np.cos(np.radians((south + north) / 2))), 1.0])
    plane = shapely.transform(areas[known], lambda xy: xy * per_degree * squeeze)
    together, apart = _settled(plane)
    cell = DEGREE_M / per_degree
    if tolerance_m > 0:
        together = shapely.coverage_simplify(together, tolerance_m / cell)
        alone = shapely.simplify(plane[apart], tolerance_m / cell)
    else:
        alone = plane[apart]
    unsqueezed = shapely.transform(together, lambda xy: xy / squeeze)
    shapes[known] = _on_grid(unsqueezed)
    shapes[known[apart]] = _rounded(shapely.transform(alone, lambda xy: xy / squeeze))
    outside = np.flatnonzero(there[len(units) :]) + len(units)
    grey = shapely.transform(areas[outside], lambda xy: xy * per_degree)
    units_drawn = shapes[: len(units)]
    shapes[outside] = fit_around(grey, units_drawn, tolerance=tolerance_m / cell, squeeze=float(squeeze[0]))
    return Outlines(shapes, per_degree, tolerance_m, tuple(int(k) for k in known[apart]))


def _areas(shapes: Shapes) -> Shapes:
    """Return the polygons of each shape, made valid; None where there are none."""
    result = shapes.copy()
    kinds = shapely.get_type_id(result)
    areal = np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    wrong = ~areal | ~shapely.is_valid(result)
    for place in np.flatnonzero(wrong & ~shapely.is_missing(result)):
        parts = shapely.get_parts(shapely.make_valid(result[place]))
        parts = shapely.get_parts(parts)
        polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        result[place] = shapely.union_all(polygons) if len(polygons) else None
    return result


def _settled(plane: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    """Make a valid coverage of the shapes that can be one; return it, empty where a shape stands apart, and those."""
    if not len(plane) or shapely.coverage_is_valid(plane):
        return plane, np.zeros(0, dtype=np.int64)
    land = plane.copy()
    clean = shapely.coverage_clean(land, gap_width=2.0, merge_strategy="min_area")
    before, after = shapely.area(plane), shapely.area(clean)
    apart = np.flatnonzero(np.abs(after - before) > _CHANGED * before + 2.0)
    if len(apart):
        land[apart] = shapely.Polygon()
        clean = shapely.coverage_clean(land, gap_width=2.0, merge_strategy="min_area")
    return clean, apart


def _on_grid(shapes: Shapes) -> Shapes:
    """Round a coverage to whole numbers and settle what rounding broke, until nothing is broken."""
    result = _rounded(shapes)
    for _ in range(_ROUNDS):
        clean = shapely.coverage_clean(result, merge_strategy="min_area")
        lost = shapely.is_empty(clean) & ~shapely.is_empty(result)
        clean[lost] = result[lost]
        result = _rounded(clean)
        if shapely.is_valid(result).all() and shapely.coverage_is_valid(result):
            return result
    # What is still not clean is at least drawable, each shape by itself.
    wrong = ~shapely.is_valid(result)
    result[wrong] = _rounded(_areas(result[wrong]))
    return result


def _rounded(shapes: Shapes) -> Shapes:
    """Round to whole numbers; a part that falls into nothing becomes one cell where it was."""
    rounded: Shapes = shapely.transform(shapes, np.round)
    parts, owner = shapely.get_parts(rounded, return_index=True)
    gone = (shapely.area(parts) < 0.5) & ~shapely.is_empty(parts)
    if not gone.any():
        return rounded
    inner = np.isin(owner, np.unique(owner[gone]))
    corner = shapely.get_coordinates(shapely.get_point(shapely.get_exterior_ring(parts[gone]), 0))
    parts[gone] = shapely.box(*corner.T, *(corner + 1).T)
    for place in np.unique(owner[gone]):
        mine = parts[inner & (owner == place)]
        rounded[place] = shapely.union_all(mine) if len(mine) > 1 else mine[0]
    return rounded
