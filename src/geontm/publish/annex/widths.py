"""How the columns of a list share the width of a page, whatever it is measured in."""

from __future__ import annotations

from collections.abc import Sequence

from geontm.publish.annex.records import AnnexColumn, AnnexGroup

__all__ = ["letters_of", "share_out"]

_SHORTEST = 8
_NAME = 18


def letters_of(columns: Sequence[AnnexColumn], groups: Sequence[AnnexGroup], unknown: str) -> list[int]:
    """Count the letters that each column after the number needs for one line: the name of the unit, then the others.

    A heading may break into three lines, but no word of it. ``unknown`` is what an unknown cell says.
    """
    rows = [row for group in groups for row in group.rows]
    names = [group.name for group in groups] + [row.name for row in rows]
    needs = [max([_NAME, *map(len, names)])]
    for place, column in enumerate(columns):
        cells = (row.cells[place] for row in rows)
        longest = max((len(unknown if cell is None else str(cell)) for cell in cells), default=0)
        # A total of choices stands in lines: "III: 12".
        longest = max([longest, *(len(choice) + 7 for choice in column.choices)])
        words = max(map(len, column.label.split()), default=0)
        needs.append(max(_SHORTEST, longest, words, len(column.label) // 3))
    return needs


def share_out(needs: Sequence[float], whole: float) -> list[float]:
    """Share a width: short columns get what they need, what is too wide shares the rest alike; the rest is spread.

    The result adds up to ``whole``.
    """
    if sum(needs) <= whole:
        spare = whole - sum(needs)
        return [need + spare * need / sum(needs) for need in needs]
    kept: dict[int, float] = {}
    while True:
        left = [place for place in range(len(needs)) if place not in kept]
        each = (whole - sum(kept.values())) / len(left)
        short = {place: needs[place] for place in left if needs[place] <= each}
        if not short:
            return [kept.get(place, each) for place in range(len(needs))]
        kept |= short
