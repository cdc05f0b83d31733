"""A raster of people scaled to the populations that are known, as it is read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from geontm.cover.population import names_of
from geontm.cover.zones import Zones, ranks
from geontm.tables import Grid, Issue, Raster, Window

__all__ = ["ScaledRaster", "scale_population"]

ROUNDING = 1e-9
# Zonal sums of a scaled raster are nearer to the known populations than this (relative), or an issue says so; so does
# one where raster and table differ by more than this factor.
CLOSED, MOST_FACTOR = 1e-9, 5.0
MOST_STEPS, MOST_ROUNDS = 60, 200
TINY, HIGHEST_FACTOR = 1e-300, 1e9


@dataclass(frozen=True)
class ScaledRaster:
    """A raster of people whose cells are multiplied as they are read; see :func:`scale_population`.

    Attributes
    ----------
    raster : Raster
        What is scaled.
    zones : Zones
    factor : ndarray of float64, shape (n,)
        Of the whole cells of each unit; NaN where the unit's people are somewhere that the raster does not know.
    cell : ndarray of int64, shape (k,)
        Cut cells: flat position in the window of ``zones``, ascending.
    cell_factor : ndarray of float64, shape (k,)
    """

    raster: Raster
    zones: Zones
    factor: NDArray[np.float64]
    cell: NDArray[np.int64]
    cell_factor: NDArray[np.float64]

    @property
    def grid(self) -> Grid:
        """The cells, those of the raster that is scaled."""
        return self.raster.grid

    @property
    def name(self) -> str:
        """The file as a planner knows it."""
        return self.raster.name

    def read(self, window: Window) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return values (float64) and where they are known; see :class:`geontm.tables.Raster`.

        Cells outside the window of ``zones`` are as they were.
        """
        values, known = self.raster.read(window)
        scaled, known = np.array(values, dtype=np.float64), np.array(known)
        held = self.zones.window
        top, left = max(window.row, held.row), max(window.col, held.col)
        bottom = min(window.row + window.rows, held.row + held.rows)
        right = min(window.col + window.cols, held.col + held.cols)
        if bottom <= top or right <= left:
            return scaled, known
        factor = np.append(self.factor, 1.0)[
            self.zones.whole[top - held.row : bottom - held.row, left - held.col : right - held.col]
        ]
        rows = slice(*np.searchsorted(self.cell, [(top - held.row) * held.cols, (bottom - held.row) * held.cols]))
        row, col = np.divmod(self.cell[rows], held.cols)
        kept = (col >= left - held.col) & (col < right - held.col)
        factor[row[kept] - (top - held.row), col[kept] - (left - held.col)] = self.cell_factor[rows][kept]
        part = np.s_[top - window.row : bottom - window.row, left - window.col : right - window.col]
        known[part] &= ~np.isnan(factor)
        scaled[part] *= np.nan_to_num(factor, nan=0.0)
        return scaled, known


def scale_population(
    raster: Raster, zones: Zones, known: pd.Series[float], *, units: gpd.GeoDataFrame | None = None
) -> tuple[ScaledRaster, tuple[Issue, ...]]:
    """Scale a raster of people so that its sums over units are the populations that are known.

    Whole cells of a unit are multiplied by one number. A cut cell becomes the sum of its parts, each at the scale of
    its unit, and what lies in no unit stays; as this moves people across the boundary, all factors are then changed by
    the least that meets every sum.

    Parameters
    ----------
    raster : Raster
        Persons per cell.
    zones : Zones
        Units on the raster's grid.
    known : Series, index code of unit
        Persons, not negative; unknown or absent: the unit keeps its people on the map, and an issue says so.
    units : GeoDataFrame, index ``commune_code``, optional
        Gives issues the names (``commune_name``).

    Returns
    -------
    tuple of ScaledRaster, tuple of Issue
        The raster is scaled as it is read. Sums over units equal the known populations within 1e-9 (relative), but for
        those that issues name: people known where the map shows nobody (their cells are unknown, not zero), and units
        smaller than a cell that no scale of their cells can satisfy.

    Raises
    ------
    ValueError
        A known population is negative, or zones and raster are not on one grid.
    """
    given = known.reindex(zones.codes.astype(object)).astype("Float64")
    wanted = np.asarray(given.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    if (wanted < 0).any():
        raise ValueError("a known population is negative")
    whole, cells = _people_by_part(zones, raster)
    on_map = whole + cells.add_up(np.ones(len(cells.cell)))
    lost = (wanted > 0) & ~(on_map > 0)
    target = np.where(np.isnan(wanted) | lost, on_map, wanted)
    factor, cell_factor = _fit_in_order(zones, whole, cells, target)
    reached = factor * whole + cells.add_up(cell_factor)
    missed = np.abs(reached - target) > CLOSED * np.maximum(target, 1.0)
    names = {} if units is None else names_of(units)
    issues = _scaling_issues(zones, names, wanted, on_map, np.where(missed, reached, np.nan), raster.name)
    return ScaledRaster(raster, zones, np.where(lost, np.nan, factor), cells.cell, cell_factor), tuple(issues)


@dataclass(frozen=True)
class _CutCells:
    """People of the cells that boundaries cut: the cells, and for every part its cell, its unit, and its people."""

    cell: NDArray[np.int64]
    of: NDArray[np.intp]
    unit: NDArray[Any]
    share: NDArray[np.float64]
    people: NDArray[np.float64]
    units: int

    def add_up(self, factor: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum people by unit, with the cells multiplied by ``factor``."""
        return np.asarray(
            np.bincount(self.unit, weights=self.people * factor[self.of], minlength=self.units), dtype=np.float64
        )

    def mix(self, factor: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mix the units' factors in each cell by share; what lies in no unit has the factor 1."""
        parts = np.bincount(self.of, weights=self.share * factor[self.unit], minlength=len(self.cell))
        rest = 1 - np.bincount(self.of, weights=self.share, minlength=len(self.cell))
        return np.asarray(parts + np.where(rest > ROUNDING, rest, 0.0), dtype=np.float64)


def _people_by_part(zones: Zones, raster: Raster) -> tuple[NDArray[np.float64], _CutCells]:
    """Sum the people of whole cells by unit, and take those of cut cells one by one."""
    if zones.grid != raster.grid:
        raise ValueError("zones and raster are not on one grid")
    n = len(zones.codes)
    whole, at_cut = np.zeros(n), [np.zeros(0)]
    for strip in zones.strips():
        values = np.asarray(raster.read(strip.window)[0], dtype=np.float64).ravel()
        whole += np.bincount(strip.whole.ravel() + 1, weights=values, minlength=n + 1)[1:]
        at_cut.append(values[strip.cell])
    people = np.concatenate(at_cut) * zones.share
    cell, of = np.unique(zones.cell, return_inverse=True)
    return whole, _CutCells(cell, of, zones.unit, zones.share, people, n)


def _fit_in_order(
    zones: Zones, whole: NDArray[np.float64], cells: _CutCells, target: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find factors with the units in the order of their codes: no rounding then depends on the order of rows."""
    place = ranks(zones.codes)
    order = np.argsort(place)
    factor, cell_factor = _fit(whole[order], dataclasses.replace(cells, unit=place[cells.unit]), target[order])
    return factor[place], cell_factor


def _fit(
    whole: NDArray[np.float64], cells: _CutCells, target: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find factors, by unit for whole cells and by cell for cut ones, under which the sums are ``target``."""
    reached = whole + cells.add_up(np.ones(len(cells.cell)))
    factor = np.divide(target, reached, out=np.ones(len(whole)), where=reached > TINY)
    mixed = cells.mix(factor)
    return _close(whole, cells, target, factor, mixed) or _approach(whole, cells, target, factor, mixed)


def _close(
    whole: NDArray[np.float64],
    cells: _CutCells,
    target: NDArray[np.float64],
    factor: NDArray[np.float64],
    cell_factor: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Meet all targets with the least change of the given factors (Kullback-Leibler), by Newton's method.

    Factors stay positive: every unit has one multiplier, and a cut cell is multiplied by those of its units to the
    power of their shares. None where no factors can meet the targets.
    """
    chosen = np.flatnonzero((target > 0) & (factor * whole + cells.add_up(cell_factor) > 0))
    shares = sparse.csc_array((cells.share, (cells.of, cells.unit)), shape=(len(cells.cell), len(whole)))[:, chosen]
    in_units = np.bincount(cells.of, weights=cells.people, minlength=len(cells.cell))
    people = in_units / np.maximum(np.bincount(cells.of, weights=cells.share, minlength=len(cells.cell)), TINY)
    factor, cell_factor = factor.copy(), cell_factor.copy()
    for _ in range(MOST_STEPS):
        at_cells, at_whole = people * cell_factor, (factor * whole)[chosen]
        over = at_whole + shares.T @ at_cells - target[chosen]
        if (np.abs(over) <= CLOSED / 10 * np.maximum(target[chosen], 1.0)).all():
            return factor, cell_factor
        slope = sparse.csc_array(shares.T @ (shares * at_cells[:, None])) + sparse.diags_array(at_whole, format="csc")
        try:
            step = splu(sparse.csc_matrix(slope)).solve(-over)
        except RuntimeError:  # two units have the very same cells
            return None
        if not np.isfinite(step).all():
            return None
        step = np.clip(step, -1.0, 1.0)
        factor[chosen] *= np.exp(step)
        cell_factor *= np.exp(shares @ step)
    return None


def _approach(
    whole: NDArray[np.float64],
    cells: _CutCells,
    target: NDArray[np.float64],
    factor: NDArray[np.float64],
    cell_factor: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Come as near to targets as cells allow, where not all can be met.

    Each round scales by what is missing and mixes the scales in cut cells; then whole cells, which are a unit's own,
    take up the remainder.
    """
    for _ in range(MOST_ROUNDS):
        remainder = np.maximum(target - cells.add_up(cell_factor), 0.0)
        factor = np.divide(remainder, whole, out=factor.copy(), where=whole > TINY)
        reached = factor * whole + cells.add_up(cell_factor)
        missing = np.divide(target, reached, out=np.ones(len(whole)), where=reached > TINY)
        if (np.abs(missing - 1) <= CLOSED / 10).all():
            break
        # Targets that cannot be met drive factors on and on.
        factor = np.minimum(factor * missing, HIGHEST_FACTOR)
        cell_factor = np.minimum(cell_factor * cells.mix(missing), HIGHEST_FACTOR)
    return factor, cell_factor


def _scaling_issues(
    zones: Zones,
    names: dict[str, str],
    wanted: NDArray[np.float64],
    on_map: NDArray[np.float64],
    reached: NDArray[Any],
    file: str,
) -> Iterator[Issue]:
    """Tell units without a known population, without people on the map, with figures far apart, or not met."""
    for at in np.argsort(zones.codes, kind="stable"):
        code, people = str(zones.codes[at]), float(on_map[at])
        figures = {"wanted": float(wanted[at]), "people": people, "reached": float(reached[at])}
        values = {name: value for name, value in figures.items() if not np.isnan(value)}
        if np.isnan(wanted[at]):
            message = "population.not_scaled"
        elif wanted[at] > 0 and not people > 0:
            message = "population.nobody_on_map"
        elif not np.isnan(reached[at]):
            message = "population.not_met"
        elif people > 0 and not people <= MOST_FACTOR * wanted[at] <= MOST_FACTOR**2 * people:
            message = "population.far_apart"
        else:
            continue
        yield Issue.of(
            "warning",
            message,
            file=file,
            column="population",
            value=code,
            code=code,
            name=names.get(code, ""),
            **values,
        )
