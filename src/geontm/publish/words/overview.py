"""The tables of a report: units per verdict by province, the ranking, the indicators, what is not known."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geontm.publish.content import Content, communes_table
from geontm.publish.offered import card_columns, column_of, missing_of, undecided
from geontm.publish.origins import layers_behind
from geontm.publish.spelt import decimals, unit_of, unit_word
from geontm.publish.theme import as_shown, origin_of
from geontm.publish.words.fields import Area, AreaTable, GapRow, IndicatorRow, PriorityRow, SourceRow
from geontm.publish.words.wording import figure, upper_first, words
from geontm.tables import list_briefly

__all__ = [
    "area_table",
    "gap_rows",
    "indicator_rows",
    "marked_label",
    "priority_rows",
    "source_rows",
    "unit_names",
    "verdict_columns",
]

RANKED = 20  # communes of the ranking that the report lists
_UNITS = ("is_border", "is_mountainous", "is_extremely_difficult")
_NO_FIGURES = ("priority_rank", "priority_score", "development_region")


def verdict_columns(content: Content) -> list[str]:
    """Name the yes/no columns that rule sets fill, as the dictionary orders them."""
    found = [name for name in content.wide if name in _UNITS or str(name).startswith("meets_")]
    places = {name: place for place, name in enumerate(dict.fromkeys([*_UNITS, *content.dictionary]))}
    return sorted(map(str, found), key=lambda name: places.get(name, len(places)))


def marked_label(content: Content, name: str) -> str:
    """Return the label of a column; constructed figures are told with it."""
    label = upper_first(column_of(content, name).label[content.lang])
    return words("marked_illustrative", content.lang, label=label) if name in content.illustrative else label


def _region_label(content: Content, region: int) -> str:
    label = words("column_region", content.lang, region="I" * region)
    constructed = "development_region" in content.illustrative
    return words("marked_illustrative", content.lang, label=label) if constructed else label


def unit_names(content: Content) -> pd.Series:
    """Name the units by code; where there are several provinces, each with its own, for names repeat."""
    names: pd.Series = content.units["commune_name"].astype("str")
    provinces: pd.Series = content.units["province_name"].astype("str")
    return names + ", " + provinces if len(provinces.unique()) > 1 else names


def area_table(content: Content) -> AreaTable:
    """Count units per verdict by province, or district of a single one, with the people; the whole stands below.

    A verdict that is open everywhere takes no column; the note names it.
    """
    lang = content.lang
    table = communes_table(content)
    asked = [name for name in ("population", *verdict_columns(content), "development_region") if name in table]
    known = [name for name in asked if table[name].notna().any()]
    named = [name for name in known if name != "development_region"]
    columns = [words("column_units", lang), *(marked_label(content, name) for name in named)]
    regions = (3, 2, 1) if "development_region" in known else ()
    columns += [_region_label(content, region) for region in regions]
    waiting = undecided(content, "development_region") if regions else pd.Series(dtype=bool)

    def row(name: str, part: pd.DataFrame) -> Area:
        cells = [figure(len(part), lang)]
        for column in named:
            known = part[column].notna()
            count = part.loc[known, column].astype("Float64").sum()
            text = figure(count, lang, 0) if known.any() else ""
            cells.append(_with_gaps(text, int((~known).sum()), content, column))
        for region in regions:
            values = part["development_region"]
            count = int(values.eq(region).fillna(False).sum())
            unknown = int(waiting.reindex(part["commune_code"]).sum())
            text = figure(count, lang) if unknown < len(part) else ""
            cells.append(_with_gaps(text, unknown, content, "development_region"))
        return Area(name, tuple(cells))

    rows = tuple(row(name, part) for name, part in _areas(table, content))
    total = (row(words("whole", lang), table),) if len(rows) > 1 else ()
    left = [marked_label(content, name) for name in asked if name not in known]
    note = words("areas_left", lang, names="; ".join(left)) if left else ""
    return AreaTable(tuple(columns), rows, total, note)


def _areas(table: pd.DataFrame, content: Content) -> list[tuple[str, pd.DataFrame]]:
    """Divide the units by province; those of a single province by district, where they have one."""
    of = "province"
    if len(table["province_code"].unique()) == 1 and "district_code" in table and table["district_code"].notna().any():
        of = "district"
    found = []
    for _, part in table.groupby(f"{of}_code", sort=True, dropna=False):
        name = part[f"{of}_name"].iloc[0]
        found.append((words("area_unknown", content.lang) if pd.isna(name) else str(name), part))
    return found


def _with_gaps(text: str, unknown: int, content: Content, name: str) -> str:
    """Put beside a count or sum how many units it does not speak of: without a figure, or not decided."""
    if not unknown:
        return text
    if not text:
        return missing_of(content, name)[content.lang]
    decided = name in (*verdict_columns(content), "development_region")
    return words("cell_undecided" if decided else "cell_with_gaps", content.lang, text=text, n=unknown)


def priority_rows(content: Content) -> tuple[tuple[PriorityRow, ...], str]:
    """List the communes that come first, and say what the list leaves out."""
    lang, table = content.lang, content.priority
    if "priority_score" not in table or not table["priority_score"].notna().any():
        return (), words("priority_none", lang)
    figures = ("priority_rank", "priority_score", "rank_best", "rank_worst")
    keyed = table.reindex(columns=list(figures)).astype("Float64").sort_index()
    keyed = keyed[keyed["priority_score"].notna()]
    # The rank is the order; units that share a score, or have no rank, stand by score and code.
    keyed = keyed.sort_values("priority_score", ascending=False, kind="stable").sort_values(
        "priority_rank", kind="stable", na_position="last"
    )
    units = content.units.reindex(keyed.index[:RANKED])
    named = zip(units["commune_name"].astype("str"), units["province_name"].astype("str"), strict=True)
    rows = [
        PriorityRow(
            rank="–" if pd.isna(rank) else figure(rank, lang),
            name=name,
            province=province,
            score=figure(score, lang, 3, fixed=True),
            between=_between(low, high, content),
        )
        for (name, province), (rank, score, low, high) in zip(
            named, keyed.head(RANKED).itertuples(index=False, name=None), strict=True
        )
    ]
    without = len(table) - int(table["priority_rank"].notna().sum()) if "priority_rank" in table else 0
    told = [words("priority_note", lang, shown=len(rows), n=len(table))]
    told += [words("priority_gaps", lang, n=without)] if without else []
    told += [words("priority_illustrative", lang)] if "priority_score" in content.illustrative else []
    return tuple(rows), " ".join(told)


def _between(low: Any, high: Any, content: Content) -> str:
    lang = content.lang
    if pd.isna(low) or pd.isna(high):
        return "–"
    if low == high:
        return figure(low, lang)
    return words("between", lang, low=figure(low, lang), high=figure(high, lang))


def indicator_rows(content: Content) -> tuple[IndicatorRow, ...]:
    """Give the lowest, middle and highest known value of every indicator."""
    lang, rows = content.lang, []
    for name in _figures(content):
        column = column_of(content, name)
        if name.endswith("_year"):  # the middle of years says nothing
            continue
        values = as_shown(name, content.wide[name]).astype("Float64").dropna()
        unit = unit_word(unit_of(column), lang)
        origin = origin_of(content, name)
        spread = [None] * 3 if values.empty else [values.min(), values.median(), values.max()]
        digits = _digits(spread, decimals(column))
        lowest, median, highest = (figure(value, lang, digits, fixed=True) for value in spread)
        years = _years(origin.years) or (words("measured", lang) if origin.measured else "–")
        known = words("known_of", lang, known=len(values), n=len(content.wide))
        rows.append(IndicatorRow(marked_label(content, name), unit or "–", years, known, lowest, median, highest))
    return tuple(rows)


def _digits(values: list[Any], most: int) -> int:
    """Return the decimals that tell values as ``most`` would, so that those of a row stand in one way."""
    known = [float(value) for value in values if value is not None]
    return next((k for k in range(most) if all(round(v, k) == round(v, most) for v in known)), most)


def gap_rows(content: Content) -> tuple[GapRow, ...]:
    """Name what is not known, of how many units, and the first of them."""
    lang, rows = content.lang, []
    wide = content.wide.sort_index()
    names = unit_names(content)
    shown = [*_figures(content), *verdict_columns(content)]
    shown += ["development_region"] if "development_region" in wide else []
    for name in shown:
        missing = wide.index[undecided(content, name).reindex(wide.index)]
        if len(missing) == 0:
            continue
        which = words("all_units", lang) if len(missing) == len(wide) else list_briefly(names.loc[missing], "; ")
        rows.append(
            GapRow(
                marked_label(content, name),
                words("known_of", lang, known=len(missing), n=len(wide)),
                which,
            )
        )
    return tuple(rows)


def source_rows(content: Content) -> tuple[SourceRow, ...]:
    """Name every file that a figure came from, with years and indicators, then those that others were measured on."""
    lang, rows = content.lang, content.indicators
    rows = rows[rows["source_file"].notna()] if "source_file" in rows else rows.iloc[:0].assign(source_file="")
    order = {name: place for place, name in enumerate(content.dictionary)}
    found: list[SourceRow] = []
    before = ""
    for file, part in rows.groupby("source_file", sort=True):
        names = sorted(map(str, part["indicator"].unique()), key=lambda name: (order.get(name, len(order)), name))
        labels = "; ".join(column_of(content, name).label[lang] for name in names)
        years = tuple(sorted({int(year) for year in part["year"].dropna()}))
        shown = words("as_above", lang) if labels == before else labels
        found.append(SourceRow(str(file), _years(years) or "–", shown))
        before = labels
    for layer, columns in layers_behind(content).items():
        found.append(SourceRow(layer, "–", "; ".join(column_of(content, name).label[lang] for name in columns)))
    return tuple(found)


def _figures(content: Content) -> list[str]:
    """Name the columns with numbers that a card shows, verdicts and the ranking apart."""
    return [
        name
        for name in card_columns(content)
        if column_of(content, name).type in ("number", "integer") and name not in _NO_FIGURES
    ]


def _years(years: tuple[int, ...]) -> str:
    """Write years; a run of three and more as its ends."""
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}–{years[-1]}"
    return ", ".join(map(str, years))
