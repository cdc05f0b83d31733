"""The example of the page on following a programme runs as printed and gives what the page shows."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
import pytest

from geontm import pipeline
from geontm.project import read_dictionary, read_project

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "follow-a-programme.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"^`([\w.-]+)`(?:[^\n]+\n)*\n*```(?:yaml|csv)\n(.*?)```", flags=re.DOTALL | re.MULTILINE)
FILES = dict(BLOCK.findall(TEXT))
SHOWN = re.findall(r"```text\n(.*?)```", TEXT, flags=re.DOTALL)[0]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    plan = pipeline.run(read_project(folder / "project.yaml"))
    return plan, pipeline.write(plan, folder / "out")


def test_the_programme_is_what_the_page_shows(result):
    shown = pd.read_csv(io.StringIO(SHOWN), dtype="str")
    made = pd.read_csv(result[1] / "programme.csv", dtype="str", encoding="utf-8-sig")
    made = made[made["measure"].isin(["exit", "units_in_programme"])][list(shown.columns)]
    assert len(shown) == 10
    assert made.fillna("").to_numpy().tolist() == shown.fillna("").to_numpy().tolist()


def test_every_file_that_the_page_names_is_written(result):
    named = set(re.findall(r"`(programme\w*\.csv)`", TEXT))
    assert len(named) == 8 and named == {path.name for path in result[1].glob("programme*.csv")}
    communes = pd.read_csv(result[1] / "communes.csv", dtype={"commune_code": "str"}, encoding="utf-8-sig")
    years = communes.set_index("commune_code")["exit_year"].dropna()
    assert years.to_dict() == {"01324": 2019, "01330": 2020, "01366": 2020}
    assert (result[1] / "maps").is_dir()


def test_the_example_has_the_oddities_that_the_page_tells_and_no_other(result):
    found = [issue.message.id for issue in result[0].issues if issue.severity != "info"]
    assert sorted(found) == ["track.commune_without_agency", "track.total_differs"]


def test_the_headers_of_the_page_are_in_the_dictionary():
    table = read_dictionary("programme")
    rows = re.findall(r"^\| `\w+` \| (.*) \|$", TEXT, flags=re.MULTILINE)
    plain = [re.sub(r" \([^)]*\)|\*\*", "", row) for row in rows]
    words = [word for row in plain for word in re.split(r", | or ", row)]
    assert len(rows) == 10 and not [word for word in words if table.find(word) is None]
