"""The years of a column: what it was in each of them, for maps that go through time."""

from __future__ import annotations

import pandas as pd

from geontm.publish.content import Content, measure_of
from geontm.publish.offered import column_of

__all__ = ["as_shown", "is_share", "series_of"]


def series_of(content: Content, name: str) -> pd.DataFrame | None:
    """Return what a column was in each year up to the day of the project, where that is two years or more.

    Parameters
    ----------
    content : Content
    name : str
        Column of the wide table.

    Returns
    -------
    DataFrame, n rows, index of ``units`` sorted by code, or None
        A column per year (int, ascending), as shown; missing is unknown, never carried over from another year. Several
        rows of one year: the last of the table, which is how the wide table reads them.
    """
    rows = content.figures_by_name.get(name)
    if rows is None or column_of(content, name).type not in ("number", "integer"):
        return None
    rows = rows[rows["year"].notna()]
    if rows["year"].nunique() < 2:
        return None
    rows = rows.drop_duplicates(["commune_code", "year"], keep="last")
    codes = content.units.sort_index().index
    table = {}
    for year in sorted({int(year) for year in rows["year"]}):
        mine = rows[rows["year"] == year].set_index("commune_code")["value"]
        table[year] = as_shown(name, mine.astype("Float64").reindex(codes))
    return pd.DataFrame(table, index=codes)


def as_shown(name: str, values: pd.Series) -> pd.Series:
    """Return values as they are shown: shares (0 to 1 in tables) in percent."""
    return values.astype("Float64") * 100 if is_share(name) else values


def is_share(name: str) -> bool:
    """Whether a column, or what it bounds, holds shares from 0 to 1."""
    return measure_of(name).endswith("_share")
