"""A commune with its centre at the origin, a village 10 km to the east, and roads between them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_reference import components_by_pairs

from geontm.cover import build_network, measure_connection
from geontm.errors import CRSError
from geontm.tables import province_crs

ZONE = province_crs("04")
ORIGIN = np.array([500_000.0, 2_500_000.0])
YES_NO = {"yes": True, "no": False, "?": None}


def moved(shape):
    return None if shape is None else shapely.transform(shape, lambda c: c + ORIGIN)


def roads(*lines, season="yes", bridge=None) -> gpd.GeoDataFrame:
    """Roads by their vertices; the season of all, or of each, as yes, no or ?."""
    seasons = [season] * len(lines) if isinstance(season, str) else season
    return gpd.GeoDataFrame(
        {
            "road_id": [f"r{at}" for at in range(len(lines))],
            "all_season": pd.array([YES_NO[word] for word in seasons], dtype="boolean"),
            "bridge": pd.array([None] * len(lines) if bridge is None else bridge, dtype="boolean"),
        },
        geometry=[moved(shapely.LineString(line)) for line in lines],
        crs=ZONE,
    )


def shapes(*given_shapes, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[moved(shape) for shape in given_shapes], crs=ZONE)


def bridges(*points, working="no") -> gpd.GeoDataFrame:
    states = pd.array([YES_NO[working]] * len(points), dtype="boolean")
    return shapes(*(shapely.Point(point) for point in points), working=states)


UNITS = shapes(shapely.box(-5_000, -20_000, 15_000, 20_000), shapely.box(15_000, -20_000, 35_000, 20_000))
UNITS = UNITS.set_index(pd.Index(["A", "B"], name="commune_code"))
RIVER = shapes(shapely.LineString([(5_000, -9_000), (5_000, 9_000)]))
STRAIGHT = roads([(0, 0), (4_000, 0)], [(4_000, 0), (10_000, 0)])


def seats(**places) -> gpd.GeoDataFrame:
    kinds = [name.rstrip("0123456789") for name in places]
    return shapes(*(shapely.Point(place) for place in places.values()), site_id=list(places), kind=kinds)


def villages(*places, commune="A") -> gpd.GeoDataFrame:
    frame = shapes(
        *(None if place is None else shapely.Point(place) for place in places), commune_code=[commune] * len(places)
    )
    return frame.set_index(pd.Index([f"v{at}" for at in range(len(places))], name="village_code"))


def connect(lines, *places, at=None, reach_m=500.0, covered=None, **options):
    network = build_network(lines, **options)
    return measure_connection(
        UNITS,
        network,
        seats(commune_centre=(0, 0)) if at is None else at,
        villages(*(places or [(10_000, 0)])),
        reach_m=reach_m,
        covered=covered,
    )


def answer(measured):
    """Whether the first village is connected: True, False or None."""
    found = measured.more["network_places"]
    value = found.loc[found["place_id"] == "v0", "connected"].iloc[0]
    return None if pd.isna(value) else bool(value)


@pytest.mark.parametrize(
    ("season", "connected"),
    [(("yes", "yes"), True), (("yes", "no"), False), (("yes", "?"), None), (("?", "no"), False)],
)
def test_the_season_of_every_road_on_the_way_decides(season, connected):
    measured = connect(STRAIGHT.assign(all_season=pd.array([YES_NO[word] for word in season], dtype="boolean")))
    assert answer(measured) is connected
    row = measured.table.loc["A"]
    bounds = {True: (1, 1), False: (0, 0), None: (0, 1)}[connected]
    assert (row["connected_village_count_low"], row["connected_village_count_high"]) == bounds
    assert (row["connected_village_pct_low"], row["connected_village_pct_high"]) == (100 * bounds[0], 100 * bounds[1])
    assert pd.isna(row["connected_village_pct"]) == (connected is None)


def test_a_season_that_the_layer_does_not_have_leaves_all_unknown():
    measured = connect(STRAIGHT.drop(columns=["all_season", "bridge", "road_id"]))
    assert answer(measured) is None
    assert "network.season_unknown" in [issue.message.id for issue in measured.issues]


@pytest.mark.parametrize(("away", "connected"), [(0, True), (500, True), (500.5, False)])
def test_a_village_must_lie_within_reach_the_limit_included(away, connected):
    measured = connect(STRAIGHT, (10_000, away))
    assert answer(measured) is connected
    found = measured.more["network_places"].set_index("place_id")
    assert found.loc["v0", "road_m"] == pytest.approx(away)
    assert pd.isna(found.loc["v0", "component"]) == (not connected)


def test_a_village_reaches_every_road_near_it_not_only_the_nearest():
    lonely = roads([(0, 0), (10_000, 0)], [(9_990, 100), (10_010, 100)])
    assert answer(connect(lonely, (10_000, 95))) is True


@pytest.mark.parametrize(("gap", "connected"), [(0, True), (5, True), (20, True), (20.5, False), (150, False)])
def test_gaps_up_to_the_limit_are_closed_and_listed(gap, connected):
    measured = connect(roads([(0, 0), (4_000, 0)], [(4_000 + gap, 0), (10_000, 0)]))
    assert answer(measured) is connected
    gaps = measured.more["network_gaps"]
    if gap == 0:
        assert gaps.empty
        return
    assert gaps["state"].tolist() == ["joined" if connected else "open"]
    assert gaps["length_m"].iloc[0] == pytest.approx(gap)
    assert gaps.loc[0, ["x_m", "y_m"]].tolist() == pytest.approx((ORIGIN + np.array([4_000 + gap / 2, 0])).tolist())
    assert gaps["commune_code"].tolist() == ["A"]
    assert {gaps["road_id"].iloc[0], gaps["other_road_id"].iloc[0]} == {"r0", "r1"}
    assert ("network.gaps_closed" in [issue.message.id for issue in measured.issues]) == connected


def test_a_gap_beyond_200_m_is_no_candidate():
    measured = connect(roads([(0, 0), (4_000, 0)], [(4_300, 0), (10_000, 0)]))
    assert measured.more["network_gaps"].empty


def test_of_several_gaps_between_two_components_the_shortest_is_the_candidate():
    ladder = roads(
        [(0, 0), (4_000, 0)],
        [(4_100, 0), (10_000, 0)],
        [(3_000, 0), (3_000, 60)],
        [(3_000, 110), (4_100, 110), (4_100, 0)],
    )
    gaps = connect(ladder).more["network_gaps"]
    assert gaps["length_m"].tolist() == pytest.approx([50])


def test_an_end_on_the_middle_of_a_road_is_a_junction():
    tee = roads([(0, 0), (0, 10_000)], [(0, 5_000), (10_000, 5_000), (10_000, 0)])
    assert answer(connect(tee, cross=False)) is True
    near = roads([(0, 0), (0, 10_000)], [(15, 5_000), (10_000, 5_000), (10_000, 0)])
    assert answer(connect(near, cross=False)) is True
    assert answer(connect(near, cross=False, gap_m=10.0)) is False


@pytest.mark.parametrize(("cross", "connected"), [(None, None), (True, True), (False, False)])
def test_a_crossing_without_a_vertex_is_a_question(cross, connected):
    lines = [[(0, 0), (10_000, 8_000)], [(0, 8_000), (10_000, 0)]]
    assert answer(connect(roads(*lines), cross=cross)) is connected
    assert answer(connect(roads(*lines, bridge=[True, None]), cross=cross)) is False
    with_vertex = [[*line[:1], (5_000, 4_000), *line[1:]] for line in lines]
    assert answer(connect(roads(*with_vertex), cross=cross)) is True


@pytest.mark.parametrize(("working", "connected"), [("yes", True), ("no", False), ("?", None)])
@pytest.mark.parametrize("place", [(2_000, 0), (2_000, 12), (4_000, 0), (4_000, 7)])
def test_a_bridge_that_does_not_work_cuts_the_road(working, connected, place):
    # At 4 km two roads share a vertex: the cut there must part them.
    measured = connect(STRAIGHT, bridges=bridges(place, working=working))
    assert answer(measured) is connected
    cuts = measured.more["network_cuts"]
    reason = {"yes": set(), "no": {"bridge_broken"}, "?": {"bridge_unknown"}}[working]
    assert set(cuts["reason"]) == reason
    assert np.allclose(cuts[["x_m", "y_m"]].to_numpy(), ORIGIN + np.array([place[0], 0]))


def test_a_bridge_drawn_as_a_line_stands_for_its_middle():
    span = shapes(shapely.LineString([(1_990, 3), (2_010, 3)]), working=pd.array([False], dtype="boolean"))
    assert answer(connect(STRAIGHT, bridges=span)) is False


def test_a_way_round_a_broken_bridge_connects():
    detour = roads([(0, 0), (4_000, 0)], [(4_000, 0), (10_000, 0)], [(0, 0), (4_000, 3_000), (10_000, 0)])
    assert answer(connect(detour, bridges=bridges((2_000, 0)))) is True


def test_a_bridge_far_from_roads_cuts_none_and_is_told():
    measured = connect(STRAIGHT, bridges=bridges((2_000, 30)))
    assert answer(measured) is True
    assert "network.bridge_off_road" in [issue.message.id for issue in measured.issues]


def test_no_gap_is_closed_at_a_broken_bridge():
    gap = roads([(0, 0), (4_000, 0)], [(4_015, 0), (10_000, 0)])
    assert answer(connect(gap)) is True
    assert answer(connect(gap, bridges=bridges((4_007, 0)))) is False
    assert answer(connect(gap, bridges=bridges((4_007, 0), working="?"))) is None


@pytest.mark.parametrize(
    "river",
    [
        RIVER,
        shapes(shapely.box(4_900, -9_000, 5_100, 9_000)),
        shapes(shapely.MultiLineString([[(5_000, -9), (5_000, 9)]])),
    ],
    ids=["line", "polygon", "several lines"],
)
def test_water_without_a_bridge_is_a_question(river):
    measured = connect(STRAIGHT, barriers=river)
    assert answer(measured) is None
    assert measured.more["network_cuts"]["reason"].tolist() == ["no_bridge"]
    assert "network.no_bridge" in [issue.message.id for issue in measured.issues]
    assert answer(connect(STRAIGHT, barriers=river, bridges=bridges((5_000, 15), working="yes"))) is True
    assert answer(connect(STRAIGHT, barriers=river, bridges=bridges((5_000, 15), working="no"))) is False
    on_bridge = STRAIGHT.assign(bridge=pd.array([None, True], dtype="boolean"))
    assert answer(connect(on_bridge, barriers=river)) is True


def test_a_gap_over_water_is_a_question():
    banks = roads([(0, 0), (4_992, 0)], [(5_008, 0), (10_000, 0)])
    assert answer(connect(banks)) is True
    assert answer(connect(banks, barriers=RIVER)) is None
    assert answer(connect(banks, barriers=RIVER, bridges=bridges((5_000, 5), working="yes"))) is True


def test_a_village_beyond_the_water_is_a_question():
    west = roads([(0, 0), (4_800, 0)])
    assert answer(connect(west, (5_100, 0))) is True
    assert answer(connect(west, (5_100, 0), barriers=RIVER)) is None


def test_a_village_walks_round_a_pond_and_over_a_working_bridge():
    pond = shapes(shapely.box(4_900, -50, 5_000, 50))
    west = roads([(0, 0), (4_800, 0)])
    assert answer(connect(west, (5_100, 0), barriers=pond)) is True
    bridge = bridges((5_000, 100), working="yes")
    assert answer(connect(west, (5_100, 0), barriers=RIVER, bridges=bridge)) is True
    assert answer(connect(west, (5_000, 0), barriers=RIVER)) is True
    lake = shapes(shapely.box(4_790, -900, 5_050, 900))
    assert answer(connect(west, (4_900, 0), barriers=lake)) is True  # in the water, nearest to the western bank
    assert answer(connect(west, (5_000, 0), barriers=lake)) is None


def test_centres_reach_the_district_seat_where_there_is_one_else_that_of_the_province():
    both = roads([(0, 0), (10_000, 0)], [(20_000, 0), (30_000, 0)])
    centres = {"commune_centre1": (0, 0), "commune_centre2": (20_000, 0)}

    def connected(**more):
        return connect(both, at=seats(**centres, **more)).table["centre_connected"]

    assert connected(province_seat=(10_000, 0)).tolist() == [True, False]
    assert connected(province_seat=(10_000, 0), district_seat=(30_000, 0)).tolist() == [False, True]
    assert connected(province_seat=(10_000, 300), province_seat2=(30_000, 0)).tolist() == [True, True]
    assert connected(market=(10_000, 0)).isna().all()


@pytest.mark.parametrize(("working", "connected"), [("yes", True), ("no", None), ("?", None)])
def test_what_hangs_on_a_centre_of_unknown_state_is_unknown(working, connected):
    at = seats(commune_centre=(0, 0), district_seat=(5_000, 0))
    states = pd.array([YES_NO[working], True], dtype="boolean")
    measured = connect(STRAIGHT, at=at.assign(working=states))
    assert answer(measured) is connected
    row = measured.table.iloc[0]
    assert (row["connected_village_count_low"], row["connected_village_count_high"]) == (int(working == "yes"), 1)


@pytest.mark.parametrize(("working", "connected"), [("yes", True), ("?", None)])
def test_what_hangs_on_a_seat_of_unknown_state_is_unknown(working, connected):
    at = seats(commune_centre=(0, 0), district_seat=(5_000, 0))
    states = pd.array([True, YES_NO[working]], dtype="boolean")
    value = connect(STRAIGHT, at=at.assign(working=states)).table["centre_connected"].iloc[0]
    assert (None if pd.isna(value) else bool(value)) is connected


def test_a_commune_without_centre_or_cover_is_unknown():
    places = seats(commune_centre=(0, 0), province_seat=(10_000, 0))
    measured = connect(STRAIGHT, at=places)
    assert measured.table["centre_connected"].tolist() == [True, pd.NA]
    assert [(i.message.id, i.value) for i in measured.issues] == [("network.no_centre", "B")]
    assert measured.table.loc["B", ["connected_village_count", "connected_village_count_high"]].tolist() == [0, 0]
    assert measured.table.loc["B", ["connected_village_pct", "connected_village_pct_low"]].isna().all()
    uncovered = connect(STRAIGHT, at=places, covered=["B"])
    assert uncovered.table.loc["A"].isna().all()
    assert answer(uncovered) is None
    closed = connect(STRAIGHT, at=places.assign(working=pd.array([False, True], dtype="boolean")))
    assert answer(closed) is None


def test_what_holds_for_all_centres_is_certain():
    two = roads([(0, 0), (10_000, 0)], [(0, 9_000), (10_000, 9_000)])
    places = seats(commune_centre1=(0, 0), commune_centre2=(0, 9_000), province_seat=(5_000, 0))
    measured = connect(two, (10_000, 0), (10_000, 9_000), at=places)
    assert answer(measured) is None
    assert pd.isna(measured.table.loc["A", "centre_connected"])
    assert "network.several_centres" in [issue.message.id for issue in measured.issues]
    away = connect(two, (10_000, -4_000), at=places)
    assert answer(away) is False


def test_a_centre_may_name_its_commune():
    places = seats(commune_centre=(0, 0)).assign(commune_code=["B"])
    measured = measure_connection(UNITS, build_network(STRAIGHT), places, villages((10_000, 0), commune="B"))
    assert measured.table.loc["B", "connected_village_pct"] == 100


def test_a_village_without_coordinates_is_unknown():
    measured = connect(STRAIGHT, (10_000, 0), None)
    row = measured.table.loc["A"]
    assert pd.isna(row["connected_village_count"])
    assert row[["connected_village_pct_low", "connected_village_pct_high"]].tolist() == [50, 100]
    assert [(i.message.id, i.value) for i in measured.issues if "place" in i.message.id] == [
        ("network.village_no_place", "v1")
    ]


def test_roads_that_leave_the_province_may_meet_beyond_it():
    apart = roads([(0, 0), (0, 19_000)], [(10_000, 0), (10_000, 19_000)], [(-4_000, 0), (-2_000, 0)])
    lines = connect(apart, (10_000, 0), (-2_000, 0))
    assert answer(lines) is False
    north = shapes(shapely.box(-5_000, 18_000, 15_000, 40_000)).set_index(pd.Index(["N"], name="commune_code"))
    inside = roads([(0, 0), (0, 17_000)], [(10_000, 0), (10_000, 19_000)])

    def beside(made):
        homes = villages((10_000, 0), (-2_000, 0))
        return measure_connection(UNITS, build_network(made), seats(commune_centre=(0, 0)), homes, around=north)

    assert answer(beside(apart)) is None
    assert answer(beside(inside)) is False
    found = beside(apart).more["network_places"].set_index("place_id")
    assert bool(found.loc["v1", "connected"]) is False
    assert found["component"].to_dict() == {"commune_centre": 1, "v0": 2, "v1": 3}


def test_components_are_numbered_by_length():
    three = roads(
        [(0, 0), (1_000, 0)],
        [(0, 5_000), (3_000, 5_000)],
        [(3_000, 5_000), (3_000, 6_000)],
        [(0, 9_000), (2_000, 9_000)],
    )
    measured = connect(three, (3_000, 6_000), (0, 5_100), (2_000, 9_000))
    found = measured.more["network_components"].set_index("component")
    assert found["component_km"].to_dict() == pytest.approx({1: 4 / 0.9999, 2: 2 / 0.9999, 3: 1 / 0.9999}, rel=1e-6)
    assert found["village_count"].to_dict() == {1: 2, 2: 1, 3: 0}
    assert found["centre_count"].to_dict() == {1: 0, 2: 0, 3: 1}
    assert set(found["commune_code"]) == {"A"}


def test_nothing_given_nothing_known():
    none = measure_connection(UNITS.iloc[:0], build_network(STRAIGHT.iloc[:0]), seats(), villages()[:0])
    assert none.table.empty
    no_roads = connect(STRAIGHT.iloc[:0])
    assert answer(no_roads) is False
    assert measure_connection(UNITS, build_network(STRAIGHT), seats()).table["centre_connected"].isna().all()


def test_bad_settings_and_layers_are_refused():
    with pytest.raises(ValueError, match="gap_m"):
        build_network(STRAIGHT, gap_m=-1)
    with pytest.raises(ValueError, match="reach_m"):
        connect(STRAIGHT, reach_m=-1)
    with pytest.raises(CRSError):
        build_network(STRAIGHT.to_crs(4326))
    with pytest.raises(CRSError):
        build_network(STRAIGHT, barriers=RIVER.to_crs(32648))
    with pytest.raises(CRSError):
        measure_connection(UNITS, build_network(STRAIGHT.to_crs(32648)), seats(commune_centre=(0, 0)))


def test_inputs_stay_as_they_are():
    lines, river, points = STRAIGHT.copy(), RIVER.copy(), villages((10_000, 0))
    before = points.copy()
    measure_connection(
        UNITS, build_network(lines, barriers=river, bridges=bridges((5_000, 0))), seats(commune_centre=(0, 0)), points
    )
    assert lines.equals(STRAIGHT) and river.equals(RIVER) and points.equals(before)


def _random_world(seed: int):
    """Short wavy roads that meet at shared vertices, by small gaps or not at all; bridges and a river."""
    generator = np.random.default_rng(seed)
    knots = generator.uniform(0, 10_000, (14, 2))
    lines = []
    for _ in range(26):
        start, end = knots[generator.choice(14, 2, replace=False)]
        bend = (start + end) / 2 + generator.uniform(-800, 800, 2)
        shift = generator.choice([0, 0, 0, 12, 60]) * np.array([0.6, 0.8])
        lines.append([start + shift, bend, end])
    made = roads(*lines, season=list(generator.choice(["yes", "yes", "yes", "no", "?"], 26)))
    points = [tuple(lines[at][1]) for at in generator.choice(26, 5, replace=False)]
    spans = bridges(*points).assign(working=pd.array(generator.choice([True, False, None], 5), dtype="boolean"))
    river = shapes(shapely.LineString([(0, 4_000), (5_000, 5_500), (10_000, 4_500)]))
    homes = villages(*map(tuple, generator.uniform(0, 10_000, (12, 2))))
    places = seats(commune_centre=tuple(knots[0]), province_seat=tuple(knots[1]))
    return made, spans, river, homes, places


def _answers(made, spans, river, homes, places, cross=None):
    network = build_network(made, bridges=spans, barriers=river, cross=cross)
    return measure_connection(UNITS, network, places, homes, reach_m=800)


def _connected(measured) -> pd.Series:
    return measured.more["network_places"].set_index(["kind", "place_id"])["connected"]


LAWS = given(seed=st.integers(0, 2**32 - 1))


@LAWS
@settings(deadline=None, max_examples=12)
def test_the_order_of_rows_changes_nothing(seed):
    world = _random_world(seed)
    generator = np.random.default_rng(seed)
    shuffled = [frame.iloc[generator.permutation(len(frame))] for frame in world]
    shuffled[0] = shuffled[0].reset_index(drop=True)
    first, second = _answers(*world), _answers(*shuffled)
    pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)
    for name in first.more:
        pd.testing.assert_frame_equal(first.more[name], second.more[name], check_exact=True, obj=name)
    assert first.issues == second.issues


@LAWS
@settings(deadline=None, max_examples=12)
def test_the_direction_of_roads_and_cuts_at_vertices_change_no_answer(seed):
    made, *others = world = _random_world(seed)
    turned = made.set_geometry(shapely.reverse(made.geometry.to_numpy()), crs=ZONE)
    pd.testing.assert_series_equal(_connected(_answers(turned, *others)), _connected(_answers(*world)))
    ends = [
        made.set_geometry([shapely.LineString(shapely.get_coordinates(line)[part]) for line in made.geometry], crs=ZONE)
        for part in (slice(0, 2), slice(1, 3))
    ]
    halves = gpd.GeoDataFrame(pd.concat(ends, ignore_index=True), crs=ZONE)
    pd.testing.assert_series_equal(_connected(_answers(halves, *others)), _connected(_answers(*world)))


@LAWS
@settings(deadline=None, max_examples=12)
def test_learning_more_never_changes_a_known_answer(seed):
    made, spans, *others = world = _random_world(seed)
    generator = np.random.default_rng(seed)
    before = _connected(_answers(*world))
    filled = [
        frame.assign(
            **{name: frame[name].fillna(pd.Series(generator.choice([True, False], len(frame))).astype("boolean"))}
        )
        for frame, name in ((made, "all_season"), (spans, "working"))
    ]
    for cross in (None, True, False):
        after = _connected(_answers(*filled, *others, cross=cross))
        known = before.notna()
        pd.testing.assert_series_equal(after[known], before[known])


@LAWS
@settings(deadline=None, max_examples=12)
def test_one_more_road_disconnects_nobody(seed):
    made, *others = world = _random_world(seed)
    generator = np.random.default_rng(seed + 1)
    more = roads(*(generator.uniform(0, 10_000, (2, 2)) for _ in range(3)), season=["yes", "?", "yes"])
    before, after = _answers(*world).table.loc["A"], None
    after = _answers(gpd.GeoDataFrame(pd.concat([made, more], ignore_index=True), crs=ZONE), *others).table.loc["A"]
    for bound in ("_low", "_high"):
        name = f"connected_village_count{bound}"
        assert after[name] >= before[name]
    assert before["connected_village_count_low"] <= before["connected_village_count_high"]


@LAWS
@settings(deadline=None, max_examples=12)
def test_components_are_those_found_pair_by_pair(seed):
    made, *_ = _random_world(seed)
    for cross in (True, False):
        network = build_network(made, cross=cross)
        for graph, wanted in ((network.certain, "yes"), (network.possible, "yes?")):
            said_so = made["all_season"].map({True: "yes", False: "no"}).fillna("?")
            chosen = said_so.isin(["yes"] if wanted == "yes" else ["yes", "?"]).to_numpy()
            expected = components_by_pairs(made, chosen, gap_m=20.0, cross=cross)
            found = np.full(len(made), -1)
            found[graph.row] = graph.component
            pairs = {(found[at], expected[at]) for at in np.flatnonzero(chosen)}
            assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


@pytest.mark.realdata
def test_the_streets_of_ha_noi_are_one_network(shared_data):
    zone = province_crs("01")
    streets = gpd.read_parquet(shared_data / "data" / "real" / "roads_osm_hanoi_centre.parquet").to_crs(zone)
    streets = streets[["geometry"]].assign(all_season=pd.array([True] * len(streets), dtype="boolean"))
    network = build_network(streets, cross=False)
    assert network.possible.component_km[0] > 0.95 * network.possible.component_km.sum()
    assert network.certain.component_km.tolist() == network.possible.component_km.tolist()
