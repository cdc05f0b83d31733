"""What a filled-in template holds besides figures: cells without a result, totals and notes in the first column."""

import re
import zipfile

import pytest
from sheet_makers import messages, read, xlsx

from geontm.errors import TableError

HEADER = ["Mã xã", "Tên xã", "Dân số (người)", "Tỷ lệ hộ nghèo (%)"]
TWO = [["01267", "Xã Cô Ba", 2500, 35.5], ["01270", "Xã Hồng Trị", 3100, 28]]


def with_cell(path, place, cell):
    """Put another XML in the place of one cell, as other programs write it."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet], n = re.subn(rb'<c r="%s"[^>]*>.*?</c>' % place.encode(), cell.encode(), parts[sheet])
    assert n == 1
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="D2" t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c r="D2" s="0" t="e"><f>VLOOKUP(A2,X,2)</f><v>#N/A</v></c>', "#N/A"),
        ('<c r="D2"><f>D3*2</f></c>', "=D3*2"),
        ('<c r="D2"><f>IF(D3&lt;2,1,3)</f></c>', "=IF(D3<2,1,3)"),
    ],
)
def test_a_cell_without_a_result_is_reported_and_not_taken_for_a_gap(tmp_path, cell, value):
    table = read(with_cell(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO]), "D2", cell))
    assert table.rows["poor_household_pct"].isna().tolist() == [True, False]
    assert [(i.severity, i.row, i.value, i.message.id) for i in table.issues] == [
        ("error", "2", value, "sheets.unreadable")
    ]


@pytest.mark.parametrize("cell", ['<c r="D2"><f>D3*2</f><v>56</v></c>', '<c r="D2" t="str"><f>""</f><v></v></c>'])
def test_a_formula_with_a_result_is_read(tmp_path, cell):
    assert messages(read(with_cell(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO]), "D2", cell))) == []


def test_notes_in_the_column_of_codes_are_notes(tmp_path):
    notes = [["Ghi chú: số liệu năm 2025 do xã báo cáo"], [None], ["Người lập biểu"], ["Nguyễn Văn A"]]
    more = [["01273", "Xã Bảo Lạc", 4000, 12], ["01276", "Xã Cốc Pàng", 5000, 41]]
    table = read(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO, *more, *notes]))
    assert len(table.rows) == 4
    assert set(messages(table)) == {"sheets.note_row"}


def test_a_total_in_the_column_of_codes_is_a_total(tmp_path):
    table = read(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO, ["Tổng cộng", None, 5601, None]]))
    assert len(table.rows) == 2
    assert table.subtotals["population"].tolist() == [5601]
    assert messages(table) == ["sheets.total_differs"]


def test_a_wrong_code_without_a_name_is_still_reported(tmp_path):
    table = read(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO, ["0127O", None, 10, 10]]))
    assert len(table.rows) == 3
    assert messages(table)


def test_a_table_of_far_too_many_communes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("geontm.load.unit_tables.MOST_ROWS", 1)
    with pytest.raises(TableError) as error:
        read(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO]))
    assert error.value.message.id == "sheets.too_many_rows"
