"""A programme over time: plan against actual, mergers, values, floors, capital, agencies, figures of documents.

Nothing is worked out here: rows are those of ``programme.csv`` and the tables beside it; named units are counted.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from geontm.publish.content import Content
from geontm.publish.words.documents import contradictions, document_figures
from geontm.publish.words.fields import (
    ListSize,
    MergedUnit,
    Programme,
    ProgrammeMeasure,
    ProgrammeYear,
    UnitProgress,
)
from geontm.publish.words.followed import agency_rows, capital_rows, floor_rows, value_rows
from geontm.publish.words.marked import (
    MARK,
    day_of,
    left_over,
    level_word,
    mark_if,
    mark_of,
    measure_word,
    number,
    places_of,
    rows_of,
    text_of,
)
from geontm.publish.words.wording import figure, lower_first, share_text, upper_first, words
from geontm.tables import list_briefly

__all__ = ["programme_of", "progress_told"]

LISTED = 20  # units of one kind that the report lists; the tables of the run have all
_SIZE = "units_in_programme"
_KEYS = ("programme", "unit_level", "measure")
_STATES = ("ahead", "on_plan", "behind", "unknown")


def programme_of(content: Content) -> Programme:
    """Work out the section on the programme of a run; without one every list is empty."""
    measures, units = _measures(content), _units_off_plan(content)
    values, values_left = value_rows(content)
    floors, floors_note = floor_rows(content)
    agencies, agencies_left = agency_rows(content)
    merged, merged_note = _merged(content)
    figures, figures_left, figure_sources = document_figures(content)
    said = contradictions(content)
    capital, sizes, members = capital_rows(content), _sizes(content), _members(content)
    followed = (measures, units, sizes, members, merged, values, floors, floors_note, capital, agencies)
    key = "programme_title" if any(followed) else "programme_title_figures"
    everything = (*followed, figures, said)
    return Programme(
        shown=any(everything),
        title=words(key, content.lang),
        mark=_legend(content) if MARK in str(everything) else "",
        measures=measures,
        units=units[:LISTED],
        units_left=left_over(len(units) - LISTED, "programme", content.lang),
        sizes=sizes,
        members=members,
        merged=merged,
        merged_note=merged_note,
        values=values,
        values_left=values_left,
        floors=floors,
        floors_note=floors_note,
        capital=capital,
        agencies=agencies,
        agencies_left=agencies_left,
        figures=figures,
        figures_left=figures_left,
        figure_sources=figure_sources,
        contradictions=said,
    )


def progress_told(content: Content) -> list[str]:
    """Say in a sentence per measure what was reached by the newest year of which it is known."""
    lang, table = content.lang, _followed(content)
    told: list[str] = []
    if table.empty:
        return told
    totals = table[table["unit_code"].isna() & table["cumulative_actual"].notna()]
    for _, part in totals.groupby(_keys(totals), sort=False):
        row = part.iloc[-1].to_dict()
        shown = _year(content, row)
        label = _measure_label(content, *(text_of(row[name]) for name in _KEYS))
        told.append(
            words("summary_programme", lang, label=label, year=shown.year, actual=shown.actual_so_far,
                  plan=shown.plan_so_far, state=words(f"state_{row['state']}", lang))
        )  # fmt: skip
    return told


def _keys(table: pd.DataFrame) -> list[pd.Series]:
    return [table[name].fillna("").astype("str") for name in _KEYS]


def _legend(content: Content) -> str:
    return words("programme_mark", content.lang, mark=MARK, agrees=words("figure_agrees", content.lang))


def _followed(content: Content) -> pd.DataFrame:
    """Return what is planned and reached by year: totals without a unit, and the named units."""
    table = rows_of(content, "programme")
    if table.empty:
        return table
    # Targets and forecasts tell their kind in a note; floors carry their own name.
    plain = table["state"].notna() & table["note"].isna() & ~table["measure"].astype("str").str.startswith("floor:")
    rows = table[plain & (table["measure"] != _SIZE)]
    rows = rows.assign(_level=places_of(rows["unit_level"]))
    return rows.sort_values(["programme", "_level", "measure", "unit_code", "year"], kind="stable")


def _measures(content: Content) -> tuple[ProgrammeMeasure, ...]:
    lang, table = content.lang, _followed(content)
    if table.empty:
        return ()
    found = []
    for (programme, level, measure), part in table.groupby(_keys(table), sort=False):
        years = part[part["unit_code"].isna()]
        named = part[part["unit_code"].notna()]
        label = _measure_label(content, str(programme), str(level), str(measure))
        start = _start(content, years["baseline_count"].dropna(), str(programme), str(level))
        sources = sorted({each for text in years["source"].dropna() for each in str(text).split("; ")})
        source = words("programme_source", lang, sources="; ".join(sources)) if sources else ""
        rows = tuple(_year(content, row) for row in years.to_dict("records"))
        found.append(ProgrammeMeasure(label, start, rows, _standing(content, named, str(level)), source))
    return tuple(found)


def _start(content: Content, counts: pd.Series, programme: str, level: str) -> str:
    """Tell how many units the list had at first; constructed where no document prints their number."""
    if counts.empty:
        return ""
    lang, table = content.lang, rows_of(content, "programme")
    sizes = table[(table["measure"] == _SIZE) & (table["unit_level"] == level)]
    sizes = sizes[sizes["programme"].fillna("").astype("str") == programme]
    made = len(sizes) > 0 and (sizes["how"] == "constructed").all()
    return words(
        "programme_start", lang, day=day_of(content.as_of, lang), count=figure(counts.iloc[0], lang),
        level=level_word(level, lang), mark=mark_if(sizes) if made else "",
    )  # fmt: skip


def _measure_label(content: Content, programme: str, level: str, measure: str) -> str:
    lang = content.lang
    label = words(
        "programme_measure", lang, level=level_word(level, lang), measure=lower_first(measure_word(content, measure))
    )
    return upper_first(f"{label} ({programme})" if programme and programme not in content.title else label)


def _year(content: Content, row: dict[Any, Any]) -> ProgrammeYear:
    lang, mark = content.lang, mark_of(row)
    plan, actual, plan_so_far, actual_so_far = (
        number(row[name], lang) + (mark if not pd.isna(row[name]) else "")
        for name in ("plan", "actual", "cumulative_plan", "cumulative_actual")
    )
    ahead = row["ahead_count"]
    state = words(f"state_{row['state']}", lang)
    if row["state"] in ("ahead", "behind") and not pd.isna(ahead):
        state = words("state_by", lang, state=state, n=number(abs(ahead), lang))
    rate = row["share_of_plan_pct"]
    if not pd.isna(rate):
        state = words("state_share", lang, state=state, share=share_text(rate, lang))
    return ProgrammeYear(text_of(row["year"]) or "–", plan, actual, plan_so_far, actual_so_far, state)


def _standing(content: Content, named: pd.DataFrame, level: str) -> str:
    """Count the named units by their state on the day of the project."""
    if named.empty:
        return ""
    lang = content.lang
    once = named.drop_duplicates("unit_code")
    counts = once["state"].value_counts()
    parts = [words(f"standing_{state}", lang, n=int(counts[state])) for state in _STATES if counts.get(state, 0)]
    return words(
        "standing", lang, day=day_of(content.as_of, lang), n=len(once), level=level_word(level, lang),
        parts="; ".join(parts), mark=mark_if(once),
    )  # fmt: skip


def _units_off_plan(content: Content) -> tuple[UnitProgress, ...]:
    """List the named units that are ahead of their plan or behind it: the furthest first."""
    lang, table = content.lang, _followed(content)
    if table.empty:
        return ()
    named = table[table["unit_code"].notna() & table["state"].isin(["ahead", "behind"])]
    found = []
    for (measure, level, code), part in named.groupby(["measure", "unit_level", "unit_code"], sort=True):
        row = part.iloc[0].to_dict()
        planned, reached = (_year_of(part, name) for name in ("plan", "actual"))
        years = row["ahead_years"]
        state = words(f"state_{row['state']}", lang)
        if not pd.isna(years):
            one = "_one" if abs(years) == 1 else ""
            state = words(f"unit_{row['state']}{one}", lang, years=number(abs(years), lang))
        label = words(
            "programme_measure", lang, level=level_word(str(level), lang),
            measure=lower_first(measure_word(content, str(measure))),
        )  # fmt: skip
        name = text_of(row["unit_name"]) or str(code)
        order = (row["state"] == "ahead", -abs(years) if not pd.isna(years) else 0.0, name, str(code))
        shown = UnitProgress(f"{name}{mark_of(row)}", upper_first(label), planned, reached or "–", state)
        found.append((order, shown))
    return tuple(shown for _, shown in sorted(found, key=lambda each: each[0]))


def _year_of(part: pd.DataFrame, column: str) -> str:
    years = part.loc[part[column].eq(1).fillna(value=False).astype("bool"), "year"]
    return text_of(years.iloc[0]) if len(years) else ""


def _sizes(content: Content) -> tuple[ListSize, ...]:
    lang, table = content.lang, rows_of(content, "programme")
    if table.empty:
        return ()
    rows = table[table["measure"] == _SIZE]
    rows = rows.assign(_level=places_of(rows["unit_level"]), _how=rows["how"].astype("str"))
    rows = rows.sort_values(
        ["_level", "note", "_how"], kind="stable", key=lambda c: c if c.name == "_level" else c.astype("str")
    )
    return tuple(
        ListSize(
            upper_first(words("programme_size", lang, level=level_word(str(row["unit_level"]), lang))),
            day_of(row["note"], lang),
            number(row["actual"], lang) + mark_of(row),
            text_of(row["source"]) or "–",
        )
        for row in rows.to_dict("records")
    )


def _members(content: Content) -> tuple[str, ...]:
    """Tell who is in the list on the day of the project."""
    lang, table = content.lang, rows_of(content, "programme_status")
    if table.empty:
        return ()
    told = []
    keys = [table[name].fillna("").astype("str") for name in ("status", "unit_level")]
    for (status, level), part in table.groupby(keys, sort=True):
        once = part.drop_duplicates("unit_code")
        inside = once["is_in"].astype("boolean")
        values = {"n": int(inside.sum()), "left": int((~inside).sum()), "unknown": int(inside.isna().sum())}
        key = "members_unknown" if values["unknown"] else "members"
        told.append(
            words(
                key, lang, status=upper_first(str(status)), level=level_word(str(level), lang),
                day=day_of(content.as_of, lang), mark=mark_if(once), **values,
            )
        )  # fmt: skip
    return tuple(told)


def _merged(content: Content) -> tuple[tuple[MergedUnit, ...], str]:
    """List the units of today that others became, the larger ones first by level; villages are only counted."""
    lang, table = content.lang, rows_of(content, "programme_units")
    if table.empty:
        return (), ""
    told, rows = [], []
    table = table.sort_values("old_code", kind="stable")
    for level, part in table.groupby("unit_level", sort=True):
        counts = {"before": part["old_code"].nunique(), "after": part["new_code"].nunique()}
        told.append(words("merged_level", lang, level=level_word(str(level), lang), **counts))
        if level == "village":
            continue
        keys = [part[name].fillna("").astype("str") for name in ("new_code", "date", "document")]
        for (_, day, document), group in part.groupby(keys, sort=True):
            names = list_briefly([text_of(name) or "–" for name in group["old_name"]])
            name = text_of(group["new_name"].iloc[0]) or str(group["new_code"].iloc[0])
            rows.append(MergedUnit(name, names, day_of(day, lang), str(document) or "–"))
    note = words("merged_counts", lang, levels="; ".join(told))
    return tuple(rows[:LISTED]), f"{note} {words('merged_elsewhere', lang)}"
