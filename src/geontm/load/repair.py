"""Makes a layer of units a clean coverage, and says of every unit what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.load.topology import Overlap, Topology, areas_m2, measure_topology
from geontm.tables import Issue

__all__ = ["GAP_WIDTH", "SNAPPING", "repair_units"]

# Degrees: vertices within 0.1 m become one; gaps nowhere wider than about 33 m are closed. Chosen on the raw 2025
# layer, whose mismatches are of the order of metres and whose true lakes and inlets are wider.
SNAPPING = 1e-6
GAP_WIDTH = 0.0003
LEAST_CHANGE_M2 = 1.0
NOTABLE_OVERLAP_M2 = 10_000.0
POLYGON, MULTIPOLYGON = 3, 6


def repair_units(
    units: gpd.GeoDataFrame, *, file: str = "", reported: pd.Index | None = None
) -> tuple[gpd.GeoDataFrame, tuple[Issue, ...], Mapping[str, float]]:
    """Repair shapes so that they are valid and neighbours share their edges exactly.

    Parameters
    ----------
    units : GeoDataFrame, n rows, EPSG:4326, index ``commune_code``
        Any shapes, null ones too; ``commune_name`` is used in messages where present.
    file : str
        Named in the issues.
    reported : Index, optional
        Codes of the units that issues speak of, where others stand around them only so that edges fit; all by default.
        The figures count those around too.

    Returns
    -------
    units : GeoDataFrame, n rows in the same order
        Valid (Multi)Polygons without overlaps, and without gaps up to ``GAP_WIDTH``; null where there was no polygon.
        A layer that is clean already comes back untouched.
    issues : tuple of Issue
        One row for each unit without a shape, made valid, or changed by more than 1 m²; one for each overlap of more
        than 1 ha, which may move a boundary that matters; one summary.
    topology : mapping of str to float
        ``invalid``, ``unmatched_edges``, ``unmatched_units``, ``overlap_pairs``, ``overlap_km2``, ``gaps``,
        ``gap_km2``, each with ``_before`` and ``_after``.
    """
    ordered = units.sort_index()
    names = _names(ordered)
    given = ordered.geometry.to_numpy()
    told = np.ones(len(ordered), dtype=bool) if reported is None else ordered.index.isin(reported)
    shapes, issues, invalid = _valid_polygons(given, names, file, told)
    held = np.flatnonzero(~shapely.is_missing(shapes))

    before = measure_topology(shapes[held], gap_width=GAP_WIDTH)
    cleaned, after = shapes.copy(), before
    if not before.is_clean:
        cleaned[held] = shapely.coverage_clean(shapes[held], snapping_distance=SNAPPING, gap_width=GAP_WIDTH)
        lost = held[shapely.is_empty(cleaned[held])]
        cleaned[lost] = None
        unseen = lost[told[lost]]
        issues += [Issue.of("error", "layers.shape_lost", file=file, value=names[at], name=names[at]) for at in unseen]
        after = measure_topology(cleaned[~shapely.is_missing(cleaned)], gap_width=GAP_WIDTH)
        issues += _changes(shapes, cleaned, names, file, told)
        overlaps = [one for one in before.overlaps if told[held[[one.first, one.second]]].any()]
        issues += _notable_overlaps(overlaps, held, cleaned, names, file)
        issues.append(_summary(before, after, file))
    if after.unmatched_units:
        issues.append(Issue.of("warning", "layers.repair_incomplete", file=file, n=after.unmatched_units))

    figures = {"invalid_before": float(invalid), "invalid_after": 0.0}
    figures |= {f"{key}_before": value for key, value in before.figures().items()}
    figures |= {f"{key}_after": value for key, value in after.figures().items()}
    repaired = ordered.set_geometry(gpd.GeoSeries(cleaned, index=ordered.index, crs=ordered.crs))
    return repaired.loc[units.index], tuple(issues), figures


def _names(units: gpd.GeoDataFrame) -> list[str]:
    if "commune_name" not in units:
        return [str(code) for code in units.index]
    pairs = zip(units["commune_name"], units.index, strict=True)
    return [str(code) if pd.isna(name) else f"{name} ({code})" for name, code in pairs]


def _valid_polygons(
    given: NDArray[Any], names: list[str], file: str, told: NDArray[np.bool_]
) -> tuple[NDArray[Any], list[Issue], int]:
    """Keep the polygon parts of every shape, make bad rings valid, and say so; no polygon leaves None."""
    shapes = np.array(given, dtype=object)
    issues = []
    bad = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_valid(shapes))
    shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    kinds = shapely.get_type_id(shapes)
    for at in np.flatnonzero((kinds != POLYGON) & (kinds != MULTIPOLYGON) | shapely.is_empty(shapes)):
        parts = shapely.get_parts(shapely.get_parts(shapes[at])) if shapes[at] is not None else np.array([])
        polygons = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
        shapes[at] = shapely.union_all(polygons) if polygons else None
        if not told[at]:
            continue
        if shapes[at] is None:
            issues.append(Issue.of("error", "layers.no_polygon", file=file, value=names[at], name=names[at]))
        elif at not in bad:
            issues.append(Issue.of("warning", "layers.parts_left_out", file=file, value=names[at], name=names[at]))
    change = areas_m2(shapes[bad]) - areas_m2(np.array(given, dtype=object)[bad])
    issues += [
        Issue.of("warning", "layers.made_valid", file=file, value=names[at], name=names[at], change=change_m2)
        for at, change_m2 in zip(bad, change, strict=True)
        if told[at]
    ]
    return shapes, issues, len(bad)


def _changes(
    before: NDArray[Any], after: NDArray[Any], names: list[str], file: str, told: NDArray[np.bool_]
) -> list[Issue]:
    change = areas_m2(after) - areas_m2(before)
    return [
        Issue.of("info", "layers.area_changed", file=file, value=names[at], name=names[at], change=change[at])
        for at in np.flatnonzero(told & (np.abs(change) > LEAST_CHANGE_M2) & ~shapely.is_missing(after))
    ]


def _notable_overlaps(
    overlaps: list[Overlap], held: NDArray[np.intp], cleaned: NDArray[Any], names: list[str], file: str
) -> list[Issue]:
    found = []
    for overlap in overlaps:
        if overlap.area_m2 < NOTABLE_OVERLAP_M2:
            break
        pair = held[[overlap.first, overlap.second]]
        point = shapely.Point(overlap.point)
        keeper = [names[at] for at in pair if cleaned[at] is not None and shapely.intersects(cleaned[at], point)]
        found.append(
            Issue.of(
                "warning",
                "layers.overlap",
                file=file,
                value=names[pair[0]],
                first=names[pair[0]],
                second=names[pair[1]],
                area=overlap.area_m2,
                keeper=" / ".join(keeper) or "–",
            )
        )
    return found


def _summary(before: Topology, after: Topology, file: str) -> Issue:
    old, new = before.figures(), after.figures()
    return Issue.of(
        "info",
        "layers.repaired",
        file=file,
        units=before.unmatched_units,
        pairs=len(before.overlaps),
        overlap=old["overlap_km2"],
        gaps=before.gaps,
        gap=old["gap_km2"],
        gaps_left=after.gaps,
        gap_left=new["gap_km2"],
        pairs_left=len(after.overlaps),
    )
