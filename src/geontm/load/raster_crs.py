"""The coordinate reference system of a raster: given, able to be true, and with an exact way from WGS 84."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError as ProjError
from pyproj.transformer import TransformerGroup

from geontm.errors import CRSError
from geontm.load.layer_crs import STORED, crs_name, inside_vietnam, likely_systems
from geontm.tables import Grid

__all__ = ["bounds_in", "horizontal_crs", "operation_to", "require_place"]

# Longitude and latitude (°) around the country and its seas: what of a raster lies here is looked at more closely.
AROUND = (101.5, 5.5, 118.5, 24.0)
LOOKS = 41

Bounds = tuple[float, float, float, float]


def horizontal_crs(wkt: str, bounds: Bounds, path: Path) -> pyproj.CRS:
    """Take the horizontal system of a raster, without a vertical part.

    Raises
    ------
    CRSError
        There is none, it is local, or no operation with a datum shift leads to it from WGS 84.
    """
    likely = _likely(bounds)
    try:
        crs = pyproj.CRS.from_wkt(wkt)
    except ProjError as error:
        raise CRSError("rasters.crs_missing", where=path, file=path.name, likely=likely) from error
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if len(crs.axis_info) > 2:
        crs = crs.to_2d()
    if crs.is_bound and crs.source_crs is not None and crs.source_crs.to_epsg():
        crs = crs.source_crs
    if not (crs.is_geographic or crs.is_projected):
        raise CRSError("rasters.crs_missing", where=path, file=path.name, likely=likely)
    if crs.is_projected and any(axis.unit_conversion_factor != 1 for axis in crs.axis_info):
        raise CRSError("rasters.crs_not_metres", where=path, file=path.name, crs=crs_name(crs))
    if not crs.equals(STORED, ignore_axis_order=True) and _operation(crs) is None:
        raise CRSError("rasters.crs_ballpark", where=path, file=path.name, crs=crs_name(crs), likely=likely)
    return crs


def require_place(grid: Grid, path: Path) -> None:
    """Refuse a raster that lies nowhere near Vietnam: its system is not the one it says.

    Raises
    ------
    CRSError
        Names the systems in which the raster would lie in Vietnam.
    """
    left, bottom, right, top = grid.bounds
    place: dict[str, Any] = {
        "where": path,
        "file": path.name,
        "crs": crs_name(grid.crs),
        "likely": _likely(grid.bounds),
    }
    if grid.in_degrees and (left < -360 or right > 540 or bottom < -91 or top > 91):
        raise CRSError("rasters.not_degrees", left=left, bottom=bottom, **place)
    if grid.in_degrees:
        left, bottom = max(left, AROUND[0]), max(bottom, AROUND[1])
        right, top = min(right, AROUND[2]), min(top, AROUND[3])
    points = _looks((left, bottom, right, top))
    operation = None if grid.crs.equals(STORED, ignore_axis_order=True) else _operation(grid.crs)
    if operation is not None:
        points = np.column_stack(operation.transform(points[:, 0], points[:, 1], direction="INVERSE"))
    points = points[np.isfinite(points).all(axis=1)]
    if left >= right or bottom >= top or not inside_vietnam(*points.T).any():
        x, y = np.median(points, axis=0) if len(points) else (np.nan, np.nan)
        if grid.in_degrees:
            x, y = (grid.bounds[0] + grid.bounds[2]) / 2, (grid.bounds[1] + grid.bounds[3]) / 2
        raise CRSError("rasters.crs_outside", longitude=x, latitude=y, **place)


def _operation(crs: pyproj.CRS) -> pyproj.Transformer | None:
    """Return the operation from WGS 84 to a system, None where only a rough one is known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # PROJ mentions grids it could download; geontm never does
        group = TransformerGroup(STORED, crs, always_xy=True)
    known = [one for one in group.transformers if "ballpark" not in one.description.lower()]
    return known[0] if known else None


def _looks(bounds: Bounds, count: int = LOOKS) -> NDArray[np.float64]:
    """Points (n × 2) spread over a box."""
    left, bottom, right, top = bounds
    x, y = np.meshgrid(np.linspace(left, right, count), np.linspace(bottom, top, count))
    return np.column_stack([x.ravel(), y.ravel()])


def _likely(bounds: Bounds) -> str:
    """Name the systems in which some of a raster would lie in Vietnam, and in their own zone."""
    found = (name for point in _looks(bounds, 5)[[12, 6, 8, 16, 18]] for name in likely_systems(point[None]))
    return ", ".join(dict.fromkeys(found)) or "?"


def operation_to(crs: pyproj.CRS) -> str:
    """Name the PROJ operation that leads from WGS 84 to a system; empty where none is needed."""
    operation = None if crs.equals(STORED, ignore_axis_order=True) else _operation(crs)
    steps = operation.description.split(" + ") if operation is not None else []
    return " + ".join(step for step in steps if not step.startswith("axis order change"))


def bounds_in(grid: Grid, bounds: Bounds) -> Bounds:
    """Bring a box in EPSG:4326 to the CRS of a grid (left, bottom, right, top)."""
    operation = None if grid.crs.equals(STORED, ignore_axis_order=True) else _operation(grid.crs)
    return bounds if operation is None else operation.transform_bounds(*bounds, densify_pts=41)
