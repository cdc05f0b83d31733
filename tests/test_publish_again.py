"""Parts of a finished run published again: the same bytes, or a refusal that touches nothing."""

import hashlib
import json
import shutil

import pytest
from click.testing import CliRunner

from geontm.cli import cli
from geontm.errors import PublishError
from geontm.pipeline import publish_again, run, write
from geontm.project import read_project
from geontm.publish import write_report_template
from small_project import write_project


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A project and its result, made once; tests work on a copy."""
    folder = tmp_path_factory.mktemp("finished")
    file = write_project(folder / "p")
    write(run(read_project(file)), folder / "out")
    return folder


@pytest.fixture
def place(finished, tmp_path, monkeypatch):
    monkeypatch.setenv("GEONTM_LANG", "en")
    shutil.copytree(finished, tmp_path / "here")
    return tmp_path / "here"


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def record(folder):
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def command(place, *words):
    return CliRunner().invoke(
        cli, [words[0], str(place / "p" / "project.yaml"), "--out", str(place / "out"), *words[1:]]
    )


def edit(place, old, new, file="project.yaml"):
    path = place / "p" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("part", ["map", "report"])
def test_an_unchanged_project_gives_the_same_bytes_and_only_the_record_tells_the_time(place, part):
    before, told = digests(place / "out"), record(place / "out")
    done = command(place, part)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == str(place / "out")
    after = digests(place / "out")
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {"run.json"}
    again = record(place / "out")
    assert again.pop("languages") == {"maps": "vi", "report": "vi"}
    assert again.pop("published") and again == told
    assert digests(place / "out.previous") == before


def test_what_was_written_is_listed(place):
    done = command(place, "map", "--json", "--only", "coverage")
    told = json.loads(done.stdout)
    names = {file.removeprefix(f"{place / 'out'}/") for file in told["written"]}
    assert {"index.html", "issues.csv", "maps/coverage.html", "thumbs/coverage.png"} <= names
    assert "maps/classification.html" not in names
    assert (place / "out" / "maps" / "classification.html").is_file()
    assert told["folder"] == str(place / "out")


@pytest.mark.slow
def test_other_products_alone_are_no_other_result(place):
    """After `publish:` has changed, both commands together leave what a whole run leaves."""
    asked = "publish: {maps: [priority, coverage], print: [A4], report: docx, site: false}"
    edit(place, "standards:", f"{asked}\nstandards:")
    for part in ("map", "report"):
        done = command(place, part)
        assert done.exit_code == 0, done.output
    fresh = write(run(read_project(place / "p" / "project.yaml")), place / "fresh")
    made, wanted = digests(place / "out"), digests(fresh)
    assert {name for name in made.keys() | wanted.keys() if made.get(name) != wanted.get(name)} == {"run.json"}
    assert not (place / "out" / "maps" / "classification.html").exists()
    assert {"report.docx", "phu-luc.docx", "phu-luc.xlsx", "print/priority-priority_score-A4.pdf"} <= made.keys()
    assert record(place / "out")["outputs"] == record(fresh)["outputs"]
    assert record(place / "out")["project"]["publish"]["maps"] == ["priority", "coverage"]


CHANGES = {
    "input": (lambda place: edit(place, "12,9", "13,9", "so-lieu.csv"), "so-lieu.csv: this input has other content"),
    "setting": (lambda place: edit(place, "0.6", "0.7"), "rank: this section"),
    "ruleset": (lambda place: edit(place, "[border, region-2026]", "[border]"), "region-2026: this rule set"),
    "another input": (
        lambda place: edit(place, "land_border: bien-gioi.geojson\n", ""),
        "bien-gioi.geojson: this input is no longer",
    ),
}


@pytest.mark.parametrize("part", ["map", "report"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_project_that_has_changed_is_refused_by_name_and_nothing_is_touched(place, change, part):
    make, told = CHANGES[change]
    make(place)
    before = digests(place / "out")
    done = command(place, part)
    assert done.exit_code == 1
    assert told in done.output and "geontm run" in done.output and "Traceback" not in done.output
    assert digests(place / "out") == before
    assert sorted(path.name for path in place.iterdir()) == ["out", "p"]


def test_libraries_that_only_draw_are_told_where_they_are_used_and_bind_nothing(place):
    told = record(place / "out")
    assert {"folium", "matplotlib", "xlsxwriter"} <= told["versions"].keys()
    assert not {"docxtpl", "python-docx"} & told["versions"].keys()
    told["versions"]["matplotlib"] = "1.0"
    (place / "out" / "run.json").write_text(json.dumps(told), encoding="utf-8")
    edit(place, "standards:", "publish: {maps: [coverage], site: false, report: docx}\nstandards:")
    assert command(place, "report").exit_code == 0
    versions = record(place / "out")["versions"]
    assert {"docxtpl", "python-docx", "xlsxwriter"} <= versions.keys()


def test_another_version_is_named(place):
    told = record(place / "out")
    told["versions"]["shapely"] = "1.8"
    (place / "out" / "run.json").write_text(json.dumps(told), encoding="utf-8")
    done = command(place, "map")
    assert done.exit_code == 1 and "shapely: was 1.8 then" in done.output


def test_where_only_the_fingerprint_differs_it_is_told(place):
    told = record(place / "out")
    (place / "out" / "run.json").write_text(json.dumps({**told, "fingerprint": "0"}), encoding="utf-8")
    done = command(place, "map")
    assert done.exit_code == 1 and told["fingerprint"] in done.output


@pytest.mark.parametrize("part", ["map", "report"])
def test_without_a_result_there_is_nothing_to_publish_again(place, part):
    shutil.rmtree(place / "out")
    done = command(place, part)
    assert done.exit_code == 1
    assert "no finished result" in done.output and "geontm run" in done.output
    assert not (place / "out").exists()


def test_a_result_that_was_cut_off_between_two_renames_is_found(place):
    (place / "out").rename(place / "out.previous")
    assert command(place, "map").exit_code == 0
    assert (place / "out" / "run.json").is_file()


def test_a_map_that_the_project_does_not_ask_for_is_refused(place):
    done = command(place, "map", "--only", "coverage,programme")
    assert done.exit_code == 1
    assert "programme" in done.output and "classification, coverage, priority" in done.output


def test_the_language_is_that_of_the_result_unless_another_is_asked_for(place):
    before = digests(place / "out")
    assert command(place, "map", "--lang", "en").exit_code == 0
    assert '<html lang="en">' in (place / "out" / "index.html").read_text(encoding="utf-8")
    assert command(place, "map").exit_code == 0
    after = digests(place / "out")
    assert {name for name in before if before[name] != after[name]} == {"run.json"}


@pytest.mark.slow
def test_a_part_in_another_language_is_that_of_a_run_in_it_and_what_stays_is_told(place):
    english = digests(write(run(read_project(place / "p" / "project.yaml", lang="en")), place / "english"))
    done = command(place, "map", "--lang", "en")
    assert "report, annex and workbook of the result is in another language still" in done.output
    assert f"geontm report {place / 'p' / 'project.yaml'}" in done.output and "--lang en" in done.output
    assert record(place / "out")["languages"] == {"maps": "en", "report": "vi"}
    done = command(place, "report", "--lang", "en")
    assert "another language" not in done.output
    made = digests(place / "out")
    assert {name for name in made.keys() | english.keys() if made.get(name) != english.get(name)} == {"run.json"}


def test_some_maps_in_another_language_leave_the_others_as_they_are_and_say_so(place):
    done = command(place, "map", "--lang", "en", "--only", "coverage")
    assert "The part with maps" in done.output and "The part with report" in done.output
    assert record(place / "out")["languages"] == {"maps": "vi", "report": "vi"}


def test_a_crash_leaves_the_last_good_result(place, monkeypatch):
    before = digests(place / "out")

    def fail(*_, **__):
        raise OSError("no")

    monkeypatch.setattr("geontm.publish.write.write_issues", fail)
    with pytest.raises(PublishError):
        publish_again(read_project(place / "p" / "project.yaml"), place / "out", ("maps",))
    assert digests(place / "out") == before
    assert sorted(path.name for path in place.iterdir()) == ["out", "p"]


def test_progress_is_told_in_lines(place):
    told = []
    publish_again(read_project(place / "p" / "project.yaml"), place / "out", ("maps",), step=told.append)
    wanted = {"Publishing maps and tables", "Building the interactive map: Conditions and infrastructure"}
    assert wanted <= set(told)
    assert "Writing the workbook" not in told


def test_a_template_and_other_products_leave_the_fingerprint_and_stand_in_the_record(place):
    edit(place, "standards:", "publish: {print: [A3], report: {template: mau.docx}}\nstandards:")
    write_report_template(place / "p" / "mau.docx", lang="en")
    told = run(read_project(place / "p" / "project.yaml")).made_from
    assert told["fingerprint"] == record(place / "out")["fingerprint"]
    assert set(told["templates"]) == {"mau.docx"} and "mau.docx" not in told["inputs"]


@pytest.mark.parametrize("part", ["check", "run", "report"])
def test_a_missing_template_is_found_out_before_the_work(place, part):
    edit(place, "standards:", "publish: {report: {template: mau.docx}}\nstandards:")
    before = digests(place / "out")
    words = () if part == "check" else ("--out", str(place / "out"))
    done = CliRunner().invoke(cli, [part, str(place / "p" / "project.yaml"), *words])
    assert done.exit_code == 1 and "mau.docx" in done.output
    assert digests(place / "out") == before
