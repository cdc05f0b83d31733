"""The page of the dictionary lists the words of layers, too: what a planner may write is what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "data-dictionary.md"


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("surface", "concrete", "btxm"),
        ("road_class", "village_road", "trục thôn"),
        ("road_class", "national_road", "ql"),
        ("working", "broken", "ngừng hoạt động"),
        ("road_class", "lane", "living_street"),
    ],
)
def test_a_word_of_a_layer_stands_beside_what_it_means(column: str, value: str, word: str):
    rows = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    meant = [row[-1] for row in rows if row[0] == f"| `{column}`" and row[1] == f"`{value}`"]
    assert any(f"`{word}`" in words for words in meant)
