"""Anybody's polygons as content of a page: one column of a GeoDataFrame, no project needed.

Nothing is guessed: what is no polygon has no outline, what is no number is a category, what is empty is unknown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.errors import CRSError, PublishError
from geontm.messages import Language, say
from geontm.publish.asked import known_column, require_choice, require_classes
from geontm.publish.content import BoundaryNote, Content
from geontm.publish.ramps import palettes, spread
from geontm.publish.styles import Found, LayerStyle, MapStyle
from geontm.publish.surroundings import ARCHIPELAGOS, locator
from geontm.tables import Column, Label

__all__ = ["Around", "Look", "OwnMap", "own_map", "ramp_of"]

MOST_CATEGORIES = 40
_RAMP = "YlOrBr"
# Paul Tol's light scheme: nine colours for names without an order, apart under every colour blindness.
_NAMES = ("#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#aaaa00", "#dddddd")
_VERDICT = ("#a8480c", "#d0e6e2")  # yes, no
_STORED = "EPSG:4326"
_WHOLE = 2**53  # beyond it a float skips whole numbers
_PLAIN_ENDS = ("_share", "_low", "_high")  # read with a meaning in results of geontm
Shapes = NDArray[np.object_]
Around = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]


@dataclass(frozen=True)
class Look:
    """How a column of a GeoDataFrame is shown.

    Attributes
    ----------
    name : str
        Column of the units' names; where the default is not there, the codes are shown.
    code : str, optional
        Column of the units' codes: no gaps, none twice. Else the index, if none is twice in it; else the row number.
    label : str or Label
        Of the legend; the column's own name by default.
    unit : str
    palette : str or sequence of str
        A ColorBrewer ramp that geontm ships (``"YlGnBu"``), or colours ``#rrggbb`` from low to high.
    method : {"fisher_jenks", "quantiles", "equal", "pretty"}
    classes : int
        2 to 9.
    kind : {"choropleth", "category"}, optional
        By default numbers are cut into classes and everything else is shown by category.
    title : str
    source : str
        Where the outlines are from.
    as_of : date, optional
        The day of the figures; nothing is told without it.
    better : {"high", "low", ""}
        Where high is better, low values are dark.
    choices : mapping, by value
        Labels of the values.
    schematic, illustrative : bool
        The outlines, the figures are constructed; every face says so.
    lang : {"vi", "en"}
        In which the page opens.
    """

    name: str = "commune_name"
    code: str | None = None
    label: str | Label = ""
    unit: str = ""
    palette: str | Sequence[str] | None = None
    method: Found = "fisher_jenks"
    classes: int = 5
    kind: Literal["choropleth", "category"] | None = None
    title: str = ""
    source: str = ""
    as_of: date | None = None
    better: Literal["high", "low", ""] = ""
    choices: Any = None
    note: Label | None = None
    schematic: bool = False
    illustrative: bool = False
    lang: Language = "vi"


@dataclass(frozen=True, eq=False)
class OwnMap:
    """A column of a GeoDataFrame, ready for a page.

    Attributes
    ----------
    content : Content
        Without verdicts, years and sources of figures.
    style : MapStyle
        One layer.
    at_home : bool
        Something lies in Vietnam: the page has the small map, the names of the seas and both archipelagos.
    surrounded : bool
        The land around is there; without it what is not a unit may be land or sea.
    dated : bool
    """

    content: Content
    style: MapStyle
    at_home: bool
    surrounded: bool
    dated: bool


def own_map(frame: gpd.GeoDataFrame, column: str, look: Look, *, around: Around | None = None) -> OwnMap:
    """Turn one column of a GeoDataFrame into what a page is made of.

    Parameters
    ----------
    frame : GeoDataFrame, n rows
        Polygons in any CRS; a geometry may be missing, invalid or lines, an index may have duplicates. Unchanged.
    column : str
    look : Look
    around : callable, optional
        Asked for the land around (:func:`geontm.publish.surroundings.surround`) of the units, where something lies in
        Vietnam. Without it the two archipelagos are drawn there, unless they are among the units.

    Raises
    ------
    PublishError
        Not a GeoDataFrame, no polygon in it, no such column (naming the nearest), no known value, more than 40
        categories, codes with gaps or twice, or a choice that is none.
    CRSError
        The layer has no CRS.
    """
    units = _units(frame, look)
    column = known_column(column, [str(name) for name in frame.columns if name != frame.geometry.name])
    given = frame.iloc[:, [str(name) for name in frame.columns].index(column)]
    values, kind, infinite = _typed(given)
    values.index = units.index.copy()
    values = values.reindex(units.sort_index().index)
    units = units.sort_index()
    if not values.notna().any():
        raise PublishError("notebook.all_unknown", where=column, name=column)
    name = "value" if "*" in column or column.endswith(_PLAIN_ENDS) else column
    style = _style(name, values, kind, look)
    label = look.label if isinstance(look.label, Label) else Label(look.label or column, look.label or column)
    note = look.note
    if infinite:
        note = Label(*(say("notebook.own_infinite", lang, n=infinite) for lang in ("vi", "en")))
    about = Column(
        name=name, type=kind, label=label, unit=look.unit, choices=look.choices or {}, better=look.better, note=note
    )
    home = _at_home(units.geometry)
    land = (around or _archipelagos)(units) if home else None
    source = Label(look.source, look.source) if look.source else _both("notebook.own_source")
    empty = pd.DataFrame()
    content = Content(
        title=look.title or label[look.lang],
        as_of=look.as_of or date.max,  # nothing is after it
        units=units,
        wide=pd.DataFrame({name: values}, index=units.index),
        indicators=empty,
        verdicts=empty,
        scores=empty,
        priority=empty,
        issues=(),
        figures=empty,
        dictionary={name: about},
        notes=BoundaryNote(look.schematic, source, crs=_crs_name(frame)),
        styles={style.name: style},
        fingerprint=_fingerprint(units, values, look),
        illustrative=frozenset({name} if look.illustrative else ()),
        lang=look.lang,
        context=land if land is not None and len(land) else None,
    )
    surrounded = land is not None and bool((land["kind"] != "archipelago").any())
    return OwnMap(content, style, home, surrounded, look.as_of is not None)


def ramp_of(palette: str | Sequence[str] | None, default: str = _RAMP) -> tuple[str, ...]:
    """Return the colours of a ramp, by the name of a shipped one or as they are given.

    Raises
    ------
    PublishError
        No ramp of that name, or something that is no colour.
    """
    # Those of two columns are squares.
    ramps = {name: colours for name, colours in palettes().items() if "x" not in name}
    if palette is None:
        return ramps[default]
    if isinstance(palette, str):
        require_choice("palette", palette, ramps)
        return ramps[palette]
    colours = tuple(map(str, palette))
    for colour in colours:
        if len(colour) != 7 or not colour.startswith("#") or set(colour[1:].lower()) - set("0123456789abcdef"):
            raise PublishError("notebook.bad_choice", where="palette", what="palette", value=colour, known="#rrggbb")
    if len(colours) < 2:
        raise PublishError("notebook.bad_classes", where="palette", value=str(len(colours)), most=9)
    return colours


def _style(name: str, values: pd.Series, kind: str, look: Look) -> MapStyle:
    require_choice("method", look.method, get_args(Found))
    require_choice("kind", look.kind, ("choropleth", "category"))
    require_classes(look.classes)
    numeric = kind in ("number", "integer")
    if look.kind == "choropleth" and not numeric:
        raise PublishError("notebook.not_numeric", where=name, name=name)
    if numeric and look.kind != "category":
        colours = tuple(spread(ramp_of(look.palette), look.classes))
        layer = LayerStyle(name, "choropleth", colours, method=look.method)
    else:
        found = values.dropna().nunique()
        if found > MOST_CATEGORIES:
            raise PublishError("notebook.many_categories", where=name, name=name, n=found, most=MOST_CATEGORIES)
        usual = _VERDICT if kind == "boolean" else _NAMES if not numeric else ramp_of(None)
        colours = ramp_of(look.palette) if look.palette is not None else usual
        if look.palette is None and not numeric:
            colours = colours[: max(2, found)]
        layer = LayerStyle(name, "category", colours)
    title = _both("notebook.own_map")
    return MapStyle(name, title, (layer,))


def _units(frame: gpd.GeoDataFrame, look: Look) -> gpd.GeoDataFrame:
    """Return codes, names and outlines (EPSG:4326), in the order of the rows."""
    if not isinstance(frame, gpd.GeoDataFrame):
        raise PublishError("notebook.not_a_frame", where="", kind=type(frame).__name__)
    if frame.active_geometry_name is None:
        raise PublishError("notebook.no_geometry", where="")
    if frame.crs is None:
        raise CRSError("notebook.own_without_crs", where=str(frame.active_geometry_name))
    codes = _codes(frame, look.code)
    named = look.name if look.name in frame.columns else None
    if named is None and look.name != Look.name:
        known_column(look.name, [str(name) for name in frame.columns])
    names = _words(frame[named]) if named is not None else list(codes)
    parts = {
        "commune_name": [name or code for name, code in zip(names, codes, strict=True)],
        "kind": _words(frame["kind"]) if "kind" in frame else [""] * len(frame),
    }
    both = {"province_code", "province_name"} <= set(frame.columns)
    parts |= {each: _words(frame[each]) if both else [""] * len(frame) for each in ("province_code", "province_name")}
    shapes = _polygons(frame.geometry)
    index = pd.Index(codes, name="commune_code", dtype="str")
    return gpd.GeoDataFrame(pd.DataFrame(parts, index=index), geometry=shapes, crs=_STORED)


def _codes(frame: gpd.GeoDataFrame, code: str | None) -> list[str]:
    if code is not None:
        found = _words(frame[known_column(code, [str(name) for name in frame.columns])])
        twice = sorted({each for each, n in zip(*np.unique(found, return_counts=True), strict=True) if n > 1 and each})
        if twice or "" in found:
            told = ", ".join(twice[:5]) or "–"
            raise PublishError("notebook.bad_codes", where=code, name=code, twice=told, gaps=found.count(""))
        return found
    found = [" / ".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in frame.index]
    if len(set(found)) == len(found) and not frame.index.isna().any() and not isinstance(frame.index, pd.RangeIndex):
        return found
    width = len(str(len(frame)))
    return [str(number).zfill(width) for number in range(1, len(frame) + 1)]


def _words(column: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in column.astype(object)]


def _polygons(given: gpd.GeoSeries) -> Shapes:
    """Return the polygons of every geometry in degrees, None where there is none."""
    raw = shapely.force_2d(given.to_numpy())
    shapes = gpd.GeoSeries(raw, crs=given.crs).to_crs(_STORED).to_numpy().copy()
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    for place in np.flatnonzero(there):
        shape = shapes[place]
        if not np.isfinite(shapely.bounds(shape)).all():
            shapes[place] = None
            continue
        if shape.geom_type in ("Polygon", "MultiPolygon") and shapely.is_valid(shape):
            continue
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
        areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        shapes[place] = shapely.union_all(areas) if len(areas) else None
    shapes[~there] = None
    if there.any() and shapely.is_missing(shapes).all():
        kinds = ", ".join(sorted({shape.geom_type for shape in given.dropna()}))
        raise PublishError("notebook.not_polygons", where="", kinds=kinds)
    return np.asarray(shapes, dtype=object)


def _typed(values: pd.Series) -> tuple[pd.Series, Literal["number", "integer", "boolean", "category"], int]:
    """Return a column in a nullable type, its kind, and how many infinite values became unknown."""
    known = values.dropna()
    plain = values.astype(object)
    if pd.api.types.is_bool_dtype(values.dtype) or (len(known) and known.map(_is_truth).all()):
        return plain.astype("boolean"), "boolean", 0
    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_complex_dtype(values.dtype)
    if numeric or (values.dtype == object and len(known) and known.map(_is_number).all()):
        floats = plain.where(values.notna(), np.nan).astype("float64").to_numpy()
        infinite = int(np.isinf(floats).sum())
        whole = (
            numeric and pd.api.types.is_integer_dtype(values.dtype) and np.nanmax(np.abs(floats), initial=0) < _WHOLE
        )
        found = pd.Series(floats).replace([np.inf, -np.inf], np.nan).astype("Float64")
        return (found.astype("Int64"), "integer", 0) if whole else (found, "number", infinite)
    words = [None if pd.isna(value) else str(value) for value in plain]
    return pd.Series(words, dtype="str"), "category", 0


def _is_truth(value: object) -> bool:
    return isinstance(value, (bool, np.bool_))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating, Decimal)) and not _is_truth(value)


def _at_home(shapes: gpd.GeoSeries) -> bool:
    """Whether something lies in Vietnam, as the small map draws it."""
    known = shapes[shapes.notna()].to_numpy()
    if not len(known):
        return False
    return bool(shapely.STRtree(locator().geometry.to_numpy()).query(known, predicate="intersects").size)


def _archipelagos(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return both archipelagos where the units do not have them."""
    vietnamese, english = locator("vi"), locator("en")
    small = vietnamese.assign(name_en=english["name"], kind="archipelago")[vietnamese["code"].isin(ARCHIPELAGOS)]
    known = units.geometry[units.geometry.notna()].to_numpy()
    lacks = [not shapely.intersects(known, shape.envelope).any() for shape in small.geometry]
    return small.loc[lacks, ["name", "name_en", "kind", "geometry"]].reset_index(drop=True)


def _crs_name(frame: gpd.GeoDataFrame) -> str:
    authority = frame.crs.to_authority()
    return ":".join(authority) if authority else str(frame.crs.name)


def _fingerprint(units: gpd.GeoDataFrame, values: pd.Series, look: Look) -> str:
    digest = hashlib.sha256(repr(look).encode("utf-8"))
    for wkb in shapely.to_wkb(units.geometry.to_numpy()):
        digest.update(wkb if wkb is not None else b"none")
    rows = [
        list(units.index),
        list(units["commune_name"]),
        [None if pd.isna(value) else str(value) for value in values],
    ]
    digest.update(json.dumps(rows, ensure_ascii=False).encode("utf-8"))
    return digest.hexdigest()[:12]


def _both(key: str) -> Label:
    return Label(say(key, "vi"), say(key, "en"))
