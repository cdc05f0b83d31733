"""What a page unpacks is what was drawn: shared edges stored once, nothing vanishes, nothing overlaps."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_reader import Reader, read_shapes
from geontm.publish.web.arcs import arcs_of, pack_arcs, varints
from geontm.publish.web.drawing import draw
from geontm.publish.web.geometry import simplify
from publish_samples import sample_content


def array(*shapes):
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def series(*shapes):
    return gpd.GeoSeries(list(shapes), crs="EPSG:4326")


def again(*shapes):
    return read_shapes(pack_arcs(arcs_of(array(*shapes))))


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**35 - 1), max_size=30))
def test_varints_come_back(numbers):
    reader = Reader(varints(np.array(numbers, dtype=np.int64)))
    assert [reader.number() for _ in numbers] == numbers


def test_an_edge_of_two_squares_is_stored_once():
    arcs = arcs_of(array(shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)))
    assert len(arcs.lengths) == 3  # the rest of the left one, the edge, the rest of the right one
    assert sorted(arcs.lengths.tolist()) == [2, 4, 4]
    assert sorted(np.bincount(np.where(arcs.steps < 0, ~arcs.steps, arcs.steps))) == [1, 1, 2]


def test_an_enclave_shares_its_whole_ring_with_the_hole():
    hole = shapely.box(2, 2, 4, 4)
    ring = shapely.box(0, 0, 9, 9) - hole
    arcs = arcs_of(array(ring, shapely.Polygon([(4, 4), (2, 4), (2, 2), (4, 2)])))
    assert len(arcs.lengths) == 2
    assert [found.equals(shape) for found, shape in zip(again(ring, hole), (ring, hole), strict=True)] == [True, True]


def test_holes_parts_and_gaps_come_back():
    ring = shapely.box(0, 0, 9, 9) - shapely.box(2, 2, 4, 4)
    two = shapely.MultiPolygon([shapely.box(20, 0, 25, 5), shapely.box(30, 0, 35, 5)])
    found = again(ring, None, two, shapely.Polygon())
    assert found[0].equals(ring)
    assert found[2].equals(two)
    assert (found[1], found[3]) == (None, None)


def test_nothing_to_draw():
    assert again(None, None) == [None, None]
    assert again() == []


def test_shapes_that_only_touch_at_a_corner_share_nothing():
    shapes = (shapely.box(0, 0, 5, 5), shapely.box(5, 5, 9, 9))
    assert len(arcs_of(array(*shapes)).lengths) == 2
    assert [found.equals(shape) for found, shape in zip(again(*shapes), shapes, strict=True)] == [True, True]


def test_a_layer_that_is_no_coverage_comes_back_as_it_is():
    shapes = (shapely.box(0, 0, 10, 10), shapely.box(5, 3, 15, 8), shapely.box(0, 10, 4, 14), shapely.box(2, 10, 6, 12))
    assert [found.equals(shape) for found, shape in zip(again(*shapes), shapes, strict=True)] == [True] * 4


CELLS = st.lists(st.integers(0, 3), min_size=36, max_size=36)


@settings(deadline=None)
@given(CELLS)
def test_any_division_of_a_board_comes_back_with_every_border_stored_once(owners):
    cells = [shapely.box(3 * (k % 6), 3 * (k // 6), 3 * (k % 6) + 3, 3 * (k // 6) + 3) for k in range(36)]
    groups = [[cell for cell, owner in zip(cells, owners, strict=True) if owner == mine] for mine in range(4)]
    shapes = array(*(shapely.coverage_union_all(group) if group else None for group in groups))
    arcs = arcs_of(shapes)
    found = read_shapes(pack_arcs(arcs))
    for shape, other in zip(shapes, found, strict=True):
        assert (shape is None and other is None) or shape.equals(other)
    ends = np.cumsum(arcs.lengths)
    stored = sum(
        np.abs(np.diff(arcs.xy[end - length : end], axis=0)).sum()
        for end, length in zip(ends, arcs.lengths, strict=True)
    )
    # The square has length 72 around; each border inside is the length of two shapes, stored once.
    assert stored == (sum(shape.length for shape in shapes if shape is not None) + 72) / 2


def test_neighbours_keep_their_common_edge():
    wavy = [(106 + 0.002 * np.sin(k), 21 + k / 400) for k in range(401)]
    left = shapely.Polygon([(105, 21), *wavy, (105, 22)])
    right = shapely.Polygon([(107, 21), *wavy, (107, 22)])
    outlines = simplify(series(left, right), tolerance_m=300)
    assert shapely.coverage_is_valid(outlines.shapes)
    arcs = arcs_of(outlines.shapes)
    assert len(arcs.lengths) == 3
    assert arcs.lengths.max() < 200


def test_a_unit_without_outline_stays_in_its_place():
    outlines = simplify(series(None, shapely.box(105, 21, 106, 22), shapely.Point(105, 21), shapely.Polygon()))
    assert [shape is None for shape in outlines.shapes] == [True, False, True, True]


@pytest.mark.parametrize("lost", [(106.5, 21.5), (105.5, 21.5)])
def test_a_unit_smaller_than_a_cell_stays_visible(lost):
    # One metre across: in the sea, and in the middle of a commune that it is cut out of.
    x, y = lost
    tiny = shapely.box(x, y, x + 1e-5, y + 1e-5)
    outlines = simplify(series(shapely.box(105, 21, 106, 22) - tiny, tiny), tolerance_m=50, grid_m=20)
    found = read_shapes(pack_arcs(arcs_of(outlines.shapes)), per_degree=outlines.per_degree)
    assert found[1].area > 0
    assert found[1].distance(tiny) < 3e-4
    assert shapely.coverage_is_valid(found)


def test_islets_of_a_unit_are_kept():
    islets = [shapely.box(106 + k / 100, 21, 106 + k / 100 + 1e-5, 21 + 1e-5) for k in range(9)]
    outlines = simplify(
        series(shapely.MultiPolygon([shapely.box(105, 21, 105.5, 21.5), *islets])), tolerance_m=50, grid_m=20
    )
    assert shapely.get_num_geometries(outlines.shapes[0]) == 10


def test_what_rounding_breaks_is_settled():
    # A spit thinner than a cell: rounded as it is, its ring would touch itself.
    spit = shapely.Polygon(
        [(105, 21), (105.1, 21), (105.1, 21.1), (105.0501, 21.1), (105.05, 21.2), (105.0499, 21.1), (105, 21.1)]
    )
    beside = shapely.box(105.1, 21, 105.2, 21.1)
    outlines = simplify(series(spit, beside), tolerance_m=0, grid_m=50)
    assert shapely.is_valid(outlines.shapes).all()
    assert shapely.coverage_is_valid(outlines.shapes)


def test_units_that_overlap_are_drawn_as_they_are_and_told():
    shapes = [
        shapely.box(105, 21, 106, 22),
        shapely.box(105.5, 21.2, 106.5, 21.8),
        shapely.box(107, 21, 108, 22),
        shapely.box(108, 21, 109, 22),
    ]
    outlines = simplify(series(*shapes), tolerance_m=0)
    assert len(outlines.apart) == 1  # one of the two takes the overlap without losing anything
    for shape, outline in zip(shapes, outlines.shapes, strict=True):
        assert shapely.area(outline) / outlines.per_degree**2 == pytest.approx(shape.area, rel=1e-3)
    content = sample_content()
    units = content.units.iloc[:4].set_geometry(series(*shapes).set_axis(content.units.index[:4]))
    drawing = draw(sample_content(units=units))
    assert drawing.apart == (units.index[outlines.apart[0]],)
    assert [issue.message.id for issue in drawing.issues] == ["publish.outlines_overlap"]


def test_slivers_between_units_are_settled_without_a_word():
    left = shapely.box(105, 21, 106, 22)
    right = shapely.box(105.9999, 21, 107, 22)  # ten metres over the border
    outlines = simplify(series(left, right), tolerance_m=0)
    assert outlines.apart == ()
    assert shapely.coverage_is_valid(outlines.shapes)
    assert len(arcs_of(outlines.shapes).lengths) == 3


def test_a_bow_tie_and_a_mixed_shape_are_drawn():
    bow = shapely.Polygon([(105, 21), (106, 22), (106, 21), (105, 22)])
    mixed = shapely.GeometryCollection([shapely.box(107, 21, 108, 22), shapely.LineString([(107, 21), (109, 21)])])
    outlines = simplify(series(bow, mixed))
    assert shapely.is_valid(outlines.shapes).all()
    assert (shapely.area(outlines.shapes) > 0).all()


def test_land_around_meets_the_units_and_gives_way():
    wavy = [(106 + 0.002 * np.sin(k), 21 + k / 400) for k in range(401)]
    unit = shapely.Polygon([(105, 21), *wavy, (105, 22)])
    around = shapely.Polygon([(107, 21), *[(x - 1e-5, y) for x, y in wavy], (107, 22)])  # a metre over the unit
    outlines = simplify(series(unit), series(around), tolerance_m=50, grid_m=20)
    assert outlines.apart == ()
    drawn, grey = outlines.shapes
    edge = {tuple(xy) for xy in shapely.get_coordinates(drawn) if xy[0] > 105.9 * outlines.per_degree}
    assert len(edge) > 200
    assert edge <= {tuple(xy) for xy in shapely.get_coordinates(grey)}  # point by point
    assert shapely.area(shapely.intersection(drawn, grey)) < 5  # cells, where it wraps round the ends of the edge
    whole = max(shapely.get_parts(shapely.union_all(outlines.shapes)), key=shapely.area)
    assert not whole.interiors
    alone = simplify(series(unit), tolerance_m=50, grid_m=20).shapes[0]
    assert alone.equals_exact(drawn)  # land around moves no unit
    # Of two that overlap the second gives way; nothing of the shared edge is stored twice.
    two = simplify(series(unit), series(around, shapely.box(106.8, 20, 109, 23)), tolerance_m=50, grid_m=20).shapes
    assert shapely.area(shapely.intersection(two[1], two[2])) < 5
    assert len(arcs_of(outlines.shapes).lengths) <= 6


class Shelf(dict):
    def get(self, key):
        return super().get(key)

    def put(self, key, data):
        self[key] = data


def test_outlines_are_kept_between_runs():
    shelf, content = Shelf(), sample_content()
    first = draw(content, kept=shelf)
    assert len(shelf) == 1
    (key,) = shelf
    shelf[key] = shelf[key] + b"kept"
    second = draw(content, kept=shelf)
    assert second.packed.count(b"kept") == 1
    assert second.packed.replace(b"kept", b"") == first.packed
    draw(content, kept=shelf, tolerance_m=77.0)
    moved = sample_content(units=content.units.set_geometry(content.units.geometry.translate(0.001)))
    draw(moved, kept=shelf)
    draw(
        sample_content(context=gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.box(110, 10, 111, 11)], crs=4326)),
        kept=shelf,
    )
    assert len(shelf) == 4


def test_same_bytes_in_any_order_of_rows():
    content = sample_content()
    mixed = sample_content(units=content.units.iloc[[3, 0, 5, 1, 4, 2]])
    assert draw(mixed) == draw(content) == draw(content, kept=Shelf())


@pytest.mark.realdata
@pytest.mark.slow
def test_the_whole_country_stays_a_coverage_within_the_tolerance(shared_data):
    units = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet").sort_values("code").reset_index(drop=True)
    outlines = simplify(units.geometry)
    assert (outlines.tolerance_m, outlines.per_degree, outlines.apart) == (50.0, 5566, ())
    packed = pack_arcs(arcs_of(outlines.shapes))
    found = np.array(read_shapes(packed, per_degree=outlines.per_degree), dtype=object)
    assert len(found) == 3321
    assert not shapely.is_missing(found).any()
    assert shapely.is_valid(found).all()
    assert shapely.coverage_is_valid(found)
    assert shapely.get_num_geometries(found).sum() >= 0.99 * shapely.get_num_geometries(units.geometry.to_numpy()).sum()
    metric = "+proj=lcc +lat_1=11 +lat_2=21 +lat_0=16 +lon_0=107 +datum=WGS84 +units=m"
    before = units.geometry.to_crs(metric).to_numpy()
    after = gpd.GeoSeries(found, crs="EPSG:4326").to_crs(metric).to_numpy()
    every = np.arange(0, 3321, 7)
    assert np.percentile(shapely.hausdorff_distance(before[every], after[every]), 95) <= 2 * outlines.tolerance_m
    changed = np.abs(shapely.area(after) / shapely.area(before) - 1)
    assert np.percentile(changed, 99) < 0.02
