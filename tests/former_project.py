"""A small project with one of before July 2025 beside it: every square in a western and an eastern half."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

from small_project import squares, write_project

FORMER_UNITS = {
    "01324": "Xã Cốc Pàng",
    "01327": "Xã Thượng Hà",
    "01330": "Xã Cô Ba",
    "01333": "Xã Bảo Toàn",
    "01321": "Thị trấn Bảo Lạc",
    "01339": "Xã Xuân Trường",
    "01336": "Xã Khánh Xuân",
    "01342": "Xã Hồng Trị",
}
FORMER_TABLE = "Mã xã,Tên xã,Tỷ lệ hộ nghèo (%)\n" + "".join(
    f"{code},{name},{30 + number}\n" for number, (code, name) in enumerate(FORMER_UNITS.items())
)
FORMER_PROJECT = """name: Thử nghiệm thời kỳ trước
as_of: 2024-12-31
boundaries: {source: ranh-gioi-cu.gpkg, date: 2024-12-31}
indicators:
  - {file: so-lieu-cu.csv, date: 2024-12-31, key: {code: "Mã xã"}}
standards: [border]
"""


def halves(*, east: float = 0.0) -> gpd.GeoDataFrame:
    """Eight boxes: the four squares cut in two, all moved ``east`` by some degrees."""
    shapes = []
    for square in squares().geometry:
        west, south, _, north = square.bounds
        shapes += [shapely.box(x := west + east + k * 0.065, south, x + 0.065, north) for k in (0, 1)]
    return gpd.GeoDataFrame(
        {
            "ma_xa": list(FORMER_UNITS),
            "ten_xa": list(FORMER_UNITS.values()),
            "ma_huyen": "043",
            "ten_huyen": "Huyện Bảo Lạc",
            "ma_tinh": "04",
            "ten_tinh": "Tỉnh Cao Bằng",
            "geometry": shapes,
        },
        crs=4326,
    )


def write_both(folder: Path, *, east: float = 0.0) -> Path:
    """Write the small project and, inside its folder, that of before; return the present project file."""
    file = write_project(folder)
    former = folder / "truoc"
    former.mkdir()
    halves(east=east).to_file(former / "ranh-gioi-cu.gpkg", driver="GPKG", engine="pyogrio")
    (former / "so-lieu-cu.csv").write_text(FORMER_TABLE, encoding="utf-8")
    (former / "project.yaml").write_text(FORMER_PROJECT, encoding="utf-8")
    asked = "publish: {maps: [classification, coverage], former: truoc/project.yaml}\n"
    file.write_text(file.read_text(encoding="utf-8") + asked, encoding="utf-8")
    return file
