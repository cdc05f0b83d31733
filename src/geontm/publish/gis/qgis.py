"""QGIS styles (QML): a rule for each class or category, drawn as areas, lines or signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from geontm.messages import Language, say
from geontm.publish.content import Content, measure_of
from geontm.publish.offered import column_of
from geontm.publish.styles import GroundStyle, LayerStyle, MapStyle
from geontm.publish.theme import NO_DATA, Theme, theme_of

__all__ = ["ground_qml", "qml"]

_SYMBOLS = {"area": "fill", "line": "line", "point": "marker"}


@dataclass(frozen=True)
class _Rule:
    """One entry of the legend; without a test it takes what no other rule takes."""

    label: str
    test: str
    colour: str | None  # None: the hatch of the unknown
    size: float = 0.0


def qml(content: Content, style: MapStyle, layer: LayerStyle) -> str:
    """Return the QGIS style of communes by one column: a rule per class or category, and a hatch for unknown."""
    return _document(_class_rules(content, theme_of(content, style, layer)), "area")


def ground_qml(style: GroundStyle, lang: Language) -> str:
    """Return the QGIS style of roads, works or villages: a rule per category and one for the rest."""
    if not style.categories:
        return _document([_Rule(style.label[lang], "", style.colour, style.size)], style.kind)
    name = _quoted(style.column)
    rules = [
        _Rule(each.label[lang], f"{name} = {_text(each.value)}", each.colour, each.size or style.size)
        for each in style.categories
    ]
    listed = ", ".join(_text(each.value) for each in style.categories)
    other = f"{name} IS NULL OR {name} NOT IN ({listed})"
    return _document([*rules, _Rule(say("publish.qgis_other", lang), other, style.colour, style.size)], style.kind)


def _class_rules(content: Content, theme: Theme) -> list[_Rule]:
    layer, lang = theme.style, content.lang
    name = _quoted(layer.column)
    unknown = _Rule(say("publish.page_no_data", lang), f"{name} IS NULL", None)
    column = column_of(content, layer.column)
    if layer.kind == "category":
        written = _text if column.type in ("text", "category") else str
        found = [_Rule(each.label[lang], f"{name} = {written(each.value)}", each.colour) for each in theme.categories]
        return [*found, unknown]
    # Tables hold shares from 0 to 1, legends speak in percent.
    shrink = 0.01 if measure_of(layer.column).endswith("_share") else 1.0
    cuts, found = theme.breaks, []
    for k, colour in enumerate(theme.colours):
        low, high = (cuts[k - 1] if k else None), (cuts[k] if k < len(cuts) else None)
        tests = [f"{name} IS NOT NULL"]
        tests += [f"{name} >= {low * shrink:.12g}"] if low is not None else []
        tests += [f"{name} < {high * shrink:.12g}"] if high is not None else []
        low_text, high_text = (_number(bound, lang) for bound in (low, high))
        label = f"≥ {low_text}" if high is None else f"< {high_text}" if low is None else f"{low_text} – < {high_text}"
        found.append(_Rule(label if cuts else column.label[lang], " AND ".join(tests), colour))
    return [*found, unknown]


def _document(found: Sequence[_Rule], kind: Literal["area", "line", "point"]) -> str:
    root = ElementTree.Element("qgis", version="3.28.0", styleCategories="Symbology")
    renderer = ElementTree.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0")
    rules = ElementTree.SubElement(renderer, "rules", key="root")
    symbols = ElementTree.SubElement(renderer, "symbols")
    for number, rule in enumerate(found):
        asked = {"filter": rule.test} if rule.test else {}
        about = {"key": f"r{number}", "symbol": str(number), "label": rule.label}
        ElementTree.SubElement(rules, "rule", about | asked)
        _symbol(symbols, number, rule, kind)
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + ElementTree.tostring(root, encoding="unicode")


def _symbol(symbols: ElementTree.Element, number: int, rule: _Rule, kind: Literal["area", "line", "point"]) -> None:
    symbol = ElementTree.SubElement(
        symbols, "symbol", type=_SYMBOLS[kind], name=str(number), alpha="1", clip_to_extent="1"
    )
    drawn, values = _drawn(rule, kind)
    layer = ElementTree.SubElement(symbol, "layer", {"class": drawn, "enabled": "1", "locked": "0", "pass": "0"})
    options = ElementTree.SubElement(layer, "Option", type="Map")
    for key, value in sorted(values.items()):
        ElementTree.SubElement(options, "Option", type="QString", name=key, value=value)


def _drawn(rule: _Rule, kind: Literal["area", "line", "point"]) -> tuple[str, dict[str, str]]:
    """Return the class of a symbol layer of QGIS and its options."""
    colour = _rgb(rule.colour or NO_DATA)
    if kind == "line":
        return "SimpleLine", {"line_color": colour, "line_style": "solid", "line_width": f"{rule.size:g}",
                              "line_width_unit": "MM", "capstyle": "round", "joinstyle": "round"}  # fmt: skip
    if kind == "point":
        return "SimpleMarker", {"color": colour, "name": "circle", "size": f"{rule.size:g}", "size_unit": "MM",
                                "outline_color": "255,255,255,255", "outline_style": "solid", "outline_width": "0.2",
                                "outline_width_unit": "MM"}  # fmt: skip
    outline = {"outline_color": "110,106,100,255", "outline_style": "solid", "outline_width": "0.12",
               "outline_width_unit": "MM"}  # fmt: skip
    if rule.size:  # an area on the ground: its edge, and what lies below shows through
        return "SimpleFill", {**outline, "color": colour, "outline_color": colour, "style": "dense6"}
    return "SimpleFill", {"color": colour, "style": "solid" if rule.colour else "b_diagonal", **outline}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _number(value: float | None, lang: str) -> str:
    text = "" if value is None else f"{value:.12g}"
    return text.replace(".", ",") if lang == "vi" else text


def _rgb(colour: str) -> str:
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"
