"""People on a raster within reach of works: a compact field of parts of cells, and who is served by whom.

Only rows and columns that hold people are kept, so that an archipelago costs what its islands cost. Distances are
those on the ellipsoid where the raster is in degrees (by the radii of curvature at the middle latitude: within 0.2 m at
50 km), and those of the plane where it is in metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.cover.allocation import Pairs, fill_rooms
from geontm.cover.zones import Zones
from geontm.tables import Grid, Raster, Window

__all__ = ["Field", "Served", "WorkPlaces", "add_up_by_unit", "read_field", "serve_field"]

STRIP_CELLS = 4_000_000
PAIRS_AT_ONCE = 2_000_000
MOST_PARTS = 10
# Distances are closed: what is this near to the end of a radius is within it (m).
CLOSED = 1e-6
_ELLIPSOID = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class WorkPlaces:
    """Works on the grid of a raster.

    Attributes
    ----------
    x, y : ndarray, shape (w,)
        Where a work stands, or the middle of its service area, in the CRS of the raster.
    radius_m : ndarray, shape (w,)
        NaN for a service area, and for a work that reaches nobody.
    areas : ndarray of object, shape (w,)
        Polygons in the CRS of the raster; None for circles.
    room : ndarray, shape (w,)
        How many people a work can serve; infinite without limit.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    radius_m: NDArray[np.float64]
    areas: NDArray[Any]
    room: NDArray[np.float64]


@dataclass(frozen=True)
class Field:
    """People by parts of cells.

    Attributes
    ----------
    grid : Grid
    rows, cols : ndarray of int
        Cells of the grid that the field's rows and columns of cells are.
    parts : int
        How many parts a cell has along each side, each counted by its middle.
    x, y : ndarray, shape (cols × parts,) and (rows × parts,)
        Middles of parts, in the CRS of the grid; y falls.
    people : ndarray of float64, shape (rows × parts, cols × parts)
    """

    grid: Grid
    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    parts: int
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    people: NDArray[np.float64]


@dataclass(frozen=True)
class Served:
    """Who is served.

    Attributes
    ----------
    people : ndarray of float64, shape of the field's people
        Served in each part of a cell.
    reached, served : ndarray of float64, shape (w,)
        People in reach of each work, and those whom it serves.
    """

    people: NDArray[np.float64]
    reached: NDArray[np.float64]
    served: NDArray[np.float64]


def read_field(raster: Raster, window: Window, *, part_m: float) -> Field:
    """Read the people of a window.

    Parameters
    ----------
    raster : Raster
        Persons per cell. What is not known, or not positive, holds nobody.
    window : Window
    part_m : float
        Cells larger than this (m) are parted evenly, into at most 10 by 10.

    Returns
    -------
    Field
    """
    grid = raster.grid
    step = max(1, STRIP_CELLS // max(window.cols, 1))
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    for first in range(0, window.rows, step):
        strip = Window(window.row + first, window.col, min(step, window.rows - first), window.cols)
        values, known = raster.read(strip)
        row, col = np.nonzero(known & (values > 0))
        found.append((row + strip.row, col + strip.col, values[row, col].astype(np.float64)))
    at_row, at_col, people = (np.concatenate(part) if part else np.zeros(0) for part in zip(*found, strict=True))
    rows, row = np.unique(at_row.astype(np.int64), return_inverse=True)
    cols, col = np.unique(at_col.astype(np.int64), return_inverse=True)
    parts = _parts(grid, window, part_m)
    dense = np.zeros((len(rows), len(cols)))
    dense[row, col] = people / parts**2
    within = (np.arange(parts) + 0.5) / parts
    x = grid.left + (cols[:, None] + within).ravel() * grid.cell_width
    y = grid.top - (rows[:, None] + within).ravel() * grid.cell_height
    return Field(grid, rows, cols, parts, x, y, dense.repeat(parts, axis=0).repeat(parts, axis=1))


def _parts(grid: Grid, window: Window, part_m: float) -> int:
    if not window.size:
        return 1
    width, height = grid.cell_metres(window)
    return int(np.clip(np.ceil(max(width.max(), height.max()) / part_m - 1e-9), 1, MOST_PARTS))


def serve_field(field: Field, works: WorkPlaces) -> Served:
    """Share the people of a field among works; see :mod:`geontm.cover.allocation`.

    Works are ranked as they stand: of two at one distance the first goes before. Works that can serve everyone in
    reach refuse nobody and claim the parts nearest to them; only those that are short of room are filled pair by pair,
    in rings of distance so that memory stays bounded.
    """
    people = field.people.ravel()
    claims = _Claims(np.full(people.size, np.inf), np.full(people.size, -1, dtype=np.int32))
    reached, pairs = np.zeros(len(works.x)), np.zeros(len(works.x))
    farthest = 0.0
    for work in range(len(works.x)):
        around = _reach(field, works, work)
        reached[work], pairs[work] = people[around.place].sum(), around.place.size
        if reached[work] <= works.room[work]:
            claims.claim(work, around)
        elif works.room[work] > 0:
            farthest = max(farthest, float(around.square.max()))
    short = np.flatnonzero((reached > works.room) & (works.room > 0))
    left, free = people.copy(), works.room[short].copy()
    rings = max(1, int(np.ceil(pairs[short].sum() / PAIRS_AT_ONCE)))
    inner = -1.0
    # Narrow rings first: most works that are short are full before long, and ask no further.
    for outer in farthest * (np.arange(1, rings + 1) / rings) ** 2:
        found = []
        for at in np.flatnonzero(free > 0).tolist():
            around = _reach(field, works, int(short[at]), within_m=np.sqrt(outer))
            ring = (around.square > inner) & (around.square <= outer) & (left[around.place] > 0)
            around = around.take(ring & claims.are_beaten_by(int(short[at]), around))
            found.append((around.place, np.full(around.place.size, at), around.square))
        inner = outer
        if not found:
            break
        # Works in order, and of each its parts in order: a stable sort leaves ties so.
        place, work_at, square = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.argsort(square, kind="stable")
        fill_rooms(left, free, Pairs(place[order], work_at[order], square[order]))
    served = np.zeros(len(works.x))
    served[short] = works.room[short] - free
    taken = claims.by >= 0
    served += np.bincount(claims.by[taken], left[taken], len(works.x))
    left[taken] = 0.0
    return Served((people - left).reshape(field.people.shape), reached, served)


@dataclass(frozen=True)
class _Reach:
    """The parts with people in reach of one works: flat position in the field, squared distance (m²)."""

    place: NDArray[np.int64]
    square: NDArray[np.float64]

    def take(self, chosen: NDArray[np.bool_]) -> _Reach:
        return _Reach(self.place[chosen], self.square[chosen])


@dataclass(frozen=True)
class _Claims:
    """Of every part the nearest works that refuses nobody (-1: none) and its squared distance (m²)."""

    square: NDArray[np.float64]
    by: NDArray[np.int32]

    def are_beaten_by(self, work: int, around: _Reach) -> NDArray[np.bool_]:
        """Tell which parts would rather be served by this works than by the one that has claimed them."""
        there = self.square[around.place]
        return np.asarray((around.square < there) | ((around.square == there) & (work < self.by[around.place])))

    def claim(self, work: int, around: _Reach) -> None:
        """Claim the parts to which this works is nearer than those before it."""
        mine = around.take(self.are_beaten_by(work, around))
        self.square[mine.place], self.by[mine.place] = mine.square, work


def _reach(field: Field, works: WorkPlaces, work: int, *, within_m: float = np.inf) -> _Reach:
    """Find the parts with people within the radius or the service area of one works.

    Parts farther than ``within_m`` may be left out.
    """
    area = works.areas[work]
    x, y, radius = works.x[work], works.y[work], works.radius_m[work]
    if area is not None:
        left, bottom, right, top = area.bounds
    else:
        # Wider than needed by a hundredth: a degree is not equally long at both ends of the circle.
        east, north = _metres_per_unit(field.grid, np.array([y]))
        far = 1.01 * min(radius, within_m)
        across, along = far / east[0], far / north[0]
        left, bottom, right, top = x - across, y - along, x + across, y + along
    cols = slice(np.searchsorted(field.x, left), np.searchsorted(field.x, right, side="right"))
    rows = slice(np.searchsorted(-field.y, -top), np.searchsorted(-field.y, -bottom, side="right"))
    at_x, at_y = field.x[cols], field.y[rows]
    east, north = _metres_per_unit(field.grid, (at_y + y) / 2)
    square = np.multiply.outer(east**2, (at_x - x) ** 2)
    square += ((north * (at_y - y)) ** 2)[:, None]
    inside = field.people[rows, cols] > 0
    if area is None:
        inside &= square <= (radius + CLOSED) ** 2
    elif square.size:
        shapely.prepare(area)
        inside &= shapely.intersects_xy(area, at_x[None, :], at_y[:, None])
    row, col = np.nonzero(inside)
    place = (row + rows.start) * field.people.shape[1] + (col + cols.start)
    return _Reach(place, square[inside])


def _metres_per_unit(grid: Grid, y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How many metres one unit of the CRS is eastwards and northwards at places of the grid."""
    if not grid.in_degrees:
        return np.ones(len(y)), np.ones(len(y))
    latitude = np.deg2rad(y)
    flat = 1 - _ELLIPSOID.es * np.sin(latitude) ** 2
    degree = np.deg2rad(1.0)
    across = degree * _ELLIPSOID.a / np.sqrt(flat) * np.cos(latitude)
    return np.asarray(across), np.asarray(degree * _ELLIPSOID.a * (1 - _ELLIPSOID.es) / flat**1.5)


def add_up_by_unit(field: Field, people: NDArray[np.float64], zones: Zones) -> NDArray[np.float64]:
    """Add up people of parts by unit, those of cells that units share by their share of the cell.

    Parameters
    ----------
    field : Field
    people : ndarray, shape of the field's people
    zones : Zones
        On the grid of the field.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    parts = field.parts
    cells = people.reshape(len(field.rows), parts, len(field.cols), parts).sum(axis=(1, 3))
    total = np.zeros(len(zones.codes))
    for strip in zones.strips():
        window = strip.window
        row, col = field.rows - window.row, field.cols - window.col
        row_in, col_in = (row >= 0) & (row < window.rows), (col >= 0) & (col < window.cols)
        if not (row_in.any() and col_in.any()):
            continue
        values = np.zeros((window.rows, window.cols))
        values[np.ix_(row[row_in], col[col_in])] = cells[np.ix_(row_in, col_in)]
        total += strip.add_up(values)
    return total
