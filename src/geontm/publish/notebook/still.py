"""What stands in a cell where a page may not run: in a notebook that came by mail, or on a site that shows notebooks.

Such places take out frames, scripts and most styles, and leave pictures, tables and their colours.
"""

from __future__ import annotations

import base64
import html

from geontm.messages import Language, say, spelt_day
from geontm.publish.content import Content
from geontm.publish.offered import layers_with_data
from geontm.publish.styles import MapStyle
from geontm.publish.theme import Theme, plain_number, theme_of

__all__ = ["still_of"]

_WIDE_PX = 520
_PAPER = "#fdfcfa"
_HATCH = "▨"


def still_of(content: Content, style: MapStyle, *, dated: bool = True) -> str:
    """Return the first layer of a map as a picture with its legend: HTML without a script, a frame or a class.

    Parameters
    ----------
    content : Content
    style : MapStyle
        A layer of it has figures.
    dated : bool
        Say the day of the figures.
    """
    from geontm.publish.paper.thumbnail import thumbnail

    lang = content.lang
    layer = layers_with_data(content, style)[0]
    theme = theme_of(content, style, layer)
    told = [theme.label[lang] + (f" ({theme.unit})" if theme.unit else "")]
    told += [say("publish.page_as_of", lang, day=spelt_day(content.as_of, lang))] if dated else []
    marks = [f"<strong>{_text(say(f'publish.page_{key}', lang))}</strong>" for key in _marks(content, theme)]
    picture = base64.b64encode(thumbnail(content, style, layer, _WIDE_PX)).decode("ascii")
    alt = _text(say("publish.page_map_of", lang, title=content.title))
    return (
        f"<p><strong>{_text(content.title)}</strong><br>{' · '.join([*map(_text, told), *marks])}</p>"
        f'<table><tr><td bgcolor="{_PAPER}"><img src="data:image/png;base64,{picture}" alt="{alt}" width="{_WIDE_PX}">'
        f"</td><td>{_legend(theme, lang)}</td></tr></table>"
        f"<p>{_text(say('notebook.still', lang))}</p>"
    )


def _marks(content: Content, theme: Theme) -> list[str]:
    return ["illustrative"] * theme.illustrative + ["schematic"] * content.notes.schematic


def _legend(theme: Theme, lang: Language) -> str:
    rows = list(zip(theme.colours, theme.class_labels(lang), theme.counts, strict=True))
    lines = [_line(f' bgcolor="{colour}"', "&nbsp;", name, n, lang) for colour, name, n in rows]
    if theme.unknown:
        lines.append(_line("", _HATCH, theme.missing[lang], theme.unknown, lang))
    return f"<table>{''.join(lines)}</table>"


def _line(colour: str, sign: str, name: str, count: int, lang: Language) -> str:
    swatch = f'<td{colour} width="26" align="center">{sign}</td>'
    number = _text(plain_number(count, lang))
    return f'<tr>{swatch}<td style="text-align:left">{_text(name)}</td><td align="right">{number}</td></tr>'


def _text(text: str) -> str:
    return html.escape(text, quote=True)
