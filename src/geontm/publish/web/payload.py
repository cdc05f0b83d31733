"""What one map page carries: a header of plain values and a packed geometry. The seam to the map engine.

``payload`` knows the content and nothing of a page; ``layer`` puts it on a page and knows nothing of the content.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geontm.law.words import unit_words
from geontm.messages import catalogue
from geontm.publish.content import Content
from geontm.publish.offered import card_columns, layers_with_data
from geontm.publish.spelt import kinds_of
from geontm.publish.standing import standings
from geontm.publish.styles import MapStyle
from geontm.publish.surroundings import seas
from geontm.publish.theme import Theme, theme_of
from geontm.publish.web.columns import columns_of, legend_of
from geontm.publish.web.drawing import Drawing, Kept, draw
from geontm.publish.web.islands import islands_of
from geontm.publish.web.signs import showable_json
from geontm.tables import Label

__all__ = ["Drawing", "Kept", "draw", "legend_of", "pack", "payload"]


def payload(
    content: Content, style: MapStyle, drawing: Drawing, *, themes: Sequence[Theme] | None = None
) -> dict[str, Any]:
    """Collect everything one page shows, as values that JSON can hold.

    Parameters
    ----------
    content : Content
    style : MapStyle
        The map; its layers without a column in ``content.wide`` are left out.
    drawing : Drawing
        Geometry of the same content.
    themes : sequence of Theme, optional
        The layers, where they were worked out together with others.

    Returns
    -------
    dict
        ``page`` (titles, dates, notes), ``texts`` (the page's words, both languages), ``units``, ``columns``
        (values with label, unit, source), ``layers`` (classes, colours, categories), ``verdicts``, ``labels``.
    """
    units = content.units.sort_index()
    if themes is None:
        themes = [theme_of(content, style, layer) for layer in layers_with_data(content, style)]
    card = card_columns(content)
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
        },
        "columns": columns_of(content, style, themes, card, units.index),
        "popup": card,
        "layers": [legend_of(theme) for theme in themes],
        "verdicts": drawing.verdicts,
        "ranks": _ranks(content),
        "labels": {
            "context": [{"vi": vi, "en": en} for vi, en in drawing.context],
            "seas": [[_pair(name), [list(place) for place in places]] for name, places in seas()],
            "islands": islands_of(units, content.context),
        },
        "bounds": list(drawing.bounds) if drawing.bounds else None,
        "grid": drawing.per_degree,
        **drawing.extras,
    }


def pack(head: Mapping[str, Any], geometry: bytes) -> str:
    """Return header and geometry as one base64 text: ``gzip(u32 length, JSON, geometry)``, the same each time.

    Texts are packed as a page can show them (:func:`geontm.publish.web.signs.showable`).
    """
    text = showable_json(json.dumps(head, ensure_ascii=False, separators=(",", ":"), allow_nan=False)).encode("utf-8")
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
        "kinds": _kinds(content),
        "without_shape": drawing.without,
    }


def _kinds(content: Content) -> dict[str, str] | None:
    """Name the kinds of units that occur, where each has one."""
    kinds = set(content.units["kind"].fillna("")) if "kind" in content.units else set()
    return _pair(Label(kinds_of(kinds, "vi"), kinds_of(kinds, "en"))) if kinds_of(kinds, "vi") else None


def _texts() -> dict[str, dict[str, str]]:
    """Collect the words of the page in both languages: messages ``publish.page_*``, fields left open, and the units."""
    prefix = "publish.page_"
    words = {key.removeprefix(prefix): text for key, text in catalogue().items() if key.startswith(prefix)}
    found = {key: {"vi": text["vi"], "en": text["en"]} for key, text in words.items()}
    found |= {f"unit {unit}": {"vi": word.vi, "en": word.en} for unit, word in unit_words().items()}
    return dict(sorted(found.items()))


def _ranks(content: Content) -> list[list[int] | None]:
    """Give each unit its best and worst rank of priority and their number; of several provinces, also in its own."""
    table = standings(content)
    if table.columns.empty:
        return []
    if len(set(content.units["province_code"].astype("str"))) < 2:
        table = table[["best", "worst", "of"]]
    rows = table.itertuples(index=False, name=None)
    return [None if any(pd.isna(each) for each in row) else [int(each) for each in row] for row in rows]


def _texts_of(column: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in column]


def _pair(label: Label) -> dict[str, str]:
    return {"vi": label.vi, "en": label.en}
