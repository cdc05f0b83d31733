"""The section ``programme:`` from files to published tables, on real units of Cao Bằng before and after 2020."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geontm import load, pipeline
from geontm.errors import GeontmError
from geontm.load.programme_tables import ProgrammeSource, read_programme_table
from geontm.project import read_dictionary, read_project

PROJECT = """name: Đề án 1385
as_of: 2020-12-01
boundaries: {source: "schematic:communes-2020-cases", provinces: ["04"]}
standards: []
programme:
  name: Đề án 1385
  baseline: {file: ds.csv, date: 2018-10-21, document: Đề án}
  plan: {file: kh.csv, date: 2018-10-21}
  actual: {file: kq.csv}
  values: {file: gt.csv, date: 2019-12-31}
  floors: san.csv
  forecast: db.csv
  mergers: {file: thon.csv, document: NQ 27}
  capital: {file: von.csv, illustrative: true}
  agencies: dd.csv
publish: {maps: []}
"""
FILES = {
    # Five communes of 2018 of which two pairs merged on 1 February 2020; three villages of which two merged.
    "ds.csv": """STT,Tên xã,Huyện,Thôn,Cấp,Số lượng,Diện,Ngày
1,Xã Vị Quang,Huyện Thông Nông,,,,Xã ĐBKK,21/10/2018
2,Xã Cần Yên,Huyện Thông Nông,,,,Xã ĐBKK,21/10/2018
3,Xã Kéo Yên,Huyện Hà Quảng,,,,Xã ĐBKK,21/10/2018
4,Xã Lũng Nặm,Huyện Hà Quảng,,,,Xã ĐBKK,21/10/2018
5,Xã Cốc Pàng,Huyện Bảo Lạc,,,,Xã ĐBKK,21/10/2018
6,Xã Cốc Pàng,Huyện Bảo Lạc,Khuổi Sá,,,Thôn ĐBKK,21/10/2018
7,Xã Cốc Pàng,Huyện Bảo Lạc,Nà Nhùng,,,Thôn ĐBKK,21/10/2018
8,Xã Vị Quang,Huyện Thông Nông,Lũng Pán,,,Thôn ĐBKK,21/10/2018
9,,,,huyện,8,,21/10/2018
10,,,,huyện,6,,01/12/2020
""",
    "kh.csv": """Tên xã,Huyện,Thôn,Năm
Xã Vị Quang,Huyện Thông Nông,,2019
Xã Cần Yên,Huyện Thông Nông,,2020
Xã Kéo Yên,Huyện Hà Quảng,,2019
Xã Lũng Nặm,Huyện Hà Quảng,,2019
Xã Cốc Pàng,Huyện Bảo Lạc,,2020
""",
    "kq.csv": """Tên xã,Huyện,Thôn,Ngày
Xã Kéo Yên,Huyện Hà Quảng,,31/12/2019
Xã Lũng Nặm,Huyện Hà Quảng,,31/12/2019
Xã Cần Yên,Huyện Hà Quảng,Lũng Pán,30/06/2020
""",
    "gt.csv": """Mã xã,Chỉ tiêu,Năm,Giá trị,Loại
01366,household_count,2019,100,
01369,household_count,2019,300,
01366,poor_household_pct,2018,"50,0",
01366,poor_household_pct,2019,40,
01369,poor_household_pct,2019,20,
01324,criteria_met_count,2019,9,
01393,criteria_met_count,2019,,
01324,poor_household_pct,2019,"61,5",
01324,poor_household_pct,2018,"70,5",
01324,poor_household_pct,2019,4,Chỉ tiêu giảm
""",
    "san.csv": "Chỉ tiêu,Mức sàn,Cấp\ncriteria_met_count,10,xã\n",
    "db.csv": "Mã xã,Chỉ tiêu,Năm,Phương pháp\n01324,poor_household_pct,2020,constant_fall\n",
    "thon.csv": """Cấp,Tên cũ,Xã cũ,Tên mới,Xã mới,Ngày
thôn,Khuổi Sá,Xã Cốc Pàng,Nà Nhùng,01324,01/01/2020
thôn,Nà Nhùng,Xã Cốc Pàng,Nà Nhùng,01324,01/01/2020
""",
    "von.csv": """Dự án,Nguồn vốn,Năm,Vốn giao (tỷ đồng),Giải ngân (triệu đồng)
Đường,Trung ương,2019,"1,5",1200
Nước,Tỉnh,2019,"0,5",
Tổng cộng,,2019,"2,1",
""",
    "dd.csv": """Đơn vị đỡ đầu,Tên xã
Sở Tài chính,Xã Cốc Pàng
Sở Y tế,Xã Cốc Pàng
Hội Nông dân,
""",
}


def write_files(folder: Path, **changed: str) -> Path:
    for name, text in {**FILES, "project.yaml": PROJECT, **changed}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "project.yaml"


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return pipeline.run(read_project(write_files(tmp_path_factory.mktemp("programme")))), tmp_path_factory


def rows(plan, name: str = "programme", **where: object) -> pd.DataFrame:
    table = plan[0].content.more[name]
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def test_five_communes_become_three_by_the_documented_succession(plan):
    sizes = rows(plan, measure="units_in_programme", unit_level="commune")
    assert sizes["actual"].tolist() == [5, 3]
    became = rows(plan, "programme_units", unit_level="commune")
    assert became[["old_code", "new_code"]].to_numpy().tolist() == [
        ["01366", "01366"], ["01369", "01366"], ["01393", "01393"], ["01396", "01393"],
    ]  # fmt: skip
    assert set(became["document"]) == {"864/NQ-UBTVQH14"} and set(became["date"]) == {"2020-02-01"}


def test_two_villages_become_one_and_none_counts_twice(plan):
    assert rows(plan, measure="units_in_programme", unit_level="village")["actual"].tolist() == [3, 2]


def test_counts_that_a_document_prints_for_two_days_stand_side_by_side(plan):
    districts = rows(plan, measure="units_in_programme", unit_level="district")
    assert districts[["year", "actual"]].to_numpy().tolist() == [[2018, 8], [2020, 6]]


def test_plan_against_actual_on_the_units_of_the_day(plan):
    years = rows(plan, measure="exit", unit_level="commune")
    whole = years[years["unit_code"].isna()].set_index("year")
    assert whole["plan"].tolist() == [1, 2] and whole["actual"].tolist() == [1, pd.NA]
    assert whole["state"].tolist() == ["on_plan", "unknown"]
    assert plan[0].communes["exit_year"].dropna().to_dict() == {"01324": 2020, "01366": 2020, "01393": 2019}


def test_a_village_of_a_merged_commune_is_known_by_its_old_one(plan):
    village = rows(plan, measure="exit", unit_level="village")
    assert village["unit_code"].dropna().tolist() == ["01324/nà nhùng", "01369/lũng pán"]
    assert village[village["actual"] == 1]["year"].tolist() == [2020, 2020]  # the total, and the village itself


def test_values_of_merged_communes_are_weighted(plan):
    values = rows(plan, "programme_values", unit_code="01366", indicator="poor_household_pct").set_index("year")
    assert values.loc[2019, "value"] == 25 and 2018 not in values.index  # of 2018 one part is unknown


def test_falls_targets_and_forecasts(plan):
    values = rows(plan, "programme_values", unit_code="01324", indicator="poor_household_pct").set_index("year")
    assert values.loc[2019, "fall"] == 9
    target = rows(plan, measure="poor_household_pct", note="target_fall 2018")
    assert target[["plan", "actual", "state"]].to_numpy().tolist() == [[66.5, 61.5, "ahead"]]
    forecast = rows(plan, "programme_forecasts")
    assert forecast[["value", "base_years", "how"]].to_numpy().tolist() == [[52.5, "2018, 2019", "derived"]]


def test_floors_tell_who_is_under_and_who_is_unknown(plan):
    floors = rows(plan, "programme_floors").set_index("unit_code")
    assert floors.loc["01324", "under"] and floors.loc["01324", "missing"] == 1


def test_capital_is_converted_summed_and_checked(plan):
    whole = rows(plan, "programme_capital", by="")
    assert whole["allocated_million_vnd"].tolist() == [2000] and whole["disbursed_million_vnd"].isna().all()
    central = rows(plan, "programme_capital", by="capital_source", capital_source="Trung ương")
    assert central["disbursed_pct"].tolist() == [80]
    assert set(whole["how"]) == {"constructed"}
    differs = [issue for issue in plan[0].issues if issue.message.id == "track.total_differs"]
    assert len(differs) == 1 and "2.100" in differs[0].message.text("vi") and "2,000" in differs[0].message.text("en")


def test_agencies_and_communes_left_out(plan):
    links = rows(plan, "programme_agencies")
    assert links["agency"].notna().sum() == 3 and links.loc[links["agency"].isna(), "unit_code"].tolist() == [
        "01366",
        "01393",
    ]
    found = {issue.message.id for issue in plan[0].issues}
    assert {"track.commune_without_agency", "track.agency_without_commune"} <= found


def test_status_follows_from_baseline_and_results(plan):
    status = rows(plan, "programme_status", unit_code="01324")
    assert status[["entered", "is_in"]].to_numpy().tolist() == [["2018-10-21", True]]


def test_every_table_is_published_and_named_on_the_start_page(plan, tmp_path):
    pipeline.write(plan[0], tmp_path / "out")
    start = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    for name in plan[0].content.more:
        assert (tmp_path / "out" / f"{name}.csv").stat().st_size and f"{name}.csv" in start
    published = pd.read_csv(tmp_path / "out" / "programme.csv", dtype="str")
    wanted = "unit_level unit_code unit_name programme measure year plan actual cumulative_plan cumulative_actual state"
    assert published.columns.tolist()[:14] == [*wanted.split(), "share_of_plan_pct", "how", "source"]
    assert "exit_year" in pd.read_csv(tmp_path / "out" / "communes.csv").columns


def test_a_name_that_is_no_unit_is_an_error_and_counts_nowhere(tmp_path):
    text = FILES["kq.csv"] + "Xã Không Có,Huyện Hà Quảng,,31/12/2019\n,,,31/12/2019\n"
    issues = pipeline.run(read_project(write_files(tmp_path, **{"kq.csv": text}))).issues
    mine = {issue.message.id for issue in issues if issue.file == "kq.csv" and issue.severity == "error"}
    assert "programme.row_without_unit" in mine and any(name.startswith("join.not_found") for name in mine)


@pytest.mark.parametrize("name", ["kh.csv", "kq.csv"])
def test_a_file_that_is_only_a_header_is_told_and_leaves_the_rest_unknown(tmp_path, name):
    header = FILES[name].splitlines()[0] + "\n"
    plan = pipeline.run(read_project(write_files(tmp_path, **{name: header})))
    (told,) = (issue for issue in plan.issues if issue.message.id == "programme.no_rows")
    assert (told.severity, told.file) == ("warning", name)
    table = plan.content.more["programme"]
    years = table[(table["measure"] == "exit") & (table["unit_level"] == "commune")]
    assert years["plan" if name == "kh.csv" else "actual"].isna().all()


@pytest.mark.parametrize(
    ("floor", "also"), [("-1", ["tables.out_of_range"]), ("", []), ("mười", ["sheets.unreadable"])]
)
def test_a_floor_below_zero_or_without_a_number_is_refused(tmp_path, floor, also):
    text = f"Chỉ tiêu,Mức sàn,Cấp\ncriteria_met_count,{floor},xã\ncriteria_met_count,10,xã\n"
    plan = pipeline.run(read_project(write_files(tmp_path, **{"san.csv": text})))
    mine = [issue for issue in plan.issues if issue.file == "san.csv" and issue.severity == "error"]
    assert [issue.message.id for issue in mine] == [*also, "programme.floor_unknown"]
    assert {issue.row for issue in mine} == {"2"}
    assert set(plan.content.more["programme_floors"]["floor"]) == {10}


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("kh.csv", "Tên xã,Ghi chú\nXã Cốc Pàng,x\n", "programme.no_header"),
        ("von.csv", "Dự án,Vốn giao,Kế hoạch vốn\nĐường,1,2\n", "programme.column_twice"),
        ("gt.csv", "", "sheets.empty"),
    ],
)
def test_files_without_the_columns_they_need_are_refused(tmp_path, file, text, message):
    with pytest.raises(GeontmError) as refused:
        pipeline.check(read_project(write_files(tmp_path, **{file: text})))
    assert refused.value.message.id == message and file in refused.value.where


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("baseline:", "basline:", "project.unknown_key"),
        ("capital: {file: von.csv", "capital: {fil: von.csv", "project.unknown_key"),
        ("agencies: dd.csv", "agencies: ../dd.csv", "project.leaves_folder"),
        ("floors: san.csv", "floors: khong-co.csv", "project.file_missing"),
    ],
)
def test_mistakes_in_the_section_are_named(tmp_path, old, new, message):
    path = write_files(tmp_path, **{"project.yaml": PROJECT.replace(old, new)})
    with pytest.raises(GeontmError) as refused:
        pipeline.check(read_project(path))
    assert refused.value.message.id == message


def read(tmp_path: Path, kind: str, text: str, **more: object):
    path = tmp_path / "bang.csv"
    path.write_text(text, encoding="utf-8")
    words = {"identifiers": read_dictionary("communes"), "programme": read_dictionary("programme")}
    return read_programme_table(ProgrammeSource(kind, path, **more), **words)


def test_a_title_above_the_header_and_columns_named_by_the_project(tmp_path):
    text = "Biểu 1. Lộ trình\n\nĐịa bàn,Ra diện\nXã Cốc Pàng,2019\n"
    table = read(tmp_path, "plan", text, columns={"Địa bàn": "commune_name", "Ra diện": "year"})
    assert table.rows[["commune_name", "year"]].to_numpy().tolist() == [["Xã Cốc Pàng", 2019]]
    assert table.rows.index.tolist() == [4]


@pytest.mark.parametrize(
    ("text", "day"), [("31/12/2017", "2017-12-31"), ("2017-12-31", "2017-12-31"), ("1.2.2020", "2020-02-01")]
)
def test_days_as_offices_write_them(tmp_path, text, day):
    assert read(tmp_path, "actual", f"Tên xã,Ngày\nXã A,{text}\n").rows["date"].dt.strftime("%Y-%m-%d").tolist() == [
        day
    ]


@pytest.mark.parametrize("text", ["31/31/2017", "quý IV/2017", "2017"])
def test_a_day_that_cannot_be_read_is_unknown(tmp_path, text):
    table = read(tmp_path, "actual", f"Tên xã,Ngày\nXã A,{text}\n")
    assert table.rows["date"].isna().all() and [i.message.id for i in table.issues] == ["programme.bad_date"]


def test_unread_columns_and_impossible_years_are_told(tmp_path):
    table = read(tmp_path, "plan", "Tên xã,Năm,Người lập\nXã A,219,An\n")
    assert table.rows["year"].isna().all()
    assert sorted(i.message.id for i in table.issues) == ["sheets.unread_column", "tables.out_of_range"]


def test_rows_of_a_sum_are_a_printed_total_or_told(tmp_path):
    counted = read(tmp_path, "plan", "Tên xã,Năm,Số xã\nXã A,2019,\nTổng cộng,2019,6\n")
    assert counted.rows["count"].tolist() == [pd.NA, 6] and counted.rows["commune_name"].isna().tolist() == [
        False,
        True,
    ]
    bare = read(tmp_path, "plan", "Tên xã,Năm\nXã A,2019\nTổng cộng,2019\n")
    assert len(bare.rows) == 1 and [i.message.id for i in bare.issues] == ["programme.sum_row"]


def test_the_shipped_succession_is_sound_apart_from_its_splits():
    from geontm import track

    shipped = load.read_succession().rename(columns={"level": "unit_level"})
    found = {issue.message.id for issue in track.check_mergers(shipped[shipped["unit_level"] == "commune"])[1]}
    assert found <= {"track.split", "track.code_reused"}


def test_a_value_outside_the_range_of_its_indicator_is_unknown_and_told(tmp_path):
    text = FILES["gt.csv"] + "01327,poor_household_pct,2019,150,\n01327,poor_household_pct,2018,-5,\n"
    plan = pipeline.run(read_project(write_files(tmp_path, **{"gt.csv": text})))
    found = [issue for issue in plan.issues if issue.message.id == "tables.out_of_range"]
    assert [(issue.severity, issue.file, issue.row, issue.value) for issue in found] == [
        ("error", "gt.csv", "12", "150"),
        ("error", "gt.csv", "13", "-5"),
    ]
    values = plan.content.more["programme_values"]
    assert values.loc[values["unit_code"] == "01327", "value"].isna().all()
