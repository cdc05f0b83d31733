"""Roughens the straight edges of a coverage as nature would have them, alike on both sides of each edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geontm.bench.make.noise import mix

__all__ = ["roughen"]

BEND = 0.16  # first bend: at most this share of the edge's length, to either side
ROUNDS = 6  # tries to bend less where edges cross
DECIMALS = 7  # of the given coordinates, so that both neighbours name an edge alike


def roughen(shapes: NDArray[Any], *, step: float, seed: int) -> NDArray[Any]:
    """Break every edge at midpoints moved to one side, again and again, down to pieces of about ``step``.

    Parameters
    ----------
    shapes : ndarray of Polygon and MultiPolygon, shape (n,)
        A valid coverage: neighbours share their edges vertex by vertex.
    step : float
        Length of a piece, in units of the coordinates.
    seed : int

    Returns
    -------
    ndarray of the same kinds, shape (n,)
        A valid coverage. An edge moves the same way for both its neighbours, whatever the order of the shapes; where
        edges would cross, those of the shapes concerned are bent less, at last not at all.
    """
    rings, ring_of = _rings(shapes)
    points, owner = shapely.get_coordinates(rings, return_index=True)
    follows = owner[1:] == owner[:-1]
    start, end, ring = points[:-1][follows], points[1:][follows], owner[:-1][follows]
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(turned[:, None], end, start), np.where(turned[:, None], start, end)
    keys = np.rint(np.hstack([low, high]) * 10**DECIMALS).astype(np.int64)
    _, first, edge = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    edge = edge.ravel()

    bend = np.full(len(first), BEND)
    for turn in range(ROUNDS + 1):
        pieces, at, count = _edges(low[first], high[first], keys[first], bend, step=step, seed=seed)
        made = _shapes(shapes, (pieces, at, count), edge=edge, turned=turned, ring=ring, ring_of=ring_of)
        bad = ~shapely.is_valid(made)
        if not bad.any():
            bad = ~shapely.is_empty(shapely.coverage_invalid_edges(made))
        if not bad.any() or turn == ROUNDS:
            break
        shrunk = np.unique(edge[bad[ring_of[ring]]])
        bend[shrunk] = bend[shrunk] / 2 if turn < ROUNDS - 1 else 0.0
    return made


def _rings(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return all rings, and the shape that each is of."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    return rings, of[part]


def _edges(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    keys: NDArray[np.int64],
    bend: NDArray[np.float64],
    *,
    step: float,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Return the points of every edge from its low to its high end, where each begins, and how many it has."""
    length = np.hypot(*(high - low).T)
    levels = np.clip(np.ceil(np.log2(np.maximum(length / step, 1.0))), 0, 16).astype(np.intp)
    levels[bend == 0] = 0
    count = 2**levels + 1
    at = np.cumsum(count) - count
    points = np.empty((int(count.sum()), 2))
    for level in np.unique(levels):
        chosen = np.flatnonzero(levels == level)
        path = np.stack([low[chosen], high[chosen]], axis=1)
        for depth in range(level):
            path = _halve(path, keys[chosen], bend[chosen] * 0.94**depth, seed=seed + depth)
        points[at[chosen][:, None] + np.arange(2**level + 1)] = path
    return points, at, count


def _halve(
    path: NDArray[np.float64], keys: NDArray[np.int64], bend: NDArray[np.float64], *, seed: int
) -> NDArray[np.float64]:
    """Put a point in the middle of every piece, moved across it."""
    step = path[:, 1:] - path[:, :-1]
    noise = mix(seed, *(keys[:, [axis]] for axis in range(4)), np.arange(step.shape[1])[None, :])
    across = np.stack([-step[..., 1], step[..., 0]], axis=-1)
    middle = path[:, :-1] + step / 2 + across * (noise * bend[:, None])[..., None]
    found = np.empty((len(path), 2 * path.shape[1] - 1, 2))
    found[:, ::2], found[:, 1::2] = path, middle
    return found


def _shapes(
    shapes: NDArray[Any],
    edges: tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]],
    *,
    edge: NDArray[np.intp],
    turned: NDArray[np.bool_],
    ring: NDArray[np.intp],
    ring_of: NDArray[np.intp],
) -> NDArray[Any]:
    """Put the edges back together into rings, polygons and shapes."""
    points, at, count = edges
    long = count[edge] - 1  # the last point of an edge is the first of the next
    nth = np.arange(int(long.sum())) - np.repeat(np.cumsum(long) - long, long)
    of = np.repeat(np.arange(len(edge)), long)
    place = at[edge][of] + np.where(turned[of], long[of] - nth, nth)
    # A closing point is added by linearrings itself.
    rings = shapely.linearrings(points[place], indices=ring[of])
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    part_of_ring = shapely.get_rings(parts, return_index=True)[1]
    polygons = shapely.polygons(rings, indices=part_of_ring)
    kinds = shapely.get_type_id(shapes)
    made = np.empty(len(shapes), dtype=object)
    single = kinds[shape_of_part] == 3
    made[shape_of_part[single]] = polygons[single]
    if not single.all():
        found = shapely.multipolygons(polygons[~single], indices=_ranked(shape_of_part[~single]))
        made[np.unique(shape_of_part[~single])] = found
    return made


def _ranked(numbers: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.unique(numbers, return_inverse=True)[1].ravel().astype(np.intp)
