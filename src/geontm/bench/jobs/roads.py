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
# The plane's scale is ours to 1e-6 near its meridian. The overlay's pieces are brought to the ground by the scale at
# their ends and middle, which leaves up to 1.2e-6 of long bent pieces; Trường Sa, 200 km across, differs by 6e-6.
SAME = Tolerance(absolute=1e-5, relative=1e-5, reason="how lengths in the plane are brought to the ground")


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


def _overlay(parts: list[_Part]) -> list[gpd.GeoDataFrame]:
    found = []
    for part in parts:
        units = part.units.reset_index()[["commune_code", "geometry"]]
        pieces = gpd.overlay(part.roads[["road_class", "geometry"]], units, how="intersection", keep_geom_type=True)
        pieces["km"] = pieces.length / 1_000
        pieces.groupby(["commune_code", "road_class"])["km"].sum()  # the answer, in the plane
        found.append(pieces)
    return found


def _on_the_ground(pieces: gpd.GeoDataFrame) -> pd.DataFrame:
    """Bring lengths in the plane to the ground by its scale along each piece, as PROJ gives it."""
    box = pieces.bounds
    left, right = box["minx"].to_numpy(), box["maxx"].to_numpy()
    y = ((box["miny"] + box["maxy"]) / 2).to_numpy()
    plane = pyproj.Proj(pieces.crs)
    scale = [
        np.asarray(plane.get_factors(*plane(x, y, inverse=True)).meridional_scale)
        for x in (left, (left + right) / 2, right)
    ]
    km = pieces["km"] * (1 / scale[0] + 4 / scale[1] + 1 / scale[2]) / 6
    found: pd.DataFrame = pieces[["commune_code", "road_class"]].assign(km=km)
    return found


def _wide(parts: list[_Part], found: _Found | list[gpd.GeoDataFrame]) -> pd.DataFrame:
    """Put the length of each class beside the whole."""
    long: pd.DataFrame = pd.concat([each[1] if isinstance(each, tuple) else _on_the_ground(each) for each in found])
    totals = [each[0] for each in found if isinstance(each, tuple)]
    total = pd.concat(totals) if totals else long.groupby("commune_code")[["km"]].sum().set_axis(["road_km"], axis=1)
    wide = long.pivot_table(index="commune_code", columns="road_class", values="km", aggfunc="sum")
    wide = wide.reindex(columns=list(CLASSES)).astype("float64").add_suffix("_km")
    codes = [code for part in parts for code in part.units.index]
    table: pd.DataFrame = total.astype("float64").join(wide).reindex(pd.Index(codes, name="commune_code"))
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
