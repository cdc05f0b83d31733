"""Results of earlier runs by the content they were made from: safe to delete at any time, never wrong.

A key names everything that a result depends on: the bytes of the inputs, the settings, the code of geontm and the
versions of the libraries under it. An entry carries its own sha256; one that is damaged is measured again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

import platformdirs
import pyproj
import rasterio
import shapely

from geontm.pipeline.coverage.stored import digest

__all__ = ["Cache", "code_stamp"]

_LIBRARIES = ("fiona", "geopandas", "numpy", "pandas", "pyarrow", "pyogrio", "pyproj", "rasterio", "scipy", "shapely")
_HASH = hashlib.sha256().digest_size
MOST_BYTES = 4_000_000_000
# What was used in this time is never pruned: this run, or one beside it, may read it once more.
IN_USE_S = 24 * 3_600.0


@lru_cache(maxsize=1)
def code_stamp() -> str:
    """Return a digest of geontm's own code and data, and of the libraries that measure.

    A new release, a changed line or another GEOS makes every older entry unreachable; they age out.
    """
    root = Path(str(files("geontm")))
    own = {
        str(path.relative_to(root)): digest(path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.suffix in (".py", ".yaml") and "rulesets" not in path.parts and "cases" not in path.parts
    }
    libraries = {name: _version(name) for name in _LIBRARIES}
    below = [shapely.geos_version_string, pyproj.proj_version_str, rasterio.__gdal_version__]
    return digest([own, libraries, below])


class Cache:
    """A folder of results by key.

    Parameters
    ----------
    folder : Path, optional
        ``GEONTM_CACHE`` where it is set (``none`` keeps nothing), else the user's cache folder. Nothing that happens
        to it, a full disk among them, can stop a run or change its result.
    """

    def __init__(self, folder: Path | None = None) -> None:
        named = os.environ.get("GEONTM_CACHE", "")
        self.kept = folder is not None or named.lower() != "none"
        chosen = Path(named) if named else Path(platformdirs.user_cache_dir("geontm", appauthor=False))
        self.folder = folder or chosen

    def get(self, key: str) -> bytes | None:
        """Return what is kept under a key, or None where there is nothing, or nothing whole."""
        if not self.kept:
            return None
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        told, payload = data[:_HASH], data[_HASH:]
        if hashlib.sha256(payload).digest() != told:
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        self.touch(path)
        return payload

    def put(self, key: str, payload: bytes) -> None:
        """Keep a result; two runs that keep the same at once do no harm."""
        if not self.kept:
            return
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(hashlib.sha256(payload).digest() + payload)
                os.replace(name, path)  # noqa: PTH105 (a name that mkstemp gave)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise

    def touch(self, *paths: Path) -> None:
        """Tell that files of the cache are used now."""
        for path in paths:
            with contextlib.suppress(OSError):
                os.utime(path)

    def prune(self, most_bytes: int = MOST_BYTES, *, in_use_s: float = IN_USE_S) -> None:
        """Remove what was used longest ago until the folder holds at most ``most_bytes``, or what is in use is left."""
        if not self.kept or not self.folder.is_dir():
            return
        found = []
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file():
                    stat = path.stat()
                    found.append((stat.st_mtime, stat.st_size, path))
        held = sum(size for _, size, _ in found)
        for used, size, path in sorted(found):
            if held <= most_bytes or used > time.time() - in_use_s:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            held -= size

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self.folder / "coverage" / key[:2] / key[2:]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # pragma: no cover (all are dependencies)
        return ""
