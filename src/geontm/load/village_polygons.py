"""Reads outlines of villages: a polygon layer whose attributes name the village and its commune, as a table would."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geontm.load.books import Book, Sheet
from geontm.load.layer_crs import to_stored
from geontm.load.layer_files import ARCHIVES, SUFFIXES
from geontm.load.layers import read_vector
from geontm.load.lower_tables import LowerSource, LowerTable, name_rows
from geontm.load.unicode_books import unicode_sheet
from geontm.load.village_tables import read_village_table
from geontm.tables import Issue, Table

__all__ = ["PolygonSource", "VillagePolygons", "is_layer", "read_village_polygons"]

_AREAS = (3, 6)  # shapely's numbers of Polygon and MultiPolygon


@dataclass(frozen=True)
class PolygonSource:
    """One layer of village outlines.

    Attributes
    ----------
    path : Path
    layer : str or None
        Where the file has several.
    date : date or None
        The day whose communes the layer names.
    commune : str or None
        Name of the column that names the commune, by code or by name.
    within : str or None
        ``"province"`` or ``"district"``: inside what a commune's name is unique.
    columns : mapping
        The layer's spelling of a column, to the dictionary name it means.
    """

    path: Path
    layer: str | None = None
    date: date | None = None
    commune: str | None = None
    within: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> LowerSource:
        """The attributes of the layer as a table of villages."""
        return LowerSource(
            path=self.path, date=self.date, commune=self.commune, within=self.within, columns=self.columns
        )


@dataclass(frozen=True)
class VillagePolygons:
    """A layer of village outlines as read.

    Attributes
    ----------
    table : LowerTable
        The attributes, as a table of villages gives them; rows count from 2, as if a header stood above the features.
    shapes : GeoSeries, index ``row`` of the table, EPSG:4326
        Valid polygons; missing where a feature has none.
    crs, operation : str
        The system the layer came in, and the operation that moved it to EPSG:4326, empty where none was needed.
    issues : tuple of Issue
    """

    table: LowerTable
    shapes: gpd.GeoSeries
    crs: str
    operation: str
    issues: tuple[Issue, ...]


def is_layer(path: Path) -> bool:
    """Tell by its name whether a file is a map layer, not a table."""
    return path.suffix.lower() in (*SUFFIXES, *ARCHIVES)


def read_village_polygons(source: PolygonSource, *, identifiers: Table, villages: Table) -> VillagePolygons:
    """Read outlines of villages with what their attributes say.

    Parameters
    ----------
    source : PolygonSource
        GeoPackage, shapefile (also zipped) and the other kinds of :func:`geontm.load.read_vector`.
    identifiers, villages : Table
        Dictionaries: what names a commune; what is said of a village.

    Returns
    -------
    VillagePolygons
        One row per feature that names a village; where several features are one village, each has its row.

    Raises
    ------
    SourceError, BoundaryError, CRSError
        The layer cannot be read, there are several, or its coordinates cannot be where its system says.
    TableError
        No column of villages is found.
    """
    read = read_vector(source.path, layer=source.layer)
    frame, crs, operation = to_stored(read.frame, file=read.file)
    attributes = frame.drop(columns=[frame.geometry.name, "__file__"], errors="ignore")
    sheet, found = unicode_sheet(_sheet(attributes, read.layer), file=source.path.name)
    book = Book(source.path, "layer", (sheet,), tuple(found))
    table = read_village_table(source.table, identifiers=identifiers, villages=villages, book=book)
    rows = pd.RangeIndex(2, len(frame) + 2, name="row")
    shapes, told = _valid(gpd.GeoSeries(frame.geometry.to_numpy(), index=rows, crs=frame.crs), source.path.name)
    return VillagePolygons(table, shapes.reindex(table.rows.index), crs, operation, (*read.issues, *told))


def _sheet(attributes: pd.DataFrame, name: str) -> Sheet:
    """Lay the attributes of a layer out as a sheet: its columns are the header."""
    columns = [[_cell(value) for value in attributes[each].astype(object)] for each in attributes]
    header = [str(each) for each in attributes]
    return Sheet(name, ([*header], *([*row] for row in zip(*columns, strict=True))))


def _cell(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        # Layers keep whole numbers as decimals where one is missing: 1324.0 is the code 1324.
        return int(value) if float(value).is_integer() else float(value)
    return value if isinstance(value, str | date) else str(value)


def _valid(shapes: gpd.GeoSeries, file: str) -> tuple[gpd.GeoSeries, list[Issue]]:
    """Keep areas, made valid; say which features are none."""
    values = np.array(shapes.to_numpy(), dtype=object)
    issues = []
    wrong = ~shapely.is_missing(values) & ~shapely.is_valid(values)
    if wrong.any():
        values[wrong] = [_areas(shape) for shape in shapely.make_valid(values[wrong])]
        rows = name_rows(shapes.index[wrong])
        issues.append(Issue.of("info", "terrain.polygons_repaired", file=file, row=rows, n=int(wrong.sum())))
    none = shapely.is_missing(values) | shapely.is_empty(values) | ~np.isin(shapely.get_type_id(values), _AREAS)
    if none.any():
        values[none] = None
        rows = name_rows(shapes.index[none])
        issues.append(Issue.of("error", "terrain.polygons_empty", file=file, row=rows, n=int(none.sum())))
    return gpd.GeoSeries(values, index=shapes.index, crs=shapes.crs), issues


def _areas(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    # A collection may hold collections: parts of parts are all there is.
    parts = shapely.get_parts(parts)
    parts = parts[np.isin(shapely.get_type_id(parts), _AREAS)]
    return shapely.union_all(parts) if len(parts) else None
