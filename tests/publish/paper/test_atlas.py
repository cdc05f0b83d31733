"""The atlas: a page for each unit, what stands on it, and what is counted because it has no room."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from matplotlib.path import Path

from geontm.publish.content import Derivation
from geontm.publish.paper.atlas import write_atlas
from geontm.publish.paper.atlas_facts import Facts, facts_of
from geontm.publish.paper.atlas_map import EDGE, OWN, PAGE, AtlasMaps
from geontm.publish.paper.atlas_page import PageNotes, draw_page, wrap_hard
from geontm.publish.paper.atlas_parts import parts_of
from geontm.publish.paper.atlas_pen import PagePen, Shape, Words
from geontm.publish.paper.pen import Pen
from geontm.publish.paper.plane import land_of
from geontm.publish.paper.spots import Box
from geontm.publish.paper.text import drawing, text_width
from listed_samples import listed_content
from publish_samples import sample_content

NOTES = PageNotes("Thử", "Tập bản đồ", "Nguồn.", True, 7)


def page_of(content, code: str):
    with drawing():
        return draw_page(facts_by_code(content)[code], AtlasMaps(land_of(content), content.lang), NOTES)


def facts_by_code(content) -> dict[str, Facts]:
    return {each.code: each for each in facts_of(content)}


def words(page) -> list[str]:
    return page.told


def of_one_province():
    content = sample_content()
    return replace(content, units=content.units.assign(province_code="01", province_name="Tỉnh Một"))


def test_every_unit_has_a_page_after_the_contents_in_the_order_of_codes(tmp_path, pdf_text):
    (path,) = write_atlas(of_one_province(), tmp_path)
    pages = pdf_text(path).split("\f")[:-1]
    assert path == tmp_path / "print" / "atlas.pdf" and len(pages) == 7
    assert all(code in pages[0] for code in ("01001", "02003"))
    assert "Tập bản đồ tỉnh Một" in pages[0] and "Số trên bản đồ là số trang" in pages[0]
    assert "Không có trên bản đồ này: Đặc khu Hòn Lẻ (trang 7)." in pages[0]
    for number, (code, page) in enumerate(zip(("01001", "01002", "01003", "02001", "02002", "02003"), pages[1:],
                                              strict=True), start=2):  # fmt: skip
        assert code in page and f"Trang {number}/7" in page
    assert "Xã Đông Khê" in pages[1] and "SỐ LIỆU MINH HOẠ" in pages[1] and "RANH GIỚI SƠ ĐỒ" in pages[1]


def test_each_of_several_provinces_has_a_file_of_its_own(tmp_path, pdf_text):
    paths = write_atlas(sample_content(), tmp_path)
    assert [path.name for path in paths] == ["atlas-01.pdf", "atlas-02.pdf"]
    texts = [pdf_text(path) for path in paths]
    for own, other, text in (("01001", "02001", texts[0]), ("02001", "01001", texts[1])):
        assert own in text and other not in text
    assert "Tỉnh Một" in texts[0] and "Tỉnh Hai" not in texts[0]


def test_a_page_is_the_same_alone_and_among_other_provinces():
    content = sample_content()
    alone = facts_by_code(replace(content, units=content.units.iloc[:3], wide=content.wide.iloc[:3]))
    first = next(parts_of(content))
    assert {each.code: each for each in facts_of(first.content)} == alone
    assert first.land.codes == ("01001", "01002", "01003", "02001", "02002")  # neighbours are drawn


def test_other_provinces_are_land_around_and_no_sea():
    content = sample_content()
    first, second = parts_of(content)
    assert list(first.land.context["name"]) == ["Hai"] and list(second.land.context["name"]) == ["Một"]
    twice = content.units.geometry.to_crs(first.land.projection.crs)[["02001", "02002"]].union_all()
    assert first.land.context.union_all().symmetric_difference(twice).area < 0.01 * twice.area


def test_a_code_that_no_file_may_bear_is_numbered():
    content = sample_content()
    odd = content.units.assign(province_code=["../../x"] * 3 + [None] * 3)
    assert [part.stem for part in parts_of(replace(content, units=odd))] == ["atlas-x1", "atlas-x2"]


def test_the_atlas_has_the_same_bytes_whatever_the_order_of_rows(tmp_path):
    content = sample_content()
    turned = replace(content, units=content.units.iloc[::-1], wide=content.wide.iloc[::-1])
    found = []
    for name, each in (("a", content), ("b", turned)):
        (tmp_path / name).mkdir()
        paths = write_atlas(each, tmp_path / name)
        found.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in paths])
    assert found[0] == found[1] and len(found[0]) == 2


def test_a_figure_stands_with_its_year_rank_and_place_in_the_province():
    facts = facts_by_code(sample_content())
    poor = {code: next((row for row in each.figures if row.label == "Tỷ lệ hộ nghèo"), None)
            for code, each in facts.items()}  # fmt: skip
    assert (poor["01001"].value, poor["01001"].year, poor["01001"].rank) == ("5", "2025", "2/2")
    assert (poor["01002"].rank, poor["01002"].place, poor["01001"].place) == ("1/2", 1.0, 0.0)
    assert (poor["02003"].rank, poor["02001"].rank, poor["02002"].rank) == ("1/3", "2/3", "3/3")
    assert (poor["02001"].low, poor["02001"].high) == ("20", "41,5")
    assert poor["02001"].illustrative


def test_units_with_one_value_share_a_rank():
    content = sample_content()
    wide = content.wide.assign(clean_water_pct=pd.array([90.0, 50, 50, 10, 10, 10], dtype="Float64"))
    facts = facts_by_code(replace(content, wide=wide))
    ranks = [row.rank for each in facts.values() for row in each.figures if "nước sạch" in row.label]
    assert ranks == ["1/3", "2–3/3", "2–3/3", "1–3/3", "1–3/3", "1–3/3"]


def test_what_is_unknown_is_named_and_never_a_figure():
    content = sample_content()
    facts = facts_by_code(content)["01003"]
    assert ("Tỷ lệ hộ nghèo", "chưa có số liệu") in facts.missing and not any(
        row.label == "Tỷ lệ hộ nghèo" for row in facts.figures
    )
    told = " ".join(words(page_of(content, "01003")))
    assert "Chưa có số liệu:" in told and "Tỷ lệ hộ nghèo" in told
    assert ("Xã biên giới", "chưa kết luận") in facts.missing and "Chưa kết luận: " in told and "Xã biên giới." in told
    assert dict(facts_by_code(content)["02002"].about)["Dân số"] == "chưa có số liệu"


def test_a_unit_that_borders_nothing_lacks_no_figure():
    """01002 is known to touch no other country; of 01003 nobody knows."""
    pages = facts_by_code(listed_content())
    rows = {code: {row.label: row.value for row in pages[code].figures} for code in ("01001", "01002", "01003")}
    assert [rows[code].get("Giáp nước") for code in rows] == ["Trung Quốc", "–", None]
    assert "Giáp nước" in [label for label, _ in pages["01003"].missing]
    assert "Giáp nước" not in [label for label, _ in pages["01002"].missing]


def test_files_of_figures_are_named_before_those_that_were_measured(tmp_path, pdf_text):
    content = of_one_province()
    measured = {"is_border": Derivation(sources=("duong-bien.geojson",), measured=True, how=None)}
    (path,) = write_atlas(replace(content, derived=measured), tmp_path)
    foot = " ".join(pdf_text(path).split("\f")[1].split())
    assert 0 < foot.index("Số liệu:") < foot.index("Đo từ: duong-bien.geojson.")


def test_verdicts_stand_with_their_reasons():
    told = words(page_of(sample_content(), "01001"))
    assert {"Xã biên giới", "34/2014/NĐ-CP", "Giáp biên giới."} <= set(told)


def test_conditions_without_room_are_counted():
    content = sample_content()
    rows = [content.verdicts.assign(test=f"t{k}", reason_vi=f"Điều kiện {k}: " + "rất dài " * 60) for k in range(80)]
    long = replace(content, verdicts=pd.concat([content.verdicts.assign(test="border"), *rows], ignore_index=True))
    told = words(page_of(long, "01001"))
    shown = sum(text.startswith("Điều kiện ") for text in told)
    assert 0 < shown < 80 and f"… và {80 - shown} điều kiện nữa; xem verdicts.csv." in told


def test_a_name_of_500_letters_is_written_whole():
    content = sample_content()
    for name in ("Xã " + "Rất Dài " * 62, "X" * 500):
        units = content.units.assign(commune_name=[name.strip(), *content.units["commune_name"][1:]])
        told = "".join(words(page_of(replace(content, units=units), "01001"))).replace(" ", "")
        assert name.replace(" ", "") in told


def test_a_long_name_on_the_map_stays_on_the_page():
    content = sample_content()
    units = content.units.copy()
    units["commune_name"] = "Xã " + "ứ" * 300
    for code in units.index:
        page = page_of(replace(content, units=units), str(code))
        for mark in page.marks:
            if isinstance(mark, Words) and not mark.turned:
                right = mark.x + text_width(mark.words, mark.size, mark.cut)
                assert mark.x >= 0 and right <= PAGE[0], mark.words[:40]


def test_lines_are_never_wider_than_asked_and_lose_nothing():
    text = "một hai " + "b" * 90 + " ba"
    lines = wrap_hard(text, 30.0, 7.0)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line, 7.0) < 30.5 for line in lines)


def test_a_unit_without_an_outline_says_so_instead_of_a_map():
    content = sample_content()
    told = " ".join(words(page_of(content, "02003")))
    assert "Lớp ranh giới không có hình của đơn vị này" in told
    bare = replace(content, units=content.units.set_geometry([None] * 6, crs="EPSG:4326"))
    assert "không có hình" in " ".join(words(page_of(bare, "01001")))


def test_a_run_without_outlines_has_an_atlas_without_maps(tmp_path, pdf_text):
    content = of_one_province()
    (path,) = write_atlas(replace(content, units=content.units.set_geometry([None] * 6, crs="EPSG:4326")), tmp_path)
    pages = pdf_text(path).split("\f")[:-1]
    assert len(pages) == 7 and "Số trên bản đồ" not in pages[0] and "không có hình" in " ".join(pages[1].split())


def test_a_unit_of_islets_bears_its_name_and_no_number():
    content = sample_content()
    islets = shapely.MultiPolygon([shapely.box(x, 20.0, x + 1e-4, 20.0001) for x in (106.0, 106.5, 107.0)])
    units = content.units.set_geometry([islets, *content.units.geometry[1:]], crs="EPSG:4326")
    told = words(page_of(replace(content, units=units), "01001"))
    assert told.count("Đông Khê") == 1 and not any("1 Đông Khê" in text for text in told)


def test_both_archipelagos_stand_on_every_locator():
    for code in ("01001", "02003"):
        told = " ".join(words(page_of(sample_content(), code)))
        assert "Hoàng Sa" in told and "Trường Sa" in told


def test_a_unit_of_tiny_islets_is_seen_as_dots():
    content = sample_content()
    islets = shapely.MultiPolygon([shapely.box(x, 20.0, x + 1e-4, 20.0001) for x in (106.0, 106.5, 107.0)])
    shapes = [islets, *content.units.geometry[1:]]
    page = page_of(replace(content, units=content.units.set_geometry(shapes, crs="EPSG:4326")), "01001")
    dots = [mark for mark in page.marks if isinstance(mark, Shape) and (mark.fill, mark.edge) == (OWN, EDGE)]
    assert len(dots) == 3


def test_an_atlas_in_english_is_in_english():
    told = words(page_of(sample_content(lang="en"), "01001"))
    assert {
        "Verdict by rule set",
        "Figures and place in the province",
        "Rank, from high",
        "ILLUSTRATIVE FIGURES",
    } <= set(told)


def bookmarks(path) -> tuple[list[str], list[bytes]]:
    data = path.read_bytes()
    begin = int(re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", data)[1])
    assert data[begin:].startswith(b"xref")
    entries = re.findall(rb"(\d+) 1\n(\d{10}) 00000 n", data[begin:])
    objects = {int(number): data[int(place) :] for number, place in entries}
    assert all(each.startswith(b"%d 0 obj" % number) for number, each in objects.items())
    titles = [re.search(rb"/Title <FEFF([0-9A-F]*)>", each[: each.index(b"endobj")]) for each in objects.values()]
    told = [bytes.fromhex(title[1].decode()).decode("utf-16-be") for title in titles if title]
    return told, re.findall(rb"/Dest \[(\d+) 0 R", data[len(data) - 6000 :])


def test_bookmarks_name_every_unit(tmp_path):
    (path,) = write_atlas(of_one_province(), tmp_path)
    told, pages = bookmarks(path)
    assert told[:2] == ["Mục lục", "Xã Đông Khê"] and len(told) == 7 and len(set(pages)) == 7


def test_bookmarks_of_former_units_stand_below_their_district(tmp_path, pdf_text):
    content = of_one_province()
    units = content.units.assign(
        district_code=["001"] * 4 + ["002"] * 2, district_name=["Huyện A"] * 4 + ["Huyện B"] * 2
    )
    (path,) = write_atlas(replace(content, units=units), tmp_path)
    told, pages = bookmarks(path)
    assert told[:3] == ["Mục lục", "Huyện A", "Xã Đông Khê"] and told.index("Huyện B") == 6
    assert len(told) == 9 and len(set(pages)) == 7  # a district opens its first unit
    assert "Huyện A" in pdf_text(path).split("\f")[0]


def test_an_open_rank_is_one_of_those_counted_and_a_region_has_none():
    content = sample_content()
    rank = {"priority_rank": pd.array([1, 2, None, 4, 5, 6], dtype="Int64"),
            "rank_best": pd.array([1, 2, 2, 4, 5, 6], dtype="Int64"),
            "rank_worst": pd.array([1, 3, 4, 4, 5, 6], dtype="Int64")}  # fmt: skip
    facts = facts_by_code(replace(content, priority=content.priority.assign(**rank)))
    told = [dict(each.about)["Hạng"] for each in facts.values()]
    assert told[1:3] == ["2 (từ 2 đến 3) trên 6 đơn vị", "từ 2 đến 4 trên 6 đơn vị"]
    region = next(row for row in facts["01001"].figures if row.label.startswith("Khu vực"))
    assert (region.value, region.rank, region.place) == ("I", "", None)


def test_a_page_looks_as_matplotlib_itself_draws_it():
    box, ring = Box(20.0, 20.0, 60.0, 30.0), Path(np.array([(30.0, 60), (70, 60), (50, 90), (30, 60)]), closed=True)
    seen = []
    with drawing():
        for pen in (Pen(100.0, 100.0), PagePen(100.0, 100.0)):
            pen.box(box, fill="#f7d9a0", edge="#000000", width=1.0, hatch=True)
            pen.areas([ring], fill="#2166ac", seam=0.4, clip=Box(30.0, 55.0, 25.0, 50.0))
            pen.stroke(ring, colour="#b2182b", width=2.0, order=6.0)
            pen.dots(np.array([(80.0, 80.0)]), fill="#ffffff", size=5.0)
            pen.text(50.0, 10.0, "Đặc khu Cô Tô", 20.0, across="center", halo="#ffff00")
            figure = pen.finish() if isinstance(pen, PagePen) else pen.figure
            figure.canvas.draw()
            seen.append(np.asarray(figure.canvas.buffer_rgba()).astype(int)[..., :3])
    assert np.abs(seen[0] - seen[1]).mean() < 1.0 and seen[0].std() > 20
