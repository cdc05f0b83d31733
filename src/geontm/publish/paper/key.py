"""The key of a map: names by number, in columns as wide as their names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from geontm.publish.paper.pen import Pen
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import POINT_MM, shorten, text_width

__all__ = ["KEY_PAD", "Entry", "KeyPlan", "draw_key", "key_shapes", "lowest_key", "plan_key"]

Entry = tuple[int, str]
_SIZES = (6.2, 5.8, 5.4)  # points
_HEADING = 5.2  # mm
_HAIR = 1e-6  # of a row: a room as high as a key holds it
KEY_PAD = 1.8  # mm, between a frame around a key and its words
_WIDEST, _COLUMNS = 60.0, 6  # mm of a column, and how many columns a key of its own has at most
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

    @property
    def width(self) -> float:
        """Of all columns (mm); the heading may be wider."""
        return sum(self.widths)


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
        room = int((height - _HEADING * s) / step + _HAIR)
        if room < 1:
            continue
        rows = math.ceil(len(entries) / math.ceil(len(entries) / room))
        widths = tuple(_width(entries[k : k + rows], size, width, s) for k in range(0, len(entries), rows))
        if sum(widths) - _BETWEEN * s <= width:
            return KeyPlan(size, rows, widths, rows * step + _HEADING * s)
    return None


def key_shapes(entries: Sequence[Entry], s: float) -> Iterator[KeyPlan]:
    """Set a key in one column, in two, …: the shapes that a frame of its own may have."""
    for points, columns in product(_SIZES[1:], range(1, min(_COLUMNS, len(entries)) + 1)):
        rows, size = math.ceil(len(entries) / columns), points * s
        widths = tuple(_width(entries[k : k + rows], size, _WIDEST * s, s) for k in range(0, len(entries), rows))
        yield KeyPlan(size, rows, widths, rows * size * POINT_MM * 1.3 + _HEADING * s)


def lowest_key(entries: Sequence[Entry], width: float, s: float) -> KeyPlan:
    """Set a key into as few rows as its width allows, in the largest letters."""
    step = _SIZES[0] * s * POINT_MM * 1.3
    for rows in range(1, len(entries) + 1):
        found = plan_key(entries, width, _HEADING * s + (rows + 0.5) * step, s)
        if found is not None and found.size == _SIZES[0] * s:
            return found
    widths = (_width(entries, _SIZES[0] * s, width, s),)
    return KeyPlan(_SIZES[0] * s, len(entries), widths, len(entries) * step + _HEADING * s)


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
