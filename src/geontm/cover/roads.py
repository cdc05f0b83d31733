"""Length of road by commune, class and surface; how much of it is hardened, and passable all year."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.cover.lines import Plane, cut_lines
from geontm.cover.measured import Measured
from geontm.tables import Issue, require_metric_crs

__all__ = ["UNKNOWN", "measure_roads"]

# The word for a class or surface that the layer does not say.
UNKNOWN = "unknown"
AGREE = 1e-9  # bounds of a share nearer than this, of the whole, are one value
MUCH_OUTSIDE = 0.01  # share of all roads outside every unit that deserves a look
WORDS = ("road_class", "surface")
ANSWERS = ("hardened", "all_season")
# A share, the answer it is of, and what to say where roads do not give it.
SHARES = (
    ("road_hardened_pct", "hardened", "roads.hardened_unknown"),
    ("road_all_season_pct", "all_season", "roads.all_season_unknown"),
)


@dataclass(frozen=True)
class _Lengths:
    """Kilometres by unit and by kind of road.

    ``km`` has a row for each unit, then one for what lies outside them all, and a column for each row of ``kinds``.
    """

    kinds: pd.DataFrame
    km: NDArray[np.float64]

    def where(self, attribute: str, value: str) -> NDArray[np.float64]:
        """Kilometres of the roads of one kind, by row of ``km``."""
        return np.asarray(self.km[:, (self.kinds[attribute] == value).to_numpy()].sum(axis=1))


def measure_roads(
    units: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    *,
    around: gpd.GeoDataFrame | None = None,
    covered: Collection[str] | None = None,
) -> Measured:
    """Measure the roads inside each commune: length, density, share hardened, share passable all year.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``
        Valid polygons that form a clean coverage, in the province's metric CRS. ``area_km2`` (km²), where given, is
        the area of the density; else the area of the polygon on the ground.
    roads : GeoDataFrame, m rows, same CRS
        Lines, already limited to the roads to count; a road that stands in the layer twice counts twice.
        ``road_class``, ``surface`` (text), ``hardened``, ``all_season`` (boolean); missing, or a column that is not
        there, is unknown.
    around : GeoDataFrame, index ``commune_code``, same CRS, optional
        Units around those to measure, which share their borders; they are not in the result.
    covered : collection of str, optional
        Codes of the communes that the layer declares to cover; default all.

    Returns
    -------
    Measured
        Table, n rows in the order of ``units``: ``road_km`` (km), ``road_km_per_km2`` (km/km²),
        ``road_hardened_pct`` and ``road_all_season_pct`` (% of the length, with ``_low`` and ``_high``: roads that do
        not say count as not, and as so). A covered commune without roads has 0 km and unknown shares; a commune that
        is not covered, or has no geometry, is unknown. A road exactly on a border that two communes share counts half
        in each, one on an outer border whole; give ``around``, and the borders with those units are shared too.

        ``more["road_lengths"]``: ``commune_code``, ``road_class``, ``surface``, ``km``, by covered commune; and
        ``more["roads_outside"]``, the same columns without a code: what lies in none of ``units`` and ``around``. The
        two and what lies in ``around`` and in communes not covered are all roads.

        Lengths are on the ground: those of the plane, brought to the ellipsoid by the scale of the zone (which alone
        is off by up to 0.02 % inside a zone). They agree with geodesic lengths to one part in a million.

    Raises
    ------
    CRSError
        A layer has no CRS, is in degrees, the two differ, or it is no transverse Mercator (VN-2000, UTM).
    """
    around = units.iloc[:0] if around is None else around[~around.index.isin(units.index)]
    require_metric_crs(units=units, roads=roads, around=around)
    plane = Plane.of(units.crs)
    lines, row, other = _flat_lines(roads)
    polygons = np.concatenate([units.geometry.to_numpy(), around.geometry.to_numpy()])
    parts = cut_lines(lines, polygons, plane)
    # Units keep their places, what lies outside them all comes last, and the units around are left out.
    zone = np.where(parts.zone < 0, len(units), np.where(parts.zone < len(units), parts.zone, -1))
    counted = zone >= 0
    lengths = _add_up(roads, row[parts.line[counted]], zone[counted], parts.metres[counted], len(units))

    shaped = ~(units.geometry.isna() | units.geometry.is_empty).to_numpy()
    is_covered = np.ones(len(units), dtype=bool) if covered is None else units.index.isin(list(covered))
    known = shaped & is_covered
    table = _table(units, lengths, known, plane)
    more = {
        "road_lengths": _long(lengths, np.flatnonzero(known), units.index),
        "roads_outside": _long(lengths, np.array([len(units)]), units.index),
    }
    issues = [
        *_issues_of_units(units, shaped),
        *_issues_of_roads(lengths, known, float(parts.metres.sum() / 1_000), other),
    ]
    return Measured(table, more, tuple(issues))


def _flat_lines(roads: gpd.GeoDataFrame) -> tuple[NDArray[Any], NDArray[np.intp], int]:
    """Take the single lines of the roads, the row each is of, and how many rows hold anything but lines."""
    shapes = roads.geometry.to_numpy()
    kind = shapely.get_type_id(shapes)
    is_line = np.isin(kind, (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING))
    rows = np.flatnonzero(is_line)
    lines, of = shapely.get_parts(shapes[rows], return_index=True)
    return lines, rows[of], int((~is_line).sum())


def _add_up(
    roads: gpd.GeoDataFrame, row: NDArray[np.intp], zone: NDArray[np.intp], metres: NDArray[np.float64], n: int
) -> _Lengths:
    """Sum by unit and kind of road; in the order of lengths, so that the order of rows can never touch a sum."""
    kinds, of = _kinds(roads)
    key = zone * len(kinds) + of[row]
    order = np.lexsort((metres, key))
    total = np.bincount(key[order], weights=metres[order], minlength=(n + 1) * len(kinds))
    return _Lengths(kinds, total.reshape(n + 1, len(kinds)) / 1_000)


def _kinds(roads: gpd.GeoDataFrame) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Return the kinds of road there are, in the order of their words, and the kind of each road."""
    codes, words = zip(*(_words(roads, name) for name in (*WORDS, *ANSWERS)), strict=True)
    sizes = tuple(len(each) for each in words)
    present, of = np.unique(np.ravel_multi_index(codes, sizes), return_inverse=True)
    columns = zip((*WORDS, *ANSWERS), words, np.unravel_index(present, sizes), strict=True)
    return pd.DataFrame({name: each[at] for name, each, at in columns}), of


def _words(roads: gpd.GeoDataFrame, name: str) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Take an attribute as text: the place of each road's word in a sorted list of words, and that list.

    ``yes`` and ``no`` stand for a boolean, ``unknown`` where it is missing.
    """
    if name not in roads:
        return np.zeros(len(roads), dtype=np.intp), np.array([UNKNOWN], dtype=object)
    if name in ANSWERS:
        said = roads[name].astype("boolean")
        place = np.where(said.isna(), 1, np.where(said.fillna(False), 2, 0))
        return place, np.array(["no", UNKNOWN, "yes"], dtype=object)
    code, found = pd.factorize(roads[name])
    told = np.append(np.asarray(found, dtype=object), UNKNOWN)  # a missing word has the code -1
    words, place = np.unique(told, return_inverse=True)
    return place[code], words


def _table(units: gpd.GeoDataFrame, lengths: _Lengths, known: NDArray[np.bool_], plane: Plane) -> pd.DataFrame:
    road_km = lengths.km[:-1].sum(axis=1)
    area = plane.ground_km2(units.geometry.to_numpy())
    if "area_km2" in units:
        given = units["area_km2"].to_numpy("float64", na_value=np.nan)
        area = np.where(np.isnan(given), area, given)
    columns = {"road_km": road_km, "road_km_per_km2": np.divide(road_km, area, out=_gaps(road_km), where=area > 0)}
    for column, attribute, _ in SHARES:
        columns |= _bounded_share(column, *(lengths.where(attribute, word)[:-1] for word in ("yes", UNKNOWN, "no")))
    table = pd.DataFrame({name: pd.array(value, dtype="Float64") for name, value in columns.items()}, index=units.index)
    table[~known] = pd.NA
    return table


def _bounded_share(
    column: str, yes: NDArray[np.float64], unknown: NDArray[np.float64], no: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Return a share (%) and its bounds; unknown where there is nothing to take a share of."""
    # Written so that no rounding can lift a share above 100 or the lower bound above the upper.
    whole = (yes + unknown) + no
    low, high = (100 * np.divide(part, whole, out=_gaps(whole), where=whole > 0) for part in (yes, yes + unknown))
    agreed = np.where(high - low <= 100 * AGREE, low, np.nan)
    return {column: agreed, f"{column}_low": low, f"{column}_high": high}


def _gaps(like: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.full(len(like), np.nan)


def _long(lengths: _Lengths, rows: NDArray[np.intp], codes: pd.Index) -> pd.DataFrame:
    """List the lengths of some rows by class and surface, those of 0 left out."""
    row, kind = np.nonzero(lengths.km[rows])
    code_of = np.array([*codes, None], dtype=object)[rows]
    listed = pd.DataFrame(
        {
            "commune_code": pd.array(code_of[row], dtype="str"),
            "road_class": pd.array(lengths.kinds["road_class"].to_numpy()[kind], dtype="str"),
            "surface": pd.array(lengths.kinds["surface"].to_numpy()[kind], dtype="str"),
            "km": pd.array(lengths.km[rows][row, kind], dtype="Float64"),
        }
    )
    return listed.groupby(["commune_code", "road_class", "surface"], sort=True, dropna=False, as_index=False).sum()


def _issues_of_units(units: gpd.GeoDataFrame, shaped: NDArray[np.bool_]) -> Iterator[Issue]:
    names = units["commune_name"] if "commune_name" in units else pd.Series(units.index, index=units.index)
    for code in sorted(units.index[~shaped]):
        yield Issue.of("warning", "roads.no_geometry", column="road_km", value=code, code=code, name=names[code])


def _issues_of_roads(lengths: _Lengths, known: NDArray[np.bool_], whole: float, other: int) -> Iterator[Issue]:
    if other:
        yield Issue.of("error", "roads.not_lines", column="geometry", count=other)
    outside = float(lengths.km[-1].sum())
    if outside > 0:
        much = outside > MUCH_OUTSIDE * whole
        yield Issue.of("warning" if much else "info", "roads.outside", column="road_km", km=outside, whole=whole)
    rows = np.flatnonzero(known)
    inside = float(lengths.km[rows].sum())
    for column, attribute, message_id in SHARES:
        unsaid = float(lengths.where(attribute, UNKNOWN)[rows].sum())
        if unsaid > 0:
            yield Issue.of("info", message_id, column=column, km=unsaid, whole=inside)
