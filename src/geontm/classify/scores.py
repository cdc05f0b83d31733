"""How many criteria and indicators of a set a unit meets: n of 19, m of 57."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from geontm.law import UNIT_KEYS, RuleSet, leaves
from geontm.law.explain import indicator_counts
from geontm.tables import Issue

__all__ = ["SCORES", "criteria_counts", "score"]

SCORES = (
    "commune_code", "ruleset", "met", "not_met", "unknown", "of",
    "indicators_met", "indicators_not_met", "indicators_unknown", "indicators_of",
)  # fmt: skip


def score(answers: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """Count criteria (conditions, for a set without any) and indicators by answer, one row per unit: ``SCORES``."""
    counted = answers[[each.id for each in rules.criteria] or [leaf.id for leaf in rules.leaves]]
    met = counted.fillna(False).sum(axis=1).to_numpy(dtype=int)
    unknown = counted.isna().sum(axis=1).to_numpy(dtype=int)
    of = counted.shape[1]
    key = UNIT_KEYS[rules.unit]
    counts = {"met": met, "not_met": of - met - unknown, "unknown": unknown, "of": of}
    frame = pd.DataFrame({key: answers.index, "ruleset": rules.id, **counts, **_indicator_scores(answers, rules)})
    frame = frame.astype({key: "str", "ruleset": "str"} | dict.fromkeys(SCORES[6:], "Int64"))
    return frame[[key, *SCORES[1:]]]


def _indicator_scores(answers: pd.DataFrame, rules: RuleSet) -> dict[str, Any]:
    """Count the indicators of a scored set; those of a criterion that was assessed as a whole follow its answer.

    Where it was not established how many indicators the law counts, there is no such number.
    """
    if not rules.criteria or not all(criterion.sized for criterion in rules.criteria):
        return dict.fromkeys(SCORES[6:], pd.NA)
    signs = {
        leaf.id: np.where(answers[leaf.id].isna(), 0, np.where(answers[leaf.id].fillna(False), 1, -1)).astype(np.int8)
        for leaf in rules.leaves
    }
    met, unknown = np.zeros(len(answers), dtype=int), np.zeros(len(answers), dtype=int)
    for criterion in rules.criteria:
        own = {leaf.id: signs[leaf.id] for leaf in leaves(criterion)} | {
            criterion.id: np.zeros(len(answers), dtype=np.int8)
        }
        here, open_ = indicator_counts(criterion, own)
        whole = answers[criterion.id].fillna(False).to_numpy(dtype=bool)
        met += np.where(whole, criterion.size, here)
        unknown += np.where(whole, 0, open_)
    of = sum(criterion.size for criterion in rules.criteria)
    return dict(zip(SCORES[6:], (met, of - met - unknown, unknown, of), strict=True))


def criteria_counts(
    scored: Iterable[tuple[RuleSet, pd.DataFrame]], units: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Count the criteria of the first scored set; a count that the planner gives stands, a contradiction is told."""
    found = next(((rules, scores) for rules, scores in scored if rules.criteria), None)
    if found is None:
        return pd.DataFrame(index=units.index), ()
    rules, scores = found
    scores = scores.set_index(scores.columns[0]).reindex(units.index)
    counts = pd.DataFrame(
        {"criteria_met_count": scores["met"], "criteria_unknown_count": scores["unknown"]}, dtype="Int64"
    )
    # A commune of which nothing is known has no number of criteria: 0 would be read as none met.
    silent = (scores["unknown"] == scores["of"]).to_numpy()
    if "criteria_met_count" not in units:
        return counts.assign(criteria_met_count=counts["criteria_met_count"].mask(silent)), ()
    given = units["criteria_met_count"].astype("Int64")
    known = given.notna()
    # What is met for sure is more than the planner counts, or less even if all that is unknown were met.
    least, most = counts["criteria_met_count"], counts["criteria_met_count"] + counts["criteria_unknown_count"]
    apart = known & ((least > given) | (most < given))
    counts["criteria_met_count"] = given.where(known, least.mask(silent))
    counts["criteria_unknown_count"] = counts["criteria_unknown_count"].mask(known)
    issues = tuple(
        Issue.of(
            "warning", "classify.criteria_count_differs", row=str(code), column="criteria_met_count",
            value=int(given[code]), code=str(code), ruleset=rules.id, least=int(least[code]),
            most=int(most[code]),
        )
        for code in units.index[apart.fillna(False).to_numpy(dtype=bool)]
    )  # fmt: skip
    return counts, issues
