"""Finds the vector files behind a path, plain or zipped; each must be what it says before GDAL sees it."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from geontm.errors import SourceError

__all__ = ["SUFFIXES", "VectorFile", "vector_files"]

GIBIBYTE = 1024**3
MOST_MEMBERS = 20_000
MOST_UNPACKED = 4 * GIBIBYTE
MOST_INFLATION = 200
ALWAYS_ALLOWED = GIBIBYTE // 4

PARQUET = "Parquet"
SUFFIXES = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".topojson": "TopoJSON",
    ".shp": "ESRI Shapefile",
    ".fgb": "FlatGeobuf",
    ".kml": "KML",
    ".gml": "GML",
    ".tab": "MapInfo File",
    ".mif": "MapInfo File",
    ".parquet": PARQUET,
    ".geoparquet": PARQUET,
}
ARCHIVES = (".zip", ".kmz")
# Companions of a main file that readers need; everything else in an archive stays packed.
COMPANIONS = (".shx", ".dbf", ".prj", ".cpg", ".dat", ".map", ".id", ".ind", ".mid", ".xsd")
HEAD_BYTES = 65_536
MOST_NAMED = 12


@dataclass(frozen=True)
class VectorFile:
    """A file that may be opened: where it lies now, its GDAL driver, and its name as the planner knows it."""

    path: Path
    driver: str
    shown: str


@contextmanager
def vector_files(path: Path) -> Iterator[tuple[VectorFile, ...]]:
    """Give every vector file behind a path; those of an archive are unpacked for as long as the context lasts.

    Raises
    ------
    SourceError
        There is no such file, it is of a kind that is not allowed, it is damaged, or an archive is too large to unpack.
    """
    path = Path(path)
    if path.is_dir():
        raise SourceError("layers.is_folder", where=path, file=path.name, kinds=" ".join((*SUFFIXES, *ARCHIVES)))
    if not path.is_file():
        raise SourceError("layers.file_missing", where=path, file=path.name)
    try:
        path.open("rb").close()
    except OSError as error:
        raise SourceError("layers.no_permission", where=path, file=path.name) from error
    if path.stat().st_size == 0:
        raise SourceError("layers.file_empty", where=path, file=path.name)
    if path.suffix.lower() not in ARCHIVES:
        yield (_checked(path, path.name),)
        return
    with _temporary_folder(path) as folder:
        members = [name for name in _unpack(path, Path(folder)) if _driver_by_suffix(PurePosixPath(name))]
        if not members:
            raise SourceError("layers.no_layer_in_archive", where=path, file=path.name, kinds=" ".join(SUFFIXES))
        yield tuple(_checked(Path(folder, name), f"{path.name}/{name}") for name in sorted(members))


@contextmanager
def _temporary_folder(path: Path) -> Iterator[str]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="geontm-")
    except OSError as error:  # no folder for temporary files may be written
        raise SourceError("layers.unpack_failed", where=path, file=path.name, folder="?") from error
    with folder as name:
        yield name


def _driver_by_suffix(path: PurePosixPath | Path) -> str | None:
    return SUFFIXES.get(path.suffix.lower())


def _unpack(path: Path, folder: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and _is_wanted(entry.filename)]
            allowed = min(MOST_UNPACKED, max(ALWAYS_ALLOWED, MOST_INFLATION * path.stat().st_size))
            if len(archive.infolist()) > MOST_MEMBERS or sum(entry.file_size for entry in entries) > allowed:
                raise SourceError("layers.archive_too_large", where=path, file=path.name, limit=allowed // 1024**2)
            for entry in entries:
                place = PurePosixPath(entry.filename)
                if place.is_absolute() or ".." in place.parts or ":" in entry.filename or "\\" in entry.filename:
                    raise SourceError("layers.archive_path", where=path, file=path.name, member=entry.filename)
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                # ZipExtFile never gives more than the size the directory declares, which was counted above.
                with archive.open(entry) as packed, target.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
            return [entry.filename for entry in entries]
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise SourceError("layers.archive_damaged", where=path, file=path.name) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        message_id = "layers.unpack_no_space" if full else "layers.unpack_failed"
        raise SourceError(message_id, where=path, file=path.name, folder=folder.parent) from error


def _is_wanted(name: str) -> bool:
    place = PurePosixPath(name)
    hidden = place.name.startswith(".") or "__MACOSX" in place.parts
    return not hidden and place.suffix.lower() in (*SUFFIXES, *COMPANIONS)


def _checked(path: Path, shown: str) -> VectorFile:
    """Match a file's content with its suffix, and its length with what its own header says."""
    if path.stat().st_size == 0:
        raise SourceError("layers.file_empty", where=shown, file=shown)
    declared = _driver_by_suffix(path)
    if declared is None:
        raise SourceError("layers.kind_not_allowed", where=shown, file=shown, kinds=" ".join((*SUFFIXES, *ARCHIVES)))
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    driver = _driver_by_content(head)
    if driver == "GeoJSON" and declared == "TopoJSON":
        driver = None
    if driver is None or (driver != declared and {driver, declared} != {"GeoJSON", "TopoJSON"}):
        raise SourceError("layers.content_differs", where=shown, file=shown, suffix=path.suffix)
    if not _is_whole(path, driver, head):
        raise SourceError("layers.truncated", where=shown, file=shown)
    if driver == "ESRI Shapefile":
        _require_companions(path, shown, (".shx", ".dbf"))
    if driver == "GPKG":
        _require_features(path, shown)
    if driver in ("KML", "GML"):
        _refuse_document_types(path, shown)
    return VectorFile(path, driver, shown)


def _driver_by_content(head: bytes) -> str | None:
    if head.startswith(b"SQLite format 3\x00"):
        return "GPKG" if head[68:72] in (b"GPKG", b"GP10", b"GP11") else None
    if head.startswith(b"PAR1"):
        return PARQUET
    if head.startswith(b"fgb\x03fgb"):
        return "FlatGeobuf"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "ESRI Shapefile"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        squeezed = b"".join(text.split())
        return "TopoJSON" if b'"type":"Topology"' in squeezed else "GeoJSON"
    if text.startswith(b"<"):
        return "KML" if b"<kml" in text else "GML" if b"/gml" in text or b"gml:" in text else None
    lowered = text[:4096].lower()
    if lowered.startswith(b"!table"):
        # A seamless or linked table points to other files; only a table that holds its own data is read.
        return "MapInfo File" if b"type native" in lowered else None
    return "MapInfo File" if lowered.startswith(b"version") else None


def _is_whole(path: Path, driver: str, head: bytes) -> bool:
    size = path.stat().st_size
    if driver == "GPKG":
        page = int.from_bytes(head[16:18], "big")
        pages = int.from_bytes(head[28:32], "big")
        # The page count is valid only where the two change counters agree (SQLite file format, 1.3.8).
        counted = pages > 0 and head[24:28] == head[92:96]
        return size >= pages * (65_536 if page == 1 else page) if counted else True
    if driver == "ESRI Shapefile":
        return size >= 2 * int.from_bytes(head[24:28], "big")
    if driver == PARQUET:
        with path.open("rb") as file:
            file.seek(-4, 2)
            return file.read() == b"PAR1"
    return True


def _require_companions(path: Path, shown: str, suffixes: tuple[str, ...]) -> None:
    beside = {entry.name.lower() for entry in path.parent.iterdir()}
    if missing := [suffix for suffix in suffixes if f"{path.stem}{suffix}".lower() not in beside]:
        raise SourceError("layers.companion_missing", where=shown, file=shown, missing=", ".join(missing))


def _require_features(path: Path, shown: str) -> None:
    """Refuse a GeoPackage of rasters or tables alone, by its own table of contents."""
    if Path(f"{path}-wal").exists():  # open in a GIS: the table of contents may stand in that file
        return
    try:
        # Neither locked nor written to: not even the side files of a journal appear beside the planner's file.
        contents = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            found = contents.execute("SELECT data_type, table_name FROM gpkg_contents ORDER BY 1, 2").fetchall()
        finally:
            contents.close()
    except sqlite3.Error as error:
        raise SourceError("layers.damaged", where=shown, file=shown, driver="GPKG") from error
    if all(kind != "features" for kind, _ in found):
        listed = ", ".join(f"{name} ({kind})" for kind, name in found[:MOST_NAMED])
        raise SourceError("layers.no_features_in_gpkg", where=shown, file=shown, layers=listed or "–")


def _refuse_document_types(path: Path, shown: str) -> None:
    """Refuse XML with a document type: only there can entities be declared, which grow or reach elsewhere."""
    try:
        for _ in defusedxml.ElementTree.iterparse(path, events=("start",), forbid_dtd=True):
            return
    except DefusedXmlException as error:
        raise SourceError("layers.xml_entities", where=shown, file=shown) from error
    except defusedxml.ElementTree.ParseError as error:
        raise SourceError("layers.truncated", where=shown, file=shown) from error
