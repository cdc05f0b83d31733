"""Waterworks and facilities through a whole run: coordinates in VN-2000, capacities in households."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyproj
import pytest

import geontm
from geontm.errors import CRSError
from geontm.pipeline.coverage.household_size import household_sizes
from small_coverage import at, write_coverage_project, write_points
from small_project import TABLE

# Water alone: one works in the middle of the south-western commune, two thousand metres around it.
COVERAGE = """coverage:
  population: dan-so.tif
  water: {file: cong-trinh-nuoc.csv, covers: ["04"], radius: 2000}
"""
COMMUNE = "01321"
MIDDLE = (65, 135)
HOUSEHOLDS = (
    TABLE.replace("Dân số\n", "Dân số,Số hộ\n").replace("9200\n", "9200,2300\n").replace("4100\n", "4100,1025\n")
)
HOUSEHOLDS = HOUSEHOLDS.replace("3900\n", "3900,\n").replace("4000\n", "4000,\n")


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("GEONTM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GEONTM_PROCESSES", "1")
    return write_coverage_project(tmp_path / "du-an", text=COVERAGE)


def works(project: Path, header: str, row: tuple) -> None:
    write_points(project.with_name("cong-trinh-nuoc.csv"), f"ma_cong_trinh,tinh_trang,{header}", [row])


def run(project: Path) -> geontm.Plan:
    return geontm.run(geontm.read_project(project))


def served(plan: geontm.Plan) -> list[float | None]:
    cells = plan.communes.loc[COMMUNE, [f"water_service_people{end}" for end in ("", "_low", "_high")]]
    return [None if pd.isna(cell) else round(float(cell), 6) for cell in cells]


def ids(plan: geontm.Plan) -> list[str]:
    return [issue.message.id for issue in plan.issues]


def test_a_table_in_vn_2000_lies_where_one_in_degrees_does(project: Path):
    works(project, "kinh_do,vi_do", ("CT1", "hoạt động", *at(*MIDDLE)))
    first = run(project)
    assert served(first)[0] > 0
    east, north = pyproj.Transformer.from_crs(4326, "EPSG:9210", always_xy=True).transform(*at(*MIDDLE))
    works(project, "x,y", ("CT1", "hoạt động", round(north, 3), round(east, 3)))
    with pytest.raises(CRSError, match="EPSG:9210"):
        run(project)
    text = project.read_text(encoding="utf-8").replace("radius: 2000", "radius: 2000, crs: EPSG:9210")
    project.write_text(text, encoding="utf-8")
    second = run(project)
    assert served(second) == served(first)
    assert "sites.x_is_north" in ids(second)


def test_an_unknown_system_is_named(project: Path):
    works(project, "x,y", ("CT1", "hoạt động", 2500000, 500000))
    text = project.read_text(encoding="utf-8").replace("radius: 2000", "radius: 2000, crs: VN-2000-cua-toi")
    project.write_text(text, encoding="utf-8")
    with pytest.raises(CRSError, match="VN-2000-cua-toi"):
        run(project)


def test_a_capacity_in_households_has_two_ends_while_nobody_says_how_large_they_are(project: Path):
    works(project, "kinh_do,vi_do,cong_suat_ho", ("CT1", "hoạt động", *at(*MIDDLE), 50))
    plan = run(project)
    value, low, high = served(plan)
    assert value is None
    assert low == 50
    assert high > 200
    assert "water.no_household_size" in ids(plan)


def test_the_communes_tell_how_large_households_are(project: Path):
    works(project, "kinh_do,vi_do,cong_suat_ho", ("CT1", "hoạt động", *at(*MIDDLE), 50))
    project.with_name("so-lieu.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    plan = run(project)
    # 13,300 persons in 3,325 households of the two communes that tell both: four each.
    assert served(plan)[0] == 200
    [told] = [issue for issue in plan.issues if issue.message.id == "water.household_size"]
    assert told.message.values["size"] == 4  # noqa: PD011 (no frame)


def test_the_size_of_households_is_part_of_what_a_kept_result_hangs_on(project: Path):
    works(project, "kinh_do,vi_do,cong_suat_ho", ("CT1", "hoạt động", *at(*MIDDLE), 50))
    table = project.with_name("so-lieu.csv")
    table.write_text(HOUSEHOLDS, encoding="utf-8")
    run(project)
    table.write_text(HOUSEHOLDS.replace("9200,2300", "18400,2300").replace("4100,1025", "8200,1025"), encoding="utf-8")
    second = run(project)
    assert served(second)[0] == 400
    assert second.made_from["coverage"]["measured"] == 1  # water alone; the people on the map are kept


def test_a_capacity_in_persons_hangs_on_no_household(project: Path):
    works(project, "kinh_do,vi_do,cong_suat_nguoi", ("CT1", "hoạt động", *at(*MIDDLE), 150))
    table = project.with_name("so-lieu.csv")
    table.write_text(HOUSEHOLDS, encoding="utf-8")
    assert served(run(project))[0] == 150
    table.write_text(TABLE, encoding="utf-8")
    second = run(project)
    assert served(second)[0] == 150
    assert second.made_from["coverage"]["measured"] == 0


def test_sizes_are_those_of_the_province_and_must_be_possible():
    figures = pd.DataFrame(
        {"population": [100, 300, 50, 900, None], "household_count": [25, 75, 60, None, 9]},
        index=pd.Index(["A1", "A2", "B1", "C1", "C2"], name="commune_code"),
        dtype="Int64",
    )
    provinces = pd.Series(["01", "01", "02", "03", "03"], index=figures.index)
    assert household_sizes(figures, provinces) == {"01": 4}
    assert household_sizes(figures.iloc[::-1], provinces) == {"01": 4}
    assert household_sizes(figures[["population"]], provinces) == {}
