"""Small random rule sets and units, and every way in which a unit could be different: for tests by brute force."""

from __future__ import annotations

from datetime import date
from itertools import combinations, product
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from geontm.law import (
    AllOf,
    AnyOf,
    Assessed,
    ByGroup,
    CountOf,
    Evidence,
    Facts,
    InForce,
    Need,
    Not,
    Outcome,
    Range,
    Reference,
    RuleSet,
    Source,
    Test,
    When,
    answer,
    outcome,
)
from geontm.tables import Column, Label

LABEL = Label("chỉ tiêu", "indicator")
SEEN, RECALLED = Evidence("verified", ("source",)), Evidence("recalled")
REGION = Column("region", "category", LABEL, choices={"north": LABEL, "south": LABEL, "delta": LABEL})
COLUMNS = {
    "poor": Column("poor", "number", LABEL, unit="%", minimum=0, maximum=100, better="low"),
    "roads": Column("roads", "number", LABEL, unit="km", minimum=0, better="high"),
    "villages": Column("villages", "integer", LABEL, minimum=0, maximum=5),
    "paved": Column("paved", "boolean", LABEL, better="high"),
    "kind": Column("kind", "category", LABEL, choices={"commune": LABEL, "ward": LABEL, "zone": LABEL}),
}
LIMITS = {"poor": [10.0, 20.0, 100.0], "roads": [0.0, 5.0], "villages": [0.0, 2.0, 2.5]}
CANDIDATES = {
    "poor": [0.0, 5.0, 10.0, 15.0, 20.0, 60.0, 100.0],
    "roads": [0.0, 2.0, 5.0, 9.0],
    "villages": [0, 1, 2, 3, 4, 5],
    "paved": [True, False],
    "kind": ["commune", "ward", "zone"],
    "said": [True, False],
    "other": ["i", "ii", "iii"],
}


@st.composite
def tests(draw: st.DrawFn, names: list[str]) -> Any:
    """Draw one condition; ``names`` counts those that there are."""
    names.append(f"t{len(names)}")
    name = names[-1]
    kind = draw(st.sampled_from([*COLUMNS, *COLUMNS, "poor", "said", "other"]))
    if kind == "said":
        return Assessed(name, "1", SEEN, LABEL, code="said")
    if kind == "other":
        which = draw(st.sampled_from([("i",), ("ii",), ("i", "ii")]))
        return Reference(name, "other", "1", SEEN, LABEL, outcomes=which)
    column = COLUMNS[kind]
    evidence = draw(st.sampled_from([SEEN] * 9 + [RECALLED]))
    if kind == "paved":
        return Test(name, column, "equals", draw(st.booleans()), "1", evidence, LABEL)
    if kind == "kind":
        one = draw(st.sampled_from([("commune",), ("ward", "zone")]))
        return Test(name, column, "one_of", one, "1", evidence, LABEL)
    comparison = draw(st.sampled_from(["at_least", "at_most", "more_than", "less_than", "equals", "within"]))
    limit = st.sampled_from(LIMITS[kind])
    threshold: Any
    if comparison == "within":
        low, high = sorted(draw(st.tuples(limit, limit)))
        threshold = Range(low, high, draw(st.booleans()), draw(st.booleans()))
    elif draw(st.integers(0, 3)) == 0:
        threshold = ByGroup("region", {"north": draw(limit), "south": draw(limit)}, draw(st.none() | limit), REGION)
    else:
        threshold = draw(limit)
    return Test(name, column, comparison, threshold, "1", evidence, LABEL)


@st.composite
def nodes(draw: st.DrawFn, names: list[str], depth: int = 3) -> Any:
    """Draw a rule."""
    kind = draw(st.sampled_from(["test", "test", "all", "any", "count", "need", "not", "when"])) if depth else "test"
    if kind == "test" or len(names) > 6:
        return draw(tests(names))
    if kind == "not":
        return Not(draw(nodes(names, depth - 1)))
    if kind == "when":
        return When(draw(nodes(names, depth - 1)), draw(nodes(names, depth - 1)))
    parts = tuple(draw(nodes(names, depth - 1)) for _ in range(draw(st.integers(1, 3))))
    if kind in ("all", "any"):
        return (AllOf if kind == "all" else AnyOf)(parts)
    need = draw(st.integers(1, len(parts)))
    if kind == "count":
        return CountOf(need, parts)
    return CountOf(need, parts, (Need(draw(tests(names)), draw(st.integers(1, len(parts)))),))


@st.composite
def rulesets(draw: st.DrawFn) -> RuleSet:
    """Draw a yes/no set, or one with two outcomes and a scope."""
    names: list[str] = []
    head: dict[str, Any] = {
        "id": "trial", "label": LABEL, "unit": "commune", "source": Source("1/QĐ", "1"),
        "in_force": InForce(date(2020, 1, 1)),
    }  # fmt: skip
    if draw(st.booleans()):
        return RuleSet(**head, verdict=draw(nodes(names)))
    third, second = draw(nodes(names, 2)), draw(st.none() | nodes(names, 2))
    outcomes = (Outcome("iii", LABEL, 3, "1", third), Outcome("ii", LABEL, 2, "1", second))
    return RuleSet(**head, scope=draw(st.none() | nodes(names, 1)), outcomes=outcomes)


def used(rules: RuleSet) -> list[str]:
    """Name the indicators, and ``said`` and ``other`` where the rules read them."""
    others = {Assessed: "said", Reference: "other"}
    return sorted({leaf.indicator if isinstance(leaf, Test) else others[type(leaf)] for leaf in rules.leaves})


@st.composite
def units(draw: st.DrawFn, rules: RuleSet) -> dict[str, Any]:
    """Draw what is known of a unit; None is unknown."""
    unit = {name: draw(st.sampled_from([*CANDIDATES[name], *CANDIDATES[name], None])) for name in used(rules)}
    return unit | {"region": draw(st.sampled_from(["north", "south", "delta", "north", None]))}


def facts_of(rows: list[dict[str, Any]]) -> Facts:
    """Put units into the tables that the law reads."""
    index = pd.Index([f"{number:06d}" for number in range(len(rows))], name="commune_code")
    columns = {**COLUMNS, "region": REGION}
    table = pd.DataFrame(
        {name: pd.array([row.get(name) for row in rows], dtype=column.dtype) for name, column in columns.items()},
        index=index,
    )
    said = pd.DataFrame({"said": pd.array([row.get("said") for row in rows], dtype="boolean")}, index=index)
    other = [row.get("other") for row in rows]
    ruled = {name: pd.array([None if o is None else o == name for o in other], dtype="boolean") for name in ("i", "ii")}
    return Facts(table, rulings={"other": pd.DataFrame(ruled, index=index)}, assessed={"trial": said})


def decide(rows: list[dict[str, Any]], rules: RuleSet) -> list[str | None]:
    """Ask the evaluator what it decides for units."""
    decided = outcome(answer(facts_of(rows), rules), rules)
    return [None if pd.isna(each) else each for each in decided]


def variants(unit: dict[str, Any], names: list[str], size: int) -> list[dict[str, Any]]:
    """List the unit with other values for every set of ``size`` of the named things."""
    found = []
    for chosen in combinations(names, size):
        ways = [[value for value in CANDIDATES[name] if value != unit[name]] for name in chosen]
        found += [unit | dict(zip(chosen, way, strict=True)) for way in product(*ways)]
    return found
