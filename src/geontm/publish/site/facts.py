"""What the start page tells of a run in a few figures: counts, odd things, inputs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from geontm.messages import Language, spelt_day
from geontm.publish.content import BoundaryNote, Content, RuleSetNote
from geontm.publish.offered import column_of
from geontm.publish.origins import layers_behind
from geontm.tables import Issue, Label
from geontm.tables.issues import Severity

__all__ = [
    "Before",
    "Fact",
    "Findings",
    "Input",
    "before_of",
    "day_of",
    "facts_of",
    "findings_of",
    "inputs_of",
    "whole",
]

# Yes/no columns that a planner asks for first, in this order.
_ASKED = ("is_extremely_difficult", "is_border", "is_mountainous", "meets_new_rural")
_MOST_KINDS = 6
_LEVELS: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Fact:
    """How many units a yes/no column names (a dash where it is known of none), and of how many it is not known."""

    label: Label
    count: Label
    unknown: Label | None
    illustrative: bool


@dataclass(frozen=True)
class Finding:
    """Odd things of one kind: the first of them, and how many more are like it."""

    severity: str
    text: Label
    more: int


@dataclass(frozen=True)
class Findings:
    """Counts of all issues by severity, and the kinds to look at first."""

    counts: dict[str, Label]
    kinds: tuple[Finding, ...]


@dataclass(frozen=True)
class Input:
    """One file behind the figures: how many columns it gives or was measured for, and of which years."""

    file: str
    indicators: int
    years: str
    illustrative: bool


@dataclass(frozen=True)
class Before:
    """The run on the units of before July 2025 that the maps show too."""

    title: str
    n: Label
    as_of: Label
    notes: BoundaryNote
    valid_from: Label | None
    inputs: tuple[Input, ...]
    rulesets: tuple[RuleSetNote, ...]
    fingerprint: str


def before_of(content: Content) -> Before | None:
    """Tell what a reader must know of the former run; None where the maps show one era."""
    then = content.former
    if then is None:
        return None
    n, notes = _both(len(then.units)), then.notes
    days = (day_of(then.as_of), None if notes.date is None else day_of(notes.date))
    return Before(then.title, n, days[0], notes, days[1], inputs_of(then), then.rulesets, then.fingerprint)


def day_of(day: date) -> Label:
    """Spell a day in both languages."""
    return Label(spelt_day(day, "vi"), spelt_day(day, "en"))


def facts_of(content: Content) -> tuple[Fact, ...]:
    """Count the units that the law names, and those of which it is open, be it all of them."""
    found = []
    for name in _ASKED:
        if name not in content.wide or not len(content.wide):
            continue
        values = content.wide[name]
        unknown = int(values.isna().sum())
        found.append(
            Fact(
                column_of(content, name).label,
                _both(int(values.sum())) if unknown < len(values) else Label("–", "–"),
                _both(unknown) if unknown else None,
                name in content.illustrative,
            )
        )
    return tuple(found)


def findings_of(content: Content) -> Findings:
    """Sum up the issues: errors and warnings by kind, the gravest and most frequent first."""
    counts: Counter[str] = Counter(issue.severity for issue in content.issues)
    kinds: dict[tuple[Severity, str], list[Issue]] = {}
    for issue in content.issues:
        if issue.severity != "info":
            kinds.setdefault((issue.severity, issue.message.id), []).append(issue)
    ordered = sorted(kinds.items(), key=lambda kind: (_LEVELS.index(kind[0][0]), -len(kind[1]), kind[0][1]))
    shown = tuple(Finding(severity, _placed(same[0]), len(same) - 1) for (severity, _), same in ordered[:_MOST_KINDS])
    return Findings({level: _both(counts.get(level, 0)) for level in _LEVELS}, shown)


def inputs_of(content: Content) -> tuple[Input, ...]:
    """List the files that figures come from, then those that columns were measured on, each by name."""
    rows, found = content.indicators, []
    known = rows[rows["value"].notna()] if "source_file" in rows else rows.iloc[:0].assign(source_file="")
    for file, part in known.groupby("source_file", sort=True):
        years = sorted({int(year) for year in part["year"].dropna()})
        span = "" if not years else str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
        names = set(part["indicator"])
        found.append(Input(str(file), len(names), span, bool(names & content.illustrative)))
    found += [Input(file, len(columns), "", False) for file, columns in layers_behind(content).items()]
    return tuple(found)


def whole(number: int, lang: Language) -> str:
    """Write a whole number with the thousands sign of the language."""
    return f"{number:,}".replace(",", "." if lang == "vi" else ",")


def _both(number: int) -> Label:
    return Label(whole(number, "vi"), whole(number, "en"))


def _placed(issue: Issue) -> Label:
    place = ", ".join(filter(None, (issue.file, issue.sheet)))
    return Label(
        *(f"{place}: {text}" if place else text for text in (issue.message.text("vi"), issue.message.text("en")))
    )
