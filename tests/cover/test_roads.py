"""Two squares of a kilometre side by side, and roads through them, on the meridian of a zone."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_reference import roads_by_overlay

from geontm.cover import lines as cutting
from geontm.cover import measure_roads
from geontm.errors import CRSError
from geontm.tables import province_crs

ZONE = province_crs("04")
X, Y = 500_000.0, 2_500_000.0
ORIGIN = np.array([X, Y])
ON_MERIDIAN = 1 / 0.9999  # metres on the ground for a metre of the plane


def units(**shapes) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"commune_name": [f"Xã {code}" for code in shapes]},
        geometry=[shapely.transform(shape, lambda c: c + ORIGIN) for shape in shapes.values()],
        index=pd.Index(shapes, name="commune_code", dtype="str"),
        crs=ZONE,
    )


def roads(*lines, **columns) -> gpd.GeoDataFrame:
    shapes = [shapely.transform(shapely.LineString(line), lambda c: c + ORIGIN) for line in lines]
    given_columns = {"road_id": [str(at) for at in range(len(lines))], **columns}
    return gpd.GeoDataFrame(given_columns, geometry=shapes, crs=ZONE)


TWO = units(A=shapely.box(0, 0, 1_000, 1_000), B=shapely.box(1_000, 0, 2_000, 1_000))
ACROSS = roads([(200, 500), (1_600, 500)])


def km(measured) -> dict[str, float]:
    return measured.table["road_km"].to_dict()


def outside(measured) -> float:
    return float(measured.more["roads_outside"]["km"].sum())


def ids(measured) -> list[str]:
    return [issue.message.id for issue in measured.issues]


def test_a_road_across_the_border_counts_in_each_what_lies_there():
    assert km(measure_roads(TWO, ACROSS)) == pytest.approx({"A": 0.8 * ON_MERIDIAN, "B": 0.6 * ON_MERIDIAN}, rel=1e-7)


def test_density_takes_the_given_area_else_that_of_the_polygon():
    by_polygon = measure_roads(TWO, ACROSS).table["road_km_per_km2"]
    assert by_polygon.to_dict() == pytest.approx({"A": 0.8 / ON_MERIDIAN, "B": 0.6 / ON_MERIDIAN}, rel=1e-7)
    given_area = TWO.assign(area_km2=pd.array([2.0, None], dtype="Float64"))
    by_figure = measure_roads(given_area, ACROSS).table["road_km_per_km2"]
    assert by_figure.to_dict() == pytest.approx({"A": 0.4 * ON_MERIDIAN, "B": 0.6 / ON_MERIDIAN}, rel=1e-7)


def test_a_road_on_a_shared_border_counts_half_in_each():
    on_border = roads([(1_000, 200), (1_000, 700)])
    assert km(measure_roads(TWO, on_border)) == pytest.approx({"A": 0.25 * ON_MERIDIAN, "B": 0.25 * ON_MERIDIAN})


def test_a_road_that_runs_along_a_shared_border_and_leaves_it_is_cut_at_its_vertices():
    # 100 m in A, 600 m along the border of which the border's own vertices halve a part, then 300 m in B.
    bent = roads([(900, 200), (1_000, 200), (1_000, 800), (1_300, 800)])
    layer = units(A=shapely.box(0, 0, 1_000, 500), B=shapely.box(1_000, 0, 2_000, 1_000))
    measured = measure_roads(layer, bent)
    # Above y = 500 the border is B's alone.
    assert km(measured) == pytest.approx({"A": 0.25 * ON_MERIDIAN, "B": 0.75 * ON_MERIDIAN}, rel=1e-7)
    assert outside(measured) == 0


def test_an_outer_border_counts_whole_until_the_unit_beyond_is_given():
    along_top = roads([(100, 1_000), (500, 1_000)])
    assert km(measure_roads(TWO, along_top))["A"] == pytest.approx(0.4 * ON_MERIDIAN)
    beyond = units(C=shapely.box(0, 1_000, 2_000, 2_000))
    measured = measure_roads(TWO, along_top, around=beyond)
    assert km(measured)["A"] == pytest.approx(0.2 * ON_MERIDIAN)
    assert list(measured.table.index) == ["A", "B"]
    assert outside(measured) == 0


def test_what_lies_outside_is_told():
    leaving = roads([(200, 500), (-300, 500)], [(5_000, 0), (6_000, 0)], road_class=["lane", None])
    measured = measure_roads(TWO, leaving)
    assert km(measured) == pytest.approx({"A": 0.2 * ON_MERIDIAN, "B": 0})
    found = measured.more["roads_outside"]
    assert dict(zip(found["road_class"], found["km"], strict=True)) == pytest.approx(
        {"lane": 0.3 * ON_MERIDIAN, "unknown": 1.0 * ON_MERIDIAN}
    )
    assert found["commune_code"].isna().all()
    assert measured.issues[0].severity == "warning"
    assert measured.issues[0].message.text("en").startswith("1.300 km of 1.5 km of road lie outside")


def test_no_road_is_zero_and_has_no_share():
    measured = measure_roads(TWO, roads([(200, 500), (300, 500)], hardened=[True]))
    assert measured.table.loc["B", ["road_km", "road_km_per_km2"]].tolist() == [0, 0]
    assert measured.table.loc["B"].drop(["road_km", "road_km_per_km2"]).isna().all()
    assert measured.table.loc["A", "road_hardened_pct"] == 100


def test_a_commune_that_the_layer_does_not_cover_is_unknown():
    measured = measure_roads(TWO, ACROSS, covered=["A", "elsewhere"])
    assert measured.table.loc["B"].isna().all()
    assert km(measured)["A"] == pytest.approx(0.8 * ON_MERIDIAN)
    assert set(measured.more["road_lengths"]["commune_code"]) == {"A"}


def test_a_commune_without_geometry_is_unknown_and_listed():
    layer = TWO.copy()
    layer.loc["B", "geometry"] = None
    measured = measure_roads(layer, ACROSS)
    assert measured.table.loc["B"].isna().all()
    assert outside(measured) == pytest.approx(0.6 * ON_MERIDIAN)
    assert "roads.no_geometry" in ids(measured)


def test_an_unknown_surface_gives_bounds():
    three = roads(
        [(0, 100), (200, 100)],
        [(0, 200), (300, 200)],
        [(0, 300), (500, 300)],
        [(1_100, 300), (1_500, 300)],
        surface=["concrete", "earth", None, "earth"],
        hardened=pd.array([True, False, None, False], dtype="boolean"),
        all_season=pd.array([True, False, True, None], dtype="boolean"),
    )
    measured = measure_roads(TWO, three)
    row = measured.table.loc["A"]
    assert pd.isna(row["road_hardened_pct"])
    assert (row["road_hardened_pct_low"], row["road_hardened_pct_high"]) == pytest.approx((20, 70))
    assert row["road_all_season_pct"] == pytest.approx(70)
    assert measured.table.loc["B", ["road_hardened_pct", "road_hardened_pct_high"]].tolist() == [0, 0]
    assert measured.table.loc["B", ["road_all_season_pct_low", "road_all_season_pct_high"]].tolist() == [0, 100]
    by_surface = measured.more["road_lengths"].set_index(["commune_code", "surface"])["km"]
    assert by_surface.to_dict() == pytest.approx(
        {
            ("A", "concrete"): 0.2 * ON_MERIDIAN,
            ("A", "earth"): 0.3 * ON_MERIDIAN,
            ("A", "unknown"): 0.5 * ON_MERIDIAN,
            ("B", "earth"): 0.4 * ON_MERIDIAN,
        }
    )
    assert {"roads.hardened_unknown", "roads.all_season_unknown"} <= set(ids(measured))


def test_points_among_the_lines_are_listed_and_several_parts_are_one_road():
    mixed = gpd.GeoDataFrame(
        geometry=[
            shapely.Point(X + 5, Y + 5),
            None,
            shapely.MultiLineString([[(X + 10, Y + 10), (X + 110, Y + 10)], [(X + 10, Y + 20), (X + 1_110, Y + 20)]]),
        ],
        crs=ZONE,
    )
    measured = measure_roads(TWO, mixed)
    assert km(measured) == pytest.approx({"A": 1.09 * ON_MERIDIAN, "B": 0.11 * ON_MERIDIAN})
    assert [i.message.text("en")[:10] for i in measured.issues if i.message.id == "roads.not_lines"] == ["2 features"]


def test_a_hole_is_not_inside_and_an_island_is():
    ring = shapely.box(0, 0, 1_000, 1_000).difference(shapely.box(400, 400, 600, 600))
    layer = units(ring=ring, core=shapely.box(400, 400, 600, 600))
    measured = measure_roads(layer, roads([(0, 500), (1_000, 500)]))
    assert km(measured) == pytest.approx({"ring": 0.8 * ON_MERIDIAN, "core": 0.2 * ON_MERIDIAN})
    islands = units(A=shapely.union(shapely.box(0, 0, 100, 100), shapely.box(300, 0, 400, 100)))
    measured = measure_roads(islands, roads([(0, 50), (400, 50)]))
    assert km(measured) == pytest.approx({"A": 0.2 * ON_MERIDIAN})
    assert outside(measured) == pytest.approx(0.2 * ON_MERIDIAN)


def test_nothing_in_nothing_out():
    assert km(measure_roads(TWO, ACROSS.iloc[:0])) == {"A": 0, "B": 0}
    empty = measure_roads(TWO.iloc[:0], ACROSS)
    assert empty.table.empty
    assert list(empty.table) == list(measure_roads(TWO, ACROSS).table)
    assert outside(empty) == pytest.approx(1.4 * ON_MERIDIAN)
    assert measure_roads(TWO.iloc[:0], ACROSS.iloc[:0]).issues == ()


def test_inputs_stay_as_they_are():
    layer, lines = TWO.copy(), ACROSS.copy()
    measure_roads(layer, lines)
    assert layer.equals(TWO)
    assert lines.equals(ACROSS)


@pytest.mark.parametrize("crs", [4326, 3857, "ESRI:102025"])
def test_degrees_and_planes_without_a_known_scale_are_refused(crs):
    with pytest.raises(CRSError):
        measure_roads(TWO.to_crs(crs), ACROSS.to_crs(crs))


@pytest.mark.parametrize("zone", [ZONE, "EPSG:32648", "EPSG:9210", "EPSG:3405"])
def test_lengths_are_geodesic_in_every_zone(zone):
    generator = np.random.default_rng(3)
    # Roads of up to some kilometres, up to 160 km from the meridian of 105° E, in the zone's own datum: heights are
    # left out when layers change datum, which alone changes lengths by five parts in a million.
    datum = pyproj.CRS(zone).geodetic_crs
    starts = np.column_stack([generator.uniform(104, 106.5, 40), generator.uniform(8.5, 23.3, 40)])
    steps = np.cumsum(generator.uniform(-0.01, 0.01, (40, 5, 2)), axis=1)
    lines = shapely.linestrings(starts[:, None] + steps)
    geodesic = [pyproj.Geod(ellps="WGS84").geometry_length(line) for line in lines]
    boxes = gpd.GeoDataFrame(
        geometry=shapely.box(*(shapely.bounds(lines) + np.array([-1, -1, 1, 1])).T), crs=datum
    ).to_crs(zone)
    drawn = gpd.GeoDataFrame(geometry=lines, crs=datum).to_crs(zone)
    measured = [measure_roads(boxes.iloc[[at]], drawn.iloc[[at]]).table["road_km"].iloc[0] for at in range(40)]
    assert np.array(measured) * 1_000 == pytest.approx(np.array(geodesic), rel=1e-6)


def _random_layers(seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Nine triangles that share edges and wavy roads, some of them along edges, some outside."""
    generator = np.random.default_rng(seed)
    xs, ys = np.meshgrid(np.arange(4) * 1_000.0, np.arange(4) * 1_000.0)
    corners = np.stack([xs, ys], axis=-1) + generator.uniform(-300, 300, (4, 4, 2))
    shapes = {
        f"{row}{col}": shapely.Polygon(
            [corners[row, col], corners[row, col + 1], corners[row + 1, col + 1], corners[row + 1, col]]
        )
        for row in range(3)
        for col in range(3)
    }
    wavy = [
        generator.uniform(-500, 3_500, 2)
        + np.cumsum(generator.uniform(-600, 600, (generator.integers(2, 8), 2)), axis=0)
        for _ in range(25)
    ]
    along = [corners[row, :3] for row in range(1, 3)] + [corners[:, 2]]
    lines = roads(
        *wavy,
        *along,
        road_class=generator.choice(["lane", "village_road", None], len(wavy) + len(along)),
        surface=generator.choice(["earth", "concrete", None], len(wavy) + len(along)),
        hardened=pd.array(generator.choice([True, False, None], len(wavy) + len(along)), dtype="boolean"),
    )
    return units(**shapes), lines


LAWS = given(seed=st.integers(0, 2**32 - 1))


@LAWS
@settings(deadline=None, max_examples=40)
def test_units_and_what_lies_outside_add_up_to_the_whole(seed):
    layer, lines = _random_layers(seed)
    measured = measure_roads(layer, lines)
    whole = measure_roads(units(all=shapely.box(-99_999, -99_999, 99_999, 99_999)), lines).table["road_km"]["all"]
    assert measured.table["road_km"].sum() + outside(measured) == pytest.approx(whole, rel=1e-12)
    lengths = measured.more["road_lengths"]
    by_unit = lengths.groupby("commune_code")["km"].sum().reindex(layer.index, fill_value=0.0)
    assert by_unit.to_numpy() == pytest.approx(measured.table["road_km"].to_numpy(), rel=1e-12, abs=1e-15)
    some, others = layer.iloc[:4], layer.iloc[4:]
    part = measure_roads(some, lines, around=others)
    pd.testing.assert_frame_equal(part.table, measured.table.loc[some.index], rtol=1e-12)
    assert outside(part) == pytest.approx(outside(measured), rel=1e-12, abs=1e-12)


@LAWS
@settings(deadline=None, max_examples=30)
def test_the_order_of_rows_changes_no_bit(seed):
    layer, lines = _random_layers(seed)
    generator = np.random.default_rng(seed)
    shuffled = lines.iloc[generator.permutation(len(lines))].reset_index(drop=True)
    turned = layer.iloc[generator.permutation(len(layer))]
    first, second = measure_roads(layer, lines), measure_roads(turned, shuffled)
    pd.testing.assert_frame_equal(first.table, second.table.loc[layer.index], check_exact=True)
    for name in first.more:
        pd.testing.assert_frame_equal(first.more[name], second.more[name], check_exact=True)


@LAWS
@settings(deadline=None, max_examples=30)
def test_cutting_roads_in_two_changes_nothing(seed):
    layer, lines = _random_layers(seed)
    generator = np.random.default_rng(seed)
    halves = []
    for line in lines.geometry:
        points = shapely.get_coordinates(line)
        at, share = generator.integers(1, len(points)), generator.uniform(0.01, 0.99)
        cut = points[at - 1] + share * (points[at] - points[at - 1])
        halves.append((shapely.LineString([*points[:at], cut]), shapely.LineString([cut, *points[at:]])))
    both = pd.concat([lines.set_geometry([pair[end] for pair in halves]) for end in (0, 1)], ignore_index=True)
    measured, cut_up = measure_roads(layer, lines), measure_roads(layer, gpd.GeoDataFrame(both, crs=ZONE))
    # A cut moves a road sideways by the rounding of its coordinates, and a crossing at a sharp angle by some more.
    pd.testing.assert_frame_equal(measured.table, cut_up.table, rtol=1e-7, atol=1e-7)


@LAWS
@settings(deadline=None, max_examples=30)
def test_a_road_drawn_the_other_way_round_measures_the_same(seed):
    layer, lines = _random_layers(seed)
    turned = lines.set_geometry(shapely.reverse(lines.geometry.to_numpy()), crs=ZONE)
    pd.testing.assert_frame_equal(
        measure_roads(layer, lines).table, measure_roads(layer, turned).table, rtol=1e-10, atol=1e-10
    )


@given(seed=st.integers(0, 2**32 - 1), east=st.floats(-80_000, 80_000), north=st.floats(-900_000, 100_000))
@settings(deadline=None, max_examples=30)
def test_moving_all_layers_together_changes_no_share(seed, east, north):
    layer, lines = _random_layers(seed)
    moved = [frame.set_geometry(frame.geometry.translate(east, north)) for frame in (layer, lines)]
    shares = ["road_hardened_pct_low", "road_hardened_pct_high"]
    still, after = measure_roads(layer, lines).table[shares], measure_roads(*moved).table[shares]
    # The scale of the plane changes within a commune by less than one part in ten million.
    pd.testing.assert_frame_equal(still, after, rtol=1e-5, atol=1e-5)


@LAWS
@settings(deadline=None, max_examples=30)
def test_joined_units_have_the_roads_of_both(seed):
    layer, lines = _random_layers(seed)
    joined = units(one=shapely.union_all(shapely.transform(layer.geometry.to_numpy(), lambda c: c - ORIGIN)))
    apart = measure_roads(layer, lines)
    assert measure_roads(joined, lines).table["road_km"]["one"] == pytest.approx(apart.table["road_km"].sum(), rel=1e-9)


@LAWS
@settings(deadline=None, max_examples=30)
def test_off_the_shared_borders_it_agrees_with_overlay(seed):
    layer, lines = _random_layers(seed)
    wavy = lines.iloc[:-3]
    pd.testing.assert_series_equal(
        measure_roads(layer, wavy).table["road_km"].astype("float64"),
        roads_by_overlay(layer, wavy),
        rtol=1e-6,
        atol=1e-9,
    )


def test_a_large_layer_is_cut_some_polygons_at_a_time(monkeypatch):
    layer, drawn = _random_layers(5)
    at_once = measure_roads(layer, drawn)
    monkeypatch.setattr(cutting, "EDGES_AT_A_TIME", 7)
    pd.testing.assert_frame_equal(measure_roads(layer, drawn).table, at_once.table, check_exact=True)


@pytest.mark.realdata
def test_real_roads_and_communes_of_ha_noi_agree_with_overlay(shared_data):
    zone = province_crs("01")
    communes = gpd.read_parquet(
        shared_data / "data" / "communes_2025.parquet", columns=["code", "province_code", "geometry"]
    )
    layer = communes[communes["province_code"] == "01"].set_index("code").rename_axis("commune_code").to_crs(zone)
    lines = gpd.read_parquet(shared_data / "data" / "real" / "roads_osm_hanoi_centre.parquet").to_crs(zone)
    measured = measure_roads(layer, lines)
    reference = roads_by_overlay(layer, lines)
    found = measured.table["road_km"].astype("float64")
    assert found.to_numpy() == pytest.approx(reference.to_numpy(), rel=1e-6, abs=1e-6)
    assert found.sum() > 400
    assert outside(measured) < 1e-9
