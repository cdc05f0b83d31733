"""What lies where on a sheet: a fine grid over the map frame that tells land from sea, and taken places from free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import Affine

__all__ = ["AROUND", "Box", "Spots"]

CELL = 0.35  # mm
AROUND = -1  # owner of land that is not the project's
_AROUND_COST = 0.01  # of a cell of land around under a piece of furniture; 6 of the project's own
_FORBIDDEN = 1e6  # times as dear: not one cell may be hidden
_STEP = 4  # cells between the places that are tried for a piece of furniture


@dataclass(frozen=True)
class Box:
    """A rectangle on the paper: lower left corner, width and height, all in mm."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.w

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y + self.h

    @property
    def middle(self) -> tuple[float, float]:
        """Centre."""
        return self.x + self.w / 2, self.y + self.h / 2

    def grow(self, by: float) -> Box:
        """Return the rectangle with ``by`` mm more on every side."""
        return Box(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)


class Spots:
    """The grid of one map frame.

    Parameters
    ----------
    frame : Box
        The map frame.
    shapes : sequence of polygons or None
        Units in mm on the paper; the k-th owns the cells numbered ``k + 1``.
    around : iterable of polygons
        Other land, in mm.
    """

    def __init__(self, frame: Box, shapes: Sequence[object], around: Iterable[object] = ()) -> None:
        self.frame = frame
        self.rows, self.columns = (max(1, round(length / CELL)) for length in (frame.h, frame.w))
        drawn = [(shape, AROUND) for shape in around if not _is_nothing(shape)]
        drawn += [(shape, k + 1) for k, shape in enumerate(shapes) if not _is_nothing(shape)]
        size = (self.rows, self.columns)
        self.owner: NDArray[np.int32] = np.zeros(size, dtype=np.int32)
        if drawn:
            place = Affine(CELL, 0, frame.x, 0, -CELL, frame.top)
            rasterize(drawn, out=self.owner, transform=place)
        self.taken: NDArray[np.bool_] = np.zeros(size, dtype=np.bool_)

    def _window(self, box: Box) -> tuple[slice, slice] | None:
        """Return rows and columns under a rectangle; None where it leaves the frame."""
        left, right = round((box.x - self.frame.x) / CELL), round((box.right - self.frame.x) / CELL)
        upper, lower = round((self.frame.top - box.top) / CELL), round((self.frame.top - box.y) / CELL)
        if left < 0 or upper < 0 or right > self.columns or lower > self.rows:
            return None
        return slice(upper, max(lower, upper + 1)), slice(left, max(right, left + 1))

    def is_free(self, box: Box) -> bool:
        """Tell whether a rectangle lies in the frame and nothing was put there yet."""
        window = self._window(box)
        return window is not None and not self.taken[window].any()

    def shares(self, box: Box, unit: int) -> tuple[float, float, float]:
        """Return which shares of a rectangle lie in a unit, in other units, and on land around.

        The rectangle lies in the frame.
        """
        window = self._window(box)
        if window is None:
            return 0.0, 1.0, 0.0
        cells = self.owner[window]
        own, land = float((cells == unit + 1).mean()), float((cells > 0).mean())
        return own, land - own, float((cells == AROUND).mean())

    def is_sea(self, box: Box) -> bool:
        """Tell whether no land lies under a rectangle of the frame."""
        window = self._window(box)
        return window is not None and not self.owner[window].any()

    @property
    def has_land_around(self) -> bool:
        """Whether land around is known: only then is the rest sea."""
        return bool((self.owner == AROUND).any())

    def take(self, box: Box) -> None:
        """Mark a rectangle as used."""
        upper = max(0, round((self.frame.top - box.top) / CELL))
        lower = round((self.frame.top - box.y) / CELL)
        left = max(0, round((box.x - self.frame.x) / CELL))
        right = round((box.right - self.frame.x) / CELL)
        self.taken[upper : max(lower, 0), left : max(right, 0)] = True

    def take_edge(self, by: float) -> None:
        """Mark a band of ``by`` mm along the frame as used: what lies there would touch it."""
        cells = max(1, round(by / CELL))
        self.taken[:cells] = self.taken[-cells:] = True
        self.taken[:, :cells] = self.taken[:, -cells:] = True

    def find_room(self, w: float, h: float, corner: tuple[float, float], *, margin: float = 2.5) -> Box:
        """Find where a piece of furniture hides the least of the map, and use it up.

        Parameters
        ----------
        w, h : float
            Size (mm).
        corner : (float, float)
            Wished place, from (0, 0) lower left to (1, 1) upper right.
        margin : float
            Distance kept to the frame (mm).
        """
        found, _ = self._search(w, h, corner, margin)
        self.take(found.grow(1.0))
        return found

    def free_room(self, w: float, h: float, corner: tuple[float, float], *, margin: float = 2.5) -> Box | None:
        """Find room as :meth:`find_room` does where nothing is hidden but land around; None where there is none."""
        if w > self.frame.w - 2 * margin or h > self.frame.h - 2 * margin:
            return None
        found, hidden = self._search(w + 1, h + 1, corner, margin - 0.5, dear=_FORBIDDEN)
        if hidden > 2 * _AROUND_COST:
            return None
        self.take(found)
        return found.grow(-0.5)

    def _search(
        self, w: float, h: float, corner: tuple[float, float], margin: float, *, dear: float = 1.0
    ) -> tuple[Box, float]:
        """Return the place for a piece of furniture, and what it hides there; ``dear`` multiplies what counts."""
        cost = (self.owner > 0) * 6.0 * dear + (self.owner == AROUND) * _AROUND_COST + self.taken * 50.0 * dear
        total = np.zeros((self.rows + 1, self.columns + 1))
        total[1:, 1:] = cost.cumsum(axis=0).cumsum(axis=1)
        high, wide, edge = (max(1, round(length / CELL)) for length in (h, w, margin))
        tops = np.arange(edge, max(edge + 1, self.rows - high - edge + 1), _STEP)
        lefts = np.arange(edge, max(edge + 1, self.columns - wide - edge + 1), _STEP)
        bottoms, rights = np.minimum(tops + high, self.rows), np.minimum(lefts + wide, self.columns)
        hidden = (
            total[np.ix_(bottoms, rights)]
            - total[np.ix_(tops, rights)]
            - total[np.ix_(bottoms, lefts)]
            + total[np.ix_(tops, lefts)]
        ) / (high * wide)
        aside = np.abs(lefts / max(1, lefts[-1]) - corner[0])
        above = np.abs(tops / max(1, tops[-1]) - (1 - corner[1]))
        best = int((hidden + 0.12 * (above[:, None] + aside[None, :])).argmin())
        top, left = tops[best // len(lefts)], lefts[best % len(lefts)]
        found = Box(float(self.frame.x + left * CELL), float(self.frame.top - top * CELL - h), w, h)
        return found, float(hidden.flat[best])


def _is_nothing(shape: object) -> bool:
    return shape is None or bool(pd.isna(shape)) or bool(shapely.is_empty(shape))  # type: ignore[call-overload]
