"""Laws that hold for every rule set that is shipped: of gaps and of order.

Everything is drawn from the rule sets themselves (see ``law_draws``), so that a new file is held to them unnamed.
Limits stand in ``test_all_limits``, directions in ``test_all_directions``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.classify import Question, evaluate_all
from geontm.law import Facts, Override, RuleSet, Source, answer, override, require_consistent
from law_draws import FIGURES, LAWS, RULED, a_day, anchors, show, whole, with_gaps

every_set = pytest.mark.parametrize("name", sorted(RULED))
SEEDS = st.integers(0, 2**32 - 1)
SIZE = 150


def test_the_shipped_sets_hold_together() -> None:
    require_consistent(tuple(LAWS.values()))
    assert RULED


@every_set
@settings(deadline=None, max_examples=6)
@given(seed=SEEDS)
def test_a_known_answer_survives_filling_gaps(name: str, seed: int) -> None:
    """Of figures, bounds, groups, assessments, decisions of other sets, the day, national figures and allowances."""
    rules, random = RULED[name], np.random.default_rng(seed)
    complete = with_opinions(whole(rules, SIZE, seed), rules, random)
    gaps = with_gaps(complete, rules, random)
    before = answer(gaps, rules)
    require_kept(before, answer(with_late_opinions(complete, before, rules, random), rules), complete, rules)


@every_set
@settings(deadline=None, max_examples=3)
@given(seed=SEEDS)
def test_a_known_answer_survives_a_threshold_that_a_province_sets(name: str, seed: int) -> None:
    rules, random = RULED[name], np.random.default_rng(seed)
    open_tests = [test for test in rules.tests if test.threshold is None and test.column.type in ("number", "integer")]
    facts = with_gaps(whole(rules, SIZE, seed), rules, random)
    levels = {test.id: float(random.choice(anchors(rules)[test.indicator])) for test in open_tests}
    source = Source("1/2023/QĐ-UBND")
    settled = override(rules, [Override(rules.id, test, level, source) for test, level in levels.items()])
    require_kept(answer(facts, rules), answer(facts, settled), facts, rules)


@every_set
@settings(deadline=None, max_examples=2)
@given(seed=SEEDS)
def test_units_are_answered_alike_in_any_order_and_twice(name: str, seed: int) -> None:
    rules, random = RULED[name], np.random.default_rng(seed)
    facts = with_gaps(whole(rules, SIZE, seed), rules, random)
    expected = answer(facts, rules)
    codes = facts.units.index
    order = random.permutation(codes.to_numpy())
    shuffled = replace(facts, units=facts.units.loc[order])
    pd.testing.assert_frame_equal(answer(shuffled, rules), expected.loc[order])

    twins = codes.append(pd.Index([f"twin-{code}" for code in codes], name=codes.name))
    twice = Facts(
        pd.concat([facts.units, facts.units]).set_axis(twins),
        facts.as_of,
        facts.allow_unverified,
        facts.figures,
        {key: pd.concat([table, table]).set_axis(twins) for key, table in facts.rulings.items()},
        {key: pd.concat([table, table]).set_axis(twins) for key, table in facts.assessed.items()},
    )
    doubled = answer(twice, rules)
    pd.testing.assert_frame_equal(doubled.loc[codes], expected)
    pd.testing.assert_frame_equal(doubled.iloc[len(codes) :].set_axis(codes), expected)


@pytest.mark.parametrize("unit", sorted({rules.unit for rules in RULED.values()}))
def test_the_order_of_units_and_of_rule_sets_changes_no_verdict(unit: str) -> None:
    together = [rules for rules in RULED.values() if rules.unit == unit]
    tables, said = [], {}
    for number, rules in enumerate(together):
        facts = with_gaps(whole(rules, SIZE, number), rules, np.random.default_rng(number))
        tables.append(facts.units[[column for column in facts.units if column in rules.indicators]])
        said |= facts.assessed
    table = pd.concat(tables, axis=1)
    table = table.loc[:, ~table.columns.duplicated()]
    question = Question(a_day(together[0]), [rules.id for rules in together], FIGURES, said, together[0].unit)
    first = evaluate_all(table, together, question=question)
    again = evaluate_all(table.sample(frac=1, random_state=3), together[::-1], question=question)
    keys = list(first.decisions.columns[:2])
    for one, other in ((first.decisions, again.decisions), (first.scores, again.scores)):
        one, other = (frame.sort_values(keys).reset_index(drop=True) for frame in (one, other))
        pd.testing.assert_frame_equal(one, other)
    # Which of two sets fills a column that both give is for their order to say; the others are filled alike.
    givers = [column for rules in together for column in rules.columns]
    for column in {each for each in givers if givers.count(each) == 1}:
        pd.testing.assert_series_equal(first.wide[column], again.wide[column].loc[first.wide.index])


def with_opinions(facts: Facts, rules: RuleSet, random: np.random.Generator) -> Facts:
    """Add assessments of conditions that figures answer too, and of whole criteria; here and there."""
    said = facts.assessed[rules.id].copy()
    for name in [*(test.id for test in rules.tests), *(criterion.no for criterion in rules.criteria)]:
        if random.random() < 0.2:
            known = random.random(len(said)) < 0.3
            said[name] = pd.array(random.random(len(said)) < 0.5, dtype="boolean")
            said[name] = said[name].where(known)
    return replace(facts, assessed={rules.id: said})


def with_late_opinions(facts: Facts, before: pd.DataFrame, rules: RuleSet, random: np.random.Generator) -> Facts:
    """Add assessments of what was unknown before; what was known is not contradicted, for that would be a change."""
    said = facts.assessed[rules.id].copy()
    pairs = [(leaf.id, leaf.id) for leaf in rules.leaves] + [(each.no, each.id) for each in rules.criteria]
    for name, answered in pairs:
        if name not in said and random.random() < 0.3:
            said[name] = pd.array(random.random(len(said)) < 0.5, dtype="boolean")
            said[name] = said[name].where(before[answered].isna())
    return replace(facts, assessed={rules.id: said})


def require_kept(before: pd.DataFrame, after: pd.DataFrame, facts: Facts, rules: RuleSet) -> None:
    for column in before:
        known = before[column].notna()
        changed = known & (after[column].isna() | (before[column] != after[column]).fillna(True))
        if changed.any():
            code = changed.idxmax()
            pytest.fail(
                f"{column}: {before.loc[code, column]} became {after.loc[code, column]}\n{show(facts, rules, code)}"
            )
