"""The schematic layers: complete, valid, small; and the diagram they are drawn with keeps its laws."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.load.shipped import read_register, read_schematic, shipped_path

SCRIPTS = Path(__file__).resolve().parents[1] / "boundaries"
EQUAL_AREA = 6933
sys.path.append(str(SCRIPTS))


@pytest.fixture(scope="module")
def layer() -> gpd.GeoDataFrame:
    return read_schematic()


@pytest.fixture(scope="module")
def former() -> gpd.GeoDataFrame:
    return gpd.read_parquet(shipped_path("schematic-communes-2024-cases.parquet")).set_index("commune_code")


@pytest.fixture(scope="module")
def scripts() -> None:
    """Skip where the build scripts cannot run: their libraries come with the extra ``boundaries``."""
    pytest.importorskip("scipy")
    pytest.importorskip("vietnamadminunits")


def test_every_unit_is_drawn_once(layer):
    assert list(layer.index) == list(read_register("2025").index)
    assert not layer.geometry.is_empty.any() and layer["area_km2"].gt(0).all()
    assert layer["weighted"].all()


def test_the_thirteen_special_zones_are_discs_at_sea(layer):
    zones = layer[layer["kind"] == "đặc khu"]
    assert len(zones) == 13 and set(zones["drawn"]) == {"disc"}
    assert zones.loc["20333", "commune_name"] == "Đặc khu Hoàng Sa" and zones.loc["20333", "province_code"] == "48"
    assert zones.loc["22736", "commune_name"] == "Đặc khu Trường Sa" and zones.loc["22736", "province_code"] == "56"
    assert layer.total_bounds[2] > 114 and zones.geometry["20333"].contains(shapely.Point(112.13, 16.57))


def test_a_disc_has_the_published_area(layer):
    discs = layer[layer["drawn"] == "disc"]
    drawn = discs.to_crs(EQUAL_AREA).area / 1e6
    assert (drawn / discs["area_km2"] - 1).abs().max() < 0.01


@pytest.mark.parametrize("name", ["layer", "former"])
def test_neighbours_share_their_edges_and_nothing_overlaps(name, request):
    shapes = request.getfixturevalue(name).geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.union_all(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-9)
    assert not any(len(part.interiors) for part in shapely.get_parts(whole)), "a gap inside the country"
    assert np.allclose(shapely.get_coordinates(shapes), np.round(shapely.get_coordinates(shapes), 4), atol=1e-9)


def test_cells_follow_the_published_areas(layer):
    cells = layer[layer["drawn"] == "cell"]
    ratio = np.log(cells.to_crs(EQUAL_AREA).area / 1e6 / cells["area_km2"])
    assert (ratio.abs() <= np.log(1.25)).mean() > 0.94
    assert abs(ratio.median()) < 0.01


def test_the_country_has_its_size(layer):
    # 331,345 km² of land are published; the outlines of Natural Earth are simplified.
    assert layer.to_crs(EQUAL_AREA).area.sum() / 1e6 == pytest.approx(331_345, rel=0.02)


def test_the_layers_are_small():
    assert shipped_path("schematic-communes-2025.parquet").stat().st_size <= 2_000_000
    assert shipped_path("schematic-communes-2024-cases.parquet").stat().st_size <= 500_000


def test_the_units_of_the_cases_before_july_2025(former):
    register = read_register("2024")
    assert list(former.index) == list(register[register["province_code"].isin(["02", "04", "20", "22"])].index)
    assert not former["weighted"].any() and "area_km2" not in former
    assert (former["district_name"] == "Huyện Ba Chẽ").sum() == 7
    assert former["province_code"].value_counts().to_dict() == {"02": 193, "04": 161, "20": 194, "22": 171}


# --- the diagram -----------------------------------------------------------------------------------------------------


def test_two_equal_sites_halve_a_box(scripts):
    from power_diagram import power_diagram

    left, right = power_diagram(np.array([[1.0, 1], [3, 1]]), np.zeros(2), shapely.box(0, 0, 4, 2))
    assert left.equals(shapely.box(0, 0, 2, 2)) and right.equals(shapely.box(2, 0, 4, 2))


def test_weights_move_the_edge_until_areas_fit(scripts):
    from power_diagram import fit_power_diagram

    (left, right), error = fit_power_diagram(np.array([[1.0, 1], [3, 1]]), np.array([1.0, 3]), shapely.box(0, 0, 4, 2))
    assert error < 1e-6 and left.bounds == pytest.approx((0, 0, 1, 2)) and right.area == pytest.approx(6)


def test_two_sites_of_one_unit_make_one_cell(scripts):
    from power_diagram import fit_power_diagram

    sites, owner = np.array([[1.0, 1], [3, 1], [5, 1]]), np.array([0, 1, 0])
    cells, error = fit_power_diagram(sites, np.array([2.0, 1]), shapely.box(0, 0, 6, 2), owner=owner)
    assert error < 1e-6 and cells[0].geom_type == "MultiPolygon"
    assert cells[1].bounds == pytest.approx((2, 0, 4, 2))


def test_slack_stops_half_way(scripts):
    from power_diagram import fit_power_diagram

    sites, box = np.array([[1.0, 1], [3, 1]]), shapely.box(0, 0, 4, 2)
    places = [fit_power_diagram(sites, np.array([1.0, 3]), box, slack=s)[0][0].area for s in (0.0, 0.5, 1e6)]
    assert places[0] == pytest.approx(2) and places[2] == pytest.approx(4, rel=1e-4)
    assert places[0] < places[1] < places[2]


@settings(deadline=None, max_examples=25)
@given(
    points=st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), min_size=2, max_size=25, unique=True),
    seed=st.integers(0, 10),
)
def test_any_areas_can_be_had(scripts, points, seed):
    from power_diagram import fit_power_diagram

    sites = np.array(points, float) * 1000
    # No three on one vertical or horizontal line, as real points never are.
    sites += np.random.default_rng(seed).uniform(-300, 300, sites.shape)
    areas = np.random.default_rng(seed).uniform(0.5, 2, len(sites))
    box = shapely.box(0, 0, 1e5, 1e5)
    cells, error = fit_power_diagram(sites, areas, box)
    assert error < 1e-3
    assert shapely.area(cells).sum() == pytest.approx(box.area)
    overlap = shapely.area(shapely.union_all(cells))
    assert overlap == pytest.approx(box.area)


def test_clean_cells_share_the_vertices_of_their_edges(scripts):
    from build_schematic import clean_cells

    # The right-hand neighbours meet in the middle of the left cell's edge, a little off the grid.
    cells = gpd.GeoSeries(
        {"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1.00001, 0, 2, 0.50004), "c": shapely.box(1, 0.50004, 2, 1)},
        crs=4326,
    )
    clean = clean_cells(cells)
    assert shapely.coverage_is_valid(clean.to_numpy())
    assert clean["b"].equals(shapely.box(1, 0, 2, 0.5)) and clean["a"].touches(clean["b"])


def test_a_scrap_goes_to_its_neighbour_and_an_island_stays(scripts):
    from build_schematic import clean_cells

    land = shapely.box(0, 0, 4, 4)
    scrap, island = shapely.box(3, 3, 4, 4), shapely.box(6, 0, 7, 1)
    home = shapely.box(0, 0, 2, 4)
    cells = {"a": shapely.union_all([home, scrap, island]), "b": land.difference(home).difference(scrap)}
    clean = clean_cells(gpd.GeoSeries(cells, crs=4326))
    assert clean["a"].equals(shapely.union(home, island)) and clean["b"].equals(land.difference(home))


def test_a_disc_gives_way_to_land_and_keeps_its_area(scripts):
    from build_schematic import draw_discs

    land = gpd.GeoSeries({"land": shapely.box(106, 20, 107, 21)}, crs=4326)
    units = gpd.GeoDataFrame({"area_km2": [50.0]}, index=["isle"], geometry=[shapely.Point(107.01, 20.5)], crs=4326)
    disc = draw_discs(units, land)
    assert disc.to_crs(EQUAL_AREA).area.iloc[0] / 1e6 == pytest.approx(50, rel=0.005)
    assert shapely.area(shapely.intersection(disc.iloc[0], land.iloc[0])) < 1e-9


def test_the_comparison_counts_what_it_says(scripts):
    from compare_schematic import compare, summary

    shapes = [shapely.box(106, 20, 106.1, 20.1), shapely.box(106.1, 20, 106.2, 20.1)]
    attributes = {"lon": [106.05, 106.05], "lat": [20.05, 20.05], "province_code": "04", "drawn": "cell"}
    drawn = gpd.GeoDataFrame(attributes, index=["a", "b"], geometry=shapes, crs=4326)
    real = gpd.GeoDataFrame(index=["b", "a"], geometry=[shapely.box(106.15, 20, 106.25, 20.1), shapes[0]], crs=4326)
    result = compare(drawn, real)
    assert result["point_right"].tolist() == [True, False]
    assert result["iou"].tolist() == pytest.approx([1, 1 / 3], rel=1e-3)
    assert summary(result)["point_right_pct"] == 50


@pytest.mark.realdata
def test_the_figures_of_the_readme_hold(shared_data, layer, scripts):
    from compare_schematic import compare, summary

    real = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet", columns=["code", "geometry"])
    found = summary(compare(layer, real.set_index("code")))
    assert found["point_right_pct"] > 99
    assert found["middle_right_pct"] > 92
    assert found["iou_median"] > 0.58 and found["iou_mean"] > 0.55
    assert found["area_within_25_pct"] > 94
    printed = (SCRIPTS / "README.md").read_text(encoding="utf-8")
    assert f"{found['iou_median']:.3f} / {found['iou_mean']:.3f}" in printed


@pytest.mark.realdata
def test_published_areas_equal_the_reference(shared_data, layer):
    real = pd.read_parquet(shared_data / "data" / "communes_2025.parquet", columns=["code", "area_km2"]).set_index(
        "code"
    )
    assert (layer["area_km2"] == real["area_km2"].reindex(layer.index)).all()
