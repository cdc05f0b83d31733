"""Reads villages and households and places them: each village in its commune, each household in its village."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd

from geontm import join
from geontm.classify.households import year_of_standard
from geontm.classify.rates import Holds
from geontm.join.villages import Placed, find_villages, key_villages, place_rows
from geontm.law import RuleSet
from geontm.load.household_tables import read_household_table
from geontm.load.lower_tables import LowerSource
from geontm.load.village_polygons import PolygonSource, VillagePolygons, read_village_polygons
from geontm.load.village_tables import read_village_table
from geontm.pipeline.village_outlines import outline_villages
from geontm.project import Project
from geontm.project.dictionary import read_dictionary
from geontm.tables import Issue

__all__ = ["PreparedLower", "prepare_lower"]

_NO_VILLAGES = ("commune_code", "village_code", "village_name")


@dataclass(frozen=True)
class PreparedLower:
    """Villages and households in their places.

    Attributes
    ----------
    villages : DataFrame, index ``village_code`` (the key of the village), or None
        One row per village with its ``commune_code`` and what the table says of it; those that the households name
        where the project has no table of villages.
    households : DataFrame, index: row of the file, or None
        ``commune_code`` and ``village_key`` as found; missing where none was.
    holds : {"all", "poor_and_near_poor", "some"}
        Which households the table lists, as the project says.
    holds_told : bool
        Whether the project says it.
    villages_listed : bool
        Whether the project has a table of villages.
    standards : tuple of RuleSet
        Poverty standards to judge by; the one in force first.
    files : tuple of str
        Names of the two files, empty for none: villages, households.
    issues : tuple of Issue
    polygons : GeoDataFrame, index ``village_key``, EPSG:4326, or None
        ``commune_code`` and outline of the villages that have one.
    """

    villages: pd.DataFrame | None = None
    households: pd.DataFrame | None = None
    holds: Holds = "all"
    holds_told: bool = False
    villages_listed: bool = False
    standards: tuple[RuleSet, ...] = ()
    files: tuple[str, str] = ("", "")
    issues: tuple[Issue, ...] = ()
    polygons: gpd.GeoDataFrame | None = None


@dataclass(frozen=True)
class _Ground:
    """The communes to place rows in, and how to judge whether names are of their time."""

    units: pd.DataFrame
    boundaries_date: date | None
    registers: Sequence[join.Register]
    accept: bool


def prepare_lower(
    project: Project, units: pd.DataFrame, *, boundaries_date: date | None, registers: Sequence[join.Register]
) -> PreparedLower:
    """Read the sections ``villages:`` and ``households:`` and place their rows.

    Parameters
    ----------
    project : Project
    units : DataFrame, index ``commune_code``
        The communes, without geometry.
    boundaries_date : date or None
        The day they stand for.
    registers : sequence of Register
        Known lists of units, to test the names of undated tables.

    Raises
    ------
    SourceError, TableError, VintageError
        A file cannot be read, holds no such table, or is of another time than the boundaries.
    """
    ground = _Ground(units, boundaries_date, registers, project.accept_suggestions)
    sources = project.lower
    issues: list[Issue] = []
    villages = pd.DataFrame(columns=pd.Index(_NO_VILLAGES), dtype="str")
    layer = _layer(sources.polygons)
    if sources.villages is not None:
        villages, found = _villages(sources.villages, ground, layer)
        issues += found
    households, standards = None, _standards(project)
    if sources.households is not None:
        year = sources.households.standard or (year_of_standard(standards[0]) if standards else "")
        if not sources.households.standard and year:
            place = {"file": sources.households.table.path.name, "column": "standard", "value": f"poverty-{year}"}
            issues.append(Issue.of("info", "lower.standard_of_the_day", **place, standard=f"poverty-{year}"))
        households, villages, found = _households(sources.households.table, ground, villages, year)
        issues += found
    polygons = None
    if layer is not None:
        polygons, found = _outlines(layer, ground, villages, told=_is_table(layer, sources.villages))
        issues += found
    both = (sources.villages, sources.households.table if sources.households else None)
    holds = sources.households.holds if sources.households else None
    return PreparedLower(
        villages=villages if sources.villages is not None or households is not None else None,
        households=households,
        holds=holds or "all",
        holds_told=holds is not None,
        villages_listed=sources.villages is not None,
        standards=standards,
        files=(both[0].path.name if both[0] else "", both[1].path.name if both[1] else ""),
        issues=tuple(issues),
        polygons=polygons,
    )


def _standards(project: Project) -> tuple[RuleSet, ...]:
    """Return the poverty standards of the project, the one in force on its day first."""
    found = [
        rules
        for rules in project.rulesets
        if rules.unit == "household" and {"poor", "near_poor"} <= {each.id for each in rules.outcomes}
    ]
    return tuple(sorted(found, key=lambda rules: project.as_of not in rules.in_force))


def _villages(source: LowerSource, ground: _Ground, layer: VillagePolygons | None) -> tuple[pd.DataFrame, list[Issue]]:
    if layer is not None and _is_table(layer, source):
        table = layer.table
    else:
        words = read_dictionary("communes"), read_dictionary("villages")
        table = read_village_table(source, identifiers=words[0], villages=words[1])
    place = {"file": source.path.name, "sheet": table.sheet}
    placed = _place(table.rows, source, ground, place)
    rows = _replaced(table.rows, placed)
    keyed, found = key_villages(rows, **place)
    return keyed, [*table.issues, *placed.issues, *found]


def _layer(source: PolygonSource | None) -> VillagePolygons | None:
    words = {"identifiers": read_dictionary("communes"), "villages": read_dictionary("villages")}
    return read_village_polygons(source, **words) if source is not None else None


def _is_table(layer: VillagePolygons, source: LowerSource | None) -> bool:
    """Tell whether the layer of outlines is the table of villages, too."""
    return source is not None and layer.table.source.path == source.path


def _outlines(
    layer: VillagePolygons, ground: _Ground, villages: pd.DataFrame, *, told: bool
) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Find the village of every outline: by code, else by name inside the commune that the layer names.

    ``told``: what is odd in the attributes is known already, for the layer is the table of villages.
    """
    rows, source = layer.table.rows, layer.table.source
    place = {"file": source.path.name, "sheet": layer.table.sheet}
    issues = [*layer.issues] if told else [*layer.issues, *layer.table.issues]
    naming = rows[rows.columns.intersection(["commune_code", "commune_name"])]
    if naming.notna().any(axis=None):
        placed = _place(rows, source, ground, place)
        issues += () if told else placed.issues
    else:  # the codes of the villages tell the communes
        placed = Placed(pd.Series(pd.NA, index=rows.index, dtype="str", name="commune_code"), ())
    keys, _ = find_villages(_replaced(rows, placed), villages, **place)
    polygons, found = outline_villages(layer.shapes, keys.codes, villages, **place)
    return polygons, [*issues, *found]


def _households(
    source: LowerSource, ground: _Ground, villages: pd.DataFrame, year: str
) -> tuple[pd.DataFrame, pd.DataFrame, list[Issue]]:
    table = read_household_table(
        source, identifiers=read_dictionary("communes"), households=read_dictionary("households"), standard=year
    )
    place = {"file": source.path.name, "sheet": table.sheet}
    named = {"commune_code", "commune_name"} & set(table.rows)
    if named or villages.empty:
        placed = _place(table.rows, source, ground, place)
    else:  # the codes of the villages tell the communes
        placed = Placed(pd.Series(pd.NA, index=table.rows.index, dtype="str"), ())
    rows = _replaced(table.rows, placed)
    in_villages, known = find_villages(rows, villages, **place)
    by_village = in_villages.codes.map(known["commune_code"]).astype("str")
    rows = rows.assign(village_key=in_villages.codes, commune_code=rows["commune_code"].fillna(by_village))
    issues = [*table.issues, *placed.issues, *in_villages.issues]
    if not named and rows["commune_code"].isna().any():
        lost = int(rows["commune_code"].isna().sum())
        issues.append(Issue.of("error", "lower.rows_unplaced", **place, n=lost, of=len(rows)))
    return rows, known, issues


def _place(rows: pd.DataFrame, source: LowerSource, ground: _Ground, place: dict[str, str]) -> Placed:
    """Place rows in their communes, after a look at whether their names are of the boundaries' time."""
    identity = [name for name in ("commune_code", "commune_name", "district_name", "province_name") if name in rows]
    dated = join.check_vintage(
        rows[identity].drop_duplicates(),
        ground.units,
        table_date=source.date,
        boundaries_date=ground.boundaries_date,
        registers=ground.registers,
        **place,
    )
    within: join.Within = "district" if source.within == "district" else "province" if source.within else None
    placed = place_rows(rows, ground.units, within=within, accept_suggestions=ground.accept, **place)
    return Placed(placed.codes, (*dated, *placed.issues))


def _replaced(rows: pd.DataFrame, placed: Placed) -> pd.DataFrame:
    """Put the codes that were found in the place of what the file says of the commune."""
    said = [name for name in rows if name in ("commune_code", "commune_name", "kind", *_ABOVE)]
    return pd.concat([placed.codes.rename("commune_code"), rows.drop(columns=said)], axis=1)


_ABOVE = ("district_code", "district_name", "province_code", "province_name")
