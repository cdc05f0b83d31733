"""A run with a former project beside it: both on each page, told in the record and on the start page, never stale."""

import base64
import gzip
import json
import re
import shutil

import pandas as pd
import pytest
from click.testing import CliRunner

from former_project import FORMER_UNITS, write_both
from geontm.cli import cli
from geontm.errors import VintageError
from geontm.pipeline import check, run, write
from geontm.project import read_project
from small_project import UNITS


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A project with a former one and their result, made once; tests work on a copy."""
    folder = tmp_path_factory.mktemp("both")
    write(run(read_project(write_both(folder / "p"))), folder / "out")
    return folder


@pytest.fixture
def place(finished, tmp_path, monkeypatch):
    monkeypatch.setenv("GEONTM_LANG", "en")
    shutil.copytree(finished, tmp_path / "here")
    return tmp_path / "here"


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def record(folder):
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def heads(page):
    """Return what the packed texts of a page say, of the page itself and of the former era."""
    for block in re.findall(r'<script type="text/plain"[^>]*>([^<]+)<', page.read_text(encoding="utf-8")):
        raw = gzip.decompress(base64.b64decode(block))
        head = json.loads(raw[4 : 4 + int.from_bytes(raw[:4], "little")])
        return head, head.get("former")
    raise AssertionError("the page holds no packed text")


def command(place, *words):
    return CliRunner().invoke(
        cli, [words[0], str(place / "p" / "project.yaml"), "--out", str(place / "out"), *words[1:]]
    )


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def values(message):
    return dict(vars(message)["values"])


def spoil_former(place):
    edit(place / "p" / "truoc" / "so-lieu-cu.csv", ",31\n", ",39\n")


def test_a_page_holds_both_eras_where_both_have_figures(place):
    now, then = heads(place / "out" / "maps" / "coverage.html")
    assert now["units"]["code"] == sorted(UNITS)
    assert then["units"]["code"] == sorted(FORMER_UNITS)
    assert then["page"]["title"] == "Thử nghiệm thời kỳ trước"
    assert then["page"]["as_of"] == "2024-12-31"
    assert (now["page"]["fingerprint"], then["page"]["fingerprint"]) == (
        record(place / "out")["fingerprint"],
        record(place / "out")["former"]["fingerprint"],
    )


def test_a_map_that_the_former_run_has_no_figures_for_shows_one_era_and_says_so(place):
    assert heads(place / "out" / "maps" / "classification.html")[1] is None
    issues = pd.read_csv(place / "out" / "issues.csv", keep_default_na=False)
    told = issues[issues["reason"].str.contains("không có thời kỳ trước")]
    assert told["value"].tolist() == ["classification"]


def test_the_counts_on_the_screen_are_those_of_the_issues_file(place, tmp_path):
    done = CliRunner().invoke(cli, ["run", str(place / "p" / "project.yaml"), "--out", str(tmp_path / "o"), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])["issues"]
    written = pd.read_csv(tmp_path / "o" / "issues.csv", keep_default_na=False)["severity"].tolist()
    assert told == {name: written.count(name) for name in ("error", "warning", "info")}
    assert "không có thời kỳ trước" in (tmp_path / "o" / "issues.csv").read_text(encoding="utf-8")  # found in writing


def test_the_record_names_the_inputs_of_both(place):
    told = record(place / "out")
    assert set(told["former"]["inputs"]) == {"ranh-gioi-cu.gpkg", "so-lieu-cu.csv"}
    assert set(told["inputs"]) == {"bien-gioi.geojson", "ranh-gioi.gpkg", "so-lieu.csv"}
    assert told["former"]["counts"]["communes"] == 8 and told["counts"]["communes"] == 4
    assert told["former"]["project"]["as_of"] == "2024-12-31"


def test_the_start_page_names_both_runs(place):
    page = (place / "out" / "index.html").read_text(encoding="utf-8")
    assert page.count("Trong trang có cả hai thời kỳ") == 1
    for word in ("Thử nghiệm thời kỳ trước", "so-lieu-cu.csv", "ranh-gioi-cu.gpkg", "Trước 01/7/2025"):
        assert word in page
    assert record(place / "out")["former"]["fingerprint"] in page


def test_the_issues_of_the_former_run_are_summed_up_and_check_lists_those_of_its_files(place):
    edit(place / "p" / "truoc" / "so-lieu-cu.csv", "01330,Xã Cô Ba", "01330,Xã Cô Bê")
    edit(place / "p" / "truoc" / "so-lieu-cu.csv", ",36\n", ",136\n")
    project = read_project(place / "p" / "project.yaml")
    summed = [issue for issue in run(project).issues if issue.message.id == "former.issues"]
    assert [issue.severity for issue in summed] == ["warning"]
    assert values(summed[0].message)["error"] >= 1
    assert "geontm run truoc/project.yaml" in summed[0].message.fix("en")
    listed = [issue for issue in check(project) if issue.file.startswith("Thử nghiệm thời kỳ trước: so-lieu-cu.csv")]
    assert any("136" in issue.value for issue in listed)


def test_the_tables_are_those_of_a_run_without_a_former_project(place):
    edit(place / "p" / "project.yaml", ", former: truoc/project.yaml", "")
    alone = contents(write(run(read_project(place / "p" / "project.yaml")), place / "alone"))
    different = changed(alone, contents(place / "out"))
    # The workbook holds the issues, and one of them tells of the former project.
    assert different == {"communes.xlsx", "index.html", "issues.csv", "maps/coverage.html", "run.json"}
    assert record(place / "alone")["fingerprint"] == record(place / "out")["fingerprint"]
    assert "former" not in record(place / "alone")


@pytest.mark.parametrize("part", ["map", "report"])
def test_an_unchanged_pair_gives_the_same_bytes_again(place, part):
    before = contents(place / "out")
    assert command(place, part).exit_code == 0
    assert changed(before, contents(place / "out")) == {"run.json"}
    assert record(place / "out")["former"] is not None


@pytest.mark.parametrize("words", [("report",), ("map", "--only", "coverage")])
def test_maps_that_stay_must_not_show_a_former_project_that_has_changed(place, words):
    spoil_former(place)
    before = contents(place / "out")
    done = command(place, *words)
    assert done.exit_code == 1
    assert "former → so-lieu-cu.csv: this input has other content" in done.output
    assert contents(place / "out") == before


def test_all_maps_drawn_again_show_the_former_project_as_it_is_now(place):
    before = record(place / "out")
    spoil_former(place)
    assert command(place, "map").exit_code == 0
    after = record(place / "out")
    assert after["fingerprint"] == before["fingerprint"]
    assert after["former"]["fingerprint"] != before["former"]["fingerprint"]
    _, then = heads(place / "out" / "maps" / "coverage.html")
    assert then["page"]["fingerprint"] == after["former"]["fingerprint"]
    assert command(place, "report").exit_code == 0


@pytest.mark.parametrize(("old", "new", "told"), [(", former: truoc/project.yaml", "", "no longer used")])
def test_a_former_project_comes_and_goes_with_all_maps_only(place, old, new, told):
    file = place / "p" / "project.yaml"
    edit(file, old, new)
    refused = command(place, "report")
    assert refused.exit_code == 1 and told in refused.output
    assert command(place, "map").exit_code == 0
    assert "former" not in record(place / "out")
    assert heads(place / "out" / "maps" / "coverage.html")[1] is None
    edit(file, "coverage]", "coverage], former: truoc/project.yaml")
    refused = command(place, "map", "--only", "coverage")
    assert refused.exit_code == 1 and "is new here" in refused.output
    assert command(place, "map").exit_code == 0
    assert heads(place / "out" / "maps" / "coverage.html")[1] is not None


@pytest.mark.parametrize("what", [run, check])
def test_another_region_is_refused_before_any_figure_is_worked_out(tmp_path, what):
    file, told = write_both(tmp_path, east=1.0), []
    with pytest.raises(VintageError) as refused:
        what(read_project(file), step=told.append)
    assert refused.value.message.id == "former.other_ground"
    assert {values(refused.value.message)[name] for name in ("then", "of_then")} == {8}
    assert not any("Measuring" in text or "Đo trên" in text for text in told)


def test_ground_that_is_shared_in_part_is_told_with_its_counts(tmp_path):
    plan = run(read_project(write_both(tmp_path, east=0.13)))
    told = [issue for issue in plan.issues if issue.message.id == "former.ground_differs"]
    assert [issue.severity for issue in told] == ["warning"]
    # The eastern half of the former squares lies beyond; the western squares of today lie before.
    assert {name: values(told[0].message)[name] for name in ("then", "of_then", "now", "of_now")} == {
        "then": 4,
        "of_then": 8,
        "now": 2,
        "of_now": 4,
    }


def test_a_former_project_speaks_the_language_of_the_run(place):
    plan = run(read_project(place / "p" / "project.yaml", lang="en"))
    assert plan.content.former is not None
    assert plan.content.former.lang == "en"
