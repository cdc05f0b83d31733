"""The years of a column: what it was in each of them, for maps that go through time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
    year_of, years = pd.factorize(rows["year"].to_numpy(dtype="int64"), sort=True)
    if len(years) < 2:
        return None
    codes = content.units.index.sort_values()
    places = pd.Index(codes.to_numpy(dtype=object)).get_indexer(pd.Index(rows["commune_code"].to_numpy(dtype=object)))
    cells = pd.Series(places * len(years) + year_of)
    last = ((places >= 0) & ~cells.duplicated(keep="last")).to_numpy()
    values = np.full((len(codes), len(years)), np.nan)
    found = rows["value"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    values[places[last], year_of[last]] = found[last]
    table = {int(year): as_shown(name, _known(values[:, k], codes)) for k, year in enumerate(years)}
    return pd.DataFrame(table, index=codes)


def _known(values: NDArray[np.float64], index: pd.Index) -> pd.Series:
    """Return numbers in a nullable column, NaN as unknown."""
    return pd.Series(pd.arrays.FloatingArray(values.copy(), np.isnan(values)), index=index)


def as_shown(name: str, values: pd.Series) -> pd.Series:
    """Return values as they are shown: shares (0 to 1 in tables) in percent."""
    return values.astype("Float64") * 100 if is_share(name) else values


def is_share(name: str) -> bool:
    """Whether a column, or what it bounds, holds shares from 0 to 1."""
    return measure_of(name).endswith("_share")
