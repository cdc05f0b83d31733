"""``phu-luc.xlsx``: the lists of decisions on A4, as Decree 30/2020/NĐ-CP lays documents out; totals stay live.

Each list is a sheet that can be signed as it is. Units that cannot be judged yet stand on a sheet of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from geontm.publish.annex import (
    MARK,
    Annex,
    AnnexCell,
    AnnexColumn,
    AnnexGroup,
    AnnexList,
    AnnexTotal,
    annex_table,
    letters_of,
    share_out,
)
from geontm.publish.books.book import Book, foot_text
from geontm.publish.books.heads import lines_in
from geontm.publish.content import Content

__all__ = ["write_annex"]

_FONT, _SIZE = "Times New Roman", 13
_HEAD_ROW = 5
_PORTRAIT, _LANDSCAPE = 78.0, 121.0  # columns that fill an A4 page between these margins, unscaled
_NUMBER = 6.0  # width of the column of numbers
_MARGINS = {"left": 1.19, "right": 0.6, "top": 0.8, "bottom": 0.8}  # inches: 30, 15, 20, 20 mm
_CHARACTER = 1.12  # width of a letter at 13 pt in the unit of columns
_PAGE_PORTRAIT, _PAGE_LANDSCAPE = 715.0, 470.0  # room for rows between the margins, in points
_SIGNATURE = 52.0  # width of the signatory's column
_LINE = 16.5  # height of a line of 13 pt


def write_annex(content: Content, path: Path) -> Path:
    """Write ``phu-luc.xlsx``, a sheet per list.

    Parameters
    ----------
    content : Content
        See :func:`geontm.publish.annex.annex_table`.
    path : Path
        The ``.xlsx`` to write. The same content gives the same bytes.

    References
    ----------
    .. [1] Decree 30/2020/NĐ-CP, Annex I: Times New Roman, 13 and 14 pt; margins 20, 20, 30 and 15 mm; page numbers in
       the middle of the head.
    """
    annex = annex_table(content)
    with Book(path, title=content.title, day=content.as_of, lang=content.lang, font=_FONT, size=_SIZE) as book:
        for each in annex.lists:
            sheet, _ = book.add(each.number)
            _Page(book, sheet, annex, each, each.columns, each.groups).write_list()
            if each.undecided:
                sheet, _ = book.add(book.words("annex_sheet_undecided", number=each.number))
                _Page(book, sheet, annex, each, each.undecided_columns, each.undecided).write_undecided()
        if not annex.lists:
            sheet, _ = book.add(book.words("annex_only"))
            sheet.write_string(0, 0, annex.empty, book.format())
    return path


@dataclass(frozen=True, eq=False)
class _Page:
    """A sheet of the annex: what stands in it depends on its columns."""

    book: Book
    sheet: Any
    annex: Annex
    each: AnnexList
    columns: Sequence[AnnexColumn]
    groups: Sequence[AnnexGroup]
    heights: dict[int, float] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return 1 + len(self.columns)

    @cached_property
    def widths(self) -> list[float]:
        """Widths of all columns, which fill the page."""
        whole = _LANDSCAPE if self.each.wide else _PORTRAIT
        needs = letters_of(self.columns, self.groups, self.annex.no_figure)
        return [_NUMBER, *share_out([_CHARACTER * letters + 2 for letters in needs], whole - _NUMBER)]

    def write_list(self) -> None:
        """Write title, table, totals, notes and the signature block."""
        each = self.each
        warnings, notes = (each.notes[:1], each.notes[1:]) if each.illustrative else ((), each.notes)
        self._open(each.heading, [each.attached, *warnings])
        # Under one province its total is the whole.
        row = self._write_table(each.groups, each.groups[0].total if len(each.groups) == 1 else each.total)
        # The last units go with the total and the signature.
        kept = max(_HEAD_ROW + 1, row - 4)
        for note in notes:
            row = self._line(row, note, italic=True, font_size=12)
        self._sign(row + 1)
        self._keep_together(kept, row + 8)

    def write_undecided(self) -> None:
        """Write the units that cannot be judged yet, with what is missing."""
        each = self.each
        # The warning stands first among the notes.
        warnings = each.notes[:1] if each.illustrative else ()
        self._open(each.undecided_heading.upper(), [f"({each.heading})", *warnings])
        row = self._write_table(each.undecided, None)
        for note in each.undecided_notes:
            row = self._line(row, note, italic=True, font_size=12)

    def _open(self, title: str, under: Sequence[str]) -> None:
        book, sheet = self.book, self.sheet
        for place, width in enumerate(self.widths):
            sheet.set_column(place, place, width)
        sheet.set_paper(9)
        if self.each.wide:
            sheet.set_landscape()
        # Not fitted to the page: letters keep their size, and Excel would ignore the break before a signature.
        sheet.center_horizontally()
        sheet.set_margins(**_MARGINS)
        sheet.set_header(f'&C&"{_FONT},Regular"&13&P')
        sheet.set_footer(f'&L&"{_FONT},Regular"&8 {foot_text(self.annex.footer)}')
        sheet.set_start_page(1)
        sheet.repeat_rows(_HEAD_ROW)
        sheet.hide_gridlines(2)
        self._line(0, self.each.number, bold=True, font_size=14, align="center")
        self._line(1, title, bold=True, font_size=14, align="center")
        for row, text in enumerate(under, start=2):
            self._line(row, text, italic=True, bold=row > 2, font_size=13, align="center")
        heads = (*self.each.head, *(column.label for column in self.columns))
        style = book.format(bold=True, border=1, align="center", valign="vcenter", text_wrap=True)
        for place, text in enumerate(heads):
            sheet.write_string(_HEAD_ROW, place, text, style)
        lines = max(_lines(text, width, bold=True) for text, width in zip(heads, self.widths, strict=True))
        self._tall(_HEAD_ROW, _LINE * lines + 6)
        sheet.freeze_panes(_HEAD_ROW + 1, 0)

    def _line(self, row: int, text: str, **properties: Any) -> int:
        """Write a line over the whole table; return the next row."""
        style = self.book.format(text_wrap=True, valign="vcenter", **properties)
        self.sheet.merge_range(row, 0, row, self.last, "", style)
        self.sheet.write_string(row, 0, text, style)
        size = properties.get("font_size", _SIZE)
        lines = _lines(text, sum(self.widths) * _SIZE / size, bold=bool(properties.get("bold")))
        self._tall(row, _LINE * size / _SIZE * lines + 3)
        return row + 1

    def _write_table(self, groups: Sequence[AnnexGroup], total: AnnexTotal | None) -> int:
        """Write the provinces and their totals; return the row after the table."""
        row = _HEAD_ROW + 1
        if not groups:
            style = self.book.format(border=1, italic=True, align="center")
            self.sheet.merge_range(row, 0, row, self.last, "", style)
            self.sheet.write_string(row, 0, self.book.words("annex_nobody"), style)
            return row + 2
        spans, counts = [], []
        for group in groups:
            row = self._write_province(row, group)
            spans.append((row - len(group.rows), row - 1))
            if total is not None and len(groups) > 1:
                counts.append(row)
                row = self._write_total(row, group.total, spans[-1:], unit_cells=())
        if total is not None:
            row = self._write_total(row, total, spans, unit_cells=counts)
        return row + 1

    def _write_province(self, row: int, group: AnnexGroup) -> int:
        book, sheet = self.book, self.sheet
        bold = {"bold": True, "border": 1, "valign": "top"}
        sheet.write_string(row, 0, group.number, book.format(align="center", **bold))
        sheet.write_string(row, 1, group.name, book.format(text_wrap=True, **bold))
        for place in range(2, self.last + 1):
            sheet.write_blank(row, place, None, book.format(**bold))
        plain: dict[str, Any] = {"border": 1, "valign": "top"}
        middle = book.format(align="center", **plain)
        text = book.format(num_format="@", text_wrap=True, **plain)
        number = book.number(align="center", **plain)
        for at, each in enumerate(group.rows, start=row + 1):
            sheet.write_number(at, 0, each.number, middle)
            sheet.write_string(at, 1, each.name, text)
            for place, (column, cell) in enumerate(zip(self.columns, each.cells, strict=True), start=2):
                self._write_cell(at, place, column, cell, (text, middle, number))
            texts = ("", each.name, *(cell if isinstance(cell, str) else "" for cell in each.cells))
            lines = max(_lines(each_text, width) for each_text, width in zip(texts, self.widths, strict=True))
            self._tall(at, _LINE * lines + 2)
        return row + 1 + len(group.rows)

    def _write_cell(
        self, row: int, place: int, column: AnnexColumn, cell: AnnexCell, styles: tuple[Any, Any, Any]
    ) -> None:
        text, middle, number = styles
        if isinstance(cell, int):
            self.sheet.write_number(row, place, cell, number)
        elif column.kind == "text":
            self.sheet.write_string(row, place, self.annex.no_figure if cell is None else cell, text)
        else:
            self.sheet.write_string(row, place, self.annex.no_figure if cell is None else cell, middle)

    def _write_total(
        self, row: int, total: AnnexTotal, spans: Sequence[tuple[int, int]], *, unit_cells: Sequence[int]
    ) -> int:
        """Write a line of totals over the rows ``spans``; ``unit_cells`` are the rows of the totals that it adds up."""
        book, sheet = self.book, self.sheet
        bold: dict[str, Any] = {
            "bold": True,
            "border": 1,
            "valign": "vcenter",
            "text_wrap": True,
            "bg_color": "#F2F2F2",
        }
        units = book.format(num_format=f'"{total.label}: "#,##0" {total.of}"', align="left", indent=1, **bold)
        if unit_cells:
            formula = "=" + "+".join(xl_rowcol_to_cell(each, 0) for each in unit_cells)
        else:
            formula = f"=COUNTA({xl_range(spans[0][0], 1, spans[0][1], 1)})"
        # Over both columns: a number that does not fit is shown as ###.
        sheet.merge_range(row, 0, row, 1, "", units)
        sheet.write_formula(row, 0, formula, units, total.units)
        for place, (column, text) in enumerate(zip(self.columns, total.cells, strict=True), start=2):
            ranges = [xl_range(first, place, last, place) for first, last in spans]
            style = book.number(align="center", **bold)
            formula = self._formula(column, ranges, units=xl_rowcol_to_cell(row, 0))
            if not formula:
                sheet.write_blank(row, place, None, style)
                continue
            if column.kind == "choice":
                text = text.replace("; ", "\n")
            plain = text.replace(".", "").replace(",", "")
            sheet.write_formula(row, place, formula, style, int(plain) if plain.isdigit() else text)
        lines = max((len(column.choices) for column in self.columns), default=0)
        self._tall(row, _LINE * max(1, lines) + 3)
        return row + 1

    def _formula(self, column: AnnexColumn, ranges: Sequence[str], *, units: str) -> str:
        """Return the formula of a total; empty for text."""
        if column.kind == "mark":
            return "=" + _count(ranges, MARK)
        if column.kind == "choice":
            return "=" + "&CHAR(10)&".join(f'"{choice}: "&({_count(ranges, choice)})' for choice in column.choices)
        if column.kind == "count":
            cells = ",".join(ranges)
            at_least = self.book.words("annex_at_least_before")
            open_sum = f'IF(COUNT({cells})={units},SUM({cells}),"{at_least}"&FIXED(SUM({cells}),0))'
            return f'=IF(COUNT({cells})=0,"{self.annex.no_figure}",{open_sum})'
        return ""

    def _tall(self, row: int, points: float) -> None:
        self.sheet.set_row(row, points)
        self.heights[row] = points

    def _keep_together(self, first: int, last: int) -> None:
        """Break the page before the row ``first`` where it would else break between it and ``last``.

        A signature never stands on a page without the end of its list.
        """
        page = _PAGE_LANDSCAPE if self.each.wide else _PAGE_PORTRAIT
        used = 0.0
        for row in range(last + 1):
            height = self.heights.get(row, 15.75)
            if used + height > page:
                used = self.heights[_HEAD_ROW]  # repeated
                if row > first:
                    self.sheet.set_h_pagebreaks([first])
                    return
            used += height

    def _sign(self, row: int) -> None:
        """Write recipients on the left and the signatory on the right."""
        book, sheet, annex = self.book, self.sheet, self.annex
        room = [place for place in range(2, self.last + 1) if sum(self.widths[place:]) >= _SIGNATURE]
        middle = max(room, default=2)
        for at, text in enumerate(annex.recipients, start=row):
            style = book.format(bold=at == row, italic=at == row, font_size=12 if at == row else 11, valign="top")
            sheet.write_string(at, 0, text, style)
        # Room for the signature lies between the last two lines.
        looks: tuple[dict[str, Any], ...] = ({"bold": True}, {"italic": True}, {"bold": True})
        for down, text, look in zip((0, 1, 6), annex.signer, looks, strict=True):
            style = book.format(align="center", valign="top", text_wrap=True, **look)
            place = row + down
            if self.last > middle:
                sheet.merge_range(place, middle, place, self.last, "", style)
            sheet.write_string(place, middle, text, style)
            self._tall(place, _LINE * _lines(text, sum(self.widths[middle:]), bold=True) + 2)


def _count(ranges: Sequence[str], word: str) -> str:
    return "+".join(f'COUNTIF({cells},"{word}")' for cells in ranges)


def _lines(text: str, width: float, *, bold: bool = False) -> int:
    """Estimate the lines of a text in a width: neither merged cells nor LibreOffice grow rows by themselves."""
    wide = 1.3 if text.isupper() else 1.0
    # Dots to be filled in are narrow.
    return lines_in(text.replace("..", "."), width / (_CHARACTER * wide * (1.08 if bold else 1.0)))
