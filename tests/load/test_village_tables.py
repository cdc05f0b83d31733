"""Tables of villages as offices keep them: headings of communes, totals, points, a hundred thousand rows."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from geontm.errors import TableError
from geontm.load.lower_tables import LowerSource
from geontm.load.village_tables import read_village_table
from geontm.project import read_dictionary

IDENTIFIERS, VILLAGES = read_dictionary("communes"), read_dictionary("villages")


def read(path, **said):
    return read_village_table(LowerSource(path, **said), identifiers=IDENTIFIERS, villages=VILLAGES)


def text(tmp_path, content, name="thon.csv"):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def ids(table):
    return [issue.message.id for issue in table.issues]


def test_a_plain_table(tmp_path):
    path = text(
        tmp_path,
        'Mã xã,Tên xã,Tên thôn,Số hộ,Tỷ lệ hộ nghèo (%)\n01324,Xã Cốc Pàng,Xóm Nà Nhùng,50,"45,5"\n'
        "01324,Xã Cốc Pàng,Xóm 2,…,0\n",
    )
    table = read(path)
    assert table.rows.index.tolist() == [2, 3]
    assert table.rows["commune_code"].tolist() == ["01324", "01324"]
    assert table.rows["village_name"].tolist() == ["Xóm Nà Nhùng", "Xóm 2"]
    assert table.rows["household_count"].tolist()[0] == 50 and pd.isna(table.rows["household_count"].iloc[1])
    assert table.rows["poor_household_pct"].tolist() == [45.5, 0]
    assert not table.issues


def test_a_commune_may_head_its_villages_and_totals_are_left_out(tmp_path):
    path = text(
        tmp_path,
        "STT;Tên thôn;Số hộ;Có điện lưới quốc gia\nI;Xã Cốc Pàng;;\n1;Xóm Nà Nhùng;50;có\n2;Xóm 2;30;không\n"
        "II;Xã Cô Ba;;\n1;Xóm 2;20;x\n;Tổng cộng;100;\n",
    )
    table = read(path)
    assert table.rows["commune_name"].tolist() == ["Xã Cốc Pàng", "Xã Cốc Pàng", "Xã Cô Ba"]
    assert table.rows["national_grid"].tolist() == [True, False, True]
    assert {"lower.village_heading", "lower.village_summary", "lower.commune_filled"} <= set(ids(table))


def test_a_commune_written_once_stands_for_its_group(tmp_path):
    table = read(text(tmp_path, "Xã,Thôn,Số hộ\nXã Cốc Pàng,A,1\n,B,2\nXã Cô Ba,C,3\n"))
    assert table.rows["commune_name"].tolist() == ["Xã Cốc Pàng", "Xã Cốc Pàng", "Xã Cô Ba"]
    assert ids(table) == ["lower.commune_filled"]


def test_a_gap_in_a_table_that_repeats_its_communes_stays_a_gap(tmp_path):
    table = read(text(tmp_path, "Xã,Thôn,Số hộ\nXã Cốc Pàng,A,1\nXã Cốc Pàng,B,2\n,C,3\n"))
    assert table.rows["commune_name"].isna().tolist() == [False, False, True]


def test_merged_cells_of_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Biểu 1: Số liệu thôn"],
        ["Tên xã", "Tên thôn", "Số hộ", "Tỷ lệ hộ nghèo"],
        ["Xã Cốc Pàng", "A", 10, 0.5],
        [None, "B", 20, 0.25],
    ):
        sheet.append(row)
    sheet.merge_cells("A3:A4")
    for cell in ("D3", "D4"):
        sheet[cell].number_format = "0%"
    book.save(tmp_path / "thon.xlsx")
    table = read(tmp_path / "thon.xlsx")
    assert table.rows["commune_name"].tolist() == ["Xã Cốc Pàng"] * 2
    assert table.rows["poor_household_pct"].tolist() == [50, 25]
    assert "sheets.percent_format" in ids(table)


def test_columns_named_in_the_project(tmp_path):
    path = text(tmp_path, "dvhc,ten,x,y,ho\n01324,A,105.6,22.9,7\n1327,B,105.7,,8\n")
    table = read(path, commune="dvhc", columns={"ten": "village_name", "x": "lon", "y": "lat", "ho": "household_count"})
    assert table.rows["commune_code"].tolist() == ["01324", "1327"]  # the zero is put back when the row is placed
    assert table.rows["lon"].tolist()[0] == 105.6 and table.rows[["lon", "lat"]].iloc[1].isna().all()
    assert "lower.half_point" in ids(table)


def test_a_cell_out_of_range_is_unknown_and_told_once_with_its_rows(tmp_path):
    rows = "".join(f"01324,Thôn {k},120\n" for k in range(8))
    table = read(text(tmp_path, "Mã xã,Tên thôn,Tỷ lệ hộ nghèo (%)\n" + rows))
    assert table.rows["poor_household_pct"].isna().all()
    (issue,) = (found for found in table.issues if found.severity == "error")
    assert issue.message.id == "tables.out_of_range" and issue.row == "2, 3, 4, 5, 6 (+3)"


def test_a_row_that_is_longer_than_the_header_is_not_used(tmp_path):
    table = read(text(tmp_path, "Mã xã,Tên thôn,Số hộ\n01324,A,1\n01324,B, C,2\n01324,D,3\n"))
    assert table.rows["village_name"].tolist() == ["A", "D"]
    (issue,) = (found for found in table.issues if found.severity == "error")
    assert issue.message.id == "lower.row_too_long" and issue.row == "3"


def test_a_table_of_something_else_is_refused_with_what_was_seen(tmp_path):
    with pytest.raises(TableError, match="Loại cây"):
        read(text(tmp_path, "Loại cây,Diện tích trồng\nLúa,5\n"))
    with pytest.raises(TableError, match="village_road"):
        read(text(tmp_path, "Mã xã,Tên thôn,a\n01324,A,1\n"), columns={"a": "village_road"})


def test_spellings_of_the_dictionary_are_unambiguous():
    from geontm.tables.columns import spelling_key

    for name in ("villages", "households"):
        table = read_dictionary(name)
        seen: dict[str, str] = {}
        for column in table:
            for key in {spelling_key(text) for text in column.spellings}:
                assert seen.setdefault(key, column.name) == column.name
                assert IDENTIFIERS.find(key) is None
