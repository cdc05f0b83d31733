"""How the figures of a report came about, and what was found wrong with them, in sentences."""

from __future__ import annotations

from collections import Counter

from geontm.messages import spelt_day
from geontm.publish.class_words import threshold_line
from geontm.publish.content import Content
from geontm.publish.offered import card_columns, column_of
from geontm.publish.origins import how_told
from geontm.publish.words.fields import IssueKind, IssueRow
from geontm.publish.words.wording import figure, words
from geontm.tables import Issue, issues_frame, list_briefly

__all__ = ["issue_kinds", "issue_rows", "issue_summary", "marks", "methods", "notices"]

_BRIEF = 160
LISTED = 50  # issues that the report lists; issues.csv has all


def notices(content: Content) -> tuple[str, ...]:
    """Say on the first page what is constructed."""
    lang = content.lang
    told = []
    if content.illustrative & set(content.wide.columns):
        labels = [column_of(content, name).label[lang] for name in content.dictionary if name in content.illustrative]
        shown = [name for name in labels if name]
        told.append(words("notice_illustrative", lang, names=list_briefly(shown, "; ", most=20)))
    if content.notes.schematic:
        told.append(words("notice_schematic", lang))
    return tuple(told)


def marks(content: Content) -> str:
    """Name in a few words what is constructed, for the foot of every page; empty where nothing is."""
    told = [words("mark_illustrative", content.lang)] if content.illustrative & set(content.wide.columns) else []
    told += [words("mark_schematic", content.lang)] if content.notes.schematic else []
    return " · ".join(told)


def methods(content: Content) -> tuple[str, ...]:
    """Say how boundaries, measures, classes and the ranking came about."""
    lang, notes = content.lang, content.notes
    told = [words("method_boundaries", lang, source=notes.source[lang])]
    if notes.date:
        told.append(words("method_boundaries_date", lang, day=spelt_day(notes.date, lang)))
    told.append(words("method_crs", lang, crs=notes.crs))
    told.append(words("method_schematic" if notes.schematic else "method_measured", lang))
    if notes.border_tolerance_m is not None:
        told.append(words("method_border", lang, m=figure(notes.border_tolerance_m, lang)))
    told += [
        words("method_ruleset", lang, label=note.label[lang], document=note.cited(lang))
        for note in content.rulesets
        if note.document
    ]
    told.append(words("method_answers", lang))
    if doubtful := _unverified(content):
        told.append(words("method_unverified", lang, n=doubtful))
    told += _doubtful_limits(content)
    told.append(words("method_newest", lang, day=spelt_day(content.as_of, lang)))
    told += _worked_out(content)
    told.append(words("method_fingerprint", lang, fingerprint=content.fingerprint))
    return tuple(told)


def _worked_out(content: Content) -> list[str]:
    """Say of the columns that stand in no file how they came about, the score of priority with its weights."""
    lang = content.lang
    named: dict[str, list[str]] = {}
    for name in card_columns(content):
        label = column_of(content, name).label[lang]
        if how := how_told(content, name, lang).removeprefix(f"{label}: "):
            named.setdefault(how, []).append(label)
    told = [f"{'; '.join(labels)}: {how}" for how, labels in named.items()]
    parts = [str(name).removeprefix("part_") for name in content.priority if str(name).startswith("part_")]
    if parts and not how_told(content, "priority_score", lang):
        labels = "; ".join(column_of(content, name).label[lang] for name in parts)
        told.append(words("method_ranking", lang, names=labels))
    return told


def _unverified(content: Content) -> int:
    """Count conditions whose threshold was never verified or established, so that it decides nothing."""
    doubts = ("unverified", "not_established")
    return sum(each.doubt in doubts for note in content.rulesets for each in note.conditions)


def _doubtful_limits(content: Content) -> list[str]:
    """Name the limits that were recalled and not yet seen in the text."""
    lang = content.lang
    return [
        words(
            "method_unverified_one", lang, label=column_of(content, name).label[lang], line=threshold_line(limit, lang)
        )
        for name in sorted(content.thresholds)
        for limit in content.thresholds[name]
        if not limit.verified
    ]


def issue_summary(content: Content) -> str:
    """Count what was found in the data, by severity."""
    counts = Counter(issue.severity for issue in content.issues)
    if not counts:
        return words("issues_none", content.lang)
    return words(
        "issues_summary", content.lang, errors=counts["error"], warnings=counts["warning"], infos=counts["info"]
    )


def issue_kinds(content: Content) -> tuple[IssueKind, ...]:
    """Count findings by what they say, gravest and most frequent first, each with its first text."""
    lang = content.lang
    order = {"error": 0, "warning": 1, "info": 2}
    first: dict[tuple[str, str], Issue] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for issue in content.issues:
        key = (issue.severity, issue.message.id)
        first.setdefault(key, issue)
        counts[key] += 1
    ranked = sorted(first, key=lambda key: (order[key[0]], -counts[key], key[1]))
    return tuple(
        IssueKind(words(f"severity_{key[0]}", lang), figure(counts[key], lang), first[key].message.text(lang))
        for key in ranked
    )


def _brief(text: str) -> str:
    """Cut what would fill a page in a narrow cell; the table of issues has it whole."""
    return f"{text[:_BRIEF]} …" if len(text) > _BRIEF else text or "–"


def issue_rows(content: Content) -> tuple[tuple[IssueRow, ...], str]:
    """List the first findings, errors first, and say how many more the table of issues has."""
    lang = content.lang
    table = issues_frame(content.issues, lang)
    rows = []
    for severity, file, sheet, row, column, value, reason, suggestion in table.head(LISTED).itertuples(index=False):
        place = [str(file), str(sheet)]
        place += [words("place_row", lang, row=row)] if row else []
        place += [words("place_column", lang, column=column)] if column else []
        rows.append(
            IssueRow(
                words(f"severity_{severity}", lang), _brief(", ".join(filter(None, place))), _brief(str(value)),
                str(reason), str(suggestion) or "–",
            )
        )  # fmt: skip
    left = len(table) - len(rows)
    return tuple(rows), words("issues_left", lang, n=left, shown=len(rows)) if left > 0 else ""
