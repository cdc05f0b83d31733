"""What a rule is made of: conditions with thresholds, and the ways to combine them. Each names its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, TypeAlias

from geontm.tables import Column, Label

__all__ = [
    "YEAR",
    "AllOf",
    "AnyOf",
    "Assessed",
    "ByGroup",
    "Comparison",
    "CountOf",
    "Criterion",
    "Evidence",
    "EvidenceStatus",
    "Leaf",
    "Limit",
    "Need",
    "Node",
    "Not",
    "Range",
    "Reference",
    "SetBy",
    "Source",
    "Test",
    "Threshold",
    "Times",
    "When",
    "leaves",
]

SetBy = Literal["province", "ministry", ""]
Comparison = Literal["equals", "at_least", "at_most", "more_than", "less_than", "within", "one_of"]
EvidenceStatus = Literal["verified", "recalled", "unknown"]

YEAR = "year"
"""``ByGroup.by`` of limits that change with the year of the project's date, not with a column."""


@dataclass(frozen=True)
class Range:
    """Values from ``low`` to ``high``; by default the low end belongs to it and the high end does not: [low, high)."""

    low: float
    high: float
    low_closed: bool = True
    high_closed: bool = False


Limit: TypeAlias = float | bool | str | Range | tuple[str, ...]


@dataclass(frozen=True)
class ByGroup:
    """A threshold that differs by region, by another category, or by year.

    Attributes
    ----------
    by : str
        Name of the column whose value chooses, or ``"year"``.
    limits : mapping of str to Threshold
        A group that is not in the mapping and has no default has an unknown threshold, never zero.
    default : Threshold
        For every group not in ``limits``; None where the law gives none.
    column : Column or None
        Dictionary entry of ``by``; None for the year.
    national : Limit or None
        The level that the law prints for the country as a whole; it never stands in for a group that is missing.
    seen : frozenset of str
        Groups whose limit was verified although the evidence of the test as a whole is only recalled.
    """

    by: str
    limits: Mapping[str, Threshold]
    default: Threshold = None
    column: Column | None = None
    national: Limit | None = None
    seen: frozenset[str] = frozenset()

    @property
    def exhaustive(self) -> bool:
        """Whether ``limits`` names every group there is, so that an unknown group is one of them."""
        return self.column is not None and bool(self.column.choices) and set(self.limits) >= set(self.column.choices)


@dataclass(frozen=True)
class Times:
    """A threshold that is a multiple of a national figure of the year.

    Attributes
    ----------
    factor : Threshold
        How many times the figure; may differ by group.
    figure : str
        Key of the national figure, e.g. ``national_multidimensional_poverty_pct``; the latest year not after the
        project's date counts.
    """

    factor: Threshold
    figure: str


Threshold: TypeAlias = Limit | ByGroup | Times | None
"""One limit, one per group, a multiple of a figure, or None: not established, so that nothing can be answered."""


@dataclass(frozen=True)
class Source:
    """The legal document a rule set stands on, and where it was read; ``article`` is empty where it is not known.

    ``amended_on`` is the day of the document that amends it, where that is known.
    """

    document: str
    article: str = ""
    amended_by: str = ""
    amended_on: date | None = None
    date: date | None = None
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """How well a threshold is known: seen in a source, remembered, or not established."""

    status: EvidenceStatus
    sources: tuple[str, ...] = ()
    note: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class Test:
    """One comparison of an indicator with a threshold; the leaf of every rule.

    Attributes
    ----------
    id : str
        Unique in its rule set; reports and maps name the test by it.
    column : Column
        Dictionary entry of the indicator: label, unit, choices.
    comparison : str
        ``within`` is [low, high); ``at_least`` is ≥ and ``more_than`` is >.
    threshold : Threshold
        In the unit of the column.
    article : str
        Place in the rule set's document, e.g. ``"3"`` or ``"3.1"`` (clause 1 of article 3).
    code : str
        Number of the row in the law's own table, e.g. ``"17.1"``; several tests may share it.
    of_indicator : str
        The counted indicator of a criterion that the test belongs to; by default its code.
    set_by : {"province", "ministry", ""}
        Who fixes the level where the text leaves it open; the threshold is then None until an override gives it.
    origin : Source or None
        The document that set this threshold in place of the rule set's own (an override), else None.
    """

    __test__: ClassVar[bool] = False  # pytest must not take it for a test class

    id: str
    column: Column
    comparison: Comparison
    threshold: Threshold
    article: str
    evidence: Evidence
    label: Label
    note: str = ""
    code: str = ""
    of_indicator: str = ""
    set_by: SetBy = ""
    origin: Source | None = None

    @property
    def indicator(self) -> str:
        """Name of the column that the test reads."""
        return self.column.name

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column the test reads: the indicator, and those that choose its threshold."""
        return (self.column, *_group_columns(self.threshold))


@dataclass(frozen=True)
class Assessed:
    """A condition that no figure answers: only an assessment by those who may, or an override, does."""

    id: str
    article: str
    evidence: Evidence
    label: Label
    code: str = ""
    of_indicator: str = ""
    set_by: SetBy = ""


@dataclass(frozen=True)
class Reference:
    """A condition on what another rule set decides for the same unit.

    Attributes
    ----------
    ruleset : str
        Id of the other set.
    outcomes : tuple of str
        Met when its decision is one of these; empty for a yes/no set.
    equals : bool
        For a yes/no set: the verdict that meets this condition.
    """

    id: str
    ruleset: str
    article: str
    evidence: Evidence
    label: Label
    outcomes: tuple[str, ...] = ()
    equals: bool = True
    code: str = ""
    of_indicator: str = ""


Leaf: TypeAlias = Test | Assessed | Reference


@dataclass(frozen=True)
class AllOf:
    """Met when every part is met."""

    of: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf:
    """Met when at least one part is met."""

    of: tuple[Node, ...]


@dataclass(frozen=True)
class Need:
    """How many parts are needed where a condition holds: "one of them where 80 % are ethnic minority"."""

    when: Node
    then: int


@dataclass(frozen=True)
class CountOf:
    """Met when at least ``need`` parts are met, whichever they are; ``cases`` change the need, the first that holds."""

    need: int
    of: tuple[Node, ...]
    cases: tuple[Need, ...] = ()

    @property
    def plain(self) -> Node:
        """The same rule without conditional needs.

        The last part is the consensus of the two: where it is open which need counts and both are reached (or both
        are missed), the answer is known.
        """
        rule: Node = CountOf(self.need, self.of)
        for case in reversed(self.cases):
            here = CountOf(case.then, self.of)
            rule = AnyOf((AllOf((case.when, here)), AllOf((Not(case.when), rule)), AllOf((here, rule))))
        return rule


@dataclass(frozen=True)
class Not:
    """Met when its part is not met."""

    of: Node


@dataclass(frozen=True)
class When:
    """A rule that applies to some units only; it counts as met for those to which it does not apply."""

    applies: Node
    of: Node


@dataclass(frozen=True)
class Criterion:
    """One numbered criterion of a scored set (n of 19): met when all its parts are, or as assessed.

    Attributes
    ----------
    no : str
        Its number in the law.
    size : int
        How many indicators the law counts in it, listed here or not.
    sized : bool
        False where that number was not established; ``size`` is then how many are listed.
    """

    no: str
    label: Label
    size: int
    of: tuple[Node, ...]
    sized: bool = True

    @property
    def id(self) -> str:
        """Name of its answers among those of the tests."""
        return f"criterion_{self.no}"

    @property
    def size_text(self) -> str:
        """The number of indicators as it is printed: a question mark where it was not established."""
        return str(self.size) if self.sized else "?"


Node: TypeAlias = AllOf | AnyOf | CountOf | Not | When | Criterion | Leaf


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the conditions of a rule, in the order in which they are written."""
    match node:
        case Test() | Assessed() | Reference():
            yield node
        case Not(of=part):
            yield from leaves(part)
        case When(applies=condition, of=part):
            yield from leaves(condition)
            yield from leaves(part)
        case AllOf(of=parts) | AnyOf(of=parts) | Criterion(of=parts):
            for part in parts:
                yield from leaves(part)
        case CountOf(of=parts, cases=cases):
            for inner in (*(case.when for case in cases), *parts):
                yield from leaves(inner)


def _group_columns(threshold: Threshold) -> Iterator[Column]:
    if isinstance(threshold, Times):
        yield from _group_columns(threshold.factor)
    if isinstance(threshold, ByGroup):
        if threshold.column is not None:
            yield threshold.column
        for inner in (*threshold.limits.values(), threshold.default):
            yield from _group_columns(inner)
