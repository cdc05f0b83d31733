"""Types the figures of a table by the dictionary, one column at a time; what cannot be read or believed is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geontm.load.cells import shown
from geontm.load.header import Grid
from geontm.load.meanings import Meanings
from geontm.load.numbers import read_values
from geontm.tables import Column, Issue, Table
from geontm.tables.columns import spelling_key

__all__ = ["read_columns"]


def read_columns(
    grid: Grid, meanings: Meanings, rows: Sequence[int], indicators: Table, place: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Issue]]:
    """Read every recognised indicator of the given rows.

    Returns
    -------
    DataFrame, index ``row`` (as the spreadsheet counts, from 1)
        Columns in the order of the dictionary, in its types and units; unknown is missing.
    list of Issue
        An error for every cell that could not be read or lies outside its range, warnings for what is doubtful.
    """
    index = pd.Index([r + 1 for r in rows], name="row", dtype="int64")
    frame = pd.DataFrame(index=index)
    issues: list[Issue] = []
    for column in indicators:
        if column.name not in meanings.columns:
            continue
        values, found = _read_column(grid, meanings, rows, column, place)
        series = pd.Series(values, index=index, dtype=column.dtype)
        broken = indicators.failures(series.to_frame(column.name), **place) if len(series) else []
        header = meanings.headers[column.name]
        for issue in broken:
            series = series.mask(series.index == int(issue.row))
            found.append(Issue(issue.severity, issue.message, issue.file, issue.sheet, issue.row, header, issue.value))
        issues += found
        frame[column.name] = series
    return frame, issues


def _read_column(
    grid: Grid, meanings: Meanings, rows: Sequence[int], column: Column, place: Mapping[str, str]
) -> tuple[list[object], list[Issue]]:
    c, header = meanings.columns[column.name], meanings.headers[column.name]
    cells = [grid.value(r, c) for r in rows]
    reading = read_values(
        cells,
        column,
        percents=[(r, c) in grid.sheet.percents for r in rows],
        worth=meanings.factors.get(column.name, 1.0),
    )
    at = {**place, "column": header}
    issues = []
    for finding in reading.findings:
        row = {} if finding.at < 0 else {"row": str(rows[finding.at] + 1), "value": shown(finding.value)}
        issues.append(
            Issue.of(finding.severity, finding.message_id, **{**at, **row}, name=column.label, **finding.values)
        )
    values: list[object] = list(reading.values)
    if (
        column.unit == "%"
        and _looks_like_share(values)
        and not any(f.message_id == "sheets.percent_format" for f in reading.findings)
    ):
        if {"share"} & set(spelling_key(header).split()):
            values = [None if value is None else round(float(value) * 100, 12) for value in values]  # type: ignore[arg-type]
            issues.append(Issue.of("info", "sheets.share_to_percent", **at, name=column.label))
        else:
            issues.append(Issue.of("warning", "sheets.fractions_for_percent", **at, name=column.label))
    if rows and all(value is None for value in values):
        issues.append(Issue.of("info", "sheets.empty_column", **at, name=column.label))
    return values, issues


def _looks_like_share(values: Sequence[object]) -> bool:
    """Tell whether percents seem to be written as fractions: none over 1, and not only zeros and ones."""
    known = [float(value) for value in values if value is not None]  # type: ignore[arg-type]
    return bool(known) and max(known) <= 1 and any(not value.is_integer() for value in known)
