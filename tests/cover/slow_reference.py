"""The slow, obvious way to the same figures: what the fast functions are compared with."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geontm.tables import Raster


def roads_by_overlay(units: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> pd.Series:
    """Geodesic length (km) of the roads inside each unit, by overlay; a stretch on a shared border counts in both."""
    places = units[["geometry"]].reset_index()
    pieces = gpd.overlay(roads[["geometry"]], places, how="intersection", keep_geom_type=True)
    geod = pyproj.Geod(ellps="WGS84")
    stored = pieces.geometry.to_crs(4326)
    metres = [sum(geod.geometry_length(part) for part in shapely.get_parts(shape)) for shape in stored]
    code = units.index.name
    km = pd.Series(np.array(metres) / 1_000, index=pieces[code]).groupby(level=0).sum()
    return km.reindex(units.index, fill_value=0.0).rename("road_km")


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
    shapely.prepare(around)
    rows = []
    for place in places:
        window = grid.window(place.bounds)
        values, known = population.read(window)
        row, col = np.nonzero(known & (values > 0))
        left, top = grid.left + (window.col + col) * grid.cell_width, grid.top - (window.row + row) * grid.cell_height
        cells = shapely.box(left, top - grid.cell_height, left + grid.cell_width, top)
        shapely.prepare(place)
        parts = cells.copy()
        cut = ~shapely.contains_properly(place, cells)
        parts[cut] = shapely.intersection(place, cells[cut])
        share = shapely.area(parts) / (grid.cell_width * grid.cell_height)
        parts = shapely.transform(parts, stored.transform, interleaved=False)
        inside = shapely.contains(around, parts).astype(float)
        open_ = np.flatnonzero((inside == 0) & shapely.intersects(around, parts) & (share > 0))
        inside[open_] = shapely.area(shapely.intersection(parts[open_], around)) / shapely.area(parts[open_])
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
