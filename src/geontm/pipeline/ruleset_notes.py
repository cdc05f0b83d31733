"""What is printed of rule sets: documents and days, outcomes, conditions with their limits in words, as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from geontm import classify
from geontm.classify.decisions import sign_decision
from geontm.law import Leaf, RuleSet, Test
from geontm.law.evaluate import overridden_groups
from geontm.law.limits import Applied, Overridden, applicable, usable
from geontm.law.missing import threshold_gap
from geontm.law.nodes import Assessed, leaves
from geontm.law.sentences import Teller
from geontm.law.words import citation, cite, code_threshold, say_threshold
from geontm.messages import Language, say
from geontm.publish.content import ConditionNote, OutcomeNote, RuleSetNote
from geontm.tables import Label

__all__ = ["notes_of"]


def notes_of(rulesets: Sequence[RuleSet], verdicts: Iterable[classify.Verdicts]) -> tuple[RuleSetNote, ...]:
    """Note of every rule set what is printed beside its verdicts.

    Parameters
    ----------
    rulesets : sequence of RuleSet
        In the project's order; overrides applied.
    verdicts : iterable of Verdicts
        What they were asked with. A set that none of these holds (of villages, of households) has no conditions noted.
    """
    rulings = {ruling.rules.id: ruling for each in verdicts for ruling in each.rulings}
    return tuple(_note(rules, rulings.get(rules.id)) for rules in rulesets)


def _note(rules: RuleSet, ruling: classify.Ruling | None) -> RuleSetNote:
    return RuleSetNote(
        id=rules.id,
        label=rules.label,
        document=rules.source.document,
        scored=bool(rules.criteria),
        columns=tuple(rules.columns),
        unit=rules.unit,
        day=rules.source.date,
        amended_by=rules.source.amended_by,
        outcomes=tuple(
            OutcomeNote(each.id, each.label, sign_decision(each.id, rules), each.value) for each in rules.outcomes
        ),
        conditions=tuple(_conditions(ruling)) if ruling is not None else (),
    )


def _conditions(ruling: classify.Ruling) -> Iterator[ConditionNote]:
    rules = ruling.rules
    overridden = overridden_groups(ruling.facts, rules)
    for leaf in rules.leaves:
        yield _condition(leaf, ruling, overridden)
    for criterion in rules.criteria:
        article = next((leaf.article for leaf in leaves(criterion)), "")
        place = Label(citation(rules, article, "vi"), citation(rules, article, "en"))
        yield ConditionNote(criterion.id, criterion.label, place=place, number=criterion.no)


def _condition(leaf: Leaf, ruling: classify.Ruling, overridden: Overridden | None) -> ConditionNote:
    rules, facts = ruling.rules, ruling.facts
    place = Label(cite(leaf, rules, "vi"), cite(leaf, rules, "en"))
    if not isinstance(leaf, Test):
        trusted = isinstance(leaf, Assessed) or usable(leaf, rules, facts.allow_unverified)
        doubt = "" if trusted else "unverified"
        return ConditionNote(leaf.id, leaf.label, place=place, evidence=leaf.evidence.status, doubt=doubt)
    found = [applied for applied, mask in applicable(leaf, rules, facts, overridden) if mask.any()]
    limits = {code_threshold(leaf.comparison, each.limit): _both(leaf, rules, each) for each in found}
    return ConditionNote(
        test=leaf.id,
        label=leaf.label,
        limit=_both(leaf, rules, found[0] if len(found) == 1 else None),
        limits={code: limit for code, limit in limits.items() if code},
        place=place,
        evidence="verified" if leaf.origin is not None else leaf.evidence.status,
        doubt=next((reason for each in found if (reason := threshold_gap(leaf, each))), ""),
    )


def _both(test: Test, rules: RuleSet, applied: Applied | None) -> Label:
    """Write one limit, or without one the whole threshold, in both languages."""

    def write(lang: Language) -> str:
        if applied is None:
            return say_threshold(test, lang)
        if applied.limit is None and test.set_by:
            return say(f"law.set_by_{test.set_by}", lang)
        return Teller(test, rules, lang).limit(applied)

    return Label(write("vi"), write("en"))
