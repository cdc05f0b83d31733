"""The built-in case: its tables name the 56 units, agree with each other, and hold the gaps they are meant to hold."""

from __future__ import annotations

import sys
import unicodedata
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
import yaml

from geontm.load.shipped import read_register, shipped_path
from geontm.load.unit_tables import KeySpec, TableSource, UnitTable, read_unit_table
from geontm.project.dictionary import read_dictionary

CASE = Path(str(files("geontm"))) / "data" / "cases" / "cao-bang-2026"
SCRIPTS = Path(__file__).resolve().parents[1] / "boundaries"
sys.path.append(str(SCRIPTS))
PROJECT = yaml.safe_load((CASE / "project.yaml").read_text(encoding="utf-8"))
GAPS = {
    "poor_household_pct": {"Xã Sơn Lộ"},
    "clean_water_pct": {"Xã Cốc Pàng", "Xã Lý Quốc"},
    "hardened_road_pct": {"Xã Quang Long"},
    "grid_electricity_pct": {"Xã Phan Thanh"},
}


def read(entry: dict, dictionary: str) -> UnitTable:
    key = entry.get("key", {})
    source = TableSource(
        CASE / entry["file"],
        sheet=entry.get("sheet"),
        date=entry["date"],
        key=KeySpec(code=key.get("code"), name=key.get("name"), within=key.get("within")),
        columns=entry.get("columns", {}),
    )
    identifiers = read_dictionary("communes")
    return read_unit_table(source, identifiers=identifiers, indicators=read_dictionary(dictionary))


@pytest.fixture(scope="module")
def units() -> pd.DataFrame:
    register = read_register("2025")
    return register[register["province_code"] == "04"]


@pytest.fixture(scope="module")
def population() -> UnitTable:
    return read(PROJECT["indicators"][0], "indicators")


@pytest.fixture(scope="module")
def figures() -> UnitTable:
    return read(PROJECT["indicators"][1], "indicators")


@pytest.fixture(scope="module")
def regions() -> UnitTable:
    return read(PROJECT["lists"]["region-2026"], "lists")


def test_every_table_has_a_date_no_later_than_the_project():
    dates = [entry["date"] for entry in [*PROJECT["indicators"], *PROJECT["lists"].values()]]
    assert all(date <= PROJECT["as_of"] for date in dates)


def test_only_the_constructed_table_is_marked_as_such():
    assert {entry["file"]: entry.get("illustrative", False) for entry in PROJECT["indicators"]} == {
        "dan-so.csv": False,
        "so-lieu-minh-hoa.xlsx": True,
    }


def test_the_list_gives_one_unit_to_region_i_two_to_ii_and_53_to_iii(regions, units):
    assert regions.rows["development_region"].value_counts().to_dict() == {"III": 53, "II": 2, "I": 1}
    assert sorted(regions.rows["commune_name"]) == sorted(units["commune_name"])
    by_name = regions.rows.set_index("commune_name")["development_region"]
    assert by_name["Phường Thục Phán"] == "I" and by_name["Xã Cốc Pàng"] == "III"
    assert regions.rows["document"].str.contains("60/QĐ-BDTTG|2230/QĐ-UBND").all()
    assert regions.rows["source"].str.startswith("https://").all()


def test_population_is_given_for_fifty_units_and_unknown_for_six(population, units):
    rows = population.rows.set_index("commune_code")
    assert list(rows.index) == list(units.index)
    assert (rows["commune_name"] == units["commune_name"]).all()
    assert rows["population"].isna().sum() == 6 and rows["population"].min() > 4000
    density = rows["population"] / units["area_km2"]
    assert density.min() > 25, "a lost digit would show here"


def test_the_workbook_names_every_unit_once_but_one_is_mistyped(figures, units):
    names = figures.rows["commune_name"].replace({"Xã Hoà An": "Xã Hòa An"})
    assert set(names) - set(units["commune_name"]) == {"Xã Minh Khia"}
    assert set(units["commune_name"]) - set(names) == {"Xã Minh Khai"}
    assert names.is_unique and len(names) == 56


def test_the_workbook_is_read_whole_and_says_that_it_is_constructed(figures):
    assert figures.unread == () and not [issue for issue in figures.issues if issue.severity != "info"]
    assert {"household_count", *GAPS, "near_poor_household_pct", "hygienic_water_pct"} <= set(figures.rows)
    notes = " ".join(str(issue.value) for issue in figures.issues)
    assert "chưa thu thập" in notes


def test_gaps_are_gaps_and_nothing_else_is(figures):
    rows = figures.rows.set_index("commune_name")
    for name, communes in GAPS.items():
        assert set(rows.index[rows[name].isna()]) == communes, name
    assert rows["household_count"].isna().sum() == 6
    assert not rows[["near_poor_household_pct", "hygienic_water_pct"]].isna().any().any()


def test_decimal_commas_typed_as_text_are_read(figures):
    rows = figures.rows.set_index("commune_name")
    assert 0 < rows["poor_household_pct"]["Xã Trùng Khánh"] < 100
    assert 50 < rows["hygienic_water_pct"]["Xã Quảng Uyên"] <= 100


def test_totals_are_kept_apart_and_add_up(figures):
    totals = figures.subtotals.set_index("label")["household_count"]
    assert totals["TOÀN TỈNH"] == figures.rows["household_count"].sum() == totals["Các phường"] + totals["Các xã"]


def test_figures_are_plausible(figures):
    rows = figures.rows
    assert (rows["hygienic_water_pct"] >= rows["clean_water_pct"]).dropna().all()
    assert rows["poor_household_pct"].corr(rows["hardened_road_pct"]) < -0.3
    wards = rows["commune_name"].str.startswith("Phường")
    assert rows.loc[wards, "poor_household_pct"].mean() < rows.loc[~wards, "poor_household_pct"].mean()


def test_twenty_one_communes_lie_on_the_border_with_china(units):
    facts = pd.read_csv(shipped_path("border-2025.csv"), dtype={"commune_code": str}).set_index("commune_code")
    here = facts[facts.index.isin(units.index)]
    assert len(here) == 21 and set(here["border_neighbours"]) == {"China"}
    # Named as border communes by the press; see the source column of the list's research.
    assert {"Xã Cốc Pàng", "Xã Đức Long", "Xã Phục Hòa"} <= set(units.loc[here.index, "commune_name"])


def test_every_text_is_composed():
    for path in CASE.glob("*.*"):
        if path.suffix in {".csv", ".yaml"}:
            text = path.read_text(encoding="utf-8")
            assert text == unicodedata.normalize("NFC", text), path.name


def test_the_workbook_is_built_the_same_at_every_run(tmp_path):
    import build_case_cao_bang as case

    units = case.read_units()
    case.write_workbook(units, case.construct(units), tmp_path / "book.xlsx")
    assert (tmp_path / "book.xlsx").read_bytes() == (CASE / "so-lieu-minh-hoa.xlsx").read_bytes()


@pytest.mark.realdata
def test_the_list_equals_the_research(shared_data, regions):
    path = shared_data / "standards" / "lists" / "region-2026-cao-bang.csv"
    research = pd.read_csv(path).set_index("commune_name")["region"]
    ours = regions.rows.set_index(regions.rows["commune_name"].str.split(n=1).str[1])["development_region"]
    assert (ours.sort_index() == research.sort_index()).all()


@pytest.mark.realdata
def test_populations_equal_the_reference(shared_data, population):
    path = shared_data / "data" / "communes_2025.parquet"
    reference = pd.read_parquet(path, columns=["code", "population"]).set_index("code")["population"]
    rows = population.rows.set_index("commune_code")["population"].dropna()
    assert (rows == reference.reindex(rows.index)).all()
