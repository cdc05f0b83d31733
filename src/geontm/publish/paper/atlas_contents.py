"""The contents of an atlas: what stands on which page, in three columns, and on a map where there is room for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geontm.messages import Language, say
from geontm.publish.paper.atlas_map import PAGE, AtlasMaps
from geontm.publish.paper.atlas_page import FOOT, MARGIN, PageNotes, draw_badges, draw_foot, wrap_hard
from geontm.publish.paper.atlas_pen import PagePen
from geontm.publish.paper.pen import MUTED
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import shorten, text_width

__all__ = ["Contents", "Entry", "draw_contents", "lay_contents"]

_COLUMNS, _GAP = 3, 6.0
_STEPS = (5.4, 4.9, 4.4, 3.9)  # mm from line to line
_SIZE = 7.2 / 3.9  # points of letters for each mm of that
_HEAD, _HEAD_MORE = 26.0, 13.0  # mm above the lists of the first page, and of the others
_MAP = 80.0  # mm: a lower map is not worth its room
_TALLEST = 170.0


@dataclass(frozen=True)
class Entry:
    """A unit of the contents.

    Attributes
    ----------
    page : int
        Counted from the first page after the contents, from 0.
    label : str
        On the map; empty stands for its page.
    """

    code: str
    name: str
    page: int
    members: tuple[str, ...]
    heading: str = ""
    label: str = ""


@dataclass(frozen=True)
class Contents:
    """Entries, headings (text) and gaps (empty) set into pages of columns.

    Attributes
    ----------
    step : float
        From line to line (mm).
    map_height : float
        Of the map below the list (mm); 0 where there is none.
    """

    entries: tuple[Entry, ...]
    pages: tuple[tuple[tuple[Entry | str, ...], ...], ...]
    step: float
    map_height: float


def lay_contents(entries: Sequence[Entry]) -> Contents:
    """Set the contents as large as they fit one page with a map, else without one, else into several pages."""
    room = _room(_HEAD)
    for least in (_MAP + 6.0, 0.0):
        for step in _STEPS:
            rows = _balanced(entries, int((room - least) / step))
            if rows:
                free = room - rows * step - 6.0
                return Contents(tuple(entries), _set(entries, rows, rows), step, min(free, _TALLEST) if least else 0.0)
    step = _STEPS[-1]
    pages = _set(entries, int(room / step), int(_room(_HEAD_MORE) / step))
    return Contents(tuple(entries), pages, step, 0.0)


def draw_contents(contents: Contents, maps: AtlasMaps, notes: PageNotes, told: str, *, number: int) -> PagePen:
    """Draw a page of the contents.

    Parameters
    ----------
    told : str
        Below the title of the first page.
    number : int
        Of the page, from 1.
    """
    pen, lang = PagePen(*PAGE), maps.lang
    y = PAGE[1] - MARGIN
    wide = PAGE[0] - 2 * MARGIN
    if number == 1:
        right = draw_badges(pen, lang, illustrative=False, schematic=notes.schematic)
        size = 20.0
        while size > 11.0 and len(wrap_hard(notes.atlas, right - MARGIN, size, "Bold")) > 1:
            size -= 0.5
        title = shorten(notes.atlas, right - MARGIN, size, "Bold")
        y = pen.lines(MARGIN, y, [title], size, cut="Bold", leading=1.25)
        y = pen.lines(MARGIN, y, wrap_hard(notes.title, wide, 11)[:2], 11)
        pen.lines(MARGIN, y - 0.6, wrap_hard(told, wide, 8.6), 8.6, colour=MUTED)
        y = PAGE[1] - MARGIN - _HEAD
    else:
        pen.lines(MARGIN, y, [say("paper.atlas_contents", lang)], 12, cut="Bold")
        y -= _HEAD_MORE
    width = (wide - _GAP * (_COLUMNS - 1)) / _COLUMNS
    for k, lines in enumerate(contents.pages[number - 1]):
        _draw_list(pen, Box(MARGIN + k * (width + _GAP), y, width, 0.0), lines, contents)
    if number == 1 and contents.map_height:
        low = y - max(map(len, contents.pages[0])) * contents.step - 4.0
        _draw_map(pen, maps, contents, Box(MARGIN, low - contents.map_height, wide, contents.map_height))
    draw_foot(pen, notes, lang, number=number)
    return pen


def _room(head: float) -> float:
    return PAGE[1] - MARGIN - head - FOOT - 3.0


def _balanced(entries: Sequence[Entry], most: int) -> int:
    """Return the fewest rows in which the entries fill one page; 0 where they need more than ``most``."""
    for rows in range(max(1, -(-len(entries) // _COLUMNS)), most + 1):
        if len(_set(entries, rows, rows)) == 1:
            return rows
    return 0


def _set(entries: Sequence[Entry], rows: int, more: int) -> tuple[tuple[tuple[Entry | str, ...], ...], ...]:
    """Fill column after column; a heading stands above its entries, and again in a new column."""
    pages: list[list[list[Entry | str]]] = [[[]]]
    heading = ""
    for entry in entries:
        column = pages[-1][-1]
        room = rows if len(pages) == 1 else more
        new = entry.heading != heading
        needed = (2 + bool(column)) if new and entry.heading else 1
        if column and len(column) + needed > room:
            if len(pages[-1]) == _COLUMNS:
                pages.append([])
            column = []
            pages[-1].append(column)
            new = True
        if new and entry.heading:
            column += ["", entry.heading] if column else [entry.heading]
        column.append(entry)
        heading = entry.heading
    return tuple(tuple(map(tuple, page)) for page in pages)


def _draw_list(pen: PagePen, place: Box, lines: Sequence[Entry | str], contents: Contents) -> None:
    step, size = contents.step, min(9.0, contents.step * _SIZE)
    x, y, width = place.x, place.y, place.w
    codes = max(text_width(each.code, size) for each in contents.entries) + 2.0
    for line in lines:
        y -= step
        if isinstance(line, str):
            pen.text(x, y, shorten(line, width, size, "Bold"), size, cut="Bold")
            continue
        page = str(line.page + len(contents.pages) + 1)
        room = width - codes - text_width(page, size) - 3.0
        pen.text(x, y, line.code, size, colour=MUTED)
        name = shorten(line.name, room, size)
        pen.text(x + codes, y, name, size)
        pen.text(x + width, y, page, size, across="right")
        begin, end = x + codes + text_width(name, size) + 1.2, x + width - text_width(page, size) - 1.2
        if end > begin:
            pen.line([(begin, y + 0.5), (end, y + 0.5)], colour="#cfcabf", width=0.4)


def _draw_map(pen: PagePen, maps: AtlasMaps, contents: Contents, box: Box) -> None:
    """Draw the units with their pages on them; name below what the map does not show."""
    if not maps.has_outline([code for each in contents.entries for code in each.members]):
        return
    size, before = 7.0, len(contents.pages) + 1
    inner = Box(box.x, box.y + 4.0, box.w, box.h - 4.0)
    pages = [str(each.page + before) for each in contents.entries]
    texts = [f"{each.label} {page}" if each.label else page for each, page in zip(contents.entries, pages, strict=True)]
    left = maps.overview(pen, inner, list(zip(texts, (each.members for each in contents.entries), strict=True)))
    told = [_not_shown(contents.entries[k].name, pages[k], maps.lang) for k in left]
    words = say("paper.atlas_map_pages", maps.lang)
    if told:
        words = f"{words} {say('paper.atlas_map_without', maps.lang, names='; '.join(told))}"
    pen.lines(box.x, inner.y - 0.8, [shorten(words, box.w, size)], size, colour=MUTED)


def _not_shown(name: str, page: str, lang: Language) -> str:
    return say("paper.atlas_map_page", lang, name=name, page=page)
