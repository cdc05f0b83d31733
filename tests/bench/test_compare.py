"""The comparison of two tables: what it lets pass, and what it must not."""

import numpy as np
import pandas as pd
import pytest

from geontm.bench.compare import compare
from geontm.bench.job import Tolerance


def table(**values):
    return pd.DataFrame({"km": pd.array(list(values.values()), dtype="Float64")}, index=list(values))


def one(ours, theirs, **allowed):
    return compare(ours, theirs, {"km": Tolerance(**allowed)})[0]


def test_equal_tables_agree_in_any_order():
    found = one(table(a=1.0, b=2.0, c=None), table(c=None, b=2.0, a=1.0))
    assert found.agrees
    assert (found.units, found.absolute, found.lacking) == (2, 0.0, 0)


def test_one_wrong_unit_is_named_though_totals_are_equal():
    found = one(table(a=10.0, b=20.0, c=30.0), table(a=10.0, b=21.0, c=29.0), absolute=0.5)
    assert not found.agrees
    assert (found.beyond, found.absolute, found.unit) == (2, 1.0, "b")


@pytest.mark.parametrize(
    "theirs", [table(a=1.0), table(a=1.0, b=None), table(a=1.0, b=2.0, c=3.0)], ids=["lacks", "does not know", "more"]
)
def test_a_unit_that_one_side_lacks_is_wrong(theirs):
    found = one(table(a=1.0, b=2.0), theirs, absolute=100)
    assert not found.agrees
    assert found.lacking == 1
    assert found.unit in ("b", "c")


def test_tolerance_takes_the_larger_of_absolute_and_relative():
    assert one(table(a=100.0), table(a=101.0), relative=0.01).agrees
    assert not one(table(a=100.0), table(a=101.1), relative=0.01).agrees
    assert one(table(a=0.0), table(a=0.4), relative=0.01, absolute=0.4).agrees


def test_outliers_are_counted_by_unit():
    ours, theirs = table(a=1.0, b=1.0, c=1.0, d=1.0), table(a=9.0, b=1.0, c=1.0, d=1.0)
    assert one(ours, theirs, outliers=0.25).agrees
    assert not one(ours, theirs, outliers=0.24).agrees


@pytest.mark.parametrize("empty", [table(), table(a=None), pd.DataFrame({"m": [1.0]}, index=["a"])])
def test_nothing_to_compare_is_no_agreement(empty):
    assert not one(empty, empty, absolute=1.0).agrees


def test_a_unit_twice_is_no_agreement():
    twice = pd.concat([table(a=1.0), table(a=1.0)])
    assert not one(twice, twice, absolute=1.0).agrees


def test_texts_are_equal_or_not():
    ours, theirs = (pd.DataFrame({"km": pd.array(["x", other], dtype="str")}, index=["a", "b"]) for other in "yz")
    assert one(ours, ours).agrees
    assert not one(ours, theirs).agrees


def test_pairs_of_units_are_named():
    index = pd.MultiIndex.from_tuples([("a", "b")])
    found = one(pd.DataFrame({"km": [1.0]}, index=index), pd.DataFrame({"km": [np.nan]}, index=index))
    assert found.unit == "a – b"
