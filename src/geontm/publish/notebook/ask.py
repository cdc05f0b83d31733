"""What is asked for in a notebook, checked: a column by name, a method, a number of classes."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal, get_args

from geontm.errors import PublishError
from geontm.publish.asked import known_column, require_choice, require_classes
from geontm.publish.content import Content
from geontm.publish.frames import ramp_of
from geontm.publish.offered import column_of, layers_with_data
from geontm.publish.ramps import spread
from geontm.publish.styles import Found, LayerStyle, MapStyle

__all__ = ["Kind", "Way", "style_of"]

Kind = Literal["choropleth", "category"]
Way = Literal["fisher_jenks", "quantiles", "equal", "pretty", "law"]


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
        base = found[1] if found and found[1].kind == "choropleth" else LayerStyle(name, "choropleth", ramp_of(None))
    else:
        base = found[1] if found else LayerStyle(name, "category", ramp_of(None))
        base = replace(base, kind="category", palette=base.palette or ramp_of(None)) if kind == "category" else base
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
