"""The region comes from the project's table, else from the province, else it is unknown."""

import pandas as pd

from geontm.join import region_of_province
from geontm.load import read_regions, read_register

REGIONS = pd.Series({"04": "northern_midlands_mountains", "96": "mekong_delta"})
UNITS = pd.DataFrame({"province_code": ["04", "96", "99"]}, index=["00001", "00002", "00003"])


def test_the_table_outranks_the_province_and_a_stranger_stays_unknown():
    given = pd.DataFrame({"region": pd.array(["southeast", None, None], dtype="string")}, index=UNITS.index)
    region, issues = region_of_province(UNITS, given, REGIONS)
    assert region["region"].fillna("?").tolist() == ["southeast", "mekong_delta", "?"]
    assert [issue.message.text("en").split(" units")[0] for issue in issues] == ["The region of 1"]


def test_nothing_known_gives_no_column():
    region, issues = region_of_province(UNITS.iloc[2:], pd.DataFrame(index=UNITS.index[2:]), REGIONS)
    assert list(region.columns) == [] and issues == []


def test_every_province_of_before_july_2025_has_a_region():
    regions = read_regions()
    assert set(regions.index) == set(read_register("2024")["province_code"])
    assert regions.value_counts()["mekong_delta"] == 13
