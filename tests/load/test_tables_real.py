"""The real workbooks of the reference data: legacy fonts against transcripts, census books against published totals."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml
from sheet_makers import messages, read

from geontm.errors import TableError
from geontm.load.legacy_fonts import to_unicode
from geontm.load.unicode_books import read_unicode_book

pytestmark = pytest.mark.realdata
LISTED = yaml.safe_load(Path(__file__).with_name("transcript_differences.yaml").read_text(encoding="utf-8"))
CENSUS_DAY = datetime.date(2019, 4, 1)


@pytest.fixture(scope="module")
def messy(shared_data):
    return shared_data / "data" / "real" / "messy"


def one_line(text):
    return " ".join(text.split())


def printed(value):
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else one_line(str(value))


def kind_of(read_text, transcript):
    if read_text.startswith("#DIV") and transcript == "7":
        return "error_code"
    try:
        if abs(float(read_text) - float(transcript)) <= 1e-9 * abs(float(transcript)):
            return "rounded"
    except ValueError:
        pass
    if read_text == transcript.upper():
        return "capitals"
    for encoding in ("TCVN3", "VNI"):
        if one_line(to_unicode(read_text, encoding)) == transcript:
            return f"{encoding.lower()}_again"
    return None


@pytest.mark.parametrize("name", sorted(LISTED["files"]))
def test_legacy_books_equal_their_transcripts_but_for_judged_cells(messy, name):
    book = read_unicode_book(messy / f"{name}.xls")
    mine = [row for sheet in book.sheets for cells in sheet.rows if any(row := [printed(cell) for cell in cells])]
    lines = (messy / f"{name}.transcript.txt").read_text(encoding="utf-8").split("\n")
    theirs = [row for line in lines if any(row := [one_line(cell) for cell in line.split("\t")])]
    assert len(mine) == len(theirs)
    kinds, cells = Counter(), Counter()
    for ours, other in zip(mine, theirs, strict=True):
        width = max(len(ours), len(other))
        for a, b in zip(ours + [""] * (width - len(ours)), other + [""] * (width - len(other)), strict=True):
            if a != b and (kind := kind_of(a, b)):
                kinds[kind] += 1
            elif a != b:
                cells[a, b] += 1
    listed = LISTED["files"][name]
    assert dict(kinds) == listed["kinds"]
    assert dict(cells) == {(cell["read"], cell["transcript"]): cell["times"] for cell in listed["cells"]}
    assert set(kinds) <= set(LISTED["kinds"])
    assert all(cell["judgement"] for cell in listed["cells"])


@pytest.mark.parametrize(
    ("name", "column", "total", "first_row"),
    [
        ("gso_census2019_population_urban_ward.xlsx", "population", 96_208_984, 7),
        ("gso_census2019_household_size_ward.xlsx", "household_count", 26_870_079, 8),
    ],
)
def test_census_books_give_communes_with_totals_apart(messy, shared_data, name, column, total, first_row):
    table = read(messy / name, columns={"Tổng số": column}, date=CENSUS_DAY)
    assert len(table.rows) == 11_165
    assert table.rows[column].sum() == total
    assert table.rows.index[0] == first_row
    assert table.subtotals["level"].value_counts().to_dict() == {"district": 709, "province": 63, "total": 1}
    assert "sheets.total_differs" not in messages(table)
    assert messages(table, "warning") == messages(table, "error") == []
    assert messages(table).count("sheets.district_is_unit") == 3  # Bạch Long Vĩ, Cồn Cỏ, Côn Đảo
    truth = pd.read_csv(shared_data / "data/real/census2019_population_households_commune.csv", dtype={0: str, 1: str})
    truth_column = {"population": "population", "household_count": "households"}[column]
    mine = table.rows[["province_name", "district_name", "commune_name", column]].set_axis(list("pdcn"), axis=1)
    other = truth[["province", "district", "commune", truth_column]].set_axis(list("pdcn"), axis=1)
    other = other.assign(**{name: other[name].map(one_line) for name in "pdc"})  # two names have doubled spaces
    assert sorted(mine.itertuples(index=False, name=None)) == sorted(other.itertuples(index=False, name=None))


def test_the_list_of_changes_gives_communes_with_codes(messy):
    table = read(messy / "gso_ward_changes_2019_2024.xls")
    assert len(table.rows) == 11_204
    assert table.subtotals.empty
    assert table.rows["commune_code"].str.fullmatch(r"\d{5}").all()
    assert table.rows.loc[2].to_dict() == {
        "commune_code": "00001", "commune_name": "Phường Phúc Xá", "district_code": "001",
        "district_name": "Quận Ba Đình", "province_code": "01", "province_name": "Thành phố Hà Nội",
    }  # fmt: skip
    assert "Tên Xã DC" in table.unread


def test_the_livestock_book_gives_named_communes_without_figures(messy):
    table = read(messy / "dong_nai_livestock_2007_tcvn3.xls")
    assert table.sheet == "HoCN_07"
    assert len(table.rows) == 171
    assert table.rows["commune_name"].notna().all()
    assert table.rows["district_name"].notna().all()
    assert table.rows["household_count"].isna().all()
    assert table.rows["commune_name"].iloc[0] == "Xã Phước An"  # stored with a soft hyphen, which is ư in TCVN3
    assert not table.rows["commune_name"].str.contains("\u00ad").any()
    assert "commune_code" not in table.rows  # «Mã số» only counts the rows
    assert set(messages(table)) == {"sheets.converted", "sheets.not_codes", "sheets.empty_column"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("can_gio_budget_balance_2004_vni", "NỘI DUNG"),
        ("can_gio_revenue_2004_vni", "NỘI DUNG"),
        ("dong_nai_farms_2007_tcvn3", "Tên huyện"),
        ("hcm_investment_2006_tcvn3_vni_unicode", "Chủ đầu tư"),
        ("mpi_plan_2003_tcvn3_vni", "Tên chỉ tiêu"),
    ],
)
def test_books_without_communes_are_refused_naming_what_they_have(messy, name, found):
    with pytest.raises(TableError) as error:
        read(messy / f"{name}.xls")
    assert error.value.message.id == "sheets.no_commune_column"
    assert found in error.value.text("vi")
    assert "no commune column found" in error.value.text("en")


def test_a_sheet_whose_commune_column_is_empty_is_refused(messy):
    with pytest.raises(TableError) as error:
        read(messy / "dong_nai_livestock_2007_tcvn3.xls", sheet="Ga_07")
    assert error.value.message.id in ("sheets.no_rows", "sheets.no_commune_column")
