"""What GDAL is told when it opens a file: fetch nothing, write nothing, and read letters in their own encoding."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geontm.load.layer_files import VectorFile
from geontm.tables import Issue

__all__ = ["OPEN_OPTIONS", "open_options"]

# Nothing is fetched and nothing is written beside the planner's file.
OPEN_OPTIONS: Mapping[str, Mapping[str, str]] = {"GML": {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO"}}


def open_options(source: VectorFile) -> tuple[dict[str, Any], list[Issue]]:
    """Return what pyogrio is told when it opens a file, and what was found out for it."""
    options: dict[str, Any] = dict(OPEN_OPTIONS.get(source.driver, {}))
    if source.driver == "ESRI Shapefile" and (encoding := _dbf_encoding(source.path)):
        return {**options, "encoding": encoding}, [
            Issue.of("info", "layers.encoding", file=source.shown, encoding=encoding)
        ]
    return options, []


def _dbf_encoding(path: Path) -> str | None:
    """Find UTF-8 in a shapefile that does not say its encoding: GDAL would read it letter by letter as Latin-1."""
    if any(path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG")):
        return None
    table = next(entry for entry in path.parent.iterdir() if entry.name.lower() == f"{path.stem}.dbf".lower())
    data = table.read_bytes()
    body = data[int.from_bytes(data[8:10], "little") :]
    if body.isascii():
        return None
    # A field cut at its width may end within a letter; such cells alone do not speak against UTF-8.
    decoded = body.decode("utf-8", errors="replace")
    letters = sum(1 for letter in decoded if ord(letter) > 127)
    return "UTF-8" if decoded.count("\ufffd") <= letters * 0.02 else None
