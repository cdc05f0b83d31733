"""What a report says in sentences: its summary, how the figures came about, what was found wrong with them."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from geontm.messages import spelt_day
from geontm.publish.class_words import threshold_line
from geontm.publish.content import Content, communes_table
from geontm.publish.offered import column_of
from geontm.publish.summaries import summary_table
from geontm.publish.theme import as_shown
from geontm.publish.words.fields import IssueKind, IssueRow
from geontm.publish.words.overview import marked_label, priority_rows, unit_names, verdict_columns
from geontm.publish.words.wording import figure, share, words
from geontm.tables import Issue, issues_frame, list_briefly

__all__ = ["issue_kinds", "issue_rows", "issue_summary", "marks", "methods", "notices", "summary"]

_BRIEF = 160
LISTED = 50  # issues that the report lists; issues.csv has all
_TOLD = (
    "poor_household_pct", "near_poor_household_pct", "income_per_person_million_vnd", "clean_water_pct",
    "hygienic_water_pct", "water_service_pct", "rural_access_pct", "connected_village_pct", "hardened_road_pct",
    "grid_electricity_pct", "centre_travel_min",
)  # fmt: skip


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


def summary(content: Content) -> tuple[str, ...]:
    """Tell the result in sentences, each from figures of the run."""
    table = communes_table(content)
    return (
        _scope(content, table),
        *_people(content, table),
        *_verdicts(content, table),
        *_means(content, table),
        *_first(content),
        issue_summary(content),
    )


def _scope(content: Content, table: pd.DataFrame) -> str:
    lang = content.lang
    kinds = table["kind"].fillna(words("kind_unknown", lang)).astype("str").value_counts()
    parts = ", ".join(f"{figure(n, lang)} {_kind(kind, content)}" for kind, n in sorted(kinds.items()))
    provinces = list(dict.fromkeys(table.sort_values("province_code")["province_name"].astype("str")))
    key = "summary_scope" if len(provinces) > 1 else "summary_scope_one"
    return words(key, lang, n=len(table), kinds=parts, m=len(provinces), provinces=list_briefly(provinces, most=6))


def _kind(kind: object, content: Content) -> str:
    return words(f"kind_{_KINDS[str(kind)]}", content.lang) if str(kind) in _KINDS else str(kind)


_KINDS = {"xã": "commune", "phường": "ward", "đặc khu": "zone", "thị trấn": "township"}


def _people(content: Content, table: pd.DataFrame) -> list[str]:
    lang, told = content.lang, []
    for name, unit in (("population", "people"), ("area_km2", "area")):
        if name not in table or not table[name].notna().any():
            continue
        known = int(table[name].notna().sum())
        total = figure(table[name].astype("Float64").sum(), lang, 0)
        key = f"summary_{unit}" if known == len(table) else f"summary_{unit}_known"
        told.append(words(key, lang, total=total, known=known, n=len(table), without=len(table) - known))
    return told


def _verdicts(content: Content, table: pd.DataFrame) -> list[str]:
    lang, told, n = content.lang, [], len(table)
    regions = table.get("development_region")
    for name in verdict_columns(content):
        yes, unknown = int(table[name].eq(True).fillna(False).sum()), int(table[name].isna().sum())
        label = marked_label(content, name)
        key = "summary_verdict" if not unknown else "summary_verdict_unknown"
        if unknown == n:
            key = "summary_verdict_none"
        told.append(words(key, lang, label=label, yes=yes, n=n, share=share(yes, n, lang), unknown=unknown))
    if regions is not None and regions.notna().any():
        counts = {f"r{k}": int(regions.eq(k).fillna(False).sum()) for k in (1, 2, 3)}
        told.append(words("summary_regions", lang, **counts, unknown=int(regions.isna().sum())))
    return told


def _means(content: Content, table: pd.DataFrame) -> list[str]:
    """Give the mean of the main indicators, weighed as the provinces' summary weighs them, with both ends named."""
    lang, told = content.lang, []
    everything = summary_table(table.assign(whole="1"), content.dictionary, by=("whole",))
    for name in _TOLD:
        if name not in table or table[name].notna().sum() < 2:
            continue
        values = as_shown(name, table.set_index("commune_code")[name]).astype("Float64").dropna().sort_index()
        column = column_of(content, name)
        if values.min() == values.max():
            unit = "%" if column.unit == "%" else f" {column.unit}".rstrip()
            same = {"value": figure(values.min(), lang, 1), "unit": unit, "known": len(values), "n": len(table)}
            told.append(words("summary_same", lang, label=marked_label(content, name), **same))
            continue
        fields = {
            "label": marked_label(content, name), "unit": "%" if column.unit == "%" else f" {column.unit}".rstrip(),
            "known": len(values), "n": len(table),
            "low": figure(values.min(), lang, 1), "high": figure(values.max(), lang, 1),
            "lowest": _holders(content, values, float(values.min())),
            "highest": _holders(content, values, float(values.max())),
        }  # fmt: skip
        mean = everything[f"{name}_of_known"].iloc[0] if f"{name}_of_known" in everything else None
        weighed = mean is not None and not pd.isna(mean) and int(everything[f"{name}_known_count"].iloc[0]) > 0
        if weighed:  # a unit counts where its weight is known too
            fields["known"] = int(everything[f"{name}_known_count"].iloc[0])
        key = "summary_mean" if weighed else "summary_spread"
        told.append(words(key, lang, **fields, mean=figure(mean, lang, 1) if weighed else ""))
    return told


def _holders(content: Content, values: pd.Series, value: float) -> str:
    """Name the first unit that has a value, and how many others have it."""
    found = values.index[(values == value).to_numpy(dtype=bool)]
    name = unit_names(content)[found[0]]
    return words("and_others", content.lang, name=name, n=len(found) - 1) if len(found) > 1 else str(name)


def _first(content: Content) -> list[str]:
    lang, table = content.lang, content.priority
    if "priority_rank" not in table or not table["priority_rank"].notna().any():
        return []
    first = priority_rows(content)[0][:5]
    several = len(content.units["province_name"].unique()) > 1
    named = [
        words("summary_first_one", lang, name=f"{row.name}, {row.province}" if several else row.name, score=row.score)
        for row in first
    ]
    return [words("summary_first", lang, n=len(named), names="; ".join(named))]


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
        words("method_ruleset", lang, label=note.label[lang], document=note.document)
        for note in content.rulesets
        if note.document
    ]
    told.append(words("method_answers", lang))
    if len(content.verdicts) and (doubtful := _unverified(content)):
        told.append(words("method_unverified", lang, n=doubtful))
    told += _doubtful_limits(content)
    told.append(words("method_newest", lang, day=spelt_day(content.as_of, lang)))
    parts = [str(name).removeprefix("part_") for name in content.priority if str(name).startswith("part_")]
    if parts:
        labels = "; ".join(column_of(content, name).label[lang] for name in parts)
        told.append(words("method_ranking", lang, names=labels))
    told.append(words("method_fingerprint", lang, fingerprint=content.fingerprint))
    return tuple(told)


def _unverified(content: Content) -> int:
    """Count conditions whose threshold was never verified and so decides nothing."""
    rows = content.verdicts.drop_duplicates(["ruleset", "test", "reason_vi"])
    marks = [words(f"mark_{key}", "vi") for key in ("unverified", "not_established")]
    doubtful = rows["reason_vi"].astype("str").map(lambda text: any(mark in text for mark in marks))
    return int((rows[doubtful & (rows["test"] != rows["ruleset"])])[["ruleset", "test"]].drop_duplicates().shape[0])


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
