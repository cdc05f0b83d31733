"""One province from its files to its tables: a pure function, the unit of work on one machine or many."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from geontm import cover
from geontm.cover import Friction, Measured, Paths, Zones
from geontm.load import OpenRaster, open_raster, read_slice
from geontm.pipeline.coverage.inputs import Slice
from geontm.pipeline.coverage.stored import encode
from geontm.project.coverage import CoverageSources
from geontm.tables import Grid, Issue, Raster, Window, province_crs

__all__ = ["Done", "ProvinceTask", "Topic", "measure_province", "topics_of"]

SEATS = ("commune_centre", "district_seat", "province_seat")
_NO_SITES = gpd.GeoDataFrame({"site_id": [], "kind": [], "name": []}, geometry=[], crs=4326)


@dataclass(frozen=True)
class ProvinceTask:
    """What one process needs to measure one province.

    Attributes
    ----------
    province, name : str
    units : GeoDataFrame, index ``commune_code``, EPSG:4326
        The province's units that have a shape, with ``area_km2`` and ``province_code``.
    around : GeoDataFrame, index ``commune_code``, EPSG:4326
        Units beside them, of other provinces.
    sources : CoverageSources
    slices : mapping of str to Slice
        The province's part of each layer of lines.
    sites : mapping of str to GeoDataFrame
    within_m : mapping of str to float
    covers : mapping of str to tuple of str
    villages : GeoDataFrame or None
        Those of the province's communes.
    known_population : Series or None
        Persons by commune, where the raster is to be scaled.
    topics : tuple of str
        What to measure; see :func:`topics_of`.
    """

    province: str
    name: str
    units: gpd.GeoDataFrame
    around: gpd.GeoDataFrame
    sources: CoverageSources
    slices: Mapping[str, Slice] = field(default_factory=dict)
    sites: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    within_m: Mapping[str, float] = field(default_factory=dict)
    covers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    villages: gpd.GeoDataFrame | None = None
    known_population: pd.Series | None = None
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """The results of one province as bytes by topic, and the seconds of each."""

    province: str
    results: Mapping[str, bytes]
    seconds: Mapping[str, float]


class _Ground:
    """The layers of one province, each opened and prepared at most once, when a topic first asks."""

    def __init__(self, task: ProvinceTask) -> None:
        self.task = task
        self.sources = task.sources
        self.units = task.units
        self._zones: list[tuple[Grid, Zones, tuple[Issue, ...]]] = []

    @cached_property
    def crs(self) -> pyproj.CRS:
        left, _, right, _ = self.units.total_bounds
        return province_crs(self.task.province, (left + right) / 2)

    @cached_property
    def roads(self) -> gpd.GeoDataFrame:
        return read_slice(self.task.slices["roads"].path)

    @cached_property
    def roads_m(self) -> gpd.GeoDataFrame:
        return self.roads.to_crs(self.crs)

    @cached_property
    def units_m(self) -> gpd.GeoDataFrame:
        return self.units.to_crs(self.crs)

    @cached_property
    def around_m(self) -> gpd.GeoDataFrame:
        return self.task.around.to_crs(self.crs)

    @cached_property
    def villages_m(self) -> gpd.GeoDataFrame | None:
        return None if self.task.villages is None else self.task.villages.to_crs(self.crs)

    def lines_m(self, name: str) -> gpd.GeoDataFrame | None:
        """Return bridges or barriers, in metres."""
        lines = self.lines(name)
        return None if lines is None else lines.to_crs(self.crs)

    def lines(self, name: str) -> gpd.GeoDataFrame | None:
        """Return bridges or barriers."""
        return read_slice(self.task.slices[name].path) if name in self.task.slices else None

    @cached_property
    def elevation(self) -> OpenRaster | None:
        return open_raster(self.sources.elevation, kind="elevation") if self.sources.elevation else None

    @cached_property
    def landcover(self) -> OpenRaster | None:
        return open_raster(self.sources.landcover, kind="landcover") if self.sources.landcover else None

    @cached_property
    def counted_population(self) -> OpenRaster | None:
        """The population as the file has it."""
        return open_raster(self.sources.population, kind="population") if self.sources.population else None

    @cached_property
    def _scaled(self) -> tuple[Raster | None, tuple[Issue, ...]]:
        raster, known = self.counted_population, self.task.known_population
        if raster is None or known is None:
            return raster, ()
        zones, issues = self.zones(raster)
        scaled, found = cover.scale_population(raster, zones, known)
        return scaled, (*issues, *found)

    @property
    def population(self) -> Raster | None:
        """The population, scaled to known figures where the project asks for it."""
        return self._scaled[0]

    @property
    def scaling_issues(self) -> tuple[Issue, ...]:
        return self._scaled[1]

    @cached_property
    def friction(self) -> Friction:
        """The ground for travel, on the cells of the population."""
        raster, travel = self.population, self.sources.travel
        assert raster is not None
        assert travel is not None
        bounds = self.units.to_crs(raster.grid.crs).total_bounds
        near = raster.grid.window(tuple(bounds))
        width, height = raster.grid.cell_metres(near)
        window = raster.grid.window(tuple(bounds), margin=ceil(travel.halo_m / min(width.min(), height.min())))
        return cover.make_friction(
            raster.grid,
            window,
            travel.speeds,
            roads=self.roads if "roads" in self.task.slices else None,
            landcover=self.landcover,
            elevation=self.elevation,
            barriers=self.lines("barriers"),
            bridges=self.lines("bridges"),
            land=self._land(raster, window),
        )

    def _land(self, raster: Raster, window: Window) -> NDArray[np.bool_]:
        """Tell where one can walk: where the raster of people says anything, and in every unit."""
        _, known = raster.read(window)
        shapes = [*self.units.geometry, *self.task.around.geometry]
        placed = gpd.GeoSeries(shapes, crs=self.units.crs).to_crs(raster.grid.crs)
        inside = rasterize(placed.to_numpy(), known.shape, transform=raster.grid.transform(window), all_touched=True)
        return np.asarray(known | (inside > 0))

    @cached_property
    def paths(self) -> Paths:
        return cover.link_cells(self.friction)

    def zones(self, raster: Raster) -> tuple[Zones, tuple[Issue, ...]]:
        """Return how the cells of a raster fall into the units; rasters on one grid share them."""
        for grid, zones, issues in self._zones:
            if grid == raster.grid:
                return zones, issues
        zones, issues = cover.make_zones(self.units, raster.grid)
        self._zones.append((raster.grid, zones, issues))
        return zones, issues

    def covered(self, layer: str, shapes: gpd.GeoSeries) -> frozenset[str]:
        """Name the units that a layer covers: those of the provinces it declares, else those it touches."""
        declared = self.task.covers.get(layer, ())
        if declared:
            return frozenset(self.units.index[self.units["province_code"].isin(declared)])
        tree = shapely.STRtree(self.units.geometry.to_numpy())
        touched = tree.query(shapes.to_numpy(), predicate="intersects")[1]
        return frozenset(self.units.index[sorted(set(touched.tolist()))])

    @cached_property
    def roads_cover(self) -> frozenset[str]:
        return self.covered("roads", self.roads.geometry)

    def outside(self, layer: str, covered: frozenset[str], file: str) -> tuple[Issue, ...]:
        """Tell how many units lie outside what a layer covers."""
        left = sorted(set(self.units.index) - covered)
        if not left:
            return ()
        place = {"file": file, "column": "covers", "value": ", ".join(left[:10])}
        return (Issue.of("warning", "coverage.outside_cover", **place, n=len(left), layer=file or layer),)


@dataclass(frozen=True)
class Topic:
    """One thing to measure.

    Attributes
    ----------
    name : str
    needs : tuple of str
        Inputs that the result depends on, besides the units: keys of the cache are made of their digests.
    settings : tuple of str
        Attributes of :class:`CoverageSources` that it depends on.
    """

    name: str
    needs: tuple[str, ...]
    settings: tuple[str, ...] = ()


def topics_of(sources: CoverageSources, kinds: tuple[str, ...], *, villages: bool) -> tuple[Topic, ...]:
    """Name what can be measured with the inputs that a project gives.

    Parameters
    ----------
    sources : CoverageSources
    kinds : tuple of str
        Kinds of facility that there are.
    villages : bool
        Whether there are villages with coordinates.
    """
    people = ("population", "known_population") if sources.population else ("villages",) if villages else ()
    scaled = ("scale_to_known",) if sources.population else ()
    lines = ("roads", "bridges", "barriers")
    found = []
    if sources.elevation:
        found.append(Topic("terrain", ("elevation",)))
    if sources.population:
        found.append(Topic("population", people, scaled))
    if sources.roads:
        found.append(Topic("roads", ("roads", "around")))
        if people:
            found.append(Topic("access", ("roads", *people), ("access_m", *scaled)))
        if "commune_centre" in kinds:
            seats = tuple(f"sites:{kind}" for kind in SEATS)
            found.append(Topic("connection", (*lines, *seats, "villages"), ("gap_m", "reach_m")))
    if sources.water and people:
        found.append(Topic("water", ("sites:water", *people, "villages"), scaled))
    if people:
        found += [Topic(f"services:{kind}", (f"sites:{kind}", *people), scaled) for kind in kinds]
    if sources.travel and sources.population:
        grounds = (*lines, "elevation", "landcover", *people)
        asked = ("travel", *scaled)
        found += [Topic(f"travel:{kind}", (f"sites:{kind}", *grounds), asked) for kind in sources.travel.to]
    return tuple(found)


def measure_province(task: ProvinceTask) -> Done:
    """Measure the topics of one province.

    Raises
    ------
    GeontmError
        A file has changed or gone since it was checked.
    """
    ground = _Ground(task)
    results, seconds = {}, {}
    for name in task.topics:
        start = time.perf_counter()
        topic, _, kind = name.partition(":")
        results[name] = encode(_MEASURES[topic](ground, kind))
        seconds[name] = round(time.perf_counter() - start, 3)
    return Done(task.province, results, seconds)


def _terrain(ground: _Ground, _: str) -> Measured:
    assert ground.elevation is not None
    zones, issues = ground.zones(ground.elevation)
    return _told(cover.measure_terrain(ground.units, ground.elevation, zones=zones), issues)


def _population(ground: _Ground, _: str) -> Measured:
    assert ground.counted_population is not None
    zones, issues = ground.zones(ground.counted_population)
    found = cover.measure_population(ground.units, ground.counted_population, zones=zones)
    return _told(found, (*issues, *ground.scaling_issues))


def _roads(ground: _Ground, _: str) -> Measured:
    covered = ground.roads_cover
    found = cover.measure_roads(ground.units_m, ground.roads_m, covered=covered, around=ground.around_m)
    assert ground.sources.roads is not None
    return _told(found, ground.outside("roads", covered, ground.sources.roads.path.name))


def _access(ground: _Ground, _: str) -> Measured:
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


def _connection(ground: _Ground, _: str) -> Measured:
    network = cover.build_network(
        ground.roads_m,
        bridges=ground.lines_m("bridges"),
        barriers=ground.lines_m("barriers"),
        gap_m=ground.sources.gap_m,
    )
    sites = ground.task.sites
    seats = pd.concat([sites[kind] for kind in SEATS if kind in sites] or [_NO_SITES], ignore_index=True)
    return cover.measure_connection(
        ground.units_m,
        network,
        gpd.GeoDataFrame(seats, crs=_NO_SITES.crs).to_crs(ground.crs),
        ground.villages_m,
        reach_m=ground.sources.reach_m,
        covered=ground.roads_cover,
    )


def _water(ground: _Ground, _: str) -> Measured:
    assert ground.sources.water is not None
    works, raster, villages = ground.task.sites["water"], ground.population, ground.task.villages
    covered = ground.covered("water", works.geometry)
    zones, issues = ground.zones(raster) if raster is not None else (None, ())
    people = raster if raster is not None else villages
    assert people is not None
    found = cover.measure_water(
        ground.units, works, people, metric_crs=ground.crs, covered=covered, zones=zones, villages=villages
    )
    outside = ground.outside("water", covered, ground.sources.water.path.name)
    return _told(found, (*issues, *outside))


def _travel(ground: _Ground, kind: str) -> Measured:
    raster, travel, places = ground.population, ground.sources.travel, ground.task.sites[kind]
    assert raster is not None
    assert travel is not None
    zones, issues = ground.zones(raster)
    covered = ground.covered(kind, places.geometry)
    if kind == "commune_centre":
        owned = _in_communes(places, ground.units)
        time = cover.travel_minutes_to_own(ground.friction, zones, owned, halo_m=travel.halo_m)
    else:
        time = cover.travel_minutes(ground.paths, places, kind=kind)
    found = cover.measure_travel(ground.units, time, raster, zones=zones, kind=kind, covered=covered)
    return _told(found, (*issues, *ground.friction.issues, *ground.outside(kind, covered, "")))


def _in_communes(places: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the places that stand in a unit, with its code; one on a shared boundary is of the smaller code."""
    points = places.assign(geometry=places.geometry.representative_point())
    inside = gpd.sjoin(points, units[["geometry"]].rename_axis("commune_code"), predicate="intersects")
    inside = inside.sort_values("commune_code", kind="stable")
    return inside[~inside.index.duplicated()].sort_index()


def _told(measured: Measured, issues: tuple[Issue, ...]) -> Measured:
    """Put issues found on the way before the function's own."""
    return replace(measured, issues=(*issues, *measured.issues))


_MEASURES: Mapping[str, Callable[[_Ground, str], Measured]] = {
    "terrain": _terrain,
    "population": _population,
    "roads": _roads,
    "access": _access,
    "connection": _connection,
    "water": _water,
    "travel": _travel,
}
