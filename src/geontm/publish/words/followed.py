"""What a programme follows beside its list: values with their targets and forecasts, floors, capital, agencies."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geontm.messages import Language
from geontm.publish.content import Content
from geontm.publish.words.fields import AgencyRow, CapitalRow, FloorRow, ProgrammeValue
from geontm.publish.words.marked import (
    left_over,
    mark_if,
    mark_of,
    measure_unit,
    measure_word,
    number,
    places_of,
    rows_of,
    text_of,
)
from geontm.publish.words.wording import share_text, upper_first, words
from geontm.tables import list_briefly

__all__ = ["agency_rows", "capital_rows", "floor_rows", "value_rows"]

LISTED = 20  # values and floors that the report lists; the tables of the run have all
COMMUNES = 60  # communes whose agencies it lists
_MANY = ("commune", "village", "household")
_TARGETS = ("target", "target_ratio", "target_fall", "target_rise")
_METHODS = ("given", "linear", "constant_fall", "compound")
_BY = ("capital_source", "project_name", "year")


def value_rows(content: Content) -> tuple[tuple[ProgrammeValue, ...], str]:
    """List values, targets and forecasts, those of the larger units first."""
    table = rows_of(content, "programme")
    if table.empty:
        return (), ""
    measure = table["measure"].astype("str")
    own = (table["state"].isna() | table["note"].notna()) & ~measure.str.startswith("floor:")
    rows = table[own & (measure != "units_in_programme")]
    rows = rows.assign(_level=places_of(rows["unit_level"]), _note=rows["note"].astype("str"))
    rows = rows.sort_values(["_level", "measure", "unit_code", "year", "_note"], kind="stable")
    falls = _falls(content)
    # Communes and what is below them only where all of them find room: a part of them tells nothing.
    many = rows["unit_level"].isin(_MANY) & (len(rows) > LISTED)
    above = rows[~many]
    shown = tuple(_value(content, row, falls) for row in above.head(LISTED).to_dict("records"))
    left = words("values_left", content.lang, n=int(many.sum())) if many.any() else ""
    more = left_over(len(above) - len(shown), "programme", content.lang)
    return shown, " ".join(filter(None, (more, left)))


def _value(content: Content, row: dict[Any, Any], falls: dict[tuple[str, ...], Any]) -> ProgrammeValue:
    lang, mark, measure = content.lang, mark_of(row), str(row["measure"])
    unit = measure_unit(content, measure)
    label = upper_first(measure_word(content, measure))
    note, group = _note(text_of(row["note"]), lang)
    told = [note]
    if note and row["state"] in ("ahead", "on_plan", "behind"):
        told.append(words(f"target_{row['state']}", lang))
    if not pd.isna(row["actual"]):
        told.append(_fallen(falls.get(_key(row)), unit, lang))
    plan, actual, forecast = (_cell(row[name], mark, lang) for name in ("plan", "actual", "forecast"))
    if note and pd.isna(row["forecast"]):  # a target: what is not known of it is told
        plan, actual = (number(row[name], lang) if pd.isna(row[name]) else number(row[name], lang) + mark
                        for name in ("plan", "actual"))  # fmt: skip
    return ProgrammeValue(
        f"{label} ({unit})" if unit else label,
        " – ".join(filter(None, (text_of(row["unit_name"]), group))) or "–",
        text_of(row["year"]) or "–", plan, actual, forecast,
        "; ".join(filter(None, told)) or "–",
    )  # fmt: skip


def _cell(value: Any, mark: str, lang: Language) -> str:
    return "–" if pd.isna(value) else number(value, lang) + mark


def _note(note: str, lang: Language) -> tuple[str, str]:
    """Tell the kind of a target or the method of a forecast in words; and the group that a row is about."""
    head, _, group = note.partition("; ")
    kind, _, base = head.partition(" ")
    kind = kind.rstrip(":")
    if kind == "target":
        return words("value_target", lang), group
    if kind in _TARGETS:
        since = words("value_since", lang, year=base) if base else words("value_since_before", lang)
        return words(f"value_{kind}", lang, since=since), group
    if kind in _METHODS:
        return words(f"value_{kind}", lang, years=base or words("value_all_years", lang)), group
    return "", note


def _falls(content: Content) -> dict[tuple[str, ...], Any]:
    table = rows_of(content, "programme_values")
    if table.empty or "group" not in table:
        return {}
    # A group that is no unit has its own row under the same unit.
    table = table[table["group"].fillna("").astype("str") == ""]
    return {_key({**row, "measure": row["indicator"]}): row["fall"] for row in table.to_dict("records")}


def _key(row: dict[Any, Any]) -> tuple[str, ...]:
    return tuple(text_of(row[name]) for name in ("unit_level", "unit_code", "measure", "year"))


def _fallen(fall: Any, unit: str, lang: Language) -> str:
    if fall is None or pd.isna(fall) or fall == 0:
        return ""
    key = "value_fell" if fall > 0 else "value_rose"
    by = number(abs(fall), lang)
    return words(key, lang, by=words("value_points", lang, n=by) if unit == "%" else by)


def floor_rows(content: Content) -> tuple[tuple[FloorRow, ...], str]:
    """List who is under a floor or not known to reach it, and count the others."""
    lang, table = content.lang, rows_of(content, "programme_floors")
    if table.empty:
        return (), ""
    table = table.sort_values(["indicator", "unit_level", "unit_code"], kind="stable")
    under = table["under"].astype("boolean")
    rows = table[under.fillna(value=True).astype("bool")]
    shown = tuple(
        FloorRow(
            upper_first(measure_word(content, str(row["indicator"]))),
            text_of(row["unit_name"]) or text_of(row["unit_code"]),
            number(row["floor"], lang),
            number(row["value"], lang) + ("" if pd.isna(row["value"]) else mark_of(row)),
            number(row["missing"], lang),
        )
        for row in rows.head(LISTED).to_dict("records")
    )
    counts = {"reached": int((~under).sum()), "under": int(under.sum()), "unknown": int(under.isna().sum())}
    note = words(
        "floors_counts_unknown" if counts["unknown"] else "floors_counts",
        lang,
        n=len(table),
        mark=mark_if(table),
        **counts,
    )
    left = left_over(len(rows) - len(shown), "programme_floors", lang)
    return shown, " ".join(filter(None, (note, left)))


def capital_rows(content: Content) -> tuple[CapitalRow, ...]:
    """Give capital by source, project and year, the whole last."""
    lang, table = content.lang, rows_of(content, "programme_capital")
    if table.empty:
        return ()
    by = table["by"].fillna("").astype("str")
    rows = []
    for name in filter(table.columns.__contains__, _BY):
        part = table[by == name]
        for row in part.sort_values(name, key=lambda column: column.astype("str"), kind="stable").to_dict("records"):
            label = text_of(row[name]) or words("capital_unnamed", lang)
            rows.append(_capital(words(f"capital_{name}", lang), label, row, lang))
    rows += [_capital(words("whole", lang), "–", row, lang) for row in table[by == ""].to_dict("records")]
    return tuple(rows)


def _capital(by: str, name: str, row: dict[Any, Any], lang: Language) -> CapitalRow:
    mark = mark_of(row)
    allocated, disbursed = (
        number(row[column], lang) + ("" if pd.isna(row[column]) else mark)
        for column in ("allocated_million_vnd", "disbursed_million_vnd")
    )
    rate = row["disbursed_pct"]
    return CapitalRow(by, name, allocated, disbursed, "–" if pd.isna(rate) else share_text(rate, lang))


def agency_rows(content: Content) -> tuple[tuple[AgencyRow, ...], str]:
    """List the communes with those who support them; one without an agency, and agencies without a commune, too."""
    lang, table = content.lang, rows_of(content, "programme_agencies")
    if table.empty:
        return (), ""
    rows = []
    placed = table[table["unit_code"].notna()]
    for code, part in placed.groupby("unit_code", sort=True):
        names = sorted(str(name) for name in part["agency"].dropna())
        shown = list_briefly(names, "; ") if names else words("agency_none", lang)
        rows.append(AgencyRow(text_of(part["unit_name"].iloc[0]) or str(code), shown))
    idle = sorted(str(name) for name in table.loc[table["unit_code"].isna(), "agency"].dropna())
    if idle:
        rows.append(AgencyRow(words("agency_without_commune", lang), list_briefly(idle, "; ")))
    return tuple(rows[:COMMUNES]), left_over(len(rows) - COMMUNES, "programme_agencies", lang)
