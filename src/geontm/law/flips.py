"""What would change a verdict: the smallest set of indicators whose change gives another decision, and by how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from geontm.errors import RuleError
from geontm.law.ground import Ground, decisions
from geontm.law.levers import Move, known_levers, unknown_levers
from geontm.law.limits import Facts
from geontm.law.rules import RuleSet
from geontm.law.search import Cost, Lever, Solution, cheapest, goal

__all__ = ["Flip", "Flips", "flips", "flips_in", "nearest_criteria", "nearest_flip"]


@dataclass(frozen=True)
class Flip:
    """One way to another decision; no smaller set of changes leads there.

    Attributes
    ----------
    target : str
        ``met``, ``not_met``, the id of an outcome, or ``outside_scope``.
    changes : tuple of Move
        What has to change, by name.
    improvements : bool
        Every change is for the better by the dictionary; of the ways that are, the smallest.
    presumed : tuple of Move
        What is not known and would have to turn out so as well; empty where what is known is enough.
    """

    target: str
    changes: tuple[Move, ...]
    improvements: bool
    presumed: tuple[Move, ...] = ()


@dataclass(frozen=True)
class Flips:
    """Every way found from the decision on one unit to another one, shortest first.

    Attributes
    ----------
    decision : str or None
        As computed; None where it is undecided.
    ways : tuple of Flip
        For each other decision the smallest set of improvements, and the smallest set of any changes where that is
        smaller. Empty where nothing that is known or could become known leads to another decision.
    """

    decision: str | None
    ways: tuple[Flip, ...]

    @property
    def by_improvement(self) -> Flip | None:
        """The smallest way that is made of improvements and of known figures only."""
        return next((way for way in self.ways if way.improvements and not way.presumed), None)


def flips(facts: Facts, rules: RuleSet, code: str, *, target: str | None = None) -> Flips:
    """Find what would change the decision of a rule set on one unit.

    Parameters
    ----------
    facts : Facts
    rules : RuleSet
    code : str
        Index of the unit in ``facts.units``.
    target : str, optional
        The decision wanted; by default every other one.

    Returns
    -------
    Flips
        Exact: no smaller set of indicators gives that decision. Ties fall to the fewest changes for the worse, then to
        the smallest change (each as a share of the greater of its two values), then to the name. Only what is known
        changes, and the decision after it is known. Where no such way exists, those that presume how unknown figures
        turn out are given, with the fewest of them (``Flip.presumed``). Indicators change independently of each other
        and inside the range of the dictionary; columns that choose thresholds (region) and the year do not change.

    Raises
    ------
    RuleError
        The unit is not there, or the rule set knows no such decision.
    """
    if code not in facts.units.index:
        raise RuleError("explain.unknown_unit", where=rules.id, code=code)
    if target is not None and target not in decisions(rules):
        known = ", ".join(decisions(rules))
        raise RuleError("explain.unknown_decision", where=rules.id, decision=target, ruleset=rules.id, known=known)
    one = replace(facts, units=facts.units.loc[[code]])
    return flips_in(Ground(one, rules), 0, target=target)


def flips_in(ground: Ground, row: int, *, target: str | None = None) -> Flips:
    """Do the same as :func:`flips` for the unit in a row of a prepared ground."""
    search = _Ways(ground, row)
    found: list[tuple[Cost, Flip]] = []
    for wanted in [target] if target else decisions(ground.rules):
        if wanted != search.now:
            found += search.to(wanted)
    # Of equal cost the order of the law stands.
    found.sort(key=lambda pair: (bool(pair[1].presumed), not pair[1].improvements, pair[0]))
    return Flips(search.now, tuple(way for _, way in found))


def nearest_flip(ground: Ground, row: int, accepts: Callable[[Flip], bool]) -> Flip | None:
    """Return the smallest way of improvements to another decision, else the smallest of any changes.

    ``accepts`` tells which ways count, e.g. only those that a card should tell.
    """
    search = _Ways(ground, row)
    goals = [(wanted, ground.goals(wanted)) for wanted in decisions(ground.rules) if wanted != search.now]
    for improvements in (True, False):
        levers = search.better if improvements else search.any
        found = []
        for wanted, goal_ in goals:
            solution = cheapest(goal_, levers, search.signs)
            if solution is not None and accepts(way := _flip(wanted, solution, improvements=improvements)):
                found.append((solution.cost, way))
        if found:
            return min(found, key=lambda pair: pair[0])[1]
    return None


def nearest_criteria(ground: Ground, row: int) -> tuple[Flip, ...]:
    """List the unmet criteria of a scored set that improvements of what is known would meet, nearest first."""
    signs, levers = ground.signs_of(row), known_levers(ground, row, improvements=True)
    found = []
    for criterion in ground.rules.criteria:
        if ground.criteria[criterion.id][row] < 0:
            solution = cheapest([goal(criterion, 1)], levers, signs)
            if solution is not None:
                found.append((solution.cost, _flip(criterion.id, solution, improvements=True)))
    return tuple(way for _, way in sorted(found, key=lambda pair: pair[0]))


@dataclass(frozen=True)
class _Ways:
    """Searches the ways from what one unit is to what it could be."""

    ground: Ground
    row: int

    @cached_property
    def now(self) -> str | None:
        return self.ground.decision(self.row)

    @cached_property
    def signs(self) -> dict[str, int]:
        return self.ground.signs_of(self.row)

    @cached_property
    def better(self) -> list[Lever]:
        return known_levers(self.ground, self.row, improvements=True)

    @cached_property
    def any(self) -> list[Lever]:
        return known_levers(self.ground, self.row)

    @cached_property
    def gaps(self) -> list[Lever]:
        return unknown_levers(self.ground, self.row, (0, 0, 1, 0.0))

    def to(self, wanted: str) -> list[tuple[Cost, Flip]]:
        """Find the smallest set of improvements, and the smallest of any changes where that is smaller."""
        found = self.search(wanted, [])
        if not found and self.now is not None:  # what is missing to an open decision is another question
            found = self.search(wanted, self.gaps)
        return found

    def search(self, wanted: str, gaps: list[Lever]) -> list[tuple[Cost, Flip]]:
        goals = self.ground.goals(wanted)
        found: list[tuple[Cost, Flip]] = []
        improving = cheapest(goals, [*self.better, *gaps], self.signs)
        if improving is not None:
            found.append((improving.cost, _flip(wanted, improving, improvements=True)))
            if improving.cost[0] <= 1:
                return found
        anything = cheapest(goals, [*self.any, *gaps], self.signs)
        if anything is not None and (improving is None or anything.cost[0] < improving.cost[0]):
            found.append((anything.cost, _flip(wanted, anything, improvements=False)))
        return found


def _flip(wanted: str, solution: Solution, *, improvements: bool) -> Flip:
    changes, presumed = (
        tuple(option.value for option in solution.picks.values() if bool(option.cost[0]) == changed)
        for changed in (True, False)
    )
    return Flip(wanted, changes, improvements and bool(changes), presumed)
