"""report.docx: what it holds, how it stays the same, what it does with hostile texts."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn

from geontm.publish.content import Derivation
from geontm.publish.words.overview import area_table, gap_rows
from geontm.publish.words.report import write_report
from geontm.tables import Issue, Label
from listed_samples import listed_content
from publish_samples import NAMES, sample_content

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fea7"
    "3581840000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.docx"
    return write_report(sample_content(), path, pictures={"classification-is_border-A4": PNG})


def all_text(path: Path) -> str:
    body = Document(str(path)).element.body
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))


def styled(path: Path, style: str) -> list[str]:
    return [p.text for p in Document(str(path)).paragraphs if p.style is not None and p.style.name == style]


def test_every_section_is_there_and_no_tag_is_left(made: Path) -> None:
    headings = styled(made, "Heading 1")
    assert [text[:2] for text in headings] == ["1.", "2.", "3.", "4.", "5.", "6."]
    assert styled(made, "Heading 2")[3] == "4.1. Xã biên giới"
    with zipfile.ZipFile(made) as archive:
        for name in archive.namelist():
            if name.startswith("word/") and name.endswith(".xml"):
                content = archive.read(name).decode()
                assert "{%p" not in content and "endfor" not in content, name
    # Braces stand only where a name of the data has them.
    assert all("7*7" in line for line in all_text(made).splitlines() if "{{" in line)


def test_the_summary_counts_what_the_tables_hold(made: Path) -> None:
    told = all_text(made)
    assert "6 đơn vị hành chính cấp xã (4 xã, 1 phường, 1 đặc khu) của 2 tỉnh, thành phố: tỉnh Một, tỉnh Hai." in told
    assert "Xã biên giới: 2 trên 6 đơn vị; 1 đơn vị chưa kết luận được." in told
    assert "Dân số của 5/6 đơn vị có số liệu: 16.000 người; 1 đơn vị chưa có số liệu dân số." in told
    # (5·100 + 20·300 + 33,3·400 + 20·100) / 900 households; the sixth has a rate and no households.
    assert (
        "Tỷ lệ hộ nghèo (minh hoạ): bình quân 24,24%, gia quyền theo số hộ (tính trên 4/6 đơn vị có đủ số liệu)" in told
    )
    assert "SỐ LIỆU MINH HOẠ" in told and "RANH GIỚI SƠ ĐỒ" in told


def test_a_value_that_all_units_share_is_told_once(tmp_path: Path) -> None:
    content = sample_content()
    wide = content.wide.assign(clean_water_pct=pd.array([80.0, 80.0, 80.0, None, 80.0, 80.0], dtype="Float64"))
    told = all_text(write_report(replace(content, wide=wide), tmp_path / "r.docx"))
    assert "Tỷ lệ hộ dùng nước sạch đạt quy chuẩn: 80% ở cả 5 đơn vị có số liệu (trên 6)." in told


def test_units_of_one_province_are_told_by_district(tmp_path: Path) -> None:
    content = sample_content()
    units = content.units.assign(
        province_code="01",
        province_name="Tỉnh Một",
        district_code=["002", "001", "001", "002", None, "002"],
        district_name=["Huyện Hai", "Huyện Một", "Huyện Một", "Huyện Hai", None, "Huyện Hai"],
    )
    table = Document(str(write_report(replace(content, units=units), tmp_path / "r.docx"))).tables[0]
    told = [[cell.text for cell in row.cells][:3] for row in table.rows]
    assert told[0] == ["Địa bàn", "Số đơn vị", "Dân số"]
    assert told[1:] == [
        ["Huyện Một", "2", "5.000"],
        ["Huyện Hai", "3", "11.000"],
        ["chưa rõ huyện", "1", "chưa có số liệu"],
        ["Tổng cộng", "6", "16.000 (thiếu 1)"],
    ]


def test_units_that_share_the_highest_value_are_counted(tmp_path: Path) -> None:
    content = sample_content()
    wide = content.wide.assign(clean_water_pct=pd.array([100.0, 100.0, 70.5, None, 40.0, 100.0], dtype="Float64"))
    told = all_text(write_report(replace(content, wide=wide), tmp_path / "r.docx"))
    assert "cao nhất 100% (Xã Đông Khê, Tỉnh Một và 2 đơn vị khác)" in told
    assert "thấp nhất 40% (Xã {{ 7*7 }} {% raw %}, Tỉnh Hai)" in told


def test_same_bytes_twice_and_whatever_the_order_of_rows(tmp_path: Path) -> None:
    content = sample_content()
    turned = sample_content(
        units=content.units.iloc[::-1],
        wide=content.wide.iloc[::-1],
        priority=content.priority.iloc[::-1],
        indicators=content.indicators.iloc[::-1],
    )
    first, second, third = (tmp_path / f"{k}.docx" for k in "abc")
    write_report(content, first, pictures={"x": PNG})
    write_report(content, second, pictures={"x": PNG})
    write_report(turned, third, pictures={"x": PNG})
    assert first.read_bytes() == second.read_bytes() == third.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-06-30T00:00:00Z" in archive.read("docProps/core.xml")


def test_names_from_files_stay_text(made: Path) -> None:
    told = all_text(made)
    for name in NAMES:
        assert name in told
    assert "Thử <b>nghiệm</b> 2026" in told
    with zipfile.ZipFile(made) as archive:
        assert b"<script>" not in archive.read("word/document.xml")


def test_forbidden_characters_are_shown_and_turning_marks_left_out(tmp_path: Path) -> None:
    content = sample_content(title="A\x00B\x1bC \u202egnort\u202c \ud800 D\nE\tF " + "dài" * 200)
    told = all_text(write_report(content, tmp_path / "r.docx"))
    assert "A�B�C gnort � D E F dàidài" in told
    assert not set(told) & set("\u202e\u202c\x00\x1b")


def test_headings_stand_in_the_contents_as_links(made: Path) -> None:
    document = Document(str(made))
    links = {link.get(qn("w:anchor")): "".join(t.text for t in link.iter(qn("w:t"))) for link in
             document.element.body.iter(qn("w:hyperlink"))}  # fmt: skip
    marks = {mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))}
    assert set(links) <= marks
    assert list(links.values()) == [
        p.text for p in document.paragraphs if p.style is not None and p.style.name in ("Heading 1", "Heading 2")
    ]


def test_captions_are_numbered_in_order(made: Path) -> None:
    tables = [text for text in styled(made, "Caption") if text.startswith("Bảng")]
    assert [text.split(".")[0] for text in tables] == [f"Bảng {k}" for k in range(1, len(tables) + 1)]
    maps = [text for text in styled(made, "Caption") if text.startswith("Bản đồ")]
    assert maps == ["Bản đồ 1. Phân loại xã: Xã biên giới"]


def test_a_map_says_what_is_constructed_and_unknown(tmp_path: Path) -> None:
    path = write_report(sample_content(), tmp_path / "r.docx", pictures={"coverage-poor_household_pct-A4": PNG})
    source = next(text for text in styled(path, "Source") if "moi.xlsx" in text)
    for part in ("Số liệu minh hoạ", "Ranh giới sơ đồ", "1 đơn vị chưa có số liệu", "2025", "01/7/2025"):
        assert part in source


def test_table_heads_repeat_and_no_row_is_split(made: Path) -> None:
    for table in Document(str(made)).element.body.iter(qn("w:tbl")):
        rows = list(table.iterchildren(qn("w:tr")))
        assert rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
        widths = len(table.find(qn("w:tblGrid")))
        assert {len(list(row.iterchildren(qn("w:tc")))) for row in rows} == {widths}


def test_the_page_is_that_of_the_decree(made: Path) -> None:
    section = Document(str(made)).sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin)
    assert [round(size.mm) for size in (*sizes, section.left_margin, section.right_margin)] == [
        210,
        297,
        20,
        20,
        30,
        15,
    ]


def of_size(width: int, height: int) -> bytes:
    """Return the picture with other figures in its head; nothing reads further."""
    return PNG[:16] + struct.pack(">II", width, height) + PNG[24:]


def test_pages_are_turned_where_every_map_is_wide_and_page_numbers_go_on(tmp_path: Path) -> None:
    wide = {"a": of_size(300, 200), "b": of_size(297, 210)}
    document = Document(str(write_report(sample_content(), tmp_path / "w.docx", pictures=wide)))
    shapes = [(round(s.page_width.mm), round(s.page_height.mm)) for s in document.sections]
    assert shapes == [(210, 297), (297, 210), (210, 297)]
    # Only the first page of the document stands without its number.
    assert [s.different_first_page_header_footer for s in document.sections] == [True, False, False]
    assert all("PAGE" in s.header._element.xml for s in document.sections)
    mixed = write_report(sample_content(), tmp_path / "m.docx", pictures={**wide, "c": of_size(200, 300)})
    assert len(Document(str(mixed)).sections) == 1


def test_a_picture_keeps_its_shape_and_stays_on_the_page(tmp_path: Path) -> None:
    for width, height in ((300, 200), (200, 300), (1000, 10), (10, 1000)):
        path = write_report(sample_content(), tmp_path / "r.docx", pictures={"x": of_size(width, height)})
        (shape,) = Document(str(path)).inline_shapes
        assert shape.width / shape.height == pytest.approx(width / height, rel=0.01)
        section = Document(str(path)).sections[1 if width > height else 0]
        assert shape.width <= section.page_width - section.left_margin - section.right_margin
        assert shape.height <= section.page_height - section.top_margin - section.bottom_margin


def test_the_rows_of_a_short_table_stay_together(made: Path) -> None:
    tables = [table for table in Document(str(made)).tables if len(table.rows) <= 8]
    assert tables
    for table in tables:
        kept = [all(p.paragraph_format.keep_with_next for c in row.cells for p in c.paragraphs) for row in table.rows]
        assert all(kept[:-1])


def test_columns_that_stand_in_no_file_tell_together_how_they_came_about(tmp_path: Path) -> None:
    content = sample_content()
    taken = Derivation(Label("Lấy từ bảng.", "Taken from a table."), sources=("bien-gioi.csv",))
    derived = {"is_border": taken, "border_km": taken}
    wide = content.wide.assign(border_km=pd.array([1.5, 0, None, 2, 0, 0], dtype="Float64"))
    told = all_text(write_report(replace(content, wide=wide, derived=derived), tmp_path / "r.docx")).splitlines()
    labels = [content.dictionary[name].label.vi for name in content.dictionary if name in derived]
    assert [line for line in told if "bien-gioi.csv" in line and line.startswith("–")] == [
        f"– {'; '.join(labels)}: Lấy từ bảng. Nguồn: bien-gioi.csv."
    ]


def test_nobody_signs_an_empty_page(made: Path) -> None:
    document = Document(str(made))
    last = document.tables[-1].rows[-1]
    assert all(p.paragraph_format.keep_with_next for cell in last.cells for p in cell.paragraphs)
    assert styled(made, "Signer")[0] == "Nơi nhận:\tQUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ"
    assert styled(made, "Letterhead")[0].endswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")


def test_a_province_stands_beside_a_commune_only_where_there_are_several(tmp_path: Path) -> None:
    content = sample_content()
    alone = replace(content, units=content.units.assign(province_code="01", province_name="Tỉnh Một"))
    heads = []
    for name, each in (("several", content), ("one", alone)):
        tables = Document(str(write_report(each, tmp_path / f"{name}.docx"))).tables
        heads += [[c.text for c in t.rows[0].cells] for t in tables if t.rows[0].cells[0].text == "Hạng"]
    assert heads == [
        ["Hạng", "Đơn vị", "Tỉnh, thành phố", "Điểm", "Khoảng hạng"],
        ["Hạng", "Đơn vị", "Điểm", "Khoảng hạng"],
    ]


def test_the_document_names_its_language(made: Path) -> None:
    assert Document(str(made)).core_properties.language == "vi-VN"


def test_the_figures_of_a_row_have_the_same_decimals(made: Path) -> None:
    rows = [[cell.text for cell in row.cells] for table in Document(str(made)).tables for row in table.rows]
    assert next(row[-3:] for row in rows if row[0].startswith("Tỷ lệ hộ nghèo")) == ["5,0", "20,0", "41,5"]
    people = next(row[-3:] for row in rows if row[0] == "Dân số" and row[1] == "người")
    assert not any("," in cell for cell in people)


def test_the_first_fifty_issues_stand_and_the_rest_is_told(tmp_path: Path) -> None:
    issues = tuple(Issue.of("info", "tables.empty_cell", file="a.xlsx", row=k, column="x", name="x") for k in range(70))
    told = all_text(write_report(sample_content(issues=issues), tmp_path / "r.docx"))
    assert "còn 20 dòng trong tệp issues.csv" in told
    assert "dòng 49, cột x" in told and "dòng 50, cột x" not in told


def test_english_run_writes_english(tmp_path: Path) -> None:
    path = write_report(sample_content(lang="en"), tmp_path / "r.docx")
    assert styled(path, "Heading 1")[0] == "1. Summary"
    assert "(4 communes, 1 ward, 1 special zone) in 2 provinces: Một province, Hai province." in all_text(path)
    assert "Border commune: 2 of 6 units; 1 undecided." in all_text(path)


def test_a_run_without_figures_says_so(tmp_path: Path) -> None:
    content = sample_content()
    wide = content.wide[["population"]].mask(content.wide["population"].notna() | True)
    bare = sample_content(
        wide=wide,
        indicators=content.indicators.iloc[:0],
        verdicts=content.verdicts.iloc[:0],
        priority=pd.DataFrame(index=content.units.index),
        issues=(),
        rulesets=(),
    )
    told = all_text(write_report(bare, tmp_path / "r.docx"))
    assert "Không phát hiện điểm bất thường nào" in told
    assert "chưa có số liệu" in told
    assert "\n0\n" not in told.replace("Chưa kết luận\n0", "")


def test_input_is_not_altered(tmp_path: Path) -> None:
    content = sample_content()
    before = (content.wide.copy(), content.verdicts.copy(), content.units.copy(), content.priority.copy())
    write_report(content, tmp_path / "r.docx")
    for old, new in zip(before, (content.wide, content.verdicts, content.units, content.priority), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))


def test_the_picture_is_in_the_file_with_a_text_for_those_who_cannot_see_it(made: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        assert archive.read("word/media/image1.png") == PNG
        assert "Phân loại xã: Xã biên giới" in archive.read("word/document.xml").decode().split('descr="')[1][:60]
    assert io.BytesIO(PNG).read(4) == b"\x89PNG"


def of_print(width: int, height: int, dots_in_metre: int) -> bytes:
    """Return the picture with a size on paper."""
    chunk = b"pHYs" + struct.pack(">IIB", dots_in_metre, dots_in_metre, 1)
    told = struct.pack(">I", 9) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return of_size(width, height)[:33] + told + PNG[33:]


def test_a_picture_made_for_the_report_keeps_its_size_on_an_upright_page(tmp_path: Path) -> None:
    pictures = {"x": of_print(1890, 1300, 11811)}  # 300 dots an inch: 160 × 110 mm
    document = Document(str(write_report(sample_content(), tmp_path / "r.docx", pictures=pictures)))
    (shape,) = document.inline_shapes
    assert (shape.width.mm, shape.height.mm) == pytest.approx((160.0, 110.1), abs=0.1)
    assert len(document.sections) == 1


def test_the_size_of_a_screen_picture_says_nothing(tmp_path: Path) -> None:
    pictures = {"x": of_print(200, 300, 2835)}  # 72 dots an inch
    (shape,) = Document(str(write_report(sample_content(), tmp_path / "r.docx", pictures=pictures))).inline_shapes
    assert shape.height.mm == pytest.approx(205, abs=0.1)


def test_a_unit_in_no_region_is_not_counted_as_undecided():
    """Of six units one waits for a figure (01003) and one is outside the scope (02003): both have no region."""
    content = listed_content()
    table = area_table(content)
    assert [cell for name, cell in zip(table.columns, table.total[0].cells, strict=True) if name == "Khu vực III"] == [
        "2 (chưa kết luận 1)"
    ]
    gaps = {row.label: (row.missing, row.names) for row in gap_rows(content)}
    assert next(told for label, told in gaps.items() if label.startswith("Khu vực"))[0] == "1/6"
