"""Finishes a filled document: its table of contents, the numbers of its captions, and bytes that never change."""

from __future__ import annotations

import copy
import datetime
import io
import re
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from geontm.messages import Language

__all__ = ["join_sections", "keep_short_tables", "number_captions", "save", "write_contents"]

_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
_LEVELS = re.compile(r'\\o\s+"(\d)-(\d)"')
_SHORT = 8  # rows of a table that is not broken across pages


def join_sections(document: Document) -> None:
    """Let pages that are turned within a document keep its page numbers.

    A section whose headers are those of the section before it does not begin a document of its own, so its first page
    is no first page.
    """
    sections = [section._sectPr for section in document.sections]
    for before, section in pairwise(sections):
        first = section.find(qn("w:titlePg"))
        if first is not None and _headers(before) == _headers(section):
            section.remove(first)


def keep_short_tables(document: Document) -> None:
    """Hold the rows of short tables together on a page, and the head of a long one with its first rows.

    The last row before a signature goes with it: nobody signs an empty page.
    """
    for table in document.tables:
        rows = list(table._tbl.iterchildren(qn("w:tr")))
        held = rows[:-1] if len(rows) <= _SHORT else rows[:2]
        after = table._tbl.getnext()
        if after is not None and after.find(f"{qn('w:pPr')}/{qn('w:pStyle')}[@{qn('w:val')}='Signer']") is not None:
            held = [*held, rows[-1]]
        for row in held:
            for paragraph in row.iter(qn("w:p")):
                properties = paragraph.get_or_add_pPr()
                properties.get_or_add_keepNext()


def _headers(section: Any) -> list[tuple[str | None, str | None]]:
    links = section.iterchildren(qn("w:headerReference"), qn("w:footerReference"))
    return sorted((link.get(qn("w:type")) or "", link.get(qn("r:id")) or "") for link in links)


def number_captions(document: Document) -> None:
    """Give captions (fields ``SEQ name``) their numbers, as Word does when fields are updated."""
    counts: Counter[str] = Counter()
    for code in document.element.body.iter(qn("w:instrText")):
        told = (code.text or "").split()
        if len(told) < 2 or told[0].upper() != "SEQ":
            continue
        counts[told[1]] += 1
        texts = _result_texts(code)
        for text in texts:
            text.text = ""
        if texts:
            texts[0].text = str(counts[told[1]])


def write_contents(document: Document) -> None:
    r"""Fill the table of contents (field ``TOC``) with the headings of the document, each a link to its place.

    Page numbers are known only to the program that lays the pages out. Where the field asks for them (no ``\n``) it is
    marked so that Word offers to update it when the document is opened.
    """
    body = document.element.body
    field = next((code for code in body.iter(qn("w:instrText")) if (code.text or "").split()[:1] == ["TOC"]), None)
    if field is None:
        return
    levels = _LEVELS.search(_instruction(field))
    lowest, highest = (int(levels[1]), int(levels[2])) if levels else (1, 3)
    entries: list[tuple[int, str, str]] = []
    for paragraph in document.paragraphs:
        style = paragraph.style.name if paragraph.style is not None else ""
        level = int(style[8:]) if style and re.fullmatch(r"Heading \d", style) else 0
        if lowest <= level <= highest and paragraph.text.strip():
            name = f"_Toc{len(entries) + 1:08d}"
            _bookmark(paragraph._p, name, len(entries))
            entries.append((level, paragraph.text.strip(), name))
    styles = {style.name.lower(): style.style_id for style in document.styles if style.name}
    _replace_field(field, [(styles.get(f"toc {level}"), text, name) for level, text, name in entries])


def save(document: Document, path: Path, *, title: str, day: datetime.date, lang: Language | None = None) -> Path:
    """Write a document so that the same content gives the same bytes.

    Parameters
    ----------
    title : str
        For the properties of the document.
    day : date
        Stands for the days on which it was made and changed.
    lang : {"vi", "en"}, optional
        For the properties of the document; readers of screens go by it.
    """
    moment = datetime.datetime(day.year, day.month, day.day)
    about = document.core_properties
    about.title, about.revision, about.last_modified_by = title[:255], 1, ""
    about.language = {"vi": "vi-VN", "en": "en-GB", None: ""}[lang]
    about.created = about.modified = moment
    about.last_printed = moment
    _without_thumbnail(document)
    packed = io.BytesIO()
    document.save(packed)
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        # Readers that guess the kind of a file by its start expect the content types first.
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, _DAY_OF_ZIP)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            new.writestr(entry, old.read(name))
    return path


def _without_thumbnail(document: Document) -> None:
    relations = document.part.package.rels
    for key in [key for key, link in relations.items() if link.reltype.endswith("/thumbnail")]:
        del relations[key]


def _result_texts(code: Any) -> list[Any]:
    """Return the texts of a field's result, in the paragraph of its code."""
    paragraph = next(code.iterancestors(qn("w:p")))
    texts, after, shown = [], False, False
    for element in paragraph.iter(qn("w:instrText"), qn("w:fldChar"), qn("w:t")):
        if element is code:
            after = True
        elif after and element.tag == qn("w:fldChar"):
            kind = element.get(qn("w:fldCharType"))
            if kind == "end":
                break
            shown = shown or kind == "separate"
        elif after and shown and element.tag == qn("w:t"):
            texts.append(element)
    return texts


def _instruction(code: Any) -> str:
    paragraph = next(code.iterancestors(qn("w:p")))
    return "".join(each.text or "" for each in paragraph.iter(qn("w:instrText")))


def _bookmark(paragraph: Any, name: str, number: int) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(90_000 + number))
    start.set(qn("w:name"), name)
    properties = paragraph.find(qn("w:pPr"))
    paragraph.insert(0 if properties is None else list(paragraph).index(properties) + 1, start)
    paragraph.append(end)


def _replace_field(code: Any, entries: list[tuple[str | None, str, str]]) -> None:
    """Put new entries in place of all paragraphs over which a field runs."""
    first = next(code.iterancestors(qn("w:p")))
    parent, instruction = first.getparent(), _instruction(code)
    paragraphs, depth = [], 0
    for paragraph in [first, *first.itersiblings(qn("w:p"))]:
        paragraphs.append(paragraph)
        for mark in paragraph.iter(qn("w:fldChar")):
            depth += {"begin": 1, "end": -1}.get(mark.get(qn("w:fldCharType")), 0)
        if depth <= 0:
            break
    place = list(parent).index(first)
    for paragraph in paragraphs:
        parent.remove(paragraph)
    written = [_entry(style, text, name) for style, text, name in entries] or [copy.deepcopy(OxmlElement("w:p"))]
    _open_field(written[0], instruction, dirty="\\n" not in instruction)
    closing = OxmlElement("w:r")
    closing.append(_mark("end"))
    written[-1].append(closing)
    for paragraph in reversed(written):
        parent.insert(place, paragraph)


def _entry(style: str | None, text: str, name: str) -> Any:
    paragraph, link, run, shown = (OxmlElement(tag) for tag in ("w:p", "w:hyperlink", "w:r", "w:t"))
    if style:
        properties, named = OxmlElement("w:pPr"), OxmlElement("w:pStyle")
        named.set(qn("w:val"), style)
        properties.append(named)
        paragraph.append(properties)
    link.set(qn("w:anchor"), name)
    link.set(qn("w:history"), "1")
    shown.text = text
    run.append(shown)
    link.append(run)
    paragraph.append(link)
    return paragraph


def _open_field(paragraph: Any, instruction: str, *, dirty: bool) -> None:
    begin, code, separate = (OxmlElement("w:r") for _ in range(3))
    mark = _mark("begin")
    if dirty:
        mark.set(qn("w:dirty"), "true")
    begin.append(mark)
    text = OxmlElement("w:instrText")
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    text.text = instruction
    code.append(text)
    separate.append(_mark("separate"))
    properties = paragraph.find(qn("w:pPr"))
    place = 0 if properties is None else 1
    for run in (separate, code, begin):
        paragraph.insert(place, run)


def _mark(kind: str) -> Any:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark
