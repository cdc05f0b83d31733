"""Road, bridge and plain line layers: what is recognised, refused, left unknown, and how they are cut."""

import struct
import zipfile
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.errors import GeontmError
from geontm.join.names import without_diacritics
from geontm.load import BridgeSource, Limits, RoadSource, read_slice, slice_bridges, slice_lines, slice_roads
from geontm.load.road_seasons import read_rules
from geontm.load.road_words import fold, road_words

# Two squares side by side in Cao Bằng, and one far to the south where no road is.
AREAS = {
    "west": shapely.box(106.0, 22.0, 106.1, 22.1),
    "east": shapely.box(106.1, 22.0, 106.2, 22.1),
    "far": shapely.box(105.0, 10.0, 105.1, 10.1),
}


def road(x=106.01, y=22.05, east=0.02):
    return shapely.LineString([(x, y), (x + east, y)])


def roads(shapes=None, crs=4326, **columns) -> gpd.GeoDataFrame:
    n = len(next(iter(columns.values()))) if columns else len(shapes)
    shapes = shapes if shapes is not None else [road(y=22.01 + 0.001 * i) for i in range(n)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


@pytest.fixture
def cut(tmp_path):
    """Write a layer, slice it, and give the slices with their frames."""

    def run(frame, name="duong.parquet", areas=AREAS, limits=None, **source):
        path = tmp_path / name
        frame.to_parquet(path) if name.endswith("parquet") else frame.to_file(path, engine="pyogrio")
        slices = slice_roads(RoadSource(path, **source), areas, tmp_path / "cut", limits=limits)
        return slices, {area: read_slice(file) for area, file in slices.paths.items()}

    return run


@pytest.fixture
def west(cut):
    return lambda frame, **options: cut(frame, **options)[1]["west"]


def ids(slices) -> list[str]:
    for issue in slices.issues:
        for lang in ("vi", "en"):
            assert issue.message.text(lang)
            issue.message.fix(lang)
    return [issue.message.id for issue in slices.issues]


def filled(told) -> dict:
    """Return the values that fill an issue's or an error's text."""
    return dict(told.message.values)


def refused(run, *args, **options) -> GeontmError:
    with pytest.raises(GeontmError) as caught:
        run(*args, **options)
    for lang in ("vi", "en"):
        assert "{" not in caught.value.text(lang).replace("{tên", "").replace("{header", "").replace("{surface", "")
    return caught.value


def known(values) -> list:
    return [None if pd.isna(value) else value for value in values]


# Words


def test_no_word_has_two_meanings_even_without_diacritics():
    words = road_words()
    assert not set(words.classes) & words.not_there
    assert not set(words.surfaces) & words.missing and not set(words.classes) & words.missing
    data = yaml.safe_load(files("geontm").joinpath("data", "roads.yaml").read_text(encoding="utf-8"))
    for table, lists in (
        ("road_class", {name: [*entry["words"], *entry["osm"]] for name, entry in data["road_class"].items()}),
        ("surface", {name: entry["words"] for name, entry in data["surface"].items()}),
        ("headers", {n: e["words"] for n, e in data["headers"].items() if n not in ("road_id", "bridge_id")}),
        *((name, {k: [*data["boolean"][k], *data[name][k]] for k in ("true", "false")}) for name in words.booleans),
    ):
        meanings: dict[str, set[str]] = {}
        for meaning, spelled in lists.items():
            for word in spelled:
                meanings.setdefault(without_diacritics(fold(word)), set()).add(meaning)
        assert {word: found for word, found in meanings.items() if len(found) > 1} == {}, table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Quốc lộ", "national_road"),
        ("quoc_lo", "national_road"),
        ("QL.4A", "national_road"),
        ("QL 34", "national_road"),
        ("ĐT.741", "provincial_road"),
        ("dt741b", "provincial_road"),
        ("tinh_lo", "provincial_road"),
        ("trunk_link", "national_road"),
        ("huyen_lo", "district_road"),
        ("ĐH", "district_road"),
        ("Đường xã", "commune_road"),
        ("ĐX.05", "commune_road"),
        ("duong_xa", "commune_road"),
        ("Trục thôn, liên thôn", "village_road"),
        ("duong_thon", "village_road"),
        ("ngo_xom", "lane"),
        ("Đường ngõ, xóm", "lane"),
        ("noi_dong", "field_road"),
        ("track", "field_road"),
        ("Đường đô thị", "urban_street"),
        ("footway", "other"),
        ("QL", "national_road"),
        ("4A", None),
        ("XYZ12", None),
        ("Đường thủy", None),
    ],
)
def test_words_of_the_class(west, text, expected):
    assert known(west(roads(loai_duong=[text]))["road_class"]) == [expected]


@pytest.mark.parametrize(
    ("text", "surface", "hardened"),
    [
        ("Nhựa", "asphalt", True),
        ("Láng nhựa", "asphalt", True),
        ("bê tông nhựa", "asphalt", True),
        ("BTXM", "concrete", True),
        ("Be tong xi mang", "concrete", True),
        ("paving_stones", "paving", True),
        ("Cấp phối", "gravel", None),
        ("Đá dăm", "gravel", None),
        ("đất", "earth", False),
        ("DAT", "earth", False),
        ("earth", "earth", False),
        ("paved", None, True),
        ("đã cứng hoá", None, True),
        ("chưa cứng hóa", None, False),
        ("unpaved", None, None),
        ("Không rõ", None, None),
        # Without tones "đạt" (fulfilled) and "đất" (earth) are one word; with them they are two.
        ("đạt", None, None),
    ],
)
def test_words_of_the_surface(west, text, surface, hardened):
    frame = west(roads(ket_cau=[text]))
    assert known(frame["surface"]) == [surface] and known(frame["hardened"]) == [hardened]


def test_a_column_of_hardened_roads_outranks_the_surface_where_it_speaks(west):
    frame = west(roads(ma_duong=["1", "2", "3"], mat_duong=["cấp phối", "đất", "nhựa"], cung_hoa=["có", None, "không"]))
    assert known(frame["hardened"]) == [True, False, False]


def test_unknown_values_are_named_once_with_their_count(cut):
    slices, frames = cut(roads(surface=["bùn", "nhựa", "bùn", None], highway=["xã", "track", "", "track"]))
    named = {(i.column, i.value): filled(i)["n"] for i in slices.issues if i.message.id.endswith("unknown_value")}
    assert named == {("surface", "bùn"): 2, ("highway", "xã"): 1}
    missing = {i.column: filled(i)["n"] for i in slices.issues if i.message.id.endswith("missing_values")}
    assert missing == {"surface": 1, "highway": 1}
    assert "road_layers.osm_classes" in ids(slices)
    assert frames["west"]["surface"].isna().sum() == 3


def test_many_unknown_values_are_summed_up(cut):
    slices, _ = cut(roads(surface=[f"loại {n}" for n in range(60)]))
    more = [issue for issue in slices.issues if issue.message.id == "road_layers.more_unknown"]
    assert ids(slices).count("road_layers.unknown_value") == 50
    assert [filled(issue)["values"] for issue in more] == [10]


def test_planned_roads_are_left_out_and_counted(cut):
    slices, frames = cut(roads(highway=["track", "construction", "proposed", "proposed"]))
    gone = {i.value: filled(i)["n"] for i in slices.issues if i.message.id == "road_layers.not_there"}
    assert gone == {"construction": 1, "proposed": 2}
    assert len(frames["west"]) == 1 and slices.count == 1


# Columns


@pytest.mark.parametrize(
    ("header", "column", "cell", "expected"),
    [
        ("Mã đường", "road_id", "D1", "D1"),
        ("osm_id", "road_id", 77, "77"),
        ("Loại đường", "road_class", "Quốc lộ", "national_road"),
        ("CAP_DUONG", "road_class", "tỉnh lộ", "provincial_road"),
        ("fclass", "road_class", "primary", "national_road"),
        ("KẾT CẤU MẶT", "surface", "nhựa", "asphalt"),
        ("bon_mua", "all_season", "có", True),
        ("all_season", "all_season", False, False),
        ("cau", "bridge", "x", True),
        ("bridge", "bridge", "viaduct", True),
        ("ghi chú", "road_class", "quốc lộ", None),
    ],
)
def test_headers(west, header, column, cell, expected):
    assert known(west(roads(**{header: [cell]}))[column]) == [expected]


def test_two_columns_of_one_meaning_are_refused_and_one_can_be_chosen(cut):
    frame = roads(**{"class": ["quoc_lo"], "highway": ["track"]})
    error = refused(cut, frame)
    assert error.message.id == "road_layers.several_columns"
    assert filled(error)["columns"] == "class, highway"
    _, frames = cut(frame, columns={"class": "road_class"})
    assert frames["west"]["road_class"].tolist() == ["national_road"]


def test_an_identity_is_chosen_by_order_and_made_from_the_shape_where_there_is_none(west):
    assert west(roads(id=["a"], osm_id=["b"]))["road_id"].tolist() == ["b"]
    one, other = west(roads(shapes=[road()])), west(roads(shapes=[road(y=22.02), road()]))
    assert one["road_id"][0] in other["road_id"].tolist() and other["road_id"].is_unique
    assert west(roads(osm_id=[1.0, 22.0]))["road_id"].tolist() == ["1", "22"]
    assert west(roads(ma_duong=["x", None]))["road_id"].str.startswith("#").sum() == 1


@pytest.mark.parametrize(
    ("columns", "message", "first"),
    [
        ({"loai": "road_class"}, "road_layers.column_missing", "loai_duong"),
        ({"loai_duong": "roadclass"}, "road_layers.meaning_unknown", "road_class"),
    ],
)
def test_mistakes_in_columns_name_the_nearest(cut, columns, message, first):
    error = refused(cut, roads(mat=["nhựa"], loai_duong=["quốc lộ"]), columns=columns)
    assert error.message.id == message
    assert error.text("en").split(": ", 2)[1].startswith(first)


def test_two_headers_given_for_one_meaning_are_refused(cut):
    error = refused(cut, roads(a=["nhựa"], b=["đất"]), columns={"a": "surface", "b": "surface"})
    assert error.message.id == "road_layers.several_columns"


# Roads for all seasons


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        # asphalt, concrete, gravel, earth, paved, hardened, unpaved, (lầy), missing
        (("paved",), [True, True, False, False, True, None, False, None, None]),
        (("paved", "concrete"), [True, True, False, False, True, None, False, None, None]),
        (("concrete",), [False, True, False, False, None, None, False, None, None]),
        (("hardened",), [True, True, None, False, True, True, None, None, None]),
        (("paved", "gravel"), [True, True, True, False, True, True, None, None, None]),
        (("nhựa", "lầy"), [True, False, False, False, None, None, False, True, None]),
        (("lầy",), [False, False, False, False, False, False, False, True, None]),
    ],
)
def test_a_rule_on_the_surface_has_three_answers(west, rule, answers):
    texts = ["nhựa", "BTXM", "cấp phối", "đất", "paved", "cứng hóa", "unpaved", "lầy", None]
    frame = west(roads(ma_duong=[str(n) for n in range(9)], surface=texts), all_season={"surface": rule})
    assert known(frame["all_season"]) == answers


def test_columns_of_a_rule_must_all_agree_and_no_outranks_unknown(west):
    frame = roads(
        ma_duong=list("abcdef"),
        surface=["nhựa", "nhựa", None, None, "đất", "nhựa"],
        ngap=["không", "có", "không", "có", None, None],
    )
    found = west(frame, all_season={"surface": ("paved",), "ngap": (False,)})
    assert known(found["all_season"]) == [True, False, None, False, False, None]


def test_a_rule_may_name_the_class_its_own_header_and_a_yes(west):
    frame = roads(ma_duong=list("ab"), loai_duong=["QL.4A", "Đường mới"], bon_mua=["có", "không"])
    assert known(west(frame, all_season={"road_class": ("national_road",)})["all_season"]) == [True, None]
    assert known(west(frame, all_season={"Loại đường": ("Đường mới",)})["all_season"]) == [False, True]
    assert known(west(frame, all_season={"all_season": (True,)})["all_season"]) == [True, False]


def test_without_a_rule_the_column_decides_and_without_both_nothing_is_known(cut):
    slices, frames = cut(roads(ma_duong=list("abc"), all_season=["bốn mùa", "mùa khô", "đôi khi"]))
    assert known(frames["west"]["all_season"]) == [True, False, None]
    assert "road_layers.all_season_unknown" not in ids(slices)
    slices, frames = cut(roads(surface=["nhựa"]))
    assert known(frames["west"]["all_season"]) == [None]
    assert "road_layers.all_season_unknown" in ids(slices)


@pytest.mark.parametrize(
    ("rule", "message", "named"),
    [
        ({"surfaces": ("paved",)}, "road_layers.rule_column", "surface"),
        ({"surface": ("pavd",)}, "road_layers.rule_value", "paved"),
        ({"tinh_trang": ("tot",)}, "road_layers.rule_value", "tốt"),
    ],
)
def test_a_rule_with_a_word_that_is_nowhere_is_refused(cut, rule, message, named):
    error = refused(cut, roads(surface=["paved", "đất"], tinh_trang=["tốt", "xấu"]), all_season=rule)
    assert error.message.id == message
    assert error.text("en").partition(": ")[2].split(",")[0].endswith(named)


def test_a_word_of_the_vocabulary_need_not_occur(west):
    assert known(west(roads(surface=["nhựa"]), all_season={"surface": ("paved", "concrete")})["all_season"]) == [True]


# Shapes


def test_a_road_stands_whole_in_each_area_that_it_touches(cut):
    crossing, inside, outside = road(x=106.09), road(), road(y=22.5)
    slices, frames = cut(roads(shapes=[crossing, inside, outside], ma_duong=["1", "2", "3"]))
    assert {area: frame["road_id"].tolist() for area, frame in frames.items()} == {
        "east": ["1"],
        "far": [],
        "west": ["1", "2"],
    }
    assert slices.count == 3
    assert frames["east"].geometry[0].equals(crossing)


def test_a_touch_counts(cut):
    _, frames = cut(roads(shapes=[road(x=106.08)]))
    assert [len(frames[area]) for area in ("west", "east")] == [1, 1]


def test_an_area_without_roads_has_an_empty_slice_of_the_same_form(cut):
    _, frames = cut(roads(surface=["nhựa"]))
    assert len(frames["far"]) == 0
    assert frames["far"].dtypes.astype(str).to_dict() == frames["west"].dtypes.astype(str).to_dict()
    assert frames["far"].crs.equals(4326)
    assert isinstance(frames["west"].index, pd.RangeIndex)


def test_parts_heights_and_what_is_no_line(cut):
    parts = shapely.MultiLineString([[(106.01, 22.01), (106.02, 22.01)], [(106.03, 22.01), (106.04, 22.01)]])
    high = shapely.LineString([(106.01, 22.02, 500), (106.02, 22.02, 510)])
    still = shapely.LineString([(106.01, 22.02), (106.01, 22.02)])
    wild = shapely.LineString([(106.01, 22.02), (106.01, np.inf)])
    shapes = [parts, high, None, shapely.LineString(), shapely.Point(106.05, 22.05), AREAS["west"], still, wild]
    slices, frames = cut(roads(shapes=shapes, ma_duong=list("abcdefgh")))
    frame = frames["west"]
    assert frame["road_id"].tolist() == ["a", "a", "b"] and slices.count == 2
    assert set(frame.geom_type) == {"LineString"} and not frame.has_z.any()
    counted = {i.message.id.partition(".")[2]: filled(i)["n"] for i in slices.issues if "n" in filled(i)}
    assert counted["empty"] == 2 and counted["zero_length"] == 1 and counted["broken"] == 1
    left = {i.value: filled(i)["n"] for i in slices.issues if i.message.id == "line_slices.left_out"}
    assert left == {"POINT": 1, "POLYGON": 1}
    ids(slices)


def test_measures_along_a_road_are_dropped(west):
    frame = west(roads(shapes=[shapely.from_wkt("LINESTRING M (106.01 22.02 0, 106.02 22.02 7)")]))
    assert not frame.has_m.any() and frame.geometry[0].wkt == "LINESTRING (106.01 22.02, 106.02 22.02)"


@pytest.mark.parametrize("name", ["diem.parquet", "diem.gpkg", "diem.shp", "diem.geojson"])
def test_a_layer_of_points_is_refused_and_named(cut, name):
    error = refused(cut, roads(shapes=[shapely.Point(106, 22)], ma=["1"]), name=name)
    assert error.message.id in ("line_slices.no_such_shapes", "line_slices.other_shapes")
    assert "point" in error.text("en").lower()


def test_lines_without_length_alone_are_refused(cut):
    still = shapely.LineString([(106.01, 22.02), (106.01, 22.02)])
    assert refused(cut, roads(shapes=[still, still])).message.id == "line_slices.no_length"
    assert refused(cut, roads(shapes=[None, None])).message.id == "line_slices.nothing_usable"


def test_a_layer_without_features_gives_empty_slices(cut):
    slices, frames = cut(roads(shapes=[road()]).iloc[:0])
    assert slices.count == 0 and "line_slices.no_features" in ids(slices)
    assert all(frame.empty for frame in frames.values())


def test_the_same_shape_twice_is_told(cut):
    slices, _ = cut(roads(shapes=[road(), road(), road(y=22.02)]))
    assert [(filled(i)["n"], filled(i)["area"]) for i in slices.issues if i.message.id.endswith("twice")] == [
        (1, "west")
    ]


def test_some_shapes_outside_vietnam_are_counted(cut):
    slices, _ = cut(roads(shapes=[road(), road(y=22.02), shapely.LineString([(0, 0), (1, 1)])]))
    assert [filled(i)["n"] for i in slices.issues if i.message.id == "line_slices.outside"] == [1]


def test_length_is_that_on_the_ellipsoid(cut):
    slices, _ = cut(roads(shapes=[road(east=0.2), shapely.LineString([(106, 22), (106, 22.2), (106.1, 22.3)])]))
    geod = pyproj.Geod(ellps="WGS84")
    expected = geod.line_length([106.01, 106.21], [22.05, 22.05]) + geod.line_length(
        [106, 106, 106.1], [22, 22.2, 22.3]
    )
    assert slices.km == pytest.approx(expected / 1_000, rel=1e-6)


# Systems


def test_a_layer_in_vn2000_is_moved(cut):
    frame = roads(shapes=[road()], ma_duong=["1"])
    slices, frames = cut(frame.to_crs(9211))
    assert slices.crs.startswith("EPSG:9211") and "VN-2000" in slices.operation
    assert shapely.hausdorff_distance(frames["west"].geometry[0], road()) < 1e-6


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (roads(shapes=[road()], crs=None), "layers.crs_missing"),
        (roads(shapes=[shapely.LineString([(22.05, 106.01), (22.05, 106.03)])]), "layers.axes_swapped"),
        (roads(shapes=[road(x=2, y=48)]), "layers.crs_outside"),
    ],
)
def test_a_layer_that_cannot_lie_in_vietnam_is_refused(cut, frame, message):
    assert refused(cut, frame).message.id == message


# Files


@pytest.mark.parametrize("name", ["duong.gpkg", "duong.shp", "duong.fgb", "duong.geojson"])
def test_every_kind_of_file_gives_the_same_bytes(cut, name):
    frame = roads(shapes=[road(), road(x=106.09)], ma_duong=["1", "2"], mat_duong=["Đất", "Nhựa"])
    expected = {area: path.read_bytes() for area, path in cut(frame)[0].paths.items()}
    found = {area: path.read_bytes() for area, path in cut(frame, name=name)[0].paths.items()}
    assert found == expected


def test_a_packed_file_per_commune_is_one_layer(tmp_path):
    with zipfile.ZipFile(tmp_path / "duong.zip", "w") as archive:
        for n in range(2):
            roads(shapes=[road(y=22.02 + n / 100)], ma_duong=[str(n)]).to_file(
                tmp_path / f"xa{n}.fgb", engine="pyogrio"
            )
            archive.write(tmp_path / f"xa{n}.fgb", f"xa{n}.fgb")
    slices = slice_roads(RoadSource(tmp_path / "duong.zip"), AREAS, tmp_path / "cut")
    assert read_slice(slices.paths["west"])["road_id"].tolist() == ["0", "1"]


def test_two_layers_are_refused_until_one_is_named(tmp_path):
    path = tmp_path / "duong.gpkg"
    for layer in ("cu", "moi"):
        roads(shapes=[road()], ma_duong=[layer]).to_file(path, layer=layer, engine="pyogrio")
    roads(shapes=[shapely.Point(106.05, 22.05)]).to_file(path, layer="cot", engine="pyogrio")
    error = refused(slice_roads, RoadSource(path), AREAS, tmp_path / "cut")
    assert error.message.id == "line_slices.several_layers" and "cot" not in filled(error)["layers"]
    slices = slice_roads(RoadSource(path, layer="moi"), AREAS, tmp_path / "cut")
    assert read_slice(slices.paths["west"])["road_id"].tolist() == ["moi"]


@pytest.mark.parametrize(
    ("limits", "message"),
    [(Limits(features=2), "line_slices.too_many"), (Limits(vertices=5), "line_slices.too_many_vertices")],
)
def test_too_large_a_layer_is_refused_and_leaves_nothing(cut, tmp_path, limits, message):
    assert refused(cut, roads(surface=["nhựa"] * 3), limits=limits).message.id == message
    assert list((tmp_path / "cut").iterdir()) == []


def test_slices_of_shapes_in_other_encodings_are_refused(tmp_path):
    roads(shapes=[road()]).to_parquet(tmp_path / "d.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
    assert refused(slice_roads, RoadSource(tmp_path / "d.parquet"), AREAS, tmp_path).message.id == "line_slices.not_wkb"


def test_curves_are_refused(tmp_path):
    path = tmp_path / "d.parquet"
    roads(shapes=[road()]).to_parquet(path)
    table = pq.read_table(path)
    arc = struct.pack("<BII6d", 1, 8, 3, 106, 22, 106.1, 22.1, 106.2, 22)
    pq.write_table(table.set_column(0, table.schema.field("geometry"), pa.array([arc], pa.binary())), path)
    assert refused(slice_roads, RoadSource(path), AREAS, tmp_path).message.id == "line_slices.curves"


def test_a_slice_that_is_missing_or_damaged_is_told(tmp_path):
    assert refused(read_slice, tmp_path / "x.parquet").message.id == "layers.file_missing"
    (tmp_path / "x.parquet").write_bytes(b"PAR1 nothing")
    assert refused(read_slice, tmp_path / "x.parquet").message.id == "layers.damaged"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "cut").write_text("a file", encoding="utf-8")
    roads(shapes=[road()]).to_parquet(tmp_path / "d.parquet")
    error = refused(slice_roads, RoadSource(tmp_path / "d.parquet"), AREAS, tmp_path / "cut")
    assert error.message.id == "line_slices.write_failed"


def test_progress_is_told(tmp_path):
    roads(surface=["nhựa"] * 5).to_parquet(tmp_path / "d.parquet")
    told = []
    job = {"progress": lambda done, total: told.append((done, total)), "limits": Limits(batch=2)}
    slice_roads(RoadSource(tmp_path / "d.parquet"), AREAS, tmp_path / "cut", **job)
    assert told == [(2, 5), (4, 5), (5, 5)]


# Laws

NETWORK = roads(
    shapes=[road(x=106.0 + 0.019 * (n % 8), y=22.01 + 0.01 * (n // 8)) for n in range(16)] + [road(), None],
    ma_duong=[str(n % 5) if n % 4 else None for n in range(18)],
    mat_duong=["nhựa", "đất", None, "lạ", "paved", "cấp phối"] * 3,
    loai_duong=["QL.4A", "ngõ", "track", None, "construction", "đường xã"] * 3,
)


@settings(deadline=None, max_examples=20)
@given(order=st.permutations(range(len(NETWORK))), batch=st.integers(1, 20))
def test_neither_the_order_nor_the_batches_change_a_byte(tmp_path_factory, order, batch):
    folder = tmp_path_factory.mktemp("law")

    def cut_bytes(frame, limits):
        frame.to_parquet(folder / "d.parquet")
        source = RoadSource(folder / "d.parquet", all_season={"surface": ("paved",)})
        slices = slice_roads(source, AREAS, folder / "cut", limits=limits)
        return [path.read_bytes() for path in slices.paths.values()], slices.issues, slices.count, slices.km

    plain = cut_bytes(NETWORK, Limits())
    assert cut_bytes(NETWORK.iloc[list(order)].reset_index(drop=True), Limits(batch=batch)) == plain


WORDS = sorted({word for word in road_words().surfaces} | {"lầy", "?"})
MATERIALS = ("asphalt", "concrete", "paving", "gravel", "earth", "other")


@settings(deadline=None)
@given(text=st.sampled_from(WORDS), rule=st.sets(st.sampled_from(MATERIALS)), more=st.sampled_from(MATERIALS))
def test_accepting_more_surfaces_never_makes_a_road_worse(text, rule, more):
    def rank(accepted):
        (answerer,) = read_rules({"surface": tuple(accepted)}, {"surface": "mat"}, ["mat"], where="")
        return {False: 0, None: 1, True: 2}[answerer.answer(text)]

    assert rank(rule | {more}) >= rank(rule)
    word = road_words().surfaces.get(fold(text))
    if word is not None and word.may_be <= rule:
        assert rank(rule) == 2
    elif word is not None and not word.may_be & rule:
        assert rank(rule) == 0
    elif rule:
        assert rank(rule) == 1


# Bridges and plain shapes


def test_bridges_are_points_or_lines_with_their_state(tmp_path):
    shapes = [shapely.Point(106.05, 22.05), road(), shapely.Point(106.06, 22.05), AREAS["west"]]
    states = ["Tốt", "hư hỏng nặng", "lung lay", None]
    roads(shapes=shapes, ma_cau=list("abcd"), tinh_trang=states).to_file(tmp_path / "cau.gpkg", engine="pyogrio")
    slices = slice_bridges(BridgeSource(tmp_path / "cau.gpkg"), AREAS, tmp_path / "cut")
    frame = read_slice(slices.paths["west"])
    assert frame["bridge_id"].tolist() == ["a", "b", "c"] and known(frame["working"]) == [True, False, None]
    assert "line_slices.left_out" in ids(slices) and "road_layers.unknown_value" in ids(slices)


def test_rivers_are_lines_and_polygons_and_bad_rings_are_mended(tmp_path):
    bow = shapely.Polygon([(106.01, 22.01), (106.03, 22.03), (106.03, 22.01), (106.01, 22.03)])
    roads(shapes=[road(), bow, AREAS["east"], shapely.Point(106.05, 22.05)]).to_parquet(tmp_path / "song.parquet")
    slices = slice_lines(tmp_path / "song.parquet", AREAS, tmp_path / "cut")
    frame = read_slice(slices.paths["west"])
    assert frame.is_valid.all() and set(frame.geom_type) == {"LineString", "Polygon"}
    assert {"line_slices.repaired", "line_slices.left_out"} <= set(ids(slices))
    # The bow of two triangles, the line, and the neighbour that touches.
    assert len(frame) == 4


# Real layers


@pytest.mark.realdata
def test_streets_of_hanoi(shared_data, tmp_path):
    path = shared_data / "data" / "real" / "roads_osm_hanoi_centre.parquet"
    source = RoadSource(path, all_season={"surface": ("paved",)})
    slices = slice_roads(source, {"01": shapely.box(105.5, 20.5, 106.2, 21.5)}, tmp_path)
    given_ = gpd.read_parquet(path)
    frame = read_slice(slices.paths["01"])
    built = given_[~given_["highway"].isin(["construction", "proposed"])]
    assert len(frame) == len(built) == slices.count
    assert (
        frame["surface"].notna().sum()
        == built["surface"].isin(["asphalt", "concrete", "paving_stones"]).sum()
        + (
            built["surface"].notna()
            & ~built["surface"].isin(["asphalt", "concrete", "paving_stones", "paved", "unpaved"])
        ).sum()
    )
    assert frame["road_class"].notna().all() and frame["all_season"].isna().sum() >= frame["surface"].isna().sum() - 40
    assert slices.km == pytest.approx(built["length_m"].sum() / 1_000, rel=1e-3)


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "n"), [("roads_can_tho_main", 367), ("roads_hanoi_phuc_xa", 1288)])
def test_lines_without_attributes_are_read_and_unknown(shared_data, tmp_path, name, n):
    path = shared_data / "data" / "real" / f"{name}.parquet"
    slices = slice_roads(RoadSource(path), {"all": shapely.box(100, 8, 110, 24)}, tmp_path)
    frame = read_slice(slices.paths["all"])
    assert len(frame) == n
    assert frame[["road_class", "surface", "hardened", "all_season", "bridge"]].isna().all(axis=None)
    assert slices.km == pytest.approx(gpd.read_parquet(path)["length_m"].sum() / 1_000, rel=1e-3)
    assert "road_layers.no_column" in ids(slices)
