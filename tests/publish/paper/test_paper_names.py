"""Names on paper: every unit is named or numbered, nothing overlaps, and the places are the same each time."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.publish.paper.names import bare_name, largest_parts, place_names
from geontm.publish.paper.spots import AROUND, Box, Spots
from geontm.publish.paper.text import text_width

FRAME = Box(10, 20, 180, 120)
SIZES = (7.6, 6.6, 5.6)


def shapes_of(*shapes):
    return np.array([*shapes, None], dtype=object)[:-1]


def test_a_wide_unit_bears_its_name_in_its_middle():
    shapes = shapes_of(shapely.box(20, 30, 80, 60))
    (name,) = place_names(Spots(FRAME, list(shapes)), ["Đông Khê"], shapes, SIZES).names
    assert (name.lines, name.size) == (("Đông Khê",), SIZES[0])
    assert name.x == pytest.approx(50, abs=15) and name.y == pytest.approx(45, abs=1)


def test_a_long_name_is_broken_into_two_lines():
    room = text_width("Nguyễn Huệ", SIZES[-1]) * 0.75
    shapes = shapes_of(
        shapely.box(20, 30, 20 + room, 60), shapely.box(20 + room, 20, 190, 140), shapely.box(10, 20, 20, 140)
    )
    found = place_names(Spots(FRAME, list(shapes)), ["Nguyễn Huệ", "", ""], shapes, SIZES)
    assert [name.lines for name in found.names] == [("Nguyễn", "Huệ")]


def test_a_unit_too_small_for_its_name_gets_a_number_inside_it():
    shapes = shapes_of(
        shapely.box(20, 30, 24, 34),
        shapely.box(24, 30, 100, 34),
        shapely.box(10, 34, 100, 90),
        shapely.box(10, 20, 100, 30),
    )
    found = place_names(Spots(FRAME, list(shapes)), ["Trường Hoà Bình", "", "", ""], shapes, SIZES)
    assert not found.names
    (number,) = found.numbers
    assert number.number == 1 and number.leads_to is None
    assert shapes[0].covers(shapely.Point(number.x, number.y))


def test_numbers_run_from_the_north_and_from_the_west():
    little = [shapely.box(x, y, x + 2, y + 2) for y in (30, 90) for x in (100, 40)]
    land = shapely.box(10, 20, 190, 140) - shapely.union_all(little)
    shapes = shapes_of(*little, land)
    found = place_names(Spots(FRAME, list(shapes)), ["Một hai ba bốn"] * 4 + [""], shapes, SIZES)
    assert [number.unit for number in found.numbers] == [3, 2, 1, 0]
    assert [number.number for number in found.numbers] == [1, 2, 3, 4]


@settings(deadline=None, max_examples=10)
@given(
    st.integers(2, 6),
    st.integers(2, 6),
    st.lists(st.sampled_from(["Ea", "Đông Khê", "Nậm Cắn Thượng Hạ"]), min_size=36, max_size=36),
)
def test_no_unit_is_left_out_and_no_names_overlap(columns, rows, words):
    wide, high = FRAME.w / columns, FRAME.h / rows
    cells = [
        shapely.box(FRAME.x + c * wide, FRAME.y + r * high, FRAME.x + (c + 1) * wide, FRAME.y + (r + 1) * high)
        for r in range(rows) for c in range(columns)
    ]  # fmt: skip
    shapes = shapes_of(*cells)
    texts = words[: len(cells)]
    found = place_names(Spots(FRAME, cells), texts, shapes, SIZES)
    assert sorted([name.unit for name in found.names] + [number.unit for number in found.numbers]) == list(
        range(len(cells))
    )
    assert [number.number for number in found.numbers] == list(range(1, len(found.numbers) + 1))
    boxes = []
    for name in found.names:
        width = max(text_width(line, name.size) for line in name.lines)
        height = len(name.lines) * name.size * 0.3528
        boxes.append(shapely.box(name.x - width / 2, name.y - height / 2, name.x + width / 2, name.y + height / 2))
        assert shapely.intersects(boxes[-1], cells[name.unit])
    for k, box in enumerate(boxes):
        assert shapely.area(shapely.intersection(box, boxes[k + 1 :])).sum() < 0.2
    assert found == place_names(Spots(FRAME, cells), texts, shapes, SIZES)


@pytest.mark.parametrize(
    ("name", "kind", "bare"),
    [("Xã Hoành Mô", "xã", "Hoành Mô"), ("Phường 1", "phường", "Phường 1"), ("Hòn Lẻ", "đặc khu", "Hòn Lẻ"),
     ("Xã", "xã", "Xã"), ("XÃ ĐÔNG KHÊ", "xã", "ĐÔNG KHÊ")],
)  # fmt: skip
def test_a_map_leaves_out_the_kind_where_the_name_says_enough(name, kind, bare):
    assert bare_name(name, kind) == bare


def test_the_largest_part_of_each_unit_is_found():
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 8, 8)])
    found = largest_parts(shapes_of(None, two, shapely.box(1, 1, 2, 2)))
    assert found[0] is None and found[1].equals(shapely.box(5, 5, 8, 8)) and found[2].equals(shapely.box(1, 1, 2, 2))


def test_the_grid_tells_units_neighbours_and_sea_apart():
    spots = Spots(FRAME, [shapely.box(20, 30, 40, 50), None], [shapely.box(40, 30, 60, 50)])
    assert spots.shares(Box(25, 35, 10, 10), 0) == (1, 0, 0)
    assert spots.shares(Box(25, 35, 10, 10), 1) == (0, 1, 0)
    assert spots.shares(Box(45, 35, 10, 10), 0) == (0, 0, 1)
    assert spots.is_sea(Box(100, 100, 20, 20)) and not spots.is_sea(Box(55, 35, 20, 10))
    assert (spots.owner == AROUND).sum() * 0.35**2 == pytest.approx(400, rel=0.05)


def test_furniture_hides_no_land_where_there_is_sea():
    land = shapely.box(10, 20, 120, 140)
    spots = Spots(FRAME, [land])
    first, second = spots.find_room(40, 30, (0, 0)), spots.find_room(40, 30, (0, 0))
    for box in (first, second):
        assert spots._window(box) is not None and spots.is_sea(box)
    assert not shapely.box(first.x, first.y, first.right, first.top).intersects(
        shapely.box(second.x, second.y, second.right, second.top)
    )
