"""The section ``coverage:`` of a project file: rasters, roads, water works, facilities, travel."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from geontm.project.entry import Code, Entry, Files, Length, file_or_mapping, metres

__all__ = [
    "CoverageEntry",
    "LandcoverEntry",
    "LinesEntry",
    "PopulationEntry",
    "RoadsEntry",
    "SitesEntry",
    "TravelEntry",
]


def _files_or_mapping(value: object) -> object:
    return {"file": value} if isinstance(value, str | tuple | list) else value


def _accepted(value: object) -> object:
    """Let one accepted value stand for a list of one."""
    if not isinstance(value, dict):
        return value
    return {name: each if isinstance(each, tuple) else (each,) for name, each in value.items()}


def _column_or_metres(value: object) -> object:
    """Read a length or a number as the radius (m) of all works; any other text names a column."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return metres(f"{value} m")
    try:
        return metres(value)
    except ValueError:
        return value


Accepted = Annotated[dict[str, tuple[str | bool, ...]], BeforeValidator(_accepted)]
Speed = Annotated[float, Field(gt=0, le=150, strict=False)]


class PopulationEntry(Entry):
    """``population:`` — persons per cell; ``scale_to_known``: scaled to the population of each commune's table."""

    file: Files
    scale_to_known: bool = False


class LandcoverEntry(Entry):
    """``landcover:`` — classes by cell, walking speeds (km/h) by class, classes that nobody crosses."""

    file: Files
    speeds: dict[int, Speed] = Field(default_factory=dict)
    barriers: tuple[int, ...] = ()


class RoadsEntry(Entry):
    """``roads:`` — one layer of lines, what it covers, and which roads can be used in all seasons."""

    file: str
    layer: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    covers: tuple[Code, ...] = ()
    all_season: Accepted = Field(default_factory=dict)
    within: Length = 2_000.0
    speeds: dict[str, Speed] = Field(default_factory=dict)
    gap: Length = 20.0
    reach: Length = 500.0
    cross: bool | None = None
    date: datetime.date | None = None
    illustrative: bool = False


class LinesEntry(Entry):
    """``bridges:`` and ``barriers:`` — one layer of points, lines or polygons."""

    file: str
    layer: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    illustrative: bool = False


class SitesEntry(Entry):
    """``water:`` and one entry of ``facilities:`` — places with their coordinates, or service areas."""

    file: str
    kind: str | None = None
    layer: str | None = None
    sheet: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    covers: tuple[Code, ...] = ()
    lon: str | None = None
    lat: str | None = None
    crs: str | None = None
    radius: Annotated[float | str | None, BeforeValidator(_column_or_metres)] = None
    capacity: str | None = None
    litres_per_person_day: Annotated[float | None, Field(gt=0, le=1_000, strict=False)] = None
    working: Accepted = Field(default_factory=dict)
    within: Length | None = None
    date: datetime.date | None = None
    illustrative: bool = False


class TravelEntry(Entry):
    """``travel:`` — to which kinds of facility, how fast on foot, how far around the province paths may lead."""

    to: Files = ("commune_centre",)
    walking_kmh: Speed | None = None
    halo: Length = 5_000.0


class CoverageEntry(Entry):
    """The whole section."""

    population: Annotated[PopulationEntry | None, BeforeValidator(_files_or_mapping)] = None
    elevation: Files = ()
    landcover: Annotated[LandcoverEntry | None, BeforeValidator(_files_or_mapping)] = None
    roads: Annotated[RoadsEntry | None, BeforeValidator(file_or_mapping)] = None
    bridges: Annotated[LinesEntry | None, BeforeValidator(file_or_mapping)] = None
    barriers: Annotated[LinesEntry | None, BeforeValidator(file_or_mapping)] = None
    water: Annotated[SitesEntry | None, BeforeValidator(file_or_mapping)] = None
    facilities: tuple[SitesEntry, ...] = ()
    travel: TravelEntry | None = None
    candidates: bool = False

    def described(self) -> dict[str, Any]:
        """Return the section as plain values."""
        return self.model_dump(mode="json", exclude_none=True)
