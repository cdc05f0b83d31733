"""The small coverage project spoilt, one thing at a time: what an office really sends."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.transform import Affine, from_origin

from small_coverage import CELL, LEFT, TOP, at, elevation, population, write_points, write_raster

Spoil = Callable[[Path], object]


def edit(project: Path, old: str, new: str) -> None:
    text = project.read_text(encoding="utf-8")
    assert old in text
    project.write_text(text.replace(old, new), encoding="utf-8")


def says(old: str, new: str) -> Spoil:
    """Write something else in the project file."""
    return lambda project: edit(project, old, new)


def people(values: np.ndarray | None = None, **options: object) -> Spoil:
    """Write another raster of people."""
    return lambda project: write_raster(
        project.with_name("dan-so.tif"), population() if values is None else values, **options
    )


def heights(values: np.ndarray, **options: object) -> Spoil:
    """Write another raster of heights."""
    return lambda project: write_raster(project.with_name("do-cao.tif"), values, **options)


def file(name: str, text: str | bytes) -> Spoil:
    """Write other contents to a file of the project."""
    data = text.encode() if isinstance(text, str) else text
    return lambda project: project.with_name(name).write_bytes(data)


def raster_elsewhere(name: str, left: float, top: float, *, cell: float = CELL, crs: str = "EPSG:4326") -> Spoil:
    """Write a raster that lies somewhere else."""

    def spoil(project: Path) -> None:
        profile = {"driver": "GTiff", "height": 180, "width": 260, "count": 1, "dtype": "float32", "nodata": -9999}
        transform = from_origin(left, top, cell, cell)
        with rasterio.open(project.with_name(name), "w", crs=crs, transform=transform, **profile) as raster:
            raster.write(population(), 1)

    return spoil


def half_of_the_heights(project: Path) -> None:
    """Cut the heights down to the western half."""
    write_raster(project.with_name("do-cao.tif"), np.ascontiguousarray(elevation()[:, :130]))


def two_bands(project: Path) -> None:
    profile = {"driver": "GTiff", "height": 180, "width": 260, "count": 2, "dtype": "float32", "nodata": -9999}
    path = project.with_name("dan-so.tif")
    with rasterio.open(path, "w", crs="EPSG:4326", transform=from_origin(LEFT, TOP, CELL, CELL), **profile) as raster:
        raster.write(population(), 1)
        raster.write(population() / 2, 2)


def rotated(project: Path) -> None:
    profile = {"driver": "GTiff", "height": 180, "width": 260, "count": 1, "dtype": "float32", "nodata": -9999}
    turned = from_origin(LEFT, TOP, CELL, CELL) * Affine.rotation(30)
    with rasterio.open(project.with_name("do-cao.tif"), "w", crs="EPSG:4326", transform=turned, **profile) as raster:
        raster.write(elevation().astype("float32"), 1)


def tiles_of_two_sizes(project: Path) -> None:
    write_raster(project.with_name("do-cao.tif"), np.ascontiguousarray(elevation()[:, :130]))
    profile = {"driver": "GTiff", "height": 90, "width": 65, "count": 1, "dtype": "int16", "nodata": -9999}
    place = from_origin(LEFT + 130 * CELL, TOP, 2 * CELL, 2 * CELL)
    with rasterio.open(project.with_name("do-cao-2.tif"), "w", crs="EPSG:4326", transform=place, **profile) as raster:
        raster.write(np.ascontiguousarray(elevation()[::2, 130::2]), 1)
    edit(project, "elevation: do-cao.tif", "elevation: [do-cao.tif, do-cao-2.tif]")


def huge_claim(project: Path) -> None:
    """Write a file of a few kilobytes that says it holds 200 GB."""
    profile = {"driver": "GTiff", "height": 400_000, "width": 500_000, "count": 1, "dtype": "uint8"}
    options = {"SPARSE_OK": "TRUE", "tiled": True, "blockxsize": 65_536, "blockysize": 65_536, "BIGTIFF": "YES"}
    place = from_origin(102, 24, 2e-5, 2e-5)
    with rasterio.open(project.with_name("dan-so.tif"), "w", crs="EPSG:4326", transform=place, **profile, **options):
        pass


def roads_like(frame: gpd.GeoDataFrame) -> Spoil:
    """Write another layer of roads."""
    return lambda project: frame.to_file(project.with_name("duong.gpkg"), driver="GPKG", engine="pyogrio")


def moved(frame: gpd.GeoDataFrame, east: float, north: float) -> gpd.GeoDataFrame:
    return frame.set_geometry(frame.geometry.translate(east, north))


def as_points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(shapely.get_point(frame.geometry.to_numpy(), 0), crs=4326)


def same_roads_twice(project: Path) -> None:
    """Pack the layer twice, under two names, as an office does that sends «all we have»."""
    layer = project.with_name("duong.gpkg")
    with zipfile.ZipFile(project.with_name("duong.zip"), "w") as archive:
        archive.write(layer, "duong.gpkg")
        archive.write(layer, "duong (1).gpkg")
    edit(project, "duong.gpkg", "duong.zip")


def works(header: str, rows: list[tuple]) -> Spoil:
    return lambda project: write_points(project.with_name("cong-trinh-nuoc.csv"), header, rows)


WORKS = "ma_cong_trinh,kinh_do,vi_do,ban_kinh_m,tinh_trang"


def works_in_metres(project: Path) -> None:
    """Write the works in metres of VN-2000, zone of Cao Bằng, under X and Y."""
    places = gpd.GeoSeries([shapely.Point(at(60, 150)), shapely.Point(at(200, 40))], crs=4326).to_crs(9208)
    rows = [(f"CT{n}", f"{p.y:.2f}", f"{p.x:.2f}", 3000, "hoạt động") for n, p in enumerate(places, 1)]
    write_points(project.with_name("cong-trinh-nuoc.csv"), "ma_cong_trinh,X,Y,ban_kinh_m,tinh_trang", rows)


def villages_without_places(project: Path) -> None:
    table = pd.read_csv(project.with_name("thon.csv"), dtype=str)
    table[["kinh_do", "vi_do"]] = ""
    table.to_csv(project.with_name("thon.csv"), index=False)


def villages_without_columns(project: Path) -> None:
    table = pd.read_csv(project.with_name("thon.csv"), dtype=str)
    table.drop(columns=["kinh_do", "vi_do"]).to_csv(project.with_name("thon.csv"), index=False)


def nodata_missing() -> np.ndarray:
    values = population()
    values[:, :20] = -9999
    return values


def sea_missing() -> np.ndarray:
    values = elevation()
    values[:20] = -32768
    return values
