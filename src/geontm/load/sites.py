"""Reads places that serve people, waterworks, schools, clinics, from tables and layers into one kind of frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geontm.errors import CRSError, SourceError, TableError
from geontm.load.books import Sheet
from geontm.load.header import Grid, Header
from geontm.load.layer_crs import STORED, to_stored
from geontm.load.layer_files import ARCHIVES, SUFFIXES, vector_files
from geontm.load.layers import OpenedLayer, group_layers, open_layers, with_name
from geontm.load.lower_figures import read_figures, text_column
from geontm.load.lower_tables import LowerSource, RawTable, name_rows, read_raw
from geontm.load.meanings import find_meanings
from geontm.load.site_points import locate, refuse_outside
from geontm.load.site_repeats import SITE_COLUMNS, once_each
from geontm.load.site_words import (
    LIKE_KILOMETRES,
    MOST_RADIUS_M,
    capacities,
    capacity_column,
    metres,
    metres_of_radii,
    read_vocabulary,
    states,
)
from geontm.tables import Column, Issue, Label, Table

__all__ = ["MOST_SITES", "SITE_COLUMNS", "SiteSource", "Sites", "read_sites"]

MOST_SITES = 2_000_000
_ANCHORS = ("site_id", "name", "lon", "lat", "x", "y", "point")
_NO_NAMES = Table("identifiers", (), {})
_KINDS_NAMED = 6


@dataclass(frozen=True)
class SiteSource:
    """One file of places that serve people.

    Attributes
    ----------
    path : Path
        A table (csv, xlsx, ods, xls) with coordinates, or a vector layer of points or service areas.
    kind : str
        What all its places are (``"water"``, ``"school"``).
    layer, sheet : str or None
        Where the file has several.
    columns : mapping
        The file's spelling of a header, to the name it means in ``data/sites.yaml``. A header that means ``kind`` gives
        each row a kind of its own.
    radius : str, float or None
        Service radius: header of a column, metres, or a length with its unit (``"2 km"``).
    capacity : str or None
        Header of the column of capacities, which must name persons, households or m³ a day.
    litres_per_person_day : float or None
        Turns m³ a day into persons.
    working : mapping
        Header of a column, to the values in it that mean working; of several columns all must say so.
    covers : tuple of str
        Provinces or communes that the file declares to hold all sites of.
    lon, lat : str or None
        Headers of the coordinates.
    crs : str or None
        System of the coordinates; None: that of the layer, for a table degrees of WGS 84.
    within_m : float or None
        Distance (m) that the project asks about.
    date : date or None
    where : str
        Place in the project file, for messages.
    """

    path: Path
    kind: str
    layer: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    radius: str | float | None = None
    capacity: str | None = None
    litres_per_person_day: float | None = None
    working: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    lon: str | None = None
    lat: str | None = None
    crs: str | None = None
    within_m: float | None = None
    date: date | None = None
    where: str = ""


@dataclass(frozen=True)
class Sites:
    """The places of one file.

    Attributes
    ----------
    frame : GeoDataFrame, one row per place, RangeIndex, EPSG:4326
        ``site_id`` (unique), ``kind``, ``name``, ``working`` (boolean), ``radius_m``, ``capacity_persons``,
        ``capacity_households`` (Float64), and the geometry: a point, or the polygons of a service area. Missing is
        unknown.
    issues : tuple of Issue
    columns : mapping
        Name to the header found in the file.
    """

    frame: gpd.GeoDataFrame
    issues: tuple[Issue, ...]
    columns: Mapping[str, str]


def read_sites(source: SiteSource) -> Sites:
    """Read one file of sites.

    Parameters
    ----------
    source : SiteSource

    Returns
    -------
    Sites
        Rows in the order of the file. A row without usable coordinates is left out with an error; one written several
        times counts once, and what its rows contradict each other in is unknown.

    Raises
    ------
    SourceError, TableError
        The file cannot be read, has no coordinates, several fitting sheets or layers, more than 2 million rows, lacks
        a column that the project names, or has radii in kilometres where metres are expected.
    CRSError
        Coordinates in metres without a system, swapped, or outside Vietnam.
    """
    radius = _fixed_radius(source)
    named = _named_columns(source, radius)
    if source.path.suffix.lower() in {*SUFFIXES, *ARCHIVES} - {".json"}:
        raw, shapes, issues = _from_layer(source, named)
    else:
        raw = _table(source, named)
        shapes, issues = locate(raw, source.crs)
    raw = metres_of_radii(raw) if "radius_m" in raw.cells else raw
    rows, told = _rows(raw, source, radius)
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=STORED)
    frame, repeated = once_each(frame[~shapes.isna() & frame["kind"].notna()], raw, source.path.stem)
    if frame.empty:
        repeated.append(Issue.of("warning", "sites.empty", **raw.place))
    headers = {name: header for name, header in raw.headers.items() if name in read_vocabulary().table}
    return Sites(frame, (*raw.issues, *issues, *told, *repeated), headers)


def _fixed_radius(source: SiteSource) -> float | None:
    """Return the radius that the project gives for all sites, if it gives one."""
    if source.radius is None or (fixed := metres(source.radius)) is None:
        return None
    if not LIKE_KILOMETRES <= fixed <= MOST_RADIUS_M:
        raise TableError("sites.radius_setting", where=source.where or source.path.name, radius=str(source.radius))
    return fixed


def _named_columns(source: SiteSource, radius: float | None) -> dict[str, str]:
    """Return header to name for everything that the project file says of columns."""
    named = dict(source.columns)
    for given, name in ((source.lon, "lon"), (source.lat, "lat")):
        if given:
            named[given] = name
    if radius is None and isinstance(source.radius, str):
        named[source.radius] = "radius_m"
    if source.capacity and (counted := capacity_column(source.capacity)):
        named[source.capacity] = counted
    for at, header in enumerate(source.working):
        named[header] = "working" if at == 0 else f"working_{at}"
    return named


def _words(source: SiteSource) -> Table:
    """Return the vocabulary, with a column for each further one that tells the working state."""
    table = read_vocabulary().table
    label = Label("Tình trạng hoạt động", "Working state")
    more = {f"working_{at}": Column(f"working_{at}", "text", label) for at in range(1, len(source.working))}
    return Table(table.name, table.key, {**table.columns, **more})


def _table(source: SiteSource, named: Mapping[str, str]) -> RawTable:
    lower = LowerSource(source.path, sheet=source.sheet, date=source.date, columns=named)
    raw = read_raw(lower, _NO_NAMES, _words(source), anchors=_ANCHORS)
    if len(raw.cells) > MOST_SITES:
        raise TableError("sites.too_many", where=source.path, file=source.path.name, n=len(raw.cells), limit=MOST_SITES)
    return raw


def _from_layer(source: SiteSource, named: Mapping[str, str]) -> tuple[RawTable, gpd.GeoSeries, list[Issue]]:
    """Read a layer: its attributes as a table whose rows are counted from 1, and its shapes in EPSG:4326."""
    with vector_files(source.path) as found:
        opened = open_layers(found)
        if source.layer is not None:
            opened = with_name(opened, source.layer, source.path)
        group = _choose(opened, source)
        pieces = [one.read for one in group]
    frame = gpd.GeoDataFrame(pd.concat([frame for frame, _ in pieces], ignore_index=True), crs=pieces[0][0].crs)
    raw = _attributes(frame, group[0], source, named)
    if frame.crs is None and source.crs:
        try:
            frame = frame.set_crs(pyproj.CRS.from_user_input(source.crs))
        except pyproj.exceptions.CRSError as unknown:
            raise CRSError("sites.bad_crs", where=source.where or source.path, crs=source.crs) from unknown
    shapes, issues = _usable(frame, raw)
    shapes, told = refuse_outside(shapes, raw)
    return raw, shapes, [*(issue for _, issues in pieces for issue in issues), *issues, *told]


def _choose(opened: list[OpenedLayer], source: SiteSource) -> list[OpenedLayer]:
    fitting = [one for one in opened if one.info.geometry and "Line" not in one.info.geometry]
    groups = group_layers(fitting)
    if len(groups) == 1:
        return groups[0]
    listed = opened if not groups else [group[0] for group in groups]
    names = ", ".join(sorted({f"{one.info.file}:{one.info.layer}" for one in listed})[:20])
    message = "sites.several_layers" if groups else "sites.no_layer"
    raise SourceError(message, where=source.where or source.path, file=source.path.name, layers=names)


def _attributes(frame: gpd.GeoDataFrame, one: OpenedLayer, source: SiteSource, named: Mapping[str, str]) -> RawTable:
    """Tell the columns of a layer by the same words as those of a sheet."""
    headers = [name for name in frame.columns if name not in (frame.geometry.name, "__file__")]
    plain = pd.DataFrame(frame[headers]).astype(object)
    plain = plain.where(plain.notna(), None)
    grid = Grid(Sheet(one.info.layer, (list(headers), *plain.to_numpy().tolist())))
    header = Header(0, 1, tuple((name,) for name in headers), commune_column=-1)
    place = {"file": one.info.file, "sheet": one.info.layer}
    by_name = {name: header for header, name in named.items()}
    meanings = find_meanings(grid, header, (_NO_NAMES, _words(source)), by_name, place)
    cells = pd.DataFrame({name: plain[headers[c]] for name, c in meanings.columns.items()}, index=plain.index)
    cells.index = pd.RangeIndex(1, len(cells) + 1, name="row")
    return RawTable(
        sheet=one.info.layer,
        cells=cells,
        percents={},
        headers=meanings.headers,
        factors=meanings.factors,
        unread=meanings.unread,
        issues=meanings.issues,
        place=place,
    )


def _usable(frame: gpd.GeoDataFrame, raw: RawTable) -> tuple[gpd.GeoSeries, list[Issue]]:
    """Move shapes to EPSG:4326; keep points and areas, mend areas that cross themselves, tell the rest."""
    shapes = gpd.GeoSeries(frame.geometry.to_numpy(), index=raw.cells.index, crs=frame.crs)
    absent = shapes.isna() | shapes.is_empty
    kinds = shapes.geom_type
    single = (kinds == "MultiPoint") & (shapely.get_num_geometries(shapes.to_numpy()) == 1)
    wrong = ~absent & ~kinds.isin(["Point", "Polygon", "MultiPolygon"]) & ~single
    issues = []
    if absent.any():
        rows = name_rows(raw.cells.index[absent.to_numpy()])
        issues.append(Issue.of("error", "sites.no_shape", **raw.place, row=rows, n=int(absent.sum())))
    if wrong.any():
        place = {**raw.place, "row": name_rows(raw.cells.index[wrong.to_numpy()])}
        words = ", ".join(sorted(set(kinds[wrong])))
        issues.append(Issue.of("error", "sites.wrong_shape", **place, n=int(wrong.sum()), kinds=words))
    kept = shapes[~absent & ~wrong]
    values = np.where(single[kept.index], shapely.get_geometry(kept.to_numpy(), 0), kept.to_numpy())
    moved = to_stored(gpd.GeoDataFrame(geometry=values, crs=frame.crs), file=raw.place["file"])[0].geometry.to_numpy()
    broken = ~shapely.is_valid(moved)
    if broken.any():
        place = {**raw.place, "row": name_rows(kept.index[broken])}
        issues.append(Issue.of("warning", "sites.area_repaired", **place, n=int(broken.sum())))
        moved[broken] = [_areas(shape) for shape in shapely.make_valid(moved[broken])]
    return gpd.GeoSeries(moved, index=kept.index, crs=STORED).reindex(raw.cells.index), issues


def _areas(shape: Any) -> Any:
    """Keep the areas of a mended shape; what had none at all is left as a point."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return shapely.union_all(parts) if parts else shapely.centroid(shape)


def _rows(raw: RawTable, source: SiteSource, radius: float | None) -> tuple[pd.DataFrame, list[Issue]]:
    """Type what is said of every site."""
    figures, issues = read_figures(raw, _words(source))
    empty = pd.Series(pd.NA, index=raw.cells.index, dtype="Float64")
    working, found = _working(raw, source)
    able, told = capacities(figures, source.litres_per_person_day, raw.place, raw.headers)
    if source.capacity and capacity_column(source.capacity) is None:
        at = {**raw.place, "column": source.capacity, "header": source.capacity}
        told.append(Issue.of("error", "sites.capacity_unit", **at))
    kinds, odd = _kinds(raw, source)
    rows = pd.DataFrame(
        {
            "site_id": text_column(raw, "site_id"),
            "kind": kinds,
            "name": text_column(raw, "name"),
            "working": working,
            "radius_m": figures.get("radius_m", empty) if radius is None else empty.fillna(radius),
            **able,
        }
    )
    return rows, [*issues, *found, *told, *odd]


def _kinds(raw: RawTable, source: SiteSource) -> tuple[pd.Series[Any], list[Issue]]:
    """Tell the kind of every row; missing where a file of several kinds holds another than the one asked for."""
    kinds = pd.Series(source.kind, index=raw.cells.index, dtype="str")
    own = text_column(raw, "kind")
    if own.notna().any():
        own = own.str.rsplit("=").str[-1].str.strip()  # tags of OpenStreetMap: amenity=school
    if "kind" in source.columns.values():
        return own.fillna(kinds), []
    other = own.notna() & (own != source.kind)
    if not other.any():
        return kinds, []
    names = sorted(own[other].unique())
    words = ", ".join(names[:_KINDS_NAMED]) + (" …" if len(names) > _KINDS_NAMED else "")
    at = {**raw.place, "column": raw.headers["kind"], "header": raw.headers["kind"]}
    values = {"n": int(other.sum()), "kinds": words, "kind": source.kind}
    if (own == source.kind).any():
        return kinds.mask(other), [Issue.of("info", "sites.other_kinds", **at, **values)]
    # Words for the same kind (``THCS`` in a file of schools), or a file of something else: only the planner knows.
    return kinds, [Issue.of("warning", "sites.kinds_in_file", **at, **values)] if len(names) > 1 else []


def _working(raw: RawTable, source: SiteSource) -> tuple[pd.Series[Any], list[Issue]]:
    """Tell which sites work: all columns that speak of it must say so, and one that is silent leaves it open."""
    columns = ["working", *(f"working_{at}" for at in range(1, len(source.working)))]
    if "working" not in raw.cells:
        # A list of schools names those that are open; of waterworks, those that were built.
        built = source.kind == "water"
        answer = pd.Series(pd.NA if built else True, index=raw.cells.index, dtype="boolean")
        if built:
            return answer, [Issue.of("warning", "sites.no_state", **raw.place)]
        return answer, [Issue.of("info", "sites.taken_as_working", **raw.place)]
    accepted = list(source.working.values()) or [()]
    answers, issues = [], []
    for name, values in zip(columns, accepted, strict=True):
        answer, found = states(raw.cells[name], values, {**raw.place, "column": raw.headers[name]})
        answers.append(answer)
        issues += found
    together = answers[0]
    for answer in answers[1:]:
        together = together & answer
    return together, issues
