"""Coordinate systems: brought to EPSG:4326 by a named operation, or refused with the likely ones."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geontm.errors import CRSError
from geontm.load.layer_crs import inside_vietnam, to_stored

CAO_BANG = gpd.GeoDataFrame(geometry=[shapely.box(106.0, 22.5, 106.1, 22.6)], crs=4326)
LOCAL = "+proj=tmerc +lat_0=0 +lon_0=105.75 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m"


def refusal(frame) -> CRSError:
    with pytest.raises(CRSError) as caught:
        to_stored(frame, file="xa.gpkg")
    return caught.value


@pytest.mark.parametrize("code", [4756, 3405, 5897, 9210])
def test_vn2000_is_moved_by_about_200_m_and_the_operation_named(code):
    given = CAO_BANG.to_crs(code)
    stored, crs, operation = to_stored(given, file="xa.gpkg")
    assert "VN-2000 to WGS 84" in operation
    assert crs.startswith(f"EPSG:{code} VN-2000")
    assert stored.crs == pyproj.CRS.from_epsg(4326)
    # As if the numbers were WGS 84 ones: the datum shift alone.
    unshifted = given.to_crs(pyproj.CRS.from_epsg(code).geodetic_crs).geometry.iloc[0]
    metres = 111_320 * stored.geometry.iloc[0].centroid.distance(unshifted.centroid)
    assert 150 < metres < 250


def test_wgs84_is_left_as_it_is():
    stored, crs, operation = to_stored(CAO_BANG, file="xa.gpkg")
    assert (crs, operation) == ("EPSG:4326 WGS 84", "")
    assert stored.geometry.iloc[0].equals_exact(CAO_BANG.geometry.iloc[0], 0)
    assert to_stored(CAO_BANG.set_crs("OGC:CRS84", allow_override=True), file="x")[2] == ""


def test_utm_needs_no_datum_shift():
    stored, _, operation = to_stored(CAO_BANG.to_crs(32648), file="xa.gpkg")
    assert "UTM zone 48N" in operation
    assert stored.geometry.iloc[0].equals_exact(CAO_BANG.geometry.iloc[0], 1e-9)


def test_heights_in_the_system_are_left_out():
    solid = gpd.GeoDataFrame(geometry=shapely.force_3d(CAO_BANG.geometry.to_numpy(), 7.0), crs=4979)
    stored, _, operation = to_stored(solid, file="xa.gpkg")
    assert not stored.has_z.any()
    assert operation == ""


def test_no_system_names_the_likely_zones():
    error = refusal(CAO_BANG.to_crs(9210).set_crs(None, allow_override=True))
    assert error.message.id == "layers.crs_missing"
    assert "EPSG:9210" in error.fix
    assert "EPSG:9216" not in error.fix  # Kon Tum
    assert "EPSG:4326" in refusal(CAO_BANG.set_crs(None, allow_override=True)).fix


def test_a_system_that_puts_vietnam_in_the_sea_is_refused():
    error = refusal(CAO_BANG.to_crs(3405).set_crs(32651, allow_override=True))
    assert error.message.id == "layers.crs_outside"
    assert "EPSG:3405" in error.fix
    assert refusal(CAO_BANG.to_crs(9210).set_crs(4326, allow_override=True)).message.id == "layers.crs_outside"


def test_swapped_axes_are_told():
    turned = CAO_BANG.set_geometry(shapely.transform(CAO_BANG.geometry.to_numpy(), lambda points: points[:, ::-1]))
    assert refusal(turned).message.id == "layers.axes_swapped"


def test_a_ballpark_operation_is_refused_with_the_likely_zone():
    # The proj string of a drawing program: VN-2000 in truth, but the datum is not said.
    error = refusal(CAO_BANG.to_crs(9210).set_crs(LOCAL, allow_override=True))
    assert error.message.id == "layers.crs_ballpark"
    assert "EPSG:9210" in error.fix


def test_the_corners_of_the_country_lie_inside_and_its_neighbours_do_not():
    inside = {
        "A Pa Chải": (102.15, 22.40), "Lũng Cú": (105.32, 23.38), "Sa Vĩ": (108.06, 21.50), "Mũi Điện": (109.46, 12.90),
        "Đất Mũi": (104.72, 8.60), "Phú Quốc": (103.95, 10.30), "Thổ Chu": (103.48, 9.30), "Côn Đảo": (106.60, 8.70),
        "Bạch Long Vĩ": (107.72, 20.13), "Hoàng Sa": (111.60, 16.53), "Trường Sa": (111.92, 8.65),
        "Lao Bảo": (106.60, 16.62), "Bờ Y": (107.55, 14.70), "Hà Tiên": (104.48, 10.38),
    }  # fmt: skip
    outside = {
        "Vientiane": (102.6, 17.97),
        "Phnom Penh": (104.9, 11.2 + 0.4),
        "Nanning": (108.3, 22.8),
        "Hainan": (109.8, 19.2),
    }
    assert inside_vietnam(*np.array(list(inside.values())).T).all()
    assert not inside_vietnam(*np.array(list(outside.values())).T).any()


@pytest.mark.realdata
def test_every_commune_lies_inside(shared_data):
    boxes = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet").bounds.to_numpy()
    assert inside_vietnam(*((boxes[:, :2] + boxes[:, 2:]) / 2).T).all()
