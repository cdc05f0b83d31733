"""Two eras on one page: the layers of both, with the same classes and colours, so that a switch compares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from geontm.messages import Language, say
from geontm.publish.content import Content
from geontm.publish.offered import layers_with_data, missing_of
from geontm.publish.styles import MapStyle
from geontm.publish.theme import Theme, origin_of, theme_of
from geontm.tables import REFORM

__all__ = ["join_heads", "themes_of_both"]

_ERAS = ("now", "then")
_LANGUAGES: tuple[Language, ...] = ("vi", "en")


def themes_of_both(now: Content, then: Content, style: MapStyle) -> tuple[list[Theme], list[Theme]]:
    """Work out the layers of a map for two runs, with classes that are common to both.

    A code may stand for one unit before a reform and for another after it: the runs are told apart, never matched.

    Parameters
    ----------
    now, then : Content
        Two runs on boundaries of different dates, with the same column dictionary.
    style : MapStyle

    Returns
    -------
    tuple of two lists of Theme
        The layers of each run in the order of the style; one that a run has no figures for is not among its own.
    """
    both = _together(now, then)
    common = {layer.name: theme_of(both, style, layer) for layer in layers_with_data(both, style)}
    found = []
    for era, content in zip(_ERAS, (now, then), strict=True):
        mine = [layer.name for layer in layers_with_data(content, style)]
        found.append([_part(common[name], content, era) for name in mine if name in common])
    return found[0], found[1]


def join_heads(now: dict[str, Any], then: Mapping[str, Any], at: int) -> dict[str, Any]:
    """Put what the page shows of the former era into what it shows of the present one.

    Parameters
    ----------
    now, then : mapping
        See :func:`geontm.publish.web.payload.payload`; the words of the page are in the first alone.
    at : int
        Where the former outlines begin after the present ones (bytes).
    """
    rest = {key: value for key, value in then.items() if key != "texts"}
    former = {**rest, "layers": _common(then["layers"])}
    common = _common(now["layers"])
    return {**now, "layers": common, "former": former, "former_at": at, "reform": _parting_day(now, then)}


def _parting_day(now: Mapping[str, Any], then: Mapping[str, Any]) -> str:
    """Return the day that parts both eras: a layer of today may bear a later date than the reform behind it."""
    reform = REFORM.isoformat()
    if then["page"]["as_of"] < reform <= now["page"]["as_of"]:
        return reform
    return now["page"]["boundary_date"] or reform


def _common(legends: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say below the legend of classes that they are those of both eras; named answers are not found on figures."""
    line = {lang: say("publish.page_common_eras", lang) for lang in _LANGUAGES}
    found = []
    for each in legends:
        parted = bool(each["lines"]) and each["kind"] != "category"
        found.append({**each, "lines": [*each["lines"], line] if parted else each["lines"]})
    return found


def _together(now: Content, then: Content) -> Content:
    pairs = list(zip(_ERAS, (now, then), strict=True))
    units = pd.concat([_marked(content.units, era) for era, content in pairs])
    figures = [content.indicators for _, content in pairs]
    rows = [each.assign(commune_code=era + each["commune_code"]) for era, each in zip(_ERAS, figures, strict=True)]
    names = dict.fromkeys([*now.thresholds, *then.thresholds])
    limits = {
        name: tuple(dict.fromkeys([*now.thresholds.get(name, ()), *then.thresholds.get(name, ())])) for name in names
    }
    return replace(
        now,
        units=gpd.GeoDataFrame(units, geometry=units.geometry.name, crs=now.units.crs),
        wide=pd.concat([_marked(content.wide, era) for era, content in pairs]),
        indicators=pd.concat([each for each in rows if len(each)]) if any(map(len, rows)) else now.indicators,
        as_of=max(now.as_of, then.as_of),
        thresholds={name: tuple(sorted(found, key=lambda each: each.value)) for name, found in limits.items()},
        illustrative=now.illustrative | then.illustrative,
    )


def _marked(table: Any, era: str) -> Any:
    return table.set_axis(era + table.index.astype("str"), axis=0)


def _part(theme: Theme, content: Content, era: str) -> Theme:
    """Return the units of one run, in the order of their codes, and the origin of their figures.

    Each era is judged by the law of its time: the documents behind an answer are those of its own run.
    """
    codes = content.units.index.astype("str").sort_values()
    shown = theme.values  # noqa: PD011 (the field of a theme)
    places = shown.index.get_indexer(era + codes)
    values = shown.iloc[places].set_axis(codes, axis=0)
    axes = tuple(replace(axis, origin=origin_of(content, axis.column)) for axis in theme.axes)
    origin = theme.origin if axes else origin_of(content, theme.style.column)
    mine = any(name in content.illustrative for name in theme.style.columns)
    name = theme.style.column
    return replace(
        theme,
        values=values,
        classes=theme.classes[places],
        origin=origin,
        axes=axes,
        illustrative=mine,
        basis=content.bases.get(name, ()),
        missing=missing_of(content, name, theme.style.missing),
    )
