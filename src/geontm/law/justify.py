"""Which conditions carry an answer: enough of them to see that it must be so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from geontm.law.evaluate import FROM_PARTS
from geontm.law.nodes import AllOf, AnyOf, Assessed, CountOf, Criterion, Node, Not, Reference, Test, When

__all__ = ["justify"]


def justify(rule: Node, state: Mapping[str, int]) -> tuple[str, ...]:
    """Name the conditions that carry the answer of a rule, in the order of the rule.

    Parameters
    ----------
    rule : Node
    state : mapping of condition id to 1 (met), 0 (unknown), -1 (not met)
        For a criterion, the sign that an assessment gave it as a whole, or ``FROM_PARTS``.

    Returns
    -------
    tuple of str
        For a known answer, conditions whose answers alone give it whatever the others are; of several such sets a
        short one. For an unknown answer, the unknown conditions that stand in its way.
    """
    return _walk(rule, state)[1]


def _walk(rule: Node, state: Mapping[str, int]) -> tuple[int, tuple[str, ...]]:
    match rule:
        case Test() | Assessed() | Reference():
            return state[rule.id], (rule.id,)
        case Not(of=part):
            sign, tests = _walk(part, state)
            return -sign, tests
        case When(applies=condition, of=part):
            return _walk(AnyOf((Not(condition), part)), state)
        case Criterion(of=parts):
            said = state.get(rule.id, int(FROM_PARTS))
            return (said, (rule.id,)) if said != FROM_PARTS else _walk(AllOf(parts), state)
        case AllOf(of=parts):
            return _all([_walk(part, state) for part in parts], 1)
        case AnyOf(of=parts):
            return _all([_walk(part, state) for part in parts], -1)
        case CountOf(cases=cases) if cases:
            return _walk(rule.plain, state)
        case CountOf(need=need, of=parts):
            walked = [_walk(part, state) for part in parts]
            met = [tests for sign, tests in walked if sign == 1]
            if len(met) >= need:
                return 1, _join(sorted(met, key=len)[:need])
            if sum(sign >= 0 for sign, _ in walked) < need:
                return -1, _join(tests for sign, tests in walked if sign == -1)
            return 0, _join(tests for sign, tests in walked if sign == 0)


def _all(walked: list[tuple[int, tuple[str, ...]]], good: int) -> tuple[int, tuple[str, ...]]:
    """Combine parts of which every one must be ``good``; with -1 for good this is *any*, seen from the other side."""
    bad = [tests for sign, tests in walked if sign == -good]
    if bad:
        return -good, min(bad, key=len)
    unknown = [tests for sign, tests in walked if sign == 0]
    if unknown:
        return 0, _join(unknown)
    return good, _join(tests for _, tests in walked)


def _join(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(test for group in groups for test in group))
