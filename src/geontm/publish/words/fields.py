"""What a report template may name: plain records of texts, so that a template can read them and do nothing else.

The index in ``docs/how-to/replace-the-report-template.md`` lists every field; a test holds it to these records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

__all__ = [
    "Area",
    "AreaTable",
    "ConditionRow",
    "GapRow",
    "IndicatorRow",
    "IssueKind",
    "IssueRow",
    "Outcome",
    "Picture",
    "PlacedMap",
    "PriorityRow",
    "Report",
    "RuleSetResult",
    "SourceRow",
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
