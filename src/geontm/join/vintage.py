"""Refuse a table whose names and codes are of another date than the boundaries.

On 1 July 2025 the 63 provinces became 34, districts ended, and 10,035 communes became 3,321. 2,343 of the old communes
bear the name of a new one in the same province, most codes of new communes were codes of old ones, and hardly any of
them means the same ground: joined directly, an old table looks good and is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import pandas as pd

from geontm.errors import VintageError
from geontm.join.claims import name_keys
from geontm.join.names import NameKey, province_key
from geontm.join.scopes import texts
from geontm.tables import REFORM, Issue
from geontm.tables.eras import CLEARLY_MORE, CONTRADICTS_DATE, LEAST_FIT, NEARLY_ALL, SAME_FIT

__all__ = ["REFORM", "Register", "check_vintage", "require_same_era"]

Era = Literal["before", "after"]
FORMER_DISTRICTS = 0.1  # a date is doubted sooner where the rows name districts that had ended by then


@dataclass(frozen=True)
class Register:
    """The list of units of one time.

    Attributes
    ----------
    date_from, date_to : date or None
        When the list was in force, both days included; None: not known.
    units : DataFrame, index ``commune_code``
        ``commune_name``, and ``kind``, ``province_code``, ``province_name`` where known.
    """

    date_from: date | None
    date_to: date | None
    units: pd.DataFrame

    @property
    def era(self) -> Era | None:
        """On which side of the reform of 1 July 2025 the list stands."""
        if self.date_from is not None and self.date_from >= REFORM:
            return "after"
        if self.date_from is not None or (self.date_to is not None and self.date_to < REFORM):
            return "before"
        return None

    @cached_property
    def known(self) -> _Known:
        """The list ready to be compared; made once, for it serves every table of a run."""
        return _known(self.units)


@dataclass(frozen=True)
class _Known:
    """A list of units as what a row can be compared with: province, kind and name without diacritics; codes."""

    names: Mapping[tuple[str, str, str], frozenset[int]]
    codes: Mapping[str, int]
    plain: tuple[str, ...]
    provinces: tuple[str, ...]
    by_province_code: Mapping[str, str]


@dataclass(frozen=True)
class _Row:
    keys: tuple[NameKey, ...]
    code: str
    province: str
    province_code: str


@dataclass(frozen=True)
class _Fit:
    """How well a table fits an era: share of its rows known there, share of the era's units it has, and how many."""

    share: float
    cover: float
    units: int


def check_vintage(
    rows: pd.DataFrame,
    units: pd.DataFrame,
    *,
    table_date: date | None,
    boundaries_date: date | None,
    registers: Sequence[Register] = (),
    file: str = "",
    sheet: str = "",
) -> tuple[Issue, ...]:
    """Refuse a table of the other side of 1 July 2025; test an undated one by what it names.

    A row fits an era if its name (kind and letters, inside its province) or, where it has no name, its code stands in
    a list of that era; with both, they must agree. An undated table is refused if it fits the other era better, if
    less than 60 % of it fits, or if both eras fit alike and neither the districts it names nor the number of its rows
    decides. A date is not believed where the other era fits better by 25 points.

    Parameters
    ----------
    rows, units : DataFrame
        As for :func:`geontm.join.match_units`.
    table_date, boundaries_date : date or None
        The day the table and the boundaries stand for. Without a date of the boundaries, their districts or the
        register that has their units tell the era.
    registers : sequence of Register
        Known lists of units of both eras; without one of the other era a table can only be tested against its own.
    file, sheet : str
        Named in the issues.

    Returns
    -------
    tuple of Issue
        A warning where an undated table was let through, or a dated one fits badly.

    Raises
    ------
    VintageError
        The table is refused; ``issues`` holds the figures behind it.
    """
    place = " / ".join(filter(None, (file, sheet)))
    era = _era_of(boundaries_date) or _era_of_units(units, registers)
    if table_date and era and _era_of(table_date) != era:
        raise VintageError(
            "join.vintage_dates", where=place, date=table_date.isoformat(), boundaries=_day(boundaries_date)
        )
    readable = [row for row in _rows(rows) if row.code or row.keys[0]]
    if not readable or era is None:
        return ()
    own = _fit(readable, [_known(units), *_lists(registers, era)], units)
    lists = _lists(registers, "after" if era == "before" else "before")
    other = _fit(readable, lists, units) if lists else None
    districts = sum(map(bool, texts(rows, "district_name"))) / len(rows)
    values = _figures(own, other, districts, len(readable)) | {"date": _day(table_date)}
    refused = _refusal(own, other, districts=districts >= 0.5, era=era, dated=table_date is not None)
    if refused:
        ended = [
            Issue.of("error", "join.vintage_province", file=file, sheet=sheet, column="province_name", value=name)
            for name in _ended(readable, registers, era)
        ]
        figures = Issue.of("error", "join.vintage_figures", file=file, sheet=sheet, **values)
        raise VintageError(refused, where=place, issues=(figures, *ended), **values)
    if table_date is None:
        return (Issue.of("warning", "join.vintage_assumed", file=file, sheet=sheet, **values),)
    if own.share < LEAST_FIT:
        return (Issue.of("warning", "join.vintage_fits_badly", file=file, sheet=sheet, **values),)
    return ()


def require_same_era(
    day: date, units: pd.DataFrame, *, boundaries_date: date | None, registers: Sequence[Register] = ()
) -> None:
    """Refuse units that did not exist on the day of a project: those of the other side of 1 July 2025.

    Parameters
    ----------
    day : date
        The project's ``as_of``.
    units, boundaries_date, registers
        As for :func:`check_vintage`.

    Raises
    ------
    VintageError
        ``join.project_era``.
    """
    era = _era_of(boundaries_date) or _era_of_units(units, registers)
    if era and era != _era_of(day):
        raise VintageError("join.project_era", where="as_of", day=day.isoformat(), boundaries=_day(boundaries_date))


def _refusal(own: _Fit, other: _Fit | None, *, districts: bool, era: Era, dated: bool) -> str:
    """Return why a table is refused, as a message id; empty if it is not."""
    former = districts and era == "after"  # what the boundaries' era no longer has
    ahead = other.share - own.share if other else -1.0
    if dated:
        doubted = ahead >= CONTRADICTS_DATE or (former and ahead >= FORMER_DISTRICTS)
        return "join.vintage_date_wrong" if doubted else ""
    if ahead > SAME_FIT:
        return "join.vintage_other"
    if own.share < LEAST_FIT:
        return "join.vintage_neither"
    if other is None:
        return "join.vintage_undecided" if former else ""
    if former and ahead > -FORMER_DISTRICTS:
        return "join.vintage_other"
    alike = ahead >= -SAME_FIT and not _own_by_extent(own, other) and not (districts and era == "before")
    return "join.vintage_undecided" if alike else ""


def _own_by_extent(own: _Fit, other: _Fit) -> bool:
    """Tell whether a table has nearly all units of its own era and clearly fewer of the other's: a full list."""
    return own.cover >= NEARLY_ALL and own.cover > other.cover + CLEARLY_MORE


def _era_of(day: date | None) -> Era | None:
    if day is None:
        return None
    return "after" if day >= REFORM else "before"


def _era_of_units(units: pd.DataFrame, registers: Sequence[Register]) -> Era | None:
    if any(texts(units, "district_name")) or any(texts(units, "district_code")):
        return "before"
    eras: tuple[Era, Era] = ("before", "after")
    fits = {era: _fit(_rows(units), _lists(registers, era), units).share for era in eras}
    best: Era = "before" if fits["before"] > fits["after"] else "after"
    return best if fits["before"] != fits["after"] else None


def _rows(frame: pd.DataFrame) -> list[_Row]:
    codes = texts(frame, "commune_code")
    columns = (name_keys(frame), codes, texts(frame, "province_name"), texts(frame, "province_code"))
    return [
        _Row(keys, code, province_key(province), province_code.zfill(2) if province_code else "")
        for keys, code, province, province_code in zip(*columns, strict=True)
    ]


def _known(units: pd.DataFrame) -> _Known:
    rows = _rows(units)
    names: dict[tuple[str, str, str], set[int]] = {}
    for i, row in enumerate(rows):
        for key in row.keys:
            for province in {row.province, ""}:
                for kind in {key.kind, ""}:
                    names.setdefault((province, kind, key.plain), set()).add(i)
    return _Known(
        {key: frozenset(places) for key, places in names.items()},
        {str(code): i for i, code in enumerate(units.index)},
        tuple(row.keys[0].plain for row in rows),
        tuple(row.province for row in rows),
        {row.province_code: row.province for row in rows if row.province_code},
    )


def _lists(registers: Sequence[Register], era: Era) -> list[_Known]:
    return [register.known for register in registers if register.era == era]


def _fit(rows: Sequence[_Row], lists: Sequence[_Known], units: pd.DataFrame) -> _Fit:
    """Measure how well rows fit an era that one or several lists describe."""
    fitting: set[int] = set()
    best = (0.0, 0)
    for known in lists:
        home = _home_provinces(known, units)
        found = [_find(row, known, home) for row in rows]
        fitting |= {i for i, places in enumerate(found) if places}
        met = frozenset().union(*found)
        touched = {known.provinces[i] for i in met}
        size = sum(province in touched for province in known.provinces)
        if size:
            best = max(best, (len(met) / size, size))
    return _Fit(len(fitting) / len(rows) if rows else 0.0, *best)


def _find(row: _Row, known: _Known, home: frozenset[str]) -> frozenset[int]:
    """Return the units of a list that a row may be; a row that names no province is one of ``home``."""
    coded = known.codes.get(row.code.removesuffix(".0").zfill(5) if row.code.strip(".0").isdigit() else row.code)
    if not row.keys[0]:
        return frozenset() if coded is None else frozenset({coded})
    province = row.province or known.by_province_code.get(row.province_code, "")
    places = frozenset[int]().union(*(known.names.get((province, k.kind, k.plain), frozenset()) for k in row.keys))
    if not province:
        places = frozenset(i for i in places if known.provinces[i] in home)
    return places if coded is None or coded in places else frozenset()


def _home_provinces(known: _Known, units: pd.DataFrame) -> frozenset[str]:
    """Return the provinces of a list that became, or came from, those of the units: they share codes.

    A unit formed by merger bears the code of one of its parts, so the codes lead from old to new provinces without a
    list of mergers. A share under one in twenty is a commune that changed sides.
    """
    own = {province_key(name) for name in texts(units, "province_name")}
    codes = {str(code) for code in units.index}
    total: dict[str, int] = {}
    shared: dict[str, int] = {}
    for code, i in known.codes.items():
        province = known.provinces[i]
        total[province] = total.get(province, 0) + 1
        shared[province] = shared.get(province, 0) + (code in codes)
    return frozenset(p for p in total if p in own or shared[p] >= max(1, total[p] / 20))


def _figures(own: _Fit, other: _Fit | None, districts: float, n: int) -> dict[str, object]:
    return {
        "n": n,
        "own": f"{own.share:.0%}",
        "other": f"{other.share:.0%}" if other else "?",
        "own_units": own.units,
        "other_units": other.units if other else "?",
        "districts": f"{districts:.0%}",
    }


def _ended(rows: Sequence[_Row], registers: Sequence[Register], era: Era) -> list[str]:
    """Return the provinces that rows name and that only the other era has."""
    here = {province for known in _lists(registers, era) for province in known.provinces}
    there = {province for register in registers for province in register.known.provinces}
    return sorted({row.province for row in rows if row.province in there - here}) if here else []


def _day(day: date | None) -> str:
    return day.isoformat() if day else "?"
