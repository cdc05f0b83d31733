"""The record of a run: what it was made from, with which versions, how long each stage took."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["write_record"]


def write_record(folder: Path, record: Mapping[str, Any]) -> Path:
    """Write ``run.json`` into a result folder; the one file that carries the time of the run."""
    path = folder / "run.json"
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    return path
