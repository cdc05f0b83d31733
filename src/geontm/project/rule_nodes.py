"""Reads the conditions of a rule set: tests, thresholds, groups; every mistake is named with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, TypedDict, cast, get_args

from geontm.law.nodes import (
    YEAR,
    AllOf,
    AnyOf,
    Assessed,
    ByGroup,
    Comparison,
    CountOf,
    Evidence,
    EvidenceStatus,
    Limit,
    Need,
    Node,
    Not,
    Range,
    Reference,
    SetBy,
    Test,
    Threshold,
    Times,
    When,
)
from geontm.project.located import Located, Place, nearest_or_all
from geontm.tables import Column, Label, Table

__all__ = ["COMPARISONS", "Context", "NodeReader"]

COMPARISONS = get_args(Comparison)
_ORDERED = {"at_least", "at_most", "more_than", "less_than", "within"}
_INHERITED = ("article", "evidence")
_LEAF = {"id", "label", "code", "of_indicator", "applies_when", *_INHERITED}
_TEST = {*_LEAF, "indicator", "unit", "note", "set_by", *COMPARISONS}
_ASSESSED = {*_LEAF, "assessed", "set_by"}
_REFERENCE = {*_LEAF, "ruleset", "outcomes", "equals"}
_GROUPS = {"all", "any", "count_of", "not"}
_FRACTION = re.compile(r"(\d+)/([1-9]\d*)")


class _Counted(TypedDict):
    code: str
    of_indicator: str


@dataclass(frozen=True)
class Context:
    """What a condition inherits from what stands around it."""

    article: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True)
class NodeReader:
    """Reads the conditions of one file; remembers the ids it has met, because they must be unique.

    Attributes
    ----------
    place : Place
        The file, for messages.
    dictionary : Table
        Names the indicators.
    figures : tuple of str
        Keys of the national figures that a threshold may be a multiple of.
    seen : dict of str to int
        Line of every id.
    """

    place: Place
    dictionary: Table
    figures: tuple[str, ...] = ()
    seen: dict[str, int] = field(default_factory=dict)

    def node(self, raw: Any, around: Context, line: int) -> Node:
        """Read a condition or a group of them."""
        if not isinstance(raw, Located):
            raise self.place.fail("not_a_mapping", line, what=str(raw))
        rule = self._group(raw, around) if _GROUPS & set(raw) else self._leaf(raw, around)
        if "applies_when" not in raw:
            return rule
        context = self.context(raw, around)
        return When(self.node(raw["applies_when"], context, raw.lines["applies_when"]), rule)

    def nodes(self, raw: Located, key: str, context: Context) -> tuple[Node, ...]:
        """Read the list of conditions under a key; it must not be empty."""
        parts = self.list(raw, key)
        if not parts:
            raise self.place.fail("empty_group", raw.lines[key], key=key)
        return tuple(self.node(part, context, raw.lines[key]) for part in parts)

    def _group(self, raw: Located, around: Context) -> Node:
        kind = next(name for name in raw if name in _GROUPS)
        self.place.require_keys(raw, {kind, "applies_when", *_INHERITED})
        context = self.context(raw, around)
        if kind == "not":
            return Not(self.node(raw[kind], context, raw.lines[kind]))
        if kind != "count_of":
            return (AllOf if kind == "all" else AnyOf)(self.nodes(raw, kind, context))
        inner = self.mapping(raw, kind)
        self.place.require_keys(inner, {"need", "of"}, ("need", "of"))
        parts = self.nodes(inner, "of", context)
        need, cases = inner["need"], []
        if isinstance(need, Located):
            self.place.require_keys(need, {"default", "when"}, ("default", "when"))
            for case in self.list(need, "when"):
                if not isinstance(case, Located):
                    raise self.place.fail("not_a_mapping", need.lines["when"], what="when")
                self.place.require_keys(case, {"if", "then"}, ("if", "then"))
                condition = self.node(case["if"], context, case.lines["if"])
                cases.append(Need(condition, self._need(case["then"], parts, case.lines["then"])))
            need = need["default"]
        return CountOf(self._need(need, parts, inner.lines["need"]), parts, tuple(cases))

    def _need(self, need: Any, parts: tuple[Node, ...], line: int) -> int:
        if not isinstance(need, int) or isinstance(need, bool) or not 1 <= need <= len(parts):
            raise self.place.fail("bad_need", line, need=need, n=len(parts))
        return need

    def _leaf(self, raw: Located, around: Context) -> Node:
        if "assessed" in raw:
            return self._assessed(raw, around)
        if "ruleset" in raw:
            return self._reference(raw, around)
        return self.test(raw, around)

    def _assessed(self, raw: Located, around: Context) -> Assessed:
        self.place.require_keys(raw, _ASSESSED, ("id", "label"))
        if raw["assessed"] is not True:
            raise self.place.fail("bad_value", raw.lines["assessed"], key="assessed", expected="true")
        context = self.context(raw, around)
        return Assessed(
            id=self.unique(raw),
            article=context.article,
            evidence=self._evidence(raw, context),
            label=self.label(raw, "label"),
            **self._counted(raw),
            set_by=self._set_by(raw),
        )

    def _reference(self, raw: Located, around: Context) -> Reference:
        self.place.require_keys(raw, _REFERENCE, ("id", "label"))
        if ("outcomes" in raw) == ("equals" in raw):
            raise self.place.fail("one_comparison", raw.line, comparisons="outcomes, equals")
        context = self.context(raw, around)
        return Reference(
            id=self.unique(raw),
            ruleset=self.text(raw, "ruleset"),
            article=context.article,
            evidence=self._evidence(raw, context),
            label=self.label(raw, "label"),
            outcomes=tuple(str(name) for name in self.list(raw, "outcomes")),
            equals=self.flag(raw, "equals", default=True),
            **self._counted(raw),
        )

    def test(self, raw: Located, around: Context) -> Test:
        """Read one comparison of an indicator with a threshold."""
        self.place.require_keys(raw, _TEST, ("id", "indicator"))
        context = self.context(raw, around)
        column = self.indicator(self.text(raw, "indicator"), raw.lines["indicator"])
        comparison, threshold = self.comparison(raw, column)
        set_by = self._set_by(raw)
        if set_by and threshold is not None:
            raise self.place.fail("set_by_with_threshold", raw.lines["set_by"], set_by=set_by)
        return Test(
            id=self.unique(raw),
            column=column,
            comparison=comparison,
            threshold=threshold,
            article=context.article,
            evidence=self._evidence(raw, context),
            label=self.label(raw, "label") if "label" in raw else column.label,
            note=self.text(raw, "note") if "note" in raw else "",
            **self._counted(raw),
            set_by=set_by,
        )

    def comparison(self, raw: Located, column: Column) -> tuple[Comparison, Threshold]:
        """Read the one comparison of a test and its threshold, in the unit of the column."""
        named = [name for name in COMPARISONS if name in raw]
        if len(named) != 1:
            raise self.place.fail("one_comparison", raw.line, comparisons=", ".join(COMPARISONS))
        comparison = cast(Comparison, named[0])
        if comparison in _ORDERED and column.type not in ("number", "integer"):
            raise self.place.fail("not_ordered", raw.lines[comparison], column=column.name, comparison=comparison)
        if "unit" in raw and raw["unit"] != column.unit:
            raise self.place.fail(
                "wrong_unit", raw.lines["unit"], unit=raw["unit"], column=column.name, expected=column.unit or "–"
            )
        return comparison, self.threshold(raw[comparison], column, comparison, raw.lines[comparison])

    def threshold(
        self, raw: Any, column: Column, comparison: Comparison, line: int, *, scaled: bool = False
    ) -> Threshold:
        """Read a limit, limits by group, or a multiple of a national figure; null is not established."""
        if raw is None:
            return None
        if isinstance(raw, Located) and "times" in raw:
            self.place.require_keys(raw, {"times", "figure"}, ("times", "figure"))
            figure = self.text(raw, "figure")
            if figure not in self.figures:
                close = nearest_or_all(figure, self.figures)
                raise self.place.fail("unknown_figure", raw.lines["figure"], figure=figure, nearest=close)
            return Times(self.threshold(raw["times"], column, comparison, raw.lines["times"], scaled=True), figure)
        if isinstance(raw, Located) and "by" in raw:
            return self._by_group(raw, column, comparison, scaled=scaled)
        return self._limit(raw, column, comparison, line, scaled=scaled)

    def _by_group(self, raw: Located, column: Column, comparison: Comparison, *, scaled: bool) -> ByGroup:
        self.place.require_keys(raw, {"by", "limits", "default", "national", "seen"}, ("by", "limits"))
        by, limits = self.text(raw, "by"), self.mapping(raw, "limits")
        chooser = None if by == YEAR else self.indicator(by, raw.lines["by"])
        for name in limits:
            if chooser is not None and chooser.choices and name not in chooser.choices:
                close = nearest_or_all(name, chooser.choices)
                raise self.place.fail("unknown_key", limits.lines[name], key=name, nearest=close)
        seen = frozenset(str(name) for name in self.list(raw, "seen"))
        for name in seen - set(limits):
            close = nearest_or_all(name, list(limits))
            raise self.place.fail("unknown_word", raw.lines["seen"], key="seen", value=name, nearest=close)
        national = raw.get("national")
        if national is not None:
            national = self._limit(national, column, comparison, raw.lines["national"], scaled=scaled)
        return ByGroup(
            by=by,
            limits={
                n: self.threshold(limit, column, comparison, limits.lines[n], scaled=scaled)
                for n, limit in limits.items()
            },
            default=self.threshold(
                raw.get("default"), column, comparison, raw.lines.get("default", raw.line), scaled=scaled
            ),
            column=chooser,
            national=national,
            seen=seen,
        )

    def _limit(self, raw: Any, column: Column, comparison: Comparison, line: int, *, scaled: bool = False) -> Limit:
        match comparison:
            case "within":
                return self._range(raw, column, line)
            case "one_of":
                if isinstance(raw, list) and raw:
                    return tuple(str(self._limit(each, column, "equals", line)) for each in raw)
                raise self.place.fail("bad_value", line, key=comparison, expected="[a, b]")
        if column.type in ("number", "integer"):
            return self._number(raw, column, comparison, line, scaled=scaled)
        if column.type == "boolean":
            if not isinstance(raw, bool):
                raise self.place.fail("bad_value", line, key=comparison, expected="true, false")
            return raw
        if not isinstance(raw, str) or (column.choices and raw not in column.choices):
            expected = nearest_or_all(str(raw), column.choices) if column.choices else "text"
            raise self.place.fail("bad_value", line, key=comparison, expected=expected)
        return raw

    def _number(self, raw: Any, column: Column, comparison: str, line: int, *, scaled: bool) -> float:
        if isinstance(raw, str) and (found := _FRACTION.fullmatch(raw)):
            raw = float(Fraction(int(found[1]), int(found[2])))
        if not isinstance(raw, (int, float)) or isinstance(raw, bool):
            raise self.place.fail("bad_value", line, key=comparison, expected='1.5, "2/3"')
        least, most = column.minimum, column.maximum
        if not scaled and ((least is not None and raw < least) or (most is not None and raw > most)):
            raise self.place.fail("limit_out_of_range", line, limit=raw, column=column.name, unit=column.unit)
        return float(raw)

    def _range(self, raw: Any, column: Column, line: int) -> Range:
        for low_key, high_key in (("from", "below"), ("above", "up_to")):
            if isinstance(raw, Located) and low_key in raw:
                self.place.require_keys(raw, {low_key, high_key}, (low_key, high_key))
                low, high = (
                    self._number(raw[key], column, key, raw.lines[key], scaled=False) for key in (low_key, high_key)
                )
                if low < high:
                    return Range(low, high, low_closed=low_key == "from", high_closed=high_key == "up_to")
        expected = "{from: a, below: b}, {above: a, up_to: b}, a < b"
        raise self.place.fail("bad_value", line, key="within", expected=expected)

    def context(self, raw: Located, around: Context) -> Context:
        """Return what the conditions inside inherit: the article and evidence of here, else of around."""
        article = self.text(raw, "article") if "article" in raw else around.article
        if "evidence" not in raw:
            return Context(article, around.evidence)
        return Context(article, self.evidence(self.mapping(raw, "evidence")))

    def evidence(self, found: Located) -> Evidence:
        """Read how well something is known; what is verified names where it was seen."""
        self.place.require_keys(found, {"status", "sources", "note", "confidence"}, ("status",))
        status = cast(EvidenceStatus, self.choice(found, "status", get_args(EvidenceStatus)))
        sources = tuple(str(url) for url in self.list(found, "sources"))
        if status == "verified" and not sources:
            raise self.place.fail("verified_without_source", found.line)
        confidence = self.text(found, "confidence") if "confidence" in found else ""
        return Evidence(status, sources, self.text(found, "note") if "note" in found else "", confidence)

    def indicator(self, name: str, line: int) -> Column:
        """Return the dictionary's entry of an indicator; refuse one that it does not know."""
        if name not in self.dictionary:
            close = nearest_or_all(name, self.dictionary.columns)
            raise self.place.fail("unknown_indicator", line, indicator=name, nearest=close)
        return self.dictionary[name]

    def unique(self, raw: Located) -> str:
        """Read an id that no other condition of the file has."""
        name = self.text(raw, "id")
        if name in self.seen:
            raise self.place.fail("id_twice", raw.lines["id"], id=name, line=self.seen[name])
        self.seen[name] = raw.lines["id"]
        return name

    def text(self, raw: Located, key: str) -> str:
        """Read a text that is not empty."""
        value = raw[key]
        if not isinstance(value, str) or not value.strip():
            raise self.place.fail("not_text", raw.lines[key], key=key, value=value)
        return value

    def flag(self, raw: Located, key: str, *, default: bool) -> bool:
        """Read true or false."""
        value = raw.get(key, default)
        if not isinstance(value, bool):
            raise self.place.fail("bad_value", raw.lines[key], key=key, expected="true, false")
        return value

    def choice(self, raw: Located, key: str, known: tuple[str, ...]) -> str:
        """Read one of some words."""
        value = self.text(raw, key)
        if value not in known:
            raise self.place.fail(
                "unknown_word", raw.lines[key], key=key, value=value, nearest=nearest_or_all(value, known)
            )
        return value

    def mapping(self, raw: Located, key: str) -> Located:
        """Read a mapping."""
        value = raw[key]
        if not isinstance(value, Located):
            raise self.place.fail("not_a_mapping", raw.lines[key], what=key)
        return value

    def list(self, raw: Located, key: str) -> list[Any]:
        """Read a list; a key that is not there is an empty one."""
        value = raw.get(key, [])
        if not isinstance(value, list):
            raise self.place.fail("not_a_list", raw.lines[key], key=key)
        return value

    def label(self, raw: Located, key: str) -> Label:
        """Read a text in both languages."""
        found = self.mapping(raw, key)
        self.place.require_keys(found, {"vi", "en"}, ("vi", "en"))
        return Label(vi=self.text(found, "vi"), en=self.text(found, "en"))

    def day(self, raw: Located, key: str) -> date:
        """Read a day."""
        value = raw[key]
        if type(value) is not date:
            raise self.place.fail("bad_value", raw.lines[key], key=key, expected="2026-06-30")
        return value

    def _evidence(self, raw: Located, context: Context) -> Evidence:
        if context.evidence is None:
            raise self.place.fail("key_missing", raw.line, key="evidence")
        return context.evidence

    def _counted(self, raw: Located) -> _Counted:
        code = self.text(raw, "code") if "code" in raw else ""
        return {"code": code, "of_indicator": self.text(raw, "of_indicator") if "of_indicator" in raw else code}

    def _set_by(self, raw: Located) -> SetBy:
        return cast(SetBy, self.choice(raw, "set_by", ("province", "ministry"))) if "set_by" in raw else ""
