"""The rank of a unit in the order of priority, told in one way: among all units, and among those of its province.

Both count alike: a rank is one more than the units that certainly come before, so a unit whose score is open because a
figure is missing counts where even its lowest score is higher. A project of one province has one rank, not two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geontm.publish.content import Content

__all__ = ["standings"]

_SCORES = ("priority_score_low", "priority_score_high")


def standings(content: Content) -> pd.DataFrame:
    """Rank the units within the whole run and within their province, with the ranks that open scores leave possible.

    Returns
    -------
    DataFrame, n rows, index of ``units`` sorted by code
        ``best``, ``worst``, ``of`` among all units and ``province_best``, ``province_worst``, ``province_of`` among
        those of the province (Int64; ``of`` counts the units that are ranked at all). ``best`` equals ``priority_rank``
        where the score is known. Unknown where a unit has no score; no columns where the project ranks nothing.
    """
    units = content.units.sort_index()
    table = content.priority.reindex(units.index)
    if not set(_SCORES) <= set(table.columns):
        return pd.DataFrame(index=units.index)
    low, high = (
        np.asarray(table[name].astype("Float64").to_numpy(na_value=np.nan), dtype=np.float64) for name in _SCORES
    )
    everywhere = np.zeros(len(units), dtype=np.int64)
    provinces, _ = pd.factorize(units["province_code"].astype("object"), sort=True, use_na_sentinel=False)
    parts: dict[str, pd.arrays.IntegerArray] = {}
    for prefix, groups in (("", everywhere), ("province_", np.asarray(provinces, dtype=np.int64))):
        found = np.full((3, len(units)), np.nan)
        for group in np.unique(groups):
            mine = np.flatnonzero((groups == group) & ~np.isnan(low) & ~np.isnan(high))
            found[:, mine] = _ranks(low[mine], high[mine])
        parts |= {f"{prefix}{name}": _whole(row) for name, row in zip(("best", "worst", "of"), found, strict=True)}
    return pd.DataFrame(parts, index=units.index)


def _ranks(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the best and the worst rank of each unit and their number; scores are compared as they were ranked."""
    ahead = len(low) - np.searchsorted(np.sort(low), high, side="right")
    perhaps = len(low) - np.searchsorted(np.sort(high), low, side="right") - (high > low)
    return np.array([1 + ahead, 1 + perhaps, np.full(len(low), len(low))], dtype=np.float64)


def _whole(row: npt.NDArray[np.float64]) -> pd.arrays.IntegerArray:
    return pd.array([None if value != value else int(value) for value in row.tolist()], dtype="Int64")
