"""Layers of two to four communes, as offices send them."""

import datetime
import unicodedata

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.errors import BoundaryError, CRSError
from geontm.load.boundaries import BoundarySource, inspect_layer, read_boundaries, read_land_border
from geontm.project import read_dictionary

WORDS = read_dictionary("communes")
SQUARES = [shapely.box(106 + n / 10, 22.0, 106 + (n + 1) / 10, 22.1) for n in range(4)]
REGISTER = pd.DataFrame(
    {
        "commune_name": ["Phường Thục Phán", "Xã Cốc Pàng", "Xã Cô Ba", "Phường Hà Tu"],
        "kind": ["phường", "xã", "xã", "phường"],
        "province_code": ["04", "04", "04", "22"],
        "province_name": ["Tỉnh Cao Bằng", "Tỉnh Cao Bằng", "Tỉnh Cao Bằng", "Tỉnh Quảng Ninh"],
    },
    index=pd.Index(["01273", "01324", "01327", "06652"], name="commune_code"),
)
CODES = list(REGISTER.index)


@pytest.fixture
def read(tmp_path):
    def reader(frame, *, register=REGISTER, **source):
        path = tmp_path / "xa.gpkg"
        frame.to_file(path, engine="pyogrio")
        return read_boundaries(BoundarySource(path, **source), identifiers=WORDS, register=register)

    return reader


def layer(shapes=SQUARES, crs=4326, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def ids(boundaries) -> list[str]:
    return [issue.message.id.removeprefix("layers.") for issue in boundaries.issues]


def test_codes_alone_are_enough_where_the_register_is_there(read):
    found = read(layer(ma_xa=CODES[::-1]), date=datetime.date(2025, 7, 1))
    units = found.units
    assert units.index.tolist() == CODES
    assert units["commune_name"].tolist() == REGISTER["commune_name"].tolist()
    assert units["province_code"].tolist() == ["04", "04", "04", "22"]
    assert units["district_code"].isna().all()
    assert ids(found).count("filled") == 4
    assert (found.crs, found.transformation, found.schematic) == ("EPSG:4326 WGS 84", "", False)
    assert found.valid_from == datetime.date(2025, 7, 1)


def test_areas_are_as_given_or_measured_on_the_ellipsoid(read):
    measured = read(layer(ma_xa=CODES)).units["area_km2"]
    assert measured.tolist() == pytest.approx([114.3] * 4, abs=0.5)
    given_areas = read(layer(ma_xa=CODES, areaKm2=[100.0, 110.0, None, 120.0]))
    assert given_areas.units["area_km2"].tolist() == pytest.approx([100, 110, measured["01327"], 120])
    assert "area_filled" in ids(given_areas)
    hectares = read(layer(ma_xa=CODES, dien_tich=[11_400.0] * 4))
    assert hectares.units["area_km2"].tolist() == pytest.approx(measured.tolist())
    assert "area_unit" in ids(hectares)


@pytest.mark.parametrize(
    ("columns", "names", "kinds"),
    [
        ({"fullName": ["Xã A", "Phường B", "Thị trấn C", "Đặc khu D"], "name": ["A", "B", "C", "D"]},
         ["Xã A", "Phường B", "Thị trấn C", "Đặc khu D"], ["xã", "phường", "thị trấn", "đặc khu"]),
        ({"name": ["A", "B", "C", "D"], "kind": ["Xã", "phường", "TT", "đặc khu"]},
         ["Xã A", "Phường B", "Thị trấn C", "Đặc khu D"], ["xã", "phường", "thị trấn", "đặc khu"]),
        ({"Tên xã": ["xã Bắc  Sơn", "P. 1", "TT. Nho Quan", "X. Xín Mần"]},
         ["Xã Bắc Sơn", "Phường 1", "Thị trấn Nho Quan", "Xã Xín Mần"], ["xã", "phường", "thị trấn", "xã"]),
        ({"ten_xa": ["<b>Xã</b>", "=1+1", "Xã", "Xanh"]}, ["<b>Xã</b>", "=1+1", "Xã", "Xanh"], [None] * 4),
    ],
)  # fmt: skip
def test_names_are_full_and_kinds_known(read, columns, names, kinds):
    decomposed = {name: [unicodedata.normalize("NFD", text) for text in texts] for name, texts in columns.items()}
    units = read(layer(ma_xa=CODES, **decomposed), register=None).units
    assert units["commune_name"].tolist() == names
    assert [None if pd.isna(kind) else kind for kind in units["kind"]] == kinds


def test_names_typed_in_tcvn3_are_read_and_unicode_ones_left(read):
    typed = layer(ma_xa=CODES, ten_xa=["Ph\u00ad\u00eang Thôc Ph¸n", "X· Cèc Pµng", "X· C« Ba", "Phường Hà Tu"])
    found = read(typed, register=None)
    assert found.units["commune_name"].tolist() == ["Phường Thục Phán", "Xã Cốc Pàng", "Xã Cô Ba", "Phường Hà Tu"]
    assert ids(found).count("legacy_read") == 1
    mostly = layer(ma_xa=CODES, ten_xa=["Phường Thục Phán", "X· Cèc Pµng", "Xã Cô Ba", "Phường Hà Tu"])
    doubtful = read(mostly, register=None)
    assert doubtful.units.loc["01324", "commune_name"] == "X· Cèc Pµng"
    assert "legacy_doubtful" in ids(doubtful)


def test_zeros_lost_in_numbers_come_back_and_are_reported(read):
    found = read(layer(ma_xa=[int(code) for code in CODES]))
    assert found.units.index.tolist() == CODES
    assert "zeros_restored" in ids(found)
    assert read(layer(ma_xa=[float(code) for code in CODES])).units.index.tolist() == CODES


def test_a_zero_is_not_restored_to_a_code_nobody_has(read):
    with pytest.raises(BoundaryError) as caught:
        read(layer(ma_xa=[1273, 1324, 1327, 9999]))
    assert caught.value.message.id == "layers.bad_code"
    assert [issue.value for issue in caught.value.issues] == ["9999"]


def test_codes_of_another_form_are_refused_unless_the_project_names_the_column(read):
    foreign = layer(ma_xa=["2011505", "2011506", "2011507", "2011508"])
    with pytest.raises(BoundaryError) as caught:
        read(foreign)
    assert len(caught.value.issues) == 4
    found = read(foreign, register=None, columns={"ma_xa": "commune_code"})
    assert found.units.index.tolist() == foreign["ma_xa"].tolist()
    assert ids(found).count("other_codes") == 1


def test_duplicate_codes_are_refused_and_listed(read):
    with pytest.raises(BoundaryError, match="01273") as caught:
        read(layer(ma_xa=["01273", "01324", "01273", "06652"]))
    assert caught.value.message.id == "layers.duplicate_code"
    assert [issue.row for issue in caught.value.issues] == ["1", "3"]


def test_a_missing_code_keeps_its_unit_under_a_key_that_does_not_hang_on_the_order(read):
    whole = layer(ma_xa=["01273", None, None, "06652"], ten_xa=["Thục Phán", "Xã B", "Xã A", "Hà Tu"])
    found, turned = read(whole), read(whole.iloc[::-1])
    assert found.units.index.tolist() == ["01273", "06652", "?1", "?2"]
    assert found.units.loc["?1", "commune_name"] == "Xã A"
    assert ids(found).count("no_code") == 2
    pd.testing.assert_frame_equal(pd.DataFrame(found.units), pd.DataFrame(turned.units))


def test_a_missing_code_in_another_province_is_left_out_with_it(read):
    """Two rows have no code, one in each province: a project of province 04 hears of its own alone, and of a count."""
    whole = layer(ma_xa=["01273", None, None, "06652"], ten_xa=["Thục Phán", "Xã B", "Xã A", "Hà Tu"],
                  ma_tinh=["04", "04", "22", "22"])  # fmt: skip
    found = read(whole, provinces=("04",))
    told = [issue for issue in found.issues if issue.message.id == "layers.no_code"]
    assert [issue.value for issue in told] == ["Xã B"]
    assert ids(found).count("other_provinces") == 1
    assert ids(read(whole)).count("no_code") == 2


def test_a_null_shape_keeps_its_unit(read):
    found = read(layer([SQUARES[0], None, shapely.Polygon(), SQUARES[3]], ma_xa=CODES))
    assert found.units.geometry.isna().tolist() == [False, True, True, False]
    assert ids(found).count("no_polygon") == 2
    assert found.units["area_km2"].isna().tolist() == [False, True, True, False]


def test_provinces_are_kept_and_the_rest_counted(read):
    found = read(layer(ma_xa=CODES), provinces=("04",))
    assert found.units.index.tolist() == CODES[:3]
    assert "other_provinces" in ids(found)
    with pytest.raises(BoundaryError) as caught:
        read(layer(ma_xa=CODES), provinces=("99",))
    assert caught.value.message.id == "layers.province_missing"


def test_a_province_is_repaired_with_those_around_it(read):
    # A and B of one province, C and D of two others in one row, C reaching into B and D.
    shapes = [SQUARES[0], SQUARES[1], shapely.box(106.19, 22.0, 106.301, 22.1), shapely.box(106.3, 22.0, 106.9, 22.1)]
    provinces = ["04", "04", "22", "24"]
    frame = layer(shapes, ma_xa=CODES, ma_tinh=provinces)
    whole = read(frame)
    part = read(frame, provinces=("04",))
    assert part.units.index.tolist() == CODES[:2]
    assert part.around.index.tolist() == CODES[2:]
    assert whole.around.empty
    for code in CODES:
        shape = (part.units if code in part.units.index else part.around).geometry[code]
        assert shape.equals(whole.units.geometry[code])
    assert shapely.coverage_is_valid([*part.units.geometry, *part.around.geometry])
    told = [issue for issue in part.issues if issue.message.id == "layers.overlap"]
    assert len(told) == 1
    assert any(CODES[3] in issue.message.text("en") for issue in whole.issues)
    assert not any(CODES[3] in issue.message.text("en") for issue in part.issues)


def test_far_units_are_not_taken_along(read):
    far = [shapely.box(106 + n, 22.0, 106.1 + n, 22.1) for n in range(3)]
    row = [SQUARES[0], SQUARES[1], SQUARES[2], far[2]]
    found = read(layer([far[1], *row[1:]], ma_xa=CODES, ma_tinh=["04", "22", "22", "22"]), provinces=("04",))
    assert found.around.empty
    near = read(layer(row, ma_xa=CODES, ma_tinh=["04", "22", "22", "22"]), provinces=("04",))
    assert near.around.index.tolist() == CODES[1:3]


def test_areas_measured_are_geodesic_with_holes_taken_off(read):
    ring = shapely.Polygon(SQUARES[0].exterior, [shapely.box(106.02, 22.02, 106.04, 22.04).exterior.coords])
    parts = shapely.MultiPolygon([shapely.box(106.5, 22, 106.6, 22.1), shapely.box(106.7, 22, 106.8, 22.1)])
    found = read(layer([ring, parts, SQUARES[2], SQUARES[3]], ma_xa=CODES)).units
    geod = pyproj.Geod(ellps="WGS84")
    expected = [abs(geod.geometry_area_perimeter(shapely.orient_polygons(shape))[0]) / 1e6 for shape in found.geometry]
    assert found["area_km2"].tolist() == pytest.approx(expected, rel=1e-12)
    assert found["area_km2"].iloc[0] == pytest.approx(114.3 * 0.96, abs=0.5)


def test_a_unit_of_unknown_province_is_never_silent(read):
    without = layer(ma_xa=["01273", "01324", "01327", "99999"])
    found = read(without)
    assert found.units["province_code"].isna().tolist() == [False, False, False, True]
    assert {"province_unknown", "not_in_register"} <= set(ids(found))
    left = read(without, provinces=("04",))
    assert [issue.value for issue in left.issues if issue.severity == "error"] == ["99999"]


def test_a_province_is_known_by_its_name_too(read):
    named = layer(ma_xa=["00001", "00002", "00003", "00004"], tinh=["Cao Bằng", "TỈNH CAO BẰNG", "quảng ninh", "Lào"])
    found = read(named, columns={"tinh": "province_name"})
    assert found.units["province_code"].iloc[:3].tolist() == ["04", "04", "22"]
    assert pd.isna(found.units["province_code"].iloc[3])


def test_named_columns_outrank_the_dictionary_and_must_exist(read):
    both = layer(code=CODES, source_id=CODES[::-1])
    assert read(both, columns={"source_id": "commune_code"}).units.geometry.iloc[0].equals(SQUARES[3])
    with pytest.raises(BoundaryError) as caught:
        read(both, columns={"source": "commune_code"})
    assert caught.value.message.id == "layers.column_missing"


def test_two_columns_with_different_codes_are_refused(read):
    with pytest.raises(BoundaryError) as caught:
        read(layer(code=CODES, ma_xa=CODES[::-1]))
    assert caught.value.message.id == "layers.several_code_columns"
    assert read(layer(code=CODES, ma_xa=CODES)).units.index.tolist() == CODES


def test_names_without_codes_are_refused(read):
    with pytest.raises(BoundaryError) as caught:
        read(layer(ten_xa=["A", "B", "C", "D"]))
    assert caught.value.message.id == "layers.no_code_column"
    assert "{" in caught.value.fix
    with pytest.raises(BoundaryError, match=r"xa\.gpkg"):
        read(layer(ma_xa=CODES).iloc[:0])


def test_systems_reach_the_record_and_bad_ones_stop(read):
    found = read(layer(ma_xa=CODES).to_crs(9210))
    assert found.crs.startswith("EPSG:9210")
    assert "VN-2000 to WGS 84" in found.transformation
    with pytest.raises(CRSError):
        read(layer(ma_xa=CODES).to_crs(9210).set_crs(32651, allow_override=True))


def test_one_unit_abroad_is_reported_and_kept(read):
    found = read(layer([*SQUARES[:3], shapely.box(102, 17, 102.1, 17.1)], ma_xa=CODES))
    assert [issue.value for issue in found.issues if issue.message.id == "layers.unit_outside"] == ["06652"]
    assert len(found.units) == 4


def test_every_issue_and_label_speaks_both_languages(read):
    shapes = [
        SQUARES[0],
        SQUARES[1].buffer(0.0005),
        None,
        shapely.Polygon([(106.3, 22), (106.4, 22.1), (106.4, 22), (106.3, 22.1)]),
    ]
    found = read(layer(shapes, ma_xa=[1273, 1324, 1327, 6652], ghi_chu=["a", "b", "c", "d"]))
    assert {
        "zeros_restored",
        "columns_unused",
        "no_polygon",
        "made_valid",
        "overlap",
        "area_changed",
        "repaired",
    } <= set(ids(found))
    for issue in found.issues:
        assert issue.message.text("vi") != issue.message.text("en")
        issue.message.fix("vi")


@settings(deadline=None, max_examples=10)
@given(order=st.permutations(range(4)))
def test_row_order_changes_nothing(tmp_path_factory, order):
    dirty = [SQUARES[0].buffer(0.0001), *SQUARES[1:]]
    frame = layer(dirty, ma_xa=CODES)
    folder = tmp_path_factory.mktemp("order")
    results = []
    for name, rows in (("a", list(range(4))), ("b", list(order))):
        frame.iloc[rows].to_parquet(folder / f"{name}.parquet")
        results.append(
            read_boundaries(BoundarySource(folder / f"{name}.parquet"), identifiers=WORDS, register=REGISTER)
        )
    straight, turned = results
    pd.testing.assert_frame_equal(pd.DataFrame(straight.units), pd.DataFrame(turned.units))
    assert straight.topology == turned.topology
    assert ids(straight) == ids(turned)


def test_inspect_measures_and_repairs_nothing(tmp_path):
    path = tmp_path / "xa.gpkg"
    layer([SQUARES[0].buffer(0.001, join_style="mitre"), *SQUARES[1:]], ma_xa=CODES).to_file(
        path, layer="xa", engine="pyogrio"
    )
    report = inspect_layer(path, identifiers=WORDS)
    assert report.count == 4
    assert report.topology["overlap_pairs"] == 1
    assert report.topology["overlap_km2"] == pytest.approx(0.001 * 0.1 * 111.32 * 111.32 * 0.927, rel=0.01)
    assert [info.layer for info in report.layers] == ["xa"]


def test_the_land_border_is_read_with_its_neighbours(tmp_path):
    line = shapely.LineString([(106, 22), (107, 22.5)])
    frame = gpd.GeoDataFrame({"Neighbour": ["CHN", "Lào", "Thailand"]}, geometry=[line] * 3, crs=4326)
    frame.to_file(tmp_path / "bien-gioi.geojson", engine="pyogrio")
    found = read_land_border(tmp_path / "bien-gioi.geojson")["neighbour"]
    assert found.tolist()[:2] == ["China", "Laos"]
    assert pd.isna(found[2])
    layer(ma_xa=CODES).to_file(tmp_path / "xa.gpkg", engine="pyogrio")
    with pytest.raises(BoundaryError) as caught:
        read_land_border(tmp_path / "xa.gpkg")
    assert caught.value.message.id == "layers.no_fitting_layer"
