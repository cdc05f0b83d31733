"""A map page in a cell: framed, shut off from everything around it, and the same page as a file."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

from geontm.messages import Language, say
from geontm.publish.content import Content
from geontm.publish.frames import Around, Look, own_map
from geontm.publish.notebook.ask import Kind, Way, style_of
from geontm.publish.notebook.place import put
from geontm.publish.notebook.still import still_of
from geontm.publish.offered import layers_with_data
from geontm.publish.styles import MapStyle

if TYPE_CHECKING:
    from geontm.publish.web.drawing import Kept

__all__ = ["MapView", "explore", "explore_frame", "notebook_html", "view_of"]

# No origin, no storage, no way out: a page may run its own scripts and hand over a file.
_SANDBOX = "allow-scripts allow-downloads"
HEAVY = 5_000_000
"""Bytes of a page from which the cell says that every copy of the notebook carries them."""


@dataclass(frozen=True, repr=False)
class MapView:
    """A map page that a notebook shows in its cell, and that can be saved.

    Attributes
    ----------
    title : str
    html : str
        The page: one file that needs nothing else.
    lang : {"vi", "en"}
    height : str
        Height of the cell's frame, as CSS writes it.
    still : callable, optional
        Returns the HTML of a picture, for notebooks that may not run what they hold; asked for when a cell is shown.
    """

    title: str
    html: str
    lang: Language = "vi"
    height: str = "620px"
    still: Callable[[], str] | None = field(default=None, compare=False)

    @property
    def size(self) -> int:
        """Bytes of the page."""
        return len(self.html.encode("utf-8"))

    def save(self, path: str | Path) -> Path:
        """Write the page as one HTML file.

        Raises
        ------
        PublishError
            The file cannot be written.
        """
        return put(path, lambda file: file.write_text(self.html, encoding="utf-8", newline="\n"), endings=(".html",))

    def _repr_html_(self) -> str:
        title, page, height = (html.escape(text, quote=True) for text in (self.title, self.html, self.height))
        # The frame lies over the picture. Where frames are taken out of a notebook, so is `inert`: the picture shows.
        still = self.still() if self.still is not None else ""
        look = f"position:absolute;inset:0;box-sizing:border-box;width:100%;height:{height};background:#fdfcfa;"
        told = say(
            "notebook.page_heavy" if self.size >= HEAVY else "notebook.page_size", self.lang, size=self.size / 1e6
        )
        return (
            f'<div style="position:relative;min-height:{height}">'
            f'<div inert style="max-height:{height};overflow:auto">{still}</div>'
            f'<iframe srcdoc="{page}" title="{title}" sandbox="{_SANDBOX}" '
            f'style="{look}border:1px solid #d9d6cf;border-radius:6px"></iframe></div>'
            f'<div style="font:12px/1.5 sans-serif;opacity:.8">{html.escape(told)}</div>'
        )

    def __repr__(self) -> str:
        return f"<MapView {self.title!r}, {self.size / 1e6:.2f} MB>"


def explore(
    content: Content,
    column: str,
    *,
    method: Way | None = None,
    classes: int | None = None,
    kind: Kind | None = None,
    kept: Kept | None = None,
) -> MapView:
    """Return the map of one column, with the cards and reasons of the whole result.

    Parameters
    ----------
    content : Content
    column, method, classes, kind
        See :func:`geontm.publish.notebook.ask.style_of`.
    kept : Kept, optional
        Where packed outlines are kept; the next map of the same units is quicker.

    Raises
    ------
    PublishError
        As :func:`geontm.publish.notebook.ask.style_of`.
    """
    return view_of(content, style_of(content, column, method=method, classes=classes, kind=kind), kept=kept)


def view_of(content: Content, style: MapStyle, *, kept: Kept | None = None) -> MapView:
    """Return a map of a run as a view."""
    from geontm.publish.web.layer import map_page
    from geontm.publish.web.payload import draw, payload

    drawing = draw(content, kept=kept)
    title = f"{style.title[content.lang]} – {content.title}"
    page = map_page(payload(content, style, drawing), drawing.packed, title=title, lang=content.lang)
    return MapView(title, page, content.lang, still=partial(still_of, content, style))


def explore_frame(frame: gpd.GeoDataFrame, column: str, look: Look, *, around: Around | None = None) -> MapView:
    """Return the map of one column of any GeoDataFrame of polygons.

    Parameters
    ----------
    frame, column, look, around
        See :func:`geontm.publish.frames.own_map`.

    Raises
    ------
    PublishError, CRSError
        As :func:`geontm.publish.frames.own_map`.
    """
    from geontm.publish.web.layer import map_page
    from geontm.publish.web.own import own_head
    from geontm.publish.web.payload import draw

    own = own_map(frame, column, look, around=around)
    drawing = draw(own.content)
    title = own.content.title
    page = map_page(own_head(own, drawing), drawing.packed, title=title, lang=look.lang)
    return MapView(title, page, look.lang, still=partial(still_of, own.content, own.style, dated=own.dated))


def notebook_html(content: Content, *, kept: Kept | None = None) -> str:
    """Return the first map that has figures, framed for a cell; a plain line where there is none."""
    style = next((style for style in content.styles.values() if layers_with_data(content, style)), None)
    if style is None:
        return f"<p>{html.escape(say('notebook.no_map', content.lang, title=content.title))}</p>"
    return view_of(content, style, kept=kept)._repr_html_()
