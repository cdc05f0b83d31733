"""A condition on another set's decision that was only recalled decides nothing until the project allows it."""

from __future__ import annotations

import pandas as pd
import pytest

from geontm.classify import Question, evaluate_all
from geontm.project import read_ruleset

NAMES = ("ethnic-minority-2026", "mountainous-2026", "area-2026")


@pytest.mark.parametrize(("allowed", "answer"), [((), None), (("area-2026",), "met")])
def test_ethnic_minority_or_mountainous(allowed: tuple[str, ...], answer: str | None) -> None:
    table = pd.DataFrame({"ethnic_minority_person_pct": [80.0]}, index=["00001"])
    sets = [read_ruleset(name) for name in NAMES]
    verdicts = evaluate_all(table, sets, question=Question(allow_unverified=allowed))
    decided = verdicts.decisions.set_index("ruleset")["outcome"]
    assert decided["ethnic-minority-2026"] == "met"
    assert decided["area-2026"] == answer or (pd.isna(decided["area-2026"]) and answer is None)
    told = verdicts.of("00001").set_index(["ruleset", "test"])["reason_vi"]
    assert ("chưa đối chiếu" in told[("area-2026", "area-2026")]) == (answer is None)
