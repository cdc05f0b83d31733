"""Reads a vector layer of any allowed kind in batches, so that its size does not decide the memory."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from geontm.errors import BoundaryError, SourceError
from geontm.load.layer_files import PARQUET, vector_files
from geontm.load.layer_options import open_options
from geontm.load.layers import OpenedLayer, group_layers, open_layers, translated, with_name
from geontm.tables import Issue

__all__ = ["BATCH", "KINDS", "Batch", "LayerStream", "open_stream"]

BATCH = 65_536
# GEOS numbers of the kinds of shapes, single and multiple.
KINDS: Mapping[str, tuple[int, ...]] = {"point": (0, 4), "line": (1, 5), "polygon": (3, 6)}
_DECLARED = {"point": ("Point",), "line": ("Line", "Curve"), "polygon": ("Polygon", "Surface")}


@dataclass(frozen=True)
class Batch:
    """Some features of a layer.

    Attributes
    ----------
    shapes : array of object
        Shapely geometries; None where there is none, or where it cannot be read.
    columns : mapping of header to pyarrow.Array
    """

    shapes: NDArray[Any]
    columns: Mapping[str, pa.Array]


@dataclass(frozen=True)
class LayerStream:
    """A layer that is open for reading, once.

    Attributes
    ----------
    file : str
        Name as the planner knows it.
    crs : pyproj.CRS or None
    headers : tuple of str
        Columns, without that of the shapes.
    count : int
        Number of features; -1 where only reading tells.
    issues : tuple of Issue
        What had to be settled to open it.
    """

    file: str
    crs: pyproj.CRS | None
    headers: tuple[str, ...]
    count: int
    issues: tuple[Issue, ...]
    _opened: tuple[OpenedLayer, ...]

    def batches(self, headers: tuple[str, ...] = (), *, size: int = BATCH) -> Iterator[Batch]:
        """Give the features in the order of the file, at most ``size`` at a time, with some of the columns.

        Raises
        ------
        SourceError
            The file is damaged, or ends before the number of features that it declares.
        """
        for one in self._opened:
            read = 0
            with contextlib.closing(_batches(one, headers, size)) as batches:
                while (batch := _next(batches, one)) is not None:
                    read += len(batch.shapes)
                    yield batch
            if 0 <= one.info.count != read:
                raise SourceError("layers.truncated", where=one.source.shown, file=one.source.shown)


@contextlib.contextmanager
def open_stream(path: Path, *, layer: str | None, kinds: tuple[str, ...]) -> Iterator[LayerStream]:
    """Open the one layer of a path that may hold shapes of some kinds; an archive stays unpacked meanwhile.

    Parameters
    ----------
    path : Path
        A vector file, or an archive of one or of many that belong together.
    layer : str or None
        Name of the layer, or of the file or folder inside the archive.
    kinds : tuple of {"point", "line", "polygon"}

    Raises
    ------
    SourceError
        Missing, not allowed, damaged, or files with different systems.
    BoundaryError
        No layer fits, or more than one.
    """
    path = Path(path)
    with vector_files(path) as sources:
        opened = open_layers(sources)
        if layer is not None:
            opened = with_name(opened, layer, path)
        fitting = [one for one in opened if _may_hold(one.info.geometry, kinds)]
        groups = group_layers(fitting)
        if not groups:
            found = sorted({f"{one.info.file}:{one.info.layer} ({one.info.geometry or '–'})" for one in opened})
            shown, wanted = ", ".join(found[:20]), ", ".join(kinds)
            raise SourceError("line_slices.no_such_shapes", where=path, file=path.name, layers=shown, wanted=wanted)
        if len(groups) > 1:
            found = sorted({f"{group[0].info.file}:{group[0].info.layer}" for group in groups})
            raise BoundaryError("line_slices.several_layers", where=path, file=path.name, layers=", ".join(found[:20]))
        yield _stream(groups[0])


def _may_hold(geometry: str, kinds: tuple[str, ...]) -> bool:
    """GDAL's word for the shapes of a layer: a mixed one says "Unknown", "Geometry" or nothing that helps."""
    declared = {kind for kind, words in _DECLARED.items() if any(word in geometry for word in words)}
    return geometry != "" and (not declared or bool(declared & set(kinds)))


def _stream(group: list[OpenedLayer]) -> LayerStream:
    first = group[0]
    file = str(PurePosixPath(first.info.file).parent) if len(group) > 1 else first.info.file
    systems: dict[str, pyproj.CRS | None] = {}
    issues: list[Issue] = []
    for one in group:
        with translated(one.source):
            crs = _crs(one)
        systems[str(crs)] = crs
        issues.extend(open_options(one.source)[1] if one.source.driver != PARQUET else [])
    if len(systems) > 1:
        raise SourceError("layers.crs_mixed", where=file, file=file, crs=", ".join(sorted(systems)))
    counts = [one.info.count for one in group]
    headers = tuple(header for header in first.info.columns if header != _shape_column(first))
    crs = next(iter(systems.values()))
    return LayerStream(file, crs, headers, -1 if -1 in counts else sum(counts), tuple(issues), tuple(group))


def _geo(one: OpenedLayer) -> dict[str, Any]:
    """Read what a GeoParquet file says of its main column of shapes; geoarrow's own encodings are refused."""
    metadata = json.loads((pq.read_schema(one.source.path).metadata or {})[b"geo"])
    name = metadata["primary_column"]
    geo = {"name": name, **metadata["columns"][name]}
    if geo.get("encoding") != "WKB":
        shown = one.source.shown
        raise SourceError("line_slices.not_wkb", where=shown, file=shown, encoding=geo.get("encoding"))
    return geo


def _shape_column(one: OpenedLayer) -> str:
    return str(_geo(one)["name"]) if one.source.driver == PARQUET else ""


def _crs(one: OpenedLayer) -> pyproj.CRS | None:
    if one.source.driver == PARQUET:
        # GeoParquet: an absent system means longitude and latitude, one that is null means unknown.
        said = _geo(one).get("crs", "OGC:CRS84")
        return pyproj.CRS.from_user_input(said) if said is not None else None
    # Not asked again: every opening of a GeoJSON reads it through.
    return pyproj.CRS.from_user_input(one.info.crs) if one.info.crs else None


def _next(batches: Iterator[Batch], one: OpenedLayer) -> Batch | None:
    with translated(one.source):
        return next(batches, None)


def _batches(one: OpenedLayer, headers: tuple[str, ...], size: int) -> Generator[Batch, None, None]:
    if one.source.driver == PARQUET:
        name = _geo(one)["name"]
        with pq.ParquetFile(one.source.path) as file:
            for batch in file.iter_batches(size, columns=[name, *headers], use_threads=False):
                yield _batch(batch, name, headers, one.source.shown)
        return
    options, _ = open_options(one.source)
    with pyogrio.open_arrow(
        one.source.path, layer=one.info.layer, columns=list(headers), batch_size=size, use_pyarrow=True, **options
    ) as (about, stream):
        for batch in stream:
            yield _batch(batch, about["geometry_name"] or "wkb_geometry", headers, one.source.shown)


def _batch(batch: pa.RecordBatch, name: str, headers: tuple[str, ...], file: str) -> Batch:
    try:
        shapes = shapely.from_wkb(batch.column(name).to_numpy(zero_copy_only=False), on_invalid="ignore")
    except NotImplementedError as error:  # arcs and curves, which GEOS does not draw straight by itself
        raise SourceError("line_slices.curves", where=file, file=file) from error
    return Batch(np.asarray(shapes, dtype=object), {header: batch.column(header) for header in headers})
