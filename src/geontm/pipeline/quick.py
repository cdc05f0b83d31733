"""Quick looks at tables of one's own, no project needed; labels and units from the column dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geontm import load, publish
from geontm.messages import Label, Language, language
from geontm.project import read_dictionary
from geontm.publish.surroundings import surround
from geontm.tables import Column

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

__all__ = ["explore", "styled"]

_SAME_NAMES = 0.8  # of the units whose codes are known: with fewer names alike, the codes are of another time


def explore(
    frame: gpd.GeoDataFrame,
    column: str,
    *,
    name: str = "commune_name",
    code: str | None = None,
    label: str | Label = "",
    unit: str = "",
    palette: str | Sequence[str] | None = None,
    method: publish.Found = "fisher_jenks",
    classes: int = 5,
    kind: publish.Kind | None = None,
    title: str = "",
    source: str = "",
    as_of: date | None = None,
    schematic: bool = False,
    illustrative: bool = False,
    around: bool = True,
    lang: Language | None = None,
) -> publish.MapView:
    """Show one column of any GeoDataFrame of polygons as a map page: in a cell of a notebook, or ``.save(path)``.

    >>> geontm.explore(communes, "poor_household_pct", classes=4)  # doctest: +SKIP

    Parameters
    ----------
    frame : GeoDataFrame, n rows
        Any CRS; geometries may be missing, indexes twice. Unchanged.
    column : str
        Numbers are cut into classes, anything else is shown by category. A column that the dictionary knows brings its
        label, unit and direction.
    name, code : str
        Columns of names and codes. Without a column of names the codes are shown; without codes the index, or the row.
    label, unit : str
        Of the legend.
    palette : str or sequence of str
        ``"YlGnBu"``, ``"YlOrRd"``, …, or colours ``#rrggbb`` from low to high.
    method : {"fisher_jenks", "quantiles", "equal", "pretty"}
    classes : int
        2 to 9.
    kind : {"choropleth", "category"}, optional
        ``"category"`` shows whole numbers one by one.
    title, source : str
        Of the map; where its outlines are from.
    as_of : date, optional
    schematic, illustrative : bool
        The outlines, the figures are constructed; every face of the map says so.
    around : bool
        Draw the land around where something lies in Vietnam.
    lang : {"vi", "en"}, optional
        By default that of messages.

    Returns
    -------
    MapView

    Raises
    ------
    PublishError, CRSError
        See :func:`geontm.publish.frames.own_map`.
    """
    known = _dictionary().get(str(column))
    look = publish.Look(
        name=name, code=code, label=label, unit=unit, palette=palette, method=method, classes=classes, kind=kind,
        title=title, source=source, as_of=as_of, schematic=schematic, illustrative=illustrative,
        lang=lang or language(),
    )  # fmt: skip
    if known is not None:
        look = replace(
            look, label=label or known.label, unit=unit or known.unit, better=known.better, choices=known.choices,
            note=known.note,
        )  # fmt: skip
    return publish.explore_frame(frame, str(column), look, around=_land_around if around else None)


def styled(
    frame: pd.DataFrame, *, title: str = "", rows: int | None = publish.ROWS, lang: Language | None = None
) -> Styler:
    """Show any table with the labels and units of the column dictionary, figures and gaps as a planner reads them.

    See :func:`geontm.publish.styled`.
    """
    return publish.styled(frame, _dictionary(), lang=lang, caption=(title, ""), rows=rows)


def _land_around(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    country = load.read_schematic()
    names = country["commune_name"].reindex(units.index).dropna()
    same = bool(len(names)) and bool((names == units["commune_name"].reindex(names.index)).mean() > _SAME_NAMES)
    return surround(units, country, same_codes=same)


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, Column]:
    return {**read_dictionary("communes").columns, **read_dictionary("indicators").columns}
