"""Facilities in villages, and water works with a radius, a state and a capacity."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.bench.make.ground import DEGREE_M
from geontm.bench.make.noise import scatter
from geontm.bench.make.people import HOUSEHOLD, Villages

__all__ = ["make_facilities", "make_works"]

PERSONS_PER_WORK = 6_500.0
STATES = np.array([0.82, 0.12, 0.06])  # works, does not, not said


def make_facilities(villages: Villages, seed: int) -> gpd.GeoDataFrame:
    """Put schools, clinics, markets and commune centres into villages, the centre into the largest."""
    random = scatter(seed, 6)
    draw = random.random((3, len(villages.lon)))
    centre = villages.centre
    where = {
        "commune_centre": centre,
        "clinic": centre,
        "primary_school": np.flatnonzero((villages.persons > 900) | (draw[0] < 0.3)),
        "secondary_school": np.union1d(centre, np.flatnonzero((villages.persons > 1_500) & (draw[1] < 0.3))),
        "market": np.flatnonzero((villages.persons > 800) & (draw[2] < 0.2)),
    }
    kind = np.repeat(list(where), [len(each) for each in where.values()])
    village = np.concatenate(list(where.values()))
    shift = random.normal(0, 180 / DEGREE_M, (2, len(village)))
    return _sites(kind, villages.lon[village] + shift[0], villages.lat[village] + shift[1], {})


def make_works(villages: Villages, people: NDArray[np.int64], seed: int) -> gpd.GeoDataFrame:
    """Put rural water works near villages: about one for ``PERSONS_PER_WORK`` persons."""
    random = scatter(seed, 7)
    count = random.poisson(np.clip(people / PERSONS_PER_WORK, 0.4, 12))
    size = np.bincount(villages.commune, minlength=len(people))
    of = np.repeat(np.arange(len(people)), count)
    village = villages.first[of] + (random.random(len(of)) * size[of]).astype(np.int64)
    upland = villages.height[village] > 150
    radius = np.clip(random.lognormal(np.log(np.where(upland, 900.0, 2_100.0)), 0.5), 250, 9_000).round()
    persons = np.rint(radius**1.05 * random.uniform(0.4, 1.6, len(of)))
    state = np.searchsorted(np.cumsum(STATES), random.random(len(of)), side="right").clip(0, 2)
    shift = random.normal(0, 500 / DEGREE_M, (2, len(of)))
    capacity = pd.Series(persons, dtype="Float64").mask(random.random(len(of)) < 0.1)
    more = {
        "working": pd.Series(state == 0, dtype="boolean").mask(state == 2),
        "radius_m": pd.Series(radius, dtype="Float64").mask(random.random(len(of)) < 0.02),
        "capacity_persons": capacity,
        "capacity_households": capacity / HOUSEHOLD,
    }
    return _sites(np.repeat("water", len(of)), villages.lon[village] + shift[0], villages.lat[village] + shift[1], more)


def _sites(
    kind: NDArray[np.str_], lon: NDArray[np.float64], lat: NDArray[np.float64], more: dict[str, pd.Series]
) -> gpd.GeoDataFrame:
    """Return sites as the rooms take them."""
    n = len(kind)
    unknown = pd.array([pd.NA] * n, dtype="Float64")
    table = {
        "site_id": pd.array([f"s{at:06d}" for at in range(n)], dtype="str"),
        "kind": pd.array(kind, dtype="str"),
        "name": pd.array([f"{each} {at}" for at, each in enumerate(kind)], dtype="str"),
        "working": pd.array([True] * n, dtype="boolean"),
        "radius_m": unknown,
        "capacity_persons": unknown,
        "capacity_households": unknown,
        **more,
    }
    return gpd.GeoDataFrame(table, geometry=shapely.points(lon, lat), crs=4326)
