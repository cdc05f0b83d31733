"""Terrain of units from a raster of heights: mean height, and the shares of area that are high and that are steep."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.cover.measured import Measured
from geontm.cover.slope import Steepness, classify_slope
from geontm.cover.zones import Zones, make_zones
from geontm.errors import CRSError
from geontm.tables import Grid, Issue, Raster, Window, list_briefly
from geontm.tables.issues import Severity

__all__ = ["HIGHEST_M", "LOWEST_M", "MOST_UNKNOWN", "measure_terrain", "settle_shares"]

# Up to this share of a unit may be without a height where its mean height is given or a share of it is settled.
MOST_UNKNOWN = 0.01
# No ground lies higher, and no sea near Vietnam is deeper: such values are marks of something else.
LOWEST_M, HIGHEST_M = -6_000.0, 9_000.0
# Cells wider than this level out the slopes that the law asks about; beyond the second width they tell no slope at all.
COARSE_M, TOO_COARSE_M = 150.0, 1_000.0
# A unit of fewer cells is hardly measured.
FEW_CELLS = 20
STRIP_CELLS, STRIP_ROWS = 1_000_000, 256
# Stretches of cells that are counted together are no longer than this: their number fits in 15 bits.
_LONGEST_RUN = 16_384
_AGREE = 1e-9
# What a cell can be: 0 unknown; 1 low or 4 high, and 0, 1 or 2 more where it is gentle, steep, or may be either.
_CLASSES = 7
_LOW, _HIGH, _STEEP, _EITHER = [1, 2, 3], [4, 5, 6], [2, 5], [3, 6]


def measure_terrain(
    units: gpd.GeoDataFrame,
    elevation: Raster,
    *,
    zones: Zones | None = None,
    threshold_m: float = 200.0,
    steep_pct: float = 15.0,
    covered: Collection[str] | None = None,
) -> Measured:
    """Measure how high and how steep units are, by area on the ground.

    A cell counts with its area in m², which in a grid of degrees varies with latitude, times its exact share in the
    unit. Both thresholds are closed. The slope is Horn's, in percent of metres on the ground, of the raster as it is:
    a coarser one has gentler slopes. A cell without height is never a cliff: its neighbours take their slope from the
    heights that are known (:mod:`geontm.cover.slope`). Heights that a raster gives for the sea, such as 0, are data.

    Parameters
    ----------
    units : GeoDataFrame, n rows, EPSG:4326
        Polygons of communes or villages; the index is their key.
    elevation : Raster
        Heights in metres, in degrees or metres; several tiles are one raster.
    zones : Zones, optional
        Of these units (and others) on the raster's grid, where they were made before.
    threshold_m : float
        Height (m) from which area counts as high; it stands in the name of the column.
    steep_pct : float
        Slope (%) from which area counts as steep; it stands in the name of the column.
    covered : collection of str, optional
        Keys of units that the raster declares to cover; the others are unknown.

    Returns
    -------
    Measured
        ``table``, index of ``units``, Float64: ``mean_elevation_m`` (m) of the area with a height, unknown where more
        than 1 % has none; ``above_200m_share`` and ``slope_15_share`` (0 to 1), each with ``_low`` and ``_high``:
        area without a height, inside the raster or beyond its edge, may count or not, and a share itself is known only
        where that makes no difference. Cells wider than 1 km tell no slope. All are unknown for a unit without any
        known height.

    Raises
    ------
    CRSError
        The units are not in EPSG:4326, or the zones are of another grid.

    References
    ----------
    .. [1] Decree 272/2025/NĐ-CP, article 4: area at 200 m or higher, area with a slope of 15 % or more.
    """
    issues: list[Issue] = []
    if zones is None:
        zones, found = make_zones(units, elevation.grid)
        issues += found
    elif zones.grid != elevation.grid:
        raise CRSError("terrain.other_grid", where=elevation.name, file=elevation.name)
    tally = _tally(elevation, zones, threshold_m, steep_pct)
    at = pd.Index(zones.codes).get_indexer(units.index.astype(str))
    area = np.where((at >= 0)[:, None], tally.area[at], 0.0) if len(zones.codes) else np.zeros((len(units), _CLASSES))
    risen = tally.risen[at] if len(zones.codes) else np.zeros(len(units))
    asked = np.ones(len(units), dtype=bool) if covered is None else np.asarray(units.index.isin(list(covered)))
    low, high = area[:, _LOW].sum(axis=1), area[:, _HIGH].sum(axis=1)
    known = low + high
    beyond = _share_beyond(units, zones)
    unknown = area[:, 0] + np.where(beyond < 1, known + area[:, 0], 0.0) * beyond / np.where(beyond < 1, 1 - beyond, 1)
    told = asked & (known > 0)
    whole = np.where(told, known + unknown, np.nan)
    steep, either = area[:, _STEEP].sum(axis=1), area[:, _EITHER].sum(axis=1)
    few = unknown <= MOST_UNKNOWN * np.nan_to_num(whole)
    mean = np.divide(risen, known, out=np.full(len(units), np.nan), where=told & few)
    columns = {
        "mean_elevation_m": mean,
        **_bounded(f"above_{threshold_m:g}m_share", high / whole, (high + unknown) / whole),
        **_bounded(f"slope_{steep_pct:g}_share", steep / whole, (steep + either + unknown) / whole),
    }
    table = pd.DataFrame({name: _nullable(values) for name, values in columns.items()}).set_index(units.index)
    nothing = np.where(asked & (area[:, 0] > 0), 1.0, 0.0)
    few_cells = told & (tally.cells[at] < FEW_CELLS) if len(zones.codes) else ~asked
    gaps = _Gaps(units, np.where(told, unknown / whole, nothing), np.where(told, either / whole, 0.0), few_cells, mean)
    issues += [*_raster_issues(elevation, zones, tally.odd), *gaps.issues(elevation.name)]
    return Measured(table, issues=tuple(issues))


def settle_shares(table: pd.DataFrame, limits: Mapping[str, Collection[float]]) -> pd.DataFrame:
    """Give shares that are not known exactly where what is missing decides nothing.

    The outlines of coastal communes reach past the land cells of a raster: a sliver without height leaves nearly every
    one of them without a share, though no verdict hangs on it. Such a share is given here over the area whose height is
    known, which lies between the bounds.

    Parameters
    ----------
    table : DataFrame
        As :func:`measure_terrain` gives it.
    limits : mapping of str to collection of float
        By share: *every* limit that a rule compares it with.

    Returns
    -------
    DataFrame
        The same columns. A share becomes known where its bounds are at most 0.01 apart and no limit lies between them
        or on one; its bounds stay.
    """
    settled = table.copy()
    for name, each in limits.items():
        low, high = (table[f"{name}_{end}"].to_numpy(dtype=np.float64, na_value=np.nan) for end in ("low", "high"))
        apart = high - low
        clear = apart <= MOST_UNKNOWN
        for limit in each:
            clear &= (high < limit) | (low > limit)
        value = np.divide(low, 1 - apart, out=np.full(len(low), np.nan), where=clear)
        settled[name] = table[name].fillna(pd.Series(_nullable(value), index=table.index))
    return settled


def _bounded(name: str, low: NDArray[np.float64], high: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    with np.errstate(invalid="ignore"):
        agree = high - low <= _AGREE * high
    return {name: np.where(agree, low, np.nan), f"{name}_low": low, f"{name}_high": high}


def _nullable(values: NDArray[np.float64]) -> Any:
    return pd.Series(values, dtype="float64").astype("Float64").array


@dataclass(frozen=True)
class _Tally:
    """What cells add up to.

    Of each unit: area (m²) by class of cell, (n, 7); height times area (m³) and number of cells, (n,). Of all: cells
    whose value is no height.
    """

    area: NDArray[np.float64]
    risen: NDArray[np.float64]
    cells: NDArray[np.float64]
    odd: int


def _tally(elevation: Raster, zones: Zones, threshold_m: float, steep_pct: float) -> _Tally:
    """Add up the cells of units by class, strip by strip.

    Each row is summed on its own and rows are added from north to south, so that the height of the strips cannot
    change the last bit.
    """
    n = len(zones.codes)
    area, risen, count, odd = np.zeros((n, _CLASSES)), np.zeros(n), np.zeros(n), 0
    for strip in _strips(zones):
        cells = _classify(elevation, strip.window, threshold_m, steep_pct)
        runs = _Runs.of(strip)
        there = np.zeros(n, dtype=bool)
        there[runs.unit] = True
        there[strip.unit] = True
        present, place = np.flatnonzero(there), np.cumsum(there) - 1
        m, rows = len(present), strip.window.rows
        cut_row, cut_col = np.divmod(strip.cell, strip.window.cols)
        cut = cut_row * m + place[strip.unit]
        kind, height = cells.kind[cut_row, cut_col], cells.height[cut_row, cut_col]
        found = _sums(cut * _CLASSES + kind, strip.share, rows * m * _CLASSES).reshape(-1, _CLASSES)
        whole = runs.row * m + place[runs.unit]
        for each, counted in enumerate(runs.classes(cells.kind)):
            found[:, each] += _sums(whole, counted, rows * m)
        rise = _sums(whole, runs.sums(cells.height), rows * m) + _sums(cut, strip.share * height, rows * m)
        shares, heights = found.reshape(rows, m, _CLASSES), rise.reshape(rows, m)
        square_metres = np.multiply(*zones.grid.cell_metres(strip.window))
        some_area, some_risen = area[present], risen[present]
        for each in range(rows):
            some_area += square_metres[each] * shares[each]
            some_risen += square_metres[each] * heights[each]
        area[present], risen[present] = some_area, some_risen
        count[present] += shares.sum(axis=(0, 2))
        if cells.odd.any():
            inside = strip.whole >= 0
            inside[cut_row, cut_col] = True
            odd += int((cells.odd & inside).sum())
    return _Tally(area, risen, count, odd)


def _sums(group: NDArray[np.intp], values: NDArray[Any], n: int) -> NDArray[np.float64]:
    """Sum values by group, shape (n,); of no values too, of which ``bincount`` gives whole numbers."""
    return np.bincount(group, values, n).astype(np.float64, copy=False)


@dataclass(frozen=True)
class _Runs:
    """Stretches of whole cells of one unit in one row: where each begins in the strip, its row and its unit.

    ``start`` also holds the stretches of no unit; ``of_unit`` tells which are not.
    """

    start: NDArray[np.intp]
    of_unit: NDArray[np.intp]
    row: NDArray[np.intp]
    unit: NDArray[np.int32]

    @classmethod
    def of(cls, strip: Zones) -> _Runs:
        flat, cols = strip.whole.ravel(), strip.window.cols
        begins = np.ones(strip.whole.shape, dtype=bool)
        begins.ravel()[1:] = flat[1:] != flat[:-1]
        begins[:, 0] = True
        # Counted from the first column of the grid, so that where a strip is cut cannot touch a sum.
        begins[:, -strip.window.col % _LONGEST_RUN :: _LONGEST_RUN] = True
        start = np.flatnonzero(begins)
        unit = flat[start]
        of_unit = np.flatnonzero(unit >= 0)
        return cls(start, of_unit, start[of_unit] // cols, unit[of_unit])

    def sums(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sum the values of each stretch."""
        return np.asarray(np.add.reduceat(values.ravel(), self.start)[self.of_unit])

    def classes(self, kind: NDArray[np.uint8]) -> Iterator[NDArray[np.int64]]:
        """Count the cells of each stretch by class: four at a time, in 16 bits each of one whole number."""
        for first in range(0, _CLASSES, 4):
            bits = np.zeros(_CLASSES, dtype=np.int64)
            packed = list(range(first, min(first + 4, _CLASSES)))
            bits[packed] = [1 << 16 * (each - first) for each in packed]
            counted = self.sums(bits[kind])
            for each in packed:
                yield counted >> 16 * (each - first) & 0xFFFF


def _strips(zones: Zones) -> Iterator[Zones]:
    """Give the zones in strips of rows, each cut to the columns that its units touch; strips without units are left."""
    step = max(1, min(STRIP_ROWS, STRIP_CELLS // max(zones.window.cols, 1)))
    for first in range(0, zones.window.rows, step):
        strip = zones.rows(first, min(step, zones.window.rows - first))
        cols = strip.window.cols
        touched: NDArray[np.bool_] = np.asarray((strip.whole >= 0).any(axis=0))
        touched[strip.cell % cols] = True
        if not touched.any():
            continue
        left, right = int(touched.argmax()), cols - int(touched[::-1].argmax())
        row, col = np.divmod(strip.cell, cols)
        window = Window(strip.window.row, strip.window.col + left, strip.window.rows, right - left)
        cell = row * window.cols + col - left
        yield Zones(zones.grid, window, zones.codes, strip.whole[:, left:right], cell, strip.unit, strip.share)


@dataclass(frozen=True)
class _Cells:
    """The cells of a window: their class, their height (m; 0 where unknown), and where a value is no height."""

    kind: NDArray[np.uint8]
    height: NDArray[np.float64]
    odd: NDArray[np.bool_]


def _classify(elevation: Raster, window: Window, threshold_m: float, steep_pct: float) -> _Cells:
    height, known = _read_around(elevation, window)
    odd = np.zeros(known.shape, dtype=bool)
    if height.min() < LOWEST_M or height.max() > HIGHEST_M:
        odd = known & ((height < LOWEST_M) | (height > HIGHEST_M))
        known = known & ~odd
        height[odd] = 0.0
    metres = elevation.grid.cell_metres(window)
    slope = classify_slope(height, known, metres, at_least_pct=steep_pct)
    if max(float(side.max()) for side in metres) > TOO_COARSE_M:
        slope = Steepness(np.zeros_like(slope.steep), np.ones_like(slope.unknown))
    inner = height[1:-1, 1:-1]
    kind = 1 + 3 * (inner >= threshold_m).astype(np.uint8) + slope.steep.astype(np.uint8)
    kind += 2 * slope.unknown.astype(np.uint8)
    kind *= known[1:-1, 1:-1]
    return _Cells(kind, inner, odd[1:-1, 1:-1])


def _read_around(elevation: Raster, window: Window) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Read a window with one cell around it; beyond the grid nothing is known."""
    grid = elevation.grid
    row, col = max(window.row - 1, 0), max(window.col - 1, 0)
    end_row, end_col = min(window.row + window.rows + 1, grid.rows), min(window.col + window.cols + 1, grid.cols)
    values, found = elevation.read(Window(row, col, end_row - row, end_col - col))
    height = np.zeros((window.rows + 2, window.cols + 2))
    known = np.zeros(height.shape, dtype=bool)
    top, left = row - window.row + 1, col - window.col + 1
    part = np.s_[top : top + values.shape[0], left : left + values.shape[1]]
    height[part], known[part] = values, found
    return height, known


def _share_beyond(units: gpd.GeoDataFrame, zones: Zones) -> NDArray[np.float64]:
    """Share of each unit's area (0 to 1) that lies beyond the edges of the grid."""
    grid, window = zones.grid, zones.window
    beyond = np.zeros(len(units))
    inner = window.row > 0 and window.col > 0
    inner &= window.row + window.rows < grid.rows and window.col + window.cols < grid.cols
    if inner:
        return beyond
    shapes = _in_plane(units, grid)
    edge = shapely.box(*grid.bounds)
    at = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes) & ~shapely.within(shapes, edge))
    if len(at):
        shapes = shapely.make_valid(shapes[at])
        inside, whole = _areas(shapely.intersection(shapes, edge), grid), _areas(shapes, grid)
        share = 1 - np.divide(inside, whole, out=np.ones(len(at)), where=whole > 0)
        beyond[at] = np.where(share > _AGREE, share, 0.0)
    return beyond


def _in_plane(units: gpd.GeoDataFrame, grid: Grid) -> NDArray[Any]:
    shapes = np.asarray(shapely.force_2d(units.geometry.to_numpy()))
    if grid.crs.equals(units.crs, ignore_axis_order=True):
        return shapes
    move = pyproj.Transformer.from_crs(units.crs, grid.crs, always_xy=True).transform
    return np.asarray(shapely.transform(shapes, move, interleaved=False))


def _areas(shapes: NDArray[Any], grid: Grid) -> NDArray[np.float64]:
    """Areas in some unit; those in degrees on a cylinder that keeps areas."""
    if grid.in_degrees:
        shapes = shapely.transform(shapes, lambda x, y: (x, np.rad2deg(np.sin(np.deg2rad(y)))), interleaved=False)
    return np.asarray(shapely.area(shapes), dtype=np.float64)


def _raster_issues(elevation: Raster, zones: Zones, odd: int) -> Iterator[Issue]:
    place = {"file": elevation.name}
    if odd:
        words = {"n": odd, "lowest": LOWEST_M, "highest": HIGHEST_M}
        yield Issue.of("warning", "terrain.odd_heights", **place, value=str(odd), **words)
    if zones.window.size:
        middle = Window(zones.window.row + zones.window.rows // 2, zones.window.col, 1, 1)
        widest = float(max(side[0] for side in elevation.grid.cell_metres(middle)))
        if widest > COARSE_M:
            message = "terrain.coarse" if widest <= TOO_COARSE_M else "terrain.too_coarse"
            words = {"metres": widest, "fine": COARSE_M, "most": TOO_COARSE_M}
            yield Issue.of("warning", message, **place, value=f"{widest:.0f} m", **words)


@dataclass(frozen=True)
class _Gaps:
    """What is doubtful of each unit.

    Shares (0 to 1) without a height, and with a height but without a slope; whether it has few cells; its mean height.
    """

    units: gpd.GeoDataFrame
    unknown: NDArray[np.float64]
    no_slope: NDArray[np.float64]
    few_cells: NDArray[np.bool_]
    mean: NDArray[np.float64]

    def issues(self, file: str) -> Iterator[Issue]:
        """Tell which units are doubtful, the first of them by key."""
        pct, no_slope = 100 * self.unknown, 100 * self.no_slope
        with np.errstate(invalid="ignore"):
            drowned = self.mean < 0
        found: tuple[tuple[Severity, str, NDArray[np.bool_], NDArray[np.float64]], ...] = (
            ("warning", "terrain.partly_unknown", self.unknown > MOST_UNKNOWN, pct),
            ("info", "terrain.sliver_unknown", (self.unknown > 0) & (self.unknown <= MOST_UNKNOWN), pct),
            ("info", "terrain.no_slope", (self.no_slope > 0) & (self.no_slope < 1), no_slope),
            ("warning", "terrain.few_cells", self.few_cells, np.full(len(pct), float(FEW_CELLS))),
            ("warning", "terrain.sea_floor", drowned, -self.mean),
        )
        for severity, message, mask, size in found:
            if mask.any():
                keys = sorted(self.units.index[mask].astype(str))
                value = list_briefly(keys)
                yield Issue.of(severity, message, file=file, value=value, n=len(keys), most=float(size[mask].max()))
