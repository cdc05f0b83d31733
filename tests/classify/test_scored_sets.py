"""Scored sets: n of 19 and m of 57, assessments, floors, and what is most often unmet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from geontm.classify import Question, evaluate_all, fill_missing, group_standing, most_unmet, under_floor
from geontm.errors import RuleError
from geontm.project import read_ruleset

SET = """
id: small
label: {vi: Bộ nhỏ, en: Small set}
unit: commune
source: {document: 1/QĐ-UBND}
in_force: {start: 2020-01-01, end: null}
columns: {}
evidence: {status: verified, sources: [nguon]}
criteria:
  - number: "1"
    label: {vi: Thu nhập, en: Income}
    size: 1
    of:
      - {id: "1", code: "1", indicator: poor_household_pct, at_most: 10}
  - number: "2"
    label: {vi: Nước, en: Water}
    size: 3
    of:
      - {id: 2.1a, code: 2.1a, of_indicator: "2.1", indicator: hygienic_water_pct, at_least: 90}
      - {id: 2.1b, code: 2.1b, of_indicator: "2.1", indicator: clean_water_pct, at_least: 50}
      - {id: "2.2", code: "2.2", assessed: true, label: {vi: Thu gom rác, en: Waste}}
"""


@pytest.fixture
def small(tmp_path: Path):
    (tmp_path / "small.yaml").write_text(SET, encoding="utf-8")
    return read_ruleset(tmp_path / "small.yaml")


def communes() -> pd.DataFrame:
    rows = {"poor_household_pct": [5, 10, 11, None], "hygienic_water_pct": [95, 95, 80, 95],
            "clean_water_pct": [60, 40, 60, None]}  # fmt: skip
    return pd.DataFrame(rows, index=["00001", "00002", "00003", "00004"], dtype="Float64")


def said(**answers) -> dict[str, pd.DataFrame]:
    frame = pd.DataFrame(answers, index=["00001", "00002", "00003", "00004"]).astype("boolean")
    return {"small": frame.rename(columns=lambda name: name.replace("_", "."))}


def test_criteria_and_indicators_are_counted(small) -> None:
    scores = evaluate_all(communes(), [small]).scores.set_index("commune_code")
    assert scores[["met", "not_met", "unknown", "of"]].to_numpy().tolist() == [
        [1, 0, 1, 2], [1, 1, 0, 2], [0, 2, 0, 2], [0, 0, 2, 2],
    ]  # fmt: skip
    # 2.1 needs both its conditions; 2.2 was not assessed, 2.3 is counted by the law and not listed
    counted = scores[["indicators_met", "indicators_not_met", "indicators_unknown", "indicators_of"]]
    assert counted.to_numpy().tolist() == [
        [2, 0, 2, 4], [1, 1, 2, 4], [0, 2, 2, 4], [0, 0, 4, 4],
    ]  # fmt: skip


def test_an_assessment_answers_what_no_figure_can(small) -> None:
    assessed = said(**{"2_2": [True, True, True, None], "2_3": [True, True, True, True]})
    verdicts = evaluate_all(communes(), [small], question=Question(assessed=assessed))
    assert verdicts.decisions["outcome"].tolist()[:3] == ["met", "not_met", "not_met"]
    assert verdicts.wide["criteria_met_count"].tolist()[:3] == [2, 1, 0]
    assert pd.isna(verdicts.wide["criteria_met_count"]["00004"])  # nothing is known of it, which is not none met
    assert verdicts.wide["criteria_unknown_count"].tolist() == [0, 0, 0, 2]


def test_an_assessment_of_a_criterion_outranks_its_parts(small) -> None:
    verdicts = evaluate_all(communes(), [small], question=Question(assessed=said(**{"2": [False, True, None, None]})))
    scores = verdicts.scores.set_index("commune_code")
    assert scores["met"].tolist() == [1, 2, 0, 0]
    assert scores["indicators_met"].tolist() == [2, 4, 0, 0]
    told = verdicts.of("00002").set_index("test")["reason_vi"]
    assert "theo kết quả đánh giá" in told["criterion_2"]
    assert "2/2 tiêu chí" in told["small"]


def test_an_assessment_outranks_a_figure_and_says_so(small) -> None:
    verdicts = evaluate_all(communes(), [small], question=Question(assessed=said(**{"1": [False, None, None, True]})))
    told = verdicts.long.set_index(["commune_code", "test"])
    assert told.loc[("00001", "1"), "answer"] == "not_met"
    assert "chưa đạt theo kết quả đánh giá (số liệu: 5%" in told.loc[("00001", "1"), "reason_vi"]
    assert told.loc[("00004", "1"), "answer"] == "met"


@pytest.mark.parametrize("names", [{"9": [True] * 4}, {"2_9": [True] * 4}])
def test_an_assessment_of_nothing_is_refused(small, names) -> None:
    with pytest.raises(RuleError, match=r"no criterion or indicator|không có tiêu chí"):
        evaluate_all(communes(), [small], question=Question(assessed=said(**names)))


def test_what_is_most_often_unmet_comes_first(small) -> None:
    table = most_unmet(evaluate_all(communes(), [small]).rulings)
    assert table["level"].tolist() == ["criterion"] * 2 + ["indicator"] * 4
    first = table.iloc[0]
    assert (first["no"], first["met"], first["not_met"], first["unknown"], first["of"]) == ("2", 0, 2, 2, 4)
    assert first["not_met_pct"] == 100
    assert table.set_index(["level", "no"]).loc[("indicator", "1"), "not_met_pct"] == pytest.approx(33.33)
    assert pd.isna(table.set_index(["level", "no"]).loc[("indicator", "2.3"), "not_met_pct"])


def test_groups_and_floors_count_what_is_sure(small) -> None:
    scores = evaluate_all(communes(), [small]).scores
    groups = pd.Series(["A", "A", "B", "B"], index=["00001", "00002", "00003", "00004"])
    table = group_standing(scores, groups, floor=2).set_index("group")
    assert table["met_mean"].tolist() == [1.0, 0.0]
    assert table["under_floor"].tolist() == [1, 1]
    assert table["may_be_under_floor"].tolist() == [1, 1]
    low = under_floor(scores, "small", 2)
    assert low.index.tolist() == ["00003", "00004", "00001", "00002"]
    assert low["missing"].tolist() == [2, 2, 1, 1]
    assert low["sure"].tolist() == [True, False, False, True]


def test_a_count_that_the_planner_gives_stands_and_a_contradiction_is_told(small) -> None:
    table = communes().assign(criteria_met_count=pd.array([2, 2, None, 1], dtype="Int64"))
    verdicts = evaluate_all(table, [small])
    assert verdicts.wide["criteria_met_count"].tolist() == [2, 2, 0, 1]
    assert [issue.row for issue in verdicts.issues if issue.message.id == "classify.criteria_count_differs"] == [
        "00002"
    ]


def test_several_sets_judge_the_same_communes_at_once() -> None:
    sets = [read_ruleset(name) for name in ("ntm-2016", "ntm-2021", "ntm-advanced-2021", "ntm-model-2021")]
    table, _ = fill_missing(communes(), [*sets, read_ruleset("dbkk-2021")])
    scores = evaluate_all(table, [*sets, read_ruleset("dbkk-2021")], question=Question(date(2024, 6, 30))).scores
    sizes = scores.groupby("ruleset")[["of", "indicators_of"]].first()
    assert sizes.loc[["ntm-2016", "ntm-2021", "ntm-advanced-2021"]].to_numpy().tolist() == [
        [19, 49],
        [19, 57],
        [19, 75],
    ]


def test_what_scored_sets_lack_is_one_row_for_each(small) -> None:
    scored = read_ruleset("ntm-2021")
    table, issues = fill_missing(communes()[["poor_household_pct"]], [small, read_ruleset("border"), scored])
    assert [(issue.message.id, issue.value) for issue in issues] == [
        ("classify.indicator_missing", ""),  # is_border
        ("classify.indicators_missing", "small"),
        ("classify.indicators_missing", "ntm-2021"),
    ]
    told = {name for issue in issues for name in issue.column.split(", ")}
    assert told == set(table.columns) - {"poor_household_pct"}
