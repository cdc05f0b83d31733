"""QGIS styles (QML): a rule for each class or category, drawn as areas, lines or signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from geontm.messages import Language, say
from geontm.publish.classes import Cut
from geontm.publish.content import Content
from geontm.publish.offered import column_of
from geontm.publish.styles import GroundStyle, LayerStyle, MapStyle
from geontm.publish.theme import NO_DATA, Theme, theme_of
from geontm.publish.years import is_share

__all__ = ["ground_qml", "qml", "theme_qml"]

_SYMBOLS = {"area": "fill", "line": "line", "point": "marker"}


@dataclass(frozen=True)
class _Rule:
    """One entry of the legend; without a test it takes what no other rule takes."""

    label: str
    test: str
    colour: str | None  # None: the hatch of the unknown
    size: float = 0.0


def qml(content: Content, style: MapStyle, layer: LayerStyle) -> str:
    """Return the QGIS style of communes by a layer: a rule per class or category, and a hatch for unknown."""
    return theme_qml(content, theme_of(content, style, layer))


def theme_qml(content: Content, theme: Theme) -> str:
    """Return the QGIS style of communes by a layer that is worked out."""
    return _document(_square_rules(theme, content.lang) if theme.axes else _class_rules(content, theme), "area")


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
    unknown = _Rule(theme.missing[lang], f"{name} IS NULL", None)
    column = column_of(content, layer.column)
    if theme.categories:
        written = _text if column.type in ("text", "category") else str
        found = [_Rule(each.label[lang], f"{name} = {written(each.value)}", each.colour) for each in theme.categories]
        return [*found, unknown]
    tests = _ranges(layer.column, theme.cuts, len(theme.colours))
    labels = theme.class_labels(lang) if theme.breaks else [column.label[lang]]
    found = [_Rule(label, test, colour) for label, test, colour in zip(labels, tests, theme.colours, strict=True)]
    return [*found, unknown]


def _square_rules(theme: Theme, lang: Language) -> list[_Rule]:
    """Give the rules of two columns: one per cell."""
    sides = [_ranges(axis.column, axis.cuts, len(axis.names)) for axis in theme.axes]
    first, second = (side[::-1] if axis.reverse else side for side, axis in zip(sides, theme.axes, strict=True))
    tests = [f"{b} AND {a}" for b in second for a in first]
    found = [_Rule(each.label[lang], test, each.colour) for each, test in zip(theme.categories, tests, strict=True)]
    gap = " OR ".join(f"{_quoted(axis.column)} IS NULL" for axis in theme.axes)
    return [*found, _Rule(theme.missing[lang], gap, None)]


def _ranges(name: str, cuts: Sequence[Cut], classes: int) -> list[str]:
    """Write the test of each class between bounds, on the column as tables have it: shares from 0 to 1."""
    value, share = _quoted(name), is_share(name)
    # Bounds are rounded to ten digits, as legends and pages are; so is the value where that could tell.
    if any(cut.value != round(cut.value, 6) for cut in cuts):
        value, share = f"round({value}{' * 100' if share else ''}, 8)", False
    bounds = [f"{cut.value * (0.01 if share else 1):.12g}" for cut in cuts]
    tests = []
    for k in range(classes):
        test = [f"{_quoted(name)} IS NOT NULL"]
        test += [f"{value} {'>' if cuts[k - 1].below else '>='} {bounds[k - 1]}"] if k else []
        test += [f"{value} {'<=' if cuts[k].below else '<'} {bounds[k]}"] if k < len(cuts) else []
        tests.append(" AND ".join(test))
    return tests


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


def _rgb(colour: str) -> str:
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"
