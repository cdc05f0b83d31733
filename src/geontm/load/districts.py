"""Limits boundaries to some districts; what lies around them stays known to measures, and belongs to no result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from geontm.errors import BoundaryError
from geontm.load.boundaries import Boundaries
from geontm.tables import Issue
from geontm.tables.columns import spelling_key

__all__ = ["keep_districts"]

_KINDS = ("huyện ", "thành phố ", "thị xã ", "quận ")


def keep_districts(boundaries: Boundaries, districts: Sequence[str], *, file: str = "") -> Boundaries:
    """Keep the units of some districts.

    Parameters
    ----------
    boundaries : Boundaries
    districts : sequence of str
        Codes of three digits, or names with or without their kind (``Ba Chẽ``, ``Huyện Ba Chẽ``). None keeps all.
    file : str
        Named in messages.

    Returns
    -------
    Boundaries
        The other units move to ``around``; an issues row counts them.

    Raises
    ------
    BoundaryError
        The units have no district of that name or code (none has one since July 2025), or two districts bear it.
    """
    if not districts:
        return boundaries
    units = boundaries.units
    named = ("district_code", "district_name")
    known = pd.DataFrame(units[[name for name in named if name in units]]).reindex(columns=list(named))
    known = known.dropna(subset=["district_name"]).drop_duplicates()
    keep: set[str] = set()
    for wanted in districts:
        found = [
            code or name
            for code, name in known.astype("object").where(known.notna(), "").itertuples(index=False)
            if wanted == code or _key(wanted) == _key(name)
        ]
        if len(found) != 1:
            names = ", ".join(sorted(known["district_name"])) or "–"
            raise BoundaryError("districts.unknown", where="boundaries → districts", district=wanted, names=names)
        keep.add(found[0])
    place = (
        units["district_code"].fillna(units["district_name"]) if "district_code" in units else units["district_name"]
    )
    inside = place.isin(keep)
    beside = gpd.GeoDataFrame(geometry=units.geometry[~inside], crs=units.crs)
    around = (
        gpd.GeoDataFrame(pd.concat([boundaries.around, beside]), crs=units.crs) if len(beside) else boundaries.around
    )
    told = Issue.of("info", "districts.left_out", file=file, n=int((~inside).sum()), kept=int(inside.sum()))
    return replace(boundaries, units=units[inside].copy(), around=around, issues=(*boundaries.issues, told))


def _key(name: str) -> str:
    key = spelling_key(name)
    return next((key.removeprefix(kind) for kind in _KINDS if key.startswith(kind)), key)
