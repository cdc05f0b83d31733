"""Height and slope of communes, beside rasterstats and exactextract."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import affine
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
MEAN, HIGH, SLOPE = "mean_elevation_m", "above_200m_share", "slope_15_share"
BY_CENTRE = Tolerance(absolute=0.03, outliers=0.02, reason="cells by their centre, all rows weighted alike")


def _load(inputs: Inputs) -> list[Province]:
    return list(by_province(inputs))


def _ours(provinces: list[Province]) -> pd.DataFrame:
    with open_raster(provinces[0].folder / "elevation.tif", kind="elevation") as raster:
        return stacked(provinces, lambda each: measure_terrain(each.units, raster).table[[MEAN, HIGH, SLOPE]])


@dataclass(frozen=True)
class _Relief:
    """The heights of a province in one array, their slope (%), and the area (m²) of a cell of each row."""

    height: NDArray[np.float32]
    slope: NDArray[np.float32]
    known: NDArray[np.bool_]
    area: NDArray[np.float64]
    transform: affine.Affine
    crs: Any


def _relief(province: Province) -> _Relief:
    left, bottom, right, top = province.units.total_bounds
    with rasterio.open(province.folder / "elevation.tif") as file:
        step = file.res[0]
        bounds = (left - 2 * step, bottom - 2 * step, right + 2 * step, top + 2 * step)
        window = from_bounds(*bounds, file.transform).round_offsets().round_lengths()
        window = window.intersection(rasterio.windows.Window(0, 0, file.width, file.height))
        raw, transform, crs = file.read(1, window=window), file.window_transform(window), file.crs
        known = raw != file.nodata
    height = np.where(known, raw, np.nan).astype(np.float32)
    latitude = transform.f + transform.e * (np.arange(len(height)) + 0.5)
    ellipsoid, none = pyproj.Geod(ellps="WGS84"), np.zeros(len(latitude))
    wide = ellipsoid.inv(none, latitude, none + step, latitude)[2][:, None]
    tall = ellipsoid.inv(none, latitude - step / 2, none, latitude + step / 2)[2][:, None]
    p = np.pad(height, 1, mode="edge")
    west, east = (p[:-2, at] + 2 * p[1:-1, at] + p[2:, at] for at in (np.s_[:-2], np.s_[2:]))
    north, south = (p[at, :-2] + 2 * p[at, 1:-1] + p[at, 2:] for at in (np.s_[:-2], np.s_[2:]))
    slope = 100 * np.hypot(
        (east - west) / (8 * wide).astype(np.float32), (south - north) / (8 * tall).astype(np.float32)
    )
    return _Relief(height, np.asarray(slope, dtype=np.float32), known, wide * tall, transform, crs)


def _rasterstats(provinces: list[Province]) -> pd.DataFrame:
    from rasterstats import zonal_stats

    def one(province: Province) -> pd.DataFrame:
        relief = _relief(province)
        shapes = [mapping(shape) for shape in province.units.geometry]
        layers = {
            MEAN: relief.height,
            HIGH: np.where(relief.known, relief.height >= HIGH_M, np.nan),
            SLOPE: np.where(np.isnan(relief.slope), np.nan, relief.slope >= STEEP),
        }
        columns = {}
        for name, values in layers.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = zonal_stats(shapes, values, affine=relief.transform, nodata=np.nan, stats="mean")
            columns[name] = np.array([each["mean"] for each in found], dtype=np.float64)
        return pd.DataFrame(columns, index=province.units.index)

    return stacked(provinces, one)


def _exactextract(provinces: list[Province]) -> pd.DataFrame:
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    def one(province: Province) -> pd.DataFrame:
        relief = _relief(province)
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
        Peer(
            "rasterstats",
            _rasterstats,
            {MEAN: Tolerance(absolute=5.0, relative=0.05, outliers=0.03), HIGH: BY_CENTRE, SLOPE: BY_CENTRE},
            target=3.0,
            packages=("rasterstats",),
        ),
        Peer(
            "exactextract",
            _exactextract,
            {
                MEAN: Tolerance(absolute=1e-3),
                HIGH: Tolerance(absolute=1e-6),
                SLOPE: Tolerance(absolute=5e-4, reason="slopes in single precision"),
            },
            packages=("exactextract",),
        ),
    ),
    peak_mb=1_200,
)
