"""One rule set over units, prepared once for all questions about what else could be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from geontm.law.evaluate import FROM_PARTS, answer_leaves, answer_rule, overridden_groups
from geontm.law.limits import MET, UNKNOWN, Applied, Facts, Mask, Signs, applicable
from geontm.law.nodes import YEAR, Leaf, Node, Test, leaves
from geontm.law.rules import OUTSIDE_SCOPE, RuleSet
from geontm.law.scales import Scale, make_scale
from geontm.law.search import Goal, goal

__all__ = ["Ground", "decisions"]


def decisions(rules: RuleSet) -> tuple[str, ...]:
    """Name every decision a rule set can come to: ``met`` and ``not_met``, or its outcomes and ``outside_scope``."""
    if not rules.answers:
        return ()
    if not rules.outcomes:
        return ("met", "not_met")
    return (*(each.id for each in rules.outcomes), OUTSIDE_SCOPE)


@dataclass(frozen=True)
class Ground:
    """One rule set over units, prepared once for all of them: signs, limits, cells.

    Attributes
    ----------
    facts : Facts
    rules : RuleSet
    waits : dict
        What open verdicts wait for, by how their units stand; see :func:`geontm.law.missing.missing_in`.
    """

    facts: Facts
    rules: RuleSet
    waits: dict[tuple[object, ...], Any] = field(default_factory=dict, compare=False, repr=False)
    _goals: dict[str, list[Goal]] = field(default_factory=dict, compare=False, repr=False)
    _scales: dict[tuple[bool, ...], Mapping[str, Scale]] = field(default_factory=dict, compare=False, repr=False)
    _values: dict[str, list[Any]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def signs(self) -> Mapping[str, Signs]:
        """Signs of every condition over the units; of a criterion as assessed as a whole, or ``FROM_PARTS``."""
        return answer_leaves(self.facts, self.rules)

    @cached_property
    def rules_of(self) -> Mapping[str, Node]:
        """The rule behind each answer."""
        return self.rules.answers

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every condition once."""
        return self.rules.leaves

    @cached_property
    def answers(self) -> Mapping[str, Signs]:
        """Signs of the verdict, or of every outcome, over the units."""
        size = len(self.facts.units)
        return {name: answer_rule(rule, self.signs, size) for name, rule in self.rules_of.items()}

    @cached_property
    def criteria(self) -> Mapping[str, Signs]:
        """Signs of every criterion over the units."""
        return {each.id: answer_rule(each, self.signs, len(self.facts.units)) for each in self.rules.criteria}

    def decision(self, row: int) -> str | None:
        """Tell what the rule set decides for a unit; None where it is undecided."""
        signs = {name: int(sign[row]) for name, sign in self.answers.items()}
        if not self.rules.outcomes:
            return {1: "met", -1: "not_met"}.get(signs.get(self.rules.id, 0))
        held = [name for name, sign in signs.items() if sign == MET]
        if held:
            return held[-1]
        return None if UNKNOWN in signs.values() else OUTSIDE_SCOPE

    def goals(self, decision: str) -> list[Goal]:
        """Write a decision as goals over the conditions."""
        if decision not in self._goals:
            rules = self.rules_of
            if decision == OUTSIDE_SCOPE:
                self._goals[decision] = [goal(rule, -1) for rule in rules.values()]
            elif decision in rules and self.rules.outcomes:
                self._goals[decision] = [goal(rules[decision], 1)]
            else:
                self._goals[decision] = [goal(rules[self.rules.id], 1 if decision == "met" else -1)]
        return self._goals[decision]

    @cached_property
    def limits(self) -> Mapping[str, Sequence[tuple[Applied, Mask]]]:
        """The limits of every test, each with the units to which it may apply."""
        overridden = overridden_groups(self.facts, self.rules)
        return {test.id: applicable(test, self.rules, self.facts, overridden) for test in self.rules.tests}

    @cached_property
    def tests(self) -> Mapping[str, tuple[Test, ...]]:
        """The tests of every indicator."""
        found: dict[str, tuple[Test, ...]] = {}
        for test in self.rules.tests:
            found[test.indicator] = (*found.get(test.indicator, ()), test)
        return found

    @cached_property
    def selectors(self) -> tuple[str, ...]:
        """Columns that choose which limits apply (region, what puts a unit under another group); they do not change."""
        names = {column.name for test in self.rules.tests for column in test.columns[1:]}
        group = self.rules.group_override
        if group is not None:
            names |= {group.by} | {leaf.indicator for leaf in leaves(group.when) if isinstance(leaf, Test)}
        return tuple(sorted(names - {YEAR}))

    def signs_of(self, row: int) -> dict[str, int]:
        """Signs of the conditions of one unit; of a criterion only where it was assessed as a whole."""
        found = {name: int(signs[row]) for name, signs in self.signs.items()}
        return {name: sign for name, sign in found.items() if sign != FROM_PARTS}

    def value(self, row: int, name: str) -> Any:
        """Return the figure of a unit; None where it is unknown or the table has no such column."""
        if name not in self.facts.units:
            return None
        if name not in self._values:
            column = self.facts.units[name]
            self._values[name] = [
                None if gap else value for value, gap in zip(column.tolist(), column.isna().tolist(), strict=True)
            ]
        return self._values[name][row]

    def scales(self, row: int) -> Mapping[str, Scale]:
        """Cells of every indicator under the limits that apply to a unit; units of one group share them."""
        key = tuple(bool(mask[row]) for limits in self.limits.values() for _, mask in limits)
        if key not in self._scales:
            self._scales[key] = {
                name: make_scale(tests, [[a for a, mask in self.limits[test.id] if mask[row]] for test in tests])
                for name, tests in self.tests.items()
            }
        return self._scales[key]

    def said(self, row: int, names: Sequence[str]) -> tuple[str, bool | None]:
        """Return the name under which something is assessed ("" where it cannot be), and what is said of the unit."""
        table = self.facts.assessed.get(self.rules.id)
        found = next((name for name in names if table is not None and name and name in table), "")
        if table is None or not found:
            return "", None
        answer = table[found].get(self.facts.units.index[row])
        return found, None if answer is None or pd.isna(answer) else bool(answer)
