"""The section ``figures:`` checked and typed: figures that documents print, recipes for others, contradictions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import pandas as pd

from geontm.errors import TableError
from geontm.messages import Label
from geontm.track.figure_amounts import RECIPES, Amount, read_amount
from geontm.track.figure_counts import COUNTS, Condition, How, read_conditions

__all__ = ["RELATIONS", "Contradiction", "Entry", "FiguresPlan", "Given", "Step", "plan_figures"]

BOUNDS = ("", "more_than", "at_least", "at_most", "less_than")
RELATIONS = ("equal", "at_least", "at_most")
MOST_DECIMALS = 12
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PAIR = re.compile(r"([^/]+)/([^/]+)")


@dataclass(frozen=True)
class Given:
    """A figure as a document prints it.

    ``amount`` is None for a text that is no number; of ``16/19`` it is 16, and ``of`` 19. ``step`` is the unit of the
    last printed digit, or the step to which the author rounded. ``bound`` tells that the document only limits the
    figure (``more_than``, ``at_least``, ``at_most``, ``less_than``).
    """

    key: str
    text: str
    unit: str
    as_of: str
    how: How
    amount: Amount | None
    of: Amount | None
    decimals: int
    step: Fraction
    bound: str
    source: str
    note: str
    where: str = ""


@dataclass(frozen=True)
class Step:
    """A figure to be worked out: from other figures (``of``), or counted on a table of the run."""

    key: str
    recipe: str
    of: tuple[str, ...]
    table: str
    conditions: tuple[Condition, ...]
    column: str
    unit: str
    as_of: str
    decimals: int | None
    note: str
    where: str


@dataclass(frozen=True)
class Contradiction:
    """Two statements that do not go together; ``left`` and ``right`` name the figures that stand for them, if any."""

    key: str
    left: str
    right: str
    relation: str
    says: tuple[Label, Label]
    explanation: Label
    source: str
    file: str
    row: str


@dataclass(frozen=True)
class Entry:
    """One figure of one day: printed, to be worked out, or both."""

    key: str
    as_of: str
    given: Given | None
    step: Step | None


@dataclass(frozen=True)
class FiguresPlan:
    """The checked section; every figure that a recipe names exists, and none needs itself."""

    entries: tuple[Entry, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

    def find(self, reference: str, where: str) -> Entry:
        """Return the figure that ``key`` or ``key@day`` names.

        Raises
        ------
        TableError
            No figure of that name, or several days and none said.
        """
        key, _, day = reference.partition("@")
        found = [entry for entry in self.entries if entry.key == key and day in ("", entry.as_of)]
        if not found:
            raise TableError("figures.unknown_key", where=where, key=reference)
        if len(found) > 1:
            days = ", ".join(f"{key}@{entry.as_of}" for entry in found)
            raise TableError("figures.several_days", where=where, key=reference, days=days)
        return found[0]


def plan_figures(given: pd.DataFrame, recipes: pd.DataFrame, contradictions: pd.DataFrame) -> FiguresPlan:
    """Check the files of the section ``figures:`` and type them.

    Parameters
    ----------
    given : DataFrame of str, index: row of the file
        ``key, value, unit, as_of, how, bound, rounded_to, source, note, file``.
    recipes : DataFrame of str
        ``key, recipe, of, table, where, column, unit, as_of, decimals, note, file``.
    contradictions : DataFrame of str
        ``key, left, right, relation, statement_a_vi, …, explanation_vi, …, source, file``.

    Raises
    ------
    TableError
        A broken cell, a figure twice on one day, an unknown recipe or one with the wrong number of figures, a
        reference to no figure or to one of several days, or recipes that need each other in a circle.
    """
    printed = [(_given(cells, where), where) for cells, where in _rows(given)]
    steps = [_step(cells, where) for cells, where in _rows(recipes)]
    _require_once([(entry.key, entry.as_of, where) for entry, where in printed])
    _require_once([(step.key, step.as_of, step.where) for step in steps])
    by_day = {(entry.key, entry.as_of): entry for entry, _ in printed}
    taken: dict[tuple[str, str], Step] = {}
    alone = []
    for step in steps:
        days = [day for key, day in by_day if key == step.key]
        if step.as_of in days or (not step.as_of and len(days) == 1):
            taken[step.key, step.as_of or days[0]] = _fits(step, by_day[step.key, step.as_of or days[0]])
        elif not step.as_of and days:
            raise TableError("figures.needs_day", where=step.where, key=step.key, days=", ".join(days))
        else:
            alone.append(Entry(step.key, step.as_of, None, step))
    entries = [Entry(*place, entry, taken.get(place)) for place, entry in by_day.items()] + alone
    says = tuple(_contradiction(cells, where) for cells, where in _rows(contradictions))
    plan = FiguresPlan(tuple(entries), says)
    for entry in entries:
        _require_no_circle(plan, entry, ())
    for said, (_, where) in zip(says, _rows(contradictions), strict=True):
        for reference in filter(None, (said.left, said.right)):
            plan.find(reference, where)
    return plan


def _rows(frame: pd.DataFrame) -> Iterator[tuple[dict[str, str], str]]:
    """Yield each row as text by column, empty where missing, and its place for a message."""
    for number, cells in frame.iterrows():
        row = {str(name): "" if pd.isna(cell) else str(cell).strip() for name, cell in cells.items()}
        yield row, f"{row['file']}:{number}"


def _require_once(keys: list[tuple[str, str, str]]) -> None:
    seen: set[tuple[str, str]] = set()
    for key, day, where in keys:
        if (key, day) in seen:
            raise TableError("figures.twice", where=where, key=key, day=day or "–")
        seen.add((key, day))


def _given(cells: dict[str, str], where: str) -> Given:
    _require_text(cells, ("key", "value", "as_of"), where)
    _require_day(cells["as_of"], where)
    how = cells["how"] or "given"
    if how not in ("given", "constructed"):
        raise TableError("figures.how_is_worked_out", where=where, how=how)
    if cells["bound"] not in BOUNDS:
        raise TableError("figures.bad_choice", where=where, value=cells["bound"], names=", ".join(BOUNDS[1:]))
    rounded = _number(cells["rounded_to"], where) if cells["rounded_to"] else None
    if rounded is not None and rounded <= 0:
        raise TableError("figures.bad_number", where=where, value=cells["rounded_to"])
    text, pair = cells["value"], _PAIR.fullmatch(cells["value"])
    first = read_amount(pair[1].strip() if pair else text, rounded_to=rounded)
    second = read_amount(pair[2].strip()) if pair else None
    amount, decimals = first if first and (second or not pair) else (None, 0)
    step = rounded or Fraction(1, 10**decimals)
    return Given(
        cells["key"], text, cells["unit"], cells["as_of"], cast("How", how), amount,
        second[0] if amount and second else None, decimals, step, cells["bound"], cells["source"], cells["note"],
        where,
    )  # fmt: skip


def _step(cells: dict[str, str], where: str) -> Step:
    _require_text(cells, ("key", "recipe"), where)
    if cells["as_of"]:
        _require_day(cells["as_of"], where)
    recipe = cells["recipe"]
    if recipe not in RECIPES and recipe not in COUNTS:
        raise TableError("figures.bad_choice", where=where, value=recipe, names=", ".join((*RECIPES, *COUNTS)))
    of = tuple(part.strip() for part in cells["of"].split(";") if part.strip())
    conditions = read_conditions(cells["where"])
    if conditions is None:
        raise TableError("figures.bad_condition", where=where, text=cells["where"])
    if recipe in COUNTS:
        _require_text(cells, ("table",) if recipe == "count_of" else ("table", "column"), where)
        if recipe == "found_in" and (len(of) != 1 or not all(of[0].partition("."))):
            raise TableError("figures.bad_condition", where=where, text=cells["of"])
    else:
        needs = RECIPES[recipe].needs
        if not of or (needs and len(of) != needs):
            raise TableError("figures.wrong_number", where=where, recipe=recipe, needs=needs or "≥ 1", n=len(of))
    decimals = _number(cells["decimals"], where) if cells["decimals"] else None
    if decimals is not None and (decimals.denominator != 1 or abs(decimals) > MOST_DECIMALS):
        raise TableError("figures.bad_number", where=where, value=cells["decimals"])
    return Step(
        cells["key"], recipe, of, cells["table"], conditions, cells["column"], cells["unit"], cells["as_of"],
        int(decimals) if decimals is not None else None, cells["note"], where,
    )  # fmt: skip


def _contradiction(cells: dict[str, str], where: str) -> Contradiction:
    sides = ("statement_a_vi", "statement_a_en", "statement_b_vi", "statement_b_en")
    _require_text(cells, ("key", *sides), where)
    relation = cells["relation"] or "equal"
    if relation not in RELATIONS:
        raise TableError("figures.bad_choice", where=where, value=relation, names=", ".join(RELATIONS))
    says = (Label(cells[sides[0]], cells[sides[1]]), Label(cells[sides[2]], cells[sides[3]]))
    explanation = Label(cells["explanation_vi"], cells["explanation_en"])
    file, _, row = where.rpartition(":")
    return Contradiction(
        cells["key"], cells["left"], cells["right"], relation, says, explanation, cells["source"], file, row
    )


def _fits(step: Step, given: Given) -> Step:
    """Refuse a recipe whose result is not of the kind that is printed: a pair such as 16/19, or one number."""
    if given.amount is None or (step.recipe == "pair") != (given.of is not None):
        raise TableError("figures.not_comparable", where=step.where, key=step.key, value=given.text, recipe=step.recipe)
    return step


def _require_no_circle(plan: FiguresPlan, entry: Entry, above: tuple[Entry, ...]) -> None:
    if entry.step is None or entry.step.recipe in COUNTS:
        return
    for reference in entry.step.of:
        if read_amount(reference):
            continue  # a plain number, such as 1000 to get from millions to billions
        needed = plan.find(reference, entry.step.where)
        if needed == entry or needed in above:
            circle = " → ".join(part.key for part in (*above, entry, needed))
            raise TableError("figures.circle", where=entry.step.where, circle=circle)
        # A printed figure stands for itself: what it can be worked out from is not asked again.
        if needed.given is None or needed.given.amount is None:
            _require_no_circle(plan, needed, (*above, entry))


def _require_text(cells: dict[str, str], names: tuple[str, ...], where: str) -> None:
    for name in names:
        if not cells[name]:
            raise TableError("figures.empty_cell", where=where, column=name)


def _require_day(text: str, where: str) -> None:
    if not _DAY.fullmatch(text):
        raise TableError("figures.bad_day", where=where, value=text)


def _number(text: str, where: str) -> Fraction:
    read = read_amount(text)
    if read is None or read[0].value is None:
        raise TableError("figures.bad_number", where=where, value=text[:80])
    return read[0].value
