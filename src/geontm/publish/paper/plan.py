"""The page of a sheet: where map, legend, key and locator stand, and how far the land is reduced."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from geontm.publish.paper.plane import Land
from geontm.publish.paper.spots import Box
from geontm.publish.products import PaperSize

__all__ = ["Plan", "nice_denominator", "plan_of", "to_paper"]

_LONG_SIDE: dict[PaperSize, tuple[float, float]] = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
_LETTERS: dict[PaperSize, float] = {"A4": 1.0, "A3": 1.2}
_PAD = 0.035  # of the frame, left free around the land
_FOOT = 9.4  # mm at A4: three lines
_LEAST = 500.0  # metres: a project without extent still has a frame


@dataclass(frozen=True)
class Plan:
    """The page of all sheets of a run in one paper size.

    Attributes
    ----------
    size : {"A4", "A3"}
    width, height : float
        Of the paper (mm).
    letters : float
        Factor of type sizes and signs against A4.
    margin : float
        Around everything (mm).
    frame : Box
        Of the map (mm).
    side : Box
        Beside or below the map, for legend, key and locator (mm); empty on a national sheet.
    denominator : float
        The map is 1 : ``denominator`` when the sheet is printed at 100 %.
    origin : (float, float)
        Point of the plane (m) at the lower left corner of the frame.
    """

    size: PaperSize
    width: float
    height: float
    letters: float
    margin: float
    frame: Box
    side: Box
    denominator: float
    origin: tuple[float, float]

    @property
    def portrait(self) -> bool:
        """Whether the paper stands upright."""
        return self.height > self.width

    @property
    def foot(self) -> Box:
        """Strip below everything, for sources."""
        return Box(self.margin, self.margin, self.width - 2 * self.margin, _FOOT * self.letters)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Part of the plane inside the frame (m): west, south, east, north."""
        x, y = self.origin
        metres = self.denominator / 1000
        return x, y, x + self.frame.w * metres, y + self.frame.h * metres


def plan_of(land: Land, size: PaperSize) -> Plan:
    """Choose upright or lying paper, whichever shows the land larger, and place the parts of the sheet."""
    known = land.shapes[land.near]
    bounds = np.asarray(shapely.total_bounds(known)) if len(known) else np.zeros(4)
    if land.national:
        return _fit(size, bounds, portrait=True, national=True)
    lying, upright = (_fit(size, bounds, portrait=portrait, national=False) for portrait in (False, True))
    return upright if upright.denominator < lying.denominator else lying


def _fit(size: PaperSize, bounds: np.ndarray, *, portrait: bool, national: bool) -> Plan:
    long, short = _LONG_SIDE[size]
    width, height = (short, long) if portrait else (long, short)
    s = _LETTERS[size]
    margin, degrees, head, foot = 9.0 * s, 4.2 * s, 13.6 * s, _FOOT * s
    frame = Box(margin + degrees, margin + foot + degrees, width - 2 * (margin + degrees), 0.0)
    frame = Box(frame.x, frame.y, frame.w, height - margin - head - degrees - frame.y)
    side = Box(frame.x, frame.y, 0.0, 0.0)
    if not national and portrait:
        strip = 68.0 * s
        side = Box(margin, margin + foot, width - 2 * margin, strip)
        frame = Box(frame.x, frame.y + strip + 2 * s, frame.w, frame.h - strip - 2 * s)
    elif not national:
        column = 60.0 * s
        side = Box(width - margin - column, margin + foot, column, frame.top - margin - foot)
        frame = Box(frame.x, frame.y, frame.w - column - 3.0 * s, frame.h)
    west, south, east, north = bounds
    across, along = max(east - west, _LEAST), max(north - south, _LEAST)
    free = 1 - 2 * _PAD
    needed = max(across / (frame.w * free), along / (frame.h * free)) * 1000
    denominator = nice_denominator(needed)
    metres = denominator / 1000
    # A tall country leaves its free room in the east, where its archipelagos lie.
    x = west - 2 * _PAD * frame.w * metres if national else (west + east - frame.w * metres) / 2
    y = (south + north - frame.h * metres) / 2
    return Plan(size, width, height, s, margin, frame, side, denominator, (float(x), float(y)))


def nice_denominator(needed: float) -> float:
    """Round a scale up to two figures, the second even or five: 895,123 becomes 900,000."""
    power = 10.0 ** (math.floor(math.log10(needed)) - 1)
    steps = needed / power
    for figure in (*(k for k in range(10, 101) if k % 2 == 0 or k % 5 == 0),):
        if figure >= steps - 1e-9:
            return figure * power
    return 100 * power


def to_paper(shapes: np.ndarray, plan: Plan) -> np.ndarray:
    """Return shapes of the plane (m) in mm on the paper; None stays None."""
    per_metre = 1000 / plan.denominator
    x, y = plan.origin

    def shift(points: np.ndarray) -> np.ndarray:
        moved: np.ndarray = (points - (x, y)) * per_metre + (plan.frame.x, plan.frame.y)
        return moved

    moved: np.ndarray = shapely.transform(shapes, shift)
    return moved
