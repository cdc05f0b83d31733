"""The reason for every answer: value, threshold, distance and article, in Vietnamese and English, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geontm.law.evaluate import FROM_PARTS, assessed_signs, overridden_groups
from geontm.law.justify import justify
from geontm.law.limits import MET, NOT_MET, UNKNOWN, Applied, Facts, Overridden, Signs, applicable, usable
from geontm.law.nodes import Assessed, Criterion, Leaf, Limit, Range, Reference, Test, leaves
from geontm.law.rules import OUTSIDE_SCOPE, RuleSet
from geontm.law.sentences import Kind, Teller
from geontm.law.words import citation, cite, code_threshold, code_value, uncapitalised
from geontm.messages import Language, catalogue, say

__all__ = ["LONG_COLUMNS", "UNIT_KEYS", "distance", "explain"]

LONG_COLUMNS = (
    "commune_code",
    "ruleset",
    "test",
    "answer",
    "value",
    "threshold",
    "distance",
    "article",
    "reason_vi",
    "reason_en",
)
UNIT_KEYS = {
    "household": "household_id",
    "village": "village_code",
    "commune": "commune_code",
    "district": "district_code",
    "province": "province_code",
    "nation": "nation_code",
}
"""Key column of the tables of each unit."""
_LANGUAGES: tuple[Language, Language] = ("vi", "en")
_WORDS = np.array(["not_met", "unknown", "met"], dtype=object)
_SEVERAL = -1  # position of the limit of a unit for which more than one limit may apply

Texts = Mapping[Language, Sequence[str]]


@dataclass(frozen=True)
class _Rows:
    """The rows of one condition or verdict: one entry per unit; ``parts`` is what a verdict quotes."""

    test: str
    answer: npt.NDArray[Any]
    article: str
    reasons: Texts
    value: Sequence[str | None]
    threshold: Sequence[str | None]
    distance: npt.NDArray[np.float64]
    parts: Texts = field(default_factory=dict)


def explain(facts: Facts, rules: RuleSet, answers: pd.DataFrame) -> pd.DataFrame:
    """Write the long table of answers and reasons of one rule set.

    Parameters
    ----------
    facts : Facts
        What was asked; the same that ``answers`` were made from.
    rules : RuleSet
    answers : DataFrame
        What :func:`geontm.law.answer` gave.

    Returns
    -------
    DataFrame, n × (conditions + criteria + outcomes + 1) rows, columns ``LONG_COLUMNS``
        The first column is named by the unit of the rule set (``UNIT_KEYS``). Ordered as the units, then as in the law.
        ``distance`` is in the unit of the indicator and signed: positive is the margin by which a condition is met,
        negative what is missing to it, 0 exactly on the limit (met or not as the comparison says); empty where a value
        or a threshold is unknown or is not a number. ``value`` and ``threshold`` are machine-readable text (decimal
        point); the row of a set with outcomes has the id of the outcome, or ``outside_scope``, for a value, the row of
        a criterion the number of its indicators that are met, as ``3/4``.
    """
    signs = {str(name): _signs(answers[name]) for name in answers}
    overridden = overridden_groups(facts, rules)
    rows = [_explain_leaf(leaf, rules, facts, signs[leaf.id], overridden) for leaf in rules.leaves]
    parts = {each.test: each.parts for each in rows}
    assessed = {each.id: assessed_signs(facts, rules, (each.id, each.no)) for each in rules.criteria}
    for criterion in rules.criteria:
        rows.append(_explain_criterion(criterion, rules, signs, assessed[criterion.id]))
        parts[criterion.id] = rows[-1].parts
    rows += _explain_rules(rules, signs, parts, assessed)
    return _long(rows, rules, facts.units.index)


def distance(test: Test, limit: Limit | None, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Signed distance of values to a limit, in their unit: positive beyond meeting it, negative short of it."""
    if isinstance(limit, Range):
        return np.minimum(values - limit.low, limit.high - values)
    if limit is None or isinstance(limit, (bool, str, tuple)) or test.comparison == "equals":
        return np.full(len(values), np.nan)
    return values - limit if test.comparison in ("at_least", "more_than") else limit - values


def _signs(answers: pd.Series[Any]) -> Signs:
    known = answers.fillna(False).to_numpy(dtype=bool)
    return np.where(answers.isna().to_numpy(), UNKNOWN, np.where(known, MET, NOT_MET)).astype(np.int8)


def _words(signs: Signs) -> npt.NDArray[Any]:
    words: npt.NDArray[Any] = _WORDS[signs.astype(int) + 1]
    return words


def _explain_leaf(leaf: Leaf, rules: RuleSet, facts: Facts, signs: Signs, overridden: Overridden | None) -> _Rows:
    if isinstance(leaf, Test):
        return _explain_test(leaf, rules, facts, signs, overridden)
    trusted = isinstance(leaf, Assessed) or usable(leaf, rules, facts.allow_unverified)
    return _explain_plain(leaf, rules, signs, trusted=trusted)


def _explain_plain(leaf: Assessed | Reference, rules: RuleSet, signs: Signs, *, trusted: bool) -> _Rows:
    """Write the rows of a condition that no figure answers: three sentences, one for each answer."""
    kind = "assessed" if isinstance(leaf, Assessed) else "reference"
    words = _words(signs).tolist()
    reasons, parts = {}, {}
    for lang in _LANGUAGES:
        fields = {"label": leaf.label[lang], "citation": cite(leaf, rules, lang)}
        fields["ruleset"] = leaf.ruleset if isinstance(leaf, Reference) else ""
        whole = {word: say(f"law.{kind}_{word}", lang, **fields) for word in _WORDS}
        part = {word: say(f"law.part_{kind}_{word}", lang, **fields) for word in _WORDS}
        if not trusted:
            whole["unknown"] = say("law.reference_unverified", lang, **fields)
            part["unknown"] = say("law.part_reference_unverified", lang, **fields)
        reasons[lang], parts[lang] = [whole[word] for word in words], [part[word] for word in words]
    nothing: list[str | None] = [None] * len(words)
    return _Rows(
        leaf.id, _words(signs), cite(leaf, rules, "vi"), reasons, nothing, nothing, np.full(len(words), np.nan), parts
    )


def _explain_test(test: Test, rules: RuleSet, facts: Facts, signs: Signs, overridden: Overridden | None) -> _Rows:
    limits = applicable(test, rules, facts, overridden)
    column = facts.units[test.indicator]
    values = [None if gap else value for value, gap in zip(column.tolist(), column.isna().tolist(), strict=True)]
    position, gaps = np.full(len(values), _SEVERAL), np.full(len(values), np.nan)
    count = np.sum([mask for _, mask in limits], axis=0)
    for index, (applied, mask) in enumerate(limits):
        only = mask & (count == 1)
        position[only] = index
        if applied.trusted and test.column.type in ("number", "integer"):
            gaps = np.where(only, distance(test, applied.limit, column.to_numpy(dtype=float, na_value=np.nan)), gaps)
    places = position.tolist()
    said = assessed_signs(facts, rules, (test.id, test.code)).tolist()
    kinds = [
        _kind(sign, value is None, limits[place][0] if place != _SEVERAL else None, test, judged)
        for sign, value, place, judged in zip(signs.tolist(), values, places, said, strict=True)
    ]
    margins = [None if np.isnan(gap) else gap for gap in gaps.tolist()]
    told: dict[Language, list[tuple[str, str]]] = {}
    for lang in _LANGUAGES:
        teller = Teller(test, rules, lang)
        tell = [teller.teller(applied, several=False) for applied, _ in limits]
        tell.append(teller.teller(Applied(None), several=True))
        told[lang] = [tell[i](v, d, k) for i, v, d, k in zip(places, values, margins, kinds, strict=True)]
    codes = [code_threshold(test.comparison, applied.limit) or None for applied, _ in limits] + [None]
    return _Rows(
        test=test.id,
        answer=_words(signs),
        article=cite(test, rules, "vi"),
        reasons={lang: [whole for whole, _ in told[lang]] for lang in _LANGUAGES},
        value=[None if value is None else code_value(value, test.column) for value in values],
        threshold=[codes[place] for place in places],
        distance=gaps,
        parts={lang: [part for _, part in told[lang]] for lang in _LANGUAGES},
    )


def _kind(sign: int, missing: bool, applied: Applied | None, test: Test, said: int) -> Kind:
    """Choose the sentence: ``applied`` None means that several limits may apply; ``said`` is an assessment's sign."""
    if said != UNKNOWN:
        return "said_met" if said == MET else "said_not_met"
    if sign != UNKNOWN:
        if missing:
            return "between"
        return "met" if sign == MET else "not_met"
    if applied is not None and applied.limit is None:
        return "left_open" if test.set_by else "limit_unknown"
    if applied is not None and not applied.trusted:
        return "unverified"
    return "missing" if missing else "group_unknown"


def _explain_criterion(criterion: Criterion, rules: RuleSet, signs: Mapping[str, Signs], said: Signs) -> _Rows:
    """Write the rows of one criterion: how many of its indicators are met, or that it was assessed as a whole."""
    met, unknown = (count.tolist() for count in indicator_counts(criterion, signs))
    words = _words(signs[criterion.id]).tolist()
    article = next((leaf.article for leaf in leaves(criterion)), "")
    reasons, parts = {}, {}
    for lang in _LANGUAGES:
        fields = {"no": criterion.no, "label": criterion.label[lang], "citation": citation(rules, article, lang)}
        size = criterion.size_text
        whole = {word: catalogue()[f"law.criterion_{word}"][lang] for word in _WORDS}
        assessed = {word: catalogue()[f"law.criterion_said_{word}"][lang] for word in ("met", "not_met")}
        part = say("law.part_criterion", lang, **fields)
        counts = [
            (assessed if judged != UNKNOWN else whole)[word].format(
                met=m, size=size, open=say("law.criterion_open", lang, n=u) if u else "", **fields
            )
            for word, m, u, judged in zip(words, met, unknown, said.tolist(), strict=True)
        ]
        reasons[lang], parts[lang] = counts, [part] * len(words)
    value: list[str | None] = [
        None if judged != UNKNOWN else f"{count}/{criterion.size_text}"
        for count, judged in zip(met, said.tolist(), strict=True)
    ]
    gaps = np.full(len(words), np.nan)
    return _Rows(
        criterion.id, _words(signs[criterion.id]), citation(rules, article, "vi"), reasons, value,
        [None] * len(words), gaps, parts,
    )  # fmt: skip


def indicator_counts(criterion: Criterion, signs: Mapping[str, Signs]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Count the indicators of a criterion that are met, and those that are unknown, for each unit.

    An indicator that stands in several conditions is met when all of them are.
    """
    by_indicator: dict[str, Signs] = {}
    for leaf in leaves(criterion):
        if leaf.of_indicator:
            sign = signs[leaf.id]
            name = leaf.of_indicator
            by_indicator[name] = np.minimum(by_indicator[name], sign) if name in by_indicator else sign
    stacked = np.stack(list(by_indicator.values())) if by_indicator else np.zeros((0, len(signs[criterion.id])))
    return (stacked == MET).sum(axis=0), (stacked == UNKNOWN).sum(axis=0)


def _explain_rules(
    rules: RuleSet, signs: Mapping[str, Signs], parts: Mapping[str, Texts], assessed: Mapping[str, Signs]
) -> list[_Rows]:
    """Write the rows of the verdict, or of each outcome and then of the set as a whole."""
    if not rules.answers:
        return []
    if rules.criteria:
        return [_Verdicts(rules, signs, parts, {}, range(len(signs[rules.id]))).scored()]
    states_of = {leaf.id: signs[leaf.id] for leaf in rules.leaves}
    for name, said in assessed.items():
        states_of[name] = np.where(said == UNKNOWN, FROM_PARTS, said).astype(np.int8)
    names = list(states_of)
    matrix = np.stack([states_of[name] for name in names], axis=1)
    patterns, which = np.unique(matrix, axis=0, return_inverse=True)
    states = [dict(zip(names, row, strict=True)) for row in patterns.tolist()]
    # Units with the same answers share the conditions that carry them; only the values quoted differ.
    deciding = {name: [justify(rule, state) for state in states] for name, rule in rules.answers.items()}
    verdicts = _Verdicts(rules, signs, parts, deciding, which.reshape(-1).tolist())
    rows = [verdicts.answer(name) for name in rules.answers]
    return [*rows, verdicts.overall(rows, states)] if rules.outcomes else rows


@dataclass(frozen=True)
class _Verdicts:
    """What the reasons of verdicts are made of: answers, parts to quote, what decides, pattern by unit."""

    rules: RuleSet
    signs: Mapping[str, Signs]
    parts: Mapping[str, Texts]
    deciding: Mapping[str, Sequence[tuple[str, ...]]]
    which: Sequence[int]

    def answer(self, name: str) -> _Rows:
        """Write the rows of a yes/no verdict or of one outcome."""
        words = _words(self.signs[name])
        label = self.rules.outcome(name).label if self.rules.outcomes else self.rules.label
        article = self.rules.outcome(name).article if self.rules.outcomes else self.rules.source.article
        reasons: dict[Language, list[str]] = {}
        for lang in _LANGUAGES:
            templates = {word: catalogue()[f"law.verdict_{word}"][lang] for word in set(words)}
            shown = {word: label[lang] if word == "met" else uncapitalised(label[lang]) for word in templates}
            place = citation(self.rules, article, lang)
            reasons[lang] = [
                templates[word].format(
                    label=shown[word], because=self.quote(self.deciding[name][pattern], row, lang), citation=place
                )
                for row, (word, pattern) in enumerate(zip(words, self.which, strict=True))
            ]
        return self.rows(name, citation(self.rules, article, "vi"), reasons, [None] * len(words))

    def scored(self) -> _Rows:
        """Write the verdict of a scored set: how many criteria are met, which are not, which are open."""
        names = [criterion.id for criterion in self.rules.criteria]
        matrix = np.stack([self.signs[name] for name in names], axis=1)
        met, of = (matrix == MET).sum(axis=1).tolist(), len(names)
        words = _words(self.signs[self.rules.id]).tolist()
        patterns, which = np.unique(matrix, axis=0, return_inverse=True)
        reasons: dict[Language, list[str]] = {}
        for lang in _LANGUAGES:
            shown = [say("law.part_criterion", lang, no=c.no, label=c.label[lang]) for c in self.rules.criteria]
            tails = [self._unmet(row, shown, lang) for row in patterns]
            asked = self._asked(lang)
            place = citation(self.rules, self.rules.source.article, lang)
            templates = {word: catalogue()[f"law.scored_{word}"][lang] for word in set(words)}
            reasons[lang] = [
                templates[word].format(
                    label=self.rules.label[lang], met=m, of=of, rest=tails[p] + first, citation=place
                )
                for word, m, p, first in zip(words, met, which.reshape(-1).tolist(), asked, strict=True)
            ]
        article = citation(self.rules, self.rules.source.article, "vi")
        return self.rows(self.rules.id, article, reasons, [f"{count}/{of}" for count in met])

    def _asked(self, lang: Language) -> list[str]:
        """Name, for each unit, what is asked before the criteria count and is not met or not known there."""
        if self.rules.scope is None:
            return [""] * len(self.which)
        names = list(dict.fromkeys(leaf.id for leaf in leaves(self.rules.scope)))
        found = []
        for row, signs in enumerate(np.stack([self.signs[name] for name in names], axis=1).tolist()):
            state = dict(zip(names, signs, strict=True))
            tests = [name for name in justify(self.rules.scope, state) if state[name] != MET]
            found.append(say("law.scored_asked", lang, because=self.quote(tests, row, lang)) if tests else "")
        return found

    def _unmet(self, row: npt.NDArray[np.int8], shown: Sequence[str], lang: Language) -> str:
        told = []
        for sign, key in ((NOT_MET, "law.scored_unmet"), (UNKNOWN, "law.scored_open")):
            names = [name for name, answer in zip(shown, row, strict=True) if answer == sign]
            if names:
                told.append(say(key, lang, n=len(names), names="; ".join(names)))
        return "".join(told)

    def overall(self, outcomes: Sequence[_Rows], states: Sequence[Mapping[str, int]]) -> _Rows:
        """Write the row of a set with outcomes: the one that holds, or between which it is open, or none."""
        scope = [justify(self.rules.scope, state) if self.rules.scope is not None else () for state in states]
        value: list[str | None] = []
        reasons: dict[Language, list[str]] = {lang: [] for lang in _LANGUAGES}
        for row, pattern in enumerate(self.which):
            holds = next((each for each in outcomes if self.signs[each.test][row] == MET), None)
            still_open = tuple(each.test for each in outcomes if self.signs[each.test][row] == UNKNOWN)
            value.append(holds.test if holds else None if still_open else OUTSIDE_SCOPE)
            for lang in _LANGUAGES:
                if holds:
                    text = holds.reasons[lang][row]
                elif still_open:
                    text = self.undecided(still_open, pattern, row, lang)
                else:
                    because = self.quote(scope[pattern], row, lang)
                    text = say("law.outside", lang, because=because, citation=citation(self.rules, "", lang))
                reasons[lang].append(text)
        return self.rows(self.rules.id, citation(self.rules, "", "vi"), reasons, value)

    def undecided(self, names: tuple[str, ...], pattern: int, row: int, lang: Language) -> str:
        """Name the outcomes that may still hold, and the figures that would decide."""
        between = say("law.or", lang).join(uncapitalised(self.rules.outcome(name).label[lang]) for name in names)
        tests = tuple(dict.fromkeys(test for name in names for test in self.deciding[name][pattern]))
        because, place = self.quote(tests, row, lang), citation(self.rules, "", lang)
        return say("law.open", lang, between=between, because=because, citation=place)

    def quote(self, tests: Sequence[str], row: int, lang: Language) -> str:
        """Join the short parts of some tests; two tests of one indicator may say the same, then once is enough."""
        return "; ".join(dict.fromkeys(self.parts[test][lang][row] for test in tests))

    def rows(self, name: str, article: str, reasons: Texts, value: Sequence[str | None]) -> _Rows:
        """Put the rows together; verdicts have no threshold and no distance."""
        size = len(self.which)
        return _Rows(name, _words(self.signs[name]), article, reasons, value, [None] * size, np.full(size, np.nan))


def _long(rows: Sequence[_Rows], rules: RuleSet, index: pd.Index[Any]) -> pd.DataFrame:
    size, each_row = len(index), len(rows)
    text: dict[str, Any] = {
        "commune_code": [code for code in index for _ in rows],
        "ruleset": [rules.id] * (size * each_row),
        "test": [each.test for each in rows] * size,
        "answer": _by_unit([each.answer.tolist() for each in rows]),
        "value": _by_unit([each.value for each in rows]),
        "threshold": _by_unit([each.threshold for each in rows]),
        "article": [each.article for each in rows] * size,
        "reason_vi": _by_unit([each.reasons["vi"] for each in rows]),
        "reason_en": _by_unit([each.reasons["en"] for each in rows]),
    }
    frame = pd.DataFrame(text, dtype="str")
    gaps = np.stack([each.distance for each in rows], axis=1).reshape(-1) if rows else np.zeros(0)
    frame["distance"] = pd.array(gaps, dtype="Float64")
    frame = frame[list(LONG_COLUMNS)]
    return frame.rename(columns={"commune_code": UNIT_KEYS[rules.unit]})


def _by_unit(columns: Sequence[Sequence[Any]]) -> list[Any]:
    """Put the entries of one unit after each other: the first of every column, then the second of every column."""
    return list(chain.from_iterable(zip(*columns, strict=True)))
