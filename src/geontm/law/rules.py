"""The types of the law: a rule set is a small tree of tests, with its document, article, dates and evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal, TypeAlias

from geontm.tables import Column, Label

__all__ = [
    "OUTSIDE_SCOPE",
    "YEAR",
    "AllOf",
    "AnyOf",
    "ByGroup",
    "Comparison",
    "CountOf",
    "Evidence",
    "EvidenceStatus",
    "InForce",
    "Limit",
    "Node",
    "Not",
    "Outcome",
    "Range",
    "RuleSet",
    "Source",
    "Test",
    "Threshold",
    "UnitKind",
    "leaves",
]

Comparison = Literal["equals", "at_least", "at_most", "more_than", "less_than", "within", "one_of"]
EvidenceStatus = Literal["verified", "recalled", "unknown"]
UnitKind = Literal["household", "village", "commune", "district", "province"]

OUTSIDE_SCOPE = "outside_scope"
"""The decision on a unit that a rule set with outcomes does not reach: known, and none of its outcomes."""

YEAR = "year"
"""``ByGroup.by`` of limits that change with the year of the project's date, not with a column."""


@dataclass(frozen=True)
class Range:
    """Values from ``low`` up to, but not including, ``high``: [low, high)."""

    low: float
    high: float


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
    """

    by: str
    limits: Mapping[str, Threshold]
    default: Threshold = None
    column: Column | None = None

    @property
    def exhaustive(self) -> bool:
        """Whether ``limits`` names every group there is, so that an unknown group is one of them."""
        return self.column is not None and bool(self.column.choices) and set(self.limits) >= set(self.column.choices)


Threshold: TypeAlias = Limit | ByGroup | None
"""One limit, one per group, or None: not established, so that no test against it can be answered."""


@dataclass(frozen=True)
class Evidence:
    """How well a threshold is known: seen in a source, remembered, or not established."""

    status: EvidenceStatus
    sources: tuple[str, ...] = ()
    note: str = ""


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

    @property
    def indicator(self) -> str:
        """Name of the column that the test reads."""
        return self.column.name

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column the test reads: the indicator, and those that choose its threshold."""
        return (self.column, *_group_columns(self.threshold))


@dataclass(frozen=True)
class AllOf:
    """Met when every part is met."""

    of: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf:
    """Met when at least one part is met."""

    of: tuple[Node, ...]


@dataclass(frozen=True)
class CountOf:
    """Met when at least ``need`` parts are met, whichever they are."""

    need: int
    of: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """Met when its part is not met."""

    of: Node


Node: TypeAlias = AllOf | AnyOf | CountOf | Not | Test


@dataclass(frozen=True)
class Source:
    """The legal document a rule set stands on, and where it was read; ``article`` is empty where it is not known."""

    document: str
    article: str = ""
    amended_by: str = ""
    date: date | None = None
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class InForce:
    """Days on which a rule set holds, both ends included; ``end`` None while no end is fixed."""

    start: date
    end: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Outcome:
    """One of several named answers of a rule set, e.g. region III.

    Attributes
    ----------
    value : int or str
        What stands in the result column, e.g. 3.
    when : Node or None
        Its condition beside "in scope, and none of the outcomes before it"; None means *otherwise*.
    spellings : tuple of str
        How official lists write it.
    """

    id: str
    label: Label
    value: int | str
    article: str
    when: Node | None
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleSet:
    """One dated rule set: yes/no (``verdict``) or ordered outcomes, of which the first that holds counts.

    Attributes
    ----------
    verdict : Node or None
        The rule of a yes/no set; None when the set has outcomes.
    outcomes : tuple of Outcome
        In the order in which they are tried.
    scope : Node or None
        Units for which it is not met are outside: the decision is ``outside_scope``.
    columns : mapping of str to str
        Result column to what fills it: ``"verdict"``, ``"value"`` (of the outcome) or the id of an outcome.
    """

    id: str
    label: Label
    unit: UnitKind
    source: Source
    in_force: InForce
    verdict: Node | None = None
    outcomes: tuple[Outcome, ...] = ()
    scope: Node | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    note: Label | None = None

    @property
    def answers(self) -> Mapping[str, Node]:
        """The full rule behind each named answer: the rule set's id for yes/no, else one per outcome.

        An outcome holds when the unit is in scope, no outcome before it holds, and its own condition is met. Written
        out as a tree, so that *otherwise* is decided only where the outcomes before it are known not to hold.
        """
        if self.verdict is not None:
            parts = (self.scope, self.verdict) if self.scope is not None else (self.verdict,)
            return {self.id: AllOf(parts)}
        rules: dict[str, Node] = {}
        for position, outcome in enumerate(self.outcomes):
            before = tuple(Not(earlier.when) for earlier in self.outcomes[:position] if earlier.when is not None)
            scope = (self.scope,) if self.scope is not None else ()
            own = (outcome.when,) if outcome.when is not None else ()
            rules[outcome.id] = AllOf((*scope, *own, *before))
        return rules

    @property
    def tests(self) -> tuple[Test, ...]:
        """Every test, in the order of the file."""
        roots = [self.scope, self.verdict, *(outcome.when for outcome in self.outcomes)]
        return tuple(test for root in roots if root is not None for test in leaves(root))

    @property
    def indicators(self) -> Mapping[str, Column]:
        """Dictionary entry of every column that the tests read, by name."""
        return {column.name: column for test in self.tests for column in test.columns}

    def outcome(self, outcome_id: str) -> Outcome:
        """Return the outcome with this id."""
        return next(outcome for outcome in self.outcomes if outcome.id == outcome_id)


def leaves(node: Node) -> Iterator[Test]:
    """Yield the tests of a rule, in the order in which they are written."""
    match node:
        case Test():
            yield node
        case Not(of=part):
            yield from leaves(part)
        case AllOf(of=parts) | AnyOf(of=parts) | CountOf(of=parts):
            for part in parts:
                yield from leaves(part)


def _group_columns(threshold: Threshold) -> Iterator[Column]:
    if isinstance(threshold, ByGroup):
        if threshold.column is not None:
            yield threshold.column
        for inner in (*threshold.limits.values(), threshold.default):
            yield from _group_columns(inner)
