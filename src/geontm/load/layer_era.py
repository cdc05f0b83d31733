"""Finds the list of units that a boundary layer holds, and refuses a layer whose date or place contradicts its codes.

Most codes of the communes of 2025 were codes of communes before, with another name and another ground. So a code alone
says little: a unit fits a list if its code stands there under the same name.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.errors import CRSError, VintageError
from geontm.load.layer_crs import STORED, crs_name, fitting_systems
from geontm.load.unit_columns import base_name, base_province
from geontm.tables import Issue
from geontm.tables.eras import CLEARLY_MORE, CONTRADICTS_DATE, LEAST_FIT, NEARLY_ALL, SAME_FIT

__all__ = ["UnitRegister", "choose_register", "compare_places"]

MOSTLY = 0.5  # a layer names districts if this share of its units does
# The published points lie 1–2 km from the middle of most communes; the nearest wrong zone is 26 km off.
FAR_KM = 10.0
LEAST_COMPARED = 3
STEADY = 0.25  # units are shifted as one if they scatter around their common shift by no more than this share of it
ELLIPSOID = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class UnitRegister:
    """A shipped list of units and the days on which it was in force; None where it is open.

    Attributes
    ----------
    date_from, date_to : date or None
        Both days included.
    units : DataFrame, index ``commune_code``
    points : DataFrame, index ``commune_code``, optional
        ``lon`` and ``lat`` (°) of a point in or near each unit.
    """

    date_from: datetime.date | None
    date_to: datetime.date | None
    units: pd.DataFrame
    points: pd.DataFrame | None = None

    def holds(self, day: datetime.date) -> bool:
        """Tell whether the list was in force on a day."""
        return (self.date_from is None or self.date_from <= day) and (self.date_to is None or day <= self.date_to)

    @property
    def span(self) -> str:
        """The days as a text that needs no translation."""
        return f"{self.date_from or '…'} → {self.date_to or '…'}"


@dataclass(frozen=True)
class _Fit:
    """How well a layer fits a list: share of its units known there, and share of the list's units that it has."""

    register: UnitRegister
    share: float
    cover: float

    @property
    def has_districts(self) -> bool:
        return "district_name" in self.register.units


def choose_register(
    units: pd.DataFrame, registers: Sequence[UnitRegister], *, day: datetime.date | None, file: str
) -> tuple[UnitRegister | None, list[Issue]]:
    """Choose the list whose units a layer holds.

    Parameters
    ----------
    units : DataFrame, n rows, index ``commune_code``
        ``commune_name``, ``kind``, ``province_name``, ``district_name`` as the layer has them. A code that is not of
        five digits is of no list here; such a unit is looked up by its name, in its province where it names one.
    registers : sequence of UnitRegister
        Lists of different times.
    day : date or None
        The date that the project gives for the layer.
    file : str
        Named in issues and errors.

    Returns
    -------
    register : UnitRegister or None
        The list in force on ``day``; without a day the one that fits at least 60 % of the units, and clearly better
        than the others; None if there is no such list.
    issues : list of Issue
        What was chosen and why, with the share of units that fit each list.

    Raises
    ------
    VintageError
        The date contradicts the units: a list of another time fits better by 25 points or more; or, where the layer
        has no names, its codes are nearly all those of another list and far from all of its own.
    """
    readable = units[~units.index.str.startswith("?") | units["commune_name"].notna()]
    if not registers or readable.empty:
        return None, []
    fits = sorted((_fit(readable, register) for register in registers), key=lambda fit: (-fit.share, -fit.cover))
    values: dict[str, Any] = {
        "n": len(readable),
        "shares": "; ".join(f"{fit.register.span}: {fit.share:.0%}" for fit in sorted(fits, key=_span)),
    }
    if day is not None:
        return _dated(readable, fits, day, file, values)
    chosen, message_id = _undated(readable, fits)
    if chosen is None:
        return None, [Issue.of("warning", message_id, file=file, column="commune_code", **values)]
    values |= {"span": chosen.register.span, "cover": f"{chosen.cover:.0%}"}
    issue = Issue.of("info", message_id, file=file, column="commune_code", **values)
    return chosen.register, [issue]


def _span(fit: _Fit) -> str:
    return str(fit.register.date_from or "")


def _dated(
    units: pd.DataFrame, fits: list[_Fit], day: datetime.date, file: str, values: dict[str, Any]
) -> tuple[UnitRegister | None, list[Issue]]:
    own = next((fit for fit in fits if fit.register.holds(day)), None)
    if own is None:
        return None, []
    other = next((fit for fit in fits if not fit.register.holds(day)), None)
    if other is not None:
        nameless = bool(units["commune_name"].isna().all())
        alike = abs(other.share - own.share) <= SAME_FIT
        by_extent = nameless and alike and _is_extent_of(other, own)
        if by_extent or other.share - own.share >= CONTRADICTS_DATE:
            covers = {"cover": f"{own.cover:.0%}", "cover_other": f"{other.cover:.0%}"}
            shares = {"own": f"{own.share:.0%}", "other": f"{other.share:.0%}", "span": other.register.span}
            message_id = "layers.era_extent" if by_extent else "layers.era_wrong"
            raise VintageError(message_id, where=file, file=file, date=day.isoformat(), **values, **shares, **covers)
    if own.share < LEAST_FIT:
        place = {"file": file, "column": "commune_code"}
        return own.register, [Issue.of("warning", "layers.era_fits_badly", **place, date=day.isoformat(), **values)]
    return own.register, []


def _undated(units: pd.DataFrame, fits: list[_Fit]) -> tuple[_Fit | None, str]:
    alike = [fit for fit in fits if fits[0].share - fit.share <= SAME_FIT]
    if fits[0].share < LEAST_FIT:
        return None, "layers.era_none"
    if len(alike) > 1 and float(units["district_name"].notna().mean()) >= MOSTLY:
        alike = [fit for fit in alike if fit.has_districts]
    if len(alike) > 1:
        widest = sorted(alike, key=lambda fit: -fit.cover)
        by_extent = _is_extent_of(widest[0], widest[1])
        return (widest[0], "layers.era_by_extent") if by_extent else (None, "layers.era_undecided")
    return (alike[0], "layers.era_chosen") if alike else (None, "layers.era_undecided")


def _is_extent_of(one: _Fit, other: _Fit) -> bool:
    """Tell whether a layer has nearly all units of one list and clearly fewer of the other's: a full list."""
    return one.cover >= NEARLY_ALL and one.cover > other.cover + CLEARLY_MORE


def _fit(units: pd.DataFrame, register: UnitRegister) -> _Fit:
    listed = register.units
    coded = units.index.str.fullmatch(r"\d{5}")
    known = listed.reindex(units.index)
    same_name = [
        pd.isna(name) or (_letters(name), *_kinds(kind, listed_kind)) == (_letters(there), *_kinds(listed_kind, kind))
        for name, kind, there, listed_kind in zip(
            units["commune_name"], units["kind"], known["commune_name"], known["kind"], strict=True
        )
    ]
    by_code = coded & units.index.isin(listed.index) & np.array(same_name, dtype=bool)
    by_name = ~coded & np.array(_named_there(units, listed), dtype=bool)
    met = units.index[by_code]
    provinces = set(listed.loc[met, "province_code"].dropna())
    size = int(listed["province_code"].isin(provinces).sum())
    return _Fit(register, float((by_code | by_name).mean()), len(met) / size if size else 0.0)


def _named_there(units: pd.DataFrame, listed: pd.DataFrame) -> list[bool]:
    """Tell which units bear a name of the list, in their own province where they name one."""
    if units.index.str.fullmatch(r"\d{5}").all():
        return [False] * len(units)
    names = [_letters(name) for name in listed["commune_name"]]
    homes = [_letters(base_province(name)) for name in listed["province_name"]]
    known = {*zip(homes, names, strict=True), *(("", name) for name in names)}
    return [
        pd.notna(name) and ("" if pd.isna(home) else _letters(base_province(home)), _letters(name)) in known
        for name, home in zip(units["commune_name"], units["province_name"], strict=True)
    ]


def _kinds(kind: object, other: object) -> tuple[object, ...]:
    """Return a kind to be compared, or nothing where one of the two is not known."""
    return () if pd.isna(kind) or pd.isna(other) else (kind,)  # type: ignore[call-overload]


@lru_cache(maxsize=2**15)
def _letters(name: object) -> str:
    """Fold a name to its bare letters, so that no way of writing tones, spaces or numbers can tell eras apart."""
    if pd.isna(name):  # type: ignore[call-overload]
        return ""
    marked = unicodedata.normalize("NFD", base_name(str(name)).casefold()).replace("đ", "d")
    letters = "".join(sign for sign in marked if sign.isalnum())
    return re.sub(r"(?<!\d)0+(?=\d)", "", letters)


def compare_places(
    stored: gpd.GeoSeries, given: NDArray[np.object_], points: pd.DataFrame, *, crs: pyproj.CRS, file: str
) -> list[Issue]:
    """Compare units with where the list says they are, and refuse a layer that is shifted as a whole.

    A layer that was given the wrong of the neighbouring zones lies 26 to 75 km off and still in Vietnam.

    Parameters
    ----------
    stored : GeoSeries, n rows, index ``commune_code``, EPSG:4326
    given : array, n shapes
        The same shapes in ``crs``.
    points : DataFrame, index ``commune_code``
        ``lon`` and ``lat`` (°).
    crs : CRS
        The system that the layer claims.
    file : str
        Named in issues and errors.

    Returns
    -------
    list of Issue
        A warning where units lie far from their places, but not all in one direction.

    Raises
    ------
    CRSError
        Half of the units lie more than 10 km off, and all alike; the message names the systems that fit.
    """
    places = points.reindex(stored.index)[["lon", "lat"]].to_numpy(dtype=float)
    usable = np.isfinite(places).all(axis=1) & np.isfinite(stored.bounds.to_numpy()).all(axis=1)
    if usable.sum() < LEAST_COMPARED:
        return []
    places, middles = places[usable], _middles(np.asarray(stored.to_numpy())[usable])
    bearing, _, metres = ELLIPSOID.inv(*places.T, *middles.T)
    if (distance := float(np.median(metres) / 1_000)) <= FAR_KM:
        return []
    offset = np.column_stack([np.sin(np.radians(bearing)), np.cos(np.radians(bearing))]) * metres[:, None] / 1_000
    shift = np.median(offset, axis=0)
    spread = float(np.median(np.hypot(*(offset - shift).T)))
    values: dict[str, Any] = {"file": file, "n": int(usable.sum()), "km": distance, "crs": crs_name(crs)}
    if spread > max(STEADY * float(np.hypot(*shift)), FAR_KM / 2):
        return [Issue.of("warning", "layers.units_elsewhere", column="geometry", **values)]
    fitting = fitting_systems(_middles(given[usable]), places, at_most_km=FAR_KM) if crs.is_projected else []
    message_id = "layers.crs_shifted" if fitting else "layers.crs_shifted_unknown"
    raise CRSError(message_id, where=file, likely=", ".join(fitting), stored=crs_name(STORED), **values)


def _middles(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    boxes = shapely.bounds(shapes)
    return np.asarray((boxes[:, :2] + boxes[:, 2:]) / 2)
