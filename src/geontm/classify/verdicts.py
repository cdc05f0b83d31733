"""Every rule set over the communes of a project: answers, reasons, official lists, scores."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from geontm.classify.decisions import contradicts, say_decision, sign_decision
from geontm.classify.fill import fill_missing
from geontm.classify.lists import OfficialList, apply_list, read_list
from geontm.errors import RuleError
from geontm.law import (
    LONG_COLUMNS,
    UNIT_KEYS,
    Facts,
    RuleSet,
    UnitKind,
    answer,
    explain,
    in_reading_order,
    leaves,
    outcome,
)
from geontm.law.explain import indicator_counts
from geontm.law.words import say_day
from geontm.messages import Language, say
from geontm.tables import Issue

__all__ = ["Question", "Ruling", "Verdicts", "evaluate_all", "require_allowances"]

_LANGUAGES: tuple[Language, Language] = ("vi", "en")
_DECISIONS = ("commune_code", "ruleset", "outcome", "source", "computed", "document", "date")
_DIFFERENCES = ("commune_code", "ruleset", "listed", "computed", "document", "reason_vi", "reason_en")
_SCORES = (
    "commune_code", "ruleset", "met", "not_met", "unknown", "of",
    "indicators_met", "indicators_not_met", "indicators_unknown", "indicators_of",
)  # fmt: skip


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
class Ruling:
    """One rule set over all units: what was asked, what was answered, and what a list put over it.

    Attributes
    ----------
    facts : Facts
    rules : RuleSet
    computed : DataFrame
        Answers as ``law.answer`` gave them.
    answers : DataFrame
        The same with the decisions of the official list over them.
    listed : DataFrame, index of units
        What a list says (``classify.lists.ListedAnswers.table``); no rows where there is none.
    """

    facts: Facts
    rules: RuleSet
    computed: pd.DataFrame
    answers: pd.DataFrame
    listed: pd.DataFrame
    decisions: pd.DataFrame
    scores: pd.DataFrame
    differences: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=pd.Index(_DIFFERENCES)))
    issues: tuple[Issue, ...] = ()

    def explained(self, codes: Sequence[str] | None = None) -> pd.DataFrame:
        """Write the rows of answers and reasons of some units; by default of all."""
        facts, computed = self.facts, self.computed
        if codes is not None:
            facts, computed = replace(facts, units=facts.units.loc[list(codes)]), computed.loc[list(codes)]
        long = explain(facts, self.rules, computed)
        listed = self.listed.loc[self.listed.index.intersection(facts.units.index)]
        if listed.empty:
            return long
        return _rewrite(long, self.answers.loc[facts.units.index], outcome(computed, self.rules), listed, self.rules)


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
        done[rules.id] = _rule(replace(facts, rulings=read), rules, by_ruleset.get(rules.id))
    rulings = tuple(done[rules.id] for rules in rulesets)
    wide, shared = _wide(rulings, units.index, question.as_of)
    for ruling in rulings:
        issues += ruling.issues
    key = UNIT_KEYS[question.unit]
    return Verdicts(
        wide=wide.reindex(table.index),
        decisions=_stack([ruling.decisions for ruling in rulings], (key, *_DECISIONS[1:])),
        scores=_stack([ruling.scores for ruling in rulings], (key, *_SCORES[1:])),
        differences=_stack([ruling.differences for ruling in rulings], (key, *_DIFFERENCES[1:])),
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


def _rule(facts: Facts, rules: RuleSet, official: OfficialList | None) -> Ruling:
    answers = answer(facts, rules)
    key = UNIT_KEYS[rules.unit]
    computed = outcome(answers, rules) if rules.answers else pd.Series(pd.NA, index=answers.index, dtype="str")
    decisions = _text_frame(
        {
            key: answers.index,
            "ruleset": [rules.id] * len(answers),
            "outcome": computed,
            "source": [None if gap else "computed" for gap in computed.isna()],
            "computed": computed,
            "document": [None] * len(answers),
            "date": [None] * len(answers),
        }
    )
    nothing = pd.DataFrame(columns=["decision", "document", "date"], dtype="str")
    ruling = Ruling(facts, rules, answers, answers, nothing, decisions, _score(answers, rules))
    if official is None:
        return ruling
    listed = read_list(official, rules, facts.units, as_of=facts.as_of)
    final = apply_list(answers, listed.table, rules)
    differences, told = _compare(ruling, computed, listed.table, official.file)
    return replace(
        ruling,
        answers=final,
        listed=listed.table,
        decisions=_decide(decisions, outcome(final, rules), listed.table),
        differences=differences,
        issues=listed.issues + told,
    )


def _text_frame(columns: Mapping[str, Iterable[Any]]) -> pd.DataFrame:
    """Make a table of texts with gaps and a plain index; columns are put side by side by position."""
    return pd.DataFrame({name: list(values) for name, values in columns.items()}, dtype="str")


def _score(answers: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    counted = answers[[each.id for each in rules.criteria] or [leaf.id for leaf in rules.leaves]]
    met = counted.fillna(False).sum(axis=1).to_numpy(dtype=int)
    unknown = counted.isna().sum(axis=1).to_numpy(dtype=int)
    of = counted.shape[1]
    key = UNIT_KEYS[rules.unit]
    counts = {"met": met, "not_met": of - met - unknown, "unknown": unknown, "of": of}
    frame = pd.DataFrame({key: answers.index, "ruleset": rules.id, **counts, **_indicator_scores(answers, rules)})
    frame = frame.astype({key: "str", "ruleset": "str"} | dict.fromkeys(_SCORES[6:], "Int64"))
    return frame[[key, *_SCORES[1:]]]


def _indicator_scores(answers: pd.DataFrame, rules: RuleSet) -> dict[str, Any]:
    """Count the indicators of a scored set; those of a criterion that was assessed as a whole follow its answer."""
    if not rules.criteria:
        return dict.fromkeys(_SCORES[6:], pd.NA)
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
    return dict(zip(_SCORES[6:], (met, of - met - unknown, unknown, of), strict=True))


def _decide(decisions: pd.DataFrame, final: pd.Series[str], listed: pd.DataFrame) -> pd.DataFrame:
    """Put the list's decisions, its documents and dates over the computed ones."""
    table = decisions.set_index(decisions.columns[0], drop=False)
    table["outcome"] = final
    table.loc[listed.index, "source"] = "listed"
    for name in ("document", "date"):
        table.loc[listed.index, name] = listed[name]
    return table.reset_index(drop=True)


def _rewrite(
    long: pd.DataFrame, final: pd.DataFrame, computed: pd.Series[str], listed: pd.DataFrame, rules: RuleSet
) -> pd.DataFrame:
    """Give the verdict rows of listed units the list's answer and reason; the rows of the tests stay as computed."""
    names = [each.id for each in rules.outcomes] or [rules.id]
    key = long.columns[0]
    mine = long[key].isin(listed.index) & long["test"].isin({*names, rules.id})
    decided = outcome(final, rules)
    rows = long[mine].copy()
    codes, tests = rows[key].tolist(), rows["test"].tolist()
    words = {name: _words(final[name]) for name in {*names, rules.id}}
    entries, own = _entries(listed), computed.to_dict()
    rows["answer"] = [words[test][code] for code, test in zip(codes, tests, strict=True)]
    if rules.outcomes:
        rows["value"] = [decided[code] if test == rules.id else None for code, test in zip(codes, tests, strict=True)]
    rows["article"] = [entries[code]["document"] for code in codes]
    for lang in _LANGUAGES:
        reasons = {code: _listed_reason(entry, own[code], rules, lang) for code, entry in entries.items()}
        rows[f"reason_{lang}"] = [reasons[code] for code in codes]
    return pd.concat([long[~mine], rows.astype(long.dtypes)]).sort_index()


def _entries(listed: pd.DataFrame) -> dict[str, dict[str, str]]:
    return {
        str(code): {str(name): str(value) for name, value in row.items()}
        for code, row in listed.to_dict("index").items()
    }


def _words(answers: pd.Series[Any]) -> dict[Any, str]:
    words = {True: "met", False: "not_met"}
    return {code: "unknown" if pd.isna(answer) else words[bool(answer)] for code, answer in answers.items()}


def _listed_reason(entry: Mapping[str, str], computed: str | None, rules: RuleSet, lang: Language) -> str:
    document = entry["document"] or say("classify.no_document", lang)
    if entry["date"]:
        day = say_day(date.fromisoformat(entry["date"]), lang)
        document = say("classify.dated", lang, document=document, date=day)
    decision = say_decision(entry["decision"], rules, lang)
    return say(
        "classify.listed", lang, decision=decision, document=document, computed=say_decision(computed, rules, lang)
    )


def _compare(
    ruling: Ruling, computed: pd.Series[str], listed: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """List the units where the list contradicts what the figures give, with the computed reason."""
    rules, entries, own = ruling.rules, _entries(listed), computed.to_dict()
    apart = [code for code, entry in entries.items() if contradicts(entry["decision"], own[code])]
    key = UNIT_KEYS[rules.unit]
    whole = ruling.explained(apart)
    whole = whole[whole["test"] == rules.id].set_index(key)
    rows: list[tuple[Any, ...]] = []
    issues: list[Issue] = []
    for code in apart:
        decision, document = entries[code]["decision"], entries[code]["document"]
        reasons = (whole["reason_vi"][code], whole["reason_en"][code])
        rows.append((code, rules.id, decision, own[code], document, *reasons))
        signs = {"listed": sign_decision(decision, rules), "computed": sign_decision(own[code], rules)}
        place = {"file": file, "row": code, "value": decision}
        issues.append(Issue.of("warning", "classify.list_differs", **place, code=code, ruleset=rules.id, **signs))
    return pd.DataFrame(rows, columns=pd.Index((key, *_DIFFERENCES[1:])), dtype="str"), tuple(issues)


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
