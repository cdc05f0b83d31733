"""The jobs of the benchmark, one module each; a job is imported only where it runs."""

from importlib import import_module

from geontm.bench.job import Job
from geontm.errors import SourceError

__all__ = ["JOBS", "read_job"]

JOBS = (
    "reading", "reading_geojson", "repair", "neighbours", "points", "names", "population", "terrain", "roads", "access",
    "nation",
)  # fmt: skip


def read_job(name: str) -> Job:
    """Return a job by its name.

    Raises
    ------
    SourceError
        There is no such job.
    """
    if name not in JOBS:
        raise SourceError("bench.unknown_job", where=name, name=name, known=", ".join(JOBS))
    job: Job = import_module(f"geontm.bench.jobs.{name}").JOB
    return job
