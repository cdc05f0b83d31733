"""Measure how the schematic layer of 2025 compares with the real one, and print the table of ``README.md``.

Usage: ``python boundaries/compare_schematic.py LAYER [--provinces]``, where LAYER is the cleaned national layer
(``communes-2025`` in ``sources.yaml``; columns ``code``, ``geometry``).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

HERE = Path(__file__).resolve().parent
EQUAL_AREA = 6933


def compare(schematic: gpd.GeoDataFrame, real: gpd.GeoDataFrame) -> pd.DataFrame:
    """Compare unit by unit.

    Parameters
    ----------
    schematic : GeoDataFrame, index ``commune_code``, EPSG:4326
        With ``lon``, ``lat`` (the point it was drawn from), ``province_code`` and ``drawn``.
    real : GeoDataFrame, index ``commune_code``, EPSG:4326

    Returns
    -------
    DataFrame, index ``commune_code``
        ``point_right`` (the point lies in the unit's real polygon), ``middle_right`` (so does a point inside the drawn
        shape), ``iou`` (intersection over union, 0–1), ``area_ratio`` (drawn over real), ``apart_km`` (between the
        centroids), ``drawn`` and ``province_code``.
    """
    ours, theirs = schematic.to_crs(EQUAL_AREA), real.reindex(schematic.index).to_crs(EQUAL_AREA)
    a, b = ours.geometry.to_numpy(), shapely.make_valid(theirs.geometry.to_numpy())
    common, area_a, area_b = shapely.area(shapely.intersection(a, b)), shapely.area(a), shapely.area(b)
    points = gpd.GeoSeries(gpd.points_from_xy(schematic["lon"], schematic["lat"]), crs=4326).to_crs(EQUAL_AREA)
    return pd.DataFrame(
        {
            "point_right": shapely.covers(b, points.to_numpy()),
            "middle_right": shapely.covers(b, shapely.point_on_surface(a)),
            "iou": common / (area_a + area_b - common),
            "area_ratio": area_a / area_b,
            "apart_km": shapely.distance(shapely.centroid(a), shapely.centroid(b)) / 1000,
            "drawn": schematic["drawn"].to_numpy(),
            "province_code": schematic["province_code"].to_numpy(),
        },
        index=schematic.index,
    )


def summary(result: pd.DataFrame) -> dict[str, float]:
    """Return the figures of the README: shares in %, medians and means."""
    within = np.abs(np.log(result["area_ratio"])) <= np.log(1.25)
    return {
        "units": len(result),
        "point_right_pct": 100 * result["point_right"].mean(),
        "middle_right_pct": 100 * result["middle_right"].mean(),
        "iou_median": result["iou"].median(),
        "iou_mean": result["iou"].mean(),
        "iou_zero": int((result["iou"] == 0).sum()),
        "area_ratio_median": result["area_ratio"].median(),
        "area_within_25_pct": 100 * within.mean(),
        "apart_km_median": result["apart_km"].median(),
    }


def main() -> None:
    """Print the comparison, all units first, then cells and discs, then provinces on request."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("layer", type=Path)
    arguments.add_argument("--schematic", type=Path, default=HERE / "schematic-communes-2025.parquet")
    arguments.add_argument("--provinces", action="store_true")
    given = arguments.parse_args()
    real = gpd.read_parquet(given.layer, columns=["code", "geometry"]).set_index("code")
    result = compare(gpd.read_parquet(given.schematic).set_index("commune_code"), real)
    groups = {"all": result, **dict(list(result.groupby("drawn")))}
    if given.provinces:
        groups |= dict(list(result.groupby("province_code")))
    table = pd.DataFrame({name: summary(group) for name, group in groups.items()}).T
    print(table.round(3).to_string())


if __name__ == "__main__":
    main()
