"""Project files as people and mischief make them: each is refused in plain words, by check and by run alike."""

import pytest
from click.testing import CliRunner

import geontm
from geontm.cli import cli
from geontm.project import read_project
from small_project import PROJECT, write_project

RANK = "rank: {weights: {poor_household_pct: 0.6, clean_water_pct: 0.4}}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_project(tmp_path_factory.mktemp("du-an")).parent


def check(folder, text, monkeypatch):
    monkeypatch.setenv("GEONTM_LANG", "en")
    (folder / "project.yaml").write_text(text, encoding="utf-8", newline="")
    result = CliRunner().invoke(cli, ["check", str(folder / "project.yaml")])
    assert "Traceback" not in result.output and "Unexpected" not in result.output, result.output
    return result


def changed(old, new):
    assert old in PROJECT
    return PROJECT.replace(old, new)


REFUSED = {
    "a day that no calendar has": (changed("2026-06-30", "2026-02-30"), ("2026-02-30", "project.yaml:2")),
    "a number without end": (PROJECT + f"roadmap: {'9' * 5_000}\n", ("project.yaml:9",)),
    "a tag that calls code": (PROJECT + "villages: !!python/object/apply:os.system ['id']\n", ("YAML", "9")),
    "a list as a key": (PROJECT + "villages: {[a]: b}\n", ("project.yaml:9",)),
    "a number as a key": (PROJECT + "1: x\n", ("The key 1 is not text",)),
    "an anchor inside itself": (PROJECT + "villages: &a [*a]\n", ("too many",)),
    "nesting without end": (PROJECT + f"villages: {'[' * 3_000}{']' * 3_000}\n", ("too many",)),
    "a billion laughs": (
        PROJECT + "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\n" for n in range(1, 9)),
        ("too many",),
    ),
    "tabs": (changed("  - {", "\t- {"), ("YAML", "line 6")),
    "a zero byte in a path": (changed("file: so-lieu.csv", 'file: "a\\0b.csv"'), ("project.yaml:6",)),
    "a path of 5,000 letters": (changed("so-lieu.csv", "a" * 5_000), ("project.yaml:6",)),
    "no tolerance": (PROJECT + "border_tolerance: 0 m\n", ("border_tolerance", "above 0")),
    "a tolerance as wide as the country": (PROJECT + "border_tolerance: 900 km\n", ("border_tolerance",)),
    "a negative weight": (changed("0.6", "-0.6"), ("poor_household_pct", "above 0")),
    "a weight that is no number": (changed("0.6", ".nan"), ("poor_household_pct",)),
    "a weight without end": (changed("0.6", ".inf"), ("poor_household_pct",)),
    "a weight in quotes": (changed("0.6", "'0.6'"), ("a number", "project.yaml:8")),
    "no weights": (changed(RANK, "rank: {weights: {}}"), ("rank",)),
    "a direction of nothing": (changed("0.4}}", "0.4}, directions: {poor: low}}"), ("rank → directions → poor",)),
    "a method of later": (changed("0.4}}", "0.4}, method: topsis}"), ("topsis", "additive")),
    "a rule set twice": (changed("[border, region-2026]", "[border, border]"), ("border", "twice")),
    "a rule set in capitals": (changed("region-2026", "REGION-2026"), ("REGION-2026", "region-2026")),
    "a permission for nothing": (PROJECT + "allow_out_of_force: [dbkk]\n", ("allow_out_of_force", "dbkk")),
    "a day before every rule": (changed("2026-06-30", "1990-01-01"), ("1990-01-01",)),
    "a shipped file elsewhere": (PROJECT + 'border_facts: "shipped:../../x"\n', ("../../x",)),
    "nothing": ("", ("key: value",)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_check_refuses_in_plain_words(name, folder, monkeypatch):
    text, named = REFUSED[name]
    result = check(folder, text, monkeypatch)
    assert result.exit_code == 1, result.output
    for word in named:
        assert word in result.output, result.output


@pytest.mark.parametrize("text", ["\ufeff" + PROJECT, PROJECT.replace("\n", "\r\n")], ids=["BOM", "Windows lines"])
def test_files_from_windows_are_read(text, folder, monkeypatch):
    assert check(folder, text, monkeypatch).exit_code == 0


def test_a_binary_file_and_a_folder_are_no_project(folder, monkeypatch):
    monkeypatch.setenv("GEONTM_LANG", "en")
    for path, word in ((folder / "ranh-gioi.gpkg", "UTF-8"), (folder, "folder")):
        result = CliRunner().invoke(cli, ["check", str(path)])
        assert result.exit_code == 1 and word in result.output and "Unexpected" not in result.output


def test_a_file_stays_illustrative_however_its_path_is_written(folder):
    (folder / "thang-1").mkdir(exist_ok=True)
    text = changed("{file: so-lieu.csv,", "{file: thang-1/../so-lieu.csv, illustrative: true,")
    (folder / "project.yaml").write_text(text, encoding="utf-8")
    project = read_project(folder / "project.yaml")
    assert project.illustrative_files == {str(table.path) for table in project.sources.tables}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x81", b'commune_code\n01324,1,2,3\n"', b"a,b\n1,2\n"])
def test_border_facts_that_are_no_table_are_refused_in_words(tmp_path, monkeypatch, content):
    monkeypatch.setenv("GEONTM_LANG", "en")
    file = write_project(tmp_path / "p")
    text = file.read_text(encoding="utf-8").replace("land_border: bien-gioi.geojson", "border_facts: facts.csv")
    file.write_text(text, encoding="utf-8")
    (file.parent / "facts.csv").write_bytes(content)
    result = CliRunner().invoke(cli, ["check", str(file)])
    assert result.exit_code == 1
    assert "border facts" in result.output and "Unexpected" not in result.output


def test_inputs_of_one_name_are_told_apart_in_the_record(tmp_path):
    file = write_project(tmp_path / "p")
    other = file.parent / "khac"
    other.mkdir()
    (other / "so-lieu.csv").write_text("Mã xã,Số hộ\n01324,900\n", encoding="utf-8")
    text = file.read_text(encoding="utf-8")
    more = "indicators:\n  - {file: khac/so-lieu.csv, date: 2025-12-31}"
    file.write_text(text.replace("indicators:", more), encoding="utf-8")
    plan = geontm.run(geontm.read_project(file))
    assert {"khac/so-lieu.csv", "p/so-lieu.csv"} <= set(plan.made_from["inputs"])
