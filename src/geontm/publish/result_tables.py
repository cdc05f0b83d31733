"""The plain tables of a result: csv and parquet, one row per unit, marked where figures are constructed."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geontm.publish.content import Content, communes_table
from geontm.publish.summaries import DISTRICT, summary_table, with_above
from geontm.publish.tables import write_csv, write_parquet
from geontm.tables import issues_frame

__all__ = ["severities", "write_issues", "write_tables"]

_MADE_OF = ("_known_count", "_count", "_of_known", "_low", "_high")


def write_issues(content: Content, path: Path) -> Path:
    """Write the issues table; errors first."""
    return write_csv(issues_frame(content.issues, content.lang), path)


def severities(folder: Path) -> list[str]:
    """Return the severity of each row of a result's ``issues.csv``, in its order."""
    with (folder / "issues.csv").open(encoding="utf-8-sig", newline="") as read:
        return [row["severity"] for row in csv.DictReader(read)]


def write_tables(content: Content, folder: Path) -> list[Path]:
    """Write every table of a result but the workbook and the issues.

    Returns
    -------
    list of Path
        In the order in which a reader looks for them.
    """
    communes = communes_table(content)
    told = _told(communes, content)
    verdicts = _marked_verdicts(content)
    written = [
        write_csv(told, folder / "communes.csv"),
        _write_geoparquet(content, told, folder / "communes.parquet"),
        write_csv(_marked(content), folder / "indicators.csv"),
        write_parquet(verdicts, folder / "verdicts.parquet"),
    ]
    if len(communes["province_code"].unique()) <= 1:
        written.append(write_csv(verdicts, folder / "verdicts.csv"))
    if "district_code" in communes and communes["district_code"].notna().any():
        districts = with_above(summary_table(communes, content.dictionary, by=DISTRICT), content.above, "district")
        written.append(write_csv(_told(districts, content), folder / "districts.csv"))
    priority = _sorted(content.priority.rename_axis("commune_code").reset_index(), "commune_code")
    provinces = with_above(summary_table(communes, content.dictionary), content.above, "province")
    return [
        *written,
        write_csv(_sorted(content.scores, "commune_code", "ruleset"), folder / "scores.csv"),
        write_csv(_told(priority, content), folder / "priority.csv"),
        write_csv(_told(provinces, content), folder / "provinces.csv"),
        write_csv(_sorted(content.figures, "key"), folder / "figures.csv"),
        *(write_csv(table, folder / f"{name}.csv") for name, table in sorted(content.more.items()) if len(table)),
    ]


def _marked(content: Content) -> pd.DataFrame:
    """Return the long indicators with a last column that tells constructed figures from real ones."""
    table = _sorted(content.indicators, "commune_code", "indicator", "year", "source_file")
    return table.assign(illustrative=table["indicator"].isin(content.illustrative).astype("boolean"))


def _marked_verdicts(content: Content) -> pd.DataFrame:
    """Return the verdicts; where the scores tell it, with a last column for those that rest on constructed figures."""
    table = _sorted(content.verdicts, "commune_code", "ruleset", "test")
    if "illustrative" not in content.scores:
        return table
    resting = content.scores.loc[content.scores["illustrative"].fillna(False), "ruleset"].unique()
    return table.assign(illustrative=table["ruleset"].isin(resting).astype("boolean"))


def _told(table: pd.DataFrame, content: Content) -> pd.DataFrame:
    """Return a wide table with a last column that names, in each row, the columns whose figure there is constructed.

    A run without constructed figures keeps its columns.
    """
    names = [name for name in table.columns if _constructed(name, content.illustrative)]
    if not names:
        return table
    shown = table[names].notna().to_numpy()
    told = ["; ".join(name for name, there in zip(names, row, strict=True) if there) for row in shown]
    return table.assign(illustrative=pd.array(told, dtype="str"))


def _constructed(name: str, illustrative: Collection[str]) -> bool:
    """Tell whether a column, or what is made of one (a count, sum, mean, bound or part), is constructed."""
    if name.startswith("region_") and name.endswith("_count"):
        return "development_region" in illustrative
    if name in ("rank_best", "rank_worst"):
        return "priority_rank" in illustrative
    name = name.removeprefix("part_")
    return name in illustrative or any(name.removesuffix(ending) in illustrative for ending in _MADE_OF)


def _write_geoparquet(content: Content, communes: pd.DataFrame, path: Path) -> Path:
    shapes = content.units.geometry.reindex(communes["commune_code"])
    gpd.GeoDataFrame(communes, geometry=shapes.to_numpy(), crs="EPSG:4326").to_parquet(path, index=False)
    return path


def _sorted(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    present = [name for name in columns if name in table.columns]
    return table.sort_values(present, kind="stable", ignore_index=True) if present else table.reset_index(drop=True)
