"""What a raster counts is held against the populations of the tables."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.cover import compare_people

KNOWN = pd.Series({"A": 1000, "B": 2000, "C": pd.NA, "D": 3000}, dtype="Float64")


def told(*people: float | None) -> list[str]:
    on_map = pd.Series(people, index=list("ABCD"), dtype="Float64")
    return [issue.message.id for issue in compare_people(on_map, KNOWN, file="dan-so.tif")]


def test_half_or_double_is_no_news():
    assert told(500, 4000, 9, 3000) == []


def test_one_commune_that_is_far_off_is_named():
    on_map = pd.Series([5001, 2000, 9, 3000], index=list("ABCD"), dtype="Float64")
    (issue,) = compare_people(on_map, KNOWN)
    assert (issue.message.id, issue.value) == ("population.some_far_apart", "A")
    assert "1 of 3" in issue.message.text("en")


def test_the_limit_itself_is_no_news():
    assert told(5000, 400, 9, 3000) == []


def test_a_density_is_told_once_for_all():
    assert told(100_000, 200_000, 9, 300_000) == ["population.another_unit"]
    on_map = pd.Series([100_000, 200_000, 9, 300_000], index=list("ABCD"), dtype="Float64")
    (issue,) = compare_people(on_map, KNOWN)
    assert "600,000" in issue.message.text("en") and "6,000" in issue.message.text("en")
    assert "mật độ" in issue.message.text("vi")


def test_nearly_nobody_is_told():
    assert told(1, 2, 3, 4) == ["population.too_few"]


def test_nothing_to_compare_says_nothing():
    assert compare_people(pd.Series(dtype="Float64"), KNOWN) == ()
    assert told(None, None, 9, None) == []


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=4, max_size=4), st.permutations(list("ABCD")))
def test_the_order_of_rows_changes_nothing(people, order):
    on_map = pd.Series(people, index=list("ABCD"), dtype="Float64")
    assert compare_people(on_map, KNOWN) == compare_people(on_map.reindex(order), KNOWN.reindex(order[::-1]))
