"""Stretches of road whose upgrade would bring people within the distance of a road that is passable all year."""

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

from geontm.cover.candidate_stretches import Stretches, in_plane, join_stretches
from geontm.cover.candidates import NewlyServed, Villages, make_candidates, name_candidate
from geontm.cover.crossings import said, within
from geontm.cover.distance import Targets, make_reach, make_targets
from geontm.cover.lines import Plane, segments_of
from geontm.cover.measured import Measured
from geontm.cover.people_cells import PeopleStrip, people_strips
from geontm.cover.stored_layers import STORED, box_in_plane, covered_units, plane_of, require_stored, zones_of
from geontm.cover.weighted import Bounds, bounded_columns
from geontm.cover.zones import Zones
from geontm.tables import Issue, Raster

__all__ = ["find_upgrades"]

PART_M = 100.0  # cells are parted to this size (m)
MOST_PARTS = 32
POINTS_AT_A_TIME = 100_000
CLOSED_M = 1e-6  # what rounding may add to a distance that is just reached


def find_upgrades(
    units: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    *,
    metric_crs: pyproj.CRS,
    population: Raster | None = None,
    villages: gpd.GeoDataFrame | None = None,
    distance_m: float = 2_000.0,
    gap_m: float = 20.0,
    zones: Zones | None = None,
    covered: Collection[str] | None = None,
    least_people: float = 1.0,
) -> Measured:
    """Find stretches of road that would serve people if they were passable all year.

    A stretch is all road of one commune, class and surface that is not passable all year and hangs together by
    vertices; roads of unknown season make stretches of their own. A road is of the commune that its middle lies in.
    Where no road at all tells its season, the list would be the whole network and say nothing: it is empty.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
    roads : GeoDataFrame, EPSG:4326
        Lines; ``road_class``, ``surface`` (text) and ``all_season`` (boolean; missing: not known). They should reach
        beyond the units by the distance.
    metric_crs : pyproj.CRS
        Plane in which distances are taken, :func:`geontm.tables.province_crs`.
    population : Raster, optional
        Persons per cell; they live evenly over it. None: people of villages are counted.
    villages : GeoDataFrame, index ``village_code``, EPSG:4326, optional
        Points; ``commune_code``, ``population``, ``household_count``. With a raster they give households and names.
    distance_m : float
        Closed.
    gap_m : float
        How near (m) a stretch must come to a road passable all year to touch it.
    zones : Zones, optional
        Of the units on the grid of the raster, where they have been made before.
    covered : collection of str, optional
        Communes that the road layer covers; None: all.
    least_people : float
        A stretch that would newly serve fewer, and no village, is left out.

    Returns
    -------
    Measured
        No columns by unit. ``more["candidates"]``: see :data:`geontm.cover.candidates.CANDIDATE_COLUMNS`. Each is
        counted alone, and nobody twice within one: do not add up ``people_newly_served`` of several. At the low end
        roads of unknown season are passable already, at the high end they are not, and people of communes that the
        roads do not cover count at the high end only. Only people of the units count. ``touches_all_season``: whether
        the stretch comes within ``gap_m`` of a road known to be passable all year; unknown where it only comes near
        one of unknown season.

    Raises
    ------
    CRSError
        A layer is not in EPSG:4326, or the plane is not metric.
    ValueError
        A distance is not positive, there are neither raster nor villages, or the zones are of other units.
    """
    if not distance_m > 0:
        raise ValueError(f"distance_m must be positive, got {distance_m}")
    if population is None and villages is None:
        raise ValueError("people are needed: a population raster or villages")
    layers = {"units": units, "roads": roads} | ({} if villages is None else {"villages": villages})
    require_stored(**layers)
    to_plane = plane_of(STORED, metric_crs)
    wanted = covered_units(units, covered)
    lines, season = roads.geometry.to_numpy(), said(roads, "all_season")
    told = bool((season != 0).any())
    stretches = join_stretches(units[wanted], roads if told else roads.iloc[:0], to_plane)
    certain = possible = make_targets(lines[season > 0], distance_m=distance_m, plane=to_plane)
    if (season == 0).any():
        possible = make_targets(lines[season >= 0], distance_m=distance_m, plane=to_plane)
    near = _Near(stretches, certain, possible, distance_m)
    homes = Villages.of(villages, units.index)
    spots = _village_spots(homes, units.index[wanted], to_plane)
    pairs = near.gains(spots)
    served = NewlyServed(pairs.owner, pairs.spot, (pairs.low > 0) & (spots.least[pairs.spot] > 0))
    issues: tuple[Issue, ...] = ()
    if population is None:
        people = served.bounds(homes.people, len(stretches))
    else:
        zones, issues = zones_of(units, population, zones)
        people = _of_cells(population, zones, near, wanted, metric_crs)
    kept = np.flatnonzero(~(people.high < least_people) | np.isin(np.arange(len(stretches)), served.candidate))
    chosen, served = stretches.take(kept), served.take(kept)
    columns = {
        **_described(chosen, metric_crs),
        "touches_all_season": _touches(chosen, roads, to_plane, gap_m),
        **bounded_columns("people_newly_served", Bounds(people.low[kept], people.high[kept])),
        **served.columns(homes, len(kept)),
    }
    merged = [shapely.line_merge(shapely.multilinestrings(each)) for each in chosen.lines()]
    shapes = np.array(merged, dtype=object)
    table = make_candidates(columns, shapes, shapely.point_on_surface(shapes))
    table = table.sort_values(["commune_code", "candidate_id"], ignore_index=True)
    issues = (*issues, *_issues(table, told=told or roads.empty))
    return Measured(pd.DataFrame(index=units.index), {"candidates": table}, issues)


def _touches(
    stretches: Stretches, roads: gpd.GeoDataFrame, to_plane: pyproj.Transformer, gap_m: float
) -> pd.arrays.BooleanArray:
    """Tell which stretches touch roads passable all year; unknown where only a road of unknown season is there."""
    shapes, season = roads.geometry.to_numpy(), said(roads, "all_season")
    touched = []
    for chosen in (season > 0, season == 0):
        near = np.zeros(len(stretches), dtype=bool)
        tree = shapely.STRtree(in_plane(shapes[chosen], to_plane))
        line = tree.query(stretches.plane, predicate="dwithin", distance=within(gap_m))[0]
        near[stretches.owner[line]] = True
        touched.append(near)
    return pd.arrays.BooleanArray(touched[0], ~touched[0] & touched[1])


@dataclass(frozen=True)
class _Spots:
    """Where people live: points, the side of what each stands for (m; 0: a village), least and most people."""

    points: NDArray[np.float64]
    side_m: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]


@dataclass(frozen=True)
class _Gains:
    """Which share of a spot a stretch would newly serve: each pair once, by stretch and spot."""

    owner: NDArray[np.intp]
    spot: NDArray[np.intp]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True)
class _Near:
    """The stretches, and what serves people now: for certain and perhaps."""

    stretches: Stretches
    certain: Targets
    possible: Targets
    distance_m: float

    def gains(self, spots: _Spots) -> _Gains:
        """Find what each stretch would newly serve."""
        parts = [
            self._gains(spots, np.arange(first, min(first + POINTS_AT_A_TIME, len(spots.points))))
            for first in range(0, len(spots.points), POINTS_AT_A_TIME)
        ]
        if not parts:
            none = np.zeros(0)
            return _Gains(none.astype(np.intp), none.astype(np.intp), none, none)
        return _Gains(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Gains.__annotations__))

    def _gains(self, spots: _Spots, at: NDArray[np.intp]) -> _Gains:
        points, side = spots.points[at], spots.side_m[at]
        half = float(side.max(initial=0.0)) / 2
        limit = self.distance_m + half + CLOSED_M
        now = self._ramp(self.certain.nearest(points, limit_m=limit), side)
        open_ = np.flatnonzero(now < 1)
        shapes, stretches = shapely.points(points[open_]), self.stretches.whole
        tree = shapely.STRtree(shapes)
        owner, found = tree.query(stretches, predicate="dwithin", distance=limit)
        # What is well inside needs no distance: only those across the line of equal distance do.
        inner = tree.query(stretches, predicate="dwithin", distance=max(self.distance_m - half, 0.0))
        band = ~np.isin(owner * len(shapes) + found, inner[0] * len(shapes) + inner[1])
        spot, then = open_[found], np.ones(len(found))
        metres = shapely.distance(shapes[found[band]], stretches[owner[band]])
        then[band] = self._ramp(metres, side[spot[band]])
        order = np.lexsort((spot, owner))
        spot, owner, then = spot[order], owner[order], then[order]
        maybe = now
        if self.possible is not self.certain:
            maybe = np.ones(len(at))
            maybe[open_] = self._ramp(self.possible.nearest(points[open_], limit_m=limit), side[open_])
        high = np.maximum(then - now[spot], 0.0)
        known = self.stretches.table["season_known"].to_numpy(dtype=bool)
        low = np.where(known[owner], np.maximum(then - maybe[spot], 0.0), 0.0)
        gained = high > 0
        return _Gains(owner[gained], at[spot[gained]], low[gained], high[gained])

    def _ramp(self, distance: NDArray[np.float64], side: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of spots within the distance: across a part of a cell it falls from 1 to 0."""
        beyond = distance - self.distance_m
        ramp = np.clip(0.5 - beyond / np.where(side > 0, side, 1.0), 0.0, 1.0)
        return np.asarray(np.where(side > 0, ramp, beyond <= CLOSED_M), dtype=np.float64)


def _village_spots(homes: Villages, covered: pd.Index, to_plane: pyproj.Transformer) -> _Spots:
    """Take villages as points; what is newly served of one that the roads do not cover is never sure."""
    points = shapely.get_coordinates(homes.points)
    moved = np.column_stack(to_plane.transform(points[:, 0], points[:, 1])).reshape(-1, 2)
    sure = np.isin(homes.commune.astype(str), covered.to_numpy(dtype=str)).astype(np.float64)
    return _Spots(moved, np.zeros(len(homes)), sure, np.ones(len(homes)))


def _of_cells(
    population: Raster, zones: Zones, near: _Near, wanted: NDArray[np.bool_], metric_crs: pyproj.CRS
) -> Bounds:
    """Add up the people of cells that each stretch would newly serve."""
    n, plane = len(near.stretches), plane_of(population.grid.crs, metric_crs)
    box = box_in_plane(zones, plane)
    low, high = np.zeros(n), np.zeros(n)
    if not n:
        return Bounds(low, high)
    drawn = make_targets(near.stretches.plane, distance_m=near.distance_m)
    now, then = (make_reach(targets, near.distance_m, box) for targets in (near.certain, drawn))
    for strip in people_strips(population, zones, plane):
        open_ = np.flatnonzero(now.shares(strip.cells) < 1)
        open_ = open_[then.shares(strip.cells.take(open_)) > 0]
        for spots in _cell_spots(strip, open_, wanted):
            gains = near.gains(spots)
            low += np.bincount(gains.owner, gains.low * spots.least[gains.spot], n)
            high += np.bincount(gains.owner, gains.high * spots.most[gains.spot], n)
    return Bounds(np.minimum(low, high), high)


def _cell_spots(strip: PeopleStrip, cells: NDArray[np.intp], wanted: NDArray[np.bool_]) -> Iterator[_Spots]:
    """Part cells evenly, some at a time; people of a cell that units share live all over it."""
    people = strip.part_people
    most = np.bincount(strip.part_cell, people, len(strip.cells))
    least = np.bincount(strip.part_cell, people * wanted[strip.part_unit], len(strip.cells))
    step = POINTS_AT_A_TIME // MOST_PARTS
    for first in range(0, len(cells), step):
        some = cells[first : first + step]
        chosen = strip.cells.take(some)
        quarters = chosen.points(2)
        right, down = quarters[:, 1] - quarters[:, 0], quarters[:, 2] - quarters[:, 0]
        side = 2 * np.sqrt(np.abs(right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]))
        k = int(np.clip(np.ceil(side.max() / PART_M - 0.05), 1, MOST_PARTS))
        each = np.full(k * k, 1 / (k * k))
        yield _Spots(
            chosen.points(k).reshape(-1, 2),
            np.repeat(side / k, k * k),
            np.outer(least[some], each).ravel(),
            np.outer(most[some], each).ravel(),
        )


def _described(stretches: Stretches, metric_crs: pyproj.CRS) -> dict[str, Any]:
    """Return the columns of stretches that do not tell whom they serve."""
    n, told = len(stretches), stretches.table
    segments = segments_of(stretches.plane)
    metres = np.bincount(stretches.owner[segments.line], segments.ground_m(Plane.of(metric_crs)), n)
    lines = stretches.lines()
    keys = ["".join(shapely.to_wkb(shapely.normalize(each), hex=True)) for each in lines]
    return {
        "candidate_id": [
            name_candidate("upgrade", *map(str, parts), key)
            for parts, key in zip(
                told[["commune_code", "road_class", "surface"]].itertuples(index=False), keys, strict=True
            )
        ],
        "kind": "road_upgrade",
        "service": "rural_access",
        "commune_code": told["commune_code"].to_numpy(dtype=object),
        "counted": "alone",
        "length_km": metres / 1_000,
        **{name: told[name].replace("", pd.NA).to_numpy(dtype=object) for name in ("road_class", "surface")},
        "season_known": told["season_known"].to_numpy(dtype=bool),
    }


def _issues(table: pd.DataFrame, *, told: bool) -> Iterator[Issue]:
    if not told:
        yield Issue.of("warning", "candidates.no_season", column="all_season")
    if len(table):
        yield Issue.of("info", "candidates.upgrades", column="candidate_id")
    if not table["season_known"].fillna(True).all():
        yield Issue.of("warning", "candidates.season_unknown", column="all_season")
