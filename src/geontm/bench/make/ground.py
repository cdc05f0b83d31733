"""The cells of the generated rasters: which commune holds each, how high it lies, what grows on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from geontm.bench.make.noise import fractal, mix
from geontm.tables import Grid, Window

__all__ = ["Ground", "heights", "landcover", "make_ground", "open_raster", "tiles_of"]

TILE = 1024  # cells; a multiple of the blocks of the files
BLOCK = 256
BROAD, FINE = 260_000.0, 9_000.0  # widest waves (m) of the relief, and of what lies on it
DEGREE_M = 111_320.0
COVERS = {"built": 1, "crops": 2, "shrub": 3, "forest": 4, "water": 5}


@dataclass(frozen=True)
class Ground:
    """Cells and the communes that hold their centres.

    Attributes
    ----------
    grid : Grid
    tiles : tuple of Window
        Those that hold land, in the order of rows and columns.
    owner : tuple of ndarray of int32
        For each tile: position of the commune of each cell, -1 where there is none.
    home : ndarray of int64, shape (n, 2)
        For each commune the row and column of one cell that is its own, on land whatever its size.
    """

    grid: Grid
    tiles: tuple[Window, ...]
    owner: tuple[NDArray[np.int32], ...]
    home: NDArray[np.int64]

    def by_tile(self, cells: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Yield the position of a tile and those of the cells (rows of ``cells``: row, column) in it."""
        down, across = -(-self.grid.rows // TILE), -(-self.grid.cols // TILE)
        number = np.full(down * across + 1, -1, dtype=np.int16)
        number[[tile.row // TILE * across + tile.col // TILE for tile in self.tiles]] = np.arange(len(self.tiles))
        inside = ((cells >= 0) & (cells < [self.grid.rows, self.grid.cols])).all(axis=1)
        tile_of = number[np.where(inside, cells[:, 0] // TILE * across + cells[:, 1] // TILE, -1)]
        order = np.argsort(tile_of, kind="stable")
        starts = np.flatnonzero(np.diff(tile_of[order], prepend=-2))
        for chosen in np.split(order, starts[1:]):
            if len(chosen) and tile_of[chosen[0]] >= 0:
                yield int(tile_of[chosen[0]]), chosen

    def owners_at(self, cells: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the commune of each cell (rows of ``cells``: row, column), -1 outside."""
        found = np.full(len(cells), -1, dtype=np.int32)
        for at, chosen in self.by_tile(cells):
            tile = self.tiles[at]
            found[chosen] = self.owner[at][cells[chosen, 0] - tile.row, cells[chosen, 1] - tile.col]
        return found


def make_ground(shapes: NDArray[Any], cell_m: float) -> Ground:
    """Lay a grid in degrees over communes.

    Parameters
    ----------
    shapes : ndarray of Polygon and MultiPolygon, shape (n,)
        EPSG:4326.
    cell_m : float
        100 m are taken as 3 arc-seconds.
    """
    step = cell_m / 100 * 3 / 3600
    left, bottom, right, top = shapely.total_bounds(shapes)
    first_col, first_row = np.floor(left / step) - 2, np.ceil(top / step) + 2
    rows, cols = int(first_row - np.floor(bottom / step)) + 2, int(np.ceil(right / step) - first_col) + 2
    grid = Grid(pyproj.CRS.from_epsg(4326), first_col * step, first_row * step, step, step, rows, cols)
    points = shapely.point_on_surface(shapes)
    home = _own_cells(cells_of(grid, shapely.get_x(points), shapely.get_y(points)))
    tree, tiles, owners = shapely.STRtree(shapes), [], []
    for tile in tiles_of(grid):
        owner = _burn(grid, tile, shapes, tree)
        local = home - [tile.row, tile.col]
        here = ((local >= 0) & (local < [tile.rows, tile.cols])).all(axis=1)
        if owner is None and not here.any():
            continue
        owner = np.full((tile.rows, tile.cols), -1, dtype=np.int32) if owner is None else owner
        owner[tuple(local[here].T)] = np.flatnonzero(here)
        tiles.append(tile)
        owners.append(owner)
    return Ground(grid, tuple(tiles), tuple(owners), home)


def tiles_of(grid: Grid) -> Iterator[Window]:
    """Cut a grid into tiles."""
    for row in range(0, grid.rows, TILE):
        for col in range(0, grid.cols, TILE):
            yield Window(row, col, min(TILE, grid.rows - row), min(TILE, grid.cols - col))


def cells_of(grid: Grid, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return row and column of points; shape (n, 2)."""
    row, col = np.floor((grid.top - y) / grid.cell_height), np.floor((x - grid.left) / grid.cell_width)
    return np.column_stack([row, col]).astype(np.int64)


def _own_cells(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move a cell that two communes would have to the right until each has its own."""
    taken: set[tuple[int, int]] = set()
    for at, (row, col) in enumerate(cells.tolist()):
        while (row, col) in taken:
            col += 1
        taken.add((row, col))
        cells[at] = row, col
    return cells


def _burn(grid: Grid, tile: Window, shapes: NDArray[Any], tree: shapely.STRtree) -> NDArray[np.int32] | None:
    found = np.sort(tree.query(shapely.box(*grid.bounds_of(tile)), predicate="intersects"))
    if not len(found):
        return None
    return np.asarray(
        rasterize(
            ((shapes[at], int(at)) for at in found),
            out_shape=(tile.rows, tile.cols),
            transform=grid.transform(tile),
            fill=-1,
            dtype="int32",
        )
    )


def heights(grid: Grid, tile: Window, seed: int) -> NDArray[np.int16]:
    """Return metres above the sea: plains that stay flat, hills that grow steep with their height."""
    cell_m = grid.cell_height * DEGREE_M
    shape = (tile.rows, tile.cols)
    broad = fractal(tile.row, tile.col, shape, seed=seed, longest=BROAD / cell_m, shortest=40_000 / cell_m)
    rough = fractal(tile.row, tile.col, shape, seed=seed + 1, longest=FINE / cell_m, fall=0.62)
    base = np.maximum(900 * broad + 180, 0)
    metres = 3 + base * np.exp(np.clip(1.1 * rough, -2.5, 1.2)) + 2 * np.abs(rough)
    return np.asarray(np.rint(np.minimum(metres, 3140)).astype(np.int16))


def landcover(height: NDArray[np.int16], tile: Window, seed: int) -> NDArray[np.uint8]:
    """Return a class of ``COVERS`` for each cell, by height and chance."""
    draw = fractal(tile.row, tile.col, height.shape, seed=seed + 2, longest=24.0)
    draw += np.float32(0.3) * mix(
        seed + 3, *(tile.row + np.arange(tile.rows)[:, None], tile.col + np.arange(tile.cols))
    )
    low = np.where(draw > 0.9, COVERS["built"], np.where(draw < -1.15, COVERS["water"], COVERS["crops"]))
    high = np.where(draw > 0.5, COVERS["shrub"], np.where(draw < -1.6, COVERS["water"], COVERS["forest"]))
    return np.where(height < 120, low, high).astype(np.uint8)


def open_raster(path: Path, grid: Grid, dtype: str, nodata: float) -> Any:
    """Open a tiled GeoTIFF for writing; tiles that are never written are nodata."""
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        dtype=dtype,
        nodata=nodata,
        count=1,
        width=grid.cols,
        height=grid.rows,
        crs=grid.crs.to_wkt(),
        transform=grid.transform(grid.whole),
        tiled=True,
        blockxsize=BLOCK,
        blockysize=BLOCK,
        compress="zstd",
        zstd_level=1,
        num_threads=2,
        sparse_ok=True,
        bigtiff="if_safer",
    )
