"""The order of a run, written once: files → one row per commune → measures → verdicts → ranking → results."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geontm import classify, cover, join, load, publish, rank
from geontm.law import require_in_force
from geontm.messages import say
from geontm.pipeline.account import YES_NO, Clock, Step, count_answers, given_columns, make_record, summarise
from geontm.pipeline.assessments import Assessments, assess
from geontm.pipeline.figures import (
    PreparedFigures,
    RunFrames,
    label_line,
    mark_constructed,
    prepare_figures,
    resting_on,
    work_out_figures,
)
from geontm.pipeline.lower_units import PreparedLower, prepare_lower
from geontm.pipeline.programme import PreparedProgramme, Programme, follow_programme, prepare_programme
from geontm.pipeline.times import codes_of_the_day, facts_are_measured, pieces_drawn, registers_of, require_one_time
from geontm.pipeline.unit_levels import LowerFound, UpperFound, allowances_of, classify_lower, classify_upper
from geontm.project import Project, national_figures, read_styles
from geontm.tables import Issue, Label

__all__ = ["Judged", "Plan", "check", "judge", "run", "summary", "summary_lines", "write"]

MOST_CODES = 10  # units that one issue names


def _quiet(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Plan:
    """What a run found; tables only, nothing is written.

    Attributes
    ----------
    communes : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
        Identity, geometry and every column of the result in nullable types; missing is unknown.
    indicators : DataFrame, long
        ``commune_code, indicator, year, value, unit, source_file, how``.
    verdicts : classify.Verdicts
        Every test and verdict with its reason (``.long``), decisions, scores, and differences from official lists.
    priority : DataFrame, index ``commune_code``
        Score with its interval, rank, and each indicator's part; no columns where the project ranks nothing.
    issues : tuple of Issue
        Everything odd in the data.
    content : publish.Content
        The same as a record for publishing.
    maps : tuple of str
        Names of the maps that the project asks for.
    made_from : mapping
        Inputs with sha256, versions, rule sets, coordinate systems, seconds per stage, counts.
    """

    communes: gpd.GeoDataFrame
    indicators: pd.DataFrame
    verdicts: classify.Verdicts
    priority: pd.DataFrame
    issues: tuple[Issue, ...]
    content: publish.Content
    maps: tuple[str, ...] = ()
    made_from: Mapping[str, Any] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        return publish.notebook_html(self.content)


@dataclass(frozen=True)
class _Prepared:
    """The first half of a run: what was read, and the tables and lists on their communes."""

    layers: load.Layers
    joined: join.Joined
    lists: tuple[classify.OfficialList, ...]
    issues: tuple[Issue, ...]
    figures: PreparedFigures | None = None
    assessments: Assessments = field(default_factory=Assessments)
    lower: PreparedLower = field(default_factory=PreparedLower)
    programme: PreparedProgramme | None = None
    followed: Programme = field(default_factory=Programme)


@dataclass(frozen=True)
class Judged:
    """What the law says of the communes of a project.

    Attributes
    ----------
    table : DataFrame, index ``commune_code``
        Identity, indicators, measures and result columns.
    verdicts : classify.Verdicts
    lower, upper
        The same of villages and households, of districts and provinces.
    question : classify.Question
        What was asked of the communes besides the table.
    issues : tuple of Issue
        What the measuring told.
    """

    table: pd.DataFrame
    verdicts: classify.Verdicts
    lower: LowerFound
    upper: UpperFound
    question: classify.Question
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class _Found:
    """The second half of a run: the wide table, and what the law and the ranking made of it."""

    table: pd.DataFrame
    verdicts: classify.Verdicts
    priority: pd.DataFrame
    issues: tuple[Issue, ...]
    figures: pd.DataFrame
    lower: LowerFound
    upper: UpperFound


def run(project: Project, *, step: Step = _quiet) -> Plan:
    """Carry one project from its files to verdicts and a ranked list of communes.

    Parameters
    ----------
    project : Project
        From :func:`geontm.read_project`.
    step : callable
        Told what begins, for a progress display.

    Raises
    ------
    GeontmError
        A file, a date or a rule that cannot be used. Nothing has been written.
    """
    clock = Clock(step)
    prepared = _prepare(project, clock)
    units = prepared.layers.boundaries.units
    judged = _judge(project, prepared, clock)
    table, verdicts, lower, upper = judged.table, judged.verdicts, judged.lower, judged.upper
    with clock.stage("rank"):
        priority, rank_issues = _prioritise(project, table)
        table = _side_by_side(table, priority[[c for c in ("priority_score", "priority_rank") if c in priority]])
    with clock.stage("track"):
        followed = _follow(project, prepared, table)
        prepared = replace(prepared, followed=followed)
        table = _side_by_side(table, followed.columns(table.index))
    replaced = _replaced(prepared.joined.wide, table, project)
    figures, told = _figures(project, prepared, table, {"commune": verdicts, **upper.verdicts}, lower)
    issues = (*project.issues, *prepared.issues, *judged.issues, *lower.issues, *verdicts.issues)
    issues += (*upper.issues, *rank_issues, *followed.issues, *replaced, *told)
    record = make_record(project, prepared.layers, clock)
    content = _content(
        project, prepared, _Found(table, verdicts, priority, issues, figures, lower, upper), record["fingerprint"]
    )
    return Plan(
        communes=gpd.GeoDataFrame(table, geometry=units.geometry, crs=units.crs),
        indicators=prepared.joined.long,
        verdicts=verdicts,
        priority=priority,
        issues=issues,
        content=content,
        maps=project.maps,
        made_from=record | {"counts": count_answers(table)},
    )


def judge(project: Project, *, step: Step = _quiet) -> Judged:
    """Carry one project from its files to verdicts; rank, follow and publish nothing.

    Raises
    ------
    GeontmError
        As :func:`run`.
    """
    clock = Clock(step)
    return _judge(project, _prepare(project, clock), clock)


def _judge(project: Project, prepared: _Prepared, clock: Clock) -> Judged:
    units = prepared.layers.boundaries.units
    with clock.stage("measure"):
        measured, measure_issues = _measure(project, prepared)
        table = _side_by_side(pd.DataFrame(units.drop(columns="geometry")), prepared.joined.wide, measured)
    rulesets = [rules for rules in project.rulesets if rules.unit == "commune"]
    question = classify.Question(
        project.as_of,
        allowances_of(rulesets, project.allow_unverified),
        national_figures(),
        assessed=prepared.assessments.communes,
    )
    with clock.stage("classify"):
        lower = classify_lower(project, prepared.lower, table)
        table = _side_by_side(table, lower.communes)
        verdicts = classify.evaluate_all(table, rulesets, lists=prepared.lists, question=question)
        table = _side_by_side(table, verdicts.wide)
        upper = classify_upper(project, table, verdicts, assessed=prepared.assessments.districts)
    return Judged(table, verdicts, lower, upper, question, measure_issues)


def check(project: Project, *, step: Step = _quiet) -> tuple[Issue, ...]:
    """Read and validate everything that a project names; compute nothing. Return what was found odd."""
    return (*project.issues, *_prepare(project, Clock(step)).issues)


def write(plan: Plan, target: str | Path, *, step: Step = _quiet) -> Path:
    """Write the result folder of a run; it appears whole or not at all.

    Raises
    ------
    PublishError
        The disk is full, or a file of the old result is open elsewhere; the last good result stays.
    """
    target = Path(target)
    with publish.result_folder(target) as folder:
        step(say("pipeline.step_publish"))
        start = time.perf_counter()
        publish.write_run(plan.content, folder, maps=plan.maps)
        seconds = {**plan.made_from["seconds"], "publish": round(time.perf_counter() - start, 3)}
        finished = datetime.now().astimezone().isoformat(timespec="seconds")
        publish.write_record(folder, {**plan.made_from, "seconds": seconds, "finished": finished})
    return target


def summary(plan: Plan) -> dict[str, Any]:
    """Return the counts of a run as plain values."""
    severities = [issue.severity for issue in plan.issues]
    issues = {name: severities.count(name) for name in ("error", "warning", "info")}
    return {"counts": plan.made_from["counts"], "issues": issues, "fingerprint": plan.content.fingerprint}


def summary_lines(plan: Plan) -> list[str]:
    """Return the counts of a run as lines for the screen."""
    told = summary(plan)
    lines = [say("pipeline.done_communes", n=told["counts"]["communes"])]
    lines += [
        say(f"pipeline.done_{key}", n=told["counts"][key], unknown=told["counts"][f"{key}_unknown"])
        for key in YES_NO
        if key in told["counts"]
    ]
    # Without a section `figures:` the summary figures are all there is, and their origin is plain.
    labels = [label_line(plan.content.figures)] if "source" in plan.content.figures else []
    return [*lines, *labels, say("pipeline.done_issues", **told["issues"])]


def _prepare(project: Project, clock: Clock) -> _Prepared:
    require_in_force(project.rulesets, project.as_of, project.allow_out_of_force)
    classify.require_allowances(project.rulesets, project.allow_unverified)
    with clock.stage("read"):
        layers = load.read_layers(project.sources, project.words)
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
        found = (*joined.issues, *assessments.issues, *lower.issues)
    return _Prepared(layers, joined, tuple(lists), (*issues, *found), figures, assessments, lower, programme=programme)


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


def _measure(project: Project, prepared: _Prepared) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Measure what the layers allow; schematic outlines draw and never decide, so facts stand in or it is unknown."""
    layers, units = prepared.layers, prepared.layers.boundaries.units
    gaps = cover.service_gaps(prepared.joined.wide)
    issues: list[Issue] = []
    valid_from = layers.boundaries.valid_from
    # Only units of before July 2025 have districts, and regions that follow their province.
    districts = "district_code" in units and units["district_code"].notna().any()
    before_reform = valid_from < join.REFORM if valid_from else districts
    if before_reform:
        identity = pd.DataFrame(units.drop(columns="geometry"))
        region, issues = join.region_of_province(identity, prepared.joined.wide, load.read_regions())
        gaps = _side_by_side(gaps, region)
    if layers.land_border is not None and not layers.boundaries.schematic:
        tolerance_m, around = project.border_tolerance_m, layers.boundaries.around
        border = cover.measure_border(units, layers.land_border, tolerance_m=tolerance_m, around=around)
        issues += border.issues
        return _side_by_side(gaps, border.table), tuple(issues)
    if layers.land_border is not None:
        issues.append(Issue.of("warning", "pipeline.schematic_not_measured", column="is_border"))
    if layers.border_facts is not None:
        known = codes_of_the_day(project.as_of)
        file = project.sources.border_facts.name if project.sources.border_facts else ""
        table, found = cover.border_from_facts(layers.border_facts, units, known=known, file=file)
        return _side_by_side(gaps, table), (*issues, *found)
    return gaps, tuple(issues)


def _follow(project: Project, prepared: _Prepared, table: pd.DataFrame) -> Programme:
    """Follow the project's programme on the units of the day."""
    units = pd.DataFrame(prepared.layers.boundaries.units.drop(columns="geometry"))
    indicators, accept = project.words.indicators, project.accept_suggestions
    return follow_programme(prepared.programme, units, table, indicators, as_of=project.as_of, accept=accept)


def _prioritise(project: Project, table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    if project.ranking is None:
        return pd.DataFrame(index=table.index), ()
    result = rank.order(table, project.ranking, project.words.indicators)
    return result.table, result.issues


def _side_by_side(*tables: pd.DataFrame) -> pd.DataFrame:
    """Put tables of the same units side by side; a later column takes the place of an earlier one of its name."""
    whole = tables[0]
    for table in tables[1:]:
        whole = pd.concat([whole.drop(columns=whole.columns.intersection(table.columns)), table], axis=1)
    return whole


def _replaced(given: pd.DataFrame, final: pd.DataFrame, project: Project) -> list[Issue]:
    """Tell which of the planner's own figures a measure or a verdict took the place of, with another answer."""
    issues = []
    for name in map(str, given.columns):
        before, after = given[name].astype(object), final[name].astype(object)
        differs = before.notna() & (after.isna() | (before != after))
        if differs.any():
            place = {"column": name, "value": ", ".join(sorted(given.index[differs].astype(str))[:MOST_CODES])}
            words = {"label": project.words.indicators[name].label, "n": int(differs.sum())}
            issues.append(Issue.of("warning", "pipeline.figure_replaced", **place, **words))
    return issues


def _figures(
    project: Project,
    prepared: _Prepared,
    table: pd.DataFrame,
    verdicts: Mapping[str, classify.Verdicts],
    lower: LowerFound,
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Sum up the run, and work out the figures that the project asks for."""
    measured = prepared.layers.land_border is not None and not prepared.layers.boundaries.schematic
    measured |= facts_are_measured(project)
    given = given_columns(project, verdicts["commune"], facts=prepared.layers.border_facts is not None and not measured)
    summary = summarise(table, project.as_of, measured={"is_border"} if measured else set(), given=given)
    frames = {"communes": table, "scores": verdicts["commune"].scores, "indicators": prepared.joined.long}
    frames |= prepared.followed.tables
    frames |= {f"{unit}_scores": each.scores for unit, each in verdicts.items() if unit != "commune"}
    run = RunFrames(
        frames,
        constructed=_illustrative(project, prepared, lower),
        rulesets=project.rulesets,
        assessed=prepared.assessments.constructed,
        real=given | ({"is_border"} if measured else set()),
    )
    return work_out_figures(summary, prepared.figures, run)


def _content(project: Project, prepared: _Prepared, found: _Found, fingerprint: str) -> publish.Content:
    """Gather everything that is published of a run."""
    boundaries, table, verdicts = prepared.layers.boundaries, found.table, found.verdicts
    measured = prepared.layers.land_border is not None and not boundaries.schematic
    identity = set(boundaries.units.columns)
    illustrative = _illustrative(project, prepared, found.lower)
    return publish.Content(
        title=project.name,
        as_of=project.as_of,
        units=boundaries.units,
        wide=table[[name for name in table.columns if name not in identity]],
        indicators=prepared.joined.long,
        verdicts=verdicts.long,
        briefs=classify.briefs(verdicts),
        scores=mark_constructed(verdicts.scores, _resting(project, illustrative, prepared)),
        priority=found.priority,
        issues=found.issues,
        figures=found.figures,
        dictionary={**project.words.identifiers.columns, **project.words.indicators.columns},
        illustrative=illustrative,
        notes=publish.BoundaryNote(
            schematic=boundaries.schematic,
            source=_boundary_source(project),
            date=boundaries.valid_from,
            crs=boundaries.crs,
            border_tolerance_m=project.border_tolerance_m if measured else None,
        ),
        rulesets=tuple(
            publish.RuleSetNote(r.id, r.label, r.source.document, bool(r.criteria)) for r in project.rulesets
        ),
        styles=read_styles(),
        fingerprint=fingerprint,
        lang=project.lang,
        context=_neighbouring_land(boundaries),
        more=prepared.followed.tables
        | {
            f"{unit}_scores": mark_constructed(each.scores, _resting(project, illustrative, prepared))
            for unit, each in found.upper.verdicts.items()
        }
        | {
            name: frame
            for name, frame in (
                ("villages", found.lower.villages),
                ("households", found.lower.households),
                ("poverty", found.lower.poverty),
            )
            if frame is not None
        },
        above=found.upper.tables,
    )


def _neighbouring_land(boundaries: load.Boundaries) -> gpd.GeoDataFrame | None:
    """Draw the provinces around in grey where the edges meet: on schematic boundaries of the whole country only."""
    if not boundaries.schematic or boundaries.valid_from is None or boundaries.valid_from < join.REFORM:
        return None
    return publish.neighbours(load.read_schematic(), boundaries.units)


def _boundary_source(project: Project) -> Label:
    """Name the source of the boundaries as a reader of the map should see it."""
    source = project.sources.boundaries
    if source.schematic:
        return Label(say("pipeline.schematic_source", "vi"), say("pipeline.schematic_source", "en"))
    return Label(source.path.name, source.path.name)


def _illustrative(project: Project, prepared: _Prepared, lower: LowerFound) -> frozenset[str]:
    """Name the indicators whose figures are constructed: those of the files that the project marks."""
    marked = [t for t in prepared.layers.tables if str(t.source.path) in project.illustrative_files]
    names = {name for table in marked for name in table.headers if name in project.words.indicators}
    if project.lower.illustrative:
        names |= set(map(str, lower.communes.columns))
    names |= {gap for gap, share in cover.GAPS.items() if share in names}
    if project.ranking and names & set(project.ranking.weights):
        names |= {"priority_score", "priority_rank"}
    if prepared.followed.constructed:
        names |= {"exit_year"}
    # A complete official list decides for every unit, whatever the figures say.
    listed = {official.ruleset for official in prepared.lists if official.complete}
    resting = _resting(project, names, prepared) - listed
    names |= {name for rules in project.rulesets if rules.id in resting for name in rules.columns}
    scored = next((rules for rules in project.rulesets if rules.unit == "commune" and rules.criteria), None)
    if scored is not None and scored.id in resting:
        names |= {"criteria_met_count", "criteria_unknown_count"}
    return frozenset(names)


def _resting(project: Project, constructed: Collection[str], prepared: _Prepared) -> frozenset[str]:
    return resting_on(project.rulesets, constructed, prepared.assessments.constructed)
