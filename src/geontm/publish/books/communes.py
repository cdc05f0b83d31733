"""The sheet of communes for people, and those that sum it up by province and district with formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from geontm.messages import say
from geontm.publish.books.book import GAP, Book, range_in
from geontm.publish.books.heads import head_format, height_of, open_sheet, sub_format, width_of
from geontm.publish.books.shown import Shown
from geontm.publish.books.totals import REGIONS, Total, count_known, known_where, total_of, total_where
from geontm.publish.content import Content

__all__ = ["Written", "write_communes", "write_summary"]

_GROUP_ROW, _HEAD_ROW, _TOTAL_ROW, _KNOWN_ROW, _FILTER_ROW = 2, 3, 4, 5, 6
_FIRST = 7


@dataclass(frozen=True, eq=False)
class Written:
    """The sheet of communes as others refer to it.

    Attributes
    ----------
    columns : sequence of Shown
    ranges : mapping of str to str
        Address of the cells of each column.
    figures : mapping of str to Series
        What was added up, by column.
    """

    columns: Sequence[Shown]
    ranges: Mapping[str, str]
    figures: Mapping[str, pd.Series]


def write_communes(book: Book, content: Content, columns: Sequence[Shown]) -> Written:
    """Write a row per unit under a heading of two levels, with totals and the number of known figures above them."""
    sheet, name = book.add(say("publish.sheet_communes", book.lang))
    n, lang = len(content.units), book.lang
    last = _FIRST + max(n, 1) - 1
    ranges = {each.name: range_in(name, _FIRST, last, place) for place, each in enumerate(columns)}
    written = Written(columns, ranges, {each.name: each.figures for each in columns})
    open_sheet(book, sheet, content, title=content.title, note=book.words("communes_note", gap=GAP))
    _write_heads(book, sheet, columns)
    _write_totals(book, sheet, written)
    for place, column in enumerate(columns):
        _write_cells(book, sheet, place, column)
    yes, no = (say(f"publish.page_{word}", lang) for word in ("yes", "no"))
    answers = [(yes, "met"), (no, "not_met")]
    for place, column in enumerate(columns):
        if column.kind == "answer":
            book.colour_answers(sheet, (_FIRST, place, last, place), answers)
    book.colour_answers(sheet, (_FIRST, 0, last, len(columns) - 1), [(GAP, "unknown")])
    sheet.freeze_panes(_FIRST, _frozen(columns))
    sheet.autofilter(_FILTER_ROW, 0, last, max(0, len(columns) - 1))
    widths = [_width(column) for column in columns]
    book.print_on(sheet, widths=widths, repeat=(_GROUP_ROW, _HEAD_ROW), names=_frozen(columns))
    sheet.activate()
    sheet.set_first_sheet()
    return written


def _frozen(columns: Sequence[Shown]) -> int:
    """Keep code and name in view."""
    names = [each.name for each in columns]
    return 1 + names.index("commune_name") if "commune_name" in names else 1


def _write_heads(book: Book, sheet: Any, columns: Sequence[Shown]) -> None:
    head, small = head_format(book), sub_format(book)
    for place, column in enumerate(columns):
        sheet.write_string(_HEAD_ROW, place, column.head, head_format(book, illustrative=column.illustrative))
        sheet.write_number(_FILTER_ROW, place, place + 1, small)
        sheet.set_column(place, place, _width(column))
    sheet.set_row(_HEAD_ROW, height_of([(each.head, _width(each)) for each in columns], size=10.5, least=3))
    spans = []
    for key, places in groupby(range(len(columns)), key=lambda place: columns[place].group):
        span = list(places)
        spans.append((book.words(f"group_{key}"), sum(_width(columns[place]) for place in span)))
        text = book.words(f"group_{key}")
        if len(span) > 1:
            sheet.merge_range(_GROUP_ROW, span[0], _GROUP_ROW, span[-1], text, head)
        else:
            sheet.write_string(_GROUP_ROW, span[0], text, head)
    sheet.set_row(_GROUP_ROW, height_of(spans, size=10.5) + 4)


def _width(column: Shown) -> float:
    # The counts of the three regions stand over their column.
    return max(21.0 if column.kind == "region" else 0.0, width_of(column.label, column.cells, column.decimals))


def _write_totals(book: Book, sheet: Any, written: Written) -> None:
    bold = book.format(bold=True, bg_color="#EEF2F5", bottom=1, bottom_color="#B8C2CA")
    yes = say("publish.page_yes", book.lang)
    for place, column in enumerate(written.columns):
        known = count_known(column, written.ranges, written.figures)
        if column.group == "unit" and column.kind == "text":
            sheet.write_blank(_TOTAL_ROW, place, None, bold)
            sheet.write_blank(_KNOWN_ROW, place, None, bold)
            continue
        total = total_of(column, written.ranges, written.figures, yes)
        _write_total(book, sheet, _TOTAL_ROW, place, total, column)
        align = "center" if column.kind in ("answer", "region") else "right"
        shade = book.number(italic=True, font_size=9, font_color="#4A5560", bg_color="#EEF2F5", align=align)
        sheet.write_formula(_KNOWN_ROW, place, known.formula, shade, known.value)
    sheet.write_string(_TOTAL_ROW, 0, book.words("total"), bold)
    sheet.write_string(_KNOWN_ROW, 0, book.words("known"), book.format(italic=True, font_size=9, bg_color="#EEF2F5"))


def _write_total(book: Book, sheet: Any, row: int, place: int, total: Total | None, column: Shown) -> None:
    decimals = column.decimals if column.kind == "number" else 0
    align = "center" if column.kind in ("answer", "region") else "right"
    style = book.number(decimals, bold=True, bg_color="#EEF2F5", align=align, bottom=1, bottom_color="#B8C2CA")
    if total is None:
        sheet.write_blank(row, place, None, style)
    else:
        sheet.write_formula(row, place, total.formula, style, total.value)


def _write_cells(book: Book, sheet: Any, place: int, column: Shown) -> None:
    line = {"bottom": 4, "bottom_color": "#C9C9C9"}
    number = book.number(column.decimals, **line)
    text = book.format(num_format="@", indent=1, **line)  # apart from the figures of the column before
    middle = book.format(num_format="@", align="center", **line)
    right = book.format(num_format="@", align="right", **line)
    style = {"text": text, "answer": middle, "region": middle}.get(column.kind, right)
    write_number, write_string = sheet.write_number, sheet.write_string
    for row, value in enumerate(column.cells, start=_FIRST):
        if isinstance(value, str):
            write_string(row, place, value, middle if value == GAP else style)
        else:
            write_number(row, place, value, number)


def write_summary(book: Book, content: Content, written: Written, *, keys: tuple[str, str], title: str) -> None:
    """Write a row per province or district; every figure is a formula over the sheet of communes.

    Parameters
    ----------
    keys : (str, str)
        Columns of code and name: ``("province_code", "province_name")``.
    title : str
        Name of the sheet.
    """
    columns = {each.name: each for each in written.columns}
    if not set(keys) <= set(columns):
        return
    code, name = columns[keys[0]], columns[keys[1]]
    places = sorted({(a, b) for a, b in zip(code.cells, name.cells, strict=True) if a != GAP})
    sheet, _ = book.add(title)
    asked = list(_asked(book, written))
    open_sheet(book, sheet, content, title=title, note=book.words("summary_note", gap=GAP))
    heads = [code.label, name.label, book.words("units"), *(head for head, *_ in asked)]
    widths = [8, 1 + max([12, *(len(str(b)) for _, b in places)]), 9, *(width_of(head, [], 2) for head in heads[3:])]
    for place, (head, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.write_string(2, place, head, head_format(book))
        sheet.set_column(place, place, width)
    sheet.set_row(2, height_of(list(zip(heads, widths, strict=True)), size=10.5, least=3))
    for row, (key, label) in enumerate(places, start=3):
        rows = pd.Series([cell == key for cell in code.cells], index=code.figures.index)
        here = f"({written.ranges[keys[0]]}={xl_rowcol_to_cell(row, 0, col_abs=True)})"
        sheet.write_string(row, 0, str(key), book.format(num_format="@"))
        sheet.write_string(row, 1, str(label), book.format(num_format="@"))
        sheet.write_formula(row, 2, f"=SUMPRODUCT(--{here})", book.number(), int(rows.sum()))
        for place, (_, column, word) in enumerate(asked, start=3):
            if word is None:
                total: Total | None = known_where(column, written.ranges, written.figures, here=here, rows=rows)
                style = book.number(italic=True, font_color="#4A5560")
            else:
                total = total_where(column, written.ranges, written.figures, here=here, rows=rows, word=word)
                style = book.number(column.decimals if column.kind == "number" else 0, align="right")
            if total is not None:
                sheet.write_formula(row, place, total.formula, style, total.value)
    last = 2 + max(1, len(places))
    book.colour_answers(sheet, (3, 3, last, len(heads) - 1), [(GAP, "unknown")])
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, last, len(heads) - 1)
    book.print_on(sheet, widths=widths, repeat=(2, 2), names=2)


def _asked(book: Book, written: Written) -> list[tuple[str, Shown, str | None]]:
    """Return what a province is told: heading, column, and the word to count; None counts the units behind a total."""
    asked: list[tuple[str, Shown, str | None]] = []
    for column in written.columns:
        yes = say("publish.page_yes", book.lang)
        if column.kind == "region":
            asked += [(book.words("region_of", region=region), column, region) for region in REGIONS]
        elif column.kind == "answer":
            asked.append((column.label, column, yes))
        elif column.nature == "extensive" or column.weight:
            asked.append((column.head, column, yes))
        else:
            continue
        weights = written.figures.get(column.weight)
        if GAP in column.cells or column.figures.isna().any() or (weights is not None and weights.isna().any()):
            asked.append((book.words("known_of", label=column.label), column, None))
    return asked
