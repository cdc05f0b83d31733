"""Published totals: what geontm's own tables give beside them, and the known conflicts, no more and no less."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.classify import OfficialList
from geontm.classify.totals import (
    Conflict,
    Counted,
    Counting,
    Relations,
    compare_counted,
    compare_published,
    count_list,
    judge,
)
from geontm.cli import cli
from geontm.errors import ProjectError
from geontm.project import read_project, read_ruleset
from geontm.project.published import read_known_conflicts, read_totals, shipped_list, shipped_lists, totals_report
from geontm.tables import Label

HEADER = ["period", "scope", "measure", "value", "document", "source"]
REGIONS = {"region_i": "I", "region_ii": "II", "region_iii": "III"}


def totals(*rows: tuple) -> pd.DataFrame:
    table = pd.DataFrame([(*row, *[""] * (len(HEADER) - len(row))) for row in rows], columns=HEADER)
    return table.astype({"value": "Float64"})


def states(checks: pd.DataFrame) -> dict[str, str]:
    return dict(zip(checks["check"], checks["state"], strict=True))


# --- counted against published ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "relation", "state"),
    [(5, "equal", "equal"), (4, "equal", "differs"), (4, "part", "fits"), (5, "part", "equal"), (6, "part", "differs"),
     (6, "limit", "fits"), (4, "limit", "differs")],
)  # fmt: skip
def test_a_count_is_compared_as_what_it_is(number, relation, state):
    published = totals(("2026-2030", "Cao Bằng", "III", 5, "60"))
    counted = [Counted("list x", "2026-2030", "Cao Bằng", {"III": number}, relation)]
    assert states(compare_counted(published, counted)) == {"list x | 2026-2030 | Cao Bằng | III | 60": state}


def test_what_nobody_published_cannot_be_compared():
    published = totals(("2026-2030", "national", "III", None, "104"))
    counted = [Counted("list x", "2026-2030", "national", {"III": 5, "II": 1})]
    assert list(compare_counted(published, counted)["state"]) == ["not_comparable", "not_comparable"]


def units(*codes: str) -> pd.DataFrame:
    return pd.DataFrame({"province_code": "04"}, index=pd.Index(codes, name="commune_code"))


def official(answers: dict[str, str], column: str = "development_region", complete: bool = False) -> OfficialList:
    entries = pd.DataFrame({"value": answers}, dtype="str")
    return OfficialList("region-2026", entries, column=column, complete=complete, covers=("04",) if complete else ())


def test_a_list_is_counted_through_its_rule_set():
    counting = Counting(REGIONS, any_of="area")
    listed = official({"1": "I", "2": "III", "3": "III"}, complete=True)
    found = count_list(listed, read_ruleset("region-2026"), units("1", "2", "3", "4"), counting)
    assert found == {"I": 1, "II": 0, "III": 2, "area": 3}  # the fourth is outside the area


def test_a_part_of_a_list_counts_what_it_names():
    found = count_list(official({"1": "III"}), read_ruleset("region-2026"), units("1", "2"), Counting(REGIONS, "area"))
    assert found == {"III": 1, "area": 1}


def test_a_list_of_one_class_does_not_count_the_others():
    listed = official({"1": "có", "2": "không"}, column="is_extremely_difficult", complete=True)
    found = count_list(listed, read_ruleset("region-2026"), units("1", "2"), Counting(REGIONS, "area"))
    assert found == {"III": 1}


# --- published against published -------------------------------------------------------------------------------------

RELATIONS = Relations(
    sums=(("all", ("I", "II", "III"), ("2026",)),),
    orders=(("some", "all"),),
    nation={"all": "provinces"},
    provinces=frozenset({"A", "B"}),
    proposals={"draft": "2026"},
)


def test_parts_add_up_or_differ():
    parts = [("2026", "A", "I", 1), ("2026", "A", "II", 2), ("2026", "A", "III", 3)]
    assert states(compare_published(totals(("2026", "A", "all", 6), *parts), RELATIONS)) == {
        "sum | 2026 | A | all": "equal"
    }
    assert states(compare_published(totals(("2026", "A", "all", 7), *parts), RELATIONS)) == {
        "sum | 2026 | A | all": "differs"
    }


def test_some_parts_cannot_be_more_than_the_whole():
    some = [("2026", "A", "I", 1), ("2026", "A", "III", 3)]
    assert set(states(compare_published(totals(("2026", "A", "all", 6), *some), RELATIONS)).values()) == {"fits"}
    assert set(states(compare_published(totals(("2026", "A", "all", 3), *some), RELATIONS)).values()) == {"differs"}


def test_a_sum_belongs_to_its_period():
    other = totals(("2021", "A", "all", 9), ("2021", "A", "I", 1))
    assert compare_published(other, RELATIONS).empty


def test_parts_of_the_same_document_go_first():
    twice = totals(
        ("2026", "A", "all", 3, "new"), ("2026", "A", "I", 1, "new"), ("2026", "A", "I", 9, "old"),
        ("2026", "A", "II", 1, "old"), ("2026", "A", "III", 1, "old"),
    )  # fmt: skip
    assert states(compare_published(twice, RELATIONS))["sum | 2026 | A | all | new"] == "equal"


def test_a_part_cannot_exceed_its_whole():
    rows = totals(("2026", "A", "all", 3), ("2026", "A", "some", 4))
    assert states(compare_published(rows, RELATIONS)) == {"part some | 2026 | A | all": "differs"}


def test_provinces_add_up_to_the_nation_once_all_are_there():
    nation = [("2026", "national", "all", 10), ("2026", "national", "provinces", 2)]
    one = totals(*nation, ("2026", "A", "all", 4))
    assert states(compare_published(one, RELATIONS)) == {"provinces 1 | 2026 | national | all": "fits"}
    both = totals(*nation, ("2026", "A", "all", 4), ("2026", "B", "all", 5))
    assert states(compare_published(both, RELATIONS)) == {"provinces 2 | 2026 | national | all": "differs"}


def test_one_number_published_twice_is_compared_with_itself():
    rows = totals(
        ("2026", "A", "some", 9, "final"), ("draft", "A", "some", 7, "interim"), ("2026", "B", "some", 1, "x")
    )
    assert states(compare_published(rows, RELATIONS)) == {"also final | draft | A | some | interim": "differs"}


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(6)))
def test_the_order_of_rows_is_irrelevant(order):
    rows = totals(
        ("2026", "A", "all", 6, "x"), ("2026", "A", "I", 1, "x"), ("2026", "A", "I", 2, "w"),
        ("2026", "B", "all", 3, "x"), ("draft", "B", "all", 4, "y"), ("2026", "national", "all", 9, "x"),
    )  # fmt: skip
    shuffled = rows.iloc[list(order)].reset_index(drop=True)
    pd.testing.assert_frame_equal(compare_published(shuffled, RELATIONS), compare_published(rows, RELATIONS))
    counted = [Counted("list x", "2026", "A", {"I": 2})]
    pd.testing.assert_frame_equal(compare_counted(shuffled, counted), compare_counted(rows, counted))


# --- known conflicts -------------------------------------------------------------------------------------------------


def test_a_known_conflict_is_named_and_a_vanished_one_told():
    checks = compare_counted(totals(("2026", "A", "I", 5)), [Counted("list x", "2026", "A", {"I": 4})])
    known = Conflict("why", Label(vi="vì sao", en="why"), checks=("list x | 2026 | A | I",))
    judged, vanished = judge(checks, [known, Conflict("gone", Label(vi="hết", en="gone"), checks=("list y",))])
    assert list(judged["conflict"]) == ["why"] and vanished == ("list y",)


@pytest.fixture(scope="module")
def report():
    return totals_report()


def test_every_difference_is_a_known_one_and_every_known_one_is_there(report):
    assert report.unexpected == () and report.vanished == ()
    assert report.checks["check"].is_unique


def test_the_villages_of_2026_are_69_short(report):
    row = report.checks.set_index("check").loc["sum | 2026-2030 | national | dbkk_villages | 60/QĐ-BDTTG 2026"]
    assert (row["given"], row["published"], row["conflict"]) == (12_299, 12_368, "villages-2026-split")


def test_the_shipped_facts_give_248_border_communes_in_22_provinces(report):
    national = report.checks[(report.checks["giver"] == "border border-2025") & (report.checks["scope"] == "national")]
    assert dict(zip(national["measure"], national["given"], strict=True)) == {
        "land_border_communes": 248,
        "land_border_provinces": 22,
    }
    assert set(national["state"]) == {"equal"}


def test_complete_lists_reproduce_what_was_published(report):
    complete = {f"list {item.id}" for item in shipped_lists().values() if item.complete}
    rows = report.checks[report.checks["giver"].isin(complete)]
    assert set(rows["giver"]) == complete
    assert set(rows["state"]) <= {"equal", "not_comparable"} and (rows.groupby("giver")["state"].min() == "equal").all()


def test_named_border_communes_are_measured_ones_and_the_others_are_not():
    measured = pd.read_csv(shipped_list("border-2025-lao-cai").path.parents[1] / "border-2025.csv", dtype="str")
    for item in shipped_lists().values():
        if item.id.startswith("border-2025"):
            rows = pd.read_csv(item.path, dtype="str")
            on_line = rows["Mã xã"].isin(measured["commune_code"])
            assert (on_line == (rows["Xã biên giới"] == "có")).all(), item.id


def test_conflicts_say_in_both_languages_what_stands_against_what():
    assert len(read_known_conflicts()) >= 10
    for conflict in read_known_conflicts():
        assert conflict.text.vi.strip() and conflict.text.en.strip()


@pytest.mark.realdata
def test_the_totals_are_those_of_the_research(shared_data):
    research = pd.read_csv(shared_data / "standards" / "totals.csv", dtype="str", keep_default_na=False)
    shipped = read_totals().assign(value=research["value"])
    pd.testing.assert_frame_equal(shipped, research, check_dtype=False)
    assert read_totals()["value"].notna().sum() == (research["value"] != "").sum()


@pytest.mark.realdata
def test_the_lists_hold_every_known_row_of_the_research(shared_data):
    """Count the answers of every source column; rows added by difference are those 38 of Điện Biên."""
    asked = {"region": "Khu vực", "border": "Xã biên giới", "mountainous": "Xã miền núi"}
    ours = {name: 0 for name in asked.values()} | {"Xã đặc biệt khó khăn": 0, "Có thôn đặc biệt khó khăn": 0}
    for item in shipped_lists().values():
        ours[item.column] += len(pd.read_csv(item.path))
    theirs = dict.fromkeys(ours, 0)
    for path in sorted((shared_data / "standards" / "lists").glob("*.csv")):
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        for column, header in {**asked, "has_dbkk_villages": "Có thôn đặc biệt khó khăn"}.items():
            if column in table:
                lai_chau = "lai-chau" in path.name and column == "region"
                theirs["Xã đặc biệt khó khăn" if lai_chau else header] += int((table[column] != "unknown").sum())
    assert ours == {**theirs, "Khu vực": theirs["Khu vực"] + 38}


@pytest.mark.realdata
def test_the_lists_are_what_the_script_makes_of_the_research(shared_data):
    path = Path(__file__).resolve().parents[2] / "docs" / "law" / "build_lists.py"
    spec = importlib.util.spec_from_file_location("build_lists", path)
    script = importlib.util.module_from_spec(spec)
    sys.modules["build_lists"] = script  # dataclasses look their module up
    spec.loader.exec_module(script)
    for name, made in script.LISTS.items():
        rows = pd.DataFrame(script._rows(made, shared_data / "standards" / "lists" / f"{made.source}.csv"))
        shipped = pd.read_csv(shipped_list(name).path, dtype="str", keep_default_na=False)
        pd.testing.assert_frame_equal(shipped, rows[list(shipped)], check_dtype=False)
        assert (rows.drop(columns=list(shipped)) == "").all(axis=None), "only empty columns are left out"


# --- command line and project ----------------------------------------------------------------------------------------


def test_the_command_lists_differences_and_conflicts():
    done = CliRunner().invoke(cli, ["standards", "totals", "--lang", "en"])
    assert done.exit_code == 0 and "12299" in done.output and "12368" in done.output
    assert "69 fewer" in done.output and "comparisons that show it: 1" in done.output


def test_the_command_gives_json():
    done = CliRunner().invoke(cli, ["standards", "totals", "--json"])
    data = json.loads(done.output)
    assert data["unexpected"] == [] and len(data["checks"]) > 200
    assert {"villages-2026-split", "border-quang-ninh-2025"} <= {each["key"] for each in data["known_conflicts"]}


def test_the_command_fails_when_something_else_differs(monkeypatch):
    monkeypatch.setattr("geontm.project.published.read_known_conflicts", tuple)
    done = CliRunner().invoke(cli, ["standards", "totals", "--lang", "vi"])
    assert done.exit_code == 1 and "không mâu thuẫn đã biết nào giải thích" in done.output


PROJECT = """
name: Điện Biên
as_of: 2026-06-30
boundaries: {source: "schematic:communes-2025", provinces: ["11"]}
standards: [border, region-2026]
lists: {LIST: "shipped:NAME"}
"""


def project(tmp_path, ruleset: str, name: str):
    file = tmp_path / "project.yaml"
    file.write_text(PROJECT.replace("LIST", ruleset).replace("NAME", name), encoding="utf-8")
    return read_project(file)


def test_a_project_names_a_shipped_list(tmp_path):
    source = project(tmp_path, "region-2026", "region-2026-dien-bien").sources.lists[0]
    assert source.complete and source.covers == ("11",) and "46" in source.document
    assert source.table.path.name == "region-2026-dien-bien.csv"


@pytest.mark.parametrize(
    ("ruleset", "name", "message"),
    [
        ("region-2026", "region-2026-dien-bin", "totals.unknown_list"),
        ("border", "region-2026-dien-bien", "totals.list_of_other"),
        ("border", "villages-2026-lang-son", "totals.list_of_other"),
    ],
)
def test_a_list_that_is_not_there_or_answers_another_is_refused(tmp_path, ruleset, name, message):
    with pytest.raises(ProjectError) as refused:
        project(tmp_path, ruleset, name)
    assert refused.value.message.id == message and "project.yaml" in str(refused.value)
