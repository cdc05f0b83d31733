"""``publish: former:`` is read with the project; whatever cannot be shown beside it is refused with its place."""

import pytest

from former_project import FORMER_PROJECT, write_both
from geontm.errors import GeontmError
from geontm.project import read_project


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("GEONTM_LANG", "en")
    return write_both(tmp_path / "p")


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def refusal(file):
    with pytest.raises(GeontmError) as refused:
        read_project(file)
    return refused.value


def test_the_former_project_is_read_whole(file):
    project = read_project(file, lang="en")
    assert project.former is not None
    assert project.former.name == "Thử nghiệm thời kỳ trước"
    assert project.former.lang == "en"
    assert project.former.former is None
    assert project.settings["publish"]["former"] == "truoc/project.yaml"


def test_a_project_without_one_has_none(file):
    assert read_project(file.parent / "truoc" / "project.yaml").former is None


def test_an_absolute_path_may_lead_elsewhere_and_a_relative_one_may_not(file, tmp_path):
    (file.parent / "truoc").rename(tmp_path / "truoc")
    edit(file, "truoc/project.yaml", "../truoc/project.yaml")
    assert refusal(file).message.id == "project.leaves_folder"
    edit(file, "../truoc/project.yaml", str(tmp_path / "truoc" / "project.yaml"))
    assert read_project(file).former is not None


@pytest.mark.parametrize("asked", ["project.yaml", "./truoc/../project.yaml"])
def test_a_project_is_not_its_own_former(file, asked):
    edit(file, "truoc/project.yaml", asked)
    assert refusal(file).message.id == "former.itself"


@pytest.mark.parametrize("back", ["cu/project.yaml", "../project.yaml", "project.yaml"])
def test_a_former_project_that_names_one_is_refused_before_it_is_followed(file, back):
    inner = file.parent / "truoc" / "project.yaml"
    inner.write_text(f"{FORMER_PROJECT}publish: {{former: {back}}}\n", encoding="utf-8")
    error = refusal(file)
    assert error.message.id == "former.of_former"
    assert error.where == "project.yaml:9 (publish → former) → project.yaml:7 (publish → former)"


def test_two_projects_of_one_era_are_not_compared(file):
    edit(file.parent / "truoc" / "project.yaml", "as_of: 2024-12-31", "as_of: 2025-07-01")
    error = refusal(file)
    assert error.message.id == "former.not_before"
    assert error.where == "project.yaml:9 (publish → former)"
    assert "2025-07-01" in error.text("vi")
    edit(file, "as_of: 2026-06-30", "as_of: 2025-06-30")
    assert refusal(file).message.id == "former.none_before"


def test_a_missing_file_is_named_with_the_line_that_asks_for_it(file):
    (file.parent / "truoc" / "project.yaml").unlink()
    error = refusal(file)
    assert error.message.id == "project.file_missing"
    assert error.where.startswith("project.yaml:9 (publish → former) → ")


def test_a_mistake_in_the_former_file_has_both_places(file):
    edit(file.parent / "truoc" / "project.yaml", "standards:", "standarts:")
    error = refusal(file)
    assert error.message.id == "project.unknown_key"
    assert error.where == "project.yaml:9 (publish → former) → project.yaml:6 (standarts)"


@pytest.mark.parametrize("data", ["- 1\n", "publish: 3\n", "publish: [former]\n", ""])
def test_a_file_that_is_no_project_is_refused_in_words(file, data):
    (file.parent / "truoc" / "project.yaml").write_text(data, encoding="utf-8")
    assert refusal(file).text()
