"""Which columns a map offers and a card shows, and how a measure with bounds is read.

A measure that hangs on an unknown attribute comes as three columns: ``X``, known only where the bounds agree, ``X_low``
and ``X_high``. Tables keep all three. A card shows one row, a map the measure itself and, where it is open for some
units, its lower bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

import pandas as pd

from geontm.messages import say
from geontm.publish.content import Content, measure_of
from geontm.publish.styles import LayerStyle, MapStyle
from geontm.tables import Column, Label

__all__ = [
    "bounds_of",
    "card_columns",
    "column_of",
    "label_of",
    "layers_with_data",
    "left_out",
    "missing_of",
    "undecided",
]


def column_of(content: Content, name: str) -> Column:
    """Return what the dictionary says of a column; a bound that it does not list is described as its measure is."""
    known = content.dictionary.get(name)
    if known is not None:
        return known
    measure = content.dictionary.get(measure_of(name))
    if measure is not None:
        return replace(measure, name=name, aliases=())
    return Column(name=name, type="text", label=Label(name, name))


def bounds_of(content: Content, name: str) -> tuple[pd.Series, pd.Series] | None:
    """Return the bounds of a measure where its value is open and one of them is known; None where that is nowhere."""
    wide = content.wide
    names = [f"{name}{end}" for end in ("_low", "_high")]
    if not set(names) & set(wide.columns):
        return None
    unsaid = pd.Series(pd.NA, wide.index, dtype="Float64")
    low, high = (wide[each].where(wide[name].isna()) if each in wide else unsaid for each in names)
    return (low, high) if (low.notna() | high.notna()).any() else None


def label_of(content: Content, style: MapStyle, name: str) -> tuple[Label, Label]:
    """Return the label of a column on a map and the short one of its button.

    A lower bound is named after its measure: *… (ít nhất)*.
    """
    measure = measure_of(name) if name.endswith("_low") else name
    if measure != name and measure in content.wide:
        return tuple(map(_at_least, label_of(content, style, measure)))  # type: ignore[return-value]
    label = column_of(content, name).label
    return label, style.labels.get(name, label)


def missing_of(content: Content, name: str, own: Label | None = None) -> Label:
    """Say what an empty value of a column means, the same on every face of a result.

    Where a rule set found none of its answers to hold for some units, that; else what a style says of the column
    (``own``, that of the layer at hand, before others: *ngoài chương trình*); of a column that a rule set fills, that
    the law could not decide; else that there is no figure.
    """
    if name in content.wide:
        waiting, empty = int(undecided(content, name).sum()), int(content.wide[name].isna().sum())
        if waiting < empty:
            key = "publish.page_none_or_undecided" if waiting else "publish.page_none_of_these"
            return Label(say(key, "vi"), say(key, "en"))
    styled = (layer.missing for style in content.styles.values() for layer in style.layers if layer.column == name)
    told = own or next((label for label in styled if label), None)
    if told is not None:
        return told
    decided = any(name in note.columns for note in content.rulesets)
    key = "publish.page_undecided" if decided else "publish.page_no_data"
    return Label(say(key, "vi"), say(key, "en"))


def undecided(content: Content, name: str) -> pd.Series:
    """Tell which units have no value because it is not known.

    A set with several named answers (regions I, II, III) leaves its column empty too where none of them holds: that is
    an answer, and nothing is missing to it.

    Returns
    -------
    Series of bool, n rows, index of ``content.wide``
    """
    empty = content.wide[name].isna()
    notes = [note.id for note in content.rulesets if note.outcomes and name in note.columns]
    if not notes:
        return empty
    none = frozenset[str]().union(*(content.not_classed.get(each, frozenset()) for each in notes))
    return empty & ~empty.index.astype("str").isin(none)


def _at_least(label: Label) -> Label:
    return Label(*(say("publish.page_at_least", lang, label=label[lang]) for lang in ("vi", "en")))


def card_columns(content: Content) -> list[str]:
    """Name what the card of a unit shows, in the dictionary's order: measures of which something is known.

    A bound is shown with its measure. What a style keeps for tables only stands on no card.
    """
    kept = {pattern for style in content.styles.values() for pattern in style.tables_only}
    return [name for name in _measures(content) if not _matches(name, kept) and _is_known(content, name)]


def layers_with_data(content: Content, style: MapStyle) -> list[LayerStyle]:
    """Return the layers of a map that have a column with at least one known value; patterns are spelt out.

    After a measure that is open for some units comes its lower bound. Patterns fill the map up to ``style.most``.
    """
    return _offered(content, style)[0]


def left_out(content: Content, style: MapStyle) -> list[str]:
    """Name the columns that patterns would have offered beyond ``style.most``."""
    return _offered(content, style)[1]


def _offered(content: Content, style: MapStyle) -> tuple[list[LayerStyle], list[str]]:
    named = {layer.column for layer in style.layers if _is_plain(layer)}
    found: list[LayerStyle] = []
    beyond: list[str] = []
    for layer in style.layers:
        pattern = layer.column
        if "*" not in pattern:
            found += _plain_layer(content, layer)
            continue
        taken = named | {each.column for each in found if _is_plain(each)}
        for name in card_columns(content):
            if name in taken or _matches(name, style.without) or not fnmatchcase(name, pattern):
                continue
            if content.dictionary[name].type not in ("number", "integer"):
                continue
            more = list(_with_bound(content, replace(layer, column=name)))
            if style.most and (beyond or len(found) + len(more) > style.most):
                beyond.append(name)
            else:
                found += more
    return found, beyond


def _plain_layer(content: Content, layer: LayerStyle) -> Iterator[LayerStyle]:
    """Yield a layer where it has something to show: both columns of two, a threshold where the law is to cut."""
    if not set(layer.columns) <= set(content.wide.columns):
        return
    if layer.against or layer.by_law:
        lawful = not layer.by_law or layer.column in content.thresholds
        if lawful and content.wide[list(layer.columns)].notna().all(axis=1).any():
            yield layer
    else:
        yield from _with_bound(content, layer)


def _is_plain(layer: LayerStyle) -> bool:
    """Whether the layer shows its column as it is; one by the law or of two columns stands beside it."""
    return not (layer.against or layer.by_law)


def _with_bound(content: Content, layer: LayerStyle) -> Iterator[LayerStyle]:
    name = layer.column
    if name not in content.wide:
        return
    if content.wide[name].notna().any():
        yield layer
    bounds = bounds_of(content, name)
    # Everywhere at least nothing: such a layer would say nothing.
    if bounds is not None and (bounds[0] > (column_of(content, name).minimum or 0)).any():
        yield replace(layer, column=f"{name}_low")


def _measures(content: Content) -> list[str]:
    """Columns of the wide table that the dictionary names, in its order, without bounds of others."""
    return [
        name
        for name in content.dictionary
        if name in content.wide and (measure_of(name) == name or measure_of(name) not in content.wide)
    ]


def _is_known(content: Content, name: str) -> bool:
    return bool(content.wide[name].notna().any()) or bounds_of(content, name) is not None


def _matches(name: str, patterns: frozenset[str] | set[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
