"""The law over the nation: 3,321 communes by every rule set for communes; seconds of CPU, and where they go.

``python benchmarks/law_run.py [--json] [--profile]``. Figures come from a fixed seed, near the thresholds so that every
answer comes up, one in ten of them missing. First all sets are answered; then every reason is written in both
languages, which a run does only when it is asked for them; then the table of reasons is written to a file.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from geontm.classify import Question, Verdicts, evaluate_all
from geontm.law import ByGroup, Range, RuleSet, Threshold, Times
from geontm.load.shipped import read_register
from geontm.project.rulesets import list_rulesets, national_figures
from geontm.publish.tables import write_parquet
from geontm.tables import Column

T = TypeVar("T")


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="figures only, as JSON")
    parser.add_argument("--profile", action="store_true", help="also the functions that take longest to answer")
    options = parser.parse_args()
    rulesets = [rules for rules in list_rulesets() if rules.unit == "commune" and rules.answers]
    table = communes(rulesets)
    question = Question(date(2026, 6, 30), [rules.id for rules in rulesets], national_figures())
    if options.profile:
        print(profiled(lambda: evaluate_all(table, rulesets, question=question)))
    seconds, verdicts = timed(lambda: evaluate_all(table, rulesets, question=question))
    alone = {
        rules.id: timed(lambda each=rules: evaluate_all(table, [each], question=only(question, each)))[0]
        for rules in rulesets
    }
    told = {ruling.rules.id: timed(ruling.explained)[0] for ruling in verdicts.rulings}
    stacked, long = timed(lambda: verdicts.long)
    figures: dict[str, Any] = {
        "communes": len(table),
        "rule_sets": len(rulesets),
        "conditions": sum(len(rules.leaves) for rules in rulesets),
        "answers": int(sum(ruling.answers.size for ruling in verdicts.rulings)),
        "answer_all_cpu_seconds": round(seconds, 2),
        "answer_by_set_cpu_seconds": rounded(alone),
        "reasons": len(long),
        "write_all_reasons_cpu_seconds": round(stacked, 2),
        "reasons_by_set_cpu_seconds": rounded(told),
        "one_commune_cpu_seconds": round(timed(lambda: verdicts.of(str(table.index[0])))[0], 3),
        **to_file(verdicts),
    }
    print(json.dumps(figures, indent=None if options.json else 1))
    return 0


def only(question: Question, rules: RuleSet) -> Question:
    """Ask the same of one rule set."""
    return Question(question.as_of, [rules.id], question.figures)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return seconds of CPU of this process, and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def profiled(work: Callable[[], object]) -> str:
    """Return the functions that take longest."""
    profile = cProfile.Profile()
    profile.runcall(work)
    text = io.StringIO()
    pstats.Stats(profile, stream=text).sort_stats("cumulative").print_stats(30)
    return text.getvalue()


def rounded(found: dict[str, float]) -> dict[str, float]:
    """Return seconds to two digits, the longest first."""
    return {name: round(value, 2) for name, value in sorted(found.items(), key=lambda each: -each[1])}


def to_file(verdicts: Verdicts) -> dict[str, float]:
    """Write the table of reasons as a run does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "verdicts.parquet"
        seconds, _ = timed(lambda: write_parquet(verdicts.long, path))
        again, _ = timed(lambda: pd.read_parquet(path))
        return {
            "parquet_cpu_seconds": round(seconds, 2),
            "parquet_mb": round(path.stat().st_size / 1e6, 1),
            "parquet_read_cpu_seconds": round(again, 2),
        }


def communes(rulesets: list[RuleSet]) -> pd.DataFrame:
    """Make a table of all communes with every indicator that the rule sets read."""
    codes, random = read_register("2025").index, np.random.default_rng(7)
    near: dict[str, tuple[Column, set[float]]] = {}
    for rules in rulesets:
        for name, column in rules.indicators.items():
            near.setdefault(name, (column, set()))
        for test in rules.tests:
            near[test.indicator][1].update(numbers(test.threshold))
    data = {}
    for name, (column, limits) in sorted(near.items()):
        values = pd.Series(draw(column, limits, len(codes), random), index=codes).astype(column.dtype)
        data[name] = values.mask(random.random(len(codes)) < 0.1)
    return pd.DataFrame(data, index=codes.rename("commune_code"))


def numbers(threshold: Threshold) -> set[float]:
    """Return every number of a threshold."""
    if isinstance(threshold, Times):
        return numbers(threshold.factor)
    if isinstance(threshold, ByGroup):
        return set().union(*(numbers(each) for each in (*threshold.limits.values(), threshold.default)))
    if isinstance(threshold, Range):
        return {threshold.low, threshold.high}
    return set() if threshold is None or isinstance(threshold, (bool, str, tuple)) else {float(threshold)}


def draw(column: Column, limits: set[float], size: int, random: np.random.Generator) -> Any:
    """Draw figures about the thresholds of a column."""
    if column.type == "boolean":
        return random.random(size) < 0.5
    if column.type in ("category", "text"):
        return random.choice(sorted(column.choices) or ["a", "b"], size)
    low = column.minimum if column.minimum is not None else 0.0
    high = column.maximum if column.maximum is not None else max(limits, default=50.0) * 2
    centre = random.choice(sorted(limits) or [(low + high) / 2], size)
    values = np.clip(random.normal(centre, (high - low) / 8), low, high).round(1)
    return values.round() if column.type == "integer" else values


if __name__ == "__main__":
    sys.exit(main())
