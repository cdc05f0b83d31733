"""Law that is wrong: each mistake is refused by ``geontm check`` with file, line and remedy, and exit code 1.

The guilty line of a file ends in ``# here``; the message must name that line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from geontm.cli import cli

HEAD = """
id: {name}
label: {{vi: Bộ thử, en: Trial set}}
unit: commune
source: {{document: 1/QĐ-UBND, article: "1"}}
in_force: {{start: 2020-01-01, end: null}}
columns: {{}}
"""
SEEN = 'evidence: {status: verified, sources: ["https://example.org"]}\n'
POOR = "verdict: {id: poor, indicator: poor_household_pct, at_least: 20}\n"
SCORED = """
criteria:
  - number: "1"
    label: {{vi: Nghèo, en: Poverty}}
    size: {size}{mark}
    of:
      - {{id: a, code: "1.1", indicator: poor_household_pct, at_most: 5}}
      - {{id: b, code: "1.2", indicator: clean_water_pct, at_least: 60}}
"""


@dataclass(frozen=True)
class Case:
    """What a planner writes, and what the refusal must say besides file and line."""

    files: dict[str, str]
    says: tuple[str, ...] = ()
    standards: str = "[bo-thu.yaml]"
    more: str = ""
    guilty: str = field(default="bo-thu.yaml")


def own(body: str, *, head: str = HEAD, name: str = "bo-thu", evidence: str = SEEN) -> dict[str, str]:
    return {f"{name}.yaml": head.format(name=name) + evidence + body}


def reading(name: str, other: str, *, mark: str = "") -> dict[str, str]:
    leaf = f"{{id: other, ruleset: {other}, equals: true, label: {{vi: Bộ khác, en: Other set}}}}{mark}"
    return own(
        f"verdict:\n  all:\n    - {{id: poor, indicator: poor_household_pct, at_least: 20}}\n    - {leaf}\n", name=name
    )


def overriding(entry: str) -> dict[str, str]:
    return own(POOR) | {"muc-tinh.yaml": f"overrides:\n  - {entry}  # here\n"}


def overridden(entry: str, *says: str) -> Case:
    return Case(overriding(entry), says, more="overrides: muc-tinh.yaml\n", guilty="muc-tinh.yaml")


BAD: dict[str, Case] = {
    "a misspelt indicator": Case(
        own("verdict: {id: a, indicator: poor_houshold_pct, at_least: 20}  # here\n"),
        ("poor_houshold_pct", "poor_household_pct"),
    ),
    "a threshold in another unit than its column": Case(
        own("verdict: {id: a, indicator: poor_household_pct, unit: hộ, at_least: 20}  # here\n"),
        ("hộ", "%"),
    ),
    "a percentage where the column is a share of one": Case(
        own("verdict: {id: a, indicator: above_200m_share, at_least: 66}  # here\n"),
        ("66", "above_200m_share", "unit"),
    ),
    "a range that is reversed": Case(
        own("verdict:\n  id: a\n  indicator: poor_household_pct\n  within: {from: 20, below: 15}  # here\n"),
        ("a < b",),
    ),
    "an open range that is reversed": Case(
        own("verdict:\n  id: a\n  indicator: poor_household_pct\n  within: {above: 20, up_to: 20}  # here\n"),
        ("a < b",),
    ),
    "evidence that says verified and names no source": Case(
        own(POOR, evidence="evidence: {status: verified}  # here\n"), ("source", "recalled")
    ),
    "two conditions with one id": Case(
        own(
            "verdict:\n  any:\n    - {id: poor, indicator: poor_household_pct, at_least: 20}\n"
            "    - {id: poor, indicator: near_poor_household_pct, at_least: 20}  # here\n"
        ),
        ("poor", "line 11"),
    ),
    "a bare no as a key": Case(
        own("criteria:\n  - no: 1  # here\n    label: {vi: Một, en: One}\n    size: 1\n    of: []\n"), ("quotes",)
    ),
    "a bare no as an answer of a category": Case(
        own("verdict: {id: a, indicator: region, equals: no}  # here\n"), ("equals", "southeast")
    ),
    "a group that does not exist": Case(
        own(
            "verdict:\n  id: a\n  indicator: poor_household_pct\n  at_least:\n    by: region\n"
            "    limits:\n      northwest: 20  # here\n"
        ),
        ("northwest", "southeast"),
    ),
    "a group that was seen and does not exist": Case(
        own(
            "verdict:\n  id: a\n  indicator: poor_household_pct\n  at_least:\n    by: region\n"
            "    limits: {southeast: 20}\n    seen: [mekong_delta]  # here\n"
        ),
        ("mekong_delta", "southeast"),
    ),
    "a criterion smaller than its list": Case(own(SCORED.format(size=1, mark="  # here")), ("size", "2")),
    "a condition set by the province that has a level": Case(
        own("verdict:\n  id: a\n  indicator: poor_household_pct\n  at_least: 20\n  set_by: province  # here\n"),
        ("province", "null"),
    ),
    "more conditions needed than there are": Case(
        own(
            "verdict:\n  count_of:\n    need: 3  # here\n    of:\n"
            "      - {id: a, indicator: poor_household_pct, at_least: 20}\n"
        ),
        ("need", "1"),
    ),
    "a multiple of a figure that nobody publishes": Case(
        own(
            "verdict:\n  id: a\n  indicator: poor_household_pct\n  at_least:\n    times: 2\n"
            "    figure: national_poverty  # here\n"
        ),
        ("national_poverty", "national_multidimensional_poverty_pct"),
    ),
    "an order that leaves an answer out": Case(own(POOR + "worst_first: [met]  # here\n"), ("worst_first", "not_met")),
    "days that run backwards": Case(
        own(POOR, head=HEAD.replace("start: 2020-01-01, end: null}}", "start: 2020-01-01, end: 2019-12-31}}  # here")),
        ("end",),
    ),
    "no verdict at all": Case(own("", head=HEAD.replace("id: {name}", "id: {name}  # here")), ("verdict", "outcomes")),
    "a word that is not YAML for a test": Case(own("verdict:\n  all: poor  # here\n"), ("list",)),
    "an edition that overlaps the one that is shipped": Case(
        own(
            POOR, head=HEAD.replace("columns", "family: region\ncolumns").replace("end: null}}", "end: null}}  # here")
        ),
        ("region", "transition"),
        standards="[bo-thu.yaml, region-2026]",
    ),
    "two editions of a family of one's own that overlap": Case(
        own(POOR, head=HEAD.replace("columns", "family: xa-ngheo\ncolumns"))
        | own(
            POOR,
            name="bo-sau",
            head=HEAD.replace("columns", "family: xa-ngheo\ncolumns").replace(
                "start: 2020-01-01, end: null}}", "start: 2024-01-01, end: null}}  # here"
            ),
        ),
        ("xa-ngheo", "bo-sau", "bo-thu", "transition"),
        standards="[bo-thu.yaml, bo-sau.yaml]",
        guilty="bo-sau.yaml",
    ),
    "a set that reads itself": Case(reading("bo-thu", "bo-thu", mark="  # here"), ("bo-thu → bo-thu",)),
    "two sets that read each other": Case(
        reading("bo-thu", "bo-sau") | reading("bo-sau", "bo-thu", mark="  # here"),
        ("bo-thu → bo-sau → bo-thu", "Remove"),
        standards="[bo-thu.yaml, bo-sau.yaml]",
        guilty="bo-sau.yaml",
    ),
    "a set that reads one that does not exist": Case(
        reading("bo-thu", "regoin-2026", mark="  # here"), ("regoin-2026", "region-2026")
    ),
    "a set that reads a set of another kind of unit": Case(
        reading("bo-thu", "poverty-2021", mark="  # here"), ("poverty-2021", "unit")
    ),
    "a set that reads an outcome that does not exist": Case(
        own(
            "verdict: {id: other, ruleset: region-2026, outcomes: [region_iv],"
            " label: {vi: Bộ khác, en: Other set}}  # here\n"
        ),
        ("region_iv", "region_i"),
    ),
    "a yes or no asked of a set with outcomes": Case(
        reading("bo-thu", "region-2026", mark="  # here"), ("region_iii",)
    ),
    "an override without a document": overridden(
        '{ruleset: bo-thu, test: poor, at_least: 35, unit: "%"}', "document", "number of the decision"
    ),
    "an override of a condition that does not exist": overridden(
        '{ruleset: bo-thu, test: por, at_least: 35, unit: "%", document: 2/QĐ}', "por", "poor"
    ),
    "an override in another unit": overridden(
        "{ruleset: bo-thu, test: poor, at_least: 35, unit: hộ, document: 2/QĐ}", "hộ", "%"
    ),
    "an override without a unit": overridden("{ruleset: bo-thu, test: poor, at_least: 35, document: 2/QĐ}", "unit"),
    "an override beyond the range of its column": overridden(
        '{ruleset: bo-thu, test: poor, at_least: 350, unit: "%", document: 2/QĐ}', "350", "unit"
    ),
    "an override of a set that the project does not use": overridden(
        '{ruleset: dbkk-2021, test: poor, at_least: 35, unit: "%", document: 2/QĐ}', "dbkk-2021", "bo-thu"
    ),
    "an override without a level": overridden(
        '{ruleset: bo-thu, test: poor, unit: "%", document: 2/QĐ}', "comparison", "at_least"
    ),
}


@pytest.mark.parametrize("case", BAD.values(), ids=list(BAD))
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_bad_law_is_refused_with_file_line_and_remedy(tmp_path: Path, case: Case, lang: str) -> None:
    for name, text in case.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    project = tmp_path / "project.yaml"
    project.write_text(
        'name: Thử\nas_of: 2026-06-30\nboundaries: {source: "schematic:communes-2025", provinces: ["04"]}\n'
        f"standards: {case.standards}\n{case.more}",
        encoding="utf-8",
    )
    lines = case.files[case.guilty].splitlines()
    line = next(number for number, text in enumerate(lines, start=1) if text.endswith("# here"))
    result = CliRunner().invoke(cli, ["check", str(project), "--lang", lang])
    assert result.exit_code == 1, result.output
    assert re.search(rf"{re.escape(case.guilty)}:{line}\b", result.output), result.output
    assert {"vi": "cách xử lý: ", "en": "fix: "}[lang] in result.output.casefold(), result.output
    assert "Traceback" not in result.output
    if lang == "en":
        for word in case.says:
            assert word in result.output, result.output


def test_good_law_is_not_refused(tmp_path: Path) -> None:
    """The frame of the cases above is sound: without their mistake nothing is refused."""
    files = own(SCORED.format(size=2, mark="")) | {
        "muc-tinh.yaml": 'overrides:\n  - {ruleset: bo-thu, test: a, at_most: 3, unit: "%", document: 2/QĐ}\n'
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    project = tmp_path / "project.yaml"
    project.write_text(
        'name: Thử\nas_of: 2026-06-30\nboundaries: {source: "schematic:communes-2025", provinces: ["04"]}\n'
        "standards: [bo-thu.yaml]\noverrides: muc-tinh.yaml\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(cli, ["check", str(project), "--lang", "en"])
    assert result.exit_code == 0, result.output
