"""What of the measures goes into which table of the result."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from geontm import cover
from geontm.pipeline.coverage.inputs import LINES, RASTERS, CoverageInputs
from geontm.pipeline.coverage.run import CoverageFound
from geontm.project.coverage import CoverageSources
from geontm.tables import Table

__all__ = ["longer_tables", "measured_rows", "with_access", "with_village_columns"]

VILLAGES = "villages"


def measured_rows(found: CoverageFound, inputs: CoverageInputs, indicators: Table, *, year: int) -> pd.DataFrame:
    """Return the measures as rows of the long table: ``how`` is ``measured``, the source the files a column is from.

    Bounds stay in the wide table.
    """
    parts = []
    for column in indicators:
        if column.name not in found.table or column.name.endswith(("_low", "_high")):
            continue
        known = found.table[column.name].dropna()
        files = sorted({name for need in found.needs.get(column.name, ()) for name in _files(inputs.sources, need)})
        parts.append(
            pd.DataFrame(
                {
                    "commune_code": known.index.astype("str"),
                    "indicator": column.name,
                    "year": pd.array([year] * len(known), dtype="Int64"),
                    "value": known.astype(object).array,
                    "unit": column.unit,
                    "source_file": "; ".join(files),
                    "how": "measured",
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _files(sources: CoverageSources, need: str) -> tuple[str, ...]:
    """Name the files of an input; what comes from the project's own tables has none here."""
    if need in RASTERS:
        return tuple(path.name for path in getattr(sources, need))
    if need in LINES:
        layer = getattr(sources, need)
        return () if layer is None else (layer.path.name,)
    kind = need.removeprefix("sites:")
    sites = (*([sources.water] if sources.water else []), *sources.facilities)
    return tuple(site.path.name for site in sites if site.kind == kind)


def with_access(
    above: Mapping[str, pd.DataFrame], found: CoverageFound, units: gpd.GeoDataFrame
) -> dict[str, pd.DataFrame]:
    """Put rural access of districts and provinces and its gap, added up over people, beside what else is known."""
    if "access_people" not in found.table:
        return dict(above)
    tables = dict(above)
    for unit in ("district", "province"):
        codes = units.get(f"{unit}_code")
        if codes is None or codes.isna().all():
            continue
        access = cover.upper_access(found.table, codes).rename_axis(f"{unit}_code")
        access = access.join(cover.service_gaps(access))
        before = tables.get(unit)
        tables[unit] = access if before is None else before.join(access, how="outer")
    return tables


def longer_tables(found: CoverageFound) -> dict[str, pd.DataFrame]:
    """Return the longer tables that are files of their own; what is said of villages goes into theirs."""
    return {name: table for name, table in found.more.items() if name != VILLAGES}


def with_village_columns(villages: pd.DataFrame | None, found: CoverageFound) -> pd.DataFrame | None:
    """Put what was measured of single villages beside what the project's table says of them."""
    measured = found.more.get(VILLAGES)
    if villages is None or measured is None:
        return villages
    own = measured.drop(columns="commune_code").set_index("village_code")
    return villages.join(own[[name for name in own if name not in villages]], on="village_code")
