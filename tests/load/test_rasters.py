from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import affine
import numpy as np
import pyproj
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from geontm.errors import CRSError, GeontmError, SourceError
from geontm.load import OpenRaster, check_raster, open_raster
from geontm.load.raster_files import driver_of
from geontm.tables import Window

PEOPLE = np.array([[10, 20, 30, 40], [0, 8, -99999, 0], [100, 0, 0, 7]], dtype=np.float32)
PLACE = affine.Affine(0.01, 0, 105.0, 0, -0.01, 21.0)
BOUNDS = (105.0, 20.97, 105.04, 21.0)
GIBIBYTE = 1024**3


def moved(cols: float, rows: float) -> affine.Affine:
    """Return the place of a raster so many cells to the right and below."""
    return affine.Affine(0.01, 0, 105.0 + cols / 100, 0, -0.01, 21.0 - rows / 100)


def write(path: Path, values: Any, *, place: affine.Affine = PLACE, crs: Any = "EPSG:4326", **options: Any) -> Path:
    values = np.asarray(values)
    bands = values if values.ndim == 3 else values[None]
    profile = {"driver": "GTiff", "dtype": values.dtype, "count": len(bands), "crs": crs, "transform": place}
    height, width = bands.shape[1:]
    with rasterio.open(path, "w", height=height, width=width, **(profile | options)) as target:
        target.write(bands)
    return path


def refused(path: Any, kind: Any = "population") -> GeontmError:
    with pytest.raises(GeontmError) as caught:
        open_raster(path, kind=kind)
    for lang in ("vi", "en"):
        assert caught.value.message.text(lang) and caught.value.message.fix(lang)
    return caught.value


def checked(path: Any, kind: Any, bounds: Any = BOUNDS) -> list[str]:
    with open_raster(path, kind=kind) as raster:
        issues = check_raster(raster, bounds, kind=kind)
    assert all(issue.message.text("vi") and issue.message.text("en") for issue in issues)
    return [issue.message.id for issue in issues]


def refused_check(path: Any, kind: Any, bounds: Any = BOUNDS) -> SourceError:
    with open_raster(path, kind=kind) as raster, pytest.raises(SourceError) as caught:
        check_raster(raster, bounds, kind=kind)
    assert caught.value.message.text("vi") and caught.value.message.fix("en")
    return caught.value


# Reading


def test_a_raster_is_read_as_it_is(tmp_path):
    path = write(tmp_path / "dan-so.tif", PEOPLE, nodata=-99999)
    with open_raster(path, kind="population") as raster:
        assert (raster.name, raster.paths, raster.issues) == ("dan-so.tif", (path,), ())
        assert raster.grid.crs == pyproj.CRS.from_epsg(4326)
        assert raster.operation == ""
        assert (raster.grid.rows, raster.grid.cols) == (3, 4)
        assert raster.grid.bounds == pytest.approx(BOUNDS)
        values, known = raster.read(raster.grid.whole)
        assert values.dtype == raster.dtype == np.float32
        assert_array_equal(known, PEOPLE != -99999)
        assert_array_equal(values, np.where(known, PEOPLE, 0))
        values, known = raster.read(Window(1, 1, 2, 2))
        assert_array_equal(values, [[8, 0], [0, 0]])
        assert_array_equal(known, [[True, False], [True, True]])


def test_it_goes_to_other_processes_and_threads(tmp_path):
    path = write(tmp_path / "dan-so.tif", np.arange(10_000, dtype=np.int32).reshape(100, 100))
    with open_raster(path, kind="population") as raster:
        expected = raster.read(raster.grid.whole)[0]
        again = pickle.loads(pickle.dumps(raster))
        assert isinstance(again, OpenRaster)
        assert_array_equal(again.read(raster.grid.whole)[0], expected)
        windows = [Window(row, 0, 1, 100) for row in range(100)]
        with ThreadPoolExecutor(4) as pool:
            rows = list(pool.map(lambda window: raster.read(window)[0], windows))
        assert_array_equal(np.vstack(rows), expected)
        with multiprocessing.get_context("spawn").Pool(1) as other:
            assert_array_equal(other.map(_first_row, [raster])[0], expected[:1])
    # Closed is not gone.
    assert_array_equal(raster.read(raster.grid.whole)[0], expected)
    raster.close()


def _first_row(raster: OpenRaster) -> Any:
    return raster.read(Window(0, 0, 1, raster.grid.cols))[0]


def test_scale_and_offset_are_applied(tmp_path):
    path = write(tmp_path / "cao.tif", np.array([[10, 250], [-1, 30]], dtype=np.int16), nodata=-1)
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.5,), (100.0,)
    with open_raster(path, kind="elevation") as raster:
        values, known = raster.read(raster.grid.whole)
    assert values.dtype == np.float64
    assert_array_equal(values, [[105, 225], [0, 115]])
    assert_array_equal(known, [[True, True], [False, True]])


def test_masks_inside_the_file_hold(tmp_path):
    path = tmp_path / "dan-so.tif"
    options = {
        "driver": "GTiff",
        "height": 1,
        "width": 3,
        "count": 1,
        "dtype": "uint8",
        "crs": 4326,
        "transform": PLACE,
    }
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **options) as target:
        target.write(np.array([[1, 2, 3]], dtype=np.uint8), 1)
        target.write_mask(np.array([[True, False, True]]))
    with open_raster(path, kind="landcover") as raster:
        assert_array_equal(raster.read(raster.grid.whole)[1], [[True, False, True]])


def test_nan_and_infinity_are_unknown(tmp_path):
    path = write(tmp_path / "cao.tif", np.array([[np.nan, np.inf, -np.inf, 3]], dtype=np.float32))
    with open_raster(path, kind="elevation") as raster:
        assert_array_equal(raster.read(raster.grid.whole)[1], [[False, False, False, True]])


def test_a_nodata_value_that_no_cell_can_hold_is_ignored(tmp_path):
    path = write(tmp_path / "dan-so.tif", np.array([[1, 255]], dtype=np.uint8), nodata=0)
    with rasterio.open(path, "r+") as target:
        target.update_tags(1)
    text = path.read_bytes()
    assert b"0 \0" in text or b"0\0" in text
    path = write(tmp_path / "b.tif", np.array([[1, 2]], dtype=np.float32), nodata=-3.4028234663852886e38)
    with open_raster(path, kind="population") as raster:
        assert raster.read(raster.grid.whole)[1].all()


def test_of_several_bands_the_first_is_read_and_told(tmp_path):
    path = write(tmp_path / "dan-so.tif", np.array([[[1, 2]], [[3, 4]], [[5, 6]]], dtype=np.int16))
    with open_raster(path, kind="population") as raster:
        assert_array_equal(raster.read(raster.grid.whole)[0], [[1, 2]])
        assert [issue.message.id for issue in raster.issues] == ["rasters.bands"]


def test_ascii_grids_are_read(tmp_path):
    text = "ncols 3\nnrows 2\nxllcorner 105.0\nyllcorner 20.98\ncellsize 0.01\nNODATA_value -9999\n1 2 3\n4 -9999 6\n"
    path = tmp_path / "cao.asc"
    path.write_text(text)
    assert refused(path, "elevation").message.id == "rasters.crs_missing"
    path.with_suffix(".prj").write_text(pyproj.CRS.from_epsg(4326).to_wkt("WKT1_ESRI"))
    with open_raster(path, kind="elevation") as raster:
        values, known = raster.read(raster.grid.whole)
    assert_array_equal(values, [[1, 2, 3], [4, 0, 6]])
    assert_array_equal(known, [[True, True, True], [True, False, True]])


# Tiles


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_tiles_read_as_one(tmp_path, data):
    rows, cols = data.draw(st.integers(2, 9)), data.draw(st.integers(2, 9))
    values = np.random.default_rng(rows * 10 + cols).integers(0, 99, (rows, cols)).astype(np.int16)
    cut_row, cut_col = data.draw(st.integers(1, rows - 1)), data.draw(st.integers(1, cols - 1))
    # Tiles may share a row and a column, as SRTM tiles do.
    more = data.draw(st.integers(0, 1))
    paths = []
    for name, part in (
        ("a", np.s_[: cut_row + more, : cut_col + more]), ("b", np.s_[: cut_row + more, cut_col:]),
        ("c", np.s_[cut_row:, : cut_col + more]), ("d", np.s_[cut_row:, cut_col:]),
    ):  # fmt: skip
        place = moved(part[1].start or 0, part[0].start or 0)
        paths.append(write(tmp_path / f"{name}.tif", values[part], place=place))
    order = data.draw(st.permutations(paths))
    with open_raster(order, kind="elevation") as raster:
        assert (raster.grid.rows, raster.grid.cols, raster.name) == (rows, cols, "a.tif (+3)")
        assert raster.grid.bounds == pytest.approx((105, 21 - rows / 100, 105 + cols / 100, 21))
        row, col = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, cols - 1))
        window = Window(row, col, data.draw(st.integers(1, rows - row)), data.draw(st.integers(1, cols - col)))
        found, known = raster.read(window)
        assert known.all()
        assert_array_equal(found, values[row : row + window.rows, col : col + window.cols])
        assert check_raster(raster, raster.grid.bounds, kind="elevation") == ()


def test_what_no_tile_holds_is_unknown(tmp_path):
    one = write(tmp_path / "a.tif", np.ones((2, 2), dtype=np.float32))
    other = write(tmp_path / "b.tif", np.ones((2, 2), dtype=np.int16), place=moved(3, 1))
    with open_raster([other, one], kind="population") as raster:
        values, known = raster.read(raster.grid.whole)
        assert values.dtype == np.float32
        assert_array_equal(known, [[1, 1, 0, 0, 0], [1, 1, 0, 1, 1], [0, 0, 0, 1, 1]])


def test_where_tiles_overlap_the_first_that_knows_a_cell_has_it(tmp_path):
    one = write(tmp_path / "a.tif", np.array([[1, 2, -1]], dtype=np.int16), nodata=-1)
    other = write(tmp_path / "b.tif", np.array([[7, 3, 4]], dtype=np.int16), place=moved(1, 0))
    with open_raster([one, other], kind="elevation") as raster:
        assert_array_equal(raster.read(raster.grid.whole)[0], [[1, 2, 3, 4]])
        (issue,) = check_raster(raster, raster.grid.bounds, kind="elevation")
    assert issue.message.id == "rasters.tiles_differ"
    assert "differ in 1 cells (by 5 at most)" in issue.message.text("en")


def test_srtm_tiles_that_share_a_column(tmp_path):
    side = 1_201
    heights = np.add.outer(np.arange(side), np.arange(2 * side - 1)).astype(">i2")
    heights[5, 5] = -32768
    for name, part in (("N21E105.hgt", heights[:, :side]), ("N21E106.hgt", heights[:, side - 1 :])):
        (tmp_path / name).write_bytes(part.tobytes())
    with open_raster(sorted(tmp_path.iterdir()), kind="elevation") as raster:
        assert (raster.grid.rows, raster.grid.cols) == heights.shape
        values, known = raster.read(Window(0, side - 3, 2, 6))
        assert_array_equal(values, heights[:2, side - 3 : side + 3])
        assert known.all()
        assert not raster.read(Window(5, 5, 1, 1))[1].any()
        assert check_raster(raster, (105.5, 21.2, 106.5, 21.8), kind="elevation") == ()


def test_tiles_of_two_grids_are_refused(tmp_path):
    one = write(tmp_path / "a.tif", np.ones((2, 2), dtype=np.int16))
    half = write(tmp_path / "b.tif", np.ones((2, 2), dtype=np.int16), place=moved(2.5, 0))
    assert refused([one, half]).message.id == "rasters.tiles_apart"
    large = write(
        tmp_path / "c.tif", np.ones((2, 2), dtype=np.int16), place=affine.Affine(0.02, 0, 105.0, 0, -0.02, 21.0)
    )
    assert refused([one, large]).message.id == "rasters.tiles_apart"
    metres = affine.Affine(100, 0, 500_000, 0, -100, 2_300_000)
    projected = write(tmp_path / "d.tif", np.ones((2, 2), dtype=np.int16), place=metres, crs="EPSG:32648")
    assert refused([one, projected]).message.id == "rasters.tiles_crs"


def test_no_path_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="at least one path"):
        open_raster([], kind="population")


# Files that are not what they say


def test_files_that_are_no_rasters_are_refused(tmp_path):
    assert refused(tmp_path / "thieu.tif").message.id == "layers.file_missing"
    assert refused(tmp_path).message.id == "layers.is_folder"
    (tmp_path / "trong.tif").touch()
    assert refused(tmp_path / "trong.tif").message.id == "layers.file_empty"
    for name in ("a.tif", "a.vrt", "a.asc", "a.hgt"):
        (tmp_path / name).write_text('<VRTDataset rasterXSize="5" rasterYSize="5"></VRTDataset>')
        assert refused(tmp_path / name).message.id == "layers.kind_not_allowed"
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert refused(tmp_path / "a.png").message.id == "layers.kind_not_allowed"


def test_a_path_is_a_file_and_never_an_address():
    for address in ("/vsicurl/https://example.org/a.tif", "https://example.org/a.tif", "GTIFF_DIR:1:a.tif"):
        assert refused(Path(address)).message.id == "layers.file_missing"


def test_truncated_files_are_refused_when_they_are_opened_or_read(tmp_path):
    path = write(tmp_path / "a.tif", np.random.default_rng(1).random((500, 500)).astype(np.float32))
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert refused(path).message.id == "rasters.damaged"
    path.write_bytes(whole[:500_000])
    with open_raster(path, kind="population") as raster, pytest.raises(SourceError) as caught:
        raster.read(raster.grid.whole)
    assert caught.value.message.id == "rasters.damaged"


def test_a_file_that_changes_its_shape_is_told(tmp_path):
    path = write(tmp_path / "a.tif", PEOPLE)
    raster = open_raster(path, kind="population")
    write(path, PEOPLE[:2])
    with pytest.raises(SourceError) as caught:
        raster.read(raster.grid.whole)
    assert caught.value.message.id == "rasters.changed"


def make_claim(path: Path, side: int, **options: Any) -> Path:
    """Write a file that claims side × side cells of four bytes and holds none."""
    place = affine.Affine(8 / side, 0, 102, 0, -8 / side, 22)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": "EPSG:4326", "transform": place}
    options = {"SPARSE_OK": True, "BIGTIFF": "YES", "compress": "deflate"} | options
    with rasterio.open(path, "w", height=side, width=side, **profile, **options):
        pass
    assert path.stat().st_size < 1024**2
    return path


def test_a_200_gb_raster_claimed_by_a_tiny_file_is_refused_unread(tmp_path):
    tiled = {"tiled": True, "blockxsize": 4096, "blockysize": 4096}
    path = make_claim(tmp_path / "lon.tif", 230_000, **tiled)
    error = refused(path)
    assert error.message.id == "rasters.too_large"
    assert "230,000 × 230,000" in error.message.text("en")
    assert "197.1 GB" in error.message.text("en")
    assert refused(make_claim(tmp_path / "vua.tif", 90_000, **tiled)).message.id == "rasters.too_large"


def test_a_block_that_must_be_unpacked_whole_is_bounded(tmp_path):
    path = make_claim(tmp_path / "khoi.tif", 15_000, blockysize=15_000)
    assert refused(path).message.id == "rasters.block_too_large"


def test_an_ascii_grid_that_claims_more_cells_than_it_has_is_refused(tmp_path):
    head = "ncols 100000\nnrows 100000\nxllcorner 105\nyllcorner 20\ncellsize 0.00001\n1 2 3\n"
    (tmp_path / "a.asc").write_text(head)
    assert refused(tmp_path / "a.asc", "elevation").message.id == "rasters.too_large"


def test_rasters_that_are_rotated_flipped_or_nowhere_are_refused(tmp_path):
    turned = write(tmp_path / "a.tif", PEOPLE, place=affine.Affine(0.01, 0.002, 105.0, 0.002, -0.01, 21.0))
    assert refused(turned).message.id == "rasters.not_north_up"
    flipped = write(tmp_path / "b.tif", PEOPLE, place=affine.Affine(0.01, 0, 105, 0, 0.01, 20))
    assert refused(flipped).message.id == "rasters.not_north_up"
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        nowhere = write(tmp_path / "c.tif", PEOPLE, place=affine.Affine.identity(), crs=None)
    assert refused(nowhere).message.id == "rasters.not_placed"


def test_cells_that_are_no_numbers_are_refused(tmp_path):
    path = write(tmp_path / "a.tif", np.ones((2, 2), dtype=np.complex64))
    assert refused(path).message.id == "rasters.not_numbers"


def test_what_a_file_is_is_told_by_its_bytes(tmp_path):
    path = write(tmp_path / "a.txt", PEOPLE)
    assert driver_of(path) == "GTiff"


# Coordinate reference systems


def test_without_a_crs_the_likely_ones_are_named(tmp_path):
    error = refused(write(tmp_path / "a.tif", PEOPLE, crs=None))
    assert isinstance(error, CRSError)
    assert error.message.id == "rasters.crs_missing"
    assert "EPSG:4326" in error.message.text("en")
    metres = affine.Affine(100, 0, 550_000, 0, -100, 2_330_000)
    error = refused(write(tmp_path / "b.tif", PEOPLE, crs=None, place=metres))
    assert "VN-2000" in error.message.text("vi")


def test_metres_under_a_crs_in_degrees_are_refused(tmp_path):
    metres = affine.Affine(100, 0, 550_000, 0, -100, 2_330_000)
    error = refused(write(tmp_path / "a.tif", PEOPLE, place=metres))
    assert (error.message.id, type(error)) == ("rasters.not_degrees", CRSError)
    assert "VN-2000" in error.message.text("en")


def test_a_raster_elsewhere_is_refused(tmp_path):
    europe = write(tmp_path / "a.tif", PEOPLE, place=affine.Affine(0.01, 0, 5, 0, -0.01, 50))
    assert refused(europe).message.id == "rasters.crs_outside"
    laos = affine.Affine(100, 0, 200_000, 0, -100, 1_900_000)
    assert refused(write(tmp_path / "b.tif", PEOPLE, place=laos, crs="EPSG:32647")).message.id == "rasters.crs_outside"


def test_vn2000_is_read_and_found_where_it_is(tmp_path):
    # 105°45' E, 21° N in its own zone, and in that of the next meridian by mistake.
    x, y = pyproj.Transformer.from_crs(4326, 9211, always_xy=True).transform(105.75, 21.0)
    place = affine.Affine(30, 0, x - 300, 0, -30, y + 300)
    path = write(tmp_path / "a.tif", np.full((20, 20), 12, dtype=np.int16), place=place, crs="EPSG:9211")
    assert checked(path, "elevation", (105.748, 20.998, 105.752, 21.002)) == []
    with open_raster(path, kind="elevation") as raster:
        assert "VN-2000" in raster.operation
        row, col = (raster.grid.top - y) / 30, (x - raster.grid.left) / 30
        assert (row, col) == pytest.approx((10, 10), abs=0.1)
    assert refused_check(path, "elevation", (105.9, 20.9, 106, 21)).message.id == "rasters.no_overlap"


def test_a_crs_without_a_datum_shift_is_refused(tmp_path):
    local = "+proj=tmerc +lon_0=105 +k=0.9999 +x_0=500000 +a=6377397 +rf=299.15 +units=m +no_defs"
    path = write(tmp_path / "a.tif", PEOPLE, place=affine.Affine(100, 0, 550_000, 0, -100, 2_330_000), crs=local)
    error = refused(path)
    assert error.message.id == "rasters.crs_ballpark"
    assert "VN-2000" in error.message.text("en")


def test_feet_are_no_metres(tmp_path):
    feet = "+proj=utm +zone=48 +datum=WGS84 +units=us-ft +no_defs"
    path = write(tmp_path / "a.tif", PEOPLE, place=affine.Affine(300, 0, 1_800_000, 0, -300, 7_600_000), crs=feet)
    assert refused(path).message.id == "rasters.crs_not_metres"


def test_heights_may_come_with_a_vertical_system(tmp_path):
    path = write(tmp_path / "a.tif", np.full((3, 4), 12, dtype=np.int16), crs="EPSG:4326+5773")
    with open_raster(path, kind="elevation") as raster:
        assert raster.grid.crs == pyproj.CRS.from_epsg(4326)


# Values


def test_values_that_can_be_are_not_told(tmp_path):
    assert checked(write(tmp_path / "a.tif", PEOPLE, nodata=-99999), "population") == []
    assert checked(write(tmp_path / "b.tif", np.full((3, 4), 1_500, dtype=np.int16)), "elevation") == []
    assert checked(write(tmp_path / "c.tif", np.full((3, 4), 40, dtype=np.uint8)), "landcover") == []


def test_negative_people_are_unknown_and_told(tmp_path):
    path = write(tmp_path / "a.tif", PEOPLE)
    assert checked(path, "population") == ["rasters.negative_people"]
    with open_raster(path, kind="population") as raster:
        values, known = raster.read(raster.grid.whole)
    assert not known[1, 2] and values[1, 2] == 0 and known.sum() == 11


def test_no_overlap_is_refused_and_a_partial_one_told(tmp_path):
    path = write(tmp_path / "a.tif", PEOPLE, nodata=-99999)
    assert refused_check(path, "population", (107, 20, 108, 21)).message.id == "rasters.no_overlap"
    assert refused_check(path, "population", (105.04, 20.97, 105.05, 21.0)).message.id == "rasters.no_overlap"
    with open_raster(path, kind="population") as raster:
        (issue,) = check_raster(raster, (105.02, 20.97, 105.06, 21.0), kind="population")
    assert issue.message.id == "rasters.partly_outside"
    assert issue.message.text("en").startswith("50%")


def test_only_what_lies_over_the_communes_is_looked_at(tmp_path):
    path = write(tmp_path / "a.tif", PEOPLE)
    assert checked(path, "population", (105.0, 20.97, 105.02, 21.0)) == []


def test_a_raster_without_values_there_is_refused(tmp_path):
    path = write(tmp_path / "a.tif", np.full((3, 4), -1, dtype=np.int16), nodata=-1)
    assert refused_check(path, "population").message.id == "rasters.nothing_known"
    path = write(tmp_path / "b.tif", np.full((3, 4), -1, dtype=np.int16))
    assert refused_check(path, "population").message.id == "rasters.nothing_credible"


def test_absurd_populations_are_refused_or_told(tmp_path):
    # A cell of 0.01° has 1.15 km².
    missing = write(tmp_path / "a.tif", np.where(PEOPLE < 0, 3e38, PEOPLE).astype(np.float32))
    assert refused_check(missing, "population").message.id == "rasters.too_many_people"
    everywhere = write(tmp_path / "b.tif", np.full((3, 4), 150_000.0, dtype=np.float32))
    assert refused_check(everywhere, "population").message.id == "rasters.too_many_people"
    hectare = affine.Affine(0.001, 0, 105.0, 0, -0.001, 21.0)
    tower = np.zeros((30, 40), dtype=np.float32)
    tower[3, 3] = 13_000
    assert checked(write(tmp_path / "c.tif", tower, place=hectare), "population") == ["rasters.too_dense"]
    assert checked(write(tmp_path / "d.tif", tower * 0, place=hectare), "population") == ["rasters.nobody"]


def test_heights_that_cannot_be_are_unknown_refused_or_doubted(tmp_path):
    heights = np.full((3, 4), 700, dtype=np.int16)
    heights[0] = -32768
    path = write(tmp_path / "a.tif", heights)
    assert checked(path, "elevation") == ["rasters.no_such_height"]
    with open_raster(path, kind="elevation") as raster:
        assert_array_equal(raster.read(raster.grid.whole)[1].sum(axis=1), [0, 4, 4])
    centimetres = write(tmp_path / "b.tif", np.full((3, 4), 70_000, dtype=np.int32))
    assert refused_check(centimetres, "elevation").message.id in ("rasters.not_metres", "rasters.nothing_credible")
    mixed = write(tmp_path / "c.tif", np.array([[70_000, 9_500, 5_000, 12_000]] * 3, dtype=np.int32))
    assert refused_check(mixed, "elevation").message.id == "rasters.not_metres"
    feet = write(tmp_path / "d.tif", np.full((3, 4), 6_500, dtype=np.int16))
    assert refused_check(feet, "elevation").message.id == "rasters.in_feet"
    one_spike = np.full((30, 40), 700, dtype=np.int16)
    one_spike[3, 3] = 6_500
    hectare = affine.Affine(0.001, 0, 105.0, 0, -0.001, 21.0)
    assert checked(write(tmp_path / "e.tif", one_spike, place=hectare), "elevation") == ["rasters.too_high"]


def test_land_cover_is_in_classes(tmp_path):
    measure = write(tmp_path / "a.tif", np.full((3, 4), 0.35, dtype=np.float32))
    assert refused_check(measure, "landcover").message.id == "rasters.not_classes"
    heights = write(tmp_path / "b.tif", np.arange(0, 12_000, 1_000, dtype=np.int16).reshape(3, 4))
    assert refused_check(heights, "landcover").message.id == "rasters.not_classes"
    whole = write(tmp_path / "c.tif", np.full((3, 4), 40.0, dtype=np.float32))
    assert checked(whole, "landcover") == []


def test_the_kind_must_be_the_one_it_was_opened_as(tmp_path):
    path = write(tmp_path / "a.tif", PEOPLE)
    with open_raster(path, kind="population") as raster, pytest.raises(ValueError, match="population, not elevation"):
        check_raster(raster, BOUNDS, kind="elevation")


@pytest.mark.realdata
def test_real_rasters(shared_data):
    real, country = shared_data / "data" / "real", (102.14, 8.55, 109.48, 23.4)
    with open_raster(real / "population_worldpop_2020_1km_vietnam.tif", kind="population") as raster:
        issues = [issue.message.id for issue in check_raster(raster, country, kind="population")]
        assert issues == ["rasters.partly_outside"]  # by a cell
        total = raster.read(raster.grid.whole)[0].sum(dtype=np.float64)
    assert total == pytest.approx(97_338_583, abs=1)
    assert checked(real / "dem_itu_p1511_vietnam.tif", "elevation", country) == []
    assert checked(real / "dem_red_river_hanoi_40m.tif", "elevation", (105.83, 21.02, 105.89, 21.06)) == []
    # The sea floor is below what land can be.
    assert checked(real / "dem_etopo5_vietnam.tif", "elevation", country) == ["rasters.no_such_height"]
