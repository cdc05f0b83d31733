"""How the columns of a list share the width of a page, whatever it is measured in."""

from __future__ import annotations

from collections.abc import Sequence

from geontm.publish.annex.records import AnnexColumn, AnnexGroup

__all__ = ["letters_of", "share_out"]

_SHORTEST = 8
_NAME = 18
_BROKEN = 1.15  # how much wider a text of several lines is than its share of each
_LEAST = 0.09  # of the whole, that no column is narrower than
_SHORT = 0.36  # of the whole: a column that is not wider is short
_FEW, _MOST = 4, 12  # lines of the tallest row: for which short columns keep to one, and that are tried


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
    """Share a width: long columns break into few lines, short ones keep to one, the first of them longest.

    Parameters
    ----------
    needs : sequence of float
        What each column needs for one line.
    whole : float
        In the same unit; the result adds up to it.
    """
    if sum(needs) <= whole:
        spare = whole - sum(needs)
        return [need + spare * need / sum(needs) for need in needs]
    short = [need <= _SHORT * whole for need in needs]
    name = [is_short and place == 0 for place, is_short in enumerate(short)]
    tries = [(lines, kept) for kept in (short, name) for lines in range(2, _FEW + 1)]
    tries += [(lines, [False] * len(needs)) for lines in range(2, _MOST + 1)]
    for lines, kept in tries:
        # Lines break at spaces, so that they are never all full.
        broken = [min(need, max(_BROKEN * need / lines, _LEAST * whole)) for need in needs]
        found = [need if keep else least for need, keep, least in zip(needs, kept, broken, strict=True)]
        if sum(found) <= whole:
            return _spread(found, needs, whole - sum(found))
    return [whole * width / sum(found) for width in found]


def _spread(widths: Sequence[float], needs: Sequence[float], spare: float) -> list[float]:
    """Give what is left to the columns that break, the one that needs least first."""
    found = list(widths)
    for place in sorted(range(len(needs)), key=lambda place: needs[place]):
        more = min(spare, needs[place] - found[place])
        found[place] += more
        spare -= more
    return found
