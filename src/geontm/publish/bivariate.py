"""Two columns on one map: thirds of both, crossed to a square of nine colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geontm.messages import Language
from geontm.publish.class_words import class_names, plain_number
from geontm.publish.classes import Cut, breaks, class_of
from geontm.publish.content import Content
from geontm.publish.offered import column_of
from geontm.publish.spelt import with_unit
from geontm.publish.styles import Category, LayerStyle, MapStyle, Method
from geontm.publish.themed import Axis, Origin, Theme, about, numbers_of
from geontm.publish.years import as_shown
from geontm.tables import Label

__all__ = ["two_columns"]

_THIRDS = 3


def two_columns(content: Content, style: MapStyle, layer: LayerStyle) -> Theme:
    """Cross the classes of two columns; a unit without one of them is unknown."""
    sides = []
    for place, name in enumerate(layer.columns):
        described = about(content, style, replace(layer, column=name), content.wide[name])
        given = layer.cuts[place] if layer.cuts else None
        sides.append(_axis(content, name, described, given))
    (first, across), (second, up) = sides
    index = content.units.sort_index().index
    cells = [(row, col) for row in range(len(second.names)) for col in range(len(first.names))]
    categories = []
    for row, col in cells:
        label = Label(*(_cell_name(first, col, second, row, lang) for lang in ("vi", "en")))
        colour = layer.palette[_THIRDS * _place(row, len(second.names)) + _place(col, len(first.names))]
        categories.append(Category(f"{col}-{row}", colour, label))
    known = (across >= 0) & (up >= 0)
    classes = np.where(known, up * len(first.names) + across, -1)
    values = pd.Series([categories[k].value if k >= 0 else None for k in classes], index=index, dtype="str")
    label = Label(f"{first.label.vi} × {second.label.vi}", f"{first.label.en} × {second.label.en}")
    short = Label(f"{first.short.vi} × {second.short.vi}", f"{first.short.en} × {second.short.en}")
    origin = Origin(
        tuple(sorted({*first.origin.years, *second.origin.years})),
        tuple(sorted({*first.origin.sources, *second.origin.sources})),
        first.origin.measured and second.origin.measured,
    )
    told = about(content, style, layer, values)
    told |= {"label": label, "short": short, "unit": "", "origin": origin, "note": None}
    told["illustrative"] = first.illustrative or second.illustrative
    colours = tuple(each.colour for each in categories)
    method: Method = "given" if layer.cuts else "thirds"
    return Theme(
        **told, classes=classes, colours=colours, categories=tuple(categories), method=method, axes=(first, second)
    )


def _axis(
    content: Content, name: str, told: dict[str, Any], given: Sequence[float] | None
) -> tuple[Axis, NDArray[np.int64]]:
    """Cut one of two columns; return its side of the legend, and the place of each unit on it (-1: unknown)."""
    values = numbers_of(as_shown(name, content.wide[name].reindex(content.units.sort_index().index)))
    known = values[~np.isnan(values)]
    bounds = list(given) if given is not None else breaks(known, _THIRDS, "quantiles")
    cuts = tuple(Cut(bound) for bound in bounds)
    places = class_of(values, bounds)
    by_lang = [_names(cuts, known, lang) for lang in ("vi", "en")]
    names = [Label(vi, en) for vi, en in zip(*by_lang, strict=True)]
    reverse = column_of(content, name).better == "high"
    if reverse:  # places run from good to bad
        names = names[::-1]
        places = np.where(places >= 0, len(names) - 1 - places, -1)
    described = {key: told[key] for key in ("label", "short", "unit", "origin", "illustrative")}
    return Axis(column=name, cuts=cuts, names=tuple(names), reverse=reverse, **described), places


def _names(cuts: Sequence[Cut], known: NDArray[np.float64], lang: Language) -> list[str]:
    if cuts:
        return class_names(cuts, lang)
    return [plain_number(float(known[0]), lang)] if known.size else []


def _cell_name(first: Axis, col: int, second: Axis, row: int, lang: Language) -> str:
    parts = ((first, first.names[col]), (second, second.names[row]))
    return "; ".join(f"{axis.short[lang]} {with_unit(name[lang], axis.unit, lang)}" for axis, name in parts)


def _place(place: int, places: int) -> int:
    """Where one of few classes stands among three: ends first."""
    return place if places == _THIRDS else place * (_THIRDS - 1)
