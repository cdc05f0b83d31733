"""Maps as pictures for a report: drawn for the width of its text, in letters that are read there."""

from __future__ import annotations

import io
from collections.abc import Hashable, Sequence

from geontm.publish.content import Content
from geontm.publish.paper.files import layers_to_print, look_of
from geontm.publish.paper.ground import ground_of
from geontm.publish.paper.plane import land_of
from geontm.publish.paper.sheet import draw_sheet
from geontm.publish.paper.text import drawing
from geontm.publish.styles import MapStyle

__all__ = ["report_pictures"]

REPORT_DPI = 300


def report_pictures(content: Content, styles: Sequence[MapStyle]) -> dict[str, bytes]:
    """Draw the maps that a report shows, 160 mm wide, in letters of 8 points and more.

    Parameters
    ----------
    content : Content
    styles : sequence of MapStyle
        The maps of the project that have figures.

    Returns
    -------
    dict of str to bytes
        PNG by ``<map>-<layer>``, in the order of maps and layers; a layer that two maps share once. Empty where no
        unit has an outline. Each picture says at how many dots an inch it has its size. Titles, sources and how
        classes were found are the report's to tell.
    """
    wanted: dict[Hashable, str] = {}
    layers = [(style, layer) for style in styles for layer in layers_to_print(content, style)]
    for style, layer in layers:
        wanted.setdefault(look_of(content, style, layer), f"{style.name}-{layer.name}")
    found: dict[str, bytes] = {}
    with drawing():
        land = land_of(content) if wanted else None
        if land is None or not land.near.any():
            return found
        ground = ground_of(land, "report", content.lang)
        for style, layer in layers:
            name = f"{style.name}-{layer.name}"
            if name not in wanted.values():
                continue
            sheet = draw_sheet(content, style, layer, size="report", ground=ground)
            buffer = io.BytesIO()
            sheet.figure.savefig(buffer, format="png", dpi=REPORT_DPI, metadata={"Software": None})
            found[name] = buffer.getvalue()
    return found
