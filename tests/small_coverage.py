"""The small project with everything that can be measured: rasters, roads, works, facilities, villages, all made here.

The four communes are squares of 130 by 90 cells of 0.001°. What stands where:

- population: 20 persons in every fifth cell of every fifth row, so 26 × 18 × 20 = 9,360 in each commune;
- elevation: a ramp from 100 m in the west to 400 m in the east, and steep ground in the north-eastern commune;
- roads: an asphalt road from west to east through the two southern communes, an earth road from it to the north, and
  one of unknown surface in the north-west;
- water works: one that works, one that is broken, one of unknown state;
- commune centres in the middle of each commune.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

from small_project import PROJECT, UNITS, write_project

LEFT, TOP, CELL = 105.52, 23.07, 0.001
ROWS, COLS = 180, 260

COVERAGE = """coverage:
  population: dan-so.tif
  elevation: do-cao.tif
  roads: {file: duong.gpkg, covers: ["04"], all_season: {surface: [asphalt, concrete]}, within: 2 km}
  water: {file: cong-trinh-nuoc.csv, covers: ["04"], radius: ban_kinh_m}
  facilities:
    - {file: tru-so.csv, kind: commune_centre, covers: ["04"]}
    - {file: truong.csv, kind: school, covers: ["04"], within: 3 km}
  travel: {to: [commune_centre]}
villages: {file: thon.csv, commune: ma_xa, code: ma_thon, name: ten_thon, lon: kinh_do, lat: vi_do}
"""


def at(col: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a place given in cells from the upper left corner."""
    return LEFT + col * CELL, TOP - row * CELL


def population() -> np.ndarray:
    people = np.zeros((ROWS, COLS), dtype="float32")
    people[2::5, 2::5] = 20
    return people


def elevation() -> np.ndarray:
    ramp = np.linspace(100, 400, COLS)[None, :].repeat(ROWS, axis=0)
    row, col = np.mgrid[0:ROWS, 0:COLS]
    steep = (row < 90) & (col >= 130)
    return (ramp + np.where(steep, 40 * ((row + col) % 8), 0)).astype("int16")


def roads() -> gpd.GeoDataFrame:
    lines = [
        ("1", "tertiary", "asphalt", [at(0, 150), at(130, 150), at(260, 150)]),
        ("2", "track", "earth", [at(60, 150), at(60, 20)]),
        ("3", "residential", None, [at(10, 30), at(50, 30)]),
    ]
    return gpd.GeoDataFrame(
        {
            "id": [line[0] for line in lines],
            "highway": [line[1] for line in lines],
            "surface": [line[2] for line in lines],
        },
        geometry=[shapely.LineString(line[3]) for line in lines],
        crs=4326,
    )


def write_raster(path: Path, values: np.ndarray, *, nodata: float | None = -9999, crs: object = "EPSG:4326") -> None:
    profile = {"driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1}
    transform = from_origin(LEFT, TOP, CELL, CELL)
    with rasterio.open(path, "w", dtype=values.dtype, crs=crs, transform=transform, nodata=nodata, **profile) as raster:
        raster.write(values, 1)


def write_points(path: Path, header: str, rows: list[tuple]) -> None:
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_coverage_project(folder: Path, *, text: str = COVERAGE) -> Path:
    """Write the project; return its project file."""
    file = write_project(folder)
    write_raster(folder / "dan-so.tif", population())
    write_raster(folder / "do-cao.tif", elevation())
    roads().to_file(folder / "duong.gpkg", driver="GPKG", engine="pyogrio")
    works = [("CT1", 60, 150, 3000, "hoạt động"), ("CT2", 200, 40, 4000, "hỏng"), ("CT3", 30, 40, 2500, "")]
    write_points(
        folder / "cong-trinh-nuoc.csv",
        "ma_cong_trinh,kinh_do,vi_do,ban_kinh_m,tinh_trang",
        [(name, *at(col, row), radius, state) for name, col, row, radius, state in works],
    )
    middles = [(65, 45), (195, 45), (65, 135), (195, 135)]
    centres = [(f"TS{n}", *at(*place)) for n, place in enumerate(middles, start=1)]
    write_points(folder / "tru-so.csv", "ma,kinh_do,vi_do", centres)
    write_points(folder / "truong.csv", "ma,kinh_do,vi_do", [("TH1", *at(60, 140)), ("TH2", *at(200, 140))])
    villages = [
        (f"{code}{n}", f"Thôn {n}", code, *at(col + shift, row), 500 * n)
        for code, (col, row) in zip(UNITS, middles, strict=True)
        for n, shift in ((1, -30), (2, 30))
    ]
    write_points(folder / "thon.csv", "ma_thon,ten_thon,ma_xa,kinh_do,vi_do,dan_so", villages)
    file.write_text(PROJECT + text, encoding="utf-8")
    return file
