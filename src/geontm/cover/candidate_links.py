"""The shortest ways that would connect villages to the roads their commune centre hangs on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.cover.candidates import NewlyServed, Villages, make_candidates, name_candidate
from geontm.cover.connection import find_centres, find_reached, measure_connection
from geontm.cover.crossings import said
from geontm.cover.lines import Plane, segments_of
from geontm.cover.measured import Measured
from geontm.cover.network import Network
from geontm.cover.weighted import bounded_columns
from geontm.tables import Issue

__all__ = ["find_links"]


def find_links(
    units: gpd.GeoDataFrame,
    network: Network,
    seats: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    *,
    around: gpd.GeoDataFrame | None = None,
    reach_m: float = 500.0,
    covered: Collection[str] | None = None,
) -> Measured:
    """Draw the shortest straight way from villages without a connection to the roads of their commune centre.

    A village within ``reach_m`` of a road that is known to be passable all year starts from wherever what hangs
    together with that road comes nearest; so one way serves every such village of the commune. Any other village
    starts from its own place. The way ends at the nearest road that hangs together with one within ``reach_m`` of
    the commune centre, or at the centre itself where there is no such road.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``
        Polygons in the metric CRS of the network.
    network : Network
        See :func:`geontm.cover.build_network`.
    seats : GeoDataFrame, same CRS
        As :func:`geontm.cover.measure_connection` takes them.
    villages : GeoDataFrame, index ``village_code``, same CRS
        Points; ``commune_code``, ``population`` and ``household_count`` (missing: not known).
    around : GeoDataFrame, same CRS, optional
        Units beside those, see :func:`geontm.cover.measure_connection`.
    reach_m : float
        Farthest that a place may lie from a road it uses (m), itself included.
    covered : collection of str, optional
        Codes of the communes that the road layer covers; default all.

    Returns
    -------
    Measured
        No columns by unit. ``more["candidates"]``: see :data:`geontm.cover.candidates.CANDIDATE_COLUMNS`.
        ``length_km`` is the straight way on the ground, the least that a road can have. Each is counted alone: the low
        end has the villages that hang together for certain, the high end also those of the commune that may do so by
        roads of unknown season. ``needs_bridge``: the way crosses water where no working bridge is, or passes a bridge
        that is not known to work; unknown where there is neither and no layer of barriers. Only villages that are
        known not to be connected are here.

    Raises
    ------
    CRSError
        A layer is not in the CRS of the network.
    ValueError
        ``reach_m`` is negative.
    """
    told = measure_connection(units, network, seats, villages, around=around, reach_m=reach_m, covered=covered)
    places = told.more["network_places"]
    apart = places[(places["kind"] == "village") & places["connected"].eq(False).fillna(False)]
    homes = Villages.of(villages[villages.index.astype(str).isin(apart["place_id"])], units.index)
    certain, possible = (
        _first_components(network, homes.points, reach_m, certain=certain) for certain in (True, False)
    )
    centres = find_centres(units, seats[(seats["kind"] == "commune_centre") & (said(seats, "working") >= 0)])
    goals = _Goals(network, centres, reach_m)
    groups = pd.DataFrame({"commune": homes.commune, "component": certain, "possible": possible})
    # A village that no such road is near starts from its own place: a group of one.
    groups["own"] = np.where(certain < 0, np.arange(len(homes)), -1)
    number = groups.groupby(["commune", "component", "own"], sort=True).ngroup().to_numpy()
    leader = pd.Series(number).drop_duplicates().sort_values().index.to_numpy()
    ways = [goals.way(str(homes.commune[at]), int(certain[at]), homes.points[at]) for at in leader]
    drawn = np.array([way is not None for way in ways], dtype=bool)
    count = int(drawn.sum())
    position = np.full(len(leader), -1)
    position[drawn] = np.arange(count)
    served = _behind(groups, number, position)
    lines = np.array([way for way in ways if way is not None], dtype=object)
    table = _table(homes, served, lines, leader[drawn], network)
    issues = (Issue.of("info", "candidates.links", column="candidate_id"),) if count else ()
    return Measured(pd.DataFrame(index=units.index), {"candidates": table}, issues)


def _first_components(network: Network, points: NDArray[Any], reach_m: float, *, certain: bool) -> NDArray[np.intp]:
    """Name the longest component within reach of each point; -1 where there is none."""
    found = np.full(len(points), -1, dtype=np.intp)
    pairs = find_reached(network, points, reach_m, certain=certain).pairs.groupby("place")["component"].min()
    found[pairs.index.to_numpy(dtype=np.intp)] = pairs.to_numpy(dtype=np.intp)
    return found


class _Goals:
    """What villages have to reach, by commune, with trees made once for each set of components."""

    def __init__(self, network: Network, centres: gpd.GeoDataFrame, reach_m: float) -> None:
        self.graph = network.certain
        points = centres.geometry.to_numpy()
        pairs = find_reached(network, points, reach_m, certain=True).pairs
        codes = centres["commune_code"].to_numpy(dtype=object)
        self._components = {
            str(code): tuple(sorted(set(each))) for code, each in pairs.groupby(codes[pairs["place"]])["component"]
        }
        self._points = {str(code): points[codes == code] for code in dict.fromkeys(codes)}
        self._trees: dict[object, shapely.STRtree] = {}
        self._ways: dict[object, Any] = {}

    def way(self, commune: str, component: int, point: Any) -> Any:
        """Return the shortest way (a line in the metric CRS) from a component, or from a point where that is -1."""
        components = self._components.get(commune, ())
        if not components and commune not in self._points:
            return None
        goal: object = components or commune
        if component < 0:
            return self._shortest(np.array([point], dtype=object), self._tree(goal))
        if (component, goal) not in self._ways:
            start = self.graph.pieces[self.graph.component == component]
            self._ways[component, goal] = self._shortest(start, self._tree(goal))
        return self._ways[component, goal]

    def _tree(self, goal: object) -> shapely.STRtree:
        if goal not in self._trees:
            chosen = (
                self.graph.pieces[np.isin(self.graph.component, goal)]
                if isinstance(goal, tuple)
                else self._points[str(goal)]
            )
            self._trees[goal] = shapely.STRtree(chosen)
        return self._trees[goal]

    @staticmethod
    def _shortest(start: NDArray[Any], tree: shapely.STRtree) -> Any:
        (at, found), distance = tree.query_nearest(start, return_distance=True)
        least = np.flatnonzero(distance <= distance.min() * (1 + 1e-12))
        ways = shapely.shortest_line(start[at[least]], tree.geometries[found[least]])
        # Of several of one length the same one in any order of rows.
        return ways[np.argsort(shapely.to_wkb(ways, hex=True), kind="stable")[0]]


def _behind(groups: pd.DataFrame, number: NDArray[Any], position: NDArray[np.intp]) -> NewlyServed:
    """List the villages behind each way: its own group, and others of the commune in its possible components."""
    own = pd.DataFrame({"candidate": position[number], "village": np.arange(len(groups)), "sure": True})
    reach = groups.assign(candidate=position[number], village=np.arange(len(groups)))
    reach = reach[reach["possible"] >= 0]
    pairs = reach[["commune", "possible", "candidate"]].drop_duplicates()
    pairs = pairs.merge(reach[["commune", "possible", "village"]], on=["commune", "possible"])
    maybe = pairs[["candidate", "village"]].assign(sure=False)
    both = pd.concat([own, maybe], ignore_index=True)
    both = both[both["candidate"] >= 0].drop_duplicates(["candidate", "village"], keep="first")
    return NewlyServed(
        both["candidate"].to_numpy(dtype=np.intp),
        both["village"].to_numpy(dtype=np.intp),
        both["sure"].to_numpy(dtype=bool),
    )


def _table(
    homes: Villages, served: NewlyServed, lines: NDArray[Any], leader: NDArray[np.intp], network: Network
) -> pd.DataFrame:
    n = len(lines)
    segments = segments_of(lines)
    metres = np.bincount(segments.line, segments.ground_m(Plane.of(network.crs)), n)
    obstacles = network.obstacles
    bridge = obstacles.near_bridge(lines, certain=True)
    if len(obstacles.barriers):
        bridge |= obstacles.cross_water(lines)
    stored = gpd.GeoSeries(lines, crs=network.crs).to_crs(4326).to_numpy()
    columns = {
        "candidate_id": [name_candidate("link", homes.commune[at], homes.code[at]) for at in leader],
        "kind": "road_link",
        "service": "connection",
        "commune_code": homes.commune[leader],
        "counted": "alone",
        "length_km": metres / 1_000,
        **bounded_columns("people_newly_served", served.bounds(homes.people, n)),
        **served.columns(homes, n),
        "needs_bridge": pd.arrays.BooleanArray(bridge, ~bridge & (len(obstacles.barriers) == 0)),
    }
    return make_candidates(columns, stored, shapely.get_point(stored, 0))
