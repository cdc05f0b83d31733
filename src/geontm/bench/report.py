"""Puts the outcomes into a table for people and into plain values for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.table import Table as RichTable

from geontm.bench.compare import Difference
from geontm.bench.runner import Outcome, Timing
from geontm.messages import Language, catalogue, say

__all__ = ["Benchmark", "as_data", "notes", "table"]

_PACKAGES = ("geontm", "geopandas", "shapely", "pyogrio", "exactextract", "rasterstats", "libpysal", "thefuzz", "numpy")
_COLUMNS = ("job", "ours", "peer", "theirs", "ratio", "target", "peak", "growth", "difference", "verdict")


@dataclass(frozen=True)
class Benchmark:
    """What a benchmark found.

    Attributes
    ----------
    outcomes : tuple of Outcome
    data : dict
        All of it as plain values, as written to ``file``.
    file : Path
    """

    outcomes: tuple[Outcome, ...]
    data: dict[str, Any]
    file: Path

    @property
    def wrong(self) -> bool:
        """Whether a job failed, or gave other values than a peer."""
        return any(each.wrong for each in self.outcomes)


def as_data(outcomes: Sequence[Outcome], manifest: dict[str, Any], repeat: int) -> dict[str, Any]:
    """Return everything as plain values."""
    return {
        "machine": {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()},
        "packages": {name: _version(name) for name in _PACKAGES},
        "inputs": manifest,
        "repeat": repeat,
        "outcomes": [each.as_data() for each in outcomes],
    }


def table(outcomes: Sequence[Outcome], lang: Language | None = None) -> RichTable:
    """Lay out one row for each way beside ours."""
    laid = RichTable(*[say(f"bench.column_{name}", lang) for name in _COLUMNS], show_lines=False)
    for each in outcomes:
        laid.add_row(
            say(f"bench.job_{each.job}", lang),
            _seconds(each.ours, each.clock),
            each.peer or "–",
            _seconds(each.theirs, each.clock),
            "–" if each.ratio is None else f"{each.ratio:.1f}",
            _target(each),
            _peaks(each),
            "–" if each.exponent is None else f"n^{each.exponent:.2f}",
            _worst(each.differences),
            say(f"bench.verdict_{each.verdict}", lang),
        )
    return laid


def notes(found: Benchmark, lang: Language | None = None) -> list[str]:
    """Say what was measured, what could not run and how to change that, and what is wrong, in full."""
    lines = [say("bench.inputs", lang, repeat=found.data["repeat"], **_counts(found.data["inputs"]))]
    for each in found.outcomes:
        name = say(f"bench.job_{each.job}", lang)
        if each.note:
            note = say(each.note, lang, peer=each.peer) if each.note in catalogue() else each.note
            lines.append(f"{name}: {note}" if not each.peer else f"{name}, {each.peer}: {note}")
        if each.too_large and each.ours is not None:
            lines.append(say("bench.too_large", lang, job=name, peak=each.ours.peak_mb, most=each.peak_limit_mb))
        for difference in each.differences:
            if not difference.agrees:
                lines.append(
                    say(
                        "bench.disagrees",
                        lang,
                        job=name,
                        peer=each.peer,
                        column=difference.column,
                        unit=difference.unit,
                        apart=difference.absolute,
                        beyond=difference.beyond,
                        lacking=difference.lacking,
                        units=difference.units,
                    )
                )
    if by_clock := [say(f"bench.job_{each.job}", lang) for each in found.outcomes if each.clock == "wall"]:
        lines.append(say("bench.by_clock", lang, jobs=", ".join(dict.fromkeys(by_clock))))
    lines.append(say("bench.not_measured", lang))
    if found.wrong:
        lines.append(say("bench.some_wrong", lang))
    return [*dict.fromkeys(lines), say("bench.done", lang, file=found.file)]


def _counts(manifest: dict[str, Any]) -> dict[str, int]:
    return {name: manifest[name] for name in ("communes", "segments", "land_cells", "people")}


def _target(outcome: Outcome) -> str:
    if outcome.limit_s is not None:
        return f"≤ {outcome.limit_s:.0f} s"
    return "–" if outcome.target is None else f"≥ {outcome.target:.1f}"


def _seconds(timing: Timing | None, clock: str) -> str:
    if timing is None:
        return "–"
    runs = timing.cpu if clock == "cpu" else timing.wall
    spread = f" ({min(runs):.2f}–{max(runs):.2f})" if len(runs) > 1 else ""
    return f"{timing.seconds(clock):.2f}{spread}"


def _peak(timing: Timing | None) -> str:
    return "–" if timing is None else f"{timing.peak_mb:,.0f}"


def _peaks(outcome: Outcome) -> str:
    most = "" if outcome.peak_limit_mb is None else f" (≤ {outcome.peak_limit_mb:,.0f})"
    return f"{_peak(outcome.ours)}{most} / {_peak(outcome.theirs)}"


def _worst(differences: Sequence[Difference]) -> str:
    if not differences:
        return "–"
    worst = max(differences, key=lambda each: (not each.agrees, each.relative if each.relative == each.relative else 0))
    return f"{worst.column} {worst.absolute:.2g} ({worst.relative:.1g}): {worst.unit}"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
