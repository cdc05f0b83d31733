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
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

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

NODE_M = 0.001  # vertices that are equal when rounded to this are one
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
    stretches = _stretches(units[wanted], roads, to_plane)
    lines, season = roads.geometry.to_numpy(), said(roads, "all_season")
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
    return Measured(pd.DataFrame(index=units.index), {"candidates": table}, (*issues, *_issues(table)))


@dataclass(frozen=True)
class _Stretches:
    """Stretches of road, and the lines they consist of.

    Attributes
    ----------
    stored, plane : ndarray of LineString, shape (m,)
        In EPSG:4326 and in metres.
    owner : ndarray of intp, shape (m,)
        Stretch of each line.
    table : DataFrame, n rows
        ``commune_code``, ``road_class``, ``surface``, ``season_known``.
    """

    stored: NDArray[Any]
    plane: NDArray[Any]
    owner: NDArray[np.intp]
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)

    def take(self, kept: NDArray[np.intp]) -> _Stretches:
        """Return some of the stretches, their lines by owner and shape."""
        number = np.full(len(self), -1)
        number[kept] = np.arange(len(kept))
        rows = np.flatnonzero(number[self.owner] >= 0)
        keys = shapely.to_wkb(shapely.normalize(self.stored[rows]), hex=True)
        rows = rows[np.lexsort((np.asarray(keys, dtype=str), number[self.owner[rows]]))] if len(rows) else rows
        table = self.table.iloc[kept].reset_index(drop=True)
        return _Stretches(self.stored[rows], self.plane[rows], number[self.owner[rows]], table)

    def lines(self) -> list[NDArray[Any]]:
        """Return the stored lines of each stretch, once they stand by owner."""
        return np.split(self.stored, np.flatnonzero(np.diff(self.owner)) + 1) if len(self) else []


def _stretches(units: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, to_plane: pyproj.Transformer) -> _Stretches:
    season = said(roads, "all_season")
    shapes = roads.geometry.to_numpy()
    rows = np.flatnonzero((season <= 0) & (shapely.get_dimensions(shapes) == 1))
    stored, of = shapely.get_parts(shapely.force_2d(shapes[rows]), return_index=True)
    home = _homes(units, stored)
    real = (shapely.length(stored) > 0) & (home >= 0)
    stored, row, home = stored[real], rows[of[real]], home[real]
    frame = pd.DataFrame(
        {
            "commune_code": units.index.to_numpy(dtype=object)[home],
            **{name: _text(roads, name)[row] for name in ("road_class", "surface")},
            "season_known": season[row] < 0,
        }
    )
    plane = _in_plane(stored, to_plane)
    alike = frame.groupby(list(frame), sort=False).ngroup().to_numpy()
    owner = np.asarray(pd.factorize(_components(plane, alike))[0], dtype=np.intp)
    first = np.unique(owner, return_index=True)[1]
    return _Stretches(stored, plane, owner, frame.iloc[first].reset_index(drop=True))


def _in_plane(shapes: NDArray[Any], to_plane: pyproj.Transformer) -> NDArray[Any]:
    return np.asarray(shapely.transform(shapes, to_plane.transform, interleaved=False) if len(shapes) else shapes)


def _touches(
    stretches: _Stretches, roads: gpd.GeoDataFrame, to_plane: pyproj.Transformer, gap_m: float
) -> pd.arrays.BooleanArray:
    """Tell which stretches touch roads passable all year; unknown where only a road of unknown season is there."""
    shapes, season = roads.geometry.to_numpy(), said(roads, "all_season")
    touched = []
    for chosen in (season > 0, season == 0):
        near = np.zeros(len(stretches), dtype=bool)
        tree = shapely.STRtree(_in_plane(shapes[chosen], to_plane))
        line = tree.query(stretches.plane, predicate="dwithin", distance=within(gap_m))[0]
        near[stretches.owner[line]] = True
        touched.append(near)
    return pd.arrays.BooleanArray(touched[0], ~touched[0] & touched[1])


def _text(roads: gpd.GeoDataFrame, name: str) -> NDArray[Any]:
    """Take a column of words; missing ones are empty."""
    if name not in roads:
        return np.full(len(roads), "", dtype=object)
    return np.asarray(roads[name].astype("str").fillna("").to_numpy(dtype=object))


def _homes(units: gpd.GeoDataFrame, lines: NDArray[Any]) -> NDArray[np.intp]:
    """Find the commune that the middle of each line lies in; on a boundary the first by code, -1 for none."""
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    unit, line = shapely.STRtree(middle).query(units.geometry.to_numpy(), predicate="intersects")
    order = np.lexsort((units.index.astype(str).to_numpy(dtype=str)[unit], line))[::-1]
    home = np.full(len(lines), -1, dtype=np.intp)
    home[line[order]] = unit[order]
    return home


def _components(lines: NDArray[Any], group: NDArray[Any]) -> NDArray[np.intp]:
    """Label lines of one group that hang together by vertices."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    rounded = pd.DataFrame(np.round(points / NODE_M), columns=["x", "y"]).assign(group=group[line])
    node = rounded.groupby(["x", "y", "group"], sort=False).ngroup().to_numpy() + len(lines)
    size = int(node.max(initial=len(lines) - 1)) + 1
    if not size:
        return np.zeros(0, dtype=np.intp)
    links = coo_array((np.ones(len(line), dtype=bool), (line, node)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1][: len(lines)], dtype=np.intp)


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

    stretches: _Stretches
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
        limit = self.distance_m + float(side.max(initial=0.0)) + CLOSED_M
        now = self._ramp(self.certain.nearest(points, limit_m=limit), side)
        open_ = np.flatnonzero(now < 1)
        shapes, lines = shapely.points(points[open_]), self.stretches.plane
        line, found = shapely.STRtree(shapes).query(lines, predicate="dwithin", distance=limit)
        spot, owner = open_[found], self.stretches.owner[line]
        then = self._ramp(shapely.distance(shapes[found], lines[line]), side[spot])
        # The nearest line of a stretch is what counts.
        order = np.lexsort((spot, owner))
        spot, owner, then = spot[order], owner[order], then[order]
        first = np.flatnonzero(np.r_[True, (spot[1:] != spot[:-1]) | (owner[1:] != owner[:-1])][: len(spot)])
        then = np.maximum.reduceat(then, first) if len(first) else then
        spot, owner = spot[first], owner[first]
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


def _described(stretches: _Stretches, metric_crs: pyproj.CRS) -> dict[str, Any]:
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


def _issues(table: pd.DataFrame) -> Iterator[Issue]:
    if len(table):
        yield Issue.of("info", "candidates.upgrades", column="candidate_id")
    if not table["season_known"].fillna(True).all():
        yield Issue.of("warning", "candidates.season_unknown", column="all_season")
