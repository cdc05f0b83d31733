"""Every measure of real communes against a slow exact way: mountains (04), islands (22) and a coast (46).

The boundaries are real, everything on them is made. ``pytest -s`` prints the worst unit of each measure.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from scipy.spatial import cKDTree
from slow_reference import (
    GEOD,
    Cells,
    Works,
    allocate_by_hand,
    cell_area_m2,
    cell_sides_m,
    cells_by_intersection,
    people_near_by_buffer,
    roads_by_overlay,
    roads_on_shared_edges,
    slope_pct,
)

from geontm import cover
from geontm.bench.make import Inputs, Size, make_inputs
from geontm.cover.paths import worst_stretch
from geontm.load import open_raster
from geontm.tables import ArrayRaster, Grid, Raster, Window, province_crs

pytestmark = pytest.mark.realdata
PROVINCES = ("04", "22", "46")
STEEP_PCT, HIGH_M = 15.0, 200.0
MAIN_ROADS = ("national_road", "provincial_road", "district_road")
WALK_KMH = 5.0


@dataclass(frozen=True)
class Ground:
    """A real province with made layers on it."""

    code: str
    inputs: Inputs
    population: Raster
    elevation: ArrayRaster

    @cached_property
    def crs(self) -> pyproj.CRS:
        return province_crs(self.code)

    @cached_property
    def units(self) -> gpd.GeoDataFrame:
        units = self.inputs.units
        return units[units["province_code"] == self.code]

    @cached_property
    def roads(self) -> gpd.GeoDataFrame:
        """Roads about the province, and some that run exactly along borders of communes."""
        roads = self.inputs.roads
        left, bottom, right, top = self.units.total_bounds
        near = roads.cx[left - 0.05 : right + 0.05, bottom - 0.05 : top + 0.05]
        shapes = self.units.geometry.to_numpy()
        pairs = [(a, b) for a, b in shapely.STRtree(shapes).query(shapes, predicate="touches").T if a < b]
        lines = []
        for one, other in pairs[::5]:
            edge = shapely.intersection(shapely.boundary(shapes[one]), shapely.boundary(shapes[other]))
            parts = shapely.get_parts(edge)
            merged = shapely.line_merge(shapely.union_all(parts[shapely.length(parts) > 0]))
            lines += [line for line in shapely.get_parts(merged) if line.geom_type == "LineString"]
        along = gpd.GeoDataFrame(
            {"road_id": [f"b{at}" for at in range(len(lines))], "road_class": "other", "all_season": pd.NA},
            geometry=lines,
            crs=4326,
        )
        along["all_season"] = along["all_season"].astype("boolean")
        return pd.concat([near, along], ignore_index=True)

    @cached_property
    def cells(self) -> list[Cells]:
        return [cells_by_intersection(place, self.population.grid) for place in self.units.geometry]


@pytest.fixture(scope="module")
def inputs(shared_data, tmp_path_factory) -> Inputs:
    size = Size(PROVINCES, segments=12_000, edge_m=0)
    boundaries = shared_data / "data" / "communes_2025.parquet"
    return make_inputs(tmp_path_factory.mktemp("inputs"), size, boundaries=boundaries)


@pytest.fixture(scope="module", params=PROVINCES)
def ground(request, inputs):
    with (
        open_raster(inputs.path("population"), kind="population") as people,
        open_raster(inputs.path("elevation"), kind="elevation") as dem,
    ):
        values, lived = people.read(people.grid.whole)
        heights, known = dem.read(dem.grid.whole)
        # No height at sea, as in most models of terrain: every outer border is a coast with cells that lack neighbours.
        elevation = ArrayRaster(dem.grid, heights.astype(float), known & lived)
        yield Ground(request.param, inputs, ArrayRaster(people.grid, values.astype(float), lived), elevation)


def worst(what: str, ground: Ground, apart: pd.Series, limit: float) -> None:
    """Tell the unit (and class) that is farthest from the reference, and hold it to the limit."""
    assert len(apart), what
    assert apart.notna().all(), what
    code = apart.idxmax()
    name = ground.units["commune_name"].get(code[0] if isinstance(code, tuple) else code, "")
    print(f"\n{ground.code} {what}: worst {apart.max():.3g} of {len(apart)}, {code} {name}, limit {limit:g}", end="")
    assert apart.max() <= limit, f"{what}: {code}"


def numbers(column: pd.Series) -> pd.Series:
    return column.astype("float64")


def test_population_is_that_of_cells_cut_one_by_one(ground):
    values, known = ground.population.read(ground.population.grid.whole)
    people = np.where(known, values, 0.0)
    slow = pd.Series([(people[c.row, c.col] * c.share).sum() for c in ground.cells], index=ground.units.index)
    found = numbers(cover.measure_population(ground.units, ground.population).table["population_on_map"])
    worst("population", ground, ((found - slow) / slow).abs(), 1e-9)
    shares = pd.Series([each.share.sum() for each in ground.cells], index=ground.units.index)
    zones, _ = cover.make_zones(ground.units, ground.population.grid)
    worst("area in cells", ground, (zones.areas() - shares).abs() / shares, 1e-9)


def test_population_agrees_with_exactextract_where_it_answers(ground):
    from exactextract import exact_extract

    path = str(ground.inputs.path("population"))
    places = ground.units[["geometry"]].reset_index()
    peer = {}
    for at, code in enumerate(places["commune_code"]):
        try:
            peer[code] = exact_extract(path, places.iloc[[at]], ["sum"], output="pandas")["sum"].iloc[0]
        except RuntimeError as error:
            # Some valid shapes stop it.
            assert "Never get here" in str(error)
    slow = pd.Series(peer)
    assert len(slow) >= 0.95 * len(places)
    found = numbers(cover.measure_population(ground.units, ground.population).table["population_on_map"])
    # Shares there are numbers of 32 bits.
    worst("population, exactextract", ground, ((found[slow.index] - slow) / slow).abs(), 1e-6)


def test_rural_access_is_that_of_buffers_and_cut_cells(ground):
    # Few roads, so that the line at 2 km runs through many communes; of every third the season is not known.
    season = ground.roads["road_class"].isin(MAIN_ROADS).astype("boolean")
    season[ground.roads["road_class"].eq("commune_road") & (ground.roads.index % 3 == 0)] = pd.NA
    roads = ground.roads[["geometry"]].assign(all_season=season)
    found = cover.measure_rural_access(ground.units, roads, ground.population, metric_crs=ground.crs).table
    for end, chosen in (("low", season.fillna(False)), ("high", season.fillna(True))):
        shapes = roads.geometry[chosen.astype(bool)]
        slow = people_near_by_buffer(ground.units, shapes, ground.population, ground.crs, 2_000.0)
        share = numbers(found[f"rural_access_pct_{end}"]) / 100
        slow_share = slow["near"] / slow["people"]
        assert ((slow_share > 0.1) & (slow_share < 0.95)).sum() >= 10
        worst(f"rural access, {end}", ground, (share - slow_share).abs(), 0.005)
        worst(f"people of access, {end}", ground, (numbers(found["access_people"]) / slow["people"] - 1).abs(), 1e-9)


def test_access_of_villages_is_that_of_every_distance(ground):
    units, roads, villages = (
        layer.to_crs(ground.crs) for layer in (ground.units[["geometry"]], ground.roads, ground.inputs.villages)
    )
    roads["all_season"] = (roads["all_season"].fillna(False) & roads["road_class"].isin(MAIN_ROADS)).astype("boolean")
    villages = villages[villages["commune_code"].isin(units.index)]
    lines = roads.geometry.to_numpy()[roads["all_season"]]
    near = [(shapely.distance(point, lines) <= 2_000.0).any() for point in villages.geometry]
    people = villages["population"].astype(float)
    whole, served = (
        each.groupby(villages["commune_code"]).sum().reindex(units.index) for each in (people, people * near)
    )
    found = numbers(cover.measure_village_access(units, villages, roads).table["rural_access_pct"]) / 100
    assert ((served > 0) & (served < whole)).sum() > 10
    worst("access of villages", ground, (found - served / whole).abs(), 1e-9)


def test_road_km_by_class_is_that_of_overlay_and_halves_on_shared_edges(ground):
    units = ground.units[["geometry"]].to_crs(ground.crs)
    roads = ground.roads.to_crs(ground.crs)
    more = cover.measure_roads(units, roads).more
    long = more["road_lengths"]
    found = numbers(long.groupby(["commune_code", "road_class"])["km"].sum())
    slow, halves = {}, 0.0
    for name, part in roads.groupby("road_class"):
        on_edges = roads_on_shared_edges(units, part)
        halves += on_edges.sum() / 2
        for code, km in (roads_by_overlay(units, part) - on_edges / 2).items():
            slow[code, name] = km
    slow = pd.Series(slow)
    assert halves > 50
    slow = slow[(slow > 1e-9) | slow.index.isin(found.index)]
    # A metre in a thousand kilometres, and a tenth of a millimetre where a road only clips a corner.
    apart = (found.reindex(slow.index, fill_value=0.0) - slow).abs() / slow.clip(lower=0.1)
    worst("road km by class", ground, apart, 1e-6)
    whole = sum(GEOD.geometry_length(line) for line in ground.roads.geometry) / 1_000
    assert long["km"].sum() + more["roads_outside"]["km"].sum() == pytest.approx(whole, rel=1e-6)


def test_terrain_is_that_of_cut_cells_and_a_plain_slope(ground):
    grid = ground.elevation.grid
    row = np.concatenate([each.row for each in ground.cells])
    col = np.concatenate([each.col for each in ground.cells])
    first_row, first_col = row.min() - 1, col.min() - 1
    assert first_row >= 0
    assert first_col >= 0
    values, known = ground.elevation.read(
        Window(first_row, first_col, row.max() + 2 - first_row, col.max() + 2 - first_col)
    )
    heights = np.where(known, values.astype(object), None).tolist()
    sides = {int(each): cell_sides_m(grid, int(each)) for each in np.unique(row)}
    areas = {int(each): cell_area_m2(grid, int(each)) for each in np.unique(row)}
    slopes = {}
    rows = []
    for cells in ground.cells:
        whole = high = known = risen = steep = maybe = 0.0
        for r, c, share in zip(cells.row.tolist(), cells.col.tolist(), cells.share.tolist(), strict=True):
            area = areas[r] * share
            whole += area
            height = heights[r - first_row][c - first_col]
            if height is None:
                continue
            if (r, c) not in slopes:
                slopes[r, c] = slope_pct(heights, r - first_row, c - first_col, sides[r])
            least, most = slopes[r, c]
            known += area
            risen += area * height
            high += area * (height >= HIGH_M)
            steep += area * (least >= STEEP_PCT * (1 - 1e-9))
            maybe += area * (most >= STEEP_PCT * (1 - 1e-9))
        gap = whole - known
        mean = risen / known if gap <= 0.01 * whole else np.nan
        rows.append((mean, high / whole, (high + gap) / whole, steep / whole, (maybe + gap) / whole))
    names = [
        "mean_elevation_m",
        *(f"{name}_{end}" for name in ("above_200m_share", "slope_15_share") for end in ("low", "high")),
    ]
    slow = pd.DataFrame(rows, columns=names, index=ground.units.index)
    found = cover.measure_terrain(ground.units, ground.elevation).table[names].astype("float64")
    assert (found["slope_15_share_low"] < found["slope_15_share_high"]).sum() > 5
    assert (found.isna() == slow.isna()).all(axis=None)
    for name in names:
        both = slow[name].notna()
        scale = slow[name].abs() if name == "mean_elevation_m" else 1.0
        worst(name, ground, ((found[name] - slow[name]).abs() / scale)[both], 1e-6)


def works_of(ground: Ground) -> gpd.GeoDataFrame:
    """Works about the province; every eighth has a service area in place of its radius."""
    left, bottom, right, top = ground.units.total_bounds
    works = ground.inputs.works.cx[left - 0.1 : right + 0.1, bottom - 0.1 : top + 0.1].reset_index(drop=True)
    at = np.flatnonzero(works["radius_m"].notna())[::8]
    circles = works.geometry.iloc[at].to_crs(ground.crs).buffer(works["radius_m"].iloc[at].astype(float), quad_segs=3)
    shapes = works.geometry.to_numpy().copy()
    shapes[at] = circles.to_crs(4326).to_numpy()
    return works.set_geometry(gpd.GeoSeries(shapes, crs=4326))


def as_works(works: gpd.GeoDataFrame, end: str) -> list[Works]:
    """Read the works as they are at one end of what is not known."""
    found = []
    for each in works.sort_values("site_id").itertuples():
        area = None if each.geometry.geom_type == "Point" else each.geometry
        runs = end == "high" if pd.isna(each.working) else each.working
        radius = each.radius_m
        if area is None and pd.isna(radius):
            runs, radius = runs and end == "high", 10_000.0
        if runs:
            room = np.inf if pd.isna(each.capacity_persons) else float(each.capacity_persons)
            middle = each.geometry.centroid
            found.append(Works(middle.x, middle.y, float(radius if area is None else 0), area, room))
    return found


def test_water_service_on_cells_is_that_of_serving_pair_by_pair(ground):
    works, grid = works_of(ground), ground.population.grid
    values, known = ground.population.read(grid.whole)
    row, col = np.nonzero(known & (values > 0))
    x, y = grid.left + (col + 0.5) * grid.cell_width, grid.top - (row + 0.5) * grid.cell_height
    left, bottom, right, top = ground.units.total_bounds
    near = (x > left - 0.3) & (x < right + 0.3) & (y > bottom - 0.3) & (y < top + 0.3)
    row, col, x, y = (each[near] for each in (row, col, x, y))
    places = list(zip(x, y, values[row, col], strict=True))
    table = cover.measure_water(ground.units, works, ground.population, metric_crs=ground.crs).table
    for end in ("low", "high"):
        served = np.zeros(values.shape)
        served[row, col] = allocate_by_hand(places, as_works(works, end))
        slow = pd.Series([(served[c.row, c.col] * c.share).sum() for c in ground.cells], index=ground.units.index)
        people = pd.Series([(values[c.row, c.col] * c.share).sum() for c in ground.cells], index=ground.units.index)
        found = numbers(table[f"water_service_people_{end}"])
        assert slow.sum() > 0.1 * people.sum()
        assert slow.sum() < 0.9 * people.sum()
        worst(f"water service on cells, {end}", ground, (found - slow).abs() / people, 1e-6)


def test_water_service_of_villages_is_that_of_serving_pair_by_pair(ground):
    works, codes = works_of(ground), ground.units.index
    villages = ground.inputs.villages
    villages = villages[villages["commune_code"].isin(codes)].sort_index()
    points = villages.geometry.to_crs(ground.crs).to_numpy()
    plane = pyproj.Transformer.from_crs(4326, ground.crs, always_xy=True)
    places = list(zip(villages.geometry.x, villages.geometry.y, villages["population"].astype(float), strict=True))

    def metres_between(each: Works, near: np.ndarray) -> np.ndarray:
        middle = shapely.Point(each.lon, each.lat)
        if each.area is not None:
            middle = shapely.transform(each.area, plane.transform, interleaved=False).centroid
            return shapely.distance(points[near], middle)
        return shapely.distance(points[near], shapely.transform(middle, plane.transform, interleaved=False))

    table = cover.measure_water(ground.units, works, villages, metric_crs=ground.crs).table
    people = numbers(villages.groupby("commune_code")["population"].sum()).reindex(codes)
    for end in ("low", "high"):
        served = pd.Series(allocate_by_hand(places, as_works(works, end), metres_between), index=villages.index)
        slow = served.groupby(villages["commune_code"]).sum().reindex(codes)
        found = numbers(table[f"water_service_people_{end}"])
        worst(f"water service of villages, {end}", ground, (found - slow).abs() / people, 1e-9)


def test_travel_over_even_ground_is_straight_within_the_stated_stretch(ground):
    fine = ground.population.grid
    grid = Grid(
        fine.crs, fine.left, fine.top, 2 * fine.cell_width, 2 * fine.cell_height, fine.rows // 2, fine.cols // 2
    )
    values, known = ground.population.read(fine.whole)
    people = np.where(known, values, 0.0)[: 2 * grid.rows, : 2 * grid.cols]
    people = people.reshape(grid.rows, 2, grid.cols, 2).sum(axis=(1, 3))
    zones, _ = cover.make_zones(ground.units, grid)
    window = zones.window
    sites = ground.inputs.facilities
    left, bottom, right, top = grid.bounds_of(window)
    markets = sites[sites["kind"] == "market"].cx[left:right, bottom:top]
    friction = cover.make_friction(grid, window, cover.Speeds(WALK_KMH))
    time = cover.travel_minutes(cover.link_cells(friction), markets)
    population = ArrayRaster(grid, people)
    table = cover.measure_travel(ground.units, time, population, zones=zones, kind="market").table

    # Straight from the middle of each cell to the middle of the nearest cell with a market: of the five nearest in the
    # plane the one nearest on the ellipsoid.
    move = pyproj.Transformer.from_crs(grid.crs, ground.crs, always_xy=True).transform
    x, y = grid.centres(window)
    goals = np.unique(
        np.stack([(top - markets.geometry.y) // grid.cell_height, (markets.geometry.x - left) // grid.cell_width]),
        axis=1,
    ).astype(int)
    row, col = np.nonzero(people[window.row : window.row + window.rows, window.col : window.col + window.cols])
    ends = x[goals[1]], y[goals[0]]
    near = cKDTree(np.column_stack(move(*ends))).query(np.column_stack(move(x[col], y[row])), k=5)[1]
    starts = np.repeat(x[col], 5), np.repeat(y[row], 5)
    metres = GEOD.inv(*starts, ends[0][near.ravel()], ends[1][near.ravel()])[2].reshape(-1, 5).min(axis=1)
    straight = np.zeros((window.rows, window.cols))
    straight[row, col] = metres / 1_000 / WALK_KMH * 60

    stretch = max(worst_stretch(*sides) for sides in zip(*grid.cell_metres(window), strict=True))
    ratio = time.minutes[row, col][metres > 0] / straight[row, col][metres > 0]
    assert ratio.min() > 1 - 1e-5
    assert ratio.max() < stretch + 1e-5
    spent = {}
    for code, place in ground.units.geometry.items():
        cells = cells_by_intersection(place, grid)
        lived = people[cells.row, cells.col] * cells.share
        spent[code] = (lived * straight[cells.row - window.row, cells.col - window.col]).sum() / lived.sum()
    slow = pd.Series(spent)
    apart = numbers(table["market_travel_min"]) / slow - 1
    print(f"\n{ground.code} travel, cells: {ratio.min() - 1:.3g} to {ratio.max() - 1:.3g}", end="")
    assert apart.min() > -1e-5
    worst("travel on even ground", ground, apart, stretch - 1)
