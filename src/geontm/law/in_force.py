"""Rule sets hold on certain days; asking one about another day is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from geontm.errors import VintageError
from geontm.law.rules import RuleSet

__all__ = ["require_in_force"]


def require_in_force(rules: RuleSet | Iterable[RuleSet], as_of: date, allow: Collection[str] = ()) -> None:
    """Refuse a rule set, or any of several, outside its dates, unless the project allows it by name.

    Raises
    ------
    VintageError
        ``as_of`` is before the first or after the last day of a rule set whose id is not in ``allow``.
    """
    for each in (rules,) if isinstance(rules, RuleSet) else rules:
        if as_of in each.in_force or each.id in allow:
            continue
        raise VintageError(
            "law.not_in_force",
            where=each.id,
            ruleset=each.id,
            as_of=as_of.isoformat(),
            start=each.in_force.start.isoformat(),
            end=each.in_force.end.isoformat() if each.in_force.end else "…",
        )
