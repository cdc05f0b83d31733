"""A small picture of a map for the start page: the sea is transparent; only the archipelagos are named."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

from geontm.messages import Language, say
from geontm.publish.content import Content
from geontm.publish.paper.furniture import BARE, COAST, LAND
from geontm.publish.paper.lines import polygon_path
from geontm.publish.paper.pen import Across, Pen
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import MM, drawing
from geontm.publish.styles import LayerStyle, MapStyle
from geontm.publish.surroundings import ARCHIPELAGOS
from geontm.publish.theme import NO_DATA, theme_of

__all__ = ["thumbnail"]

_SHAPE = 0.75  # height to width
_DPI = 100
_MARGIN = 0.02  # of the width
_GRID = 0.5  # pixel: vertices closer than this are one
_RING = 4  # vertices of an outline that still is one
_PIXEL_MM = 1 / _DPI / MM
_LEAST = 2.6  # pixels: what is smaller is drawn as a dot
_LETTERS, _BELOW_MM = 15.0, 5.0  # points and mm of a picture that a page shows at half its size
_LEFT: Across = "left"
_RIGHT: Across = "right"
_TO_THE_RIGHT = 0.7  # of the width: beyond it a name runs to the left
_INK, _HALO = "#2b4252", "#ffffff"
Floats = NDArray[np.float64]
ToPixels = Callable[[Floats], Floats]


def thumbnail(content: Content, style: MapStyle, layer: LayerStyle, width_px: int) -> bytes:
    """Draw one layer of a map as a small PNG, 4 : 3.

    Every unit with an outline is seen: a unit of less than three pixels becomes a dot, so that the archipelagos stay;
    both are named. What is not known is hatched.

    Parameters
    ----------
    content : Content
    style : MapStyle
    layer : LayerStyle
    width_px : int
        Width of the picture in pixels.
    """
    theme = theme_of(content, style, layer)
    width, height = width_px * _PIXEL_MM, width_px * _SHAPE * _PIXEL_MM
    with drawing():
        pen = Pen(width, height)
        units = content.units.sort_index()
        shapes = units.geometry.to_numpy()
        to_pixels = _fitted(shapes, width_px)
        _draw_around(pen, content, to_pixels, Box(0.0, 0.0, width, height))
        paths, dots = _outlines(shapes, to_pixels)
        for number, colour in [(-1, None), *enumerate(theme.colours)]:
            members = np.flatnonzero(theme.classes == number)
            shown = [path for k in members if (path := paths[k]) is not None]
            if colour is None:
                pen.unknown(shown)
            else:
                pen.areas(shown, fill=colour, seam=0.4)
            points = [dots[k] for k in members]
            pen.dots(
                np.concatenate(points) if points else np.zeros((0, 2)),
                fill=colour or "#f3f1ec",
                size=_LEAST * _PIXEL_MM,
                edge=colour or NO_DATA,
            )
        for west, east, y, name in _named(units.index, paths, dots, content.lang):
            inside = west < _TO_THE_RIGHT * width
            x, across = (west, _LEFT) if inside else (east, _RIGHT)
            pen.text(x, y, name, _LETTERS, cut="Italic", colour=_INK, across=across, halo=_HALO)
        buffer = io.BytesIO()
        pen.figure.savefig(
            buffer, format="png", dpi=_DPI, facecolor=pen.figure.get_facecolor(), metadata={"Software": None}
        )
    return buffer.getvalue()


def _draw_around(pen: Pen, content: Content, to_pixels: ToPixels, page: Box) -> None:
    """Draw the land around, so that a province without a coast does not lie in the sea."""
    if content.context is None or content.context.empty:
        pen.figure.set_facecolor(BARE)  # what lies around is not known: it is not called sea
        return
    pen.figure.set_facecolor("none")
    inside = shapely.transform(content.context.geometry.to_numpy(), lambda points: to_pixels(points) * _PIXEL_MM)
    seen = shapely.simplify(shapely.clip_by_rect(inside, *_corners(page.grow(2.0))), _GRID * _PIXEL_MM)
    paths = [path for path in map(polygon_path, seen) if path is not None]
    pen.areas(paths, fill=LAND, seam=0.4, order=1)
    for path in paths:
        pen.stroke(path, colour=COAST, width=0.5, order=1.1)


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.x, box.y, box.right, box.top


def _outlines(shapes: NDArray[np.object_], to_pixels: ToPixels) -> tuple[list[Path | None], list[Floats]]:
    """Thin outlines to half a pixel; return a path for each unit, and dots where little is left of it (both in mm)."""
    parts, unit_of = shapely.get_parts(shapes, return_index=True)
    rings, part_of = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return [None] * len(shapes), [np.zeros((0, 2))] * len(shapes)
    pixels = np.round(to_pixels(points) / _GRID) * _GRID
    moved = np.ones(len(pixels), dtype=bool)
    moved[1:] = (ring_of[1:] != ring_of[:-1]) | (pixels[1:] != pixels[:-1]).any(axis=1)
    moved &= np.bincount(ring_of[moved], minlength=len(rings))[ring_of] >= _RING
    kept, ring_of_kept = pixels[moved], ring_of[moved]
    first = np.ones(len(kept), dtype=bool)
    first[1:] = ring_of_kept[1:] != ring_of_kept[:-1]
    codes = np.full(len(kept), Path.LINETO, dtype=np.uint8)
    codes[first] = Path.MOVETO
    codes[np.roll(first, -1)] = Path.CLOSEPOLY
    cuts = np.searchsorted(unit_of[part_of[ring_of_kept]], np.arange(len(shapes) + 1))
    # The first point of each part stands for it where its outline vanished.
    places = pixels[np.searchsorted(part_of[ring_of], np.arange(len(parts)))]
    ends = np.searchsorted(unit_of, np.arange(len(shapes) + 1))
    paths: list[Path | None] = []
    dots = []
    for k in range(len(shapes)):
        outline = slice(cuts[k], cuts[k + 1])
        seen = kept[outline]
        paths.append(Path(seen * _PIXEL_MM, codes[outline]) if len(seen) else None)
        small = not len(seen) or float(np.ptp(seen, axis=0).max()) < _LEAST
        dots.append(np.unique(places[ends[k] : ends[k + 1]], axis=0) * _PIXEL_MM if small else np.zeros((0, 2)))
    return paths, dots


def _named(
    codes: pd.Index, paths: list[Path | None], dots: list[Floats], lang: Language
) -> list[tuple[float, float, float, str]]:
    """Return the names of Hoàng Sa and Trường Sa: west and east end of the islets, and a line below them (mm)."""
    found = []
    for code in ARCHIPELAGOS:
        if code not in codes:
            continue
        unit = int(np.flatnonzero(codes == code)[0])
        path = paths[unit]
        seen = np.concatenate([dots[unit], np.zeros((0, 2)) if path is None else np.asarray(path.vertices)])
        if len(seen):
            (west, south), (east, _) = seen.min(axis=0).tolist(), seen.max(axis=0).tolist()
            found.append((west, east, max(south - _BELOW_MM, _BELOW_MM), say(f"publish.page_place_{code}", lang)))
    return found


def _fitted(shapes: NDArray[np.object_], width_px: int) -> ToPixels:
    """Return what turns longitudes and latitudes into pixels, so that shapes fill the picture."""
    degrees = shapely.get_coordinates(shapes)
    if not len(degrees):
        degrees = np.zeros((1, 2))
    room = np.array([width_px, width_px * _SHAPE])
    squeeze = np.array([np.cos(np.radians((degrees[:, 1].min() + degrees[:, 1].max()) / 2)), 1.0])
    low, high = degrees.min(axis=0) * squeeze, degrees.max(axis=0) * squeeze
    scale = float(((room - 2 * _MARGIN * width_px) / np.maximum(high - low, 1e-6)).min())

    def to_pixels(points: Floats) -> Floats:
        found: Floats = (points * squeeze - (low + high) / 2) * scale + room / 2
        return found

    return to_pixels
