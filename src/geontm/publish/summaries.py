"""One row per province or district: counts, sums and weighted means of its communes; a gap is never nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geontm.publish.content import measure_of
from geontm.tables import Column

__all__ = ["DISTRICT", "PROVINCE", "summary_table", "weight_of", "with_above"]

PROVINCE = ("province_code", "province_name")
_KNOWN = ("_of_known", "_known_count")
# Where a project lacks the figure that weighs a mean, another count of the same things does.
_INSTEAD = {"population": ("population_on_map", "access_people")}
DISTRICT = ("province_code", "province_name", "district_code", "district_name")


def summary_table(
    communes: pd.DataFrame, dictionary: Mapping[str, Column], *, by: Sequence[str] = PROVINCE
) -> pd.DataFrame:
    """Sum up communes by province, or by district before July 2025.

    Parameters
    ----------
    communes : DataFrame
        The published wide table: the columns ``by`` and those to sum up.
    dictionary : mapping of str to Column
        Tells what adds up (``extensive``) and what is averaged (``intensive``, by its weight).
    by : sequence of str
        ``PROVINCE`` or ``DISTRICT``.

    Returns
    -------
    DataFrame, one row per province or district, sorted by code
        ``commune_count``; for each measure ``X``, unknown where any commune lacks it, ``X_of_known`` over the communes
        that have it, and ``X_known_count``. A mean needs value and weight; an intensive column whose weight the
        project lacks is left out. A commune that weighs nothing (no road to take a share of, no inhabitant) leaves a
        mean as it is. Bounds (``X_low``, ``X_high``) are summed up as they stand, without a known part. For each yes/no
        column ``X_count``, ``X_known_count``; for ``development_region`` one count per region.
    """
    keys = [communes[name] for name in by]
    groups = communes.groupby(list(by), sort=True, dropna=False)
    parts: dict[str, pd.Series] = {"commune_count": groups.size().astype("Int64")}
    for name in communes.columns:
        column = dictionary.get(name)
        if column is None:
            continue
        if column.type == "boolean":
            parts[f"{name}_count"] = groups[name].sum().astype("Int64")
            parts[f"{name}_known_count"] = groups[name].count().astype("Int64")
        elif name == "development_region":
            for region in (1, 2, 3):
                is_region = communes[name].eq(region).fillna(False)
                parts[f"region_{region}_count"] = is_region.groupby(keys, dropna=False).sum().astype("Int64")
            parts["region_known_count"] = groups[name].count().astype("Int64")
        elif column.nature == "extensive":
            parts |= _figures(keys, name, communes[name].astype("Float64"), None)
        elif column.nature == "intensive" and (weight := weight_of(column, communes)):
            parts |= _figures(keys, name, communes[name].astype("Float64"), communes[weight].astype("Float64"))
    return pd.DataFrame(parts).reset_index()


def with_above(table: pd.DataFrame, above: Mapping[str, pd.DataFrame], unit: str) -> pd.DataFrame:
    """Put what the law says of districts or provinces beside their sums.

    A measure that comes with bounds of its own was added up over what it counts: it takes the place of the mean, and
    needs no part of known communes beside it.

    Parameters
    ----------
    table : DataFrame
        As :func:`summary_table` returns it.
    above : mapping of str to DataFrame
        :attr:`geontm.publish.content.Content.above`.
    unit : {"district", "province"}
    """
    known = above.get(unit)
    if known is None:
        return table
    own = known.reindex(table[f"{unit}_code"].to_numpy()).reset_index(drop=True)
    bounded = [name for name in own if f"{name}_low" in own]
    own = own[[name for name in map(str, own) if name not in table or measure_of(name) in bounded]]
    table = table.drop(columns=[f"{name}{end}" for name in bounded for end in _KNOWN if f"{name}{end}" in table])
    whole = table.assign(**{str(name): own[name] for name in own})
    places = {str(name): place for place, name in enumerate(whole)}
    order: list[str] = sorted(places, key=lambda name: (places.get(measure_of(name), places[name]), places[name]))
    return whole[order]


def weight_of(column: Column, communes: pd.DataFrame) -> str | None:
    """Name the column that weighs a mean in this table; None where the table has none."""
    wanted = (column.weight, *_INSTEAD.get(column.weight, ()))
    return next((name for name in wanted if name in communes.columns), None)


def _figures(keys: list[pd.Series], name: str, values: pd.Series, weights: pd.Series | None) -> dict[str, pd.Series]:
    known = values.notna() if weights is None else values.notna() & weights.notna()
    count = known.groupby(keys, dropna=False).sum().astype("Int64")
    total = (values if weights is None else values * weights).where(known).groupby(keys, dropna=False).sum(min_count=1)
    if weights is not None:
        weight = weights.where(known).groupby(keys, dropna=False).sum(min_count=1)
        total = total / weight.mask(weight == 0)
    told = known if weights is None else known | (weights == 0).fillna(False)
    complete = told.groupby(keys, dropna=False).all().astype("boolean")
    if measure_of(name) != name:
        return {name: total.where(complete)}
    return {name: total.where(complete), f"{name}_of_known": total, f"{name}_known_count": count}
