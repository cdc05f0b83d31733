"""The parts of an atlas: a province each, with what is published of its units and the land that its maps show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geontm.publish.content import Content
from geontm.publish.paper.plane import Land, land_of
from geontm.publish.paper.text import clean

__all__ = ["Part", "parts_of"]

_AROUND = 1.2  # of the size of a unit: what its map may show on each side
_LEAST = 0.03  # degrees
_ROUGH = 0.0005  # degrees: the outlines of other provinces, some 50 m
_PREFIX = re.compile(r"^(?:tỉnh|thành phố)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One file of an atlas.

    Attributes
    ----------
    stem : str
        Of the file: ``atlas``, with the code of the province where there are several.
    name : str
        Of the province; empty where it is unknown.
    content : Content
        Of its units alone; the ranking stays whole, for ranks are among all.
    land : Land
        Its units with those near them, in the projection of the province.
    """

    stem: str
    name: str
    content: Content
    land: Land


def parts_of(content: Content) -> Iterator[Part]:
    """Part a run by province, in the order of their codes; each part is made when it is asked for.

    A code that cannot be in the name of a file, or none, is numbered after the others.
    """
    content = replace(content, units=content.units.sort_index())
    codes = content.units["province_code"].astype("object").fillna("").astype("str")
    found = sorted(set(codes))
    odd = 0
    provinces = _provinces(content, codes) if len(found) > 1 else None
    for code in found:
        stem = "atlas"
        if len(found) > 1 and re.fullmatch(r"[0-9A-Za-z]{1,8}", code):
            stem = f"atlas-{code}"
        elif len(found) > 1:
            odd += 1
            stem = f"atlas-x{odd}"
        own = codes == code
        names = content.units.loc[own, "province_name"].dropna()
        yield Part(
            stem,
            clean(names.iloc[0]) if len(names) else "",
            content if len(found) == 1 else _limited(content, own),
            land_of(content) if provinces is None else _land(_among(content, provinces, code), own),
        )


def _limited(content: Content, own: pd.Series) -> Content:
    codes = set(own.index[own])

    def rows(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["commune_code"].isin(codes)] if "commune_code" in table else table

    return replace(
        content,
        units=content.units[own],
        wide=content.wide.reindex(content.units.index[own]),
        indicators=rows(content.indicators),
        verdicts=rows(content.verdicts),
        briefs=rows(content.briefs),
        scores=rows(content.scores),
    )


def _provinces(content: Content, codes: pd.Series) -> gpd.GeoDataFrame:
    """Return every province in one piece, as it lies around others."""
    units = content.units
    known = (units.geometry.notna() & ~units.geometry.is_empty).to_numpy()
    found = sorted(set(codes[known]))
    shapes = [shapely.coverage_union_all(units.geometry[known & (codes == code)].to_numpy()) for code in found]
    names = [units.loc[codes == code, "province_name"].dropna() for code in found]
    return gpd.GeoDataFrame(
        {"name": [_PREFIX.sub("", each.iloc[0]) if len(each) else "" for each in names]},
        geometry=shapely.coverage_simplify(np.array(shapes, dtype=object), _ROUGH),
        index=found,
        crs=units.crs,
    )


def _among(content: Content, provinces: gpd.GeoDataFrame, own: str) -> Content:
    """Add the other provinces to the land around: beyond the units that a map shows there is no sea."""
    others = provinces[provinces.index != own]
    if content.context is not None and len(content.context):
        context = content.context[["name", *(["name_en"] if "name_en" in content.context else []), "geometry"]]
        others = others.assign(name_en=others["name"]) if "name_en" in context else others
        others = gpd.GeoDataFrame(pd.concat([context, others], ignore_index=True), crs=provinces.crs)
    return replace(content, context=others.reset_index(drop=True))


def _land(content: Content, own: pd.Series) -> Land:
    """Return the units of a province with all others that a map of one of them may show."""
    units = content.units
    bounds = units.geometry.bounds.to_numpy()
    boxes = np.array([None if np.isnan(each).any() else shapely.box(*each) for each in bounds], dtype=object)
    mine = bounds[own.to_numpy() & ~shapely.is_missing(boxes)]
    more = np.maximum(mine[:, 2:] - mine[:, :2], _LEAST).max(axis=1, keepdims=True) * _AROUND
    frames = shapely.box(*(mine[:, :2] - more).T, *(mine[:, 2:] + more).T)
    shown = own.to_numpy().copy()
    shown[np.unique(shapely.STRtree(boxes).query(frames)[1])] = True
    return land_of(replace(content, units=units[shown]), suits=units[own])
