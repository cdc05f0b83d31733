"""A rule set: one dated document's rules over one kind of unit, as a small tree of conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from geontm.law.nodes import AllOf, Criterion, Evidence, Leaf, Node, Not, Reference, Source, Test, leaves
from geontm.tables import Column, Label

__all__ = [
    "OUTSIDE_SCOPE",
    "Aggregate",
    "Definition",
    "Fact",
    "GroupOverride",
    "InForce",
    "Outcome",
    "RuleSet",
    "SetKind",
    "Transition",
    "UnitKind",
]

UnitKind = Literal["household", "village", "commune", "district", "province", "nation"]
SetKind = Literal["rules", "targets", "definitions"]

OUTSIDE_SCOPE = "outside_scope"
"""The decision on a unit that a rule set with outcomes does not reach: known, and none of its outcomes."""


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
class GroupOverride:
    """Units that read another group's column: extremely difficult communes of poor districts read the mountains'.

    Attributes
    ----------
    column : Column
        The one that chooses thresholds, e.g. ``region``.
    use : str
        The group that counts instead where ``when`` is met.
    """

    column: Column
    use: str
    when: Node
    article: str = ""

    @property
    def by(self) -> str:
        """Name of the column."""
        return self.column.name


@dataclass(frozen=True)
class Transition:
    """Days on which two editions overlap: a project that asks for the family gets the older, ``older``."""

    older: str
    note: Label


@dataclass(frozen=True)
class Aggregate:
    """What the units above get from the verdicts of a set, e.g. the share of difficult villages of a commune."""

    of: str
    over: UnitKind


@dataclass(frozen=True)
class Definition:
    """A row of the law without a pass mark: a measure, a definition, a format."""

    code: str
    label: Label
    evidence: Evidence
    indicator: str = ""
    text: Label | None = None


@dataclass(frozen=True)
class Fact:
    """A number or term that a decree holds and no test compares with."""

    key: str
    label: Label
    value: float | str | tuple[float | str, ...] | None
    evidence: Evidence
    unit: str = ""
    note: str = ""


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
    criteria : tuple of Criterion
        Of a scored set, in the order of the law; ``verdict`` is then the rule over them.
    kind : {"rules", "targets", "definitions"}
        A set of definitions has no verdict.
    family : str
        What it is an edition of; editions of one family and unit follow each other in time.
    part_of : str
        Id of the set of the same decree in which its rows are counted.
    aggregates : mapping of str to Aggregate
        Column of the units above to what it is made from; its suffix says how (``_pct``, ``_share``, ``_count``).
    worst_first : tuple of str
        Its decisions from the worst to the best for a unit; empty where they have no order, or where the result column
        that the set fills says it (``better`` of the column dictionary).
    file : str
        Where it was read, for messages.
    lines : mapping of str to int
        Line of the dates (``in_force``) and of every id in that file.
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
    criteria: tuple[Criterion, ...] = ()
    kind: SetKind = "rules"
    family: str = ""
    part_of: str = ""
    transition: Transition | None = None
    group_override: GroupOverride | None = None
    aggregates: Mapping[str, Aggregate] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    facts: tuple[Fact, ...] = ()
    worst_first: tuple[str, ...] = ()
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

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
    def leaves(self) -> tuple[Leaf, ...]:
        """Every condition once, in the order of the file; those that choose a column first."""
        roots = [self.group_override.when if self.group_override else None, self.scope, self.verdict]
        roots += [outcome.when for outcome in self.outcomes]
        found = {leaf.id: leaf for root in roots if root is not None for leaf in leaves(root)}
        return tuple(found.values())

    @property
    def tests(self) -> tuple[Test, ...]:
        """Every condition that compares a figure, in the order of the file."""
        return tuple(leaf for leaf in self.leaves if isinstance(leaf, Test))

    @property
    def references(self) -> tuple[str, ...]:
        """Ids of the rule sets whose decisions this one reads."""
        return tuple(dict.fromkeys(leaf.ruleset for leaf in self.leaves if isinstance(leaf, Reference)))

    @property
    def indicators(self) -> Mapping[str, Column]:
        """Dictionary entry of every column that the tests read, by name."""
        return {column.name: column for test in self.tests for column in test.columns}

    def outcome(self, outcome_id: str) -> Outcome:
        """Return the outcome with this id."""
        return next(outcome for outcome in self.outcomes if outcome.id == outcome_id)
