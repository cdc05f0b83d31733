"""The section ``figures:`` of a project, from its files to figures.csv and the issues table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geontm.errors import ProjectError, SourceError, TableError
from geontm.pipeline import check, run, summary_lines, write
from geontm.project import read_project
from small_project import write_project

GIVEN = """key,value,unit,as_of,source,note,bound
communes_total,4,commune,2026-06-30,Báo cáo số 1,,
people_min,4100,person,2026-06-30,Báo cáo số 1,hơn,more_than
poor_mean,16/19,criteria,2026-06-30,,,
"""
RECIPES = """key,recipe,of,table,where,column,unit,as_of
communes_total,count_of,,communes,kind = xã,,,
people_min,min_of,,communes,commune_name = Xã Cốc Pàng,population,,
border_pct,share_pct,border; communes_total,,,,percent,
border,count_of,,communes,is_border = true,,commune,2026-06-30
villages,sum_of,,thon,,so_thon,village,2026-06-30
"""
SAYS = """key,left,right,statement_a_vi,statement_a_en,statement_b_vi,statement_b_en,explanation_vi,explanation_en
thieu,border,communes_total,xã nào cũng giáp biên,all are on the border,chỉ hai xã,only two,Xem lại.,Look again.
"""


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    path = write_project(tmp_path / "du-an")
    folder = path.parent
    (folder / "van-ban.csv").write_text("# ghi chú\n" + GIVEN, encoding="utf-8")
    (folder / "cong-thuc.csv").write_text(RECIPES, encoding="utf-8")
    (folder / "mau-thuan.csv").write_text(SAYS, encoding="utf-8")
    (folder / "thon.csv").write_text("xa,so_thon\nA,3\nB,4\n", encoding="utf-8")
    section = (
        "figures:\n  file: van-ban.csv\n  recipes: [cong-thuc.csv]\n  contradictions: mau-thuan.csv\n"
        "  tables: {thon: {file: thon.csv, illustrative: true}}\n"
    )
    path.write_text(path.read_text(encoding="utf-8") + section, encoding="utf-8")
    return path


def test_figures_of_documents_stand_in_the_result_with_what_follows(project_file, tmp_path):
    plan = run(read_project(project_file))
    folder = write(plan, tmp_path / "ket-qua")
    text = pd.read_csv(folder / "figures.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    assert list(text.columns[:5]) == ["key", "value", "unit", "as_of", "how"]
    table = text.set_index("key")
    assert table.loc["communes_total", ["value", "how", "check", "source"]].tolist() == [
        "4", "measured", "agrees", "Báo cáo số 1",
    ]  # fmt: skip
    assert table.loc["people_min", ["value", "how", "computed", "check"]].tolist() == [
        "4100",
        "given",
        "4100",
        "differs",
    ]
    assert table.loc["poor_mean", ["value", "how"]].tolist() == ["16/19", "given"]
    assert table.loc["border", ["value", "how"]].tolist() == ["2", "measured"]
    assert table.loc["border_pct", ["value", "how", "recipe"]].tolist() == ["50.0", "derived", "2 ÷ 4 × 100"]
    assert table.loc["villages", ["value", "how"]].tolist() == ["7", "constructed"]
    assert table.loc["communes", ["value", "how"]].tolist() == ["4", "given"], "the run's own summary stays"
    found = {issue.message.id: issue for issue in plan.issues if issue.message.id.startswith("figures.")}
    assert set(found) == {"figures.differs", "figures.contradiction"}
    assert found["figures.contradiction"].value == "border = 2; communes_total = 4"
    assert any("minh hoạ" in line or "constructed" in line for line in summary_lines(plan))
    assert {"van-ban.csv", "cong-thuc.csv", "mau-thuan.csv", "thon.csv"} <= set(plan.made_from["inputs"])


def test_a_mistake_is_found_before_any_work(project_file):
    recipes = project_file.parent / "cong-thuc.csv"
    recipes.write_text(RECIPES + "x,sum,khong_co,,,,,\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        check(read_project(project_file))
    assert caught.value.message.id == "figures.unknown_key" and caught.value.where == "cong-thuc.csv:7"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key,value,unit\na,1,x\n", "figures.column_missing"),
        ("key,value,unit,as_of,as_of\na,1,x,2020-01-01,2020-01-01\n", "figures.column_twice"),
        ("key,value,unit,as_of,ghi_chu\na,1,x,2020-01-01,\n", "figures.column_unknown"),
        ("# chỉ có ghi chú\n", "figures.empty_file"),
    ],
)
def test_a_file_with_the_wrong_columns_is_refused(project_file, text, message):
    (project_file.parent / "van-ban.csv").write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        check(read_project(project_file))
    assert caught.value.message.id == message


def test_a_missing_file_and_a_wrong_key_are_named(project_file):
    text = project_file.read_text(encoding="utf-8")
    project_file.write_text(text.replace("file: van-ban.csv", "file: khac.csv"), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        check(read_project(project_file))
    assert caught.value.message.id == "project.file_missing"
    project_file.write_text(text.replace("recipes:", "recipe:"), encoding="utf-8")
    with pytest.raises(ProjectError) as wrong:
        read_project(project_file)
    assert wrong.value.message.id == "project.unknown_key" and "recipes" in str(wrong.value)
    project_file.write_text(text.replace("file: van-ban.csv", "file: ../van-ban.csv"), encoding="utf-8")
    with pytest.raises(ProjectError) as outside:
        read_project(project_file)
    assert outside.value.message.id == "project.leaves_folder"


def test_a_printed_value_that_is_no_number_is_told(project_file):
    given = project_file.parent / "van-ban.csv"
    given.write_text(GIVEN + "khac,nhiều,commune,2026-06-30,,,\n", encoding="utf-8")
    found = [issue for issue in run(read_project(project_file)).issues if issue.message.id == "figures.no_number"]
    assert [(issue.file, issue.row, issue.value) for issue in found] == [("van-ban.csv", "5", "nhiều")]
    assert "“nhiều” of khac" in found[0].message.text("en")


def test_a_division_by_zero_is_unknown_and_told(project_file):
    given = project_file.parent / "van-ban.csv"
    given.write_text(GIVEN + "khong,0,commune,2026-06-30,,,\n", encoding="utf-8")
    recipes = project_file.parent / "cong-thuc.csv"
    recipes.write_text(RECIPES + "chia,ratio,communes_total; khong,,,,,\n", encoding="utf-8")
    found = [issue for issue in run(read_project(project_file)).issues if issue.column == "chia"]
    assert [issue.message.id for issue in found] == ["figures.input_unknown"]
    assert "4 ÷ 0" in found[0].message.text("en") and "by zero" in found[0].message.text("en")
