"""The Excel template of a new project: the units are filled in, the planner fills in the figures."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from geontm.messages import Language, say
from geontm.tables import Column, Table

__all__ = ["excel_template"]

# A template carries no date of its own: the same province gives the same file.
_DAY = datetime.date(2025, 7, 1)


def excel_template(
    path: Path, dictionary: Table, units: pd.DataFrame, *, columns: Sequence[str], lang: Language = "vi"
) -> Path:
    """Write the workbook that a planner fills in.

    Parameters
    ----------
    path : Path
        The ``.xlsx`` to write.
    dictionary : Table
        The column dictionary; headers are its labels, so the table reader knows them.
    units : DataFrame, index ``commune_code``
        ``commune_name`` and ``province_name`` of the units to list; rows come out sorted by code.
    columns : sequence of str
        Columns of the dictionary to ask for.
    lang : {"vi", "en"}

    Returns
    -------
    Path
        The file. Its first sheet has a title row, a header, a row of units and one row per unit; cells refuse values
        outside a column's range. Its second sheet is the column dictionary.
    """
    from geontm.publish.books.book import open_workbook
    from geontm.publish.books.workbook import column_sheet

    asked = [dictionary[name] for name in columns]
    with open_workbook(path, title=say("publish.template_title", lang), day=_DAY) as book:
        _input_sheet(book, asked, units.sort_index(), lang)
        column_sheet(book, list(dictionary), lang=lang)
    return path


def _input_sheet(book: Any, columns: list[Column], units: pd.DataFrame, lang: Language) -> None:
    sheet = book.add_worksheet(say("publish.sheet_figures", lang))
    title = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1,
                            "bg_color": "#1F3A4D", "font_color": "#FFFFFF"})  # fmt: skip
    small = book.add_format({"italic": True, "align": "center", "font_color": "#666666", "bottom": 1})
    fixed = book.add_format({"num_format": "@", "bg_color": "#F2F2F2"})
    open_cell = book.add_format({"locked": False})
    sheet.write_string(0, 0, say("publish.template_title", lang), title)
    known = [say("publish.head_code", lang), say("publish.head_name", lang), say("publish.head_province", lang)]
    for place, text in enumerate([*known, *(column.label[lang] for column in columns)]):
        sheet.write_string(2, place, text, head)
    for place, column in enumerate(columns, start=len(known)):
        sheet.write_string(3, place, f"({column.unit})" if column.unit else "", small)
    names = zip(units.index.astype("str"), units["commune_name"], units["province_name"], strict=True)
    for row, cells in enumerate(names, start=4):
        for place, text in enumerate(cells):
            sheet.write_string(row, place, "" if pd.isna(text) else str(text), fixed)
    last = max(4, 3 + len(units))
    for place, column in enumerate(columns, start=len(known)):
        sheet.set_column(place, place, 17, open_cell)
        if rule := _validation(column, lang):
            sheet.data_validation(4, place, last, place, rule)
    sheet.set_column(0, 0, 10)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, 2, 22)
    sheet.set_row(2, 48)
    sheet.freeze_panes(4, 2)


def _validation(column: Column, lang: Language) -> dict[str, Any] | None:
    """Say what a cell may hold; text columns take anything."""
    wrong = {"error_title": column.label[lang][:32], "ignore_blank": True}
    if column.type == "boolean":
        return {"validate": "list", "source": [say(f"publish.page_{word}", lang) for word in ("yes", "no")], **wrong}
    if column.type == "category" and column.choices:
        return {"validate": "list", "source": list(column.choices)[:20], **wrong}
    if column.type not in ("number", "integer"):
        return None
    kind = "integer" if column.type == "integer" else "decimal"
    low, high = column.minimum, column.maximum
    span = {
        "low": "…" if low is None else f"{low:g}",
        "high": "…" if high is None else f"{high:g}",
        "unit": column.unit,
    }
    wrong["error_message"] = say("publish.template_range", lang, **span)[:255]
    if low is not None and high is not None:
        return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high, **wrong}
    if low is not None:
        return {"validate": kind, "criteria": ">=", "value": low, **wrong}
    if high is not None:
        return {"validate": kind, "criteria": "<=", "value": high, **wrong}
    return {"validate": kind, "criteria": "between", "minimum": -1e15, "maximum": 1e15, **wrong}
