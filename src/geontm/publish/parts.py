"""The parts of a result that can be made again by themselves, and the files that belong to each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Literal

from geontm.publish.target import RECORD, read_record

__all__ = ["PARTS", "Part", "carry_over", "stays"]

Part = Literal["tables", "maps", "report"]
PARTS: tuple[Part, ...] = ("tables", "maps", "report")

# What depends on every part is written with each of them.
_ALWAYS = frozenset({"index.html", "issues.csv"})
_MAPS_FOLDERS = frozenset({"maps", "print", "thumbs"})
_ATLAS = re.compile(r"print/atlas(-[0-9A-Za-z]+)?\.pdf")  # one file, or one for each province
_REPORT_FILES = frozenset({"communes.xlsx", "report.docx", "phu-luc.docx", "phu-luc.xlsx"})


def carry_over(
    result: Path, folder: Path, parts: Collection[Part], *, maps: Collection[str], only: Collection[str] = ()
) -> None:
    """Copy what stays of a finished result into the folder in which some parts of it are made again.

    Files are copied, not linked: whoever edits one in place, as QGIS does, must not change the result before as well.
    What no run wrote, such as somebody's notes, is left where it is.

    Parameters
    ----------
    result : Path
        A finished result with its record.
    folder : Path
        An empty folder.
    parts, maps, only
        As in :func:`stays`.
    """
    for file in map(str, read_record(result).get("outputs", ())):
        source = result / file
        inside = not source.is_symlink() and source.resolve().is_relative_to(result.resolve())
        if inside and source.is_file() and file != RECORD and stays(file, parts, maps=maps, only=only):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / file)


def stays(file: str, parts: Collection[Part], *, maps: Collection[str], only: Collection[str] = ()) -> bool:
    """Tell whether a file of a finished result is kept while some parts are made again.

    Parameters
    ----------
    file : str
        Path inside the result folder, with ``/``.
    parts : collection of {"tables", "maps", "report"}
        What is made again.
    maps : collection of str
        The maps that the project asks for; pages and sheets of others go when maps are made.
    only : collection of str
        Of these maps, those to make; the rest is kept. Empty makes all.
    """
    path = PurePosixPath(file)
    if file in _ALWAYS:
        return False
    if _ATLAS.fullmatch(file):
        return "maps" not in parts or bool(only)
    if file == "result.gpkg":
        return "maps" not in parts
    if path.parts[0] in _MAPS_FOLDERS:
        others = set(maps) - set(only) if only else set()
        return "maps" not in parts or any(_is_of(path.stem, name) for name in others)
    if file in _REPORT_FILES:
        return "report" not in parts
    return "tables" not in parts


def _is_of(stem: str, name: str) -> bool:
    """Tell a page or thumbnail (``coverage``) and a sheet (``coverage-road_km-A4``) of a map by its name."""
    return stem == name or stem.startswith(f"{name}-")
