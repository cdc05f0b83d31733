"""The land border taken from a table of facts, for units whose outlines cannot be measured."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from geontm.tables import Issue

__all__ = ["border_from_facts"]


def border_from_facts(
    facts: pd.DataFrame, units: pd.DataFrame, *, known: Collection[str], file: str = ""
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Take the border from a table that names every border commune; a commune that it leaves out has no border.

    Parameters
    ----------
    facts : DataFrame, m rows, index ``commune_code``
        ``border_km`` (km, numbers or text) and ``border_neighbours``; it may name communes of other provinces.
    units : DataFrame, n rows, index ``commune_code``
    known : collection of str
        Every code of the time, of any province; empty where no list is known.
    file : str
        Named in the issues.

    Returns
    -------
    DataFrame, n rows, index of ``units``
        ``is_border``, ``border_km`` (0 where there is none) and ``border_neighbours``. A commune that is named without
        a length has a border of unknown length; one named with 0 km has none.
    tuple of Issue
        An error for each length that is no number above or at 0, and for each code that no commune of the time has.
    """
    km = pd.to_numeric(facts["border_km"], errors="coerce").astype("Float64")
    km = km.mask((km < 0).fillna(False) | (km == float("inf")).fillna(False))
    place = {"file": file}
    issues = [
        Issue.of("error", "cover.facts_length", **place, column="border_km", value=f"{code}: {value}")
        for code, value in facts.loc[km.isna() & facts["border_km"].notna(), "border_km"].items()
    ]
    if len(known):
        issues += [
            Issue.of("error", "cover.facts_unknown_code", **place, column="commune_code", value=code)
            for code in facts.index.difference([*known, *units.index])
        ]
    named = units.index.isin(facts.index)
    lengths = km.reindex(units.index).mask(~named, 0.0)
    table = pd.DataFrame(
        {
            "is_border": (lengths > 0).fillna(True).astype("boolean"),
            "border_km": lengths,
            "border_neighbours": facts["border_neighbours"].reindex(units.index).astype("str").mask(~named, ""),
        },
        index=units.index,
    )
    return table, tuple(issues)
