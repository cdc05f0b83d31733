"""What is lacking: the share without a service, from the share that has it."""

from __future__ import annotations

import pandas as pd

__all__ = ["GAPS", "service_gaps"]

GAPS = {
    "clean_water_gap_pct": "clean_water_pct",
    "hygienic_water_gap_pct": "hygienic_water_pct",
    "road_gap_pct": "rural_access_pct",
}


def service_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Return the gap columns whose share is there: 100 minus the share.

    Parameters
    ----------
    table : DataFrame, n rows
        ``clean_water_pct``, ``hygienic_water_pct`` and ``rural_access_pct`` (%), where the project has them.

    Returns
    -------
    DataFrame, n rows, index of ``table``
        ``clean_water_gap_pct``, ``hygienic_water_gap_pct`` and ``road_gap_pct`` (%, Float64); unknown where the share
        is unknown and the table has no gap of its own. Where the share has bounds, so has the gap: ``_low`` from the
        high one, ``_high`` from the low one.
    """
    ends = {"": "", "_low": "_high", "_high": "_low"}
    gaps = {
        f"{gap}{end}": 100 - table[f"{share}{other}"].astype("Float64")
        for gap, share in GAPS.items()
        for end, other in ends.items()
        if f"{share}{other}" in table
    }
    for gap in GAPS:
        if gap in gaps and gap in table:
            gaps[gap] = gaps[gap].fillna(table[gap].astype("Float64"))
    return pd.DataFrame(gaps, index=table.index)
