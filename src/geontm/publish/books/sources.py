"""The sheet that says what the results stand on."""

from __future__ import annotations

from collections.abc import Iterable

from geontm.messages import say, spelt_day
from geontm.publish.books.book import GAP, Book
from geontm.publish.books.heads import height_of, open_sheet
from geontm.publish.books.origins import span
from geontm.publish.content import Content
from geontm.publish.offered import column_of
from geontm.publish.spelt import units_of

__all__ = ["write_sources"]

_WIDTHS = (44.0, 96.0)


def write_sources(book: Book, content: Content) -> None:
    """Write what the results stand on: day, boundaries, rule sets, files, and the fingerprint of the run."""
    sheet, _ = book.add(book.words("sheet_sources"))
    open_sheet(book, sheet, content, title=book.words("sheet_sources"))
    row = 3
    for title, lines in _sections(book, content):
        if not lines:
            continue
        sheet.write_string(row, 0, title, book.format(bold=True, font_size=12, font_color="#1F3A4D", bottom=1))
        sheet.write_blank(row, 1, None, book.format(bottom=1))
        for at, (head, text) in enumerate(lines, start=row + 1):
            sheet.write_string(at, 0, head, book.format(valign="top", text_wrap=True))
            sheet.write_string(at, 1, text, book.format(valign="top", text_wrap=True))
            sheet.set_row(at, height_of(zip((head, text), _WIDTHS, strict=True)))
        row += len(lines) + 2
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    book.print_on(sheet, widths=_WIDTHS)


def _sections(book: Book, content: Content) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    notes, lang = content.notes, book.lang
    run = [
        (book.words("source_project"), content.title),
        (book.words("source_day"), spelt_day(content.as_of, lang)),
        (book.words("source_units"), units_of(content.units["kind"].fillna(""), lang)),
        (book.words("source_fingerprint"), content.fingerprint),
    ]
    yield book.words("section_run"), run
    bounds = [(book.words("source_layer"), notes.source[lang]), (book.words("source_crs"), notes.crs)]
    if notes.date:
        day = spelt_day(notes.date, lang)
        bounds.append((book.words("source_valid"), day))
    if notes.border_tolerance_m is not None:
        tolerance = say("publish.page_border_tolerance", lang, m=f"{notes.border_tolerance_m:g}")
        bounds.append((book.words("source_border"), tolerance))
    if notes.schematic:
        bounds.append((say("publish.page_schematic", lang), say("publish.page_schematic_note", lang)))
    yield book.words("section_boundaries"), bounds
    rules = [(note.label[lang], " · ".join(filter(None, (note.cited(lang), note.id)))) for note in content.rulesets]
    yield book.words("section_rules"), rules
    yield book.words("section_files"), _files(book, content)
    named = [name for name in content.wide.columns if name in content.illustrative]
    constructed = [(column_of(content, name).label[lang], book.words("constructed")) for name in named]
    yield book.words("section_illustrative"), constructed
    keys = ("gap", "totals", "colours")
    told = [(book.words(f"reading_{key}", gap=GAP), book.words(f"reading_{key}_means")) for key in keys]
    yield book.words("section_reading"), told


def _files(book: Book, content: Content) -> list[tuple[str, str]]:
    """List the files of figures with what each gave and of which years."""
    rows = content.indicators
    if not len(rows) or "source_file" not in rows:
        return []
    lines = []
    for file, table in rows[rows["value"].notna()].groupby("source_file", sort=True):
        labels = [column_of(content, str(name)).label[book.lang] for name in sorted(table["indicator"].unique())]
        years = span(tuple(sorted({int(year) for year in table["year"].dropna().unique()})))
        lines.append((str(file), f"{years}: {', '.join(labels)}" if years else ", ".join(labels)))
    return lines
