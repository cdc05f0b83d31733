"""Types the sections ``villages:`` and ``households:`` of a project."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geontm.classify.rates import Holds
from geontm.errors import ProjectError
from geontm.load.household_tables import standard_years
from geontm.load.lower_tables import LowerSource
from geontm.load.village_polygons import PolygonSource, is_layer
from geontm.project.dictionary import read_dictionary
from geontm.project.yaml_files import Document

if TYPE_CHECKING:
    from geontm.project.model import HouseholdsEntry, ProjectFile, VillagesEntry

__all__ = ["HouseholdSource", "LowerSources", "read_lower_sources"]

Inside = Callable[[str, tuple[str | int, ...], Document], Path]
_YEAR = re.compile(r"(?:.*-)?(\d{4})")


@dataclass(frozen=True)
class HouseholdSource:
    """The table of households of a project.

    Attributes
    ----------
    table : LowerSource
    standard : str
        Year of the poverty standard that headers without a year belong to; empty: the one in force on the table's day.
    holds : {"all", "poor_and_near_poor", "some", None}
        Which households of a village or commune the table lists; None where the project does not say.
    """

    table: LowerSource
    standard: str = ""
    holds: Holds | None = None


@dataclass(frozen=True)
class LowerSources:
    """The tables below the commune; None where the project has none. ``illustrative``: one of them is constructed.

    ``polygons`` are the outlines of the villages; its path is that of ``villages`` where the layer is the table, too.
    """

    villages: LowerSource | None = None
    households: HouseholdSource | None = None
    illustrative: bool = False
    polygons: PolygonSource | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file named."""
        tables = (self.villages, self.households.table if self.households else None, self.polygons)
        return tuple(dict.fromkeys(table.path for table in tables if table is not None))


def read_lower_sources(entry: ProjectFile, document: Document, inside: Inside) -> LowerSources:
    """Type both sections.

    Raises
    ------
    ProjectError
        A path leaves the project's folder, or the standard is none that the dictionary of households knows.
    """
    villages, households = entry.villages, entry.households
    return LowerSources(
        villages=_villages(villages, document, inside) if villages is not None else None,
        households=_households(households, document, inside) if households is not None else None,
        illustrative=any(each is not None and each.illustrative for each in (villages, households)),
        polygons=_polygons(villages, document, inside) if villages is not None else None,
    )


def _villages(entry: VillagesEntry, document: Document, inside: Inside) -> LowerSource:
    named = {"village_code": entry.code, "village_name": entry.name, "lon": entry.lon, "lat": entry.lat}
    return LowerSource(
        path=inside(entry.file, ("villages", "file"), document),
        sheet=entry.sheet,
        date=entry.date,
        commune=entry.commune,
        within=entry.within,
        columns={**{header: name for name, header in named.items() if header}, **entry.columns},
    )


def _polygons(entry: VillagesEntry, document: Document, inside: Inside) -> PolygonSource | None:
    """Take the layer of outlines: the one that is named, or the table of villages itself where it is a layer."""
    given = entry.polygons
    if given is not None:
        named = {"village_code": given.code, "village_name": given.name}
        return PolygonSource(
            path=inside(given.file, ("villages", "polygons"), document),
            layer=given.layer,
            date=given.date or entry.date,
            commune=given.commune,
            within=given.within or entry.within,
            columns={**{header: name for name, header in named.items() if header}, **given.columns},
        )
    table = _villages(entry, document, inside)
    if not is_layer(table.path):
        return None
    return PolygonSource(
        path=table.path,
        layer=table.sheet,
        date=table.date,
        commune=table.commune,
        within=table.within,
        columns=table.columns,
    )


def _households(entry: HouseholdsEntry, document: Document, inside: Inside) -> HouseholdSource:
    known = standard_years(read_dictionary("households"))
    found = _YEAR.fullmatch(entry.standard) if entry.standard else None
    if entry.standard and (found is None or found[1] not in known):
        names = ", ".join(f"poverty-{year}" for year in known)
        where = document.where(("households", "standard"))
        raise ProjectError("lower.unknown_standard", where=where, name=entry.standard, names=names)
    named = {"household_id": entry.code, "village_name": entry.village}
    table = LowerSource(
        path=inside(entry.file, ("households", "file"), document),
        sheet=entry.sheet,
        date=entry.date,
        commune=entry.commune,
        within=entry.within,
        columns={**{header: name for name, header in named.items() if header}, **entry.columns},
    )
    return HouseholdSource(table, standard=found[1] if found else "", holds=entry.holds)
