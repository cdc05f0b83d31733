"""The workbook ``communes.xlsx``: codes as text, numbers as numbers, nothing that could run."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from geontm.messages import Language, say
from geontm.publish.content import Content, communes_table
from geontm.tables import Column, Label, issues_frame

__all__ = ["column_sheet", "open_workbook", "write_workbook"]

_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#1F3A4D", "font_color": "#FFFFFF", "border": 1}
_WIDEST = 48
_MAX_ROWS = 1_048_000


def open_workbook(path: Path, *, title: str, day: datetime.date) -> Any:
    """Open a workbook that never turns text into formulas or links, and carries ``day`` instead of the clock."""
    book = xlsxwriter.Workbook(str(path), _SAFE)
    created = datetime.datetime.combine(day, datetime.time())
    book.set_properties({"title": title, "author": "geontm", "created": created})
    return book


def write_workbook(content: Content, path: Path) -> Path:
    """Write communes, verdict counts, the column dictionary and the issues table of a run.

    The first sheet, ``data``, is for programs: identifiers in its one header row. The workbook opens on the second,
    the same table for people.
    """
    lang = content.lang
    with open_workbook(path, title=content.title, day=content.as_of) as book:
        _frame_sheet(book, "data", communes_table(content), lang)
        _communes_sheet(book, content)
        _frame_sheet(book, say("publish.sheet_verdicts", lang), _headed(_verdict_counts(content), lang), lang)
        used = [content.dictionary[name] for name in communes_table(content).columns if name in content.dictionary]
        column_sheet(book, used, content.illustrative, lang=lang)
        _frame_sheet(book, say("publish.sheet_issues", lang), _headed(issues_frame(content.issues, lang), lang), lang)
    return path


def _headed(table: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Head the columns of a sheet in the reader's language; the CSV files keep the names that programs use."""
    return table.rename(columns={name: say(f"publish.head_{name}", lang) for name in table.columns})


def _verdict_counts(content: Content) -> pd.DataFrame:
    """Count the answers to each test: ``ruleset, test, met, not_met, unknown``."""
    rows = content.verdicts
    if not len(rows):
        return pd.DataFrame(columns=["ruleset", "test", "met", "not_met", "unknown"])
    keys = [rows["ruleset"].astype("str"), rows["test"].astype("str")]
    counts = pd.crosstab(keys, rows["answer"].astype("str"))
    return counts.reindex(columns=["met", "not_met", "unknown"], fill_value=0).reset_index().rename_axis(columns=None)


def column_sheet(
    book: Any, columns: list[Column], illustrative: frozenset[str] = frozenset(), *, lang: Language = "vi"
) -> None:
    """Add the data dictionary: one row per column with labels, unit, range, spellings and notes."""
    rows = []
    for column in columns:
        notes = [column.note[lang]] if column.note else []
        notes += [f"{key}: {label[lang]}" for key, label in column.choices.items()]
        if column.name in illustrative:
            notes.insert(0, say("publish.page_illustrative", lang))
        low = "" if column.minimum is None else f"{column.minimum:g}"
        high = "" if column.maximum is None else f"{column.maximum:g}"
        rows.append((column.name, column.label.vi, column.label.en, column.unit, column.type, low, high,
                     "; ".join(column.aliases), "; ".join(notes)))  # fmt: skip
    names = ("name", "label_vi", "label_en", "unit", "type", "low", "high", "spellings", "note")
    frame = pd.DataFrame(rows, columns=[say(f"publish.dictionary_{name}", lang) for name in names])
    _frame_sheet(book, say("publish.sheet_dictionary", lang), frame, lang)


def _communes_sheet(book: Any, content: Content) -> None:
    """Three header rows (label, identifier, unit), then one row per unit."""
    table, lang = communes_table(content), content.lang
    sheet = book.add_worksheet(say("publish.sheet_communes", lang))
    head, small = book.add_format(_HEAD), book.add_format({"font_color": "#777777", "italic": True, "font_size": 9})
    kinds = {"number": "#,##0.0##", "integer": "#,##0", "text": "@"}
    formats = {kind: book.add_format({"num_format": code}) for kind, code in kinds.items()}
    for place, name in enumerate(table.columns):
        column = content.dictionary.get(name) or Column(name=name, type="text", label=Label(name, name))
        unit = column.unit
        if name in content.illustrative:
            unit = " · ".join(filter(None, (unit, say("publish.page_illustrative", lang))))
        sheet.write_string(0, place, column.label[lang], head)
        sheet.write_string(1, place, name, small)
        sheet.write_string(2, place, unit, small)
        shown = [_said(value, column, lang) for value in table[name]]
        texts = [_write(sheet, row, place, value, formats) for row, value in enumerate(shown, start=3)]
        longest = max((len(text) for text in texts), default=0)
        sheet.set_column(place, place, min(_WIDEST, max(11, longest + 2, len(column.label[lang]) // 2)))
    sheet.activate()
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, len(table) + 2, max(0, len(table.columns) - 1))


def _said(value: Any, column: Column, lang: Language) -> Any:
    """Return a category by its label; everything else as it is."""
    label = None if pd.isna(value) else column.choices.get(str(value))
    return label[lang] if label and column.type == "category" else value


def _frame_sheet(book: Any, title: str, table: pd.DataFrame, lang: Language) -> None:
    sheet = book.add_worksheet(title)
    head = book.add_format(_HEAD)
    for place, name in enumerate(table.columns):
        sheet.write_string(0, place, str(name), head)
        values = table[name].iloc[:_MAX_ROWS]
        texts = [_write(sheet, row, place, value, {}) for row, value in enumerate(values, start=1)]
        sheet.set_column(
            place, place, min(_WIDEST, max(10, 2 + max((len(t) for t in texts), default=0), len(str(name)) + 2))
        )
    if len(table) > _MAX_ROWS:
        sheet.write_string(_MAX_ROWS + 1, 0, say("publish.rows_left", lang, n=len(table) - _MAX_ROWS))
    sheet.freeze_panes(1, 0)


def _write(sheet: Any, row: int, place: int, value: Any, formats: dict[str, Any]) -> str:
    """Write one cell by its kind; unknown stays an empty cell. Return what a reader sees, for the width."""
    if pd.isna(value):
        return ""
    if isinstance(value, bool | np.bool_):
        sheet.write_boolean(row, place, bool(value))
        return "FALSE"
    if isinstance(value, (int, float)) or hasattr(value, "dtype"):
        whole = float(value).is_integer()
        sheet.write_number(row, place, float(value), formats.get("integer" if whole else "number"))
        return f"{float(value):.2f}"
    sheet.write_string(row, place, str(value), formats.get("text"))
    return str(value)
