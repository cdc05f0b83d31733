"""A measure with bounds is one row of a card, one layer and its lower bound of a map, three columns of a table."""

import pandas as pd
import pytest

from geontm.project.styles import parse_style
from geontm.project.yaml_files import read_yaml
from geontm.publish import communes_table
from geontm.publish.offered import card_columns, layers_with_data, left_out
from geontm.publish.products import Products
from geontm.publish.web.payload import draw, payload
from geontm.publish.write import write_run
from publish_samples import CODES, sample_content

KNOWN = [30.0, None, None, 0.0, None, None]
LOW = [30.0, 12.0, 0.0, 0.0, None, None]
HIGH = [30.0, 35.0, 100.0, 0.0, None, None]


def numbers(values):
    return pd.array(values, dtype="Float64")


@pytest.fixture
def content():
    base = sample_content()
    measured = {
        "road_all_season_pct_high": HIGH,
        "road_all_season_pct": KNOWN,
        "road_all_season_pct_low": LOW,
        "clinic_travel_min": [5, 8, 9, 30, None, None],
        "clinic_within_15min_pct": [90, 80, 70, 0, None, None],
        "clinic_unreachable_people": [0] * 6,
        "road_km": [1, 2, 3, 4, 5, None],
    }
    return sample_content(wide=base.wide.assign(**{name: numbers(values) for name, values in measured.items()}))


@pytest.fixture
def page(content):
    return payload(content, content.styles["coverage"], draw(content))


def test_an_open_measure_has_its_lower_bound_as_the_next_layer(page):
    shown = [layer["column"] for layer in page["layers"]]
    place = shown.index("road_all_season_pct")
    assert shown[place + 1] == "road_all_season_pct_low"
    assert "road_all_season_pct_high" not in shown
    label = page["columns"]["road_all_season_pct_low"]["short"]
    assert label == {"vi": "Đường bốn mùa (ít nhất)", "en": "All-season roads (at least)"}
    assert page["columns"]["road_all_season_pct_low"]["values"] == [30, 12, 0, 0, None, None]


def test_a_measure_known_wherever_its_bounds_are_has_no_layer_of_a_bound(content):
    closed = content.wide.assign(road_all_season_pct=numbers(LOW), road_all_season_pct_high=numbers(LOW))
    content = sample_content(wide=closed)
    assert "road_all_season_pct_low" not in [
        layer.column for layer in layers_with_data(content, content.styles["coverage"])
    ]
    assert (
        payload(content, content.styles["coverage"], draw(content))["columns"]["road_all_season_pct"]["bounds"] is None
    )


def test_a_measure_that_is_open_everywhere_is_offered_by_its_lower_bound_alone(content):
    open_everywhere = content.wide.assign(road_all_season_pct=numbers([None] * 6))
    content = sample_content(wide=open_everywhere)
    shown = [layer.column for layer in layers_with_data(content, content.styles["coverage"])]
    assert "road_all_season_pct" not in shown
    assert "road_all_season_pct_low" in shown
    assert "road_all_season_pct" in card_columns(content)


def test_a_card_shows_one_row_and_its_range_where_the_value_is_open(page):
    rows = [name for name in page["popup"] if name.startswith("road_all_season")]
    assert rows == ["road_all_season_pct"]
    low, high = page["columns"]["road_all_season_pct"]["bounds"]
    assert low == [None, 12, 0, None, None, None]
    assert high == [None, 35, 100, None, None, None]


def test_steps_and_auxiliary_counts_stay_in_tables(content, page):
    helpers = {"clinic_within_15min_pct", "clinic_unreachable_people"}
    assert not helpers & {layer["column"] for layer in page["layers"]}
    assert not helpers & set(page["popup"])
    assert helpers <= set(communes_table(content).columns)


def test_a_pattern_offers_its_columns_in_their_group(page):
    layer = next(layer for layer in page["layers"] if layer["column"] == "clinic_travel_min")
    assert layer["group"] == {"vi": "Đi lại", "en": "Travel"}


def test_what_a_map_leaves_to_the_card_is_on_the_card(page):
    assert "road_km" not in {layer["column"] for layer in page["layers"]}
    assert "road_km" in page["popup"]


def test_bounds_stand_beside_their_measure_in_tables(content):
    columns = list(communes_table(content).columns)
    place = columns.index("road_all_season_pct")
    assert columns[place : place + 3] == ["road_all_season_pct", "road_all_season_pct_low", "road_all_season_pct_high"]
    assert columns[:3] == ["commune_code", "commune_name", "kind"]
    assert columns.index("road_km") < columns.index("road_all_season_pct")  # a name of the contract


def test_no_layers_beyond_the_limit_and_the_run_says_which(tmp_path, content):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "title: {vi: A, en: B}\nmost: 3\nlayers:\n"
        "  - {column: clean_water_pct, kind: choropleth, palette: X}\n"
        "  - {column: '*', kind: choropleth, palette: X}\n",
        encoding="utf-8",
    )
    style = parse_style("mine", read_yaml(path), {"X": ("#ffffff", "#000000")})
    assert [layer.column for layer in layers_with_data(content, style)] == [
        "clean_water_pct",
        "population",
        "household_count",
    ]
    assert left_out(content, style)[0] == "poor_household_pct"
    write_run(sample_content(wide=content.wide, styles={"mine": style}), tmp_path, Products(maps=("mine",)))
    issues = pd.read_csv(tmp_path / "issues.csv")
    told = issues[issues["value"].astype(str).str.startswith("poor_household_pct")]
    assert len(told) == 1
    assert "3 lớp" in told["reason"].iloc[0]


def test_a_bound_without_a_word_in_the_dictionary_is_described_as_its_measure(content):
    named = {name: column for name, column in content.dictionary.items() if name != "road_all_season_pct_low"}
    shown = payload(sample_content(wide=content.wide, dictionary=named), content.styles["coverage"], draw(content))
    column = shown["columns"]["road_all_season_pct_low"]
    assert column["unit"] == "%"
    colours = next(each for each in shown["layers"] if each["column"] == "road_all_season_pct_low")["colours"]
    assert colours[0] < colours[-1]  # high is better: the low end is dark


def test_rows_of_the_wide_table_may_come_in_any_order(content, page):
    mixed = sample_content(wide=content.wide.loc[CODES[::-1]])
    again = payload(mixed, mixed.styles["coverage"], draw(mixed))
    assert again["columns"]["road_all_season_pct"] == page["columns"]["road_all_season_pct"]


def test_a_measure_names_its_layers_and_no_year_that_they_do_not_have(content):
    rows = content.indicators.assign(how="measured", indicator="road_km", year=2026, source_file="duong.gpkg")
    measured = sample_content(wide=content.wide, indicators=pd.concat([content.indicators, rows]))
    columns = payload(measured, measured.styles["coverage"], draw(measured))["columns"]
    told = [columns["road_km"][key] for key in ("years", "sources", "measured")]
    assert told == [[], ["duong.gpkg"], True]
    assert [columns["poor_household_pct"][key] for key in ("years", "measured")] == [[2025], False]
