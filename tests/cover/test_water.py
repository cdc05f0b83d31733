"""Who is served by waterworks, on a raster and over villages."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.cover import WaterSettings, measure_water, villages_outside
from geontm.cover import reach as reach_module
from geontm.errors import CRSError
from geontm.tables import ArrayRaster, Grid, province_crs

METRES = province_crs("04")
EAST, NORTH = 500_000.0, 2_500_000.0
BACK = pyproj.Transformer.from_crs(METRES, 4326, always_xy=True)


def stored(*shapes):
    """Put shapes in metres from the lower left corner of the playground into EPSG:4326."""
    moved = [shapely.transform(shape, lambda xy: xy + np.array([EAST, NORTH])) for shape in shapes]
    return gpd.GeoSeries(moved, crs=METRES).to_crs(4326)


def communes(*boxes):
    codes = [f"0000{n}" for n in range(1, len(boxes) + 1)]
    frame = gpd.GeoDataFrame(geometry=stored(*(shapely.box(*box) for box in boxes)).to_numpy(), crs=4326)
    return frame.set_index(pd.Index(codes, name="commune_code"))


# Two communes side by side, each 1 km by 2 km.
UNITS = communes((0, 0, 1000, 2000), (1000, 0, 2000, 2000))


def raster(each=10.0, cell=100.0):
    """Spread people over the two communes: as many in every cell, or as an array tells."""
    n = round(2000 / cell)
    grid = Grid(METRES, EAST, NORTH + 2000, cell, cell, n, n)
    return ArrayRaster(grid, np.broadcast_to(np.asarray(each, dtype=float), (n, n)).copy(), name="dan-so.tif")


def near(values, far=0.01):
    """Compare within what edges stray that are straight in degrees: some centimetres of a kilometre."""
    return pytest.approx(values, abs=far)


def works(*rows):
    """Each row: (x, y) in metres or a polygon, and what is known of it."""
    frame = pd.DataFrame(
        [{"radius_m": None, "working": True, "persons": None, "households": None, **r} for _, r in rows]
    )
    shapes = stored(*(at if isinstance(at, shapely.Geometry) else shapely.Point(at) for at, _ in rows))
    return gpd.GeoDataFrame(
        {
            "site_id": pd.Series([f"W{n}" for n in range(len(rows))], dtype="str"),
            "kind": "water",
            "name": pd.Series(pd.NA, index=range(len(rows)), dtype="str"),
            "working": frame["working"].astype("boolean"),
            "radius_m": frame["radius_m"].astype("Float64"),
            "capacity_persons": frame["persons"].astype("Float64"),
            "capacity_households": frame["households"].astype("Float64"),
        },
        geometry=shapes.to_numpy(),
        crs=4326,
    )


def villages(*rows):
    """Each row: (x, y), commune number, people, households."""
    frame = pd.DataFrame(
        [(f"T{n}", f"0000{c}", p, h) for n, (_, c, p, h) in enumerate(rows)],
        columns=["village_code", "commune_code", "population", "household_count"],
    ).astype({"village_code": "str", "commune_code": "str", "population": "Float64", "household_count": "Float64"})
    points = stored(*(shapely.Point(at) for at, *_ in rows)).to_numpy()
    return gpd.GeoDataFrame(frame, geometry=points, crs=4326).set_index("village_code")


def measure(sites, people=None, units=UNITS, **options):
    return measure_water(units, sites, raster() if people is None else people, metric_crs=METRES, **options)


def column(measured, name):
    return [None if pd.isna(value) else float(value) for value in measured.table[name]]


def bounds(measured, name="water_service_people"):
    return list(zip(column(measured, f"{name}_low"), column(measured, f"{name}_high"), strict=True))


def ids(measured):
    return {issue.message.id for issue in measured.issues if issue.message.text("vi") and issue.message.text("en")}


def test_a_square_service_area_serves_the_cells_inside():
    found = measure(works((shapely.box(500, 500, 1500, 1500), {})))
    assert column(found, "water_service_people") == near([500, 500])
    assert column(found, "water_service_pct") == near([25, 25])
    assert column(found, "water_unserved_people") == near([1500, 1500])
    assert found.table.index.name == "commune_code" and {str(t) for t in found.table.dtypes} == {"Float64"}


def test_a_radius_counts_the_cells_whose_middle_is_within_it():
    # 100 m cells with middles at 50, 150, …: within 100 m of (1000, 1000), the ends included, lie the four around it.
    found = measure(works(((1000, 1000), {"radius_m": 75})))
    assert column(found, "water_service_people") == pytest.approx([20, 20])
    assert measure(works(((1050, 1050), {"radius_m": 100}))).table["water_service_people"].sum() == pytest.approx(50)
    assert measure(works(((1050, 1050), {"radius_m": 99.9}))).table["water_service_people"].sum() == pytest.approx(10)


def test_nobody_is_counted_twice_and_broken_works_serve_nobody():
    one = measure(works(((900, 1000), {"radius_m": 400})))
    two = measure(works(((900, 1000), {"radius_m": 400}), ((900, 1000), {"radius_m": 300})))
    pd.testing.assert_frame_equal(one.table, two.table)
    broken = measure(works(((900, 1000), {"radius_m": 400, "working": False})))
    assert column(broken, "water_service_people") == [0, 0] and column(broken, "water_service_pct") == [0, 0]


def test_capacity_is_a_limit_and_the_nearest_come_first():
    # The works stands on the middle of a cell, 150 m from the other commune: room for that cell and for the two that
    # come first of its four neighbours, all in its own commune.
    sites = works(((850, 1050), {"radius_m": 500, "persons": 30}))
    found = measure(sites)
    assert column(found, "water_service_people") == near([30, 0])
    (line,) = found.more["works"].to_dict("records")
    assert line["people_served"] == pytest.approx(30) and line["spare_capacity"] == 0
    assert line["commune_code"] == "00001" and line["people_in_reach"] > 700


def test_capacity_over_villages_by_hand():
    # A works at 0 with room for 40: village T0 (30 people) is nearer than T1 (30); T1 turns to the second works, which
    # is 200 m further on and has room for 15.
    base = villages(((100, 100), 1, 30, 10), ((300, 100), 1, 30, 10), ((1900, 1900), 2, 50, 20))
    sites = works(((100, 50), {"radius_m": 400, "persons": 40}), ((500, 100), {"radius_m": 250, "persons": 15}))
    found = measure(sites, base)
    assert column(found, "water_service_people") == [55, 0]
    assert column(found, "water_service_pct") == pytest.approx([100 * 55 / 60, 0])
    assert column(found, "water_service_households") == pytest.approx([10 + 10 * 25 / 30, 0])
    assert found.more["works"]["people_served"].tolist() == [40, 15]
    assert found.more["works"]["spare_capacity"].tolist() == [0, 0]
    outside = found.more["villages_outside"]
    assert outside["village_code"].tolist() == ["T2"] and outside["site_id"].tolist() == ["W1"]
    assert outside["distance_km"].iloc[0] == pytest.approx(np.hypot(1400, 1800) / 1000, rel=1e-6)


def test_a_village_at_the_very_end_of_a_radius_is_served():
    base = villages(((0, 0), 1, 10, 2), ((2000, 0), 2, 10, 2))
    assert column(measure(works(((1000, 0), {"radius_m": 1000})), base), "water_service_people") == [10, 10]
    assert column(measure(works(((1000, 0), {"radius_m": 999.99})), base), "water_service_people") == [0, 0]


def test_people_count_where_they_live():
    base = villages(((900, 100), 1, 10, 2), ((1100, 100), 2, 20, 4))
    assert column(measure(works(((900, 100), {"radius_m": 500})), base), "water_service_people") == [10, 20]


def test_an_unknown_state_gives_bounds():
    sites = works(((500, 1000), {"radius_m": 75, "working": None}), ((1500, 1000), {"radius_m": 75}))
    found = measure(sites)
    assert bounds(found) == [(0, near(40)), (near(40), near(40))]
    assert column(found, "water_service_people") == [None, near(40)]
    assert bounds(found, "water_unserved_people")[0] == (near(1960), near(2000))
    assert "water.unknown_state" in ids(found)


def test_an_unknown_radius_gives_bounds():
    found = measure(works(((500, 1000), {})), settings=WaterSettings(most_radius_m=75))
    assert bounds(found) == [(0, near(40)), (0, 0)]
    assert "water.unknown_radius" in ids(found)
    listed = villages(((500, 1000), 1, 10, 2))
    outside = villages_outside(listed, works(((500, 1000), {})), metric_crs=METRES)
    assert outside["village_code"].tolist() == ["T0"] and outside["is_outside"].tolist() == [True]


def test_capacity_in_households():
    sites = works(((500, 1000), {"radius_m": 400, "households": 50}))
    found = measure(sites)
    assert bounds(found)[0] == (pytest.approx(50), pytest.approx(480 + 40, abs=45))
    assert "water.no_household_size" in ids(found)
    sized = measure(sites, settings=WaterSettings(persons_per_household=3.6))
    assert column(sized, "water_service_people") == pytest.approx([180, 0])
    base = villages(((500, 900), 1, 400, 100), ((500, 800), 1, None, 30))
    by_villages = measure(sites, base)
    assert column(by_villages, "water_service_people") == [None, None]
    assert "water.village_without_people" in ids(by_villages) and "water.household_size" in ids(by_villages)
    assert by_villages.more["works"]["people_served"].tolist() == [200]


def test_households_are_counted_where_no_village_tells_its_people():
    base = villages(((500, 900), 1, None, 100), ((500, 100), 1, None, 60))
    found = measure(works(((500, 1000), {"radius_m": 400, "households": 50})), base)
    assert column(found, "water_service_households") == [50, None]
    assert column(found, "water_service_pct") == [pytest.approx(31.25), None]
    assert "water_service_people" not in found.table
    assert bounds(measure(works(((500, 1000), {"radius_m": 400, "persons": 50})), base), "water_service_pct")[0] == (
        0,
        31.25,
    )


def test_what_is_not_covered_is_unknown_and_so_is_a_commune_without_people():
    found = measure(works(((500, 1000), {"radius_m": 75})), covered=["00002"])
    assert column(found, "water_service_people") == [None, 0] and column(found, "water_service_people_high") == [
        None,
        0,
    ]
    empty = raster(np.repeat([0.0, 10.0], [11, 9]))
    assert column(measure(works(((500, 1000), {"radius_m": 75})), empty), "water_service_pct") == [None, 0]
    lone = villages(((1500, 100), 2, 10, 3))
    assert column(measure(works(((500, 1000), {"radius_m": 75})), lone), "water_service_pct") == [None, 0]


def test_no_works_at_all_serve_nobody_where_the_layer_covers():
    none = works(((0, 0), {})).iloc[:0]
    assert column(measure(none), "water_service_pct") == [0, 0]
    base = villages(((500, 900), 1, 400, 100))
    found = measure(none, base)
    assert column(found, "water_service_people") == [0, None]
    outside = found.more["villages_outside"]
    assert outside["village_code"].tolist() == ["T0"] and outside["distance_km"].isna().all()
    assert found.more["works"].empty


def test_large_cells_are_parted():
    # Four cells of 1 km with 100 people each; a circle of 500 m around their common corner covers a quarter disk of
    # each: 0.196 km², by the middles of 100 parts 19 or 20 of them.
    coarse = measure(works(((1000, 1000), {"radius_m": 500})), raster(100.0, cell=1000.0))
    assert column(coarse, "water_service_people") == pytest.approx([2 * 19.6, 2 * 19.6], abs=2)
    whole = measure(
        works(((1000, 1000), {"radius_m": 500})), raster(100.0, cell=1000.0), settings=WaterSettings(part_m=2000)
    )
    assert column(whole, "water_service_people") == [0, 0]


def test_villages_outside_every_service_area():
    base = villages(((0, 0), 1, 10, 2), ((500, 0), 1, 10, 2), ((1000, 0), 2, 10, 2), ((1500, 0), 2, 10, 2))
    sites = works(
        (shapely.box(-50, -50, 50, 50), {}),
        ((500, 0), {"radius_m": 10, "working": None}),
        ((1000, 0), {"radius_m": 10, "working": False}),
    )
    found = villages_outside(base, sites, metric_crs=METRES)
    assert found["village_code"].tolist() == ["T1", "T2", "T3"]
    assert [None if pd.isna(v) else bool(v) for v in found["is_outside"]] == [None, True, True]
    assert found["distance_km"].tolist() == pytest.approx([0.45, 0.95, 1.45], rel=1e-6)
    assert set(found["site_id"]) == {"W0"}
    assert villages_outside(base, sites, metric_crs=METRES, covered=["00001"])["village_code"].tolist() == ["T1"]


def test_a_raster_in_degrees_measures_on_the_ellipsoid():
    grid = Grid(pyproj.CRS.from_epsg(4326), 106.0, 22.5, 1 / 1200, 1 / 1200, 120, 120)
    many = np.random.default_rng(5).integers(0, 9, (120, 120)).astype(float)
    box = gpd.GeoDataFrame(
        geometry=[shapely.box(*grid.bounds)], crs=4326, index=pd.Index(["00001"], name="commune_code")
    )
    lon, lat, radius = 106.043, 22.461, 2345.0
    site = works(((0, 0), {"radius_m": radius})).set_geometry([shapely.Point(lon, lat)], crs=4326)
    x, y = np.meshgrid(*grid.centres(grid.whole))
    far = pyproj.Geod(ellps="WGS84").inv(x, y, np.full(x.shape, lon), np.full(x.shape, lat))[2]
    found = measure_water(box, site, ArrayRaster(grid, many), metric_crs=METRES)
    assert column(found, "water_service_people") == pytest.approx([many[far <= radius].sum()])
    assert column(found, "water_unserved_people") == pytest.approx([many[far > radius].sum()])


def random_case(seed, capacity=True):
    rng = np.random.default_rng(seed)
    many = rng.integers(0, 30, (20, 20)).astype(float)
    rows = [
        (
            tuple(rng.uniform(-200, 2200, 2)),
            {
                "radius_m": float(rng.uniform(100, 900)),
                "working": [True, True, False, None][rng.integers(4)],
                "persons": float(rng.integers(0, 1500)) if capacity and rng.random() < 0.7 else None,
            },
        )
        for _ in range(rng.integers(1, 9))
    ]
    return many, works(*rows)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=12)
def test_cells_and_villages_at_their_middles_are_served_alike(seed):
    many, sites = random_case(seed)
    row, col = np.nonzero(many)
    rows = [
        ((50 + 100 * c, 1950 - 100 * r), 1 + int(c >= 10), float(many[r, c]), None)
        for r, c in zip(row, col, strict=True)
    ]
    base = villages(*rows)
    base.index = pd.Index([f"{n:05d}" for n in range(len(base))], name="village_code")  # in the order of cells
    on_cells, on_points = measure(sites, raster(many)), measure(sites, base)
    for name in ("water_service_people_low", "water_service_people_high", "water_service_pct_high"):
        assert column(on_cells, name) == near(column(on_points, name), 0.05)
    pd.testing.assert_frame_equal(on_cells.more["works"], on_points.more["works"], rtol=1e-9)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=12)
def test_the_order_of_rows_does_not_matter_and_inputs_stay(seed):
    many, sites = random_case(seed)
    people = raster(many)
    before = sites.copy(deep=True)
    found = measure(sites, people)
    turned = measure(sites.iloc[::-1], people, units=UNITS.iloc[::-1])
    pd.testing.assert_frame_equal(found.table, turned.table.loc[found.table.index])
    pd.testing.assert_frame_equal(found.more["works"], turned.more["works"])
    pd.testing.assert_frame_equal(pd.DataFrame(sites), pd.DataFrame(before))
    low, high = (found.table[f"water_service_people_{end}"] for end in ("low", "high"))
    whole = low + found.table["water_unserved_people_high"]
    assert (low <= high).all() and (high <= whole + 1e-9).all()
    assert whole.sum() == near(many.sum(), 0.1)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=8)
def test_rings_of_any_width_give_the_same(seed):
    many, sites = random_case(seed)
    people = raster(many)
    wide = measure(sites, people)
    kept = reach_module.PAIRS_AT_ONCE
    try:
        reach_module.PAIRS_AT_ONCE = 37
        narrow = measure(sites, people)
    finally:
        reach_module.PAIRS_AT_ONCE = kept
    pd.testing.assert_frame_equal(wide.table, narrow.table)
    pd.testing.assert_frame_equal(wide.more["works"], narrow.more["works"])


def test_people_beyond_the_units_share_the_capacity():
    left = UNITS.iloc[:1]
    sites = works(((1000, 1000), {"radius_m": 75, "persons": 20}))
    assert measure(sites, units=left).table["water_service_people"].sum() == pytest.approx(
        measure(sites).table["water_service_people"].iloc[0]
    )


def test_wrong_systems_are_refused():
    sites = works(((0, 0), {"radius_m": 100}))
    with pytest.raises(CRSError):
        measure_water(UNITS.to_crs(METRES), sites, raster(), metric_crs=METRES)
    with pytest.raises(CRSError):
        measure_water(UNITS, sites, raster(), metric_crs=pyproj.CRS.from_epsg(4326))
