"""A workbook with the toolkit's manners: formats made once, sheet names that Excel takes, text that stays text."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from geontm.messages import Language, say

__all__ = ["ANSWER_COLOURS", "GAP", "Book", "cell_values", "foot_text", "open_workbook", "range_in"]

GAP = "…"
"""What an unknown cell says: the sign that statistical yearbooks of Vietnam use for a missing figure."""

# Blue and orange stay apart for every kind of colour blindness and, with their signs, in black and white.
ANSWER_COLOURS = {"met": "#CFE3F3", "not_met": "#FBE0C4", "unknown": "#D9D9D9"}

_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LONGEST_NAME = 31
_LONGEST_TEXT = 32_000  # Excel refuses a cell of more than 32,767 characters
_FORBIDDEN = re.compile("[][:*?/\\\\\x00-\x1f\U00010000-\U0010ffff]")  # and what Excel counts as two characters
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOCALE = {"vi": "[$-42A]", "en": ""}
# Widths of columns that can still be read when fitted to a landscape page, and what Excel calls the paper.
_A4, _A3 = (175, 9), (250, 8)
_HATCH = 14  # thin diagonal stripes

Kind = Literal["text", "integer", "number", "answer"]


def open_workbook(path: Path, *, title: str, day: datetime.date) -> Any:
    """Open a workbook that never turns text into formulas or links, and carries ``day`` instead of the clock."""
    book = xlsxwriter.Workbook(str(path), _SAFE)
    created = datetime.datetime.combine(day, datetime.time())
    book.set_properties({"title": title, "author": "geontm", "created": created})
    return book


class Book:
    """A workbook being written; use it in a ``with`` statement.

    Parameters
    ----------
    path : Path
    title : str
        Of the document's properties and the footer of each page.
    day : date
        Stands as the date of creation.
    lang : {"vi", "en"}
        Of words and number formats.
    font : str, optional
        Font of every cell; default Excel's own.
    size : int
        Its size in points.
    """

    def __init__(
        self, path: Path, *, title: str, day: datetime.date, lang: Language, font: str = "", size: int = 11
    ) -> None:
        self.title, self.lang = _CONTROL.sub("", title), lang
        self.book = open_workbook(path, title=self.title, day=day)
        self._base: dict[str, Any] = {"font_size": size, **({"font_name": font} if font else {})}
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()
        if font:
            # Columns are as wide as digits of the font of empty cells; at 11 points they are those of Excel's own.
            self.book.formats[0].set_font_name(font)

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.book.close()

    def words(self, key: str, **values: Any) -> str:
        """Return a text of this room."""
        return say(f"books.{key}", self.lang, **values)

    def format(self, **properties: Any) -> Any:
        """Return a cell format; equal formats are one."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({**self._base, **properties})
        return self._formats[key]

    def number(self, decimals: int = 0, **properties: Any) -> Any:
        """Return a format of numbers with the thousands apart, written as the language does."""
        code = "#,##0" + ("." + "0" * decimals if decimals else "")
        return self.format(num_format=f"{_LOCALE[self.lang]}{code}", **properties)

    def add(self, title: str) -> tuple[Any, str]:
        """Add a sheet under a name that Excel takes and no other sheet bears; return it and the name."""
        plain = _FORBIDDEN.sub(" ", title).strip().strip("'").strip() or "_"
        name, number = _cut(plain, _LONGEST_NAME), 1
        while name.casefold() in self._names:
            number += 1
            ending = f" ({number})"
            name = _cut(plain, _LONGEST_NAME - len(ending)) + ending
        self._names.add(name.casefold())
        return self.book.add_worksheet(name), name

    def print_on(
        self, sheet: Any, *, widths: Sequence[float], repeat: tuple[int, int] | None = None, names: int = 0
    ) -> None:
        """Set a sheet up for A4 landscape, a wide one for A3: headings on every page, title, sheet and number below.

        Parameters
        ----------
        widths : sequence of float
            Of its columns. A sheet is fitted to the page; one too wide to be read then, to several.
        repeat : (int, int), optional
            First and last row of the headings.
        names : int
            Columns that are repeated where there are several pages beside each other.
        """
        readable, paper = _A4 if sum(widths) <= _A4[0] else _A3
        pages = max(1, math.ceil(sum(widths) / readable))
        sheet.set_paper(paper)
        sheet.set_landscape()
        sheet.fit_to_pages(pages, 0)
        sheet.set_margins(left=0.5, right=0.4, top=0.6, bottom=0.7)
        if repeat:
            sheet.repeat_rows(*repeat)
        if names and pages > 1:
            sheet.repeat_columns(0, names - 1)
        sheet.set_footer(f"&L&8 {foot_text(self.title)}&C&8 &A&R&8 {self.words('page')}")

    def colour_answers(self, sheet: Any, place: tuple[int, int, int, int], words: Sequence[tuple[str, str]]) -> None:
        """Colour cells by what they say: ``words`` are pairs of a text and a key of ``ANSWER_COLOURS``."""
        if place[2] < place[0] or place[3] < place[1]:
            return
        for text, answer in words:
            fill: dict[str, Any] = {"bg_color": ANSWER_COLOURS[answer]}
            if answer == "unknown":
                fill = {"pattern": _HATCH, "fg_color": "#8C8C8C", "bg_color": "#FFFFFF"}
            # Conditional formats carry no font of their own.
            key = (("conditional", answer),)
            if key not in self._formats:
                self._formats[key] = self.book.add_format(fill)
            rule = {"type": "cell", "criteria": "==", "value": f'"{text}"', "format": self._formats[key]}
            sheet.conditional_format(*place, rule)


def foot_text(text: str) -> str:
    """Return a text for the foot of a page, where ``&`` begins a command: short, and what XML takes.

    A size stands before it, so keep a space between the two: a title may begin with a year.
    """
    return _cut(_CONTROL.sub("", text).replace("\n", " "), 120).replace("&", "&&")


def _cut(text: str, longest: int) -> str:
    """Shorten a text to at most ``longest`` characters, after a whole word where there is one."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    words = kept.rpartition(" ")[0]
    return (words if len(words) > longest // 2 else kept).rstrip(" ,;–-") + "…"


def range_in(name: str, first: int, last: int, place: int) -> str:
    """Write the address of a column's rows on a sheet, for a formula."""
    quoted = name.replace("'", "''")
    return f"'{quoted}'!{xl_range_abs(first, place, last, place)}"


def cell_values(column: pd.Series) -> list[Any]:
    """Return plain values for cells: numbers, booleans and texts; None where unknown."""
    return [None if gap else _cell(value) for value, gap in zip(column.tolist(), column.isna().tolist(), strict=True)]


def _cell(value: Any) -> Any:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, float, np.integer, np.floating)):
        return value if np.isfinite(value) else None
    text = str(value)
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
