"""The examples of the page on adding a rule set are rule sets."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from geontm.classify import evaluate_all
from geontm.project import read_ruleset

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-rule-set.md"
EXAMPLES = re.findall(r"```yaml\n(id: .*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_is_read_and_answers(tmp_path: Path, number: int) -> None:
    file = tmp_path / "example.yaml"
    file.write_text(EXAMPLES[number], encoding="utf-8")
    rules = read_ruleset(file)
    table = pd.DataFrame({"poor_household_pct": [2.0, 50.0]}, index=pd.Index(["00001", "00002"], name="commune_code"))
    verdicts = evaluate_all(table, [rules])
    assert len(verdicts.decisions) == 2


def test_the_page_shows_a_set_with_outcomes_and_a_scored_one() -> None:
    assert ["outcomes:" in text for text in EXAMPLES] == [True, False]
    assert ["criteria:" in text for text in EXAMPLES] == [False, True]


def test_every_word_of_the_format_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    words = (
        "worst_first",
        "group_override",
        "transition",
        "assessed",
        "set_by",
        "times",
        "applies_when",
        "seen",
        "family",
    )
    assert not [word for word in words if word not in text]
