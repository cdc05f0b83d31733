"""Reads long tables of assessments: unit, code of an indicator or criterion, met or not met."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geontm.errors import TableError
from geontm.load.figure_tables import read_text_table
from geontm.tables import Issue, Table
from geontm.tables.columns import spelling_key

__all__ = ["AssessmentSource", "AssessmentTable", "read_assessments"]

IDENTITY = ("commune_code", "commune_name", "kind", "district_code", "district_name", "province_code", "province_name")
_ANSWERS = {"met": True, "not_met": False, "unknown": None}


@dataclass(frozen=True)
class AssessmentSource:
    """One file under ``assessments:``, for one rule set."""

    ruleset: str
    path: Path
    sheet: str | None = None
    date: datetime.date | None = None
    document: str = ""
    illustrative: bool = False


@dataclass(frozen=True)
class AssessmentTable:
    """A table as read.

    Attributes
    ----------
    rows : DataFrame, index ``row`` (as the spreadsheet counts, from 1)
        The identity columns that the file has (text), ``code`` (text) and ``answer`` (nullable boolean).
    """

    source: AssessmentSource
    rows: pd.DataFrame
    issues: tuple[Issue, ...] = ()


def read_assessments(source: AssessmentSource, *, identifiers: Table, words: Table) -> AssessmentTable:
    """Read one table of assessments.

    Parameters
    ----------
    source : AssessmentSource
    identifiers, words : Table
        The dictionaries ``communes`` and ``assessments``.

    Raises
    ------
    SourceError
        The file cannot be read.
    TableError
        It has no column of codes, of answers, or of units.
    """
    text = read_text_table(source.path, sheet=source.sheet)
    named = {header: words.find(header) or identifiers.find(header) for header in text.columns}
    wanted = {name: header for header, name in named.items() if name in (*IDENTITY, "code", "answer")}
    place = {"file": source.path.name}
    for name in ("code", "answer"):
        if name not in wanted:
            raise TableError(
                "assessments.column_missing", where=source.path, file=source.path.name, name=words[name].label,
                found=", ".join(text.columns),
            )  # fmt: skip
    units = [name for name in ("commune_code", "commune_name", "district_code", "district_name") if name in wanted]
    if not units:
        raise TableError(
            "assessments.column_missing", where=source.path, file=source.path.name,
            name=identifiers["commune_name"].label, found=", ".join(text.columns),
        )  # fmt: skip
    rows = pd.DataFrame({name: text[header] for name, header in wanted.items()}, index=text.index)
    issues = []
    no_code, no_unit = rows["code"].isna(), rows[units].isna().all(axis=1)
    for message, lacks in (("assessments.no_code", no_code), ("assessments.no_unit", no_unit & ~no_code)):
        issues += [Issue.of("error", message, **place, row=row) for row in rows.index[lacks]]
    rows = rows[~(no_code | no_unit)].copy()
    answers = {
        spelling_key(spelling): key
        for key, label in words["answer"].choices.items()
        for spelling in (key, label.vi, label.en, *_MORE.get(key, ()))
    }
    read = [answers.get(spelling_key(cell)) if isinstance(cell, str) else "unknown" for cell in rows["answer"]]
    for row, cell, answer in zip(rows.index, rows["answer"], read, strict=True):
        if answer is None:
            column = wanted["answer"]
            issues.append(
                Issue.of("error", "assessments.bad_answer", **place, row=row, column=column, value=cell, answer=cell)
            )
    rows["answer"] = pd.array([_ANSWERS[answer] if answer else None for answer in read], dtype="boolean")
    return AssessmentTable(source, rows, tuple(issues))


_MORE = {"met": ("x", "có"), "not_met": ("không đạt", "không"), "unknown": ("…", "chưa có", "chưa rõ", "chưa đánh giá")}
