"""What a measuring function returned, as bytes: so it travels between processes and rests in the cache.

Results pass through this form even where nothing travels, so that a run alone, on several processes, on a cluster or
from the cache gives the same tables to the byte.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import zipfile
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geontm.cover import Measured
from geontm.messages import Label, Message
from geontm.tables import Issue

__all__ = ["decode", "digest", "encode"]

_LABEL = "__label__"
_PLACE = ("file", "sheet", "row", "column", "value")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def encode(measured: Measured) -> bytes:
    """Put a result into bytes; the same result gives the same bytes."""
    issues = [
        {
            "severity": issue.severity,
            "id": issue.message.id,
            "values": {name: _plain(value) for name, value in dict(issue.message.values).items()},
            **{name: getattr(issue, name) for name in _PLACE},
        }
        for issue in measured.issues
    ]
    parts = {"issues.json": json.dumps(issues, ensure_ascii=False).encode(), "table.parquet": _parquet(measured.table)}
    parts |= {f"more/{name}.parquet": _parquet(table) for name, table in sorted(measured.more.items())}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    return made.getvalue()


def decode(data: bytes) -> Measured:
    """Take a result out of bytes that :func:`encode` made."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tables = {
            name: pd.read_parquet(io.BytesIO(archive.read(name)))
            for name in archive.namelist()
            if name.endswith(".parquet")
        }
        issues = json.loads(archive.read("issues.json"))
    more = {name[len("more/") : -len(".parquet")]: table for name, table in tables.items() if name.startswith("more/")}
    return Measured(tables["table.parquet"], more, tuple(map(_issue, issues)))


def digest(data: Any) -> str:
    """Return the sha256 of bytes, of a table, or of plain values; tables of equal content have equal digests."""
    if isinstance(data, gpd.GeoDataFrame):
        return digest([str(data.crs), digest(data.to_wkb())])
    if isinstance(data, pd.DataFrame):
        return digest(_parquet(data))
    if not isinstance(data, bytes):
        data = json.dumps(data, ensure_ascii=False, sort_keys=True, default=str).encode()
    return hashlib.sha256(data).hexdigest()


def _parquet(table: pd.DataFrame) -> bytes:
    made = io.BytesIO()
    pd.DataFrame(table).to_parquet(made, compression="zstd")
    return made.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Label):
        return {_LABEL: [value.vi, value.en]}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _issue(stored: dict[str, Any]) -> Issue:
    values = {
        name: Label(*value[_LABEL]) if isinstance(value, dict) else value for name, value in stored["values"].items()
    }
    return Issue(stored["severity"], Message(stored["id"], values), **{name: stored[name] for name in _PLACE})
