"""A result folder appears whole or not at all; the last good one stays until the new one stands."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from geontm.errors import GeontmError, PublishError
from geontm.publish.target import discard, hold, is_result, previous_of, release, remove_stale, require_replaceable

__all__ = ["restore_if_missing", "result_folder", "swap_in"]

_FULL = re.compile(r"disk is full|no space left", re.IGNORECASE)
_LEAST_FREE = 16_384


def restore_if_missing(target: Path) -> bool:
    """Bring the previous result back where a run was cut off between the two renames; tell whether it was needed."""
    previous = previous_of(target)
    if target.exists() or not is_result(previous):
        return False
    previous.replace(target)
    return True


@contextmanager
def result_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``target``; what stands in it at the end becomes the result.

    Parameters
    ----------
    target : Path
        The result folder; its parents are made. What a killed run to the same target left behind is removed.

    Yields
    ------
    Path
        An empty folder on the same disk.

    Raises
    ------
    PublishError
        The target holds something that no run made (see :func:`geontm.publish.require_replaceable`); the disk is full
        (``publish.no_space``); the folder cannot be written (``publish.cannot_write``); or a file of the old result is
        open elsewhere (``publish.file_open``; the new result then stays under a dated name). In every case, and when
        the run is interrupted, the last good result stays.
    """
    target = require_replaceable(target)
    temporary, held = None, None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        restore_if_missing(target)
        remove_stale(target)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", suffix=".tmp", dir=target.parent))
        held = hold(temporary)
        temporary.chmod(0o777 & ~_umask())
        yield temporary
    except BaseException as reason:
        full = _disk_is_full(reason, target.parent)
        release(held)
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(reason, GeontmError) or not isinstance(reason, Exception):
            raise
        if full:
            raise PublishError("publish.no_space", where=target) from reason
        if isinstance(reason, OSError):
            why = reason.strerror or str(reason)
            raise PublishError("publish.cannot_write", where=reason.filename or target, reason=why) from reason
        raise
    try:
        swap_in(temporary, target)
    finally:
        release(held)


def swap_in(temporary: Path, target: Path) -> Path:
    """Put a finished folder in the place of ``target``; the old one becomes ``NAME.previous``.

    Returns
    -------
    Path
        ``target``.

    Raises
    ------
    PublishError
        ``publish.file_open``: the old result could not be moved. The new one then lies beside it under a dated name,
        named in the message, and the old one is where it was.
    """
    previous = previous_of(target)
    outdated = previous.with_name(previous.name + ".old")
    try:
        if target.is_dir() and not any(target.iterdir()):
            target.rmdir()  # an empty folder is no result; it must not push the last good one out
        if target.exists():
            if previous.exists():
                discard(outdated)
                previous.replace(outdated)
            target.replace(previous)
        temporary.replace(target)
    except OSError as reason:
        _put_back(target, previous, outdated)
        raise _kept_beside(temporary, target, reason) from reason
    except BaseException:
        _put_back(target, previous, outdated)
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    discard(outdated)
    return target


def _put_back(target: Path, previous: Path, outdated: Path) -> None:
    with contextlib.suppress(OSError):
        restore_if_missing(target)
    if outdated.exists() and not previous.exists():
        with contextlib.suppress(OSError):
            outdated.replace(previous)


def _kept_beside(temporary: Path, target: Path, reason: OSError) -> PublishError:
    beside = target.with_name(f"{target.name}-{datetime.now():%Y%m%d-%H%M%S}")
    try:
        temporary.replace(beside)
    except OSError:
        beside = temporary
    files = ", ".join(_open_elsewhere(target)) or str(reason.filename or target.name)
    return PublishError("publish.file_open", where=beside, files=files, folder=beside.name)


def _open_elsewhere(folder: Path) -> list[str]:
    """Name the files that cannot be opened for writing now, as a spreadsheet open in Excel on Windows."""
    found = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file():
            try:
                with path.open("r+b"):
                    pass
            except OSError:
                found.append(path.relative_to(folder).as_posix())
    return found


def _disk_is_full(reason: BaseException, folder: Path) -> bool:
    """Tell whether an error, or one behind it, comes from a full disk; GDAL and SQLite say it in words only."""
    link: BaseException | None = reason
    while link is not None:
        if isinstance(link, OSError) and link.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(link, Exception) and _FULL.search(str(link)):
            return True
        link = link.__cause__ or link.__context__
    with contextlib.suppress(OSError):
        disk = shutil.disk_usage(folder)  # what is no disk has no room either, and is not full for that
        return isinstance(reason, Exception) and disk.total > 0 and disk.free < _LEAST_FREE
    return False


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
