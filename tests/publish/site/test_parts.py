"""What stays of a result while a part of it is made again."""

import json

import pytest

from geontm.publish import carry_over
from geontm.publish.parts import stays

MAPS = ("classification", "coverage")
OF_TABLES = ("communes.csv", "communes.parquet", "indicators.csv", "villages.csv", "verdicts.parquet")
OF_MAPS = (
    "maps/classification.html", "maps/coverage.html", "print/coverage-road_km-A4.pdf", "thumbs/coverage.png",
    "result.gpkg", "print/atlas.pdf", "print/atlas-04.pdf",
)  # fmt: skip
OF_REPORT = ("communes.xlsx", "report.docx", "phu-luc.docx", "phu-luc.xlsx")
OF_ALL = ("index.html", "issues.csv")


@pytest.mark.parametrize(("part", "made"), [("tables", OF_TABLES), ("maps", OF_MAPS), ("report", OF_REPORT)])
def test_a_part_takes_its_own_files_and_those_that_tell_of_all(part, made):
    files = (*OF_TABLES, *OF_MAPS, *OF_REPORT, *OF_ALL)
    assert {file for file in files if not stays(file, (part,), maps=MAPS)} == {*made, *OF_ALL}


def test_one_map_alone_leaves_the_pages_sheets_and_pictures_of_the_others():
    kept = {file for file in OF_MAPS if stays(file, ("maps",), maps=MAPS, only=("classification",))}
    atlases = {"print/atlas.pdf", "print/atlas-04.pdf"}
    assert kept == {"maps/coverage.html", "print/coverage-road_km-A4.pdf", "thumbs/coverage.png", *atlases}


def test_a_map_that_is_not_asked_for_any_more_goes():
    assert not stays("maps/priority.html", ("maps",), maps=MAPS, only=("coverage",))
    assert not stays("print/priority-priority_score-A3.svg", ("maps",), maps=MAPS)


def result(folder, files, outputs=None):
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(file)
    record = {"fingerprint": "1", "outputs": [*files] if outputs is None else outputs}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_files_are_copied_and_not_shared_with_the_old_result(tmp_path):
    old, new = result(tmp_path / "old", (*OF_TABLES, *OF_MAPS, *OF_ALL)), tmp_path / "new"
    new.mkdir()
    carry_over(old, new, ("maps",), maps=MAPS)
    assert names(new) == set(OF_TABLES)
    with (new / "communes.csv").open("a") as file:
        file.write("edited in place")
    assert (old / "communes.csv").read_text() == "communes.csv"


def test_notes_that_no_run_wrote_and_files_that_are_gone_are_no_part_of_a_result(tmp_path):
    old = result(tmp_path / "old", ("communes.csv", "notes.txt"), outputs=["communes.csv", "gone.csv"])
    new = tmp_path / "new"
    new.mkdir()
    carry_over(old, new, ("maps",), maps=MAPS)
    assert names(new) == {"communes.csv"}


def test_a_record_cannot_name_files_outside_its_folder(tmp_path):
    (tmp_path / "secret.csv").write_text("secret")
    outputs = ["../secret.csv", str(tmp_path / "secret.csv"), "link.csv", "communes.csv"]
    old, new = result(tmp_path / "old", ("communes.csv",), outputs=outputs), tmp_path / "a" / "new"
    (old / "link.csv").symlink_to(tmp_path / "secret.csv")
    new.mkdir(parents=True)
    carry_over(old, new, ("maps",), maps=MAPS)
    assert names(tmp_path / "a") == {"new/communes.csv"}
