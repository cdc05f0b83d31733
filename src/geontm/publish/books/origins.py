"""Where the figures of each column come from: files, years, and how they were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from geontm.publish.content import Content, measure_of

__all__ = ["Behind", "behind_columns"]


@dataclass(frozen=True)
class Source:
    """Behind one column: years of the figures shown, all years known, files, and whether they were measured."""

    shown: tuple[int, ...]
    known: tuple[int, ...]
    files: tuple[str, ...]
    measured: bool


@dataclass(frozen=True)
class Behind:
    """Sources by column of the long table of indicators."""

    sources: Mapping[str, Source]

    def of(self, name: str) -> Source | None:
        """Return what is behind a column; None where it was derived from others."""
        return self.sources.get(measure_of(name))

    def years(self, name: str) -> str:
        """Write the years of the figures shown; empty for measures, which have the age of their layers."""
        source = self.of(name)
        return "" if source is None or source.measured else span(source.shown)


def span(years: tuple[int, ...]) -> str:
    """Write years as one, or as the first and the last."""
    if not years:
        return ""
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"


def behind_columns(content: Content) -> Behind:
    """Find the sources of every indicator: for each unit the newest row not after ``as_of`` is the one shown."""
    rows = content.indicators
    if not len(rows) or "indicator" not in rows:
        return Behind({})
    rows = rows[rows["value"].notna()]
    shown = rows[rows["year"].isna() | (rows["year"] <= content.as_of.year)]
    shown = shown.sort_values(["indicator", "commune_code", "year"], kind="stable")
    shown = shown.drop_duplicates(["indicator", "commune_code"], keep="last")
    known = rows.groupby("indicator")["year"]
    years = {str(name): _years(each) for name, each in known}
    sources = {}
    for name, table in shown.groupby("indicator", sort=True):
        files = tuple(sorted({str(file) for file in table["source_file"].dropna()}))
        measured = "how" in table and bool(table["how"].eq("measured").all())
        sources[str(name)] = Source(_years(table["year"]), years[str(name)], files, measured)
    return Behind(sources)


def _years(column: pd.Series) -> tuple[int, ...]:
    return tuple(sorted({int(year) for year in column.dropna().unique()}))
