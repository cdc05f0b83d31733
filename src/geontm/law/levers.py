"""What may change about a unit (figures, assessments, what other sets decide), and what is not known of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from geontm.law.ground import Ground
from geontm.law.nodes import Assessed, Range, Reference, Test
from geontm.law.scales import Bound, Cell, Scale, nearest
from geontm.law.search import FREE, Cost, Lever, Option
from geontm.tables import Column, Label

__all__ = ["Kind", "Move", "known_levers", "selector_values", "unknown_levers"]

Kind: TypeAlias = Literal["figure", "assessment", "ruling"]
OTHER = ""  # an outcome that no condition names, or a category that none does


@dataclass(frozen=True)
class Move:
    """A value that something takes, the nearest that does it.

    Attributes
    ----------
    name : str
        The indicator; of an assessment the condition, row or criterion assessed; else the other rule set.
    kind : {"figure", "assessment", "ruling"}
    before, after : value
        ``before`` is None where nothing is known. Assessments are True and False; a ruling is True and False, or the
        id of an outcome, empty for one that no condition names.
    bound : {"", "above", "below"}
        Whether ``after`` must be passed: ``"below"`` 10 is any value under 10.
    example : value
        A value that does it.
    improvement : bool or None
        By the ``better`` of the dictionary; None where it has none. To meet a row of a scored set is one.
    """

    name: str
    kind: Kind
    label: Label
    before: Any
    after: Any
    bound: Bound = ""
    example: Any = None
    improvement: bool | None = None
    column: Column | None = None

    @property
    def difference(self) -> float | None:
        """Change in the unit of the column, signed; None for what is not a number."""
        if self.column is None or self.column.type not in ("number", "integer") or self.before is None:
            return None
        # Through the decimal digits of the figures: 12 - 11.9 is 0.1.
        return float(f"{float(self.after) - float(self.before):.10g}")


def known_levers(ground: Ground, row: int, *, improvements: bool = False) -> list[Lever]:
    """List what is known of a unit and may change; with ``improvements`` only for the better."""
    found = []
    for name, tests in _figures(ground, row).items():
        value = ground.value(row, name)
        if value is not None and name not in ground.selectors:
            found.append(_figure(ground.scales(row)[name], tests, value, improvements))
    found += _assessments(ground, row, improvements)
    if not improvements:
        found += [lever for lever in _rulings(ground, row) if FREE not in [o.cost for o in lever.options[1:]]]
    return [lever for lever in found if len(lever.options) > 1]


def unknown_levers(ground: Ground, row: int, cost: Cost) -> list[Lever]:
    """List what is not known of a unit and may turn out one way or another, each way at this cost."""
    found = []
    for name, tests in _figures(ground, row).items():
        if name not in ground.selectors and ground.value(row, name) is None:
            found.append(_gap(ground, row, name, tests, cost))
    found += _unassessed(ground, row, cost)
    return [lever for lever in found if len(lever.options) > 1]


def selector_values(ground: Ground, row: int, name: str) -> list[Any]:
    """List one value for each way in which a column that chooses limits may do so."""
    values: list[Any] = []
    for test in ground.rules.tests:
        for column in test.columns[1:]:
            if column.name == name:
                values += [True, False] if column.type == "boolean" else list(column.choices)
    if name in ground.tests:
        scale = ground.scales(row)[name]
        moves = [_value_in(cell, None, scale.column) for cell in scale.cells]
        values += [move[2] for move in moves if move is not None and move[2] != OTHER]
    return list(dict.fromkeys(values))


def _figures(ground: Ground, row: int) -> dict[str, list[Test]]:
    """Return the tests that a figure answers, by indicator: not those that an assessment answers in its place."""
    found: dict[str, list[Test]] = {}
    for name, tests in ground.tests.items():
        mine = [test for test in tests if ground.said(row, (test.id, test.code))[1] is None]
        if mine:
            found[name] = mine
    return found


def _figure(scale: Scale, tests: Sequence[Test], value: Any, improvements: bool) -> Lever:
    column, here = scale.column, scale.cell_of(value)
    options = []
    for number, cell in enumerate(scale.cells):
        if number == here or (found := _value_in(cell, value, column)) is None:
            continue
        after, bound, example = found
        better = _improves(column, value, after, bound)
        if improvements and not better:
            continue
        move = Move(column.name, "figure", column.label, value, after, bound, example, better, column)
        options.append(Option(scale.signs_in(number, tests), _price(move), move))
    return _lever(column.name, Option(scale.signs_in(here, tests)), options)


def _gap(ground: Ground, row: int, name: str, tests: Sequence[Test], cost: Cost) -> Lever:
    """Make the lever of an unknown figure; where its lowest and highest possible value are known, between them."""
    scale, signs = ground.scales(row)[name], ground.signs_of(row)
    column = scale.column
    low, high = (ground.value(row, end) for end in (f"{name}_low", f"{name}_high"))
    if low is not None and high is not None:
        low = float(low) if column.minimum is None else max(float(low), column.minimum)
        high = float(high) if column.maximum is None else min(float(high), column.maximum)
        column = replace(column, minimum=low, maximum=high)
    options = []
    for number, cell in enumerate(scale.cells):
        if (found := _value_in(cell, None, column)) is not None:
            move = Move(name, "figure", column.label, None, found[0], found[1], found[2], None, scale.column)
            options.append(Option(scale.signs_in(number, tests), cost, move))
    return _lever(name, Option({test.id: signs[test.id] for test in tests}), options)


def _value_in(cell: Cell, value: Any, column: Column) -> tuple[Any, Bound, Any] | None:
    if isinstance(cell, Range):
        return nearest(cell, value, column)
    if cell == OTHER and column.choices:
        return None  # the dictionary names every category there is
    return cell, "", cell


def _assessments(ground: Ground, row: int, improvements: bool) -> Iterator[Lever]:
    """Make the levers of what was assessed: a row of the law, or a criterion as a whole."""
    scored = bool(ground.rules.criteria)
    together: dict[str, list[tuple[str, Label, bool]]] = {}
    for leaf in ground.leaves:
        name, answer = ground.said(row, (leaf.id, leaf.code))
        if answer is not None:
            together.setdefault(name, []).append((leaf.id, leaf.label, answer))
    for criterion in ground.rules.criteria:
        name, answer = ground.said(row, (criterion.id, criterion.no))
        if answer is not None:
            together.setdefault(name, []).append((criterion.id, criterion.label, answer))
    for name, members in together.items():
        before = members[0][2]
        better = (not before) if scored else None
        if improvements and not better:
            continue
        move = Move(name, "assessment", members[0][1], before, not before, "", not before, better)
        here, there = ({leaf: 1 if said else -1 for leaf, _, _ in members} for said in (before, not before))
        yield _lever(name, Option(here), [Option(there, _price(move), move)])


def _unassessed(ground: Ground, row: int, cost: Cost) -> Iterator[Lever]:
    """Make the levers of what no figure answers and nobody has assessed, and of other sets that are undecided."""
    signs = ground.signs_of(row)
    together: dict[str, list[Assessed]] = {}
    for leaf in ground.leaves:
        if isinstance(leaf, Assessed) and signs[leaf.id] == 0:
            name = ground.said(row, (leaf.id, leaf.code))[0] or leaf.id
            together.setdefault(name, []).append(leaf)
    for name, members in together.items():
        options = []
        for answer in (True, False):
            move = Move(name, "assessment", members[0].label, None, answer, "", answer)
            options.append(Option({leaf.id: 1 if answer else -1 for leaf in members}, cost, move))
        yield _lever(name, Option({leaf.id: 0 for leaf in members}), options)
    for lever in _rulings(ground, row):
        if any(option.cost == FREE for option in lever.options[1:]):
            options = [Option(o.signs, cost, o.value) for o in lever.options[1:]]
            yield Lever(lever.name, (lever.options[0], *options))


def _rulings(ground: Ground, row: int) -> Iterator[Lever]:
    """Make the levers of what other sets decide; the options of one that is undecided cost nothing yet."""
    signs = ground.signs_of(row)
    together: dict[str, list[Reference]] = {}
    for leaf in ground.leaves:
        if isinstance(leaf, Reference) and ground.said(row, (leaf.id, leaf.code))[1] is None:
            together.setdefault(leaf.ruleset, []).append(leaf)
    for name, members in together.items():
        here = {leaf.id: signs[leaf.id] for leaf in members}
        known = 0 not in here.values()
        decisions: list[Any] = list(dict.fromkeys(each for leaf in members for each in leaf.outcomes)) or [True, False]
        decisions += [OTHER] if members[0].outcomes else []
        ways = {decision: {leaf.id: _reads(leaf, decision) for leaf in members} for decision in decisions}
        before = next((decision for decision, way in ways.items() if way == here), None) if known else None
        options = []
        for decision, way in ways.items():
            possible = all(here[leaf] in (0, sign) for leaf, sign in way.items())
            if way != here and (known or possible):
                move = Move(name, "ruling", members[0].label, before, decision, "", decision)
                options.append(Option(way, _price(move) if known else FREE, move))
        yield _lever(name, Option(here), options)


def _reads(leaf: Reference, decision: Any) -> int:
    met = decision in leaf.outcomes if leaf.outcomes else decision == leaf.equals
    return 1 if met else -1


def _lever(name: str, here: Option, options: Sequence[Option]) -> Lever:
    """Keep the cheapest option of each way to answer; the one that stands now comes first.

    Of equal cost a limit that is reached comes before one that is passed: 50 is no longer "more than 50".
    """
    kept: dict[tuple[tuple[str, int], ...], Option] = {tuple(here.signs.items()): here}
    for option in sorted(options, key=lambda option: (option.cost, option.value.bound != "")):
        kept.setdefault(tuple(option.signs.items()), option)
    return Lever(name, tuple(kept.values()))


def _improves(column: Column, before: Any, after: Any, bound: Bound) -> bool | None:
    if not column.better or column.type in ("text", "category"):
        return None
    up = bound == "above" or (bound == "" and after > before)
    return up == (column.better == "high")


def _price(move: Move) -> Cost:
    """Price one change: one, for the worse or not, and how large, as a share of the greater of the two values."""
    difference = move.difference
    size = 1.0
    if difference is not None:
        size = round(abs(difference) / (max(abs(move.before), abs(move.after)) or 1.0), 9)
    return 1, int(move.improvement is False), 0, size
