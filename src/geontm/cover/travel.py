"""Travel time: from every cell to the nearest place of a kind or to the commune's own centre, and people by time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from geontm.cover.friction import Friction
from geontm.cover.measured import Measured
from geontm.cover.paths import Paths, link_cells
from geontm.cover.zones import Zones
from geontm.tables import Grid, Issue, Raster, Window

__all__ = ["TRAVEL_LIMITS_MIN", "TravelTime", "measure_travel", "near_units", "travel_minutes", "travel_minutes_to_own"]

TRAVEL_LIMITS_MIN = (15, 30, 60, 120)
# Minutes are sums of many steps: a way of just 15 minutes still counts as within 15.
SLACK = 1e-9
STRIP_CELLS = 4_000_000
# Up to this share of the people (%) may be out of reach, in cells whose centre is water or on islets, before the mean
# over the others says nothing about the commune.
NEGLIGIBLE_PCT = 1.0
# How far outside the commune one looks for ways to its centre.
WALKED_M, DRIVEN_M = 5_000.0, 30_000.0


@dataclass(frozen=True)
class TravelTime:
    """Minutes by cell.

    Attributes
    ----------
    window : Window
    minutes : ndarray of float64, shape (rows, cols)
        ``inf`` where no way leads there.
    cut : ndarray of float64 or None
        Where the destination depends on the unit: the minutes of each part of a cut cell, in the order of the zones'
        ``cell``, and ``minutes`` holds those of whole cells only.
    lacking : frozenset of str
        Units that have no destination of their own: nothing is known of their time.
    issues : tuple of Issue
    """

    window: Window
    minutes: NDArray[np.float64]
    cut: NDArray[np.float64] | None = None
    lacking: frozenset[str] = frozenset()
    issues: tuple[Issue, ...] = ()


def travel_minutes(paths: Paths, destinations: gpd.GeoDataFrame, *, kind: str = "") -> TravelTime:
    """Measure the time from every cell to the nearest of some places.

    Parameters
    ----------
    paths : Paths
        From :func:`link_cells`; one serves every kind of place.
    destinations : GeoDataFrame
        Places in any CRS; of an area, a point inside it. One reaches a place in the cell that holds it, or where that
        cell is closed (water) in the nearest open cell beside it.
    kind : str
        Named in the issues.

    Returns
    -------
    TravelTime
        On the window of ``paths``. The issues count the places that stand where nobody can go. Places outside the
        window are none of its business: a layer may hold those of other provinces.
    """
    cell = _cells_of(destinations, paths.grid, paths.window, paths.node >= 0)
    issues = _places_lost(cell, kind)
    if not (cell >= 0).any():
        return TravelTime(paths.window, np.full(paths.node.shape, np.inf), issues=issues)
    return TravelTime(paths.window, paths.minutes_to(cell[cell >= 0]), issues=issues)


def travel_minutes_to_own(
    friction: Friction,
    zones: Zones,
    centres: gpd.GeoDataFrame,
    *,
    halo_m: float = WALKED_M,
    road_halo_m: float = DRIVEN_M,
) -> TravelTime:
    """Measure the time from every cell of a commune to that commune's own centre.

    Parameters
    ----------
    friction : Friction
        Of a window that holds the zones.
    zones : Zones
    centres : GeoDataFrame
        Places in any CRS with a column ``commune_code``; of several in one commune, the nearest.
    halo_m, road_halo_m : float
        How far outside the commune a way may lead on foot, and along roads (m). A way that would pay only by a longer
        detour is not found, so minutes are never too short.

    Returns
    -------
    TravelTime
        On the window of ``zones``. ``lacking`` names the communes without a centre.
    """
    cell = _cells_of(centres, friction.grid, friction.window, np.isfinite(friction.minutes_per_m))
    owner = centres["commune_code"].astype(object).to_numpy()
    minutes = np.full(zones.whole.shape, np.inf)
    cut = np.full(len(zones.cell), np.inf)
    down, along = zones.window.row - friction.window.row, zones.window.col - friction.window.col
    lacking = []
    for code, rows, columns, parts in _units(zones):
        own = cell[(owner == code) & (cell >= 0)]
        if not len(own):
            lacking.append(code)
            continue
        own_row, own_col = np.divmod(own, friction.window.cols)
        rows, columns = np.append(rows, own_row - down), np.append(columns, own_col - along)
        around = _around(friction, rows + zones.window.row, columns + zones.window.col, halo_m, road_halo_m)
        row, col = zones.window.row - around.window.row, zones.window.col - around.window.col
        sources = (own_row + friction.window.row - around.window.row) * around.window.cols
        sources += own_col + friction.window.col - around.window.col
        found = link_cells(around).minutes_to(sources)
        here, there = rows[: len(rows) - len(own)], columns[: len(columns) - len(own)]
        taken = found[here + row, there + col]
        is_part = np.arange(len(here)) >= len(here) - len(parts)
        cut[parts] = taken[is_part]
        minutes[here[~is_part], there[~is_part]] = taken[~is_part]
    issues = list(_places_lost(cell, "commune_centre"))
    issues += [Issue.of("warning", "travel.no_own_centre", value=code, code=code) for code in sorted(lacking)]
    return TravelTime(zones.window, minutes, cut, frozenset(lacking), tuple(issues))


def measure_travel(
    units: gpd.GeoDataFrame,
    time: TravelTime,
    population: Raster,
    *,
    zones: Zones,
    kind: str,
    covered: Collection[str] | None = None,
) -> Measured:
    """Add up people by travel time.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``
    time : TravelTime
        On a window that holds the zones.
    population : Raster
        People in each cell, on the grid of ``zones``; unknown cells hold nobody.
    zones : Zones
        A cut cell gives each unit its share of the people.
    kind : str
        The kind of place, which names the columns; those of ``commune_centre`` begin with ``centre``.
    covered : collection of str, optional
        Communes whose places the layer declares to hold; all where left out.

    Returns
    -------
    Measured
        ``<kind>_travel_min``: mean minutes over the people who can reach a place, known where those who cannot are at
        most 1 % of all; ``<kind>_within_15min_pct`` and so on for 30, 60 and 120: share of all people (%, closed);
        ``<kind>_unreachable_people``. Unknown where nobody lives, outside ``covered``, and without an own centre.
    """
    if population.grid != zones.grid:
        raise ValueError("population and zones must be on one grid")
    prefix = "centre" if kind == "commune_centre" else kind
    unit, people, minutes = _people_by_part(time, zones, population)
    n, reached = len(zones.codes), np.isfinite(minutes)
    everyone = np.bincount(unit, weights=people, minlength=n)
    cannot = np.bincount(unit, weights=people * ~reached, minlength=n)
    can = np.bincount(unit, weights=people * reached, minlength=n)
    spent = np.bincount(unit, weights=people * np.where(reached, minutes, 0.0), minlength=n)
    lived_in = everyone > 0
    all_people = np.where(lived_in, everyone, 1.0)
    told = lived_in & (can > 0) & (cannot <= everyone * NEGLIGIBLE_PCT / 100)
    columns = {f"{prefix}_travel_min": np.where(told, spent / np.where(can > 0, can, 1.0), np.nan)}
    for limit in TRAVEL_LIMITS_MIN:
        near = minutes <= limit * (1 + SLACK)
        share = 100 * np.bincount(unit, weights=people * near, minlength=n) / all_people
        columns[f"{prefix}_within_{limit}min_pct"] = np.where(lived_in, share.clip(0, 100), np.nan)
    columns[f"{prefix}_unreachable_people"] = cannot
    table = pd.DataFrame(columns, index=pd.Index(zones.codes.astype(object), name=units.index.name))
    answered = set(units.index if covered is None else covered) - time.lacking
    table.loc[~table.index.isin(answered)] = np.nan
    far = {code: share for code, share in zip(zones.codes, 100 * cannot / all_people, strict=True) if share > 0}
    issues = _people_lost({code: far[code] for code in units.index if code in far and code in answered}, kind)
    return Measured(table.reindex(units.index).astype("Float64"), issues=(*time.issues, *issues))


def near_units(zones: Zones, window: Window, metres: float) -> NDArray[np.bool_]:
    """Tell which cells lie within some distance of the units: no others need to be walked.

    Parameters
    ----------
    zones : Zones
    window : Window
        Of the grid of ``zones``; it may be larger or smaller than theirs.
    metres : float
        Between centres of cells (m).

    Returns
    -------
    ndarray of bool, shape (rows, cols) of ``window``
    """
    held = np.zeros((window.rows, window.cols), dtype=np.bool_)
    row, col = zones.window.row - window.row, zones.window.col - window.col
    covered = zones.covered() > 0
    top, left = max(-row, 0), max(-col, 0)
    part = covered[top : max(window.rows - row, top), left : max(window.cols - col, left)]
    held[row + top : row + top + part.shape[0], col + left : col + left + part.shape[1]] |= part
    return _within(held, metres, zones.grid.cell_metres(window))


def _within(
    held: NDArray[np.bool_], metres: float, sides: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.bool_]:
    """Tell which cells lie within some distance (m) of those held, strip by strip: islands stand in wide seas."""
    width, height = (float(side.min()) for side in sides)
    rows, cols = held.shape
    near = np.zeros_like(held)
    margin, step = int(np.ceil(metres / height)), max(STRIP_CELLS // max(cols, 1), 1)
    for first in range(0, rows, step):
        above, last = max(first - margin, 0), min(first + step, rows)
        strip = held[above : last + margin]
        if strip.any():
            distance = ndimage.distance_transform_edt(~strip, sampling=(height, width))
            near[first:last] = distance[first - above : last - above] <= metres
    return near


def _cells_of(places: gpd.GeoDataFrame, grid: Grid, window: Window, open_cells: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Flat cell in the window of each place; -1 outside, -2 where neither its cell nor one beside it is open."""
    points = places.geometry.to_crs(grid.crs).to_numpy()
    spread = shapely.get_dimensions(points) > 0
    points = np.where(spread, shapely.point_on_surface(points), points)
    left, _, _, top = grid.bounds_of(window)
    x, y = (shapely.get_x(points) - left) / grid.cell_width, (top - shapely.get_y(points)) / grid.cell_height
    inside = (x >= 0) & (x < window.cols) & (y >= 0) & (y < window.rows)
    found = np.full(len(points), -1, dtype=np.int64)
    width, height = grid.cell_metres(window)
    for at in np.flatnonzero(inside):
        row, col = int(y[at]), int(x[at])
        near = [
            (np.hypot((c + 0.5 - x[at]) * width[row], (r + 0.5 - y[at]) * height[row]), r, c)
            for r in range(max(row - 1, 0), min(row + 2, window.rows))
            for c in range(max(col - 1, 0), min(col + 2, window.cols))
            if open_cells[r, c]
        ]
        if open_cells[row, col]:
            found[at] = row * window.cols + col
        elif near:
            _, r, c = min(near)
            found[at] = r * window.cols + c
        else:
            found[at] = -2
    return found


def _units(
    zones: Zones,
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Each unit with the rows and columns of its cells, whole ones first, and its places in the list of cut cells."""
    boxes = ndimage.find_objects(zones.whole + 1, max_label=len(zones.codes))
    order = np.argsort(zones.unit, kind="stable")
    first = np.searchsorted(zones.unit[order], np.arange(len(zones.codes) + 1))
    for unit, code in enumerate(zones.codes):
        parts = order[first[unit] : first[unit + 1]]
        rows, columns = np.divmod(zones.cell[parts], zones.window.cols)
        if (box := boxes[unit]) is not None:
            whole_rows, whole_columns = np.nonzero(zones.whole[box] == unit)
            rows = np.concatenate([whole_rows + box[0].start, rows])
            columns = np.concatenate([whole_columns + box[1].start, columns])
        if len(rows):
            yield str(code), rows, columns, parts


def _around(
    friction: Friction, rows: NDArray[np.int64], columns: NDArray[np.int64], halo_m: float, road_halo_m: float
) -> Friction:
    """Cut out the ground around some cells, given by row and column of the grid, and the roads further around."""
    box = int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1
    window = _widened(box, friction, halo_m)
    held = np.zeros((window.rows, window.cols), dtype=np.bool_)
    held[rows - window.row, columns - window.col] = True
    keep = _within(held, halo_m, friction.grid.cell_metres(friction.window))
    return friction.crop(window, keep=keep, roads_within=_widened(box, friction, max(halo_m, road_halo_m)))


def _widened(box: tuple[int, int, int, int], friction: Friction, metres: float) -> Window:
    """Widen a box of cells (first and past the last row and column) on all sides, as far as the ground goes."""
    width, height = (float(side.min()) for side in friction.grid.cell_metres(friction.window))
    down, along, whole = int(np.ceil(metres / height)), int(np.ceil(metres / width)), friction.window
    top, left = max(box[0] - down, whole.row), max(box[1] - along, whole.col)
    bottom, right = min(box[2] + down, whole.row + whole.rows), min(box[3] + along, whole.col + whole.cols)
    return Window(top, left, bottom - top, right - left)


def _people_by_part(
    time: TravelTime, zones: Zones, population: Raster
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """List where people live, whole cells and parts of cut ones: unit, people, and their minutes."""
    row, col = zones.window.row - time.window.row, zones.window.col - time.window.col
    rows, cols = zones.whole.shape
    if min(row, col) < 0 or row + rows > time.window.rows or col + cols > time.window.cols:
        raise ValueError("the window of the travel time must hold that of the zones")
    found = []
    at_cut = np.zeros(len(zones.cell))
    step = max(STRIP_CELLS // max(cols, 1), 1)
    for first in range(0, rows, step):
        strip = Window(zones.window.row + first, zones.window.col, min(step, rows - first), cols)
        held, known = population.read(strip)
        people = np.where(known, held, 0).astype(np.float64)
        whole = zones.whole[first : first + strip.rows]
        lived_in = (whole >= 0) & (people != 0)
        minutes = time.minutes[row + first : row + first + strip.rows, col : col + cols]
        found.append((whole[lived_in], people[lived_in], minutes[lived_in]))
        here = np.flatnonzero((zones.cell >= first * cols) & (zones.cell < (first + strip.rows) * cols))
        at_cut[here] = people.ravel()[zones.cell[here] - first * cols]
    cut = time.cut
    if cut is None:
        cut_row, cut_col = np.divmod(zones.cell, cols)
        cut = time.minutes[cut_row + row, cut_col + col]
    found.append((zones.unit, at_cut * zones.share, cut))
    unit, people, minutes = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return unit.astype(np.int64), people, minutes


def _places_lost(cell: NDArray[np.int64], kind: str) -> tuple[Issue, ...]:
    lost = int(np.count_nonzero(cell == -2))
    return (
        (Issue.of("warning", "travel.place_lost", value=kind, count=lost, of=int(np.count_nonzero(cell != -1))),)
        if lost
        else ()
    )


def _people_lost(share_pct: dict[str, float], kind: str) -> list[Issue]:
    """One warning for each commune whose mean is unknown for it, and one line for those where it hardly counts."""
    many = {code: share for code, share in share_pct.items() if share > NEGLIGIBLE_PCT}
    issues = [
        Issue.of("warning", "travel.people_unreachable", value=code, code=code, pct=share, kind=kind)
        for code, share in sorted(many.items())
    ]
    if few := len(share_pct) - len(many):
        issues.append(Issue.of("info", "travel.few_unreachable", value=kind, count=few, pct=NEGLIGIBLE_PCT, kind=kind))
    return issues
