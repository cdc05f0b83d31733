"""The layers of one province, opened and prepared when a topic first asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
from geontm.cover import Friction, Network, Paths, Zones
from geontm.load import OpenRaster, open_raster, read_slice
from geontm.pipeline.coverage.inputs import METRES_PER_DEGREE, Slice
from geontm.pipeline.coverage.topics import SEATS
from geontm.project.coverage import CoverageSources
from geontm.tables import Grid, Issue, Raster, Window, province_crs

__all__ = ["Ground", "ProvinceTask"]

# A unit of which less than this share lies in the box around a layer is told.
LEAST_HELD = 0.9
_NO_SITES = gpd.GeoDataFrame({"site_id": [], "kind": [], "name": []}, geometry=[], crs=4326)


@dataclass(frozen=True)
class ProvinceTask:
    """What one process needs to measure one province.

    Attributes
    ----------
    province, name : str
    part : str
        The province's code; of islands far out, which are measured apart, with a number after it.
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
    rivals : GeoDataFrame or None
        Villages elsewhere with which they share, over however many others, waterworks of limited capacity.
    known_population : Series or None
        Persons by commune, where the raster is to be scaled.
    persons_per_household : float or None
        Mean of the province, where a works gives its capacity in one of the two only.
    topics : tuple of str
        What to measure; see :func:`topics_of`.
    """

    province: str
    part: str
    name: str
    units: gpd.GeoDataFrame
    around: gpd.GeoDataFrame
    sources: CoverageSources
    slices: Mapping[str, Slice] = field(default_factory=dict)
    sites: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    within_m: Mapping[str, float] = field(default_factory=dict)
    covers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    villages: gpd.GeoDataFrame | None = None
    rivals: gpd.GeoDataFrame | None = None
    known_population: pd.Series | None = None
    persons_per_household: float | None = None
    topics: tuple[str, ...] = ()


class Ground:
    """The layers of one province, each opened and prepared at most once, when a topic first asks."""

    def __init__(self, task: ProvinceTask) -> None:
        self.task = task
        self.sources = task.sources
        self.units = task.units
        self._zones: list[tuple[Grid, Zones, tuple[Issue, ...]]] = []

    @cached_property
    def crs(self) -> pyproj.CRS:
        """The metric plane of the province; of islands far out, one of their own."""
        left, _, right, _ = self.units.total_bounds
        return province_crs(self.task.province if self.task.part == self.task.province else "", (left + right) / 2)

    @cached_property
    def roads(self) -> gpd.GeoDataFrame:
        """The roads of the province and around it, EPSG:4326; of islands far out, those near them."""
        roads = read_slice(self.task.slices["roads"].path)
        if self.task.part == self.task.province:
            return roads
        halo = self.sources.halo_m / METRES_PER_DEGREE
        near = shapely.box(*(self.units.total_bounds + np.array([-halo, -halo, halo, halo])))
        return roads[shapely.intersects(roads.geometry.to_numpy(), near)].reset_index(drop=True)

    @cached_property
    def roads_m(self) -> gpd.GeoDataFrame:
        """The same in metres."""
        return self.roads.to_crs(self.crs)

    @cached_property
    def units_m(self) -> gpd.GeoDataFrame:
        """The units in metres."""
        return self.units.to_crs(self.crs)

    @cached_property
    def around_m(self) -> gpd.GeoDataFrame:
        """The units around, in metres."""
        return self.task.around.to_crs(self.crs)

    @cached_property
    def villages_m(self) -> gpd.GeoDataFrame | None:
        """The villages in metres."""
        return None if self.task.villages is None else self.task.villages.to_crs(self.crs)

    def lines_m(self, name: str) -> gpd.GeoDataFrame | None:
        """Return bridges or barriers, in metres."""
        lines = self.lines(name)
        return None if lines is None else lines.to_crs(self.crs)

    def lines(self, name: str) -> gpd.GeoDataFrame | None:
        """Return bridges or barriers."""
        return read_slice(self.task.slices[name].path) if name in self.task.slices else None

    @cached_property
    def network(self) -> Network:
        """Which roads hang together all year."""
        return cover.build_network(
            self.roads_m,
            bridges=self.lines_m("bridges"),
            barriers=self.lines_m("barriers"),
            gap_m=self.sources.gap_m,
            cross=self.sources.cross,
        )

    @cached_property
    def seats_m(self) -> gpd.GeoDataFrame:
        """Commune centres, and seats of districts and provinces, in metres."""
        sites = self.task.sites
        seats = pd.concat([sites[kind] for kind in SEATS if kind in sites] or [_NO_SITES], ignore_index=True)
        return gpd.GeoDataFrame(seats, crs=_NO_SITES.crs).to_crs(self.crs)

    @cached_property
    def elevation(self) -> OpenRaster | None:
        """Heights (m)."""
        return open_raster(self.sources.elevation, kind="elevation") if self.sources.elevation else None

    @cached_property
    def landcover(self) -> OpenRaster | None:
        """Classes of land cover."""
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
        scaled, found = cover.scale_population(raster, zones, known, units=self.units)
        return scaled, (*issues, *found)

    @property
    def population(self) -> Raster | None:
        """The population, scaled to known figures where the project asks for it."""
        return self._scaled[0]

    @property
    def scaling_issues(self) -> tuple[Issue, ...]:
        """What scaling the population told."""
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
        """Tell where one can walk: in every unit, here and next door, as far around as ways may lead."""
        shapes = [*self.units.geometry, *self.task.around.geometry]
        placed = gpd.GeoSeries(shapes, crs=self.units.crs).to_crs(raster.grid.crs).to_numpy()
        size, transform = (window.rows, window.cols), raster.grid.transform(window)
        inside = rasterize(placed, size, transform=transform, all_touched=True, dtype="uint8")
        travel, (zones, _) = self.sources.travel, self.zones(raster)
        assert travel is not None
        return np.asarray((inside > 0) & cover.near_units(zones, window, travel.halo_m))

    @cached_property
    def paths(self) -> Paths:
        """The shortest ways over the ground."""
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
        # Units ask the tree, not the other way round: each is prepared once for all that may touch it.
        touching = shapely.STRtree(shapes.to_numpy()).query(self.units.geometry.to_numpy(), predicate="intersects")[0]
        return frozenset(self.units.index[sorted(set(touching.tolist()))])

    @cached_property
    def roads_cover(self) -> frozenset[str]:
        """The units that the roads cover."""
        return self.covered("roads", self.roads.geometry)

    def outside(self, layer: str, covered: frozenset[str], file: str) -> tuple[Issue, ...]:
        """Tell how many units lie outside what a layer covers."""
        left = sorted(set(self.units.index) - covered)
        if not left:
            return ()
        place = {"file": file, "column": "covers", "value": ", ".join(left[:10])}
        return (Issue.of("warning", "coverage.outside_cover", **place, n=len(left), layer=file or layer),)

    def held_in_part(self, layer: str, covered: frozenset[str], shapes: gpd.GeoSeries) -> tuple[Issue, ...]:
        """Tell units that reach beyond a layer of which nobody says what it covers: it may end inside them."""
        if self.task.covers.get(layer) or not covered:
            return ()
        own = self.units.geometry[sorted(covered)]
        held = shapely.area(shapely.intersection(own.to_numpy(), shapely.box(*shapes.total_bounds)))
        share = held / shapely.area(own.to_numpy())
        cut = own.index[share < LEAST_HELD]
        if not len(cut):
            return ()
        place = {"column": "covers", "value": ", ".join(cut[:10]) + (" …" if len(cut) > 10 else "")}
        least = 100 * float(share.min())
        return (Issue.of("warning", "coverage.held_in_part", **place, n=len(cut), layer=layer, least=least),)
