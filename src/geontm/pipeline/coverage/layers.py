"""Roads and works as layers of the result: what touches the project's units, each thing once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.load import read_slice
from geontm.pipeline.coverage.inputs import CoverageInputs
from geontm.tables import Issue

__all__ = ["MOST_SEGMENTS", "shown_layers"]

# A file that QGIS opens at once: 200,000 segments are about 60 MB.
MOST_SEGMENTS = 200_000
_ORDER = "order"


def shown_layers(
    inputs: CoverageInputs, units: gpd.GeoDataFrame, *, most: int = MOST_SEGMENTS
) -> tuple[dict[str, gpd.GeoDataFrame], tuple[Issue, ...]]:
    """Gather the layers of lines and works that touch the units.

    Parameters
    ----------
    inputs : CoverageInputs
        Its slices are read one by one; a road that stands in several is taken once.
    units : GeoDataFrame, EPSG:4326
    most : int
        Segments of road beyond which the layer is left out.

    Returns
    -------
    dict of str to GeoDataFrame, EPSG:4326
        ``roads`` (the normalised columns), ``works`` (points) and ``work_areas`` (polygons), each only where there is
        something, rows sorted by identifier and shape.
    tuple of Issue
        Why the roads are left out, where they are.
    """
    shapes = units.geometry[~(units.geometry.isna() | units.geometry.is_empty)].to_numpy()
    roads, issues = _roads(inputs, shapes, most)
    works = _works(inputs, shapes)
    points = works[shapely.get_type_id(works.geometry.to_numpy()) == shapely.GeometryType.POINT]
    layers = {"roads": roads, "works": points, "work_areas": works.drop(points.index)}
    return {name: frame.reset_index(drop=True) for name, frame in layers.items() if len(frame)}, issues


def _touching(frame: gpd.GeoDataFrame, shapes: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Return the rows that touch a shape. The tree stands over the rows: few shapes with many vertices ask it."""
    return frame.iloc[np.unique(shapely.STRtree(frame.geometry.to_numpy()).query(shapes, predicate="intersects")[1])]


def _roads(
    inputs: CoverageInputs, shapes: NDArray[np.object_], most: int
) -> tuple[gpd.GeoDataFrame, tuple[Issue, ...]]:
    found = _nothing()
    for _, part in sorted(inputs.slices.get("roads", {}).items()):
        own = _identified(_touching(read_slice(part.path), shapes), "road_id")
        found = own if found.empty else pd.concat([found, own], ignore_index=True)
        found = found[~found.duplicated(["road_id", _ORDER])]
        if len(found) > most:  # the rest need not be read
            name = inputs.sources.roads.path.name if inputs.sources.roads else ""
            return _nothing(), (
                Issue.of("info", "coverage.roads_not_in_package", file=name, column="roads", most=most),
            )
    return (found if found.empty else _ordered(found, "road_id")), ()


def _works(inputs: CoverageInputs, shapes: NDArray[np.object_]) -> gpd.GeoDataFrame:
    frames = [_touching(frame, shapes) for _, frame in sorted(inputs.sites.items()) if len(frame)]
    if not any(map(len, frames)):
        return _nothing()
    whole = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=4326)
    return _ordered(_identified(whole, "site_id"), "kind", "site_id")


def _nothing() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[], crs=4326)


def _identified(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    return frame.assign(**{_ORDER: shapely.to_wkb(frame.geometry.to_numpy()), name: frame[name].astype("str")})


def _ordered(frame: gpd.GeoDataFrame, *names: str) -> gpd.GeoDataFrame:
    """Sort by identifier, then by shape, so that the order of files and rows changes no byte."""
    return frame.sort_values([*names, _ORDER], kind="stable", ignore_index=True).drop(columns=_ORDER)
