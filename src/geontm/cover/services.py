"""Schools, clinics, markets, seats: how far people live from the nearest, how many stand in a commune, who is near.

Distances are straight lines in the metric plane of the province, whose scale is off by at most 3 in 10,000 inside it.
"""

from __future__ import annotations

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
from geontm.cover.distance import Targets, make_reach, make_targets, part_shares
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
from geontm.tables import Issue, Raster, list_briefly
from geontm.tables.issues import Severity

__all__ = ["SERVICE_KINDS", "measure_services"]

SERVICE_KINDS = (
    "school", "kindergarten", "primary_school", "secondary_school", "clinic", "hospital", "market", "electricity",
    "bus_stop", "commune_centre", "district_seat", "province_seat", "border_gate",
)  # fmt: skip
# The distance from a cell is the mean over points no farther apart than this (m).
APART_M = 250.0
MOST_POINTS = 16


def measure_services(
    units: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    *,
    kind: str,
    metric_crs: pyproj.CRS,
    population: Raster | None = None,
    villages: gpd.GeoDataFrame | None = None,
    within_m: float | None = None,
    zones: Zones | None = None,
    covered: Collection[str] | None = None,
) -> Measured:
    """Measure how one kind of service reaches the people of each commune.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
        Polygons.
    sites : GeoDataFrame, EPSG:4326
        ``site_id``, ``kind``, ``working`` (boolean; missing: not known); points, or polygons that a site serves. Other
        kinds are left out. They should reach beyond the units: the nearest school may stand in the next province.
    kind : str
        Which sites count; it names the columns.
    metric_crs : pyproj.CRS
        Plane in which distances are taken, :func:`geontm.tables.province_crs`.
    population : Raster, optional
        Persons per cell; they live evenly over it.
    villages : GeoDataFrame, index ``village_code``, EPSG:4326, optional
        Points, ``commune_code`` and ``population`` (missing: not known); used where there is no raster.
    within_m : float, optional
        Distance within which people are served (m), closed; None: that share is not asked for.
    zones : Zones, optional
        Of the units on the grid of the raster, where they have been made before.
    covered : collection of str, optional
        Communes in which the layer holds every site of the kind; None: all.

    Returns
    -------
    Measured
        n rows in the order of ``units``, each column with ``_low`` and ``_high``, where sites of unknown state count
        as out of order or as working. ``<kind>_count``: working sites inside. With people also
        ``nearest_<kind>_km``: mean distance of the people to the nearest working site, known where any works; and with
        ``within_m`` ``<kind>_within_pct`` (%). A commune that the layer does not cover, that has no shape, or where
        nobody lives, is unknown. ``more["sites"]``: ``site_id`` and the ``commune_code`` it counts in (missing: none).

    Raises
    ------
    CRSError
        A layer is not in EPSG:4326, or the plane is not metric.
    ValueError
        The distance is not positive, or the zones are of other units or another grid.
    """
    if within_m is not None and not within_m > 0:
        raise ValueError(f"within_m must be positive, got {within_m}")
    require_stored(units=units, sites=sites)
    to_plane = plane_of(STORED, metric_crs)
    chosen = sites[sites["kind"] == kind].sort_values("site_id", kind="stable")
    placed = ~(chosen.geometry.isna() | chosen.geometry.is_empty).to_numpy()
    unplaced, chosen = chosen[~placed], chosen[placed]
    state = said(chosen, "working")
    home = _homes(units, chosen)
    wanted = covered_units(units, covered)

    columns = _counts(kind, home.unit, state, len(units))
    issues = [*not_covered(units, wanted, "services.not_covered", column=f"{kind}_count", kind=kind)]
    if population is not None:
        zones, found = zones_of(units, population, zones)
        reach = _ways(chosen, state, to_plane, within_m)
        people, ends = _of_cells(units, reach, population, zones, metric_crs)
        columns |= _of_people(kind, people, ends)
        issues = [*found, *issues]
    elif villages is not None:
        require_stored(villages=villages)
        columns |= _of_villages(kind, units, villages, _ways(chosen, state, to_plane, within_m), to_plane)
    table = pd.DataFrame(columns, index=units.index)
    table.loc[~wanted] = pd.NA
    more = {"sites": pd.DataFrame({"site_id": chosen["site_id"].to_numpy(), "commune_code": home.code})}
    return Measured(table, more, (*issues, *_issues(kind, chosen, unplaced, home, state)))


@dataclass(frozen=True)
class _Way:
    """Sites that may be gone to: all of them, and the distance within which they serve (m; None: not asked)."""

    targets: Targets
    within_m: float | None


@dataclass(frozen=True)
class _Ways:
    """The sites that work for certain, and those that may work."""

    certain: _Way
    possible: _Way

    @property
    def are_one(self) -> bool:
        return len(self.certain.targets.edges) == len(self.possible.targets.edges)


def _ways(
    sites: gpd.GeoDataFrame, state: NDArray[np.int8], to_plane: pyproj.Transformer, within_m: float | None
) -> _Ways:
    shapes = sites.geometry.to_numpy()
    return _Ways(*(_way(shapes[each], to_plane, within_m) for each in (state > 0, state >= 0)))


def _way(shapes: NDArray[np.object_], to_plane: pyproj.Transformer, within_m: float | None) -> _Way:
    return _Way(make_targets(shapes, distance_m=within_m or 1_000.0, plane=to_plane), within_m)


@dataclass(frozen=True)
class _Homes:
    """The commune that each site counts in: its position (-1: none) and code, and which lie on a shared boundary."""

    unit: NDArray[np.intp]
    code: NDArray[np.object_]
    shared: NDArray[np.bool_]


def _homes(units: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> _Homes:
    """Find the commune of each site, boundary included; on a shared one, that with the smallest code.

    A site with an area counts where a point well inside it lies.
    """
    dots = sites.geometry.to_numpy().copy()
    wide = shapely.get_dimensions(dots) > 0
    dots[wide] = shapely.point_on_surface(dots[wide])
    # The tree is over the points: each unit then tests all that are near it, prepared once.
    unit, site = shapely.STRtree(dots).query(units.geometry.to_numpy(), predicate="intersects")
    codes = units.index.to_numpy(dtype=object)
    by_code = np.argsort(codes.astype(str), kind="stable")
    rank = np.empty(len(codes), dtype=np.intp)
    rank[by_code] = np.arange(len(codes))
    least = np.full(len(sites), len(codes), dtype=np.intp)
    np.minimum.at(least, site, rank[unit])
    home = np.append(by_code, -1)[least]
    named = np.full(len(sites), None, dtype=object)
    named[home >= 0] = codes[home[home >= 0]]
    return _Homes(home, named, np.bincount(site, minlength=len(sites)) > 1)


def _counts(kind: str, unit: NDArray[np.intp], state: NDArray[np.int8], n: int) -> dict[str, Any]:
    low, high = (np.bincount(unit[(unit >= 0) & works], minlength=n) for works in (state > 0, state >= 0))
    bounds = Bounds(low.astype(np.float64), high.astype(np.float64))
    return bounded_columns(f"{kind}_count", bounds, whole_numbers=True)


@dataclass(frozen=True)
class _Sums:
    """Sums over people by unit, for the sites of one way: people times km, and people within the distance."""

    km: NDArray[np.float64]
    within: NDArray[np.float64] | None


def _of_cells(
    units: gpd.GeoDataFrame, ways: _Ways, population: Raster, zones: Zones, metric_crs: pyproj.CRS
) -> tuple[NDArray[np.float64], tuple[_Sums, _Sums]]:
    """Add up people, and what they have of certain and of possible sites, over the cells of a raster."""
    n, plane = len(units), plane_of(population.grid.crs, metric_crs)
    box, shapes, stored = box_in_plane(zones, plane), units.geometry.to_numpy(), stored_of(population.grid.crs)
    people = np.zeros(n)
    sums = []
    for way in (ways.certain, ways.possible)[: 1 if ways.are_one else 2]:
        within = None if way.within_m is None else np.zeros(n)
        sums.append((way, _Sums(np.zeros(n), within)))
    reaches = [None if way.within_m is None else make_reach(way.targets, way.within_m, box) for way, _ in sums]
    for strip in people_strips(population, zones, plane):
        people += np.bincount(strip.part_unit, strip.part_people, n)
        for (way, total), reach in zip(sums, reaches, strict=True):
            far = _mean_distance(way.targets, strip)[strip.part_cell]
            np.add(total.km, np.bincount(strip.part_unit, strip.part_people * far / 1_000, n), out=total.km)
            if reach is not None and total.within is not None:
                share = part_shares(reach, strip, shapes, stored)
                np.add(total.within, np.bincount(strip.part_unit, strip.part_people * share, n), out=total.within)
    return people, (sums[0][1], sums[-1][1])


def _mean_distance(targets: Targets, strip: PeopleStrip) -> NDArray[np.float64]:
    """Return the mean distance (m) from each cell of a strip to its nearest target; inf where there is none."""
    side = strip.cells.half_diagonal_m() * np.sqrt(2.0)
    k = int(np.clip(np.ceil(side / APART_M), 1, MOST_POINTS))
    points = strip.cells.points(k)
    return np.asarray(targets.nearest(points.reshape(-1, 2)).reshape(len(strip.cells), k * k).mean(axis=1))


def _of_people(kind: str, people: NDArray[np.float64], ends: tuple[_Sums, _Sums]) -> dict[str, Any]:
    certain, possible = ends

    def mean(total: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.divide(total, people, out=np.full(len(people), np.nan), where=people > 0))

    columns = _kilometres(kind, Bounds(mean(possible.km), mean(certain.km)))
    if certain.within is not None and possible.within is not None:
        low, high = (np.clip(100 * mean(each), 0, 100) for each in (certain.within, possible.within))
        columns |= bounded_columns(f"{kind}_within_pct", Bounds(low, high))
    return columns


def _kilometres(kind: str, km: Bounds) -> dict[str, Any]:
    """Return the columns of the distance; where no site is there, nothing is nearest."""
    low, high = (np.where(np.isfinite(each), each, np.nan) for each in (km.low, km.high))
    return bounded_columns(f"nearest_{kind}_km", Bounds(low, high))


def _of_villages(
    kind: str, units: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, ways: _Ways, to_plane: pyproj.Transformer
) -> dict[str, Any]:
    """Return the columns of the people of villages, who all live at its point."""
    placed = ~(villages.geometry.isna() | villages.geometry.is_empty)
    own = villages[placed & villages["commune_code"].isin(units.index)].sort_index(kind="stable")
    points = np.column_stack(to_plane.transform(own.geometry.x.to_numpy(), own.geometry.y.to_numpy())).reshape(-1, 2)
    group = units.index.get_indexer(own["commune_code"])
    people = own["population"].to_numpy("float64", na_value=np.nan)
    far, near = (way.targets.nearest(points) for way in (ways.certain, ways.possible))
    # No site at all: infinitely far, which a mean over people must not meet.
    bounds = weighted_bounds(group, len(units), Bounds(*(np.nan_to_num(e, posinf=1e300) for e in (near, far))), people)
    km = Bounds(*(np.where(each < 1e200, each / 1_000, np.nan) for each in (bounds.low, bounds.high)))
    columns = _kilometres(kind, km)
    if ways.certain.within_m is not None:
        served = Bounds(*((each <= ways.certain.within_m).astype(np.float64) for each in (far, near)))
        share = weighted_bounds(group, len(units), served, people)
        columns |= bounded_columns(f"{kind}_within_pct", Bounds(100 * share.low, 100 * share.high))
    return columns


def _issues(
    kind: str, sites: gpd.GeoDataFrame, unplaced: gpd.GeoDataFrame, home: _Homes, state: NDArray[np.int8]
) -> Iterator[Issue]:
    names = sites["site_id"].astype(str).to_numpy()
    found: tuple[tuple[Severity, str, NDArray[np.str_]], ...] = (
        ("warning", "services.no_place", unplaced["site_id"].astype(str).to_numpy()),
        ("info", "services.outside", names[home.unit < 0]),
        ("info", "services.on_boundary", names[home.shared]),
        ("info", "services.state_unknown", names[state == 0]),
    )
    for severity, message, some in found:
        if len(some):
            shown = list_briefly(sorted(some))
            yield Issue.of(severity, message, column="site_id", value=shown, count=len(some), kind=kind)
    if not len(sites):
        yield Issue.of("warning", "services.none", column="kind", value=kind, kind=kind)
