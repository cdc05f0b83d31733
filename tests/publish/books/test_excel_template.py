"""The template of a new project: units filled in, headers that the table reader knows, cells that refuse nonsense."""

import zipfile

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from geontm.load import TableSource
from geontm.load.unit_tables import read_unit_table
from geontm.project.dictionary import read_dictionary
from geontm.publish import excel_template

COLUMNS = ("population", "poor_household_pct", "new_rural_recognised", "region")


@pytest.fixture
def template(tmp_path):
    units = pd.DataFrame(
        {"commune_name": ["Xã B", "=Xã A"], "province_name": ["Tỉnh Một", "Tỉnh Một"]},
        index=pd.Index(["04002", "04001"], name="commune_code"),
    )
    return excel_template(tmp_path / "so-lieu.xlsx", read_dictionary("indicators"), units, columns=COLUMNS)


def test_units_are_filled_in_and_figures_left_open(template):
    rows = CalamineWorkbook.from_path(template).get_sheet_by_name("Số liệu").to_python()
    assert rows[2][:4] == ["Mã xã", "Tên xã", "Tỉnh", "Dân số"]
    assert rows[3][3:5] == ["(người)", "(%)"]
    assert [row[:3] for row in rows[4:]] == [["04001", "=Xã A", "Tỉnh Một"], ["04002", "Xã B", "Tỉnh Một"]]
    assert all(cell == "" for row in rows[4:] for cell in row[3:])


def test_every_header_is_known_to_the_dictionaries(template):
    header = CalamineWorkbook.from_path(template).get_sheet_by_name("Số liệu").to_python()[2]
    units, indicators = read_dictionary("communes"), read_dictionary("indicators")
    assert [units.find(text) for text in header[:3]] == ["commune_code", "commune_name", "province_name"]
    assert [indicators.find(text) for text in header[3:]] == list(COLUMNS)


def test_cells_refuse_what_the_dictionary_refuses(template):
    with zipfile.ZipFile(template) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<dataValidation ") == 4
    assert 'sqref="E5:E6"' in sheet
    assert "<formula1>0</formula1><formula2>100</formula2>" in sheet
    assert "<f>" not in sheet


def test_the_second_sheet_is_the_whole_dictionary(template):
    rows = CalamineWorkbook.from_path(template).get_sheet_by_name("Từ điển cột").to_python()
    assert [row[0] for row in rows[1:]] == list(read_dictionary("indicators").columns)


def test_the_table_reader_finds_every_unit_and_column(template):
    source = TableSource(template)
    table = read_unit_table(source, identifiers=read_dictionary("communes"), indicators=read_dictionary("indicators"))
    assert table.sheet == "Số liệu"
    assert table.rows["commune_code"].tolist() == ["04001", "04002"]
    assert set(COLUMNS) <= set(table.rows.columns)
    assert table.rows[list(COLUMNS)].isna().all(axis=None)
    assert table.unread == ()
