"""What every list is made from: units in the order of the list, columns, numbering and totals."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from geontm.messages import Language, say
from geontm.publish.annex.records import MARK, AnnexCell, AnnexColumn, AnnexGroup, AnnexRow, AnnexTotal
from geontm.publish.content import Content

__all__ = [
    "Ground",
    "Part",
    "basis_part",
    "district_part",
    "make_ground",
    "number_rows",
    "plain_cells",
    "roman",
    "total_of",
]

Part: TypeAlias = tuple[AnnexColumn, Mapping[Hashable, AnnexCell]]
"""A column and its cell for each unit."""


@dataclass(frozen=True)
class Ground:
    """What every list of a run is made from."""

    content: Content
    units: pd.DataFrame  # index commune_code, in the order of the list
    verdicts: Mapping[str, pd.DataFrame]  # rows of the verdicts and outcomes by rule set
    lang: Language

    def words(self, key: str, **values: Any) -> str:
        """Return a text of the annex in the language of the run."""
        return say(f"books.annex_{key}", self.lang, **values)

    @property
    def districts(self) -> bool:
        """Whether units are told with their district, as before July 2025."""
        return "district_name" in self.units and bool(self.units["district_name"].notna().any())


def roman(number: int) -> str:
    """Write a positive number in Roman numerals."""
    signs = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    text = ""
    for value, sign in signs:
        times, number = divmod(number, value)
        text += sign * times
    return text


def make_ground(content: Content) -> Ground:
    """Gather what the lists of a run are made from."""
    return Ground(content, _ordered(content), _verdict_rows(content), content.lang)


def _ordered(content: Content) -> pd.DataFrame:
    """Return the units in the order of the list, with the columns of the run that a list shows."""
    units = pd.DataFrame(content.units.drop(columns="geometry"))
    shown = ["extremely_difficult_village_count", "border_neighbours", "is_extremely_difficult"]
    added = content.wide.reindex(units.index)
    units = units.assign(**{name: added[name] for name in shown if name in added and name not in units})
    units.index = units.index.astype("str")
    units = units.assign(commune_code=units.index)
    keys = [name for name in ("province_code", "district_code") if name in units]
    return units.sort_index().sort_values(keys, kind="stable", na_position="last") if keys else units.sort_index()


def _verdict_rows(content: Content) -> dict[str, pd.DataFrame]:
    rows = content.verdicts
    if not len(rows):
        return {}
    return {str(name): table for name, table in rows.groupby("ruleset", sort=False)}


def district_part(ground: Ground) -> Part | None:
    """Return the column of districts, where units have one."""
    if not ground.districts:
        return None
    return AnnexColumn("district", ground.words("district")), plain_cells(ground.units["district_name"])


def basis_part(ground: Ground, article: pd.Series) -> Part:
    """Return the column of the legal basis."""
    return AnnexColumn("basis", ground.words("basis")), plain_cells(article)


def number_rows(
    ground: Ground,
    columns: Sequence[AnnexColumn],
    cells: Sequence[Mapping[Hashable, AnnexCell]],
    listed: pd.Series,
    *,
    of: str = "unit",
) -> tuple[AnnexGroup, ...]:
    """Put the listed units, or villages, under their provinces and number them."""
    units = ground.units[listed.to_numpy(dtype=bool)]
    found = []
    for place, (province, table) in enumerate(units.groupby("province_code", sort=True, dropna=False), start=1):
        rows = tuple(
            AnnexRow(number, str(code), _text(name), tuple(each.get(key) for each in cells))
            for number, (key, code, name) in enumerate(
                zip(table.index, table["commune_code"], table["commune_name"], strict=True), start=1
            )
        )
        name = _text(table["province_name"].iloc[0])
        total = _total_of(ground, columns, rows, of)
        found.append(AnnexGroup(roman(place), _text(province), name, rows, total))
    return tuple(found)


def total_of(ground: Ground, columns: Sequence[AnnexColumn], groups: Sequence[AnnexGroup], of: str) -> AnnexTotal:
    """Total all rows of some provinces: ``of`` is *unit* or *village*."""
    return _total_of(ground, columns, [row for group in groups for row in group.rows], f"grand_{of}")


def _total_of(ground: Ground, columns: Sequence[AnnexColumn], rows: Sequence[AnnexRow], kind: str) -> AnnexTotal:
    texts = (_sum_up(ground, column, [row.cells[k] for row in rows]) for k, column in enumerate(columns))
    label = ground.words("grand_total" if kind.startswith("grand") else "total")
    of = ground.words("of_villages" if kind.endswith("village") else "of_units")
    text = ground.words("total_of", label=label, n=len(rows), of=of)
    return AnnexTotal(len(rows), label, of, text, tuple(texts))


def _sum_up(ground: Ground, column: AnnexColumn, cells: Sequence[AnnexCell]) -> str:
    """Total a column: a sum with a gap is told as the least that it can be."""
    if column.kind == "mark":
        return str(sum(cell == MARK for cell in cells))
    if column.kind == "choice":
        return "; ".join(f"{choice}: {sum(cell == choice for cell in cells)}" for choice in column.choices)
    if column.kind == "count":
        known = [cell for cell in cells if isinstance(cell, int)]
        if not known and cells:
            return ground.words("no_figure")
        key = "sum" if len(known) == len(cells) else "at_least"
        return ground.words(key, n=sum(known))
    return ""


def plain_cells(values: pd.Series) -> dict[Hashable, AnnexCell]:
    """Return texts by index; None where there is none."""
    return {code: None if pd.isna(value) else str(value) for code, value in values.items()}


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
