"""What each rule set gave, and which of its conditions fail most often.

The long table of verdicts holds sentences, made from the catalogue. What a condition is called, and its limit in the
planner's words, is read back with the same sentences of the catalogue turned into patterns.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache

import pandas as pd

from geontm.law.rules import OUTSIDE_SCOPE
from geontm.messages import Language, catalogue
from geontm.publish.content import Content, RuleSetNote
from geontm.publish.words.fields import ConditionRow, Outcome, RuleSetResult
from geontm.publish.words.wording import figure, share, upper_first, words

__all__ = ["rule_set_results"]

MOST = 12  # conditions of a set that the report lists; the table of verdicts has all

_CONDITION = ("law.test_", "law.assessed_", "law.reference_", "law.criterion_")
_VERDICT = ("law.verdict_", "law.outside", "law.open", "law.scored_", "classify.listed")
_ANSWERS = ("met", "not_met", "unknown")


def rule_set_results(content: Content) -> tuple[RuleSetResult, ...]:
    """Sum up the answers of every rule set of a run, in the order of the project."""
    rows = content.verdicts
    by_set = {str(name): table for name, table in rows.groupby("ruleset", sort=False)} if len(rows) else {}
    notes = {note.id: note for note in content.rulesets}
    names = list(dict.fromkeys([*notes, *sorted(by_set)]))
    empty = rows.iloc[:0]
    return tuple(_result(content, notes.get(name), name, by_set.get(name, empty)) for name in names)


def _result(content: Content, note: RuleSetNote | None, name: str, rows: pd.DataFrame) -> RuleSetResult:
    lang = content.lang
    label = note.label[lang] if note else name
    parts: list[_Condition] = []
    outcomes: list[_Condition] = []
    # Tests in the order of the law; within the first unit they stand as it has them.
    for test in dict.fromkeys(rows["test"].astype("str")) if len(rows) else ():
        if test == name:
            continue
        found = _Condition(test, rows[rows["test"] == test], lang)
        (outcomes if found.is_verdict else parts).append(found)
    own = rows[rows["test"] == name] if len(rows) else rows
    if note is not None and note.scored:
        parts = [part for part in parts if part.is_criterion] or parts
    ranked = sorted(parts, key=lambda part: (-part.counts["not_met"], -part.counts["unknown"]))
    failing = [part for part in ranked if part.counts["not_met"] or part.counts["unknown"]]
    left = len(failing) - MOST
    return RuleSetResult(
        label=label,
        document=note.document if note else "",
        notes=_notes(content, name, own),
        outcomes=_outcomes(label, own, outcomes, lang),
        conditions=tuple(part.row(lang) for part in failing[:MOST]),
        left=words("conditions_left", lang, n=left) if left > 0 else "",
    )


def _notes(content: Content, name: str, own: pd.DataFrame) -> tuple[str, ...]:
    """Say what a reader of these figures must know: constructed figures, official lists, units left undecided."""
    lang, told = content.lang, []
    scores = content.scores
    if "illustrative" in scores and scores.loc[scores["ruleset"] == name, "illustrative"].fillna(False).any():
        told.append(words("ruleset_illustrative", lang))
    listed = own["reason_vi"].astype("str").str.match(_patterns(("classify.listed",), "vi")[0]) if len(own) else None
    if listed is not None and listed.any():
        documents = sorted(set(own.loc[listed, "article"].dropna().astype("str")))
        told.append(words("ruleset_listed", lang, n=int(listed.sum()), documents="; ".join(documents)))
    if not len(own):
        told.append(words("ruleset_without_verdicts", lang))
    return tuple(told)


def _outcomes(label: str, own: pd.DataFrame, outcomes: list[_Condition], lang: Language) -> tuple[Outcome, ...]:
    """Count the answers of a set: each of its outcomes, or met and not met; what is undecided stands last."""
    n = len(own)
    if not n:
        return ()
    counts = {answer: int((own["answer"] == answer).sum()) for answer in _ANSWERS}
    if outcomes:
        named = [(upper_first(each.label), each.counts["met"]) for each in outcomes]
        outside = int((own["value"] == OUTSIDE_SCOPE).sum())
        rest = counts["met"] + counts["not_met"] - sum(count for _, count in named) - outside
        named += [(words("outcome_outside", lang), outside)] if outside else []
        named += [(words("outcome_none", lang), rest)] if rest > 0 else []
    else:
        named = [(upper_first(label), counts["met"]), (words("outcome_not_met", lang), counts["not_met"])]
    named.append((words("outcome_unknown", lang), counts["unknown"]))
    return tuple(Outcome(name, figure(count, lang), share(count, n, lang)) for name, count in named)


class _Condition:
    """One test of a set over all units, with what its sentences say of it."""

    def __init__(self, test: str, rows: pd.DataFrame, lang: Language) -> None:
        self.counts = {answer: int((rows["answer"] == answer).sum()) for answer in _ANSWERS}
        self.articles = sorted(set(rows["article"].dropna().astype("str")))
        self.thresholds = sorted(set(rows["threshold"].dropna().astype("str")))
        sentences = rows.drop_duplicates(["answer", "threshold"])
        told = list(sentences["reason_vi" if lang == "vi" else "reason_en"].dropna().astype("str"))
        order = sentences["answer"].map({"met": 0, "not_met": 1, "unknown": 2}).fillna(2).argsort(kind="stable")
        told = [told[k] for k in order if k < len(told)]
        verdicts = [found for text in told if (found := _read(text, _VERDICT, lang))]
        tests = [found for text in told if (found := _read(text, _CONDITION, lang))]
        self.is_verdict = bool(verdicts) and not any("limit" in found for found in tests)
        self.is_criterion = any("no" in found for found in tests)
        read = verdicts if self.is_verdict else tests
        self.label = next(filter(None, map(_named, read)), test)
        limits = [each["limit"] for each in read if each.get("limit")]
        self.limit = "; ".join(dict.fromkeys(limits)) or "; ".join(self.thresholds)

    def row(self, lang: Language) -> ConditionRow:
        counts = {answer: figure(count, lang) for answer, count in self.counts.items()}
        return ConditionRow(upper_first(self.label), self.limit or "–", "; ".join(self.articles), **counts)


def _named(found: dict[str, str]) -> str:
    label = found.get("label") or found.get("decision") or ""
    return f"{found['no']}. {label}" if label and found.get("no") else label


def _read(sentence: str, ids: tuple[str, ...], lang: Language) -> dict[str, str] | None:
    """Return the fields of a sentence of the catalogue; None where no sentence of these ids made it."""
    for pattern in _patterns(ids, lang):
        if found := pattern.fullmatch(sentence):
            return {name: text for name, text in found.groupdict().items() if text}
    return None


@lru_cache(maxsize=8)
def _patterns(ids: tuple[str, ...], lang: Language) -> tuple[re.Pattern[str], ...]:
    """Turn sentences of the catalogue into patterns, those with the longest fixed text first."""
    texts = [entry[lang] for name, entry in catalogue().items() if name.startswith(ids)]
    return tuple(re.compile(_pattern(text), re.DOTALL) for text in sorted(texts, key=_fixed, reverse=True))


def _fixed(text: str) -> int:
    return sum(len(literal) for literal, *_ in string.Formatter().parse(text))


def _pattern(text: str) -> str:
    seen: set[str] = set()
    parts = []
    for literal, name, *_ in string.Formatter().parse(text):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
    return "".join(parts)
