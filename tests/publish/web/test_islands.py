"""Both archipelagos are named on a page, whatever the units of its day make of them."""

import geopandas as gpd
import pytest
import shapely

from geontm.publish.surroundings import locator
from geontm.publish.web.islands import islands_of

HOANG_SA, TRUONG_SA = "20333", "22736"


@pytest.fixture(scope="module")
def islets():
    return locator().set_index("code").geometry[[HOANG_SA, TRUONG_SA]]


def frame(shapes, codes, **columns):
    index = codes if columns.get("kind") is None else None
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=index, crs=4326)


MAINLAND = shapely.box(108, 12, 109.2, 16)


def test_special_zones_are_found_by_where_they_lie(islets):
    units = frame([MAINLAND, islets[TRUONG_SA], islets[HOANG_SA]], ["01", "02", "03"])
    one, other = islands_of(units, None)
    assert one == {"code": HOANG_SA, "at": [111.965, 15.725], "units": [2], "around": []}
    assert (other["code"], other["units"]) == (TRUONG_SA, [1])


def test_an_archipelago_of_several_units_is_named_once_below_all_of_them(islets):
    north, south = (shapely.box(114.3, y, 114.4, y + 0.1) for y in (11.3, 8.6))
    (found,) = islands_of(frame([north, MAINLAND, None, south], ["01", "02", "03", "04"]), None)
    assert found == {"code": TRUONG_SA, "at": [114.35, 8.6], "units": [0, 3], "around": []}


def test_where_no_unit_is_an_archipelago_the_land_around_is(islets):
    context = frame([MAINLAND, *islets], None, kind=["land", "archipelago", "archipelago"])
    found = islands_of(frame([MAINLAND], ["01"]), context)
    assert [(each["code"], each["units"], each["around"]) for each in found] == [
        (HOANG_SA, [], [1]),
        (TRUONG_SA, [], [2]),
    ]


def test_one_that_is_part_of_a_larger_unit_is_named_where_it_lies(islets):
    province = shapely.union_all([MAINLAND, islets[HOANG_SA]])
    assert islands_of(frame([province], ["48"]), None) == [
        {"code": HOANG_SA, "at": [111.965, 15.725], "units": [], "around": []}
    ]


def test_what_is_not_drawn_is_not_named():
    assert islands_of(frame([MAINLAND, None], ["01", HOANG_SA]), None) == []
