"""People within 2 km of an all-season road, beside buffer, union, overlay and zonal sums."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geontm.bench.job import Job, Peer, Tolerance
from geontm.bench.jobs.parts import Province, by_province, stacked
from geontm.bench.jobs.population import exact_by_unit
from geontm.bench.make import Inputs
from geontm.cover import measure_rural_access
from geontm.load import open_raster

__all__ = ["JOB"]

DISTANCE_M = 2_000.0
COLUMN = "rural_access_pct"


def _load(inputs: Inputs) -> list[Province]:
    """Take roads of unknown season as not passable: with them ours gives two bounds, and the peers know but one."""
    return [
        replace(each, roads=each.roads.assign(all_season=each.roads["all_season"].fillna(False)))
        for each in by_province(inputs, roads=True)
    ]


def _ours(provinces: list[Province]) -> pd.DataFrame:
    with open_raster(provinces[0].folder / "population.tif", kind="population") as raster:

        def one(province: Province) -> pd.DataFrame:
            found = measure_rural_access(
                province.units, province.roads, raster, metric_crs=province.crs, distance_m=DISTANCE_M
            )
            return found.table[[COLUMN]]

        return stacked(provinces, one)


def _buffers(provinces: list[Province]) -> pd.DataFrame:
    path = str(provinces[0].folder / "population.tif")

    def one(province: Province) -> pd.DataFrame:
        units = province.units[["geometry"]]
        lines = province.roads.loc[province.roads["all_season"].astype(bool), ["geometry"]]
        served = gpd.GeoDataFrame(geometry=[shapely.union_all(lines.to_crs(province.crs).buffer(DISTANCE_M))])
        served = served.set_crs(province.crs)
        places = units.to_crs(province.crs).reset_index()[["commune_code", "geometry"]]
        near = gpd.overlay(places, served, how="intersection", keep_geom_type=True).dissolve("commune_code")
        near = near.to_crs(4326)
        columns = {"persons": "sum"}
        people = exact_by_unit(path, units, columns)["persons"].reindex(units.index)
        reached = exact_by_unit(path, near, columns)["persons"].reindex(units.index).fillna(0.0)
        share = 100 * reached / people.where(people > 0)
        return pd.DataFrame({COLUMN: share.astype(np.float64)}, index=units.index)

    return stacked(provinces, one)


JOB = Job(
    name="access",
    load=_load,
    ours=_ours,
    peers=(
        Peer(
            "buffer + union + overlay",
            _buffers,
            {COLUMN: Tolerance(absolute=2.0, reason="buffers are polygons; at most 0.02 of the people of a commune")},
            target=4.0,
            packages=("exactextract",),
        ),
    ),
    peak_mb=2_000,
)
