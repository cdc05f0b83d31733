"""The columns in which programmes come to this room, and small helpers on them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pandas as pd

from geontm.tables import Issue
from geontm.tables.issues import Severity

__all__ = ["EXIT", "KEYS", "TEXTS", "finding", "keyed", "timestamp", "with_columns"]

EXIT = "exit"  # the measure of a programme that units leave
KEYS = ["programme", "measure", "unit_level"]
TEXTS = ("programme", "measure", "unit_level", "unit_code", "unit_name", "area", "status", "document", "file", "how")
_TYPES = {"count": "Int64", "year": "Int64", "row": "Int64"}
_DAYS = ("date", "units_date")


def with_columns(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Return the table with at least these columns, missing ones unknown, each in its type; rows numbered anew."""
    whole = table.reset_index(drop=True)
    for name in names:
        given = whole[name] if name in whole else pd.Series([None] * len(whole), index=whole.index, dtype=object)
        if name in _DAYS:
            whole[name] = pd.to_datetime(given)
        else:
            whole[name] = given.astype("str" if name in TEXTS else _TYPES.get(name, "Float64"))  # type: ignore[call-overload]
    return whole


def keyed(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Return :func:`with_columns` with no gap in programme (empty) and measure (``exit``)."""
    whole = with_columns(table, *KEYS, *names)
    whole["programme"] = whole["programme"].fillna("")
    whole["measure"] = whole["measure"].fillna(EXIT)
    return whole


def timestamp(day: datetime.date | None) -> pd.Timestamp | None:
    """Return a day as pandas writes it; None stays None."""
    return None if day is None else pd.Timestamp(day)


def finding(severity: Severity, message_id: str, rows: pd.DataFrame, column: str = "", **values: object) -> Issue:
    """Make one issue about some rows: their file, the rows that the file counts, and the units concerned."""

    def told(name: str, most: int = 12) -> str:
        present: Sequence[str] = [] if name not in rows else list(dict.fromkeys(map(str, rows[name].dropna())))
        ordered = sorted(present, key=lambda text: (len(text), text)) if name == "row" else sorted(present)
        return ", ".join(ordered[:most]) + (" …" if len(ordered) > most else "")

    return Issue.of(
        severity, message_id, file=told("file"), row=told("row"), column=column,
        value=told("unit_name") or told("unit_code"), **values,
    )  # fmt: skip
