"""Totals that stay live: each formula with the value that it gives, so that a reader without a calculator sees it too.

What is unknown adds nothing: a sum is that of the units with a figure, a mean that of those with a figure and its
weight, and beside it stands how many they are. Where no unit has one, the total is unknown as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geontm.publish.books.book import GAP
from geontm.publish.books.shown import Shown

__all__ = ["REGIONS", "Total", "count_known", "known_where", "total_of", "total_where"]

REGIONS = ("III", "II", "I")


@dataclass(frozen=True)
class Total:
    """A formula and its value."""

    formula: str
    value: float | int | str


def total_of(column: Shown, ranges: Mapping[str, str], weights: Mapping[str, pd.Series], yes: str) -> Total | None:
    """Total a column over all its rows; None where nothing can be added up or averaged.

    Parameters
    ----------
    ranges : mapping of str to str
        Address of the cells of each column.
    weights : mapping of str to Series
        Values of each column.
    yes : str
        What a cell says for yes.
    """
    cells = ranges[column.name]
    if column.kind == "answer":
        return Total(
            f'=IF(COUNTIF({cells},"{GAP}")=ROWS({cells}),"{GAP}",COUNTIF({cells},"{yes}"))', _count_yes(column.figures)
        )
    if column.kind == "region":
        counts = '&"; "&'.join(f'"{region}: "&COUNTIF({cells},"{region}")' for region in REGIONS)
        told = "; ".join(f"{region}: {sum(cell == region for cell in column.cells)}" for region in REGIONS)
        value = told if any(cell != GAP for cell in column.cells) else GAP
        return Total(f'=IF(COUNTIF({cells},"{GAP}")=ROWS({cells}),"{GAP}",{counts})', value)
    if column.nature == "extensive":
        return Total(f'=IF(COUNT({cells})=0,"{GAP}",SUM({cells}))', _sum(column.figures))
    if column.weight:
        by = ranges[column.weight]
        weight = f"SUMPRODUCT(--ISNUMBER({cells}),{by})"
        formula = f'=IF({weight}=0,"{GAP}",SUMPRODUCT({cells},{by})/{weight})'
        return Total(formula, _mean(column.figures, weights[column.weight]))
    return None


def count_known(column: Shown, ranges: Mapping[str, str], weights: Mapping[str, pd.Series]) -> Total:
    """Count the units that a total speaks of: those with a figure, or an answer; of a mean, with its weight too."""
    cells = ranges[column.name]
    if column.weight:
        by = ranges[column.weight]
        return Total(f"=SUMPRODUCT(ISNUMBER({cells})*ISNUMBER({by}))", int(_weighed(column, weights).sum()))
    if column.kind in ("number", "integer"):
        return Total(f"=COUNT({cells})", int(column.figures.notna().sum()))
    formula = f'=ROWS({cells})-COUNTIF({cells},"{GAP}")'
    return Total(formula, sum(cell != GAP for cell in column.cells))


def total_where(
    column: Shown, ranges: Mapping[str, str], weights: Mapping[str, pd.Series], *, here: str, rows: pd.Series, word: str
) -> Total | None:
    """Total a column over some of its rows.

    Parameters
    ----------
    here : str
        The condition of a row as a formula: ``('Xã'!$A$1:$A$9=$A5)``.
    rows : Series of bool
        The same rows.
    word : str
        What cells say that are counted: yes, or a region.
    """
    cells, values = ranges[column.name], column.figures[rows]
    if column.kind in ("answer", "region"):
        known = f'SUMPRODUCT({here}*({cells}<>"{GAP}"))'
        mine = [cell for cell, chosen in zip(column.cells, rows, strict=True) if chosen]
        count: int | str = sum(cell == word for cell in mine) if any(cell != GAP for cell in mine) else GAP
        return Total(f'=IF({known}=0,"{GAP}",SUMPRODUCT({here}*({cells}="{word}")))', count)
    if column.nature == "extensive":
        known = f"SUMPRODUCT({here}*ISNUMBER({cells}))"
        return Total(f'=IF({known}=0,"{GAP}",SUMPRODUCT(--{here},{cells}))', _sum(values))
    if column.weight:
        by = ranges[column.weight]
        weight = f"SUMPRODUCT(--{here},--ISNUMBER({cells}),{by})"
        formula = f'=IF({weight}=0,"{GAP}",SUMPRODUCT(--{here},{cells},{by})/{weight})'
        return Total(formula, _mean(values, weights[column.weight][rows]))
    return None


def known_where(
    column: Shown, ranges: Mapping[str, str], weights: Mapping[str, pd.Series], *, here: str, rows: pd.Series
) -> Total:
    """Count the units that a total over some rows speaks of, as :func:`count_known` does."""
    cells = ranges[column.name]
    if column.weight:
        formula = f"=SUMPRODUCT({here}*ISNUMBER({cells})*ISNUMBER({ranges[column.weight]}))"
        return Total(formula, int((_weighed(column, weights) & rows).sum()))
    if column.kind in ("number", "integer"):
        return Total(f"=SUMPRODUCT({here}*ISNUMBER({cells}))", int(column.figures[rows].notna().sum()))
    known = sum(cell != GAP for cell, chosen in zip(column.cells, rows, strict=True) if chosen)
    return Total(f'=SUMPRODUCT({here}*({cells}<>"{GAP}"))', known)


def _weighed(column: Shown, weights: Mapping[str, pd.Series]) -> pd.Series:
    return column.figures.notna() & weights[column.weight].notna()


def _count_yes(values: pd.Series) -> int | str:
    return int(values.sum()) if values.notna().any() else GAP


def _sum(values: pd.Series) -> float | str:
    return float(values.sum()) if values.notna().any() else GAP


def _mean(values: pd.Series, weights: pd.Series) -> float | str:
    values, weights = values.astype("Float64"), weights.astype("Float64")
    known = values.notna() & weights.notna()
    weight: Any = weights[known].sum()
    return float((values[known] * weights[known]).sum() / weight) if weight else GAP
