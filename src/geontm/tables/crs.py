"""Coordinate reference systems: where geontm stores (EPSG:4326) and where it measures (the province's VN-2000 zone)."""

from __future__ import annotations

from typing import Any

import pyproj

from geontm.errors import CRSError

__all__ = ["CENTRAL_MERIDIANS", "central_meridian", "province_crs", "require_metric_crs"]

# Central meridian of the 3° VN-2000 zone of each province of 2025, recalled from Circular 973/2001/TT-TCĐC, which
# lists the provinces of its time; a merged province keeps that of the part whose code it bears. A meridian that is
# half a degree off changes a length by less than 1 in 25,000.
CENTRAL_MERIDIANS: dict[str, float] = {
    "01": 105.0, "04": 105.75, "08": 106.0, "11": 103.0, "12": 103.0, "14": 104.0, "15": 104.75, "19": 106.5,
    "20": 107.25, "22": 107.75, "24": 107.0, "25": 104.75, "31": 105.75, "33": 105.5, "37": 105.0, "38": 105.0,
    "40": 104.75, "42": 105.5, "44": 106.0, "46": 107.0, "48": 107.75, "51": 108.0, "52": 108.25, "56": 108.25,
    "66": 108.5, "68": 107.75, "75": 107.75, "79": 105.75, "80": 105.5, "82": 105.0, "86": 105.5, "91": 104.5,
    "92": 105.0, "96": 104.5,
}  # fmt: skip


def central_meridian(province_code: str, longitude: float = 105.75) -> float:
    """Return the central meridian (°E) of a province's zone; for an unknown code the nearest quarter degree."""
    return CENTRAL_MERIDIANS.get(province_code, round(longitude * 4) / 4)


def province_crs(province_code: str, longitude: float = 105.75) -> pyproj.CRS:
    """Return the metric CRS in which a province is measured: WGS 84 transverse Mercator on its own VN-2000 meridian.

    The scale on the meridian is 0.9999 as in the 3° zones of VN-2000. The datum is WGS 84, because layers are stored
    in EPSG:4326 by then; lengths and areas differ from those in VN-2000 by up to 5 parts in a million (measured).
    """
    meridian = central_meridian(province_code, longitude)
    return pyproj.CRS.from_proj4(
        f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=0.9999 +x_0=500000 +y_0=0 +datum=WGS84 +units=m +no_defs"
    )


def require_metric_crs(**layers: Any) -> None:
    """Refuse layers that are not all in one projected CRS with metres as unit.

    Raises
    ------
    CRSError
        A layer has no CRS, is in degrees, or the layers differ.
    """
    first: Any = None
    for name, layer in layers.items():
        crs = layer.crs
        if crs is None:
            raise CRSError("tables.crs_missing", where=name, layer=name)
        crs = pyproj.CRS.from_user_input(crs)
        if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info):
            raise CRSError("tables.crs_not_metric", where=name, layer=name, crs=crs.name)
        if first is not None and crs != first:
            raise CRSError("tables.crs_differ", where=", ".join(layers), first=first.name, second=crs.name)
        first = first or crs
