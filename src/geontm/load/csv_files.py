"""Reads delimited text of any encoding that offices use: UTF-8, UTF-16, Windows-1258, or an 8-bit font's bytes."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

from geontm.errors import SourceError
from geontm.load.legacy_fonts import ENCODINGS, to_unicode
from geontm.load.syllables import count_words
from geontm.tables import Issue

__all__ = ["decode", "delimiter_of", "read_delimited"]

_DELIMITERS = (",", ";", "\t", "|")
_LOOK_AT = 200_000


def read_delimited(data: bytes, path: Path) -> tuple[tuple[list[Any], ...], tuple[Issue, ...]]:
    """Split a text file into rows and cells; an empty cell is None, a blank line an empty row.

    Raises
    ------
    SourceError
        The bytes are no text, or a quoted cell never ends.
    """
    text, encoding = decode(data, path)
    issues = [] if encoding == "UTF-8" else [Issue.of("info", "sheets.encoding", file=path.name, encoding=encoding)]
    if encoding == "8-bit":
        issues = []  # the conversion of the cells says it
    try:
        delimiter = delimiter_of(text)
        rows = tuple([cell if cell.strip() else None for cell in row] for row in _split(text, delimiter))
    except csv.Error as broken:
        raise SourceError("sheets.damaged", where=path, file=path.name, detail=str(broken)) from broken
    return rows, tuple(issues)


def decode(data: bytes, path: Path) -> tuple[str, str]:
    """Turn bytes into text and name the encoding.

    Bytes that are not UTF-8 are read both as Windows-1258 and as an 8-bit font; the reading with fewer impossible
    words stands. Text in an 8-bit font comes back as Latin-1, to be converted cell by cell.
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strict(data, name, path), "UTF-8" if name == "utf-8-sig" else "UTF-16"
    if data[:2000].count(0):
        odd, even = data[1:2000:2].count(0), data[:2000:2].count(0)
        if not (odd or even) or min(odd, even) > max(odd, even) / 4:
            raise SourceError("sheets.other_kind", where=path, file=path.name)
        return _strict(data, "utf-16-le" if odd > even else "utf-16-be", path), "UTF-16"
    if b"\0" in data:
        raise SourceError("sheets.other_kind", where=path, file=path.name)
    try:
        return unicodedata.normalize("NFC", data.decode("utf-8")), "UTF-8"
    except UnicodeDecodeError:
        pass
    windows = unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))
    fonts = data.decode("latin-1")
    wrong_windows = count_words(windows[:_LOOK_AT]).wrong + windows[:_LOOK_AT].count("\ufffd")
    wrong_fonts = min(count_words(to_unicode(fonts[:_LOOK_AT], encoding)).wrong for encoding in ENCODINGS)
    return (windows, "Windows-1258") if wrong_windows <= wrong_fonts else (fonts, "8-bit")


def _strict(data: bytes, encoding: str, path: Path) -> str:
    try:
        return unicodedata.normalize("NFC", data.decode(encoding).removeprefix("\ufeff"))
    except UnicodeDecodeError as broken:
        raise SourceError("sheets.damaged", where=path, file=path.name, detail=broken.reason) from broken


def delimiter_of(text: str) -> str:
    """Return the delimiter that cuts most of the first rows into one and the same number of cells."""
    if text[:4].lower() == "sep=" and text[4:5] in _DELIMITERS:
        return text[4:5]

    def score(delimiter: str) -> tuple[float, int]:
        rows = [row for row, _ in zip(_split(text[:_LOOK_AT], delimiter), range(100), strict=False) if any(row)]
        widths = Counter(len(row) for row in rows)
        width, rows_so_wide = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (0.0, 0) if width < 2 else (rows_so_wide / len(rows), width)

    return max(_DELIMITERS, key=score)


def _split(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
