"""Carry tables of facts over from layers that are not shipped: published areas, and the measured land border.

Usage: ``python boundaries/build_facts.py LAYER BORDER [POLYGONS_2009]``, where LAYER is the cleaned national layer (see
``sources.yaml``, ``communes-2025``), BORDER the table of what was measured on it, and POLYGONS_2009 the communes of the
census of 2009 with the length of each on the border. No geometry is carried over.
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pandas as pd
from build_registers import fold, units_of

HERE = Path(__file__).resolve().parent
FACTS = HERE.parent / "src" / "geontm" / "data" / "facts"
NEIGHBOURS = ("China", "Laos", "Cambodia")


def main(layer: str, border: str, polygons_2009: str = "") -> None:
    """Write ``areas-2025.csv`` beside this script, and ``border-*.csv`` into the package."""
    if polygons_2009:
        border_of_cases(polygons_2009)
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


def border_of_cases(polygons: str) -> None:
    """Write ``border-2018.csv`` and ``border-2020.csv``: the cases' four old provinces, all of them beside China.

    The lengths were measured on the polygons of 2009, on which the units of 2017-2019 still stand: no unit of the four
    provinces was divided or joined between. Those of 2020-2024 are sums over the units that went into them.
    """
    table = pd.read_parquet(polygons, columns=["name", "district_name", "province_code", "border_km"])
    units = pd.read_parquet(HERE / "units-cases.parquet")
    then = units_of(units, datetime.date(2018, 12, 31))
    table = table[table["province_code"].isin(set(then["province_code"])) & (table["border_km"] > 0)]
    named = {
        (province, fold(district), fold(name)): code
        for code, province, district, name in zip(
            then.index, then["province_code"], then["district_name"], then["commune_name"], strict=True
        )
    }
    keys = [(row.province_code, fold(row.district_name), fold(row.name)) for row in table.itertuples(index=False)]
    if lost := [key for key in keys if key not in named]:
        raise SystemExit(f"no unit of 2018 for the border units {lost}")
    lengths = pd.Series(table["border_km"].to_numpy(float), index=[named[key] for key in keys])
    if lengths.index.has_duplicates:
        raise SystemExit("two polygons for one unit")
    _write_border(lengths, "border-2018.csv")
    steps = pd.read_csv(HERE / "succession-cases.csv", dtype=str)
    steps = steps[(steps["level"] == "commune") & (steps["date"] <= "2020-03-01")]
    divided = set(steps.loc[steps["part"] != "whole", "old_code"])
    if lost := sorted(divided & set(lengths.index)):
        raise SystemExit(f"divided units on the border: {lost}")
    heirs = dict(zip(steps["old_code"], steps["new_code"], strict=True))
    _write_border(lengths.groupby([heirs.get(code, code) for code in lengths.index]).sum(), "border-2020.csv")


def _write_border(lengths: pd.Series, name: str) -> None:
    shown = lengths.sort_index().map("{:.1f}".format)
    facts = pd.DataFrame({"commune_code": shown.index, "border_km": shown.to_numpy(), "border_neighbours": "China"})
    facts.to_csv(FACTS / name, index=False, lineterminator="\n")
    print(f"{name}: {len(facts)} units, {lengths.sum():.0f} km")


def _neighbours(text: str) -> str:
    """Write several neighbours in one order, with one sign between them."""
    named = set(text.split("+"))
    if unknown := named - set(NEIGHBOURS):
        raise SystemExit(f"no neighbour of Vietnam: {unknown}")
    return ", ".join(name for name in NEIGHBOURS if name in named)


if __name__ == "__main__":
    main(*sys.argv[1:4])
