"""How far it is to the nearest of many points, lines and areas, and which share of a cell lies within a distance.

A share is found in three steps, each for what the one before leaves open. A coarse distance transform over the plane
settles the cells that are certainly inside or outside, its own error counted against them. The nearest of points set
along the lines settles all but a band one cell wide. In the band the true distance to the straight pieces of the lines
is taken at several points of each cell. The first two steps only save time: they never change the answer of the third.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from geontm.cover.people_cells import Cells, PeopleStrip

__all__ = ["Reach", "Targets", "make_reach", "make_targets", "part_shares"]

Box: TypeAlias = tuple[float, float, float, float]

# The coarse grid: steps within the distance, and its largest size (32 MB of float64).
STEPS = 8
COARSE_CELLS = 4_000_000
# Points along lines stand this share of the distance apart, or at least this far (m): closer ones cost memory and gain
# nothing, because the answer is exact in any case.
SPACING = 1 / 32
LEAST_SPACING_M = 10.0
# Cells larger than this share of the distance are cut first, so that the line of equal distance is all but straight
# across a part; no cell into more than this many by this many.
PART = 1 / 10
MOST_PARTS = 32
# Points by points in a part; and at least so many in a cell that units share, to tell which unit they are in.
POINTS, POINTS_CUT = 3, 16
# Distances computed at a time.
CHUNK = 2_000_000


@dataclass(frozen=True)
class Targets:
    """Points, lines and areas that something may be near to, in one metric plane.

    Attributes
    ----------
    edges : ndarray of float64, shape (n, 4)
        Straight pieces, from (x, y) to (x, y) (m); a point is a piece of no length.
    samples : ndarray of float64, shape (s, 2)
        Points on the pieces, both ends among them.
    spacing_m : float
        Farthest that two neighbouring samples of a piece are apart; 0 where all targets are points.
    polygons : ndarray of shapely polygons
        Within one of them the distance is 0.
    """

    edges: NDArray[np.float64]
    samples: NDArray[np.float64]
    spacing_m: float
    polygons: NDArray[np.object_]

    # Trees cost more than the rest, and where everything is near or far at once none is asked for.
    @cached_property
    def sample_tree(self) -> cKDTree:
        """Tree of the samples."""
        return cKDTree(self.samples, balanced_tree=False, compact_nodes=False)

    @cached_property
    def edge_tree(self) -> shapely.STRtree:
        """Tree of the pieces."""
        shapes = shapely.linestrings(self.edges.reshape(-1, 2, 2))
        dots = (self.edges[:, :2] == self.edges[:, 2:]).all(axis=1)
        shapes[dots] = shapely.points(self.edges[dots, :2])
        return shapely.STRtree(shapes)

    @cached_property
    def areas(self) -> shapely.STRtree:
        """Tree of the polygons."""
        return shapely.STRtree(self.polygons)

    def nearest(self, points: NDArray[np.float64], *, limit_m: float = np.inf) -> NDArray[np.float64]:
        """Return the exact distance (m) from each point, shape (n, 2), to the nearest target; inf beyond the limit."""
        result = np.full(len(points), np.inf)
        if not len(self.samples) or not len(points):
            return result
        # The nearest sample is never farther than this from a point whose nearest target is at the limit.
        bound = np.hypot(limit_m, self.spacing_m / 2) * (1 + 1e-12)
        result, _ = self.sample_tree.query(points, distance_upper_bound=np.nextafter(bound, np.inf))
        if self.spacing_m > 0:
            near = np.flatnonzero(np.isfinite(result))
            for some in np.array_split(near, len(near) * 8 // CHUNK + 1):
                shape = shapely.points(points[some])
                point, edge = self.edge_tree.query(shape, predicate="dwithin", distance=result[some] * (1 + 1e-12))
                exact = _to_edges(points[some][point], self.edges[edge])
                np.minimum.at(result, some[point], exact)
        if len(self.polygons):
            inside, _ = self.areas.query(shapely.points(points), predicate="intersects")
            result[inside] = 0.0
        return np.where(result <= limit_m, result, np.inf)


@dataclass(frozen=True)
class Reach:
    """What lies within one distance of the targets.

    Attributes
    ----------
    targets : Targets
    distance_m : float
    coarse : ndarray of float64, shape (rows, cols), or None
        Distance between the middle of a coarse cell and that of the nearest one that holds a sample (m).
    origin : tuple of float
        Lower left corner of the coarse grid (m).
    step_m : float
        Size of a coarse cell.
    """

    targets: Targets
    distance_m: float
    coarse: NDArray[np.float64] | None
    origin: tuple[float, float]
    step_m: float

    def shares(self, cells: Cells) -> NDArray[np.float64]:
        """Return the share of each cell (0 to 1) that lies within the distance; shape (n,)."""
        k = _parts(cells, self.distance_m)
        result = np.empty(len(cells))
        for some in _chunks(len(cells), k * k):
            parts = cells.take(some).refined(k)
            share, open_, near = self._settle(parts)
            if len(open_):
                share[open_] = self._ramp(parts.take(open_), near, POINTS).mean(axis=1)
            result[some] = share.reshape(-1, k * k).mean(axis=1)
        return result

    def lattice_shares(self, cells: Cells, k: int) -> NDArray[np.float64]:
        """Return how much of each of k² parts of the cells lies within the distance; shape (n, k²)."""
        share, open_, near = self._settle(cells)
        result = np.repeat(share[:, None], k * k, axis=1)
        if len(open_):
            result[open_] = self._ramp(cells.take(open_), near, k)
        return result

    def _settle(self, cells: Cells) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
        """Return 1 for cells certainly inside, 0 for those outside; and which are open, with a bound of their distance.

        The bound (m) is the distance from the middle of an open cell to its nearest sample.
        """
        share = np.zeros(len(cells))
        if not len(self.targets.samples) or not len(cells):
            return share, np.zeros(0, dtype=np.intp), np.zeros(0)
        middle, half = cells.points(1)[:, 0], cells.half_diagonal_m()
        undecided = np.arange(len(cells))
        # No sample this far from the middle: no edge within the distance of any point of the cell.
        outside = np.hypot(self.distance_m + half, self.targets.spacing_m / 2)
        within = np.zeros(len(cells), dtype=np.bool_)
        if len(self.targets.polygons):
            within[self.targets.areas.query(shapely.points(middle), predicate="intersects")[0]] = True
        if self.coarse is not None:
            at = ((middle - self.origin) / self.step_m).astype(np.intp)
            coarse = self.coarse[at[:, 1], at[:, 0]]
            error = np.sqrt(2.0) * self.step_m
            share[coarse + error + half <= self.distance_m] = 1.0
            # Samples stand on the edge of an area: far from them may be deep inside it.
            undecided = np.flatnonzero((share == 0) & (within | (coarse - error <= outside)))
        if not len(undecided):
            return share, undecided, np.zeros(0)
        near, _ = self.targets.sample_tree.query(middle[undecided], distance_upper_bound=np.nextafter(outside, np.inf))
        near[within[undecided]] = 0.0
        share[undecided[near + half <= self.distance_m]] = 1.0
        band = np.isfinite(near) & (near + half > self.distance_m)
        return share, undecided[band], near[band]

    def _ramp(self, cells: Cells, near: NDArray[np.float64], k: int) -> NDArray[np.float64]:
        """Return how much of each of k² parts lies within the distance; shape (n, k²).

        The distance is taken at the middle of a part. Across the part it grows by the part's side: the share goes from
        1 to 0 over that length, which is exact for a straight line of equal distance along the side of a cell.
        """
        points, half = cells.points(k), cells.half_diagonal_m()
        right, down = points[:, k - 1] - points[:, 0], points[:, -k] - points[:, 0]
        side = np.sqrt(np.abs(right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0])) / (k - 1)
        middle = points.mean(axis=1)
        distance = np.full((len(cells), k * k), np.inf)
        # The nearest edge of any point of a cell is not farther from its middle than this.
        cell, edge = self.targets.edge_tree.query(shapely.points(middle), predicate="dwithin", distance=near + 2 * half)
        order = np.argsort(cell, kind="stable")
        cell, edge = cell[order], edge[order]
        for some in _chunks(len(cell), k * k):
            of = cell[some]
            each = _to_edges(points[of], self.targets.edges[edge[some]][:, None])
            starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
            least = np.minimum.reduceat(each, starts, axis=0)
            distance[of[starts]] = np.minimum(distance[of[starts]], least)
        if len(self.targets.polygons):
            inside, _ = self.targets.areas.query(shapely.points(points.reshape(-1, 2)), predicate="intersects")
            distance.reshape(-1)[inside] = 0.0
        return np.clip(0.5 + (self.distance_m - distance) / side[:, None], 0.0, 1.0)


def make_targets(
    geometries: NDArray[np.object_],
    *,
    distance_m: float,
    plane: pyproj.Transformer | None = None,
    box: Box | None = None,
) -> Targets:
    """Prepare what is to be near.

    Parameters
    ----------
    geometries : ndarray of shapely geometries
        Points, lines, polygons, single or multiple; empty and missing ones are left out.
    distance_m : float
        The distance that will be asked for (m); it sets how many samples are needed, never the answer.
    plane : pyproj.Transformer, optional
        From the CRS of the geometries to a metric plane; None: they are in one.
    box : tuple of float, optional
        Left, bottom, right, top (m): what is farther from it than the distance is left out.
    """
    drawn = geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))]
    multiple = shapely.get_type_id(drawn) >= shapely.GeometryType.MULTIPOINT
    single = np.concatenate([drawn[~multiple], shapely.get_parts(drawn[multiple])])
    dimension = shapely.get_dimensions(single)
    areas = single[dimension == 2]
    if plane is not None and len(areas):
        areas = shapely.transform(shapely.force_2d(areas), plane.transform, interleaved=False)
    dots = _moved(shapely.get_coordinates(single[dimension == 0]), plane)
    at, line = shapely.get_coordinates(single[dimension == 1], return_index=True)
    rings, ring = shapely.get_coordinates(shapely.get_rings(areas), return_index=True)
    edges = np.concatenate([_joined(_moved(at, plane), line), _joined(rings, ring), np.hstack([dots, dots])])
    if box is not None:
        low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
        beyond = (low > np.array(box[2:]) + distance_m) | (high < np.array(box[:2]) - distance_m)
        edges = edges[~beyond.any(axis=1)]
    spacing = max(distance_m * SPACING, LEAST_SPACING_M) if len(single) > len(dots) else 0.0
    return Targets(edges, _samples(edges, spacing), spacing, np.asarray(areas))


def _moved(points: NDArray[np.float64], plane: pyproj.Transformer | None) -> NDArray[np.float64]:
    return points if plane is None else np.column_stack(plane.transform(points[:, 0], points[:, 1])).reshape(-1, 2)


def _joined(points: NDArray[np.float64], line: NDArray[np.intp]) -> NDArray[np.float64]:
    same = line[1:] == line[:-1]
    return np.hstack([points[:-1][same], points[1:][same]])


def _samples(edges: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """Set points along edges: both ends, and as many between as leave none farther apart than the spacing."""
    start, along = edges[:, :2], edges[:, 2:] - edges[:, :2]
    length = np.hypot(along[:, 0], along[:, 1])
    long = np.flatnonzero(length > spacing) if spacing > 0 else np.zeros(0, dtype=np.intp)
    pieces = np.ceil(length[long] / max(spacing, 1e-300)).astype(np.intp)
    of = np.repeat(long, pieces - 1)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(pieces - 1) - (pieces - 1), pieces - 1) + 1
    between = start[of] + along[of] * (nth / np.repeat(pieces, pieces - 1))[:, None]
    return np.concatenate([start, edges[length > 0, 2:], between])


def make_reach(targets: Targets, distance_m: float, box: Box) -> Reach:
    """Prepare to ask what lies within a distance of the targets.

    Parameters
    ----------
    targets : Targets
    distance_m : float
        Closed: a point at exactly this distance lies within.
    box : tuple of float
        Left, bottom, right, top (m) of a box around every cell that will be asked about.
    """
    left, bottom, right, top = box
    width, height = max(right - left, 1.0), max(top - bottom, 1.0)
    step = max(distance_m / STEPS, float(np.sqrt(width * height / COARSE_CELLS)))
    if not len(targets.samples) or step > distance_m / 3:
        return Reach(targets, distance_m, None, (left, bottom), step)
    # Targets beyond the box matter as far as the distance, and one cell more keeps every index inside.
    margin = distance_m + 2 * step
    origin = (left - margin, bottom - margin)
    shape = (int((height + 2 * margin) / step) + 2, int((width + 2 * margin) / step) + 2)
    at = np.floor((targets.samples - origin) / step).astype(np.intp)
    kept = ((at >= 0) & (at < shape[::-1])).all(axis=1)
    empty = np.ones(shape, dtype=np.bool_)
    empty[at[kept, 1], at[kept, 0]] = False
    # Without any target on the grid the transform would measure to nothing.
    field = ndimage.distance_transform_edt(empty, sampling=step) if kept.any() else np.full(shape, np.inf)
    return Reach(targets, distance_m, field, origin, step)


def part_shares(
    reach: Reach, strip: PeopleStrip, shapes: NDArray[np.object_], stored: pyproj.Transformer
) -> NDArray[np.float64]:
    """Return which share (0 to 1) of each part of a strip's cells lies within the distance.

    Parameters
    ----------
    reach : Reach
    strip : PeopleStrip
    shapes : ndarray of shapely polygons, shape (units,)
        In the order of the zones.
    stored : pyproj.Transformer
        From the CRS of the grid to that of the shapes.

    Returns
    -------
    ndarray of float64, shape (m,)
        By part. A part without a point of its own, being too thin, has the share of its whole cell.
    """
    result = np.empty(len(strip.part_cell))
    of_cut = strip.cut[strip.part_cell]
    result[~of_cut] = reach.shares(strip.cells.take(~strip.cut))
    parts = np.flatnonzero(of_cut)
    # Position of the cell of each part among the cut cells: ascending, as the parts stand by cell.
    cell = (np.cumsum(strip.cut) - 1)[strip.part_cell[parts]]
    cut = strip.cells.take(strip.cut)
    k = _parts(cut, reach.distance_m)
    fine = max(POINTS, -(-POINTS_CUT // k))
    for some in _chunks(len(cut), (k * fine) ** 2):
        cells = cut.take(some).refined(k)
        shares = reach.lattice_shares(cells, fine).reshape(len(some), -1)
        of = parts[slice(*np.searchsorted(cell, [some[0], some[-1] + 1]))]
        local = cell[np.searchsorted(parts, of)] - some[0]
        result[of] = shares.mean(axis=1)[local]
        # Where the whole cell has one answer, so has every part of it.
        mixed = np.flatnonzero((shares.min(axis=1) < shares.max(axis=1))[local])
        x, y = (each.reshape(len(some), -1) for each in stored.transform(*cells.lattice(fine)))
        units = strip.part_unit[of[mixed]]
        for unit in np.unique(units):
            those = mixed[units == unit]
            at = local[those]
            inside = shapely.contains_xy(shapes[unit], x[at], y[at])
            count = inside.sum(axis=1)
            own = (shares[at] * inside).sum(axis=1) / np.maximum(count, 1)
            result[of[those]] = np.where(count > 0, own, result[of[those]])
    return result


def _parts(cells: Cells, distance_m: float) -> int:
    """Tell into how many parts by side a cell is cut before distances are taken at its points."""
    side = cells.half_diagonal_m() * np.sqrt(2.0)
    return int(np.clip(np.ceil(side / (distance_m * PART) - 1e-9), 1, MOST_PARTS))


def _chunks(count: int, each: int) -> list[NDArray[np.intp]]:
    step = max(CHUNK // max(each, 1), 1)
    return [np.arange(first, min(first + step, count)) for first in range(0, count, step)]


def _to_edges(points: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure points, shape (…, 2), to edges, shape (…, 4): distance in the plane, to an end where that is nearest."""
    start, along = edges[..., :2], edges[..., 2:] - edges[..., :2]
    offset = points - start
    square = (along**2).sum(axis=-1)
    foot = (offset * along).sum(axis=-1) / np.where(square > 0, square, 1.0)
    apart = offset - np.clip(foot, 0.0, 1.0)[..., None] * along
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]))
