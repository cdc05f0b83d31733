"""The legend of a map: each class with its colour, name and number of units; two columns as a square."""

from __future__ import annotations

from collections.abc import Sequence

from geontm.messages import Language, say
from geontm.publish.paper.pen import INK, MUTED, NO_DATA_FILL, PAPER, Pen
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import POINT_MM, clean, text_width, wrap
from geontm.publish.paper.wording import Wording, unit_word, whole
from geontm.publish.theme import Theme

__all__ = ["draw_legend", "legend_height"]

BAR, EDGE = "#c5d0d6", "#6b675e"
_MOST_ROWS = 16
_SMALL = 7.0  # points
_FOR_BARS = 50.0  # mm: a narrower legend has numbers without bars
_DARK = 0.45  # luminance below which a number is written in white
Row = tuple[str | None, str, int]


def draw_legend(pen: Pen, box: Box, theme: Theme, words: Wording, lang: Language, s: float) -> float:
    """Draw the legend from the top of a box; return where it ends.

    What is not known is hatched. Of more categories than fit, the last are summed up in one row that says how many.
    """
    y = pen.lines(box.x, box.top, [say("paper.legend", lang)], 9 * s, cut="Bold")
    y = pen.lines(box.x, y - 0.6 * s, wrap(words.heading, box.w, 8 * s, lines=4), 8 * s)
    if words.unit:
        y = pen.lines(box.x, y, wrap(words.unit, box.w, 7 * s, lines=2), 7 * s, colour=MUTED)
    head = _SMALL * s
    pen.text(box.right, y - head * POINT_MM, say("paper.legend_counts", lang), head, across="right", colour=MUTED)
    y -= head * POINT_MM + 1.4 * s
    unknown: Row = (None, clean(theme.missing[lang]), theme.unknown)
    if len(theme.axes) == 2:
        y = _draw_square(pen, Box(box.x, box.y, box.w, y - box.y), theme, lang, s)
        y = _draw_rows(pen, box, y, [unknown], s, lang=lang, bars=False)
    else:
        y = _draw_rows(pen, box, y, [*_rows(theme, lang), unknown], s, lang=lang, bars=box.w >= _FOR_BARS * s)
    lines = [line for text in (*words.method, *words.notes) for line in wrap(text, box.w, _SMALL * s)]
    return pen.lines(box.x, y - 0.8 * s, lines, _SMALL * s, colour=MUTED)


def legend_height(box: Box, theme: Theme, words: Wording, lang: Language, s: float) -> float:
    """Return how high a legend stands in a box of this width (mm)."""
    return box.top - draw_legend(Pen(10, 10), box, theme, words, lang, s)


def _rows(theme: Theme, lang: Language) -> list[Row]:
    labels = map(clean, theme.class_labels(lang))
    rows: list[Row] = list(zip(theme.colours, labels, theme.counts, strict=False))
    if len(rows) <= _MOST_ROWS:
        return rows
    left = rows[_MOST_ROWS - 1 :]
    others = say("paper.legend_others", lang, n=len(left))
    return [*rows[: _MOST_ROWS - 1], (PAPER, others, sum(count for _, _, count in left))]


def _draw_rows(
    pen: Pen, box: Box, y: float, rows: Sequence[Row], s: float, *, lang: Language, bars: bool
) -> float:  # fmt: skip
    size, high = 7.2 * s, 4.4 * s
    digits = max(text_width(whole(count, lang), size) for _, _, count in rows)
    bar = 13 * s if bars else 0.0
    room = box.w - 9.5 * s - bar - digits - 3 * s
    most, step = max([1, *(count for _, _, count in rows)]), size * POINT_MM * 1.15
    for colour, label, count in rows:
        lines = wrap(label, room, size, lines=4)
        tall = max(high, len(lines) * step)
        middle = y - tall / 2
        swatch = Box(box.x, middle - high / 2, 7.2 * s, high)
        pen.box(swatch, fill=colour or NO_DATA_FILL, edge=EDGE, width=0.4, hatch=colour is None)
        first = middle + (len(lines) - 1) * step / 2 - size * POINT_MM * 0.36
        for k, line in enumerate(lines):
            pen.text(box.x + 9.5 * s, first - k * step, line, size)
        if count and bars:
            length = max(bar * count / most, 0.3)
            pen.box(Box(box.right - digits - 2 * s - bar, middle - 1.3 * s, length, 2.6 * s), fill=BAR)
        pen.text(box.right, middle - size * POINT_MM * 0.36, whole(count, lang), size, across="right")
        y -= tall + 1.1 * s
    return y


def _draw_square(pen: Pen, box: Box, theme: Theme, lang: Language, s: float) -> float:
    """Draw the square of two columns with the number of units in each cell; both sides run from good to bad.

    The arrow of a side shows where its figures grow.
    """
    first, second = theme.axes
    columns, rows = len(first.names), len(second.names)
    size, names = 7.2 * s, _SMALL * s
    units = [f" ({unit_word(axis.unit, lang)})" if axis.unit else "" for axis in theme.axes]
    left = max((text_width(clean(name[lang]), names) for name in second.names), default=0.0)
    left = min(left, 17 * s) + 1.5 * s
    up, across = "↓" if second.reverse else "↑", "←" if first.reverse else "→"
    y = pen.lines(box.x, box.top, [f"{up} {clean(second.short[lang])}{units[1]}"], size, cut="Bold") - 0.8 * s
    wide, high = (box.w - left) / max(columns, 1), 8.5 * s
    counts = theme.counts
    for row in range(rows):
        base = y - (rows - row) * high
        lines = wrap(clean(second.names[row][lang]), left - 1.2 * s, names, lines=3)
        pen.centred(box.x + left / 2 - 0.6 * s, base + high / 2, lines, names)
        for column in range(columns):
            cell, k = Box(box.x + left + column * wide, base, wide, high), row * columns + column
            pen.box(cell, fill=theme.colours[k], edge=PAPER, width=0.8 * s)
            ink = PAPER if _luminance(theme.colours[k]) < _DARK else INK
            pen.centred(*cell.middle, [whole(counts[k], lang)], 7.2 * s, cut="Bold", colour=ink)
    y -= rows * high + 1.0 * s
    below = 1
    for column in range(columns):
        lines = wrap(clean(first.names[column][lang]), wide - 0.8 * s, names, lines=3)
        below = max(below, len(lines))
        for k, line in enumerate(lines):
            middle = box.x + left + (column + 0.5) * wide
            pen.text(middle, y - (k + 0.8) * names * POINT_MM * 1.15, line, names, across="center")
    y -= below * names * POINT_MM * 1.15 + 0.6 * s
    return pen.lines(box.x + left, y, [f"{across} {clean(first.short[lang])}{units[0]}"], size, cut="Bold") - 1.2 * s


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
