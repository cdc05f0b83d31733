"""Tables as a planner reads them in a notebook: labels, units, Vietnamese figures, gaps that say so.

Yes and no, met and not met differ by sign and by lightness, so that a copy in black and white tells them apart.
"""

from __future__ import annotations

import hashlib
import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geontm.messages import Language, language, say, spelt_day
from geontm.publish.annex.ground import roman
from geontm.publish.asked import known_column
from geontm.publish.content import BOUNDS, Content, communes_table, measure_of
from geontm.publish.offered import card_columns, column_of, missing_of
from geontm.publish.spelt import unit_of, unit_word
from geontm.publish.themed import origin_of
from geontm.publish.years import as_shown
from geontm.tables import Column, Label

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler
    from pandas.io.formats.style_render import CSSDict

__all__ = ["ROWS", "styled", "table_of"]

ROWS = 200
"""Rows that a cell shows unless more are asked for; the caption tells how many there are."""

_ANSWERS = {"met": ("✓", "met"), "not_met": ("✗", "not_met"), "unknown": ("?", "unknown")}
_HATCH = "repeating-linear-gradient(135deg,rgba(125,122,115,.28) 0 1.5px,transparent 1.5px 6px)"
_LOOK: list[CSSDict] = [
    {"selector": "", "props": "border-collapse:collapse;font-size:13px;line-height:1.4"},
    {"selector": "caption", "props": "caption-side:top;text-align:left;padding:0 0 6px;font-size:13px"},
    {"selector": "caption b", "props": "font-size:15px"},
    {
        "selector": "th",
        "props": "text-align:left;vertical-align:bottom;padding:5px 9px;border-bottom:2px solid currentColor",
    },
    {"selector": "th small", "props": "display:block;font-weight:400;opacity:.8"},
    {"selector": "td", "props": "text-align:left;padding:4px 9px;border-bottom:1px solid rgba(125,122,115,.35)"},
    {"selector": "td.gt-n", "props": "text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap"},
    {"selector": "th .gt-n", "props": "text-align:right"},
    {"selector": "td.gt-name", "props": "white-space:nowrap"},
    {"selector": "td.gt-none", "props": f"background:{_HATCH};font-style:italic;white-space:nowrap"},
    {"selector": "td.gt-yes", "props": "background:#1f3a4d;color:#fff;white-space:nowrap"},
    {"selector": "td.gt-no", "props": "background:#eef1f3;color:#1f2326;white-space:nowrap"},
    {"selector": "td.gt-met", "props": "background:#d0e6e2;color:#12312c;white-space:nowrap"},
    {"selector": "td.gt-not_met", "props": "background:#8c3f0a;color:#fff;white-space:nowrap"},
]


@dataclass(frozen=True)
class _Head:
    """A heading: what the column is called, and what stands below it."""

    label: str
    below: str
    figures: bool

    @property
    def html(self) -> str:
        small = f"<small>{html.escape(self.below)}</small>" if self.below else ""
        return f"<div{' class=gt-n' * self.figures}>{html.escape(self.label)}{small}</div>"


def table_of(
    content: Content, columns: Sequence[str] = (), *, by: str | None = None, rows: int | None = ROWS
) -> Styler:
    """Return some columns of a result as a table to look at.

    Parameters
    ----------
    content : Content
    columns : sequence of str
        Columns of the result; by default those that the card of a unit shows. Names of units stand before them.
    by : str, optional
        Column to sort by, what a planner looks for first: low values where high is better, else high ones; unknown
        last. By default units stand in the order of their codes.
    rows : int, optional
        Rows to show; None shows all. The caption says how many are left.

    Returns
    -------
    Styler

    Raises
    ------
    PublishError
        No such column (``notebook.unknown_column``, naming the nearest).
    """
    table, lang = communes_table(content), content.lang
    present = list(map(str, table.columns))
    chosen = [known_column(name, present, content.dictionary) for name in columns] or card_columns(content)
    chosen = [name for name in chosen if name in table]
    if by is not None:
        by = known_column(by, present, content.dictionary)
        table = _sorted(table, by, rising=column_of(content, by).better == "high")
        chosen = chosen if by in chosen else [by, *chosen]
    first = ["commune_code", "commune_name"]
    if len(set(table["province_code"])) > 1:
        first.append("province_name")
    # A measure that is open for some units takes its bounds along; its cells tell them.
    bounds = [f"{name}{end}" for name in chosen for end in BOUNDS if f"{name}{end}" in table]
    table = table[list(dict.fromkeys([*first, *chosen, *bounds]))]
    below = {name: _origin(content, name) for name in chosen}
    told = say("publish.page_as_of", lang, day=spelt_day(content.as_of, lang))
    marked = say("publish.page_illustrative", lang) if content.illustrative & set(chosen) else ""
    caption = (content.title, " · ".join(filter(None, (told, marked))))
    missing = {name: missing_of(content, name)[lang] for name in chosen}
    return styled(table, content.dictionary, lang=lang, below=below, caption=caption, rows=rows, missing=missing)


def styled(
    frame: pd.DataFrame,
    dictionary: Mapping[str, Column] | None = None,
    *,
    lang: Language | None = None,
    below: Mapping[str, str] | None = None,
    caption: tuple[str, str] = ("", ""),
    rows: int | None = ROWS,
    missing: Mapping[str, str] | None = None,
) -> Styler:
    """Return a table to look at: headings with labels and units, figures as the language writes them, gaps told.

    Parameters
    ----------
    frame : DataFrame, n rows
        Any table; outlines are left out, a named index becomes columns. Unchanged. ``X_low``, ``X_high`` beside ``X``
        are told in its open cells.
    dictionary : mapping of str to Column, optional
        Labels, units, words of categories; other columns are called as they are.
    lang : {"vi", "en"}, optional
        By default that of messages.
    below : mapping of str to str, optional
        A second line of headings beside the unit: years, origin.
    caption : tuple of str
        A title and what stands after it.
    rows : int, optional
        Rows to show; None shows all.
    missing : mapping of str to str, optional
        What an empty value of a column says; by default that there is no figure.

    Returns
    -------
    Styler
        Of the values themselves (shares in percent), every text escaped; the same table gives the same HTML.
    """
    from pandas.io.formats.style import Styler

    lang, dictionary = lang or language(), dictionary or {}
    given = _plain(frame)
    names = [str(name) for name in given.columns]
    ends = {name for name in names if measure_of(name) != name and measure_of(name) in names}
    places = [place for place, name in enumerate(names) if name not in ends]
    shown = given if rows is None else given.head(rows)
    data = pd.DataFrame({place: as_shown(names[place], shown.iloc[:, place]) if _numeric(shown.iloc[:, place])
                         else shown.iloc[:, place] for place in places})  # fmt: skip
    told = caption[1]
    if len(shown) < len(given):
        left = say("notebook.rows_shown", lang, n=len(shown), all=len(given))
        told = " · ".join(filter(None, (told, left)))
    digest = hashlib.sha256(repr((names, caption, data.to_csv())).encode("utf-8")).hexdigest()[:8]
    look = Styler(data, uuid=digest, cell_ids=False).hide(axis="index").set_table_styles(_LOOK)
    classes = pd.DataFrame("", index=data.index, columns=data.columns)
    gap = say("publish.page_no_data", lang)
    heads = []
    for place in places:
        name, values = names[place], data[place]
        column = dictionary.get(name) or Column(name, "text", Label(name, name))
        figures = _numeric(values) and name != "development_region" and not column.choices
        heads.append(_head(name, column, (below or {}).get(name, ""), lang, figures=figures))
        # A text that nobody describes may be empty for a reason; of all else a gap is a gap.
        known = name in dictionary or not pd.api.types.is_string_dtype(values)
        said = html.escape((missing or {}).get(name, gap)) if known else "–"
        look = look.format(_writer(name, column, values, lang), subset=[place], na_rep=said)
        classes[place] = _classes(name, values, figures=figures, gaps=known)
        for row, text in _open(shown, names, name, lang):
            look = look.format(na_rep=html.escape(text), subset=pd.IndexSlice[[row], [place]])
            classes.loc[row, place] = "gt-n"
    look = look.set_td_classes(classes).relabel_index([head.html for head in heads], axis=1)
    if any((caption[0], told)):
        title = f"<b>{html.escape(caption[0])}</b><br>" if caption[0] else ""
        look = look.set_caption(title + html.escape(told))
    return look


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table without outlines, with a named index as columns, its rows numbered."""
    keep = [place for place, dtype in enumerate(frame.dtypes) if str(dtype) != "geometry"]
    table = pd.DataFrame(frame).iloc[:, keep]
    named = [level for level, name in enumerate(frame.index.names) if name is not None]
    levels = [pd.Series(frame.index.get_level_values(level), name=frame.index.names[level]) for level in named]
    return pd.concat([*levels, table.reset_index(drop=True)], axis=1)


def _sorted(table: pd.DataFrame, by: str, *, rising: bool) -> pd.DataFrame:
    return table.sort_values([by, "commune_code"], ascending=[rising, True], na_position="last", kind="stable")


def _origin(content: Content, name: str) -> str:
    years = origin_of(content, name).years
    span = "" if not years else str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    marked = say("publish.page_illustrative", content.lang) if name in content.illustrative else ""
    return " · ".join(filter(None, (span, marked)))


def _head(name: str, column: Column, below: str, lang: Language, *, figures: bool) -> _Head:
    unit = unit_word(unit_of(column), lang)
    return _Head(column.label[lang], " · ".join(filter(None, (unit, below))), figures)


def _numeric(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)


def _is_truth(value: object) -> bool:
    return isinstance(value, (bool, np.bool_))


def _writer(name: str, column: Column, values: pd.Series, lang: Language) -> Callable[[Any], str]:
    """Return what writes one known value of a column as escaped text."""
    digits = _digits(values) if _numeric(values) else 0
    regions = name == "development_region"
    answers = _is_answer(name, values)

    def write(value: Any) -> str:
        if _is_truth(value):
            sign, key = ("✓", "page_yes") if value else ("–", "page_no")
            return f"{sign}\u00a0{html.escape(say(f'publish.{key}', lang))}"
        if answers:
            sign, key = _ANSWERS[value]
            return f"{sign}\u00a0{html.escape(say(f'notebook.answer_{key}', lang))}"
        if regions and value in (1, 2, 3):
            return roman(int(value))
        choice = column.choices.get(str(value))
        if choice is not None:
            return html.escape(choice[lang])
        return _figure(value, digits, lang) if _numeric(values) else html.escape(str(value))

    return write


def _digits(values: pd.Series) -> int:
    """Return how many digits after the point a column needs, two at most; one column has the same everywhere."""
    known = [float(value) for value in values.dropna() if math.isfinite(value)]
    return next((n for n in (0, 1) if all(abs(round(value, n) - value) < 5e-7 for value in known)), 2)


def _figure(value: float, digits: int, lang: Language) -> str:
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text


def _is_answer(name: str, values: pd.Series) -> bool:
    known = set(map(str, values.dropna().unique())) if not _numeric(values) else set()
    return name in ("answer", "outcome", "verdict") and bool(known) and known <= set(_ANSWERS)


def _classes(name: str, values: pd.Series, *, figures: bool, gaps: bool) -> list[str]:
    answers = _is_answer(name, values)
    plain = "gt-n" if figures else "gt-name" if name.endswith(("_name", "_code")) else ""
    found = []
    for value in values:
        if pd.api.types.is_scalar(value) and pd.isna(value):
            found.append("gt-none" if gaps else "")
        elif answers:
            found.append("gt-none" if value == "unknown" else f"gt-{value}")
        elif _is_truth(value):
            found.append("gt-yes" if value else "gt-no")
        else:
            found.append(plain)
    return found


def _open(shown: pd.DataFrame, names: list[str], name: str, lang: Language) -> list[tuple[int, str]]:
    """Return the rows where a measure is open and what is known of it there."""
    ends = [names.index(f"{name}{end}") if f"{name}{end}" in names else None for end in BOUNDS]
    if ends == [None, None] or measure_of(name) != name:
        return []
    unsaid = pd.Series(pd.NA, index=shown.index, dtype="Float64")
    low, high = (unsaid if end is None else as_shown(name, shown.iloc[:, end]) for end in ends)
    digits = _digits(pd.concat([low, high]))
    told = []
    gaps = shown.iloc[:, names.index(name)].isna() & (low.notna() | high.notna())
    for row in shown.index[gaps]:
        a, b = (None if pd.isna(end[row]) else _figure(float(end[row]), digits, lang) for end in (low, high))
        if a is not None and b is not None:
            told.append((int(row), f"{a} – {b}"))
        else:
            key = "page_at_most_value" if a is None else "page_at_least_value"
            told.append((int(row), say(f"publish.{key}", lang, a=b if a is None else a)))
    return told
