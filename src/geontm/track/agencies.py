"""Supporting agencies of communes: many agencies to many communes, and who is left out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geontm.tables import Issue
from geontm.track.shapes import finding, with_columns

__all__ = ["Agencies", "link_agencies"]


@dataclass(frozen=True)
class Agencies:
    """Who supports whom.

    Attributes
    ----------
    links : DataFrame
        ``agency, unit_code, unit_name``: each pair once.
    by_unit : DataFrame, index ``unit_code``
        ``agency_count`` and ``agencies`` of every commune of the programme; 0 where the list names none for it.
    by_agency : DataFrame, index ``agency``
        ``commune_count`` and ``communes``; 0 where the list names no commune for it.
    issues : tuple of Issue
        Communes without an agency, agencies without a commune, a printed number that the list does not hold.
    """

    links: pd.DataFrame
    by_unit: pd.DataFrame
    by_agency: pd.DataFrame
    issues: tuple[Issue, ...]


def link_agencies(agencies: pd.DataFrame, communes: pd.Series) -> Agencies:
    """Link agencies and communes.

    Parameters
    ----------
    agencies : DataFrame
        ``agency, unit_code, unit_name, count``: a row without commune names an agency that none was found for; a row
        without agency whose ``count`` is filled is the number of agencies that a document prints. Agencies are told
        apart by their name as written, spaces and case aside.
    communes : Series of str, index ``commune_code``
        Names of the communes of the programme.
    """
    rows = with_columns(agencies, "unit_code", "unit_name", "count", "file", "row")
    rows["agency"] = (
        rows["agency"].astype("str") if "agency" in rows else pd.Series(pd.NA, index=rows.index, dtype="str")
    )
    named = rows[rows["agency"].notna()].copy()
    named["_key"] = named["agency"].str.split().str.join(" ").str.casefold()
    spelling = named.sort_values("agency").drop_duplicates("_key").set_index("_key")["agency"]
    named["agency"] = named["_key"].map(spelling)
    linked = named[named["unit_code"].notna()].drop_duplicates(["agency", "unit_code"])
    links = linked[["agency", "unit_code", "unit_name"]].sort_values(["agency", "unit_code"], ignore_index=True)
    titles = {**dict(zip(links["unit_code"], links["unit_name"], strict=True)), **communes.to_dict()}
    by_unit = _listed(links, "unit_code", "agency", communes.index, ("agency_count", "agencies"))
    shown = links.assign(commune=[titles.get(code) or code for code in links["unit_code"]])
    by_agency = _listed(shown, "agency", "commune", pd.Index(spelling), ("commune_count", "communes"))
    issues = []
    alone = by_unit.index[(by_unit["agency_count"] == 0) & by_unit.index.isin(communes.index)]
    if len(alone):
        without = pd.DataFrame({"unit_code": alone, "unit_name": [communes[code] for code in alone]})
        issues.append(finding("warning", "track.commune_without_agency", without, n=len(alone), of=len(communes)))
    idle = by_agency.index[by_agency["commune_count"] == 0]
    if len(idle):
        without = named[named["agency"].isin(idle)].assign(unit_name=lambda t: t["agency"])
        issues.append(finding("warning", "track.agency_without_commune", without, "agency", n=len(idle)))
    printed = rows[rows["agency"].isna() & rows["count"].notna()]
    for at in printed.index:
        stated = int(printed.loc[at, "count"])
        if len(by_agency) not in (0, stated):
            issues.append(
                finding("warning", "track.agencies_differ", printed.loc[[at]], "count", n=len(by_agency), stated=stated)
            )
    return Agencies(links, by_unit, by_agency, tuple(issues))


def _listed(links: pd.DataFrame, key: str, other: str, everyone: pd.Index, names: tuple[str, str]) -> pd.DataFrame:
    groups = links.groupby(key)[other].agg(lambda found: "; ".join(sorted(set(map(str, found)))))
    counts = links.groupby(key)[other].nunique()
    index = pd.Index(sorted(set(everyone) | set(groups.index)), name=key)
    table = pd.DataFrame(
        {names[0]: counts.reindex(index, fill_value=0).astype("Int64"), names[1]: groups.reindex(index)}
    )
    return table.astype({names[1]: "str"})
