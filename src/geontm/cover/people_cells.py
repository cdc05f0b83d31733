"""The cells that people live in, strip by strip, and how they fall into units.

Most cells of a country hold nobody. What measures people reads the raster in strips of rows and works on the few cells
that count, so that memory grows with a strip and not with the raster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from geontm.cover.zones import Zones
from geontm.tables import Grid, Raster

__all__ = ["Cells", "PeopleStrip", "people_strips"]

# Cells read at a time: 16 MB of float64.
STRIP_CELLS = 2_000_000


@dataclass(frozen=True)
class Cells:
    """Some cells of a grid, and the plane in which distances from them are measured.

    Attributes
    ----------
    grid : Grid
    row, col : ndarray of int64, shape (n,)
    plane : pyproj.Transformer
        From the grid's CRS to a metric one, x before y.
    """

    grid: Grid
    row: NDArray[np.int64]
    col: NDArray[np.int64]
    plane: pyproj.Transformer

    def __len__(self) -> int:
        return len(self.row)

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Cells:
        """Return some of the cells."""
        return Cells(self.grid, self.row[chosen], self.col[chosen], self.plane)

    def refined(self, k: int) -> Cells:
        """Cut every cell into k × k: the parts of the first cell come first, row by row from its upper left corner."""
        if k == 1:
            return self
        old = self.grid
        grid = Grid(old.crs, old.left, old.top, old.cell_width / k, old.cell_height / k, old.rows * k, old.cols * k)
        down, right = np.divmod(np.arange(k * k), k)
        row, col = (self.row[:, None] * k + down).ravel(), (self.col[:, None] * k + right).ravel()
        return Cells(grid, row, col, self.plane)

    def lattice(self, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the middles of k × k equal parts of each cell, in units of the grid; two arrays of shape (n, k²)."""
        fine = self.refined(k)
        x = fine.grid.left + (fine.col + 0.5) * fine.grid.cell_width
        y = fine.grid.top - (fine.row + 0.5) * fine.grid.cell_height
        return np.asarray(x.reshape(-1, k * k)), np.asarray(y.reshape(-1, k * k))

    def points(self, k: int) -> NDArray[np.float64]:
        """Return the same middles in the metric plane (m), shape (n, k², 2)."""
        x, y = self.lattice(k)
        return np.stack(self.plane.transform(x, y), axis=-1).reshape(len(self), k * k, 2)

    def half_diagonal_m(self) -> float:
        """Bound the distance (m) from the middle of any of the cells to its corners, in the plane."""
        if not len(self):
            return 0.0
        probes = np.unique([f(i) for i in (self.row, self.col) for f in (np.argmin, np.argmax)])
        corners = self.take(probes).points(2)
        # The four quarter points lie half as far from the middle as the corners.
        out = np.linalg.norm(corners - corners.mean(axis=1, keepdims=True), axis=-1).max() * 2
        # Between the extremes of the strip the size of a cell changes by far less than a hundredth.
        return float(out) * 1.01


@dataclass(frozen=True)
class PeopleStrip:
    """The cells with people in one strip of rows.

    Attributes
    ----------
    cells : Cells
        In order of row and column.
    cut : ndarray of bool, shape (n,)
        Whether a cell is shared between units, or reaches beyond them.
    part_cell, part_unit : ndarray of int64, shape (m,)
        The part of a cell that lies in one unit: positions in ``cells`` and in the units of the zones; by cell.
    part_people : ndarray of float64, shape (m,)
        People of the cell times the share of its area that lies in the unit.
    seen : ndarray of bool, shape (units,)
        Units with any cell of this strip whose value is known.
    negative : int
        Cells with fewer than no people; they count as unknown.
    """

    cells: Cells
    cut: NDArray[np.bool_]
    part_cell: NDArray[np.int64]
    part_unit: NDArray[np.int64]
    part_people: NDArray[np.float64]
    seen: NDArray[np.bool_]
    negative: int


def people_strips(population: Raster, zones: Zones, plane: pyproj.Transformer) -> Iterator[PeopleStrip]:
    """Read the cells with people, a strip of rows at a time.

    Parameters
    ----------
    population : Raster
        Persons per cell.
    zones : Zones
        Made on the grid of the raster.
    plane : pyproj.Transformer
        From the CRS of the raster to a metric one.

    Yields
    ------
    PeopleStrip
        Each sum by unit over the strips is the same in whatever order the units stand.
    """
    n = len(zones.codes)
    for strip in zones.strips(STRIP_CELLS):
        window = strip.window
        values, known = (each.ravel() for each in population.read(window))
        negative = known & (values < 0)
        known = known & ~negative
        whole, part = strip.whole.ravel(), strip.cell
        seen = np.bincount(whole[known] + 1, minlength=n + 1)[1:] > 0
        seen[strip.unit[known[part]]] = True
        of_cut = known[part] & (values[part] > 0)
        of_whole = np.flatnonzero(known & (values > 0) & (whole >= 0))

        position = np.concatenate([of_whole, part[of_cut]]).astype(np.int64)
        unit = np.concatenate([whole[of_whole], strip.unit[of_cut]]).astype(np.int64)
        share = np.concatenate([np.ones(len(of_whole)), strip.share[of_cut]])
        by_cell = np.argsort(position, kind="stable")
        flat, part_cell = np.unique(position[by_cell], return_inverse=True)
        row, col = np.divmod(flat, max(window.cols, 1))
        yield PeopleStrip(
            cells=Cells(population.grid, row + window.row, col + window.col, plane),
            cut=whole[flat] < 0,
            part_cell=part_cell.astype(np.int64),
            part_unit=unit[by_cell],
            part_people=values[position[by_cell]].astype(np.float64) * share[by_cell],
            seen=seen,
            negative=int(negative.sum()),
        )
