"""Where a name may be looked for: the province of a row, and its district while there were districts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from rapidfuzz.distance import OSA

from geontm.errors import TableError
from geontm.join.names import clean_text, pair_names, province_key

__all__ = ["Scope", "Within", "place", "texts"]

Within = Literal["province", "district"] | None


@dataclass(frozen=True)
class Scope:
    """Where a row or a unit stands.

    Attributes
    ----------
    province : str or None
        Key of the province; None: not known.
    district : str or None
        Name of the district as the units have it; None: not known.
    problem : str
        Message id of what keeps a row from being placed; empty if nothing does.
    says : str
        What the row says where it has a problem.
    strayed : bool
        The row names a district that the units do not have.
    """

    province: str | None
    district: str | None
    problem: str = ""
    says: str = ""
    strayed: bool = False


def texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column as texts, gaps and an absent column as empty texts."""
    if column not in frame.columns:
        return [""] * len(frame)
    return [clean_text(value) for value in frame[column].tolist()]


def place(
    rows: pd.DataFrame, units: pd.DataFrame, within: Within, *, where: str = ""
) -> tuple[list[Scope], list[Scope]]:
    """Place every row and every unit in its province and district.

    A table that names no province is that of the only province of the units. Provinces compare by code, then by name;
    districts by name inside their province (:func:`geontm.join.names.pair_names`), or by code. Errors
    name the table as ``where``.

    Raises
    ------
    TableError
        ``within`` cannot be kept: the rows name no province though the units have several, or rows or units name no
        district.
    """
    unit_provinces = _unit_provinces(units)
    known = {key for key in unit_provinces if key}
    by_code = {c: p for c, p in zip(texts(units, "province_code"), unit_provinces, strict=True) if c and p}
    has_province = any(texts(rows, "province_name")) or any(texts(rows, "province_code"))
    if not has_province and within and len(known) > 1:
        raise TableError("join.needs_province", where=where, n=len(known))
    only = next(iter(known)) if len(known) == 1 else None
    found = [
        _find_province(code, name, by_code, only)
        for code, name in zip(texts(rows, "province_code"), texts(rows, "province_name"), strict=True)
    ]
    unit_districts, row_districts = texts(units, "district_name"), _row_districts(rows, units)
    if within == "district" and not any(unit_districts):
        raise TableError("join.no_districts", where=where)
    if within == "district" and not any(row_districts):
        raise TableError("join.needs_district", where=where)
    pairs = _pair_districts([p for p, _ in found], row_districts, unit_provinces, unit_districts)
    unit_scopes = [Scope(p, d or None) for p, d in zip(unit_provinces, unit_districts, strict=True)]
    use_districts = any(unit_districts)
    row_scopes = []
    for (province, says), district in zip(found, row_districts, strict=True):
        paired = pairs.get((province, district)) if use_districts else None
        strayed = bool(use_districts and district and paired is None)
        problem = _problem(province, says, known, within, no_district=within == "district" and paired is None)
        row_scopes.append(Scope(province, paired, problem, says or district, strayed))
    return row_scopes, unit_scopes


def _unit_provinces(units: pd.DataFrame) -> list[str | None]:
    """Return the key of each unit's province: its name's, or its code where no name is given."""
    codes, names = texts(units, "province_code"), texts(units, "province_name")
    return [province_key(name) or code or None for code, name in zip(codes, names, strict=True)]


def _find_province(code: str, name: str, by_code: Mapping[str, str | None], only: str | None) -> tuple[str | None, str]:
    code = code.zfill(2) if code.isdigit() else code
    by_name = province_key(name)
    if not by_name:
        return (by_code.get(code, code), code) if code else (only, "")
    coded = by_code.get(code)
    if coded is None or coded == by_name:
        return by_name, name
    # Codes of provinces were given anew in 2025 (24 was Bắc Giang): only a slip of one letter lets the code decide.
    if OSA.distance(coded, by_name) <= 1:
        return coded, name
    return (None if by_name in by_code.values() else by_name), f"{code} {name}"


def _problem(province: str | None, says: str, known: set[str], within: Within, *, no_district: bool) -> str:
    if province is None and says:
        return "join.province_conflict"
    if province is not None and known and province not in known:
        return "join.province_unknown"
    if province is None and within and known:
        return "join.no_province"
    return "join.district_unknown" if no_district else ""


def _row_districts(rows: pd.DataFrame, units: pd.DataFrame) -> list[str]:
    """Return the district each row names; where it gives only a code, the name the units have for the code."""
    names = dict(zip(texts(units, "district_code"), texts(units, "district_name"), strict=True))
    pairs = zip(texts(rows, "district_name"), texts(rows, "district_code"), strict=True)
    return [name or (names.get(code.zfill(3), "") if code else "") for name, code in pairs]


def _pair_districts(
    row_provinces: list[str | None],
    row_districts: list[str],
    unit_provinces: list[str | None],
    unit_districts: list[str],
) -> dict[tuple[str | None, str], str]:
    wanted: dict[str | None, set[str]] = {}
    known: dict[str | None, set[str]] = {}
    for places, province, district in [
        *((wanted, p, d) for p, d in zip(row_provinces, row_districts, strict=True)),
        *((known, p, d) for p, d in zip(unit_provinces, unit_districts, strict=True)),
    ]:
        if district:
            places.setdefault(province, set()).add(district)
    return {
        (province, name): partner
        for province, names in wanted.items()
        for name, partner in pair_names(sorted(names), sorted(known.get(province, ())), "district").items()
    }
