"""The sentence behind one test: made once for each limit and kind of answer, then filled with values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from geontm.law.limits import Applied
from geontm.law.nodes import ByGroup, Limit, Range, Test
from geontm.law.rules import RuleSet
from geontm.law.words import as_read, cite, say_limit, say_number, say_threshold, say_unit, say_value, unit_read
from geontm.messages import Language, say

__all__ = ["Kind", "Teller"]

Kind = Literal[
    "met", "not_met", "missing", "unverified", "limit_unknown", "group_unknown", "left_open",
    "said_met", "said_not_met", "between",
]  # fmt: skip
# Stand for the two parts of a sentence that change from unit to unit; no text of a planner holds them.
_VALUE, _MARGIN = "\x00", "\x01"


@dataclass(frozen=True)
class Teller:
    """Tells the reason for the answers of one test in one language.

    Attributes
    ----------
    test : Test
    rules : RuleSet
        Whose document is cited.
    lang : {"vi", "en"}
    """

    test: Test
    rules: RuleSet
    lang: Language

    def teller(self, applied: Applied, *, several: bool) -> Callable[[Any, float | None, Kind], tuple[str, str]]:
        """Return a function of value, distance and kind that gives the whole reason and the short part of it.

        Parameters
        ----------
        applied : Applied
            The limit that applies.
        several : bool
            More than one limit may apply; the sentence then shows all of them, and ``applied`` is not read.
        """
        near = _numbers(applied.limit)
        frames: dict[Kind, tuple[str, str]] = {}
        margins = self._margins()

        @cache
        def tell(value: Any, distance: float | None, kind: Kind) -> tuple[str, str]:
            if kind not in frames:
                frames[kind] = self._frame(applied, kind, several)
            whole, part = frames[kind]
            shown = (
                say("law.no_figure", self.lang)
                if value is None
                else say_value(value, self.test.column, self.lang, near=near)
            )
            margin = "" if distance is None else margins(distance)
            return whole.replace(_VALUE, shown).replace(_MARGIN, margin), part.replace(_VALUE, shown)

        return tell

    def _frame(self, applied: Applied, kind: Kind, several: bool) -> tuple[str, str]:
        test, lang = self.test, self.lang
        words = {
            "label": test.label[lang],
            "value": _VALUE,
            "limit": say_threshold(test, lang) if several else self.limit(applied),
            "margin": _MARGIN,
            "group": self._group(),
            "citation": cite(test, self.rules, lang),
            "setter": say(f"law.set_by_{test.set_by}", lang) if test.set_by else "",
        }
        plain = kind in ("met", "not_met") and test.column.type not in ("number", "integer")
        return say(f"law.test_{kind}", lang, **words), say(f"law.part_{'plain' if plain else kind}", lang, **words)

    def limit(self, applied: Applied) -> str:
        """Write the limit; of a multiple of a national figure, how it comes about."""
        test, lang = self.test, self.lang
        words = say_limit(test.comparison, applied.limit, test.column, lang)
        if applied.factor is None or applied.figure is None or applied.year is None:
            return words
        figure = say_value(applied.figure, test.column, lang)
        factor = say_number(applied.factor, lang)
        return say("law.times_resolved", lang, limit=words, factor=factor, figure=figure, year=str(applied.year))

    def _margins(self) -> Callable[[float], str]:
        lang = self.lang
        on_the_limit, margin = say("law.on_the_limit", lang), say("law.margin", lang, distance=_VALUE)
        column = self.test.column
        unit = say_unit(unit_read(column), lang)
        one, many = unit, unit
        if unit == "%":
            one, many = say("law.unit_point", lang), say("law.unit_points", lang)

        def write(distance: float) -> str:
            if distance == 0:
                return on_the_limit
            size = abs(as_read(distance, column))
            return margin.replace(
                _VALUE, f"{say_number(size, lang, near=(0.0,))} {one if size == 1 else many}".rstrip()
            )

        return write

    def _group(self) -> str:
        threshold = self.test.threshold
        if not isinstance(threshold, ByGroup):
            return ""
        return threshold.column.label[self.lang] if threshold.column else say("law.year", self.lang)


def _numbers(limit: Limit | None) -> tuple[float, ...]:
    if isinstance(limit, Range):
        return (limit.low, limit.high)
    return () if limit is None or isinstance(limit, (bool, str, tuple)) else (float(limit),)
