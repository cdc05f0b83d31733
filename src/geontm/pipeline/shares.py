"""What the verdicts of units give to the units above, and which allowances concern some rule sets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from geontm import classify
from geontm.classify.rates import share_of
from geontm.law import RuleSet
from geontm.project import Project

__all__ = ["allowances_of", "shares"]


def allowances_of(rulesets: Sequence[RuleSet], allowed: Collection[str]) -> tuple[str, ...]:
    """Return the allowances that speak of these rule sets: each stage asks about its own kind of unit."""
    known = {rules.id for rules in rulesets}
    known |= {name for rules in rulesets for leaf in rules.leaves for name in (leaf.id, f"{rules.id}/{leaf.id}")}
    return tuple(name for name in allowed if name in known)


def shares(
    verdicts: classify.Verdicts, groups: pd.Series[Any], units: pd.DataFrame, project: Project, over: str
) -> dict[str, pd.DataFrame]:
    """Work out what the rule sets give to the units above; where two give one column, the one in force does."""
    ordered = sorted(verdicts.rulings, key=lambda ruling: project.as_of not in ruling.rules.in_force)
    found: dict[str, pd.DataFrame] = {}
    for ruling in ordered:
        for name, aggregate in ruling.rules.aggregates.items():
            if aggregate.over != over or name in found:
                continue
            answers = ruling.answers[ruling.rules.id if aggregate.of == "verdict" else aggregate.of]
            totals = units.get("village_count") if ruling.rules.unit == "village" else None
            found[name] = share_of(answers, groups.reindex(answers.index), units.index, name=name, totals=totals)
    return found
