"""One print map: a layer of a run on a sheet of paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from matplotlib.figure import Figure
from matplotlib.path import Path

from geontm.errors import PublishError
from geontm.messages import say
from geontm.publish.content import Content
from geontm.publish.paper import furniture
from geontm.publish.paper.ground import Drawn, Ground, ground_of
from geontm.publish.paper.key import Entry, draw_key, plan_key
from geontm.publish.paper.lines import INNER, OUTER
from geontm.publish.paper.pen import INK, NO_DATA_FILL, PAPER, Pen
from geontm.publish.paper.plan import Format, Plan
from geontm.publish.paper.plane import Land, land_of
from geontm.publish.paper.side import draw_side, draw_side_of_picture
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import POINT_MM, drawing, wrap
from geontm.publish.paper.wording import Wording, wording_of
from geontm.publish.styles import LayerStyle, MapStyle
from geontm.publish.theme import Theme, theme_of

__all__ = ["Sheet", "draw_sheet", "frame_degrees"]

_DOT, _DEGREES = 1.0, 4.4  # mm: a small island; the names of degrees above the frame


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
    content: Content, style: MapStyle, layer: LayerStyle, *, size: Format = "A4", ground: Ground | None = None
) -> Sheet:
    """Draw one layer of a map on paper, or as a picture for a report.

    Parameters
    ----------
    content : Content
    style : MapStyle
    layer : LayerStyle
        One that :func:`geontm.publish.offered.layers_with_data` gives.
    size : {"A4", "A3", "report"}
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
        extent = frame_degrees(ground.land, plan)
        pages = [pen.figure]
        if plan.alone:
            furniture.draw_head(pen, plan, words)
            furniture.draw_foot(pen, plan, words)
            key_left, notes_left = draw_side(pen, ground, extent, theme, words, content)
            pages += _more_pages(plan, ground.entries if key_left else [], notes_left, words, content)
        else:
            end = draw_side_of_picture(pen, ground, extent, theme, words, content)
            furniture.draw_badges(pen, plan, words)
            pen.crop(end, plan.height if words.badges else plan.frame.top + _DEGREES * plan.letters)
        named = tuple(ground.texts[each.unit] for each in ground.names.names)
        return Sheet(tuple(pages), plan, named, dict(ground.entries), words.title)


def _draw_map(pen: Pen, ground: Ground, theme: Theme, content: Content) -> None:
    plan, frame, s = ground.plan, ground.plan.frame, ground.plan.letters
    pen.box(frame, fill=furniture.SEA if ground.around else furniture.BARE, order=1)
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
