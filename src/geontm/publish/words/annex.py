"""``phu-luc.docx``: the lists of a run in the form in which decisions carry them, ready to be signed.

The form is that of Decree 30/2020/NĐ-CP, Annex I: A4, Times New Roman, the number of the annex, its title, the
decision that it belongs to; pages are numbered by annex. Rows are made by :func:`geontm.publish.annex.annex_table`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from geontm.messages import say
from geontm.publish.annex import (
    Annex,
    AnnexColumn,
    AnnexGroup,
    AnnexList,
    AnnexTotal,
    annex_table,
    letters_of,
    share_out,
)
from geontm.publish.content import Content
from geontm.publish.words.finish import save
from geontm.publish.words.wording import figure, plain_text

__all__ = ["write_annex"]

_UPRIGHT, _WIDE = 9354, 14286  # twips between the margins of A4
_NUMBER = 620
_LETTER, _AROUND = 125, 240  # twips of a letter of 13 pt, and of the margins of a cell


def write_annex(content: Content, path: Path) -> Path:
    """Write the lists of a run as a Word document.

    Parameters
    ----------
    content : Content
    path : Path
        Where to write.

    Returns
    -------
    Path
        ``path``. The same content gives the same bytes. One section per list, in landscape where its columns need it;
        the signature block stands once, below the last.
    """
    annex = annex_table(content)
    base = files("geontm.publish.words").joinpath("templates", f"annex.{content.lang}.docx").read_bytes()
    document = docx.Document(io.BytesIO(base))
    for place, each in enumerate(annex.lists):
        _set_section(document, each, first=place == 0)
        _write_list(document, annex, each)
    if not annex.lists:
        _add(document, annex.empty, "Body Text")
    _write_signature(document, annex)
    for footer in (document.sections[0].footer, document.sections[0].first_page_footer):
        footer.paragraphs[0].add_run(plain_text(annex.footer))
    return save(document, path, title=plain_text(annex.title), day=content.as_of)


def _set_section(document: Document, annexed: AnnexList, *, first: bool) -> None:
    section = document.sections[0] if first else document.add_section(WD_SECTION.NEW_PAGE)
    turned = annexed.wide
    section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if turned else (Mm(210), Mm(297))
    numbering = section._sectPr.find(qn("w:pgNumType"))
    if numbering is None:
        numbering = OxmlElement("w:pgNumType")
        margins = section._sectPr.find(qn("w:pgMar"))
        section._sectPr.insert(list(section._sectPr).index(margins) + 1, numbering)
    numbering.set(qn("w:start"), "1")


def _write_list(document: Document, annex: Annex, annexed: AnnexList) -> None:
    for text, style in ((annexed.number, "Title"), (annexed.heading, "Subtitle"), (annexed.attached, "Date")):
        _add(document, text, style)
    if annexed.illustrative:
        _add(document, annexed.notes[0], "Date").runs[0].bold = True
    _add(document, "", "Rule")
    if annexed.groups:
        # Under one province its total is the whole.
        whole = [_total_row(annexed.total, annexed.columns)] if len(annexed.groups) > 1 else []
        _write_table(document, annex, annexed, annexed.columns, annexed.groups, whole)
    else:
        _add(document, say("books.annex_nobody", annex.lang), "Body Text")
    if annexed.undecided:
        _add(document, annexed.undecided_heading, "Heading 2")
        _write_table(document, annex, annexed, annexed.undecided_columns, annexed.undecided, [])
        for note in annexed.undecided_notes:
            _add(document, note, "Note")
    for note in annexed.notes[1 if annexed.illustrative else 0 :]:
        _add(document, note, "Note")


def _write_table(
    document: Document,
    annex: Annex,
    annexed: AnnexList,
    columns: Sequence[AnnexColumn],
    groups: Sequence[AnnexGroup],
    after: Iterable[str],
) -> None:
    """Add a table; its XML is written at once, for a nation's thousands of rows."""
    whole = (_WIDE if annexed.wide else _UPRIGHT) - _NUMBER
    needs = [_LETTER * letters + _AROUND for letters in letters_of(columns, groups, annex.no_figure)]
    widths = [_NUMBER, *map(int, share_out(needs, whole))]
    heads = [*annexed.head, *(column.label for column in columns)]
    rows = [_row([_cell(text, "Table Head", shade=True) for text in heads], head=True)]
    for group in groups:
        name = _cell(group.name, "Table Text", bold=True, span=1 + len(columns))
        rows.append(_row([_cell(group.number, "Table Middle", bold=True), name], keep=True))
        for place, row in enumerate(group.rows):
            cells = [_cell(str(row.number), "Table Middle"), _cell(row.name, "Table Text")]
            cells += [_data(cell, column, annex) for cell, column in zip(row.cells, columns, strict=True)]
            # The last two go with their total.
            rows.append(_row(cells, keep=place >= len(group.rows) - 2))
        rows.append(_total_row(group.total, columns))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    about = f'<w:tblStyle w:val="ReportTable"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
    content = f"<w:tblPr>{about}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join((*rows, *after))}"
    table = f"<w:tbl {nsdecls('w')}>{content}</w:tbl>"
    body = document.element.body
    body.insert(list(body).index(body.sectPr), parse_xml(table))
    _add(document, "", "Rule Below")


def _data(cell: str | int | None, column: AnnexColumn, annex: Annex) -> str:
    if isinstance(cell, int):
        return _cell(figure(cell, annex.lang), "Table Figure")
    style = "Table Text" if column.kind in ("text", "count") else "Table Middle"
    return _cell(annex.no_figure if cell is None else cell, style)


def _total_row(total: AnnexTotal, columns: Sequence[AnnexColumn]) -> str:
    named = _cell(total.text, "Table Text", bold=True, span=2)
    pairs = zip(total.cells, columns, strict=True)
    # The total of a choice has a line for each.
    cells = [cell.replace("; ", "\n") if column.kind == "choice" else cell for cell, column in pairs]
    # What follows it, notes and signature, never stands on a page alone.
    return _row([named, *(_cell(cell, "Table Middle", bold=True) for cell in cells)], keep=True)


def _row(cells: Iterable[str], *, head: bool = False, keep: bool = False) -> str:
    """Write a row that is not broken across pages; ``keep`` holds it with the next."""
    content = "".join(cells)
    if keep:
        content = content.replace("</w:pStyle>", "</w:pStyle><w:keepNext/>")
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{content}</w:tr>"


def _cell(text: str, style: str, *, bold: bool = False, span: int = 1, shade: bool = False) -> str:
    about = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    about += '<w:shd w:val="clear" w:color="auto" w:fill="E7EBEF"/><w:vAlign w:val="center"/>' if shade else ""
    weight = "<w:rPr><w:b/></w:rPr>" if bold else ""
    lines = (f'<w:t xml:space="preserve">{escape(plain_text(line))}</w:t>' for line in text.split("\n"))
    shown = f"<w:r>{weight}{'<w:br/>'.join(lines)}</w:r>" if text else ""
    look = f'<w:pPr><w:pStyle w:val="{style.replace(" ", "")}"></w:pStyle></w:pPr>'
    return f"<w:tc><w:tcPr>{about}</w:tcPr><w:p>{look}{shown}</w:p></w:tc>"


def _write_signature(document: Document, annex: Annex) -> None:
    """Add recipients on the left and the place of the signature on the right, without lines around them."""
    authority, place, name = (plain_text(text) for text in annex.signer)
    left = [_line(text, "Recipients", bold=k == 0, italic=k == 0) for k, text in enumerate(annex.recipients)]
    gap = "".join(_line("", "Signature") for _ in range(3))
    right = [_line(authority, "Signature", bold=True), _line(place, "Signature", italic=True), gap]
    right.append(_line(name, "Signature", bold=True))
    half = (_WIDE if annex.lists and annex.lists[-1].wide else _UPRIGHT) // 2
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{half}" w:type="dxa"/></w:tcPr>{"".join(lines)}</w:tc>' for lines in (left, right)
    )
    grid = f'<w:tblGrid><w:gridCol w:w="{half}"/><w:gridCol w:w="{half}"/></w:tblGrid>'
    about = f'<w:tblPr><w:tblW w:w="{2 * half}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
    table = f"<w:tbl {nsdecls('w')}>{about}{grid}<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr></w:tbl>"
    body = document.element.body
    _add(document, "", "Signature")
    body.insert(list(body).index(body.sectPr), parse_xml(table))
    _add(document, "", "Rule Below")


def _line(text: str, style: str, *, bold: bool = False, italic: bool = False) -> str:
    look = f"<w:rPr>{'<w:b/>' if bold else ''}{'<w:i/>' if italic else ''}</w:rPr>"
    shown = f'<w:r>{look}<w:t xml:space="preserve">{escape(plain_text(text))}</w:t></w:r>' if text else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{shown}</w:p>'


def _add(document: Document, text: str, style: str) -> Any:
    return document.add_paragraph(plain_text(text), style=style)
