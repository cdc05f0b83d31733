"""The list of a decision names who has the status, tells the open ones apart, and accounts for every unit."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.publish import ConditionNote
from geontm.publish.annex import annex_table, share_out
from geontm.publish.annex.ground import roman
from geontm.tables import Label
from listed_samples import listed_content
from publish_samples import CODES, NAMES, sample_content


def test_a_region_list_numbers_provinces_in_roman_and_units_from_one():
    regions = annex_table(listed_content()).lists[0]
    assert [(group.number, group.name) for group in regions.groups] == [("I", "Tỉnh Một"), ("II", "Tỉnh Hai")]
    assert [[(row.number, row.code) for row in group.rows] for group in regions.groups] == [
        [(1, "01001"), (2, "01002")],
        [(1, "02001"), (2, "02002")],
    ]
    assert regions.groups[0].rows[0].name == NAMES[0]


def test_a_region_list_tells_region_villages_status_and_basis():
    regions = annex_table(listed_content()).lists[0]
    assert [column.key for column in regions.columns] == ["region", "difficult_villages", "difficult", "basis"]
    cells = {row.code: row.cells for group in regions.groups for row in group.rows}
    assert cells["01001"] == ("III", 4, "x", "272/2025/NĐ-CP")
    assert cells["02001"] == ("II", None, "", "272/2025/NĐ-CP")


def test_totals_count_regions_and_marks_and_tell_a_sum_with_a_gap_as_the_least():
    regions = annex_table(listed_content()).lists[0]
    first, second = (group.total for group in regions.groups)
    assert (first.units, first.text, first.cells) == (2, "Cộng: 2 đơn vị", ("III: 1; II: 0; I: 1", "4", "1", ""))
    assert second.cells[1] == "ít nhất 3"
    assert (regions.total.units, regions.total.cells) == (4, ("III: 2; II: 1; I: 1", "ít nhất 7", "2", ""))


def test_the_undecided_stand_apart_with_what_is_missing():
    regions = annex_table(listed_content()).lists[0]
    assert [(row.code, row.cells) for group in regions.undecided for row in group.rows] == [("01003", ())]
    assert regions.undecided_columns == ()
    assert regions.undecided_notes == (
        "Tất cả các đơn vị trên còn thiếu:",
        "(1) Số tiêu chí chưa đạt: chưa có số liệu.",
    )
    assert "01003" not in {row.code for group in regions.groups for row in group.rows}


def test_units_that_wait_for_different_things_bear_signs_that_are_told_once():
    content = listed_content()
    open_ones = ["01001", "01002", "01003"]
    verdicts = content.verdicts.assign(
        answer=content.verdicts["answer"].mask(
            content.verdicts["test"].eq("border") & content.verdicts["commune_code"].isin(open_ones), "unknown"
        )
    )
    rows = [
        ("01001", "border", "figure", "b", "Hộ nghèo", "Poor households"),
        ("01001", "border", "unverified", "on_land_border", "Giáp đường biên giới", "On the land border"),
        ("01002", "border", "figure", "b", "Hộ nghèo", "Poor households"),
        ("01003", "border", "province", "c", "Đường cứng hóa", "Hardened roads"),
    ]
    gaps = pd.DataFrame(rows, columns=content.gaps.columns)
    made = annex_table(replace(content, verdicts=verdicts, gaps=gaps)).lists[1]
    assert made.undecided_columns[-1].label == "Còn thiếu"
    cells = {row.code: row.cells for group in made.undecided for row in group.rows}
    assert cells == {"01001": ("(1), (2)",), "01002": ("(1)",), "01003": ("(3)",)}
    assert made.undecided_notes == (
        "Ghi chú cột “Còn thiếu”:",
        "(1) Hộ nghèo: chưa có số liệu (2 đơn vị).",
        "(2) Giáp đường biên giới (là “có”): mức chưa đối chiếu với văn bản (1 đơn vị).",
        "(3) Đường cứng hóa: mức do UBND cấp tỉnh quy định, chưa nêu (1 đơn vị).",
    )


def test_without_a_search_of_what_would_decide_every_open_condition_is_named():
    content = listed_content()
    made = annex_table(replace(content, gaps=content.gaps.iloc[:0])).lists[1]
    assert made.undecided_notes[1:] == ("(1) Giáp đường biên giới: chưa kết luận.",)


def test_the_note_accounts_for_every_unit():
    lists = annex_table(listed_content()).lists
    assert lists[0].notes[0] == (
        "Đã xét 6 đơn vị hành chính cấp xã: 4 có trong danh sách, 1 ngoài phạm vi áp dụng, 0 không thuộc danh sách, "
        "1 chưa đủ căn cứ xét."
    )
    assert "2 có trong danh sách, 3 không thuộc danh sách, 1 chưa đủ căn cứ xét" in lists[1].notes[0]


def test_a_list_of_one_status_holds_only_those_who_have_it():
    border = annex_table(listed_content()).lists[1]
    assert border.number == "Phụ lục II"
    assert border.heading == "DANH SÁCH XÃ BIÊN GIỚI"
    assert [row.code for group in border.groups for row in group.rows] == ["01001", "02001"]
    assert border.groups[1].rows[0].cells == ("Trung Quốc, Lào", "Khoản 1 Điều 3, 34/2014/NĐ-CP")


def test_one_list_has_no_number():
    content = listed_content()
    assert annex_table(replace(content, rulesets=content.rulesets[:1])).lists[0].number == "Phụ lục"


def test_a_project_without_rule_sets_says_that_there_is_no_list():
    annex = annex_table(replace(sample_content(), rulesets=(), verdicts=pd.DataFrame()))
    assert annex.lists == ()
    assert annex.empty == "Dự án không xét bộ tiêu chí nào nên không có danh sách."


def test_constructed_results_are_told_first():
    content = listed_content()
    marked = content.scores.assign(illustrative=content.scores["ruleset"].eq("border").astype("boolean"))
    lists = annex_table(replace(content, scores=marked)).lists
    assert [each.illustrative for each in lists] == [False, True]
    assert lists[1].notes[0].startswith("Kết quả dựa trên số liệu minh hoạ")


def test_a_set_of_criteria_tells_how_many_are_met_and_which_are_open():
    content = listed_content()
    names = {"1": Label("Quy hoạch", "Planning"), "17": Label("Môi trường", "Environment")}
    criteria = tuple(ConditionNote(f"criterion_{no}", label, number=no) for no, label in names.items())
    note = replace(content.rulesets[1], id="ntm-2026", scored=True, conditions=criteria)
    rows = []
    for code, answer, value in (("01001", "met", "2/2"), ("01002", "unknown", "1/2")):
        base = {"commune_code": code, "ruleset": "ntm-2026", "article": "51/2025/QĐ-TTg", "threshold": pd.NA,
                "distance": pd.NA, "reason_vi": "r", "reason_en": "r"}  # fmt: skip
        rows += [{**base, "test": "criterion_1", "answer": "met", "value": "3/3"},
                 {**base, "test": "criterion_17", "answer": "met" if answer == "met" else "unknown", "value": "0/?"},
                 {**base, "test": "ntm-2026", "answer": answer, "value": value}]  # fmt: skip
    (made,) = annex_table(replace(content, rulesets=(note,), verdicts=pd.DataFrame(rows))).lists
    assert made.groups[0].rows[0].cells == ("2/2", "51/2025/QĐ-TTg")
    open_rows = {row.code: row.cells[0] for group in made.undecided for row in group.rows}
    assert open_rows["01002"] == "17"
    assert made.undecided_notes == ("Ghi chú cột “Tiêu chí chưa kết luận”: 17. Môi trường (1 đơn vị).",)
    assert made.undecided_columns[-1].label == "Tiêu chí chưa kết luận"
    assert set(open_rows) == set(CODES) - {"01001"}  # a unit without a row of the set is not forgotten


def test_villages_have_a_list_of_their_own():
    villages = pd.DataFrame(
        {
            "commune_code": ["02001", "01001", "01001", "01002"],
            "village_code": ["d", "b", "a", "c"],
            "village_name": ["Bản D", "Bản B", "Bản A", "Bản C"],
            "is_extremely_difficult": pd.array([True, True, None, False], dtype="boolean"),
        }
    )
    content = listed_content()
    # Whatever the set is called: it is about villages, and gives them the status.
    status = {"columns": ("is_extremely_difficult",), "unit": "village", "outcomes": (), "conditions": ()}
    rules = (*content.rulesets, replace(content.rulesets[0], id="thon", **status))
    made = annex_table(replace(content, more={"villages": villages}, rulesets=rules)).lists[-1]
    assert made.heading == "DANH SÁCH THÔN ĐẶC BIỆT KHÓ KHĂN"
    assert [(row.code, row.cells) for group in made.groups for row in group.rows] == [
        ("01001", ("Bản B", "272/2025/NĐ-CP")),
        ("02001", ("Bản D", "272/2025/NĐ-CP")),
    ]
    assert [row.cells for group in made.undecided for row in group.rows] == [("Bản A",)]
    assert made.total.text == "TỔNG CỘNG: 2 thôn"


def test_villages_are_counted_where_no_count_is_given():
    content = listed_content()
    villages = pd.DataFrame(
        {
            "commune_code": ["01001", "01001", "01002", "02002"],
            "village_name": list("abcd"),
            "is_extremely_difficult": pd.array([True, True, None, False], dtype="boolean"),
        }
    )
    wide = content.wide.drop(columns="extremely_difficult_village_count")
    made = annex_table(replace(content, wide=wide, more={"villages": villages})).lists[0]
    counts = {row.code: row.cells[1] for group in made.groups for row in group.rows}
    assert counts == {"01001": 2, "01002": None, "02001": None, "02002": 0}


def test_former_districts_are_named():
    content = listed_content()
    codes = ["002", "001", "001", "003", "003", "003"]
    names = {"001": "Huyện A", "002": "Huyện B", "003": "Huyện C"}
    units = content.units.assign(district_code=codes, district_name=[names[code] for code in codes])
    made = annex_table(replace(content, units=units)).lists[0]
    assert made.columns[0].label == "Huyện"
    assert [(row.code, row.cells[0]) for row in made.groups[0].rows] == [("01002", "Huyện A"), ("01001", "Huyện B")]


@settings(deadline=None, max_examples=8)
@given(order=st.permutations(range(6)), rows=st.randoms(use_true_random=False))
def test_the_order_of_the_tables_changes_nothing(order, rows):
    content = listed_content()
    places = list(range(len(content.verdicts)))
    rows.shuffle(places)
    # The tests of a unit keep the order of the law; units come in any.
    shuffled = content.verdicts.iloc[places].sort_values("ruleset", kind="stable")
    other = replace(content, units=content.units.iloc[list(order)], wide=content.wide.iloc[list(reversed(order))],
                    verdicts=shuffled)  # fmt: skip
    assert annex_table(other) == annex_table(content)


def test_a_unit_on_a_list_names_the_document_with_its_day():
    content = listed_content()
    decisions = pd.DataFrame(
        {
            "commune_code": CODES[:2],
            "ruleset": "border",
            "source": ["listed", "computed"],
            "document": ["60/QĐ-BDTTG", pd.NA],
            "date": ["2026-01-29", pd.NA],
        }
    )
    border = annex_table(replace(content, decisions=decisions)).lists[1]
    assert border.groups[0].rows[0].cells[-1] == "60/QĐ-BDTTG ngày 29/01/2026"
    assert border.groups[1].rows[0].cells[-1] == "Khoản 1 Điều 3, 34/2014/NĐ-CP"


@settings(deadline=None)
@given(st.lists(st.floats(1, 200), min_size=1, max_size=9), st.floats(40, 150))
def test_columns_fill_the_page(needs, whole):
    assert sum(share_out(needs, whole)) == pytest.approx(whole)


def test_a_long_column_breaks_and_the_short_ones_keep_their_line():
    name, district, basis = share_out([20, 14, 120], 90)
    assert (name, district, basis) == pytest.approx((20, 14, 56))
    # A list that quotes a long document: the name of the unit stays whole.
    assert share_out([22, 17, 19, 120], 72)[0] == 22
    # Where one of them must break anyway, the shortest keeps its line longest.
    found = share_out([60, 14, 60], 90)
    assert found[1] == 14


def test_english_says_the_same():
    annex = annex_table(listed_content(lang="en"))
    assert annex.lists[1].heading == "LIST: BORDER COMMUNE"
    assert annex.lists[0].groups[0].total.text == "Total: 2 units"


def test_roman_numerals():
    assert [roman(n) for n in (1, 4, 9, 14, 34, 63)] == ["I", "IV", "IX", "XIV", "XXXIV", "LXIII"]
