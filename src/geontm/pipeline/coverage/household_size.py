"""The mean size of a household by province: turns capacities of waterworks between households and persons."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

import geopandas as gpd
import pandas as pd

__all__ = ["household_sizes", "sizes_that_count"]


def household_sizes(figures: pd.DataFrame, provinces: pd.Series) -> dict[str, float]:
    """Take the mean size of a household of each province from the communes that tell both numbers.

    Parameters
    ----------
    figures : DataFrame, index ``commune_code``
        ``population`` (persons) and ``household_count``, where the project has them.
    provinces : Series, index ``commune_code``
        Code of the province of each commune.

    Returns
    -------
    dict of str to float
        Persons per household by ``province_code``. A province without such a commune is left out, and so is one whose
        figures come to less than one person a household: they cannot both be true.
    """
    if not {"population", "household_count"} <= set(figures):
        return {}
    both = figures[["population", "household_count"]].astype("Float64")
    both = both[(both > 0).fillna(False).all(axis=1)]
    codes = provinces.reindex(both.index)
    sizes = {
        str(code): fsum(own["population"]) / fsum(own["household_count"])
        for code, own in both.groupby(codes.to_numpy(), sort=True)
    }
    return {code: size for code, size in sizes.items() if size >= 1}


def sizes_that_count(
    sizes: Mapping[str, float] | None, works: gpd.GeoDataFrame | None, *, on_raster: bool
) -> Mapping[str, float]:
    """Return the sizes where some capacity must be turned, else none: nothing hangs on them.

    Persons are counted on a raster; of villages it may be households, so there either capacity may need it.
    """
    if not sizes or works is None:
        return {}
    persons, households = (works[name].notna() for name in ("capacity_persons", "capacity_households"))
    turned = households & ~persons if on_raster else households != persons
    return sizes if turned.any() else {}
