"""What the page unpacks is what was drawn: shared edges stay shared, nothing vanishes."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.publish.web.geometry import GRID, label_points, pack_lines, pack_polygons, province_lines, simplify, varints


class Reader:
    """The page's reader, once more in Python."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def stream(self):
        return [self.number() for _ in range(self.number())]

    def positions(self):
        return np.cumsum([-(s + 1) // 2 if s % 2 else s // 2 for s in self.stream()]) / GRID


def unpack(data):
    reader = Reader(data)
    parts, rings, points = reader.stream(), reader.stream(), reader.stream()
    xy = list(zip(reader.positions(), reader.positions(), strict=True))
    assert reader.at == len(data)
    xy, points, rings = iter(xy), iter(points), iter(rings)
    return [[[[next(xy) for _ in range(next(points))] for _ in range(next(rings))] for _ in range(n)] for n in parts]


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**35 - 1), max_size=30))
def test_varints_come_back(numbers):
    reader = Reader(varints(np.array(numbers, dtype=np.int64)))
    assert [reader.number() for _ in numbers] == numbers


def series(*shapes):
    return gpd.GeoSeries(list(shapes), crs="EPSG:4326")


def test_polygons_with_holes_parts_and_gaps_come_back():
    ring = shapely.box(105, 21, 106, 22) - shapely.box(105.25, 21.25, 105.5, 21.5)
    two = shapely.MultiPolygon([shapely.box(107, 20, 107.5, 20.5), shapely.box(108, 20, 108.5, 20.5)])
    found = unpack(pack_polygons(series(ring, None, two)))
    assert [len(feature) for feature in found] == [1, 0, 2]
    rebuilt = shapely.Polygon(found[0][0][0], [found[0][0][1]])
    assert rebuilt.equals(ring)
    assert shapely.union_all([shapely.Polygon(part[0]) for part in found[2]]).equals(two)


def test_neighbours_keep_their_common_edge():
    wavy = [(106 + 0.002 * np.sin(k), 21 + k / 400) for k in range(401)]
    left = shapely.Polygon([(105, 21), *wavy, (105, 22)])
    right = shapely.Polygon([(107, 21), *wavy, (107, 22)])
    simple = simplify(series(left, right), tolerance_m=300).geometry
    shared = [set(map(tuple, shapely.get_coordinates(shape))) for shape in simple]
    assert len(shared[0]) < 200
    edge = [{p for p in points if 105.9 < p[0] < 106.1} for points in shared]
    assert edge[0] == edge[1]


def test_a_unit_without_outline_stays_in_its_place():
    simple = simplify(series(None, shapely.box(105, 21, 106, 22)), tolerance_m=25).geometry
    assert simple.isna().tolist() == [True, False]
    assert label_points(simple)[0] is None


def test_province_lines_leave_out_edges_inside_a_province():
    boxes = series(*(shapely.box(105 + k, 21, 106 + k, 22) for k in range(3)))
    lines = shapely.union_all(province_lines(boxes, pd.Series(["01", "01", "02"])))
    assert lines.covers(shapely.LineString([(107, 21), (107, 22)]))
    assert not lines.intersects(shapely.LineString([(106, 21.2), (106, 21.8)]))
    assert lines.length == 9  # the outline 8 and the border between the two provinces 1
    reader = Reader(pack_lines(province_lines(boxes, pd.Series(["01", "01", "02"]))))
    assert sum(reader.stream()) == len(reader.positions()) == len(reader.positions())


def test_labels_stand_inside_the_largest_part():
    horseshoe = shapely.box(105, 21, 106, 22) - shapely.box(105.2, 21.2, 106, 21.8)
    shape = shapely.union_all([horseshoe, shapely.box(108, 21, 108.1, 21.1)])
    assert horseshoe.contains(shapely.Point(label_points(series(shape))[0]))
