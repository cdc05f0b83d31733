"""Counts, sums and means over the tables of a run; a gap is never nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd

from geontm.track.figure_amounts import Amount

__all__ = ["COUNTS", "Condition", "Counted", "How", "RunTable", "count", "read_conditions", "worst_how"]

How = Literal["measured", "derived", "given", "constructed"]
COUNTS = ("count_of", "distinct_of", "sum_of", "mean_of", "min_of", "max_of", "found_in")
EMPTY = "empty"  # as a choice of a condition: rows in which the column says nothing
_RANK: Mapping[How, int] = {"measured": 0, "given": 1, "derived": 2, "constructed": 3}
_FIGURE = re.compile(r"[+-]?(?:0|[1-9]\d{0,30})(?:[.,]\d{1,30})?(?:e[+-]?\d{1,2})?")  # 022 is a code, not a number
_CONDITION = re.compile(r"\s*([^=!<>|]+?)\s*(=|!=|>=|<=|>|<)\s*(.+?)\s*")


@dataclass(frozen=True)
class RunTable:
    """A table that recipes may count on.

    Attributes
    ----------
    frame : DataFrame
        A gap is unknown. Its own column ``how``, where there is one, tells the origin of each row.
    how : {"measured", "derived", "given", "constructed"}
        Origin of its columns: ``measured`` for real tables and geometry.
    hows : mapping of str to How
        Columns of another origin.
    """

    frame: pd.DataFrame
    how: How = "measured"
    hows: Mapping[str, How] = field(default_factory=dict)


@dataclass(frozen=True)
class Condition:
    """One comparison of a column: rows count where one of the choices answers it."""

    column: str
    comparison: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """What a count found: the amount, its origin, and how many rows or cells it could not judge."""

    amount: Amount
    how: How
    unknown: int


def worst_how(hows: list[How]) -> How:
    """Return the weakest origin: what rests on a constructed figure is constructed."""
    return max(hows, key=lambda how: _RANK[how])


def read_conditions(text: str) -> tuple[Condition, ...] | None:
    """Read ``cột = a|b; cột2 >= 3``; None where it cannot be read. An empty text is no condition."""
    conditions = []
    for part in filter(str.strip, text.split(";")):
        found = _CONDITION.fullmatch(part)
        choices = tuple(value.strip() for value in found[3].split("|")) if found else ()
        if not found or any(value.startswith("=") for value in choices):
            return None  # ``==`` would look for cells that begin with a sign, and find none
        conditions.append(Condition(found[1], found[2], choices))
    return tuple(conditions)


def count(
    table: RunTable,
    recipe: str,
    conditions: tuple[Condition, ...],
    column: str = "",
    *,
    among: pd.Series | None = None,
) -> Counted:
    """Count rows of a table, or add up, average or compare one of its columns over them.

    Parameters
    ----------
    table : RunTable
        Holds the columns of the conditions and ``column``.
    recipe : str
        One of ``COUNTS``.
    conditions : tuple of Condition
        Rows count where all hold.
    column : str
        For every recipe but ``count_of``; ``distinct_of`` counts its different values.
    among : Series, optional
        For ``found_in``: the values of another table's column, in which the rows' values are looked for.

    Returns
    -------
    Counted
        Unknown where a row that may count has a gap; a count then still has its interval. A mean, minimum or maximum
        of no rows is unknown, a sum or count of none is 0.
    """
    met = pd.Series(True, index=table.frame.index, dtype="boolean")
    for condition in conditions:
        met &= _answers(table.frame[condition.column], condition)
    sure, doubtful = met.fillna(False).astype(bool), met.isna()
    used = [condition.column for condition in conditions] + ([column] if column else [])
    how = worst_how([table.hows.get(name, table.how) for name in used] or [table.how])
    if "how" in table.frame and len(rows := table.frame.loc[sure | doubtful, "how"].dropna()):
        # Counting what a table gives is counting on a real table.
        how = worst_how(["measured" if row == "given" else row for row in rows.unique() if row in _RANK] or [how])
    unknown = int(doubtful.sum())
    if recipe == "count_of":
        yes = Fraction(int(sure.sum()))
        amount = Amount.exact(yes) if not unknown else Amount.unknown(yes, yes + unknown)
        return Counted(amount, how, unknown)
    cells = table.frame.loc[sure, column].astype("object")
    values = [_plain(cell) if recipe in ("distinct_of", "found_in") else _number(cell) for cell in cells]
    known = [value for value in values if value is not None]
    gaps = unknown + len(values) - len(known)
    if recipe == "found_in" and among is not None:
        there = {_plain(cell) for cell in among.astype("object")} - {None}
        known = [value for value in known if value in there]
    return Counted(_over(recipe, known) if not gaps else Amount.unknown(), how, gaps)


def _over(recipe: str, values: list[Fraction | str]) -> Amount:
    if recipe in ("distinct_of", "found_in"):
        return Amount.exact(len(set(values)) if recipe == "distinct_of" else len(values))
    numbers = [value for value in values if isinstance(value, Fraction)]
    total = sum(numbers, Fraction(0))
    if recipe == "sum_of":
        return Amount.exact(total)
    if not numbers:
        return Amount.unknown()
    work = {"mean_of": total / len(numbers), "min_of": min(numbers), "max_of": max(numbers)}
    return Amount.exact(work[recipe])


def _answers(cells: pd.Series, condition: Condition) -> pd.Series:
    """Answer one condition for every row; a gap is unknown, unless the condition asks for gaps."""
    holds = all if condition.comparison == "!=" else any
    gap = (condition.comparison == "=") if EMPTY in condition.choices else None
    answers = [
        gap if pd.isna(cell) else holds(_holds(cell, condition.comparison, value) for value in condition.choices)
        for cell in cells.astype("object")
    ]
    return pd.Series(answers, index=cells.index, dtype="boolean")


def _holds(cell: object, comparison: str, value: str) -> bool:
    left, right = _number(cell), _number(value)
    if left is not None and right is not None:
        return {
            "=": left == right, "!=": left != right, ">=": left >= right, "<=": left <= right, ">": left > right,
            "<": left < right,
        }[comparison]  # fmt: skip
    same = _plain(cell) == _plain(value)
    return same if comparison == "=" else not same if comparison == "!=" else False


def _plain(cell: object) -> str | None:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and pd.isna(cell)):
        return None
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    return unicodedata.normalize("NFC", str(cell)).casefold().strip()


def _number(cell: object) -> Fraction | None:
    text = _plain(cell)
    if text is None or not _FIGURE.fullmatch(text):
        return None
    return Fraction(text.replace(",", "."))
