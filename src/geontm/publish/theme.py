"""One layer of a map worked out for the units of a run: values, classes, colours, counts, origin.

Pages, paper, thumbnails and QGIS styles all draw the same :class:`Theme`; none of them classifies by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geontm.messages import say
from geontm.publish.bivariate import two_columns
from geontm.publish.class_words import plain_number
from geontm.publish.classes import Cut, breaks, class_of, cuts_around, cuts_of
from geontm.publish.content import Content, Threshold
from geontm.publish.offered import column_of
from geontm.publish.ramps import spread, two_sided
from geontm.publish.styles import Category, Found, LayerStyle, MapStyle
from geontm.publish.themed import NO_DATA, Axis, Origin, Theme, about, numbers_of, origin_of, plain_values, ten_digits
from geontm.publish.years import as_shown, is_share, series_of
from geontm.tables import Column, Label

__all__ = [
    "NO_DATA",
    "Axis",
    "Origin",
    "Theme",
    "as_shown",
    "origin_of",
    "plain_number",
    "plain_values",
    "theme_of",
]

_PALETTE_FALLBACK = "#4d4d4d"


def theme_of(content: Content, style: MapStyle, layer: LayerStyle, *, year: int | None = None) -> Theme:
    """Work out a layer of a map.

    Parameters
    ----------
    content : Content
    style : MapStyle
        The map that the layer belongs to; it may shorten labels.
    layer : LayerStyle
        Patterns are spelt out by :func:`geontm.publish.offered.layers_with_data`. A column of words or of yes and no
        is shown by category whatever the layer says.
    year : int, optional
        A year that the column has figures of; by default the newest figure of each unit. Bounds are common to all.
    """
    if layer.kind == "bivariate":
        return two_columns(content, style, layer)
    name = layer.column
    column = column_of(content, name)
    series = series_of(content, name)
    values = newest = as_shown(name, content.wide[name].reindex(content.units.sort_index().index))
    if year is not None:
        values = series[year] if series is not None and year in series else newest.where(newest.isna())
    told = about(content, style, layer, values, year=year)
    if layer.kind == "category" or column.type not in ("number", "integer"):
        return Theme(**told, **_categories(layer, column, values))
    pooled = newest if series is None else pd.concat([newest, *(series[each] for each in series)])
    known = numbers_of(pooled)
    known = known[~np.isnan(known)]
    found = _classes(content, layer, column, known) if known.size else {"colours": ()}
    bounds, below = found.get("breaks", ()), found.get("below", ())
    years = () if series is None else tuple(map(int, series.columns))
    whole = bool(known.size) and column.type == "integer" and bool((known == np.round(known)).all())
    return Theme(**told, **found, classes=class_of(numbers_of(values), bounds, below), years=years, whole=whole)


def _classes(content: Content, layer: LayerStyle, column: Column, known: NDArray[np.float64]) -> dict[str, Any]:
    """Find bounds and colours for the known values of a column."""
    limits = tuple(_shown(layer.column, each) for each in content.thresholds.get(layer.column, ()))
    found: Found = "fisher_jenks" if layer.method in ("law", "given") else layer.method  # type: ignore[assignment]
    palette, middle, method = layer.palette, None, found
    cuts = [Cut(bound) for bound in breaks(known, layer.classes, found)] if layer.around is None else []
    if layer.method == "law" and limits:
        cuts, method = cuts_of((each.value, each.comparison) for each in limits), "law"  # type: ignore[assignment]
    apart = _zero_apart(layer, known)
    if apart is not None:
        palette = palette[1:]  # the palest is too near the colour of nothing
        cuts = [Cut(0.0, below=True), *(Cut(bound) for bound in breaks(known[known > 0], layer.classes - 1, found))]
    if layer.around is not None:
        turn = _middle(layer.around, limits)
        half = len(palette) // 2
        if turn is None:  # no threshold: one side of the ramp, light to dark
            palette = palette[:half][::-1]
            cuts = [Cut(bound) for bound in breaks(known, half, found)]
        else:
            cuts, middle = cuts_around(known, turn, half, found)
    shown = tuple(_on(cut, limits) if layer.by_law else () for cut in cuts)
    if middle is not None:
        turned = palette[::-1] if column.better != "high" else palette
        colours = two_sided(turned, middle + 1, len(cuts) - middle)
    else:
        colours = spread(palette[::-1] if column.better == "high" else palette, len(cuts) + (apart is None))
    return {
        "breaks": tuple(cut.value for cut in cuts),
        "below": tuple(cut.below for cut in cuts),
        "colours": (apart.colour, *colours) if apart is not None else tuple(colours),
        "first": apart.label if apart is not None else None,
        "method": method,
        "limits": shown,
        "middle": middle,
    }


def _zero_apart(layer: LayerStyle, known: NDArray[np.float64]) -> Category | None:
    """Return the class of nothing at all, where a style sets it apart and some values are 0, others above it."""
    plain = layer.around is None and layer.method != "law"
    return layer.zero if plain and known.min() == 0 and known.max() > 0 else None


def _middle(around: float | str, limits: Sequence[Threshold]) -> Cut | None:
    """Choose the bound that a two-sided ramp turns at: of several thresholds the first verified one for all units."""
    if not isinstance(around, str):
        return Cut(float(around))
    if not limits:
        return None
    first = min(limits, key=lambda each: (not each.verified, bool(each.groups)))
    return cuts_of([(first.value, first.comparison)])[0]


def _shown(name: str, threshold: Threshold) -> Threshold:
    return replace(threshold, value=ten_digits(threshold.value * (100 if is_share(name) else 1)))


def _on(cut: Cut, limits: Sequence[Threshold]) -> tuple[Threshold, ...]:
    return tuple(each for each in limits if cut in cuts_of([(each.value, each.comparison)]))


def _categories(layer: LayerStyle, column: Column, values: pd.Series) -> dict[str, Any]:
    """Give each category its number; a value that the style does not name is shown, never hidden.

    It is called as the dictionary calls it, else by itself.
    """
    words = [None if value is None else _category(value) for value in plain_values(values)]
    others = sorted(
        {word for word in words if word is not None} - {each.value for each in layer.categories}, key=_order
    )
    ramp = layer.palette or (_PALETTE_FALLBACK,)
    colours = spread(ramp, len(others)) if len(ramp) > 1 else ramp * len(others)
    added = [Category(word, colour, _called(word, column)) for word, colour in zip(others, colours, strict=True)]
    found = (*layer.categories, *added)
    number = {each.value: k for k, each in enumerate(found)}
    classes = np.array([-1 if word is None else number[word] for word in words], dtype=np.int64)
    return {"categories": found, "classes": classes, "colours": tuple(each.colour for each in found)}


def _order(word: str) -> tuple[float, str]:
    """Order numbers by value, words by themselves after them; yes before no."""
    try:
        return float(word), word
    except ValueError:
        return float("inf"), {"true": "", "false": "\x01"}.get(word, word)


def _called(word: str, column: Column) -> Label:
    if word in ("true", "false") and column.type == "boolean":
        key = "publish.page_yes" if word == "true" else "publish.page_no"
        return Label(say(key, "vi"), say(key, "en"))
    return column.choices.get(word, Label(word, word))


def _category(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
