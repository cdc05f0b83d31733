"""Classes of households under one or several poverty standards: poor, near-poor, or neither; three answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geontm.errors import RuleError
from geontm.law import RuleSet, evaluate
from geontm.tables import Issue, Table

__all__ = ["HouseholdClasses", "classify_households", "count_deprivations", "year_of_standard"]

POOR, NEAR_POOR = "poor", "near_poor"
_YEAR = re.compile(r"(\d{4})$")
_IDS_NAMED = 10


@dataclass(frozen=True)
class HouseholdClasses:
    """What one poverty standard says of every household.

    Attributes
    ----------
    ruleset : str
    table : DataFrame, index of the households
        ``class`` (id of an outcome of the rule set; missing is unknown), ``source`` (``given`` by the official review
        or ``computed``; missing where the class is), ``poor``, ``near_poor`` and ``poor_or_near_poor`` (nullable
        booleans: may be known where the class is not), ``deprivations_low`` and ``deprivations_high``.
    issues : tuple of Issue
    """

    ruleset: str
    table: pd.DataFrame
    issues: tuple[Issue, ...] = ()


def year_of_standard(rules: RuleSet) -> str:
    """Return the year in the id of a poverty standard, which its columns bear: ``2021`` of ``poverty-2021``."""
    found = _YEAR.search(rules.id)
    if found is None or rules.unit != "household" or not {POOR, NEAR_POOR} <= {each.id for each in rules.outcomes}:
        raise RuleError("lower.no_poverty_standard", where=rules.id, ruleset=rules.id)
    return found[1]


def classify_households(
    households: pd.DataFrame,
    standards: Sequence[RuleSet],
    columns: Table,
    *,
    as_of: date | None = None,
    allow_unverified: Collection[str] = (),
) -> tuple[HouseholdClasses, ...]:
    """Tell the class of every household under each standard, side by side.

    A class that the official review gives (``poverty_class_<year>``) outranks the computed one; a contradiction is
    told. The number of deprivations is that given, else counted from the indicators of the standard; indicators that
    are unknown leave a lowest and a highest number, and a class is known where every number between gives the same.

    Parameters
    ----------
    households : DataFrame, n rows
        ``income_per_person_month_vnd`` (đồng per person and month), ``area_type``, and for each standard
        ``deprivation_count_<year>``, ``deprived_<year>_*`` or ``poverty_class_<year>``; what is absent is unknown.
    standards : sequence of RuleSet
        Of households, with the outcomes ``poor`` and ``near_poor``.
    columns : Table
        The dictionary of households: says how many indicators a standard has.
    as_of : date, optional
    allow_unverified : collection of str
        Rule sets or tests whose recalled thresholds may decide.

    Raises
    ------
    RuleError
        A rule set is no poverty standard.
    """
    return tuple(
        _classify(households, rules, columns, as_of=as_of, allow_unverified=allow_unverified) for rules in standards
    )


def count_deprivations(households: pd.DataFrame, columns: Table, year: str) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Count the deprivations of every household under one standard.

    Returns
    -------
    DataFrame, index of ``households``
        ``low`` and ``high``, whole numbers: equal where the number is known. An indicator that is unknown, or that the
        table lacks, may be one more.
    tuple of Issue
        Where a number that is given cannot be, by the indicators beside it.
    """
    number = columns[f"deprivation_count_{year}"]
    names = [name for name in columns.columns if name.startswith(f"deprived_{year}_")]
    most = len(names) or int(number.maximum or 0)
    present = [name for name in names if name in households]
    met = np.zeros(len(households), dtype=np.int64)
    unknown = np.full(len(households), most - len(present), dtype=np.int64)
    for name in present:
        answers = households[name].astype("boolean")
        met += answers.to_numpy(dtype=bool, na_value=False)
        unknown += answers.isna().to_numpy()
    bounds = pd.DataFrame({"low": met, "high": met + unknown}, index=households.index)
    if number.name not in households:
        return bounds, ()
    given = households[number.name].astype("Int64")
    known = given.notna()
    impossible = known & ((given < bounds["low"]) | (given > bounds["high"])).fillna(False)
    for end in ("low", "high"):
        bounds[end] = bounds[end].mask(known, given).astype("int64")
    issues = []
    if impossible.any():
        place = {"column": number.name, "value": _ids(households, impossible)}
        issues.append(Issue.of("warning", "lower.count_contradicts", **place, n=int(impossible.sum()), year=year))
    return bounds, tuple(issues)


def _classify(
    households: pd.DataFrame,
    rules: RuleSet,
    columns: Table,
    *,
    as_of: date | None,
    allow_unverified: Collection[str],
) -> HouseholdClasses:
    year = year_of_standard(rules)
    bounds, issues = count_deprivations(households, columns, year)
    number = f"deprivation_count_{year}"
    facts = _facts(households, rules, number)
    # Many households are alike in everything that the standard asks about: each kind is judged once.
    kinds = pd.concat([facts, bounds], axis=1)
    group = kinds.groupby(list(kinds), sort=False, dropna=False).ngroup()
    first = ~group.duplicated().to_numpy()
    judged = _judge(facts[first], bounds[first], rules, number, as_of=as_of, allow_unverified=allow_unverified)
    at = group.to_numpy()
    table = pd.DataFrame({name: judged[name].array.take(at) for name in judged}, index=households.index)
    table["source"] = pd.Series("computed", index=table.index, dtype="str").mask(table["class"].isna())
    table, told = _give_way(households, table, rules, year)
    table["deprivations_low"], table["deprivations_high"] = bounds["low"], bounds["high"]
    order = ["class", "source", POOR, NEAR_POOR, "poor_or_near_poor", "deprivations_low", "deprivations_high"]
    return HouseholdClasses(rules.id, table[order], (*issues, *told))


def _facts(households: pd.DataFrame, rules: RuleSet, number: str) -> pd.DataFrame:
    """Return what the rules read beside the number of deprivations; what the table lacks is unknown."""
    names = [name for name in rules.indicators if name != number]
    columns = {
        name: households[name]
        if name in households
        else pd.Series(pd.NA, index=households.index, dtype=rules.indicators[name].dtype)
        for name in names
    }
    return pd.DataFrame(columns, index=households.index)


def _judge(
    facts: pd.DataFrame,
    bounds: pd.DataFrame,
    rules: RuleSet,
    number: str,
    *,
    as_of: date | None,
    allow_unverified: Collection[str],
) -> pd.DataFrame:
    """Judge kinds of households for every number of deprivations that each may have; keep what all numbers agree on."""
    size = len(facts)
    low, high = bounds["low"].to_numpy(), bounds["high"].to_numpy()
    ids = [each.id for each in rules.outcomes]
    # 1 met by all numbers so far, -1 by none, 0 unknown; 9 not asked yet
    agreed = {name: np.full(size, 9, dtype=np.int8) for name in (*ids, "poor_or_near_poor")}
    for count in range(int(low.min(initial=0)), int(high.max(initial=0)) + 1):
        asked = (low <= count) & (count <= high)
        if not asked.any():
            continue
        units = facts[asked].assign(**{number: pd.Series(count, index=facts.index[asked], dtype="Int64")})
        answers = evaluate(units, rules, as_of=as_of, allow_unverified=allow_unverified)
        answers["poor_or_near_poor"] = answers[POOR] | answers[NEAR_POOR]
        for name, before in agreed.items():
            sign = _signs(answers[name])
            old = before[asked]
            before[asked] = np.where((old == 9) | (old == sign), sign, 0)
    judged = {name: pd.arrays.BooleanArray(sign == 1, (sign == 0) | (sign == 9)) for name, sign in agreed.items()}
    frame = pd.DataFrame({name: judged[name] for name in (POOR, NEAR_POOR, "poor_or_near_poor")}, index=facts.index)
    decided = pd.Series(pd.NA, index=facts.index, dtype="str")
    for name in ids:
        decided = decided.mask(pd.Series(judged[name], index=facts.index).fillna(False).astype(bool), name)
    return frame.assign(**{"class": decided})


def _signs(answers: pd.Series[Any]) -> npt.NDArray[np.int8]:
    met = answers.to_numpy(dtype=bool, na_value=False)
    return np.where(answers.isna().to_numpy(), 0, np.where(met, 1, -1)).astype(np.int8)


def _give_way(
    households: pd.DataFrame, computed: pd.DataFrame, rules: RuleSet, year: str
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Put the class of the official review over the computed one; tell where they contradict each other."""
    name = f"poverty_class_{year}"
    if name not in households:
        return computed, ()
    given = households[name].astype("str")
    known = given.notna()
    table = computed.copy()
    table["class"] = computed["class"].mask(known, given)
    table["source"] = computed["source"].mask(known, "given")
    for outcome in (POOR, NEAR_POOR):
        table[outcome] = computed[outcome].mask(known, given == outcome)
    table["poor_or_near_poor"] = computed["poor_or_near_poor"].mask(known, given.isin([POOR, NEAR_POOR]))
    labels = {each.id: each.label for each in rules.outcomes}
    own = computed["class"]
    # A review that only says "not poor" does not contradict a finer class that is not poor either.
    need = (POOR, NEAR_POOR)
    differs = known & own.notna() & (given != own) & (given.isin(need) | own.isin(need))
    issues = []
    for (said, found), part in pd.DataFrame({"given": given, "own": own})[differs].groupby(["given", "own"], sort=True):
        mask = differs & (given == said) & (own == found)
        place = {"column": name, "value": _ids(households, mask)}
        words = {"given": labels.get(str(said), str(said)), "computed": labels.get(str(found), str(found))}
        issues.append(Issue.of("warning", "lower.class_differs", **place, n=len(part), ruleset=rules.id, **words))
    return table, tuple(issues)


def _ids(households: pd.DataFrame, mask: pd.Series[Any]) -> str:
    """Name the first households by their codes."""
    if "household_id" not in households:
        return ""
    ids = sorted(households.loc[mask.to_numpy(dtype=bool), "household_id"].astype(str))
    return ", ".join(ids[:_IDS_NAMED]) + (" …" if len(ids) > _IDS_NAMED else "")
