"""What the layers allow to measure; schematic outlines draw and never decide."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geontm import cover, join, load
from geontm.pipeline.account import Step
from geontm.pipeline.coverage import Cache, CoverageFound, measure_coverage
from geontm.pipeline.frames import side_by_side
from geontm.pipeline.prepare import Prepared
from geontm.pipeline.times import codes_of_the_day
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
    wide = prepared.joined.wide if coverage is None else side_by_side(prepared.joined.wide, coverage.table)
    table, issues = _measure_border(project, prepared, cover.service_gaps(wide))
    if coverage is None:
        return MeasuredUnits(table, issues)
    return MeasuredUnits(side_by_side(coverage.table, table), (*coverage.issues, *issues), coverage)


def _coverage(prepared: Prepared, step: Step, cluster: str | None) -> CoverageFound | None:
    if prepared.coverage is None:
        return None
    boundaries = prepared.layers.boundaries
    return measure_coverage(
        prepared.coverage,
        boundaries.units,
        around=boundaries.around,
        known_population=prepared.joined.wide.get("population"),
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
