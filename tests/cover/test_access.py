"""Rural access on small squares whose answer is visible, its laws, and against buffer and overlay."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, box
from slow_reference import people_near_by_buffer

from geontm import cover
from geontm.cover import people_cells
from geontm.errors import CRSError
from geontm.tables import ArrayRaster, Grid, province_crs

PLANE = province_crs("04")
# A place on the central meridian of the province, so that squares in the plane look square on the map too.
EAST, NORTH = 500_000.0, 2_500_000.0


def _place(shape):
    return shapely.transform(shape, lambda xy: xy + np.array([EAST, NORTH]))


def _units(squares, crs=4326):
    """Communes from boxes (km), by code."""
    shapes = [_place(box(*(1_000 * edge for edge in square))) for square in squares.values()]
    # Many vertices, so that what is straight in the plane stays so in degrees.
    shapes = shapely.segmentize(shapes, 50.0)
    index = pd.Index(list(squares), name="commune_code", dtype="str")
    return gpd.GeoDataFrame(geometry=shapes, index=index, crs=PLANE).to_crs(crs)


def _roads(*lines, all_season=True, crs=4326):
    """Roads from lists of points (km)."""
    shapes = [_place(LineString(1_000 * np.array(line, float))) for line in lines]
    season = [all_season] * len(lines) if all_season is None or isinstance(all_season, bool) else all_season
    frame = {"all_season": pd.array(season, dtype="boolean")}
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=PLANE).to_crs(crs)


def _people(values, *, cell_m=1_000.0, left=0.0, top=4_000.0, known=None):
    """A raster in the plane whose upper left corner lies at (left, top) metres from the place."""
    values = np.asarray(values, dtype=np.float64)
    grid = Grid(PLANE, EAST + left, NORTH + top, cell_m, cell_m, *values.shape)
    return ArrayRaster(grid, values, known, name="people.tif")


def _measure(units, roads, people, **options):
    return cover.measure_rural_access(units, roads, people, metric_crs=PLANE, **options)


TWO = {"00001": (0, 0, 4, 4), "00002": (4, 0, 8, 4)}
ALONG_SOUTH = [(0, 0), (4, 0)]


def test_a_road_along_one_side_serves_the_near_half_and_a_quarter_circle_of_the_neighbour():
    found = _measure(_units(TWO), _roads(ALONG_SOUTH), _people(np.full((4, 8), 10.0)))
    table = found.table
    assert list(table["access_people"]) == pytest.approx([160, 160], rel=1e-6)
    assert table.loc["00001", "rural_access_pct"] == pytest.approx(50, abs=1e-3)
    assert table.loc["00001", "people_without_road"] == pytest.approx(80, abs=1e-3)
    # A quarter of a circle of 2 km has 3.1416 km², at 10 people each.
    assert table.loc["00002", "people_without_road"] == pytest.approx(160 - 10 * np.pi, abs=0.03)
    assert table.dtypes.astype(str).eq("Float64").all()


def test_the_distance_is_a_parameter():
    people = _people(np.full((4, 8), 10.0))
    table = _measure(_units(TWO), _roads(ALONG_SOUTH), people, distance_m=1_500.0).table
    assert table.loc["00001", "rural_access_pct"] == pytest.approx(37.5, abs=1e-3)


def test_a_cell_that_ends_at_the_distance_is_served_whole():
    found = _measure(_units({"00001": (0, 0, 4, 2)}), _roads(ALONG_SOUTH), _people(np.full((2, 4), 7.0), top=2_000))
    assert found.table.loc["00001", "rural_access_pct"] == pytest.approx(100, abs=1e-6)


def test_roads_that_are_not_passable_all_year_do_not_count():
    found = _measure(_units(TWO), _roads(ALONG_SOUTH, all_season=False), _people(np.ones((4, 8))))
    assert list(found.table["rural_access_pct"]) == [0, 0]
    assert list(found.table["people_without_road"]) == pytest.approx([16, 16], rel=1e-6)


def test_a_road_of_unknown_season_gives_bounds():
    roads = _roads([(0, 0), (4, 0)], [(0, 4), (4, 4)], [(6, -9), (6, 9)], all_season=[True, None, True])
    table = _measure(_units(TWO), roads, _people(np.full((4, 8), 10.0))).table
    first = table.loc["00001"]
    assert first["rural_access_pct"] is pd.NA and first["people_without_road"] is pd.NA
    assert first["rural_access_pct_low"] == pytest.approx(50, abs=1e-3)
    assert first["rural_access_pct_high"] == pytest.approx(100, abs=1e-3)
    assert first["people_without_road_low"] == pytest.approx(0, abs=1e-3)
    assert first["people_without_road_high"] == pytest.approx(80, abs=1e-3)
    # Everybody in the second lives within 2 km of the road through its middle, whatever the other is.
    assert table.loc["00002", "rural_access_pct"] == pytest.approx(100)


def test_without_a_column_of_seasons_every_road_is_unknown():
    table = _measure(_units(TWO), _roads(ALONG_SOUTH)[["geometry"]], _people(np.ones((4, 8)))).table
    assert table.loc["00001", "rural_access_pct_low"] == 0
    assert table.loc["00001", "rural_access_pct_high"] == pytest.approx(50, abs=1e-3)


def test_a_commune_that_the_roads_do_not_cover_is_unknown():
    found = _measure(_units(TWO), _roads(ALONG_SOUTH), _people(np.ones((4, 8))), covered=["00001"])
    assert found.table.loc["00002"].drop("access_people").isna().all()
    # How many live there is known all the same.
    assert found.table.loc["00002", "access_people"] == pytest.approx(16, rel=1e-6)
    (issue,) = [issue for issue in found.issues if issue.message.id == "access.not_covered"]
    assert issue.value == "00002" and issue.severity == "warning"


def test_no_roads_where_the_layer_covers_means_nobody_served():
    found = _measure(_units(TWO), _roads(ALONG_SOUTH).iloc[:0], _people(np.ones((4, 8))))
    assert list(found.table["rural_access_pct"]) == [0, 0]


def test_of_nobody_there_is_no_share():
    values = np.hstack([np.zeros((4, 5)), np.ones((4, 3))])
    table = _measure(_units(TWO), _roads(ALONG_SOUTH), _people(values)).table
    assert pd.isna(table.loc["00001", "rural_access_pct"])
    assert table.loc["00001", "people_without_road"] == 0 and table.loc["00001", "access_people"] == 0


def test_a_commune_without_a_known_cell_is_unknown_and_unknown_cells_are_not_counted():
    known = np.ones((4, 8), dtype=bool)
    known[:, :5] = False
    known[:2, 5:] = False
    table = _measure(_units(TWO), _roads([(4, 0), (8, 0)]), _people(np.ones((4, 8)), known=known)).table
    assert table.loc["00001"].isna().all()
    assert table.loc["00002", "access_people"] == pytest.approx(6, rel=1e-6)
    assert table.loc["00002", "rural_access_pct"] == pytest.approx(100, abs=1e-3)


def test_fewer_than_no_people_are_reported_and_unknown():
    values = np.ones((4, 8))
    values[0, 0] = -5
    found = _measure(_units(TWO), _roads(ALONG_SOUTH), _people(values))
    assert found.table.loc["00001", "access_people"] == pytest.approx(15, rel=1e-6)
    assert [
        dict(issue.message.values)["count"] for issue in found.issues if issue.message.id == "access.negative_people"
    ] == [1]


def test_a_cell_that_two_communes_share_counts_in_each_by_its_part():
    # One cell of 4 km with 1,600 people; the border runs at 1 km, the road along the south serves the lower half.
    units = _units({"00001": (0, 0, 1, 4), "00002": (1, 0, 4, 4)})
    table = _measure(units, _roads([(-9, 0), (9, 0)]), _people([[1_600.0]], cell_m=4_000)).table
    assert list(table["access_people"]) == pytest.approx([400, 1_200], rel=1e-6)
    assert list(table["rural_access_pct"]) == pytest.approx([50, 50], abs=1e-3)


def test_each_part_of_a_shared_cell_has_its_own_answer():
    # The road along the west serves 2 of 4 km: all of the first commune, a third of the second.
    units = _units({"00001": (0, 0, 1, 4), "00002": (1, 0, 4, 4)})
    table = _measure(units, _roads([(0, -9), (0, 9)]), _people([[1_600.0]], cell_m=4_000)).table
    assert list(table["rural_access_pct"]) == pytest.approx([100, 100 / 3], abs=0.6)


def test_people_at_the_edge_of_the_area_without_a_road_are_told():
    found = _measure(_units(TWO), _roads([(0, 2), (4, 2)]), _people(np.full((4, 8), 10.0)))
    (issue,) = [issue for issue in found.issues if issue.message.id == "access.near_edge"]
    assert issue.severity == "info"
    # The whole of the second commune lies within 2 km of the edge.
    assert dict(issue.message.values)["people"] == pytest.approx(found.table["people_without_road"].sum(), rel=1e-6)


def test_a_multiple_line_counts_like_its_parts():
    roads = _roads([(0, 0), (1, 0)], [(3, 0), (4, 0)])
    joined = gpd.GeoDataFrame({"all_season": [True]}, geometry=[MultiLineString(list(roads.geometry))], crs=roads.crs)
    one, two = (_measure(_units(TWO), each, _people(np.ones((4, 8)))).table for each in (roads, joined))
    pd.testing.assert_frame_equal(one, two)


def test_layers_in_the_wrong_crs_and_wrong_distances_are_refused():
    people = _people(np.ones((4, 8)))
    with pytest.raises(CRSError):
        _measure(_units(TWO, crs=PLANE), _roads(ALONG_SOUTH), people)
    with pytest.raises(CRSError):
        _measure(_units(TWO), _roads(ALONG_SOUTH, crs=PLANE), people)
    with pytest.raises(CRSError):
        cover.measure_rural_access(_units(TWO), _roads(ALONG_SOUTH), people, metric_crs=_units(TWO).crs)
    with pytest.raises(ValueError, match="distance_m"):
        _measure(_units(TWO), _roads(ALONG_SOUTH), people, distance_m=0)
    zones, _ = cover.make_zones(_units(TWO).iloc[::-1], people.grid)
    with pytest.raises(ValueError, match="zones"):
        _measure(_units(TWO), _roads(ALONG_SOUTH), people, zones=zones)


def test_inputs_are_left_as_they_are():
    units, roads, people = _units(TWO), _roads(ALONG_SOUTH), _people(np.ones((4, 8)))
    before = units.copy(), roads.copy(), np.array(people.read(people.grid.whole))
    _measure(units, roads, people)
    pd.testing.assert_frame_equal(units, before[0])
    pd.testing.assert_frame_equal(roads, before[1])
    assert (np.array(people.read(people.grid.whole)) == before[2]).all()


def test_strips_do_not_change_the_answer(monkeypatch):
    rng = np.random.default_rng(3)
    people = _people(rng.integers(0, 9, (40, 80)), cell_m=100)
    roads = _roads([(0, 0), (1, 3)], [(6, 4), (7, 4)])
    whole = _measure(_units(TWO), roads, people, distance_m=700).table
    monkeypatch.setattr(people_cells, "STRIP_CELLS", 160)
    pd.testing.assert_frame_equal(whole, _measure(_units(TWO), roads, people, distance_m=700).table, rtol=1e-12)


# Laws

THREE = {"00003": (0, 0, 3, 2.15), "00001": (3, 0, 8, 2.15), "00002": (0, 2.15, 8, 6)}
point = st.tuples(st.floats(-1, 9), st.floats(-1, 7))
lines = st.lists(
    st.lists(point, min_size=2, max_size=4).filter(lambda line: line[0] != line[-1]), min_size=1, max_size=5
)
grids = st.builds(
    lambda seed, cell, left: _people(
        np.random.default_rng(seed).integers(0, 5, (int(7_000 / cell), int(9_000 / cell))),
        cell_m=cell, left=-left, top=6_000 + left / 3,
    ),
    st.integers(0, 99), st.sampled_from([250.0, 500.0, 1_100.0]), st.floats(0, 400),
)  # fmt: skip


@settings(deadline=None, max_examples=12)
@given(lines=lines, people=grids, distance=st.sampled_from([300.0, 900.0, 2_000.0]))
def test_it_agrees_with_buffer_and_overlay(lines, people, distance):
    units, roads = _units(THREE), _roads(*lines)
    table = _measure(units, roads, people, distance_m=distance).table
    slow = people_near_by_buffer(units, roads.geometry, people, PLANE, distance)
    np.testing.assert_allclose(table["access_people"].astype(float), slow["people"], rtol=1e-6, atol=1e-6)
    served = table["access_people"] - table["people_without_road"]
    share = (served / table["access_people"]).astype(float)
    # A cell of 1.3 km beside a distance of 300 m is coarse: its parts are still right to one in 200.
    np.testing.assert_allclose(share, slow["near"] / slow["people"], atol=5e-3)


@settings(deadline=None, max_examples=10)
@given(lines=lines, extra=lines, people=grids)
def test_another_road_or_a_larger_distance_never_serves_fewer(lines, extra, people):
    units = _units(THREE)
    few = _measure(units, _roads(*lines), people, distance_m=900.0).table["people_without_road"]
    more = _measure(units, _roads(*lines, *extra), people, distance_m=900.0).table["people_without_road"]
    farther = _measure(units, _roads(*lines), people, distance_m=1_000.0).table["people_without_road"]
    assert (more <= few * (1 + 1e-12) + 1e-9).all() and (farther <= few * (1 + 1e-12) + 1e-9).all()


@settings(deadline=None, max_examples=10)
@given(lines=lines, people=grids, at=st.floats(0.1, 0.9), order=st.randoms())
def test_the_order_of_rows_and_cuts_of_roads_change_nothing(lines, people, at, order):
    units, roads = _units(THREE), _roads(*lines)
    whole = _measure(units, roads, people, distance_m=900.0).table
    cut = [part for line in lines for part in _cut(line, at)]
    order.shuffle(cut)
    turned = _measure(units.iloc[::-1], _roads(*cut), people, distance_m=900.0).table
    pd.testing.assert_frame_equal(whole, turned.loc[whole.index], rtol=1e-6, atol=1e-6)
    shuffled = _measure(units.iloc[::-1], roads.iloc[::-1], people, distance_m=900.0).table
    pd.testing.assert_frame_equal(whole, shuffled.loc[whole.index], check_exact=True)


def _cut(line, at):
    """Cut the first piece of a line in two."""
    (x0, y0), (x1, y1) = line[:2]
    middle = (x0 + at * (x1 - x0), y0 + at * (y1 - y0))
    return [line[0], middle], [middle, *line[1:]]


@settings(deadline=None, max_examples=10)
@given(lines=lines, people=grids, east=st.integers(-3, 3), north=st.integers(-300, 300))
def test_moving_everything_together_changes_no_share(lines, people, east, north):
    still = _measure(_units(THREE), _roads(*lines), people, distance_m=900.0).table
    shift = np.array([east * 1_000.0, north * 1_000.0])
    grid = dataclasses.replace(people.grid, left=people.grid.left + shift[0], top=people.grid.top + shift[1])
    units, roads = (_moved(layer, shift) for layer in (_units(THREE, PLANE), _roads(*lines, crs=PLANE)))
    moved = _measure(units, roads, ArrayRaster(grid, people.values), distance_m=900.0).table
    pd.testing.assert_frame_equal(still, moved, rtol=1e-6, atol=1e-6)


def _moved(layer, shift):
    moved = layer.copy()
    moved.geometry = shapely.transform(layer.geometry.to_numpy(), lambda xy: xy + shift)
    return moved.to_crs(4326)


@settings(deadline=None, max_examples=10)
@given(lines=lines, people=grids)
def test_nobody_is_lost_between_communes_and_between_answers(lines, people):
    units, roads = _units(THREE), _roads(*lines)
    table = _measure(units, roads, people, distance_m=900.0).table
    one = units.dissolve()
    one.index = pd.Index(["00009"], name="commune_code")
    whole = _measure(one, roads, people, distance_m=900.0).table.loc["00009"]
    assert table["access_people"].sum() == pytest.approx(whole["access_people"], rel=1e-9)
    assert (table["people_without_road"] <= table["access_people"] * (1 + 1e-12)).all()
    shares = table["rural_access_pct"].fillna(0) / 100
    kept = shares * table["access_people"] + table["people_without_road"]
    assert list(kept) == pytest.approx(list(table["access_people"]), rel=1e-9, abs=1e-9)


def test_a_raster_in_degrees_agrees_with_buffer_and_overlay():
    units, roads = _units(THREE), _roads([(0, 0), (5, 1)], [(6, 5), (7, 5.5)])
    west, south, east, north = units.total_bounds
    cell = 1 / 1_200
    shape = int((north - south) / cell) + 3, int((east - west) / cell) + 3
    grid = Grid(units.crs, west - cell, north + cell, cell, cell, *shape)
    people = ArrayRaster(grid, np.random.default_rng(1).integers(0, 4, shape))
    table = _measure(units, roads, people, distance_m=1_000.0).table
    slow = people_near_by_buffer(units, roads.geometry, people, PLANE, 1_000.0)
    share = (1 - table["people_without_road"] / table["access_people"]).astype(float)
    np.testing.assert_allclose(share, slow["near"] / slow["people"], atol=5e-4)


# Villages


def _villages(rows, crs=PLANE):
    """Villages from (code, commune, x km, y km, population)."""
    frame = pd.DataFrame(rows, columns=["village_code", "commune_code", "x", "y", "population"])
    shapes = [
        None if np.isnan(x) else _place(Point(1_000 * x, 1_000 * y))
        for x, y in zip(frame["x"], frame["y"], strict=True)
    ]
    data = {"commune_code": frame["commune_code"], "population": pd.array(frame["population"], dtype="Float64")}
    layer = gpd.GeoDataFrame(data, geometry=shapes, crs=PLANE).set_index(pd.Index(frame["village_code"]))
    return layer.to_crs(crs)


def _by_villages(rows, roads, **options):
    return cover.measure_village_access(_units(TWO, PLANE), _villages(rows), roads, **options)


SOUTH = _roads([(0, 0), (8, 0)], crs=PLANE)


def test_villages_at_exactly_the_distance_are_served():
    rows = [("a", "00001", 1, 2, 100), ("b", "00001", 2, 2.001, 300), ("c", "00002", 5, 1, 50)]
    found = _by_villages(rows, SOUTH)
    assert list(found.table["rural_access_pct"]) == [25, 100]
    assert list(found.table["people_without_road"]) == [300, 0]
    assert list(found.table["village_access_pct"]) == [50, 100]
    assert list(found.table["villages_without_road_count"]) == [1, 0]
    assert list(found.table["access_people"]) == [400, 50]
    assert found.table["villages_without_road_count"].dtype == "Int64"
    assert list(found.more["villages"]["near_road"]) == [True, False, True]


def test_villages_of_unknown_population_bound_the_share():
    rows = [
        ("a", "00001", 1, 1, 100),
        ("b", "00001", 1, 3, 100),
        ("c", "00001", 1, 1, None),
        ("d", "00002", 5, 1, None),
    ]
    table = _by_villages(rows, SOUTH).table
    first = table.loc["00001"]
    # Half of the known people; the unknown village is served, so the share can only be more.
    assert pd.isna(first["rural_access_pct"])
    assert (first["rural_access_pct_low"], first["rural_access_pct_high"]) == (50, 100)
    assert first["people_without_road"] == 100 and pd.isna(first["access_people"])
    assert first["village_access_pct"] == pytest.approx(200 / 3)
    # All villages are served: so are all people, however many.
    assert table.loc["00002", "rural_access_pct"] == 100 and table.loc["00002", "people_without_road"] == 0


def test_villages_near_a_road_of_unknown_season_are_unknown():
    roads = _roads([(0, 0), (8, 0)], all_season=None, crs=PLANE)
    found = _by_villages([("a", "00001", 1, 1, 100), ("b", "00001", 1, 3, 100)], roads)
    row = found.table.loc["00001"]
    assert pd.isna(row["rural_access_pct"])
    assert (row["rural_access_pct_low"], row["rural_access_pct_high"]) == (0, 50)
    assert (row["villages_without_road_count_low"], row["villages_without_road_count_high"]) == (1, 2)
    assert found.more["villages"]["near_road"].isna().tolist() == [True, False]


def test_a_village_without_a_place_or_a_commune_is_told():
    rows = [
        ("a", "00001", 1, 1, 100),
        ("b", "00001", np.nan, np.nan, 300),
        ("c", None, 1, 1, 7),
        ("d", "99999", 1, 1, 7),
    ]
    found = _by_villages(rows, SOUTH)
    row = found.table.loc["00001"]
    assert (row["rural_access_pct_low"], row["rural_access_pct_high"]) == (25, 100)
    told = {issue.message.id: issue.value for issue in found.issues}
    assert told == {"access.village_without_commune": "c, d", "access.village_without_place": "b"}
    assert found.table.loc["00002"].isna().all()


def test_villages_outside_the_cover_of_the_roads_are_unknown():
    rows = [("a", "00001", 1, 1, 100), ("b", "00002", 5, 1, 300)]
    found = _by_villages(rows, SOUTH, covered={"00001"})
    assert found.table.loc["00002"].drop("access_people").isna().all()
    assert found.table.loc["00002", "access_people"] == 300
    assert found.more["villages"]["near_road"].tolist() == [True, pd.NA]


def test_villages_in_degrees_are_refused():
    with pytest.raises(CRSError):
        cover.measure_village_access(_units(TWO), _villages([("a", "00001", 1, 1, 1)], 4326), _roads(ALONG_SOUTH))


# Upper units


def test_upper_units_add_up_people_not_shares():
    rows = [("a", "00001", 1, 2, 100), ("b", "00001", 2, 3, 300), ("c", "00002", 5, 1, 600)]
    table = _by_villages(rows, SOUTH).table
    upper = cover.upper_access(table, pd.Series({"00001": "04", "00002": "04"}))
    assert upper.loc["04", "rural_access_pct"] == 70
    assert upper.loc["04", "people_without_road"] == 300 and upper.loc["04", "access_people"] == 1_000
    assert upper.loc["04", "access_unknown_commune_count"] == 0


def test_an_upper_unit_with_an_unknown_commune_lies_between_bounds():
    rows = [("a", "00001", 1, 2, 100), ("b", "00001", 2, 3, 300), ("c", "00002", 5, 1, 600)]
    table = _by_villages(rows, SOUTH, covered=["00001"]).table
    upper = cover.upper_access(table, pd.Series({"00001": "04", "00002": "04"})).loc["04"]
    assert pd.isna(upper["rural_access_pct"]) and upper["access_unknown_commune_count"] == 1
    assert (upper["rural_access_pct_low"], upper["rural_access_pct_high"]) == (10, 70)
    assert (upper["people_without_road_low"], upper["people_without_road_high"]) == (300, 900)


def test_an_upper_unit_with_unknown_people_is_unknown():
    rows = [("a", "00001", 1, 2, 100), ("b", "00001", 2, 1, None), ("c", "00002", 5, 1, 600)]
    upper = cover.upper_access(_by_villages(rows, SOUTH).table, pd.Series({"00001": "04", "00002": "08"}))
    assert upper.loc["04"].drop("access_unknown_commune_count").isna().all()
    assert upper.loc["04", "access_unknown_commune_count"] == 1
    assert upper.loc["08", "rural_access_pct"] == 100


def test_nobody_in_a_commune_adds_nothing_to_the_unit_above():
    values = np.hstack([np.zeros((4, 5)), np.ones((4, 3))])
    table = _measure(_units(TWO), _roads([(4, 0), (8, 0)]), _people(values)).table
    upper = cover.upper_access(table, pd.Series({"00001": "04", "00002": "04"})).loc["04"]
    assert upper["rural_access_pct"] == pytest.approx(50, abs=1e-3) and upper["access_unknown_commune_count"] == 0


@pytest.mark.realdata
def test_a_real_province_agrees_with_buffer_and_overlay(shared_data):
    from geontm.load import open_raster

    communes = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet")
    raster = shared_data / "data" / "real" / "population_worldpop_2020_1km_vietnam.tif"
    for province in ("22", "46"):
        units = communes[communes["province_code"].astype(str) == province].set_index("code")[["geometry"]]
        rng = np.random.default_rng(int(province))
        starts = shapely.get_coordinates(units.geometry.representative_point())
        ends = starts + rng.normal(0, 0.05, starts.shape)
        lines = [LineString([a, b]) for a, b in zip(starts, ends, strict=True)]
        roads = gpd.GeoDataFrame({"all_season": [True] * len(lines)}, geometry=lines, crs=4326)
        with open_raster(raster, kind="population") as people:
            table = cover.measure_rural_access(units, roads, people, metric_crs=province_crs(province)).table
            slow = people_near_by_buffer(units, roads.geometry, people, province_crs(province), 2_000.0)
        settled = slow["people"] > 0
        assert settled.sum() > 30
        share = (1 - table["people_without_road"] / table["access_people"]).astype(float)[settled]
        assert (share - (slow["near"] / slow["people"])[settled]).abs().max() <= 0.005
