"""The benchmark: national-scale inputs made here, our way and the peers' way beside each other."""

from geontm.bench.report import Benchmark, notes, table
from geontm.bench.run import run_benchmark

__all__ = ["Benchmark", "notes", "run_benchmark", "table"]
