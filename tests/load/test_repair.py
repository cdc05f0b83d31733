"""Shapes that overlap, leave gaps or cross themselves, and what repair does to them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.load.repair import GAP_WIDTH, repair_units
from geontm.load.topology import areas_m2, measure_topology

CELL_KM2 = 114.2  # a tenth of a degree by a tenth of a degree at 22° N


def units(*shapes) -> gpd.GeoDataFrame:
    codes = [f"{n:05}" for n in range(1, len(shapes) + 1)]
    names = [f"Xã {code}" for code in codes]
    return gpd.GeoDataFrame(
        {"commune_name": names}, geometry=list(shapes), index=pd.Index(codes, name="commune_code"), crs=4326
    )


def box(x1, x2, y1=22.0, y2=22.1):
    return shapely.box(x1, y1, x2, y2)


def ids(issues) -> list[str]:
    return [issue.message.id.removeprefix("layers.") for issue in issues]


def test_a_clean_layer_comes_back_untouched():
    clean = units(box(106, 106.1), box(106.1, 106.2))
    repaired, issues, topology = repair_units(clean)
    assert repaired.geometry.to_wkb().tolist() == clean.geometry.to_wkb().tolist()
    assert issues == ()
    assert set(topology.values()) == {0}


def test_an_overlap_goes_to_one_unit_and_is_reported_with_its_area():
    repaired, issues, topology = repair_units(units(box(106, 106.101), box(106.1, 106.2), box(106, 106.2, 21.9, 22.0)))
    shared = 0.001 / 0.1 * CELL_KM2
    assert topology["overlap_pairs_before"] == 1
    assert topology["overlap_km2_before"] == pytest.approx(shared, rel=0.01)
    assert topology["overlap_pairs_after"] == topology["unmatched_edges_after"] == 0
    assert shapely.coverage_is_valid(repaired.geometry.to_numpy())
    warning = next(issue for issue in issues if issue.message.id == "layers.overlap")
    assert warning.severity == "warning"
    text = warning.message.text("en")
    assert "00001" in text
    assert "00002" in text
    said = dict(vars(warning.message)["values"])
    assert float(said["area"]) == pytest.approx(shared * 1e6, rel=0.01)
    changed = [issue for issue in issues if issue.message.id == "layers.area_changed"]
    assert len(changed) == 1
    assert abs(float(vars(changed[0].message)["values"]["change"])) == pytest.approx(shared * 1e6, rel=0.01)
    # The keeper named is the one that has the piece.
    keeper = said["keeper"]
    other = {"00001": "00002", "00002": "00001"}[changed[0].value[-6:-1]]
    assert other in keeper


def test_an_overlap_under_a_hectare_is_no_warning():
    _, issues, topology = repair_units(units(box(106, 106.1 + 5e-6), box(106.1, 106.2)))
    assert topology["overlap_pairs_before"] == 1
    assert "overlap" not in ids(issues)
    assert "repaired" in ids(issues)


def test_a_narrow_gap_is_closed_and_a_lake_stays():
    def hole(width):
        half = width / 2
        slot = shapely.box(106.1 - half, 22.03, 106.1 + half, 22.07)
        return units(box(106, 106.1) - slot, box(106.1, 106.2) - slot)

    repaired, issues, topology = repair_units(hole(GAP_WIDTH * 0.8))
    assert (topology["gaps_before"], topology["gaps_after"]) == (1, 0)
    assert areas_m2(repaired.geometry.to_numpy()).sum() == pytest.approx(2 * CELL_KM2 * 1e6, rel=0.01)
    assert "repaired" in ids(issues)
    repaired, issues, topology = repair_units(hole(GAP_WIDTH * 10))
    assert (topology["gaps_before"], topology["gaps_after"]) == (1, 1)
    assert topology["gap_km2_after"] == pytest.approx(0.003 * 0.04 * 111.0 * 103.2, rel=0.02)
    assert issues == ()


def test_a_ring_that_crosses_itself_is_mended_and_named():
    bow = shapely.Polygon([(106.3, 22), (106.4, 22.1), (106.4, 22), (106.3, 22.1)])
    repaired, issues, topology = repair_units(units(box(106, 106.1), bow))
    assert repaired.is_valid.all()
    assert topology["invalid_before"] == 1
    assert [(issue.message.id, issue.value) for issue in issues] == [("layers.made_valid", "Xã 00002 (00002)")]


def test_points_and_lines_among_the_shapes_are_left_out_and_the_unit_stays():
    mixed = shapely.GeometryCollection([box(106, 106.1), shapely.Point(106.5, 22)])
    repaired, issues, _ = repair_units(units(mixed, shapely.Point(106.15, 22.05), None, box(106.1, 106.2)))
    assert repaired.geometry.isna().tolist() == [False, True, True, False]
    assert repaired.geometry.iloc[0].equals(box(106, 106.1))
    assert sorted(ids(issues)) == ["no_polygon", "no_polygon", "parts_left_out"]


def test_a_unit_covered_by_another_is_kept_without_shape():
    repaired, issues, _ = repair_units(units(box(106, 106.1), box(106, 106.1)))
    assert len(repaired) == 2
    assert repaired.geometry.isna().sum() == 1
    assert ids(issues).count("shape_lost") == 1
    assert issues[0].severity == "error"


def test_nothing_but_gaps_is_no_error():
    repaired, issues, topology = repair_units(units(None, None))
    assert repaired.geometry.isna().all()
    assert ids(issues) == ["no_polygon", "no_polygon"]
    assert topology["gaps_after"] == 0


def test_inputs_stay_as_they_are_and_rows_keep_their_order():
    dirty = units(box(106, 106.101), box(106.1, 106.2)).iloc[::-1]
    before = dirty.copy(deep=True)
    repaired, _, _ = repair_units(dirty)
    assert dirty.geometry.to_wkb().tolist() == before.geometry.to_wkb().tolist()
    assert repaired.index.tolist() == dirty.index.tolist()


@settings(deadline=None, max_examples=12)
@given(st.lists(st.floats(-0.0008, 0.0008), min_size=16, max_size=16))
def test_repair_yields_a_clean_coverage_and_once_is_enough(shifts):
    moves = np.reshape(shifts, (4, 4))
    cells = [
        shapely.box(106 + column / 10 + a, 22 + row / 10 + b, 106.1 + column / 10 + c, 22.1 + row / 10 + d)
        for (row, column), (a, b, c, d) in zip([(0, 0), (0, 1), (1, 0), (1, 1)], moves, strict=True)
    ]
    repaired, _, topology = repair_units(units(*cells))
    shapes = repaired.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert topology["overlap_pairs_after"] == 0
    assert measure_topology(shapes, gap_width=GAP_WIDTH).narrow_gaps == 0
    again, issues, _ = repair_units(repaired)
    assert again.geometry.to_wkb().tolist() == repaired.geometry.to_wkb().tolist()
    assert issues == ()


@pytest.mark.realdata
@pytest.mark.parametrize(("province", "name"), [("04", "04_cao_bang"), ("22", "22_quang_ninh")])
def test_raw_layers_have_the_faults_that_were_counted(shared_data, province, name):
    raw = gpd.read_file(shared_data / "data" / "raw" / f"{name}_wards_raw.gpkg").set_index("code")
    counted = pd.read_csv(shared_data / "data" / "raw_quality_2025.csv", dtype={"province_code": str})
    row = counted.set_index("province_code").loc[province]
    _, _, topology = repair_units(raw)
    assert topology["unmatched_units_before"] == row["units_with_unmatched_edges"]
    assert topology["overlap_pairs_before"] == row["overlap_pairs_over_1m2"]
    assert topology["overlap_km2_before"] * 1e6 == pytest.approx(row["overlap_m2"], rel=2e-3)
    assert topology["gaps_before"] == row["interior_gaps"]
    assert topology["gap_km2_before"] * 1e6 == pytest.approx(row["gap_m2"], abs=0.1)
    assert topology["unmatched_edges_after"] == topology["overlap_pairs_after"] == topology["gaps_after"] == 0
