"""Carry two tables of facts over from the national layer of 2025: published areas, and the measured land border.

Usage: ``python boundaries/build_facts.py LAYER BORDER``, where LAYER is the cleaned national layer (see
``sources.yaml``, ``communes-2025``) and BORDER the table of what was measured on it. No geometry is carried over.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
FACTS = HERE.parent / "src" / "geontm" / "data" / "facts"
NEIGHBOURS = ("China", "Laos", "Cambodia")


def main(layer: str, border: str) -> None:
    """Write ``areas-2025.csv`` beside this script and ``border-2025.csv`` into the package."""
    areas = pd.read_parquet(layer, columns=["code", "area_km2"]).rename(columns={"code": "commune_code"})
    areas.sort_values("commune_code").to_csv(HERE / "areas-2025.csv", index=False, lineterminator="\n")
    table = pd.read_csv(border, dtype=str)
    table = table[table["vintage"] == "2025"].sort_values("code")
    facts = pd.DataFrame(
        {
            "commune_code": table["code"],
            "border_km": table["border_km"].astype(float).round(1).map("{:.1f}".format),
            "border_neighbours": table["neighbours"].map(_neighbours),
        }
    )
    FACTS.mkdir(parents=True, exist_ok=True)
    facts.to_csv(FACTS / "border-2025.csv", index=False, lineterminator="\n")


def _neighbours(text: str) -> str:
    """Write several neighbours in one order, with one sign between them."""
    named = set(text.split("+"))
    if unknown := named - set(NEIGHBOURS):
        raise SystemExit(f"no neighbour of Vietnam: {unknown}")
    return ", ".join(name for name in NEIGHBOURS if name in named)


if __name__ == "__main__":
    main(*sys.argv[1:3])
