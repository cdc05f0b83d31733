"""Finds where the sites of a table stand: longitude and latitude, metres of a stated system, or both in one cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.errors import CRSError, TableError
from geontm.load.cells import clean_text
from geontm.load.layer_crs import STORED, inside_vietnam, likely_systems, to_stored
from geontm.load.lower_tables import RawTable, name_rows
from geontm.tables import Issue

__all__ = ["locate", "place_points", "refuse_outside"]

LATITUDES, LONGITUDES = (5.0, 24.5), (101.0, 119.0)
_PLAIN = re.compile(r"^[+-]?\d[\d.,]*$|^[+-]?[.,]\d+$")
_DEGREES = re.compile(
    r"""^\s*[NEBĐnebđ]?\s*(\d{1,3})\s*[°ºᵒ˚]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['’′ʹ])?\s*"""
    r"""(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:["”″]|''|’’))?\s*[NEBĐnebđ]?\s*$"""
)
_ONE_OF_DEGREES = re.compile(
    r"""[NEBĐnebđ]?\s*\d{1,3}\s*[°ºᵒ˚][^°ºᵒ˚;,]*?(?=[\s;,]+[NEBĐnebđ]?\s*\d{1,3}\s*[°ºᵒ˚]|$)"""
)


def locate(raw: RawTable, crs: str | None) -> tuple[gpd.GeoSeries, list[Issue]]:
    """Find the point of every row.

    Parameters
    ----------
    raw : RawTable
        With ``lon`` and ``lat``, ``x`` and ``y``, or ``point`` (both in one cell, in either order: latitudes and
        longitudes of Vietnam never overlap).
    crs : str or None
        System of the coordinates; None: degrees of WGS 84.

    Returns
    -------
    GeoSeries, EPSG:4326, index of ``raw.cells``
        Missing where a row has no point that can be used.
    list of Issue

    Raises
    ------
    TableError
        No columns of coordinates.
    CRSError
        Metres without a system, longitude and latitude swapped, or everything outside Vietnam.
    """
    names = next((pair for pair in (("lon", "lat"), ("x", "y")) if set(pair) <= set(raw.cells)), None)
    if names is None and "point" not in raw.cells:
        raise TableError("sites.no_sites", where=_file(raw), found=", ".join(raw.headers.values()) or "–")
    if names is None:
        first, second, given = _from_one_cell(raw.cells["point"])
        headers = [raw.headers["point"]] * 2
    else:
        texts = [raw.cells[name].map(clean_text).astype("str") for name in names]
        first, second = (np.array([_number(text) for text in column], dtype=np.float64) for column in texts)
        given = np.column_stack([(column != "").to_numpy() for column in texts])
        headers = [raw.headers[name] for name in names]
    numbers = np.column_stack([first, second])
    issues = _told_gaps(raw, numbers, given, headers)
    return place_points(numbers, raw, headers, crs=crs, swap_metres=names == ("x", "y"), issues=issues)


def place_points(
    numbers: NDArray[np.float64],
    raw: RawTable,
    headers: Sequence[str],
    *,
    crs: str | None,
    swap_metres: bool,
    issues: list[Issue],
) -> tuple[gpd.GeoSeries, list[Issue]]:
    """Turn pairs of figures (n × 2; east or longitude first) into points in EPSG:4326; see :func:`locate`."""
    known = np.isfinite(numbers).all(axis=1)
    found = numbers[known]
    place = {"where": _file(raw), "file": raw.place.get("file", "")}
    in_metres = bool(len(found)) and bool(np.median(np.abs(found), axis=0).max() > 180)
    if in_metres and swap_metres and np.median(found[:, 0]) > np.median(found[:, 1]):
        # In VN-2000 tables X points north: a northing of Vietnam is larger than any easting.
        found = found[:, ::-1]
        issues = [*issues, Issue.of("info", "sites.x_is_north", **raw.place, column=headers[0])]
    if crs is None and in_metres:
        straight = likely_systems(found) or [f"{name} (x ↔ y)" for name in likely_systems(found[:, ::-1])]
        values = {"first": found[0, 0], "second": found[0, 1], "likely": ", ".join(straight) or "?"}
        raise CRSError("sites.metres", **place, **values)
    if len(found) and crs is None:
        inside, turned = inside_vietnam(*found.T), inside_vietnam(*found.T[::-1])
        if turned.sum() > inside.sum():
            raise CRSError("sites.swapped", **place, lon=headers[0], lat=headers[-1])
        if not inside.any():
            raise CRSError("sites.outside", **place, first=found[0, 0], second=found[0, 1])
    elif len(found):
        try:
            system = pyproj.CRS.from_user_input(crs)
        except pyproj.exceptions.CRSError as unknown:
            raise CRSError("sites.bad_crs", where=_file(raw), crs=crs) from unknown
        moved = to_stored(gpd.GeoDataFrame(geometry=shapely.points(found), crs=system), file=place["file"])[0]
        found = shapely.get_coordinates(moved.geometry.to_numpy())
    points = np.full(len(numbers), None, dtype=object)
    points[known] = shapely.points(found) if len(found) else []
    series = gpd.GeoSeries(points, index=raw.cells.index, crs=STORED)
    kept, told = refuse_outside(series, raw)
    return kept, [*issues, *told]


def refuse_outside(shapes: gpd.GeoSeries, raw: RawTable) -> tuple[gpd.GeoSeries, list[Issue]]:
    """Take away shapes (EPSG:4326) that lie outside Vietnam, with an error for each kind of mistake."""
    there = shapes[~(shapes.isna() | shapes.is_empty)]
    middle = shapely.get_coordinates(shapely.centroid(there.to_numpy()))
    outside = ~inside_vietnam(*middle.T)
    turned = outside & inside_vietnam(*middle.T[::-1])
    issues = []
    for message, which in (("sites.row_swapped", turned), ("sites.row_outside", outside & ~turned)):
        rows = there.index[which]
        if len(rows):
            value = "; ".join(f"{lon:.5f}, {lat:.5f}" for lon, lat in middle[which][:3])
            place = {**raw.place, "row": name_rows(rows), "value": value}
            issues.append(Issue.of("error", message, **place, n=len(rows)))
    keep = ~shapes.index.isin(there.index[outside])
    return gpd.GeoSeries(np.where(keep, shapes.to_numpy(), None), index=shapes.index, crs=STORED), issues


def _told_gaps(
    raw: RawTable, numbers: NDArray[np.float64], given: NDArray[np.bool_], headers: Sequence[str]
) -> list[Issue]:
    """Tell rows without coordinates from those whose coordinates cannot be read."""
    unread = (~np.isfinite(numbers) & given).any(axis=1)
    absent = ~given.all(axis=1) & ~unread
    issues = []
    for message, which in (("sites.bad_point", unread), ("sites.no_point", absent)):
        rows = raw.cells.index[np.asarray(which)]
        if len(rows):
            place = {**raw.place, "row": name_rows(rows), "column": " | ".join(dict.fromkeys(headers))}
            issues.append(Issue.of("error", message, **place, n=len(rows)))
    return issues


def _from_one_cell(
    cells: pd.Series[Any],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Read ``21.0461, 105.8437`` in either order; which figure is which, their sizes tell."""
    texts = [clean_text(cell) for cell in cells]
    pairs = np.array([_pair(text) for text in texts], dtype=np.float64).reshape(-1, 2)
    first, second = pairs.T
    given = np.array([bool(text) for text in texts], dtype=bool)
    degrees = np.abs(pairs).max(axis=1, initial=0) <= 180
    # A northing is larger than an easting, a longitude of Vietnam larger than a latitude.
    east_first = np.where(degrees, first > second, first < second)
    lon, lat = np.where(east_first, first, second), np.where(east_first, second, first)
    return lon, lat, np.column_stack([given, given])


def _pair(text: str) -> tuple[float, float]:
    bare = text.strip("()[]{} ")
    if len(angles := _ONE_OF_DEGREES.findall(bare)) == 2:
        return _number(angles[0]), _number(angles[1])
    parts = [part for part in re.split(r"\s*[;|]\s*|,\s+|\s+", bare) if part]
    if len(parts) == 1 and bare.count(",") == 1:
        parts = bare.split(",")
    elif len(parts) == 1 and bare.count(",") == 3 and "." not in bare:
        whole = bare.split(",")
        parts = [",".join(whole[:2]), ",".join(whole[2:])]
    return (_number(parts[0]), _number(parts[1])) if len(parts) == 2 else (np.nan, np.nan)


def _number(text: str) -> float:
    """Read one coordinate; NaN where it is none.

    One sign is the decimals', whichever it is: no coordinate in degrees has thousands.
    """
    if found := _DEGREES.match(text):
        whole, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.groups())
        return whole + minutes / 60 + seconds / 3600 if minutes < 60 and seconds < 60 else np.nan
    bare = "".join(text.replace("°", "").split())
    if not _PLAIN.match(bare):
        return np.nan
    signs = [letter for letter in bare if letter in ".,"]
    if len(signs) <= 1:
        return float(bare.replace(",", "."))
    last = signs[-1]
    if len(set(signs)) == 1:  # 2.326.514: grouped metres
        joined = bare.replace(last, "")
        return float(joined) if all(len(part) == 3 for part in bare.split(last)[1:]) else np.nan
    if signs.count(last) > 1:
        return np.nan
    return float(bare.replace("," if last == "." else ".", "").replace(last, "."))


def _file(raw: RawTable) -> str:
    return " / ".join(filter(None, raw.place.values()))
