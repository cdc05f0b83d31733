"""Tables of the same units, side by side."""

from __future__ import annotations

import pandas as pd

__all__ = ["side_by_side"]


def side_by_side(*tables: pd.DataFrame) -> pd.DataFrame:
    """Put tables of the same units side by side; a later column takes the place of an earlier one of its name."""
    whole = tables[0]
    for table in tables[1:]:
        whole = pd.concat([whole.drop(columns=whole.columns.intersection(table.columns)), table], axis=1)
    return whole
