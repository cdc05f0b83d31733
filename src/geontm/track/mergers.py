"""Carries lists and values through mergers onto the units of a day: nothing counted twice, no split guessed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from geontm.tables import Column, Issue
from geontm.track.shapes import finding, timestamp, with_columns

__all__ = ["BECAME_COLUMNS", "Carried", "carry_units", "carry_values", "check_mergers"]

BECAME_COLUMNS = ("unit_level", "old_code", "old_name", "new_code", "new_name", "date", "document")
_WHOLE = 1e-9  # how far the shares of a split may miss the whole

# Code of a day, the share of the unit that went there (None: unknown), the last day on which it was touched.
_Place: TypeAlias = tuple[str, float | None, pd.Timestamp | None]


@dataclass(frozen=True)
class Carried:
    """A table on the units of a day.

    Attributes
    ----------
    table : DataFrame
        The rows as given, ``unit_code`` and ``unit_name`` those of the day; ``was_code`` and ``was_name`` as before,
        ``carried_on`` the day of the last merger that the unit was part of (missing: none).
    became : DataFrame
        ``unit_level, old_code, old_name, new_code, new_name, date, document``: one row per unit that changed.
    issues : tuple of Issue
    """

    table: pd.DataFrame
    became: pd.DataFrame
    issues: tuple[Issue, ...]


def check_mergers(mergers: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Take the usable rows of a succession table, and report splits, reused codes, and rows that cannot be used.

    Parameters
    ----------
    mergers : DataFrame
        ``unit_level, old_code, old_name, new_code, new_name, date, document, share`` (0–1, only for a split): one row
        for each old unit and each new unit that it became part of, valid from ``date``.

    Returns
    -------
    DataFrame
        Rows with both codes and a date, each pair once a day, sorted by level, date and codes.
    tuple of Issue
    """
    rows = with_columns(mergers, "unit_level", "document", "file", "row", "date", "share")
    for name in ("old_code", "old_name", "new_code", "new_name"):
        rows[name] = (rows[name] if name in rows else pd.Series(pd.NA, index=rows.index)).astype("str")
    issues = []
    incomplete = rows["old_code"].isna() | rows["new_code"].isna() | rows["date"].isna()
    for _, row in rows[incomplete].iterrows():
        shown = row.to_frame().T.assign(unit_name=row["old_name"], unit_code=row["old_code"])
        issues.append(finding("error", "track.merger_incomplete", shown))
    usable = rows[~incomplete].sort_values(["unit_level", "date", "old_code", "new_code"], kind="stable")
    usable = usable.drop_duplicates(["unit_level", "date", "old_code", "new_code"], ignore_index=True)
    usable, circles = _without_circles(usable)
    issues += circles
    date: Any
    old: Any
    for (_, date, old), group in usable.groupby(["unit_level", "date", "old_code"], sort=True, dropna=False):
        if len(group) > 1:
            shown = group.assign(unit_code=old, unit_name=group["old_name"].fillna(old))
            known = group["share"].notna().all() and abs(float(group["share"].sum()) - 1) <= _WHOLE
            issues.append(
                finding(
                    "info" if known else "warning",
                    "track.split_shared" if known else "track.split",
                    shown,
                    n=len(group),
                    date=_iso(date),
                    units=", ".join(group["new_name"].fillna(group["new_code"])),
                )
            )
    return usable, (*issues, *_reused(usable))


def _without_circles(mergers: pd.DataFrame) -> tuple[pd.DataFrame, list[Issue]]:
    """Leave out units that merge into each other on one day, and report them.

    Two units that exchange parts are none: each is also among its own parts.
    """
    issues = []
    wrong: list[int] = []
    date: Any
    for (_, date), day in mergers.groupby(["unit_level", "date"], sort=True, dropna=False):
        kept = set(day.loc[day["old_code"] == day["new_code"], "old_code"])
        goes = day[~day["old_code"].isin(kept)]
        into = {str(old): set(group["new_code"]) for old, group in goes.groupby("old_code", sort=True)}
        reached = {code: _reach(code, into) for code in into}
        circles = {
            frozenset(other for other in found if code in reached.get(other, ())) for code, found in reached.items()
        }
        for circle in sorted(circles - {frozenset()}, key=sorted):
            rows = goes[goes["old_code"].isin(circle) & goes["new_code"].isin(circle)]
            names = rows["old_name"].fillna(rows["old_code"])
            shown = rows.assign(unit_code=rows["old_code"], unit_name=names)
            units = ", ".join(dict.fromkeys(names))
            issues.append(finding("error", "track.merger_circle", shown, units=units, date=_iso(date)))
            wrong += list(rows.index)
    return mergers.drop(index=wrong).reset_index(drop=True), issues


def _reach(code: str, into: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [code]
    while ahead:
        fresh = into.get(ahead.pop(), set()) - found
        found |= fresh
        ahead += fresh
    return found


def _reused(mergers: pd.DataFrame) -> list[Issue]:
    """Report codes that a unit gave up and another one bears later, and units that end twice."""
    issues = []
    for _, level in mergers.groupby("unit_level", sort=True, dropna=False):
        ended: dict[str, pd.Timestamp] = {}
        for date, day in level.groupby("date", sort=True):
            kept = set(day.loc[day["old_code"] == day["new_code"], "old_code"])
            gone = set(day["old_code"]) - kept
            for code in sorted(gone & set(ended)):
                rows = day[day["old_code"] == code]
                issues.append(finding("error", "track.ended_twice", _shown(rows, code), date=_iso(ended[code])))
            for code in sorted(set(day["new_code"]) - kept):
                if code in ended or code in gone:
                    rows = day[day["new_code"] == code]
                    issues.append(
                        finding("warning", "track.code_reused", _shown(rows, code), code=code, date=_iso(date))
                    )
                    ended.pop(code, None)
            ended |= {code: pd.Timestamp(str(date)) for code in gone - set(day["new_code"])}
    return issues


def _shown(rows: pd.DataFrame, code: str) -> pd.DataFrame:
    return rows.assign(unit_code=code, unit_name=rows["old_name"].fillna(code))


def _iso(day: object) -> str:
    return pd.Timestamp(str(day)).date().isoformat()


def carry_units(table: pd.DataFrame, mergers: pd.DataFrame, *, until: datetime.date) -> Carried:
    """Put the units of a list onto the units of a day.

    Parameters
    ----------
    table : DataFrame
        ``unit_level, unit_code, unit_name``, and ``units_date``: the day whose codes the row uses (missing: a day
        before all mergers). A row without ``unit_code`` is a counted one and stays as it is.
    mergers : DataFrame
        From :func:`check_mergers`.
    until : date
        The day whose units are wanted; mergers of that day count.

    Returns
    -------
    Carried
        As many rows as given: units merged into one share its code. A unit that was split keeps its old code, for
        which of its parts belongs to the list is not known; an issue says so.
    """
    rows = with_columns(table, "unit_level", "unit_code", "unit_name", "units_date", "document", "file", "row")
    rows["was_code"], rows["was_name"] = rows["unit_code"], rows["unit_name"]
    rows["carried_on"] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
    issues, became = [], []
    names = mergers.dropna(subset=["new_name"]).drop_duplicates(["unit_level", "new_code"], keep="last")
    new_names: dict[Any, Any] = {(r.unit_level, r.new_code): r.new_name for r in names.itertuples()}
    codes, titles, days = (rows[name].copy() for name in ("unit_code", "unit_name", "carried_on"))
    named = rows[rows["unit_code"].notna()]
    for (level, since), group in named.groupby(["unit_level", "units_date"], sort=True, dropna=False):
        steps = _steps(mergers[mergers["unit_level"] == level], since, until)
        moved = {str(code): _follow(str(code), steps) for code in sorted(set(group["unit_code"]))} if steps else {}
        for code in sorted(code for code, places in moved.items() if len(places) > 1):
            units = ", ".join(str(new_names.get((level, place[0]), place[0])) for place in moved[code])
            split = group[group["unit_code"] == code]
            issues.append(finding("warning", "track.split_in_list", split, n=len(moved[code]), units=units))
        target = {code: places[0] for code, places in moved.items() if len(places) == 1 and places[0][2] is not None}
        touched = group[group["unit_code"].isin(list(target))]
        new = touched["unit_code"].map({code: place[0] for code, place in target.items()})
        title = pd.Series([new_names.get((level, code)) for code in new], index=new.index, dtype="str")
        codes[new.index] = new
        titles[new.index] = title.where(title.notna(), touched["unit_name"].where(new == touched["unit_code"], new))
        days[new.index] = touched["unit_code"].map({code: place[2] for code, place in target.items()})
        seen = touched.assign(new_code=new, new_name=titles[new.index], date=days[new.index])
        became.append(seen[["unit_level", "unit_code", "unit_name", "new_code", "new_name", "date"]])
    rows = rows.assign(unit_code=codes, unit_name=titles, carried_on=days)
    return Carried(rows, _became(became, mergers), tuple(issues))


def _became(found: list[pd.DataFrame], mergers: pd.DataFrame) -> pd.DataFrame:
    """Return one row per unit that changed, with the document that says so."""
    if not found:
        return pd.DataFrame(columns=pd.Index(BECAME_COLUMNS))
    changed = pd.concat(found).rename(columns={"unit_code": "old_code", "unit_name": "old_name"})
    changed = changed.drop_duplicates(["unit_level", "old_code", "new_code"])
    papers = mergers.groupby(["unit_level", "new_code", "date"], sort=True)["document"].first()
    keys = zip(changed["unit_level"], changed["new_code"], changed["date"], strict=True)
    changed["document"] = [papers.get(key) for key in keys]
    return changed.sort_values(["unit_level", "new_code", "old_code"], ignore_index=True)[list(BECAME_COLUMNS)]


def _steps(
    mergers: pd.DataFrame, since: object, until: datetime.date
) -> list[tuple[pd.Timestamp, dict[str, list[tuple[str, float | None]]], set[str]]]:
    """Return what happened after ``since`` up to ``until``, day by day: which unit became which, and who grew."""
    start, end = None if pd.isna(since) else pd.Timestamp(str(since)), timestamp(until)  # type: ignore[call-overload]
    assert end is not None
    steps = []
    for date, day in mergers.groupby("date", sort=True):
        moment = pd.Timestamp(str(date))
        if (start is not None and moment <= start) or moment > end:
            continue
        moves: dict[str, list[tuple[str, float | None]]] = {}
        for old, group in day.groupby("old_code", sort=True):
            shares = [None if pd.isna(share) else float(share) for share in group["share"]]
            known = all(share is not None for share in shares)
            if len(shares) == 1:
                shares = [1.0]
            elif not known or abs(sum(s for s in shares if s is not None) - 1) > _WHOLE:
                shares = [None] * len(shares)
            moves[str(old)] = list(zip(group["new_code"].astype(str), shares, strict=True))
        steps.append((moment, moves, set(day["new_code"].astype(str))))
    return steps


def _follow(
    code: str, steps: Iterable[tuple[pd.Timestamp, dict[str, list[tuple[str, float | None]]], set[str]]]
) -> list[_Place]:
    places: list[_Place] = [(code, 1.0, None)]
    for date, moves, grown in steps:
        reached: dict[str, _Place] = {}
        for at, share, day in places:
            onward: list[_Place] = [
                (new, None if share is None or part is None else share * part, date) for new, part in moves.get(at, ())
            ] or [(at, share, date if at in grown else day)]
            for new, part, on in onward:
                before = reached.get(new)
                if before is not None:
                    part = None if part is None or before[1] is None else part + before[1]
                reached[new] = (new, part, on)
        places = list(reached.values())
    return places


def carry_values(
    values: pd.DataFrame, mergers: pd.DataFrame, columns: Mapping[str, Column], *, until: datetime.date
) -> Carried:
    """Put values by unit, indicator and year onto the units of a day.

    Parameters
    ----------
    values : DataFrame
        ``unit_level, unit_code, indicator, year, value`` and ``units_date`` as in :func:`carry_units`; other columns
        stay with values that no merger touches.
    mergers : DataFrame
        From :func:`check_mergers`.
    columns : mapping
        The column dictionary: whether an indicator adds up, and what weighs it.
    until : date

    Returns
    -------
    Carried
        Values that add up are summed, and unknown where a part of the new unit has none; others are the weighted mean
        of the parts, and unknown without their weights. A split spreads what adds up by its shares, if they are known.
        A value outside the range that the dictionary gives its indicator is unknown, with an issue.
    """
    rows = with_columns(values, "unit_level", "unit_code", "unit_name", "units_date", "year", "value", "file", "row")
    rows["indicator"] = (rows["indicator"] if "indicator" in rows else pd.Series(pd.NA, index=rows.index)).astype("str")
    rows, odd = _possible(rows, columns)
    touched_levels = set(mergers["unit_level"].dropna())
    moving = rows["unit_code"].notna() & rows["unit_level"].isin(touched_levels)
    paths: list[tuple[str, object, str, str, float | None]] = []
    for (level, since), group in rows[moving].groupby(["unit_level", "units_date"], sort=True, dropna=False):
        of_level = mergers[mergers["unit_level"] == level]
        steps = _steps(of_level, since, until)
        before = _alive(set(of_level["old_code"]) | set(group["unit_code"]), of_level, since)
        for code in sorted(before):
            paths += [
                (str(level), since, code, new, share) for new, share, day in _follow(code, steps) if day is not None
            ]
    if not paths:
        return Carried(rows.assign(was_code=rows["unit_code"]), pd.DataFrame(columns=pd.Index(BECAME_COLUMNS)), odd)
    links = pd.DataFrame(paths, columns=pd.Index(["unit_level", "units_date", "unit_code", "new_code", "share"]))
    links["units_date"] = pd.to_datetime(links["units_date"])
    touched = rows.merge(links[["unit_level", "units_date", "unit_code"]].drop_duplicates(), how="left", indicator=True)
    stays = (touched["_merge"] == "left_only").to_numpy()
    summed, issues = _combine(rows[~stays], links, columns, until)
    table = pd.concat([rows[stays].assign(was_code=rows.loc[stays, "unit_code"]), summed], ignore_index=True)
    became = links[links["unit_code"] != links["new_code"]].rename(columns={"unit_code": "old_code"})
    return Carried(
        table, became[["unit_level", "old_code", "new_code"]].drop_duplicates(ignore_index=True), (*odd, *issues)
    )


def _possible(rows: pd.DataFrame, columns: Mapping[str, Column]) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Make unknown what lies outside the range of its indicator, and tell each."""
    issues: list[Issue] = []
    outside = []
    cells = rows[["indicator", "value", "file", "row"]].astype(object)
    for indicator, value, file, row in cells.where(cells.notna(), None).itertuples(index=False):
        column = columns.get(str(indicator))
        low, high = (column.minimum, column.maximum) if column else (None, None)
        wrong = value is not None and ((low is not None and value < low) or (high is not None and value > high))
        outside.append(wrong)
        if not wrong or column is None:
            continue
        words = {"minimum": "…" if low is None else f"{low:g}", "maximum": "…" if high is None else f"{high:g}"}
        unit = f" {column.unit}" if column.unit else ""
        place = {"file": file or "", "row": "" if row is None else row, "column": "value", "value": f"{value:.12g}"}
        issues.append(Issue.of("error", "tables.out_of_range", **place, name=column.label, unit=unit, **words))
    return rows.assign(value=rows["value"].mask(pd.Series(outside, index=rows.index, dtype=bool))), tuple(issues)


def _alive(listed: set[str], mergers: pd.DataFrame, since: object) -> set[str]:
    """Return the units that were there on the day of a table: those it lists, and those that end or change next."""
    later = mergers if pd.isna(since) else mergers[mergers["date"] > pd.Timestamp(str(since))]  # type: ignore[call-overload]
    ends, made = later.groupby("old_code")["date"].min(), later.groupby("new_code")["date"].min()
    # A code that is made before it ends was not there yet.
    return listed | {str(code) for code, day in ends.items() if day <= made.get(code, day)}


def _combine(
    rows: pd.DataFrame, links: pd.DataFrame, columns: Mapping[str, Column], until: datetime.date
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Sum or average the parts of every new unit, for each indicator and year that any part has."""
    issues, made = [], []
    by_part = rows.set_index(["unit_level", "units_date", "indicator", "year", "unit_code"])["value"]
    if not by_part.index.is_unique:
        twice = rows[rows.duplicated(["unit_level", "units_date", "indicator", "year", "unit_code"], keep=False)]
        issues.append(finding("error", "track.value_twice", twice, column="value"))
        by_part = by_part[~by_part.index.duplicated(keep=False)]
    asked = rows[["unit_level", "units_date", "indicator", "year"]].drop_duplicates()
    parts = asked.merge(links, on=["unit_level", "units_date"])
    key: Any
    for key, group in parts.groupby(
        ["unit_level", "units_date", "indicator", "year", "new_code"], sort=True, dropna=False
    ):
        level, since, indicator, year, new = key
        known = [by_part.get((level, since, indicator, year, code), pd.NA) for code in group["unit_code"]]
        if all(pd.isna(value) for value in known):
            continue
        column = columns.get(str(indicator))
        value = _value_of_parts(group, known, column, by_part, key)
        if pd.isna(value):
            shown = group.assign(unit_code=new, unit_name=new)
            label = column.label if column else str(indicator)
            issues.append(
                finding("warning", "track.value_not_carried", shown, column=str(indicator), label=label, year=year)
            )
        made.append((level, new, indicator, year, value, pd.Timestamp(until), ", ".join(group["unit_code"])))
    names = ["unit_level", "unit_code", "indicator", "year", "value", "units_date", "was_code"]
    table = with_columns(
        pd.DataFrame(made, columns=pd.Index(names)), "unit_level", "unit_code", "year", "value", "units_date"
    )
    return table.assign(how="derived"), tuple(issues)


def _value_of_parts(
    group: pd.DataFrame, known: list[Any], column: Column | None, by_part: pd.Series, key: tuple[Any, ...]
) -> Any:
    shares = [None if pd.isna(share) else float(share) for share in group["share"]]
    if column is not None and column.nature == "extensive":
        if any(pd.isna(value) for value in known):
            return pd.NA
        spread = [float(value) * share for value, share in zip(known, shares, strict=True) if share is not None]
        return sum(spread) if len(spread) == len(known) else pd.NA
    if any(share != 1.0 for share in shares) or any(pd.isna(value) for value in known):
        return pd.NA
    if len(known) == 1:
        return known[0]
    if column is None or not column.weight:
        return pd.NA
    level, since, _, year, _ = key
    weights = [by_part.get((level, since, column.weight, year, code), pd.NA) for code in group["unit_code"]]
    if any(pd.isna(weight) for weight in weights) or sum(float(weight) for weight in weights) <= 0:
        return pd.NA
    weighted = [float(value) * float(weight) for value, weight in zip(known, weights, strict=True)]
    return sum(weighted) / sum(float(weight) for weight in weights)
