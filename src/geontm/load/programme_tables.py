"""Reads the files under ``programme:``: lists, roadmaps, results, values, mergers, status, capital, agencies."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from geontm.errors import TableError
from geontm.load.books import Book, Sheet
from geontm.load.cells import shown
from geontm.load.header import Grid
from geontm.load.numbers import read_values
from geontm.load.unicode_books import read_unicode_book
from geontm.load.unit_tables import KeySpec
from geontm.load.unit_words import SUM_SUFFIX, TOTAL
from geontm.load.units import factor, split_unit
from geontm.tables import Column, Issue, Table
from geontm.tables.columns import spelling_key

__all__ = ["ProgrammeKind", "ProgrammeSource", "ProgrammeSources", "ProgrammeTable", "read_programme_table"]

ProgrammeKind = Literal[
    "baseline", "plan", "actual", "values", "floors", "forecast", "mergers", "history", "capital", "agencies"
]
_PLACE = ("commune_code", "commune_name", "kind", "district_code", "district_name", "province_code", "province_name")
_UNIT = ("programme", "unit_level", "village_code", "village_name", "document", "note")
_COUNTED = (*_UNIT, "measure", "count", "how")
# What each file may hold beside the columns that name a unit, and what it must: one of each inner group.
_MAY: dict[ProgrammeKind, tuple[str, ...]] = {
    "baseline": (*_COUNTED, "status", "date"),
    "plan": (*_COUNTED, "year", "date"),
    "actual": (*_COUNTED, "year", "date"),
    "values": (*_UNIT, "group", "indicator", "year", "date", "value", "role", "base_year", "how"),
    "floors": (*_UNIT, "group", "indicator", "floor", "year"),
    "forecast": (*_UNIT, "group", "indicator", "year", "value", "method", "base_years", "how"),
    "mergers": ("unit_level", "old_code", "old_name", "old_commune", "new_code", "new_name", "new_commune", "date",
                "document", "share", "note"),
    "history": (*_UNIT, "status", "event", "date"),
    "capital": (*_UNIT, "capital_source", "project_name", "year", "allocated_million_vnd", "disbursed_million_vnd",
                "is_total", "how"),
    "agencies": (*_UNIT, "agency", "count", "date"),
}  # fmt: skip
_MUST: dict[ProgrammeKind, tuple[tuple[str, ...], ...]] = {
    "baseline": (),
    "plan": (("year",),),
    "actual": (("date", "year"),),
    "values": (("indicator",), ("value",), ("year", "date")),
    "floors": (("indicator",), ("floor",)),
    "forecast": (("indicator",), ("year",)),
    "mergers": (("old_code", "old_name"), ("new_code", "new_name")),
    "history": (("event",), ("date",)),
    "capital": (("allocated_million_vnd", "disbursed_million_vnd"),),
    "agencies": (("agency", "count"),),
}
_LOOK_AT_ROWS = 40
_SERIAL = {spelling_key(text) for text in ("STT", "TT", "Số TT", "Số thứ tự", "#", "No", "No.")}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_MONEY = {"đồng": 1e-6, "nghìn đồng": 1e-3, "triệu đồng": 1.0, "tỷ đồng": 1e3, "tỉ đồng": 1e3, "vnd": 1e-6,
          "million vnd": 1.0, "billion vnd": 1e3, "trđ": 1.0, "tr.đ": 1.0, "tr đồng": 1.0}  # fmt: skip
_WORTH = {spelling_key(word): worth for word, worth in _MONEY.items()}
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True)
class ProgrammeSource:
    """One file under ``programme:``.

    Attributes
    ----------
    kind : str
        The key under which the project names it.
    path : Path
    sheet : str or None
        None: the one sheet with such a header.
    key : KeySpec
        Headers that name the unit.
    columns : mapping
        The file's spelling of a header, to the dictionary name it means.
    illustrative : bool
        The rows are constructed.
    document : str
        Where the rows come from, unless a row says it itself.
    date : date or None
        The day whose names and codes the file uses.
    through : date or None
        Of ``actual``: the day up to which the file tells everything.
    """

    kind: ProgrammeKind
    path: Path
    sheet: str | None = None
    key: KeySpec = field(default_factory=KeySpec)
    columns: Mapping[str, str] = field(default_factory=dict)
    illustrative: bool = False
    document: str = ""
    date: datetime.date | None = None
    through: datetime.date | None = None


@dataclass(frozen=True)
class ProgrammeSources:
    """The section ``programme:``: the programme's name, for rows without one, and its files."""

    name: str = ""
    files: tuple[ProgrammeSource, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file, once."""
        return tuple(dict.fromkeys(source.path for source in self.files))


@dataclass(frozen=True)
class ProgrammeTable:
    """A file as read.

    Attributes
    ----------
    source : ProgrammeSource
    sheet : str
    rows : DataFrame, index ``row`` (as the spreadsheet counts, from 1)
        The columns found, typed after the dictionary, ``date`` as datetime64; then ``file``, ``row``, ``how``
        (``given`` or ``constructed`` where no row says it), ``document``, and ``units_date`` (the source's date).
    headers : mapping
        Dictionary name to header as found.
    issues : tuple of Issue
    """

    source: ProgrammeSource
    sheet: str
    rows: pd.DataFrame
    headers: Mapping[str, str]
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class _Head:
    """The header of one sheet: its row, and the columns that mean something, with what a unit of the file is worth."""

    sheet: Sheet
    row: int
    columns: Mapping[str, int]
    texts: Mapping[int, str]
    factors: Mapping[str, float]


def read_programme_table(source: ProgrammeSource, *, identifiers: Table, programme: Table) -> ProgrammeTable:
    """Read one file of a programme.

    Parameters
    ----------
    source : ProgrammeSource
    identifiers, programme : Table
        The dictionaries ``communes`` and ``programme``.

    Returns
    -------
    ProgrammeTable
        Every row of the file is in ``rows`` or named in ``issues``. What cannot be read is unknown.

    Raises
    ------
    SourceError
        The file cannot be read.
    TableError
        No such sheet, no header with the columns that such a file needs, or two columns of one meaning.
    """
    known = {name: programme[name] for name in _MAY[source.kind]}
    if source.kind != "mergers":
        known |= {name: identifiers[name] for name in _PLACE if name not in known}
    named = _named(source, known)
    book = read_unicode_book(source.path)
    head = _choose(book, source, known, named)
    place = {"file": source.path.name, "sheet": head.sheet.name if len(book.sheets) > 1 else ""}
    grid = Grid(head.sheet)
    at = [r for r in range(head.row + 1, grid.height) if any(grid.text(r, c) for c in head.columns.values())]
    index = pd.Index([r + 1 for r in at], name="row", dtype="int64")
    issues = [issue for issue in book.issues if issue.sheet in ("", head.sheet.name)]
    if not at:
        issues.append(Issue.of("warning", "programme.no_rows", **place, kind=source.kind))
    data = {}
    for name, c in head.columns.items():
        data[name], found = _read(grid, at, c, known[name], head, place)
        issues += found
    rows = pd.DataFrame(data, index=index)
    for name in (name for name in ("date",) if name in rows):
        rows[name], found = _days(rows[name], head.texts[head.columns[name]], place)
        issues += found
    rows, found = _sums(rows, source.kind, place)
    issues += found
    taken = {*head.columns.values()}
    for c, text in head.texts.items():
        filled = any(grid.text(r, c) for r in at)
        if c not in taken and filled and spelling_key(text) not in _SERIAL:
            issues.append(Issue.of("info", "sheets.unread_column", **place, column=text, header=text))
    headers = {name: head.texts[c] for name, c in head.columns.items()}
    return ProgrammeTable(source, head.sheet.name, _complete(rows, source), headers, tuple(issues))


def _complete(rows: pd.DataFrame, source: ProgrammeSource) -> pd.DataFrame:
    """Add to every row where it comes from."""
    origin = "constructed" if source.illustrative else "given"
    how = rows["how"].fillna(origin) if "how" in rows and not source.illustrative else origin
    document = rows["document"] if "document" in rows else pd.Series(pd.NA, index=rows.index, dtype="str")
    day = pd.Series(pd.to_datetime([source.date.isoformat() if source.date else ""] * len(rows)), index=rows.index)
    whole = rows.assign(
        file=source.path.name,
        row=rows.index,
        how=how,
        document=document.fillna(source.document or pd.NA),
        units_date=day,
    )
    return whole.astype({"how": "str", "document": "str"}).assign(units_date=pd.to_datetime(whole["units_date"]))


def _named(source: ProgrammeSource, known: Mapping[str, Column]) -> dict[str, str]:
    """Return header (folded) to name for everything that the project file names."""
    key = source.key
    pairs = [
        (key.code, "commune_code"), (key.name, "commune_name"), (key.province, "province_name"),
        (key.district, "district_name"), *source.columns.items(),
    ]  # fmt: skip
    named: dict[str, str] = {}
    for header, name in pairs:
        if not header:
            continue
        if name not in known:
            near = next((other for other in known if name in other or other in name), "–")
            raise TableError("sheets.unknown_name", where=source.path.name, name=name, near=near)
        named[spelling_key(header)] = name
    return named


def _choose(book: Book, source: ProgrammeSource, known: Mapping[str, Column], named: Mapping[str, str]) -> _Head:
    sheets = list(book.sheets)
    if source.sheet is not None:
        wanted = spelling_key(source.sheet)
        sheets = [sheet for sheet in sheets if sheet.name == source.sheet or spelling_key(sheet.name) == wanted]
        if len(sheets) != 1:
            names = ", ".join(sheet.name for sheet in book.sheets)
            raise TableError("sheets.no_such_sheet", where=source.path.name, name=source.sheet, sheets=names)
    heads = [head for sheet in sheets if (head := _find_head(sheet, source, known, named)) is not None]
    if not heads:
        needed = "; ".join(" / ".join(known[name].label.vi for name in group) for group in _MUST[source.kind])
        raise TableError("programme.no_header", where=source.path.name, kind=source.kind, needed=needed or "–")
    if len(heads) > 1:
        names = ", ".join(head.sheet.name for head in heads)
        raise TableError("sheets.several_sheets", where=source.path.name, sheets=names)
    head = heads[0]
    missing = [text for text in named if text not in {spelling_key(text) for text in head.texts.values()}]
    if missing:
        found = " | ".join(head.texts.values())
        raise TableError("sheets.named_missing", where=source.path.name, name=missing[0], near="–", found=found)
    return head


def _find_head(
    sheet: Sheet, source: ProgrammeSource, known: Mapping[str, Column], named: Mapping[str, str]
) -> _Head | None:
    """Take the first row that names most columns of such a file, and all that it must have."""
    # A header such as «Loại» or «Cấp» means the programme's column where the file may hold it, else the unit's kind.
    ranked = reversed(list(known.values()))
    spellings = {spelling_key(text): column.name for column in ranked for text in column.spellings}
    grid = Grid(sheet)
    best: tuple[int, dict[str, list[int]], dict[str, float]] = (-1, {}, {})
    for r in range(min(grid.height, _LOOK_AT_ROWS)):
        found: dict[str, list[int]] = defaultdict(list)
        factors: dict[str, float] = {}
        for c, text in grid.texts(r):
            name, worth = _meaning(text, known, named, spellings)
            if name is not None:
                found[name].append(c)
                factors[name] = worth
        if len(found) > len(best[1]):
            best = (r, found, factors)
    row, found, factors = best
    if not found or any(not set(group) & set(found) for group in _MUST[source.kind]):
        return None
    for name, columns in found.items():
        filled = [c for c in columns if any(grid.text(r, c) for r in range(row + 1, grid.height))] or columns[:1]
        if len(filled) > 1:
            texts = " | ".join(grid.text(row, c) for c in filled)
            raise TableError("programme.column_twice", where=source.path.name, name=known[name].label, found=texts)
        found[name] = filled
    places = {name: found[name][0] for name in known if name in found}
    return _Head(sheet, row, places, dict(grid.texts(row)), factors)


def _meaning(
    text: str, known: Mapping[str, Column], named: Mapping[str, str], spellings: Mapping[str, str]
) -> tuple[str | None, float]:
    """Return the column that a header means, and what one unit of the file is worth in the dictionary's."""
    key = spelling_key(text)
    name = named.get(key) or spellings.get(key)
    inside = [spelling_key(part) for part in _IN_BRACKETS.findall(text)]
    bare, unit = split_unit(text)
    if name is None:
        name = spellings.get(spelling_key(_IN_BRACKETS.sub(" ", text))) or spellings.get(spelling_key(bare))
    if name is None:
        return None, 1.0
    if known[name].unit == "triệu đồng":
        return name, next((_WORTH[part] for part in inside if part in _WORTH), 1.0)
    return name, (factor(unit, known[name].unit) or 1.0) if unit and known[name].unit else 1.0


def _read(
    grid: Grid, at: list[int], c: int, column: Column, head: _Head, place: Mapping[str, str]
) -> tuple[pd.Series, list[Issue]]:
    """Read one column as the dictionary types it."""
    cells = [grid.value(r, c) for r in at]
    percents = [(r, c) in head.sheet.percents for r in at]
    reading = read_values(cells, column, percents=percents, worth=head.factors.get(column.name, 1.0))
    index = pd.Index([r + 1 for r in at], name="row", dtype="int64")
    spot = {**place, "column": head.texts[c]}
    issues = []
    for finding in reading.findings:
        row = {} if finding.at < 0 else {"row": str(at[finding.at] + 1), "value": shown(finding.value)}
        issues.append(
            Issue.of(finding.severity, finding.message_id, **{**spot, **row}, name=column.label, **finding.values)
        )
    series = pd.Series(list(reading.values), index=index, dtype=column.dtype)
    if column.type in ("number", "integer"):
        low, high = column.minimum, column.maximum
        outside = pd.Series(False, index=index)
        outside |= (series < low).fillna(value=False).astype(bool) if low is not None else False
        outside |= (series > high).fillna(value=False).astype(bool) if high is not None else False
        for row in series.index[outside]:
            words = {"minimum": _bound(low), "maximum": _bound(high), "unit": f" {column.unit}" if column.unit else ""}
            value = {"row": str(row), "value": str(series[row])}
            issues.append(Issue.of("error", "tables.out_of_range", **spot, **value, name=column.label, **words))
        series = series.mask(outside)
    return series, issues


def _bound(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"


def _days(texts: pd.Series, header: str, place: Mapping[str, str]) -> tuple[pd.Series, list[Issue]]:
    days, issues = [], []
    for row, text in texts.items():
        day = None if pd.isna(text) else _day(str(text).strip())
        if day is None and pd.notna(text):
            words = {"row": str(row), "column": header, "value": str(text)}
            issues.append(Issue.of("error", "programme.bad_date", **place, **words))
        days.append(day)
    return pd.to_datetime(pd.Series(days, index=texts.index, dtype=object)), issues


def _day(text: str) -> datetime.date | None:
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            return datetime.date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.fullmatch(text):
            return datetime.date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return None


def _sums(rows: pd.DataFrame, kind: ProgrammeKind, place: Mapping[str, str]) -> tuple[pd.DataFrame, list[Issue]]:
    """Turn rows headed *Tổng cộng* into stated totals (capital, counts); leave others out and say so."""
    names = [name for name in ("commune_name", "village_name", "project_name", "agency") if name in rows]
    heading = pd.Series(False, index=rows.index)
    for name in names:
        is_sum = rows[name].fillna("").map(lambda text: bool(TOTAL.match(text) or SUM_SUFFIX.search(text)))
        heading |= is_sum.astype(bool)
    if not heading.any():
        return rows, []
    rows = rows.copy()
    if kind == "capital":
        flag = rows["is_total"] if "is_total" in rows else pd.Series(False, index=rows.index, dtype="boolean")
        rows["is_total"] = flag.fillna(value=False) | heading.astype("boolean")
        kept = heading
    else:
        kept = heading & (rows["count"].notna() if "count" in rows else False)
    rows.loc[kept, names] = pd.NA
    dropped = rows.index[heading & ~kept]
    issues = [Issue.of("info", "programme.sum_row", **place, row=str(row)) for row in dropped]
    return rows.drop(index=dropped), issues


assert set(_MAY) == set(_MUST) == set(get_args(ProgrammeKind))
