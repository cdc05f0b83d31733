"""phu-luc.docx: what the annex record holds, in the form of decisions."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn

from geontm.publish import Content
from geontm.publish.annex import annex_table
from geontm.publish.words.annex import write_annex
from geontm.publish.words.report import write_report
from publish_samples import NAMES, sample_content, sample_verdicts


def border_content(**changes: object) -> Content:
    """Give the sample a verdict row per unit beside its single test: two border communes, one undecided."""
    verdicts = sample_verdicts()
    own = verdicts.assign(test="border", threshold=None, value=None)
    return replace(sample_content(), verdicts=pd.concat([own, verdicts], ignore_index=True), **changes)


def rows_of(path: Path) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for table in Document(str(path)).tables for row in table.rows]


def test_every_listed_unit_stands_in_its_province_and_totals_follow(tmp_path: Path) -> None:
    content = border_content()
    path = write_annex(content, tmp_path / "phu-luc.docx")
    record = annex_table(content).lists[0]
    listed = Document(str(path)).tables[0]
    texts = [[cell.text for cell in row.cells] for row in listed.rows]
    assert texts[0][:2] == list(record.head)
    assert [row[:2] for row in texts[1:4]] == [["I", "Tỉnh Một"], ["1", NAMES[0]], ["Cộng: 1 đơn vị"] * 2]
    assert [row[:2] for row in texts[4:7]] == [["II", "Tỉnh Hai"], ["1", NAMES[3]], ["Cộng: 1 đơn vị"] * 2]
    assert texts[7][0] == "TỔNG CỘNG: 2 đơn vị"


def test_the_undecided_stand_apart(tmp_path: Path) -> None:
    path = write_annex(border_content(), tmp_path / "phu-luc.docx")
    tables = Document(str(path)).tables
    assert NAMES[2] not in {row.cells[1].text for row in tables[0].rows}
    assert NAMES[2] in {row.cells[1].text for row in tables[1].rows}
    assert "Chưa đủ căn cứ xét" in {p.text for p in Document(str(path)).paragraphs}


def test_heads_repeat_and_no_row_is_split(tmp_path: Path) -> None:
    tables = Document(str(write_annex(border_content(), tmp_path / "phu-luc.docx"))).tables
    for table in tables[:-1]:
        rows = list(table._tbl.iterchildren(qn("w:tr")))
        assert rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
    assert tables[-1].rows[0].cells[0].text.startswith("Nơi nhận:")
    assert "QUYỀN HẠN, CHỨC VỤ" in tables[-1].rows[0].cells[1].text


def test_a_total_never_begins_a_page(tmp_path: Path) -> None:
    listed = Document(str(write_annex(border_content(), tmp_path / "phu-luc.docx"))).tables[0]
    kept = [
        all(p.paragraph_format.keep_with_next for cell in row.cells for p in cell.paragraphs) for row in listed.rows
    ]
    # The name of the province, its unit, its total: each goes with what follows.
    assert kept == [False, *[True] * 7]


def test_constructed_results_are_told_under_the_title_in_word(tmp_path: Path) -> None:
    content = border_content()
    marked = content.scores.assign(illustrative=pd.array([True] * len(content.scores), dtype="boolean"))
    document = Document(str(write_annex(replace(content, scores=marked), tmp_path / "phu-luc.docx")))
    warning = "Kết quả dựa trên số liệu minh hoạ, không dùng để trình ban hành."
    assert [p.text for p in document.paragraphs].count(warning) == 1
    assert document.paragraphs[3].text == warning and document.paragraphs[3].runs[0].bold


def test_annex_has_the_same_bytes_whatever_the_order_of_rows(tmp_path: Path) -> None:
    content = border_content()
    turned = replace(
        content, units=content.units.iloc[::-1], wide=content.wide.iloc[::-1], verdicts=content.verdicts.iloc[::-1]
    )
    first, second, third = (write_annex(each, tmp_path / f"{k}.docx") for k, each in
                            enumerate((content, content, turned)))  # fmt: skip
    assert first.read_bytes() == second.read_bytes() == third.read_bytes()


def test_hostile_names_stay_text_in_the_annex(tmp_path: Path) -> None:
    content = border_content()
    long = "Xã " + "dàiquá" * 80
    units = content.units.assign(commune_name=["A\x01<b>&\u202e", *NAMES[1:3], long, *NAMES[4:]])
    path = write_annex(replace(content, units=units), tmp_path / "phu-luc.docx")
    names = {row[1] for row in rows_of(path) if len(row) > 1}
    assert {"A�<b>&", long} <= names


def test_a_run_without_rule_sets_says_so(tmp_path: Path) -> None:
    bare = sample_content(rulesets=(), verdicts=sample_verdicts().iloc[:0])
    texts = [p.text for p in Document(str(write_annex(bare, tmp_path / "phu-luc.docx"))).paragraphs]
    assert annex_table(bare).empty in texts


def office() -> str:
    program = shutil.which("soffice")
    if program is None and os.environ.get("GEONTM_REQUIRE_OFFICE"):
        pytest.fail("GEONTM_REQUIRE_OFFICE is set, and LibreOffice is not on this machine")
    if program is None:
        pytest.skip("LibreOffice (soffice) is not on this machine")
    return program


@pytest.mark.slow
def test_libreoffice_lays_both_documents_out_as_a4_with_every_unit(tmp_path: Path) -> None:
    program, content = office(), border_content()
    files = [write_annex(content, tmp_path / "phu-luc.docx"), write_report(content, tmp_path / "report.docx")]
    own = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, own, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not on this machine")
    told = {path.stem: subprocess.run([reader, "-layout", str(path.with_suffix(".pdf")), "-"], check=True,
                                      capture_output=True).stdout.decode() for path in files}  # fmt: skip
    assert "Xã Đông Khê" in told["phu-luc"] and "TỔNG CỘNG: 2 đơn vị" in told["phu-luc"]
    assert "Bảng 1. Số đơn vị cấp xã" in told["report"] and "4.1. Xã biên giới" in told["report"]
    sizes = subprocess.run([shutil.which("pdfinfo") or "pdfinfo", str(tmp_path / "report.pdf")], check=True,
                           capture_output=True).stdout.decode()  # fmt: skip
    assert "(A4)" in sizes


def test_the_annex_loads_nothing_and_holds_no_time(tmp_path: Path) -> None:
    with zipfile.ZipFile(write_annex(border_content(), tmp_path / "phu-luc.docx")) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in archive.namelist():
            assert b'TargetMode="External"' not in archive.read(name)
