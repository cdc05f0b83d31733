"""Totals are formulas, and what the file says before it is calculated is what LibreOffice calculates."""

import re
import zipfile

import openpyxl
import pandas as pd
import pytest

from geontm.publish.books.annex_book import write_annex
from geontm.publish.books.workbook import write_workbook
from listed_samples import listed_content

# What LibreOffice writes, openpyxl does not know in full.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

_VALUE = re.compile(r"(<c [^>]*?)( t=\"str\")?(>)(<f>.*?</f>)<v>[^<]*</v>")


def without_values(path, to):
    """Copy a workbook without the stored values of its formulas, so that whoever opens it has to calculate."""
    found = 0
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename.startswith("xl/worksheets/"):
                text, n = _VALUE.subn(r"\1\3\4", data.decode("utf-8"))
                found += n
                data = text.encode("utf-8")
            new.writestr(member, data)
    return found


def cells(path, *, formulas=False):
    book = openpyxl.load_workbook(path, data_only=not formulas)
    return {(sheet.title, cell.coordinate): cell.value for sheet in book for row in sheet.iter_rows() for cell in row
            if cell.value is not None}  # fmt: skip


def compare(path, office, tmp_path):
    """Return the formulas of a workbook as (stored, calculated) by place; fail where they are not alike."""
    stripped = tmp_path / "bare.xlsx"
    count = without_values(path, stripped)
    formulas = {place: text for place, text in cells(path, formulas=True).items() if str(text).startswith("=")}
    named = [place for place in formulas if not str(cells(path).get(place)).startswith("=")]
    assert count == len(named)
    stored, calculated = cells(path), cells(office(stripped, "xlsx"))
    for place in named:
        expected = pytest.approx(stored[place], rel=1e-9) if isinstance(stored[place], float) else stored[place]
        assert calculated[place] == expected, (place, formulas[place])
    return {place: stored[place] for place in named}


def with_weights(content):
    wide = content.wide.assign(
        above_200m_share=pd.array([0.5, None, 0.125, 0, 1, 0.25], dtype="Float64"),
        near_poor_household_pct=pd.array([None] * 6, dtype="Float64"),
    )
    return listed_content(wide=wide)


def test_totals_of_the_workbook_are_what_a_calculator_finds(office, tmp_path):
    content = with_weights(listed_content())
    path = write_workbook(content, tmp_path / "communes.xlsx")
    found = compare(path, office, tmp_path)
    totals = [found[place] for place in found if place[0] == "Xã" and place[1].endswith("5")]
    wide, weights = content.wide, content.wide["household_count"]
    known = wide["poor_household_pct"].notna() & weights.notna()
    poor = float((wide["poor_household_pct"] * weights)[known].sum() / weights[known].sum())
    assert pytest.approx(poor) in totals
    # Beside a mean stands how many units it speaks of: one with a rate and no households is none of them.
    sheet = openpyxl.load_workbook(path, data_only=True)["Xã"]
    column = next(cell.column_letter for cell in sheet[4] if str(cell.value).startswith("Tỷ lệ hộ nghèo"))
    assert sheet[f"{column}6"].value == known.sum() < wide["poor_household_pct"].notna().sum()
    assert {16_000.0, 1100.0, 2, "III: 2; II: 1; I: 1", "…"} <= set(totals)
    provinces = [found[place] for place in found if place[0] == "Theo tỉnh"]
    assert {6000.0, 10_000.0, 6.0, 3.0} <= set(provinces)  # people, and difficult villages that are known
    assert len(found) > 60


def test_totals_of_the_annex_are_what_a_calculator_finds(office, tmp_path):
    path = write_annex(listed_content(), tmp_path / "phu-luc.xlsx")
    found = list(compare(path, office, tmp_path).values())
    assert found.count(2) >= 4  # units of either province, marks of the nation, border communes
    assert {"III: 2\nII: 1\nI: 1", "III: 1\nII: 0\nI: 1", "ít nhất 7", "ít nhất 3", 4} <= set(found)


def test_a_total_follows_what_is_typed_in(office, tmp_path):
    path = write_workbook(listed_content(), tmp_path / "communes.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["Xã"]
    heads = {str(cell.value).split("\n")[0]: cell.column_letter for cell in sheet[4] if cell.value}
    sheet[f"{heads['Dân số']}8"] = 9000  # was 1000
    sheet[f"{heads['Xã biên giới']}9"] = "Có"  # was Không
    book.save(tmp_path / "typed.xlsx")
    after = openpyxl.load_workbook(office(tmp_path / "typed.xlsx", "xlsx"), data_only=True)["Xã"]
    assert after[f"{heads['Dân số']}5"].value == 24_000
    assert after[f"{heads['Xã biên giới']}5"].value == 3
