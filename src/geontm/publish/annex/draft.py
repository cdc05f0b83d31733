"""One shape for every list: what it is made from, laid out with its provinces, totals and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from geontm.publish.annex.ground import Ground, Part, number_rows, total_of
from geontm.publish.annex.records import AnnexList

__all__ = ["Draft", "lay_out"]


@dataclass(frozen=True)
class Draft:
    """What one list is made from.

    Attributes
    ----------
    ruleset : str
    heading : str
    name : str
        Label of the column of names.
    answer : Series of nullable boolean
        Listed, not listed, undecided; one entry per row of the units of its ground.
    parts, open_parts : sequence of Part or None
        Columns of the listed and of the undecided after number and name; None is left out.
    notes, open_notes : tuple of str
        Lines under the listed and under the undecided.
    illustrative : bool
    of : str
        What the rows are, *unit* or *village*.
    """

    ruleset: str
    heading: str
    name: str
    answer: pd.Series
    parts: Sequence[Part | None]
    open_parts: Sequence[Part | None]
    notes: tuple[str, ...]
    open_notes: tuple[str, ...] = ()
    illustrative: bool = False
    of: str = "unit"


def lay_out(ground: Ground, draft: Draft) -> AnnexList:
    """Put the rows of a list under their provinces, numbered and totalled, and the undecided apart."""
    columns, cells = zip(*(part for part in draft.parts if part is not None), strict=True)
    kept = [part for part in draft.open_parts if part is not None]
    open_columns, open_cells = tuple(part[0] for part in kept), tuple(part[1] for part in kept)
    groups = number_rows(ground, columns, cells, draft.answer.fillna(False), of=draft.of)
    warning = (ground.words("illustrative"),) if draft.illustrative else ()
    return AnnexList(
        ruleset=draft.ruleset,
        number="",
        heading=draft.heading.upper(),
        attached=ground.words("attached"),
        head=(ground.words("tt"), draft.name),
        columns=columns,
        groups=groups,
        total=total_of(ground, columns, groups, draft.of),
        undecided_heading=ground.words("undecided"),
        undecided_columns=open_columns,
        undecided=number_rows(ground, open_columns, open_cells, draft.answer.isna(), of=draft.of),
        undecided_notes=draft.open_notes,
        notes=(*warning, *draft.notes),
        illustrative=draft.illustrative,
    )
