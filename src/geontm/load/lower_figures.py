"""Types the columns of long tables of villages and households; a cell is understood once for each different text."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geontm.load.cells import clean_text
from geontm.load.lower_tables import RawTable, name_rows
from geontm.load.numbers import Reading, is_number, read_values
from geontm.tables import Column, Issue, Table

__all__ = ["read_figures", "text_column"]


def text_column(raw: RawTable, name: str) -> pd.Series[str]:
    """Return a column as clean text; missing where the cell is empty or the file has no such column."""
    if name not in raw.cells:
        return pd.Series(pd.NA, index=raw.cells.index, dtype="str", name=name)
    codes, uniques = pd.factorize(raw.cells[name], use_na_sentinel=True)
    texts: list[str | None] = [_text(value) or None for value in uniques]
    return _spread(texts, codes, raw.cells.index, "str").rename(name)


def _text(value: Any) -> str:
    text = clean_text(value)
    return unicodedata.normalize("NFC", text)


def read_figures(raw: RawTable, table: Table, *, quote: bool = True) -> tuple[pd.DataFrame, list[Issue]]:
    """Type every column of ``table`` that is not text, in its dictionary type and unit.

    Parameters
    ----------
    raw : RawTable
    table : Table
    quote : bool
        Whether issues may quote cells; not where the file may hold personal data.

    Returns
    -------
    DataFrame, index of ``raw.cells``
        A cell that is empty, ``…``, cannot be read or lies outside its range is unknown, never 0; ``-`` is 0.
    list of Issue
        One error for each different cell that could not be used, with the first rows that hold it.
    """
    frame = pd.DataFrame(index=raw.cells.index)
    issues: list[Issue] = []
    for column in table:
        if column.type == "text" or column.name not in raw.cells:
            continue
        values, found = _read_column(raw, column, quote)
        frame[column.name] = values
        issues += found
    return frame, issues


def _read_column(raw: RawTable, column: Column, quote: bool) -> tuple[pd.Series[Any], list[Issue]]:
    cells, shown = raw.cells[column.name], raw.percents.get(column.name)
    if shown is None:
        codes, found = pd.factorize(cells, use_na_sentinel=True)
        uniques, flags = list(found), []
    else:  # a fraction that is shown as percent means another figure than the bare fraction
        pairs = pd.Series(list(zip(cells.tolist(), shown.tolist(), strict=True)), dtype=object)
        codes, keys = pd.factorize(pairs)
        uniques, flags = [value for value, _ in keys], [flag for _, flag in keys]
    distinct = [value if value == value else None for value in uniques]
    worth = raw.factors.get(column.name, 1.0)
    reading = read_values(distinct, column, percents=flags, worth=worth)
    values, outside = _in_range(reading, column)
    where = _Rows(raw, column, codes, distinct, quote)
    of_cells = [f for f in reading.findings if f.at >= 0 and f.severity == "error"]
    issues = [where.issue(f.severity, f.message_id, f.at, f.values) for f in of_cells]
    issues += [
        where.whole(f.message_id, f.severity, f.at) for f in reading.findings if f.at < 0 or f.severity != "error"
    ]
    for at in outside:
        bounds = {"minimum": _bound(column.minimum), "maximum": _bound(column.maximum)}
        unit = f" {column.unit}" if column.unit else ""
        issues.append(where.issue("error", "tables.out_of_range", at, {**bounds, "unit": unit}))
    if column.unit == "%" and shown is None and _like_fractions(values):
        issues.append(where.issue_of_column("warning", "sheets.fractions_for_percent"))
    if not any(value is not None for value in values):
        issues.append(where.issue_of_column("info", "sheets.empty_column"))
    return _spread(values, codes, raw.cells.index, column.dtype), issues


@dataclass(frozen=True)
class _Rows:
    """Where the different cells of a column stand, for issues."""

    raw: RawTable
    column: Column
    codes: np.ndarray[Any, np.dtype[np.intp]]
    distinct: Sequence[Any]
    quote: bool

    @property
    def at(self) -> dict[str, str]:
        return {**self.raw.place, "column": self.raw.headers[self.column.name]}

    def issue(self, severity: Any, message: str, at: int, values: Mapping[str, object]) -> Issue:
        rows = self.raw.cells.index[self.codes == at]
        cell = clean_text(self.distinct[at])[:40] if self.quote else ""
        place = {**self.at, "row": name_rows(rows), "value": cell}
        return Issue.of(severity, message, **place, name=self.column.label, **values)

    def whole(self, message: str, severity: Any, at: int) -> Issue:
        """Tell a finding about the column, with the number of its rows rather than of its different cells."""
        counted = [i for i, cell in enumerate(self.distinct) if self._counts(message, cell)]
        n = int(np.isin(self.codes, counted).sum())
        row = {} if at < 0 else {"row": name_rows(self.raw.cells.index[self.codes == at][:1])}
        return Issue.of(severity, message, **self.at, **row, name=self.column.label, n=n)

    def _counts(self, message: str, cell: Any) -> bool:
        if message == "sheets.percent_format":
            return isinstance(cell, int | float) and not isinstance(cell, bool)
        return isinstance(cell, str) and is_number(cell) and ("." in cell or "," in cell)

    def issue_of_column(self, severity: Any, message: str) -> Issue:
        return Issue.of(severity, message, **self.at, name=self.column.label)


def _in_range(reading: Reading, column: Column) -> tuple[list[Any], list[int]]:
    values, outside = list(reading.values), []
    if column.type in ("number", "integer"):
        for at, value in enumerate(values):
            if value is None:
                continue
            low = column.minimum is not None and float(value) < column.minimum
            if low or (column.maximum is not None and float(value) > column.maximum):
                values[at] = None
                outside.append(at)
    return values, outside


def _like_fractions(values: Sequence[Any]) -> bool:
    known = [float(value) for value in values if value is not None]
    return bool(known) and max(known) <= 1 and any(not value.is_integer() for value in known)


def _spread(values: Sequence[Any], codes: Any, index: pd.Index, dtype: Any) -> pd.Series[Any]:
    """Put the values of the different cells back on their rows."""
    distinct = pd.Series([*values, None], dtype=object).astype(dtype).array
    return pd.Series(distinct.take(codes), index=index)  # the code of an empty cell is -1: the last, unknown


def _bound(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"
