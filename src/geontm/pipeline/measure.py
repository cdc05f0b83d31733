"""What the layers allow to measure; schematic outlines draw and never decide."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from geontm import cover, join, load
from geontm.pipeline.account import Step
from geontm.pipeline.coverage import Cache, CoverageFound, household_sizes, measure_coverage
from geontm.pipeline.frames import side_by_side
from geontm.pipeline.prepare import Prepared
from geontm.pipeline.times import codes_of_the_day
from geontm.pipeline.village_terrain import VILLAGE_SHARES, limits_of
from geontm.project import Project
from geontm.tables import Issue

__all__ = ["MeasuredUnits", "measure"]


@dataclass(frozen=True)
class MeasuredUnits:
    """What was measured on the units.

    Attributes
    ----------
    table : DataFrame, index ``commune_code``
    issues : tuple of Issue
    coverage : CoverageFound or None
        What came of the section ``coverage:``.
    """

    table: pd.DataFrame
    issues: tuple[Issue, ...]
    coverage: CoverageFound | None = None


def measure(project: Project, prepared: Prepared, *, step: Step, cluster: str | None = None) -> MeasuredUnits:
    """Measure what the layers allow; on schematic outlines facts stand in, or it is unknown."""
    coverage = _coverage(prepared, step, cluster)
    given = prepared.joined.wide
    if coverage is None:
        table, issues = _measure_border(project, prepared, cover.service_gaps(given))
        return MeasuredUnits(table, issues)
    limits = limits_of([rules for rules in project.rulesets if rules.unit == "commune"], VILLAGE_SHARES)
    settled = coverage.table
    if set(limits) <= set(settled):
        settled = cover.settle_shares(settled, limits)
    coverage = replace(coverage, table=_filled(settled, given))
    table, issues = _measure_border(project, prepared, cover.service_gaps(side_by_side(given, coverage.table)))
    told = (*coverage.issues, *_people_compared(prepared, coverage.table), *issues)
    return MeasuredUnits(side_by_side(coverage.table, table), told, coverage)


def _people_compared(prepared: Prepared, measured: pd.DataFrame) -> tuple[Issue, ...]:
    """Hold the raster of people against the tables, unless it was scaled to them."""
    given, inputs = prepared.joined.wide, prepared.coverage
    if inputs is None or inputs.sources.scale_to_known or "population_on_map" not in measured:
        return ()
    if "population" not in given:
        return ()
    file = inputs.sources.population[0].name
    return cover.compare_people(measured["population_on_map"], given["population"], file=file)


def _filled(measured: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Let the planner's own figure stand where the measure has a gap, within the bounds that the measure leaves."""
    filled = measured.copy()
    for name in measured.columns.intersection(given.columns):
        figure = given[name].astype(measured[name].dtype)
        if (low := measured.get(f"{name}_low")) is not None:
            figure = figure.mask((figure < low).fillna(False))
        if (high := measured.get(f"{name}_high")) is not None:
            figure = figure.mask((figure > high).fillna(False))
        filled[name] = measured[name].fillna(figure)
    return filled


def _coverage(prepared: Prepared, step: Step, cluster: str | None) -> CoverageFound | None:
    if prepared.coverage is None:
        return None
    boundaries = prepared.layers.boundaries
    return measure_coverage(
        prepared.coverage,
        boundaries.units,
        around=boundaries.around,
        known_population=prepared.joined.wide.get("population"),
        household_sizes=household_sizes(prepared.joined.wide, boundaries.units["province_code"]),
        cache=Cache(),
        step=step,
        cluster=cluster,
    )


def _measure_border(project: Project, prepared: Prepared, gaps: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    layers, units = prepared.layers, prepared.layers.boundaries.units
    issues: list[Issue] = []
    valid_from = layers.boundaries.valid_from
    # Only units of before July 2025 have districts, and regions that follow their province.
    districts = "district_code" in units and units["district_code"].notna().any()
    before_reform = valid_from < join.REFORM if valid_from else districts
    if before_reform:
        identity = pd.DataFrame(units.drop(columns="geometry"))
        region, issues = join.region_of_province(identity, prepared.joined.wide, load.read_regions())
        gaps = side_by_side(gaps, region)
    if layers.land_border is not None and not layers.boundaries.schematic:
        tolerance_m, around = project.border_tolerance_m, layers.boundaries.around
        border = cover.measure_border(units, layers.land_border, tolerance_m=tolerance_m, around=around)
        issues += border.issues
        return side_by_side(gaps, border.table), tuple(issues)
    if layers.land_border is not None:
        issues.append(Issue.of("warning", "pipeline.schematic_not_measured", column="is_border"))
    if layers.border_facts is not None:
        known = codes_of_the_day(project.as_of)
        file = project.sources.border_facts.name if project.sources.border_facts else ""
        table, found = cover.border_from_facts(layers.border_facts, units, known=known, file=file)
        return side_by_side(gaps, table), (*issues, *found)
    return gaps, tuple(issues)
