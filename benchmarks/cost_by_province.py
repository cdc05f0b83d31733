"""What coverage costs by province: seconds of CPU of each topic against the size of the province.

    python benchmarks/cost_by_province.py RESULT_FOLDER

The folder is that of a run with a section ``coverage:`` that found nothing in its cache. Prints, for each topic, the
seconds of the whole country, of the dearest province, per 10,000 km² and per 10,000 km of road, and the exponent of the
cost in the area and in the length of road (log-log slope over provinces; 1 is in step).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd


def main(folder: Path) -> None:
    """Print the costs of one run."""
    told = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    communes = pd.read_parquet(folder / "communes.parquet", columns=["province_code", "area_km2", "road_km"])
    sizes = communes.astype({"area_km2": float, "road_km": float}).groupby("province_code").sum()
    seconds = pd.DataFrame(told["coverage"]["cpu_seconds"]).T.astype(float)
    # Islands far out are tasks of their own; they belong to their province.
    seconds = seconds.groupby(seconds.index.str.partition("+").get_level_values(0)).sum().reindex(sizes.index)
    seconds["all topics"] = seconds.sum(axis=1)
    print(f"{told['coverage']['measured']} results measured, {told['coverage']['kept']} kept; stages (s, wall):")
    print("  " + ", ".join(f"{name} {value:.1f}" for name, value in told["seconds"].items()))
    print(f"{'topic':28} {'CPU s':>8} {'dearest':>14} {'/10^4 km²':>10} {'/10^4 km':>10} {'n^ area':>8} {'n^ road':>8}")
    for name in seconds:
        cost = seconds[name].fillna(0.0)
        per_area = 1e4 * cost.sum() / sizes["area_km2"].sum()
        per_road = 1e4 * cost.sum() / sizes["road_km"].sum()
        slopes = [f"{slope(sizes[by], cost):8.2f}" for by in ("area_km2", "road_km")]
        dearest = f"{cost.idxmax()}: {cost.max():.2f}"
        print(f"{name:28} {cost.sum():8.1f} {dearest:>14} {per_area:10.2f} {per_road:10.2f} {' '.join(slopes)}")


def slope(size: pd.Series, cost: pd.Series) -> float:
    """Return the exponent of a cost in a size."""
    used = (size > 0) & (cost > 0)
    return float(np.polyfit(np.log(size[used]), np.log(cost[used]), 1)[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
