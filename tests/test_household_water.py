"""Water by household through a whole run: shares and gaps reach the communes, two standards never merged."""

from __future__ import annotations

import pandas as pd
import pytest

from geontm import read_project
from geontm.pipeline import run, write
from small_project import PROJECT, TABLE, write_project

# 01324: two of four have clean water, three hygienic. 01336 does not say of one of its two whether its water is clean.
HOUSEHOLDS = """Mã hộ,Mã xã,Nước sạch đạt quy chuẩn,Nước hợp vệ sinh,loai_nguon_nuoc,nuoc_tai_nha,thoi_gian_lay_nuoc
A1,01324,có,có,Nước máy,có,0
A2,01324,có,có,Giếng khoan,không,20
A3,01324,không,có,Nước khe/mó được bảo vệ,không,45
A4,01324,không,không,Nước khe/mó không được bảo vệ,không,45
B1,01327,không,không,"Nước mặt (sông, hồ, ao, kênh)",không,10
D1,01336,có,có,Giếng đào,có,
D2,01336,,có,Nước mưa,có,
"""
SECTION = "households: {file: ho.csv, date: 2026-01-01, holds: all}\n"
BOUNDS = ("", "_low", "_high")


def write_households(folder, rows: str = HOUSEHOLDS, *, section: str = SECTION, table: str = TABLE):
    file = write_project(folder)
    (folder / "so-lieu.csv").write_text(table, encoding="utf-8")
    (folder / "ho.csv").write_text(rows, encoding="utf-8")
    file.write_text(PROJECT + section, encoding="utf-8")
    return file


def shown(communes: pd.DataFrame, code: str, name: str) -> list[float | None]:
    """Return the value and its bounds, None where unknown."""
    cells = [communes.loc[code, f"{name}{end}"] if f"{name}{end}" in communes else None for end in BOUNDS]
    return [None if pd.isna(cell) else float(cell) for cell in cells]


def issues_of(plan, message: str) -> list:
    return [issue for issue in plan.issues if issue.message.id == message]


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return run(read_project(write_households(tmp_path_factory.mktemp("ho"))))


def test_a_figure_of_the_communes_outranks_and_a_difference_is_told(plan):
    # The commune table says 30 % and 41.5 %; households say 50 % and 0 %. 01321 has 80 % and no household.
    found = plan.communes["clean_water_pct"]
    assert found[["01324", "01327", "01321"]].tolist() == [30, 41.5, 80]
    assert plan.communes.loc[["01324", "01327", "01321"], "clean_water_gap_pct"].tolist() == [70, 58.5, 20]
    told = issues_of(plan, "lower.figure_differs")
    assert [(issue.column, issue.value) for issue in told] == [("clean_water_pct", "01324, 01327")]


def test_households_fill_what_the_commune_table_lacks_with_bounds(plan):
    assert shown(plan.communes, "01336", "clean_water_pct") == [None, 50, 100]
    assert shown(plan.communes, "01336", "clean_water_gap_pct") == [None, 0, 50]


def test_hygienic_water_is_a_measure_of_its_own(plan):
    assert shown(plan.communes, "01324", "hygienic_water_pct")[0] == 75
    assert shown(plan.communes, "01324", "hygienic_water_gap_pct")[0] == 25
    assert shown(plan.communes, "01336", "hygienic_water_pct")[0] == 100
    # No household of 01321 is listed: unknown, not 0.
    assert shown(plan.communes, "01321", "hygienic_water_pct") == [None, None, None]
    assert shown(plan.communes, "01321", "hygienic_water_gap_pct") == [None, None, None]


def test_each_household_stands_on_one_rung_or_between_two(plan):
    communes = plan.communes
    # A1 may be safely managed, for nobody tested its water; A2 is basic, A3 limited, A4 unimproved.
    assert shown(communes, "01324", "safely_managed_water_household_pct") == [None, 0, 25]
    assert shown(communes, "01324", "basic_water_household_pct") == [None, 25, 50]
    assert shown(communes, "01324", "basic_or_better_water_household_pct")[0] == 50
    assert shown(communes, "01324", "limited_water_household_pct")[0] == 25
    assert shown(communes, "01324", "unimproved_water_household_pct")[0] == 25
    assert shown(communes, "01327", "surface_water_household_pct")[0] == 100
    # A dug well that is not said to be protected leaves two classes open.
    assert shown(communes, "01336", "unimproved_water_household_pct") == [None, 0, 50]
    [told] = issues_of(plan, "water.household_inputs")
    assert told.file == "ho.csv" and told.message.values["n"] == 2  # noqa: PD011 (no frame)


def test_the_shares_are_written_with_their_bounds(plan, tmp_path):
    written = pd.read_csv(write(plan, tmp_path / "kq") / "communes.csv", dtype={"commune_code": str})
    row = written.set_index("commune_code").loc["01336"]
    assert row[["clean_water_pct_low", "clean_water_pct_high", "clean_water_gap_pct_high"]].tolist() == [50, 100, 50]
    assert pd.isna(row["clean_water_pct"])


def test_households_that_are_not_listed_leave_bounds(tmp_path):
    table = TABLE.replace("Dân số\n", "Dân số,Số hộ\n").replace("4100\n", "4100,8\n").replace("4000\n", "4000,\n")
    table = table.replace("3900\n", "3900,\n").replace("9200\n", "9200,\n")
    found = run(read_project(write_households(tmp_path, table=table))).communes
    # Three of the four that are listed, of eight.
    assert shown(found, "01324", "hygienic_water_pct") == [None, 37.5, 87.5]
    assert shown(found, "01324", "hygienic_water_gap_pct") == [None, 12.5, 62.5]
    assert shown(found, "01336", "hygienic_water_pct")[0] == 100


def test_some_households_give_a_share_only_of_a_known_number(tmp_path):
    table = TABLE.replace("Dân số\n", "Dân số,Số hộ\n").replace("4100\n", "4100,5\n").replace("4000\n", "4000,\n")
    table = table.replace("3900\n", "3900,\n").replace("9200\n", "9200,\n")
    section = SECTION.replace("holds: all", "holds: some")
    found = run(read_project(write_households(tmp_path, section=section, table=table))).communes
    assert shown(found, "01324", "hygienic_water_pct") == [None, 60, 80]
    assert shown(found, "01336", "hygienic_water_pct") == [None, None, None]
    assert shown(found, "01336", "clean_water_pct") == [None, None, None]


def test_a_figure_outside_the_bounds_of_its_households_is_told(tmp_path):
    table = TABLE.replace("01336,Xã Khánh Xuân,,…,4000", "01336,Xã Khánh Xuân,,20,4000")
    plan = run(read_project(write_households(tmp_path, table=table)))
    [told] = issues_of(plan, "lower.figure_differs")
    assert told.value == "01324, 01327, 01336"
    assert shown(plan.communes, "01336", "clean_water_pct") == [20, None, None]


def test_a_gap_that_the_communes_give_stands(tmp_path):
    table = "Mã xã,Tên xã,Dân số,hygienic_water_gap_pct\n01324,Xã Cốc Pàng,4100,40\n01336,Xã Khánh Xuân,4000,\n"
    text = PROJECT.replace("rank: {weights: {poor_household_pct: 0.6, clean_water_pct: 0.4}}\n", "")
    file = write_households(tmp_path, table=table)
    file.write_text(text + SECTION, encoding="utf-8")
    plan = run(read_project(file))
    assert shown(plan.communes, "01324", "hygienic_water_gap_pct") == [40, None, None]
    assert shown(plan.communes, "01336", "hygienic_water_gap_pct")[0] == 0
    told = issues_of(plan, "lower.figure_differs")
    assert [(issue.column, issue.value) for issue in told] == [("hygienic_water_gap_pct", "01324")]


def test_a_table_without_water_gives_none(tmp_path):
    rows = "Mã hộ,Mã xã,Phân loại hộ\nA1,01324,Hộ nghèo\nA2,01324,Không nghèo\n"
    plan = run(read_project(write_households(tmp_path, rows)))
    assert not {"hygienic_water_pct", "basic_water_household_pct", "clean_water_pct_low"} & set(plan.communes)
    assert not issues_of(plan, "water.household_inputs")


def test_no_poverty_standard_is_needed(tmp_path):
    file = write_households(tmp_path)
    file.write_text(PROJECT.replace("[border, region-2026]", "[border]") + SECTION, encoding="utf-8")
    found = run(read_project(file)).communes
    assert shown(found, "01324", "hygienic_water_pct")[0] == 75


def test_rows_in_another_order_give_the_same(plan, tmp_path):
    head, *rows = HOUSEHOLDS.splitlines()
    other = run(read_project(write_households(tmp_path, "\n".join([head, *reversed(rows)]) + "\n")))
    pd.testing.assert_frame_equal(pd.DataFrame(plan.communes), pd.DataFrame(other.communes))
