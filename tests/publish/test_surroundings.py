"""Land around a project: it meets the units, covers none of them, stays out of the sea, and keeps the archipelagos."""

import hashlib
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pytest
import shapely
import yaml

from geontm.load import read_boundaries, read_schematic
from geontm.load.boundaries import BoundarySource
from geontm.project.dictionary import read_dictionary
from geontm.publish.surroundings import ARCHIPELAGOS, is_national, locator, seas, surround

FOLDER = files("geontm").joinpath("data", "surroundings")
# Rectangles of Hoàng Sa and Trường Sa.
EAST_SEA = [shapely.box(111.1, 15.6, 112.8, 17.2), shapely.box(109.4, 7.1, 117.9, 11.6)]
NAMES = {"Trung Quốc": "China", "Lào": "Laos", "Campuchia": "Cambodia", "Thái Lan": "Thailand"}
SHIFT = np.array([0.01, 0.006])  # degrees, about a kilometre
AT_SEA = [(108.05, 21.42), (107.93, 21.40), (108.2, 21.4), (104.35, 10.33), (104.30, 10.25), (107.8, 21.2)]


@pytest.fixture(scope="module")
def country():
    return read_schematic()


@pytest.fixture(scope="module")
def nation(country):
    return surround(country, country)


@pytest.fixture(scope="module")
def cao_bang(country):
    return country[country["province_code"] == "04"]


@pytest.fixture(scope="module")
def around_cao_bang(cao_bang, country):
    return surround(cao_bang, country)


def foreign(land):
    return land[land["kind"] == "country"].set_index("name").geometry


def overlap(units, land):
    tree = shapely.STRtree(units)
    first, second = tree.query(land, predicate="intersects")
    return shapely.area(shapely.intersection(land[first], units[second])).max(initial=0)


def test_shipped_files_are_small_and_as_their_source_says():
    said = yaml.safe_load(FOLDER.joinpath("SOURCE.yaml").read_text(encoding="utf-8"))
    assert "public domain" in said["source"]["licence"]
    for name, most in (("lands.parquet", 60_000), ("locator.parquet", 40_000)):
        data = FOLDER.joinpath(name).read_bytes()
        assert len(data) <= most
        assert hashlib.sha256(data).hexdigest() == said["files"][name]


def test_no_other_land_is_drawn_at_hoang_sa_and_truong_sa(nation):
    land = nation[nation["kind"].isin(["country", "land"])].geometry
    for box in EAST_SEA:
        assert not land.intersects(box).any()
    china = shapely.get_parts(foreign(nation)["Trung Quốc"])
    islands = [part for part in china if part.area < 50]
    assert len(islands) == 1
    assert islands[0].contains(shapely.Point(109.8, 19.2))  # Hainan's one large polygon


def test_countries_bear_their_names_in_both_languages(nation):
    named = nation[nation["kind"] == "country"]
    assert dict(zip(named["name"], named["name_en"], strict=True)) == NAMES
    assert (nation.loc[nation["kind"] == "land", "name"] == "").all()
    assert [label.vi for label, *_ in seas()] == ["Biển Đông", "Vịnh Bắc Bộ", "Vịnh Thái Lan"]
    land = shapely.union_all(nation.geometry.to_numpy())
    assert not any(land.contains(shapely.Point(place)) for _, places in seas() for place in places)


def test_seas_are_named_where_there_is_sea(country, nation):
    land = shapely.union_all([*nation.geometry, *country.geometry])
    for label, places in seas():
        assert not any(land.contains(shapely.Point(place)) for place in places), label


def test_the_nation_needs_no_grey_provinces(nation):
    assert set(nation["kind"]) == {"country", "land"}


def test_foreign_land_meets_the_units_and_covers_none(country, nation):
    units, land = country.geometry.to_numpy(), nation.geometry.to_numpy()
    assert nation.is_valid.all()
    assert overlap(units, land) < 1e-9
    whole = shapely.union_all([*land, shapely.union_all(units)])
    main = max(shapely.get_parts(whole), key=shapely.area)
    holes = shapely.area(shapely.polygons(shapely.get_rings(main)[1:]))
    assert holes.sum() < 0.02  # square degrees along 5,000 km of border: no strip of sea is left


@pytest.mark.parametrize("place", AT_SEA)
def test_nothing_grows_into_the_sea(nation, place):
    assert not nation[nation["kind"] == "country"].geometry.contains(shapely.Point(place)).any()


def test_provinces_around_are_named_and_keep_off_the_project(cao_bang, around_cao_bang):
    assert overlap(cao_bang.geometry.to_numpy(), around_cao_bang.geometry.to_numpy()) < 1e-9
    provinces = around_cao_bang[around_cao_bang["kind"] == "province"]
    assert len(provinces) == 33
    assert {"Lạng Sơn", "Tuyên Quang", "Hà Nội"} <= set(provinces["name"])
    assert "Cao Bằng" not in set(provinces["name"])
    own = shapely.union_all(cao_bang.geometry.to_numpy())
    lang_son = provinces.set_index("name").geometry["Lạng Sơn"]
    assert shapely.length(shapely.intersection(shapely.boundary(own), lang_son)) > 0.3  # a common edge, not a point


def test_archipelagos_are_around_every_project_that_has_them_not(country, around_cao_bang):
    islands = around_cao_bang[around_cao_bang["kind"] == "archipelago"]
    assert islands["name"].tolist() == ["Quần đảo Hoàng Sa", "Quần đảo Trường Sa"]
    da_nang = country[country["province_code"] == "48"]
    assert "20333" in da_nang.index
    around = surround(da_nang, country)
    assert around.loc[around["kind"] == "archipelago", "name"].tolist() == ["Quần đảo Trường Sa"]


def test_the_order_of_units_changes_nothing(cao_bang, country, around_cao_bang):
    again = surround(cao_bang.iloc[::-1], country.iloc[::-1])
    assert again["name"].tolist() == around_cao_bang["name"].tolist()
    assert (shapely.to_wkb(again.geometry.to_numpy()) == shapely.to_wkb(around_cao_bang.geometry.to_numpy())).all()


def test_units_of_another_time_have_no_names_around(cao_bang, country):
    then = cao_bang.set_axis([f"9{code[1:]}" for code in cao_bang.index], axis="index")
    around = surround(then, country, same_codes=False)
    rest = around[around["kind"] == "land"]
    assert rest.geometry.contains(shapely.Point(105.8, 21.0)).any()  # Hà Nội is drawn
    assert not around["name"].str.contains("Hà Nội").any()
    assert overlap(then.geometry.to_numpy(), around.geometry.to_numpy()) < 1e-9


def test_no_disc_is_drawn_around_islands_of_another_time(country):
    then = country[country["province_code"] == "22"].copy()
    # Before the reform islands were of other codes, and had outlines: here half of each disc.
    discs = then.index[then["drawn"] == "disc"]
    halves = [shapely.box(*shapely.bounds(shape)[:3], shapely.centroid(shape).y) for shape in then.geometry[discs]]
    then.loc[discs, "geometry"] = halves
    around = surround(then.set_axis([f"9{code[1:]}" for code in then.index], axis="index"), country, same_codes=False)
    land = around.geometry[around["kind"] == "land"]
    for code in discs:
        middle = shapely.centroid(country.geometry[code])
        assert not land.contains(shapely.Point(middle.x, middle.y + 0.005)).any()
    assert land.contains(shapely.centroid(country.geometry["31078"])).any()  # Phú Quốc meets none of them


def test_a_commune_without_outline_is_not_given_to_the_neighbour(cao_bang, country, around_cao_bang):
    china = foreign(around_cao_bang)["Trung Quốc"]
    touching = cao_bang.index[shapely.distance(cao_bang.geometry.to_numpy(), china) < 1e-6]
    code = touching[0]
    gap = cao_bang.copy()
    gap.loc[code, "geometry"] = None
    around = surround(gap, country)
    inside = shapely.point_on_surface(cao_bang.geometry[code])
    kinds = around.loc[around.geometry.contains(inside), "kind"].tolist()
    assert kinds == ["province"]


def test_units_of_the_same_layer_next_to_the_project_are_met_exactly(cao_bang, country):
    # The layer's own units lie a little beside the schematic ones, as a real layer does.
    moved = country.assign(geometry=shapely.transform(country.geometry.to_numpy(), lambda xy: xy + SHIFT))
    mine = moved.loc[cao_bang.index]
    beside = moved[
        ~moved.index.isin(mine.index) & (shapely.distance(moved.geometry.to_numpy(), mine.union_all()) < 0.1)
    ]
    around = surround(mine, country, around=beside)
    assert overlap(mine.geometry.to_numpy(), around.geometry.to_numpy()) < 1e-9
    edge = shapely.intersection(shapely.boundary(mine.union_all()), shapely.boundary(beside.union_all()))
    grey = shapely.union_all(around.geometry[around["kind"] == "province"].to_numpy())
    assert shapely.length(shapely.intersection(edge, shapely.boundary(grey))) > 0.98 * shapely.length(edge)


def test_the_locator_shows_and_names_both_archipelagos():
    frame = locator("vi").set_index("code")
    assert len(frame) == 36
    assert frame.index.is_unique
    assert frame.is_valid.all()
    assert frame.loc[list(ARCHIPELAGOS), "name"].tolist() == ["Quần đảo Hoàng Sa", "Quần đảo Trường Sa"]
    assert locator("en").set_index("code").loc["20333", "name"] == "Hoàng Sa archipelago"
    for code, box in zip(ARCHIPELAGOS, EAST_SEA, strict=True):
        assert box.contains(frame.geometry[code])
        assert len(shapely.get_parts(frame.geometry[code])) >= 10
    assert frame.loc["22", "name"] == "Quảng Ninh"
    assert shapely.coverage_is_valid(frame.geometry[frame["use"] == "province"].to_numpy())


def test_a_project_is_national_when_it_has_nearly_all_provinces(country, cao_bang):
    assert is_national(country)
    assert not is_national(cao_bang)
    assert not is_national(country[country["province_code"] < "40"])
    assert not is_national(cao_bang.assign(geometry=None).set_geometry("geometry"))


@pytest.mark.realdata
def test_beyond_the_real_land_border_is_the_right_country(shared_data):
    layer = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet").set_index("code")
    around = foreign(surround(layer, read_schematic()))
    whole = shapely.coverage_union_all(layer.geometry.to_numpy())
    border = gpd.read_file(shared_data / "data" / "land_border.geojson")
    shapely.prepare(whole)
    label = {"China": "Trung Quốc", "Laos": "Lào", "Cambodia": "Campuchia"}
    column = next(name for name in border if border[name].isin(list(label)).any())
    for english, line in zip(border[column], border.geometry, strict=True):
        places = shapely.line_interpolate_point(line, np.linspace(0.004, 0.996, 400), normalized=True)
        turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        for km in (0.3, 1.0, 3.0):
            rings = [shapely.points(p.x + km / 111 * np.cos(turns), p.y + km / 111 * np.sin(turns)) for p in places]
            outside = np.concatenate(rings)
            outside = outside[~shapely.contains(whole, outside) & (shapely.get_x(outside) < 108.0)]  # beyond is the sea
            met = shapely.contains(around[label[english]], outside)
            anyone = shapely.contains(shapely.union_all(around.to_numpy()), outside)
            assert anyone.mean() > 0.998, (english, km, 1 - anyone.mean())
            assert met.mean() > 0.985, (english, km)


@pytest.mark.realdata
def test_a_real_province_meets_its_neighbours(shared_data):
    source = BoundarySource(shared_data / "data" / "communes_2025.parquet", provinces=("22",))
    found = read_boundaries(source, identifiers=read_dictionary("communes"))
    around = surround(found.units, read_schematic(), around=found.around)
    assert overlap(found.units.geometry.to_numpy(), around.geometry.to_numpy()) < 1e-9
    own = shapely.coverage_union_all(found.units.geometry.to_numpy())
    beside = shapely.coverage_union_all(found.around.geometry.to_numpy())
    edge = shapely.intersection(shapely.boundary(own), shapely.boundary(beside))
    grey = around.geometry[around["kind"] == "province"].to_numpy()
    assert shapely.length(edge) > 1
    beside_it = shapely.STRtree(shapely.get_parts(shapely.boundary(grey)))
    points = shapely.points(shapely.get_coordinates(edge))
    met = np.unique(beside_it.query(points, predicate="dwithin", distance=1e-7)[0])  # a centimetre
    assert len(met) > 0.99 * len(points)
    # Only land beyond the border: no strip of other provinces lies along the project's own coast.
    coast = shapely.union_all(grey).intersection(shapely.box(107.0, 20.7, 108.2, 21.0))
    assert coast.area < 0.01
