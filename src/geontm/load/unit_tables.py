"""Reads a table of communes from a workbook or text file: codes and names, typed figures, totals kept apart."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from geontm.errors import TableError
from geontm.load.books import Book, Sheet
from geontm.load.figures import read_columns
from geontm.load.header import Grid, Header, find_header, likely_header
from geontm.load.meanings import IDENTITY, Meanings, find_meanings
from geontm.load.subtotals import check_subtotals
from geontm.load.unicode_books import read_unicode_book
from geontm.load.unit_codes import read_codes
from geontm.load.unit_rows import UnitRow, read_rows
from geontm.load.unit_words import bare_name
from geontm.tables import Issue, Table
from geontm.tables.columns import spelling_key

__all__ = ["KeySpec", "TableSource", "UnitTable", "read_unit_table"]

MOST_ROWS = 100_000  # ten times the communes that ever were at once
_SUMMARIES = ("total", "province", "district", "section", "unnamed")


@dataclass(frozen=True)
class KeySpec:
    """What the project file says of the columns that name the units; None where it says nothing."""

    code: str | None = None
    name: str | None = None
    province: str | None = None
    district: str | None = None
    within: Literal["province", "district"] | None = None


@dataclass(frozen=True)
class TableSource:
    """One table of a project.

    Attributes
    ----------
    path : Path
    sheet : str or None
        None: the one sheet with a column of communes.
    unit : str
        Kind of unit that a row stands for.
    date : date or None
        The day whose boundaries, names and codes the table uses.
    key : KeySpec
    columns : mapping
        The file's spelling of a header, to the dictionary name it means.
    """

    path: Path
    sheet: str | None = None
    unit: str = "commune"
    date: datetime.date | None = None
    key: KeySpec = KeySpec()
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class UnitTable:
    """A table as read.

    Attributes
    ----------
    source : TableSource
    sheet : str
        The sheet that was read.
    rows : DataFrame, one row per commune of the file, index ``row`` (as the spreadsheet counts, from 1)
        Identity columns that the file has or implies (``commune_code``, ``commune_name``, ``kind``, ``district_*``,
        ``province_*``; text, unknown is missing), then every recognised indicator in its dictionary type and unit.
        Names are the file's, HTML or formula text and all.
    subtotals : DataFrame
        Totals, section headings and rows that name no commune, same index and columns, with ``level`` (``total``,
        ``province``, ``district``, ``section``, ``unnamed``) and ``label`` (the text that names the row).
    headers : mapping
        Dictionary name to the header found in the file.
    unread : tuple of str
        Headers of filled columns that mean nothing known.
    issues : tuple of Issue
    """

    source: TableSource
    sheet: str
    rows: pd.DataFrame
    subtotals: pd.DataFrame
    headers: Mapping[str, str]
    unread: tuple[str, ...]
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class _Candidate:
    """A sheet in which a table of communes was found."""

    sheet: Sheet
    grid: Grid
    header: Header
    meanings: Meanings
    rows: list[UnitRow]
    issues: list[Issue]

    @property
    def communes(self) -> list[UnitRow]:
        return [row for row in self.rows if row.level == "commune"]


def read_unit_table(source: TableSource, *, identifiers: Table, indicators: Table) -> UnitTable:
    """Read one table of communes.

    Parameters
    ----------
    source : TableSource
        The file, and what the project says of it.
    identifiers, indicators : Table
        The column dictionary: names and codes of units; figures.

    Returns
    -------
    UnitTable
        Every row of the file is in ``rows``, in ``subtotals``, or named in ``issues``. A figure that is empty, ``…``,
        unreadable (error) or out of its range (error) is unknown, never 0; ``-`` is 0.

    Raises
    ------
    SourceError
        The file cannot be read.
    TableError
        No such sheet; no column of communes, or several sheets with one; no row; a column named in the project file
        that the file or the dictionary does not have.
    """
    named = _named_columns(source, indicators)
    book = read_unicode_book(source.path)
    found = _choose(book, source, (identifiers, indicators), named)
    place = {"file": source.path.name, "sheet": found.sheet.name}
    if (n := len(found.communes)) > MOST_ROWS:
        raise TableError("sheets.too_many_rows", where=" / ".join(place.values()), n=n, limit=MOST_ROWS)
    issues = [issue for issue in book.issues if issue.sheet in ("", found.sheet.name)]
    issues += [*found.meanings.issues, *found.issues]
    summaries = [row for row in found.rows if row.level in _SUMMARIES]

    identity, code_issues = _identity(found, found.communes, place)
    figures, figure_issues = read_columns(
        found.grid, found.meanings, [row.at for row in found.communes], indicators, place
    )
    sums, _ = read_columns(found.grid, found.meanings, [row.at for row in summaries], indicators, place)
    rows = pd.concat([identity, figures], axis=1)
    labels, _ = _identity(found, summaries, place)
    levels = pd.DataFrame(
        {"level": [row.level for row in summaries], "label": [row.label for row in summaries]},
        index=labels.index,
        dtype="str",
    )
    subtotals = pd.concat([labels, sums, levels], axis=1)
    issues += [*code_issues, *figure_issues]
    issues += check_subtotals(rows, subtotals, indicators, found.meanings.headers, place)
    return UnitTable(
        source=source,
        sheet=found.sheet.name,
        rows=rows,
        subtotals=subtotals,
        headers=found.meanings.headers,
        unread=found.meanings.unread,
        issues=tuple(issues),
    )


def _named_columns(source: TableSource, indicators: Table) -> dict[str, str]:
    """Return dictionary name to header for everything that the project file names."""
    key = source.key
    named = {
        "commune_code": key.code,
        "commune_name": key.name,
        "province_name": key.province,
        "district_name": key.district,
    }
    wanted = {name: header for name, header in named.items() if header}
    known = [*indicators.columns, *IDENTITY]
    for header, name in source.columns.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            raise TableError("sheets.unknown_name", where=source.path.name, name=name, near=near[0] if near else "–")
        if name in wanted:
            raise TableError("sheets.name_twice", where=source.path.name, name=name, first=wanted[name], second=header)
        wanted[name] = header
    return wanted


def _choose(book: Book, source: TableSource, tables: tuple[Table, Table], named: Mapping[str, str]) -> _Candidate:
    """Return the sheet to read: the one named, or the only one with communes in it."""
    filled = [sheet for sheet in book.sheets if any(value is not None for row in sheet.rows for value in row)]
    where = source.path.name
    if source.sheet is not None:
        sheet = _named_sheet(book, source.sheet, where)
        candidate = _candidate(sheet, source, tables, named)
        if candidate is None:
            raise TableError("sheets.no_commune_column", where=f"{where} / {sheet.name}", found=_found([sheet]))
        if not candidate.communes:
            raise TableError("sheets.no_rows", where=f"{where} / {sheet.name}", found=_found([sheet]))
        return candidate
    candidates, troubles = [], []
    for sheet in filled:
        try:
            candidate = _candidate(sheet, source, tables, named)
        except TableError as trouble:
            troubles.append(trouble)
            continue
        if candidate:
            candidates.append(candidate)
    with_rows = [candidate for candidate in candidates if candidate.communes]
    if len(with_rows) > 1:
        most = max(_known_figures(candidate, tables[1]) for candidate in with_rows)
        clear = [candidate for candidate in with_rows if _known_figures(candidate, tables[1]) == most]
        with_rows = clear if most else with_rows
    if len(with_rows) == 1:
        return with_rows[0]
    if with_rows:
        raise TableError("sheets.several_sheets", where=where, sheets=", ".join(c.sheet.name for c in with_rows))
    if troubles:
        raise troubles[0]
    if candidates:
        raise TableError("sheets.no_rows", where=where, found=_found([candidate.sheet for candidate in candidates]))
    raise TableError("sheets.no_commune_column", where=where, found=_found(filled) or "–")


def _known_figures(candidate: _Candidate, indicators: Table) -> int:
    return sum(name in indicators for name in candidate.meanings.columns)


def _named_sheet(book: Book, name: str, where: str) -> Sheet:
    for sheet in book.sheets:
        if sheet.name == name:
            return sheet
    alike = [sheet for sheet in book.sheets if spelling_key(sheet.name) == spelling_key(name)]
    if len(alike) == 1 and book.kind != "csv":
        return alike[0]
    raise TableError(
        "sheets.no_such_sheet", where=where, name=name, sheets=", ".join(sheet.name for sheet in book.sheets)
    )


def _candidate(
    sheet: Sheet, source: TableSource, tables: tuple[Table, Table], named: Mapping[str, str]
) -> _Candidate | None:
    grid = Grid(sheet)
    key = (source.key.code, source.key.name)
    header = find_header(grid, tables, [text for text in (*key, *_identity_headers(named)) if text])
    if header is None:
        return None
    place = {"file": source.path.name, "sheet": sheet.name}
    meanings = find_meanings(grid, header, tables, named, place)
    if not {"commune_code", "commune_name"} & set(meanings.columns):
        doubled = [issue for issue in meanings.issues if issue.message.id == "sheets.two_columns"]
        if doubled:
            found = " | ".join(issue.column for issue in doubled)
            raise TableError(
                "sheets.two_commune_columns", where=" / ".join(place.values()), issues=doubled, found=found
            )
        return None
    rows, issues = read_rows(grid, header, meanings, source.date, place)
    return _Candidate(sheet, grid, header, meanings, rows, issues)


def _identity_headers(named: Mapping[str, str]) -> list[str]:
    return [named[name] for name in ("commune_code", "commune_name") if name in named]


def _found(sheets: Sequence[Sheet]) -> str:
    """Name the columns that were seen, sheet by sheet."""
    seen = []
    for sheet in sheets[:12]:
        texts = [text if len(text) <= 40 else text[:39] + "…" for text in likely_header(Grid(sheet))[:8]]
        seen.append(f"{sheet.name} ({', '.join(texts) or '–'})")
    return "; ".join(seen)


def _identity(found: _Candidate, rows: Sequence[UnitRow], place: Mapping[str, str]) -> tuple[pd.DataFrame, list[Issue]]:
    """Return codes and names of the rows as text, with the codes read."""
    index = pd.Index([row.at + 1 for row in rows], name="row", dtype="int64")
    present = {name for name in found.meanings.columns if name in IDENTITY}
    present |= {name for row in found.rows if row.level == "commune" for name in row.names}
    data: dict[str, Any] = {}
    issues: list[Issue] = []
    for name in IDENTITY:
        if name not in present:
            continue
        texts = [row.names.get(name) for row in rows]
        if name == "commune_name":
            texts = [bare_name(text) if text else None for text in texts]
        if name.endswith("_code") and name in found.meanings.columns:
            column = found.meanings.columns[name]
            cells = [found.grid.value(row.at, column) for row in rows]
            texts, found_issues = read_codes(name, texts, cells, index, found.meanings.headers[name], place)
            issues += found_issues
        data[name] = pd.Series(texts, index=index, dtype="str")
    return pd.DataFrame(data, index=index), issues
