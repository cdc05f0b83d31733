"""Reads the column dictionary, ``data/tables/*.yaml``, into frozen values."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any, cast

import yaml

from geontm.tables import Column, Label, Table

__all__ = ["read_dictionary", "read_law_dictionary"]

# The indicators of the new-rural sets stand in a file of their own, so that both can be read.
_CONTINUED = {"indicators": ("indicators", "new_rural")}
_TABLES_OF_UNITS = {"village": "villages", "household": "households"}


@lru_cache(maxsize=8)
def read_dictionary(name: str) -> Table:
    """Read one table of the shipped dictionary.

    Parameters
    ----------
    name : str
        ``"communes"``, ``"indicators"`` (with those of the new-rural sets), ``"villages"``, ``"households"`` or
        ``"lists"``.
    """
    parts = [_read(part) for part in _CONTINUED.get(name, (name,))]
    columns = {key: _column(key, entry) for part in parts for key, entry in part["columns"].items()}
    return Table(name=name, key=tuple(parts[0]["key"]), columns=columns)


@lru_cache(maxsize=8)
def read_law_dictionary(unit: str) -> Table:
    """Read the columns that a rule set over one kind of unit may name.

    Parameters
    ----------
    unit : str
        ``"village"`` and ``"household"`` have tables of their own; the words of the units above stand behind them,
        because what a set gives to the units above (``aggregates``) is named there. For every other kind of unit these
        words are all there is.
    """
    above = read_dictionary("indicators")
    if unit not in _TABLES_OF_UNITS:
        return above
    own = read_dictionary(_TABLES_OF_UNITS[unit])
    return Table(name=own.name, key=own.key, columns={**own.columns, **_without(above, own)})


def _without(table: Table, other: Table) -> dict[str, Column]:
    return {name: column for name, column in table.columns.items() if name not in other}


def _read(name: str) -> dict[str, Any]:
    text = files("geontm").joinpath("data", "tables", f"{name}.yaml").read_text(encoding="utf-8")
    return cast(dict[str, Any], yaml.safe_load(text))


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
