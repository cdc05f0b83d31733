"""Units of 2017-2025 of the cases' four old provinces: complete on every day, and handed on without a gap."""

from __future__ import annotations

import datetime
import sys
import unicodedata
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import yaml

from geontm.load.shipped import facts_span, read_register, read_schematic, read_succession, shipped_path
from geontm.project import SCHEMATIC_LAYERS
from geontm.tables import REFORM

sys.path.append(str(Path(__file__).resolve().parents[1] / "boundaries"))
PROVINCES = ["02", "04", "20", "22"]
FORMER = {name: entry for name, entry in SCHEMATIC_LAYERS.items() if entry[1] < REFORM}
DAY = datetime.date.fromisoformat


def units_of(day: str) -> pd.DataFrame:
    units = read_register("2024", day=DAY(day))
    return units[units["province_code"].isin(PROVINCES)]


# Totals as the documents and the yearbooks print them: xã, phường, thị trấn, districts.
@pytest.mark.parametrize(
    ("day", "province", "xa", "phuong", "thi_tran", "districts"),
    [
        ("2016-12-31", "22", 111, 67, 8, 14),
        ("2018-12-31", "02", 177, 5, 13, 11),
        ("2018-10-21", "04", 177, 8, 14, 13),
        ("2019-12-31", "20", 207, 5, 14, 11),
        ("2020-01-01", "02", 175, 5, 13, 11),
        ("2020-01-01", "20", 181, 5, 14, 11),
        ("2020-01-31", "04", 177, 8, 14, 13),
        ("2020-02-01", "04", 139, 8, 14, 12),
        ("2020-03-01", "04", 139, 8, 14, 10),
        ("2022-12-31", "22", 98, 72, 7, 13),
        ("2023-12-31", "20", 181, 5, 14, 11),
        ("2024-11-01", "22", 91, 73, 7, 13),
        ("2024-12-01", "20", 175, 5, 14, 11),
    ],
)
def test_a_day_has_the_units_that_its_documents_count(day, province, xa, phuong, thi_tran, districts):
    units = units_of(day)
    units = units[units["province_code"] == province]
    kinds = units["kind"].value_counts()
    assert [kinds["xã"], kinds["phường"], kinds["thị trấn"]] == [xa, phuong, thi_tran]
    assert units["district_code"].nunique() == districts == units["district_name"].nunique()


def test_ba_che_had_seven_communes_and_a_town_until_november_2024():
    units = units_of("2022-12-31")
    names = units.loc[units["district_name"] == "Huyện Ba Chẽ", "commune_name"]
    told = {"Nam Sơn", "Đồn Đạc", "Thanh Sơn", "Thanh Lâm", "Đạp Thanh", "Lương Mông", "Minh Cầm"}
    assert set(names) == {f"Xã {name}" for name in told} | {"Thị trấn Ba Chẽ"}
    later = units_of("2024-11-01")
    assert set(later.loc[later["district_name"] == "Huyện Ba Chẽ", "commune_name"]) == (
        set(names) - {"Xã Lương Mông", "Xã Minh Cầm"} | {"Xã Lương Minh"}
    )


@pytest.mark.parametrize("day", ["2016-12-31", "2020-02-15", "2024-11-15", "2025-06-30"])
def test_a_list_of_a_day_is_well_formed(day):
    units = read_register("2024", day=DAY(day))
    assert units.index.is_unique and units.index.is_monotonic_increasing and not units.isna().any().any()
    assert units.index.str.fullmatch(r"\d{5}").all() and units["district_code"].str.fullmatch(r"\d{3}").all()
    for name in ("commune_name", "district_name", "province_name"):
        assert units[name].map(lambda text: text == unicodedata.normalize("NFC", " ".join(text.split()))).all()
    assert units["commune_name"].str.lower().str.startswith(tuple({"xã ", "phường ", "thị trấn "})).all()
    plain = read_register("2024")
    other = plain[~plain["province_code"].isin(PROVINCES)]
    pd.testing.assert_frame_equal(units[~units["province_code"].isin(PROVINCES)], other)


def test_the_last_day_has_the_codes_of_the_list_of_june_2025():
    plain = read_register("2024")
    assert list(read_register("2024", day=DAY("2025-06-30")).index) == list(plain.index)
    assert list(read_register("2024", day=DAY("2010-01-01")).index) == list(plain.index), "not known: the latest list"


def test_the_times_of_a_unit_never_overlap():
    rows = pd.read_parquet(shipped_path("units-cases.parquet")).sort_values(["commune_code", "valid_from"])
    assert (rows["valid_from"] <= rows["valid_to"]).all()
    before = rows.groupby("commune_code")["valid_to"].shift()
    assert (before.isna() | (before < rows["valid_from"])).all()


def test_succession_leads_from_each_list_to_the_next():
    steps = read_succession()
    steps = steps[steps["level"] == "commune"]
    days = sorted(set(steps["date"]))
    assert days == ["2020-01-01", "2020-02-01", "2020-03-01", "2024-11-01", "2024-12-01"]
    for day in days:
        old, new = units_of((DAY(day) - datetime.timedelta(days=1)).isoformat()), units_of(day)
        step = steps[steps["date"] == day]
        heirs = dict(zip(step["old_code"], step["new_code"], strict=True))
        assert set(heirs) <= set(old.index)
        reached = {heirs.get(code, code) for code in old.index} | set(step["new_code"])
        assert reached == set(new.index)
        assert (step["old_name"].to_numpy() == old.loc[step["old_code"], "commune_name"].to_numpy()).all()
        assert (step["new_name"].to_numpy() == new.loc[step["new_code"], "commune_name"].to_numpy()).all()
        kept = old.index.difference(list(heirs))
        assert (old.loc[kept, "commune_name"] == new.loc[kept, "commune_name"]).all(), "a change without a row"
        parts = step.groupby("old_code")["part"].agg(lambda part: tuple(sorted(part)))
        assert set(parts) <= {("whole",), ("main", "rest")}


def test_districts_are_handed_on():
    steps = read_succession()
    steps = steps[steps["level"] == "district"]
    told = set(zip(steps["old_name"], steps["new_name"], steps["date"], strict=True))
    assert ("Huyện Hoành Bồ", "Thành phố Hạ Long", "2020-01-01") in told
    assert ("Huyện Thông Nông", "Huyện Hà Quảng", "2020-02-01") in told
    assert ("Huyện Phục Hoà", "Huyện Quảng Hòa", "2020-03-01") in told
    assert len(steps) == 7


@pytest.mark.parametrize("name", FORMER)
def test_a_layer_has_the_units_of_its_day(name):
    file, day = FORMER[name]
    layer = read_schematic(layer=file)
    units = units_of(day.isoformat())
    assert list(layer.index) == list(units.index)
    if day.year < 2025:
        for column in ("commune_name", "kind", "district_code", "district_name", "province_code"):
            assert (layer[column] == units[column]).all(), column


@pytest.fixture(
    scope="module", params=["schematic-communes-2018-cases.parquet", "schematic-communes-2020-cases.parquet"]
)
def layer(request) -> gpd.GeoDataFrame:
    return read_schematic(layer=request.param)


def test_a_former_layer_is_one_coverage(layer):
    shapes = layer.geometry.to_numpy()
    assert shapely.is_valid(shapes).all() and not shapely.is_empty(shapes).any()
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.union_all(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-9)
    assert not any(len(part.interiors) for part in shapely.get_parts(whole))
    latest = read_schematic(layer="schematic-communes-2024-cases.parquet")
    assert shapely.symmetric_difference(whole, latest.geometry.union_all()).area < 1e-4 * whole.area


def test_a_unit_that_still_stood_in_2025_keeps_its_cell_and_the_others_share_one(layer):
    latest = read_schematic(layer="schematic-communes-2024-cases.parquet")
    kept = layer[layer["drawn"] != "piece"]
    own, now = kept.geometry.to_numpy(), latest.geometry.reindex(kept.index).to_numpy()
    moved = shapely.area(shapely.symmetric_difference(own, now)) / shapely.area(own)
    assert moved.max() < 0.01, "edges move by no more than the grid where a piece ends on them"
    pieces = layer[layer["drawn"] == "piece"]
    heirs = latest.sindex.query(pieces.representative_point(), predicate="within")[1]
    sizes = pieces.to_crs(6933).area.groupby(latest.index[heirs])
    assert sizes.size().min() >= 2
    assert (sizes.max() / sizes.min()).max() < 1.2, "pieces of one cell are of one size"


def test_all_layers_of_former_days_are_small():
    files = {file for file, _ in FORMER.values()} | {"units-cases.parquet", "succession-cases.csv"}
    assert sum(shipped_path(file).stat().st_size for file in files) <= 600_000


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("border-2018.csv", {"02": 34, "04": 46, "20": 21, "22": 16}),
        ("border-2020.csv", {"02": 34, "04": 40, "20": 21, "22": 16}),
    ],
)
def test_border_facts_hold_for_the_units_that_they_name(name, counts):
    facts = pd.read_csv(shipped_path(name), dtype={"commune_code": str}).set_index("commune_code")
    span = facts_span(shipped_path(name))
    assert span.provinces == tuple(PROVINCES)
    for day in (span.date_from, span.date_to):
        units = units_of(day.isoformat())
        assert facts.index.is_unique and facts.index.isin(units.index).all()
        assert units.loc[facts.index, "province_code"].value_counts().to_dict() == counts
    before, after = span.date_from - datetime.timedelta(days=1), span.date_to + datetime.timedelta(days=1)
    assert not span.holds(before) and not span.holds(after)
    assert (facts["border_km"] > 0).all() and set(facts["border_neighbours"]) == {"China"}


def test_ha_giang_has_32_communes_and_two_towns_on_the_border():
    facts = pd.read_csv(shipped_path("border-2018.csv"), dtype={"commune_code": str})
    units = units_of("2018-12-31")
    own = units.loc[facts["commune_code"]].query("province_code == '02'")
    assert own["kind"].value_counts().to_dict() == {"xã": 32, "thị trấn": 2}


def test_a_merger_adds_up_the_border_and_loses_none():
    then, now = (
        pd.read_csv(shipped_path(f"border-{year}.csv"), dtype={"commune_code": str}).set_index("commune_code")[
            "border_km"
        ]
        for year in (2018, 2020)
    )
    assert then.sum() == pytest.approx(now.sum(), abs=0.05 * len(then))
    # Kéo Yên went into Lũng Nặm; Ngọc Chung brought Khâm Thành to the border.
    assert now["01393"] == pytest.approx(then["01396"] + then["01393"], abs=0.11)
    assert now["01498"] == then["01486"] and "01498" not in then


def test_every_shipped_table_of_border_facts_says_when_it_holds():
    folder = shipped_path("border-2025.csv").parent
    for path in sorted(folder.glob("border-*.csv")):
        assert facts_span(path) is not None, path.name
        note = yaml.safe_load(path.with_suffix(".yaml").read_text(encoding="utf-8"))
        assert note["rows"] == len(pd.read_csv(path))


def test_a_copy_of_shipped_facts_is_the_planners_own(tmp_path):
    copy = tmp_path / "border-2018.csv"
    copy.write_bytes(shipped_path("border-2018.csv").read_bytes())
    assert facts_span(copy) is None and facts_span(None) is None


# Against the reference of that time. -------------------------------------------------------------------------------


def letters(name: str) -> str:
    """Fold capitals, the place of tone marks, and y for i (Sỹ Hai, Sĩ Hai)."""
    plain = unicodedata.normalize("NFD", name.casefold()).replace("y", "i")
    return " ".join("".join(sorted(part)) for part in plain.split())


@pytest.mark.realdata
def test_the_units_of_2019_are_those_of_the_census(shared_data):
    census = pd.read_csv(shared_data / "data" / "real" / "census2019_population_households_commune.csv", dtype=str)
    census = census[census["province_code"].isin(PROVINCES)]
    units = units_of("2019-04-01")
    ours = {
        (p, letters(d), letters(n)) for p, d, n in units[["province_code", "district_name", "commune_name"]].to_numpy()
    }
    theirs = {(p, letters(d), letters(n)) for p, d, n in census[["province_code", "district", "commune"]].to_numpy()}
    # The census spells two names its own way, and its table lacks three communes of Cao Bằng.
    assert theirs - ours == {
        ("04", letters("Huyện Trùng Khánh"), letters("Xã Thông Hoè")),
        ("20", letters("Huyện Đình Lập"), letters("Thị trấn NT Thái Bình")),
    }
    lost = {"Xã Thông Huề", "Thị trấn Nông trường Thái Bình", "Xã Nguyễn Huệ", "Xã Cải Viên", "Xã Trưng Vương"}
    assert {name for _, _, name in ours - theirs} == set(map(letters, lost))


@pytest.mark.realdata
def test_the_succession_is_that_of_the_offices_record(shared_data):
    record = pd.read_excel(shared_data / "data" / "real" / "messy" / "gso_ward_changes_2019_2024.xls", dtype=str,
                           engine="calamine")  # fmt: skip
    columns = ["pc", "pn", "dc", "dn", "c", "n", "n2", "c2", "dn2", "dc2", "pn2", "pc2", "note"]
    record = record.set_axis(columns, axis=1)
    record = record[record["pc"].isin(PROVINCES)]
    # Its codes disagree with the lists here and there, its names do not: compare names inside the old district.
    theirs = {
        (row.pc, letters(row.dn), letters(row.n), letters(row.n2))
        for row in record.itertuples()
        if letters(row.n) != letters(row.n2)
    }
    steps = read_succession()
    steps = steps[(steps["level"] == "commune") & (steps["date"] < "2024-12-01")]
    districts = pd.concat([units_of("2024-10-31"), units_of("2019-12-31")])["district_name"]
    districts = districts[~districts.index.duplicated(keep="last")]
    ours = {
        (row.province_code, letters(districts[row.old_code]), letters(row.old_name), letters(row.new_name))
        for row in steps.itertuples()
        if letters(row.old_name) != letters(row.new_name)
    }
    assert len(ours) >= 110
    assert not ours - theirs, sorted(ours - theirs)
    told = {(old, new) for _, _, old, new in ours}
    # Two hamlets of Hoàng Văn Thụ went to Bình Gia, the commune stayed; and Thông Huề stands there under two spellings.
    assert {entry[2] for entry in theirs - ours if entry[2:] not in told} == {
        letters("Xã Hoàng Văn Thụ"),
        letters("Xã Thông Hoè"),
    }


@pytest.mark.realdata
def test_every_polygon_of_2009_is_a_unit_of_2018(shared_data):
    polygons = pd.read_parquet(
        shared_data / "data" / "communes_2009_source.parquet", columns=["name", "province_code", "kind", "border_km"]
    )
    polygons = polygons[polygons["province_code"].isin(PROVINCES)]
    units = units_of("2018-12-31")
    assert polygons.groupby("province_code").size().to_dict() == units.groupby("province_code").size().to_dict()
    facts = pd.read_csv(shipped_path("border-2018.csv"), dtype={"commune_code": str}).set_index("commune_code")
    sums = facts["border_km"].groupby(units["province_code"].reindex(facts.index)).sum()
    theirs = polygons[polygons["border_km"] > 0].groupby("province_code")["border_km"].agg(["size", "sum"])
    assert theirs["size"].to_dict() == units.loc[facts.index].groupby("province_code").size().to_dict()
    assert (sums - theirs["sum"]).abs().max() < 2
