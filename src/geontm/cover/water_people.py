"""Whom waterworks may serve: people of a raster's cells, or of villages; and what is said of their communes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.cover.allocation import Pairs, allocate
from geontm.cover.reach import WorkPlaces, add_up_by_unit, read_field, serve_field
from geontm.cover.stored_layers import STORED, zones_of
from geontm.cover.water_outside import pairs_in_reach
from geontm.cover.weighted import Bounds, bounded_columns
from geontm.cover.zones import Zones
from geontm.tables import Grid, Issue, Raster, Window

__all__ = ["CellPeople", "Outcome", "People", "Scenario", "VillagePeople", "name_codes"]

# Service areas are straight in degrees; on a raster in metres their edges are bent at this spacing (°).
LONGEST_EDGE = 0.005
_NAMED = 10


@dataclass(frozen=True)
class Scenario:
    """One reading of what is not known of the works.

    Attributes
    ----------
    runs : ndarray of bool, shape (w,)
    radius_m : ndarray, shape (w,)
        Of no meaning for a service area.
    room : ndarray, shape (w,)
        How many it can serve; infinite without limit.
    """

    runs: NDArray[np.bool_]
    radius_m: NDArray[np.float64]
    room: NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """Who is served in one scenario, in what is counted: persons, or households.

    Attributes
    ----------
    there, served : ndarray
        By unit (cells) or by village.
    reached, by_work : ndarray, shape (w,)
        In reach of each works, and served by it.
    """

    there: NDArray[np.float64]
    served: NDArray[np.float64]
    reached: NDArray[np.float64]
    by_work: NDArray[np.float64]


class People(Protocol):
    """Whoever may be served."""

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What was odd."""
        ...

    @property
    def counts_households(self) -> bool:
        """Whether households are counted in place of persons."""
        ...

    @property
    def persons_per_household(self) -> float | None:
        """The mean size of a household, where it is known."""
        ...

    def serve(self, sites: gpd.GeoDataFrame, scenario: Scenario) -> Outcome:
        """Share everyone among the works."""
        ...

    def table(self, units: gpd.GeoDataFrame, low: Outcome, high: Outcome) -> pd.DataFrame:
        """Return the columns by unit, with their bounds."""
        ...


@dataclass(frozen=True)
class CellPeople:
    """People on a raster."""

    raster: Raster
    zones: Zones
    part_m: float
    issues: tuple[Issue, ...] = ()
    counts_households: bool = field(default=False, init=False)
    persons_per_household: float | None = field(default=None, init=False)

    @classmethod
    def of(cls, units: gpd.GeoDataFrame, raster: Raster, zones: Zones | None, part_m: float) -> CellPeople:
        """Take a raster, and the zones of the units on it where there are any yet."""
        zones, issues = zones_of(units, raster, zones)
        return cls(raster, zones, part_m, issues)

    def serve(self, sites: gpd.GeoDataFrame, scenario: Scenario) -> Outcome:
        """Share the people of all cells in reach of works that reach the units, those of neighbours among them."""
        grid = self.raster.grid
        shapes = _to_grid(sites.geometry, grid)
        middle = shapely.centroid(shapes)
        is_area = shapely.get_dimensions(shapes) == 2
        radius = np.where(scenario.runs & ~is_area, scenario.radius_m, np.nan)
        boxes = _boxes(shapes, radius, grid)
        left, bottom, right, top = grid.bounds_of(self.zones.window)
        meets = (boxes[:, 0] <= right) & (boxes[:, 2] >= left) & (boxes[:, 1] <= top) & (boxes[:, 3] >= bottom)
        at = np.flatnonzero(meets & scenario.runs & (is_area | (radius > 0)))
        people = read_field(self.raster, _around(grid, self.zones.window, boxes[at]), part_m=self.part_m)
        works = WorkPlaces(
            x=shapely.get_x(middle)[at],
            y=shapely.get_y(middle)[at],
            radius_m=radius[at],
            areas=np.array([shapes[i] if is_area[i] else None for i in at], dtype=object),
            room=scenario.room[at],
        )
        found = serve_field(people, works)
        reached, by_work = np.zeros(len(sites)), np.zeros(len(sites))
        reached[at], by_work[at] = found.reached, found.served
        there = add_up_by_unit(people, people.people, self.zones)
        return Outcome(there, add_up_by_unit(people, found.people, self.zones), reached, by_work)

    def table(self, units: gpd.GeoDataFrame, low: Outcome, high: Outcome) -> pd.DataFrame:
        """Return the columns of persons; where the raster has nobody, nothing can be said."""
        columns = _columns_of_persons(low.there, Bounds(low.served, high.served), counted=low.there > 0)
        return pd.DataFrame(columns, index=units.index)


@dataclass(frozen=True)
class VillagePeople:
    """People of villages, each at its point; households where no village tells its population.

    Attributes
    ----------
    communes : ndarray of str, shape (n,)
    points : ndarray of object
        In a metric CRS.
    amount : ndarray
        Persons, or households where these are counted; NaN where it is not known.
    households : ndarray
        NaN where it is not known.
    """

    communes: NDArray[Any]
    points: NDArray[Any]
    amount: NDArray[np.float64]
    households: NDArray[np.float64]
    metric_crs: pyproj.CRS
    counts_households: bool
    persons_per_household: float | None
    issues: tuple[Issue, ...]

    @classmethod
    def of(cls, units: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, metric_crs: pyproj.CRS) -> VillagePeople:
        """Take villages by their code, so that the order of rows never matters."""
        ordered = villages.iloc[np.argsort(villages.index.astype(str), kind="stable")]
        persons, households = (
            ordered[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("population", "household_count")
        )
        by_households = bool(np.isnan(persons).all() and not np.isnan(households).all())
        both = (persons > 0) & (households > 0)
        size = float(persons[both].sum() / households[both].sum()) if both.any() else None
        amount = households if by_households else persons
        issues = []
        for message, which in (
            ("water.village_without_people", np.isnan(amount)),
            ("water.village_elsewhere", ~ordered["commune_code"].isin(units.index).to_numpy(dtype=bool)),
        ):
            if which.any():
                codes = [str(code) for code in ordered.index[which]]
                issues.append(Issue.of("warning", message, value=name_codes(codes), n=len(codes)))
        return cls(
            communes=ordered["commune_code"].to_numpy(dtype=object),
            points=ordered.geometry.to_crs(metric_crs).to_numpy(),
            amount=amount,
            households=households,
            metric_crs=metric_crs,
            counts_households=by_households,
            persons_per_household=size,
            issues=tuple(issues),
        )

    def serve(self, sites: gpd.GeoDataFrame, scenario: Scenario) -> Outcome:
        """Share the people of villages among the works in reach of their points."""
        shapes = sites.geometry.to_crs(self.metric_crs).to_numpy()
        radius = np.where(shapely.get_dimensions(shapes) == 2, 0.0, scenario.radius_m)
        at = np.flatnonzero(scenario.runs & ~np.isnan(radius))
        place, near = pairs_in_reach(self.points, shapes[at], radius[at])
        work = at[near]
        distance = shapely.distance(self.points[place], shapely.centroid(shapes)[work])
        people = np.nan_to_num(self.amount)
        pairs, amount = allocate(people, scenario.room, Pairs(place, work, distance))
        n = len(sites)
        return Outcome(
            there=people,
            served=np.minimum(np.bincount(pairs.place, amount, len(people)), people),
            reached=np.bincount(work, people[place], n).astype(np.float64),
            by_work=np.bincount(pairs.work, amount, n).astype(np.float64),
        )

    def table(self, units: gpd.GeoDataFrame, low: Outcome, high: Outcome) -> pd.DataFrame:
        """Return the columns of persons and of households; a commune with a village not counted is unknown."""
        at = units.index.get_indexer(pd.Index(self.communes))
        inside = at >= 0

        def add_up(values: NDArray[np.float64]) -> NDArray[np.float64]:
            # A figure that is missing makes the sum of its commune NaN.
            return np.bincount(at[inside], values[inside], len(units)).astype(np.float64)

        gap = np.where(np.isnan(self.amount), np.nan, 0.0)
        whole, served = add_up(self.amount), Bounds(add_up(low.served + gap), add_up(high.served + gap))
        counted = (np.bincount(at[inside], minlength=len(units)) > 0) & ~np.isnan(whole)
        if self.counts_households:
            share = _share_column(whole, served, counted=counted)
            return pd.DataFrame({**share, **_columns("water_service_households", served, counted)}, index=units.index)
        columns = _columns_of_persons(whole, served, counted=counted & (whole > 0))
        if not np.isnan(self.households).all():
            # Of a village that is served in part, the same part of its households.
            there = np.where(low.there > 0, low.there, 1.0)
            homes = Bounds(
                add_up(self.households * low.served / there + gap), add_up(self.households * high.served / there + gap)
            )
            columns |= _columns("water_service_households", homes, counted & ~np.isnan(homes.low))
        return pd.DataFrame(columns, index=units.index)


def name_codes(codes: list[str]) -> str:
    """Name some codes for an issue, and how many more there are."""
    return ", ".join(codes[:_NAMED]) + (f" (+{len(codes) - _NAMED})" if len(codes) > _NAMED else "")


def _columns_of_persons(whole: NDArray[np.float64], served: Bounds, *, counted: NDArray[np.bool_]) -> dict[str, Any]:
    served = Bounds(np.minimum(served.low, whole), np.minimum(served.high, whole))
    return {
        **_share_column(whole, served, counted=counted),
        **_columns("water_service_people", served, counted),
        **_columns("water_unserved_people", Bounds(whole - served.high, whole - served.low), counted),
    }


def _share_column(whole: NDArray[np.float64], served: Bounds, *, counted: NDArray[np.bool_]) -> dict[str, Any]:
    counted = counted & (whole > 0)
    shares = [
        np.minimum(np.divide(100 * part, whole, out=np.zeros(len(whole)), where=counted), 100.0)
        for part in (served.low, served.high)
    ]
    return _columns("water_service_pct", Bounds(*shares), counted)


def _columns(name: str, bounds: Bounds, counted: NDArray[np.bool_]) -> dict[str, Any]:
    # More works, reach or room never takes service from anyone; what is left of the order of sums is evened out.
    low, high = np.minimum(bounds.low, bounds.high), np.maximum(bounds.low, bounds.high)
    return bounded_columns(name, Bounds(np.where(counted, low, np.nan), np.where(counted, high, np.nan)))


def _to_grid(shapes: gpd.GeoSeries, grid: Grid) -> NDArray[Any]:
    found = shapely.force_2d(shapes.to_numpy())
    if grid.crs.equals(STORED, ignore_axis_order=True):
        return np.asarray(found)
    way = pyproj.Transformer.from_crs(STORED, grid.crs, always_xy=True)
    return np.asarray(shapely.transform(shapely.segmentize(found, LONGEST_EDGE), way.transform, interleaved=False))


def _boxes(shapes: NDArray[Any], radius: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """Return boxes (left, bottom, right, top, in units of the grid) that hold all that works reach, and a bit more."""
    boxes = shapely.bounds(shapes).reshape(-1, 4)
    far = np.nan_to_num(radius)
    north = east = far
    if grid.in_degrees:
        north = far / 110_500
        east = far / (111_300 * np.cos(np.deg2rad(np.abs(boxes[:, [1, 3]]).max(axis=1, initial=0) + north)))
    return np.asarray(boxes + np.column_stack([-east, -north, east, north]))


def _around(grid: Grid, window: Window, boxes: NDArray[np.float64]) -> Window:
    """Widen a window to hold boxes."""
    if not len(boxes):
        return window
    left, bottom, right, top = grid.bounds_of(window)
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return grid.window((min(left, low[0]), min(bottom, low[1]), max(right, high[0]), max(top, high[1])), margin=1)
