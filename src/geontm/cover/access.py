"""Rural access (SDG 9.1.1): the share of people who live within 2 km of a road that is passable all year.

People of a cell are taken to live evenly over it. The definition is then exact: the people of a cell times the share
of its area that lies in the commune and within the distance of a road. Distances are taken in the metric plane of the
province; its scale is off by at most 3 in 10,000 inside a province, which is 0.6 m in 2 km.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.cover.crossings import said
from geontm.cover.distance import Reach, Targets, make_reach, make_targets, part_shares
from geontm.cover.measured import Measured
from geontm.cover.people_cells import PeopleStrip, people_strips
from geontm.cover.stored_layers import (
    STORED,
    box_in_plane,
    covered_units,
    not_covered,
    plane_of,
    require_stored,
    stored_of,
    zones_of,
)
from geontm.cover.weighted import Bounds, bounded_columns, weighted_bounds
from geontm.cover.zones import Zones
from geontm.tables import Issue, Raster, list_briefly, require_metric_crs

__all__ = ["measure_rural_access", "measure_village_access", "upper_access"]


def measure_rural_access(
    units: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    population: Raster,
    *,
    metric_crs: pyproj.CRS,
    distance_m: float = 2_000.0,
    zones: Zones | None = None,
    covered: Collection[str] | None = None,
) -> Measured:
    """Tell which share of the people of each commune lives near a road that is passable all year.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
        Polygons. Everybody in them counts; for the rural population leave out the wards, or their people.
    roads : GeoDataFrame, EPSG:4326
        Lines, with ``all_season`` (boolean; missing: not known). They should reach beyond the units by the distance: a
        road in the next province serves too.
    population : Raster
        Persons per cell, in degrees or metres; never resampled.
    metric_crs : pyproj.CRS
        Plane in which distances are taken, :func:`geontm.tables.province_crs`.
    distance_m : float
        Closed: at exactly this distance people are served.
    zones : Zones, optional
        Of the units on the grid of the raster, where they have been made before.
    covered : collection of str, optional
        Communes that the road layer covers; None: all.

    Returns
    -------
    Measured
        n rows in the order of ``units``: ``rural_access_pct`` (%), ``people_without_road`` (persons), each with
        ``_low`` and ``_high`` (roads of unknown season count as not, or as passable), and ``access_people``, the people
        these are of. A commune that the roads do not cover, that has no shape, or without a known cell, is unknown; of
        nobody there is no share. People of cells that are not known are not counted.

    Raises
    ------
    CRSError
        A layer is not in EPSG:4326, or the plane is not metric.
    ValueError
        The distance is not positive, or the zones are of other units or another grid.

    References
    ----------
    .. [1] SDG indicator 9.1.1, metadata of 2020-09-01: rural population within 2 km of an all-season road.
    """
    if not distance_m > 0:
        raise ValueError(f"distance_m must be positive, got {distance_m}")
    require_stored(units=units, roads=roads)
    zones, found = zones_of(units, population, zones)
    wanted = covered_units(units, covered)
    plane, stored = plane_of(population.grid.crs, metric_crs), stored_of(population.grid.crs)
    box = box_in_plane(zones, plane)
    lines, season = roads.geometry.to_numpy(), said(roads, "all_season")
    to_plane = plane_of(STORED, metric_crs)

    def reach_of(chosen: NDArray[np.bool_]) -> Reach:
        targets = make_targets(lines[chosen], distance_m=distance_m, plane=to_plane, box=box)
        return make_reach(targets, distance_m, box)

    certain = reach_of(season > 0)
    one_answer = not (season == 0).any()
    possible = certain if one_answer else reach_of(season >= 0)
    edge = _outline(units[wanted], to_plane, distance_m)

    tally, shapes = _Tally.of(len(units)), units.geometry.to_numpy()
    for strip in people_strips(population, zones, plane):
        low = part_shares(certain, strip, shapes, stored)
        high = low if one_answer else part_shares(possible, strip, shapes, stored)
        tally.add(strip, low, high)
        tally.near_edge += _people_at_edge(strip, np.where(wanted[strip.part_unit], 1 - high, 0.0), edge, distance_m)

    table = pd.DataFrame(
        _columns(tally.people, Bounds(tally.without_possible, tally.without_certain)), index=units.index
    )
    table.loc[~tally.seen, "access_people"] = pd.NA
    table.loc[~(wanted & tally.seen), [name for name in table if name != "access_people"]] = pd.NA
    issues = (
        *found,
        *not_covered(units, wanted, "access.not_covered", column="rural_access_pct"),
        *_issues(tally, distance_m, population.name),
    )
    return Measured(table, issues=issues)


def measure_village_access(
    units: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    *,
    distance_m: float = 2_000.0,
    covered: Collection[str] | None = None,
) -> Measured:
    """Tell which share of the people of each commune lives in villages near a road that is passable all year.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, a metric CRS
    villages : GeoDataFrame, index ``village_code``, the same CRS
        Points, ``commune_code`` and ``population`` (persons; missing: not known). All people of a village are where
        its point is, and count in the commune of its code.
    roads : GeoDataFrame, the same CRS
        Lines, with ``all_season`` (boolean; missing: not known).
    distance_m : float
        Closed.
    covered : collection of str, optional
        Communes that the road layer covers; None: all.

    Returns
    -------
    Measured
        n rows in the order of ``units``. ``rural_access_pct`` (%), ``people_without_road`` (persons),
        ``village_access_pct`` (%, of villages) and ``villages_without_road_count``, each with ``_low`` and ``_high``;
        ``access_people`` (persons). Unknown for a commune that the roads do not cover, or without villages; the share
        of people lies between bounds where villages of unknown population fall on both sides.
        ``more["villages"]``: ``village_code``, ``commune_code``, ``near_road`` (boolean), by village.

    Raises
    ------
    CRSError
        A layer is in degrees, or two differ.
    ValueError
        The distance is not positive.
    """
    if not distance_m > 0:
        raise ValueError(f"distance_m must be positive, got {distance_m}")
    require_metric_crs(units=units, villages=villages, roads=roads)
    listed = villages["commune_code"].isin(units.index)
    ordered = villages[listed].sort_index(kind="stable")
    placed = ~(ordered.geometry.isna() | ordered.geometry.is_empty).to_numpy()
    season, lines = said(roads, "all_season"), roads.geometry.to_numpy()
    points = shapely.get_coordinates(ordered.geometry.to_numpy()[placed])
    # A village without a place may be near a road or not.
    low, high = np.zeros(len(ordered)), np.ones(len(ordered))
    for bound, chosen in ((low, season > 0), (high, season >= 0)):
        targets = make_targets(lines[chosen], distance_m=distance_m)
        bound[placed] = np.isfinite(targets.nearest(points, limit_m=distance_m))

    group = units.index.get_indexer(ordered["commune_code"])
    people = ordered["population"].to_numpy("float64", na_value=np.nan)
    table = _village_table(units.index, group, Bounds(low, high), people)
    wanted = np.ones(len(units), dtype=np.bool_) if covered is None else units.index.isin(list(covered))
    table.loc[np.bincount(group, minlength=len(units)) == 0] = pd.NA
    table.loc[~wanted, [name for name in table if name != "access_people"]] = pd.NA
    more = pd.DataFrame(
        {
            "village_code": ordered.index,
            "commune_code": ordered["commune_code"].to_numpy(),
            "near_road": pd.Series(low > 0, dtype="boolean").mask((low < high) | ~wanted[group]),
        }
    )
    issues = (
        *not_covered(units, wanted, "access.not_covered", column="rural_access_pct"),
        *_issues_of_villages(villages[~listed], ordered[~placed]),
    )
    return Measured(table, {"villages": more}, issues)


def upper_access(table: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Add rural access up to districts, provinces or any other units.

    Parameters
    ----------
    table : DataFrame, index ``commune_code``
        As :func:`measure_rural_access` or :func:`measure_village_access` gives it.
    groups : Series, index ``commune_code``
        The unit above each commune; a commune without one is left out. Leave out the wards for the rural population.

    Returns
    -------
    DataFrame, index of the units above, in their order
        ``rural_access_pct`` and ``people_without_road``, each with ``_low`` and ``_high``, ``access_people``, and
        ``access_unknown_commune_count``: communes whose access is not known though people live there, or whose people
        are not known. The people of the first kind count as served in one bound and as not served in the other; with
        one of the second kind the whole unit is unknown.
    """
    above = groups.reindex(table.index)
    part = table[above.notna()].astype("Float64")
    people = part["access_people"]
    # Where nothing is known of the roads, nobody or everybody may be served.
    without = {
        "_low": part["people_without_road_low"].fillna(0.0),
        "_high": part["people_without_road_high"].fillna(people),
    }
    columns = {"access_people": people} | {f"people_without_road{end}": each for end, each in without.items()}
    ordered = pd.DataFrame(columns).sort_index()
    by = above.reindex(ordered.index)
    sums = ordered.groupby(by.to_numpy()).agg(_exact_sum).astype("Float64")
    low, high, whole = (
        sums[name].to_numpy("float64", na_value=np.nan)
        for name in ("people_without_road_low", "people_without_road_high", "access_people")
    )
    low, high = np.where(np.isnan(whole), np.nan, low), np.where(np.isnan(whole), np.nan, high)
    unknown = (people.isna() | (part["people_without_road_high"].isna() & (people != 0))).reindex(ordered.index)
    result = pd.DataFrame(_columns(whole, Bounds(low, high)), index=sums.index)
    result["access_unknown_commune_count"] = unknown.groupby(by.to_numpy()).sum().astype("Int64")
    return result


def _exact_sum(values: pd.Series) -> float:
    return math.fsum(values.astype("float64")) if values.notna().all() else math.nan


def _columns(people: NDArray[np.float64], without: Bounds) -> dict[str, Any]:
    """Return the columns of access from people and those of them without a road."""
    shares = [
        100 * np.divide(people - each, people, out=np.full(len(people), np.nan), where=people > 0)
        for each in (without.high, without.low)
    ]
    share = Bounds(np.clip(shares[0], 0, 100), np.clip(shares[1], 0, 100))
    return {
        **bounded_columns("rural_access_pct", share),
        **bounded_columns("people_without_road", without),
        "access_people": pd.array(people, dtype="Float64"),
    }


@dataclass
class _Tally:
    """Running sums by unit while strips are read: people, those without a certain road, and without a possible one."""

    people: NDArray[np.float64]
    without_certain: NDArray[np.float64]
    without_possible: NDArray[np.float64]
    seen: NDArray[np.bool_]
    near_edge: float = 0.0
    negative: int = 0

    @classmethod
    def of(cls, count: int) -> _Tally:
        return cls(np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count, dtype=np.bool_))

    def add(self, strip: PeopleStrip, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        n, unit, people = len(self.people), strip.part_unit, strip.part_people
        self.people += np.bincount(unit, people, n)
        self.without_certain += np.bincount(unit, people * (1 - low), n)
        self.without_possible += np.bincount(unit, people * (1 - high), n)
        self.seen |= strip.seen
        self.negative += strip.negative


def _outline(units: gpd.GeoDataFrame, to_plane: pyproj.Transformer, distance_m: float) -> Targets:
    """Return the edge of the area that the units cover together."""
    shapes = units.geometry.to_numpy()
    try:
        whole = shapely.coverage_union_all(shapes)
    except shapely.errors.GEOSException:
        # Quick, but only for units that share their edges vertex by vertex.
        whole = shapely.union_all(shapely.make_valid(shapes))
    return make_targets(np.array([shapely.boundary(whole)]), distance_m=distance_m, plane=to_plane)


def _people_at_edge(strip: PeopleStrip, without: NDArray[np.float64], edge: Targets, distance_m: float) -> float:
    """Count people without a road (share of each part) whose cell has its middle within the distance of the edge."""
    parts = np.flatnonzero(without > 0)
    cells, which = np.unique(strip.part_cell[parts], return_inverse=True)
    at_edge = np.isfinite(edge.nearest(strip.cells.take(cells).points(1)[:, 0], limit_m=distance_m))[which]
    return float((without[parts] * strip.part_people[parts])[at_edge].sum())


def _issues(tally: _Tally, distance_m: float, name: str) -> Iterator[Issue]:
    if tally.negative:
        yield Issue.of("warning", "access.negative_people", file=name, count=tally.negative)
    if tally.near_edge >= 0.5:
        yield Issue.of(
            "info", "access.near_edge", column="people_without_road", people=tally.near_edge, km=distance_m / 1_000
        )


def _issues_of_villages(elsewhere: gpd.GeoDataFrame, unplaced: gpd.GeoDataFrame) -> Iterator[Issue]:
    for message, rows in (
        ("access.village_without_commune", elsewhere),
        ("access.village_without_place", unplaced),
    ):
        if len(rows):
            some = list_briefly(sorted(map(str, rows.index)))
            yield Issue.of("warning", message, column="village_code", value=some, count=len(rows))


def _village_table(codes: pd.Index, group: NDArray[np.intp], near: Bounds, people: NDArray[np.float64]) -> pd.DataFrame:
    """Sum villages by commune: near a road for certain and perhaps (0 or 1), people unknown where NaN."""
    n = len(codes)
    share = weighted_bounds(group, n, near, people)
    of_villages = weighted_bounds(group, n, near, np.ones(len(group)))
    # A village of unknown population adds nothing for certain, and without limit perhaps.
    least = np.asarray(np.bincount(group, np.where(near.high < 1, np.nan_to_num(people), 0.0), n), np.float64)
    most = np.asarray(np.bincount(group, np.where(near.low < 1, people, 0.0), n), np.float64)
    fewest, most_of_them = (np.asarray(np.bincount(group, 1 - each, n), np.float64) for each in (near.high, near.low))
    columns = {
        **bounded_columns("rural_access_pct", Bounds(100 * share.low, 100 * share.high)),
        **bounded_columns("people_without_road", Bounds(least, most)),
        "access_people": pd.array(np.asarray(np.bincount(group, people, n), dtype=np.float64), dtype="Float64"),
        **bounded_columns("village_access_pct", Bounds(100 * of_villages.low, 100 * of_villages.high)),
        **bounded_columns("villages_without_road_count", Bounds(fewest, most_of_them), whole_numbers=True),
    }
    return pd.DataFrame(columns, index=codes)
