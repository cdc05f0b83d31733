"""Rule sets hold on certain days; asking one about another day is refused."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from geontm.errors import VintageError
from geontm.law.rules import RuleSet

__all__ = ["require_in_force"]


def require_in_force(rules: RuleSet, as_of: date, allow: Collection[str] = ()) -> None:
    """Refuse a rule set outside its dates, unless the project allows it by name.

    Raises
    ------
    VintageError
        ``as_of`` is before the first or after the last day of the rule set, whose id is not in ``allow``.
    """
    if as_of in rules.in_force or rules.id in allow:
        return
    raise VintageError(
        "law.not_in_force",
        where=rules.id,
        ruleset=rules.id,
        as_of=as_of.isoformat(),
        start=rules.in_force.start.isoformat(),
        end=rules.in_force.end.isoformat() if rules.in_force.end else "…",
    )
