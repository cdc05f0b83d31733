"""What is printed of a rule set comes as data from the law: labels, limits, places, outcomes, what may not decide."""

from datetime import date

import pandas as pd
import pytest

from geontm.classify import OfficialList, Question, briefs_and_gaps, evaluate_all
from geontm.pipeline.ruleset_notes import notes_of
from geontm.project import list_rulesets, national_figures, read_ruleset
from geontm.publish.annex import annex_table
from geontm.publish.words.rulings import rule_set_results
from geontm.tables import Label
from publish_samples import sample_content

# A set of definitions judges nothing.
COMMUNE_SETS = [each.id for each in list_rulesets() if each.unit == "commune" and each.answers]
DAY = Question(date(2026, 6, 30))


def communes(**columns):
    size = len(next(iter(columns.values())))
    index = pd.Index([f"0000{k}" for k in range(1, size + 1)], name="commune_code")
    return pd.DataFrame({name: pd.array(values) for name, values in columns.items()}, index=index)


def noted(name, table, question=DAY):
    rules = read_ruleset(name)
    verdicts = evaluate_all(table, [rules], question=question)
    (note,) = notes_of([rules], [verdicts])
    return note, verdicts


def test_a_condition_has_its_label_limit_and_place():
    note, _ = noted("region-2026", communes(unmet_region_criteria_count=[7, 2]))
    found = note.conditions_by_id["unmet_6"]
    assert found.label.vi == "Số tiêu chí phân định xã chưa đạt (trong 12)"
    assert found.limit == Label("từ 6 tiêu chí trở lên", "6 criteria or more")
    assert found.limits == {">= 6": found.limit}
    assert found.place.vi == "272/2025/NĐ-CP"
    assert (found.evidence, found.doubt, found.number) == ("verified", "", "")
    assert note.cited("vi") == "272/2025/NĐ-CP ngày 16/10/2025"


def test_outcomes_are_printed_as_lists_print_them():
    note, _ = noted("region-2026", communes(unmet_region_criteria_count=[7]))
    assert [(each.id, each.sign, each.value) for each in note.outcomes] == [
        ("region_iii", "III", 3),
        ("region_ii", "II", 2),
        ("region_i", "I", 1),
    ]
    groups, _ = noted("ntm-2026-group", communes(agriculture_of_economy_pct=[5.0]))
    assert {each.sign for each in groups.outcomes} == {"1", "2", "3"}


def test_units_of_one_region_have_one_limit_and_those_of_two_have_both():
    columns = {"poor_household_pct": [20.0, 20.0], "ethnic_minority_household_pct": [90.0, 90.0]}
    question = Question(date(2022, 6, 30))
    one, _ = noted("dbkk-2021", communes(region=["southeast", "southeast"], **columns), question)
    both, _ = noted("dbkk-2021", communes(region=["southeast", "mekong_delta"], **columns), question)
    limits = {(each.test, each.limit.vi) for each in one.conditions if len(both.conditions_by_id[each.test].limits) > 1}
    assert limits
    for test, limit in limits:
        several = both.conditions_by_id[test]
        assert limit in {words.vi for words in several.limits.values()}
        assert "Đồng bằng sông Cửu Long" in several.limit.vi


def test_a_limit_that_may_not_decide_says_why_and_one_that_is_allowed_does_not():
    table = communes(clean_water_pct=[50.0])
    note, _ = noted("ntm-2016", table, Question(date(2018, 6, 30)))
    doubts = {each.doubt for each in note.conditions}
    assert {"unverified", "province"} <= doubts
    allowed, _ = noted("ntm-2016", table, Question(date(2018, 6, 30), ("ntm-2016",)))
    assert "unverified" not in {each.doubt for each in allowed.conditions}
    assert {each.evidence for each in allowed.conditions} == {each.evidence for each in note.conditions}


@pytest.mark.parametrize("name", COMMUNE_SETS)
def test_every_row_of_verdicts_is_noted_and_every_threshold_has_words(name):
    rules = read_ruleset(name)
    regions = pd.array(["southeast", "mekong_delta", None], dtype="str")
    question = Question(rules.in_force.start, (name,), national_figures())
    note, verdicts = noted(name, communes(region=regions), question)
    rows = verdicts.long
    assert set(rows["test"]) == {note.id, *note.outcomes_by_id, *note.conditions_by_id}
    for test, threshold in rows[["test", "threshold"]].dropna().drop_duplicates().itertuples(index=False):
        words = note.conditions_by_id[test].limits[threshold]
        assert words.vi and words.en
    assert all(each.label.vi and each.label.en and each.place.vi for each in note.conditions)


def published(verdicts, rules, **changes):
    content = sample_content()
    codes = list(verdicts.wide.index)
    units = content.units.iloc[: len(codes)].set_axis(pd.Index(codes, name="commune_code"))
    briefs, gaps = briefs_and_gaps(verdicts)
    fields = {
        "units": units, "wide": content.wide.iloc[: len(codes)].set_axis(units.index), "verdicts": verdicts.long,
        "rulesets": notes_of(rules, [verdicts]), "decisions": verdicts.decisions, "briefs": briefs, "gaps": gaps,
    }  # fmt: skip
    return sample_content(**{**fields, **changes})


def test_a_report_tells_each_condition_once_with_its_limit():
    rules = read_ruleset("region-2026")
    verdicts = evaluate_all(communes(unmet_region_criteria_count=[7, 4, None]), [rules], question=DAY)
    (told,) = rule_set_results(published(verdicts, [rules]))
    rows = [(row.label, row.limit) for row in told.conditions]
    assert len(rows) == len(set(rows))
    by_limit = {row.limit: (row.met, row.not_met, row.unknown) for row in told.conditions}
    assert by_limit["từ 6 tiêu chí trở lên"] == ("1", "1", "1")
    assert by_limit["dưới 3 tiêu chí"] == ("0", "2", "1")
    assert (told.outcomes[0].label, told.outcomes[0].count) == ("Xã khu vực III (xã đặc biệt khó khăn)", "1")


def test_the_documents_of_a_list_come_from_its_decisions():
    rules = read_ruleset("region-2026")
    entries = pd.DataFrame({"value": ["II"], "document": ["60/QĐ-BDTTG"], "date": ["2026-01-29"]}, index=["00001"])
    official = OfficialList("region-2026", entries, column="development_region")
    table = communes(unmet_region_criteria_count=[7, 2])
    verdicts = evaluate_all(table, [rules], lists=[official], question=DAY)
    content = published(verdicts, [rules])
    (told,) = rule_set_results(content)
    assert "1 đơn vị lấy kết quả theo danh sách chính thức (60/QĐ-BDTTG)" in told.notes[0]
    (made,) = annex_table(content).lists
    assert [row.cells[-1] for group in made.groups for row in group.rows] == [
        "60/QĐ-BDTTG ngày 29/01/2026",
        "272/2025/NĐ-CP",
    ]


def test_what_an_open_verdict_waits_for_is_a_row_of_its_own():
    rules = read_ruleset("region-2026")
    verdicts = evaluate_all(communes(unmet_region_criteria_count=[7, None]), [rules], question=DAY)
    content = published(verdicts, [rules])
    rows = content.gaps[["commune_code", "kind", "name", "label_en"]].to_numpy().tolist()
    assert rows == [
        ["00002", "figure", "unmet_region_criteria_count", rules.tests[0].column.label.en],
    ]  # 00001 is decided
    (made,) = annex_table(content).lists
    assert made.undecided_notes == (
        "Tất cả các đơn vị trên còn thiếu:",
        "(1) Số tiêu chí phân định xã chưa đạt (trong 12): chưa có số liệu.",
    )
