"""Indicators that the law asks for and the project lacks become columns of unknowns, each told once."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geontm.law import RuleSet
from geontm.messages import Label, catalogue, say
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
        One warning for each column that was added, naming the rule sets that ask for it; what only scored sets ask for
        (57 indicators) is one warning for each set, with all their names.
    """
    wanted: dict[str, Column] = {}
    askers: dict[str, list[str]] = {}
    for rules in rulesets:
        for name, column in rules.indicators.items():
            if name not in table:
                wanted[name] = column
                askers.setdefault(name, []).append(rules.id)
    empty = {name: pd.Series(pd.NA, index=table.index, dtype=column.dtype) for name, column in wanted.items()}
    many = {name for rules in rulesets if rules.criteria for name in rules.indicators}
    single = [name for name in wanted if name not in many or any(not _scored(a, rulesets) for a in askers[name])]
    issues = [
        Issue.of(
            "warning",
            "classify.indicator_missing",
            column=name,
            label=wanted[name].label,
            name=name,
            rulesets=", ".join(askers[name]),
            way=_way(name),
        )
        for name in single
    ]
    for rules in rulesets:
        lacking = [name for name in rules.indicators if name in wanted and name not in single] if rules.criteria else []
        if lacking:
            place = {"column": ", ".join(lacking), "value": rules.id}
            counts = {"n": len(lacking), "of": len(rules.indicators)}
            issues.append(Issue.of("warning", "classify.indicators_missing", **place, ruleset=rules.id, **counts))
    return table.assign(**empty), tuple(issues)


def _way(name: str) -> Label:
    """Say how the column can be had; the catalogue knows those that geontm finds itself."""
    key = f"classify.way_{name}"
    key = key if key in catalogue() else "classify.way_column"
    return Label(say(key, "vi", name=name), say(key, "en", name=name))


def _scored(name: str, rulesets: Sequence[RuleSet]) -> bool:
    return any(rules.id == name and rules.criteria for rules in rulesets)
