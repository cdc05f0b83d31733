"""Classes of a choropleth are exact, the same each time, and their bounds move no value."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.publish.classes import breaks, class_of, fisher_jenks, quantiles, shortest_between

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
