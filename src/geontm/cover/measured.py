"""What a function of this room returns: one row per unit, longer tables beside it, and what it found odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from geontm.tables import Issue

__all__ = ["Measured"]


@dataclass(frozen=True)
class Measured:
    """The result of one measuring function.

    Attributes
    ----------
    table : DataFrame, index ``commune_code``
        The function's own columns, in nullable types; missing is unknown, never zero. Where an answer hangs on what a
        layer does not say, ``<column>_low`` and ``<column>_high`` give its bounds and ``<column>`` itself is known only
        where the two agree.
    more : mapping of str to DataFrame
        Longer tables by name, each with a column ``commune_code``.
    issues : tuple of Issue
    """

    table: pd.DataFrame
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
