"""Tables of households: classes and deprivations are read, what identifies a person is not."""

from __future__ import annotations

import pandas as pd
import pytest

from geontm.errors import TableError
from geontm.load.household_tables import is_personal, of_standard, read_household_table, standard_years
from geontm.load.lower_tables import LowerSource, narrow_identifiers
from geontm.project import read_dictionary

IDENTIFIERS, HOUSEHOLDS = read_dictionary("communes"), read_dictionary("households")


def read(path, standard="", **said):
    return read_household_table(
        LowerSource(path, **said), identifiers=IDENTIFIERS, households=HOUSEHOLDS, standard=standard
    )


def text(tmp_path, content):
    path = tmp_path / "ho.csv"
    path.write_text(content, encoding="utf-8")
    return path


def ids(table):
    return [issue.message.id for issue in table.issues]


def test_a_plain_table(tmp_path):
    path = text(
        tmp_path,
        "Mã hộ,Mã xã,Thôn,Khu vực,Thu nhập bình quân đầu người tháng (nghìn đồng),Phân loại hộ,Bảo hiểm y tế\n"
        "H1,01324,Xóm 2,Nông thôn,700,Hộ nghèo,x\nH2,01324,Xóm 2,Thành thị,1.500,,\n",
    )
    table = read(path, standard="2021")
    rows = table.rows
    assert rows["household_id"].tolist() == ["H1", "H2"]
    assert rows["area_type"].tolist() == ["rural", "urban"]
    assert rows["income_per_person_month_vnd"].tolist() == [700_000, 1_500_000]
    assert rows["poverty_class_2021"].tolist()[0] == "poor" and pd.isna(rows["poverty_class_2021"].iloc[1])
    assert rows["deprived_2021_health_insurance"].tolist()[0] and pd.isna(
        rows["deprived_2021_health_insurance"].iloc[1]
    )


@pytest.mark.parametrize(
    "header",
    [
        "Họ và tên", "Họ tên chủ hộ", "ho_ten", "Tên chủ hộ", "Chủ hộ", "Số CCCD", "CMND/CCCD", "Số định danh cá nhân",
        "Điện thoại", "SĐT", "phone_number", "Địa chỉ", "Ngày sinh", "Năm sinh", "Ngày, tháng, năm sinh", "DOB",
        "Full name", "Số thẻ BHYT", "email",
    ],
)  # fmt: skip
def test_personal_columns_are_refused_and_never_quoted(tmp_path, header):
    table = read(text(tmp_path, f'Mã hộ,Mã xã,"{header}",Thôn,Khu vực\nH1,01324,BÍ MẬT,Xóm 2,Nông thôn\n'))
    (issue,) = (found for found in table.issues if found.severity == "error")
    assert issue.message.id == "lower.personal_column" and issue.column == header
    assert "BÍ MẬT" not in table.rows.to_csv()
    assert not any("BÍ MẬT" in f"{i.value} {i.message.text('vi')}" for i in table.issues)


@pytest.mark.parametrize("column", [*HOUSEHOLDS, *narrow_identifiers(IDENTIFIERS)], ids=lambda column: column.name)
def test_no_column_of_the_dictionary_is_personal(column):
    assert not [text for text in column.spellings if is_personal(text)]


def test_a_personal_column_cannot_be_named_in_the_project(tmp_path):
    path = text(tmp_path, "CCCD,Mã xã,Thôn\n1,01324,Xóm 2\n")
    with pytest.raises(TableError, match="CCCD"):
        read(path, columns={"CCCD": "household_id"})


def test_citizens_numbers_as_household_codes_are_refused(tmp_path):
    table = read(
        text(tmp_path, "Mã hộ,Mã xã,Thôn,Khu vực\n004090001234,01324,A,Nông thôn\n004090001235,01324,A,Nông thôn\n")
    )
    assert "lower.personal_numbers" in ids(table) and table.rows["household_id"].tolist() == ["2", "3"]
    own = read(text(tmp_path, "Mã hộ,Mã xã,Thôn,Khu vực\n013240010001,01324,A,Nông thôn\n"))
    assert own.rows["household_id"].tolist() == ["013240010001"] and not own.issues


def test_unreadable_cells_are_told_without_their_text(tmp_path):
    table = read(text(tmp_path, "Mã hộ,Mã xã,Thôn,Khu vực\nH1,01324,A,Nguyễn Văn A\n"))
    (issue,) = (found for found in table.issues if found.severity == "error")
    assert issue.message.id == "sheets.unreadable" and issue.value == "" and issue.row == "2"


def test_a_household_code_that_stands_twice_is_told_and_both_rows_stay(tmp_path):
    table = read(text(tmp_path, "Mã hộ,Mã xã,Thôn,Khu vực\nH1,01324,A,Nông thôn\nH1,01324,B,Nông thôn\n"))
    assert len(table.rows) == 2 and ids(table) == ["lower.household_twice"]


def test_headers_without_a_year_ask_for_the_standard(tmp_path):
    path = text(tmp_path, "Mã hộ,Mã xã,Thôn,Việc làm,Khu vực\nH1,01324,A,x,Nông thôn\n")
    assert "lower.name_the_standard" in ids(read(path))
    assert read(path, standard="2021").rows["deprived_2021_employment"].tolist() == [True]


def test_a_total_below_the_table_is_no_household(tmp_path):
    table = read(text(tmp_path, "Mã hộ,Mã xã,Thôn,Khu vực\nH1,01324,A,Nông thôn\nTổng cộng,,,\n"))
    assert table.rows["household_id"].tolist() == ["H1"] and ids(table) == ["lower.not_a_household"]


def test_two_standards_stand_in_one_table():
    assert standard_years(HOUSEHOLDS) == ("2016", "2021", "2026")
    for year in ("2016", "2021"):
        table = of_standard(HOUSEHOLDS, year)
        assert table.find("Bảo hiểm y tế") == f"deprived_{year}_health_insurance"
        assert table.find("Phân loại hộ") == f"poverty_class_{year}"
        assert table.find("Thiếu hụt bảo hiểm y tế (chuẩn 2016–2020)") == "deprived_2016_health_insurance"
