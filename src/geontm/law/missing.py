"""What is missing to a verdict: which unknown figures could decide, and which thresholds nobody has established."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import Literal, TypeAlias

from geontm.errors import RuleError
from geontm.law.ground import Ground, decisions
from geontm.law.justify import justify
from geontm.law.levers import Kind, selector_values, unknown_levers
from geontm.law.limits import Applied, Facts
from geontm.law.nodes import Test, Times
from geontm.law.rules import RuleSet
from geontm.law.search import Lever, cheapest
from geontm.tables import Label

__all__ = ["Gap", "Missing", "OpenThreshold", "ThresholdGap", "missing", "missing_in", "threshold_gap"]

ThresholdGap: TypeAlias = Literal["province", "ministry", "not_established", "unverified", "national_figure"]
MOST_TRIALS = 200  # sets of unknown figures that are tried one by one
_ENDS = ("_low", "_high")


@dataclass(frozen=True)
class Gap:
    """Something that is not known of a unit: a figure, an assessment, or what another rule set decides."""

    name: str
    kind: Kind
    label: Label


@dataclass(frozen=True)
class OpenThreshold:
    """A condition that nothing can answer yet, and why.

    Attributes
    ----------
    reason : {"province", "ministry", "not_established", "unverified", "national_figure"}
        Who is to set the level, or that the text was not seen, or that only the wording was remembered, or that the
        national figure of the year is not given.
    """

    test: str
    label: Label
    reason: ThresholdGap


@dataclass(frozen=True)
class Missing:
    """What a verdict that is still open waits for; empty throughout where it is known.

    Attributes
    ----------
    smallest : mapping of str to tuple of Gap
        For each decision that unknown figures could bring about, a smallest set of them that could.
    sets : tuple of tuple of Gap
        Every set of which some values would make the decision known and no part would; smallest first.
    complete : bool
        Whether ``sets`` are all there are; False where there are too many to try.
    needed : tuple of Gap
        Those without which the decision can never be known, whatever the others turn out to be.
    thresholds : tuple of OpenThreshold
        Conditions in the way whose threshold is not established, not verified, or left to the province.
    """

    smallest: dict[str, tuple[Gap, ...]]
    sets: tuple[tuple[Gap, ...], ...]
    complete: bool
    needed: tuple[Gap, ...]
    thresholds: tuple[OpenThreshold, ...]

    @property
    def figures(self) -> tuple[Gap, ...]:
        """Everything unknown that could take part in deciding, each once."""
        several = [*self.sets, *self.smallest.values()]
        return tuple({gap.name: gap for gaps in several for gap in gaps}.values())


def missing(facts: Facts, rules: RuleSet, code: str) -> Missing:
    """Tell what the decision of a rule set on one unit waits for.

    Raises
    ------
    RuleError
        The unit is not there.
    """
    if code not in facts.units.index:
        raise RuleError("explain.unknown_unit", where=rules.id, code=code)
    return missing_in(Ground(replace(facts, units=facts.units.loc[[code]]), rules), 0)


def missing_in(ground: Ground, row: int) -> Missing:
    """Do the same as :func:`missing` for the unit in a row of a prepared ground; units that stand alike share it."""
    if not ground.rules_of or ground.decision(row) is not None:
        return Missing({}, (), True, (), ())
    standing = _standing(ground, row)
    if standing not in ground.waits:
        ground.waits[standing] = _search(ground, row)
    found: Missing = ground.waits[standing]
    return found


def _standing(ground: Ground, row: int) -> tuple[object, ...]:
    """Return everything of a unit that what it waits for hangs on.

    Known figures count by the answers that they give; by themselves only where they choose limits, or where it is open
    which limits apply, for other limits give other answers.
    """
    figures = {name: ground.value(row, name) for name in sorted({*ground.tests, *ground.selectors})}
    exact = figures if any(figures[name] is None for name in ground.selectors) else ground.selectors
    ends = [ground.value(row, f"{name}{end}") for name, value in figures.items() if value is None for end in _ENDS]
    rows = [(leaf.id, leaf.code) for leaf in ground.leaves] + [(each.id, each.no) for each in ground.rules.criteria]
    return (
        tuple(ground.signs_of(row).items()),
        tuple(value is None for value in figures.values()),
        tuple(figures[name] for name in exact),
        tuple(ends),
        tuple(bool(mask[row]) for limits in ground.limits.values() for _, mask in limits),
        tuple(ground.said(row, names) for names in rows),
    )


def _search(ground: Ground, row: int) -> Missing:
    search = _Gaps(ground, row)
    smallest = {}
    for decision in decisions(ground.rules):
        found = search.fewest(decision)
        if found is not None:
            smallest[decision] = tuple(search.gaps[name] for name in found)
    sets, complete = search.minimal(min(map(len, smallest.values()))) if smallest else ([], True)
    names = set(search.gaps)
    needed = [name for name in search.gaps if smallest and not search.decides(names - {name})]
    return Missing(
        smallest,
        tuple(tuple(search.gaps[name] for name in names) for names in sets),
        complete,
        tuple(search.gaps[name] for name in needed),
        tuple(_thresholds(ground, row)),
    )


@dataclass(frozen=True)
class _Gaps:
    """Searches among what is unknown of one unit."""

    ground: Ground
    row: int

    @cached_property
    def worlds(self) -> list[tuple[frozenset[str], Ground, int]]:
        """The unit as it is, and with every value of the unknown columns that choose which limits apply."""
        ground, row = self.ground, self.row
        unknown = [name for name in ground.selectors if ground.value(row, name) is None]
        found = [(frozenset[str](), ground, row)]
        one = replace(ground.facts, units=ground.facts.units.iloc[[row]])
        for values in product(*([None, *selector_values(ground, row, name)] for name in unknown)):
            if not any(value is not None for value in values):
                continue
            chosen = {name: value for name, value in zip(unknown, values, strict=True) if value is not None}
            table = one.units.copy()
            for name, value in chosen.items():
                table[name] = table[name].astype(table[name].dtype).fillna(value)
            found.append((frozenset(chosen), Ground(replace(one, units=table), ground.rules), 0))
        return found

    @cached_property
    def levers(self) -> list[list[Lever]]:
        return [unknown_levers(world, row, (1, 0, 0, 0.0)) for _, world, row in self.worlds]

    @cached_property
    def gaps(self) -> dict[str, Gap]:
        """Everything unknown of the unit, by name."""
        found: dict[str, Gap] = {}
        for levers in self.levers:
            for lever in levers:
                move = lever.options[1].value
                found.setdefault(lever.name, Gap(lever.name, move.kind, move.label))
        columns = {column.name: column for test in self.ground.rules.tests for column in test.columns}
        for names, _, _ in self.worlds:
            for name in sorted(names):
                found.setdefault(name, Gap(name, "figure", columns[name].label))
        return dict(sorted(found.items()))

    def fewest(self, decision: str) -> list[str] | None:
        """Name a smallest set of gaps that could bring a decision about; None where none could."""
        found = []
        for (chosen, world, row), levers in zip(self.worlds, self.levers, strict=True):
            solution = cheapest(world.goals(decision), levers, world.signs_of(row))
            if solution is not None:
                found.append(sorted({*chosen, *solution.picks}))
        return min(found, key=lambda names: (len(names), names), default=None)

    def decides(self, names: Collection[str]) -> bool:
        """Tell whether some values of these gaps, the others staying unknown, make the decision known."""
        for (chosen, world, row), levers in zip(self.worlds, self.levers, strict=True):
            if chosen <= set(names):
                mine = [lever for lever in levers if lever.name in names]
                signs = world.signs_of(row)
                if any(cheapest(world.goals(each), mine, signs) is not None for each in decisions(world.rules)):
                    return True
        return False

    def minimal(self, first: int) -> tuple[list[tuple[str, ...]], bool]:
        """List the smallest sets that could decide, then larger ones that contain none of these, while they are few."""
        found: list[tuple[str, ...]] = []
        pool = list(self.gaps)
        trials = 0
        for size in range(first, len(self.gaps) + 1):
            # What decides alone is part of no larger set; without it few are left to combine.
            pool = [name for name in pool if (name,) not in found]
            for names in combinations(pool, size):
                trials += 1
                if trials > MOST_TRIALS:
                    return found, False
                if not any(set(known) <= set(names) for known in found) and self.decides(names):
                    found.append(names)
        return found, True


def _thresholds(ground: Ground, row: int) -> Iterator[OpenThreshold]:
    """Name the conditions that stand in the way because of their threshold."""
    signs = ground.signs_of(row)
    in_the_way = {name for rule in ground.rules_of.values() for name in justify(rule, signs)}
    for test in ground.rules.tests:
        if test.id in in_the_way and signs[test.id] == 0:
            reasons = [threshold_gap(test, applied) for applied, mask in ground.limits[test.id] if mask[row]]
            reason = next((each for each in reasons if each), None)
            if reason is not None:
                yield OpenThreshold(test.id, test.label, reason)


def threshold_gap(test: Test, applied: Applied) -> ThresholdGap | None:
    """Tell why a limit decides nothing; None where it may."""
    if applied.limit is None:
        if test.set_by:
            return test.set_by
        return "national_figure" if isinstance(test.threshold, Times) else "not_established"
    return None if applied.trusted else "unverified"
