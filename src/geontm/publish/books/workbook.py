"""The workbook ``communes.xlsx``: codes as text, numbers as numbers, totals that stay live, nothing that could run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from geontm.messages import Language, say
from geontm.publish.books.book import Book, cell_values, open_workbook
from geontm.publish.books.communes import write_communes, write_summary
from geontm.publish.books.heads import width_of
from geontm.publish.books.lists import write_dictionary, write_further, write_issues, write_ranking
from geontm.publish.books.origins import behind_columns
from geontm.publish.books.rules import write_counts, write_rules
from geontm.publish.books.shown import shown_columns
from geontm.publish.books.sources import write_sources
from geontm.publish.content import Content, communes_table
from geontm.tables import Column

__all__ = ["column_sheet", "open_workbook", "write_workbook"]

_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#1F3A4D", "font_color": "#FFFFFF", "border": 1}
_WIDEST = 48


def write_workbook(content: Content, path: Path) -> Path:
    """Write the workbook of a run.

    The first sheet, ``data``, is for programs: identifiers in its one header row. The workbook opens on the second,
    the same units for people; then come sums by province and district, a sheet per rule set with each unit's answers,
    the ranking, tables of the programme, the dictionary of columns, the issues, and what all of it stands on.

    Parameters
    ----------
    content : Content
    path : Path
        The ``.xlsx`` to write. The same content gives the same bytes.
    """
    lang = content.lang
    table = communes_table(content)
    behind = behind_columns(content)
    with _without_collecting(), Book(path, title=content.title, day=content.as_of, lang=lang) as book:
        _data_sheet(book, table)
        written = write_communes(book, content, shown_columns(content, table, behind))
        for unit in ("province", "district"):
            keys = (f"{unit}_code", f"{unit}_name")
            write_summary(book, content, written, keys=keys, title=book.words(f"sheet_{unit}"))
        told = [each for note in content.rulesets for each in write_rules(book, content, note)]
        if told:
            write_counts(book, content, told)
        write_ranking(book, content)
        write_further(book, content)
        write_dictionary(book, content, behind)
        write_issues(book, content)
        write_sources(book, content)
    return path


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Do not look for cycles meanwhile: a great many cells are made, none of which is let go before the end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _data_sheet(book: Book, table: pd.DataFrame) -> None:
    """Write the wide table as programs read it: one header row of identifiers, gaps as empty cells."""
    sheet, _ = book.add("data")
    head = book.format(bold=True)
    # Excel shows answers as it likes; elsewhere they would be 1 and 0.
    answer = book.format(num_format='"TRUE";;"FALSE"')
    widths = []
    for place, name in enumerate(map(str, table.columns)):
        cells = cell_values(table[name])
        widths.append(max(len(name) * 1.2 + 1, width_of("", cells, 1, widest=40)))
        sheet.write_string(0, place, name, head)
        sheet.set_column(place, place, widths[-1])
        for row, value in enumerate(cells, start=1):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(row, place, value, answer)
            elif isinstance(value, str):
                sheet.write_string(row, place, value)
            else:
                sheet.write_number(row, place, value)
    sheet.freeze_panes(1, 0)
    book.print_on(sheet, widths=widths, repeat=(0, 0), names=1)


def column_sheet(book: Any, columns: list[Column], *, lang: Language = "vi") -> None:
    """Add the data dictionary of a template: one row per column with labels, unit, range, spellings and notes."""
    rows = []
    for column in columns:
        notes = [column.note[lang]] if column.note else []
        notes += [f"{key}: {label[lang]}" for key, label in column.choices.items()]
        low = "" if column.minimum is None else f"{column.minimum:g}"
        high = "" if column.maximum is None else f"{column.maximum:g}"
        rows.append((column.name, column.label.vi, column.label.en, column.unit, column.type, low, high,
                     "; ".join(column.aliases), "; ".join(notes)))  # fmt: skip
    names = ("name", "label_vi", "label_en", "unit", "type", "low", "high", "spellings", "note")
    sheet = book.add_worksheet(say("publish.sheet_dictionary", lang))
    head = book.add_format(_HEAD)
    for place, (name, texts) in enumerate(zip(names, zip(*rows, strict=True), strict=True)):
        title = say(f"publish.dictionary_{name}", lang)
        sheet.write_string(0, place, title, head)
        for row, text in enumerate(texts, start=1):
            sheet.write_string(row, place, text)
        sheet.set_column(place, place, min(_WIDEST, 2 + max(len(title), *map(len, texts))))
    sheet.freeze_panes(1, 0)
