"""Sets of which nobody saw how many indicators the law counts: criteria are scored, indicators are not."""

from __future__ import annotations

import pandas as pd
import pytest

from geontm.classify.scores import score
from geontm.law import Facts, answer, describe
from geontm.law.explain import explain
from geontm.project.rulesets import read_ruleset

UNITS = pd.DataFrame(index=pd.Index(["00001", "00002"], name="commune_code"))


def test_ten_criteria_without_a_number_of_indicators() -> None:
    rules = read_ruleset("ntm-2026")
    said = pd.DataFrame({"1": [True, False], "2": [True, pd.NA]}, index=UNITS.index, dtype="boolean")
    facts = Facts(UNITS, assessed={"ntm-2026": said})
    scores = score(answer(facts, rules), rules)
    assert scores["met"].tolist() == [2, 0]
    assert scores["of"].tolist() == [10, 10]
    assert scores["indicators_of"].isna().all()
    reasons = explain(facts, rules, answer(facts, rules)).query("test == 'criterion_3'")["reason_vi"]
    assert reasons.str.contains("0/? chỉ tiêu", regex=False).all()
    assert "(? chỉ tiêu)" in describe(rules, "vi")


@pytest.mark.parametrize(("name", "of"), [("ntm-2016", 49), ("ntm-2021", 57), ("ntm-advanced-2021", 75)])
def test_sets_whose_indicators_are_counted(name: str, of: int) -> None:
    rules = read_ruleset(name)
    units = UNITS.assign(**{column: pd.NA for column in rules.indicators})
    scores = score(answer(Facts(units), rules), rules)
    assert scores["indicators_of"].tolist() == [of, of]
    assert scores["of"].tolist() == [19, 19]
