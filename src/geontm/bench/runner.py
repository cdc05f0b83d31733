"""Runs the ways of a job in turn, each in its own process, and compares what they give."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from geontm.bench.compare import Difference, compare
from geontm.bench.job import OURS, Job, Peer

__all__ = ["Outcome", "Timing", "run_job"]

Step = Callable[[str], None]


@dataclass(frozen=True)
class Timing:
    """What the runs of one way took.

    Attributes
    ----------
    way : str
    cpu, wall : tuple of float
        Seconds of each run, those of modules and inputs left out.
    peak_mb : float
        The largest peak of a run, its inputs included (MB).
    more : dict
        What else the way tells of its last run.
    """

    way: str
    cpu: tuple[float, ...]
    wall: tuple[float, ...]
    peak_mb: float
    more: dict[str, Any] = field(default_factory=dict)

    def seconds(self, clock: str) -> float:
        """Median of the runs."""
        return median(self.cpu if clock == "cpu" else self.wall)


@dataclass(frozen=True)
class Outcome:
    """What came of one job beside one other way.

    Attributes
    ----------
    job : str
    clock : str
    ours : Timing or None
        None where our way failed.
    peer : str
        Empty where our way stands alone.
    theirs : Timing or None
    target : float or None
    differences : tuple of Difference
    growth : dict of float to float
        Seconds by the size of the input (1: a quarter of the whole), where it was measured.
    note : str
        What kept a way from running, or what is wrong.
    limit_s : float or None
        Most seconds that our way may take, where it is measured at the full size.
    peak_limit_mb : float or None
        Most memory that our way may take, where it is measured at the full size.
    """

    job: str
    clock: str
    ours: Timing | None
    peer: str = ""
    theirs: Timing | None = None
    target: float | None = None
    differences: tuple[Difference, ...] = ()
    growth: dict[float, float] = field(default_factory=dict)
    note: str = ""
    limit_s: float | None = None
    peak_limit_mb: float | None = None

    @property
    def ratio(self) -> float | None:
        """Their seconds over ours."""
        if self.ours is None or self.theirs is None:
            return None
        return self.theirs.seconds(self.clock) / max(self.ours.seconds(self.clock), 1e-9)

    @property
    def wrong(self) -> bool:
        """Whether our way failed, or the tables do not agree."""
        return self.ours is None or any(not each.agrees for each in self.differences)

    @property
    def too_large(self) -> bool:
        """Whether our way took more memory than it may."""
        return self.ours is not None and self.peak_limit_mb is not None and self.ours.peak_mb > self.peak_limit_mb

    @property
    def verdict(self) -> str:
        """One of ``wrong``, ``met``, ``not_met``, ``agrees``, ``alone``."""
        if self.wrong:
            return "wrong"
        if self.too_large:
            return "not_met"
        if self.theirs is None and self.limit_s is not None and self.ours is not None:
            return "met" if self.ours.seconds(self.clock) <= self.limit_s else "not_met"
        if self.theirs is None:
            return "alone"
        if self.target is None:
            return "agrees"
        return "met" if (self.ratio or 0) >= self.target else "not_met"

    @property
    def exponent(self) -> float | None:
        """Power of the input with which the seconds grow: 1 is in step with it."""
        points = [(size, seconds) for size, seconds in self.growth.items() if seconds > 0]
        if len(points) < 2:
            return None
        x, y = np.log(np.array(points)).T
        return float(np.polyfit(x, y, 1)[0])

    def as_data(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            **asdict(self),
            "ratio": self.ratio,
            "too_large": self.too_large,
            "verdict": self.verdict,
            "exponent": self.exponent,
        }


class _Failed(Exception):
    """A way ended with an error; the text is its last words."""


def run_job(
    job: Job, inputs: Path, results: Path, *, repeat: int, growth: dict[float, Path], step: Step, full: bool = False
) -> tuple[Outcome, ...]:
    """Run all ways of a job ``repeat`` times, alternating, and compare their tables.

    Parameters
    ----------
    job : Job
    inputs : Path
        Folder of inputs.
    results : Path
        Folder for what the ways give.
    repeat : int
    growth : dict of float to Path
        Folders of smaller inputs, by their size; our way runs once on each.
    step : callable
        Told what runs.
    full : bool
        The inputs are of the whole country: its targets and the limits on our seconds and memory hold.

    Returns
    -------
    tuple of Outcome
        One for each peer; one without a peer where there is none.
    """
    results.mkdir(parents=True, exist_ok=True)
    peers = [peer for peer in job.peers if full or not peer.full_only]
    able = [peer for peer in peers if not peer.missing and not (peer.program and not shutil.which(peer.program))]
    runs: dict[str, list[dict[str, Any]]] = {}
    failed: dict[str, str] = {}
    digests = set()
    for turn in range(repeat):
        for way in (OURS, *(peer.name for peer in able if not (peer.once and turn))):
            if way in failed:
                continue
            step(f"{job.name} {turn + 1}/{repeat}: {way}")
            try:
                runs.setdefault(way, []).append(_run(job.name, way, inputs, _place(results, job, way)))
            except _Failed as error:
                failed[way] = str(error)
        if OURS in failed:
            return (Outcome(job.name, job.clock, None, note=failed[OURS]),)
        digests.add(_digest(_table(_place(results, job, OURS))))
    ours = _timing(OURS, runs[OURS])
    note = "bench.unsteady" if len(digests) > 1 else ""
    sizes = _grown(job, growth, results, ours, step)
    outcomes = []
    most = job.peak_mb if full else None
    for peer in peers:
        target = peer.target_at(full=full)
        beside = Outcome(job.name, job.clock, ours, peer.name, target=target, growth=sizes, peak_limit_mb=most)
        outcomes.append(_beside(beside, peer, runs, failed, results, job))
    if not outcomes:
        limit = job.limit_s if full else None
        outcomes = [Outcome(job.name, job.clock, ours, growth=sizes, limit_s=limit, peak_limit_mb=most)]
    if note:  # our own table changed from run to run
        unsteady = Difference("*", 0, float("nan"), float("nan"), "", 0, 0, False)
        outcomes = [_with(each, differences=(*each.differences, unsteady), note=note) for each in outcomes]
    return tuple(outcomes)


def _beside(
    outcome: Outcome,
    peer: Peer,
    runs: dict[str, list[dict[str, Any]]],
    failed: dict[str, str],
    results: Path,
    job: Job,
) -> Outcome:
    if peer.name in failed:
        return _with(outcome, note=failed[peer.name])
    if peer.name not in runs:
        return _with(outcome, note="bench.peer_missing")
    mine, others = (_table(_place(results, job, way)) for way in (OURS, peer.name))
    return _with(
        outcome,
        theirs=_timing(peer.name, runs[peer.name]),
        differences=compare(mine, others, peer.tolerance),
    )


def _with(outcome: Outcome, **changes: Any) -> Outcome:
    return Outcome(**{**{name: getattr(outcome, name) for name in outcome.__dataclass_fields__}, **changes})


def _grown(job: Job, growth: dict[float, Path], results: Path, ours: Timing, step: Step) -> dict[float, float]:
    """Return our seconds by the size of the input."""
    if not job.grows or not growth:
        return {}
    seconds = {}
    for size, folder in sorted(growth.items()):
        step(f"{job.name} {size:g}x: {OURS}")
        try:
            found = _run(job.name, OURS, folder, results / f"{job.name}-{size:g}x")
        except _Failed:
            continue
        seconds[size] = float(found[job.clock])
    return {**seconds, 2 * max(growth): ours.seconds(job.clock)}


def _run(job: str, way: str, inputs: Path, result: Path) -> dict[str, Any]:
    """Run one way in a process of its own, and end that process whatever happens here."""
    command = [sys.executable, "-m", "geontm.bench.worker", job, way, str(inputs), str(result)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            _, said = process.communicate()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        lines = [line for line in said.strip().splitlines() if line.strip()]
        raise _Failed(lines[-1] if lines else f"exit {process.returncode}")
    found: dict[str, Any] = json.loads(Path(f"{result}.json").read_text(encoding="utf-8"))
    return found


def _place(results: Path, job: Job, way: str) -> Path:
    plain = "".join(letter if letter.isalnum() else "-" for letter in way)
    return results / f"{job.name}-{plain}"


def _table(place: Path) -> pd.DataFrame:
    return pd.read_parquet(f"{place}.parquet")


def _digest(table: pd.DataFrame) -> str:
    return hashlib.sha256(pd.util.hash_pandas_object(table).to_numpy().tobytes()).hexdigest()


def _timing(way: str, runs: list[dict[str, Any]]) -> Timing:
    known = ("cpu", "wall", "peak_mb")
    return Timing(
        way,
        tuple(run["cpu"] for run in runs),
        tuple(run["wall"] for run in runs),
        max(run["peak_mb"] for run in runs),
        {name: value for name, value in runs[-1].items() if name not in known},
    )
