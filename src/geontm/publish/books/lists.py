"""Plain sheets: ranking, further tables, the dictionary of columns, issues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from geontm.messages import Language, catalogue, say
from geontm.publish.books.book import GAP, Book, cell_values
from geontm.publish.books.heads import height_of, open_sheet, width_of, write_heads
from geontm.publish.books.origins import Behind, span
from geontm.publish.class_words import plain_number
from geontm.publish.content import Content, communes_table
from geontm.publish.offered import column_of
from geontm.publish.origins import origin_of
from geontm.publish.spelt import unit_word
from geontm.tables import Column, issues_frame

__all__ = ["FURTHER", "write_dictionary", "write_frame", "write_further", "write_issues", "write_ranking"]

# Tables of a run that are short enough to read; villages, households and other long ones stay files of their own.
FURTHER = ("programme", "criteria", "standing", "differences")
_MAX_ROWS = 1_048_000
_MOST_HEIGHTS = 5_000  # rows whose height is worked out; longer tables keep one line
# Widths of the columns of issues and of the dictionary: one page of A3.
_ISSUES = (11, 26, 16, 9, 26, 32, 66, 60)
_DICTIONARY = (26, 40, 36, 12, 44, 12, 36, 11, 24, 14)
_SEVERITY = {"error": "not_met", "warning": "unknown", "info": "met"}


def write_frame(
    book: Book,
    sheet: Any,
    row: int,
    heads: Sequence[str],
    columns: Sequence[list[Any]],
    *,
    widest: Sequence[float] = (),
) -> None:
    """Write headings and cells from a row on; an unknown cell stays empty, a long text is wrapped.

    ``widest`` limits the width of each column; without it all are as wide as 60.
    """
    write_heads(book, sheet, row, heads)
    limits = widest or [60.0] * len(heads)
    shown = zip(heads, columns, limits, strict=True)
    widths = [width_of(head, cells, 2, widest=limit) for head, cells, limit in shown]
    texts = book.format(num_format="@", valign="top", text_wrap=True, bottom=4, bottom_color="#C9C9C9")
    number, whole = (book.number(k, valign="top", bottom=4, bottom_color="#C9C9C9") for k in (2, 0))
    for place, cells in enumerate(columns):
        for at, value in enumerate(cells[: _MAX_ROWS - row], start=row + 1):
            if isinstance(value, bool):
                sheet.write_string(at, place, say(f"publish.page_{'yes' if value else 'no'}", book.lang), texts)
            elif isinstance(value, (int, float)):
                sheet.write_number(at, place, value, whole if float(value).is_integer() else number)
            elif value is not None:
                sheet.write_string(at, place, str(value), texts)
            else:
                sheet.write_blank(at, place, None, texts)
        sheet.set_column(place, place, widths[place])
    for at in range(min(_MOST_HEIGHTS, max((len(cells) for cells in columns), default=0))):
        row_texts = [(str(cells[at] or ""), width) for cells, width in zip(columns, widths, strict=True)]
        sheet.set_row(row + 1 + at, height_of(row_texts))
    most = max((len(cells) for cells in columns), default=0)
    if most > _MAX_ROWS - row:
        sheet.write_string(_MAX_ROWS + 1, 0, say("publish.rows_left", book.lang, n=most - _MAX_ROWS + row))
    sheet.set_row(row, height_of(zip(heads, widths, strict=True), size=10.5, least=2))
    sheet.freeze_panes(row + 1, 0)
    sheet.autofilter(row, 0, row + max(1, most), max(0, len(heads) - 1))
    book.print_on(sheet, widths=widths, repeat=(row, row))


def write_ranking(book: Book, content: Content) -> None:
    """Write units by rank with the interval of their score and the part of each indicator in it."""
    table = content.priority
    if not len(table) or "priority_score" not in table:
        return
    names = pd.DataFrame(content.units.drop(columns="geometry"))[["commune_name", "province_name"]]
    table = names.join(table).rename_axis("commune_code").reset_index()
    order = [name for name in ("priority_rank", "commune_code") if name in table]
    table = table.sort_values(order, kind="stable", na_position="last")
    first = [name for name in ("priority_rank", "rank_best", "rank_worst") if name in table]
    identity = ["commune_code", "commune_name", "province_name"]
    rest = [name for name in map(str, table.columns) if name not in (*first, *identity)]
    sheet, _ = book.add(book.words("sheet_ranking"))
    illustrative = book.words("rests") if {"priority_score", "priority_rank"} & content.illustrative else ""
    open_sheet(book, sheet, content, title=book.words("sheet_ranking"), note=illustrative)
    shown = [*first, *identity, *rest]
    heads = [_ranking_head(book, content, name) for name in shown]
    columns = [[GAP if v is None else v for v in cell_values(table[name])] for name in shown]
    write_heads(book, sheet, 2, heads)
    line: dict[str, Any] = {"bottom": 4, "bottom_color": "#C9C9C9"}
    score, whole = book.number(3, **line), book.number(align="center", **line)
    text, middle = book.format(num_format="@", **line), book.format(num_format="@", align="center", **line)
    widths = [width_of(head, cells, 3) for head, cells in zip(heads, columns, strict=True)]
    for place, (name, cells) in enumerate(zip(shown, columns, strict=True)):
        for row, value in enumerate(cells, start=3):
            if isinstance(value, str):
                sheet.write_string(row, place, value, middle if value == GAP else text)
            else:
                sheet.write_number(row, place, value, whole if name in first else score)
        sheet.set_column(place, place, widths[place])
    last = 2 + max(1, len(table))
    bars = shown.index("priority_score")
    # A plain bar: the newer kind is an extension that other readers of the file complain about.
    bar = {"type": "data_bar", "bar_color": "#8FB4D1", "min_type": "num", "min_value": 0}
    sheet.conditional_format(3, bars, last, bars, bar)
    book.colour_answers(sheet, (3, 0, last, len(shown) - 1), [(GAP, "unknown")])
    sheet.set_row(2, height_of(zip(heads, widths, strict=True), size=10.5, least=3))
    sheet.freeze_panes(3, len(first) + 2)
    sheet.autofilter(2, 0, last, len(shown) - 1)
    book.print_on(sheet, widths=widths, repeat=(2, 2), names=len(first) + 2)


def _ranking_head(book: Book, content: Content, name: str) -> str:
    if name.startswith("part_"):
        return book.words("part", label=column_of(content, name.removeprefix("part_")).label[book.lang])
    own = f"books.ranking_{name}"
    return say(own, book.lang) if own in catalogue() else column_of(content, name).label[book.lang]


def write_further(book: Book, content: Content) -> None:
    """Write the tables of the programme and of criteria, where the run has them."""
    for name in sorted(content.more):
        table = content.more[name]
        if not len(table) or not name.startswith(FURTHER):
            continue
        own = f"books.sheet_{name}"
        title = say(own, book.lang) if own in catalogue() else name
        sheet, _ = book.add(title)
        open_sheet(book, sheet, content, title=title)
        # A text in two languages is shown in the reader's only.
        other = "_en" if book.lang == "vi" else "_vi"
        shown = [column for column in map(str, table.columns) if not column.endswith(other)]
        heads = [_further_head(book, content, column) for column in shown]
        write_frame(book, sheet, 2, heads, [_further_cells(book, content, table, column) for column in shown])


def _further_head(book: Book, content: Content, name: str) -> str:
    plain = name.removesuffix("_vi").removesuffix("_en")
    for own in (f"books.column_{plain}", f"publish.head_{plain}"):
        if own in catalogue():
            return say(own, book.lang)
    column = content.dictionary.get(name)
    return column.label[book.lang] if column else name


def _further_cells(book: Book, content: Content, table: pd.DataFrame, name: str) -> list[Any]:
    """Return the cells of a further table; words that programs use are said in the reader's language."""
    if name == "ruleset":
        labels = {note.id: note.label[book.lang] for note in content.rulesets}
        return [labels.get(value, value) for value in cell_values(table[name])]
    known = catalogue()
    return [
        say(f"books.cell_{value}", book.lang) if isinstance(value, str) and f"books.cell_{value}" in known else value
        for value in cell_values(table[name])
    ]


def write_dictionary(book: Book, content: Content, behind: Behind) -> None:
    """Write what each column of the run means and where it comes from."""
    lang = book.lang
    table = communes_table(content)
    title = say("publish.sheet_dictionary", lang)
    sheet, _ = book.add(title)
    open_sheet(book, sheet, content, title=title)
    keys = ("name", "label_vi", "label_en", "unit", "meaning", "range", "how", "years", "files", "illustrative")
    rows = [_told_of(book, content, column_of(content, str(name)), behind) for name in table.columns]
    heads = [book.words(f"dictionary_{key}") for key in keys]
    cells = [list(column) for column in zip(*rows, strict=True)]
    write_frame(book, sheet, 2, heads, cells, widest=_DICTIONARY)


def _told_of(book: Book, content: Content, column: Column, behind: Behind) -> tuple[Any, ...]:
    lang, source = book.lang, behind.of(column.name)
    meaning = [column.note[lang]] if column.note else []
    meaning += [f"{key}: {label[lang]}" for key, label in column.choices.items()]
    how = "how_derived" if source is None else "how_measured" if source.measured else "how_given"
    worked = origin_of(content, column.name)
    documents = content.bases.get(column.name, ())
    if documents:
        how = "how_decided"
    if column.name == "commune_code" or column.name in content.units.columns:
        how = "how_unit"
    return (
        column.name,
        column.label.vi,
        column.label.en,
        unit_word(column.unit, lang),
        "; ".join(meaning),
        _range(column, lang),
        worked.how[lang] if worked.how and not documents else book.words(how),
        span(source.known if source else worked.years),
        "; ".join(documents or (source.files if source else worked.sources)),
        say("publish.page_illustrative", lang) if column.name in content.illustrative else "",
    )


def _range(column: Column, lang: Language) -> str:
    low, high = (None if end is None else plain_number(end, lang) for end in (column.minimum, column.maximum))
    if low is not None and high is not None:
        return f"{low} – {high}"
    return f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else ""


def write_issues(book: Book, content: Content) -> None:
    """Write everything odd in the data, gravest first, coloured by how grave it is."""
    lang = book.lang
    table = issues_frame(content.issues, lang)
    title = say("publish.sheet_issues", lang)
    sheet, _ = book.add(title)
    open_sheet(book, sheet, content, title=title)
    words = {key: book.words(f"severity_{key}") for key in _SEVERITY}
    shown = table.assign(severity=table["severity"].map(words).fillna(table["severity"]))
    heads = [say(f"publish.head_{name}", lang) for name in table.columns]
    cells = [[value or None for value in cell_values(shown[name])] for name in table.columns]
    write_frame(book, sheet, 2, heads, cells, widest=_ISSUES)
    last = 2 + max(1, len(table))
    book.colour_answers(sheet, (3, 0, last, 0), [(words[key], answer) for key, answer in _SEVERITY.items()])
