"""The pictures of the docs are those that their script makes, small, and of figures that follow the lie of the land."""

import importlib.util
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("build_images", ROOT / "docs" / "build_images.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def units():
    """A commune in the northern mountains, one in the delta beside a ward, and a special zone out at sea."""
    at = [(104.9, 22.8), (106.0, 20.4), (106.0, 20.41), (113.0, 9.0)]
    columns = {"code": ["a", "b", "c", "d"], "kind": ["xã", "xã", "phường", "đặc khu"]}
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(each).buffer(0.05) for each in at], crs=4326)


def test_every_picture_is_one_that_the_script_makes(builder):
    results = builder.Results(Path("boundaries"), Path("border"), Path("work"))
    made = {**builder.on_screen(results, ""), **builder.on_paper(results)}
    pictures = {path.stem: path for path in (ROOT / "docs" / "images").glob("*")}
    assert set(pictures) == set(made)
    assert all(path.suffix == ".png" and path.stat().st_size <= 300_000 for path in pictures.values())


def test_made_up_figures_follow_the_land_and_get_better(builder, units):
    years = dict(builder.made_up(units, classified=True))
    assert list(years) == [2021, 2022, 2023, 2024, 2025]
    mountain, delta, ward, island = years[2025]["ethnic_minority_household_pct"]
    assert mountain > 50 > island > delta
    assert abs(delta - ward) < 20
    assert years[2025]["population"].gt(years[2021]["population"]).all()
    income = "income_per_person_million_vnd"
    assert years[2025][income].gt(years[2021][income]).all()
    assert "above_200m_share" in years[2025] and "above_200m_share" not in years[2024]


def test_made_up_figures_are_the_same_each_time(builder, units):
    one, other = (dict(builder.made_up(units, classified=False))[2023] for _ in range(2))
    assert one.equals(other)


def test_neighbours_are_alike(builder):
    lon, lat = np.linspace(105, 105.5, 51), np.full(51, 21.0)
    rough = builder.waves(lon, lat, np.random.default_rng(1))
    assert np.abs(np.diff(rough)).max() < 0.4 < np.ptp(rough)
