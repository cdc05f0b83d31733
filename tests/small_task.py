"""The small project of :mod:`small_coverage` as the inputs of one province, read and cut, not yet measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

import geontm
from geontm.load import BridgeSource
from geontm.pipeline.coverage.cache import Cache
from geontm.pipeline.coverage.inputs import CoverageInputs, prepare_coverage
from small_coverage import COVERAGE, at, write_coverage_project
from small_project import squares


def units() -> gpd.GeoDataFrame:
    told = squares().rename(columns={"ma_xa": "commune_code", "ten_xa": "commune_name", "ma_tinh": "province_code"})
    return told.set_index("commune_code").assign(area_km2=133.0)


def neighbours() -> gpd.GeoDataFrame:
    shapes = [shapely.box(105.78, 22.89, 105.9, 23.07)]
    return gpd.GeoDataFrame(geometry=shapes, index=["09999"], crs=4326).rename_axis("commune_code")


def villages() -> pd.DataFrame:
    places = [(65, 45), (195, 45), (65, 135), (195, 135)]
    rows = [
        (f"{code}1", code, "Thôn 1", *at(*place), 500.0, 100.0)
        for code, place in zip(units().index, places, strict=True)
    ]
    names = ["village_code", "commune_code", "village_name", "lon", "lat", "population", "household_count"]
    return pd.DataFrame(rows, columns=names).set_index("village_code")


def inputs_of(folder: Path, *, raster: bool) -> CoverageInputs:
    """Read the small project with a bridge and a river besides; people on a raster, or of villages."""
    text = COVERAGE.replace("to: [commune_centre]", "to: [commune_centre, school]")
    if not raster:
        text = "".join(line for line in text.splitlines(True) if "population:" not in line and "travel:" not in line)
    sources = geontm.read_project(write_coverage_project(folder, text=text)).coverage
    assert sources is not None
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([at(0, 100), at(260, 100)])], crs=4326)
    for name in ("cau.gpkg", "song.gpkg"):
        line.to_file(folder / name, driver="GPKG", engine="pyogrio")
    bridges, barriers = (BridgeSource(folder / name) for name in ("cau.gpkg", "song.gpkg"))
    sources = replace(sources, bridges=bridges, barriers=barriers, scale_to_known=raster, candidates=True)
    return prepare_coverage(sources, units(), villages(), cache=Cache(folder / "cache"), step=lambda _: None)
