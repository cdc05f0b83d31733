"""What each rule set gave, and which of its conditions fail most often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from geontm.law.rules import OUTSIDE_SCOPE
from geontm.messages import Language, say
from geontm.publish.content import ConditionNote, Content, RuleSetNote
from geontm.publish.words.fields import ConditionRow, Outcome, RuleSetResult
from geontm.publish.words.wording import figure, share, upper_first, words
from geontm.tables import Label

__all__ = ["rule_set_results"]

MOST = 12  # conditions of a set that the report lists; the table of verdicts has all

_ANSWERS = ("met", "not_met", "unknown")


def rule_set_results(content: Content) -> tuple[RuleSetResult, ...]:
    """Sum up the answers of every rule set of a run, in the order of the project."""
    rows = content.verdicts
    by_set = {str(name): table for name, table in rows.groupby("ruleset", sort=False)} if len(rows) else {}
    notes = {note.id: note for note in content.rulesets}
    names = list(dict.fromkeys([*notes, *sorted(by_set)]))
    empty = rows.iloc[:0]
    return tuple(
        _result(content, notes.get(name) or RuleSetNote(name, Label(name, name)), by_set.get(name, empty))
        for name in names
    )


def _result(content: Content, note: RuleSetNote, rows: pd.DataFrame) -> RuleSetResult:
    lang, name = content.lang, note.id
    tests = rows["test"].astype("str") if len(rows) else pd.Series(dtype="str")
    counts = {test: _count(rows[tests == test]) for test in dict.fromkeys(tests)}
    own = rows[tests == name] if len(rows) else rows
    parts = _conditions(note, counts, rows, lang)
    ranked = sorted(parts, key=lambda part: (-part.counts["not_met"], -part.counts["unknown"]))
    failing = [part for part in ranked if part.counts["not_met"] or part.counts["unknown"]]
    left = len(failing) - MOST
    return RuleSetResult(
        label=note.label[lang],
        document=note.cited(lang),
        notes=_notes(content, name, own),
        outcomes=_outcomes(note, own, counts, lang),
        conditions=tuple(part.row(lang) for part in failing[:MOST]),
        left=words("conditions_left", lang, n=left) if left > 0 else "",
    )


def _count(rows: pd.DataFrame) -> dict[str, int]:
    return {answer: int((rows["answer"] == answer).sum()) for answer in _ANSWERS}


def _notes(content: Content, name: str, own: pd.DataFrame) -> tuple[str, ...]:
    """Say what a reader of these figures must know: constructed figures, official lists, units left undecided."""
    lang, told = content.lang, []
    scores = content.scores
    if "illustrative" in scores and scores.loc[scores["ruleset"] == name, "illustrative"].fillna(False).any():
        told.append(words("ruleset_illustrative", lang))
    made = content.decisions
    listed = made[(made["ruleset"] == name) & (made["source"] == "listed")] if len(made) else made
    if len(listed):
        documents = "; ".join(sorted(set(listed["document"].dropna().astype("str")) - {""}))
        documents = documents or say("classify.no_document", lang)
        told.append(words("ruleset_listed", lang, n=len(listed), documents=documents))
    if not len(own):
        told.append(words("ruleset_without_verdicts", lang))
    return tuple(told)


def _outcomes(
    note: RuleSetNote, own: pd.DataFrame, by_test: Mapping[str, Mapping[str, int]], lang: Language
) -> tuple[Outcome, ...]:
    """Count the answers of a set: each of its outcomes, or met and not met; what is undecided stands last."""
    n = len(own)
    if not n:
        return ()
    counts = _count(own)
    if note.outcomes:
        named = [(upper_first(each.label[lang]), by_test.get(each.id, {}).get("met", 0)) for each in note.outcomes]
        outside = int((own["value"] == OUTSIDE_SCOPE).sum())
        rest = counts["met"] + counts["not_met"] - sum(count for _, count in named) - outside
        named += [(words("outcome_outside", lang), outside)] if outside else []
        named += [(words("outcome_none", lang), rest)] if rest > 0 else []
    else:
        label = note.label[lang]
        named = [(upper_first(label), counts["met"]), (words("outcome_not_met", lang), counts["not_met"])]
    named.append((words("outcome_unknown", lang), counts["unknown"]))
    return tuple(Outcome(name, figure(count, lang), share(count, n, lang)) for name, count in named)


@dataclass(frozen=True)
class _Condition:
    """A condition and how the units answer it."""

    label: str
    limit: str
    article: str
    counts: Mapping[str, int]

    def row(self, lang: Language) -> ConditionRow:
        counts = {answer: figure(count, lang) for answer, count in self.counts.items()}
        return ConditionRow(upper_first(self.label), self.limit or "–", self.article, **counts)


def _conditions(
    note: RuleSetNote, counts: Mapping[str, Mapping[str, int]], rows: pd.DataFrame, lang: Language
) -> list[_Condition]:
    """List the conditions of a set, of a scored one its criteria; one that the law asks in two places stands once."""
    verdicts = {note.id, *note.outcomes_by_id}
    known = note.conditions_by_id
    tests = [test for test in counts if test not in verdicts]
    criteria = [test for test in tests if test in known and known[test].number]
    found: dict[tuple[object, ...], _Condition] = {}
    for test in criteria if note.scored and criteria else tests:
        each = known.get(test) or _unnamed(test, rows)
        label = f"{each.number}. {each.label[lang]}" if each.number else each.label[lang]
        one = _Condition(label, each.limit[lang], each.place[lang], counts[test])
        found.setdefault((one.label, one.limit, one.article, *one.counts.values()), one)
    return list(found.values())


def _unnamed(test: str, rows: pd.DataFrame) -> ConditionNote:
    """Name a condition that no rule set of the run notes by its id, with the articles that its answers cite."""
    articles = "; ".join(sorted(set(rows.loc[rows["test"] == test, "article"].dropna().astype("str"))))
    return ConditionNote(test, Label(test, test), place=Label(articles, articles))
