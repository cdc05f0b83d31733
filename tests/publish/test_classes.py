"""Classes of a choropleth are exact, the same each time, and their bounds move no value."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.publish.classes import (
    Cut,
    breaks,
    class_of,
    cuts_around,
    cuts_of,
    equal,
    fisher_jenks,
    pretty,
    quantiles,
    shortest_between,
)

VALUES = st.lists(st.integers(-500, 500).map(lambda k: k / 10), min_size=2, max_size=11)


def spread(values, starts):
    parts = np.split(np.sort(values), [np.searchsorted(np.sort(values), start) for start in starts])
    return sum(((part - part.mean()) ** 2).sum() for part in parts if part.size)


@settings(deadline=None)
@given(VALUES, st.integers(2, 4))
def test_fisher_jenks_beats_every_other_cut(values, classes):
    distinct, counts = np.unique(np.array(values), return_counts=True)
    classes = min(classes, distinct.size)
    if classes < 2:
        return
    found = spread(values, [distinct[k] for k in fisher_jenks(distinct, counts.astype(float), classes)])
    best = min(spread(values, [distinct[k] for k in cut]) for cut in combinations(range(1, distinct.size), classes - 1))
    assert found == pytest.approx(best, abs=1e-7)


@settings(deadline=None)
@given(VALUES, st.integers(2, 5), st.sampled_from(["fisher_jenks", "quantiles"]), st.randoms())
def test_bounds_do_not_depend_on_the_order_of_rows_and_move_no_value(values, classes, method, random):
    bounds = breaks(np.array(values), classes, method)
    shuffled = random.sample(values, len(values))
    assert breaks(np.array(shuffled), classes, method) == bounds == sorted(set(bounds))
    distinct, counts = np.unique(np.array(values), return_counts=True)
    if distinct.size > 1:
        cut = fisher_jenks if method == "fisher_jenks" else quantiles
        starts = cut(distinct, counts.astype(float), min(classes, distinct.size))
        assert [int(k) for k in np.searchsorted(distinct, bounds)] == starts


def test_bounds_read_well():
    assert breaks(np.array([1.04, 1.1, 1.2, 8.93, 9.1, 9.4]), 2) == [5.0]
    assert breaks(np.array([19.9, 19.94, 20.3, 20.35]), 2) == [20.0]


@pytest.mark.parametrize(
    ("low", "high", "number"),
    [
        (0.0, 1.0, 1.0),
        (4.2, 4.9, 4.5),
        (99.7, 104.0, 100.0),
        (-3.3, 2.0, 0.0),
        (0.00012, 0.00013, 0.000125),
        (7.0, 7.5, 7.5),
    ],
)
def test_shortest_number_between(low, high, number):
    found = shortest_between(low, high)
    assert low < found <= high
    assert len(repr(found)) <= len(repr(number))


def test_one_value_makes_one_class_and_unknown_has_none():
    assert breaks(np.array([3.0, 3.0]), 5) == []
    assert class_of(np.array([np.nan, 3.0, 5.0, 7.0]), [5.0]).tolist() == [-1, 0, 1, 1]


def test_quantiles_keep_equal_values_together():
    assert breaks(np.array([1.0] * 50 + [2.0, 3.0, 4.0]), 4, "quantiles") == [2.0]


def test_natural_breaks_of_many_values_are_as_good_as_a_full_search():
    values = np.sort(np.random.default_rng(4).normal(50, 20, 400).round(2))
    distinct, counts = np.unique(values, return_counts=True)
    n, square = distinct.size, counts * distinct**2
    best = np.full((5, n + 1), np.inf)
    best[0, 0] = 0.0
    for stop in range(1, n + 1):
        for start in range(stop):
            weight, part = counts[start:stop].sum(), slice(start, stop)
            lost = square[part].sum() - (counts[part] * distinct[part]).sum() ** 2 / weight
            best[1:, stop] = np.minimum(best[1:, stop], best[:-1, start] + lost)
    starts = fisher_jenks(distinct, counts.astype(float), 4)
    assert spread(values, distinct[starts]) == pytest.approx(best[4, n], rel=1e-9)


@settings(deadline=None)
@given(VALUES, st.integers(2, 7), st.sampled_from(["equal", "pretty"]))
def test_equal_and_round_classes_are_at_most_as_many_as_asked_for(values, classes, method):
    bounds = breaks(np.array(values), classes, method)
    assert bounds == sorted(set(bounds))
    assert len(bounds) < classes
    assert all(min(values) < bound <= max(values) for bound in bounds)
    assert bool(bounds) == (len(set(values)) > 1)


def test_equal_classes_have_one_width():
    assert equal(0.0, 100.0, 5) == [20.0, 40.0, 60.0, 80.0]
    assert equal(3.1, 47.9, 4) == [14.3, 25.5, 36.7]


@pytest.mark.parametrize(
    ("low", "high", "classes", "bounds"),
    [
        (3.0, 47.0, 5, [10.0, 20.0, 30.0, 40.0]),
        (0.0, 100.0, 5, [20.0, 40.0, 60.0, 80.0]),
        (0.0, 99.0, 5, [20.0, 40.0, 60.0, 80.0]),
        (1200.0, 98000.0, 5, [20000.0, 40000.0, 60000.0, 80000.0]),
        (0.011, 0.043, 4, [0.02, 0.03, 0.04]),
        (-7.0, 6.0, 3, [0.0]),
        (1.0, 2.0, 2, [1.5]),
    ],
)
def test_round_bounds(low, high, classes, bounds):
    assert pretty(low, high, classes) == bounds


def test_a_value_on_a_limit_of_the_law_is_on_the_side_where_the_law_puts_it():
    values = np.array([19.9, 20.0, 20.1, 30.0])
    for sign, classes in {
        "at_least": [0, 1, 1, 1],
        "less_than": [0, 1, 1, 1],
        "at_most": [0, 0, 1, 1],
        "more_than": [0, 0, 1, 1],
        "equals": [0, 1, 2, 2],
    }.items():
        cuts = cuts_of([(20.0, sign)])
        found = class_of(values, [cut.value for cut in cuts], [cut.below for cut in cuts])
        assert found.tolist() == classes, sign
    assert cuts_of([(20.0, "at_most"), (20.0, "at_least"), (10.0, "at_least")]) == [
        Cut(10.0), Cut(20.0), Cut(20.0, below=True),
    ]  # fmt: skip


LIMITS = st.lists(
    st.tuples(
        st.integers(-500, 500).map(lambda k: k / 10),
        st.sampled_from(["at_least", "at_most", "more_than", "less_than", "equals"]),
    ),
    min_size=1,
    max_size=5,
)
MEETS = {
    "at_least": np.greater_equal,
    "at_most": np.less_equal,
    "more_than": np.greater,
    "less_than": np.less,
    "equals": np.equal,
}


@settings(deadline=None)
@given(VALUES, LIMITS)
def test_no_class_of_the_law_holds_units_that_meet_a_limit_and_units_that_do_not(values, limits):
    values = np.array([*values, *(value for value, _ in limits)])
    cuts = cuts_of(limits)
    classes = class_of(values, [cut.value for cut in cuts], [cut.below for cut in cuts])
    for value, sign in limits:
        met = MEETS[sign](values, value)
        assert all(len(set(met[classes == k])) <= 1 for k in set(classes.tolist()))


def test_a_middle_stays_a_bound_where_one_side_is_empty():
    assert cuts_around(np.array([1.0, 2.0, 9.0]), Cut(20.0), 2) == ([Cut(5.0), Cut(20.0)], 1)
    assert cuts_around(np.array([30.0, 30.0]), Cut(20.0), 3) == ([Cut(20.0)], 0)
    cuts, place = cuts_around(np.array([10.0, 20.0, 20.0, 40.0]), Cut(20.0, below=True), 2)
    assert (cuts[place], place) == (Cut(20.0, below=True), 1)
