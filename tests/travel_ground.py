"""Ground for the tests of travel: cells of 100 m in a metric CRS, walked at 6 km/h, which is one minute each."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geontm.cover import Speeds, link_cells, make_friction, travel_minutes
from geontm.tables import ArrayRaster, Grid

UTM = pyproj.CRS.from_epsg(32648)
CELL = 100.0
LEFT, TOP = 500_000.0, 2_400_000.0
WALK = Speeds(walking_kmh=6.0, roads={"national_road": 60.0, "village_road": 12.0})


def grid(rows: int, cols: int) -> Grid:
    return Grid(UTM, LEFT, TOP, CELL, CELL, rows, cols)


def at(row: float, col: float) -> tuple[float, float]:
    """Coordinates of the centre of a cell."""
    return LEFT + (col + 0.5) * CELL, TOP - (row + 0.5) * CELL


def places(*cells: tuple[float, float], **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(at(*cell)) for cell in cells], crs=UTM)


def shapes(*geometries) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(geometries), crs=UTM)


def line(*cells: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([at(*cell) for cell in cells])


def roads(*courses, road_class="national_road", bridge=None, hardened=None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "road_id": [str(number) for number in range(len(courses))],
            "road_class": pd.Series([road_class] * len(courses), dtype="str"),
            "hardened": pd.Series([hardened] * len(courses), dtype="boolean"),
            "bridge": pd.Series([bridge] * len(courses), dtype="boolean"),
        },
        geometry=list(courses),
        crs=UTM,
    )


def raster(values, name="") -> ArrayRaster:
    values = np.asarray(values)
    return ArrayRaster(grid(*values.shape), values, name=name)


def minutes(size: tuple[int, int], *destinations: tuple[float, float], speeds: Speeds = WALK, **ground) -> np.ndarray:
    """Minutes to the nearest of some cells."""
    cells = grid(*size)
    friction = make_friction(cells, cells.whole, speeds, **ground)
    return travel_minutes(link_cells(friction), places(*destinations)).minutes
