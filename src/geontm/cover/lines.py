"""Lines cut at the borders of polygons, and measured on the ground.

Every point of a line counts ``1/n`` in the ``n`` polygons that hold it: once inside a unit, half in each of two units
along the border they share, and once in the unit behind an outer border. So lengths by unit and what lies outside all
units always add up to the whole.

Most lines lie inside one polygon and are never cut: a prepared polygon tells them from the others. The others are cut
segment by segment at the borders they meet; the middle of each piece tells where the whole piece lies. Overlay of
whole polygons is not needed, and since pieces are shares of segments no length can be lost in rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.errors import CRSError

__all__ = ["ON_BORDER_M", "Plane", "Segments", "ShareOfLine", "cut_lines", "segments_of"]

# A point this near to a border lies on it, and two points this near to each other are one: what rounding of
# coordinates of some thousand kilometres leaves is ten thousand times less.
ON_BORDER_M = 1e-6
# Mean radius of curvature of the ellipsoid at 16° N, the middle of Vietnam (m). Half a percent off changes the length
# of a road 100 km from the meridian by less than one part in a million.
RADIUS_M = 6_360_000.0
# Edges of polygons taken at a time: bounds the memory of a layer of the whole country.
EDGES_AT_A_TIME = 250_000
# Edges that follow one another and are sought by one box: to make a geometry of each takes longer than to compare them.
EDGES_IN_A_BOX = 16

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """A transverse Mercator plane, and how long a metre of it is on the ground.

    The scale is ``k0 · cosh(x / (k0 R))`` with ``x`` the distance from the central meridian; its inverse is taken to
    the second order, which is within one part in a million up to 250 km from the meridian. Integrated along a segment
    this has a closed form, so cutting a segment changes nothing.

    Attributes
    ----------
    scale : float
        Scale on the central meridian.
    meridian_x : float
        Easting of the central meridian (m).
    """

    scale: float
    meridian_x: float

    @classmethod
    def of(cls, crs: Any) -> Plane:
        """Read the plane from a CRS.

        Raises
        ------
        CRSError
            The CRS is no transverse Mercator: neither a zone of VN-2000 nor UTM.
        """
        crs = pyproj.CRS.from_user_input(crs)
        crs = crs.source_crs if crs.is_bound else crs
        operation = crs.coordinate_operation
        if operation is None or operation.method_name != "Transverse Mercator":
            raise CRSError("roads.not_transverse_mercator", where=crs.name, crs=crs.name)
        parameters = {parameter.name: parameter.value for parameter in operation.params}
        return cls(parameters["Scale factor at natural origin"], parameters["False easting"])

    def ground_m(self, plane_m: Numbers, start_x: Numbers, end_x: Numbers) -> Numbers:
        """Return the lengths on the ground (m) of straight segments, from their lengths and eastings in the plane."""
        start, end = start_x - self.meridian_x, end_x - self.meridian_x
        mean_square = (start**2 + start * end + end**2) / 3
        return np.asarray(plane_m / self.scale * (1 - mean_square / (2 * (self.scale * RADIUS_M) ** 2)))

    def ground_km2(self, polygons: NDArray[Any]) -> Numbers:
        """Return the areas of polygons on the ground (km²), with the scale at their centroids; NaN for no geometry."""
        x = shapely.get_x(shapely.centroid(polygons)) - self.meridian_x
        inverse = (1 - x**2 / (2 * (self.scale * RADIUS_M) ** 2)) / self.scale
        return np.asarray(shapely.area(polygons) * inverse**2 / 1_000_000)


@dataclass(frozen=True)
class Segments:
    """Straight segments of lines.

    Attributes
    ----------
    starts, ends : ndarray of float64, shape (n, 2)
    line : ndarray of intp, shape (n,)
        Position of the line that each is of.
    """

    starts: Numbers
    ends: Numbers
    line: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.line)

    def take(self, chosen: NDArray[Any]) -> Segments:
        """Return some of the segments."""
        return Segments(self.starts[chosen], self.ends[chosen], self.line[chosen])

    def plane_m(self) -> Numbers:
        """Return the lengths in the plane (m)."""
        return np.asarray(np.hypot(*(self.ends - self.starts).T))

    def ground_m(self, plane: Plane) -> Numbers:
        """Return the lengths on the ground (m)."""
        return plane.ground_m(self.plane_m(), self.starts[:, 0], self.ends[:, 0])

    def boxes(self) -> tuple[Numbers, Numbers]:
        """Return the lower left and the upper right corner of each."""
        return np.minimum(self.starts, self.ends), np.maximum(self.starts, self.ends)

    def geometries(self) -> NDArray[Any]:
        """Return the segments as geometries."""
        return np.asarray(shapely.linestrings(np.stack([self.starts, self.ends], axis=1)))


@dataclass(frozen=True)
class ShareOfLine:
    """How much of each line counts in each polygon; a pair may stand in several rows.

    Attributes
    ----------
    line : ndarray of intp, shape (n,)
    zone : ndarray of intp, shape (n,)
        Position of the polygon; -1 where the stretch lies in none.
    metres : ndarray of float64, shape (n,)
        Length on the ground, already divided among the polygons that hold the stretch together.
    """

    line: NDArray[np.intp]
    zone: NDArray[np.intp]
    metres: Numbers


def segments_of(lines: NDArray[Any]) -> Segments:
    """Split LineStrings into their straight segments, those of no length left out."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    real = (line[1:] == line[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    return Segments(points[:-1][real], points[1:][real], line[1:][real])


def cut_lines(lines: NDArray[Any], polygons: NDArray[Any], plane: Plane) -> ShareOfLine:
    """Measure lines by the polygons that hold them.

    Parameters
    ----------
    lines : ndarray of LineString, shape (m,)
        In the plane's CRS.
    polygons : ndarray of Polygon or MultiPolygon, shape (k,)
        Valid, in the same CRS; meant to form a coverage. Where they overlap, a line inside several counts in equal
        parts.
    plane : Plane

    Returns
    -------
    ShareOfLine
        All metres together are the length of all lines. Lines of no length have no row.
    """
    segments = segments_of(lines)
    metres = segments.ground_m(plane)
    tree = shapely.STRtree(lines)
    zone, inside = tree.query(polygons, predicate="contains_properly")
    holders = np.bincount(inside, minlength=len(lines))
    length = np.bincount(segments.line, weights=metres, minlength=len(lines)).astype(np.float64)
    parts = [ShareOfLine(inside, zone, length[inside] / holders[inside])]

    near = np.zeros(len(lines), dtype=bool)
    near[tree.query(polygons)[1]] = True
    away = np.flatnonzero(~near & (length > 0))
    parts.append(ShareOfLine(away, np.full(len(away), -1), length[away]))

    parts.append(_cut(segments.take((near & (holders == 0))[segments.line]), polygons, plane))
    return ShareOfLine(
        np.concatenate([part.line for part in parts]),
        np.concatenate([part.zone for part in parts]),
        np.concatenate([part.metres for part in parts]),
    )


def _cut(segments: Segments, polygons: NDArray[Any], plane: Plane) -> ShareOfLine:
    """Cut segments at the borders of polygons and give each piece to the polygons that hold its middle."""
    cut, at = _cuts(segments, polygons)
    segment, start, end = _pieces(len(segments), cut, at)
    origin, along = segments.starts[segment], (segments.ends - segments.starts)[segment]
    x = [origin[:, 0] + t * along[:, 0] for t in (start, end)]
    metres = plane.ground_m(segments.plane_m()[segment] * (end - start), *x)
    middle = shapely.points(origin + along * ((start + end) / 2)[:, None])
    zone, held = shapely.STRtree(middle).query(polygons, predicate="dwithin", distance=ON_BORDER_M)
    holders = np.bincount(held, minlength=len(middle))
    free = np.flatnonzero(holders == 0)
    return ShareOfLine(
        segments.line[segment[np.concatenate([held, free])]],
        np.concatenate([zone, np.full(len(free), -1)]),
        np.concatenate([metres[held] / holders[held], metres[free]]),
    )


def _pieces(n: int, cut: NDArray[np.intp], at: Numbers) -> tuple[NDArray[np.intp], Numbers, Numbers]:
    """Divide ``n`` segments at their cuts: the segment of each piece, and where on it the piece starts and ends."""
    every = np.arange(n)
    segment = np.concatenate([every, every, cut])
    share = np.concatenate([np.zeros(n), np.ones(n), at])
    order = np.lexsort((share, segment))
    segment, share = segment[order], share[order]
    piece = np.flatnonzero(segment[1:] == segment[:-1])
    return segment[piece], share[piece], share[piece + 1]


def _cuts(segments: Segments, polygons: NDArray[Any]) -> tuple[NDArray[np.intp], Numbers]:
    """Find where segments meet borders: the segment, and the share of its length (inside 0 to 1) at which it does.

    Between two such points a segment lies in the same polygons throughout, within ``ON_BORDER_M``. Points that rounding
    alone keeps apart stand here once.
    """
    tree, boxes = shapely.STRtree(segments.geometries()), segments.boxes()
    found: list[tuple[NDArray[np.intp], Numbers]] = [(np.zeros(0, dtype=np.intp), np.zeros(0))]
    for edges in _edges(polygons):
        edge, segment = _close_by(edges, tree, boxes)
        origin, along = segments.starts[segment], segments.ends[segment] - segments.starts[segment]
        first, last = edges.starts[edge], edges.ends[edge]
        for share, meets in (_crossing(origin, along, first, last), *(_foot(origin, along, p) for p in (first, last))):
            found.append((segment[meets], share[meets]))
    cut, share = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((share, cut))
    cut, share = cut[order], share[order]
    same = ON_BORDER_M / segments.plane_m()[cut]
    before = np.concatenate([[-np.inf], np.where(cut[1:] == cut[:-1], share[:-1], -np.inf)])[: len(cut)]
    real = (share > same) & (share < 1 - same) & (share - before > same)
    return cut[real], share[real]


def _close_by(
    edges: Segments, tree: shapely.STRtree, boxes: tuple[Numbers, Numbers]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find the edges and segments of a tree whose boxes lie within ``ON_BORDER_M``; edges are sought some at a time."""
    if not len(edges):
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    begins = np.arange(len(edges)) % EDGES_IN_A_BOX == 0
    begins[1:] |= edges.line[1:] != edges.line[:-1]
    first = np.flatnonzero(begins)
    low, high = edges.boxes()
    low, high = low - ON_BORDER_M, high + ON_BORDER_M
    left, bottom = np.minimum.reduceat(low, first, axis=0).T
    right, top = np.maximum.reduceat(high, first, axis=0).T
    group, segment = tree.query(shapely.box(left, bottom, right, top))
    count = np.diff(first, append=len(edges))[group]
    edge = np.arange(count.sum()) + np.repeat(first[group] - (np.cumsum(count) - count), count)
    segment = np.repeat(segment, count)
    meets = ((low[edge] <= boxes[1][segment]) & (high[edge] >= boxes[0][segment])).all(axis=1)
    return edge[meets], segment[meets]


def _edges(polygons: NDArray[Any]) -> Iterator[Segments]:
    """Yield the edges of polygons, some polygons at a time."""
    batch = np.cumsum(shapely.get_num_coordinates(polygons)) // EDGES_AT_A_TIME
    for number in np.unique(batch):
        rings = shapely.get_rings(shapely.get_parts(polygons[batch == number]))
        yield segments_of(rings)


def _crossing(origin: Numbers, along: Numbers, first: Numbers, last: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Where segments cross edges between the ends of these."""
    edge, offset = last - first, first - origin
    turn = _cross(along, edge)
    parallel = turn == 0
    safe = np.where(parallel, 1.0, turn)
    share, on_edge = _cross(offset, edge) / safe, _cross(offset, along) / safe
    return share, ~parallel & (on_edge >= 0) & (on_edge <= 1)


def _foot(origin: Numbers, along: Numbers, point: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Where segments pass within ``ON_BORDER_M`` of points: ends of edges that touch or run along them."""
    share = ((point - origin) * along).sum(axis=1) / (along**2).sum(axis=1)
    distance = np.hypot(*(origin + along * share[:, None] - point).T)
    return share, distance <= ON_BORDER_M


def _cross(one: Numbers, other: Numbers) -> Numbers:
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
