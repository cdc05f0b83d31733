"""Neighbours and shared borders, beside libpysal."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geontm.bench.job import Job, Peer, Tolerance
from geontm.bench.make import Inputs
from geontm.cover import measure_neighbours

__all__ = ["JOB"]


def _load(inputs: Inputs) -> gpd.GeoDataFrame:
    return inputs.units[["geometry"]]


def _ours(units: gpd.GeoDataFrame) -> pd.DataFrame:
    return measure_neighbours(units).more["neighbours"]


def _by_pair(_: gpd.GeoDataFrame, found: pd.DataFrame) -> pd.DataFrame:
    found = found.reset_index() if found.index.nlevels > 1 else found
    return found.set_index(["commune_code", "neighbour_code"]).assign(touching=1.0)


def _queen(units: gpd.GeoDataFrame) -> pd.DataFrame:
    from libpysal.weights import Queen

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # islands have no neighbour
        weights = Queen.from_dataframe(units, use_index=True, silence_warnings=True)
    pairs = [(code, other) for code, others in weights.neighbors.items() for other in others]
    index = pd.MultiIndex.from_tuples(pairs, names=["commune_code", "neighbour_code"])
    return pd.DataFrame(index=index)


def _queen_and_cut(units: gpd.GeoDataFrame) -> pd.DataFrame:
    pairs = _queen(units)
    codes, others = (pairs.index.get_level_values(level) for level in (0, 1))
    once = codes < others
    shapes = units.geometry
    shared = shapely.intersection(shapes.loc[codes[once]].to_numpy(), shapes.loc[others[once]].to_numpy())
    ellipsoid = pyproj.Geod(ellps="WGS84")
    km = pd.Series([ellipsoid.geometry_length(each) / 1_000 for each in shared], index=pairs.index[once])
    turned = km.swaplevel()
    return pairs.assign(shared_km=pd.concat([km, turned]).reindex(pairs.index).astype(np.float64))


JOB = Job(
    name="neighbours",
    load=_load,
    ours=_ours,
    peers=(
        Peer("libpysal Queen", _queen, {"touching": Tolerance()}, target=3.0, packages=("libpysal",)),
        Peer(
            "libpysal + intersection",
            _queen_and_cut,
            {"touching": Tolerance(), "shared_km": Tolerance(absolute=1e-6, relative=1e-6)},
            packages=("libpysal",),
        ),
    ),
    peak_mb=2_500,
    table=_by_pair,
)
