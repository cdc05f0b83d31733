"""Files of waterworks, schools and clinics as offices keep them: coordinates, radii, states, capacities."""

from __future__ import annotations

import geopandas as gpd
import openpyxl
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.errors import CRSError, SourceError, TableError
from geontm.load.site_points import _number, _pair
from geontm.load.sites import SITE_COLUMNS, SiteSource, read_sites

HEAD = "Mã công trình,Tên công trình,Kinh độ,Vĩ độ"


def text(tmp_path, content, name="cong-trinh.csv"):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def read(path, kind="water", **said):
    return read_sites(SiteSource(path, kind, **said))


def ids(sites, *severities):
    severities = severities or ("error", "warning", "info")
    return [issue.message.id for issue in sites.issues if issue.severity in severities]


def texts(sites):
    """Render every issue, so that no message lacks what fills it."""
    return [issue.message.text(lang) + issue.message.fix(lang) for issue in sites.issues for lang in ("vi", "en")]


def table(tmp_path, header, *rows, **said):
    lines = [
        f"{HEAD},{header}",
        *(f"CT{n},Trạm {n},{106 + n / 100},{22 + n / 100},{row}" for n, row in enumerate(rows)),
    ]
    return read(text(tmp_path, "\n".join(lines)), **said)


def at(sites):
    return [(round(point.x, 6), round(point.y, 6)) for point in sites.frame.geometry]


def test_a_plain_table(tmp_path):
    path = text(
        tmp_path,
        f"{HEAD},Bán kính (m),Tình trạng hoạt động,Công suất (hộ)\n"
        "CT1,Trạm Nà Giàng,106.25,22.75,800,Bền vững,120\nCT2,Trạm Hạ Lang,106.5,22.5,1200,không hoạt động,\n",
    )
    sites = read(path)
    frame = sites.frame
    assert list(frame.columns) == [*SITE_COLUMNS, "geometry"]
    assert isinstance(frame.index, pd.RangeIndex) and frame.crs == 4326
    assert frame["site_id"].tolist() == ["CT1", "CT2"] and frame["kind"].tolist() == ["water", "water"]
    assert frame["working"].tolist() == [True, False] and frame["radius_m"].tolist() == [800, 1200]
    assert frame["capacity_households"].iloc[0] == 120 and pd.isna(frame["capacity_households"].iloc[1])
    assert frame["capacity_persons"].isna().all()
    assert at(sites) == [(106.25, 22.75), (106.5, 22.5)]
    assert sites.columns["radius_m"] == "Bán kính (m)"
    assert ids(sites, "error", "warning") == []


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("lon;lat", "105,8437;21,0461"),
        ("x;y", "105.8437;21.0461"),
        ("Vĩ độ;Kinh độ", "21.0461;105.8437"),
        ("Tọa độ", "21.0461, 105.8437"),
        ("Tọa độ", "105.8437,21.0461"),
        ("Toạ độ", "'21,0461 105,8437'"),
        ("Tọa độ", "(21,0461,105,8437)"),
        ("Kinh độ;Vĩ độ", "105°50'37.32''E;21°02'45,96\" N"),
    ],
)
def test_coordinates_as_offices_write_them(tmp_path, header, cells):
    cells = cells.strip("'") if cells.startswith("'") else cells
    cells = ";".join('"' + cell.replace('"', '""') + '"' for cell in cells.split(";"))
    sites = read(text(tmp_path, f"Tên;{header}\nTrạm A;{cells}\n"))
    assert [(round(x, 4), round(y, 4)) for x, y in at(sites)] == [(105.8437, 21.0461)]
    assert ids(sites, "error") == []


def test_metres_without_a_system_are_refused_with_the_likely_zones(tmp_path):
    x, y = pyproj.Transformer.from_crs(4326, 9211, always_xy=True).transform(106.25, 22.75)
    path = text(tmp_path, f"Tên,X,Y\nTrạm A,{x:.2f},{y:.2f}\n")
    with pytest.raises(CRSError) as refused:
        read(path)
    assert refused.value.message.id == "sites.metres"
    assert "VN-2000" in refused.value.text("vi") and "EPSG:" in refused.value.text("en")


@pytest.mark.parametrize("x_is_north", [False, True])
def test_metres_with_a_system_are_moved_whichever_way_x_points(tmp_path, x_is_north):
    east, north = pyproj.Transformer.from_crs(4326, 9211, always_xy=True).transform(106.25, 22.75)
    x, y = (north, east) if x_is_north else (east, north)
    sites = read(text(tmp_path, f'Tên;X;Y\nTrạm A;{x:.2f};"{y:,.2f}"\n'), crs="EPSG:9211")
    assert at(sites)[0] == pytest.approx((106.25, 22.75), abs=0.01)
    assert ("sites.x_is_north" in ids(sites)) is x_is_north


def test_an_unknown_system_is_refused(tmp_path):
    with pytest.raises(CRSError) as refused:
        read(text(tmp_path, "Tên,X,Y\nA,500000,2500000\n"), crs="VN2000 nào đó")
    assert refused.value.message.id == "sites.bad_crs"


def test_swapped_columns_are_refused_and_swapped_rows_are_errors(tmp_path):
    with pytest.raises(CRSError) as refused:
        read(text(tmp_path, f"{HEAD}\n1,A,22.75,106.25\n2,B,22.5,106.5\n"))
    assert refused.value.message.id == "sites.swapped" and "lon: Vĩ độ" in refused.value.text("en")
    mended = read(text(tmp_path, f"{HEAD}\n1,A,22.75,106.25\n2,B,22.5,106.5\n"), lon="Vĩ độ", lat="Kinh độ")
    assert at(mended) == [(106.25, 22.75), (106.5, 22.5)]
    sites = read(text(tmp_path, f"{HEAD}\n1,A,106.25,22.75\n2,B,22.5,106.5\n3,C,106.3,22.7\n"))
    assert sites.frame["site_id"].tolist() == ["1", "3"]
    (issue,) = (issue for issue in sites.issues if issue.message.id == "sites.row_swapped")
    assert issue.severity == "error" and issue.row == "3"


def test_rows_without_usable_coordinates_are_errors(tmp_path):
    path = text(
        tmp_path,
        f"{HEAD}\n1,A,106.25,22.75\n2,B,,\n3,C,106.25,\n4,D,gần chợ,22.7\n5,E,21.0,21.0\n6,F,106.3,22.7\n",
    )
    sites = read(path)
    assert sites.frame["site_id"].tolist() == ["1", "6"]
    rows = {issue.message.id: issue.row for issue in sites.issues if issue.severity == "error"}
    assert rows == {"sites.no_point": "3, 4", "sites.bad_point": "5", "sites.row_outside": "6"}
    assert all(texts(sites))


def test_a_file_outside_vietnam_is_refused(tmp_path):
    with pytest.raises(CRSError) as refused:
        read(text(tmp_path, f"{HEAD}\n1,A,2.35,48.85\n"))
    assert refused.value.message.id == "sites.outside"


def test_a_table_without_coordinates_is_refused(tmp_path):
    with pytest.raises(TableError) as refused:
        read(text(tmp_path, "Mã công trình,Tên công trình\n1,A\n2,B\n"))
    assert refused.value.message.id == "sites.no_sites" and "Tên công trình" in refused.value.text("vi")
    with pytest.raises(TableError) as refused:
        read(text(tmp_path, "a,b\n1,2\n3,4\n"))
    assert refused.value.text("vi") and refused.value.text("en")


def test_repeats_count_once_and_contradictions_are_unknown(tmp_path):
    path = text(
        tmp_path,
        f"{HEAD},Tình trạng,Bán kính (m)\n"
        "1,A,106.25,22.75,tốt,800\n1,A,106.25,22.75,tốt,800\n2,B,106.3,22.7,tốt,900\n2,B,106.3,22.7,hỏng,900\n"
        "3,C,106.4,22.6,tốt,700\n3,C,106.41,22.61,tốt,700\n",
    )
    sites = read(path)
    assert sites.frame["site_id"].tolist() == ["1", "2", "3:6", "3:7"]
    assert sites.frame["working"].tolist()[0] and pd.isna(sites.frame["working"].iloc[1])
    assert sites.frame["radius_m"].tolist() == [800, 900, 700, 700]
    assert {"sites.duplicate", "sites.contradicts", "sites.id_twice"} <= set(ids(sites))
    assert all(texts(sites))


def test_unnamed_sites_at_one_place_stay_apart(tmp_path):
    sites = read(text(tmp_path, "Kinh độ,Vĩ độ\n106.25,22.75\n106.25,22.75\n"))
    assert sites.frame["site_id"].tolist() == ["cong-trinh:2", "cong-trinh:3"]


def test_radii_in_kilometres_are_caught_by_their_range(tmp_path):
    with pytest.raises(TableError) as refused:
        table(tmp_path, "Bán kính", "0.8", "2", "10")
    assert refused.value.message.id == "sites.radius_km"
    assert "ki-lô-mét" in refused.value.text("vi") and "metres are expected" in refused.value.text("en")
    with pytest.raises(TableError) as refused:
        table(tmp_path, "ban_kinh_m", "3", "2.5", "800")
    assert refused.value.message.id == "sites.radius_km", "no well serves three metres, whatever the header says"
    with pytest.raises(TableError) as refused:
        read(text(tmp_path, f"{HEAD},phạm vi\n1,A,106.25,22.75,1.5\n"), radius="phạm vi")
    assert refused.value.message.id == "sites.radius_km"


@pytest.mark.parametrize("header", ["Bán kính (km)", "ban_kinh_km", "Bán kính phục vụ (km)"])
def test_radii_that_say_kilometres_are_converted(tmp_path, header):
    sites = table(tmp_path, header, '"0,8"', '"2,5"')
    assert sites.frame["radius_m"].tolist() == [800, 2500]
    assert "sheets.unit_converted" in ids(sites)


def test_radii_out_of_range_are_errors(tmp_path):
    sites = table(tmp_path, "Bán kính (m)", "-500", "60000", "0", "50000", "")
    assert sites.frame["radius_m"].isna().tolist() == [True, True, True, False, True]
    assert ids(sites, "error") == ["tables.out_of_range"] * 3


@pytest.mark.parametrize(("given", "metres"), [("2 km", 2000), ("1,5km", 1500), (800, 800), ("650 m", 650)])
def test_one_radius_for_all(tmp_path, given, metres):
    sites = read(text(tmp_path, f"{HEAD}\n1,A,106.25,22.75\n"), radius=given)
    assert sites.frame["radius_m"].tolist() == [metres]


@pytest.mark.parametrize("given", [2, "80 km", "0 m"])
def test_an_absurd_radius_of_the_project_is_refused(tmp_path, given):
    with pytest.raises(TableError) as refused:
        read(text(tmp_path, f"{HEAD}\n1,A,106.25,22.75\n"), radius=given)
    assert refused.value.message.id == "sites.radius_setting"


def test_a_missing_radius_column_is_refused(tmp_path):
    with pytest.raises(TableError) as refused:
        read(text(tmp_path, f"{HEAD}\n1,A,106.25,22.75\n"), radius="tầm phục vụ")
    assert "tầm phục vụ" in refused.value.text("vi")


WORDS = [
    ("Hoạt động bền vững", True), ("tương đối bền vững", True), ("Kém bền vững", True), ("không hoạt động", False),
    ("hỏng", False), ("sustainable", True), ("fairly_sustainable", True), ("weak", True), ("not_working", False),
    ("yes", True), ("No", False), ("1", True), ("0", False), ("", None), ("đang sửa", None),
]  # fmt: skip


def test_words_of_the_working_state(tmp_path):
    sites = table(tmp_path, "Tình trạng", *(word for word, _ in WORDS))
    found = [None if pd.isna(value) else bool(value) for value in sites.frame["working"]]
    assert found == [answer for _, answer in WORDS]
    (issue,) = (issue for issue in sites.issues if issue.severity == "warning")
    assert issue.message.id == "sites.unknown_state" and issue.value == "đang sửa"
    assert "1 công trình" in issue.message.text("vi")


def test_the_project_may_say_which_values_mean_working(tmp_path):
    rows = ["A,mở", "B,mở", "A,", "C,đóng"]
    sites = table(tmp_path, "hạng,cửa", *rows, working={"hạng": ("A", "B"), "cửa": ("mở",)})
    assert [None if pd.isna(value) else bool(value) for value in sites.frame["working"]] == [True, True, None, False]
    wrong = table(tmp_path, "hạng,cửa", *rows, working={"hạng": ("D",)})
    assert not wrong.frame["working"].any() and "sites.none_working" in ids(wrong)


def test_without_a_state_waterworks_are_unknown_and_schools_in_use(tmp_path):
    path = text(tmp_path, f"{HEAD}\n1,A,106.25,22.75\n")
    works, schools = read(path), read(path, "school")
    assert works.frame["working"].isna().all() and "sites.no_state" in ids(works, "warning")
    assert schools.frame["working"].all() and "sites.taken_as_working" in ids(schools, "info")


def test_capacities_by_their_unit(tmp_path):
    assert table(tmp_path, "Công suất (người)", "500").frame["capacity_persons"].tolist() == [500]
    named = table(tmp_path, "phục vụ tối đa (hộ)", "90", capacity="phục vụ tối đa (hộ)")
    assert named.frame["capacity_households"].tolist() == [90]
    water = table(tmp_path, "Công suất thiết kế (m3/ngày đêm)", "12", litres_per_person_day=60)
    assert water.frame["capacity_persons"].tolist() == [200] and "sites.capacity_by_litres" in ids(water)
    unknown = table(tmp_path, "Công suất thiết kế (m3/ngày đêm)", "12")
    assert unknown.frame["capacity_persons"].isna().all() and "sites.capacity_in_water" in ids(unknown, "warning")
    bare = table(tmp_path, "Công suất", "12", capacity="Công suất")
    assert bare.frame["capacity_persons"].isna().all() and "sites.capacity_unit" in ids(bare, "error")
    assert all(texts(water) + texts(unknown) + texts(bare))


def test_kinds_written_as_tags(tmp_path):
    path = text(tmp_path, f"{HEAD},kind\n1,A,106.25,22.75,amenity=school\n2,B,106.3,22.7,amenity=bank\n")
    schools = read(path, "school")
    assert schools.frame["site_id"].tolist() == ["1"] and "sites.other_kinds" in ids(schools, "info")
    assert read(path, "school", columns={"kind": "kind"}).frame["kind"].tolist() == ["school", "bank"]


def test_a_file_of_several_kinds(tmp_path):
    path = text(tmp_path, f"{HEAD},kind\n1,A,106.25,22.75,school\n2,B,106.3,22.7,clinic\n")
    schools = read(path, "school")
    assert schools.frame["site_id"].tolist() == ["1"] and "sites.other_kinds" in ids(schools, "info")
    every = read(path, "school", columns={"kind": "kind"})
    assert every.frame["kind"].tolist() == ["school", "clinic"]
    odd = read(path, "market")
    assert len(odd.frame) == 2 and "sites.kinds_in_file" in ids(odd, "warning")
    assert all(texts(schools) + texts(odd))


def test_a_workbook_with_titles_above(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["DANH SÁCH CÔNG TRÌNH CẤP NƯỚC"])
    sheet.append([])
    sheet.append(["STT", "Tên công trình", "Kinh độ", "Vĩ độ", "Bán kính phục vụ (m)", "Tình trạng"])
    sheet.append([1, "Trạm A", 106.25, 22.75, 900, "Bền vững"])
    sheet.append([2, "Trạm B", "106,5", "22,5", 1100, "Hỏng"])
    book.save(tmp_path / "nuoc.xlsx")
    sites = read(tmp_path / "nuoc.xlsx")
    assert at(sites) == [(106.25, 22.75), (106.5, 22.5)]
    assert sites.frame["radius_m"].tolist() == [900, 1100] and sites.frame["working"].tolist() == [True, False]
    assert sites.frame["site_id"].tolist() == ["nuoc:4", "nuoc:5"]


AREA = shapely.box(106.2, 22.7, 106.3, 22.8)


def layer(tmp_path, shapes, name="nuoc.gpkg", crs=4326, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)
    frame.to_file(tmp_path / name) if name.endswith(".gpkg") else frame.to_parquet(tmp_path / name)
    return tmp_path / name


def test_a_layer_of_points_and_one_of_areas(tmp_path):
    path = layer(tmp_path, [shapely.Point(106.25, 22.75), None], ma_ct=["1", "2"], ban_kinh_m=[800, 900])
    sites = read(path)
    assert at(sites) == [(106.25, 22.75)] and sites.frame["radius_m"].tolist() == [800]
    assert "sites.no_shape" in ids(sites, "error")
    bow = shapely.Polygon([(106, 22), (106.1, 22.1), (106.1, 22), (106, 22.1)])
    path = layer(tmp_path, [AREA, bow], "vung.parquet", ten=["A", "B"], status=["weak", "broken"])
    areas = read(path)
    assert areas.frame.geometry.iloc[0].equals(AREA) and areas.frame.geometry.is_valid.all()
    assert areas.frame["working"].tolist() == [True, False] and "sites.area_repaired" in ids(areas, "warning")


def test_a_layer_in_vn2000_is_moved_and_one_without_a_system_needs_it(tmp_path):
    moved = gpd.GeoSeries([AREA], crs=4326).to_crs(9211)
    path = layer(tmp_path, moved, crs=9211, ten=["A"])
    assert read(path).frame.geometry.iloc[0].distance(AREA) == 0
    path = layer(tmp_path, moved, "khong.parquet", crs=None, ten=["A"])
    with pytest.raises(CRSError) as refused:
        read(path)
    assert refused.value.message.id == "layers.crs_missing"
    assert read(path, crs="EPSG:9211").frame.geometry.iloc[0].centroid.distance(AREA.centroid) < 0.01


def test_lines_are_no_sites(tmp_path):
    path = layer(tmp_path, [shapely.LineString([(106, 22), (106.1, 22.1)])], ten=["A"])
    with pytest.raises(SourceError) as refused:
        read(path)
    assert refused.value.message.id == "sites.no_layer"
    path = layer(tmp_path, [shapely.LineString([(106, 22), (106.1, 22.1)]), AREA], "lan.parquet", ten=["A", "B"])
    sites = read(path)
    assert sites.frame["name"].tolist() == ["B"] and "sites.wrong_shape" in ids(sites, "error")


@given(st.floats(8, 23).map(lambda v: round(v, 5)), st.floats(102, 109).map(lambda v: round(v, 5)), st.booleans())
@settings(deadline=None)
def test_a_coordinate_reads_back_however_written(lat, lon, comma):
    sign = "," if comma else "."
    plain = [f"{value:.5f}".replace(".", sign) for value in (lat, lon)]
    assert [_number(value) for value in plain] == [lat, lon]
    assert _pair("; ".join(plain)) == (lat, lon)
    whole = int(lon)
    angle = f"{whole}°{(lon - whole) * 60:.6f}'E".replace(".", sign)
    assert _number(angle) == pytest.approx(lon, abs=1e-7)


@pytest.mark.realdata
def test_the_waterworks_of_hanoi(shared_data):
    sites = read(shared_data / "data" / "real" / "water_facilities_hanoi.csv")
    # 65 rows, 2 of them with the latitude in place of the longitude; 63 points at 58 different named places.
    (outside,) = (issue for issue in sites.issues if issue.message.id == "sites.row_outside")
    (repeats,) = (issue for issue in sites.issues if issue.message.id == "sites.duplicate")
    assert outside.row == "7, 37" and repeats.row.split(", ") == ["5", "21", "34", "57", "58"]
    assert len(sites.frame) == 58 and sites.frame["site_id"].is_unique
    west, south, east, north = sites.frame.total_bounds
    assert 105.3 < west < east < 106.1 and 20.5 < south < north < 21.4
