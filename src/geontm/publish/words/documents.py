"""The figures that documents print, what follows from them, and where they do not go together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from geontm.messages import Language, catalogue, say
from geontm.publish.content import Content
from geontm.publish.words.fields import DocumentFigure
from geontm.publish.words.marked import MARK, day_of, left_over, mark_of, text_of
from geontm.publish.words.wording import figure, words

__all__ = ["contradictions", "document_figures"]

LISTED = 100  # figures that the report lists; figures.csv has all
_TOLD = ("contradiction", "contradiction_open", "contradiction_stated", "no_contradiction", "differs")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_TABLES = re.compile(r"(?:[a-z]+_of|found_in) ([^.\s]+)")


def document_figures(content: Content) -> tuple[tuple[DocumentFigure, ...], str, tuple[str, ...]]:
    """List the figures of the section ``figures``, in its order; counts of the run itself stand elsewhere.

    Returns
    -------
    tuple of DocumentFigure
        ``source`` names documents by their number.
    str
        How many more there are; empty where none.
    tuple of str
        The documents with their numbers.
    """
    table = content.figures
    if "recipe" not in table:
        return (), "", ()
    # Counts that the run makes of itself carry neither source nor recipe.
    counted = table["key"].astype("str").map(lambda key: _is_count(content, key))
    bare = table[["recipe", "source", "note", "check"]].isna().all(axis=1)
    rows = table[~(counted & bare)]
    listed = rows.head(LISTED).to_dict("records")
    numbers = {name: f"[{place}]" for place, name in enumerate(_documents(listed), start=1)}
    shown = tuple(_figure(row, numbers, content.lang) for row in listed)
    left = left_over(len(rows) - len(shown), "figures", content.lang)
    return shown, left, tuple(f"{number} {name}" for name, number in numbers.items())


def _documents(rows: Sequence[Mapping[Any, Any]]) -> list[str]:
    return list(dict.fromkeys(filter(None, (text_of(row["source"]) for row in rows))))


def _is_count(content: Content, key: str) -> bool:
    columns = set(map(str, content.wide.columns))
    return key == "communes" or key in columns or key.rpartition("_")[0] in columns


def _figure(row: Mapping[Any, Any], numbers: Mapping[str, str], lang: Language) -> DocumentFigure:
    key, unit = str(row["key"]), text_of(row["unit"])
    named = f"figure_names.{key}"
    value = _spelt(text_of(row["value"]), lang) or words("no_data", lang)
    if not pd.isna(row["low"]) and not pd.isna(row["high"]):
        value = words("figure_between", lang, value=value, low=_end(row["low"], lang), high=_end(row["high"], lang))
    slug = "_".join(re.findall(r"[a-z0-9]+", unit.casefold()))
    spoken = f"figure_names.unit_{slug}"
    return DocumentFigure(
        label=say(named, lang) if named in catalogue() else key,
        value=value + mark_of(row),
        unit=(say(spoken, lang) if spoken in catalogue() else unit) or "–",
        day=day_of(row["as_of"], lang),
        how="; ".join(filter(None, (words(f"figure_{row['how']}", lang), _check(row, lang)))),
        source="; ".join(filter(None, (_behind(row, numbers, lang), text_of(row["note"])))) or "–",
    )


def _spelt(text: str, lang: Language) -> str:
    """Write a printed figure, or two as *16/19*, with the signs of the language; a text stands as it is."""
    parts = text.split("/")
    if len(parts) == 2:
        return "/".join(_spelt(part, lang) for part in parts)
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return text
    exponent = exact.as_tuple().exponent
    return figure(float(exact), lang, max(0, -exponent), fixed=True) if isinstance(exponent, int) else text


def _end(value: Any, lang: Language) -> str:
    """Write an end of an interval, without the zeros that a table pads it with."""
    try:
        return figure(float(value), lang, 4)
    except ValueError:
        return str(value)


def _check(row: Mapping[Any, Any], lang: Language) -> str:
    if pd.isna(row["check"]):
        return ""
    if row["check"] != "agrees":
        return words("figure_differs", lang, computed=_spelt(text_of(row["computed"]), lang))
    # A constructed table was made to agree: that proves nothing.
    agrees = words("figure_agrees", lang)
    return f"{agrees}\u00a0{MARK}" if row["computed_how"] == "constructed" else agrees


def _behind(row: Mapping[Any, Any], numbers: Mapping[str, str], lang: Language) -> str:
    """Name the source of a figure; of one that was worked out, its formula or the table that it was counted on."""
    if source := text_of(row["source"]):
        return numbers[source]
    recipe = text_of(row["recipe"])
    if counted := _TABLES.match(recipe):
        return words("figure_from_table", lang, table=counted[1])
    return _POINT.sub(",", recipe) if lang == "vi" else recipe


def contradictions(content: Content) -> tuple[str, ...]:
    """Repeat what the run found where figures of documents do not go together."""
    asked = tuple(f"figures.{key}" for key in _TOLD)
    return tuple(issue.message.text(content.lang) for issue in content.issues if issue.message.id in asked)
