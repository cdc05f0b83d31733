"""Reads a table of villages: each row a village with its commune, its figures and, where given, its point."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd

from geontm.errors import TableError
from geontm.load.books import Book
from geontm.load.lower_figures import read_figures, text_column
from geontm.load.lower_tables import LowerSource, LowerTable, RawTable, name_rows, narrow_identifiers, read_raw
from geontm.load.meanings import IDENTITY
from geontm.load.unit_words import is_commune_name, is_heading
from geontm.tables import Issue, Table

__all__ = ["read_village_table"]


def read_village_table(
    source: LowerSource, *, identifiers: Table, villages: Table, book: Book | None = None
) -> LowerTable:
    """Read one table of villages.

    A row that names a commune and no village heads the rows below it; where no two rows that follow each other repeat
    their commune, an empty cell of the commune stands for the one above. Totals and notes are left out, each with an
    issue.

    Parameters
    ----------
    source : LowerSource
    identifiers, villages : Table
        Dictionaries: what names a commune; what is said of a village.
    book : Book, optional
        What the file holds, where something else has read it: the attributes of a map layer.

    Returns
    -------
    LowerTable
        ``rows``: what names the commune, ``village_code``, ``village_name``, ``village_kind`` (text), then the figures;
        ``lon`` and ``lat`` in degrees (EPSG:4326), both unknown where one of them is.

    Raises
    ------
    SourceError, TableError
        See :func:`geontm.load.lower_tables.read_raw`; also a table without any village.
    """
    raw = read_raw(
        source, narrow_identifiers(identifiers), villages, anchors=("village_name", "village_code"), book=book
    )
    if not {"village_name", "village_code"} & set(raw.cells):
        raise TableError("lower.no_villages", where=source.path.name, found=", ".join(raw.headers.values()))
    names = [*IDENTITY, "village_code", "village_name", "village_kind"]
    present = [name for name in names if name in raw.cells or name in ("village_code", "village_name", "commune_name")]
    texts = pd.DataFrame({name: text_column(raw, name) for name in present}, index=raw.cells.index)
    texts, is_village, issues = _walk(texts, raw)
    figures, found = read_figures(raw, villages)
    rows = pd.concat([texts, figures], axis=1)[is_village]
    if rows.empty:
        raise TableError("sheets.no_rows", where=" / ".join(raw.place.values()), found=", ".join(raw.headers.values()))
    points, point_issues = _points(rows, raw)
    rows = rows.assign(**points)
    return LowerTable(source, raw.sheet, rows, raw.headers, (*raw.issues, *issues, *found, *point_issues))


def _walk(texts: pd.DataFrame, raw: RawTable) -> tuple[pd.DataFrame, pd.Series[bool], list[Issue]]:
    """Tell villages from headings, totals and notes, and give villages the commune that stands above them."""
    village = texts["village_name"].fillna("").tolist()
    code = texts["village_code"].fillna("").tolist()
    commune_code = texts["commune_code"].fillna("").tolist() if "commune_code" in texts else [""] * len(texts)
    commune_name = texts["commune_name"].fillna("").tolist()
    commune = [name or key for name, key in zip(commune_name, commune_code, strict=True)]
    fill = _is_grouped(commune)
    here: tuple[str, str] = ("", "")
    names, codes, kept, filled = [], [], [], []
    told: dict[str, list[int]] = {"heading": [], "summary": [], "note": []}
    for at, row in enumerate(texts.index):
        own = (commune_name[at], commune_code[at])
        names.append(own[0])
        codes.append(own[1])
        kept.append(False)
        if village[at] and is_heading(village[at]) and not code[at]:
            told["summary"].append(row)
        elif village[at] and not commune[at] and not code[at] and is_commune_name(village[at]):
            here = (village[at], "")
            told["heading"].append(row)
        elif not village[at] and not code[at]:
            if commune[at] and not is_heading(commune[at]):
                here = own
                told["heading"].append(row)
            else:
                told["summary" if commune[at] else "note"].append(row)
        else:
            kept[-1] = True
            if commune[at]:
                here = own
            elif fill and any(here):
                names[-1], codes[-1] = here
                filled.append(row)
    walked = texts.assign(commune_name=pd.Series([n or None for n in names], index=texts.index, dtype="str"))
    if "commune_code" in texts:
        walked["commune_code"] = pd.Series([c or None for c in codes], index=texts.index, dtype="str")
    issues = [
        Issue.of("info", f"lower.village_{kind}", **raw.place, row=name_rows(pd.Index(rows)), n=len(rows))
        for kind, rows in told.items()
        if rows
    ]
    if filled:
        issues.append(
            Issue.of("info", "lower.commune_filled", **raw.place, row=name_rows(pd.Index(filled)), n=len(filled))
        )
    return walked, pd.Series(kept, index=texts.index, dtype=bool), issues


def _is_grouped(communes: list[str]) -> bool:
    """Tell whether a commune is written once above its villages: no row repeats the commune of the row before."""
    return not any(one and one == other for one, other in pairwise(communes))


def _points(rows: pd.DataFrame, raw: RawTable) -> tuple[dict[str, pd.Series[Any]], list[Issue]]:
    """Take away what is only half a point: a village has both coordinates or none."""
    if not {"lon", "lat"} <= set(rows):
        return {
            name: pd.Series(pd.NA, index=rows.index, dtype="Float64") for name in ("lon", "lat") if name in rows
        }, []
    lon, lat = rows["lon"], rows["lat"]
    half = lon.isna() != lat.isna()
    issues = []
    if half.any():
        issues.append(
            Issue.of("error", "lower.half_point", **raw.place, row=name_rows(rows.index[half]), n=int(half.sum()))
        )
    return {"lon": lon.mask(half), "lat": lat.mask(half)}, issues
