"""A pen for pages by the hundred: it keeps what is drawn as plain marks, and hands these to the renderer by itself.

matplotlib's artists weigh more than the marks they make, and lay out each text twice. Here a page is one artist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Bbox, IdentityTransform
from numpy.typing import NDArray

from geontm.publish.paper.pen import HATCH, INK, PAPER, Across, Pen
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import MM, POINT_MM, Cut, font, text_width
from geontm.publish.theme import NO_DATA

__all__ = ["PagePen", "Shape", "Words"]

_HALO = 0.28  # of the size of letters
_LARGE = 100.0  # points: outlines of letters are made once, large, and scaled
_PLACE: dict[Across, float] = {"left": 0.0, "center": 0.5, "right": 1.0}
_AS_IT_IS = IdentityTransform()


@dataclass(frozen=True, eq=False)
class Shape:
    """Something filled or stroked: millimetres on the paper; width of the line in points."""

    order: float
    path: Path
    fill: str | None = None
    edge: str | None = None
    width: float = 0.0
    round: bool = True
    alpha: float = 1.0
    hatch: bool = False
    clip: Box | None = None


@dataclass(frozen=True, eq=False)
class Words:
    """A line of text: its baseline in millimetres, its size in points."""

    order: float
    x: float
    y: float
    words: str
    size: float
    cut: Cut
    colour: str
    turned: float = 0.0


class PagePen(Pen):
    """Draws as :class:`Pen` does; what it drew can be read, and drawn again on another page.

    Attributes
    ----------
    marks : list of Shape or Words
        Everything drawn so far.
    """

    def __init__(self, width: float, height: float) -> None:
        self.page = width, height
        self.marks: list[Shape | Words] = []

    @property
    def told(self) -> list[str]:
        """The texts of the page, each as often as it stands there."""
        return [mark.words for mark in self.marks if isinstance(mark, Words)]

    def finish(self) -> Figure:
        """Return the page for matplotlib."""
        width, height = self.page
        figure = Figure(figsize=(width * MM, height * MM), facecolor=PAPER)
        FigureCanvasAgg(figure)
        figure.add_artist(_Page(sorted(self.marks, key=lambda mark: mark.order)))
        return figure

    def text(
        self, x: float, y: float, words: str, size: float, *, cut: Cut = "Regular", colour: str = INK,
        across: Across = "left", turned: float = 0.0, halo: str | None = None, order: float = 8.0,
    ) -> None:  # fmt: skip
        """Write one line with its baseline at ``y``; the halo lies under the words, which stay searchable."""
        if not words:
            return
        x -= _PLACE[across] * text_width(words, size, cut) if not turned and across != "left" else 0.0
        if halo:
            letters = _letters(words, cut)
            path = Path(letters.vertices * (size / _LARGE * POINT_MM) + (x, y), letters.codes)  # type: ignore[operator]
            self.marks.append(Shape(order - 0.01, path, edge=halo, width=size * _HALO))
        self.marks.append(Words(order, x, y, words, size, cut, colour, turned))

    def box(
        self, box: Box, *, fill: str | None = None, edge: str | None = None, width: float = 0.6, order: float = 5.0,
        alpha: float = 1.0, hatch: bool = False,
    ) -> None:  # fmt: skip
        """Draw a rectangle; ``width`` of its edge in points."""
        x, y, right, top = box.x, box.y, box.right, box.top
        path = Path(np.array([(x, y), (right, y), (right, top), (x, top), (x, y)]), closed=True)
        self.marks.append(Shape(order, path, fill, edge, width if edge else 0.0, round=False, alpha=alpha))
        if hatch:
            self.marks.append(Shape(order + 0.01, path, hatch=True, round=False))

    def stroke(
        self, path: Path | None, *, colour: str, width: float, order: float, clip: Box | None = None,
        alpha: float = 1.0,
    ) -> None:  # fmt: skip
        """Draw the lines of a path; ``width`` in points."""
        if path is not None:
            self.marks.append(Shape(order, path, edge=colour, width=width, alpha=alpha, clip=clip))

    def areas(
        self, paths: Sequence[Path], *, fill: str, seam: float = 0.3, order: float = 3.0, clip: Box | None = None
    ) -> None:
        """Fill areas alike, with a seam in the same colour that hides the cracks between neighbours."""
        self.marks += [Shape(order, path, fill, fill if seam else None, seam, clip=clip) for path in paths]

    def unknown(self, paths: Sequence[Path], *, order: float = 3.0, clip: Box | None = None) -> None:
        """Hatch areas of which nothing is known."""
        super().unknown([], order=order, clip=clip)
        self.marks += [Shape(order, path, PAPER, clip=clip) for path in paths]
        self.marks += [Shape(order + 0.01, path, hatch=True, clip=clip) for path in paths]

    def dots(self, points: NDArray[np.float64], *, fill: str, size: float, edge: str = INK, order: float = 4.0) -> None:
        """Draw dots of ``size`` mm with a fine edge."""
        around = Path.unit_circle()
        circle = np.asarray(around.vertices, dtype=np.float64) * (size / 2)
        self.marks += [Shape(order, Path(circle + point, around.codes), fill, edge, 0.3) for point in points]


class _Page(Artist):
    """All marks of a page, handed to a renderer in their order."""

    def __init__(self, marks: Sequence[Shape | Words]) -> None:
        super().__init__()
        self._marks = marks

    def draw(self, renderer: RendererBase) -> None:
        """Draw the page."""
        dots = self.get_figure(root=True).dpi * MM  # type: ignore[union-attr]
        for mark in self._marks:
            if isinstance(mark, Words):
                _write(renderer, mark, dots)
            else:
                _draw(renderer, mark, dots)


def _draw(renderer: RendererBase, shape: Shape, dots: float) -> None:
    gc = renderer.new_gc()
    gc.set_linewidth(shape.width if shape.edge else 0.0)
    gc.set_foreground(_rgb(shape.edge or NO_DATA))
    gc.set_capstyle("round" if shape.round else "butt")
    gc.set_joinstyle("round" if shape.round else "miter")
    if shape.alpha != 1.0:
        gc.set_alpha(shape.alpha)
    if shape.hatch:
        gc.set_hatch(HATCH)
        gc.set_hatch_color(_rgb(NO_DATA))
    if shape.clip is not None:
        box = shape.clip
        gc.set_clip_rectangle(
            Bbox.from_extents(*(round(each * dots, 2) for each in (box.x, box.y, box.right, box.top)))
        )
    # A hundredth of a point is finer than any printer, and shorter to write.
    points = np.round(np.asarray(shape.path.vertices, dtype=np.float64) * dots, 2)
    renderer.draw_path(gc, Path(points, shape.path.codes), _AS_IT_IS, _rgb(shape.fill) if shape.fill else None)
    gc.restore()


def _write(renderer: RendererBase, mark: Words, dots: float) -> None:
    gc = renderer.new_gc()
    gc.set_foreground(_rgb(mark.colour))
    x, y = mark.x * dots, mark.y * dots
    if renderer.flipy():
        y = renderer.height - y  # type: ignore[attr-defined]
    renderer.draw_text(gc, x, y, mark.words, font(mark.size, mark.cut), mark.turned)
    gc.restore()


@lru_cache(maxsize=20_000)
def _letters(words: str, cut: Cut) -> Path:
    """Return the outlines of a line of text, ``_LARGE`` points high."""
    return TextPath((0, 0), words, size=_LARGE, prop=font(_LARGE, cut))


@lru_cache(maxsize=256)
def _rgb(colour: str) -> tuple[float, float, float]:
    return to_rgb(colour)
