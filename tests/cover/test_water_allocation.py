"""Sharing people among works of limited room: hand examples, stability, and the most that any sharing could serve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from geontm.cover.allocation import Pairs, allocate


def pairs(*rows):
    place, work, distance = zip(*rows, strict=True) if rows else ((), (), ())
    return Pairs(np.array(place, dtype=np.int64), np.array(work, dtype=np.int64), np.array(distance, dtype=float))


def share(people, room, reach):
    """Return who serves how many: {(place, work): amount}."""
    found, amount = allocate(np.array(people, dtype=float), np.array(room, dtype=float), reach)
    return {(int(p), int(w)): float(n) for p, w, n in zip(found.place, found.work, amount, strict=True) if n > 0}


def test_the_nearest_are_served_first():
    assert share([30, 30], [40], pairs((0, 0, 100), (1, 0, 50))) == {(1, 0): 30, (0, 0): 10}


def test_who_finds_no_room_goes_to_the_next_work():
    reach = pairs((0, 0, 10), (1, 0, 20), (1, 1, 90))
    assert share([30, 30], [40, 100], reach) == {(0, 0): 30, (1, 0): 10, (1, 1): 20}


def test_who_comes_late_but_lives_nearer_takes_the_place_of_who_was_there():
    # Place 0 prefers work 0, which is full with nearer people; at work 1 it is nearer than place 2 and displaces it.
    reach = pairs((0, 0, 50), (1, 0, 10), (0, 1, 60), (2, 1, 70))
    assert share([20, 20, 20], [20, 20], reach) == {(1, 0): 20, (0, 1): 20}


def test_without_limit_everyone_goes_to_the_nearest():
    reach = pairs((0, 0, 50), (0, 1, 40), (1, 0, 5), (2, 1, 5))
    assert share([10, 20, 0], [np.inf, np.inf], reach) == {(0, 1): 10, (1, 0): 20}


def test_nothing_to_share():
    assert share([], [], pairs()) == {} and share([5], [0], pairs((0, 0, 1))) == {}


@st.composite
def sharings(draw):
    n, w = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    people = draw(st.lists(st.integers(0, 40), min_size=n, max_size=n))
    room = draw(st.lists(st.one_of(st.integers(0, 60), st.just(np.inf)), min_size=w, max_size=w))
    cells = [(p, k) for p in range(n) for k in range(w)]
    chosen = draw(st.lists(st.sampled_from(cells), unique=True, max_size=len(cells)))
    far = draw(st.lists(st.integers(0, 12), min_size=len(chosen), max_size=len(chosen)))
    return people, room, [(p, k, d * 10.0) for (p, k), d in zip(chosen, far, strict=True)]


def totals(found, n, axis):
    out = np.zeros(n)
    for key, amount in found.items():
        out[key[axis]] += amount
    return out


@given(sharings())
@settings(deadline=None)
def test_the_sharing_is_stable_and_within_every_limit(sharing):
    people, room, rows = sharing
    found = share(people, room, pairs(*rows))
    served, used = totals(found, len(people), 0), totals(found, len(room), 1)
    assert (served <= np.array(people) + 1e-9).all() and (used <= np.array(room) + 1e-9).all()
    for place, work, distance in rows:
        if served[place] >= people[place] - 1e-9:
            worst = max((d for p, k, d in rows if p == place and found.get((p, k))), default=-1.0)
            if worst <= distance:
                continue
        # Someone here would rather come: then the work is full, and with people who are not farther.
        assert used[work] >= room[work] - 1e-9
        assert all(d <= distance for p, k, d in rows if k == work and found.get((p, k)))


@given(sharings())
@settings(deadline=None)
def test_no_more_are_served_than_any_sharing_could(sharing):
    people, room, rows = sharing
    total = sum(share(people, room, pairs(*rows)).values())
    most = _most(people, room, rows)
    assert total <= most + 1e-9
    # Whoever is left out has all works in reach full: that is half of the best at least.
    assert total >= most / 2 - 1e-9
    reached_once = {place for place, _, _ in rows if sum(p == place for p, _, _ in rows) == 1}
    alone = [row for row in rows if row[0] in reached_once]
    if len(alone) == len(rows):  # no place in reach of two works: nothing to choose, and nothing is lost
        assert total == pytest.approx(most)


def _most(people, room, rows):
    n, w = len(people), len(room)
    size = n + w + 2
    edges = np.zeros((size, size), dtype=np.int32)
    edges[0, 1 : n + 1] = people
    for place, work, _ in rows:
        edges[1 + place, 1 + n + work] = 1_000_000
    edges[1 + n : 1 + n + w, -1] = [1_000_000 if np.isinf(r) else int(r) for r in room]
    return maximum_flow(csr_matrix(edges), 0, size - 1).flow_value


@given(sharings(), st.randoms())
@settings(deadline=None)
def test_the_order_of_pairs_does_not_matter(sharing, random):
    people, room, rows = sharing
    mixed = list(rows)
    random.shuffle(mixed)
    assert share(people, room, pairs(*rows)) == share(people, room, pairs(*mixed))


@given(sharings(), st.integers(0, 60))
@settings(deadline=None)
def test_one_more_work_takes_service_from_nobody(sharing, more):
    people, room, rows = sharing
    before = totals(share(people, room, pairs(*rows)), len(people), 0)
    extra = [(place, len(room), 35.0 + place) for place in range(len(people))]
    after = totals(share(people, [*room, more], pairs(*rows, *extra)), len(people), 0)
    assert (after >= before - 1e-9).all()


@given(sharings())
@settings(deadline=None)
def test_cutting_a_place_in_two_changes_nothing(sharing):
    people, room, rows = sharing
    whole = share(people, room, pairs(*rows))
    halves = [n / 2 for n in people for _ in range(2)]
    parts = share(halves, room, pairs(*((2 * p + half, k, d) for p, k, d in rows for half in range(2))))
    assert totals(parts, len(room), 1) == pytest.approx(totals(whole, len(room), 1))
