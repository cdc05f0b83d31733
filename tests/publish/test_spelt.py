"""Figures, units and names as people write them, in both languages."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.publish.spelt import (
    amount,
    decimals,
    figure,
    in_sentence,
    kinds_of,
    unit_of,
    unit_word,
    units_of,
    with_unit,
)
from geontm.tables import Column, Label


def column(name="x_pct", kind="number", unit="%"):
    return Column(name, kind, Label(name, name), unit=unit)


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (66.66666667, 1, "66,7", "66.7"),
        (1234567.5, 0, "1.234.568", "1,234,568"),
        (20.0, 2, "20", "20"),
        (0.004, 1, "0,004", "0.004"),
        (0.00456, 2, "0,005", "0.005"),
        (-0.04, 1, "-0,04", "-0.04"),
        (0.0, 1, "0", "0"),
        (-0.0, 2, "0", "0"),
        (0.4, 0, "0", "0"),
    ],
)
def test_a_figure_has_at_most_its_decimals_and_never_vanishes(value, digits, vi, en):
    assert (figure(value, "vi", digits), figure(value, "en", digits)) == (vi, en)


def test_fixed_decimals_stay():
    assert figure(0.5, "vi", 3, fixed=True) == "0,500"


@settings(deadline=None)
@given(value=st.floats(-1e9, 1e9), digits=st.integers(1, 4))
def test_what_is_written_reads_back_within_its_last_digit(value, digits):
    back = float(figure(value, "en", digits).replace(",", ""))
    assert math.isclose(back, value, abs_tol=0.5000001 * 10**-digits)
    assert (back == 0) == (value == 0) or abs(value) < 1e-11


@pytest.mark.parametrize(
    ("name", "kind", "unit", "told"),
    [
        ("above_200m_share", "number", "", 1),
        ("above_200m_share_low", "number", "", 1),
        ("poor_household_pct", "number", "%", 2),
        ("population", "integer", "người", 0),
        ("population_on_map", "number", "người", 0),
        ("mean_criteria_met_count", "number", "tiêu chí", 0),
        ("road_km", "number", "km", 2),
        ("road_km_per_km2", "number", "km/km²", 3),
        ("priority_score", "number", "", 3),
        ("income_per_person_million_vnd", "number", "triệu đồng/năm", 1),
    ],
)
def test_decimals_follow_what_is_measured(name, kind, unit, told):
    assert decimals(column(name, kind, unit)) == told


def test_two_thirds_of_an_area_are_66_7_percent_without_a_space():
    share = column("above_200m_share", unit="")
    assert unit_of(share) == "%"
    assert amount(100 * 2 / 3, share, "vi") == "66,7%"
    assert amount(100 * 2 / 3, share, "en") == "66.7%"


def test_a_median_of_counts_has_no_decimals():
    assert amount(9188.5, column("population", "integer", "người"), "vi") == "9.189\u00a0người"
    assert amount(9189.5, column("population", "integer", "người"), "en") == "9,190\u00a0people"


def test_other_units_stand_after_a_space_that_does_not_break():
    assert with_unit("12", "km", "en") == "12\u00a0km"
    assert with_unit("", "km", "en") == "" and with_unit("5", "", "vi") == "5"
    assert unit_word("triệu đồng/năm", "en") == "million VND/year"
    assert unit_word("tiêu chí", "vi") == "tiêu chí" and unit_word("furlong", "en") == "furlong"
    assert unit_word("công trình", "en") == "works" and unit_word("phút", "en") == "min"


@pytest.mark.parametrize(
    ("name", "vi", "en"),
    [
        ("Tỉnh Quảng Ninh", "tỉnh Quảng Ninh", "Quảng Ninh province"),
        ("Thành phố Huế", "thành phố Huế", "Huế city"),
        ("Thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh", "Hồ Chí Minh city"),
        ("Thủ đô Hà Nội", "Thủ đô Hà Nội", "Thủ đô Hà Nội"),
        ("Xã Quảng La", "xã Quảng La", "Xã Quảng La"),
        ("Đặc khu Cô Tô", "đặc khu Cô Tô", "Đặc khu Cô Tô"),
        ("Phường 1", "Phường 1", "Phường 1"),
        ("Quảng Ninh", "Quảng Ninh", "Quảng Ninh"),
        ("Tỉnhlẻ", "Tỉnhlẻ", "Tỉnhlẻ"),
        ("", "", ""),
    ],
)
def test_a_name_within_a_sentence_has_a_small_noun(name, vi, en):
    assert (in_sentence(name, "vi"), in_sentence(name, "en")) == (vi, en)


def test_only_the_kinds_that_occur_are_named():
    assert kinds_of(["xã", "phường", "xã"], "vi") == "xã, phường"
    assert kinds_of(["đặc khu", "xã", "phường"], "en") == "communes, wards and special zones"
    assert kinds_of(["thị trấn", "xã"], "vi") == "xã, thị trấn"
    assert kinds_of(["xã", ""], "vi") == "" and kinds_of([], "en") == ""


def test_units_are_counted_by_the_kinds_that_occur():
    assert units_of(["xã", "phường", "xã"], "vi") == "3 xã, phường"
    assert units_of(["xã", ""], "vi") == "2 đơn vị cấp xã" and units_of(["xã", ""], "en") == "2 commune-level units"
