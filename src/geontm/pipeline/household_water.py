"""What the table of households says of water in the communes: clean water, hygienic water, the ladder of SDG 6.1.1."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geontm import cover
from geontm.classify.rates import Holds
from geontm.pipeline.gained import Gained
from geontm.pipeline.lower_units import PreparedLower
from geontm.project.water_ladder import read_water_ladder
from geontm.tables import Issue

__all__ = ["take_household_water"]


def take_household_water(
    gained: Gained, prepared: PreparedLower, *, holds: Holds, totals: pd.Series[Any]
) -> tuple[Issue, ...]:
    """Give the communes the shares that their households tell, and what is lacking by them.

    Parameters
    ----------
    gained : Gained
        What the communes gain: their own figures stand, and a difference is told.
    prepared : PreparedLower
    holds : {"all", "poor_and_near_poor", "some"}
        Which households the table lists. Only where it lists all, or the number of all is known, is there a share.
    totals : Series, index ``commune_code``
        Households of each commune by another source; those that are not listed may have water or not.

    Returns
    -------
    tuple of Issue
        Which columns the table lacks.
    """
    households, communes = prepared.households, gained.communes
    if households is None:
        return ()
    shares, issues = cover.measure_household_water(
        households, households["commune_code"], communes.index, ladder=read_water_ladder(), totals=totals
    )
    if holds != "all":
        shares.loc[totals.reindex(communes.index).isna()] = pd.NA
    gained.take_bounded(shares)
    gained.take_bounded(cover.service_gaps(_without_given(shares, communes)))
    return issues


def _without_given(shares: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """Leave out the shares that communes give themselves: what they lack follows from their own figure."""
    left = shares.copy()
    for name in shares:
        plain = str(name).removesuffix("_low").removesuffix("_high")
        if plain in communes:
            left[name] = shares[name].mask(communes[plain].notna())
    return left
