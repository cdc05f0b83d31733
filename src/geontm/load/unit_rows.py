"""Tells the rows of a table apart: communes, totals and section headings between them, notes below."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from geontm.load.header import Grid, Header
from geontm.load.meanings import IDENTITY, Meanings
from geontm.load.numbers import is_number
from geontm.load.unit_words import (
    CITIES,
    DISTRICT,
    NEW_CITIES,
    ORDINAL,
    PROVINCE,
    ROMAN,
    SUM_SUFFIX,
    TOTAL,
    is_commune_name,
    is_heading,
)
from geontm.tables import REFORM, Issue

__all__ = ["UnitRow", "read_rows"]

Level = Literal["commune", "district", "province", "total", "section", "unnamed", "note", "header"]

_NOTE = re.compile(
    r"^(?:\(?\*+\)?|\(\d\)\s|ghi chú|chú thích|nguồn|note|source|người lập|thủ trưởng|lập biểu|ngày\s|"
    r".{0,40},?\s*ngày\s+\S+\s+tháng)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class UnitRow:
    """One row of the sheet and what it is.

    Attributes
    ----------
    at : int
        Row of the sheet, counted from 0.
    level : str
    names : mapping
        Identity columns as clean text; province and district filled down.
    label : str
        The text by which a total or section is named.
    """

    at: int
    level: Level
    names: Mapping[str, str] = field(default_factory=dict)
    label: str = ""


@dataclass
class _Place:
    """Province and district under which the rows stand, while walking down."""

    province: str = ""
    province_code: str = ""
    district: str = ""
    district_code: str = ""

    def enter_province(self, name: str) -> None:
        if name != self.province:
            self.province, self.province_code, self.district, self.district_code = name, "", "", ""

    def enter_district(self, name: str) -> None:
        if name != self.district:
            self.district, self.district_code = name, ""


class _Walk:
    """A walk down the rows of one table."""

    def __init__(self, grid: Grid, header: Header, meanings: Meanings, date: datetime.date | None) -> None:
        self.grid, self.header, self.meanings = grid, header, meanings
        self.columns = meanings.columns
        self.districts = date is None or date < REFORM
        self.place = _Place()
        self.identity = {name: self.columns[name] for name in IDENTITY if name in self.columns}
        self.figures = [c for name, c in self.columns.items() if name not in self.identity]
        if not self.figures:
            skip = {*self.identity.values(), meanings.serial}
            self.figures = [c for c in range(grid.width) if c not in skip]
        self.after_notes = False

    def row(self, r: int) -> UnitRow | None:
        texts = self.grid.texts(r)
        if not texts:
            return None
        read = {name: self.grid.text(r, c) for name, c in self.identity.items()}
        if not read.get("commune_name") and not _like_a_code(read.get("commune_code", "")):
            read.pop("commune_code", None)  # «Tổng cộng» or a note, written into the first column
        code, name = read.get("commune_code", ""), read.get("commune_name", "")
        has_figures = any(is_number(self.grid.value(r, c)) for c in self.figures)
        first = texts[0][1]
        if self._is_header_again(texts):
            return UnitRow(r, "header", label=first)
        if _is_code(code):
            return self._commune(r, read)
        if not has_figures and (self.after_notes or _NOTE.match(first)) and not (is_commune_name(name) or code):
            self.after_notes = True
            return UnitRow(r, "note", label=first)
        return self._by_name(r, read, name, has_figures, first)

    def _by_name(self, r: int, read: dict[str, str], name: str, has_figures: bool, first: str) -> UnitRow:
        serial = self.grid.text(r, self.meanings.serial) if self.meanings.serial is not None else ""
        for column in ("province_name", "district_name"):
            if not name and (text := read.get(column, "")) and (SUM_SUFFIX.search(text) or TOTAL.match(text)):
                return self._summary(r, read, text, "province" if column == "province_name" else "district")
        if name:
            if is_commune_name(name):
                return self._commune(r, read)
            if is_heading(name) or (ROMAN.match(serial) and self._has_arabic_serials):
                return self._summary(r, read, name, None)
            return self._commune(r, read)
        if read.get("commune_code"):
            return self._commune(r, read)
        label = next((text for _, text in self.grid.texts(r) if is_heading(text)), "")
        if label:
            return self._summary(r, read, label, None)
        named = read.get("district_name") or read.get("province_name")
        if named and has_figures:  # a unit without communes, or the unit's own figures
            return self._summary(r, read, named, "district" if read.get("district_name") else "province")
        cells = self.grid.texts(r)
        if len(cells) == 1 and cells[0][0] == self.meanings.serial:  # an empty line of a form, numbered ahead
            return UnitRow(r, "note", label=first)
        if not has_figures and len(cells) == 1:
            return UnitRow(r, "unnamed" if is_number(self.grid.value(r, cells[0][0])) else "section", label=first)
        return UnitRow(r, "unnamed", self._filled(read), first)

    def _summary(self, r: int, read: dict[str, str], label: str, level: Level | None) -> UnitRow:
        """Read a total or a heading, and enter the province or district that it names."""
        bare = SUM_SUFFIX.sub("", label).strip()
        bare = bare if DISTRICT.match(bare) else ORDINAL.sub("", bare)
        total = TOTAL.match(bare)
        named = bare[total.end() :].strip(" :;,()") if total else bare
        if total and not named:
            own = next((name for name in ("district_name", "province_name") if read.get(name)), None)
            if own is None or read[own] == label:
                return UnitRow(r, "total", label=label)
            named, level = _without_sum(read[own]), "district" if own == "district_name" else "province"
        if level is None:
            level = self._level_of(named)
        elif level == "district" and read.get("province_name"):
            self.place.enter_province(_without_sum(read["province_name"]))
        if level == "province":
            self.place.enter_province(named)
        elif level == "district":
            self.place.enter_district(named)
        here = {"province_name": self.place.province}
        if level == "district":
            here["district_name"] = self.place.district
        return UnitRow(r, level, {name: text for name, text in here.items() if text}, label)

    def _level_of(self, named: str) -> Level:
        if PROVINCE.match(named) or CITIES.match(named):
            return "province"
        if NEW_CITIES.match(named) and not self.districts:
            return "province"
        if DISTRICT.match(named):
            ended = not self.districts and not named.lower().startswith(("huyện", "quận", "thị xã"))
            return "province" if ended else "district"
        return "section"

    def _commune(self, r: int, read: dict[str, str]) -> UnitRow:
        return UnitRow(r, "commune", self._filled(read))

    def _filled(self, read: dict[str, str]) -> dict[str, str]:
        """Fill province and district down from the rows above; a new province or district starts afresh."""
        place = self.place
        if text := _without_sum(read.get("province_name", "")):
            place.enter_province(text)
        if text := read.get("province_code", ""):
            if text != place.province_code and place.province_code and not read.get("province_name"):
                place.enter_province("")
            place.province_code = text
        if text := _without_sum(read.get("district_name", "")):
            place.enter_district(text)
        if text := read.get("district_code", ""):
            place.district_code = text
        filled = {
            "province_name": place.province,
            "province_code": place.province_code,
            "district_name": place.district,
            "district_code": place.district_code,
        }
        names = read | {name: text for name, text in filled.items() if text}
        return {name: text for name, text in names.items() if text}

    @property
    def _has_arabic_serials(self) -> bool:
        serial = self.meanings.serial
        if serial is None:
            return False
        rows = range(self.header.first_data, self.grid.height)
        return any(self.grid.text(r, serial).isdigit() for r in rows)

    def _is_header_again(self, texts: list[tuple[int, str]]) -> bool:
        """Tell whether a row repeats the header, as at the top of every printed page."""
        if len(texts) < 2:
            return False
        return all(text in self.header.parts[c] for c, text in texts)


def read_rows(
    grid: Grid, header: Header, meanings: Meanings, date: datetime.date | None, place: Mapping[str, str]
) -> tuple[list[UnitRow], list[Issue]]:
    """Classify every row below the header.

    Parameters
    ----------
    grid, header, meanings
        The table.
    date : date or None
        From 1 July 2025 there are no districts: a city named in a heading is a province.
    place : mapping
        ``file`` and ``sheet``, for issues.

    Returns
    -------
    list of UnitRow
        Every row that is not blank, in the file's order.
    list of Issue
        Notes, repeated headers, rows that name no commune.
    """
    walk = _Walk(grid, header, meanings, date)
    rows = [row for r in range(header.first_data, grid.height) if (row := walk.row(r)) is not None]
    rows, issues = _districts_without_communes(rows, walk, place)
    for row in rows:
        at = {**place, "row": str(row.at + 1), "value": row.label[:120]}
        if row.level == "note":
            issues.append(Issue.of("info", "sheets.note_row", **at))
        elif row.level == "header":
            issues.append(Issue.of("info", "sheets.header_again", **at))
        elif row.level == "unnamed":
            issues.append(Issue.of("error", "sheets.unnamed_row", **at))
        elif row.level == "section":
            issues.append(Issue.of("info", "sheets.section_row", **at))
    return rows, issues


def _districts_without_communes(
    rows: list[UnitRow], walk: _Walk, place: Mapping[str, str]
) -> tuple[list[UnitRow], list[Issue]]:
    """Take a district that stands for itself as a unit: island districts had no communes below them.

    Only where the file tells totals by a word (``(Tổng số)``) and this district lacks it.
    """
    sums = any(row.level == "district" and SUM_SUFFIX.search(row.label) for row in rows)
    with_communes = {
        (row.names.get("province_name"), row.names.get("district_name")) for row in rows if row.level == "commune"
    }
    issues: list[Issue] = []
    for i, row in enumerate(rows):
        key = (row.names.get("province_name"), row.names.get("district_name"))
        alone = sums and row.level == "district" and not SUM_SUFFIX.search(row.label) and key not in with_communes
        if alone and any(is_number(walk.grid.value(row.at, c)) for c in walk.figures):
            rows[i] = UnitRow(row.at, "commune", {**row.names, "commune_name": row.label})
            at = {**place, "row": str(row.at + 1), "value": row.label}
            issues.append(Issue.of("info", "sheets.district_is_unit", **at))
    return rows, issues


def _without_sum(text: str) -> str:
    return SUM_SUFFIX.sub("", text).strip()


def _is_code(text: str) -> bool:
    return len(text) == 5 and text.isascii() and text.isdigit()


def _like_a_code(text: str) -> bool:
    """Tell whether a text stands for a code, if perhaps a wrong one: one word with a digit in it."""
    return " " not in text and any(letter.isdigit() for letter in text)
