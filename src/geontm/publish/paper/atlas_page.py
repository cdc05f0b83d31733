"""A page of the atlas: one unit on a sheet of A4; what has no room is counted, never dropped in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from geontm.messages import Language, say
from geontm.publish.paper.atlas_facts import MET, NOT_MET, UNKNOWN, Facts, Ruling
from geontm.publish.paper.atlas_facts import Figure as Row
from geontm.publish.paper.atlas_map import PAGE, AtlasMaps
from geontm.publish.paper.atlas_pen import PagePen
from geontm.publish.paper.pen import INK, MUTED, PAPER
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import POINT_MM, Cut, text_width, wrap

__all__ = ["FOOT", "LINE", "MARGIN", "MET_FILL", "NOT_EDGE", "RIGHT", "RULE", "SHADE", "SMALL", "TEXT", "PageNotes",
           "draw_about", "draw_badges", "draw_foot", "draw_head", "draw_map", "draw_page", "draw_sign", "draw_table",
           "heading", "missing_lines", "row_height", "table_height", "wrap_hard"]  # fmt: skip

MARGIN = 13.0  # mm
RIGHT, FOOT = PAGE[0] - MARGIN, MARGIN + 8.5
_MAP = (100.0, 80.0)  # mm
_LOCATORS = (44.0, 35.0, 40.0)  # mm: widths of province and country, height
RULE, SHADE = "#d6d2c8", "#f5f3ee"
MET_FILL, NOT_EDGE = "#2166ac", "#6d6a63"
TEXT, SMALL, _ROW = 7.4, 6.6, 4.3  # points, points, mm
LINE = 1.32
# Of the table of figures: left edges of year, value, rank, and of the bar with its ends (mm from the margin).
_COLUMNS = {"year": 92.0, "value": 114.0, "rank": 133.0, "bar": 136.0}


@dataclass(frozen=True)
class PageNotes:
    """What every page of an atlas says below its figures.

    Attributes
    ----------
    title, atlas : str
        Of the project, and of the atlas.
    foot : str
        Sources, boundaries, projection, run.
    schematic : bool
    pages : int
        Of the whole atlas.
    """

    title: str
    atlas: str
    foot: str
    schematic: bool
    pages: int


def draw_page(facts: Facts, maps: AtlasMaps, notes: PageNotes) -> PagePen:
    """Draw the page of one unit; its foot is drawn by :func:`draw_foot`.

    Parameters
    ----------
    facts : Facts
    maps : AtlasMaps
        Shared by all pages.
    """
    pen, lang = PagePen(*PAGE), maps.lang
    top = draw_head(pen, facts, notes, lang)
    end = draw_map(pen, facts, maps, top)
    draw_about(pen, facts, maps, top)
    y = end - 3.0
    below = FOOT + 2.0
    missing = missing_lines(facts, lang)
    below += len(missing) * SMALL * POINT_MM * LINE + (1.0 if missing else 0.0)
    rows = table_height(facts.figures)
    room = y - below
    ruled = sum(_ruling_height(each, len(each.conditions)) for each in facts.rulings) + 6.5
    for_rulings = min(ruled, max(room - rows - 4.0, 0.5 * room))
    y = _draw_rulings(pen, facts, y, y - for_rulings, lang)
    draw_table(pen, facts.figures, y - 3.0, below, lang)
    if missing:
        pen.lines(MARGIN, below - 1.0, missing, SMALL, colour=MUTED)
    return pen


@lru_cache(maxsize=5000)
def wrap_hard(text: str, width: float, size: float, cut: Cut = "Regular") -> tuple[str, ...]:
    """Break text into lines of at most ``width`` mm; a word that is wider is broken too, nothing is left out.

    Reasons are alike on most pages, and so are their words: each is measured once.
    """
    space = text_width("n n", size, cut) - 2 * text_width("n", size, cut)
    lines: list[list[str]] = []
    used = 0.0
    for word in (part for each in text.split() for part in _fitting(each, width, size, cut)):
        wide = text_width(word, size, cut)
        if lines and used + space + wide <= width:
            lines[-1].append(word)
            used += space + wide
        else:
            lines.append([word])
            used = wide
    return tuple(" ".join(line) for line in lines)


def _fitting(word: str, width: float, size: float, cut: Cut) -> list[str]:
    """Break a word into pieces of at most ``width`` mm."""
    pieces = []
    while text_width(word, size, cut) > width and len(word) > 1:
        fit = len(word)
        while fit > 1 and text_width(word[:fit], size, cut) > width:
            fit = max(1, min(fit - 1, int(fit * width / text_width(word[:fit], size, cut))))
        pieces.append(word[:fit])
        word = word[fit:]
    return [*pieces, word]


def draw_foot(pen: PagePen, notes: PageNotes, lang: Language, *, number: int) -> None:
    """Write sources and the number of the page."""
    pen.line([(MARGIN, FOOT), (RIGHT, FOOT)], colour=RULE, width=0.6)
    page = say("paper.atlas_page", lang, n=number, of=notes.pages)
    wide = text_width(page, TEXT, "Bold")
    pen.text(RIGHT, MARGIN - 1.0, page, TEXT, cut="Bold", across="right")
    lines = wrap(notes.foot, RIGHT - MARGIN - wide - 6.0, 5.8, lines=3)
    pen.lines(MARGIN, FOOT - 1.0, lines, 5.8, colour=MUTED, leading=1.28)


def draw_badges(pen: PagePen, lang: Language, *, illustrative: bool, schematic: bool) -> float:
    """Write what holds of everything on a page at its upper right; return where that begins."""
    top, right = PAGE[1] - MARGIN, RIGHT
    badges = [("illustrative", illustrative), ("schematic", schematic)]
    for text in (say(f"paper.badge_{key}", lang) for key, told in badges if told):
        width = text_width(text, 6.6, "Bold") + 5.0
        box = Box(right - width, top - 5.6, width, 5.6)
        pen.box(box, fill="#fff4d6", edge="#8a6d1f", width=0.6)
        pen.centred(*box.middle, [text], 6.6, cut="Bold", colour="#5c4710")
        right = box.x - 2.0
    return right


def draw_head(pen: PagePen, facts: Facts, notes: PageNotes, lang: Language) -> float:
    """Write name, place and badges; return where the page goes on."""
    top = PAGE[1] - MARGIN
    right = draw_badges(pen, lang, illustrative=facts.illustrative, schematic=notes.schematic)
    size = 18.0
    while size > 9.0 and len(wrap_hard(facts.name, right - MARGIN, size, "Bold")) > (1 if size > 13.0 else 2):
        size -= 0.5
    y = pen.lines(MARGIN, top, wrap_hard(facts.name, right - MARGIN, size, "Bold"), size, cut="Bold", leading=1.16)
    y = min(y, top - 7.0) - 0.6
    place = " · ".join(filter(None, (facts.province, notes.title)))
    y = pen.lines(MARGIN, y, wrap_hard(place, RIGHT - MARGIN, 8.6), 8.6, colour=MUTED)
    return y - 1.6


def draw_map(pen: PagePen, facts: Facts, maps: AtlasMaps, top: float) -> float:
    """Draw the small map, and below it the names that its numbers stand for; return where it ends."""
    lang = maps.lang
    box = Box(RIGHT - _MAP[0], top - _MAP[1], *_MAP)
    if not maps.has_outline(facts.members):
        pen.box(box, fill=SHADE, edge=RULE, width=0.8)
        pen.centred(*box.middle, wrap(say("paper.atlas_without_map", lang), box.w - 16, 8.6), 8.6, colour=MUTED)
        return box.y
    numbered = maps.draw(pen, box, facts.members)
    if not numbered:
        return box.y
    told = say("paper.atlas_numbers", lang, names="; ".join(f"{number} {name}" for number, name in numbered))
    return pen.lines(box.x, box.y - 0.8, wrap_hard(told, box.w, 6.0), 6.0, colour=MUTED, leading=1.25)


def draw_about(pen: PagePen, facts: Facts, maps: AtlasMaps, top: float) -> None:
    """Write what the unit is, left of the map, and draw where it lies."""
    width = RIGHT - _MAP[0] - 4.0 - MARGIN
    low = top - _MAP[1]
    y, room = top, low + _LOCATORS[2] + 1.0
    label = max((text_width(word, TEXT) for word, _ in facts.about), default=0.0) + 3.0
    step = TEXT * POINT_MM * LINE
    for word, value in facts.about:
        lines = wrap_hard(value, width - label, TEXT, "Bold")
        fit = max(1, int((y - room) / step))
        if len(lines) > fit:
            lines = (*lines[: fit - 1], say("paper.atlas_see_tables", maps.lang))
        pen.text(MARGIN, y - TEXT * POINT_MM * 0.86, word, TEXT, colour=MUTED)
        y = pen.lines(MARGIN + label, y, lines, TEXT, cut="Bold", leading=LINE) - 0.75
        pen.line([(MARGIN, y + 0.25), (MARGIN + width, y + 0.25)], colour=RULE, width=0.4)
        y -= 0.6
    own, country, high = _LOCATORS
    box = Box(MARGIN + own + 2.0, low, width - own - 2.0, high)
    if maps.has_outline(facts.members):
        maps.locate(pen, Box(MARGIN, low, own, high), facts.province_code, facts.members)
    else:
        box = Box(MARGIN, low, country, high)
    maps.locate_in_country(pen, box, facts.province_code, facts.members)


def _draw_rulings(pen: PagePen, facts: Facts, top: float, bottom: float, lang: Language) -> float:
    """Write the verdicts with their reasons into the room; conclusions first, conditions as far as they fit."""
    y = heading(pen, say("paper.atlas_rulings", lang), top)
    if not facts.rulings:
        return pen.lines(MARGIN, y, [say("paper.atlas_no_rulings", lang)], TEXT, colour=MUTED)
    kept = [0] * len(facts.rulings)
    used = sum(_ruling_height(each, 0) for each in facts.rulings)
    room = y - bottom
    # A condition more for each rule set in turn, while there is room: none takes it all.
    for count in range(1, max(len(each.conditions) for each in facts.rulings) + 1):
        for k, each in enumerate(facts.rulings):
            if len(each.conditions) < count or kept[k] != count - 1:
                continue
            more = _ruling_height(each, count) - _ruling_height(each, count - 1)
            if used + more <= room:
                kept[k], used = count, used + more
    for number, (each, count) in enumerate(zip(facts.rulings, kept, strict=True)):
        if y - _ruling_height(each, 0) < bottom - 6.0 and number:
            left = len(facts.rulings) - number
            return pen.lines(MARGIN, y, [say("paper.atlas_rulings_left", lang, n=left)], SMALL, colour=MUTED)
        y = _draw_ruling(pen, each, count, y, lang)
    return y


def _ruling_lines(ruling: Ruling, count: int) -> tuple[list[str], list[tuple[int, tuple[str, ...]]]]:
    width = RIGHT - MARGIN - 4.0
    told = [line for text in ruling.told for line in wrap_hard(text, width, TEXT)]
    return told, [(answer, wrap_hard(text, width - 4.0, SMALL)) for answer, text in ruling.conditions[:count]]


def _ruling_height(ruling: Ruling, count: int) -> float:
    told, conditions = _ruling_lines(ruling, count)
    small = sum(len(lines) for _, lines in conditions) + (count < len(ruling.conditions))
    return 5.4 + len(told) * TEXT * POINT_MM * LINE + small * SMALL * POINT_MM * LINE + 1.6


def _draw_ruling(pen: PagePen, ruling: Ruling, count: int, y: float, lang: Language) -> float:
    told, conditions = _ruling_lines(ruling, count)
    base = y - 3.6
    x = MARGIN + draw_answer(pen, ruling.answer, Box(MARGIN, y - 4.6, 25.0, 4.2), lang) + 2.0
    mark = " *" if ruling.illustrative else ""
    label = wrap(ruling.label + mark, RIGHT - x - 1.0, 8.2, "Bold", lines=1)[0]
    pen.text(x, base, label, 8.2, cut="Bold")
    x += text_width(label, 8.2, "Bold") + 2.0
    if x + text_width(ruling.document, SMALL) < RIGHT:
        pen.text(x, base, ruling.document, SMALL, colour=MUTED)
    y = pen.lines(MARGIN + 4.0, y - 5.4, told, TEXT)
    for answer, lines in conditions:
        draw_sign(pen, answer, MARGIN + 5.6, y - SMALL * POINT_MM * 0.56)
        y = pen.lines(MARGIN + 8.0, y, lines, SMALL, colour=MUTED)
    left = len(ruling.conditions) - count
    if left:
        key = "atlas_conditions_left" if count else "atlas_conditions_none"
        y = pen.lines(MARGIN + 8.0, y, [say(f"paper.{key}", lang, n=left)], SMALL, colour=INK)
    return y - 1.6


def draw_answer(pen: PagePen, answer: int, box: Box, lang: Language) -> float:
    """Draw met, not met or unknown as a plate of its own look, not of colour alone; return how wide it is."""
    text = say(f"publish.page_answer_{answer}", lang)
    box = Box(box.x, box.y, max(box.w, text_width(text, TEXT, "Bold") + 4.0), box.h)
    if answer == MET:
        pen.box(box, fill=MET_FILL, edge=MET_FILL, width=0.6)
    else:
        pen.box(box, fill=PAPER, edge=NOT_EDGE, width=0.8, hatch=answer == UNKNOWN)
    halo = PAPER if answer == UNKNOWN else None
    pen.centred(*box.middle, [text], TEXT, cut="Bold", colour=PAPER if answer == MET else INK, halo=halo)
    return box.w


def draw_sign(pen: PagePen, answer: int, x: float, y: float) -> None:
    """Draw a small sign: a full square for met, an empty one for not met, a dashed look for unknown."""
    box = Box(x - 0.95, y - 0.95, 1.9, 1.9)
    pen.box(box, fill=MET_FILL if answer == MET else PAPER, edge=MET_FILL if answer == MET else NOT_EDGE, width=0.7)
    if answer == UNKNOWN:
        pen.text(x, y - 0.75, "?", 5.4, cut="Bold", across="center", colour=NOT_EDGE)
    elif answer == NOT_MET:
        pen.line([(box.x, box.y), (box.right, box.top)], colour=NOT_EDGE, width=0.6, order=5.2)


def heading(pen: PagePen, text: str, y: float) -> float:
    """Write the heading of a section with its top at ``y``; return where the section begins."""
    pen.text(MARGIN, y - 3.2, text, 8.6, cut="Bold", colour=MET_FILL)
    pen.line([(MARGIN, y - 4.6), (RIGHT, y - 4.6)], colour=MET_FILL, width=0.8)
    return y - 5.6


def table_height(rows: Sequence[Row]) -> float:
    """Return the height of a table of figures with its heading (mm)."""
    mark = 4.0 if any(row.illustrative for row in rows) else 0.4
    return 5.6 + 4.4 + sum(row_height(row) for row in rows) + mark


def _label_lines(row: Row) -> Sequence[str]:
    unit = f" ({row.unit})" if row.unit else ""
    return wrap_hard(f"{row.label}{unit}{' *' if row.illustrative else ''}", _COLUMNS["year"] - 8.0, TEXT)


def _value_lines(row: Row) -> Sequence[str]:
    if row.rank or row.place is not None:
        return [row.value]
    return wrap_hard(row.value, RIGHT - MARGIN - _COLUMNS["year"] - 8.0, TEXT, "Bold")


def row_height(row: Row) -> float:
    """Return the height of a row of figures (mm)."""
    lines = max(len(_label_lines(row)), len(_value_lines(row)))
    return _ROW + (lines - 1) * TEXT * POINT_MM * LINE


def draw_table(pen: PagePen, rows: Sequence[Row], top: float, bottom: float, lang: Language) -> None:
    """Write the figures, each with its rank and its place in the range of the province."""
    y = heading(pen, say("paper.atlas_figures", lang), top)
    if not rows:
        pen.lines(MARGIN, y, [say("paper.atlas_no_figures", lang)], TEXT, colour=MUTED)
        return
    right = {name: MARGIN + x for name, x in _COLUMNS.items()}
    for name, x in (("year", right["year"]), ("value", right["value"]), ("place", right["rank"]), ("range", RIGHT)):
        pen.text(x, y - 2.6, say(f"paper.atlas_{name}", lang), 6.0, colour=MUTED, across="right")
    y -= 4.2
    mark = any(row.illustrative for row in rows)
    low = bottom + (SMALL * POINT_MM * LINE if mark else 0.0)
    for number, row in enumerate(rows):
        high = row_height(row)
        last = number == len(rows) - 1
        if y - high - (0.0 if last else _ROW) < low:
            left = say("paper.atlas_figures_left", lang, n=len(rows) - number)
            y = pen.lines(MARGIN, y - 0.6, [left], SMALL)
            break
        _draw_row(pen, row, Box(MARGIN, y - high, RIGHT - MARGIN, high), number)
        y -= high
    if mark:
        pen.lines(MARGIN, y - 0.6, [f"* {say('publish.page_illustrative', lang)}"], SMALL, colour=MUTED)


def _draw_row(pen: PagePen, row: Row, box: Box, number: int) -> None:
    if number % 2 == 0:
        pen.box(box, fill=SHADE, order=1)
    top = box.top - (_ROW - TEXT * POINT_MM) / 2 + 0.1
    base = top - TEXT * POINT_MM * 0.86
    pen.lines(MARGIN + 1.0, top, _label_lines(row), TEXT)
    right = {name: MARGIN + x for name, x in _COLUMNS.items()}
    pen.text(right["year"], base, row.year, SMALL, colour=MUTED, across="right")
    lines = _value_lines(row)
    if len(lines) > 1 or (not row.rank and text_width(row.value, TEXT, "Bold") > 22.0):
        pen.lines(right["year"] + 4.0, top, lines, TEXT, cut="Bold")
        return
    pen.text(right["value"], base, row.value, TEXT, cut="Bold", across="right")
    pen.text(right["rank"], base, row.rank, TEXT, across="right")
    if row.place is None:
        return
    ends = 9.5
    track = Box(right["bar"] + ends, base + 0.15, RIGHT - right["bar"] - 2 * ends, 1.5)
    pen.text(track.x - 1.0, base, row.low, 5.8, colour=MUTED, across="right")
    pen.text(track.right + 1.0, base, row.high, 5.8, colour=MUTED)
    pen.box(track, fill="#e3dfd5", order=5)
    pen.box(Box(track.x, track.y, track.w * row.place, track.h), fill="#92b4d3", order=5.1)
    x = track.x + track.w * row.place
    pen.line([(x, track.y - 0.7), (x, track.top + 0.7)], colour=INK, width=1.2, order=5.2)


def missing_lines(facts: Facts, lang: Language) -> Sequence[str]:
    """Name what nothing is known of, in three lines at most; the rest is counted."""
    if not facts.missing:
        return []
    for kept in range(len(facts.missing), -1, -1):
        # Each meaning of an empty value (no figure, not decided) has a sentence of its own.
        means = dict.fromkeys(meaning for _, meaning in facts.missing[:kept])
        told = [
            say("paper.atlas_missing", lang, what=f"{what[:1].upper()}{what[1:]}",
                names="; ".join(label for label, meaning in facts.missing[:kept] if meaning == what))
            for what in means
        ]  # fmt: skip
        left = len(facts.missing) - kept
        if left:
            told.append(say("paper.atlas_missing_more" if kept else "paper.atlas_missing_count", lang, n=left))
        lines = wrap_hard(" ".join(told), RIGHT - MARGIN, SMALL)
        if len(lines) <= 3:
            return lines
    return lines
