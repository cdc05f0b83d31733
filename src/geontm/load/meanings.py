"""Tells what each column of a table means: by the project file, else by the dictionary's spellings, never by guess."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from geontm.errors import TableError
from geontm.load.cells import column_letter
from geontm.load.header import Grid, Header
from geontm.load.unit_words import is_commune_name
from geontm.load.units import factor, split_unit, stated_unit
from geontm.tables import Column, Issue, Table
from geontm.tables.columns import spelling_key

__all__ = ["IDENTITY", "Meanings", "find_meanings"]

IDENTITY = (
    "commune_code", "commune_name", "kind", "district_code", "district_name", "province_code", "province_name",
)  # fmt: skip
_CODE_OF = {"commune_name": "commune_code", "district_name": "district_code", "province_name": "province_code"}
_CODE_DIGITS = {"commune_code": (4, 5), "district_code": (1, 3), "province_code": (1, 2)}
_SERIAL = {spelling_key(text) for text in ("STT", "TT", "Số TT", "Số thứ tự", "Stt.", "#", "No", "No.")}
_TOTAL = {spelling_key(text) for text in ("Tổng số", "Tổng", "Tổng cộng", "Cộng", "Chung", "Toàn xã")}
_SAYS_COMMUNE = re.compile(r"\b(?:xã|phường|xa|commune|ward)\b")
_YEAR = re.compile(r"^(?:năm )?(?:19|20)\d\d$")
_NEUTRAL = re.compile(
    r"^(?:năm \d{4}|\d{4}|chỉ tiêu|thông tin chung|địa chỉ|địa bàn|đơn vị hành chính|đơn vị|trong đó|số liệu.*|"
    r"kết quả.*|thực hiện.*|hiện trạng.*|biểu.*)$"
)


@dataclass(frozen=True)
class Meanings:
    """What the columns mean.

    Attributes
    ----------
    columns : mapping of dictionary name to column index
    headers : mapping of dictionary name to the header as found
    factors : mapping of dictionary name to float
        What one unit of the file is worth in the dictionary's unit, where not 1.
    serial : int or None
        The column that numbers the rows.
    unread : tuple of str
        Headers of columns that hold something and mean nothing known.
    issues : tuple of Issue
    """

    columns: Mapping[str, int]
    headers: Mapping[str, str]
    factors: Mapping[str, float] = field(default_factory=dict)
    serial: int | None = None
    unread: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


class _Finder:
    """One pass over the columns of a table; collects while it goes."""

    def __init__(self, grid: Grid, header: Header, tables: tuple[Table, Table], place: Mapping[str, str]) -> None:
        self.grid, self.header, self.tables, self.place = grid, header, tables, dict(place)
        self.columns: dict[str, int] = {}
        self.factors: dict[str, float] = {}
        self.refused: set[int] = set()
        self.issues: list[Issue] = []
        titles = " ; ".join(grid.text(r, c) for r in range(header.top) for c, _ in grid.texts(r))
        self.table_unit = stated_unit(titles)

    def note(self, severity: Literal["error", "warning", "info"], message: str, column: int, **values: object) -> None:
        name = self.header.text(column) or column_letter(column)
        self.issues.append(Issue.of(severity, message, **{**self.place, "column": name}, **values))

    def cells(self, column: int) -> list[str]:
        rows = range(self.header.first_data, self.grid.height)
        return [text for r in rows if (text := self.grid.text(r, column))]

    def entry(self, name: str) -> Column:
        return self.tables[0][name] if name in self.tables[0] else self.tables[1][name]

    def by_name(self, wanted: str, name: str) -> None:
        """Take the column whose header the project file names."""
        texts = {c: self.header.text(c) for c in range(self.grid.width) if self.header.text(c)}
        key = spelling_key(wanted)
        hits = [c for c, text in texts.items() if spelling_key(text) == key]
        hits = hits or [c for c, text in texts.items() if spelling_key(split_unit(text)[0]) == key]
        hits = hits or [c for c in texts if key in (spelling_key(part) for part in self.header.parts[c])]
        if len(hits) != 1:
            near = difflib.get_close_matches(wanted, texts.values(), n=1, cutoff=0.5)
            raise TableError(
                "sheets.named_twice" if hits else "sheets.named_missing",
                where=" / ".join(filter(None, self.place.values())),
                name=wanted,
                found=" | ".join([texts[c] for c in hits] or texts.values()),
                near=near[0] if near else "–",
            )
        self.columns[name] = hits[0]
        if name in self.tables[1]:
            self.take_unit(name, hits[0])

    def by_spelling(self, taken: set[int]) -> None:
        """Give every other column the meaning that the dictionary finds for its header."""
        wanted: dict[str, list[int]] = defaultdict(list)
        for c in range(self.grid.width):
            name = None if c in taken else self.meaning(self.header.parts[c])
            if name is None:
                continue
            name = self.by_digits(name, c)
            if name is not None and name not in self.columns:
                wanted[name].append(c)
        for name, found in wanted.items():
            filled = [c for c in found if self.cells(c)] or found
            if name == "commune_name" and len(filled) > 1:
                filled = self.likeliest_names(filled)
            if len(filled) > 1:
                for c in filled:
                    self.refused.add(c)
                    other = " | ".join(self.header.text(x) for x in filled)
                    self.note("error", "sheets.two_columns", c, name=self.entry(name).label, found=other)
                continue
            if name in self.tables[1] and not self.take_unit(name, filled[0]):
                self.refused.add(filled[0])
                continue
            self.columns[name] = filled[0]

    def likeliest_names(self, columns: list[int]) -> list[int]:
        """Leave the columns that surely hold commune names, by their cells or by the word «xã» in their header."""
        sure = [c for c in columns if 2 * sum(map(is_commune_name, self.cells(c))) > len(self.cells(c))]
        sure = sure or [c for c in columns if _SAYS_COMMUNE.search(spelling_key(self.header.text(c)))]
        return sure or columns

    def meaning(self, parts: Sequence[str]) -> str | None:
        """Return the dictionary name of a header of one or more rows.

        A sub-header alone means something only under a heading that adds nothing (``Địa chỉ``, ``Năm 2024``): ``Số hộ``
        under ``Hộ nghèo`` is not the number of households.
        """
        parts = [part for part in parts if part]
        while len(parts) > 1 and _NEUTRAL.match(spelling_key(parts[0])):
            parts = parts[1:]
        while len(parts) > 1 and _YEAR.match(spelling_key(parts[-1])):
            parts = parts[:-1]
        if not parts:
            return None
        identifiers, indicators = self.tables
        tries = [" ".join(parts), " ".join(reversed(parts))]
        if len(parts) > 1 and spelling_key(split_unit(parts[-1])[0]) in {*_TOTAL, ""}:
            tries.append(" ".join(parts[:-1]))
        for text in tries:
            bare = split_unit(text)[0]
            bare_reversed = " ".join(split_unit(part)[0] for part in reversed(parts))
            for spelling in (text, bare, bare_reversed):
                name = identifiers.find(spelling)
                if name in IDENTITY:
                    return name
                if (name := indicators.find(spelling)) is not None:
                    return name
        name = identifiers.find(split_unit(parts[-1])[0])
        if name in IDENTITY:
            return name
        alike = {indicators.find(part) or indicators.find(split_unit(part)[0]) for part in parts}
        return alike.pop() if len(alike) == 1 else None

    def by_digits(self, name: str, column: int) -> str | None:
        """Let the cells decide between a name and its code, which many files head alike (``Xã``, ``Tỉnh``)."""
        cells = self.cells(column)
        if name in _CODE_OF and cells and sum(_is_code(text, _CODE_OF[name]) for text in cells) > 0.8 * len(cells):
            return _CODE_OF[name]
        if name in _CODE_DIGITS and cells:
            if sum(_is_code(text, name) for text in cells) >= 0.5 * len(cells) and not _counts_rows(cells):
                return name
            self.refused.add(column)
            self.note("warning", "sheets.not_codes", column, value=cells[0], name=self.entry(name).label)
            return None
        return name

    def take_unit(self, name: str, column: int) -> bool:
        """Learn what one unit of the column is worth; False where it measures something else."""
        own = split_unit(self.header.text(column))[1]
        unit = self.entry(name).unit
        worth = factor(own, unit) if own else factor(self.table_unit, unit) if self.table_unit and unit else 1.0
        if own and unit and worth is None:
            self.note("error", "sheets.other_unit", column, unit=own, wanted=unit, name=self.entry(name).label)
            return False
        if worth and worth != 1.0:
            self.factors[name] = worth
            self.note("info", "sheets.unit_converted", column, unit=own or self.table_unit, wanted=unit, factor=worth)
        return True

    def by_content(self) -> None:
        """Find district and province columns that have no header, left of commune names found by their kinds."""
        for c in range(self.header.commune_column - 1, -1, -1):
            if self.header.text(c) or not (cells := self.cells(c)):
                continue
            folded = [text.casefold() for text in cells]
            provinces = ("tỉnh ", "thành phố ", "tp", "tổng")
            if "district_name" not in self.columns and any(text.startswith(("huyện ", "quận ")) for text in folded):
                self.columns["district_name"] = c
            elif "province_name" not in self.columns and all(text.startswith(provinces) for text in folded):
                self.columns["province_name"] = c


def find_meanings(
    grid: Grid,
    header: Header,
    tables: tuple[Table, Table],
    named: Mapping[str, str],
    place: Mapping[str, str],
) -> Meanings:
    """Tell the meaning of every column.

    Parameters
    ----------
    grid, header
        The sheet and the header found in it.
    tables : (identifiers, indicators)
    named : mapping of dictionary name to header
        What the project file says; it outranks the dictionary.
    place : mapping
        ``file`` and ``sheet``, for issues.

    Raises
    ------
    TableError
        A header that the project file names is not there, or stands over several columns.
    """
    finder = _Finder(grid, header, tables, place)
    for name, wanted in named.items():
        finder.by_name(wanted, name)
    serial = next((c for c in range(grid.width) if spelling_key(header.text(c)) in _SERIAL), None)
    finder.by_spelling({*finder.columns.values(), *([] if serial is None else [serial])})
    if header.by_content and "commune_name" not in finder.columns:
        finder.columns["commune_name"] = header.commune_column
        finder.note(
            "info", "sheets.found_by_content", header.commune_column, letter=column_letter(header.commune_column)
        )
    if header.by_content:
        finder.by_content()
    known = {*finder.columns.values(), *finder.refused, *([] if serial is None else [serial])}
    unread = [c for c in range(grid.width) if c not in known and finder.cells(c)]
    texts = {c: header.text(c) or column_letter(c) for c in range(grid.width)}
    for c in unread:
        finder.note("info", "sheets.unread_column", c, header=texts[c])
    return Meanings(
        columns=finder.columns,
        headers={name: texts[c] for name, c in finder.columns.items()},
        factors=finder.factors,
        serial=serial,
        unread=tuple(texts[c] for c in unread),
        issues=tuple(finder.issues),
    )


def _is_code(text: str, name: str) -> bool:
    least, most = _CODE_DIGITS[name]
    return text.isascii() and text.isdigit() and least <= len(text) <= most


def _counts_rows(cells: Sequence[str]) -> bool:
    """Tell whether numbers only count the rows from 1."""
    numbers = [int(text) for text in cells if text.isdigit()]
    return len(numbers) >= 3 and numbers == list(range(1, len(numbers) + 1))
