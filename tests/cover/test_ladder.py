"""The ladder of drinking water by household, and the shares of communes."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.cover.ladder import LADDER_INPUTS, measure_household_water, water_ladder
from geontm.project import read_dictionary
from geontm.project.water_ladder import read_water_ladder

LADDER = read_water_ladder()
RUNGS = ["safely_managed", "basic", "limited", "unimproved", "surface_water"]
UNITS = pd.Index(["00001", "00002", "00003"], name="commune_code")


def households(*rows):
    """Each row: source, on premises, when needed, uncontaminated, minutes."""
    types = ("str", "boolean", "boolean", "boolean", "Float64")
    frame = pd.DataFrame(rows, columns=list(LADDER_INPUTS), dtype=object)
    return frame.astype(dict(zip(LADDER_INPUTS, types, strict=True)))


def rung(*row):
    table = water_ladder(households(row), LADDER)
    value = table["rung"].iloc[0]
    possible = [name for name in RUNGS if table[f"may_be_{name}"].iloc[0]]
    assert pd.isna(value) == (len(possible) != 1) and (pd.isna(value) or possible == [value])
    return possible


@pytest.mark.parametrize(
    ("row", "possible"),
    [
        (("piped", True, True, True, None), ["safely_managed"]),
        (("piped", True, True, False, None), ["basic"]),
        (("piped", True, True, None, None), ["safely_managed", "basic"]),
        (("piped", False, True, True, 30), ["basic"]),
        (("piped", False, True, True, 30.5), ["limited"]),
        (("piped", False, None, None, None), ["basic", "limited"]),
        (("piped", True, False, True, 90), ["basic"]),  # on the premises nobody walks
        (("piped", None, True, True, 90), ["safely_managed", "limited"]),  # there, or an hour and a half away
        (("rainwater", True, False, False, None), ["basic"]),
        (("unprotected_dug_well", True, True, True, 0), ["unimproved"]),
        (("unprotected_spring", None, None, None, None), ["unimproved"]),
        (("surface_water", None, None, None, None), ["surface_water"]),
        (("dug_well", True, True, True, None), ["safely_managed", "unimproved"]),
        (("spring", False, None, None, 45), ["limited", "unimproved"]),
        ((None, True, True, True, None), ["safely_managed", "unimproved", "surface_water"]),
        ((None, None, None, None, None), RUNGS),
    ],
)
def test_the_rung_of_a_household(row, possible):
    assert rung(*row) == possible


def test_columns_that_are_missing_are_unknown():
    table = water_ladder(households(("piped", True, True, True, 5))[["water_source"]], LADDER)
    assert table["rung"].isna().all() and table["may_be_limited"].all() and not table["may_be_unimproved"].any()
    assert water_ladder(households(), LADDER).empty


ANSWERS = st.sampled_from([True, False, None])
ROWS = st.tuples(
    st.sampled_from([*LADDER.classes, None]), ANSWERS, ANSWERS, ANSWERS, st.sampled_from([0, 30, 31, None])
)


@given(ROWS)
@settings(deadline=None, max_examples=60)
def test_filling_a_gap_never_opens_a_rung_and_all_that_are_open_can_be_reached(row):
    fills = [
        [source for source in LADDER.classes if len(LADDER.classes[source]) == 1] if row[0] is None else [row[0]],
        *([True, False] if answer is None else [answer] for answer in row[1:4]),
        [10, 60] if row[4] is None else [row[4]],
    ]
    filled = water_ladder(households(*itertools.product(*fills)), LADDER)
    reached = {name for name in RUNGS if filled[f"may_be_{name}"].any()}
    assert reached == set(rung(*row))


def test_shares_of_communes_with_bounds():
    table = households(
        ("piped", True, True, True, None),
        ("piped", True, True, None, None),
        ("surface_water", None, None, None, None),
        ("piped", False, True, True, 45),
    ).assign(
        clean_water=pd.array([True, None, False, False], dtype="boolean"),
        hygienic_water=pd.array([True, True, False, True], dtype="boolean"),
    )
    communes = pd.Series(["00001", "00001", "00001", "00002"])
    found, issues = measure_household_water(table, communes, UNITS, ladder=LADDER)
    first = found.loc["00001"]
    assert first["safely_managed_water_household_pct_low"] == pytest.approx(100 / 3)
    assert first["safely_managed_water_household_pct_high"] == pytest.approx(200 / 3)
    assert pd.isna(first["safely_managed_water_household_pct"])
    assert first["basic_or_better_water_household_pct"] == pytest.approx(200 / 3)
    assert first["surface_water_household_pct"] == pytest.approx(100 / 3)
    assert first["clean_water_pct_low"] == pytest.approx(100 / 3)
    assert first["clean_water_pct_high"] == pytest.approx(200 / 3)
    assert first["hygienic_water_pct"] == pytest.approx(200 / 3)
    assert found.loc["00002", "limited_water_household_pct"] == 100 and found.loc["00002", "clean_water_pct"] == 0
    assert found.loc["00003"].isna().all() and not issues


def test_households_that_are_not_listed_are_unknown():
    table = households(("piped", True, True, True, None), ("surface_water", None, None, None, None))
    communes = pd.Series(["00001", "00001"])
    totals = pd.Series([4, 9], index=["00001", "00002"])
    found, issues = measure_household_water(table, communes, UNITS, ladder=LADDER, totals=totals)
    first = found.loc["00001"]
    assert (first["surface_water_household_pct_low"], first["surface_water_household_pct_high"]) == (25, 75)
    assert found.loc["00002"].isna().all()
    assert [issue.message.id for issue in issues] == ["water.household_inputs"]
    assert "2" in issues[0].message.text("vi") and issues[0].column == "clean_water, hygienic_water"


def test_a_table_without_anything_of_water_gives_nothing():
    table = pd.DataFrame({"household_id": ["1"]})
    found, issues = measure_household_water(table, pd.Series(["00001"]), UNITS, ladder=LADDER)
    assert list(found.columns) == [] and list(found.index) == list(UNITS) and not issues


def test_the_words_of_the_dictionary_are_those_of_the_ladder():
    columns = read_dictionary("households")
    assert set(columns["water_source"].choices) == set(LADDER.classes)
    assert {"clean_water", "hygienic_water", *LADDER_INPUTS} <= set(columns.columns)
    indicators = read_dictionary("indicators")
    table = households(("piped", True, True, True, 1)).assign(clean_water=True, hygienic_water=True)
    found, _ = measure_household_water(table, pd.Series(["00001"]), UNITS, ladder=LADDER)
    assert set(found.columns) <= set(indicators.columns) and len(found.columns) == 24


@pytest.mark.realdata
def test_the_ladder_is_that_of_the_research(shared_data):
    text = (shared_data / "standards" / "sdg-access.yaml").read_text(encoding="utf-8")
    said = yaml.safe_load(text)
    assert [each["name"] for each in said["drinking_water_ladder"]] == [rung.id for rung in LADDER.rungs]
    improved = [word for word, kinds in LADDER.classes.items() if kinds == ("improved",)]
    assert improved == said["improved_sources"]["value"]
    assert "30 minutes or less" in said["drinking_water_ladder"][1]["rule"] and LADDER.round_trip_min == 30
