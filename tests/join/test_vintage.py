from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.errors import VintageError
from geontm.join import Register, check_vintage, require_same_era

BEFORE, AFTER = date(2024, 12, 31), date(2025, 12, 31)
BOUNDARIES = date(2025, 7, 1)


def units(province, names, codes, district=None):
    frame = pd.DataFrame({"commune_name": names, "province_name": province}, index=codes).rename_axis("commune_code")
    return frame.assign(district_name=district) if district else frame


# Four communes became two; Xã A keeps its name and code and means more ground than before.
OLD = units("Cao Bằng", ["Xã A", "Xã B", "Xã C", "Thị trấn D"], ["00001", "00002", "00003", "00004"], "Huyện Bảo Lạc")
ENDED = units("Hà Giang", ["Xã E", "Xã G"], ["00005", "00006"], "Huyện Yên Minh")
NEW = units("Cao Bằng", ["Xã A", "Xã Cộng Hòa", "Xã Đoàn Kết", "Xã H"], ["00001", "00003", "00004", "00005"])
REGISTERS = (Register(None, date(2025, 6, 30), pd.concat([OLD, ENDED])), Register(BOUNDARIES, None, NEW))


def table(frame, *columns):
    return frame.reset_index()[list(columns or ("commune_name",))]


def refusal(rows, places=NEW, *, of=None, on=BOUNDARIES, registers=REGISTERS):
    try:
        check_vintage(rows, places, table_date=of, boundaries_date=on, registers=registers, file="bảng.xlsx")
    except VintageError as error:
        assert error.where == "bảng.xlsx"
        assert error.text("vi") and error.text("en")
        return error.message.id.removeprefix("join.vintage_")
    return ""


@pytest.mark.parametrize(
    ("of", "on", "refused"),
    [
        (date(2025, 6, 30), date(2025, 7, 1), "dates"),
        (date(2025, 7, 1), date(2025, 7, 1), ""),
        (date(2019, 4, 1), date(2025, 7, 1), "dates"),
        (date(2026, 1, 1), date(2025, 6, 30), "dates"),
    ],
)
def test_the_reform_parts_the_dates(of, on, refused):
    assert refusal(table(NEW if on == BOUNDARIES else OLD), NEW if on == BOUNDARIES else OLD, of=of, on=on) == refused


def test_tables_of_one_era_pass_whatever_their_years():
    assert refusal(table(OLD), OLD, of=date(2019, 4, 1), on=date(2009, 4, 1)) == ""


def test_an_undated_table_of_the_boundaries_time_passes_with_a_warning():
    issues = check_vintage(table(NEW), NEW, table_date=None, boundaries_date=BOUNDARIES, registers=REGISTERS)
    assert [(issue.severity, issue.message.id) for issue in issues] == [("warning", "join.vintage_assumed")]
    assert "100%" in issues[0].message.text("vi")


def test_an_undated_table_of_the_other_time_is_refused_with_the_figures():
    with pytest.raises(VintageError) as caught:
        check_vintage(table(OLD), NEW, table_date=None, boundaries_date=BOUNDARIES, registers=REGISTERS)
    assert caught.value.message.id == "join.vintage_other"
    assert "100% of 4 rows, against 25%" in caught.value.text("en")
    assert caught.value.issues[0].message.id == "join.vintage_figures"


def test_provinces_that_ended_are_named():
    with pytest.raises(VintageError) as caught:
        rows = table(pd.concat([OLD, ENDED]), "commune_name", "province_name")
        check_vintage(rows, NEW, table_date=None, boundaries_date=BOUNDARIES, registers=REGISTERS)
    assert [issue.value for issue in caught.value.issues if issue.value] == ["hagiang"]


def test_what_fits_both_eras_needs_a_date():
    assert refusal(table(NEW.head(1))) == "undecided"
    assert refusal(table(NEW.head(1)), of=AFTER) == ""
    assert refusal(table(OLD.head(1), "commune_name", "district_name")) == "other"
    assert refusal(table(OLD.head(1), "commune_name", "district_name"), OLD, on=BEFORE) == ""


def test_what_fits_no_era_is_refused_without_a_date_and_warned_of_with_one():
    strange = pd.DataFrame({"commune_name": ["Bảng", "Tổng số", "Ghi chú"]})
    assert refusal(strange) == "neither"
    issues = check_vintage(strange, NEW, table_date=AFTER, boundaries_date=BOUNDARIES, registers=REGISTERS)
    assert [issue.message.id for issue in issues] == ["join.vintage_fits_badly"]


def test_a_date_is_not_believed_against_the_rows():
    assert refusal(table(OLD), of=AFTER) == "date_wrong"
    assert refusal(table(NEW), OLD, of=BEFORE, on=BEFORE) == "date_wrong"


def test_former_districts_in_a_new_table_are_no_reason_by_themselves():
    rows = table(NEW).assign(district_name="Huyện Bảo Lạc (cũ)")
    assert refusal(rows, of=AFTER) == ""
    assert refusal(rows) == ""


def test_codes_tell_the_era_where_there_are_no_names():
    assert refusal(table(OLD, "commune_code")) == "other"
    assert refusal(table(NEW, "commune_code")) == ""  # all four of today, four of the six of before
    assert refusal(table(NEW.head(1), "commune_code")) == "undecided"


def test_a_code_with_another_name_is_no_fit():
    rows = pd.DataFrame({"commune_code": ["00003", "00004"], "commune_name": ["Xã C", "Thị trấn D"]})
    assert refusal(rows) == "other"


def test_a_name_of_an_old_province_is_found_through_the_codes_they_share():
    assert refusal(table(ENDED.head(1).assign(commune_name="Xã E"))) == "other"


def test_without_registers_a_table_is_tested_against_the_boundaries_alone():
    assert refusal(table(NEW), registers=()) == ""
    assert refusal(table(OLD), registers=()) == "neither"
    assert refusal(table(NEW).assign(district_name="Huyện A"), registers=()) == "undecided"


def test_boundaries_without_a_date_tell_their_era_by_districts_or_registers():
    assert refusal(table(OLD), NEW, of=BEFORE, on=None) == "dates"
    assert refusal(table(OLD), OLD, of=AFTER, on=None) == "dates"
    assert refusal(table(OLD), OLD, of=BEFORE, on=None) == ""
    assert refusal(table(NEW), NEW, of=AFTER, on=None, registers=()) == ""


def test_a_register_without_dates_belongs_to_no_era():
    assert Register(None, None, NEW).era is None
    assert [register.era for register in REGISTERS] == ["before", "after"]


@settings(deadline=None)
@given(st.permutations(range(4)), st.sampled_from([OLD, NEW]), st.sampled_from([None, BEFORE, AFTER]))
def test_the_order_of_rows_decides_nothing(order, frame, of):
    assert refusal(table(frame), of=of) == refusal(table(frame.iloc[order]), of=of)


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "told by the list of units"])
def test_units_that_do_not_exist_on_the_projects_day_are_refused(dated):
    for places, valid_from, of_the_day, of_another in ((NEW, BOUNDARIES, AFTER, BEFORE), (OLD, BEFORE, BEFORE, AFTER)):
        on = valid_from if dated else None
        require_same_era(of_the_day, places, boundaries_date=on, registers=REGISTERS)
        with pytest.raises(VintageError) as error:
            require_same_era(of_another, places, boundaries_date=on, registers=REGISTERS)
        assert error.value.message.id == "join.project_era"
        assert of_another.isoformat() in error.value.text("vi")
