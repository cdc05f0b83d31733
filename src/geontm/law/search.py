"""The cheapest way to bring a rule to an answer: an exact search over what may change.

A rule and the answer wanted are a *goal*: a condition with a sign, or "at least so many of these". What may change is a
*lever*: an indicator, an assessment or another set's decision, with one option for each way in which its conditions can
answer. Goals that share no lever are solved apart; those that share one are tried option by option.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, TypeAlias

from geontm.law.nodes import AllOf, AnyOf, Assessed, CountOf, Criterion, Node, Not, Reference, Test, When

__all__ = ["FREE", "Choice", "Cost", "Goal", "Is", "Lever", "Option", "Solution", "Stated", "cheapest", "goal"]

Cost: TypeAlias = tuple[int, int, int, float]
"""Compared from the left: changes, changes for the worse, unknown figures presumed, relative size."""
FREE: Cost = (0, 0, 0, 0.0)


@dataclass(frozen=True)
class Option:
    """One way in which a lever may stand: the signs of its conditions, what it costs, and the value behind it."""

    signs: Mapping[str, int]
    cost: Cost = FREE
    value: Any = None


@dataclass(frozen=True)
class Lever:
    """Something that may change; ``options`` cheapest first, the first is how it stands now."""

    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True, eq=False)
class Is:
    """A condition shall have this sign."""

    leaf: str
    sign: int
    leaves: frozenset[str]


@dataclass(frozen=True, eq=False)
class Choice:
    """At least ``need`` of these goals shall hold."""

    need: int
    of: tuple[Goal, ...]
    leaves: frozenset[str]


@dataclass(frozen=True, eq=False)
class Stated:
    """A criterion shall have this sign: as assessed where it was assessed as a whole, else by its parts."""

    criterion: str
    sign: int
    parts: Goal
    leaves: frozenset[str]


Goal: TypeAlias = Is | Choice | Stated


@dataclass(frozen=True)
class Solution:
    """A cheapest way: what it costs, and the option of every lever that has to move."""

    cost: Cost
    picks: Mapping[str, Option] = field(default_factory=dict)


def goal(rule: Node, sign: int) -> Goal:
    """Write a rule that shall have this sign (1 met, -1 not met) as a goal."""
    match rule:
        case Test() | Assessed() | Reference():
            return Is(rule.id, sign, frozenset({rule.id}))
        case Not(of=part):
            return goal(part, -sign)
        case When(applies=condition, of=part):
            return goal(AnyOf((Not(condition), part)), sign)
        case AllOf(of=parts):
            return _count(len(parts), parts, sign)
        case AnyOf(of=parts):
            return _count(1, parts, sign)
        case Criterion(of=parts):
            inner = _count(len(parts), parts, sign)
            return Stated(rule.id, sign, inner, inner.leaves | {rule.id})
        case CountOf(cases=cases) if cases:
            return goal(_plain(rule), sign)
        case CountOf(need=need, of=parts):
            return _count(need, parts, sign)


def cheapest(goals: Sequence[Goal], levers: Iterable[Lever], signs: Mapping[str, int]) -> Solution | None:
    """Find the cheapest options under which every goal holds.

    Parameters
    ----------
    goals : sequence of Goal
    levers : iterable of Lever
        No two have a condition in common.
    signs : mapping of str to int
        Signs of the conditions that no lever moves; of a criterion only where it was assessed as a whole.

    Returns
    -------
    Solution or None
        None where no choice of options does it. Of equal cost the one whose levers come first by name.
    """
    found = {lever.name: lever for lever in sorted(levers, key=lambda lever: lever.name)}
    lever_of = {leaf: name for name, lever in found.items() for leaf in lever.options[0].signs}
    search = _Search(lever_of, signs)
    touched = search.levers(goals)
    allowed = {name: lever.options for name, lever in found.items() if name in touched}
    solved = search.solve(goals, allowed, frozenset(touched))
    if solved is None:
        return None
    cost, picks = solved
    return Solution(cost, {name: option for name, option in sorted(picks.items()) if option.cost != FREE})


def _count(need: int, parts: Sequence[Node], sign: int) -> Choice:
    """Met when ``need`` parts are met; not met when so many are not that ``need`` cannot be reached."""
    inner = tuple(goal(part, sign) for part in parts)
    return _choice(need if sign > 0 else len(parts) - need + 1, inner)


def _choice(need: int, of: Sequence[Goal]) -> Choice:
    return Choice(need, tuple(of), frozenset().union(*(each.leaves for each in of)))


def _plain(rule: CountOf) -> Node:
    """Write conditional needs out, as ``CountOf.plain`` does; two needs over the same parts are the greater one."""
    if len(rule.cases) > 1:
        return rule.plain
    case = rule.cases[0]
    here, other = CountOf(case.then, rule.of), CountOf(rule.need, rule.of)
    both = CountOf(max(case.then, rule.need), rule.of)
    return AnyOf((AllOf((case.when, here)), AllOf((Not(case.when), other)), both))


Allowed: TypeAlias = Mapping[str, tuple[Option, ...]]
_Solved: TypeAlias = tuple[Cost, dict[str, Option]]


@dataclass(frozen=True)
class _Search:
    """Solves goals; ``allowed`` are the options still open, ``scope`` the levers whose cost is counted."""

    lever_of: Mapping[str, str]
    signs: Mapping[str, int]

    def levers(self, goals: Iterable[Goal]) -> set[str]:
        return {self.lever_of[leaf] for each in goals for leaf in each.leaves if leaf in self.lever_of}

    def solve(self, goals: Sequence[Goal], allowed: Allowed, scope: frozenset[str]) -> _Solved | None:
        narrowed = self.narrow(goals, allowed)
        if narrowed is None:
            return None
        open_, choices = narrowed
        groups = self.components(choices, open_)
        shared = {name for names, _ in groups for name in names}
        picks = {name: open_[name][0] for name in scope - shared}
        cost = _sum(option.cost for option in picks.values())
        for names, together in groups:
            solved = self.component(together, open_, names & scope)
            if solved is None:
                return None
            cost = _add(cost, solved[0])
            picks |= solved[1]
        return cost, picks

    def narrow(
        self, goals: Sequence[Goal], allowed: Allowed
    ) -> tuple[dict[str, tuple[Option, ...]], list[Choice]] | None:
        """Draw every conclusion that is sure; return the options still open and the choices still to make."""
        open_, queue = dict(allowed), list(goals)
        pending: list[Choice] = []
        while queue:
            while queue:
                each = queue.pop()
                match each:
                    case Choice():
                        pending.append(each)
                    case Stated(criterion=name, parts=parts) if name not in self.lever_of and name not in self.signs:
                        queue.append(parts)
                    case Stated(criterion=leaf, sign=sign) | Is(leaf=leaf, sign=sign):
                        lever = self.lever_of.get(leaf)
                        if lever is None:
                            if self.signs[leaf] != sign:
                                return None
                            continue
                        open_[lever] = tuple(o for o in open_[lever] if o.signs[leaf] == sign)
                        if not open_[lever]:
                            return None
            waiting: list[Choice] = []
            for choice in pending:
                looks = [(self.outlook(member, open_), member) for member in choice.of]
                need = choice.need - sum(look > 0 for look, _ in looks)
                members = [member for look, member in looks if look == 0]
                if need <= 0:
                    continue
                if need > len(members):
                    return None
                if need == len(members):
                    queue += members
                elif need == choice.need and len(members) == len(choice.of):
                    waiting.append(choice)
                else:
                    waiting.append(_choice(need, members))
            pending = waiting
        return open_, pending

    def outlook(self, each: Goal, allowed: Allowed) -> int:
        """Tell whether a goal holds whatever is chosen (1), for none of the options (-1), or may (0)."""
        match each:
            case Choice(need=need, of=members):
                looks = [self.outlook(member, allowed) for member in members]
                if sum(look > 0 for look in looks) >= need:
                    return 1
                return -1 if sum(look >= 0 for look in looks) < need else 0
            case Stated(criterion=name, parts=parts) if name not in self.lever_of and name not in self.signs:
                return self.outlook(parts, allowed)
            case Stated(criterion=leaf, sign=sign) | Is(leaf=leaf, sign=sign):
                lever = self.lever_of.get(leaf)
                if lever is None:
                    return 1 if self.signs[leaf] == sign else -1
                hits = [option.signs[leaf] == sign for option in allowed[lever]]
                return 1 if all(hits) else 0 if any(hits) else -1

    def free(self, goals: Iterable[Goal], allowed: Allowed) -> frozenset[str]:
        """Name the levers of some goals that still have a choice."""
        return frozenset(name for name in self.levers(goals) if len(allowed[name]) > 1)

    def components(self, choices: Sequence[Choice], allowed: Allowed) -> list[tuple[frozenset[str], list[Choice]]]:
        """Put choices together that share a lever, directly or through others."""
        groups: list[tuple[frozenset[str], list[Choice]]] = []
        for choice in choices:
            names, together = self.free([choice], allowed), [choice]
            apart = []
            for others, members in groups:
                if others & names:
                    names, together = names | others, members + together
                else:
                    apart.append((others, members))
            groups = [*apart, (names, together)]
        return groups

    def component(self, choices: list[Choice], allowed: Allowed, scope: frozenset[str]) -> _Solved | None:
        if len(choices) == 1:
            own = [self.free([member], allowed) for member in choices[0].of]
            if all(not one & other for one, other in combinations(own, 2)):
                return self.pick(choices[0], own, allowed, scope)
        return self.branch(choices, allowed, scope)

    def pick(
        self, choice: Choice, own: Sequence[frozenset[str]], allowed: Allowed, scope: frozenset[str]
    ) -> _Solved | None:
        """Take the cheapest of members that have nothing in common."""
        offers = []
        for member, names in zip(choice.of, own, strict=True):
            solved = self.solve([member], allowed, names & scope)
            if solved is not None:
                rest = _sum(allowed[name][0].cost for name in names & scope)
                offers.append((_less(solved[0], rest), sorted(names), solved[1]))
        if len(offers) < choice.need:
            return None
        picks = {name: allowed[name][0] for name in scope}
        for _, _, chosen in sorted(offers, key=lambda offer: offer[:2])[: choice.need]:
            picks |= chosen
        return _sum(option.cost for option in picks.values()), picks

    def branch(self, choices: list[Choice], allowed: Allowed, scope: frozenset[str]) -> _Solved | None:
        """Try one lever option by option, or one alternative after the other, whichever are fewer."""
        uses = Counter(name for choice in choices for member in choice.of for name in self.free([member], allowed))
        lever = min(uses, key=lambda name: (-uses[name], len(allowed[name]), name))
        either = min((choice for choice in choices if choice.need == 1), key=lambda c: len(c.of), default=None)
        trials: list[tuple[list[Goal], Allowed]]
        if either is not None and len(either.of) <= len(allowed[lever]):
            rest: list[Goal] = [choice for choice in choices if choice is not either]
            trials = [([member, *rest], allowed) for member in either.of]
        else:
            trials = [([*choices], {**allowed, lever: (option,)}) for option in allowed[lever]]
        best: _Solved | None = None
        for goals, open_ in trials:
            if best is not None and _sum(open_[name][0].cost for name in scope) > best[0]:
                continue
            solved = self.solve(goals, open_, scope)
            if solved is not None and (best is None or _order(solved) < _order(best)):
                best = solved
        return best


def _order(solved: _Solved) -> tuple[Cost, list[str]]:
    return solved[0], sorted(name for name, option in solved[1].items() if option.cost != FREE)


def _add(one: Cost, other: Cost) -> Cost:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def _less(one: Cost, other: Cost) -> Cost:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2], one[3] - other[3]


def _sum(costs: Iterable[Cost]) -> Cost:
    total = FREE
    for cost in costs:
        total = _add(total, cost)
    return total
