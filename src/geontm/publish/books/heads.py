"""What every sheet for people begins with: title, what to know, headings; and how wide its columns are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from geontm.messages import say, spelt_day
from geontm.publish.books.book import Book
from geontm.publish.content import Content

__all__ = ["head_format", "height_of", "lines_in", "open_sheet", "sub_format", "told", "width_of", "write_heads"]

_INK = "#1F3A4D"
_WIDEST = 46


def open_sheet(book: Book, sheet: Any, content: Content, *, title: str, note: str = "") -> None:
    """Write the title and, under it, the project and what a reader must know of the whole sheet."""
    sheet.write_string(0, 0, title, book.format(bold=True, font_size=15, font_color=_INK))
    sheet.set_row(0, 24)
    sheet.write_string(
        1,
        0,
        " · ".join(told(book, content, "" if title == content.title else content.title, note)),
        book.format(font_size=9, font_color="#4A5560"),
    )
    sheet.set_row(1, 16)
    sheet.hide_gridlines(2)


def told(book: Book, content: Content, *notes: str) -> list[str]:
    """Return the day, and that boundaries are schematic or figures constructed, where it is so."""
    lines = [say("publish.page_as_of", book.lang, day=spelt_day(content.as_of, book.lang))]
    if content.illustrative & set(content.wide.columns):
        lines.append(book.words("some_illustrative"))
    if content.notes.schematic:
        lines.append(say("publish.page_schematic", book.lang))
    return [*lines, *(note for note in notes if note)]


def head_format(book: Book, *, illustrative: bool = False) -> Any:
    """Return the format of a heading; columns of constructed figures are set apart."""
    colours: dict[str, Any] = {"bg_color": "#5C4A1F", "italic": True} if illustrative else {"bg_color": _INK}
    return book.format(
        bold=True, text_wrap=True, valign="vcenter", align="center", border=1, border_color="#FFFFFF",
        font_color="#FFFFFF", font_size=10, **colours,
    )  # fmt: skip


def sub_format(book: Book) -> Any:
    """Return the format of the row of column numbers."""
    return book.format(italic=True, align="center", font_size=8, font_color="#4A5560", bg_color="#DDE4E9", bottom=1)


def width_of(label: str, cells: Iterable[Any], decimals: int = 0, *, widest: float = _WIDEST) -> float:
    """Return a width that holds most cells on one line and the longest word of the heading."""
    longest = _longest(cells, decimals)
    word = max((len(part) for part in label.split()), default=0)
    lines = len(label) / 3
    return float(min(widest, max(8.5, longest + 2, word + 2.5, lines)))


def _longest(cells: Iterable[Any], decimals: int) -> int:
    """Return the length of the longest cell: a nation repeats its texts, and of numbers the ends are the longest."""
    known = [cell for cell in cells if cell is not None]
    numbers = [cell for cell in known if not isinstance(cell, str)]
    texts = {line for text in {cell for cell in known if isinstance(cell, str)} for line in text.split("\n")}
    ends = (f"{end:,.{decimals}f}" for end in ((min(numbers), max(numbers)) if numbers else ()))
    return max(map(len, (*texts, *ends)), default=0)


def lines_in(text: str, width: float, *, size: float = 11) -> int:
    """Estimate the lines of a text in a column: neither merged cells nor LibreOffice grow rows by themselves."""
    per_line = max(1.0, width * 11 / size)
    return sum(_wrapped(line, per_line) for line in text.split("\n"))


def _wrapped(line: str, per_line: float) -> int:
    """Break a line as a cell does, at its spaces."""
    lines, room = 1, per_line
    for word in line.split(" "):
        if len(word) > room and room < per_line:
            lines, room = lines + 1, per_line
        lines += int(len(word) // (per_line + 1))
        room -= len(word) + 1
    return lines


def height_of(texts: Iterable[tuple[str, float]], *, size: float = 11, least: int = 1) -> float:
    """Return the height of a row in points; ``texts`` are pairs of a text and the width of its column."""
    lines = max((lines_in(text, width, size=size) for text, width in texts), default=1)
    return min(400.0, max(least, lines) * size * 1.36 + 1)


def write_heads(book: Book, sheet: Any, row: int, heads: Sequence[str]) -> None:
    """Write a row of headings."""
    for place, head in enumerate(heads):
        sheet.write_string(row, place, head, head_format(book))
