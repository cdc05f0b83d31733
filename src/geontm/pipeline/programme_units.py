"""Gives the rows of a programme's files their units, each by the list of units of its own day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import pandas as pd

from geontm import join, load
from geontm.join.villages import normalise_village
from geontm.load.programme_tables import ProgrammeTable
from geontm.tables import Issue

__all__ = ["UnitFinder"]

_PLACE = ["commune_code", "commune_name", "kind", "district_code", "district_name", "province_code", "province_name"]
_COUNTS = ("baseline", "plan", "actual", "agencies")
_AREA_LEVELS: tuple[tuple[Literal["district", "province"], int], ...] = (("district", 3), ("province", 2))  # digits
_NOT_A_GAP = ("join.units_missing", "join.unit_missing")


@dataclass(frozen=True)
class UnitFinder:
    """Finds units by code or name as of a day.

    Attributes
    ----------
    units : DataFrame, index ``commune_code``
        The units of the boundaries, with names, districts and provinces.
    accept : bool
        Join what would else be a suggestion.
    """

    units: pd.DataFrame
    accept: bool = False
    _days: dict[date | None, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def of_day(self, day: date | None) -> pd.DataFrame:
        """Return the units in whose names and codes a file of that day speaks.

        Those of the boundaries where the day had the same ones or no day is given; else the official list of the day,
        of the same provinces, and of the whole country on the other side of 1 July 2025.
        """
        if day not in self._days:
            self._days[day] = self.units if day is None else self._register(day)
        return self._days[day]

    def _register(self, day: date) -> pd.DataFrame:
        register = next((r for r in load.read_registers(day) if r.holds(day)), None)
        if register is None:
            return self.units
        then = register.units
        shared = then.index.intersection(self.units.index)
        names = self.units.loc[shared, "commune_name"].fillna("") == then.loc[shared, "commune_name"].fillna("")
        if len(shared) == len(self.units) and bool(names.all()):
            return self.units
        provinces = set(self.units["province_code"].dropna()) if "province_code" in self.units else set()
        near = then[then["province_code"].isin(provinces)]
        known = near["district_code"].notna().any() if "district_code" in near else False
        same_era = known == ("district_code" in self.units and bool(self.units["district_code"].notna().any()))
        return near if len(near) and same_era else then

    def find(self, table: ProgrammeTable) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
        """Add ``unit_level, unit_code, unit_name, area`` to the rows of a file.

        Rows whose unit was not found are left out; an issue names each. A row that only counts has no code. Where the
        file has no date, a result or an event speaks of the units of its own day.
        """
        rows, source = table.rows.reset_index(drop=True), table.source
        place = {"file": source.path.name, "sheet": table.sheet}
        if source.kind in ("actual", "history") and "date" in rows:
            rows["units_date"] = rows["units_date"].fillna(rows["date"])
        for name in (*_PLACE, "village_code", "village_name", "unit_level"):
            if name not in rows:
                rows[name] = pd.Series(pd.NA, index=rows.index, dtype="str")
        lists: dict[int, tuple[pd.DataFrame, list[int]]] = {}
        for day, group in rows.groupby("units_date", sort=True, dropna=False):
            units = self.of_day(None if pd.isna(day) else pd.Timestamp(str(day)).date())
            lists.setdefault(id(units), (units, []))[1].extend(group.index)
        parts, issues = [], []
        for units, at in lists.values():
            placed, found = self._place(rows.loc[sorted(at)], units, table, place)
            parts.append(placed)
            issues += found
        whole = pd.concat(parts).sort_index() if parts else rows
        return whole.reset_index(drop=True), tuple(issues)

    def _place(
        self, rows: pd.DataFrame, units: pd.DataFrame, table: ProgrammeTable, place: dict[str, str]
    ) -> tuple[pd.DataFrame, list[Issue]]:
        """Place rows that speak of one list of units."""
        kind = table.source.kind
        rows, issues = self._communes(rows, units, table.source.key.within, place)
        levels = _levels(rows)
        areas = dict(zip(rows.index, _areas(rows, units), strict=True))
        provinces = units[["province_code", "province_name"]].drop_duplicates().dropna()
        found: list[Any] = []
        for at, row in zip(rows.index, rows.assign(level=levels).to_dict("records"), strict=True):
            level, area = row["level"], areas[at]
            code, name, part, problem = None, None, None, None
            if pd.notna(row["village_name"]) or pd.notna(row["village_code"]):
                name = row["village_name"] if pd.notna(row["village_name"]) else row["village_code"]
                code = _village_key(row)
                problem = None if code else "programme.village_without_commune"
            elif pd.notna(row["commune_name"]) or pd.notna(row["commune_code"]):
                code, name = row["found_code"], row["found_name"]
                problem = "" if pd.isna(code) else None  # the join has told it
            elif kind in _COUNTS and pd.notna(level) and not _names_itself(row, level):
                part = area[1] if area else None
            elif area:
                code, name, problem = area[0], area[1], None if area[0] else "programme.district_unknown"
            elif level == "province" and len(provinces) == 1:
                code, name = tuple(provinces.iloc[0])
            elif pd.isna(level) and kind in _COUNTS[:3]:
                problem = "programme.row_without_unit"
            if problem:
                told = name if name else ""
                issues.append(Issue.of("error", problem, **place, row=row["row"], value=told, name=told))
            found.append((code, name, part, problem is None or problem == "programme.district_unknown"))
        placed = pd.DataFrame(found, columns=pd.Index(["unit_code", "unit_name", "area", "keep"]), index=rows.index)
        rows = rows.assign(
            unit_level=levels, **{name: placed[name].astype("str") for name in ("unit_code", "unit_name", "area")}
        )
        return rows[placed["keep"].astype(bool)].drop(columns=["found_code", "found_name"]), issues

    def _communes(
        self, rows: pd.DataFrame, units: pd.DataFrame, within: join.Within, place: dict[str, str]
    ) -> tuple[pd.DataFrame, list[Issue]]:
        """Find the commune of each row that names one."""
        named = rows[rows["commune_code"].notna() | rows["commune_name"].notna()]
        codes = pd.Series(pd.NA, index=rows.index, dtype="str")
        issues: list[Issue] = []
        if len(named):
            identity = named[_PLACE].fillna("")
            once = named.loc[identity.drop_duplicates().index, [*_PLACE, "row"]]
            asked = once.set_index(pd.Index(once["row"], name="row"))[_PLACE]
            match = join.match_units(asked, units, by="auto", within=within, accept_suggestions=self.accept, **place)
            issues = [issue for issue in match.issues if issue.message.id not in _NOT_A_GAP]
            by_key = dict(zip(map(tuple, identity.loc[once.index].to_numpy()), match.codes, strict=True))
            codes = codes.mask(
                codes.index.isin(named.index), identity.apply(tuple, axis=1).map(by_key).reindex(codes.index)
            )
        titles = units["commune_name"].to_dict()
        return rows.assign(found_code=codes, found_name=codes.map(titles)), issues

    def succession(self, tables: Sequence[ProgrammeTable]) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
        """Give the rows of merger files the codes of their units: old ones of the day before, new ones of the day."""
        parts, issues = [], []
        for table in tables:
            place = {"file": table.source.path.name, "sheet": table.sheet}
            rows = table.rows.reset_index(drop=True)
            for name in ("unit_level", "old_code", "old_name", "old_commune", "new_code", "new_name", "new_commune"):
                if name not in rows:
                    rows[name] = pd.Series(pd.NA, index=rows.index, dtype="str")
            if "date" not in rows:
                rows["date"] = pd.NaT
            rows["date"] = pd.to_datetime(rows["date"]).fillna(rows["units_date"])
            village = rows["old_commune"].notna() | rows["new_commune"].notna()
            rows["unit_level"] = rows["unit_level"].fillna(village.map({True: "village", False: "commune"}))
            for day in sorted(rows["date"].dropna().unique()):
                moment = pd.Timestamp(day).date()
                for side, at in (("old", moment - timedelta(days=1)), ("new", moment)):
                    mine = rows[rows["date"] == day]
                    codes, found = self._side(mine, side, at, place)
                    issues += found
                    rows.loc[mine.index, f"{side}_code"] = codes
            parts.append(rows)
        whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        return whole, tuple(issues)

    def _side(self, rows: pd.DataFrame, side: str, day: date, place: dict[str, str]) -> tuple[pd.Series, list[Issue]]:
        """Return the codes of the old or the new units of some rows."""
        units = self.of_day(day)
        codes = rows[f"{side}_code"].copy()
        short = rows["unit_level"].eq("commune") & codes.str.fullmatch(r"\d{1,4}").fillna(value=False)
        codes = codes.mask(short, codes.str.zfill(5))
        issues: list[Issue] = []
        commune = rows["unit_level"].eq("commune") & codes.isna() & rows[f"{side}_name"].notna()
        village = rows["unit_level"].eq("village") & codes.isna() & rows[f"{side}_name"].notna()
        for chosen, column in ((commune, f"{side}_name"), (village, f"{side}_commune")):
            asked = rows.loc[chosen, column].dropna()
            digits = asked.str.fullmatch(r"\d{4,5}")
            by_name = asked[~digits]
            known = {text: text.zfill(5) for text in asked[digits]}
            if len(by_name):
                once = by_name.drop_duplicates()
                frame = pd.DataFrame({"commune_name": once.to_numpy()}, index=pd.Index(rows.loc[once.index, "row"]))
                match = join.match_units(frame, units, by="name", within=None, accept_suggestions=self.accept, **place)
                issues += [issue for issue in match.issues if issue.message.id not in _NOT_A_GAP]
                known |= {text: code for text, code in zip(once, match.codes, strict=True) if pd.notna(code)}
            at: Any
            for at, text in asked.items():
                if text in known:
                    whole = normalise_village(str(rows[f"{side}_name"][at])).whole if chosen is village else ""
                    codes[at] = f"{known[text]}/{whole}" if whole else known[text]
        return codes, issues


def _levels(rows: pd.DataFrame) -> pd.Series:
    """Return the level that a row states, or else that of the finest unit that it names."""
    stated = rows["unit_level"]
    for level in ("village", "commune", "district", "province"):
        has = rows[f"{level}_name"].notna() | rows[f"{level}_code"].notna()
        stated = stated.mask(stated.isna() & has, level)
    return stated


def _names_itself(row: Mapping[Any, Any], level: str) -> bool:
    """Tell whether a row without village or commune is about the district or province that it names, not its parts."""
    if level not in ("district", "province") or ("count" in row and pd.notna(row["count"])):
        return False
    return bool(pd.notna(row[f"{level}_name"]) or pd.notna(row[f"{level}_code"]))


def _areas(rows: pd.DataFrame, units: pd.DataFrame) -> list[tuple[str | None, str] | None]:
    """Return code and name of the district, or else the province, that each row names; the code None if not found."""
    known: dict[str, dict[Any, set[tuple[str, str]]]] = {}
    for level, _ in _AREA_LEVELS:
        known[level] = {}
        if f"{level}_code" in units and f"{level}_name" in units:
            for code, name in units[[f"{level}_code", f"{level}_name"]].drop_duplicates().dropna().to_numpy():
                key = join.normalise_name(name, level)
                for spelling in (code, key, (key.base,)):
                    known[level].setdefault(spelling, set()).add((code, name))
    areas: list[tuple[str | None, str] | None] = []
    for row in rows.to_dict("records"):
        area: tuple[str | None, str] | None = None
        for level, digits in _AREA_LEVELS:
            code, name = row[f"{level}_code"], row[f"{level}_name"]
            if area is not None or (pd.isna(code) and pd.isna(name)):
                continue
            code = None if pd.isna(code) else str(code).removesuffix(".0").zfill(digits)
            said = None if pd.isna(name) else join.normalise_name(name, level)
            hits = next((h for k in (code, said, (said.base,) if said else None) if (h := known[level].get(k))), set())
            area = next(iter(hits)) if len(hits) == 1 else (None, str(name) if pd.notna(name) else str(code))
        areas.append(area)
    return areas


def _village_key(row: Mapping[Any, Any]) -> str | None:
    if pd.notna(row["village_code"]):
        return str(row["village_code"]).removesuffix(".0")
    whole = normalise_village(row["village_name"]).whole
    return f"{row['found_code']}/{whole}" if pd.notna(row["found_code"]) and whole else None
