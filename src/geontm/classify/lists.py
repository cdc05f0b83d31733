"""Official lists: what a list says of each unit, and where it disagrees with what the figures give.

A list is the State's own decision, so it outranks computation; both stay visible.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import pandas as pd

from geontm.classify.decisions import Decision, exclude, excluded
from geontm.errors import RuleError
from geontm.law import OUTSIDE_SCOPE, RuleSet
from geontm.tables import Issue
from geontm.tables.columns import spelling_key

__all__ = ["ListedAnswers", "OfficialList", "apply_list", "read_list"]

_YES = {"true", "1", "yes", "y", "x", "có", "met", "đạt"}
_NO = {"false", "0", "no", "n", "không", "not met", "not_met", "chưa đạt"}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


@dataclass(frozen=True)
class OfficialList:
    """A list of units with the answer that a decision gives to a rule set.

    Attributes
    ----------
    ruleset : str
        Id of the rule set that the list answers.
    entries : DataFrame, index ``commune_code``
        ``value`` (True / False; 1, 2, 3; I, II, III; or the id of an outcome); optional ``document`` and ``date``
        (a date, ISO text or dd/mm/yyyy).
    column : str
        Result column that ``value`` speaks of, e.g. ``is_extremely_difficult``; default the first of the rule set.
    complete : bool
        The list names every unit that counts, so a unit that is not on it is *no* (or outside the scope). A list
        that does not say so leaves the others to computation.
    covers : tuple of str
        Province codes that a complete list speaks for; empty for all units of the project.
    unplaced : int
        Rows of the list that found no unit (a misspelt name). While there are any, a unit that is not on the list may
        be one of them, so a complete list decides nothing for it.
    file : str
        Named in the issues.
    """

    ruleset: str
    entries: pd.DataFrame
    column: str = ""
    complete: bool = False
    covers: tuple[str, ...] = ()
    unplaced: int = 0
    file: str = ""


@dataclass(frozen=True)
class ListedAnswers:
    """What a list decides: ``table`` has index ``commune_code`` and ``decision``, ``document``, ``date`` (ISO text)."""

    table: pd.DataFrame
    issues: tuple[Issue, ...] = ()


def read_list(
    official: OfficialList, rules: RuleSet, units: pd.DataFrame, *, as_of: date | None = None
) -> ListedAnswers:
    """Tell what an official list decides for the units of a project.

    Parameters
    ----------
    official : OfficialList
    rules : RuleSet
        The one that the list answers.
    units : DataFrame, index ``commune_code``
        ``province_code`` is needed where the list covers certain provinces only.
    as_of : date, optional
        Entries of a later decision are not used.

    Returns
    -------
    ListedAnswers
        One row per unit that the list decides. Entries that cannot be used are issues: an answer that the rule set
        does not know, two answers for one unit, a date that cannot be read, a decision after ``as_of``, codes that are
        not among the units (counted once).

    Raises
    ------
    RuleError
        The rule set has no such result column, or ``covers`` is given and the units have no ``province_code``.
    """
    column = official.column or next(iter(rules.columns), "")
    if column not in rules.columns:
        known = ", ".join(rules.columns) or "–"
        raise RuleError("classify.list_column", where=official.file, column=column, ruleset=rules.id, known=known)
    issues: list[Issue] = []
    stated = _typed(official, column, rules, issues)
    entries = _in_time(stated, official, as_of, issues)
    in_time = len(entries) == len(stated)
    strangers = entries.index.difference(units.index)
    if len(strangers):
        issues.append(
            Issue.of(
                "info", "classify.list_elsewhere", file=official.file, value=", ".join(strangers[:3]), n=len(strangers)
            )
        )
    entries = _one_each(entries[entries.index.isin(units.index)], official, issues)
    if official.complete and official.unplaced:
        issues.append(Issue.of("warning", "classify.list_unplaced", file=official.file, n=official.unplaced))
    elif official.complete and in_time:  # a list of which a part is of a later day does not close the others out yet
        entries = pd.concat([entries, _absent(official, column, rules, units, entries)])
    return ListedAnswers(entries[entries["decision"].notna()].sort_index(), tuple(issues))


def apply_list(answers: pd.DataFrame, listed: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    """Put the decisions of a list over the computed answers of a rule set.

    Parameters
    ----------
    answers : DataFrame of nullable booleans
        What ``law.evaluate`` gave. Not altered.
    listed : DataFrame, index ``commune_code``
        ``decision`` of each listed unit.
    rules : RuleSet

    Returns
    -------
    DataFrame
        Tests as computed; verdict or outcomes as listed. Where a list only excludes an outcome, the other outcomes
        stay as computed, or become unknown where the excluded one was computed.
    """
    final = answers.copy()
    names = [outcome.id for outcome in rules.outcomes]
    for decision, rows in listed.groupby("decision"):
        units = rows.index
        if not names:
            final.loc[units, rules.id] = decision == "met"
        elif out := excluded(str(decision)):
            contradicted = units[final.loc[units, out].fillna(False).to_numpy(dtype=bool)]
            final.loc[contradicted, [*names, rules.id]] = pd.NA
            final.loc[units, out] = False
        else:
            for name in names:
                final.loc[units, name] = name == decision
            final.loc[units, rules.id] = decision != OUTSIDE_SCOPE
    return final


def _typed(official: OfficialList, column: str, rules: RuleSet, issues: list[Issue]) -> pd.DataFrame:
    """Turn values into decisions and dates into ISO text; what cannot be read is told and left out."""
    entries = official.entries
    table = pd.DataFrame(index=entries.index.astype("str"))
    blank = pd.Series("", index=entries.index)
    table["document"] = entries.get("document", blank).fillna("").astype(str).to_numpy()
    spellings = _spellings(rules, rules.columns[column])
    decisions: list[Decision | None] = []
    for code, value in zip(table.index, entries["value"].tolist(), strict=True):
        decision = None if pd.isna(value) else spellings.get(_key(value))
        if decision is None:
            kind: Literal["warning", "error"] = "warning" if pd.isna(value) else "error"
            said = "classify.list_silent" if pd.isna(value) else "classify.list_value"
            known = ", ".join(dict.fromkeys(spellings))
            shown = "" if pd.isna(value) else value
            issues.append(
                Issue.of(kind, said, file=official.file, row=code, column=column, value=shown, code=code, known=known)
            )
        decisions.append(decision)
    table["decision"] = pd.Series(decisions, index=table.index, dtype="str")
    days = [_day(value) for value in entries.get("date", blank).tolist()]
    for code, value, day in zip(table.index, entries.get("date", blank).tolist(), days, strict=True):
        if day is None:
            issues.append(
                Issue.of(
                    "warning", "classify.list_date", file=official.file, row=code, column="date", value=value, code=code
                )
            )
    table["date"] = pd.Series([day or "" for day in days], index=table.index, dtype="str")
    return table


def _in_time(entries: pd.DataFrame, official: OfficialList, as_of: date | None, issues: list[Issue]) -> pd.DataFrame:
    if as_of is None:
        return entries
    late = entries["date"] > as_of.isoformat()
    for (document, day), rows in entries[late].groupby(["document", "date"]):
        issues.append(
            Issue.of(
                "warning",
                "classify.list_later",
                file=official.file,
                value=document,
                document=document,
                date=day,
                as_of=as_of.isoformat(),
                n=len(rows),
            )
        )
    return entries[~late]


def _one_each(entries: pd.DataFrame, official: OfficialList, issues: list[Issue]) -> pd.DataFrame:
    """Keep one entry per unit: of equal answers the one of the latest decision; of different ones none."""
    ordered = entries.sort_values(["date", "document"], kind="stable")
    twice = ordered[ordered.index.duplicated(keep=False) & ordered["decision"].notna()]
    answers = {str(code): sorted(set(rows["decision"])) for code, rows in twice.groupby(level=0)}
    torn = [code for code, several in answers.items() if len(several) > 1]
    for code in torn:
        said = ", ".join(answers[code])
        issues.append(
            Issue.of("error", "classify.list_twice", file=official.file, row=code, value=said, code=code, answers=said)
        )
    ordered = ordered.assign(decision=ordered["decision"].mask(ordered.index.isin(torn)))
    known_last = ordered.iloc[ordered["decision"].notna().to_numpy().argsort(kind="stable")]
    return known_last[~known_last.index.duplicated(keep="last")]


def _absent(
    official: OfficialList, column: str, rules: RuleSet, units: pd.DataFrame, entries: pd.DataFrame
) -> pd.DataFrame:
    """Give the answer of a complete list to the units that are not on it."""
    reached = units.index
    if official.covers:
        if "province_code" not in units:
            raise RuleError("classify.list_covers", where=official.file, ruleset=rules.id)
        reached = units.index[units["province_code"].isin(official.covers).to_numpy()]
    # A unit that is on the list without a usable answer is not absent from it.
    absent = reached.difference(entries.index)
    documents = sorted(set(entries["document"]))
    filler = rules.columns[column]
    decision = {"verdict": "not_met", "value": OUTSIDE_SCOPE}.get(filler, exclude(filler))
    last = entries["date"].max() if len(entries) else ""
    return pd.DataFrame({"document": "; ".join(documents), "decision": decision, "date": last}, index=absent)


def _spellings(rules: RuleSet, filler: str) -> Mapping[str, Decision]:
    if filler != "value":
        yes, no = ("met", "not_met") if filler == "verdict" else (filler, exclude(filler))
        return dict.fromkeys(sorted(_YES), yes) | dict.fromkeys(sorted(_NO), no)
    known = {OUTSIDE_SCOPE: OUTSIDE_SCOPE, _key(OUTSIDE_SCOPE): OUTSIDE_SCOPE}
    for outcome in rules.outcomes:
        for text in (str(outcome.value), outcome.id, outcome.label.vi, outcome.label.en, *outcome.spellings):
            known[_key(text)] = outcome.id
    return known


def _key(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return spelling_key(str(value))


def _day(value: Any) -> str | None:
    """Return a date as ISO text, "" where there is none, None where it cannot be read."""
    if isinstance(value, (date, datetime)) and not pd.isna(value):
        return value.strftime("%Y-%m-%d")
    if pd.isna(value) or not str(value).strip():
        return ""
    text = str(value).strip()
    found = _DAY_FIRST.fullmatch(text)
    try:
        return (
            date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text[:10])
        ).isoformat()
    except ValueError:
        return None
