"""One rule set over all units: what was computed, what an official list puts over it, and the reasons on demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from geontm.classify.decisions import contradicts, say_decision, sign_decision
from geontm.classify.lists import OfficialList, apply_list, read_list
from geontm.classify.scores import score
from geontm.law import UNIT_KEYS, Facts, RuleSet, answer, explain, outcome
from geontm.law.words import say_day
from geontm.messages import Language, say
from geontm.tables import Issue

__all__ = ["DIFFERENCES", "Ruling", "rule"]

_LANGUAGES: tuple[Language, Language] = ("vi", "en")
DIFFERENCES = ("commune_code", "ruleset", "listed", "computed", "document", "reason_vi", "reason_en")


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
    differences: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=pd.Index(DIFFERENCES)))
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


def rule(facts: Facts, rules: RuleSet, official: OfficialList | None) -> Ruling:
    """Answer one rule set for every unit and put its official list, if there is one, over the result."""
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
    ruling = Ruling(facts, rules, answers, answers, nothing, decisions, score(answers, rules))
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
    words = {name: _answer_words(final[name]) for name in {*names, rules.id}}
    entries, own = _entries(listed), computed.to_dict()
    rows["answer"] = [words[test][code] for code, test in zip(codes, tests, strict=True)]
    if rules.outcomes:
        rows["value"] = [decided[code] if test == rules.id else None for code, test in zip(codes, tests, strict=True)]
    else:
        rows["value"] = None  # the count of a scored set is not what the list goes by
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


def _answer_words(answers: pd.Series[Any]) -> dict[Any, str]:
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
    return pd.DataFrame(rows, columns=pd.Index((key, *DIFFERENCES[1:])), dtype="str"), tuple(issues)
