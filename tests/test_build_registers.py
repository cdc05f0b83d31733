"""The scripts behind the units of 2017-2025, on lists small enough to see the answer."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

pytest.importorskip("scipy")
pytest.importorskip("vietnamadminunits")
sys.path.append(str(Path(__file__).resolve().parents[1] / "boundaries"))

from build_former import cut, draw_former, survivor
from build_registers import build_units, main_heirs, read_documents, units_of

DAY = datetime.date


def listed(*units: tuple[str, str, str, str]) -> pd.DataFrame:
    rows = [
        {
            "commune_code": code, "commune_name": name, "kind": name.split()[0].lower(), "district_code": district,
            "district_name": f"Huyện {label}", "province_code": "04", "province_name": "Tỉnh Cao Bằng",
        }
        for code, name, district, label in units
    ]  # fmt: skip
    return pd.DataFrame(rows).set_index("commune_code").astype("str")


# Huyện Một: B goes into A, C is divided between A and D. Huyện Hai ends. Then D is renamed, in the last list.
FIRST = listed(("01", "Xã A", "1", "Một"), ("02", "Xã B", "1", "Một"), ("03", "Xã C", "1", "Một"),
               ("04", "Xã D", "1", "Một"), ("05", "Xã E", "2", "Hai"))  # fmt: skip
SECOND = listed(("01", "Xã A", "1", "Một"), ("04", "Xã D", "1", "Một"), ("05", "Xã E", "1", "Một"))
THIRD = listed(("01", "Xã A", "1", "Một"), ("04", "Xã Dê", "1", "Một"), ("05", "Xã E", "1", "Một"))
ONE = {
    "document": "1/NQ", "in_force": DAY(2020, 1, 1), "province": "04",
    "communes": {"Huyện Một": {"Xã B": "Xã A", "Xã C": ["Xã D", "Xã A"]}}, "districts": {"Huyện Hai": "Huyện Một"},
}  # fmt: skip
TWO = {
    "document": "2/NQ", "in_force": DAY(2024, 11, 1), "province": "04",
    "communes": {"Huyện Một": {"Xã D": "Xã Dê"}},
}  # fmt: skip


def test_lists_and_documents_give_the_units_of_every_day():
    units, steps = build_units([FIRST, SECOND, THIRD], [ONE, TWO])
    assert list(units_of(units, DAY(2019, 12, 31)).index) == ["01", "02", "03", "04", "05"]
    assert list(units_of(units, DAY(2020, 1, 1)).index) == ["01", "04", "05"]
    assert units_of(units, DAY(2020, 1, 1)).loc["05", "district_name"] == "Huyện Một"
    assert units_of(units, DAY(2024, 10, 31)).loc["04", "commune_name"] == "Xã D"
    assert units_of(units, DAY(2024, 11, 1)).loc["04", "commune_name"] == "Xã Dê"
    communes = steps[steps["level"] == "commune"]
    assert list(zip(communes["old_code"], communes["new_code"], communes["part"], strict=True)) == [
        ("02", "01", "whole"), ("03", "04", "main"), ("03", "01", "rest"), ("04", "04", "whole"),
    ]  # fmt: skip
    heirs = main_heirs(FIRST.index, steps.assign(date=steps["date"].astype(str)), DAY(2019, 12, 31))
    assert heirs.to_dict() == {"01": "01", "02": "01", "03": "04", "04": "04", "05": "05"}


@pytest.mark.parametrize(
    ("lists", "documents", "told"),
    [
        ([FIRST, SECOND, THIRD], [ONE | {"communes": {"Huyện Một": {"Xã B": "Xã A"}}}, TWO], "no successor"),
        ([FIRST, SECOND, THIRD], [ONE | {"communes": {"Huyện Hai": {"Xã B": "Xã A"}}}, TWO], "not one unit"),
        ([FIRST, SECOND, THIRD], [ONE | {"communes": {"Huyện Một": {"Xã B": "Xã Y"}}}, TWO], "units called Xã Y"),
        ([FIRST, SECOND, THIRD], [ONE], "without a document"),
        ([FIRST, FIRST, THIRD], [TWO], "no successor"),
    ],
)
def test_a_document_that_does_not_fit_the_lists_stops_the_build(lists, documents, told):
    with pytest.raises(SystemExit) as stopped:
        build_units(lists, documents)
    assert told in str(stopped.value)


def test_every_document_names_where_it_was_read():
    for document in read_documents():
        assert document["sources"] and all(source.startswith("https://") for source in document["sources"])
        assert document["document"] or document["note"]


CELL = pd.Series({"commune_name": "Xã A", "lon": 105.01, "lat": 22.05, "geometry": shapely.box(105, 22, 105.3, 22.1)})


def test_a_cell_is_cut_into_pieces_of_one_size_and_the_survivor_keeps_the_point():
    pieces = gpd.GeoSeries(cut(CELL, "02", ["01", "02", "03"]), crs=4326)
    sizes = pieces.to_crs(6933).area
    assert sizes.max() / sizes.min() < 1.01
    assert pieces.iloc[1].contains(shapely.Point(CELL["lon"], CELL["lat"]))
    assert shapely.union_all(pieces.to_numpy()).symmetric_difference(CELL["geometry"]).area < 1e-9


def test_the_survivor_has_the_name_else_the_code():
    assert survivor("01", FIRST.loc[["01", "02"]], CELL) == "01"
    assert survivor("02", FIRST.loc[["01", "02"]], CELL) == "01", "the name goes before the code"
    assert survivor("02", FIRST.loc[["02", "03"]], CELL) == "02"
    assert survivor("09", FIRST.loc[["02", "03"]], CELL) == "02"


def test_former_units_share_the_cells_of_their_heirs():
    latest = gpd.GeoDataFrame(
        SECOND.assign(lon=[105.05, 105.25, 105.35], lat=22.05, drawn="cell", weighted=False),
        geometry=[
            shapely.box(105, 22, 105.2, 22.1),
            shapely.box(105.2, 22, 105.3, 22.1),
            shapely.box(105.3, 22, 105.4, 22.1),
        ],
        crs=4326,
    )
    heirs = pd.Series({"01": "01", "02": "01", "03": "04", "04": "04", "05": "05"})
    layer = draw_former(FIRST, heirs, latest)
    assert layer["drawn"].to_dict() == {"01": "piece", "02": "piece", "03": "piece", "04": "piece", "05": "cell"}
    assert shapely.coverage_is_valid(layer.geometry.to_numpy())
    assert layer.geometry["05"].equals(latest.geometry["05"])
    assert layer.geometry["01"].contains(shapely.Point(105.05, 22.05))
    assert layer.loc["03", "district_name"] == "Huyện Một"
    with pytest.raises(SystemExit):
        draw_former(FIRST.iloc[:3], heirs.iloc[:3], latest)
