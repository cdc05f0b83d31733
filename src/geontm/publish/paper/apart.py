"""Islands far from the rest of a project: they get frames of their own, so that the land is drawn large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geontm.publish.paper.plan import plan_of
from geontm.publish.paper.plane import Land

__all__ = ["set_islands_apart"]

_LARGER = 1.25  # how much larger the rest must become
_MOST = 2  # frames


def set_islands_apart(land: Land) -> Land:
    """Take units that lie alone in the sea out of the main frame where that draws the rest much larger.

    Parameters
    ----------
    land : Land

    Returns
    -------
    Land
        With such units in ``islands``, by their code (Côn Đảo, Bạch Long Vĩ); at most two, the one that gains most
        first. A national sheet keeps all but the archipelagos in place.
    """
    if land.national:
        return land
    for _ in range(_MOST):
        near = np.flatnonzero(land.near)
        if len(near) < 3:
            break
        now = plan_of(land, "A4").denominator
        best: tuple[float, int] | None = None
        for k in _outermost(shapely.bounds(land.shapes[near])):
            found = plan_of(_without(land, int(near[k])), "A4").denominator
            if now / found >= _LARGER and (best is None or found < best[0]):
                best = found, int(near[k])
        if best is None:
            break
        land = _without(land, best[1])
    return land


def _without(land: Land, unit: int) -> Land:
    there = np.zeros(len(land.codes), dtype=np.bool_)
    there[unit] = True
    return replace(land, islands={**land.islands, land.codes[unit]: there})


def _outermost(bounds: NDArray[np.float64]) -> list[int]:
    """Name the units that alone reach an edge of the whole, and whose frame meets no other's."""
    found = []
    for side, pick in ((0, np.argmin), (1, np.argmin), (2, np.argmax), (3, np.argmax)):
        k = int(pick(bounds[:, side]))
        west, south, east, north = bounds[k]
        meets = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
        if meets.sum() == 1:
            found.append(k)
    return sorted(set(found))
