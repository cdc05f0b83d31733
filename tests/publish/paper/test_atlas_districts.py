"""The page of a district: sums of its communes, never averages of averages, and gaps that stay gaps."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geontm.publish.paper.atlas import write_atlas
from geontm.publish.paper.atlas_district import district_facts
from geontm.publish.paper.atlas_district_page import draw_district
from geontm.publish.paper.atlas_facts import facts_of
from geontm.publish.paper.atlas_map import AtlasMaps
from geontm.publish.paper.atlas_page import PageNotes
from geontm.publish.paper.plane import land_of
from geontm.publish.paper.text import drawing
from listed_samples import listed_content
from publish_samples import CODES, sample_content

NOTES = PageNotes("Thử", "Tập bản đồ", "Nguồn.", False, 3)


def former(**changes):
    """Six communes of one province in two districts; the last has none."""
    content = sample_content(**changes)
    districts = pd.array(["001", "001", "001", "002", "002", None], dtype="str")
    names = pd.array(["Huyện Một"] * 3 + ["Huyện Hai"] * 2 + [None], dtype="str")
    units = content.units.assign(
        province_code="01", province_name="Tỉnh Một", district_code=districts, district_name=names
    )
    verdicts = content.verdicts.assign(test="border")
    return replace(content, units=units, verdicts=verdicts)


def facts(content):
    return district_facts(content, facts_of(content))


def figure(page, label):
    return next((row for row in page.figures if row.label == label), None)


def test_every_commune_stands_on_the_page_of_its_district_and_on_no_other():
    pages = facts(former())
    assert [(page.code, page.name) for page in pages] == [
        ("001", "Huyện Một"), ("002", "Huyện Hai"), ("", "Các đơn vị không thuộc huyện nào"),
    ]  # fmt: skip
    assert sorted(code for page in pages for code in page.members) == CODES
    assert [len(page.communes) for page in pages] == [3, 2, 1]


def test_sums_are_whole_or_say_of_how_many_communes_they_are():
    one, two, _ = facts(former())
    assert dict(one.about)["Dân số"] == "6.000 người"
    assert dict(two.about)["Dân số"] == "4.000 người (1/2 xã có số liệu)"
    assert dict(one.about)["Diện tích"] == "300,5 km²" and dict(one.about)["Gồm"] == "2 xã, 1 phường"


def test_a_mean_is_weighted_and_unknown_where_a_commune_lacks_it():
    households = pd.array([100, 300, 200, 400, 100, 50], dtype="Int64")
    content = former()
    wide = content.wide.assign(
        poor_household_pct=pd.array([5.0, 20, 10, 30, 20, 40], dtype="Float64"), household_count=households
    )
    one, two, three = facts(replace(content, wide=wide))
    poor = figure(one, "Tỷ lệ hộ nghèo")
    assert poor.value == "14,17" and poor.rank == "3/3"  # (5·100 + 20·300 + 10·200) / 600, not 11,67
    assert figure(two, "Tỷ lệ hộ nghèo").value == "28" and figure(three, "Tỷ lệ hộ nghèo").rank == "1/3"
    gap = facts(
        replace(content, wide=wide.assign(poor_household_pct=wide["poor_household_pct"].mask([True] + [False] * 5)))
    )
    poor = figure(gap[0], "Tỷ lệ hộ nghèo")
    assert poor.value == "16 (2/3 xã có số liệu)" and poor.rank == "" and poor.place is None


def test_verdicts_are_counted_by_answer():
    one, two, three = (page.counts[0] for page in facts(former()))
    assert (one.answers, two.answers, three.answers) == ((1, 1, 1), (1, 1, 0), (1, 0, 0))  # not met, met, unknown
    assert one.label == "Xã biên giới" and one.not_judged == 0
    content = former()
    fewer = replace(content, verdicts=content.verdicts.iloc[1:])
    assert facts(fewer)[0].counts[0].not_judged == 1 and facts(fewer)[0].communes[0].answers == (None,)


def test_yes_and_no_and_regions_are_counted_with_what_is_unknown():
    one = facts(former())[0]
    assert figure(one, "Xã biên giới").value == "1 trên 3 xã; chưa kết luận: 1"
    region = next(row for row in one.figures if row.label.startswith("Khu vực"))
    assert region.value == "I: 1; II: 1; III: 0; chưa kết luận: 1" and region.rank == ""


def test_a_commune_in_no_region_is_told_apart_from_an_undecided_one():
    """Of the second district 02001 is in region II, 02002 in III; 02003 is outside the scope and alone in its own."""
    content = listed_content()
    units = content.units.assign(province_code="01", province_name="Tỉnh Một", district_name="Huyện Một")
    for districts, told in (
        (["001"] * 6, "I: 1; II: 1; III: 2; không thuộc diện: 1; chưa kết luận: 1"),
        (["001"] * 5 + ["002"], "I: 0; II: 0; III: 0; không thuộc diện: 1"),
    ):
        parted = replace(content, units=units.assign(district_code=pd.array(districts, dtype="str")))
        last = facts(parted)[-1]
        assert next(row for row in last.figures if row.label.startswith("Khu vực")).value == told


def test_what_does_not_add_up_is_named():
    content = former()
    wide = content.wide.assign(region=pd.array(["northwest"] * 6, dtype="str"))
    page = facts(replace(content, wide=wide))[0]
    assert page.not_summed and not set(page.not_summed) & {row.label for row in page.figures}
    assert not set(page.not_summed) & {label for label, _ in page.missing}


def test_bounds_that_the_run_added_up_stand_where_a_sum_is_open():
    content = former()
    wide = content.wide.assign(rural_access_pct=pd.array([None, 50.0, 60, 70, 80, 90], dtype="Float64"))
    above = pd.DataFrame(
        {"rural_access_pct": pd.array([None, 71.0], dtype="Float64"),
         "rural_access_pct_low": pd.array([40.0, 71.0], dtype="Float64"),
         "rural_access_pct_high": pd.array([62.5, 71.0], dtype="Float64")},
        index=pd.Index(["001", "002"], name="district_code"),
    )  # fmt: skip
    one, two, _ = facts(replace(content, wide=wide, above={"district": above}))
    label = content.dictionary["rural_access_pct"].label.vi
    assert figure(two, label).value == "71"
    assert "40" in figure(one, label).value and "62,5" in figure(one, label).value and figure(one, label).rank == ""


def pages_of(content, page):
    with drawing():
        return draw_district(page, AtlasMaps(land_of(content), "vi"), NOTES)


def test_a_page_names_its_communes_in_table_and_map():
    content = former()
    page = facts(content)[0]
    (pen,) = pages_of(content, page)
    told = pen.told
    assert {"Xã Đông Khê", "01001", "Huyện Một"} <= set(told) and "Đông Khê" in told
    assert any(text.startswith("đạt: 1") or text.endswith(": 1") for text in told)


@pytest.mark.parametrize(("communes", "figures"), [(1, 0), (40, 30), (300, 5), (5, 120)])
def test_what_has_no_room_goes_on_overleaf(communes, figures):
    content = former()
    page = facts(content)[0]
    row, member = page.figures[0], page.communes[0]
    many = replace(
        page,
        communes=tuple(replace(member, code=f"{k:05}", name=f"Xã số {k}") for k in range(communes)),
        figures=tuple(replace(row, label=f"Cột {k}") for k in range(figures)),
    )
    told = [text for pen in pages_of(content, many) for text in pen.told]
    assert [text for text in told if text.startswith("Xã số ")] == [f"Xã số {k}" for k in range(communes)]
    assert sum(text.startswith("Cột ") for text in told) == figures
    assert not any(text.startswith("… và") for text in told)


def test_the_atlas_has_the_same_bytes_and_its_contents_name_the_pages(tmp_path, pdf_text):
    content = former()
    turned = replace(content, units=content.units.iloc[::-1], wide=content.wide.iloc[::-1])
    found = []
    for name, each in (("a", content), ("b", turned)):
        (tmp_path / name).mkdir()
        found += write_atlas(each, tmp_path / name, by="district")
    assert found[0].read_bytes() == found[1].read_bytes()
    pages = pdf_text(found[0]).split("\f")[:-1]
    assert len(pages) == 4 and "3 huyện" in pages[0] and "Huyện Hai 3" in " ".join(pages[0].split())
    assert "Huyện Một" in pages[1] and "Trang 2/4" in pages[1]
