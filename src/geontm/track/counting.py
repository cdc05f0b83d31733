"""Counts units that documents name and units that they only count, so that none is counted twice."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from geontm.tables import Issue
from geontm.track.shapes import finding, with_columns

__all__ = ["Count", "Size", "baseline_size", "count_by_year", "list_sizes"]


@dataclass(frozen=True)
class Count:
    """Units by year; a year whose count is unknown is there with None."""

    by_year: Mapping[int, int | None] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        """The years of which something is told."""
        return sorted(self.by_year)


@dataclass(frozen=True)
class Size:
    """How many units a list holds: ``named`` ones of the day, ``unnamed`` ones, and the ``total`` (None: unknown)."""

    named: int = 0
    unnamed: int = 0
    total: int | None = None


def count_by_year(rows: pd.DataFrame, unit_years: pd.Series, kind: str) -> tuple[Count, list[Issue]]:
    """Count units by year from named and from counted rows.

    A counted row beside named ones of its year is the total that the document prints: the named units are part of it.
    Totals of districts or provinces (rows with ``area``) are added up where no total of the whole is printed.

    Parameters
    ----------
    rows : DataFrame
        ``unit_code, count, year, area``; a row with neither code nor count makes its year unknown.
    unit_years : Series
        The year of each named unit of the day, as :func:`geontm.track.compare` finds it.
    kind : {"plan", "actual"}
        Named in the issues.
    """
    rows = with_columns(rows, "area")
    was = rows["was_code"] if "was_code" in rows else rows["unit_code"]
    named_before = was[rows["unit_code"].notna()].groupby(rows["year"]).nunique()
    named_now = unit_years.dropna().value_counts()
    counts: dict[int, int | None] = dict(zip(map(int, named_now.index), map(int, named_now), strict=True))
    issues: list[Issue] = []
    printed = rows[rows["unit_code"].isna() & rows["year"].notna()]
    for year, of_year in printed.groupby("year", sort=True):
        stated, found = _stated(of_year)
        issues += found
        before, now = int(named_before.get(year, 0)), int(named_now.get(year, 0))
        at = int(of_year["year"].iloc[0])
        if stated is None:
            counts[at] = None
        elif stated < before:
            message = "track.plan_named_more" if kind == "plan" else "track.actual_named_more"
            issues.append(finding("error", message, of_year, "count", n=before, stated=stated, year=at))
            counts[at] = now
        else:
            counts[at] = now + stated - before
    return Count(counts), issues


def _stated(rows: pd.DataFrame) -> tuple[int | None, list[Issue]]:
    """Return the total that counted rows of one year print, None where it is unknown or printed in two ways."""
    whole, areas = rows[rows["area"].isna()], rows[rows["area"].notna()]
    values = whole["count"].unique()
    if len(values) > 1:
        return None, [finding("error", "track.count_twice", whole, "count", values=", ".join(map(str, values)))]
    twice = areas[areas.duplicated("area", keep=False)]
    if len(twice) and len(twice.drop_duplicates(["area", "count"])) > twice["area"].nunique():
        return None, [finding("error", "track.count_twice", twice, "count", values=", ".join(map(str, twice["count"])))]
    parts = areas.drop_duplicates("area")["count"]
    added = None if parts.isna().any() else int(parts.sum())
    if not len(values):
        return added, []
    total = None if pd.isna(values[0]) else int(values[0])
    if len(parts) and total is not None and added is not None and added > total:
        return total, [finding("error", "track.areas_more", areas, "count", n=added, stated=total)]
    return total, []


def baseline_size(baseline: pd.DataFrame) -> tuple[Size, list[Issue]]:
    """Return how many units a baseline holds on the units of the day.

    Parameters
    ----------
    baseline : DataFrame
        ``unit_code, count, date, area`` and, where units merged, ``was_code`` and ``carried_on``. Of counted rows of
        several days the newest stands; where it is of before the mergers, units without name are taken as unmerged.
    """
    rows = with_columns(baseline, "unit_code", "count", "date", "area", "file", "row", "unit_name")
    named = rows[rows["unit_code"].notna()]
    now = named["unit_code"].nunique()
    before = (named["was_code"] if "was_code" in named else named["unit_code"]).nunique()
    printed = rows[rows["unit_code"].isna()]
    if printed.empty:
        return Size(now, 0, now if len(named) else None), []
    newest = printed[(printed["date"] == printed["date"].max()) | printed["date"].isna().all()]
    stated, issues = _stated(newest)
    if stated is None:
        return Size(now, 0, None), issues
    merged_on = named["carried_on"].max() if "carried_on" in named else pd.NaT
    after = pd.notna(merged_on) and newest["date"].max() >= merged_on
    there = now if after else before
    if stated < there:
        issues.append(finding("error", "track.baseline_named_more", newest, "count", n=there, stated=stated))
        return Size(now, 0, now), issues
    if named.empty or stated == there:
        return Size(now, stated - there, now + stated - there), issues
    issues.append(finding("info", "track.baseline_unnamed", newest, "count", n=there, stated=stated))
    return Size(now, stated - there, now + stated - there), issues


def list_sizes(baseline: pd.DataFrame, *, as_of: datetime.date) -> pd.DataFrame:
    """Tell how many units the lists held before and after the mergers.

    Returns
    -------
    DataFrame
        ``programme, unit_level, date, count, how, source``: what documents print (``given``), the named units of the
        list as given and on the units of the day (``derived``). The two are never added.
    """
    rows = with_columns(baseline, "programme", "unit_level", "unit_code", "count", "date", "document", "how", "area")
    rows["programme"] = rows["programme"].fillna("")
    found: list[tuple[Any, ...]] = []
    row: Any
    for (programme, level), group in rows.groupby(["programme", "unit_level"], sort=True):
        printed = group[group["unit_code"].isna() & group["area"].isna()]
        for row in printed.drop_duplicates(["date", "count"]).sort_values("date").itertuples():
            found.append(
                (programme, level, row.date, row.count, row.how if pd.notna(row.how) else "given", row.document)
            )
        named = group[group["unit_code"].notna()]
        if named.empty:
            continue
        papers = "; ".join(sorted(set(named["document"].dropna())))
        how = "constructed" if (named["how"] == "constructed").any() else "derived"
        was = named["was_code"] if "was_code" in named else named["unit_code"]
        found.append((programme, level, named["date"].max(), was.nunique(), how, papers))
        if "carried_on" in named and named["carried_on"].notna().any():
            found.append((programme, level, pd.Timestamp(as_of), named["unit_code"].nunique(), how, papers))
    table = pd.DataFrame(found, columns=pd.Index(["programme", "unit_level", "date", "count", "how", "source"]))
    return (
        table.astype({"count": "Int64"}).assign(date=pd.to_datetime(table["date"])).drop_duplicates(ignore_index=True)
    )
