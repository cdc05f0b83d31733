"""Editions of one law follow each other in time; rule sets may read each other, but never in a circle."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from geontm.errors import RuleError, VintageError
from geontm.law.nodes import Reference
from geontm.law.rules import RuleSet

__all__ = ["as_it_stood", "edition", "in_reading_order", "require_consistent"]

_YEAR = re.compile(r"/(\d{4})/")


def require_consistent(rulesets: Sequence[RuleSet]) -> None:
    """Refuse rule sets that cannot hold together.

    Raises
    ------
    RuleError
        Two editions of one family overlap in time without a transition, a set reads one that does not exist or an
        outcome that it does not have, or sets read each other in a circle; the error names file and line.
    """
    by_id = {rules.id: rules for rules in rulesets}
    for position, rules in enumerate(rulesets):
        for other in rulesets[:position]:
            _require_apart(rules, other)
        for leaf in rules.leaves:
            if isinstance(leaf, Reference):
                _require_target(leaf, rules, by_id)
    in_reading_order(rulesets)


def edition(family: str, rulesets: Iterable[RuleSet], as_of: date, *, unit: str = "commune") -> RuleSet:
    """Return the edition of a family that is in force on a day; in a transition the older one.

    Raises
    ------
    VintageError
        None is in force on that day.
    """
    known = [rules for rules in rulesets if rules.family == family and rules.unit == unit]
    found = sorted((rules for rules in known if as_of in rules.in_force), key=lambda rules: rules.in_force.start)
    if not found:
        names = ", ".join(f"{r.id} ({r.in_force.start} – {r.in_force.end or '…'})" for r in known)
        raise VintageError("law.no_edition", where=family, family=family, as_of=as_of.isoformat(), editions=names)
    return found[0]


def as_it_stood(rules: RuleSet, day: date) -> RuleSet:
    """Return a rule set that cites, as its amendment, no document that was not yet issued on a day.

    Where the day of the amendment is not known, the year in its number (``30/2025/NĐ-CP``) tells the earliest one.
    """
    source = rules.source
    year = _YEAR.search(source.amended_by)
    issued = source.amended_on or (date(int(year[1]), 1, 1) if year else None)
    if not source.amended_by or issued is None or issued <= day:
        return rules
    return replace(rules, source=replace(source, amended_by="", amended_on=None))


def in_reading_order(rulesets: Sequence[RuleSet]) -> tuple[RuleSet, ...]:
    """Return the sets so that each stands after those it reads, otherwise in the given order.

    Raises
    ------
    RuleError
        They read each other in a circle.
    """
    by_id = {rules.id: rules for rules in rulesets}
    done: dict[str, RuleSet] = {}

    def visit(rules: RuleSet, path: tuple[str, ...]) -> None:
        if rules.id in path:
            circle = [*path[path.index(rules.id) :], rules.id]
            before = by_id[path[-1]]
            raise RuleError("law.circle", where=_line(before, rules.id), circle=" → ".join(circle))
        if rules.id in done:
            return
        for name in rules.references:
            if name in by_id:
                visit(by_id[name], (*path, rules.id))
        done[rules.id] = rules

    for rules in rulesets:
        visit(rules, ())
    return tuple(done.values())


def _require_apart(rules: RuleSet, other: RuleSet) -> None:
    if not rules.family or (rules.family, rules.unit) != (other.family, other.unit) or rules.id == other.id:
        return
    later, earlier = sorted((rules, other), key=lambda each: each.in_force.start, reverse=True)
    end = earlier.in_force.end
    if end is not None and later.in_force.start > end:
        return
    if later.transition is not None and later.transition.older == earlier.id:
        return
    raise RuleError(
        "law.editions_overlap",
        where=", ".join(f"{each.file}:{each.lines.get('in_force', 1)}" for each in (later, earlier)),
        family=rules.family,
        later=later.id,
        start=later.in_force.start.isoformat(),
        earlier=earlier.id,
        end=end.isoformat() if end else "…",
    )


def _require_target(leaf: Reference, rules: RuleSet, by_id: Mapping[str, RuleSet]) -> None:
    where = f"{rules.file}:{rules.lines.get(leaf.id, 1)}"
    target = by_id.get(leaf.ruleset)
    if target is None or target.unit != rules.unit:
        known = [each.id for each in by_id.values() if each.unit == rules.unit]
        raise RuleError("law.unknown_reference", where=where, ruleset=leaf.ruleset, nearest=_near(leaf.ruleset, known))
    known = [each.id for each in target.outcomes]
    for name in leaf.outcomes:
        if name not in known:
            near = _near(name, known)
            raise RuleError("law.unknown_outcome", where=where, outcome=name, ruleset=target.id, nearest=near)
    if bool(leaf.outcomes) != bool(known):
        names = ", ".join(known) or "equals: true"
        raise RuleError("law.unknown_outcome", where=where, outcome="equals", ruleset=target.id, nearest=names)


def _near(name: str, known: Sequence[str]) -> str:
    return ", ".join(difflib.get_close_matches(name, known, n=1) or sorted(known))


def _line(rules: RuleSet, target: str) -> str:
    leaf = next(leaf for leaf in rules.leaves if isinstance(leaf, Reference) and leaf.ruleset == target)
    return f"{rules.file}:{rules.lines.get(leaf.id, 1)}"
