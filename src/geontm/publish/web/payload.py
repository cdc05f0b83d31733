"""What one map page carries: a header of plain values and a packed geometry. The seam to the map engine.

``payload`` knows the content and nothing of a page; ``layer`` puts it on a page and knows nothing of the content.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geontm.messages import catalogue
from geontm.publish.content import Content, measure_of
from geontm.publish.offered import bounds_of, card_columns, column_of, label_of, layers_with_data
from geontm.publish.reasons import reasons
from geontm.publish.styles import MapStyle
from geontm.publish.theme import Theme, as_shown, origin_of, plain_values, theme_of
from geontm.publish.web.geometry import (
    GRID,
    Outlines,
    label_points,
    pack_lines,
    pack_polygons,
    province_lines,
    simplify,
)
from geontm.tables import Column, Label

__all__ = ["Drawing", "draw", "legend_of", "pack", "payload"]

# Named at every zoom of a page that shows them, however small they are on the screen.
ALWAYS_NAMED = ("20333", "22736")


@dataclass(frozen=True)
class Drawing:
    """What all pages of a run share, made once: outlines, province lines, neighbours, places of names, reasons."""

    codes: tuple[str, ...]
    packed: bytes
    names_at: tuple[tuple[float, float] | None, ...]
    provinces_at: tuple[tuple[str, float, float], ...]
    context_at: tuple[tuple[str, float, float], ...]
    bounds: tuple[float, float, float, float] | None
    tolerance_m: float
    verdicts: Mapping[str, Any]


def draw(content: Content, *, tolerance_m: float | None = None) -> Drawing:
    """Simplify and pack the geometry of a run, and gather its reasons.

    Parameters
    ----------
    content : Content
    tolerance_m : float, optional
        Tolerance (m); see :func:`geontm.publish.web.geometry.simplify`.
    """
    units = content.units.sort_index()
    outlines = simplify(units.geometry, tolerance_m=tolerance_m)
    shapes = outlines.geometry
    context = content.context
    around = context.geometry.reset_index(drop=True) if context is not None else shapes.iloc[:0]
    grey = simplify(around, tolerance_m=4 * outlines.tolerance_m)
    names = list(context["name"].astype("str")) if context is not None else []
    places = label_points(grey.geometry)
    packed = [
        pack_polygons(shapes),
        pack_lines(province_lines(shapes, units["province_code"])),
        pack_polygons(grey.geometry),
    ]
    known = shapes[shapes.notna()]
    bounds = tuple(float(x) for x in np.round(known.total_bounds, 4)) if len(known) else None
    codes = tuple(str(code) for code in units.index)
    return Drawing(
        codes=codes,
        packed=b"".join(packed),
        names_at=tuple(label_points(shapes)),
        provinces_at=tuple(_province_places(units["province_name"], outlines)),
        context_at=tuple((name, *place) for name, place in zip(names, places, strict=True) if place),
        bounds=bounds,  # type: ignore[arg-type]
        tolerance_m=outlines.tolerance_m,
        verdicts=reasons(content, codes),
    )


def payload(content: Content, style: MapStyle, drawing: Drawing) -> dict[str, Any]:
    """Collect everything one page shows, as values that JSON can hold.

    Parameters
    ----------
    content : Content
    style : MapStyle
        The map; its layers without a column in ``content.wide`` are left out.
    drawing : Drawing
        Geometry of the same content.

    Returns
    -------
    dict
        ``page`` (titles, dates, notes), ``texts`` (the page's words, both languages), ``units``, ``columns``
        (values with label, unit, source), ``layers`` (classes, colours, categories), ``verdicts``, ``labels``.
    """
    units = content.units.sort_index()
    wide = content.wide.reindex(units.index)
    layers = layers_with_data(content, style)
    card = card_columns(content)
    shown = list(dict.fromkeys([*(layer.column for layer in layers), *card]))
    values = {name: plain_values(as_shown(name, wide[name])) for name in shown}
    provinces, province_of = np.unique(units["province_code"].astype("str"), return_inverse=True)
    province_name = dict(zip(units["province_code"].astype("str"), units["province_name"].astype("str"), strict=True))
    return {
        "page": _page(content, style, drawing),
        "texts": _texts(),
        "units": {
            "code": list(drawing.codes),
            "name": _texts_of(units["commune_name"]),
            "kind": _texts_of(units["kind"]) if "kind" in units else [],
            "province": [int(number) for number in province_of],
            "provinces": [province_name[code] for code in provinces],
            "label_at": [list(place) if place else None for place in drawing.names_at],
        },
        "columns": {name: _column(content, style, name, values[name], units.index) for name in shown},
        "popup": card,
        "layers": [legend_of(theme_of(content, style, layer)) for layer in layers],
        "verdicts": drawing.verdicts,
        "ranks": _ranks(content, drawing.codes),
        "labels": {
            "provinces": [list(place) for place in drawing.provinces_at],
            "context": [list(place) for place in drawing.context_at],
            "always": [code for code in ALWAYS_NAMED if code in drawing.codes],
        },
        "bounds": list(drawing.bounds) if drawing.bounds else None,
        "grid": GRID,
    }


def pack(head: Mapping[str, Any], geometry: bytes) -> str:
    """Return header and geometry as one base64 text: ``gzip(u32 length, JSON, geometry)``, the same each time."""
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    raw = len(text).to_bytes(4, "little") + text + geometry
    return base64.b64encode(gzip.compress(raw, compresslevel=9, mtime=0)).decode("ascii")


def _page(content: Content, style: MapStyle, drawing: Drawing) -> dict[str, Any]:
    notes = content.notes
    return {
        "title": content.title,
        "map": _pair(style.title),
        "as_of": content.as_of.isoformat(),
        "schematic": notes.schematic,
        "boundary_source": _pair(notes.source),
        "boundary_date": notes.date.isoformat() if notes.date else None,
        "crs": notes.crs,
        "border_tolerance_m": notes.border_tolerance_m,
        "tolerance_m": drawing.tolerance_m,
        "fingerprint": content.fingerprint,
        "lang": content.lang,
        "n": len(drawing.codes),
        "towns": bool("kind" in content.units and content.units["kind"].eq("thị trấn").any()),
        "without_shape": sum(place is None for place in drawing.names_at),
    }


def _texts() -> dict[str, dict[str, str]]:
    """Collect the words of the page: every message ``publish.page_*``, in both languages, fields left open."""
    prefix = "publish.page_"
    found = {key.removeprefix(prefix): text for key, text in catalogue().items() if key.startswith(prefix)}
    return {key: {"vi": text["vi"], "en": text["en"]} for key, text in sorted(found.items())}


def _column(content: Content, style: MapStyle, name: str, values: list[Any], index: pd.Index) -> dict[str, Any]:
    column = column_of(content, name)
    label, short = label_of(content, style, name)
    origin = origin_of(content, name)
    bounds = bounds_of(content, name)
    return {
        "label": _pair(label),
        "short": _pair(short),
        "unit": "%" if measure_of(name).endswith("_share") else column.unit,
        "type": column.type,
        "choices": _choices(content, column),
        "note": _pair(column.note) if column.note else None,
        "years": list(origin.years),
        "sources": list(origin.sources),
        "measured": origin.measured,
        "illustrative": name in content.illustrative,
        "values": values,
        # Where the value is open: what it is at least and at most.
        "bounds": [plain_values(as_shown(name, each).reindex(index)) for each in bounds] if bounds else None,
    }


def _choices(content: Content, column: Column) -> dict[str, dict[str, str]]:
    """Name the values of a column: as the dictionary does, else as the legend of any map does."""
    legends = (layer for style in content.styles.values() for layer in style.layers if layer.column == column.name)
    named = {category.value: category.label for layer in legends for category in layer.categories}
    return {value: _pair(label) for value, label in {**named, **column.choices}.items()}


def legend_of(theme: Theme) -> dict[str, Any]:
    """Return the legend of a layer for the page: classes with breaks, colours and counts, or categories."""
    layer = theme.style
    legend: dict[str, Any] = {
        "column": layer.column,
        "kind": layer.kind,
        "group": _pair(layer.group) if layer.group else None,
        "missing": _pair(layer.missing) if layer.missing else None,
    }
    if layer.kind == "category":
        named = [{"value": c.value, "colour": c.colour, "label": _pair(c.label)} for c in theme.categories]
        return {**legend, "categories": named}
    found = {"breaks": list(theme.breaks), "colours": list(theme.colours), "counts": theme.counts}
    return {**legend, "method": layer.method, **found}


def _ranks(content: Content, codes: tuple[str, ...]) -> list[list[int] | None]:
    """Best and worst rank a unit could have, where its figures leave the rank open."""
    table = content.priority
    if not {"rank_best", "rank_worst"} <= set(table.columns):
        return []
    table = table.reindex(list(codes))
    pairs = zip(table["rank_best"], table["rank_worst"], strict=True)
    return [None if pd.isna(best) or pd.isna(worst) else [int(best), int(worst)] for best, worst in pairs]


def _province_places(names: pd.Series, outlines: Outlines) -> list[tuple[str, float, float]]:
    """Where the name of each province may stand: in the unit nearest to the middle of its land."""
    shapes = outlines.geometry[outlines.geometry.notna()]
    names = names.reindex(shapes.index).astype("str")
    if names.nunique() < 2:
        return []
    middle, area = shapely.centroid(shapes.to_numpy()), shapely.area(shapes.to_numpy())
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    places = []
    for name in sorted(names.unique()):
        mine = np.flatnonzero((names == name).to_numpy())
        weight = np.maximum(area[mine], 1e-12)
        far = np.hypot(x[mine] - np.average(x[mine], weights=weight), y[mine] - np.average(y[mine], weights=weight))
        nearest = mine[int(np.argmin(far))]
        places.append((name, round(float(x[nearest]), 4), round(float(y[nearest]), 4)))
    return places


def _texts_of(column: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in column]


def _pair(label: Label) -> dict[str, str]:
    return {"vi": label.vi, "en": label.en}
