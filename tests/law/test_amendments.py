"""A result never cites an amendment that came after its day."""

from datetime import date

import pytest

from geontm.law import as_it_stood
from geontm.law.words import citation
from geontm.project import read_project, read_ruleset

PROJECT = """
name: Thử
as_of: {day}
boundaries: {{source: "schematic:communes-2025", provinces: ["04"]}}
standards: [border]
"""


@pytest.mark.parametrize(
    ("ruleset", "day", "cited"),
    [
        ("border", date(2018, 12, 31), False),
        ("border", date(2025, 11, 16), False),
        ("border", date(2025, 11, 17), True),
        ("ntm-2021", date(2023, 8, 24), False),
        ("ntm-2021", date(2024, 3, 1), True),
        ("poverty-2021", date(2024, 12, 31), False),  # the day is not known, the year stands in the number
        ("poverty-2021", date(2025, 1, 1), True),
        ("dbkk-2021", date(2021, 1, 1), False),  # never amended
    ],
)
def test_an_amendment_is_cited_from_its_day_on(ruleset, day, cited):
    rules = read_ruleset(ruleset)
    assert ("sửa đổi" in citation(as_it_stood(rules, day), "3", "vi")) is cited
    assert as_it_stood(rules, date(2030, 1, 1)) == rules


@pytest.mark.parametrize(("day", "cited"), [("2025-07-02", ""), ("2026-01-31", "299/2025/NĐ-CP")])
def test_a_project_reads_the_law_of_its_own_day(tmp_path, day, cited):
    file = tmp_path / "project.yaml"
    file.write_text(PROJECT.format(day=day), encoding="utf-8")
    assert [rules.source.amended_by for rules in read_project(file).rulesets] == [cited]
