"""Kilometres of road by commune and class, beside ``geopandas.overlay``."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from geontm.bench.job import Job, Peer, Tolerance
from geontm.bench.jobs.parts import by_province
from geontm.bench.make import Inputs
from geontm.bench.make.roads import CLASSES
from geontm.cover import measure_roads

__all__ = ["JOB"]

_Found = list[tuple[pd.DataFrame, pd.DataFrame]]
SAME = Tolerance(absolute=1e-6, relative=1e-6)


@dataclass(frozen=True)
class _Part:
    """One province, in its metric CRS."""

    units: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame


def _load(inputs: Inputs) -> list[_Part]:
    parts = []
    for province in by_province(inputs, roads=True):
        units = province.units[["province_code", "geometry"]].to_crs(province.crs)
        roads = province.roads[["road_class", "surface", "hardened", "all_season", "geometry"]].to_crs(province.crs)
        parts.append(_Part(units, roads))
    return parts


def _ours(parts: list[_Part]) -> _Found:
    tables = []
    for part in parts:
        found = measure_roads(part.units, part.roads)
        tables.append((found.table[["road_km"]], found.more["road_lengths"]))
    return tables


def _overlay(parts: list[_Part]) -> _Found:
    tables = []
    for part in parts:
        units = part.units.reset_index()[["commune_code", "geometry"]]
        pieces = gpd.overlay(part.roads[["road_class", "geometry"]], units, how="intersection", keep_geom_type=True)
        km = pieces.length.to_numpy() / _scale(pieces) / 1_000
        found = pieces[["commune_code", "road_class"]].assign(km=km)
        total = found.groupby("commune_code")[["km"]].sum().rename(columns={"km": "road_km"})
        by_class = found.groupby(["commune_code", "road_class"], as_index=False)["km"].sum()
        tables.append((total.reindex(part.units.index), by_class))
    return tables


def _scale(pieces: gpd.GeoDataFrame) -> np.ndarray:
    """Return how much longer than on the ground a line is in the plane, in the middle of each piece."""
    box = pieces.bounds
    x, y = (box["minx"] + box["maxx"]) / 2, (box["miny"] + box["maxy"]) / 2
    plane = pyproj.Proj(pieces.crs)
    factors = plane.get_factors(*plane(x.to_numpy(), y.to_numpy(), inverse=True))
    return np.asarray(factors.meridional_scale, dtype=np.float64)


def _wide(_: list[_Part], found: _Found) -> pd.DataFrame:
    """Put the length of each class beside the whole."""
    total, by_class = (pd.concat(each) for each in zip(*found, strict=True))
    wide = by_class.pivot_table(index="commune_code", columns="road_class", values="km", aggfunc="sum")
    wide = wide.reindex(columns=list(CLASSES)).astype("float64").add_suffix("_km")
    table: pd.DataFrame = total.astype("float64").join(wide)
    return table.fillna(0.0)


JOB = Job(
    name="roads",
    load=_load,
    ours=_ours,
    peers=(
        Peer(
            "geopandas.overlay",
            _overlay,
            {"road_km": SAME, **{f"{name}_km": SAME for name in CLASSES}},
            target=8.0,
        ),
    ),
    peak_mb=3_000,
    table=_wide,
)
