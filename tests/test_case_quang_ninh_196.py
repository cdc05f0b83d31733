"""Scheme 196 of Quảng Ninh: printed figures, what follows, and a selection of communes that is marked as one."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from case_runs import CaseRun, disagreeing, map_data, missing_from, run_case
from geontm.load.shipped import read_register
from geontm.pipeline import run
from geontm.project import case_file, read_project

CASE = case_file("quang-ninh-196").parent
sys.path.append(str(Path(__file__).resolve().parents[1] / "boundaries"))


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> CaseRun:
    return run_case("quang-ninh-196", tmp_path_factory.mktemp("ca"))


def test_the_units_are_those_of_june_2018(case):
    communes = case.plan.communes
    assert len(communes) == 186 and (communes["kind"] == "xã").sum() == 111
    assert "Huyện Hoành Bồ" in set(communes["district_name"]), "it was joined to Hạ Long in January 2020"


def test_what_follows_from_the_printed_figures(case):
    assert case.values(
        "communes_extremely_difficult_baseline", "communes_planned_exit_total", "communes_remaining",
        "villages_remaining", "households_left_poverty_planned", "communes_exited_share",
    ) == {
        "communes_extremely_difficult_baseline": "22", "communes_planned_exit_total": "22",
        "communes_remaining": "16", "villages_remaining": "9", "households_left_poverty_planned": "1147",
        "communes_exited_share": "27.3",
    }  # fmt: skip
    plan = case.figure("households_left_poverty_planned")
    assert plan["how"] == "derived" and 1146 < float(plan["low"]) < 1147 < float(plan["high"]) < 1148


def test_every_origin_is_told(case):
    assert case.hows(
        "communes_exited", "communes_extremely_difficult_baseline", "communes_difficult_area_2007",
        "communes_on_the_land_border", "communes_in_selection", "is_extremely_difficult",
    ) == {
        "communes_exited": "given", "communes_extremely_difficult_baseline": "derived",
        "communes_difficult_area_2007": "measured", "communes_on_the_land_border": "measured",
        "communes_in_selection": "constructed", "is_extremely_difficult": "constructed",
    }  # fmt: skip
    assert not disagreeing(case)


def test_the_programme_is_followed_year_by_year(case):
    table = pd.read_csv(case.folder / "programme.csv", encoding="utf-8-sig", dtype=str)
    exits = table[(table["unit_level"] == "commune") & (table["measure"] == "exit")]
    total = exits[exits["unit_code"].isna()].set_index("year")
    assert total["cumulative_plan"].to_dict() == {"2017": "0", "2018": "3", "2019": "16", "2020": "22"}
    assert total.loc["2017", ["actual", "state", "ahead_count"]].tolist() == ["6", "ahead", "6"]
    assert case.figure("communes_exited_early")["value"] == "6"
    named = exits[exits["unit_code"].notna()]
    assert named["unit_code"].nunique() == 22 and set(named["how"]) == {"constructed"}
    years = case.plan.communes["exit_year"].value_counts().to_dict()
    assert years[2017] == 6 and sum(years.values()) == 22
    income = table[table["measure"] == "income_per_person_million_vnd"].iloc[0]
    assert income["state"] == "unknown", "twice the income of 2015 is the goal, and nobody prints that of 2015"
    households = table[table["measure"] == "households_left_poverty"].iloc[0]
    assert (households["plan"], round(float(households["share_of_plan_pct"]), 1)) == ("1147", 161.8)


def test_the_contradictions_are_computed_and_told(case):
    assert case.issues("figures.contradiction") == [
        "ra_truoc_lo_trinh", "xa_khu_vuc_iii", "thon_ngoai_xa_khu_vuc_iii",
    ]  # fmt: skip
    sides = [issue.value for issue in case.plan.issues if issue.message.id == "figures.contradiction"]
    assert sides[0] == "communes_planned_exit_total = 22; communes_remaining = 16"
    assert sides[1] == "communes_extremely_difficult_baseline = 22; communes_region_3 = 17"


def test_the_selection_agrees_with_the_roadmap_and_the_named_communes_are_in_it():
    chosen = pd.read_csv(CASE / "xa-trong-dien-minh-hoa.csv", dtype=str)
    planned = pd.read_csv(CASE / "lo-trinh-minh-hoa.csv", dtype=str)
    early = pd.read_csv(CASE / "ket-qua-minh-hoa.csv", dtype=str)
    assert len(chosen) == 22 and set(planned["commune_code"]) == set(chosen["commune_code"])
    assert planned["year"].value_counts().to_dict() == {"2018": 3, "2019": 13, "2020": 6}
    assert len(early) == 6 and set(early["commune_code"]) < set(chosen["commune_code"])
    named = {"Xã Hà Lâu", "Xã Đồn Đạc", "Xã Thanh Sơn"}
    assert named <= set(chosen["commune_name"]) and not named & set(early["commune_name"])
    assert "Huyện Hải Hà" in set(chosen["district_name"])


def test_the_constructed_columns_are_marked_wherever_they_are_shown(case):
    assert "is_extremely_difficult" in case.plan.content.illustrative
    assert "exit_year" in case.plan.content.illustrative
    assert '"illustrative":true' in map_data(case.folder / "maps" / "programme.html")
    assert "minh hoạ" in (case.folder / "index.html").read_text(encoding="utf-8")


def test_the_second_check_of_the_selection_can_fail(tmp_path):
    folder = tmp_path / "ca"
    shutil.copytree(CASE, folder)
    table = folder / "xa-minh-hoa.csv"
    rows = pd.read_csv(table, dtype=str)
    answer = "Xã thuộc Đề án 196 (minh hoạ)"
    listed = set(pd.read_csv(CASE / "vung-kho-khan-2007.csv", dtype=str)["Mã xã"])
    other = rows.index[~rows["Mã xã"].isin(listed)][0]
    first = rows.index[rows[answer] == "có"][0]
    rows.loc[[first, other], answer] = ["không", "có"]
    rows.to_csv(table, index=False)
    plan = run(read_project(folder / "project.yaml"))
    told = [issue.column for issue in plan.issues if issue.message.id == "figures.differs"]
    assert "selection_in_the_list_of_2007" in told


def test_the_list_of_2007_names_units_of_the_province():
    listed = pd.read_csv(CASE / "vung-kho-khan-2007.csv", dtype=str)
    assert len(listed) == 54 and listed["Mã xã"].is_unique and listed["Mã xã"].notna().all()
    later = set(listed.loc[listed["Loại đơn vị năm 2017"] != "xã", "Xã"])
    assert later == {"Cô Tô", "Hải Hoà", "Hải Yên"}, "two wards of Móng Cái and a township since"


def test_the_tables_are_built_the_same_at_every_run():
    import build_cases

    register = build_cases.read_units()
    for name, rows in build_cases.quang_ninh(build_cases.units_on(register, "2017-01-17", "22")).items():
        read = pd.read_csv(CASE.parent / name, dtype=str, keep_default_na=False)
        assert read.to_numpy().tolist() == [
            ["" if row.get(column) is None else str(row[column]) for column in read] for row in rows
        ], name


@pytest.mark.realdata
def test_every_figure_of_the_document_stands_in_the_result(case, shared_data):
    assert missing_from(case, shared_data) == []


def test_no_name_of_a_later_day_stands_in_the_tables():
    names = set(pd.read_csv(CASE / "xa-minh-hoa.csv", dtype=str)["Tên xã"])
    now = set(read_register("2025").query("province_code == '22'")["commune_name"])
    assert "Xã Đồng Lâm" in names and "Xã Đồng Lâm" not in now
