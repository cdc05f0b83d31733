"""What the functions that measure people check and prepare alike: layers, the plane, the zones, what is covered."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
from numpy.typing import NDArray

from geontm.cover.zones import Zones, make_zones
from geontm.errors import CRSError
from geontm.tables import Issue, Raster, require_metric_crs

__all__ = [
    "STORED",
    "box_in_plane",
    "covered_units",
    "not_covered",
    "plane_of",
    "require_stored",
    "stored_of",
    "zones_of",
]

STORED = pyproj.CRS.from_epsg(4326)


def require_stored(**layers: gpd.GeoDataFrame) -> None:
    """Refuse layers that are not in EPSG:4326.

    Raises
    ------
    CRSError
        Some layer is not.
    """
    for name, layer in layers.items():
        if layer.crs is None or not STORED.equals(layer.crs, ignore_axis_order=True):
            raise CRSError("cover.not_stored_crs", where=name, layer=name, crs=str(layer.crs))


def plane_of(crs: pyproj.CRS, metric_crs: pyproj.CRS) -> pyproj.Transformer:
    """Return the way from a CRS to the plane in which distances are taken.

    Raises
    ------
    CRSError
        The plane is not metric.
    """
    require_metric_crs(metric_crs=gpd.GeoSeries([], crs=metric_crs))
    return pyproj.Transformer.from_crs(crs, metric_crs, always_xy=True)


def stored_of(crs: pyproj.CRS) -> pyproj.Transformer:
    """Return the way from the CRS of a grid to EPSG:4326."""
    return pyproj.Transformer.from_crs(crs, STORED, always_xy=True)


def box_in_plane(zones: Zones, plane: pyproj.Transformer) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top (m) of a box that holds every cell of the zones in the plane."""
    if not zones.window.size:
        return 0.0, 0.0, 1.0, 1.0
    return plane.transform_bounds(*zones.grid.bounds_of(zones.window), densify_pts=21)


def zones_of(units: gpd.GeoDataFrame, raster: Raster, zones: Zones | None) -> tuple[Zones, tuple[Issue, ...]]:
    """Return the zones of units on the grid of a raster: those given, or new ones with what was odd in making them.

    Raises
    ------
    ValueError
        The zones are of other units or of another grid.
    """
    if zones is None:
        return make_zones(units, raster.grid)
    if zones.grid != raster.grid or list(zones.codes) != list(units.index.astype(str)):
        raise ValueError("zones must be those of the units, in the same order, on the grid of the raster")
    return zones, ()


def covered_units(units: gpd.GeoDataFrame, covered: Collection[str] | None) -> NDArray[np.bool_]:
    """Tell which units have a shape and are covered by a layer (None: by all means)."""
    shaped = ~(units.geometry.isna() | units.geometry.is_empty).to_numpy()
    named = np.ones(len(units), dtype=np.bool_) if covered is None else units.index.isin(list(covered))
    return np.asarray(shaped & named, dtype=np.bool_)


def not_covered(units: gpd.GeoDataFrame, wanted: NDArray[np.bool_], message: str, **place: Any) -> Iterator[Issue]:
    """Report the units that are not measured because no layer covers them."""
    left_out = sorted(map(str, units.index[~wanted & ~(units.geometry.isna() | units.geometry.is_empty).to_numpy()]))
    if left_out:
        yield Issue.of("warning", message, value=", ".join(left_out), count=len(left_out), **place)
