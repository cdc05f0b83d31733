"""Reads rule sets, ``data/rulesets/*.yaml`` or a planner's own file, into the types of the law."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, cast, get_args

from geontm.errors import RuleError
from geontm.law import (
    Aggregate,
    AllOf,
    Assessed,
    CountOf,
    Criterion,
    Definition,
    Evidence,
    Fact,
    GroupOverride,
    InForce,
    Node,
    Outcome,
    RuleSet,
    SetKind,
    Source,
    Transition,
    UnitKind,
    leaves,
)
from geontm.messages import say
from geontm.project.dictionary import read_law_dictionary
from geontm.project.located import Located, Place, locate, nearest_or_all
from geontm.project.rule_nodes import Context, NodeReader
from geontm.project.yaml_files import read_yaml
from geontm.tables import Label, Table

__all__ = ["list_rulesets", "national_figures", "read_ruleset"]

_TOP = {
    "id", "label", "unit", "source", "in_force", "columns", "scope", "verdict", "outcomes", "criteria", "pass",
    "evidence", "note", "kind", "family", "part_of", "transition", "group_override", "aggregates", "definitions",
    "facts", "worst_first",
}  # fmt: skip
_OUTCOME = {"id", "label", "value", "when", "otherwise", "spellings", "article", "evidence"}
_SUFFIXES = ("_pct", "_share", "_count")


def list_rulesets() -> tuple[RuleSet, ...]:
    """Read every rule set that geontm carries, in the order of their ids."""
    folder = files("geontm").joinpath("data", "rulesets")
    names = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(read_ruleset(name) for name in names)


@lru_cache(maxsize=1)
def national_figures() -> Mapping[str, Mapping[int, float]]:
    """Read the national figures that thresholds may be multiples of: key to year to value, with their sources beside.

    Source: ``data/facts/national-figures.csv`` (columns ``key, year, value, unit, document, source``).
    """
    figures: dict[str, dict[int, float]] = {}
    text = files("geontm").joinpath("data", "facts", "national-figures.csv").read_text(encoding="utf-8-sig")
    for row in csv.DictReader(text.splitlines()):
        figures.setdefault(row["key"], {})[int(row["year"])] = float(row["value"])
    return figures


def read_ruleset(source: str | Path, dictionary: Table | None = None) -> RuleSet:
    """Read one rule set.

    Parameters
    ----------
    source : str or Path
        Id of a rule set that geontm carries, or the path of a YAML file.
    dictionary : Table, optional
        Column dictionary that names the indicators; default the shipped one of the set's kind of unit.

    Raises
    ------
    SourceError
        There is no such file, or it cannot be read.
    ProjectError
        It is not YAML.
    RuleError
        It is not a rule set; the error names file, line and the nearest known word.
    """
    if isinstance(source, Path) or source.endswith((".yaml", ".yml")):
        return _parse(Path(source), dictionary)
    return _shipped(source) if dictionary is None else _read_shipped(source, dictionary)


@lru_cache(maxsize=64)
def _shipped(ruleset_id: str) -> RuleSet:
    return _read_shipped(ruleset_id, None)


def _read_shipped(ruleset_id: str, dictionary: Table | None) -> RuleSet:
    folder = files("geontm").joinpath("data", "rulesets")
    known = {entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")}
    if ruleset_id not in known:
        editions = [rules for rules in list_rulesets() if rules.family == ruleset_id]
        if editions:
            named = ", ".join(f"{r.id} ({r.in_force.start} – {r.in_force.end or '…'})" for r in editions)
            raise RuleError("rulesets.a_family", where=ruleset_id, family=ruleset_id, editions=named)
        close = nearest_or_all(ruleset_id, known)
        raise RuleError("rulesets.unknown_id", where=ruleset_id, ruleset=ruleset_id, nearest=close)
    with as_file(folder.joinpath(f"{ruleset_id}.yaml")) as path:
        return _parse(path, dictionary)


def _parse(path: Path, dictionary: Table | None) -> RuleSet:
    place = Place(path.name, RuleError, "rulesets")
    raw = locate(read_yaml(path), place)
    if not isinstance(raw, Located):
        raise place.fail("not_a_mapping", 1, what=path.name)
    words = dictionary or read_law_dictionary(str(raw.get("unit", "")))
    return _Reader(place, words, tuple(national_figures())).ruleset(raw)


@dataclass(frozen=True)
class _Reader(NodeReader):
    """Reads one file."""

    def ruleset(self, raw: Located) -> RuleSet:
        self.place.require_keys(raw, _TOP, ("id", "label", "unit", "source", "in_force"))
        kind = cast(SetKind, self.choice(raw, "kind", get_args(SetKind))) if "kind" in raw else "rules"
        ruled = [key for key in ("verdict", "outcomes", "criteria") if key in raw]
        if len(ruled) > 1 or (not ruled and kind != "definitions"):
            raise self.place.fail("verdict_or_outcomes", raw.line)
        name = self.text(raw, "id")
        self.seen[name] = raw.lines["id"]
        source = self.source(self.mapping(raw, "source"))
        context = self.context(raw, Context(source.article))
        override = self.group_override(raw, context) if "group_override" in raw else None
        scope = self.node(raw["scope"], context, raw.lines["scope"]) if "scope" in raw else None
        criteria = tuple(self.criterion(each, context, raw.lines["criteria"]) for each in self.list(raw, "criteria"))
        verdict = self.node(raw["verdict"], context, raw.lines["verdict"]) if "verdict" in raw else None
        outcomes = tuple(self.outcome(each, context) for each in self.list(raw, "outcomes"))
        for each, item in zip(outcomes[:-1], raw.get("outcomes", []), strict=False):
            if each.when is None:
                raise self.place.fail("otherwise_last", item.line, outcome=each.id)
        ids = [each.id for each in outcomes]
        return RuleSet(
            id=name,
            label=self.label(raw, "label"),
            unit=cast(UnitKind, self.choice(raw, "unit", get_args(UnitKind))),
            source=source,
            in_force=self.in_force(self.mapping(raw, "in_force")),
            scope=scope,
            verdict=self.passing(raw, criteria) if criteria else verdict,
            outcomes=outcomes,
            columns=self.columns(self.mapping(raw, "columns"), ids) if "columns" in raw else {},
            note=self.label(raw, "note") if "note" in raw else None,
            criteria=criteria,
            kind=kind,
            family=self.text(raw, "family") if "family" in raw else "",
            part_of=self.text(raw, "part_of") if "part_of" in raw else "",
            transition=self.transition(self.mapping(raw, "transition")) if "transition" in raw else None,
            group_override=override,
            aggregates=self.aggregates(self.mapping(raw, "aggregates"), ids) if "aggregates" in raw else {},
            definitions=tuple(
                self.definition(each, raw.lines["definitions"]) for each in self.list(raw, "definitions")
            ),
            facts=tuple(self.fact(each, raw.lines["facts"]) for each in self.list(raw, "facts")),
            worst_first=self.worst_first(raw, ids),
            file=self.place.file,
            lines={"in_force": raw.lines["in_force"], **self.seen},
        )

    def source(self, raw: Located) -> Source:
        self.place.require_keys(raw, {"document", "article", "amended_by", "amended_on", "date", "urls"}, ("document",))
        return Source(
            document=self.text(raw, "document"),
            article=self.text(raw, "article") if "article" in raw else "",
            amended_by=self.text(raw, "amended_by") if "amended_by" in raw else "",
            amended_on=self.day(raw, "amended_on") if "amended_on" in raw else None,
            date=self.day(raw, "date") if "date" in raw else None,
            urls=tuple(str(url) for url in self.list(raw, "urls")),
        )

    def in_force(self, raw: Located) -> InForce:
        self.place.require_keys(raw, {"start", "end"}, ("start",))
        start, end = self.day(raw, "start"), None if raw.get("end") is None else self.day(raw, "end")
        if end is not None and end < start:
            raise self.place.fail("dates_reversed", raw.line)
        return InForce(start, end)

    def columns(self, raw: Located, outcome_ids: list[str]) -> Mapping[str, str]:
        fillers = {"value", *outcome_ids} if outcome_ids else {"verdict"}
        for name, filler in raw.items():
            self.indicator(name, raw.lines[name])
            if filler not in fillers:
                close = nearest_or_all(str(filler), fillers)
                raise self.place.fail("unknown_filler", raw.lines[name], filler=filler, nearest=close)
        return {name: str(filler) for name, filler in raw.items()}

    def outcome(self, raw: Any, around: Context) -> Outcome:
        if not isinstance(raw, Located):
            raise self.place.fail("not_a_mapping", 1, what="outcomes")
        self.place.require_keys(raw, _OUTCOME, ("id", "label", "value"))
        if ("when" in raw) == ("otherwise" in raw):
            raise self.place.fail("when_or_otherwise", raw.line)
        context = self.context(raw, around)
        if not isinstance(raw["value"], (int, str)) or isinstance(raw["value"], bool):
            raise self.place.fail("bad_value", raw.lines["value"], key="value", expected="1, 2, 3")
        return Outcome(
            id=self.unique(raw),
            label=self.label(raw, "label"),
            value=raw["value"],
            article=context.article,
            when=self.node(raw["when"], context, raw.lines["when"]) if "when" in raw else None,
            spellings=tuple(str(text) for text in self.list(raw, "spellings")),
        )

    def criterion(self, raw: Any, around: Context, line: int) -> Criterion:
        """Read one criterion; an indicator that the law counts and the file does not list can only be assessed."""
        if not isinstance(raw, Located):
            raise self.place.fail("not_a_mapping", line, what="criteria")
        self.place.require_keys(raw, {"number", "label", "size", "of", "article", "evidence"}, ("number", "label"))
        number = self.text(raw, "number")
        context = self.context(raw, around)
        parts = self.nodes(raw, "of", context) if raw.get("of") else ()
        listed = {leaf.of_indicator for part in parts for leaf in leaves(part) if leaf.of_indicator}
        size = raw.get("size", max(1, len(listed)))
        if not isinstance(size, int) or isinstance(size, bool) or size < max(1, len(listed)):
            raise self.place.fail("bad_size", raw.lines["size"], no=number, size=size, n=len(listed))
        names = [f"{number}.{position}" for position in range(1, size + 1)] if size > 1 else [number]
        absent = [name for name in names if name not in listed][: size - len(listed)]
        whole = (*parts, *(self.unlisted(name, context) for name in absent))
        return Criterion(number, self.label(raw, "label"), size, whole, sized="size" in raw)

    def unlisted(self, code: str, context: Context) -> Assessed:
        label = Label(*(say("rulesets.unlisted_indicator", lang, code=code) for lang in ("vi", "en")))
        self.seen[code] = 0
        evidence = Evidence("unknown")
        return Assessed(code, context.article, evidence, label, of_indicator=code)

    def passing(self, raw: Located, criteria: tuple[Criterion, ...]) -> Node:
        if "pass" not in raw:
            return AllOf(criteria)
        found = self.mapping(raw, "pass")
        self.place.require_keys(found, {"need"}, ("need",))
        return CountOf(self._need(found["need"], criteria, found.lines["need"]), criteria)

    def group_override(self, raw: Located, around: Context) -> GroupOverride:
        found = self.mapping(raw, "group_override")
        self.place.require_keys(found, {"by", "use", "when", "article", "evidence"}, ("by", "use", "when"))
        column = self.indicator(self.text(found, "by"), found.lines["by"])
        use = self.choice(found, "use", tuple(column.choices))
        context = self.context(found, around)
        return GroupOverride(column, use, self.node(found["when"], context, found.lines["when"]), context.article)

    def worst_first(self, raw: Located, outcome_ids: list[str]) -> tuple[str, ...]:
        """Read the order of the decisions; it must hold each of them once."""
        named, known = self.list(raw, "worst_first"), outcome_ids or ["met", "not_met"]
        if named and sorted(map(str, named)) != sorted(known):
            raise self.place.fail(
                "bad_value", raw.lines["worst_first"], key="worst_first", expected=f"[{', '.join(known)}]"
            )
        return tuple(map(str, named))

    def transition(self, raw: Located) -> Transition:
        self.place.require_keys(raw, {"with", "note"}, ("with", "note"))
        return Transition(self.text(raw, "with"), self.label(raw, "note"))

    def aggregates(self, raw: Located, outcome_ids: list[str]) -> Mapping[str, Aggregate]:
        found = {}
        for name, entry in raw.items():
            line = raw.lines[name]
            self.indicator(name, line)
            if not name.endswith(_SUFFIXES):
                raise self.place.fail("bad_value", line, key=name, expected=", ".join(_SUFFIXES))
            if not isinstance(entry, Located):
                raise self.place.fail("not_a_mapping", line, what=name)
            self.place.require_keys(entry, {"of", "over"}, ("of", "over"))
            of = self.choice(entry, "of", tuple(outcome_ids) or ("verdict",))
            found[name] = Aggregate(of, cast(UnitKind, self.choice(entry, "over", get_args(UnitKind))))
        return found

    def definition(self, raw: Any, line: int) -> Definition:
        if not isinstance(raw, Located):
            raise self.place.fail("not_a_mapping", line, what="definitions")
        self.place.require_keys(raw, {"code", "label", "indicator", "text", "evidence"}, ("code", "label", "evidence"))
        return Definition(
            code=self.text(raw, "code"),
            label=self.label(raw, "label"),
            evidence=self.evidence(self.mapping(raw, "evidence")),
            indicator=self.indicator(self.text(raw, "indicator"), raw.lines["indicator"]).name
            if "indicator" in raw
            else "",
            text=self.label(raw, "text") if "text" in raw else None,
        )

    def fact(self, raw: Any, line: int) -> Fact:
        if not isinstance(raw, Located):
            raise self.place.fail("not_a_mapping", line, what="facts")
        self.place.require_keys(
            raw, {"key", "label", "value", "unit", "evidence", "note"}, ("key", "label", "value", "evidence")
        )
        value = raw["value"]
        return Fact(
            key=self.text(raw, "key"),
            label=self.label(raw, "label"),
            value=tuple(value) if isinstance(value, list) else value,
            evidence=self.evidence(self.mapping(raw, "evidence")),
            unit=self.text(raw, "unit") if raw.get("unit") else "",
            note=self.text(raw, "note") if "note" in raw else "",
        )
