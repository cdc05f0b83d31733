"""Villages and households of the nation: 104,000 villages, a million households; seconds of CPU, peak memory.

``python benchmarks/lower_units.py [--households N] [--villages N] [--json]``. Tables are drawn from a fixed seed on the
shipped schematic units; the project is read and judged as ``geontm run`` does, nothing is published.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from geontm.load.shipped import read_register
from geontm.pipeline import judge
from geontm.project import read_project
from geontm.project.dictionary import read_dictionary

PROJECT = """
name: Thôn và hộ cả nước
as_of: 2026-06-30
boundaries: {source: "schematic:communes-2025"}
standards: [region-2026, mountainous-2026, poverty-2021]
allow_unverified: [poverty-2021]
villages: {file: thon.csv, date: 2026-01-01}
households: {file: ho.csv, date: 2026-01-01, standard: poverty-2021}
"""


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--villages", type=int, default=104_000)
    parser.add_argument("--json", action="store_true", help="figures only, as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder, options.villages, options.households)
        (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
        stages: list[tuple[str, float]] = []
        start = time.process_time()
        judged = judge(read_project(folder / "project.yaml"), step=lambda text: stages.append((text, clock(start))))
        seconds = clock(start)
    poverty = judged.lower.poverty
    assert poverty is not None
    figures = {
        "villages": options.villages,
        "households": options.households,
        "cpu_seconds": seconds,
        "stages_begin_at": dict(stages),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000_000, 2),
        "rates": poverty.groupby("unit").size().to_dict(),
        "communes_with_a_share_of_villages": int(judged.table["extremely_difficult_village_pct"].notna().sum()),
    }
    print(json.dumps(figures, ensure_ascii=False, indent=None if options.json else 1))
    return 0


def draw(folder: Path, n_villages: int, n_households: int) -> None:
    """Write the two tables: every commune has villages, every village households."""
    draws = np.random.default_rng(2026)
    codes = np.asarray(sorted(read_register("2025").index))
    commune = np.sort(draws.choice(codes, n_villages))
    village = np.array([f"{number:06d}" for number in range(n_villages)])
    villages = pd.DataFrame({"commune_code": commune, "village_code": village, "village_name": "Thôn " + village})
    for column in read_dictionary("villages"):
        if column.unit == "%" and column.name not in villages:
            villages[column.name] = draws.uniform(0, 100, n_villages).round(1)
    villages.to_csv(folder / "thon.csv", index=False)
    home = np.sort(draws.integers(0, n_villages, n_households))
    table = pd.DataFrame(
        {
            "household_id": [f"h{number}" for number in range(n_households)],
            "commune_code": commune[home],
            "village_code": village[home],
            "area_type": draws.choice(["rural", "urban"], n_households, p=[0.7, 0.3]),
            "income_per_person_month_vnd": draws.integers(4, 60, n_households) * 100_000,
        }
    )
    for column in read_dictionary("households"):
        if column.type == "boolean" and column.name.startswith("deprived_2021_"):
            table[column.name] = draws.choice(["có", "không", ""], n_households, p=[0.2, 0.79, 0.01])
    table.to_csv(folder / "ho.csv", index=False)


def clock(start: float) -> float:
    """Seconds of CPU since the start."""
    return round(time.process_time() - start, 1)


if __name__ == "__main__":
    sys.exit(main())
