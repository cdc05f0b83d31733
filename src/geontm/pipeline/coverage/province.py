"""One province from its files to its tables: a pure function, the unit of work on one machine or many."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from geontm import cover
from geontm.cover import Measured, Zones
from geontm.load import OpenRaster, open_raster, read_slice
from geontm.pipeline.coverage.inputs import Slice
from geontm.pipeline.coverage.stored import encode
from geontm.project.coverage import CoverageSources
from geontm.tables import Grid, Issue, Raster, province_crs

__all__ = ["Done", "ProvinceTask", "Topic", "measure_province", "topics_of"]


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
        return read_slice(self.task.slices[name].path).to_crs(self.crs) if name in self.task.slices else None

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
        if "commune_centre" in kinds or villages:
            seats = tuple(f"sites:{kind}" for kind in ("commune_centre", "district_seat", "province_seat"))
            found.append(Topic("connection", (*lines, *seats, "villages"), ("gap_m", "reach_m")))
    if sources.water and people:
        found.append(Topic("water", ("sites:water", *people, "villages"), scaled))
    if people:
        found += [Topic(f"services:{kind}", (f"sites:{kind}", *people), scaled) for kind in kinds]
    if sources.travel and sources.population:
        grounds = (*lines, "elevation", "landcover", *people)
        speeds = ("road_speeds", "landcover_speeds", "landcover_barriers", "travel", *scaled)
        found += [Topic(f"travel:{kind}", (f"sites:{kind}", *grounds), speeds) for kind in sources.travel.to]
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


def _told(measured: Measured, issues: tuple[Issue, ...]) -> Measured:
    """Put issues found on the way before the function's own."""
    return replace(measured, issues=(*issues, *measured.issues))


_MEASURES: Mapping[str, Callable[[_Ground, str], Measured]] = {
    "terrain": _terrain,
    "population": _population,
    "roads": _roads,
    "access": _access,
}
