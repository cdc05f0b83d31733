"""Mountainous by height or through its villages: from outlines and heights to the verdict of Decree 272."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from geontm import cover, read_project
from geontm.pipeline.account import Clock
from geontm.pipeline.frames import side_by_side
from geontm.pipeline.judge import judge_prepared
from geontm.pipeline.prepare import prepare
from geontm.pipeline.village_terrain import (
    limits_of,
    measure_village_terrain,
    measure_villages,
    with_village_terrain,
)
from geontm.tables import ArrayRaster, Grid, Window
from small_project import PROJECT, write_project

HILLS, PLATEAU, PLAIN, HALF = "01324", "01327", "01321", "01336"
RULES = PROJECT.replace("standards: [border, region-2026]", "standards: [mountainous-2026]")
WITH_OUTLINES = "villages: {file: thon.csv, date: 2026-01-01, polygons: thon.gpkg}\n"
STEEP, LOW, HIGH, NOTHING = "steep", "low", "high", "nothing"
SHARE_BOUNDS = ["mountainous_village_share_low", "mountainous_village_share_high"]
ANSWERS = {HILLS: True, PLATEAU: True, PLAIN: False, HALF: None}
# Four communes of two halves each: their ground, and so their villages, from west to east.
GROUND = {HILLS: (STEEP, STEEP), PLATEAU: (HIGH, HIGH), PLAIN: (LOW, STEEP), HALF: (STEEP, NOTHING)}
CORNERS = {HILLS: (0, 0), PLATEAU: (0, 130), PLAIN: (90, 0), HALF: (90, 130)}


def heights() -> ArrayRaster:
    """Cells of 0.001°: waves of 0 to 180 m that rise 20 m a cell, a plateau of 600 m, a plain of 10 m, a gap."""
    row, col = np.mgrid[:180, :260]
    wave = 20.0 * np.abs((col % 18) - 9)
    kinds = {STEEP: wave, LOW: np.full(row.shape, 10.0), HIGH: np.full(row.shape, 600.0), NOTHING: np.nan * wave}
    values = np.zeros(row.shape)
    for code, halves in GROUND.items():
        top, left = CORNERS[code]
        for at, kind in enumerate(halves):
            part = np.s_[top : top + 90, left + 65 * at : left + 65 * (at + 1)]
            values[part] = kinds[kind][part]
    return ArrayRaster(Grid(rasterio_crs(), 105.52, 23.07, 0.001, 0.001, 180, 260), values, name="dem.tif")


def rasterio_crs():
    return gpd.GeoSeries([], crs=4326).crs


def villages() -> gpd.GeoDataFrame:
    """Two villages in each commune: Xóm 1 is its western half, Xóm 2 the eastern."""
    rows = []
    for code, (top, left) in CORNERS.items():
        for at in (0, 1):
            west, north = 105.52 + (left + 65 * at) / 1000, 23.07 - top / 1000
            shape = shapely.box(west, north - 0.09, west + 0.065, north)
            rows.append({"ma_xa": code, "ten_thon": f"Xóm {at + 1}", "geometry": shape})
    return gpd.GeoDataFrame(rows, crs=4326)


@pytest.fixture
def project(tmp_path):
    file = write_project(tmp_path)
    villages().to_file(tmp_path / "thon.gpkg", engine="pyogrio")
    file.write_text(RULES + "villages: thon.gpkg\n", encoding="utf-8")
    return file


def judged(file, *, raster=None):
    """Judge a project whose communes and villages were measured on the heights."""
    project = read_project(file)
    prepared = prepare(project, Clock(lambda _: None))
    raster = raster or heights()
    table, found = measure_village_terrain(prepared.lower.polygons, raster)
    lower, told = with_village_terrain(prepared.lower, table, rulesets=project.rulesets)
    terrain = cover.measure_terrain(prepared.layers.boundaries.units, raster)
    wide = side_by_side(prepared.joined.wide, terrain.table)
    prepared = replace(prepared, lower=lower, joined=replace(prepared.joined, wide=wide))
    return judge_prepared(project, prepared, Clock(lambda _: None)), (*prepared.issues, *found, *told)


def answers(found) -> dict[str, bool | None]:
    return {code: None if pd.isna(said) else bool(said) for code, said in found.table["is_mountainous"].items()}


def test_a_commune_below_200_m_is_mountainous_through_its_villages(project):
    found, _ = judged(project)
    table = found.table
    assert table.loc[HILLS, "above_200m_share"] == 0
    assert table.loc[HILLS, "mountainous_village_share"] == 1
    assert bool(table.loc[HILLS, "is_mountainous"])
    by_village = found.lower.villages.set_index("village_code")
    assert by_village.loc[f"{HILLS}/xóm 1", "slope_15_share"] > 2 / 3
    assert bool(by_village.loc[f"{HILLS}/xóm 1", "is_mountainous"])


def test_a_flat_plateau_is_mountainous_by_height_alone(project):
    found, _ = judged(project)
    assert found.table.loc[PLATEAU, "above_200m_share"] == 1
    assert found.lower.villages.set_index("village_code").loc[f"{PLATEAU}/xóm 2", "slope_15_share"] < 0.05
    assert bool(found.table.loc[PLATEAU, "is_mountainous"])


def test_one_village_of_two_is_not_two_thirds(project):
    found, _ = judged(project)
    assert found.table.loc[PLAIN, "mountainous_village_share"] == 0.5
    assert found.table.loc[PLAIN, "is_mountainous"] is not pd.NA and not found.table.loc[PLAIN, "is_mountainous"]


def test_ground_without_heights_leaves_it_unknown(project):
    found, issues = judged(project)
    table = found.table
    # Half of the commune has no height: 0 to 0.5 of it may be high, so height alone says no; one of its two villages
    # is steep and the other may be, so the share of villages lies between 1/2 and 1.
    assert pd.isna(table.loc[HALF, "is_mountainous"])
    assert pd.isna(table.loc[HALF, "mountainous_village_share"])
    assert table.loc[HALF, SHARE_BOUNDS].tolist() == [0.5, 1]
    assert "terrain.partly_unknown" in [issue.message.id for issue in issues]


def test_outlines_find_the_villages_of_a_table(project, tmp_path):
    (tmp_path / "thon.csv").write_text(
        "Mã xã,Tên thôn,Số hộ\n" + "".join(f"{code},xóm {n},9\n" for code in GROUND for n in (1, 2)), encoding="utf-8"
    )
    project.write_text(RULES + WITH_OUTLINES, encoding="utf-8")
    found, issues = judged(project)
    assert answers(found) == ANSWERS
    assert found.lower.villages["household_count"].tolist() == [9] * 8
    assert not [issue for issue in issues if issue.message.id.startswith("terrain.polygons")]
    hashed = [path.name for path in read_project(project).lower.paths]
    assert hashed == ["thon.csv", "thon.gpkg"]


def test_codes_alone_tie_outlines_to_a_table(project, tmp_path):
    keys = {(code, n): f"{code}{n}" for code in GROUND for n in (1, 2)}
    (tmp_path / "thon.csv").write_text(
        "Mã xã,Mã thôn,Tên thôn\n" + "".join(f"{c},{key},Xóm {n}\n" for (c, n), key in keys.items()), encoding="utf-8"
    )
    outlines = villages()
    outlines["MT"] = [keys[code, int(name[-1])] for code, name in zip(outlines.ma_xa, outlines.ten_thon, strict=True)]
    outlines[["MT", "geometry"]].to_file(tmp_path / "ranh.geojson", engine="pyogrio")
    project.write_text(RULES + WITH_OUTLINES.replace("thon.gpkg", "{file: ranh.geojson, code: MT}"), encoding="utf-8")
    assert answers(judged(project)[0]) == ANSWERS


def test_an_outline_too_many_and_one_too_few_are_told(project, tmp_path):
    (tmp_path / "thon.csv").write_text(f"Mã xã,Tên thôn\n{HILLS},Xóm 1\n{HILLS},Xóm 9\n", encoding="utf-8")
    project.write_text(RULES + WITH_OUTLINES, encoding="utf-8")
    found, issues = judged(project)
    told = {issue.message.id: issue for issue in issues}
    assert told["terrain.polygons_missing"].value == f"{HILLS}/xóm 9"
    assert told["terrain.polygons_unmatched"].message.text("en").startswith("7 of 8")
    assert pd.isna(found.lower.villages.set_index("village_code").loc[f"{HILLS}/xóm 9", "slope_15_share"])
    assert found.table.loc[HILLS, ["mountainous_village_share_low", "mountainous_village_share_high"]].tolist() == [
        0.5,
        1,
    ]


def test_several_outlines_of_one_village_are_one(project, tmp_path):
    pieces = villages()
    first = pieces.geometry.iloc[0]
    west, south, east, north = first.bounds
    pieces.loc[0, "geometry"] = shapely.box(west, south, west + 0.03, north)
    pieces.loc[len(pieces)] = {
        "ma_xa": HILLS,
        "ten_thon": "Xóm 1",
        "geometry": shapely.box(west + 0.03, south, east, north),
    }
    (tmp_path / "thon.csv").write_text(f"Mã xã,Tên thôn\n{HILLS},Xóm 1\n", encoding="utf-8")
    pieces.to_file(tmp_path / "ranh.gpkg", engine="pyogrio")
    project.write_text(RULES + WITH_OUTLINES.replace("thon.gpkg", "ranh.gpkg"), encoding="utf-8")
    prepared = prepare(read_project(project), Clock(lambda _: None))
    assert prepared.lower.polygons.geometry.tolist()[0].symmetric_difference(first).area < 1e-12
    assert "terrain.polygons_several" in [issue.message.id for issue in prepared.issues]


def test_measured_figures_stand_and_differences_are_told(project, tmp_path):
    polygons = prepare(read_project(project), Clock(lambda _: None)).lower.polygons
    true = measure_village_terrain(polygons, heights())[0]["slope_15_share"][f"{PLAIN}/xóm 1"]
    rows = f"Mã xã,Tên thôn,slope_15_share\n{HILLS},Xóm 1,0.1\n{HALF},Xóm 2,0.7\n{PLAIN},Xóm 1,{true:.2f}\n"
    (tmp_path / "thon.csv").write_text(rows, encoding="utf-8")
    project.write_text(RULES + WITH_OUTLINES, encoding="utf-8")
    found, issues = judged(project)
    by_village = found.lower.villages.set_index("village_code")["slope_15_share"]
    assert by_village[f"{HILLS}/xóm 1"] > 0.8  # not the 0.1 of the table
    assert by_village[f"{HALF}/xóm 2"] == 0.7  # no heights there: what the table says stands
    [differs] = [issue for issue in issues if issue.message.id == "terrain.village_figure_differs"]
    assert differs.value == f"{HILLS}/xóm 1" and differs.column == "slope_15_share"


def test_a_village_in_the_wrong_commune_is_told(project):
    prepared = prepare(read_project(project), Clock(lambda _: None))
    polygons = prepared.lower.polygons.copy()
    polygons.loc[f"{HILLS}/xóm 1", "commune_code"] = PLAIN
    _, issues = measure_village_terrain(polygons, heights(), communes=prepared.layers.boundaries.units)
    [told] = [issue for issue in issues if issue.message.id == "terrain.villages_elsewhere"]
    assert told.value == f"{HILLS}/xóm 1"


def test_the_order_of_outlines_changes_nothing(project):
    polygons = prepare(read_project(project), Clock(lambda _: None)).lower.polygons
    one, _ = measure_village_terrain(polygons, heights())
    other, _ = measure_village_terrain(polygons.iloc[::-1], heights())
    pd.testing.assert_frame_equal(one, other.loc[one.index], check_exact=True)


def test_heights_come_from_the_project(project, tmp_path):
    raster = heights()
    values = np.where(np.isnan(raster.values), -9999, raster.values).astype("int16")
    options = {"driver": "GTiff", "height": 180, "width": 260, "count": 1, "dtype": "int16", "nodata": -9999}
    options |= {"crs": "EPSG:4326"}
    # Two tiles that meet in the middle of the communes to the north and south.
    for name, part, top in (("bac.tif", values[:90], 0), ("nam.tif", values[90:], 90)):
        place = raster.grid.transform(Window(top, 0, 90, 260))
        with rasterio.open(tmp_path / name, "w", **{**options, "height": 90, "transform": place}) as file:
            file.write(part, 1)
    prepared = prepare(read_project(project), Clock(lambda _: None))
    lower, issues = measure_villages(read_project(project), prepared.lower, prepared.layers.boundaries.units)
    assert lower is prepared.lower and [issue.message.id for issue in issues] == ["terrain.no_heights"]
    project.write_text(RULES + "villages: thon.gpkg\ncoverage: {elevation: [bac.tif, nam.tif]}\n", encoding="utf-8")
    lower, _ = measure_villages(read_project(project), prepared.lower, prepared.layers.boundaries.units)
    expected, _ = measure_village_terrain(prepared.lower.polygons, raster)
    for name in ("mean_elevation_m", "above_200m_share", "slope_15_share"):
        pd.testing.assert_series_equal(lower.villages[name], expected[name], check_exact=True)


def test_limits_are_those_of_the_rules(project):
    rulesets = read_project(project).rulesets
    assert limits_of(rulesets, ["slope_15_share"]) == {"slope_15_share": (2 / 3,)}
