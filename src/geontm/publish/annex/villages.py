"""The list of extremely difficult villages."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from geontm.publish.annex.draft import Draft, lay_out
from geontm.publish.annex.ground import Ground, Part, basis_part, district_part, plain_cells
from geontm.publish.annex.records import AnnexColumn, AnnexList

__all__ = ["village_list"]

_STATUS = "is_extremely_difficult"


def village_list(ground: Ground, villages: pd.DataFrame) -> AnnexList:
    """Make the list of extremely difficult villages: a row per village, under its province and beside its commune."""
    content, units = ground.content, ground.units
    table = villages.assign(commune_code=villages["commune_code"].astype("str"))
    names = [name for name in ("village_code", "village_name") if name in table]
    place = {code: k for k, code in enumerate(units.index)}
    table = table.assign(place=table["commune_code"].map(place)).sort_values(["place", *names], kind="stable")
    table = table[table["place"].notna()].reset_index(drop=True)
    answer = table[_STATUS].astype("boolean")
    of_commune = units.reindex(table["commune_code"].to_numpy()).reset_index(drop=True)
    of_village = replace(ground, units=of_commune.assign(village=table["village_name"]))
    sets = [note for note in content.rulesets if note.unit == "village" and _STATUS in note.columns]
    basis = pd.Series("; ".join(dict.fromkeys(note.document for note in sets)) or pd.NA, of_commune.index, dtype="str")
    village: Part = (AnnexColumn("village", ground.words("village")), plain_cells(table["village_name"]))
    counts = {"n": len(answer), "listed": int(answer.sum()), "unknown": int(answer.isna().sum())}
    return lay_out(
        of_village,
        Draft(
            ruleset="",
            heading=ground.words("heading_villages"),
            name=ground.words("commune"),
            answer=answer,
            parts=(district_part(of_village), village, basis_part(ground, basis)),
            open_parts=(district_part(of_village), village),
            notes=(ground.words("account_villages", not_met=int((~answer).sum()), **counts),),
            illustrative="extremely_difficult_village_pct" in content.illustrative,
            of="village",
        ),
    )
