"""Which villages reach their commune centre, and which centres the next level, by roads passable all year."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.cover.crossings import said, within
from geontm.cover.measured import Measured
from geontm.cover.network import Graph, Network
from geontm.tables import Issue, require_metric_crs

__all__ = ["find_centres", "find_reached", "measure_connection"]

# What a commune centre must reach: the first of these that the layer of seats has.
NEXT_LEVELS = ("district_seat", "province_seat")


@dataclass(frozen=True)
class _Reach:
    """What places reach in one graph.

    Attributes
    ----------
    pairs : DataFrame
        ``place`` (position), ``component``: those within reach, each once; ``whole``: the same number for components
        that may hang together.
    road_m : ndarray of float64
        Distance to the nearest road (m); NaN where there is none.
    """

    pairs: pd.DataFrame
    road_m: NDArray[np.float64]


@dataclass(frozen=True)
class _Places:
    """Villages or seats, what they reach for certain and what they may reach.

    ``table`` has ``place_id`` and ``commune_code`` by position. A place without geometry reaches nothing for certain
    and perhaps anything.
    """

    table: pd.DataFrame
    located: NDArray[np.bool_]
    certain: _Reach
    possible: _Reach


def measure_connection(
    units: gpd.GeoDataFrame,
    network: Network,
    seats: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame | None = None,
    *,
    around: gpd.GeoDataFrame | None = None,
    reach_m: float = 500.0,
    covered: Collection[str] | None = None,
) -> Measured:
    """Tell which villages and commune centres are connected by a network of roads passable all year.

    A village is connected when some road within ``reach_m`` of it hangs together with some road within ``reach_m`` of
    its commune's centre; a centre likewise with a district seat, where the layer has any, else with a province seat.
    A place farther than that from every road passable all year is not connected. For certainty the way to the road
    must not cross water.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``
        Polygons in the metric CRS of the network.
    network : Network
        See :func:`build_network`.
    seats : GeoDataFrame, same CRS
        ``site_id``, ``kind`` (``commune_centre``, ``district_seat``, ``province_seat``; others do not count),
        ``working`` (boolean; one that does not work does not count, what hangs on one of unknown state is unknown;
        without such a column all work). A centre belongs to the commune in ``commune_code``, where there is such a
        column, else to the one it lies in.
    villages : GeoDataFrame, index ``village_code``, same CRS, optional
        Points; ``commune_code``.
    around : GeoDataFrame, same CRS, optional
        Units beside those to measure, of which the network has not all the roads: what leaves into them may hang
        together there, so that two components which both do are perhaps connected.
    reach_m : float
        Farthest that a place may lie from a road it uses (m), itself included.
    covered : collection of str, optional
        Codes of the communes that the road layer declares to cover; default all.

    Returns
    -------
    Measured
        Table, n rows in the order of ``units``: ``centre_connected`` (boolean), and with villages
        ``connected_village_count`` and ``connected_village_pct`` (% of the villages given), each with ``_low`` and
        ``_high``. Unknown: communes not covered, those without a centre, shares of no villages, and what
        hangs on roads, bridges or crossings that are not known. Where a commune has several centres, what holds for
        all is certain.

        ``more``: ``network_places`` (``commune_code``, ``place_id``, ``kind``, ``connected``, ``component`` (of the
        possible network, the longest within reach), ``road_m`` with bounds), ``network_components`` (``commune_code``,
        ``component``, ``component_km``, ``village_count``, ``centre_count``: components that any place reaches, by
        commune), ``network_gaps`` and ``network_cuts`` (those of the network, with ``commune_code``).

    Raises
    ------
    CRSError
        A layer is not in the CRS of the network.
    ValueError
        ``reach_m`` is negative.
    """
    if reach_m < 0:
        raise ValueError(f"reach_m must not be negative, got {reach_m}")
    given = {"units": units, "seats": seats, "villages": villages, "around": around}
    require_metric_crs(network=network, **{name: layer for name, layer in given.items() if layer is not None})
    beyond = _leaving(network.possible, around)
    is_covered = np.ones(len(units), dtype=bool) if covered is None else units.index.isin(list(covered))
    state = said(seats, "working") if "working" in seats else np.ones(len(seats), dtype=np.int8)
    usable, sure = seats[state >= 0], seats[state > 0]
    centres = _places(find_centres(units, usable[usable["kind"] == "commune_centre"]), network, beyond, reach_m)
    level = next((kind for kind in NEXT_LEVELS if (usable["kind"] == kind).any()), None)
    goals, sure_goals = (
        _places(_targets(each[each["kind"] == level]), network, beyond, reach_m) for each in (usable, sure)
    )
    homes = _places(_homes(units, villages), network, beyond, reach_m)

    with_centre = find_centres(units, sure[sure["kind"] == "commune_centre"])["commune_code"]
    centre_low, centre_high = _where_sure(centres, with_centre, *_connected_to_any(centres, goals, sure_goals))
    home_low, home_high = _where_sure(homes, with_centre, *_connected_to_own(homes, centres))
    table = pd.DataFrame(index=units.index)
    table["centre_connected"] = _answer(*_of_communes(units, centres, centre_low, centre_high), is_covered)
    if villages is not None:
        table = table.join(_counts(units, homes, home_low, home_high, is_covered))
    of_places = pd.concat(
        [
            _listed(centres, "commune_centre", centre_low, centre_high, units.index[is_covered]),
            _listed(homes, "village", home_low, home_high, units.index[is_covered]),
        ],
        ignore_index=True,
    )
    more = {
        "network_places": of_places,
        "network_components": _components(of_places, network.possible),
        "network_gaps": _in_communes(network.gaps, units),
        "network_cuts": _in_communes(network.cuts, units),
    }
    issues = (*network.issues, *_issues(units.index[is_covered], centres, homes, level))
    return Measured(table, more, issues)


def find_centres(units: gpd.GeoDataFrame, seats: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each commune centre its commune: the one it names, else the one it lies in (both, on their border).

    Centres elsewhere are left out: layers of seats reach beyond the province.
    """
    named = seats["commune_code"] if "commune_code" in seats else pd.Series(pd.NA, index=seats.index, dtype="str")
    mine = (named.isna() | named.isin(units.index)).to_numpy()
    seats, named = seats[mine], named[mine]
    known = named.notna().to_numpy()
    tree = shapely.STRtree(seats.geometry.to_numpy()[~known])
    unit, seat = tree.query(units.geometry.to_numpy(), predicate="intersects")
    row = np.concatenate([np.flatnonzero(known), np.flatnonzero(~known)[seat]])
    code = [*named[known], *units.index[unit]]
    return _frame(seats["site_id"].to_numpy()[row], code, seats.geometry.to_numpy()[row], seats.crs)


def _targets(seats: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return _frame(seats["site_id"].to_numpy(), [pd.NA] * len(seats), seats.geometry.to_numpy(), seats.crs)


def _homes(units: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Take the villages of the units."""
    if villages is None:
        return _frame(np.zeros(0, dtype=object), [], np.zeros(0, dtype=object), units.crs)
    mine = villages[villages["commune_code"].isin(units.index)]
    return _frame(mine.index.to_numpy(), list(mine["commune_code"]), mine.geometry.to_numpy(), villages.crs)


def _frame(place_id: NDArray[Any], code: list[Any], geometry: NDArray[Any], crs: Any) -> gpd.GeoDataFrame:
    """Put places into one form, in an order that hangs on them alone."""
    columns = {"place_id": pd.array(place_id, dtype="str"), "commune_code": pd.array(code, dtype="str")}
    frame = gpd.GeoDataFrame(columns, geometry=shapely.point_on_surface(geometry), crs=crs)
    key = pd.Series(shapely.to_wkb(frame.geometry.to_numpy(), hex=True))
    order = frame[["commune_code", "place_id"]].assign(key=key).sort_values(["commune_code", "place_id", "key"]).index
    return frame.loc[order].reset_index(drop=True)


def _leaving(graph: Graph, around: gpd.GeoDataFrame | None) -> NDArray[np.intp]:
    """Find the components with a road in the units around."""
    shapes = np.zeros(0, dtype=object) if around is None else around.geometry.to_numpy()
    piece = shapely.STRtree(graph.pieces).query(shapes, predicate="intersects")[1]
    return np.unique(graph.component[piece])


def _places(frame: gpd.GeoDataFrame, network: Network, beyond: NDArray[np.intp], reach_m: float) -> _Places:
    points = frame.geometry.to_numpy()
    located = ~(shapely.is_missing(points) | shapely.is_empty(points))
    certain, possible = (find_reached(network, points, reach_m, certain=certain) for certain in (True, False))
    leaves = possible.pairs["component"].isin(beyond)
    whole = possible.pairs["component"].mask(leaves, beyond.min(initial=np.iinfo(np.intp).max))
    return _Places(frame, located, certain, _Reach(possible.pairs.assign(whole=whole), possible.road_m))


def find_reached(network: Network, points: NDArray[Any], reach_m: float, *, certain: bool) -> _Reach:
    """Find the components with a road within reach of each place."""
    graph = network.certain if certain else network.possible
    tree = shapely.STRtree(graph.pieces)
    place, piece = tree.query(points, predicate="dwithin", distance=within(reach_m))
    if certain and len(network.obstacles.barriers):
        shored, ground = network.obstacles.dry_ground(points, reach_m)
        of = np.full(len(points), -1)
        of[shored] = np.arange(len(shored))
        by_water = of[place] >= 0
        dry = ~by_water
        dry[by_water] = shapely.intersects(ground[of[place[by_water]]], graph.pieces[piece[by_water]])
        place, piece = place[dry], piece[dry]
    pairs = pd.DataFrame({"place": place, "component": graph.component[piece]}).drop_duplicates()
    pairs = pairs.sort_values(["place", "component"], ignore_index=True)
    road_m = np.full(len(points), np.nan)
    if len(graph.pieces):
        (nearest, _), metres = tree.query_nearest(points, all_matches=False, return_distance=True)
        road_m[nearest] = metres
    return _Reach(pairs.assign(whole=pairs["component"]), road_m)


def _where_sure(
    places: _Places, with_centre: pd.Series, low: NDArray[np.bool_], high: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Leave open what is said of places in communes of which no centre is known to work."""
    sure = places.table["commune_code"].isin(with_centre).to_numpy()
    return low & sure, high | ~sure


def _connected_to_any(places: _Places, goals: _Places, sure: _Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which places are connected to any of the goals: to one that is ``sure`` for certain, and perhaps."""
    low, high = (
        _marked(len(places.table), mine.pairs.loc[mine.pairs["whole"].isin(theirs.pairs["whole"]), "place"])
        for mine, theirs in ((places.certain, sure.certain), (places.possible, goals.possible))
    )
    # Nothing is known of a goal that has no place, or where the layer has none.
    if not len(goals.table) or not goals.located.all():
        high[:] = True
    return low, high | ~places.located


def _connected_to_own(homes: _Places, centres: _Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which villages are connected to all centres of their commune for certain, and perhaps to any."""
    pairs = homes.table.reset_index(names="place").merge(centres.table.reset_index(names="centre"), on="commune_code")
    pairs = pairs[["place", "centre"]]
    met = []
    for mine, theirs in ((homes.certain, centres.certain), (homes.possible, centres.possible)):
        other = theirs.pairs[["place", "whole"]].rename(columns={"place": "centre"})
        ways = pairs.merge(mine.pairs, on="place").merge(other, on=["centre", "whole"])
        met.append(ways[["place", "centre"]].drop_duplicates())
    n = len(homes.table)
    wanted, reached = (np.bincount(found["place"], minlength=n) for found in (pairs, met[0]))
    low = (wanted > 0) & (reached == wanted)
    blind = pairs.loc[~centres.located[pairs["centre"].to_numpy()], "place"]
    high = (wanted == 0) | _marked(n, met[1]["place"]) | _marked(n, blind) | ~homes.located
    return np.asarray(low), np.asarray(high)


def _marked(n: int, chosen: pd.Series) -> NDArray[np.bool_]:
    marked = np.zeros(n, dtype=bool)
    marked[chosen.to_numpy()] = True
    return marked


def _of_communes(
    units: gpd.GeoDataFrame, centres: _Places, low: NDArray[np.bool_], high: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Bring the answers of centres to their communes: certain where it holds for all, possible where for any."""
    answers = pd.DataFrame({"low": low, "high": high}).groupby(centres.table["commune_code"].to_numpy())
    found = answers.agg({"low": "all", "high": "any"}).reindex(units.index)
    return (
        found["low"].astype("boolean").fillna(False).to_numpy(dtype=bool),
        found["high"].astype("boolean").fillna(True).to_numpy(dtype=bool),
    )


def _answer(low: NDArray[np.bool_], high: NDArray[np.bool_], known: NDArray[np.bool_]) -> pd.arrays.BooleanArray:
    """Return low where both bounds agree, else unknown."""
    return pd.arrays.BooleanArray(low.copy(), (low != high) | ~known)


def _counts(
    units: gpd.GeoDataFrame, homes: _Places, low: NDArray[np.bool_], high: NDArray[np.bool_], known: NDArray[np.bool_]
) -> pd.DataFrame:
    """Count connected villages by commune, with their share."""
    row = units.index.get_indexer(homes.table["commune_code"])
    whole, least, most = (
        np.bincount(row[chosen], minlength=len(units)) for chosen in (np.ones(len(row), dtype=bool), low, high)
    )
    table: dict[str, pd.api.extensions.ExtensionArray] = {}
    for suffix, count, said_so in (("", least, least == most), ("_low", least, True), ("_high", most, True)):
        unsaid = ~(known & said_so)
        table[f"connected_village_count{suffix}"] = pd.arrays.IntegerArray(count.astype(np.int64), unsaid)
        share = 100 * count / np.maximum(whole, 1)
        table[f"connected_village_pct{suffix}"] = pd.arrays.FloatingArray(share, unsaid | (whole == 0))
    names = [f"connected_village_{kind}{suffix}" for kind in ("count", "pct") for suffix in ("", "_low", "_high")]
    return pd.DataFrame(table, index=units.index)[names]


def _listed(
    places: _Places, kind: str, low: NDArray[np.bool_], high: NDArray[np.bool_], covered: pd.Index
) -> pd.DataFrame:
    """List places with their answer, component and distance to the network."""
    known = places.table["commune_code"].isin(covered).to_numpy()
    nearest = places.possible.pairs.groupby("place")["component"].min().reindex(range(len(places.table)))
    least, most = places.possible.road_m, places.certain.road_m
    road_m = np.where(most - least <= 1e-9 * most, most, np.nan)
    return pd.DataFrame(
        {
            "commune_code": places.table["commune_code"],
            "place_id": places.table["place_id"],
            "kind": pd.array([kind] * len(low), dtype="str"),
            "connected": _answer(low, high, known),
            "component": nearest.astype("Int64").array,
            "road_m": pd.array(road_m, dtype="Float64"),
            "road_m_low": pd.array(least, dtype="Float64"),
            "road_m_high": pd.array(most, dtype="Float64"),
        }
    )


def _components(of_places: pd.DataFrame, graph: Graph) -> pd.DataFrame:
    """Count the places of each component by commune."""
    reached = of_places.dropna(subset=["component", "commune_code"])
    counted = reached.assign(
        village_count=reached["kind"] == "village", centre_count=reached["kind"] == "commune_centre"
    )
    found = counted.groupby(["component", "commune_code"], as_index=False)[["village_count", "centre_count"]].sum()
    km = graph.component_km[found["component"].to_numpy(dtype=np.intp) - 1]
    found.insert(2, "component_km", pd.array(km, dtype="Float64"))
    return found.astype({"village_count": "Int64", "centre_count": "Int64"})


def _in_communes(events: pd.DataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add the commune that each point lies in; on a border the first by code."""
    ordered = units.sort_index()
    points = shapely.points(events[["x_m", "y_m"]].to_numpy())
    point, unit = shapely.STRtree(ordered.geometry.to_numpy()).query(points, predicate="intersects")
    first = pd.Series(unit).groupby(point).min().reindex(range(len(events)))
    codes = pd.Series(ordered.index.to_numpy(dtype=object)).reindex(first.to_numpy()).to_numpy()
    return events.assign(commune_code=pd.array(codes, dtype="str"))[["commune_code", *events.columns]]


def _issues(covered: pd.Index, centres: _Places, homes: _Places, level: str | None) -> Iterator[Issue]:
    count = centres.table["commune_code"].value_counts()
    without = sorted(set(covered) - set(count.index))
    if without:
        yield Issue.of(
            "warning", "network.no_centre", column="centre_connected", value=", ".join(without), count=len(without)
        )
    several = sorted(set(count.index[count > 1]) & set(covered))
    if several:
        yield Issue.of(
            "warning",
            "network.several_centres",
            column="centre_connected",
            value=", ".join(several),
            count=len(several),
        )
    if level is None:
        yield Issue.of("warning", "network.no_next_level", column="centre_connected")
    unplaced = homes.table.loc[~homes.located, "place_id"]
    if len(unplaced):
        yield Issue.of("warning", "network.village_no_place", value=", ".join(sorted(unplaced)), count=len(unplaced))
