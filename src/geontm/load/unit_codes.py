"""Reads codes of units as text, and says so where a spreadsheet has lost their leading zeros."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geontm.load.books import Value
from geontm.tables import Issue

__all__ = ["read_codes"]

_LENGTH = {"commune_code": 5, "district_code": 3, "province_code": 2}


def read_codes(
    name: str,
    texts: Sequence[str | None],
    cells: Sequence[Value],
    index: pd.Index,
    header: str,
    place: Mapping[str, str],
) -> tuple[list[str | None], list[Issue]]:
    """Check the codes of one column.

    A column stored as numbers cannot hold a leading zero, so zeros are put back there, with one warning. In a column
    stored as text a short code stays as it is, with an error each: nobody knows what it was.

    Parameters
    ----------
    name : str
        ``commune_code``, ``district_code`` or ``province_code``.
    texts, cells : sequences of n
        The codes as text, filled down, and the cells as stored.
    index : Index of n
        Row numbers of the file.
    header : str
        The column as the file calls it.
    place : mapping
        ``file`` and ``sheet``.
    """
    length = _LENGTH[name]
    place = {**place, "column": header}
    numeric = _stored_as_numbers(cells)
    short = [at for at, text in enumerate(texts) if text and text.isascii() and text.isdigit() and len(text) < length]
    restored = set(short) if numeric and _all_codes(texts, length) else set()
    issues = []
    codes: list[str | None] = []
    for at, text in enumerate(texts):
        if at in restored:
            codes.append(str(text).zfill(length))
            continue
        codes.append(text)
        if text and not (len(text) == length and text.isascii() and text.isdigit()):
            message = "sheets.code_short" if at in set(short) else "sheets.code_malformed"
            issues.append(Issue.of("error", message, **place, row=str(index[at]), value=text, length=length))
    if restored:
        first = min(restored)
        issues.insert(
            0,
            Issue.of(
                "warning", "sheets.zeros_restored", **place, row=str(index[first]), value=texts[first],
                n=len(restored), example=codes[first], length=length,
            ),
        )  # fmt: skip
    return codes, issues


def _stored_as_numbers(cells: Sequence[Value]) -> bool:
    """Tell whether no cell could have kept a leading zero: all are numbers, or digits that never start with 0."""
    filled = [cell for cell in cells if cell is not None and str(cell).strip()]
    return bool(filled) and all(
        (isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell).is_integer())
        or (isinstance(cell, str) and cell.strip().isdigit() and not cell.strip().startswith("0"))
        for cell in filled
    )


def _all_codes(texts: Sequence[str | None], length: int) -> bool:
    """Tell whether the numbers can be codes of this length, most of them short of one digit at most: no serials."""
    filled = [text for text in texts if text]
    if length < 5:
        return all(len(text) <= length for text in filled)
    return all(len(text) <= length for text in filled) and sum(len(t) >= length - 1 for t in filled) >= 0.5 * len(
        filled
    )
