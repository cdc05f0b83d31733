"""Map pages as their reader meets them: size, build, and what Chromium takes to show and move them, network cut.

``python benchmarks/pages.py BOUNDARIES [--former BOUNDARIES] [--json FILE] [--pages FOLDER]``: BOUNDARIES is a
GeoParquet of communes with ``code``, ``name``, ``kind``, ``province_code``, ``province_name``. Of it the page of the
whole and that of one province are made, with eight indicators from a fixed seed (synthetic: they say nothing of a real
place), and beside them the same map as plain folium makes it. ``--former`` adds a page of both eras. Needs Chromium.

Seconds of building are those of the processor. ``_cpu_ms`` are those of the page's main thread on a processor, and are
what targets hold to; what the browser paints beside that thread is in the others alone, which are by the clock, on the
machine as it is: compare them within one run. *Ready*: from navigation to the second frame after the map is painted,
median of five; *zoom*: ``setView`` without animation to the painted frame, worst of 6 … 11 … 6; *6x*: throttled so.
The heap counts typed arrays.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from page_probe import browser, chromium_program, measure

from geontm.errors import PublishError
from geontm.pipeline import run
from geontm.project import read_project
from geontm.publish import Content, map_html
from geontm.publish.web.figure import OfflineFigure
from geontm.publish.web.layer import offline_map
from geontm.publish.web.payload import draw

T = TypeVar("T")
PROVINCE, MAP = "22", "coverage"
TARGETS = {
    "whole": {"mb": 2.0, "build_kept_cpu_s": 3, "ready_cpu_ms": 1500, "ready_6x_ms": 5000},
    "province": {"mb": 0.6, "build_kept_cpu_s": 1.5, "ready_cpu_ms": 800, "ready_6x_ms": 5000},
    "both eras": {"mb": 3.5},
}
EVERY = {
    "zoom_worst_cpu_ms": 350, "switch_worst_cpu_ms": 350, "hover_mean_ms": 2, "search_mean_ms": 10, "heap_mb": 25,
    "requests": 0, "console": 0,
}  # fmt: skip


class Memory(dict[str, bytes]):
    """Keeps outlines for this process."""

    def put(self, key: str, data: bytes) -> None:
        """Keep data under a key."""
        self[key] = data


def main() -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("boundaries", type=Path)
    parser.add_argument("--former", type=Path, help="communes before 1 July 2025")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pages", type=Path, help="keep the pages here")
    options = parser.parse_args()
    program = chromium_program()
    if program is None:
        parser.error("Chromium is not on this machine")
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        folder = options.pages or work
        folder.mkdir(parents=True, exist_ok=True)
        built = build(options.boundaries, options.former, folder, work)
        (work / "profile").mkdir()
        with browser(program, work / "profile") as address:
            for name, found in built.items():
                if "page" in found:
                    found |= measure(address, Path(found.pop("page")), ours=not name.startswith("folium"))
    missed = judge(built)
    print(table(built))
    print(f"\nload of the machine: {os.getloadavg()[0]:.1f}; indicators: synthetic, seed 3")
    for line in missed or ["every target is met"]:
        print(line)
    if options.json:
        options.json.write_text(json.dumps({"pages": built, "missed": missed}, indent=1, ensure_ascii=False))
    return 1 if missed else 0


def build(boundaries: Path, former: Path | None, folder: Path, work: Path) -> dict[str, dict[str, Any]]:
    """Make every page; return sizes and seconds by name."""
    units = gpd.read_parquet(boundaries).rename(columns={"code": "commune_code"})
    whole = content_of(boundaries, units, work / "whole", "Cả nước")
    mine = units[units["province_code"] == PROVINCE]
    province = content_of(boundaries, mine, work / "province", str(mine["province_name"].iloc[0]), PROVINCE)
    built = {"whole": our_page(whole, folder / "whole.html"), "province": our_page(province, folder / "province.html")}
    if former is not None:
        before = gpd.read_parquet(former).rename(columns={"code": "commune_code"})
        then = content_of(former, before, work / "former", "Cả nước", day=date(2025, 3, 1))
        built["both eras"] = our_page(whole, folder / "both.html", former=then)
    simple = units.set_index("commune_code")[["geometry"]].copy()
    simple["geometry"] = simple.geometry.simplify_coverage(200 / 111_320)
    simple["value"] = whole.wide["poor_household_pct"].astype("Float64").astype("float64").reindex(simple.index)
    for name, make in (("folium.GeoJson", folium_geojson), ("folium.Choropleth", folium_choropleth)):
        built[name] = folium_page(simple, make, folder / f"{name}.html")
        built[f"{name}, Leaflet inside"] = folium_inside(simple, make, folder / f"{name}-inside.html")
    return built


def content_of(
    source: Path,
    units: gpd.GeoDataFrame,
    folder: Path,
    name: str,
    province: str = "",
    *,
    day: date = date(2025, 12, 31),
) -> Content:
    """Run a project on synthetic figures and return what it publishes."""
    folder.mkdir(parents=True)
    figures(units).to_csv(folder / "figures.csv", index=False)
    valid_from = date(2025, 7, 1) if day >= date(2025, 7, 1) else day
    project = {
        "name": f"{name} – số liệu giả lập",
        "as_of": day,
        "boundaries": {
            "source": str(source.resolve()),
            "date": valid_from,
            **({"provinces": [province]} if province else {}),
        },
        "indicators": [{"file": "figures.csv", "date": day, "key": {"code": "commune_code"}}],
        "standards": ["region-2026" if day >= date(2025, 7, 1) else "dbkk-2021"],
    }
    (folder / "project.yaml").write_text(yaml.safe_dump(project, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return run(read_project(folder / "project.yaml")).content


def figures(units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Make eight indicators that go with the lie of the land, roughly, with gaps."""
    random, middle = np.random.default_rng(3), units.geometry.representative_point()
    hill = np.clip((middle.y - 10) / 13 + np.hypot(middle.x - 106.5, (middle.y - 16) / 3) / 4, 0, 1).to_numpy()
    noise = random.normal(0, 1, (len(units), 8))
    shapes = {
        "poor_household_pct": (35, 0, 5),
        "near_poor_household_pct": (18, 0, 3),
        "ethnic_minority_household_pct": (100, 0, 9),
        "clean_water_pct": (-50, 95, 6),
        "hygienic_water_pct": (-25, 99, 4),
        "hardened_road_pct": (-45, 90, 7),
        "grid_electricity_pct": (-9, 100, 1),
        "internet_household_pct": (-40, 95, 6),
    }
    table = pd.DataFrame({"commune_code": units["commune_code"].to_numpy()})
    for k, (name, (slope, level, spread)) in enumerate(shapes.items()):
        values = np.clip(level + slope * hill + spread * noise[:, k], 0, 100).round(1)
        table[name] = np.where(random.random(len(units)) < 0.02, np.nan, values)
    return table


def our_page(content: Content, path: Path, *, former: Content | None = None) -> dict[str, Any]:
    """Build one of our pages, first from the layer, then from kept outlines."""
    kept = Memory()
    more = {"former": former} if former is not None else {}
    cold, _ = timed(lambda: map_html(content, MAP, kept=kept, **more))
    again, html = timed(lambda: map_html(content, MAP, kept=kept, **more))
    path.write_text(html, encoding="utf-8", newline="\n")
    size = path.stat().st_size
    data = len(html.partition('id="geontm-data">')[2].partition("</script>")[0])
    drawings = [draw(each, kept=kept) for each in (content, *more.values())]
    outlines = sum(packed(each.packed) for each in drawings)
    verdicts = sum(packed(json.dumps(each.verdicts, ensure_ascii=False).encode()) for each in drawings)
    return {
        "page": str(path),
        "units": len(content.units) + (len(former.units) if former is not None else 0),
        "mb": round(size / 1e6, 3),
        "mb_runtime": round((size - data) / 1e6, 3),
        "mb_outlines": round(outlines / 1e6, 3),
        "mb_verdicts": round(verdicts / 1e6, 3),
        "mb_columns": round((data - outlines - verdicts) / 1e6, 3),
        "build_cold_cpu_s": round(cold, 2),
        "build_kept_cpu_s": round(again, 2),
    }


def folium_geojson(units: gpd.GeoDataFrame, frame: folium.Map) -> None:
    """Put the communes on a folium map in five colours."""
    ramp = ["#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026"]
    limits = units["value"].quantile([0.2, 0.4, 0.6, 0.8]).to_numpy()

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        value = feature["properties"]["value"]
        colour = "#cccccc" if value is None else ramp[int(np.searchsorted(limits, value, side="right"))]
        return {"fillColor": colour, "fillOpacity": 0.85, "color": "#555555", "weight": 0.4}

    folium.GeoJson(units.to_json(drop_id=True), style_function=style).add_to(frame)


def folium_choropleth(units: gpd.GeoDataFrame, frame: folium.Map) -> None:
    """Put the communes on a folium map as its own choropleth does, with its legend."""
    data = units.reset_index()
    folium.Choropleth(
        data[["commune_code", "geometry"]].to_json(), data=data, columns=["commune_code", "value"],
        key_on="feature.properties.commune_code", fill_color="YlOrRd", legend_name="value",
    ).add_to(frame)  # fmt: skip


def folium_page(units: gpd.GeoDataFrame, make: Callable[..., None], path: Path) -> dict[str, Any]:
    """Build the page that folium makes by itself."""

    def built() -> None:
        frame = folium.Map(location=[16, 107], zoom_start=6, tiles=None)
        make(units, frame)
        frame.save(str(path))

    seconds, _ = timed(built)
    return {
        "page": str(path),
        "units": len(units),
        "mb": round(path.stat().st_size / 1e6, 3),
        "build_cold_cpu_s": round(seconds, 2),
    }


def folium_inside(units: gpd.GeoDataFrame, make: Callable[..., None], path: Path) -> dict[str, Any]:
    """Build the same with Leaflet inside the page, so that there is something to measure; tell what is refused."""

    def built() -> None:
        frame = offline_map()
        make(units, frame)
        figure = OfflineFigure(title="folium")
        figure.add_child(frame)
        path.write_text(figure.render(), encoding="utf-8")

    try:
        seconds, _ = timed(built)
    except PublishError as refused:
        return {"units": len(units), "refused": str(refused).splitlines()[0]}
    return {
        "page": str(path),
        "units": len(units),
        "mb": round(path.stat().st_size / 1e6, 3),
        "build_cold_cpu_s": round(seconds, 2),
    }


def packed(data: bytes) -> int:
    """Return what data takes in a page: packed, as text."""
    return len(gzip.compress(data, 9, mtime=0)) * 4 // 3


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return seconds of the processor, and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def judge(built: dict[str, dict[str, Any]]) -> list[str]:
    """Name every figure beyond its target."""
    missed = []
    for name, targets in TARGETS.items():
        for key, most in {**targets, **EVERY}.items():
            if name in built and (value := built[name].get(key)) is not None and value > most:
                missed.append(f"missed: {name}: {key} {value}, at most {most}")
    return missed


def table(built: dict[str, dict[str, Any]]) -> str:
    """Set the figures, a column per page."""
    told = {
        name: {key: value for key, value in found.items() if not isinstance(value, list)}
        for name, found in built.items()
    }
    return pd.DataFrame(told).astype(object).where(lambda frame: frame.notna(), "–").to_string()


if __name__ == "__main__":
    sys.exit(main())
