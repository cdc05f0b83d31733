"""A small picture of a map for the start page."""

from __future__ import annotations

import io

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from geontm.publish.content import Content
from geontm.publish.styles import LayerStyle, MapStyle
from geontm.publish.theme import NO_DATA, theme_of

__all__ = ["thumbnail"]


def thumbnail(content: Content, style: MapStyle, layer: LayerStyle, width_px: int) -> bytes:
    """Draw one layer of a map without words, on a transparent ground."""
    theme = theme_of(content, style, layer)
    units = content.units.sort_index()
    shapes = units.geometry.to_numpy()
    there = np.array([shape is not None and not shape.is_empty for shape in shapes], dtype=bool)
    figure = Figure(figsize=(width_px / 100, width_px * 0.75 / 100), dpi=100, facecolor="none")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.96), frame_on=False)
    axes.set_axis_off()
    if there.any():
        west, south, east, north = shapely.total_bounds(shapes[there])
        tolerance = max(east - west, north - south) / width_px / 2
        for number in range(-1, len(theme.colours)):
            chosen = [shapely.simplify(s, tolerance) for s in shapes[there & (theme.classes == number)]]
            colour = theme.colours[number] if number >= 0 else "#ffffff"
            hatch = "////" if number < 0 else None
            paths = [Outline.make_compound_path(*map(_outline, _parts(shape))) for shape in chosen]
            edge = NO_DATA if number < 0 else colour
            axes.add_collection(PathCollection(paths, facecolors=colour, edgecolors=edge, linewidths=0.4, hatch=hatch))
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        axes.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    buffer = io.BytesIO()
    canvas.print_figure(buffer, format="png", facecolor="none", metadata={"Software": None})
    return buffer.getvalue()


def _parts(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [ring for part in shapely.get_parts(shape) for ring in shapely.get_rings(part)]


def _outline(ring: shapely.Geometry) -> Outline:
    return Outline(shapely.get_coordinates(ring), closed=True)
