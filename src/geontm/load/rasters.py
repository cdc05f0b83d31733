"""Opens rasters of people, heights or land cover from anywhere: what a file is, is told by its bytes, and limits hold.

A file is believed only after its kind, its size, its grid and its place have been checked; several tiles read as one.
Cells are read as they are, never resampled; values that cannot be (fewer than no people, heights of no place on Earth)
are unknown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio.enums

from geontm.errors import SourceError
from geontm.load.raster_checks import check_raster
from geontm.load.raster_crs import horizontal_crs, require_place
from geontm.load.raster_files import driver_of, require_credible
from geontm.load.raster_tiles import OpenRaster, RasterKind, Tile, open_file
from geontm.tables import Grid, Issue, Window

__all__ = ["OpenRaster", "RasterKind", "check_raster", "open_raster"]

# Tiles whose cells lie this near to each other (share of a cell) are on one grid.
ALIGNED = 1e-3


def open_raster(paths: Path | Sequence[Path], *, kind: RasterKind) -> OpenRaster:
    """Open a raster, or several tiles as one.

    Parameters
    ----------
    paths : Path or sequence of Path
        GeoTIFF (also cloud-optimised), Arc/Info ASCII grid or SRTM ``.hgt``. Tiles share CRS and cell size and lie on
        one grid; where they overlap, the first by file name has the cell.
    kind : {"population", "elevation", "landcover"}
        Persons per cell, metres above the sea, or classes.

    Returns
    -------
    OpenRaster
        Nothing but headers has been read; :func:`geontm.load.check_raster` looks at the values.

    Raises
    ------
    SourceError
        A file is missing, empty, of a kind that is not allowed, damaged, larger than it can be, or not north-up; or
        tiles are not on one grid.
    CRSError
        No CRS, one that cannot be (the coordinates lie nowhere near Vietnam), or one without an exact operation to
        WGS 84. The message names the likely systems.
    """
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    if not given:
        raise ValueError("open_raster needs at least one path")
    issues: list[Issue] = []
    opened: list[tuple[Tile, Grid]] = []
    for path in sorted(set(given), key=lambda path: (path.name, str(path))):
        tile, grid, found = _inspect(path)
        opened.append((tile, grid))
        issues += found
    grid, tiles = _joined(opened)
    return OpenRaster(tiles, grid, kind, issues)


def _inspect(path: Path) -> tuple[Tile, Grid, list[Issue]]:
    """Read what a file says of itself, and refuse it where that cannot be."""
    driver = driver_of(path)
    handle = open_file(path, driver)
    try:
        require_credible(handle, path)
        move = handle.transform
        if move.is_identity or not handle.count:
            raise SourceError("rasters.not_placed", where=path, file=path.name)
        if move.b or move.d or move.a <= 0 or move.e >= 0:
            raise SourceError("rasters.not_north_up", where=path, file=path.name)
        crs = horizontal_crs(handle.crs.to_wkt() if handle.crs else "", handle.bounds, path)
        grid = Grid(crs, move.c, move.f, move.a, -move.e, handle.height, handle.width)
        require_place(grid, path)
        issues = []
        if handle.count > 1:
            issues.append(Issue.of("warning", "rasters.bands", file=path.name, value=handle.count, count=handle.count))
        scale, offset = float(handle.scales[0]), float(handle.offsets[0])
        values = np.dtype(handle.dtypes[0])
        if values.kind not in "iuf":
            raise SourceError("rasters.not_numbers", where=path, file=path.name, dtype=str(values))
        flags = handle.mask_flag_enums[0]
        masked = rasterio.enums.MaskFlags.per_dataset in flags or rasterio.enums.MaskFlags.alpha in flags
        tile = Tile(
            path, driver, grid.whole, str(values if (scale, offset) == (1.0, 0.0) else np.dtype(np.float64)),
            _nodata(handle.nodata, values), scale, offset, masked,
        )  # fmt: skip
    finally:
        handle.close()
    return tile, grid, issues


def _nodata(nodata: float | None, dtype: np.dtype[Any]) -> float | None:
    """Return the value that stands for none, where a cell of this type can hold it."""
    if nodata is None or np.isnan(nodata):
        return None
    if dtype.kind == "f":
        return float(nodata) if abs(nodata) <= np.finfo(dtype).max else None
    limits = np.iinfo(dtype)
    return float(nodata) if limits.min <= nodata <= limits.max and float(nodata).is_integer() else None


def _joined(opened: list[tuple[Tile, Grid]]) -> tuple[Grid, list[Tile]]:
    """Lay tiles on one grid, that of the first, or refuse them."""
    first_tile, first = opened[0]
    places: list[tuple[int, int]] = []
    for tile, grid in opened:
        col, row = (grid.left - first.left) / first.cell_width, (first.top - grid.top) / first.cell_height
        # The last cell must still be on the grid, after as many cells as the tile has.
        drift = max(
            abs(grid.cell_width / first.cell_width - 1) * grid.cols,
            abs(grid.cell_height / first.cell_height - 1) * grid.rows,
            abs(col - round(col)),
            abs(row - round(row)),
        )
        if grid.crs != first.crs or drift > ALIGNED:
            names = f"{first_tile.path.name}, {tile.path.name}"
            why = "rasters.tiles_crs" if grid.crs != first.crs else "rasters.tiles_apart"
            raise SourceError(why, where=names, first=first_tile.path.name, second=tile.path.name)
        places.append((round(row), round(col)))
    top, left = min(row for row, _ in places), min(col for _, col in places)
    windows = [
        Window(row - top, col - left, grid.rows, grid.cols)
        for (row, col), (_, grid) in zip(places, opened, strict=True)
    ]
    whole = Grid(
        first.crs,
        first.left + left * first.cell_width,
        first.top - top * first.cell_height,
        first.cell_width,
        first.cell_height,
        max(window.row + window.rows for window in windows),
        max(window.col + window.cols for window in windows),
    )
    return whole, [dataclasses.replace(tile, window=window) for (tile, _), window in zip(opened, windows, strict=True)]
