"""What the atlas says of a district: its communes with their verdicts, and what adds up over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from geontm.messages import Language, say
from geontm.publish.content import Content, communes_table
from geontm.publish.offered import card_columns, column_of, missing_of, undecided
from geontm.publish.paper.atlas_facts import (
    HEADED,
    MET,
    NOT_MET,
    UNKNOWN,
    Facts,
    Figure,
    Ruling,
    number_text,
    ranked_rows,
    years_of,
)
from geontm.publish.paper.text import clean
from geontm.publish.paper.wording import unit_word, whole
from geontm.publish.spelt import unit_of
from geontm.publish.summaries import DISTRICT, summary_table, with_above
from geontm.publish.years import as_shown
from geontm.tables import Column

__all__ = ["Count", "DistrictFacts", "Member", "district_facts"]

_REGIONS = ("I", "II", "III")


@dataclass(frozen=True)
class Member:
    """A commune in the table of its district: an answer for each rule set, None where it judges it not."""

    code: str
    name: str
    answers: tuple[int | None, ...]
    population: str
    rank: str


@dataclass(frozen=True)
class Count:
    """How many communes of a district a rule set answers how: by ``NOT_MET``, ``MET``, ``UNKNOWN``, and not judged."""

    label: str
    document: str
    answers: tuple[int, int, int]
    not_judged: int
    illustrative: bool = False


@dataclass(frozen=True)
class DistrictFacts(Facts):
    """The page of a district; its rulings and those of its communes are counted.

    Attributes
    ----------
    counts : tuple of Count
        One for each rule set.
    communes : tuple of Member
        By code.
    not_summed : tuple of str
        Columns that do not add up to one figure of a district.
    """

    counts: tuple[Count, ...] = ()
    communes: tuple[Member, ...] = ()
    not_summed: tuple[str, ...] = ()

    @property
    def illustrative(self) -> bool:
        """Whether anything on the page rests on constructed figures."""
        constructed = any(each.illustrative for each in self.counts)
        return constructed or any("*" in each.rank for each in self.communes) or super().illustrative


def district_facts(content: Content, communes: Sequence[Facts]) -> list[DistrictFacts]:
    """Gather the pages of the districts of a run, sorted by province and code.

    Parameters
    ----------
    content : Content
        Units of before July 2025; those that have no district come last, on a page of their own.
    communes : sequence of Facts
        :func:`geontm.publish.paper.atlas_facts.facts_of` of the same content.

    Returns
    -------
    list of DistrictFacts
        Sums and weighted means are those of ``districts.csv``: unknown where a commune lacks the figure, with what is
        known of the others beside it.
    """
    lang = content.lang
    table = communes_table(content)
    missing = [name for name in DISTRICT if name not in table]
    table = table.assign(**{name: pd.Series(pd.NA, table.index, dtype="str") for name in missing})
    sums = with_above(summary_table(table, content.dictionary, by=DISTRICT), content.above, "district")
    members = table.groupby(list(DISTRICT), sort=True, dropna=False)["commune_code"].agg(list).reset_index()
    sums = sums.merge(members, on=list(DISTRICT), how="left").rename(columns={"commune_code": "members"})
    provinces = sums["province_code"].astype("object").fillna("")
    columns = [name for name in card_columns(content) if name not in HEADED]
    rows = {name: _rows(content, name, sums, provinces) for name in columns}
    empty = {name: missing_of(content, name)[lang] for name in columns}
    not_summed = tuple(clean(column_of(content, name).label[lang]) for name in columns if not rows[name])
    known = {each.code: each for each in communes}
    rulings = _rulings(communes)
    nameless = say("paper.atlas_no_district", lang)
    people, ranks = _people(content), _ranks(content)
    found = []
    for k, row in enumerate(sums.itertuples()):
        codes = tuple(str(code) for code in sums["members"].iloc[k])
        figures = {name: rows[name][k] for name in columns if rows[name]}
        mine = [_member(known[code], list(rulings), people.get(code, ""), ranks.get(code, "")) for code in codes]
        columns_of_answers = zip(*(each.answers for each in mine), strict=True)
        found.append(
            DistrictFacts(
                code=_text(row.district_code),
                name=clean(_text(row.district_name)) or _text(row.district_code) or nameless,
                province_code=_text(row.province_code),
                province=clean(_text(row.province_name)),
                about=tuple(_about(content, sums.iloc[k], [known[code] for code in codes])),
                members=codes,
                rulings=(),
                figures=tuple(each for each in figures.values() if each.known),
                missing=tuple((each.label, empty[name]) for name, each in figures.items() if not each.known),
                counts=tuple(map(_count, rulings.values(), columns_of_answers)),
                communes=tuple(mine),
                not_summed=not_summed,
            )
        )
    return sorted(found, key=lambda each: (each.province_code, not each.code, each.code, each.name))


def _about(content: Content, sums: pd.Series, communes: Sequence[Facts]) -> list[tuple[str, str]]:
    lang = content.lang
    word = {key: say(f"paper.atlas_{key}", lang) for key in ("code", "province", "communes", "area", "population")}
    kinds: dict[str, int] = {}
    for each in communes:
        kind = dict(each.about).get(say("paper.atlas_kind", lang), "")
        kinds[kind or say("paper.atlas_unit", lang)] = kinds.get(kind or say("paper.atlas_unit", lang), 0) + 1
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0])))
    mark = " *" if "population" in content.illustrative else ""
    found = [
        (word["code"], _text(sums["district_code"])),
        (word["province"], clean(_text(sums["province_name"]))),
        (word["communes"], told),
        (word["area"], _sum(content, sums, "area_km2")),
        (word["population"], _sum(content, sums, "population") + mark),
    ]
    return [(key, value) for key, value in found if value]


def _sum(content: Content, sums: pd.Series, name: str) -> str:
    """Write a sum; where communes lack the figure, what the others have, and how many these are."""
    lang, column, told = content.lang, column_of(content, name), ""
    if name in sums:
        told = number_text(sums[name], column, lang, unit=True) or _part(sums, column, lang, unit=True)
    return told or missing_of(content, name)[lang]


def _part(sums: pd.Series, column: Column, lang: Language, *, unit: bool = False) -> str:
    name = column.name
    value = sums.get(f"{name}_of_known", pd.NA)
    if pd.isna(value):
        return ""
    shown = as_shown(name, pd.Series([value], dtype="Float64")).iloc[0]
    n, of = (whole(int(sums[key]), lang) for key in (f"{name}_known_count", "commune_count"))
    return say("paper.atlas_of_known", lang, value=number_text(shown, column, lang, unit=unit), n=n, of=of)


def _rows(content: Content, name: str, sums: pd.DataFrame, provinces: pd.Series) -> list[Figure]:
    """Return the row of a column for every district; none where it does not add up."""
    lang, column = content.lang, column_of(content, name)
    about: dict[str, Any] = {
        "label": clean(column.label[lang]),
        "unit": unit_word(unit_of(column), lang),
        "illustrative": name in content.illustrative,
    }
    rows: list[pd.Series] = [sums.iloc[k] for k in range(len(sums))]
    known, empty = years_of(content, name), missing_of(content, name)[lang]
    year = [_years([known.get(str(code), "") for code in row["members"]]) for row in rows]
    if name == "development_region" and "region_known_count" in sums:
        waiting = undecided(content, name)
        open_ = [int(waiting.reindex(row["members"]).sum()) for row in rows]
        texts = [_regions(row, n, lang) for row, n in zip(rows, open_, strict=True)]
    elif f"{name}_count" in sums and column.type == "boolean":
        texts = [_yes(row, name, empty, lang) for row in rows]
    elif name in sums and pd.api.types.is_numeric_dtype(sums[name].dtype):
        values = as_shown(name, sums[name])
        texts = [_open(row, column, lang) for row in rows]
        write = partial(number_text, column=column, lang=lang)
        return ranked_rows(values, provinces, texts, year=year, about=about, write=write)
    else:
        return []
    about["unit"] = ""
    return [Figure(**about, year=y, value=text, known=bool(text)) for y, text in zip(year, texts, strict=True)]


def _open(row: pd.Series, column: Column, lang: Language) -> str:
    """Say what is known of an open sum: its bounds, else what the communes with a figure have."""
    name = column.name
    ends = [as_shown(name, pd.Series([row.get(f"{name}{end}", pd.NA)], dtype="Float64")) for end in ("_low", "_high")]
    low, high = (number_text(each.iloc[0], column, lang) for each in ends)
    if low and high:
        return say("publish.page_span", lang, a=low, b=high)
    return _part(row, column, lang)


def _yes(row: pd.Series, name: str, empty: str, lang: Language) -> str:
    yes, known, of = (int(row[key]) for key in (f"{name}_count", f"{name}_known_count", "commune_count"))
    if not known:
        return ""
    text = say("paper.atlas_yes_count", lang, n=whole(yes, lang), of=whole(of, lang))
    return f"{text}; {empty}: {whole(of - known, lang)}" if known < of else text


def _regions(row: pd.Series, waiting: int, lang: Language) -> str:
    """Count the communes of each region, those of none, and the undecided ones."""
    known, of = int(row["region_known_count"]), int(row["commune_count"])
    if waiting == of:
        return ""
    parts = [f"{region}: {whole(int(row[f'region_{k}_count']), lang)}" for k, region in enumerate(_REGIONS, start=1)]
    others = {"none_of_these": of - known - waiting, "undecided": waiting}
    parts += [f"{say(f'publish.page_{key}', lang)}: {whole(n, lang)}" for key, n in others.items() if n]
    return "; ".join(parts)


def _years(years: Sequence[str]) -> str:
    """Return the years of the communes' figures as one, or as first and last."""
    known = sorted({each for each in years if each})
    return known[0] if len(known) == 1 else f"{known[0]}–{known[-1]}" if known else ""


def _rulings(communes: Sequence[Facts]) -> Mapping[str, Ruling]:
    """Return a ruling for each rule set that judges any of the communes, by its id, in the order of the project."""
    longest = sorted(communes, key=lambda each: -len(each.rulings))
    return {ruling.id: ruling for each in reversed(longest) for ruling in each.rulings} if communes else {}


def _member(facts: Facts, rulesets: Sequence[str], people: str, rank: str) -> Member:
    mine = {ruling.id: ruling.answer for ruling in facts.rulings}
    return Member(facts.code, facts.name, tuple(mine.get(each) for each in rulesets), people, rank)


def _count(ruling: Ruling, answers: Sequence[int | None]) -> Count:
    numbers = tuple(answers.count(each) for each in (NOT_MET, MET, UNKNOWN))
    return Count(ruling.label, ruling.document, numbers, answers.count(None), ruling.illustrative)  # type: ignore[arg-type]


def _people(content: Content) -> Mapping[str, str]:
    values = content.wide["population"] if "population" in content.wide else pd.Series(dtype="Float64")
    column = column_of(content, "population")
    return {str(code): number_text(value, column, content.lang) for code, value in values.items()}


def _ranks(content: Content) -> Mapping[str, str]:
    """Write the rank of each commune among all of the run, or between which ranks it lies."""
    table, column = (
        content.priority.reindex(columns=["priority_rank", "rank_best", "rank_worst"]),
        column_of(content, "priority_rank"),
    )
    mark = " *" if "priority_rank" in content.illustrative or "priority_score" in content.illustrative else ""
    found = {}
    for code, *cells in table.itertuples(name=None):
        rank, best, worst = (number_text(cell, column, content.lang) for cell in cells)
        span = f"{best}–{worst}" if best and worst and best != worst else ""
        found[str(code)] = (span or rank) + mark if span or rank else ""
    return found


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
