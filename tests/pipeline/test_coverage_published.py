"""What a run with measures leaves in its folder: sources by column, layers for QGIS, sums by province."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import geontm
from geontm.pipeline import write
from small_coverage import write_coverage_project


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEONTM_CACHE", str(folder / "cache"))
        patch.setenv("GEONTM_PROCESSES", "1")
        plan = geontm.run(geontm.read_project(write_coverage_project(folder / "du-an")))
    return write(plan, folder / "ket-qua")


def test_each_measure_names_the_files_it_was_measured_from(result):
    rows = pd.read_csv(result / "indicators.csv", dtype="str")
    files = rows.drop_duplicates("indicator").set_index("indicator")["source_file"]
    assert files["mean_elevation_m"] == "do-cao.tif"
    assert files["road_km"] == "duong.gpkg"
    assert files["rural_access_pct"] == "dan-so.tif; duong.gpkg"
    assert files["water_service_pct"] == "cong-trinh-nuoc.csv; dan-so.tif"
    assert files["school_count"] == "dan-so.tif; truong.csv"


def test_the_package_holds_roads_and_works_with_their_styles(result):
    with sqlite3.connect(result / "result.gpkg") as base:
        layers = [name for (name,) in base.execute("SELECT table_name FROM gpkg_geometry_columns ORDER BY rowid")]
        styled = {name for (name,) in base.execute("SELECT DISTINCT f_table_name FROM layer_styles")}
    assert layers == ["communes", "villages", "roads", "works"]
    assert styled == set(layers)
    roads = gpd.read_file(result / "result.gpkg", layer="roads")
    assert list(roads.columns[:6]) == ["road_id", "road_class", "surface", "hardened", "all_season", "bridge"]
    works = gpd.read_file(result / "result.gpkg", layer="works")
    assert set(works["kind"]) == {"water", "school", "commune_centre"}
    assert works["working"].isna().any()  # a state that nobody knows stays unknown


def test_the_province_is_the_sum_of_its_communes(result):
    communes = pd.read_csv(result / "communes.csv", dtype={"commune_code": "str"})
    province = pd.read_csv(result / "provinces.csv").iloc[0]
    assert province["road_km"] == pytest.approx(communes["road_km"].sum(), rel=1e-9)
    density = communes["road_km"].sum() / communes["area_km2"].sum()
    assert province["road_km_per_km2"] == pytest.approx(density, rel=1e-9)
    assert province["people_without_road_low"] == pytest.approx(communes["people_without_road_low"].sum(), rel=1e-9)
    served = 1 - communes["people_without_road_low"].sum() / communes["access_people"].sum()
    assert province["rural_access_pct_high"] == pytest.approx(100 * served, rel=1e-9)
    assert province["road_gap_pct_low"] == pytest.approx(100 - province["rural_access_pct_high"], abs=1e-9)
    assert "rural_access_pct_of_known" not in province


def test_bounds_stand_beside_their_measure_in_every_table(result):
    for name in ("communes.csv", "provinces.csv"):
        columns = list(pd.read_csv(result / name).columns)
        place = columns.index("rural_access_pct")
        assert columns[place + 1 : place + 3] == ["rural_access_pct_low", "rural_access_pct_high"]
    parquet = pd.read_parquet(result / "communes.parquet")
    assert "rural_access_pct_low" in parquet


def test_every_file_is_told_on_the_start_page(result):
    page = (result / "index.html").read_text(encoding="utf-8")
    for path in result.glob("*.csv"):
        assert path.name in page
    assert "Bảng chi tiết" not in page  # every table of measures has words of its own
