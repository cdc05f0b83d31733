"""The atlas of real units: Quảng Ninh as it is printed, and provinces with far islands."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geontm.publish.paper.atlas import write_atlas
from geontm.publish.paper.atlas_contents import Entry, lay_contents
from geontm.publish.paper.atlas_facts import facts_of
from geontm.publish.paper.atlas_map import AtlasMaps
from geontm.publish.paper.atlas_page import PageNotes, draw_page
from geontm.publish.paper.atlas_parts import parts_of
from geontm.publish.paper.text import drawing
from publish_samples import sample_content

pytestmark = pytest.mark.realdata
NOTES = PageNotes("Thử", "Tập bản đồ", "Nguồn.", False, 0)


def content_of(units):
    poor = pd.array(np.arange(len(units)) % 40 + 1.0, dtype="Float64")
    poor[::7] = pd.NA
    sample = sample_content()
    verdict = {"ruleset": "border", "test": "border", "answer": np.resize(["met", "not_met", "unknown"], len(units)),
               "value": pd.NA, "threshold": "true", "distance": pd.NA, "article": "Điều 3", "reason_vi": "Vì vậy.",
               "reason_en": "So."}  # fmt: skip
    return replace(
        sample,
        units=units,
        wide=pd.DataFrame({"poor_household_pct": poor}, index=units.index),
        indicators=sample.indicators.iloc[:0],
        priority=pd.DataFrame(index=units.index),
        verdicts=pd.DataFrame({"commune_code": units.index, **verdict}),
    )


def test_quang_ninh_is_an_atlas_of_55_pages_each_with_its_name(country, tmp_path, pdf_text):
    content = content_of(country[country["province_code"] == "22"])
    begin = time.process_time()
    (path,) = write_atlas(content, tmp_path)
    seconds = time.process_time() - begin
    pages = pdf_text(path).split("\f")[:-1]
    names = [each.name for each in facts_of(content)]
    assert len(pages) == 55 and path.stat().st_size < 10_000_000
    for name, page in zip(names, pages[1:], strict=True):
        assert name in " ".join(page.split())
    data = path.read_bytes()
    titles = re.findall(rb"/Title <FEFF([0-9A-F]+)>", data)
    assert [bytes.fromhex(each.decode()).decode("utf-16-be") for each in titles] == ["Mục lục", *names]
    assert all(name in " ".join(pages[0].split()) for name in names)
    assert seconds < 40  # 8 measured


def test_far_islands_have_a_page_with_a_map_and_are_told_apart_in_the_contents(country):
    content = content_of(country[country["province_code"].isin(["48", "56"])])
    for part, code in zip(parts_of(content), ("20333", "22736"), strict=True):
        facts = {each.code: each for each in facts_of(part.content)}
        maps = AtlasMaps(part.land, "vi")
        with drawing():
            told = draw_page(facts[code], maps, NOTES).told
            other = draw_page(facts[min(set(facts) - {code})], maps, NOTES).told
        assert facts[code].name in told and "Quần đảo Hoàng Sa" in " ".join(told)
        assert any("Trường Sa" in text for text in other)
        assert any(text.startswith("1 : ") for text in told)
        assert not part.land.near[part.land.codes.index(code)]


def test_no_page_counts_conditions_above_empty_paper(country):
    """What is counted instead of written would have had no room."""
    content = content_of(country[country["province_code"] == "22"].iloc[:4])
    rows = [content.verdicts.assign(test=f"t{k}", reason_vi=f"Điều kiện {k}: cần có.") for k in range(60)]
    full = replace(content, verdicts=pd.concat([content.verdicts, *rows], ignore_index=True))
    (part,) = parts_of(full)
    maps = AtlasMaps(part.land, "vi")
    with drawing():
        for facts in facts_of(full):
            pen = draw_page(facts, maps, NOTES)
            left = [text for text in pen.told if text.startswith("… và")]
            lows = sorted({round(mark.y, 1) for mark in pen.marks if hasattr(mark, "words") and mark.y < 150})
            gaps = np.diff(lows)
            assert left and max(gaps) < 12


def test_all_provinces_have_their_contents_on_a_page(country):
    sizes = country.groupby("province_code").size()
    for count in sizes:
        contents = lay_contents([Entry(f"{k:05}", f"Xã {k}", k, ()) for k in range(count)])
        assert len(contents.pages) == 1
