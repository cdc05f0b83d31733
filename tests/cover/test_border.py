"""Squares of a tenth of a degree below a border that runs along 22.1° N."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
import shapely.ops
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.cover import measure_border
from geontm.errors import CRSError
from geontm.project import read_dictionary

METRE = 1 / 111_320  # degrees of latitude, nearly
TOP = 22.1


def units(**shapes) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"commune_name": [f"Xã {code}" for code in shapes]},
        geometry=list(shapes.values()),
        index=pd.Index(shapes, name="commune_code"),
        crs=4326,
    )


def border(*points, neighbour="China") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"neighbour": [neighbour]}, geometry=[shapely.LineString(points)], crs=4326)


def length_km(lines) -> float:
    geod = pyproj.Geod(ellps="WGS84")
    return sum(geod.geometry_length(line) for line in lines.geometry) / 1_000


FOUR = units(
    A=shapely.box(106.0, 22.0, 106.1, TOP),
    B=shapely.box(106.1, 22.0, 106.2, TOP),
    C=shapely.box(106.0, 21.9, 106.1, 22.0),
    D=shapely.box(106.1, 21.9, 106.2, 22.0),
)
LINE = border((106.0, TOP), (106.1, TOP), (106.2, TOP))


def test_the_two_northern_communes_lie_on_the_border():
    table = measure_border(FOUR, LINE).table
    assert table["is_border"].to_dict() == {"A": True, "B": True, "C": False, "D": False}
    assert table["border_neighbours"].to_dict() == {"A": "China", "B": "China", "C": "", "D": ""}
    assert table["border_km"].to_dict() == pytest.approx({"A": 10.317, "B": 10.317, "C": 0, "D": 0}, abs=0.02)


def test_the_km_add_up_to_the_line():
    assert measure_border(FOUR, LINE).table["border_km"].sum() == pytest.approx(length_km(LINE), rel=1e-9)


def test_a_wedge_that_meets_the_border_in_a_point_is_no_border_commune():
    apex = (106.1, TOP)
    layer = units(
        A=shapely.Polygon([(106.0, 22.0), (106.06, 22.0), apex, (106.0, TOP)]),
        B=shapely.Polygon([(106.14, 22.0), (106.2, 22.0), (106.2, TOP), apex]),
        wedge=shapely.Polygon([(106.06, 22.0), (106.14, 22.0), apex]),
    )
    measured = measure_border(layer, LINE)
    assert measured.table["is_border"].to_dict() == {"A": True, "B": True, "wedge": False}


def test_a_commune_behind_a_narrow_one_is_no_border_commune():
    strip = TOP - 100 * METRE
    layer = units(strip=shapely.box(106.0, strip, 106.2, TOP), behind=shapely.box(106.0, 22.0, 106.2, strip))
    table = measure_border(layer, LINE).table
    assert table["is_border"].to_dict() == {"strip": True, "behind": False}
    assert table.loc["behind", "border_km"] == 0


@pytest.mark.parametrize(
    ("away", "is_border", "doubtful"),
    [(0, True, False), (90, True, False), (150, True, True), (250, False, True), (450, False, False)],
)
def test_the_tolerance_decides_and_doubt_is_listed(away, is_border, doubtful):
    line = border((106.0, TOP + away * METRE), (106.2, TOP + away * METRE))
    measured = measure_border(FOUR, line, tolerance_m=200)
    assert measured.table.loc["A", "is_border"] == is_border
    assert {issue.value for issue in measured.issues} == ({"A", "B"} if doubtful else set())


@pytest.mark.parametrize(("away", "is_border"), [(0, True), (190, False)])
def test_a_stretch_must_be_longer_than_twice_the_tolerance(away, is_border):
    # A line of 100 m brings 500 m of boundary within 200 m when it lies on it, and 225 m when it lies 190 m away.
    line = border((106.05, TOP + away * METRE), (106.05 + 100 / 103_200, TOP + away * METRE))
    assert measure_border(FOUR, line, tolerance_m=200).table.loc["A", "is_border"] == is_border


def test_vertices_moved_by_up_to_100_m_change_no_answer():
    generator = np.random.default_rng(7)
    points = np.column_stack([np.linspace(106.0, 106.2, 60), np.full(60, TOP)])
    moved = points + generator.uniform(-70, 70, points.shape) * METRE
    assert measure_border(FOUR, border(*moved)).table["is_border"].tolist() == [True, True, False, False]


def test_two_neighbours_meet_in_one_commune():
    laos = border((106.0, 22.0), (106.0, TOP), neighbour="Laos")
    both = gpd.GeoDataFrame(pd.concat([laos, LINE], ignore_index=True), crs=4326)
    table = measure_border(FOUR, both).table
    assert table["border_neighbours"].to_dict() == {"A": "China, Laos", "B": "China", "C": "", "D": ""}


def test_a_line_without_a_name_leaves_the_neighbour_unknown():
    table = measure_border(FOUR, LINE.drop(columns="neighbour")).table
    assert table.loc["A", "is_border"]
    assert pd.isna(table.loc["A", "border_neighbours"])


def test_a_commune_without_shape_is_unknown_and_listed():
    layer = FOUR.copy()
    layer.loc["A", "geometry"] = None
    measured = measure_border(layer, LINE)
    assert measured.table.loc["A"].isna().all()
    assert measured.table.loc["B", "is_border"]
    assert [(issue.message.id, issue.value) for issue in measured.issues] == [("cover.border_no_geometry", "A")]


def test_a_commune_that_hangs_on_shared_boundary_is_listed():
    # The border runs along the east of C, then over 300 m of A, then along the top of B.
    corner = 106.1 - 300 / 103_200
    layer = units(
        A=shapely.Polygon([(106.0, 22.0), (106.1, 22.0), (106.1, TOP), (corner, TOP), (106.0, TOP)]),
        B=shapely.box(106.1, 22.0, 106.2, TOP),
        C=shapely.box(106.0, TOP, corner, 22.2),
    )
    measured = measure_border(layer, border((corner, 22.2), (corner, TOP), (106.2, TOP)))
    assert measured.table["is_border"].all()
    assert {issue.value for issue in measured.issues} == {"A"}
    assert measured.table.loc["A", "border_km"] == pytest.approx(0.3, abs=0.03)


def test_no_unit_near_the_line_is_no_error():
    table = measure_border(FOUR, border((104.0, 20.0), (104.1, 20.0))).table
    assert not table["is_border"].any()
    assert measure_border(FOUR.iloc[:0], LINE).table.empty


@settings(deadline=None, max_examples=15)
@given(order=st.permutations(list("ABCD")), cuts=st.lists(st.floats(0.01, 0.99), max_size=4), turned=st.booleans())
def test_order_and_cuts_do_not_matter(order, cuts, turned):
    line = LINE.geometry.iloc[0]
    at = [0.0, *sorted(set(cuts)), 1.0]
    parts = [shapely.ops.substring(line, a, b, normalized=True) for a, b in itertools.pairwise(at)]
    cut = gpd.GeoDataFrame({"neighbour": ["China"] * len(parts)}, geometry=parts[:: -1 if turned else 1], crs=4326)
    found = measure_border(FOUR.loc[order], cut).table
    expected = measure_border(FOUR, LINE).table.loc[order]
    pd.testing.assert_frame_equal(found, expected, rtol=2e-3)


@pytest.mark.parametrize("kept", ["A", "B", "AC", "BD"])
def test_a_part_measures_as_the_whole_with_the_units_around(kept):
    whole = measure_border(FOUR, LINE)
    part, rest = FOUR.loc[list(kept)], FOUR.drop(index=list(kept))
    found = measure_border(part, LINE, around=rest)
    pd.testing.assert_frame_equal(found.table, whole.table.loc[list(kept)], check_exact=True)
    # Alone, the last commune takes the line beyond the corner too, as far as the tolerance reaches.
    alone = measure_border(part, LINE).table["border_km"]
    assert alone.sum() == pytest.approx(found.table["border_km"].sum() + 0.2, abs=0.011)


def test_units_around_are_neither_in_the_table_nor_in_the_issues():
    short = units(A=FOUR.geometry["A"], B=shapely.box(106.1, 22.0, 106.2, TOP - 150 * METRE))
    assert [issue.value for issue in measure_border(short, LINE).issues] == ["B"]
    found = measure_border(short.loc[["A"]], LINE, around=short.loc[["B"], ["geometry"]])
    assert found.issues == ()
    assert found.table.index.tolist() == ["A"]
    with pytest.raises(CRSError):
        measure_border(short.loc[["A"]], LINE, around=short.loc[["B"]].to_crs(32648))


@settings(deadline=None, max_examples=20)
@given(cuts=st.lists(st.floats(106.001, 106.199), max_size=4), seed=st.integers(0, 99))
def test_vertices_of_the_line_that_no_commune_has_change_nothing(cuts, seed):
    # With the communes' own vertices an edge equals a segment of the line; with others the pieces are searched.
    xs = sorted({106.0, *cuts, 106.2}) if seed % 2 else sorted({106.0, 106.1, *cuts, 106.2})
    line = border(*((x, TOP) for x in xs))
    found, plain = measure_border(FOUR, line), measure_border(FOUR, LINE)
    pd.testing.assert_frame_equal(found.table, plain.table, rtol=0, atol=0.021)
    assert found.table["border_km"].sum() == pytest.approx(length_km(line), rel=1e-9)


def test_row_order_changes_nothing_at_all():
    straight, turned = measure_border(FOUR, LINE).table, measure_border(FOUR.iloc[::-1], LINE).table
    pd.testing.assert_frame_equal(straight, turned.loc[straight.index], check_exact=True)


def test_inputs_stay_as_they_are():
    layer, line = FOUR.copy(deep=True), LINE.copy(deep=True)
    measure_border(layer, line)
    assert layer.equals(FOUR)
    assert line.equals(LINE)


def test_metres_and_missing_systems_are_refused():
    with pytest.raises(CRSError):
        measure_border(FOUR.to_crs(32648), LINE)
    with pytest.raises(CRSError):
        measure_border(FOUR, LINE.set_crs(None, allow_override=True))
    with pytest.raises(ValueError, match="tolerance"):
        measure_border(FOUR, LINE, tolerance_m=0)


def test_every_country_has_its_label():
    words = read_dictionary("indicators")["border_neighbours"].choices
    assert {name: label.vi for name, label in words.items()} == {
        "China": "Trung Quốc", "Laos": "Lào", "Cambodia": "Campuchia",
    }  # fmt: skip
