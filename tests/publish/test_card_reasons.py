"""What a card carries of the verdicts: a line on what would change them, one on what is missing, criteria by name."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from geontm.publish import ConditionNote, RuleSetNote, write_run
from geontm.publish.products import Products
from geontm.publish.reasons import reasons
from geontm.tables import Label
from publish_samples import CODES, sample_content, sample_verdicts

CRITERIA = (
    ConditionNote("criterion_1", Label("Quy hoạch", "Planning"), number="1"),
    ConditionNote("criterion_2", Label("Giao thông", "Roads"), number="2"),
)
NEW_RURAL = Label("Xã nông thôn mới", "New rural commune")
SCORED = RuleSetNote("ntm", NEW_RURAL, "318/QĐ-TTg", scored=True, conditions=CRITERIA)
BORDER = RuleSetNote("border", Label("Xã biên giới", "Border commune"), "34/2014/NĐ-CP")


def scored_rows() -> pd.DataFrame:
    """Two criteria and three indicators of one commune; a second commune on a list."""
    rows = [
        (CODES[0], "a", "met", "", "Chỉ tiêu a.", "Indicator a."),
        (CODES[0], "b", "not_met", "", "Chỉ tiêu b.", "Indicator b."),
        (CODES[0], "criterion_1", "met", "1/1", "Tiêu chí 1 Quy hoạch: đạt.", "Criterion 1 Planning: met."),
        (CODES[0], "criterion_2", "not_met", "1/2", "Tiêu chí 2 Giao thông: chưa đạt.", "Criterion 2 Roads: not met."),
        (CODES[0], "ntm", "not_met", "1/2", "Xã nông thôn mới: rất dài.", "New rural commune: very long."),
        (CODES[1], "ntm", "met", None, "Theo danh sách chính thức.", "By the official list."),
    ]
    frame = pd.DataFrame(rows, columns=["commune_code", "test", "answer", "value", "reason_vi", "reason_en"])
    whole = frame.assign(ruleset="ntm", threshold=None, article="Điều 1", distance=pd.NA)[sample_verdicts().columns]
    return pd.concat([sample_verdicts(), whole.astype(sample_verdicts().dtypes)], ignore_index=True)


def content(**changes: Any) -> Any:
    told = {
        "commune_code": [CODES[0], CODES[1]],
        "ruleset": ["border", "border"],
        "change_vi": ["Cải thiện <b>một</b> chỉ tiêu", ""],
        "change_en": ["Improve <b>one</b>", ""],
        "missing_vi": ["", "Tỷ lệ hộ nghèo"],
        "missing_en": ["", "Poor households"],
    }
    fields = {"verdicts": scored_rows(), "briefs": pd.DataFrame(told), "rulesets": (BORDER, SCORED)}
    return sample_content(**{**fields, **changes})


def test_of_a_scored_set_only_open_criteria_are_carried_and_the_verdict_is_short() -> None:
    found = reasons(content(), tuple(CODES))
    mine = [(found["tests"][test][1], found["texts"][text][1]) for test, _, _, text in found["rows"][0]]
    assert mine == [
        ("on_border", "On the border."),
        ("criterion_2", "Criterion 2 Roads: not met."),
        ("ntm", "Not met: 1/2 criteria."),
    ]
    listed = [found["texts"][row[3]][0] for row in found["rows"][1]]
    assert listed[-1] == "Theo danh sách chính thức."


def test_briefs_point_to_texts_and_an_empty_line_to_none() -> None:
    found = reasons(content(), tuple(CODES))
    ((ruleset, change, missing),) = found["briefs"][0]
    assert (found["rulesets"][ruleset]["id"], found["texts"][change][0], missing) == (
        "border", "Cải thiện <b>một</b> chỉ tiêu", -1,
    )  # fmt: skip
    assert [found["texts"][brief[2]][1] for brief in found["briefs"][1]] == ["Poor households"]
    assert found["briefs"][2] == []


def test_without_briefs_and_without_verdicts_nothing_breaks() -> None:
    assert reasons(content(briefs=pd.DataFrame()), tuple(CODES))["briefs"] == [[]] * len(CODES)
    assert reasons(content(verdicts=scored_rows().iloc[:0]), tuple(CODES))["rows"] == [[]] * len(CODES)


@pytest.mark.browser
def test_the_card_tells_what_would_change_and_what_is_missing(tab: Any, tmp_path: Any) -> None:
    write_run(content(), tmp_path, Products(maps=("classification",)))
    tab.open(tmp_path / "maps" / "classification.html")
    tab.run("geontm.page.set({unit: 0, near: true})")
    card = tab.run("document.querySelector('.gt-card').innerText")
    for text in ("Thay đổi kết quả:", "Cải thiện <b>một</b> chỉ tiêu", "Chưa đạt: 1/2 tiêu chí.", "Tiêu chí chưa đạt"):
        assert text in card
    assert "Quy hoạch" not in tab.run("document.querySelector('.gt-card').textContent")
    assert "Giao thông" in tab.run("document.querySelector('.gt-card').textContent")
    assert tab.run("document.querySelectorAll('.gt-brief').length") == 1
    tab.run("document.querySelector('.gt-lang').click()")
    tab.run("geontm.page.set({unit: 1, near: true})")
    cards = "[...document.querySelectorAll('.gt-card')]"  # the one before fades out
    tab.wait_for(f"{cards}.some(card => card.innerText.includes('Missing: Poor households'))", 10)
    assert tab.messages == []


def test_a_card_marks_rule_sets_that_rest_on_constructed_figures() -> None:
    scores = content().scores.assign(ruleset="ntm", illustrative=pd.array([True] * len(CODES), dtype="boolean"))
    told = {each["id"]: each["illustrative"] for each in reasons(content(scores=scores), tuple(CODES))["rulesets"]}
    assert told == {"border": False, "ntm": True}
    assert not any(each["illustrative"] for each in reasons(content(), tuple(CODES))["rulesets"])


def test_where_every_criterion_is_met_and_nothing_is_decided_the_law_s_own_reason_stands() -> None:
    rows = scored_rows()
    mine = (rows["commune_code"] == CODES[0]) & (rows["test"] == "ntm")
    rows.loc[mine, ["answer", "value", "reason_en"]] = ["unknown", "2/2", "Undecided; asked first: another set."]
    found = reasons(content(verdicts=rows), tuple(CODES))
    assert "Undecided; asked first: another set." in [found["texts"][row[3]][1] for row in found["rows"][0]]
