"""Which units are neighbours, and over how many kilometres: equal segments and vertices are found by their ends.

In a layer whose neighbours share their edges vertex by vertex (what :func:`geontm.load.repair_units` makes) two units
have a boundary in common exactly where both have the same segment, and touch at a point exactly where both have the
same vertex. So no shape is ever cut with another.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.cover.measured import Measured
from geontm.errors import CRSError
from geontm.tables import Issue

__all__ = ["measure_neighbours"]

STORED = pyproj.CRS.from_epsg(4326)
ELLIPSOID = pyproj.Geod(ellps="WGS84")


def measure_neighbours(units: gpd.GeoDataFrame) -> Measured:
    """Find every pair of units that touch, and the length of boundary that they share.

    Parameters
    ----------
    units : GeoDataFrame, n rows, EPSG:4326, index ``commune_code``
        (Multi)Polygons that share their edges vertex by vertex; null shapes are allowed.

    Returns
    -------
    Measured
        ``table``, index of ``units``: ``neighbour_count`` (Int64: units with which a stretch of boundary is shared) and
        ``shared_boundary_km`` (Float64, km, geodesic: how much of the own boundary is shared); unknown without a shape.
        ``more["neighbours"]``: ``commune_code``, ``neighbour_code``, ``shared_km`` (Float64, geodesic; 0 where the two
        touch at points only), each pair in both directions, in the order of the codes.
        ``issues``: a warning where a segment is of more than two units, which only overlapping shapes have; one for the
        units without a shape.

    Raises
    ------
    CRSError
        The layer is not in EPSG:4326.

    Notes
    -----
    A unit that lies wholly apart has 0 neighbours. Where edges do not match, neighbours are missed: repair the layer
    first.
    """
    if units.crs is None or pyproj.CRS.from_user_input(units.crs) != STORED:
        raise CRSError("cover.not_stored_crs", layer="units", crs=getattr(units.crs, "name", "–"))
    ordered = units.sort_index()
    shapes = ordered.geometry.to_numpy()
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    points, node, follows, owner = _boundary(shapes)

    first, second, metres, crowded = _shared(points, node, follows, owner)
    n = len(ordered)
    touching = _touching(node, owner, n)
    pair = first * n + second
    pairs = np.union1d(pair, touching)
    length = np.bincount(np.searchsorted(pairs, pair), weights=metres, minlength=len(pairs))
    a, b = pairs // n, pairs % n

    codes = ordered.index.to_numpy()
    both = np.argsort(np.concatenate([a * n + b, b * n + a]), kind="stable")
    left, right = np.concatenate([a, b])[both], np.concatenate([b, a])[both]
    km = np.concatenate([length, length])[both] / 1_000
    count = np.bincount(left[km > 0], minlength=n)
    shared = np.bincount(left, weights=km, minlength=n)
    table = pd.DataFrame(
        {
            "neighbour_count": pd.Series(count, index=ordered.index).astype("Int64"),
            "shared_boundary_km": pd.Series(shared, index=ordered.index).astype("Float64"),
        }
    )
    table.loc[missing] = pd.NA
    found = pd.DataFrame(
        {"commune_code": codes[left], "neighbour_code": codes[right], "shared_km": pd.array(km, dtype="Float64")}
    )
    issues = [
        Issue.of("warning", "neighbours.crowded", value=codes[at], code=codes[at]) for at in np.unique(crowded).tolist()
    ]
    issues += [
        Issue.of("warning", "neighbours.no_geometry", value=codes[at], code=codes[at]) for at in np.flatnonzero(missing)
    ]
    return Measured(table.loc[units.index], {"neighbours": found}, tuple(issues))


def _boundary(
    shapes: NDArray[Any],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.intp]]:
    """Return the vertices of all rings, a number for each place, which follow the one before, and whose they are."""
    rings, shape = _rings(shapes)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    # Exact: equal coordinates get equal numbers, no others do.
    x, y = (pd.factorize(points[:, axis])[0].astype(np.int64) for axis in (0, 1))
    node = pd.factorize(x * (len(points) + 1) + y)[0].astype(np.int64)
    follows = np.zeros(len(points), dtype=bool)
    follows[1:] = (ring[1:] == ring[:-1]) & (node[1:] != node[:-1])
    return points, node, follows, shape[ring]


def _rings(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    # get_rings answers nothing for MultiPolygons, so they are taken apart first.
    parts, shape = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    return rings, shape[part]


def _shared(
    points: NDArray[np.float64], node: NDArray[np.int64], follows: NDArray[np.bool_], owner: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64], NDArray[np.intp]]:
    """Return each segment that two units have: the units (the smaller first), its metres; and units of crowded ones."""
    end = np.flatnonzero(follows)
    key = np.minimum(node[end], node[end - 1]) * (len(node) + 1) + np.maximum(node[end], node[end - 1])
    order = np.argsort(key, kind="stable")
    end, key = end[order], key[order]
    # Owners ascend along the rings and the sort is stable, so they ascend within equal keys.
    same = np.flatnonzero((key[1:] == key[:-1]) & (owner[end[1:]] != owner[end[:-1]]))
    triple = same[:-1][(np.diff(same) == 1) & (key[same[:-1]] == key[same[1:]])] if len(same) > 1 else same[:0]
    crowded = owner[end[np.concatenate([triple, triple + 1, triple + 2])]]
    at = end[same]
    metres = ELLIPSOID.inv(*points[at - 1].T, *points[at].T)[2] if len(at) else np.zeros(0)
    return owner[end[same]], owner[end[same + 1]], np.asarray(metres, dtype=np.float64), crowded


def _touching(node: NDArray[np.int64], owner: NDArray[np.intp], n: int) -> NDArray[np.int64]:
    """Return the pairs of units that have a vertex in common, as ``first * n + second``, ascending."""
    # A ring meets few of its own vertices twice; what is found twice is dropped with the pairs.
    order = np.argsort(node, kind="stable")
    place, unit = node[order], owner[order].astype(np.int64)
    pairs = [np.zeros(0, dtype=np.int64)]
    apart = 1
    # Sorted by place, and by unit within it, the units of one place stand side by side: first those next to each other
    # are paired, then those one further apart, and so on.
    while len(at := np.flatnonzero(place[apart:] == place[:-apart])):
        first, second = unit[at], unit[at + apart]
        pairs.append(pd.unique((first * n + second)[first != second]))
        apart += 1
    return np.unique(np.concatenate(pairs))
