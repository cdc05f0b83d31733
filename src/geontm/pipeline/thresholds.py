"""The thresholds that rule sets put on columns, laid out for maps: value, comparison, article, groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

import pandas as pd

from geontm import classify
from geontm.law import YEAR, ByGroup, Range, RuleSet, Test, Times
from geontm.law import Threshold as Limits
from geontm.law.limits import usable
from geontm.law.words import cite
from geontm.messages import Label, say
from geontm.publish.content import Sign, Threshold

__all__ = ["thresholds_of"]

_Found = tuple[float, Sign, tuple[Label, ...], bool]


def thresholds_of(
    rulesets: Sequence[RuleSet], table: pd.DataFrame, question: classify.Question
) -> dict[str, tuple[Threshold, ...]]:
    """Lay out the numeric thresholds of rule sets by the column that they are put on.

    Parameters
    ----------
    rulesets : sequence of RuleSet
        Those about communes, in the project's order; overrides applied.
    table : DataFrame, index ``commune_code``
        Tells which groups (regions) the project has; a threshold of a group that none of its units can be in is left
        out.
    question : Question
        Day, national figures and allowances of the run.

    Returns
    -------
    dict of str to tuple of Threshold
        In the order of value; those that differ only in their group are one.
    """
    found: dict[str, list[Threshold]] = {}
    for rules in rulesets:
        for test in rules.tests:
            if rules.kind == "definitions" or test.column.type not in ("number", "integer"):
                continue
            known = usable(test, rules, question.allow_unverified)
            place = Label(cite(test, rules, "vi"), cite(test, rules, "en"))
            base = Threshold(0.0, "equals", rules.label, place)
            for value, sign, groups, seen in _limits(test, test.threshold, rules, table, question):
                one = replace(base, value=value, comparison=sign, groups=groups, verified=known or seen)
                found.setdefault(test.indicator, []).append(one)
    return {name: _merged(each) for name, each in sorted(found.items())}


def _limits(
    test: Test, limits: Limits, rules: RuleSet, table: pd.DataFrame, question: classify.Question
) -> Iterator[_Found]:
    if isinstance(limits, ByGroup):
        found = [
            (
                label,
                [(*each[:3], each[3] or name in limits.seen) for each in _limits(test, inner, rules, table, question)],
            )
            for name, inner, label in _groups(limits, rules, table, question)
        ]
        alike = all(each == found[0][1] for _, each in found)  # then it is the limit of every unit there is
        for label, each in found[:1] if alike else found:
            for value, sign, groups, seen in each:
                yield value, sign, groups if alike or label is None else (label, *groups), seen
    elif isinstance(limits, Times):
        years = question.figures.get(limits.figure, {})
        before = [year for year in years if question.as_of is not None and year <= question.as_of.year]
        if before:
            figure = Fraction(str(years[max(before)]))
            for value, sign, groups, seen in _limits(test, limits.factor, rules, table, question):
                yield float(Fraction(str(value)) * figure), sign, groups, seen
    elif isinstance(limits, Range):
        yield limits.low, "at_least" if limits.low_closed else "more_than", (), False
        yield limits.high, "at_most" if limits.high_closed else "less_than", (), False
    elif isinstance(limits, (int, float)) and not isinstance(limits, bool):
        word = test.comparison
        if word == "within" or word == "one_of":  # goes with a range or with words, never with one number
            return
        yield float(limits), word, (), False


def _groups(
    limits: ByGroup, rules: RuleSet, table: pd.DataFrame, question: classify.Question
) -> Iterator[tuple[str, Limits, Label | None]]:
    """Yield the groups that some unit may be in, each with its name for the legend; of years the one that holds."""
    if limits.by == YEAR:
        year = str(question.as_of.year) if question.as_of else ""
        yield year, limits.limits.get(year, limits.default), None
        return
    column = table[limits.by] if limits.by in table else pd.Series(pd.NA, table.index)
    present = set(column.dropna().astype("str"))
    if rules.group_override is not None and rules.group_override.by == limits.by:
        present.add(rules.group_override.use)
    everyone = bool(column.isna().any())
    choices: Mapping[str, Label] = limits.column.choices if limits.column else {}
    for name, inner in limits.limits.items():
        if everyone or name in present:
            yield name, inner, choices.get(name, Label(name, name))
    if (everyone and not limits.exhaustive) or present - set(limits.limits):
        yield "", limits.default, Label(say("law.other_groups", "vi"), say("law.other_groups", "en"))


def _merged(found: Sequence[Threshold]) -> tuple[Threshold, ...]:
    """Join thresholds that differ only in their group; keep the order of the rule sets at one value."""
    order = {id(each): place for place, each in enumerate(found)}

    def key(each: Threshold) -> tuple[float, str, str, str, bool]:
        return each.value, each.comparison, each.ruleset.vi, each.place.vi, each.verified

    merged = []
    for _, same in groupby(sorted(found, key=key), key):
        each = list(same)
        everyone = any(not one.groups for one in each)
        groups = () if everyone else tuple(dict.fromkeys(label for one in each for label in one.groups))
        merged.append((each[0].value, min(order[id(one)] for one in each), replace(each[0], groups=groups)))
    return tuple(one for *_, one in sorted(merged, key=lambda entry: entry[:2]))
