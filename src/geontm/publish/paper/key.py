"""The key of a map: names by number, in columns as wide as their names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from geontm.publish.paper.pen import Pen
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import POINT_MM, shorten, text_width

__all__ = ["Entry", "KeyPlan", "draw_key", "plan_key"]

Entry = tuple[int, str]
_SIZES = (6.2, 5.8, 5.4)  # points
_HEADING = 5.2  # mm
_GAP, _BETWEEN = 1.2, 3.0  # mm after a number, between columns


@dataclass(frozen=True)
class KeyPlan:
    """How a key is set.

    Attributes
    ----------
    size : float
        Of its letters (points).
    rows : int
        Of a column.
    widths : tuple of float
        Of the columns (mm).
    height : float
        With its heading (mm).
    """

    size: float
    rows: int
    widths: tuple[float, ...]
    height: float


def plan_key(entries: Sequence[Entry], width: float, height: float, s: float) -> KeyPlan | None:
    """Set a key into a room, in letters as large as fit; None where it does not fit.

    Parameters
    ----------
    entries : sequence of (int, str)
    width, height : float
        Of the room (mm).
    s : float
        Factor of type sizes.
    """
    for points in _SIZES:
        size = points * s
        step = size * POINT_MM * 1.3
        room = int((height - _HEADING * s) / step)
        if room < 1:
            continue
        rows = math.ceil(len(entries) / math.ceil(len(entries) / room))
        widths = tuple(_width(entries[k : k + rows], size, width, s) for k in range(0, len(entries), rows))
        if sum(widths) - _BETWEEN * s <= width:
            return KeyPlan(size, rows, widths, rows * step + _HEADING * s)
    return None


def _width(entries: Sequence[Entry], size: float, most: float, s: float) -> float:
    digits = max(text_width(str(number), size, "Bold") for number, _ in entries)
    names = max(text_width(name, size) for _, name in entries)
    return min(digits + names + (_GAP + _BETWEEN) * s, most + _BETWEEN * s)


def draw_key(pen: Pen, box: Box, entries: Sequence[Entry], heading: str, plan: KeyPlan, s: float) -> None:
    """List numbered names in columns from the top of a box; a name wider than the box is cut."""
    y = pen.lines(box.x, box.top, [heading], 7.4 * s, cut="Bold") - 0.6 * s
    step, x = plan.size * POINT_MM * 1.3, box.x
    for column, width in enumerate(plan.widths):
        own = entries[column * plan.rows : (column + 1) * plan.rows]
        digits = max(text_width(str(number), plan.size, "Bold") for number, _ in own)
        for row, (number, name) in enumerate(own):
            base = y - row * step - plan.size * POINT_MM * 0.86
            pen.text(x + digits, base, str(number), plan.size, cut="Bold", across="right")
            room = width - digits - (_GAP + _BETWEEN) * s
            pen.text(x + digits + _GAP * s, base, shorten(name, room + 0.01, plan.size), plan.size)
        x += width
