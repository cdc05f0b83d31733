"""What would change a verdict and what is missing to it, in the planner's words, Vietnamese and English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geontm.classify.decisions import say_decision
from geontm.law import RuleSet
from geontm.law.flips import Flip
from geontm.law.levers import Move
from geontm.law.missing import Gap, Missing, OpenThreshold, ThresholdGap
from geontm.law.words import as_read, say_number, say_unit, say_value, uncapitalised, unit_read
from geontm.messages import Language, say

__all__ = ["brief_change", "brief_missing", "is_told", "say_flip", "say_missing", "say_move", "say_names"]

_REASONS: tuple[ThresholdGap, ...] = ("province", "ministry", "not_established", "unverified", "national_figure")


def say_move(move: Move, rules: RuleSet, lang: Language) -> str:
    """Write one change: "Poor households: from 27% to less than 10% (down by more than 17 percentage points)"."""
    words = {"label": move.label[lang], "before": "", "after": _after(move, rules, lang)}
    if move.kind == "ruling":
        return say("explain.change_ruling", lang, ruleset=move.name, **words)
    words["before"] = _state(move, move.before, lang)
    difference = move.difference
    if not difference:
        key = "assessed" if move.kind == "assessment" else "plain"
        return say(f"explain.change_{key}", lang, **words)
    assert move.column is not None
    unit = say_unit(move.column.unit, lang)
    difference = as_read(difference, move.column)
    if unit_read(move.column) == "%":
        unit = say("law.unit_point" if abs(difference) == 1 else "law.unit_points", lang)
    size = f"{say_number(abs(difference), lang, near=(0.0,))} {unit}".rstrip()
    key = ("up" if difference > 0 else "down") + ("_more" if move.bound else "")
    return say("explain.change_number", lang, difference=say(f"explain.by_{key}", lang, size=size), **words)


def say_flip(flip: Flip, rules: RuleSet, lang: Language) -> str:
    """Write one way to another decision."""
    changes = say("explain.and", lang).join(say_move(move, rules, lang) for move in flip.changes)
    decision = _target(flip.target, rules, lang)
    key = "improvement" if flip.improvements else "any"
    key = "criterion" if any(flip.target == each.id for each in rules.criteria) else key
    text = say(f"explain.way_{key}", lang, decision=decision, changes=changes, n=len(flip.changes))
    if flip.presumed:
        text += say("explain.presumed", lang, names=say_names([move.label[lang] for move in flip.presumed], lang, 6))
    return text


def say_missing(missing: Missing, rules: RuleSet, lang: Language) -> list[str]:
    """Write what an open verdict waits for, one line for each kind of gap; no line where nothing is missing."""
    lines = []
    if missing.figures:
        lines.append(say("explain.could_decide", lang, names=_gaps(missing.figures, lang, 12)))
    for decision, gaps in missing.smallest.items():
        words = {"decision": _target(decision, rules, lang), "names": _gaps(gaps, lang, 12), "n": len(gaps)}
        lines.append(say("explain.smallest", lang, **words))
    if missing.needed:
        lines.append(say("explain.needed", lang, names=_gaps(missing.needed, lang, 12)))
    for reason in _REASONS:
        labels = _thresholds(missing.thresholds, reason, lang)
        if labels:
            lines.append(say(f"explain.threshold_{reason}", lang, names=say_names(labels, lang, 12)))
    return lines


def is_told(flip: Flip) -> bool:
    """Tell whether a card should tell a way: facts that are what they are (lying on the border) do not change."""
    return all(move.improvement is not None or move.difference is not None for move in flip.changes)


def brief_change(flip: Flip | None, rules: RuleSet, lang: Language, *, listed: bool) -> str:
    """Write the shortest way to another decision as one line; empty where there is none."""
    if flip is None:
        return ""
    text = say_flip(flip, rules, lang)
    return say("explain.by_figures", lang, text=text) if listed else text


def brief_missing(missing: Missing, lang: Language) -> str:
    """Write what an open verdict waits for as one line; empty where nothing is missing."""
    parts = []
    if missing.figures:
        parts.append(_gaps(missing.needed or missing.figures, lang, 3))
    if missing.thresholds:
        parts.append(say("explain.open_thresholds", lang, n=len(missing.thresholds)))
    return "; ".join(parts)


def say_names(names: Sequence[str], lang: Language, most: int) -> str:
    """Join names, those beyond ``most`` only counted."""
    shown = list(dict.fromkeys(names))
    text = "; ".join(shown[:most])
    return text + say("explain.more", lang, n=len(shown) - most) if len(shown) > most else text


def _target(target: str, rules: RuleSet, lang: Language) -> str:
    criterion = next((each for each in rules.criteria if each.id == target), None)
    if criterion is not None:
        return say("explain.criterion", lang, no=criterion.no, label=criterion.label[lang])
    return uncapitalised(say_decision(target, rules, lang))


def _after(move: Move, rules: RuleSet, lang: Language) -> str:
    if move.kind == "ruling":
        if isinstance(move.after, bool):
            return say("law.yes" if move.after else "law.no", lang)
        return move.after or say("explain.another_result", lang)
    text = _state(move, move.after, lang)
    return say("law.more_than" if move.bound == "above" else "law.less_than", lang, limit=text) if move.bound else text


def _state(move: Move, value: Any, lang: Language) -> str:
    if move.kind == "assessment" or move.column is None:
        return say("explain.assessed_met" if value else "explain.assessed_not_met", lang)
    if value == "":
        return say("explain.another_value", lang)
    return say_value(value, move.column, lang, near=(move.after,) if move.difference is not None else ())


def _gaps(gaps: Sequence[Gap], lang: Language, most: int) -> str:
    return say_names([gap.label[lang] for gap in gaps], lang, most)


def _thresholds(thresholds: Sequence[OpenThreshold], reason: ThresholdGap, lang: Language) -> list[str]:
    return [each.label[lang] for each in thresholds if each.reason == reason]
