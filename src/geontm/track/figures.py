"""The figures of a programme: those its documents print, those that follow from them, and where the two disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from geontm.messages import Message
from geontm.tables import Issue
from geontm.track.figure_amounts import RECIPES, Amount, read_amount, written
from geontm.track.figure_counts import COUNTS, How, RunTable, count
from geontm.track.figure_plan import Contradiction, Entry, FiguresPlan, Given, Step

__all__ = ["FIGURE_COLUMNS", "Figures", "work_out"]

FIGURE_COLUMNS = (
    "key", "value", "unit", "as_of", "how", "low", "high", "computed", "computed_how", "check", "recipe", "source",
    "note",
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Figures of a run.

    Attributes
    ----------
    table : DataFrame
        ``FIGURE_COLUMNS``, in the order of the files. ``value`` is the text that a document prints, else what was
        worked out. ``how``: ``measured`` or ``derived`` where the run gets the printed figure from real tables or from
        other figures, else ``given``; ``constructed`` where it rests on a constructed table and no document prints it.
        ``computed`` and ``computed_how`` hold what the run got for a printed figure, ``check`` says ``agrees``,
        ``differs`` or nothing. ``low`` and ``high``: the interval that printed rounding leaves.
    issues : tuple of Issue
        Contradictions, printed figures that are not reproduced, and what could not be worked out.
    """

    table: pd.DataFrame
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class _Result:
    """What one figure is, as other figures use it."""

    amount: Amount
    how: How
    as_of: str
    decimals: int
    of: Amount | None = None
    of_decimals: int = 0
    formula: str = ""
    problem: Message | None = None

    @property
    def text(self) -> str:
        """The value as written in the table; empty where it is unknown."""
        value = written(self.amount.value, self.decimals)
        if self.of is None or not value:
            return value
        whole = written(self.of.value, self.of_decimals)
        return f"{value}/{whole}" if whole else ""


def work_out(plan: FiguresPlan, tables: Mapping[str, RunTable]) -> Figures:
    """Work out every figure of a plan and hold what is printed against what follows.

    Parameters
    ----------
    plan : FiguresPlan
        From :func:`geontm.track.figure_plan.plan_figures`.
    tables : mapping of str to RunTable
        The tables of the run and those that the project gives, by name.
    """
    results: dict[Entry, _Result] = {}
    rows = []
    issues = []
    for entry in plan.entries:
        result = _solve(entry, plan, tables, results) if entry.step else None
        row = _row(entry, result)
        rows.append(row)
        issues += _findings(entry, result, row)
    issues += [_contradicts(said, plan, tables, results) for said in plan.contradictions]
    return Figures(pd.DataFrame(rows, columns=pd.Index(FIGURE_COLUMNS), dtype="object"), tuple(issues))


def _value_of(
    entry: Entry, plan: FiguresPlan, tables: Mapping[str, RunTable], results: dict[Entry, _Result]
) -> _Result:
    """Return a figure as others use it: as printed where it is printed, else worked out."""
    given = entry.given
    if given is not None and given.amount is not None:
        return _Result(given.amount, given.how, given.as_of, given.decimals, of=given.of)
    if entry.step is None:
        return _Result(Amount.unknown(), "given", entry.as_of, 0)
    return _solve(entry, plan, tables, results)


def _solve(entry: Entry, plan: FiguresPlan, tables: Mapping[str, RunTable], results: dict[Entry, _Result]) -> _Result:
    if entry not in results:
        step = entry.step
        assert step is not None
        if step.recipe in COUNTS:
            results[entry] = _counted(step, entry, tables)
        else:
            parts = [_part(key, step, plan, tables, results) for key in step.of]
            results[entry] = _derived(step, entry, parts)
    return results[entry]


def _part(
    key: str, step: Step, plan: FiguresPlan, tables: Mapping[str, RunTable], results: dict[Entry, _Result]
) -> _Result:
    if (number := read_amount(key)) and number[0].value is not None:
        return _Result(Amount.exact(number[0].value), "given", "", number[1])
    return _value_of(plan.find(key, step.where), plan, tables, results)


def _counted(step: Step, entry: Entry, tables: Mapping[str, RunTable]) -> _Result:
    conditions = "; ".join(f"{c.column} {c.comparison} {'|'.join(c.choices)}" for c in step.conditions)
    formula = f"{step.recipe} {step.table}" + (f".{step.column}" if step.column else "")
    formula += f" [{conditions}]" if conditions else ""
    table = tables.get(step.table)
    if table is None:
        names = ", ".join(sorted(tables))
        return _unknown(entry, formula, Message("figures.no_table", {"table": step.table, "names": names}))
    wanted = [*(c.column for c in step.conditions), *([step.column] if step.column else [])]
    if missing := [name for name in wanted if name not in table.frame]:
        values = {"table": step.table, "column": ", ".join(missing)}
        return _unknown(entry, formula, Message("figures.no_column", values))
    among = None
    if step.recipe == "found_in":
        name, _, column = step.of[0].partition(".")
        other = tables.get(name)
        if other is None or column not in other.frame:
            return _unknown(entry, formula, Message("figures.no_column", {"table": name, "column": column}))
        among, formula = other.frame[column], f"{formula} ∈ {step.of[0]}"
    found = count(table, step.recipe, step.conditions, step.column, among=among)
    problem = Message("figures.gaps", {"table": step.table, "n": found.unknown}) if found.unknown else None
    value = found.amount.value
    decimals = step.decimals
    if decimals is None:
        decimals = entry.given.decimals if entry.given else 0 if value is None or value.denominator == 1 else 2
    return _Result(found.amount, found.how, entry.as_of, decimals, formula=formula, problem=problem)


def _unknown(entry: Entry, formula: str, problem: Message) -> _Result:
    return _Result(Amount.unknown(), "derived", entry.as_of, 0, formula=formula, problem=problem)


def _derived(step: Step, entry: Entry, parts: Sequence[_Result]) -> _Result:
    recipe = RECIPES[step.recipe]
    how: How = "constructed" if any(part.how == "constructed" for part in parts) else "derived"
    decimals = step.decimals if step.decimals is not None else entry.given.decimals if entry.given else recipe.decimals
    if decimals is None:
        decimals = max(part.decimals for part in parts) if step.recipe != "pair" else parts[0].decimals
    texts = [written(part.amount.value, part.decimals) or "?" for part in parts]
    formula = recipe.formula.replace("{+}", " + ".join(texts)).replace("{n}", str(len(texts)))
    for number, text in enumerate(texts):
        formula = formula.replace(f"{{{number}}}", text)
    amount = recipe.work([part.amount for part in parts])
    pair = parts[1] if step.recipe == "pair" else None
    gap = amount.value is None or (pair is not None and pair.amount.value is None)
    return _Result(
        amount,
        how,
        entry.as_of or max(part.as_of for part in parts),
        decimals,
        of=pair.amount if pair else None,
        of_decimals=pair.decimals if pair else 0,
        formula=formula,
        problem=Message("figures.input_unknown", {"formula": formula}) if gap else None,
    )


def _row(entry: Entry, result: _Result | None) -> dict[str, object]:
    given, step = entry.given, entry.step
    row: dict[str, object] = dict.fromkeys(FIGURE_COLUMNS)
    row |= {"key": entry.key, "as_of": entry.as_of or (result.as_of if result else "")}
    if given is not None:
        row |= {
            "value": given.text, "unit": given.unit, "how": given.how, "source": given.source or None,
            "note": given.note or (step.note if step else "") or None,
        }  # fmt: skip
    elif step is not None:
        row |= {"unit": step.unit, "note": step.note or None}
    if result is None:
        return row
    row["recipe"] = result.formula
    if not result.amount.sharp:
        places = max(0, result.decimals + 2)
        row |= {"low": written(result.amount.low, places) or None, "high": written(result.amount.high, places) or None}
    if given is None:
        return row | {"value": result.text or None, "how": result.how}
    row |= {"computed": result.text or None, "computed_how": result.how}
    if result.problem is None:
        same = _agrees(given, result)
        row["check"] = "agrees" if same else "differs"
        # A constructed table is made to agree with the document; that proves nothing, so the figure stays given.
        if same and result.how in ("measured", "derived") and given.how == "given":
            row["how"] = result.how
    return row


def _agrees(given: Given, result: _Result) -> bool:
    """Tell whether a printed figure is what was worked out, as exactly as it is printed."""
    assert given.amount is not None and given.amount.value is not None and result.amount.value is not None
    printed, value = given.amount.value, result.amount.value
    match given.bound:
        case "more_than":
            return value > printed
        case "at_least":
            return value >= printed
        case "at_most":
            return value <= printed
        case "less_than":
            return value < printed
    half = given.step / 2
    low, high = (value if end is None else end for end in (result.amount.low, result.amount.high))
    if given.of is not None and (result.of is None or result.of.value != given.of.value):
        return False
    return low <= printed + half and high >= printed - half


def _findings(entry: Entry, result: _Result | None, row: Mapping[str, object]) -> list[Issue]:
    unread = _unread(entry)
    if result is None or entry.step is None:
        return unread
    file, _, line = entry.step.where.rpartition(":")
    place = {"file": file, "row": line, "column": entry.key}
    if result.problem is not None:
        return [*unread, Issue("warning", result.problem, **place)]
    if row["check"] == "differs" and entry.given is not None:
        printed, words = entry.given.text, {"key": entry.key, "unit": entry.given.unit, "formula": result.formula}
        message = Message("figures.differs", {"printed": printed, "computed": result.text, **words})
        return [*unread, Issue("warning", message, value=printed, **place)]
    return unread


def _unread(entry: Entry) -> list[Issue]:
    """Say of a printed value that is no number that nothing can be worked out from it."""
    given = entry.given
    if given is None or given.amount is not None:
        return []
    file, _, line = given.where.rpartition(":")
    place = {"file": file, "row": line, "column": "value", "value": given.text}
    return [Issue.of("info", "figures.no_number", **place, key=given.key, printed=given.text)]


def _contradicts(
    said: Contradiction, plan: FiguresPlan, tables: Mapping[str, RunTable], results: dict[Entry, _Result]
) -> Issue:
    """Report a contradiction with both sides as the run has them; where they agree after all, say that."""
    place = {"file": said.file, "row": said.row, "column": said.key}
    words = {"a": said.says[0], "b": said.says[1], "why": said.explanation, "source": said.source}
    if not (said.left and said.right):
        return Issue.of("warning", "figures.contradiction_stated", **place, **words)
    left, right = (
        _value_of(plan.find(key, f"{said.file}:{said.row}"), plan, tables, results) for key in (said.left, said.right)
    )
    sides = {"left": left.text or "?", "right": right.text or "?", "left_key": said.left, "right_key": said.right}
    value = f"{said.left} = {sides['left']}; {said.right} = {sides['right']}"
    if left.amount.value is None or right.amount.value is None:
        return Issue.of("warning", "figures.contradiction_open", **place, value=value, **words, **sides)
    if _relation_holds(left.amount, right.amount, said.relation):
        return Issue.of("info", "figures.no_contradiction", **place, value=value, **words, **sides)
    return Issue.of("warning", "figures.contradiction", **place, value=value, **words, **sides)


def _relation_holds(left: Amount, right: Amount, relation: str) -> bool:
    def end(side: Fraction | None, instead: Fraction | None) -> Fraction:
        found = side if side is not None else instead
        assert found is not None
        return found

    left_low, left_high = end(left.low, left.value), end(left.high, left.value)
    right_low, right_high = end(right.low, right.value), end(right.high, right.value)
    above, below = left_high >= right_low, left_low <= right_high
    return {"equal": above and below, "at_least": above, "at_most": below}[relation]
