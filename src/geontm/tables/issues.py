"""The issues table: everything odd in the data, with its place, its reason and a suggestion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from geontm.messages import Language, Message

__all__ = ["ISSUE_COLUMNS", "Issue", "Severity", "issues_frame", "list_briefly", "worst"]

Severity = Literal["error", "warning", "info"]
ISSUE_COLUMNS = ("severity", "file", "sheet", "row", "column", "value", "reason", "suggestion")
_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Issue:
    """One odd thing in the data.

    Attributes
    ----------
    severity : {"error", "warning", "info"}
        ``error``: something given could not be used; ``warning``: used, but look at it; ``info``: what geontm did.
    message : Message
        Reason and suggestion, in both languages.
    file, sheet, row, column, value : str
        The place, as the planner sees it: rows count from 1 as in Excel, the column is the header or its letter.
    """

    severity: Severity
    message: Message
    file: str = ""
    sheet: str = ""
    row: str = ""
    column: str = ""
    value: str = ""

    @classmethod
    def of(
        cls,
        severity: Severity,
        message_id: str,
        *,
        file: object = "",
        sheet: object = "",
        row: object = "",
        column: object = "",
        value: object = "",
        **values: Any,
    ) -> Issue:
        """Make an issue from a message id, its place, and the values that fill the text."""
        place = {"file": file, "sheet": sheet, "row": row, "column": column, "value": value}
        return cls(severity, Message(message_id, values), **{name: str(part) for name, part in place.items()})


def list_briefly(texts: Iterable[str], separator: str = ", ", *, most: int = 10) -> str:
    """List the first of some codes or names, and a sign that there are more: a cell is no place for thousands."""
    named = list(texts)
    return separator.join(named[:most]) + (" …" if len(named) > most else "")


def issues_frame(issues: Iterable[Issue], lang: Language = "vi") -> pd.DataFrame:
    """Turn issues into the published table: errors first, else in the order found; columns ``ISSUE_COLUMNS``."""
    ordered = sorted(issues, key=lambda issue: _ORDER[issue.severity])
    rows = [
        (i.severity, i.file, i.sheet, i.row, i.column, i.value, i.message.text(lang), i.message.fix(lang))
        for i in ordered
    ]
    return pd.DataFrame(rows, columns=pd.Index(ISSUE_COLUMNS), dtype="str")


def worst(issues: Iterable[Issue]) -> Severity | None:
    """Return the gravest severity among the issues, or None where there is none."""
    return min((issue.severity for issue in issues), key=lambda severity: _ORDER[severity], default=None)
