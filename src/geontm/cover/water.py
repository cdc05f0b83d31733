"""Who is served by waterworks: people within reach of a works that runs, as far as its capacity goes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.cover.measured import Measured
from geontm.cover.stored_layers import covered_units, plane_of, require_stored
from geontm.cover.water_outside import order_works, villages_outside
from geontm.cover.water_people import CellPeople, Outcome, People, Scenario, VillagePeople, name_codes
from geontm.cover.zones import Zones
from geontm.tables import Issue, Raster

__all__ = ["WaterSettings", "measure_water"]


@dataclass(frozen=True)
class WaterSettings:
    """What a planner may set about waterworks.

    Attributes
    ----------
    persons_per_household : float or None
        Turns a capacity in households into persons, and the other way round. None: of villages the mean of those that
        tell both numbers; on a raster, at least one person a household.
    most_radius_m : float
        How far a works may reach whose radius is not known.
    part_m : float
        Cells of a raster larger than this (m) are parted evenly, and each part is in reach or not by its middle.
    """

    persons_per_household: float | None = None
    most_radius_m: float = 10_000.0
    part_m: float = 100.0


def measure_water(
    units: gpd.GeoDataFrame,
    works: gpd.GeoDataFrame,
    people: Raster | gpd.GeoDataFrame,
    *,
    metric_crs: pyproj.CRS,
    covered: Collection[str] | None = None,
    zones: Zones | None = None,
    villages: gpd.GeoDataFrame | None = None,
    settings: WaterSettings | None = None,
) -> Measured:
    """Measure how many people waterworks serve, never counting anyone twice.

    A works serves people within its radius (the radius itself included) or inside its service area, the nearest first,
    up to its capacity; who finds no room goes to the next works in reach. People and works rank each other by the same
    distance, so the result is the one stable allocation (deferred acceptance with divisible people): nobody who is left
    out is nearer to a works than someone whom it serves. Ties go by ``site_id``, then by cell or village code. A works
    without capacity has room for everyone. A works that does not run serves nobody. People count where they live, also
    when the works that serves them stands in another commune.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
    works : GeoDataFrame, w rows, EPSG:4326
        Sites as ``load.read_sites`` gives them: ``site_id``, ``working``, ``radius_m``, ``capacity_persons``,
        ``capacity_households``; points, or polygons that are the service area itself.
    people : Raster or GeoDataFrame
        Persons per cell, in degrees or metres; or villages (index ``village_code``, columns ``commune_code``,
        ``population``, ``household_count``), each counted as a whole at its point. Where no village tells its
        population, households are counted.
    metric_crs : pyproj.CRS
        In which villages are measured (m). Cells of a raster are measured on its own grid.
    covered : collection of str, optional
        Communes whose works the layer declares to hold; the others are unknown. None: all.
    zones : Zones, optional
        Of ``units`` on the raster's grid, where they have been made already.
    villages : GeoDataFrame, optional
        For the list of villages outside every service area; with villages as ``people`` these themselves.
    settings : WaterSettings, optional

    Returns
    -------
    Measured
        ``table``, n rows: ``water_service_pct`` (% of people, or of households where these are counted),
        ``water_service_people``, ``water_unserved_people`` (persons) and, from villages, ``water_service_households``,
        each with ``_low`` and ``_high``: the low end leaves out works whose state or radius is not known, the high end
        takes them in. A commune in which nobody lives by ``people``, or that has a village of unknown population, is
        unknown. ``more``: ``works`` (those that stand in one of the units: ``site_id``, ``commune_code``,
        ``people_in_reach``, ``people_served``, ``spare_capacity``; of the low end, in persons or households as counted)
        and ``villages_outside``, see :func:`geontm.cover.water_outside.villages_outside`.

    Raises
    ------
    CRSError
        Units or works are not in EPSG:4326, or ``metric_crs`` is not metric.

    References
    ----------
    .. [1] Gale and Shapley (1962), College admissions and the stability of marriage; Baïou and Balinski (2002), The
       stable allocation (or ordinal transportation) problem.
    """
    settings = settings or WaterSettings()
    require_stored(units=units, works=works)
    plane_of(works.crs, metric_crs)
    sites = order_works(works)
    issues = _told_of_works(sites, settings)
    base: People
    if isinstance(people, gpd.GeoDataFrame):
        villages, base = people, VillagePeople.of(units, people, metric_crs)
    else:
        base = CellPeople.of(units, people, zones, settings.part_m)
    rooms, told = _rooms(sites, base, settings)
    low, high = _scenarios(sites, rooms, settings)
    first = base.serve(sites, low)
    second = first if _are_alike(low, high) else base.serve(sites, high)
    table = base.table(units, first, second)
    table.loc[~covered_units(units, covered)] = pd.NA
    more = {"works": _works_table(units, sites, low, first)}
    if villages is not None:
        more["villages_outside"] = villages_outside(
            villages, works, metric_crs=metric_crs, covered=units.index if covered is None else covered
        )
    return Measured(table, more, (*issues, *told, *base.issues))


def _told_of_works(sites: gpd.GeoDataFrame, settings: WaterSettings) -> list[Issue]:
    circles = shapely.get_dimensions(sites.geometry.to_numpy()) == 0
    may_run = sites["working"].astype("boolean").fillna(True).to_numpy(dtype=bool)
    unlimited = sites["capacity_persons"].isna() & sites["capacity_households"].isna()
    counted: tuple[tuple[Any, str, Any], ...] = (
        ("warning", "water.unknown_state", sites["working"].isna().to_numpy()),
        ("warning", "water.unknown_radius", circles & sites["radius_m"].isna().to_numpy()),
        ("info", "water.without_capacity", unlimited.to_numpy() & may_run),
    )
    return [
        Issue.of(
            severity,
            message,
            value=name_codes([str(code) for code in sites.loc[which, "site_id"]]),
            n=int(which.sum()),
            km=settings.most_radius_m / 1_000,
        )
        for severity, message, which in counted
        if which.any()
    ]


def _rooms(
    sites: gpd.GeoDataFrame, base: People, settings: WaterSettings
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], list[Issue]]:
    """Return the least and the most that every works can serve, in what the base counts."""
    persons, households = (
        sites[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("capacity_persons", "capacity_households")
    )
    own, other = (households, persons) if base.counts_households else (persons, households)
    size = settings.persons_per_household or base.persons_per_household
    turned = np.isnan(own) & ~np.isnan(other)
    low = high = np.where(np.isnan(own), np.inf, own)
    issues = []
    if turned.any() and size is not None:
        by_size = other / size if base.counts_households else other * size
        low = high = np.where(turned, by_size, low)
        issues.append(Issue.of("info", "water.household_size", n=int(turned.sum()), size=size))
    elif turned.any():
        # A household has one person at least; how many at most, nobody says.
        low = np.where(turned, 0.0 if base.counts_households else other, low)
        high = np.where(turned, other if base.counts_households else np.inf, high)
        issues.append(Issue.of("warning", "water.no_household_size", n=int(turned.sum())))
    return (np.maximum(low, 0.0), np.maximum(high, 0.0)), issues


def _scenarios(
    sites: gpd.GeoDataFrame, rooms: tuple[NDArray[np.float64], NDArray[np.float64]], settings: WaterSettings
) -> tuple[Scenario, Scenario]:
    """Return the two ends of what is not known: adding works, reach or room takes service from nobody."""
    is_area = shapely.get_dimensions(sites.geometry.to_numpy()) == 2
    radius = sites["radius_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    state = sites["working"].astype("boolean")
    known = is_area | ~np.isnan(radius)
    low = Scenario(state.fillna(False).to_numpy(dtype=bool) & known, radius, rooms[0])
    wide = np.where(known, radius, settings.most_radius_m)
    return low, Scenario(state.fillna(True).to_numpy(dtype=bool), wide, rooms[1])


def _are_alike(low: Scenario, high: Scenario) -> bool:
    return all(
        np.array_equal(getattr(low, name), getattr(high, name), equal_nan=name == "radius_m")
        for name in ("runs", "radius_m", "room")
    )


def _works_table(
    units: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, scenario: Scenario, outcome: Outcome
) -> pd.DataFrame:
    """Describe the works that stand in one of the units."""
    known = units[~(units.geometry.isna() | units.geometry.is_empty)].sort_index()
    points = shapely.centroid(sites.geometry.to_numpy())
    point, unit = shapely.STRtree(known.geometry.to_numpy()).query(points, predicate="intersects")
    order = np.lexsort((unit, point))[::-1]  # the first by code wins where a works stands on a boundary
    stands = np.full(len(sites), -1)
    stands[point[order]] = unit[order]
    codes = np.array([*known.index, None], dtype=object)
    limited = scenario.runs & np.isfinite(scenario.room)
    spare = np.where(limited, np.maximum(np.where(limited, scenario.room, 0.0) - outcome.by_work, 0.0), 0.0)
    frame = pd.DataFrame(
        {
            "site_id": sites["site_id"].astype("str"),
            "commune_code": pd.array(codes[stands], dtype="str"),
            "working": sites["working"].astype("boolean"),
            "people_in_reach": pd.array(outcome.reached, dtype="Float64"),
            "people_served": pd.array(outcome.by_work, dtype="Float64"),
            "spare_capacity": pd.array(spare, dtype="Float64"),
        }
    )
    frame["spare_capacity"] = frame["spare_capacity"].where(limited)
    return frame[stands >= 0].reset_index(drop=True)
