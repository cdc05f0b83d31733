"""Who lives where: people by commune, villages on gentle land, households about them, persons by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.bench.make.ground import DEGREE_M, Ground, cells_of
from geontm.bench.make.noise import scatter

__all__ = ["Villages", "draw_population", "persons_by_cell", "place_villages", "share_out", "villages_frame"]

SCATTER_M = 420.0  # of households about the middle of their village
HOUSEHOLD = 3.6  # persons
MOST_VILLAGES = 150  # of one commune
GENTLE = 14.0  # percent of slope at which land is liked e times less


@dataclass(frozen=True)
class Villages:
    """Villages in the order of their communes.

    Attributes
    ----------
    lon, lat : ndarray of float64, shape (n,)
    commune : ndarray of int64
        Position of the commune.
    persons : ndarray of int64
    height : ndarray of float64
        Metres above the sea.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    commune: NDArray[np.int64]
    persons: NDArray[np.int64]
    height: NDArray[np.float64]

    @property
    def first(self) -> NDArray[np.int64]:
        """Position of the first village of each commune."""
        return np.flatnonzero(np.diff(self.commune, prepend=-1))

    @property
    def centre(self) -> NDArray[np.int64]:
        """Position of the largest village of each commune."""
        order = np.lexsort((-self.persons, self.commune))
        return np.asarray(order[self.first])


def share_out(total: NDArray[np.int64], weight: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Divide whole numbers among the members of each group in the ratio of their weights; sums are exact.

    Parameters
    ----------
    total : ndarray of int, shape (groups,)
    weight, group : ndarray of int, shape (members,)
        Groups ascend and none is empty; weights are above 0.
    """
    run = np.cumsum(weight)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    before = (run - weight)[starts]
    whole = np.add.reduceat(weight, starts) if len(weight) else weight
    size = np.diff(np.append(starts, len(weight)))
    inside = run - np.repeat(before, size)
    share = np.repeat(total, size), np.repeat(whole, size)
    return np.asarray(inside * share[0] // share[1] - (inside - weight) * share[0] // share[1])


def draw_population(units: gpd.GeoDataFrame, *, people: int | None, seed: int) -> NDArray[np.int64]:
    """Give each commune persons by area, kind and chance.

    Parameters
    ----------
    people : int, optional
        Total; the drawn figures are left as they are where it is None.
    """
    random = scatter(seed, 1)
    area = units["area_km2"].to_numpy(dtype=np.float64)
    dense = (units["kind"] == "phường").to_numpy() if "kind" in units else np.zeros(len(units), dtype=bool)
    drawn = np.where(dense, 26_000.0, 9_000.0) + np.where(dense, 700.0, 120.0) * area**0.8
    drawn = np.maximum(drawn * random.lognormal(0.0, 0.45, len(units)), 200)
    if people is None:
        return np.asarray(np.rint(drawn), dtype=np.int64)
    one_group = np.zeros(len(units), dtype=np.int64)
    return share_out(np.array([people]), np.maximum(np.rint(drawn), 1).astype(np.int64), one_group)


def place_villages(
    ground: Ground, height: list[NDArray[np.int16]], people: NDArray[np.int64], *, persons: float, seed: int
) -> Villages:
    """Choose cells on gentle land for villages of about ``persons`` each; at least one for each commune.

    Parameters
    ----------
    height : list of ndarray
        Metres, of each tile of the ground.
    people : ndarray of int, shape (communes,)
    """
    random, grid = scatter(seed, 2), ground.grid
    thin = max(1, round(450 / (grid.cell_height * DEGREE_M)))
    found = [_candidates(ground, height, at, thin) for at in range(len(ground.tiles))]
    row, col, commune, liking, metres = (np.concatenate(each) for each in zip(*found, strict=True))
    # An exponential race draws without replacement in the ratio of the liking.
    order = np.lexsort((random.exponential(size=len(row)) / liking, commune))
    row, col, commune, metres = row[order], col[order], commune[order], metres[order]
    wanted = np.clip(np.rint(people / persons), 1, MOST_VILLAGES).astype(np.int64)
    begins = np.searchsorted(commune, np.arange(len(people)))
    kept = np.arange(len(commune)) - begins[commune] < wanted[commune]
    row, col, commune, metres = row[kept], col[kept], commune[kept], metres[kept]
    lost = np.setdiff1d(np.arange(len(people)), commune)
    row, col = np.append(row, ground.home[lost, 0]), np.append(col, ground.home[lost, 1])
    commune, metres = np.append(commune, lost), np.append(metres, np.zeros(len(lost)))
    order = np.argsort(commune, kind="stable")
    row, col, commune, metres = row[order], col[order], commune[order], metres[order]
    jitter = random.uniform(0.02, 0.98, (2, len(row)))
    lon = grid.left + (col + jitter[0]) * grid.cell_width
    lat = grid.top - (row + jitter[1]) * grid.cell_height
    weight = np.maximum(1_000 * random.lognormal(0.0, 0.6, len(row)), 1).astype(np.int64)
    return Villages(lon, lat, commune, share_out(people, weight, commune), metres)


def _candidates(ground: Ground, height: list[NDArray[np.int16]], at: int, thin: int) -> tuple[NDArray[Any], ...]:
    tile, owner = ground.tiles[at], ground.owner[at][::thin, ::thin]
    metres = height[at][::thin, ::thin].astype(np.float32)
    apart = thin * ground.grid.cell_height * DEGREE_M
    down, across = (np.abs(np.diff(metres, axis=axis, append=metres.take([-1], axis=axis))) for axis in (0, 1))
    slope = down + across
    row, col = np.nonzero(owner >= 0)
    liking = np.exp(-(slope[row, col] * 100 / apart) / GENTLE) + 0.01
    return tile.row + row * thin, tile.col + col * thin, owner[row, col].astype(np.int64), liking, metres[row, col]


def persons_by_cell(
    ground: Ground, villages: Villages, *, seed: int
) -> tuple[list[NDArray[np.int32]], NDArray[np.int64]]:
    """Scatter the households of every village about it, within its commune.

    Returns
    -------
    list of ndarray of int32
        Persons by cell, for each tile of the ground; the cells whose centre lies in a commune sum to its persons.
    ndarray of int64, shape (communes,)
        The sums, as found in the cells.
    """
    random, grid = scatter(seed, 3), ground.grid
    households = np.maximum(np.rint(villages.persons / HOUSEHOLD), 1).astype(np.int64)
    cells = [np.zeros((tile.rows, tile.cols), dtype=np.int32) for tile in ground.tiles]
    own = cells_of(grid, villages.lon, villages.lat)
    astray = ground.owners_at(own) != villages.commune
    own[astray] = ground.home[villages.commune[astray]]
    spread = SCATTER_M / DEGREE_M
    # Batches of villages bound the memory; the generator runs on through them in one order.
    for batch in np.array_split(np.arange(len(households)), max(1, len(households) // 20_000)):
        of = np.repeat(batch, households[batch])
        persons = share_out(villages.persons[batch], np.ones(len(of), dtype=np.int64), of - batch[0])
        x = villages.lon[of] + spread * random.standard_normal(len(of), dtype=np.float32)
        y = villages.lat[of] + spread * random.standard_normal(len(of), dtype=np.float32)
        place = cells_of(grid, x, y)
        outside = ground.owners_at(place) != villages.commune[of]
        place[outside] = own[of[outside]]
        _drop(ground, cells, place, persons)
    sums = np.zeros(int(villages.commune[-1]) + 1)
    for owner, tile_cells in zip(ground.owner, cells, strict=True):
        sums += np.bincount(owner.ravel() + 1, weights=tile_cells.ravel(), minlength=len(sums) + 1)[1:]
    return cells, np.rint(sums).astype(np.int64)


def _drop(ground: Ground, cells: list[NDArray[np.int32]], place: NDArray[np.int64], persons: NDArray[np.int64]) -> None:
    """Add persons to the cells that they live in."""
    for at, chosen in ground.by_tile(place):
        tile, values = ground.tiles[at], cells[at]
        flat = (place[chosen, 0] - tile.row) * tile.cols + place[chosen, 1] - tile.col
        cell, where = np.unique(flat, return_inverse=True)
        added = np.bincount(where, weights=persons[chosen])
        values.ravel()[cell] += np.rint(added).astype(np.int32)


def villages_frame(villages: Villages, codes: NDArray[np.str_], seed: int) -> gpd.GeoDataFrame:
    """Return villages as the rooms take them: points, index ``village_code``."""
    nth = np.arange(len(villages.commune)) - villages.first[villages.commune] + 1
    homes = np.maximum(np.rint(villages.persons / scatter(seed, 4).normal(HOUSEHOLD, 0.2, len(nth))), 1)
    return gpd.GeoDataFrame(
        {
            "commune_code": codes[villages.commune],
            "village_name": [f"Thôn {n}" for n in nth],
            "population": pd.array(villages.persons.astype(np.float64), dtype="Float64"),
            "household_count": pd.array(homes, dtype="Float64"),
        },
        geometry=shapely.points(villages.lon, villages.lat),
        crs=4326,
        index=pd.Index(
            [f"{codes[c]}-{n:03d}" for c, n in zip(villages.commune, nth, strict=True)], name="village_code"
        ),
    )
