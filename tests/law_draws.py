"""Draws what a rule set may be asked about: figures near its thresholds, assessments, decisions of other sets, gaps.

One table of many units is drawn from one seed, because a set reads up to a hundred columns; Hypothesis chooses the
seed. Everything is taken from the rule set and its columns, so that a new file in ``data/rulesets`` needs no line here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from geontm.law import (
    UNIT_KEYS,
    YEAR,
    Assessed,
    ByGroup,
    Facts,
    Limit,
    Range,
    RuleSet,
    Threshold,
    Times,
    answer,
)
from geontm.project.rulesets import list_rulesets, national_figures
from geontm.tables import Column

LAWS = {rules.id: rules for rules in list_rulesets()}
"""Every rule set that is shipped."""
RULED = {name: rules for name, rules in LAWS.items() if rules.answers}
"""Those that decide something; sets of definitions decide nothing."""

FIGURES: Mapping[str, Mapping[int, float]] = {key: dict(years) for key, years in national_figures().items()}


def a_day(rules: RuleSet) -> date:
    """Return a day on which a rule set holds and for which the national figures are known, where there is one."""
    end = rules.in_force.end or rules.in_force.start + timedelta(days=5 * 365)
    return rules.in_force.start + (end - rules.in_force.start) / 2


def numbers(limit: Limit | None) -> tuple[float, ...]:
    """Return the numbers of a limit."""
    if isinstance(limit, Range):
        return limit.low, limit.high
    return () if limit is None or isinstance(limit, (bool, str, tuple)) else (float(limit),)


@dataclass(frozen=True)
class Branch:
    """One way through a threshold: the values that choose it, the year, the limit, and whether it was verified by name.

    ``groups`` holds, by column, the group that is chosen, or None for "a group that is not named".
    """

    limit: Limit | None
    groups: Mapping[str, str | None] = field(default_factory=dict)
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seen: bool = False
    figure: str = ""


def branches(threshold: Threshold) -> Iterator[Branch]:
    """Yield every limit of a threshold, with what chooses it."""
    if isinstance(threshold, Times):
        for branch in branches(threshold.factor):
            yield replace(branch, figure=threshold.figure)
    elif isinstance(threshold, ByGroup):
        named = tuple(threshold.limits)
        for name, inner in [*threshold.limits.items(), (None, threshold.default)]:
            if name is None and threshold.exhaustive:
                continue
            for branch in branches(inner):
                groups = {threshold.by: name, **branch.groups}
                known = {threshold.by: named, **branch.named}
                seen = branch.seen or name in threshold.seen
                yield replace(branch, groups=groups, named=known, seen=seen)
    else:
        yield Branch(threshold)


def product(branch: Branch, day: date, figures: Mapping[str, Mapping[int, float]]) -> Limit | None:
    """Return the limit of a branch, multiplied with its national figure as the digits are printed; None if unknown."""
    if not branch.figure or branch.limit is None:
        return branch.limit
    years = [year for year in figures.get(branch.figure, {}) if year <= day.year]
    if not years:
        return None
    return float(Decimal(repr(branch.limit)) * Decimal(repr(figures[branch.figure][max(years)])))


def printed_digit(number: float) -> float:
    """Return one unit of the last digit with which a number is written: 1 for 20, 0.01 for 16.24."""
    exponent = Decimal(f"{number:.10g}").as_tuple().exponent
    assert isinstance(exponent, int)
    return float(Decimal(1).scaleb(min(exponent, 0)))


def around(number: float, column: Column) -> list[float]:
    """Return a number, the nearest below and above it, and one printed digit below and above."""
    exact, step = Decimal(repr(number)), Decimal(repr(printed_digit(number)))
    values = [number, float(exact - step), float(exact + step)]
    if column.type == "integer":
        return sorted({float(np.floor(value)) for value in values} | {float(np.ceil(value)) for value in values})
    return sorted({*values, float(np.nextafter(number, -np.inf)), float(np.nextafter(number, np.inf))})


def anchors(rules: RuleSet) -> dict[str, list[Any]]:
    """List for each column the values that matter: around every threshold, the ends of the range, every choice."""
    found: dict[str, set[Any]] = {name: set() for name in rules.indicators}
    for test in rules.tests:
        for branch in branches(test.threshold):
            limit = product(branch, a_day(rules), FIGURES)
            for number in numbers(limit):
                found[test.indicator] |= set(around(number, test.column))
            if isinstance(limit, str):
                found[test.indicator].add(limit)
            elif isinstance(limit, tuple):
                found[test.indicator] |= set(limit)
            for name, group in branch.groups.items():
                if name != YEAR and group is not None:
                    found[name].add(group)
    return {name: _legal(column, found[name]) for name, column in rules.indicators.items()}


def _legal(column: Column, values: set[Any]) -> list[Any]:
    if column.type == "boolean":
        return [False, True]
    if column.type in ("category", "text"):
        return sorted({*map(str, values), *column.choices} or {"x"}) + ([] if column.choices else ["another"])
    least = column.minimum if column.minimum is not None else min(values, default=0.0) - 10
    most = column.maximum if column.maximum is not None else max(values, default=0.0) * 2 + 10
    return sorted({least, most, *(value for value in values if least <= value <= most)})


def a_table(rules: RuleSet, size: int, random: np.random.Generator) -> pd.DataFrame:
    """Draw a table without gaps.

    Each unit has a mood between 0 and 1, the chance that a figure is drawn from the better end of its column, so that
    units which meet nearly everything, nearly nothing, and anything between all come up.
    """
    index = pd.Index([f"{number:05d}" for number in range(1, size + 1)], name=UNIT_KEYS[rules.unit])
    mood, noise = random.choice([0.0, 0.1, 0.5, 0.9, 1.0, 1.0], size), random.choice([0.0, 0.03, 0.3], size)
    extreme = random.random(size) < 0.5
    near = anchors(rules)
    data = {}
    for name, column in rules.indicators.items():
        values = near[name] if column.better != "low" else near[name][::-1]
        width = np.where(extreme, 1, max(1, len(values) // 2))
        good = random.random(size) < mood
        upper, lower = len(values) - 1 - random.integers(0, width), random.integers(0, width)
        anywhere = random.integers(0, len(values), size)
        chosen = np.where(random.random(size) < noise, anywhere, np.where(good, upper, lower))
        drawn: list[Any] = [values[position] for position in chosen]
        if column.type == "number":
            low, high = near[name][0], near[name][-1]
            between = random.uniform(low, high, size)
            drawn = [b if r < 0.1 else d for b, d, r in zip(between, drawn, random.random(size), strict=True)]
        data[name] = pd.Series(drawn, index=index).astype(column.dtype)
    return pd.DataFrame(data, index=index)


def assessments(rules: RuleSet, index: pd.Index[Any], random: np.random.Generator) -> pd.DataFrame:
    """Draw an assessment of every condition that only an assessment can answer."""
    names = [leaf.id for leaf in rules.leaves if isinstance(leaf, Assessed)]
    return opinions(names, index, random)


def opinions(names: Sequence[str], index: pd.Index[Any], random: np.random.Generator) -> pd.DataFrame:
    """Draw answers; some units meet nearly everything, some nearly nothing."""
    chance = random.choice([0.1, 0.5, 0.95, 1.0], len(index))
    data = {name: pd.array(random.random(len(index)) < chance, dtype="boolean") for name in names}
    return pd.DataFrame(data, index=index)


def settled(facts: Facts, rules: RuleSet, random: np.random.Generator) -> Facts:
    """Assess what no figure decides, because the limit that applies to the unit is not established."""
    answers = answer(facts, rules)
    names = [test.id for test in rules.tests]
    drawn = opinions(names, facts.units.index, random).where(answers[names].isna())
    return replace(facts, assessed={rules.id: pd.concat([facts.assessed[rules.id], drawn], axis=1)})


def decisions(rules: RuleSet, index: pd.Index[Any], random: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Draw what the other rule sets decide that this one reads."""
    found = {}
    for name in rules.references:
        other = LAWS[name]
        if not other.outcomes:
            verdict = pd.array(random.random(len(index)) < 0.5, dtype="boolean")
            found[name] = pd.DataFrame({name: verdict}, index=index)
            continue
        chosen = random.integers(-1, len(other.outcomes), len(index))  # -1: outside the scope
        frame = {each.id: pd.array(chosen == number, dtype="boolean") for number, each in enumerate(other.outcomes)}
        found[name] = pd.DataFrame({**frame, name: pd.array(chosen >= 0, dtype="boolean")}, index=index)
    return found


def whole(rules: RuleSet, size: int, seed: int) -> Facts:
    """Draw everything a rule set may be asked, without gaps, its recalled thresholds allowed."""
    random = np.random.default_rng(seed)
    table = a_table(rules, size, random)
    return Facts(
        table,
        a_day(rules),
        (rules.id,),
        FIGURES,
        decisions(rules, table.index, random),
        {rules.id: assessments(rules, table.index, random)},
    )


def with_gaps(facts: Facts, rules: RuleSet, random: np.random.Generator) -> Facts:
    """Make gaps in everything: figures (some with bounds beside), groups, assessments, decisions, the law itself."""
    size = len(facts.units)
    share = random.choice([0.0, 0.05, 0.3, 0.7], size)
    units = facts.units.copy()
    for name, column in rules.indicators.items():
        gap = random.random(size) < share
        if column.type in ("number", "integer") and random.random() < 0.5:
            values = units[name].to_numpy(dtype=float)
            units[f"{name}_low"] = values - random.choice([0.0, 0.5, 20.0], size)
            units[f"{name}_high"] = values + random.choice([0.0, 0.5, 20.0], size)
        units[name] = units[name].mask(gap)
    said = {name: table.copy() for name, table in facts.assessed.items()}
    for (
        leaf
    ) in rules.leaves:  # an assessment beside a figure may contradict it, so to hide one would change the question
        if isinstance(leaf, Assessed):
            table = said[rules.id]
            table[leaf.id] = table[leaf.id].mask(random.random(size) < share)
    read = {name: _undecide(table, name, share, random) for name, table in facts.rulings.items()}
    kept = {name: table for name, table in read.items() if random.random() < 0.9}
    return Facts(
        units,
        facts.as_of if random.random() < 0.9 else None,
        facts.allow_unverified if random.random() < 0.8 else (),
        facts.figures if random.random() < 0.8 else {},
        kept,
        said,
    )


def _undecide(table: pd.DataFrame, name: str, share: Any, random: np.random.Generator) -> pd.DataFrame:
    """Take decisions back: wholly, or down to one outcome that is known not to hold."""
    found, gap = table.copy(), random.random(len(table)) < share
    outcomes = [column for column in table.columns if column != name]
    for column in outcomes:
        excluded = ~table[column].to_numpy(dtype=bool) & (random.random(len(table)) < 0.3)
        found[column] = table[column].mask(gap & ~excluded)
    found[name] = table[name].mask(gap)
    return found


def show(facts: Facts, rules: RuleSet, code: Any) -> str:
    """Write one unit so that a failure can be read."""
    row = facts.units.loc[code].dropna().to_dict()
    answers = answer(facts, rules).loc[code]
    met = [str(name) for name, value in answers.items() if not pd.isna(value) and value]
    return f"{rules.id} {code}: {row}; met: {met}"
