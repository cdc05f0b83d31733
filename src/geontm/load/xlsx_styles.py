"""Reads from `.xlsx` cells that show percents, have a legacy font, or lack results."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from defusedxml import ElementTree

from geontm.load.legacy_fonts import Font, font_of

__all__ = ["PERCENT_FORMATS", "CellStyles", "column_index", "read_styles"]

PERCENT_FORMATS = (9, 10)  # those that need no format code of their own
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
_PLACE = re.compile(rb"""(?:^|\s)r=["']([A-Z]{1,3})(\d{1,7})["']""")
_STYLE = re.compile(rb"""(?:^|\s)s=["'](\d{1,6})["']""")
_ERROR = re.compile(
    rb"""<(?:\w+:)?c\s([^>]*\bt=["']e["'][^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{1,20})<""", re.DOTALL
)
_UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b[^>]*(?:/>|>([^<]{0,4000})</(?:\w+:)?f>)\s*</(?:\w+:)?c>"
)
_BLOCK, _TAIL = 4_194_304, 8_192


@dataclass(frozen=True)
class CellStyles:
    """Cells of one sheet by (row, column), counted from 0, that mean something else than their value.

    ``broken`` are the cells without a result: an error (``#REF!``), or a formula that no program has computed
    (``=F7*2``). The cell reader gives them as empty, and a gap that somebody left is not the same.
    """

    percents: frozenset[tuple[int, int]] = frozenset()
    fonts: Mapping[tuple[int, int], Font] = field(default_factory=dict)
    broken: Mapping[tuple[int, int], str] = field(default_factory=dict)


def read_styles(packed: zipfile.ZipFile) -> dict[str, CellStyles]:
    """Return the telling styles and the broken cells of every sheet by its name."""
    names = set(packed.namelist())
    percents, fonts = set[int](), dict[int, Font]()
    if "xl/styles.xml" in names:
        percents, fonts = _telling_styles(ElementTree.fromstring(packed.read("xl/styles.xml")))
    found = {}
    for name, part in _sheet_parts(packed).items():
        if part in names:
            with packed.open(part) as stream:
                found[name] = _cells(stream, percents, fonts)
    return found


def _telling_styles(root: Any) -> tuple[set[int], dict[int, Font]]:
    """Return the cell style numbers that show percents, and those with a legacy font."""
    formats = {
        int(element.get("numFmtId", "-1"))
        for element in root.iter()
        if _tag(element) == "numFmt" and "%" in element.get("formatCode", "")
    }
    fonts: list[Font] = []
    styles: list[Any] = []
    for group in root:
        if _tag(group) == "fonts":
            for font in group:
                name = next((entry.get("val", "") for entry in font if _tag(entry) in ("name", "rFont")), "")
                fonts.append(font_of(name))
        elif _tag(group) == "cellXfs":
            styles = list(group)
    percents, legacy = set(), {}
    for number, style in enumerate(styles):
        if int(style.get("numFmtId", "0")) in {*PERCENT_FORMATS, *formats}:
            percents.add(number)
        font = int(style.get("fontId", "0"))
        if font < len(fonts) and fonts[font].encoding:
            legacy[number] = fonts[font]
    return percents, legacy


def _sheet_parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the package that holds each sheet."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    }
    parts = {}
    for element in ElementTree.fromstring(packed.read("xl/workbook.xml")).iter():
        if _tag(element) == "sheet":
            key = next((value for name, value in element.attrib.items() if name.endswith("}id")), None)
            target = str(targets.get(key, ""))
            parts[str(element.get("name"))] = (
                target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
            )
    return parts


def _cells(stream: Any, percents: set[int], fonts: Mapping[int, Font]) -> CellStyles:
    shown: set[tuple[int, int]] = set()
    typed: dict[tuple[int, int], Font] = {}
    broken: dict[tuple[int, int], str] = {}
    tail = b""
    while block := stream.read(_BLOCK):
        text = tail + block
        tail = text[-_TAIL:]
        broken |= _broken(text)
        for attributes in _CELL.findall(text) if percents or fonts else ():
            style, place = _STYLE.search(attributes), _PLACE.search(attributes)
            if not style or not place:
                continue
            number = int(style.group(1))
            if number in percents or number in fonts:
                at = (int(place.group(2)) - 1, column_index(place.group(1)))
                if number in percents:
                    shown.add(at)
                if number in fonts:
                    typed[at] = fonts[number]
    return CellStyles(frozenset(shown), typed, broken)


def _broken(text: bytes) -> dict[tuple[int, int], str]:
    found = _ERROR.findall(text)
    found += [(cell, b"=" + formula) for cell, formula in _UNCOMPUTED.findall(text)]
    places = [(_PLACE.search(cell), shown.decode("utf-8", "replace")) for cell, shown in found]
    return {(int(at.group(2)) - 1, column_index(at.group(1))): html.unescape(shown)[:80] for at, shown in places if at}


def column_index(letters: bytes) -> int:
    """Return the place of a column, counted from 0, from the letters that name it."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
