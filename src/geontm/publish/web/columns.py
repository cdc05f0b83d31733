"""The columns and layers of a page: values, years, classes with their words, as values that JSON can hold."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geontm.messages import Language
from geontm.publish.content import Content
from geontm.publish.offered import bounds_of, column_of, label_of, missing_of
from geontm.publish.spelt import decimals, unit_of
from geontm.publish.styles import MapStyle
from geontm.publish.themed import Axis, Theme, numbers_of, origin_of, plain_values, sources_by_year
from geontm.publish.years import as_shown, series_of
from geontm.tables import Column, Label

__all__ = ["YEARS_BYTES", "columns_of", "legend_of", "packed_years"]

YEARS_BYTES = 350_000
"""What the earlier years of all columns may add to a page (bytes of the file)."""

_LANGUAGES: tuple[Language, ...] = ("vi", "en")
_MOST_DIGITS = 6
_BASE64 = 4 / 3


def columns_of(
    content: Content, style: MapStyle, themes: Sequence[Theme], card: Sequence[str], index: pd.Index
) -> dict[str, Any]:
    """Collect the columns that layers and cards of a page show.

    Parameters
    ----------
    content : Content
    style : MapStyle
    themes : sequence of Theme
        The layers; one of two columns adds a column of its own, named after the layer, with the place on both.
    card : sequence of str
        Columns of the card.
    index : Index, n
        Codes of the units, sorted.

    Returns
    -------
    dict
        By name. ``series`` holds the years of a column, as :func:`packed_years` does, for the layers in their order
        and then for the card, as long as they fit :data:`YEARS_BYTES` together; ``years_left`` marks the others.
    """
    layered = [name for theme in themes for name in theme.style.columns]
    wide = content.wide.reindex(index)
    found: dict[str, Any] = {}
    room = YEARS_BYTES
    for name in dict.fromkeys([*layered, *card]):
        values = plain_values(as_shown(name, wide[name]))
        series = series_of(content, name)
        packed = packed_years(values, series) if series is not None else None
        if packed:
            files = sources_by_year(content, name)
            packed["sources"] = [list(files.get(year, ())) for year in packed["years"]]
        cost = _cost(packed) if packed else 0
        fits = cost <= room
        room -= cost if fits else 0
        found[name] = _column(content, style, name, values, index)
        found[name] |= {"series": packed if fits else None, "years_left": not fits}
    return found | {theme.style.name: _crossed(theme) for theme in themes if theme.axes}


def packed_years(now: Sequence[Any], series: pd.DataFrame) -> dict[str, Any]:
    """Write the years of a column as whole numbers, each as its step from the year after it.

    Parameters
    ----------
    now : sequence, n
        The newest figures, as the page has them; None where unknown.
    series : DataFrame, n rows, a column per year

    Returns
    -------
    dict
        ``years`` ascending; ``digits`` after the point, None where the values are written as they are; ``steps``: per
        year, the newest first, the value less the one last known in a later year (0 where none is), in units of the
        last digit; None where unknown.
    """
    years = [int(year) for year in series.columns.tolist()]
    rows = [numbers_of(series[year]) for year in series]
    newest = np.array([np.nan if value is None else value for value in now], dtype=np.float64)
    digits = _digits(np.concatenate([newest, *rows]))
    if digits is None:
        return {"years": years, "digits": None, "steps": [plain_values(series[year]) for year in years[::-1]]}
    last = np.nan_to_num(np.rint(newest * 10**digits)).astype(np.int64)
    steps = []
    for row in reversed(rows):
        known = ~np.isnan(row)
        whole = np.where(known, np.rint(np.nan_to_num(row) * 10**digits), last).astype(np.int64)
        step = (whole - last).astype(object)
        step[~known] = None
        steps.append(step.tolist())
        last = whole
    return {"years": years, "digits": digits, "steps": steps}


def _digits(values: NDArray[np.float64]) -> int | None:
    """Return how many digits after the point tell all values exactly, None where six do not."""
    values = values[~np.isnan(values)]
    for digits in range(_MOST_DIGITS + 1):
        scale = 10**digits
        if (np.rint(values * scale) / scale == values).all() and (np.abs(values) * scale < 2**52).all():
            return digits
    return None


def _cost(packed: dict[str, Any]) -> int:
    return round(len(zlib.compress(json.dumps(packed["steps"], separators=(",", ":")).encode(), 6)) * _BASE64)


def _column(content: Content, style: MapStyle, name: str, values: list[Any], index: pd.Index) -> dict[str, Any]:
    column = column_of(content, name)
    label, short = label_of(content, style, name)
    origin = origin_of(content, name)
    bounds = bounds_of(content, name)
    return {
        "label": _pair(label),
        "short": _pair(short),
        "unit": unit_of(column),
        "digits": decimals(column),
        "type": column.type,
        "choices": _choices(content, column),
        "note": _pair(column.note) if column.note else None,
        "missing": _pair(missing_of(content, name)),
        "years": list(origin.years),
        "sources": list(origin.sources),
        "measured": origin.measured,
        "illustrative": name in content.illustrative,
        "values": values,
        # Where the value is open: what it is at least and at most.
        "bounds": [plain_values(as_shown(name, each).reindex(index)) for each in bounds] if bounds else None,
    }


def _crossed(theme: Theme) -> dict[str, Any]:
    """Describe the places on two columns as a column of its own, so that pointing, table and download show it."""
    return {
        "label": _pair(theme.label),
        "short": _pair(theme.short),
        "unit": "",
        "digits": 0,
        "type": "category",
        "choices": {each.value: _pair(each.label) for each in theme.categories},
        "note": None,
        "missing": _pair(theme.missing),
        "years": list(theme.origin.years),
        "sources": list(theme.origin.sources),
        "measured": theme.origin.measured,
        "illustrative": theme.illustrative,
        "values": plain_values(theme.values),
        "bounds": None,
        "series": None,
        "years_left": False,
    }


def _choices(content: Content, column: Column) -> dict[str, dict[str, str]]:
    """Name the values of a column: as the dictionary does, else as the legend of any map does."""
    legends = (layer for style in content.styles.values() for layer in style.layers if layer.column == column.name)
    named = {category.value: category.label for layer in legends for category in layer.categories}
    return {value: _pair(label) for value, label in {**named, **column.choices}.items()}


def legend_of(theme: Theme) -> dict[str, Any]:
    """Return the legend of a layer for the page: classes with bounds, words, colours and counts, or categories.

    Returns
    -------
    dict
        ``key`` tells layers of one column apart; ``labels`` per class and ``lines`` below the legend are worded here,
        so that page and paper say the same.
    """
    layer = theme.style
    legend: dict[str, Any] = {
        "key": layer.name,
        "column": layer.name if theme.axes else layer.column,
        "columns": list(layer.columns),
        "kind": "category" if theme.categories and not theme.axes else layer.kind,
        "group": _pair(layer.group) if layer.group else None,
        "label": _pair(theme.label),
        "short": _pair(theme.short),
        "missing": _pair(theme.missing),
        "lines": [_pair(Label(*each)) for each in zip(*map(theme.method_lines, _LANGUAGES), strict=True)],
        "years": list(theme.years),
        "colours": list(theme.colours),
        "counts": theme.counts,
    }
    if theme.categories:
        named = [{"value": c.value, "colour": c.colour, "label": _pair(c.label)} for c in theme.categories]
        return {**legend, "categories": named, "axes": [_axis(axis) for axis in theme.axes]}
    return {
        **legend,
        "method": theme.method,
        "breaks": list(theme.breaks),
        "below": list(theme.below),
        "middle": theme.middle,
        "zero": theme.first is not None,
        "labels": [_pair(Label(*each)) for each in zip(*map(theme.class_labels, _LANGUAGES), strict=True)],
    }


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "column": axis.column,
        "label": _pair(axis.label),
        "short": _pair(axis.short),
        "unit": axis.unit,
        "names": [_pair(name) for name in axis.names],
        "reverse": axis.reverse,
    }


def _pair(label: Label) -> dict[str, str]:
    return {"vi": label.vi, "en": label.en}
