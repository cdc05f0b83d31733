"""The workbook keeps text as text and gaps as gaps, says what people need, and its totals stay live."""

import gc
import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter.exceptions import FileCreateError

from geontm.publish import communes_table
from geontm.publish.books.book import Book
from geontm.publish.books.workbook import write_workbook
from listed_samples import listed_content
from publish_samples import CODES, FORMULA_NAME, NAMES, sample_content

FIRST = 7  # rows over the first unit on the sheet of communes


def sheet_of(content, tmp_path, name):
    return CalamineWorkbook.from_path(write_workbook(content, tmp_path / "communes.xlsx")).get_sheet_by_name(name)


def people(content, tmp_path):
    """Return the sheet of communes as (heading, cells) by label."""
    rows = sheet_of(content, tmp_path, "Xã").to_python()
    return {str(head).split("\n")[0]: [row[at] for row in rows[FIRST:]] for at, head in enumerate(rows[3])}


def test_a_program_reads_the_first_sheet_as_the_contract_names_it(tmp_path):
    path = write_workbook(sample_content(), tmp_path / "communes.xlsx")
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert rows[0] == list(communes_table(sample_content()).columns)
    assert [row[0] for row in rows[1:]] == CODES
    poor, border = rows[0].index("poor_household_pct"), rows[0].index("is_border")
    assert [row[poor] for row in rows[1:]] == [5.0, 20.0, "", 33.3, 20.0, 41.5]
    assert [row[border] for row in rows[1:]] == [True, False, "", True, False, False]


def test_the_sheets_stand_in_the_order_of_reading(tmp_path):
    book = CalamineWorkbook.from_path(write_workbook(listed_content(), tmp_path / "communes.xlsx"))
    assert book.sheet_names == [
        "data", "Xã", "Theo tỉnh", "Xã khu vực III, II, I", "Xã biên giới", "Tổng hợp điều kiện", "Xếp hạng ưu tiên",
        "Từ điển cột", "Điều cần xem lại", "Nguồn và cách đọc",
    ]  # fmt: skip


def test_people_read_labels_units_years_and_what_is_constructed(tmp_path):
    rows = sheet_of(sample_content(), tmp_path, "Xã").to_python()
    assert "Tỷ lệ hộ nghèo\n(%)\n2025 · số liệu minh hoạ" in rows[3]
    assert {"Đơn vị hành chính", "Phân loại", "Nghèo và thu nhập"} <= set(rows[2])
    assert rows[FIRST - 1][:3] == [1, 2, 3]
    assert "ranh giới sơ đồ" in rows[1][0]


def test_an_unknown_cell_says_so_and_is_never_nothing(tmp_path):
    shown = people(sample_content(), tmp_path)
    assert shown["Tỷ lệ hộ nghèo"] == [5.0, 20.0, "…", 33.3, 20.0, 41.5]
    assert shown["Xã biên giới"] == ["Có", "Không", "…", "Có", "Không", "Không"]
    assert shown["Khu vực (I, II, III)"] == ["I", "II", "…", "III", "III", "…"]


def test_a_category_is_named_for_people_and_kept_for_programs(tmp_path):
    content = sample_content()
    regions = pd.array(["red_river_delta", None, "mekong_delta", "other", None, "mekong_delta"], dtype="str")
    content = replace(content, wide=content.wide.assign(region=regions))
    named = ["Đồng bằng sông Hồng", "…", "Đồng bằng sông Cửu Long", "other", "…", "Đồng bằng sông Cửu Long"]
    assert people(content, tmp_path)["Vùng"] == named
    programs = CalamineWorkbook.from_path(tmp_path / "communes.xlsx").get_sheet_by_name("data").to_python()
    at = programs[0].index("region")
    assert [row[at] for row in programs[1:4]] == ["red_river_delta", "", "mekong_delta"]


def test_a_measure_between_bounds_is_told_in_its_own_column(tmp_path):
    content = sample_content()
    wide = content.wide.assign(
        rural_access_pct=pd.array([50.0, None, None, None, 70.0, None], dtype="Float64"),
        rural_access_pct_low=pd.array([50.0, 20.25, 30.0, None, 70.0, None], dtype="Float64"),
        rural_access_pct_high=pd.array([50.0, 80.0, None, 90.0, 70.0, None], dtype="Float64"),
    )
    shown = people(replace(content, wide=wide), tmp_path)
    label = content.dictionary["rural_access_pct"].label.vi
    assert shown[label] == [50.0, "từ 20,25 đến 80", "ít nhất 30", "nhiều nhất 90", 70.0, "…"]
    assert sum(head.startswith(label) for head in shown) == 1


def test_shares_are_read_in_percent(tmp_path):
    content = sample_content()
    shares = pd.array([0.5, None, 0.125, 0, 1, 0.25], dtype="Float64")
    shown = people(replace(content, wide=content.wide.assign(above_200m_share=shares)), tmp_path)
    assert shown[content.dictionary["above_200m_share"].label.vi] == [50.0, "…", 12.5, 0.0, 100.0, 25.0]


def test_a_rule_set_has_a_row_per_unit_with_verdict_answers_and_reason(tmp_path):
    rows = sheet_of(listed_content(), tmp_path, "Xã biên giới").to_python()
    assert rows[5] == ["Mã xã", "Tên xã", "Tỉnh", "Trả lời", "Trả lời", "Lý do"]
    assert rows[4][3:5] == ["KẾT QUẢ", "Giáp đường biên giới"]
    assert rows[3][3] == "Khoản 1 Điều 3, 34/2014/NĐ-CP"
    assert [row[3] for row in rows[6:]] == [
        "✓ Thỏa mãn",
        "✗ Không",
        "? Chưa kết luận",
        "✓ Thỏa mãn",
        "✗ Không",
        "✗ Không",
    ]
    assert rows[6][5] == "Xã biên giới, vì: giáp biên giới."
    assert rows[2][3] == "✓ 2 · ✗ 3 · ? 1"


def test_a_set_of_regions_tells_the_region_and_the_value_behind_it(tmp_path):
    rows = sheet_of(listed_content(), tmp_path, "Xã khu vực III, II, I").to_python()
    heads = rows[5]
    at = heads.index("Xếp vào")
    assert [row[at] for row in rows[6:]] == ["III", "I", "…", "II", "III", "–"]
    assert rows[4][heads.index("Giá trị") - 1] == "Số tiêu chí chưa đạt\ntừ 6 tiêu chí trở lên"
    assert [row[heads.index("Giá trị")] for row in rows[6:]] == [7, 1, "…", 4, 7, "…"]


def test_documents_that_differ_by_unit_stand_beside_each_verdict(tmp_path):
    content = listed_content()
    is_verdict = content.verdicts["test"].eq("border")
    listed = is_verdict & content.verdicts["commune_code"].eq("02001")
    verdicts = content.verdicts.assign(article=content.verdicts["article"].mask(listed, "60/QĐ-BDTTG"))
    content = replace(content, verdicts=verdicts)
    rows = sheet_of(content, tmp_path, "Xã biên giới").to_python()
    assert rows[5][3:6] == ["Trả lời", "Căn cứ", "Trả lời"]
    assert [row[4] for row in rows[6:10]] == ["Khoản 1 Điều 3, 34/2014/NĐ-CP"] * 3 + ["60/QĐ-BDTTG"]
    assert rows[3][3] == ""
    counts = sheet_of(content, tmp_path, "Tổng hợp điều kiện").to_python()
    assert "60/QĐ-BDTTG" in next(row[6] for row in counts if row[:2] == ["Xã biên giới", "KẾT QUẢ"])


def test_counts_of_answers_name_condition_and_article(tmp_path):
    rows = sheet_of(listed_content(), tmp_path, "Tổng hợp điều kiện").to_python()
    found = {(row[0], row[1]): row[3:6] for row in rows[3:]}
    limits = {row[7]: row[2] for row in rows[3:]}
    assert limits["unmet_6"] == "từ 6 tiêu chí trở lên"
    assert found["Xã biên giới", "KẾT QUẢ"] == [2, 3, 1]
    assert found["Xã khu vực III, II, I", "Xã khu vực III"] == [2, 3, 1]


def test_a_condition_asked_in_two_places_is_counted_once(tmp_path):
    content = listed_content()
    again = content.verdicts[content.verdicts["test"].eq("unmet_6")].assign(test="unmet_6_again")
    regions, border = content.rulesets
    noted = (*regions.conditions, replace(regions.conditions[0], test="unmet_6_again"))
    content = replace(
        content,
        rulesets=(replace(regions, conditions=noted), border),
        verdicts=pd.concat([content.verdicts, again], ignore_index=True),
    )
    rows = sheet_of(content, tmp_path, "Tổng hợp điều kiện").to_python()
    assert [row[7] for row in rows[3:] if row[1] == "Số tiêu chí chưa đạt"] == ["unmet_6, unmet_6_again"]


def test_the_ranking_goes_by_rank_and_puts_the_unranked_last(tmp_path):
    rows = sheet_of(listed_content(), tmp_path, "Xếp hạng ưu tiên").to_python()
    assert rows[2][:4] == ["Thứ hạng", "Mã xã", "Tên xã", "Tỉnh"]
    assert [row[0] for row in rows[3:]] == [1, 2, 3, 4, 5, "…"]
    assert rows[3][2] == NAMES[0]


def test_the_dictionary_tells_source_years_and_how(tmp_path):
    rows = sheet_of(sample_content(), tmp_path, "Từ điển cột").to_python()
    told = {row[0]: dict(zip(rows[2], row, strict=True)) for row in rows[3:]}
    poor = told["poor_household_pct"]
    assert (poor["Nguồn"], poor["Năm"], poor["Cách có"]) == ("moi.xlsx", "2024–2027", "số liệu được cung cấp")
    assert poor["Ghi chú"] == "số liệu minh hoạ"
    assert told["is_border"]["Cách có"] == "suy ra từ các cột khác"


def test_sources_name_rules_files_boundaries_and_the_run(tmp_path):
    text = str(sheet_of(sample_content(), tmp_path, "Nguồn và cách đọc").to_python())
    for told in ("34/2014/NĐ-CP · border", "nuoc.xlsx", "thử nghiệm", "abc123", "01/7/2025", "ranh giới sơ đồ"):
        assert told in text


def test_nothing_from_data_can_run(tmp_path):
    path = write_workbook(listed_content(), tmp_path / "communes.xlsx")
    assert FORMULA_NAME in people(listed_content(), tmp_path)["Tên xã"]
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            content = archive.read(member).decode("utf-8")
            assert "<hyperlink" not in content
            assert "<extLst" not in content  # other readers of the file complain about extensions
            assert "calc" not in "".join(part.partition("</f>")[0] for part in content.split("<f>")[1:])
            assert member.date_time[0] == 1980
        assert "2026-06-30T00:00:00Z" in archive.read("docProps/core.xml").decode()


def test_the_same_content_gives_the_same_bytes(tmp_path):
    content = listed_content()
    shuffled = replace(content, units=content.units.iloc[::-1], wide=content.wide.sample(frac=1, random_state=3),
                       priority=content.priority.iloc[::-1])  # fmt: skip
    first = write_workbook(content, tmp_path / "a.xlsx").read_bytes()
    assert write_workbook(content, tmp_path / "b.xlsx").read_bytes() == first
    assert write_workbook(shuffled, tmp_path / "c.xlsx").read_bytes() == first


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["a/b:c[d]*e?"], ["a b c d  e"]),
        (["Xã đạt chuẩn nông thôn mới nâng cao giai đoạn 2021–2025"], ["Xã đạt chuẩn nông thôn mới…"]),
        (["Xã", "xã", "XÃ"], ["Xã", "xã (2)", "XÃ (3)"]),
        (["'trích'", "", "🌾 Lúa"], ["trích", "_", "Lúa"]),
    ],
)
def test_sheet_names_are_ones_that_excel_takes(tmp_path, titles, names):
    content = sample_content()
    with Book(tmp_path / "a.xlsx", title="t", day=content.as_of, lang="vi") as book:
        assert [book.add(title)[1] for title in titles] == names
    assert CalamineWorkbook.from_path(tmp_path / "a.xlsx").sheet_names == names


def test_a_title_cannot_spoil_the_foot_of_a_page(tmp_path):
    content = sample_content(title="2026 & A\x01B\n&R99")
    path = write_workbook(content, tmp_path / "communes.xlsx")
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    foot = re.search("<oddFooter>(.*?)</oddFooter>", sheet).group(1).replace("&amp;", "&")
    assert foot == "&L&8 2026 && AB &&R99&C&8 &A&R&8 Trang &P/&N"


def test_a_very_long_text_is_cut_with_a_sign(tmp_path):
    content = sample_content()
    units = content.units.assign(commune_name=["x" * 40_000, *NAMES[1:]])
    cell = people(replace(content, units=units), tmp_path)["Tên xã"][0]
    assert cell.endswith("…")
    assert 30_000 < len(cell) < 32_768


def test_one_unit_without_any_figure_still_makes_a_workbook(tmp_path):
    content = sample_content()
    wide = pd.DataFrame({"poor_household_pct": pd.array([None], dtype="Float64")}, index=content.units.index[:1])
    alone = replace(content, units=content.units.iloc[:1], wide=wide, verdicts=pd.DataFrame(), rulesets=(),
                    indicators=content.indicators.iloc[:0], issues=())  # fmt: skip
    assert people(alone, tmp_path)["Tỷ lệ hộ nghèo"] == ["…"]


def test_cycles_are_looked_for_again_after_a_workbook_also_after_one_that_failed(tmp_path):
    write_workbook(listed_content(), tmp_path / "a.xlsx")
    assert gc.isenabled()
    with pytest.raises(FileCreateError):
        write_workbook(listed_content(), tmp_path / "no folder" / "a.xlsx")
    assert gc.isenabled()


def test_wide_sheets_are_set_on_a3_and_narrow_ones_on_a4(tmp_path):
    with Book(tmp_path / "a.xlsx", title="t", day=sample_content().as_of, lang="vi") as book:
        for widths in ([40] * 4, [40] * 6, [40] * 7):
            book.print_on(book.add("x")[0], widths=widths, repeat=(2, 3), names=2)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    # No number of pages stands for one.
    papers = [(sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) for sheet in book]
    assert papers == [(9, None), (8, None), (8, 2)]
    assert [sheet.print_title_cols for sheet in book] == [None, None, "$A:$B"]
    assert {sheet.print_title_rows for sheet in book} == {"$3:$4"}


def test_a_column_has_the_decimals_that_its_figures_need(tmp_path):
    wide = sample_content().wide.assign(
        poor_household_pct=pd.array([5, 20, None, 33.3, 20, 41.5], dtype="Float64"),
        near_poor_household_pct=pd.array([5, 20, None, 33.33, 20, 41.5], dtype="Float64"),
    )
    path = write_workbook(replace(sample_content(), wide=wide), tmp_path / "communes.xlsx")
    cells = {str(cell.value).split("\n")[0]: cell.column for cell in openpyxl.load_workbook(path)["Xã"][4]}
    sheet = openpyxl.load_workbook(path)["Xã"]
    formats = {label: sheet.cell(FIRST + 1, column).number_format for label, column in cells.items()}
    assert formats["Tỷ lệ hộ nghèo"].endswith("#,##0.0")
    assert formats["Tỷ lệ hộ cận nghèo"].endswith("#,##0.00")
    assert formats["Dân số"].endswith("#,##0")
