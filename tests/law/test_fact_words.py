"""What a decree says besides its tests is shown in words, never as the research's keys."""

import re

import pytest

from geontm.law import describe
from geontm.project import list_rulesets, read_ruleset

KEY = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
ENGLISH = re.compile(r"\b(?:the|or|around|paved|health|education|housing|information|employment|basic|limited)\b")
WITH_FACTS = [rules.id for rules in list_rulesets() if rules.facts]


def facts_shown(ruleset: str, lang: str) -> list[str]:
    shown = describe(read_ruleset(ruleset), lang)
    head = "Số liệu khác của văn bản:" if lang == "vi" else "Other facts of the document:"
    return shown.split(head)[1].split("\n\n")[0].splitlines()


@pytest.mark.parametrize("ruleset", WITH_FACTS)
def test_no_key_and_no_english_stands_among_the_facts(ruleset):
    for line in facts_shown(ruleset, "vi"):
        assert not KEY.search(line), line
        assert not ENGLISH.search(line), line
    assert not [line for line in facts_shown(ruleset, "en") if KEY.search(line)]


def test_figures_of_a_decree_are_written_as_the_language_writes_them():
    assert "  - Đường cấp A: bề rộng mặt đường: 3,5 m [chưa đối chiếu]" in facts_shown("rural-roads", "vi")
    assert any("10.035" in line for line in facts_shown("admin-2025", "vi"))
    assert any("10,035" in line for line in facts_shown("admin-2025", "en"))


def test_a_condition_on_a_number_is_no_quotation():
    shown = describe(read_ruleset("ntm-2016"), "vi")
    assert "Nhà tạm, dột nát: bằng 0 nhà [9.1;" in shown
    assert "“0" not in shown
