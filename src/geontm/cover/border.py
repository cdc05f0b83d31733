"""Which communes lie on the land border, over how many kilometres, and facing whom.

A commune is a border commune when a stretch of its boundary within ``tolerance_m`` of the land border is longer than
twice that tolerance, and more than one tolerance of it is *outer* boundary, which it shares with no other unit. The
second half keeps out a commune that meets the border at a corner only, or lies a few metres behind another.

Distances are taken in one transverse Mercator plane for the whole country, so that a commune measures the same in a
layer of its province as in the national one; the scale of that plane is off by at most 0.2 % along the land border,
which is 0.4 m in 200 m. Lengths are geodesic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.errors import CRSError
from geontm.tables import Issue, province_crs

__all__ = ["BorderMeasure", "measure_border"]

STORED = pyproj.CRS.from_epsg(4326)
ELLIPSOID = pyproj.Geod(ellps="WGS84")
# Pieces this share of the tolerance long are near or far as a whole.
PIECE = 1 / 10
# A stretch must be longer than this many tolerances: a boundary that meets the border at a right angle and turns away
# on both sides comes within tolerance over just two of them.
LEAST_STRETCH = 2.0
LEAST_OUTER = 1.0


@dataclass(frozen=True)
class BorderMeasure:
    """The land border by commune.

    Attributes
    ----------
    table : DataFrame, index ``commune_code``
        ``is_border`` (boolean), ``border_km`` (Float64, km, geodesic: length of the land border that lies nearest to
        this commune), ``border_neighbours`` (str: ``China``, ``Laos``, ``Cambodia``, joined by ``", "`` in that
        order). Away from the border: False, 0.0 and an empty text. A unit without geometry is unknown in all three.
    issues : tuple of Issue
        Communes whose answer changes within half and twice the tolerance, or hangs on boundary shared with others, and
        those without geometry.
    """

    table: pd.DataFrame
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class _Segments:
    """Straight segments of lines: their ends (°), and the position of the line each belongs to."""

    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    owner: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.owner)

    def take(self, chosen: NDArray[Any]) -> _Segments:
        """Return some of the segments."""
        return _Segments(self.starts[chosen], self.ends[chosen], self.owner[chosen])

    def length_m(self) -> NDArray[np.float64]:
        """Measure the segments on the ellipsoid (m)."""
        if not len(self):
            return np.zeros(0)
        return np.asarray(ELLIPSOID.inv(*self.starts.T, *self.ends.T)[2], dtype=np.float64)


@dataclass(frozen=True)
class _Edges:
    """The boundary near the land border: whose it is alone, and which segment of the land border it equals, if any.

    Boundaries and border are mostly the same vertices. Such an edge is at distance 0, and the segment of the border it
    equals is its owner's: nothing needs to be searched.
    """

    segments: _Segments
    alone: NDArray[np.bool_]
    on_line: NDArray[np.bool_]
    identity: NDArray[np.intp]
    line: _Segments
    line_identity: NDArray[np.intp]


@dataclass(frozen=True)
class _Pieces:
    """Short pieces of segments: middle in the plane, geodesic length (m), and the segment each is of."""

    middle: NDArray[Any]
    length_m: NDArray[np.float64]
    segment: NDArray[np.intp]


@dataclass(frozen=True)
class _Reach:
    """What lies within one distance of the border, by unit (m): all of the boundary, and its outer part."""

    tolerance_m: float
    stretch_m: NDArray[np.float64]
    outer_m: NDArray[np.float64]

    @property
    def at_border(self) -> NDArray[np.bool_]:
        long_enough = self.stretch_m > LEAST_STRETCH * self.tolerance_m
        return np.asarray(long_enough & (self.outer_m > LEAST_OUTER * self.tolerance_m))

    @property
    def is_mostly_shared(self) -> NDArray[np.bool_]:
        """Whether a border commune would not be one by its outer boundary alone."""
        return np.asarray(self.at_border & (self.outer_m <= LEAST_STRETCH * self.tolerance_m))


def measure_border(
    units: gpd.GeoDataFrame,
    land_border: gpd.GeoDataFrame,
    *,
    tolerance_m: float = 200.0,
    around: gpd.GeoDataFrame | None = None,
) -> BorderMeasure:
    """Tell the border communes of a layer, their length of border, and their neighbours.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
        Valid polygons that form a clean coverage. Schematic outlines must not come here: they draw, they never decide.
        Without ``around``, in a layer of one province, the outline towards the next province counts as outer boundary
        too: over about one tolerance at the corner, which is too short to make a border commune, and adds as much to
        the km of the last commune.
    land_border : GeoDataFrame, EPSG:4326
        Lines; the column ``neighbour`` names the country behind each (null: unknown).
    tolerance_m : float
        How far a boundary may lie from the line (m), the distance itself included.
    around : GeoDataFrame, index ``commune_code``, EPSG:4326, optional
        Units around those to measure, which share their edges. With them a province measures the same as in the whole
        country; they are not in the result.

    Returns
    -------
    BorderMeasure
        n rows in the order of ``units``. The km of all communes add up to the length of the land border that lies
        within tolerance of a border commune; a stretch equally near to two counts half in each.

    Raises
    ------
    CRSError
        A layer is not in EPSG:4326.
    ValueError
        The tolerance is not positive.
    """
    if not tolerance_m > 0:
        raise ValueError(f"tolerance_m must be positive, got {tolerance_m}")
    around = units.iloc[:0] if around is None or around.empty else around
    for name, layer in (("units", units), ("land_border", land_border), ("around", around)):
        if layer.crs is None or not STORED.equals(layer.crs, ignore_axis_order=True):
            raise CRSError("cover.not_stored_crs", where=name, layer=name, crs=str(layer.crs))

    # Sorted by code, so that the order of rows can never touch a sum.
    ordered = pd.concat([units.geometry, around.geometry]).sort_index()
    known = ordered[~(ordered.isna() | ordered.is_empty)]
    codes = known.index.to_numpy()
    lines = _flat_lines(land_border)
    plane = pyproj.Transformer.from_crs(STORED, province_crs(""), always_xy=True)
    edges, line_tree = _edges_near_border(known.to_numpy(), lines, tolerance_m, plane)

    # An edge on the line is within any distance of it, so only the others are cut and searched.
    pieces = _cut(edges.segments, np.where(edges.on_line, np.inf, PIECE * tolerance_m), plane)
    distance = np.where(edges.on_line[pieces.segment], 0.0, np.inf)
    search = np.isinf(distance)
    distance[search] = _distance(pieces.middle[search], line_tree, 2 * tolerance_m)
    half, whole, twice = (
        _reach(edges, pieces, distance, factor * tolerance_m, len(codes)) for factor in (0.5, 1.0, 2.0)
    )
    at_border = whole.at_border
    km, neighbours = _border_of(at_border, edges, lines, tolerance_m, plane)

    table = pd.DataFrame(
        {
            "is_border": pd.Series(at_border, index=codes, dtype="boolean"),
            "border_km": pd.Series(km, index=codes, dtype="Float64"),
            "border_neighbours": pd.Series(neighbours, index=codes, dtype="str"),
        }
    ).reindex(units.index)
    return BorderMeasure(table, tuple(_issues(units, codes, half, whole, twice)))


@dataclass(frozen=True)
class _Lines:
    geometry: NDArray[Any]
    neighbour: tuple[str | None, ...]


def _flat_lines(land_border: gpd.GeoDataFrame) -> _Lines:
    """Take the land border as single lines in a fixed order, whatever the order of its rows."""
    parts = land_border[["geometry"]].assign(neighbour=land_border.get("neighbour"))
    parts = parts[~(parts.geometry.isna() | parts.geometry.is_empty)].explode(ignore_index=True)
    names = [None if pd.isna(name) else str(name) for name in parts["neighbour"]]
    keys = [(name or "", shapely.to_wkb(line)) for name, line in zip(names, parts.geometry, strict=True)]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return _Lines(parts.geometry.to_numpy()[order], tuple(names[at] for at in order))


def _edges_near_border(
    polygons: NDArray[Any], lines: _Lines, tolerance_m: float, plane: pyproj.Transformer
) -> tuple[_Edges, shapely.STRtree]:
    """Find the segments of boundaries within twice the tolerance of the land border, and make its search tree."""
    line = _segments(lines.geometry)
    line_tree = shapely.STRtree(_planar_segments(line, plane))

    # A degree is at least 100 km in Vietnam both ways: a search box that is never too small.
    margin = 2 * tolerance_m / 100_000
    corners = np.minimum(line.starts, line.ends) - margin, np.maximum(line.starts, line.ends) + margin
    near_units = np.unique(shapely.STRtree(polygons).query(shapely.box(*np.column_stack(corners).T))[1])
    segments = _segments(shapely.boundary(polygons[near_units]))
    segments = _Segments(segments.starts, segments.ends, near_units[segments.owner])

    identity, line_identity = _identities(segments, line)
    is_line = np.zeros(max(identity.max(initial=-1), line_identity.max(initial=-1)) + 1, dtype=bool)
    is_line[line_identity] = True
    on_line = is_line[identity]
    # A segment that occurs once, whichever way it runs, is shared by no two units.
    alone = (np.bincount(identity)[identity] == 1) if len(identity) else np.zeros(0, dtype=bool)
    off_line = np.flatnonzero(~on_line)
    found = line_tree.query(
        _planar_segments(segments.take(off_line), plane), predicate="dwithin", distance=2 * tolerance_m
    )
    near = on_line.copy()
    near[off_line[found[0]]] = True
    return _Edges(segments.take(near), alone[near], on_line[near], identity[near], line, line_identity), line_tree


def _segments(lines: NDArray[Any]) -> _Segments:
    """Split lines into their straight segments."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[1:] == part[:-1]
    moved = joined & (points[1:] != points[:-1]).any(axis=1)
    return _Segments(points[:-1][moved], points[1:][moved], owner[part[1:][moved]])


def _identities(one: _Segments, other: _Segments) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give equal segments equal numbers, whichever way they run."""
    points = np.vstack([one.starts, other.starts, one.ends, other.ends])
    x, y = (pd.factorize(points[:, axis])[0].astype(np.int64) for axis in (0, 1))
    node = pd.factorize(x * (len(points) + 1) + y)[0].astype(np.int64).reshape(2, -1)
    number = pd.factorize(node.min(axis=0) * (len(points) + 1) + node.max(axis=0))[0].astype(np.intp)
    return number[: len(one)], number[len(one) :]


def _planar_segments(segments: _Segments, plane: pyproj.Transformer) -> NDArray[Any]:
    planar = [np.column_stack(plane.transform(*ends.T)) for ends in (segments.starts, segments.ends)]
    return np.asarray(shapely.linestrings(np.stack(planar, axis=1)))


def _cut(segments: _Segments, step_m: float | NDArray[np.float64], plane: pyproj.Transformer) -> _Pieces:
    """Cut segments into equal pieces of at most ``step_m``."""
    length = segments.length_m()
    count = np.maximum(np.ceil(length / step_m), 1).astype(np.intp)
    segment = np.repeat(np.arange(len(segments)), count)
    nth = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    share = ((nth + 0.5) / count[segment])[:, None]
    middle = segments.starts[segment] * (1 - share) + segments.ends[segment] * share
    return _Pieces(shapely.points(np.column_stack(plane.transform(*middle.T))), (length / count)[segment], segment)


def _distance(points: NDArray[Any], tree: shapely.STRtree, at_most: float) -> NDArray[np.float64]:
    """Measure the distance of points to the tree's lines; infinite beyond ``at_most``."""
    found, metres = tree.query_nearest(points, max_distance=at_most, return_distance=True, all_matches=False)
    distance = np.full(len(points), np.inf)
    distance[found[0]] = metres
    return distance


def _reach(edges: _Edges, pieces: _Pieces, distance: NDArray[np.float64], tolerance_m: float, n: int) -> _Reach:
    near = distance <= tolerance_m
    owner, alone = edges.segments.owner[pieces.segment], edges.alone[pieces.segment]
    stretch, outer = (
        np.bincount(owner, weights=pieces.length_m * chosen, minlength=n).astype(np.float64)
        for chosen in (near, near & alone)
    )
    return _Reach(tolerance_m, stretch, outer)


def _border_of(
    at_border: NDArray[np.bool_], edges: _Edges, lines: _Lines, tolerance_m: float, plane: pyproj.Transformer
) -> tuple[NDArray[np.float64], list[str | None]]:
    """Give each piece of the land border to the border commune whose outer boundary is nearest to it."""
    n = len(at_border)
    part, unit, metres = _nearest_units(edges, at_border, tolerance_m, plane)
    names = sorted({name for name in lines.neighbour if name}, key=_neighbour_order)
    by_name = np.zeros((n, len(names)))
    for at, name in enumerate(names):
        facing = np.array([other == name for other in lines.neighbour])[edges.line.owner[part]]
        by_name[:, at] = np.bincount(unit[facing], weights=metres[facing], minlength=n)
    neighbours = [_name_neighbours(by_name[at], names, tolerance_m) if at_border[at] else "" for at in range(n)]
    return np.bincount(unit, weights=metres, minlength=n) / 1_000, neighbours


def _nearest_units(
    edges: _Edges, at_border: NDArray[np.bool_], tolerance_m: float, plane: pyproj.Transformer
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return triples: segment of the land border, unit it goes to, and how much of it (m)."""
    mine = np.flatnonzero(at_border[edges.segments.owner] & edges.alone)
    # A segment that equals an edge of just one unit is that unit's.
    unit_of = np.full(max(edges.identity.max(initial=-1), edges.line_identity.max(initial=-1)) + 1, -1, dtype=np.intp)
    unit_of[edges.identity[mine]] = edges.segments.owner[mine]
    same = unit_of[edges.line_identity]
    straight, rest = np.flatnonzero(same >= 0), np.flatnonzero(same < 0)
    settled = straight, same[straight], edges.line.take(straight).length_m()
    if not len(rest) or not len(mine):
        return settled

    line = _cut(edges.line.take(rest), PIECE * tolerance_m, plane)
    boundary = _cut(edges.segments.take(mine), PIECE * tolerance_m, plane)
    # The pieces stand for their middles here; half a piece (a twentieth of the tolerance) more reaches what they reach.
    reach = tolerance_m * (1 + PIECE / 2)
    tree = shapely.STRtree(boundary.middle)
    piece, found = tree.query_nearest(line.middle, max_distance=reach, all_matches=True)
    pairs = np.unique(np.column_stack([piece, edges.segments.owner[mine][boundary.segment[found]]]), axis=0)
    piece, unit = pairs[:, 0], pairs[:, 1]
    shared_by = np.bincount(piece, minlength=len(line.length_m))
    searched = rest[line.segment[piece]], unit, line.length_m[piece] / shared_by[piece]
    first, second, third = (np.concatenate(both) for both in zip(settled, searched, strict=True))
    return first, second, third


def _name_neighbours(metres: NDArray[np.float64], names: list[str], tolerance_m: float) -> str | None:
    """Name the countries that a commune faces over more than the least stretch, or else over the longest."""
    facing = [name for name, long in zip(names, metres, strict=True) if long > LEAST_STRETCH * tolerance_m]
    if not facing and len(metres) and metres.max() > 0:
        facing = [names[int(np.argmax(metres))]]
    return ", ".join(facing) or None


def _neighbour_order(name: str) -> tuple[int, str]:
    known = ("China", "Laos", "Cambodia")
    return (known.index(name) if name in known else len(known), name)


def _issues(units: gpd.GeoDataFrame, codes: NDArray[Any], half: _Reach, whole: _Reach, twice: _Reach) -> list[Issue]:
    names = units["commune_name"] if "commune_name" in units else pd.Series(units.index, index=units.index)
    answer = whole.at_border
    changes = (half.at_border != answer) | (twice.at_border != answer)
    found = []
    told = np.isin(codes, units.index.to_numpy())
    for at in np.flatnonzero(told & (changes | whole.is_mostly_shared)):
        if changes[at]:
            message_id = "cover.border_doubtful_in" if answer[at] else "cover.border_doubtful_out"
        else:
            message_id = "cover.border_mostly_shared"
        found.append(
            Issue.of(
                "warning",
                message_id,
                column="is_border",
                value=codes[at],
                code=codes[at],
                name=names[codes[at]],
                tolerance=whole.tolerance_m,
                half=half.tolerance_m,
                twice=twice.tolerance_m,
                metres_half=half.stretch_m[at],
                metres=whole.stretch_m[at],
                metres_twice=twice.stretch_m[at],
                outer=whole.outer_m[at],
            )
        )
    missing = sorted(set(units.index) - set(codes))
    found += [
        Issue.of("warning", "cover.border_no_geometry", column="is_border", value=code, code=code, name=names[code])
        for code in missing
    ]
    return found
