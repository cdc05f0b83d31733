"""Puts together what many provinces or many units say alike, so that the issues of a country can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from geontm.tables import Issue, list_briefly

__all__ = ["fold_issues"]

# As many units are named one by one; more become one issue.
MOST_ALONE = 5
SHOWN = 10


def fold_issues(told: Iterable[tuple[str, Issue]]) -> list[Issue]:
    """Say once what is said of many units or in many provinces.

    Parameters
    ----------
    told : iterable of tuple of str and Issue
        Name of the province, and the issue.

    Returns
    -------
    list of Issue
        Each where the first of its kind stood. Units outside a raster are one issue where they are more than
        :data:`MOST_ALONE`; what provinces say of the same heights is added up, or stands as the worst of them says
        it; people at the edge are told by province.
    """
    groups: dict[tuple[str, ...], dict[str, Issue]] = {}
    for province, issue in told:
        group: tuple[str, ...] = (issue.severity, issue.message.id, issue.file)
        named = issue
        if issue.message.id == "population.at_edge":
            named = replace(issue, value=f"{province}: {issue.value}")
        if issue.message.id not in _WAYS:
            group = (*group, repr(named))
        groups.setdefault(group, {}).setdefault(repr(named), named)
    folded = []
    for group, issues in groups.items():
        fold = _WAYS.get(group[1], list)
        folded += fold(list(issues.values()))
    return folded


def _outside(message: str) -> Callable[[list[Issue]], list[Issue]]:
    def fold(issues: list[Issue]) -> list[Issue]:
        if len(issues) <= MOST_ALONE:
            return issues
        first = issues[0]
        most = max(float(issue.message.values.get("pct", 100.0)) for issue in issues)
        value = _codes(issue.value for issue in issues)
        return [Issue.of(first.severity, message, column=first.column, value=value, n=len(issues), most=most)]

    return fold


def _added_up(issues: list[Issue]) -> list[Issue]:
    """Add up the units, keep the largest figure, name the first units."""
    if len(issues) == 1:
        return issues
    first = issues[0]
    n = sum(int(issue.message.values["n"]) for issue in issues)
    most = max(float(issue.message.values["most"]) for issue in issues)
    value = _codes(code for issue in issues for code in issue.value.removesuffix(" …").split(", "))
    value += " …" if n > SHOWN and not value.endswith("…") else ""
    return [Issue.of(first.severity, first.message.id, file=first.file, value=value, n=n, most=most)]


def _widest(issues: list[Issue]) -> list[Issue]:
    return [max(issues, key=lambda issue: (float(issue.message.values["metres"]), issue.value))]


def _codes(codes: Iterable[str]) -> str:
    return list_briefly(sorted(codes), most=SHOWN)


_WAYS: dict[str, Callable[[list[Issue]], list[Issue]]] = {
    "zones.outside": _outside("coverage.units_outside"),
    "zones.partly_outside": _outside("coverage.units_partly_outside"),
    "terrain.coarse": _widest,
    "terrain.too_coarse": _widest,
    **dict.fromkeys(
        (f"terrain.{name}" for name in ("few_cells", "no_slope", "partly_unknown", "sea_floor", "sliver_unknown")),
        _added_up,
    ),
}
