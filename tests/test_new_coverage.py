"""The commented section ``coverage:`` of a new project: without its # it is read, and it measures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import geontm
from geontm.project import new_project
from small_coverage import at, write_coverage_project, write_points


def section(folder: Path) -> list[str]:
    """Return the lines of the section without their #."""
    lines = folder.joinpath("project.yaml").read_text(encoding="utf-8").splitlines()
    first = lines.index("# coverage:")
    last = next(at for at in range(first, len(lines)) if not lines[at].startswith("#"))
    return [line.removeprefix("# ") for line in lines[first:last]]


def uncommented(folder: Path) -> str:
    text = folder.joinpath("project.yaml").read_text(encoding="utf-8")
    for line in section(folder):
        text = text.replace(f"# {line}\n", f"{line}\n")
    return text


@pytest.fixture
def new(tmp_path) -> Path:
    new_project(tmp_path / "moi", province="04", as_of=date(2026, 6, 30))
    return tmp_path / "moi"


def test_a_new_project_measures_nothing_before_it_is_asked(new):
    assert geontm.read_project(new / "project.yaml").coverage is None


def test_without_its_marks_the_section_is_read(new):
    (new / "project.yaml").write_text(uncommented(new), encoding="utf-8")
    found = geontm.read_project(new / "project.yaml").coverage
    assert found.roads.covers == ("04",) and found.access_m == 2_000
    assert found.water.radius == 2_000 and [site.kind for site in found.facilities] == ["commune_centre", "school"]
    assert found.travel.to == ("commune_centre",) and len(found.paths) == 8


def test_comments_are_in_vietnamese_first(new):
    text = (new / "project.yaml").read_text(encoding="utf-8")
    assert text.index("# Độ bao phủ") < text.index("# Coverage:") < text.index("# coverage:")


def test_a_whole_country_names_no_province(tmp_path):
    new_project(tmp_path / "ca-nuoc", as_of=date(2026, 6, 30))
    (tmp_path / "ca-nuoc" / "project.yaml").write_text(uncommented(tmp_path / "ca-nuoc"), encoding="utf-8")
    assert geontm.read_project(tmp_path / "ca-nuoc" / "project.yaml").coverage.roads.covers == ()


def test_the_section_measures_on_files_of_these_names(new, tmp_path, monkeypatch):
    monkeypatch.setenv("GEONTM_PROCESSES", "1")
    lines = [line for line in section(new) if not line.lstrip().startswith(("bridges:", "barriers:"))]
    project = write_coverage_project(tmp_path / "du-an", text="\n".join(lines) + "\n")
    middles = [(65, 45), (195, 45), (65, 135), (195, 135)]
    write_points(
        project.with_name("tru-so-xa.csv"),
        "ma,kinh_do,vi_do",
        [(f"TS{n}", *at(*middle)) for n, middle in enumerate(middles)],
    )
    write_points(
        project.with_name("cong-trinh-nuoc.csv"),
        "ma_cong_trinh,kinh_do,vi_do,tinh_trang",
        [("CT1", *at(60, 150), "tốt")],
    )
    table = pd.DataFrame(geontm.run(geontm.read_project(project)).communes)
    assert table[["road_km", "mean_elevation_m", "population_on_map", "centre_travel_min"]].notna().all(axis=None)
    assert table.loc["01321", "water_service_people"] > 0
