"""Reads the published totals and name lists that geontm carries, and counts what its own tables give beside them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import pandas as pd
import yaml

from geontm.classify import OfficialList, evaluate_all
from geontm.classify.totals import (
    NATIONAL,
    Conflict,
    Counted,
    Counting,
    Relation,
    Relations,
    compare_counted,
    compare_published,
    count_list,
    judge,
)
from geontm.errors import ProjectError
from geontm.load.read import ListSource
from geontm.load.shipped import read_register, shipped_path
from geontm.load.unit_tables import KeySpec, TableSource
from geontm.messages import Language, Message
from geontm.project.dictionary import read_dictionary
from geontm.project.model import ListEntry
from geontm.project.rulesets import national_figures, read_ruleset
from geontm.project.yaml_files import nearest
from geontm.tables import REFORM, Label

__all__ = [
    "ShippedList",
    "TotalsReport",
    "label_of",
    "read_known_conflicts",
    "read_totals",
    "shipped_list",
    "shipped_list_source",
    "shipped_lists",
    "totals_report",
]

DESCRIPTION, TOTALS = "published-totals.yaml", "published-totals.csv"
CONFLICTS, LISTS = "known-conflicts.yaml", "lists.yaml"
PREFIXES = ("Tỉnh ", "Thành phố ")


@dataclass(frozen=True)
class ShippedList:
    """A list of names that geontm carries (``data/facts/lists``), and what it may be used for.

    Attributes
    ----------
    id, label, path
    ruleset : str
        The rule set that the list answers; empty where it answers none.
    column : str
        Header of the answer.
    period, scope : str
        What published totals it is compared with.
    units_of : date
        A day on which the units that it names stood.
    covers : tuple of str
        Province codes.
    complete : bool
        It names every unit that counts in these provinces.
    every_unit : bool
        It names all units of these provinces.
    document, date
        The decision it comes from, as far as known.
    sources : tuple of str
        Where the names were seen.
    """

    id: str
    label: Label
    path: Path
    ruleset: str
    column: str
    period: str
    scope: str
    units_of: datetime.date
    covers: tuple[str, ...]
    complete: bool
    every_unit: bool
    document: str
    date: datetime.date | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class TotalsReport:
    """The comparison of published totals.

    Attributes
    ----------
    checks : DataFrame
        ``classify.totals.CHECK_COLUMNS`` and ``conflict``.
    conflicts : tuple of Conflict
        All known ones.
    unexpected : tuple of str
        Checks that differ and that no known conflict names.
    vanished : tuple of str
        Checks that a known conflict names and that do not differ.
    """

    checks: pd.DataFrame
    conflicts: tuple[Conflict, ...]
    unexpected: tuple[str, ...]
    vanished: tuple[str, ...]


@lru_cache(maxsize=1)
def shipped_lists() -> Mapping[str, ShippedList]:
    """Return the lists that geontm carries, by id."""
    return {name: _shipped_list(name, entry) for name, entry in _yaml(LISTS).items()}


def shipped_list(name: str, *, where: str = "") -> ShippedList:
    """Return one list that geontm carries.

    Raises
    ------
    ProjectError
        There is no such list; the nearest name is told.
    """
    known = shipped_lists()
    if name not in known:
        raise ProjectError(
            "totals.unknown_list", where=where, name=name, nearest=nearest(name, known) or "–", known=", ".join(known)
        )
    return known[name]


def shipped_list_source(ruleset: str, item: ListEntry, *, where: str = "") -> ListSource:
    """Return the source of a list that a project names as ``shipped:<id>``.

    What the project says of the list outranks what the shipped description says.

    Raises
    ------
    ProjectError
        There is no such list, or it answers another rule set.
    """
    known = shipped_list(item.file.removeprefix("shipped:"), where=where)
    if known.ruleset != ruleset:
        answers = known.ruleset or Message("totals.answers_none")
        raise ProjectError("totals.list_of_other", where=where, name=known.id, ruleset=ruleset, answers=answers)
    table = TableSource(
        known.path, date=item.date or known.units_of, key=KeySpec(code="Mã xã"), columns=item.columns
    )  # fmt: skip
    return ListSource(
        ruleset,
        table,
        document=item.document or known.document,
        complete=item.complete or known.complete,
        covers=item.covers or (known.covers if known.complete else ()),
    )


@lru_cache(maxsize=1)
def read_totals() -> pd.DataFrame:
    """Read the published totals: ``period, scope, measure, value, document, source, status, note``.

    ``value`` is a nullable number; a missing document is an empty text. Source: ``data/facts/published-totals.csv``.
    """
    table = pd.read_csv(shipped_path(TOTALS), dtype="str", keep_default_na=False)
    return table.assign(value=pd.to_numeric(table["value"].replace("", None)).astype("Float64"))


@lru_cache(maxsize=1)
def read_known_conflicts() -> tuple[Conflict, ...]:
    """Read the differences that the sources are known to have. Source: ``data/facts/known-conflicts.yaml``."""
    return tuple(
        Conflict(key, Label(**entry["text"]), tuple(entry.get("sources", ())), tuple(entry.get("checks", ())))
        for key, entry in _yaml(CONFLICTS)["conflicts"].items()
    )


def label_of(kind: str, key: str, lang: Language) -> str:
    """Return the words for a measure, scope or period (``kind``: ``measures``, ``scopes``, ``periods``)."""
    words = _yaml(DESCRIPTION)[kind].get(key)
    return str(words[lang]) if words else key


def totals_report() -> TotalsReport:
    """Compare the published totals with geontm's lists, rule sets, facts and registers, and with each other."""
    totals, conflicts = read_totals(), read_known_conflicts()
    counted = [*_counted_lists(), *_counted_borders(), *_counted_units(), *_counted_figures()]
    checks = pd.concat(
        [compare_counted(totals, counted), compare_published(totals, _relations())], ignore_index=True
    )  # fmt: skip
    judged, vanished = judge(checks, conflicts)
    unexpected = judged.loc[(judged["state"] == "differs") & (judged["conflict"] == ""), "check"]
    return TotalsReport(judged, conflicts, tuple(unexpected), vanished)


@lru_cache(maxsize=4)
def _yaml(name: str) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], yaml.safe_load(shipped_path(name).read_text(encoding="utf-8")))


def _shipped_list(name: str, entry: Mapping[str, Any]) -> ShippedList:
    return ShippedList(
        id=name,
        label=Label(**entry["label"]),
        path=shipped_path(f"{name}.csv"),
        ruleset=entry.get("ruleset", ""),
        column=entry["column"],
        period=entry["period"],
        scope=entry["scope"],
        units_of=datetime.date.fromisoformat(entry["units_of"]),
        covers=tuple(entry["covers"]),
        complete=entry["complete"],
        every_unit=entry["every_unit"],
        document=entry.get("document", ""),
        date=datetime.date.fromisoformat(entry["date"]) if "date" in entry else None,
        sources=tuple(entry["sources"]),
    )


def _units_on(day: datetime.date) -> pd.DataFrame:
    return read_register("2025") if day >= REFORM else read_register("2024", day=day)


def _counted_lists() -> Iterator[Counted]:
    said = _yaml(DESCRIPTION)
    for item in shipped_lists().values():
        rows = pd.read_csv(item.path, dtype="str", keep_default_na=False).set_index("Mã xã")
        counts: dict[str, float] = {said["every_unit"]: len(rows)} if item.every_unit else {}
        if item.ruleset:
            counts |= _decided(item, rows, said)
        if measure := said["without"].get(item.column):
            counts[measure] = int((rows[item.column] == "không").sum())
        counts |= _villages(rows, said)
        relation: Relation = "equal" if item.complete else "part"
        yield Counted(f"list {item.id}", item.period, item.scope, counts, relation)


def _decided(item: ShippedList, rows: pd.DataFrame, said: Mapping[str, Any]) -> dict[str, float]:
    units = _units_on(item.units_of)
    units = units[units["province_code"].isin(item.covers)]
    column = read_dictionary("lists").find(item.column) or ""
    official = OfficialList(
        item.ruleset, rows[[item.column]].set_axis(["value"], axis=1), column=column, complete=item.complete
    )
    rules = read_ruleset(item.ruleset)
    measures = said["counted_as"][item.ruleset]
    return count_list(official, rules, units, Counting(measures, said["any_of"] if rules.outcomes else ""))


def _villages(rows: pd.DataFrame, said: Mapping[str, Any]) -> dict[str, float]:
    column = said["villages"]["column"]
    if column not in rows:
        return {}
    numbers = pd.to_numeric(rows[column].replace("", None))
    regions = {"I": "region_i", "II": "region_ii", "III": "region_iii"}
    by_region = numbers.groupby(rows["Khu vực"]).sum()
    named = said["villages"]["by_decision"]
    return {said["villages"]["all"]: int(numbers.sum())} | {
        named[regions[str(region)]]: int(number) for region, number in by_region.items()
    }


def _counted_borders() -> Iterator[Counted]:
    """Answer the border rule set for whole registers, by the measured facts, and count what it decides."""
    rules, measure = read_ruleset("border"), _yaml(DESCRIPTION)["counted_as"]["border"]["met"]
    for entry in _yaml(DESCRIPTION)["border_facts"]:
        facts = pd.read_csv(shipped_path(f"{entry['table']}.csv"), dtype={"commune_code": "str"})
        units = _units_on(datetime.date.fromisoformat(entry["day"]) if "day" in entry else REFORM)
        table = pd.DataFrame(
            {"is_border": pd.array(units.index.isin(facts["commune_code"]), dtype="boolean")}, units.index
        )
        met = evaluate_all(table, [rules]).wide["is_border"]
        by_province = met.groupby(units["province_name"]).sum()
        by_province = by_province[by_province > 0]
        giver = f"border {entry['table']}"
        if entry["national"]:
            counts = {measure: int(met.sum()), "land_border_provinces": len(by_province)}
            yield Counted(giver, entry["period"], NATIONAL, counts)
        for province, number in by_province.items():
            yield Counted(giver, entry["period"], _bare(str(province)), {measure: int(number)})


def _counted_units() -> Iterator[Counted]:
    said = _yaml(DESCRIPTION)
    for entry in said["registers"]:
        units = read_register(entry["register"])
        giver = f"register {entry['register']}"
        everywhere = _kinds(units["kind"], said) | {"provinces": units["province_code"].nunique()}
        yield Counted(giver, entry["period"], NATIONAL, everywhere)
        for province, here in units.groupby("province_name"):
            scope, counts = _bare(str(province)), _kinds(here["kind"], said)
            published = _measures(entry["period"], scope)
            yield Counted(giver, entry["period"], scope, {key: counts[key] for key in published if key in counts})
            for period, measure in entry.get("also", {}).items():
                if measure in _measures(period, scope):
                    yield Counted(giver, period, scope, {measure: len(here)})
    for entry in said["unit_limits"]:
        units = _units_on(datetime.date.fromisoformat(entry["day"]))
        for province, here in units.groupby("province_name"):
            scope = _bare(str(province))
            # The register knows the units of the day in these provinces only; elsewhere those of June 2025.
            if entry["measure"] in _measures(entry["period"], scope) and here["province_code"].iloc[0] in _dated():
                giver = f"units {entry['day']}"
                yield Counted(giver, entry["period"], scope, {entry["measure"]: len(here)}, "limit")


def _counted_figures() -> Iterator[Counted]:
    for key, measure in _yaml(DESCRIPTION)["national_figures"].items():
        for year, value in national_figures()[key].items():
            yield Counted("figures national-figures", str(year), NATIONAL, {measure: value})


def _kinds(kinds: pd.Series[Any], said: Mapping[str, Any]) -> dict[str, float]:
    counts = {said["kinds"][str(kind)]: int(number) for kind, number in kinds.value_counts().items()}
    return {"commune_level_units": len(kinds), **counts}


def _measures(period: str, scope: str) -> set[str]:
    totals = read_totals()
    return set(totals.loc[(totals["period"] == period) & (totals["scope"] == scope), "measure"])


@lru_cache(maxsize=1)
def _dated() -> frozenset[str]:
    """Codes of the provinces whose units are known by the day."""
    return frozenset(pd.read_parquet(shipped_path("units-cases.parquet"), columns=["province_code"])["province_code"])


def _relations() -> Relations:
    said = _yaml(DESCRIPTION)
    return Relations(
        sums=tuple((each["whole"], tuple(each["parts"]), tuple(each.get("periods", ()))) for each in said["sums"]),
        orders=tuple((less, more) for less, more in said["orders"]),
        nation=said["nation"],
        provinces=frozenset(
            _bare(name) for era in ("2025", "2024") for name in read_register(era)["province_name"].unique()
        ),
        proposals=said["proposals"],
    )


def _bare(province: str) -> str:
    return next((province.removeprefix(prefix) for prefix in PREFIXES if province.startswith(prefix)), province)
