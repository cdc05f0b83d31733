"""A commune of a project by its code or its name."""

from __future__ import annotations

import difflib
from typing import Any

import pandas as pd

from geontm.errors import RuleError
from geontm.tables.columns import spelling_key

__all__ = ["commune_code"]

_KINDS = ("xã ", "phường ", "thị trấn ", "đặc khu ")
_MOST = 8  # candidates that a message names


def commune_code(table: pd.DataFrame, name: str) -> str:
    """Return the code of the commune that a code or a name means.

    Parameters
    ----------
    table : DataFrame, index ``commune_code``
        With ``commune_name``.
    name : str
        A code, or a name with or without its kind (Xã, Phường); case and spaces do not count, tones do.

    Raises
    ------
    RuleError
        There is none, or there are several of that name: the message lists the candidates, else the range of codes.
    """
    codes = table.index.astype("str")
    if name in codes:
        return name
    names = {str(code): str(text) for code, text in zip(codes, table["commune_name"], strict=True)}
    wanted = spelling_key(name)
    found = [code for code, text in names.items() if wanted in (spelling_key(text), _short(text))]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{code} {names[code]}" for code in sorted(found)[:_MOST])
        raise RuleError("explain.several_names", where=name, name=name, n=len(found), candidates=listed)
    keys = {_short(text): f"{code} {text}" for code, text in names.items()}
    near = difflib.get_close_matches(_short(name), list(keys), n=3, cutoff=0.6)
    if near:
        raise RuleError("explain.unknown_name", where=name, name=name, nearest=", ".join(keys[key] for key in near))
    known: dict[str, Any] = {"n": len(codes), "first": min(codes), "last": max(codes)}
    if name.strip().isdigit():
        raise RuleError("explain.unknown_code", where=name, name=name, **known)
    raise RuleError("explain.unlike_name", where=name, name=name, **known)


def _short(text: str) -> str:
    key = spelling_key(text)
    return next((key.removeprefix(kind) for kind in _KINDS if key.startswith(kind)), key)
