"""One province from its files to its tables: a pure function, the unit of work on one machine or many."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd
import pyproj

from geontm import cover
from geontm.cover import Measured, WaterSettings
from geontm.pipeline.coverage.candidates import find_candidates
from geontm.pipeline.coverage.ground import Ground, ProvinceTask
from geontm.pipeline.coverage.stored import encode
from geontm.tables import Issue

__all__ = ["Done", "ProvinceTask", "measure_province"]

_AGREE = 1e-9  # bounds nearer than this, of the value, are one


@dataclass(frozen=True)
class Done:
    """The results of one task as bytes by topic, and the seconds of CPU that each took."""

    part: str
    results: Mapping[str, bytes]
    seconds: Mapping[str, float]


def measure_province(task: ProvinceTask) -> Done:
    """Measure the topics of one province.

    Raises
    ------
    GeontmError
        A file has changed or gone since it was checked.
    """
    ground = Ground(task)
    results, seconds = {}, {}
    for name in task.topics:
        start = time.process_time()
        topic, _, kind = name.partition(":")
        results[name] = encode(_MEASURES[topic](ground, kind))
        seconds[name] = round(time.process_time() - start, 3)
    return Done(task.part, results, seconds)


def _terrain(ground: Ground, _: str) -> Measured:
    assert ground.elevation is not None
    zones, issues = ground.zones(ground.elevation)
    return _told(cover.measure_terrain(ground.units, ground.elevation, zones=zones), issues)


def _population(ground: Ground, _: str) -> Measured:
    assert ground.counted_population is not None
    zones, issues = ground.zones(ground.counted_population)
    around = ground.task.around
    found = cover.measure_population(ground.units, ground.counted_population, zones=zones, around=around)
    return _told(found, (*issues, *ground.scaling_issues))


def _roads(ground: Ground, _: str) -> Measured:
    covered = ground.roads_cover
    found = cover.measure_roads(ground.units_m, ground.roads_m, covered=covered, around=ground.around_m)
    assert ground.sources.roads is not None
    # What lies outside every commune is told of the whole layer, where all provinces have counted.
    kept = tuple(issue for issue in found.issues if issue.message.id != "roads.outside")
    more = {name: table for name, table in found.more.items() if name != "roads_outside"}
    outside = ground.outside("roads", covered, ground.sources.roads.path.name)
    held = ground.held_in_part("roads", covered, ground.roads.geometry)
    return Measured(found.table, more, (*outside, *held, *kept))


def _access(ground: Ground, _: str) -> Measured:
    distance_m, covered = ground.sources.access_m, ground.roads_cover
    if ground.population is not None:
        zones, issues = ground.zones(ground.population)
        found = cover.measure_rural_access(
            ground.units,
            ground.roads,
            ground.population,
            metric_crs=ground.crs,
            distance_m=distance_m,
            zones=zones,
            covered=covered,
        )
        return _told(found, issues)
    assert ground.villages_m is not None
    return cover.measure_village_access(
        ground.units_m, ground.villages_m, ground.roads_m, distance_m=distance_m, covered=covered
    )


def _connection(ground: Ground, _: str) -> Measured:
    found = cover.measure_connection(
        ground.units_m,
        ground.network,
        ground.seats_m,
        ground.villages_m,
        around=ground.around_m,
        reach_m=ground.sources.reach_m,
        covered=ground.roads_cover,
    )
    places = {name: _placed(found.more[name], ground.crs) for name in ("network_gaps", "network_cuts")}
    return replace(found, more={**found.more, **places})


def _placed(events: pd.DataFrame, crs: pyproj.CRS) -> pd.DataFrame:
    """Return what lies in a commune of the province, by degrees: metres of provinces that stand in one table mislead.

    What lies beside the province its neighbour tells, which has the same roads.
    """
    own = events.dropna(subset=["commune_code"])
    way = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    lon, lat = way.transform(own["x_m"].to_numpy(), own["y_m"].to_numpy())
    return own.assign(x_m=lon, y_m=lat).rename(columns={"x_m": "lon", "y_m": "lat"}).reset_index(drop=True)


def _water(ground: Ground, _: str) -> Measured:
    assert ground.sources.water is not None
    works, raster, villages = ground.task.sites["water"], ground.population, ground.task.villages
    covered = ground.covered("water", works.geometry)
    zones, issues = ground.zones(raster) if raster is not None else (None, ())
    people = raster if raster is not None else _all_served(ground.task)
    found = cover.measure_water(
        ground.units,
        works,
        people,
        metric_crs=ground.crs,
        covered=covered,
        zones=zones,
        villages=villages,
        settings=_household_size(ground),
    )
    outside = ground.outside("water", covered, ground.sources.water.path.name)
    # Villages elsewhere are there for their part of the water; their own provinces tell of them.
    kept = tuple(issue for issue in found.issues if issue.message.id != "water.village_elsewhere")
    return _told(replace(found, issues=kept), (*issues, *outside))


def _all_served(task: ProvinceTask) -> gpd.GeoDataFrame:
    """Return the villages, and those that share waterworks with them, counted alike: in persons or in households."""
    villages, rivals = task.villages, task.rivals
    assert villages is not None
    if rivals is None or rivals.empty:
        return villages
    if villages["population"].isna().all() and villages["household_count"].notna().any():
        rivals = rivals.assign(population=pd.array([pd.NA] * len(rivals), dtype="Float64"))
    return gpd.GeoDataFrame(pd.concat([villages, rivals]), crs=villages.crs)


def _household_size(ground: Ground) -> WaterSettings:
    """Take the size of a household that the communes tell, unless villages are counted that tell their own."""
    villages = ground.task.villages
    if ground.population is None and villages is not None:
        both = (villages["population"] > 0) & (villages["household_count"] > 0)
        if both.fillna(False).any():
            return WaterSettings()
    return WaterSettings(persons_per_household=ground.task.persons_per_household)


def _services(ground: Ground, kind: str) -> Measured:
    sites, raster = ground.task.sites[kind], ground.population
    covered = ground.covered(kind, sites.geometry)
    zones, issues = ground.zones(raster) if raster is not None else (None, ())
    found = cover.measure_services(
        ground.units,
        sites,
        kind=kind,
        metric_crs=ground.crs,
        population=raster,
        villages=ground.task.villages if raster is None else None,
        within_m=ground.task.within_m.get(kind),
        zones=zones,
        covered=covered,
    )
    here = found.more["sites"].dropna(subset=["commune_code"]).assign(kind=kind)
    return _told(replace(found, more={"sites": here}), (*issues, *ground.outside(kind, covered, "")))


def _travel(ground: Ground, kind: str) -> Measured:
    places = ground.task.sites[kind]
    covered = ground.covered(kind, places.geometry)
    state = places["working"].astype("boolean")
    found = _travel_to(ground, kind, places[state.fillna(True)], covered)
    told = (*ground.friction.issues, *ground.outside(kind, covered, ""))
    if unsaid := int(state.isna().sum()):
        # It is known only what these make no difference to.
        certain = _travel_to(ground, kind, places[state.fillna(False)], covered).table
        found = replace(
            found, table=found.table.where(((found.table - certain).abs() <= _AGREE * certain).fillna(False))
        )
        told = (Issue.of("warning", "travel.state_unknown", column="working", kind=kind, count=unsaid), *told)
    raster = ground.population
    return _told(found, (*(ground.zones(raster)[1] if raster is not None else ()), *told))


def _travel_to(ground: Ground, kind: str, places: gpd.GeoDataFrame, covered: frozenset[str]) -> Measured:
    """Measure the way to places that are taken to work."""
    raster, travel = ground.population, ground.sources.travel
    assert raster is not None
    assert travel is not None
    zones, _ = ground.zones(raster)
    if kind == "commune_centre":
        owned = _in_communes(places, ground.units)
        time = cover.travel_minutes_to_own(ground.friction, zones, owned, halo_m=travel.halo_m)
    else:
        time = cover.travel_minutes(ground.paths, places, kind=kind)
    return cover.measure_travel(ground.units, time, raster, zones=zones, kind=kind, covered=covered)


def _in_communes(places: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the places that stand in a unit, with its code; one on a shared boundary is of the smaller code."""
    points = places.assign(geometry=places.geometry.representative_point())
    inside = gpd.sjoin(points, units[["geometry"]].rename_axis("commune_code"), predicate="intersects")
    inside = inside.sort_values("commune_code", kind="stable")
    return inside[~inside.index.duplicated()].sort_index()


def _told(measured: Measured, issues: tuple[Issue, ...]) -> Measured:
    """Put issues found on the way before the function's own."""
    return replace(measured, issues=(*issues, *measured.issues))


_MEASURES: Mapping[str, Callable[[Ground, str], Measured]] = {
    "terrain": _terrain,
    "population": _population,
    "roads": _roads,
    "access": _access,
    "connection": _connection,
    "water": _water,
    "services": _services,
    "travel": _travel,
    "candidates": find_candidates,
}
