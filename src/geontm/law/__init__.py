"""The law's types (rule sets, tests) and the pure evaluator with three answers."""

from geontm.law.describe import as_data, describe, evidence_counts
from geontm.law.evaluate import Facts, evaluate, outcome
from geontm.law.explain import LONG_COLUMNS, explain
from geontm.law.in_force import require_in_force
from geontm.law.justify import justify
from geontm.law.rules import (
    OUTSIDE_SCOPE,
    YEAR,
    AllOf,
    AnyOf,
    ByGroup,
    CountOf,
    Evidence,
    InForce,
    Limit,
    Node,
    Not,
    Outcome,
    Range,
    RuleSet,
    Source,
    Test,
    Threshold,
    leaves,
)

__all__ = [
    "LONG_COLUMNS",
    "OUTSIDE_SCOPE",
    "YEAR",
    "AllOf",
    "AnyOf",
    "ByGroup",
    "CountOf",
    "Evidence",
    "Facts",
    "InForce",
    "Limit",
    "Node",
    "Not",
    "Outcome",
    "Range",
    "RuleSet",
    "Source",
    "Test",
    "Threshold",
    "as_data",
    "describe",
    "evaluate",
    "evidence_counts",
    "explain",
    "justify",
    "leaves",
    "outcome",
    "require_in_force",
]
