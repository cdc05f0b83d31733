"""Candidates for investment: what could be built, whom it would newly serve, and what drives its cost.

Three kinds share one table. A *road upgrade* is a stretch of road that is not passable all year, or not known to be; a
*road link* is the straight way from villages without a connection to the roads that their commune centre hangs on; a
*new site* is a place for a waterworks or a facility. None is a plan: the length of a link is the least that a road can
have, and a site stands in a village because that is where its people are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.cover.measured import Measured
from geontm.cover.weighted import Bounds, bounded_columns

__all__ = ["CANDIDATE_COLUMNS", "NewlyServed", "Villages", "make_candidates", "name_candidate", "stack_candidates"]

# In the order of the file. What does not apply to a kind is empty.
CANDIDATE_COLUMNS: Mapping[str, str] = {
    "candidate_id": "str",
    "kind": "str",
    "service": "str",
    "commune_code": "str",
    "counted": "str",
    "order": "Int64",
    "length_km": "Float64",
    "radius_m": "Float64",
    **{
        f"{name}{end}": "Float64"
        for name in ("people_newly_served", "households_newly_served", "people_cumulative")
        for end in ("", "_low", "_high")
    },
    "village_count": "Int64",
    "villages": "str",
    "road_class": "str",
    "surface": "str",
    "season_known": "boolean",
    "touches_all_season": "boolean",
    "needs_bridge": "boolean",
    "lon": "Float64",
    "lat": "Float64",
    "geometry_wkt": "str",
}
DIGITS = 7  # of degrees: a centimetre


@dataclass(frozen=True)
class Villages:
    """Villages in order of their codes, so that the order of rows never matters.

    Attributes
    ----------
    code, commune : ndarray of str, shape (n,)
    points : ndarray of Point, shape (n,)
        In the CRS they were given in; only villages that have a place are here.
    people, households : ndarray of float64, shape (n,)
        NaN where it is not known.
    """

    code: NDArray[Any]
    commune: NDArray[Any]
    points: NDArray[Any]
    people: NDArray[np.float64]
    households: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.code)

    @classmethod
    def of(cls, villages: gpd.GeoDataFrame | None, communes: Iterable[str]) -> Villages:
        """Take the villages of some communes; none where there is no layer."""
        if villages is None:
            none, zero = np.zeros(0, dtype=object), np.zeros(0)
            return cls(none, none, none, zero, zero)
        placed = ~(villages.geometry.isna() | villages.geometry.is_empty)
        own = villages[placed & villages["commune_code"].isin(list(communes))]
        own = own.iloc[np.argsort(own.index.astype(str), kind="stable")]
        people, households = (
            own[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("population", "household_count")
        )
        codes = own.index.astype(str).to_numpy(dtype=object)
        return cls(codes, own["commune_code"].to_numpy(dtype=object), own.geometry.to_numpy(), people, households)


@dataclass(frozen=True)
class NewlyServed:
    """Which villages each candidate newly serves, for certain or perhaps.

    Attributes
    ----------
    candidate, village : ndarray of intp, shape (n,)
        Positions; each pair once.
    sure : ndarray of bool, shape (n,)
    """

    candidate: NDArray[np.intp]
    village: NDArray[np.intp]
    sure: NDArray[np.bool_]

    def take(self, kept: NDArray[np.intp]) -> NewlyServed:
        """Return what some of the candidates serve, by their position among these."""
        place = np.searchsorted(kept, self.candidate)
        there = place < len(kept)
        there[there] = kept[place[there]] == self.candidate[there]
        return NewlyServed(place[there].astype(np.intp), self.village[there], self.sure[there])

    def bounds(self, amount: NDArray[np.float64], count: int) -> Bounds:
        """Add up people or households of villages by candidate; those not known count as none, or without limit."""
        order = np.lexsort((self.village, self.candidate))
        candidate, each, sure = self.candidate[order], amount[self.village[order]], self.sure[order]
        low = np.bincount(candidate, np.where(sure, np.nan_to_num(each), 0.0), count)
        return Bounds(low.astype(np.float64), np.bincount(candidate, each, count).astype(np.float64))

    def columns(self, villages: Villages, count: int) -> dict[str, Any]:
        """Return the columns of villages and households; all villages that may be served are named."""
        order = np.lexsort((self.village, self.candidate))
        named: list[list[str]] = [[] for _ in range(count)]
        for candidate, village in zip(self.candidate[order], self.village[order], strict=True):
            named[candidate].append(str(villages.code[village]))
        households = self.bounds(villages.households, count)
        if not len(villages):
            households = Bounds(np.full(count, np.nan), np.full(count, np.nan))
        return {
            **bounded_columns("households_newly_served", households),
            "village_count": [len(codes) if len(villages) else pd.NA for codes in named],
            "villages": ["; ".join(codes) if codes else pd.NA for codes in named],
        }


def name_candidate(kind: str, commune: str, *parts: str | bytes) -> str:
    """Make the code of a candidate from what it consists of: the same again in every run, in any order of rows."""
    told = hashlib.sha256()
    for part in parts:
        told.update(part.encode() if isinstance(part, str) else part)
        told.update(b"\x00")
    return f"{kind}-{commune}-{told.hexdigest()[:12]}"


def make_candidates(columns: Mapping[str, Any], shapes: NDArray[Any], at: NDArray[Any]) -> pd.DataFrame:
    """Put candidates into the common table.

    Parameters
    ----------
    columns : mapping
        Some of ``CANDIDATE_COLUMNS``, each of n values or one for all.
    shapes : ndarray of shapely geometries, shape (n,)
        EPSG:4326.
    at : ndarray of Point, shape (n,)
        Where the candidate starts, EPSG:4326.
    """
    n = len(shapes)
    made = {
        "lon": np.round(shapely.get_x(at), DIGITS),
        "lat": np.round(shapely.get_y(at), DIGITS),
        "geometry_wkt": shapely.to_wkt(shapes, rounding_precision=DIGITS) if n else [],
        **columns,
    }
    frame = pd.DataFrame(index=pd.RangeIndex(n))
    for name, dtype in CANDIDATE_COLUMNS.items():
        value = made.get(name, pd.NA)
        values = [value] * n if isinstance(value, str) or value is pd.NA or np.isscalar(value) else value
        frame[name] = pd.Series(values, dtype=dtype).array
    return frame


def stack_candidates(*found: Measured) -> pd.DataFrame:
    """Put the candidates of several functions into one table, in order of kind, service, commune, order and code."""
    parts = [each.more["candidates"] for each in found if "candidates" in each.more]
    parts = [part for part in parts if len(part)]
    if not parts:
        none = np.zeros(0, dtype=object)
        return make_candidates({}, none, none)
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["kind", "service", "commune_code", "order", "candidate_id"], ignore_index=True)
