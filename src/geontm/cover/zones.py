"""How the cells of a raster fall into units: whole cells by the unit that holds them, cut cells by exact shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geontm.tables import Grid, Window

__all__ = ["Zones"]


@dataclass(frozen=True)
class Zones:
    """The cells of one window of a grid, by unit.

    Attributes
    ----------
    grid : Grid
    window : Window
    codes : ndarray of str, shape (n,)
        Units in the order of the layer they came from.
    whole : ndarray of int32, shape (rows, cols)
        Position in ``codes`` of the unit that covers the whole cell; -1 for every other cell.
    cell : ndarray of int64, shape (m,)
        Cut cells: flat position in the window. A cell that several units share stands here once for each.
    unit : ndarray of int32, shape (m,)
        Position in ``codes`` of the unit that has a part of the cell.
    share : ndarray of float64, shape (m,)
        Share of the cell's area (0 to 1) that lies in that unit.
    """

    grid: Grid
    window: Window
    codes: NDArray[np.str_]
    whole: NDArray[np.int32]
    cell: NDArray[np.int64]
    unit: NDArray[np.int32]
    share: NDArray[np.float64]

    def add_up(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum the values of cells by unit, those of cut cells by their share.

        Parameters
        ----------
        values : ndarray, shape (rows, cols)
            Finite; cells that do not count hold 0.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        n = len(self.codes)
        flat = np.asarray(values, dtype=np.float64).ravel()
        counted = np.bincount(self.whole.ravel() + 1, weights=flat, minlength=n + 1)[1:]
        cut = np.bincount(self.unit, weights=flat[self.cell] * self.share, minlength=n)
        return np.asarray(counted + cut, dtype=np.float64)

    def covered(self) -> NDArray[np.float64]:
        """Share of each cell (0 to 1) that lies in any of the units; shape (rows, cols)."""
        total = (self.whole >= 0).astype(np.float64).ravel()
        total += np.bincount(self.cell, weights=self.share, minlength=total.size)
        return np.asarray(total, dtype=np.float64).reshape(self.whole.shape)
