"""The list of extremely difficult villages."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from geontm.publish.annex.ground import Ground, basis_part, district_part, number_rows, plain_cells, total_of
from geontm.publish.annex.records import AnnexColumn, AnnexList

__all__ = ["village_list"]

# Sets over villages that give the status "extremely difficult", by the ids of the shipped sets.
_VILLAGE_SET = re.compile(r"(?:region|dbkk)-\d{4}-village")


def village_list(ground: Ground, villages: pd.DataFrame) -> AnnexList:
    """Make the list of extremely difficult villages: a row per village, under its province and beside its commune."""
    content, units = ground.content, ground.units
    table = villages.assign(commune_code=villages["commune_code"].astype("str"))
    names = [name for name in ("village_code", "village_name") if name in table]
    place = {code: k for k, code in enumerate(units.index)}
    table = table.assign(place=table["commune_code"].map(place)).sort_values(["place", *names], kind="stable")
    table = table[table["place"].notna()].reset_index(drop=True)
    answer = table["is_extremely_difficult"].astype("boolean")
    of_commune = units.reindex(table["commune_code"].to_numpy()).reset_index(drop=True)
    of_village = replace(ground, units=of_commune.assign(village=table["village_name"]))
    documents = "; ".join(dict.fromkeys(n.document for n in content.rulesets if _VILLAGE_SET.fullmatch(n.id)))
    basis = pd.Series(documents or pd.NA, of_commune.index, dtype="str")
    column = AnnexColumn("village", ground.words("village"))
    parts = [district_part(of_village), (column, plain_cells(table["village_name"])), basis_part(ground, basis)]
    columns, cells = zip(*(part for part in parts if part is not None), strict=True)
    parts = [district_part(of_village), (column, plain_cells(table["village_name"]))]
    open_columns, open_cells = zip(*(part for part in parts if part is not None), strict=True)
    groups = number_rows(of_village, columns, cells, answer.fillna(False), of="village")
    counts = {"n": len(answer), "listed": int(answer.sum()), "unknown": int(answer.isna().sum())}
    note = ground.words("account_villages", not_met=int((~answer).sum()), **counts)
    illustrative = "extremely_difficult_village_pct" in content.illustrative
    return AnnexList(
        ruleset="",
        number="",
        heading=ground.words("heading_villages").upper(),
        attached=ground.words("attached"),
        head=(ground.words("tt"), ground.words("commune")),
        columns=columns,
        groups=groups,
        total=total_of(ground, columns, groups, "village"),
        undecided_heading=ground.words("undecided"),
        undecided_columns=open_columns,
        undecided=number_rows(of_village, open_columns, open_cells, answer.isna(), of="village"),
        notes=(ground.words("illustrative"), note) if illustrative else (note,),
        illustrative=illustrative,
    )
