"""A pen for one sheet: text, boxes, lines and areas in millimetres on the paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from numpy.typing import NDArray

from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import MM, POINT_MM, Cut, font, text_width
from geontm.publish.theme import NO_DATA

__all__ = ["HATCH", "INK", "MUTED", "NO_DATA_FILL", "PAPER", "Pen"]

INK, MUTED, PAPER = "#1f1f1d", "#55534d", "#ffffff"
HATCH = "//////"
NO_DATA_FILL = "#f3f1ec"
Across = Literal["left", "center", "right"]


class Pen:
    """Draws on a page of its own; nothing of it is known to pyplot.

    Parameters
    ----------
    width, height : float
        Of the page (mm).
    """

    def __init__(self, width: float, height: float) -> None:
        self.figure = Figure(figsize=(width * MM, height * MM), facecolor=PAPER)
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(0, height)
        self.axes.set_autoscale_on(False)

    def crop(self, low: float, high: float) -> None:
        """Cut the page to what stands between two heights (mm); its width and its scale stay."""
        width = self.axes.get_xlim()[1]
        self.figure.set_size_inches(width * MM, (high - low) * MM)
        self.axes.set_ylim(low, high)

    def text(
        self, x: float, y: float, words: str, size: float, *, cut: Cut = "Regular", colour: str = INK,
        across: Across = "left", turned: float = 0.0, halo: str | None = None, order: float = 8.0,
    ) -> None:  # fmt: skip
        """Write one line with its baseline at ``y``; the halo lies under the words, which stay searchable."""
        about: dict[str, Any] = {
            "fontproperties": font(size, cut), "color": colour, "ha": across, "va": "baseline",
            "rotation": turned, "rotation_mode": "anchor", "parse_math": False,
        }  # fmt: skip
        if halo:
            below = self.axes.text(x, y, words, zorder=order - 0.01, **about)
            below.set_path_effects([Stroke(linewidth=size * 0.28, foreground=halo, joinstyle="round")])
        self.axes.text(x, y, words, zorder=order, **about)

    def lines(
        self, x: float, y: float, lines: Sequence[str], size: float, *, cut: Cut = "Regular", colour: str = INK,
        leading: float = 1.32,
    ) -> float:  # fmt: skip
        """Write lines below each other, the first with its top at ``y``; return where the next would begin."""
        for line in lines:
            self.text(x, y - size * POINT_MM * 0.86, line, size, cut=cut, colour=colour)
            y -= size * POINT_MM * leading
        return y

    def centred(
        self, x: float, y: float, lines: Sequence[str], size: float, *, cut: Cut = "Regular", colour: str = INK,
        halo: str | None = None, order: float = 8.0,
    ) -> None:  # fmt: skip
        """Write lines with their middle at a point."""
        step = size * POINT_MM * 1.12
        first = y + step * (len(lines) - 1) / 2 - size * POINT_MM * 0.36
        for k, line in enumerate(lines):
            self.text(x, first - k * step, line, size, cut=cut, colour=colour, across="center", halo=halo, order=order)

    def box(
        self, box: Box, *, fill: str | None = None, edge: str | None = None, width: float = 0.6, order: float = 5.0,
        alpha: float = 1.0, hatch: bool = False,
    ) -> None:  # fmt: skip
        """Draw a rectangle; ``width`` of its edge in points."""
        shape = Rectangle(
            (box.x, box.y), box.w, box.h, facecolor=fill or "none", edgecolor=edge or "none",
            linewidth=width if edge else 0, zorder=order, alpha=alpha,
        )  # fmt: skip
        self.axes.add_artist(shape)
        if hatch:
            cover = Rectangle(
                (box.x, box.y), box.w, box.h, facecolor="none", edgecolor=NO_DATA, linewidth=0, hatch=HATCH,
                zorder=order + 0.01,
            )  # fmt: skip
            self.axes.add_artist(cover)

    def line(self, points: Iterable[tuple[float, float]], *, colour: str, width: float, order: float = 5.0) -> None:
        """Draw a line; ``width`` in points."""
        self.stroke(Path(np.asarray(list(points))), colour=colour, width=width, order=order)

    def stroke(
        self, path: Path | None, *, colour: str, width: float, order: float, clip: Box | None = None,
        alpha: float = 1.0,
    ) -> None:  # fmt: skip
        """Draw the lines of a path; ``width`` in points."""
        if path is None:
            return
        patch = PathPatch(
            path, facecolor="none", edgecolor=colour, linewidth=width, zorder=order, capstyle="round",
            joinstyle="round", alpha=alpha,
        )  # fmt: skip
        self.axes.add_artist(patch)
        self._clip(patch, clip)

    def areas(
        self, paths: Sequence[Path], *, fill: str, seam: float = 0.3, order: float = 3.0, clip: Box | None = None
    ) -> None:
        """Fill areas alike, with a seam in the same colour that hides the cracks between neighbours."""
        if paths:
            drawn = PathCollection(
                list(paths), facecolors=[fill], edgecolors=[fill], linewidths=[seam], zorder=order, joinstyle="round"
            )
            self.axes.add_collection(drawn, autolim=False)
            self._clip(drawn, clip)

    def unknown(self, paths: Sequence[Path], *, order: float = 3.0, clip: Box | None = None) -> None:
        """Hatch areas of which nothing is known."""
        self.areas(paths, fill=NO_DATA_FILL, order=order, clip=clip)
        if paths:
            drawn = PathCollection(
                list(paths), facecolors=["none"], edgecolors=[NO_DATA], linewidths=[0], hatch=HATCH, zorder=order + 0.01
            )
            self.axes.add_collection(drawn, autolim=False)
            self._clip(drawn, clip)

    def dots(self, points: NDArray[np.float64], *, fill: str, size: float, edge: str = INK, order: float = 4.0) -> None:
        """Draw dots of ``size`` mm with a fine edge."""
        if not len(points):
            return
        around = Path.unit_circle()
        circle = np.asarray(around.vertices, dtype=np.float64) * (size / 2)
        circles = [Path(circle + point, around.codes) for point in points]
        drawn = PathCollection(circles, facecolors=[fill], edgecolors=[edge], linewidths=[0.3], zorder=order)
        self.axes.add_collection(drawn, autolim=False)

    def width(self, words: str, size: float, cut: Cut = "Regular") -> float:
        """Return how wide words are (mm)."""
        return text_width(words, size, cut)

    def _clip(self, artist: Any, clip: Box | None) -> None:
        if clip is not None:
            artist.set_clip_path(Path(_corners(clip)), self.axes.transData)


def _corners(box: Box) -> NDArray[np.float64]:
    return np.array([(box.x, box.y), (box.right, box.y), (box.right, box.top), (box.x, box.top), (box.x, box.y)])
