"""A run on the units of before July 2025 beside one on those of today: the same ground, one page, two accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geontm.errors import VintageError
from geontm.tables import Issue, worst
from geontm.tables.issues import Severity

__all__ = ["compare_ground", "issues_in_full", "issues_in_short", "told_of"]

# Outlines of two surveys differ along coasts and rivers; beyond this share of units another region is more likely.
_FEW = 0.05
_TOLD = ("project", "inputs", "rulesets", "rulesets_sha256", "fingerprint")
_TOLD_OF_A_RUN = ("crs", "transformation", "topology", "seconds", "counts", "coverage")


def compare_ground(now: gpd.GeoDataFrame, then: gpd.GeoDataFrame, *, former: str) -> tuple[Issue, ...]:
    """Hold the ground of both eras against each other, before anything is worked out.

    Parameters
    ----------
    now, then : GeoDataFrame, n and m rows, EPSG:4326
        Units of both eras; a geometry may be null.
    former : str
        Name of the former project, for messages.

    Returns
    -------
    tuple of Issue
        One where units of one era lie outside all units of the other (by a point inside them): a warning where they
        are more than 5 %, else a note. A warning where an era has no outlines, so that nothing can be told.

    Raises
    ------
    VintageError
        No unit of either era lies where the other has units (``former.other_ground``).
    """
    if not (now.geometry.notna().any() and then.geometry.notna().any()):
        return (Issue.of("warning", "former.no_outlines", column="former", value=former),)
    out_then, of_then = _outside(then.geometry, now.geometry)
    out_now, of_now = _outside(now.geometry, then.geometry)
    values: dict[str, Any] = {"then": out_then, "of_then": of_then, "now": out_now, "of_now": of_now}
    if (out_then, out_now) == (of_then, of_now):
        raise VintageError("former.other_ground", where=former, former=former, **values)
    if not (out_then or out_now):
        return ()
    severity: Severity = "warning" if out_then > _FEW * of_then or out_now > _FEW * of_now else "info"
    return (Issue.of(severity, "former.ground_differs", column="former", value=former, **values),)


def _outside(units: gpd.GeoSeries, ground: gpd.GeoSeries) -> tuple[int, int]:
    """Count the units with an outline whose inner point no shape of the ground holds, and all with an outline."""
    mine, theirs = (each[each.notna() & ~each.is_empty].to_numpy() for each in (units, ground))
    found, _ = shapely.STRtree(theirs).query(shapely.point_on_surface(mine), predicate="intersects")
    return len(mine) - len(np.unique(found)), len(mine)


def issues_in_full(issues: Iterable[Issue], *, former: str) -> tuple[Issue, ...]:
    """Return the issues of a former project so that no reader takes their files for those of the present one."""
    return tuple(replace(each, file=f"{former}: {each.file}" if each.file else former) for each in issues)


def issues_in_short(issues: Iterable[Issue], *, former: str, file: str) -> Issue:
    """Sum up the issues of a former project for the present one's table; ``file`` tells where they can be read."""
    found = tuple(issues)
    counts = {level: sum(each.severity == level for each in found) for level in ("error", "warning", "info")}
    severity: Severity = "warning" if worst(found) in ("error", "warning") else "info"
    return Issue.of(severity, "former.issues", column="former", value=former, project=file, **counts)


def told_of(account: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the record of a run tells of its former project: all that made it, nothing that is common to both."""
    return {name: account[name] for name in (*_TOLD, *_TOLD_OF_A_RUN) if name in account}
