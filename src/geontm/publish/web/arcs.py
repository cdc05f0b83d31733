"""Outlines as arcs: every edge that two shapes share is stored once, and shapes are lists of arcs.

The bytes are what ``page/unpack.js`` and ``page/coverage.js`` read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Arcs", "arcs_of", "differences", "pack_arcs", "streams", "varints"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Shapes on a grid, taken apart into arcs.

    An arc runs from one junction to the next; a junction is a point whose two neighbours are not the same in every
    ring that passes through it. A ring without junctions is one closed arc.

    Attributes
    ----------
    xy : array of int, points x 2
        Grid points of all arcs, one arc after another; a closed arc repeats its first point.
    lengths : array of int, arcs
        Points of each arc, 2 or more.
    steps : array of int
        Arcs along all rings: ``k``, or ``~k`` where arc ``k`` is walked backwards. Arcs are numbered in the order in
        which the steps first meet them, and run as that first step walks them.
    ring_steps, part_rings, feature_parts : arrays of int
        Steps of each ring, rings of each part (outer ring first), parts of each feature (0 without shape).
    """

    xy: Ints
    lengths: Ints
    steps: Ints
    ring_steps: Ints
    part_rings: Ints
    feature_parts: Ints


def arcs_of(shapes: NDArray[np.object_]) -> Arcs:
    """Take polygons apart into arcs, each stored once.

    Parameters
    ----------
    shapes : array of polygons, n
        Coordinates are whole numbers; null or empty where there is no shape. They need not be a coverage: an edge is
        shared where both sides have the same points, and stored twice where they have not.
    """
    xy, ring_of, part_rings, feature_parts = _rings(shapes)
    if not len(xy):
        none = np.zeros(0, dtype=np.int64)
        return Arcs(xy, none, none, none, part_rings, feature_parts)
    sizes = np.bincount(ring_of)
    starts = np.cumsum(sizes) - sizes
    names, first = _names(xy)
    at_junction = _junctions(names, first, starts, sizes)
    order = _rotated(names, at_junction, ring_of, starts, sizes)
    begins = at_junction[order]
    begins[starts] = True
    begin = np.flatnonzero(begins)
    end = np.append(begin[1:], len(order))
    ring = ring_of[begin]
    # The last point of an arc is the first of the next one; of the last arc of a ring, that of the ring.
    close = np.where(end == starts[ring] + sizes[ring], starts[ring], end)
    walked = names[order]
    last, second, before = walked[close], walked[np.where(end - begin > 1, begin + 1, close)], walked[end - 1]
    ahead = (walked[begin] < last) | ((walked[begin] == last) & (second <= before))
    # Both ends of an arc name it: a point and the next one along the arc.
    key = np.where(ahead, walked[begin], last) * (len(first) + 1) + np.where(ahead, second, before)
    _, met, number = np.unique(key, return_index=True, return_inverse=True)
    new = np.argsort(met)
    rank = np.empty_like(new)
    rank[new] = np.arange(len(new))
    steps = np.where(ahead == ahead[met[number]], rank[number], ~rank[number])
    kept = met[new]
    lengths = end[kept] - begin[kept] + 1
    ends = np.cumsum(lengths)
    places = np.repeat(begin[kept] - (ends - lengths), lengths) + np.arange(ends[-1])
    places[ends - 1] = close[kept]
    return Arcs(xy[order[places]], lengths, steps, np.bincount(ring), part_rings, feature_parts)


def pack_arcs(arcs: Arcs) -> bytes:
    """Pack arcs as varint streams, each preceded by its length.

    Parts per feature, rings per part, steps per ring; steps (0: the next arc that was not met yet; otherwise
    1 + 2 x (how many arcs ago it was first met) + 1 if it is walked backwards); points per arc less 2; differences of
    x and of y from point to point, across arcs, in zigzag.
    """
    number = np.where(arcs.steps < 0, ~arcs.steps, arcs.steps)
    seen = np.maximum.accumulate(number) if len(number) else number
    new = np.ones(len(number), dtype=bool)
    new[1:] = seen[1:] != seen[:-1]
    coded = np.where(new, 0, 1 + 2 * (seen - number) + (arcs.steps < 0))
    x, y = differences(arcs.xy[:, 0]), differences(arcs.xy[:, 1])
    return streams([arcs.feature_parts, arcs.part_rings, arcs.ring_steps, coded, arcs.lengths - 2, x, y])


def streams(each: list[Ints]) -> bytes:
    """Write streams of non-negative integers one after another, each preceded by its length."""
    return b"".join(varints(np.array([len(stream)])) + varints(stream) for stream in each)


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


def differences(values: Ints) -> Ints:
    """Return each value less the one before it (the first less 0), folded to non-negative numbers (zigzag)."""
    steps = np.diff(values, prepend=np.int64(0))
    return (steps << 1) ^ (steps >> 63)


def _rings(shapes: NDArray[np.object_]) -> tuple[Ints, Ints, Ints, Ints]:
    """Give the points of all rings without repeats and closing point, and how rings make parts, and parts features."""
    parts, feature_of = shapely.get_parts(shapes, return_index=True)
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, feature_of = parts[areas], feature_of[areas]
    rings, part_of = shapely.get_rings(parts, return_index=True)
    coordinates, ring_of = shapely.get_coordinates(rings, return_index=True)
    xy = np.round(coordinates).astype(np.int64)
    kept = np.ones(len(xy), dtype=bool)
    kept[:-1] = (ring_of[:-1] == ring_of[1:]) & (xy[:-1] != xy[1:]).any(axis=1)
    kept[-1:] = False  # the last point of a ring repeats its first
    xy, ring_of = xy[kept], ring_of[kept]
    # What has no area is no ring; a part without outer ring is no part.
    sizes = np.bincount(ring_of, minlength=len(rings))
    outer = np.ones(len(rings), dtype=bool)
    outer[1:] = part_of[1:] != part_of[:-1]
    part_there = np.zeros(len(parts), dtype=bool)
    part_there[part_of[outer]] = sizes[outer] >= 3
    ring_there = (sizes >= 3) & part_there[part_of]
    there = ring_there[ring_of]
    number = np.cumsum(ring_there) - 1
    part_rings = np.bincount(part_of[ring_there], minlength=len(parts))[part_there]
    feature_parts = np.bincount(feature_of[part_there], minlength=len(shapes))
    return xy[there], number[ring_of[there]], part_rings, feature_parts


def _names(xy: Ints) -> tuple[Ints, Ints]:
    """Give every point the number of its place, and where each place was first met."""
    low = xy.min(axis=0)
    span = int(xy[:, 1].max() - low[1]) + 1
    key = (xy[:, 0] - low[0]) * span + (xy[:, 1] - low[1])
    _, first, names = np.unique(key, return_index=True, return_inverse=True)
    return names, first


def _junctions(names: Ints, first: Ints, starts: Ints, sizes: Ints) -> NDArray[np.bool_]:
    """Tell of every point whether it lies on a junction."""
    after = np.arange(1, len(names) + 1)
    after[starts + sizes - 1] = starts
    before = np.arange(-1, len(names) - 1)
    before[starts] = starts + sizes - 1
    low, high = np.minimum(names[before], names[after]), np.maximum(names[before], names[after])
    usual = first[names]
    junction = np.zeros(len(first), dtype=bool)
    junction[names[(low != low[usual]) | (high != high[usual])]] = True
    return junction[names]


def _rotated(names: Ints, at_junction: NDArray[np.bool_], ring_of: Ints, starts: Ints, sizes: Ints) -> Ints:
    """Give the order of points in which every ring starts at a junction, or else at its lowest point."""
    lowest = np.flatnonzero(names == np.minimum.reduceat(names, starts)[ring_of])
    offset = np.zeros(len(starts), dtype=np.int64)
    for places in (lowest, np.flatnonzero(at_junction)):
        ring, found = np.unique(ring_of[places], return_index=True)
        offset[ring] = places[found] - starts[ring]
    base, size = starts[ring_of], sizes[ring_of]
    return base + (np.arange(len(names)) - base + offset[ring_of]) % size
