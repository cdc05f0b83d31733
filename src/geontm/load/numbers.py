"""Reads figures as offices write them: ``1.234,5``, ``12,5%``, ``3/19``, ``-`` for none, ``…`` for unknown.

The signs are those of the statistics office: ``-`` is no such thing (0), ``…`` exists but was not collected (unknown).
One column has one way of writing numbers; which one, its own cells must tell.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from geontm.load.books import Value
from geontm.load.cells import clean_text
from geontm.tables import Column
from geontm.tables.columns import spelling_key

__all__ = ["Finding", "Reading", "is_number", "read_values"]

Convention = Literal["comma", "point"]  # the sign of the decimals
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f']")
_DASH = re.compile(r"^[-–—−]+$")
_NOT_COLLECTED = re.compile(
    r"^(?:…+|\.{2,}|n/?a|null|nan|none|unknown|chưa có(?: số liệu)?|không có (?:số|dữ) liệu|(?:không|chưa) rõ|kxđ)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^[+-]?(?:\d[\d.,]*|[.,]\d+)%?$")
_COMMA = re.compile(r"^[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)?(?:,\d+)?%?$")
_POINT = re.compile(r"^[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)?(?:\.\d+)?%?$")
_FRACTION = re.compile(r"^(\d{1,4})\s*/\s*(\d{1,4})$")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_ROMAN_WORDS = re.compile(r"^(?:xã )?(?:khu vực|kv|vùng|region)\s*", re.IGNORECASE)
_TRUE = {"x", "có", "đạt", "true", "yes", "y", "1", "đúng", "v", "✓", "✔", "☑", "đã đạt", "là", "rồi"}
_FALSE = {"không", "chưa đạt", "chưa", "không đạt", "false", "no", "n", "0", "sai", "không có"}


@dataclass(frozen=True)
class Finding:
    """Something odd in a column: a message id, the place (-1 for the whole column), and what fills the text."""

    severity: Literal["error", "warning", "info"]
    message_id: str
    at: int = -1
    value: str = ""
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """Values of a column, unknown as None, and what was odd."""

    values: tuple[float | int | bool | str | None, ...]
    findings: tuple[Finding, ...] = ()


def is_number(value: Value) -> bool:
    """Tell whether a cell holds a figure, stored as one or as text."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return True
    return isinstance(value, str) and bool(_NUMBER.match(_SPACES.sub("", value)))


def read_values(
    cells: Sequence[Value], column: Column, *, percents: Iterable[bool] = (), worth: float = 1.0
) -> Reading:
    """Read the cells of one column as the dictionary types it.

    Parameters
    ----------
    cells : sequence of n values
    column : Column
        Gives type, range, choices.
    percents : iterable of n bool, optional
        Which cells are fractions that the file shows as percent.
    worth : float
        What one unit of the file is in the dictionary's unit (1000 for thousands of persons).

    Returns
    -------
    Reading
        n values; an empty cell, ``…`` and whatever cannot be read are None, the last with an error each.
    """
    if column.type == "boolean":
        return _collect(cells, _boolean)
    if column.type == "category":
        choices = {
            spelling_key(word): key for key, label in column.choices.items() for word in (key, label.vi, label.en)
        }
        return _collect(cells, lambda text: choices.get(spelling_key(text)))
    if column.type == "text":
        return Reading(tuple(None if _is_unknown(cell) else str(cell).strip() for cell in cells))
    return _numbers(cells, column, list(percents) or [False] * len(cells), worth)


def _collect(cells: Sequence[Value], read: object) -> Reading:
    values: list[float | int | bool | str | None] = []
    findings = []
    for at, cell in enumerate(cells):
        if _is_unknown(cell):
            values.append(None)
            continue
        text = (
            str(int(cell))
            if isinstance(cell, bool | int) or (isinstance(cell, float) and cell.is_integer())
            else str(cell)
        )
        value = read(clean_text(text))  # type: ignore[operator]
        if value is None:
            findings.append(Finding("error", "sheets.unreadable", at, str(cell)))
        values.append(value)
    return Reading(tuple(values), tuple(findings))


def _boolean(text: str) -> bool | None:
    word = text.casefold().rstrip(".")
    if _DASH.match(word):
        return False
    return True if word in _TRUE else False if word in _FALSE else None


def _numbers(cells: Sequence[Value], column: Column, percents: list[bool], worth: float) -> Reading:
    texts = [_SPACES.sub("", clean_text(cell)).rstrip("%") if isinstance(cell, str) else "" for cell in cells]
    convention, guessed, findings = _convention(texts, column, whole=column.type == "integer" and worth == 1.0)
    values: list[float | int | bool | str | None] = []
    shown_as_percent = 0
    for at, cell in enumerate(cells):
        value: float | None = None
        if _is_unknown(cell):
            pass
        elif isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell):
            value = float(cell)
            if percents[at] and column.unit == "%":
                value, shown_as_percent = round(value * 100, 12), shown_as_percent + 1
        elif isinstance(cell, str):
            value, trouble = _number(texts[at], clean_text(cell), convention, column)
            if trouble:
                findings.append(Finding("error", trouble, at, cell, _of(column)))
        else:
            message = "sheets.date_for_number" if isinstance(cell, datetime.date) else "sheets.unreadable"
            findings.append(Finding("error", message, at, str(cell)))
        if value is not None and worth != 1.0:
            value = round(value * worth, 9)
        if value is not None and column.type == "integer":
            if not float(value).is_integer():
                findings.append(Finding("error", "sheets.not_whole", at, str(cell)))
                value = None
            else:
                value = int(value)
        values.append(value)
    if guessed:
        findings.append(
            Finding("warning", "sheets.number_ambiguous", guessed[0], str(cells[guessed[0]]), {"n": len(guessed)})
        )
    if shown_as_percent:
        findings.append(Finding("info", "sheets.percent_format", values={"n": shown_as_percent}))
    return Reading(tuple(values), tuple(findings))


def _convention(
    texts: Sequence[str], column: Column, *, whole: bool
) -> tuple[Convention | None, list[int], list[Finding]]:
    """Return how the column writes decimals, the cells for which that was taken from no other cell, and findings.

    A cell tells where only one reading is a well-formed number (``12,5``, ``1.234,5``, ``1.234.567``). A whole-number
    column cannot have decimals, so ``1.234`` there is 1234. Else the range may tell. The last resort is the
    Vietnamese way, said in a warning.
    """
    told: dict[Convention, list[int]] = {"comma": [], "point": []}
    either: list[int] = []
    for at, text in enumerate(texts):
        if not _NUMBER.match(text) or not re.search(r"[.,]", text):
            continue
        comma, point = bool(_COMMA.match(text)), bool(_POINT.match(text))
        if comma and point:
            either.append(at)
        elif comma or point:
            told["comma" if comma else "point"].append(at)
    if told["comma"] and told["point"]:
        return None, [], []
    if told["comma"] or told["point"] or not either:
        return ("point" if told["point"] else "comma"), [], []
    if whole:
        return _grouping(texts, either), [], []
    fits = {way: all(_in_range(_parse(texts[at], way), column) for at in either) for way in ("comma", "point")}
    if fits["comma"] != fits["point"]:
        return ("comma" if fits["comma"] else "point"), [], []
    return "comma", either, []


def _grouping(texts: Sequence[str], cells: Sequence[int]) -> Convention | None:
    """Return the convention under which all separators of a whole-number column group thousands."""
    ways = {"comma" if "." in texts[at] else "point" for at in cells}
    return ways.pop() if len(ways) == 1 else None  # type: ignore[return-value]


def _number(bare: str, text: str, convention: Convention | None, column: Column) -> tuple[float | None, str]:
    if _DASH.match(bare):
        return 0.0, ""
    fraction = _FRACTION.match(text)
    if fraction:
        return _fraction(int(fraction[1]), int(fraction[2]), column)
    if _NUMBER.match(bare):
        comma, point = bool(_COMMA.match(bare)), bool(_POINT.match(bare))
        if comma and point and convention is None and re.search(r"[.,]", bare):
            return None, "sheets.number_two_ways"
        ways: list[Convention] = [convention] if convention else ["comma", "point"]
        for way in ways:
            if comma if way == "comma" else point:
                return _parse(bare, way), ""
        return None, "sheets.unreadable"
    if column.type == "integer" and not column.unit:
        roman = _ROMAN.get(_ROMAN_WORDS.sub("", text).casefold().strip())
        if roman is not None:
            return float(roman), ""
    return None, "sheets.unreadable"


def _fraction(part: int, whole: int, column: Column) -> tuple[float | None, str]:
    """Read ``3/19`` in a column that counts out of 19; another whole is another set of criteria."""
    if column.type != "integer" or column.maximum is None:
        return None, "sheets.unreadable"
    if whole != column.maximum or part > whole:
        return None, "sheets.other_whole"
    return float(part), ""


def _parse(text: str, convention: Convention) -> float:
    grouping, decimal = (".", ",") if convention == "comma" else (",", ".")
    return float(text.rstrip("%").replace(grouping, "").replace(decimal, "."))


def _in_range(value: float, column: Column) -> bool:
    return (column.minimum is None or value >= column.minimum) and (column.maximum is None or value <= column.maximum)


def _is_unknown(cell: Value) -> bool:
    if cell is None or (isinstance(cell, float) and cell != cell):
        return True
    return isinstance(cell, str) and (not clean_text(cell) or bool(_NOT_COLLECTED.match(clean_text(cell))))


def _of(column: Column) -> dict[str, object]:
    return {} if column.maximum is None else {"maximum": column.maximum}
