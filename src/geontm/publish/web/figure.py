"""A folium figure that carries everything inside itself and refuses what it would have to fetch."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections import OrderedDict
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from branca.element import CssLink, Element, Figure, JavascriptLink
from folium.map import Popup
from folium.raster_layers import TileLayer, WmsTileLayer

from geontm.errors import PublishError
from geontm.messages import Language
from geontm.publish.web import vendor
from geontm.publish.web.signs import showable

__all__ = ["Inline", "OfflineFigure", "escape_script", "refuse_network"]

_VIEWPORT = "width=device-width, initial-scale=1"
_LOADING = {
    "script": ("src",), "link": ("href",), "img": ("src", "srcset"), "iframe": ("src", "srcdoc"),
    "source": ("src", "srcset"),
    "video": ("src", "poster"), "audio": ("src",), "embed": ("src",), "object": ("data",), "input": ("src",),
    "image": ("href", "xlink:href"), "use": ("href", "xlink:href"), "base": ("href",), "track": ("src",),
}  # fmt: skip


_SERVER = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]+)?")


class Inline(Element):
    """A piece of HTML put on the page as it is, never read as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Inline"
        self.text = text

    def render(self, **kwargs: Any) -> str:
        """Return the text."""
        return self.text


class OfflineFigure(Figure):
    """A page without a network: vendored code stands inside it, and anything else that loads is an error.

    Works for any folium map: ``OfflineFigure(title="…").add_child(folium_map)``. A plugin that needs a script which is
    not vendored raises when the page is rendered, naming the address.

    Parameters
    ----------
    title : str
        Text of ``<title>``; escaped here.
    lang : {"vi", "en"}
    tiles : bool
        Tiles that the map asks for may come from the network, from their own servers and from nowhere else; all the
        rest still opens without one. Else a layer of tiles is refused.
    """

    def __init__(self, *, title: str, lang: Language = "vi", tiles: bool = False) -> None:
        super().__init__(title=title)
        self.lang, self.tiles = lang, tiles

    def render(self, **kwargs: Any) -> str:
        """Return the page.

        Raises
        ------
        PublishError
            Something on the page would be loaded from elsewhere (``publish.not_vendored``), tiles that were not asked
            for among it (``notebook.tiles_not_asked``).
        """
        servers = self._tile_servers()
        for number, element in enumerate(_descendants(self)):
            element._id = f"{number:04d}"  # folium draws random ids; the same page must give the same bytes
        for popup in (each for each in _descendants(self) if isinstance(each, Popup)):
            popup.html._children = OrderedDict((each.get_name(), each) for each in popup.html._children.values())
        for child in list(self._children.values()):
            child.render(**kwargs)
        head = "\n".join(_inlined(child).render(**kwargs) for child in self.header._children.values())
        head = re.sub(r"<meta\s+name=\"viewport\"[^>]*>", "", head)
        body = self.html.render(**kwargs)
        script = f"<script>\n{self.script.render(**kwargs)}\n</script>"
        refuse_network(head + body)
        policy = _policy(head + body + script, servers)
        return (
            f'<!DOCTYPE html>\n<html lang="{self.lang}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            f'<meta name="viewport" content="{_VIEWPORT}">\n<meta name="referrer" content="no-referrer">\n'
            f'<link rel="icon" href="data:,">\n<title>{html.escape(showable(self.title or ""))}</title>\n'
            f"{head}\n</head>\n<body>\n{body}\n{script}\n</body>\n</html>\n"
        )

    def _tile_servers(self) -> list[str]:
        """Return where tiles come from, as a policy names it."""
        urls = [
            each.tiles if isinstance(each, TileLayer) else each.url
            for each in _descendants(self)
            if isinstance(each, (TileLayer, WmsTileLayer))
        ]
        servers = set()
        for url in urls:
            if not self.tiles:
                raise PublishError("notebook.tiles_not_asked", where=url, url=url)
            parts = urlsplit(url.replace("{s}", "*"))
            server = f"{parts.scheme}://{parts.netloc}"
            if not _SERVER.fullmatch(server):
                raise PublishError("publish.not_vendored", where=url, url=url)
            servers.add(server)
        return sorted(servers)


def escape_script(code: str) -> str:
    """Keep a script from ending its own element: ``</script`` and ``<!--`` are written with an escape."""
    return re.sub(r"</(script)", r"<\\/\1", code, flags=re.IGNORECASE).replace("<!--", "<\\!--")


def refuse_network(page: str) -> None:
    """Raise for the first thing on a page that a browser would load from outside the file."""
    _Watch().feed(page)


class _Watch(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_style = tag == "style"
        for name, value in attrs:
            if name in _LOADING.get(tag, ()) and value and not value.lstrip().lower().startswith("data:"):
                raise PublishError("publish.not_vendored", where=value, url=value)

    def handle_data(self, data: str) -> None:
        if self.in_style:
            for url in re.findall(r"(?:url\(\s*['\"]?|@import\s+['\"])([^'\")]+)", data):
                if not url.startswith(("data:", "#")):
                    raise PublishError("publish.not_vendored", where=url, url=url)


def _inlined(element: Element) -> Element:
    """Replace a link by the vendored text behind it."""
    if not isinstance(element, (JavascriptLink, CssLink)):
        return element
    entry = vendor.find(element.url)
    if entry is None:
        raise PublishError("publish.not_vendored", where=element.url, url=element.url)
    content = vendor.text(entry)
    if isinstance(element, JavascriptLink):
        return Inline(f"<script>{escape_script(content)}</script>")
    return Inline(f"<style>{content}</style>")


def _descendants(element: Element) -> list[Element]:
    found = []
    inside = getattr(element, "html", None) if isinstance(element, Popup) else None
    for child in (*element._children.values(), *(inside._children.values() if inside is not None else ())):
        found += [child, *_descendants(child)]
    return found


def _policy(page: str, tile_servers: list[str]) -> str:
    """Allow the scripts that stand on the page, by their hashes, and nothing from elsewhere but tiles."""
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii") for script in scripts}
    pictures = " ".join(["data:", "blob:", *tile_servers])
    allowed = " ".join(f"'sha256-{digest}'" for digest in sorted(hashes))
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src {pictures}; font-src data:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )
