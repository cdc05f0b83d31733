"""Which rule sets a project asks: by id, by family (the edition of its date), its own files, with its overrides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geontm.errors import ProjectError, VintageError
from geontm.law import RuleSet, as_it_stood, edition, override, require_consistent
from geontm.project.model import ProjectFile
from geontm.project.overrides import read_overrides
from geontm.project.rulesets import list_rulesets, read_ruleset
from geontm.project.yaml_files import Document
from geontm.tables import Issue

__all__ = ["Standards", "read_standards"]

Inside = Callable[[str, tuple[str | int, ...], Document], Path]


@dataclass(frozen=True)
class Standards:
    """The rule sets of a project, in its order.

    Attributes
    ----------
    rulesets : tuple of RuleSet
        With the thresholds that the project's overrides set.
    families : mapping of str to str
        Family that the project named to the id of the edition of its date.
    files : tuple of Path
        Rule-set and override files of the project's own.
    issues : tuple of Issue
        What was added or chosen on its behalf.
    """

    rulesets: tuple[RuleSet, ...]
    families: dict[str, str]
    files: tuple[Path, ...]
    issues: tuple[Issue, ...]


def read_standards(entry: ProjectFile, document: Document, inside: Inside) -> Standards:
    """Read the rule sets that a project names, those that they read, and the overrides.

    Raises
    ------
    ProjectError
        A name is neither a rule set nor a family, one stands twice, or what is allowed by name is not among them.
    RuleError
        A file is no rule set, editions overlap, sets read each other in a circle, or an override does not fit.
    VintageError
        A family has no edition on the project's date.
    """
    files: list[Path] = []
    families: dict[str, str] = {}
    chosen: list[RuleSet] = []
    places: list[int] = []
    for number, name in enumerate(entry.standards):
        found = _named(name, number, entry, document, inside)
        if name.endswith((".yaml", ".yml")):
            files.append(inside(name, ("standards", number), document))
        elif found[0].id != name:
            families[name] = found[0].id
        chosen += found
        places += [number] * len(found)
    ids = [rules.id for rules in chosen]
    for position, name in enumerate(ids):
        if name in ids[:position]:
            where = document.where(("standards", places[position]))
            raise ProjectError("project.standard_twice", where=where, id=name)
    require_consistent([*chosen, *(rules for rules in list_rulesets() if rules.id not in ids)])
    told = _without_units(chosen, entry, document)
    chosen, issues = _with_references(chosen, document)
    ids = [rules.id for rules in chosen]
    for number, name in enumerate(entry.allow_out_of_force):
        if name not in ids:
            place = ("allow_out_of_force", number)
            raise ProjectError(
                "project.not_in_standards", where=document.where(place), key=place[0], id=name, names=", ".join(ids)
            )
    chosen += _village_parts(chosen, entry) + _poverty_of_the_day(chosen, entry)
    if entry.overrides is not None:
        path = inside(entry.overrides, ("overrides",), document)
        files.append(path)
        set_by_project = read_overrides(path, chosen)
        chosen = [override(rules, set_by_project) for rules in chosen]
    chosen = [as_it_stood(rules, entry.as_of) for rules in chosen]
    return Standards(tuple(chosen), families, tuple(files), (*issues, *told))


def _named(name: str, number: int, entry: ProjectFile, document: Document, inside: Inside) -> list[RuleSet]:
    """Return the set of an id or a file, or the editions of a family on the project's date, one for each unit."""
    if name.endswith((".yaml", ".yml")):
        return [read_ruleset(inside(name, ("standards", number), document))]
    shipped = list_rulesets()
    known = {rules.id for rules in shipped}
    if name in known:
        return [read_ruleset(name)]
    units = dict.fromkeys(rules.unit for rules in shipped if rules.family == name)
    if not units:
        names = ", ".join([*sorted(known), *sorted({rules.family for rules in shipped} - known - {""})])
        where = document.where(("standards", number))
        raise ProjectError("project.unknown_ruleset", where=where, id=name, names=names)
    here = [unit for unit in units if _has(entry, unit)] or list(units)
    try:
        return [edition(name, shipped, entry.as_of, unit=unit) for unit in here]
    except VintageError as error:
        where = document.where(("standards", number))
        raise VintageError(error.message.id, where=where, **error.message.values) from None


def _has(entry: ProjectFile, unit: str) -> bool:
    """Tell whether a project has units of a kind; communes, and what is above them, it always has."""
    return {"household": entry.households, "village": entry.villages}.get(unit, True) is not None


def _without_units(chosen: Sequence[RuleSet], entry: ProjectFile, document: Document) -> list[Issue]:
    """Tell which rule sets give no verdict in this project: nobody to judge, or nothing to judge by."""
    issues = []
    for rules in chosen:
        place: dict[str, Any] = {"file": document.path.name, "column": "standards", "value": rules.id}
        if rules.kind == "definitions" or rules.unit == "nation":
            issues.append(Issue.of("info", "project.standard_not_judged", **place, id=rules.id))
        elif not _has(entry, rules.unit):
            section = {"household": "households", "village": "villages"}[rules.unit]
            issues.append(Issue.of("warning", "project.standard_without_units", **place, id=rules.id, section=section))
    return issues


def _with_references(chosen: Sequence[RuleSet], document: Document) -> tuple[list[RuleSet], list[Issue]]:
    """Add the shipped sets whose decisions the chosen ones read; each is told."""
    whole, issues = list(chosen), []
    shipped = {rules.id: rules for rules in list_rulesets()}
    waiting = list(chosen)
    while waiting:
        rules = waiting.pop(0)
        for name in rules.references:
            if name in shipped and name not in {each.id for each in whole}:
                whole.append(shipped[name])
                waiting.append(shipped[name])
                place: dict[str, Any] = {"file": document.path.name, "column": "standards", "value": name}
                issues.append(Issue.of("info", "project.standard_added", **place, id=name, reader=rules.id))
    return whole, issues


def _village_parts(chosen: Sequence[RuleSet], entry: ProjectFile) -> list[RuleSet]:
    """Return the village rules of the chosen commune sets, where the project has villages."""
    if entry.villages is None:
        return []
    ids = {rules.id for rules in chosen}
    return [
        rules for rules in list_rulesets() if rules.unit == "village" and rules.part_of in ids and rules.id not in ids
    ]


def _poverty_of_the_day(chosen: Sequence[RuleSet], entry: ProjectFile) -> list[RuleSet]:
    """Return the poverty standard in force, where the project has households and names none itself."""
    if entry.households is None or any(rules.unit == "household" for rules in chosen):
        return []
    shipped = [rules for rules in list_rulesets() if rules.unit == "household" and entry.as_of in rules.in_force]
    return shipped[:1]
