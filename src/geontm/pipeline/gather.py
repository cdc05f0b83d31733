"""What a run found, gathered: its figures, and the record that is published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geontm import classify, cover, join, load, publish
from geontm.messages import say
from geontm.pipeline.account import count_answers, given_columns, outside_regions, summarise
from geontm.pipeline.coverage import longer_tables, measured_rows, shown_layers, with_access, with_village_columns
from geontm.pipeline.derived import derivations
from geontm.pipeline.figures import RunFrames, mark_constructed, resting_on, work_out_figures
from geontm.pipeline.judge import Judged
from geontm.pipeline.prepare import Prepared
from geontm.pipeline.programme import Programme
from geontm.pipeline.ruleset_notes import notes_of
from geontm.pipeline.thresholds import thresholds_of
from geontm.pipeline.times import facts_are_measured
from geontm.project import Project, read_ground_styles, read_styles
from geontm.publish.surroundings import surround
from geontm.tables import Issue, Label

__all__ = ["Found", "gather", "replaced", "sum_up"]

MOST_CODES = 10  # units that one issue names
# Of the units of a layer without date: where fewer names fit their codes, the codes are of another time.
SAME_NAMES = 0.8


@dataclass(frozen=True)
class Found:
    """The second half of a run: the wide table, and what law, ranking and programme made of it.

    Attributes
    ----------
    table : DataFrame, index ``commune_code``
        Every column of the result.
    judged : Judged
    priority : DataFrame, index ``commune_code``
    followed : Programme
    issues : tuple of Issue
        Of the whole run.
    figures : DataFrame
        Made from all that; empty until :func:`sum_up` was asked.
    """

    table: pd.DataFrame
    judged: Judged
    priority: pd.DataFrame
    followed: Programme
    issues: tuple[Issue, ...]
    figures: pd.DataFrame


def sum_up(project: Project, prepared: Prepared, found: Found) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Sum up the run, and work out the figures that the project asks for."""
    measured = prepared.layers.land_border is not None and not prepared.layers.boundaries.schematic
    measured |= facts_are_measured(project)
    table, verdicts = found.table, found.judged.verdicts
    given = given_columns(project, verdicts, facts=prepared.layers.border_facts is not None and not measured)
    counts = count_answers(table, no_region=outside_regions(project, verdicts))
    summary = summarise(counts, project.as_of, measured={"is_border"} if measured else set(), given=given)
    frames = {"communes": table, "scores": verdicts.scores, "indicators": prepared.joined.long}
    frames |= found.followed.tables
    frames |= {f"{unit}_scores": each.scores for unit, each in found.judged.upper.verdicts.items()}
    run = RunFrames(
        frames,
        constructed=_illustrative(project, prepared, found),
        rulesets=project.rulesets,
        assessed=prepared.assessments.constructed,
        real=given | ({"is_border"} if measured else set()),
    )
    return work_out_figures(summary, prepared.figures, run)


def replaced(given: pd.DataFrame, final: pd.DataFrame, project: Project) -> list[Issue]:
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


def gather(project: Project, prepared: Prepared, found: Found, fingerprint: str) -> publish.Content:
    """Gather everything that is published of a run."""
    boundaries, table, judged = prepared.layers.boundaries, found.table, found.judged
    verdicts = judged.verdicts
    measured = prepared.layers.land_border is not None and not boundaries.schematic
    identity = set(boundaries.units.columns)
    illustrative = _illustrative(project, prepared, found)
    briefs, gaps = classify.briefs_and_gaps(verdicts)
    ground, told = shown_layers(prepared.coverage, boundaries.units) if prepared.coverage else ({}, ())
    return publish.Content(
        title=project.name,
        as_of=project.as_of,
        units=boundaries.units,
        wide=table[[name for name in table.columns if name not in identity]],
        indicators=_long(project, prepared, judged),
        verdicts=verdicts.long,
        briefs=briefs,
        decisions=verdicts.decisions,
        gaps=gaps,
        scores=mark_constructed(verdicts.scores, _resting(project, illustrative, prepared)),
        priority=found.priority,
        issues=(*found.issues, *told),
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
        rulesets=notes_of(project.rulesets, (verdicts, *judged.upper.verdicts.values())),
        styles=read_styles(),
        fingerprint=fingerprint,
        lang=project.lang,
        context=_land_around(boundaries),
        more=_more(project, prepared, found, illustrative),
        above=_above(prepared, judged),
        layers=ground,
        ground_styles=read_ground_styles(),
        derived=derivations(project, prepared, table.columns),
        thresholds=thresholds_of(
            [rules for rules in project.rulesets if rules.unit == "commune"], table, judged.question
        ),
    )


def _long(project: Project, prepared: Prepared, judged: Judged) -> pd.DataFrame:
    """Return every figure of the communes, given and measured."""
    if judged.coverage is None or prepared.coverage is None:
        return prepared.joined.long
    measured = measured_rows(judged.coverage, prepared.coverage, project.words.indicators, year=project.as_of.year)
    return pd.concat([prepared.joined.long, measured], ignore_index=True) if len(measured) else prepared.joined.long


def _above(prepared: Prepared, judged: Judged) -> Mapping[str, pd.DataFrame]:
    if judged.coverage is None:
        return judged.upper.tables
    return with_access(judged.upper.tables, judged.coverage, prepared.layers.boundaries.units)


def _more(project: Project, prepared: Prepared, found: Found, illustrative: frozenset[str]) -> dict[str, pd.DataFrame]:
    """Gather the further tables by the name of their file; an empty one is not written."""
    judged, resting = found.judged, _resting(project, illustrative, prepared)
    tables: dict[str, pd.DataFrame | None] = {
        **found.followed.tables,
        **(longer_tables(judged.coverage) if judged.coverage else {}),
        **{f"{unit}_scores": mark_constructed(each.scores, resting) for unit, each in judged.upper.verdicts.items()},
        "criteria": classify.most_unmet(judged.verdicts.rulings),
        "differences": judged.verdicts.differences,
        "standing": _standing(found),
        "villages": judged.lower.villages
        if judged.coverage is None
        else with_village_columns(judged.lower.villages, judged.coverage),
        "households": judged.lower.households,
        "poverty": judged.lower.poverty,
    }
    return {name: table for name, table in tables.items() if table is not None and len(table)}


def _standing(found: Found) -> pd.DataFrame | None:
    """Sum up the scored sets by province, by district and by region of development, where there are such."""
    scored = [ruling.rules.id for ruling in found.judged.verdicts.rulings if ruling.rules.criteria]
    scores = found.judged.verdicts.scores
    scores = scores[scores["ruleset"].isin(scored)]
    if scores.empty:
        return None
    frames = []
    for by in ("province_code", "district_code", "development_region"):
        groups = found.table.get(by)
        if groups is None or groups.isna().all():
            continue
        table = classify.group_standing(scores, groups.astype("str"))
        if by.endswith("_code"):
            names = found.table.groupby(groups.astype("str"))[by.replace("_code", "_name")].first()
            table["group_name"] = table["group"].map(names)
        frames.append(table.assign(by=by))
    if not frames:
        return None
    whole = pd.concat(frames, ignore_index=True)
    first = ["ruleset", "by", "group", "group_name"]
    return whole[[*first, *(name for name in whole if name not in first)]]


def _land_around(boundaries: load.Boundaries) -> gpd.GeoDataFrame:
    """Return the land around the units: the layer's own units next to them, beyond these schematic provinces."""
    country = load.read_schematic()
    units = boundaries.units
    if boundaries.valid_from is not None:
        same_codes = boundaries.valid_from >= join.REFORM
    else:  # codes were used again for other units: the names tell
        names = country["commune_name"].reindex(units.index)
        same_codes = bool((names == units["commune_name"]).mean() > SAME_NAMES)
    return surround(units, country, around=boundaries.around, same_codes=same_codes)


def _boundary_source(project: Project) -> Label:
    """Name the source of the boundaries as a reader of the map should see it."""
    source = project.sources.boundaries
    if source.schematic:
        return Label(say("pipeline.schematic_source", "vi"), say("pipeline.schematic_source", "en"))
    return Label(source.path.name, source.path.name)


def _illustrative(project: Project, prepared: Prepared, found: Found) -> frozenset[str]:
    """Name the indicators whose figures are constructed: those of the files that the project marks."""
    marked = [t for t in prepared.layers.tables if str(t.source.path) in project.illustrative_files]
    names = {name for table in marked for name in table.headers if name in project.words.indicators}
    if project.lower.illustrative:
        names |= set(map(str, found.judged.lower.communes.columns))
    if project.coverage and project.coverage.illustrative and found.judged.coverage:
        names |= set(map(str, found.judged.coverage.table.columns))
    names |= {gap for gap, share in cover.GAPS.items() if share in names}
    if project.ranking and names & set(project.ranking.weights):
        names |= {"priority_score", "priority_rank"}
    if found.followed.constructed:
        names |= {"exit_year"}
    # A complete official list decides for every unit, whatever the figures say.
    listed = {official.ruleset for official in prepared.lists if official.complete}
    resting = _resting(project, names, prepared) - listed
    names |= {name for rules in project.rulesets if rules.id in resting for name in rules.columns}
    scored = next((rules for rules in project.rulesets if rules.unit == "commune" and rules.criteria), None)
    if scored is not None and scored.id in resting:
        names |= {"criteria_met_count", "criteria_unknown_count"}
    return frozenset(names)


def _resting(project: Project, constructed: Collection[str], prepared: Prepared) -> frozenset[str]:
    return resting_on(project.rulesets, constructed, prepared.assessments.constructed)
