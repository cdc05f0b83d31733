"""Types the inputs that a project file names: layers, tables, lists, figures, assessments, programmes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

from geontm.errors import ProjectError
from geontm.law import RuleSet
from geontm.load.assessment_tables import AssessmentSource
from geontm.load.boundaries import BoundarySource
from geontm.load.figure_tables import FiguresSource, TextTableSource
from geontm.load.programme_tables import ProgrammeKind, ProgrammeSource, ProgrammeSources
from geontm.load.read import ListSource
from geontm.load.shipped import shipped_path
from geontm.load.unit_tables import KeySpec, TableSource
from geontm.messages import say
from geontm.project.model import IndicatorEntry, KeyEntry, ListEntry, ProjectFile
from geontm.project.paths import inside, optional_file
from geontm.project.published import shipped_list_source
from geontm.project.schematic import SCHEMATIC_LAYERS
from geontm.project.yaml_files import Document, nearest
from geontm.tables import Table

__all__ = [
    "read_assessments",
    "read_boundaries",
    "read_figures",
    "read_list_source",
    "read_programme",
    "read_table",
    "require_indicator",
]


def read_boundaries(entry: ProjectFile, document: Document) -> BoundarySource:
    """Type the section ``boundaries:``; a schematic layer brings its date."""
    given, place = entry.boundaries, ("boundaries", "source")
    if given.source.startswith("schematic:"):
        if given.source not in SCHEMATIC_LAYERS:
            names = ", ".join(sorted(SCHEMATIC_LAYERS, reverse=True))
            raise ProjectError("project.unknown_source", where=document.where(place), source=given.source, names=names)
        file, valid_from = SCHEMATIC_LAYERS[given.source]
        layer = BoundarySource(shipped_path(file), provinces=given.provinces, date=valid_from, schematic=True)
        return replace(layer, districts=given.districts)
    path = optional_file(given.source, place, document)
    assert path is not None
    layer = BoundarySource(path, layer=given.layer, provinces=given.provinces, date=given.date, columns=given.columns)
    return replace(layer, districts=given.districts)


def _key(key: KeyEntry) -> KeySpec:
    return KeySpec(code=key.code, name=key.name, province=key.province, district=key.district, within=key.within)


def read_table(item: IndicatorEntry, number: int, document: Document, indicators: Table) -> TableSource:
    """Type one table of indicators; every column must mean a known indicator."""
    place = ("indicators", number)
    for spelling, name in item.columns.items():
        require_indicator(name, (*place, "columns", spelling), document, indicators)
    path = inside(item.file, (*place, "file"), document)
    return TableSource(path, sheet=item.sheet, date=item.date, key=_key(item.key), columns=item.columns)


def require_indicator(name: str, place: tuple[str | int, ...], document: Document, indicators: Table) -> None:
    """Refuse a name that no indicator has, with the nearest one that has it."""
    if name not in indicators:
        close = nearest(name, indicators.columns)
        hint = say("project.did_you_mean", name=close) if close else ""
        raise ProjectError("project.unknown_indicator", where=document.where(place), name=name, hint=hint)


def read_list_source(
    ruleset: str, key: str, item: ListEntry, document: Document, rulesets: tuple[RuleSet, ...]
) -> ListSource:
    """Type an official list, which must belong to a rule set that the project uses."""
    ids = [rules.id for rules in rulesets]
    if ruleset not in ids:
        raise ProjectError(
            "project.list_without_standard", where=document.where(("lists", key)), id=key, names=", ".join(ids)
        )
    if item.file.startswith("shipped:"):
        return shipped_list_source(ruleset, item, where=document.where(("lists", key)))
    path = inside(item.file, ("lists", key), document)
    table = TableSource(path, sheet=item.sheet, date=item.date, key=_key(item.key), columns=item.columns)
    return ListSource(ruleset, table, document=item.document, complete=item.complete, covers=item.covers)


def read_assessments(
    entry: ProjectFile, document: Document, families: Mapping[str, str]
) -> tuple[AssessmentSource, ...]:
    """Type the section ``assessments:``, by rule set."""
    return tuple(
        AssessmentSource(
            families.get(name, name),
            inside(item.file, ("assessments", name), document),
            sheet=item.sheet,
            date=item.date,
            document=item.document,
            illustrative=item.illustrative,
        )
        for name, item in entry.assessments.items()
    )


def read_figures(entry: ProjectFile, document: Document) -> FiguresSource | None:
    """Type the section ``figures:``."""
    given = entry.figures
    if given is None:
        return None

    def paths(part: str, names: tuple[str, ...]) -> tuple[Path, ...]:
        return tuple(inside(name, ("figures", part), document) for name in names)

    tables = {
        name: TextTableSource(
            inside(table.file, ("figures", "tables", name), document),
            sheet=table.sheet,
            illustrative=table.illustrative,
            document=table.document,
        )
        for name, table in given.tables.items()
    }
    return FiguresSource(
        given=paths("file", given.file),
        recipes=paths("recipes", given.recipes),
        contradictions=paths("contradictions", given.contradictions),
        tables=tables,
    )


def read_programme(entry: ProjectFile, document: Document) -> ProgrammeSources | None:
    """Type the section ``programme:``."""
    given = entry.programme
    if given is None:
        return None
    files = [
        ProgrammeSource(
            kind, inside(item.file, ("programme", kind), document), sheet=item.sheet, key=_key(item.key),
            columns=item.columns, illustrative=item.illustrative, document=item.document, date=item.date,
            through=item.through,
        )
        for kind in get_args(ProgrammeKind)
        for item in getattr(given, kind)
    ]  # fmt: skip
    return ProgrammeSources(given.name, tuple(files))
