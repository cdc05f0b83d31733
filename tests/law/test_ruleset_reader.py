"""A rule set that is wrong is refused when it is read, with file, line and the nearest known word."""

from __future__ import annotations

from pathlib import Path

import pytest

from geontm.errors import GeontmError, ProjectError, RuleError, SourceError
from geontm.law import as_data, describe, evidence_counts
from geontm.project.rulesets import list_rulesets, read_ruleset

GOOD = """\
id: trial
label: {vi: Bộ thử, en: Trial set}
unit: commune
source: {document: 1/QĐ, article: "1"}
in_force: {start: 2020-01-01, end: null}
columns: {development_region: value, is_extremely_difficult: third}
evidence: {status: verified, sources: ["https://example.org"]}
scope: {id: in_area, indicator: ethnic_minority_household_pct, unit: "%", at_least: 15}
outcomes:
  - id: third
    label: {vi: Ba, en: Three}
    value: 3
    when:
      count_of:
        need: 2
        of:
          - {id: poor, indicator: poor_household_pct, at_least: {by: region, limits: {mekong_delta: 15}, default: 20}}
          - {id: water, indicator: clean_water_pct, less_than: 60}
          - not: {id: roads, indicator: hardened_road_pct, at_least: 60}
  - id: second
    label: {vi: Hai, en: Two}
    value: 2
    otherwise: true
"""


def read(tmp_path: Path, text: str):
    path = tmp_path / "trial.yaml"
    path.write_text(text, encoding="utf-8")
    return read_ruleset(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    rules = read(tmp_path, GOOD)
    assert [test.id for test in rules.tests] == ["in_area", "poor", "water", "roads"]
    assert list(rules.indicators) == [
        "ethnic_minority_household_pct", "poor_household_pct", "region", "clean_water_pct", "hardened_road_pct",
    ]  # fmt: skip
    assert rules.in_force.end is None


WRONG = {
    "a misspelt indicator": ("poor_household_pct", "poor_houshold_pct", 17, "poor_household_pct"),
    "a misspelt key": ("at_least: 15}", "at_lest: 15}", 8, "at_least"),
    "a key of the set": ("in_force:", "inforce:", 5, "in_force"),
    "a misspelt region": ("{mekong_delta: 15}", "{mekong: 15}", 17, "mekong_delta"),
    "a threshold in another unit": ('unit: "%", at_least: 15', "unit: hộ, at_least: 15", 8, "%"),
    "a share where a percent belongs": ("less_than: 60", "less_than: 600", 18, "clean_water_pct"),
    "an id that stands twice": ("id: water", "id: poor", 18, "17"),
    "a count that cannot be reached": ("need: 2", "need: 4", 15, "3"),
    "no article quotes": ('article: "1"', "article: 1", 4, "article"),
    "a result column that does not exist": (
        "development_region: value", "developmentregion: value", 6, "development_region",
    ),
    "a filler that does not exist": ("is_extremely_difficult: third", "is_extremely_difficult: thrid", 6, "third"),
    "verified without a source": ('sources: ["https://example.org"]', "sources: []", 7, "verified"),
    "dates the wrong way round": ("end: null", "end: 2019-12-31", 5, ""),
    "a date that is text": ("start: 2020-01-01", 'start: "1/1/2020"', 5, "2026-06-30"),
    "two comparisons": ("less_than: 60}", "less_than: 60, at_least: 50}", 18, "at_least"),
    "no comparison": (", less_than: 60}", "}", 18, "at_least"),
    "a text where a number belongs": ("less_than: 60", 'less_than: "60"', 18, "less_than"),
    "an order of things that have none": (
        "indicator: clean_water_pct, less_than: 60", "indicator: region, less_than: 60", 18, "one_of",
    ),
    "an unknown unit": ("unit: commune", "unit: comune", 3, "commune"),
    "an unknown status": ("status: verified", "status: verifed", 7, "verified"),
    "bare no as a key": ("label: {vi: Bộ thử, en: Trial set}", "label: {vi: Bộ thử, no: Trial set}", 2, "no"),
    "a missing label": ("{vi: Ba, en: Three}", "{vi: Ba}", 11, "en"),
    "both when and otherwise": (
        "otherwise: true", "otherwise: true\n    when: {id: x, indicator: population, at_least: 1}", 20, "",
    ),
    "neither verdict nor outcomes": (GOOD[GOOD.index("outcomes:"):], "", 1, "verdict"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG.values(), ids=list(WRONG))
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, case: tuple[str, str, int, str]) -> None:
    old, new, line, named = case
    assert GOOD.count(old) >= 1
    with pytest.raises(RuleError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert caught.value.where == f"trial.yaml:{line}"
    assert named in caught.value.text("en")
    assert caught.value.text("vi") != caught.value.text("en")


def test_otherwise_must_stand_last(tmp_path: Path) -> None:
    first, second = (
        GOOD[GOOD.index("  - id: third") : GOOD.index("  - id: second")],
        GOOD[GOOD.index("  - id: second") :],
    )
    with pytest.raises(RuleError) as caught:
        read(tmp_path, GOOD.replace(first + second, second + first))
    assert caught.value.where == "trial.yaml:10"


def test_a_test_without_evidence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="evidence"):
        read(tmp_path, "\n".join(line for line in GOOD.splitlines() if not line.startswith("evidence")))


@pytest.mark.parametrize("text", ["- a\n- b\n", "", "just text"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RuleError):
        read(tmp_path, text)


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError):
        read(tmp_path, "id: [1, 2\nlabel: }")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        read_ruleset(tmp_path / "nowhere.yaml")


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(RuleError) as caught:
        read_ruleset("dbkk-2012")
    assert "dbkk-2021" in caught.value.text("en")


@pytest.mark.parametrize("rules", list_rulesets(), ids=lambda rules: rules.id)
def test_the_description_shows_every_test_threshold_and_source(rules) -> None:
    for lang in ("vi", "en"):
        text = describe(rules, lang)
        assert rules.source.document in text
        for test in rules.tests:
            assert test.id in text
            assert test.label[lang] in text
        for url in rules.source.urls:
            assert url in text
    rows = {row.code for row in (*rules.leaves, *rules.definitions) if row.code}
    assert sum(evidence_counts(rules).values()) == (len(rows) or len(rules.leaves))


def test_thresholds_read_like_the_decree() -> None:
    text = describe(read_ruleset("dbkk-2021"), "vi")
    assert "Đồng bằng sông Cửu Long: từ 15% trở lên; các nhóm khác: từ 20% trở lên" in text
    assert "trên 150 hộ" in text
    assert "Hiệu lực: từ 31/12/2020 đến 31/12/2025" in text
    assert "In force: from 2014-06-15, no end fixed" in describe(read_ruleset("border"), "en")


def test_the_data_form_holds_every_threshold() -> None:
    data = as_data(read_ruleset("dbkk-2021"))
    poor = data["outcomes"][0]["when"]["all"][1]["any"][0]
    assert poor["threshold"] == {"by": "region", "limits": {"mekong_delta": 15.0}, "default": 20.0}
    assert data["outcomes"][2]["when"] == "otherwise"


@pytest.mark.parametrize("rules", list_rulesets(), ids=lambda rules: rules.id)
def test_shipped_numbers_state_their_unit_and_their_source(rules) -> None:
    """What was seen names where; what was not established holds no number; a percent may not pass for a share."""
    for row in (*rules.leaves, *rules.definitions, *rules.facts):
        assert row.evidence.sources or row.evidence.status != "verified"
    for test in rules.tests:
        assert test.threshold is None or test.evidence.status != "unknown"
        assert (
            test.column.unit
            or test.column.type in ("boolean", "category")
            or test.indicator.endswith(("_share", "_level"))
        )


def test_errors_are_of_one_family() -> None:
    assert issubclass(RuleError, GeontmError)
