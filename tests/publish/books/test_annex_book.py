"""phu-luc.xlsx: each list on a sheet that can be signed as it is, the undecided on sheets of their own."""

import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
from python_calamine import CalamineWorkbook

from geontm.publish.books.annex_book import write_annex
from listed_samples import listed_content
from publish_samples import FORMULA_NAME, NAMES


def rows_of(path, name):
    return CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python()


def test_each_list_and_its_undecided_have_a_sheet(tmp_path):
    path = write_annex(listed_content(), tmp_path / "phu-luc.xlsx")
    assert CalamineWorkbook.from_path(path).sheet_names == [
        "Phụ lục I", "Phụ lục I – chưa đủ căn cứ", "Phụ lục II", "Phụ lục II – chưa đủ căn cứ",
    ]  # fmt: skip


def test_a_sheet_reads_as_a_decision_does(tmp_path):
    path = write_annex(listed_content(), tmp_path / "phu-luc.xlsx")
    rows = rows_of(path, "Phụ lục I")
    assert [row[0] for row in rows[:3]] == [
        "Phụ lục I",
        "DANH SÁCH XÃ KHU VỰC III, II, I",
        "(Kèm theo Quyết định số ....../QĐ-...... ngày .... tháng .... năm ...... của ..........)",
    ]
    assert rows[5] == ["TT", "Tên đơn vị hành chính", "Khu vực", "Số thôn đặc biệt khó khăn", "Xã đặc biệt khó khăn",
                       "Căn cứ"]  # fmt: skip
    assert rows[6][:2] == ["I", "Tỉnh Một"]
    assert rows[7] == [1, NAMES[0], "III", 4, "x", "272/2025/NĐ-CP"]
    assert rows[9] == [2, "", "III: 1\nII: 0\nI: 1", 4, 1, ""]
    assert rows[11] == [1, FORMULA_NAME, "II", "chưa có số liệu", "", "272/2025/NĐ-CP"]
    assert rows[14] == [4, "", "III: 2\nII: 1\nI: 1", "ít nhất 7", 2, ""]
    text = "\n".join(str(cell) for row in rows for cell in row)
    assert "Nơi nhận:" in text
    assert "QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ" in text


def test_the_undecided_are_told_with_what_is_missing(tmp_path):
    rows = rows_of(write_annex(listed_content(), tmp_path / "phu-luc.xlsx"), "Phụ lục I – chưa đủ căn cứ")
    assert rows[1][0] == "CHƯA ĐỦ CĂN CỨ XÉT"
    assert rows[7][:2] == [1, NAMES[2]]
    assert [row[0] for row in rows[9:11]] == [
        "Tất cả các đơn vị trên còn thiếu:",
        "(1) Số tiêu chí chưa đạt: chưa có số liệu.",
    ]


def test_pages_are_as_the_decree_prescribes(tmp_path):
    path = write_annex(listed_content(), tmp_path / "phu-luc.xlsx")
    book = openpyxl.load_workbook(path)
    border = book["Phụ lục II"]
    assert {cell.font.name for row in border.iter_rows() for cell in row if cell.value} == {"Times New Roman"}
    assert border["B8"].font.size == 13
    assert border.page_setup.paperSize == 9
    margins = border.page_margins
    assert [round(each * 25.4) for each in (margins.left, margins.right, margins.top, margins.bottom)] == [
        30,
        15,
        20,
        20,
    ]
    assert border.print_title_rows == "$6:$6"
    assert border.page_setup.orientation == "portrait"
    assert book["Phụ lục I"].page_setup.orientation == "landscape"


def long_list(n):
    """Return the sample with one set and ``n`` border communes."""
    content = listed_content()
    codes = [f"{k:05d}" for k in range(1, n + 1)]
    units = content.units.iloc[[0] * n].set_axis(pd.Index(codes, name="commune_code"))
    rows = content.verdicts[content.verdicts["commune_code"] == "01001"]
    rows = pd.concat([rows.assign(commune_code=code) for code in codes])
    wide = content.wide.iloc[[0] * n].set_axis(units.index)
    return replace(content, units=units, wide=wide, verdicts=rows, rulesets=content.rulesets[1:])


def test_a_signature_never_stands_alone_on_a_page(tmp_path):
    broken = []
    for n in range(12, 40, 3):
        sheet = openpyxl.load_workbook(write_annex(long_list(n), tmp_path / "phu-luc.xlsx"))["Phụ lục"]
        total = next(row for row in range(1, sheet.max_row + 1) if str(sheet.cell(row, 1).value).startswith("=COUNTA"))
        broken += [(n, total - each.id) for each in sheet.row_breaks.brk]
    assert broken  # some lists end near the foot of a page
    assert {rows for _, rows in broken} == {3}  # then the last two units go over with the total and the signature
    assert len(broken) < 6


def test_constructed_results_are_told_under_the_title(tmp_path):
    content = listed_content()
    marked = content.scores.assign(illustrative=pd.array([True] * 12, dtype="boolean"))
    rows = rows_of(write_annex(replace(content, scores=marked), tmp_path / "phu-luc.xlsx"), "Phụ lục II")
    assert rows[3][0] == "Kết quả dựa trên số liệu minh hoạ, không dùng để trình ban hành."


def test_an_empty_list_and_a_project_without_rules_say_so(tmp_path):
    content = listed_content()
    nobody = content.verdicts.assign(answer="not_met", value=pd.NA)
    rows = rows_of(write_annex(replace(content, verdicts=nobody), tmp_path / "a.xlsx"), "Phụ lục II")
    assert rows[6][0] == "Không có đơn vị nào."
    none = write_annex(replace(content, rulesets=(), verdicts=pd.DataFrame()), tmp_path / "b.xlsx")
    assert "không có danh sách" in rows_of(none, "Phụ lục")[0][0]


def test_the_annex_has_the_same_bytes_and_nothing_from_data_runs(tmp_path):
    content = listed_content()
    first = write_annex(content, tmp_path / "a.xlsx").read_bytes()
    shuffled = replace(content, units=content.units.iloc[::-1], wide=content.wide.sample(frac=1, random_state=3))
    assert write_annex(shuffled, tmp_path / "b.xlsx").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets" in name]
    formulas = [text for sheet in sheets for text in re.findall("<f>(.*?)</f>", sheet)]
    assert formulas
    assert not any("cmd" in text for text in formulas)
