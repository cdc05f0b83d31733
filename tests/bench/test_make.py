"""The generated inputs: valid, exact, the same every time."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import rasterize
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geontm.bench.make import Size, make_inputs, read_inputs
from geontm.bench.make.noise import fractal
from geontm.bench.make.people import share_out
from geontm.bench.make.shapes import roughen
from geontm.errors import SourceError
from geontm.load import check_raster, open_raster, read_schematic

TINY = Size(("46",), segments=3_000, cell_m=300.0, edge_m=800.0)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return make_inputs(tmp_path_factory.mktemp("inputs"), TINY)


@pytest.fixture(scope="module")
def schematic():
    return read_schematic(("22", "46")).geometry.to_numpy()


def test_roughened_edges_stay_shared(schematic):
    made = roughen(schematic, step=0.004, seed=1)
    assert shapely.coverage_is_valid(schematic)
    assert shapely.coverage_is_valid(made)
    assert shapely.is_valid(made).all()
    assert (shapely.get_type_id(made) == shapely.get_type_id(schematic)).all()
    assert shapely.get_num_coordinates(made).sum() > 5 * shapely.get_num_coordinates(schematic).sum()
    # Corners stay where they were, and edges bend, those shorter than a step aside.
    corners = shapely.points(shapely.get_coordinates(schematic))
    assert shapely.intersects(shapely.union_all(shapely.boundary(made)), corners).all()
    assert shapely.equals(made, schematic).mean() < 0.1


def test_roughening_knows_neither_order_nor_direction(schematic):
    order = np.random.default_rng(3).permutation(len(schematic))
    made = roughen(schematic, step=0.006, seed=1)
    assert shapely.equals_exact(roughen(schematic[order], step=0.006, seed=1), made[order], 0).all()
    turned = shapely.normalize(shapely.reverse(schematic))
    assert shapely.equals(roughen(turned, step=0.006, seed=1), made).all()
    assert shapely.equals(roughen(schematic, step=0.006, seed=2), made).mean() < 0.1


def test_edges_that_would_cross_are_bent_less():
    # Two long edges side by side, nearer to each other than they would bend.
    strip = np.array([shapely.box(0, 0, 10, 3), shapely.box(0, 3, 10, 3.01), shapely.box(0, 3.01, 10, 6)], dtype=object)
    made = roughen(strip, step=0.2, seed=4)
    assert shapely.coverage_is_valid(made)
    assert shapely.is_valid(made).all()


@settings(deadline=None)
@given(groups=st.lists(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), min_size=1, max_size=6), data=st.data())
def test_shared_out_numbers_add_up(groups, data):
    total = np.array([data.draw(st.integers(0, 10**8)) for _ in groups])
    weight = np.concatenate(groups)
    group = np.repeat(np.arange(len(groups)), [len(each) for each in groups])
    parts = share_out(total, weight, group)
    assert (np.bincount(group, weights=parts) == total).all()
    exact = total[group] * weight / np.bincount(group, weights=weight)[group]
    assert (np.abs(parts - exact) < 1 + 1e-9 * exact).all()


def test_noise_is_the_same_on_every_tile():
    whole = fractal(100, 200, (60, 80), seed=5, longest=32.0)
    part = fractal(120, 230, (10, 20), seed=5, longest=32.0)
    assert np.array_equal(whole[20:30, 30:50], part)
    assert not np.array_equal(whole, fractal(100, 200, (60, 80), seed=6, longest=32.0))


def test_every_commune_has_its_people_in_its_cells(inputs):
    units = inputs.units
    with rasterio.open(inputs.path("population")) as file:
        persons = file.read(1, masked=True).filled(0).astype("int64")
        shapes = [(shape, at + 1) for at, shape in enumerate(units.geometry)]
        owner = rasterize(shapes, out_shape=file.shape, transform=file.transform, dtype="int32")
    sums = np.bincount(owner.ravel(), weights=persons.ravel(), minlength=len(units) + 1)[1:]
    assert persons.sum() == units["population"].sum() == inputs.manifest["people"]
    assert (sums == units["population"].to_numpy(dtype=float)).all()
    assert inputs.villages.groupby("commune_code")["population"].sum().to_dict() == units["population"].to_dict()


def test_asked_people_are_made_exactly(tmp_path):
    made = make_inputs(tmp_path, Size(("46",), segments=200, cell_m=900.0, edge_m=0.0, people=123_457))
    assert made.manifest["people"] == made.units["population"].sum() == 123_457


@pytest.mark.parametrize("segments", [1, 37, 3_000])
def test_asked_segments_are_made_exactly(tmp_path, segments):
    made = make_inputs(tmp_path, Size(("46",), segments=segments, cell_m=900.0, edge_m=0.0))
    assert len(made.roads) == made.manifest["segments"] == segments


def test_roads_can_be_routed(inputs):
    roads = inputs.roads
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(roads.geometry, at)) for at in (0, -1)])
    node = np.unique(np.round(ends, 9), axis=0, return_inverse=True)[1].reshape(2, -1)
    n = int(node.max()) + 1
    parts = connected_components(coo_array((np.ones(len(roads)), (node[0], node[1])), shape=(n, n)))[1]
    # Islands and the far shores of lagoons aside, one network.
    assert np.bincount(parts[node[0]]).max() > 0.9 * len(roads)
    assert shapely.is_valid(roads.geometry).all()
    assert (shapely.length(roads.geometry) > 0).all()


def test_roads_leave_gaps_in_what_they_say(inputs):
    roads = inputs.roads
    assert set(roads["surface"].dropna()) == {"asphalt", "concrete", "gravel", "earth"}
    assert roads["hardened"].isna().equals(roads["surface"].isna())
    assert 0.02 < roads["all_season"].isna().mean() < 0.15
    assert (roads["hardened"] == roads["surface"].isin(["asphalt", "concrete"]))[roads["surface"].notna()].all()


def test_rasters_pass_the_checks_of_real_ones(inputs):
    for name, kind in (("population", "population"), ("elevation", "elevation"), ("landcover", "landcover")):
        with open_raster(inputs.path(name), kind=kind) as raster:
            found = check_raster(raster, tuple(inputs.units.total_bounds), kind=kind)
        assert [issue for issue in found if issue.severity == "error"] == []


def test_the_same_seed_makes_the_same_values(inputs, tmp_path):
    again = make_inputs(tmp_path, TINY)
    for name in ("units", "roads", "villages", "facilities", "works"):
        pd.testing.assert_frame_equal(getattr(inputs, name), getattr(again, name))
    for name in ("population", "elevation", "landcover"):
        one, other = (rasterio.open(each.path(name)) for each in (inputs, again))
        with one, other:
            assert np.array_equal(one.read(1), other.read(1))


def test_finished_inputs_are_kept_and_others_made_anew(tmp_path):
    size = Size(("46",), segments=100, cell_m=900.0, edge_m=0.0)
    first = make_inputs(tmp_path, size)
    written = first.path("roads").stat().st_mtime_ns
    make_inputs(tmp_path, size)
    assert first.path("roads").stat().st_mtime_ns == written
    assert len(make_inputs(tmp_path, size.divided(2)).roads) == 50


def test_a_given_layer_is_taken_as_it_is(inputs, tmp_path):
    file = tmp_path / "xa.gpkg"
    given = inputs.units[["commune_name", "province_code", "geometry"]]
    given.reset_index().to_file(file, driver="GPKG")
    made = make_inputs(tmp_path / "made", Size(("46",), 100, cell_m=900.0), boundaries=file)
    assert shapely.equals(made.units.geometry.to_numpy(), given.geometry.to_numpy()).all()
    with pytest.raises(SourceError, match="04"):
        make_inputs(tmp_path / "none", Size(("04",), 100), boundaries=file)


def test_half_made_inputs_are_no_inputs(tmp_path):
    gpd.GeoDataFrame(geometry=[], crs=4326).to_parquet(tmp_path / "units.parquet")
    with pytest.raises(SourceError):
        read_inputs(tmp_path)
