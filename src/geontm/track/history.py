"""Status over time: when a unit entered a list, when it left, and by which decision."""

from __future__ import annotations

import datetime
from typing import Any

import pandas as pd

from geontm.tables import Issue
from geontm.track.shapes import finding, with_columns

__all__ = ["SPELL_COLUMNS", "status_history", "status_on"]

_UNIT = ["programme", "status", "unit_level", "unit_code"]
SPELL_COLUMNS = (*_UNIT, "unit_name", "entered", "entered_by", "left", "left_by", "sound")
_DATES = "datetime64[ns]"


def status_history(events: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Put the events of each unit into spells, and report events that contradict each other.

    Parameters
    ----------
    events : DataFrame
        ``programme, status, unit_level, unit_code, unit_name, event, date, document``: ``event`` is ``entered`` or
        ``left``, in force from ``date``. The same event given twice counts once.

    Returns
    -------
    DataFrame
        ``SPELL_COLUMNS``, one row per stay in the list. A missing ``entered`` is a day that no document gives, a
        missing ``left`` a stay that goes on. ``sound`` is false for a spell that rests on a contradiction: left before
        entering, entered twice, left twice, or both on one day.
    tuple of Issue
    """
    rows = with_columns(events, *_UNIT, "unit_name", "date", "document", "file", "row")
    rows["event"] = rows["event"].astype("str") if "event" in rows else pd.Series(pd.NA, index=rows.index, dtype="str")
    rows[["programme", "status"]] = rows[["programme", "status"]].fillna("")
    issues: list[Issue] = []
    broken = rows["date"].isna() | rows["event"].isna() | rows["unit_code"].isna()
    if broken.any():
        issues.append(finding("error", "track.history_incomplete", rows[broken], n=int(broken.sum())))
    usable = (
        rows[~broken].drop_duplicates([*_UNIT, "event", "date"]).sort_values([*_UNIT, "date", "event"], kind="stable")
    )
    spells = []
    for key, group in usable.groupby(_UNIT, sort=True):
        found, contradictions = _spells(group)
        issues += contradictions
        name = next((str(name) for name in group["unit_name"].dropna()), "")
        spells += [(*key, name, *spell) for spell in found]
    table = pd.DataFrame(spells, columns=pd.Index(SPELL_COLUMNS))
    typed = {"entered": pd.to_datetime(table["entered"]), "left": pd.to_datetime(table["left"])}
    return table.assign(**typed).astype({"sound": "boolean"}), tuple(issues)


def _spells(group: pd.DataFrame) -> tuple[list[tuple[object, ...]], list[Issue]]:
    """Return the spells of one unit: entered, by, left, by, sound."""
    spells: list[list[object]] = []
    issues = []
    open_spell: list[object] | None = None
    same_day = set(group.loc[group.duplicated("date", keep=False), "date"])
    for day in sorted(same_day):
        issues.append(finding("error", "track.history_same_day", group[group["date"] == day], "date", date=_iso(day)))
    for at, row in group.iterrows():
        day, paper, sound = row["date"], row["document"], row["date"] not in same_day
        one = group.loc[[at]]
        if row["event"] == "entered":
            if open_spell is not None:
                issues.append(
                    finding("error", "track.entered_twice", one, "date", date=_iso(day), before=_iso(open_spell[0]))
                )
                open_spell[4] = False
                continue
            open_spell = [day, paper, pd.NaT, None, sound]
            spells.append(open_spell)
        elif open_spell is not None:
            open_spell[2:4], open_spell[4] = [day, paper], bool(open_spell[4]) and sound
            open_spell = None
        elif not spells:
            later = group[(group["event"] == "entered") & (group["date"] > day)]
            if len(later):
                entered = _iso(later["date"].min())
                issues.append(
                    finding("warning", "track.left_before_entering", one, "date", date=_iso(day), entered=entered)
                )
            spells.append([pd.NaT, None, day, paper, later.empty and sound])
        else:
            issues.append(finding("error", "track.left_twice", one, "date", date=_iso(day), before=_iso(spells[-1][2])))
            spells[-1][4] = False
    return [tuple(spell) for spell in spells], issues


def _iso(day: object) -> str:
    return "" if pd.isna(day) else pd.Timestamp(str(day)).date().isoformat()  # type: ignore[call-overload]


def status_on(spells: pd.DataFrame, day: datetime.date) -> pd.DataFrame:
    """Tell whether each unit was in its list on a day.

    Parameters
    ----------
    spells : DataFrame
        From :func:`status_history`.
    day : date
        A unit is in from the day it entered to the day before it left.

    Returns
    -------
    DataFrame
        ``programme, status, unit_level, unit_code, unit_name, is_in, document``: ``is_in`` is unknown before the first
        event of a unit whose entering no document gives, and where its events contradict each other; ``document`` is
        the decision on which the answer rests.
    """
    moment = pd.Timestamp(day)
    rows = []
    for key, group in spells.groupby(_UNIT, sort=True):
        answer: tuple[object, object] = (False, None)
        spell: Any
        for spell in group.sort_values(["entered", "left"], na_position="first").itertuples():
            started = pd.isna(spell.entered) or spell.entered <= moment
            ended = pd.notna(spell.left) and spell.left <= moment
            if ended:
                answer = (False, spell.left_by)
            elif started:
                answer = (pd.NA, None) if pd.isna(spell.entered) else (True, spell.entered_by)
        if not group["sound"].all():
            answer = (pd.NA, None)
        rows.append((*key, group["unit_name"].iloc[0], *answer))
    table = pd.DataFrame(rows, columns=pd.Index([*_UNIT, "unit_name", "is_in", "document"]))
    return table.astype({"is_in": "boolean"})
