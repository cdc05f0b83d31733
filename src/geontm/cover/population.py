"""People on the map: how many a raster puts in each unit.

Counts are shared out by the share of the cell, never weighed by latitude: a cell's persons are persons.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geontm.cover.measured import Measured
from geontm.cover.zones import STRIP_CELLS, Zones, make_zones
from geontm.tables import Issue, Raster, Window, list_briefly

__all__ = [
    "PeopleCount",
    "check_people_outside",
    "count_people",
    "measure_population",
    "names_of",
]

# A unit of which less than this share is known is named.
LEAST_KNOWN = 0.5
ROUNDING = 1e-9
NOTABLE_OUTSIDE = 0.01


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
        flat = np.asarray(values).ravel()
        where = np.flatnonzero(flat)
        people = flat[where].astype(np.float64)
        here = strip.whole.ravel()[where]
        by_unit += np.bincount(here + 1, weights=people, minlength=n + 1)[1:]
        by_unit += np.bincount(strip.unit, weights=flat[strip.cell].astype(np.float64) * strip.share, minlength=n)
        area = strip.areas()
        cells += area
        known_cells += area if known.all() else strip.areas(known)
        covered = np.minimum(strip.covered_at(where), 1.0)
        beside = np.zeros(len(where))
        if around is not None:
            part = around.rows(strip.window.row - zones.window.row, strip.window.rows)
            beside = np.minimum(part.covered_at(where), 1.0 - covered)
        total.append(float(people.sum()))
        inside.append(float(people @ covered))
        nearby.append(float(people @ beside))
        cut = np.unique(strip.parts_of(where)[1])
        at_edge.append(float((people[cut] * (1 - covered - beside)[cut]).sum()))
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
    names = names_of(units)
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
        cells, seen = math.fsum(people.cells[partly]), math.fsum(people.known_cells[partly])
        yield Issue.of(
            "info", "population.partly_unknown", file=file, column="population_on_map", count=int(partly.sum()),
            pct=100 * (1 - seen / cells),
        )  # fmt: skip
    if not asked.all():
        codes = sorted(str(code) for code in zones.codes[~asked])
        yield Issue.of(
            "info", "population.not_covered", file=file, column="population_on_map", value=list_briefly(codes),
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


def names_of(units: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the name of each unit by its code; empty where the layer has none."""
    names = units["commune_name"].fillna("") if "commune_name" in units else pd.Series("", index=units.index)
    return {str(code): str(name) for code, name in names.items()}
