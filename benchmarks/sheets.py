"""Print maps as an office makes them: what one A4 sheet takes as PDF, PNG of 300 dpi and SVG, and how large it is.

``python benchmarks/sheets.py BOUNDARIES [--json FILE]``: of the layer that ``pages.py`` takes, with its made-up
figures, the whole country and one province. Seconds are those of the processor; *draw* is what the three files share,
and a file's own seconds come on top of it. *names*: communes (of the country: provinces) named in place and by a key.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from pages import MAP, PROVINCE, content_of, timed

from geontm.publish import Content
from geontm.publish.offered import layers_with_data
from geontm.publish.paper.files import save_pdf, save_png, save_svg
from geontm.publish.paper.sheet import Sheet, draw_sheet

TARGETS = {"pdf_cpu_s": 4, "png_cpu_s": 4, "svg_cpu_s": 4, "pdf_mb": 3}


def main() -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("boundaries", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    units = gpd.read_parquet(options.boundaries).rename(columns={"code": "commune_code"})
    mine = units[units["province_code"] == PROVINCE]
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        contents = {
            "whole": content_of(options.boundaries, units, work / "whole", "Cả nước"),
            "province": content_of(
                options.boundaries, mine, work / "province", str(mine["province_name"].iloc[0]), PROVINCE
            ),
        }
        found = {name: measure(content, work) for name, content in contents.items()}
    missed = [
        f"missed: {name}: {key} {sheet[key]}, at most {most}"
        for name, sheet in found.items()
        for key, most in TARGETS.items()
        if sheet[key] > most
    ]
    print(pd.DataFrame(found).astype(object).to_string())
    print(f"\nload of the machine: {os.getloadavg()[0]:.1f}; indicators: synthetic, seed 3")
    for line in missed or ["every target is met"]:
        print(line)
    if options.json:
        options.json.write_text(json.dumps({"sheets": found, "missed": missed}, indent=1))
    return 1 if missed else 0


def measure(content: Content, folder: Path) -> dict[str, Any]:
    """Draw the first sheet of a map twice, as a run draws many, and save the second in three ways."""
    style = content.styles[MAP]
    layers = layers_with_data(content, style)
    cold, _ = timed(lambda: draw_sheet(content, style, layers[1]))
    seconds, sheet = timed(lambda: draw_sheet(content, style, layers[0]))
    return {"draw_cold_cpu_s": round(cold, 2), "draw_cpu_s": round(seconds, 2), **files(sheet, folder)}


def files(sheet: Sheet, folder: Path) -> dict[str, Any]:
    """Save a sheet; return seconds and megabytes of each file, and how many names stand on it."""
    ways = {
        "pdf": lambda path: save_pdf(sheet.pages, path, title=sheet.title),
        "png": lambda path: save_png(sheet.figure, path),
        "svg": lambda path: save_svg(sheet.figure, path, title=sheet.title),
    }
    found: dict[str, Any] = {}
    for kind, save in ways.items():
        path = folder / f"sheet.{kind}"
        seconds, _ = timed(lambda save=save, path=path: save(path))
        found |= {f"{kind}_cpu_s": round(seconds, 2), f"{kind}_mb": round(path.stat().st_size / 1e6, 2)}
    return {**found, "names": f"{len(sheet.named)} + {len(sheet.keyed)}"}


if __name__ == "__main__":
    sys.exit(main())
