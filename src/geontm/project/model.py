"""The project file as typed, frozen values. Unknown keys are errors; sections of later work are named, not ignored."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from geontm.project.coverage_model import CoverageEntry
from geontm.project.entry import Code, Entry, Files, Length, file_or_mapping

__all__ = [
    "LATER_SECTIONS",
    "AssessmentEntry",
    "BoundariesEntry",
    "FigureTableEntry",
    "FiguresEntry",
    "HouseholdsEntry",
    "IndicatorEntry",
    "KeyEntry",
    "ListEntry",
    "ProgrammeEntry",
    "ProgrammeFileEntry",
    "ProjectFile",
    "PublishEntry",
    "RankEntry",
    "VillagePolygonsEntry",
    "VillagesEntry",
]

# Sections of the contract that this version reads past; each becomes a row of the issues table.
LATER_SECTIONS = ("roadmap",)


class BoundariesEntry(Entry):
    """``boundaries:`` — where the units come from, and of which day they are."""

    source: str
    provinces: tuple[Code, ...] = ()
    districts: Files = ()
    layer: str | None = None
    date: datetime.date | None = None
    columns: dict[str, str] = Field(default_factory=dict)


class KeyEntry(Entry):
    """``key:`` of a table — which columns name the unit, and inside what a name is unique."""

    code: str | None = None
    name: str | None = None
    province: str | None = None
    district: str | None = None
    within: Literal["province", "district"] | None = None


class IndicatorEntry(Entry):
    """One file under ``indicators:``."""

    file: str
    sheet: str | None = None
    unit: Literal["commune"] = "commune"
    date: datetime.date | None = None
    key: KeyEntry = KeyEntry()
    columns: dict[str, str] = Field(default_factory=dict)
    illustrative: bool = False


class ListEntry(Entry):
    """One official list under ``lists:``; a bare file name is enough."""

    file: str
    sheet: str | None = None
    date: datetime.date | None = None
    document: str = ""
    key: KeyEntry = KeyEntry()
    columns: dict[str, str] = Field(default_factory=dict)
    complete: bool = False
    covers: tuple[Code, ...] = ()


class RankEntry(Entry):
    """``rank:`` — the planner's weights."""

    weights: dict[str, float]
    method: str = "additive"
    directions: dict[str, Literal["high", "low"]] = Field(default_factory=dict)


class AssessmentEntry(Entry):
    """One file under ``assessments:`` — which indicators and criteria of a rule set each unit was found to meet."""

    file: str
    sheet: str | None = None
    date: datetime.date | None = None
    document: str = ""
    illustrative: bool = False


class FigureTableEntry(Entry):
    """A plain table under ``figures: tables:`` that recipes may count on."""

    file: str
    sheet: str | None = None
    illustrative: bool = False
    document: str = ""


class FiguresEntry(Entry):
    """``figures:`` — what documents print, recipes for what follows, and where documents contradict themselves."""

    file: Files = ()
    recipes: Files = ()
    contradictions: Files = ()
    tables: dict[str, Annotated[FigureTableEntry, BeforeValidator(file_or_mapping)]] = Field(default_factory=dict)


class VillagePolygonsEntry(Entry):
    """``polygons:`` of the villages — a layer of their outlines; a bare file name is enough."""

    file: str
    layer: str | None = None
    date: datetime.date | None = None
    commune: str | None = None
    within: Literal["province", "district"] | None = None
    code: str | None = None
    name: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)


class VillagesEntry(Entry):
    """``villages:`` — one table of villages, or a layer of their outlines; other keys name columns by their headers."""

    file: str
    sheet: str | None = None
    date: datetime.date | None = None
    commune: str | None = None
    within: Literal["province", "district"] | None = None
    code: str | None = None
    name: str | None = None
    lon: str | None = None
    lat: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    illustrative: bool = False
    polygons: Annotated[VillagePolygonsEntry, BeforeValidator(file_or_mapping)] | None = None


class HouseholdsEntry(Entry):
    """``households:`` — one table of households, without personal data."""

    file: str
    sheet: str | None = None
    date: datetime.date | None = None
    commune: str | None = None
    within: Literal["province", "district"] | None = None
    code: str | None = None
    village: str | None = None
    standard: str = ""
    holds: Literal["all", "poor_and_near_poor", "some"] | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    illustrative: bool = False


class ReportEntry(Entry):
    """``report: docx``, or ``report: {template: mau-bao-cao.docx}``."""

    format: Literal["docx"] = "docx"
    template: str | None = None


def _report(value: object) -> object:
    return {"format": value} if isinstance(value, str) else None if value is False else value


def _papers(value: object) -> object:
    return [value] if isinstance(value, str) else value


class PublishEntry(Entry):
    """``publish:`` — what to make of the result."""

    maps: tuple[Literal["classification", "coverage", "priority", "programme"], ...] = (
        "classification",
        "coverage",
        "priority",
    )
    print: Annotated[tuple[Literal["A4", "A3"], ...], BeforeValidator(_papers)] = ()
    atlas: Literal["commune", "district"] | None = None
    report: Annotated[ReportEntry | None, BeforeValidator(_report)] = None
    annex: bool | None = None
    site: bool = True
    former: str | None = None


class ProgrammeFileEntry(Entry):
    """One file under ``programme:``; a bare file name is enough."""

    file: str
    sheet: str | None = None
    key: KeyEntry = KeyEntry()
    columns: dict[str, str] = Field(default_factory=dict)
    illustrative: bool = False
    document: str = ""
    date: datetime.date | None = None
    through: datetime.date | None = None


def _several(value: object) -> object:
    each = value if isinstance(value, list | tuple) else (value,)
    return tuple(file_or_mapping(item) for item in each)


ProgrammeFiles = Annotated[tuple[ProgrammeFileEntry, ...], BeforeValidator(_several)]


class ProgrammeEntry(Entry):
    """``programme:`` — who is in it, what is planned and done by year; each key one file or several."""

    name: str = ""
    baseline: ProgrammeFiles = ()
    plan: ProgrammeFiles = ()
    actual: ProgrammeFiles = ()
    values: ProgrammeFiles = ()
    floors: ProgrammeFiles = ()
    forecast: ProgrammeFiles = ()
    mergers: ProgrammeFiles = ()
    history: ProgrammeFiles = ()
    capital: ProgrammeFiles = ()
    agencies: ProgrammeFiles = ()


class ProjectFile(Entry):
    """The whole project file."""

    name: str = Field(min_length=1)
    as_of: datetime.date
    boundaries: BoundariesEntry
    land_border: str | None = None
    border_facts: str | None = None
    border_tolerance: Length = 200.0
    indicators: tuple[IndicatorEntry, ...] = ()
    accept_suggestions: bool = False
    lists: dict[str, Annotated[ListEntry, BeforeValidator(file_or_mapping)]] = Field(default_factory=dict)
    standards: tuple[str, ...] = ("border",)
    allow_unverified: tuple[str, ...] = ()
    allow_out_of_force: tuple[str, ...] = ()
    rank: RankEntry | None = None
    assessments: dict[str, Annotated[AssessmentEntry, BeforeValidator(file_or_mapping)]] = Field(default_factory=dict)
    figures: Annotated[FiguresEntry, BeforeValidator(file_or_mapping)] | None = None
    publish: PublishEntry = PublishEntry()
    villages: Annotated[VillagesEntry, BeforeValidator(file_or_mapping)] | None = None
    households: Annotated[HouseholdsEntry, BeforeValidator(file_or_mapping)] | None = None
    overrides: str | None = None
    coverage: CoverageEntry | None = None
    roadmap: Any = None
    programme: ProgrammeEntry | None = None
