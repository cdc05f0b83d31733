"""Poverty reduction in Lạng Sơn: two rates and a number of households that one constructed table must all give."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from case_runs import CaseRun, disagreeing, map_data, missing_from, run_case
from geontm.project import case_file

CASE = case_file("lang-son-2024").parent
sys.path.append(str(Path(__file__).resolve().parents[1] / "boundaries"))
PRIORITY = ["Huyện Bình Gia", "Huyện Văn Quan"]


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> CaseRun:
    return run_case("lang-son-2024", tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def households() -> pd.DataFrame:
    parts = {year: pd.read_csv(CASE / f"ho-ngheo-{year}-minh-hoa.csv", dtype={"Mã xã": str}) for year in (2022, 2023)}
    return pd.concat(parts, names=["year"]).reset_index(level=0)


def test_the_units_are_those_of_the_end_of_2023(case):
    communes = case.plan.communes
    assert len(communes) == 200 and communes["kind"].value_counts().to_dict() == {
        "xã": 181,
        "thị trấn": 14,
        "phường": 5,
    }


def test_what_follows_from_the_printed_figures(case):
    fall = case.figure("poverty_rate_fall")
    assert (fall["value"], fall["computed"], fall["how"], fall["check"]) == ("2.9", "2.90", "derived", "agrees")
    total = case.figure("households_total")
    assert (total["value"], total["how"]) == ("175900", "derived")
    assert (total["low"], total["high"]) == ("172881", "178947")
    assert case.values("poverty_rate_fall_forecast") == {"poverty_rate_fall_forecast": "2.54"}
    assert case.figure("poverty_rate", "2022-12-31")["value"] == "8.92"
    assert case.figure("poverty_rate", "2023-12-31")["value"] == "6.02"
    assert not disagreeing(case)


def test_the_forecast_and_the_constructed_figures_are_called_what_they_are(case):
    assert case.hows("poverty_rate_forecast", "poor_households_2023", "works_bridges", "households_census") == {
        "poverty_rate_forecast": "given", "poor_households_2023": "constructed", "works_bridges": "constructed",
        "households_census": "given",
    }  # fmt: skip
    assert case.figure("poverty_rate", "2023-12-31")["computed_how"] == "constructed"
    assert {"poor_household_pct", "clean_water_pct", "priority_score"} <= case.plan.content.illustrative


def test_the_households_that_follow_contradict_the_census(case):
    (issue,) = [issue for issue in case.plan.issues if issue.message.id == "figures.contradiction"]
    assert issue.value == "households_total = 175900; households_census = 198805"


def test_rates_and_forecasts_of_the_province_stand_in_the_programme_table(case):
    table = pd.read_csv(case.folder / "programme.csv", encoding="utf-8-sig", dtype=str)
    province = table[table["unit_level"] == "province"]
    forecast = province[province["year"] == "2024"]
    assert {"given"} <= set(forecast["how"]) and forecast["forecast"].notna().any()


def test_one_table_gives_all_three_printed_figures(households):
    sums = households.groupby("year")[["Số hộ", "Số hộ nghèo"]].sum()
    rates = (100 * sums["Số hộ nghèo"] / sums["Số hộ"]).round(2)
    assert rates.to_dict() == {2022: 8.92, 2023: 6.02}
    assert sums.loc[2022, "Số hộ nghèo"] - sums.loc[2023, "Số hộ nghèo"] == 5100
    # Two rates and a difference fix the total within 1,200 households: another total would miss one of them.
    assert sums.loc[2022, "Số hộ"] == sums.loc[2023, "Số hộ"] and 175_258 <= sums.loc[2023, "Số hộ"] <= 176_471


def test_the_constructed_figures_are_possible_ones(households):
    assert (households["Số hộ nghèo"] <= households["Số hộ"]).all() and (households["Số hộ nghèo"] >= 0).all()
    wide = households.pivot_table(index="Mã xã", columns="year", values="Số hộ nghèo")
    assert (wide[2023] <= wide[2022]).all()
    given = (100 * households["Số hộ nghèo"] / households["Số hộ"]).round(2)
    assert (households["Tỷ lệ hộ nghèo (%)"] - given).abs().max() < 0.006


def test_the_priority_districts_are_the_poorest_and_have_the_works(households):
    last = households[households["year"] == 2023].groupby("Huyện")[["Số hộ", "Số hộ nghèo"]].sum()
    rates = (last["Số hộ nghèo"] / last["Số hộ"]).sort_values(ascending=False)
    assert sorted(rates.index[:2]) == PRIORITY
    works = pd.read_csv(CASE / "cong-trinh-minh-hoa.csv", dtype=str)
    assert sorted(works["district_name"].unique()) == PRIORITY
    assert set(works["loai_cong_trinh"]) == {"giao thông", "cầu", "nhà ở", "nước sạch", "nhà vệ sinh"}


def test_maps_say_that_their_figures_are_illustrative(case):
    for name in ("coverage", "priority"):
        assert '"illustrative":true' in map_data(case.folder / "maps" / f"{name}.html")


def test_the_tables_are_built_the_same_at_every_run():
    import build_cases

    units = build_cases.units_on(build_cases.read_units(), "2023-12-31", "20")
    for name, rows in build_cases.lang_son(units).items():
        read = pd.read_csv(CASE.parent / name, dtype=str, keep_default_na=False)
        assert read.to_numpy().tolist() == [[str(row[column]) for column in read] for row in rows], name


@pytest.mark.realdata
def test_every_figure_of_the_document_stands_in_the_result(case, shared_data):
    assert missing_from(case, shared_data) == []


@pytest.mark.realdata
def test_the_constructed_households_go_with_the_census_by_district(households, shared_data):
    census = pd.read_csv(shared_data / "data" / "real" / "census2019_population_households_commune.csv", dtype=str)
    census = census[census["province_code"] == "20"].assign(households=lambda rows: rows["households"].astype(int))
    assert census["households"].sum() == 198_805, "the figure that the case gives as the census's"
    real = census.groupby("district")["households"].sum()
    ours = households[households["year"] == 2023].groupby("Huyện")["Số hộ"].sum()
    assert sorted(real.index) == sorted(ours.index)
    assert real.corr(ours.reindex(real.index), method="spearman") > 0.5
