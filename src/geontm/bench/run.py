"""One benchmark: inputs, jobs, and what came of them, in one folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from geontm.bench.jobs import JOBS, read_job
from geontm.bench.make import SIZES, Size, make_inputs
from geontm.bench.report import Benchmark, as_data
from geontm.bench.runner import Outcome, run_job
from geontm.errors import SourceError
from geontm.messages import say

__all__ = ["Benchmark", "run_benchmark"]

GROWTH = {1.0: 4.0, 2.0: 2.0}  # size in the report: how many times less than the whole
RESULT = "bench.json"


def run_benchmark(
    folder: Path,
    *,
    size: Size | str = "small",
    boundaries: Path | None = None,
    only: Sequence[str] = (),
    repeat: int = 3,
    growth: bool = True,
    step: Callable[[str], None] = lambda _: None,
) -> Benchmark:
    """Make the inputs, run the jobs, compare, and write ``bench.json``.

    Parameters
    ----------
    folder : Path
        For inputs and results. Inputs that stand there already are used again.
    size : Size or {"small", "full"}
    boundaries : Path, optional
        A layer of communes; else the schematic one, its edges roughened.
    only : sequence of str
        Names of jobs; all when empty.
    repeat : int
        Runs of every way, alternating.
    growth : bool
        Run our way on a quarter and a half of the size too.
    step : callable
        Told what runs.

    Raises
    ------
    SourceError
        A job is not known, or ``repeat`` is below 1.
    """
    if repeat < 1:
        raise SourceError("bench.repeat", where=repeat, n=repeat)
    jobs = [read_job(name) for name in dict.fromkeys(only or JOBS)]
    size = SIZES[size] if isinstance(size, str) else size
    inputs = make_inputs(folder / "inputs", size, boundaries=boundaries, step=_making(step))
    smaller = {}
    if growth and any(job.grows for job in jobs):
        for name, by in GROWTH.items():
            place = folder / f"inputs-{name:g}x"
            make_inputs(place, size.divided(by), boundaries=boundaries, step=_making(step))
            smaller[name] = place
    outcomes: list[Outcome] = []
    for job in jobs:
        outcomes += run_job(
            job, inputs.folder, folder / "results", repeat=repeat, growth=smaller, step=step, full=size == SIZES["full"]
        )
        data = as_data(outcomes, inputs.manifest, repeat)
        # After every job, so that what was measured outlasts an interruption.
        (folder / RESULT).write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
    return Benchmark(tuple(outcomes), data, folder / RESULT)


def _making(step: Callable[[str], None]) -> Callable[[str], None]:
    return lambda what: step(say("bench.making", what=say(f"bench.make_{what}")))
