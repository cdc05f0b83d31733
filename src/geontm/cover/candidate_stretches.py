"""Stretches of road that are not passable all year, or not known to be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geontm.cover.crossings import said

__all__ = ["Stretches", "in_plane", "join_stretches"]

NODE_M = 0.001  # vertices that are equal when rounded to this are one


@dataclass(frozen=True)
class Stretches:
    """Stretches of road, and the lines they consist of.

    Attributes
    ----------
    stored, plane : ndarray of LineString, shape (m,)
        In EPSG:4326 and in metres.
    owner : ndarray of intp, shape (m,)
        Stretch of each line.
    table : DataFrame, n rows
        ``commune_code``, ``road_class``, ``surface``, ``season_known``.
    """

    stored: NDArray[Any]
    plane: NDArray[Any]
    owner: NDArray[np.intp]
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def whole(self) -> NDArray[Any]:
        """Each stretch as one shape in metres."""
        order = np.argsort(self.owner, kind="stable")
        return np.asarray(shapely.multilinestrings(self.plane[order], indices=self.owner[order]))

    def take(self, kept: NDArray[np.intp]) -> Stretches:
        """Return some of the stretches, their lines by owner and shape."""
        number = np.full(len(self), -1)
        number[kept] = np.arange(len(kept))
        rows = np.flatnonzero(number[self.owner] >= 0)
        keys = shapely.to_wkb(shapely.normalize(self.stored[rows]), hex=True)
        rows = rows[np.lexsort((np.asarray(keys, dtype=str), number[self.owner[rows]]))] if len(rows) else rows
        table = self.table.iloc[kept].reset_index(drop=True)
        return Stretches(self.stored[rows], self.plane[rows], number[self.owner[rows]], table)

    def lines(self) -> list[NDArray[Any]]:
        """Return the stored lines of each stretch, once they stand by owner."""
        return np.split(self.stored, np.flatnonzero(np.diff(self.owner)) + 1) if len(self) else []


def join_stretches(units: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, to_plane: pyproj.Transformer) -> Stretches:
    """Join the roads that are not known to be passable all year by commune, class, surface and vertices.

    Parameters
    ----------
    units : GeoDataFrame, index ``commune_code``, EPSG:4326
        A road is of the one that its middle lies in, and left out elsewhere.
    roads : GeoDataFrame, EPSG:4326
        ``road_class``, ``surface``, ``all_season``.
    to_plane : pyproj.Transformer
        To the metric plane.
    """
    season = said(roads, "all_season")
    shapes = roads.geometry.to_numpy()
    rows = np.flatnonzero((season <= 0) & (shapely.get_dimensions(shapes) == 1))
    stored, of = shapely.get_parts(shapely.force_2d(shapes[rows]), return_index=True)
    home = _homes(units, stored)
    real = (shapely.length(stored) > 0) & (home >= 0)
    stored, row, home = stored[real], rows[of[real]], home[real]
    frame = pd.DataFrame(
        {
            "commune_code": units.index.to_numpy(dtype=object)[home],
            **{name: _text(roads, name)[row] for name in ("road_class", "surface")},
            "season_known": season[row] < 0,
        }
    )
    plane = in_plane(stored, to_plane)
    alike = frame.groupby(list(frame), sort=False).ngroup().to_numpy()
    owner = np.asarray(pd.factorize(_components(plane, alike))[0], dtype=np.intp)
    first = np.unique(owner, return_index=True)[1]
    return Stretches(stored, plane, owner, frame.iloc[first].reset_index(drop=True))


def in_plane(shapes: NDArray[Any], to_plane: pyproj.Transformer) -> NDArray[Any]:
    """Move shapes to the metric plane."""
    return np.asarray(shapely.transform(shapes, to_plane.transform, interleaved=False) if len(shapes) else shapes)


def _text(roads: gpd.GeoDataFrame, name: str) -> NDArray[Any]:
    """Take a column of words; missing ones are empty."""
    if name not in roads:
        return np.full(len(roads), "", dtype=object)
    return np.asarray(roads[name].astype("str").fillna("").to_numpy(dtype=object))


def _homes(units: gpd.GeoDataFrame, lines: NDArray[Any]) -> NDArray[np.intp]:
    """Find the commune that the middle of each line lies in; on a boundary the first by code, -1 for none."""
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    unit, line = shapely.STRtree(middle).query(units.geometry.to_numpy(), predicate="intersects")
    order = np.lexsort((units.index.astype(str).to_numpy(dtype=str)[unit], line))[::-1]
    home = np.full(len(lines), -1, dtype=np.intp)
    home[line[order]] = unit[order]
    return home


def _components(lines: NDArray[Any], group: NDArray[Any]) -> NDArray[np.intp]:
    """Label lines of one group that hang together by vertices."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    rounded = pd.DataFrame(np.round(points / NODE_M), columns=["x", "y"]).assign(group=group[line])
    node = rounded.groupby(["x", "y", "group"], sort=False).ngroup().to_numpy() + len(lines)
    size = int(node.max(initial=len(lines) - 1)) + 1
    if not size:
        return np.zeros(0, dtype=np.intp)
    links = coo_array((np.ones(len(line), dtype=bool), (line, node)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1][: len(lines)], dtype=np.intp)
