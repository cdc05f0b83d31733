"""A national run without rasters: 3,321 communes, five indicators; seconds per stage and peak memory.

``python benchmarks/national_run.py [BOUNDARIES LAND_BORDER]`` — without arguments on the schematic layer that is
shipped, with the paths of a real layer and a land border line on those. The five indicators come from a fixed seed.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from geontm.load.shipped import read_register

INDICATORS = ("poor_household_pct", "near_poor_household_pct", "clean_water_pct", "hardened_road_pct", "population")
PROJECT = """name: Toàn quốc
as_of: 2026-06-30
boundaries: {{source: "{source}", date: 2025-07-01}}
{border}
indicators:
  - {{file: figures.csv, date: 2025-12-31, key: {{code: commune_code}}}}
standards: [border, region-2026]
rank: {{weights: {{poor_household_pct: 0.5, clean_water_pct: 0.25, hardened_road_pct: 0.25}}}}
"""


def write_inputs(folder: Path, boundaries: str, land_border: str) -> Path:
    """Write the project and its table of 3,321 rows."""
    codes = read_register("2025").index
    random = np.random.default_rng(7)
    figures = pd.DataFrame({name: random.uniform(1, 99, len(codes)).round(1) for name in INDICATORS}, index=codes)
    figures["population"] = random.integers(800, 60_000, len(codes))
    figures.to_csv(folder / "figures.csv")
    border = f"land_border: {land_border}" if land_border else 'border_facts: "shipped:border-2025"'
    project = folder / "project.yaml"
    project.write_text(PROJECT.format(source=boundaries, border=border), encoding="utf-8")
    return project


def main() -> int:
    """Run once in a process of its own; print the figures."""
    boundaries, land_border = (
        (str(Path(p).resolve()) for p in sys.argv[1:3]) if len(sys.argv) > 2 else ("schematic:communes-2025", "")
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        project = write_inputs(folder, boundaries, land_border)
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "geontm", "run", str(project), "--out", str(folder / "out")], check=False
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            return done.returncode
        record = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
        pages = {page.name: page.stat().st_size / 1e6 for page in (folder / "out" / "maps").glob("*.html")}
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(
        json.dumps(
            {"seconds": round(seconds, 1), "peak_gb": round(peak, 2), "stages": record["seconds"], "pages_mb": pages},
            indent=1,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
