"""Tables leave codes, gaps and answers as they are, and nothing in them can run."""

import csv

import numpy as np
import pandas as pd
import pytest

from geontm.project.dictionary import read_dictionary
from geontm.publish import communes_table
from geontm.publish.summaries import DISTRICT, summary_table, with_above
from geontm.publish.tables import safe_text, write_csv, write_parquet
from publish_samples import CODES, sample_content


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3|cmd", "@x", "\tx", "\rx", " =1+1", "\n=1"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert safe_text(text) == "'" + text


@pytest.mark.parametrize("text", ["-3.5", "+4", "-1.234,5", "12", "Xã A-B", "", "-5%"])
def test_numbers_and_plain_text_stay(text):
    assert safe_text(text) == text


def test_csv_has_a_mark_for_excel_and_keeps_gaps_and_zeros(tmp_path):
    table = pd.DataFrame(
        {
            "commune_code": ["00004"],
            "yes": pd.array([True], dtype="boolean"),
            "gap": pd.array([None], dtype="Float64"),
            "zero": pd.array([0], dtype="Int64"),
            "nan": [np.nan],
            "text": ["=cmd|x"],
            "number": [-0.1 - 0.2],
        }
    )
    path = write_csv(table, tmp_path / "a.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1] == ["00004", "true", "", "0", "", "'=cmd|x", "-0.3"]


def test_mixed_values_go_into_parquet_as_text(tmp_path):
    path = write_parquet(pd.DataFrame({"value": pd.Series([1, "a", None], dtype=object)}), tmp_path / "a.parquet")
    back = pd.read_parquet(path)["value"]
    assert back[:2].tolist() == ["1", "a"]
    assert pd.isna(back[2])


def test_the_wide_table_has_the_published_order_and_every_unit():
    content = sample_content()
    table = communes_table(content)
    assert list(table.columns) == [
        "commune_code", "commune_name", "kind", "province_code", "province_name", "area_km2", "population", "is_border",
        "development_region", "clean_water_pct", "poor_household_pct", "household_count",
    ]  # fmt: skip
    assert table["commune_code"].tolist() == CODES
    shuffled = sample_content(units=content.units.iloc[::-1], wide=content.wide.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(communes_table(shuffled), table)


class TestProvinces:
    table = summary_table(
        communes_table(sample_content()), read_dictionary("indicators").columns | read_dictionary("communes").columns
    )

    def value(self, row, name):
        found = self.table[name].iloc[row]
        return None if pd.isna(found) else found

    def test_a_sum_with_a_gap_is_unknown_and_the_known_part_says_so(self):
        assert [self.value(row, "population") for row in (0, 1)] == [6000, None]
        assert [self.value(row, "population_of_known") for row in (0, 1)] == [6000, 10000]
        assert [self.value(row, "population_known_count") for row in (0, 1)] == [3, 2]

    def test_means_are_weighted(self):
        assert self.value(0, "clean_water_pct") == pytest.approx((90 * 100 + 80 * 300 + 70.5 * 200) / 600)
        assert self.value(1, "poor_household_pct") is None
        assert self.value(1, "poor_household_pct_of_known") == pytest.approx((33.3 * 400 + 20 * 100) / 500)

    def test_counts(self):
        assert self.table["commune_count"].tolist() == [3, 3]
        assert self.table["is_border_count"].tolist() == [1, 1]
        assert self.table["is_border_known_count"].tolist() == [2, 3]
        assert self.table[["region_1_count", "region_3_count", "region_known_count"]].to_numpy().tolist() == [
            [1, 0, 2],
            [0, 2, 2],
        ]


def test_districts_are_summed_up_apart():
    communes = pd.DataFrame(
        {
            "commune_code": ["00001", "00002", "00003"],
            "province_code": "04",
            "province_name": "Tỉnh Cao Bằng",
            "district_code": ["040", "042", "042"],
            "district_name": ["Thành phố Cao Bằng", "Huyện Bảo Lâm", "Huyện Bảo Lâm"],
            "population": pd.array([100, 20, 30], dtype="Int64"),
        }
    )
    table = summary_table(communes, read_dictionary("indicators").columns, by=DISTRICT)
    assert table["district_code"].tolist() == ["040", "042"]
    assert table["commune_count"].tolist() == [1, 2]
    assert table["population"].tolist() == [100, 50]


class TestMeasuresOfProvinces:
    """Two provinces of two communes each; figures small enough to add by eye."""

    communes = pd.DataFrame(
        {
            "commune_code": ["00001", "00002", "00003", "00004"],
            "province_code": ["04", "04", "22", "22"],
            "province_name": ["Cao Bằng", "Cao Bằng", "Quảng Ninh", "Quảng Ninh"],
            "area_km2": pd.array([10, 30, 20, 20], dtype="Float64"),
            "population_on_map": pd.array([100, 300, 0, 50], dtype="Float64"),
            "road_km": pd.array([20, 20, 0, 10], dtype="Float64"),
            "road_km_per_km2": pd.array([2, 20 / 30, 0, 0.5], dtype="Float64"),
            "road_all_season_pct": pd.array([50, None, None, 40], dtype="Float64"),
            "road_all_season_pct_low": pd.array([50, 20, None, 40], dtype="Float64"),
            "road_all_season_pct_high": pd.array([50, 70, None, 40], dtype="Float64"),
            "mean_elevation_m": pd.array([500, 900, 3, None], dtype="Float64"),
            "centre_travel_min": pd.array([10, 30, None, 8], dtype="Float64"),
            "rural_access_pct": pd.array([80, None, None, 100], dtype="Float64"),
        }
    )
    dictionary = read_dictionary("indicators").columns | read_dictionary("communes").columns
    table = summary_table(communes, dictionary).set_index("province_code")

    def row(self, name):
        return [None if pd.isna(value) else value for value in self.table[name]]

    def test_kilometres_add_up_and_density_is_sum_over_sum(self):
        assert self.row("road_km") == [40, 10]
        assert self.row("road_km_per_km2") == pytest.approx([40 / 40, 10 / 40])

    def test_bounds_of_a_share_are_weighted_by_its_kilometres(self):
        assert self.row("road_all_season_pct") == [None, 40]  # a commune without roads leaves the share as it is
        assert self.row("road_all_season_pct_low") == [(50 + 20) / 2, 40]
        assert self.row("road_all_season_pct_high") == [(50 + 70) / 2, 40]
        assert not {"road_all_season_pct_low_of_known", "road_all_season_pct_high_known_count"} & set(self.table)

    def test_elevation_is_weighted_by_area_and_a_gap_stays_a_gap(self):
        assert self.row("mean_elevation_m") == [(500 * 10 + 900 * 30) / 40, None]
        assert self.row("mean_elevation_m_of_known") == [800, 3]

    def test_people_of_the_raster_weigh_where_no_population_is_given(self):
        assert self.row("centre_travel_min") == [25, 8]
        given = self.communes.assign(population=pd.array([300, 100, 10, 10], dtype="Float64"))
        told = summary_table(given, self.dictionary).set_index("province_code")["centre_travel_min"]
        assert [told.iloc[0], pd.isna(told.iloc[1])] == [15, True]

    def test_access_added_up_over_people_takes_the_place_of_the_mean(self):
        added = pd.DataFrame(
            {
                "rural_access_pct": pd.array([None, 100], dtype="Float64"),
                "rural_access_pct_low": pd.array([20, 100], dtype="Float64"),
                "rural_access_pct_high": pd.array([95, 100], dtype="Float64"),
                "road_km": pd.array([-1, -1], dtype="Float64"),
            },
            index=pd.Index(["04", "22"], name="province_code"),
        )
        table = with_above(self.table.reset_index(), {"province": added}, "province")
        columns = list(table.columns)
        place = columns.index("rural_access_pct")
        assert columns[place : place + 3] == ["rural_access_pct", "rural_access_pct_low", "rural_access_pct_high"]
        assert table["rural_access_pct_low"].tolist() == [20, 100]
        assert "rural_access_pct_of_known" not in columns
        assert table["road_km"].tolist() == [40, 10]  # without bounds of its own: the sum stays
