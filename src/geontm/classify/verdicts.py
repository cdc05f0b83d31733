"""Every rule set over the communes of a project: answers, reasons, official lists, scores."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from geontm.classify.fill import fill_missing
from geontm.classify.lists import OfficialList
from geontm.classify.rulings import DIFFERENCES, Ruling, rule
from geontm.classify.scores import SCORES, criteria_counts
from geontm.errors import RuleError
from geontm.law import (
    LONG_COLUMNS,
    UNIT_KEYS,
    Facts,
    RuleSet,
    UnitKind,
    in_reading_order,
    outcome,
)
from geontm.tables import Issue

__all__ = ["Question", "Ruling", "Verdicts", "evaluate_all", "require_allowances"]

_DECISIONS = ("commune_code", "ruleset", "outcome", "source", "computed", "document", "date")


@dataclass(frozen=True)
class Verdicts:
    """What the law says of every commune.

    Attributes
    ----------
    wide : DataFrame, index ``commune_code``
        The result columns of the rule sets (``is_border``, ``development_region``, ``is_extremely_difficult``);
        official list first. Empty is unknown; ``development_region`` is empty outside the scope too, where
        ``is_extremely_difficult`` is False and ``decisions`` says ``outside_scope``.
    decisions : DataFrame
        ``commune_code, ruleset, outcome, source, computed, document, date``: ``source`` is ``listed`` or
        ``computed``; ``outcome`` is ``met`` / ``not_met``, the id of an outcome, ``outside_scope``, or empty.
    scores : DataFrame
        ``commune_code, ruleset, met, not_met, unknown, of``: criteria by answer for a scored set (n of 19), else
        conditions; then ``indicators_met, indicators_not_met, indicators_unknown, indicators_of`` of a scored set
        (m of 57). As computed or assessed.
    differences : DataFrame
        ``commune_code, ruleset, listed, computed, document, reason_vi, reason_en``: where a list contradicts what the
        figures give, with the computed reason.
    issues : tuple of Issue
    rulings : tuple of Ruling
        What each rule set said, from which reasons are written when they are asked for.
    """

    wide: pd.DataFrame
    decisions: pd.DataFrame
    scores: pd.DataFrame
    differences: pd.DataFrame
    issues: tuple[Issue, ...] = ()
    rulings: tuple[Ruling, ...] = ()

    @cached_property
    def long(self) -> pd.DataFrame:
        """Every answer with its reason: ``LONG_COLUMNS``, a row per condition, criterion, outcome and rule set.

        ``test`` of the last rows is the id of the outcome or of the rule set. Written when first asked for: a nation
        has a million reasons.
        """
        columns = (UNIT_KEYS[self.rulings[0].rules.unit] if self.rulings else LONG_COLUMNS[0], *LONG_COLUMNS[1:])
        return _stack([ruling.explained() for ruling in self.rulings], columns)

    def of(self, code: str) -> pd.DataFrame:
        """Return the rows of ``long`` for one unit, without writing those of the others."""
        columns = (UNIT_KEYS[self.rulings[0].rules.unit] if self.rulings else LONG_COLUMNS[0], *LONG_COLUMNS[1:])
        return _stack([ruling.explained([code]) for ruling in self.rulings], columns)


@dataclass(frozen=True)
class Question:
    """What is asked besides the table: the day and everything else that may decide.

    Attributes
    ----------
    as_of : date or None
        Chooses thresholds by year and the decisions that lists may carry. Whether the rule sets are in force is for
        :func:`geontm.law.require_in_force`.
    allow_unverified : collection of str
        Rule sets, tests, or ``"ruleset/test"``, whose recalled thresholds may decide.
    figures : mapping of str to mapping of int to float
        National figures by key and year.
    assessed : mapping of str to DataFrame
        Assessments by rule set; see :class:`geontm.law.Facts`.
    unit : UnitKind
        The kind of unit that the rows of the table are.
    """

    as_of: date | None = None
    allow_unverified: Collection[str] = ()
    figures: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    assessed: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    unit: UnitKind = "commune"


def evaluate_all(
    table: pd.DataFrame,
    rulesets: Sequence[RuleSet],
    *,
    lists: Sequence[OfficialList] = (),
    question: Question = Question(),
) -> Verdicts:
    """Answer every rule set for every unit; official lists outrank what is computed.

    Parameters
    ----------
    table : DataFrame, n rows, index ``commune_code`` (or the key of ``question.unit``)
        Indicators and measures named as in the column dictionary, in its units; a gap is unknown. A column that a rule
        set reads and the table lacks is unknown throughout, with an issue. Not altered.
    rulesets : sequence of RuleSet
        Those that read another's decision are answered after it, from its final decision (list first). Where two give
        the same result column, the first that is in force on the day fills it.
    lists : sequence of OfficialList
        At most one per rule set.
    question : Question

    Returns
    -------
    Verdicts
        Rows ordered by code, then as the rule sets and their tests, whatever the order of ``table``.

    Raises
    ------
    RuleError
        A code stands twice in the index; a rule set is about another kind of unit; a list answers a rule set that is
        not among ``rulesets``, or two answer the same; rule sets read each other in a circle; ``allow_unverified``
        names nothing that exists.
    """
    _check(table, rulesets, lists, question)
    units, issues = fill_missing(table.sort_index(), rulesets)
    by_ruleset = {official.ruleset: official for official in lists}
    facts = Facts(
        units, question.as_of, question.allow_unverified, question.figures, assessed=_assessments(rulesets, question)
    )
    done: dict[str, Ruling] = {}
    for rules in in_reading_order(rulesets):
        read = {name: done[name].answers for name in rules.references if name in done}
        issues += tuple(
            Issue.of("warning", "classify.reference_missing", column=name, ruleset=rules.id, reads=name)
            for name in rules.references
            if name not in done
        )
        done[rules.id] = rule(replace(facts, rulings=read), rules, by_ruleset.get(rules.id))
    rulings = tuple(done[rules.id] for rules in rulesets)
    wide, shared = _wide(rulings, units.index, question.as_of)
    counts, apart = criteria_counts([(each.rules, each.scores) for each in rulings], units)
    wide, shared = pd.concat([wide, counts], axis=1), (*shared, *apart)
    for ruling in rulings:
        issues += ruling.issues
    key = UNIT_KEYS[question.unit]
    return Verdicts(
        wide=wide.reindex(table.index),
        decisions=_stack([ruling.decisions for ruling in rulings], (key, *_DECISIONS[1:])),
        scores=_stack([ruling.scores for ruling in rulings], (key, *SCORES[1:])),
        differences=_stack([ruling.differences for ruling in rulings], (key, *DIFFERENCES[1:])),
        issues=issues + shared,
        rulings=rulings,
    )


def _assessments(rulesets: Sequence[RuleSet], question: Question) -> dict[str, pd.DataFrame]:
    """Refuse an assessment of what a rule set does not have."""
    for name, table in question.assessed.items():
        rules = next((each for each in rulesets if each.id == name), None)
        if rules is None:
            known = ", ".join(each.id for each in rulesets)
            raise RuleError("classify.assessment_unknown", where=name, ruleset=name, known=known)
        known_names = {each for leaf in rules.leaves for each in (leaf.id, leaf.code)}
        known_names |= {each for criterion in rules.criteria for each in (criterion.id, criterion.no)}
        for column in map(str, table.columns):
            if column not in known_names:
                near = ", ".join(difflib.get_close_matches(column, sorted(known_names), n=3))
                raise RuleError("classify.assessment_code", where=name, ruleset=name, code=column, nearest=near or "–")
    return dict(question.assessed)


def _check(table: pd.DataFrame, rulesets: Sequence[RuleSet], lists: Sequence[OfficialList], question: Question) -> None:
    if table.index.has_duplicates:
        raise RuleError("classify.code_twice", code=table.index[table.index.duplicated()][0])
    names = [rules.id for rules in rulesets]
    for rules in rulesets:
        if rules.unit != question.unit:
            raise RuleError(
                "classify.not_communes", where=rules.id, ruleset=rules.id, unit=rules.unit, expected=question.unit
            )
    for position, official in enumerate(lists):
        if official.ruleset not in names:
            raise RuleError(
                "classify.list_unknown", where=official.file, ruleset=official.ruleset, known=", ".join(names)
            )
        if any(other.ruleset == official.ruleset for other in lists[:position]):
            raise RuleError("classify.two_lists", where=official.file, ruleset=official.ruleset)
    require_allowances(rulesets, question.allow_unverified)


def require_allowances(rulesets: Sequence[RuleSet], allow_unverified: Collection[str]) -> None:
    """Refuse an allowance that names neither a rule set nor a test of one.

    Raises
    ------
    RuleError
        Naming the nearest that exists.
    """
    names = [rules.id for rules in rulesets]
    known = {*names, *(name for rules in rulesets for t in rules.leaves for name in (t.id, f"{rules.id}/{t.id}"))}
    for name in allow_unverified:
        if name not in known:
            close = difflib.get_close_matches(name, sorted(known), n=1) or sorted(names)
            raise RuleError("classify.unknown_allowance", where="allow_unverified", name=name, nearest=", ".join(close))


def _wide(
    rulings: Sequence[Ruling], index: pd.Index[Any], as_of: date | None
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Fill each result column from the first rule set in force that gives it."""
    wide = pd.DataFrame(index=index)
    issues: list[Issue] = []
    ordered = sorted(rulings, key=lambda each: as_of is not None and as_of not in each.rules.in_force)
    givers: dict[str, list[Ruling]] = {}
    for ruling in ordered:
        for column in ruling.rules.columns:
            givers.setdefault(column, []).append(ruling)
    for column in dict.fromkeys(name for ruling in rulings for name in ruling.rules.columns):
        first, *others = givers[column]
        wide[column] = _column(first, first.rules.columns[column])
        if others:
            rest = ", ".join(each.rules.id for each in others)
            issues.append(
                Issue.of(
                    "info", "classify.column_shared", column=column, name=column, ruleset=first.rules.id, others=rest
                )
            )
    return wide, tuple(issues)


def _column(ruling: Ruling, filler: str) -> pd.Series[Any]:
    if filler != "value":
        return ruling.answers[ruling.rules.id if filler == "verdict" else filler]
    values = {each.id: each.value for each in ruling.rules.outcomes}
    decided = outcome(ruling.answers, ruling.rules).map(values)
    return decided.astype("Int64") if all(isinstance(value, int) for value in values.values()) else decided


def _stack(frames: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Put the tables of the rule sets together, by code and then in the order of the rule sets."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=pd.Index(columns), dtype="str")
    whole = pd.concat(filled, ignore_index=True)
    return whole.iloc[whole[columns[0]].to_numpy().astype(str).argsort(kind="stable")].reset_index(drop=True)
