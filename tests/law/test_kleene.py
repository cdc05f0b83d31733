"""The logic of three answers, held against every way in which the gaps could be filled."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.law import AllOf, AnyOf, CountOf, Evidence, Node, Not, Test, justify, leaves
from geontm.law.evaluate import answer_rule
from geontm.tables import Column, Label

LABEL = Label("chỉ tiêu", "indicator")
SHAPES = st.recursive(
    st.just("test"),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("count"), st.lists(inner, min_size=1, max_size=4), st.integers(1, 4)),
        st.tuples(st.just("not"), inner),
    ),
    max_leaves=6,
)


def leaf(name: str) -> Test:
    column = Column(name, "boolean", LABEL)
    return Test(name, column, "equals", True, "1", Evidence("verified", ("source",)), LABEL)


def build(shape: object, names: list[str]) -> Node:
    """Turn a shape into a rule in which every test stands once."""
    if shape == "test":
        names.append(f"t{len(names)}")
        return leaf(names[-1])
    kind, inner, *need = shape
    if kind == "not":
        return Not(build(inner, names))
    parts = tuple(build(part, names) for part in inner)
    if kind == "count":
        return CountOf(min(need[0], len(parts)), parts)
    return (AllOf if kind == "all" else AnyOf)(parts)


def answer(rule: Node, state: dict[str, int]) -> int:
    signs = {name: np.array([sign], dtype=np.int8) for name, sign in state.items()}
    return int(answer_rule(rule, signs, 1)[0])


def completions(state: dict[str, int]) -> list[dict[str, int]]:
    gaps = [name for name, sign in state.items() if sign == 0]
    return [state | dict(zip(gaps, filling, strict=True)) for filling in product((1, -1), repeat=len(gaps))]


@settings(deadline=None, max_examples=200)
@given(shape=SHAPES, data=st.data())
def test_known_exactly_when_every_filling_agrees(shape: object, data: st.DataObject) -> None:
    rule = build(shape, names := [])
    state = {name: data.draw(st.sampled_from([-1, 0, 1])) for name in names}
    fillings = {answer(rule, filled) for filled in completions(state)}
    assert answer(rule, state) == (fillings.pop() if len(fillings) == 1 else 0)


@settings(deadline=None, max_examples=200)
@given(shape=SHAPES, data=st.data())
def test_the_tests_named_as_reason_carry_the_answer_alone(shape: object, data: st.DataObject) -> None:
    rule = build(shape, names := [])
    state = {name: data.draw(st.sampled_from([-1, 0, 1])) for name in names}
    named = justify(rule, state)
    own = answer(rule, state)
    if own:
        assert answer(rule, {name: sign if name in named else 0 for name, sign in state.items()}) == own
    else:
        assert named
        assert all(state[name] == 0 for name in named)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [((1, 1, -1), 1), ((1, 0, -1), 0), ((1, -1, -1), -1), ((0, 0, 0), 0), ((1, 1, 0), 1), ((-1, -1, 0), -1)],
)
def test_two_of_three(answers: tuple[int, ...], expected: int) -> None:
    rule = CountOf(2, tuple(leaf(name) for name in "abc"))
    assert answer(rule, dict(zip("abc", answers, strict=True))) == expected


def test_tests_come_in_the_order_of_the_rule() -> None:
    rule = AllOf((leaf("a"), AnyOf((leaf("b"), Not(leaf("c")))), leaf("d")))
    assert [test.id for test in leaves(rule)] == ["a", "b", "c", "d"]
