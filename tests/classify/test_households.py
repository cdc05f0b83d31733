"""Households under two poverty standards: boundary values, gaps, official classes, and what must hold for all data."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from poverty_rules import HOUSEHOLDS, standards

from geontm.classify.households import classify_households, count_deprivations
from geontm.errors import RuleError
from geontm.project import read_ruleset

INDICATORS = {
    year: [name for name in HOUSEHOLDS.columns if name.startswith(f"deprived_{year}_")] for year in (2016, 2021)
}
ORDER = {"poor": 2, "near_poor": 1, "not_poor": 0}


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    return standards(tmp_path_factory.mktemp("poverty"))


def table(*rows: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    return frame.astype({name: HOUSEHOLDS[name].dtype for name in frame.columns if name in HOUSEHOLDS})


def judge(rules, frame: pd.DataFrame, standard: int = 1) -> pd.DataFrame:
    return classify_households(frame, rules, HOUSEHOLDS)[standard].table


def one(rules, standard: int, **household: object) -> object:
    decided = judge(rules, table(household), standard)["class"].iloc[0]
    return None if pd.isna(decided) else decided


@pytest.mark.parametrize(
    ("area", "income", "count", "expected"),
    [
        ("rural", 700_000, 0, "poor"),  # the line itself belongs to it
        ("rural", 700_001, 2, "near_poor"),
        ("rural", 700_001, 3, "poor"),
        ("rural", 1_000_000, 3, "poor"),
        ("rural", 1_000_000, 2, "near_poor"),
        ("rural", 1_000_001, 10, "not_poor"),
        ("urban", 900_000, 0, "poor"),
        ("urban", 900_001, 2, "near_poor"),
        ("urban", 1_300_000, 3, "poor"),
        ("urban", 1_300_001, 10, "not_poor"),
    ],
)
def test_lines_of_2016(rules, area, income, count, expected):
    found = one(rules, 0, area_type=area, income_per_person_month_vnd=income, deprivation_count_2016=count)
    assert found == expected


@pytest.mark.parametrize(
    ("area", "income", "count", "expected"),
    [
        ("rural", 1_500_000, 3, "poor"),
        ("rural", 1_500_000, 2, "near_poor"),
        ("rural", 1_500_001, 12, "not_poor"),
        ("rural", 0, 2, "near_poor"),
        ("urban", 2_000_000, 3, "poor"),
        ("urban", 2_000_001, 3, "not_poor"),
        (None, 1_500_000, 3, "poor"),  # poor in the country and in town
        (None, 1_800_000, 3, None),
        (None, 2_500_000, 3, "not_poor"),
        ("rural", None, 3, None),
        ("rural", 1_600_000, None, "not_poor"),
    ],
)
def test_lines_of_2021(rules, area, income, count, expected):
    found = one(rules, 1, area_type=area, income_per_person_month_vnd=income, deprivation_count_2021=count)
    assert found == expected


def test_both_standards_stand_side_by_side(rules):
    frame = table(
        {
            "area_type": "rural",
            "income_per_person_month_vnd": 900_000,
            "deprivation_count_2016": 2,
            "deprivation_count_2021": 3,
        },
    )
    older, newer = classify_households(frame, rules, HOUSEHOLDS)
    assert (older.ruleset, older.table["class"].tolist()) == ("poverty-2016", ["near_poor"])
    assert (newer.ruleset, newer.table["class"].tolist()) == ("poverty-2021", ["poor"])


def test_deprivations_are_counted_and_gaps_leave_bounds(rules):
    three, two_and_gap = dict.fromkeys(INDICATORS[2021], False), dict.fromkeys(INDICATORS[2021], False)
    for name in INDICATORS[2021][:3]:
        three[name] = True
    for name in INDICATORS[2021][:2]:
        two_and_gap[name] = True
    two_and_gap[INDICATORS[2021][5]] = None
    base = {"area_type": "rural", "income_per_person_month_vnd": 1_000_000}
    frame = table(base | three, base | two_and_gap)
    counted, issues = count_deprivations(frame, HOUSEHOLDS, "2021")
    assert counted.to_numpy().tolist() == [[3, 3], [2, 3]] and not issues
    found = judge(rules, frame)
    assert found["class"].tolist()[0] == "poor" and pd.isna(found["class"].iloc[1])
    # Poor or near-poor, whichever the missing answer is.
    assert found["poor_or_near_poor"].tolist() == [True, True]
    assert found["poor"].isna().tolist() == [False, True]


def test_an_indicator_that_the_table_lacks_may_be_one_more(rules):
    frame = table({"deprived_2021_employment": True, "deprived_2021_nutrition": True})
    counted, _ = count_deprivations(frame, HOUSEHOLDS, "2021")
    assert counted.to_numpy().tolist() == [[2, 12]]


def test_without_any_indicator_the_standard_of_2026_needs_the_count():
    counted, _ = count_deprivations(table({"area_type": "rural"}), HOUSEHOLDS, "2026")
    assert counted.to_numpy().tolist() == [[0, 12]]
    counted, _ = count_deprivations(table({"deprivation_count_2026": 4}), HOUSEHOLDS, "2026")
    assert counted.to_numpy().tolist() == [[4, 4]]


def test_a_count_that_the_indicators_contradict_is_told(rules):
    frame = table({"household_id": "H1", "deprivation_count_2021": 0, "deprived_2021_nutrition": True})
    counted, issues = count_deprivations(frame, HOUSEHOLDS, "2021")
    assert counted.to_numpy().tolist() == [[0, 0]]
    assert [issue.message.id for issue in issues] == ["lower.count_contradicts"] and issues[0].value == "H1"


def test_the_official_class_outranks_and_contradictions_are_told(rules):
    base = {"area_type": "rural", "income_per_person_month_vnd": 1_000_000, "deprivation_count_2021": 5}
    frame = table(
        base | {"household_id": "A", "poverty_class_2021": "near_poor"},
        base | {"household_id": "B", "poverty_class_2021": None},
        base | {"household_id": "C", "poverty_class_2021": "poor"},
    )
    found = classify_households(frame, rules, HOUSEHOLDS)[1]
    assert found.table["class"].tolist() == ["near_poor", "poor", "poor"]
    assert found.table["source"].tolist() == ["given", "computed", "given"]
    assert found.table["poor"].tolist() == [False, True, True]
    (issue,) = found.issues
    assert issue.message.id == "lower.class_differs" and issue.value == "A"
    assert "Hộ cận nghèo" in issue.message.text("vi") and "poverty-2021" in issue.message.text("vi")


def test_a_recalled_threshold_decides_only_where_it_is_allowed(tmp_path):
    from poverty_rules import LINES_2021

    recalled = LINES_2021.replace("less_than: 3}", "less_than: 3, evidence: {status: recalled, sources: []}}")
    (tmp_path / "poverty-2021.yaml").write_text(recalled, encoding="utf-8")
    rules = read_ruleset(tmp_path / "poverty-2021.yaml", HOUSEHOLDS)
    frame = table({"area_type": "rural", "income_per_person_month_vnd": 1_000_000, "deprivation_count_2021": 1})
    (plain,) = classify_households(frame, [rules], HOUSEHOLDS)
    assert plain.table["class"].isna().all() and not plain.table["poor"].iloc[0]
    (allowed,) = classify_households(frame, [rules], HOUSEHOLDS, allow_unverified=("poverty-2021",))
    assert allowed.table["class"].tolist() == ["near_poor"]


def test_a_rule_set_that_is_no_poverty_standard_is_refused():
    with pytest.raises(RuleError, match="border"):
        classify_households(table({"area_type": "rural"}), [read_ruleset("border")], HOUSEHOLDS)


def test_nothing_is_altered_and_no_household_gives_no_row(rules):
    frame = table({"area_type": "rural", "income_per_person_month_vnd": 1_000_000, "deprivation_count_2021": 5})
    before = frame.copy(deep=True)
    judge(rules, frame)
    pd.testing.assert_frame_equal(frame, before)
    assert judge(rules, frame.iloc[:0]).empty


HOUSEHOLD = st.fixed_dictionaries(
    {
        "area_type": st.sampled_from(["rural", "urban"]),
        "income_per_person_month_vnd": st.sampled_from(
            [
                0,
                700_000,
                700_001,
                900_000,
                900_001,
                1_000_000,
                1_000_001,
                1_300_000,
                1_500_000,
                1_500_001,
                2_000_000,
                2_000_001,
            ]
        ),
        **{name: st.booleans() for name in INDICATORS[2021]},
        **{name: st.booleans() for name in INDICATORS[2016]},
    }
)


@settings(deadline=None, max_examples=25)
@given(
    full=HOUSEHOLD,
    hidden=st.sets(
        st.sampled_from(sorted(["area_type", "income_per_person_month_vnd", *INDICATORS[2021], *INDICATORS[2016]]))
    ),
)
def test_a_known_class_survives_filling_any_gap(rules, full, hidden):
    gaps = {name: None if name in hidden else value for name, value in full.items()}
    frame = table(full, gaps)
    for standard in (0, 1):
        found = judge(rules, frame, standard)
        assert found.loc[0, ["class", "poor", "near_poor"]].notna().all()
        for name in ("class", "poor", "near_poor", "poor_or_near_poor"):
            known, later = found[name].iloc[1], found[name].iloc[0]
            assert pd.isna(known) or known == later


@settings(deadline=None, max_examples=25)
@given(household=HOUSEHOLD, more=st.sampled_from([*INDICATORS[2021], *INDICATORS[2016]]), less=st.integers(1, 600_000))
def test_classes_rise_with_deprivations_and_fall_with_income(rules, household, more, less):
    poorer = household | {"income_per_person_month_vnd": max(0, household["income_per_person_month_vnd"] - less)}
    frame = table(household, household | {more: True}, poorer)
    for standard in (0, 1):
        ranks = judge(rules, frame, standard)["class"].map(ORDER).tolist()
        assert ranks[0] <= ranks[1] and ranks[0] <= ranks[2]


@settings(deadline=None, max_examples=30)
@given(rows=st.lists(HOUSEHOLD, min_size=1, max_size=6), seed=st.randoms(use_true_random=False))
def test_order_of_rows_is_irrelevant(rules, rows, seed):
    frame = table(*rows)
    order = list(frame.index)
    seed.shuffle(order)
    pd.testing.assert_frame_equal(judge(rules, frame).loc[order], judge(rules, frame.loc[order]))
