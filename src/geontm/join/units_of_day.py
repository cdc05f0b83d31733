"""Refuse boundaries whose units had changed by the day of the project, on the same side of 1 July 2025."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from geontm.errors import VintageError

__all__ = ["require_units_of_day"]

IDENTITY = ["commune_name", "kind", "district_code"]
MOST_NAMED = 5


def require_units_of_day(
    day: date,
    units: pd.DataFrame,
    *,
    boundaries_date: date | None,
    lists: tuple[pd.DataFrame, pd.DataFrame],
    layers: Iterable[str] = (),
) -> None:
    """Refuse units that the day of a project no longer had, or did not have yet.

    Parameters
    ----------
    day : date
        The project's ``as_of``.
    units : DataFrame, n rows, index ``commune_code``
        Units of the boundaries.
    boundaries_date : date or None
        The day the boundaries stand for; None: nothing can be told.
    lists : pair of DataFrame, index ``commune_code``
        Official lists of ``boundaries_date`` and of ``day``, with ``commune_name``, ``kind`` and ``district_code``.
    layers : iterable of str
        Names of boundaries of ``day``, for the remedy; read only when it is needed.

    Raises
    ------
    VintageError
        ``days.units_changed``: a unit of the boundaries stood in the first list, and in the second it is missing, or
        has another name, kind or district; or a district that the boundaries have whole has more units there.
    """
    then, now = (each.reindex(columns=IDENTITY) for each in lists)
    own = then.loc[then.index.intersection(units.index)].sort_index()
    changed = own.index[~(own.fillna("") == now.reindex(own.index).fillna("")).all(axis=1)]
    # A unit that took in another keeps name and code: in a district that the boundaries have whole, the other tells.
    absent = set(then.loc[~then.index.isin(units.index), "district_code"])
    whole = set(own["district_code"]) - absent
    more = now.index[now["district_code"].isin(whole) & ~now.index.isin(then.index)].sort_values()
    if boundaries_date is None or (changed.empty and more.empty):
        return
    told = [*own.loc[changed, "commune_name"], *now.loc[more, "commune_name"]]
    names = ", ".join(told[:MOST_NAMED]) + (", …" if len(told) > MOST_NAMED else "")
    raise VintageError(
        "days.units_changed",
        where="as_of",
        day=day.isoformat(),
        boundaries=boundaries_date.isoformat(),
        n=len(told),
        names=names,
        layers=", ".join(layers) or "–",
    )
