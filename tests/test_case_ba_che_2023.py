"""Ba Chẽ district in 2023: several new-rural sets on the same communes, two poverty standards side by side."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from case_runs import CaseRun, disagreeing, missing_from, run_case
from geontm.pipeline import run
from geontm.project import case_file, read_project
from geontm.project.rulesets import read_ruleset

CASE = case_file("ba-che-2023").parent
sys.path.append(str(Path(__file__).resolve().parents[1] / "boundaries"))
FOUR = ["Xã Đồn Đạc", "Xã Thanh Sơn", "Xã Thanh Lâm", "Xã Đạp Thanh"]


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> CaseRun:
    return run_case("ba-che-2023", tmp_path_factory.mktemp("ca"))


def scores(case: CaseRun, ruleset: str) -> pd.DataFrame:
    table = case.plan.verdicts.scores
    table = table[table["ruleset"] == ruleset].set_index("commune_code")
    return table.rename(index=case.plan.communes["commune_name"].to_dict())


def test_the_district_has_seven_communes_and_a_township(case):
    assert case.plan.communes["kind"].value_counts().to_dict() == {"xã": 7, "thị trấn": 1}
    assert case.figure("communes_total")["how"] == "measured"


def test_criteria_follow_from_indicators_as_the_document_prints_both(case):
    advanced = scores(case, "ntm-advanced-2021")
    assert advanced.loc["Xã Nam Sơn", ["met", "of", "indicators_met", "indicators_of"]].tolist() == [16, 19, 72, 75]
    assert advanced.loc[FOUR, "met"].mean() == 14.5 and advanced.loc[FOUR, "indicators_met"].mean() == 65.5
    model = scores(case, "ntm-kieu-mau-quang-ninh")
    for name in ("Xã Lương Mông", "Xã Minh Cầm"):
        assert model.loc[name, ["met", "of", "indicators_met", "indicators_of"]].tolist() == [2, 6, 7, 15]
        assert advanced.loc[name, "met"] == 19
    assert case.values("district_advanced_criteria", "district_advanced_indicators") == {
        "district_advanced_criteria": "2/9", "district_advanced_indicators": "25/38",
    }  # fmt: skip


def test_what_rests_on_constructed_tables_is_marked_everywhere(case):
    published = pd.read_csv(case.folder / "scores.csv", encoding="utf-8-sig", dtype=str)
    marked = published.groupby("ruleset")["illustrative"].unique().str.join("").to_dict()
    assert marked["ntm-advanced-2021"] == marked["ntm-kieu-mau-quang-ninh"] == "true" and marked["border"] == "false"
    district = pd.read_csv(case.folder / "district_scores.csv", encoding="utf-8-sig", dtype=str)
    assert district[["met", "of", "indicators_met", "indicators_of", "illustrative"]].to_numpy().tolist() == [
        ["2", "9", "25", "38", "true"]
    ]
    illustrative = case.plan.content.illustrative
    assert {"criteria_met_count", "poor_household_pct", "is_extremely_difficult"} <= illustrative
    assert "is_border" not in illustrative


def test_who_was_not_assessed_is_unknown(case):
    township = scores(case, "ntm-advanced-2021").loc["Thị trấn Ba Chẽ"]
    assert township[["met", "not_met", "unknown"]].tolist() == [0, 0, 19]
    assert scores(case, "ntm-kieu-mau-quang-ninh").loc["Xã Nam Sơn", "unknown"] == 6


def test_every_unmet_criterion_holds_an_unmet_indicator_and_no_met_one_does():
    import build_cases

    rules = read_ruleset("ntm-advanced-2021")
    of = {code: no for (no, _), codes in build_cases.indicators_of(rules).items() for code in codes}
    rows = pd.read_csv(CASE / "danh-gia-nang-cao-minh-hoa.csv", dtype=str)
    unmet = rows[rows["answer"] == "chưa đạt"].assign(criterion=lambda table: table["code"].map(of))
    wrong = unmet.groupby("commune_name")["criterion"].nunique().to_dict()
    assert wrong == {"Xã Nam Sơn": 3, "Xã Đồn Đạc": 5, "Xã Thanh Sơn": 4, "Xã Thanh Lâm": 5, "Xã Đạp Thanh": 4}


def test_what_follows_from_the_printed_figures(case):
    assert case.values("poverty_rate_before", "income_gap_to_target", "communes_ntm_share") == {
        "poverty_rate_before": "3.49", "income_gap_to_target": "2", "communes_ntm_share": "100.0",
    }  # fmt: skip
    assert case.hows("poverty_rate_before", "resolution_06_targets_positive", "nam_son_advanced_criteria") == {
        "poverty_rate_before": "derived", "resolution_06_targets_positive": "given",
        "nam_son_advanced_criteria": "given",
    }  # fmt: skip
    assert case.figure("nam_son_advanced_criteria")["computed_how"] == "constructed"
    assert not disagreeing(case)


def test_one_number_of_households_gives_all_six_rates(case):
    table = pd.read_csv(CASE / "ho-minh-hoa.csv")
    total = table["Số hộ"].sum()
    counts = table.filter(like="Số hộ").drop(columns="Số hộ").sum()
    assert (100 * counts / total).round(2).tolist() == [3.49, 0.62, 0.46, 2.17, 0.27, 0.89]
    assert case.values("poverty_rate_2021_from_table") == {"poverty_rate_2021_from_table": "3.49"}


def test_two_poverty_standards_stand_side_by_side(case):
    communes = case.plan.communes
    both = communes[["poor_household_pct", "poor_household_provincial_pct"]].astype(float)
    assert both.notna().all().all()
    province = case.figure("poverty_rate_province_standard")["value"]
    nation = case.figure("poverty_rate_national_standard")["value"]
    assert (province, nation) == ("0.46", "0.27")


def test_limits_are_checked_as_limits(case):
    capital = case.figure("investment_capital_min")
    assert (capital["value"], capital["computed"], capital["check"]) == ("119", "119.5", "agrees")
    assert case.figure("investment_projects")["check"] == "agrees"
    assert case.figure("support_capital_min")["how"] == "given"


def test_a_changed_assessment_no_longer_gives_the_printed_score(tmp_path):
    folder = tmp_path / "ca"
    shutil.copytree(CASE, folder)
    table = folder / "danh-gia-nang-cao-minh-hoa.csv"
    rows = pd.read_csv(table, dtype=str)
    nam_son = rows.index[(rows["commune_name"] == "Xã Nam Sơn") & (rows["answer"] == "đạt") & (rows["code"] == "4")]
    assert len(nam_son) == 1
    rows.loc[nam_son, "answer"] = "chưa đạt"
    rows.to_csv(table, index=False)
    plan = run(read_project(folder / "project.yaml"))
    told = {issue.column for issue in plan.issues if issue.message.id == "figures.differs"}
    assert told == {"nam_son_advanced_criteria", "nam_son_advanced_indicators"}


def test_the_local_sets_have_the_printed_totals_and_say_what_is_constructed():
    model = read_ruleset(CASE / "ntm-kieu-mau-quang-ninh.yaml")
    district = read_ruleset(CASE / "ntm-huyen-nang-cao.yaml")
    assert (len(model.criteria), sum(c.size for c in model.criteria)) == (6, 15)
    assert (len(district.criteria), sum(c.size for c in district.criteria), district.unit) == (9, 38, "district")
    assert all("minh hoạ" in rules.note["vi"] for rules in (model, district))


def test_the_tables_are_built_the_same_at_every_run():
    import build_cases

    units = build_cases.units_on(build_cases.read_units(), "2023-08-24", "22")
    for name, rows in build_cases.ba_che(units[units["district_name"] == "Huyện Ba Chẽ"]).items():
        read = pd.read_csv(CASE.parent / name, dtype=str, keep_default_na=False)
        assert read.to_numpy().tolist() == [[str(row[column]) for column in read] for row in rows], name


@pytest.mark.realdata
def test_every_figure_of_the_document_stands_in_the_result(case, shared_data):
    assert missing_from(case, shared_data) == []


@pytest.mark.realdata
def test_the_constructed_households_are_near_the_census(shared_data):
    census = pd.read_csv(shared_data / "data" / "real" / "census2019_population_households_commune.csv", dtype=str)
    here = census[(census["province_code"] == "22") & (census["district"] == "Huyện Ba Chẽ")]["households"].astype(int)
    ours = pd.read_csv(CASE / "ho-minh-hoa.csv")["Số hộ"].sum()
    assert len(here) == 8 and abs(ours / here.sum() - 1) < 0.1


def test_the_seven_communes_are_new_rural_by_the_document(case):
    wide = case.plan.communes
    assert wide["meets_new_rural"].fillna(False).sum() == (wide["kind"] == "xã").sum() == 7
    assert wide.loc[wide["kind"] == "thị trấn", "meets_new_rural"].isna().all()
    listed = case.plan.verdicts.decisions.query("ruleset == 'ntm-2021' and source == 'listed'")
    assert listed["document"].str.contains("7/7 xã").all()
    told = case.plan.verdicts.long.query("test == 'ntm-2021' and answer == 'met'")
    assert told["value"].isna().all()  # 0/19 assessed is not what the list goes by


def test_the_district_stands_where_its_communes_do(case):
    table = pd.read_csv(case.folder / "standing.csv", encoding="utf-8-sig", dtype=str)
    row = table[(table["by"] == "district_code") & (table["ruleset"] == "ntm-kieu-mau-quang-ninh")].iloc[0]
    told = row[["group_name", "units", "units_told", "met_mean", "met_max"]].tolist()
    assert told == ["Huyện Ba Chẽ", "8", "2", "2", "2"]  # of six units nobody said anything
    assert set(table["by"]) == {"province_code", "district_code"}
