"""People by travel time, on cells of 100 m that take one minute each on foot."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.cover import (
    TravelTime,
    Zones,
    link_cells,
    make_friction,
    measure_travel,
    near_units,
    travel_minutes,
    travel_minutes_to_own,
)
from geontm.project import read_dictionary
from geontm.tables import Window
from travel_ground import UTM, WALK, at, grid, line, minutes, places, raster, roads, shapes

KINDS = ("centre", "district_seat", "province_seat", "hospital", "border_gate", "clinic", "school", "market")


def zones_of(whole, cut=(), codes=("00001", "00002")) -> Zones:
    """Zones of cells given by unit, with cut cells as (flat cell, unit, share)."""
    whole = np.array(whole, dtype=np.int32)
    cells = grid(*whole.shape)
    cell, unit, share = (np.array([part[k] for part in cut]) for k in range(3))
    return Zones(
        cells,
        cells.whole,
        np.array(codes),
        whole,
        cell.astype(np.int64),
        unit.astype(np.int32),
        share.astype(np.float64),
    )


def units_of(*codes) -> gpd.GeoDataFrame:
    index = pd.Index(codes or ("00001", "00002"), name="commune_code")
    return gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)] * len(index), index=index, crs=4326)


def ground(size, **layers):
    return make_friction(grid(*size), grid(*size).whole, WALK, **layers)


def measured(time, people, zones, kind="hospital", **options):
    return measure_travel(units_of(), time, raster(np.asarray(people, dtype=float)), zones=zones, kind=kind, **options)


def along_a_row(values) -> TravelTime:
    minutes = np.array([values], dtype=float)
    return TravelTime(grid(*minutes.shape).whole, minutes)


def test_mean_and_shares_by_hand():
    zones = zones_of([[0, 0, 0, 1, 1]])
    found = measured(along_a_row([10, 20, 40, 100, 130]), [[1, 2, 1, 1, 3]], zones)
    first, second = found.table.loc["00001"], found.table.loc["00002"]
    assert first["hospital_travel_min"] == pytest.approx((10 + 40 + 40) / 4)
    assert first["hospital_within_15min_pct"] == pytest.approx(25)
    assert first["hospital_within_30min_pct"] == pytest.approx(75)
    assert first["hospital_within_60min_pct"] == pytest.approx(100)
    assert second["hospital_travel_min"] == pytest.approx(490 / 4)
    assert second["hospital_within_120min_pct"] == pytest.approx(25)
    assert (found.table["hospital_unreachable_people"] == 0).all()
    assert (found.table.dtypes == "Float64").all()


def test_limits_are_closed():
    exact = along_a_row([15, 15 * (1 + 1e-12), 15.001, 30, 120])
    table = measured(exact, [[1, 1, 1, 1, 1]], zones_of([[0, 0, 0, 0, 0]])).table.loc["00001"]
    assert table["hospital_within_15min_pct"] == pytest.approx(40)
    assert table["hospital_within_30min_pct"] == pytest.approx(80)
    assert table["hospital_within_120min_pct"] == pytest.approx(100)


def test_fifteen_cells_of_a_minute_are_fifteen_minutes():
    time = travel_minutes(link_cells(ground((1, 17))), places((0, 0)))
    people = np.zeros((1, 17))
    people[0, 15] = 7
    found = measured(time, people, zones_of([[0] * 17]))
    assert found.table.loc["00001", "hospital_within_15min_pct"] == 100


def test_a_cut_cell_gives_each_its_share():
    zones = zones_of([[0, -1, 1]], [(1, 0, 0.25), (1, 1, 0.75)])
    table = measured(along_a_row([0, 20, 40]), [[3, 4, 1]], zones).table
    assert table["hospital_travel_min"].tolist() == pytest.approx([20 * 1 / 4, (20 * 3 + 40) / 4])


def test_who_cannot_get_there_is_counted_apart():
    zones = zones_of([[0, 0, 0, 1, 1]])
    found = measured(along_a_row([10, 20, np.inf, 5, np.inf]), [[1, 2, 1, 199, 1]], zones)
    assert found.table["hospital_unreachable_people"].tolist() == [1, 1]
    assert pd.isna(found.table.loc["00001", "hospital_travel_min"])
    assert found.table.loc["00002", "hospital_travel_min"] == pytest.approx(5)
    assert found.table.loc["00001", "hospital_within_120min_pct"] == pytest.approx(75)
    assert [(i.severity, i.message.id, i.value) for i in found.issues] == [
        ("warning", "travel.people_unreachable", "00001"),
        ("info", "travel.few_unreachable", "hospital"),
    ]
    for issue in found.issues:
        assert issue.message.text("vi")
        assert issue.message.text("en")


def test_nobody_at_home_and_no_coverage_are_unknown():
    zones = zones_of([[0, 0, 1, 1]])
    found = measured(along_a_row([1, 2, 3, 4]), [[0, 0, 1, 1]], zones)
    assert found.table.loc["00001"].drop("hospital_unreachable_people").isna().all()
    assert found.table.loc["00002"].notna().all()
    found = measured(along_a_row([1, 2, 3, 4]), [[1, 1, 1, 1]], zones, covered=["00001"])
    assert found.table.loc["00002"].isna().all()
    assert found.table.loc["00001"].notna().all()


def test_a_commune_without_geometry_is_unknown():
    zones = zones_of([[0, 0]], codes=("00001",))
    found = measured(along_a_row([1, 2]), [[1, 1]], zones)
    assert list(found.table.index) == ["00001", "00002"]
    assert found.table.loc["00002"].isna().all()


def test_no_place_at_all_is_out_of_reach_for_everybody():
    time = travel_minutes(link_cells(ground((1, 3))), places())
    table = measured(time, [[1, 1, 1]], zones_of([[0, 0, 0]])).table.loc["00001"]
    assert table["hospital_unreachable_people"] == 3
    assert table["hospital_within_120min_pct"] == 0
    assert pd.isna(table["hospital_travel_min"])


def test_a_hospital_on_the_water_is_reached_from_the_bank():
    lake = shapely.box(at(0, 1.5)[0], at(1.5, 0)[1], at(0, 4.5)[0], at(-0.5, 0)[1])  # columns 2 to 4, rows 0 and 1
    paths = link_cells(ground((4, 7), barriers=shapes(lake)))
    time = travel_minutes(paths, places((1.2, 2)), kind="hospital")
    assert time.minutes[2, 2] == 0
    assert time.issues == ()
    lost = travel_minutes(paths, places((0, 3)), kind="hospital")
    assert np.isinf(lost.minutes).all()
    assert [i.message.id for i in lost.issues] == ["travel.place_lost"]
    assert travel_minutes(paths, places((0, 300)), kind="hospital").issues == ()


def test_own_centre_is_not_the_nearest():
    whole = [[0] * 5 + [1] * 15]
    centres = places((0, 4), (0, 19), commune_code=["00001", "00002"])
    zones = zones_of(whole)
    own = travel_minutes_to_own(ground((1, 20)), zones, centres)
    assert own.minutes[0, :5].tolist() == [4, 3, 2, 1, 0]
    assert own.minutes[0, 5] == 14
    nearest = travel_minutes(link_cells(ground((1, 20))), centres)
    assert nearest.minutes[0, 5] == 1
    table = measured(own, np.ones((1, 20)), zones, kind="commune_centre").table
    assert table["centre_travel_min"].tolist() == pytest.approx([2, 7])


def test_a_cut_cell_goes_to_two_centres():
    zones = zones_of([[0, 0, -1, 1, 1]], [(2, 0, 0.5), (2, 1, 0.5)])
    centres = places((0, 0), (0, 4), commune_code=["00001", "00002"])
    own = travel_minutes_to_own(ground((1, 5)), zones, centres)
    assert own.cut.tolist() == [2, 2]
    assert own.minutes[0, [0, 1, 3, 4]].tolist() == [0, 1, 1, 0]


def test_a_commune_without_a_centre_is_unknown():
    zones = zones_of([[0, 0, 1, 1]])
    own = travel_minutes_to_own(ground((1, 4)), zones, places((0, 0), commune_code=["00001"]))
    found = measured(own, [[1, 1, 1, 1]], zones, kind="commune_centre")
    assert found.table.loc["00002"].isna().all()
    assert [i.message.id for i in found.issues] == ["travel.no_own_centre"]
    assert found.table.loc["00001", "centre_travel_min"] == pytest.approx(0.5)


def test_a_way_may_lead_through_the_next_commune_within_the_halo():
    # The commune is split by a river; the one bridge stands in the neighbour, six rows below.
    size = (12, 12)
    whole = np.zeros(size, dtype=int)
    whole[4:] = 1
    river = shapes(line((-1, 5.5), (9.5, 5.5)))
    friction = ground(size, barriers=river)
    centres = places((0, 0), (11, 0), commune_code=["00001", "00002"])
    wide = travel_minutes_to_own(friction, zones_of(whole), centres, halo_m=5_000)
    assert np.isfinite(wide.minutes).all()
    nearest = travel_minutes(link_cells(friction), places((0, 0)))
    assert wide.minutes[:4] == pytest.approx(nearest.minutes[:4])
    tight = travel_minutes_to_own(friction, zones_of(whole), centres, halo_m=200, road_halo_m=0)
    assert np.isinf(tight.minutes[0, 11])
    assert (tight.minutes >= wide.minutes - 1e-9).all()


@settings(deadline=None, max_examples=30)
@given(
    way=st.lists(st.tuples(st.floats(0, 19), st.floats(0, 19)), min_size=2, max_size=6, unique=True),
    other=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), min_size=2, max_size=4, unique=True),
    centre=st.tuples(st.integers(0, 5), st.integers(0, 5)),
)
def test_driving_far_outside_and_walking_near_is_never_faster_than_the_whole_ground(way, other, centre):
    size = (20, 20)
    whole = np.ones(size, dtype=int)
    whole[:6, :6] = 0
    friction = ground(size, roads=roads(line(*way), line(*other)), barriers=shapes(line((-1, 3.3), (4.7, 3.3))))
    own = places(centre, commune_code=["00001"])
    exact = travel_minutes(link_cells(friction), own).minutes[:6, :6]
    walked = travel_minutes_to_own(friction, zones_of(whole), own, halo_m=5_000).minutes[:6, :6]
    assert walked == pytest.approx(exact, rel=1e-12)
    near = travel_minutes_to_own(friction, zones_of(whole), own, halo_m=300, road_halo_m=5_000).minutes[:6, :6]
    assert (near >= exact * (1 - 1e-12)).all()
    alone = travel_minutes_to_own(friction, zones_of(whole), own, halo_m=300, road_halo_m=0).minutes[:6, :6]
    assert (alone >= near * (1 - 1e-12)).all()


def test_a_road_outside_is_driven_where_it_is_not_walked():
    # The road swings out of the commune by five cells, and back; walking may leave it by one.
    whole = np.ones((12, 20), dtype=int)
    whole[:3] = 0
    swing = roads(line((0, 0), (9, 5), (9, 14), (0, 19)))
    friction, own = ground((12, 20), roads=swing), places((0, 0), commune_code=["00001"])
    found = travel_minutes_to_own(friction, zones_of(whole), own, halo_m=100, road_halo_m=2_000)
    assert found.minutes[0, 19] == pytest.approx(swing.geometry.iloc[0].length / 1000)
    walked = travel_minutes_to_own(friction, zones_of(whole), own, halo_m=100, road_halo_m=100)
    assert walked.minutes[0, 19] > 10


def test_zones_may_be_smaller_than_the_ground():
    cells = grid(6, 8)
    zones = Zones(
        cells,
        Window(2, 3, 2, 3),
        np.array(["00001"]),
        np.zeros((2, 3), dtype=np.int32),
        *(np.zeros(0, dtype=kind) for kind in (np.int64, np.int32, np.float64)),
    )
    people = raster(np.ones((6, 8)))
    time = travel_minutes(link_cells(ground((6, 8))), places((2, 3)))
    own = travel_minutes_to_own(ground((6, 8)), zones, places((2, 3), commune_code=["00001"]))
    assert own.minutes == pytest.approx(time.minutes[2:4, 3:6])
    for each in (time, own):
        table = measure_travel(units_of("00001"), each, people, zones=zones, kind="clinic").table
        assert table.loc["00001", "clinic_travel_min"] == pytest.approx((0 + 1 + 2 + 1 + 2**0.5 + 5**0.5) / 6)


@pytest.mark.parametrize("strip", [1, 13, 4_000_000])
def test_only_cells_near_the_units_need_to_be_walked(strip, monkeypatch):
    monkeypatch.setattr("geontm.cover.travel.STRIP_CELLS", strip)
    nothing = (np.zeros(0, dtype=kind) for kind in (np.int64, np.int32, np.float64))
    zones = Zones(grid(9, 9), Window(4, 4, 1, 1), np.array(["00001"]), np.zeros((1, 1), dtype=np.int32), *nothing)
    near = near_units(zones, Window(1, 2, 8, 6), 200)
    row, col = np.indices(near.shape)
    assert (near == (np.hypot(row - 3, col - 2) <= 2)).all()
    assert not near_units(zones, Window(0, 0, 3, 9), 200).any()


cells_of_ground = st.tuples(st.integers(0, 9), st.integers(0, 9))


@settings(deadline=None, max_examples=40)
@given(
    some=st.lists(cells_of_ground, min_size=1, max_size=4),
    one_more=cells_of_ground,
    way=st.lists(cells_of_ground, min_size=2, max_size=4, unique=True),
)
def test_one_more_hospital_keeps_nobody_longer(some, one_more, way):
    network = roads(line(*way))
    before = minutes((10, 10), *some, roads=network)
    after = minutes((10, 10), *some, one_more, roads=network)
    assert (after <= before).all()
    assert after == pytest.approx(np.minimum(before, minutes((10, 10), one_more, roads=network)))


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_people_and_their_minutes_are_conserved(data):
    rows, cols = data.draw(st.integers(1, 6)), data.draw(st.integers(2, 6))
    size = rows * cols
    people = np.array(data.draw(st.lists(st.floats(0, 1e4), min_size=size, max_size=size))).reshape(rows, cols)
    cost = data.draw(st.lists(st.floats(0, 300) | st.just(np.inf), min_size=size, max_size=size))
    spent = np.array(cost).reshape(rows, cols)
    whole = np.array(data.draw(st.lists(st.integers(-1, 1), min_size=size, max_size=size))).reshape(rows, cols)
    share = data.draw(st.floats(0.01, 0.99))
    cut = [(cell, unit, part) for cell in np.flatnonzero(whole < 0) for unit, part in ((0, share), (1, 1 - share))]
    zones = zones_of(whole, cut)
    table = measured(TravelTime(grid(rows, cols).whole, spent), people, zones).table
    total = [people[whole == unit].sum() + sum(people.flat[c] * s for c, u, s in cut if u == unit) for unit in (0, 1)]
    far = people[np.isinf(spent)].sum()
    assert table["hospital_unreachable_people"].sum() == pytest.approx(far, rel=1e-9, abs=1e-9)
    within = (table["hospital_within_120min_pct"].fillna(0) / 100 * total).sum()
    assert within == pytest.approx(people[spent <= 120].sum(), rel=1e-9, abs=1e-9)


def test_strips_change_nothing(monkeypatch):
    whole = np.array([[0, 0, 1], [0, -1, 1], [-1, 1, 1], [0, 0, 1]])
    zones = zones_of(whole, [(4, 0, 0.3), (4, 1, 0.7), (6, 0, 0.5), (6, 1, 0.25)])
    people, time = np.arange(12.0).reshape(4, 3), TravelTime(grid(4, 3).whole, np.arange(12.0).reshape(4, 3) * 12)
    at_once = measured(time, people, zones).table
    monkeypatch.setattr("geontm.cover.travel.STRIP_CELLS", 3)
    pd.testing.assert_frame_equal(measured(time, people, zones).table, at_once, rtol=1e-12)


def test_inputs_stay_as_they_were_and_units_may_come_in_any_order():
    zones = zones_of([[0, 0, 1, 1]])
    time, people = along_a_row([1, 2, 3, 4]), raster(np.array([[1.0, 2, 3, 4]]))
    ahead = measure_travel(units_of("00001", "00002"), time, people, zones=zones, kind="school").table
    behind = measure_travel(units_of("00002", "00001"), time, people, zones=zones, kind="school").table
    pd.testing.assert_frame_equal(ahead, behind.loc[ahead.index])
    assert time.minutes.tolist() == [[1, 2, 3, 4]]


def test_the_dictionary_knows_every_column():
    columns = read_dictionary("indicators")
    for kind in KINDS:
        for name in ("travel_min", *(f"within_{m}min_pct" for m in (15, 30, 60, 120)), "unreachable_people"):
            assert f"{kind}_{name}" in columns


def test_the_crs_of_the_places_does_not_matter():
    size, there = (5, 9), places((2, 7))
    paths = link_cells(ground(size))
    assert there.crs == UTM
    assert (travel_minutes(paths, there).minutes == travel_minutes(paths, there.to_crs(4326)).minutes).all()
