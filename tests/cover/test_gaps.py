"""What is lacking follows from the share that has it, with its bounds."""

from __future__ import annotations

import pandas as pd

from geontm.cover import service_gaps


def table(**columns: list[float | None]) -> pd.DataFrame:
    index = pd.Index(["A", "B"], name="commune_code")
    return pd.DataFrame({name: pd.array(cells, dtype="Float64") for name, cells in columns.items()}, index=index)


def test_the_ends_of_a_share_change_places():
    found = service_gaps(table(clean_water_pct=[30, None], clean_water_pct_low=[30, 20], clean_water_pct_high=[30, 90]))
    assert found["clean_water_gap_pct"].tolist() == [70, pd.NA]
    assert found["clean_water_gap_pct_low"].tolist() == [70, 10]
    assert found["clean_water_gap_pct_high"].tolist() == [70, 80]


def test_two_standards_of_water_have_each_a_gap_of_their_own():
    found = service_gaps(table(clean_water_pct=[30, 40], hygienic_water_pct=[80, 90]))
    assert found["clean_water_gap_pct"].tolist() == [70, 60]
    assert found["hygienic_water_gap_pct"].tolist() == [20, 10]
    assert list(service_gaps(table(hygienic_water_pct=[80, 90]))) == ["hygienic_water_gap_pct"]


def test_a_gap_that_is_given_stands_where_the_share_is_unknown():
    found = service_gaps(table(hygienic_water_pct=[80, None], hygienic_water_gap_pct=[None, 35]))
    assert found["hygienic_water_gap_pct"].tolist() == [20, 35]
