"""What is missing to a verdict, against every way to fill the gaps."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from random_rules import CANDIDATES, decide, facts_of, rulesets, units, used

from geontm.law import Assessed, RuleSet
from geontm.law.missing import missing

FILLINGS = {**CANDIDATES, "region": ["north", "south", "delta"]}


def sets_that_decide(unit: dict[str, Any], rules: RuleSet, gaps: list[str]) -> set[frozenset[str]]:
    """Fill every set of gaps in every way: those of which some filling decides."""
    found = set()
    for size in range(1, len(gaps) + 1):
        for chosen in combinations(gaps, size):
            rows = [unit | dict(zip(chosen, way, strict=True)) for way in product(*(FILLINGS[n] for n in chosen))]
            if any(each is not None for each in decide(rows, rules)):
                found.add(frozenset(chosen))
    return found


@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_exactly_the_sets_that_could_decide(data: st.DataObject) -> None:
    rules = data.draw(rulesets())
    unit = data.draw(units(rules)) | dict.fromkeys(
        data.draw(st.lists(st.sampled_from([*used(rules), "region"]), max_size=3, unique=True))
    )
    found = missing(facts_of([unit]), rules, "000000")
    if decide([unit], rules)[0] is not None:
        assert not (found.sets or found.needed or found.thresholds or found.smallest)
        return
    gaps = [name for name in [*used(rules), "region"] if unit[name] is None]
    deciding = sets_that_decide(unit, rules, gaps)
    smallest = {one for one in deciding if not any(other < one for other in deciding)}
    said = {leaf.id for leaf in rules.leaves if isinstance(leaf, Assessed)}
    named = {frozenset("said" if gap.name in said else gap.name for gap in gaps) for gaps in found.sets}
    assert found.complete
    assert named == smallest
    needed = {name for name in gaps if deciding and all(name in one for one in deciding)}
    assert {gap.name for gap in found.needed} == needed
    if not gaps:
        assert found.thresholds  # what else could leave it open
