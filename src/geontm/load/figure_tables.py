"""Reads the plain tables of the project section ``figures:``: texts as they stand, one header row, nothing guessed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from geontm.errors import TableError
from geontm.load.books import Value
from geontm.load.unicode_books import read_unicode_book
from geontm.tables import Issue

__all__ = ["FigureFiles", "FiguresSource", "TextTableSource", "read_figure_files", "read_text_table"]

GIVEN = (("key", "value", "unit", "as_of"), ("how", "source", "note", "bound", "rounded_to"))
RECIPES = (
    ("key", "recipe"),
    ("of", "table", "where", "column", "unit", "as_of", "decimals", "note"),
)
CONTRADICTIONS = (
    ("key", "statement_a_vi", "statement_a_en", "statement_b_vi", "statement_b_en"),
    ("left", "right", "relation", "explanation_vi", "explanation_en", "source"),
)


@dataclass(frozen=True)
class TextTableSource:
    """A plain table that recipes may count on; ``illustrative`` marks one whose rows are constructed."""

    path: Path
    sheet: str | None = None
    illustrative: bool = False
    document: str = ""


@dataclass(frozen=True)
class FiguresSource:
    """The files of the section ``figures:``."""

    given: tuple[Path, ...] = ()
    recipes: tuple[Path, ...] = ()
    contradictions: tuple[Path, ...] = ()
    tables: Mapping[str, TextTableSource] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file named, in a fixed order."""
        tables = tuple(self.tables[name].path for name in sorted(self.tables))
        return (*self.given, *self.recipes, *self.contradictions, *tables)


@dataclass(frozen=True)
class FigureFiles:
    """What the files hold: frames of text, index ``row`` as a spreadsheet counts, an empty cell missing.

    ``given``, ``recipes`` and ``contradictions`` carry the file's name in the column ``file``.
    """

    given: pd.DataFrame
    recipes: pd.DataFrame
    contradictions: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    issues: tuple[Issue, ...] = ()


def read_figure_files(source: FiguresSource) -> FigureFiles:
    """Read the files of the section ``figures:``.

    Raises
    ------
    SourceError
        A file cannot be read.
    TableError
        A column is missing, unknown, or named twice.
    """
    tables = {name: read_text_table(entry.path, sheet=entry.sheet) for name, entry in source.tables.items()}
    return FigureFiles(
        given=_together(source.given, GIVEN),
        recipes=_together(source.recipes, RECIPES),
        contradictions=_together(source.contradictions, CONTRADICTIONS),
        tables=tables,
    )


def _together(paths: Sequence[Path], columns: tuple[tuple[str, ...], tuple[str, ...]]) -> pd.DataFrame:
    required, optional = columns
    frames = [
        read_text_table(path, required=required, known=(*required, *optional)).assign(file=path.name) for path in paths
    ]
    empty = pd.DataFrame(columns=pd.Index([*required, *optional, "file"]), dtype="str")
    if not frames:
        return empty
    whole = pd.concat(frames).reindex(columns=empty.columns)
    return whole.astype("str").where(whole.notna())


def read_text_table(
    path: Path, *, sheet: str | None = None, required: Sequence[str] = (), known: Sequence[str] = ()
) -> pd.DataFrame:
    """Read a table whose first row is its header; lines that begin with ``#`` are remarks.

    Parameters
    ----------
    path : Path
        Delimited text or a workbook.
    sheet : str, optional
        Sheet of a workbook; the first one where nothing is said.
    required : sequence of str
        Columns that must be there.
    known : sequence of str
        The only columns allowed; any when empty.

    Returns
    -------
    DataFrame of str, index ``row`` (from 1, as the spreadsheet counts)
        An empty cell is missing. Rows without any cell are left out.
    """
    book = read_unicode_book(path)
    found = next((entry for entry in book.sheets if sheet is None or entry.name == sheet), None)
    if found is None:
        raise TableError("figures.no_sheet", where=path, sheet=sheet, names=", ".join(s.name for s in book.sheets))
    numbered = [
        (number, [_text(cell) for cell in cells])
        for number, cells in enumerate(found.rows, start=1)
        if any(_text(cell) for cell in cells) and not (_text(cells[0]) or "").startswith("#")
    ]
    if not numbered:
        raise TableError("figures.empty_file", where=path, file=path.name)
    header = [name or "" for name in numbered[0][1]]
    while header and not header[-1]:
        header.pop()
    _require_header(header, path, required=required, known=known)
    rows = [cells[: len(header)] + [None] * (len(header) - len(cells)) for _, cells in numbered[1:]]
    index = pd.Index([number for number, _ in numbered[1:]], name="row", dtype="int64")
    cells = pd.DataFrame(rows, columns=pd.Index(header), index=index, dtype="object")
    return cells.astype("str").where(cells.notna())


def _require_header(header: Sequence[str], path: Path, *, required: Sequence[str], known: Sequence[str]) -> None:
    for name in required:
        if name not in header:
            raise TableError("figures.column_missing", where=path, column=name, found=", ".join(header))
    for name in header:
        if not name or header.count(name) > 1:
            raise TableError("figures.column_twice", where=path, column=name)
        if known and name not in known:
            raise TableError("figures.column_unknown", where=path, column=name, known=", ".join(known))


def _text(cell: Value) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    text = str(cell).strip()
    return text or None
