"""A project of four square communes that runs in a second; tests spoil one thing at a time."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

UNITS = {
    "01324": "Xã Cốc Pàng",
    "01327": "Xã Cô Ba",
    "01321": "Xã Bảo Lạc",
    "01336": "Xã Khánh Xuân",
}
TABLE = """Mã xã,Tên xã,Tỷ lệ hộ nghèo (%),Tỷ lệ hộ dùng nước sạch (%),Dân số
01324,Xã Cốc Pàng,"45,2",30,4100
01327,Xã Cô Ba,"38,0","41,5",3900
01321,Xã Bảo Lạc,"12,9",80,9200
01336,Xã Khánh Xuân,,…,4000
"""
PROJECT = """name: Thử nghiệm
as_of: 2026-06-30
boundaries: {source: ranh-gioi.gpkg, date: 2025-07-01}
land_border: bien-gioi.geojson
indicators:
  - {file: so-lieu.csv, date: 2025-12-31, key: {code: "Mã xã"}}
standards: [border, region-2026]
rank: {weights: {poor_household_pct: 0.6, clean_water_pct: 0.4}}
"""


def squares() -> gpd.GeoDataFrame:
    """Four boxes of 0.13° by 0.09° about where the communes lie; the first two touch the line at 23.07° N."""
    corners = [(105.52, 22.98), (105.65, 22.98), (105.52, 22.89), (105.65, 22.89)]
    shapes = [shapely.box(x, y, x + 0.13, y + 0.09) for x, y in corners]
    return gpd.GeoDataFrame(
        {
            "ma_xa": list(UNITS),
            "ten_xa": list(UNITS.values()),
            "ma_tinh": "04",
            "ten_tinh": "Tỉnh Cao Bằng",
            "geometry": shapes,
        },
        crs=4326,
    )


def write_project(folder: Path) -> Path:
    """Write the sound project; return its project file."""
    folder.mkdir(parents=True, exist_ok=True)
    squares().to_file(folder / "ranh-gioi.gpkg", driver="GPKG", engine="pyogrio")
    line = gpd.GeoDataFrame(
        {"neighbour": ["China"], "geometry": [shapely.LineString([(105.4, 23.07), (105.9, 23.07)])]}, crs=4326
    )
    line.to_file(folder / "bien-gioi.geojson", driver="GeoJSON", engine="pyogrio")
    (folder / "so-lieu.csv").write_text(TABLE, encoding="utf-8")
    (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
    return folder / "project.yaml"
