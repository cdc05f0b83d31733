"""Where the values of a column come from: years and files of figures; of what is worked out, how and from what."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geontm.messages import Language, say
from geontm.publish.content import Content, measure_of
from geontm.publish.offered import column_of
from geontm.tables import Label

__all__ = ["Origin", "how_told", "layers_behind", "origin_of", "sources_by_year"]


@dataclass(frozen=True)
class Origin:
    """Years and files behind a column; a measure has the age of its layers, which no year of the project tells.

    ``how`` tells how a column that stands in no file was worked out.
    """

    years: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    measured: bool = False
    how: Label | None = None


def origin_of(content: Content, name: str, *, year: int | None = None) -> Origin:
    """Tell what is behind a column of the wide table: the rows of a year, or each unit's newest not after ``as_of``.

    What is worked out from other columns names the files behind these.
    """
    derived = content.derived.get(measure_of(name)) if year is None else None
    if derived is None:
        return _of_figures(content, name, year)
    behind = _behind(content, measure_of(name), set())
    years = sorted({each for origin in behind for each in origin.years}) if derived.yearly else ()
    sources = {*derived.sources, *(each for origin in behind for each in origin.sources)}
    return Origin(tuple(years), tuple(sorted(sources)), derived.measured, derived.how)


def _behind(content: Content, name: str, seen: set[str]) -> list[Origin]:
    """Return the origins of what a column is worked out from, each once; a verdict may rest on its column as given."""
    seen.add(name)
    found = []
    for each in content.derived[name].inputs:
        if each in content.derived and each not in seen:
            derived = content.derived[each]
            found += [Origin((), derived.sources), *_behind(content, each, seen)]
        elif each not in content.derived or each == name:
            found.append(_of_figures(content, each, None))
    return found


def _of_figures(content: Content, name: str, year: int | None) -> Origin:
    rows = content.figures_by_name.get(measure_of(name))
    if rows is None:
        return Origin()
    if year is not None:
        rows = rows[rows["year"].eq(year).fillna(False)]
    newest = rows.sort_values("year", kind="stable").drop_duplicates("commune_code", keep="last")
    sources = _files(newest)
    if len(newest) and "how" in newest and newest["how"].eq("measured").all():
        return Origin((), sources, measured=True)
    return Origin(tuple(sorted({int(y) for y in newest["year"].dropna()})), sources)


def layers_behind(content: Content) -> dict[str, tuple[str, ...]]:
    """Name the files that columns were measured on or decided by and no figure stands in, each with those columns."""
    figures = set(content.indicators["source_file"].dropna()) if "source_file" in content.indicators else set()
    found: dict[str, list[str]] = {}
    for name, derived in content.derived.items():
        for file in derived.sources if name in content.wide else ():
            if file not in figures:
                found.setdefault(file, []).append(name)
    return {file: tuple(names) for file, names in sorted(found.items())}


def sources_by_year(content: Content, name: str) -> dict[int, tuple[str, ...]]:
    """Name the files behind each year of a column, as :func:`origin_of` does for one year."""
    rows = content.figures_by_name.get(measure_of(name))
    if rows is None:
        return {}
    known = rows[rows["year"].notna()].drop_duplicates(["commune_code", "year"], keep="last")
    return {int(year): _files(known[known["year"] == year]) for year in sorted(known["year"].unique())}


def how_told(content: Content, name: str, lang: Language) -> str:
    """Say in one line how a column was worked out and from which files, for documents; empty where it was given."""
    origin = origin_of(content, name)
    if origin.how is None:
        return ""
    told = f"{column_of(content, name).label[lang]}: {origin.how[lang]}"
    if not origin.sources:
        return told
    key = "publish.page_measured_from" if origin.measured else "publish.page_source"
    return f"{told} {say(key, lang, source=', '.join(origin.sources))}."


def _files(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(sorted(map(str, rows["source_file"].dropna().unique())))
