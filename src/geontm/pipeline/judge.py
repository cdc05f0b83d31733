"""What the law says of the communes of a project, and of the units below and above them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geontm import classify
from geontm.pipeline.account import Clock
from geontm.pipeline.coverage import CoverageFound
from geontm.pipeline.frames import side_by_side
from geontm.pipeline.measure import measure
from geontm.pipeline.prepare import Prepared
from geontm.pipeline.shares import allowances_of
from geontm.pipeline.unit_levels import LowerFound, classify_lower
from geontm.pipeline.upper_units import UpperFound, classify_upper
from geontm.pipeline.village_terrain import measure_villages
from geontm.project import Project, national_figures
from geontm.tables import Issue

__all__ = ["Judged", "judge_prepared"]


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
    coverage : CoverageFound or None
        What came of the section ``coverage:``.
    """

    table: pd.DataFrame
    verdicts: classify.Verdicts
    lower: LowerFound
    upper: UpperFound
    question: classify.Question
    issues: tuple[Issue, ...] = ()
    coverage: CoverageFound | None = None


def judge_prepared(project: Project, prepared: Prepared, clock: Clock, *, cluster: str | None = None) -> Judged:
    """Measure, then answer the rule sets of every kind of unit: the lower ones first, for the others read them."""
    units = prepared.layers.boundaries.units
    with clock.stage("measure"):
        measured = measure(project, prepared, step=clock.step, cluster=cluster)
        table = side_by_side(pd.DataFrame(units.drop(columns="geometry")), prepared.joined.wide, measured.table)
        schematic = prepared.layers.boundaries.schematic
        villages, told = measure_villages(project, prepared.lower, units, schematic=schematic)
    rulesets = [rules for rules in project.rulesets if rules.unit == "commune"]
    question = classify.Question(
        project.as_of,
        allowances_of(rulesets, project.allow_unverified),
        national_figures(),
        assessed=prepared.assessments.communes,
    )
    with clock.stage("classify"):
        lower = classify_lower(project, villages, table)
        table = side_by_side(table, lower.communes)
        verdicts = classify.evaluate_all(table, rulesets, lists=prepared.lists, question=question)
        table = side_by_side(table, verdicts.wide)
        upper = classify_upper(project, table, verdicts, assessed=prepared.assessments.districts)
    return Judged(table, verdicts, lower, upper, question, (*measured.issues, *told), measured.coverage)
