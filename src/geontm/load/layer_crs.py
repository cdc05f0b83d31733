"""Brings a layer to EPSG:4326, and refuses one whose coordinates cannot be where its system says."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.transformer import TransformerGroup

from geontm.errors import CRSError

__all__ = [
    "STORED",
    "WayToStored",
    "crs_name",
    "fitting_systems",
    "inside_vietnam",
    "likely_systems",
    "middles",
    "require_vietnam",
    "to_stored",
    "way_to_stored",
]

STORED = pyproj.CRS.from_epsg(4326)

# Systems that Vietnamese offices deliver in: VN-2000 UTM and TM-3 zones, WGS 84 UTM. Geographic ones are tried first.
GEOGRAPHIC = (4326, 4756)
PROJECTED = (3405, 3406, 5896, 5897, 5898, 5899, *range(9205, 9219), 32648, 32649)

# The mainland with its coastal islands, drawn by hand with a margin of about 30 km, and the two archipelagos.
MAINLAND = (
    (101.8, 22.9), (103.0, 23.1), (104.6, 23.7), (105.4, 23.7), (106.9, 23.2), (107.1, 22.3),
    (108.4, 21.9), (108.4, 20.9), (108.1, 19.8), (106.9, 18.8), (107.6, 17.6), (109.4, 16.0),
    (109.8, 14.0), (109.9, 12.0), (109.5, 10.0), (107.2, 8.2), (104.6, 8.0), (103.0, 9.0),
    (103.4, 10.7), (104.3, 10.9), (104.8, 11.2), (105.4, 11.9), (106.2, 12.4), (107.1, 12.9),
    (107.0, 14.8), (106.9, 15.6), (106.2, 16.5), (105.2, 17.6), (104.6, 18.4), (103.5, 18.9),
    (103.5, 19.8), (102.7, 20.5), (101.8, 21.8),
)  # fmt: skip
HOANG_SA, TRUONG_SA = (110.8, 15.2, 113.4, 17.6), (110.5, 5.8, 118.2, 13.0)
LEAST_INSIDE = 0.5


def to_stored(frame: gpd.GeoDataFrame, *, file: str) -> tuple[gpd.GeoDataFrame, str, str]:
    """Move a layer to EPSG:4326 by a named operation.

    Parameters
    ----------
    frame : GeoDataFrame
        Any CRS; coordinates in x, y order as GDAL delivers them.
    file : str
        Named in errors.

    Returns
    -------
    tuple of GeoDataFrame, str, str
        The layer in EPSG:4326 (two dimensions), the name of the system it came in, and the PROJ operation that was
        used, empty where none was needed.

    Raises
    ------
    CRSError
        No CRS; axes swapped; most shapes outside Vietnam; or no operation with a datum shift is known ("ballpark").
        The message names the systems whose zone would put the layer where Vietnam is.
    """
    points = middles(frame.geometry)
    way = way_to_stored(frame.crs, points, file=file)
    moved = way.move(shapely.force_2d(frame.geometry.to_numpy()))
    require_vietnam(middles(moved), points, way.crs, file=file)
    stored = gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=moved, crs=STORED)
    return stored, crs_name(way.crs), way.operation


@dataclass(frozen=True)
class WayToStored:
    """How shapes of one system get to EPSG:4326: ``transformer`` is None where they are there already."""

    crs: pyproj.CRS
    transformer: pyproj.Transformer | None

    @property
    def operation(self) -> str:
        """The PROJ operation, empty where none is needed."""
        return _operation_name(self.transformer) if self.transformer is not None else ""

    def move(self, shapes: NDArray[Any]) -> NDArray[Any]:
        """Move two-dimensional shapes; what cannot be moved gets coordinates that are not finite."""
        if self.transformer is None:
            return shapes
        return np.asarray(shapely.transform(shapes, self.transformer.transform, interleaved=False))


def way_to_stored(crs: pyproj.CRS | None, points: NDArray[np.float64], *, file: str) -> WayToStored:
    """Find the way from a layer's system to EPSG:4326.

    Parameters
    ----------
    crs : pyproj.CRS or None
    points : array, n × 2
        Some x and y of the layer, by which likely systems are named.
    file : str
        Named in errors.

    Raises
    ------
    CRSError
        No CRS, or no operation with a datum shift is known ("ballpark").
    """
    if crs is None:
        raise CRSError("layers.crs_missing", where=file, file=file, likely=_likely_text(points))
    flat = crs if not crs.is_compound and len(crs.axis_info) < 3 else crs.to_2d()
    stored = flat.equals(STORED, ignore_axis_order=True)
    return WayToStored(flat, None if stored else _transformer(flat, file, points))


def crs_name(crs: pyproj.CRS) -> str:
    """Name a system with its EPSG code where it has one: ``EPSG:9211 VN-2000 / TM-3 106-00``."""
    code = crs.to_epsg()
    return f"EPSG:{code} {crs.name}" if code else crs.name


def inside_vietnam(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points (°E, °N) lie in Vietnam with Hoàng Sa and Trường Sa, with a margin of about 30 km."""
    return np.asarray(shapely.intersects_xy(_vietnam(), longitude, latitude))


def likely_systems(points: NDArray[np.float64]) -> list[str]:
    """Name the systems in which points (n × 2, x and y) would lie in Vietnam, and in their own zone."""
    if not len(points):
        return []
    x, y = np.median(points, axis=0)
    if abs(x) <= 180 and abs(y) <= 180:
        inside = bool(inside_vietnam(np.array([x]), np.array([y]))[0])
        return [crs_name(pyproj.CRS.from_epsg(code)) for code in GEOGRAPHIC] if inside else []
    return [crs_name(pyproj.CRS.from_epsg(code)) for code in PROJECTED if _fits(code, x, y)]


def fitting_systems(points: NDArray[np.float64], places: NDArray[np.float64], *, at_most_km: float) -> list[str]:
    """Name the projected systems in which points (n × 2, x and y) lie at their places (n × 2, °E and °N), best first.

    Systems count whose median distance is within ``at_most_km`` and within 1 km of the best: a datum shift of 200 m
    cannot be told from here.
    """
    ellipsoid = pyproj.Geod(ellps="WGS84")
    distances = {}
    for code in PROJECTED:
        crs = pyproj.CRS.from_epsg(code)
        moved = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(*points.T)
        if np.isfinite(moved).all():
            distances[code] = float(np.median(ellipsoid.inv(*moved, *places.T)[2]) / 1_000)
    near = sorted((km, code) for code, km in distances.items() if km <= at_most_km)
    return [crs_name(pyproj.CRS.from_epsg(code)) for km, code in near if km <= near[0][0] + 1]


def _fits(code: int, x: float, y: float) -> bool:
    crs = pyproj.CRS.from_epsg(code)
    longitude, latitude = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(x, y)
    area = crs.area_of_use
    in_zone = area is None or (area.west <= longitude <= area.east and area.south <= latitude <= area.north)
    return in_zone and bool(inside_vietnam(np.array([longitude]), np.array([latitude]))[0])


@lru_cache(maxsize=1)
def _vietnam() -> Any:
    land = shapely.union_all([shapely.Polygon(MAINLAND), shapely.box(*HOANG_SA), shapely.box(*TRUONG_SA)])
    shapely.prepare(land)
    return land


def middles(shapes: Any) -> NDArray[np.float64]:
    """One point per shape, the middle of its box: cheap, and near enough to tell seas from land."""
    boxes = shapely.bounds(np.asarray(shapes))
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    return np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2])


def _likely_text(points: NDArray[np.float64]) -> str:
    straight = likely_systems(points)
    turned = [] if straight else [f"{name} (x ↔ y)" for name in likely_systems(points[:, ::-1])]
    return ", ".join(straight or turned) or "?"


def _transformer(crs: pyproj.CRS, file: str, points: NDArray[np.float64]) -> pyproj.Transformer:
    with warnings.catch_warnings():
        # PROJ mentions grids it could download; geontm never does, and takes the best operation at hand.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(crs, STORED, always_xy=True)
    known = [one for one in group.transformers if "ballpark" not in one.description.lower()]
    if not known:
        raise CRSError("layers.crs_ballpark", where=file, file=file, crs=crs_name(crs), likely=_likely_text(points))
    return known[0]


def _operation_name(transformer: pyproj.Transformer) -> str:
    steps = [step for step in transformer.description.split(" + ") if not step.startswith("axis order change")]
    return " + ".join(steps)


def require_vietnam(moved: NDArray[np.float64], given: NDArray[np.float64], crs: pyproj.CRS, *, file: str) -> None:
    """Refuse a layer most of whose points (n × 2, in EPSG:4326 and as given) lie outside Vietnam.

    Raises
    ------
    CRSError
        Axes swapped, or most points outside; the message names the systems that would fit.
    """
    if not len(given) or (len(moved) and inside_vietnam(*moved.T).mean() >= LEAST_INSIDE):
        return
    place = {"where": file, "file": file, "crs": crs_name(crs), "likely": _likely_text(given)}
    if len(moved) and inside_vietnam(*moved.T[::-1]).mean() >= LEAST_INSIDE:
        raise CRSError("layers.axes_swapped", **place)
    x, y = np.median(moved, axis=0) if len(moved) else (np.nan, np.nan)
    raise CRSError("layers.crs_outside", longitude=x, latitude=y, **place)
