"""Official lists: they outrank computation, nothing in them is lost, and every contradiction is shown."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.classify import OfficialList, Question, evaluate_all
from geontm.errors import RuleError
from geontm.project.rulesets import read_ruleset

BORDER, REGION = read_ruleset("border"), read_ruleset("region-2026")
CODES = ["01001", "01002", "01003", "01004"]


def units(**columns: list[object]) -> pd.DataFrame:
    index = pd.Index(CODES, name="commune_code")
    return pd.DataFrame({name: pd.array(values) for name, values in columns.items()}, index=index)


def listed(ruleset: str, values: dict[str, object], **options: object) -> OfficialList:
    columns: dict[str, list[object]] = {"value": list(values.values())}
    for name in ("document", "date"):
        if name in options:
            columns[name] = [options.pop(name)] * len(values)
    entries = pd.DataFrame(columns, index=pd.Index(list(values), name="commune_code"))
    return OfficialList(ruleset, entries, file="danh-sach.csv", **options)


def decided(verdicts, ruleset: str) -> list[str | None]:
    rows = verdicts.decisions[verdicts.decisions["ruleset"] == ruleset].set_index("commune_code")
    return [None if pd.isna(value) else value for value in rows.loc[CODES, "outcome"]]


def messages(verdicts) -> list[str]:
    return [issue.message.id for issue in verdicts.issues if issue.message.id != "classify.indicator_missing"]


def test_the_list_stands_and_the_computed_answer_stays_beside_it() -> None:
    table = units(unmet_region_criteria_count=[7, 1, 4, None], extremely_difficult_village_pct=[0.0, 0.0, 0.0, None])
    official = listed(
        "region-2026", {"01001": "II", "01002": "I", "01004": "III"}, document="60/QĐ-BDTTG", date="29/01/2026"
    )
    verdicts = evaluate_all(table, [REGION], lists=[official], question=Question(date(2026, 6, 30)))
    assert decided(verdicts, "region-2026") == ["region_ii", "region_i", "region_ii", "region_iii"]
    assert list(verdicts.wide["development_region"]) == [2, 1, 2, 3]
    assert list(verdicts.wide["is_extremely_difficult"]) == [False, False, False, True]
    rows = verdicts.decisions.set_index("commune_code")
    assert list(rows["source"]) == ["listed", "listed", "computed", "listed"]
    assert list(rows["computed"].fillna("?")) == ["region_iii", "region_i", "region_ii", "?"]
    assert rows.loc["01001", "date"] == "2026-01-29"
    # Only the first is a contradiction; the last was not computed at all.
    assert verdicts.differences[["commune_code", "listed", "computed"]].to_numpy().tolist() == [
        ["01001", "region_ii", "region_iii"]
    ]
    assert "7 tiêu chí" in verdicts.differences["reason_vi"][0]
    assert messages(verdicts) == ["classify.list_differs"]
    told = verdicts.long.set_index(["commune_code", "test"])
    assert told.loc[("01001", "region_iii"), "answer"] == "not_met"
    assert told.loc[("01001", "region_ii"), "answer"] == "met"
    assert told.loc[("01001", "unmet_6"), "answer"] == "met"  # the tests stay as computed
    assert told.loc[("01001", "region-2026"), "reason_vi"] == (
        "Theo danh sách chính thức: Xã khu vực II (xã khó khăn). Căn cứ: 60/QĐ-BDTTG ngày 29/01/2026."
        " Tính theo số liệu: Xã khu vực III (xã đặc biệt khó khăn)."
    )
    assert told.loc[("01003", "region-2026"), "reason_vi"].startswith("Xã khu vực II (xã khó khăn), vì: ")


@pytest.mark.parametrize("spelling", ["III", 3, 3.0, "3", "Khu vực III", "region_iii", "khu  vực iii"])
def test_a_region_is_understood_as_lists_write_it(spelling: object) -> None:
    verdicts = evaluate_all(units(population=[1] * 4), [REGION], lists=[listed("region-2026", {"01001": spelling})])
    assert decided(verdicts, "region-2026")[0] == "region_iii"


def test_a_list_leaves_others_to_computation_unless_it_is_complete() -> None:
    table = units(is_border=[True, None, False, None])
    part = evaluate_all(table, [BORDER], lists=[listed("border", {"01003": True})])
    assert decided(part, "border") == ["met", None, "met", None]
    whole = evaluate_all(table, [BORDER], lists=[listed("border", {"01003": True}, complete=True)])
    assert decided(whole, "border") == ["not_met", "not_met", "met", "not_met"]
    assert list(whole.differences["commune_code"]) == ["01001", "01003"]
    assert list(whole.wide["is_border"]) == [False, False, True, False]


def test_a_complete_list_of_regions_puts_the_others_outside() -> None:
    official = listed("region-2026", {"01001": "I"}, complete=True)
    verdicts = evaluate_all(units(unmet_region_criteria_count=[None] * 4), [REGION], lists=[official])
    assert decided(verdicts, "region-2026") == ["region_i", "outside_scope", "outside_scope", "outside_scope"]
    assert verdicts.wide["development_region"].isna().tolist() == [False, True, True, True]
    assert list(verdicts.wide["is_extremely_difficult"]) == [False] * 4


def test_a_list_complete_for_one_province_says_nothing_of_another() -> None:
    table = units(province_code=["04", "04", "20", "20"], is_border=[None] * 4)
    official = listed("border", {"01001": True}, complete=True, covers=("04",))
    assert decided(evaluate_all(table, [BORDER], lists=[official]), "border") == ["met", "not_met", None, None]
    with pytest.raises(RuleError, match="province_code"):
        evaluate_all(table.drop(columns="province_code"), [BORDER], lists=[official])


def test_a_complete_list_with_a_name_that_found_no_unit_excludes_nobody() -> None:
    """The unit that seems to be absent may be the one whose name is misspelt."""
    official = listed("border", {"01001": True}, complete=True, unplaced=1)
    verdicts = evaluate_all(units(is_border=[None, False, None, None]), [BORDER], lists=[official])
    assert decided(verdicts, "border") == ["met", "not_met", None, None]
    assert messages(verdicts) == ["classify.list_unplaced"]


def test_a_complete_list_of_a_later_day_excludes_nobody_yet() -> None:
    official = listed("border", {"01001": True}, complete=True, document="299/2025/NĐ-CP", date="2025-11-17")
    table = units(is_border=[None] * 4)
    early = evaluate_all(table, [BORDER], lists=[official], question=Question(date(2025, 6, 30)))
    assert decided(early, "border") == [None] * 4
    assert messages(early) == ["classify.list_later"]
    late = evaluate_all(table, [BORDER], lists=[official], question=Question(date(2025, 11, 17)))
    assert decided(late, "border") == ["met", "not_met", "not_met", "not_met"]


def test_a_list_of_extremely_difficult_communes_answers_that_column_only() -> None:
    table = units(unmet_region_criteria_count=[7, 1, None, 8], extremely_difficult_village_pct=[0.0] * 4)
    official = listed("region-2026", {"01003": True, "01004": True}, column="is_extremely_difficult", complete=True)
    verdicts = evaluate_all(table, [REGION], lists=[official])
    # The first is computed as III but not listed: not III, and what else is open. The second is region I as computed.
    assert decided(verdicts, "region-2026") == [None, "region_i", "region_iii", "region_iii"]
    assert list(verdicts.wide["is_extremely_difficult"]) == [False, False, True, True]
    assert list(verdicts.differences["commune_code"]) == ["01001"]
    answers = verdicts.long.set_index(["commune_code", "test"])["answer"]
    assert [answers["01001", name] for name in ("region_iii", "region_ii", "region_i")] == [
        "not_met",
        "unknown",
        "unknown",
    ]


def test_two_answers_for_one_unit_decide_nothing() -> None:
    entries = pd.DataFrame({"value": ["I", "III", "II", "II"]}, index=["01001", "01001", "01002", "01002"])
    official = OfficialList("region-2026", entries, complete=True, file="danh-sach.csv")
    verdicts = evaluate_all(units(unmet_region_criteria_count=[None] * 4), [REGION], lists=[official])
    assert decided(verdicts, "region-2026") == [None, "region_ii", "outside_scope", "outside_scope"]
    assert messages(verdicts) == ["classify.list_twice"]


def test_every_entry_that_cannot_be_used_is_told() -> None:
    entries = pd.DataFrame(
        {
            "value": ["IV", None, "II", "III"],
            "date": ["", "", "hôm qua", "2026-07-01"],
            "document": ["a", "a", "b", "c"],
        },
        index=["01001", "01002", "01003", "01004"],
    )
    entries.loc["99999"] = ["I", "", "a"]
    official = OfficialList("region-2026", entries, complete=True, file="danh-sach.csv")
    verdicts = evaluate_all(units(population=[1] * 4), [REGION], lists=[official], question=Question(date(2026, 6, 30)))
    assert sorted(messages(verdicts)) == [
        "classify.list_date", "classify.list_elsewhere", "classify.list_later", "classify.list_silent",
        "classify.list_value",
    ]  # fmt: skip
    # Being on a list without a usable answer is not being absent from it.
    assert decided(verdicts, "region-2026") == [None, None, "region_ii", None]
    rows = {issue.message.id: issue for issue in verdicts.issues}
    assert rows["classify.list_value"].row == "01001"
    assert rows["classify.list_value"].file == "danh-sach.csv"
    for issue in verdicts.issues:
        assert issue.message.text("vi") != issue.message.text("en")
        issue.message.fix("vi")


def test_lists_that_fit_no_rule_set_are_refused() -> None:
    table = units(is_border=[None] * 4)
    with pytest.raises(RuleError, match="region-2026"):
        evaluate_all(table, [BORDER], lists=[listed("region-2026", {"01001": "I"})])
    with pytest.raises(RuleError, match="border"):
        evaluate_all(table, [BORDER], lists=[listed("border", {"01001": True})] * 2)
    with pytest.raises(RuleError, match="is_border"):
        evaluate_all(table, [BORDER], lists=[listed("border", {"01001": True}, column="is_coastal")])


ANSWERS = st.none() | st.sampled_from(["I", "II", "III"])


@settings(deadline=None, max_examples=30)
@given(
    entries=st.lists(st.tuples(st.sampled_from([*CODES, "99999"]), ANSWERS), max_size=7),
    counts=st.lists(st.none() | st.integers(0, 12), min_size=4, max_size=4),
    complete=st.booleans(),
    data=st.data(),
)
def test_nothing_of_a_list_is_lost_and_its_order_does_not_matter(entries, counts, complete, data) -> None:
    def run(rows):
        index = pd.Index([code for code, _ in rows], dtype="str")
        frame = pd.DataFrame({"value": pd.Series([value for _, value in rows], index=index, dtype="str")})
        table = units(unmet_region_criteria_count=pd.array(counts, dtype="Int64"))
        return evaluate_all(table, [REGION], lists=[OfficialList("region-2026", frame, complete=complete)])

    verdicts, other = run(entries), run(data.draw(st.permutations(entries)))
    for name in ("long", "wide", "decisions", "scores", "differences"):
        pd.testing.assert_frame_equal(getattr(verdicts, name), getattr(other, name))
    said: dict[str, set[str]] = {}
    for code, value in entries:
        said.setdefault(code, set()).update({value} - {None})
    rows = verdicts.decisions.set_index("commune_code")
    names = {"I": "region_i", "II": "region_ii", "III": "region_iii"}
    for code in CODES:
        answers = said.get(code, set())
        if len(answers) == 1:
            assert rows.loc[code, "outcome"] == names[next(iter(answers))]
        elif code not in said and complete:
            assert rows.loc[code, "outcome"] == "outside_scope"
        else:
            assert pd.isna(rows.loc[code, "computed"]) or rows.loc[code, "outcome"] == rows.loc[code, "computed"]
    torn = [code for code in CODES if len(said.get(code, ())) > 1]
    silent = [code for code, value in entries if value is None]
    assert messages(verdicts).count("classify.list_twice") == len(torn)
    assert messages(verdicts).count("classify.list_silent") == len(silent)
