"""Units, official points and areas, before and after July 2025, from the package ``vietnamadminunits``."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

__all__ = ["CODE_CHANGES", "HERE", "former_places", "units_2024", "units_2025"]

HERE = Path(__file__).resolve().parent
DATA = files("vietnamadminunits") / "data"

# Codes that the newest published layer writes differently (see README.md, "Codes and names").
CODE_CHANGES = {"06970": "06978"}

# A point farther than this from every old commune that went into the unit was looked up under a common name. Below
# this distance it is as often the point of the old commune that is wrong.
FAR_KM = 60.0


def units_2025() -> gpd.GeoDataFrame:
    """Return the 3,321 commune-level units of July 2025.

    Returns
    -------
    GeoDataFrame, index ``commune_code``, EPSG:4326, points
        ``commune_name``, ``kind``, ``province_code``, ``province_name``, ``area_km2`` (published), ``moved_km``
        (how far a misplaced official point was moved; 0 for all others).
    """
    raw = _read("admin_units").rename(
        columns={"ward": "commune_name", "province": "province_name", "provinceCode": "province_code"}
    )
    raw["commune_code"] = raw["wardCode"].replace(CODE_CHANGES)
    raw["kind"] = raw["commune_name"].map(_kind)
    units = raw.set_index("commune_code").sort_index()
    units["area_km2"] = _published_areas().reindex(units.index)
    if units["area_km2"].isna().any() or not units.index.is_unique:
        raise SystemExit("areas-2025.csv does not hold an area for every unit, or a code occurs twice")
    lon, lat, moved = _mended_points(units)
    columns = ["commune_name", "kind", "province_code", "province_name", "area_km2"]
    frame = units[columns].assign(moved_km=moved)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat), crs=4326)


def units_2024() -> gpd.GeoDataFrame:
    """Return the commune-level units of the list in force until 30 June 2025.

    Returns
    -------
    GeoDataFrame, index ``commune_code``, EPSG:4326, points
        ``commune_name``, ``kind``, ``district_code``, ``district_name``, ``province_code``, ``province_name``. The five
        island districts without communes are not in it.
    """
    raw = _legacy().rename(
        columns={
            "wardCode": "commune_code",
            "ward": "commune_name",
            "districtCode": "district_code",
            "district": "district_name",
            "provinceCode": "province_code",
            "province": "province_name",
        }
    )
    raw["kind"] = raw["commune_name"].map(_kind)
    columns = ["commune_name", "kind", "district_code", "district_name", "province_code", "province_name"]
    units = raw.set_index("commune_code").sort_index()
    points = gpd.points_from_xy(units["wardLon"], units["wardLat"])
    return gpd.GeoDataFrame(units[columns], geometry=points, crs=4326)


def former_places() -> gpd.GeoDataFrame:
    """Return the points of the old communes that went undivided into one unit of 2025.

    Returns
    -------
    GeoDataFrame, index ``commune_code`` (of 2025, repeated), EPSG:4326, points
        A place that is given for old communes of two units tells nothing and is left out.
    """
    raw = _read("admin_units")
    keys = raw["provinceKey"] + "_" + raw["wardKey"]
    code = dict(zip(keys, raw["wardCode"].replace(CODE_CHANGES), strict=True))
    known = set(keys[~keys.duplicated(keep=False)])
    found = [
        (code[f"{province}_{ward}"], *place)
        for (province, ward), places in sorted(_constituents(divided=False).items())
        if f"{province}_{ward}" in known
        for place in sorted(set(places))
    ]
    table = pd.DataFrame(found, columns=["commune_code", "lon", "lat"])
    table = table[~table.duplicated(["lon", "lat"], keep=False)].set_index("commune_code")
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(table["lon"], table["lat"]), index=table.index, crs=4326)


def _kind(name: str) -> str:
    """Take the kind from the full name: seven rows of the package's own column of kinds contradict it."""
    return next(kind for kind in ("xã", "phường", "thị trấn", "đặc khu") if name.lower().startswith(f"{kind} "))


def _read(table: str) -> pd.DataFrame:
    with sqlite3.connect(str(DATA / "dataset.db")) as connection:
        return pd.read_sql(f"select * from {table}", connection)


def _legacy() -> pd.DataFrame:
    raw = _read("admin_units_legacy")
    return raw[raw["wardCode"].notna()].drop_duplicates("wardCode")


def _published_areas() -> pd.Series:
    table = pd.read_csv(HERE / "areas-2025.csv", dtype={"commune_code": str}, comment="#")
    return table.set_index("commune_code")["area_km2"]


def _mended_points(units: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Move an official point that is far from all places that the unit was made of to the middle one of them."""
    lon, lat = units["wardLon"].to_numpy(float).copy(), units["wardLat"].to_numpy(float).copy()
    moved = np.zeros(len(units))
    parts = _constituents()
    geod = pyproj.Geod(ellps="WGS84")
    same_key = units.duplicated(["provinceKey", "wardKey"], keep=False).to_numpy()
    for i, unit in enumerate(units.itertuples()):
        old = parts.get((unit.provinceKey, unit.wardKey), [])
        if not old or same_key[i] or unit.kind == "đặc khu":
            continue
        places = np.array(sorted(old))
        away = geod.inv(np.full(len(places), lon[i]), np.full(len(places), lat[i]), *places.T)[2] / 1000
        middle = places[np.abs(places - np.median(places, axis=0)).sum(axis=1).argmin()]
        if away.min() > FAR_KM:
            moved[i] = round(geod.inv(lon[i], lat[i], *middle)[2] / 1000, 1)
            lon[i], lat[i] = middle
    return lon, lat, moved


def _constituents(*, divided: bool = True) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Map (province key, unit key) of 2025 to the points of the old communes that went into it, whole or divided."""
    legacy = _legacy()
    keys = legacy["provinceKey"] + "_" + legacy["districtKey"] + "_" + legacy["wardKey"]
    place = dict(zip(keys, zip(legacy["wardLon"], legacy["wardLat"], strict=True), strict=True))
    converter = json.loads((DATA / "converter_2025.json").read_text(encoding="utf-8"))
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, old in wards.items():
            found[province, ward] += [place[key] for key in old if key in place]
    for province, old_wards in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, heirs in old_wards.items():
            for heir in heirs:
                if divided and key in place:
                    found[province, heir["newWardKey"]].append(place[key])
    return found
