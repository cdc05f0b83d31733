"""A rule set in words for a planner, and as plain data for other programs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from geontm.law.rules import AllOf, AnyOf, ByGroup, CountOf, Limit, Node, Not, Range, RuleSet, Test, Threshold
from geontm.law.words import citation, say_day, say_threshold
from geontm.messages import Language, say

__all__ = ["as_data", "describe", "evidence_counts"]


def evidence_counts(rules: RuleSet) -> dict[str, int]:
    """Count the tests by how well their threshold is known."""
    found = Counter(test.evidence.status for test in rules.tests)
    return {"verified": found["verified"], "recalled": found["recalled"], "unknown": found["unknown"]}


def describe(rules: RuleSet, lang: Language) -> str:
    """Write a rule set for the screen: document, dates, every condition with its threshold, article and evidence."""
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
        lines += ["", say("law.show_scope", lang), *_lines(rules.scope, rules, lang, 1)]
    if rules.verdict is not None:
        lines += ["", say("law.show_verdict", lang, label=rules.label[lang]), *_lines(rules.verdict, rules, lang, 1)]
    for outcome in rules.outcomes:
        place = citation(rules, outcome.article, lang)
        if outcome.when is None:
            lines += ["", say("law.show_otherwise", lang, label=outcome.label[lang], citation=place)]
        else:
            lines += ["", say("law.show_outcome", lang, label=outcome.label[lang], citation=place)]
            lines += _lines(outcome.when, rules, lang, 1)
    if rules.note:
        lines += ["", rules.note[lang]]
    if rules.source.urls:
        lines += ["", say("law.show_sources", lang), *(f"  {url}" for url in rules.source.urls)]
    return "\n".join(lines)


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
    }


def _lines(node: Node, rules: RuleSet, lang: Language, depth: int) -> list[str]:
    indent = "  " * depth
    match node:
        case Test():
            mark = say(f"law.evidence_{node.evidence.status}", lang)
            text = say("law.show_test", lang, label=node.label[lang], limit=say_threshold(node, lang))
            return [f"{indent}- {text} [{node.id}; {citation(rules, node.article, lang)}; {mark}]"]
        case Not(of=part):
            return [f"{indent}- {say('law.show_not', lang)}", *_lines(part, rules, lang, depth + 1)]
        case AllOf(of=parts):
            head = say("law.show_all", lang)
        case AnyOf(of=parts):
            head = say("law.show_any", lang)
        case CountOf(need=need, of=parts):
            head = say("law.show_count", lang, need=need, n=len(parts))
    return [f"{indent}- {head}", *(line for part in parts for line in _lines(part, rules, lang, depth + 1))]


def _node_data(node: Node | None) -> Any:
    match node:
        case None:
            return None
        case Test():
            return {
                "id": node.id,
                "indicator": node.indicator,
                "unit": node.column.unit,
                "comparison": node.comparison,
                "threshold": _threshold_data(node.threshold),
                "article": node.article,
                "evidence": {"status": node.evidence.status, "sources": list(node.evidence.sources)},
            }
        case Not(of=part):
            return {"not": _node_data(part)}
        case AllOf(of=parts):
            return {"all": [_node_data(part) for part in parts]}
        case AnyOf(of=parts):
            return {"any": [_node_data(part) for part in parts]}
        case CountOf(need=need, of=parts):
            return {"count_of": {"need": need, "of": [_node_data(part) for part in parts]}}


def _threshold_data(threshold: Threshold) -> Any:
    if isinstance(threshold, ByGroup):
        limits = {name: _threshold_data(inner) for name, inner in threshold.limits.items()}
        return {"by": threshold.by, "limits": limits, "default": _threshold_data(threshold.default)}
    return _limit_data(threshold)


def _limit_data(limit: Limit | None) -> Any:
    match limit:
        case Range(low=low, high=high):
            return {"from": low, "below": high}
        case tuple():
            return list(limit)
        case _:
            return limit
