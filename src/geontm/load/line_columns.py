"""Finds what the columns of a line layer mean, and reads their cells as texts without making an object of each."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geontm.errors import SourceError
from geontm.load.road_words import fold, road_words

__all__ = ["Coded", "encode", "find_columns", "identities", "nearest_first", "take"]

Coded = tuple[NDArray[np.int64], list[str | None], list[int]]
"""Cells as numbers into a list of distinct texts (-1: none), that list, and how many cells have each."""


def find_columns(
    headers: Sequence[str], given: Mapping[str, str], wanted: Sequence[str], *, where: str
) -> dict[str, str]:
    """Say which header has each meaning; what is given for this file outranks the vocabulary.

    Parameters
    ----------
    headers : sequence of str
        Columns of the file.
    given : mapping of header to meaning
    wanted : sequence of str
        The meanings that are looked for.
    where : str
        Named in errors.

    Returns
    -------
    dict of meaning to header
        Meanings without a column are absent.

    Raises
    ------
    SourceError
        A given header is not in the file, a given meaning is none, or several headers could have one meaning.
    """
    for header, meaning in given.items():
        if meaning not in wanted:
            likely = ", ".join(nearest_first(meaning, wanted))
            raise SourceError("road_layers.meaning_unknown", where=where, header=header, meaning=meaning, known=likely)
        if header not in headers:
            likely = ", ".join(nearest_first(header, headers)) or "–"
            raise SourceError("road_layers.column_missing", where=where, header=header, columns=likely)
    twice = sorted(meaning for meaning in set(given.values()) if list(given.values()).count(meaning) > 1)
    words = road_words()
    found: dict[str, list[str]] = defaultdict(list)
    for header, meaning in given.items():
        found[meaning].append(header)
    for meaning in wanted:
        if meaning not in found:
            order = words.headers[meaning]
            fitting = [header for header in headers if fold(header) in order and header not in given]
            if meaning in words.first:
                fitting = sorted(fitting, key=lambda header: order.index(fold(header)))[:1]
            found[meaning] = fitting
    for meaning, several in found.items():
        if len(several) > 1 or meaning in twice:
            listed = ", ".join(several)
            raise SourceError("road_layers.several_columns", where=where, meaning=meaning, columns=listed)
    return {meaning: several[0] for meaning, several in found.items() if several}


def encode(column: pa.Array) -> Coded:
    """Read the cells of a column as texts: whole numbers without a point, yes and no as true and false."""
    if pa.types.is_nested(column.type):
        column = pa.array([None if cell is None else str(cell) for cell in column.to_pylist()], pa.string())
    coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    codes = pc.fill_null(coded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    texts = [_text(value) for value in coded.dictionary.to_pylist()]
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    return codes, texts, [int(count) for count in counts]


def take(values: Sequence[Any], codes: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """Give each cell the value of its text; null where the cell or its value is none."""
    plain = [getattr(value, "surface", value) for value in values]
    known = pa.array([*plain, None], kind)
    return known.take(pa.array(np.where(codes < 0, len(plain), codes)))


def identities(column: pa.Array | None, n: int) -> pa.Array:
    """Read identities as texts; null where there is none."""
    if column is None:
        return pa.nulls(n, pa.string())
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_integer(column.type):
        return pc.cast(column, pa.string())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        trimmed = pc.utf8_trim_whitespace(pc.utf8_normalize(column, "NFC")).cast(pa.string())
        return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    return pa.array([_text(cell) or None for cell in column.to_pylist()], pa.string())


def nearest_first(word: str, known: Sequence[str]) -> list[str]:
    """Put the spellings most like a word first, all others after in their order."""
    by_fold = {fold(one): one for one in reversed(known)}
    near = [by_fold[one] for one in difflib.get_close_matches(fold(word), by_fold, n=3)]
    return [*near, *(one for one in known if one not in near)]


def _text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
