"""Runs one way of one job in a process of its own: ``python -m geontm.bench.worker JOB WAY INPUTS RESULT``."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from geontm.bench.job import Peer
from geontm.bench.jobs import read_job
from geontm.bench.make import read_inputs

__all__ = ["main", "peak_mb"]


def main(arguments: list[str]) -> int:
    """Write ``RESULT.parquet`` with the table, and ``RESULT.json`` with seconds and memory."""
    name, way, folder, result = arguments
    job = read_job(name)
    peer: Peer | None = next((peer for peer in job.peers if peer.name == way), None)
    # Modules are loaded before the clock starts: what counts is the work.
    for package in peer.packages if peer else ():
        importlib.import_module(package)
    loaded = job.load(read_inputs(Path(folder)))
    gc.collect()
    before = peak_mb()
    start, used = time.perf_counter(), _cpu()
    found = job.way(way)(loaded)
    seconds: dict[str, Any] = {"wall": time.perf_counter() - start, "cpu": _cpu() - used}
    seconds |= {"peak_mb": peak_mb(), "loaded_mb": before}
    table = job.table(loaded, found).sort_index()
    seconds |= table.attrs.pop("more", {})
    table.to_parquet(Path(f"{result}.parquet"))
    Path(f"{result}.json").write_text(json.dumps(seconds), encoding="utf-8")
    return 0


def _cpu() -> float:
    """Seconds of the processor that this process and its children have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def peak_mb() -> float:
    """Most memory held so far by this process or any child of it (MB).

    Linux lets a process begin with the peak of the one that started it, so its own figure is read from ``/proc``.
    Unknown (NaN) on Windows.
    """
    try:
        import resource
    except ImportError:
        return float("nan")
    factor = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there, in kilobytes elsewhere
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * factor
    status = Path("/proc/self/status")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * factor
    if status.is_file():
        lines = (line.split() for line in status.read_text(encoding="ascii", errors="replace").splitlines())
        own = next((int(line[1]) * 1024 for line in lines if line and line[0] == "VmHWM:"), own)
    return max(own, child) / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
