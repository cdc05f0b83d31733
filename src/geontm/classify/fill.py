"""Indicators that the law asks for and the project lacks become columns of unknowns, each told once."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geontm.law import RuleSet
from geontm.tables import Column, Issue

__all__ = ["fill_missing"]


def fill_missing(table: pd.DataFrame, rulesets: Sequence[RuleSet]) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Add every column that the rule sets read and the table lacks, empty and typed.

    Parameters
    ----------
    table : DataFrame, n rows
        Not altered.
    rulesets : sequence of RuleSet

    Returns
    -------
    table : DataFrame, n rows
        The same rows with the missing columns, all unknown.
    issues : tuple of Issue
        One warning for each column that was added, naming the rule sets that ask for it.
    """
    wanted: dict[str, Column] = {}
    askers: dict[str, list[str]] = {}
    for rules in rulesets:
        for name, column in rules.indicators.items():
            if name not in table:
                wanted[name] = column
                askers.setdefault(name, []).append(rules.id)
    empty = {name: pd.Series(pd.NA, index=table.index, dtype=column.dtype) for name, column in wanted.items()}
    issues = tuple(
        Issue.of(
            "warning",
            "classify.indicator_missing",
            column=name,
            label=column.label,
            name=name,
            rulesets=", ".join(askers[name]),
        )
        for name, column in wanted.items()
    )
    return table.assign(**empty), issues
