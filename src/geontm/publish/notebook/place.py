"""Single files saved from a notebook: whole or not at all, and never over something that they are not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from geontm.errors import PublishError

__all__ = ["put", "require_ending"]


def put(path: str | Path, write: Callable[[Path], object], *, endings: Sequence[str]) -> Path:
    """Write a file beside its place, then put it there.

    Parameters
    ----------
    path : str or Path
        A file of the same name is replaced once the new one is whole.
    write : callable
        Writes to the path that it is given.
    endings : sequence of str
        What the name may end in.

    Raises
    ------
    PublishError
        Another ending (``notebook.bad_ending``), or the file cannot be written (``publish.cannot_write``).
    """
    target = require_ending(path, endings)
    try:
        with tempfile.TemporaryDirectory(prefix=".geontm-", dir=target.parent) as folder:
            made = Path(folder) / target.name
            write(made)
            made.replace(target)
    except PublishError:
        raise
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise PublishError("notebook.cannot_save", where=target, name=target.name, reason=reason) from problem
    return target


def require_ending(path: str | Path, endings: Sequence[str]) -> Path:
    """Return the path, if its name ends as the kind of file asks."""
    target = Path(path)
    if target.suffix.lower() not in endings:
        known = ", ".join(endings)
        raise PublishError("notebook.bad_ending", where=target, name=target.name, known=known)
    return target
