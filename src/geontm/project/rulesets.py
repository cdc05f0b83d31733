"""Reads rule sets, ``data/rulesets/*.yaml`` or a planner's own file, into the types of the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, cast, get_args

from geontm.errors import RuleError
from geontm.law.rules import (
    YEAR,
    AllOf,
    AnyOf,
    ByGroup,
    Comparison,
    CountOf,
    Evidence,
    EvidenceStatus,
    InForce,
    Limit,
    Node,
    Not,
    Outcome,
    Range,
    RuleSet,
    Source,
    Test,
    Threshold,
    UnitKind,
)
from geontm.project.dictionary import read_dictionary
from geontm.project.located import Located, Place, locate, nearest_or_all
from geontm.project.yaml_files import read_yaml
from geontm.tables import Column, Label, Table

__all__ = ["list_rulesets", "read_ruleset"]

_COMPARISONS = get_args(Comparison)
_ORDERED = {"at_least", "at_most", "more_than", "less_than", "within"}
_INHERITED = ("article", "evidence")
_TOP = {
    "id", "label", "unit", "source", "in_force", "columns", "scope", "verdict", "outcomes", "evidence", "note",
}  # fmt: skip
_TEST = {"id", "indicator", "unit", "label", "note", *_INHERITED, *_COMPARISONS}
_OUTCOME = {"id", "label", "value", "when", "otherwise", "spellings", *_INHERITED}
_GROUPS = {"all", "any", "count_of", "not"}


def list_rulesets() -> tuple[RuleSet, ...]:
    """Read every rule set that geontm carries, in the order of their ids."""
    folder = files("geontm").joinpath("data", "rulesets")
    names = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(read_ruleset(name) for name in names)


def read_ruleset(source: str | Path, dictionary: Table | None = None) -> RuleSet:
    """Read one rule set.

    Parameters
    ----------
    source : str or Path
        Id of a rule set that geontm carries, or the path of a YAML file.
    dictionary : Table, optional
        Column dictionary that names the indicators; default the shipped one.

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
        return _parse(Path(source), dictionary or read_dictionary("indicators"))
    return _shipped(source) if dictionary is None else _read_shipped(source, dictionary)


@lru_cache(maxsize=64)
def _shipped(ruleset_id: str) -> RuleSet:
    return _read_shipped(ruleset_id, read_dictionary("indicators"))


def _read_shipped(ruleset_id: str, dictionary: Table) -> RuleSet:
    folder = files("geontm").joinpath("data", "rulesets")
    known = {entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")}
    if ruleset_id not in known:
        close = nearest_or_all(ruleset_id, known)
        raise RuleError("rulesets.unknown_id", where=ruleset_id, ruleset=ruleset_id, nearest=close)
    with as_file(folder.joinpath(f"{ruleset_id}.yaml")) as path:
        return _parse(path, dictionary)


def _parse(path: Path, dictionary: Table) -> RuleSet:
    place = Place(path.name, RuleError, "rulesets")
    raw = locate(read_yaml(path), place)
    if not isinstance(raw, Located):
        raise place.fail("not_a_mapping", 1, what=path.name)
    return _Reader(place, dictionary).ruleset(raw)


@dataclass(frozen=True)
class _Context:
    """What a test inherits from the outcome or rule set around it."""

    article: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True)
class _Reader:
    """Reads one file; remembers the ids it has met, because they must be unique."""

    place: Place
    dictionary: Table
    seen: dict[str, int] = field(default_factory=dict)

    def ruleset(self, raw: Located) -> RuleSet:
        self.place.require_keys(raw, _TOP, ("id", "label", "unit", "source", "in_force", "columns"))
        if ("verdict" in raw) == ("outcomes" in raw):
            raise self.place.fail("verdict_or_outcomes", raw.line)
        name = self.text(raw, "id")
        self.seen[name] = raw.lines["id"]
        source = self.source(self.mapping(raw, "source"))
        context = self.context(raw, _Context(source.article))
        outcomes = tuple(self.outcome(each, context) for each in self.list(raw, "outcomes"))
        for each, item in zip(outcomes[:-1], raw.get("outcomes", []), strict=False):
            if each.when is None:
                raise self.place.fail("otherwise_last", item.line, outcome=each.id)
        return RuleSet(
            id=name,
            label=self.label(raw, "label"),
            unit=cast(UnitKind, self.choice(raw, "unit", get_args(UnitKind))),
            source=source,
            in_force=self.in_force(self.mapping(raw, "in_force")),
            scope=self.node(raw["scope"], context, raw.lines["scope"]) if "scope" in raw else None,
            verdict=self.node(raw["verdict"], context, raw.lines["verdict"]) if "verdict" in raw else None,
            outcomes=outcomes,
            columns=self.columns(self.mapping(raw, "columns"), [each.id for each in outcomes]),
            note=self.label(raw, "note") if "note" in raw else None,
        )

    def source(self, raw: Located) -> Source:
        self.place.require_keys(raw, {"document", "article", "amended_by", "date", "urls"}, ("document",))
        return Source(
            document=self.text(raw, "document"),
            article=self.text(raw, "article") if "article" in raw else "",
            amended_by=self.text(raw, "amended_by") if "amended_by" in raw else "",
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

    def outcome(self, raw: Any, around: _Context) -> Outcome:
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

    def node(self, raw: Any, around: _Context, line: int) -> Node:
        if not isinstance(raw, Located):
            raise self.place.fail("not_a_mapping", line, what=str(raw))
        groups = [name for name in raw if name in _GROUPS]
        if not groups:
            return self.test(raw, around)
        self.place.require_keys(raw, {groups[0], *_INHERITED})
        kind, context = groups[0], self.context(raw, around)
        if kind == "not":
            return Not(self.node(raw[kind], context, raw.lines[kind]))
        if kind == "count_of":
            inner = self.mapping(raw, kind)
            self.place.require_keys(inner, {"need", "of"}, ("need", "of"))
            parts = self.nodes(inner, "of", context)
            need = inner["need"]
            if not isinstance(need, int) or isinstance(need, bool) or not 1 <= need <= len(parts):
                raise self.place.fail("bad_need", inner.lines["need"], need=need, n=len(parts))
            return CountOf(need, parts)
        return (AllOf if kind == "all" else AnyOf)(self.nodes(raw, kind, context))

    def nodes(self, raw: Located, key: str, context: _Context) -> tuple[Node, ...]:
        parts = self.list(raw, key)
        if not parts:
            raise self.place.fail("empty_group", raw.lines[key], key=key)
        return tuple(self.node(part, context, raw.lines[key]) for part in parts)

    def test(self, raw: Located, around: _Context) -> Test:
        self.place.require_keys(raw, _TEST, ("id", "indicator"))
        context = self.context(raw, around)
        column = self.indicator(self.text(raw, "indicator"), raw.lines["indicator"])
        named = [name for name in _COMPARISONS if name in raw]
        if len(named) != 1:
            raise self.place.fail("one_comparison", raw.line, comparisons=", ".join(_COMPARISONS))
        comparison = cast(Comparison, named[0])
        numeric = column.type in ("number", "integer")
        if comparison in _ORDERED and not numeric:
            raise self.place.fail("not_ordered", raw.lines[comparison], column=column.name, comparison=comparison)
        if "unit" in raw and raw["unit"] != column.unit:
            raise self.place.fail(
                "wrong_unit", raw.lines["unit"], unit=raw["unit"], column=column.name, expected=column.unit or "–"
            )
        if context.evidence is None:
            raise self.place.fail("key_missing", raw.line, key="evidence")
        return Test(
            id=self.unique(raw),
            column=column,
            comparison=comparison,
            threshold=self.threshold(raw[comparison], column, comparison, raw.lines[comparison]),
            article=context.article,
            evidence=context.evidence,
            label=self.label(raw, "label") if "label" in raw else column.label,
            note=self.text(raw, "note") if "note" in raw else "",
        )

    def threshold(self, raw: Any, column: Column, comparison: Comparison, line: int) -> Threshold:
        if raw is None:
            return None
        if isinstance(raw, Located) and "by" in raw:
            return self.by_group(raw, column, comparison)
        return self.limit(raw, column, comparison, line)

    def by_group(self, raw: Located, column: Column, comparison: Comparison) -> ByGroup:
        self.place.require_keys(raw, {"by", "limits", "default"}, ("by", "limits"))
        by, limits = self.text(raw, "by"), self.mapping(raw, "limits")
        chooser = None if by == YEAR else self.indicator(by, raw.lines["by"])
        for name in limits:
            if chooser is not None and chooser.choices and name not in chooser.choices:
                close = nearest_or_all(name, chooser.choices)
                raise self.place.fail("unknown_key", limits.lines[name], key=name, nearest=close)
        return ByGroup(
            by=by,
            limits={n: self.threshold(limit, column, comparison, limits.lines[n]) for n, limit in limits.items()},
            default=self.threshold(raw.get("default"), column, comparison, raw.lines.get("default", raw.line)),
            column=chooser,
        )

    def limit(self, raw: Any, column: Column, comparison: Comparison, line: int) -> Limit:
        number = isinstance(raw, (int, float)) and not isinstance(raw, bool)
        match comparison:
            case "within":
                if isinstance(raw, Located):
                    self.place.require_keys(raw, {"from", "below"}, ("from", "below"))
                    low, high = (self.limit(raw[key], column, "at_least", raw.lines[key]) for key in ("from", "below"))
                    if cast(float, low) < cast(float, high):
                        return Range(cast(float, low), cast(float, high))
                raise self.place.fail("bad_value", line, key=comparison, expected="{from: a, below: b}, a < b")
            case "one_of":
                if isinstance(raw, list) and raw:
                    return tuple(str(self.limit(each, column, "equals", line)) for each in raw)
                raise self.place.fail("bad_value", line, key=comparison, expected="[a, b]")
        if column.type in ("number", "integer"):
            if not number:
                raise self.place.fail("bad_value", line, key=comparison, expected="1.5")
            least, most = column.minimum, column.maximum
            if (least is not None and raw < least) or (most is not None and raw > most):
                raise self.place.fail("limit_out_of_range", line, limit=raw, column=column.name, unit=column.unit)
            return float(raw)
        if column.type == "boolean":
            if not isinstance(raw, bool):
                raise self.place.fail("bad_value", line, key=comparison, expected="true, false")
            return raw
        if not isinstance(raw, str) or (column.choices and raw not in column.choices):
            expected = nearest_or_all(str(raw), column.choices) if column.choices else "text"
            raise self.place.fail("bad_value", line, key=comparison, expected=expected)
        return raw

    def context(self, raw: Located, around: _Context) -> _Context:
        article = self.text(raw, "article") if "article" in raw else around.article
        if "evidence" not in raw:
            return _Context(article, around.evidence)
        found = self.mapping(raw, "evidence")
        self.place.require_keys(found, {"status", "sources", "note"}, ("status",))
        status = cast(EvidenceStatus, self.choice(found, "status", get_args(EvidenceStatus)))
        sources = tuple(str(url) for url in self.list(found, "sources"))
        if status == "verified" and not sources:
            raise self.place.fail("verified_without_source", found.line)
        return _Context(article, Evidence(status, sources, self.text(found, "note") if "note" in found else ""))

    def indicator(self, name: str, line: int) -> Column:
        if name not in self.dictionary:
            close = nearest_or_all(name, self.dictionary.columns)
            raise self.place.fail("unknown_indicator", line, indicator=name, nearest=close)
        return self.dictionary[name]

    def unique(self, raw: Located) -> str:
        name = self.text(raw, "id")
        if name in self.seen:
            raise self.place.fail("id_twice", raw.lines["id"], id=name, line=self.seen[name])
        self.seen[name] = raw.lines["id"]
        return name

    def text(self, raw: Located, key: str) -> str:
        value = raw[key]
        if not isinstance(value, str) or not value.strip():
            raise self.place.fail("not_text", raw.lines[key], key=key, value=value)
        return value

    def choice(self, raw: Located, key: str, known: tuple[str, ...]) -> str:
        value = self.text(raw, key)
        if value not in known:
            raise self.place.fail(
                "unknown_word", raw.lines[key], key=key, value=value, nearest=nearest_or_all(value, known)
            )
        return value

    def mapping(self, raw: Located, key: str) -> Located:
        value = raw[key]
        if not isinstance(value, Located):
            raise self.place.fail("not_a_mapping", raw.lines[key], what=key)
        return value

    def list(self, raw: Located, key: str) -> list[Any]:
        value = raw.get(key, [])
        if not isinstance(value, list):
            raise self.place.fail("not_a_list", raw.lines[key], key=key)
        return value

    def label(self, raw: Located, key: str) -> Label:
        found = self.mapping(raw, key)
        self.place.require_keys(found, {"vi", "en"}, ("vi", "en"))
        return Label(vi=self.text(found, "vi"), en=self.text(found, "en"))

    def day(self, raw: Located, key: str) -> date:
        value = raw[key]
        if type(value) is not date:
            raise self.place.fail("bad_value", raw.lines[key], key=key, expected="2026-06-30")
        return value
