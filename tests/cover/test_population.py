from __future__ import annotations

import pickle

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geontm.cover import check_people_outside, count_people, make_zones, measure_population, scale_population
from geontm.tables import ArrayRaster, Grid, Window

STORED = pyproj.CRS.from_epsg(4326)
GRID = Grid(STORED, 105.0, 21.0, 0.1, 0.1, 3, 4)
PEOPLE = np.array([[10, 20, 30, 40], [0, 8, 8, 0], [100, 0, 0, 7]], dtype=np.float32)


def cells(left: float, top: float, right: float, bottom: float) -> shapely.Polygon:
    return shapely.box(105 + left / 10, 21 - bottom / 10, 105 + right / 10, 21 - top / 10)


def layer(*shapes: object) -> gpd.GeoDataFrame:
    codes = [f"{n:05d}" for n in range(1, len(shapes) + 1)]
    names = [f"Xã {n}" for n in range(1, len(shapes) + 1)]
    index = pd.Index(codes, name="commune_code")
    return gpd.GeoDataFrame({"commune_name": names}, geometry=list(shapes), index=index, crs=4326)


def ids(issues: object) -> list[str]:
    return [issue.message.id for issue in issues]


def test_cells_count_by_their_share():
    units = layer(cells(0, 0, 1.5, 1), cells(1.5, 0, 4, 1), cells(0, 1, 4, 3))
    found = measure_population(units, ArrayRaster(GRID, PEOPLE))
    assert found.table.population_on_map.dtype == "Float64"
    assert_allclose(found.table.population_on_map.to_numpy(float), [20, 80, 123])
    assert found.issues == ()


def test_a_commune_without_people_has_none_and_one_without_known_cells_is_unknown():
    values = PEOPLE.copy()
    values[2, 1:3] = np.nan
    values[0, 3] = np.nan
    units = layer(cells(0, 1, 1, 2), cells(1, 2, 3, 3), cells(2.5, 0, 4, 1), cells(2, 0, 2.5, 2))
    found = measure_population(units, ArrayRaster(GRID, values, name="dan-so.tif"))
    column = found.table.population_on_map
    assert column["00001"] == 0
    assert column.isna().tolist() == [False, True, False, False]
    assert column["00003"] == pytest.approx(15)
    assert ids(found.issues)[:2] == ["population.unknown", "population.mostly_unknown"]
    assert found.issues[0].value == "00002"
    assert found.issues[1].message.text("en").startswith("The population raster knows nothing of 66.7% of the area of")


def test_small_gaps_are_told_together():
    values = PEOPLE.copy()
    values[0, 3] = np.nan
    found = measure_population(layer(cells(0, 0, 4, 1), cells(0, 1, 4, 3)), ArrayRaster(GRID, values))
    assert ids(found.issues) == ["population.partly_unknown"]
    assert "1 communes" in found.issues[0].message.text("en")
    assert "25%" in found.issues[0].message.text("en")


def test_what_the_raster_does_not_cover_is_unknown():
    units = layer(cells(0, 0, 2, 3), cells(2, 0, 4, 3))
    found = measure_population(units, ArrayRaster(GRID, PEOPLE), covered=["00002"])
    assert found.table.population_on_map.isna().tolist() == [True, False]
    assert ids(found.issues) == ["population.not_covered"]
    assert found.issues[0].value == "00001"


def test_people_outside_are_told_and_neighbours_are_not_outside():
    units, around = layer(cells(0, 0, 1.5, 1)), layer(cells(1.5, 0, 4, 1)).rename(index={"00001": "00009"})
    alone = measure_population(units, ArrayRaster(GRID, PEOPLE))
    assert ids(alone.issues) == ["population.at_edge"]
    assert alone.issues[0].value == "10"
    assert measure_population(units, ArrayRaster(GRID, PEOPLE), around=around).issues == ()
    assert measure_population(units, ArrayRaster(GRID, PEOPLE), around=pd.concat([units, around])).issues == ()
    far = check_people_outside(ArrayRaster(GRID, PEOPLE), alone.table.population_on_map)
    assert ids(far) == ["population.outside"]
    assert far[0].value == "203"
    assert far[0].severity == "warning"
    everyone = measure_population(layer(cells(0, 0, 4, 3)), ArrayRaster(GRID, PEOPLE)).table.population_on_map
    assert check_people_outside(ArrayRaster(GRID, PEOPLE), everyone) == ()


def test_neighbours_wider_and_narrower_than_the_window():
    units = layer(cells(1.5, 0.5, 2.5, 2))
    raster = ArrayRaster(GRID, PEOPLE)
    wide = layer(cells(-9, -9, 9, 9).difference(units.geometry.iloc[0])).rename(index={"00001": "00009"})
    narrow = layer(cells(2.5, 0, 2.75, 1)).rename(index={"00001": "00009"})
    assert measure_population(units, raster, around=wide).issues == ()
    at_edge = measure_population(units, raster, around=narrow).issues[0].value
    # Of 20 + 30 + 8 + 8 in the four cells, a quarter or a half is inside, and a quarter of 30 next door.
    assert at_edge == f"{20 * 0.75 + 30 * 0.5 + 8 * 0.5 + 8 * 0.5:.0f}"


def test_units_without_a_shape_and_no_units():
    found = measure_population(layer(cells(0, 0, 1, 1), None), ArrayRaster(GRID, PEOPLE))
    assert found.table.population_on_map.isna().tolist() == [False, True]
    empty = measure_population(layer(), ArrayRaster(GRID, PEOPLE))
    assert empty.table.shape == (0, 1)
    assert empty.table.population_on_map.dtype == "Float64"


def test_zones_of_another_grid_are_refused():
    zones, _ = make_zones(layer(cells(0, 0, 1, 1)), GRID)
    other = ArrayRaster(Grid(STORED, 105.0, 21.0, 0.2, 0.1, 3, 4), PEOPLE)
    with pytest.raises(ValueError, match="one grid"):
        count_people(zones, other)
    with pytest.raises(ValueError, match="one grid"):
        scale_population(other, zones, pd.Series(dtype=float))


@st.composite
def places(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, ArrayRaster]:
    """Return communes that cover a part of a grid, and people on it, some of them unknown."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, cols = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    grid = Grid(STORED, 105.0, 21.0, 0.1, 0.1, rows, cols)
    area = shapely.box(
        105.0 - random.uniform(0, 0.2), 21.0 - rows / 10, 105.0 + random.uniform(0.05, 1) * cols / 10, 21.03
    )
    points = shapely.MultiPoint(random.uniform((105, 20), (106, 21), (draw(st.integers(2, 9)), 2)))
    pieces = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(points, extend_to=area)), area)
    people = random.lognormal(3, 2, (rows, cols)) * (random.random((rows, cols)) < 0.8)
    people[random.random((rows, cols)) < draw(st.sampled_from([0.0, 0.3]))] = np.nan
    return layer(*pieces[~shapely.is_empty(pieces)]), ArrayRaster(grid, people)


@settings(deadline=None, max_examples=30)
@given(places())
def test_communes_and_outside_add_up_to_the_raster(place):
    units, raster = place
    zones, _ = make_zones(units, raster.grid, margin=50)
    people = count_people(zones, raster)
    total = np.nansum(raster.values)
    assert people.total == pytest.approx(total, rel=1e-9)
    assert people.by_unit.sum() + people.outside == pytest.approx(total, rel=1e-9, abs=1e-12)
    half = units.index[::2]
    mine, others = (make_zones(part, raster.grid, margin=50)[0] for part in (units.loc[half], units.drop(half)))
    if mine.window == others.window:
        split = count_people(mine, raster, around=others)
        assert split.by_unit.sum() + split.around + split.outside == pytest.approx(total, rel=1e-9, abs=1e-12)


@settings(deadline=None, max_examples=20)
@given(places(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(place, random):
    units, raster = place
    order = list(units.index)
    random.shuffle(order)
    one, other = measure_population(units, raster), measure_population(units.loc[order], raster)
    pd.testing.assert_frame_equal(one.table, other.table.loc[units.index], check_exact=True)
    assert one.issues == other.issues
    known = pd.Series(np.arange(1.0, len(units) + 1), units.index)
    scaled = [scale_population(raster, make_zones(part, raster.grid)[0], known) for part in (units, units.loc[order])]
    assert_array_equal(scaled[0][0].read(raster.grid.whole)[0], scaled[1][0].read(raster.grid.whole)[0])
    assert scaled[0][1] == scaled[1][1]


@settings(deadline=None, max_examples=30)
@given(places(), st.integers(0, 2**32 - 1))
def test_a_scaled_raster_has_the_known_populations(place, seed):
    units, raster = place
    random = np.random.default_rng(seed)
    zones, _ = make_zones(units, raster.grid)
    before = count_people(zones, raster)
    known = pd.Series(before.by_unit * random.uniform(0.5, 2, len(units)), units.index)
    known[random.random(len(units)) < 0.2] = np.nan
    scaled, issues = scale_population(raster, zones, known, units=units)
    after = count_people(zones, scaled)
    wanted = np.where(known.isna(), before.by_unit, known)
    not_met = {issue.value for issue in issues if issue.message.id == "population.not_met"}
    # Where a target cannot be met, those without a known population give way too.
    met = ~units.index.isin(not_met) & (known.notna() | (len(not_met) == 0))
    assert_allclose(after.by_unit[met], wanted[met], rtol=1e-9, atol=1e-9)
    values, seen = scaled.read(raster.grid.whole)
    assert (values >= 0).all()
    assert_array_equal(seen, ~np.isnan(raster.values))
    assert {issue.value for issue in issues if issue.message.id == "population.not_scaled"} == set(
        units.index[known.isna()]
    )


def test_whole_cells_are_multiplied_and_a_cut_cell_becomes_the_sum_of_its_parts():
    grid = Grid(STORED, 105.0, 21.0, 0.1, 0.1, 1, 5)
    raster = ArrayRaster(grid, np.array([[10.0, 10.0, 20.0, 10.0, 10.0]]))
    zones, _ = make_zones(layer(cells(0, 0, 2.5, 1), cells(2.5, 0, 5, 1)), grid)
    scaled, issues = scale_population(raster, zones, pd.Series({"00001": 60.0, "00002": 60.0}))
    assert issues == ()
    assert_allclose(scaled.read(grid.whole)[0], [[20, 20, 40, 20, 20]])
    scaled, _ = scale_population(raster, zones, pd.Series({"00001": 60.0, "00002": 30.0}))
    values = scaled.read(grid.whole)[0][0]
    # At twice and once the people the cut cell has some 10 × 2 + 10 × 1; whole cells make up for what moved across.
    assert values[2] == pytest.approx(30, abs=3)
    assert values[0] == values[1]
    assert values[0] * 2 + values[2] / 2 == pytest.approx(60)
    assert values[4] * 2 + values[2] / 2 == pytest.approx(30)


def test_people_that_the_map_does_not_show_are_unknown_not_zero():
    raster = ArrayRaster(GRID, PEOPLE)
    units = layer(cells(0, 1, 1, 2), cells(0, 2, 4, 3))
    zones, _ = make_zones(units, GRID)
    scaled, issues = scale_population(raster, zones, pd.Series({"00001": 50.0, "00002": 214.0}), units=units)
    assert ids(issues) == ["population.nobody_on_map"]
    assert "Xã 1" in issues[0].message.text("vi")
    values, known = scaled.read(GRID.whole)
    assert not known[1, 0] and known.sum() == 11
    assert_allclose(values[2], [200, 0, 0, 14])
    assert_allclose(values[0], PEOPLE[0])


def test_known_to_be_empty_is_zero():
    zones, _ = make_zones(layer(cells(0, 0, 4, 1)), GRID)
    scaled, issues = scale_population(ArrayRaster(GRID, PEOPLE), zones, pd.Series({"00001": 0.0}))
    assert_allclose(scaled.read(GRID.whole)[0][0], 0)
    assert ids(issues) == ["population.far_apart"]


def test_units_within_one_cell_that_cannot_both_be_met_are_told():
    zones, _ = make_zones(layer(cells(0, 0, 0.5, 1), cells(0.5, 0, 1, 1)), GRID)
    _, issues = scale_population(ArrayRaster(GRID, PEOPLE), zones, pd.Series({"00001": 5.0, "00002": 20.0}))
    assert set(ids(issues)) == {"population.not_met"}


def test_figures_that_differ_widely_are_told():
    zones, _ = make_zones(layer(cells(0, 0, 2, 1), cells(2, 0, 4, 1)), GRID)
    known = pd.Series({"00001": 151.0, "00002": 14.1})
    _, issues = scale_population(ArrayRaster(GRID, PEOPLE), zones, known)
    assert [(issue.message.id, issue.value) for issue in issues] == [("population.far_apart", "00001")]


def test_negative_populations_are_refused():
    zones, _ = make_zones(layer(cells(0, 0, 2, 1)), GRID)
    with pytest.raises(ValueError, match="negative"):
        scale_population(ArrayRaster(GRID, PEOPLE), zones, pd.Series({"00001": -1.0}))


@settings(deadline=None, max_examples=20)
@given(places(), st.data())
def test_windows_of_a_scaled_raster_are_parts_of_the_whole(place, data):
    units, raster = place
    zones, _ = make_zones(units, raster.grid)
    known = pd.Series(np.arange(1.0, len(units) + 1), units.index)
    scaled, _ = scale_population(raster, zones, known)
    scaled = pickle.loads(pickle.dumps(scaled))
    values, seen = scaled.read(raster.grid.whole)
    row, col = data.draw(st.integers(0, raster.grid.rows - 1)), data.draw(st.integers(0, raster.grid.cols - 1))
    rows = data.draw(st.integers(1, raster.grid.rows - row))
    cols = data.draw(st.integers(1, raster.grid.cols - col))
    part, part_seen = scaled.read(Window(row, col, rows, cols))
    assert_array_equal(part, values[row : row + rows, col : col + cols])
    assert_array_equal(part_seen, seen[row : row + rows, col : col + cols])


@pytest.mark.realdata
def test_worldpop_is_kept_to_the_person(shared_data):
    units = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet").set_index("code")
    path = shared_data / "data" / "real" / "population_worldpop_2020_1km_vietnam.tif"
    with rasterio.open(path) as source:
        move, values = source.transform, source.read(1, masked=True).astype(np.float64).filled(np.nan)
    raster = ArrayRaster(Grid(STORED, move.c, move.f, move.a, -move.e, *values.shape), values)
    zones, _ = make_zones(units, raster.grid)
    people = count_people(zones, raster)
    assert people.total == pytest.approx(97_338_583, abs=1)
    assert people.by_unit.sum() + people.outside == pytest.approx(people.total, rel=1e-9)
    # Coast, border, and islets that the simplified outlines leave out.
    assert 0.005 < people.outside / people.total < 0.010
    found = measure_population(units, raster, zones=zones)
    assert found.table.population_on_map["00004"] == pytest.approx(people.by_unit[units.index.get_loc("00004")])

    known = units.population.astype("Float64")
    scaled, _ = scale_population(raster, zones, known)
    after = pd.Series(count_people(zones, scaled).by_unit, units.index)
    apart = (after / known - 1).abs().dropna()
    # Nobody is on this map in Trường Sa, whose people are known.
    assert list(apart.index[apart > 1e-9]) == ["22736"]
