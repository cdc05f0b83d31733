"""The villages that no waterworks reaches, and how far each is from the nearest one that runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.cover.stored_layers import plane_of

__all__ = ["order_works", "pairs_in_reach", "villages_outside"]

# Distances are closed: what is this near to the end of a radius is within it (m).
CLOSED = 1e-6


def order_works(works: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the works that have a place, by code and shape, so that the order of rows never matters."""
    placed = works[~(works.geometry.isna() | works.geometry.is_empty)]
    shapes = shapely.to_wkb(placed.geometry.to_numpy(), output_dimension=2)
    keys = pd.DataFrame({"site_id": placed["site_id"].astype(str).to_numpy(), "shape": shapes})
    return placed.iloc[keys.sort_values(["site_id", "shape"], kind="stable").index].reset_index(drop=True)


def pairs_in_reach(
    points: NDArray[Any], shapes: NDArray[Any], radius: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pair points with the shapes that they lie within ``radius`` (m) of: positions of points, positions of shapes."""
    shape, point = shapely.STRtree(points).query(shapes, predicate="dwithin", distance=radius + CLOSED)
    return point, shape


def villages_outside(
    villages: gpd.GeoDataFrame,
    works: gpd.GeoDataFrame,
    *,
    metric_crs: pyproj.CRS,
    covered: Collection[str] | None = None,
) -> pd.DataFrame:
    """List the villages that lie in no service area, and how far each is from the nearest works that runs.

    Parameters
    ----------
    villages : GeoDataFrame, index ``village_code``, column ``commune_code``
        Points.
    works : GeoDataFrame
        See :func:`measure_water`.
    metric_crs : pyproj.CRS
    covered : collection of str, optional
        Communes to list; None: all.

    Returns
    -------
    DataFrame
        ``village_code``, ``commune_code``, ``is_outside`` (unknown where the village is in reach only of works whose
        state is not known), ``distance_km`` to the point or the edge of the service area of the nearest works that
        surely runs (unknown where none does), ``site_id`` of it. In order of village code.
    """
    plane_of(works.crs, metric_crs)
    listed = villages if covered is None else villages[villages["commune_code"].isin(list(covered))]
    listed = listed[~(listed.geometry.isna() | listed.geometry.is_empty)]
    listed = listed.iloc[np.argsort(listed.index.astype(str), kind="stable")]
    points = listed.geometry.to_crs(metric_crs).to_numpy()
    sites = order_works(works)
    shapes = sites.geometry.to_crs(metric_crs).to_numpy()
    is_area = shapely.get_dimensions(shapes) == 2
    radius = np.where(is_area, 0.0, sites["radius_m"].to_numpy(dtype=np.float64, na_value=np.nan))
    state = sites["working"].astype("boolean")
    runs, may_run = (state.fillna(end).to_numpy(dtype=bool) for end in (False, True))
    # A circle of unknown radius reaches its own place at least; whether it reaches a village is not known.
    sure = _in_reach(points, shapes, np.where(runs, radius, np.nan))
    maybe = _in_reach(points, shapes, np.where(may_run & ~np.isnan(radius), radius, np.nan))
    distance, who = np.full(len(points), np.nan), np.full(len(points), -1)
    if runs.any() and len(points):
        at = np.flatnonzero(runs)
        (place, found), far = shapely.STRtree(shapes[at]).query_nearest(points, return_distance=True)
        order = np.lexsort((found, place))[::-1]  # written last, hence kept: the first of several equally near
        distance[place[order]], who[place[order]] = far[order], at[found[order]]
    ids = np.array([*sites["site_id"], None], dtype=object)
    frame = pd.DataFrame(
        {
            "village_code": listed.index.astype("str"),
            "commune_code": listed["commune_code"].astype("str").to_numpy(),
            "is_outside": pd.array(np.ones(len(points), dtype=bool), dtype="boolean"),
            "distance_km": pd.array(distance / 1_000, dtype="Float64"),
            "site_id": pd.array(ids[who], dtype="str"),
        }
    )
    frame.loc[maybe, "is_outside"] = pd.NA
    frame["distance_km"] = frame["distance_km"].mask(np.isnan(distance))
    return frame[~sure].reset_index(drop=True)


def _in_reach(points: NDArray[Any], shapes: NDArray[Any], radius: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points lie within ``radius`` (m; NaN: reaches nothing) of a shape."""
    inside = np.zeros(len(points), dtype=bool)
    at = np.flatnonzero(~np.isnan(radius))
    inside[pairs_in_reach(points, shapes[at], radius[at])[0]] = True
    return inside
