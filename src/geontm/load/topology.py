"""How clean a layer of polygons is: invalid rings, edges that match no neighbour, overlaps and gaps, all measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

__all__ = ["Overlap", "Topology", "areas_m2", "geodesic_areas_m2", "measure_topology"]

ELLIPSOID = pyproj.Geod(ellps="WGS84")

# Equal areas on the ellipsoid; they agree with areas between geodesic lines to one part in 100,000.
EQUAL_AREA = "+proj=cea +lat_ts=16 +datum=WGS84 +units=m"
LEAST_OVERLAP_M2 = 1.0


@dataclass(frozen=True)
class Overlap:
    """Two units (by position) that claim the same ground: how much, and a point in it (°E, °N)."""

    first: int
    second: int
    area_m2: float
    point: tuple[float, float]


@dataclass(frozen=True)
class Topology:
    """The measures of one layer.

    Attributes
    ----------
    unmatched_edges : int
        Straight segments at which a unit runs through, or not quite along, a neighbour.
    unmatched_units : int
        Units with such segments.
    overlaps : tuple of Overlap
        Pairs that share more than 1 m², largest first.
    gaps : int
        Holes in the union of all units; lakes that no unit covers are among them.
    gap_km2 : float
    narrow_gaps : int
        Gaps that no lake explains: nowhere wider than a given width.
    """

    unmatched_edges: int
    unmatched_units: int
    overlaps: tuple[Overlap, ...]
    gaps: int
    gap_km2: float
    narrow_gaps: int

    @property
    def is_clean(self) -> bool:
        """Whether neighbours share their edges exactly, with no overlap and no narrow gap."""
        return not (self.unmatched_units or self.narrow_gaps)

    def figures(self) -> Mapping[str, float]:
        """Return the measures as plain numbers."""
        return {
            "unmatched_edges": self.unmatched_edges,
            "unmatched_units": self.unmatched_units,
            "overlap_pairs": len(self.overlaps),
            "overlap_km2": sum(overlap.area_m2 for overlap in self.overlaps) / 1e6,
            "gaps": self.gaps,
            "gap_km2": self.gap_km2,
        }


def areas_m2(shapes: NDArray[Any]) -> NDArray[np.float64]:
    """Measure areas on the ellipsoid (m²) of shapes in EPSG:4326; missing and empty shapes give 0."""
    return np.asarray(np.nan_to_num(shapely.area(_equal_area(shapes))), dtype=np.float64)


def geodesic_areas_m2(shapes: NDArray[Any]) -> NDArray[np.float64]:
    """Measure areas between geodesic lines (m²) of polygons in EPSG:4326, holes taken off; missing shapes give 0."""
    polygons, owner = shapely.get_parts(shapes, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    areas = [abs(ELLIPSOID.polygon_area_perimeter(*shapely.get_coordinates(ring).T)[0]) for ring in rings]
    outer = np.concatenate([[True], polygon[1:] != polygon[:-1]]) if len(rings) else np.zeros(0, dtype=bool)
    signed = np.where(outer, areas, -np.asarray(areas))
    return np.bincount(owner[polygon], weights=signed, minlength=len(shapes)).astype(np.float64)


def measure_topology(shapes: NDArray[Any], *, gap_width: float) -> Topology:
    """Measure valid polygons in EPSG:4326; gaps nowhere wider than ``gap_width`` (degrees) count as narrow.

    The order of units changes nothing but the positions in ``overlaps``.
    """
    edges = shapely.coverage_invalid_edges(shapes)
    wrong = ~shapely.is_empty(edges)
    segments = shapely.get_num_coordinates(edges) - shapely.get_num_geometries(edges)
    union = shapely.union_all(shapes) if wrong.any() else shapely.coverage_union_all(shapes)
    holes = _holes(union)
    return Topology(
        unmatched_edges=int(segments[wrong].sum()),
        unmatched_units=int(wrong.sum()),
        overlaps=_overlaps(shapes, wrong),
        gaps=len(holes),
        gap_km2=float(areas_m2(holes).sum() / 1e6),
        # What vanishes when shrunk by half the width is nowhere wider than it.
        narrow_gaps=int(shapely.is_empty(shapely.buffer(holes, -gap_width / 2)).sum()),
    )


def _overlaps(shapes: NDArray[Any], wrong: NDArray[np.bool_]) -> tuple[Overlap, ...]:
    """Find overlapping pairs: one unit of each has unmatched edges."""
    suspects = np.flatnonzero(wrong)
    at, other = shapely.STRtree(shapes).query(shapes[suspects], predicate="intersects")
    pairs = np.unique(np.sort(np.column_stack([suspects[at], other]), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    common = shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    areas = areas_m2(common)
    points = shapely.get_coordinates(shapely.point_on_surface(common[areas > LEAST_OVERLAP_M2]))
    found = [
        Overlap(int(first), int(second), float(area), (float(x), float(y)))
        for (first, second), area, (x, y) in zip(
            pairs[areas > LEAST_OVERLAP_M2], areas[areas > LEAST_OVERLAP_M2], points, strict=True
        )
    ]
    return tuple(sorted(found, key=lambda overlap: (-overlap.area_m2, overlap.first, overlap.second)))


def _holes(union: Any) -> NDArray[Any]:
    parts = shapely.get_parts(union)
    rings, owner = shapely.get_rings(parts, return_index=True)
    inner = np.concatenate([[False], owner[1:] == owner[:-1]]) if len(owner) else np.zeros(0, dtype=bool)
    return np.asarray(shapely.polygons(rings[inner]))


def _equal_area(shapes: NDArray[Any]) -> NDArray[Any]:
    plane = pyproj.Transformer.from_crs(4326, EQUAL_AREA, always_xy=True)
    return np.asarray(shapely.transform(np.asarray(shapes), plane.transform, interleaved=False))
