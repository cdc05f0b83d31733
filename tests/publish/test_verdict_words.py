"""What an empty value says: of a verdict that it is not decided, of a figure that there is none."""

from __future__ import annotations

import pandas as pd
import pytest

from geontm.publish import RuleSetNote, table_of
from geontm.publish.offered import missing_of, undecided
from geontm.publish.theme import theme_of
from geontm.publish.web.payload import draw, payload
from geontm.tables import Label
from listed_samples import listed_content
from publish_samples import sample_content

UNDECIDED = Label("chưa kết luận", "not decided")
NO_DATA = Label("chưa có số liệu", "no data")


def test_a_verdict_is_not_decided_and_a_figure_is_missing():
    content = sample_content()
    assert missing_of(content, "is_border") == missing_of(content, "development_region") == UNDECIDED
    assert missing_of(content, "poor_household_pct") == missing_of(content, "nobody_knows") == NO_DATA


def test_a_column_that_a_rule_set_fills_is_a_verdict_on_every_map():
    note = RuleSetNote("own", Label("Bộ riêng", "Own set"), "1/2026/QĐ", columns=("hygienic_water_pct",))
    content = sample_content(rulesets=(note,))
    assert missing_of(content, "hygienic_water_pct") == UNDECIDED
    assert missing_of(content, "clean_water_pct") == NO_DATA


def test_a_unit_that_none_of_the_answers_holds_for_is_not_an_undecided_one():
    """02003 is outside the scope of the regions, 01003 waits for a figure: two things, both without a region."""
    content = listed_content()
    assert list(content.wide.index[undecided(content, "development_region")]) == ["01003"]
    both = Label("không thuộc diện hoặc chưa kết luận", "none of these or not decided")
    assert missing_of(content, "development_region") == both
    style = content.styles["classification"]
    layer = next(each for each in style.layers if each.column == "development_region")
    assert theme_of(content, style, layer).missing == both
    closed = listed_content(wide=content.wide.assign(development_region=content.wide["development_region"].fillna(2)))
    assert missing_of(closed, "development_region") == UNDECIDED
    assert missing_of(content, "is_extremely_difficult") == UNDECIDED


def test_a_rank_that_is_open_says_what_it_lacks():
    content = sample_content()
    assert missing_of(content, "priority_rank")["vi"] == "chưa đủ số liệu để xếp hạng"
    assert missing_of(content, "exit_year")["en"] == "outside the programme or not known"


@pytest.mark.parametrize("name", ["development_region", "is_border"])
def test_legend_card_and_filter_of_a_page_say_the_same(name):
    content = sample_content()
    style = content.styles["classification"]
    layer = next(each for each in style.layers if each.column == name)
    theme = theme_of(content, style, layer)
    assert theme.missing == UNDECIDED and theme.unknown == int(content.wide[name].isna().sum()) > 0
    head = payload(content, style, draw(content))
    legend = next(each for each in head["layers"] if each["column"] == name)
    assert legend["missing"] == head["columns"][name]["missing"] == {"vi": UNDECIDED.vi, "en": UNDECIDED.en}
    assert head["columns"]["population"]["missing"] == {"vi": NO_DATA.vi, "en": NO_DATA.en}


def test_a_page_names_only_the_kinds_of_units_that_occur():
    content = sample_content()
    style = content.styles["classification"]
    drawn = draw(content)
    told = payload(content, style, drawn)["page"]["kinds"]
    assert told == {"vi": "xã, phường, đặc khu", "en": "communes, wards and special zones"}
    units = content.units.assign(kind="xã")
    assert payload(sample_content(units=units), style, drawn)["page"]["kinds"] == {"vi": "xã", "en": "communes"}
    units = content.units.assign(kind=pd.array(["xã", None, "xã", "xã", "xã", "xã"], dtype="str"))
    assert payload(sample_content(units=units), style, drawn)["page"]["kinds"] is None


def test_a_table_in_a_notebook_says_the_same():
    told = table_of(sample_content(), ["is_border", "clean_water_pct"]).to_html()
    assert told.count(UNDECIDED.vi) == 1 and told.count(NO_DATA.vi) == 1
