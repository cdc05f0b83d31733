"""The folium layer of communes: geometry once, all columns, and a panel of its own. The renderer behind the seam."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import folium
import geopandas as gpd
from branca.element import MacroElement
from folium.template import Template

from geontm.messages import Language
from geontm.publish.frames import Look, own_map
from geontm.publish.web import vendor
from geontm.publish.web.figure import Inline, OfflineFigure, escape_script
from geontm.publish.web.own import own_head
from geontm.publish.web.payload import draw, pack
from geontm.publish.web.slim import slim

__all__ = ["CommuneLayer", "map_page", "offline_map"]

# In this order: each file may use what stands before it. The parts of the page stand by themselves.
SCRIPTS = ("helpers.js", "unpack.js", "words.js", "verdicts.js", "coverage.js", "app.js", "canvas.js", "names.js")
PARTS, START, STYLE = "parts", "start.js", "page.css"
LEAFLET_JS, LEAFLET_CSS = "vendored:leaflet.js", "vendored:leaflet.css"
GUNZIP_JS = "vendored:fflate"


class CommuneLayer(MacroElement):
    """Communes on a folium map, with indicator switch, legend, search, tooltip and popup.

    Parameters
    ----------
    head : mapping
        What :func:`geontm.publish.web.payload.payload` returns.
    geometry : bytes
        ``Drawing.packed`` of the same content.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "window.geontm.attach({{ this._parent.get_name() }}, 'geontm-data');\n"
        "{% endmacro %}"
    )

    def __init__(self, head: Mapping[str, Any], geometry: bytes) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "CommuneLayer"
        self.packed = pack(head, geometry)

    @classmethod
    def from_frame(cls, frame: gpd.GeoDataFrame, column: str, **look: Any) -> CommuneLayer:
        """Return the layer of one column of any GeoDataFrame of polygons, to be added to any folium map.

        Parameters
        ----------
        frame : GeoDataFrame
            In any CRS; see :func:`geontm.publish.frames.own_map`.
        column : str
        **look
            Fields of :class:`geontm.publish.frames.Look`: ``name``, ``code``, ``label``, ``unit``, ``palette``,
            ``method``, ``classes``, ``title``, …

        Raises
        ------
        PublishError, CRSError
            As :func:`geontm.publish.frames.own_map`.
        """
        own = own_map(frame, column, Look(**look))
        drawing = draw(own.content)
        return cls(own_head(own, drawing), drawing.packed)

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Put style, code and data on the figure, each once."""
        figure: Any = self.get_root()
        figure.header.add_child(Inline(f"<style>{_style()}</style>"), name="geontm_css")
        figure.header.add_child(Inline(f"<script>{escape_script(_runtime())}</script>"), name="geontm_js")
        data = Inline(f'<script type="text/plain" id="geontm-data">{self.packed}</script>')
        figure.html.add_child(data, name="geontm_data")
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def offline_map() -> folium.Map:
    """Return a folium map that needs nothing but the vendored Leaflet: no tiles, no jQuery, no Bootstrap.

    Markers, lines and layers of folium can be added as usual; put it into an
    :class:`~geontm.publish.web.figure.OfflineFigure`, which refuses what cannot work without a network.
    """
    frame = folium.Map(
        location=[16.0, 107.0], tiles=None, zoom_start=5, zoom_control="topright", font_size="13px",
        zoom_snap=0.25, zoom_delta=0.5, attribution_control=False, world_copy_jump=False, max_zoom=15, min_zoom=4,
    )  # fmt: skip
    frame.default_js = [("leaflet", LEAFLET_JS)]
    frame.default_css = [("leaflet_css", LEAFLET_CSS)]
    return frame


def map_page(head: Mapping[str, Any], geometry: bytes, *, title: str, lang: Language) -> str:
    """Return one self-contained HTML page.

    Parameters
    ----------
    head, geometry
        See :class:`CommuneLayer`.
    title : str
        Text of the window.
    """
    frame = offline_map()
    frame.add_child(CommuneLayer(head, geometry))
    figure = OfflineFigure(title=title, lang=lang)
    figure.add_child(frame)
    return str(figure.render())


@lru_cache(maxsize=1)
def _runtime() -> str:
    """Return the page's own script: its parts in order, in one closed scope."""
    gunzip = vendor.find(GUNZIP_JS)
    assert gunzip is not None  # vendored
    parts = "\n".join([vendor.text(gunzip), *map(_asset, (*SCRIPTS, *_parts(".js"), START))])
    start = "const geontm = (window.geontm = window.geontm || { readyAt: null, map: null });"
    return f"(function () {{\n'use strict';\n{start}\n{parts}}})();"


@lru_cache(maxsize=1)
def _style() -> str:
    return "\n".join(map(_asset, (STYLE, *_parts(".css"))))


def _parts(ending: str) -> list[str]:
    """Name the parts of the page, sorted; a new file is a new part."""
    folder = files("geontm.publish.web").joinpath("page", PARTS)
    return sorted(f"{PARTS}/{path.name}" for path in folder.iterdir() if path.name.endswith(ending))


@lru_cache(maxsize=64)
def _asset(name: str) -> str:
    return slim(files("geontm.publish.web").joinpath("page", name).read_text(encoding="utf-8"))
