"""Opens vector layers of any allowed kind: fiona first, bound to one driver, then pyogrio reads."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

import fiona
import fiona.errors
import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.errors
import shapely

from geontm.errors import BoundaryError, SourceError
from geontm.load.layer_files import PARQUET, VectorFile, vector_files
from geontm.load.layer_options import OPEN_OPTIONS, open_options
from geontm.tables import Issue, Table

__all__ = [
    "LayerInfo",
    "OpenedLayer",
    "ReadLayer",
    "group_layers",
    "list_layers",
    "name_columns",
    "open_layers",
    "read_vector",
    "translated",
    "with_name",
]

# Raw polygons of communes have some 3,000 vertices each, which makes ten million for the whole country.
MOST_FEATURES = 200_000
MOST_VERTICES = 50_000_000
DAMAGED = (
    fiona.errors.FionaError,
    fiona.errors.FionaValueError,
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pa.ArrowException,
    shapely.errors.GEOSException,
    OSError,
    UnicodeDecodeError,
    ValueError,
)
LEAST_LIKE_COMMUNES = 0.5
ONE_LAYER = ("ESRI Shapefile", "FlatGeobuf", "MapInfo File")


@dataclass(frozen=True)
class LayerInfo:
    """What a layer says of itself before it is read.

    Attributes
    ----------
    file : str
        Name as the planner knows it; ``archive.zip/folder/file.shp`` for a packed one.
    layer : str
    driver : str
        GDAL driver, or ``"Parquet"``.
    geometry : str
        GDAL's word for the kind of shapes; empty for a table without shapes.
    crs : str
        As GDAL words it, a code or WKT; empty where the layer has none.
    columns : tuple of str
    count : int
        Number of features; -1 where only reading tells.
    """

    file: str
    layer: str
    driver: str
    geometry: str
    crs: str
    columns: tuple[str, ...]
    count: int

    @property
    def has_polygons(self) -> bool:
        """Whether polygons may be inside; a layer of mixed shapes says "Unknown" or "Geometry"."""
        return self.geometry != "" and not any(word in self.geometry for word in ("Point", "Line"))

    @property
    def has_lines(self) -> bool:
        """Whether lines may be inside."""
        return self.geometry != "" and not any(word in self.geometry for word in ("Point", "Polygon", "Surface"))


@dataclass(frozen=True)
class ReadLayer:
    """A layer as read: its columns untouched, plus ``__file__`` for where each row came from."""

    frame: gpd.GeoDataFrame
    file: str
    layer: str
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class OpenedLayer:
    """A layer that passed the gate: where it lies, and what it says of itself."""

    source: VectorFile
    info: LayerInfo

    @cached_property
    def read(self) -> tuple[gpd.GeoDataFrame, list[Issue]]:
        """The features, read at most once, and what had to be settled to read them."""
        return _read(self)


def list_layers(path: Path) -> tuple[LayerInfo, ...]:
    """List every layer behind a path, in an archive those of all its files.

    Raises
    ------
    SourceError
        See :func:`geontm.load.layer_files.vector_files`.
    """
    with vector_files(path) as sources:
        return tuple(opened.info for opened in open_layers(sources))


def read_vector(
    path: Path,
    *,
    identifiers: Table | None = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    lines: bool = False,
) -> ReadLayer:
    """Read the layer that a path means; where several could be meant, refuse and name them.

    Parameters
    ----------
    path : Path
        A vector file, or an archive of one or of many that belong together (a file per commune).
    identifiers : Table, optional
        Dictionary by whose spellings a layer of communes is known.
    columns : mapping of str to str, optional
        Spellings of this file, file column to dictionary column.
    layer : str, optional
        Name of the layer, or of the file or folder inside the archive.
    lines : bool
        Look for lines in place of polygons.

    Returns
    -------
    ReadLayer
        Features in the order of the file (and of the file names), two-dimensional, CRS as given or None.

    Raises
    ------
    SourceError
        Missing, not allowed, damaged, truncated, or too large.
    BoundaryError
        No layer fits, or more than one.
    """
    path = Path(path)
    with vector_files(path) as sources:
        opened = open_layers(sources)
        if layer is not None:
            opened = with_name(opened, layer, path)
        chosen = _choose(opened, path, identifiers, columns or {}, lines)
        pieces = [one.read for one in chosen]
    frames = [frame for frame, _ in pieces]
    if len(systems := sorted({str(frame.crs) for frame in frames})) > 1:
        raise SourceError("layers.crs_mixed", where=path, file=path.name, crs=", ".join(systems))
    frame = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs) if len(frames) > 1 else frames[0]
    info = chosen[0].info
    together = str(PurePosixPath(info.file).parent) if len(chosen) > 1 else info.file
    return ReadLayer(frame, together, info.layer, tuple(issue for _, issues in pieces for issue in issues))


def name_columns(headers: tuple[str, ...], identifiers: Table | None, columns: Mapping[str, str]) -> dict[str, str]:
    """Say which dictionary column each header means; spellings given for this file outrank the dictionary."""
    found = {header: identifiers.find(header) for header in headers} if identifiers is not None else {}
    taken = set(columns.values())
    known = {header: name for header, name in found.items() if name is not None and name not in taken}
    return {**known, **{header: name for header, name in columns.items() if header in headers}}


@contextlib.contextmanager
def translated(source: VectorFile) -> Iterator[None]:
    """Turn the words of fiona, pyogrio, GDAL and Arrow into one plain sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SourceError:
        raise
    except PermissionError as error:
        raise SourceError("layers.no_permission", where=source.shown, file=source.shown) from error
    except DAMAGED as error:
        raise SourceError("layers.damaged", where=source.shown, file=source.shown, driver=source.driver) from error


def open_layers(sources: tuple[VectorFile, ...]) -> list[OpenedLayer]:
    """Open every layer of the files once, by fiona bound to the driver of each.

    Raises
    ------
    SourceError
        A file is damaged, or no layer of shapes.
    """
    return [opened for source in sources for opened in _open(source)]


def _open(source: VectorFile) -> list[OpenedLayer]:
    with translated(source):
        if source.driver == PARQUET:
            return [OpenedLayer(source, _parquet_info(source))]
        if source.driver == "GeoJSON":
            # The prefix binds pyogrio to this driver; every opening reads the file through, fiona's in twice the time.
            info = pyogrio.read_info(f"GeoJSON:{source.path}", force_feature_count=True)
            return [OpenedLayer(source, _pyogrio_info(source, str(info["layer_name"]), info))]
        options = dict(OPEN_OPTIONS.get(source.driver, {}))
        # The gate: fiona opens with this one driver or not at all. pyogrio has no such list, so it comes second.
        gate: dict[str, Any] = {"enabled_drivers": [source.driver], "allow_unsupported_drivers": True, **options}
        with fiona.open(source.path, **gate) as first:
            if source.driver in ONE_LAYER:
                return [OpenedLayer(source, _fiona_info(source, first))]
            names = fiona.listlayers(source.path, **options)
        infos = [(name, pyogrio.read_info(source.path, layer=name, **options)) for name in names]
        return [OpenedLayer(source, _pyogrio_info(source, name, info)) for name, info in infos]


def _fiona_info(source: VectorFile, layer: Any) -> LayerInfo:
    try:
        count = len(layer)
    except TypeError:  # MapInfo's text form does not count
        count = -1
    geometry = str(layer.schema["geometry"]).replace("None", "")
    columns = tuple(layer.schema["properties"])
    return LayerInfo(source.shown, layer.name, source.driver, geometry, layer.crs_wkt, columns, count)


def _pyogrio_info(source: VectorFile, name: str, info: dict[str, Any]) -> LayerInfo:
    return LayerInfo(
        file=source.shown,
        layer=name,
        driver=source.driver,
        geometry=str(info["geometry_type"] or ""),
        crs=str(info["crs"] or ""),
        columns=tuple(info["fields"]),
        count=int(info["features"]),
    )


def _parquet_info(source: VectorFile) -> LayerInfo:
    schema = pq.read_schema(source.path)
    metadata = schema.metadata or {}
    if b"geo" not in metadata:
        raise SourceError("layers.not_geoparquet", where=source.shown, file=source.shown)
    count = pq.read_metadata(source.path).num_rows
    return LayerInfo(source.shown, source.path.stem, PARQUET, "Unknown", "", tuple(schema.names), count)


def with_name(opened: list[OpenedLayer], layer: str, path: Path) -> list[OpenedLayer]:
    """Keep the layers of a name: their own, or that of their file or folder inside the archive."""

    def answers(one: OpenedLayer) -> bool:
        inside = PurePosixPath(one.info.file)
        return layer in (one.info.layer, inside.stem, inside.name, *(part.name for part in inside.parents))

    if found := [one for one in opened if answers(one)]:
        return found
    names = ", ".join(sorted({one.info.layer for one in opened}))
    raise BoundaryError("layers.layer_missing", where=path, file=path.name, layer=layer, layers=names)


def _choose(
    opened: list[OpenedLayer], path: Path, identifiers: Table | None, columns: Mapping[str, str], lines: bool
) -> list[OpenedLayer]:
    """Take the only layer, or group of files, whose shapes and columns fit."""
    fitting = [one for one in opened if (one.info.has_lines if lines else one.info.has_polygons)]
    present = list(dict.fromkeys(header for one in fitting for header in one.info.columns))
    if fitting and (missing := [header for header in columns if header not in present]):
        raise BoundaryError("layers.column_missing", where=path, column=", ".join(missing), columns=", ".join(present))
    if identifiers is not None or columns:
        named = {"commune_code", "commune_name"}
        fitting = [one for one in fitting if named & set(name_columns(one.info.columns, identifiers, columns).values())]
    if len(fitting) > 1 and identifiers is not None:
        fitting = [one for one in fitting if _is_like_communes(one, identifiers, columns)] or fitting
    groups = group_layers(fitting)
    if len(groups) == 1:
        return groups[0]
    listed = opened if not groups else [group[0] for group in groups]
    names = ", ".join(sorted({f"{one.info.file}:{one.info.layer}" for one in listed})[:20])
    raise BoundaryError(
        "layers.several_layers" if groups else "layers.no_fitting_layer", where=path, file=path.name, layers=names
    )


def group_layers(opened: list[OpenedLayer]) -> list[list[OpenedLayer]]:
    """Put together the files that make one layer, such as a file per commune."""
    return [list(group) for _, group in groupby(sorted(opened, key=_group_key), key=_group_key)]


def _group_key(one: OpenedLayer) -> tuple[str, ...]:
    """Files of one folder with the same columns belong together; layers of one file never do."""
    inside = PurePosixPath(one.info.file)
    alone = (inside.name, one.info.layer) if one.info.driver in ("GPKG", "KML", "GML") else ()
    return (str(inside.parent), one.info.driver, *one.info.columns, *alone)


def _is_like_communes(one: OpenedLayer, identifiers: Table, columns: Mapping[str, str]) -> bool:
    """Look at a layer's codes: do most have the form of a commune's? Explicit columns settle it."""
    meanings = name_columns(one.info.columns, identifiers, columns)
    if any(header in one.info.columns and name == "commune_code" for header, name in columns.items()):
        return True
    headers = [header for header, name in meanings.items() if name == "commune_code"]
    if not headers or one.info.count > MOST_FEATURES:
        return False
    codes = one.read[0][headers].astype("str")
    pattern = identifiers["commune_code"].pattern
    return (
        bool(len(codes)) and max(codes[name].str.fullmatch(pattern).mean() for name in headers) >= LEAST_LIKE_COMMUNES
    )


def _read(one: OpenedLayer) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    source, info = one.source, one.info
    if info.count > MOST_FEATURES:
        raise SourceError(
            "layers.too_many", where=source.shown, file=source.shown, count=info.count, limit=MOST_FEATURES
        )
    issues: list[Issue] = []
    with translated(source):
        if source.driver == PARQUET:
            frame = gpd.read_parquet(source.path)
        else:
            options, issues = open_options(source)
            # A ring that does not close, and the like, comes as no shape at all and is reported as that later.
            frame = pyogrio.read_dataframe(
                source.path,
                layer=info.layer,
                force_2d=True,
                max_features=MOST_FEATURES + 1,
                on_invalid="ignore",
                use_arrow=False,
                **options,
            )
    if not isinstance(frame, gpd.GeoDataFrame):
        raise SourceError("layers.no_shapes", where=source.shown, file=source.shown)
    if 0 <= info.count != len(frame):
        raise SourceError("layers.truncated", where=source.shown, file=source.shown)
    if len(frame) > MOST_FEATURES:
        raise SourceError(
            "layers.too_many", where=source.shown, file=source.shown, count=len(frame), limit=MOST_FEATURES
        )
    vertices = int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum())
    if vertices > MOST_VERTICES:
        raise SourceError(
            "layers.too_many_vertices", where=source.shown, file=source.shown, count=vertices, limit=MOST_VERTICES
        )
    plain = (
        pd.DataFrame(frame.drop(columns=frame.geometry.name))
        .rename(columns=str)
        .drop(columns="geometry", errors="ignore")
    )
    plain = plain.assign(__file__=source.shown)
    return gpd.GeoDataFrame(plain, geometry=frame.geometry.to_numpy(), crs=frame.crs), issues
