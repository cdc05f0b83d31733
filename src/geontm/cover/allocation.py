"""Shares the people of places among works of limited capacity: the nearest are served first, nobody is served twice.

Works rank people, and people rank works, by one and the same distance. Then there is exactly one stable allocation, one
in which nobody who is left out is nearer to a work than someone whom it serves; and it is found by going through the
pairs of place and work from the nearest to the farthest and serving as many as both sides still can. That is deferred
acceptance with divisible groups of people. Pairs at one distance go by the order of works, then of places.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pairs", "allocate", "fill_rooms"]

BLOCK = 50_000


@dataclass(frozen=True)
class Pairs:
    """Which works reach which places.

    Attributes
    ----------
    place, work : ndarray of int, shape (m,)
    distance : ndarray of float64, shape (m,)
        Metres.
    """

    place: NDArray[np.int64]
    work: NDArray[np.int64]
    distance: NDArray[np.float64]

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(self.place[chosen], self.work[chosen], self.distance[chosen])


def allocate(people: NDArray[np.float64], room: NDArray[np.float64], pairs: Pairs) -> tuple[Pairs, NDArray[np.float64]]:
    """Share people among works.

    Parameters
    ----------
    people : ndarray, shape (n,)
        Of each place; finite, not negative.
    room : ndarray, shape (w,)
        How many a work can serve; infinite for one without limit.
    pairs : Pairs

    Returns
    -------
    Pairs
        From the nearest to the farthest, those by which people may be served.
    ndarray of float64
        How many are served by each. Over a place they add up to at most its people, over a work to at most its room.
    """
    pairs = pairs.take(people[pairs.place] > 0)
    pairs = pairs.take(np.lexsort((pairs.place, pairs.work, pairs.distance)))
    slack = np.isinf(room)
    while True:
        # A work that could serve all who may still come refuses nobody, and nobody goes past the nearest such.
        pairs = pairs.take(_up_to_first(pairs.place, slack[pairs.work], len(people)))
        coming = np.bincount(pairs.work, people[pairs.place], len(room))
        found = ~slack & (coming <= room)
        if not found.any():
            break
        slack |= found
    return pairs, fill_rooms(people.copy(), np.where(slack, np.inf, room), pairs)


def _up_to_first(place: NDArray[np.int64], last: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    """Keep the entries of each place up to the first that is its last."""
    first = np.full(n, len(place), dtype=np.int64)
    at = np.flatnonzero(last)[::-1]
    first[place[at]] = at
    return np.asarray(np.arange(len(place)) <= first[place])


def fill_rooms(left: NDArray[np.float64], free: NDArray[np.float64], pairs: Pairs) -> NDArray[np.float64]:
    """Serve as many as place and work still can, pair by pair in the order given; return how many by each.

    Parameters
    ----------
    left, free : ndarray
        People not served yet of every place, room of every work; what is served is taken from both, in place.
    pairs : Pairs
        Distances do not count here, only the order.
    """
    served = np.zeros(len(pairs.place))
    for first in range(0, len(served), BLOCK):
        # Most pairs come too late: the place has been served, or the work is full.
        place, work = pairs.place[first : first + BLOCK], pairs.work[first : first + BLOCK]
        live = np.flatnonzero((left[place] > 0) & (free[work] > 0))
        if not live.size:
            continue
        places, at_place = np.unique(place[live], return_inverse=True)
        works, at_work = np.unique(work[live], return_inverse=True)
        here, space = left[places].tolist(), free[works].tolist()
        amounts = _fill(here, space, at_place.tolist(), at_work.tolist())
        served[first + live] = amounts
        left[places], free[works] = here, space
    return served


def _fill(left: list[float], free: list[float], places: list[int], works: list[int]) -> list[float]:
    amounts = []
    for place, work in zip(places, works, strict=True):
        wanted, space = left[place], free[work]
        if wanted <= space:
            left[place], free[work] = 0.0, space - wanted
            amounts.append(wanted)
        else:
            left[place], free[work] = wanted - space, 0.0
            amounts.append(space)
    return amounts
