"""Tells what a file of sites says: columns by the vocabulary, radii in metres, states, capacities."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pandas as pd
import yaml

from geontm.errors import TableError
from geontm.load.cells import clean_text
from geontm.load.lower_tables import RawTable, name_rows
from geontm.load.units import split_unit
from geontm.tables import Column, Issue, Label, Table
from geontm.tables.columns import spelling_key

__all__ = [
    "MOST_RADIUS_M",
    "Vocabulary",
    "capacities",
    "capacity_column",
    "metres",
    "metres_of_radii",
    "read_vocabulary",
    "states",
]

MOST_RADIUS_M = 50_000.0
# No works serves a circle of less than this; a column of such figures is in kilometres.
LIKE_KILOMETRES = 50.0
# Not even a header that says metres makes these metres: no well serves a circle of ten.
NEVER_METRES = 10.0
_METRES = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(m|km)\s*$", re.IGNORECASE)
_ENDS_IN = re.compile(r"(?:^|[\s_(\[])(km|m|mét|met)[\s)\]]*$", re.IGNORECASE)
_VALUES_NAMED = 20
_CAPACITY_WORDS = {
    "capacity_m3_day": re.compile(r"m\s?[3³]|khối"),
    "capacity_households": re.compile(r"\b(?:hộ|ho|households?)\b"),
    "capacity_persons": re.compile(r"\b(?:người|nguoi|dân|khẩu|persons?|people)\b"),
}


@dataclass(frozen=True)
class Vocabulary:
    """The columns that a file of sites may have, and the words of a working state.

    Attributes
    ----------
    table : Table
    states : mapping of folded word to bool
    """

    table: Table
    states: Mapping[str, bool]


@lru_cache(maxsize=1)
def read_vocabulary() -> Vocabulary:
    """Read ``data/sites.yaml``."""
    said = yaml.safe_load(files("geontm").joinpath("data", "sites.yaml").read_text(encoding="utf-8"))
    columns = {}
    for name, entry in said["columns"].items():
        low, high = entry.get("range", (None, None))
        columns[name] = Column(
            name,
            entry["type"],
            Label(**entry["label"]),
            unit=entry.get("unit", ""),
            minimum=low,
            maximum=high,
            aliases=tuple(map(str, entry["aliases"])),
        )
    words = {spelling_key(word): key == "works" for key in ("works", "broken") for word in said["working"][key]}
    return Vocabulary(Table("sites", (), columns), words)


def metres(given: str | float) -> float | None:
    """Return a length written as a number of metres or as ``"2 km"``; None where it is something else.

    Parameters
    ----------
    given : str or float
    """
    if not isinstance(given, str):
        return float(given)
    found = _METRES.match(given)
    if not found:
        return None
    return float(found[1].replace(",", ".")) * (1_000 if found[2].lower() == "km" else 1)


def metres_of_radii(raw: RawTable) -> RawTable:
    """Make sure that a column of radii is in metres.

    A header that says kilometres (``ban_kinh_km``) is converted; one in brackets is converted where it is read.

    Raises
    ------
    TableError
        The figures can only be kilometres: half of them are below 50, or below 10 where the header says metres.
    """
    header = raw.headers["radius_m"]
    _, unit = split_unit(header)
    ending = _ENDS_IN.search(header)
    said = "m" if unit in ("m", "mét") else "km" if unit else (ending[1].lower() if ending else "")
    texts = raw.cells["radius_m"].map(lambda cell: clean_text(cell).replace(",", "."))
    numbers = pd.to_numeric(texts, errors="coerce").dropna()
    numbers = numbers[numbers > 0]  # a figure below nothing is an error of its row, and tells no unit
    place = {**raw.place, "column": header}
    if said == "km":
        if unit:
            return raw
        told = Issue.of("info", "sheets.unit_converted", **place, unit="km", wanted="m", factor=1_000)
        return replace(raw, factors={**raw.factors, "radius_m": 1_000.0}, issues=(*raw.issues, told))
    if numbers.empty or numbers.median() >= LIKE_KILOMETRES:
        return raw
    values = {"low": float(numbers.min()), "high": float(numbers.max())}
    if said and numbers.median() >= NEVER_METRES:
        told = Issue.of("warning", "sites.radius_small", **place, **values)
        return replace(raw, issues=(*raw.issues, told))
    where = " / ".join(filter(None, place.values()))
    raise TableError("sites.radius_km", where=where, header=header, low=values["low"], high=values["high"])


def states(
    cells: pd.Series[Any], accepted: Collection[str], place: Mapping[str, str]
) -> tuple[pd.Series[Any], list[Issue]]:
    """Understand a column of working states.

    Parameters
    ----------
    cells : Series, index the row
    accepted : collection of str
        Values that mean working, as the project file lists them; every other value then means broken. Empty: the words
        of the vocabulary.
    place : mapping
        File, sheet and column, for issues.

    Returns
    -------
    Series of booleans
        Unknown where the cell is empty or its word is not known.
    list of Issue
        One for each word that is not known, with how many rows bear it.
    """
    texts = cells.map(clean_text).astype("str")
    known = read_vocabulary().states
    if accepted:
        wanted = {spelling_key(value) for value in accepted}
        answers: dict[str, bool | None] = {text: spelling_key(text) in wanted if text else None for text in set(texts)}
    else:
        answers = {text: known.get(spelling_key(text)) for text in set(texts)}
    found = pd.Series([answers[text] for text in texts], index=cells.index, dtype="boolean")
    issues = []
    if accepted and len(texts) and not found.any():
        issues.append(Issue.of("warning", "sites.none_working", **place, values=", ".join(accepted)))
    odd = sorted(text for text, answer in answers.items() if text and answer is None)
    for text in odd[:_VALUES_NAMED]:
        rows = cells.index[(texts == text).to_numpy()]
        told = {"row": name_rows(rows), "value": text[:60], "state": text[:60]}
        issues.append(Issue.of("warning", "sites.unknown_state", **place, **told, n=len(rows)))
    if len(odd) > _VALUES_NAMED:
        n = int(texts.isin(odd[_VALUES_NAMED:]).sum())
        issues.append(Issue.of("warning", "sites.unknown_states", **place, n=n))
    return found, issues


def capacity_column(header: str) -> str | None:
    """Tell by its header what a column of capacities counts; None where it does not say."""
    folded = " ".join(header.replace("_", " ").casefold().split())
    found = [name for name, words in _CAPACITY_WORDS.items() if words.search(folded)]
    return found[0] if len(found) == 1 else None


def capacities(
    figures: pd.DataFrame, litres: float | None, place: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Issue]]:
    """Put capacities into persons and households.

    Parameters
    ----------
    figures : DataFrame
        With some of ``capacity_persons``, ``capacity_households``, ``capacity_m3_day``.
    litres : float or None
        Litres a person uses a day; without it a capacity in cubic metres says nothing of people.
    place, headers : mapping
        For issues.

    Returns
    -------
    DataFrame
        ``capacity_persons`` and ``capacity_households`` (Float64).
    list of Issue
    """
    empty = pd.Series(pd.NA, index=figures.index, dtype="Float64")
    persons, households = (
        figures[name].astype("Float64") if name in figures else empty
        for name in ("capacity_persons", "capacity_households")
    )
    issues = []
    if "capacity_m3_day" in figures:
        by_water = figures["capacity_m3_day"].astype("Float64")
        n = int((by_water.notna() & persons.isna()).sum())
        at = {**place, "column": headers["capacity_m3_day"]}
        if litres is None and n:
            issues.append(Issue.of("warning", "sites.capacity_in_water", **at, n=n))
        elif litres is not None:
            persons = persons.fillna(by_water * 1_000 / litres)
            issues.append(Issue.of("info", "sites.capacity_by_litres", **at, n=n, litres=litres))
    return pd.DataFrame({"capacity_persons": persons, "capacity_households": households}), issues
