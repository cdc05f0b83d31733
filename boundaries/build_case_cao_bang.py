"""Build the tables of the built-in case, Cao Bằng 2026.

Usage::

    python boundaries/build_case_cao_bang.py                      # the workbook of constructed figures
    python boundaries/build_case_cao_bang.py --layer L --list C   # the two tables of facts as well

``L`` is the national layer (``communes-2025`` in ``sources.yaml``; only codes and the portal's population are read),
``C`` the official list as a table: ``commune_name``, ``region``, ``source``. The workbook is *số liệu minh hoạ*:
drawn from a seeded generator around plausible levels, the same at every run, and true of no commune.
"""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "src" / "geontm"
CASE = PACKAGE / "data" / "cases" / "cao-bang-2026"
PROVINCE = "04"
SEED = 2026_06_30

# Populations that are visibly wrong in the portal, besides those under 1,000 that the reference leaves out: fewer than
# 15 people per km² where the thinnest of all others has 25; a digit seems to be lost. Unknown is better than wrong.
LOST_DIGIT = ("01297", "01318", "01660")

# The decision that each source reports: the province's own result, whose day in December 2025 is not known, and the
# national list.
PROVINCIAL, NATIONAL = ("2230/QĐ-UBND (tỉnh Cao Bằng), tháng 12/2025", ""), ("60/QĐ-BDTTG", "29/01/2026")
PROVINCIAL_SOURCE = "congdoanvietnam.vn"

# header group, header, dictionary name, level at remoteness 0, change per step of remoteness, noise, lowest, highest
COLUMNS = (
    ("Hộ nghèo đa chiều", "Tỷ lệ hộ nghèo", "poor_household_pct", 27.0, 9.0, 4.0, 1.5, 68.0),
    ("Hộ nghèo đa chiều", "Tỷ lệ hộ cận nghèo", "near_poor_household_pct", 13.0, 3.0, 2.0, 1.0, 35.0),
    ("Nước sinh hoạt", "Tỷ lệ hộ dùng nước sạch", "clean_water_pct", 44.0, -13.0, 6.0, 6.0, 97.0),
    ("Nước sinh hoạt", "Tỷ lệ hộ dùng nước hợp vệ sinh", "hygienic_water_pct", 89.0, -4.0, 2.5, 60.0, 99.8),
    ("Hạ tầng", "Tỷ lệ đường thôn được cứng hóa", "hardened_road_pct", 63.0, -13.0, 7.0, 12.0, 99.0),
    ("Hạ tầng", "Tỷ lệ hộ có điện lưới", "grid_electricity_pct", 96.5, -2.2, 1.0, 80.0, 100.0),
)
PEOPLE_PER_HOUSEHOLD = (4.2, 0.25)

# What provincial workbooks are like: figures that nobody collected, a cell left empty, a name mistyped.
NOT_COLLECTED = {("01324", "clean_water_pct"), ("01537", "clean_water_pct"), ("01768", "grid_electricity_pct")}
LEFT_EMPTY = {("01360", "poor_household_pct"), ("01552", "hardened_road_pct")}
MISTYPED = {"01795": "Xã Minh Khia"}
TONE_ELSEWHERE = {"01654": "Xã Hoà An"}
AS_TEXT = {("01477", "poor_household_pct"), ("01576", "hygienic_water_pct")}


def main() -> None:
    """Write what the command line asks for."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--layer", type=Path)
    arguments.add_argument("--list", type=Path)
    given = arguments.parse_args()
    CASE.mkdir(parents=True, exist_ok=True)
    units = read_units()
    if given.layer:
        write_population(units, given.layer)
    if given.list:
        write_regions(units, given.list)
    figures = construct(units)
    write_workbook(units, figures, CASE / "so-lieu-minh-hoa.xlsx")


def read_units() -> pd.DataFrame:
    """Read the units of the province from the shipped layer; index ``commune_code``."""
    columns = ["commune_code", "commune_name", "kind", "province_code"]
    units = pd.read_parquet(HERE / "schematic-communes-2025.parquet", columns=columns).set_index("commune_code")
    return units[units["province_code"] == PROVINCE].sort_index()


def write_population(units: pd.DataFrame, layer: Path) -> None:
    """Carry the portal's population over as a table of facts; visibly wrong figures stay unknown."""
    table = pd.read_parquet(layer, columns=["code", "population"]).set_index("code")["population"].reindex(units.index)
    text = table.astype("Int64").astype("str").mask(table.isna() | table.index.isin(LOST_DIGIT), "…")
    lines = [
        '"Dân số các xã, phường tỉnh Cao Bằng theo cổng thông tin sáp nhập (sapnhap.bando.com.vn),",,',
        '"qua github.com/thanglequoc/vietnamese-provinces-database, commit cd58063 (giấy phép MIT)",,',
        "Mã xã,Tên xã,Dân số (người)",
        *(f"{code},{units['commune_name'][code]},{value}" for code, value in text.items()),
    ]
    (CASE / "dan-so.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_regions(units: pd.DataFrame, listed: Path) -> None:
    """Write the official list with full names, as published: one row per unit, its document and its source."""
    table = pd.read_csv(listed, dtype=str).fillna("")
    bare = units["commune_name"].str.split(n=1).str[1]
    full = dict(zip(bare, units["commune_name"], strict=True))
    table["Tên xã"] = table["commune_name"].map(full)
    if table["Tên xã"].isna().any() or set(table["Tên xã"]) != set(full.values()):
        raise SystemExit("the list and the register do not name the same units")
    decisions = [PROVINCIAL if PROVINCIAL_SOURCE in source else NATIONAL for source in table["source"]]
    out = pd.DataFrame(
        {
            "Tên xã": table["Tên xã"],
            "Khu vực": table["region"],
            "Văn bản": [document for document, _ in decisions],
            "Ngày văn bản": [date for _, date in decisions],
            "Nguồn": table["source"],
        }
    )
    out.to_csv(CASE / "khu-vuc-2026.csv", index=False, lineterminator="\n")


def construct(units: pd.DataFrame) -> pd.DataFrame:
    """Draw the figures: one hidden remoteness per unit moves all of them, so that they go together as real ones do."""
    regions = pd.read_csv(CASE / "khu-vuc-2026.csv").set_index("Tên xã")["Khu vực"]
    people = pd.read_csv(CASE / "dan-so.csv", skiprows=2, dtype=str).set_index("Mã xã")["Dân số (người)"]
    border = pd.read_csv(PACKAGE / "data" / "facts" / "border-2025.csv", dtype={"commune_code": str})["commune_code"]
    random = np.random.default_rng(SEED)
    region = units["commune_name"].map(regions)
    remote = region.map({"I": -2.2, "II": -1.4, "III": 0.35}) + 0.3 * units.index.isin(border)
    remote = remote + np.where(region == "III", random.normal(0, 0.75, len(units)), 0)
    figures = pd.DataFrame(index=units.index)
    size = random.normal(*PEOPLE_PER_HOUSEHOLD, len(units))
    figures["household_count"] = (pd.to_numeric(people, errors="coerce").reindex(units.index) / size).round()
    for _, _, name, level, slope, noise, low, high in COLUMNS:
        drawn = level + slope * remote + random.normal(0, noise, len(units))
        figures[name] = drawn.clip(low, high).round(1)
    # Clean water is hygienic, too.
    figures["hygienic_water_pct"] = figures["hygienic_water_pct"].clip(
        lower=(figures["clean_water_pct"] + 1).clip(upper=100)
    )
    return figures


def write_workbook(units: pd.DataFrame, figures: pd.DataFrame, path: Path) -> None:
    """Write the workbook as a province would send it: titles, merged headers, units, totals, a note."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": datetime.datetime(2026, 6, 30), "title": "Số liệu minh hoạ, tỉnh Cao Bằng"})
    style = {
        name: book.add_format({"font_name": "Times New Roman", "font_size": 11, **more})
        for name, more in {
            "title": {"bold": True, "align": "center", "font_size": 13},
            "note": {"italic": True, "align": "center", "font_color": "#b00000"},
            "head": {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1},
            "unit": {"italic": True, "align": "center", "border": 1},
            "name": {"border": 1},
            "count": {"border": 1, "num_format": "#,##0"},
            "share": {"border": 1, "num_format": "0.0"},
            "sum": {"border": 1, "bold": True, "num_format": "#,##0.0"},
            "plain": {"italic": True},
        }.items()
    }
    sheet = book.add_worksheet("Biểu 01")
    last = 2 + len(COLUMNS)
    sheet.merge_range(
        0, 0, 0, last, "BIỂU 01. HỘ NGHÈO, NƯỚC SẠCH, GIAO THÔNG, ĐIỆN THEO XÃ, TỈNH CAO BẰNG", style["title"]
    )
    sheet.merge_range(
        1, 0, 1, last, "SỐ LIỆU MINH HOẠ do chương trình dựng, không phải số liệu chính thức", style["note"]
    )
    sheet.merge_range(2, 0, 2, last, "Thời điểm: 31/12/2025", style["plain"])
    _write_header(sheet, style)
    row = _write_rows(sheet, style, units, figures)
    sheet.write(row + 1, 0, "Ghi chú: … chưa thu thập được; ô trống: địa phương chưa báo cáo.", style["plain"])
    sheet.write(row + 2, 0, "Số hộ dựng từ dân số; xã chưa rõ dân số thì chưa có số hộ.", style["plain"])
    sheet.set_column(0, 0, 6)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, last, 14)
    sheet.freeze_panes(8, 2)
    book.close()


def _write_header(sheet: xlsxwriter.worksheet.Worksheet, style: dict[str, object]) -> None:
    for column, text in enumerate(("STT", "Tên xã, phường", "Số hộ")):
        sheet.merge_range(4, column, 5, column, text, style["head"])
    for group in dict.fromkeys(entry[0] for entry in COLUMNS):
        at = [3 + i for i, entry in enumerate(COLUMNS) if entry[0] == group]
        sheet.merge_range(4, at[0], 4, at[-1], group, style["head"])
    for i, (_, header, *_) in enumerate(COLUMNS):
        sheet.write(5, 3 + i, header, style["head"])
    for column, text in enumerate(["", "", "hộ", *["%"] * len(COLUMNS)]):
        sheet.write(6, column, text, style["unit"])
    for column, text in enumerate(["A", "B", *range(1, len(COLUMNS) + 2)]):
        sheet.write(7, column, text, style["unit"])


def _write_rows(
    sheet: xlsxwriter.worksheet.Worksheet, style: dict[str, object], units: pd.DataFrame, figures: pd.DataFrame
) -> int:
    """Write totals and units; return the row after the last."""
    row = 8
    _write_total(sheet, style, row, "", "TOÀN TỈNH", figures)
    row, number = row + 1, 0
    for mark, label, kind in (("I", "Các phường", "phường"), ("II", "Các xã", "xã")):
        here = units[units["kind"] == kind]
        _write_total(sheet, style, row, mark, label, figures.loc[here.index])
        row += 1
        for code, name in here["commune_name"].items():
            number += 1
            sheet.write(row, 0, number, style["name"])
            sheet.write(row, 1, {**MISTYPED, **TONE_ELSEWHERE}.get(code, name), style["name"])
            for column, header in enumerate(figures):
                value, format_ = figures.loc[code, header], style["count" if header == "household_count" else "share"]
                if (code, header) in LEFT_EMPTY:
                    sheet.write_blank(row, 2 + column, None, format_)
                elif (code, header) in NOT_COLLECTED or pd.isna(value):
                    sheet.write_string(row, 2 + column, "…", format_)
                elif (code, header) in AS_TEXT:
                    sheet.write_string(row, 2 + column, f"{value:.1f}".replace(".", ","), format_)
                else:
                    sheet.write_number(row, 2 + column, value, format_)
            row += 1
    return row


def _write_total(
    sheet: xlsxwriter.worksheet.Worksheet, style: dict[str, object], row: int, mark: str, label: str, here: pd.DataFrame
) -> None:
    """Write a total: households added up, the rest averaged over the households that are known."""
    sheet.write(row, 0, mark, style["sum"])
    sheet.write(row, 1, label, style["sum"])
    households = here["household_count"]
    sheet.write_number(row, 2, float(households.sum()), style["sum"])
    for column, name in enumerate(here.columns[1:]):
        shown = np.array([(code, name) not in NOT_COLLECTED | LEFT_EMPTY for code in here.index])
        counted = households.notna() & shown
        mean = float((here[name] * households)[counted].sum() / households[counted].sum())
        sheet.write_number(row, 3 + column, round(mean, 1), style["sum"])


if __name__ == "__main__":
    main()
