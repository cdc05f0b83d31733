"""The slow, obvious way to the same figures: what the fast functions are compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geontm.tables import Grid, Raster

GEOD = pyproj.Geod(ellps="WGS84")


def roads_by_overlay(units: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> pd.Series:
    """Geodesic length (km) of the roads inside each unit, by overlay; a stretch on a shared border counts in both."""
    places = units[["geometry"]].reset_index()
    pieces = gpd.overlay(roads[["geometry"]], places, how="intersection", keep_geom_type=True)
    metres = [_geodesic_m(shape) for shape in pieces.geometry.to_crs(4326)]
    code = units.index.name
    km = pd.Series(np.array(metres) / 1_000, index=pieces[code]).groupby(level=0).sum()
    return km.reindex(units.index, fill_value=0.0).rename("road_km")


def roads_on_shared_edges(units: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> pd.Series:
    """Geodesic length (km) of the roads on the edges that each unit shares with another one, pair by pair."""
    shapes, lines = units.geometry.to_numpy(), roads.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    to_stored = pyproj.Transformer.from_crs(units.crs, 4326, always_xy=True).transform
    km = np.zeros(len(units))
    for one, other in tree.query(shapes, predicate="intersects").T:
        if one < other:
            shared = shapely.intersection(shapely.boundary(shapes[one]), shapely.boundary(shapes[other]))
            on_it = shapely.intersection(lines[shapely.dwithin(lines, shared, 1.0)], shared)
            metres = sum(_geodesic_m(shapely.transform(part, to_stored, interleaved=False)) for part in on_it)
            km[[one, other]] += metres / 1_000
    return pd.Series(km, index=units.index, name="road_km")


def _geodesic_m(shape: Any) -> float:
    return sum(GEOD.geometry_length(part) for part in shapely.get_parts(shape) if part.geom_type == "LineString")


@dataclass(frozen=True)
class Cells:
    """The cells that a unit has a part of, and the share of each cell (0 to 1) in it."""

    row: np.ndarray
    col: np.ndarray
    share: np.ndarray


def cells_by_intersection(place: Any, grid: Grid) -> Cells:
    """Cut a unit, in the CRS of the grid, into strips of one row of cells, and each strip into cells, one by one."""
    window = grid.window(place.bounds)
    rows, cols, shares = [], [], []
    cell = grid.cell_width * grid.cell_height
    shapely.prepare(place)
    for row in range(window.row, window.row + window.rows):
        top, left, right = grid.top - row * grid.cell_height, grid.bounds[0], grid.bounds[2]
        strip = shapely.intersection(place, shapely.box(left, top - grid.cell_height, right, top))
        if strip.is_empty:
            continue
        held = grid.window(strip.bounds, margin=1)
        col = held.col + np.arange(held.cols)
        boxes = shapely.box(
            grid.left + col * grid.cell_width, top - grid.cell_height, grid.left + (col + 1) * grid.cell_width, top
        )
        share = shapely.contains_properly(place, boxes).astype(float)
        cut = np.flatnonzero((share == 0) & shapely.intersects(strip, boxes))
        share[cut] = shapely.area(shapely.intersection(strip, boxes[cut])) / cell
        kept = share > 0
        rows.append(np.full(kept.sum(), row))
        cols.append(col[kept])
        shares.append(share[kept])
    return Cells(*(np.concatenate(each) if each else np.zeros(0) for each in (rows, cols, shares)))


def cell_area_m2(grid: Grid, row: int) -> float:
    """Area on the ellipsoid of a cell of one row, by its geodesic outline with many corners."""
    top = grid.top - row * grid.cell_height
    shape = shapely.segmentize(
        shapely.box(0, top - grid.cell_height, grid.cell_width, top), max_segment_length=grid.cell_width / 16
    )
    return abs(GEOD.geometry_area_perimeter(shape)[0])


def cell_sides_m(grid: Grid, row: int) -> tuple[float, float]:
    """Width and height of a cell of one row through its middle, by geodesics."""
    top = grid.top - row * grid.cell_height
    middle, bottom = top - grid.cell_height / 2, top - grid.cell_height
    return GEOD.inv(0, middle, grid.cell_width, middle)[2], GEOD.inv(0, bottom, 0, top)[2]


# Offsets of the nine cells in rows (south) and columns (east), and what each counts in Horn's stencil.
AROUND = [(y, x, (2 - abs(y)) * (2 - abs(x))) for y in (-1, 0, 1) for x in (-1, 0, 1)]


def slope_pct(heights: list[list[float]], row: int, col: int, side: tuple[float, float]) -> tuple[float, float]:
    """Slope (%) of the plane that fits the known heights about a cell best: the least and the most it can be.

    ``heights`` holds None where nothing is known; ``side`` is the width and height of a cell (m). Fitted in plain
    arithmetic where all nine are known, and by least squares where some are not.
    """
    if heights[row][col] is None:
        return 0.0, math.inf
    nine = [heights[row + y][col + x] for y, x, _ in AROUND]
    if None not in nine:
        nw, n, ne, w, _, e, sw, s, se = nine
        east = ((ne + 2 * e + se) - (nw + 2 * w + sw)) / (8 * side[0])
        south = ((sw + 2 * s + se) - (nw + 2 * n + ne)) / (8 * side[1])
        return (100 * math.hypot(east, south),) * 2
    there = [(y, x, weight, z) for (y, x, weight), z in zip(AROUND, nine, strict=True) if z is not None]
    root = np.sqrt([weight for _, _, weight, _ in there])[:, None]
    places = np.array([(x * side[0], y * side[1], 1.0) for y, x, _, _ in there])
    fit, _, rank, _ = np.linalg.lstsq(places * root, np.array([z for *_, z in there]) * root[:, 0], rcond=1e-9)
    slope = 100 * math.hypot(fit[0], fit[1])
    # Of cells on one line the shortest solution is the slope along it; across it anything may be.
    return slope, slope if rank == 3 else math.inf


@dataclass(frozen=True)
class Works:
    """One waterworks: where it stands, how far it reaches (m) or its area, and for how many it has room."""

    lon: float
    lat: float
    radius_m: float
    area: Any
    room: float


def allocate_by_hand(
    places: list[tuple[float, float, float]], works: list[Works], metres_between: Any = None
) -> list[float]:
    """Serve people one pair at a time, from the nearest pair of place and works to the farthest.

    Parameters
    ----------
    places : list of tuple
        Longitude, latitude, people.
    works : list of Works
        In the order of ``site_id``.
    metres_between : callable, optional
        Distance of one works from arrays of places; geodesic where it is left out.

    Returns
    -------
    list of float
        People served at each place.
    """
    lon, lat, people = (np.array(each) for each in zip(*places, strict=True))
    pairs = []
    for number, each in enumerate(works):
        # Degrees are never longer than 111.7 km; the box only spares geodesics to places far away.
        away = np.inf if each.area is not None else each.radius_m / 90_000
        near = np.flatnonzero((np.abs(lon - each.lon) <= away) & (np.abs(lat - each.lat) <= away))
        if each.area is not None:
            near = near[shapely.intersects_xy(each.area, lon[near], lat[near])]
        if metres_between is not None:
            metres = metres_between(each, near)
        else:
            start = np.full(len(near), each.lon), np.full(len(near), each.lat)
            metres = GEOD.inv(*start, lon[near], lat[near])[2]
        for at, far in zip(near.tolist(), metres, strict=True):
            if each.area is not None or far <= each.radius_m + 1e-6:
                pairs.append((float(far), number, at))
    left, room = people.tolist(), [each.room for each in works]
    for _, number, at in sorted(pairs):
        taken = min(left[at], room[number])
        left[at] -= taken
        room[number] -= taken
    return [there - rest for there, rest in zip(people.tolist(), left, strict=True)]


def people_near_by_buffer(
    units: gpd.GeoDataFrame, shapes: gpd.GeoSeries, population: Raster, metric_crs: pyproj.CRS, distance_m: float
) -> pd.DataFrame:
    """People of each unit, and those of them within a distance of shapes: buffer, union, overlay of cells as polygons.

    ``people`` and ``near`` by unit; the units and shapes are in EPSG:4326. The buffers are drawn with 256 corners,
    0.15 m inside a true circle of 2 km.
    """
    around = shapely.union_all(shapely.buffer(shapes.to_crs(metric_crs).to_numpy(), distance_m, quad_segs=64))
    grid = population.grid
    places = units.geometry.to_crs(grid.crs)
    stored = pyproj.Transformer.from_crs(grid.crs, metric_crs, always_xy=True)
    rows = []
    for place in places:
        window = grid.window(place.bounds)
        # What lies a good way off cannot matter, and would only make the cutting of cells slow.
        box = stored.transform_bounds(*grid.bounds_of(window))
        here = shapely.intersection(around, shapely.buffer(shapely.box(*box), 1_000.0))
        shapely.prepare(here)
        values, known = population.read(window)
        row, col = np.nonzero(known & (values > 0))
        left, top = grid.left + (window.col + col) * grid.cell_width, grid.top - (window.row + row) * grid.cell_height
        cells = shapely.box(left, top - grid.cell_height, left + grid.cell_width, top)
        shapely.prepare(place)
        parts = cells.copy()
        whole, met = shapely.contains_properly(place, cells), shapely.intersects(place, cells)
        cut = met & ~whole
        parts[cut] = shapely.intersection(place, cells[cut])
        parts[~met] = shapely.Polygon()
        share = shapely.area(parts) / (grid.cell_width * grid.cell_height)
        parts = shapely.transform(parts, stored.transform, interleaved=False)
        inside = shapely.contains(here, parts).astype(float)
        open_ = np.flatnonzero((inside == 0) & shapely.intersects(here, parts) & (share > 0))
        inside[open_] = shapely.area(shapely.intersection(parts[open_], here)) / shapely.area(parts[open_])
        people = values[row, col] * share
        rows.append((people.sum(), (people * inside).sum()))
    return pd.DataFrame(rows, columns=["people", "near"], index=units.index)


def components_by_pairs(roads: gpd.GeoDataFrame, chosen: np.ndarray, *, gap_m: float, cross: bool) -> np.ndarray:
    """Label the chosen roads by what hangs together, trying every pair; -1 for the others."""
    lines = roads.geometry.to_numpy()
    vertices = [{tuple(point) for point in shapely.get_coordinates(line)} for line in lines]

    open_ends = []
    for at, line in enumerate(lines):
        ends = [shapely.get_point(line, 0), shapely.get_point(line, -1)]
        others = set().union(*(vertices[other] for other in range(len(lines)) if other != at))
        open_ends.append([end for end in ends if (end.x, end.y) not in others])

    def meet(one: int, other: int) -> bool:
        if vertices[one] & vertices[other] or (cross and lines[one].intersects(lines[other])):
            return True
        reached = [end.distance(lines[other]) <= gap_m for end in open_ends[one]]
        return any(reached) or any(end.distance(lines[one]) <= gap_m for end in open_ends[other])

    label = np.where(chosen, np.arange(len(lines)), -1)
    for one in np.flatnonzero(chosen):
        for other in np.flatnonzero(chosen):
            if one < other and label[one] != label[other] and meet(one, other):
                label[label == label[other]] = label[one]
    return label
