"""One layer of a map worked out for the units of a run: values, classes, colours, counts, origin.

Pages, paper, thumbnails and QGIS styles all draw the same :class:`Theme`; none of them classifies by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geontm.messages import Language, say
from geontm.publish.classes import breaks, class_of
from geontm.publish.content import Content, measure_of
from geontm.publish.offered import column_of, label_of
from geontm.publish.styles import Category, LayerStyle, MapStyle
from geontm.tables import Label

__all__ = ["NO_DATA", "Origin", "Theme", "as_shown", "origin_of", "plain_number", "plain_values", "theme_of"]

NO_DATA = "#9a978f"
_PALETTE_FALLBACK = "#4d4d4d"


@dataclass(frozen=True)
class Origin:
    """Years and files behind a column; a measure has the age of its layers, which no year of the project tells."""

    years: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    measured: bool = False


@dataclass(frozen=True, eq=False)
class Theme:
    """One layer of a map, for the units of a run sorted by code.

    Attributes
    ----------
    style : LayerStyle
    label, short : Label
        Of the legend, and of a button.
    unit : str
        Unit of the values; ``%`` for shares, which are shown in percent.
    values : Series, n rows, index ``commune_code``
        As shown; missing is unknown.
    classes : array of int, n
        Class or category of each unit; -1 where the value is unknown.
    colours : tuple of str
        ``#rrggbb`` per class.
    breaks : tuple of float
        Inner bounds of a choropleth's classes ``[a, b)``; empty for categories.
    categories : tuple of Category
        Of a category layer, values that the style does not name among them.
    missing : Label
        What an empty value says.
    """

    style: LayerStyle
    label: Label
    short: Label
    unit: str
    values: pd.Series
    classes: NDArray[np.int64]
    colours: tuple[str, ...]
    missing: Label
    breaks: tuple[float, ...] = ()
    categories: tuple[Category, ...] = ()
    origin: Origin = field(default_factory=Origin)
    note: Label | None = None
    illustrative: bool = False

    @property
    def counts(self) -> list[int]:
        """Units per class."""
        return [int(n) for n in np.bincount(self.classes[self.classes >= 0], minlength=len(self.colours))]

    @property
    def unknown(self) -> int:
        """Units without a value."""
        return int((self.classes < 0).sum())

    def class_labels(self, lang: Language) -> list[str]:
        """Name each class as a legend does: *dưới 20*, *20 – dưới 30*, *từ 30*."""
        if self.style.kind == "category":
            return [category.label[lang] for category in self.categories]
        if not self.breaks:
            known = self.values.dropna()
            return [plain_number(float(known.iloc[0]), lang)] if len(known) else []
        cuts = [plain_number(cut, lang) for cut in self.breaks]
        inner = [say("publish.page_between", lang, a=a, b=b) for a, b in pairwise(cuts)]
        return [say("publish.page_below", lang, a=cuts[0]), *inner, say("publish.page_from", lang, a=cuts[-1])]


def theme_of(content: Content, style: MapStyle, layer: LayerStyle) -> Theme:
    """Work out a layer of a map.

    Parameters
    ----------
    content : Content
    style : MapStyle
        The map that the layer belongs to; it may shorten labels.
    layer : LayerStyle
        Of one column; patterns are spelt out by :func:`geontm.publish.offered.layers_with_data`.
    """
    name = layer.column
    values = as_shown(name, content.wide[name].reindex(content.units.sort_index().index))
    column = column_of(content, name)
    label, short = label_of(content, style, name)
    about: dict[str, Any] = {
        "style": layer,
        "label": label,
        "short": short,
        "unit": "%" if _is_share(name) else column.unit,
        "values": values,
        "missing": layer.missing or Label(say("publish.page_no_data", "vi"), say("publish.page_no_data", "en")),
        "origin": origin_of(content, name),
        "note": column.note or None,
        "illustrative": name in content.illustrative,
    }
    if layer.kind == "category":
        return Theme(**about, **_categories(layer, values))
    numbers = np.asarray(values.astype("Float64").to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)
    bounds = breaks(numbers[~np.isnan(numbers)], layer.classes, layer.method)
    palette = layer.palette[::-1] if column.better == "high" else layer.palette
    colours = tuple(_spread(palette, len(bounds) + 1))
    return Theme(**about, breaks=tuple(bounds), classes=class_of(numbers, bounds), colours=colours)


def _categories(layer: LayerStyle, values: pd.Series) -> dict[str, Any]:
    """Give each category its number; a value that the style does not name is shown under its own name, never hidden."""
    words = [None if value is None else _category(value) for value in plain_values(values)]
    others = sorted({word for word in words if word is not None} - {each.value for each in layer.categories})
    spread = _spread(layer.palette, len(others)) if layer.palette and others else []
    spread += [_PALETTE_FALLBACK] * (len(others) - len(spread))
    added = [Category(word, colour, Label(word, word)) for word, colour in zip(others, spread, strict=False)]
    found = (*layer.categories, *added)
    number = {each.value: k for k, each in enumerate(found)}
    classes = np.array([-1 if word is None else number[word] for word in words], dtype=np.int64)
    return {"categories": found, "classes": classes, "colours": tuple(each.colour for each in found)}


def origin_of(content: Content, name: str) -> Origin:
    """Tell what is behind a column of the wide table: for each unit the newest row not after ``as_of``."""
    rows = content.indicators
    if not len(rows) or "indicator" not in rows:
        return Origin()
    rows = rows[(rows["indicator"] == measure_of(name)) & rows["value"].notna()]
    rows = rows[rows["year"].isna() | (rows["year"] <= content.as_of.year)]
    newest = rows.sort_values(["commune_code", "year"]).drop_duplicates("commune_code", keep="last")
    sources = tuple(sorted({str(s) for s in newest["source_file"].dropna()}))
    if len(newest) and "how" in newest and newest["how"].eq("measured").all():
        return Origin((), sources, measured=True)
    return Origin(tuple(sorted({int(y) for y in newest["year"].dropna()})), sources)


def as_shown(name: str, values: pd.Series) -> pd.Series:
    """Return values as they are shown: shares (0 to 1 in tables) in percent."""
    return values.astype("Float64") * 100 if _is_share(name) else values


def plain_number(value: float, lang: Language) -> str:
    """Write a number for a legend, to eight digits after the point, with the language's own signs."""
    text = f"{value:,.8f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text


def plain_values(column: pd.Series) -> list[Any]:
    """Plain values: numbers to ten digits, booleans, texts; None where unknown."""
    return [_plain(value) for value in column]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        number = float(f"{float(value):.10g}")
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    return str(value)


def _category(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_share(name: str) -> bool:
    return measure_of(name).endswith("_share")


def _spread(palette: Sequence[str], classes: int) -> list[str]:
    """Take as many colours as there are classes, from one end of the ramp to the other."""
    if classes >= len(palette):
        return list(palette)
    return [palette[round(k * (len(palette) - 1) / max(1, classes - 1))] for k in range(classes)]
