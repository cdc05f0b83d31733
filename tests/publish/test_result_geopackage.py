"""The GeoPackage opens styled: each rule of each style selects exactly the communes that the legend counts."""

import sqlite3
from xml.etree import ElementTree

import geopandas as gpd
import pytest

from geontm.publish.gis.geopackage import write_geopackage
from publish_samples import CODES, FORMULA_NAME, POOR, sample_content


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    content = sample_content()
    maps = [content.styles["classification"], content.styles["coverage"]]
    return write_geopackage(content, tmp_path_factory.mktemp("gpkg") / "result.gpkg", maps=maps)


def rules(package):
    with sqlite3.connect(package) as base:
        for name, default, text in base.execute(
            "SELECT styleName, useAsDefault, styleQML FROM layer_styles ORDER BY id"
        ):
            root = ElementTree.fromstring(text.split("\n", 1)[1])
            yield name, default, [(rule.get("label"), rule.get("filter")) for rule in root.iter("rule")]


def test_every_unit_and_every_gap_is_in_the_layer(package):
    back = gpd.read_file(package, layer="communes").set_index("commune_code")
    assert back.index.tolist() == CODES
    assert back.crs.to_epsg() == 4326
    assert back.loc["02001", "commune_name"] == FORMULA_NAME
    assert back.loc["02003"].geometry is None
    assert [None if value != value else value for value in back["poor_household_pct"]] == POOR


def test_each_commune_falls_under_exactly_one_rule_of_each_style(package):
    with sqlite3.connect(package) as base:
        for name, _, found in rules(package):
            hits = [
                code for _, test in found for (code,) in base.execute(f"SELECT commune_code FROM communes WHERE {test}")
            ]
            assert sorted(hits) == CODES, name


def test_the_first_style_is_the_default_and_unknown_has_its_rule(package):
    styles = list(rules(package))
    assert [default for _, default, _ in styles] == [1] + [0] * (len(styles) - 1)
    assert styles[0][0] == "development_region"
    assert [label for label, _ in styles[0][2]] == ["Khu vực III", "Khu vực II", "Khu vực I", "chưa kết luận"]


def test_the_clock_is_not_in_the_file(package):
    with sqlite3.connect(package) as base:
        days = {day for (day,) in base.execute("SELECT last_change FROM gpkg_contents")}
        days |= {day for (day,) in base.execute("SELECT update_time FROM layer_styles")}
    assert days == {"2026-06-30T00:00:00.000Z"}
