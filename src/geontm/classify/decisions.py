"""What a rule set decides for a unit, as a word that lists and computation share."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd

from geontm.law import OUTSIDE_SCOPE, RuleSet
from geontm.law.words import uncapitalised
from geontm.messages import Language, say

__all__ = ["Decision", "contradicts", "exclude", "excluded", "say_decision", "sign_decision"]

Decision: TypeAlias = str
"""Id of an outcome, ``outside_scope``, ``met``, ``not_met``, or ``not <outcome>`` where a list only excludes one."""


def exclude(outcome_id: str) -> Decision:
    """Return the decision that a unit does not have an outcome, whichever it has."""
    return f"not {outcome_id}"


def excluded(decision: Decision) -> str:
    """Return the outcome that a decision only excludes, or an empty string."""
    return decision.removeprefix("not ") if decision.startswith("not ") else ""


def contradicts(decision: Decision, computed: Decision | None) -> bool:
    """Tell whether a computed decision is known and is not what the list says."""
    if computed is None or pd.isna(computed):
        return False
    return computed == excluded(decision) if excluded(decision) else computed != decision


def say_decision(decision: Decision | None, rules: RuleSet, lang: Language) -> str:
    """Write a decision in words."""
    if decision is None or pd.isna(decision):
        return say("classify.undecided", lang)
    if decision == OUTSIDE_SCOPE:
        return say("classify.outside_scope", lang)
    named = rules.outcome(excluded(decision) or decision) if rules.outcomes else rules
    label = named.label[lang]
    if decision == "not_met" or excluded(decision):
        return say("classify.not_classed", lang, label=uncapitalised(label))
    return say("classify.classed", lang, label=label)


def sign_decision(decision: Decision, rules: RuleSet) -> str:
    """Write a decision so that it reads the same in every language: III, ✓, ✗, –."""
    if decision == OUTSIDE_SCOPE:
        return "–"
    if not rules.outcomes:
        return "✓" if decision == "met" else "✗"
    outcome = rules.outcome(excluded(decision) or decision)
    sign = outcome.spellings[0] if outcome.spellings else str(outcome.value)
    return f"≠ {sign}" if excluded(decision) else sign
