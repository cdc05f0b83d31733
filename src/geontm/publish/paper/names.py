"""Names on a map: each unit gets its name where it fits, or a number and a line in the key; none is dropped."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray

from geontm.publish.paper.spots import Box, Spots
from geontm.publish.paper.text import POINT_MM, Cut, text_width

__all__ = ["Name", "Names", "Number", "bare_name", "largest_parts", "place_names"]

Shapes = NDArray[np.object_]
LINE = 1.12  # line height in ems
_WIDER = 1.12  # a name may be this much wider than its unit
_WIDER_AT_SEA = 3.0  # beside an island nothing is in the way
_SHIFTS = (0.0, -0.3, 0.3, -0.6, 0.6)
_TURNS = 16
_NEARBY = 5.0  # times the size of a number: farther out more directions are tried


@dataclass(frozen=True)
class Name:
    """A name at its place: the centre of its lines in mm on the paper."""

    unit: int
    lines: tuple[str, ...]
    x: float
    y: float
    size: float
    cut: Cut = "Regular"


@dataclass(frozen=True)
class Number:
    """A number that stands for a name: its centre, and the point of the unit it leads to."""

    unit: int
    number: int
    x: float
    y: float
    size: float
    leads_to: tuple[float, float] | None = None


@dataclass(frozen=True)
class Names:
    """Where every unit is named.

    Attributes
    ----------
    names : tuple of Name
        Written out.
    numbers : tuple of Number
        Keyed, in the order of their numbers: by rows from the north, each from the west.
    crowded : tuple of int
        Units whose number found no free place; it covers another.
    """

    names: tuple[Name, ...] = ()
    numbers: tuple[Number, ...] = ()
    crowded: tuple[int, ...] = field(default=())


def bare_name(name: str, kind: str) -> str:
    """Return a name as maps write it: without *Xã*, *Phường*; a bare number keeps its kind."""
    prefix = f"{kind} "
    if kind and name.casefold().startswith(prefix.casefold()):
        rest = name[len(prefix) :].strip()
        if rest and not rest[0].isdigit():
            return rest
    return name


def largest_parts(shapes: Shapes) -> Shapes:
    """Return the largest polygon of each shape; None where there is none."""
    found = np.full(len(shapes), None, dtype=object)
    parts, of = shapely.get_parts(shapes, return_index=True)
    if len(parts):
        area = shapely.area(parts)
        order = np.lexsort((np.arange(len(parts)), -area, of))
        first = np.ones(len(order), dtype=bool)
        first[1:] = of[order][1:] != of[order][:-1]
        found[of[order][first]] = parts[order][first]
    return found


def place_names(
    spots: Spots, texts: Sequence[str], shapes: Shapes, sizes: Sequence[float], *, cut: Cut = "Regular"
) -> Names:
    """Name units on a map, the largest first.

    Parameters
    ----------
    spots : Spots
        The grid of the frame; places that names use are taken from it.
    texts : sequence of str, n
        Printable names; an empty one names nothing.
    shapes : array of polygons or None, n
        The same that ``spots`` was made with (mm); units outside the frame are passed over.
    sizes : sequence of float
        Sizes of letters to try (points), largest first.
    """
    parts = largest_parts(shapes)
    there = [k for k, part in enumerate(parts) if part is not None and texts[k] and _touches(part, spots.frame)]
    area = shapely.area(parts)
    order = sorted(there, key=lambda k: (-float(area[k]), k))
    anchors = {k: _anchor(parts[k]) for k in order}
    names, left = [], []
    for k in order:
        found = _best(spots, k, texts[k], anchors[k], parts[k].bounds, sizes, cut)
        if found is None:
            left.append(k)
            continue
        names.append(found)
        spots.take(_extent(found.lines, found.size, found.x, found.y, cut))
    numbers, crowded = _number(spots, left, anchors, parts, sizes[-1])
    return Names(tuple(names), tuple(numbers), tuple(crowded))


def _touches(part: shapely.Polygon, frame: Box) -> bool:
    west, south, east, north = part.bounds
    return bool(west < frame.right and east > frame.x and south < frame.top and north > frame.y)


def _anchor(part: shapely.Polygon) -> tuple[float, float]:
    """Return the centre of the largest circle inside a polygon."""
    west, south, east, north = part.bounds
    if part.area <= 0:
        return (west + east) / 2, (south + north) / 2
    tolerance = max(0.05, max(east - west, north - south) / 60)
    point = shapely.get_point(shapely.maximum_inscribed_circle(part, tolerance=tolerance), 0)
    return float(point.x), float(point.y)


def _extent(lines: Sequence[str], size: float, x: float, y: float, cut: Cut) -> Box:
    width = max(text_width(line, size, cut) for line in lines)
    height = len(lines) * size * LINE * POINT_MM
    return Box(x - width / 2, y - height / 2, width, height)


def _splits(text: str) -> Iterator[tuple[str, ...]]:
    """Give a name on one line, then on two, broken where the two are most alike."""
    yield (text,)
    words = text.split()
    if len(words) > 1:
        cuts = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
        yield min(cuts, key=lambda pair: (max(map(len, pair)), len(pair[0])))


def _best(
    spots: Spots, unit: int, text: str, anchor: tuple[float, float], bounds: tuple[float, ...],
    sizes: Sequence[float], cut: Cut,
) -> Name | None:  # fmt: skip
    """Find the best free place of a name: much of it inside the unit, little over others, near the middle, large."""
    best: tuple[float, Name] | None = None
    wide = bounds[2] - bounds[0]
    for rank, size in enumerate(sizes):
        for lines in _splits(text):
            box = _extent(lines, size, 0, 0, cut)
            if box.w > _WIDER_AT_SEA * wide + 4:
                continue
            for dx, dy in sorted(product(_SHIFTS, _SHIFTS), key=lambda s: (s[0] ** 2 + s[1] ** 2, s)):
                x, y = anchor[0] + dx * box.w, anchor[1] + dy * max(box.h, 3.0) * 1.3
                place = Box(x - box.w / 2, y - box.h / 2, box.w, box.h).grow(0.15)
                if not spots.is_free(place):
                    continue
                own, others, around = spots.shares(place, unit)
                if others > 0.16 or around > 0.5 or own < 0.08 or (box.w > _WIDER * wide and others + around > 0.02):
                    continue
                aside = math.hypot(x - anchor[0], y - anchor[1])
                score = own - 2.5 * others - 0.5 * around - 0.03 * aside - 0.12 * rank - 0.25 * (len(lines) - 1)
                if best is None or score > best[0] + 1e-9:
                    best = score, Name(unit, lines, x, y, size, cut)
        if best is not None and best[0] > 0.7:
            break
    return best[1] if best is not None and best[0] > 0.1 else None


def _number(
    spots: Spots, left: list[int], anchors: dict[int, tuple[float, float]], parts: Shapes, size: float
) -> tuple[list[Number], list[int]]:
    """Give numbers to the units that were not named, by rows from the north, and put the numbers down."""
    row = 6.0
    order = sorted(left, key=lambda k: (-math.floor(anchors[k][1] / row), anchors[k][0], k))
    numbers, crowded = [], []
    for number, unit in enumerate(order, start=1):
        x, y = anchors[unit]
        box = _extent((str(number),), size, 0, 0, "Bold").grow(0.1)
        found = None
        for far, turn in _around(box):
            px, py = x + far * math.cos(turn), y + far * math.sin(turn)
            place = Box(px - box.w / 2, py - box.h / 2, box.w, box.h)
            if spots.is_free(place):
                found = px, py
                break
        if found is None:
            crowded.append(unit)
            found = x, y
        inside = parts[unit].covers(shapely.Point(found)) or math.dist(found, (x, y)) < box.h
        numbers.append(Number(unit, number, *found, size, None if inside else (x, y)))
        spots.take(Box(found[0] - box.w / 2, found[1] - box.h / 2, box.w, box.h))
    return numbers, crowded


def _around(box: Box) -> Iterator[tuple[float, float]]:
    yield 0.0, 0.0
    for far in (0.5, 0.9, 1.4, 2.0, 2.8, 3.8, 5.0, 6.5, 8.5, 11.0, 14.0):
        turns = _TURNS if far <= _NEARBY else 3 * _TURNS
        for k in range(turns):
            yield far * max(box.w, box.h), math.pi / 4 + k * 2 * math.pi / turns
