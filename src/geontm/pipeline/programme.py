"""What a run does with the section ``programme:``: read it, find its units, carry them through mergers, follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from geontm import load, track
from geontm.load.programme_tables import ProgrammeSources, ProgrammeTable, read_programme_table
from geontm.pipeline.programme_tables import (
    capital_table,
    dated,
    floor_rows,
    long_table,
    target_rows,
    values_table,
)
from geontm.pipeline.programme_units import UnitFinder
from geontm.project import read_dictionary
from geontm.tables import Issue, Table

__all__ = ["PreparedProgramme", "Programme", "follow_programme", "prepare_programme"]


@dataclass(frozen=True)
class PreparedProgramme:
    """The section as read: its files, and what was odd in them."""

    name: str
    tables: tuple[ProgrammeTable, ...]
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Programme:
    """A programme over time.

    Attributes
    ----------
    tables : dict of str to DataFrame
        By the name of the published file: ``programme`` (long: plan, actual, state by unit, measure and year),
        ``programme_units`` (which unit became which), ``programme_values``, ``programme_floors``,
        ``programme_forecasts``, ``programme_status``, ``programme_capital``, ``programme_agencies``.
    exit_years : Series of Int64, index ``commune_code``
    constructed : bool
        Whether any file is constructed.
    issues : tuple of Issue
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    exit_years: pd.Series | None = None
    constructed: bool = False
    issues: tuple[Issue, ...] = ()

    def columns(self, index: pd.Index) -> pd.DataFrame:
        """Return what the programme adds to the table of communes: ``exit_year``, or nothing."""
        if self.exit_years is None or self.exit_years.empty:
            return pd.DataFrame(index=index)
        return self.exit_years.reindex(index).to_frame()


def prepare_programme(sources: ProgrammeSources | None, words: load.Words) -> PreparedProgramme | None:
    """Read the files of the section; None where the project has none.

    Raises
    ------
    SourceError, TableError
        A file that cannot be read, or without the columns that it needs.
    """
    if sources is None:
        return None
    dictionary = read_dictionary("programme")
    tables = tuple(
        read_programme_table(source, identifiers=words.identifiers, programme=dictionary) for source in sources.files
    )
    return PreparedProgramme(sources.name, tables, tuple(issue for table in tables for issue in table.issues))


def follow_programme(
    prepared: PreparedProgramme | None,
    units: pd.DataFrame,
    communes: pd.DataFrame,
    indicators: Table,
    *,
    as_of: date,
    accept: bool = False,
) -> Programme:
    """Follow a programme on the units of a day.

    Parameters
    ----------
    prepared : PreparedProgramme or None
        None gives an empty result.
    units : DataFrame, index ``commune_code``
        Units of the boundaries.
    communes : DataFrame, same index
        The wide table of the run: floors are checked against it where ``values`` has no figures.
    indicators : Table
        The column dictionary.
    as_of : date
    accept : bool
        Join what would else be a suggestion.
    """
    if prepared is None:
        return Programme()
    finder = UnitFinder(units, accept)
    own = [table for table in prepared.tables if table.source.kind == "mergers"]
    succession, issues = finder.succession(own)
    mergers, _ = track.check_mergers(_with_shipped(succession, as_of))
    # Of the shipped succession only what touches the programme is told, below.
    found: list[Issue] = [*issues, *(track.check_mergers(succession)[1] if own else ())]
    rows: dict[str, pd.DataFrame] = {}
    for kind in ("baseline", "plan", "actual", "values", "floors", "forecast", "history", "capital", "agencies"):
        rows[kind], told = _rows(prepared, kind, finder, indicators)
        found += told
    rows = _same_villages(rows, mergers, as_of)
    values = track.carry_values(_actual(rows["values"]), mergers, indicators.columns, until=as_of)
    other = rows["values"][~rows["values"].index.isin(_actual(rows["values"]).index)]
    found += values.issues
    carried = {}
    for kind in ("baseline", "plan", "actual", "history", "capital", "agencies"):
        on_day = track.carry_units(rows[kind], mergers, until=as_of)
        carried[kind] = _named(on_day.table, units)
        found += on_day.issues if kind in ("baseline", "plan", "actual") else ()
        rows[kind] = on_day.became
    return _follow(
        prepared, carried, rows, pd.concat([_named(values.table, units), other], ignore_index=True),
        (units, communes, indicators), as_of=as_of, issues=found,
    )  # fmt: skip


def _follow(
    prepared: PreparedProgramme,
    carried: Mapping[str, pd.DataFrame],
    rows: Mapping[str, pd.DataFrame],
    values: pd.DataFrame,
    run: tuple[pd.DataFrame, pd.DataFrame, Table],
    *,
    as_of: date,
    issues: Sequence[Issue],
) -> Programme:
    """Work everything out on tables whose units are those of the day."""
    units, communes, indicators = run
    through = [table.source.through for table in prepared.tables if table.source.through]
    progress = track.compare(
        carried["baseline"], carried["plan"], carried["actual"], as_of=as_of, through=max(through, default=None)
    )
    _, early = track.early_reached(progress.years)
    sizes = track.list_sizes(carried["baseline"], as_of=as_of)
    targets, odd_values = track.compare_targets(values, indicators.columns)
    forecasts, odd_forecasts = track.forecast_all(rows["forecast"], _actual(values), indicators.columns)
    floors = floor_rows(rows["floors"], _actual(values), communes)
    history = _events(carried, progress.units)
    spells, odd_history = track.status_history(history)
    spells = spells.merge(track.status_on(spells, as_of).drop(columns=["document", "unit_name"]), how="left")
    made = history[history["how"] == "constructed"] if "how" in history else history.iloc[:0]
    spells["how"] = spells["unit_code"].isin(made["unit_code"]).map({True: "constructed", False: "given"})
    odd_capital = track.check_capital(carried["capital"])
    agencies = track.link_agencies(carried["agencies"], _programme_communes(carried["baseline"], units))
    has_agencies = len(carried["agencies"]) > 0
    became = pd.concat([rows[kind] for kind in ("baseline", "plan", "actual")]).drop_duplicates(
        ["unit_level", "old_code", "new_code"]
    )
    tables = {
        "programme": pd.concat(
            [long_table(progress, sizes), target_rows(targets, _actual(values), forecasts, floors)], ignore_index=True
        ),
        "programme_units": became.sort_values(["unit_level", "new_code", "old_code"], ignore_index=True),
        "programme_values": values_table(_actual(values)),
        "programme_floors": floors,
        "programme_forecasts": forecasts,
        "programme_status": spells,
        "programme_capital": capital_table(carried["capital"]),
        "programme_agencies": _agency_table(agencies, units) if has_agencies else pd.DataFrame(),
    }
    tables["programme"]["programme"] = tables["programme"]["programme"].fillna(prepared.name or pd.NA)
    villages = _readable(carried)
    return Programme(
        tables={name: dated(_spelt(table, villages)) for name, table in tables.items() if len(table)},
        exit_years=track.exit_years(progress.units),
        constructed=any(table.source.illustrative for table in prepared.tables),
        issues=(
            *issues, *progress.issues, *early, *odd_values, *odd_forecasts, *odd_history, *odd_capital,
            *(agencies.issues if has_agencies else ()),
        ),
    )  # fmt: skip


def _rows(
    prepared: PreparedProgramme, kind: str, finder: UnitFinder, indicators: Table
) -> tuple[pd.DataFrame, list[Issue]]:
    """Return the rows of all files of one kind, with their units, the programme's name and dictionary names."""
    parts: list[pd.DataFrame] = []
    issues: list[Issue] = []
    for table in prepared.tables:
        if table.source.kind != kind:
            continue
        rows, found = finder.find(table)
        issues += found
        if prepared.name:
            given = rows["programme"] if "programme" in rows else pd.Series(pd.NA, index=rows.index, dtype="str")
            rows["programme"] = given.fillna(prepared.name)
        if "indicator" in rows:
            names = {text: indicators.find(text) for text in rows["indicator"].dropna().unique()}
            for text in sorted(text for text, name in names.items() if name is None):
                first = rows[rows["indicator"] == text].iloc[0]
                place = {"file": table.source.path.name, "row": first["row"], "column": "indicator", "value": text}
                issues.append(Issue.of("info", "programme.unknown_indicator", **place, name=text))
            rows["indicator"] = rows["indicator"].map(lambda text, names=names: names.get(text) or text)
        if kind == "floors":
            for row in rows[rows["floor"].isna()].to_dict("records"):
                place = {"file": table.source.path.name, "row": row["row"], "column": "floor"}
                issues.append(Issue.of("error", "programme.floor_unknown", **place, name=row["indicator"]))
            rows = rows[rows["floor"].notna()]
        if "date" in rows and "year" not in rows and kind == "values":
            rows["year"] = rows["date"].dt.year.astype("Int64")
        parts.append(rows)
    return (pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()), issues


def _with_shipped(succession: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Add the documented succession of communes, unless the project gives one of its own."""
    if len(succession) and succession["unit_level"].eq("commune").any():
        return succession
    shipped = load.read_succession().rename(columns={"level": "unit_level"})
    shipped = shipped[(shipped["unit_level"] == "commune") & (pd.to_datetime(shipped["date"]) <= pd.Timestamp(as_of))]
    shipped = shipped.assign(date=pd.to_datetime(shipped["date"]))
    return pd.concat([succession, shipped], ignore_index=True) if len(succession) else shipped.reset_index(drop=True)


def _same_villages(rows: dict[str, pd.DataFrame], mergers: pd.DataFrame, as_of: date) -> dict[str, pd.DataFrame]:
    """Give villages of a merged commune the key under which the baseline knows them: that of their old commune."""
    base = rows["baseline"]
    known = set(base.loc[base["unit_level"] == "village", "unit_code"].dropna()) if len(base) else set()
    communes = sorted({key.split("/", 1)[0] for key in known if "/" in key})
    if not communes:
        return rows
    old = pd.DataFrame({"unit_level": "commune", "unit_code": communes, "unit_name": communes})
    now = track.carry_units(old, mergers, until=as_of).table
    before: dict[str, list[str]] = {}
    for was, new in zip(now["was_code"], now["unit_code"], strict=True):
        before.setdefault(str(new), []).append(str(was))

    def key_of(key: Any) -> Any:
        if pd.isna(key) or key in known or "/" not in str(key):
            return key
        commune, name = str(key).split("/", 1)
        hits = [f"{was}/{name}" for was in before.get(commune, ()) if f"{was}/{name}" in known]
        return hits[0] if len(hits) == 1 else key

    moved = {}
    for kind, table in rows.items():
        if kind == "baseline" or table.empty:
            moved[kind] = table
            continue
        village = table["unit_level"] == "village"
        moved[kind] = table.assign(unit_code=table["unit_code"].where(~village, table["unit_code"].map(key_of)))
    return {**rows, **moved}


def _actual(values: pd.DataFrame) -> pd.DataFrame:
    """Return the values that tell what is, not what is to be."""
    if values.empty or "role" not in values:
        return values
    return values[values["role"].isna() | (values["role"] == "actual")]


def _named(table: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Give communes of the day the names that the boundaries have for them."""
    titles = table["unit_code"].map(units["commune_name"].to_dict())
    commune = table["unit_level"] == "commune"
    return table.assign(unit_name=table["unit_name"].mask(commune & titles.notna(), titles))


def _programme_communes(baseline: pd.DataFrame, units: pd.DataFrame) -> pd.Series:
    """Return the communes of the programme: those that the baseline names, else those of its villages."""
    named = baseline[baseline["unit_code"].notna()]
    communes = named[named["unit_level"] == "commune"].drop_duplicates("unit_code")
    if len(communes):
        return communes.set_index("unit_code")["unit_name"].rename_axis("commune_code")
    codes = {key.split("/", 1)[0] for key in named.loc[named["unit_level"] == "village", "unit_code"] if "/" in key}
    return units.loc[units.index.isin(codes), "commune_name"].rename_axis("commune_code")


def _events(carried: Mapping[str, pd.DataFrame], units: pd.DataFrame) -> pd.DataFrame:
    """Return the events of the history, and for units without any those that baseline and results imply.

    A merged unit has been in the list since its first part, and leaves it when all of its parts have left.
    """
    history, base = carried["history"], carried["baseline"]
    told = set(history["unit_code"].dropna()) if len(history) else set()
    if base.empty or not {"status", "date"} <= set(base.columns):
        return history
    listed = base["unit_code"].notna() & base["status"].notna() & base["date"].notna() & ~base["unit_code"].isin(told)
    first = base[listed].sort_values(["date", "unit_code"], kind="stable").drop_duplicates(["unit_level", "unit_code"])
    status = first.set_index("unit_code")["status"]
    left = units[
        (units["measure"] == track.EXIT) & units["actual_date"].notna() & units["unit_code"].isin(status.index)
    ]
    left = left.assign(
        event="left", date=left["actual_date"], document=left["source"], status=left["unit_code"].map(status)
    )
    return pd.concat([history, first.assign(event="entered"), left], ignore_index=True)


def _readable(carried: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return how the keys of villages are published: commune and name as written, instead of the form compared."""
    keys: dict[str, str] = {}
    for table in carried.values():
        for code, name in (("was_code", "was_name"), ("unit_code", "unit_name")):
            village = table[(table["unit_level"] == "village") & table[code].str.contains("/").fillna(value=False)]
            for key, text in sorted(zip(village[code], village[name].fillna(""), strict=True)):
                if text:
                    keys.setdefault(key, f"{key.split('/', 1)[0]}/{' '.join(text.casefold().split())}")
    return keys if len(set(keys.values())) == len(keys) else {}


def _spelt(table: pd.DataFrame, keys: Mapping[str, str]) -> pd.DataFrame:
    codes = [name for name in ("unit_code", "old_code", "new_code") if name in table]
    return table.assign(**{name: table[name].map(lambda code: keys.get(code, code)) for name in codes})


def _agency_table(agencies: track.Agencies, units: pd.DataFrame) -> pd.DataFrame:
    """Return every link, then the communes without an agency and the agencies without a commune."""
    alone = agencies.by_unit[agencies.by_unit["agency_count"] == 0].reset_index()[["unit_code"]]
    alone = alone.assign(unit_name=alone["unit_code"].map(units["commune_name"].to_dict()))
    idle = agencies.by_agency[agencies.by_agency["commune_count"] == 0].reset_index()[["agency"]]
    return pd.concat([agencies.links, alone, idle], ignore_index=True)
