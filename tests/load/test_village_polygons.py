"""Outlines of villages: whatever names them is read as from a table, and no shape is lost in silence."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geontm.errors import CRSError, TableError
from geontm.load.village_polygons import PolygonSource, is_layer, read_village_polygons
from geontm.project.dictionary import read_dictionary

WORDS = {"identifiers": read_dictionary("communes"), "villages": read_dictionary("villages")}


def box(west, south, size=0.01):
    return shapely.box(105.6 + west, 22.9 + south, 105.6 + west + size, 22.9 + south + size)


def layer(folder, name="thon.gpkg", crs=4326, **columns):
    frame = gpd.GeoDataFrame(columns, crs=4326).to_crs(crs)
    frame.to_file(folder / name, engine="pyogrio")
    return folder / name


def read(path, **options):
    return read_village_polygons(PolygonSource(path, **options), **WORDS)


def test_attributes_are_read_as_a_table_of_villages(tmp_path):
    path = layer(
        tmp_path,
        ma_xa=["01324", "01324", "01327"],
        ten_thon=["Xóm 1", "Xóm 2", "Bản Khuông"],
        so_ho=[40, None, 12],
        geometry=[box(0, 0), box(0.01, 0), box(0, 0.01)],
    )
    found = read(path)
    rows = found.table.rows
    assert rows["village_name"].tolist() == ["Xóm 1", "Xóm 2", "Bản Khuông"]
    assert rows["commune_code"].tolist() == ["01324", "01324", "01327"]
    assert rows["household_count"].tolist()[::2] == [40, 12] and rows["household_count"].isna().tolist()[1]
    assert found.shapes.index.tolist() == [2, 3, 4] == rows.index.tolist() and found.shapes.crs.to_epsg() == 4326
    assert found.shapes.loc[4].equals(box(0, 0.01))


@pytest.mark.parametrize("name", ["thon.shp", "thon.geojson", "thon.fgb"])
def test_kinds_of_layer(tmp_path, name):
    path = layer(tmp_path, name, ma_thon=["T1", "T2"], geometry=[box(0, 0), box(0.01, 0)])
    assert is_layer(path) and sorted(read(path).table.rows["village_code"]) == ["T1", "T2"]


def test_a_metric_layer_is_moved_with_its_datum(tmp_path):
    path = layer(tmp_path, crs=32648, ma_thon=["T1"], geometry=[box(0, 0)])
    found = read(path)
    assert found.crs.startswith("EPSG:32648")
    assert found.shapes.loc[2].symmetric_difference(box(0, 0)).area < 1e-9


def test_codes_kept_as_numbers_stay_codes(tmp_path):
    found = read(layer(tmp_path, ma_thon=[100123.0, None], ten_thon=["A", "B"], geometry=[box(0, 0), box(0.1, 0)]))
    assert found.table.rows["village_code"].fillna("").tolist() == ["100123", ""]


def test_columns_may_be_named_by_the_project(tmp_path):
    path = layer(tmp_path, ABC=["T1"], geometry=[box(0, 0)])
    with pytest.raises(TableError):
        read(path)
    assert read(path, columns={"ABC": "village_code"}).table.rows["village_code"].tolist() == ["T1"]


def test_broken_shapes_are_mended_and_missing_ones_told(tmp_path):
    bow_tie = shapely.Polygon([(105.6, 22.9), (105.62, 22.92), (105.62, 22.9), (105.6, 22.92)])
    path = layer(tmp_path, ma_thon=["T1", "T2", "T3"], geometry=[bow_tie, None, box(0, 0)])
    found = read(path)
    assert found.shapes.loc[2].is_valid and found.shapes.loc[2].area == pytest.approx(2e-4)
    assert found.shapes.isna().tolist() == [False, True, False]
    told = {issue.message.id: issue for issue in found.issues}
    assert told["terrain.polygons_repaired"].row == "2" and told["terrain.polygons_empty"].row == "3"
    assert told["terrain.polygons_empty"].severity == "error"


def test_a_layer_that_lies_elsewhere_is_refused(tmp_path):
    path = layer(tmp_path, ma_thon=["T1"], geometry=[shapely.box(10, 50, 11, 51)])
    with pytest.raises(CRSError):
        read(path)
