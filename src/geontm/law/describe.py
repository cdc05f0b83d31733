"""A rule set in words for a planner, and as plain data for other programs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from geontm.law.nodes import (
    AllOf,
    AnyOf,
    Assessed,
    ByGroup,
    CountOf,
    Criterion,
    Evidence,
    Leaf,
    Limit,
    Node,
    Not,
    Range,
    Reference,
    Test,
    Threshold,
    Times,
    When,
)
from geontm.law.rules import Fact, RuleSet
from geontm.law.words import citation, cite, say_day, say_number, say_threshold, say_unit, uncapitalised
from geontm.messages import Label, Language, catalogue, say

__all__ = ["as_data", "describe", "evidence_counts"]

_NO_WORD = re.compile(r"\W+")
_POINTER = re.compile(r"deprivation_\d+")  # the rule of a deprivation that stands above it by name

_STATUSES = ("verified", "recalled", "unknown")


def evidence_counts(rules: RuleSet, parts: Sequence[RuleSet] = ()) -> dict[str, int]:
    """Count the rows of the law's own table by how well they are known.

    Parameters
    ----------
    rules : RuleSet
    parts : sequence of RuleSet
        Other parts of the same set, whose rows are counted with it (``part_of``).

    Returns
    -------
    dict
        ``verified``, ``recalled``, ``unknown``. Conditions that share a row (``code``) count once, as the least known
        of them; a set without numbered rows counts its conditions.
    """
    found: dict[str, str] = {}
    for each in (rules, *parts):
        for row in (*each.leaves, *each.definitions):
            if row.code:
                found[row.code] = max(found.get(row.code, "verified"), row.evidence.status, key=_STATUSES.index)
    if not found:
        found = {leaf.id: leaf.evidence.status for leaf in rules.leaves}
    return {status: sum(each == status for each in found.values()) for status in _STATUSES}


def describe(rules: RuleSet, lang: Language, *, others: Sequence[RuleSet] = ()) -> str:
    """Write a rule set for the screen: document, dates, every condition with its threshold, article and evidence.

    Parameters
    ----------
    rules : RuleSet
    lang : {"vi", "en"}
    others : sequence of RuleSet
        Sets whose results conditions may read: their outcomes are then named by label, else by id.
    """
    known = {each.id: each for each in others}
    start, end = rules.in_force.start, rules.in_force.end
    dates = (
        say("law.show_dates", lang, start=say_day(start, lang), end=say_day(end, lang))
        if end
        else say("law.show_dates_open", lang, start=say_day(start, lang))
    )
    lines = [
        f"{rules.id}: {rules.label[lang]}",
        say("law.show_document", lang, document=citation(rules, rules.source.article, lang)),
        dates,
        say(f"law.unit_{rules.unit}", lang),
        say("law.show_evidence", lang, **evidence_counts(rules)),
    ]
    if rules.scope is not None:
        lines += ["", say("law.show_scope", lang), *_lines(rules.scope, rules, lang, 1, known)]
    if rules.group_override is not None:
        override = rules.group_override
        group = override.column.choices[override.use][lang]
        lines += ["", say("law.show_override", lang, group=group, by=uncapitalised(override.column.label[lang]))]
        lines += _lines(override.when, rules, lang, 1, known)
    if rules.verdict is not None:
        lines += [
            "",
            say("law.show_verdict", lang, label=rules.label[lang]),
            *_lines(rules.verdict, rules, lang, 1, known),
        ]
    for outcome in rules.outcomes:
        place = citation(rules, outcome.article, lang)
        if outcome.when is None:
            lines += ["", say("law.show_otherwise", lang, label=outcome.label[lang], citation=place)]
        else:
            lines += ["", say("law.show_outcome", lang, label=outcome.label[lang], citation=place)]
            lines += _lines(outcome.when, rules, lang, 1, known)
    if rules.definitions:
        lines += ["", say("law.show_definitions", lang)]
    for each in rules.definitions:
        text = f": {each.text[lang]}" if each.text else ""
        lines.append(f"  - {each.code} {each.label[lang]}{text} [{_mark(each.evidence, lang)}]")
    if rules.facts:
        lines += ["", say("law.show_facts", lang)]
    for fact in rules.facts:
        shown = _say_fact(fact, lang)
        lines.append(f"  - {fact.label[lang]}{shown and f': {shown}'} [{_mark(fact.evidence, lang)}]")
    if rules.note:
        lines += ["", rules.note[lang]]
    if rules.source.urls:
        lines += ["", say("law.show_sources", lang), *(f"  {url}" for url in rules.source.urls)]
    return "\n".join(lines)


def _say_fact(fact: Fact, lang: Language) -> str:
    """Write what a fact comes to; nothing where its label says it all and the value only points to another fact."""
    if fact.value is None:
        return say("law.limit_unknown", lang)
    if isinstance(fact.value, str) and _POINTER.fullmatch(fact.value):
        return ""
    values = fact.value if isinstance(fact.value, tuple) else (fact.value,)
    words = ", ".join(_say_fact_value(value, lang) for value in values)
    return f"{words}%" if fact.unit == "%" else f"{words} {say_unit(fact.unit, lang)}".rstrip()


def _say_fact_value(value: object, lang: Language) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return say_number(value, lang)
    word = _NO_WORD.sub("_", str(value)).strip("_")
    key = f"facts.word_{word}"
    return say(key, lang) if key in catalogue() else str(value)


def as_data(rules: RuleSet) -> dict[str, Any]:
    """Return a rule set as plain dictionaries and lists, ready for JSON."""
    source, dates = rules.source, rules.in_force
    return {
        "id": rules.id,
        "label": {"vi": rules.label.vi, "en": rules.label.en},
        "unit": rules.unit,
        "source": {
            "document": source.document,
            "article": source.article,
            "amended_by": source.amended_by,
            "date": source.date.isoformat() if source.date else None,
            "urls": list(source.urls),
        },
        "in_force": {"start": dates.start.isoformat(), "end": dates.end.isoformat() if dates.end else None},
        "columns": dict(rules.columns),
        "evidence": evidence_counts(rules),
        "kind": rules.kind,
        "family": rules.family,
        "part_of": rules.part_of,
        "scope": _node_data(rules.scope),
        "verdict": _node_data(rules.verdict),
        "outcomes": [
            {
                "id": each.id,
                "label": {"vi": each.label.vi, "en": each.label.en},
                "value": each.value,
                "article": each.article,
                "when": _node_data(each.when) if each.when is not None else "otherwise",
            }
            for each in rules.outcomes
        ],
        "definitions": [
            {"code": each.code, "label": _pair(each.label), "evidence": _evidence_data(each.evidence)}
            for each in rules.definitions
        ],
        "facts": [
            {"key": each.key, "label": _pair(each.label), "value": each.value, "unit": each.unit,
             "evidence": _evidence_data(each.evidence)}
            for each in rules.facts
        ],
    }  # fmt: skip


def _mark(evidence: Evidence, lang: Language) -> str:
    return say(f"law.evidence_{evidence.status}", lang)


def _pair(label: Label) -> dict[str, str]:
    return {"vi": label.vi, "en": label.en}


def _evidence_data(evidence: Evidence) -> dict[str, Any]:
    found: dict[str, Any] = {"status": evidence.status, "sources": list(evidence.sources)}
    return found | ({"note": evidence.note} if evidence.note else {})


def _outcome_names(node: Reference, target: RuleSet | None, lang: Language) -> str:
    labels = {each.id: each.label[lang] for each in target.outcomes} if target else {}
    return ", ".join(labels.get(name, name) for name in node.outcomes)


def _lines(node: Node, rules: RuleSet, lang: Language, depth: int, known: Mapping[str, RuleSet]) -> list[str]:
    indent = "  " * depth
    parts: tuple[Node, ...]
    match node:
        case Test():
            limit = say_threshold(node, lang)
            if node.set_by and node.threshold is None:
                limit = say(f"law.set_by_{node.set_by}", lang)
            text = say("law.show_test", lang, label=node.label[lang], limit=limit)
            return [f"{indent}- {text} [{node.id}; {cite(node, rules, lang)}; {_mark(node.evidence, lang)}]"]
        case Assessed():
            text = say("law.show_assessed", lang, label=node.label[lang])
            return [f"{indent}- {text} [{node.id}; {cite(node, rules, lang)}; {_mark(node.evidence, lang)}]"]
        case Reference():
            names = _outcome_names(node, known.get(node.ruleset), lang) or say(
                "law.yes" if node.equals else "law.no", lang
            )
            text = say("law.show_reference", lang, label=node.label[lang], ruleset=node.ruleset, names=names)
            return [f"{indent}- {text} [{node.id}; {cite(node, rules, lang)}; {_mark(node.evidence, lang)}]"]
        case Not(of=part):
            return [f"{indent}- {say('law.show_not', lang)}", *_lines(part, rules, lang, depth + 1, known)]
        case When(applies=condition, of=part):
            head = [f"{indent}- {say('law.show_when', lang)}", *_lines(condition, rules, lang, depth + 2, known)]
            return [*head, *_lines(part, rules, lang, depth + 1, known)]
        case AllOf(of=parts):
            title = say("law.show_all", lang)
        case AnyOf(of=parts):
            title = say("law.show_any", lang)
        case Criterion(of=parts):
            title = say("law.show_criterion", lang, no=node.no, label=node.label[lang], size=node.size_text)
        case CountOf(of=parts):
            title = say("law.show_count", lang, need=node.need, n=len(parts))
            cases = [
                line
                for case in node.cases
                for line in (
                    f"{indent}  {say('law.show_need', lang, need=case.then)}",
                    *_lines(case.when, rules, lang, depth + 2, known),
                )
            ]
            inside = [line for part in parts for line in _lines(part, rules, lang, depth + 1, known)]
            return [f"{indent}- {title}", *cases, *inside]
    return [f"{indent}- {title}", *(line for part in parts for line in _lines(part, rules, lang, depth + 1, known))]


def _node_data(node: Node | None) -> Any:
    match node:
        case None:
            return None
        case Test():
            return _test_data(node)
        case Assessed():
            return _leaf_data(node) | {"assessed": True}
        case Reference():
            decided = {"outcomes": list(node.outcomes)} if node.outcomes else {"equals": node.equals}
            return _leaf_data(node) | {"ruleset": node.ruleset} | decided
        case Not(of=part):
            return {"not": _node_data(part)}
        case When(applies=condition, of=part):
            return {"applies_when": _node_data(condition), "of": _node_data(part)}
        case AllOf(of=parts):
            return {"all": [_node_data(part) for part in parts]}
        case AnyOf(of=parts):
            return {"any": [_node_data(part) for part in parts]}
        case Criterion(of=parts):
            inside = [_node_data(part) for part in parts]
            size = node.size if node.sized else None
            return {"criterion": node.no, "label": _pair(node.label), "size": size, "all": inside}
        case CountOf(need=need, of=parts):
            cases = [{"if": _node_data(case.when), "then": case.then} for case in node.cases]
            needed: Any = {"default": need, "when": cases} if cases else need
            return {"count_of": {"need": needed, "of": [_node_data(part) for part in parts]}}


def _leaf_data(leaf: Leaf) -> dict[str, Any]:
    return {
        "id": leaf.id,
        "code": leaf.code,
        "label": _pair(leaf.label),
        "article": leaf.article,
        "evidence": _evidence_data(leaf.evidence),
    }


def _test_data(test: Test) -> dict[str, Any]:
    found = _leaf_data(test) | {
        "indicator": test.indicator,
        "unit": test.column.unit,
        "comparison": test.comparison,
        "threshold": _threshold_data(test.threshold),
    }
    if test.set_by:
        found["set_by"] = test.set_by
    if test.origin is not None:
        found["set_in"] = {"document": test.origin.document, "article": test.origin.article}
    return found


def _threshold_data(threshold: Threshold) -> Any:
    if isinstance(threshold, Times):
        return {"times": _threshold_data(threshold.factor), "figure": threshold.figure}
    if isinstance(threshold, ByGroup):
        limits = {name: _threshold_data(inner) for name, inner in threshold.limits.items()}
        found = {"by": threshold.by, "limits": limits, "default": _threshold_data(threshold.default)}
        if threshold.national is not None:
            found["national"] = _limit_data(threshold.national)
        return found | ({"seen": sorted(threshold.seen)} if threshold.seen else {})
    return _limit_data(threshold)


def _limit_data(limit: Limit | None) -> Any:
    match limit:
        case Range(low=low, high=high):
            if limit.low_closed and not limit.high_closed:
                return {"from": low, "below": high}
            return {"above": low, "up_to": high}
        case tuple():
            return list(limit)
        case _:
            return limit
