import pandas as pd
import pytest

from geontm.errors import TableError
from geontm.join import match_units


def units(*names, province="Tỉnh Cao Bằng", districts=None, first=1):
    codes = [f"{first + i:05d}" for i in range(len(names))]
    frame = pd.DataFrame({"commune_name": list(names), "province_name": province}, index=codes)
    if districts:
        frame["district_name"] = districts
    return frame.rename_axis("commune_code")


def rows(*names, **columns):
    frame = pd.DataFrame({"commune_name": list(names)}, index=range(5, 5 + len(names)))
    return frame.assign(**columns)


def joined(table, places, **options):
    match = match_units(table, places, **{"by": "name", "within": "province"} | options)
    return [None if pd.isna(code) else code for code in match.codes]


def told(table, places, row, **options):
    match = match_units(table, places, **{"by": "name", "within": "province"} | options)
    return [issue.message.id for issue in match.issues if issue.row == str(row)]


def test_names_join_whatever_their_spelling():
    places = units("Xã Hoà An", "Phường Thuỷ Bằng", "Xã Cốc Pàng")
    assert joined(rows("X. Hòa An", "thủy bằng", "XA COC PANG"), places) == ["00001", "00002", "00003"]


def test_how_each_row_was_joined_is_told():
    places = units("Xã Hoà An", "Xã Cốc Pàng", "Xã Trường Hà")
    match = match_units(
        rows("Xã Hòa An", "Xã Cốc Pang", "Xã Tường Hà", "Xã Không Có"),
        places,
        by="name",
        within="province",
        accept_suggestions=True,
    )
    assert list(match.how) == ["name", "name_without_tones", "suggestion", ""]
    assert match.codes.isna().tolist() == [False, False, False, True]
    assert list(match.codes.index) == [5, 6, 7, 8]


def test_tones_come_first():
    places = units("Xã Sơn Hà", "Xã Sơn Hạ")
    assert joined(rows("Xã Sơn Hạ", "Xã Sơn Hà"), places) == ["00002", "00001"]


def test_without_tones_two_units_are_one_too_many():
    places = units("Xã Sơn Hà", "Xã Sơn Hạ")
    assert joined(rows("Xã Sơn Ha"), places, accept_suggestions=True) == [None]
    assert told(rows("Xã Sơn Ha"), places, 5) == ["join.ambiguous"]


def test_elimination_is_no_proof():
    places = units("Xã Sơn Hà", "Xã Sơn Hạ")
    assert joined(rows("Xã Sơn Ha", "Xã Sơn Hạ"), places, accept_suggestions=True) == [None, "00002"]


def test_two_rows_that_read_alike_without_tones_leave_the_unit_alone():
    assert joined(rows("Xã Sơn Ha", "Xã Sơn Hạ"), units("Xã Sơn Hà"), accept_suggestions=True) == [None, None]


def test_same_letters_do_not_count_where_another_name_is_as_near():
    places = units("Xã Hòa Vinh", "Xã Hòa Bình")
    assert joined(rows("Xã Hòa Vình"), places) == [None]
    assert joined(rows("Xã Hòa Vình"), places, accept_suggestions=True) == [None]
    assert joined(rows("Xã Hòa Vình"), units("Xã Hòa Vinh", "Xã Cốc Pàng")) == ["00001"]


def test_kinds_part_units_of_one_name():
    places = units("Xã Phố Bảng", "Thị trấn Phố Bảng")
    assert joined(rows("TT. Phố Bảng", "Xã Phố Bảng"), places) == ["00002", "00001"]
    assert joined(rows("Phố Bảng"), places) == [None]
    assert joined(rows("Phố Bảng", kind="Thị trấn"), places) == ["00002"]


def test_another_kind_is_joined_only_alone_and_said():
    places = units("Phường An Phước", "Xã Cốc Pàng")
    assert joined(rows("Xã An Phước"), places) == ["00001"]
    assert told(rows("Xã An Phước"), places, 5) == ["join.kind_differs"]
    assert joined(rows("Xã An Phước", "Thị trấn An Phước"), places) == [None, None]
    assert joined(rows("Xã An Phước", "Phường An Phước"), places) == [None, "00001"]
    assert joined(rows("Xã An Phước"), units("Phường An Phước", "Xã An Phước")) == ["00002"]


def test_another_kind_is_not_joined_where_a_tone_would_explain_the_row():
    assert joined(rows("Xã Tân An"), units("Phường Tân An", "Xã Tân Ân")) == [None]


def test_a_kind_may_be_part_of_the_name():
    places = units("Phường Phường Đúc", "Xã Xà Hồ", "Phường Phương Đông")
    assert joined(rows("Phường Đúc", "Xà Hồ", "Phương Đông"), places) == ["00001", "00002", "00003"]
    both = units("Phường Phường Đúc", "Phường Đúc")
    assert joined(rows("Phường Đúc", "Phường Phường Đúc"), both) == ["00002", "00001"]


def test_a_unit_of_which_two_rows_speak_goes_to_neither():
    places = units("Xã Hoà An", "Xã Cốc Pàng")
    table = rows("Xã Hòa An", "xã Hoà An", "Xã Cốc Pàng")
    assert joined(table, places) == [None, None, "00002"]
    assert told(table, places, 5) == told(table, places, 6) == ["join.duplicate"]
    issue = next(i for i in match_units(table, places, by="name", within="province").issues if i.row == "5")
    assert "6" in issue.message.text("en")


def test_the_better_ground_wins_and_the_other_row_is_reported():
    places = units("Xã Hoà An")
    assert joined(rows("Hòa An", "Xã Hòa An"), places) == [None, "00001"]
    assert told(rows("Hòa An", "Xã Hòa An"), places, 5) == ["join.taken"]


def test_a_suggestion_is_joined_only_where_allowed_and_alone():
    places = units("Xã Trường Hà", "Xã Cốc Pàng")
    assert joined(rows("Xã Trưởng Hfà"), places) == [None]
    assert told(rows("Xã Trường Hfà"), places, 5) == ["join.not_found_near"]
    assert joined(rows("Xã Trường Hfà"), places, accept_suggestions=True) == ["00001"]
    near = units("Xã Tân Lập", "Xã Tân Lộc")
    assert joined(rows("Xã Tân Lập", "Xã Tân Lộp"), near, accept_suggestions=True) == ["00001", None]


def test_a_suggestion_never_takes_a_unit_that_has_its_row():
    places = units("Xã Trường Hà", "Xã Cốc Pàng")
    assert joined(rows("Xã Trường Hfà", "Xã Trường Hà"), places, accept_suggestions=True) == [None, "00001"]
    assert joined(rows("Xã Trường Hfà", "Xã Trườngg Hà"), places, accept_suggestions=True) == [None, None]


def test_one_number_is_never_taken_for_another():
    places = units("Xã Phước Cát 1", "Xã Đạ Tẻh")
    assert joined(rows("Xã Phước Cát 2"), places, accept_suggestions=True) == [None]


@pytest.mark.parametrize("wrong", ["Xã Tarn Thanh Tây", "Xã Tam Thamh Tây", "Xả Tam Thanh Tây", "XãTam Thanh Tây"])
def test_slips_of_scanner_and_hand(wrong):
    places = units("Xã Tam Thanh Tây", "Xã Cốc Pàng")
    assert joined(rows(wrong), places, accept_suggestions=True) == ["00001"]


def test_names_are_compared_inside_the_province_only():
    places = pd.concat([units("Xã Tân Lập"), units("Xã Tân Lập", province="Tỉnh Tuyên Quang", first=8)])
    table = rows("Xã Tân Lập", "Xã Tân Lập", province_name=["TUYEN QUANG", "Cao Bằng"])
    assert joined(table, places) == ["00008", "00001"]
    with pytest.raises(TableError, match="2"):
        match_units(rows("Xã Tân Lập"), places, by="name", within="province")
    assert joined(rows("Xã Tân Lập"), places, within=None) == [None]
    gap = rows("Xã Tân Lập", "Xã Tân Lập", province_name=["Cao Bằng", None])
    assert told(gap, places, 6) == ["join.no_province"]


def test_rows_of_other_provinces_are_listed_softly_unless_all_are():
    places = units("Xã Tân Lập")
    table = rows("Xã Tân Lập", "Xã Tân Lập", province_name=["Cao Bằng", "Lạng Sơn"])
    assert joined(table, places) == ["00001", None]
    assert told(table, places, 6) == ["join.outside"]
    assert told(rows("Xã Tân Lập", province_name="Lạng Sơn"), places, 5) == ["join.province_unknown"]


def test_codes_of_other_provinces_are_listed_softly_too():
    table = pd.DataFrame({"commune_code": ["00001", "00099"], "province_name": ["Cao Bằng", "Lạng Sơn"]}, index=[5, 6])
    assert joined(table, units("Xã Tân Lập"), by="code") == ["00001", None]
    assert told(table, units("Xã Tân Lập"), 6, by="code") == ["join.outside"]


def test_an_old_province_code_does_not_open_a_new_province():
    places = units("Xã Tân Lập", province="Tỉnh Bắc Ninh").assign(province_code="24")
    table = rows("Xã Tân Lập", province_code="24", province_name="Bắc Giang")
    assert joined(table, places) == [None]
    assert joined(rows("Xã Tân Lập", province_code="24", province_name="Bắc Nin"), places) == ["00001"]
    assert joined(rows("Xã Tân Lập", province_code="24"), places) == ["00001"]


def test_districts_come_first_where_both_sides_have_them():
    places = units("Xã Tân Lập", "Xã Tân Lập", districts=["Huyện Bảo Lạc", "Thị xã Sơn Tây"])
    table = rows("Xã Tân Lập", "Xã Tân Lập", district_name=["TP. Sơn Tây", "BẢO LẠC"])
    assert joined(table, places) == ["00002", "00001"]
    assert joined(rows("Xã Tân Lập"), places) == [None]


def test_communes_are_followed_to_another_district_where_they_went_together():
    names = ["Xã Tân Lập", "Xã Hồng Trị", "Xã Cốc Pàng"]
    places = units(*names, districts=["Huyện Bảo Lạc", "Huyện Bảo Lạc", "Huyện Bảo Lâm"])
    for district in ("Huyện Bảo Lâm", "Huyện Mới"):
        table = rows("Xã Tân Lập", "Xã Hồng Trị", district_name=district)
        assert joined(table, places) == ["00001", "00002"]
        assert told(table, places, 5) == ["join.other_district"]
        assert joined(table, places, within="district") == [None, None]
        assert joined(table.head(1), places) == [None]
        assert told(table.head(1), places, 5) == ["join.not_found_near"]
    twice = rows("Xã Tân Lập", "Xã Tân Lập", "Xã Hồng Trị", district_name=["Huyện Bảo Lâm", "Huyện Mới", "Huyện Mới"])
    assert joined(twice, places) == [None, None, None]


def test_no_other_district_is_asked_where_the_own_one_has_a_name_like_it():
    places = units("Xã Tân Lập", "Xã Tân Lạp", districts=["Huyện Bảo Lạc", "Huyện Bảo Lâm"])
    assert joined(rows("Xã Tân Lập", district_name="Huyện Bảo Lâm"), places) != ["00001"]


def test_a_table_typed_without_any_diacritics_joins_by_its_letters():
    names = [
        "Hòa Vinh",
        "Hoa Binh",
        "Tấn Lộc",
        "Đồng Tâm",
        "Quảng Hà",
        "Sơn Đông",
        "Cốc Pàng",
        "Bảo Toàn",
        "Hồng Trị",
        "Kim Cúc",
    ]
    places = units(*(f"Xã {name}" for name in names), districts="Huyện Bảo Lạc")
    table = rows(
        "XA HOA VINH", "XA HOA BINH", "XA TAN LOC", "XA DONG TAM", "XA QUANG HA", "XA SON DONG", "XA COC PANG",
        "XA BAO TOAN", "XA HONG TRI", "XA KIM CUC", district_name="HUYEN BAO LAC",
    )  # fmt: skip
    assert joined(table, places) == list(places.index)
    assert joined(table.head(1), places) == [None]  # of one row there is no telling whether tones are missing


def test_codes_join_and_lost_zeros_come_back():
    places = units("Xã Hoà An", "Xã Cốc Pàng")
    table = pd.DataFrame({"commune_code": ["2", "00001", "99999", None]}, index=[5, 6, 7, 8])
    assert joined(table, places, by="code") == ["00002", "00001", None, None]
    assert told(table, places, 7, by="code") == ["join.unknown_code"]
    assert told(table, places, 8, by="code") == ["join.no_code"]
    match = match_units(table, places, by="code", within="province")
    assert [i.message.text("en")[:2] for i in match.issues if i.message.id == "join.zeros_restored"] == ["1 "]


def test_a_code_that_names_another_unit_is_not_used():
    places = units("Xã Hoà An", "Xã Cốc Pàng")
    swapped = rows("Xã Cốc Pàng", commune_code="00001")
    assert joined(swapped, places, by="code") == [None]
    assert told(swapped, places, 5, by="code") == ["join.code_name_conflict"]
    renamed = rows("Xã Tên Mới Hẳn", commune_code="00001")
    assert joined(renamed, places, by="code") == ["00001"]
    assert told(renamed, places, 5, by="code") == ["join.name_differs"]
    assert told(rows("Xã Hòa An", commune_code="1"), places, 5, by="code") == []


def test_an_unknown_code_is_suggested_by_name_and_joined_by_auto():
    places = units("Xã Hoà An", "Xã Cốc Pàng")
    table = rows("Xã Hòa An", commune_code="77777")
    assert joined(table, places, by="code") == [None]
    match = match_units(table, places, by="code", within="province")
    assert "00001" in match.issues[0].message.fix("en")
    assert joined(table, places, by="auto") == ["00001"]
    both = rows("Xã Hòa An", "Xã Hòa An", commune_code=["00001", None])
    assert joined(both, places, by="auto") == ["00001", None]


def test_an_unknown_code_without_a_name_is_told_as_a_code():
    places = units("Xã Hoà An", "Xã Cốc Pàng")
    table = rows("Xã Hòa An", None, None, commune_code=["00001", "77777", None])
    assert joined(table, places, by="auto") == ["00001", None, None]
    assert told(table, places, 6, by="auto") == ["join.unknown_code_alone"]
    assert told(table, places, 7, by="auto") == ["join.no_name"]


def test_each_year_is_joined_by_itself():
    table = rows("Xã Hòa An", "Xã Hòa An", "Xã Hòa An", year=[2023, 2024, 2024])
    assert joined(table, units("Xã Hoà An")) == ["00001", None, None]


def test_units_without_a_row_are_named():
    match = match_units(rows("Xã Hòa An"), units("Xã Hoà An", "Xã Cốc Pàng"), by="name", within="province")
    assert [(i.severity, i.message.id, i.value) for i in match.issues] == [
        ("warning", "join.units_missing", ""),
        ("info", "join.unit_missing", "00002"),
    ]


@pytest.mark.parametrize(("by", "column"), [("code", "commune_name"), ("name", "commune_code"), ("auto", "population")])
def test_a_table_without_what_it_is_joined_by_is_refused(by, column):
    with pytest.raises(TableError) as refused:
        match_units(pd.DataFrame({column: ["Xã A"]}), units("Xã A"), by=by, within="province", file="a.xlsx")
    assert refused.value.message.id == f"join.needs_{by}" and refused.value.where == "a.xlsx"


def test_district_promise_is_refused_where_it_cannot_be_kept():
    with_district = units("Xã A").assign(district_name="Huyện B")
    for table, places, why in (
        (rows("Xã A"), with_district, "join.needs_district"),
        (rows("Xã A").assign(district_name="Huyện B"), units("Xã A"), "join.no_districts"),
    ):
        with pytest.raises(TableError) as refused:
            match_units(table, places, by="name", within="district", file="a.xlsx", sheet="Biểu 1")
        assert refused.value.message.id == why and refused.value.where == "a.xlsx / Biểu 1"


def test_a_row_without_its_province_is_asked_for_it():
    two = units("Xã A", "Xã B").assign(province_name=["Cao Bằng", "Hà Giang"], province_code=["04", "02"])
    with pytest.raises(TableError) as refused:
        match_units(pd.DataFrame({"commune_name": ["Xã A"]}), two, by="name", within="province", file="a.xlsx")
    assert (refused.value.message.id, refused.value.where) == ("join.needs_province", "a.xlsx")
    told = pd.DataFrame({"commune_name": ["Xã A", "Xã B"], "province_name": ["Cao Bằng", None]})
    match = match_units(told, two, by="name", within="province")
    assert match.codes.notna().tolist() == [True, False]
    crossed = pd.DataFrame({"commune_name": ["Xã A"], "province_name": ["Hà Giang"], "province_code": ["04"]})
    found = match_units(crossed, two, by="name", within="province").issues[0]
    assert (found.message.id, found.severity) == ("join.province_conflict", "error")
    assert "04 Hà Giang" in found.message.text("vi")


def test_inputs_stay_as_they_were():
    table, places = rows("Xã Hòa An"), units("Xã Hoà An")
    before = table.copy(), places.copy()
    match_units(table, places, by="name", within="province")
    pd.testing.assert_frame_equal(table, before[0])
    pd.testing.assert_frame_equal(places, before[1])


def test_a_message_names_some_of_many_equal_rows_and_not_each():
    units = pd.DataFrame(
        {"commune_name": ["Xã Cô Ba"], "province_name": ["Tỉnh Cao Bằng"]},
        index=pd.Index(["01327"], name="commune_code"),
    )
    rows = pd.DataFrame({"commune_name": ["Xã Cô Ba"] * 500})
    match = match_units(rows, units, by="name", within="province")
    assert match.codes.isna().all()
    twice = [issue for issue in match.issues if issue.message.id == "join.duplicate"]
    assert len(twice) == 500
    assert all(len(issue.message.text("en")) < 250 for issue in twice)
