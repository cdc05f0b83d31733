"""Counts a site that a file writes several times once, and gives every site a code of its own."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geontm.load.lower_tables import RawTable, name_rows
from geontm.tables import Issue

__all__ = ["SITE_COLUMNS", "once_each"]

SITE_COLUMNS = ("site_id", "kind", "name", "working", "radius_m", "capacity_persons", "capacity_households")


def once_each(frame: gpd.GeoDataFrame, raw: RawTable, stem: str) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Merge rows of one code (else of one name) at one place; tell codes that stand at several places.

    Parameters
    ----------
    frame : GeoDataFrame, index the row
        ``SITE_COLUMNS`` and a geometry in every row.
    raw : RawTable
        For issues.
    stem : str
        Name of the file, in the codes that are made where the file has none.

    Returns
    -------
    GeoDataFrame, RangeIndex
        In the order of the file; ``site_id`` is unique. What the rows of one site contradict each other in is unknown.
    list of Issue
    """
    rows = frame.index.astype(str)
    code = frame["site_id"].where(frame["site_id"].notna(), "")
    name = frame["name"].where(frame["name"].notna(), "")
    shape = pd.Series(shapely.to_wkb(frame.geometry.to_numpy(), output_dimension=2), index=frame.index, dtype=object)
    # Without a code the name stands for it; what has neither is only its row.
    who = np.where(code != "", "code " + code, np.where(name != "", "name " + name, "row " + rows))
    keys = pd.DataFrame({"who": who, "kind": frame["kind"], "shape": shape}, index=frame.index)
    group = keys.groupby(["who", "kind", "shape"], sort=False).ngroup()
    kept, issues = _merged(frame, group, raw)
    told = kept["site_id"].notna() & kept["site_id"].duplicated(keep=False)
    for one, at in kept[told].groupby("site_id", sort=True).groups.items():
        issues.append(Issue.of("warning", "sites.id_twice", **raw.place, row=name_rows(at), n=len(at), id=str(one)))
    made = kept["site_id"].where(~told, kept["site_id"] + ":" + kept.index.astype(str))
    made = made.where(kept["site_id"].notna(), f"{stem}:" + kept.index.astype(str))
    kept["site_id"] = made.astype("str")
    return kept.reset_index(drop=True)[[*SITE_COLUMNS, "geometry"]], issues


def _merged(frame: gpd.GeoDataFrame, group: pd.Series[int], raw: RawTable) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Keep the first row of every group, without the figures in which its other rows differ."""
    first = ~group.duplicated()
    kept = frame[first].copy()
    if first.all():
        return kept, []
    again = frame.index[~first]
    issues = [Issue.of("warning", "sites.duplicate", **raw.place, row=name_rows(again), n=len(again))]
    odd = {}
    for column in SITE_COLUMNS[2:]:
        different = frame.groupby(group)[column].nunique(dropna=False).gt(1)
        which = group[first].map(different).to_numpy(dtype=bool)
        kept.loc[which, column] = pd.NA
        if which.any():
            odd[column] = kept.index[which]
    if odd:
        rows = pd.Index(sorted(set().union(*odd.values())))
        place = {**raw.place, "row": name_rows(rows)}
        issues.append(Issue.of("error", "sites.contradicts", **place, n=len(rows), columns=", ".join(odd)))
    return kept, issues
