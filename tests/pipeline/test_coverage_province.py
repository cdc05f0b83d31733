"""What one province tells: closed places serve nobody, and nothing is told twice beside its borders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geontm.cover import Measured
from geontm.pipeline.coverage.province import ProvinceTask, measure_province
from geontm.pipeline.coverage.stored import decode
from geontm.pipeline.coverage.tasks import make_tasks
from small_task import inputs_of, neighbours, units

NORTH_EAST, SOUTH_WEST, SOUTH_EAST = "01327", "01321", "01336"


@pytest.fixture
def task(tmp_path: Path) -> ProvinceTask:
    inputs = inputs_of(tmp_path, raster=True)
    sources = replace(inputs.sources, scale_to_known=False, bridges=None, barriers=None)
    inputs = replace(inputs, sources=sources, slices={"roads": inputs.slices["roads"]})
    (made,) = make_tasks(inputs, units(), neighbours(), None)
    return made


def measured(task: ProvinceTask, topic: str) -> Measured:
    return decode(measure_province(replace(task, topics=(topic,))).results[topic])


def schools(task: ProvinceTask, *working: bool | None) -> Mapping[str, gpd.GeoDataFrame]:
    """The school in the south-west and that in the south-east, in the states given."""
    return {**task.sites, "school": task.sites["school"].assign(working=pd.array(working, dtype="boolean"))}


def test_nobody_travels_to_a_school_that_is_closed(task: ProvinceTask):
    both = measured(task, "travel:school").table["school_travel_min"]
    closed = measured(replace(task, sites=schools(task, True, False)), "travel:school").table["school_travel_min"]
    west = task.sites["school"].iloc[[0]]
    alone = measured(replace(task, sites={**task.sites, "school": west}), "travel:school").table["school_travel_min"]
    assert closed[SOUTH_EAST] > both[SOUTH_EAST] + 20
    pd.testing.assert_series_equal(closed, alone)


def test_the_way_to_a_school_that_may_be_closed_is_unknown_where_it_matters(task: ProvinceTask):
    both = measured(task, "travel:school").table["school_travel_min"]
    found = measured(replace(task, sites=schools(task, True, None)), "travel:school")
    assert pd.isna(found.table.loc[SOUTH_EAST, "school_travel_min"])
    assert pd.isna(found.table.loc[NORTH_EAST, "school_travel_min"])
    assert "travel.state_unknown" in {issue.message.id for issue in found.issues}
    far = replace(task, sites=schools(task, True, None), units=task.units.loc[[SOUTH_WEST]])
    west = measured(far, "travel:school").table["school_within_120min_pct"]
    assert west.notna().all()
    assert both.notna().all()


def test_cuts_and_gaps_are_told_in_degrees_by_the_province_they_lie_in(tmp_path: Path):
    inputs = inputs_of(tmp_path, raster=True)
    (task,) = make_tasks(inputs, units(), neighbours(), None)
    whole = measured(task, "connection").more["network_cuts"]
    assert len(whole) > 0
    south = replace(task, units=task.units.loc[[SOUTH_WEST, SOUTH_EAST]], around=task.units.iloc[:2][["geometry"]])
    north = replace(task, units=task.units.iloc[:2], around=task.units.loc[[SOUTH_WEST, SOUTH_EAST]][["geometry"]])
    parts = [measured(each, "connection").more["network_cuts"] for each in (south, north)]
    assert sum(map(len, parts)) == len(whole)
    assert whole["commune_code"].notna().all()
    held = units().loc[whole["commune_code"]].geometry.to_numpy()
    assert shapely.dwithin(held, shapely.points(whole["lon"], whole["lat"]), 1e-6).all()


def test_a_works_on_a_border_gives_its_water_once(tmp_path: Path):
    inputs = inputs_of(tmp_path, raster=False)
    middle = shapely.Point(105.65, 22.98)
    works = (
        inputs.sites["water"]
        .iloc[[0]]
        .assign(working=True, radius_m=20_000.0, capacity_persons=1_200.0, geometry=[middle])
    )
    inputs = replace(
        inputs, sites={**inputs.sites, "water": works.set_crs(4326)}, slices={}, covers={"water": ("02", "04")}
    )
    (one,) = make_tasks(inputs, units(), None, None)
    two = make_tasks(inputs, units().assign(province_code=["04", "04", "02", "02"]), None, None)
    together, apart = (
        pd.concat([measured(each, "water").table for each in tasks])["water_service_people"] for tasks in ((one,), two)
    )
    assert together.sum() == 1_200
    pd.testing.assert_series_equal(apart.sort_index(), together.sort_index())
    assert not [i for i in measured(two[0], "water").issues if i.message.id == "water.village_elsewhere"]
