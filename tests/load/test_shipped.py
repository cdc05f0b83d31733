"""What geontm brings along: found in a checkout, complete, and equal to the reference where that is at hand."""

from __future__ import annotations

import re
import time
import unicodedata

import pandas as pd
import pytest
import yaml

from geontm.errors import SourceError
from geontm.load.shipped import read_register, read_schematic, shipped_path

SPECIAL_ZONES = {
    "06994": "Vân Đồn", "07192": "Cô Tô", "11914": "Cát Hải", "11948": "Bạch Long Vĩ", "19742": "Cồn Cỏ",
    "20333": "Hoàng Sa", "21548": "Lý Sơn", "22736": "Trường Sa", "23272": "Phú Quý", "26732": "Côn Đảo",
    "31078": "Phú Quốc", "31105": "Thổ Châu", "31108": "Kiên Hải",
}  # fmt: skip


def test_the_register_of_2025_is_the_official_list():
    units = read_register("2025")
    assert len(units) == 3321 and units.index.is_unique and units.index.is_monotonic_increasing
    assert units["kind"].value_counts().to_dict() == {"xã": 2621, "phường": 687, "đặc khu": 13}
    assert units["province_code"].nunique() == 34
    assert not units.isna().any().any()
    zones = units.loc[units["kind"] == "đặc khu", "commune_name"]
    assert dict(zones) == {code: f"Đặc khu {name}" for code, name in SPECIAL_ZONES.items()}


def test_the_register_of_2024_has_districts():
    units = read_register("2024")
    assert len(units) == 10035 and units.index.is_unique
    assert set(units["kind"]) == {"xã", "phường", "thị trấn"}
    assert units["province_code"].nunique() == 63 and units["district_code"].nunique() == 691
    assert not units.isna().any().any()
    assert units.loc["01273", "district_name"] == "Thành phố Cao Bằng"


@pytest.mark.parametrize("era", ["2025", "2024"])
def test_codes_and_names_are_well_formed(era):
    units = read_register(era)
    assert units.index.map(lambda code: bool(re.fullmatch(r"\d{5}", code))).all()
    assert units["province_code"].str.fullmatch(r"\d{2}").all()
    for name in ("commune_name", "province_name"):
        assert units[name].map(lambda text: text == unicodedata.normalize("NFC", text.strip())).all()
    assert (units["commune_name"].str.split().str[0].str.lower() == units["kind"].str.split().str[0]).all()


def test_full_names_of_2025_are_unique_in_their_province():
    assert not read_register("2025").duplicated(["province_code", "commune_name"]).any()


def test_the_schematic_layer_keeps_only_the_provinces_asked_for():
    layer = read_schematic(["04"])
    assert len(layer) == 56 and set(layer["province_code"]) == {"04"}
    assert layer.crs.to_epsg() == 4326 and len(read_schematic(["22", "04"])) == 56 + 54


def test_an_old_province_code_is_refused_by_name():
    with pytest.raises(SourceError) as refused:
        read_schematic(["02"])
    assert "02" in refused.value.text("vi") and "04" in refused.value.fix


def test_the_whole_layer_loads_in_under_a_second():
    read_schematic(["04"])  # imports are not the layer's fault
    start = time.perf_counter()
    assert len(read_schematic()) == 3321
    assert time.perf_counter() - start < 1


def test_a_file_that_is_not_shipped_is_refused():
    with pytest.raises(SourceError):
        shipped_path("no-such-layer.parquet")


def test_a_name_cannot_lead_out_of_the_shipped_folders():
    with pytest.raises(SourceError):
        shipped_path("../pyproject.toml")


def test_border_facts_name_248_communes_of_22_provinces():
    facts = pd.read_csv(shipped_path("border-2025.csv"), dtype={"commune_code": str})
    units = read_register("2025")
    assert len(facts) == 248 and facts["commune_code"].is_unique
    assert facts["commune_code"].isin(units.index).all()
    assert units.loc[facts["commune_code"], "province_code"].nunique() == 22
    assert (facts["border_km"] > 1).all()
    assert set(", ".join(facts["border_neighbours"]).split(", ")) == {"China", "Laos", "Cambodia"}


@pytest.mark.realdata
def test_border_facts_equal_the_measured_table(shared_data):
    table = pd.read_csv(shared_data / "data" / "border_communes_geometric.csv", dtype={"code": str, "vintage": str})
    table = table[table["vintage"] == "2025"].set_index("code")
    facts = pd.read_csv(shipped_path("border-2025.csv"), dtype={"commune_code": str}).set_index("commune_code")
    assert set(facts.index) == set(table.index)
    assert (facts["border_km"] - table["border_km"]).abs().max() <= 0.0501


@pytest.mark.realdata
def test_the_register_of_2025_agrees_with_the_reference(shared_data):
    reference = pd.read_parquet(
        shared_data / "data" / "communes_2025.parquet", columns=["code", "name", "province_code"]
    )
    reference = reference.set_index("code").sort_index()
    units = read_register("2025")
    assert list(units.index) == list(reference.index)
    assert (units["province_code"] == reference["province_code"]).all()
    differ = units[units["commune_name"].map(_without_tone_place) != reference["name"].map(_without_tone_place)]
    # The reference is of 30 April 2026, when ten communes of Đồng Nai had become wards.
    assert len(differ) == 10 and set(differ["province_code"]) == {"75"} and set(differ["kind"]) == {"xã"}


@pytest.mark.realdata
def test_the_register_of_2024_agrees_with_the_reference(shared_data):
    crosswalk = pd.read_csv(shared_data / "data" / "crosswalk_2025.csv", dtype=str).drop_duplicates("old_code")
    reference = crosswalk.set_index("old_code")
    units = read_register("2024")
    assert set(units.index) <= set(reference.index)
    assert (units["province_code"] == reference["old_province_code"].reindex(units.index)).all()
    beyond = reference.index.difference(units.index)
    assert len(beyond) == 17 and sum(len(code) == 3 for code in beyond) == 5


def _without_tone_place(name: str) -> str:
    """Fold what two spellings may differ in: where the tone mark of a vowel group sits, apostrophes, capitals."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("’", "'"))
    return "".join(sorted(letters))


SOURCES = yaml.safe_load(shipped_path("sources.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SOURCES["shipped"])
def test_every_shipped_file_is_registered_with_its_rows_and_sources(name):
    entry = SOURCES["shipped"][name]
    path = shipped_path(name)
    table = pd.read_parquet(path) if name.endswith(".parquet") else pd.read_csv(path, dtype=str)
    assert len(table) == entry["rows"] and {"commune_code", "old_code"} & set(table)
    assert set(entry["from"]) <= set(SOURCES["sources"])


def test_every_source_names_its_address_version_licence_and_date():
    for name, source in SOURCES["sources"].items():
        assert source["licence"] and source["date"], name
        if "documents" in source:  # laws: numbers stand for address and version
            continue
        assert source["repository"].startswith("https://"), name
        assert "commit" in source or ("version" in source and len(source["sha256"]) == 64), name
