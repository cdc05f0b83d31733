"""One row per commune: the newest value of every indicator, and every value with its year and its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from geontm.join.match import Match
from geontm.join.scopes import texts
from geontm.tables import Column, Issue, Table

__all__ = ["LONG_COLUMNS", "Joined", "MatchedTable", "one_row_per_commune"]

LONG_COLUMNS = ("commune_code", "indicator", "year", "value", "unit", "source_file", "how")


@dataclass(frozen=True)
class MatchedTable:
    """A table and the unit of each of its rows.

    Attributes
    ----------
    rows : DataFrame
        Columns named and typed after the dictionary; with ``year`` each row stands for its own year.
    match : Match
    date : date or None
        The day the table stands for.
    file, sheet : str
    """

    rows: pd.DataFrame
    match: Match
    date: date | None = None
    file: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Joined:
    """The indicators of the communes.

    Attributes
    ----------
    wide : DataFrame, index ``commune_code`` of the units, in their order
        One column for each indicator that any table has, in the order and with the types of the dictionary: the newest
        known value not after ``as_of``. Missing is unknown.
    long : DataFrame
        ``commune_code, indicator, year, value, unit, source_file, how``: every known value; ``year`` is missing where a
        table has no date, ``how`` tells by what the row was joined.
    issues : tuple of Issue
    """

    wide: pd.DataFrame
    long: pd.DataFrame
    issues: tuple[Issue, ...]


def one_row_per_commune(
    units: pd.DataFrame, tables: Sequence[MatchedTable], indicators: Table, *, as_of: date
) -> Joined:
    """Put the values of all tables on their communes.

    Of several values for one commune and indicator the newest not after ``as_of`` counts: the later year, then the
    later day of the table; a value without a date comes before all others. Where two of one day differ, neither
    counts: the order of files decides nothing.

    Parameters
    ----------
    units : DataFrame, n rows, index ``commune_code``
    tables : sequence of MatchedTable
    indicators : Table
        The column dictionary; columns that it does not know are left out.
    as_of : date
        Values of a later day or year stay in the long table and do not count.
    """
    values = pd.concat([_values(table, indicators) for table in tables] or [_empty()], ignore_index=True)
    late = (values["day"] > pd.Timestamp(as_of)) | (values["year"] > as_of.year).fillna(value=False)
    issues = _late_issues(values[late], as_of)
    usable = values[~late]
    newest = usable[usable["moment"] == usable.groupby(["commune_code", "indicator"])["moment"].transform("max")]
    chosen, conflicts = _agreeing(newest, indicators)
    present = [c.name for c in indicators if any(c.name in table.rows.columns for table in tables)]
    columns = {name: _column(chosen[chosen["indicator"] == name], units.index, indicators[name]) for name in present}
    wide = pd.DataFrame(columns, index=units.index)
    long = values.sort_values(["commune_code", "order", "year", "source_file", "sheet"], kind="stable")
    long = long[list(LONG_COLUMNS)].reset_index(drop=True)
    return Joined(wide, long, (*issues, *conflicts, *_older(usable, chosen, indicators)))


def _column(chosen: pd.DataFrame, index: pd.Index, column: Column) -> pd.Series:
    known = dict(zip(chosen["commune_code"], chosen["value"], strict=True))
    return pd.Series([known.get(str(code)) for code in index], index=index, dtype="object").astype(column.dtype)


def _empty() -> pd.DataFrame:
    columns = [*LONG_COLUMNS, "day", "moment", "order", "sheet", "row"]
    frame = pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    types = {"year": "Int64", "day": "datetime64[s]", "moment": "Int64", "order": "int64"}
    return frame.astype(types)


def _values(table: MatchedTable, indicators: Table) -> pd.DataFrame:
    """Return the known values of one table, long; ``moment`` grows with time, 0 where no date is known."""
    rows, codes = table.rows, table.match.codes
    years = [int(float(text)) if text else None for text in texts(rows, "year")]
    own_year = table.date.year if table.date else None
    parts = [_empty()]
    for order, column in enumerate(indicators):
        if column.name not in rows.columns:
            continue
        part = pd.DataFrame(
            {
                "commune_code": codes.array,
                "indicator": column.name,
                "year": pd.array([own_year if year is None else year for year in years], dtype="Int64"),
                "value": rows[column.name].astype(column.dtype).astype(object).array,
                "unit": column.unit,
                "source_file": table.file,
                "how": table.match.how.array,
                "day": [pd.Timestamp(table.date) if table.date and year is None else pd.NaT for year in years],
                "order": order,
                "sheet": table.sheet,
                "row": [str(label) for label in rows.index],
            }
        )
        day_of_year = table.date.timetuple().tm_yday if table.date else 0
        part["moment"] = (part["year"] * 1000 + day_of_year).fillna(0).astype("Int64")
        parts.append(part[part["commune_code"].notna() & part["value"].notna()].astype(_empty().dtypes.to_dict()))
    return pd.concat(parts, ignore_index=True)


def _agreeing(newest: pd.DataFrame, indicators: Table) -> tuple[pd.DataFrame, list[Issue]]:
    """Return one value for each commune and indicator; where the newest differ, none and an error."""
    if newest.empty:
        return newest, []
    keys = ["commune_code", "indicator"]
    distinct = newest.drop_duplicates([*keys, "value"])
    disputed = distinct[distinct.duplicated(keys, keep=False)]
    differs = pd.MultiIndex.from_frame(newest[keys]).isin(pd.MultiIndex.from_frame(disputed[keys]))
    issues = [
        Issue.of(
            "error",
            "join.values_differ",
            file=", ".join(sorted(set(group["source_file"]))),
            row=", ".join(group.sort_values(["source_file", "sheet"])["row"]),
            column=name,
            value="; ".join(sorted(map(str, group["value"]))),
            code=code,
            name=indicators[str(name)].label,
        )
        for (code, name), group in newest[differs].groupby(keys)
    ]
    return newest[~differs].drop_duplicates(keys), issues


def _late_issues(late: pd.DataFrame, as_of: date) -> list[Issue]:
    return [
        Issue.of("warning", "join.later_than_as_of", file=file, sheet=sheet, column=name, n=len(group), as_of=as_of)
        for (file, sheet, name), group in late.groupby(["source_file", "sheet", "indicator"])
    ]


def _older(usable: pd.DataFrame, chosen: pd.DataFrame, indicators: Table) -> list[Issue]:
    """Say where the newest figures leave communes out, so that an older one stands in for them."""
    newest = usable.groupby("indicator")["year"].max().to_dict()
    counts: dict[tuple[str, int], int] = {}
    for name, year in zip(chosen["indicator"], chosen["year"], strict=True):
        if pd.notna(year) and year < newest[name]:
            counts[name, int(year)] = counts.get((name, int(year)), 0) + 1
    return [
        Issue.of(
            "info", "join.older_value", column=name, name=indicators[name].label, n=n, year=newest[name], older=year
        )
        for (name, year), n in sorted(counts.items())
    ]
