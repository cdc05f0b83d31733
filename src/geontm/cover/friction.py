"""What it takes to move over the ground: walking by land cover, slope and barriers, and a road network through it.

The grid is that of the raster that leads, best the one of the population. Nothing is resampled: of another raster
(terrain, land cover) the value is looked up in the one cell that holds the centre of each cell here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.cover.barriers import lay_barriers
from geontm.cover.traced_roads import TracedRoads, plane_scale, trace_roads
from geontm.tables import Grid, Issue, Raster, Window

__all__ = ["Friction", "Speeds", "make_friction", "values_at_centres"]

STRIP_CELLS = 2_000_000
FLAT_TOBLER = 3.5 * 0.05


@dataclass(frozen=True)
class Speeds:
    """How fast one moves (km/h).

    Attributes
    ----------
    walking_kmh : float
        On foot over flat ground off the roads.
    roads : mapping of str to float
        By road class, with whatever is usual on them; ``other`` also serves roads whose class is unknown. A class that
        is left out is not used as a road: there one walks.
    landcover : mapping of int to float
        On foot by code of land cover; 0 cannot be walked. Codes left out: ``walking_kmh``.
    unhardened_share : float
        A road known not to be hardened is driven at this share of its class's speed.
    """

    walking_kmh: float
    roads: Mapping[str, float] = field(default_factory=dict)
    landcover: Mapping[int, float] = field(default_factory=dict)
    unhardened_share: float = 1.0

    def __post_init__(self) -> None:
        shares = [self.walking_kmh, self.unhardened_share, *self.roads.values()]
        if not all(np.isfinite(shares)) or min(shares) <= 0 or min(self.landcover.values(), default=0) < 0:
            raise ValueError("speeds must be above 0 km/h")


@dataclass(frozen=True)
class Friction:
    """The ground of one window of a grid, as something to move over.

    Attributes
    ----------
    grid, window
        The cells.
    minutes_per_m : ndarray of float64, shape (rows, cols)
        On foot over flat ground; ``inf`` where one cannot go.
    elevation_m : ndarray of float32, shape (rows, cols), or None
        NaN where unknown: such ground counts as flat.
    east_open, south_open : ndarray of bool, shapes (rows, cols - 1) and (rows - 1, cols), or None
        Whether the move from a cell to its eastern and to its southern neighbour crosses no barrier.
    roads : TracedRoads
    walking_minutes_per_m : float
        On foot on the way between a road and the centre of its cell.
    issues : tuple of Issue
    """

    grid: Grid
    window: Window
    minutes_per_m: NDArray[np.float64]
    elevation_m: NDArray[np.float32] | None
    east_open: NDArray[np.bool_] | None
    south_open: NDArray[np.bool_] | None
    roads: TracedRoads
    walking_minutes_per_m: float
    issues: tuple[Issue, ...] = ()

    def crop(self, window: Window, *, keep: NDArray[np.bool_], roads_within: Window) -> Friction:
        """Return a part of the ground to walk on, and the roads of a wider part.

        Parameters
        ----------
        window : Window
            Cells to walk on, inside this ground's window.
        keep : ndarray of bool, shape (rows, cols) of ``window``
            Others cannot be walked.
        roads_within : Window
            Roads are cut at its edge. Where one cannot walk, they can be driven but not left.
        """
        row, col = window.row - self.window.row, window.col - self.window.col
        rows, cols = window.rows, window.cols
        part = np.s_[row : row + rows, col : col + cols]
        return replace(
            self,
            window=window,
            minutes_per_m=np.where(keep, self.minutes_per_m[part], np.inf),
            elevation_m=None if self.elevation_m is None else self.elevation_m[part],
            east_open=None if self.east_open is None else self.east_open[row : row + rows, col : col + cols - 1],
            south_open=None if self.south_open is None else self.south_open[row : row + rows - 1, col : col + cols],
            roads=self.roads.crop(self.window, window, keep, roads_within),
            issues=(),
        )


def make_friction(
    grid: Grid,
    window: Window,
    speeds: Speeds,
    *,
    roads: gpd.GeoDataFrame | None = None,
    landcover: Raster | None = None,
    elevation: Raster | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    bridges: gpd.GeoDataFrame | None = None,
    land: NDArray[np.bool_] | None = None,
) -> Friction:
    """Describe the ground of one window of a grid for travel.

    Off the roads one walks: at the speed of the land cover, slower uphill and down by Tobler's function. Roads are a
    network of their own that keeps its length, hairpins within one cell too; one gets on and off in every cell it
    passes, on foot between the road and the cell's centre. On roads slope does not count: their speeds are given.

    Parameters
    ----------
    grid, window
        The cells that lead, best those of the population raster; the window with a margin, since ways lead outside.
    speeds : Speeds
    roads : GeoDataFrame, optional
        Normalised roads (``road_class``, ``hardened``, ``bridge``), in EPSG:4326 or any CRS.
    landcover : Raster, optional
        Codes. Where it is unknown one walks at ``walking_kmh``.
    elevation : Raster, optional
        Metres. Where it is unknown the ground counts as flat; an issue says how many cells.
    barriers : GeoDataFrame, optional
        Rivers as lines, water as areas. They are crossed where there is a bridge only.
    bridges : GeoDataFrame, optional
        Bridges, as points or lines, besides the roads whose ``bridge`` is True. A road that does not say whether it is
        a bridge crosses a barrier where one is listed here within 50 m; without this layer it always does, and an
        issue counts such roads. One whose ``bridge`` is False crosses beside a bridge only.
    land : ndarray of bool, shape (rows, cols), optional
        Cells where one can walk; all where left out. The sea is no barrier until it is said to be.

    Returns
    -------
    Friction

    References
    ----------
    .. [1] Tobler, W. (1993). Three presentations on geographical analysis and modeling. NCGIA Technical Report 93-1.
    """
    issues: list[Issue] = []
    ground = np.ones((window.rows, window.cols), dtype=np.bool_) if land is None else land
    pace = np.full(ground.shape, 60 / 1_000 / speeds.walking_kmh)
    if landcover is not None:
        _pace_by_landcover(pace, landcover, grid, window, speeds)
    heights: NDArray[np.float32] | None = None
    if elevation is not None:
        heights = _heights(elevation, grid, window)
        if lacking := int(np.count_nonzero(np.isnan(heights) & ground)):
            issues.append(Issue.of("info", "travel.height_unknown", file=elevation.name, count=lacking))
    closed = None
    if barriers is not None and len(barriers):
        spans = None if bridges is None else _shapes(bridges, grid)
        closed = lay_barriers(_shapes(barriers, grid), spans, grid, window, plane_scale(grid, window))
        ground = ground & ~closed.inside
    pace[~ground] = np.inf
    lines, kmh, bridge = _driven(roads, grid, window, speeds, issues)
    traced = trace_roads(lines, kmh, grid, window, bridge=bridge, barriers=closed)
    if traced.cut_count:
        issues.append(Issue.of("warning", "travel.road_cut", column="bridge", count=traced.cut_count))
    if traced.assumed_count:
        issues.append(Issue.of("info", "travel.bridge_assumed", column="bridge", count=traced.assumed_count))
    return Friction(
        grid=grid,
        window=window,
        minutes_per_m=pace,
        elevation_m=heights,
        east_open=None if closed is None else closed.east_open,
        south_open=None if closed is None else closed.south_open,
        roads=traced,
        walking_minutes_per_m=60 / 1_000 / speeds.walking_kmh,
        issues=tuple(issues),
    )


def values_at_centres(raster: Raster, grid: Grid, window: Window) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Look up a raster at the centres of the cells of another grid: the value of the one cell that holds each centre.

    Parameters
    ----------
    raster : Raster
        On any grid, in any CRS.
    grid, window
        The cells that ask.

    Returns
    -------
    ndarray of float64, shape (rows, cols)
        0 where unknown.
    ndarray of bool, shape (rows, cols)
        Where the value is known; not outside the raster.
    """
    values = np.zeros((window.rows, window.cols))
    known = np.zeros((window.rows, window.cols), dtype=np.bool_)
    other = raster.grid
    x, y = np.meshgrid(*grid.centres(window))
    if other.crs != grid.crs:
        x, y = pyproj.Transformer.from_crs(grid.crs, other.crs, always_xy=True).transform(x, y)
    col, row = np.floor((x - other.left) / other.cell_width), np.floor((other.top - y) / other.cell_height)
    inside = (row >= 0) & (row < other.rows) & (col >= 0) & (col < other.cols)
    if inside.any():
        row, col = row[inside].astype(np.int64), col[inside].astype(np.int64)
        asked = Window(int(row.min()), int(col.min()), int(np.ptp(row)) + 1, int(np.ptp(col)) + 1)
        held, is_known = raster.read(asked)
        values[inside], known[inside] = (
            held[row - asked.row, col - asked.col],
            is_known[row - asked.row, col - asked.col],
        )
    return values, known


def _strips(window: Window) -> Iterator[tuple[slice, Window]]:
    step = max(STRIP_CELLS // max(window.cols, 1), 1)
    for first in range(0, window.rows, step):
        rows = min(step, window.rows - first)
        yield slice(first, first + rows), Window(window.row + first, window.col, rows, window.cols)


def _pace_by_landcover(
    pace: NDArray[np.float64], landcover: Raster, grid: Grid, window: Window, speeds: Speeds
) -> None:
    """Put the pace of each class of land cover into the cells that have it; 0 km/h closes them."""
    for rows, strip in _strips(window):
        code, known = values_at_centres(landcover, grid, strip)
        for value, kmh in speeds.landcover.items():
            pace[rows][known & (code == value)] = 60 / 1_000 / kmh if kmh else np.inf


def _heights(elevation: Raster, grid: Grid, window: Window) -> NDArray[np.float32]:
    """Look up the height of each cell (m); NaN where unknown."""
    heights = np.empty((window.rows, window.cols), dtype=np.float32)
    for rows, strip in _strips(window):
        metres, known = values_at_centres(elevation, grid, strip)
        heights[rows] = np.where(known, metres, np.nan)
    return heights


def _shapes(layer: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.object_]:
    """Shapes of a layer in the grid's CRS, without the empty ones."""
    shapes = layer.geometry.to_crs(grid.crs).to_numpy()
    return np.asarray(shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))], dtype=object)


def _driven(
    roads: gpd.GeoDataFrame | None, grid: Grid, window: Window, speeds: Speeds, issues: list[Issue]
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.object_]]:
    """Lines near the window in the grid's CRS, their speed (km/h), and what they say about bridges."""
    nothing = np.zeros(0, dtype=object)
    if roads is None or roads.empty:
        return nothing, np.zeros(0), nothing
    lines = roads.geometry.to_crs(grid.crs).to_numpy()
    west, south, east, north = grid.bounds_of(window)
    bounds = shapely.bounds(lines)
    near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    classes = roads["road_class"].astype(object)
    unknown = classes.isna().to_numpy()
    kmh = classes.where(~unknown, "other").map(dict(speeds.roads)).astype("float64").to_numpy(copy=True)
    if "hardened" in roads:
        kmh[(~roads["hardened"].astype("boolean")).fillna(False).to_numpy(dtype=np.bool_)] *= speeds.unhardened_share
    if "other" in speeds.roads and (count := int(np.count_nonzero(near & unknown))):
        issues.append(
            Issue.of("info", "travel.class_unknown", column="road_class", count=count, kmh=speeds.roads["other"])
        )
    used = near & np.isfinite(kmh)
    bridge = roads["bridge"].astype(object).to_numpy() if "bridge" in roads else np.full(len(roads), None, dtype=object)
    return np.asarray(lines[used], dtype=object), kmh[used], np.asarray(bridge[used], dtype=object)
