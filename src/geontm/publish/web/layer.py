"""The folium layer of communes: geometry once, all columns, and a panel of its own. The renderer behind the seam."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import folium
import geopandas as gpd
from branca.element import MacroElement
from folium.map import FitBounds, Layer
from folium.template import Template

from geontm.errors import PublishError
from geontm.messages import Language, catalogue
from geontm.publish.frames import Look, own_map
from geontm.publish.web.figure import Inline, OfflineFigure, escape_script
from geontm.publish.web.own import own_head
from geontm.publish.web.payload import draw, pack
from geontm.publish.web.runtime import parts_of, script, style
from geontm.publish.web.signs import showable
from geontm.publish.web.slim import slim

__all__ = ["CommuneLayer", "map_page", "offline_map"]

LEAFLET_JS, LEAFLET_CSS = "vendored:leaflet.js", "vendored:leaflet.css"
# Where a map looks that was not told where: folium's own, and that of ``offline_map``.
_NOWHERE, _COUNTRY = [0, 0], [16.0, 107.0]
_LAYER_STYLE = ".gt-away{display:none!important}.gt-panel .gt-swatch{opacity:var(--gt-opacity,1)}"


class _Page(MacroElement):
    """Communes that are the whole page: they have the map for themselves."""

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "window.geontm.attach({{ this._parent.get_name() }}, 'geontm-data');\n"
        "{% endmacro %}"
    )

    def __init__(self, head: Mapping[str, Any], geometry: bytes) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Page"
        self.parts = parts_of(head)
        self.packed = pack(head, geometry)

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Put style, code and data on the figure, each once."""
        figure: Any = self.get_root()
        _put_runtime(figure, self.parts)
        figure.html.add_child(_data("geontm-data", self.packed), name="geontm_data")
        super().render(**kwargs)  # type: ignore[no-untyped-call]


class CommuneLayer(Layer):
    """Communes on a folium map, with legend, search, filter, table, tooltip and card in a panel beside the map.

    A layer among others: :class:`folium.LayerControl` shows and hides it, tiles lie below it, markers, lines and
    GeoJson above. Of several on one map, the one shown last has the panel and answers the pointer.

    The map keeps the view that it was given, by ``folium.Map(location=…)`` or ``fit_bounds``; without one it shows
    all communes.

    Parameters
    ----------
    head : mapping
        What :func:`geontm.publish.web.payload.payload` returns.
    geometry : bytes
        ``Drawing.packed`` of the same content.
    opacity : float
        0 (not seen) to 1 (covers what lies below); the legend's colours follow. Names stay as they are.
    layer_name : str, optional
        In the layer control; by default the title of the map.
    overlay, control, show : bool
        As of any folium layer.

    Raises
    ------
    PublishError
        An opacity that is none (``notebook.bad_opacity``).
    """

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "var {{ this.get_name() }} = new window.geontm.Layer('{{ this.data_id }}', {{ this.options|tojson }});\n"
        "{% endmacro %}"
    )

    def __init__(
        self,
        head: Mapping[str, Any],
        geometry: bytes,
        *,
        opacity: float = 1.0,
        layer_name: str | None = None,
        overlay: bool = True,
        control: bool = True,
        show: bool = True,
    ) -> None:
        if isinstance(opacity, bool) or not isinstance(opacity, (int, float)) or not 0 <= opacity <= 1:
            raise PublishError("notebook.bad_opacity", where="opacity", value=str(opacity))
        name = layer_name if layer_name is not None else head["page"]["title"]
        super().__init__(name=html.escape(showable(name)), overlay=overlay, control=control, show=show)
        self._name = "CommuneLayer"
        self.packed = pack(head, geometry)
        self.bounds = _corners(head["bounds"])
        self.opacity = float(opacity)

    @classmethod
    def from_frame(
        cls, frame: gpd.GeoDataFrame, column: str, *, opacity: float = 1.0, layer_name: str | None = None,
        overlay: bool = True, control: bool = True, show: bool = True, **look: Any,
    ) -> CommuneLayer:  # fmt: skip
        """Return the layer of one column of any GeoDataFrame of polygons, to be added to any folium map.

        Parameters
        ----------
        frame : GeoDataFrame
            In any CRS; see :func:`geontm.publish.frames.own_map`.
        column : str
        opacity, layer_name, overlay, control, show
            See the class.
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
        head = own_head(own, drawing)
        head["texts"]["offline"] = {lang: catalogue()["notebook.layer_offline"][lang] for lang in ("vi", "en")}
        return cls(
            head, drawing.packed, opacity=opacity, layer_name=layer_name, overlay=overlay,
            control=control, show=show,
        )  # fmt: skip

    @property
    def data_id(self) -> str:
        """Where the page keeps what this layer shows."""
        return f"geontm-{self.get_name()}"

    @property
    def options(self) -> dict[str, Any]:
        """What the layer is told when the page is opened."""
        return {"opacity": self.opacity, "fit": self._view() if self.show else None}

    def _get_self_bounds(self) -> list[list[float | None]]:
        return [[*corner] for corner in self.bounds] if self.bounds else [[None, None], [None, None]]

    def _view(self) -> list[Any] | None:
        """Return bounds and options of the first view; None keeps what the map shows."""
        parent: Any = self._parent
        while parent is not None and not isinstance(parent, folium.Map):
            parent = parent._parent
        if parent is None:
            return None
        for child in reversed(parent._children.values()):
            if isinstance(child, FitBounds):
                return [child.bounds, child.options]
        if list(parent.location) not in (_NOWHERE, _COUNTRY):
            return None
        corners = [corner for layer in _layers(parent) for corner in layer.bounds or []]
        if not corners:
            return None
        south, west = (min(corner[side] for corner in corners) for side in (0, 1))
        north, east = (max(corner[side] for corner in corners) for side in (0, 1))
        return [[[south, west], [north, east]], {"paddingTopLeft": [18, 18], "paddingBottomRight": [18, 46]}]

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Put style and code on the figure once, and the data of this layer."""
        figure: Any = self.get_root()
        _put_runtime(figure, parts_of())
        figure.header.add_child(Inline(f"<style>{_LAYER_STYLE}</style>"), name="geontm_layer_css")
        figure.header.add_child(Inline(f"<script>{escape_script(_layer_runtime())}</script>"), name="geontm_layer_js")
        figure.html.add_child(_data(self.data_id, self.packed), name=self.data_id)
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def _layers(parent: Any) -> list[CommuneLayer]:
    found = []
    for child in parent._children.values():
        found += [child] if isinstance(child, CommuneLayer) and child.show else _layers(child)
    return found


def _corners(bounds: Sequence[float] | None) -> list[list[float]] | None:
    """Turn west, south, east, north into corners as folium has them: latitude, longitude."""
    if bounds is None:
        return None
    west, south, east, north = bounds
    return [[south, west], [north, east]]


def _put_runtime(figure: Any, parts: tuple[str, ...]) -> None:
    figure.header.add_child(Inline(f"<style>{style(parts)}</style>"), name="geontm_css")
    figure.header.add_child(Inline(f"<script>{escape_script(script(parts))}</script>"), name="geontm_js")


def _data(place: str, packed: str) -> Inline:
    return Inline(f'<script type="text/plain" id="{place}">{packed}</script>')


def offline_map() -> folium.Map:
    """Return a folium map that needs nothing but the vendored Leaflet: no tiles, no jQuery, no Bootstrap.

    Markers, lines and layers of folium can be added as usual; put it into an
    :class:`~geontm.publish.web.figure.OfflineFigure`, which refuses what cannot work without a network.
    """
    frame = folium.Map(
        location=_COUNTRY, tiles=None, zoom_start=5, zoom_control="topright", font_size="13px",
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
    frame.add_child(_Page(head, geometry))
    figure = OfflineFigure(title=title, lang=lang)
    figure.add_child(frame)
    return str(figure.render())


@lru_cache(maxsize=1)
def _layer_runtime() -> str:
    return slim(files("geontm.publish.web").joinpath("folium.js").read_text(encoding="utf-8"))
