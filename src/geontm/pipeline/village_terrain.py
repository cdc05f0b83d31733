"""Terrain of villages from their outlines, for the second way in which the law finds a commune mountainous."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geontm import cover, load
from geontm.law import RuleSet, Test
from geontm.pipeline.lower_units import PreparedLower
from geontm.project import Project
from geontm.project.dictionary import read_dictionary
from geontm.tables import Issue, Raster, list_briefly

__all__ = ["VILLAGE_SHARES", "limits_of", "measure_village_terrain", "measure_villages", "with_village_terrain"]

VILLAGE_SHARES = ("above_200m_share", "slope_15_share")
_ROUNDING = 0.005  # figures of offices have two decimals


def measure_villages(
    project: Project, lower: PreparedLower, communes: gpd.GeoDataFrame, *, schematic: bool = False
) -> tuple[PreparedLower, tuple[Issue, ...]]:
    """Measure the terrain of a project's villages, province by province, where it has their outlines and heights.

    Parameters
    ----------
    project : Project
    lower : PreparedLower
    communes : GeoDataFrame, index ``commune_code``, EPSG:4326
        With ``province_code``.
    schematic : bool
        Whether the communes' shapes are drawings, which say nothing about where villages lie.

    Returns
    -------
    PreparedLower
        With the terrain beside what the table of villages says; see :func:`with_village_terrain`.
    tuple of Issue
        What was found odd on the way, not what ``lower`` has told before.
    """
    heights = project.coverage.elevation if project.coverage is not None else ()
    if lower.polygons is None:
        return lower, ()
    if not heights:
        file = project.lower.polygons.path.name if project.lower.polygons is not None else ""
        return lower, (Issue.of("info", "terrain.no_heights", file=file),)
    raster = load.open_raster(heights, kind="elevation")
    provinces = lower.polygons["commune_code"].map(communes["province_code"]).fillna("")
    tables: list[pd.DataFrame] = []
    issues: list[Issue] = []
    for _, polygons in lower.polygons.groupby(provinces.to_numpy(), sort=True):
        table, found = measure_village_terrain(polygons, raster, communes=None if schematic else communes)
        tables.append(table)
        issues += [issue for issue in found if issue not in issues]
    if not tables:
        return lower, ()
    rulesets = [rules for rules in project.rulesets if rules.unit == "village"]
    done, told = with_village_terrain(lower, pd.concat(tables), rulesets=rulesets)
    return done, (*issues, *told)


def measure_village_terrain(
    polygons: gpd.GeoDataFrame, elevation: Raster, *, communes: gpd.GeoDataFrame | None = None
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Measure the terrain of villages from their outlines.

    Parameters
    ----------
    polygons : GeoDataFrame, n rows, index ``village_key``, EPSG:4326
        With ``commune_code``: those of one province or of all.
    elevation : Raster
        Heights in metres.
    communes : GeoDataFrame, index ``commune_code``, EPSG:4326, optional
        To tell outlines that do not lie where the table says.

    Returns
    -------
    DataFrame, n rows, index of ``polygons``
        ``mean_elevation_m``, and ``above_200m_share`` and ``slope_15_share`` with ``_low`` and ``_high``; see
        :func:`geontm.cover.measure_terrain`.
    tuple of Issue
    """
    ordered = polygons.sort_index()
    zones, found = cover.make_zones(ordered, elevation.grid)
    measured = cover.measure_terrain(ordered, elevation, zones=zones)
    issues = [*measured.issues, *_of_zones(found, elevation.name)]
    if communes is not None:
        issues += _elsewhere(ordered, communes)
    return measured.table.reindex(polygons.index), tuple(issues)


def with_village_terrain(
    prepared: PreparedLower, measured: pd.DataFrame, *, rulesets: Sequence[RuleSet] = ()
) -> tuple[PreparedLower, tuple[Issue, ...]]:
    """Put the measured terrain beside what the table of villages says.

    Parameters
    ----------
    prepared : PreparedLower
    measured : DataFrame, index ``village_key``
        As :func:`measure_village_terrain` gives it, of all provinces together.
    rulesets : sequence of RuleSet
        Rules for villages: where a missing sliver of height decides none of them, the share is given.

    Returns
    -------
    PreparedLower
        What was measured takes the place of a given figure, and a difference is told. A given figure stands where the
        measure has a gap and leaves it possible.
    tuple of Issue
        Where the two differ.
    """
    if prepared.villages is None:
        return prepared, ()
    limits = limits_of(rulesets, VILLAGE_SHARES)
    settled = cover.settle_shares(measured, limits) if limits else measured
    settled = settled.reindex(prepared.villages.index)
    villages, told = prepared.villages.copy(), []
    for name in ("mean_elevation_m", *VILLAGE_SHARES):
        known = settled[name].astype("Float64")
        bounds = [settled.get(f"{name}_{end}", known).astype("Float64") for end in ("low", "high")]
        if name in villages:
            given = villages[name].astype("Float64")
            slack = _ROUNDING if name in VILLAGE_SHARES else 1.0
            least, most = (known.fillna(bound) for bound in bounds)
            differs = ((given < least - slack) | (given > most + slack)).fillna(False)
            told += _differ(name, differs, prepared.files[0])
            known = known.fillna(given.mask(differs))
        villages[name] = known
        if name in VILLAGE_SHARES:
            for end, bound in zip(("low", "high"), bounds, strict=True):
                villages[f"{name}_{end}"] = bound.mask(known.notna())
    return replace(prepared, villages=villages), tuple(told)


def limits_of(rulesets: Sequence[RuleSet], names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Return every limit that rules compare some indicators with; an indicator whose limits vary is left out.

    Parameters
    ----------
    rulesets : sequence of RuleSet
    names : sequence of str
        Indicators.
    """
    found: dict[str, set[float]] = {name: set() for name in names}
    varies = set()
    for leaf in (leaf for rules in rulesets for leaf in rules.leaves):
        if isinstance(leaf, Test) and leaf.indicator in found:
            if isinstance(leaf.threshold, int | float):
                found[leaf.indicator].add(float(leaf.threshold))
            else:
                varies.add(leaf.indicator)
    return {name: tuple(sorted(limits)) for name, limits in found.items() if name not in varies}


def _of_zones(found: Iterable[Issue], file: str) -> list[Issue]:
    """Say of villages what zones say of communes."""
    outside = [issue for issue in found if issue.message.id == "zones.outside"]
    issues = []
    if outside:
        value = _name(sorted(issue.value for issue in outside))
        issues.append(Issue.of("warning", "terrain.villages_outside", file=file, value=value, n=len(outside)))
    for issue in found:
        if issue.message.id == "zones.overlap":
            count = issue.message.values["count"]  # noqa: PD011 (no frame)
            issues.append(Issue.of("warning", "terrain.villages_overlap", value=issue.value, n=count))
    return issues


def _elsewhere(polygons: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> list[Issue]:
    at = communes.index.get_indexer(pd.Index(polygons["commune_code"]))
    shapes = np.asarray(communes.geometry.to_numpy())
    middles = shapely.point_on_surface(polygons.geometry.to_numpy())
    out = (at >= 0) & ~shapely.intersects(np.where(at >= 0, shapes[at], None), middles)
    if not out.any():
        return []
    value = _name(sorted(map(str, polygons.index[out])))
    return [Issue.of("warning", "terrain.villages_elsewhere", value=value, n=int(out.sum()))]


def _differ(name: str, differs: pd.Series[Any], file: str) -> list[Issue]:
    if not differs.any():
        return []
    value = _name(sorted(map(str, differs.index[differs.to_numpy(dtype=bool)])))
    label = read_dictionary("villages")[name].label
    place = {"file": file, "column": name, "value": value}
    return [Issue.of("warning", "terrain.village_figure_differs", **place, label=label, n=int(differs.sum()))]


def _name(keys: Sequence[str]) -> str:
    return list_briefly(keys)
