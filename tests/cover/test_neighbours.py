"""Neighbours and shared borders on shapes whose answer is visible by eye."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.cover import measure_neighbours
from geontm.errors import CRSError

ELLIPSOID = pyproj.Geod(ellps="WGS84")


def layer(shapes, crs=4326):
    index = pd.Index(list(shapes), name="commune_code")
    return gpd.GeoDataFrame(geometry=list(shapes.values()), index=index, crs=crs)


def square(col, row):
    return shapely.box(105 + col, 20 + row, 106 + col, 21 + row)


def pairs(found):
    table = found.more["neighbours"].set_index(["commune_code", "neighbour_code"])["shared_km"]
    return {pair: km for pair, km in table.items() if pair[0] < pair[1]}


def km(*points):
    lon, lat = zip(*points, strict=True)
    return ELLIPSOID.line_length(lon, lat) / 1_000


def test_four_squares_share_edges_and_touch_across_the_corner():
    found = measure_neighbours(
        layer({"a": square(0, 1), "b": square(1, 1), "c": square(0, 0), "d": square(1, 0), "far": square(5, 5)})
    )
    assert pairs(found) == {
        ("a", "b"): pytest.approx(km((106, 21), (106, 22)), rel=1e-12),
        ("a", "c"): pytest.approx(km((105, 21), (106, 21)), rel=1e-12),
        ("a", "d"): 0.0,
        ("b", "c"): 0.0,
        ("b", "d"): pytest.approx(km((106, 21), (107, 21)), rel=1e-12),
        ("c", "d"): pytest.approx(km((106, 20), (106, 21)), rel=1e-12),
    }
    assert found.table["neighbour_count"].to_dict() == {"a": 2, "b": 2, "c": 2, "d": 2, "far": 0}
    assert found.table.loc["far", "shared_boundary_km"] == 0
    assert found.issues == ()


def test_an_enclave_shares_all_of_its_boundary():
    hole = shapely.box(105.4, 20.4, 105.6, 20.6)
    around = shapely.Polygon(square(0, 0).exterior, [hole.exterior])
    found = measure_neighbours(layer({"in": hole, "out": around}))
    metres = abs(ELLIPSOID.geometry_area_perimeter(hole)[1])
    assert pairs(found)[("in", "out")] == pytest.approx(metres / 1_000, rel=1e-12)


def test_parts_add_up_and_parts_of_one_unit_are_no_neighbours():
    two = shapely.MultiPolygon([square(0, 0), square(1, 1)])
    found = measure_neighbours(layer({"a": two, "b": square(1, 0)}))
    expected = km((106, 20), (106, 21)) + km((106, 21), (107, 21))
    assert pairs(found) == {("a", "b"): pytest.approx(expected, rel=1e-12)}
    assert found.table["neighbour_count"].to_dict() == {"a": 1, "b": 1}


def test_without_a_shape_neighbours_are_unknown_not_zero():
    found = measure_neighbours(layer({"a": square(0, 0), "b": None, "c": shapely.Polygon()}))
    assert found.table.loc["a", "neighbour_count"] == 0
    assert found.table.loc[["b", "c"]].isna().all(axis=None)
    assert [issue.value for issue in found.issues] == ["b", "c"]


def test_overlapping_shapes_are_named():
    found = measure_neighbours(layer({"a": square(0, 0), "b": square(0, 0), "c": square(1, 0)}))
    assert [issue.value for issue in found.issues] == ["a", "b", "c"]


def test_a_vertex_in_the_middle_of_an_edge_is_shared_where_both_have_it():
    left = shapely.Polygon([(105, 20), (106, 20), (106, 20.5), (106, 21), (105, 21)])
    found = measure_neighbours(layer({"a": left, "b": square(1, 0).segmentize(0.5)}))
    assert pairs(found)[("a", "b")] == pytest.approx(km((106, 20), (106, 21)), rel=1e-9)


def test_no_units_give_no_neighbours():
    found = measure_neighbours(layer({}))
    assert found.table.empty
    assert list(found.more["neighbours"]) == ["commune_code", "neighbour_code", "shared_km"]


@pytest.mark.parametrize("crs", [None, 32648])
def test_a_layer_in_another_system_is_refused(crs):
    with pytest.raises(CRSError):
        measure_neighbours(layer({"a": square(0, 0)}, crs=crs))


def drawn(seed, count):
    """Cells about random points: a clean coverage of one square."""
    points = shapely.MultiPoint(np.random.default_rng(seed).uniform((104, 10), (108, 14), (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(104, 10, 108, 14)))
    cells = shapely.coverage_clean(shapely.set_precision(cells, 1e-7))
    return layer({f"{at:03d}": cell for at, cell in enumerate(cells)})


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 40))
def test_neighbours_agree_with_cutting_every_pair(seed, count):
    units = drawn(seed, count)
    shapes = units.geometry.to_numpy()
    first, second = np.triu_indices(len(shapes), 1)
    meet = shapely.intersects(shapes[first], shapes[second])
    expected = {
        (units.index[a], units.index[b]): ELLIPSOID.geometry_length(shapely.intersection(shapes[a], shapes[b])) / 1_000
        for a, b in zip(first[meet], second[meet], strict=True)
    }
    assert pairs(measure_neighbours(units)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(seed, order):
    units = drawn(seed, 20)
    places = list(range(len(units)))
    order.shuffle(places)
    one, other = measure_neighbours(units), measure_neighbours(units.iloc[places])
    pd.testing.assert_frame_equal(one.more["neighbours"], other.more["neighbours"], check_exact=True)
    pd.testing.assert_frame_equal(one.table, other.table.loc[units.index], check_exact=True)


def test_the_same_pairs_as_libpysal():
    weights = pytest.importorskip("libpysal.weights")
    units = drawn(7, 200)
    queen = weights.Queen.from_dataframe(units, use_index=True, silence_warnings=True)
    rook = weights.Rook.from_dataframe(units, use_index=True, silence_warnings=True)
    table = measure_neighbours(units).more["neighbours"]
    both = set(zip(table["commune_code"], table["neighbour_code"], strict=True))
    long = table[table["shared_km"] > 0]
    assert both == {(code, other) for code, others in queen.neighbors.items() for other in others}
    assert set(zip(long["commune_code"], long["neighbour_code"], strict=True)) == {
        (code, other) for code, others in rook.neighbors.items() for other in others
    }


@pytest.mark.realdata
def test_real_communes_share_their_borders_in_both_directions(shared_data):
    units = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet", columns=["code", "geometry"])
    units = units.rename(columns={"code": "commune_code"}).set_index("commune_code")
    found = measure_neighbours(units)
    # Boundary that is shared is counted on both sides; what is left is coast and land border.
    assert found.issues == ()
    outline = shapely.union_all(shapely.coverage_union_all(units.geometry.to_numpy()))
    whole = sum(abs(ELLIPSOID.geometry_area_perimeter(each)[1]) for each in units.geometry) / 1_000
    outer = abs(ELLIPSOID.geometry_area_perimeter(outline)[1]) / 1_000
    assert float(found.table["shared_boundary_km"].sum()) == pytest.approx(whole - outer, rel=1e-6)
