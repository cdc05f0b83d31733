"""Reasons as a page carries them: a column per test, sentences once as templates, with the figures that differ.

A whole country has a hundred thousand reasons; most differ from each other by a figure, if at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, TypeAlias

__all__ = ["packed_reasons"]

Item: TypeAlias = tuple[int, str, str, str]  # answer; vi, en; value

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_FIRST = 0x5D  # letters from here on stand for themselves in JSON
_MOST = 0xD7FF - _FIRST
_OWN, _TURNED = "\x01", "\x02"
_TURN = str.maketrans(",.", ".,")


def packed_reasons(found: Mapping[str, Any]) -> dict[str, Any]:
    r"""Pack what :func:`geontm.publish.reasons.reasons` lists; ``page/verdicts.js`` unpacks it unit by unit.

    Parameters
    ----------
    found : mapping
        A value that its sentence tells, with the article, is left out: the card shows the sentence.

    Returns
    -------
    dict
        ``rulesets``; ``tests`` in an order that is that of every unit; ``columns``, one per test, and ``changes`` and
        ``missing``, one per rule set. A column has ``words`` (a letter per unit: space for none, else the template's
        number above ``]``), ``templates`` (answer, vi, en, value) and ``figures``: for each template the lines of its
        units, in their order, one figure after another with ``|`` between; or an empty text where no figure differs. In
        a template ``\x01k\x01`` stands for figure k, ``\x02k\x02`` for the same with comma and point exchanged.
        ``odd``: by unit, rows (test, answer, vi, en, value) of the units that no common order suits.
    """
    rows, tests, texts = found["rows"], found["tests"], found["texts"]
    order = _order({tuple(row[0] for row in unit) for unit in rows}, len(tests))
    rank = {test: number for number, test in enumerate(order)}
    columns: list[list[Item | None]] = [[None] * len(rows) for _ in tests]
    odd: dict[str, list[list[Any]]] = {}

    def item(row: Sequence[Any]) -> Item:
        test, answer, value, words = row
        vi, en = texts[words]
        article = tests[test][2]
        told = article and (article in vi or article in en)
        return answer, vi, en, "" if told else value

    for unit, mine in enumerate(rows):
        places = [rank[row[0]] for row in mine]
        if all(one < other for one, other in pairwise(places)):
            for place, row in zip(places, mine, strict=True):
                columns[place][unit] = item(row)
        else:
            odd[str(unit)] = [[rank[row[0]], *item(row)] for row in mine]
    changes: list[list[Item | None]] = [[None] * len(rows) for _ in found["rulesets"]]
    missing: list[list[Item | None]] = [[None] * len(rows) for _ in found["rulesets"]]
    for unit, lines in enumerate(found["briefs"]):
        for ruleset, *pair in lines:
            for column, words in zip((changes, missing), pair, strict=True):
                if words >= 0:
                    column[ruleset][unit] = (0, *texts[words], "")
    return {
        "rulesets": found["rulesets"],
        "tests": [tests[test] for test in order],
        "columns": [_packed(column) for column in columns],
        "changes": [_packed(column) for column in changes],
        "missing": [_packed(column) for column in missing],
        "odd": odd,
    }


def _order(sequences: set[tuple[int, ...]], count: int) -> list[int]:
    """Find an order of the tests that suits every unit's own; as they are numbered where there is none."""
    before: dict[int, set[int]] = {test: set() for test in range(count)}
    for sequence in sequences:
        for one, other in pairwise(sequence):
            before[other].add(one)
    sorter = TopologicalSorter(before)
    try:
        sorter.prepare()
    except CycleError:
        return list(range(count))
    order: list[int] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def _packed(column: Sequence[Item | None]) -> dict[str, Any]:
    """Pack one column: templates in the order in which units first use them."""
    numbers: dict[tuple[int, str, str, str], int] = {}
    figures: list[list[tuple[list[str], list[str], list[str]]]] = []
    words: list[int] = []
    cut = _cutter()
    for each in column:
        if each is None:
            words.append(-1)
            continue
        answer, *texts = each
        (vi, own), (en, other), (value, plain) = map(cut, texts)
        number = numbers.setdefault((answer, vi, en, value), len(numbers))
        if number == len(figures):
            figures.append([])
        figures[number].append((own, other, plain))
        words.append(number)
    packed = [_template(key, lines) for key, lines in zip(numbers, figures, strict=True)]
    letters = len(numbers) <= _MOST
    return {
        "words": "".join(" " if n < 0 else chr(_FIRST + n) for n in words) if letters else words,
        "templates": [template for template, _ in packed],
        "figures": [lines for _, lines in packed],
    }


def _cutter() -> Callable[[str], tuple[str, list[str]]]:
    known: dict[str, tuple[str, list[str]]] = {}

    def cut(text: str) -> tuple[str, list[str]]:
        if text not in known:
            plain = text.replace(_OWN, "").replace(_TURNED, "")
            known[text] = (_NUMBER.sub(_OWN, plain), _NUMBER.findall(plain))
        return known[text]

    return cut


def _template(
    key: tuple[int, str, str, str], lines: list[tuple[list[str], list[str], list[str]]]
) -> tuple[list[Any], str]:
    """Put back the figures that are the same in all lines; number the others, the same one once."""
    answer, *texts = key
    kept: list[tuple[str, ...]] = []
    filled = []
    for side, text in enumerate(texts):
        pieces = text.split(_OWN)
        for place in range(len(pieces) - 1):
            figures = tuple([line[side][place] for line in lines])
            if len(set(figures)) == 1:
                pieces[place] += figures[0]
            elif figures in kept:
                pieces[place] += f"{_OWN}{kept.index(figures)}{_OWN}"
            elif (turned := tuple([figure.translate(_TURN) for figure in figures])) in kept:
                pieces[place] += f"{_TURNED}{kept.index(turned)}{_TURNED}"
            else:
                pieces[place] += f"{_OWN}{len(kept)}{_OWN}"
                kept.append(figures)
        filled.append("".join(pieces))
    return [answer, *filled], "\n".join("|".join(line) for line in zip(*kept, strict=True)) if kept else ""
