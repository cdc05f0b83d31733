"""Villages and households through a whole run: rates and shares reach the communes, and the law reads them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geontm import read_project
from geontm.errors import ProjectError, VintageError
from geontm.pipeline import check, run, write
from small_project import PROJECT, write_project

VILLAGES = """ma_xa,Tên thôn,Số hộ,Tỷ lệ đường thôn cứng hóa,Tỷ lệ hộ có điện,x,y
01324,Xóm 1,4,50,80,105.55,23.0
01324,Xóm 2,2,100,100,105.56,23.0
01327,Xóm 1,3,10,10,,
01321,Khu 1,5,,,,
"""
# Xóm 1 of 01324: one poor, one near-poor of four. Xóm 2: none. Xóm 1 of 01327: two poor of three.
HOUSEHOLDS = """Mã hộ,Mã xã,Thôn,Khu vực,Phân loại hộ
A1,01324,Xóm 1,Nông thôn,Hộ nghèo
A2,01324,Xóm 1,Nông thôn,Hộ cận nghèo
A3,01324,Xóm 1,Nông thôn,Không nghèo
A4,01324,Xóm 1,Nông thôn,Không nghèo
A5,01324,Xóm 2,Nông thôn,Không nghèo
A6,01324,Xóm 2,Nông thôn,Không nghèo
B1,01327,Xóm I,Nông thôn,Hộ nghèo
B2,01327,xóm 1,Nông thôn,Hộ nghèo
B3,01327,Xóm 1,Nông thôn,Không nghèo
C1,01321,Khu 1,Thành thị,Hộ nghèo
C2,01321,Khu 1,Thành thị,Không nghèo
"""
SECTIONS = """villages: {file: thon.csv, date: 2026-01-01, commune: ma_xa, lon: x, lat: y}
households: {file: ho.csv, date: 2026-01-01, holds: all}
"""


@pytest.fixture
def project(tmp_path):
    file = write_project(tmp_path)
    (tmp_path / "thon.csv").write_text(VILLAGES, encoding="utf-8")
    (tmp_path / "ho.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    file.write_text(PROJECT + SECTIONS, encoding="utf-8")
    return file


def ids(plan_or_issues) -> list[str]:
    return [issue.message.id for issue in getattr(plan_or_issues, "issues", plan_or_issues)]


def test_households_give_rates_to_villages_communes_and_provinces(project, tmp_path):
    plan = run(read_project(project))
    communes = plan.communes
    # 01324 has one poor household of six; its own table says 45.2 %, and the review stands.
    assert communes.loc["01324", "poor_household_pct"] == 45.2
    assert communes.loc["01324", "near_poor_household_pct"] == pytest.approx(100 / 6)
    assert communes.loc["01327", "multidimensional_poverty_pct"] == pytest.approx(200 / 3)
    assert communes.loc["01321", "household_count"] == 5 and pd.isna(
        communes.loc["01321", "multidimensional_poverty_pct"]
    )
    assert communes.loc[
        "01321", ["multidimensional_poverty_pct_low", "multidimensional_poverty_pct_high"]
    ].tolist() == [20, 80]
    assert pd.isna(communes.loc["01336", "household_count"])  # no village, no household: unknown, not 0
    differs = [issue for issue in plan.issues if issue.message.id == "lower.figure_differs"]
    # The classes of 01321 leave 20 to 80 %; its own 12.9 % is none of them.
    assert [(issue.column, issue.value) for issue in differs] == [("poor_household_pct", "01321, 01324, 01327")]

    folder = write(plan, tmp_path / "kq")
    villages = pd.read_csv(folder / "villages.csv", dtype={"commune_code": str}).set_index("village_code")
    assert villages.loc["01324/xóm 1", ["poor_household_pct", "near_poor_household_pct"]].tolist() == [25, 25]
    assert villages.loc["01324/xóm 2", "poor_household_pct"] == 0
    poverty = pd.read_csv(folder / "poverty.csv", dtype={"unit_code": str})
    assert set(poverty["ruleset"]) == {"poverty-2021"}
    by = poverty.groupby("unit")[
        ["listed_household_count", "poor_household_count_low", "poor_household_count_high"]
    ].sum()
    assert by.loc["village"].tolist() == by.loc["commune"].tolist() == [11, 4, 7]
    province = poverty[poverty["unit"] == "province"].iloc[0]
    assert pd.isna(province["poor_household_pct"])  # a commune without any figure


def test_village_verdicts_give_the_share_that_the_commune_rule_reads(project):
    plan = run(read_project(project))
    share = plan.communes["extremely_difficult_village_pct"]
    # 4 times the national rate is far below 50 %: Xóm 1 of both communes fails poverty and roads; Xóm 2 fails nothing.
    assert share["01324"] == 50 and share["01327"] == 100
    assert pd.isna(share["01321"])
    assert plan.communes.loc[
        "01321", ["extremely_difficult_village_pct_low", "extremely_difficult_village_pct_high"]
    ].tolist() == [0, 100]
    assert pd.isna(share["01336"])


def test_a_total_of_villages_leaves_the_unlisted_ones_unknown(project, tmp_path):
    (tmp_path / "so-thon.csv").write_text("Mã xã,Số thôn\n01324,4\n01327,1\n", encoding="utf-8")
    text = project.read_text(encoding="utf-8").replace(
        "standards:", '  - {file: so-thon.csv, date: 2025-12-31, key: {code: "Mã xã"}}\nstandards:'
    )
    project.write_text(text, encoding="utf-8")
    found = run(read_project(project)).communes
    assert pd.isna(found.loc["01324", "extremely_difficult_village_pct"])
    assert found.loc[
        "01324", ["extremely_difficult_village_pct_low", "extremely_difficult_village_pct_high"]
    ].tolist() == [25, 75]
    assert found.loc["01327", "extremely_difficult_village_pct"] == 100


def test_villages_with_a_point_are_a_layer(project, tmp_path):
    folder = write(run(read_project(project)), tmp_path / "kq")
    points = gpd.read_file(folder / "result.gpkg", layer="villages")
    assert points["village_code"].tolist() == ["01324/xóm 1", "01324/xóm 2"] and points.crs.to_epsg() == 4326
    assert points.geometry.iloc[0].coords[0] == (105.55, 23.0)


def test_two_runs_write_the_same_bytes_whatever_the_order_of_rows(project, tmp_path):
    one = write(run(read_project(project)), tmp_path / "mot")
    for name in ("thon.csv", "ho.csv"):
        head, *rows = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        (tmp_path / name).write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    other = write(run(read_project(project)), tmp_path / "hai")
    for name in ("villages.csv", "households.csv", "poverty.csv", "communes.csv", "provinces.csv"):
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_households_csv_holds_classes_and_no_income(project, tmp_path):
    text = HOUSEHOLDS.replace("Phân loại hộ\n", "Phân loại hộ,Họ tên chủ hộ,Thu nhập bình quân đầu người tháng\n")
    lines = [line if k == 0 else f"{line},Bí Mật {k},{700_000 + k}" for k, line in enumerate(text.splitlines())]
    (tmp_path / "ho.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    plan = run(read_project(project))
    folder = write(plan, tmp_path / "kq")
    table = pd.read_csv(folder / "households.csv", dtype=str)
    assert table["household_id"].tolist()[:2] == ["C1", "C2"]
    assert (
        table["poverty_class_2021"].tolist()[0] == "poor" and table["poverty_class_2021_source"].tolist()[0] == "given"
    )
    assert not [name for name in table if "income" in name]
    assert not [path for path in folder.rglob("*.csv") if "Bí Mật" in path.read_text(encoding="utf-8-sig")]
    assert "lower.personal_column" in ids(plan)


def test_check_reads_both_tables(project):
    found = ids(check(read_project(project)))
    assert not [name for name in found if name == "project.later_section"]
    (project.parent / "ho.csv").write_text(HOUSEHOLDS.replace("01327", "99999"), encoding="utf-8")
    assert "lower.rows_unplaced" in ids(check(read_project(project)))


def test_a_table_of_nothing_but_the_poor_gives_no_rate(project, tmp_path):
    (tmp_path / "thon.csv").write_text("ma_xa,Tên thôn,x,y\n01324,Xóm 1,,\n", encoding="utf-8")
    (tmp_path / "ho.csv").write_text(
        "Mã hộ,Mã xã,Thôn,Phân loại hộ\nA1,01324,Xóm 1,Hộ nghèo\nA2,01324,Xóm 1,Hộ cận nghèo\n", encoding="utf-8"
    )
    project.write_text(PROJECT + SECTIONS.replace(", holds: all", ""), encoding="utf-8")
    plan = run(read_project(project))
    assert "lower.only_the_poor" in ids(plan)
    assert "multidimensional_poverty_pct" not in plan.communes


def test_classes_that_villages_give_outrank_their_figures(project, tmp_path):
    listed = (
        VILLAGES.replace("x,y\n", "x,y,Thôn ĐBKK\n")
        .replace("105.55,23.0", "105.55,23.0,không")
        .replace("105.56,23.0", "105.56,23.0,có")
    )
    (tmp_path / "thon.csv").write_text(
        listed.replace("10,10,,", "10,10,,,").replace("5,,,,", "5,,,,,"), encoding="utf-8"
    )
    plan = run(read_project(project))
    assert plan.communes.loc["01324", "extremely_difficult_village_pct"] == 50
    villages = plan.content.more["villages"].set_index("village_code")
    assert villages.loc[["01324/xóm 1", "01324/xóm 2"], "is_extremely_difficult"].tolist() == [False, True]
    assert "classify.list_differs" in ids(plan)


def test_two_standards_stand_side_by_side(project, tmp_path):
    (tmp_path / "ho.csv").write_text(
        "Mã hộ,Mã xã,Thôn,Khu vực,Thu nhập bình quân đầu người tháng,Số chỉ số thiếu hụt (chuẩn 2016–2020),"
        "Số chỉ số thiếu hụt (chuẩn 2022–2025)\n"
        "A,01324,Xóm 1,Nông thôn,700000,0,3\nB,01324,Xóm 1,Nông thôn,1200000,9,3\n"
        "C,01324,Xóm 1,Nông thôn,700000,0,0\nD,01324,Xóm 1,Nông thôn,9000000,0,0\n",
        encoding="utf-8",
    )
    text = (PROJECT + SECTIONS).replace("[border, region-2026]", "[border, region-2026, poverty-2016, poverty-2021]")
    allowed = "allow_out_of_force: [poverty-2016]\nallow_unverified: [poverty-2016, poverty-2021]\n"
    project.write_text(text + allowed, encoding="utf-8")
    plan = run(read_project(project))
    households = plan.content.more["households"].set_index("household_id")
    assert households["poverty_class_2016"].tolist() == ["poor", "mean_living", "poor", "not_poor"]
    assert households["poverty_class_2021"].tolist() == ["poor", "poor", "near_poor", "not_poor"]
    poverty = plan.content.more["poverty"].set_index(["unit", "unit_code", "ruleset"])
    for ruleset, poor, near in (("poverty-2016", 50, 0), ("poverty-2021", 50, 25)):
        row = poverty.loc[("village", "01324/xóm 1", ruleset)]
        assert [row["poor_household_pct"], row["near_poor_household_pct"]] == [poor, near]
    # The communes get the rates of the standard in force; two households of Xóm 2 are not listed.
    assert pd.isna(plan.communes.loc["01324", "multidimensional_poverty_pct"])
    bounds = ["multidimensional_poverty_pct_low", "multidimensional_poverty_pct_high"]
    assert plan.communes.loc["01324", bounds].tolist() == [50, pytest.approx(500 / 6)]


def test_a_standard_out_of_force_is_refused_unless_it_is_allowed(project):
    project.write_text((PROJECT + SECTIONS).replace("region-2026]", "region-2026, poverty-2016]"), encoding="utf-8")
    with pytest.raises(VintageError, match="poverty-2016"):
        run(read_project(project))


def test_mountainous_villages_make_communes_and_communes_the_province(project, tmp_path):
    (tmp_path / "thon.csv").write_text(
        "ma_xa,Tên thôn,above_200m_share,slope_15_share\n"
        "01324,A,0.7,0\n01324,B,0.1,0.9\n01324,C,0,0\n01327,A,1,1\n01321,A,1,1\n01336,A,0,\n",
        encoding="utf-8",
    )
    text = PROJECT.replace("[border, region-2026]", "[mountainous-2026, mountainous-2026-province]")
    project.write_text(text + "villages: {file: thon.csv, date: 2026-01-01}\n", encoding="utf-8")
    plan = run(read_project(project))
    share = plan.communes["mountainous_village_share"]
    assert share["01324"] == 2 / 3 and share["01327"] == 1 and pd.isna(share["01336"])  # its slope is not known
    assert plan.communes["is_mountainous"].tolist()[:3] == [True, True, True]  # two thirds itself counts
    province = plan.content.above["province"].loc["04"]
    assert [province["mountainous_commune_share_low"], province["mountainous_commune_share_high"]] == [0.75, 1]
    table = pd.read_csv(write(plan, tmp_path / "kq") / "provinces.csv", dtype={"province_code": str})
    assert table["mountainous_commune_share_low"].tolist() == [0.75]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("villages: {file: thon.csv, commun: ma_xa}\n", "commune"),
        ("households: {file: ho.csv, standard: poverty-2030}\n", "poverty-2021"),
        ("households: {file: ho.csv, holds: most}\n", "poor_and_near_poor"),
        ("villages: {file: ../thon.csv}\n", "thon.csv"),
    ],
)
def test_mistakes_in_the_sections_are_named(project, section, told):
    project.write_text(PROJECT + section, encoding="utf-8")
    with pytest.raises(ProjectError, match=told) as refused:
        read_project(project)
    assert "project.yaml:9" in str(refused.value)
