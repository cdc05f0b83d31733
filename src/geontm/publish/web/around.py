"""Land around the units on the units' own grid: it meets their simplified outlines with the same points.

Units are a coverage of some thousand small shapes; a neighbouring country is one shape that spans them all. Cleaning
both together takes long, so the units come first, and the land around is cut to them.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["fit_around"]

# By how many tolerances land grows before the units are cut out of it: simplified outlines draw back by less.
_GROWTH = 3.0
Shapes = NDArray[np.object_]


def fit_around(around: Shapes, units: Shapes, *, tolerance: float, squeeze: float) -> Shapes:
    """Simplify the land around, and cut it to the units and to itself.

    Parameters
    ----------
    around : array of polygons, m
        In cells of the grid; None where there is none. What comes first wins where two overlap.
    units : array of polygons, n
        The units as drawn, whole numbers of cells.
    tolerance : float
        Of the simplification (cells).
    squeeze : float
        Length of a cell from west to east over that from south to north.

    Returns
    -------
    array of polygons, m
        Whole numbers of cells. Outer edges lie up to four tolerances outside the given ones; towards the units, and
        towards one another, the edges are common.
    """
    result = around.copy()
    known = np.flatnonzero(~shapely.is_missing(around))
    drawn = units[~shapely.is_missing(units)]
    tree = shapely.STRtree(drawn)
    plane = shapely.transform(around[known], lambda xy: xy * [squeeze, 1.0])
    grown = shapely.buffer(shapely.simplify(plane, tolerance), _GROWTH * tolerance + 1, join_style="bevel", quad_segs=1)
    before: list[shapely.Geometry] = []
    for place, shape in zip(known, shapely.transform(grown, lambda xy: np.round(xy / [squeeze, 1.0])), strict=True):
        left = shapely.make_valid(shape)
        near = drawn[np.sort(tree.query(left, predicate="intersects"))]
        if len(near):
            left = shapely.difference(left, shapely.union_all(near))
        for other in before:
            if left.intersects(other):
                left = shapely.difference(left, other)
        result[place] = _whole(left)
        before.append(result[place])
    return result


def _whole(shape: shapely.Geometry) -> shapely.Geometry:
    """Round to whole numbers; what is then no polygon is left out."""
    rounded = shapely.transform(shape, np.round)
    parts = shapely.get_parts(shapely.get_parts(rounded if rounded.is_valid else shapely.make_valid(rounded)))
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]))
