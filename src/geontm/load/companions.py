"""The files beside a file that belong to it: a shapefile's attributes, a raster's coordinates, a package's last edits.

Whoever asks whether a layer has changed must ask them too: the surface of a road stands in the ``.dbf`` of a shapefile.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from geontm.load.layer_files import COMPANIONS

__all__ = ["companions_of", "content_sha256", "file_sha256"]

# Of one stem with the main file: what readers of layers need, placements of rasters, statistics that hold a nodata.
_OF_ONE_STEM = (*COMPANIONS, ".tfw", ".tifw", ".tiffw", ".wld", ".aux", ".aux.xml")
# After the whole name: what GDAL notes of a raster, masks, overviews, and edits that SQLite has not folded in.
_AFTER_NAME = (".aux.xml", ".msk", ".ovr", "-wal")


def companions_of(path: Path) -> tuple[Path, ...]:
    """Return the files beside a file that are read with it, sorted; empty ones say nothing and are left out."""
    found = []
    for other in path.parent.iterdir():
        name = other.name.lower()
        after = name.startswith(path.name.lower()) and name[len(path.name) :] in _AFTER_NAME
        beside = name.startswith(path.stem.lower()) and name[len(path.stem) :] in _OF_ONE_STEM
        if (after or beside) and name != path.name.lower() and other.is_file() and other.stat().st_size:
            found.append(other)
    return tuple(sorted(found))


def file_sha256(path: Path) -> str:
    """Return the sha256 of the bytes of one file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_sha256(path: Path) -> str:
    """Return a sha256 of a file and of all that is read with it; of a file that stands alone its own."""
    beside = companions_of(path)
    if not beside:
        return file_sha256(path)
    told = [file_sha256(path), *(f"{other.name[len(path.stem) :].lower()} {file_sha256(other)}" for other in beside)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
