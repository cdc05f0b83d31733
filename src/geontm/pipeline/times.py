"""Holds the days of a project against each other: boundaries, shipped facts, the project itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from geontm import join, load
from geontm.errors import VintageError
from geontm.project import SCHEMATIC_LAYERS, Project
from geontm.tables import Issue

__all__ = ["codes_of_the_day", "facts_are_measured", "pieces_drawn", "registers_of", "require_one_time"]


def registers_of(day: date | None) -> tuple[join.Register, ...]:
    """Return the lists of units of both sides of 1 July 2025, that of before as of a day."""
    return tuple(join.Register(r.date_from, r.date_to, r.units) for r in load.read_registers(day))


def codes_of_the_day(day: date) -> list[str]:
    """Return the codes of all units of a day."""
    return [code for register in load.read_registers(day) if register.holds(day) for code in register.units.index]


def require_one_time(project: Project, units: pd.DataFrame, boundaries_date: date | None) -> None:
    """Refuse boundaries and shipped facts that are of another time than the project.

    Raises
    ------
    VintageError
        The units of the boundaries are not those of the project's day, or the facts' not those of the boundaries.
    """
    day, registers = project.as_of, registers_of(boundaries_date)
    join.require_same_era(day, units, boundaries_date=boundaries_date, registers=registers)
    if boundaries_date is not None and max(day, boundaries_date) < join.REFORM:
        lists = (registers[0].units, registers_of(day)[0].units)
        layers = _layers_of(day, set(units["province_code"].dropna()))
        join.require_units_of_day(day, units, boundaries_date=boundaries_date, lists=lists, layers=layers)
    _require_facts_of_the_time(project, units, boundaries_date)


def _layers_of(day: date, provinces: set[str]) -> Iterator[str]:
    """Name the schematic layers of before July 2025 that have the units of a day in some provinces."""

    def listed(at: date) -> pd.DataFrame:
        units = load.read_register("2024", day=at)
        return units[units["province_code"].isin(provinces)]

    wanted = listed(day)
    yield from (name for name, (_, at) in SCHEMATIC_LAYERS.items() if at < join.REFORM and listed(at).equals(wanted))


def pieces_drawn(project: Project, units: pd.DataFrame) -> tuple[Issue, ...]:
    """Tell of units that a schematic layer draws at places chosen by rule, inside the cell of their successor."""
    if "drawn" not in units or not (units["drawn"] == "piece").any():
        return ()
    file, n = project.sources.boundaries.path.name, int((units["drawn"] == "piece").sum())
    return (Issue.of("info", "days.pieces_drawn", file=file, column="drawn", n=n),)


def facts_are_measured(project: Project) -> bool:
    """Tell whether the facts of the border were measured by geontm: those that it brings along."""
    return load.facts_span(project.sources.border_facts) is not None


def _require_facts_of_the_time(project: Project, units: pd.DataFrame, boundaries_date: date | None) -> None:
    """Refuse the shipped facts on units of another time or place: a code of then is another commune now."""
    facts = project.sources.border_facts
    span = load.facts_span(facts)
    if facts is None or span is None:
        return
    # Without a date the era of the units is known to be that of the project.
    if not span.holds(boundaries_date or project.as_of):
        shown = (boundaries_date or project.as_of).isoformat()
        values = {"file": facts.name, "span": span.text, "day": shown}
        raise VintageError("days.facts_of_another_time", where="border_facts", **values)
    missing = sorted(set(units["province_code"].dropna()) - set(span.provinces)) if span.provinces else []
    if missing:
        values = {"file": facts.name, "covered": ", ".join(span.provinces), "missing": ", ".join(missing)}
        raise VintageError("days.facts_of_other_provinces", where="border_facts", **values)
