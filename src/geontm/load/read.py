"""Reads everything a project names, in one pass, before any work starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geontm.errors import SourceError, TableError
from geontm.load.boundaries import Boundaries, BoundarySource, read_boundaries, read_land_border
from geontm.load.companions import companions_of, file_sha256
from geontm.load.districts import keep_districts
from geontm.load.layer_era import UnitRegister
from geontm.load.shipped import SCHEMATIC, read_register, read_schematic, shipped_path
from geontm.load.unit_tables import TableSource, UnitTable, read_unit_table
from geontm.tables import REFORM, Issue, Label, Table

__all__ = ["Layers", "ListSource", "ListTable", "Sources", "Words", "input_files", "read_layers", "read_registers"]

LIST_ANSWERS = (
    "development_region", "is_border", "is_extremely_difficult", "is_mountainous", "meets_new_rural",
    "meets_advanced_new_rural", "meets_model_new_rural",
)  # fmt: skip
FACTS = ("border_km", "border_neighbours")


@dataclass(frozen=True)
class Words:
    """The three dictionaries that reading needs."""

    identifiers: Table
    indicators: Table
    lists: Table


@dataclass(frozen=True)
class ListSource:
    """An official list: its table, the rule set it answers, and the document that gives it.

    ``complete`` tells that the list names every unit that counts, in the provinces that it ``covers`` (codes; all of
    the project where empty).
    """

    ruleset: str
    table: TableSource
    document: str = ""
    complete: bool = False
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListTable:
    """A list as read: rows still carry names or codes as printed; the answer stands in the column ``answer``."""

    source: ListSource
    table: UnitTable
    answer: str


@dataclass(frozen=True)
class Sources:
    """Every file of a project.

    Attributes
    ----------
    boundaries : BoundarySource
    land_border : Path or None
        Lines facing each neighbour.
    border_facts : Path or None
        A table of every border commune, measured elsewhere: ``commune_code, border_km, border_neighbours``.
    tables : tuple of TableSource
        Indicator tables.
    lists : tuple of ListSource
        Official lists.
    more : tuple of Path
        Files that other readers read: they must exist, and belong to the record of inputs.
    """

    boundaries: BoundarySource
    land_border: Path | None = None
    border_facts: Path | None = None
    tables: tuple[TableSource, ...] = ()
    lists: tuple[ListSource, ...] = ()
    more: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Layers:
    """What was read: checked tables and layers, and the sha256 of every file they came from."""

    boundaries: Boundaries
    tables: tuple[UnitTable, ...] = ()
    lists: tuple[ListTable, ...] = ()
    land_border: gpd.GeoDataFrame | None = None
    border_facts: pd.DataFrame | None = None
    issues: tuple[Issue, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=8)
def read_registers(day: date | None = None) -> tuple[UnitRegister, ...]:
    """Read the shipped lists of units of both sides of 1 July 2025.

    Parameters
    ----------
    day : date, optional
        The list of before is that of this day where its units are known; else that of June 2025.
    """
    former = UnitRegister(None, REFORM - timedelta(days=1), read_register("2024", day=day))
    return former, _present_register()


@lru_cache(maxsize=1)
def _present_register() -> UnitRegister:
    points = pd.read_parquet(shipped_path(SCHEMATIC), columns=["commune_code", "lon", "lat"]).set_index("commune_code")
    return UnitRegister(REFORM, None, read_register("2025"), points)


def read_layers(sources: Sources, words: Words) -> Layers:
    """Read a project's files.

    Parameters
    ----------
    sources : Sources
        The files.
    words : Words
        Column dictionaries.

    Raises
    ------
    SourceError, TableError, BoundaryError, CRSError
        The first file that cannot be used at all; what is merely odd goes to ``issues``.
    """
    named = _named(sources)
    # Tables first: they are read in moments, and most mistakes are in them.
    tables = tuple(
        read_unit_table(source, identifiers=words.identifiers, indicators=words.indicators) for source in sources.tables
    )
    lists = tuple(_read_list(entry, words) for entry in sources.lists)
    source = sources.boundaries
    boundaries = keep_districts(_read_units(source, words), source.districts, file=source.path.name)
    land_border = read_land_border(sources.land_border) if sources.land_border else None
    read = (*tables, *(entry.table for entry in lists))
    return Layers(
        boundaries=boundaries,
        tables=tables,
        lists=lists,
        land_border=land_border,
        border_facts=_read_facts(sources.border_facts) if sources.border_facts else None,
        issues=(*boundaries.issues, *(issue for table in read for issue in table.issues)),
        files=_fingerprints(named),
    )


def input_files(sources: Sources) -> dict[str, str]:
    """Return the sha256 of every file that a project's result is made from, by name, without reading what they hold.

    Raises
    ------
    SourceError
        A file is missing.
    """
    return _fingerprints(_named(sources))


def _named(sources: Sources) -> list[Path]:
    """Return the files of a project, each of which is there."""
    paths = [sources.boundaries.path, sources.land_border, sources.border_facts]
    paths += [table.path for table in sources.tables] + [entry.table.path for entry in sources.lists]
    paths += sources.more
    named = [path for path in paths if path]
    for path in named:
        if not path.exists():
            raise SourceError("project.file_missing", where=path, file=path.name)
    return named


def _read_units(source: BoundarySource, words: Words) -> Boundaries:
    if source.schematic:
        units = read_schematic(source.provinces, layer=source.path.name)
        return Boundaries(units, True, source.date, crs="EPSG:4326", transformation="", topology={}, issues=())
    return read_boundaries(source, identifiers=words.identifiers, registers=read_registers(source.date))


def _read_list(entry: ListSource, words: Words) -> ListTable:
    table = read_unit_table(entry.table, identifiers=words.identifiers, indicators=words.lists)
    answers = [name for name in LIST_ANSWERS if name in table.rows]
    if len(answers) != 1:
        raise TableError(
            "read.list_answer",
            where=entry.table.path,
            found=", ".join(table.headers.values()),
            names=Label(*(", ".join(words.lists[name].label[lang] for name in LIST_ANSWERS) for lang in ("vi", "en"))),
        )
    return ListTable(entry, table, answers[0])


def _read_facts(path: Path) -> pd.DataFrame:
    try:
        facts = pd.read_csv(path, dtype={"commune_code": "str"}, comment="#", encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, OSError):
        raise TableError("read.facts_unreadable", where=path, file=path.name) from None
    missing = [name for name in ("commune_code", *FACTS) if name not in facts]
    if missing:
        raise TableError("read.facts_columns", where=path, missing=", ".join(missing), found=", ".join(facts.columns))
    if facts["commune_code"].duplicated().any():
        twice = facts.loc[facts["commune_code"].duplicated(), "commune_code"].iloc[0]
        raise TableError("read.facts_twice", where=path, code=twice)
    return facts.set_index("commune_code")


def _fingerprints(paths: Iterable[Path]) -> dict[str, str]:
    """Return the sha256 of each file by its name; files of one name in several folders keep their folder's.

    Files that are read with one of them, such as the attributes of a shapefile, have theirs too.
    """
    named = set(paths)
    unique = sorted(named.union(*map(companions_of, named)))
    names = Counter(path.name for path in unique)
    # Two folders may bear one name as well: then the files are told apart by their order.
    keys = [path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}" for path in unique]
    again = Counter(keys)
    numbered = [f"{key}#{at}" if again[key] > 1 else key for at, key in enumerate(keys)]
    return {key: file_sha256(path) for key, path in zip(numbered, unique, strict=True)}
