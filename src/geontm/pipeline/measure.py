"""What the layers allow to measure; schematic outlines draw and never decide."""

from __future__ import annotations

import pandas as pd

from geontm import cover, join, load
from geontm.pipeline.frames import side_by_side
from geontm.pipeline.prepare import Prepared
from geontm.pipeline.times import codes_of_the_day
from geontm.project import Project
from geontm.tables import Issue

__all__ = ["measure"]


def measure(project: Project, prepared: Prepared) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Measure what the layers allow; on schematic outlines facts stand in, or it is unknown."""
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
