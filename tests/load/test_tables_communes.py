from __future__ import annotations

import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheet_makers import messages, read, xls, xlsx

from geontm.errors import TableError
from geontm.load.unit_tables import KeySpec

HEADER = ["STT", "Mã xã", "Tên xã", "Dân số (người)", "Tỷ lệ hộ nghèo (%)"]
TWO = [[1, "01267", "Xã Cô Ba", 2500, 35.5], [2, "01270", "Xã Hồng Trị", 3100, 28]]


def refused(path, **source):
    with pytest.raises(TableError) as error:
        read(path, **source)
    assert error.value.text("vi")
    assert error.value.text("en")
    return error.value


def places(table, message):
    return [(i.severity, i.row, i.value) for i in table.issues if i.message.id == message]


def test_a_plain_table(tmp_path):
    table = read(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO]))
    expected = pd.DataFrame(
        {
            "commune_code": pd.array(["01267", "01270"], dtype="str"),
            "commune_name": pd.array(["Xã Cô Ba", "Xã Hồng Trị"], dtype="str"),
            "population": pd.array([2500, 3100], dtype="Int64"),
            "poor_household_pct": pd.array([35.5, 28.0], dtype="Float64"),
        },
        index=pd.Index([2, 3], name="row"),
    )
    pd.testing.assert_frame_equal(table.rows, expected)
    assert table.subtotals.empty
    assert table.sheet == "Biểu 01"
    assert table.unread == ()
    assert table.issues == ()
    assert table.headers["population"] == "Dân số (người)"


def test_titles_units_column_numbers_notes_and_blank_rows(tmp_path):
    rows = [
        ["UBND TỈNH CAO BẰNG", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", None],
        ["BIỂU 01. KẾT QUẢ RÀ SOÁT HỘ NGHÈO CÁC XÃ"],
        [],
        ["STT", "Mã xã", "Tên xã", "Dân số", "Tỷ lệ hộ nghèo"],
        [None, None, None, "(người)", "(%)"],
        ["(1)", "(2)", "(3)", "(4)", "(5)=(4)/(3)"],
        TWO[0],
        [],
        TWO[1],
        ["Ghi chú: số liệu đến 31/12/2025"],
        ["Nguồn: Sở Nông nghiệp và Môi trường"],
        [None, None, "Cao Bằng, ngày 5 tháng 1 năm 2026"],
        [None, None, "NGƯỜI LẬP BIỂU"],
    ]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.rows.index.tolist() == [7, 9]
    assert table.rows["population"].tolist() == [2500, 3100]
    assert [row for _, row, _ in places(table, "sheets.note_row")] == ["10", "11", "12", "13"]
    assert len(table.issues) == 4


@pytest.mark.parametrize("merged", [True, False])
def test_headers_of_several_rows(tmp_path, merged):
    rows = [
        ["Địa bàn", None, "Hộ cận nghèo", "Hộ nghèo", None, "Dân số"],
        ["Huyện", "Xã", "Số hộ", "Số hộ", "Tỷ lệ (%)", "Tổng số"],
        ["Huyện Bảo Lạc", "Xã Cô Ba", 500, 100, 20, 2500],
        [None, "Xã Hồng Trị", 400, 40, 10, 1900],
    ]
    joined = [(0, 0, 0, 1), (0, 3, 0, 4)] if merged else []
    table = read(xlsx(tmp_path / "a.xlsx", rows, merged=joined))
    assert dict(table.headers) == {
        "district_name": "Địa bàn Huyện",
        "commune_name": "Địa bàn Xã",
        "poor_household_count": "Hộ nghèo Số hộ",
        "poor_household_pct": "Hộ nghèo Tỷ lệ (%)",
        "population": "Dân số Tổng số",
    }
    assert table.unread == ("Hộ cận nghèo Số hộ",)  # which households it counts is not guessed
    assert table.rows["district_name"].tolist() == ["Huyện Bảo Lạc"] * 2
    named = read(tmp_path / "a.xlsx", columns={"Hộ cận nghèo Số hộ": "household_count"})
    assert named.rows["household_count"].tolist() == [500, 400]
    assert named.rows["poor_household_count"].tolist() == [100, 40]


def test_years_under_a_header(tmp_path):
    rows = [["Xã", "Dân số", None], [None, 2024, 2025], ["Cô Ba", 10, 11]]
    path = xlsx(tmp_path / "a.xlsx", rows, merged=[(0, 1, 0, 2)])
    assert messages(read(path)) == ["sheets.two_columns"] * 2
    table = read(path, columns={"Dân số 2025": "population"})
    assert table.rows["population"].tolist() == [11]
    assert table.rows.index.tolist() == [3]
    one = xlsx(tmp_path / "b.xlsx", [row[:2] for row in rows])
    assert read(one).rows["population"].tolist() == [10]


def test_a_second_header_in_other_words(tmp_path):
    rows = [["commune_code", "commune_name", "poor_household_pct"], ["Mã xã", "Tên xã", "Tỷ lệ hộ nghèo (%)"]]
    table = read(xlsx(tmp_path / "a.xlsx", [*rows, ["01267", "Xã Cô Ba", 12]]))
    assert table.rows["poor_household_pct"].tolist() == [12]
    assert messages(table) == []


def test_an_unknown_header_over_names_and_headings_swallows_none(tmp_path):
    rows = [
        ["DANH SÁCH XÃ KHU VỰC III, II, I"],
        [],
        ["TT", "Nơi lập danh sách", "Khu vực"],
        ["I", "HUYỆN BẢO LẠC", None],
        [1, "Xã Cô Ba", "III"],
        [2, "Thị trấn Bảo Lạc", "I"],
        ["II", "THÀNH PHỐ CAO BẰNG", None],
        [1, "Phường Sông Hiến", "I"],
    ]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.rows["district_name"].tolist() == ["HUYỆN BẢO LẠC", "HUYỆN BẢO LẠC", "THÀNH PHỐ CAO BẰNG"]
    assert table.rows["development_region"].tolist() == [3, 1, 1]
    assert table.headers["commune_name"] == "Nơi lập danh sách"
    assert table.subtotals["level"].tolist() == ["district", "district"]


def test_vertical_merges_and_a_missing_stt_header(tmp_path):
    rows = [
        ["TT", "Đơn vị", "Tỷ lệ hộ dân", None],
        [None, None, "Tỷ lệ hộ nghèo", "Tỷ lệ hộ cận nghèo"],
        [1, "Xã Cô Ba", 20, 5],
    ]
    table = read(xlsx(tmp_path / "a.xlsx", rows, merged=[(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3)]))
    assert table.rows["commune_name"].tolist() == ["Xã Cô Ba"]
    assert table.rows.index.tolist() == [3]


@pytest.mark.parametrize(
    "totals",
    [
        [["I", None, "Huyện Bảo Lạc", 300, None], ["II", None, "Huyện Hà Quảng", 70, None]],
        [["I. Huyện Bảo Lạc", None, None, 300, None], ["II. Huyện Hà Quảng", None, None, 70, None]],
        [[None, None, "Tổng số huyện Bảo Lạc", 300, None], [None, None, "Cộng huyện Hà Quảng", 70, None]],
    ],
)
def test_totals_between_the_rows_stay_apart(tmp_path, totals):
    rows = [
        HEADER,
        [None, None, "TỔNG CỘNG", 370, None],
        totals[0],
        [1, "01267", "Xã Cô Ba", 100, 10],
        [2, "01270", "Cộng Hòa", 200, 20],  # a commune whose name starts like a total
        totals[1],
        [1, "01364", "Xã Hưng Đạo", 70, 30],
    ]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.rows["commune_name"].tolist() == ["Xã Cô Ba", "Cộng Hòa", "Xã Hưng Đạo"]
    assert table.subtotals["level"].tolist() == ["total", "district", "district"]
    assert table.subtotals["population"].tolist() == [370, 300, 70]
    districts = [name.casefold() for name in table.rows["district_name"]]
    assert districts == ["huyện bảo lạc", "huyện bảo lạc", "huyện hà quảng"]
    assert messages(table) == []


def test_a_total_beside_its_district_is_the_total_of_that_district(tmp_path):
    rows = [
        ["Huyện", "Xã", "Dân số"],
        ["Huyện Bảo Lạc", "Tổng số", 9],
        ["Huyện Bảo Lạc", "Xã Cô Ba", 4],
        ["Huyện Bảo Lạc", "Xã Hồng Trị", 5],
        ["Huyện Hà Quảng", "Tổng số", 3],
        ["Huyện Hà Quảng", "Xã Cải Viên", 3],
    ]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.subtotals["district_name"].tolist() == ["Huyện Bảo Lạc", "Huyện Hà Quảng"]
    assert table.subtotals["level"].tolist() == ["district", "district"]
    assert messages(table) == []


def test_nameless_totals_close_the_rows_above_them(tmp_path):
    rows = [["Tên xã", "Dân số"], ["Xã A", 10], ["Xã B", 20], ["Cộng", 30], ["Xã C", 5], ["Cộng", 6], ["Tổng cộng", 35]]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert [(issue.row, issue.value) for issue in table.issues] == [("6", "6")]


def test_a_total_that_differs_is_told_with_both_figures(tmp_path):
    rows = [HEADER, [None, None, "Tổng số", 5700, 31], *TWO]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    (issue,) = table.issues
    assert (issue.severity, issue.message.id, issue.row) == ("warning", "sheets.total_differs", "2")
    assert "5,700" in issue.message.text("en")
    assert "5,600" in issue.message.text("en")  # and the rate, 31 %, is not summed
    assert "5.700" in issue.message.text("vi") and "+100" in issue.message.text("vi")


def test_unknown_communes_leave_a_total_unchecked_unless_exceeded(tmp_path):
    rows = [HEADER, [None, None, "Tổng số", 5700, None], TWO[0], [2, "01270", "Xã Hồng Trị", "…", 28]]
    assert messages(read(xlsx(tmp_path / "a.xlsx", rows))) == []
    rows[1][3] = 2000
    assert messages(read(xlsx(tmp_path / "b.xlsx", rows))) == ["sheets.total_differs"]


def test_totals_of_rounded_figures_may_differ_by_rounding(tmp_path):
    header = ["Tên xã", "Diện tích tự nhiên (km2)", "Đường biên giới (km)"]
    rows = [header, ["Tổng số", None, 3.1], ["Xã A", 1, 1.04], ["Xã B", 1, 1.04], ["Xã C", 1, 1.04]]
    assert "sheets.total_differs" not in messages(read(xlsx(tmp_path / "a.xlsx", rows)))
    rows[1][2] = 4
    assert "sheets.total_differs" in messages(read(xlsx(tmp_path / "b.xlsx", rows)))


def test_section_headings_are_no_districts_and_no_communes(tmp_path):
    rows = [
        HEADER,
        ["I", None, "Xã khu vực III", None, None],
        TWO[0],
        ["II", None, "Các xã biên giới", None, None],
        TWO[1],
    ]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert len(table.rows) == 2
    assert "district_name" not in table.rows
    assert table.subtotals["level"].tolist() == ["section", "section"]
    assert messages(table) == ["sheets.section_row"] * 2


def test_names_that_look_like_headings_are_communes(tmp_path):
    names = ["Xã Biên Giới", "Phường Đạt Hiếu", "Phường Phường Đúc", "Xã Toàn Thắng", "Thị trấn Tổng Cọt", "Xã Khu Vực"]
    rows = [["Tên xã", "Dân số"], *[[name, 10] for name in names]]
    assert read(xlsx(tmp_path / "a.xlsx", rows)).rows["commune_name"].tolist() == names


def test_a_city_heading_is_a_province_after_the_reform_and_a_district_before(tmp_path):
    rows = [HEADER, ["I", None, "Thành phố Huế", 5600, None], *TWO]
    path = xlsx(tmp_path / "a.xlsx", rows)
    assert read(path, date=datetime.date(2024, 12, 31)).subtotals["level"].tolist() == ["district"]
    assert read(path, date=datetime.date(2025, 12, 31)).subtotals["level"].tolist() == ["province"]


def test_a_row_with_figures_and_no_name_is_kept_apart_as_an_error(tmp_path):
    table = read(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO, [3, None, None, 900, 12]]))
    assert len(table.rows) == 2
    assert table.subtotals["level"].tolist() == ["unnamed"]
    assert places(table, "sheets.unnamed_row") == [("error", "4", "3")]


def test_pages_that_repeat_the_header(tmp_path):
    table = read(xlsx(tmp_path / "a.xlsx", [HEADER, TWO[0], HEADER, TWO[1]]))
    assert table.rows.index.tolist() == [2, 4]
    assert messages(table) == ["sheets.header_again"]


def test_provinces_and_districts_are_filled_down_and_start_afresh(tmp_path):
    rows = [
        ["Tỉnh", "Huyện", "Xã", "Dân số"],
        ["Tỉnh Cao Bằng", "Huyện Bảo Lạc", "Xã Cô Ba", 1],
        [None, None, "Xã Hồng Trị", 2],
        [None, "Huyện Hà Quảng", "Xã Cải Viên", 3],
        ["Tỉnh Hà Giang", None, "Xã Lũng Cú", 4],
    ]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.rows["province_name"].tolist() == ["Tỉnh Cao Bằng"] * 3 + ["Tỉnh Hà Giang"]
    assert table.rows["district_name"].tolist()[:3] == ["Huyện Bảo Lạc", "Huyện Bảo Lạc", "Huyện Hà Quảng"]
    assert pd.isna(table.rows["district_name"].iloc[3])


@pytest.mark.parametrize("stored", ["numbers", "csv"])
def test_zeros_lost_by_excel_are_restored_with_a_word(tmp_path, stored):
    rows = [["Mã xã", "Tên xã", "Dân số"], [1267, "Xã Cô Ba", 5], [12700, "Xã Mù Cả", 6]]
    if stored == "numbers":
        path = xlsx(tmp_path / "a.xlsx", rows)
    else:
        path = tmp_path / "a.csv"
        path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")
    table = read(path)
    assert table.rows["commune_code"].tolist() == ["01267", "12700"]
    assert places(table, "sheets.zeros_restored") == [("warning", "2", "1267")]


def test_short_codes_stored_as_text_are_left_and_named(tmp_path):
    rows = [["Mã xã", "Tên xã", "Dân số"], ["1267", "Xã Cô Ba", 5], ["01270", "Xã Hồng Trị", 6], ["0127x", "Xã C", 7]]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.rows["commune_code"].tolist() == ["1267", "01270", "0127x"]
    assert places(table, "sheets.code_short") == [("error", "2", "1267")]
    assert places(table, "sheets.code_malformed") == [("error", "4", "0127x")]


def test_serial_numbers_are_no_codes(tmp_path):
    rows = [["Mã số", "Tên xã", "Dân số"], *[[i, f"Xã {name}", 5] for i, name in enumerate("ABCDE", 1)]]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert "commune_code" not in table.rows
    assert messages(table) == ["sheets.not_codes"]


def test_one_word_for_names_and_codes(tmp_path):
    rows = [["Tỉnh", "Tên Tỉnh", "Xã", "Tên Xã"], ["04", "Tỉnh Cao Bằng", "01267", "Xã Cô Ba"]]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.rows.iloc[0].to_dict() == {
        "commune_code": "01267", "commune_name": "Xã Cô Ba", "province_code": "04", "province_name": "Tỉnh Cao Bằng",
    }  # fmt: skip


def test_values_out_of_range_are_unknown_and_named(tmp_path):
    rows = [HEADER, [1, "01267", "Xã Cô Ba", -5, 135.5], TWO[1]]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.rows.loc[2, ["population", "poor_household_pct"]].isna().all()
    assert table.rows.loc[3, "population"] == 3100
    found = [(i.severity, i.row, i.column, i.value) for i in table.issues]
    assert found == [("error", "2", "Dân số (người)", "-5"), ("error", "2", "Tỷ lệ hộ nghèo (%)", "135.5")]


def test_shares_become_percents_where_the_header_says_so_and_are_doubted_elsewhere(tmp_path):
    body = [["Xã Cô Ba", 0.125], ["Xã Bảo Toàn", 0.5]]
    named = {"Share of poor households": "poor_household_pct"}
    said = read(xlsx(tmp_path / "a.xlsx", [["Tên xã", *named], *body]), columns=named)
    assert said.rows["poor_household_pct"].tolist() == [12.5, 50]
    assert messages(said) == ["sheets.share_to_percent"]
    silent = read(xlsx(tmp_path / "b.xlsx", [["Tên xã", "Tỷ lệ hộ nghèo"], *body]))
    assert silent.rows["poor_household_pct"].tolist() == [0.125, 0.5]
    (doubt,) = silent.issues
    assert doubt.message.id == "sheets.fractions_for_percent"
    assert "«Tỷ lệ hộ nghèo»" in doubt.message.text("vi")
    assert "“Poor households”" in doubt.message.text("en")


def test_a_total_over_no_commune_is_told(tmp_path):
    rows = [["Tên xã", "Dân số"], ["Huyện Bảo Lạc", 2500], ["Xã Cô Ba", 2500], ["Huyện Hạ Lang", 900]]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert places(table, "sheets.total_without_communes") == [("warning", "4", "Huyện Hạ Lang")]


def test_a_header_that_the_project_names_must_stand_over_one_column(tmp_path):
    rows = [["Tên xã", "Số hộ", "Số hộ"], ["Xã Cô Ba", 1, 2]]
    error = refused(xlsx(tmp_path / "a.xlsx", rows), columns={"Số hộ": "household_count"})
    assert error.message.id == "sheets.named_twice"


def test_names_without_any_header_are_found_by_their_kinds(tmp_path):
    table = read(xlsx(tmp_path / "a.xlsx", [["", "Dân số"], ["Xã Cô Ba", 10], ["Phường Sông Hiến", 20]]))
    assert table.rows["commune_name"].tolist() == ["Xã Cô Ba", "Phường Sông Hiến"]
    assert table.rows["population"].tolist() == [10, 20]
    assert [severity for severity, *_ in places(table, "sheets.found_by_content")] == ["info"]


@pytest.mark.parametrize("values", [[2.5, 1], ["2,5", "1"]])
def test_units_of_the_header_or_the_title_are_converted(tmp_path, values):
    body = [["Xã Cô Ba", values[0]], ["Xã Bảo Toàn", values[1]]]
    for name, rows in {
        "title": [["Biểu 1. Dân số (ĐVT: nghìn người)"], [], ["Tên xã", "Dân số"], *body],
        "header": [["Tên xã", "Dân số (1000 người)"], *body],
        "row": [["Tên xã", "Dân số"], [None, "Nghìn người"], *body],
    }.items():
        table = read(xlsx(tmp_path / f"{name}.xlsx", rows))
        assert table.rows["population"].tolist() == [2500, 1000]
        assert messages(table) == ["sheets.unit_converted"]


def test_a_unit_of_another_kind_in_the_title_concerns_other_columns(tmp_path):
    rows = [["ĐVT: nghìn người"], ["Tên xã", "Tỷ lệ hộ nghèo (%)"], ["Xã Cô Ba", 12]]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.rows["poor_household_pct"].tolist() == [12]


def test_a_unit_that_measures_something_else_is_refused(tmp_path):
    table = read(xlsx(tmp_path / "a.xlsx", [["Tên xã", "Tỷ lệ hộ nghèo (hộ)", "Dân số"], ["Xã Cô Ba", 20, 5]]))
    assert "poor_household_pct" not in table.rows
    assert messages(table, "error") == ["sheets.other_unit"]


def test_fractions_for_percents_are_kept_with_a_warning(tmp_path):
    rows = [["Tên xã", "Tỷ lệ hộ nghèo (%)"], ["Xã Cô Ba", 0.355], ["Xã B", 0.28]]
    table = read(xlsx(tmp_path / "a.xlsx", rows))
    assert table.rows["poor_household_pct"].tolist() == [0.355, 0.28]
    assert messages(table) == ["sheets.fractions_for_percent"]


@pytest.mark.parametrize("make", [xls, xlsx])
def test_cells_that_show_percents_are_read_as_shown(tmp_path, make):
    rows = [["Tên xã", "Tỷ lệ hộ nghèo (%)", "Số hộ"], ["Xã Cô Ba", 0.355, 1], ["Xã B", 0.28, 1]]
    table = read(make(tmp_path / "a", rows, percents={(1, 1), (2, 1), (1, 2)}))
    assert table.rows["poor_household_pct"].tolist() == [35.5, 28]
    assert table.rows["household_count"].tolist() == [1, 1]
    assert messages(table) == ["sheets.percent_format"]


def test_two_columns_of_one_meaning_are_not_guessed_between(tmp_path):
    rows = [["Tên xã", "Dân số", "Số nhân khẩu"], ["Xã Cô Ba", 5, 6]]
    path = xlsx(tmp_path / "a.xlsx", rows)
    table = read(path)
    assert "population" not in table.rows
    assert messages(table) == ["sheets.two_columns"] * 2
    assert read(path, columns={"Số nhân khẩu": "population"}).rows["population"].tolist() == [6]


def test_the_column_that_surely_holds_commune_names_is_taken(tmp_path):
    by_cells = [["Đơn vị", "Tên", "Dân số"], ["Phòng A", "Xã Cô Ba", 5], ["Phòng B", "Xã Hồng Trị", 6]]
    assert read(xlsx(tmp_path / "a.xlsx", by_cells)).headers["commune_name"] == "Tên"
    by_header = [["Đơn vị", "Tên xã", "Dân số"], ["Phòng A", "Cô Ba", 5], ["Phòng B", "Hồng Trị", 6]]
    assert read(xlsx(tmp_path / "b.xlsx", by_header)).headers["commune_name"] == "Tên xã"
    neither = [["Đơn vị", "Tên", "Dân số"], ["Phòng A", "Cô Ba", 5], ["Phòng B", "Hồng Trị", 6]]
    error = refused(xlsx(tmp_path / "c.xlsx", neither))
    assert error.message.id == "sheets.two_commune_columns"
    assert "Đơn vị | Tên" in error.text("vi")


def test_a_bare_list_of_names(tmp_path):
    rows = [[None, "Danh sách kèm theo quyết định"], [], [None, "Tên xã"], [None, "Cô Ba"], [None, "Hồng Trị"]]
    assert read(xlsx(tmp_path / "a.xlsx", rows)).rows["commune_name"].tolist() == ["Cô Ba", "Hồng Trị"]


def test_empty_lines_of_a_form_are_no_errors(tmp_path):
    table = read(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO, [3], [4]]))
    assert len(table.rows) == 2
    assert set(messages(table)) == {"sheets.note_row"}


def test_names_keep_html_and_formulas_and_lose_soft_hyphens(tmp_path):
    names = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "Xã Phư\u00adớc An", "Xa\u0303 Cô Ba"]
    rows = [["ma_xa", "ten_xa", "Dân số"], *[[f"0126{i}", name, i] for i, name in enumerate(names)]]
    assert read(xlsx(tmp_path / "a.xlsx", rows)).rows["commune_name"].tolist() == [
        "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "Xã Phước An", "Xã Cô Ba",
    ]  # fmt: skip


def test_numbers_and_footnotes_around_names_are_dropped(tmp_path):
    rows = [["Tên xã", "Dân số"], ["1. Xã Cô Ba", 1], ["- Xã Hồng Trị", 2], ["Xã Cải Viên (*)", 3], ["Phường 1", 4]]
    names = read(xlsx(tmp_path / "a.xlsx", rows)).rows["commune_name"]
    assert names.tolist() == ["Xã Cô Ba", "Xã Hồng Trị", "Xã Cải Viên", "Phường 1"]


def test_unknown_columns_are_listed(tmp_path):
    table = read(xlsx(tmp_path / "a.xlsx", [["Tên xã", "Dân số", "Màu mái nhà"], ["Xã Cô Ba", 5, "đỏ"]]))
    assert table.unread == ("Màu mái nhà",)
    assert messages(table) == ["sheets.unread_column"]


def test_the_project_file_names_the_columns(tmp_path):
    rows = [["Mã", "Tên gọi", "Thuộc", "TLHN"], ["01267", "Cô Ba", "Huyện Bảo Lạc", 12]]
    path = xlsx(tmp_path / "a.xlsx", rows)
    key = KeySpec(code="Mã", name="Tên gọi", district="Thuộc")
    table = read(path, key=key, columns={"TLHN": "poor_household_pct"})
    assert table.rows.iloc[0].to_dict() == {
        "commune_code": "01267", "commune_name": "Cô Ba", "district_name": "Huyện Bảo Lạc", "poor_household_pct": 12,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "message", "says"),
    [
        ({"columns": {"Dân số (người)": "popluation"}}, "sheets.unknown_name", "population"),
        ({"columns": {"Dân sô": "population"}}, "sheets.named_missing", "Dân số (người)"),
        ({"key": KeySpec(name="Tên xóm")}, "sheets.named_missing", "Tên xã"),
        ({"sheet": "Biểu 02"}, "sheets.no_such_sheet", "Biểu 01"),
        ({"columns": {"Mã xã": "commune_code"}, "key": KeySpec(code="Mã xã")}, "sheets.name_twice", "Mã xã"),
    ],
)
def test_mistakes_in_the_project_file_name_what_there_is(tmp_path, source, message, says):
    error = refused(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO]), **source)
    assert error.message.id == message
    for lang in ("vi", "en"):
        assert says in error.text(lang)


def test_a_table_without_rows(tmp_path):
    assert refused(xlsx(tmp_path / "a.xlsx", [HEADER])).message.id == "sheets.no_rows"
    path = tmp_path / "a.csv"
    path.write_text("ma_xa,ten_xa,dan_so\n", encoding="utf-8")
    assert refused(path).message.id == "sheets.no_rows"


def test_a_table_without_communes_names_what_was_found(tmp_path):
    rows = [["STT", "Nội dung", "Năm 2025"], [1, "Thu ngân sách", 12]]
    error = refused(xlsx(tmp_path / "a.xlsx", rows))
    assert error.message.id == "sheets.no_commune_column"
    assert "Nội dung" in error.text("vi")
    assert "no commune column found" in error.text("en")


def test_the_only_sheet_with_communes_is_taken(tmp_path):
    other = ("Bìa", [["Báo cáo"], ["STT", "Nội dung"]], ())
    path = xlsx(tmp_path / "a.xlsx", [HEADER, *TWO], more=[other])
    assert read(path).sheet == "Biểu 01"


def test_several_sheets_with_communes_are_refused_unless_one_has_the_figures(tmp_path):
    again = ("Biểu 02", [HEADER, *TWO], ())
    error = refused(xlsx(tmp_path / "a.xlsx", [HEADER, *TWO], more=[again]))
    assert error.message.id == "sheets.several_sheets"
    assert "Biểu 01, Biểu 02" in error.text("vi")
    names = ("Danh mục", [["Mã xã", "Tên xã"], ["01267", "Xã Cô Ba"]], ())
    assert read(xlsx(tmp_path / "b.xlsx", [HEADER, *TWO], more=[names])).sheet == "Biểu 01"


def test_reading_twice_gives_the_same(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [HEADER, [None, None, "Tổng số", 1, 2], *TWO])
    first, second = read(path), read(path)
    pd.testing.assert_frame_equal(first.rows, second.rows)
    assert first.issues == second.issues


cell = (
    st.none() | st.integers(-5, 200) | st.sampled_from(["…", "-", "12,5", "1.234", "abc", "Xã Cô Ba", "Tổng số", "I"])
)
row = st.tuples(cell, st.none() | st.sampled_from(["01267", "1270", "x"]), cell, cell, cell).map(list)


@settings(deadline=None, max_examples=30)
@given(rows=st.lists(row, max_size=8))
def test_no_row_vanishes(tmp_path_factory, rows):
    path = xlsx(tmp_path_factory.mktemp("rows") / "a.xlsx", [HEADER, TWO[0], *rows])
    table = read(path)
    told = {int(issue.row) for issue in table.issues if issue.row.isdigit()}
    kept = {*table.rows.index, *table.subtotals.index} | told
    filled = {at for at, content in enumerate([TWO[0], *rows], 2) if any(value is not None for value in content)}
    assert filled <= kept
    assert not set(table.rows.index) & set(table.subtotals.index)
