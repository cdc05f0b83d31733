"""A sheet per rule set: each unit with its verdict and its answer to every condition; counts stay live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

from geontm.law.rules import OUTSIDE_SCOPE
from geontm.messages import say
from geontm.publish.books.book import GAP, Book, cell_values, range_in
from geontm.publish.books.heads import head_format, height_of, open_sheet, width_of, write_heads
from geontm.publish.content import Content, RuleSetNote
from geontm.tables import list_briefly

__all__ = ["Tested", "write_counts", "write_rules"]

_COUNT_ROW, _ARTICLE_ROW, _TEST_ROW, _HEAD_ROW = 2, 3, 4, 5
_FIRST = 6
_REASON = 80.0
_MOST_REASONS = 1_000  # more units than that make a file of reasons, which verdicts.parquet is


@dataclass(frozen=True)
class Tested:
    """A condition, or verdict, as the sheet of answers by test refers to it: ``cells`` hold the answers.

    ``article`` stands over its column; where units differ in it, as under a list, ``documents`` names the
    first of them.
    """

    ruleset: RuleSetNote
    test: str
    label: str
    limit: str
    article: str
    documents: str
    cells: str
    counts: Mapping[str, int]

    @property
    def is_verdict(self) -> bool:
        """Whether it is the verdict of the set as a whole."""
        return self.test == self.ruleset.id


@dataclass(frozen=True, eq=False)
class _Column:
    """A column of the sheet: what stands over it, and a cell per unit."""

    article: str
    test: str
    head: str
    cells: list[Any]
    kind: str = "answer"  # answer, value, text, reason
    of: str = ""  # the condition: two of the same words stay apart


def answer_words(book: Book) -> dict[str, str]:
    """Return what a cell says for each answer; signs keep them apart in black and white."""
    return {answer: book.words(f"answer_{answer}") for answer in ("met", "not_met", "unknown")}


def write_rules(book: Book, content: Content, note: RuleSetNote) -> list[Tested]:
    """Write the sheet of one rule set; return where its answers stand. A set without answers for units has no sheet."""
    rows = content.verdicts
    rows = rows[rows["ruleset"] == note.id] if len(rows) else rows
    if not len(rows):
        return []
    units = pd.DataFrame(content.units.drop(columns="geometry")).rename(index=str).sort_index()
    tests = list(dict.fromkeys(map(str, rows["test"])))
    # The verdict stands first, then outcomes and conditions in the order of the law.
    tests.sort(key=lambda test: test != note.id)
    by_test = {str(test): table for test, table in rows.groupby("test", sort=False)}
    sheet, name = book.add(note.label[book.lang])
    columns, answers = _unit_columns(book, units), {}
    words, last = answer_words(book), _FIRST + max(1, len(units)) - 1
    told = []
    for test in tests:
        table = by_test[test].set_index("commune_code").reindex(units.index)
        answers[test] = len(columns)
        told.append(_tested(note, test, table, book, range_in(name, _FIRST, last, len(columns))))
        columns += _test_columns(book, note, told[-1], table, words)
    # The criteria of a scored set tell why by themselves; their reasons are as long as the list of them.
    if len(units) <= _MOST_REASONS and note.id in by_test and not note.scored:
        reasons = by_test[note.id].set_index("commune_code").reindex(units.index)[f"reason_{book.lang}"]
        columns.append(_Column("", "", book.words("head_reason"), cell_values(reasons), "reason"))
    note_line = "" if len(units) <= _MOST_REASONS else book.words("reasons_elsewhere")
    document = say("books.rules_document", book.lang, document=note.cited(book.lang)) if note.document else ""
    rests = book.words("rests") if _rests(content, note) else ""
    lines = " · ".join(filter(None, (document, rests, note_line)))
    open_sheet(book, sheet, content, title=note.label[book.lang], note=lines)
    widths = _write_columns(book, sheet, columns)
    _write_live(book, sheet, told, answers)
    place = (_FIRST, 0, last, len(columns) - 1)
    book.colour_answers(sheet, place, [(words[each], each) for each in words])
    sheet.freeze_panes(_FIRST, 2)
    sheet.autofilter(_HEAD_ROW, 0, last, len(columns) - 1)
    book.print_on(sheet, widths=widths, repeat=(_ARTICLE_ROW, _HEAD_ROW), names=2)
    return told


def _rests(content: Content, note: RuleSetNote) -> bool:
    scores = content.scores
    if "illustrative" not in scores:
        return False
    return bool(scores.loc[scores["ruleset"] == note.id, "illustrative"].fillna(False).astype(bool).any())


def _unit_columns(book: Book, units: pd.DataFrame) -> list[_Column]:
    named = {"commune_code": "head_code", "commune_name": "head_name", "province_name": "head_province"}
    table = units.assign(commune_code=units.index)
    columns = [
        _Column("", "", say(f"publish.{head}", book.lang), cell_values(table[name]), "text")
        for name, head in named.items()
    ]
    if "district_name" in table and table["district_name"].notna().any():
        columns.append(_Column("", "", book.words("annex_district"), cell_values(table["district_name"]), "text"))
    return columns


def _tested(note: RuleSetNote, test: str, table: pd.DataFrame, book: Book, cells: str) -> Tested:
    answers = table["answer"].astype("object")
    counts = {answer: int(answers.eq(answer).sum()) for answer in ("met", "not_met")}
    counts["unknown"] = len(table) - sum(counts.values())
    articles = list(dict.fromkeys(str(text) for text in table["article"].dropna()))
    # A list cites a document per unit: then no one document stands over the column.
    article = articles[0] if len(articles) == 1 else ""
    condition = note.conditions_by_id.get(test)
    limit = condition.limit[book.lang] if condition else ""
    documents = list_briefly(articles, "; ", most=3)
    return Tested(note, test, _label(note, test, book), limit, article, documents, cells, counts)


def _label(note: RuleSetNote, test: str, book: Book) -> str:
    """Name a verdict, an outcome, a criterion with its number, a condition; what no rule set notes by its id."""
    if test == note.id:
        return book.words("verdict")
    if outcome := note.outcomes_by_id.get(test):
        return outcome.label[book.lang]
    condition = note.conditions_by_id.get(test)
    if condition is None:
        return test
    label = condition.label[book.lang]
    return f"{condition.number}. {label}" if condition.number else label


def _test_columns(
    book: Book, note: RuleSetNote, tested: Tested, table: pd.DataFrame, words: Mapping[str, str]
) -> list[_Column]:
    """Return the answers to a condition, and beside them the values and limits that tell units apart."""
    texts = table["answer"].map(words).fillna(words["unknown"]).tolist()
    limits, values = table["threshold"], table["value"]
    different = set(limits.dropna())
    several = len(different) > 1
    # A condition on yes or no says by its label what it asks.
    asked = "" if several or different == {"true"} else tested.limit
    head = "\n".join(filter(None, (tested.label, asked)))
    columns = [_Column(tested.article, head, book.words("head_answer"), texts, of=tested.test)]
    outcomes = tested.is_verdict and bool(note.outcomes)
    if values.notna().any() and not _says_the_same(values):
        shown = [_outcome(value, note) if outcomes else _value(value, book) for value in cell_values(values)]
        key = "head_outcome" if outcomes else "head_criteria" if tested.is_verdict else "head_value"
        columns.append(_Column(tested.article, head, book.words(key), shown, "value", tested.test))
    if tested.documents and not tested.article:
        cited = cell_values(table["article"])
        columns.append(_Column(tested.article, head, book.words("head_article"), cited, "value", tested.test))
    if several:
        shown = [_limit(text, note, tested.test, book) for text in cell_values(limits)]
        columns.append(_Column(tested.article, head, book.words("head_limit"), shown, "value", tested.test))
    return columns


def _says_the_same(values: pd.Series) -> bool:
    """Tell whether the values are yes and no only, which the answers tell already."""
    return set(values.dropna().unique()) <= {"true", "false"}


def _value(text: str | None, book: Book) -> Any:
    """Return a value of the long table, which is written for programs, as a cell: a number where it is one."""
    if text is None:
        return GAP
    if text in ("true", "false"):
        return say(f"publish.page_{'yes' if text == 'true' else 'no'}", book.lang)
    try:
        return float(text)
    except ValueError:
        return text


def _outcome(text: str | None, note: RuleSetNote) -> str:
    """Write the id of an outcome as lists print it; outside the scope none holds."""
    if text is None:
        return GAP
    outcome = note.outcomes_by_id.get(text)
    return outcome.sign if outcome else "–" if text == OUTSIDE_SCOPE else text


def _limit(text: str | None, note: RuleSetNote, test: str, book: Book) -> str | None:
    """Write a limit of the long table in words; as it stands where the rule set does not note it."""
    condition = note.conditions_by_id.get(test)
    if text is None or condition is None or text not in condition.limits:
        return text
    return condition.limits[text][book.lang]


def _write_columns(book: Book, sheet: Any, columns: Sequence[_Column]) -> list[float]:
    """Write headings and cells; return the widths of the columns."""
    line = {"bottom": 4, "bottom_color": "#C9C9C9", "valign": "top"}
    styles = {
        "answer": book.format(num_format="@", align="center", **line),
        "text": book.format(num_format="@", **line),
        "value": book.format(num_format="@", align="center", **line),
        "reason": book.format(num_format="@", text_wrap=True, font_size=9, **line),
    }
    number = book.number(2, **line)
    widths = [_width(column) for column in columns]
    for place, column in enumerate(columns):
        style = styles[column.kind]
        for row, value in enumerate(column.cells, start=_FIRST):
            if isinstance(value, float):
                sheet.write_number(row, place, value, number)
            elif value is not None:
                sheet.write_string(row, place, value, style)
            else:
                sheet.write_blank(row, place, None, style)
        sheet.set_column(place, place, widths[place])
    if columns[-1].kind == "reason":
        for row, value in enumerate(columns[-1].cells, start=_FIRST):
            sheet.set_row(row, height_of([(value or "", _REASON)], size=9, least=2))
    write_heads(book, sheet, _HEAD_ROW, [column.head for column in columns])
    _write_over(book, sheet, _ARTICLE_ROW, [column.article for column in columns], widths, [""] * len(columns))
    tests = [column.test for column in columns]
    _write_over(book, sheet, _TEST_ROW, tests, widths, [column.of for column in columns])
    sheet.set_row(_HEAD_ROW, 18)
    return widths


def _width(column: _Column) -> float:
    if column.kind == "reason":
        return _REASON
    return max(16.0 if column.kind == "answer" else 0.0, width_of(column.head, column.cells, 2))


def _write_over(
    book: Book, sheet: Any, row: int, texts: Sequence[str], widths: Sequence[float], apart: Sequence[str]
) -> None:
    """Write a line of headings, each once over the neighbours that share it; ``apart`` keeps equal texts apart."""
    shown = []
    for (text, _), places in groupby(range(len(texts)), key=lambda place: (texts[place], apart[place])):
        span = list(places)
        if not text:
            continue
        style = head_format(book)
        if len(span) > 1:
            sheet.merge_range(row, span[0], row, span[-1], "", style)
        sheet.write_string(row, span[0], text, style)
        shown.append((text, sum(widths[place] for place in span)))
    sheet.set_row(row, height_of(shown, size=10.5) + 4)


def _write_live(book: Book, sheet: Any, told: Sequence[Tested], answers: Mapping[str, int]) -> None:
    """Count the answers to each condition in the row over it, as *✓ 9 · ✗ 45 · ? 0*."""
    style = book.format(bold=True, align="center", font_size=9, bg_color="#EEF2F5")
    sheet.write_string(_COUNT_ROW, 0, book.words("counts"), book.format(bold=True, font_size=9, bg_color="#EEF2F5"))
    words = answer_words(book)
    for each in told:
        parts = [f'"{words[answer][0]} "&COUNTIF({each.cells},"{words[answer]}")' for answer in words]
        value = " · ".join(f"{words[answer][0]} {each.counts[answer]}" for answer in words)
        sheet.write_formula(_COUNT_ROW, answers[each.test], "=" + '&" · "&'.join(parts), style, value)


def write_counts(book: Book, content: Content, told: Sequence[Tested]) -> None:
    """Write how many units answer each condition how: formulas over the sheets of the rule sets."""
    sheet, _ = book.add(say("publish.sheet_verdicts", book.lang))
    open_sheet(book, sheet, content, title=say("publish.sheet_verdicts", book.lang))
    first = [say(f"publish.head_{name}", book.lang) for name in ("ruleset", "test")]
    answers = [say(f"publish.head_{name}", book.lang) for name in ("met", "not_met", "unknown")]
    heads = [*first, book.words("head_limit"), *answers, book.words("head_article"), book.words("head_identifier")]
    write_heads(book, sheet, 2, heads)
    words = answer_words(book)
    widths = (40, 52, 30, 11, 14, 12, 46, 22)
    small = book.format(font_size=9, font_color="#4A5560", valign="top", text_wrap=True)
    for row, (each, names) in enumerate(_once(told), start=3):
        texts = (each.ruleset.label[book.lang], each.label, each.limit, "", "", "", each.documents)
        bold = {"bold": True} if each.is_verdict else {}
        style = book.format(text_wrap=True, valign="top", **bold)
        for place, text in enumerate(texts):
            sheet.write_string(row, place, text, style)
        for place, answer in enumerate(words, start=3):
            formula = f'=COUNTIF({each.cells},"{words[answer]}")'
            number = book.number(valign="top", align="center", **bold)
            sheet.write_formula(row, place, formula, number, each.counts[answer])
        sheet.write_string(row, 7, ", ".join(names), small)
        sheet.set_row(row, height_of(zip((*texts, ", ".join(names)), widths, strict=True)))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(3, 2)
    book.print_on(sheet, widths=widths, repeat=(2, 2))


def _once(told: Sequence[Tested]) -> list[tuple[Tested, list[str]]]:
    """Name a condition that the law asks in several places once, with all its identifiers."""
    found: dict[tuple[Any, ...], tuple[Tested, list[str]]] = {}
    for each in told:
        key = (each.ruleset.id, each.is_verdict, each.label, each.limit, each.documents, *each.counts.values())
        # Without a limit only the identifier tells conditions apart.
        found.setdefault(key if each.limit else (*key, each.test), (each, []))[1].append(each.test)
    return list(found.values())
