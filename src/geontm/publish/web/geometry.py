"""Outlines for the screen: simplified together, put on a grid, and packed into bytes once per page."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

__all__ = ["GRID", "Outlines", "label_points", "pack_lines", "pack_polygons", "province_lines", "simplify", "varints"]

# Coordinates are whole multiples of 1e-4 degree, about 11 m: finer than a pixel at zoom 13.
GRID = 10_000
_METRIC = "+proj=lcc +lat_1=11 +lat_2=21 +lat_0=16 +lon_0=107 +datum=WGS84 +units=m +no_defs"
_MANY_UNITS = 1_000
_EXACT_LABELS = 200
_ISLET = 0.05  # square degrees, about 600 km²
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Outlines:
    """Simplified geometry of the units, in unit order.

    Attributes
    ----------
    geometry : GeoSeries, n rows, EPSG:4326
        On the grid; null where the unit has none.
    tolerance_m : float
        Tolerance of the simplification (m).
    """

    geometry: gpd.GeoSeries
    tolerance_m: float


def simplify(units: gpd.GeoSeries, *, tolerance_m: float | None = None) -> Outlines:
    """Simplify all outlines in one go, so that neighbours keep their common edge, and put them on the grid.

    Parameters
    ----------
    units : GeoSeries, n rows, EPSG:4326
        Polygons, some possibly null.
    tolerance_m : float, optional
        Default 200 m for a large set of units (over 1,000), 25 m otherwise.
    """
    if tolerance_m is None:
        tolerance_m = 200.0 if len(units) > _MANY_UNITS else 25.0
    known = units.notna() & ~units.is_empty
    shapes = np.full(len(units), None, dtype=object)
    if known.any():
        metric = units[known].to_crs(_METRIC)
        simple = gpd.GeoSeries(shapely.coverage_simplify(metric.to_numpy(), tolerance_m), crs=_METRIC)
        degrees = simple.to_crs("EPSG:4326").to_numpy()
        shapes[known.to_numpy()] = shapely.transform(degrees, lambda xy: np.round(xy * GRID) / GRID)
    return Outlines(gpd.GeoSeries(shapes, index=units.index, crs="EPSG:4326"), tolerance_m)


def province_lines(outlines: gpd.GeoSeries, provinces: pd.Series) -> NDArray[np.object_]:
    """Return the lines where one province ends, each drawn once: edges that two units of one province share drop out.

    Parameters
    ----------
    outlines : GeoSeries, n rows
        Outlines on the grid, a coverage.
    provinces : Series, n rows, same index
        Province code of each unit.
    """
    edges, owner = _edges(outlines)
    if not len(edges):
        return np.array([], dtype=object)
    named, _ = pd.factorize(provinces.reindex(outlines.index))
    order = np.lexsort(edges.T[::-1])
    ordered = edges[order]
    starts = np.ones(len(edges), dtype=bool)
    starts[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    unique, inverse = ordered[starts], np.empty(len(edges), dtype=np.int64)
    inverse[order] = np.cumsum(starts) - 1
    owners = named[owner]
    low, high = np.full(len(unique), np.iinfo(np.int64).max), np.full(len(unique), -2)
    np.minimum.at(low, inverse, owners)
    np.maximum.at(high, inverse, owners)
    keep = (np.bincount(inverse, minlength=len(unique)) == 1) | (low != high)
    segments = shapely.linestrings(unique[keep].reshape(-1, 2, 2) / GRID)
    lines = np.asarray(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments))))
    # The coasts of thousands of islets would blacken Hạ Long bay; their fill shows them well enough.
    islets = shapely.is_closed(lines)
    islets[islets] = shapely.area(shapely.build_area(lines[islets])) < _ISLET
    return lines if islets.all() else lines[~islets]


def pack_polygons(outlines: gpd.GeoSeries) -> bytes:
    """Pack polygons as varints: parts per feature, rings per part, points per ring, then differences of x and of y.

    Every stream is preceded by its length. Points are grid multiples; each ring leaves out its closing point.
    """
    shapes = outlines.to_numpy()
    parts, feature_of = shapely.get_parts(shapes, return_index=True)
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, feature_of = parts[polygons], feature_of[polygons]
    rings, part_of = shapely.get_rings(parts, return_index=True)
    xy, ring_of = _grid_points(rings, closed=True)
    counts = [
        np.bincount(feature_of, minlength=len(shapes)),
        np.bincount(part_of, minlength=len(parts)),
        np.bincount(ring_of, minlength=len(rings)),
    ]
    return _streams([*counts, _differences(xy[:, 0]), _differences(xy[:, 1])])


def pack_lines(lines: NDArray[np.object_]) -> bytes:
    """Pack lines as varints: points per line, then differences of x and of y."""
    xy, line_of = _grid_points(lines, closed=False)
    return _streams([np.bincount(line_of, minlength=len(lines)), _differences(xy[:, 0]), _differences(xy[:, 1])])


def label_points(outlines: gpd.GeoSeries) -> list[tuple[float, float] | None]:
    """Return a place (lon, lat) inside the largest part of each shape where its name may stand; None without shape."""
    exact = len(outlines) <= _EXACT_LABELS
    places: list[tuple[float, float] | None] = []
    for shape in outlines:
        if shape is None or shape.is_empty:
            places.append(None)
            continue
        parts = shapely.get_parts(shape)
        largest = parts[int(np.argmax(shapely.area(parts)))]
        if exact and largest.area > 0:
            width = max(np.ptp(np.reshape(largest.bounds, (2, 2)), axis=0))
            point = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=width / 50), 0)
        else:
            point = shapely.point_on_surface(largest)
        places.append((round(point.x, 4), round(point.y, 4)))
    return places


def varints(values: Ints) -> bytes:
    """Write non-negative integers below 2**35 as little-endian groups of seven bits."""
    numbers = np.asarray(values, dtype=np.uint64)
    if not numbers.size:
        return b""
    sizes = np.ones(numbers.size, dtype=np.int64)
    for group in range(1, 5):
        sizes += numbers >= np.uint64(1 << (7 * group))
    ends = np.cumsum(sizes)
    out = np.zeros(int(ends[-1]), dtype=np.uint8)
    begins = ends - sizes
    for group in range(5):
        has = sizes > group
        bits = (numbers[has] >> np.uint64(7 * group)) & np.uint64(127)
        more = (sizes[has] > group + 1).astype(np.uint64) << np.uint64(7)
        out[begins[has] + group] = bits | more
    return out.tobytes()


def _streams(streams: list[Ints]) -> bytes:
    return b"".join(varints(np.array([len(stream)])) + varints(stream) for stream in streams)


def _differences(values: Ints) -> Ints:
    steps = np.diff(values, prepend=np.int64(0))
    return (steps << 1) ^ (steps >> 63)


def _grid_points(lines: NDArray[np.object_], *, closed: bool) -> tuple[Ints, Ints]:
    """Give the grid points of lines or rings without repeats, and which line each belongs to."""
    coordinates, line_of = shapely.get_coordinates(lines, return_index=True)
    xy = np.round(coordinates * GRID).astype(np.int64)
    if not len(xy):
        return xy.reshape(0, 2), line_of
    first = np.ones(len(xy), dtype=bool)
    first[1:] = line_of[1:] != line_of[:-1]
    moved = first.copy()
    moved[1:] |= (xy[1:] != xy[:-1]).any(axis=1)
    if closed:
        last = np.roll(first, -1)
        moved &= ~last | first
    return xy[moved], line_of[moved]


def _edges(outlines: gpd.GeoSeries) -> tuple[Ints, Ints]:
    """Give each edge as grid points (x1, y1, x2, y2), smaller end first, and the unit that owns it."""
    parts, unit_of = shapely.get_parts(outlines.to_numpy(), return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    coordinates, ring_of = shapely.get_coordinates(rings, return_index=True)
    xy = np.round(coordinates * GRID).astype(np.int64)
    same = ring_of[1:] == ring_of[:-1]
    begin, end = xy[:-1][same], xy[1:][same]
    owner = unit_of[part_of[ring_of[1:][same]]]
    real = (begin != end).any(axis=1)
    begin, end, owner = begin[real], end[real], owner[real]
    swap = (begin[:, 0] > end[:, 0]) | ((begin[:, 0] == end[:, 0]) & (begin[:, 1] > end[:, 1]))
    begin[swap], end[swap] = end[swap], begin[swap].copy()
    return np.hstack([begin, end]), owner
