"""Print maps as pictures for a report: the sheets of A4, in fewer dots."""

from __future__ import annotations

import io
from collections.abc import Sequence

from geontm.publish.content import Content
from geontm.publish.paper.files import layers_to_print
from geontm.publish.paper.ground import ground_of
from geontm.publish.paper.plane import land_of
from geontm.publish.paper.sheet import draw_sheet
from geontm.publish.paper.text import drawing
from geontm.publish.styles import MapStyle

__all__ = ["report_pictures"]

REPORT_DPI = 160  # a sheet of 297 mm stands 160 mm wide in a report: 297 dots an inch there


def report_pictures(content: Content, styles: Sequence[MapStyle]) -> dict[str, bytes]:
    """Draw the sheets of A4 that a report shows.

    Parameters
    ----------
    content : Content
    styles : sequence of MapStyle
        The maps of the project that have figures.

    Returns
    -------
    dict of str to bytes
        PNG by ``<map>-<layer>``, in the order of maps and layers; empty where no unit has an outline. A key on a page
        of its own is left to the sheet on paper.
    """
    wanted = [(style, layer) for style in styles for layer in layers_to_print(content, style)]
    found: dict[str, bytes] = {}
    with drawing():
        land = land_of(content) if wanted else None
        if land is None or not land.near.any():
            return found
        ground = ground_of(land, "A4", content.lang)
        for style, layer in wanted:
            sheet = draw_sheet(content, style, layer, size="A4", ground=ground)
            buffer = io.BytesIO()
            sheet.figure.savefig(buffer, format="png", dpi=REPORT_DPI, metadata={"Software": None})
            found[f"{style.name}-{layer.name}"] = buffer.getvalue()
    return found
