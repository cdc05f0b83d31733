"""Which rule sets a project asks: by family and date, its own files, references, overrides with their documents."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geontm.errors import GeontmError, RuleError, VintageError
from geontm.law import evaluate, explain
from geontm.law.limits import Facts
from geontm.project import list_rulesets, read_project, read_ruleset

OWN = """
id: {id}
label: {{vi: Bộ thử, en: Trial set}}
unit: commune
family: {family}
source: {{document: 1/QĐ-UBND}}
in_force: {{start: {start}, end: {end}}}
columns: {{}}
verdict: {verdict}
"""
POOR = "{id: poor, indicator: poor_household_pct, at_least: 20, evidence: {status: recalled}}"


def project(folder: Path, standards: str, *, as_of: str = "2026-06-30", more: str = "") -> Path:
    file = folder / "project.yaml"
    file.write_text(
        f'name: Thử\nas_of: {as_of}\nboundaries: {{source: "schematic:communes-2025", provinces: ["04"]}}\n'
        f"standards: {standards}\n{more}",
        encoding="utf-8",
    )
    return file


def own(folder: Path, name: str, *, family: str = "trial", start: str = "2020-01-01", end: str = "null",
        verdict: str = POOR) -> None:  # fmt: skip
    text = OWN.format(id=name, family=family, start=start, end=end, verdict=verdict)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def overrides(folder: Path, *entries: str) -> str:
    lines = "\n".join(f"  - {entry}" for entry in entries)
    (folder / "muc-tinh.yaml").write_text(f"overrides:\n{lines}\n", encoding="utf-8")
    return "overrides: muc-tinh.yaml\n"


@pytest.mark.parametrize(
    ("as_of", "edition"), [("2024-06-30", "dbkk-2021"), ("2025-12-15", "dbkk-2021"), ("2026-01-01", "region-2026")]
)
def test_a_family_gives_the_edition_of_the_date(tmp_path: Path, as_of: str, edition: str) -> None:
    found = read_project(project(tmp_path, "[region]", as_of=as_of)).rulesets
    assert edition in [rules.id for rules in found if rules.unit == "commune"]
    assert not {"dbkk-2021", "region-2026"} - {edition} & {rules.id for rules in found}


def test_a_family_without_an_edition_of_the_date_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VintageError, match="region") as caught:
        read_project(project(tmp_path, "[border, region]", as_of="2001-01-01"))
    assert "project.yaml:4 " in caught.value.where
    for lang in ("vi", "en"):
        assert "allow_out_of_force" in caught.value.message.fix(lang)
        assert "region-2026 (" in caught.value.message.fix(lang)


def test_the_name_of_a_family_is_answered_with_its_editions() -> None:
    with pytest.raises(RuleError) as caught:
        read_ruleset("region")
    editions = [rules for rules in list_rulesets() if rules.family == "region"]
    assert len(editions) > 1
    for rules in editions:
        assert f"{rules.id} ({rules.in_force.start}" in caught.value.message.fix("en")


def test_a_set_brings_those_that_it_reads(tmp_path: Path) -> None:
    own(tmp_path, "khu-vuc-3", verdict="{id: difficult, ruleset: region-2026, outcomes: [region_iii], "
        "label: {vi: Khu vực III, en: Region III}, evidence: {status: recalled}}")  # fmt: skip
    found = read_project(project(tmp_path, "[khu-vuc-3.yaml]"))
    assert [rules.id for rules in found.rulesets] == ["khu-vuc-3", "region-2026"]
    assert [issue.message.id for issue in found.issues] == ["project.standard_added"]


def test_an_override_sets_a_threshold_and_is_cited(tmp_path: Path) -> None:
    own(tmp_path, "trial")
    more = overrides(
        tmp_path, '{ruleset: trial, test: poor, at_least: 35, unit: "%", document: 70/QĐ-UBND, article: "2"}'
    )
    rules = read_project(project(tmp_path, "[trial.yaml]", more=more)).rulesets[0]
    table = pd.DataFrame({"poor_household_pct": [35.0, 34.9, None]}, index=["00001", "00002", "00003"])
    answers = evaluate(table, rules)
    assert answers["trial"].tolist()[:2] == [True, False]
    assert pd.isna(answers["trial"]["00003"])
    told = explain(Facts(table), rules, answers)
    assert "Điều 2, 70/QĐ-UBND" in told["reason_vi"][0]
    assert "1/QĐ-UBND" not in told["reason_vi"][0]


def test_without_the_override_a_recalled_threshold_decides_nothing(tmp_path: Path) -> None:
    own(tmp_path, "trial")
    rules = read_project(project(tmp_path, "[trial.yaml]")).rulesets[0]
    assert evaluate(pd.DataFrame({"poor_household_pct": [99.0]}), rules)["trial"].isna().all()


@pytest.mark.parametrize(
    ("entry", "message", "remedy"),
    [
        ('{ruleset: trial, test: poor, at_least: 35, unit: "%"}', "rulesets.override_without_document", "document"),
        ("{ruleset: trial, test: poor, at_least: 35, document: D}", "rulesets.override_without_unit", "%"),
        ("{ruleset: trial, test: poor, at_least: 35, unit: km, document: D}", "rulesets.wrong_unit", "%"),
        ('{ruleset: trial, test: poor, at_least: 135, unit: "%", document: D}', "rulesets.limit_out_of_range", ""),
        ('{ruleset: trail, test: poor, at_least: 35, unit: "%", document: D}', "rulesets.unknown_word", "trial"),
        ('{ruleset: trial, test: por, at_least: 35, unit: "%", document: D}', "law.override_unknown", "poor"),
        ('{ruleset: trial, test: poor, at_lest: 35, unit: "%", document: D}', "rulesets.unknown_key", "at_least"),
    ],
)
def test_a_wrong_override_is_refused_with_file_line_and_remedy(
    tmp_path: Path, entry: str, message: str, remedy: str
) -> None:
    own(tmp_path, "trial")
    more = overrides(tmp_path, '{ruleset: trial, test: poor, at_least: 1, unit: "%", document: D}', entry)
    with pytest.raises(GeontmError) as refused:
        read_project(project(tmp_path, "[trial.yaml]", more=more))
    assert refused.value.message.id == message
    assert "muc-tinh.yaml:3" in refused.value.text("en")
    assert remedy in refused.value.text("en")


def test_two_overrides_of_one_condition_are_refused(tmp_path: Path) -> None:
    own(tmp_path, "trial")
    entry = '{ruleset: trial, test: poor, at_least: 1, unit: "%", document: D}'
    with pytest.raises(GeontmError) as refused:
        read_project(project(tmp_path, "[trial.yaml]", more=overrides(tmp_path, entry, entry)))
    assert refused.value.message.id == "law.override_twice"


def test_an_edition_of_ones_own_must_not_overlap_the_shipped_one(tmp_path: Path) -> None:
    own(tmp_path, "khu-vuc-tinh", family="region", start="2026-06-01")
    with pytest.raises(GeontmError) as refused:
        read_project(project(tmp_path, "[khu-vuc-tinh.yaml]"))
    assert refused.value.message.id == "law.editions_overlap"
    assert "khu-vuc-tinh.yaml:7" in refused.value.text("en")


def test_sets_that_read_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        own(tmp_path, name, family=name, verdict=f"{{id: r_{name}, ruleset: {other}, equals: true, "
            "label: {vi: Kia, en: Other}, evidence: {status: recalled}}")  # fmt: skip
    with pytest.raises(GeontmError) as refused:
        read_project(project(tmp_path, "[a.yaml, b.yaml]"))
    assert refused.value.message.id == "law.circle"
    assert "b.yaml:9" in refused.value.text("en")


def test_the_shipped_sets_hold_together() -> None:
    assert read_ruleset("dbkk-2021").in_force.end


def test_a_set_that_came_along_may_be_allowed_outside_its_dates(tmp_path: Path) -> None:
    more = "allow_out_of_force: [ntm-2021, dbkk-2021]\n"
    found = read_project(project(tmp_path, "[ntm-2021]", as_of="2026-06-30", more=more))
    assert [rules.id for rules in found.rulesets] == ["ntm-2021", "dbkk-2021"]
    assert found.allow_out_of_force == ("ntm-2021", "dbkk-2021")


def test_a_set_that_judges_nothing_here_is_told(tmp_path: Path) -> None:
    found = read_project(project(tmp_path, "[border, poverty, dbkk-2021-village, water-definitions, programme-targets]",
                                 as_of="2024-06-30"))  # fmt: skip
    told = {(issue.severity, issue.value): issue.message.id for issue in found.issues}
    assert told == {
        ("warning", "poverty-2021"): "project.standard_without_units",
        ("warning", "dbkk-2021-village"): "project.standard_without_units",
        ("info", "water-definitions"): "project.standard_not_judged",
        ("info", "programme-targets"): "project.standard_not_judged",
    }


def test_a_family_brings_only_the_units_that_the_project_has(tmp_path: Path) -> None:
    found = read_project(project(tmp_path, "[mountainous]"))
    assert [rules.unit for rules in found.rulesets] == ["commune", "province"]
    assert not found.issues
