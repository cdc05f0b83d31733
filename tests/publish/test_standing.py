"""Ranks of priority: counted alike among all units and within a province, with what open scores leave possible."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm import rank
from geontm.project.dictionary import read_dictionary
from geontm.publish.standing import standings
from publish_samples import CODES, sample_content

FIGURES = st.lists(st.none() | st.integers(0, 5), min_size=6, max_size=6)


def content_with(low, high, provinces=None):
    content = sample_content()
    scores = pd.DataFrame({"priority_score_low": low, "priority_score_high": high}, index=content.units.index)
    units = content.units if provinces is None else content.units.assign(province_code=provinces)
    return sample_content(priority=scores, units=units)


def test_ranks_by_eye():
    table = standings(content_with([0.3, 0.1, 0.0, 0.9, 0.4, 0.5], [0.3, 0.1, 1.0, 0.9, 0.4, 0.5]))
    assert table["best"].tolist() == [4, 5, 1, 1, 3, 2]
    assert table["worst"].tolist() == [5, 6, 6, 2, 4, 3]
    assert table["province_best"].tolist() == [1, 2, 1, 1, 3, 2]
    assert table["province_worst"].tolist() == [2, 3, 3, 1, 3, 2]
    assert set(table["of"]) == {6} and set(table["province_of"]) == {3}


def test_where_nothing_is_ranked_nothing_is_told():
    assert standings(sample_content()).columns.empty
    none = standings(content_with([None] * 6, [None] * 6))
    assert none["best"].isna().all() and none["province_of"].isna().all()


@settings(deadline=None, max_examples=40)
@given(first=FIGURES, second=FIGURES, weight=st.integers(1, 4))
def test_the_rank_among_all_is_the_rank_of_the_run(first, second, weight):
    """One way of counting: of a run, and of a province that is the whole run."""
    index = pd.Index(CODES, name="commune_code")
    names = ("poor_household_pct", "near_poor_household_pct")
    figures = zip(names, (first, second), strict=True)
    table = pd.DataFrame({name: pd.array(values, dtype="Float64") for name, values in figures}, index=index)
    weights = {names[0]: float(weight), names[1]: 1.0}
    found = rank.order(table, rank.Ranking(weights), read_dictionary("indicators")).table
    content = sample_content()
    one = content.units.assign(province_code="01")
    told = standings(sample_content(priority=found, units=one))
    for name, own in (("best", "rank_best"), ("worst", "rank_worst")):
        assert told[name].tolist() == found[own].tolist() == told[f"province_{name}"].tolist()
    known = found["priority_rank"].notna()
    assert (told["best"][known] == found["priority_rank"][known]).all()


@settings(deadline=None, max_examples=40)
@given(
    low=st.lists(st.integers(0, 5), min_size=6, max_size=6), open_by=st.lists(st.integers(0, 3), min_size=6, max_size=6)
)
def test_in_a_province_nobody_ranks_behind_their_place_in_the_country(low, open_by):
    high = np.add(low, open_by).astype(float)
    table = standings(content_with(np.array(low, dtype=float), high))
    assert (table["province_best"] <= table["best"]).all() and (table["province_worst"] <= table["worst"]).all()
    assert (table["best"] <= table["worst"]).all() and (table["province_worst"] <= table["province_of"]).all()
