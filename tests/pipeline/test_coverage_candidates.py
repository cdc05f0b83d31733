"""What could be built, through a whole run of the small project."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import geontm
from geontm.tables import province_crs
from small_coverage import COVERAGE, write_coverage_project

WITH_CANDIDATES = COVERAGE.replace("coverage:\n", "coverage:\n  candidates: true\n")


@pytest.fixture
def environment(monkeypatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("GEONTM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GEONTM_PROCESSES", "1")
    return tmp_path


def test_a_run_lists_upgrades_links_and_sites(environment: Path):
    plan = geontm.run(geontm.read_project(write_coverage_project(environment / "du-an", text=WITH_CANDIDATES)))
    table = plan.content.more["candidates"]
    assert table["candidate_id"].is_unique
    found = table.groupby(["kind", "service"]).size()
    assert set(found.index) == {
        ("new_site", "school"), ("new_site", "water"), ("road_link", "connection"), ("road_upgrade", "rural_access"),
    }  # fmt: skip
    upgrade = table[table["road_class"].notna() & (table["surface"] == "earth")]
    # The earth road to the north lies in the south-western commune as far as its middle does.
    assert len(upgrade) == 1
    assert upgrade["season_known"].all()
    assert upgrade["touches_all_season"].all()
    assert (upgrade["people_newly_served_low"] > 0).all()
    length = gpd.GeoSeries.from_wkt(upgrade["geometry_wkt"], crs=4326).to_crs(province_crs("04")).length / 1_000
    assert length.to_numpy() == pytest.approx(upgrade["length_km"].to_numpy(), rel=2e-4)
    schools = table[table["service"] == "school"].sort_values("order")
    # Two schools stand in the south: villages 3 km and more from both are in the north, one after another.
    assert list(schools["people_newly_served_low"]) == sorted(schools["people_newly_served_low"], reverse=True)
    assert (schools["radius_m"] == 3_000).all()
    water = table[table["service"] == "water"]
    # The works there have radii of 2.5, 3 and 4 km.
    assert (water["radius_m"] == 3_000).all()
    again = geontm.run(geontm.read_project(environment / "du-an" / "project.yaml"))
    pd.testing.assert_frame_equal(again.content.more["candidates"], table, check_exact=True)
    assert again.made_from["coverage"]["measured"] == 0


def test_another_distance_of_schools_finds_only_their_sites_anew(environment: Path):
    file = write_coverage_project(environment / "du-an", text=WITH_CANDIDATES)
    geontm.run(geontm.read_project(file))
    text = WITH_CANDIDATES.replace("within: 3 km}", "within: 1 km}")
    assert text != WITH_CANDIDATES
    plan = geontm.run(geontm.read_project(write_coverage_project(environment / "du-an", text=text)))
    schools = plan.content.more["candidates"].query("service == 'school'")
    assert (schools["radius_m"] == 1_000).all()
    assert plan.made_from["coverage"]["measured"] == 2


def test_candidates_are_looked_for_only_when_asked(environment: Path):
    plan = geontm.run(geontm.read_project(write_coverage_project(environment / "du-an")))
    assert "candidates" not in plan.content.more
