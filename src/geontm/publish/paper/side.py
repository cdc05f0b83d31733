"""Beside or below the map of a sheet: legend, lines, key and locator, arranged so that nothing is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import shapely

from geontm.messages import Language, say
from geontm.publish.content import Content
from geontm.publish.paper import furniture
from geontm.publish.paper.ground import Ground
from geontm.publish.paper.key import KEY_PAD, draw_key, lowest_key, plan_key
from geontm.publish.paper.legend import draw_legend, legend_height
from geontm.publish.paper.lines import INNER, OUTER
from geontm.publish.paper.pen import INK, MUTED, PAPER, Pen
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import POINT_MM, wrap
from geontm.publish.paper.wording import Wording, whole
from geontm.publish.surroundings import locator
from geontm.publish.theme import Theme

__all__ = ["draw_side", "draw_side_of_picture"]

_LOCATOR, _LEAST_LOCATOR = 56.0, 34.0  # mm
_LOCATOR_OF_PICTURE = (54.0, 50.0)  # mm
_SIGNS = 1.15  # of a legend in a report: its least letters, 7 points at A4, have 8 there
_SMALL, _LEADING = 7.0, 1.32  # points, lines
_SMALLER = 9  # steps of 3 % that the letters of a legend may shrink by


def draw_side(
    pen: Pen, ground: Ground, extent: shapely.Polygon, theme: Theme, words: Wording, content: Content
) -> tuple[bool, tuple[str, ...]]:
    """Draw legend, key and locator of a sheet.

    Parameters
    ----------
    extent : Polygon, EPSG:4326
        Part of the earth inside the frame, shown on the locator.

    Returns
    -------
    bool
        The key is left for a page of its own.
    tuple of str
        Notes that are left for one.
    """
    plan, s, lang, entries = ground.plan, ground.plan.letters, content.lang, ground.entries
    if ground.legend is not None:
        return _draw_inside(pen, ground, ground.legend, theme, words, content, s=s)
    if plan.below:
        return _draw_strip(pen, ground, extent, theme, words, content)
    side, strip = plan.side, 10.0 * s
    words, notes = _fit_notes(side, side.h - strip - _LEAST_LOCATOR * s, theme, words, content, s)
    end = draw_legend(pen, side, theme, words, lang, s)
    end = _draw_lines(pen, side.x, end, content, s)
    high = min(_LOCATOR * s, end - side.y - 3 * s)
    if entries and (key := plan_key(entries, side.w, end - side.y - _LEAST_LOCATOR * s - 5 * s, s)):
        high = min(high, end - side.y - key.height - 5 * s)
    place = Box(side.x, side.y, side.w, max(high, _LEAST_LOCATOR * s))
    _locate(pen, place, ground, extent, content)
    room = Box(side.x, place.top + 2 * s, side.w, end - 3 * s - place.top - 2 * s)
    return _place_key(pen, room, ground, lang), notes


def _draw_strip(
    pen: Pen, ground: Ground, extent: shapely.Polygon, theme: Theme, words: Wording, content: Content
) -> tuple[bool, tuple[str, ...]]:
    """Draw legend, key and locator side by side below an upright map; notes stand below the key where there is room."""
    s, lang, side = ground.plan.letters, content.lang, ground.plan.side
    third, strip = (side.w - 8 * s) / 3, 10.0 * s
    notes: tuple[str, ...] = ()
    legend = Box(side.x + 4 * s, side.y, third * 1.12, side.h)
    place = Box(side.right - third * 0.8, side.y + 2 * s, third * 0.8, side.h - 4 * s)
    middle = Box(legend.right + 6 * s, side.y, place.x - legend.right - 10 * s, side.h)
    told = [line for note in (*words.method, *words.notes) for line in wrap(note, middle.w, _SMALL * s)]
    high = len(told) * _SMALL * s * POINT_MM * _LEADING + 2 * s
    fits = high <= middle.h - strip
    if fits and ground.entries:
        fits = plan_key(ground.entries, middle.w, middle.h - high, s) is not None
    if fits:
        low = Box(middle.x, middle.y + high, middle.w, middle.h - high)
        end = _place_key_and_end(pen, low, ground, lang)
        pen.lines(middle.x, end, told, _SMALL * s, colour=MUTED, leading=_LEADING)
        words, left = replace(words, method=(), notes=()), False
    else:
        words, notes = _fit_notes(legend, side.h - strip, theme, words, content, s)
        left = _place_key(pen, middle, ground, lang)
    letters = _fit_letters(legend, side.h - strip, theme, words, lang, s)
    _draw_lines(pen, legend.x, draw_legend(pen, legend, theme, words, lang, letters), content, s)
    _locate(pen, place, ground, extent, content)
    return left, notes


def _place_key_and_end(pen: Pen, room: Box, ground: Ground, lang: Language) -> float:
    """Draw a key that is known to fit; return where it ends."""
    s = ground.plan.letters
    key = plan_key(ground.entries, room.w, room.h, s) if ground.entries else None
    if key is None:
        return room.top
    draw_key(pen, room, ground.entries, _heading(ground, lang), key, s)
    return room.top - key.height - 2 * s


def _place_key(pen: Pen, room: Box, ground: Ground, lang: Language) -> bool:
    """Draw the key beside the map, else inside its frame; tell whether it is left for a page of its own."""
    s, entries = ground.plan.letters, ground.entries
    if not entries:
        return False
    key = plan_key(entries, room.w, room.h, s)
    if key is not None:
        draw_key(pen, room, entries, _heading(ground, lang), key, s)
        return False
    if ground.key is not None:
        box, key = ground.key
        pen.box(box, fill=PAPER, edge=INK, width=0.6 * s, order=4.9)
        draw_key(pen, box.grow(-KEY_PAD * s), entries, _heading(ground, lang), key, s)
        return False
    told = say("paper.key_elsewhere", lang, n=len(entries))
    pen.lines(room.x, room.top, wrap(told, room.w, _SMALL * s), _SMALL * s, cut="Italic")
    return True


def draw_side_of_picture(
    pen: Pen, ground: Ground, extent: shapely.Polygon, theme: Theme, words: Wording, content: Content
) -> float:
    """Draw legend, key and locator of a picture for a report; return where the lowest of them ends (mm).

    How classes were found stands in the report, below the picture.
    """
    plan, s, lang = ground.plan, ground.plan.letters, content.lang
    entries, words = ground.entries, replace(words, method=())
    if ground.unnamed:
        told = say("paper.not_named", lang, n=whole(ground.unnamed, lang))
        words = replace(words, notes=(*words.notes, told))
    end = plan.frame.y - 4.4 * s
    if ground.legend is not None:
        key_left, notes_left = _draw_inside(pen, ground, ground.legend, theme, words, content, s=_SIGNS)
        entries = entries if key_left else []
        for note in notes_left:
            end = pen.lines(plan.frame.x, end, wrap(note, plan.frame.w, 6.2 * s), 6.2 * s)
    else:
        side, (wide, high) = plan.side, _LOCATOR_OF_PICTURE
        legend = Box(side.x, side.y, side.w - wide - 8 * s if plan.below else side.w, side.h)
        low = draw_legend(pen, legend, theme, words, lang, _SIGNS)
        if plan.below:
            place = Box(side.right - wide, side.top - high, wide, high)
            low = min(low, _draw_lines(pen, place.x, place.y, content, _SIGNS))
        else:
            low = _draw_lines(pen, side.x, low, content, _SIGNS)
            place = Box(side.x, low - 3 * s - high, wide, high)
        _locate(pen, place, ground, extent, content)
        end = min(end, low, place.y - 0.5)
    if entries:
        key = lowest_key(entries, plan.frame.w, s)
        box = Box(plan.frame.x, end - 2.5 * s - key.height, plan.frame.w, key.height)
        draw_key(pen, box, entries, _heading(ground, lang), key, s)
        end = box.y - 1.0 * s
    return end


def _heading(ground: Ground, lang: Language) -> str:
    return say("paper.key_provinces" if ground.land.national else "paper.key", lang)


def _draw_inside(
    pen: Pen, ground: Ground, place: Box, theme: Theme, words: Wording, content: Content, *, s: float
) -> tuple[bool, tuple[str, ...]]:
    """Draw legend and key in a box inside the frame; tell what is left as :func:`draw_side` does."""
    plan, lang, entries = ground.plan, content.lang, ground.entries
    inner = place.grow(-2.5 * s)
    words, notes = _fit_notes(inner, plan.frame.h * 0.5, theme, words, content, s)
    high = legend_height(inner, theme, words, lang, s)
    key = plan_key(entries, inner.w, plan.frame.h / 3, s) if entries and plan.alone else None
    high += key.height + 1.5 * s if key else 0
    low = min(max(place.top - high - 5 * s, plan.frame.y + 22 * s), plan.frame.top - high - 7 * s)
    box = Box(place.x, low, place.w, high + 5 * s)
    pen.box(box, fill=PAPER, edge=INK, width=0.6 * s, order=4.9)
    inner = box.grow(-2.5 * s)
    end = draw_legend(pen, inner, theme, words, lang, s)
    if key:
        room = Box(inner.x, inner.y, inner.w, end - 1.5 * s - inner.y)
        draw_key(pen, room, entries, _heading(ground, lang), key, s)
    return bool(entries) and key is None, notes


def _fit_notes(
    box: Box, room: float, theme: Theme, words: Wording, content: Content, s: float
) -> tuple[Wording, tuple[str, ...]]:
    """Leave the notes below a legend for another page where they would run over its room."""
    if legend_height(box, theme, words, content.lang, s) <= room:
        return words, ()
    left = (*words.method, *words.notes)
    return replace(words, method=(say("paper.notes_elsewhere", content.lang),) if left else (), notes=()), left


def _fit_letters(box: Box, room: float, theme: Theme, words: Wording, lang: Language, s: float) -> float:
    """Make the letters of a legend that is still too high a little smaller."""
    sizes = [s * (1 - 0.03 * k) for k in range(_SMALLER)]
    return next((size for size in sizes if legend_height(box, theme, words, lang, size) <= room), sizes[-1])


def _draw_lines(pen: Pen, x: float, y: float, content: Content, s: float) -> float:
    rows: Sequence[tuple[str, float, str]] = [
        (OUTER, 0.9 * s, say("paper.province_border", content.lang)),
        (INNER, 0.35 * s, say("paper.commune_border", content.lang)),
    ]
    return furniture.draw_lines_legend(pen, x, y - 0.8 * s, rows, s)


def _locate(pen: Pen, box: Box, ground: Ground, extent: shapely.Polygon, content: Content) -> None:
    own = sorted(set(ground.land.provinces))
    furniture.draw_locator(pen, box, locator(content.lang), own, extent, content.lang, ground.plan.letters)
