"""The result in sentences, for the first pages of a report."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geontm.publish.content import Content, communes_table
from geontm.publish.offered import column_of
from geontm.publish.spelt import amount, in_sentence
from geontm.publish.summaries import summary_table, weight_of
from geontm.publish.theme import as_shown
from geontm.publish.words.account import issue_summary
from geontm.publish.words.overview import marked_label, priority_rows, unit_names, verdict_columns
from geontm.publish.words.programme import progress_told
from geontm.publish.words.wording import figure, lower_first, share, words
from geontm.tables import list_briefly

__all__ = ["summary"]

_TOLD = (
    "poor_household_pct", "near_poor_household_pct", "income_per_person_million_vnd", "clean_water_pct",
    "hygienic_water_pct", "water_service_pct", "rural_access_pct", "connected_village_pct", "hardened_road_pct",
    "grid_electricity_pct", "centre_travel_min",
)  # fmt: skip
# In the order in which laws name them.
_KINDS = {"xã": "commune", "phường": "ward", "thị trấn": "township", "đặc khu": "zone", "": "unknown"}


def summary(content: Content) -> tuple[str, ...]:
    """Tell the result in sentences, each from figures of the run."""
    table = communes_table(content)
    return (
        _scope(content, table),
        *_people(content, table),
        *_verdicts(content, table),
        *_means(content, table),
        *_first(content),
        *progress_told(content),
        issue_summary(content),
    )


def _scope(content: Content, table: pd.DataFrame) -> str:
    lang = content.lang
    kinds = table["kind"].fillna("").astype("str").value_counts()
    known = [kind for kind in _KINDS if kind in kinds]
    parts = [
        words(f"kind_{_KINDS[kind]}{'_one' if kinds[kind] == 1 else ''}", lang, n=int(kinds[kind])) for kind in known
    ]
    parts += [f"{figure(kinds[kind], lang)} {kind}" for kind in sorted(set(kinds.index) - set(known))]
    provinces = list(dict.fromkeys(table.sort_values("province_code")["province_name"].astype("str")))
    key = "summary_scope" if len(provinces) > 1 else "summary_scope_one"
    named = list_briefly([in_sentence(name, lang) for name in provinces], most=6)
    return words(key, lang, n=len(table), kinds=", ".join(parts), m=len(provinces), provinces=named)


def _people(content: Content, table: pd.DataFrame) -> list[str]:
    lang, told = content.lang, []
    for name, unit in (("population", "people"), ("area_km2", "area")):
        if name not in table or not table[name].notna().any():
            continue
        known = int(table[name].notna().sum())
        total = figure(table[name].astype("Float64").sum(), lang, 0)
        key = f"summary_{unit}" if known == len(table) else f"summary_{unit}_known"
        said = words(key, lang, total=total, known=known, n=len(table), without=len(table) - known)
        told.append(_marked(content, name, said))
    return told


def _marked(content: Content, name: str, sentence: str) -> str:
    """Say at the end of a sentence that its figures are constructed, where they are."""
    if name not in content.illustrative:
        return sentence
    return words("marked_illustrative", content.lang, label=sentence.removesuffix(".")) + "."


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
        unknown = int(regions.isna().sum())
        said = words("summary_regions_unknown" if unknown else "summary_regions", lang, **counts, unknown=unknown)
        told.append(_marked(content, "development_region", said))
    return told


def _means(content: Content, table: pd.DataFrame) -> list[str]:
    """Give the mean of the main indicators, weighed as the provinces' summary weighs them, with both ends named."""
    lang, told = content.lang, []
    everything = summary_table(table.assign(whole="1"), content.dictionary, by=("whole",)).iloc[0]
    for name in _TOLD:
        if name not in table or table[name].notna().sum() < 2:
            continue
        values = as_shown(name, table.set_index("commune_code")[name]).astype("Float64").dropna().sort_index()
        column = column_of(content, name)
        low, high = float(values.min()), float(values.max())
        named: dict[str, Any] = {
            "label": marked_label(content, name), "known": len(values), "n": len(table),
            "low": amount(low, column, lang), "high": amount(high, column, lang),
            "lowest": _holders(content, values, low), "highest": _holders(content, values, high),
        }  # fmt: skip
        key, weight = "summary_same" if low == high else "summary_spread", weight_of(column, table)
        counted = int(everything.get(f"{name}_known_count", 0))
        # A unit counts in a mean where its weight is known too.
        if low != high and weight and counted and not pd.isna(mean := everything.get(f"{name}_of_known")):
            key, by = "summary_mean", lower_first(column_of(content, weight).label[lang])
            told_of = words(
                "mean_of_all" if counted == len(table) else "mean_of_known", lang, known=counted, n=len(table)
            )
            named |= {"mean": amount(mean, column, lang), "weight": by, "of": told_of}
        told.append(words(key, lang, **named))
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
