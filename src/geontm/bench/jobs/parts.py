"""The nation by province: the unit of work of every measuring function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geontm.bench.make import Inputs
from geontm.pipeline.coverage.tasks import split_provinces
from geontm.tables import province_crs

__all__ = ["Province", "by_province", "stacked"]

HALO_M = 2_500.0
DEGREE_M = 110_000.0  # the least that a degree of latitude measures


@dataclass(frozen=True)
class Province:
    """One province and the roads about it.

    Attributes
    ----------
    code : str
    crs : pyproj.CRS
        Plane in which it is measured.
    units : GeoDataFrame
        EPSG:4326, index ``commune_code``.
    roads : GeoDataFrame
        EPSG:4326: those that touch the box of the units, ``HALO_M`` about it included.
    folder : Path
        Of the inputs, for the rasters.
    """

    code: str
    crs: pyproj.CRS
    units: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    folder: Path


def by_province(inputs: Inputs, *, roads: bool = False) -> Iterator[Province]:
    """Yield every province in the order of codes; islands far out are parts of their own, as in a run."""
    lines = inputs.roads if roads else None
    bounds = lines.bounds.to_numpy() if lines is not None else None
    for code, part, units in split_provinces(inputs.units, inputs.units["province_code"]):
        crs = province_crs(code if part == code else "", float(np.median(units.geometry.bounds["minx"])))
        near = gpd.GeoDataFrame(geometry=[], crs=4326)
        if lines is not None and bounds is not None:
            left, bottom, right, top = units.total_bounds
            away = HALO_M / DEGREE_M / np.cos(np.deg2rad(24))
            chosen = (bounds[:, 2] >= left - away) & (bounds[:, 0] <= right + away)
            chosen &= (bounds[:, 3] >= bottom - away) & (bounds[:, 1] <= top + away)
            # Of the box only what is near a commune: the box of a province of islands holds half the sea.
            at = np.flatnonzero(chosen)
            tree = shapely.STRtree(lines.geometry.to_numpy()[at])
            hulls = shapely.buffer(shapely.envelope(units.geometry.to_numpy()), away)
            at = at[np.unique(tree.query(hulls, predicate="intersects")[1])]
            near = lines.iloc[at].reset_index(drop=True)
        yield Province(part, crs, units, near, inputs.folder)


def stacked(provinces: list[Province], measure: Callable[[Province], pd.DataFrame]) -> pd.DataFrame:
    """Measure province after province; return one table."""
    return pd.concat([measure(province) for province in provinces])
