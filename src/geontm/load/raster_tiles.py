"""One raster over one file or several tiles, read window by window; nothing is resampled."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import rasterio
import rasterio.errors
import rasterio.windows
from numpy.typing import NDArray

from geontm.errors import SourceError
from geontm.load.raster_crs import operation_to
from geontm.load.raster_files import GDAL_SETTINGS
from geontm.tables import Grid, Issue, Window

__all__ = ["OpenRaster", "RasterKind", "Tile", "open_file", "overlap", "overlaps"]

RasterKind = Literal["population", "elevation", "landcover"]
# What a value can be, by kind; what lies outside is unknown. Heights in metres: from the shore of the Dead Sea to
# Everest.
CREDIBLE: dict[RasterKind, tuple[float, float]] = {
    "population": (0.0, np.inf),
    "elevation": (-500.0, 9_000.0),
    "landcover": (-np.inf, np.inf),
}


@dataclass(frozen=True)
class Tile:
    """One file: its driver, where its first cell lies in the grid of all, and how its values are to be taken."""

    path: Path
    driver: str
    window: Window
    dtype: str
    nodata: float | None
    scale: float
    offset: float
    masked: bool


class OpenRaster:
    """One layer of values over one file or several tiles, read window by window; see :class:`geontm.tables.Raster`.

    It goes to another process as the paths it was opened from, and opens them there again. Each thread reads through
    its own handles.

    Attributes
    ----------
    grid : Grid
        Of all tiles together; its CRS is the horizontal one.
    name : str
        The file as a planner knows it; of tiles the first and how many more.
    kind : {"population", "elevation", "landcover"}
    paths : tuple of Path
        In the order in which tiles take precedence.
    dtype : numpy.dtype
        Of what is read: that of the file, or float64 where the file scales its values.
    issues : tuple of Issue
        What had to be settled to open it.
    """

    def __init__(self, tiles: Sequence[Tile], grid: Grid, kind: RasterKind, issues: Sequence[Issue]) -> None:
        self.grid, self.kind, self.issues = grid, kind, tuple(issues)
        self._tiles = tuple(tiles)
        self._handles = _Handles()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in the order in which they take precedence."""
        return tuple(tile.path for tile in self._tiles)

    @property
    def tiles(self) -> tuple[Window, ...]:
        """Where each file lies in the grid, in the order of ``paths``."""
        return tuple(tile.window for tile in self._tiles)

    @property
    def name(self) -> str:
        """The file as a planner knows it."""
        first, more = self._tiles[0].path.name, len(self._tiles) - 1
        return f"{first} (+{more})" if more else first

    @property
    def operation(self) -> str:
        """The PROJ operation by which units reach the raster's CRS; empty where both are EPSG:4326."""
        return operation_to(self.grid.crs)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values that are read."""
        return np.result_type(*(np.dtype(tile.dtype) for tile in self._tiles))

    def read(self, window: Window) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the values of a window inside the grid, and where they are known; see :class:`geontm.tables.Raster`.

        Values of no credible size (see ``kind``) are unknown. Where tiles overlap, the first that knows a cell has it.

        Raises
        ------
        SourceError
            The file is damaged, or has changed since it was opened.
        """
        values, known = self.read_as_given(window)
        low, high = CREDIBLE[self.kind]
        if low > -np.inf:
            known &= values >= low
        if high < np.inf:
            known &= values <= high
        values[~known] = 0
        return values, known

    def read_as_given(self, window: Window) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the values of a window as the file has them, and where it gives any (not nodata, not NaN)."""
        if len(self._tiles) == 1:
            return self.read_tile(0, window)
        values = np.zeros((window.rows, window.cols), dtype=self.dtype)
        known = np.zeros(values.shape, dtype=np.bool_)
        for at, tile in enumerate(self._tiles):
            shared = overlap(window, tile.window)
            if not shared.size:
                continue
            part = np.s_[
                shared.row - window.row : shared.row - window.row + shared.rows,
                shared.col - window.col : shared.col - window.col + shared.cols,
            ]
            found, given = self.read_tile(at, shared)
            new = given & ~known[part]
            values[part] = np.where(new, found, values[part])
            known[part] |= given
        return values, known

    def read_tile(self, at: int, window: Window) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the values of a window that lies in the file at position ``at``, as given, and where it gives any."""
        tile = self._tiles[at]
        place = rasterio.windows.Window(
            window.col - tile.window.col, window.row - tile.window.row, window.cols, window.rows
        )
        try:
            with rasterio.Env(**GDAL_SETTINGS):
                handle = self._handles.of(tile)
                values = handle.read(1, window=place)
                given = np.ones(values.shape, dtype=np.bool_)
                if tile.masked:
                    given &= handle.read_masks(1, window=place) != 0
        except rasterio.errors.RasterioError as error:
            raise SourceError("rasters.damaged", where=tile.path, file=tile.path.name) from error
        if tile.nodata is not None:
            given &= values != values.dtype.type(tile.nodata)
        if np.issubdtype(values.dtype, np.floating):
            given &= np.isfinite(values)
        if (tile.scale, tile.offset) != (1.0, 0.0):
            values = values * np.float64(tile.scale) + np.float64(tile.offset)
        return values, given

    def close(self) -> None:
        """Let go of the files; reading opens them again."""
        self._handles.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_handles"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._handles = _Handles()


class _Handles(threading.local):
    """Open files of one thread of one process: GDAL's handles may be shared with neither threads nor a fork."""

    def __init__(self) -> None:
        self.process, self.open = os.getpid(), dict[Path, Any]()

    def of(self, tile: Tile) -> Any:
        if self.process != os.getpid():
            self.process, self.open = os.getpid(), {}
        if tile.path not in self.open:
            handle = open_file(tile.path, tile.driver)
            if (handle.height, handle.width) != (tile.window.rows, tile.window.cols):
                raise SourceError("rasters.changed", where=tile.path, file=tile.path.name)
            self.open[tile.path] = handle
        return self.open[tile.path]

    def close(self) -> None:
        if self.process == os.getpid():
            for handle in self.open.values():
                handle.close()
        self.open = {}


def open_file(path: Path, driver: str) -> Any:
    """Open a file with one driver and no other."""
    try:
        with warnings.catch_warnings(), rasterio.Env(**GDAL_SETTINGS):
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)  # refused later, with a message
            return rasterio.open(path.absolute(), driver=driver, sharing=False)
    except rasterio.errors.RasterioError as error:
        raise SourceError("rasters.damaged", where=path, file=path.name) from error


def overlap(one: Window, other: Window) -> Window:
    """Return the cells that two windows share."""
    row, col = max(one.row, other.row), max(one.col, other.col)
    rows = min(one.row + one.rows, other.row + other.rows) - row
    cols = min(one.col + one.cols, other.col + other.cols) - col
    return Window(row, col, max(rows, 0), max(cols, 0)) if rows > 0 and cols > 0 else Window(row, col, 0, 0)


def overlaps(raster: OpenRaster) -> Iterator[tuple[int, int, Window]]:
    """Give every pair of files that share cells, and the cells."""
    for second in range(len(raster.tiles)):
        for first in range(second):
            shared = overlap(raster.tiles[first], raster.tiles[second])
            if shared.size:
                yield first, second, shared
