"""Holds the people of a raster against the populations that the planner's tables give."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from geontm.tables import Issue, list_briefly

__all__ = ["compare_people"]

# Census, register and model differ by a third, now and then by half; by this factor one of them is wrong.
MOST_FACTOR = 5.0


def compare_people(on_map: pd.Series, known: pd.Series, *, file: str = "") -> tuple[Issue, ...]:
    """Tell where a raster counts five times as many people as the tables, or a fifth.

    Parameters
    ----------
    on_map : Series, index code of unit
        Persons by the raster.
    known : Series, index code of unit
        Persons by the tables; units that only one of the two knows are not compared.
    file : str
        The raster, for issues.

    Returns
    -------
    tuple of Issue
        One for all units together where their sums are that far apart: the raster then is in another unit (a density
        for instance) or of another place. Else one that names the units concerned.
    """
    both = pd.DataFrame({"on_map": on_map, "known": known.reindex(on_map.index)}).dropna().astype(float).sort_index()
    both = both[both["known"] > 0]
    if both.empty:
        return ()
    place = {"file": file, "column": "population_on_map"}
    people, wanted = math.fsum(both["on_map"]), math.fsum(both["known"])
    words = {"people": people, "wanted": wanted}
    if not wanted / MOST_FACTOR <= people <= wanted * MOST_FACTOR:
        message = "population.another_unit" if people > wanted else "population.too_few"
        return (Issue.of("warning", message, **place, value=f"{people:.0f}", n=len(both), **words),)
    low, high = both["known"] / MOST_FACTOR, both["known"] * MOST_FACTOR
    apart = both.index[np.asarray((both["on_map"] < low) | (both["on_map"] > high))]
    if not len(apart):
        return ()
    named = list_briefly(map(str, apart), "; ")
    return (Issue.of("warning", "population.some_far_apart", **place, value=named, n=len(apart), of=len(both)),)
