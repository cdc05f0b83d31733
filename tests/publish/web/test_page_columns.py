"""The years of a column in a page: written as whole steps, read back exactly, left out where they would be too much."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.publish.offered import layers_with_data
from geontm.publish.theme import theme_of
from geontm.publish.web import columns
from geontm.publish.web.columns import columns_of, packed_years
from publish_samples import CODES, sample_content

FIGURES = st.none() | st.integers(-10_000, 1_000_000).map(lambda k: k / 100)


def read_back(now, packed):
    """Do what the page does."""
    scale = 10 ** (packed["digits"] or 0)
    last = [0 if value is None else round(value * scale) for value in now]
    found = {}
    for year, steps in zip(reversed(packed["years"]), packed["steps"], strict=True):
        last = [before if step is None else before + step for before, step in zip(last, steps, strict=True)]
        found[year] = [None if step is None else total / scale for total, step in zip(last, steps, strict=True)]
    return found


@settings(deadline=None)
@given(st.lists(st.tuples(FIGURES, FIGURES, FIGURES, FIGURES), min_size=1, max_size=8))
def test_every_year_reads_back_exactly(rows):
    now, *years = (list(each) for each in zip(*rows, strict=True))
    series = pd.DataFrame({2023 + k: pd.array(each, dtype="Float64") for k, each in enumerate(years)})
    packed = json.loads(json.dumps(packed_years(now, series)))
    assert read_back(now, packed) == {2023 + k: each for k, each in enumerate(years)}


def test_figures_with_endless_digits_are_written_as_they_are():
    series = pd.DataFrame({2024: pd.array([1 / 3, None], dtype="Float64"), 2025: pd.array([0.5, 2.0], dtype="Float64")})
    packed = packed_years([0.5, 2.0], series)
    assert (packed["digits"], packed["steps"]) == (None, [[0.5, 2], [0.3333333333, None]])


def content_of():
    base = sample_content()
    random = np.random.default_rng(1)
    rows = [
        (code, name, year, value, f"{year}.csv")
        for name in ("poor_household_pct", "clean_water_pct")
        for year in (2023, 2024, 2025)
        for code, value in zip(CODES, random.random(6).round(2).tolist(), strict=True)
    ]
    names = ["commune_code", "indicator", "year", "value", "source_file"]
    return replace(base, indicators=pd.DataFrame(rows, columns=names).astype({"year": "Int64"}))


def found(content):
    style = content.styles["coverage"]
    themes = [theme_of(content, style, layer) for layer in layers_with_data(content, style)]
    return columns_of(content, style, themes, ["population"], content.units.sort_index().index)


def test_years_come_with_their_files():
    column = found(content_of())["poor_household_pct"]
    assert column["series"]["years"] == [2023, 2024, 2025]
    assert column["series"]["sources"] == [["2023.csv"], ["2024.csv"], ["2025.csv"]]
    assert found(content_of())["population"]["series"] is None


def test_years_beyond_the_room_are_left_out_and_marked(monkeypatch):
    content = content_of()
    cost = columns._cost(found(content)["poor_household_pct"]["series"])
    monkeypatch.setattr(columns, "YEARS_BYTES", cost)
    kept = found(content)
    assert kept["poor_household_pct"]["series"]
    assert not kept["poor_household_pct"]["years_left"]
    assert kept["clean_water_pct"]["series"] is None
    assert kept["clean_water_pct"]["years_left"]
    assert not kept["population"]["years_left"]


def test_two_columns_are_a_column_of_their_own():
    column = found(content_of())["poor_household_pct-clean_water_pct"]
    assert column["type"] == "category"
    assert set(column["values"]) - {None} <= set(column["choices"])
    assert column["values"][2] is None  # no figure of poverty
