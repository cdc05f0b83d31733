"""What may be opened as a raster: the kind told by the first bytes, and claims of size that the file can hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from geontm.errors import SourceError

__all__ = ["GDAL_SETTINGS", "SUFFIXES", "driver_of", "require_credible"]

GIBIBYTE = 1024**3
TIFF_HEADS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
SUFFIXES = (".tif", ".tiff", ".asc", ".hgt")
# Sides of SRTM tiles of 3 and of 1 arc-second; two bytes a cell, no header.
SRTM_SIDES = (1_201, 3_601)
# A GeoTIFF may name overviews elsewhere; nothing is fetched, no sidecar is written.
GDAL_SETTINGS: Mapping[str, Any] = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_PAM_ENABLED": True,
    "CPL_DEBUG": False,
    "GDAL_CACHEMAX": 256,
    "GDAL_NUM_THREADS": 1,
}
# All of Vietnam with its seas in cells of 1 arc-second is 4e9 cells.
MOST_CELLS = 20_000_000_000
MOST_BYTES = 64 * GIBIBYTE
MOST_BLOCK = GIBIBYTE // 2
# Deflate packs at most 1,032 to 1; more is a file of holes, or made to fill a memory.
MOST_INFLATION = 2_000
ALWAYS_ALLOWED = GIBIBYTE


def driver_of(path: Path) -> str:
    """Tell the GDAL driver of a file by its first bytes, and refuse what is no raster that geontm reads.

    Raises
    ------
    SourceError
        There is no such file, it may not be read, it is empty, or it is of another kind.
    """
    kinds = " ".join(SUFFIXES)
    if path.is_dir():
        raise SourceError("layers.is_folder", where=path, file=path.name, kinds=kinds)
    if not path.is_file():
        raise SourceError("layers.file_missing", where=path, file=path.name)
    try:
        with path.open("rb") as file:
            head = file.read(256)
    except OSError as error:
        raise SourceError("layers.no_permission", where=path, file=path.name) from error
    if not head:
        raise SourceError("layers.file_empty", where=path, file=path.name)
    if head.startswith(TIFF_HEADS):
        return "GTiff"
    if head.lstrip().lower().startswith(b"ncols"):
        return "AAIGrid"
    if path.suffix.lower() == ".hgt" and path.stat().st_size in {2 * side**2 for side in SRTM_SIDES}:
        return "SRTMHGT"
    raise SourceError("layers.kind_not_allowed", where=path, file=path.name, kinds=kinds)


def require_credible(handle: Any, path: Path) -> None:
    """Refuse a file that claims more cells than it can hold or than anyone needs, before a cell is read.

    Raises
    ------
    SourceError
    """
    cells = handle.width * handle.height
    width = max((np.dtype(dtype).itemsize for dtype in handle.dtypes[:1]), default=1)
    claimed, size = cells * width, path.stat().st_size
    # Text takes two bytes for a cell at the least, a digit and a blank.
    least = 2 * cells if handle.driver == "AAIGrid" else claimed / MOST_INFLATION
    too_small = size < least and (handle.driver == "AAIGrid" or claimed > ALWAYS_ALLOWED)
    if too_small or cells > MOST_CELLS or claimed > MOST_BYTES:
        raise SourceError(
            "rasters.too_large", where=path, file=path.name, rows=handle.height, cols=handle.width,
            claimed=claimed / GIBIBYTE, size=size / 1024**2,
        )  # fmt: skip
    rows, cols = handle.block_shapes[0] if handle.count else (0, 0)
    bands = handle.count if str(handle.interleaving or "").lower().endswith("pixel") else 1
    if rows * cols * width * bands > MOST_BLOCK:
        raise SourceError(
            "rasters.block_too_large", where=path, file=path.name, size=rows * cols * width * bands / 1024**2,
            limit=MOST_BLOCK // 1024**2,
        )  # fmt: skip
