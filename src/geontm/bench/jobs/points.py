"""How many points lie in each commune, beside ``geopandas.sjoin``."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geontm.bench.job import Job, Peer, Tolerance
from geontm.bench.make import Inputs
from geontm.cover import measure_services
from geontm.tables import province_crs

__all__ = ["JOB"]

KIND, COLUMN = "school", "school_count"


@dataclass(frozen=True)
class _Points:
    """Units and sites of one kind, EPSG:4326."""

    units: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame


def _load(inputs: Inputs) -> _Points:
    """Take every facility and every village as a site of one kind."""
    places = inputs.villages.geometry.reset_index(drop=True)
    more = gpd.GeoDataFrame({"site_id": [f"v{at}" for at in range(len(places))]}, geometry=places)
    sites = pd.concat([inputs.facilities[["site_id", "geometry"]], more], ignore_index=True)
    return _Points(inputs.units[["geometry"]], sites.assign(kind=KIND, working=pd.array([True] * len(sites))))


def _ours(points: _Points) -> pd.DataFrame:
    # Without people nothing but the count is asked for; the plane is then of no matter.
    found = measure_services(points.units, points.sites, kind=KIND, metric_crs=province_crs("01"))
    return found.table[[COLUMN]]


def _sjoin(points: _Points) -> pd.DataFrame:
    # By this predicate the tree is over the points; no point lies on a border, so that the count is the same.
    return _counted(points, gpd.sjoin(points.sites[["geometry"]], points.units, predicate="within"))


def _sjoin_as_it_comes(points: _Points) -> pd.DataFrame:
    return _counted(points, gpd.sjoin(points.sites[["geometry"]], points.units))


def _counted(points: _Points, found: gpd.GeoDataFrame) -> pd.DataFrame:
    count = found["commune_code"].value_counts().reindex(points.units.index, fill_value=0)
    return pd.DataFrame({COLUMN: count.astype("float64")})


JOB = Job(
    name="points",
    load=_load,
    ours=_ours,
    peers=(
        Peer("geopandas.sjoin within", _sjoin, {COLUMN: Tolerance()}, target=1 / 1.1),
        Peer("geopandas.sjoin", _sjoin_as_it_comes, {COLUMN: Tolerance()}),
    ),
    peak_mb=3_000,
)
