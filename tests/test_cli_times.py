"""Units, days and facts of different times never meet without a word."""

import pytest
from click.testing import CliRunner

from geontm.cli import cli

PROJECT = """name: Thử thời điểm
as_of: {day}
boundaries: {{source: "schematic:communes-{layer}", provinces: ["04"]}}
{facts}standards: [border]
"""
FACTS = 'border_facts: "shipped:border-2025"\n'


def check(folder, monkeypatch, **values):
    monkeypatch.setenv("GEONTM_LANG", "en")
    file = folder / "project.yaml"
    file.write_text(PROJECT.format(**values), encoding="utf-8")
    return CliRunner().invoke(cli, ["check", str(file)])


@pytest.mark.parametrize(
    ("day", "layer", "facts", "told"),
    [
        ("2024-06-30", "2025", FACTS, "the reform of 1 July 2025 lies between"),
        ("2026-06-30", "2024-cases", "", "the reform of 1 July 2025 lies between"),
        ("2024-06-30", "2024-cases", FACTS, "the same code may be another unit"),
    ],
)
def test_what_belongs_to_another_time_is_refused(tmp_path, monkeypatch, day, layer, facts, told):
    result = check(tmp_path, monkeypatch, day=day, layer=layer, facts=facts)
    assert result.exit_code == 1, result.output
    assert told in result.output, result.output


@pytest.mark.parametrize(("day", "layer", "facts"), [("2026-06-30", "2025", FACTS), ("2024-06-30", "2024-cases", "")])
def test_what_belongs_together_is_read(tmp_path, monkeypatch, day, layer, facts):
    assert check(tmp_path, monkeypatch, day=day, layer=layer, facts=facts).exit_code == 0
