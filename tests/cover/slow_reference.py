"""The slow, obvious way to the same figures: what the fast functions are compared with."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely


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
