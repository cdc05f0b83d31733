"""How the columns came about that no file has as they are shown: measured on layers, weighed, subtracted, decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from geontm import cover, publish
from geontm.law import RuleSet
from geontm.messages import say, spelt_day
from geontm.pipeline.prepare import Prepared
from geontm.project import Project
from geontm.publish.spelt import figure
from geontm.tables import Label

__all__ = ["derivations"]

_BORDER = ("is_border", "border_km", "border_neighbours")


def derivations(project: Project, prepared: Prepared, columns: Collection[str]) -> dict[str, publish.Derivation]:
    """Tell of every column of a result that was worked out how that was done, and from which files and columns.

    Parameters
    ----------
    project : Project
    prepared : Prepared
    columns : collection of str
        Of the wide table.
    """
    found = {"area_km2": _area(project), **_border(project, prepared)}
    for gap, share in cover.GAPS.items():
        if {gap, share} <= set(columns):  # a table's own gap stands where the share is unknown
            how = _both("gap", label=project.words.indicators[share].label)
            found[gap] = publish.Derivation(how, inputs=(share, gap), yearly=True)
    communes = [rules for rules in project.rulesets if rules.unit == "commune"]
    lists = {source.ruleset: source.table.path.name for source in project.sources.lists}
    for rules in communes:
        decided = _decided(rules, lists)
        found = {**{name: decided for name in rules.columns}, **found}
    scored = next((rules for rules in communes if rules.criteria), None)
    if scored is not None:
        how = _both("criteria", label=scored.label)
        counted = publish.Derivation(how, inputs=_decided(scored, lists).inputs)
        found |= {"criteria_met_count": counted, "criteria_unknown_count": counted}
    if project.ranking is not None:
        found |= dict.fromkeys(("priority_score", "priority_rank"), _priority(project))
    return found


def _area(project: Project) -> publish.Derivation:
    source = project.sources.boundaries
    if source.schematic:
        return publish.Derivation(_both("area_schematic"))
    return publish.Derivation(_both("area"), (source.path.name,), measured=True)


def _border(project: Project, prepared: Prepared) -> dict[str, publish.Derivation]:
    """Tell how the border was measured, or which table stands for the measure."""
    sources, boundaries = project.sources, prepared.layers.boundaries
    if prepared.layers.land_border is not None and not boundaries.schematic and sources.land_border is not None:
        fields = {"border": sources.land_border.name, "boundaries": sources.boundaries.path.name}
        files = (sources.land_border.name, sources.boundaries.path.name)
        how = Label(
            *(
                say(
                    "pipeline.derived_border" if boundaries.valid_from else "pipeline.derived_border_undated",
                    lang,
                    **fields,
                    m=figure(project.border_tolerance_m, lang, 0),
                    day=spelt_day(boundaries.valid_from, lang) if boundaries.valid_from else "",
                )
                for lang in ("vi", "en")
            )
        )
        return dict.fromkeys(_BORDER, publish.Derivation(how, files, measured=True))
    if prepared.layers.border_facts is not None:
        name = sources.border_facts.name if sources.border_facts else ""
        return dict.fromkeys(_BORDER, publish.Derivation(_both("border_facts"), (name,) if name else ()))
    return {}


def _decided(rules: RuleSet, lists: Mapping[str, str]) -> publish.Derivation:
    listed = (lists[rules.id],) if rules.id in lists else ()
    return publish.Derivation(sources=listed, inputs=tuple(dict.fromkeys(test.indicator for test in rules.tests)))


def _priority(project: Project) -> publish.Derivation:
    """Name the indicators of the ranking with their weights, the heaviest first."""
    assert project.ranking is not None
    weights = project.ranking.weights
    total = sum(weights.values())
    names = sorted(weights, key=lambda name: (-weights[name], name))
    labels = {name: project.words.indicators[name].label for name in names}
    parts = Label(
        *(
            "; ".join(f"{labels[name][lang]} {figure(100 * weights[name] / total, lang, 1)}%" for name in names)
            for lang in ("vi", "en")
        )
    )
    return publish.Derivation(_both("priority", parts=parts), inputs=tuple(sorted(names)))


def _both(key: str, **fields: Any) -> Label:
    """Return a sentence in both languages; a field may be a label."""
    return Label(say(f"pipeline.derived_{key}", "vi", **fields), say(f"pipeline.derived_{key}", "en", **fields))
