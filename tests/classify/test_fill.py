"""A column that the law asks for and the project lacks: what the planner is told to do about it."""

from __future__ import annotations

import pandas as pd

from geontm.classify.fill import fill_missing
from geontm.project import read_ruleset


def test_the_border_is_asked_for_where_geontm_finds_it() -> None:
    empty = pd.DataFrame(index=pd.Index(["01324"], name="commune_code"))
    _, issues = fill_missing(empty, [read_ruleset("border"), read_ruleset("dbkk-2021")])
    told = {issue.column: issue.message for issue in issues}
    for lang in ("vi", "en"):
        assert 'border_facts: "shipped:border-2025"' in told["is_border"].fix(lang)
        assert "land_border:" in told["is_border"].fix(lang)
        assert "border_facts" not in told["poor_household_pct"].fix(lang)
        assert "poor_household_pct" in told["poor_household_pct"].fix(lang)
