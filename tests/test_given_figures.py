"""What a planner's own table says is never replaced in silence."""

import pytest

import geontm
from small_project import write_project

TABLE = """Mã xã,Xã biên giới,Khu vực
01324,{first},3
01336,không,
"""


def findings(folder, first):
    file = write_project(folder)
    (folder / "so-lieu.csv").write_text(TABLE.format(first=first), encoding="utf-8")
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("rank:")], encoding="utf-8")
    plan = geontm.run(geontm.read_project(file))
    told = {i.column: i for i in plan.issues if i.message.id == "pipeline.figure_replaced"}
    return plan, told


@pytest.mark.parametrize(("first", "told_of"), [("có", set()), ("không", {"is_border"})])
def test_a_measure_that_differs_is_told_and_one_that_agrees_is_not(tmp_path, first, told_of):
    plan, told = findings(tmp_path / "p", first)
    assert plan.communes.loc["01324", "is_border"], "it lies on the line, whatever the table says"
    assert set(told) - {"development_region"} == told_of
    assert all(issue.value == "01324" for issue in told.values())


def test_a_region_that_only_a_table_gives_is_told_when_the_law_leaves_it_open(tmp_path):
    plan, told = findings(tmp_path / "p", "có")
    assert plan.communes["development_region"].isna().all()
    assert told["development_region"].value == "01324"
    assert "lists" in told["development_region"].message.fix("en")
