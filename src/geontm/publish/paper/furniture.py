"""Furniture of a sheet: legend, key, scale bar, north arrow, degrees, locator, title, foot."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geontm.messages import Language, say
from geontm.publish.paper.graticule import Graticule
from geontm.publish.paper.ground import Inset
from geontm.publish.paper.lines import polygon_path
from geontm.publish.paper.pen import INK, MUTED, PAPER, Pen
from geontm.publish.paper.plan import Plan
from geontm.publish.paper.scale_bar import ScaleBar
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import POINT_MM, clean, shorten, text_width, wrap
from geontm.publish.paper.wording import Wording, whole
from geontm.publish.surroundings import foreign_lands

__all__ = ["draw_arrow", "draw_badges", "draw_degrees", "draw_foot", "draw_head", "draw_lines_legend", "draw_locator",
           "draw_scale_bar", "title_inset"]  # fmt: skip

GRID, SEA, LAND, COAST, MARK = "#b4c6d1", "#e1ebf1", "#e6e2d9", "#b3ac9d", "#b2182b"
BARE = "#f6f4ef"  # ground of which it is not known whether it is land or sea

_OF = {"20333": "48", "22736": "56"}  # the archipelagos and their provinces, Đà Nẵng and Khánh Hòa


def draw_head(pen: Pen, plan: Plan, words: Wording) -> None:
    """Write title, subtitle and badges above the map."""
    s, x = plan.letters, plan.frame.x
    top = plan.height - plan.margin
    right = draw_badges(pen, plan, words)
    size = 16.0 * s
    while size > 10.5 * s and text_width(words.title, size, "Bold") > right - x:
        size -= 0.5 * s
    lines = wrap(words.title, right - x, size, "Bold", lines=2)
    y = pen.lines(x, top, lines, size, cut="Bold", leading=1.16)
    room = plan.width - plan.margin - x
    pen.lines(x, min(y - 0.6 * s, top - 7.4 * s), wrap(words.subtitle, room, 9 * s, lines=1), 9 * s, colour=MUTED)


def draw_badges(pen: Pen, plan: Plan, words: Wording) -> float:
    """Write the badges at the upper right of the page; return where they begin."""
    s, right, top = plan.letters, plan.width - plan.margin, plan.height - plan.margin
    size = 6.6 * s
    for text in words.badges:
        width = text_width(text, size, "Bold") + 5 * s
        box = Box(right - width, top - 5.6 * s, width, 5.6 * s)
        pen.box(box, fill="#fff4d6", edge="#8a6d1f", width=0.6)
        pen.centred(*box.middle, [text], size, cut="Bold", colour="#5c4710")
        right = box.x - 2 * s
    return right


def draw_foot(pen: Pen, plan: Plan, words: Wording) -> None:
    """Write sources, projection and run below the map."""
    s, foot = plan.letters, plan.foot
    lines = wrap(" ".join(words.foot), foot.right - plan.frame.x, 6.1 * s, lines=3)
    pen.lines(plan.frame.x, foot.top - 1.2 * s, lines, 6.1 * s, colour=MUTED, leading=1.3)


def draw_degrees(pen: Pen, plan: Plan, graticule: Graticule) -> None:
    """Write degrees and minutes along the frame."""
    s = plan.letters
    size, gap, frame = 6.2 * s, 1.1 * s, plan.frame
    half = text_width("108°30′Đ", size) / 2
    for tick in graticule.ticks:
        if tick.edge in ("top", "bottom"):
            if frame.x + half < tick.x < frame.right - half:
                y = frame.top + gap if tick.edge == "top" else frame.y - gap - size * POINT_MM * 0.72
                pen.text(tick.x, y, tick.text, size, across="center", colour=MUTED)
        elif frame.y + half < tick.y < frame.top - half:
            x = frame.x - gap if tick.edge == "left" else frame.right + gap + size * POINT_MM * 0.72
            pen.text(x, tick.y, tick.text, size, across="center", turned=90, colour=MUTED)


def draw_arrow(pen: Pen, box: Box, lang: Language) -> None:
    """Draw the north arrow."""
    x, _ = box.middle
    tip, foot, half = box.y + box.h * 0.66, box.y + box.h * 0.05, box.w * 0.3
    notch = foot + (tip - foot) * 0.22
    left = shapely.Polygon([(x, tip), (x - half, foot), (x, notch)])
    right = shapely.Polygon([(x, tip), (x + half, foot), (x, notch)])
    for half_arrow, fill in ((left, INK), (right, PAPER)):
        path = polygon_path(half_arrow)
        if path is not None:
            pen.areas([path], fill=fill, seam=0, order=9)
            pen.stroke(path, colour=INK, width=0.6, order=9.1)
    size = box.h * 0.26 / POINT_MM
    pen.text(x, tip + box.h * 0.06, say("paper.north", lang), size, cut="Bold", across="center", halo=PAPER, order=9.2)


def draw_scale_bar(pen: Pen, plan: Plan, bar: ScaleBar, lang: Language) -> None:
    """Draw a bar in four pieces with its kilometres, and the scale as a number."""
    s = plan.letters
    size, thick = 6.4 * s, 1.3 * s
    x, y = bar.box.x + 2 * s, bar.box.y + 1.2 * s
    for k in range(4):
        piece = Box(x + bar.length * k / 4, y, bar.length / 4, thick)
        pen.box(piece, fill=INK if k % 2 == 0 else PAPER, edge=INK, width=0.5, order=9)
    for share in (0, 0.5, 1):
        number = _number(bar.km * share, lang)
        above = y + thick + 0.9 * s
        pen.text(x + bar.length * share, above, number, size, across="center", halo=PAPER, order=9.2)
    end = x + bar.length + text_width(_number(bar.km, lang), size) / 2 + 0.8 * s
    pen.text(end, y + thick + 0.9 * s, say("paper.kilometres", lang), size, halo=PAPER, order=9.2)
    if not plan.alone:  # who puts a picture into a text may change its size: the bar stays true
        return
    scale = say("paper.scale", lang, scale=whole(round(plan.denominator), lang), size=plan.size)
    pen.text(x, y + thick + 4.2 * s, scale, size, halo=PAPER, order=9.2)


def draw_lines_legend(pen: Pen, x: float, y: float, rows: Sequence[tuple[str, float, str]], s: float) -> float:
    """Explain lines: colour, width in points, words; return where it ends."""
    for colour, width, text in rows:
        y -= 2.2 * s
        pen.line([(x, y), (x + 7.2 * s, y)], colour=colour, width=width)
        pen.text(x + 9.5 * s, y - 7 * s * POINT_MM * 0.36, text, 7 * s)
        y -= 2.0 * s
    return y


def title_inset(pen: Pen, inset: Inset, lang: Language, s: float) -> None:
    """Name an inset above its frame, with its scale inside."""
    box = inset.box
    text = inset.title or say(f"paper.inset_{inset.name}", lang, province=", ".join(map(clean, inset.provinces)))
    size = 6.6 * s
    while size > 6.2 * s and text_width(text, size, "Bold") > box.w:
        size -= 0.2 * s
    pen.text(
        box.middle[0], box.top + 1.1 * s, shorten(text, box.w + 6 * s, size, "Bold"), size, cut="Bold",
        across="center", halo=SEA, order=9.2,
    )  # fmt: skip
    scale = say("paper.scale_inset", lang, scale=whole(round(inset.denominator), lang))
    pen.text(box.right - 1.2 * s, box.y + 1.2 * s, scale, 6.2 * s, across="right", colour=MUTED, order=9.2)


def draw_locator(
    pen: Pen, box: Box, outline: gpd.GeoDataFrame, own: Sequence[str], extent: shapely.Polygon, lang: Language, s: float
) -> None:
    """Draw Vietnam small, with the project's provinces, the frame of the map, and both archipelagos named.

    Parameters
    ----------
    outline : GeoDataFrame, EPSG:4326
        :func:`geontm.publish.surroundings.locator`.
    own : sequence of str
        Codes of the project's provinces.
    extent : Polygon, EPSG:4326
        Part of the earth inside the map frame.
    """
    crs = pyproj.CRS("+proj=lcc +lat_1=11 +lat_2=21 +lat_0=16 +lon_0=107 +datum=WGS84 +units=m +no_defs")
    plane = outline.to_crs(crs)
    pen.box(box, fill=SEA, order=5)
    west, south, east, north = plane.total_bounds
    scale = min((box.w - 3 * s) / (east - west), (box.h - 3 * s) / (north - south))
    shift = np.array([box.middle[0] - (west + east) / 2 * scale, box.middle[1] - (south + north) / 2 * scale])

    def place(shapes: object) -> np.ndarray:
        moved: np.ndarray = shapely.transform(np.asarray(shapes, dtype=object), lambda xy: xy * scale + shift)
        return moved

    shapes = place(plane.geometry.to_numpy())
    others = shapely.clip_by_rect(place(foreign_lands().to_crs(crs).to_numpy()), box.x, box.y, box.right, box.top)
    # The seam covers the gaps between the two layers along the border.
    pen.areas(
        [path for path in map(polygon_path, others) if path is not None], fill=LAND, seam=0.6, order=5.2, clip=box
    )
    pen.box(box, edge=INK, width=0.8, order=8.5)
    marked = plane["code"].isin({*own, *(code for code, province in _OF.items() if province in own)}).to_numpy()
    islands = (plane["use"] == "archipelago").to_numpy()
    for chosen, fill in ((~marked, "#b9b1a0"), (marked, MARK)):
        paths = [path for path in map(polygon_path, shapes[chosen]) if path is not None]
        pen.areas(paths, fill=fill, seam=0.25, order=6 if fill != MARK else 6.2)
    frame = place([gpd.GeoSeries([extent], crs="EPSG:4326").to_crs(crs).iloc[0]])[0]
    visible = polygon_path(shapely.clip_by_rect(frame, box.x, box.y, box.right, box.top))
    if visible is not None and shapely.area(frame) > (1.5 * s) ** 2:
        pen.stroke(visible, colour=MARK, width=0.6, order=6.5)
    coast = float(shapely.total_bounds(shapes[~islands])[2])
    for shape, name in zip(shapes[islands], plane["name"][islands], strict=True):
        left, _, right, high = shapely.bounds(shape)
        size = 6.2 * s
        lines = wrap(name, min(24 * s, box.right - coast - 2 * s), size, "Italic", lines=3)
        half = max(text_width(line, size, "Italic") for line in lines) / 2
        x = min(max((left + right) / 2, coast + 1 * s + half), box.right - 1 * s - half)
        up = high + 1.6 * s + (len(lines) - 1) * size * POINT_MM * 0.56
        pen.centred(x, up, lines, size, cut="Italic", colour="#24485c", halo=SEA, order=7)


def _number(value: float, lang: Language) -> str:
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text
