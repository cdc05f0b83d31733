"""What a run does with the section ``figures:``: read and check it first, work it out on the finished tables last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from geontm.law import RuleSet, Test
from geontm.load.figure_tables import FiguresSource, read_figure_files
from geontm.messages import say
from geontm.tables import Issue
from geontm.track.figure_counts import How, RunTable
from geontm.track.figure_plan import FiguresPlan, plan_figures
from geontm.track.figures import Figures, work_out

__all__ = [
    "PreparedFigures",
    "RunFrames",
    "label_line",
    "mark_constructed",
    "prepare_figures",
    "resting_on",
    "work_out_figures",
]

# Columns of the commune table that neither a file gives nor a rule set names.
WORKED_OUT = ("priority_score", "priority_rank", "criteria_met_count", "criteria_unknown_count")
HOWS: tuple[How, ...] = ("measured", "derived", "given", "constructed")


@dataclass(frozen=True)
class PreparedFigures:
    """The section as read and checked."""

    plan: FiguresPlan
    tables: Mapping[str, RunTable]
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class RunFrames:
    """What the run hands over to be counted on.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        ``communes`` (one row per unit), ``indicators``, ``scores``, ``programme`` …, by the name that recipes use.
    constructed : collection of str
        Columns of ``communes``, and indicators, whose figures are constructed.
    rulesets : sequence of RuleSet
        What answered the verdict columns and scores.
    assessed : collection of str
        Rule sets whose assessment is constructed.
    real : collection of str
        Verdict columns that official lists give for every unit, or that were measured.
    """

    frames: Mapping[str, pd.DataFrame]
    constructed: Collection[str] = ()
    rulesets: Sequence[RuleSet] = ()
    assessed: Collection[str] = ()
    real: Collection[str] = ()


def prepare_figures(source: FiguresSource | None) -> PreparedFigures | None:
    """Read and check the section before any work starts; None where the project has none.

    Raises
    ------
    SourceError, TableError
        A file that cannot be read, or a row that is wrong; see :func:`geontm.track.figure_plan.plan_figures`.
    """
    if source is None:
        return None
    files = read_figure_files(source)
    tables = {
        name: RunTable(frame, how="constructed" if source.tables[name].illustrative else "measured")
        for name, frame in files.tables.items()
    }
    plan = plan_figures(files.given, files.recipes, files.contradictions)
    return PreparedFigures(plan, tables, files.issues)


def work_out_figures(
    summary: pd.DataFrame, prepared: PreparedFigures | None, run: RunFrames
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Put the figures of the section under the summary figures of the run.

    Parameters
    ----------
    summary : DataFrame
        ``key, value, unit, as_of, how``.
    prepared : PreparedFigures or None
        None leaves the summary as it is.
    run : RunFrames

    Returns
    -------
    DataFrame
        The columns of the summary, then those of :data:`geontm.track.figures.FIGURE_COLUMNS` that it lacks.
    tuple of Issue
    """
    resting = resting_on(run.rulesets, run.constructed, run.assessed)
    hows: dict[str, How] = {
        name: "constructed" if rules.id in resting else "derived"
        for rules in run.rulesets
        for name in rules.columns
        if name not in run.real
    }
    hows |= dict.fromkeys(WORKED_OUT, "derived")
    hows |= dict.fromkeys(run.constructed, "constructed")
    summary = _honest(summary, hows)
    if prepared is None:
        return summary, ()
    tables = {name: RunTable(frame, how="derived") for name, frame in run.frames.items()}
    for name, frame in run.frames.items():
        if "ruleset" in frame:
            origin = frame["ruleset"].isin(resting).map({True: "constructed", False: "derived"})
            tables[name] = RunTable(frame.assign(how=origin))
    if "communes" in run.frames:
        tables["communes"] = RunTable(run.frames["communes"].reset_index(), hows=hows)
    if "indicators" in run.frames:
        long = run.frames["indicators"]
        origin = long["indicator"].isin(list(run.constructed)).map({True: "constructed", False: "measured"})
        tables["indicators"] = RunTable(long.assign(how=origin))
    figures: Figures = work_out(prepared.plan, {**tables, **prepared.tables})
    whole = pd.concat([summary.astype("object"), figures.table.astype("object")], ignore_index=True)
    return whole, (*prepared.issues, *figures.issues)


def resting_on(rulesets: Sequence[RuleSet], constructed: Collection[str], assessed: Collection[str]) -> frozenset[str]:
    """Name the rule sets whose answers rest on constructed figures or assessments, their own or those they read."""
    found = set(assessed)
    for rules in rulesets:
        if any(isinstance(leaf, Test) and leaf.column.name in constructed for leaf in rules.leaves):
            found.add(rules.id)
    while more := {rules.id for rules in rulesets if rules.id not in found and found & set(rules.references)}:
        found |= more
    return frozenset(found)


def mark_constructed(scores: pd.DataFrame, resting: Collection[str]) -> pd.DataFrame:
    """Return scores with a last column that tells those that rest on constructed figures from real ones."""
    return scores.assign(illustrative=scores["ruleset"].isin(list(resting)).astype("boolean"))


def _honest(summary: pd.DataFrame, hows: Mapping[str, How]) -> pd.DataFrame:
    """Call the summary figures of constructed columns what they are."""
    constructed = tuple(name for name, how in hows.items() if how == "constructed")
    told = summary["key"].str.startswith(constructed) if constructed else pd.Series(False, index=summary.index)
    return summary.assign(how=summary["how"].mask(told, "constructed"))


def label_line(figures: pd.DataFrame) -> str:
    """Count the figures of each origin in one line; only measured and derived ones count as computed."""
    counts = figures["how"].value_counts()
    return say("figures.labels", **{how: int(counts.get(how, 0)) for how in HOWS})
