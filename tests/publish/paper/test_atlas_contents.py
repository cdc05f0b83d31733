"""The contents of an atlas fill their page: three columns of one height, large where there is room."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.publish.paper.atlas_contents import Entry, lay_contents


def entries(count: int, headings: int = 1) -> list[Entry]:
    return [
        Entry(f"{k:05}", f"Xã {k}", k, (f"{k:05}",), f"Huyện {k * headings // count}" if headings > 1 else "")
        for k in range(count)
    ]


def listed(contents) -> list[Entry]:
    return [line for page in contents.pages for column in page for line in column if isinstance(line, Entry)]


@pytest.mark.parametrize(("count", "rows"), [(54, 18), (55, 19), (3, 1), (1, 1)])
def test_columns_are_balanced_and_leave_room_for_a_map(count, rows):
    contents = lay_contents(entries(count))
    (page,) = contents.pages
    assert max(map(len, page)) == rows and len(page) == min(3, count)
    assert contents.step == 5.4 and contents.map_height >= 80


def test_a_long_list_is_set_smaller_then_without_a_map_then_on_more_pages():
    steps = [(lay_contents(entries(n)).step, lay_contents(entries(n)).map_height > 0) for n in (54, 100, 120, 160)]
    assert steps == [(5.4, True), (3.9, True), (5.4, False), (3.9, False)]
    assert len(lay_contents(entries(400)).pages) == 3


@settings(deadline=None)
@given(count=st.integers(1, 700), headings=st.integers(1, 30))
def test_every_entry_stands_once_in_its_order_below_its_heading(count, headings):
    contents = lay_contents(entries(count, min(headings, count)))
    assert listed(contents) == list(contents.entries)
    for page in contents.pages:
        assert len(page) <= 3
        for column in page:
            heading = ""
            for line in column:
                heading = line if isinstance(line, str) else heading
                assert isinstance(line, str) or line.heading == heading
            assert isinstance(column[-1], Entry)  # no heading stands alone at the foot
