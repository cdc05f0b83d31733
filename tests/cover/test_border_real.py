"""The State counts 248 land-border communes in 22 provinces; the reference layers must give them back."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geontm.cover import measure_border
from geontm.load.boundaries import BoundarySource, read_boundaries, read_land_border
from geontm.project import read_dictionary

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def land_border(shared_data):
    return read_land_border(shared_data / "data" / "land_border.geojson")


@pytest.fixture(scope="module")
def counted(shared_data):
    table = pd.read_csv(shared_data / "data" / "border_communes_geometric.csv", dtype=str)
    return table[table["vintage"] == "2025"].set_index("code")


@pytest.fixture(scope="module")
def stripped(shared_data, tmp_path_factory):
    """The national layer without any word on the border, its rows shuffled."""
    layer = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet")
    bare = layer.drop(columns=[name for name in layer.columns if name.startswith("border_")])
    path = tmp_path_factory.mktemp("national") / "xa.parquet"
    bare.sample(frac=1, random_state=5).to_parquet(path)
    return path


@pytest.fixture(scope="module")
def national(stripped):
    return read_boundaries(BoundarySource(stripped), identifiers=read_dictionary("communes"))


def members(measured) -> set[str]:
    return set(measured.table.index[measured.table["is_border"].fillna(False)])


def test_248_communes_in_22_provinces(national, land_border, counted):
    measured = measure_border(national.units, land_border)
    assert members(measured) == set(counted.index)
    at_border = measured.table[measured.table["is_border"]]
    assert len(at_border) == 248
    assert national.units.loc[at_border.index, "province_code"].nunique() == 22
    assert measured.issues == ()
    expected = counted["neighbours"].str.replace("+", ", ")
    assert at_border["border_neighbours"].to_dict() == expected.to_dict()
    # The whole border is given to someone, once: 1,463.7 + 2,326.9 + 1,236.5 km.
    assert at_border["border_km"].sum() == pytest.approx(5_027.1, abs=0.1)


@pytest.mark.parametrize("seed", [1, 2])
def test_248_with_the_line_moved_by_up_to_100_m(national, land_border, counted, seed):
    generator = np.random.default_rng(seed)

    def move(points):
        angle, metres = generator.uniform(0, 2 * np.pi, len(points)), generator.uniform(0, 100, len(points))
        degrees = metres / 111_320
        east = degrees * np.cos(angle) / np.cos(np.radians(points[:, 1]))
        return points + np.column_stack([east, degrees * np.sin(angle)])

    moved = land_border.set_geometry(shapely.transform(land_border.geometry.to_numpy(), move))
    assert members(measure_border(national.units, moved.set_crs(4326))) == set(counted.index)


@pytest.mark.parametrize("file", ["{}_wards_raw.gpkg", "{}_geojson.zip"])
@pytest.mark.parametrize(("province", "name", "count"), [("04", "04_cao_bang", 21), ("22", "22_quang_ninh", 9)])
def test_raw_layers_after_repair(shared_data, national, land_border, counted, file, province, name, count):
    source = BoundarySource(shared_data / "data" / "raw" / file.format(name), provinces=(province,))
    register = pd.DataFrame(national.units.drop(columns=["geometry", "area_km2"]))
    raw = read_boundaries(source, identifiers=read_dictionary("communes"), register=register)
    assert shapely.coverage_is_valid(raw.units.geometry.to_numpy())
    found = members(measure_border(raw.units, land_border))
    assert len(found) == count
    assert found == set(counted.index[counted["province_code"] == province])


def test_ha_giang_before_2019(shared_data, land_border):
    path = shared_data / "data" / "communes_2009_source.parquet"
    truth = gpd.read_parquet(path).set_index("source_id")
    source = BoundarySource(path, provinces=("02",), columns={"source_id": "commune_code"})
    layer = read_boundaries(source, identifiers=read_dictionary("communes"))
    found = members(measure_border(layer.units, land_border))
    assert found == set(truth.index[(truth["province_code"] == "02") & (truth["border_km"] > 0)])
    assert layer.units.loc[sorted(found), "kind"].value_counts().to_dict() == {"xã": 32, "thị trấn": 2}


@pytest.mark.parametrize("province", ["04", "15"])
def test_a_province_measures_as_in_the_whole_country(stripped, national, land_border, province):
    whole = measure_border(national.units, land_border).table
    part = read_boundaries(BoundarySource(stripped, provinces=(province,)), identifiers=read_dictionary("communes"))
    found = measure_border(part.units, land_border, around=part.around).table
    pd.testing.assert_frame_equal(found, whole.loc[found.index])
    assert 0 < len(part.around) < 200


def test_a_province_of_the_dirty_layer_of_2009_measures_as_in_the_whole_country(shared_data, land_border):
    path = shared_data / "data" / "communes_2009_source.parquet"
    words, columns = read_dictionary("communes"), {"source_id": "commune_code"}
    north = ("02", "04", "06", "08", "10", "15", "19", "20", "24")
    wide = read_boundaries(BoundarySource(path, provinces=north, columns=columns), identifiers=words)
    whole = measure_border(wide.units, land_border, around=wide.around).table
    part = read_boundaries(BoundarySource(path, provinces=("04",), columns=columns), identifiers=words)
    found = measure_border(part.units, land_border, around=part.around).table
    pd.testing.assert_frame_equal(found, whole.loc[found.index], check_exact=False, atol=0.1)
    assert found["is_border"].sum() > 40
