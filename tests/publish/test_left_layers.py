"""A layer of which nothing is known in any unit is told in the issues: which one, why, what to do."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geontm.publish import Products, RuleSetNote, write_run
from geontm.publish.left_layers import layers_left
from geontm.tables import Label
from publish_samples import CODES, sample_content

NOTE = RuleSetNote("mountainous", Label("Xã miền núi", "Mountainous"), "1/2026/QĐ", columns=("is_mountainous",))
BRIEFS = pd.DataFrame(
    {
        "commune_code": CODES[:3],
        "ruleset": "mountainous",
        "change_vi": "",
        "change_en": "",
        "missing_vi": ["Độ cao", "Độ cao", "Độ dốc"],
        "missing_en": ["Height", "Height", "Slope"],
    }
)


@pytest.fixture
def content():
    base = sample_content()
    empty = pd.array([None] * 6, dtype="boolean")
    return replace(
        base,
        wide=base.wide.assign(is_mountainous=empty, meets_new_rural=empty),
        rulesets=(*base.rulesets, NOTE),
        briefs=BRIEFS,
    )


def test_a_verdict_open_everywhere_says_what_it_waits_for(content):
    told = {issue.column: issue for issue in layers_left(content, content.styles["classification"])}
    assert list(told) == ["is_mountainous", "meets_new_rural"]
    waits = told["is_mountainous"]
    assert (waits.severity, waits.message.id) == ("warning", "publish.map_layer_waits")
    assert waits.message.text("vi") == (
        "Bản đồ “Phân loại xã” không có lớp “Miền núi”: cả 6 đơn vị đều chưa kết luận; còn thiếu: Độ cao."
    )
    assert waits.message.text("en").endswith("not decided for all 6 units; missing: Height.")
    assert "Bổ sung" in waits.message.fix("vi")
    assert told["meets_new_rural"].message.id == "publish.map_layer_empty"


def test_what_is_shown_or_was_never_asked_is_not_told(content):
    assert not list(layers_left(sample_content(), content.styles["classification"]))
    one = content.wide.assign(is_mountainous=pd.array([True, *[None] * 5], dtype="boolean"))
    left = layers_left(replace(content, wide=one), content.styles["classification"])
    assert [issue.column for issue in left] == ["meets_new_rural"]


def test_the_issues_of_a_run_have_it(content, tmp_path):
    write_run(content, tmp_path, Products(maps=("classification",)))
    rows = (tmp_path / "issues.csv").read_text(encoding="utf-8-sig")
    assert "không có lớp “Miền núi”" in rows and "còn thiếu: Độ cao" in rows
