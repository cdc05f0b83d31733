"""The whole explanation of one unit under one rule set: verdict, conditions, what would change it, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import pandas as pd

from geontm.classify.decisions import contradicts, say_decision
from geontm.classify.rulings import Ruling
from geontm.classify.verdicts import Verdicts
from geontm.classify.why_words import brief_change, brief_missing, is_told, say_flip, say_missing
from geontm.errors import RuleError
from geontm.law import Leaf, RuleSet, Test
from geontm.law.evaluate import assessed_signs
from geontm.law.flips import Flip, Flips, flips_in, nearest_criteria, nearest_flip
from geontm.law.ground import Ground
from geontm.law.limits import UNKNOWN
from geontm.law.missing import Missing, missing_in
from geontm.law.nodes import leaves
from geontm.law.words import as_read, cite, say_limit, say_number, say_threshold, say_unit, say_value, unit_read
from geontm.messages import Language, language, say

__all__ = ["Explanation", "briefs", "briefs_and_gaps", "why"]

MOST_CRITERIA = 3  # unmet criteria whose way is told
MOST_CONDITIONS = 20  # a larger set is not searched unit by unit for the map page
BRIEF_COLUMNS = ("commune_code", "ruleset", "change_vi", "change_en", "missing_vi", "missing_en")
GAP_COLUMNS = ("commune_code", "ruleset", "kind", "name", "label_vi", "label_en")
_SIGNS = {"met": "✓", "not_met": "✗", "unknown": "?"}


@dataclass(frozen=True)
class Explanation:
    """Why a unit got its verdict, and what else could be.

    Attributes
    ----------
    code : str
    rules : RuleSet
    decision : str or None
        The one that counts: the official list's where there is one.
    computed : str or None
        What the figures give.
    listed : bool
        Whether an official list decides.
    document : str
        Of the list, where it names one.
    rows : DataFrame
        As in ``Verdicts.long``, for this unit and rule set.
    flips : Flips
        What would change the computed decision.
    criteria : tuple of Flip
        Of a scored set: the unmet criteria that the fewest improvements of known figures would meet, nearest first.
    missing : Missing
        What the computed decision waits for.
    """

    code: str
    rules: RuleSet
    decision: str | None
    computed: str | None
    listed: bool
    document: str
    rows: pd.DataFrame
    flips: Flips
    criteria: tuple[Flip, ...]
    missing: Missing
    ground: Ground

    def reason(self, lang: Language) -> str:
        """Return the reason of the verdict, as in the long table."""
        mine = self.rows[self.rows["test"] == self.rules.id]
        return str(mine[f"reason_{lang}"].iloc[0]) if len(mine) else ""

    def comparison(self, lang: Language) -> str:
        """Tell how the official list and the figures stand to each other; empty where no list decides."""
        if not self.listed:
            return ""
        key = "open" if self.computed is None else "agrees"
        if self.decision is not None and contradicts(self.decision, self.computed):
            key = "differs"
        listed, computed = (say_decision(each, self.rules, lang) for each in (self.decision, self.computed))
        return say(f"explain.list_{key}", lang, listed=listed, computed=computed, document=self.document or "–")

    def table(self, lang: Language) -> pd.DataFrame:
        """Write the conditions as a table of texts: condition, value, threshold, distance, answer, article.

        Of a set with outcomes the first column, ``outcome``, names those whose rule holds the condition; a condition
        of the scope belongs to them all.
        """
        facts = zip(self.rows["answer"], self.rows["distance"], strict=True)
        answers = dict(zip(self.rows["test"], facts, strict=True))
        rows = [self._row(leaf, answers[leaf.id][0], answers[leaf.id][1], lang) for leaf in self.rules.leaves]
        names = ("condition", "value", "threshold", "distance", "answer", "article")
        found = pd.DataFrame(rows, columns=pd.Index(names), dtype="str")
        if self.rules.outcomes:
            found.insert(0, "outcome", [self._belongs(leaf, lang) for leaf in self.rules.leaves])
        return found

    def changes(self, lang: Language) -> list[str]:
        """Write what would change the decision, shortest first; one line where nothing known would."""
        lines = [say_flip(way, self.rules, lang) for way in self.flips.ways]
        lines += [say_flip(way, self.rules, lang) for way in self.criteria[:MOST_CRITERIA]]
        lines = lines or [say("explain.no_way", lang)]
        return [*lines, say("explain.list_stands", lang)] if self.listed and self.flips.ways else lines

    def gaps(self, lang: Language) -> list[str]:
        """Write what is missing to the decision."""
        if self.computed is not None:
            return [say("explain.nothing_missing", lang)]
        return say_missing(self.missing, self.rules, lang) or [say("explain.cannot_decide", lang)]

    def text(self, lang: Language | None = None) -> str:
        """Write the whole explanation as plain lines."""
        lang = lang or language()
        lines = [f"{self.code}: {self.rules.label[lang]}", self.reason(lang)]
        lines += [text for text in [self.comparison(lang)] if text]
        lines += ["", say("explain.conditions", lang)]
        table, heading = self.table(lang), ""
        for row in table.to_dict("records"):
            if row.get("outcome", "") != heading:
                heading = row["outcome"]
                lines.append(f"  {heading}:")
            facts = "; ".join(row[name] for name in ("value", "threshold", "distance") if row[name])
            lines.append(f"  {row['answer'][0]} {row['condition']}: {facts or row['answer'][2:]} [{row['article']}]")
        lines += ["", say("explain.what_changes", lang), *(f"  - {line}" for line in self.changes(lang))]
        lines += ["", say("explain.what_is_missing", lang), *(f"  - {line}" for line in self.gaps(lang))]
        return "\n".join(lines)

    def as_data(self) -> dict[str, Any]:
        """Return the explanation as plain values, ready for JSON."""
        rows = self.rows.astype(object).where(self.rows.notna(), None)
        return {
            "commune_code": self.code,
            "ruleset": self.rules.id,
            "decision": self.decision,
            "computed": self.computed,
            "listed": self.listed,
            "document": self.document or None,
            "rows": rows.to_dict("records"),
            "flips": [_flip_data(way) for way in self.flips.ways],
            "criteria": [_flip_data(way) for way in self.criteria],
            "missing": {
                "figures": [gap.name for gap in self.missing.figures],
                "sets": [[gap.name for gap in gaps] for gaps in self.missing.sets],
                "complete": self.missing.complete,
                "smallest": {name: [gap.name for gap in gaps] for name, gaps in self.missing.smallest.items()},
                "needed": [gap.name for gap in self.missing.needed],
                "thresholds": [{"test": each.test, "reason": each.reason} for each in self.missing.thresholds],
            },
            "text": {"vi": self.text("vi"), "en": self.text("en")},
        }

    def _repr_html_(self) -> str:
        lang = language()
        table = self.table(lang).rename(columns=lambda name: say(f"explain.column_{name}", lang))
        parts = [
            f"<h3>{escape(self.code)}: {escape(self.rules.label[lang])}</h3>",
            f"<p>{escape(self.reason(lang))}</p>",
        ]
        if comparison := self.comparison(lang):
            parts.append(f"<p>{escape(comparison)}</p>")
        parts.append(table.to_html(index=False, escape=True, border=0))
        for title, lines in (("what_changes", self.changes(lang)), ("what_is_missing", self.gaps(lang))):
            items = "".join(f"<li>{escape(line)}</li>" for line in lines)
            parts.append(f"<h4>{escape(say(f'explain.{title}', lang))}</h4><ul>{items}</ul>")
        return "".join(parts)

    def _belongs(self, leaf: Leaf, lang: Language) -> str:
        """Name the outcomes whose own rule holds a condition, or the scope, or what chooses the levels."""
        rules = self.rules
        if rules.scope is not None and leaf.id in {each.id for each in leaves(rules.scope)}:
            return say("explain.of_scope", lang)
        owners = [
            each.label[lang]
            for each in rules.outcomes
            if each.when is not None and leaf.id in {inner.id for inner in leaves(each.when)}
        ]
        return "; ".join(owners) or say("explain.of_levels", lang)

    def _row(self, leaf: Leaf, answer: str, gap: Any, lang: Language) -> tuple[str, ...]:
        word = f"explain.row_{answer}" if self.rules.criteria else f"explain.answer_{answer}"
        said = f"{_SIGNS[answer]} {say(word, lang)}"
        place = cite(leaf, self.rules, lang)
        if not isinstance(leaf, Test):
            return leaf.label[lang], "", "", "", said, place
        value, column = self.ground.value(0, leaf.indicator), leaf.column
        shown = self._unseen(leaf, answer, lang) if value is None else say_value(value, column, lang)
        limits = [applied.limit for applied, mask in self.ground.limits[leaf.id] if mask[0]]
        limit = say_limit(leaf.comparison, limits[0], column, lang) if len(limits) == 1 else say_threshold(leaf, lang)
        if leaf.set_by and limits in ([], [None]):
            limit = say(f"law.set_by_{leaf.set_by}", lang)
        unit = say("law.unit_points", lang) if unit_read(column) == "%" else say_unit(column.unit, lang)
        size = "" if pd.isna(gap) else say_number(as_read(float(gap), column), lang, near=(0.0,))
        distance = f"{size} {unit}".rstrip() if size else ""
        return leaf.label[lang], shown, limit, distance, said, place

    def _unseen(self, leaf: Test, answer: str, lang: Language) -> str:
        """Say why a condition without a figure may still have an answer: it was assessed, or its bounds decide."""
        judged = assessed_signs(self.ground.facts, self.rules, (leaf.id, leaf.code))[0] != UNKNOWN
        if judged:
            return say("explain.shown_assessed", lang)
        low, high = (self._bound(f"{leaf.indicator}_{end}") for end in ("low", "high"))
        if answer == "unknown" or low is None or high is None:
            return say("law.no_figure", lang)
        bounds = {"low": say_number(as_read(low, leaf.column), lang), "high": say_value(high, leaf.column, lang)}
        return say("explain.shown_bounds", lang, **bounds)

    def _bound(self, name: str) -> float | None:
        units = self.ground.facts.units
        found = units[name].iloc[0] if name in units else pd.NA
        return None if pd.isna(found) else float(found)


def why(verdicts: Verdicts, code: str, ruleset: str) -> Explanation:
    """Explain one unit under one rule set.

    Parameters
    ----------
    verdicts : Verdicts
        From :func:`geontm.classify.evaluate_all`.
    code : str
        Key of the unit.
    ruleset : str
        Id of one of the rule sets that were asked.

    Raises
    ------
    RuleError
        No such rule set or unit was asked.
    """
    names = [ruling.rules.id for ruling in verdicts.rulings]
    ruling = next((each for each in verdicts.rulings if each.rules.id == ruleset), None)
    if ruling is None:
        raise RuleError("explain.unknown_ruleset", where=ruleset, ruleset=ruleset, known=", ".join(names))
    if code not in ruling.facts.units.index:
        raise RuleError("explain.unknown_unit", where=ruleset, code=code)
    ground = Ground(replace(ruling.facts, units=ruling.facts.units.loc[[code]]), ruling.rules)
    decided = ruling.decisions.set_index(ruling.decisions.columns[0]).loc[code]
    return Explanation(
        code=code,
        rules=ruling.rules,
        decision=_text(decided["outcome"]),
        computed=_text(decided["computed"]),
        listed=bool(decided["source"] == "listed"),
        document=_text(decided["document"]) or "",
        rows=ruling.explained([code]),
        flips=flips_in(ground, 0),
        criteria=nearest_criteria(ground, 0),
        missing=missing_in(ground, 0),
        ground=ground,
    )


def briefs(verdicts: Verdicts) -> pd.DataFrame:
    """Write for every unit and rule set one line on what would change its verdict and one on what is missing.

    Returns
    -------
    DataFrame, columns ``BRIEF_COLUMNS``
        Only rows with something to tell. Sets of more than ``MOST_CONDITIONS`` conditions and scored sets are left
        out: a page names their open criteria instead, and :func:`why` explains one unit in full.
    """
    return briefs_and_gaps(verdicts)[0]


def briefs_and_gaps(verdicts: Verdicts) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the lines of :func:`briefs`, and name each thing that an open verdict waits for in a row of its own.

    Returns
    -------
    briefs : DataFrame, columns ``BRIEF_COLUMNS``
    gaps : DataFrame, columns ``GAP_COLUMNS``
        Of the same rule sets. ``kind`` is ``figure``, ``assessment`` or ``ruling`` with the name of what is not known,
        or the reason why a threshold decides nothing (``unverified``, ``not_established``, ``national_figure``,
        ``province``, ``ministry``) with the id of the condition.
    """
    lines: list[tuple[str, ...]] = []
    gaps: list[tuple[str, ...]] = []
    for ruling in verdicts.rulings:
        if ruling.rules.answers and not ruling.rules.criteria and len(ruling.rules.leaves) <= MOST_CONDITIONS:
            for code, told, waits in _told(ruling):
                if any(told):
                    lines.append((code, ruling.rules.id, *told))
                gaps += [(code, ruling.rules.id, *each) for each in waits]
    return (
        pd.DataFrame(lines, columns=pd.Index(BRIEF_COLUMNS), dtype="str"),
        pd.DataFrame(gaps, columns=pd.Index(GAP_COLUMNS), dtype="str"),
    )


def _told(ruling: Ruling) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """Yield the lines of one rule set and what it waits for, unit by unit; units with the same figures share them."""
    rules = ruling.rules
    ground = Ground(ruling.facts, rules)
    told: dict[tuple[Any, ...], tuple[tuple[str, ...], list[tuple[str, ...]]]] = {}
    for row, code in enumerate(ruling.facts.units.index):
        listed = code in ruling.listed.index
        key = (listed, *(ground.value(row, name) for name in rules.indicators), *ground.signs_of(row).items())
        if key not in told:
            flip, missing = nearest_flip(ground, row, is_told), missing_in(ground, row)
            lines = (
                *(brief_change(flip, rules, lang, listed=listed) for lang in ("vi", "en")),
                *(brief_missing(missing, lang) for lang in ("vi", "en")),
            )
            told[key] = (lines, _waits(missing))
        yield (str(code), *told[key])


def _waits(missing: Missing) -> list[tuple[str, ...]]:
    """List what a verdict waits for: the figures that it cannot do without, else all that could decide; thresholds."""
    figures = [(gap.kind, gap.name, gap.label) for gap in missing.needed or missing.figures]
    thresholds = [(each.reason, each.test, each.label) for each in missing.thresholds]
    return [(kind, name, label.vi, label.en) for kind, name, label in (*figures, *thresholds)]


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _flip_data(way: Flip) -> dict[str, Any]:
    moves: list[dict[str, Any]] = [
        {
            "name": move.name,
            "kind": move.kind,
            "from": move.before,
            "to": move.after,
            "bound": move.bound or None,
            "change": move.difference,
            "unit": move.column.unit if move.column else None,
            "improvement": move.improvement,
        }
        for move in way.changes
    ]
    presumed: Sequence[str] = [move.name for move in way.presumed]
    return {"target": way.target, "improvements": way.improvements, "changes": moves, "presumed": list(presumed)}
