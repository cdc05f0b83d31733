"""The example of a folium map in the guide works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "in-a-notebook.md"


def test_the_folium_example_of_the_guide_runs(tmp_path, monkeypatch):
    if not GUIDE.is_file():
        pytest.skip("the guide is not beside these tests")
    section = GUIDE.read_text(encoding="utf-8").partition("## A layer on your own folium map")[2]
    example = re.search(r"```python\n(.*?)```", section, flags=re.DOTALL)[1]
    monkeypatch.chdir(tmp_path)
    shapes = [shapely.box(106 + k * 0.1, 22, 106.1 + k * 0.1, 22.1) for k in range(3)]
    frame = gpd.GeoDataFrame({"value": [1.0, 5.0, None], "place": ["x", "y", "x"]}, geometry=shapes, crs=4326)
    exec(example, {"gdf": frame, "zone": shapely.box(106.05, 22.02, 106.12, 22.05).__geo_interface__})
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert page.count("new window.geontm.Layer(") == 2
    assert "img-src data: blob: https://tile.openstreetmap.org;" in page
