"""Checks the totals that a table prints against the sum of its communes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from geontm.tables import Issue, Table

__all__ = ["check_subtotals"]


def check_subtotals(
    rows: pd.DataFrame, subtotals: pd.DataFrame, indicators: Table, headers: Mapping[str, str], place: Mapping[str, str]
) -> list[Issue]:
    """Compare every total of an extensive column with its communes.

    Shares and rates do not add up and are left alone. Where communes are unknown, the known ones may not exceed the
    total. Sums of rounded figures may differ by half a unit of the last printed digit per commune.

    Parameters
    ----------
    rows, subtotals : DataFrame
        As in :class:`geontm.load.unit_tables.UnitTable`.
    indicators : Table
    headers, place : mapping
        For issues.

    Returns
    -------
    list of Issue
        A warning with both figures for each total that does not agree; for a total without communes below it, one too.
    """
    extensive = [column.name for column in indicators if column.name in rows and column.nature == "extensive"]
    groups = _groups(rows)
    issues = []
    for total in subtotals.reset_index().to_dict("records"):
        row = int(total["row"])
        members = _members(row, total, rows, subtotals, groups)
        if members is None:
            continue
        stated = {name: total[name] for name in extensive if not pd.isna(total[name])}
        at = {**place, "row": str(row)}
        if not len(members):
            if stated:
                issues.append(Issue.of("warning", "sheets.total_without_communes", **at, value=total["label"]))
            continue
        for name, value in stated.items():
            known = rows.loc[members, name].dropna()
            unknown = len(members) - len(known)
            if not len(known):
                continue
            below, slack = float(known.sum()), _slack(known, float(value))
            if abs(below - value) <= slack or (unknown and below <= value + slack):
                continue
            issues.append(
                Issue.of(
                    "warning", "sheets.total_differs", **at, column=headers[name], value=f"{value:.12g}",
                    label=total["label"], stated=value, found=below, difference=value - below, n=len(known),
                )
            )  # fmt: skip
    return issues


def _groups(rows: pd.DataFrame) -> dict[tuple[str, str], pd.Index]:
    """Return the rows under every (province, district) and (province, "")."""
    blank = pd.Series("", index=rows.index)
    province = rows["province_name"].fillna("") if "province_name" in rows else blank
    district = rows["district_name"].fillna("") if "district_name" in rows else blank
    groups = {}
    for province_name, inside in rows.index.to_series().groupby(province.to_numpy(), sort=False):
        groups[str(province_name), ""] = pd.Index(inside)
        for district_name, members in inside.groupby(district.loc[inside].to_numpy(), sort=False):
            groups[str(province_name), str(district_name)] = pd.Index(members)
    return groups


def _members(
    row: int,
    total: Mapping[Hashable, Any],
    rows: pd.DataFrame,
    subtotals: pd.DataFrame,
    groups: Mapping[tuple[str, str], pd.Index],
) -> pd.Index | None:
    """Return the communes that a total covers, or None where that cannot be told."""
    level = total["level"]
    province = _text(total, "province_name")
    if level == "province":
        return groups.get((province, ""), pd.Index([]))
    if level == "district":
        return groups.get((province, _text(total, "district_name")), pd.Index([]))
    if level != "total":
        return None
    totals = subtotals.index[subtotals["level"] == "total"]
    if len(totals) == 1 or row < rows.index.min():
        return rows.index
    # Several nameless totals: each closes the rows above it, up to the total before; the last closes the whole table.
    if row == totals[-1] and row > rows.index.max():
        before = totals[totals < row]
        since = rows.index[(rows.index > before[-1]) & (rows.index < row)]
        return since if len(since) else rows.index
    earlier = subtotals.index[subtotals.index < row]
    start = earlier[-1] if len(earlier) else 0
    since = rows.index[(rows.index > start) & (rows.index < row)]
    return since if len(since) else None


def _text(total: Mapping[Hashable, Any], name: str) -> str:
    value = total.get(name)
    return "" if value is None or pd.isna(value) else str(value)


def _slack(known: pd.Series, value: float) -> float:
    """Return how far a sum of rounded figures may lie from the rounded sum."""
    figures = np.append(known.to_numpy(dtype="float64"), value)
    if np.all(figures == np.round(figures)):
        return 1e-6
    decimals = next((k for k in range(1, 7) if np.allclose(figures, np.round(figures, k), rtol=0, atol=1e-9)), 7)
    return float(0.5 * 10.0**-decimals * (len(known) + 1) + 1e-9)
