"""What is missing to a verdict, against every way to fill the gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from random_rules import CANDIDATES, COLUMNS, LABEL, RECALLED, REGION, SEEN, decide, facts_of, rulesets, units, used

from geontm.law import AllOf, Assessed, ByGroup, InForce, RuleSet, Source, Test
from geontm.law.flips import flips
from geontm.law.ground import Ground
from geontm.law.missing import missing, missing_in

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


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_units_that_stand_alike_share_an_answer_and_no_others_do(data: st.DataObject) -> None:
    rules = data.draw(rulesets())
    facts = facts_of(data.draw(st.lists(units(rules), min_size=2, max_size=12)))
    ends = st.sampled_from([None, 5.0, 10.0, 30.0])
    columns = {f"poor{end}": [data.draw(ends) for _ in facts.units.index] for end in ("_low", "_high")}
    facts = replace(facts, units=facts.units.assign(**{name: values for name, values in columns.items()}))
    ground = Ground(facts, rules)
    for row, code in enumerate(facts.units.index):
        assert missing_in(ground, row) == missing(facts, rules, code)


def test_units_whose_answers_are_alike_and_whose_gaps_are_not_wait_for_other_things() -> None:
    threshold = ByGroup("region", {"north": 20.0, "south": 10.0}, 15.0, REGION)
    tests = tuple(
        Test(name, COLUMNS[column], "at_least", limit, "1", SEEN, LABEL)
        for name, column, limit in (("t", "poor", threshold), ("u", "roads", 5.0))
    )
    head = {"label": LABEL, "unit": "commune", "source": Source("1/QĐ"), "in_force": InForce(date(2020, 1, 1))}
    rules = RuleSet(id="trial", verdict=AllOf(tests), **head)  # type: ignore[arg-type]
    places = ("north", "south", "delta", None)
    rows = [{"poor": poor, "region": region} for poor in (None, 12.0, 18.0) for region in places]
    facts = facts_of([*rows, *rows])
    lows = [None] * len(rows) + [10.0] * len(rows)
    highs = [None] * len(rows) + [18.0] * len(rows)
    facts = replace(facts, units=facts.units.assign(poor_low=lows, poor_high=highs))
    ground = Ground(facts, rules)
    alone = [missing(facts, rules, code) for code in facts.units.index]
    assert [missing_in(ground, row) for row in range(len(alone))] == alone
    assert len({repr(each) for each in alone}) >= 3, "the units do wait for other things"


def test_a_thousand_open_verdicts_are_searched_once_where_they_stand_alike() -> None:
    test = Test("t", COLUMNS["poor"], "at_least", 20.0, "1", SEEN, LABEL)
    other = Test("u", COLUMNS["roads"], "at_least", 5.0, "1", SEEN, LABEL)
    head = {"label": LABEL, "unit": "commune", "source": Source("1/QĐ"), "in_force": InForce(date(2020, 1, 1))}
    rules = RuleSet(id="trial", verdict=AllOf((test, other)), **head)  # type: ignore[arg-type]
    ground = Ground(facts_of([{"roads": 5.0 + row / 1_000} for row in range(1_000)]), rules)
    assert {missing_in(ground, row).needed[0].name for row in range(1_000)} == {"poor"}
    assert len(ground.waits) == 1


def test_what_lies_between_two_ends_is_missing_only_where_they_disagree() -> None:
    test = Test("t", COLUMNS["poor"], "at_least", 20.0, "1", SEEN, LABEL)
    head = {"label": LABEL, "unit": "commune", "source": Source("1/QĐ"), "in_force": InForce(date(2020, 1, 1))}
    rules = RuleSet(id="trial", verdict=test, **head)  # type: ignore[arg-type]
    facts = facts_of([{}, {}])
    table = facts.units.assign(poor_low=[25.0, 10.0], poor_high=[30.0, 30.0])
    both = replace(facts, units=table)
    assert missing(both, rules, "000000").sets == ()
    assert [gap.name for gap in missing(both, rules, "000001").needed] == ["poor"]
    # What is known only between two ends does not change, and is no lever of a flip.
    assert flips(both, rules, "000000").ways == ()


def test_thresholds_that_nobody_has_set_are_named_apart_from_figures() -> None:
    tests = [
        Test("by_province", COLUMNS["poor"], "at_most", None, "1", SEEN, LABEL, set_by="province"),
        Test("not_seen", COLUMNS["roads"], "at_least", None, "1", SEEN, LABEL),
        Test("remembered", COLUMNS["paved"], "equals", True, "1", RECALLED, LABEL),
        Test("open", COLUMNS["villages"], "at_least", 2.0, "1", SEEN, LABEL),
    ]
    head = {"label": LABEL, "unit": "commune", "source": Source("1/QĐ"), "in_force": InForce(date(2020, 1, 1))}
    rules = RuleSet(id="trial", verdict=AllOf(tuple(tests)), **head)  # type: ignore[arg-type]
    found = missing(facts_of([{"poor": 5.0, "roads": 9.0, "paved": True}]), rules, "000000")
    assert {each.test: each.reason for each in found.thresholds} == {
        "by_province": "province", "not_seen": "not_established", "remembered": "unverified",
    }  # fmt: skip
    # Too few villages would decide against; nothing at hand could decide for.
    assert {decision: [gap.name for gap in gaps] for decision, gaps in found.smallest.items()} == {
        "not_met": ["villages"]
    }


def test_a_long_list_of_gaps_is_answered_at_once() -> None:
    # Any of sixty unmet conditions decides; were the larger sets tried one by one, this would never end.
    parts = tuple(Assessed(f"a{number:02d}", "1", SEEN, LABEL) for number in range(60))
    head = {"label": LABEL, "unit": "commune", "source": Source("1/QĐ"), "in_force": InForce(date(2020, 1, 1))}
    rules = RuleSet(id="trial", verdict=AllOf(parts), **head)  # type: ignore[arg-type]
    found = missing(replace(facts_of([{}]), assessed={}), rules, "000000")
    assert found.complete and {len(gaps) for gaps in found.sets} == {1} and len(found.sets) == 60
    assert {decision: len(gaps) for decision, gaps in found.smallest.items()} == {"met": 60, "not_met": 1}
    assert found.needed == ()
