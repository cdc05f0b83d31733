"""What a report template may name: plain records of texts, so that a template can read them and do nothing else.

The index in ``docs/how-to/replace-the-report-template.md`` lists every field; a test holds it to these records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

__all__ = [
    "AgencyRow",
    "Area",
    "AreaTable",
    "CapitalRow",
    "ConditionRow",
    "DocumentFigure",
    "FloorRow",
    "GapRow",
    "IndicatorRow",
    "IssueKind",
    "IssueRow",
    "ListSize",
    "MergedUnit",
    "Outcome",
    "Picture",
    "PlacedMap",
    "PriorityRow",
    "Programme",
    "ProgrammeMeasure",
    "ProgrammeValue",
    "ProgrammeYear",
    "Report",
    "RuleSetResult",
    "SourceRow",
    "UnitProgress",
    "field_paths",
    "specimen",
]


class Picture:
    """A picture in its place. It shows nothing of itself but its Word XML, so a template cannot reach behind it."""

    __slots__ = ("__draw",)

    def __init__(self, draw: Any) -> None:
        self.__draw = draw

    def __html__(self) -> str:
        return str(self.__draw())

    __str__ = __html__


@dataclass(frozen=True)
class Area:
    """A province, a district, or the whole: its name and one cell per column of the table."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class AreaTable:
    """Units per verdict by province or district; ``total`` has no row where one is all there is."""

    columns: tuple[str, ...]
    rows: tuple[Area, ...]
    total: tuple[Area, ...]
    note: str


@dataclass(frozen=True)
class PriorityRow:
    """One commune of the ranking."""

    rank: str
    name: str
    province: str
    score: str
    between: str


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator over all units."""

    label: str
    unit: str
    years: str
    known: str
    lowest: str
    median: str
    highest: str


@dataclass(frozen=True)
class PlacedMap:
    """One map with its caption and source line."""

    picture: Picture
    caption: str
    source: str


@dataclass(frozen=True)
class Outcome:
    """One answer of a rule set and how many units have it."""

    label: str
    count: str
    share: str


@dataclass(frozen=True)
class ConditionRow:
    """One condition of a rule set and how units answer it."""

    label: str
    limit: str
    article: str
    met: str
    not_met: str
    unknown: str


@dataclass(frozen=True)
class RuleSetResult:
    """One rule set: its outcomes and the conditions that fail most often."""

    label: str
    document: str
    notes: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    conditions: tuple[ConditionRow, ...]
    left: str


@dataclass(frozen=True)
class ProgrammeYear:
    """What a programme planned for a year and what it reached."""

    year: str
    plan: str
    actual: str
    plan_so_far: str
    actual_so_far: str
    state: str


@dataclass(frozen=True)
class ProgrammeMeasure:
    """What units of one level are to reach: plan against actual by year, and how the named units stand."""

    label: str
    start: str
    years: tuple[ProgrammeYear, ...]
    standing: str
    source: str


@dataclass(frozen=True)
class UnitProgress:
    """A unit that is ahead of its plan or behind it."""

    name: str
    measure: str
    planned: str
    reached: str
    state: str


@dataclass(frozen=True)
class ListSize:
    """How many units the list of a programme held on a day."""

    label: str
    day: str
    count: str
    source: str


@dataclass(frozen=True)
class MergedUnit:
    """A unit of today and the former ones that became it."""

    name: str
    parts: str
    day: str
    document: str


@dataclass(frozen=True)
class ProgrammeValue:
    """A value that a programme follows: set as a target, reached, or forecast."""

    label: str
    place: str
    year: str
    planned: str
    actual: str
    forecast: str
    note: str


@dataclass(frozen=True)
class FloorRow:
    """A unit under a floor, or one of which it is not known."""

    label: str
    name: str
    floor: str
    value: str
    missing: str


@dataclass(frozen=True)
class CapitalRow:
    """Capital by source, project or year."""

    by: str
    name: str
    allocated: str
    disbursed: str
    share: str


@dataclass(frozen=True)
class AgencyRow:
    """A commune and who supports it."""

    commune: str
    agencies: str


@dataclass(frozen=True)
class DocumentFigure:
    """A figure that a document prints, or that follows from such figures."""

    label: str
    value: str
    unit: str
    day: str
    how: str
    source: str


@dataclass(frozen=True)
class Programme:
    """A programme over time and the figures of its documents; every list is empty where the run has nothing of it."""

    shown: bool
    title: str
    mark: str
    measures: tuple[ProgrammeMeasure, ...]
    units: tuple[UnitProgress, ...]
    units_left: str
    sizes: tuple[ListSize, ...]
    members: tuple[str, ...]
    merged: tuple[MergedUnit, ...]
    merged_note: str
    values: tuple[ProgrammeValue, ...]
    values_left: str
    floors: tuple[FloorRow, ...]
    floors_note: str
    capital: tuple[CapitalRow, ...]
    agencies: tuple[AgencyRow, ...]
    agencies_left: str
    figures: tuple[DocumentFigure, ...]
    figures_left: str
    figure_sources: tuple[str, ...]
    contradictions: tuple[str, ...]


@dataclass(frozen=True)
class SourceRow:
    """One file that figures came from."""

    file: str
    years: str
    indicators: str


@dataclass(frozen=True)
class GapRow:
    """What is not known of how many units."""

    label: str
    missing: str
    names: str


@dataclass(frozen=True)
class IssueKind:
    """Findings of one kind."""

    severity: str
    count: str
    example: str


@dataclass(frozen=True)
class IssueRow:
    """One finding with its place."""

    severity: str
    place: str
    value: str
    reason: str
    suggestion: str


@dataclass(frozen=True)
class Report:
    """Everything that a report template may show: texts in the language of the run, and lists of them."""

    title: str
    day: str
    boundaries_day: str
    boundaries: str
    fingerprint: str
    marks: str
    unit_count: str
    many_provinces: bool
    notices: tuple[str, ...]
    summary: tuple[str, ...]
    areas: AreaTable
    priority: tuple[PriorityRow, ...]
    priority_note: str
    indicators: tuple[IndicatorRow, ...]
    maps: tuple[PlacedMap, ...]
    maps_wide: bool
    rulesets: tuple[RuleSetResult, ...]
    programme: Programme
    methods: tuple[str, ...]
    sources: tuple[SourceRow, ...]
    gaps: tuple[GapRow, ...]
    issue_summary: str
    issue_kinds: tuple[IssueKind, ...]
    issues: tuple[IssueRow, ...]
    issues_left: str


def specimen(record: type = Report) -> Any:
    """Return a record in which every field holds something, each list one entry: a template is tried out on it."""
    return record(**{name: _something(hint) for name, hint in _hints(record).items()})


def field_paths(record: type = Report, before: str = "") -> Iterator[str]:
    """Name every field as the index of the how-to page does: ``maps[].caption``."""
    for name, hint in _hints(record).items():
        listed = get_origin(hint) is tuple
        inner = get_args(hint)[0] if listed else hint
        path = f"{before}{name}{'[]' if listed else ''}"
        yield path
        if isinstance(inner, type) and is_dataclass(inner):
            yield from field_paths(inner, f"{path}.")


def _hints(record: type) -> dict[str, Any]:
    hints = get_type_hints(record)
    return {each.name: hints[each.name] for each in fields(record)}


def _something(hint: Any) -> Any:
    if get_origin(hint) is tuple:
        return (_something(get_args(hint)[0]),)
    if is_dataclass(hint):
        return specimen(hint)  # type: ignore[arg-type]
    if hint is bool:
        return True
    return Picture(str) if hint is Picture else "…"
