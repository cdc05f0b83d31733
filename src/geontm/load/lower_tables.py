"""Reads long tables of what stands below the commune (villages, households): header, columns as text, typed values.

A table of the whole country has a million rows. Delimited text is therefore read column by column, and the cells of a
column are understood once for each different text.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geontm.errors import SourceError, TableError
from geontm.load.books import Book, Limits, Sheet, open_bytes
from geontm.load.csv_files import decode, delimiter_of
from geontm.load.header import Grid, Header, find_header, likely_header
from geontm.load.meanings import IDENTITY, Meanings, find_meanings
from geontm.load.unicode_books import read_unicode_book
from geontm.tables import Issue, Table
from geontm.tables.columns import spelling_key

__all__ = ["LowerSource", "LowerTable", "RawTable", "name_rows", "narrow_identifiers", "read_raw"]

MOST_ROWS = 30_000_000  # there are fewer households than that
_HEAD_ROWS = 400
_HEAD_LETTERS = 400_000
_SAYS_COMMUNE = re.compile(r"\b(?:xã|xa|phường|commune|communes|ward|wards|maxa|tenxa|đvhc|dvhc|đơn vị hành chính)\b")
_ROWS_NAMED = 5  # rows that one issue names when a cell occurs many times


@dataclass(frozen=True)
class LowerSource:
    """One table of villages or households.

    Attributes
    ----------
    path : Path
    sheet : str or None
        None: the one sheet that has such a table.
    date : date or None
        The day whose communes the table names.
    commune : str or None
        Header of the column that names the commune, by code or by name.
    within : str or None
        ``"province"`` or ``"district"``: inside what a commune's name is unique.
    columns : mapping
        The file's spelling of a header, to the dictionary name it means.
    """

    path: Path
    sheet: str | None = None
    date: date | None = None
    commune: str | None = None
    within: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LowerTable:
    """A table of villages or households as read.

    Attributes
    ----------
    source : LowerSource
    sheet : str
    rows : DataFrame, one row per unit of the file, index ``row`` (as the spreadsheet counts, from 1)
        What names the unit and its commune, as in the file (text); then the figures that the file has, in dictionary
        types and units. Missing is unknown. See the function that read it.
    headers : mapping
        Dictionary name to the header found in the file.
    issues : tuple of Issue
    """

    source: LowerSource
    sheet: str
    rows: pd.DataFrame
    headers: Mapping[str, str]
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class RawTable:
    """The columns of a table that mean something, as they stand.

    Attributes
    ----------
    sheet : str
    cells : DataFrame, index ``row`` (as the spreadsheet counts, from 1)
        One column per meaning, named as in the dictionary; cells as stored, None or empty where empty.
    percents : mapping of str to ndarray of bool
        For columns with cells that are shown as percent: which.
    headers : mapping
        Dictionary name to header as found.
    factors : mapping
        What one unit of the file is worth in the dictionary's unit, where not 1.
    unread : tuple of str
    issues : tuple of Issue
    place : mapping
        ``file`` and ``sheet``, for issues.
    """

    sheet: str
    cells: pd.DataFrame
    percents: Mapping[str, np.ndarray[Any, np.dtype[np.bool_]]]
    headers: Mapping[str, str]
    factors: Mapping[str, float]
    unread: tuple[str, ...]
    issues: tuple[Issue, ...]
    place: Mapping[str, str]


@dataclass(frozen=True)
class _Found:
    """A header found in a sheet, and the whole of the sheet's cells below it."""

    grid: Grid
    header: Header
    meanings: Meanings


def read_raw(
    source: LowerSource, identifiers: Table, table: Table, *, anchors: Sequence[str], book: Book | None = None
) -> RawTable:
    """Find the table in a file and take out the columns that mean something.

    Parameters
    ----------
    source : LowerSource
    identifiers, table : Table
        Dictionaries of the commune and of what the rows are about.
    anchors : sequence of str
        Columns of ``table`` by which such a table is known (``village_name``); a commune column serves too.
    book : Book, optional
        What the file holds, where something else has read it: the attributes of a map layer.

    Raises
    ------
    SourceError
        The file cannot be read.
    TableError
        No such sheet, no such table, several of them, or a column named in the project file is missing.
    """
    if book is not None:
        return _read_book(source, (identifiers, table), anchors, book)
    data, kind = open_bytes(source.path, Limits())
    if kind == "csv":
        text, encoding = decode(data, source.path)
        if encoding != "8-bit":
            del data
            return _read_text(text, source, (identifiers, table), anchors, encoding)
    del data
    return _read_book(source, (identifiers, table), anchors, read_unicode_book(source.path))


def _read_text(
    text: str, source: LowerSource, tables: tuple[Table, Table], anchors: Sequence[str], encoding: str
) -> RawTable:
    """Read delimited text: the header from its first rows, then the columns that mean something, at once."""
    place = {"file": source.path.name, "sheet": source.path.stem}
    delimiter = delimiter_of(text)
    head = [cells for _, cells in zip(range(_HEAD_ROWS), _rows(text[:_HEAD_LETTERS], delimiter, source), strict=False)]
    if len(text) > _HEAD_LETTERS and len(head) < _HEAD_ROWS:
        head = head[:-1]  # cut off in the middle
    sheet = Sheet(source.path.stem, tuple([cell if cell.strip() else None for cell in row] for row in head))
    found = _look(sheet, source, tables, anchors)
    if found is None:
        raise _nothing_found(source, tables[1], [sheet])
    issues = [] if encoding == "UTF-8" else [Issue.of("info", "sheets.encoding", file=place["file"], encoding=encoding)]
    wanted = dict(sorted(found.meanings.columns.items(), key=lambda item: item[1]))
    below, shifted = _columns_of(text, delimiter, source, list(wanted.values()), _width(found))
    below, shifted = below.loc[found.header.first_data :], [r for r in shifted if r >= found.header.first_data]
    _require_size(len(below), source)
    if shifted:
        rows = name_rows(pd.Index([row + 1 for row in shifted]))
        issues.append(Issue.of("error", "lower.row_too_long", **place, row=rows, n=len(shifted)))
    # A column that is empty in the first rows may be filled further down: it is named as not read all the same.
    known = {*found.meanings.columns.values(), found.meanings.serial}
    headers = {c: found.header.text(c) for c in range(found.grid.width) if c not in known and found.header.text(c)}
    told = {issue.column for issue in found.meanings.issues}
    late = [text for text in headers.values() if text not in told]
    issues += [Issue.of("info", "sheets.unread_column", **place, column=name, header=name) for name in late]
    return RawTable(
        sheet=place["sheet"],
        cells=_take(found, below),
        percents={},
        headers=found.meanings.headers,
        factors=found.meanings.factors,
        unread=(*found.meanings.unread, *late),
        issues=(*issues, *found.meanings.issues),
        place=place,
    )


def _width(found: _Found) -> int:
    """Return how many cells a row has: up to the last header, unless most rows fill cells beyond it."""
    grid, first = found.grid, found.header.first_data
    headed = 1 + max((c for c in range(grid.width) if found.header.text(c)), default=grid.width - 1)
    longer = sum(any(grid.text(r, c) for c in range(headed, grid.width)) for r in range(first, grid.height))
    return grid.width if 2 * longer > grid.height - first else headed


def _rows(text: str, delimiter: str, source: LowerSource) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as broken:
        raise SourceError("sheets.damaged", where=source.path, file=source.path.name, detail=str(broken)) from broken


def _columns_of(
    text: str, delimiter: str, source: LowerSource, wanted: Sequence[int], width: int
) -> tuple[pd.DataFrame, list[int]]:
    """Split text and keep the wanted columns, as text, under their numbers; an empty cell is an empty text.

    Returns
    -------
    DataFrame
        Index: the row, counted from 0.
    list of int
        Rows with more cells than the header has columns: their cells may be shifted, so they are left out.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            whole = pd.read_csv(
                io.StringIO(text), sep=delimiter, header=None, names=list(range(width)), index_col=False, dtype="str",
                na_filter=False, skip_blank_lines=False, quotechar='"', engine="c", low_memory=False,
            )  # fmt: skip
        return whole[list(wanted)], []
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        # Some row is longer than the header, or a quote never closes: row by row then.
        kept: dict[int, list[str]] = {}
        shifted = []
        for at, row in enumerate(_rows(text, delimiter, source)):
            if any(cell.strip() for cell in row[width:]):
                shifted.append(at)
            else:
                kept[at] = [row[c] if c < len(row) else "" for c in wanted]
        return pd.DataFrame.from_dict(kept, orient="index", columns=list(wanted), dtype="str"), shifted


def _read_book(source: LowerSource, tables: tuple[Table, Table], anchors: Sequence[str], book: Book) -> RawTable:
    """Read a workbook: the sheet that is named, or the only one with such a table."""
    filled = [sheet for sheet in book.sheets if any(value is not None for row in sheet.rows for value in row)]
    if source.sheet is not None:
        key = spelling_key(source.sheet)
        filled = [s for s in book.sheets if s.name == source.sheet] or [
            s for s in book.sheets if spelling_key(s.name) == key
        ]
        if len(filled) != 1:
            names = ", ".join(sheet.name for sheet in book.sheets)
            raise TableError("sheets.no_such_sheet", where=source.path.name, name=source.sheet, sheets=names)
    candidates = [found for sheet in filled if (found := _look(sheet, source, tables, anchors))]
    if not candidates:
        raise _nothing_found(source, tables[1], filled)
    if len(candidates) > 1:
        most = max(len(found.meanings.columns) for found in candidates)
        candidates = [found for found in candidates if len(found.meanings.columns) == most]
        if len(candidates) > 1:
            names = ", ".join(found.grid.sheet.name for found in candidates)
            raise TableError("lower.several_sheets", where=source.path.name, sheets=names)
    found = candidates[0]
    sheet = found.grid.sheet
    place = {"file": source.path.name, "sheet": sheet.name}
    _require_size(found.grid.height - found.header.first_data, source)
    width = found.grid.width
    rows = [list(row[:width]) + [None] * (width - len(row)) for row in sheet.rows[found.header.first_data :]]
    for r0, r1, c0, c1 in sheet.merged:  # a merged cell stands for each of its rows
        if r1 - r0 > 1 and c1 - c0 == 1 and r0 >= found.header.first_data and c0 < width:
            for r in range(r0, min(r1, found.grid.height)):
                rows[r - found.header.first_data][c0] = found.grid.value(r0, c0)
    frame = pd.DataFrame(
        rows, columns=range(width), index=range(found.header.first_data, found.grid.height), dtype=object
    )
    cells = _take(found, frame)
    shown = {}
    for name, c in found.meanings.columns.items():
        flags = np.array([(row - 1, c) in sheet.percents for row in cells.index], dtype=bool)
        if flags.any():
            shown[name] = flags
    return RawTable(
        sheet=sheet.name,
        cells=cells,
        percents=shown,
        headers=found.meanings.headers,
        factors=found.meanings.factors,
        unread=found.meanings.unread,
        issues=(*(i for i in book.issues if i.sheet in ("", sheet.name)), *found.meanings.issues),
        place=place,
    )


def _take(found: _Found, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that mean something, numbered as the spreadsheet counts rows, without blank rows."""
    columns = {name: frame[c] for name, c in found.meanings.columns.items() if c in frame}
    cells = pd.DataFrame(columns)
    cells.index = pd.Index(frame.index + 1, name="row", dtype="int64")
    blank = np.ones(len(cells), dtype=bool)
    for name in cells:
        column = cells[name]
        blank &= (column.isna() | (column == "")).to_numpy(dtype=bool)
    return cells[~blank]


def _look(sheet: Sheet, source: LowerSource, tables: tuple[Table, Table], anchors: Sequence[str]) -> _Found | None:
    """Find the header of such a table in a sheet, and what its columns mean; None where there is none."""
    grid = Grid(sheet)
    named = [spelling for name in anchors for spelling in tables[1][name].spellings]
    named += [*source.columns, *([source.commune] if source.commune else [])]
    header = find_header(grid, tables, named)
    if header is None:
        return None
    place = {"file": source.path.name, "sheet": sheet.name}
    meanings = find_meanings(grid, header, tables, _named_columns(source, grid, header, tables[1]), place)
    if not {"commune_code", "commune_name", *anchors} & set(meanings.columns):
        return None
    return _Found(grid, header, meanings)


def _named_columns(source: LowerSource, grid: Grid, header: Header, table: Table) -> dict[str, str]:
    """Return dictionary name to header for everything that the project file names."""
    wanted: dict[str, str] = {}
    known = [*table.columns, *IDENTITY]
    for text, name in source.columns.items():
        if name not in known:
            near = next((k for k in known if name in k or k in name), "–")
            raise TableError("sheets.unknown_name", where=source.path.name, name=name, near=near)
        if name in wanted:
            raise TableError("sheets.name_twice", where=source.path.name, name=name, first=wanted[name], second=text)
        wanted[name] = text
    if source.commune:
        wanted[_commune_column(source.commune, grid, header)] = source.commune
    return wanted


def _commune_column(name: str, grid: Grid, header: Header) -> str:
    """Tell by its cells whether the column that names the commune holds codes or names."""
    hits = [c for c in range(grid.width) if spelling_key(header.text(c)) == spelling_key(name)]
    cells = [text for c in hits[:1] for r in range(header.first_data, grid.height) if (text := grid.text(r, c))]
    codes = sum(text.isascii() and text.isdigit() and 4 <= len(text) <= 5 for text in cells)
    return "commune_code" if codes > 0.5 * len(cells) else "commune_name"


def _nothing_found(source: LowerSource, table: Table, sheets: Sequence[Sheet]) -> TableError:
    seen = [f"{sheet.name} ({', '.join(likely_header(Grid(sheet))[:8]) or '–'})" for sheet in sheets[:12]]
    return TableError(f"lower.no_{table.name}", where=source.path.name, found="; ".join(seen) or "–")


def _require_size(n: int, source: LowerSource) -> None:
    if n > MOST_ROWS:
        raise TableError("lower.too_many_rows", where=source.path.name, n=n, limit=MOST_ROWS)


def narrow_identifiers(identifiers: Table) -> Table:
    """Leave out the spellings of a commune's name and code that may mean the village or household here (``Tên``)."""
    narrowed = {}
    for name, column in identifiers.columns.items():
        if name in ("commune_name", "commune_code"):
            kept = tuple(text for text in column.aliases if _SAYS_COMMUNE.search(spelling_key(text.replace("_", " "))))
            column = replace(column, aliases=kept)
        narrowed[name] = column
    return Table(identifiers.name, identifiers.key, narrowed)


def name_rows(rows: pd.Index) -> str:
    """Name rows for an issue: the first few, and how many more."""
    more = f" (+{len(rows) - _ROWS_NAMED})" if len(rows) > _ROWS_NAMED else ""
    return ", ".join(str(row) for row in rows[:_ROWS_NAMED]) + more
