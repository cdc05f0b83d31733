"""The planner's own figure stands where a measure has a gap, as far as the measure allows it."""

from __future__ import annotations

import pandas as pd

from geontm.pipeline.measure import _filled

CODES = pd.Index(["00001", "00002"], name="commune_code")


def table(**columns: tuple[str, list]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.array(values, dtype=kind) for name, (kind, values) in columns.items()}, index=CODES)


def test_a_gap_takes_the_figure_and_a_measure_keeps_its_own():
    measured = table(road_km=("Float64", [None, 1.5]), centre_connected=("boolean", [None, True]))
    given = table(road_km=("Float64", [4.0, 9.0]), centre_connected=("boolean", [False, False]))
    filled = _filled(measured, given)
    assert filled["road_km"].tolist() == [4.0, 1.5]
    assert filled["centre_connected"].tolist() == [False, True]
    assert measured["road_km"].isna().tolist() == [True, False]


def test_a_figure_beyond_the_bounds_is_not_taken():
    measured = table(
        school_count=("Int64", [None, None]), school_count_low=("Int64", [1, 1]), school_count_high=("Int64", [3, None])
    )
    assert _filled(measured, table(school_count=("Int64", [4, 4])))["school_count"].tolist() == [pd.NA, 4]
    assert _filled(measured, table(school_count=("Int64", [3, 0])))["school_count"].tolist() == [3, pd.NA]


def test_a_gap_in_both_stays_one():
    assert _filled(table(road_km=("Float64", [None, 1.0])), table(road_km=("Float64", [None, None])))[
        "road_km"
    ].isna().tolist() == [True, False]
