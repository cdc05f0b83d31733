"""A page with everything on it, axe-core to judge it, and keys pressed as a person presses them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geontm.load import read_schematic
from geontm.project.styles import read_ground_styles
from geontm.publish import Content
from geontm.publish.surroundings import surround
from publish_samples import CODES, sample_content

AXE = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})
  .then(found => found.violations.map(each => [each.id, ...each.nodes.map(node => node.html.slice(0, 200))]))"""
CODE = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "PageUp": 33, "PageDown": 34, "End": 35, "Home": 36,
        "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}  # fmt: skip
TEXT = {"Enter": "\r", " ": " "}


def busy_content() -> Content:
    """Return the sample with three years, two indicators, verdicts, villages, works, roads, sea and land around."""
    base = sample_content()
    years = pd.DataFrame(
        [
            (code, name, year, 10.0 * k + step, "%", f"so-lieu-{year}.csv", "given")
            for name in ("poor_household_pct", "clean_water_pct")
            for step, year in enumerate((2024, 2025, 2026))
            for k, code in enumerate(CODES)
        ],
        columns=["commune_code", "indicator", "year", "value", "unit", "source_file", "how"],
    ).astype({"year": "Int64"})
    newest = pd.array([10.0 * k + 2 for k in range(6)], dtype="Float64")
    wide = base.wide.assign(
        poor_household_pct=newest,
        clean_water_pct=newest,
        is_extremely_difficult=pd.array([True, True, None, True, False, False], dtype="boolean"),
        priority_rank=pd.array([2, 1, None, 3, 3, 6], dtype="Int64"),
    )
    villages = pd.DataFrame(
        {
            "village_code": ["t1", "t2"],
            "village_name": ["Thôn Đoài", None],
            "lon": [105.05, 105.15],
            "lat": [21.25, 21.15],
        }
    )
    works = {"site_id": ["a"], "name": ["Trạm y tế"], "kind": ["clinic"]}
    roads = {"road_id": ["1"], "road_class": ["national_road"]}
    return sample_content(
        indicators=years,
        wide=wide,
        context=surround(base.units, read_schematic()),
        more={"villages": villages},
        layers={
            "works": gpd.GeoDataFrame(works, geometry=shapely.points([105.05], [21.05]), crs=4326),
            "roads": gpd.GeoDataFrame(roads, geometry=[shapely.LineString([(105, 21.1), (105.2, 21.1)])], crs=4326),
        },
        ground_styles=read_ground_styles(),
    )


def axe_script() -> str:
    """Return axe-core's program, or skip the test where it is not given."""
    named = os.environ.get("GEONTM_AXE")
    if not named and os.environ.get("GEONTM_REQUIRE_BROWSER"):
        pytest.fail("GEONTM_REQUIRE_BROWSER is set, and GEONTM_AXE does not name axe.min.js")
    if not named:
        pytest.skip("axe-core is not given (set GEONTM_AXE to its axe.min.js)")
    return Path(named).read_text(encoding="utf-8")


def violations(tab: Any) -> list[list[str]]:
    """Return what axe-core finds wrong with a page as it stands: rule, then the nodes. Needs its program first."""
    tab.settle()  # a card comes in gently, half seen and too pale at first
    found: list[list[str]] = tab.run(AXE)
    return found


def press(tab: Any, *keys: str, shift: bool = False) -> None:
    """Press keys one after another: with their text, so that buttons and fields act on them."""
    for key in keys:
        about = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": CODE[key]}
        about["modifiers"] = 8 if shift else 0
        tab.send("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": TEXT[key]} if key in TEXT else {}))
        tab.send("Input.dispatchKeyEvent", type="keyUp", **about)


def type_text(tab: Any, text: str) -> None:
    """Type letters into what has the focus."""
    tab.send("Input.insertText", text=text)


def tab_to(tab: Any, wanted: str, *, back: bool = False, most: int = 90) -> None:
    """Press Tab until what has the focus matches a selector; every stop on the way must be seen to have it."""
    for _ in range(most):
        if tab.run(f"document.activeElement.matches({wanted!r})"):
            return
        press(tab, "Tab", shift=back)
        tab.wait_for(SEEN)  # the map may still move
    raise AssertionError(f"{wanted} is not reached with {most} tabs")


# What has the focus shows it (by its own outline, or a radio by its label's), and is in sight.
SEEN = """(() => {
  const node = document.activeElement;
  if (node === document.body) return true;
  const shown = ['radio', 'checkbox'].includes(node.type) ? [node, node.nextElementSibling, node.parentNode] : [node];
  const box = node.getBoundingClientRect();
  return shown.some((each) => each && getComputedStyle(each).outlineStyle !== 'none') && box.width > 0 && box.height > 0
    && box.bottom > 0 && box.top < innerHeight;
})()"""
