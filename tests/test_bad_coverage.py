"""What an office sends to be measured and cannot be: each refused or told, by the command line, in both languages."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from geontm.cli import cli
from small_coverage import at, elevation, population, roads, write_coverage_project
from spoilt_coverage import (
    WORKS,
    Spoil,
    as_points,
    edit,
    file,
    half_of_the_heights,
    heights,
    huge_claim,
    moved,
    nodata_missing,
    people,
    raster_elsewhere,
    roads_like,
    rotated,
    same_roads_twice,
    says,
    sea_missing,
    tiles_of_two_sizes,
    two_bands,
    villages_without_columns,
    villages_without_places,
    works,
    works_in_metres,
)

POPULATION, ELEVATION, ROADS, WATER, VILLAGES = (f"project.yaml:{line}" for line in (10, 11, 12, 13, 18))
SCHOOLS, TRAVEL = "project.yaml:16", "project.yaml:17"

# What must be refused: how it is spoilt, what is named in both languages (place, file, figures), and words of each.
REFUSED: dict[str, tuple[Spoil, tuple[str, ...], str, str]] = {
    "a raster without CRS": (
        people(crs=None),
        (POPULATION, "dan-so.tif", "EPSG:4326"),
        "không ghi hệ tọa độ",
        "no coordinate reference",
    ),
    "degrees that say metres": (
        people(crs="EPSG:32648"),
        (POPULATION, "dan-so.tif", "EPSG:32648"),
        "không ở Việt Nam",
        "not in Vietnam",
    ),
    "metres that say degrees": (
        raster_elsewhere("dan-so.tif", 560_000, 2_550_000, cell=100),
        (POPULATION, "dan-so.tif", "EPSG:9210"),
        "là mét",
        "are metres",
    ),
    "a raster of another province": (
        raster_elsewhere("dan-so.tif", 105.7, 10.2),
        (POPULATION, "dan-so.tif"),
        "không chạm tới",
        "does not touch",
    ),
    "absurdly many people": (
        people(population() * 100_000),
        (POPULATION, "dan-so.tif"),
        "3.744.000.000 người",
        "3,744,000,000 people",
    ),
    "a raster of nothing": (
        people(np.full_like(population(), np.nan)),
        (POPULATION, "dan-so.tif"),
        "không có ô nào",
        "no cell",
    ),
    "heights in feet": (
        heights(elevation() * np.float32(4 * 3.28084)),
        (ELEVATION, "do-cao.tif"),
        "phít",
        "feet",
    ),
    "heights in centimetres": (
        heights(elevation().astype("int32") * 100),
        (ELEVATION, "do-cao.tif"),
        "nằm ngoài khoảng có thể",
        "outside what can be",
    ),
    "a rotated raster": (rotated, (ELEVATION, "do-cao.tif", "gdalwarp"), "bị xoay", "rotated"),
    "tiles of two cell sizes": (
        tiles_of_two_sizes,
        (ELEVATION, "do-cao.tif", "do-cao-2.tif"),
        "khác cỡ ô",
        "differ in cell size",
    ),
    "200 GB claimed by a tiny file": (
        huge_claim,
        (POPULATION, "dan-so.tif"),
        "400.000 × 500.000 ô (186,3 GB)",
        "400,000 × 500,000 cells (186.3 GB)",
    ),
    "a raster cut short": (
        lambda project: project.with_name("do-cao.tif").write_bytes(
            project.with_name("do-cao.tif").read_bytes()[:3000]
        ),
        (ELEVATION, "do-cao.tif"),
        "bị cắt cụt",
        "truncated",
    ),
    "a text that is called .tif": (
        file("do-cao.tif", "độ cao"),
        (ELEVATION, "do-cao.tif", ".asc"),
        "không đọc",
        "not read",
    ),
    "a raster that is missing": (
        lambda project: project.with_name("do-cao.tif").unlink(),
        ("do-cao.tif",),
        "Không tìm thấy",
        "There is no file",
    ),
    "roads as points": (
        roads_like(as_points(roads())),
        (ROADS, "duong.gpkg", "Point"),
        "không phải điểm",
        "not points",
    ),
    "a road layer without roads": (
        roads_like(roads().iloc[:0]),
        (ROADS, "duong.gpkg"),
        "Không có đường nào",
        "No road of",
    ),
    "roads of another province": (
        roads_like(moved(roads(), 0.5, -12.5)),
        (ROADS, "duong.gpkg"),
        "Không có đường nào",
        "No road of",
    ),
    "the same roads twice in a zip": (
        same_roads_twice,
        (ROADS, "duong.zip", "duong (1).gpkg"),
        "Nhiều lớp",
        "Several layers",
    ),
    "a rule with a value that never occurs": (
        says("[asphalt, concrete]", "[asphalt, nhua_duong]"),
        (ROADS, "nhua_duong", "asphalt, earth"),
        "không có đường nào có giá trị đó",
        "which no road has",
    ),
    "a rule with a column that is not there": (
        says("surface: [asphalt", "mat_duong: [asphalt"),
        (ROADS, "mat_duong", "id, highway, surface"),
        "cột",
        "column",
    ),
    "a distance without its unit": (
        says("within: 2 km", "within: 2"),
        (ROADS, "within", "«200 m»"),
        "độ dài",
        "a length",
    ),
    "a province that does not exist": (
        says('duong.gpkg, covers: ["04"]', 'duong.gpkg, covers: ["99"]'),
        (ROADS, "duong.gpkg", "99", "04"),
        "covers",
        "covers",
    ),
    "works complete for another province": (
        says('nuoc.csv, covers: ["04"]', 'nuoc.csv, covers: ["22"]'),
        (WATER, "22", "04"),
        "covers",
        "covers",
    ),
    "a province without quotes": (
        says('duong.gpkg, covers: ["04"]', "duong.gpkg, covers: [4]"),
        (ROADS, "covers"),
        "dấu nháy",
        "in quotes",
    ),
    "a column of kilometres headed metres": (
        works(WORKS, [("CT1", *at(60, 150), 3, "hoạt động"), ("CT2", *at(200, 40), 2.5, "hỏng")]),
        (WATER, "cong-trinh-nuoc.csv", "ban_kinh_m"),
        "ki-lô-mét",
        "in kilometres",
    ),
    "a radius of three": (says("radius: ban_kinh_m", "radius: 3"), (WATER, "3"), "kèm đơn vị", "with its unit"),
    "a radius of a column that is not there": (
        says("radius: ban_kinh_m", "radius: ban_kinh"),
        (WATER, "ban_kinh_m"),
        "ban_kinh",
        "nearest",
    ),
    "longitude and latitude swapped": (
        works(WORKS, [("CT1", *at(60, 150)[::-1], 3000, ""), ("CT2", *at(200, 40)[::-1], 2500, "")]),
        (WATER, "kinh_do", "lon: vi_do"),
        "bị đảo",
        "swapped",
    ),
    "works in metres of VN-2000": (
        works_in_metres,
        (WATER, "cong-trinh-nuoc.csv", "crs: EPSG:9210"),
        "là mét",
        "are metres",
    ),
    "works of another province": (
        works(WORKS, [("CT1", 105.8, 10.1, 3000, "hoạt động")]),
        (WATER, "cong-trinh-nuoc.csv"),
        "rất xa",
        "far from",
    ),
    "no works at all": (works(WORKS, []), (WATER, "cong-trinh-nuoc.csv", "04"), "không có công trình", "no site"),
    "a kind misspelt": (says("kind: school", "kind: scool"), (SCHOOLS, "scool", "school"), "loại", "kind"),
    "the way to a kind without a file": (
        says("to: [commune_centre]", "to: [hospital]"),
        (TRAVEL, "hospital"),
        "không có loại này",
        "none of that kind",
    ),
    "villages without the columns that are named": (
        villages_without_columns,
        ("thon.csv", "kinh_do"),
        "Không có cột",
        "no column",
    ),
    "a misspelt section": (
        says("elevation:", "elevaton:"),
        ("project.yaml:11", "elevation"),
        "Không có khóa",
        "no key",
    ),
    "a misspelt setting": (says("within: 2 km", "witin: 2 km"), (ROADS, "within"), "Không có khóa", "no key"),
    "a file outside the folder": (
        says("file: duong.gpkg", "file: ../duong.gpkg"),
        (ROADS, "../duong.gpkg"),
        "thư mục",
        "leaves",
    ),
    "a layer that is not there": (
        says("duong.gpkg,", "duong.gpkg, layer: cau,"),
        (ROADS, "cau", "duong"),
        "lớp",
        "layer",
    ),
}

# What goes on, with an issue: severity, file, words in English; then a column that must be unknown or bounded.
TOLD: dict[str, tuple[Spoil, tuple[str, str, str]]] = {
    "nodata of people not declared": (people(nodata_missing(), nodata=None), ("warning", "dan-so.tif", "3,600 cells")),
    "nodata of heights not declared": (heights(sea_missing(), nodata=None), ("warning", "do-cao.tif", "5,200 cells")),
    "two bands": (two_bands, ("warning", "dan-so.tif", "2 bands")),
    "half of the heights": (half_of_the_heights, ("warning", "do-cao.tif", "50%")),
    "no surfaces": (roads_like(roads().assign(surface=None)), ("info", "duong.gpkg", "3 features")),
    "villages without coordinates": (villages_without_places, ("warning", "", "8 villages have no coordinates")),
    "no rule for all seasons": (
        says(" all_season: {surface: [asphalt, concrete]},", ""),
        ("warning", "duong.gpkg", "no rule"),
    ),
    "works beside the communes": (
        works(WORKS, [("CT1", *at(300, 150), 3000, "hoạt động")]),
        ("warning", "cong-trinh-nuoc.csv", "None of the 1"),
    ),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """The sound project beside its finished result, made once."""
    folder = tmp_path_factory.mktemp("sound")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEONTM_PROCESSES", "1")
        result = command("run", write_coverage_project(folder / "du-an"), "--out", str(folder / "out"))
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def project(sound: Path, tmp_path: Path, monkeypatch) -> Path:
    """A copy of the sound project, with its result beside it where the next run will find it."""
    monkeypatch.setenv("GEONTM_PROCESSES", "1")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(sound, tmp_path, dirs_exist_ok=True)
    return tmp_path / "du-an" / "project.yaml"


def command(name: str, project: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, [name, str(project), *options])


def run(project: Path, *options: str) -> Result:
    return command("run", project, "--out", "out", "--lang", "en", *options)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def communes(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "communes.csv", dtype={"commune_code": str}).set_index("commune_code")


def issues(folder: Path) -> list[dict[str, str]]:
    with (folder / "issues.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def require_refusal(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output and "Unexpected" not in result.output, result.output
    for word in words:
        assert word in result.output, (word, result.output)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_both_languages_and_the_last_result_stays(name, project, tmp_path):
    spoil, named, vietnamese, english = REFUSED[name]
    before = contents(tmp_path / "out")
    spoil(project)
    require_refusal(run(project), *named, english, "where:", "fix:")
    require_refusal(command("check", project, "--lang", "vi"), *named, vietnamese)
    assert contents(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["du-an", "out"]


@pytest.mark.parametrize("name", TOLD)
def test_it_is_told_and_the_run_goes_on(name, project, tmp_path):
    spoil, (severity, source, words) = TOLD[name]
    spoil(project)
    checked = command("check", project, "--lang", "en", "--json")
    assert checked.exit_code == 0, checked.output
    assert words in checked.stdout, checked.stdout
    result = run(project)
    assert result.exit_code == 0, result.output
    found = [row for row in issues(tmp_path / "out") if words in row["reason"]]
    assert (severity, source) in [(row["severity"], row["file"]) for row in found]


@pytest.mark.parametrize(
    "name", ["a raster without CRS", "roads of another province", "works in metres of VN-2000", "a kind misspelt"]
)
def test_once_repaired_it_runs_as_before(name, project, sound, tmp_path):
    shutil.copytree(project.parent, tmp_path / "kept")
    REFUSED[name][0](project)
    assert run(project).exit_code == 1
    shutil.rmtree(project.parent)
    (tmp_path / "kept").rename(project.parent)
    result = run(project)
    assert result.exit_code == 0, result.output
    for table in ("communes.csv", "indicators.csv", "verdicts.csv"):
        assert (tmp_path / "out" / table).read_bytes() == (sound / "out" / table).read_bytes()


def test_without_surfaces_access_has_bounds_only(project, tmp_path):
    roads_like(roads().assign(surface=None))(project)
    assert run(project).exit_code == 0
    table = communes(tmp_path / "out")
    access, low, high = (table[f"rural_access_pct{end}"] for end in ("", "_low", "_high"))
    touched = ["01321", "01324", "01336"]
    assert access[touched].isna().all() and (low[touched] == 0).all() and (high[touched] > 40).all()
    assert access["01327"] == low["01327"] == high["01327"] == 0, "no road at all is near, of whatever surface"


def test_heights_of_one_half_leave_the_other_unknown(project, tmp_path):
    before = communes(tmp_path / "out")
    half_of_the_heights(project)
    assert run(project).exit_code == 0
    table = communes(tmp_path / "out")
    for column in ("mean_elevation_m", "above_200m_share"):
        assert table.loc[["01327", "01336"], column].isna().all()
        assert table.loc[["01321", "01324"], column].equals(before.loc[["01321", "01324"], column])


def test_a_density_is_told_by_the_populations_of_the_table(project, tmp_path):
    people(np.full_like(population(), 70))(project)
    assert run(project).exit_code == 0
    (row,) = [row for row in issues(tmp_path / "out") if "density" in row["reason"]]
    assert (row["severity"], row["file"], row["value"]) == ("warning", "dan-so.tif", "3276000")


def test_a_radius_below_nothing_is_an_error_of_its_row(project, tmp_path):
    works(WORKS, [("CT1", *at(60, 150), -3000, "hoạt động"), ("CT2", *at(200, 40), 2500, "hoạt động")])(project)
    checked = command("check", project, "--lang", "en", "--json")
    assert checked.exit_code == 1, "an error in the data"
    assert run(project).exit_code == 0
    (row,) = [row for row in issues(tmp_path / "out") if row["severity"] == "error"]
    assert (row["file"], row["row"], row["column"], row["value"]) == ("cong-trinh-nuoc.csv", "2", "ban_kinh_m", "-3000")


def test_works_in_metres_are_placed_once_the_system_is_named(project, sound, tmp_path):
    works(
        "ma_cong_trinh,kinh_do,vi_do,ban_kinh_m,tinh_trang",
        [("CT1", *at(60, 150), 3000, "hoạt động"), ("CT2", *at(200, 40), 3000, "hoạt động")],
    )(project)
    assert run(project).exit_code == 0
    in_degrees = communes(tmp_path / "out")["water_service_pct"]
    works_in_metres(project)
    edit(project, "radius: ban_kinh_m}", "radius: ban_kinh_m, crs: EPSG:9208}")
    result = run(project)
    assert result.exit_code == 0, result.output
    in_metres = communes(tmp_path / "out")["water_service_pct"]
    assert in_degrees.max() > 10
    pd.testing.assert_series_equal(in_degrees, in_metres, rtol=1e-3)


def test_a_layer_of_the_zip_can_be_named(project, sound, tmp_path):
    same_roads_twice(project)
    edit(project, "duong.zip,", "duong.zip, layer: duong (1).gpkg,")
    result = run(project)
    assert result.exit_code == 0, result.output
    assert communes(tmp_path / "out").equals(communes(sound / "out"))


def test_files_of_one_kind_cover_what_they_declare_together(project, tmp_path):
    edit(
        project,
        '- {file: truong.csv, kind: school, covers: ["04"], within: 3 km}',
        '- {file: truong.csv, kind: school, covers: ["04"], within: 3 km}\n'
        '    - {file: truong-khac.csv, kind: school, covers: ["08"], within: 3 km}',
    )
    project.with_name("truong-khac.csv").write_text("ma,kinh_do,vi_do\nTH9,105.3,22.9\n", encoding="utf-8")
    result = run(project)
    require_refusal(result, "08", "04", "project.yaml:17")
    edit(project, 'covers: ["08"]', 'covers: ["04", "08"]')
    assert run(project).exit_code == 0
    assert communes(tmp_path / "out")["school_count"].notna().all()
