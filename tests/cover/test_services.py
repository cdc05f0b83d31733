"""Services on small squares: the nearest site, how many, and who lives within a distance."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box
from slow_reference import people_near_by_buffer

from geontm import cover
from geontm.errors import CRSError
from geontm.project import read_dictionary
from geontm.tables import ArrayRaster, Grid, province_crs

PLANE = province_crs("04")
EAST, NORTH = 500_000.0, 2_500_000.0
TWO = {"00001": (0, 0, 4, 4), "00002": (4, 0, 8, 4)}


def _layer(frame, shapes, crs=4326):
    """A layer from shapes in km."""
    placed = [each and shapely.transform(each, lambda xy: 1_000 * xy + np.array([EAST, NORTH])) for each in shapes]
    return gpd.GeoDataFrame(frame, geometry=placed, crs=PLANE).to_crs(crs)


def _units(crs=4326):
    index = pd.Index(list(TWO), name="commune_code", dtype="str")
    squares = shapely.segmentize([box(*square) for square in TWO.values()], 0.05)
    return _layer(pd.DataFrame(index=index), squares, crs)


def _sites(*places, working=True, kind="school", crs=4326):
    """Sites from (x, y) in km, or shapes; ``working`` is one state or one for each."""
    states = working if isinstance(working, list) else [working] * len(places)
    frame = {
        "site_id": [f"s{n}" for n in range(len(places))],
        "kind": [kind] * len(places),
        "working": pd.array(states, dtype="boolean"),
    }
    return _layer(frame, [Point(*each) if isinstance(each, tuple) else each for each in places], crs)


def _people(values, cell_km=1.0):
    values = np.asarray(values, dtype=np.float64)
    return ArrayRaster(Grid(PLANE, EAST, NORTH + 4_000, 1_000 * cell_km, 1_000 * cell_km, *values.shape), values)


def _villages(*rows, crs=4326):
    """Villages from (code, commune, x, y, population)."""
    frame = pd.DataFrame(rows, columns=["village_code", "commune_code", "x", "y", "population"])
    shapes = [Point(x, y) for x, y in zip(frame["x"], frame["y"], strict=True)]
    data = {"commune_code": frame["commune_code"], "population": pd.array(frame["population"], dtype="Float64")}
    return _layer(data, shapes, crs).set_index(pd.Index(frame["village_code"]))


def _measure(sites, *, kind="school", **options):
    return cover.measure_services(_units(), sites, kind=kind, metric_crs=PLANE, **options)


def test_working_sites_inside_are_counted():
    table = _measure(_sites((1, 1), (2, 3), (5, 1), (7, 1), working=[True, True, False, True])).table
    assert list(table["school_count"]) == [2, 1]
    assert table["school_count"].dtype == "Int64"
    assert list(table) == ["school_count", "school_count_low", "school_count_high"]


def test_sites_of_unknown_state_give_bounds():
    found = _measure(
        _sites((1, 1), (2, 3), working=[True, None]), population=_people(np.ones((4, 8))), within_m=1_000.0
    )
    row = found.table.loc["00001"]
    assert pd.isna(row["school_count"]) and (row["school_count_low"], row["school_count_high"]) == (1, 2)
    assert row["nearest_school_km_low"] < row["nearest_school_km_high"] and pd.isna(row["nearest_school_km"])
    # A circle of 1 km holds 3.14 of 16 people, two that do not meet twice as many.
    assert row["school_within_pct_low"] == pytest.approx(100 * np.pi / 16, abs=0.2)
    assert row["school_within_pct_high"] == pytest.approx(200 * np.pi / 16, abs=0.4)
    assert [issue.message.id for issue in found.issues] == ["services.state_unknown"]


def test_other_kinds_are_left_out():
    sites = pd.concat([_sites((1, 1)), _sites((2, 2), (5, 1), kind="clinic")], ignore_index=True)
    assert list(_measure(sites, kind="clinic").table["clinic_count"]) == [1, 1]


def test_a_site_on_a_shared_boundary_counts_once_and_is_told():
    corner = _units().geometry.iloc[0].boundary.coords
    shared = next(Point(at) for at in corner if _units().geometry.intersects(Point(at)).all())
    sites = gpd.GeoDataFrame({"site_id": ["s0"], "kind": ["school"], "working": [True]}, geometry=[shared], crs=4326)
    found = _measure(sites)
    assert list(found.table["school_count"]) == [1, 0]
    assert [issue.message.id for issue in found.issues] == ["services.on_boundary"]
    turned = cover.measure_services(_units().iloc[::-1], sites, kind="school", metric_crs=PLANE).table
    assert turned.loc["00001", "school_count"] == 1


def test_a_site_outside_counts_nowhere_but_can_be_the_nearest():
    found = _measure(_sites((-1, 2)), villages=_villages(("a", "00001", 2, 2, 10), ("b", "00002", 5, 2, 10)))
    assert list(found.table["school_count"]) == [0, 0]
    assert list(found.table["nearest_school_km"]) == pytest.approx([3, 6])
    assert [(issue.message.id, issue.value) for issue in found.issues] == [("services.outside", "s0")]
    assert found.more["sites"]["commune_code"].isna().all()


def test_the_mean_distance_is_that_of_the_people():
    villages = _villages(("a", "00001", 1, 1, 300), ("b", "00001", 1, 3, 100), ("c", "00002", 4.5, 1, 5))
    table = _measure(_sites((1, 1)), villages=villages, within_m=2_000.0).table
    assert list(table["nearest_school_km"]) == pytest.approx([0.5, 3.5])
    # 2 km is within 2 km only as far as the position of a village in degrees is: look at both sides of it.
    assert list(_measure(_sites((1, 1)), villages=villages, within_m=2_000.01).table["school_within_pct"]) == [100, 0]
    assert list(_measure(_sites((1, 1)), villages=villages, within_m=1_999.99).table["school_within_pct"]) == [75, 0]


def test_a_village_of_unknown_population_bounds_the_mean():
    villages = _villages(("a", "00001", 1, 1, 300), ("b", "00001", 1, 3, None))
    row = _measure(_sites((1, 1)), villages=villages, within_m=1_000.0).table.loc["00001"]
    assert pd.isna(row["nearest_school_km"])
    assert (row["nearest_school_km_low"], row["nearest_school_km_high"]) == pytest.approx((0, 2))
    assert (row["school_within_pct_low"], row["school_within_pct_high"]) == (0, 100)


def test_the_mean_distance_of_a_cell_is_taken_over_the_cell():
    values = np.zeros((4, 8))
    values[3, 0] = 9
    table = _measure(_sites((0.5, 0.5)), population=_people(values)).table
    # Mean distance from the middle of a square: 0.3826 of its side.
    assert table.loc["00001", "nearest_school_km"] == pytest.approx(0.3826, rel=0.03)


def test_where_no_site_works_nothing_is_nearest():
    found = _measure(_sites((1, 1), working=False), population=_people(np.ones((4, 8))), within_m=1_000.0)
    assert found.table["nearest_school_km"].isna().all()
    assert list(found.table["school_within_pct"]) == [0, 0] and list(found.table["school_count"]) == [0, 0]


def test_a_layer_without_any_site_of_the_kind_is_told():
    found = _measure(_sites((1, 1)), kind="market", population=_people(np.ones((4, 8))), within_m=1_000.0)
    assert list(found.table["market_count"]) == [0, 0] and found.table["nearest_market_km"].isna().all()
    assert [issue.message.id for issue in found.issues] == ["services.none"]


def test_communes_that_the_layer_does_not_cover_are_unknown():
    found = _measure(_sites((1, 1)), population=_people(np.ones((4, 8))), within_m=1_000.0, covered={"00001"})
    assert found.table.loc["00002"].isna().all() and found.table.loc["00001"].notna().all()
    assert [(issue.message.id, issue.value) for issue in found.issues] == [("services.not_covered", "00002")]


def test_where_nobody_lives_there_is_no_mean():
    values = np.hstack([np.zeros((4, 5)), np.ones((4, 3))])
    table = _measure(_sites((1, 1)), population=_people(values), within_m=1_000.0).table
    assert table.loc["00001", ["nearest_school_km", "school_within_pct"]].isna().all()
    assert table.loc["00001", "school_count"] == 1


def test_an_area_that_a_site_serves_is_at_no_distance():
    sites = _sites(box(-1, -1, 4, 2))
    table = _measure(sites, population=_people(np.ones((4, 8))), within_m=500.0).table
    # The area and half a kilometre more: 2.5 of 4 km.
    assert table.loc["00001", "school_within_pct"] == pytest.approx(62.5, abs=0.1)
    # Half of the people are inside; the others are 1 km away on average.
    assert table.loc["00001", "nearest_school_km"] == pytest.approx(0.5, abs=0.02)
    assert table.loc["00001", "school_count"] == 1


def test_sites_without_a_place_are_told():
    found = _measure(_sites((1, 1), None))
    assert [(issue.message.id, issue.value) for issue in found.issues] == [("services.no_place", "s1")]
    assert list(found.table["school_count"]) == [1, 0]


def test_wrong_crs_and_distances_are_refused():
    with pytest.raises(CRSError):
        _measure(_sites((1, 1), crs=PLANE))
    with pytest.raises(CRSError):
        cover.measure_services(_units(PLANE), _sites((1, 1)), kind="school", metric_crs=PLANE)
    with pytest.raises(CRSError):
        _measure(_sites((1, 1)), villages=_villages(("a", "00001", 1, 1, 1), crs=PLANE))
    with pytest.raises(ValueError, match="within_m"):
        _measure(_sites((1, 1)), within_m=-1.0)


def test_every_column_of_every_kind_is_in_the_dictionary():
    known = read_dictionary("indicators")
    villages = _villages(("a", "00001", 1, 1, 1))
    for kind in cover.SERVICE_KINDS:
        table = _measure(_sites((1, 1), kind=kind), kind=kind, villages=villages, within_m=9.0).table
        assert [name for name in table if name not in known] == []


place = st.tuples(st.floats(-1, 9), st.floats(-1, 5))


@settings(deadline=None, max_examples=15)
@given(places=st.lists(place, min_size=1, max_size=5), seed=st.integers(0, 99), order=st.randoms())
def test_it_agrees_with_buffer_and_overlay_whatever_the_order(places, seed, order):
    people, sites = _people(np.random.default_rng(seed).integers(0, 5, (8, 16)), 0.5), _sites(*places)
    table = _measure(sites, population=people, within_m=900.0).table
    slow = people_near_by_buffer(_units(), sites.geometry, people, PLANE, 900.0)
    np.testing.assert_allclose(table["school_within_pct"].astype(float), 100 * slow["near"] / slow["people"], atol=0.5)
    rows = list(range(len(sites)))
    order.shuffle(rows)
    pd.testing.assert_frame_equal(table, _measure(sites.iloc[rows], population=people, within_m=900.0).table)
    more = _measure(_sites(*places, (3, 3)), population=people, within_m=900.0).table
    assert (more["nearest_school_km"] <= table["nearest_school_km"] + 1e-12).all()
    assert (more["school_within_pct"] >= table["school_within_pct"] - 1e-12).all()
