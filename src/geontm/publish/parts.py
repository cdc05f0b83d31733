"""The parts of a result that can be made again by themselves, and the files that belong to each."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Literal

__all__ = ["PARTS", "Part", "stays"]

Part = Literal["tables", "maps", "report"]
PARTS: tuple[Part, ...] = ("tables", "maps", "report")

# What depends on every part is written with each of them.
_ALWAYS = frozenset({"index.html", "issues.csv"})
_MAPS_FOLDERS = frozenset({"maps", "print", "thumbs"})
_MAPS_FILES = frozenset({"result.gpkg", "atlas.pdf"})
_REPORT_FILES = frozenset({"communes.xlsx", "report.docx", "phu-luc.docx", "phu-luc.xlsx"})


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
    if path.parts[0] in _MAPS_FOLDERS:
        others = set(maps) - set(only) if only else set()
        return "maps" not in parts or any(_is_of(path.stem, name) for name in others)
    if file in _MAPS_FILES:
        return "maps" not in parts or (bool(only) and file != "result.gpkg")
    if file in _REPORT_FILES:
        return "report" not in parts
    return "tables" not in parts


def _is_of(stem: str, name: str) -> bool:
    """Tell a page or thumbnail (``coverage``) and a sheet (``coverage-road_km-A4``) of a map by its name."""
    return stem == name or stem.startswith(f"{name}-")
