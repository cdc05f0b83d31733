"""The report on a programme: what its tables hold is told, what is constructed or unknown is told as such."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn

from geontm.messages import catalogue
from geontm.pipeline import run
from geontm.project import read_project
from geontm.publish.content import Content
from geontm.publish.words.programme import programme_of
from geontm.publish.words.report import write_report
from geontm.tables import Issue
from publish_samples import sample_content

CASES = Path(__file__).resolve().parents[3] / "src" / "geontm" / "data" / "cases"
ROW = dict.fromkeys(
    (
        "unit_level", "unit_code", "unit_name", "programme", "measure", "year", "plan", "actual", "cumulative_plan",
        "cumulative_actual", "state", "share_of_plan_pct", "how", "source", "ahead_count", "ahead_years",
        "baseline_count", "forecast", "note",
    ),
    pd.NA,
)  # fmt: skip
BARE = dict.fromkeys(("low", "high", "computed", "computed_how", "check", "recipe", "source", "note"))


def row(level: str, measure: str, year: int, **given: Any) -> dict[str, Any]:
    return {**ROW, "programme": "Đề án A", "unit_level": level, "measure": measure, "year": year, **given}


def year_row(year: int, plan: int, actual: int | None, so_far: tuple[int, int | None], state: str, **given: Any) -> Any:
    sums = {"cumulative_plan": so_far[0], "cumulative_actual": so_far[1]}
    told = {"plan": plan, "actual": actual, **sums, "state": state, "how": "derived", "baseline_count": 4}
    return row("commune", "exit", year, source="12/KH; 9/BC", **{**told, **given})


def unit_row(code: str, name: str, year: int, plan: int, actual: int | None, **given: Any) -> Any:
    told = {"unit_code": code, "unit_name": name, "plan": plan, "actual": actual, "how": "constructed", **given}
    return row("commune", "exit", year, **told)


PROGRAMME = [
    year_row(2017, 0, 2, (0, 2), "ahead", ahead_count=2),
    year_row(2018, 3, None, (3, None), "unknown"),
    unit_row("01001", "Xã Sớm", 2017, 0, 1, state="ahead", ahead_years=3.0),
    unit_row("01001", "Xã Sớm", 2020, 1, 0, state="ahead", ahead_years=3.0),
    unit_row("01002", "Xã Trễ", 2016, 1, None, state="behind", ahead_years=-1.0, how="given"),
    unit_row("02001", "Xã Chờ", 2018, 1, None, state="on_plan"),
    row("commune", "units_in_programme", 2016, actual=4, how="given", note="2016-12-31", source="12/KH"),
    row("province", "poor_household_pct", 2022, unit_code="01", unit_name="Tỉnh Một", actual=8.92, how="given"),
    row("province", "poor_household_pct", 2023, unit_code="01", unit_name="Tỉnh Một", actual=6.02, how="constructed"),
    row("province", "poor_household_pct", 2024, unit_code="01", unit_name="Tỉnh Một", forecast=3.12, how="derived",
        note="constant_fall: 2022, 2023"),
    row("province", "poor_household_pct", 2025, unit_code="01", unit_name="Tỉnh Một", state="unknown", how="given",
        note="target_fall 2024; xã nghèo"),
]  # fmt: skip


def figures() -> pd.DataFrame:
    printed = {"unit": "percent", "as_of": "2017-12-31", "how": "given"}
    return pd.DataFrame(
        [
            {"key": "communes", "value": 6, "unit": "commune", "as_of": "2026-06-30", "how": "given", **BARE},
            {**BARE, "key": "poverty_rate", "value": "8.920", **printed, "source": "9/BC", "check": "agrees",
             "computed_how": "constructed"},
            {**BARE, "key": "my_own_key", "value": "16/19", **printed, "source": "12/KH", "unit": "criteria"},
            {**BARE, "key": "households_total", "value": "175900", "unit": "household", "as_of": "2017-12-31",
             "how": "derived", "low": "172881.0000", "high": "178947", "recipe": "5100 ÷ 2.9%"},
            {**BARE, "key": "households", "value": "5620", "unit": "household", "as_of": "2017-12-31",
             "how": "constructed", "recipe": "sum_of ho.Số hộ"},
            {**BARE, "key": "fall", "value": "3", **printed, "source": "9/BC", "check": "differs", "computed": "2.5"},
        ]
    )  # fmt: skip


def tables() -> dict[str, pd.DataFrame]:
    capital = {"disbursed_million_vnd": pd.NA, "disbursed_pct": pd.NA, "how": "given"}
    return {
        "programme": pd.DataFrame(PROGRAMME).astype(object),
        "programme_units": pd.DataFrame(
            {
                "unit_level": ["commune", "commune", "village", "village"], "old_code": ["1", "2", "1/a", "1/b"],
                "old_name": ["Xã Một", "Xã Hai", "a", "b"], "new_code": ["1", "1", "1/c", "1/c"],
                "new_name": ["Xã Một", "Xã Một", "c", "c"], "date": "2020-02-01", "document": "864/NQ",
            }
        ),
        "programme_values": pd.DataFrame(
            {"unit_level": "province", "unit_code": "01", "group": "", "indicator": "poor_household_pct",
             "year": [2022, 2023], "fall": [pd.NA, 2.9], "how": "given"}
        ),
        "programme_floors": pd.DataFrame(
            {"unit_level": "commune", "unit_code": ["1", "2", "3"], "unit_name": ["Đủ", "Thiếu", "Trống"],
             "indicator": "criteria_met_count", "floor": 10.0, "value": [10.0, 7.0, pd.NA],
             "under": pd.array([False, True, None], dtype="boolean"), "missing": [0.0, 3.0, pd.NA],
             "how": ["given", "constructed", "given"]}
        ),
        "programme_status": pd.DataFrame(
            {"status": "Xã ĐBKK", "unit_level": "commune", "unit_code": ["1", "2", "3"],
             "is_in": pd.array([True, False, None], dtype="boolean"), "how": "given"}
        ),
        "programme_capital": pd.DataFrame(
            [
                {"by": "", "capital_source": pd.NA, "allocated_million_vnd": pd.NA, **capital},
                {**capital, "by": "capital_source", "capital_source": "Trung ương", "allocated_million_vnd": 1500.0,
                 "disbursed_million_vnd": 1200.0, "disbursed_pct": 80.0},
                {**capital, "by": "capital_source", "capital_source": "Tỉnh", "allocated_million_vnd": 500.0},
            ]
        ),
        "programme_agencies": pd.DataFrame(
            {"agency": ["Sở B", "Sở A", pd.NA, "Sở C"], "unit_code": ["1", "1", "2", pd.NA],
             "unit_name": ["Xã Một", "Xã Một", "Xã Hai", pd.NA]}
        ),
    }  # fmt: skip


def content(**changes: Any) -> Content:
    said = {"a": "22 xã", "b": "17 xã", "why": "Hai danh sách.", "left": "22", "right": "17"}
    issue = Issue.of("warning", "figures.contradiction", **said, left_key="x", right_key="y", source="9/BC")
    sample = sample_content()
    given = {"more": tables(), "figures": figures(), "issues": (*sample.issues, issue)}
    return replace(sample, **{**given, **changes})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(content(), tmp_path_factory.mktemp("programme") / "report.docx")


def texts(path: Path) -> list[str]:
    body = Document(str(path)).element.body
    return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


def table_under(path: Path, caption: str) -> list[list[str]]:
    document = Document(str(path))
    for paragraph in document.paragraphs:
        if caption in paragraph.text and paragraph.style is not None and paragraph.style.name == "Caption":
            below = paragraph._p.getnext()
            (table,) = (each for each in document.tables if each._tbl is below)
            return [[cell.text.replace("\u00a0", " ") for cell in line.cells] for line in table.rows[1:]]
    raise AssertionError(caption)


def test_a_run_without_a_programme_has_no_such_section(tmp_path: Path) -> None:
    told = programme_of(sample_content())
    assert not told.shown and not told.measures and not told.figures
    lines = texts(write_report(sample_content(), tmp_path / "r.docx"))
    assert "5. Phương pháp và nguồn số liệu" in lines
    assert not any("Tiến độ chương trình" in line for line in lines)


def test_the_sections_after_it_move_on(made: Path) -> None:
    lines = texts(made)
    wanted = ["5. Tiến độ chương trình", "6. Phương pháp và nguồn số liệu", "6.1. Phương pháp", "6.2. Nguồn số liệu",
              "7. Điều chưa rõ và điều cần xem lại", "7.2. Kết quả kiểm tra số liệu"]  # fmt: skip
    assert all(lines.count(heading) >= 1 for heading in wanted)


def test_plan_and_result_stand_by_year_and_unknown_is_no_zero(made: Path) -> None:
    assert table_under(made, "Xã ra khỏi diện (Đề án A)") == [
        ["2017", "0", "2", "0", "2", "nhanh hơn kế hoạch: 2"],
        ["2018", "3", "chưa có số liệu", "3", "chưa có số liệu", "chưa kết luận"],
    ]
    lines = texts(made)
    assert "Danh sách ban đầu, tính theo đơn vị của ngày 30/6/2026: 4 xã." in lines and "Nguồn: 12/KH; 9/BC." in lines
    (standing,) = (line for line in lines if line.startswith("Tính đến ngày 30/6/2026, trong 3 xã"))
    assert standing.replace("\u00a0", " ") == (
        "Tính đến ngày 30/6/2026, trong 3 xã có tên ◇: 1 sớm hơn lộ trình; 1 đúng lộ trình hoặc chưa đến hạn; "
        "1 chậm so với lộ trình."
    )


def test_units_off_their_plan_are_named_those_behind_first(made: Path) -> None:
    assert table_under(made, "nhanh hoặc chậm") == [
        ["Xã Trễ", "Xã ra khỏi diện", "2016", "–", "chậm 1 năm"],
        ["Xã Sớm ◇", "Xã ra khỏi diện", "2020", "2017", "sớm 3 năm"],
    ]


def test_the_summary_tells_the_newest_year_that_is_known(made: Path) -> None:
    told = "– Xã ra khỏi diện (Đề án A): năm 2017 đạt lũy kế 2, kế hoạch lũy kế 0 – nhanh hơn kế hoạch."
    assert told in texts(made)


def test_values_targets_and_forecasts_say_what_they_are(made: Path) -> None:
    label = "Tỷ lệ hộ nghèo (%)"
    assert table_under(made, "mức đặt ra, thực hiện, dự báo") == [
        [label, "Tỉnh Một", "2022", "–", "8,92", "–", "–"],
        [label, "Tỉnh Một", "2023", "–", "6,02 ◇", "–", "giảm 2,9 điểm phần trăm so với năm trước"],
        [label, "Tỉnh Một", "2024", "–", "–", "3,12", "dự báo giảm đều theo điểm, từ 2022, 2023"],
        [label, "Tỉnh Một – xã nghèo", "2025", "chưa có số liệu", "chưa có số liệu", "–",
         "đặt theo mức giảm so với năm 2024"],
    ]  # fmt: skip


def test_values_of_many_communes_are_left_to_the_table_and_that_is_told(tmp_path: Path) -> None:
    many = [
        row("commune", "poor_household_pct", 2022, unit_code=f"{k:05}", unit_name=f"Xã {k}", actual=1.0, how="given")
        for k in range(21)
    ]
    table = pd.DataFrame([*PROGRAMME, *many]).astype(object)
    told = programme_of(content(more={"programme": table}))
    places = [each.place for each in told.values]  # noqa: PD011 - a field of the record
    assert places == ["Tỉnh Một"] * 3 + ["Tỉnh Một – xã nghèo"]
    assert told.values_left == "Số liệu của từng xã, thôn ở tệp programme.csv (21 dòng)."
    # Where nothing else is left to show, the line stands all the same.
    alone = content(more={"programme": pd.DataFrame(many).astype(object)})
    assert "Số liệu của từng xã, thôn ở tệp programme.csv (21 dòng)." in texts(write_report(alone, tmp_path / "r.docx"))


def test_floors_name_who_is_under_and_who_is_unknown(made: Path) -> None:
    name = "Số tiêu chí nông thôn mới đạt"
    assert table_under(made, "dưới mức sàn") == [
        [name, "Thiếu", "10", "7 ◇", "3"],
        [name, "Trống", "10", "chưa có số liệu", "chưa có số liệu"],
    ]
    told = "1/3 đơn vị ◇ đạt mức sàn, 1 còn dưới mức sàn, 1 chưa có số liệu."
    assert told in [line.replace("\u00a0", " ") for line in texts(made)]


def test_mergers_lists_capital_and_agencies(made: Path) -> None:
    assert table_under(made, "hợp thành") == [["Xã Một", "Xã Một, Xã Hai", "01/02/2020", "864/NQ"]]
    lines = texts(made)
    assert any("Sáp nhập trong danh sách: 2 xã thành 1 xã; 2 thôn thành 1 thôn." in line for line in lines)
    assert table_under(made, "trong danh sách theo ngày") == [["Xã trong danh sách", "31/12/2016", "4", "12/KH"]]
    assert "– Xã ĐBKK (xã), ngày 30/6/2026: 1 trong danh sách, 1 đã ra khỏi danh sách, 1 chưa rõ." in lines
    assert table_under(made, "Vốn giao và giải ngân") == [
        ["Nguồn vốn", "Trung ương", "1.500", "1.200", "80%"],
        ["Nguồn vốn", "Tỉnh", "500", "chưa có số liệu", "–"],
        ["Tổng cộng", "–", "chưa có số liệu", "chưa có số liệu", "–"],
    ]
    assert table_under(made, "Xã và đơn vị đỡ đầu") == [
        ["Xã Một", "Sở A; Sở B"],
        ["Xã Hai", "chưa có đơn vị đỡ đầu"],
        ["Chưa được giao xã nào", "Sở C"],
    ]


def test_figures_of_documents_tell_their_origin(made: Path) -> None:
    assert table_under(made, "cách có và đối chiếu") == [
        ["Tỷ lệ hộ nghèo", "8,920", "%", "31/12/2017", "văn bản nêu; khớp ◇", "[1]"],
        ["my_own_key", "16/19", "tiêu chí", "31/12/2017", "văn bản nêu", "[2]"],
        ["Tổng số hộ suy ra", "175.900 (172.881 – 178.947)", "hộ", "31/12/2017", "suy ra", "5100 ÷ 2,9%"],
        ["Số hộ", "5.620 ◇", "hộ", "31/12/2017", "minh hoạ", "tính từ bảng ho"],
        ["fall", "3", "%", "31/12/2017", "văn bản nêu; khác: tính ra 2,5", "[1]"],
    ]
    lines = texts(made)
    assert "[1] 9/BC" in lines and "[2] 12/KH" in lines
    assert "– Mâu thuẫn: 22 xã (22), nhưng 17 xã (17). Hai danh sách." in lines
    assert any(line.startswith("◇: số liệu dựng để minh hoạ") for line in lines)


def test_figures_without_a_programme_have_their_own_title(tmp_path: Path) -> None:
    lines = texts(write_report(content(more={}), tmp_path / "r.docx"))
    assert "5. Số liệu của văn bản" in lines and "Kế hoạch và thực hiện theo năm" not in lines


def test_no_mark_is_explained_where_nothing_is_constructed() -> None:
    table = pd.DataFrame(PROGRAMME[:2]).astype(object)
    assert programme_of(content(more={"programme": table}, figures=sample_content().figures)).mark == ""


def test_english_runs_tell_it_in_english(tmp_path: Path) -> None:
    path = write_report(content(lang="en"), tmp_path / "r.docx")
    assert table_under(path, "Communes: leaving the list (Đề án A)")[0][-1] == "ahead of the plan by 2"
    assert "5. Progress of the programme" in texts(path)
    assert table_under(path, "ahead of their plan")[0][-1] == "late by 1 year"


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    named = [
        {**each, "unit_name": "Xã {{ 7*7 }} <b>\x00"}
        if each["unit_name"] is not pd.NA and each["unit_code"] == "01001"
        else each
        for each in PROGRAMME
    ]
    path = write_report(content(more={"programme": pd.DataFrame(named).astype(object)}), tmp_path / "r.docx")
    assert table_under(path, "nhanh hoặc chậm")[1][0] == "Xã {{ 7*7 }} <b>� ◇"


def test_same_bytes_whatever_the_order_of_rows(tmp_path: Path, made: Path) -> None:
    turned = {name: table.iloc[::-1] for name, table in tables().items()}
    again = write_report(content(more=turned), tmp_path / "r.docx")
    assert again.read_bytes() == made.read_bytes()


def test_the_tables_are_not_altered() -> None:
    before, given = tables(), content()
    programme_of(given)
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, given.more[name])


def test_every_figure_of_the_cases_has_a_name_and_no_name_is_idle() -> None:
    keys: set[str] = set()
    units: set[str] = set()
    for name in ("so-lieu-van-ban.csv", "cong-thuc.csv"):
        for path in sorted(CASES.glob(f"*/{name}")):
            table = pd.read_csv(path, comment="#", dtype="str")
            keys |= set(table["key"])
            units |= {"unit_" + "_".join(unit.casefold().replace("-", " ").split()) for unit in table["unit"].dropna()}
    named = {key.removeprefix("figure_names.") for key in catalogue() if key.startswith("figure_names.")}
    assert named - units == keys
    assert units - named == {"unit_km"}  # written alike in both languages


def test_the_case_of_scheme_196_tells_what_its_document_prints(tmp_path: Path) -> None:
    path = write_report(run(read_project(CASES / "quang-ninh-196" / "project.yaml")).content, tmp_path / "r.docx")
    years = table_under(path, "thực hiện: Xã ra khỏi diện")
    assert [line[:4] for line in years] == [
        ["2017", "0", "6", "0"],
        ["2018", "3", "chưa có số liệu", "3"],
        ["2019", "13", "chưa có số liệu", "16"],
        ["2020", "6", "chưa có số liệu", "22"],
    ]
    assert table_under(path, "thực hiện: Hộ thoát nghèo") == [
        ["2018", "1.147", "1.856", "1.147", "1.856", "nhanh hơn kế hoạch: 709; đạt 161,8% kế hoạch năm"]
    ]
    labels = [line[0] for line in table_under(path, "cách có và đối chiếu")]
    assert len(labels) == 31 and not any("_" in label for label in labels)
