"""What a page gives to take along: a table for a spreadsheet, outlines for a GIS, of the units that are shown."""

import csv
import io
import json
import time

import pandas as pd
import pytest
import shapely

from geontm.publish import map_html
from publish_samples import CODES, FORMULA_NAME, NAMES, sample_content

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    wide = sample_content().wide.assign(
        road_all_season_pct=pd.array([30, None, None, None, None, 0], dtype="Float64"),
        road_all_season_pct_low=pd.array([30, 12, 33, 5, None, 0], dtype="Float64"),
        road_all_season_pct_high=pd.array([30, 35, 34, None, None, 0], dtype="Float64"),
    )
    path = tmp_path_factory.mktemp("page") / "coverage.html"
    path.write_text(map_html(sample_content(wide=wide), "coverage"), encoding="utf-8", newline="\n")
    return path


def taken(tab, folder, button):
    """Press a button of the page; return the file it gives."""
    folder.mkdir(exist_ok=True)
    tab.send("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    before = set(folder.iterdir())
    tab.run(f"document.querySelector('.gt-{button}').click()")
    end = time.monotonic() + 90
    while time.monotonic() < end:
        found = [path for path in set(folder.iterdir()) - before if path.suffix == f".{button}"]
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"nothing came; console: {tab.messages}")


def rows(path):
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_a_spreadsheet_reads_the_table_and_runs_nothing(tab, page, tmp_path):
    tab.open(page)
    path = taken(tab, tmp_path / "a", "csv")
    assert path.name == "thu-b-nghiem-b-2026.csv"
    table = rows(path)
    assert [row["Mã xã"] for row in table] == CODES
    assert [row["Xã, phường, đặc khu"] for row in table] == [*NAMES[:3], "'" + FORMULA_NAME, *NAMES[4:]]
    assert [row["Tỷ lệ hộ nghèo (%) – số liệu minh hoạ"] for row in table] == ["5", "20", "", "33.3", "20", "41.5"]
    assert [row["Xã biên giới"] for row in table] == ["Có", "Không", "", "Có", "Không", "Không"]
    assert all(f'"{code}"' in path.read_text(encoding="utf-8-sig") for code in CODES)
    assert "\r\n" in path.read_bytes().decode()
    assert tab.messages == []


def test_an_open_value_takes_its_bounds_along(tab, page, tmp_path):
    tab.open(page)
    table = rows(taken(tab, tmp_path / "a", "csv"))
    name = "Tỷ lệ chiều dài đường đi lại được quanh năm (%)"
    assert [row[name] for row in table] == ["30", "", "", "", "", "0"]
    assert [row[f"{name} (nhiều nhất)"] for row in table] == ["", "35", "34", "", "", ""]
    assert len(table[0]) == len(set(table[0])), "each column has a name of its own"


def test_only_the_filtered_units_are_taken(tab, page, tmp_path):
    tab.open(page)
    tab.run("geontm.page.set({conditions: [{column: 'clean_water_pct', op: 'lt', value: 80, other: null}]})")
    path = taken(tab, tmp_path / "a", "csv")
    assert [row["Mã xã"] for row in rows(path)] == ["01003", "02002", "02003"]
    assert path.name == "thu-b-nghiem-b-2026-3.csv"
    layer = json.loads(taken(tab, tmp_path / "a", "geojson").read_text(encoding="utf-8"))
    assert [feature["id"] for feature in layer["features"]] == ["01003", "02002", "02003"]
    assert tab.run("[...document.querySelectorAll('.gt-tools [role=status]')].map(s => s.textContent)") == [
        "Đã tạo tệp của 3 đơn vị."
    ]


def test_a_gis_reads_outlines_and_figures(tab, page, tmp_path):
    tab.open(page)
    layer = json.loads(taken(tab, tmp_path / "a", "geojson").read_text(encoding="utf-8"))
    assert layer["type"] == "FeatureCollection"
    assert "crs" not in layer, "RFC 7946 knows one system"
    units = sample_content().units
    for feature in layer["features"]:
        outline = units.geometry[feature["id"]]
        if outline is None:
            assert feature["geometry"] is None
            continue
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        assert shape.symmetric_difference(outline).area < 0.02 * outline.area
        parts = shape.geoms if shape.geom_type == "MultiPolygon" else [shape]
        assert all(part.exterior.is_ccw for part in parts)
        assert not any(ring.is_ccw for part in parts for ring in part.interiors)
    first, third = (layer["features"][k]["properties"] for k in (0, 2))
    assert first["commune_code"] == "01001"
    assert first["poor_household_pct"] == 5
    assert first["is_border"] is True
    assert third["poor_household_pct"] is None
    assert third["road_all_season_pct_low"] == 33
    assert "giản hóa" in layer["note"]
    assert "sơ đồ" in layer["note"]
    assert layer["tolerance_m"] >= 0
    assert "minh hoạ" in layer["columns"]["poor_household_pct"]


def test_the_same_page_gives_the_same_bytes_twice(tab, page, tmp_path):
    files = []
    for turn in ("a", "b"):
        tab.open(page)
        files.append([taken(tab, tmp_path / turn, kind).read_bytes() for kind in ("csv", "geojson")])
    assert files[0] == files[1]


def test_a_hole_is_a_hole(tab, tmp_path):
    units = sample_content().units
    ring = shapely.box(105, 21, 105.3, 21.3) - shapely.box(105.1, 21.1, 105.2, 21.2)
    shapes = [ring, shapely.box(105.1, 21.1, 105.2, 21.2), *[None] * 4]
    path = tmp_path / "page.html"
    path.write_text(map_html(sample_content(units=units.set_geometry(shapes, crs=4326)), "coverage"), encoding="utf-8")
    tab.open(path)
    layer = json.loads(taken(tab, tmp_path / "a", "geojson").read_text(encoding="utf-8"))
    shape = shapely.geometry.shape(layer["features"][0]["geometry"])
    assert len(shape.interiors) == 1
    assert shape.symmetric_difference(ring).area < 0.02 * ring.area
    assert shape.exterior.is_ccw
    assert not shape.interiors[0].is_ccw
