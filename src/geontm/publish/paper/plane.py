"""The plane of a sheet: its projection, and the units of a run in metres."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.messages import Language
from geontm.publish.content import Content
from geontm.tables import central_meridian, province_crs

__all__ = ["FAR_ISLANDS", "Land", "Projection", "has_outlines", "land_of", "projection_of"]

Shapes = NDArray[np.object_]
NATIONAL_CRS = "+proj=lcc +lat_1=11 +lat_2=21 +lat_0=16 +lon_0=107 +datum=WGS84 +units=m +no_defs"
_ZONE_DEGREES = 3.0
_NATION_PROVINCES = 20
# Frames (degrees) of the two archipelagos; a sheet whose other land lies elsewhere shows what is in them as an inset.
# The codes of 2025 are 20333 (đặc khu Hoàng Sa) and 22736 (đặc khu Trường Sa).
FAR_ISLANDS: dict[str, tuple[float, float, float, float]] = {
    "hoang_sa": (110.6, 15.2, 113.3, 17.8),
    "truong_sa": (109.4, 6.2, 118.0, 12.4),
}


@dataclass(frozen=True)
class Projection:
    """Where a sheet is drawn: a transverse Mercator on ``meridian`` (°E), or the national cone where that is None."""

    crs: pyproj.CRS
    meridian: float | None


@dataclass(frozen=True, eq=False)
class Land:
    """The units of a run in the plane of its sheets.

    Attributes
    ----------
    projection : Projection
    codes : tuple of str, n
        Sorted, as in every :class:`~geontm.publish.theme.Theme`.
    names, kinds, provinces, province_names : lists of str, n
    shapes : array of polygons, n
        Metres, full detail; None where a unit has no outline.
    islands : dict of str to array of bool, n
        Units that a frame of its own shows: those in one of ``FAR_ISLANDS``, and single ones by their code. Empty
        where nothing else is drawn.
    context : GeoDataFrame
        Land around, in the same plane, with ``name``; may be empty.
    """

    projection: Projection
    codes: tuple[str, ...]
    names: list[str]
    kinds: list[str]
    provinces: list[str]
    province_names: list[str]
    shapes: Shapes
    islands: dict[str, NDArray[np.bool_]]
    context: gpd.GeoDataFrame

    @property
    def near(self) -> NDArray[np.bool_]:
        """Units with an outline that the main frame shows."""
        there = ~pd.isna(self.shapes)
        for found in self.islands.values():
            there &= ~found
        return np.asarray(there, dtype=np.bool_)

    @property
    def national(self) -> bool:
        """Whether the whole country is drawn: single communes are not named then."""
        return len(set(self.provinces)) >= _NATION_PROVINCES


def projection_of(units: gpd.GeoDataFrame) -> Projection:
    """Choose the projection of sheets: the zone of the province, else one zone for all, else the national cone.

    Parameters
    ----------
    units : GeoDataFrame, EPSG:4326
        With ``province_code``. Far islands do not count, unless nothing else is there.
    """
    known = units[_drawable(units)]
    if known.empty:
        return Projection(pyproj.CRS(NATIONAL_CRS), None)
    bounds = known.bounds.to_numpy()
    far = np.any([_within(bounds, frame) for frame in FAR_ISLANDS.values()], axis=0)
    if not far.all():
        known, bounds = known[~far], bounds[~far]
    west, east = float(bounds[:, 0].min()), float(bounds[:, 2].max())
    middle = (west + east) / 2
    provinces = sorted(set(known["province_code"].dropna().astype("str")))
    if len(provinces) == 1:
        return Projection(province_crs(provinces[0], middle), central_meridian(provinces[0], middle))
    if east - west <= _ZONE_DEGREES:
        return Projection(province_crs("", middle), central_meridian("", middle))
    return Projection(pyproj.CRS(NATIONAL_CRS), None)


def has_outlines(content: Content) -> bool:
    """Tell whether any unit can be drawn."""
    return bool(_drawable(content.units).any())


def _drawable(units: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    shapes = units.geometry.to_numpy()
    found: NDArray[np.bool_] = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    return found


def land_of(content: Content, *, suits: gpd.GeoDataFrame | None = None) -> Land:
    """Carry the units and the land around them into the plane, once for all sheets of a run.

    Parameters
    ----------
    content : Content
    suits : GeoDataFrame, EPSG:4326, optional
        The units that the projection is chosen for, where others are only their neighbours; all by default.
    """
    units = content.units.sort_index()
    projection = projection_of(units if suits is None else suits)
    known = _drawable(units)
    shapes = np.full(len(units), None, dtype=object)
    islands = {name: np.zeros(len(units), dtype=bool) for name in FAR_ISLANDS}
    if known.any():
        bounds = units.geometry[known].bounds.to_numpy()
        for name, frame in FAR_ISLANDS.items():
            islands[name][known] = _within(bounds, frame)
        shapes[known] = units.geometry[known].to_crs(projection.crs).to_numpy()
    far = np.any(list(islands.values()), axis=0)
    if (far == known).all():
        islands = {}
    return Land(
        projection=projection,
        codes=tuple(map(str, units.index)),
        names=_words(units, "commune_name"),
        kinds=_words(units, "kind"),
        provinces=_words(units, "province_code"),
        province_names=_words(units, "province_name"),
        shapes=shapes,
        islands={name: found for name, found in islands.items() if found.any()},
        context=_context(content.context, projection.crs, content.lang),
    )


def _words(units: gpd.GeoDataFrame, name: str) -> list[str]:
    if name not in units:
        return [""] * len(units)
    return ["" if pd.isna(value) else str(value) for value in units[name]]


def _within(bounds: NDArray[np.float64], frame: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    west, south, east, north = frame
    inside = (bounds[:, 0] >= west) & (bounds[:, 1] >= south) & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
    return np.asarray(inside, dtype=np.bool_)


def _context(context: gpd.GeoDataFrame | None, crs: pyproj.CRS, lang: Language) -> gpd.GeoDataFrame:
    if context is None or context.empty:
        return gpd.GeoDataFrame({"name": []}, geometry=[], crs=crs)
    known = context[context.geometry.notna() & ~context.geometry.is_empty].to_crs(crs)
    if lang == "en" and "name_en" in known:
        known = known.assign(name=known["name_en"])
    return known.set_geometry(shapely.make_valid(known.geometry.to_numpy()))
