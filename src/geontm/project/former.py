"""The project of before July 2025 whose maps a project shows beside its own: ``publish: {former: …}``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geontm.errors import GeontmError, ProjectError
from geontm.project.model import ProjectFile
from geontm.project.paths import inside
from geontm.project.yaml_files import Document, read_yaml
from geontm.tables import REFORM

if TYPE_CHECKING:
    from geontm.project.reader import Project

__all__ = ["read_former"]

PLACE = ("publish", "former")


def read_former(entry: ProjectFile, document: Document, *, read: Callable[[Path], Project]) -> Project | None:
    """Read the project of before July 2025 that a project names.

    Parameters
    ----------
    entry : ProjectFile
        Of the project that names it; the path is one inside the project's folder, or an absolute one.
    document : Document
        The project file that names it.
    read : callable
        Reads a project file.

    Raises
    ------
    ProjectError
        The project itself is of before July 2025, or the former one is not; the former one names a former itself.
    GeontmError
        What is wrong with the former project's file, with both places.
    """
    if (file := entry.publish.former) is None:
        return None
    where = document.where(PLACE)
    if entry.as_of < REFORM:
        raise ProjectError("former.none_before", where=where, day=entry.as_of.isoformat())
    path = inside(file, PLACE, document)
    if path.resolve() == document.path.resolve():
        raise ProjectError("former.itself", where=where, file=file)
    try:
        # Looked at before it is read: a former project that led back here would never be read to its end.
        named = read_yaml(path)
        if _names_former(named.data):
            raise ProjectError("former.of_former", where=named.where(PLACE), file=file)
        former = read(path)
    except GeontmError as error:
        error.where = f"{where} → {error.where}"
        raise
    if former.as_of >= REFORM:
        raise ProjectError("former.not_before", where=where, file=file, day=former.as_of.isoformat())
    return former


def _names_former(data: Any) -> bool:
    asked = data.get("publish") if isinstance(data, dict) else None
    return isinstance(asked, dict) and asked.get("former") is not None
