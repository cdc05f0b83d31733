"""Hà Giang, end of 2018: counted on the units of the day, with the 34 border communes that are 32 and two townships."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from case_runs import CaseRun, disagreeing, map_data, missing_from, run_case
from geontm.load.shipped import read_register, shipped_path
from geontm.pipeline import run
from geontm.project import case_file, read_project, read_ruleset

CASE = case_file("ha-giang-2018").parent
sys.path.append(str(Path(__file__).resolve().parents[1] / "boundaries"))

# The figures that the article prints, with how the run comes by them.
PRINTED = {
    "communes_total": ("177", "measured"),
    "communes_extremely_difficult": ("134", "derived"),
    "communes_border": ("34", "measured"),
    "communes_ntm": ("33", "given"),
    "communes_ntm_share": ("18.6", "derived"),
    "communes_ntm_border": ("2", "given"),
    "criteria_per_commune_mean": ("10.59", "given"),
    "communes_ntm_added_target": ("5", "given"),
    "criteria_per_commune_mean_target": ("12", "given"),
    "communes_ntm_advanced_target": ("1", "given"),
    "poverty_rate_fall_per_year_target": ("4.2", "given"),
    "poverty_rate_fall_per_year_target_poor_areas": ("6", "given"),
}


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> CaseRun:
    return run_case("ha-giang-2018", tmp_path_factory.mktemp("ca"))


def test_the_units_are_those_of_2018(case):
    assert case.plan.communes["kind"].value_counts().to_dict() == {"xã": 177, "thị trấn": 13, "phường": 5}
    assert case.plan.communes["district_name"].nunique() == 11


def test_every_printed_figure_stands_with_its_origin(case):
    assert case.values(*PRINTED) == {key: value for key, (value, _) in PRINTED.items()}
    assert case.hows(*PRINTED) == {key: how for key, (_, how) in PRINTED.items()}
    assert not disagreeing(case)


def test_what_is_counted_on_constructed_tables_says_so(case):
    for key in ("communes_ntm", "communes_ntm_border", "criteria_per_commune_mean"):
        row = case.figure(key)
        assert (row["computed_how"], row["check"]) == ("constructed", "agrees"), key
    assert case.figure("communes_extremely_difficult_in_table")["how"] == "constructed"


def test_what_follows(case):
    assert case.values(
        "communes_ntm_2019", "communes_ntm_share_2019", "criteria_to_gain_per_commune", "criteria_to_gain_in_all",
        "communes_region_3",
    ) == {
        "communes_ntm_2019": "38", "communes_ntm_share_2019": "21.5", "criteria_to_gain_per_commune": "1.41",
        "criteria_to_gain_in_all": "250", "communes_region_3": "134",
    }  # fmt: skip
    assert case.figure("communes_region_3")["how"] == "derived"  # 195 units less regions I and II


def test_the_34_border_communes_are_32_and_two_townships(case):
    assert case.values("communes_border_xa", "communes_border_towns") == {
        "communes_border_xa": "32", "communes_border_towns": "2",
    }  # fmt: skip
    communes = case.plan.communes
    towns = communes[communes["is_border"].fillna(False) & (communes["kind"] == "thị trấn")]
    assert sorted(towns["commune_name"]) == ["Thị trấn Phó Bảng", "Thị trấn Đồng Văn"]
    assert case.issues("figures.contradiction") == ["xa_bien_gioi", "mau_so_dac_biet_kho_khan"]
    sides = [issue.value for issue in case.plan.issues if issue.message.id == "figures.contradiction"]
    assert sides[0] == "communes_border = 34; communes_border_xa = 32"


def test_the_tables_that_were_made_hold_what_they_must():
    """Check what was not given to the builder: law, measured border, register, and one table against the other."""
    table = pd.read_csv(CASE / "xa-minh-hoa.csv", dtype={"Mã xã": "str"}).set_index("Mã xã")
    assessed = pd.read_csv(CASE / "danh-gia-ntm-minh-hoa.csv", dtype={"commune_code": "str", "code": "str"})
    criteria = {criterion.no for criterion in read_ruleset("ntm-2016").criteria}
    assert set(assessed["code"]) == criteria and len(assessed) == 177 * len(criteria)
    met = (assessed["answer"] == "đạt").groupby(assessed["commune_code"]).sum()
    assert met.to_dict() == table["Số tiêu chí đạt"].dropna().astype(int).to_dict()
    named = set(pd.read_csv(CASE / "xa-dat-chuan-minh-hoa.csv", dtype="str")["commune_code"])
    assert named == set(met.index[met == len(criteria)])
    border = set(pd.read_csv(shipped_path("border-2018.csv"), dtype="str")["commune_code"])
    assert len(named & border) == 2
    register = read_register("2024", day=pd.Timestamp("2018-12-31").date())
    assert (register.loc[sorted(met.index), "kind"] == "xã").all()


def test_the_programme_holds_what_was_reached_and_what_is_planned(case):
    table = pd.read_csv(case.folder / "programme.csv", encoding="utf-8-sig", dtype="str")
    total = table[table["unit_code"].isna() & (table["measure"] == "ntm")].set_index("year")
    assert total.loc["2018", "cumulative_actual"] == "33" and total.loc["2019", "plan"] == "5"
    falls = table[(table["measure"] == "poor_household_pct") & table["note"].str.contains("target_fall")]
    assert len(falls) == 2


def test_names_that_were_chosen_are_marked_in_every_output(case):
    table = pd.read_csv(case.folder / "programme.csv", encoding="utf-8-sig", dtype="str")
    named = table[(table["unit_level"] == "commune") & table["unit_code"].notna()]
    assert len(named) == 33 and set(named["how"]) == {"constructed"}
    indicators = pd.read_csv(case.folder / "indicators.csv", encoding="utf-8-sig", dtype="str")
    made = indicators[indicators["source_file"] == "xa-minh-hoa.csv"]
    assert len(made) and set(made["illustrative"]) == {"true"}
    assert {"is_extremely_difficult", "criteria_met_count"} <= set(case.plan.content.illustrative)
    assert "minh hoạ" in map_data(case.folder / "maps" / "classification.html")


def test_the_checks_of_the_constructed_tables_can_fail(tmp_path):
    """Let the measured border lose a commune: one printed number fails, and so does what the table promised."""
    folder = tmp_path / "ca"
    shutil.copytree(CASE, folder)
    border = pd.read_csv(shipped_path("border-2018.csv"), dtype="str")
    named = set(pd.read_csv(CASE / "xa-dat-chuan-minh-hoa.csv", dtype="str")["commune_code"])
    lost = sorted(set(border["commune_code"]) & named)[0]
    border[border["commune_code"] != lost].to_csv(folder / "border.csv", index=False)
    file = folder / "project.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("shipped:border-2018", "border.csv"), encoding="utf-8")
    told = [issue.column for issue in run(read_project(file)).issues if issue.message.id == "figures.differs"]
    assert told == ["communes_border", "communes_ntm_border"]


def test_the_builder_makes_the_same_tables_again(tmp_path):
    from build_cases_mountains import build, read_units, write

    for name, rows in build(read_units()).items():
        write(rows, tmp_path / name)
        assert (tmp_path / name).read_bytes() == (CASE.parent / name).read_bytes(), name


@pytest.mark.realdata
def test_every_figure_of_the_document_stands_in_the_case(case, shared_data):
    assert missing_from(case, shared_data) == []
