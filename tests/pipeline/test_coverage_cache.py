"""A second run measures only what changed; the cache may vanish or rot at any time and is never wrong."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

import geontm
from geontm.pipeline.coverage.cache import Cache
from small_coverage import population, roads, write_coverage_project, write_raster


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("GEONTM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GEONTM_PROCESSES", "1")
    return write_coverage_project(tmp_path / "du-an")


def run(file: Path) -> geontm.Plan:
    return geontm.run(geontm.read_project(file))


def counts(plan: geontm.Plan) -> tuple[int, int]:
    told = plan.made_from["coverage"]
    return told["measured"], told["kept"]


def texts(plan: geontm.Plan) -> list[str]:
    return [f"{i.severity} {i.file} {i.column} {i.value} {i.message.text('vi')}" for i in plan.issues]


def same(one: geontm.Plan, other: geontm.Plan) -> None:
    pd.testing.assert_frame_equal(pd.DataFrame(one.communes), pd.DataFrame(other.communes), check_exact=True)
    assert texts(one) == texts(other)


def test_a_second_run_measures_nothing_and_says_the_same(project: Path):
    first, second = run(project), run(project)
    measured, kept = counts(first)
    assert measured > 5
    assert kept == 0
    assert counts(second) == (0, measured)
    same(first, second)
    assert second.made_from["coverage"]["cpu_seconds"] == {}


def test_another_indicator_table_measures_nothing_again(project: Path):
    first = run(project)
    table = project.with_name("so-lieu.csv")
    table.write_text(table.read_text(encoding="utf-8").replace('"45,2"', '"46,2"'), encoding="utf-8")
    second = run(project)
    assert counts(second)[0] == 0
    assert second.communes.loc["01324", "poor_household_pct"] == 46.2
    assert second.communes["rural_access_pct"].equals(first.communes["rural_access_pct"])


def test_another_road_measures_what_hangs_on_roads(project: Path):
    first = run(project)
    more = pd.concat(
        [
            roads(),
            roads()
            .iloc[[0]]
            .assign(id="9")
            .translate(0, 0.05)
            .to_frame("geometry")
            .assign(id="9", highway="tertiary", surface="asphalt"),
        ],
        ignore_index=True,
    )
    more.to_file(project.with_name("duong.gpkg"), driver="GPKG", engine="pyogrio")
    second = run(project)
    measured, kept = counts(second)
    assert 0 < measured < counts(first)[0]
    assert kept > 0
    assert second.communes["road_km"].sum() > first.communes["road_km"].sum()
    assert second.communes["mean_elevation_m"].equals(first.communes["mean_elevation_m"])


def test_another_surface_in_the_attributes_of_a_shapefile_is_seen(project: Path):
    for file in ("duong.shp", "khac.shp"):
        roads().assign(surface="asphalt" if file == "duong.shp" else "earth").to_file(project.with_name(file))
    project.write_text(project.read_text(encoding="utf-8").replace("duong.gpkg", "duong.shp"), encoding="utf-8")
    first = run(project)
    assert project.with_name("duong.shp").read_bytes() == project.with_name("khac.shp").read_bytes()
    shutil.copy(project.with_name("khac.dbf"), project.with_name("duong.dbf"))
    second = run(project)
    assert (first.communes["road_hardened_pct"].dropna() == 100).all()
    assert (second.communes["road_hardened_pct"].dropna() == 0).all()
    assert second.made_from["fingerprint"] != first.made_from["fingerprint"]


def test_other_people_leave_terrain_and_roads_alone(project: Path):
    first = run(project)
    write_raster(project.with_name("dan-so.tif"), population() * 2)
    second = run(project)
    assert 0 < counts(second)[0] < counts(first)[0]
    assert second.communes["population_on_map"].sum() == 2 * first.communes["population_on_map"].sum()
    assert second.communes["road_km"].equals(first.communes["road_km"])


def test_another_distance_measures_access_again(project: Path):
    first = run(project)
    project.write_text(project.read_text(encoding="utf-8").replace("within: 2 km", "within: 1 km"), encoding="utf-8")
    second = run(project)
    assert counts(second)[0] >= 1
    assert (second.communes["people_without_road_high"] >= first.communes["people_without_road_high"]).all()


def test_a_file_by_another_name_is_the_same_data(project: Path):
    first = run(project)
    project.with_name("do-cao.tif").rename(project.with_name("dem.tif"))
    project.write_text(project.read_text(encoding="utf-8").replace("do-cao.tif", "dem.tif"), encoding="utf-8")
    second = run(project)
    assert second.communes["mean_elevation_m"].equals(first.communes["mean_elevation_m"])
    assert not any("do-cao.tif" in text for text in texts(second)), "issues name the file as it is called now"


def test_slices_of_an_earlier_run_outlive_a_full_cache(project: Path, tmp_path: Path, monkeypatch):
    first = run(project)
    for path in (tmp_path / "cache").rglob("*"):
        os.utime(path, (0, 0))
    monkeypatch.setattr(Cache.prune, "__defaults__", (0,))
    # The layers of the package are read once more, after the cache has been pruned.
    same(first, run(project))
    assert list((tmp_path / "cache" / "slices").rglob("*.parquet"))


def test_the_cache_may_be_deleted(project: Path, tmp_path: Path):
    first = run(project)
    shutil.rmtree(tmp_path / "cache")
    second = run(project)
    assert counts(second) == counts(first)
    same(first, second)


def test_a_cache_that_rots_changes_nothing(project: Path, tmp_path: Path):
    first = run(project)
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
    second = run(project)
    assert counts(second) == counts(first)
    same(first, second)


def test_a_run_without_a_cache_leaves_nothing_behind(project: Path, tmp_path: Path, monkeypatch):
    with_cache = run(project)
    shutil.rmtree(tmp_path / "cache")
    monkeypatch.setenv("GEONTM_CACHE", "none")
    without = run(project)
    same(with_cache, without)
    assert not (tmp_path / "cache").exists()
    assert counts(run(project))[1] == 0


def test_a_cache_that_cannot_be_written_stops_nothing(project: Path, tmp_path: Path, monkeypatch):
    first = run(project)
    (tmp_path / "in-the-way").write_text("")
    monkeypatch.setenv("GEONTM_CACHE", str(tmp_path / "in-the-way"))
    same(first, run(project))


def test_entries_of_other_code_are_not_found(project: Path, monkeypatch):
    first = run(project)
    monkeypatch.setattr("geontm.pipeline.coverage.tasks.code_stamp", lambda: "another release")
    second = run(project)
    assert counts(second) == counts(first)


def test_two_processes_and_one_give_the_same_bytes(project: Path, tmp_path: Path, monkeypatch):
    one = run(project)
    Cache().clear()
    monkeypatch.setenv("GEONTM_PROCESSES", "2")
    same(one, run(project))
