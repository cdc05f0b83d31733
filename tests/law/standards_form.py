"""Rules of the research and ours in one form, so that they can be compared: (indicator, unit, comparison, threshold).

The words of both are paired in ``docs/law/names.yaml``; nothing else is shared with the script that wrote our files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from geontm.law import AllOf, AnyOf, Assessed, ByGroup, CountOf, Criterion, Not, Range, Reference, Test, Times
from geontm.law.nodes import leaves

NAMES = yaml.safe_load((Path(__file__).parents[2] / "docs" / "law" / "names.yaml").read_text(encoding="utf-8"))
COMPARISONS = {">=": "at_least", ">": "more_than", "<=": "at_most", "<": "less_than", "==": "equals", "in": "one_of",
               "range_closed_open": "within", "range_open_closed": "within"}  # fmt: skip


def theirs(raw: Any, standard: str) -> Any:
    """Write a rule of the research in the common form."""
    if "ref" in raw and "any" not in raw:
        return ("ref", raw["ref"])
    for kind in ("all", "any"):
        if kind in raw:
            # The scope stands beside the rule in ours; "not region III" is said by the order of the outcomes.
            kept = [
                part for part in raw[kind] if not str(part.get("ref", "")).startswith("scope.") and "not" not in part
            ]
            return group(kind, [theirs(part, standard) for part in kept])
    if "of" in raw:
        need = raw["at_least"]
        cases = (
            [(theirs(each["if"], standard), each["then"]) for each in need["when"]] if isinstance(need, dict) else []
        )
        default = need["default"] if isinstance(need, dict) else need
        return ("count", default, tuple(cases), *sorted((theirs(part, standard) for part in raw["of"]), key=repr))
    if raw["operator"] == "unknown" or raw["operator"] == "composite":
        return ("assessed",)
    return leaf_of(raw, standard)


def group(kind: str, parts: list[Any]) -> Any:
    """Join parts; a group of one is its part, and one inside another of the same kind is the same group."""
    flat = [each for part in parts for each in (part[1:] if part[0] == kind else (part,))]
    return flat[0] if len(flat) == 1 else (kind, *sorted(flat, key=repr))


def leaf_of(raw: dict[str, Any], standard: str) -> tuple[Any, ...]:
    name, limit = raw["indicator"], raw["threshold"]
    if name == "recognised_ntm_advanced_2021":
        return ("reference", "ntm-advanced-2021", limit)
    if name == "in_mekong_delta":
        return ("region", "", "equals", "mekong_delta" if limit else None)
    if name == "bus_station_class":
        assert (raw["operator"], limit, raw["note"]) == (">=", 4, "class IV or better, if planned")
        return ("bus_station_class_4", "", "equals", True)
    unit = NAMES["units"].get(raw.get("measure") or raw.get("unit"), {}).get("unit")
    if name == "multidimensional_poverty_rate_ratio_to_national":
        return ("multidimensional_poverty_pct", "%", COMPARISONS[raw["operator"]], ("times", plain(limit)))
    ours = NAMES["indicators"][name]
    ours = ours if isinstance(ours, str) else ours.get(standard) or ours["default"]
    if isinstance(limit, list) and raw["operator"] == ">=":
        limit = limit[0]
    return (ours, unit, COMPARISONS[raw["operator"]], plain(limit, raw["operator"]))


def plain(limit: Any, operator: str = "") -> Any:
    if isinstance(limit, dict):
        if "set_by" in limit:
            return None
        return tuple(sorted((group, plain(each, operator)) for group, each in limit.items()))
    if isinstance(limit, list):
        ends = {"range_closed_open": "[)", "range_open_closed": "(]"}.get(operator)
        return (*map(float, limit), ends) if ends else tuple(limit)
    if isinstance(limit, str) and "/" in limit:
        return float(Fraction(limit))
    return float(limit) if isinstance(limit, int) and not isinstance(limit, bool) else limit


def mine(node: Any) -> Any:
    """Write a rule of ours in the common form."""
    match node:
        case Test():
            # The unit is compared where the research's is one of the dictionary's; counts have units of their own.
            unit = node.column.unit
            known = {each.get("unit") for each in NAMES["units"].values()}
            return Row((node.indicator, unit if unit in known else None, node.comparison, limit_of(node.threshold)))
        case Assessed():
            return ("assessed",)
        case Reference():
            own = {"ethnic-minority-2026": "ethnic_minority_commune", "mountainous-2026": "mountainous_commune"}
            return ("ref", own[node.ruleset]) if node.ruleset in own else ("reference", node.ruleset, node.equals)
        case AllOf(of=parts) | AnyOf(of=parts):
            return group("all" if isinstance(node, AllOf) else "any", [mine(part) for part in parts])
        case CountOf():
            cases = tuple((mine(case.when), case.then) for case in node.cases)
            return ("count", node.need, cases, *sorted(map(mine, node.of), key=repr))
        case Criterion(of=parts):
            return mine(AllOf(parts))
        case Not():
            raise AssertionError("the research has no rule that needs it")
    raise TypeError(node)


class Row(tuple[Any, ...]):
    """A test of ours; a count's unit (xã, hộ, thôn) is ours alone, so it equals the research's bare number."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple) or len(other) != len(self):
            return False
        pairs = list(zip(self, other, strict=True))
        return all(one == two or (position == 1 and two is None) for position, (one, two) in enumerate(pairs))

    def __hash__(self) -> int:
        return hash(self[0])


def limit_of(threshold: Any) -> Any:
    match threshold:
        case Times():
            return ("times", limit_of(threshold.factor))
        case ByGroup():
            groups = dict(threshold.limits)
            groups |= {"default": threshold.default} if threshold.default is not None else {}
            groups |= {"national": threshold.national} if threshold.national is not None else {}
            return tuple(sorted((group, limit_of(limit)) for group, limit in groups.items()))
        case Range():
            ends = ("[" if threshold.low_closed else "(") + ("]" if threshold.high_closed else ")")
            return (threshold.low, threshold.high, ends)
    return threshold


def evidence_of_tree(node: Any) -> dict[Any, Any]:
    return {
        mine(leaf)[:1] + mine(leaf)[2:]: (leaf.evidence.status, leaf.evidence.sources)
        for leaf in leaves(node)
        if isinstance(leaf, Test)
    }


def sources_of_tree(raw: Any, standard: str, around: Mapping[str, Any] | None = None) -> Iterator[tuple[Any, Any]]:
    """Yield each test of a rule of the research with the evidence nearest to it."""
    near = raw.get("evidence", around)
    children = [part for key in ("all", "any", "of") for part in raw.get(key, [])]
    if isinstance(raw.get("at_least"), dict):
        children += [case["if"] for case in raw["at_least"]["when"]]
    for part in children:
        yield from sources_of_tree(part, standard, near)
    if "indicator" in raw and raw["operator"] not in ("unknown", "composite"):
        leaf = leaf_of(raw, standard)
        if leaf[0] != "reference":
            yield leaf[:1] + leaf[2:], (near["status"], tuple(near.get("sources", ())))


def all_sources(node: Any) -> Iterator[str]:
    for value in all_values(node):
        if isinstance(value, str) and value.startswith("http"):
            yield value


def all_values(node: Any) -> Iterator[Any]:
    yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from all_values(value)
