"""Reads the column dictionary, ``data/tables/*.yaml``, into frozen values."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from geontm.tables import Column, Label, Table

__all__ = ["read_dictionary"]


@lru_cache(maxsize=8)
def read_dictionary(name: str) -> Table:
    """Read one table of the shipped dictionary.

    Parameters
    ----------
    name : str
        ``"communes"``, ``"indicators"`` or ``"lists"``.
    """
    text = files("geontm").joinpath("data", "tables", f"{name}.yaml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)
    columns = {key: _column(key, entry) for key, entry in raw["columns"].items()}
    return Table(name=name, key=tuple(raw["key"]), columns=columns)


def _column(name: str, entry: dict[str, Any]) -> Column:
    entry = dict(entry)
    minimum, maximum = entry.pop("range", (None, None))
    label = Label(**entry.pop("label"))
    note = Label(**entry.pop("note")) if "note" in entry else None
    choices = {key: Label(**text) for key, text in entry.pop("choices", {}).items()}
    aliases = tuple(str(alias) for alias in entry.pop("aliases", ()))
    return Column(
        name=name, label=label, minimum=minimum, maximum=maximum, choices=choices, aliases=aliases, note=note, **entry
    )
