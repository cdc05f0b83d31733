"""Parts of ``build_rulesets.py``: columns and units, thresholds, evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

COMPARISONS = {">=": "at_least", ">": "more_than", "<=": "at_most", "<": "less_than", "==": "equals", "in": "one_of"}
RANGES = {"range_closed_open": ("from", "below"), "range_open_closed": ("above", "up_to")}
SETTINGS = {"rural", "urban"}
YEARS = "12"


class Research:
    """One file of the research."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def at(self, place: str) -> Any:
        """Return what stands at ``a.0.b``."""
        found: Any = self.data
        for key in place.split("."):
            found = found[int(key)] if isinstance(found, list) else found[key]
        return found

    def evidence_near(self, place: str) -> dict[str, Any]:
        """Return the evidence of the value at a place: its own, that of its key, else of what stands around it."""
        keys = place.split(".")
        found = self.at(place)
        if isinstance(found, dict) and "evidence" in found:
            return found["evidence"]
        while keys:
            last = keys.pop()
            around = self.at(".".join(keys)) if keys else self.data
            if isinstance(around, dict):
                for name in (f"{last}_evidence", "evidence"):
                    if name in around:
                        return around[name]
        raise SystemExit(f"no evidence near {place}")


class Names:
    """The research's words for indicators and units, and ours."""

    def __init__(self, names: dict[str, Any], tables: list[dict[str, Any]]) -> None:
        self.units, self.indicators = names["units"], names["indicators"]
        self.kinds, self.own, self.conversions = names["kinds"], names["columns"], names["conversions"]
        self.columns: dict[str, dict[str, Any]] = {}
        for table in reversed([*tables, self.table()]):
            self.columns |= table["columns"]

    def table(self) -> dict[str, Any]:
        """Make the dictionary of the new-rural indicators."""
        columns = {name: self.column(given) for name, given in self.own.items()}
        return {"key": ["commune_code", "year"], "columns": columns}

    def column(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return one entry of the dictionary."""
        whole = self.kinds.get(given.get("kind"), {}) | given
        made = {key: whole[key] for key in ("type", "unit", "range", "nature") if key in whole}
        if "of" in given:
            made["weight"] = given["of"]
        if better := given.get("better", "high" if given.get("kind") == "flag" else ""):
            made["better"] = better
        made["label"] = {"vi": given["vi"], "en": given["en"]}
        return made | ({"aliases": [f"{given['vi']} (%)"]} if made.get("unit") == "%" else {})

    def test(self, raw: dict[str, Any], standard: str, national: dict[str, str] | None = None) -> dict[str, Any]:
        """Turn one test of the research into ours: indicator, unit, comparison with threshold, who sets it."""
        if (conversion := self.conversions.get(raw["indicator"])) is not None:
            if conversion["was"] != {"operator": raw["operator"], "threshold": raw["threshold"]}:
                raise SystemExit(f"{standard}: {raw['indicator']} is not what names.yaml expects")
            return dict(conversion["test"])
        if national is not None:
            limit = {"times": threshold(raw["threshold"]), "figure": national["figure"]}
            named = {"indicator": national["column"], "unit": self.columns[national["column"]]["unit"]}
            return named | {COMPARISONS[raw["operator"]]: limit}
        name = self.indicators[raw["indicator"]]
        if isinstance(name, dict):
            name = name.get(standard) or name["default"]
        self.require_unit(name, raw, standard)
        made: dict[str, Any] = {"indicator": name}
        if self.columns[name].get("unit"):
            made["unit"] = self.columns[name]["unit"]
        made |= self.comparison(raw)
        if isinstance(raw["threshold"], dict) and "set_by" in raw["threshold"]:
            made["set_by"] = {"provincial_people_committee": "province"}[raw["threshold"]["set_by"]]
        if "note" in raw and "code" not in raw:
            made["note"] = raw["note"]
        return made

    def comparison(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Return the comparison of a test with its threshold."""
        if raw["operator"] in RANGES:
            return {"within": threshold(raw["threshold"], RANGES[raw["operator"]])}
        limit = raw["threshold"]
        if isinstance(limit, list) and raw["operator"] == ">=":
            limit = limit[0]  # "2.5 to 3 times" is reached at its lower end; the upper end is carried as a fact
        if isinstance(limit, dict) and "set_by" in limit:
            limit = None
        return {COMPARISONS[raw["operator"]]: threshold(limit, seen=raw.get("evidence", {}).get("verified_values"))}

    def require_unit(self, name: str, raw: dict[str, Any], standard: str) -> None:
        """Stop where the unit of a threshold is not that of its column."""
        column, unit = self.columns[name], raw.get("unit") if raw.get("unit") not in ("commune", "village") else None
        unit = unit or raw.get("measure")
        if unit is None and "unit" not in raw:  # a condition of applies_when bears none
            return
        expected = self.units[unit]
        wrong = [key for key in ("unit", "type") if key in expected and column.get(key, "") != expected[key]]
        if wrong or not re.search(rf"{expected.get('suffix', '')}(_20\d\d)?$", name):
            raise SystemExit(f"{standard}: {raw['indicator']} in {unit!r} does not fit {name} ({column.get('unit')!r})")


def threshold(raw: Any, ends: tuple[str, str] | None = None, seen: dict[str, Any] | None = None) -> Any:
    """Turn a threshold of the research into ours; fractions stay text, so that they stay exact."""
    if isinstance(raw, list) and ends is not None:
        return dict(zip(ends, raw, strict=True))
    if not isinstance(raw, dict):
        return raw
    limits = {key: threshold(value, ends) for key, value in raw.items() if key not in ("default", "national")}
    by = "area_type" if set(limits) <= SETTINGS else "year" if all(key[:1] in YEARS for key in limits) else "region"
    made: dict[str, Any] = {"by": by, "limits": limits}
    made |= {key: threshold(raw[key], ends) for key in ("default", "national") if key in raw}
    if groups := [key for key in seen or {} if key in limits]:
        made["seen"] = groups
    return made


def evidence_of(raw: dict[str, Any], note: str = "") -> dict[str, Any]:
    """Copy an evidence; what the research remarks on the value stands in its note."""
    made: dict[str, Any] = {"status": raw["status"]}
    if raw.get("sources"):
        made["sources"] = raw["sources"]
    if "confidence" in raw:
        made["confidence"] = raw["confidence"]
    remarks = [note, raw.get("note", ""), f"verified for: {raw['verified_for']}" if "verified_for" in raw else ""]
    remarks += [f"seen: {name} {value}" for name, value in raw.get("verified_values", {}).items()]
    if text := "; ".join(remark.rstrip(".") for remark in remarks if remark):
        made["note"] = text
    return made


def quiet(content: dict[str, Any]) -> dict[str, Any]:
    """Say an evidence once: the one that most rows share before them, and none that a row inherits anyway."""
    found = Counter(repr(each) for each in _evidences(content))
    usual, count = found.most_common(1)[0] if found else ("", 0)
    if "criteria" in content and count >= 3:
        content = {"evidence": next(each for each in _evidences(content) if repr(each) == usual), **content}
    return _inherited(content, None)


def _evidences(node: Any) -> Iterator[dict[str, Any]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key == "evidence":
            yield value
        else:
            yield from _evidences(value)


def _inherited(node: Any, around: dict[str, Any] | None) -> Any:
    if isinstance(node, list):
        return [_inherited(each, around) for each in node]
    if not isinstance(node, dict):
        return node
    here = node.get("evidence", around)
    return {key: _inherited(each, here) for key, each in node.items() if key != "evidence" or each != around}
