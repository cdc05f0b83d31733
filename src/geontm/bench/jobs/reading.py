"""Layers from files, beside fiona feature by feature."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from shapely.geometry import shape

from geontm.bench.job import Job, Peer, Tolerance
from geontm.bench.make import Inputs
from geontm.load.layer_streams import open_stream

__all__ = ["JOB"]


def _load(inputs: Inputs) -> Path:
    """Write the roads as the kind of file that offices send, once."""
    return _written(inputs, ".gpkg", "GPKG")


def _load_geojson(inputs: Inputs) -> Path:
    return _written(inputs, ".geojson", "GeoJSON")


def _written(inputs: Inputs, suffix: str, driver: str) -> Path:
    path = inputs.folder / f"roads{suffix}"
    if not path.is_file():
        half = path.with_suffix(f".part{suffix}")
        half.unlink(missing_ok=True)
        inputs.roads[["road_id", "road_class", "surface", "geometry"]].to_file(half, driver=driver, layer="roads")
        half.rename(path)
    return path


def _ours(path: Path) -> gpd.GeoDataFrame:
    """Read as a run reads roads: in batches; here all of them are kept."""
    with open_stream(path, layer=None, kinds=("line",)) as stream:
        batches = list(stream.batches(stream.headers))
        table = pd.concat([pa.table(dict(each.columns)).to_pandas() for each in batches], ignore_index=True)
        return gpd.GeoDataFrame(table, geometry=np.concatenate([each.shapes for each in batches]), crs=stream.crs)


def _fiona(path: Path) -> gpd.GeoDataFrame:
    import fiona

    with fiona.open(path) as layer:
        rows = [(*feature["properties"].values(), shape(feature["geometry"])) for feature in layer]
        columns = [*layer.schema["properties"], "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=pd.Index(columns)), geometry="geometry", crs=4326)


def _pyogrio(path: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(path)


def _seen(_: Path, roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give by class what tells whether all was read: how many, how many vertices, and how long."""
    shapes = roads.geometry.to_numpy()
    table = pd.DataFrame(
        {
            "features": 1.0,
            "vertices": shapely.get_num_coordinates(shapes).astype(float),
            "degrees": shapely.length(shapes),
        }
    )
    return table.groupby(roads["road_class"].astype("str").to_numpy()).sum().rename_axis("road_class")


SAME = {"features": Tolerance(), "vertices": Tolerance(), "degrees": Tolerance(relative=1e-9)}
JOB = Job(
    name="reading",
    load=_load,
    ours=_ours,
    peers=(Peer("fiona", _fiona, SAME, target=10.0, once=True), Peer("geopandas.read_file", _pyogrio, SAME)),
    peak_mb=1_000,
    table=_seen,
)
GEOJSON = replace(
    JOB,
    name="reading_geojson",
    load=_load_geojson,
    peers=(Peer("fiona", _fiona, SAME, target=2.5, once=True), Peer("geopandas.read_file", _pyogrio, SAME)),
)
