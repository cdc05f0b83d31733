"""What a page of the atlas says of a unit: its rulings, its figures beside those of its province, what is unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from geontm.messages import Language, say
from geontm.publish.content import Content
from geontm.publish.offered import bounds_of, card_columns, column_of, missing_of
from geontm.publish.paper.text import clean
from geontm.publish.paper.wording import unit_word, whole
from geontm.publish.reasons import reasons
from geontm.publish.spelt import amount, decimals, figure, unit_of
from geontm.publish.years import as_shown
from geontm.tables import Column

__all__ = ["HEADED", "MET", "NOT_MET", "UNKNOWN", "Facts", "Figure", "Ruling", "facts_of", "number_text", "ranked_rows",
           "years_of"]  # fmt: skip

NOT_MET, MET, UNKNOWN = 0, 1, 2
_REGION = "development_region"
_NOT_RANKED = frozenset({_REGION, "exit_year"})  # names, not amounts
HEADED = frozenset({"population", "priority_score", "priority_rank"})  # stand at the top of the page


@dataclass(frozen=True)
class Figure:
    """A row of the table of figures.

    Attributes
    ----------
    label, unit, year, value : str
        As printed; the value of what is not known is empty.
    rank : str
        Place among the units of the province that have a figure, highest first, ``3–5/54`` where three share it; empty
        for words.
    low, high : str
        Ends of the province's range; empty where there is none to show.
    place : float or None
        Where the value lies in that range, from 0 to 1.
    illustrative : bool
        The figure is constructed.
    known : bool
    """

    label: str
    unit: str
    year: str
    value: str
    rank: str = ""
    low: str = ""
    high: str = ""
    place: float | None = None
    illustrative: bool = False
    known: bool = True


@dataclass(frozen=True)
class Ruling:
    """What a rule set says of a unit.

    Attributes
    ----------
    id, label, document : str
    answer : int
        ``NOT_MET``, ``MET`` or ``UNKNOWN``.
    told : tuple of str
        The conclusion with its reason, what would change it, what is missing to it.
    conditions : tuple of (int, str)
        Answer and reason of every condition that says more than the conclusion.
    """

    id: str
    label: str
    document: str
    answer: int
    told: tuple[str, ...]
    conditions: tuple[tuple[int, str], ...] = ()
    illustrative: bool = False


@dataclass(frozen=True)
class Facts:
    """One page: everything it says, in words that the shipped fonts can print.

    Attributes
    ----------
    code, name, province_code, province : str
    about : tuple of (str, str)
        Code, kind, province, area, population, priority: a word and what it is.
    members : tuple of str
        Codes of the communes of the unit.
    missing : tuple of (str, str)
        Columns without a value, and what that means: no figure, not decided.
    district : str
        Of a commune before July 2025; else empty.
    """

    code: str
    name: str
    province_code: str
    province: str
    about: tuple[tuple[str, str], ...]
    members: tuple[str, ...]
    rulings: tuple[Ruling, ...]
    figures: tuple[Figure, ...]
    missing: tuple[tuple[str, str], ...]
    district: str = ""

    @property
    def illustrative(self) -> bool:
        """Whether anything on the page rests on constructed figures."""
        return any(each.illustrative for each in self.figures) or any(each.illustrative for each in self.rulings)


def facts_of(content: Content) -> list[Facts]:
    """Gather the pages of the communes of a run, sorted by province, district and code.

    Returns
    -------
    list of Facts, one per unit
        A unit without an outline or without a single figure has its page as well.
    """
    lang = content.lang
    units = content.units.sort_index()
    codes = tuple(map(str, units.index))
    provinces = units["province_code"].astype("object").fillna("")
    columns = [name for name in card_columns(content) if name not in HEADED]
    tables = {name: _figures(content, name, provinces) for name in columns}
    empty = {name: missing_of(content, name)[lang] for name in columns}
    rulings = _rulings(content, codes)
    headed = _headed(content, units)
    found = []
    for k, code in enumerate(codes):
        rows = {name: tables[name][k] for name in columns}
        named = clean(_text(units["commune_name"].iloc[k])) or code
        found.append(
            Facts(
                code=code,
                name=named,
                province_code=str(provinces.iloc[k]),
                province=clean(_text(units["province_name"].iloc[k])),
                about=tuple(
                    (say(f"paper.atlas_{key}", lang), values[k]) for key, values in headed.items() if values[k]
                ),
                members=(code,),
                rulings=tuple(rulings[k]),
                figures=tuple(row for row in rows.values() if row.known),
                missing=tuple((row.label, empty[name]) for name, row in rows.items() if not row.known),
                district=headed["district"][k],
            )
        )
    place = units["district_code"].fillna("") if "district_code" in units else pd.Series("", units.index)
    return sorted(found, key=lambda each: (each.province_code, str(place[each.code]), each.code))


def _headed(content: Content, units: pd.DataFrame) -> Mapping[str, list[str]]:
    """Say what stands at the top of a page, by the key of its word; empty where it is not told."""
    lang, wide = content.lang, content.wide.reindex(units.index)
    nothing = missing_of(content, "area_km2")[lang]
    area = [nothing] * len(units)
    if "area_km2" in units:
        column = column_of(content, "area_km2")
        area = [number_text(value, column, lang, unit=True) or nothing for value in units["area_km2"]]
    nothing = missing_of(content, "population")[lang]
    people = [nothing] * len(units)
    if "population" in wide:
        years, column = years_of(content, "population"), column_of(content, "population")
        for k, (code, value) in enumerate(zip(units.index, wide["population"], strict=True)):
            told = number_text(value, column, lang, unit=True)
            people[k] = f"{told} ({years[code]})" if told and code in years else told or nothing
        if "population" in content.illustrative:
            people = [f"{text} *" if text != nothing else text for text in people]
    headed = {
        "code": [str(code) for code in units.index],
        "kind": [clean(_text(value)) for value in units["kind"]],
        "province": [clean(_text(value)) for value in units["province_name"]],
        "district": [clean(_text(value)) for value in units.get("district_name", pd.Series(pd.NA, units.index))],
        "area": area,
        "population": people,
    }
    score, rank = _priority(content, units)
    return {**headed, "score": score, "rank": rank}


def _priority(content: Content, units: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Say score and rank of each unit with what they could be; empty where the project ranks nothing."""
    lang, table = content.lang, content.priority.reindex(units.index)
    nothing = [""] * len(units)
    if "priority_score" not in table:
        return nothing, nothing
    mark = " *" if "priority_score" in content.illustrative else ""
    # A rank with its interval is one among all units, those with open scores too.
    ranked = content.priority.reindex(columns=["priority_rank", "rank_best"]).notna().any(axis=1)
    count = int(ranked.sum())

    def told(value: str, low: str, high: str) -> list[str]:
        texts, column, empty = [], column_of(content, value), missing_of(content, value)[lang]
        for row in table.reindex(columns=[value, low, high]).itertuples(index=False, name=None):
            one, *ends = (number_text(each, column, lang) for each in row)
            span = say("publish.page_rank_between", lang, a=ends[0], b=ends[1]) if all(ends) else ""
            if one and span and ends[0] != ends[1]:
                texts.append(say("paper.atlas_could_be", lang, value=one, span=span))
            else:
                texts.append(one or span or empty)
        return texts

    score = [text + mark for text in told("priority_score", "priority_score_low", "priority_score_high")]
    if "priority_rank" not in table:
        return score, nothing
    ranks = told("priority_rank", "rank_best", "rank_worst")
    return score, [say("paper.atlas_rank_of", lang, rank=text, n=whole(count, lang)) + mark for text in ranks]


def _figures(content: Content, name: str, provinces: pd.Series) -> list[Figure]:
    """Return the row of a column for every unit."""
    lang, column = content.lang, column_of(content, name)
    values = as_shown(name, content.wide[name].reindex(provinces.index))
    about: dict[str, Any] = {
        "label": clean(column.label[lang]),
        "unit": unit_word(unit_of(column), lang),
        "illustrative": name in content.illustrative,
    }
    years = years_of(content, name)
    codes = [str(code) for code in provinces.index]
    if column.type not in ("number", "integer") or column.choices or name in _NOT_RANKED:
        words = [_named(value, name) if name in _NOT_RANKED else _word(value, column, lang) for value in values]
        return [
            Figure(**about, year=years.get(code, ""), value=text, known=bool(text))
            for code, text in zip(codes, words, strict=True)
        ]
    year = [years.get(code, "") for code in codes]
    write = partial(number_text, column=column, lang=lang)
    return ranked_rows(values, provinces, _bounds(content, name, values.index), year=year, about=about, write=write)


def ranked_rows(
    values: pd.Series, provinces: pd.Series, open_texts: Sequence[str], *, year: Sequence[str],
    about: Mapping[str, Any], write: Callable[[object], str],
) -> list[Figure]:  # fmt: skip
    """Return a row for each unit: its number with its rank and its place among those of its province.

    Parameters
    ----------
    values : Series, n rows
        Numbers as shown; unknown ones are missing.
    provinces : Series, n rows
        By what they are ranked.
    open_texts : sequence of str, n
        What is said where the number is unknown; empty: nothing is known.
    year : sequence of str, n
    about : mapping
        ``label``, ``unit``, ``illustrative``.
    write : callable
        Writes one of the numbers.
    """
    values = values.astype("Float64")
    groups = values.groupby(provinces)
    table = pd.DataFrame(
        {
            "value": values,
            "rank": groups.rank(method="min", ascending=False),
            "last": groups.rank(method="max", ascending=False),
            "of": groups.transform("count"),
            "low": groups.transform("min"),
            "high": groups.transform("max"),
        }
    ).astype("Float64")
    rows = []
    numbers: list[Any] = list(table.itertuples(index=False))
    for k, row in enumerate(numbers):
        if pd.isna(row.value):
            rows.append(Figure(**about, year=year[k], value=open_texts[k], known=bool(open_texts[k])))
            continue
        ends: dict[str, Any] = {"low": write(row.low), "high": write(row.high)} if row.high > row.low else {}
        place = float((row.value - row.low) / (row.high - row.low)) if ends else None
        shared = f"–{int(row.last)}" if row.last > row.rank else ""
        rank = f"{int(row.rank)}{shared}/{int(row.of)}" if row.of > 1 else ""
        rows.append(Figure(**about, year=year[k], value=write(row.value), rank=rank, place=place, **ends))
    return rows


def _named(value: object, name: str) -> str:
    """Write a region as the law does, and a year without a sign for thousands."""
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    number = int(float(str(value)))
    return "I" * number if name == _REGION else str(number)


def _bounds(content: Content, name: str, index: pd.Index) -> list[str]:
    """Say between what an open measure lies; empty where nothing is known of it."""
    lang, found, column = content.lang, bounds_of(content, name), column_of(content, name)
    if found is None:
        return [""] * len(index)
    texts = []
    for low, high in zip(*(as_shown(name, each.reindex(index)) for each in found), strict=True):
        a, b = number_text(low, column, lang), number_text(high, column, lang)
        if a and b:
            texts.append(say("publish.page_span", lang, a=a, b=b))
        elif a or b:
            texts.append(say("publish.page_at_least_value" if a else "publish.page_at_most_value", lang, a=a or b))
        else:
            texts.append("")
    return texts


def years_of(content: Content, name: str) -> dict[str, str]:
    """Return the year of each unit's newest figure; a measure has the age of its layers and is told as measured."""
    rows = content.figures_by_name.get(name)
    if rows is None:
        return {}
    newest = rows.sort_values("year", kind="stable").drop_duplicates("commune_code", keep="last")
    measured = say("paper.atlas_measured", content.lang)
    how = newest["how"] if "how" in newest else pd.Series("", newest.index)
    return {
        str(code): measured if made == "measured" else "" if pd.isna(year) else str(int(year))
        for code, year, made in zip(newest["commune_code"], newest["year"], how, strict=True)
    }


def _rulings(content: Content, codes: tuple[str, ...]) -> list[list[Ruling]]:
    """Return the rulings of each unit, in the order of the project's rule sets."""
    lang = content.lang
    told = reasons(content, codes)
    texts = [clean(pair[0] if lang == "vi" else pair[1]) for pair in told["texts"]]
    pages = []
    for rows, briefs in zip(told["rows"], told["briefs"], strict=True):
        rulings = []
        for number, ruleset in enumerate(told["rulesets"]):
            mine = [(told["tests"][test][1], answer, texts[text]) for test, answer, _, text in rows
                    if told["tests"][test][0] == number]  # fmt: skip
            if mine:
                lines = [line for each, *line in briefs if each == number]
                rulings.append(_ruling(ruleset, mine, lines, texts, lang))
        pages.append(rulings)
    return pages


def _ruling(
    ruleset: Mapping[str, object], rows: Sequence[tuple[str, int, str]], briefs: Sequence[Sequence[int]],
    texts: Sequence[str], lang: Language,
) -> Ruling:  # fmt: skip
    label = ruleset["label"]
    verdict = [row for row in rows if row[0] == ruleset["id"]] or [("", UNKNOWN, "")]
    told = [text for _, _, text in verdict if text]
    for change, missing in briefs:
        for key, text in (("changes", change), ("missing", missing)):
            if text >= 0:
                told.append(f"{say(f'publish.page_{key}', lang)} {texts[text]}")
    said = set(told)
    # A list that decides gives all its conditions one and the same reason.
    conditions = [(answer, text) for test, answer, text in rows if test != ruleset["id"] and text not in said]
    return Ruling(
        id=str(ruleset["id"]),
        label=clean(label[lang] if isinstance(label, dict) else label),
        document=clean(ruleset["document"]),
        answer=verdict[0][1],
        told=tuple(told),
        conditions=tuple(dict.fromkeys(conditions)),
        illustrative=bool(ruleset["illustrative"]),
    )


def _word(value: object, column: Column, lang: Language) -> str:
    """Return a word of a column as it is shown; empty where nothing is known, a dash where it is known to be none."""
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if value == "":
        return "–"
    if column.type == "boolean":
        return say("publish.page_yes" if value else "publish.page_no", lang)
    text = figure(float(value), "en") if isinstance(value, int | float) else str(value)
    known = [column.choices.get(part) for part in text.split(", ")]
    shown = ", ".join(each[lang] for each in known if each is not None) if known and all(known) else text
    return clean(shown)


def number_text(value: object, column: Column, lang: Language, *, unit: bool = False) -> str:
    """Write a value as shown with the decimals of its column, and its unit; empty where it is unknown."""
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    number = float(value)  # type: ignore[arg-type]
    return clean(amount(number, column, lang)) if unit else figure(number, lang, decimals(column))


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
