"""The record of a run: what it was made from, with which versions, how long each stage took."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["write_record"]


def write_record(folder: Path, record: Mapping[str, Any]) -> Path:
    """Write ``run.json`` into a finished result folder; the one file that carries the time of the run.

    It also names the files of the folder (``outputs``), so that a later run knows its own from anybody else's.
    """
    path = folder / "run.json"
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    record = {**record, "outputs": files}
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    return path
