"""The records of an annex: lists, provinces, rows and totals, ready to be laid out; every text in one language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from geontm.messages import Language

__all__ = ["MARK", "Annex", "AnnexCell", "AnnexColumn", "AnnexGroup", "AnnexList", "AnnexRow", "AnnexTotal"]

AnnexCell: TypeAlias = str | int | None
"""What stands in a cell: a text, a whole number, ``"x"`` or ``""`` of a mark; None is unknown."""

MARK = "x"


@dataclass(frozen=True)
class AnnexColumn:
    """A column of a list after *TT* and the name.

    Attributes
    ----------
    key : str
        ``district``, ``village``, ``region``, ``outcome``, ``difficult_villages``, ``difficult``, ``border_with``,
        ``criteria``, ``basis`` or ``missing``.
    label : str
    kind : {"text", "count", "mark", "choice"}
        A count is added up, marks are counted, of a choice each value is counted.
    choices : tuple of str
        The values of a choice, in the order of the totals.
    """

    key: str
    label: str
    kind: Literal["text", "count", "mark", "choice"] = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnnexRow:
    """One unit: its number within the province (from 1), code, name, and a cell for each column of the list."""

    number: int
    code: str
    name: str
    cells: tuple[AnnexCell, ...] = ()


@dataclass(frozen=True)
class AnnexTotal:
    """The line under the rows of a province, or of a list.

    Attributes
    ----------
    units : int
        How many rows.
    label : str
        *Cộng*, *TỔNG CỘNG*.
    of : str
        What the rows are: *đơn vị*, *thôn*.
    text : str
        All in words: *Cộng: 56 đơn vị*.
    cells : tuple of str
        A text for each column: a sum, a count of marks or of each choice; empty for columns of text.
    """

    units: int
    label: str
    of: str
    text: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class AnnexGroup:
    """One province: its Roman numeral, code, name, rows in the order of district and code, and their total."""

    number: str
    code: str
    name: str
    rows: tuple[AnnexRow, ...]
    total: AnnexTotal


@dataclass(frozen=True)
class AnnexList:
    """One list: everything that stands under one *Phụ lục*.

    Attributes
    ----------
    ruleset : str
        Id of the set that decides; empty for villages.
    number : str
        *Phụ lục*, or *Phụ lục II* where there are several.
    heading : str
        Title in capitals.
    attached : str
        *(Kèm theo Quyết định số … ngày … tháng … năm …)*
    head : tuple of str
        Labels of the first two columns: number and name of the unit.
    columns : tuple of AnnexColumn
    groups : tuple of AnnexGroup
        By province code; only provinces with a listed unit.
    total : AnnexTotal
    undecided_heading : str
    undecided_columns : tuple of AnnexColumn
        The district, where units have one, and what is missing.
    undecided : tuple of AnnexGroup
        Units without enough figures; never part of ``groups``.
    undecided_notes : tuple of str
        Lines under them: what the signs in the column of what is missing stand for, with the number of units.
    notes : tuple of str
        Lines under the list: illustrative figures, counts, sources.
    illustrative : bool
        The verdicts rest on constructed figures; the first note says so.
    """

    ruleset: str
    number: str
    heading: str
    attached: str
    head: tuple[str, str]
    columns: tuple[AnnexColumn, ...]
    groups: tuple[AnnexGroup, ...]
    total: AnnexTotal
    undecided_heading: str
    undecided_columns: tuple[AnnexColumn, ...]
    undecided: tuple[AnnexGroup, ...]
    notes: tuple[str, ...]
    illustrative: bool = False
    undecided_notes: tuple[str, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether the list needs a page in landscape."""
        return len(self.columns) > 3


@dataclass(frozen=True)
class Annex:
    """The lists of a run and the signature block under them, every text in ``lang``.

    Attributes
    ----------
    title : str
        Name of the project.
    lists : tuple of AnnexList
        One per rule set over communes, in the order of the project, then villages; none without rule sets.
    empty : str
        What to say where there are no lists.
    recipients : tuple of str
        *Nơi nhận:* and its lines.
    signer : tuple of str
        Authority and position, the place of the signature, the name; to be filled in.
    no_figure : str
        What an unknown cell says.
    footer : str
        Project, day and fingerprint of the run.
    lang : {"vi", "en"}
    """

    title: str
    lists: tuple[AnnexList, ...]
    empty: str
    recipients: tuple[str, ...]
    signer: tuple[str, ...]
    no_figure: str
    footer: str
    lang: Language
