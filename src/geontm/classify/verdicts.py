"""Every rule set over the communes of a project: answers, reasons, official lists, scores."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from geontm.classify.decisions import contradicts, say_decision, sign_decision
from geontm.classify.fill import fill_missing
from geontm.classify.lists import OfficialList, apply_list, read_list
from geontm.errors import RuleError
from geontm.law import LONG_COLUMNS, Facts, RuleSet, evaluate, explain, outcome
from geontm.law.words import say_day
from geontm.messages import Language, say
from geontm.tables import Issue

__all__ = ["Verdicts", "evaluate_all", "require_allowances"]

_LANGUAGES: tuple[Language, Language] = ("vi", "en")
_DECISIONS = ("commune_code", "ruleset", "outcome", "source", "computed", "document", "date")
_DIFFERENCES = ("commune_code", "ruleset", "listed", "computed", "document", "reason_vi", "reason_en")
_SCORES = ("commune_code", "ruleset", "met", "not_met", "unknown", "of")


@dataclass(frozen=True)
class Verdicts:
    """What the law says of every commune.

    Attributes
    ----------
    long : DataFrame
        ``commune_code, ruleset, test, answer, value, threshold, distance, article, reason_vi, reason_en``: a row per
        test, per outcome and per rule set (``test`` is then the id of the outcome or of the rule set).
    wide : DataFrame, index ``commune_code``
        The result columns of the rule sets (``is_border``, ``development_region``, ``is_extremely_difficult``);
        official list first. Empty is unknown; ``development_region`` is empty outside the scope too, where
        ``is_extremely_difficult`` is False and ``decisions`` says ``outside_scope``.
    decisions : DataFrame
        ``commune_code, ruleset, outcome, source, computed, document, date``: ``source`` is ``listed`` or
        ``computed``; ``outcome`` is ``met`` / ``not_met``, the id of an outcome, ``outside_scope``, or empty.
    scores : DataFrame
        ``commune_code, ruleset, met, not_met, unknown, of``: tests by answer, as computed.
    differences : DataFrame
        ``commune_code, ruleset, listed, computed, document, reason_vi, reason_en``: where a list contradicts what the
        figures give, with the computed reason.
    issues : tuple of Issue
    """

    long: pd.DataFrame
    wide: pd.DataFrame
    decisions: pd.DataFrame
    scores: pd.DataFrame
    differences: pd.DataFrame
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class _Ruling:
    """One rule set over all communes."""

    rules: RuleSet
    long: pd.DataFrame
    answers: pd.DataFrame
    decisions: pd.DataFrame
    scores: pd.DataFrame
    differences: pd.DataFrame
    issues: tuple[Issue, ...]


def evaluate_all(
    table: pd.DataFrame,
    rulesets: Sequence[RuleSet],
    *,
    lists: Sequence[OfficialList] = (),
    as_of: date | None = None,
    allow_unverified: Collection[str] = (),
) -> Verdicts:
    """Answer every rule set for every commune; official lists outrank what is computed.

    Parameters
    ----------
    table : DataFrame, n rows, index ``commune_code``
        Indicators and measures named as in the column dictionary, in its units; a gap is unknown. A column that a rule
        set reads and the table lacks is unknown throughout, with an issue. Not altered.
    rulesets : sequence of RuleSet
        Where two give the same result column, the first that is in force on ``as_of`` fills it.
    lists : sequence of OfficialList
        At most one per rule set.
    as_of : date, optional
        Chooses thresholds by year and the decisions that lists may carry. Whether the rule sets are in force is for
        :func:`geontm.law.require_in_force`.
    allow_unverified : collection of str
        Rule sets, tests, or ``"ruleset/test"``, whose recalled thresholds may decide.

    Returns
    -------
    Verdicts
        Rows ordered by code, then as the rule sets and their tests, whatever the order of ``table``.

    Raises
    ------
    RuleError
        A code stands twice in the index; a rule set is not about communes; a list answers a rule set that is not among
        ``rulesets``, or two answer the same; ``allow_unverified`` names nothing that exists.
    """
    _check(table, rulesets, lists, allow_unverified)
    units, issues = fill_missing(table.sort_index(), rulesets)
    by_ruleset = {official.ruleset: official for official in lists}
    facts = Facts(units, as_of, allow_unverified)
    rulings = [_rule(facts, rules, by_ruleset.get(rules.id)) for rules in rulesets]
    wide, shared = _wide(rulings, units.index, as_of)
    for ruling in rulings:
        issues += ruling.issues
    return Verdicts(
        long=_stack([ruling.long for ruling in rulings], LONG_COLUMNS),
        wide=wide.reindex(table.index),
        decisions=_stack([ruling.decisions for ruling in rulings], _DECISIONS),
        scores=_stack([ruling.scores for ruling in rulings], _SCORES),
        differences=_stack([ruling.differences for ruling in rulings], _DIFFERENCES),
        issues=issues + shared,
    )


def _check(
    table: pd.DataFrame,
    rulesets: Sequence[RuleSet],
    lists: Sequence[OfficialList],
    allow_unverified: Collection[str],
) -> None:
    if table.index.has_duplicates:
        raise RuleError("classify.code_twice", code=table.index[table.index.duplicated()][0])
    names = [rules.id for rules in rulesets]
    for rules in rulesets:
        if rules.unit != "commune":
            raise RuleError("classify.not_communes", where=rules.id, ruleset=rules.id, unit=rules.unit)
    for position, official in enumerate(lists):
        if official.ruleset not in names:
            raise RuleError(
                "classify.list_unknown", where=official.file, ruleset=official.ruleset, known=", ".join(names)
            )
        if any(other.ruleset == official.ruleset for other in lists[:position]):
            raise RuleError("classify.two_lists", where=official.file, ruleset=official.ruleset)
    require_allowances(rulesets, allow_unverified)


def require_allowances(rulesets: Sequence[RuleSet], allow_unverified: Collection[str]) -> None:
    """Refuse an allowance that names neither a rule set nor a test of one.

    Raises
    ------
    RuleError
        Naming the nearest that exists.
    """
    names = [rules.id for rules in rulesets]
    known = {*names, *(name for rules in rulesets for t in rules.tests for name in (t.id, f"{rules.id}/{t.id}"))}
    for name in allow_unverified:
        if name not in known:
            close = difflib.get_close_matches(name, sorted(known), n=1) or sorted(names)
            raise RuleError("classify.unknown_allowance", where="allow_unverified", name=name, nearest=", ".join(close))


def _rule(facts: Facts, rules: RuleSet, official: OfficialList | None) -> _Ruling:
    answers = evaluate(facts.units, rules, as_of=facts.as_of, allow_unverified=facts.allow_unverified)
    long = explain(facts, rules, answers)
    computed = outcome(answers, rules)
    decisions = _text_frame(
        {
            "commune_code": answers.index,
            "ruleset": [rules.id] * len(answers),
            "outcome": computed,
            "source": [None if gap else "computed" for gap in computed.isna()],
            "computed": computed,
            "document": [None] * len(answers),
            "date": [None] * len(answers),
        }
    )
    scores = _score(answers, rules)
    if official is None:
        return _Ruling(rules, long, answers, decisions, scores, pd.DataFrame(columns=pd.Index(_DIFFERENCES)), ())
    listed = read_list(official, rules, facts.units, as_of=facts.as_of)
    final = apply_list(answers, listed.table, rules)
    differences, told = _compare(long, computed, listed.table, rules, official.file)
    return _Ruling(
        rules=rules,
        long=_rewrite(long, final, computed, listed.table, rules),
        answers=final,
        decisions=_decide(decisions, outcome(final, rules), listed.table),
        scores=scores,
        differences=differences,
        issues=listed.issues + told,
    )


def _text_frame(columns: Mapping[str, Iterable[Any]]) -> pd.DataFrame:
    """Make a table of texts with gaps and a plain index; columns are put side by side by position."""
    return pd.DataFrame({name: list(values) for name, values in columns.items()}, dtype="str")


def _score(answers: pd.DataFrame, rules: RuleSet) -> pd.DataFrame:
    tests = answers[[test.id for test in rules.tests]]
    met = tests.fillna(False).sum(axis=1).to_numpy(dtype=int)
    unknown = tests.isna().sum(axis=1).to_numpy(dtype=int)
    of = len(rules.tests)
    counts = {"met": met, "not_met": of - met - unknown, "unknown": unknown, "of": of}
    frame = pd.DataFrame({"commune_code": answers.index, "ruleset": rules.id, **counts}, columns=pd.Index(_SCORES))
    return frame.astype({"commune_code": "str", "ruleset": "str"})


def _decide(decisions: pd.DataFrame, final: pd.Series[str], listed: pd.DataFrame) -> pd.DataFrame:
    """Put the list's decisions, its documents and dates over the computed ones."""
    table = decisions.set_index("commune_code", drop=False)
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
    mine = long["commune_code"].isin(listed.index) & long["test"].isin({*names, rules.id})
    decided = outcome(final, rules)
    rows = long[mine].copy()
    codes, tests = rows["commune_code"].tolist(), rows["test"].tolist()
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
    long: pd.DataFrame, computed: pd.Series[str], listed: pd.DataFrame, rules: RuleSet, file: str
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """List the units where the list contradicts what the figures give, with the computed reason."""
    whole = long[long["test"] == rules.id]
    reasons = dict(zip(whole["commune_code"], zip(whole["reason_vi"], whole["reason_en"], strict=True), strict=True))
    computed_by_code = computed.to_dict()
    rows: list[tuple[Any, ...]] = []
    issues: list[Issue] = []
    for code, entry in _entries(listed).items():
        decision, own = entry["decision"], computed_by_code[code]
        if not contradicts(decision, own):
            continue
        rows.append((code, rules.id, decision, own, entry["document"], *reasons[code]))
        signs = {"listed": sign_decision(decision, rules), "computed": sign_decision(own, rules)}
        place = {"file": file, "row": code, "value": decision}
        issues.append(Issue.of("warning", "classify.list_differs", **place, code=code, ruleset=rules.id, **signs))
    return pd.DataFrame(rows, columns=pd.Index(_DIFFERENCES), dtype="str"), tuple(issues)


def _wide(
    rulings: Sequence[_Ruling], index: pd.Index[Any], as_of: date | None
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Fill each result column from the first rule set in force that gives it."""
    wide = pd.DataFrame(index=index)
    issues: list[Issue] = []
    ordered = sorted(rulings, key=lambda each: as_of is not None and as_of not in each.rules.in_force)
    givers: dict[str, list[_Ruling]] = {}
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


def _column(ruling: _Ruling, filler: str) -> pd.Series[Any]:
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
    return whole.iloc[whole["commune_code"].to_numpy().astype(str).argsort(kind="stable")].reset_index(drop=True)
