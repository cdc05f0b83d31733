"""How the law writes amounts: a percent sign at its figure, a share in percent, nothing rounded to a limit."""

from __future__ import annotations

import pytest

from geontm.law.words import say_limit, say_value
from geontm.project.dictionary import read_dictionary

COLUMNS = read_dictionary("indicators").columns


@pytest.mark.parametrize(
    ("name", "value", "vi", "en"),
    [
        ("poor_household_pct", 12.5, "12,5%", "12.5%"),
        ("above_200m_share", 2 / 3, "66,7%", "66.7%"),
        ("above_200m_share", 0.9, "90%", "90%"),
        ("border_km", 3.25, "3,25 km", "3.25 km"),
    ],
)
def test_amounts(name, value, vi, en):
    assert (say_value(value, COLUMNS[name], "vi"), say_value(value, COLUMNS[name], "en")) == (vi, en)


def test_a_share_just_below_its_limit_does_not_read_as_the_limit():
    column = COLUMNS["above_200m_share"]
    assert say_value(0.6666, column, "vi", near=(2 / 3,)) == "66,66%"
    assert say_limit("at_least", 2 / 3, column, "vi") == "từ 66,7% trở lên"
