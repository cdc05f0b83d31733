"""What may be replaced or cleared away: only what a run of geontm made, never anybody's own files."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from geontm.errors import PublishError

__all__ = [
    "discard",
    "hold",
    "is_result",
    "previous_of",
    "read_record",
    "release",
    "remove_stale",
    "require_replaceable",
]

RECORD = "run.json"
# What other programs leave beside the files that they open; nobody's work.
_SIDE_FILES = re.compile(r"~\$.*|\.~lock\..*|.*-(wal|shm|journal)|\.DS_Store|Thumbs\.db|desktop\.ini", re.IGNORECASE)
_SURELY_OVER_S, _PROBABLY_OVER_S = 60, 3_600


def previous_of(target: Path) -> Path:
    """Return where the result before the last is kept: ``NAME.previous``."""
    return target.with_name(target.name + ".previous")


def require_replaceable(target: str | Path) -> Path:
    """Check that a result may take the place of what stands at ``target``.

    Parameters
    ----------
    target : path
        The result folder that is asked for; it need not exist.

    Returns
    -------
    Path
        The folder to write: ``target``, or where it leads if it is a symbolic link.

    Raises
    ------
    PublishError
        ``publish.target_is_file``; ``publish.target_holds_you`` (the folder that geontm works in, or one above it);
        ``publish.not_a_result`` (the folder, or ``NAME.previous`` beside it, holds files and is no result of a run).
    """
    given, here = Path(target), Path.cwd()
    target = given.resolve() if given.is_symlink() else given
    if here.is_relative_to(target.resolve()):
        raise PublishError("publish.target_holds_you", where=given)
    for folder in (target, previous_of(target)):
        if folder.exists() and not folder.is_dir():
            raise PublishError("publish.target_is_file", where=folder, name=folder.name)
        if folder.is_dir() and any(folder.iterdir()) and not is_result(folder):
            raise PublishError("publish.not_a_result", where=folder, name=folder.name, record=RECORD)
    return target


def is_result(folder: Path) -> bool:
    """Tell whether a run of geontm made a folder: it holds the run's record."""
    return "fingerprint" in read_record(folder)


def discard(folder: Path) -> None:
    """Remove an outdated result. Files that no run wrote, such as somebody's notes, stay as ``NAME.kept-<time>``."""
    if not folder.is_dir():
        return
    made = {*read_record(folder).get("outputs", ()), RECORD}
    ours, others = [], 0
    for path in (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()):
        known = path.relative_to(folder).as_posix() in made or _SIDE_FILES.fullmatch(path.name)
        ours += [path] if known else []
        others += not known
    if not others:
        shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        for path in ours:
            path.unlink()
        for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
            if not any(path.iterdir()):
                path.rmdir()
        name = folder.name.removesuffix(".old").removesuffix(".previous")
        folder.replace(folder.with_name(f"{name}.kept-{datetime.now():%Y%m%d-%H%M%S}"))


def hold(folder: Path) -> int | None:
    """Mark a folder as in use for as long as this process lives.

    Returns
    -------
    int or None
        What :func:`release` needs; None where the system cannot mark folders.

    Raises
    ------
    BlockingIOError
        Another living process holds the folder.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    descriptor = None
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        release(descriptor)
        raise
    except OSError:
        release(descriptor)
        return None
    return descriptor


def release(descriptor: int | None) -> None:
    """End what :func:`hold` began."""
    if descriptor is not None:
        os.close(descriptor)


def remove_stale(target: Path) -> list[Path]:
    """Remove the half-made folders that killed runs to the same target left behind.

    Returns
    -------
    list of Path
        What was removed. A folder counts as left behind when nothing in it has changed for a minute and no living
        process holds it; where the system cannot tell (Windows, some network disks), when nothing has changed for an
        hour.
    """
    name = re.compile(re.escape(f".{target.name}-") + r"[a-z0-9_]{8}\.tmp")
    removed = []
    for folder in sorted(target.parent.iterdir()):
        if name.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink() and _is_over(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def _is_over(folder: Path) -> bool:
    changed = folder.stat().st_mtime
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            changed = max(changed, path.lstat().st_mtime)
    idle = time.time() - changed
    if idle <= _SURELY_OVER_S:
        return False
    try:
        free = hold(folder)
    except BlockingIOError:
        return False
    release(free)
    return free is not None or idle > _PROBABLY_OVER_S


def read_record(folder: Path) -> dict[str, Any]:
    """Read the record of a folder; empty where there is none or it is something else."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
