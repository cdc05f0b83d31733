"""What a province or a gazette sets in place of the text at hand; each with its own document."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from geontm.errors import RuleError
from geontm.law.nodes import (
    AllOf,
    AnyOf,
    Assessed,
    Comparison,
    CountOf,
    Criterion,
    Leaf,
    Need,
    Node,
    Not,
    Reference,
    Source,
    Test,
    Threshold,
    When,
)
from geontm.law.rules import RuleSet
from geontm.tables import Column, Label

__all__ = ["Override", "override", "rewrite"]


@dataclass(frozen=True)
class Override:
    """One threshold that a document sets.

    Attributes
    ----------
    ruleset, test : str
        The condition, by its id, or by its code where only one condition has it.
    comparison : Comparison or None
        None keeps that of the rule set.
    threshold : Threshold
        In the unit of the column.
    source : Source
        The document that sets it.
    column : Column or None
        The indicator, where the condition had none of its own (it could only be assessed).
    where : str
        File and line, for messages.
    """

    ruleset: str
    test: str
    threshold: Threshold
    source: Source
    comparison: Comparison | None = None
    column: Column | None = None
    label: Label | None = None
    where: str = ""


def override(rules: RuleSet, overrides: Sequence[Override]) -> RuleSet:
    """Return a rule set with the thresholds that documents of the project set.

    Raises
    ------
    RuleError
        An override names a condition that the set does not have, or that several share, or two set the same one.
    """
    mine = [each for each in overrides if each.ruleset == rules.id]
    if not mine:
        return rules
    chosen: dict[str, Override] = {}
    for each in mine:
        leaf = _find(rules, each)
        if leaf.id in chosen:
            raise RuleError("law.override_twice", where=each.where, ruleset=rules.id, test=leaf.id)
        chosen[leaf.id] = each

    def change(leaf: Leaf) -> Leaf:
        return _set(leaf, chosen[leaf.id]) if leaf.id in chosen else leaf

    criteria: Mapping[str, Criterion] = {
        criterion.no: replace(criterion, of=tuple(rewrite(part, change) for part in criterion.of))
        for criterion in rules.criteria
    }
    verdict = rewrite(rules.verdict, change) if rules.verdict is not None else None
    group = rules.group_override
    return replace(
        rules,
        scope=rewrite(rules.scope, change) if rules.scope is not None else None,
        verdict=verdict,
        criteria=tuple(criteria.values()),
        outcomes=tuple(
            replace(each, when=rewrite(each.when, change) if each.when is not None else None) for each in rules.outcomes
        ),
        group_override=replace(group, when=rewrite(group.when, change)) if group is not None else None,
    )


def rewrite(rule: Node, change: Any) -> Node:
    """Return a rule with ``change`` applied to each of its conditions."""
    match rule:
        case Test() | Assessed() | Reference():
            changed: Node = change(rule)
            return changed
        case Not(of=part):
            return Not(rewrite(part, change))
        case When(applies=condition, of=part):
            return When(rewrite(condition, change), rewrite(part, change))
        case CountOf(need=need, of=parts, cases=cases):
            changed_cases = tuple(Need(rewrite(case.when, change), case.then) for case in cases)
            return CountOf(need, tuple(rewrite(part, change) for part in parts), changed_cases)
        case AllOf(of=parts) | AnyOf(of=parts) | Criterion(of=parts):
            return replace(rule, of=tuple(rewrite(part, change) for part in parts))


def _find(rules: RuleSet, each: Override) -> Leaf:
    by_id = {leaf.id: leaf for leaf in rules.leaves}
    if each.test in by_id:
        return by_id[each.test]
    by_code = [leaf for leaf in rules.leaves if leaf.code and leaf.code == each.test]
    if len(by_code) == 1:
        return by_code[0]
    if by_code:
        names = ", ".join(leaf.id for leaf in by_code)
        raise RuleError("law.override_several", where=each.where, ruleset=rules.id, test=each.test, names=names)
    near = ", ".join(difflib.get_close_matches(each.test, list(by_id), n=1) or sorted(by_id)[:12])
    raise RuleError("law.override_unknown", where=each.where, ruleset=rules.id, test=each.test, nearest=near)


def _set(leaf: Leaf, each: Override) -> Leaf:
    label = each.label or leaf.label
    if isinstance(leaf, Test):
        comparison = each.comparison or leaf.comparison
        column = each.column or leaf.column
        return replace(
            leaf, column=column, comparison=comparison, threshold=each.threshold, label=label, set_by="",
            article=each.source.article, origin=each.source,
        )  # fmt: skip
    if isinstance(leaf, Reference) or each.column is None or each.comparison is None:
        raise RuleError("law.override_needs_indicator", where=each.where, ruleset=each.ruleset, test=leaf.id)
    return Test(
        id=leaf.id,
        column=each.column,
        comparison=each.comparison,
        threshold=each.threshold,
        article=each.source.article,
        evidence=leaf.evidence,
        label=label,
        code=leaf.code,
        of_indicator=leaf.of_indicator,
        origin=each.source,
    )
