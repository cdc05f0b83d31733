"""What a run tells of the columns that no file has: how they came about, and from which files."""

from __future__ import annotations

import pytest

from geontm.pipeline import run
from geontm.project import read_project
from geontm.publish.origins import origin_of
from small_project import PROJECT, write_project


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = write_project(tmp_path_factory.mktemp("derived"))
    text = PROJECT.replace("clean_water_pct: 0.4", "clean_water_gap_pct: 0.2").replace("region-2026", "dbkk-2021")
    text = text.replace("as_of: 2026-06-30", "as_of: 2025-12-30").replace("date: 2025-12-31", "date: 2025-07-31")
    path.write_text(text, encoding="utf-8")
    return run(read_project(path)).content


def test_the_border_names_its_line_its_boundaries_with_their_day_and_the_distance(content):
    for name in ("border_km", "border_neighbours", "is_border"):
        origin = origin_of(content, name)
        assert origin.measured and origin.sources == ("bien-gioi.geojson", "ranh-gioi.gpkg")
        for part in ("ranh-gioi.gpkg", "01/7/2025", "bien-gioi.geojson", "200 m"):
            assert part in origin.how["vi"]
        assert "2025-07-01" in origin.how["en"]


def test_the_ranking_names_its_indicators_with_their_weights_the_heaviest_first(content):
    for name in ("priority_score", "priority_rank"):
        origin = origin_of(content, name)
        assert origin.sources == ("so-lieu.csv",) and not origin.measured
        told = origin.how["vi"]
        labels = [content.dictionary[each].label["vi"] for each in ("poor_household_pct", "clean_water_gap_pct")]
        assert f"{labels[0]} 75%; {labels[1]} 25%" in told


def test_a_gap_is_what_is_left_of_its_share_and_of_its_year(content):
    origin = origin_of(content, "clean_water_gap_pct")
    assert origin.years == (2025,) and origin.sources == ("so-lieu.csv",)
    assert origin.how["vi"] == f"Bằng 100% trừ {content.dictionary['clean_water_pct'].label['vi']}."


def test_a_verdict_names_the_files_that_its_conditions_read(content):
    assert origin_of(content, "is_extremely_difficult").sources == ("so-lieu.csv",)
    assert origin_of(content, "is_extremely_difficult").how is None  # the documents say it


def test_an_area_names_the_boundaries_and_a_given_figure_nothing(content):
    assert origin_of(content, "area_km2").sources == ("ranh-gioi.gpkg",)
    assert origin_of(content, "population").how is None
