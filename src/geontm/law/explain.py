"""The reason for every answer: value, threshold, distance and article, in Vietnamese and English, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geontm.law.evaluate import MET, NOT_MET, UNKNOWN, Facts, Signs, applicable, usable
from geontm.law.justify import justify
from geontm.law.rules import OUTSIDE_SCOPE, Limit, Range, RuleSet, Test
from geontm.law.sentences import Kind, Teller
from geontm.law.words import citation, code_threshold, code_value, uncapitalised
from geontm.messages import Language, catalogue, say

__all__ = ["LONG_COLUMNS", "distance", "explain"]

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
_LANGUAGES: tuple[Language, Language] = ("vi", "en")
_WORDS = np.array(["not_met", "unknown", "met"], dtype=object)
_SEVERAL = -1  # position of the limit of a unit for which more than one limit may apply

Texts = Mapping[Language, Sequence[str]]


@dataclass(frozen=True)
class _Rows:
    """The rows of one test or verdict: one entry per unit in every sequence; ``parts`` is what a verdict quotes."""

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
        What :func:`geontm.law.evaluate` gave.

    Returns
    -------
    DataFrame, n × (tests + outcomes + 1) rows, columns ``LONG_COLUMNS``
        Ordered as the units, then as in the law. ``distance`` is in the unit of the indicator and signed: positive is
        the margin by which a condition is met, negative what is missing to it, 0 exactly on the limit (met or not as
        the comparison says); empty where a value or a threshold is unknown or is not a number. ``value`` and
        ``threshold`` are machine-readable text (decimal point); the row of a set with outcomes has the id of the
        outcome, or ``outside_scope``, for a value.
    """
    signs = {str(name): _signs(answers[name]) for name in answers}
    tests = [_explain_test(test, rules, facts, signs[test.id]) for test in rules.tests]
    rows = [*tests, *_explain_rules(rules, signs, {each.test: each.parts for each in tests})]
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


def _explain_test(test: Test, rules: RuleSet, facts: Facts, signs: Signs) -> _Rows:
    limits = applicable(test.threshold, facts)
    trusted = usable(test, rules, facts.allow_unverified)
    column = facts.units[test.indicator]
    values = [None if gap else value for value, gap in zip(column.tolist(), column.isna().tolist(), strict=True)]
    position, gaps = np.full(len(values), _SEVERAL), np.full(len(values), np.nan)
    count = np.sum([mask for _, mask in limits], axis=0)
    for index, (limit, mask) in enumerate(limits):
        only = mask & (count == 1)
        position[only] = index
        if trusted and test.column.type in ("number", "integer"):
            gaps = np.where(only, distance(test, limit, column.to_numpy(dtype=float, na_value=np.nan)), gaps)
    places = position.tolist()
    kinds = [
        _kind(sign, value is None, place != _SEVERAL and limits[place][0] is None, trusted)
        for sign, value, place in zip(signs.tolist(), values, places, strict=True)
    ]
    margins = [None if np.isnan(gap) else gap for gap in gaps.tolist()]
    told: dict[Language, list[tuple[str, str]]] = {}
    for lang in _LANGUAGES:
        teller = Teller(test, rules, lang)
        tell = [teller.teller(limit, several=False) for limit, _ in limits] + [teller.teller(None, several=True)]
        told[lang] = [tell[i](v, d, k) for i, v, d, k in zip(places, values, margins, kinds, strict=True)]
    codes = [code_threshold(test.comparison, limit) or None for limit, _ in limits] + [None]
    return _Rows(
        test=test.id,
        answer=_words(signs),
        article=citation(rules, test.article, "vi"),
        reasons={lang: [whole for whole, _ in told[lang]] for lang in _LANGUAGES},
        value=[None if value is None else code_value(value, test.column) for value in values],
        threshold=[codes[place] for place in places],
        distance=gaps,
        parts={lang: [part for _, part in told[lang]] for lang in _LANGUAGES},
    )


def _kind(sign: int, missing: bool, no_limit: bool, trusted: bool) -> Kind:
    if sign != UNKNOWN:
        return "met" if sign == MET else "not_met"
    if no_limit:
        return "limit_unknown"
    if not trusted:
        return "unverified"
    return "missing" if missing else "group_unknown"


def _explain_rules(rules: RuleSet, signs: Mapping[str, Signs], parts: Mapping[str, Texts]) -> list[_Rows]:
    """Write the rows of the verdict, or of each outcome and then of the set as a whole."""
    tests = [test.id for test in rules.tests]
    matrix = np.stack([signs[name] for name in tests], axis=1)
    patterns, which = np.unique(matrix, axis=0, return_inverse=True)
    states = [dict(zip(tests, row, strict=True)) for row in patterns.tolist()]
    # Units with the same answers share the tests that carry them; only the values quoted differ.
    deciding = {name: [justify(rule, state) for state in states] for name, rule in rules.answers.items()}
    verdicts = _Verdicts(rules, signs, parts, deciding, which.reshape(-1).tolist())
    rows = [verdicts.answer(name) for name in rules.answers]
    return [*rows, verdicts.overall(rows, states)] if rules.outcomes else rows


@dataclass(frozen=True)
class _Verdicts:
    """What the reasons of verdicts are made of: answers, the parts to quote, the tests that decide, pattern by unit."""

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
    size = len(index)
    text: dict[str, Any] = {
        "commune_code": np.tile(index.to_numpy(), len(rows)),
        "ruleset": [rules.id] * (size * len(rows)),
        "test": np.repeat([each.test for each in rows], size),
        "answer": np.concatenate([each.answer for each in rows]),
        "value": [value for each in rows for value in each.value],
        "threshold": [threshold for each in rows for threshold in each.threshold],
        "article": np.repeat([each.article for each in rows], size),
        "reason_vi": [text for each in rows for text in each.reasons["vi"]],
        "reason_en": [text for each in rows for text in each.reasons["en"]],
    }
    frame = pd.DataFrame(text, dtype="str")
    frame["distance"] = pd.array(np.concatenate([each.distance for each in rows]), dtype="Float64")
    by_unit = np.arange(size * len(rows)).reshape(len(rows), size).T.reshape(-1)
    return frame[list(LONG_COLUMNS)].iloc[by_unit].reset_index(drop=True)
