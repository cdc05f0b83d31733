"""Columns that communes gain from the units below; what they have stands, and a difference is told."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geontm.classify.rates import prefer_given
from geontm.tables import Column, Issue, Table, list_briefly

__all__ = ["Gained", "name_codes"]

_ROUNDING_PCT = 0.05  # figures of offices have one decimal


class Gained:
    """Columns that communes gain from below; the figures that they have stand, and differences are told."""

    def __init__(self, communes: pd.DataFrame, dictionary: Table, files: tuple[str, str], issues: list[Issue]) -> None:
        self.communes, self.dictionary, self.issues = communes, dictionary, issues
        self.file = ", ".join(filter(None, files))
        self.columns: dict[str, pd.Series[Any]] = {}

    def take(self, name: str, computed: pd.Series[Any]) -> None:
        """Take one column: a value, or a bound of one; what was taken before stands, gaps in it are filled."""
        plain = name.removesuffix("_low").removesuffix("_high")
        if plain in self.dictionary:
            dtype = self.dictionary[name].dtype if plain == name else "Float64"
            before = self.columns.get(name)
            self.columns[name] = computed.astype(dtype) if before is None else before.fillna(computed.astype(dtype))

    def take_bounded(self, frame: pd.DataFrame) -> None:
        """Take values with their bounds."""
        for each in frame:
            self.take(str(each), frame[each])

    def _outside(self, name: str, within: float) -> pd.Series[bool]:
        """Tell where the figure that a unit has lies outside the bounds of what was counted."""
        given = self.communes[name]
        outside = pd.Series(False, index=given.index)
        if f"{name}_low" in self.columns:
            low, high = (self.columns[f"{name}_{end}"] for end in ("low", "high"))
            slack = within + 1e-9
            outside |= ((given < low - slack) | (given > high + slack)).fillna(False).astype(bool)
        return outside

    def _tell(self, column: Column, differs: pd.Series[bool]) -> None:
        place = {"file": self.file, "column": column.name, "value": name_codes(differs)}
        self.issues.append(
            Issue.of("warning", "lower.figure_differs", **place, label=column.label, n=int(differs.sum()))
        )

    def table(self) -> pd.DataFrame:
        """Return the columns, given figures kept; bounds only where they say more than the value does."""
        table = pd.DataFrame(index=self.communes.index)
        for name, computed in self.columns.items():
            plain = name.removesuffix("_low").removesuffix("_high")
            if plain == name and name in self.communes:
                within = _ROUNDING_PCT if name.endswith("_pct") else 0
                table[name], differs = prefer_given(self.communes[name], computed, within=within)
                differs |= self._outside(name, within)
                if differs.any():
                    self._tell(self.dictionary[name], differs)
            else:
                table[name] = computed
        for name in [str(name) for name in table]:
            plain = name.removesuffix("_low").removesuffix("_high")
            if plain != name:
                table[name] = table[name].mask(table[plain].notna())
        bounded = {str(name).removesuffix("_low") for name in table if table[name].notna().any()}
        return table[[name for name in table if table[name].notna().any() or name in bounded]]


def name_codes(mask: pd.Series[Any]) -> str:
    """Name the units where something is so, the first ten of them."""
    codes = sorted(map(str, mask.index[mask.to_numpy(dtype=bool)]))
    return list_briefly(codes)
