"""How the tables of a programme are written: marks of constructed figures, days, levels of units, names of measures."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pandas as pd

from geontm.messages import Language, catalogue, spelt_day
from geontm.publish.content import Content
from geontm.publish.spelt import unit_of, unit_word
from geontm.publish.words.wording import figure, words

__all__ = [
    "LEVELS",
    "MARK",
    "day_of",
    "left_over",
    "level_word",
    "mark_if",
    "mark_of",
    "measure_unit",
    "measure_word",
    "number",
    "places_of",
    "rows_of",
    "text_of",
]

MARK = "◇"
LEVELS = ("nation", "province", "district", "commune", "village", "household")


def rows_of(content: Content, name: str) -> pd.DataFrame:
    """Return a further table of the run; an empty one where it has none."""
    table = content.more.get(name)
    return pd.DataFrame() if table is None else table


def mark_of(row: Mapping[Any, Any]) -> str:
    """Return the mark of a constructed figure, where a row is one."""
    return f"\u00a0{MARK}" if row.get("how") == "constructed" else ""


def mark_if(table: pd.DataFrame) -> str:
    """Return the mark where any row of a table is constructed."""
    return f"\u00a0{MARK}" if "how" in table and (table["how"] == "constructed").any() else ""


def places_of(levels: pd.Series) -> pd.Series:
    """Return the place of each level of units in their order, larger units first."""
    places: pd.Series = levels.map({level: place for place, level in enumerate(LEVELS)}).fillna(len(LEVELS))
    return places


def text_of(value: Any) -> str:
    """Return a text or a year of a table; empty where there is none."""
    return "" if pd.isna(value) else str(value)


def number(value: Any, lang: Language, digits: int = 2) -> str:
    """Write a figure; unknown is told in words."""
    return figure(value, lang, digits)


def day_of(value: Any, lang: Language) -> str:
    """Write a day as decrees do; one that is no date as it stands."""
    if pd.isna(value) or not str(value):
        return words("undated", lang)
    try:
        return spelt_day(datetime.date.fromisoformat(str(value)[:10]), lang)
    except ValueError:
        return str(value)


def level_word(level: str, lang: Language) -> str:
    """Name a level of units; one that no text has stands as it is."""
    return words(f"level_{level}", lang) if f"words.level_{level}" in catalogue() else level


def measure_word(content: Content, measure: str) -> str:
    """Name what a programme follows: a measure, or an indicator of the dictionary; a project's own name stands."""
    if f"words.measure_{measure}" in catalogue():
        return words(f"measure_{measure}", content.lang)
    column = content.dictionary.get(measure)
    return column.label[content.lang] if column else measure


def measure_unit(content: Content, measure: str) -> str:
    """Return the unit of an indicator; empty where the dictionary has none."""
    column = content.dictionary.get(measure)
    return unit_word(unit_of(column), content.lang) if column else ""


def left_over(n: int, file: str, lang: Language) -> str:
    """Say how many rows the file of a table has besides those listed; empty where none."""
    return words("programme_left", lang, n=n, file=f"{file}.csv") if n > 0 else ""
