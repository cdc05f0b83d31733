"""What is asked for in a notebook, checked: a column by name, a method, a number of classes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal, get_args

from geontm.errors import PublishError
from geontm.publish.content import Content
from geontm.publish.offered import column_of, layers_with_data
from geontm.publish.ramps import spread
from geontm.publish.styles import Found, LayerStyle, MapStyle
from geontm.tables import Column
from geontm.tables.columns import spelling_key

__all__ = ["MOST_CLASSES", "Kind", "Way", "known_column", "require_choice", "require_classes", "style_of"]

Kind = Literal["choropleth", "category"]
Way = Literal["fisher_jenks", "quantiles", "equal", "pretty", "law"]
MOST_CLASSES = 9
_MOST_NAMED = 12
_ENOUGH = 0.5  # likeness of two spellings from which one is worth naming
# For a column that no map of the project shows: ColorBrewer's BuPu.
_RAMP = ("#edf8fb", "#b3cde3", "#8c96c6", "#8856a7", "#810f7c")


def style_of(
    content: Content, column: str, *, method: Way | None = None, classes: int | None = None, kind: Kind | None = None
) -> MapStyle:
    """Return a map of one column: as the maps of the run show it, unless something else is asked for.

    Parameters
    ----------
    content : Content
    column : str
        Column of ``content.wide``.
    method : {"fisher_jenks", "quantiles", "equal", "pretty", "law"}, optional
    classes : int, optional
        2 to 9.
    kind : {"choropleth", "category"}, optional

    Raises
    ------
    PublishError
        No such column (``notebook.unknown_column``, naming the nearest), a column without any figure, a choice that
        is none, or one that the column cannot follow.
    """
    name = known_column(column, list(map(str, content.wide.columns)), content.dictionary)
    require_choice("method", method, (*get_args(Found), "law"))
    require_choice("kind", kind, get_args(Kind))
    require_classes(classes)
    about = column_of(content, name)
    found = _shown(content, name)
    numeric = about.type in ("number", "integer")
    if kind == "choropleth" and not numeric:
        raise PublishError("notebook.not_numeric", where=name, name=name)
    if method == "law" and name not in content.thresholds:
        raise PublishError("notebook.no_law", where=name, name=name, known=", ".join(get_args(Found)))
    if kind == "choropleth" or (kind is None and found is None and numeric):
        base = found[1] if found and found[1].kind == "choropleth" else LayerStyle(name, "choropleth", _RAMP)
    else:
        base = found[1] if found else LayerStyle(name, "category", _RAMP)
        base = replace(base, kind="category", palette=base.palette or _RAMP) if kind == "category" else base
    palette = tuple(spread(base.palette, classes)) if classes and base.palette else base.palette
    layer = replace(base, column=name, group=None, method=method or base.method, palette=palette)
    source = found[0] if found else None
    style = MapStyle(name, about.label, (layer,), labels=source.labels if source else {})
    if not layers_with_data(content, style):
        raise PublishError("notebook.all_unknown", where=name, name=name)
    return style


def _shown(content: Content, name: str) -> tuple[MapStyle, LayerStyle] | None:
    """Find how the maps of the run show a column as it is: by its name, else by a pattern."""
    plain = [
        (style, layer)
        for style in content.styles.values()
        for layer in style.layers
        if not (layer.against or layer.by_law or layer.around is not None)
    ]
    exact = next((each for each in plain if each[1].column == name), None)
    return exact or next((each for each in plain if "*" in each[1].column and fnmatchcase(name, each[1].column)), None)


def known_column(name: str, present: Iterable[str], dictionary: Mapping[str, Column] | None = None) -> str:
    """Return a column that is there; else name the nearest, by identifier or by label, and raise."""
    names = list(present)
    if name in names:
        return name
    spelt = {spelling_key(each): each for each in names}
    for each in names:
        column = (dictionary or {}).get(each)
        if column is not None:
            spelt |= {spelling_key(text): each for text in (column.label.vi, column.label.en)}
    close = difflib.get_close_matches(spelling_key(str(name)), list(spelt), n=3, cutoff=_ENOUGH)
    nearest = ", ".join(dict.fromkeys(spelt[each] for each in close)) or "–"
    known = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    raise PublishError("notebook.unknown_column", where=str(name), name=str(name), nearest=nearest, known=known)


def require_choice(what: str, value: str | None, known: Iterable[str]) -> None:
    """Refuse a word that is none of those known; None is left to the default."""
    if value is not None and value not in tuple(known):
        raise PublishError("notebook.bad_choice", where=what, what=what, value=value, known=", ".join(known))


def require_classes(classes: int | None) -> None:
    """Refuse a number of classes that no legend can tell apart."""
    if classes is not None and not (isinstance(classes, int) and 2 <= classes <= MOST_CLASSES):
        raise PublishError("notebook.bad_classes", where="classes", value=str(classes), most=MOST_CLASSES)
