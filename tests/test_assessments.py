"""Assessments of criteria that no figure answers, and projects limited to districts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geontm.errors import BoundaryError, RuleError, TableError
from geontm.pipeline import check, run, write
from geontm.project import read_project

RULES = """id: thu-nghiem
family: thu-nghiem
label: {vi: Bộ thử, en: Test set}
unit: UNIT
source: {document: 1/QĐ}
in_force: {start: 2020-01-01, end: 2025-06-30}
columns: {}
criteria:
  - {number: "1", label: {vi: Một, en: One}, size: 2}
  - {number: "2", label: {vi: Hai, en: Two}, size: 1}
"""
PROJECT = """name: Thử
as_of: 2023-08-24
boundaries: {source: "schematic:communes-2023-cases", provinces: ["22"], districts: [Ba Chẽ]}
standards: [bo-thu.yaml]
assessments: {thu-nghiem: {file: danh-gia.csv, illustrative: true}}
figures: {recipes: cong-thuc.csv}
"""
RECIPES = """key,recipe,table,where,column,unit,as_of
met,sum_of,TABLE,CODE; ruleset = thu-nghiem,met,criteria,2023-08-24
indicators,sum_of,TABLE,CODE; ruleset = thu-nghiem,indicators_met,indicators,2023-08-24
"""
ROWS = """Tên xã,Huyện,Mã chỉ tiêu,Kết quả
Xã Nam Sơn,Ba Chẽ,1.1,đạt
Xã Nam Sơn,Ba Chẽ,1.2,chưa đạt
Xã Nam Sơn,Ba Chẽ,2,x
"""


def project(folder: Path, *, rows: str = ROWS, unit: str = "commune", table: str = "scores", code: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "bo-thu.yaml").write_text(RULES.replace("UNIT", unit), encoding="utf-8")
    (folder / "danh-gia.csv").write_text(rows, encoding="utf-8")
    recipes = RECIPES.replace("TABLE", table).replace("CODE", code or "commune_code = 06982")
    (folder / "cong-thuc.csv").write_text(recipes, encoding="utf-8")
    path = folder / "du-an.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    return path


def issues(path: Path) -> list[str]:
    return [issue.message.id for issue in check(read_project(path)) if issue.message.id.startswith("assessments.")]


def test_a_criterion_is_met_when_all_its_indicators_are(tmp_path):
    plan = run(read_project(project(tmp_path)))
    scores = plan.verdicts.scores.set_index("commune_code")
    assert scores.loc["06982", ["met", "not_met", "indicators_met", "indicators_of"]].tolist() == [1, 1, 2, 3]
    assert scores.loc["06988", ["unknown", "indicators_unknown"]].tolist() == [2, 3], "who was not assessed is unknown"
    figures = plan.content.figures.set_index("key")
    assert figures.loc[["met", "indicators"], "value"].tolist() == ["1", "2"]
    assert set(figures.loc[["met", "indicators"], "how"]) == {"constructed"}


def test_only_the_districts_asked_for_are_in_the_result(tmp_path):
    plan = run(read_project(project(tmp_path)))
    assert len(plan.communes) == 8 and set(plan.communes["district_name"]) == {"Huyện Ba Chẽ"}
    folder = write(plan, tmp_path / "ket-qua")
    assert len(pd.read_csv(folder / "communes.csv")) == 8
    assert any(issue.message.id == "districts.left_out" for issue in plan.issues)


def test_a_district_may_be_given_by_code_and_a_wrong_one_is_refused(tmp_path):
    path = project(tmp_path)
    text = path.read_text(encoding="utf-8")
    code = run(read_project(path)).communes["district_code"].iloc[0]
    path.write_text(text.replace("[Ba Chẽ]", f'["{code}", Huyện Tiên Yên]'), encoding="utf-8")
    assert set(run(read_project(path)).communes["district_name"]) == {"Huyện Ba Chẽ", "Huyện Tiên Yên"}
    path.write_text(text.replace("[Ba Chẽ]", "[Ba Che]"), encoding="utf-8")
    with pytest.raises(BoundaryError) as caught:
        check(read_project(path))
    assert caught.value.message.id == "districts.unknown" and "Huyện Ba Chẽ" in str(caught.value)


def test_a_set_about_districts_is_scored_for_the_district(tmp_path):
    rows = "Huyện,Mã chỉ tiêu,Kết quả\nBa Chẽ,1.1,đạt\nBa Chẽ,1.2,đạt\nBa Chẽ,2,không đạt\nKhác,1.1,đạt\n"
    path = project(tmp_path, rows=rows, unit="district", table="district_scores", code="met >= 0")
    plan = run(read_project(path))
    figures = plan.content.figures.set_index("key")
    assert figures.loc[["met", "indicators"], "value"].tolist() == ["1", "2"]
    assert [i.value for i in plan.issues if i.message.id == "assessments.unknown_district"] == ["Khác"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Xã Nam Sơn,Ba Chẽ,1.1,chưa đạt", "assessments.two_answers"),
        ("Xã Nam Sơn,Ba Chẽ,1.1,gần đạt", "assessments.bad_answer"),
        ("Xã Nam Sơn,Ba Chẽ,,đạt", "assessments.no_code"),
        (",,1.1,đạt", "assessments.no_unit"),
    ],
)
def test_a_doubtful_row_is_told_and_not_believed(tmp_path, row, message):
    path = project(tmp_path, rows=ROWS + row + "\n")
    assert issues(path) == [message]
    if message == "assessments.two_answers":
        scores = run(read_project(path)).verdicts.scores.set_index("commune_code")
        assert scores.loc["06982", "indicators_unknown"] == 1
        (told,) = (issue for issue in check(read_project(path)) if issue.message.id == message)
        assert told.message.text("vi").startswith("Xã Nam Sơn (06982) có hai kết quả khác nhau cho 1.1")
        assert told.message.fix("vi") and told.message.fix("en")


def test_an_unknown_answer_is_unknown_without_complaint(tmp_path):
    path = project(tmp_path, rows=ROWS.replace("chưa đạt", "chưa có số liệu"))
    assert issues(path) == []
    assert run(read_project(path)).verdicts.scores.set_index("commune_code").loc["06982", "unknown"] == 1


def test_a_commune_that_does_not_exist_is_told(tmp_path):
    path = project(tmp_path, rows=ROWS + "Xã Không Có,Ba Chẽ,1.1,đạt\n")
    found = [issue for issue in check(read_project(path)) if issue.file == "danh-gia.csv"]
    assert [issue.severity for issue in found] == ["error"]


def test_what_the_rule_set_does_not_have_is_refused(tmp_path):
    path = project(tmp_path, rows=ROWS + "Xã Nam Sơn,Ba Chẽ,9.9,đạt\n")
    with pytest.raises(RuleError) as caught:
        run(read_project(path))
    assert caught.value.message.id == "classify.assessment_code"
    assert caught.value.where == "danh-gia.csv:5"
    assert "1.1" in caught.value.fix
    path.write_text(PROJECT.replace("assessments: {thu-nghiem", "assessments: {khac"), encoding="utf-8")
    with pytest.raises(RuleError) as wrong:
        check(read_project(path))
    assert wrong.value.message.id == "assessments.not_a_standard"


@pytest.mark.parametrize("rows", ["Tên xã,Kết quả\nXã Nam Sơn,đạt\n", "Mã chỉ tiêu,Kết quả\n1.1,đạt\n"])
def test_a_table_without_codes_or_units_is_refused(tmp_path, rows):
    with pytest.raises(TableError) as caught:
        check(read_project(project(tmp_path, rows=rows)))
    assert caught.value.message.id == "assessments.column_missing" and caught.value.fix


def test_a_criterion_met_with_an_indicator_that_is_not_is_told(tmp_path):
    path = project(tmp_path, rows=ROWS + "Xã Nam Sơn,Ba Chẽ,1,đạt\n")
    (told,) = (issue for issue in check(read_project(path)) if issue.message.id == "assessments.at_odds")
    assert (told.severity, told.file, told.column, told.value) == ("warning", "danh-gia.csv", "1.2", "Xã Nam Sơn")
    assert run(read_project(path)).verdicts.scores.set_index("commune_code").loc["06982", "met"] == 2
    open_one = project(tmp_path, rows=ROWS.replace("chưa đạt", "chưa có số liệu") + "Xã Nam Sơn,Ba Chẽ,1,đạt\n")
    assert issues(open_one) == []
