"""Where an official list contradicts the figures, the run leaves both, side by side, with the reason."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import geontm

PROJECT = """
name: Danh sách và số liệu
as_of: 2026-06-30
boundaries: {source: "schematic:communes-2025", provinces: ["04"]}
standards: [region-2026]
indicators:
  - {file: so-lieu.csv, date: 2025-12-31, key: {code: ma_xa}}
lists: {region-2026: {file: danh-sach.csv, date: 2026-01-29, document: 60/QĐ-BDTTG, key: {code: ma_xa}}}
publish: {maps: []}
"""


def test_the_table_of_differences_explains_each(tmp_path: Path) -> None:
    codes = sorted(geontm.units("2025").query("province_code == '04'").index)[:3]
    counts = pd.DataFrame({"ma_xa": codes, "unmet_region_criteria_count": [7, 7, 1]})
    counts.to_csv(tmp_path / "so-lieu.csv", index=False)
    pd.DataFrame({"ma_xa": codes, "development_region": ["I", "III", "I"]}).to_csv(
        tmp_path / "danh-sach.csv", index=False
    )
    (tmp_path / "project.yaml").write_text(PROJECT, encoding="utf-8")
    folder = geontm.write(geontm.run(geontm.read_project(tmp_path / "project.yaml")), tmp_path / "out")
    table = pd.read_csv(folder / "differences.csv", dtype="str")
    assert table[["commune_code", "listed", "computed"]].to_numpy().tolist() == [[codes[0], "region_i", "region_iii"]]
    assert "7 tiêu chí" in table["reason_vi"][0]
    communes = pd.read_csv(folder / "communes.csv", dtype="str").set_index("commune_code")
    assert communes["development_region"][codes[0]] == "1"
