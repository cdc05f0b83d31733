"""A small run to publish: six squares in two provinces, with gaps, hostile names and a unit without an outline."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geontm.project.dictionary import read_dictionary
from geontm.project.styles import read_styles
from geontm.publish import BoundaryNote, ConditionNote, Content, RuleSetNote
from geontm.tables import Issue, Label

CODES = ["01001", "01002", "01003", "02001", "02002", "02003"]
SCRIPT_NAME = 'Xã </script><script>window.hit=1</script><img src=x onerror="window.hit=2">'
FORMULA_NAME = "=cmd|' /C calc'!A0"
NAMES = ["Xã Đông Khê", 'Phường "Nùng Trí Cao"', SCRIPT_NAME, FORMULA_NAME, "Xã {{ 7*7 }} {% raw %}", "Đặc khu Hòn Lẻ"]
ON_BORDER = ConditionNote(
    "on_border",
    Label("Giáp biên giới", "On the land border"),
    Label("là “có”", "“yes”"),
    {"true": Label("là “có”", "“yes”")},
    Label("Điều 3, 34/2014/NĐ-CP", "Article 3, 34/2014/NĐ-CP"),
)
BORDER = RuleSetNote("border", Label("Xã biên giới", "Border commune"), "34/2014/NĐ-CP", conditions=(ON_BORDER,))
POOR = [5.0, 20.0, None, 33.3, 20.0, 41.5]


def sample_content(**changes: Any) -> Content:
    """Return the sample; ``changes`` replace fields of the record."""
    squares = [
        shapely.box(105 + k % 2 * 0.1, 21 + k // 2 * 0.1, 105.1 + k % 2 * 0.1, 21.1 + k // 2 * 0.1) for k in range(5)
    ]
    units = gpd.GeoDataFrame(
        {
            "commune_name": NAMES,
            "kind": ["xã", "phường", "xã", "xã", "xã", "đặc khu"],
            "province_code": ["01", "01", "01", "02", "02", "02"],
            "province_name": ["Tỉnh Một"] * 3 + ["Tỉnh Hai"] * 3,
            "area_km2": pd.array([100.0, 110.5, 90.0, 95.0, 101.0, None], dtype="Float64"),
        },
        geometry=[*squares, None],
        index=pd.Index(CODES, name="commune_code"),
        crs="EPSG:4326",
    )
    wide = pd.DataFrame(
        {
            "population": pd.array([1000, 2000, 3000, 4000, None, 6000], dtype="Int64"),
            "household_count": pd.array([100, 300, 200, 400, 100, None], dtype="Int64"),
            "poor_household_pct": pd.array(POOR, dtype="Float64"),
            "clean_water_pct": pd.array([90.0, 80.0, 70.5, None, 40.0, 30.0], dtype="Float64"),
            "is_border": pd.array([True, False, None, True, False, False], dtype="boolean"),
            "development_region": pd.array([1, 2, None, 3, 3, None], dtype="Int64"),
        },
        index=units.index,
    )
    columns = {**read_dictionary("communes").columns, **read_dictionary("indicators").columns}
    fields: dict[str, Any] = {
        "title": "Thử <b>nghiệm</b> 2026",
        "as_of": datetime.date(2026, 6, 30),
        "units": units,
        "wide": wide,
        "indicators": sample_indicators(wide),
        "verdicts": sample_verdicts(),
        "scores": pd.DataFrame(
            {"commune_code": CODES, "ruleset": "border", "met": 1, "not_met": 0, "unknown": 0, "of": 1}
        ),
        "priority": pd.DataFrame(
            {"priority_score": pd.array([0.1, 0.2, None, 0.4, 0.5, 0.6], dtype="Float64")}, index=units.index
        ),
        "issues": (
            Issue.of("warning", "tables.empty_cell", file="=a.xlsx", row=3, column="x", value=FORMULA_NAME, name="x"),
        ),
        "figures": pd.DataFrame(
            {"key": ["n"], "value": [6], "unit": [""], "as_of": ["2026-06-30"], "how": ["measured"]}
        ),
        "dictionary": columns,
        "notes": BoundaryNote(True, Label("thử nghiệm", "a trial"), datetime.date(2025, 7, 1), "EPSG:4326", 200.0),
        "styles": read_styles(),
        "fingerprint": "abc123",
        "illustrative": frozenset({"poor_household_pct"}),
        "rulesets": (BORDER,),
    }
    return replace(Content(**fields), **changes)


def sample_indicators(wide: pd.DataFrame) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {"commune_code": CODES, "indicator": name, "year": year, "value": wide[name].astype("Float64").to_numpy(),
             "unit": "%", "source_file": file, "how": "given"}
        )
        for name, year, file in (
            ("poor_household_pct", 2024, "cu.xlsx"), ("poor_household_pct", 2025, "moi.xlsx"),
            ("poor_household_pct", 2027, "sau.xlsx"), ("clean_water_pct", 2025, "nuoc.xlsx"),
        )
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def sample_verdicts() -> pd.DataFrame:
    answers = ["met", "not_met", "unknown", "met", "not_met", "not_met"]
    return pd.DataFrame(
        {
            "commune_code": CODES,
            "ruleset": "border",
            "test": "on_border",
            "answer": answers,
            "value": ["true", "false", pd.NA, "true", "false", "false"],
            "threshold": "true",
            "distance": pd.array([None] * 6, dtype="Float64"),
            "article": "Điều 3, 34/2014/NĐ-CP",
            "reason_vi": ["Giáp biên giới.", "Không giáp <i>biên giới</i>.", "Chưa có số liệu.", "Giáp biên giới."]
            + ["Không giáp."] * 2,
            "reason_en": ["On the border.", "Not on the border.", "Unknown.", "On the border."] + ["Not on it."] * 2,
        }
    )
