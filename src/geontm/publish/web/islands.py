"""Where a page names the two archipelagos, whatever the units of its day make of them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geontm.publish.surroundings import ARCHIPELAGOS, locator

__all__ = ["islands_of"]

_BESIDE = 0.3  # degrees around an archipelago: within it, a unit is one of its islands


def islands_of(units: gpd.GeoDataFrame, context: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """Find each archipelago on a page: as units (a đặc khu; in other eras what it was then), or in the land around.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
        In the order of the page; a geometry may be null.
    context : GeoDataFrame, EPSG:4326, or None
        The land around, with ``kind`` where some of it is an archipelago.

    Returns
    -------
    list of dict
        For each one that is drawn: ``code`` (of the đặc khu of 2025), ``at`` (lon, lat: the middle of its southern
        end), ``units`` (places of the units that are its islands and nothing else) and ``around`` (places of its
        outlines in the land around). One that is part of a larger unit has neither.
    """
    small = locator().set_index("code").geometry
    drawn = units.geometry.to_numpy()
    ground = gpd.GeoSeries([], crs=units.crs).to_numpy() if context is None else context.geometry.to_numpy()
    kinds = context["kind"] if context is not None and "kind" in context else None
    apart = np.zeros(len(ground), dtype=bool) if kinds is None else (kinds == "archipelago").to_numpy(dtype=bool)
    found = []
    for code in ARCHIPELAGOS:
        frame = shapely.box(*shapely.buffer(small[code], _BESIDE).bounds)
        mine = np.flatnonzero(shapely.within(drawn, frame))
        around = np.flatnonzero(apart & shapely.within(ground, frame))
        shapes = [*drawn[mine], *ground[around]]
        if not shapes and shapely.intersects(drawn, small[code].envelope).any():
            shapes = [small[code]]
        if shapes:
            west, south, east, _ = shapely.total_bounds(shapes)
            at = [round(float(west + east) / 2, 3), round(float(south), 3)]
            found.append({"code": code, "at": at, "units": mine.tolist(), "around": around.tolist()})
    return found
