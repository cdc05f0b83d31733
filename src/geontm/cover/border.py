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
# "str" with gaps in pandas 3; in pandas 2 that name would write gaps as the word "None", and this is object.
TEXT = pd.Series([""]).dtype


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
class _Pieces:
    """Short pieces of lines: middle in the plane, geodesic length (m), whose they are, and whether nobody else's."""

    middle: NDArray[Any]
    length_m: NDArray[np.float64]
    owner: NDArray[np.intp]
    alone: NDArray[np.bool_]

    def sums(self, chosen: NDArray[np.bool_], n: int) -> NDArray[np.float64]:
        """Add up the length of chosen pieces by owner (m)."""
        return np.bincount(self.owner, weights=self.length_m * chosen, minlength=n).astype(np.float64)


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
    units: gpd.GeoDataFrame, land_border: gpd.GeoDataFrame, *, tolerance_m: float = 200.0
) -> BorderMeasure:
    """Tell the border communes of a layer, their length of border, and their neighbours.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
        Valid polygons that form a clean coverage. Schematic outlines must not come here: they draw, they never decide.
        In a layer of one province the outline towards the next province counts as outer boundary too; it lies within
        tolerance of the border over about one tolerance at the corner, which is too short to count.
    land_border : GeoDataFrame, EPSG:4326
        Lines; the column ``neighbour`` names the country behind each (null: unknown).
    tolerance_m : float
        How far a boundary may lie from the line (m), the distance itself included.

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
    for name, layer in (("units", units), ("land_border", land_border)):
        if layer.crs is None or not STORED.equals(layer.crs, ignore_axis_order=True):
            raise CRSError("cover.not_stored_crs", where=name, layer=name, crs=str(layer.crs))

    # Sorted by code, so that the order of rows can never touch a sum.
    ordered = units.geometry.sort_index()
    known = ordered[~(ordered.isna() | ordered.is_empty)]
    codes = known.index.to_numpy()
    lines = _flat_lines(land_border)
    pieces, line_pieces, line_tree = _pieces_near_border(known.to_numpy(), lines, tolerance_m)

    distance = _distance(pieces.middle, line_tree, 2 * tolerance_m)
    half, whole, twice = (_reach(pieces, distance, factor * tolerance_m, len(codes)) for factor in (0.5, 1.0, 2.0))
    at_border = whole.at_border
    km, neighbours = _border_of(at_border, pieces, line_pieces, lines, tolerance_m)

    table = pd.DataFrame(
        {
            "is_border": pd.Series(at_border, index=codes, dtype="boolean"),
            "border_km": pd.Series(km, index=codes, dtype="Float64"),
            "border_neighbours": pd.Series(neighbours, index=codes, dtype=TEXT),
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


def _pieces_near_border(
    polygons: NDArray[Any], lines: _Lines, tolerance_m: float
) -> tuple[_Pieces, _Pieces, shapely.STRtree]:
    """Cut the boundaries near the land border, and the land border itself, into short pieces in the plane."""
    plane = pyproj.Transformer.from_crs(STORED, province_crs(""), always_xy=True)
    step = PIECE * tolerance_m
    starts, ends, owner = _segments(lines.geometry)
    line_pieces = _cut(starts, ends, owner, np.ones(len(owner), dtype=bool), step, plane)
    line_tree = shapely.STRtree(_planar_segments(starts, ends, plane))

    # A degree is at least 100 km in Vietnam both ways: a search box that is never too small.
    margin = 2 * tolerance_m / 100_000
    boxes = shapely.box(*(np.column_stack([np.minimum(starts, ends) - margin, np.maximum(starts, ends) + margin]).T))
    near_units = np.unique(shapely.STRtree(polygons).query(boxes, predicate="intersects")[1])
    starts, ends, owner = _segments(shapely.boundary(polygons[near_units]))
    alone = _alone(starts, ends)
    edges = _planar_segments(starts, ends, plane)
    near = np.zeros(len(edges), dtype=bool)
    near[line_tree.query(edges, predicate="dwithin", distance=2 * tolerance_m)[0]] = True
    cut = _cut(starts[near], ends[near], near_units[owner[near]], alone[near], step, plane)
    return cut, line_pieces, line_tree


def _segments(lines: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Split lines into their straight segments: starts, ends, and the position of the line each belongs to."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[1:] == part[:-1]
    moved = joined & (points[1:] != points[:-1]).any(axis=1)
    return points[:-1][moved], points[1:][moved], owner[part[1:][moved]]


def _alone(starts: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the segments that occur once, whichever way they run: those no two units share."""
    if not len(starts):
        return np.zeros(0, dtype=bool)
    turned = (starts[:, 0] > ends[:, 0]) | ((starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1]))
    keys = np.where(turned[:, None], np.hstack([ends, starts]), np.hstack([starts, ends]))
    _, which, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    return np.asarray(count[which.ravel()] == 1)


def _planar_segments(starts: NDArray[np.float64], ends: NDArray[np.float64], plane: pyproj.Transformer) -> NDArray[Any]:
    planar = [np.column_stack(plane.transform(*ends_.T)) for ends_ in (starts, ends)]
    return np.asarray(shapely.linestrings(np.stack(planar, axis=1)))


def _cut(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    owner: NDArray[np.intp],
    alone: NDArray[np.bool_],
    step_m: float,
    plane: pyproj.Transformer,
) -> _Pieces:
    """Cut segments into equal pieces of at most ``step_m``."""
    _, _, length = ELLIPSOID.inv(*starts.T, *ends.T) if len(starts) else (None, None, np.zeros(0))
    count = np.maximum(np.ceil(np.asarray(length) / step_m), 1).astype(np.intp)
    segment = np.repeat(np.arange(len(starts)), count)
    nth = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    share = ((nth + 0.5) / count[segment])[:, None]
    middle = starts[segment] * (1 - share) + ends[segment] * share
    x, y = plane.transform(*middle.T)
    return _Pieces(
        shapely.points(np.column_stack([x, y])), (np.asarray(length) / count)[segment], owner[segment], alone[segment]
    )


def _distance(points: NDArray[Any], tree: shapely.STRtree, at_most: float) -> NDArray[np.float64]:
    """Measure the distance of points to the tree's lines; infinite beyond ``at_most``."""
    found, metres = tree.query_nearest(points, max_distance=at_most, return_distance=True, all_matches=False)
    distance = np.full(len(points), np.inf)
    distance[found[0]] = metres
    return distance


def _reach(pieces: _Pieces, distance: NDArray[np.float64], tolerance_m: float, n: int) -> _Reach:
    near = distance <= tolerance_m
    return _Reach(tolerance_m, pieces.sums(near, n), pieces.sums(near & pieces.alone, n))


def _border_of(
    at_border: NDArray[np.bool_], boundary: _Pieces, line: _Pieces, lines: _Lines, tolerance_m: float
) -> tuple[NDArray[np.float64], list[str | None]]:
    """Give each piece of the land border to the border commune whose outer boundary is nearest to it."""
    n = len(at_border)
    mine = np.flatnonzero(at_border[boundary.owner] & boundary.alone)
    # The pieces stand for their middles here; half a piece (a twentieth of the tolerance) more reaches what they reach.
    reach = tolerance_m * (1 + PIECE / 2)
    tree = shapely.STRtree(boundary.middle[mine])
    piece, found = tree.query_nearest(line.middle, max_distance=reach, all_matches=True)
    pairs = np.unique(np.column_stack([piece, boundary.owner[mine][found]]), axis=0)
    piece, unit = pairs[:, 0], pairs[:, 1]
    shared_by = np.bincount(piece, minlength=len(line.length_m))
    metres = line.length_m[piece] / shared_by[piece]
    names = sorted({name for name in lines.neighbour if name}, key=_neighbour_order)
    by_name = np.zeros((n, len(names)))
    for at, name in enumerate(names):
        facing = np.array([other == name for other in lines.neighbour])[line.owner[piece]]
        by_name[:, at] = np.bincount(unit[facing], weights=metres[facing], minlength=n)
    neighbours = [_name_neighbours(by_name[at], names, tolerance_m) if at_border[at] else "" for at in range(n)]
    return np.bincount(unit, weights=metres, minlength=n) / 1_000, neighbours


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
    for at in np.flatnonzero(changes | whole.is_mostly_shared):
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
                tolerance=f"{whole.tolerance_m:g}",
                half=f"{half.tolerance_m:g}",
                twice=f"{twice.tolerance_m:g}",
                metres_half=f"{half.stretch_m[at]:.0f}",
                metres=f"{whole.stretch_m[at]:.0f}",
                metres_twice=f"{twice.stretch_m[at]:.0f}",
                outer=f"{whole.outer_m[at]:.0f}",
            )
        )
    missing = sorted(set(units.index) - set(codes))
    found += [
        Issue.of("warning", "cover.border_no_geometry", column="is_border", value=code, code=code, name=names[code])
        for code in missing
    ]
    return found
