"""One run, from a project to its results; ``order.py`` is the one place that knows the order of the stages."""

from geontm.pipeline.again import publish_again
from geontm.pipeline.lookup import commune_code
from geontm.pipeline.order import Judged, Plan, check, judge, run, summary, summary_lines, write
from geontm.pipeline.quick import explore, styled

__all__ = [
    "Judged",
    "Plan",
    "check",
    "commune_code",
    "explore",
    "judge",
    "publish_again",
    "run",
    "styled",
    "summary",
    "summary_lines",
    "write",
]
