"""Reads ``overrides.yaml``: thresholds that a province or a gazette sets, each with its own document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from geontm.errors import RuleError
from geontm.law import Override, RuleSet, Source, Test
from geontm.law.nodes import Leaf
from geontm.project.dictionary import read_dictionary, read_law_dictionary
from geontm.project.located import Located, Place, locate, nearest_or_all
from geontm.project.rule_nodes import COMPARISONS, NodeReader
from geontm.project.rulesets import national_figures
from geontm.project.yaml_files import read_yaml

__all__ = ["read_overrides"]

_ENTRY = {
    "ruleset", "test", "indicator", "unit", "label", "document", "article", "date", "url", "note", *COMPARISONS,
}  # fmt: skip


def read_overrides(path: Path, rulesets: Sequence[RuleSet]) -> tuple[Override, ...]:
    """Read the overrides of a project.

    Parameters
    ----------
    path : Path
        YAML: a list ``overrides:`` of entries with ``ruleset``, ``test`` (id or code of a condition), one comparison
        (``at_least: 70``), ``unit`` as in the column dictionary, ``document``; optionally ``article``, ``date``,
        ``url``, ``label``, and ``indicator`` for a condition that had none.
    rulesets : sequence of RuleSet
        Those of the project.

    Raises
    ------
    RuleError
        No document, another unit than that of the column, an unknown rule set, condition or indicator, a value that is
        not in the column's range; the error names file, line and the nearest known word.
    """
    place = Place(path.name, RuleError, "rulesets")
    raw = locate(read_yaml(path), place)
    if not isinstance(raw, Located):
        raise place.fail("not_a_mapping", 1, what=path.name)
    place.require_keys(raw, {"overrides"}, ("overrides",))
    reader = _Reader(place, read_dictionary("indicators"), tuple(national_figures()))
    by_id = {rules.id: rules for rules in rulesets}
    return tuple(reader.entry(each, by_id, raw.lines["overrides"]) for each in reader.list(raw, "overrides"))


class _Reader(NodeReader):
    def entry(self, raw: Any, rulesets: dict[str, RuleSet], line: int) -> Override:
        if not isinstance(raw, Located):
            raise self.place.fail("not_a_mapping", line, what="overrides")
        self.place.require_keys(raw, _ENTRY, ("ruleset", "test"))
        where = f"{self.place.file}:{raw.line}"
        if not raw.get("document"):
            raise self.place.fail("override_without_document", raw.line, test=raw["test"])
        name, test = self.text(raw, "ruleset"), self.text(raw, "test")
        if name not in rulesets:
            close = nearest_or_all(name, rulesets)
            raise self.place.fail("unknown_word", raw.lines["ruleset"], key="ruleset", value=name, nearest=close)
        leaf = _leaf(rulesets[name], test)
        words = replace(self, dictionary=read_law_dictionary(rulesets[name].unit))
        if "indicator" in raw:
            column = words.indicator(self.text(raw, "indicator"), raw.lines["indicator"])
        elif isinstance(leaf, Test):
            column = leaf.column
        elif leaf is None:  # the law room says which conditions there are
            return Override(name, test, None, Source(str(raw["document"])), where=where)
        else:
            raise RuleError("law.override_needs_indicator", where=where, ruleset=name, test=test)
        if column.unit and "unit" not in raw:
            raise self.place.fail("override_without_unit", raw.line, column=column.name, unit=column.unit)
        comparison, threshold = words.comparison(raw, column)
        return Override(
            ruleset=name,
            test=test,
            threshold=threshold,
            source=Source(
                document=self.text(raw, "document"),
                article=self.text(raw, "article") if "article" in raw else "",
                date=self.day(raw, "date") if "date" in raw else None,
                urls=(self.text(raw, "url"),) if "url" in raw else (),
            ),
            comparison=comparison,
            column=column,
            label=self.label(raw, "label") if "label" in raw else None,
            where=where,
        )


def _leaf(rules: RuleSet, name: str) -> Leaf | None:
    """Find a condition by its id or code; None where there is none or several."""
    by_id = [leaf for leaf in rules.leaves if leaf.id == name]
    found = by_id or [leaf for leaf in rules.leaves if leaf.code == name]
    return found[0] if len(found) == 1 else None
