"""Rasters as the middle rooms see them: a grid of cells, and something that reads windows of it.

Rasters are never resampled: everything else goes to their grid. What opens a file stands in ``load``; here is only what
both sides must agree on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import affine
import numpy as np
import pyproj
from numpy.typing import NDArray

__all__ = ["ArrayRaster", "Grid", "Raster", "Window"]


class Window(NamedTuple):
    """A rectangle of cells: first row and column, and how many of each."""

    row: int
    col: int
    rows: int
    cols: int

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.rows * self.cols


@dataclass(frozen=True)
class Grid:
    """A north-up grid of equal cells.

    Attributes
    ----------
    crs : pyproj.CRS
        Degrees (then cells are neither square nor equal in metres) or metres.
    left, top : float
        Outer corner of the first cell, in units of the CRS.
    cell_width, cell_height : float
        Size of a cell (units of the CRS), both positive.
    rows, cols : int
    """

    crs: pyproj.CRS
    left: float
    top: float
    cell_width: float
    cell_height: float
    rows: int
    cols: int

    @property
    def in_degrees(self) -> bool:
        """Whether the cells are measured in degrees."""
        return bool(self.crs.is_geographic)

    @property
    def whole(self) -> Window:
        """The window of all cells."""
        return Window(0, 0, self.rows, self.cols)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top, in units of the CRS."""
        return self.bounds_of(self.whole)

    def bounds_of(self, window: Window) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of a window, in units of the CRS."""
        left, top = self.left + window.col * self.cell_width, self.top - window.row * self.cell_height
        return left, top - window.rows * self.cell_height, left + window.cols * self.cell_width, top

    def transform(self, window: Window) -> affine.Affine:
        """Affine transform of a window, from (column, row) to coordinates."""
        left, _, _, top = self.bounds_of(window)
        return affine.Affine(self.cell_width, 0.0, left, 0.0, -self.cell_height, top)

    def window(self, bounds: tuple[float, float, float, float], *, margin: int = 0) -> Window:
        """Return the cells that a box touches, with ``margin`` more on each side, as far as the grid goes.

        Parameters
        ----------
        bounds : tuple of float
            Left, bottom, right, top in units of the CRS.
        margin : int
            Cells.

        Returns
        -------
        Window
            Of no cells where the box lies outside.
        """
        left, bottom, right, top = bounds
        first_col = int(np.floor((left - self.left) / self.cell_width)) - margin
        last_col = int(np.ceil((right - self.left) / self.cell_width)) + margin
        first_row = int(np.floor((self.top - top) / self.cell_height)) - margin
        last_row = int(np.ceil((self.top - bottom) / self.cell_height)) + margin
        row, col = min(max(first_row, 0), self.rows), min(max(first_col, 0), self.cols)
        return Window(row, col, max(min(last_row, self.rows) - row, 0), max(min(last_col, self.cols) - col, 0))

    def centres(self, window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coordinates of cell centres: x by column, y by row, in units of the CRS."""
        x = self.left + (window.col + np.arange(window.cols) + 0.5) * self.cell_width
        y = self.top - (window.row + np.arange(window.rows) + 0.5) * self.cell_height
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def cell_metres(self, window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Width and height of the cells of each row (m): on the ellipsoid where the grid is in degrees.

        In a metric CRS the two are the cell size of the CRS. A cell of 3 arc-seconds is 92 m high and 85 to 92 m wide
        over Vietnam.
        """
        if not self.in_degrees:
            return np.full(window.rows, self.cell_width), np.full(window.rows, self.cell_height)
        latitude = np.deg2rad(self.centres(window)[1])
        ellipsoid = pyproj.Geod(ellps="WGS84")
        flat = 1 - ellipsoid.es * np.sin(latitude) ** 2
        across = ellipsoid.a / np.sqrt(flat) * np.cos(latitude)
        along = ellipsoid.a * (1 - ellipsoid.es) / flat**1.5
        width, height = across * np.deg2rad(self.cell_width), along * np.deg2rad(self.cell_height)
        return np.asarray(width, dtype=np.float64), np.asarray(height, dtype=np.float64)


class Raster(Protocol):
    """One layer of values on a grid, read window by window.

    Attributes
    ----------
    grid : Grid
    name : str
        The file as a planner knows it.
    """

    @property
    def grid(self) -> Grid:
        """The cells."""
        ...

    @property
    def name(self) -> str:
        """The file as a planner knows it."""
        ...

    def read(self, window: Window) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the values of a window inside the grid, and where they are known (not nodata, not NaN).

        Values that are not known are 0. Shapes (rows, cols).
        """
        ...


@dataclass(frozen=True)
class ArrayRaster:
    """A raster held in memory: a result of another function, or a small example.

    Attributes
    ----------
    grid : Grid
    values : ndarray, shape (rows, cols)
    known : ndarray of bool, shape (rows, cols), optional
        All but NaN where it is left out.
    name : str
    """

    grid: Grid
    values: NDArray[Any]
    known: NDArray[np.bool_] | None = None
    name: str = ""

    def read(self, window: Window) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return values and where they are known; see :class:`Raster`."""
        part = np.s_[window.row : window.row + window.rows, window.col : window.col + window.cols]
        values = np.asarray(self.values)[part]
        known = ~np.isnan(values) if self.known is None else np.asarray(self.known)[part]
        return np.where(known, values, values.dtype.type(0)), known
