"""The page of a sheet: where map, legend, key and locator stand, and how far the land is reduced."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import shapely

from geontm.publish.paper.plane import Land
from geontm.publish.paper.spots import Box

__all__ = ["Format", "Plan", "nice_denominator", "plan_of", "to_paper"]

Format: TypeAlias = Literal["A4", "A3", "report"]
"""Sheets of paper, and the picture that a report shows at its own size."""

_LONG_SIDE: dict[Format, tuple[float, float]] = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
_LETTERS: dict[Format, float] = {"A4": 1.0, "A3": 1.2, "report": 1.3}  # of 6.2 points at A4, 8 in a report
_REPORT = 160.0  # mm: the text of an upright page of a report
_NATION_HIGH = 168.0  # mm, of the frame in a report
_COLUMN = 56.0  # mm, beside a tall map in a report
_BELOW, _BESIDE = (84.0, 114.0), (104.0, 176.0)  # mm: least and greatest height of a frame in a report
_MARK = 0.06  # how much larger the land must be drawn for the legend to stand beside it
_LONGEST_STRIP = 400.0  # mm: the picture is cut where its words end
_PAD = 0.035  # of the frame, left free around the land
_FOOT = 9.4  # mm at A4: three lines
_LEAST = 500.0  # metres: a project without extent still has a frame


@dataclass(frozen=True)
class Plan:
    """The page of all sheets of a run in one paper size.

    Attributes
    ----------
    size : {"A4", "A3", "report"}
        A picture for a report has no title and no foot: they stand in the report.
    width, height : float
        Of the paper (mm); a picture for a report ends where its words end.
    letters : float
        Factor of type sizes and signs against A4.
    margin : float
        Around everything (mm).
    frame : Box
        Of the map (mm).
    side : Box
        Beside or below the map, for legend, key and locator (mm); empty on a national sheet.
    below : bool
        ``side`` is a strip below the map.
    denominator : float
        The map is 1 : ``denominator`` when the sheet is printed at 100 %.
    origin : (float, float)
        Point of the plane (m) at the lower left corner of the frame.
    """

    size: Format
    width: float
    height: float
    letters: float
    margin: float
    frame: Box
    side: Box
    denominator: float
    origin: tuple[float, float]
    below: bool = False

    @property
    def portrait(self) -> bool:
        """Whether the paper stands upright."""
        return self.height > self.width

    @property
    def alone(self) -> bool:
        """Whether the sheet stands alone, with title, sources and scale; a report tells these beside its pictures."""
        return self.size != "report"

    @property
    def signs(self) -> float:
        """Factor of frames and signs against A4, where letters may grow more."""
        return self.letters if self.alone else 1.0

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


def plan_of(land: Land, size: Format, *, less: float = 0.0, beside: bool = True) -> Plan:
    """Choose upright or lying paper, whichever shows the land larger, and place the parts of the sheet.

    In a report the paper stays upright: there the legend stands below the map, or beside a tall one. The frame is
    ``less`` mm lower than it could be there, for a key below it. Without ``beside`` the legend never stands beside
    the map, so that a tall land has free room in its frame.
    """
    known = land.shapes[land.near]
    bounds = np.asarray(shapely.total_bounds(known)) if len(known) else np.zeros(4)
    if size == "report":
        if land.national:
            return _fit_report(bounds, "inside", 0.0)
        low, tall = _fit_report(bounds, "below", less), _fit_report(bounds, "beside", less)
        return tall if beside and tall.denominator < low.denominator * (1 - _MARK) else low
    if land.national:
        return _fit(size, bounds, portrait=True, national=True)
    lying, upright = (_fit(size, bounds, portrait=portrait, national=False) for portrait in (False, True))
    return upright if upright.denominator < lying.denominator else lying


def _fit(size: Format, bounds: np.ndarray, *, portrait: bool, national: bool) -> Plan:
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
    plan = Plan(size, width, height, s, margin, frame, side, 1.0, (0.0, 0.0), below=portrait and not national)
    return _scaled(plan, bounds, national=national)


def _fit_report(bounds: np.ndarray, legend: Literal["below", "beside", "inside"], less: float) -> Plan:
    """Give a frame the shape of its land, as wide as the text of a report."""
    s = _LETTERS["report"]
    margin, degrees, head = 0.4, 4.4 * s, 7.0 * s
    west, south, east, north = bounds
    shape = max(north - south, _LEAST) / max(east - west, _LEAST)
    width = _REPORT - 2 * (margin + degrees)
    if legend == "beside":
        width -= _COLUMN + 3.0
    least, most = _BESIDE if legend == "beside" else _BELOW
    high = _NATION_HIGH if legend == "inside" else max(min(width * shape, most - less), least)
    foot = _LONGEST_STRIP + margin + degrees
    frame = Box(margin + degrees, foot, width, high)
    height = frame.top + degrees + head
    side = Box(frame.x, margin, frame.w, foot - degrees - 1.0 * s - margin)
    if legend == "beside":
        side = Box(frame.right + degrees + 3.0, margin, _COLUMN - degrees, frame.top - margin)
    plan = Plan("report", _REPORT, height, s, margin, frame, side, 1.0, (0.0, 0.0), below=legend == "below")
    return _scaled(plan, bounds, national=legend == "inside")


def _scaled(plan: Plan, bounds: np.ndarray, *, national: bool) -> Plan:
    """Choose the scale at which the land fits the frame, and where it lies in it."""
    west, south, east, north = bounds
    frame = plan.frame
    across, along = max(east - west, _LEAST), max(north - south, _LEAST)
    free = 1 - 2 * _PAD
    needed = max(across / (frame.w * free), along / (frame.h * free)) * 1000
    # A report tells no scale: there the land may be as large as it fits.
    denominator = nice_denominator(needed) if plan.alone else needed
    metres = denominator / 1000
    # A tall country leaves its free room in the east, where its archipelagos lie.
    x = west - 2 * _PAD * frame.w * metres if national else (west + east - frame.w * metres) / 2
    y = (south + north - frame.h * metres) / 2
    return replace(plan, denominator=denominator, origin=(float(x), float(y)))


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
