"""The project file as typed, frozen values. Unknown keys are errors; sections of later work are named, not ignored."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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
    "VillagesEntry",
]

# Sections of the contract that this version reads past; each becomes a row of the issues table.
LATER_SECTIONS = ("coverage", "roadmap")
LATER_OUTPUTS = ("print", "report", "site")
_FARTHEST_M = 100_000.0  # no tolerance is wider than a province
_LENGTH = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(m|km)\s*", re.IGNORECASE)


def _metres(value: object) -> object:
    if isinstance(value, str) and (found := _LENGTH.fullmatch(value)):
        metres = float(found[1].replace(",", ".")) * (1_000 if found[2].lower() == "km" else 1)
        if 0 < metres <= _FARTHEST_M:
            return metres
    raise ValueError("length")


def _file_or_mapping(value: object) -> object:
    return {"file": value} if isinstance(value, str) else value


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Files = Annotated[tuple[str, ...], BeforeValidator(_names)]
Length = Annotated[float, BeforeValidator(_metres)]
Code = Annotated[str, Field(pattern=r"^\d{2}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class BoundariesEntry(_Entry):
    """``boundaries:`` — where the units come from, and of which day they are."""

    source: str
    provinces: tuple[Code, ...] = ()
    districts: Files = ()
    layer: str | None = None
    date: datetime.date | None = None
    columns: dict[str, str] = Field(default_factory=dict)


class KeyEntry(_Entry):
    """``key:`` of a table — which columns name the unit, and inside what a name is unique."""

    code: str | None = None
    name: str | None = None
    province: str | None = None
    district: str | None = None
    within: Literal["province", "district"] | None = None


class IndicatorEntry(_Entry):
    """One file under ``indicators:``."""

    file: str
    sheet: str | None = None
    unit: Literal["commune"] = "commune"
    date: datetime.date | None = None
    key: KeyEntry = KeyEntry()
    columns: dict[str, str] = Field(default_factory=dict)
    illustrative: bool = False


class ListEntry(_Entry):
    """One official list under ``lists:``; a bare file name is enough."""

    file: str
    sheet: str | None = None
    date: datetime.date | None = None
    document: str = ""
    key: KeyEntry = KeyEntry()
    columns: dict[str, str] = Field(default_factory=dict)
    complete: bool = False
    covers: tuple[Code, ...] = ()


class RankEntry(_Entry):
    """``rank:`` — the planner's weights."""

    weights: dict[str, float]
    method: str = "additive"
    directions: dict[str, Literal["high", "low"]] = Field(default_factory=dict)


class AssessmentEntry(_Entry):
    """One file under ``assessments:`` — which indicators and criteria of a rule set each unit was found to meet."""

    file: str
    sheet: str | None = None
    date: datetime.date | None = None
    document: str = ""
    illustrative: bool = False


class FigureTableEntry(_Entry):
    """A plain table under ``figures: tables:`` that recipes may count on."""

    file: str
    sheet: str | None = None
    illustrative: bool = False
    document: str = ""


class FiguresEntry(_Entry):
    """``figures:`` — what documents print, recipes for what follows, and where documents contradict themselves."""

    file: Files = ()
    recipes: Files = ()
    contradictions: Files = ()
    tables: dict[str, Annotated[FigureTableEntry, BeforeValidator(_file_or_mapping)]] = Field(default_factory=dict)


class VillagesEntry(_Entry):
    """``villages:`` — one table of villages; the other keys name columns by their headers."""

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


class HouseholdsEntry(_Entry):
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


class PublishEntry(_Entry):
    """``publish:`` — what to make of the result."""

    maps: tuple[Literal["classification", "coverage", "priority", "programme"], ...] = (
        "classification",
        "coverage",
        "priority",
    )
    print: Any = None
    report: Any = None
    site: Any = None


class ProgrammeFileEntry(_Entry):
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
    return tuple(_file_or_mapping(item) for item in each)


ProgrammeFiles = Annotated[tuple[ProgrammeFileEntry, ...], BeforeValidator(_several)]


class ProgrammeEntry(_Entry):
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


class ProjectFile(_Entry):
    """The whole project file."""

    name: str = Field(min_length=1)
    as_of: datetime.date
    boundaries: BoundariesEntry
    land_border: str | None = None
    border_facts: str | None = None
    border_tolerance: Length = 200.0
    indicators: tuple[IndicatorEntry, ...] = ()
    accept_suggestions: bool = False
    lists: dict[str, Annotated[ListEntry, BeforeValidator(_file_or_mapping)]] = Field(default_factory=dict)
    standards: tuple[str, ...] = ("border",)
    allow_unverified: tuple[str, ...] = ()
    allow_out_of_force: tuple[str, ...] = ()
    rank: RankEntry | None = None
    assessments: dict[str, Annotated[AssessmentEntry, BeforeValidator(_file_or_mapping)]] = Field(default_factory=dict)
    figures: Annotated[FiguresEntry, BeforeValidator(_file_or_mapping)] | None = None
    publish: PublishEntry = PublishEntry()
    villages: Annotated[VillagesEntry, BeforeValidator(_file_or_mapping)] | None = None
    households: Annotated[HouseholdsEntry, BeforeValidator(_file_or_mapping)] | None = None
    overrides: str | None = None
    coverage: Any = None
    roadmap: Any = None
    programme: ProgrammeEntry | None = None
