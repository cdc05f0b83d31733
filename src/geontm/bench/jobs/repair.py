"""A dirty layer made a clean coverage, beside mapshaper."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geontm.bench.job import Job, Peer, Tolerance
from geontm.bench.make import Inputs
from geontm.bench.make.noise import scatter
from geontm.load import repair_units

__all__ = ["JOB"]

MOVED, APART = 0.02, 2e-5  # share of the vertices of a unit that are moved on their own, and how far (°)


@dataclass(frozen=True)
class _Dirty:
    """A layer, and the file that holds it."""

    units: gpd.GeoDataFrame
    path: Path


def _load(inputs: Inputs) -> _Dirty:
    """Move some vertices of a unit without telling its neighbours: overlaps and gaps of metres, as in real layers."""
    units = inputs.units[["commune_name", "geometry"]]
    random = scatter(3, 0)

    def shaken(points: np.ndarray) -> np.ndarray:
        moved = random.random(len(points)) < MOVED
        moved[[0, -1]] = False
        return np.asarray(points + np.where(moved[:, None], random.uniform(-APART, APART, points.shape), 0.0))

    parts, of = shapely.get_parts(units.geometry.to_numpy(), return_index=True)
    rings = np.array([shapely.linearrings(shaken(shapely.get_coordinates(part.exterior))) for part in parts])
    shapes = shapely.multipolygons(shapely.polygons(rings), indices=of)
    dirty = units.set_geometry(gpd.GeoSeries(shapes, index=units.index, crs=units.crs))
    path = inputs.folder / "dirty.geojson"
    if not path.is_file():
        half = path.with_suffix(".part")
        dirty.reset_index()[["commune_code", "geometry"]].to_file(half, driver="GeoJSON", engine="pyogrio")
        half.rename(path)
    return _Dirty(dirty, path)


def _ours(dirty: _Dirty) -> gpd.GeoDataFrame:
    return repair_units(dirty.units)[0]


def _mapshaper(dirty: _Dirty) -> Path:
    clean = dirty.path.with_suffix(".clean.json")
    options = ["-clean", "gap-fill-area=10000m2", "-o", str(clean), "format=geojson", "force"]
    subprocess.run(["mapshaper", str(dirty.path), *options], check=True, capture_output=True)
    return clean


def _seen(_: _Dirty, units: gpd.GeoDataFrame | Path) -> pd.DataFrame:
    """Give the area of each unit, and the length of its edges that fit no neighbour (°)."""
    units = gpd.read_file(units).set_index("commune_code") if isinstance(units, Path) else units
    ordered = units.sort_index()
    shapes = ordered.geometry.to_numpy()
    ellipsoid = pyproj.Geod(ellps="WGS84")
    area = [abs(ellipsoid.geometry_area_perimeter(each)[0]) / 1e6 for each in shapes]
    bad = shapely.length(shapely.coverage_invalid_edges(shapes))
    return pd.DataFrame({"area_km2": area, "unmatched": bad}, index=ordered.index)


JOB = Job(
    name="repair",
    load=_load,
    ours=_ours,
    peers=(
        Peer(
            "mapshaper",
            _mapshaper,
            {
                "area_km2": Tolerance(absolute=0.02, relative=0.002, reason="each closes gaps its own way"),
                "unmatched": Tolerance(absolute=1e-9),
            },
            target=1 / 0.7,
            program="mapshaper",
        ),
    ),
    peak_mb=2_000,
    clock="wall",
    table=_seen,
)
