"""Cells as text, and the letters by which a spreadsheet names its columns."""

from __future__ import annotations

import re
import unicodedata

from geontm.load.books import Value

__all__ = ["clean_text", "column_letter", "shown"]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_MOST_SHOWN = 120  # letters of a cell that a message quotes


def clean_text(value: Value) -> str:
    """Return a cell as one line of NFC text without soft hyphens and other invisible signs."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value)
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join(text.split())


def shown(value: Value) -> str:
    """Return a cell for a message, cut where it is long."""
    text = clean_text(value)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 3] + "…"


def column_letter(index: int) -> str:
    """Return the letter under which a spreadsheet shows a column, A for 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
