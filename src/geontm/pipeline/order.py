"""The order of a run, written once: files → one row per commune → measures → verdicts → ranking → results."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from geontm import classify, publish, rank
from geontm.messages import say
from geontm.pipeline.account import YES_NO, Clock, Step, count_answers, make_record, outside_regions
from geontm.pipeline.coverage.cache import Cache
from geontm.pipeline.figures import label_line
from geontm.pipeline.former import compare_ground, issues_in_full, issues_in_short, told_of
from geontm.pipeline.frames import side_by_side
from geontm.pipeline.gather import Found, gather, replaced, sum_up
from geontm.pipeline.judge import Judged, judge_prepared
from geontm.pipeline.prepare import Prepared, prepare
from geontm.pipeline.programme import Programme, follow_programme
from geontm.project import Project
from geontm.tables import Issue

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

__all__ = ["Judged", "Plan", "check", "judge", "run", "summary", "summary_lines", "write"]


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
    products : publish.Products
        What the project asks to be made of it.
    made_from : mapping
        Inputs with sha256, versions, rule sets, coordinate systems, seconds per stage, counts; the same of the former
        project, where there is one.
    """

    communes: gpd.GeoDataFrame
    indicators: pd.DataFrame
    verdicts: classify.Verdicts
    priority: pd.DataFrame
    issues: tuple[Issue, ...]
    content: publish.Content
    products: publish.Products = field(default_factory=publish.Products)
    made_from: Mapping[str, Any] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        return publish.notebook_html(self.content, kept=Cache())

    def explore(
        self,
        column: str,
        *,
        method: publish.Way | None = None,
        classes: int | None = None,
        kind: publish.Kind | None = None,
    ) -> publish.MapView:
        """Show one column as a map in the cell: ``plan.explore("poor_household_pct")``; ``.save(path)`` keeps the page.

        See :func:`geontm.publish.explore`.
        """
        return publish.explore(self.content, column, method=method, classes=classes, kind=kind, kept=Cache())

    def table(self, *columns: str, by: str | None = None, rows: int | None = publish.ROWS) -> Styler:
        """Show columns as a table with labels and units; see :func:`geontm.publish.table_of`."""
        return publish.table_of(self.content, columns, by=by, rows=rows)

    def to_excel(self, path: str | Path) -> Path:
        """Write the workbook ``communes.xlsx`` to a place of your own; see :func:`geontm.publish.save_excel`."""
        return publish.save_excel(self.content, path)

    def report(self, path: str | Path, *, template: str | Path | None = None) -> Path:
        """Write the report as a Word document; see :func:`geontm.publish.save_report`."""
        return publish.save_report(self.content, path, self.products, template=template)

    def print_map(self, column: str, path: str | Path, *, size: publish.PaperSize = "A4") -> list[Path]:
        """Write the sheet of one column as PDF, PNG or SVG; see :func:`geontm.publish.save_print_map`."""
        return publish.save_print_map(self.content, column, path, size=size)


def run(project: Project, *, step: Step = _quiet, cluster: str | None = None) -> Plan:
    """Carry one project from its files to verdicts and a ranked list of communes.

    Parameters
    ----------
    project : Project
        From :func:`geontm.read_project`.
    step : callable
        Told what begins, for a progress display.
    cluster : str, optional
        Address of a dask scheduler that measures the provinces, ``tcp://host:8786``; else processes of this machine.

    Raises
    ------
    GeontmError
        A file, a date or a rule that cannot be used. Nothing has been written.
    """
    clock = Clock(step)
    prepared = prepare(project, clock)
    then = _prepare_former(project, prepared, step)
    former = None if then is None else _carry(then.project, then.prepared, then.clock, cluster=cluster)
    plan = _carry(project, prepared, clock, cluster=cluster)
    if then is None or former is None:
        return plan
    file = project.settings["publish"]["former"]
    summed = issues_in_short(former.issues, former=former.content.title, file=file)
    issues = (*plan.issues, *then.told, summed)
    content = replace(plan.content, former=former.content, issues=(*plan.content.issues, *then.told, summed))
    made_from = {**plan.made_from, "former": told_of(former.made_from)}
    return replace(plan, issues=issues, content=content, made_from=made_from)


@dataclass(frozen=True)
class _Former:
    """A former project, read and found to be of the same ground."""

    project: Project
    prepared: Prepared
    clock: Clock
    told: tuple[Issue, ...]


def _prepare_former(project: Project, prepared: Prepared, step: Step) -> _Former | None:
    if project.former is None:
        return None
    former = replace(project.former, lang=project.lang)
    step(say("former.step", name=former.name))
    clock = Clock(step)
    then = prepare(former, clock)
    now, before = (each.layers.boundaries.units for each in (prepared, then))
    return _Former(former, then, clock, compare_ground(now, before, former=former.name))


def _carry(project: Project, prepared: Prepared, clock: Clock, *, cluster: str | None) -> Plan:
    """Carry what was read and joined to verdicts, ranking and a record."""
    units = prepared.layers.boundaries.units
    judged = judge_prepared(project, prepared, clock, cluster=cluster)
    with clock.stage("rank"):
        priority, rank_issues = _prioritise(project, judged.table)
        ranked = priority[[name for name in ("priority_score", "priority_rank") if name in priority]]
        table = side_by_side(judged.table, ranked)
    with clock.stage("track"):
        followed = _follow(project, prepared, table)
        table = side_by_side(table, followed.columns(table.index))
    found = Found(table, judged, priority, followed, issues=(), figures=pd.DataFrame())
    figures, told = sum_up(project, prepared, found)
    verdicts = judged.verdicts
    issues = (*project.issues, *prepared.issues, *judged.issues, *judged.lower.issues, *verdicts.issues)
    issues += (*judged.upper.issues, *rank_issues, *followed.issues)
    issues += (*replaced(prepared.joined.wide, table, project), *told)
    record = make_record(project, prepared.layers, clock)
    if judged.coverage is not None:
        record["coverage"] = judged.coverage.record()
    content = gather(project, prepared, replace(found, issues=issues, figures=figures), record["fingerprint"])
    return Plan(
        communes=gpd.GeoDataFrame(table, geometry=units.geometry, crs=units.crs),
        indicators=prepared.joined.long,
        verdicts=verdicts,
        priority=priority,
        issues=issues,
        content=content,
        products=project.products,
        made_from=record | {"counts": count_answers(table, no_region=outside_regions(project, verdicts))},
    )


def judge(project: Project, *, step: Step = _quiet) -> Judged:
    """Carry one project from its files to verdicts; rank, follow and publish nothing.

    Raises
    ------
    GeontmError
        As :func:`run`.
    """
    clock = Clock(step)
    return judge_prepared(project, prepare(project, clock), clock)


def check(project: Project, *, step: Step = _quiet) -> tuple[Issue, ...]:
    """Read and validate everything that a project names; compute nothing. Return what was found odd."""
    prepared = prepare(project, Clock(step))
    found = (*project.issues, *prepared.issues)
    if (then := _prepare_former(project, prepared, step)) is None:
        return found
    told = (*then.project.issues, *then.prepared.issues)
    return (*found, *then.told, *issues_in_full(told, former=then.project.name))


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
        publish.write_run(plan.content, folder, plan.products, step=step, kept=Cache())
        seconds = {**plan.made_from["seconds"], "publish": round(time.perf_counter() - start, 3)}
        finished = datetime.now().astimezone().isoformat(timespec="seconds")
        publish.write_record(folder, {**plan.made_from, "seconds": seconds, "finished": finished})
    return target


def summary(plan: Plan, folder: Path | None = None) -> dict[str, Any]:
    """Return the counts of a run as plain values; with its folder, issues found in writing count too."""
    found = [issue.severity for issue in plan.issues] if folder is None else publish.severities(folder)
    issues = {name: found.count(name) for name in ("error", "warning", "info")}
    return {"counts": plan.made_from["counts"], "issues": issues, "fingerprint": plan.content.fingerprint}


def summary_lines(plan: Plan, folder: Path | None = None) -> list[str]:
    """Return the counts of a run as lines for the screen; ``folder`` as in :func:`summary`."""
    told = summary(plan, folder)
    lines = [say("pipeline.done_communes", n=told["counts"]["communes"])]
    lines += [
        say(f"pipeline.done_{key}", n=told["counts"][key], unknown=told["counts"][f"{key}_unknown"])
        for key in YES_NO
        if key in told["counts"]
    ]
    # Without a section `figures:` the summary figures are all there is, and their origin is plain.
    labels = [label_line(plan.content.figures)] if "source" in plan.content.figures else []
    return [*lines, *labels, say("pipeline.done_issues", **told["issues"])]


def _follow(project: Project, prepared: Prepared, table: pd.DataFrame) -> Programme:
    """Follow the project's programme on the units of the day."""
    units = pd.DataFrame(prepared.layers.boundaries.units.drop(columns="geometry"))
    indicators, accept = project.words.indicators, project.accept_suggestions
    return follow_programme(prepared.programme, units, table, indicators, as_of=project.as_of, accept=accept)


def _prioritise(project: Project, table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    if project.ranking is None:
        return pd.DataFrame(index=table.index), ()
    result = rank.order(table, project.ranking, project.words.indicators)
    return result.table, result.issues
