"""Turns every text of a book into Unicode, sheet by sheet, and says what it did and what it could not do."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from geontm.load.books import Book, Sheet, Span, read_book
from geontm.load.cells import column_letter
from geontm.load.legacy_fonts import ENCODINGS, Encoding, Font, judge, judge_unmarked, to_unicode
from geontm.load.syllables import count_words
from geontm.tables import Issue

__all__ = ["read_unicode_book", "unicode_sheet"]

# Without a font, so many different words must be right in one 8-bit encoding only, before a sheet is taken to use it.
_WORDS_TO_BELIEVE = 3


@dataclass(frozen=True)
class _Piece:
    """A stretch of a cell that may be 8-bit text."""

    row: int
    column: int
    start: int
    end: int
    text: str
    font: Font


def read_unicode_book(path: Path) -> Book:
    """Read a book with all its texts in Unicode (NFC); its issues say what was converted and what was not."""
    book = read_book(path)
    sheets, issues = [], list(book.issues)
    for sheet in book.sheets:
        converted, found = unicode_sheet(sheet, file=path.name)
        sheets.append(converted)
        issues += found
    return replace(book, sheets=tuple(sheets), issues=tuple(issues))


def unicode_sheet(sheet: Sheet, *, file: str = "") -> tuple[Sheet, list[Issue]]:
    """Convert the texts of one sheet.

    A stretch under a legacy font is converted unless its letters cannot come from an 8-bit font, or only its present
    words are Vietnamese: Unicode text is never converted again. Where both readings are possible the column decides,
    and where the column holds both, the font does; a cell that its font alone does not settle is told in a warning.
    Text without a known font is converted only where the words of the sheet leave one reading.

    Returns
    -------
    Sheet
        Texts in NFC; fonts gone.
    list of Issue
        One ``info`` for each encoding with the number of cells, a warning for every cell in doubt.
    """
    place = {"file": file, "sheet": sheet.name}
    rows = [list(row) for row in sheet.rows]
    changes: dict[tuple[int, int], list[tuple[_Piece, str]]] = defaultdict(list)
    issues: list[Issue] = []
    cells: Counter[str] = Counter()

    marked = list(_marked_pieces(sheet))
    readings = [judge(piece.text, piece.font.encoding) for piece in marked if piece.font.encoding]
    votes = _votes((piece.column, reading) for piece, reading in zip(marked, readings, strict=True))
    for piece, reading in zip(marked, readings, strict=True):
        legacy, unicode = votes[piece.column]["legacy"], votes[piece.column]["unicode"]
        keep = reading == "unicode" or (reading == "either" and unicode and not legacy)
        text = piece.text if keep or piece.font.encoding is None else to_unicode(piece.text, piece.font.encoding)
        doubtful = (reading == "either" and unicode) or (
            reading == "neither" and count_words(text).wrong and _has_signs(text)
        )
        if doubtful:
            message = "sheets.either_reading" if reading == "either" else "sheets.not_converted"
            issues.append(
                Issue.of("warning", message, **place, **_cell(piece), value=piece.text.strip(), read=text.strip())
            )
        if piece.font.capitals and not keep:
            text = text.upper()
        if text != piece.text:
            changes[piece.row, piece.column].append((piece, text))
            if not keep and piece.font.encoding and not piece.text.isascii():
                cells[piece.font.encoding] += 1
    unmarked_changes, unmarked_issues, unmarked_cells = _unmarked(sheet, place)
    changes.update(unmarked_changes)

    for (r, c), pieces in changes.items():
        text = str(rows[r][c])
        for piece, new in sorted(pieces, key=lambda change: -change[0].start):
            text = text[: piece.start] + new + text[piece.end :]
        rows[r][c] = text
    for row in rows:
        for c, value in enumerate(row):
            if isinstance(value, str) and not value.isascii():
                row[c] = unicodedata.normalize("NFC", value)
    told = [Issue.of("info", "sheets.converted", **place, encoding=name, n=n) for name, n in sorted(cells.items())]
    told += [Issue.of("info", "sheets.converted_by_words", **place, encoding=e, n=n) for e, n in unmarked_cells]
    return replace(sheet, rows=tuple(rows), fonts={}), told + issues + unmarked_issues


def _marked_pieces(sheet: Sheet) -> Iterator[_Piece]:
    for (r, c), spans in sorted(sheet.fonts.items()):
        text = str(sheet.rows[r][c])
        for span in _joined(spans):
            if span.font.encoding:
                yield _Piece(r, c, span.start, span.end, text[span.start : span.end], span.font)


def _joined(spans: tuple[Span, ...]) -> Iterator[Span]:
    """Join neighbours that differ only in size or weight, so that no word is cut in two."""
    held: Span | None = None
    for span in spans:
        if held and held.font == span.font:
            held = replace(held, end=span.end)
        else:
            if held:
                yield held
            held = span
    if held:
        yield held


def _votes(readings: Iterator[tuple[int, str]]) -> dict[int, Counter[str]]:
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    for column, reading in readings:
        votes[column][reading] += 1
    return votes


def _unmarked(
    sheet: Sheet, place: dict[str, str]
) -> tuple[dict[tuple[int, int], list[tuple[_Piece, str]]], list[Issue], list[tuple[Encoding, int]]]:
    """Convert texts of unknown font where the sheet as a whole leaves no doubt."""
    pieces = [
        _Piece(r, c, 0, len(value), value, Font())
        for r, row in enumerate(sheet.rows)
        for c, value in enumerate(row)
        if isinstance(value, str) and not value.isascii() and (r, c) not in sheet.fonts
    ]
    readings = [judge_unmarked(piece.text) for piece in pieces]
    words: dict[str, set[str]] = {
        encoding: {
            word for p, read in zip(pieces, readings, strict=True) if read == encoding for word in p.text.split()
        }
        for encoding in ENCODINGS
    }
    believed = [e for e in ENCODINGS if sum(not word.isascii() for word in words[e]) >= _WORDS_TO_BELIEVE]
    votes = _votes((piece.column, reading) for piece, reading in zip(pieces, readings, strict=True))
    changes: dict[tuple[int, int], list[tuple[_Piece, str]]] = {}
    issues: list[Issue] = []
    cells: Counter[Encoding] = Counter()
    for piece, reading in zip(pieces, readings, strict=True):
        column = votes[piece.column]
        here = [e for e in believed if column[e]]
        encoding: Encoding | None = None
        if reading in believed:
            encoding = reading
        elif reading in ("either", "neither") and len(here) == 1 and not column["unicode"]:
            encoding = here[0]
            if (
                reading == "neither"
                and count_words(to_unicode(piece.text, encoding)).wrong >= count_words(piece.text).wrong
            ):
                encoding = None
        if encoding:
            changes[piece.row, piece.column] = [(piece, to_unicode(piece.text, encoding))]
            cells[encoding] += 1
        elif (reading == "either" and here) or (reading in ("neither", *ENCODINGS) and _has_signs(piece.text)):
            issues.append(
                Issue.of(
                    "warning",
                    "sheets.unsure",
                    **place,
                    **_cell(piece),
                    value=piece.text.strip(),
                    read=piece.text.strip(),
                )
            )
    return changes, issues, sorted(cells.items())


def _has_signs(text: str) -> bool:
    """Tell whether signs that nobody types inside a word touch its letters; bullets in front of words do not."""
    return any(
        "\u00a1" <= sign <= "\u00be"
        and sign not in "°²³«»µ®"
        and (text[i - 1 : i].isalpha() or (sign not in "·©±" and text[i + 1 : i + 2].isalpha()))
        for i, sign in enumerate(text)
    )


def _cell(piece: _Piece) -> dict[str, str]:
    return {"row": str(piece.row + 1), "column": column_letter(piece.column)}
