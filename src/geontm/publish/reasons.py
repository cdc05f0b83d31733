"""What a card says of the verdicts: conditions and reasons by unit, each distinct text once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from geontm.messages import say
from geontm.publish.content import Content, RuleSetNote
from geontm.tables import Label

__all__ = ["reasons"]

_ANSWERS = {"met": 1, "not_met": 0, "unknown": 2}
_READ = ("commune_code", "ruleset", "test", "article", "threshold", "reason_vi", "reason_en", "answer", "value")


def reasons(content: Content, codes: tuple[str, ...]) -> dict[str, Any]:
    """List conditions and reasons by unit; rows point to the distinct conditions and texts.

    Parameters
    ----------
    content : Content
        Of a scored rule set a card shows how many criteria are met and those that are not, by name; not every one of
        its indicators.
    codes : tuple of str
        The units of the page, in its order.

    Returns
    -------
    dict
        ``rulesets`` (``illustrative``: its verdicts rest on constructed figures), ``tests`` (ruleset, id, article,
        threshold), ``texts`` (vi, en), ``rows`` per unit (test, answer, value, text), ``briefs`` per unit (ruleset,
        text of what would change it, text of what is missing; -1 for none).
    """
    notes = {note.id: note for note in content.rulesets}
    rows = _shortened(content.verdicts, [note for note in content.rulesets if note.scored])
    # Units in the order of their codes; within a unit the tests keep the order of the law.
    rows = rows.sort_values("commune_code", kind="stable") if len(rows) else rows
    used = list(dict.fromkeys([*notes, *(str(r) for r in rows["ruleset"].unique())])) if len(rows) else []
    rulesets = [notes.get(name) or RuleSetNote(name, Label(name, name)) for name in used]
    resting = _resting(content)
    result: dict[str, Any] = {
        "rulesets": [
            {
                "id": n.id,
                "label": {"vi": n.label.vi, "en": n.label.en},
                "document": n.document,
                "scored": n.scored,
                "illustrative": n.id in resting,
            }
            for n in rulesets
        ],
        "tests": [],
        "texts": [],
        "rows": [[] for _ in codes],
        "briefs": [[] for _ in codes],
    }
    if not len(rows):
        return result
    texts = {name: _texts(rows[name]) for name in _READ}
    tests: dict[tuple[str, ...], int] = {}
    told: dict[tuple[str, ...], int] = {}
    test_of = _numbered([texts[n] for n in ("ruleset", "test", "article", "threshold")], tests)
    reason_of = _numbered([texts[n] for n in ("reason_vi", "reason_en")], told)
    order = {name: number for number, name in enumerate(used)}
    result["tests"] = [[order[ruleset], *rest] for ruleset, *rest in tests]
    place = {code: number for number, code in enumerate(codes)}
    answers = [_ANSWERS.get(answer, 2) for answer in texts["answer"]]
    for code, *row in zip(texts["commune_code"], test_of, answers, texts["value"], reason_of, strict=True):
        if code in place:
            result["rows"][place[code]].append(row)
    for found in result["rows"]:
        found.sort(key=lambda row: result["tests"][row[0]][0])
    for code, ruleset, *lines in content.briefs.fillna("").itertuples(index=False, name=None):
        if code in place and ruleset in order:
            change, missing = (told.setdefault(tuple(lines[i : i + 2]), len(told)) if lines[i] else -1 for i in (0, 2))
            result["briefs"][place[code]].append([order[ruleset], change, missing])
    result["texts"] = [list(pair) for pair in told]
    return result


def _resting(content: Content) -> set[str]:
    """Name the rule sets whose verdicts rest on constructed figures, as the scores tell it."""
    if "illustrative" not in content.scores:
        return set()
    return set(content.scores.loc[content.scores["illustrative"].fillna(False), "ruleset"])


def _shortened(rows: pd.DataFrame, notes: Sequence[RuleSetNote]) -> pd.DataFrame:
    """Keep of a scored set its verdict, in short, and the criteria that are not met or unknown."""
    if not len(rows) or not notes:
        return rows
    scored = {note.id for note in notes}
    criteria = {each.test for note in notes for each in note.conditions if each.number}
    mine = rows["ruleset"].isin(scored)
    verdict = mine & (rows["test"] == rows["ruleset"])
    criterion = mine & rows["test"].isin(criteria) & (rows["answer"] != "met")
    kept = rows[~mine | verdict | criterion].copy()
    short = (kept["test"] == kept["ruleset"]) & kept["ruleset"].isin(scored) & kept["value"].notna()
    # A list's own reason stands: it names its document.
    listed = short & ~kept["value"].fillna("").str.contains("/", regex=False)
    short &= ~listed
    counted = kept["value"].fillna("").str.partition("/")
    # All criteria met, yet undecided or not met: the law's own reason says what else is asked.
    short &= (kept["answer"] == "met") | (counted[0] != counted[2])
    for lang in ("vi", "en"):
        words = [
            say(f"publish.scored_{answer}", "vi" if lang == "vi" else "en", count=value)
            for answer, value in zip(kept.loc[short, "answer"], kept.loc[short, "value"], strict=True)
        ]
        kept.loc[short, f"reason_{lang}"] = words
    kept.loc[short, "value"] = pd.NA
    return kept


def _texts(column: pd.Series) -> list[str]:
    """Return texts, empty where there is none, in a list: a column of strings is slow to go through."""
    return [
        "" if missing else str(value) for value, missing in zip(column.to_numpy(object), column.isna(), strict=True)
    ]


def _numbered(columns: Iterable[Sequence[str]], seen: dict[tuple[str, ...], int]) -> list[int]:
    """Give every distinct tuple a number in order of first occurrence; return the number of each row."""
    return [seen.setdefault(row, len(seen)) for row in zip(*columns, strict=True)]
