"""What a map page carries: classes, counts, sources and reasons as the tables have them."""

import base64
import gzip
import json

import pandas as pd
import pytest

from geontm.publish.offered import layers_with_data
from geontm.publish.theme import plain_values, theme_of
from geontm.publish.web.payload import draw, pack, payload
from publish_samples import CODES, sample_content


@pytest.fixture(scope="module")
def content():
    return sample_content()


@pytest.fixture(scope="module")
def coverage(content):
    return payload(content, content.styles["coverage"], draw(content))


def test_counts_of_classes_equal_the_data(content, coverage):
    layer = next(layer for layer in coverage["layers"] if layer["column"] == "poor_household_pct")
    bins = [-1e9, *layer["breaks"], 1e9]
    expected = pd.cut(content.wide["poor_household_pct"].astype(float), bins, right=False).value_counts(sort=False)
    assert layer["counts"] == expected.tolist()
    assert sum(layer["counts"]) == 5


def test_dark_is_where_a_planner_should_look(coverage):
    layers = {layer["key"]: layer["colours"] for layer in coverage["layers"]}
    darkness = {
        name: [sum(int(c[k : k + 2], 16) for k in (1, 3, 5)) for c in colours] for name, colours in layers.items()
    }
    assert darkness["poor_household_pct"] == sorted(darkness["poor_household_pct"], reverse=True)
    assert darkness["clean_water_pct"] == sorted(darkness["clean_water_pct"])


def test_source_and_year_are_those_of_the_newest_row_not_after_the_day(coverage):
    column = coverage["columns"]["poor_household_pct"]
    assert (column["years"], column["sources"], column["illustrative"]) == ([2025], ["moi.xlsx"], True)


def test_the_star_takes_the_other_measures_once(coverage):
    shown = [layer["key"] for layer in coverage["layers"]]
    assert len(shown) == len(set(shown))
    assert {"population", "household_count"} <= set(shown)
    assert "development_region" not in shown


def test_unknown_stays_null_and_a_unit_without_outline_stays(coverage):
    assert coverage["columns"]["poor_household_pct"]["values"][2] is None
    assert coverage["units"]["code"] == CODES
    assert coverage["page"]["without_shape"] == 1


def test_every_reason_is_there(content, coverage):
    verdicts = coverage["verdicts"]
    (column,) = verdicts["columns"]
    assert verdicts["tests"] == [[0, "on_border", "Điều 3, 34/2014/NĐ-CP", "true"]]
    found = [column["templates"][ord(letter) - ord("]")] for letter in column["words"]]
    assert found[1] == [0, "Không giáp <i>biên giới</i>.", "Not on the border.", "false"]
    assert [row[0] for row in found] == [1, 0, 2, 1, 0, 0]


def test_a_value_the_style_does_not_name_is_shown_under_its_own_name(content):
    style = content.styles["classification"]
    column = style.layers[0].column
    odd = pd.Series([1, 7, None, 1, 1, 1], index=content.wide.index, dtype="Int64")
    theme = theme_of(sample_content(wide=content.wide.assign(**{column: odd})), style, style.layers[0])
    assert theme.categories[-1].value == "7"
    assert theme.class_labels("vi")[-1] == "7"
    assert theme.unknown == 1


def test_a_column_without_figures_makes_no_layer(content):
    empty = sample_content(wide=content.wide.assign(is_border=pd.array([pd.NA] * 6, dtype="boolean")))
    assert "is_border" not in [layer.column for layer in layers_with_data(empty, content.styles["classification"])]


def test_plain_values():
    assert plain_values(pd.array([1.0, None, 0.1 + 0.2], dtype="Float64")) == [1, None, 0.3]
    assert plain_values(pd.array([True, None], dtype="boolean")) == [True, None]
    assert plain_values(pd.Series(["a", None])) == ["a", None]


def test_packed_page_data_is_the_same_each_time_and_not_a_number_is_refused():
    head = {"a": "Cao Bằng </script>"}
    text = pack(head, b"xyz")
    raw = gzip.decompress(base64.b64decode(text))
    assert json.loads(raw[4 : 4 + int.from_bytes(raw[:4], "little")]) == head
    assert raw.endswith(b"xyz")
    assert pack(head, b"xyz") == text
    with pytest.raises(ValueError, match="JSON"):
        pack({"a": float("nan")}, b"")


def test_rows_of_units_may_come_in_any_order(content, coverage):
    order = [3, 0, 5, 1, 4, 2]
    mixed = sample_content(
        units=content.units.iloc[order], wide=content.wide.iloc[order[::-1]], verdicts=content.verdicts.iloc[order],
        indicators=content.indicators.sample(frac=1, random_state=1),
    )  # fmt: skip
    again = payload(mixed, mixed.styles["coverage"], draw(mixed))
    assert {k: v for k, v in again.items() if k != "verdicts"} == {k: v for k, v in coverage.items() if k != "verdicts"}
    assert draw(mixed) == draw(content)
