"""One outline per village: the polygons of a layer, put together by the villages that they were found to be."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geontm.tables import Issue

__all__ = ["outline_villages"]

_NAMED = 5


def outline_villages(
    shapes: gpd.GeoSeries, keys: pd.Series[Any], villages: pd.DataFrame, *, file: str = "", sheet: str = ""
) -> tuple[gpd.GeoDataFrame, tuple[Issue, ...]]:
    """Give every village the outline that its polygons make.

    Parameters
    ----------
    shapes : GeoSeries, n rows, EPSG:4326
        Valid polygons; missing where a feature has none.
    keys : Series of str, n rows, same index
        The village that each is; missing where none was found.
    villages : DataFrame, index ``village_key``
        With ``commune_code``.
    file, sheet : str
        Named in the issues.

    Returns
    -------
    GeoDataFrame, index ``village_key``, sorted, EPSG:4326
        ``commune_code`` and geometry of the villages that have an outline.
    tuple of Issue
        Outlines that are no village of the table, villages of several outlines, and villages without one.
    """
    place = {"file": file, "sheet": sheet}
    issues = []
    lost = keys.isna()
    if lost.any():
        rows = _name([str(row) for row in keys.index[lost]])
        issues.append(
            Issue.of("error", "terrain.polygons_unmatched", **place, row=rows, n=int(lost.sum()), of=len(keys))
        )
    drawn = ~(shapes.isna() | lost)
    groups = gpd.GeoSeries(shapes[drawn].to_numpy(), index=pd.Index(keys[drawn].astype("str")), crs=shapes.crs)
    several = sorted(set(groups.index[groups.index.duplicated()]))
    if several:
        issues.append(Issue.of("info", "terrain.polygons_several", **place, value=_name(several), n=len(several)))
        pieces = {key: sorted(groups.loc[[key]], key=shapely.to_wkb) for key in several}
        once = groups[~groups.index.duplicated(keep=False)]
        united = gpd.GeoSeries({key: shapely.union_all(parts) for key, parts in pieces.items()}, crs=shapes.crs)
        groups = pd.concat([once, united])
    groups = groups.sort_index().rename_axis("village_key")
    missing = villages.index.difference(groups.index)
    if len(missing):
        named = _name([str(key) for key in missing])
        issues.append(
            Issue.of("warning", "terrain.polygons_missing", **place, value=named, n=len(missing), of=len(villages))
        )
    communes = villages["commune_code"].reindex(groups.index)
    frame = gpd.GeoDataFrame(
        {"commune_code": communes.array}, geometry=groups.array, index=groups.index, crs=shapes.crs
    )
    return frame, tuple(issues)


def _name(texts: list[str]) -> str:
    more = f" (+{len(texts) - _NAMED})" if len(texts) > _NAMED else ""
    return ", ".join(texts[:_NAMED]) + more
