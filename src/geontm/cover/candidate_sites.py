"""Where new waterworks or facilities would reach the most people whom none serves now.

A site may stand in any village that is not served. The next one is always that which newly serves the most people
(greedy choice); of equals that which serves the most villages, then the first by village code. The first k sites so
serve at least 1 - 1/e, 63 %, of the people that the best k places together could; the first alone is the best one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geontm.cover.candidates import NewlyServed, Villages, make_candidates, name_candidate
from geontm.cover.crossings import said
from geontm.cover.measured import Measured
from geontm.cover.stored_layers import covered_units, plane_of, require_stored
from geontm.cover.water_outside import pairs_in_reach, villages_outside
from geontm.cover.weighted import Bounds, bounded_columns
from geontm.tables import Issue

__all__ = ["find_new_sites"]


def find_new_sites(
    units: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    *,
    kind: str,
    radius_m: float,
    metric_crs: pyproj.CRS,
    covered: Collection[str] | None = None,
    most_sites: int | None = None,
) -> Measured:
    """Choose places for new waterworks or facilities, one after another, until no village is left without.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
    villages : GeoDataFrame, index ``village_code``, EPSG:4326
        Points; ``commune_code``, ``population`` and ``household_count`` (missing: not known).
    sites : GeoDataFrame, EPSG:4326
        What stands there now: ``site_id``, ``kind``, ``working`` (boolean; missing: not known), ``radius_m``.
    kind : str
        ``water``: a works serves within its own radius or area, its capacity left aside; any other kind serves within
        ``radius_m``.
    radius_m : float
        How far a new site serves (m), closed.
    metric_crs : pyproj.CRS
        Plane in which distances are taken, :func:`geontm.tables.province_crs`.
    covered : collection of str, optional
        Communes whose sites the layer holds; elsewhere nobody knows who is served. None: all.
    most_sites : int, optional
        Stop after so many; None: when every village that is not served would be.

    Returns
    -------
    Measured
        No columns by unit. ``more["candidates"]``: see :data:`geontm.cover.candidates.CANDIDATE_COLUMNS`, one row per
        site, with its place in the ``order`` of choice. ``people_newly_served`` counts nobody whom an earlier site
        serves, ``people_cumulative`` adds up. The low end has the villages that surely lie outside every service area
        now, by which the choice goes; the high end also those whose only works or facility may be out of order, and is
        without limit (empty) with a village of unknown population. Where no village tells its population the choice
        goes by households, and where none tells these either by villages.

    Raises
    ------
    CRSError
        A layer is not in EPSG:4326, or the plane is not metric.
    ValueError
        The radius is not positive.

    References
    ----------
    .. [1] Nemhauser, Wolsey and Fisher (1978), An analysis of approximations for maximizing submodular set functions.
    """
    if not radius_m > 0:
        raise ValueError(f"radius_m must be positive, got {radius_m}")
    require_stored(units=units, villages=villages, sites=sites)
    plane_of(sites.crs, metric_crs)
    wanted = units.index[covered_units(units, covered)]
    homes = Villages.of(villages, wanted)
    chosen = sites[sites["kind"] == kind]
    if kind == "water":
        sure, maybe = _outside_works(homes, villages, chosen, metric_crs)
    else:
        sure, maybe = _outside_distance(homes, chosen, radius_m, metric_crs)
    points = gpd.GeoSeries(homes.points, crs=4326).to_crs(metric_crs).to_numpy()
    weight, told = _weight(homes, sure, kind)
    places = np.flatnonzero(sure)
    picks = _choose(_links(points, places, sure, radius_m), weight, most_sites)
    picks = [_Pick(places[pick.place], pick.villages) for pick in picks]
    served = _served(picks, _links(points, places, maybe, radius_m), places)
    table = _table(homes, picks, served, kind=kind, radius_m=radius_m)
    issues = list(told) if len(table) else []
    if len(table):
        issues.append(Issue.of("info", "candidates.sites", column="candidate_id", kind=kind, km=radius_m / 1_000))
    return Measured(pd.DataFrame(index=units.index), {"candidates": table}, tuple(issues))


@dataclass(frozen=True)
class _Pick:
    """A site: the village it stands in, and the villages it newly serves (positions)."""

    place: np.intp
    villages: NDArray[np.intp]


def _outside_works(
    homes: Villages, villages: gpd.GeoDataFrame, works: gpd.GeoDataFrame, metric_crs: pyproj.CRS
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which villages lie in no service area for certain, and which perhaps."""
    listed = villages_outside(villages, works, metric_crs=metric_crs).set_index("village_code")["is_outside"]
    state = listed.reindex(homes.code)
    is_listed = np.isin(homes.code.astype(str), listed.index.to_numpy(dtype=str))
    sure = state.astype("boolean").fillna(False).to_numpy(dtype=bool)
    return sure & is_listed, is_listed & ~sure


def _outside_distance(
    homes: Villages, sites: gpd.GeoDataFrame, radius_m: float, metric_crs: pyproj.CRS
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which villages lie farther than a distance from every site for certain, and which perhaps."""
    placed = sites[~(sites.geometry.isna() | sites.geometry.is_empty)]
    points = gpd.GeoSeries(homes.points, crs=4326).to_crs(metric_crs).to_numpy()
    shapes, state = placed.geometry.to_crs(metric_crs).to_numpy(), said(placed, "working")
    near = []
    for those in (state > 0, state >= 0):
        within = np.zeros(len(points), dtype=bool)
        within[pairs_in_reach(points, shapes[those], np.full(int(those.sum()), radius_m))[0]] = True
        near.append(within)
    return ~near[1], near[1] & ~near[0]


def _weight(homes: Villages, sure: NDArray[np.bool_], kind: str) -> tuple[NDArray[np.float64], tuple[Issue, ...]]:
    """Return what the choice goes by, by village, with a word where it is not people."""
    for amount, by in ((homes.people, ""), (homes.households, "households"), (np.ones(len(homes)), "villages")):
        if not np.isnan(amount[sure]).all():
            told = (Issue.of("info", f"candidates.by_{by}", column="population", kind=kind),) if by else ()
            return np.nan_to_num(amount), told
    return np.zeros(len(homes)), ()


def _links(points: NDArray[Any], places: NDArray[np.intp], those: NDArray[np.bool_], radius_m: float) -> csr_array[Any]:
    """Return which of some villages each place would serve: 1 where it does, shape (places, villages)."""
    at = np.flatnonzero(those)
    village, place = pairs_in_reach(points[at], points[places], np.full(len(places), radius_m))
    order = np.lexsort((village, place))
    shape = (len(places), len(points))
    return csr_array((np.ones(len(order)), (place[order], at[village[order]])), shape=shape)


def _choose(links: csr_array[Any], weight: NDArray[np.float64], most: int | None) -> list[_Pick]:
    """Choose places one after another, each the one that newly serves the most; stop when none serves anyone new."""
    waiting = np.ones(links.shape[1])
    by_village = links.T.tocsr()
    gain, count = links @ (weight * waiting), links @ waiting
    picks: list[_Pick] = []
    while len(gain) and count.max() > 0 and (most is None or len(picks) < most):
        best = _best(gain, count)
        own = links.indices[links.indptr[best] : links.indptr[best + 1]]
        new = np.sort(own[waiting[own] > 0]).astype(np.intp)
        picks.append(_Pick(np.intp(best), new))
        waiting[new] = 0.0
        # Only places that serve one of these have less to gain; their sums are taken anew, never differences of them.
        touched = np.unique(by_village[new].indices)
        gain[touched], count[touched] = links[touched] @ (weight * waiting), links[touched] @ waiting
    return picks


def _best(gain: NDArray[np.float64], count: NDArray[np.float64]) -> np.intp:
    first = np.flatnonzero(gain == gain.max())
    # Rows are in order of village code, so this is the first of equals.
    return np.intp(first[np.argmax(count[first])])


def _served(picks: list[_Pick], perhaps: csr_array[Any], places: NDArray[np.intp]) -> NewlyServed:
    """List whom each site newly serves: those it was chosen for, and villages that may be without now."""
    row = {int(place): at for at, place in enumerate(places)}
    seen = np.zeros(perhaps.shape[1], dtype=bool)
    candidate, village, sure = [], [], []
    for at, pick in enumerate(picks):
        line = row[int(pick.place)]
        own = perhaps.indices[perhaps.indptr[line] : perhaps.indptr[line + 1]]
        maybe = own[~seen[own]]
        seen[maybe] = True
        village.append(np.concatenate([pick.villages, maybe]))
        candidate.append(np.full(len(village[-1]), at))
        sure.append(np.arange(len(village[-1])) < len(pick.villages))
    if not picks:
        none = np.zeros(0, dtype=np.intp)
        return NewlyServed(none, none, none.astype(bool))
    return NewlyServed(
        np.concatenate(candidate).astype(np.intp), np.concatenate(village).astype(np.intp), np.concatenate(sure)
    )


def _table(homes: Villages, picks: list[_Pick], served: NewlyServed, *, kind: str, radius_m: float) -> pd.DataFrame:
    n, place = len(picks), np.array([pick.place for pick in picks], dtype=np.intp)
    people = served.bounds(homes.people, n)
    so_far = Bounds(np.cumsum(people.low), np.cumsum(people.high))
    columns = {
        "candidate_id": [name_candidate("site", homes.commune[at], kind, homes.code[at]) for at in place],
        "kind": "new_site",
        "service": kind,
        "commune_code": homes.commune[place],
        "counted": "after_earlier",
        "order": np.arange(1, n + 1),
        "radius_m": float(radius_m),
        **bounded_columns("people_newly_served", people),
        **bounded_columns("people_cumulative", so_far),
        **served.columns(homes, n),
    }
    return make_candidates(columns, homes.points[place], shapely.points(shapely.get_coordinates(homes.points[place])))
