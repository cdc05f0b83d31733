"""Two small poverty standards in the shape of the shipped ones, all thresholds verified."""

from __future__ import annotations

from pathlib import Path

from geontm.law import RuleSet
from geontm.project import read_ruleset
from geontm.project.dictionary import read_dictionary

HOUSEHOLDS = read_dictionary("households")

LINES_2016 = """
id: poverty-2016
label: {vi: Chuẩn nghèo 2016–2020, en: Poverty standard 2016–2020}
unit: household
source: {document: 59/2015/QĐ-TTg, article: "2"}
in_force: {start: 2016-01-01, end: 2021-12-31}
columns: {}
evidence: {status: verified, sources: [https://example.org/59-2015]}
outcomes:
  - id: poor
    label: {vi: Hộ nghèo, en: Poor}
    value: poor
    when:
      any:
        - {id: below_policy_line, indicator: income_per_person_month_vnd, unit: đồng/tháng,
               at_most: {by: area_type, limits: {rural: 700000, urban: 900000}}}
        - all:
            - {id: below_living_line, indicator: income_per_person_month_vnd, unit: đồng/tháng,
               at_most: {by: area_type, limits: {rural: 1000000, urban: 1300000}}}
            - {id: deprived, indicator: deprivation_count_2016, unit: chỉ số, at_least: 3}
  - id: near_poor
    label: {vi: Hộ cận nghèo, en: Near-poor}
    value: near_poor
    when: {id: near_line, indicator: income_per_person_month_vnd, unit: đồng/tháng,
               at_most: {by: area_type, limits: {rural: 1000000, urban: 1300000}}}
  - {id: not_poor, label: {vi: Không nghèo, en: Not poor}, value: not_poor, otherwise: true}
"""
LINES_2021 = """
id: poverty-2021
label: {vi: Chuẩn nghèo 2022–2025, en: Poverty standard 2022–2025}
unit: household
source: {document: 07/2021/NĐ-CP, article: "3"}
in_force: {start: 2022-01-01, end: 2026-12-31}
columns: {}
evidence: {status: verified, sources: [https://example.org/07-2021]}
outcomes:
  - id: poor
    label: {vi: Hộ nghèo, en: Poor}
    value: poor
    when:
      all:
        - {id: below_line, indicator: income_per_person_month_vnd, unit: đồng/tháng,
               at_most: {by: area_type, limits: {rural: 1500000, urban: 2000000}}}
        - {id: deprived, indicator: deprivation_count_2021, unit: chỉ số, at_least: 3}
  - id: near_poor
    label: {vi: Hộ cận nghèo, en: Near-poor}
    value: near_poor
    when:
      all:
        - {id: below_line_too, indicator: income_per_person_month_vnd, unit: đồng/tháng,
               at_most: {by: area_type, limits: {rural: 1500000, urban: 2000000}}}
        - {id: less_deprived, indicator: deprivation_count_2021, unit: chỉ số, less_than: 3}
  - {id: not_poor, label: {vi: Không nghèo, en: Not poor}, value: not_poor, otherwise: true}
"""


def standards(folder: Path) -> tuple[RuleSet, RuleSet]:
    """Read both; the older first."""
    read = []
    for name, text in (("poverty-2016", LINES_2016), ("poverty-2021", LINES_2021)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        read.append(read_ruleset(folder / f"{name}.yaml", HOUSEHOLDS))
    return read[0], read[1]
