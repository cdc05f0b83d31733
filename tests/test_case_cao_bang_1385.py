"""Cao Bằng under Decision 1385: units merged while a programme runs, and a mean said over two numbers of villages."""

from __future__ import annotations

import shutil
from datetime import date

import pandas as pd
import pytest

from case_runs import CaseRun, disagreeing, missing_from, run_case
from geontm.load.shipped import read_register, read_succession, shipped_path
from geontm.pipeline import run
from geontm.project import case_file, read_project

CASE = case_file("cao-bang-1385").parent
BEFORE, AFTER = date(2018, 10, 21), date(2020, 12, 1)

PRINTED = {
    "communes_total": ("177", "measured"),
    "communes_extremely_difficult": ("156", "given"),
    "districts_before_merge": ("8", "given"),
    "communes_before_merge": ("36", "given"),
    "villages_before_merge": ("448", "given"),
    "districts_after_merge": ("6", "given"),
    "communes_after_merge": ("32", "given"),
    "villages_after_merge": ("294", "given"),
    "communes_ntm_in_scheme": ("1", "given"),
    "criteria_per_village_mean": ("9.6", "given"),
    "criteria_per_village_mean_of_448": ("9.6", "given"),
    "villages_ntm_target": ("40", "given"),
    "communes_ntm_added_target": ("2", "given"),
    "criteria_floor_target": ("10", "given"),
    "supporting_agencies": ("70", "given"),
}
COUNTED = (
    "districts_before_merge", "communes_before_merge", "villages_before_merge", "districts_after_merge",
    "communes_after_merge", "villages_after_merge", "communes_ntm_in_scheme", "criteria_per_village_mean",
    "criteria_per_village_mean_of_448", "supporting_agencies",
)  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> CaseRun:
    return run_case("cao-bang-1385", tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def chosen() -> list[str]:
    return list(pd.read_csv(CASE / "danh-sach-minh-hoa.csv", dtype="str")["commune_code"])


@pytest.fixture(scope="module")
def villages() -> pd.DataFrame:
    return pd.read_csv(CASE / "thon-minh-hoa.csv", dtype={"Mã xã cũ": "str", "Mã xã mới": "str"})


def published(case: CaseRun, name: str) -> pd.DataFrame:
    return pd.read_csv(case.folder / f"{name}.csv", encoding="utf-8-sig", dtype="str")


def test_the_units_are_those_of_2020(case):
    assert case.plan.communes["kind"].value_counts().to_dict() == {"xã": 139, "thị trấn": 14, "phường": 8}


def test_every_printed_figure_stands_with_its_origin(case):
    assert case.values(*PRINTED) == {key: value for key, (value, _) in PRINTED.items()}
    assert case.hows(*PRINTED) == {key: how for key, (_, how) in PRINTED.items()}
    assert not disagreeing(case)
    for key in COUNTED:
        assert (case.figure(key)["computed_how"], case.figure(key)["check"]) == ("constructed", "agrees"), key


def test_what_follows(case):
    assert case.values("communes_extremely_difficult_share", "communes_region_3", "villages_ntm_target_share") == {
        "communes_extremely_difficult_share": "88.1", "communes_region_3": "139", "villages_ntm_target_share": "13.6",
    }  # fmt: skip
    assert case.figure("communes_region_3")["how"] == "derived"  # 199 units less regions I and II


def test_the_real_mergers_make_32_communes_of_6_districts(chosen):
    """The choice was constructed; that the documents of 2020 turn it into what is printed was not."""
    before, after = read_register("2024", day=BEFORE), read_register("2024", day=AFTER)
    succession = read_succession().query("level == 'commune' and province_code == '04' and date <= '2020-12-01'")
    became = dict(zip(succession["old_code"], succession["new_code"], strict=True))
    new = sorted({became.get(code, code) for code in chosen})
    assert (len(chosen), before.loc[chosen, "district_name"].nunique()) == (36, 8)
    assert (len(new), after.loc[new, "district_name"].nunique()) == (32, 6)
    assert (before.loc[chosen, "kind"] == "xã").all()


def test_every_commune_of_the_choice_was_measured_on_the_border(case, chosen):
    border = set(pd.read_csv(shipped_path("border-2018.csv"), dtype="str")["commune_code"])
    assert set(chosen) <= border
    assert case.values("selection_on_the_border", "selection_among_the_units_of_2018") == {
        "selection_on_the_border": "32", "selection_among_the_units_of_2018": "36",
    }  # fmt: skip
    assert case.figure("selection_on_the_border")["computed_how"] == "measured"


def test_the_checks_of_the_choice_can_fail(tmp_path, chosen):
    """Put a commune far from the border in the place of a chosen one: counts of communes and borders fail."""
    folder = tmp_path / "ca"
    shutil.copytree(CASE, folder)
    inland = "01768"  # Xã Phan Thanh, Nguyên Bình: neither on the border nor merged
    units = read_register("2024", day=BEFORE)
    names = [
        "danh-sach-minh-hoa.csv",
        "thon-trong-de-an-minh-hoa.csv",
        "thon-minh-hoa.csv",
        "sap-nhap-thon-minh-hoa.csv",
    ]
    for name in names:
        file = folder / name
        file.write_text(file.read_text(encoding="utf-8").replace(chosen[0], inland), encoding="utf-8")
    table = pd.read_csv(folder / names[0], dtype="str")
    table.loc[table["commune_code"] == inland, ["commune_name", "district_name"]] = units.loc[
        inland, ["commune_name", "district_name"]
    ].tolist()
    table.to_csv(folder / names[0], index=False)
    told = [i.column for i in run(read_project(folder / "project.yaml")).issues if i.message.id == "figures.differs"]
    assert "selection_on_the_border" in told


def test_the_mergers_of_the_case_are_those_of_the_documents(chosen):
    ours = pd.read_csv(CASE / "sap-nhap-xa.csv", dtype="str").set_index("old_code")
    real = read_succession().query("level == 'commune'").set_index("old_code")
    assert ours["new_code"].to_dict() == real.loc[ours.index, "new_code"].to_dict()
    assert ours["document"].to_dict() == real.loc[ours.index, "document"].to_dict()
    assert set(ours.index) == set(chosen) & set(real.index)


def test_nothing_is_counted_twice(case, villages):
    table = published(case, "programme")
    sizes = table[table["measure"] == "units_in_programme"].set_index(["unit_level", "year"])["actual"].to_dict()
    assert sizes == {
        ("commune", "2018"): "36", ("commune", "2020"): "32", ("village", "2018"): "448", ("village", "2020"): "294",
    }  # fmt: skip
    units = published(case, "programme_units")
    merged = units[units["unit_level"] == "village"]
    assert not merged["old_code"].duplicated().any() and merged["new_code"].nunique() == 294
    parts = villages.groupby("Thôn mới").size()
    assert (len(villages), parts.sum(), len(parts), int((parts - 1).sum())) == (448, 448, 294, 448 - 294)


def test_both_means_can_hold_and_one_way_is_shown(villages):
    """A joined village meets what its weakest part met; so both means come out, of other totals."""
    weakest = villages.groupby("Thôn mới")["Số tiêu chí khi khảo sát"].min()
    assert round(villages["Số tiêu chí khi khảo sát"].mean(), 1) == round(weakest.mean(), 1) == 9.6
    table = pd.read_csv(CASE / "thon-sau-sap-nhap-minh-hoa.csv", dtype={"Mã xã": "str"})
    stored = (table["Mã xã"] + " " + table["Tên thôn"]).to_frame("Thôn mới").assign(met=table["Số tiêu chí đạt"])
    assert stored.set_index("Thôn mới")["met"].sort_index().to_dict() == weakest.sort_index().to_dict()


def test_the_contradictions_are_computed_and_told(case):
    assert case.issues("figures.contradiction") == ["tieu_chi_binh_quan_thon", "xa_dac_biet_kho_khan"]
    sides = [issue.value for issue in case.plan.issues if issue.message.id == "figures.contradiction"]
    assert sides == [
        "criteria_in_294_villages = 2822; criteria_in_448_villages = 4301",
        "communes_extremely_difficult = 156; communes_region_3 = 139",
    ]


def test_communes_under_the_floor_are_named(case):
    floors = published(case, "programme_floors")
    assert len(floors) == 32 and floors["floor"].astype(float).eq(10).all()
    under = floors[floors["under"] == "true"]
    assert str(len(under)) == case.figure("communes_under_the_floor")["value"] == "3"
    assert case.figure("communes_under_the_floor")["how"] == "constructed"
    assert (under["value"].astype(int) < 10).all()


def test_agencies_stand_by_communes_of_the_scheme(case):
    agencies = published(case, "programme_agencies")
    assert agencies["agency"].nunique() == 70 and agencies["unit_code"].nunique() == 32
    per_commune = agencies.groupby("unit_code").size()
    assert per_commune.min() >= 1 and per_commune.max() <= 3


def test_villages_are_published_with_their_criteria(case):
    table = published(case, "villages")
    assert len(table) == 294 and round(table["criteria_met_count"].astype(int).mean(), 1) == 9.6


def test_names_that_were_chosen_are_marked(case):
    table = published(case, "programme")
    named = table[table["unit_code"].notna() & (table["measure"] == "ntm")]
    assert len(named) and set(named["how"]) == {"constructed"}


@pytest.mark.realdata
def test_values_floors_and_memberships_say_that_they_are_constructed(case):
    for name in ("programme_values", "programme_floors", "programme_status"):
        assert set(published(case, name)["how"]) == {"constructed"}, name
    floors = published(case, "programme").query("measure == 'floor:criteria_met_count'")
    assert len(floors) == 32
    assert set(floors["how"]) == {"constructed"}


def test_every_figure_of_the_document_stands_in_the_case(case, shared_data):
    assert missing_from(case, shared_data) == []
