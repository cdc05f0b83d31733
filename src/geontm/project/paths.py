"""Where the files that a project names lie."""

from __future__ import annotations

from pathlib import Path

from geontm.errors import ProjectError
from geontm.load.shipped import shipped_path
from geontm.project.yaml_files import Document

__all__ = ["inside", "optional_file"]


def inside(file: str, place: tuple[str | int, ...], document: Document) -> Path:
    """Return the path of a file, which starts from the project's folder and leaves it only when absolute.

    Raises
    ------
    ProjectError
        It leaves the folder, or cannot be a path.
    """
    folder, path = document.path.resolve().parent, Path(file)
    try:
        resolved = (folder / path).resolve()
        resolved.exists()
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, a link to itself
        raise ProjectError("project.bad_path", where=document.where(place), file=file[:80]) from None
    if path.is_absolute():
        return path
    if not resolved.is_relative_to(folder):
        raise ProjectError("project.leaves_folder", where=document.where(place), file=file)
    return resolved


def optional_file(file: str | None, place: tuple[str, ...], document: Document) -> Path | None:
    """Return the path of a file that may be left out, or be one of the package's (``shipped:``)."""
    if file is None:
        return None
    if file.startswith("registry:"):
        raise ProjectError("project.registry_later", where=document.where(place), source=file)
    if file.startswith("shipped:"):
        return shipped_path(f"{file.removeprefix('shipped:')}.csv")
    return inside(file, place, document)
