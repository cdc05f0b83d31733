"""Cuts a layer of lines, points or polygons into one file per area, in memory that its size does not decide."""

from __future__ import annotations

import errno
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geontm.errors import SourceError
from geontm.load.layer_crs import WayToStored, crs_name, inside_vietnam, middles, require_vietnam, way_to_stored
from geontm.load.layer_streams import BATCH, KINDS, Batch, LayerStream, open_stream
from geontm.load.slice_files import GEOMETRY, Spill, identified, ordered, read_slice, write_slice
from geontm.tables import Issue

__all__ = ["CutJob", "LayerSlices", "Limits", "Progress", "Slicer", "cut", "read_slice", "slice_lines"]

Progress = Callable[[int, int], None]
"""Told how many features are read, and of how many (-1 where the file does not say)."""

# Of the middles of a batch so many are kept to tell whether, and else where, the layer lies in Vietnam.
POINTS_PER_BATCH = 2_048
_SINGLE = {"point": 0, "line": 1, "polygon": 3}
# WGS 84: half axis (m) and squared eccentricity.
_A, _E2 = 6_378_137.0, 0.00669437999014


@dataclass(frozen=True)
class Limits:
    """How large a layer may be before it is refused, and how many features are held at a time."""

    features: int = 5_000_000
    vertices: int = 50_000_000
    batch: int = BATCH


@dataclass(frozen=True)
class LayerSlices:
    """One GeoParquet file per area.

    Attributes
    ----------
    paths : mapping of area to Path
        EPSG:4326, in an order that hangs on the features alone; an area that nothing touches has an empty file.
    issues : tuple of Issue
    count : int
        Features of the layer that stand in no, one or several slices.
    km : float
        Length of all lines on the ellipsoid, each once, whether or not an area is touched; 0 for points and polygons.
    crs, operation : str
        The system the layer came in, and the PROJ operation that moved it; empty where none was needed.
    """

    paths: Mapping[str, Path]
    issues: tuple[Issue, ...]
    count: int
    km: float
    crs: str
    operation: str

    def with_issues(self, issues: Iterable[Issue]) -> LayerSlices:
        """Return the same with more issues."""
        return replace(self, issues=(*self.issues, *issues))


@dataclass
class _Counts:
    features: int = 0
    kept: int = 0
    vertices: int = 0
    empty: int = 0
    broken: int = 0
    no_length: int = 0
    repaired: int = 0
    millimetres: int = 0
    outside: int = 0
    other: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class CutJob:
    """What to cut, and into what.

    Attributes
    ----------
    areas : mapping of str to Polygon or MultiPolygon
        In EPSG:4326.
    folder : Path
        Gets ``<area>.parquet`` for each area.
    kinds : tuple of {"point", "line", "polygon"}
        What is wanted; all else is counted.
    schema : pyarrow.Schema
        Columns beside the shapes, the first of which is the identity: where it is null it is made from the shape.
    headers : tuple of str
        Columns of the file that are read.
    limits : Limits
    progress : callable, optional
    """

    areas: Mapping[str, Any]
    folder: Path
    kinds: tuple[str, ...]
    schema: pa.Schema
    headers: tuple[str, ...] = ()
    limits: Limits = Limits()
    progress: Progress | None = None


class Slicer:
    """Takes batches of shapes with their columns, and leaves one file per area; used once.

    Parameters
    ----------
    stream : LayerStream
        For its name and its system.
    job : CutJob
    spills : Path
        A folder for what is read and not yet in order.
    """

    def __init__(self, stream: LayerStream, job: CutJob, spills: Path) -> None:
        self.file, self.crs, self.kinds, self.limits = stream.file, stream.crs, job.kinds, job.limits
        self.schema = job.schema.append(pa.field(GEOMETRY, pa.binary()))
        self.counts = _Counts()
        self.way: WayToStored | None = None
        self.given: list[NDArray[np.float64]] = []
        self.moved: list[NDArray[np.float64]] = []
        self.areas = {name: job.areas[name] for name in sorted(job.areas)}
        for area in self.areas.values():
            shapely.prepare(area)
        self.spills = {name: Spill(spills / f"{name}.arrow", self.schema) for name in self.areas}

    def way_known(self) -> WayToStored:
        """Return the way to EPSG:4326, also of a layer without features."""
        return self.way or way_to_stored(self.crs, np.empty((0, 2)), file=self.file)

    def add(self, shapes: NDArray[Any], columns: pa.Table) -> None:
        """Take a batch: shapes as given, one row of columns for each."""
        limits = self.limits
        self.counts.features += len(shapes)
        _require_at_most("line_slices.too_many", self.file, self.counts.features, limits.features)
        self.counts.vertices += int(shapely.get_num_coordinates(shapes).sum())
        _require_at_most("line_slices.too_many_vertices", self.file, self.counts.vertices, limits.vertices)
        shapes, rows = self._wanted(shapes)
        given = middles(shapes)
        if self.way is None:
            self.way = way_to_stored(self.crs, given, file=self.file)
        moved = self.way.move(shapes)
        self._note_places(given, middles(moved))
        shapes, rows = self._usable(moved, rows)
        self.counts.kept += len(np.unique(rows))
        self._spill(shapes, rows, columns)

    def finish(self, paths: Mapping[str, Path]) -> tuple[Issue, ...]:
        """Put every area's features in order, write them, and say what was met on the way."""
        self._require_something()
        issues = self._issues()
        for name, spill in self.spills.items():
            table = spill.read()
            twice = len(table) - len(pc.unique(table[GEOMETRY]))
            if twice:
                issues.append(Issue.of("warning", "line_slices.twice", file=self.file, n=twice, area=name))
            write_slice(ordered(table), paths[name])
            spill.remove()
        return tuple(issues)

    def _wanted(self, shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Keep the shapes of the wanted kinds, in single parts and two dimensions, with the row of each part."""
        types = shapely.get_type_id(shapes)
        nothing = (types == -1) | shapely.is_empty(shapes)
        self.counts.empty += int(nothing.sum())
        wanted = np.isin(types, [number for kind in self.kinds for number in KINDS[kind]]) & ~nothing
        for number, n in zip(*np.unique(types[~wanted & ~nothing], return_counts=True), strict=True):
            self.counts.other[_kind_name(int(number))] += int(n)
        rows = np.flatnonzero(wanted)
        shapes = shapes[rows]
        if np.isin(types[rows], (4, 5, 6)).any():
            shapes, parts = shapely.get_parts(shapes, return_index=True)
            rows = rows[parts]
        if (shapely.has_z(shapes) | shapely.has_m(shapes)).any():  # copying all shapes takes a tenth of the time
            shapes = shapely.force_2d(shapes)
        return shapes, rows

    def _usable(self, shapes: NDArray[Any], rows: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Leave out parts whose coordinates are no numbers and lines without length; mend polygons."""
        coords, owner = shapely.get_coordinates(shapes, return_index=True)
        broken = np.zeros(len(shapes), dtype=bool)
        broken[owner[~np.isfinite(coords).all(axis=1)]] = True
        broken |= shapely.is_empty(shapes)
        self.counts.broken += int(broken.sum())
        lines = shapely.get_type_id(shapes) == _SINGLE["line"]
        metres = _ground_metres(np.where(np.isfinite(coords), coords, 0.0), owner, len(shapes))
        short = lines & ~broken & ~(metres > 0)
        self.counts.no_length += int(short.sum())
        keep = ~broken & ~short
        # Whole millimetres add up to the same total in any order.
        self.counts.millimetres += int(np.rint(metres[keep & lines] * 1_000).astype(np.int64).sum())
        shapes, rows = shapes[keep], rows[keep]
        if "polygon" in self.kinds and not (valid := shapely.is_valid(shapes)).all():
            self.counts.repaired += int((~valid).sum())
            mended = np.where(valid, shapes, shapely.make_valid(shapes, method="structure", keep_collapsed=False))
            shapes, parts = shapely.get_parts(mended, return_index=True)
            rows = rows[parts]
        return shapes, rows

    def _note_places(self, given: NDArray[np.float64], moved: NDArray[np.float64]) -> None:
        """Keep some of the middles: where the layer lies is judged once all of it was seen."""
        self.counts.outside += int((~inside_vietnam(*moved.T)).sum())
        step = max(1, len(given) // POINTS_PER_BATCH)
        self.given.append(given[::step])
        self.moved.append(moved[::step])

    def _spill(self, shapes: NDArray[Any], rows: NDArray[np.int64], columns: pa.Table) -> None:
        boxes = shapely.bounds(shapes)
        for name, area in self.areas.items():
            west, south, east, north = shapely.bounds(area)
            near = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
            found = np.flatnonzero(near)
            found = found[shapely.intersects(area, shapes[found])]
            if len(found):
                bytes_ = pa.array(shapely.to_wkb(shapes[found], byte_order=1, output_dimension=2), type=pa.binary())
                self.spills[name].add(identified(columns.take(rows[found]).append_column(GEOMETRY, bytes_)))

    def _require_something(self) -> None:
        counts, file = self.counts, self.file
        if self.moved:
            given, moved = np.concatenate(self.given), np.concatenate(self.moved)
            if len(given) and self.way is not None:
                require_vietnam(moved, given, self.way.crs, file=file)
        wanted = ", ".join(self.kinds)
        if counts.other and not counts.kept and not counts.no_length:
            found = ", ".join(f"{kind} ({n:,})" for kind, n in sorted(counts.other.items()))
            raise SourceError("line_slices.other_shapes", where=file, file=file, found=found, wanted=wanted)
        if counts.features and not counts.kept:
            message = "line_slices.no_length" if counts.no_length else "line_slices.nothing_usable"
            raise SourceError(message, where=file, file=file, n=counts.features)

    def _issues(self) -> list[Issue]:
        counts = self.counts
        found = [
            ("warning", "line_slices.empty", counts.empty),
            ("warning", "line_slices.broken", counts.broken),
            ("warning", "line_slices.zero_length", counts.no_length),
            ("warning", "line_slices.outside", counts.outside),
            ("info", "line_slices.repaired", counts.repaired),
        ]
        issues = [Issue.of(level, message, file=self.file, n=n) for level, message, n in found if n]  # type: ignore[arg-type]
        for kind, n in sorted(counts.other.items()):
            issues.append(Issue.of("warning", "line_slices.left_out", file=self.file, value=kind, kind=kind, n=n))
        if not counts.features:
            issues.append(Issue.of("warning", "line_slices.no_features", file=self.file))
        return issues


def slice_lines(
    path: Path,
    areas: Mapping[str, Any],
    folder: Path,
    *,
    layer: str | None = None,
    kinds: tuple[str, ...] = ("line", "polygon"),
    progress: Progress | None = None,
) -> LayerSlices:
    """Cut a layer of plain shapes (rivers, lakes, ferry lines) into one file per area; see :func:`slice_roads`.

    Parameters
    ----------
    path : Path
        A vector file or an archive of one, in any CRS that has a known way to EPSG:4326.
    areas : mapping of str to Polygon or MultiPolygon
        In EPSG:4326, with whatever halo is wanted.
    folder : Path
        Gets ``<area>.parquet`` for each area.
    layer : str, optional
        Name of the layer.
    kinds : tuple of {"point", "line", "polygon"}
        What is wanted; all else is counted in an issue.
    progress : callable, optional
        Told how many features are read, and of how many.

    Returns
    -------
    LayerSlices
        Files with ``shape_id`` (made from the shape) and ``geometry``, single parts.

    Raises
    ------
    SourceError, CRSError, BoundaryError
        As :func:`slice_roads`.
    """
    schema = pa.schema([("shape_id", pa.string())])
    with open_stream(path, layer=layer, kinds=kinds) as stream:

        def read(batch: Batch) -> tuple[NDArray[Any], pa.Table]:
            return batch.shapes, pa.table([pa.nulls(len(batch.shapes), pa.string())], schema=schema)

        return cut(stream, CutJob(areas, Path(folder), kinds, schema, progress=progress), read)


def cut(stream: LayerStream, job: CutJob, read: Callable[[Batch], tuple[NDArray[Any], pa.Table]]) -> LayerSlices:
    """Carry every batch of a layer through a reader of its columns into the slices.

    Parameters
    ----------
    stream : LayerStream
    job : CutJob
    read : callable
        Gives the shapes that stay and their columns (``job.schema``), row by row.

    Raises
    ------
    SourceError
        The layer is too large or damaged, holds nothing of the wanted kinds, or the slices cannot be written.
    CRSError
        No system, no known way to EPSG:4326, or most of the layer outside Vietnam.
    """
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        paths = {name: job.folder / f"{name}.parquet" for name in sorted(job.areas)}
        with tempfile.TemporaryDirectory(prefix=".slices-", dir=job.folder) as spills:
            slicer = Slicer(stream, job, Path(spills))
            for batch in stream.batches(job.headers, size=job.limits.batch):
                slicer.add(*read(batch))
                if job.progress is not None:
                    job.progress(slicer.counts.features, stream.count)
            issues = slicer.finish(paths)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        message = "line_slices.no_space" if full else "line_slices.write_failed"
        raise SourceError(message, where=job.folder, file=stream.file, folder=job.folder.name) from error
    way = slicer.way_known()
    km = slicer.counts.millimetres / 1e6
    return LayerSlices(paths, (*stream.issues, *issues), slicer.counts.kept, km, crs_name(way.crs), way.operation)


def _kind_name(number: int) -> str:
    try:
        return str(shapely.GeometryType(number).name)
    except ValueError:
        return f"#{number}"


def _require_at_most(message: str, file: str, count: int, limit: int) -> None:
    if count > limit:
        raise SourceError(message, where=file, file=file, count=count, limit=limit)


def _ground_metres(coords: NDArray[np.float64], owner: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Measure lines (coordinates in °E, °N) on the ellipsoid, segment by segment at its middle latitude.

    Segments of roads are short: up to 20 km the error is below one part in a million.
    """
    together = owner[1:] == owner[:-1]
    dx, dy = np.radians(np.diff(coords, axis=0)[together]).T
    middle = np.radians((coords[1:, 1] + coords[:-1, 1])[together] / 2)
    flattened = 1 - _E2 * np.sin(middle) ** 2
    east, north = dx * np.cos(middle) * _A / np.sqrt(flattened), dy * _A * (1 - _E2) / flattened**1.5
    metres = np.bincount(owner[1:][together], weights=np.hypot(east, north), minlength=n)
    return metres.astype(np.float64)
