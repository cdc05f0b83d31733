"""What undecided units wait for, told once under the list; a short sign in each row where units differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from geontm.publish.annex.ground import Ground, Part
from geontm.publish.annex.records import AnnexCell, AnnexColumn
from geontm.publish.content import RuleSetNote

__all__ = ["missing_part"]


@dataclass(frozen=True)
class _Point:
    """One thing that a verdict waits for; ``number`` is that of a criterion."""

    text: str
    number: str = ""


def missing_part(ground: Ground, note: RuleSetNote, unknown: pd.Series) -> tuple[Part | None, tuple[str, ...]]:
    """Make the column of what is missing, and the lines that tell its signs with the number of units.

    Parameters
    ----------
    ground : Ground
    note : RuleSetNote
    unknown : Series of boolean, index of the units
        The units without a verdict.

    Returns
    -------
    Part or None, tuple of str
        A criterion bears its number in the law; anything else is numbered from the one that most units lack. Where all
        wait for the same there is no column: the lines say it of them all.
    """
    found = _criteria(ground, note) if note.scored else _gaps(ground, note)
    codes = unknown.index[unknown.to_numpy(dtype=bool)]
    # Where nothing says what would decide, every condition without an answer is in the way.
    rest = _conditions(ground, note) if any(not found.get(code) for code in codes) else {}
    points = {code: list(dict.fromkeys(found.get(code) or rest.get(code) or ())) for code in codes}
    signs = _signs(points)
    several = len({frozenset(mine) for mine in points.values()}) > 1
    lines = _lines(ground, signs, points, several=several)
    if not several and lines:
        return None, lines
    cells: dict[Hashable, AnnexCell] = {
        code: ", ".join(signs[point] for point in signs if point in mine) or None for code, mine in points.items()
    }
    key = "missing_criteria" if note.scored else "missing"
    return (AnnexColumn("missing", ground.words(key)), cells), lines


def _signs(points: Mapping[Hashable, Sequence[_Point]]) -> dict[_Point, str]:
    counts = Counter(point for mine in points.values() for point in mine)
    criteria = sorted((point for point in counts if point.number), key=lambda point: _in_order(point.number))
    others = sorted((point for point in counts if not point.number), key=lambda point: (-counts[point], point.text))
    signs = {point: point.number for point in criteria}
    return signs | {point: f"({place})" for place, point in enumerate(others, start=1)}


def _lines(
    ground: Ground, signs: Mapping[_Point, str], points: Mapping[Hashable, Sequence[_Point]], *, several: bool
) -> tuple[str, ...]:
    """Tell the signs, each with the number of units where units differ."""
    if not signs:
        return ()
    counts = Counter(point for mine in points.values() for point in mine)
    heading = "missing_heading" if several else "missing_all"
    key = "missing_line" if several else "missing_line_all"
    named = {point: f"{point.number}." if point.number else sign for point, sign in signs.items()}
    told = (ground.words(key, sign=sign, text=point.text, n=counts[point]) for point, sign in named.items())
    if all(point.number for point in signs):  # up to nineteen of them: in one line
        return (f"{ground.words(f'{heading}_criteria')} {'; '.join(told)}.",)
    return (ground.words(heading), *(f"{line}." for line in told))


def _in_order(number: str) -> tuple[int, str]:
    """Sort 2 before 10; a number of the law may have a letter behind it."""
    digits = number[: len(number) - len(number.lstrip("0123456789"))]
    return int(digits or 0), number


def _gaps(ground: Ground, note: RuleSetNote) -> dict[Hashable, list[_Point]]:
    gaps, lang = ground.content.gaps, ground.lang
    found: dict[Hashable, list[_Point]] = {}
    if not len(gaps):
        return found
    mine = gaps[gaps["ruleset"] == note.id]
    for code, kind, name, label in zip(
        mine["commune_code"], mine["kind"], mine["name"], mine[f"label_{lang}"], strict=True
    ):
        condition = note.conditions_by_id.get(name)
        limit = condition.limit[lang] if condition else ""
        found.setdefault(str(code), []).append(_Point(ground.words(f"waits_{kind}", label=label, limit=limit)))
    return found


def _criteria(ground: Ground, note: RuleSetNote) -> dict[Hashable, list[_Point]]:
    numbered = {each.test: _Point(each.label[ground.lang], each.number) for each in note.conditions if each.number}
    return _open(ground, note, numbered)


def _conditions(ground: Ground, note: RuleSetNote) -> dict[Hashable, list[_Point]]:
    plain = {
        each.test: _Point(ground.words("waits_condition", label=each.label[ground.lang]))
        for each in note.conditions
        if not each.number
    }
    return _open(ground, note, plain)


def _open(ground: Ground, note: RuleSetNote, points: Mapping[str, _Point]) -> dict[Hashable, list[_Point]]:
    """Gather the conditions without an answer, of those that are asked for, by unit."""
    rows = ground.verdicts[note.id]
    rows = rows[rows["test"].isin(points) & ~rows["answer"].isin(("met", "not_met"))]
    found: dict[Hashable, list[_Point]] = {}
    for code, test in zip(rows["commune_code"], rows["test"], strict=True):
        found.setdefault(str(code), []).append(points[test])
    return found
