"""Small files for the tests of tables, made by hand."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import xlsxwriter
import xlwt

from geontm.load.unit_tables import KeySpec, TableSource, UnitTable, read_unit_table
from geontm.project.dictionary import read_dictionary

IDENTIFIERS, INDICATORS = read_dictionary("communes"), read_dictionary("indicators")


def read(path, *, key=None, **source) -> UnitTable:
    """Read a table with the shipped dictionary."""
    return read_unit_table(
        TableSource(Path(path), key=key or KeySpec(), **source), identifiers=IDENTIFIERS, indicators=INDICATORS
    )


def xlsx(path, rows, *, merged=(), sheet="Biểu 01", more=(), percents=(), fonts=None):
    """Write rows to an .xlsx file; `merged` holds (r0, c0, r1, c1) whose text stands in the first cell."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime.datetime(2026, 1, 1)})
        for name, content, joined in ((sheet, rows, merged), *more):
            page = book.add_worksheet(name)
            for r0, c0, r1, c1 in joined:
                page.merge_range(r0, c0, r1, c1, "")
            for r, row in enumerate(content):
                for c, value in enumerate(row):
                    looks = ({"num_format": "0.0%"} if (r, c) in percents else {}) | (
                        {"font_name": fonts[r, c]} if fonts and (r, c) in fonts else {}
                    )
                    look = book.add_format(looks) if looks else None
                    if isinstance(value, str):
                        page.write_string(r, c, value, look)
                    elif value is not None:
                        page.write(r, c, value, look)
    return path


def xls(path, rows, *, fonts=None, percents=()):
    """Write rows to an .xls file; `fonts` names the font of a cell, or the list of (text, font) runs inside it."""
    fonts = fonts or {}
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("Sheet1")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            style = xlwt.XFStyle()
            font = fonts.get((r, c))
            if isinstance(font, str):
                style.font.name = font
            if (r, c) in percents:
                style.num_format_str = "0.0%"
            if isinstance(font, list):
                page.write_rich_text(r, c, [(text, _font(name)) for text, name in font], style)
            elif value is not None:
                page.write(r, c, value, style)
    book.save(str(path))
    return path


def _font(name):
    font = xlwt.Font()
    font.name = name
    return font


def ods(path, rows_xml):
    """Write an .ods file around the XML of its rows."""
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Sheet1">{rows_xml}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
        )
        packed.writestr("content.xml", content)
    return path


def ods_row(*cells, repeat=1):
    """Return the XML of one row of texts and numbers."""
    inside = "".join(_ods_cell(cell) for cell in cells)
    return f'<table:table-row table:number-rows-repeated="{repeat}">{inside}</table:table-row>'


def _ods_cell(cell):
    if cell is None:
        return "<table:table-cell/>"
    kind = f'float" office:value="{cell}' if isinstance(cell, int | float) else "string"
    return f'<table:table-cell office:value-type="{kind}"><text:p>{cell}</text:p></table:table-cell>'


def messages(table: UnitTable, severity=None) -> list[str]:
    """Return the ids of the issues of a table, after printing each in both languages."""
    for issue in table.issues:
        for lang in ("vi", "en"):
            assert issue.message.text(lang)
            assert "{" not in issue.message.fix(lang)
    return [issue.message.id for issue in table.issues if severity in (None, issue.severity)]
