"""What a run counts: a commune that the law puts in no region is not one whose region is open."""

from __future__ import annotations

import pandas as pd

from geontm.pipeline.account import count_answers

CODES = pd.Index(["01001", "01002", "01003", "01004"], name="commune_code")


def test_a_commune_in_no_region_is_not_an_open_one():
    table = pd.DataFrame({"development_region": pd.array([3, None, None, None], dtype="Int64")}, index=CODES)
    counts = count_answers(table, no_region={"01002", "01003"})
    assert (counts["development_region_none"], counts["development_region_unknown"]) == (2, 1)
    assert counts["development_region_3"] == 1
    assert sum(counts[f"development_region_{key}"] for key in (1, 2, 3, "none", "unknown")) == counts["communes"] == 4


def test_without_decisions_every_gap_is_open():
    table = pd.DataFrame({"development_region": pd.array([None, 1, None, 2], dtype="Int64")}, index=CODES)
    assert count_answers(table)["development_region_unknown"] == 2
