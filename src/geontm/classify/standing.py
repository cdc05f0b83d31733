"""Where the units stand in a scored set: means over groups, units under a floor, criteria most often unmet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geontm.classify.rulings import Ruling
from geontm.law import Leaf, RuleSet, leaves

__all__ = ["CRITERIA", "group_standing", "most_unmet", "under_floor"]

CRITERIA = ("ruleset", "level", "no", "label_vi", "label_en", "met", "not_met", "unknown", "of", "not_met_pct")


def most_unmet(rulings: Sequence[Ruling]) -> pd.DataFrame:
    """Count for every criterion and indicator of the scored sets how many units meet it.

    Parameters
    ----------
    rulings : sequence of Ruling
        Of any rule sets; those without criteria are left out.

    Returns
    -------
    DataFrame, columns ``CRITERIA``
        By rule set, criteria before indicators (``level``), the one most often unmet first. ``of`` counts units;
        ``not_met_pct`` is of the units for which it is known (0–100), empty where it is known for none.
    """
    rows: list[tuple[Any, ...]] = []
    for ruling in rulings:
        rules, answers = ruling.rules, ruling.answers
        for criterion in rules.criteria:
            rows.append((rules.id, "criterion", criterion.no, *_pair(criterion), *_counts(answers[[criterion.id]])))
        for number, parts in _indicators(rules).items():
            label = _pair(parts[0]) if len(parts) == 1 else ("; ".join(p.label.vi for p in parts),
                                                             "; ".join(p.label.en for p in parts))  # fmt: skip
            rows.append((rules.id, "indicator", number, *label, *_counts(answers[[part.id for part in parts]])))
    table = pd.DataFrame(rows, columns=pd.Index(CRITERIA[:-1]))
    known = (table["met"] + table["not_met"]).astype("Float64")
    table["not_met_pct"] = (100 * table["not_met"].astype("Float64") / known.mask(known == 0)).round(2)
    order = pd.Index([ruling.rules.id for ruling in rulings]).get_indexer(pd.Index(table["ruleset"]))
    return (
        table.assign(order=order, position=range(len(table)))
        .sort_values(["order", "level", "not_met", "position"], ascending=[True, True, False, True], ignore_index=True)
        .drop(columns=["order", "position"])
    )


def group_standing(scores: pd.DataFrame, groups: pd.Series[Any], *, floor: int | None = None) -> pd.DataFrame:
    """Sum up the scores of units by group: province, district, region, a verdict.

    Parameters
    ----------
    scores : DataFrame
        ``Verdicts.scores``: unit, ``ruleset, met, not_met, unknown, of, …``.
    groups : Series, index of units
        The group of each unit; units without one are a group of their own (empty).
    floor : int, optional
        Counts the units under it ("no commune under ten criteria").

    Returns
    -------
    DataFrame, one row per rule set and group
        ``ruleset, group, units, units_told, met_mean, met_min, met_max, unknown_units``: mean, least and most are over
        the units of which some criterion is known (``units_told``); ``unknown_units`` have at least one criterion
        unknown, so that the mean is a lower bound where they are told of. With a floor ``under_floor`` (for sure:
        even if every unknown criterion were met) and ``may_be_under_floor``.
    """
    key = scores.columns[0]
    table = scores.assign(group=groups.reindex(scores[key]).to_numpy())
    rows = []
    for (ruleset, group), rows_here in table.groupby(["ruleset", "group"], sort=True, dropna=False):
        told = rows_here[rows_here["unknown"] < rows_here["of"]]  # nobody said anything of the others
        row: dict[str, Any] = {
            "ruleset": ruleset,
            "group": group,
            "units": len(rows_here),
            "units_told": len(told),
            "met_mean": round(float(told["met"].mean()), 4) if len(told) else None,
            "met_min": int(told["met"].min()) if len(told) else None,
            "met_max": int(told["met"].max()) if len(told) else None,
            "unknown_units": int((rows_here["unknown"] > 0).sum()),
        }
        if floor is not None:
            under = rows_here["met"] < floor
            sure = rows_here["met"] + rows_here["unknown"] < floor
            row |= {"under_floor": int(sure.sum()), "may_be_under_floor": int((under & ~sure).sum())}
        rows.append(row)
    found = pd.DataFrame(rows)
    return found.astype({"met_mean": "Float64", "met_min": "Int64", "met_max": "Int64"}) if rows else found


def under_floor(scores: pd.DataFrame, ruleset: str, floor: int) -> pd.DataFrame:
    """List the units that meet fewer criteria of a set than a floor.

    Returns
    -------
    DataFrame, index of units
        ``met``, ``missing`` (criteria to the floor) and ``sure``: whether it is under the floor even if every unknown
        criterion were met. Lowest first.
    """
    mine = scores[scores["ruleset"] == ruleset].set_index(scores.columns[0])
    under = mine[mine["met"] < floor]
    found = pd.DataFrame(
        {"met": under["met"], "missing": floor - under["met"], "sure": under["met"] + under["unknown"] < floor}
    )
    return found.sort_values("met", kind="stable")


def _indicators(rules: RuleSet) -> dict[str, list[Leaf]]:
    found: dict[str, list[Leaf]] = {}
    for criterion in rules.criteria:
        for leaf in leaves(criterion):
            if leaf.of_indicator:
                found.setdefault(leaf.of_indicator, []).append(leaf)
    return found


def _counts(answers: pd.DataFrame) -> tuple[int, int, int, int]:
    """Count units by answer; an indicator of several conditions is met when all of them are."""
    missed = (~answers.fillna(True)).any(axis=1).to_numpy(dtype=bool)
    met = answers.fillna(False).all(axis=1).to_numpy(dtype=bool)
    size = len(answers)
    return int(met.sum()), int(missed.sum()), int(size - np.count_nonzero(met | missed)), size


def _pair(part: Any) -> tuple[str, str]:
    return part.label.vi, part.label.en
