"""The flip analysis against brute force: no smaller set, and every change given does what is said of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from random_rules import COLUMNS, decide, facts_of, rulesets, units, used, variants

from geontm.law import Facts, RuleSet
from geontm.law.flips import Flip, flips
from geontm.law.ground import decisions
from geontm.project import read_ruleset


def worse(name: str, before: Any, after: Any) -> int:
    """1 for a change for the worse, -1 for one for the better, 0 where the dictionary has no direction."""
    better = COLUMNS[name].better if name in COLUMNS else ""
    if not better or before == after:
        return 0
    return -1 if (after > before) == (better == "high") else 1


def after(unit: dict[str, Any], way: Flip) -> dict[str, Any]:
    """Give the unit the examples of a flip."""
    found = dict(unit)
    for move in (*way.changes, *way.presumed):
        name = "said" if move.kind == "assessment" else move.name
        found[name] = (move.example or "iii") if move.kind == "ruling" else move.example
    return found


def smallest(unit: dict[str, Any], rules: RuleSet, target: str, *, improvements: bool) -> tuple[int, int] | None:
    """Search all values of all sets of known things: size of the smallest that does it, and its fewest worsenings."""
    known = [name for name in used(rules) if unit[name] is not None]
    for size in range(1, len(known) + 1):
        rows = variants(unit, known, size)
        signs = [[worse(name, unit[name], row[name]) for name in known if row[name] != unit[name]] for row in rows]
        tried = [(row, sign) for row, sign in zip(rows, signs, strict=True) if not improvements or set(sign) == {-1}]
        decided = decide([row for row, _ in tried], rules) if tried else []
        hits = [sign.count(1) for (_, sign), found in zip(tried, decided, strict=True) if found == target]
        if hits:
            return size, min(hits)
    return None


@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_no_smaller_set_exists_and_what_is_given_flips(data: st.DataObject) -> None:
    rules = data.draw(rulesets())
    unit = data.draw(units(rules))
    now = decide([unit], rules)[0]
    found = flips(facts_of([unit]), rules, "000000")
    assert found.decision == now
    for target in decisions(rules):
        if target == now:
            continue
        ways = [way for way in found.ways if way.target == target and not way.presumed]
        anything = smallest(unit, rules, target, improvements=False)
        improving = smallest(unit, rules, target, improvements=True)
        best = min(ways, key=lambda way: len(way.changes), default=None)
        assert (len(best.changes) if best else None) == (anything[0] if anything else None)
        assert {len(way.changes) for way in ways if way.improvements} == ({improving[0]} if improving else set())
        for way in ways:
            assert decide([after(unit, way)], rules) == [target]
            if not way.improvements:
                assert sum(move.improvement is False for move in way.changes) == anything[1]


def test_a_limit_that_need_only_be_reached_is_not_said_to_be_passed() -> None:
    """Half of the villages is no longer "more than 50%", so 50% is the nearest share that leads out of region III."""
    unit = pd.DataFrame(
        {"unmet_region_criteria_count": [5], "extremely_difficult_village_pct": [80.0]},
        index=pd.Index(["000000"], name="commune_code"),
    )
    found = flips(Facts(unit, as_of=date(2026, 6, 30)), read_ruleset("region-2026"), "000000")
    moves = [
        move
        for way in found.ways
        for move in way.changes
        if way.target == "region_ii" and move.name == "extremely_difficult_village_pct"
    ]
    assert {(move.after, move.bound, move.example, move.difference) for move in moves} == {(50.0, "", 50.0, -30.0)}
