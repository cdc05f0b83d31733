"""Roads and works of the result: what touches the communes, each thing once, in one order."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geontm.pipeline.coverage.inputs import CoverageInputs, Slice
from geontm.pipeline.coverage.layers import shown_layers

UNITS = gpd.GeoDataFrame(
    {"commune_name": ["A", "B", "C"]},
    geometry=[shapely.box(105, 22, 105.1, 22.1), shapely.box(105.1, 22, 105.2, 22.1), None],
    index=pd.Index(["01001", "02001", "02002"], name="commune_code"),
    crs=4326,
)


def road(number: str, *points: tuple[float, float], surface: str | None = None) -> dict[str, object]:
    return {"road_id": number, "surface": surface, "geometry": shapely.LineString(points)}


ACROSS = road("7", (105.05, 22.05), (105.15, 22.05), surface="asphalt")
SAME_NAME = road("7", (105.15, 22.05), (105.19, 22.05))
FIRST = road("1", (105.01, 22.01), (105.02, 22.02))
OUTSIDE = road("9", (106, 22), (106.1, 22.1))
ON_THE_EDGE = road("3", (105.2, 22.0), (105.2, 22.1))


def slices(folder: Path, **parts: list[dict[str, object]]) -> dict[str, dict[str, Slice]]:
    made = {}
    for name, rows in parts.items():
        frame = gpd.GeoDataFrame(rows, crs=4326).astype({"road_id": "str", "surface": "str"})
        frame.assign(all_season=pd.array([pd.NA] * len(frame), dtype="boolean")).to_parquet(folder / f"{name}.parquet")
        made[name] = Slice(folder / f"{name}.parquet", "")
    return {"roads": made}


def sites(*rows: tuple[str, str, object]) -> gpd.GeoDataFrame:
    names = {"site_id": [row[0] for row in rows], "kind": [row[1] for row in rows]}
    return gpd.GeoDataFrame(names, geometry=[row[2] for row in rows], crs=4326)


def inputs(**given: object) -> CoverageInputs:
    sources = SimpleNamespace(roads=SimpleNamespace(path=Path("duong.gpkg")))
    return CoverageInputs(sources=sources, **given)  # type: ignore[arg-type]


@pytest.fixture
def both(tmp_path):
    return slices(tmp_path, p01=[ACROSS, FIRST, OUTSIDE], p02=[SAME_NAME, ACROSS, ON_THE_EDGE])


def test_a_road_of_two_provinces_stands_once_and_roads_elsewhere_do_not(both):
    layers, issues = shown_layers(inputs(slices=both), UNITS)
    assert layers["roads"]["road_id"].tolist() == ["1", "3", "7", "7"]
    assert layers["roads"].columns.tolist() == ["road_id", "surface", "geometry", "all_season"]
    assert layers["roads"].crs.to_epsg() == 4326
    assert issues == ()


def test_the_order_of_rows_and_slices_changes_nothing(both, tmp_path):
    (tmp_path / "other").mkdir()
    turned = slices(tmp_path / "other", p01=[ON_THE_EDGE, ACROSS, SAME_NAME], p02=[OUTSIDE, FIRST, ACROSS])
    first, second = (shown_layers(inputs(slices=each), UNITS)[0]["roads"] for each in (both, turned))
    pd.testing.assert_frame_equal(pd.DataFrame(first.to_wkb()), pd.DataFrame(second.to_wkb()))


def test_too_many_roads_are_left_out_and_the_run_says_so(both):
    assert "roads" in shown_layers(inputs(slices=both), UNITS, most=4)[0]
    layers, issues = shown_layers(inputs(slices=both), UNITS, most=3)
    assert "roads" not in layers
    assert [(issue.severity, issue.message.id, issue.file) for issue in issues] == [
        ("info", "coverage.roads_not_in_package", "duong.gpkg")
    ]
    assert "3" in issues[0].message.text("vi")


def test_works_are_points_and_areas_apart():
    water = sites(("b", "water", shapely.Point(105.05, 22.05)), ("a", "water", shapely.box(105.15, 22, 105.3, 22.1)))
    schools = sites(("s", "school", shapely.Point(105.01, 22)), ("far", "school", shapely.Point(107, 22)))
    layers, _ = shown_layers(inputs(sites={"water": water, "school": schools, "market": water.iloc[:0]}), UNITS)
    assert list(layers) == ["works", "work_areas"]
    assert layers["works"]["site_id"].tolist() == ["s", "b"]
    assert layers["work_areas"]["site_id"].tolist() == ["a"]


def test_nothing_given_gives_nothing():
    assert shown_layers(inputs(), UNITS) == ({}, ())
