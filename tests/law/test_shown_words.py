"""How a rule set is read on the screen: results of other sets by name, equality as equality, counts as counts."""

from __future__ import annotations

import pytest

from geontm.law import describe
from geontm.law.words import say_limit
from geontm.messages import Language, say
from geontm.project import list_rulesets, read_ruleset
from geontm.tables import Column, Label


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_result_of_another_set_is_named_by_its_label(lang: Language) -> None:
    target = read_ruleset("dbkk-2021").outcome("region_iii").label[lang]
    by_label = describe(read_ruleset("ntm-2021"), lang, others=list_rulesets())
    assert f"dbkk-2021 ({target}" in by_label
    assert "(region_iii" not in by_label
    assert "dbkk-2021 (region_iii" in describe(read_ruleset("ntm-2021"), lang)


def test_an_equal_number_is_said_as_equality() -> None:
    houses = Column("temporary_house_count", "integer", Label("Số nhà tạm", "Temporary houses"), unit="nhà")
    assert say_limit("equals", 0, houses, "vi") == "bằng 0 nhà"
    assert say_limit("equals", 0, houses, "en") == "equal to 0 houses"


def test_a_count_of_one_reads_as_well_as_any() -> None:
    assert say("cli.issue_counts", "en", error=1, warning=0, info=2) == "errors: 1, warnings: 0, notes: 2"
    numbers = {"n": 1, "equal": 1, "fits": 0, "differs": 0, "not_comparable": 0}
    assert say("totals.summary", "en", **numbers).startswith("Comparisons: 1; equal: 1;")
    assert "1 comparisons" not in say("totals.shown_by", "en", n=1)
