"""Boundary layers of communes, and the land border: files in, clean units with codes and names out."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.errors import BoundaryError
from geontm.load.layer_crs import inside_vietnam, to_stored
from geontm.load.layer_era import UnitRegister, choose_register, compare_places
from geontm.load.layers import LayerInfo, list_layers, read_vector
from geontm.load.repair import GAP_WIDTH, repair_units
from geontm.load.topology import areas_m2, geodesic_areas_m2, measure_topology
from geontm.load.unit_columns import (
    MOST_LISTED,
    Naming,
    fill_from_register,
    name_units,
    pick_columns,
    read_codes,
    read_legacy_text,
)
from geontm.tables import Issue, Table, list_briefly
from geontm.tables.columns import spelling_key

__all__ = [
    "Boundaries",
    "BoundarySource",
    "LayerReport",
    "inspect_layer",
    "read_boundaries",
    "read_land_border",
]

# A given area within a factor of two of the measured one is in km²; beyond it the unit is another one.
LIKELY_KM2 = (0.5, 2.0)
# Degrees, about 110 m: units whose boxes come this close to each other may meet once gaps are closed.
BESIDE = 0.001
NEIGHBOUR_HEADERS = ("neighbour", "neighbor", "country", "nuoc", "nước", "giáp nước", "giap nuoc", "iso3")
NEIGHBOURS = {
    "china": "China", "chn": "China", "cn": "China", "trung quốc": "China", "trung quoc": "China",
    "laos": "Laos", "lao": "Laos", "lao pdr": "Laos", "la": "Laos", "lào": "Laos",
    "cambodia": "Cambodia", "khm": "Cambodia", "kh": "Cambodia", "campuchia": "Cambodia",
}  # fmt: skip
UNIT_COLUMNS = (
    "commune_name", "kind", "province_code", "province_name", "district_code", "district_name", "area_km2", "geometry",
)  # fmt: skip


@dataclass(frozen=True)
class BoundarySource:
    """Where the boundaries come from.

    Attributes
    ----------
    path : Path
        A vector file of any allowed kind, or an archive.
    layer : str or None
        Layer inside the file, or file or folder inside the archive.
    provinces : tuple of str
        Codes of the provinces to keep; all when empty.
    date : date or None
        Day from which the boundaries are in force.
    columns : mapping of str to str
        Spelling of the file to name in the dictionary; outranks the dictionary of spellings.
    schematic : bool
        The outlines are drawn, not surveyed: nothing may be measured on them.
    districts : tuple of str
        Names or codes of the districts to keep; all when empty.
    """

    path: Path
    layer: str | None = None
    provinces: tuple[str, ...] = ()
    date: datetime.date | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    schematic: bool = False
    districts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Boundaries:
    """A layer of units, ready to be measured.

    Attributes
    ----------
    units : GeoDataFrame, index ``commune_code`` (str), sorted, EPSG:4326
        ``commune_name``, ``kind``, ``province_code``, ``province_name``, ``district_code``, ``district_name`` (str,
        null where nobody says), ``area_km2`` (Float64: as given, else geodesic), ``geometry``: valid (Multi)Polygons
        that share their edges, null where the layer has no shape.
    schematic : bool
    valid_from : date or None
    crs : str
        System the file came in.
    transformation : str
        PROJ operation that led to EPSG:4326; empty where none was needed.
    topology : mapping of str to float
        See :func:`geontm.load.repair.repair_units`.
    issues : tuple of Issue
    around : GeoDataFrame, index ``commune_code``, EPSG:4326
        Shapes of the layer's units around those of the provinces asked for, repaired together with them, so that a
        commune has the same neighbours at the border as in a run over the whole layer, and the same outline: exactly,
        where the layer is clean; but for slivers of up to 0.3 km², where gaps by the thousand are closed. Empty where
        all provinces were asked for. They belong to no result.
    """

    units: gpd.GeoDataFrame
    schematic: bool
    valid_from: datetime.date | None
    crs: str
    transformation: str
    topology: Mapping[str, float]
    issues: tuple[Issue, ...]
    around: gpd.GeoDataFrame = field(default_factory=lambda: gpd.GeoDataFrame(geometry=[], crs=4326))


@dataclass(frozen=True)
class LayerReport:
    """What is in a file: its layers, and the topology of the one that holds units, before any repair."""

    layers: tuple[LayerInfo, ...]
    crs: str
    transformation: str
    count: int
    topology: Mapping[str, float]


def read_boundaries(
    source: BoundarySource,
    *,
    identifiers: Table,
    register: pd.DataFrame | None = None,
    registers: Sequence[UnitRegister] = (),
) -> Boundaries:
    """Read, check and repair a boundary layer.

    Parameters
    ----------
    source : BoundarySource
    identifiers : Table
        Dictionary ``communes``: columns and the spellings files use for them.
    register : DataFrame, index ``commune_code``, optional
        Units in force: fills names, kinds, provinces and districts that the layer lacks, by code.
    registers : sequence of UnitRegister, optional
        Lists of different times, of which the layer's date and its codes and names choose the register; see
        :func:`geontm.load.layer_era.choose_register`. A layer without date stays without.

    Returns
    -------
    Boundaries
        Each feature of the layer is a row of ``units``, or lies in a province that was not asked for (counted in the
        issues). A feature without code stands under ``?1``, ``?2`` … with an error in the issues.

    Raises
    ------
    SourceError
        The file is missing, not allowed, damaged, truncated or too large.
    CRSError
        No CRS, or one that puts the layer outside Vietnam or all its units beside their places, or no known datum
        shift.
    VintageError
        The layer holds units of another time than its date.
    BoundaryError
        No fitting layer, no codes, wrong or duplicate codes, or no unit in the provinces asked for.
    """
    read = read_vector(source.path, identifiers=identifiers, columns=source.columns, layer=source.layer)
    if not len(read.frame):
        raise BoundaryError("layers.no_features", where=source.path, file=read.file)
    stored, crs, transformation = to_stored(read.frame, file=read.file)
    naming = Naming(read.file, identifiers, source.columns)
    picked, issues = pick_columns(stored, naming)
    picked, legacy = read_legacy_text(picked, read.file)
    named = name_units(picked)
    # Names and provinces come first where rows have no code: their provisional codes must not hang on the row order.
    codes, found = read_codes(picked["commune_code"], naming, known=_known_codes(register, registers))
    keyed, unkeyed = _number_unkeyed(codes, named, stored.geometry, read.file)
    units = gpd.GeoDataFrame(named, geometry=stored.geometry, crs=stored.crs)
    units["area_km2"] = _given_area(picked)
    units = units.set_axis(pd.Index(keyed, name="commune_code", dtype="str"), axis="index").sort_index()

    said = pd.DataFrame(units.drop(columns="geometry"))
    chosen, vintage = choose_register(said, registers, day=source.date, file=read.file)
    if chosen is not None:
        register = chosen.units
        if chosen.points is not None:
            given = pd.Series(read.frame.geometry.to_numpy(), index=keyed).loc[units.index].to_numpy()
            vintage += compare_places(units.geometry, given, chosen.points, crs=read.frame.crs, file=read.file)
    filled, filling = fill_from_register(said, register, read.file)
    whole = gpd.GeoDataFrame(filled, geometry=units.geometry, crs=units.crs)
    units, filtering = _keep_provinces(whole, source.provinces, read.file, vintage)
    outside = _outside_vietnam(units, read.file)
    beside = whole.loc[_beside(whole, units.index)]
    repaired, repairs, topology = repair_units(pd.concat([units, beside]), file=read.file, reported=units.index)
    units, areas = _settle_area(repaired.loc[units.index], read.file)
    # A unit without code in a province that was not asked for is left out with its province, which is told once.
    elsewhere = set(whole.index[whole["province_code"].notna()].difference(units.index))
    uncoded = [issue for key, issue in unkeyed.items() if key not in elsewhere]
    steps = (read.issues, issues, legacy, found, uncoded, vintage, filling, filtering, outside, repairs, areas)
    return Boundaries(
        units=units[list(UNIT_COLUMNS)],
        schematic=source.schematic,
        valid_from=source.date,
        crs=crs,
        transformation=transformation,
        topology=topology,
        issues=tuple(issue for step in steps for issue in step),
        around=repaired.loc[beside.index, ["geometry"]],
    )


def read_land_border(path: Path) -> gpd.GeoDataFrame:
    """Read the line of the land border.

    Returns
    -------
    GeoDataFrame, EPSG:4326
        Lines in the order of the file; ``neighbour`` is ``China``, ``Laos`` or ``Cambodia``, null where the file does
        not say or names another country.

    Raises
    ------
    SourceError, CRSError
        As for boundaries.
    BoundaryError
        No layer of lines, or several.
    """
    read = read_vector(path, lines=True)
    stored, _, _ = to_stored(read.frame, file=read.file)
    usable = stored[stored.geom_type.isin(["LineString", "MultiLineString"]) & ~stored.is_empty]
    if usable.empty:
        raise BoundaryError("layers.no_features", where=path, file=read.file)
    headers = [header for name in NEIGHBOUR_HEADERS for header in usable.columns if spelling_key(str(header)) == name]
    said = usable[headers[0]] if headers else pd.Series(None, index=usable.index, dtype="object")
    neighbour = [NEIGHBOURS.get(spelling_key(name)) if isinstance(name, str) else None for name in said]
    column = pd.Series(neighbour, index=usable.index, dtype="str")
    lines = gpd.GeoDataFrame({"neighbour": column}, geometry=usable.geometry, crs=usable.crs)
    return lines.reset_index(drop=True)


def inspect_layer(path: Path, *, identifiers: Table, layer: str | None = None) -> LayerReport:
    """List the layers of a file and measure how clean the units in it are; nothing is repaired.

    Raises
    ------
    SourceError, CRSError, BoundaryError
        As :func:`read_boundaries`, codes aside: they are not looked at.
    """
    layers = list_layers(path)
    read = read_vector(path, identifiers=identifiers, layer=layer)
    stored, crs, transformation = to_stored(read.frame, file=read.file)
    shapes = stored.geometry.to_numpy()
    valid = shapes[~shapely.is_missing(shapes) & shapely.is_valid(shapes) & ~shapely.is_empty(shapes)]
    figures = {
        "missing": float((shapely.is_missing(shapes) | shapely.is_empty(shapes)).sum()),
        "invalid": float((~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)).sum()),
        **measure_topology(valid, gap_width=GAP_WIDTH).figures(),
    }
    return LayerReport(layers, crs, transformation, len(stored), figures)


def _known_codes(register: pd.DataFrame | None, registers: Sequence[UnitRegister]) -> set[str] | None:
    lists = [*([] if register is None else [register]), *(entry.units for entry in registers)]
    return {str(code) for units in lists for code in units.index} if lists else None


def _beside(whole: gpd.GeoDataFrame, kept: pd.Index) -> list[str]:
    """Return the units around the kept ones: those that may touch them, and those that may touch these.

    What repair does to a unit hangs on its neighbours only, and whether these are at the border on theirs.
    """
    if len(kept) == len(whole):
        return []
    bounds = whole.bounds.to_numpy() + np.array([-BESIDE, -BESIDE, BESIDE, BESIDE]) / 2
    usable = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    boxes = shapely.box(*bounds[usable].T)
    tree = shapely.STRtree(boxes)
    reached = whole.index[usable].isin(kept)
    for _ in range(2):
        reached[tree.query(boxes[reached], predicate="intersects")[1]] = True
    return sorted(set(whole.index[usable[reached]]) - set(kept))


def _number_unkeyed(
    codes: list[str | None], named: pd.DataFrame, shapes: gpd.GeoSeries, file: str
) -> tuple[list[str], dict[str, Issue]]:
    """Give rows without code a provisional one that depends on their name and shape, not on their place in the file.

    The issues come by the provisional code that they tell of.
    """
    without = [row for row, code in enumerate(codes) if code is None]
    keys = {row: (str(named["commune_name"].iloc[row]), shapely.to_wkb(shapes.iloc[row]) or b"") for row in without}
    keyed = list(codes)
    issues = {}
    for number, row in enumerate(sorted(without, key=keys.__getitem__), start=1):
        keyed[row] = key = f"?{number}"
        name = named["commune_name"].iloc[row]
        issues[key] = Issue.of(
            "error",
            "layers.no_code",
            file=file,
            row=row + 1,
            column="commune_code",
            value="" if pd.isna(name) else name,
            key=key,
        )
    return [str(code) for code in keyed], issues


def _given_area(picked: pd.DataFrame) -> NDArray[np.float64]:
    if "area_km2" not in picked:
        return np.full(len(picked), np.nan)
    return pd.to_numeric(picked["area_km2"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _keep_provinces(
    units: gpd.GeoDataFrame, provinces: tuple[str, ...], file: str, vintage: Sequence[Issue]
) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    unknown = units.index[units["province_code"].isna()]
    issues = []
    if len(unknown):
        severity = "error" if provinces else "warning"
        issues.append(
            Issue.of(
                severity,  # type: ignore[arg-type]
                "layers.province_unknown_left" if provinces else "layers.province_unknown",
                file=file,
                column="province_code",
                value=list_briefly(unknown, " ", most=MOST_LISTED),
                n=len(unknown),
            )
        )
    if not provinces:
        return units, issues
    kept = units[units["province_code"].isin(provinces)]
    here = sorted(units["province_code"].dropna().unique())
    if lacking := sorted(set(provinces) - set(here)):
        raise BoundaryError(
            "layers.province_missing",
            where=file,
            issues=(*vintage, *issues),
            file=file,
            provinces=", ".join(lacking),
            here=", ".join(here) or "–",
        )
    left = len(units) - len(kept) - len(unknown)
    if left:
        issues.append(Issue.of("info", "layers.other_provinces", file=file, n=left, provinces=", ".join(provinces)))
    return kept, issues


def _outside_vietnam(units: gpd.GeoDataFrame, file: str) -> list[Issue]:
    boxes = units.bounds.to_numpy()
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    outside = np.isfinite(middle).all(axis=1) & ~inside_vietnam(*np.nan_to_num(middle).T)
    return [
        Issue.of("warning", "layers.unit_outside", file=file, value=units.index[at], code=units.index[at],
                 longitude=middle[at, 0], latitude=middle[at, 1])
        for at in np.flatnonzero(outside)
    ]  # fmt: skip


def _settle_area(units: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Keep given areas where they are plainly km², else measure on the ellipsoid."""
    shapes = units.geometry.to_numpy()
    known = ~shapely.is_missing(shapes)
    given = units["area_km2"].astype("Float64").mask(units["area_km2"].isna())
    # Equal-area areas are near enough to recognise a unit of measure, and quick; geodesic ones are for the record.
    measured = pd.Series(areas_m2(shapes) / 1e6, index=units.index, dtype="Float64").where(known)
    issues = []
    if given.notna().any():
        ratio = float((given / measured).median()) if (given / measured).notna().any() else 1.0
        if not LIKELY_KM2[0] <= ratio <= LIKELY_KM2[1]:
            issues.append(Issue.of("warning", "layers.area_unit", file=file, column="area_km2", ratio=ratio))
            given = given.mask(given.notna())
        else:
            gaps = int((given.isna() & measured.notna()).sum())
            if gaps:
                issues.append(Issue.of("info", "layers.area_filled", file=file, column="area_km2", n=gaps))
    wanted = given.isna().to_numpy() & known
    areas = pd.Series(geodesic_areas_m2(shapes[wanted]) / 1e6, index=units.index[wanted], dtype="Float64")
    return units.assign(area_km2=given.fillna(areas.reindex(units.index))), issues
