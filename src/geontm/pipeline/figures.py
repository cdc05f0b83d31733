"""What a run does with the section ``figures:``: read and check it first, work it out on the finished tables last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from geontm.load.figure_tables import FiguresSource, read_figure_files
from geontm.messages import say
from geontm.tables import Issue
from geontm.track.figure_counts import How, RunTable
from geontm.track.figure_plan import FiguresPlan, plan_figures
from geontm.track.figures import Figures, work_out

__all__ = ["PreparedFigures", "RunFrames", "label_line", "prepare_figures", "work_out_figures"]

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
    verdicts : collection of str
        Columns of ``communes`` that the law answered.
    given : collection of str
        Those of them that official lists give for every unit.
    any_constructed : bool
        Whether any table of the project is constructed; verdicts and scores may then rest on it.
    """

    frames: Mapping[str, pd.DataFrame]
    constructed: Collection[str] = ()
    verdicts: Collection[str] = ()
    given: Collection[str] = ()
    any_constructed: bool = False


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
    if prepared is None:
        return summary, ()
    own: How = "constructed" if run.any_constructed else "derived"
    hows: dict[str, How] = {name: own for name in run.verdicts if name not in run.given}
    hows |= dict.fromkeys(run.constructed, "constructed")
    tables = {name: RunTable(frame, how=own) for name, frame in run.frames.items()}
    if "communes" in run.frames:
        tables["communes"] = RunTable(run.frames["communes"].reset_index(), hows=hows)
    if "indicators" in run.frames:
        long = run.frames["indicators"]
        origin = long["indicator"].isin(list(run.constructed)).map({True: "constructed", False: "measured"})
        tables["indicators"] = RunTable(long.assign(how=origin))
    figures: Figures = work_out(prepared.plan, {**tables, **prepared.tables})
    whole = pd.concat([summary.astype("object"), figures.table.astype("object")], ignore_index=True)
    return whole, (*prepared.issues, *figures.issues)


def label_line(figures: pd.DataFrame) -> str:
    """Count the figures of each origin in one line; only measured and derived ones count as computed."""
    counts = figures["how"].value_counts()
    return say("figures.labels", **{how: int(counts.get(how, 0)) for how in HOWS})
