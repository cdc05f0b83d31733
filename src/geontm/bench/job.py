"""What a job of the benchmark is: one thing to compute, our way and the ways of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Literal

import pandas as pd

from geontm.bench.make import Inputs

__all__ = ["OURS", "Job", "Peer", "Tolerance"]

OURS = "geontm"
Run = Callable[[Any], Any]


@dataclass(frozen=True)
class Tolerance:
    """How far two values of one unit may lie apart: ``absolute`` or ``relative`` to the larger, whichever is more.

    Attributes
    ----------
    absolute, relative : float
    outliers : float
        Share of units (0 to 1) that may lie further apart, where the other way answers a slightly different question
        (cells by their centre, say). None by default.
    reason : str
        Why it is not 0.
    """

    absolute: float = 0.0
    relative: float = 0.0
    outliers: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Peer:
    """Another way to the same table.

    Attributes
    ----------
    name : str
        As its users call it.
    run : callable
        Takes what the job loaded, gives what ours gives.
    tolerance : mapping of str to Tolerance
        The columns that are compared.
    target : float or None
        Its seconds over ours must reach this; None: it stands beside ours to check it.
    national : float or None
        The target at the full size, where that is another.
    packages : tuple of str
        Modules that it needs beyond those of geontm.
    program : str
        A command that it needs.
    once : bool
        It takes so much longer that one run tells enough.
    full_only : bool
        It is a way for the whole country, and is left out on fewer provinces.
    """

    name: str
    run: Run
    tolerance: Mapping[str, Tolerance]
    target: float | None = None
    packages: tuple[str, ...] = ()
    program: str = ""
    once: bool = False
    national: float | None = None
    full_only: bool = False

    def target_at(self, *, full: bool) -> float | None:
        """Return the target at the full size, or at a smaller one."""
        return self.national if full and self.national is not None else self.target

    @property
    def missing(self) -> tuple[str, ...]:
        """Modules that are not installed."""
        return tuple(name for name in self.packages if find_spec(name) is None)


@dataclass(frozen=True)
class Job:
    """One thing to compute.

    Attributes
    ----------
    name : str
    load : callable
        Reads what every way takes; not timed.
    ours : callable
        Takes what was loaded; gives a table with one row for each unit (its index), or what ``table`` makes one of.
    peers : tuple of Peer
    peak_mb : float or None
        Most memory that our process may take at the full size, modules and inputs included.
    limit_s : float or None
        Most seconds that our way may take at the full size.
    clock : {"cpu", "wall"}
        Which seconds are compared. Those of the processor, unless a way works on several at once.
    grows : bool
        Whether it is run on inputs of a quarter and a half of the size too.
    table : callable
        Takes what was loaded and what a way gave; gives the table that is compared. Not timed. Figures in its
        ``attrs["more"]`` (a dict) go into the report.
    """

    name: str
    load: Callable[[Inputs], Any]
    ours: Run
    peers: tuple[Peer, ...] = field(default=())
    peak_mb: float | None = None
    limit_s: float | None = None
    clock: Literal["cpu", "wall"] = "cpu"
    grows: bool = True
    table: Callable[[Any, Any], pd.DataFrame] = lambda _, found: pd.DataFrame(found)

    def way(self, name: str) -> Run:
        """Return a way by its name."""
        return self.ours if name == OURS else next(peer.run for peer in self.peers if peer.name == name)
