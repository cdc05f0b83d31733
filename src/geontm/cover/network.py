"""The roads as a network: which hang together all year, where they are cut, and where gaps keep them apart.

Roads hang together where they share a vertex. Drawings that are not made for routing have small gaps and crossings
without a vertex: an end that touches nothing is joined to what lies within ``gap_m`` of it, and a crossing without a
vertex is a question (a junction or a flyover) unless the caller knows the answer.

Every question has two answers here, so there are two networks. The *certain* one has the roads that are known to be
passable all year, cut wherever a bridge is not known to work and wherever water is crossed without one. The *possible*
one has also the roads whose season is not known, cut at broken bridges only. What hangs together in the certain
network is connected, and what does not in the possible one is not; everything else is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.cover.crossings import Cuts, Obstacles, find_cuts
from geontm.cover.graph import FlatRoads, Hung, Joins, flatten_roads, hang_together, open_gaps
from geontm.cover.lines import Plane
from geontm.tables import Issue, require_metric_crs

__all__ = ["Graph", "Network", "build_network"]

TOUCH_M = 0.01  # ends nearer than this touch: no gap worth a line


@dataclass(frozen=True)
class Graph:
    """One network: stretches of road between cuts, and which of them hang together.

    Attributes
    ----------
    pieces : ndarray of LineString, shape (n,)
    row : ndarray of intp, shape (n,)
        Row of the road that each is a stretch of.
    component : ndarray of intp, shape (n,)
        From 1, the longest first; equal lengths by the place of their south-western corner.
    component_km : ndarray of float64, shape (components,)
        Length on the ground of component 1, 2, ….
    """

    pieces: NDArray[Any]
    row: NDArray[np.intp]
    component: NDArray[np.intp]
    component_km: NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """The roads passable all year, as far as known.

    Attributes
    ----------
    crs : pyproj.CRS
    certain, possible : Graph
        What is known to be passable, and what may be.
    obstacles : Obstacles
        Bridges and barriers, as places near the network are to be held against them too.
    gaps : DataFrame
        ``state`` (``joined``: closed, or ``open``: the shortest way from an end to another component),
        ``length_m``, ``x_m``, ``y_m`` (middle of the gap, in ``crs``), ``road_id``, ``other_road_id``.
    cuts : DataFrame
        ``reason`` (``bridge_broken``, ``bridge_unknown``, ``no_bridge``), ``x_m``, ``y_m``, ``road_id``.
    issues : tuple of Issue
    """

    crs: Any
    certain: Graph
    possible: Graph
    obstacles: Obstacles
    gaps: pd.DataFrame
    cuts: pd.DataFrame
    issues: tuple[Issue, ...] = field(default=())


def build_network(
    roads: gpd.GeoDataFrame,
    *,
    bridges: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    gap_m: float = 20.0,
    cross: bool | None = None,
) -> Network:
    """Find which roads hang together.

    Parameters
    ----------
    roads : GeoDataFrame, n rows, metric CRS
        Lines; ``road_id`` (text), ``all_season`` and ``bridge`` (boolean, missing is unknown).
    bridges : GeoDataFrame, same CRS, optional
        Points or lines (which stand for their middle); ``working`` (boolean). One that does not work cuts the nearest
        road within ``gap_m``, one of unknown state makes a question of it.
    barriers : GeoDataFrame, same CRS, optional
        Rivers, lakes: lines or polygons. A road that crosses one where it is no bridge itself and no working bridge
        lies within ``gap_m`` is a question: there may be a ford, or a bridge that the layer lacks.
    gap_m : float
        Widest gap (m) between an end and a road that is closed, itself included.
    cross : bool, optional
        Whether roads that cross without a common vertex are joined there: True (drawings without junctions), False
        (layers made for routing, e.g. OpenStreetMap); default unknown. A road on a bridge is never joined so.

    Returns
    -------
    Network

    Raises
    ------
    CRSError
        A layer has no CRS, is in degrees, or the layers differ; or no transverse Mercator.
    ValueError
        ``gap_m`` is negative.
    """
    if gap_m < 0:
        raise ValueError(f"gap_m must not be negative, got {gap_m}")
    layers = {name: layer for name, layer in (("bridges", bridges), ("barriers", barriers)) if layer is not None}
    require_metric_crs(roads=roads, **layers)
    plane = Plane.of(roads.crs)
    flat = flatten_roads(roads)
    obstacles = Obstacles.of(bridges, barriers, gap_m)
    cuts, off_road = find_cuts(flat.lines, flat.bridge, obstacles)
    certain = hang_together(flat, cuts, obstacles, plane, certain=True, cross=cross is True)
    sure = cuts.take(cuts.certain)
    possible = hang_together(flat, sure, obstacles, plane, certain=False, cross=cross is not False)
    gaps = pd.concat(
        [_listed_gaps("joined", possible.joins, flat), _listed_gaps("open", open_gaps(possible, gap_m), flat)]
    )
    gaps = gaps.sort_values(["state", "length_m", "x_m", "y_m"], ignore_index=True)
    issues = tuple(_issues(flat, gaps, cuts, off_road))
    graphs = (_graph(certain, flat), _graph(possible, flat))
    return Network(roads.crs, *graphs, obstacles, gaps, _listed_cuts(cuts, flat), issues)


def _graph(hung: Hung, flat: FlatRoads) -> Graph:
    return Graph(hung.pieces.shapes, flat.row[hung.pieces.line], hung.component, hung.component_km)


def _listed_gaps(state: str, joins: Joins, flat: FlatRoads) -> pd.DataFrame:
    """List gaps, each once though both its ends may touch nothing; mere touches are none."""
    middle = shapely.get_coordinates(shapely.centroid(joins.way))
    listed = pd.DataFrame(
        {
            "state": pd.array([state] * len(joins.line), dtype="str"),
            "length_m": shapely.length(joins.way),
            "x_m": middle[:, 0],
            "y_m": middle[:, 1],
            "road_id": pd.array(flat.road_id[joins.line], dtype="str"),
            "other_road_id": pd.array(flat.road_id[joins.other], dtype="str"),
        }
    )
    listed = listed[listed["length_m"] > TOUCH_M].sort_values(["length_m", "x_m", "y_m", "road_id", "other_road_id"])
    place = listed[["x_m", "y_m"]].round(2)
    return listed[~place.duplicated()]


def _listed_cuts(cuts: Cuts, flat: FlatRoads) -> pd.DataFrame:
    at = shapely.get_coordinates(shapely.line_interpolate_point(flat.lines[cuts.line], cuts.at_m))
    listed = pd.DataFrame(
        {
            "reason": pd.array(cuts.reason, dtype="str"),
            "x_m": at[:, 0],
            "y_m": at[:, 1],
            "road_id": pd.array(flat.road_id[cuts.line], dtype="str"),
        }
    )
    return listed.sort_values(["reason", "x_m", "y_m", "road_id"], ignore_index=True)


def _issues(flat: FlatRoads, gaps: pd.DataFrame, cuts: Cuts, off_road: int) -> Iterator[Issue]:
    closed = gaps.loc[gaps["state"] == "joined", "length_m"]
    if len(closed):
        yield Issue.of("info", "network.gaps_closed", count=len(closed), longest=float(closed.max()))
    wet = int((cuts.reason == "no_bridge").sum())
    if wet:
        yield Issue.of("warning", "network.no_bridge", column="bridge", count=wet)
    if off_road:
        yield Issue.of("warning", "network.bridge_off_road", column="working", count=off_road)
    unsaid = int((flat.season == 0).sum())
    if unsaid:
        yield Issue.of("info", "network.season_unknown", column="all_season", count=unsaid, of=len(flat.season))
