"""What stands in the way of a road: bridges that do not carry it, and water crossed without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Cuts", "Obstacles", "find_cuts", "said", "within"]


BANK_M = 0.01  # half the width of water drawn as a line


def said(frame: gpd.GeoDataFrame, name: str) -> NDArray[np.int8]:
    """Take a boolean column as 1 (yes), -1 (no) and 0 (missing, or no such column)."""
    if name not in frame:
        return np.zeros(len(frame), dtype=np.int8)
    answers = frame[name].astype("boolean")
    return np.asarray(np.where(answers.isna(), 0, np.where(answers.fillna(False), 1, -1)), dtype=np.int8)


def within(distance_m: float) -> float:
    """Return a distance that holds what lies exactly that far away, whatever rounding makes of it."""
    return distance_m * (1 + 1e-9)


@dataclass(frozen=True)
class Obstacles:
    """Bridges by their state, and what a road cannot cross without one.

    Attributes
    ----------
    working, unknown, broken : ndarray of Point
    barriers : ndarray of LineString or Polygon, or several of either
    gap_m : float
        How far a bridge may lie from the road it carries (m).
    """

    working: NDArray[Any]
    unknown: NDArray[Any]
    broken: NDArray[Any]
    barriers: NDArray[Any]
    gap_m: float

    @classmethod
    def of(cls, bridges: gpd.GeoDataFrame | None, barriers: gpd.GeoDataFrame | None, gap_m: float) -> Obstacles:
        """Sort the bridges of a layer by state; a bridge drawn as a line stands for its middle."""
        none = np.zeros(0, dtype=object)
        rivers = none if barriers is None else _present(barriers.geometry.to_numpy())[0]
        if bridges is None:
            return cls(none, none, none, rivers, gap_m)
        shapes, rows = _present(bridges.geometry.to_numpy())
        points, state = _middle(shapes), said(bridges, "working")[rows]
        return cls(points[state > 0], points[state == 0], points[state < 0], rivers, gap_m)

    def near_bridge(self, ways: NDArray[Any], *, certain: bool) -> NDArray[np.bool_]:
        """Tell which ways pass a bridge that does not work, or for certainty one that is not known to."""
        bridges = np.concatenate([self.broken, self.unknown]) if certain else self.broken
        return self._near(ways, bridges)

    def cross_water(self, ways: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell which ways cross a barrier where no working bridge lies near."""
        wet = np.zeros(len(ways), dtype=bool)
        wet[shapely.STRtree(ways).query(self.barriers, predicate="intersects")[1]] = True
        return wet & ~self._near(ways, self.working)

    def dry_ground(self, points: NDArray[Any], reach_m: float) -> tuple[NDArray[np.intp], NDArray[Any]]:
        """Find what can be reached from places without crossing water, for those with water within reach.

        Parameters
        ----------
        points : ndarray of Point, shape (n,)
        reach_m : float

        Returns
        -------
        ndarray of intp, shape (m,)
            Positions of the places.
        ndarray of Polygon or MultiPolygon, shape (m,)
            The part of the circle around each that holds it; water within ``gap_m`` of a working bridge is no bar. A
            place on a line of water has the ground on both sides, one in an area of water that of the nearest bank.
        """
        place, barrier = shapely.STRtree(self.barriers).query(points, predicate="dwithin", distance=within(reach_m))
        rows = np.unique(place)
        # Of this many corners a circle made a ten-thousandth wider holds the true one.
        circles = shapely.buffer(points[rows], reach_m * 1.0001, quad_segs=64)
        bridges = shapely.union_all(shapely.buffer(self.working, self.gap_m))
        grounds = np.empty(len(rows), dtype=object)
        for at, (row, circle) in enumerate(zip(rows, circles, strict=True)):
            local = shapely.intersection(self.barriers[barrier[place == row]], circle)
            water = shapely.difference(shapely.buffer(shapely.union_all(local), BANK_M), bridges)
            parts = shapely.get_parts(shapely.difference(circle, water))
            distance = shapely.distance(parts, points[row])
            grounds[at] = shapely.union_all(parts[distance <= distance.min(initial=np.inf) + 2 * BANK_M])
        return rows, grounds

    def _near(self, ways: NDArray[Any], points: NDArray[Any]) -> NDArray[np.bool_]:
        near = np.zeros(len(ways), dtype=bool)
        near[shapely.STRtree(ways).query(points, predicate="dwithin", distance=within(self.gap_m))[1]] = True
        return near


@dataclass(frozen=True)
class Cuts:
    """Where roads are cut, or may be.

    Attributes
    ----------
    line : ndarray of intp, shape (n,)
        Position of the road.
    at_m : ndarray of float64, shape (n,)
        Distance from its first vertex along it.
    reason : ndarray of str, shape (n,)
        ``bridge_broken`` (a cut), ``bridge_unknown``, ``no_bridge`` (perhaps one).
    """

    line: NDArray[np.intp]
    at_m: NDArray[np.float64]
    reason: NDArray[np.str_]

    @property
    def certain(self) -> NDArray[np.bool_]:
        """Which are cuts for certain."""
        return np.asarray(self.reason == "bridge_broken")

    def take(self, chosen: NDArray[Any]) -> Cuts:
        """Return some of them."""
        return Cuts(self.line[chosen], self.at_m[chosen], self.reason[chosen])


def find_cuts(lines: NDArray[Any], on_bridge: NDArray[np.bool_], obstacles: Obstacles) -> tuple[Cuts, int]:
    """Find where roads are cut by bridges that are not known to work, and by water without a bridge.

    Parameters
    ----------
    lines : ndarray of LineString, shape (n,)
    on_bridge : ndarray of bool, shape (n,)
        Roads that are bridges themselves: no barrier cuts them.
    obstacles : Obstacles

    Returns
    -------
    Cuts
        In no order that means anything.
    int
        How many bridges that do not work, or may not, lie near no road and so cut none.
    """
    tree = shapely.STRtree(lines)
    found, lost = [], 0
    for reason, points in (("bridge_broken", obstacles.broken), ("bridge_unknown", obstacles.unknown)):
        # Several roads at exactly the same distance meet at the vertex next to the bridge: all are cut there.
        reach = max(within(obstacles.gap_m), np.finfo(float).tiny)
        point, line = tree.query_nearest(points, max_distance=reach, all_matches=True) if len(points) else _NO_PAIRS
        lost += len(points) - len(np.unique(point))
        found.append((line, shapely.line_locate_point(lines[line], points[point]), reason))
    line, middle = _wet_parts(lines, on_bridge, obstacles, tree)
    found.append((line, shapely.line_locate_point(lines[line], middle), "no_bridge"))
    reasons = [np.full(len(line), reason, dtype="U14") for line, _, reason in found]
    cuts = Cuts(np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found]), np.concatenate(reasons))
    return cuts, lost


_NO_PAIRS = np.zeros((2, 0), dtype=np.intp)


def _wet_parts(
    lines: NDArray[Any], on_bridge: NDArray[np.bool_], obstacles: Obstacles, tree: shapely.STRtree
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Find where roads cross barriers without a bridge: the road, and the middle of each stretch in the barrier."""
    barrier, line = tree.query(obstacles.barriers, predicate="intersects")
    dry = on_bridge[line]
    barrier, line = barrier[~dry], line[~dry]
    parts, of = shapely.get_parts(shapely.intersection(lines[line], obstacles.barriers[barrier]), return_index=True)
    real = ~shapely.is_empty(parts)
    parts, line = parts[real], line[of[real]]
    open_parts = ~obstacles._near(parts, obstacles.working)
    return line[open_parts], _middle(parts[open_parts])


def _middle(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return the middle of lines and a point inside anything else."""
    is_line = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    middle = shapely.point_on_surface(shapes)
    middle[is_line] = shapely.line_interpolate_point(shapes[is_line], 0.5, normalized=True)
    return np.asarray(middle)


def _present(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Leave out missing and empty shapes: the others, and their rows."""
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    return np.asarray(shapes[rows]), rows
