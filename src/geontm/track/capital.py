"""Capital by source, programme, project, unit and year: allocated, disbursed, and whether totals add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from geontm.tables import Issue
from geontm.track.shapes import finding, with_columns

__all__ = ["AMOUNTS", "DIMENSIONS", "check_capital", "sum_capital"]

AMOUNTS = ("allocated_million_vnd", "disbursed_million_vnd")
DIMENSIONS = ("programme", "capital_source", "project_name", "unit_level", "unit_code", "year")
_HALF_A_MILLION = 0.5  # documents round to whole millions at best


def _lines(capital: pd.DataFrame) -> pd.DataFrame:
    rows = with_columns(
        capital, "programme", "unit_level", "unit_code", "unit_name", "year", *AMOUNTS, "file", "row", "how"
    )
    for name in ("capital_source", "project_name"):
        rows[name] = (rows[name] if name in rows else pd.Series(pd.NA, index=rows.index)).astype("str")
    total = rows["is_total"] if "is_total" in rows else pd.Series(False, index=rows.index)
    return rows.assign(is_total=total.astype("boolean").fillna(value=False))


def sum_capital(capital: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Sum capital over everything but some dimensions.

    Parameters
    ----------
    capital : DataFrame
        ``DIMENSIONS``, ``allocated_million_vnd``, ``disbursed_million_vnd`` (million VND), ``is_total``. Stated totals
        are left out.
    by : sequence of str
        Of ``DIMENSIONS``; none: one row for all.

    Returns
    -------
    DataFrame
        ``by``, the two amounts, ``disbursed_pct`` (of the allocated), ``lines`` and how many of them lack an amount
        (``unknown_allocated``, ``unknown_disbursed``). A sum with an unknown part is unknown; so is a rate.
    """
    rows = _lines(capital)
    rows = rows[~rows["is_total"]]
    keys = [rows[name].astype(object) for name in by] or [pd.Series("", index=rows.index)]
    found = []
    for key, group in rows.groupby(keys, sort=True, dropna=False):
        amounts = [group[name].sum(skipna=False) for name in AMOUNTS]
        unknown = [int(group[name].isna().sum()) for name in AMOUNTS]
        found.append((*(key if by else ()), *amounts, len(group), *unknown))
    columns = [*by, *AMOUNTS, "lines", "unknown_allocated", "unknown_disbursed"]
    table = pd.DataFrame(found, columns=pd.Index(columns)).astype({name: "Float64" for name in AMOUNTS})
    allocated = table["allocated_million_vnd"]
    rate = table["disbursed_million_vnd"] / allocated.mask((allocated == 0).fillna(value=False)) * 100
    table.insert(len(by) + 2, "disbursed_pct", rate)
    return table


def check_capital(capital: pd.DataFrame, *, tolerance_million_vnd: float = _HALF_A_MILLION) -> tuple[Issue, ...]:
    """Report totals that their parts do not add up to, and more disbursed than allocated.

    A stated total (``is_total``) is that of all other rows of its file that agree with its filled dimensions.

    Parameters
    ----------
    capital : DataFrame
        See :func:`sum_capital`.
    tolerance_million_vnd : float
        Differences up to this much are rounding.
    """
    rows = _lines(capital)
    issues = []
    parts = rows[~rows["is_total"]]
    over = (parts["disbursed_million_vnd"] > parts["allocated_million_vnd"] + tolerance_million_vnd).fillna(value=False)
    for at in parts.index[over]:
        issues.append(finding("warning", "track.disbursed_more", parts.loc[[at]], "disbursed_million_vnd"))
    for at in rows.index[rows["is_total"]]:
        total = rows.loc[at]
        agree = pd.Series(True, index=parts.index)
        for name in (*DIMENSIONS, "file"):
            if pd.notna(total[name]):
                agree &= (parts[name] == total[name]).fillna(value=False).astype(bool)
        mine = parts[agree]
        if mine.empty:
            issues.append(finding("warning", "track.total_without_parts", rows.loc[[at]]))
            continue
        for name in AMOUNTS:
            if pd.isna(total[name]):
                continue
            added: Any = mine[name].sum(skipna=False)
            stated = float(total[name])
            if pd.isna(added):
                n = int(mine[name].isna().sum())
                issues.append(finding("info", "track.total_unchecked", rows.loc[[at]], name, n=n))
            elif abs(float(added) - stated) > tolerance_million_vnd:
                words = {"stated": stated, "added": float(added), "difference": float(added) - stated}
                issues.append(finding("error", "track.total_differs", rows.loc[[at]], name, **words))
    return tuple(issues)
