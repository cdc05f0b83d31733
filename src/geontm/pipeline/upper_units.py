"""What the law says of districts and provinces, from the verdicts and figures of their communes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from geontm import classify
from geontm.pipeline.shares import allowances_of, shares
from geontm.project import Project, national_figures
from geontm.tables import Column, Issue

__all__ = ["UpperFound", "classify_upper"]


@dataclass(frozen=True)
class UpperFound:
    """Verdicts of districts and provinces: by unit kind, a table of result columns, index the unit's code."""

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    verdicts: Mapping[str, classify.Verdicts] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


def classify_upper(
    project: Project,
    communes: pd.DataFrame,
    verdicts: classify.Verdicts,
    *,
    assessed: Mapping[str, pd.DataFrame] | None = None,
) -> UpperFound:
    """Answer the rules over districts and provinces from the communes' verdicts and figures.

    Parameters
    ----------
    project : Project
    communes : DataFrame, index ``commune_code``
        The wide table with its verdicts.
    verdicts : classify.Verdicts
        Of the communes.
    assessed : mapping of str to DataFrame, optional
        Assessments by rule set about districts or provinces; see :class:`geontm.classify.Question`.
    """
    tables: dict[str, pd.DataFrame] = {}
    found: dict[str, classify.Verdicts] = {}
    issues: list[Issue] = []
    for unit in ("district", "province"):
        codes = communes.get(f"{unit}_code")
        rulesets = [rules for rules in project.rulesets if rules.unit == unit]
        gives = any(each.over == unit for ruling in verdicts.rulings for each in ruling.rules.aggregates.values())
        if codes is None or codes.isna().all() or not (rulesets or gives):
            continue
        units = pd.DataFrame(index=pd.Index(sorted(codes.dropna().unique()), name=f"{unit}_code"))
        for _, frame in shares(verdicts, codes, units, project, unit).items():
            units = pd.concat([units, frame], axis=1)
        asked = {name: column for rules in rulesets for name, column in rules.indicators.items() if name not in units}
        units = pd.concat([units, _rolled_up(communes, codes, asked, units.index)], axis=1)
        if rulesets:
            question = classify.Question(
                project.as_of,
                allowances_of(rulesets, project.allow_unverified),
                national_figures(),
                assessed={rules.id: assessed[rules.id] for rules in rulesets if assessed and rules.id in assessed},
                unit=unit,
            )
            found[unit] = classify.evaluate_all(units, rulesets, question=question)
            issues += found[unit].issues
            units = pd.concat([units, found[unit].wide], axis=1)
        tables[unit] = units.dropna(axis=1, how="all")
    return UpperFound(tables, found, tuple(issues))


def _rolled_up(
    communes: pd.DataFrame, codes: pd.Series[Any], asked: Mapping[str, Column], units: pd.Index
) -> pd.DataFrame:
    """Sum or average what the rules ask of the units above; unknown where any commune is."""
    table = pd.DataFrame(index=units)
    keys = codes.to_numpy()
    for name, column in asked.items():
        if name not in communes or column.type not in ("number", "integer"):
            continue
        values = communes[name].astype("Float64")
        if column.nature == "extensive":
            groups = values.groupby(keys)
            table[name] = groups.sum().where(groups.count() == groups.size()).reindex(units)
        elif column.nature == "intensive" and column.weight in communes:
            weights = communes[column.weight].astype("Float64")
            part, whole = (values * weights).groupby(keys), weights.groupby(keys)
            total = whole.sum()
            mean = part.sum() / total.mask(total == 0)
            table[name] = mean.where((part.count() == part.size()) & (whole.count() == whole.size())).reindex(units)
    return table
