"""Which stretches of road hang together: by vertices, over small gaps, at crossings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.ops import substring

from geontm.cover.crossings import Cuts, Obstacles, said, within
from geontm.cover.lines import Plane, segments_of

__all__ = ["FlatRoads", "Hung", "Joins", "flatten_roads", "hang_together", "open_gaps"]

SEARCH_GAP_M = 200.0  # how far a road is looked for beyond an end that stays open
TRIM_M = 0.01  # a cut takes this much of the road on either side
NODE_M = 0.001  # vertices that are equal when rounded to this are one

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class FlatRoads:
    """Single lines of roads: row and name, season (1 yes, 0 unknown, -1 no), whether on a bridge, and open ends."""

    lines: NDArray[Any]
    row: Places
    road_id: NDArray[np.object_]
    season: NDArray[np.int8]
    bridge: NDArray[np.bool_]
    open_ends: NDArray[np.bool_]


@dataclass(frozen=True)
class Joins:
    """Ways from ends of roads to other roads: position of the road of the end, of the other, and the way (a line)."""

    line: Places
    other: Places
    way: NDArray[Any]

    def take(self, chosen: NDArray[Any]) -> Joins:
        """Return some of them."""
        return Joins(self.line[chosen], self.other[chosen], self.way[chosen])


@dataclass(frozen=True)
class Pieces:
    """Stretches of road between cuts, and which of them hang together.

    Attributes
    ----------
    shapes : ndarray of LineString, shape (n,)
    line : ndarray of intp, shape (n,)
        Position of the road that each is a stretch of.
    ends : ndarray of bool, shape (n, 2)
        Whether the first and the last vertex are ends of a road that touch nothing.
    """

    shapes: NDArray[Any]
    line: Places
    ends: NDArray[np.bool_]


@dataclass(frozen=True)
class Hung:
    """Pieces of road with their components, numbered from 1, the lengths of these (km), and the gaps closed."""

    pieces: Pieces
    component: Places
    component_km: Numbers
    joins: Joins


def flatten_roads(roads: gpd.GeoDataFrame) -> FlatRoads:
    """Take the single lines of the roads in an order that hangs on them alone, those of no length left out."""
    shapes = roads.geometry.to_numpy()
    kind = shapely.get_type_id(shapes)
    rows = np.flatnonzero(np.isin(kind, (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)))
    lines, of = shapely.get_parts(shapely.force_2d(shapes[rows]), return_index=True)
    length = shapely.length(lines)
    names = roads["road_id"] if "road_id" in roads else pd.Series(roads.index.astype(str), index=roads.index)
    name = names.astype("str").fillna("").to_numpy(dtype=object)[rows[of]]
    season, bridge = (said(roads, column)[rows[of]] for column in ("all_season", "bridge"))
    points = shapely.get_coordinates(lines)
    first, last = (points[end].T for end in _first_and_last(lines))
    order = np.lexsort((bridge, season, length, *last, *first, pd.factorize(name, sort=True)[0]))
    order = order[length[order] > 0]
    return FlatRoads(
        lines[order], rows[of][order], name[order], season[order], bridge[order] > 0, _open_ends(lines[order])
    )


def _vertices(lines: NDArray[Any]) -> tuple[Places, Places]:
    """Give the vertices of lines numbers, equal ones alike: the line and the number of each, in the order drawn."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    x, y = (pd.factorize(np.round(points[:, axis] / NODE_M))[0].astype(np.int64) for axis in (0, 1))
    return line, pd.factorize(x * (len(points) + 1) + y)[0].astype(np.intp)


def _first_and_last(lines: NDArray[Any]) -> tuple[Places, Places]:
    """Find the first and the last vertex of each line among the vertices of all."""
    count = shapely.get_num_coordinates(lines).astype(np.intp)
    last = np.cumsum(count) - 1
    return last - count + 1, last


def _open_ends(lines: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which ends (first, last) of lines touch no vertex of another line."""
    line, node = _vertices(lines)
    # A line may pass a vertex twice: it holds it once.
    held = np.sort(node.astype(np.int64) * (len(lines) + 1) + line)
    once = np.ones(len(held), dtype=bool)
    once[1:] = held[1:] != held[:-1]
    holders = np.bincount(held[once] // (len(lines) + 1))
    return np.asarray(np.stack([holders[node[end]] == 1 for end in _first_and_last(lines)], axis=1))


def hang_together(
    flat: FlatRoads, cuts: Cuts, obstacles: Obstacles, plane: Plane, *, certain: bool, cross: bool
) -> Hung:
    """Cut the roads that are (certain) or may be passable all year, and find which stretches hang together."""
    pieces = _split(flat, flat.season > 0 if certain else flat.season >= 0, cuts)
    piece, node = _vertices(pieces.shapes)
    pairs = [np.stack([piece, node + len(pieces.shapes)])]
    if cross:
        pairs.append(_crossings(pieces.shapes, flat.bridge[pieces.line]))
    drawn = np.concatenate(pairs, axis=1)
    joins, joined = _joins(pieces, _labels(drawn, len(pieces.shapes)), obstacles, certain=certain)
    label = _labels(np.concatenate([drawn, joined], axis=1), len(pieces.shapes))
    return Hung(pieces, *_number(pieces.shapes, label, plane), joins)


def _split(flat: FlatRoads, chosen: NDArray[np.bool_], cuts: Cuts) -> Pieces:
    """Cut the chosen roads."""
    cut = np.zeros(len(flat.lines), dtype=bool)
    cut[cuts.line] = True
    whole = np.flatnonzero(chosen & ~cut)
    order = np.lexsort((cuts.at_m, cuts.line))
    line_of, at_of = cuts.line[order], cuts.at_m[order]
    shapes, rows, kept = [], [], []
    for line in np.flatnonzero(chosen & cut):
        length = float(shapely.length(flat.lines[line]))
        at = at_of[np.searchsorted(line_of, line) : np.searchsorted(line_of, line + 1)]
        for start, end in zip([0.0, *(at + TRIM_M)], [*(at - TRIM_M), length], strict=True):
            if end > start:
                shapes.append(substring(flat.lines[line], start, end))
                rows.append(line)
                kept.append((start == 0.0, end == length))
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    of = np.concatenate([whole, np.array(rows, dtype=np.intp)])
    own = np.concatenate([np.ones((len(whole), 2), dtype=bool), np.array(kept, dtype=bool).reshape(-1, 2)])
    return Pieces(np.concatenate([flat.lines[whole], made]), of, flat.open_ends[of] & own)


def _crossings(pieces: NDArray[Any], on_bridge: NDArray[np.bool_]) -> Places:
    """Find the pairs of pieces that meet anywhere, neither on a bridge."""
    level = np.flatnonzero(~on_bridge)
    one, other = shapely.STRtree(pieces[level]).query(pieces[level], predicate="intersects")
    return np.asarray(np.stack([level[one], level[other]])[:, one < other])


def _joins(pieces: Pieces, label: Places, obstacles: Obstacles, *, certain: bool) -> tuple[Joins, Places]:
    """Join ends that touch nothing to every road within reach that they do not hang together with as drawn.

    Returned are the shortest way from each end, and all pairs joined.

    A gap at a bridge that does not work stays open, and for certainty one over water.
    """
    end, other, way = _ways(pieces, label, obstacles.gap_m)
    blocked = obstacles.near_bridge(way, certain=certain)
    if certain:
        blocked |= obstacles.cross_water(way)
    end, other, way = end[~blocked], other[~blocked], way[~blocked]
    joins = Joins(pieces.line[end // 2], pieces.line[other], way)
    return joins.take(_first_of(end, shapely.length(way), joins.other)), np.stack([end // 2, other])


def _ways(pieces: Pieces, label: Places, reach_m: float) -> tuple[Places, Places, NDArray[Any]]:
    """Find what lies within reach of open ends and apart: the end, the piece of another road, and the way between.

    An end is twice the position of its piece, plus 1 for the last vertex.
    """
    ends = np.flatnonzero(pieces.ends.ravel())
    # Most roads hang together: their ends have to be held against the others only.
    main = label == np.bincount(label, minlength=1).argmax()
    found = [
        _reached(pieces, ends[~main[ends // 2]], np.arange(len(label)), reach_m),
        _reached(pieces, ends[main[ends // 2]], np.flatnonzero(~main), reach_m),
    ]
    end, other = (np.concatenate(parts) for parts in zip(*found, strict=True))
    apart = (pieces.line[end // 2] != pieces.line[other]) & (label[end // 2] != label[other])
    end, other = end[apart], other[apart]
    return end, other, shapely.shortest_line(_points(pieces, end), pieces.shapes[other])


def _reached(pieces: Pieces, ends: Places, among: Places, reach_m: float) -> tuple[Places, Places]:
    tree = shapely.STRtree(pieces.shapes[among])
    at, other = tree.query(_points(pieces, ends), predicate="dwithin", distance=within(reach_m))
    return ends[at], among[other]


def _points(pieces: Pieces, ends: Places) -> NDArray[Any]:
    return np.asarray(shapely.get_point(pieces.shapes[ends // 2], np.where(ends % 2, -1, 0)))


def _first_of(group: Places, *keys: NDArray[Any]) -> Places:
    """Return the position of the first of each group, in the order of the keys."""
    order = np.lexsort((*reversed(keys), group))
    grouped = group[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = grouped[1:] != grouped[:-1]
    return np.asarray(order[first])


def _labels(pairs: Places, n: int) -> Places:
    """Label the components of ``n`` pieces, of which pairs hang together (a vertex stands behind them)."""
    size = max(int(pairs.max(initial=-1)) + 1, n)
    links = coo_array((np.ones(pairs.shape[1], dtype=bool), (pairs[0], pairs[1])), shape=(size, size))
    label = connected_components(links, directed=False)[1] if size else np.zeros(0)
    return np.asarray(pd.factorize(label[:n])[0], dtype=np.intp)


def _number(pieces: NDArray[Any], label: Places, plane: Plane) -> tuple[Places, Numbers]:
    """Give the components numbers from 1, the longest first, and measure them (km)."""
    if not len(pieces):
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    segments = segments_of(pieces)
    metres = segments.ground_m(plane)
    owner = label[segments.line]
    # In the order of lengths, so that the order of rows can never touch a sum.
    order = np.lexsort((metres, owner))
    km = np.bincount(owner[order], weights=metres[order]) / 1_000
    corner = pd.DataFrame(shapely.bounds(pieces)[:, :2]).groupby(label).min().to_numpy()
    rank = np.lexsort((corner[:, 1], corner[:, 0], -km))
    number = np.empty(len(rank), dtype=np.intp)
    number[rank] = np.arange(1, len(rank) + 1)
    return number[label], km[rank]


def open_gaps(hung: Hung, gap_m: float) -> Joins:
    """Find the shortest way between each two components from an end of either that touches nothing."""
    end, other, way = _ways(hung.pieces, hung.component, max(SEARCH_GAP_M, gap_m))
    one, two = hung.component[end // 2], hung.component[other]
    pair = np.minimum(one, two) * (len(hung.component_km) + 1) + np.maximum(one, two)
    joins = Joins(hung.pieces.line[end // 2], hung.pieces.line[other], way)
    return joins.take(_first_of(pair, shapely.length(way), joins.line, joins.other))
