"""One print map: a layer of a run on a sheet of paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyproj
import shapely
from matplotlib.figure import Figure
from matplotlib.path import Path

from geontm.errors import PublishError
from geontm.messages import Language, say
from geontm.publish.content import Content
from geontm.publish.paper import furniture
from geontm.publish.paper.ground import Drawn, Ground, ground_of
from geontm.publish.paper.key import Entry, draw_key, plan_key
from geontm.publish.paper.legend import draw_legend, legend_height
from geontm.publish.paper.pen import INK, NO_DATA_FILL, PAPER, Pen
from geontm.publish.paper.plan import Plan
from geontm.publish.paper.plane import Land, land_of
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import POINT_MM, drawing, wrap
from geontm.publish.paper.wording import Wording, wording_of
from geontm.publish.products import PaperSize
from geontm.publish.styles import LayerStyle, MapStyle
from geontm.publish.surroundings import locator
from geontm.publish.theme import Theme, theme_of

__all__ = ["Sheet", "draw_sheet"]

_DOT = 1.0  # mm
_LOCATOR, _LEAST_LOCATOR = 56.0, 34.0  # mm
_SMALLER = 9  # steps of 3 % that the letters of a legend may shrink by
INNER, OUTER, BARE = "#7d766a", "#26241f", "#f6f4ef"


@dataclass(frozen=True, eq=False)
class Sheet:
    """A drawn sheet.

    Attributes
    ----------
    pages : tuple of Figure
        The map; after it the key, where its numbers do not fit beside the map.
    plan : Plan
        Paper, frame and scale.
    named : tuple of str
        Names written on the map, in the order in which they were placed.
    keyed : dict of int to str
        Names that stand in the key, by number.
    title : str
    """

    pages: tuple[Figure, ...]
    plan: Plan
    named: tuple[str, ...]
    keyed: dict[int, str]
    title: str

    @property
    def figure(self) -> Figure:
        """The page with the map."""
        return self.pages[0]


def draw_sheet(
    content: Content, style: MapStyle, layer: LayerStyle, *, size: PaperSize = "A4", ground: Ground | None = None
) -> Sheet:
    """Draw one layer of a map on paper.

    Parameters
    ----------
    content : Content
    style : MapStyle
    layer : LayerStyle
        One that :func:`geontm.publish.offered.layers_with_data` gives.
    size : {"A4", "A3"}
    ground : Ground, optional
        What sheets of this content and size share; made anew where it is not given.

    Raises
    ------
    PublishError
        No unit has an outline (``paper.nothing_to_draw``).
    """
    with drawing():
        if ground is None:
            land = land_of(content)
            if not land.near.any():
                raise PublishError("paper.nothing_to_draw", where=content.title)
            ground = ground_of(land, size, content.lang)
        theme = theme_of(content, style, layer)
        words = wording_of(content, ground.land, theme)
        plan = ground.plan
        pen = Pen(plan.width, plan.height)
        _draw_map(pen, ground, theme, content)
        furniture.draw_head(pen, plan, words)
        furniture.draw_foot(pen, plan, words)
        entries = [(each.number, ground.texts[each.unit]) for each in ground.names.numbers]
        key_left, notes_left = _draw_side(pen, ground, theme, words, content, entries)
        left = entries if key_left else []
        pages = [pen.figure, *_more_pages(plan, left, notes_left, words, content)]
        named = tuple(ground.texts[each.unit] for each in ground.names.names)
        return Sheet(tuple(pages), plan, named, dict(entries), words.title)


def _draw_map(pen: Pen, ground: Ground, theme: Theme, content: Content) -> None:
    plan, frame, s = ground.plan, ground.plan.frame, ground.plan.letters
    pen.box(frame, fill=furniture.SEA if ground.around else BARE, order=1)
    pen.areas(ground.around, fill=furniture.LAND, seam=0, order=1.5, clip=frame)
    for path in ground.around:
        pen.stroke(path, colour=furniture.COAST, width=0.35 * s, order=1.6, clip=frame)
    for line in ground.graticule.lines:
        pen.line(shapely.get_coordinates(line), colour=furniture.GRID, width=0.35 * s, order=2)
    _fill(pen, ground.drawn, theme, frame, s)
    national = ground.land.national
    pen.stroke(ground.inner, colour=INNER, width=(0.08 if national else 0.35) * s, order=3.5, clip=frame)
    pen.stroke(ground.islets, colour=OUTER, width=0.2 * s, order=3.6, clip=frame)
    pen.stroke(ground.outer, colour=OUTER, width=(0.55 if national else 0.9) * s, order=3.7, clip=frame)
    for place in ground.around_names:
        pen.centred(
            place.x, place.y, place.lines, place.size, cut="Bold", colour="#837c6d", halo=furniture.LAND, order=7
        )
    for name in ground.sea_names:
        pen.centred(name.x, name.y, name.lines, name.size, cut="Italic", colour="#5b86a0", order=7)
    for name in ground.names.names:
        pen.centred(name.x, name.y, name.lines, name.size, cut=name.cut, halo=PAPER)
    for number in ground.names.numbers:
        if number.leads_to is not None:
            pen.line([number.leads_to, (number.x, number.y)], colour=INK, width=0.35 * s, order=7.5)
        pen.centred(number.x, number.y, [str(number.number)], number.size, cut="Bold", halo=PAPER)
    for inset in ground.insets:
        pen.box(inset.box, fill=furniture.SEA, edge=INK, width=0.8 * s, order=9)
        _fill(pen, inset.drawn, theme, inset.box, 0.6 * s, order=9.1)
        pen.stroke(inset.coasts, colour=OUTER, width=0.2 * s, order=9.15, clip=inset.box)
        furniture.title_inset(pen, inset, content.lang, s)
    furniture.draw_arrow(pen, ground.arrow, content.lang)
    furniture.draw_scale_bar(pen, plan, ground.scale_bar, content.lang)
    pen.box(frame, edge=INK, width=1.1 * s, order=10)
    furniture.draw_degrees(pen, plan, ground.graticule)


def _fill(pen: Pen, drawn: Drawn, theme: Theme, frame: Box, s: float, *, order: float = 3.0) -> None:
    """Colour the units class by class; what is not known is hatched, what is too small becomes a dot."""
    for number, colour in [(-1, None), *enumerate(theme.colours)]:
        members = np.flatnonzero(theme.classes == number)
        paths: list[Path] = [path for k in members if (path := drawn.paths[k]) is not None]
        points = [drawn.dots[k] for k in members]
        dots = np.concatenate(points) if points else np.zeros((0, 2))
        if colour is None:
            pen.unknown(paths, order=order, clip=frame)
        else:
            pen.areas(paths, fill=colour, order=order, clip=frame)
        pen.dots(dots, fill=colour or NO_DATA_FILL, size=_DOT * s, order=order + 0.9)


def _draw_side(
    pen: Pen, ground: Ground, theme: Theme, words: Wording, content: Content, entries: Sequence[Entry]
) -> tuple[bool, tuple[str, ...]]:
    """Draw legend, key and locator; tell whether the key is left for a page of its own, and which notes are."""
    plan, s, lang = ground.plan, ground.plan.letters, content.lang
    heading = say("paper.key_provinces" if ground.land.national else "paper.key", lang)
    if ground.legend is not None:
        inner = ground.legend.grow(-2.5 * s)
        words, notes = _fit_notes(inner, plan.frame.h * 0.5, theme, words, content, s)
        high = legend_height(inner, theme, words, lang, s)
        key = plan_key(entries, inner.w, plan.frame.h / 3, s) if entries else None
        high += key.height + 1.5 * s if key else 0
        low = min(max(ground.legend.top - high - 5 * s, plan.frame.y + 22 * s), plan.frame.top - high - 7 * s)
        box = Box(ground.legend.x, low, ground.legend.w, high + 5 * s)
        pen.box(box, fill=PAPER, edge=INK, width=0.6 * s, order=4.9)
        inner = box.grow(-2.5 * s)
        end = draw_legend(pen, inner, theme, words, lang, s)
        if key:
            draw_key(pen, Box(inner.x, inner.y, inner.w, end - 1.5 * s - inner.y), entries, heading, key, s)
        return bool(entries) and key is None, notes
    side, strip = plan.side, 10.0 * s
    if plan.portrait:
        third = (side.w - 8 * s) / 3
        legend = Box(side.x + 4 * s, side.y, third * 1.12, side.h)
        words, notes = _fit_notes(legend, side.h - strip, theme, words, content, s)
        end = draw_legend(pen, legend, theme, words, lang, _fit_letters(legend, side.h - strip, theme, words, lang, s))
        _draw_lines(pen, legend.x, end, content, s)
        place = Box(side.right - third * 0.8, side.y + 2 * s, third * 0.8, side.h - 4 * s)
        middle = Box(legend.right + 4 * s, side.y, place.x - legend.right - 8 * s, side.h)
    else:
        words, notes = _fit_notes(side, side.h - strip - _LEAST_LOCATOR * s, theme, words, content, s)
        end = draw_legend(pen, side, theme, words, lang, s)
        end = _draw_lines(pen, side.x, end, content, s)
        high = min(_LOCATOR * s, end - side.y - 3 * s)
        if entries and (key := plan_key(entries, side.w, end - side.y - _LEAST_LOCATOR * s - 5 * s, s)):
            high = min(high, end - side.y - key.height - 5 * s)
        place = Box(side.x, side.y, side.w, max(high, _LEAST_LOCATOR * s))
        middle = Box(side.x, place.top + 2 * s, side.w, end - 3 * s - place.top - 2 * s)
    _locate(pen, place, ground, content)
    if not entries:
        return False, notes
    key = plan_key(entries, middle.w, middle.h, s)
    if key is None:
        told = say("paper.key_elsewhere", lang, n=len(entries))
        pen.lines(middle.x, middle.top, wrap(told, middle.w, 6.6 * s), 6.6 * s, cut="Italic")
        return True, notes
    draw_key(pen, middle, entries, heading, key, s)
    return False, notes


def _fit_notes(
    box: Box, room: float, theme: Theme, words: Wording, content: Content, s: float
) -> tuple[Wording, tuple[str, ...]]:
    """Leave the notes below a legend for another page where they would run over its room."""
    if legend_height(box, theme, words, content.lang, s) <= room:
        return words, ()
    return replace(words, method=(say("paper.notes_elsewhere", content.lang),)), words.method


def _fit_letters(box: Box, room: float, theme: Theme, words: Wording, lang: Language, s: float) -> float:
    """Make the letters of a legend that is still too high a little smaller."""
    sizes = [s * (1 - 0.03 * k) for k in range(_SMALLER)]
    return next((size for size in sizes if legend_height(box, theme, words, lang, size) <= room), sizes[-1])


def _draw_lines(pen: Pen, x: float, y: float, content: Content, s: float) -> float:
    rows = [
        (OUTER, 0.9 * s, say("paper.province_border", content.lang)),
        (INNER, 0.35 * s, say("paper.commune_border", content.lang)),
    ]
    return furniture.draw_lines_legend(pen, x, y - 0.8 * s, rows, s)


def _locate(pen: Pen, box: Box, ground: Ground, content: Content) -> None:
    extent = frame_degrees(ground.land, ground.plan)
    own = sorted(set(ground.land.provinces))
    furniture.draw_locator(pen, box, locator(content.lang), own, extent, content.lang, ground.plan.letters)


def frame_degrees(land: Land, plan: Plan) -> shapely.Polygon:
    """Return the part of the earth inside the frame, in degrees."""
    back = pyproj.Transformer.from_crs(land.projection.crs, "EPSG:4326", always_xy=True)
    west, south, east, north = plan.extent
    ring = shapely.segmentize(shapely.box(west, south, east, north), max(east - west, north - south) / 20)
    return shapely.transform(ring, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))


def _more_pages(
    plan: Plan, entries: Sequence[Entry], notes: Sequence[str], words: Wording, content: Content
) -> list[Figure]:
    """Return as many pages as it takes for notes and numbered names that the sheet has no room for."""
    s, pages, left = plan.letters, [], list(entries)
    margin = 12.0 * s
    lines = [line for note in notes for line in wrap(note, plan.width - 2 * margin, 7 * s)]
    while left or lines:
        pen = Pen(plan.width, plan.height)
        y = pen.lines(
            margin, plan.height - margin, wrap(words.title, plan.width - 2 * margin, 11 * s, "Bold"), 11 * s, cut="Bold"
        )
        room = int((y - 2 * s - margin) / (7 * s * POINT_MM * 1.32))
        y = pen.lines(margin, y - 2 * s, lines[:room], 7 * s)
        lines = lines[room:]
        box = Box(margin, margin, plan.width - 2 * margin, y - 3 * s - margin)
        if left and not lines and box.h > 30 * s:
            fit = len(left)
            while (key := plan_key(left[:fit], box.w, box.h, s)) is None:
                fit = max(1, fit * 4 // 5)
            draw_key(pen, box, left[:fit], say("paper.key", content.lang), key, s)
            left = left[fit:]
        pages.append(pen.figure)
    return pages
