"""What could be built, on squares whose answer is visible, and the laws of it."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm import cover
from geontm.cover.candidates import CANDIDATE_COLUMNS
from geontm.tables import ArrayRaster, Grid, province_crs

PLANE = province_crs("04")
EAST, NORTH = 500_000.0, 2_500_000.0


def moved(shape):
    return shapely.transform(shape, lambda xy: 1_000 * xy + np.array([EAST, NORTH]))


def layer(shapes, columns=None, index=None, *, metric=False):
    """A layer from shapes in km."""
    frame = gpd.GeoDataFrame(columns or {}, geometry=[moved(shape) for shape in shapes], crs=PLANE, index=index)
    return frame if metric else frame.to_crs(4326)


def communes(*boxes, metric=False):
    codes = pd.Index([f"0000{n}" for n in range(1, len(boxes) + 1)], name="commune_code", dtype="str")
    return layer([shapely.segmentize(shapely.box(*box), 0.05) for box in boxes], index=codes, metric=metric)


def roads(*rows, metric=False):
    """Each row: points (km), all_season, and class and surface where they matter."""
    rows = [(*row, "village_road", "earth")[:4] if len(row) == 2 else row for row in rows]
    columns = {
        "road_id": [f"R{n}" for n in range(len(rows))],
        "road_class": pd.array([row[2] for row in rows], dtype="str"),
        "surface": pd.array([row[3] for row in rows], dtype="str"),
        "all_season": pd.array([row[1] for row in rows], dtype="boolean"),
    }
    return layer([shapely.LineString(row[0]) for row in rows], columns, metric=metric)


def hamlets(*rows, commune="00001", metric=False):
    """Each row: x, y (km), people, households, and the commune where it is not the first."""
    columns = {
        "commune_code": [row[4] if len(row) > 4 else commune for row in rows],
        "population": pd.array([row[2] for row in rows], dtype="Float64"),
        "household_count": pd.array([row[3] for row in rows], dtype="Float64"),
    }
    index = pd.Index([f"V{n}" for n in range(1, len(rows) + 1)], name="village_code", dtype="str")
    return layer([shapely.Point(row[:2]) for row in rows], columns, index, metric=metric)


def places(*rows, kind="school", metric=False):
    """Each row: x, y (km), working, and a radius (m) where it matters."""
    columns = {
        "site_id": [f"S{n}" for n in range(len(rows))],
        "kind": pd.array([kind] * len(rows), dtype="str"),
        "working": pd.array([row[2] for row in rows], dtype="boolean"),
        "radius_m": pd.array([row[3] if len(row) > 3 else None for row in rows], dtype="Float64"),
    }
    return layer([shapely.Point(row[:2]) for row in rows], columns, metric=metric)


def upgrades(units, lines, **options):
    found = cover.find_upgrades(units, lines, metric_crs=PLANE, **options)
    assert list(found.table.index) == list(units.index)
    table = found.more["candidates"]
    assert list(table) == list(CANDIDATE_COLUMNS)
    return table


def people(values, *, cell_m=100.0, top=4_000.0):
    values = np.asarray(values, dtype=np.float64)
    return ArrayRaster(Grid(PLANE, EAST, NORTH + top, cell_m, cell_m, *values.shape), values, name="people.tif")


ONE = communes((0, 0, 12, 4))
# A good road in the west, an earth road that goes on from it to the east.
GOOD, EARTH = ([(0, 2), (2, 2)], True), ([(2, 2), (8, 2)], False)


def test_an_upgrade_serves_the_villages_that_the_good_road_does_not():
    homes = hamlets((1, 1, 100, 20), (5, 1, 40, 10), (7, 4, 50, 11), (11, 2, 60, 12))
    (row,) = upgrades(ONE, roads(GOOD, EARTH), villages=homes).itertuples()
    assert (row.kind, row.service, row.commune_code, row.counted) == ("road_upgrade", "rural_access", "00001", "alone")
    # The first is near the good road, the third lies at exactly 2 km, the last 3 km beyond the end.
    assert row.villages == "V2; V3"
    assert row.village_count == 2
    assert (row.people_newly_served, row.people_newly_served_low, row.people_newly_served_high) == (90, 90, 90)
    assert row.households_newly_served == 21
    assert row.length_km == pytest.approx(6, rel=2e-4)
    assert row.season_known
    assert row.touches_all_season
    assert (row.road_class, row.surface) == ("village_road", "earth")
    drawn = gpd.GeoSeries.from_wkt([row.geometry_wkt], crs=4326).to_crs(PLANE).iloc[0]
    assert drawn.hausdorff_distance(moved(shapely.LineString(EARTH[0]))) < 0.1


def test_people_of_cells_are_the_area_that_is_newly_near():
    # 1 person in each hectare of 12 by 4 km: the stretch reaches the strip of 4 km from x = 2 to x = 8 and a half
    # circle of 2 km at its end, and the good road has a half circle of its own already.
    (row,) = upgrades(ONE, roads(GOOD, EARTH), population=people(np.ones((40, 120)))).itertuples()
    assert row.people_newly_served == pytest.approx(6 * 4 * 100, rel=2e-3)
    assert pd.isna(row.villages)
    assert pd.isna(row.village_count)
    assert pd.isna(row.households_newly_served)


def test_coarse_cells_are_parted():
    fine = upgrades(ONE, roads(GOOD, EARTH), population=people(np.ones((40, 120))))
    coarse = upgrades(ONE, roads(GOOD, EARTH), population=people(np.full((4, 12), 100.0), cell_m=1_000))
    assert coarse["people_newly_served"][0] == pytest.approx(fine["people_newly_served"][0], rel=1e-3)


def test_the_whole_of_what_rural_access_leaves_out_is_gained_by_one_upgrade_of_everything():
    field = people(np.random.default_rng(4).integers(0, 9, (40, 120)))
    lines = roads(GOOD, ([(2, 2), (11, 2), (11, 0)], False))
    before = cover.measure_rural_access(ONE, lines, field, metric_crs=PLANE).table["people_without_road"].iloc[0]
    better = lines.assign(all_season=pd.array([True, True], dtype="boolean"))
    after = cover.measure_rural_access(ONE, better, field, metric_crs=PLANE).table["people_without_road"].iloc[0]
    table = upgrades(ONE, lines, population=field)
    assert table["people_newly_served"].sum() == pytest.approx(before - after, rel=2e-3)


def test_a_road_of_unknown_season_is_a_candidate_that_may_serve_nobody():
    homes = hamlets((5, 1, 40, 10))
    table = upgrades(ONE, roads(GOOD, (EARTH[0], None)), villages=homes)
    (row,) = table.itertuples()
    assert not row.season_known
    assert pd.isna(row.people_newly_served)
    assert (row.people_newly_served_low, row.people_newly_served_high) == (0, 40)
    assert row.touches_all_season


def test_where_no_road_tells_its_season_nothing_is_proposed():
    lines = roads((GOOD[0], None), (EARTH[0], None))
    found = cover.find_upgrades(ONE, lines, villages=hamlets((5, 1, 40, 10)), metric_crs=PLANE)
    assert found.more["candidates"].empty
    assert [issue.message.id for issue in found.issues] == ["candidates.no_season"]


def test_where_a_road_of_unknown_season_may_serve_already_the_gain_of_another_has_bounds():
    homes = hamlets((5, 1, 40, 10), (7, 3, 25, 5))
    lines = roads(([(4, 1), (8, 1)], False), ([(5, 0), (5, 0.5)], None, "lane", "earth"))
    table = upgrades(ONE, lines, villages=homes).set_index("road_class")
    # The second village lies 2 km from the lane across and 2.5 km along: only the other road reaches it.
    assert table.loc["village_road", "people_newly_served_low"] == 25
    assert table.loc["village_road", "people_newly_served_high"] == 65
    assert (
        table.loc["village_road", "touches_all_season"] is np.False_
        or not table.loc["village_road", "touches_all_season"]
    )
    assert table.loc["lane", "people_newly_served_low"] == 0
    assert table.loc["lane", "people_newly_served_high"] == 40


def test_people_of_unknown_number_leave_the_gain_open_upwards():
    (row,) = upgrades(ONE, roads(GOOD, EARTH), villages=hamlets((5, 1, None, None), (7, 1, 30, 7))).itertuples()
    assert row.people_newly_served_low == 30
    assert pd.isna(row.people_newly_served_high)
    assert pd.isna(row.people_newly_served)
    assert row.village_count == 2


def test_stretches_are_apart_by_class_surface_and_commune_and_together_by_vertices():
    units = communes((0, 0, 6, 4), (6, 0, 12, 4))
    lines = roads(
        ([(0, 2), (3, 2)], False),
        ([(3, 2), (5, 2)], False),
        ([(5, 2), (6, 2)], False, "lane", "earth"),
        ([(6, 2), (9, 2)], False),
        ([(0, 0.5), (1, 0.5)], False),
    )
    homes = hamlets((1, 1, 10, 2), (9, 1, 20, 4, "00002"), (5, 2, 5, 1))
    table = upgrades(units, lines, villages=homes)
    assert len(table) == 4
    long = table[table["length_km"].between(4.9, 5.1)].iloc[0]
    assert long["commune_code"] == "00001"
    assert long["villages"] == "V1; V3"
    other = table[table["commune_code"] == "00002"].iloc[0]
    # Across the boundary as well: V3 stands 1 km from its start.
    assert other["villages"] == "V2; V3"


def test_roads_that_serve_nobody_new_are_no_candidates():
    assert upgrades(ONE, roads(GOOD, EARTH), villages=hamlets((1, 1, 100, 20))).empty
    assert upgrades(ONE, roads(GOOD), villages=hamlets((9, 1, 100, 20))).empty
    assert upgrades(ONE, roads(GOOD, EARTH), villages=hamlets()).empty
    assert upgrades(ONE, roads(), population=people(np.ones((40, 120)))).empty


def test_communes_that_the_layer_does_not_cover_have_no_candidates_and_no_sure_gain():
    units = communes((0, 0, 6, 4), (6, 0, 12, 4))
    homes = hamlets((5, 1, 40, 10), (7, 1, 30, 6, "00002"))
    lines = roads(([(3, 2), (5, 2)], False), ([(8, 2), (9, 2)], False))
    (row,) = upgrades(units, lines, villages=homes, covered={"00001"}).itertuples()
    assert row.commune_code == "00001"
    assert row.people_newly_served == 40
    near = hamlets((5, 1, 40, 10), (6.5, 1.5, 30, 6, "00002"))
    (row,) = upgrades(units, lines, villages=near, covered={"00001"}).itertuples()
    assert (row.people_newly_served_low, row.people_newly_served_high) == (40, 70)


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(7)
    starts = rng.uniform(0, 12, (30, 2)) * [1, 1 / 3]
    lines = roads(
        *(
            ([tuple(at), tuple(at + step)], [True, False, None][n % 3], ["lane", "village_road"][n % 2], "earth")
            for n, (at, step) in enumerate(zip(starts, rng.uniform(-1, 1, (30, 2)), strict=True))
        )
    )
    homes = hamlets(*((*at, float(n), 1.0) for n, at in enumerate(rng.uniform(0, 4, (20, 2)))))
    field = people(rng.uniform(0, 3, (40, 120)))
    one = upgrades(ONE, lines, population=field, villages=homes, distance_m=700)
    other = upgrades(
        ONE, lines.sample(frac=1, random_state=1), population=field,
        villages=homes.sample(frac=1, random_state=2), distance_m=700,
    )  # fmt: skip
    assert len(one) > 5
    pd.testing.assert_frame_equal(cover_sorted(one), cover_sorted(other), check_exact=True)


def cover_sorted(table):
    return table.sort_values("candidate_id", ignore_index=True)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([300.0, 700.0, 1_500.0]))
def test_a_longer_stretch_never_serves_fewer(seed, distance_m):
    rng = np.random.default_rng(seed)
    bends = [tuple(at) for at in rng.uniform(0, 4, (4, 2))]
    homes = hamlets(*((*at, 1.0, 1.0) for at in rng.uniform(0, 4, (25, 2))))
    good = (([(0, 0), (1, 0)]), True)
    gains = []
    for n in (2, 3, 4):
        table = upgrades(ONE, roads(good, (bends[:n], False)), villages=homes, distance_m=distance_m)
        gains.append(table["people_newly_served"].sum())
    assert gains == sorted(gains)


# Links.


def links(units, lines, seats, homes, *, bridges=None, barriers=None, **options):
    network = cover.build_network(lines, bridges=bridges, barriers=barriers)
    found = cover.find_links(units, network, seats, homes, **options)
    table = found.more["candidates"]
    assert list(table) == list(CANDIDATE_COLUMNS)
    return table


UNIT_M = communes((0, 0, 12, 6), metric=True)
CENTRE = places((1, 1, True), kind="commune_centre", metric=True)
MAIN = ([(0, 1), (4, 1)], True)


def test_a_village_without_a_road_is_linked_from_its_place():
    homes = hamlets((2, 1, 100, 20), (3, 4, 50, 11), metric=True)
    (row,) = links(UNIT_M, roads(MAIN, metric=True), CENTRE, homes).itertuples()
    assert (row.kind, row.service, row.villages, row.counted) == ("road_link", "connection", "V2", "alone")
    assert row.length_km == pytest.approx(3, rel=2e-4)
    assert (row.people_newly_served, row.households_newly_served) == (50, 11)
    assert pd.isna(row.needs_bridge)
    x, y = gpd.GeoSeries([shapely.Point(row.lon, row.lat)], crs=4326).to_crs(PLANE).iloc[0].coords[0]
    assert (x, y) == pytest.approx((EAST + 3_000, NORTH + 4_000), abs=0.05)


def test_one_link_connects_all_villages_behind_it():
    island = ([(6, 1), (10, 1), (10, 4)], True)
    homes = hamlets((6, 1, 10, 2), (10, 4, 20, 4), (11.5, 5.9, 7, 1), metric=True)
    table = links(UNIT_M, roads(MAIN, island, metric=True), CENTRE, homes).set_index("villages")
    # From where the island's road comes nearest to the main one, 2 km; the last village has no road at all.
    assert table.loc["V1; V2", "length_km"] == pytest.approx(2, rel=2e-4)
    assert table.loc["V1; V2", "people_newly_served"] == 30
    assert table.loc["V3", "length_km"] == pytest.approx(np.hypot(7.5, 4.9), rel=2e-4)
    assert len(table) == 2


def test_villages_that_hang_on_a_road_of_unknown_season_are_behind_a_link_perhaps():
    homes = hamlets((8, 1, 10, 2), (8, 5, 20, 4), metric=True)
    lines = roads(MAIN, ([(7, 1), (8, 1)], True), ([(8, 1), (8, 5)], None), metric=True)
    table = links(UNIT_M, lines, CENTRE, homes).sort_values("length_km", ignore_index=True)
    assert list(table["villages"]) == ["V1; V2", "V1; V2"]
    assert list(table["people_newly_served_low"]) == [10, 20]
    assert list(table["people_newly_served_high"]) == [30, 30]
    assert table["length_km"][0] == pytest.approx(3, rel=2e-4)


def test_a_link_over_a_river_needs_a_bridge():
    river = layer([shapely.LineString([(0, 3), (12, 3)])], metric=True)
    homes = hamlets((3, 4, 50, 11), (6, 1, 5, 1), metric=True)
    table = links(UNIT_M, roads(MAIN, metric=True), CENTRE, homes, barriers=river).set_index("villages")
    assert table["needs_bridge"].to_dict() == {"V1": True, "V2": False}


def test_a_broken_bridge_is_a_link_of_no_length():
    lines = roads(([(0, 1), (10, 1)], True), metric=True)
    bridge = layer([shapely.Point(5, 1)], {"working": pd.array([False], dtype="boolean")}, metric=True)
    (row,) = links(UNIT_M, lines, CENTRE, hamlets((9, 1, 50, 11), metric=True), bridges=bridge).itertuples()
    assert row.length_km < 0.001
    assert row.needs_bridge


def test_a_centre_without_a_road_is_linked_itself_and_unknown_connections_are_left_out():
    homes = hamlets((5, 1, 50, 11), metric=True)
    (row,) = links(UNIT_M, roads(([(4, 1), (6, 1)], True), metric=True), CENTRE, homes).itertuples()
    assert row.length_km == pytest.approx(3, rel=2e-4)
    assert links(UNIT_M, roads(MAIN, ([(4, 1), (5, 1)], None), metric=True), CENTRE, homes).empty
    assert links(UNIT_M, roads(MAIN, metric=True), CENTRE.iloc[:0], homes).empty
    assert links(UNIT_M, roads(MAIN, metric=True), CENTRE, homes, covered=[]).empty


def test_links_do_not_hang_on_the_order_of_rows():
    rng = np.random.default_rng(3)
    starts = rng.uniform(0, 6, (40, 2))
    lines = roads(
        MAIN, *(([tuple(at), tuple(at + 0.4)], [True, None][n % 2]) for n, at in enumerate(starts)), metric=True
    )
    homes = hamlets(*((*at, 10.0, 2.0) for at in rng.uniform(0, 6, (25, 2))), metric=True)
    one = links(UNIT_M, lines, CENTRE, homes)
    other = links(UNIT_M, lines.sample(frac=1, random_state=1), CENTRE, homes.sample(frac=1, random_state=2))
    assert len(one) > 3
    pd.testing.assert_frame_equal(cover_sorted(one), cover_sorted(other), check_exact=True)


# Sites.


def new_sites(homes, sites, *, kind="school", radius_m=1_000.0, units=ONE, **options):
    found = cover.find_new_sites(units, homes, sites, kind=kind, radius_m=radius_m, metric_crs=PLANE, **options)
    table = found.more["candidates"]
    assert list(table) == list(CANDIDATE_COLUMNS)
    return table


NONE = places()


def test_the_first_site_stands_where_it_serves_most_and_the_next_where_most_are_left():
    homes = hamlets((1, 1, 10, 2), (2, 1, 10, 3), (3, 1, 10, 4), (8, 1, 25, 5), (11, 3, 5, 1))
    table = new_sites(homes, NONE)
    # V2 serves V1 and V3, which lie at exactly 1 km.
    assert list(table["villages"]) == ["V1; V2; V3", "V4", "V5"]
    assert list(table["order"]) == [1, 2, 3]
    assert list(table["people_newly_served"]) == [30, 25, 5]
    assert list(table["people_cumulative"]) == [30, 55, 60]
    assert list(table["households_newly_served"]) == [9, 5, 1]
    assert set(table["counted"]) == {"after_earlier"}
    assert set(table["radius_m"]) == {1_000.0}
    assert list(new_sites(homes, NONE, most_sites=2)["order"]) == [1, 2]


def test_of_equal_places_the_first_by_code_is_taken():
    homes = hamlets((1, 1, 10, 2), (1.5, 1, 10, 3), (8, 1, 20, 5))
    assert list(new_sites(homes, NONE)["villages"]) == ["V1; V2", "V3"]
    assert new_sites(homes, NONE)["candidate_id"][0].startswith("site-00001-")


def test_villages_near_a_working_school_need_none_and_those_near_a_doubtful_one_perhaps():
    homes = hamlets((1, 1, 10, 2), (4, 1, 20, 4), (4.5, 1, 30, 6), (9, 1, 40, 8), (9.5, 1, 5, 1))
    sites = places((1, 1.5, True), (3.2, 1, None), (9, 1.1, False))
    table = new_sites(homes, sites)
    # V2 is near a school that may work: whoever is served beside it gains for certain, V2 perhaps.
    first, second = table.itertuples()
    assert (first.villages, first.people_newly_served) == ("V4; V5", 45)
    assert second.villages == "V2; V3"
    assert (second.people_newly_served_low, second.people_newly_served_high) == (30, 50)
    assert (second.people_cumulative_low, second.people_cumulative_high) == (75, 95)


def test_waterworks_serve_within_their_own_radius():
    homes = hamlets((1, 1, 10, 2), (4, 1, 20, 4), (9, 1, 30, 6))
    works = places((2, 1, True, 2_000.0), (8.5, 1, False, 2_000.0), kind="water")
    assert list(new_sites(homes, works, kind="water")["villages"]) == ["V3"]
    # With a greater radius of new works no village served now comes back.
    assert list(new_sites(homes, works, kind="water", radius_m=9_000.0)["villages"]) == ["V3"]


def test_people_of_unknown_number_are_served_last_and_leave_the_sum_open():
    homes = hamlets((1, 1, None, 2), (4, 1, 20, 4))
    first, second = new_sites(homes, NONE).itertuples()
    assert (first.villages, second.villages) == ("V2", "V1")
    assert second.people_newly_served_low == 0
    assert pd.isna(second.people_newly_served_high)
    assert second.people_cumulative_low == 20
    by_households = cover.find_new_sites(
        ONE, hamlets((1, 1, None, 2), (4, 1, None, 4)), NONE, kind="school", radius_m=100.0, metric_crs=PLANE
    )
    assert list(by_households.more["candidates"]["villages"]) == ["V2", "V1"]
    assert "candidates.by_households" in [issue.message.id for issue in by_households.issues]
    by_number = cover.find_new_sites(
        ONE, hamlets((1, 1, None, None), (4, 1, None, None), (4.1, 1, None, None)), NONE,
        kind="school", radius_m=500.0, metric_crs=PLANE,
    )  # fmt: skip
    assert list(by_number.more["candidates"]["villages"]) == ["V2; V3", "V1"]


def test_villages_elsewhere_are_left_out_and_nothing_gives_nothing():
    homes = hamlets((1, 1, 10, 2, "99999"), (4, 1, 20, 4))
    assert list(new_sites(homes, NONE)["villages"]) == ["V2"]
    assert new_sites(homes, NONE, covered=[]).empty
    assert new_sites(hamlets(), NONE).empty
    with pytest.raises(ValueError, match="radius_m"):
        new_sites(homes, NONE, radius_m=0)


VILLAGES = st.lists(st.tuples(st.integers(0, 24), st.integers(0, 8), st.integers(1, 9)), min_size=1, max_size=9)


@settings(deadline=None, max_examples=40)
@given(VILLAGES, st.integers(1, 3))
def test_greedy_is_best_for_one_site_and_near_the_best_for_more(rows, k):
    homes = hamlets(*((x / 2, y / 2, float(n), 1.0) for x, y, n in rows))
    table = new_sites(homes, NONE, most_sites=k)
    at = np.array([row[:2] for row in rows]) / 2
    near = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) <= 1
    amount = np.array([row[2] for row in rows])
    best = max(amount[near[list(some)].any(axis=0)].sum() for some in combinations(range(len(rows)), min(k, len(rows))))
    reached = table["people_newly_served"].sum()
    assert reached == table["people_cumulative"].iloc[-1]
    assert reached >= (1 - 1 / np.e) * best - 1e-9
    if k == 1:
        assert reached == best
    gains = list(table["people_newly_served"])
    assert gains == sorted(gains, reverse=True)


@settings(deadline=None, max_examples=20)
@given(VILLAGES, st.randoms(use_true_random=False))
def test_every_village_is_served_once_in_any_order_of_rows(rows, random):
    homes = hamlets(*((x / 2, y / 2, float(n), 1.0) for x, y, n in rows))
    table = new_sites(homes, NONE)
    served = [code for cell in table["villages"] for code in cell.split("; ")]
    assert sorted(served) == sorted(homes.index)
    assert table["people_cumulative"].iloc[-1] == homes["population"].sum()
    order = list(range(len(rows)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(new_sites(homes.iloc[order], NONE), table, check_exact=True)


def test_stacked_candidates_are_in_one_order_and_have_codes_of_their_own():
    homes = hamlets((5, 1, 40, 10), (11, 2, 60, 12))
    found = cover.find_new_sites(ONE, homes, NONE, kind="school", radius_m=500.0, metric_crs=PLANE)
    better = cover.find_upgrades(ONE, roads(GOOD, EARTH), villages=homes, metric_crs=PLANE)
    table = cover.stack_candidates(found, better)
    assert list(table["kind"]) == ["new_site", "new_site", "road_upgrade"]
    assert table["candidate_id"].is_unique
    pd.testing.assert_frame_equal(table, cover.stack_candidates(better, found))
    assert cover.stack_candidates().empty
