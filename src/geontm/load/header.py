"""Finds the header of a table inside a sheet: below titles, on one or several rows, above units and column numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from geontm.load.books import Sheet, Value
from geontm.load.cells import clean_text
from geontm.load.numbers import is_number
from geontm.load.unit_words import ROMAN, is_commune_name, is_heading
from geontm.load.units import known_unit
from geontm.tables import Table
from geontm.tables.columns import spelling_key

__all__ = ["Grid", "Header", "find_header", "likely_header"]

_LOOK_AT_ROWS = 80
_MOST_HEADER_ROWS = 6
_YEAR = re.compile(r"^(?:năm\s*)?(?:19|20)\d\d$", re.IGNORECASE)
_COLUMN_MARK = re.compile(r"^(?:\(?(?:\d{1,3}|[A-ZĐa-z])\)?|\(?\d{1,3}\)?\s*=\s*[\d\s+\-*/x×:()%.,]+)$")


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet as a full rectangle, with the texts of merged cells spread for reading headers."""

    sheet: Sheet

    @cached_property
    def width(self) -> int:
        """Number of columns up to the last that holds anything."""
        return max((c + 1 for row in self.sheet.rows for c, value in enumerate(row) if value is not None), default=0)

    @cached_property
    def height(self) -> int:
        """Number of rows."""
        return len(self.sheet.rows)

    @cached_property
    def _texts(self) -> list[list[str]]:
        blank = [""] * self.width
        return [[clean_text(value) for value in row] + blank[len(row) :] for row in self.sheet.rows]

    @cached_property
    def _merged(self) -> dict[tuple[int, int], tuple[int, int]]:
        anchors = {}
        for r0, r1, c0, c1 in self.sheet.merged:
            for r in range(r0, min(r1, self.height, r0 + _LOOK_AT_ROWS)):
                for c in range(c0, min(c1, self.width)):
                    anchors[r, c] = (r0, c0)
        return anchors

    def value(self, r: int, c: int) -> Value:
        """Return a cell as stored; None outside the sheet."""
        row = self.sheet.rows[r]
        return row[c] if c < len(row) else None

    def text(self, r: int, c: int) -> str:
        """Return a cell as clean text."""
        return self._texts[r][c]

    def spread(self, r: int, c: int) -> str:
        """Return the text that a reader sees over a place: that of the merged cell it lies in, if any."""
        return self.text(*self._merged.get((r, c), (r, c)))

    def texts(self, r: int) -> list[tuple[int, str]]:
        """Return the filled cells of a row."""
        return [(c, text) for c, text in enumerate(self._texts[r]) if text]

    def anchor(self, r: int, c: int) -> tuple[int, int]:
        """Return the top left place of the merged cell over a place."""
        return self._merged.get((r, c), (r, c))


@dataclass(frozen=True)
class Header:
    """Where a table starts and what its columns say.

    Attributes
    ----------
    top, first_data : int
        First row of the header and first row after it, counted from 0.
    parts : tuple of tuples of str
        For every column its header texts from the top down.
    commune_column : int
        The column of commune names or codes by which the header was found.
    by_content : bool
        The commune column has no header; its cells gave it away.
    """

    top: int
    first_data: int
    parts: tuple[tuple[str, ...], ...]
    commune_column: int
    by_content: bool = False

    def text(self, column: int) -> str:
        """Return the whole header of a column."""
        return " ".join(self.parts[column])


def find_header(grid: Grid, tables: Sequence[Table], named: Sequence[str] = ()) -> Header | None:
    """Find the header row or rows of the table of communes in a sheet.

    Parameters
    ----------
    grid : Grid
    tables : sequence of Table
        Dictionaries whose spellings count; the first holds the identifiers.
    named : sequence of str
        Headers that the project file names, known besides.

    Returns
    -------
    Header or None
        None where no column of commune names or codes can be seen.
    """
    found = _anchor_by_spelling(grid, tables, named)
    if found:
        row, column = found
        last = _last_header_row(grid, row, column, tables)
        top = _first_header_row(grid, row)
        return Header(top, last + 1, _parts(grid, top, last), column)
    by_content = _column_by_content(grid)
    if by_content is None:
        return None
    first = _first_data_row(grid, by_content)
    last = first - 1
    while last >= 0 and not grid.texts(last):
        last -= 1
    top = _first_header_row(grid, last) if last >= 0 else 0
    parts = _parts(grid, top, last) if last >= 0 else tuple(() for _ in range(grid.width))
    return Header(top, first, parts, by_content, by_content=True)


def likely_header(grid: Grid) -> list[str]:
    """Return the texts of the row that most looks like a header: what a refusal can name as found."""
    best: list[str] = []
    for r in range(min(grid.height, _LOOK_AT_ROWS)):
        texts = [text for c, text in grid.texts(r) if not is_number(grid.value(r, c)) and len(text) < 80]
        if len(set(texts)) > len(best):
            best = list(dict.fromkeys(texts))
    return best


def _anchor_by_spelling(grid: Grid, tables: Sequence[Table], named: Sequence[str]) -> tuple[int, int] | None:
    keys = {spelling_key(text) for text in named}
    best: tuple[int, int, int] | None = None
    for r in range(min(grid.height, _LOOK_AT_ROWS)):
        communes, score = [], 0
        for c, text in grid.texts(r):
            if len(text) > 120 or is_number(grid.value(r, c)):
                continue
            name = tables[0].find(text)
            meant = name in ("commune_code", "commune_name") or spelling_key(text) in keys
            if meant and not _repeats(grid, r, c, text):
                communes.append(c)
            score += spelling_key(text) in keys or any(table.find(text) is not None for table in tables)
        alone = len(grid.texts(r)) == 1 and not (communes and r + 1 < grid.height and grid.text(r + 1, communes[0]))
        if communes and not alone and (best is None or score > best[0]):
            best = (score, r, communes[0])
    return best[1:] if best else None


def _repeats(grid: Grid, r: int, c: int, text: str) -> bool:
    """Tell whether a word is a value of its column rather than the header: it stands in many of the rows below."""
    below = [grid.text(row, c) for row in range(r + 1, min(grid.height, r + 200))]
    filled = [other for other in below if other]
    times = filled.count(text)
    return times > 0.5 * len(filled) or (times >= 3 and times > 0.3 * len(filled))


def _column_by_content(grid: Grid) -> int | None:
    best: tuple[int, int] | None = None
    for c in range(grid.width):
        texts = [text for r in range(grid.height) if (text := grid.text(r, c))]
        named = sum(is_commune_name(text) for text in texts)
        if named >= 2 and named >= 0.5 * len(texts) and (best is None or named > best[0]):
            best = (named, c)
    return best[1] if best else None


def _first_data_row(grid: Grid, column: int) -> int:
    """Return the first row with a commune or with figures; a row that numbers the columns is no data."""
    for r in range(grid.height):
        text = grid.text(r, column)
        others = [other for c, other in grid.texts(r) if c != column]
        # A header may start like a heading («Huyện, xã»), but then other words stand beside it, not numbers.
        if is_commune_name(text) or (is_heading(text) and all(is_number(o) or ROMAN.match(o) for o in others)):
            return r
        figures = sum(is_number(grid.value(r, c)) for c in range(grid.width))
        if figures and not _numbers_columns(grid, r) and not grid.text(r, column):
            return r
    return grid.height


def _first_header_row(grid: Grid, row: int) -> int:
    """Walk up from a header row over the rows that stand over it as group headers."""
    top = row
    while top > 0 and row - top < _MOST_HEADER_ROWS:
        above = top - 1
        cells = {grid.anchor(above, c) for c in range(grid.width) if grid.spread(above, c)}
        texts = [text for _, text in grid.texts(above) if not _YEAR.match(text)]
        if len(cells) < 2 or any(is_number(text) for text in texts):
            break
        over_gap = any(grid.text(above, c) and not grid.text(top, c) for c in range(grid.width))
        groups = any(
            grid.text(above, c) and c + 1 < grid.width and grid.text(top, c) and not grid.text(above, c + 1)
            for c in range(grid.width)
        )
        if not (over_gap or groups):
            break
        top = above
    return top


def _last_header_row(grid: Grid, row: int, column: int, tables: Sequence[Table]) -> int:
    """Walk down from a header row over sub-headers, years, units, column numbers and the header in other words."""
    last = row
    while last + 1 < grid.height and last + 1 - row < _MOST_HEADER_ROWS:
        r = last + 1
        cells = grid.texts(r)
        if not cells:
            if not any(grid.anchor(r, c)[0] <= row for c in range(grid.width) if grid.anchor(r, c) != (r, c)):
                break
            last = r
            continue
        inside_header = grid.anchor(r, column)[0] <= row
        is_header = (
            inside_header
            or _numbers_columns(grid, r)
            or _names_units(cells)
            or (not grid.text(r, column) and all(_YEAR.match(text) for _, text in cells))
            or (len(cells) > 1 and all(any(table.find(text) for table in tables) for _, text in cells))
            or _continues(grid, r, column)
        )
        if not is_header:
            break
        last = r
    while last > row and not grid.texts(last):
        last -= 1
    return last


def _continues(grid: Grid, r: int, column: int) -> bool:
    """Tell whether a row without a commune and without figures goes on with the header."""
    cells = grid.texts(r)
    if grid.text(r, column) or len(cells) < 2 or any(is_number(grid.value(r, c)) for c, _ in cells):
        return False
    return all(len(text) < 80 for _, text in cells) and all(
        c >= 1 and grid.spread(r - 1, c) != text for c, text in cells
    )


def _numbers_columns(grid: Grid, r: int) -> bool:
    """Tell whether a row only numbers the columns: ``A B 1 2 3=1+2``."""
    cells = grid.texts(r)
    if len(cells) < 2 or not all(_COLUMN_MARK.match(text) for _, text in cells):
        return False
    numbers = [int(found.group()) for _, text in cells if (found := re.search(r"\d+", text))]
    letters = [text for _, text in cells if text.strip("()").isalpha()]
    steps = [after - before for before, after in pairwise(numbers)]
    in_turn = all(step == 1 for step in steps) and (not numbers or numbers[0] <= len(cells))
    return in_turn and len(numbers) + len(letters) == len(cells) and (len(numbers) >= 2 or bool(letters))


def _names_units(cells: list[tuple[int, str]]) -> bool:
    return all(known_unit(text) is not None or re.fullmatch(r"\([^()]*\)", text) for _, text in cells)


def _parts(grid: Grid, top: int, last: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(_column_parts(grid, top, last, c)) for c in range(grid.width))


def _column_parts(grid: Grid, top: int, last: int, c: int) -> Iterator[str]:
    before = ""
    for r in range(top, last + 1):
        if _numbers_columns(grid, r):
            continue
        text = grid.spread(r, c)
        if not text and not grid.sheet.merged and r < last:
            text = _group_over(grid, r, last, c)
        if text and text != before:
            is_unit = before and known_unit(text) is not None and not text.startswith("(")
            yield f"({text})" if is_unit else text
            before = text


def _group_over(grid: Grid, r: int, last: int, c: int) -> str:
    """Return the group header that reaches over a column in files that have lost their merged cells."""
    if not any(grid.text(row, c) for row in range(r + 1, last + 1)):
        return ""
    for left in range(c - 1, -1, -1):
        if text := grid.text(r, left):
            return text if any(grid.text(row, left) for row in range(r + 1, last + 1)) else ""
        if not any(grid.text(row, left) for row in range(r + 1, last + 1)):
            return ""
    return ""
