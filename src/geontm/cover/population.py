"""People on the map: how many a raster puts in each unit, and a raster scaled to the populations that are known.

Counts are shared out by the share of the cell, never weighed by latitude: a cell's persons are persons.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from geontm.cover.measured import Measured
from geontm.cover.zones import STRIP_CELLS, Zones, make_zones
from geontm.tables import Grid, Issue, Raster, Window

__all__ = [
    "PeopleCount",
    "ScaledRaster",
    "check_people_outside",
    "count_people",
    "measure_population",
    "scale_population",
]

# A unit of which less than this share is known is named; so is one whose figures differ by more than this factor.
LEAST_KNOWN, MOST_FACTOR = 0.5, 5.0
ROUNDING = 1e-9
NOTABLE_OUTSIDE = 0.01
SHOWN = 10
MOST_STEPS, MOST_ROUNDS = 60, 200
TINY = 1e-300
# Zonal sums of a scaled raster are nearer to the known populations than this (relative), or an issue says so.
CLOSED = 1e-9


@dataclass(frozen=True)
class PeopleCount:
    """The people of one window, by where they are.

    Attributes
    ----------
    by_unit : ndarray of float64, shape (n,)
        Persons on known cells.
    cells, known_cells : ndarray of float64, shape (n,)
        Area of each unit within the grid, and the part of it that is known, in cells.
    total : float
        Persons in the window. In a coverage without overlaps it equals the sum over units, ``around`` and ``outside``
        within 1e-9 (relative).
    around, outside : float
        Persons in the units around, and in no unit at all.
    at_edge : float
        Those of them that are outside in a cell of which a unit has a part.
    """

    by_unit: NDArray[np.float64]
    cells: NDArray[np.float64]
    known_cells: NDArray[np.float64]
    total: float
    around: float
    outside: float
    at_edge: float


def count_people(zones: Zones, raster: Raster, *, around: Zones | None = None) -> PeopleCount:
    """Share out the persons of a raster among units, strip by strip.

    Parameters
    ----------
    zones : Zones
        Units on the raster's grid.
    raster : Raster
        Persons per cell.
    around : Zones, optional
        Other units, in the same window.

    Raises
    ------
    ValueError
        Zones and raster are not on one grid, or ``around`` is of another window.
    """
    if zones.grid != raster.grid:
        raise ValueError("zones and raster are not on one grid")
    if around is not None and around.window != zones.window:
        raise ValueError("zones around must be of the same window")
    n = len(zones.codes)
    by_unit, cells, known_cells = np.zeros(n), np.zeros(n), np.zeros(n)
    total, inside, nearby, at_edge = [], [], [], []
    for strip in zones.strips():
        values, known = raster.read(strip.window)
        people = np.asarray(values, dtype=np.float64)
        by_unit += strip.add_up(people)
        cells += strip.areas()
        known_cells += strip.areas(known)
        covered = np.minimum(strip.covered(), 1.0)
        beside = np.zeros_like(covered)
        if around is not None:
            beside = np.minimum(
                around.rows(strip.window.row - zones.window.row, strip.window.rows).covered(), 1 - covered
            )
        total.append(float(people.sum()))
        inside.append(float((people * covered).sum()))
        nearby.append(float((people * beside).sum()))
        cut = np.unique(strip.cell)
        at_edge.append(float((people.ravel()[cut] * (1 - covered - beside).ravel()[cut]).sum()))
    everyone = math.fsum(total)
    outside = everyone - math.fsum([*inside, *nearby])
    return PeopleCount(
        by_unit, cells, known_cells, everyone, math.fsum(nearby), _above_rounding(outside, everyone),
        _above_rounding(math.fsum(at_edge), everyone),
    )  # fmt: skip


def _above_rounding(part: float, whole: float) -> float:
    return part if part > ROUNDING * whole else 0.0


def measure_population(
    units: gpd.GeoDataFrame,
    raster: Raster,
    *,
    zones: Zones | None = None,
    around: gpd.GeoDataFrame | None = None,
    covered: Collection[str] | None = None,
) -> Measured:
    """Count the people that a raster puts in each unit.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
    raster : Raster
        Persons per cell; it is not resampled.
    zones : Zones, optional
        Of these units on the raster's grid, where they have been made already.
    around : GeoDataFrame, index ``commune_code``, EPSG:4326, optional
        Units around those to measure, at least those that share their cells: people there are not outside.
    covered : collection of str, optional
        Codes that the raster declares to cover; all where it is left out.

    Returns
    -------
    Measured
        ``population_on_map`` (Float64, persons): cells count by the share of their area that lies in the unit. Zero is
        a unit whose known cells hold nobody; unknown is one that has no known cell, or is not covered. Cells without a
        value count nobody, and issues tell where: units of which more than half is not known by name, the others by
        their number. An issue tells how many people are in no unit though their cell is partly in one: a coast, or
        boundaries that are off; :func:`check_people_outside` tells those that are farther away.

    Raises
    ------
    CRSError
        A layer is not in EPSG:4326.

    Notes
    -----
    The column never takes the place of ``population``, which is given.
    """
    issues: list[Issue] = []
    if zones is None:
        zones, found = make_zones(units, raster.grid)
        issues += found
    others = None
    if around is not None:
        others = _in_window(make_zones(around[~around.index.isin(units.index)], raster.grid)[0], zones.window)
    people = count_people(zones, raster, around=others)
    asked = np.ones(len(zones.codes), dtype=np.bool_) if covered is None else np.isin(zones.codes, list(covered))
    known = (people.known_cells > 0) & asked
    table = pd.DataFrame(
        {"population_on_map": pd.array(np.where(known, people.by_unit, np.nan), dtype="Float64")},
        index=pd.Index(zones.codes.astype(object), name="commune_code"),
    )
    issues += _unknown(units, zones, people, asked, raster.name)
    everyone = people.total - people.around - people.outside + people.at_edge
    issues += _outside("population.at_edge", people.at_edge, everyone, raster.name)
    return Measured(table.reindex(units.index).rename_axis("commune_code"), issues=tuple(issues))


def _in_window(zones: Zones, window: Window) -> Zones:
    """Cut zones to a window, or lay them in it."""
    whole = np.full((window.rows, window.cols), -1, dtype=np.int32)
    row, col = zones.window.row - window.row, zones.window.col - window.col
    top, left = max(row, 0), max(col, 0)
    bottom, right = min(row + zones.window.rows, window.rows), min(col + zones.window.cols, window.cols)
    if bottom > top and right > left:
        whole[top:bottom, left:right] = zones.whole[top - row : bottom - row, left - col : right - col]
    at_row, at_col = np.divmod(zones.cell, max(zones.window.cols, 1))
    at_row, at_col = at_row + row, at_col + col
    kept = (at_row >= 0) & (at_row < window.rows) & (at_col >= 0) & (at_col < window.cols)
    cell = (at_row * window.cols + at_col)[kept]
    return Zones(zones.grid, window, zones.codes, whole, cell, zones.unit[kept], zones.share[kept])


def _unknown(
    units: gpd.GeoDataFrame, zones: Zones, people: PeopleCount, asked: NDArray[np.bool_], file: str
) -> Iterator[Issue]:
    """Tell units whose people are unknown, wholly or in part."""
    names = _names(units)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(people.cells > 0, people.known_cells / people.cells, 1.0)
    for position in np.argsort(zones.codes, kind="stable"):
        code = str(zones.codes[position])
        if asked[position] and share[position] < LEAST_KNOWN:
            message = "population.mostly_unknown" if share[position] > 0 else "population.unknown"
            yield Issue.of(
                "warning", message, file=file, column="population_on_map", value=code, code=code, name=names[code],
                pct=100 * (1 - share[position]),
            )  # fmt: skip
    partly = asked & (share >= LEAST_KNOWN) & (share < 1 - ROUNDING)
    if partly.any():
        cells = people.cells[partly].sum()
        yield Issue.of(
            "info", "population.partly_unknown", file=file, column="population_on_map", count=int(partly.sum()),
            pct=100 * float(1 - people.known_cells[partly].sum() / cells),
        )  # fmt: skip
    if not asked.all():
        codes = sorted(str(code) for code in zones.codes[~asked])
        yield Issue.of(
            "info", "population.not_covered", file=file, column="population_on_map", value=", ".join(codes[:SHOWN]),
            count=len(codes),
        )  # fmt: skip


def check_people_outside(raster: Raster, on_map: pd.Series[float]) -> tuple[Issue, ...]:
    """Compare the people of a whole raster with those in units, where units are all that the raster covers.

    Parameters
    ----------
    raster : Raster
        Persons per cell, of the country or of the units' province.
    on_map : Series
        ``population_on_map`` of all units.

    Returns
    -------
    tuple of Issue
        How many people, and which share, are in no unit; empty where they are fewer than 1e-9 of all.
    """
    whole = raster.grid.whole
    step = max(1, STRIP_CELLS // max(whole.cols, 1))
    strips = (Window(row, 0, min(step, whole.rows - row), whole.cols) for row in range(0, whole.rows, step))
    total = math.fsum(float(raster.read(strip)[0].sum(dtype=np.float64)) for strip in strips)
    inside = math.fsum(on_map.dropna().to_numpy(dtype=np.float64))
    return tuple(_outside("population.outside", _above_rounding(total - inside, total), total, raster.name))


def _outside(message: str, people: float, total: float, file: str) -> Iterator[Issue]:
    """Tell people that are in no unit."""
    if people > 0:
        share = people / total
        yield Issue.of(
            "warning" if share >= NOTABLE_OUTSIDE else "info", message, file=file, column="population_on_map",
            value=f"{people:.0f}", people=people, pct=100 * share,
        )  # fmt: skip


def _names(units: gpd.GeoDataFrame) -> dict[str, str]:
    names = units["commune_name"].fillna("") if "commune_name" in units else pd.Series("", index=units.index)
    return {str(code): str(name) for code, name in names.items()}


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
    wanted = given.to_numpy(dtype=np.float64, na_value=np.nan)
    if (wanted < 0).any():
        raise ValueError("a known population is negative")
    whole, cells = _people_by_part(zones, raster)
    on_map = whole + cells.add_up(np.ones(len(cells.cell)))
    lost = (wanted > 0) & ~(on_map > 0)
    target = np.where(np.isnan(wanted) | lost, on_map, wanted)
    factor, cell_factor = _fit(whole, cells, target)
    reached = factor * whole + cells.add_up(cell_factor)
    missed = np.abs(reached - target) > CLOSED * np.maximum(target, 1.0)
    names = {} if units is None else _names(units)
    issues = _scaling_issues(zones, names, wanted, on_map, np.where(missed, reached, np.nan), raster.name)
    return ScaledRaster(raster, zones, np.where(lost, np.nan, factor), cells.cell, cell_factor), tuple(issues)


@dataclass(frozen=True)
class _CutCells:
    """People of the cells that boundaries cut: the cells, and for every part its cell, its unit, and its people."""

    cell: NDArray[np.int64]
    of: NDArray[np.intp]
    unit: NDArray[np.int32]
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


def _fit(
    whole: NDArray[np.float64], cells: _CutCells, target: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find factors, by unit for whole cells and by cell for cut ones, under which the sums are ``target``."""
    reached = whole + cells.add_up(np.ones(len(cells.cell)))
    factor = np.divide(target, reached, out=np.ones(len(whole)), where=reached > 0)
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
        factor = np.divide(remainder, whole, out=factor.copy(), where=whole > 0)
        reached = factor * whole + cells.add_up(cell_factor)
        missing = np.divide(target, reached, out=np.ones(len(whole)), where=reached > 0)
        if (np.abs(missing - 1) <= CLOSED / 10).all():
            break
        factor, cell_factor = factor * missing, cell_factor * cells.mix(missing)
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
        values: dict[str, Any] = {"code": code, "name": names.get(code, ""), "wanted": float(wanted[at])}
        values |= {"people": people, "reached": float(reached[at])}
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
        yield Issue.of("warning", message, file=file, column="population", value=code, **values)
