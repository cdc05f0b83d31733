"""What would change a verdict: the smallest set of indicators whose change gives another decision, and by how much."""

from __future__ import annotations

from dataclasses import dataclass, replace

from geontm.errors import RuleError
from geontm.law.ground import Ground, decisions
from geontm.law.levers import Move, known_levers, unknown_levers
from geontm.law.limits import Facts
from geontm.law.rules import RuleSet
from geontm.law.search import Cost, Solution, cheapest, goal

__all__ = ["Flip", "Flips", "flips", "flips_in", "nearest_criteria"]


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
    rules = ground.rules
    now = ground.decision(row)
    found: list[tuple[Cost, Flip]] = []
    for wanted in [target] if target else decisions(rules):
        if wanted != now:
            found += _ways(ground, row, wanted)
    # Of equal cost the order of the law stands.
    found.sort(key=lambda pair: (bool(pair[1].presumed), not pair[1].improvements, pair[0]))
    return Flips(now, tuple(way for _, way in found))


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


def _ways(ground: Ground, row: int, wanted: str) -> list[tuple[Cost, Flip]]:
    goals, signs = ground.goals(wanted), ground.signs_of(row)
    better, all_ = (known_levers(ground, row, improvements=only) for only in (True, False))
    known_only = ground.decision(row) is None  # what is missing there is another question
    for gaps in ([],) if known_only else ([], unknown_levers(ground, row, (0, 0, 1, 0.0))):
        found: list[tuple[Cost, Flip]] = []
        improving = cheapest(goals, [*better, *gaps], signs)
        if improving is not None:
            found.append((improving.cost, _flip(wanted, improving, improvements=True)))
        any_ = cheapest(goals, [*all_, *gaps], signs)
        if any_ is not None and (improving is None or any_.cost[0] < improving.cost[0]):
            found.append((any_.cost, _flip(wanted, any_, improvements=False)))
        if found:
            return found
    return []


def _flip(wanted: str, solution: Solution, *, improvements: bool) -> Flip:
    changes, presumed = (
        tuple(option.value for option in solution.picks.values() if bool(option.cost[0]) == changed)
        for changed in (True, False)
    )
    return Flip(wanted, changes, improvements and bool(changes), presumed)
