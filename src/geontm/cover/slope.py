"""The slope of the ground from a raster of heights, by Horn's 3 × 3 stencil, also where neighbours are not known.

Horn's slope is that of the plane which fits the nine heights best when edges weigh twice and corners once. Where all
nine are known it is computed as GDAL and QGIS do. Where some are not, the same plane is fitted to those that are: no
height is made up, so the end of the data is no cliff, and a plane keeps its slope wherever it is cut. Cells that lie on
one line tell the slope along it and nothing across: that is a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Steepness", "classify_slope"]

# Row by row from the north-west: offsets in cells (x to the east, y to the south) and the weight of each cell.
_X = np.array([-1, 0, 1, -1, 0, 1, -1, 0, 1])
_Y = np.array([-1, -1, -1, 0, 0, 0, 1, 1, 1])
_WEIGHT = np.array([1, 2, 1, 2, 4, 2, 1, 2, 1])
_CENTRE = 4
_BITS = np.where(np.arange(9) == _CENTRE, 0, 1 << (np.arange(9) - (np.arange(9) > _CENTRE)))
# Heights are known to some 1e-11 of the rise that decides; what is this near to the threshold reaches it.
_CLOSED = 1 - 1e-9
# As many as the nearest memory of a processor holds: passing over more of them at a time takes half as long again.
CELLS_AT_ONCE = 32_768


@dataclass(frozen=True)
class Steepness:
    """Whether cells are as steep as a threshold; all arrays have the shape of the cells asked about.

    Attributes
    ----------
    steep : ndarray of bool
        Known to be as steep, or steeper.
    unknown : ndarray of bool
        Either may be: the height is not known, or too few heights around it are.
    """

    steep: NDArray[np.bool_]
    unknown: NDArray[np.bool_]


def classify_slope(
    height: NDArray[np.float64],
    known: NDArray[np.bool_],
    metres: tuple[NDArray[np.float64], NDArray[np.float64]],
    *,
    at_least_pct: float,
) -> Steepness:
    """Tell which cells are at least as steep as a threshold.

    Parameters
    ----------
    height : ndarray, shape (rows + 2, cols + 2)
        Heights (m) of the cells and one cell around; 0 where they are not known.
    known : ndarray of bool, same shape
    metres : tuple of ndarray, shape (rows,)
        Width and height (m) of the cells of each row, as :meth:`geontm.tables.Grid.cell_metres` gives them.
    at_least_pct : float
        Rise over run in percent, above 0; a slope of just that counts (within 1e-9 of it).

    Returns
    -------
    Steepness
        Arrays of shape (rows, cols).

    References
    ----------
    .. [1] B. K. P. Horn, Hill shading and the reflectance map, Proceedings of the IEEE 69 (1981), 14–47.
    """
    threshold = (at_least_pct / 100 * _CLOSED) ** 2
    rows, cols = height.shape[0] - 2, height.shape[1] - 2
    steep = np.empty((rows, cols), dtype=np.bool_)
    step = max(1, CELLS_AT_ONCE // max(cols, 1))
    for first in range(0, rows, step):
        part = slice(first, min(first + step, rows))
        squared = _horn(height[part.start : part.stop + 2], metres[0][part], metres[1][part])
        np.greater_equal(squared, threshold, out=steep[part])
    centre = known[1:-1, 1:-1]
    unknown = ~centre
    if known.all():
        return Steepness(steep, unknown)
    column = known[:-2] & known[1:-1] & known[2:]
    steep &= column[:, :-2] & column[:, 1:-1] & column[:, 2:]
    at = np.flatnonzero(centre & ~(column[:, :-2] & column[:, 1:-1] & column[:, 2:]))
    row, col = np.divmod(at, centre.shape[1])
    slopes, whole = _slope_of_known(height, known, (row, col), (metres[0][row], metres[1][row]))
    reached = slopes >= threshold
    steep.ravel()[at] = reached
    unknown.ravel()[at] = ~reached & ~whole
    return Steepness(steep, unknown)


def _horn(height: NDArray[np.float64], width: NDArray[np.float64], depth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squared slope (a ratio) of cells, from their heights and those of one cell around."""
    down = height[:-2] + height[2:]
    middle = 2 * height
    down += middle[1:-1]
    east = down[:, 2:] - down[:, :-2]
    across = height[:, :-2] + height[:, 2:]
    across += middle[:, 1:-1]
    south = across[2:] - across[:-2]
    east *= (1 / (8 * width))[:, None]
    south *= (1 / (8 * depth))[:, None]
    east *= east
    south *= south
    east += south
    return east


def _slope_of_known(
    height: NDArray[np.float64],
    known: NDArray[np.bool_],
    cells: tuple[NDArray[np.intp], NDArray[np.intp]],
    metres: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the squared slope of cells from their known neighbours, and whether it is all of it or a lower bound."""
    row, col = cells
    fits = _fits()
    rise = np.zeros((len(row), 9))
    mask = np.zeros(len(row), dtype=np.intp)
    middle = height[row + 1, col + 1]
    for n, (x, y, bit) in enumerate(zip(_X, _Y, _BITS, strict=True)):
        there = known[row + 1 + y, col + 1 + x]
        rise[:, n] = np.where(there, height[row + 1 + y, col + 1 + x] - middle, 0.0)
        mask |= np.where(there, bit, 0)
    east, south = ((rise * part[mask]).sum(axis=1) for part in (fits.east, fits.south))
    width, depth = metres
    # On one line, ``east`` holds the rise for one step along it.
    step = np.hypot(fits.step_x[mask] * width, fits.step_y[mask] * depth)
    along = np.divide(east, step, out=np.zeros(len(row)), where=step > 0)
    whole = fits.whole[mask]
    squared = np.where(whole, (east / width) ** 2 + (south / depth) ** 2, along**2)
    return squared, whole


@dataclass(frozen=True)
class _Fits:
    """For each of the 256 sets of known neighbours, what the nine heights count for in the plane that fits best.

    ``east`` and ``south`` (256, 9) give the rise per cell. Where the known cells lie on one line, ``whole`` is False,
    ``step_x, step_y`` is the way from one to the next in cells, and ``east`` gives the rise for one such step.
    """

    east: NDArray[np.float64]
    south: NDArray[np.float64]
    whole: NDArray[np.bool_]
    step_x: NDArray[np.int64]
    step_y: NDArray[np.int64]


@cache
def _fits() -> _Fits:
    fits: list[Any] = []
    for mask in range(256):
        there = (mask & _BITS > 0) | (np.arange(9) == _CENTRE)
        weight = np.where(there, _WEIGHT, 0)
        total = weight.sum()
        x, y = total * _X - (weight * _X).sum(), total * _Y - (weight * _Y).sum()
        xx, xy, yy = ((weight * one * other).sum() for one, other in ((x, x), (x, y), (y, y)))
        # Whole numbers throughout: a determinant of 0 is exactly 0.
        determinant = xx * yy - xy * xy
        zeros = np.zeros(9)
        if determinant > 0:
            east, south = ((weight * part) * (total / determinant) for part in (yy * x - xy * y, xx * y - xy * x))
            fits.append((east, south, True, 0, 0))
        elif xx + yy > 0:
            other = next(n for n in range(9) if there[n] and n != _CENTRE)
            step = _X[other], _Y[other]
            place = np.where(there, np.sign(_X * step[0] + _Y * step[1]), 0)
            place = total * place - (weight * place).sum()
            fits.append((weight * place * (total / (weight * place * place).sum()), zeros, False, *step))
        else:
            fits.append((zeros, zeros, False, 0, 0))
    east, south, whole, step_x, step_y = (np.array(part) for part in zip(*fits, strict=True))
    for part in (east, south, whole, step_x, step_y):
        part.flags.writeable = False
    return _Fits(east, south, whole, step_x, step_y)
