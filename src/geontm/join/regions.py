"""The region of a commune, from its province, where the project's tables do not give it."""

from __future__ import annotations

import pandas as pd

from geontm.tables import Issue

__all__ = ["region_of_province"]


def region_of_province(
    units: pd.DataFrame, given: pd.DataFrame, regions: pd.Series
) -> tuple[pd.DataFrame, list[Issue]]:
    """Fill in the region of each unit from the province that it lies in.

    Parameters
    ----------
    units : DataFrame, n rows, index ``commune_code``
        ``province_code`` of the time of ``regions``.
    given : DataFrame, n rows, same index
        The project's indicators; a ``region`` in it stays as it is.
    regions : Series of str, index ``province_code``
        Region of each province.

    Returns
    -------
    region : DataFrame, n rows, index of ``units``
        ``region``; unknown where neither the project nor the province tells. No column where nothing is known.
    issues : list of Issue
        One note that says how many were filled in.
    """
    own = given["region"] if "region" in given else pd.Series(pd.NA, index=units.index, dtype="str")
    known = own.astype("str")
    from_province = units["province_code"].map(regions).astype("str")
    filled = int((known.isna() & from_province.notna()).sum())
    region = known.fillna(from_province)
    if not region.notna().any():
        return pd.DataFrame(index=units.index), []
    note = [Issue.of("info", "join.region_filled", column="region", n=filled)] if filled else []
    return pd.DataFrame({"region": region}), note
