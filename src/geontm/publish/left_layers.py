"""Layers that a map would have and has not, for nothing is known of any unit: told in the issues, never in silence."""

from __future__ import annotations

from collections.abc import Iterator

from geontm.publish.content import Content
from geontm.publish.offered import label_of, layers_with_data, missing_of
from geontm.publish.styles import MapStyle
from geontm.tables import Issue, Label

__all__ = ["layers_left"]

_MOST = 200  # letters of what is missing that one issue tells


def layers_left(content: Content, style: MapStyle) -> Iterator[Issue]:
    """Tell of each layer that a map names, and that the run has the column of, without a value in any unit.

    A verdict that is open everywhere says what it waits for, in most units.
    """
    there = {layer.column for layer in layers_with_data(content, style)}
    named = dict.fromkeys(layer.column for layer in style.layers if not layer.against and not layer.by_law)
    for name in named:
        if name in there or name not in content.wide or content.wide[name].notna().any():
            continue
        label, missing = label_of(content, style, name)[0], missing_of(content, name)
        fields = {"name": style.title, "label": label, "n": len(content.wide), "missing": missing}
        waits = _waits_for(content, name)
        key = "publish.map_layer_waits" if waits else "publish.map_layer_empty"
        yield Issue.of("warning", key, column=name, value=style.name, **fields, **({"waits": waits} if waits else {}))


def _waits_for(content: Content, name: str) -> Label | None:
    """Return what is missing most often to the verdict of the rule set that fills a column."""
    filling = [note.id for note in content.rulesets if name in note.columns]
    rows = content.briefs
    if not filling or not {"ruleset", "missing_vi", "missing_en"} <= set(rows.columns):
        return None
    rows = rows[rows["ruleset"].isin(filling) & rows["missing_vi"].fillna("").ne("")]
    if not len(rows):
        return None
    counts = rows.groupby(["missing_vi", "missing_en"], sort=True).size()
    most = counts.index[int(counts.to_numpy().argmax())]
    return Label(*(text if len(text) <= _MOST else f"{text[:_MOST]} …" for text in map(str, most)))
