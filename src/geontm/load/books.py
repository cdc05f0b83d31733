"""Opens workbooks and delimited text from anywhere: what a file is, is told by its first bytes, and limits hold.

A :class:`Book` is what the file says and nothing more; :mod:`geontm.load.unicode_books` turns its texts into Unicode.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import python_calamine
import xlrd
from defusedxml import DefusedXmlException, ElementTree

from geontm.errors import SourceError
from geontm.load.csv_files import read_delimited
from geontm.load.legacy_fonts import Font, font_of
from geontm.load.xlsx_styles import PERCENT_FORMATS, CellStyles, column_index, read_styles
from geontm.tables import Issue

__all__ = ["Book", "Limits", "Sheet", "Span", "Value", "open_bytes", "read_book"]

Value: TypeAlias = "str | float | int | bool | datetime.date | datetime.time | datetime.timedelta | None"

_MB = 1_000_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CELL_REF = re.compile(rb"""<(?:\w+:)?(?:c|row)\b[^>]*?\sr=["']([A-Z]{0,3})(\d{1,9})["']""")
_ODS_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


@dataclass(frozen=True)
class Limits:
    """What an input may cost at most; real commune tables stay far below."""

    file_bytes: int = 200_000_000
    unpacked_bytes: int = 1_000_000_000
    packing_ratio: int = 400
    members: int = 5_000
    cells: int = 12_000_000


@dataclass(frozen=True)
class Span:
    """A stretch of a cell's text from ``start`` to before ``end``, under one font."""

    start: int
    end: int
    font: Font


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet; row and column indices count from 0.

    Attributes
    ----------
    name : str
    rows : tuple of lists
        Values as stored; an empty cell is None. Rows may differ in length.
    merged : tuple of (first row, row after the last, first column, column after the last)
    fonts : mapping of (row, column) to spans
        For text cells with a legacy font in them. `.xls` tells the font of every stretch, `.xlsx` that of the cell.
    percents : frozenset of (row, column)
        Numbers shown as percent, stored as fractions; `.xls` and `.xlsx` tell.
    """

    name: str
    rows: tuple[list[Value], ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    fonts: Mapping[tuple[int, int], tuple[Span, ...]] = field(default_factory=dict)
    percents: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Book:
    """A workbook, or a text file as a book of one sheet.

    Attributes
    ----------
    path : Path
    kind : {"xls", "xlsx", "ods", "csv"}
        What the file is by its content.
    sheets : tuple of Sheet
    issues : tuple of Issue
        What reading itself had to decide, such as the encoding of a text file.
    """

    path: Path
    kind: str
    sheets: tuple[Sheet, ...]
    issues: tuple[Issue, ...] = ()


def read_book(path: Path, *, limits: Limits | None = None) -> Book:
    """Read every sheet of a file.

    Parameters
    ----------
    path : Path
        `.xlsx`, `.xlsm`, `.ods`, `.xls`, or delimited text; the first bytes decide, not the extension.
    limits : Limits, optional
        What the file may cost.

    Raises
    ------
    SourceError
        The file is missing, empty, damaged, protected, of another kind (a web page named `.xls`, a database), holds
        XML entities, or passes a limit.
    """
    limits = limits or Limits()
    data, kind = open_bytes(path, limits)
    try:
        if kind == "csv":
            rows, issues = read_delimited(data, path)
            _check_cells(path, sum(map(len, rows)), limits)
            return Book(path, kind, (Sheet(path.stem, rows),), issues)
        sheets = _read_xls(data, path, limits) if kind == "xls" else _read_zipped(data, kind, path, limits)
    except SourceError:
        raise
    except DefusedXmlException as hostile:
        raise SourceError("sheets.entities", where=path, file=path.name, part="content.xml") from hostile
    except BaseException as broken:
        # Damaged workbooks break their readers in every way there is, panics of compiled code among them; to the
        # planner they are one. What stops the program passes.
        if not isinstance(broken, Exception) and type(broken).__name__ != "PanicException":
            raise
        protected = isinstance(broken, python_calamine.PasswordError) or "encrypt" in str(broken).lower()
        message, detail = ("protected", "") if protected else ("damaged", str(broken) or type(broken).__name__)
        raise SourceError(f"sheets.{message}", where=path, file=path.name, detail=detail[:200]) from broken
    return Book(path, kind, sheets)


def open_bytes(path: Path, limits: Limits) -> tuple[bytes, str]:
    """Return the bytes of a file and what it is by them: ``"xls"``, ``"xlsx"``, ``"ods"`` or ``"csv"``.

    Raises
    ------
    SourceError
        The file is missing, empty, too large, or of a kind that is not read.
    """
    data = _bytes(path, limits)
    return data, _kind(data, path)


def _bytes(path: Path, limits: Limits) -> bytes:
    if not path.exists():
        raise SourceError("sheets.missing", where=path, file=path.name)
    if not path.is_file():
        raise SourceError("sheets.not_a_file", where=path, file=path.name)
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise SourceError(
            "sheets.too_large", where=path, file=path.name, size=size / _MB, limit=limits.file_bytes / _MB
        )
    try:
        data = path.read_bytes()
    except OSError as broken:
        raise SourceError("sheets.damaged", where=path, file=path.name, detail=broken.strerror or "") from broken
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SourceError("sheets.empty", where=path, file=path.name)
    return data


def _kind(data: bytes, path: Path) -> str:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(_ZIP):
        return _zip_kind(data, path)
    if data.startswith(_OLE) or data[:3] in (b"\x09\x08\x08", b"\x09\x08\x10", b"\x09\x04\x06"):
        return "xls"
    page = (b"<html", b"<!doctype html", b"<table", b"<head", b"<meta", b"<style", b"<div", b"mime-version:")
    if head.startswith(page) or (head.startswith(b"<?xml") and b"<html" in head):
        raise SourceError("sheets.web_page", where=path, file=path.name)
    if head.startswith(b"<"):
        raise SourceError("sheets.markup", where=path, file=path.name)
    foreign = (
        b"%pdf",
        b"\x89png",
        b"\xff\xd8\xff",
        b"gif8",
        b"sqlite format 3",
        b"rar!",
        b"7z\xbc\xaf",
        b"\x1f\x8b",
        b"par1",
    )
    if head.startswith(foreign):
        raise SourceError("sheets.other_kind", where=path, file=path.name)
    return "csv"


def _zip_kind(data: bytes, path: Path) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = set(packed.namelist())
            mimetype = packed.read("mimetype")[:80] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as broken:
        raise SourceError("sheets.damaged", where=path, file=path.name, detail=str(broken)) from broken
    if any(name.lower() == "xl/workbook.xml" for name in names):
        return "xlsx"
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    raise SourceError("sheets.other_kind", where=path, file=path.name)


def _read_zipped(data: bytes, kind: str, path: Path, limits: Limits) -> tuple[Sheet, ...]:
    _check_zip(data, kind, path, limits)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        styles = read_styles(packed) if kind == "xlsx" else {}
    sheets = []
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for info in book.sheets_metadata:
            if info.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            found = book.get_sheet_by_name(info.name)
            _check_cells(path, found.total_height * found.total_width, limits)
            rows = tuple(
                [None if value == "" else value for value in row] for row in found.to_python(skip_empty_area=False)
            )
            merged = tuple((r0, r1 + 1, c0, c1 + 1) for (r0, c0), (r1, c1) in found.merged_cell_ranges or ())
            style = styles.get(info.name, CellStyles())
            for (r, c), shown in style.broken.items():
                if r < len(rows) and c < len(rows[r]) and rows[r][c] is None:
                    rows[r][c] = shown
            fonts = {
                (r, c): (Span(0, len(value), font),)
                for (r, c), font in style.fonts.items()
                if r < len(rows) and c < len(rows[r]) and isinstance(value := rows[r][c], str)
            }
            sheets.append(Sheet(info.name, rows, merged, fonts, style.percents))
    return tuple(sheets)


def _check_zip(data: bytes, kind: str, path: Path, limits: Limits) -> None:
    """Refuse what would unpack without end, expand entities, or spread two cells over billions of places."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = packed.infolist()
        unpacked = sum(member.file_size for member in members)
        if len(members) > limits.members or unpacked > limits.unpacked_bytes:
            raise SourceError(
                "sheets.bomb", where=path, file=path.name, size=unpacked / _MB, limit=limits.unpacked_bytes / _MB
            )
        if unpacked > 20_000_000 and unpacked > limits.packing_ratio * len(data):
            raise SourceError("sheets.bomb", where=path, file=path.name, size=unpacked / _MB, limit=len(data) / _MB)
        for member in members:
            name = member.filename.lower()
            if not name.endswith((".xml", ".rels", ".vml")):
                continue
            with packed.open(member) as part:
                _check_markup(part.read(65_536), name, path)
            if kind == "xlsx" and name.startswith("xl/worksheets/"):
                with packed.open(member) as part:
                    _check_cells(path, _xlsx_extent(part), limits)
            elif kind == "ods" and name == "content.xml":
                with packed.open(member) as part:
                    _check_cells(path, _ods_extent(part), limits)


def _check_markup(start: bytes, name: str, path: Path) -> None:
    plain = start.replace(b"\0", b"").lower()  # UTF-16 markup too
    if b"<!entity" in plain or (b"<!doctype" in plain and not name.startswith("meta-inf/")):
        raise SourceError("sheets.entities", where=path, file=path.name, part=name)


def _xlsx_extent(part: Any) -> int:
    """Return rows times columns that a sheet's farthest cells span: what a reader must allocate."""
    last_row = last_column = 0
    tail = b""
    while block := part.read(4_194_304):
        text = tail + block
        for letters, digits in _CELL_REF.findall(text):
            last_row = max(last_row, int(digits))
            last_column = max(last_column, column_index(letters) + 1)
        tail = text[-256:]
    return last_row * last_column


def _ods_extent(part: Any) -> int:
    """Return rows times columns up to the last filled cell of the largest sheet, repeats counted."""
    largest = row = column = width = last_row = 0
    row_filled = False
    for event, element in ElementTree.iterparse(part, events=("start", "end")):
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            if tag == "table":
                row = width = last_row = 0
            elif tag == "table-row":
                column, row_filled = 0, False
        elif tag in ("table-cell", "covered-table-cell"):
            column += _repeated(element, "columns")
            if any(name.endswith("value-type") for name in element.attrib) or len(element):
                width, row_filled = max(width, column), True
            element.clear()
        elif tag == "table-row":
            row += _repeated(element, "rows")
            last_row = row if row_filled else last_row
            largest = max(largest, last_row * width)
            element.clear()
    return largest


def _repeated(element: Any, what: str) -> int:
    text = element.get(f"{_ODS_TABLE}number-{what}-repeated", "1")
    return int(text) if text.isdigit() else 1


def _read_xls(data: bytes, path: Path, limits: Limits) -> tuple[Sheet, ...]:
    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    fonts = [font_of(font.name) for font in book.font_list]
    sheets = []
    for source in book.sheets():
        _check_cells(path, source.nrows * source.ncols, limits)
        sheets.append(_xls_sheet(book, source, fonts))
    return tuple(sheets)


def _xls_sheet(book: Any, source: Any, fonts: list[Font]) -> Sheet:
    cell_font = [fonts[xf.font_index] if xf.font_index < len(fonts) else Font() for xf in book.xf_list]
    percent = [_is_percent(book, xf.format_key) for xf in book.xf_list]
    rows: list[list[Value]] = []
    spans: dict[tuple[int, int], tuple[Span, ...]] = {}
    percents: set[tuple[int, int]] = set()
    for r in range(source.nrows):
        row: list[Value] = []
        for c in range(source.row_len(r)):
            kind, value, xf = source.cell_type(r, c), source.cell_value(r, c), source.cell_xf_index(r, c)
            row.append(_xls_value(book, kind, value))
            if kind == xlrd.XL_CELL_NUMBER and percent[xf]:
                percents.add((r, c))
            elif kind == xlrd.XL_CELL_TEXT:
                runs = source.rich_text_runlist_map.get((r, c), ())
                if not runs and cell_font[xf].encoding is None:
                    continue
                stretches = _spans(value, cell_font[xf], runs, fonts)
                if any(span.font.encoding for span in stretches):
                    spans[r, c] = stretches
                    row[-1] = _as_latin1(book, value)
        rows.append(row)
    return Sheet(source.name, tuple(rows), tuple(source.merged_cells), spans, frozenset(percents))


def _xls_value(book: Any, kind: int, value: Any) -> Value:
    if kind == xlrd.XL_CELL_TEXT:
        return str(value) or None
    if kind == xlrd.XL_CELL_NUMBER:
        return int(value) if float(value).is_integer() and abs(value) < 1e15 else float(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(value, book.datemode)  # type: ignore[no-any-return]
        except (xlrd.XLDateError, OverflowError, ValueError):
            return float(value)
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#ERROR"))
    return None


def _spans(text: str, whole: Font, runs: Any, fonts: list[Font]) -> tuple[Span, ...]:
    """Cut a text where its font changes; before the first run the font is that of the cell."""
    cuts = [(0, whole)] + [(start, fonts[index] if index < len(fonts) else Font()) for start, index in runs]
    ends = [start for start, _ in cuts[1:]] + [len(text)]
    return tuple(Span(start, end, font) for (start, font), end in zip(cuts, ends, strict=True) if end > start)


def _as_latin1(book: Any, text: str) -> str:
    """Undo the code page through which files older than Excel 97 are read: 8-bit fonts know bytes only."""
    if book.biff_version >= 80:
        return text
    try:
        return text.encode(book.encoding).decode("latin-1")
    except (UnicodeError, LookupError):
        return text


def _is_percent(book: Any, key: int) -> bool:
    shown = book.format_map.get(key)
    return key in PERCENT_FORMATS or (shown is not None and "%" in shown.format_str)


def _check_cells(path: Path, cells: int, limits: Limits) -> None:
    if cells > limits.cells:
        raise SourceError("sheets.too_many_cells", where=path, file=path.name, cells=cells, limit=limits.cells)
