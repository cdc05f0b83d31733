"""The published tables of a programme: ``programme.csv`` and those beside it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geontm import track
from geontm.track.capital import DIMENSIONS

__all__ = ["COLUMNS", "capital_table", "dated", "floor_rows", "long_table", "target_rows", "values_table"]

COLUMNS = (
    "unit_level", "unit_code", "unit_name", "programme", "measure", "year", "plan", "actual", "cumulative_plan",
    "cumulative_actual", "state", "share_of_plan_pct", "how", "source", "ahead_count", "ahead_years", "baseline_count",
    "forecast", "note",
)  # fmt: skip
_SIZE = "units_in_programme"


def _shaped(table: pd.DataFrame) -> pd.DataFrame:
    return table.reindex(columns=pd.Index(COLUMNS)).astype(object)


def dated(table: pd.DataFrame) -> pd.DataFrame:
    """Write days as days, without a time."""
    days = [name for name in ("date", "entered", "left") if name in table]
    return table.assign(**{name: pd.to_datetime(table[name]).dt.strftime("%Y-%m-%d").astype("str") for name in days})


def long_table(progress: track.Progress, sizes: pd.DataFrame) -> pd.DataFrame:
    """Return the totals by year, the size of the lists by day, and every named unit in its years.

    A unit has one row for its planned and one for its actual year (one row where they are the same): ``plan`` and
    ``actual`` are 1 or 0 there, ``actual`` unknown in a year of which nothing is known.
    """
    size = sizes.assign(measure=_SIZE, year=sizes["date"].dt.year, actual=sizes["count"], note=sizes["date"].dt.date)
    rows = []
    for unit in progress.units.to_dict("records"):
        planned, actual = unit["planned_year"], unit["actual_year"]
        years: list[Any] = sorted({int(year) for year in (planned, actual) if pd.notna(year)})
        for year in years or [pd.NA]:
            at_plan, at_actual = (_reached(when, year) for when in (planned, actual))
            rows.append({
                **unit, "year": year, "plan": _once(planned, year), "actual": _once(actual, year),
                "cumulative_plan": at_plan, "cumulative_actual": at_actual,
            })  # fmt: skip
    units = pd.DataFrame(rows)
    parts = [progress.years.sort_values(["programme", "measure", "unit_level", "year"]), size, units]
    return pd.concat([_shaped(part) for part in parts if len(part)] or [_shaped(pd.DataFrame())], ignore_index=True)


def _once(when: object, year: object) -> object:
    """Return 1 in the year of an event, 0 in another year, unknown where the event has no known year."""
    return pd.NA if pd.isna(when) or pd.isna(year) else int(when == year)  # type: ignore[call-overload]


def _reached(when: object, year: object) -> object:
    return pd.NA if pd.isna(when) or pd.isna(year) else int(when <= year)  # type: ignore[call-overload,operator]


def target_rows(
    targets: pd.DataFrame, values: pd.DataFrame, forecasts: pd.DataFrame, floors: pd.DataFrame
) -> pd.DataFrame:
    """Return values, targets, forecasts and floors in the shape of ``programme.csv``: ``measure`` is the indicator.

    ``plan`` is the level that a target comes to, ``actual`` the value of the year, ``note`` the kind of target, the
    method of a forecast with its base years, or the group that is no unit.
    """
    parts = []
    if len(values):
        table = values.rename(columns={"indicator": "measure", "value": "actual", "document": "source"})
        note = values["group"] if "group" in values else pd.Series(pd.NA, index=values.index)
        parts.append(table.assign(note=note))
    if len(targets):
        note = targets["role"] + targets["base_year"].map(lambda y: "" if pd.isna(y) else f" {int(y)}")
        note = note + targets["group"].fillna("").map(lambda text: f"; {text}" if text else "")
        names = {
            "indicator": "measure",
            "target_value": "plan",
            "value": "actual",
            "share_of_target_pct": "share_of_plan_pct",
        }
        parts.append(targets.drop(columns="source").rename(columns=names).assign(source=targets["source"], note=note))
    if len(forecasts):
        note = forecasts["method"] + forecasts["base_years"].map(lambda text: f": {text}" if text else "")
        parts.append(forecasts.rename(columns={"indicator": "measure", "value": "forecast"}).assign(note=note))
    if len(floors):
        state = floors["under"].map({True: "behind", False: "on_plan"}).astype("str").fillna("unknown")
        names = {"floor": "plan", "value": "actual"}
        measure = "floor:" + floors["indicator"]
        how = floors["how"].where(floors["how"] == "constructed", "derived")
        parts.append(floors.rename(columns=names).assign(measure=measure, state=state, how=how))
    return pd.concat([_shaped(part) for part in parts] or [_shaped(pd.DataFrame())], ignore_index=True)


def values_table(values: pd.DataFrame) -> pd.DataFrame:
    """Return every value with its fall since the year before and its ratio to the first year.

    Columns: ``unit_level, unit_code, group, indicator, year, value, fall, base_year, ratio_to_base, households, how``:
    ``fall`` in the indicator's unit (percentage points of a rate), ``households`` those that the fall of a rate of
    households implies where ``values`` has ``household_count`` of the unit and year, ``how`` the value is known.
    """
    if values.empty:
        return values
    table, _ = track.by_year(values)
    fall = track.fall_since(values)
    keys = list(table.index.names)
    first = table.apply(lambda row: row.first_valid_index(), axis=1)
    rows = []
    key: Any
    for key, line in table.iterrows():
        base_year = first[key]
        for year, value in line.dropna().items():
            base = pd.NA if base_year is None else line[base_year]
            ratio = pd.NA if pd.isna(base) or base == 0 else float(value) / float(base)
            count_key = (*key[:3], "household_count")
            known = count_key in table.index and str(key[3]).endswith("household_pct")
            total: Any = table[year].get(count_key, pd.NA) if known else pd.NA
            drop: Any = fall[year].get(key, pd.NA)
            implied = pd.NA if pd.isna(total) or pd.isna(drop) else float(drop) / 100 * float(total)
            rows.append((*key, year, value, drop, base_year, ratio, implied))
    names = [*keys, "year", "value", "fall", "base_year", "ratio_to_base", "households"]
    found = pd.DataFrame(rows, columns=pd.Index(names))
    return found.assign(how=_made_of(found, values))


def _made_of(table: pd.DataFrame, values: pd.DataFrame) -> pd.Series[Any]:
    """Tell for each row of a table how the value it is made of is known: ``given`` or ``constructed``."""
    keys = [name for name in ("unit_level", "unit_code", "group", "indicator", "year") if name in values]
    made = values[values["how"] == "constructed"] if "how" in values else values.iloc[:0]
    constructed = {tuple(row) for row in made[keys].astype(object).fillna("").astype(str).to_numpy()}
    told = [tuple(row) in constructed for row in table[keys].astype(object).fillna("").astype(str).to_numpy()]
    return pd.Series(told, index=table.index, dtype="bool").map({True: "constructed", False: "given"})


def floor_rows(floors: pd.DataFrame, values: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """Check every floor against the newest values of its indicator, or else against the communes of the run."""
    found = []
    for floor in floors.to_dict("records"):
        name, level = floor["indicator"], floor.get("unit_level")
        level = "commune" if level is None or pd.isna(level) else level
        mine = values[(values["indicator"] == name) & (values["unit_level"] == level)] if len(values) else values
        year = floor.get("year")
        if len(mine) and year is not None and pd.notna(year):
            mine = mine[mine["year"] == year]
        elif len(mine):
            mine = mine[mine["year"] == mine.groupby("unit_code")["year"].transform("max")]
        if mine.empty and level == "commune" and name in communes:
            identity = communes.reset_index(names="unit_code").rename(columns={"commune_name": "unit_name"})
            mine = identity.assign(unit_level="commune", indicator=name, value=identity[name])
        if len(mine):
            table = track.under_floor(mine, float(floor["floor"]))
            how = mine["how"].set_axis(mine["unit_code"]) if "how" in mine else pd.Series(dtype="str")
            how = table["unit_code"].map(how[~how.index.duplicated()]).fillna("derived")
            found.append(table.assign(source=floor["document"], programme=floor.get("programme"), how=how))
    if not found:
        return pd.DataFrame()
    return pd.concat(found, ignore_index=True).sort_values(["indicator", "unit_level", "unit_code"], ignore_index=True)


def capital_table(capital: pd.DataFrame) -> pd.DataFrame:
    """Return capital in all, by each dimension, and by each dimension and year.

    Columns: ``by`` (names of the dimensions, joined by ``+``; empty: in all), the dimensions, the amounts (million
    VND), ``disbursed_pct``, ``lines`` and how many of them lack an amount.
    """
    if capital.empty:
        return capital
    single = [name for name in DIMENSIONS if name in capital and capital[name].notna().any() and name != "unit_level"]
    groups = [
        [],
        *([name] for name in single),
        *([name, "year"] for name in single if name != "year" and "year" in single),
    ]
    parts = [track.sum_capital(capital, by).assign(by="+".join(by)) for by in groups]
    whole = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    constructed = capital["how"].eq("constructed").any()
    return whole[["by", *single, *[c for c in parts[0].columns if c != "by"]]].assign(
        how="constructed" if constructed else "derived"
    )
