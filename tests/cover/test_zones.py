from __future__ import annotations

import exactextract
import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from exactextract.raster import NumPyRasterSource
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geontm.cover import Zones, make_zones
from geontm.cover.zones import _transformer
from geontm.errors import CRSError
from geontm.tables import Grid, Window

STORED = pyproj.CRS.from_epsg(4326)
# One cell is a tenth of a degree; (105, 21) is the upper left corner.
GRID = Grid(STORED, 105.0, 21.0, 0.1, 0.1, 6, 8)
METRES = Grid(pyproj.CRS.from_epsg(32648), 400_000.0, 2_400_000.0, 1_000.0, 500.0, 60, 40)


def layer(*shapes: object, codes: list[str] | None = None) -> gpd.GeoDataFrame:
    codes = codes or [f"{n:05d}" for n in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame(geometry=list(shapes), index=pd.Index(codes, name="commune_code"), crs=4326)


def cells(left: float, top: float, right: float, bottom: float, grid: Grid = GRID) -> shapely.Polygon:
    """Return a box given in cells from the upper left corner of the grid."""
    x = [grid.left + edge * grid.cell_width for edge in (left, right)]
    y = [grid.top - edge * grid.cell_height for edge in (bottom, top)]
    return shapely.box(x[0], y[0], x[1], y[1])


def in_degrees(shapes: list[shapely.Geometry], grid: Grid = METRES) -> list[shapely.Geometry]:
    move = pyproj.Transformer.from_crs(grid.crs, STORED, always_xy=True).transform
    return list(shapely.transform(np.array(shapes), move, interleaved=False))


def shares(zones: Zones) -> np.ndarray:
    """Return the share of every cell of the grid in every unit: (n, rows, cols)."""
    full = np.zeros((len(zones.codes), zones.grid.rows, zones.grid.cols))
    row, col = zones.window.row, zones.window.col
    held = full[:, row : row + zones.window.rows, col : col + zones.window.cols]
    for unit in range(len(zones.codes)):
        held[unit][zones.whole == unit] = 1
    at_row, at_col = np.divmod(zones.cell, max(zones.window.cols, 1))
    np.add.at(held, (zones.unit, at_row, at_col), zones.share)
    return full


def by_intersection(units: gpd.GeoDataFrame, grid: Grid) -> np.ndarray:
    """Return the same by intersecting every cell with every polygon."""
    row, col = np.mgrid[: grid.rows, : grid.cols]
    boxes = shapely.box(
        grid.left + col * grid.cell_width, grid.top - (row + 1) * grid.cell_height,
        grid.left + (col + 1) * grid.cell_width, grid.top - row * grid.cell_height,
    )  # fmt: skip
    whole = grid.cell_width * grid.cell_height
    return np.array([shapely.area(shapely.intersection(boxes, shape)) / whole for shape in units.geometry])


def test_cells_of_a_box_are_whole_and_cut_by_eye():
    zones, issues = make_zones(layer(cells(1.5, 1, 4, 2.25)), GRID)
    assert zones.window == Window(1, 1, 2, 3)
    assert_allclose(shares(zones)[0, 1:3, 1:4], [[0.5, 1, 1], [0.125, 0.25, 0.25]], atol=1e-9)
    assert (zones.whole == [[-1, 0, 0], [-1, -1, -1]]).all()
    assert issues == ()


def test_neighbours_share_the_cells_that_their_boundary_cuts():
    zones, _ = make_zones(layer(cells(0, 0, 2.25, 2), cells(2.25, 0, 5, 2)), GRID)
    assert_array_equal(zones.cell, [2, 2, 7, 7])
    assert_array_equal(zones.unit, [0, 1, 0, 1])
    assert_allclose(zones.share, [0.25, 0.75, 0.25, 0.75], atol=1e-9)
    assert_allclose(zones.covered(), 1)
    assert_allclose(zones.areas(), [4.5, 5.5])


def test_a_box_on_the_lines_of_the_grid_cuts_no_cell():
    zones, _ = make_zones(layer(cells(0, 0, 3, 6), cells(3, 0, 8, 6)), GRID)
    assert not len(zones.cell)
    assert_array_equal(zones.whole[0], [0, 0, 0, 1, 1, 1, 1, 1])


def test_holes_islands_and_islets():
    ring = cells(0, 0, 5, 5).difference(cells(1, 1, 4, 4))
    island, islet = cells(2.25, 2.25, 2.75, 2.75), cells(2.01, 2.02, 2.03, 2.05)
    zones, issues = make_zones(layer(shapely.MultiPolygon([ring, island]), islet), GRID)
    found = shares(zones)
    assert_allclose(found[0, 1:4, 1:4], [[0, 0, 0], [0, 0.25, 0], [0, 0, 0]], atol=1e-9)
    assert found[0].sum() == pytest.approx(16.25)
    assert_allclose(found[1].sum(), 0.02 * 0.03, rtol=1e-8)
    assert issues == ()


def test_the_part_outside_the_grid_is_told_and_left_out():
    zones, issues = make_zones(layer(cells(-3, -1, 1, 1), cells(7.5, 5.5, 9, 7), cells(20, 20, 21, 21)), GRID)
    assert_allclose(zones.areas(), [1, 0.25, 0])
    assert [issue.message.id for issue in issues] == ["zones.partly_outside"] * 2 + ["zones.outside"]
    assert "87.5%" in issues[0].message.text("en")


def test_a_unit_around_the_whole_grid_has_all_of_it():
    zones, _ = make_zones(layer(cells(-50, -50, 50, 50)), GRID)
    assert (zones.whole == 0).all()
    assert zones.window == GRID.whole


def test_units_outside_or_without_a_shape_have_no_cell():
    units = layer(cells(30, 30, 31, 31), None, shapely.Polygon())
    zones, issues = make_zones(units, GRID)
    assert zones.window.size == 0
    assert not zones.areas().any()
    assert [issue.message.id for issue in issues] == ["zones.outside", "zones.no_shape", "zones.no_shape"]


def test_no_units_and_no_shapes_work():
    zones, issues = make_zones(layer(), GRID)
    assert (len(zones.codes), zones.window.size, issues) == (0, 0, ())


def test_overlaps_count_in_each_unit_and_are_told():
    zones, issues = make_zones(layer(cells(0, 0, 4, 2), cells(2, 0, 6, 2), cells(5.5, 0, 7, 1)), GRID)
    assert_allclose(zones.areas(), [8, 8, 1.5])
    assert [issue.message.id for issue in issues] == ["zones.overlap"]
    assert issues[0].message.text("en").startswith("3 communes overlap over 4.5 cells")


def test_a_bow_tie_is_made_valid():
    tie = shapely.Polygon([(105.0, 21.0), (105.2, 20.8), (105.2, 21.0), (105.0, 20.8)])
    zones, _ = make_zones(layer(tie), GRID)
    assert_allclose(zones.areas(), [2])


def test_the_direction_of_rings_does_not_matter():
    box = cells(0.5, 0.5, 3.5, 3.5)
    one, other = (make_zones(layer(shapely.orient_polygons(box, exterior_cw=turn)), GRID)[0] for turn in (True, False))
    assert_array_equal(shares(one), shares(other))


def test_margin_and_rows_and_strips():
    zones, _ = make_zones(layer(cells(2, 2, 4.5, 4.5)), GRID, margin=1)
    assert zones.window == Window(1, 1, 5, 5)
    below = zones.rows(3, 2)
    assert below.window == Window(4, 1, 2, 5)
    assert_allclose(shares(below)[0, 4:], shares(zones)[0, 4:])
    values = np.random.default_rng(1).random((5, 5))
    strips = list(zones.strips(cells=5))
    assert len(strips) == 5
    parts = sum(strip.add_up(values[at : at + 1]) for at, strip in enumerate(strips))
    assert_allclose(parts, zones.add_up(values))
    chosen = values > 0.5
    assert_allclose(zones.areas(chosen), zones.add_up(chosen))


def test_a_grid_in_metres_takes_units_in_degrees():
    boxes = [cells(1.5, 2, 3, 4.5, METRES), cells(3, 2, 6, 4.5, METRES)]
    zones, issues = make_zones(layer(*in_degrees(boxes)), METRES)
    assert_allclose(zones.areas(), [3.75, 7.5], atol=1e-6)
    assert issues == ()


def test_edges_are_followed_in_the_plane_of_the_grid():
    # A parallel over one degree bends by some 340 m in UTM: its middle lies far off the straight line between its ends.
    grid = Grid(METRES.crs, 390_000.0, 2_330_000.0, 100.0, 100.0, 600, 1_300)
    box = shapely.box(104.0, 20.7, 105.0, 21.0)
    zones, _ = make_zones(layer(box), grid)
    fine = shapely.segmentize(box, 1e-4)
    plane = shapely.transform(fine, _transformer(grid.crs).transform, interleaved=False)
    assert zones.areas()[0] * 10_000 == pytest.approx(plane.area, rel=2e-7)
    straight = shapely.transform(box, _transformer(grid.crs).transform, interleaved=False)
    assert abs(straight.area / plane.area - 1) > 1e-5


def test_vn2000_is_reached_with_its_datum_shift():
    crs = pyproj.CRS.from_epsg(9211)
    shifted = _transformer(crs)
    assert "ballpark" not in shifted.description.lower()
    x, y = shifted.transform(105.75, 21.0)
    grid = Grid(crs, np.floor(x / 100) * 100 - 5_000, np.ceil(y / 100) * 100 + 5_000, 100.0, 100.0, 100, 100)
    zones, _ = make_zones(layer(shapely.box(105.74, 20.99, 105.76, 21.01)), grid)
    middle = np.array(np.nonzero(zones.whole == 0)).mean(axis=1) + 0.5
    assert grid.top - (zones.window.row + middle[0]) * 100 == pytest.approx(y, abs=60)
    assert grid.left + (zones.window.col + middle[1]) * 100 == pytest.approx(x, abs=60)


def test_units_in_another_system_are_refused():
    units = layer(cells(0, 0, 1, 1)).to_crs(32648)
    with pytest.raises(CRSError, match="EPSG:4326"):
        make_zones(units, GRID)


def test_a_grid_without_an_exact_operation_is_refused():
    local = pyproj.CRS.from_proj4(
        "+proj=tmerc +lon_0=105 +k=0.9999 +x_0=500000 +a=6377397 +rf=299.15 +units=m +no_defs"
    )
    grid = Grid(local, 400_000.0, 2_400_000.0, 100.0, 100.0, 10, 10)
    with pytest.raises(CRSError) as caught:
        make_zones(layer(cells(0, 0, 1, 1)), grid)
    assert caught.value.message.id == "zones.crs_ballpark"


@st.composite
def coverages(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Return a clean coverage of a part of the grid and beyond: Voronoi cells of random points, some of them merged."""
    count = draw(st.integers(2, 12))
    seed = draw(st.integers(0, 2**32 - 1))
    points = np.random.default_rng(seed).uniform((104.9, 20.3), (105.9, 21.1), (count, 2))
    area = shapely.box(104.95, 20.35, 105.85, 21.05)
    whole = shapely.MultiPoint(points)
    pieces = shapely.get_parts(shapely.voronoi_polygons(whole, extend_to=area))
    pieces = shapely.intersection(pieces, area)
    merged = [shapely.union_all(pieces[i::5]) for i in range(min(5, len(pieces)))]
    return layer(*merged)


@settings(deadline=None, max_examples=60)
@given(coverages())
def test_shares_of_a_cell_in_a_coverage_add_up_to_one(units):
    zones, _ = make_zones(units, GRID)
    # All but the outermost cells of this grid lie inside the coverage.
    assert_allclose(shares(zones).sum(axis=0)[:, :], 1, atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(coverages())
def test_shares_equal_those_by_intersection(units):
    assert_allclose(shares(make_zones(units, GRID)[0]), by_intersection(units, GRID), atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(104.9, 105.9), st.floats(20.3, 21.1)), min_size=3, max_size=12),
    st.floats(0.001, 0.3),
)
def test_shares_of_any_polygon_equal_those_by_intersection(points, width):
    shape = shapely.LineString(points).buffer(width).difference(shapely.Point(points[0]).buffer(width / 2))
    assume(shape.is_valid and shape.area > 0)
    units = layer(shape)
    assert_allclose(shares(make_zones(units, GRID)[0]), by_intersection(units, GRID), atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.floats(1e-4, 2.9), st.integers(3, 40), st.booleans())
def test_cells_of_a_unit_add_up_to_its_area(seed, size, corners, with_hole):
    random = np.random.default_rng(seed)
    angle = np.sort(random.uniform(0, 2 * np.pi, corners))
    away = random.uniform(0.3, 1, corners) * size
    centre = random.uniform(2.95, 3.05, 2)
    star = np.column_stack([np.cos(angle) * away, np.sin(angle) * away]) + centre
    assume(np.diff(angle, append=angle[0] + 2 * np.pi).max() < np.pi * 0.9)
    shape = shapely.Polygon(star, [star[::-1] * 0.5 + centre * 0.5] if with_hole else None)
    shape = shapely.transform(shape, lambda xy: xy * 0.1 + [105.0, 20.4])
    assume(shape.is_valid)
    zones, _ = make_zones(layer(shape), GRID)
    # Coordinates of 105° are known to 1.4e-14°, some 1e-13 of a cell: a sliver's area is no better known than that.
    assert zones.areas()[0] == pytest.approx(shape.area / 0.01, rel=1e-9, abs=1e-11)


@settings(deadline=None, max_examples=25)
@given(coverages(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_share(units, random):
    order = list(units.index)
    random.shuffle(order)
    one, other = make_zones(units, GRID)[0], make_zones(units.loc[order], GRID)[0]
    assert_array_equal(shares(one), shares(other)[[order.index(code) for code in units.index]])
    values = np.random.default_rng(3).random(one.whole.shape)
    assert_array_equal(one.covered(), other.covered())
    assert_array_equal(one.add_up(values), other.add_up(values)[[order.index(code) for code in units.index]])


@settings(deadline=None, max_examples=25)
@given(coverages(), st.integers(-20, 20), st.integers(-20, 20))
def test_moving_layer_and_grid_together_changes_no_share(units, columns, rows):
    # Whole degrees, so that binary rounding of the coordinates is all that differs.
    moved = Grid(GRID.crs, GRID.left + columns, GRID.top + rows, 0.1, 0.1, GRID.rows, GRID.cols)
    elsewhere = units.set_geometry(units.geometry.translate(columns, rows))
    assert_allclose(shares(make_zones(elsewhere, moved)[0]), shares(make_zones(units, GRID)[0]), atol=1e-9)


@settings(deadline=None, max_examples=25)
@given(coverages())
def test_the_law_of_inputs(units):
    before = units.copy(deep=True)
    make_zones(units, GRID)
    assert units.equals(before)


@pytest.mark.realdata
def test_real_communes_agree_with_an_independent_library(shared_data):
    units = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet").set_index("code")
    # Mountain, islands, coast.
    for province, size in (("04", 1 / 120), ("22", 1 / 240), ("46", 1 / 240)):
        part = units[units.province_code == province]
        left, bottom, right, top = part.total_bounds
        rows, cols = int(np.ceil((top - bottom) / size)) + 2, int(np.ceil((right - left) / size)) + 2
        grid = Grid(STORED, left - 0.7 * size, top + 0.3 * size, size, size, rows, cols)
        zones, issues = make_zones(part, grid)
        assert issues == ()
        assert_allclose(zones.areas() * size**2, shapely.area(part.geometry), rtol=1e-9)
        source = NumPyRasterSource(np.ones((rows, cols)), *grid.bounds)
        peer = exactextract.exact_extract(source, part.reset_index(), ["cell_id", "coverage"], output="pandas")
        ours = shares(zones)
        assert len(peer) == len(part)
        for unit, row in enumerate(peer.itertuples()):
            theirs = np.zeros(rows * cols)
            theirs[row.cell_id] = row.coverage
            # Shares there are 32-bit numbers.
            assert_allclose(ours[unit].ravel(), theirs, atol=1e-6)


@pytest.mark.realdata
def test_communes_that_stop_the_peer_are_measured_like_the_others(shared_data):
    units = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet").set_index("code")
    for name in ("Bó Sinh", "Hữu Liên", "Tân Mai"):
        part = units[units.name.str.endswith(name)]
        assert len(part)
        left, bottom, right, top = part.iloc[[0]].total_bounds
        size = 1 / 1200
        rows, cols = int(np.ceil((top - bottom) / size)) + 2, int(np.ceil((right - left) / size)) + 2
        zones, _ = make_zones(part.iloc[[0]], Grid(STORED, left - size, top + size, size, size, rows, cols))
        assert_allclose(zones.areas() * size**2, shapely.area(part.geometry.iloc[[0]]), rtol=1e-9)
