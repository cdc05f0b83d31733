"""Figures by year: ratios, falls, households implied, targets, forecasts, floors."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm import track
from geontm.project import read_dictionary

INDICATORS = read_dictionary("indicators").columns
POOR = "poor_household_pct"


def figures(by_year: dict[int, float | None], indicator: str = POOR, code: str = "20", **more: object) -> pd.DataFrame:
    rows = [
        {"unit_level": "province", "unit_code": code, "indicator": indicator, "year": year, "value": value, **more}
        for year, value in by_year.items()
    ]
    return pd.DataFrame(rows)


LANG_SON = figures({2022: 8.92, 2023: 6.02})


def test_lang_son_fell_by_2_90_points():
    fall = track.fall_since(LANG_SON)
    assert round(float(fall[2023].iloc[0]), 2) == 2.90 and fall[2022].isna().all()
    assert round(float(track.fall_since(LANG_SON, 2022)[2023].iloc[0]), 2) == 2.90


def test_a_fall_over_a_gap_is_no_yearly_fall():
    assert track.fall_since(figures({2020: 10, 2022: 6}))[2022].isna().all()
    assert float(track.fall_since(figures({2020: 10, 2022: 6}), 2020)[2022].iloc[0]) == 4


def test_ba_che_stood_at_3_49_before_its_fall():
    table = track.compare_targets(
        pd.concat([figures({2022: 0.62}), figures({2021: 3.49}), figures({2022: 2.87}, role="target_fall")]), INDICATORS
    )[0]
    assert table["target_value"].round(2).tolist() == [0.62] and table["state"].tolist() == ["on_plan"]


def test_points_and_households_imply_a_total_with_its_interval():
    total = track.total_of_fall("2,9", "5100")
    assert round(total.value, -2) == 175_900
    assert (round(total.low), round(total.high)) == (172_881, 178_947)
    finer = track.total_of_fall("2.90", "5100", households_step=1)
    assert (round(finer.low), round(finer.high)) == (175_542, 176_183)


@pytest.mark.parametrize(
    ("printed", "low", "high"),
    [("2,9", 2.85, 2.95), ("2.90", 2.895, 2.905), ("5100", 5050, 5150), ("5101", 5100.5, 5101.5), ("0", -0.5, 0.5)],
)
def test_what_a_printed_figure_stands_for(printed, low, high):
    bounds = track.printed_bounds(printed)
    assert (bounds.low, bounds.high) == pytest.approx((low, high))


@pytest.mark.parametrize("text", ["", "about 5", "nan", "inf"])
def test_what_is_no_figure_is_refused(text):
    with pytest.raises(ValueError, match="not a figure"):
        track.printed_bounds(text)


@settings(deadline=None)
@given(total=st.integers(50_000, 400_000), tenths=st.integers(5, 80))
def test_the_true_total_lies_in_the_interval(total, tenths):
    points = tenths / 10
    households = round(total * points / 100)
    bounds = track.total_of_fall(f"{points:.1f}", households)
    assert bounds.low <= households / points * 100 <= bounds.high
    assert bounds.low <= total <= bounds.high


def test_households_that_a_fall_implies_need_the_total():
    fall, total = pd.Series([2.9, 1.0, pd.NA], dtype="Float64"), pd.Series([175_900, pd.NA, 10], dtype="Int64")
    assert track.households_of_fall(fall, total).tolist() == [pytest.approx(5101.1), pd.NA, pd.NA]


def test_ratio_to_the_base_year():
    income = figures({2015: 10, 2016: 12, 2020: 21}, "income_per_person_million_vnd")
    assert track.ratio_to(income, 2015).iloc[0].tolist() == pytest.approx([1, 1.2, 2.1])
    assert track.ratio_to(income, 2014).isna().all(axis=None)
    assert track.ratio_to(figures({2015: 0, 2016: 1}), 2015).isna().all(axis=None)


INCOME = "income_per_person_million_vnd"


@pytest.mark.parametrize(
    ("actual", "target", "level", "change", "state"),
    [
        (figures({2015: 10, 2020: 21}, INCOME),
         figures({2020: 2}, INCOME, role="target_ratio", base_year=2015), 20, 2.1, "ahead"),
        (figures({2018: 30.0, 2019: 26.5}), figures({2019: 4.2}, role="target_fall"), 25.8, 3.5, "behind"),
        (figures({2018: 30.0, 2019: 25.8}), figures({2019: 4.2}, role="target_fall"), 25.8, 4.2, "on_plan"),
        (figures({2019: 25.8}), figures({2019: 4.2}, role="target_fall"), None, None, "unknown"),
        (figures({2023: 68}, INCOME), figures({2023: 70}, INCOME, role="target"), 70, None, "behind"),
        (figures({2023: 6.02}), figures({2023: 7}, role="target"), 7, None, "ahead"),
    ],
)  # fmt: skip
def test_targets(actual, target, level, change, state):
    row = track.compare_targets(pd.concat([actual, target]), INDICATORS)[0].iloc[0]
    assert row["state"] == state
    for found, wanted in ((row["target_value"], level), (row["change"], change)):
        assert pd.isna(found) if wanted is None else found == pytest.approx(wanted)


def test_groups_have_targets_of_their_own():
    both = pd.concat([figures({2019: 4.2}, role="target_fall"), figures({2019: 6}, role="target_fall", group="poor")])
    table = track.compare_targets(both, INDICATORS)[0]
    assert table[["group", "target"]].to_numpy().tolist() == [["", 4.2], ["poor", 6.0]]


def test_two_values_of_one_year_that_differ_are_unknown():
    table, issues = track.by_year(pd.concat([LANG_SON, figures({2023: 6.5})]))
    assert table[2023].isna().all() and [i.message.id for i in issues] == ["track.values_differ"]
    same, none = track.by_year(pd.concat([LANG_SON, LANG_SON]))
    assert same[2023].notna().all() and not none


@pytest.mark.parametrize(
    ("method", "value"), [("linear", 2.0), ("constant_fall", 2.0), ("compound", 4 * (4 / 8) ** (1 / 2))]
)
def test_forecasts_of_a_straight_fall(method, value):
    one = track.forecast({2021: 8.0, 2022: 6.0, 2023: 4.0}, 2024, method)
    assert one.value == pytest.approx(value) and one.base_years == (2021, 2022, 2023)


def test_linear_and_constant_fall_differ_on_a_bent_line():
    bent = {2021: 9.0, 2022: 5.0, 2023: 4.0}
    assert track.forecast(bent, 2024, "linear").value == pytest.approx(1.0)
    assert track.forecast(bent, 2024, "constant_fall").value == pytest.approx(1.5)


@pytest.mark.parametrize("years", [{2023: 6.0}, {2024: 6.0, 2023: 7.0}, {}])
def test_too_few_or_too_late_years_are_refused(years):
    with pytest.raises(ValueError, match="cannot forecast"):
        track.forecast(years, 2024, "linear")


def test_a_given_forecast_stays_beside_those_made():
    wanted = pd.DataFrame(
        [
            {"year": 2024, "value": 3.48, "method": "given", "document": "Lạng Sơn 2024"},
            {"year": 2024, "method": "constant_fall"},
            {"year": 2024, "method": "compound", "base_years": "2022-2023"},
            {"year": 2027, "method": "linear"},
            {"year": 2024, "method": "linear", "base_years": "2015, 2016"},
        ]
    ).assign(unit_level="province", unit_code="20", indicator=POOR)
    table, issues = track.forecast_all(wanted, LANG_SON, INDICATORS)
    shown = table.set_index(["year", "method"])
    assert shown.loc[(2024, "given"), "value"] == 3.48 and shown.loc[(2024, "given"), "how"] == "given"
    assert shown.loc[(2024, "constant_fall"), "value"] == pytest.approx(3.12)
    assert shown.loc[(2024, "compound"), "value"] == pytest.approx(6.02**2 / 8.92)
    assert shown.loc[(2024, "constant_fall"), "base_years"] == "2022, 2023"
    assert pd.isna(shown.loc[(2027, "linear"), "value"])
    assert sorted(i.message.id for i in issues) == ["track.forecast_out_of_range", "track.forecast_without_values"]


@settings(deadline=None)
@given(
    values=st.dictionaries(st.integers(2010, 2023), st.floats(1, 90), min_size=2, max_size=6),
    shift=st.floats(-5, 5),
)
def test_moving_all_values_moves_a_forecast_in_points_by_as_much(values, shift):
    moved = {year: value + shift for year, value in values.items()}
    for method in ("linear", "constant_fall"):
        one, two = (track.forecast(table, 2024, method).value for table in (values, moved))
        assert two - one == pytest.approx(shift, abs=1e-6)


def test_floors_name_the_units_under_them_and_what_they_lack():
    criteria = pd.DataFrame({"unit_code": list("abcd"), "value": pd.array([9, 10, 7, None], dtype="Int64")})
    table = track.under_floor(criteria, 10)
    assert table["under"].tolist() == [True, False, True, pd.NA]
    assert table["missing"].tolist() == [1, 0, 3, pd.NA]
    assert track.floor_totals(table) == {"units": 4, "under": 2, "unknown": 1, "missing": 4.0}


def test_a_floor_over_nothing_known_lacks_nothing_known():
    table = track.under_floor(pd.DataFrame({"unit_code": ["a"], "value": [None]}), 10)
    assert track.floor_totals(table) == {"units": 1, "under": 0, "unknown": 1, "missing": None}
