"""What tests of sheets and of the atlas share."""

from __future__ import annotations

import geopandas as gpd
import pytest


@pytest.fixture(scope="module")
def country(request):
    """Return the real units of 2025, named as in a project."""
    folder = request.getfixturevalue("shared_data")
    units = gpd.read_parquet(folder / "data" / "communes_2025.parquet")
    return units.rename(columns={"code": "commune_code", "name": "commune_name"}).set_index("commune_code")
