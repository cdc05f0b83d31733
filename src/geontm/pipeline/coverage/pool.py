"""Sends tasks out, one per province: here, to processes of this machine, or to a cluster that is already there."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from importlib import import_module
from typing import Any, TypeVar

from geontm.errors import ClusterError

__all__ = ["process_count", "send_out"]

Task = TypeVar("Task")
Result = TypeVar("Result")


def process_count(tasks: int) -> int:
    """Tell how many processes to use: ``GEONTM_PROCESSES``, else one for each core that this process may use."""
    named = os.environ.get("GEONTM_PROCESSES", "")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(int(named) if named.isdigit() and int(named) else cores, tasks))


def send_out(
    function: Callable[[Task], Result], tasks: Sequence[Task], *, cluster: str | None = None
) -> Iterator[Result]:
    """Apply a function to every task; results come as they are ready, in no fixed order.

    Parameters
    ----------
    function : callable
        Of a module, so that another process can import it; pure.
    tasks : sequence
        Biggest first keeps all processes busy to the end.
    cluster : str, optional
        Address of a dask scheduler, ``tcp://host:8786``. A worker that dies costs time: its tasks go to another.

    Raises
    ------
    ClusterError
        The cluster cannot be reached, its extra is not installed, or workers kept dying.
    """
    if cluster:
        yield from _on_cluster(function, tasks, cluster)
        return
    count = process_count(len(tasks))
    if count == 1:
        yield from map(function, tasks)
        return
    from loky.backend.utils import kill_process_tree
    from loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError

    # Fresh processes that do not run the caller's main script again: a plain script and a notebook work as they are.
    before = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(max_workers=count)
    finished = False
    try:
        futures = [executor.submit(function, task) for task in tasks]
        for future in as_completed(futures):
            yield future.result()
        finished = True
    except TerminatedWorkerError:
        raise ClusterError("coverage.process_died", where="GEONTM_PROCESSES", n=count) from None
    finally:
        if not finished:
            # After Ctrl-C or a refusal nobody wants the other provinces any more. Workers that the same Ctrl-C struck
            # may never answer the pool, so they are killed, and nothing waits for it.
            for child in set(multiprocessing.active_children()) - before:
                kill_process_tree(child)
        executor.shutdown(wait=finished, kill_workers=not finished)


def _on_cluster(function: Callable[[Task], Result], tasks: Sequence[Task], address: str) -> Iterator[Result]:
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise ClusterError("coverage.no_distributed", where=address) from None
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as broken:
        raise ClusterError("coverage.no_cluster", where=address, address=address, text=str(broken)) from None
    with client:
        if not client.scheduler_info()["workers"]:
            raise ClusterError("coverage.no_workers", where=address, address=address)
        futures = [client.submit(function, task, pure=False, retries=2) for task in tasks]
        try:
            for future in distributed.as_completed(futures):
                yield future.result()
        except (distributed.scheduler.KilledWorker, distributed.comm.CommClosedError) as broken:
            raise ClusterError("coverage.workers_died", where=address, address=address, text=str(broken)) from None
        finally:
            client.cancel(futures)
