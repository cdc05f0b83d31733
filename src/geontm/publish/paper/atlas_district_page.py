"""The page of a district in the atlas; what has no room on it goes on overleaf, nothing is left out."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from geontm.messages import Language, say
from geontm.publish.paper.atlas_district import Count, DistrictFacts, Member
from geontm.publish.paper.atlas_facts import MET, NOT_MET, UNKNOWN
from geontm.publish.paper.atlas_facts import Figure as Row
from geontm.publish.paper.atlas_map import PAGE, AtlasMaps
from geontm.publish.paper.atlas_page import (
    FOOT,
    LINE,
    MARGIN,
    MET_FILL,
    NOT_EDGE,
    RIGHT,
    SHADE,
    SMALL,
    TEXT,
    PageNotes,
    draw_about,
    draw_head,
    draw_map,
    draw_sign,
    draw_table,
    heading,
    missing_lines,
    row_height,
    table_height,
    wrap_hard,
)
from geontm.publish.paper.atlas_pen import PagePen
from geontm.publish.paper.pen import INK, MUTED, PAPER
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import POINT_MM, shorten, text_width
from geontm.publish.paper.wording import whole

__all__ = ["draw_district"]

_BOTTOM = FOOT + 2.0
_STEP = 4.0  # mm: a commune
_GAP = 5.0  # mm between the two columns of communes
_SIGN = 6.0  # mm: a column of answers
_FEW = 3  # communes that stand in one column
_BAR = 62.0  # mm


def draw_district(facts: DistrictFacts, maps: AtlasMaps, notes: PageNotes) -> list[PagePen]:
    """Draw a district: what it is, its communes with their verdicts, what adds up over them.

    Returns
    -------
    list of PagePen
        One page, and more where there are many communes or figures; their feet are drawn by
        :func:`geontm.publish.paper.atlas_page.draw_foot`.
    """
    lang = maps.lang
    pages = [PagePen(*PAGE)]
    top = draw_head(pages[0], facts, notes, lang)
    end = draw_map(pages[0], facts, maps, top)
    draw_about(pages[0], facts, maps, top)
    y = _draw_counts(pages[0], facts.counts, end - 3.0, lang)
    members: Sequence[Member] = facts.communes
    while members:
        per_column = int((y - 3.0 - 5.6 - 5.0 - _BOTTOM) / _STEP)
        if per_column < 3:
            y = _turn(pages, facts, notes, lang)
            continue
        columns = 1 if len(members) <= min(_FEW, per_column) else 2
        here = members[: per_column * columns]
        y = _draw_members(pages[-1], here, len(facts.counts), y - 3.0, columns, lang)
        members = members[len(here) :]
    rows: Sequence[Row] = facts.figures
    notes_below = _notes(facts, lang)
    while True:
        low = _BOTTOM + len(notes_below) * SMALL * POINT_MM * LINE + 1.5
        fit = _fitting(rows, y - 3.0 - low)
        if (rows and fit < min(3, len(rows))) or (not rows and y - 12.0 < low):
            y = _turn(pages, facts, notes, lang)
            continue
        draw_table(pages[-1], rows[:fit], y - 3.0, low, lang)
        rows = rows[fit:]
        if not rows:
            break
        y = _turn(pages, facts, notes, lang)
    pages[-1].lines(MARGIN, low - 1.0, notes_below, SMALL, colour=MUTED)
    return pages


def _turn(pages: list[PagePen], facts: DistrictFacts, notes: PageNotes, lang: Language) -> float:
    """Begin the next page of a district; return where it goes on."""
    pages.append(PagePen(*PAGE))
    name = say("paper.atlas_continued", lang, name=facts.name)
    top = PAGE[1] - MARGIN
    return pages[-1].lines(MARGIN, top, wrap_hard(name, RIGHT - MARGIN, 12, "Bold")[:2], 12, cut="Bold") - 2.0


def _notes(facts: DistrictFacts, lang: Language) -> list[str]:
    """Say how figures were added up, what was not, and what is unknown."""
    lines = list(wrap_hard(say("paper.atlas_summed", lang), RIGHT - MARGIN, SMALL)) if facts.figures else []
    if facts.not_summed:
        told = say("paper.atlas_not_summed", lang, names="; ".join(facts.not_summed))
        lines += wrap_hard(told, RIGHT - MARGIN, SMALL)
    return [*lines, *missing_lines(facts, lang)]


def _fitting(rows: Sequence[Row], room: float) -> int:
    """Count the rows of figures that a table in the room can hold."""
    used = table_height([])
    for number, row in enumerate(rows):
        used += row_height(row)
        if used > room:
            return number
    return len(rows)


def _draw_counts(pen: PagePen, counts: Sequence[Count], top: float, lang: Language) -> float:
    """Write for each rule set how many communes it answers how, with a bar in the looks of the answers."""
    y = heading(pen, say("paper.atlas_counts", lang), top)
    if not counts:
        return pen.lines(MARGIN, y, [say("paper.atlas_no_rulings", lang)], TEXT, colour=MUTED)
    for number, each in enumerate(counts):
        base = y - 3.4
        x = MARGIN + 6.0
        pen.text(MARGIN + 1.0, base, _letter(number), TEXT, cut="Bold", colour=MET_FILL)
        room = RIGHT - _BAR - 3.0 - x
        label = shorten(each.label + (" *" if each.illustrative else ""), room, TEXT, "Bold")
        pen.text(x, base, label, TEXT, cut="Bold")
        after = x + text_width(label, TEXT, "Bold") + 2.0
        if after + text_width(each.document, SMALL) < x + room:
            pen.text(after, base, each.document, SMALL, colour=MUTED)
        _draw_bar(pen, each, Box(RIGHT - _BAR, base - 0.4, _BAR, 3.0))
        _draw_told(pen, each, x, base - 3.3, lang)
        y -= 8.2
    return y


def _draw_told(pen: PagePen, each: Count, x: float, y: float, lang: Language) -> None:
    """Write how many communes have which answer, each with its sign: the same as in the table of communes."""
    for answer in (MET, NOT_MET, UNKNOWN):
        if each.answers[answer]:
            draw_sign(pen, answer, x + 1.0, y + 0.8)
            told = f"{say(f'publish.page_answer_{answer}', lang)}: {whole(each.answers[answer], lang)}"
            pen.text(x + 3.0, y, told, SMALL)
            x += 3.0 + text_width(told, SMALL) + 4.0
    if each.not_judged:
        told = say("paper.atlas_not_judged", lang, n=whole(each.not_judged, lang))
        pen.text(x, y, f"– {told}", SMALL)


def _draw_bar(pen: PagePen, each: Count, box: Box) -> None:
    whole_bar = sum(each.answers) + each.not_judged
    x = box.x
    for answer, fill in ((MET, MET_FILL), (NOT_MET, PAPER), (UNKNOWN, PAPER)):
        width = box.w * each.answers[answer] / whole_bar
        if width:
            part = Box(x, box.y, width, box.h)
            pen.box(part, fill=fill, edge=NOT_EDGE, width=0.5, hatch=answer == UNKNOWN)
        x += width


def _draw_members(
    pen: PagePen, members: Sequence[Member], signs: int, top: float, columns: int, lang: Language
) -> float:
    """Write the communes with an answer for each rule set, their people and rank; return where they end."""
    y = heading(pen, say("paper.atlas_members", lang), top)
    width = (RIGHT - MARGIN - _GAP * (columns - 1)) / columns
    rows = -(-len(members) // columns)
    for k in range(columns):
        _draw_column(
            pen, members[k * rows : (k + 1) * rows], signs, Box(MARGIN + k * (width + _GAP), y, width, 0.0), lang
        )
    return y - 4.4 - rows * _STEP


def _draw_column(pen: PagePen, members: Sequence[Member], signs: int, place: Box, lang: Language) -> None:
    ranked, peopled = any(each.rank for each in members), any(each.population for each in members)
    right = place.right
    rank, people = right - 0.5, right - (17.0 if ranked else 0.0) - 0.5
    first = people - (16.0 if peopled else 0.0) - signs * _SIGN
    y = place.y
    for told, x, shown in (("rank", rank, ranked), ("population", people, peopled)):
        if shown:
            pen.text(x, y - 2.6, say(f"paper.atlas_{told}", lang), 6.0, colour=MUTED, across="right")
    for number in range(signs):
        x = first + (number + 0.5) * _SIGN
        pen.text(x, y - 2.6, _letter(number), 6.0, cut="Bold", colour=MET_FILL, across="center")
    y -= 4.0
    for number, each in enumerate(members):
        if number % 2 == 0:
            pen.box(Box(place.x, y - _STEP, place.w, _STEP), fill=SHADE, order=1)
        base = y - 2.9
        pen.text(place.x + 0.8, base, each.code, SMALL, colour=MUTED)
        begin = place.x + 0.8 + text_width("00000", SMALL) + 1.8
        pen.text(begin, base, shorten(each.name, first - begin - 1.0, TEXT), TEXT)
        for k, answer in enumerate(each.answers):
            x = first + (k + 0.5) * _SIGN
            if answer is None:
                pen.text(x, base, "–", SMALL, colour=MUTED, across="center")
            else:
                draw_sign(pen, answer, x, y - _STEP / 2)
        pen.text(people, base, each.population or ("…" if peopled else ""), SMALL, colour=INK, across="right")
        pen.text(rank, base, each.rank or ("…" if ranked else ""), SMALL, cut="Bold", across="right")
        y -= _STEP


def _letter(number: int) -> str:
    """Return the letter that stands for a rule set in the table of communes."""
    return ascii_uppercase[number] if number < len(ascii_uppercase) else str(number + 1)
