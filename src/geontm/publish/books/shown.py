"""What the sheet of communes shows of each column: heading, group, and cells as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

import pandas as pd

from geontm.messages import say
from geontm.publish.annex.ground import roman
from geontm.publish.books.book import GAP, cell_values
from geontm.publish.books.origins import Behind
from geontm.publish.content import BOUNDS, IDENTITY, Content, measure_of
from geontm.publish.offered import column_of, undecided
from geontm.publish.spelt import decimals, unit_of, unit_word
from geontm.publish.summaries import weight_of
from geontm.publish.theme import as_shown, plain_number
from geontm.tables import Column

__all__ = ["Shown", "shown_columns"]

# Groups of the two-level heading, in their order; the first that matches takes a column.
_GROUPS: Mapping[str, str] = {
    "unit": " ".join(("commune_code", *IDENTITY)),
    "people": "population* household_count ethnic_minority_household* ethnic_minority_person* village_count",
    "status": "is_* in_* meets_* new_rural_* development_region region border_* criteria_* unmet_*"
    " extremely_difficult_*",
    "poverty": "*poor* multidimensional_* income_*",
    "water": "*water* *latrine*",
    "roads": "road_* *_road_* rural_access_* *connected* access_* village_access_* *_without_road*",
    "services": "nearest_* *_travel_min *_within_* *_unreachable_people *school* *kindergarten*"
    " clinic_* hospital_* market_* grid_electricity_pct electricity_* *_seat_* *_centre* bus_stop_* border_gate_*",
    "ground": "*_share mean_elevation_m",
    "priority": "priority_* exit_year",
    "other": "*",
}


@dataclass(frozen=True, eq=False)
class Shown:
    """A column of the sheet.

    Attributes
    ----------
    name : str
    group : str
        Key of its group.
    label, unit, origin : str
        Lines of its heading; ``origin`` tells years and constructed figures.
    kind : {"text", "number", "integer", "answer", "region"}
    decimals : int
    cells : list
        Numbers, texts, ``GAP`` where unknown; a measure that is open between bounds says *từ a đến b*.
    figures : Series
        What is added up: numbers in the unit shown; of answers whether they are yes; else the texts.
    nature : str
        Of the dictionary: ``extensive``, ``intensive`` or empty.
    weight : str
        Column that weighs the mean of an intensive one; empty where the table has none.
    illustrative : bool
    """

    name: str
    group: str
    label: str
    unit: str
    origin: str
    kind: Literal["text", "number", "integer", "answer", "region"]
    decimals: int
    cells: list[Any]
    figures: pd.Series
    nature: str = ""
    weight: str = ""
    illustrative: bool = False

    @property
    def head(self) -> str:
        """The heading: label, unit, and where the figures are from."""
        lines = (self.label, f"({self.unit})" if self.unit else "", self.origin)
        return "\n".join(line for line in lines if line)


def shown_columns(content: Content, table: pd.DataFrame, behind: Behind) -> list[Shown]:
    """Return the columns of the sheet of communes, by group and within it in the published order.

    Parameters
    ----------
    table : DataFrame
        :func:`geontm.publish.content.communes_table`. The bounds of a measure are told in its own column.
    behind : Behind
    """
    names = [name for name in map(str, table.columns) if measure_of(name) == name or measure_of(name) not in table]
    # A name that is the same in every row, or a district that nobody has, is not worth a column.
    names = [name for name in names if name not in ("district_code", "district_name") or table[name].notna().any()]
    shown = [_shown(content, table, name, behind) for name in names]
    order = {key: place for place, key in enumerate(_GROUPS)}
    return sorted(shown, key=lambda each: order[each.group])


def _shown(content: Content, table: pd.DataFrame, name: str, behind: Behind) -> Shown:
    lang, column = content.lang, column_of(content, name)
    kind = _kind(column)
    values = as_shown(name, table[name]) if kind == "number" else table[name]
    cells = [GAP if value is None else value for value in cell_values(values)]
    if kind == "answer":
        cells = [value if value == GAP else say(f"publish.page_{'yes' if value else 'no'}", lang) for value in cells]
    elif kind == "region":
        none = say("publish.page_none_of_these", lang)
        waiting = undecided(content, name).reindex(table["commune_code"])
        cells = [
            roman(int(value)) if value != GAP else GAP if open_ else none
            for value, open_ in zip(cells, waiting, strict=True)
        ]
    elif column.choices:
        cells = [_by_label(value, column, lang) for value in cells]
    elif kind in ("number", "integer"):
        cells = _with_bounds(table, name, cells, lang)
    illustrative = name in content.illustrative
    origin = [behind.years(name), say("publish.page_illustrative", lang) if illustrative else ""]
    return Shown(
        name=name,
        group=_group_of(name),
        label=column.label[lang],
        unit=unit_word(unit_of(column), lang),
        origin=" · ".join(filter(None, origin)),
        kind=kind,
        decimals=_needed(values, decimals(column)) if kind == "number" else 0,
        cells=cells,
        figures=values,
        nature=column.nature,
        weight=(weight_of(column, table) or "") if column.nature == "intensive" else "",
        illustrative=illustrative,
    )


def _group_of(name: str) -> str:
    return next(key for key, patterns in _GROUPS.items() if any(fnmatchcase(name, each) for each in patterns.split()))


def _kind(column: Column) -> Literal["text", "number", "integer", "answer", "region"]:
    if column.name == "development_region":
        return "region"
    if column.type == "boolean":
        return "answer"
    if column.type in ("number", "integer"):
        return "integer" if column.type == "integer" else "number"
    return "text"


def _needed(values: pd.Series, most: int) -> int:
    """Return the digits that tell all values apart from rounder ones, at least one: means have parts of whole ones."""
    known = values.dropna().astype("float64")
    rounder = (k for k in range(1, most) if (known.round(k) - known.round(most)).abs().lt(1e-9).all())
    return next(rounder, most)


def _by_label(value: Any, column: Column, lang: str) -> Any:
    """Return the words of a category, or of a text that lists some, by their labels."""
    words = [column.choices.get(word) for word in str(value).split(", ")]
    if value == GAP or None in words:
        return value
    return ", ".join(word.vi if lang == "vi" else word.en for word in words if word is not None)


def _with_bounds(table: pd.DataFrame, name: str, cells: Sequence[Any], lang: Any) -> list[Any]:
    """Tell an unknown value by its bounds, where it has some."""
    if not any(f"{name}{end}" in table for end in BOUNDS):
        return list(cells)
    ends = [
        cell_values(as_shown(name, table[f"{name}{end}"])) if f"{name}{end}" in table else [None] * len(cells)
        for end in BOUNDS
    ]
    told = []
    for value, low, high in zip(cells, *ends, strict=True):
        a, b = (None if end is None else plain_number(round(float(end), 2), lang) for end in (low, high))
        if value != GAP or (a is None and b is None):
            told.append(value)
        elif a is not None and b is not None:
            told.append(say("books.between", lang, a=a, b=b))
        else:
            key = "publish.page_at_most_value" if a is None else "publish.page_at_least_value"
            told.append(say(key, lang, a=b if a is None else a))
    return told
