"""One run, from a project to its results; ``order.py`` is the one place that knows the order of the stages."""

from geontm.pipeline.order import Plan, check, run, summary, summary_lines, write

__all__ = ["Plan", "check", "run", "summary", "summary_lines", "write"]
