"""The column dictionary itself: a header means one column, in every table that a file of that kind is read with."""

from __future__ import annotations

import unicodedata
from collections import defaultdict

import pytest

from geontm.project.dictionary import read_dictionary, read_law_dictionary
from geontm.tables.columns import spelling_key

TOGETHER = [("communes", "indicators"), ("communes", "villages"), ("communes", "households"), ("communes", "lists")]


@pytest.mark.parametrize("tables", TOGETHER, ids="+".join)
def test_no_two_columns_share_a_spelling(tables: tuple[str, ...]) -> None:
    meant = defaultdict(set)
    for table in tables:
        for column in read_dictionary(table):
            for text in column.spellings:
                meant[spelling_key(text)].add(column.name)
    assert not {text: names for text, names in meant.items() if len(names) > 1}


@pytest.mark.parametrize("table", ["communes", "indicators", "new_rural", "villages", "households", "lists"])
def test_every_text_is_nfc_and_every_column_sound(table: str) -> None:
    columns = read_dictionary(table)
    for column in columns:
        assert all(unicodedata.is_normalized("NFC", text) for text in column.spellings)
        assert column.minimum is None or column.maximum is None or column.minimum < column.maximum
        assert not column.weight or column.weight == "area_km2" or column.weight in {*columns.columns, *WEIGHTS}


WEIGHTS = {"household_count", "population", "poor_household_count"}
SUFFIXES = {"_pct": "%", "_km": "km", "_per_km2": "km/km²", "_m2": "m²/người", "_min": "phút"}


@pytest.mark.parametrize("table", ["indicators", "villages", "households"])
def test_a_name_ends_in_its_unit(table: str) -> None:
    for column in read_dictionary(table):
        # A bound bears the name of what it bounds.
        name = column.name.removesuffix("_low").removesuffix("_high")
        for suffix, unit in SUFFIXES.items():
            assert not name.endswith(suffix) or column.unit == unit, column.name
        if column.unit == "%":
            assert name.endswith("_pct")
            assert (column.minimum, column.maximum) == (0, 100)
        if name.endswith("_share"):
            assert (column.minimum, column.maximum) == (0, 1)


def test_the_new_rural_indicators_are_read_with_the_others() -> None:
    both, apart = read_dictionary("indicators"), read_dictionary("new_rural")
    assert set(apart.columns) < set(both.columns)
    assert both.find("Tỷ lệ hộ phân loại chất thải rắn tại nguồn (%)") == "waste_sorting_household_pct"


def test_rules_over_villages_read_the_words_of_villages_first() -> None:
    words = read_law_dictionary("village")
    assert words["grid_electricity_pct"] == read_dictionary("villages")["grid_electricity_pct"]
    assert words["extremely_difficult_village_pct"] == read_dictionary("indicators")["extremely_difficult_village_pct"]
    assert read_law_dictionary("province") == read_dictionary("indicators")
