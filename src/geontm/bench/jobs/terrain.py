"""Height and slope of communes, beside rasterstats and exactextract."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import affine
import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.windows import from_bounds
from shapely.geometry import mapping

from geontm.bench.job import Job, Peer, Tolerance
from geontm.bench.jobs.parts import Province, by_province, stacked
from geontm.bench.make import Inputs
from geontm.cover import measure_terrain
from geontm.load import open_raster

__all__ = ["JOB"]

HIGH_M, STEEP = 200.0, 15.0
ROWS_AT_ONCE = 512
MEAN, HIGH, SLOPE = "mean_elevation_m", "above_200m_share", "slope_15_share"
BY_CENTRE = Tolerance(absolute=0.03, outliers=0.02, reason="cells by their centre, all rows weighted alike")
# Of 3,321 units 8; where cells are cut by shapely one by one, the result is ours to 1e-11.
FEW, MISCOUNTED = 0.003, "exactextract miscounts cells of a few shapes"
NEARLY = {MEAN: Tolerance(absolute=5.0, relative=0.05, outliers=0.03), HIGH: BY_CENTRE, SLOPE: BY_CENTRE}


def _load(inputs: Inputs) -> list[Province]:
    return list(by_province(inputs))


def _ours(provinces: list[Province]) -> pd.DataFrame:
    with open_raster(provinces[0].folder / "elevation.tif", kind="elevation") as raster:
        return stacked(provinces, lambda each: measure_terrain(each.units, raster).table[[MEAN, HIGH, SLOPE]])


@dataclass(frozen=True)
class _Relief:
    """Heights in one array, their slope (%), and the area (m²) of a cell of each row."""

    height: NDArray[np.float32]
    slope: NDArray[np.float32]
    known: NDArray[np.bool_]
    area: NDArray[np.float64]
    transform: affine.Affine
    crs: Any


def _relief(units: gpd.GeoDataFrame, folder: Path) -> _Relief:
    left, bottom, right, top = units.total_bounds
    with rasterio.open(folder / "elevation.tif") as file:
        step = file.res[0]
        bounds = (left - 2 * step, bottom - 2 * step, right + 2 * step, top + 2 * step)
        window = from_bounds(*bounds, file.transform).round_offsets().round_lengths()
        window = window.intersection(rasterio.windows.Window(0, 0, file.width, file.height))
        raw, transform, crs = file.read(1, window=window), file.window_transform(window), file.crs
        known = raw != file.nodata
    height = np.where(known, raw, np.float32(np.nan)).astype(np.float32, copy=False)
    latitude = transform.f + transform.e * (np.arange(len(height)) + 0.5)
    ellipsoid, none = pyproj.Geod(ellps="WGS84"), np.zeros(len(latitude))
    wide = ellipsoid.inv(none, latitude, none + step, latitude)[2][:, None]
    tall = ellipsoid.inv(none, latitude - step / 2, none, latitude + step / 2)[2][:, None]
    slope = np.empty_like(height)
    # Some rows at a time, as gdaldem does: the country does not fit into memory several times over.
    for first in range(0, len(height), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        slope[rows] = _horn(height, rows, (8 * wide).astype(np.float32), (8 * tall).astype(np.float32))
    return _Relief(height, slope, known, wide * tall, transform, crs)


def _horn(
    height: NDArray[np.float32], rows: slice, wide: NDArray[np.float32], tall: NDArray[np.float32]
) -> NDArray[np.float32]:
    above, below = max(rows.start - 1, 0), min(rows.stop + 1, len(height))
    ends = (int(above == rows.start), int(below < rows.stop + 1))
    p = np.pad(height[above:below], (ends, (1, 1)), mode="edge")
    west, east = (p[:-2, at] + 2 * p[1:-1, at] + p[2:, at] for at in (np.s_[:-2], np.s_[2:]))
    north, south = (p[at, :-2] + 2 * p[at, 1:-1] + p[at, 2:] for at in (np.s_[:-2], np.s_[2:]))
    return np.asarray(100 * np.hypot((east - west) / wide[rows], (south - north) / tall[rows]), dtype=np.float32)


def _rasterstats(provinces: list[Province]) -> pd.DataFrame:
    """Take the heights and slopes of a province at a time."""
    return stacked(provinces, lambda each: _zonal(_relief(each.units, each.folder), each.units))


def _rasterstats_nation(provinces: list[Province]) -> pd.DataFrame:
    """Take the heights and slopes of the country at once, as scripts do that know nothing of provinces."""
    units = pd.concat([each.units for each in provinces])
    return _zonal(_relief(units, provinces[0].folder), units)


def _zonal(relief: _Relief, units: gpd.GeoDataFrame) -> pd.DataFrame:
    from rasterstats import zonal_stats

    shapes = [mapping(shape) for shape in units.geometry]

    def call(values: NDArray[np.float32], share: str, least: float) -> list[dict[str, float]]:
        more = {share: lambda cells: float((cells >= least).mean())}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found: list[dict[str, float]] = zonal_stats(
                shapes, values, affine=relief.transform, nodata=np.nan, stats="mean", add_stats=more
            )
        return found

    heights, slopes = call(relief.height, HIGH, HIGH_M), call(relief.slope, SLOPE, STEEP)
    columns = {MEAN: [each["mean"] for each in heights], HIGH: [each[HIGH] for each in heights]}
    columns[SLOPE] = [each[SLOPE] for each in slopes]
    return pd.DataFrame(columns, index=units.index, dtype=np.float64)


def _exactextract(provinces: list[Province]) -> pd.DataFrame:
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    def one(province: Province) -> pd.DataFrame:
        relief = _relief(province.units, province.folder)
        rows, cols = relief.height.shape
        place = dict(zip(("xmin", "ymax"), (relief.transform.c, relief.transform.f), strict=True))
        place |= {"xmax": relief.transform.c + cols * relief.transform.a}
        place |= {"ymin": relief.transform.f + rows * relief.transform.e}
        area = np.broadcast_to(relief.area, (rows, cols)).copy()
        layers = {MEAN: relief.height, HIGH: relief.height >= HIGH_M, SLOPE: relief.slope >= STEEP}
        places = province.units[["geometry"]].reset_index()
        columns = {}
        for name, values in layers.items():
            source = NumPyRasterSource(
                np.where(relief.known, values, np.nan).astype(np.float64), **place, nodata=np.nan
            )
            weight = NumPyRasterSource(area, **place)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = exact_extract(source, places, ["weighted_mean"], weights=weight, output="pandas")
            columns[name] = found["weighted_mean"].to_numpy()
        return pd.DataFrame(columns, index=province.units.index)

    return stacked(provinces, one)


JOB = Job(
    name="terrain",
    load=_load,
    ours=_ours,
    peers=(
        Peer("rasterstats by province", _rasterstats, NEARLY, target=3.0, packages=("rasterstats",)),
        Peer(
            "rasterstats, whole country",
            _rasterstats_nation,
            NEARLY,
            national=8.0,
            full_only=True,
            packages=("rasterstats",),
        ),
        Peer(
            "exactextract",
            _exactextract,
            {
                MEAN: Tolerance(absolute=1e-3, outliers=FEW, reason=MISCOUNTED),
                HIGH: Tolerance(absolute=1e-6, outliers=FEW, reason=MISCOUNTED),
                SLOPE: Tolerance(absolute=5e-4, reason="slopes in single precision"),
            },
            packages=("exactextract",),
        ),
    ),
    peak_mb=1_200,
)
