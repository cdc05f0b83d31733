"""The sample run with two rule sets decided: regions I to III with their difficult villages, and the land border."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from geontm.publish import ConditionNote, Content, OutcomeNote, RuleSetNote
from geontm.tables import Label
from publish_samples import CODES, sample_content

REGIONS = {"01001": "region_iii", "01002": "region_i", "02001": "region_ii", "02002": "region_iii"}
OUTSIDE = "02003"
AT_LEAST_6 = Label("từ 6 tiêu chí trở lên", "6 criteria or more")
REGION_SET = RuleSetNote(
    "region-2026",
    Label("Xã khu vực III, II, I", "Regions III, II, I"),
    "272/2025/NĐ-CP",
    columns=("development_region", "is_extremely_difficult"),
    day=date(2025, 10, 16),
    outcomes=(
        OutcomeNote("region_iii", Label("Xã khu vực III", "Region III commune"), "III", 3),
        OutcomeNote("region_ii", Label("Xã khu vực II", "Region II commune"), "II", 2),
        OutcomeNote("region_i", Label("Xã khu vực I", "Region I commune"), "I", 1),
    ),
    conditions=(
        ConditionNote(
            "unmet_6",
            Label("Số tiêu chí chưa đạt", "Unmet criteria"),
            AT_LEAST_6,
            {">= 6": AT_LEAST_6},
            Label("272/2025/NĐ-CP", "272/2025/NĐ-CP"),
        ),
    ),
)
BORDER_SET = RuleSetNote(
    "border",
    Label("Xã biên giới", "Border commune"),
    "34/2014/NĐ-CP",
    columns=("is_border",),
    day=date(2014, 4, 29),
    conditions=(
        ConditionNote(
            "on_land_border",
            Label("Giáp đường biên giới", "On the land border"),
            Label("là “có”", "“yes”"),
            {"true": Label("là “có”", "“yes”")},
            Label("Khoản 1 Điều 3, 34/2014/NĐ-CP", "Article 3 clause 1, 34/2014/NĐ-CP"),
        ),
    ),
)
BORDER = {
    "01001": "met",
    "01002": "not_met",
    "01003": "unknown",
    "02001": "met",
    "02002": "not_met",
    "02003": "not_met",
}


def listed_content(**changes: Any) -> Content:
    """Return six units: four with a region, one undecided (01003), one outside the scope (02003)."""
    content = sample_content()
    wide = content.wide.assign(
        development_region=pd.array([3, 1, None, 2, 3, None], dtype="Int64"),
        is_extremely_difficult=pd.array([True, False, None, False, True, False], dtype="boolean"),
        extremely_difficult_village_count=pd.array([4, 0, 2, None, 3, 0], dtype="Int64"),
        border_neighbours=pd.array(["China", "", None, "China, Laos", "", ""], dtype="str"),
    )
    rows = [row for code in CODES for row in (*_region_rows(code), *_border_rows(code))]
    verdicts = pd.DataFrame(rows)
    briefs = pd.DataFrame(
        [("01003", "region-2026", "", "", "Số tiêu chí chưa đạt", "Unmet criteria")],
        columns=["commune_code", "ruleset", "change_vi", "change_en", "missing_vi", "missing_en"],
    )
    gaps = pd.DataFrame(
        [
            ("01003", "region-2026", "figure", "unmet_region_criteria_count", "Số tiêu chí chưa đạt", "Unmet criteria"),
            ("01003", "border", "figure", "is_border", "Giáp đường biên giới", "On the land border"),
        ],
        columns=["commune_code", "ruleset", "kind", "name", "label_vi", "label_en"],
    )
    scores = pd.DataFrame({"commune_code": CODES * 2, "ruleset": ["region-2026"] * 6 + ["border"] * 6,
                           "illustrative": pd.array([False] * 12, dtype="boolean")})  # fmt: skip
    priority = pd.DataFrame(
        {
            "priority_score": pd.array([0.9, 0.2, None, 0.4, 0.5, 0.6], dtype="Float64"),
            "priority_rank": pd.array([1, 5, None, 4, 3, 2], dtype="Int64"),
            "part_poor_household_pct": pd.array([0.9, 0.2, None, 0.4, 0.5, 0.6], dtype="Float64"),
        },
        index=pd.Index(CODES, name="commune_code"),
    )
    own: dict[str, Any] = {
        "wide": wide, "rulesets": (REGION_SET, BORDER_SET),
        "verdicts": verdicts, "briefs": briefs, "gaps": gaps, "scores": scores, "priority": priority,
    }  # fmt: skip
    return replace(content, **{**own, **changes})


def _row(code: str, ruleset: str, test: str, answer: str, **more: Any) -> dict[str, Any]:
    row = {"commune_code": code, "ruleset": ruleset, "test": test, "answer": answer, "value": pd.NA, "threshold": pd.NA}
    row |= {
        "distance": pd.NA,
        "article": "272/2025/NĐ-CP",
        "reason_vi": f"{test}: vì thế.",
        "reason_en": f"{test}: so.",
    }
    return {**row, **more}


def _region_rows(code: str) -> list[dict[str, Any]]:
    region = REGIONS.get(code)
    outside = code == OUTSIDE
    count = {"region_iii": "7", "region_ii": "4", "region_i": "1"}.get(region or "", pd.NA)
    open_or = "not_met" if outside else "unknown"
    rows = [
        _row(code, "region-2026", "unmet_6", open_or if region is None else "met" if count == "7" else "not_met",
             value=count, threshold=">= 6", reason_vi="Số tiêu chí chưa đạt: 7; điều kiện.")
    ]  # fmt: skip
    for name in ("region_iii", "region_ii", "region_i"):
        answer = open_or if region is None else "met" if region == name else "not_met"
        rows.append(_row(code, "region-2026", name, answer))
    verdict = open_or if region is None else "met"
    rows.append(
        _row(code, "region-2026", "region-2026", verdict, value="outside_scope" if outside else region or pd.NA)
    )
    return rows


def _border_rows(code: str) -> list[dict[str, Any]]:
    answer = BORDER[code]
    value = {"met": "true", "not_met": "false"}.get(answer, pd.NA)
    article = "Khoản 1 Điều 3, 34/2014/NĐ-CP"
    return [
        _row(code, "border", "on_land_border", answer, value=value, threshold="true", article=article,
             reason_vi="Giáp đường biên giới: có."),
        _row(code, "border", "border", answer, article=article, reason_vi="Xã biên giới, vì: giáp biên giới."),
    ]  # fmt: skip
