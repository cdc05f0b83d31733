"""An assessment may name a condition by its id or its code; units may be assessed under either."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geontm.law import Facts, answer, explain
from geontm.project import read_ruleset

RULES = """
id: trial
label: {vi: Bộ thử, en: Trial set}
unit: commune
source: {document: 1/QĐ}
in_force: {start: 2020-01-01, end: null}
evidence: {status: recalled}
verdict: {id: landscape, code: "17.2", assessed: true, label: {vi: Cảnh quan, en: Landscape}}
"""


def test_a_unit_without_an_answer_under_the_id_is_looked_up_under_the_code(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(RULES, encoding="utf-8")
    rules, codes = read_ruleset(file), pd.Index(["00001", "00002", "00003", "00004"], name="commune_code")
    said = pd.DataFrame(
        {"landscape": [True, None, None, True], "17.2": [None, True, None, False]}, index=codes, dtype="boolean"
    )
    facts = Facts(pd.DataFrame(index=codes), assessed={"trial": said})
    answers = answer(facts, rules)
    assert answers["trial"].astype(object).where(answers["trial"].notna(), None).tolist() == [True, True, None, True]
    told = explain(facts, rules, answers)
    assert told.loc[told["test"] == "landscape", "answer"].tolist() == ["met", "met", "unknown", "met"]
