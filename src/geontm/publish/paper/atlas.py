"""The atlas of a run: a contents, then one page for each unit, in one PDF; the same bytes each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages

from geontm.messages import say, spelt_day
from geontm.publish.content import Content
from geontm.publish.offered import card_columns
from geontm.publish.paper.atlas_facts import Facts, facts_of
from geontm.publish.paper.atlas_map import PAGE, AtlasMaps
from geontm.publish.paper.atlas_marks import Mark, add_marks
from geontm.publish.paper.atlas_page import MARGIN, PageNotes, draw_foot, draw_page, wrap_hard
from geontm.publish.paper.atlas_pen import PagePen
from geontm.publish.paper.pen import MUTED
from geontm.publish.paper.plane import land_of
from geontm.publish.paper.text import clean, drawing, shorten, text_width
from geontm.publish.paper.wording import ground_lines, sources_line, whole
from geontm.publish.theme import Origin, origin_of

__all__ = ["write_atlas"]

_COLUMNS, _GAP = 3, 6.0
_STEP, _SIZE = 3.9, 7.2  # mm, points
_ROWS, _LEAST_ROWS = 99, 12
_HEAD = 26.0  # mm above the lists of the first page; the others need half of it


@dataclass(frozen=True)
class _Line:
    """A line of the contents: a province, or a unit with its page."""

    text: str
    code: str = ""
    page: int = 0


def write_atlas(content: Content, folder: Path) -> list[Path]:
    """Write ``print/atlas.pdf``: a contents and one page of A4 for each commune, by province and code.

    Parameters
    ----------
    content : Content
    folder : Path
        The result folder; ``print`` is made in it.

    Returns
    -------
    list of Path
        The file; none where the run has no units.
    """
    with drawing():
        facts = facts_of(content)
        if not facts:
            return []
        land = land_of(content)
        maps = AtlasMaps(land, content.lang)
        lists = _contents(facts)
        foot = " ".join((*_sources(content), *ground_lines(content, land)))
        notes = PageNotes(clean(content.title), foot, content.notes.schematic, len(lists) + len(facts))
        path = folder / "print" / "atlas.pdf"
        path.parent.mkdir(exist_ok=True)
        title = f"{say('paper.atlas_title', content.lang)} – {notes.title}"
        about = {"CreationDate": None, "ModDate": None, "Creator": "geontm", "Producer": None, "Title": title}
        copies: dict[tuple[str, float, str], bytes] = {}
        with PdfPages(path, metadata=about) as pdf:
            for number, columns in enumerate(lists, start=1):
                page = _draw_contents(content, columns, notes, number=number, units=len(facts))
                pdf.savefig(page.finish(copies))
            for number, each in enumerate(facts, start=len(lists) + 1):
                pdf.savefig(draw_page(each, maps, notes, number=number).finish(copies))
    add_marks(path, _marks(facts, len(lists), say("paper.atlas_list", content.lang)))
    return [path]


def _sources(content: Content) -> list[str]:
    """Name the files behind the figures of the pages."""
    names = {name for column in card_columns(content) for name in origin_of(content, column).sources}
    return [sources_line(Origin((), tuple(sorted(names))), content.lang)] if names else []


def _marks(facts: Sequence[Facts], before: int, contents: str) -> list[Mark]:
    """Return the bookmarks: the contents, then every province with its units."""
    pages = groupby(enumerate(facts, start=before), key=lambda each: each[1].province or each[1].province_code)
    marks = [Mark(contents, 0)]
    for province, group in pages:
        units = tuple(Mark(each.name, page) for page, each in group)
        marks.append(Mark(province, units[0].page, units))
    return marks


def _contents(facts: Sequence[Facts]) -> list[list[list[_Line]]]:
    """Set the contents into pages of columns; a province's name stands above its units, and again in a new column."""
    first = _set(facts, 1)
    # The pages of the contents come before all others: their number moves those.
    rows = _ROWS
    if len(first) == 1:  # a short list stands in columns of one height
        rows = max(_LEAST_ROWS, -(-(sum(map(len, first[0])) + _COLUMNS) // _COLUMNS))
        while len(_set(facts, 2, rows)) > 1:
            rows += 1
    return _set(facts, len(first) + 1, rows)


def _set(facts: Sequence[Facts], start: int, rows: int = _ROWS) -> list[list[list[_Line]]]:
    pages: list[list[list[_Line]]] = [[[]]]

    def room() -> int:
        head = _HEAD if len(pages) == 1 else _HEAD / 2
        return min(rows, int((PAGE[1] - 2 * MARGIN - 12.0 - head) / _STEP))

    def turn(heading: str) -> None:
        if len(pages[-1]) == _COLUMNS:
            pages.append([])
        pages[-1].append([_Line(heading)])

    number = start
    for province, group in groupby(facts, key=lambda each: each.province or each.province_code):
        if len(pages[-1][-1]) + 3 > room():
            turn(province)
        else:
            pages[-1][-1] += [_Line(""), _Line(province)] if pages[-1][-1] else [_Line(province)]
        for each in group:
            if len(pages[-1][-1]) >= room():
                turn(province)
            pages[-1][-1].append(_Line(each.name, each.code, number))
            number += 1
    return pages


def _draw_contents(
    content: Content, columns: Sequence[Sequence[_Line]], notes: PageNotes, *, number: int, units: int
) -> PagePen:
    pen, lang = PagePen(*PAGE), content.lang
    right = PAGE[0] - MARGIN
    y = PAGE[1] - MARGIN
    if number == 1:
        y = pen.lines(MARGIN, y, [say("paper.atlas_title", lang)], 20, cut="Bold", leading=1.25)
        told = say("paper.atlas_subtitle", lang, day=spelt_day(content.as_of, lang), n=whole(units, lang))
        y = pen.lines(MARGIN, y, wrap_hard(notes.title, right - MARGIN, 11)[:2], 11)
        pen.lines(MARGIN, y - 0.6, wrap_hard(told, right - MARGIN, 8.6), 8.6, colour=MUTED)
        y = PAGE[1] - MARGIN - _HEAD
    else:
        pen.lines(MARGIN, y, [say("paper.atlas_contents", lang)], 12, cut="Bold")
        y -= _HEAD / 2
    width = (right - MARGIN - _GAP * (_COLUMNS - 1)) / _COLUMNS
    for k, lines in enumerate(columns):
        _draw_list(pen, MARGIN + k * (width + _GAP), y, width, lines)
    draw_foot(pen, notes, lang, number=number)
    return pen


def _draw_list(pen: PagePen, x: float, y: float, width: float, lines: Sequence[_Line]) -> None:
    for line in lines:
        y -= _STEP
        if not line.page:
            pen.text(x, y, shorten(line.text, width, _SIZE, "Bold"), _SIZE, cut="Bold")
            continue
        page = str(line.page)
        codes = text_width("00000", _SIZE) + 2.0
        room = width - codes - text_width(page, _SIZE) - 3.0
        pen.text(x, y, line.code, _SIZE, colour=MUTED)
        name = shorten(line.text, room, _SIZE)
        pen.text(x + codes, y, name, _SIZE)
        pen.text(x + width, y, page, _SIZE, across="right")
        begin, end = x + codes + text_width(name, _SIZE) + 1.2, x + width - text_width(page, _SIZE) - 1.2
        if end > begin:
            pen.line([(begin, y + 0.5), (end, y + 0.5)], colour="#cfcabf", width=0.4)
