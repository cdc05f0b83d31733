"""Several rule sets over the communes of a project."""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import pandas as pd
import pytest

from geontm.classify import Question, evaluate_all, fill_missing
from geontm.errors import RuleError
from geontm.law import LONG_COLUMNS
from geontm.project.rulesets import read_ruleset

BORDER, DBKK, REGION = (read_ruleset(name) for name in ("border", "dbkk-2021", "region-2026"))


def communes() -> pd.DataFrame:
    index = pd.Index(["03002", "03001", "03003"], name="commune_code")
    return pd.DataFrame(
        {
            "is_border": pd.array([True, False, None], dtype="boolean"),
            "ethnic_minority_household_pct": [90.0, 80.0, 4.0],
            "new_rural_recognised": pd.array([False, True, None], dtype="boolean"),
            "poor_household_pct": pd.array([31.5, 40.0, None], dtype="Float64"),
            "region": ["northern_midlands_mountains"] * 3,
        },
        index=index,
    )


def test_the_result_columns_stand_as_published() -> None:
    table = communes()
    before = table.copy(deep=True)
    verdicts = evaluate_all(table, [BORDER, DBKK], question=Question(date(2025, 6, 30)))
    pd.testing.assert_frame_equal(table, before)
    wide = verdicts.wide
    assert list(wide.index) == ["03002", "03001", "03003"]
    assert wide["is_border"].tolist()[:2] == [True, False]
    assert pd.isna(wide["is_border"].iloc[2])
    assert wide["development_region"].tolist()[:2] == [3, 1]
    assert pd.isna(wide["development_region"].iloc[2])  # outside the area, which `decisions` says
    assert wide["is_extremely_difficult"].tolist() == [True, False, False]
    assert str(wide["development_region"].dtype) == "Int64"
    outcomes = verdicts.decisions.set_index(["commune_code", "ruleset"])["outcome"]
    assert outcomes[("03003", "dbkk-2021")] == "outside_scope"
    assert pd.isna(outcomes[("03003", "border")])


def test_the_long_table_is_ordered_by_code_and_holds_a_row_per_test_and_verdict() -> None:
    verdicts = evaluate_all(communes(), [BORDER, DBKK])
    assert tuple(verdicts.long.columns) == LONG_COLUMNS
    per_commune = (1 + 1) + (13 + 3 + 1)
    assert verdicts.long["commune_code"].tolist() == sorted(["03001", "03002", "03003"] * per_commune)
    assert set(verdicts.long["answer"]) == {"met", "not_met", "unknown"}
    shuffled = evaluate_all(communes().iloc[::-1], [BORDER, DBKK])
    pd.testing.assert_frame_equal(verdicts.long, shuffled.long)


def test_scores_count_every_test_once() -> None:
    scores = evaluate_all(communes(), [BORDER, DBKK]).scores
    assert (scores["met"] + scores["not_met"] + scores["unknown"] == scores["of"]).all()
    row = scores.set_index(["commune_code", "ruleset"]).loc[("03002", "dbkk-2021")]
    # in scope, not new rural, poverty above 20%; not in the delta, not in the band, not under 10%, not recognised
    assert row[["met", "not_met", "unknown", "of"]].tolist() == [3, 4, 6, 13]
    assert row[["indicators_met", "indicators_of"]].isna().all()


def test_missing_indicators_are_unknown_and_told_once_each() -> None:
    table = communes()[["is_border"]]
    filled, issues = fill_missing(table, [BORDER, DBKK, REGION])
    assert list(table.columns) == ["is_border"]
    added = [name for name in filled if name != "is_border"]
    assert filled[added].isna().all(axis=None)
    assert sorted(issue.column for issue in issues) == sorted(added)
    assert filled["new_rural_recognised"].dtype == "boolean"
    verdicts = evaluate_all(table, [BORDER, DBKK, REGION])
    assert verdicts.wide["development_region"].isna().all()
    assert verdicts.wide["is_extremely_difficult"].isna().all()


def test_the_set_in_force_fills_a_column_that_two_sets_give() -> None:
    table = communes().assign(unmet_region_criteria_count=[2, 7, 4])
    for day, expected in ((date(2025, 6, 30), [3, 1]), (date(2026, 6, 30), [1, 3])):
        for rulesets in ([DBKK, REGION], [REGION, DBKK]):
            verdicts = evaluate_all(table, rulesets, question=Question(day))
            assert verdicts.wide["development_region"].tolist()[:2] == expected
            shared = {issue.column for issue in verdicts.issues if issue.message.id == "classify.column_shared"}
            assert shared == {"development_region", "is_extremely_difficult"}


def test_wrong_requests_are_refused() -> None:
    table = communes()
    with pytest.raises(RuleError, match="03002"):
        evaluate_all(pd.concat([table, table.iloc[:1]]), [BORDER])
    with pytest.raises(RuleError, match="dbkk-2021"):
        evaluate_all(table, [BORDER, DBKK], question=Question(allow_unverified=["dbkk-2012"]))


def test_no_rule_set_and_no_commune_give_empty_tables() -> None:
    none = evaluate_all(communes(), [])
    assert tuple(none.long.columns) == LONG_COLUMNS
    assert list(none.wide.index) == ["03002", "03001", "03003"]
    empty = evaluate_all(communes().iloc[:0], [BORDER, DBKK])
    assert len(empty.long) == len(empty.scores) == 0
    assert list(empty.wide) == ["is_border", "development_region", "is_extremely_difficult"]


def test_the_whole_country_takes_seconds() -> None:
    generator, n = np.random.default_rng(20260630), 3321
    rulesets = [BORDER, DBKK, REGION]
    columns = {name: column for rules in rulesets for name, column in rules.indicators.items()}
    table = pd.DataFrame(index=pd.Index([f"{number:05d}" for number in range(n)], name="commune_code"))
    for name, column in columns.items():
        if column.type == "boolean":
            values = generator.random(n) < 0.5
        elif column.choices:
            values = generator.choice(sorted(column.choices), n)
        else:
            values = np.round(
                generator.random(n) * min(column.maximum or 300, 300), 0 if column.type == "integer" else 2
            )
        gaps = generator.random(n) < 0.15
        table[name] = pd.Series(values, index=table.index).astype(column.dtype).mask(gaps)
    started = time.process_time()
    verdicts = evaluate_all(table, rulesets, question=Question(date(2025, 12, 31)))
    assert time.process_time() - started < 10
    assert len(verdicts.long) == n * (2 + 17 + 10)
