"""Files of every allowed kind, and those that are refused."""

import errno
import json
import os
import shutil
import sqlite3
import struct
import zipfile

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely

from geontm.errors import BoundaryError, GeontmError, SourceError
from geontm.load.layers import list_layers, read_vector
from geontm.project import read_dictionary

WORDS = read_dictionary("communes")
WRITTEN = {
    "xa.gpkg": "GPKG",
    "xa.geojson": "GeoJSON",
    "xa.shp": "ESRI Shapefile",
    "xa.fgb": "FlatGeobuf",
    "xa.kml": "KML",
    "xa.gml": "GML",
    "xa.tab": "MapInfo File",
    "xa.mif": "MapInfo File",
}


def layer(*codes, x=106.0, **columns) -> gpd.GeoDataFrame:
    shapes = [shapely.box(x + n / 10, 22.0, x + (n + 1) / 10, 22.1) for n in range(len(codes))]
    names = [f"Xã Cốc Pàng {code}" for code in codes]
    return gpd.GeoDataFrame({"ma_xa": list(codes), "ten_xa": names, **columns}, geometry=shapes, crs=4326)


def refused(path, **options) -> str:
    with pytest.raises(GeontmError) as caught:
        read_vector(path, identifiers=WORDS, **options)
    for lang in ("vi", "en"):
        assert caught.value.text(lang)
    return caught.value.message.id


@pytest.mark.parametrize("name", WRITTEN)
def test_every_kind_is_read(tmp_path, name):
    options = {"FORMAT": "MIF"} if name.endswith("mif") else {}
    layer("01273", "01279").to_file(tmp_path / name, driver=WRITTEN[name], engine="pyogrio", **options)
    frame = read_vector(tmp_path / name, identifiers=WORDS).frame
    # FlatGeobuf keeps features in the order of its index.
    assert sorted(frame["ma_xa"]) == ["01273", "01279"]
    assert sorted(frame["ten_xa"]) == ["Xã Cốc Pàng 01273", "Xã Cốc Pàng 01279"]
    assert frame.crs.equals(4326, ignore_axis_order=True)
    assert shapely.area(frame.geometry.to_numpy()).tolist() == pytest.approx([0.01, 0.01])


def test_geoparquet_and_topojson_are_read(tmp_path):
    layer("01273").to_parquet(tmp_path / "xa.parquet")
    assert read_vector(tmp_path / "xa.parquet", identifiers=WORDS).frame["ma_xa"].tolist() == ["01273"]
    ring = [[106, 22], [106.1, 22], [106.1, 22.1], [106, 22]]
    shape = {"type": "Polygon", "arcs": [[0]], "properties": {"ma_xa": "01273"}}
    topology = {
        "type": "Topology",
        "objects": {"xa": {"type": "GeometryCollection", "geometries": [shape]}},
        "arcs": [ring],
    }
    (tmp_path / "xa.topojson").write_text(json.dumps(topology))
    assert read_vector(tmp_path / "xa.topojson", identifiers=WORDS).frame["ma_xa"].tolist() == ["01273"]


def test_reading_leaves_nothing_beside_the_file(tmp_path):
    layer("01273").to_file(tmp_path / "xa.gml", driver="GML", engine="pyogrio")
    (tmp_path / "xa.xsd").unlink()
    read_vector(tmp_path / "xa.gml", identifiers=WORDS)
    assert [path.name for path in tmp_path.iterdir()] == ["xa.gml"]


def test_heights_are_left_out(tmp_path):
    solid = layer("01273")
    solid.geometry = shapely.force_3d(solid.geometry.to_numpy(), 5.0)
    solid.to_file(tmp_path / "xa.gpkg", engine="pyogrio")
    assert not read_vector(tmp_path / "xa.gpkg", identifiers=WORDS).frame.has_z.any()


def test_a_shapefile_without_code_page_is_read_as_the_utf8_it_is(tmp_path):
    layer("01273").to_file(tmp_path / "xa.shp", engine="pyogrio", encoding="UTF-8")
    (tmp_path / "xa.cpg").unlink()
    read = read_vector(tmp_path / "xa.shp", identifiers=WORDS)
    assert read.frame["ten_xa"].tolist() == ["Xã Cốc Pàng 01273"]
    assert [issue.message.id for issue in read.issues] == ["layers.encoding"]


def test_a_zipped_shapefile_is_read(tmp_path):
    layer("01273").to_file(tmp_path / "xa.shp", engine="pyogrio")
    with zipfile.ZipFile(tmp_path / "xa.zip", "w") as archive:
        for part in ("shp", "shx", "dbf", "prj", "cpg"):
            archive.write(tmp_path / f"xa.{part}", f"ranh giới/xa.{part}")
    assert read_vector(tmp_path / "xa.zip", identifiers=WORDS).frame["ma_xa"].tolist() == ["01273"]


def test_one_file_per_commune_is_read_together_and_the_province_is_not(tmp_path):
    with zipfile.ZipFile(tmp_path / "cao-bang.zip", "w") as archive:
        archive.writestr("04/04.geojson", layer("04").to_json())
        for n, code in enumerate(("01273", "01279", "01288")):
            archive.writestr(f"04/xa/{code}.geojson", layer(code, x=106 + n / 10).to_json())
        archive.writestr("__MACOSX/04/xa/._01273.geojson", b"\x00\x05\x16\x07")
        archive.writestr("04/readme.txt", "x")
    read = read_vector(tmp_path / "cao-bang.zip", identifiers=WORDS)
    assert read.frame["ma_xa"].tolist() == ["01273", "01279", "01288"]
    assert read.file == "cao-bang.zip/04/xa"


def national(tmp_path, *, second_communes=False):
    path = tmp_path / "ranh-gioi.gpkg"
    layer("04", "22").to_file(path, layer="tinh", engine="pyogrio")
    layer("01273").to_file(path, layer="xa", engine="pyogrio")
    line = gpd.GeoDataFrame({"ma_xa": ["01273"]}, geometry=[shapely.LineString([(106, 22), (107, 22)])], crs=4326)
    line.to_file(path, layer="duong", engine="pyogrio")
    if second_communes:
        layer("01279").to_file(path, layer="xa_2020", engine="pyogrio")
    return path


def test_the_layer_of_communes_is_found_among_others(tmp_path):
    path = national(tmp_path)
    assert {info.layer for info in list_layers(path)} == {"tinh", "xa", "duong"}
    assert read_vector(path, identifiers=WORDS).layer == "xa"


def test_two_layers_of_communes_are_refused_and_named(tmp_path):
    path = national(tmp_path, second_communes=True)
    with pytest.raises(BoundaryError) as caught:
        read_vector(path, identifiers=WORDS)
    assert caught.value.message.id == "layers.several_layers"
    assert "xa_2020" in str(caught.value)
    assert read_vector(path, identifiers=WORDS, layer="xa_2020").frame["ma_xa"].tolist() == ["01279"]
    assert refused(path, layer="huyen") == "layers.layer_missing"


def test_a_layer_without_known_columns_is_refused_and_can_be_named(tmp_path):
    layer("01273").rename(columns={"ma_xa": "F1", "ten_xa": "F2"}).to_file(tmp_path / "xa.gpkg", engine="pyogrio")
    assert refused(tmp_path / "xa.gpkg") == "layers.no_fitting_layer"
    read = read_vector(tmp_path / "xa.gpkg", identifiers=WORDS, columns={"F1": "commune_code"})
    assert read.frame["F1"].tolist() == ["01273"]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
@pytest.mark.parametrize(
    "name", ["xa.gpkg", "xa.geojson", "xa.shp", "xa.fgb", "xa.kml", "xa.gml", "xa.parquet", "xa.zip"]
)
def test_a_truncated_file_is_refused(tmp_path, name, kept):
    path = tmp_path / name
    many = layer(*(f"{code:05}" for code in range(20)))
    if name.endswith("parquet"):
        many.to_parquet(path)
    elif name.endswith("zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xa.geojson", many.to_json())
    else:
        many.to_file(path, driver=WRITTEN[name], engine="pyogrio")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert refused(path) in ("layers.truncated", "layers.damaged", "layers.archive_damaged", "layers.content_differs")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("xa.gpkg", b"", "layers.file_empty"),
        ("xa.gpkg", b"not a database", "layers.content_differs"),
        ("xa.gpkg", b"SQLite format 3\x00" + b"\x00" * 200, "layers.content_differs"),
        ("xa.geojson", b"<OGRVRTDataSource/>", "layers.content_differs"),
        ("xa.vrt", b"<OGRVRTDataSource/>", "layers.kind_not_allowed"),
        ("xa.xlsx", b"PK", "layers.kind_not_allowed"),
        ("xa.tab", b"!table\n!version 300\nDefinition Table\n  Type LINKED\n", "layers.content_differs"),
        ("xa.kml", b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "b">]><kml>&a;</kml>', "layers.xml_entities"),
        ("xa.geojson", b'{"type": "FeatureCollection", "features": [', "layers.damaged"),
        ("xa.zip", b"PK\x03\x04 nothing more", "layers.archive_damaged"),
    ],
)
def test_what_is_not_a_map_is_refused(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    assert refused(tmp_path / name) == expected


def test_a_missing_file_and_a_lonely_shapefile_are_refused(tmp_path):
    assert refused(tmp_path / "khong-co.gpkg") == "layers.file_missing"
    layer("01273").to_file(tmp_path / "xa.shp", engine="pyogrio")
    (tmp_path / "xa.dbf").unlink()
    assert refused(tmp_path / "xa.shp") == "layers.companion_missing"


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_a_zipped_shapefile_without_companion_says_which(tmp_path, suffix):
    layer("01273").to_file(tmp_path / "xa.shp", engine="pyogrio")
    with zipfile.ZipFile(tmp_path / "xa.zip", "w") as archive:
        for name in {".shp", ".shx", ".dbf", ".prj"} - {suffix}:
            archive.write(tmp_path / f"xa{name}", f"xa{name}")
    with pytest.raises(SourceError, match=suffix) as caught:
        read_vector(tmp_path / "xa.zip", identifiers=WORDS)
    assert caught.value.message.id == "layers.companion_missing"


def test_a_folder_and_an_empty_file_are_refused(tmp_path):
    (tmp_path / "ranh-gioi.gdb").mkdir()
    assert refused(tmp_path / "ranh-gioi.gdb") == "layers.is_folder"
    for name in ("xa.gpkg", "xa.zip", "xa.geojson"):
        (tmp_path / name).touch()
        assert refused(tmp_path / name) == "layers.file_empty"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is open to this user")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    layer("01273").to_file(tmp_path / "xa.gpkg", engine="pyogrio")
    (tmp_path / "xa.gpkg").chmod(0)
    assert refused(tmp_path / "xa.gpkg") == "layers.no_permission"


def test_a_file_that_another_program_has_locked_is_refused(tmp_path, monkeypatch):
    layer("01273").to_file(tmp_path / "xa.gpkg", engine="pyogrio")

    def locked(*_, **__):
        raise PermissionError(errno.EACCES, "locked")

    monkeypatch.setattr("pathlib.Path.open", locked)
    assert refused(tmp_path / "xa.gpkg") == "layers.no_permission"


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, "layers.unpack_no_space"), (errno.EROFS, "layers.unpack_failed")]
)
def test_a_full_disk_while_unpacking_is_told_and_leaves_nothing(tmp_path, monkeypatch, number, expected):
    with zipfile.ZipFile(tmp_path / "xa.zip", "w") as archive:
        archive.writestr("xa.geojson", layer("01273").to_json())
    folder = tmp_path / "tam"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))

    def full(packed, unpacked):
        unpacked.write(packed.read(10))
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    assert refused(tmp_path / "xa.zip") == expected
    assert list(folder.iterdir()) == []


def test_a_missing_temporary_folder_is_told(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "xa.zip", "w") as archive:
        archive.writestr("xa.geojson", layer("01273").to_json())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "khong-co"))
    assert refused(tmp_path / "xa.zip") == "layers.unpack_failed"


def test_a_geopackage_of_tables_or_rasters_alone_is_refused_and_names_them(tmp_path):
    path = tmp_path / "bang.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"ma_xa": ["01273"]}), path, layer="dan_so")
    with pytest.raises(SourceError, match=r"dan_so \(attributes\)") as caught:
        read_vector(path, identifiers=WORDS)
    assert caught.value.message.id == "layers.no_features_in_gpkg"

    pixels = np.zeros((1, 256, 256), dtype="uint8")
    place = rasterio.Affine(0.001, 0, 106, 0, -0.001, 22)
    shape = {"driver": "GPKG", "width": 256, "height": 256, "count": 1, "dtype": "uint8", "crs": "EPSG:4326"}
    with rasterio.open(tmp_path / "anh.gpkg", "w", transform=place, **shape) as image:
        image.write(pixels)
    assert refused(tmp_path / "anh.gpkg") == "layers.no_features_in_gpkg"


def test_a_geopackage_beside_its_journal_is_left_to_its_reader(tmp_path):
    path = tmp_path / "xa.gpkg"
    layer("01273").to_file(path, engine="pyogrio")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE ghi_chu (a)")
        database.commit()
        assert (tmp_path / "xa.gpkg-wal").exists()
        assert len(read_vector(path, identifiers=WORDS).frame) == 1
    database.close()


def test_archives_that_climb_out_or_swell_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("geontm.load.layer_files.ALWAYS_ALLOWED", 1024**2)
    with zipfile.ZipFile(tmp_path / "climb.zip", "w") as archive:
        archive.writestr("../xa.geojson", layer("01273").to_json())
    assert refused(tmp_path / "climb.zip") == "layers.archive_path"
    assert not (tmp_path.parent / "xa.geojson").exists()

    path = tmp_path / "swell.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xa.geojson", b" " * 3 * 1024**2)
    assert refused(path) == "layers.archive_too_large"

    # The size that the directory declares may lie; what is unpacked is bound by it all the same.
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 1_000)
    path.write_bytes(data)
    assert refused(path) in ("layers.archive_damaged", "layers.content_differs")

    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert refused(tmp_path / "none.zip") == "layers.no_layer_in_archive"


def test_files_of_several_systems_are_refused_with_their_names_in_one_order(tmp_path):
    with zipfile.ZipFile(tmp_path / "xa.zip", "w") as archive:
        for n, crs in enumerate((32648, 4326, 9211)):
            path = tmp_path / f"{n}.fgb"
            layer("01273").to_crs(crs).to_file(path, driver="FlatGeobuf", engine="pyogrio")
            archive.write(path, f"xa/{n}.fgb")
    with pytest.raises(SourceError) as caught:
        read_vector(tmp_path / "xa.zip", identifiers=WORDS)
    assert caught.value.message.id == "layers.crs_mixed"
    assert "EPSG:32648, EPSG:4326, EPSG:9211" in caught.value.text("vi")


def test_files_without_shapes_are_refused(tmp_path):
    plain = layer("01273").drop(columns="geometry")
    plain.to_parquet(tmp_path / "xa.parquet")
    assert refused(tmp_path / "xa.parquet") == "layers.not_geoparquet"


def test_too_many_features_are_refused_before_reading(tmp_path, monkeypatch):
    layer("01273", "01279", "01288").to_file(tmp_path / "xa.gpkg", engine="pyogrio")
    monkeypatch.setattr("geontm.load.layers.MOST_FEATURES", 2)
    assert refused(tmp_path / "xa.gpkg") == "layers.too_many"


def test_as_many_features_as_allowed_are_read_whole(tmp_path, monkeypatch):
    layer("01273", "01279", "01288").to_file(tmp_path / "xa.mif", driver="MapInfo File", engine="pyogrio", FORMAT="MIF")
    monkeypatch.setattr("geontm.load.layers.MOST_FEATURES", 3)
    assert len(read_vector(tmp_path / "xa.mif", identifiers=WORDS).frame) == 3
    # This kind does not count its features; what is read is bound all the same.
    monkeypatch.setattr("geontm.load.layers.MOST_FEATURES", 2)
    assert refused(tmp_path / "xa.mif") == "layers.too_many"


@pytest.mark.parametrize("name", ["xa.gpkg", "xa.parquet"])
def test_too_many_vertices_are_refused(tmp_path, monkeypatch, name):
    frame = layer("01273", "01279")
    frame.to_parquet(tmp_path / name) if name.endswith("parquet") else frame.to_file(tmp_path / name, engine="pyogrio")
    monkeypatch.setattr("geontm.load.layers.MOST_VERTICES", 10)
    assert len(read_vector(tmp_path / name, identifiers=WORDS).frame) == 2
    monkeypatch.setattr("geontm.load.layers.MOST_VERTICES", 9)
    assert refused(tmp_path / name) == "layers.too_many_vertices"


def test_each_file_is_opened_by_fiona_first_bound_to_its_driver(tmp_path, monkeypatch):
    opened, real = [], fiona.open

    def watched(path, **options):
        opened.append(options["enabled_drivers"])
        return real(path, **options)

    layer("01273").to_file(tmp_path / "xa.gpkg", engine="pyogrio")
    monkeypatch.setattr("geontm.load.layers.fiona.open", watched)
    read_vector(tmp_path / "xa.gpkg", identifiers=WORDS)
    assert opened == [["GPKG"]]


def test_the_errors_are_source_errors_and_name_the_file(tmp_path):
    (tmp_path / "xa.gpkg").write_bytes(b"not a database")
    with pytest.raises(SourceError, match=r"xa\.gpkg"):
        read_vector(tmp_path / "xa.gpkg")
