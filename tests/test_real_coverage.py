"""Real layers through whole runs: WorldPop, OpenStreetMap, waterworks, the census; what comes out is held against it.

Expected figures are computed here from the files by another way (rasterio alone, geodesic lengths, point in polygon);
`docs/real-data.md` tells what they mean.
"""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from click.testing import CliRunner

from geontm.cli import cli

pytestmark = pytest.mark.realdata

GEOD = pyproj.Geod(ellps="WGS84")
TEXTS = {"commune_code": str, "province_code": str}
MOUNTAINS, PLAINS = ("04", "11", "12", "14", "20"), ("33", "80", "82", "86", "91", "92", "96")
HEAD = """name: Số liệu thật
as_of: 2026-06-30
boundaries: {{source: {data}/communes_2025.parquet, date: 2025-07-01{provinces}}}
publish: {{maps: [coverage]}}
standards: []
coverage:
"""


def run(folder: Path, project: str, *options: str) -> Path:
    """Run a project through the command line; give its result folder."""
    (folder / "project.yaml").write_text(project, encoding="utf-8")
    out = folder / "out"
    told = CliRunner().invoke(cli, ["run", str(folder / "project.yaml"), "--out", str(out), "--lang", "en", *options])
    assert told.exit_code == 0, told.output
    return out


def communes(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "communes.csv", dtype=TEXTS, encoding="utf-8-sig").set_index("commune_code")


def issues(out: Path, words: str) -> pd.DataFrame:
    table = pd.read_csv(out / "issues.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    return table[table["reason"].str.contains(words, regex=False)]


def head(shared: Path, *provinces: str) -> str:
    """Return the head of a project on the units of 2025, of some provinces or of all."""
    named = ", ".join(f'"{code}"' for code in provinces)
    return HEAD.format(data=shared / "data", provinces=f", provinces: [{named}]" if provinces else "")


def units(shared: Path, *provinces: str) -> gpd.GeoDataFrame:
    layer = gpd.read_parquet(shared / "data" / "communes_2025.parquet").set_index("code").sort_index()
    return layer[layer["province_code"].isin(provinces)] if provinces else layer


def geodesic_km(lines: gpd.GeoSeries) -> float:
    return math.fsum(GEOD.geometry_length(line) for line in lines if not line.is_empty) / 1_000


@pytest.fixture(scope="module")
def nation(shared_data, tmp_path_factory) -> Path:
    real = shared_data / "data" / "real"
    layers = f"""  population: {real}/population_worldpop_2020_1km_vietnam.tif
  elevation: {real}/dem_itu_p1511_vietnam.tif
"""
    return run(tmp_path_factory.mktemp("nation"), head(shared_data) + layers)


@pytest.fixture(scope="module")
def hanoi(shared_data, tmp_path_factory) -> Path:
    real = shared_data / "data" / "real"
    layers = f"""  population: {real}/population_worldpop_2020_1km_vietnam.tif
  elevation: {real}/dem_red_river_hanoi_40m.tif
  roads:
    file: {real}/roads_osm_hanoi_centre.parquet
    all_season: {{surface: [asphalt, concrete, paving]}}
  water: {{file: {real}/water_facilities_hanoi.csv, radius: 3 km, covers: ["01"]}}
  facilities:
    - {{file: {real}/health_osm_hanoi.parquet, kind: hospital, within: 5 km, covers: ["01"]}}
    - {{file: {real}/pois_osm_hanoi_centre.parquet, kind: school}}
  travel: {{to: [hospital]}}
"""
    return run(tmp_path_factory.mktemp("hanoi"), head(shared_data, "01") + layers)


# WorldPop 2020 and the 9-km heights on the whole country. -----------------------------------------------------------


def test_every_person_of_worldpop_is_in_a_commune_or_reported(nation, shared_data):
    with rasterio.open(shared_data / "data/real/population_worldpop_2020_1km_vietnam.tif") as raster:
        cells = raster.read(1, masked=True)
    total = math.fsum(cells.compressed().astype("float64"))
    on_map = communes(nation)["population_on_map"]
    assert set(on_map.index[on_map.isna()]) == {"20333", "22736"}  # the archipelagos lie beyond the raster
    outside = issues(nation, "are in no commune of the boundary layer")
    assert len(outside) == 1
    left = float(outside["value"].iloc[0])
    print(f"\nWorldPop 2020: {total:,.0f}; in communes {on_map.sum():,.0f}; outside {left:,.0f} ({left / total:.3%})")
    assert math.fsum([*on_map.dropna(), left]) == pytest.approx(total, abs=1)  # the value is told to whole persons
    assert 0.005 < left / total < 0.01


def test_most_people_outside_stand_in_cells_that_a_commune_shares(nation):
    at_edge = (
        issues(nation, "in cells across the outer boundary")["value"].str.extract(r"(\d+)$")[0].astype(float).sum()
    )
    outside = float(issues(nation, "are in no commune of the boundary layer")["value"].iloc[0])
    print(f"\nin cells that a commune shares: {at_edge:,.0f} of {outside:,.0f}")
    assert 0.9 < at_edge / outside <= 1


def test_communes_agree_with_a_count_by_cell_centres(nation, shared_data):
    """Large communes differ little from the crude way; the crude way is worst where a commune has few cells."""
    layer, on_map = units(shared_data), communes(nation)["population_on_map"]
    with rasterio.open(shared_data / "data/real/population_worldpop_2020_1km_vietnam.tif") as raster:
        people = raster.read(1, masked=True).filled(0).astype("float64")
        inside = rasterio.features.rasterize(
            zip(layer.geometry, range(1, len(layer) + 1), strict=True), people.shape, transform=raster.transform
        )
    crude = pd.Series(np.bincount(inside.ravel(), people.ravel(), len(layer) + 1)[1:], layer.index)
    apart = ((crude - on_map) / on_map).abs().dropna()
    by_province = crude.groupby(layer["province_code"]).sum() / on_map.groupby(layer["province_code"]).sum()
    large, small = layer["area_km2"] >= 100, layer["area_km2"] < 10
    print(
        f"\nby centres against exact shares: median {apart.median():.3f}, over 100 km² {apart[large].median():.3f}, "
        f"under 10 km² {apart[small].median():.3f} (most {apart[small].max():.2f}), "
        f"provinces {by_province.min():.3f} to {by_province.max():.3f}"
    )
    assert apart[large].median() < 0.02 and apart[small].median() > 0.05
    assert by_province.between(0.98, 1.05).all()


def test_coarse_heights_tell_highlands_from_plains_and_no_slope(nation):
    table = communes(nation)
    area = table["area_km2"].groupby(table["province_code"]).sum()
    high = (table["above_200m_share"] * table["area_km2"]).groupby(table["province_code"]).sum() / area
    print("\nshare of area at 200 m or higher:", high.round(3).to_dict())
    assert (high[list(MOUNTAINS)] > 0.9).all()
    assert (high[list(PLAINS)] < 1e-6).all()
    assert table["slope_15_share"].isna().all()
    assert (table["slope_15_share_low"] == 0).all() and (table["slope_15_share_high"] == 1).all()
    assert len(issues(nation, "they tell no slope"))


def test_slopes_of_nine_kilometre_cells_would_say_nothing_is_steep(shared_data):
    """Why slope stays unknown there: between cell centres 9 km apart no place in Vietnam reaches 15 %."""
    with rasterio.open(shared_data / "data/real/dem_itu_p1511_vietnam.tif") as raster:
        heights, transform = raster.read(1).astype("float64"), raster.transform
    latitude = transform.f + transform.e * (np.arange(len(heights)) + 0.5)
    south, east = np.gradient(heights)
    slope = np.hypot(
        east / (111_320 * transform.a * np.cos(np.radians(latitude)))[:, None], south / (110_574 * -transform.e)
    )
    inside = rasterio.features.rasterize(units(shared_data).geometry, heights.shape, transform=transform) > 0
    print(f"\nsteepest of {inside.sum()} cells: {100 * slope[inside].max():.1f} %")
    assert slope[inside].max() < 0.15


# Hà Nội: OpenStreetMap, waterworks. ---------------------------------------------------------------------------------


def test_every_metre_of_hanoi_is_counted_once(hanoi, shared_data):
    roads = gpd.read_parquet(shared_data / "data/real/roads_osm_hanoi_centre.parquet")
    there = roads[roads["highway"] != "construction"]
    inside = there.geometry.intersection(units(shared_data, "01").union_all())
    found = communes(hanoi)["road_km"]
    print(f"\nroads: {found.sum():.3f} km in {found.notna().sum()} wards; geodesic {geodesic_km(inside):.3f} km")
    assert found.sum() == pytest.approx(geodesic_km(inside), rel=1e-6)
    assert found.notna().sum() == 14


def test_rural_access_is_sure_inside_the_layer_and_between_bounds_at_its_edge(hanoi, shared_data):
    table, wards = communes(hanoi), units(shared_data, "01")
    roads = gpd.read_parquet(shared_data / "data/real/roads_osm_hanoi_centre.parquet")
    measured = table[table["road_km"].notna()]
    layer = shapely.box(*roads.total_bounds)
    wards = wards.loc[measured.index]
    held = wards.to_crs(3405).intersection(gpd.GeoSeries([layer], crs=4326).to_crs(3405)[0]).area
    held /= wards.to_crs(3405).area
    inside = measured[held > 0.7]
    print("\n", measured.assign(held=held)[["commune_name", "held", "rural_access_pct_low", "rural_access_pct_high"]])
    assert len(inside) == 9 and (inside["rural_access_pct"] == 100).all()
    # Three wards of which the layer holds less than a sixth come out as if half their people had no road.
    cut_off = measured[measured["rural_access_pct_low"] < 99]
    assert set(cut_off.index) == {"00097", "00103", "00118"} and (held[cut_off.index] < 0.16).all()
    assert (measured["rural_access_pct_low"] <= measured["rural_access_pct_high"]).all()
    told = issues(hanoi, "may end in the middle of them")["value"].tolist()
    assert len(told) == 1 and set(cut_off.index) <= set(told[0].split(", ")) == set(held.index[held < 0.9])


def test_what_many_units_have_in_common_is_one_issue(nation, hanoi):
    assert len(issues(hanoi, "wholly outside the raster")) == 1
    assert len(issues(nation, "smaller than 20 cells")) == 1 and len(issues(nation, "they tell no slope")) == 1
    assert issues(nation, "in cells across the outer boundary")["value"].str.contains("Quảng Ninh").sum() == 1


def test_unknown_surfaces_leave_bounds(hanoi):
    table = communes(hanoi).dropna(subset=["road_km"])
    low, high = table["road_hardened_pct_low"], table["road_hardened_pct_high"]
    assert (low <= high).all() and (high - low).max() > 50
    known = table["road_hardened_pct"].notna()
    assert (low == high).where(known, other=True).all() and known.sum() == 1


def test_hospitals_are_counted_where_they_stand(hanoi, shared_data):
    """All 252 count as hospitals, the 14 commune stations among them: the tag says so, only the name knows better."""
    points = gpd.read_parquet(shared_data / "data/real/health_osm_hanoi.parquet")
    at = gpd.sjoin(points, units(shared_data, "01")[["geometry"]], predicate="intersects")
    table = communes(hanoi)
    expected = at["code" if "code" in at else "index_right"].value_counts()
    assert table["hospital_count"].sum() == len(at) == 157
    assert (table.loc[expected.index, "hospital_count"] == expected).all()
    assert (table["hospital_count"] == 0).sum() == 62
    assert points["is_commune_station"].sum() == 14


def test_schools_are_found_among_points_of_interest(hanoi):
    assert communes(hanoi)["school_count"].sum() == 6


def test_waterworks_without_state_leave_bounds_and_two_have_no_place(hanoi):
    table = communes(hanoi)
    assert issues(hanoi, "coordinates outside Vietnam")["row"].tolist() == ["7, 37"]
    assert issues(hanoi, "repeat a site")["row"].tolist() == ["5, 21, 34, 57, 58"]
    assert len(pd.read_csv(hanoi / "works.csv", encoding="utf-8-sig")) == 65 - 2 - 5
    assert (table["water_service_pct_low"] == 0).all()
    people = table["population_on_map"]
    served = (table["water_service_pct_high"] / 100 * people).sum()
    print(f"\nin reach of works that may run: {served:,.0f} of {people.sum():,.0f}")
    assert 0.3 < served / people.sum() < 0.8


def test_travel_on_kilometre_cells_is_known_for_everyone(hanoi):
    table = communes(hanoi)
    minutes, km = table["hospital_travel_min"], table["nearest_hospital_km"]
    assert minutes.notna().all()
    # In a ward of two or three cells the way begins in the cell of the hospital: minutes close to nothing.
    assert minutes.min() < 1 and km[minutes.idxmin()] > 0.1
    assert minutes.corr(km, method="spearman") > 0.85


# Layers that say little. --------------------------------------------------------------------------------------------


def test_roads_without_class_and_surface_give_lengths_and_full_bounds(shared_data, tmp_path):
    real = shared_data / "data" / "real"
    layers = f"""  population: {real}/population_worldpop_2020_1km_vietnam.tif
  roads: {real}/roads_can_tho_main.parquet
"""
    out = run(tmp_path, head(shared_data, "92") + layers)
    table = communes(out)
    measured = table.dropna(subset=["road_km"])
    roads = gpd.read_parquet(real / "roads_can_tho_main.parquet")
    km = geodesic_km(roads.geometry.intersection(units(shared_data, "92").union_all()))
    print(f"\nCần Thơ: {measured['road_km'].sum():.3f} km in {len(measured)} communes; geodesic {km:.3f} km")
    assert measured["road_km"].sum() == pytest.approx(km, rel=1e-6)
    for name in ("road_hardened_pct", "road_all_season_pct"):
        assert measured[name].isna().all()
        assert (measured[f"{name}_low"] == 0).all() and (measured[f"{name}_high"] == 100).all()
    assert measured["rural_access_pct"].isna().all() and (measured["rural_access_pct_low"] == 0).all()
    assert measured["rural_access_pct_high"].between(19, 100).all()
    assert set(pd.read_csv(out / "road_lengths.csv", encoding="utf-8-sig")["road_class"]) == {"unknown"}
    assert len(issues(out, "no column that tells the class")) == 1


def test_a_layer_of_one_ward_covers_what_it_touches(shared_data, tmp_path):
    real = shared_data / "data" / "real"
    layers = f"""  population: {real}/population_worldpop_2020_1km_vietnam.tif
  elevation: {real}/dem_etopo5_vietnam.tif
  roads: {real}/roads_hanoi_phuc_xa.parquet
"""
    out = run(tmp_path, head(shared_data, "01") + layers)
    table = communes(out)
    roads = gpd.read_parquet(real / "roads_hanoi_phuc_xa.parquet")
    assert table["road_km"].sum() == pytest.approx(geodesic_km(roads.geometry), rel=1e-6)
    assert set(table.index[table["road_km"].notna()]) == {"00004", "00070", "00097"}
    assert len(issues(out, "exactly the same")) == 1


# The census beside WorldPop. ----------------------------------------------------------------------------------------


def test_worldpop_beside_the_census_by_province(shared_data, tmp_path):
    """The raster is far from the census in some provinces; the run puts both side by side and changes neither."""
    real = shared_data / "data" / "real"
    census = pd.read_csv(real / "census2019_population_households_commune.csv", dtype=str)
    census = census[census["province_code"].isin(["12", "25"])]
    census.to_csv(tmp_path / "dan-so.csv", index=False, encoding="utf-8")
    out = run(
        tmp_path,
        f"""name: Điều tra dân số 2019
as_of: 2019-04-01
boundaries:
  source: {shared_data}/data/communes_2009_source.parquet
  date: 2009-04-01
  provinces: ["12", "25"]
  columns: {{source_id: commune_code, name: commune_name}}
standards: []
indicators:
  - {{file: dan-so.csv, date: 2019-04-01,
     key: {{name: commune, province: province, district: district, within: province}}}}
coverage:
  population: {real}/population_worldpop_2020_1km_vietnam.tif
publish: {{maps: [coverage]}}
""",
    )
    table = communes(out)
    given = census["population"].astype(float).groupby(census["province_code"]).sum()
    ratio = table.groupby("province_code")["population_on_map"].sum() / given
    print("\nWorldPop 2020 over census 2019:", ratio.round(3).to_dict())
    assert ratio["25"] == pytest.approx(0.424, abs=0.01)
    assert ratio["12"] == pytest.approx(1.506, abs=0.01)
    assert table["population"].notna().mean() > 0.97
