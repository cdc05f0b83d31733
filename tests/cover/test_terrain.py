"""Terrain: shares of area by hand, slopes against a slow reference, and no cliffs where heights end."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.cover import measure_terrain, settle_shares, terrain
from geontm.cover.slope import classify_slope
from geontm.cover.zones import Zones
from geontm.errors import CRSError
from geontm.tables import ArrayRaster, Grid, Window

UTM = pyproj.CRS.from_epsg(32648)
DEGREES = pyproj.CRS.from_epsg(4326)
X, Y = np.meshgrid(np.arange(-1, 2), np.arange(-1, 2))
WEIGHTS = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])


def raster(heights, *, cell=0.001, left=105.0, top=20.0, crs=DEGREES, name="dem.tif") -> ArrayRaster:
    """Heights as rows of numbers; None is unknown."""
    values = np.array([[np.nan if height is None else height for height in row] for row in heights], dtype=float)
    return ArrayRaster(Grid(crs, left, top, cell, cell, *values.shape), values, name=name)


def units(**boxes) -> gpd.GeoDataFrame:
    """Boxes in cells of the raster above: left, top, right, bottom, from its upper left corner."""
    shapes = [
        shapely.box(105 + left / 1000, 20 - bottom / 1000, 105 + right / 1000, 20 - top / 1000)
        for left, top, right, bottom in boxes.values()
    ]
    return gpd.GeoDataFrame(geometry=shapes, index=pd.Index(list(boxes), name="commune_code"), crs=4326)


def steep_cells(heights, known=None, *, cell=(100.0, 100.0), at_least_pct=15.0):
    """Steepness of the inner cells of an array."""
    heights = np.asarray(heights, dtype=float)
    known = np.ones(heights.shape, dtype=bool) if known is None else np.asarray(known, dtype=bool)
    metres = tuple(np.full(heights.shape[0] - 2, side) for side in cell)
    return classify_slope(np.where(known, heights, 0.0), known, metres, at_least_pct=at_least_pct)


def slope_by_fit(heights, known, cell=(100.0, 100.0)) -> float | None:
    """Slope (%) of the middle of nine heights: the slow way, by a general least-squares solver."""
    there = known.ravel()
    design = np.column_stack([np.ones(9), X.ravel() * cell[0], Y.ravel() * cell[1]])[there]
    weights = np.sqrt(WEIGHTS.ravel()[there])[:, None]
    fit, _, rank, _ = np.linalg.lstsq(design * weights, heights.ravel()[there] * weights[:, 0], rcond=1e-9)
    return 100 * math.hypot(*fit[1:]) if rank == 3 else None


def shares_by_cell(outlines, dem, *, threshold_m=200.0, steep_pct=15.0) -> pd.DataFrame:
    """Measure one cell after another: the polygon of the cell cut with the unit, areas on the ellipsoid."""
    heights, known = dem.read(dem.grid.whole)
    around = np.pad(known, 1)
    padded = np.pad(heights, 1)
    width, depth = dem.grid.cell_metres(dem.grid.whole)
    rows = {}
    for code, shape in outlines.geometry.items():
        total = high = steep = risen = 0.0
        for row in range(dem.grid.rows):
            for col in range(dem.grid.cols):
                cell = shapely.box(*dem.grid.bounds_of(Window(row, col, 1, 1)))
                area = shapely.area(shapely.intersection(cell, shape)) / cell.area * width[row] * depth[row]
                if area == 0:
                    continue
                part = np.s_[row : row + 3, col : col + 3]
                slope = slope_by_fit(padded[part], around[part], (width[row], depth[row]))
                total, risen = total + area, risen + area * heights[row, col]
                high += area * (heights[row, col] >= threshold_m)
                steep += area * (slope is not None and slope >= steep_pct)
        rows[code] = {
            "mean_elevation_m": risen / total,
            "above_200m_share": high / total,
            "slope_15_share": steep / total,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


# --- shares of area, by hand


def test_a_cell_at_exactly_200_m_counts():
    found = measure_terrain(units(a=(0, 0, 3, 1), b=(3, 0, 4, 1)), raster([[199.999, 200, 201, 0]])).table
    assert found["above_200m_share"].tolist() == pytest.approx([2 / 3, 0])
    assert found["mean_elevation_m"].tolist() == pytest.approx([600.999 / 3, 0])


def test_two_thirds_of_three_equal_cells_reach_two_thirds():
    dem = ArrayRaster(Grid(UTM, 5e5, 2e6, 100, 100, 3, 5), np.array([[0.0] * 5, [0, 500, 500, 0, 0], [0.0] * 5]))
    whole = np.zeros((1, 3), dtype=np.int32)
    none = np.zeros(0, dtype=np.int64)
    zones = Zones(dem.grid, Window(1, 1, 1, 3), np.array(["a"]), whole, none, none.astype(np.int32), np.zeros(0))
    place = gpd.GeoDataFrame(geometry=[shapely.box(105, 18, 105.001, 18.001)], index=["a"], crs=4326)
    assert measure_terrain(place, dem, zones=zones).table.loc["a", "above_200m_share"] == 2 / 3


def test_cut_cells_count_with_their_share():
    found = measure_terrain(units(a=(0, 0, 1.25, 1), b=(1.25, 0, 2, 1)), raster([[0, 300]])).table
    assert found["above_200m_share"].tolist() == pytest.approx([0.25 / 1.25, 1])


def test_rows_count_with_their_area_on_the_ellipsoid():
    dem = raster([[300], [0]], cell=5.0, top=25.0)
    place = gpd.GeoDataFrame(geometry=[shapely.box(105, 15, 110, 25)], index=["a"], crs=4326)
    geod = pyproj.Geod(ellps="WGS84")
    north, south = (abs(geod.polygon_area_perimeter([105, 110, 110, 105], [y, y, y + 5, y + 5])[0]) for y in (20, 15))
    found = measure_terrain(place, dem).table.loc["a", "above_200m_share"]
    assert found < 0.495 and found == pytest.approx(north / (north + south), abs=2e-3)


def test_names_say_the_thresholds():
    found = measure_terrain(units(a=(0, 0, 2, 1)), raster([[599, 600]]), threshold_m=600, steep_pct=25).table
    assert found["above_600m_share"].tolist() == pytest.approx([0.5])
    assert [name for name in found if name.startswith("slope")] == [
        "slope_25_share",
        "slope_25_share_low",
        "slope_25_share_high",
    ]


# --- slope


def test_a_slope_of_exactly_15_percent_counts_in_every_direction():
    for east, south in ((15, 0), (0, -15), (-9, 12), (12, 9)):
        plane = 1000.0 + east * X + south * Y
        assert steep_cells(plane).steep.all(), (east, south)
        assert not steep_cells(plane * (1 - 1e-6)).steep.any()


def test_the_slope_is_percent_not_degrees():
    plane = 100 * math.tan(math.radians(8.6)) * X  # 15 % is 8.53 degrees
    assert steep_cells(plane).steep.all() and not steep_cells(plane, at_least_pct=15.2).steep.any()


def test_width_and_height_of_cells_are_told_apart():
    assert steep_cells(9.0 * X, cell=(60.0, 100.0)).steep.all()
    assert not steep_cells(9.0 * Y, cell=(60.0, 100.0)).steep.any()


MASKS = st.lists(st.booleans(), min_size=49, max_size=49).map(lambda flags: np.array(flags).reshape(7, 7))


@settings(deadline=None, max_examples=40)
@given(known=MASKS, east=st.integers(-40, 40), south=st.integers(-40, 40))
def test_a_plane_keeps_its_slope_wherever_it_is_cut(known, east, south):
    x, y = np.meshgrid(np.arange(7), np.arange(7))
    found = steep_cells(3000.0 + east * x + south * y, known)
    truth = east**2 + south**2 >= 15**2
    inner = known[1:-1, 1:-1]
    assert found.unknown[~inner].all() and not found.steep[~inner].any()
    assert (found.steep[inner & ~found.unknown] == truth).all()
    if not truth:
        assert not found.steep.any()
    parts = [np.s_[row : row + 3, col : col + 3] for row in range(5) for col in range(5)]
    enough = np.array([slope_by_fit(0.0 * x[part], known[part]) is not None for part in parts]).reshape(5, 5)
    assert not found.unknown[inner & enough].any()


@settings(deadline=None, max_examples=40)
@given(known=MASKS, seed=st.integers(0, 2**32 - 1))
def test_slopes_agree_with_a_general_fit(known, seed):
    heights = np.random.default_rng(seed).integers(0, 60, (7, 7)).astype(float)
    found = steep_cells(heights, known, cell=(90.0, 92.0))
    for row in range(5):
        for col in range(5):
            part = np.s_[row : row + 3, col : col + 3]
            slope = slope_by_fit(heights[part], known[part], (90.0, 92.0)) if known[row + 1, col + 1] else None
            if slope is None:
                assert found.unknown[row, col] or found.steep[row, col]
            elif abs(slope - 15) > 1e-6:
                assert found.steep[row, col] == (slope > 15) and not found.unknown[row, col]


def test_horn_is_what_gdal_computes():
    heights = np.random.default_rng(1).integers(0, 60, (3, 3)).astype(float)
    (a, b, c), (d, _, f), (g, h, i) = heights
    horn = 100 * math.hypot((c + 2 * f + i - a - 2 * d - g) / 800, (g + 2 * h + i - a - 2 * b - c) / 800)
    assert slope_by_fit(heights, np.ones((3, 3), dtype=bool)) == pytest.approx(horn)
    assert steep_cells(heights, at_least_pct=horn - 1e-6).steep.all()
    assert not steep_cells(heights, at_least_pct=horn + 1e-6).steep.any()


def test_a_flat_coast_has_no_cliff():
    # A plateau of 500 m that ends in cells without height: taken as 0 they would make cliffs of 250 %.
    dem = raster([[500, 500, None]] * 4)
    found = measure_terrain(units(a=(0, 0, 2, 4)), dem).table.loc["a"]
    assert found["slope_15_share"] == 0 and found["slope_15_share_high"] == 0
    assert found["above_200m_share"] == 1


def test_cells_in_one_line_tell_a_lower_bound_of_slope():
    known = np.zeros((3, 5), dtype=bool)
    known[1] = True
    gentle, steep = (steep_cells([[0.0] * 5, [rise * x for x in range(5)], [0.0] * 5], known) for rise in (14, 15))
    assert gentle.unknown.all() and not gentle.steep.any()
    assert steep.steep.all() and not steep.unknown.any()


# --- against the slow way


def hills(rows, cols, seed=3) -> np.ndarray:
    x, y = np.meshgrid(np.arange(cols), np.arange(rows))
    noise = np.random.default_rng(seed).integers(0, 8, (rows, cols))
    return np.rint(190 + 120 * np.sin(x / 4.0) * np.cos(y / 3.0) + noise)


CRUMBS = {
    "a": shapely.Polygon([(105.0011, 19.9985), (105.0099, 19.9991), (105.0120, 19.9911), (105.0052, 19.9902)]),
    "b": shapely.Polygon([(105.0099, 19.9991), (105.0171, 19.9999), (105.0162, 19.9897), (105.0120, 19.9911)]),
    "c": shapely.MultiPolygon(
        [shapely.box(105.0004, 19.9801, 105.0009, 19.9806), shapely.box(105.0021, 19.9803, 105.0077, 19.9871)]
    ),
}


def crumbs() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(CRUMBS.values()), index=list(CRUMBS), crs=4326)


def test_shares_agree_with_every_cell_cut_on_its_own():
    dem = raster(hills(20, 18))
    found, slow = measure_terrain(crumbs(), dem).table, shares_by_cell(crumbs(), dem)
    for name in slow:
        assert found[name].tolist() == pytest.approx(slow[name].tolist(), rel=1e-9), name
    assert slow["slope_15_share"].between(0.2, 0.9).all()


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 19])
def test_the_height_of_strips_changes_no_bit(monkeypatch, rows):
    heights = hills(20, 18)
    heights[5:7, 3:9] = np.nan
    dem = raster(heights)
    whole = measure_terrain(crumbs(), dem).table
    monkeypatch.setattr(terrain, "STRIP_ROWS", rows)
    pd.testing.assert_frame_equal(measure_terrain(crumbs(), dem).table, whole, check_exact=True)


def test_the_order_of_units_changes_no_bit_and_nothing_given_is_altered():
    dem = raster(hills(20, 18))
    before, copy = crumbs(), crumbs()
    found = measure_terrain(before, dem).table
    turned = measure_terrain(before.iloc[::-1], dem).table.loc[found.index]
    pd.testing.assert_frame_equal(found, turned, check_exact=True)
    assert before.equals(copy)


def test_heights_around_a_unit_count_for_its_slope():
    ramp = [[20.0 * x for x in range(9)]] * 5
    alone = measure_terrain(units(a=(4, 2, 5, 3)), raster(ramp)).table.loc["a"]
    assert alone["slope_15_share"] == 1  # 20 m over some 105 m


def test_degrees_and_metres_give_the_same_shares():
    # One hill of 600 m, seen on cells of 100 m and on cells of 0.001 degrees.
    zone = pyproj.CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=105 +k=1 +x_0=500000 +y_0=0 +datum=WGS84 +units=m")
    move = pyproj.Transformer.from_crs(4326, zone, always_xy=True)
    left, bottom = 495_000.0, move.transform(105, 20)[1] - 5_000

    def hill(x, y):
        return 600 * np.exp(-(((x - left - 5_000) / 2_500) ** 2) - ((y - bottom - 5_000) / 2_500) ** 2)

    metric = Grid(zone, left - 1_000, bottom + 11_000, 100, 100, 120, 120)
    in_metres = ArrayRaster(metric, hill(*np.meshgrid(*metric.centres(metric.whole))))
    degrees = Grid(DEGREES, 104.94, 20.06, 0.001, 0.001, 120, 120)
    in_degrees = ArrayRaster(degrees, hill(*move.transform(*np.meshgrid(*degrees.centres(degrees.whole)))))
    corners = shapely.segmentize(shapely.box(left, bottom, left + 10_000, bottom + 10_000), 100)
    shape = shapely.transform(corners, lambda x, y: move.transform(x, y, direction="INVERSE"), interleaved=False)
    place = gpd.GeoDataFrame(geometry=[shape], index=["a"], crs=4326)
    one, other = (measure_terrain(place, dem).table.loc["a"] for dem in (in_metres, in_degrees))
    # 600 exp(-r²/2.5²) is 200 on a circle of 2.6 km, whose edge crosses some 210 cells of 10,000, right within half.
    assert one["above_200m_share"] == pytest.approx(math.pi * 2.5**2 * math.log(3) / 100, abs=2e-3)
    for name in ("above_200m_share", "slope_15_share"):
        assert other[name] == pytest.approx(one[name], abs=3e-3), name
    assert other["mean_elevation_m"] == pytest.approx(one["mean_elevation_m"], rel=1e-3)
    assert 0.02 < one["slope_15_share"] < 0.4


# --- what is not known


def test_area_without_height_widens_the_bounds():
    dem = raster([[300, 300, None, 0]])
    table = measure_terrain(units(a=(0, 0, 4, 1), b=(0, 0, 2, 1)), dem).table
    assert pd.isna(table.loc["a", "above_200m_share"]) and pd.isna(table.loc["a", "mean_elevation_m"])
    assert table.loc["a", ["above_200m_share_low", "above_200m_share_high"]].tolist() == pytest.approx([0.5, 0.75])
    assert table.loc["b", "above_200m_share"] == 1


def test_area_beyond_the_raster_widens_the_bounds():
    dem = raster([[300, 300]])
    found = measure_terrain(units(a=(1, 0, 3, 1), b=(8, 0, 9, 1)), dem)
    assert found.table.loc["a", ["above_200m_share_low", "above_200m_share_high"]].tolist() == pytest.approx([0.5, 1])
    assert found.table.loc["b"].isna().all()
    assert "zones.outside" in [issue.message.id for issue in found.issues]


@settings(deadline=None, max_examples=25)
@given(
    hidden=st.lists(st.booleans(), min_size=30, max_size=30),
    seed=st.integers(0, 2**32 - 1),
)
def test_bounds_hold_whatever_the_missing_heights_are(hidden, seed):
    generator = np.random.default_rng(seed)
    heights = generator.choice([0.0, 150.0, 200.0, 700.0], (5, 6))
    hidden = np.array(hidden).reshape(5, 6)
    place = units(a=(0.3, 0.4, 5.5, 4.9), b=(1, 1, 3, 2))
    truth = measure_terrain(place, raster(heights)).table["above_200m_share"]
    bounds = measure_terrain(place, raster(np.where(hidden, np.nan, heights))).table
    for code in place.index:
        low, high = bounds.loc[code, ["above_200m_share_low", "above_200m_share_high"]]
        if pd.isna(low):
            assert pd.isna(high) and hidden.any()
        else:
            assert low - 1e-12 <= truth[code] <= high + 1e-12


def test_a_unit_that_the_raster_does_not_cover_is_unknown():
    found = measure_terrain(units(a=(0, 0, 1, 1), b=(1, 0, 2, 1)), raster([[300, 300]]), covered={"a"}).table
    assert found.loc["a", "above_200m_share"] == 1 and found.loc["b"].isna().all()


def test_a_unit_without_shape_is_unknown_and_no_units_give_no_rows():
    place = units(a=(0, 0, 1, 1), b=(1, 0, 2, 1))
    place.loc["b", "geometry"] = shapely.Polygon()
    found = measure_terrain(place, raster([[300, 300]])).table
    assert found.loc["b"].isna().all() and found.loc["a", "above_200m_share"] == 1
    assert measure_terrain(place.iloc[:0], raster([[300, 300]])).table.shape == (0, 7)
    assert set(found.dtypes.astype(str)) == {"Float64"}


def test_a_share_is_settled_where_the_gap_decides_nothing():
    table = pd.DataFrame(
        {
            "s": pd.array([pd.NA, pd.NA, pd.NA, 0.25], dtype="Float64"),
            "s_low": pd.array([0.1, 0.66, 0.2, 0.25], dtype="Float64"),
            "s_high": pd.array([0.108, 0.669, 0.5, 0.25], dtype="Float64"),
        },
        index=["sliver", "at the limit", "wide", "known"],
    )
    settled = settle_shares(table, {"s": [2 / 3]})["s"]
    assert settled["sliver"] == pytest.approx(0.1 / 0.992) and settled["known"] == 0.25
    assert settled[["at the limit", "wide"]].isna().all()
    assert pd.isna(table.loc["sliver", "s"])


def test_what_cannot_be_a_height_is_unknown_and_told():
    heights = np.full((3, 3), 300.0)
    heights[1, 1] = -32768
    found = measure_terrain(units(a=(0, 0, 3, 3)), raster(heights))
    assert found.table.loc["a", "slope_15_share_low"] == 0
    assert found.table.loc["a", "above_200m_share_high"] == pytest.approx(1)
    told = {issue.message.id: issue for issue in found.issues}
    assert told["terrain.odd_heights"].value == "1" and "terrain.partly_unknown" in told
    assert all(issue.message.text("vi") and issue.message.text("en") for issue in found.issues)


def test_wide_cells_are_told_and_very_wide_ones_tell_no_slope():
    def found(cell):
        size = 9 * 1000 * cell
        return measure_terrain(units(a=(0, 0, size, size)), raster([[1.0] * 9] * 9, cell=cell))

    ids = {cell: [issue.message.id for issue in found(cell).issues] for cell in (0.001, 0.002, 0.02)}
    assert ids == {0.001: [], 0.002: ["terrain.coarse"], 0.02: ["terrain.too_coarse"]}
    slope = found(0.02).table.loc["a", ["slope_15_share", "slope_15_share_low", "slope_15_share_high"]]
    assert pd.isna(slope.iloc[0]) and slope.iloc[1:].tolist() == [0, 1]
    assert found(0.02).table.loc["a", "above_200m_share"] == 0
    assert found(0.002).table.loc["a", "slope_15_share"] == 0


def test_units_of_few_cells_and_sea_floors_are_told():
    found = measure_terrain(units(a=(0, 0, 2, 4), b=(2, 0, 9, 4)), raster([[-30.0] * 2 + [5.0] * 7] * 4))
    told = {issue.message.id: issue for issue in found.issues}
    assert told["terrain.few_cells"].value == "a" and told["terrain.sea_floor"].value == "a"
    assert found.table.loc["a", "mean_elevation_m"] == pytest.approx(-30)


def test_units_must_be_in_degrees_and_zones_of_the_same_grid():
    dem = raster([[300, 300]])
    with pytest.raises(CRSError):
        measure_terrain(units(a=(0, 0, 1, 1)).to_crs(32648), dem)
    none = np.zeros(0, dtype=np.int64)
    zones = Zones(
        raster([[1]]).grid, Window(0, 0, 1, 1), np.array(["a"]), np.zeros((1, 1), np.int32), none,
        none.astype(np.int32), np.zeros(0),
    )  # fmt: skip
    with pytest.raises(CRSError) as refused:
        measure_terrain(units(a=(0, 0, 1, 1)), dem, zones=zones)
    assert refused.value.message.id == "terrain.other_grid"


# --- real outlines


@pytest.mark.realdata
@pytest.mark.parametrize("province", ["04", "22", "46"])
def test_real_communes_agree_with_an_independent_library(shared_data, province):
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    from geontm.load import open_raster

    communes = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet").set_index("code")
    communes = communes[communes["province_code"] == province]
    dem = open_raster(shared_data / "data" / "real" / "dem_itu_p1511_vietnam.tif", kind="elevation")
    found = measure_terrain(communes, dem).table
    heights, known = dem.read(dem.grid.whole)
    area = np.repeat(np.multiply(*dem.grid.cell_metres(dem.grid.whole))[:, None], dem.grid.cols, axis=1)
    place = dict(zip(("xmin", "ymin", "xmax", "ymax"), dem.grid.bounds, strict=True)) | {
        "srs_wkt": dem.grid.crs.to_wkt()
    }
    weights = NumPyRasterSource(area, **place)
    for name, values in (("above_200m_share", heights >= 200), ("mean_elevation_m", heights)):
        source = NumPyRasterSource(np.where(known, values, np.nan).astype(float), **place, nodata=np.nan)
        table = exact_extract(source, communes.reset_index(), ["weighted_mean"], weights=weights, output="pandas")
        assert found[name].to_numpy(dtype=float) == pytest.approx(table.iloc[:, -1].to_numpy(dtype=float), rel=1e-6), (
            name
        )
    # Provinces that everyone knows: mountains, coast with islands, coast.
    high = (found["above_200m_share"] * communes["area_km2"]).sum() / communes["area_km2"].sum()
    assert {"04": high > 0.999, "22": 0.1 < high < 0.5, "46": 0.3 < high < 0.7}[province]
