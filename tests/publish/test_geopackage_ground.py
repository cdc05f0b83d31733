"""Villages, roads and works in the GeoPackage: every row under one rule of its style, the same bytes each time."""

import sqlite3
import time
from importlib.resources import files
from xml.etree import ElementTree

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import yaml

from geontm.project.dictionary import read_dictionary
from geontm.project.styles import read_ground_styles
from geontm.publish.gis.geopackage import write_geopackage
from publish_samples import sample_content

CLASSES = ["national_road", "lane", None, "ropeway"]
KINDS = ["water", "clinic", "shrine"]


def layers():
    roads = gpd.GeoDataFrame(
        {
            "road_id": ["1", "2", "3", "4"],
            "road_class": pd.array(CLASSES, dtype="str"),
            "all_season": pd.array([True, None, False, None], dtype="boolean"),
        },
        geometry=[shapely.LineString([(105 + k / 10, 21), (105.05 + k / 10, 21.05)]) for k in range(4)],
        crs=4326,
    )
    works = gpd.GeoDataFrame(
        {"site_id": ["a", "b", "c"], "kind": KINDS, "radius_m": pd.array([500, None, 2], dtype="Float64")},
        geometry=shapely.points([105, 105.1, 105.2], [21, 21.1, 21.2]),
        crs=4326,
    )
    areas = gpd.GeoDataFrame(
        {"site_id": ["d"], "kind": ["water"]}, geometry=[shapely.box(105, 21, 105.1, 21.1)], crs=4326
    )
    return {"roads": roads, "works": works, "work_areas": areas}


def content(**changes):
    villages = pd.DataFrame(
        {
            "village_code": ["t1", "t2"],
            "lon": pd.array([105.05, None], "Float64"),
            "lat": pd.array([21.05, None], "Float64"),
        }
    )
    fields = {"layers": layers(), "ground_styles": read_ground_styles(), "more": {"villages": villages}}
    return sample_content(**(fields | changes))


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    given = content()
    return write_geopackage(given, tmp_path_factory.mktemp("gpkg") / "result.gpkg", maps=[given.styles["coverage"]])


def style_of(package, layer):
    with sqlite3.connect(package) as base:
        rows = base.execute(
            "SELECT styleQML, useAsDefault FROM layer_styles WHERE f_table_name = ?", (layer,)
        ).fetchall()
    assert [default for _, default in rows] == [1]
    return ElementTree.fromstring(rows[0][0].split("\n", 1)[1])


def test_layers_stand_in_order_with_their_shapes(package):
    with sqlite3.connect(package) as base:
        found = base.execute(
            "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns ORDER BY rowid"
        ).fetchall()
    assert found == [
        ("communes", "MULTIPOLYGON"),
        ("villages", "POINT"),
        ("roads", "MULTILINESTRING"),
        ("works", "POINT"),
        ("work_areas", "MULTIPOLYGON"),
    ]


def test_rows_keep_their_gaps(package):
    roads = gpd.read_file(package, layer="roads")
    assert [None if pd.isna(value) else value for value in roads["road_class"]] == CLASSES
    assert [None if pd.isna(value) else bool(value) for value in roads["all_season"]] == [True, None, False, None]
    assert gpd.read_file(package, layer="works")["radius_m"].isna().tolist() == [False, True, False]
    assert len(gpd.read_file(package, layer="villages")) == 1


@pytest.mark.parametrize(("layer", "key", "keys"), [("roads", "road_id", "1234"), ("works", "site_id", "abc")])
def test_every_row_falls_under_exactly_one_rule(package, layer, key, keys):
    tests = [rule.get("filter") for rule in style_of(package, layer).iter("rule")]
    with sqlite3.connect(package) as base:
        hits = [code for test in tests for (code,) in base.execute(f"SELECT {key} FROM {layer} WHERE {test}")]
    assert sorted(hits) == list(keys)


@pytest.mark.parametrize(
    ("layer", "symbol", "drawn"),
    [
        ("roads", "line", "SimpleLine"),
        ("works", "marker", "SimpleMarker"),
        ("work_areas", "fill", "SimpleFill"),
        ("villages", "marker", "SimpleMarker"),
    ],
)
def test_each_rule_has_its_symbol(package, layer, symbol, drawn):
    root = style_of(package, layer)
    names = [rule.get("symbol") for rule in root.iter("rule")]
    assert [(each.get("name"), each.get("type")) for each in root.iter("symbol")] == [(name, symbol) for name in names]
    assert {each.get("class") for each in root.iter("layer")} == {drawn}


def test_greater_roads_are_drawn_broader(package):
    root = style_of(package, "roads")
    width = [float(option.get("value")) for option in root.iter("Option") if option.get("name") == "line_width"]
    assert width[0] == max(width)
    assert all(each > 0 for each in width)


def test_the_same_layers_give_the_same_bytes(package, tmp_path):
    time.sleep(1.1)  # a clock in a file shows after a second
    given = content()
    again = write_geopackage(given, tmp_path / "result.gpkg", maps=[given.styles["coverage"]])
    assert again.read_bytes() == package.read_bytes()


def test_without_such_layers_the_package_is_that_of_communes(tmp_path):
    given = content(layers={}, more={})
    path = write_geopackage(given, tmp_path / "result.gpkg", maps=[given.styles["coverage"]])
    with sqlite3.connect(path) as base:
        assert base.execute("SELECT table_name FROM gpkg_geometry_columns").fetchall() == [("communes",)]


def test_classes_of_roads_are_named_as_everywhere():
    words = yaml.safe_load(files("geontm").joinpath("data", "roads.yaml").read_text(encoding="utf-8"))["road_class"]
    shown = {each.value: (each.label.vi, each.label.en) for each in read_ground_styles()["roads"].categories}
    assert shown == {name: (entry["label"]["vi"], entry["label"]["en"]) for name, entry in words.items()}


def test_every_kind_of_facility_has_a_sign():
    counted = {
        name.removesuffix("_within_pct")
        for name in read_dictionary("indicators").columns
        if name.endswith("_within_pct")
    }
    assert counted | {"water"} == {each.value for each in read_ground_styles()["works"].categories}
