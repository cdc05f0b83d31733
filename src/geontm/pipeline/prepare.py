"""The first half of a run: read every file, put its rows on the units of the day."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from geontm import classify, join, load
from geontm.errors import BoundaryError
from geontm.law import require_in_force
from geontm.pipeline.account import Clock, template_files
from geontm.pipeline.assessments import Assessments, assess
from geontm.pipeline.coverage import Cache, CoverageInputs, prepare_coverage
from geontm.pipeline.figures import PreparedFigures, prepare_figures
from geontm.pipeline.lower_units import PreparedLower, prepare_lower
from geontm.pipeline.programme import PreparedProgramme, prepare_programme
from geontm.pipeline.times import pieces_drawn, registers_of, require_one_time
from geontm.project import Project
from geontm.tables import Issue

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """The first half of a run: what was read, and the tables and lists on their communes.

    Attributes
    ----------
    layers : load.Layers
    joined : join.Joined
        One row per commune, and the long table behind it.
    lists : tuple of classify.OfficialList
    issues : tuple of Issue
    figures, assessments, lower, programme, coverage
        The same of the sections ``figures:``, ``assessments:``, ``villages:`` and ``households:``, ``programme:``,
        ``coverage:``; the last is None too on schematic boundaries, which are never measured.
    """

    layers: load.Layers
    joined: join.Joined
    lists: tuple[classify.OfficialList, ...]
    issues: tuple[Issue, ...]
    figures: PreparedFigures | None = None
    assessments: Assessments = field(default_factory=Assessments)
    lower: PreparedLower = field(default_factory=PreparedLower)
    programme: PreparedProgramme | None = None
    coverage: CoverageInputs | None = None


def prepare(project: Project, clock: Clock) -> Prepared:
    """Read everything that a project names and join it; compute nothing.

    Raises
    ------
    GeontmError
        A file, a date or a rule set that cannot be used.
    """
    template_files(project.products)  # a missing one must not be found out after the work
    require_in_force(project.rulesets, project.as_of, project.allow_out_of_force)
    classify.require_allowances(project.rulesets, project.allow_unverified)
    with clock.stage("read"):
        layers = load.read_layers(project.sources, project.words)
        if layers.boundaries.units.empty:
            raise BoundaryError("publish.no_units", where=project.sources.boundaries.path)
        figures = prepare_figures(project.figures)
        programme = prepare_programme(project.programme, project.words)
    with clock.stage("join"):
        units = pd.DataFrame(layers.boundaries.units.drop(columns="geometry"))
        valid_from = layers.boundaries.valid_from
        registers = registers_of(valid_from)
        require_one_time(project, units, valid_from)
        issues = [*layers.issues, *pieces_drawn(project, units), *(programme.issues if programme else ())]
        tables = []
        for table in layers.tables:
            match, found = _match(table, units, layers, registers, accept=project.accept_suggestions)
            issues += found
            source = table.source
            tables.append(join.MatchedTable(table.rows, match, source.date, source.path.name, table.sheet))
        lists = []
        for entry in layers.lists:
            match, found = _match(entry.table, units, layers, registers, accept=project.accept_suggestions)
            # A list names the units that count; the units that it leaves out are not a gap in it.
            issues += [issue for issue in found if issue.message.id not in ("join.units_missing", "join.unit_missing")]
            lists.append(_official(entry, match))
        assessments = assess(project.assessments, project.rulesets, units, project.words)
        lower = prepare_lower(project, units, boundaries_date=valid_from, registers=registers)
        joined = join.one_row_per_commune(units, tables, project.words.indicators, as_of=project.as_of)
        coverage, told = _coverage(project, layers, lower, clock)
    found = (*joined.issues, *assessments.issues, *lower.issues, *told)
    return Prepared(
        layers, joined, tuple(lists), (*issues, *found), figures, assessments, lower, programme, coverage=coverage
    )


def _coverage(
    project: Project, layers: load.Layers, lower: PreparedLower, clock: Clock
) -> tuple[CoverageInputs | None, tuple[Issue, ...]]:
    """Read what is to be measured on the units; schematic outlines draw and never decide."""
    if project.coverage is None:
        return None, ()
    if layers.boundaries.schematic:
        return None, (Issue.of("warning", "coverage.schematic", column="coverage"),)
    with clock.stage("coverage"):
        inputs = prepare_coverage(
            project.coverage, layers.boundaries.units, lower.villages, cache=Cache(), step=clock.step
        )
    return inputs, inputs.issues


def _match(
    table: load.UnitTable,
    units: pd.DataFrame,
    layers: load.Layers,
    registers: tuple[join.Register, ...],
    *,
    accept: bool,
) -> tuple[join.Match, tuple[Issue, ...]]:
    """Give the rows of one table their communes, after a look at whether its names are of the boundaries' time."""
    source, key = table.source, table.source.key
    place = {"file": source.path.name, "sheet": table.sheet}
    dated = join.check_vintage(
        table.rows,
        units,
        table_date=source.date,
        boundaries_date=layers.boundaries.valid_from,
        registers=registers,
        **place,
    )
    by: join.By = "auto" if bool(key.code) == bool(key.name) else "code" if key.code else "name"
    match = join.match_units(table.rows, units, by=by, within=key.within, accept_suggestions=accept, **place)
    return match, (*dated, *match.issues)


def _official(entry: load.ListTable, match: join.Match) -> classify.OfficialList:
    """Turn a list whose rows have found their communes into the decisions that it holds."""
    rows = entry.table.rows
    found = match.codes.notna()
    entries = pd.DataFrame({"value": rows[entry.answer]})
    stated = pd.Series(entry.source.document, index=rows.index)
    entries["document"] = rows["document"].fillna(entry.source.document) if "document" in rows else stated
    day = entry.table.source.date
    entries["date"] = rows["date"] if "date" in rows else (day.isoformat() if day else "")
    entries = entries[found].set_axis(pd.Index(match.codes[found].astype(str), name="commune_code"))
    return classify.OfficialList(
        ruleset=entry.source.ruleset,
        entries=entries,
        column=entry.answer,
        complete=entry.source.complete,
        covers=entry.source.covers,
        unplaced=int((~found).sum()),
        file=entry.table.source.path.name,
    )
