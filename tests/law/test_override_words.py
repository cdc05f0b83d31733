"""An override names columns in the words of its rule set's kind of unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from geontm.errors import RuleError
from geontm.project import read_dictionary, read_ruleset
from geontm.project.dictionary import read_law_dictionary
from geontm.project.overrides import read_overrides

OWN = next(
    column
    for column in read_law_dictionary("village")
    if column.type == "number" and column.unit == "%" and column.name not in read_dictionary("indicators")
)


def write(folder: Path, ruleset: str, test: str) -> Path:
    entry = f'ruleset: {ruleset}, test: {test}, indicator: {OWN.name}, at_least: 90, unit: "%", document: 1/QĐ-UBND'
    file = folder / "muc-tinh.yaml"
    file.write_text(f"overrides:\n  - {{{entry}}}\n", encoding="utf-8")
    return file


def test_a_condition_of_villages_takes_a_column_of_villages(tmp_path: Path) -> None:
    rules = read_ruleset("village-1385-2018")
    (found,) = read_overrides(write(tmp_path, rules.id, rules.leaves[0].id), [rules])
    assert found.column == OWN


def test_a_condition_of_communes_does_not(tmp_path: Path) -> None:
    rules = read_ruleset("ntm-2021")
    with pytest.raises(RuleError, match=OWN.name):
        read_overrides(write(tmp_path, rules.id, rules.tests[0].id), [rules])
