"""The whole explanation of one commune, in both languages."""

from __future__ import annotations

from datetime import date
from time import process_time

import pandas as pd
import pytest

from geontm.classify import OfficialList, Question, briefs, evaluate_all, why
from geontm.errors import RuleError
from geontm.law.nodes import leaves
from geontm.project import read_ruleset

DBKK = read_ruleset("dbkk-2021")
DAY = Question(date(2022, 6, 30))


def table(**changes: list[object]) -> pd.DataFrame:
    """Three communes of the northern mountains: clearly region III, on the edge, and without a poverty rate."""
    columns: dict[str, list[object]] = {
        "region": ["northern_midlands_mountains"] * 3,
        "ethnic_minority_household_pct": [95.0, 80.0, 70.0],
        "new_rural_recognised": [False, False, False],
        "poor_household_pct": [27.0, 17.5, None],
        "ethnic_minority_of_poor_households_pct": [40.0, 75.0, 30.0],
        "ethnic_minority_illiteracy_pct": [5.0, 6.0, 7.0],
        "employed_without_training_pct": [50.0, 60.0, 70.0],
        "district_road_km": [30.0, 10.0, 10.0],
        "district_road_unpaved_pct": [10.0, 10.0, 10.0],
        "poor_ethnic_minority_household_count": [200, 150, 90],
    }
    index = pd.Index(["00001", "00002", "00003"], name="commune_code")
    return pd.DataFrame({name: pd.array(values) for name, values in {**columns, **changes}.items()}, index=index)


def test_the_smallest_improvement_is_told_with_its_size() -> None:
    found = why(evaluate_all(table(), [DBKK], question=DAY), "00001", "dbkk-2021")
    assert (found.decision, found.computed, found.listed) == ("region_iii", "region_iii", False)
    first = found.flips.by_improvement
    assert first is not None
    (move,) = first.changes
    assert (move.name, move.before, move.after, move.bound) == ("poor_household_pct", 27, 20, "below")
    assert first.target == "region_ii"
    assert "từ 27% thành dưới 20% (giảm hơn 7 điểm phần trăm)" in found.text("vi")
    assert "from 27% to less than 20% (down by more than 7 percentage points)" in found.text("en")
    assert "Article 3" in found.text("en") and "Điều 3" in found.text("vi")


def test_one_indicator_read_by_several_conditions_is_one_change() -> None:
    found = why(evaluate_all(table(), [DBKK], question=DAY), "00002", "dbkk-2021")
    ways = {way.target: way for way in found.flips.ways}
    assert [move.name for move in ways["region_ii"].changes] == ["poor_household_pct"]
    assert ways["region_ii"].changes[0].after == 15
    # Region I needs less than ten per cent: the same indicator, further.
    assert (ways["region_i"].changes[0].after, ways["region_i"].changes[0].bound) == (10, "below")


def test_what_is_missing_is_named_and_that_nothing_is_too() -> None:
    verdicts = evaluate_all(table(), [DBKK], question=DAY)
    found = why(verdicts, "00003", "dbkk-2021")
    assert found.computed is None
    assert [gap.name for gap in found.missing.needed] == ["poor_household_pct"]
    assert "Không thể kết luận nếu thiếu: Tỷ lệ hộ nghèo" in found.text("vi")
    assert "Cannot be decided without: Poor households" in found.text("en")
    assert "the figures at hand decide" in why(verdicts, "00001", "dbkk-2021").text("en")


def test_a_list_stands_beside_what_is_computed() -> None:
    entries = pd.DataFrame({"value": ["II"], "document": ["861/QĐ-TTg"]}, index=["00001"])
    official = OfficialList("dbkk-2021", entries, column="development_region")
    found = why(evaluate_all(table(), [DBKK], lists=[official], question=DAY), "00001", "dbkk-2021")
    assert (found.decision, found.computed, found.listed) == ("region_ii", "region_iii", True)
    assert "861/QĐ-TTg" in found.comparison("vi")
    assert "The list stands" in found.comparison("en")


def test_names_cannot_run_in_a_notebook() -> None:
    index = pd.Index(["<script>x</script>", "2", "3"], name="commune_code")
    found = why(evaluate_all(table().set_index(index), [DBKK], question=DAY), "<script>x</script>", "dbkk-2021")
    assert "<script>" not in found._repr_html_()


def test_what_was_not_asked_is_refused() -> None:
    verdicts = evaluate_all(table(), [DBKK], question=DAY)
    with pytest.raises(RuleError, match="dbkk-2016"):
        why(verdicts, "00001", "dbkk-2016")
    with pytest.raises(RuleError, match="99999"):
        why(verdicts, "99999", "dbkk-2021")


def test_briefs_agree_with_the_whole_and_do_not_depend_on_order() -> None:
    verdicts = evaluate_all(table(), [DBKK], question=DAY)
    lines = briefs(verdicts).set_index("commune_code")
    assert "dưới 20%" in lines["change_vi"]["00001"]
    assert lines["missing_vi"].fillna("")["00001"] == ""
    assert lines["missing_en"]["00003"].startswith("Poor households")
    other_way = briefs(evaluate_all(table().iloc[::-1], [DBKK], question=DAY)).set_index("commune_code")
    pd.testing.assert_frame_equal(lines, other_way)


def test_a_scored_set_names_its_nearest_criteria() -> None:
    rules = read_ruleset("ntm-2021")
    said = pd.DataFrame({each.no: pd.array([each.no not in ("3", "17")]) for each in rules.criteria}, index=["00001"])
    question = Question(date(2022, 6, 30), assessed={rules.id: said})
    one = pd.DataFrame(index=pd.Index(["00001"], name="commune_code"))
    found = why(evaluate_all(one, [rules], question=question), "00001", rules.id)
    assert (found.computed, {way.target for way in found.criteria}) == ("not_met", {"criterion_3", "criterion_17"})
    way = found.flips.by_improvement
    assert way is not None and [move.name for move in way.changes] == ["17", "3"]
    assert "đạt tiêu chí 17" in found.text("vi")


def test_a_condition_without_a_figure_says_what_answers_it() -> None:
    rules = read_ruleset("ntm-2021")
    said = pd.DataFrame({"4.1": pd.array([True], dtype="boolean")}, index=["00001"])
    question = Question(date(2022, 6, 30), assessed={rules.id: said})
    one = pd.DataFrame(index=pd.Index(["00001"], name="commune_code"))
    shown = why(evaluate_all(one, [rules], question=question), "00001", rules.id).table("en").set_index("condition")
    assert shown.loc["Power system meets the standard", "value"] == "by assessment"
    assert shown.loc["Lanes clean and passable all year", "threshold"] == "level set by the province"


def test_a_figure_known_only_between_bounds_is_shown_so_where_they_decide() -> None:
    rules = read_ruleset("region-2026")
    columns = {"unmet_region_criteria_count": [4], "extremely_difficult_village_pct": [None]}
    bounds = {"extremely_difficult_village_pct_low": [66.5], "extremely_difficult_village_pct_high": [100.0]}
    index = pd.Index(["00001"], name="commune_code")
    one = pd.DataFrame({k: pd.array(v, dtype="Float64") for k, v in {**columns, **bounds}.items()}, index=index)
    question = Question(date(2026, 6, 30))
    shown = why(evaluate_all(one, [rules], question=question), "00001", rules.id).table("vi").set_index("condition")
    assert shown.loc["Tỷ lệ thôn đặc biệt khó khăn", "value"] == "từ 66,5 đến 100%"


def test_a_table_says_which_outcome_a_condition_belongs_to() -> None:
    found = why(evaluate_all(table(), [DBKK], question=DAY), "00001", "dbkk-2021")
    for lang in ("vi", "en"):
        rows = found.table(lang)
        assert list(rows.columns)[:2] == ["outcome", "condition"]
        for outcome in DBKK.outcomes:
            if outcome.when is not None:
                mine = rows[rows["outcome"] == outcome.label[lang]]
                assert set(mine["condition"]) == {leaf.label[lang] for leaf in leaves(outcome.when)}
                assert f"\n  {outcome.label[lang]}:\n" in found.text(lang)
        of_scope = rows[rows["outcome"] == {"vi": "phạm vi áp dụng", "en": "scope"}[lang]]
        assert set(of_scope["condition"]) == {leaf.label[lang] for leaf in leaves(DBKK.scope)}
    plain = evaluate_all(table(is_border=[True, False, None]), [read_ruleset("border")], question=DAY)
    assert "outcome" not in why(plain, "00001", "border").table("vi").columns


def test_two_assessed_rows_of_a_large_set_are_explained_in_seconds() -> None:
    # 75 indicators: a search through all their subsets would not end. It takes one or two seconds.
    rules = read_ruleset("ntm-advanced-2021")
    codes = [leaf.code for leaf in rules.leaves if leaf.code][:2]
    said = pd.DataFrame({code: pd.array([True, False], dtype="boolean") for code in codes}, index=["00001", "00002"])
    units = pd.DataFrame(index=pd.Index(["00001", "00002"], name="commune_code"))
    verdicts = evaluate_all(units, [rules], question=Question(date(2022, 6, 30), assessed={rules.id: said}))
    started = process_time()
    texts = [why(verdicts, code, rules.id).text("vi") for code in units.index]
    assert process_time() - started < 20
    assert all(len(text) > 1000 for text in texts)
