"""A new project: the folder runs at once, and what a planner fills in comes out."""

from __future__ import annotations

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from docx import Document

import geontm
from geontm.cli import cli
from geontm.project import new_project


@pytest.fixture
def quang_ninh(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEONTM_LANG", "en")
    result = CliRunner().invoke(cli, ["new", "quang-ninh", "--province", "22"])
    assert result.exit_code == 0, result.output
    return tmp_path / "quang-ninh"


def run(folder, out="out"):
    result = CliRunner().invoke(cli, ["run", str(folder / "project.yaml"), "--out", out])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()[-1]


def test_it_runs_at_once_and_knows_what_is_shipped(quang_ninh, tmp_path):
    assert run(quang_ninh) == "out"
    communes = gpd.read_parquet(tmp_path / "out" / "communes.parquet").set_index("commune_code")
    assert len(communes) == 54
    assert communes["is_border"].sum() == 9
    assert communes["is_extremely_difficult"].isna().all()


def test_figures_filled_in_by_hand_come_out(quang_ninh, tmp_path):
    book = openpyxl.load_workbook(quang_ninh / "so-lieu.xlsx")
    sheet = book.worksheets[0]
    cells = {str(cell.value): cell for row in sheet.iter_rows() for cell in row if cell.value is not None}
    poor = next(cell for text, cell in cells.items() if text.startswith("Tỷ lệ hộ nghèo")).column
    for code, value in {"06652": 1.5, "06658": "2,5", "06661": "…"}.items():
        sheet.cell(row=cells[code].row, column=poor, value=value)
    book.save(quang_ninh / "so-lieu.xlsx")
    run(quang_ninh)
    communes = gpd.read_parquet(tmp_path / "out" / "communes.parquet").set_index("commune_code")
    found = communes["poor_household_pct"]
    assert found["06652"] == 1.5 and found["06658"] == 2.5 and pd.isna(found["06661"])
    assert found.notna().sum() == 2
    assert communes["priority_rank"].isna().all(), "two of the three weighted indicators are unknown everywhere"


def test_the_copy_of_the_report_template_can_be_named_at_once(quang_ninh):
    project = quang_ninh / "project.yaml"
    text = project.read_text(encoding="utf-8")
    asked = next(line for line in text.splitlines() if line.startswith("# publish:"))
    project.write_text(text.replace("publish: {maps: [classification, coverage, priority]}\n", "") + asked[2:] + "\n",
                       encoding="utf-8")  # fmt: skip
    assert geontm.read_project(project).products.report_template == (quang_ninh / "mau-bao-cao.docx").resolve()


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["{{ titel }}"], "uses a field that does not exist: titel. Nearest: title"),
        (["{% for row in priority %}{{ row.name }}"], "has a broken tag at"),
        ([], "is empty (0 bytes)"),
    ],
)
def test_a_template_that_cannot_be_filled_is_told_before_the_work(quang_ninh, texts, told):
    template = Document()
    for text in texts:
        template.add_paragraph(text)
    template.save(quang_ninh / "mau.docx")
    if not texts:
        (quang_ninh / "mau.docx").write_bytes(b"")
    project = quang_ninh / "project.yaml"
    text = project.read_text(encoding="utf-8")
    project.write_text(
        text.replace("publish: {maps:", "publish: {report: {template: mau.docx}, maps:"), encoding="utf-8"
    )
    result = CliRunner().invoke(cli, ["check", str(project)])
    assert result.exit_code == 1 and "mau.docx" in result.output
    assert told in " ".join(result.output.split())


def test_it_never_writes_over_a_folder(quang_ninh):
    result = CliRunner().invoke(cli, ["new", "quang-ninh"])
    assert result.exit_code == 1 and "holds something already" in result.output


def test_an_unknown_province_is_refused_with_the_list(tmp_path, monkeypatch):
    monkeypatch.setenv("GEONTM_LANG", "en")
    with pytest.raises(geontm.GeontmError, match="04 Tỉnh Cao Bằng"):
        new_project(tmp_path / "x", province="99")
    assert not (tmp_path / "x").exists()
