"""Columns and tables described as data; their checks run on pandera and speak the planner's words."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from geontm.errors import TableError
from geontm.messages import Label
from geontm.tables.issues import Issue

__all__ = ["Column", "ColumnType", "Label", "Table", "spelling_key"]

ColumnType = Literal["text", "number", "integer", "boolean", "category"]
_DType = Literal["str", "Float64", "Int64", "boolean"]
_DTYPES: dict[ColumnType, _DType] = {
    "text": "str",
    "number": "Float64",
    "integer": "Int64",
    "boolean": "boolean",
    "category": "str",
}


@dataclass(frozen=True)
class Column:
    """One entry of the column dictionary (``data/tables/*.yaml``).

    Attributes
    ----------
    name : str
        Identifier; ends in its unit (``_km``, ``_km2``, ``_pct`` 0–100, ``_share`` 0–1, ``_count``).
    type : {"text", "number", "integer", "boolean", "category"}
    label : Label
        What a planner reads on legends, tooltips and table headers.
    unit : str
        Unit as printed (``%``, ``km``, ``người``); empty for text.
    minimum, maximum : float or None
        Closed range of allowed values.
    pattern : str
        Regular expression a text must match in full; empty for any.
    choices : mapping of str to Label
        Allowed values of a category; of a text, the words that it may list, separated by ``", "``.
    required : bool
        The table is refused without the column or with gaps in it.
    nature : {"extensive", "intensive", ""}
        Extensive values add up over units; intensive ones are averaged with ``weight``.
    weight : str
        Name of the extensive column that weighs an intensive one (``household_count`` for a household rate).
    better : {"high", "low", ""}
        Direction in which a planner wants the value to move.
    aliases : tuple of str
        Spellings met in files.
    note : Label or None
        Definition, or a warning that must be printed with the column.
    """

    name: str
    type: ColumnType
    label: Label
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    choices: Mapping[str, Label] = field(default_factory=dict)
    required: bool = False
    nature: Literal["extensive", "intensive", ""] = ""
    weight: str = ""
    better: Literal["high", "low", ""] = ""
    aliases: tuple[str, ...] = ()
    note: Label | None = None

    @property
    def dtype(self) -> _DType:
        """Name of the pandas dtype of the checked column."""
        return _DTYPES[self.type]

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every spelling under which a file may call this column, the identifier and both labels among them."""
        return (self.name, self.label.vi, self.label.en, *self.aliases)


@dataclass(frozen=True)
class Table:
    """A table described as data: its key and its columns."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns.values())

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    @cached_property
    def by_spelling(self) -> Mapping[str, str]:
        """Column name by :func:`spelling_key` of every known spelling."""
        return {spelling_key(text): column.name for column in self for text in column.spellings}

    def find(self, header: str) -> str | None:
        """Return the column that a file's header means, or None. Never a guess: only known spellings."""
        return self.by_spelling.get(spelling_key(header))

    def check(self, frame: pd.DataFrame, *, file: str = "", sheet: str = "") -> pd.DataFrame:
        """Check types, ranges, patterns and the key; return the frame with its columns typed.

        Parameters
        ----------
        frame : DataFrame
            Columns that the dictionary does not know are left as they are. The index counts rows as the planner's
            file does, so that messages can name them.
        file, sheet : str
            Named in the error.

        Raises
        ------
        TableError
            With *all* broken cells at once; ``error.issues`` holds them one by one.
        """
        failures = self.failures(frame, file=file, sheet=sheet)
        if failures:
            first = failures[0]
            raise TableError(
                "tables.broken_cells",
                where=" / ".join(filter(None, (file, sheet))),
                issues=failures,
                n=len(failures),
                first=f"{first.column} {first.row} {first.value}: {first.message.text()}",
            )
        return frame.astype({name: self.columns[name].dtype for name in frame.columns if name in self.columns})

    def failures(self, frame: pd.DataFrame, *, file: str = "", sheet: str = "") -> list[Issue]:
        """List the cells that break the schema, each as one error issue; an empty list means the table is sound."""
        schema = self._schema(tuple(frame.columns))
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as broken:
            cases = broken.failure_cases.to_dict("records")
        else:
            return []
        # A cell of the wrong type fails every further check of its column, and a key given twice fails in each part.
        untyped = {case["column"] for case in cases if _is_type_failure(case)}
        issues = [
            self._issue(case, file, sheet) for case in cases if case["column"] not in untyped or _is_type_failure(case)
        ]
        told: dict[tuple[str, str], Issue] = {}
        for issue in issues:
            whole_row = issue.message.id == "tables.duplicate_key"
            told.setdefault((issue.row, "" if whole_row else issue.column), issue)
        return list(told.values())

    def _schema(self, present: tuple[str, ...]) -> pa.DataFrameSchema:
        columns = {c.name: _pandera_column(c) for c in self if c.required or c.name in present}
        # Without an optional part (the year) the rest is the key; without a required one there is nothing to compare.
        lacks = any(name not in present and name in self and self[name].required for name in self.key)
        key = [] if lacks else [name for name in self.key if name in present]
        return pa.DataFrameSchema(columns, unique=key or None, strict=False)

    def _issue(self, case: Mapping[Hashable, object], file: str, sheet: str) -> Issue:
        name, check, value = str(case["column"]), str(case["check"]), case["failure_case"]
        column = self.columns.get(name)
        place = {"file": file, "sheet": sheet, "column": name}
        if check == "column_in_dataframe":
            return Issue.of("error", "tables.column_missing", **{**place, "column": value}, name=self[str(value)].label)
        row = "" if pd.isna(case["index"]) else case["index"]  # type: ignore[call-overload]
        place |= {"row": str(row), "value": "" if value is None else str(value)}
        if column is None or check in ("multiple_fields_uniqueness", "field_uniqueness"):
            return Issue.of("error", "tables.duplicate_key", **place, key=", ".join(self.key))
        if check == "not_nullable":
            return Issue.of("error", "tables.empty_cell", **place, name=column.label)
        if check.startswith("str_matches"):
            return Issue.of("error", "tables.bad_pattern", **place, name=column.label, pattern=column.pattern)
        if check.startswith("isin"):
            return Issue.of("error", "tables.bad_choice", **place, name=column.label, choices=", ".join(column.choices))
        if check.startswith(("greater_than", "less_than", "in_range")):
            return Issue.of(
                "error",
                "tables.out_of_range",
                **place,
                name=column.label,
                minimum=_bound(column.minimum),
                maximum=_bound(column.maximum),
                unit=f" {column.unit}" if column.unit else "",
            )
        return Issue.of("error", "tables.bad_type", **place, name=column.label)


def _is_type_failure(case: Mapping[Hashable, object]) -> bool:
    return str(case["check"]).startswith("coerce_dtype")


def spelling_key(text: str) -> str:
    """Fold a header so that spellings compare: NFC, case, spaces and punctuation do not count; tones do."""
    folded = unicodedata.normalize("NFC", str(text)).casefold()
    return " ".join("".join(letter if letter.isalnum() or letter == "%" else " " for letter in folded).split())


def _bound(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"


def _pandera_column(column: Column) -> pa.Column:
    checks = []
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum))
    if column.pattern:
        checks.append(pa.Check.str_matches(f"^(?:{column.pattern})$"))
    if column.type == "category":
        checks.append(pa.Check.isin(list(column.choices)))
    return pa.Column(column.dtype, checks, nullable=not column.required, coerce=True, required=column.required)
